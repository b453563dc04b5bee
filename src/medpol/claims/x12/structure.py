"""Which segment may stand where in an 837, and what is done with it there: the levels of the two 5010 guides, as data.

A segment that is not in the table of its place refuses the interchange: what is out of order may belong to another line.
Public facts only: segment names and the loops they begin.
"""

from __future__ import annotations

from enum import Enum, auto


class Step(Enum):
    """What a segment is read for. ``PASS`` is a lawful segment that no column needs."""

    PASS = auto()
    GROUP = auto()
    END_GROUP = auto()
    END_INTERCHANGE = auto()
    TRANSACTION = auto()
    END_TRANSACTION = auto()
    PARTY = auto()
    LEVEL = auto()
    BILLING_PROVIDER = auto()
    SUBSCRIBER = auto()
    SUBSCRIBER_NAME = auto()
    PATIENT = auto()
    PATIENT_NAME = auto()
    PATIENT_REFERENCE = auto()
    DEMOGRAPHICS = auto()
    CLAIM = auto()
    CLAIM_DATE = auto()
    CLAIM_REFERENCE = auto()
    CODES = auto()
    CLAIM_PROVIDER = auto()
    CLAIM_TAXONOMY = auto()
    PROVIDER_REFERENCE = auto()
    OTHER_SUBSCRIBER = auto()
    OTHER_DATE = auto()
    LINE = auto()
    PROFESSIONAL_SERVICE = auto()
    INSTITUTIONAL_SERVICE = auto()
    LINE_DATE = auto()
    LINE_REFERENCE = auto()
    DRUG = auto()
    DRUG_QUANTITY = auto()
    LINE_PROVIDER = auto()
    LINE_TAXONOMY = auto()
    ADJUDICATION = auto()
    FORM = auto()


class Place(Enum):
    """Where reading stands: the loop whose segments may follow, with the id that the guides give it."""

    INTERCHANGE = "between functional groups"
    GROUP = "between transaction sets"
    HEADER = "1000"
    BILLING = "2000A"
    SUBSCRIBER = "2000B"
    PATIENT = "2000C"
    CLAIM = "2300"
    CLAIM_PROVIDER = "2310"
    OTHER_PAYER = "2320"
    LINE = "2400"
    DRUG = "2410"
    LINE_PROVIDER = "2420"
    ADJUDICATION = "2430"
    FORM = "2440"

    # Members are one of a kind, so identity hashes them: Enum's own hash is Python, and asked several times a segment.
    __hash__ = object.__hash__


def _passed(*names: str) -> dict[str, Step]:
    return dict.fromkeys(names, Step.PASS)


_PERSON = _passed("N3", "N4", "PER")
_AFTER_LEVEL = {"CLM": Step.CLAIM, "HL": Step.LEVEL, "SE": Step.END_TRANSACTION}
_AFTER_LINE = {"LX": Step.LINE, **_AFTER_LEVEL}
_LINE_LOOPS = {"NM1": Step.LINE_PROVIDER, "SVD": Step.ADJUDICATION, "LQ": Step.FORM}

TABLE: dict[Place, dict[str, Step]] = {
    Place.INTERCHANGE: {"GS": Step.GROUP, "IEA": Step.END_INTERCHANGE, "TA1": Step.PASS},
    Place.GROUP: {"ST": Step.TRANSACTION, "GE": Step.END_GROUP},
    Place.HEADER: {**_passed("BHT", "REF"), "NM1": Step.PARTY, **_PERSON, "HL": Step.LEVEL},
    Place.BILLING: {**_passed("PRV", "CUR", "REF"), "NM1": Step.BILLING_PROVIDER, **_PERSON, "HL": Step.LEVEL},
    Place.SUBSCRIBER: {
        "SBR": Step.SUBSCRIBER,
        **_passed("PAT", "REF"),
        "NM1": Step.SUBSCRIBER_NAME,
        **_PERSON,
        "DMG": Step.DEMOGRAPHICS,
        **_AFTER_LEVEL,
    },
    Place.PATIENT: {
        "PAT": Step.PATIENT,
        "NM1": Step.PATIENT_NAME,
        **_PERSON,
        "DMG": Step.DEMOGRAPHICS,
        "REF": Step.PATIENT_REFERENCE,
        **_AFTER_LEVEL,
    },
    Place.CLAIM: {
        "DTP": Step.CLAIM_DATE,
        "REF": Step.CLAIM_REFERENCE,
        "HI": Step.CODES,
        **_passed("CL1", "PWK", "CN1", "AMT", "K3", "NTE", "CR1", "CR2", "CR3", "CR5", "CR6", "CRC", "QTY", "HCP"),
        "NM1": Step.CLAIM_PROVIDER,
        "SBR": Step.OTHER_SUBSCRIBER,
        "LX": Step.LINE,
    },
    Place.CLAIM_PROVIDER: {
        "NM1": Step.CLAIM_PROVIDER,
        "PRV": Step.CLAIM_TAXONOMY,
        **_PERSON,
        "REF": Step.PROVIDER_REFERENCE,
        "SBR": Step.OTHER_SUBSCRIBER,
        "LX": Step.LINE,
    },
    Place.OTHER_PAYER: {
        **_passed("SBR", "CAS", "AMT", "DMG", "OI", "MIA", "MOA", "NM1", "PRV", "REF"),
        **_PERSON,
        "DTP": Step.OTHER_DATE,
        "LX": Step.LINE,
    },
    Place.LINE: {
        "SV1": Step.PROFESSIONAL_SERVICE,
        "SV2": Step.INSTITUTIONAL_SERVICE,
        "DTP": Step.LINE_DATE,
        "REF": Step.LINE_REFERENCE,
        **_passed(
            "SV5", "PWK", "CR1", "CR3", "CR5", "CRC", "QTY", "MEA", "CN1", "AMT", "K3", "NTE", "PS1", "HSD", "HCP"
        ),
        "LIN": Step.DRUG,
        **_LINE_LOOPS,
        **_AFTER_LINE,
    },
    Place.DRUG: {"CTP": Step.DRUG_QUANTITY, **_passed("REF"), "LIN": Step.DRUG, **_LINE_LOOPS, **_AFTER_LINE},
    Place.LINE_PROVIDER: {
        "PRV": Step.LINE_TAXONOMY,
        **_PERSON,
        "REF": Step.PROVIDER_REFERENCE,
        **_LINE_LOOPS,
        **_AFTER_LINE,
    },
    Place.ADJUDICATION: {
        **_passed("CAS", "AMT"),
        "DTP": Step.OTHER_DATE,
        "SVD": Step.ADJUDICATION,
        "LQ": Step.FORM,
        **_AFTER_LINE,
    },
    Place.FORM: {**_passed("FRM"), "LQ": Step.FORM, **_AFTER_LINE},
}

PARTIES: dict[Place, frozenset[str]] = {
    Place.HEADER: frozenset({"41", "40"}),
    Place.BILLING: frozenset({"85", "87", "PE"}),
    Place.SUBSCRIBER: frozenset({"IL", "PR"}),
    Place.PATIENT: frozenset({"QC"}),
}
"""Who an NM1 may name at the levels above the claim."""
NO_PROVIDER = frozenset({"41", "40", "85", "87", "PE", "IL", "PR", "QC"})
"""Who an NM1 of a claim or line never names, the other payer's loops apart."""
CLAIM_NUMBERS = frozenset({"F8", "G1"})
"""References that a claim, a line or another payer's loop state, and a provider never."""
SERVICE_DATES = frozenset({"472", "434"})
"""Dates that only a line and a claim of their own state."""
PROFESSIONAL, INSTITUTIONAL = "professional", "institutional"
GUIDES = {"005010X222": PROFESSIONAL, "005010X223": INSTITUTIONAL}
"""What GS08 begins with; an addendum may follow (A1, A2, A3)."""
