"""The open claim of an 837: what its CLM, DTP, REF, HI and NM1 segments say for all of its lines."""

from __future__ import annotations

import re

from medpol.claims.columns import SHAPES, ColumnType
from medpol.claims.x12.batches import WIDTH, ClaimRow
from medpol.claims.x12.cursor import Cursor, given, npi, once, period
from medpol.claims.x12.elements import MOST_CODES, HealthCodes, number_of
from medpol.claims.x12.parties import Parties
from medpol.claims.x12.rejects import LONGEST_FOUND, BrokenEnvelope, SegmentReject
from medpol.claims.x12.structure import CLAIM_NUMBERS, INSTITUTIONAL, NO_PROVIDER, PROFESSIONAL, SERVICE_DATES, Place

RENDERING, TAXONOMY = "82", "PXC"
_STATEMENT, _DISCHARGE, _SERVICE = "434", "096", "472"
_ORIGINAL, _AUTHORIZATION = "F8", "G1"
_PLACE_OF_SERVICE, _BILL_TYPE = "B", "A"
_MONEY = re.compile(SHAPES[ColumnType.MONEY], re.ASCII)
_NO_CODES = HealthCodes()


class OpenClaim:
    """A claim from its CLM to the next one. ``fault`` is why none of its lines can be read."""

    def __init__(self, cursor: Cursor, parties: Parties) -> None:
        self.cursor, self.parties = cursor, parties
        self.functional_group = self.transaction = ""

    def begin(self, elements: list[str]) -> None:
        """CLM: the id, the total, and of CLM05 the setting and the frequency, which tells a void from an original."""
        self.member = self.parties.member()
        self.claim_id, total = elements[1], elements[2]
        self.fault: SegmentReject | None = None
        if not _MONEY.fullmatch(number_of(total)):
            self.set_fault("bad-amount", "charge_amount", total, "CLM02, US dollars")
        setting = elements[5].split(self.cursor.component)
        if len(setting) != 3 or not setting[0] or not setting[2]:
            expected = f"three components parted by {self.cursor.component!r}, the component separator of ISA16"
            raise BrokenEnvelope(f"CLM05 {elements[5]}", expected)
        facility, of, self.frequency = setting
        is_professional = self.cursor.kind == PROFESSIONAL
        self.place_of_service = facility if is_professional and of == _PLACE_OF_SERVICE else ""
        self.bill_type = "" if is_professional or of != _BILL_TYPE else f"{facility}{self.frequency}"
        self.start = self.end = self.discharge = self.original = self.authorization = ""
        self.rendering_npi = self.rendering_taxonomy = self.provider = ""
        self.codes: HealthCodes | None = None
        self.cursor.go(Place.CLAIM)

    def set_fault(self, key: str, column: str, found: str, expected: str) -> None:
        """Every line of the claim is a reject; the first fault is the one that is told."""
        if self.fault is None:
            self.fault = SegmentReject(self.cursor.position, key, found[:LONGEST_FOUND], expected, column=column)

    def date(self, elements: list[str]) -> None:
        """DTP: the days of an institutional statement, and a discharge."""
        what = elements[1]
        if what == _SERVICE:
            raise BrokenEnvelope("DTP 472 before a line", "the LX segment first")
        if what == _STATEMENT and self.cursor.kind == INSTITUTIONAL:
            once(self.start, "DTP 434 of one claim")
            self.start, self.end = self._period(elements, "claim_start_date")
        elif what == _DISCHARGE and elements[2] == "D8":
            self.discharge, _ = self._period(elements, "discharge_date")

    def _period(self, elements: list[str], column: str) -> tuple[str, str]:
        days = period(elements)
        if days is None:
            self.set_fault("bad-date", column, " ".join(given(elements)), "DTP with D8 or RD8 and its days")
        return days or ("", "")

    def reference(self, elements: list[str]) -> None:
        """REF: the claim that this one replaces or voids, and authorisations."""
        what, value = elements[1], elements[2]
        if what == _ORIGINAL:
            if self.original not in ("", value):
                self.set_fault("wrong-width", "x_original_claim_id", value, "one original claim")
            self.original = value
        elif what == _AUTHORIZATION and self.fault is None:
            self.authorization = f"{self.authorization},{value}" if self.authorization else value
            if len(self.authorization) > LONGEST_FOUND:
                self.set_fault("wrong-width", "x_prior_auth_number", self.authorization, "one authorisation")

    def add_codes(self, elements: list[str]) -> None:
        """HI: diagnoses and procedures; one claim has several of these segments."""
        composites = given(elements)[1:]
        if len(composites) > MOST_CODES:
            self.set_fault(
                "wrong-width", "diagnosis_code", f"{len(composites)} elements of HI", f"{MOST_CODES} at most"
            )
        if self.codes is None:
            self.codes = HealthCodes()
        codes = self.codes
        if self.fault is None:
            codes.add(composites, self.cursor.component)
        for family, values in (("diagnosis_code", codes.diagnoses), ("procedure_code", codes.procedures)):
            if len(values) > WIDTH[family]:
                self.set_fault("wrong-width", family, f"{len(values)} codes", f"{WIDTH[family]} at most")

    def name_provider(self, elements: list[str]) -> None:
        self.provider = elements[1]
        if self.provider in NO_PROVIDER:
            raise BrokenEnvelope(f"NM1 {self.provider} in loop 2310", "a provider of the claim")
        if self.provider == RENDERING:
            once(self.rendering_npi, "rendering provider of one claim")
            self.rendering_npi = npi(elements)
        self.cursor.go(Place.CLAIM_PROVIDER)

    def taxonomy(self, elements: list[str]) -> None:
        if self.provider == RENDERING and elements[2] == TAXONOMY:
            self.rendering_taxonomy = elements[3]

    def provider_reference(self, elements: list[str]) -> None:
        """REF of a provider: an authorisation there belongs to some other loop."""
        if elements[1] in CLAIM_NUMBERS:
            raise BrokenEnvelope(f"REF {elements[1]} in loop {self.cursor.place.value}", "it in its claim or line")

    def other_subscriber(self, elements: list[str]) -> None:
        """SBR behind a CLM: from here on names, numbers and dates are another payer's."""
        self.cursor.go(Place.OTHER_PAYER)

    def other_date(self, elements: list[str]) -> None:
        if elements[1] in SERVICE_DATES:
            raise BrokenEnvelope(f"DTP {elements[1]} in loop {self.cursor.place.value}", "it in its claim or line")

    def row(self) -> ClaimRow:
        """The claim's part of its rows, complete when its first line begins."""
        codes, parties = self.codes or _NO_CODES, self.parties
        return ClaimRow(
            interchange=self.cursor.interchange,
            functional_group=self.functional_group,
            transaction=self.transaction,
            claim_id=self.claim_id,
            claim_type=self.cursor.kind,
            claim_start_date=self.start,
            claim_end_date=self.end,
            discharge_date=self.discharge,
            bill_type_code=self.bill_type,
            x_claim_frequency_code=self.frequency,
            x_original_claim_id=self.original,
            payer=parties.payer,
            x_claim_filing_code=parties.filing_code,
            member_id=self.member,
            x_subscriber_id=parties.subscriber_id,
            x_patient_relationship=parties.relationship,
            x_patient_birth_date=parties.birth_date,
            x_patient_sex=parties.sex,
            billing_npi=parties.billing_npi,
            x_diagnosis_qualifiers=",".join(codes.qualifiers),
            x_diagnoses_apart=",".join(codes.apart),
            procedure_code_type=codes.procedure_system,
            diagnosis_code=tuple(codes.diagnoses),
            procedure_code=tuple(codes.procedures),
            procedure_date=tuple(codes.procedure_dates),
        )
