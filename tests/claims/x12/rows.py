"""Any rows that an 837 can carry, for the laws that hold for all of them."""

from __future__ import annotations

from datetime import date
from itertools import cycle

from hypothesis import strategies as st

from medpol.claims.x12.delimiters import Delimiters
from medpol.claims.x12.structure import INSTITUTIONAL, PROFESSIONAL
from medpol.claims.x12.writing import Sending

Rows = list[dict[str, str | None]]

TOKENS = st.from_regex(r"[A-Z0-9]([A-Z0-9 ./-]{0,5}[A-Z0-9])?", fullmatch=True)
DAYS = st.dates(min_value=date(1900, 1, 1)).map(str)
AMOUNTS = st.decimals("-99999.99", "99999.99", places=2).map(str)
COUNTS = st.sampled_from([0, 1, 2, 12, 13, 14, 25])


def maybe(values: st.SearchStrategy[str]) -> st.SearchStrategy[str | None]:
    return st.none() | values


def without_nulls(row: dict[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in row.items() if value is not None}


@st.composite
def patients(draw: st.DrawFn) -> dict[str, str | None]:
    """Whose claim it is: the subscriber, or a dependent with or without an id of their own."""
    subscriber, own = draw(TOKENS), draw(maybe(TOKENS))
    is_self = draw(st.booleans())
    return {
        "payer": draw(maybe(TOKENS)),
        "x_claim_filing_code": draw(maybe(st.sampled_from(["CI", "MB", "MC", "16"]))),
        "member_id": subscriber if is_self else own,
        "x_subscriber_id": subscriber,
        "x_patient_relationship": "18" if is_self else draw(st.sampled_from(["19", "01", "G8"])),
        "x_patient_birth_date": draw(maybe(DAYS)),
        "x_patient_sex": draw(maybe(st.sampled_from("FM"))),
    }


@st.composite
def lines(draw: st.DrawFn, kind: str, number: int) -> dict[str, str | None]:
    has_code = kind == PROFESSIONAL or draw(st.booleans())
    start, end = draw(DAYS), draw(maybe(DAYS))
    ndc = draw(maybe(TOKENS))
    line = {
        "claim_line_number": str(number),
        "claim_line_start_date": start,
        "claim_line_end_date": end,
        "hcpcs_code": draw(TOKENS) if has_code else None,
        "x_service_code_system": draw(maybe(st.sampled_from(["ER", "IV", "WK"]))) if has_code else None,
        "charge_amount": draw(AMOUNTS),
        "x_unit_basis": draw(maybe(st.sampled_from(["UN", "MJ"]))),
        "service_unit_quantity": draw(maybe(AMOUNTS)),
        "x_ndc": ndc,
        "x_ndc_quantity": draw(maybe(AMOUNTS)) if ndc else None,
        "x_ndc_unit": draw(maybe(st.sampled_from(["UN", "ML"]))) if ndc else None,
        "rendering_npi": draw(maybe(st.just("1234567893"))),
    }
    for at in range(1, 5):
        line[f"hcpcs_modifier_{at}"] = draw(maybe(st.sampled_from(["59", "GP"]))) if has_code else None
    if kind == PROFESSIONAL:
        line["place_of_service_code"] = draw(st.sampled_from(["11", "12", "22"]))
        line["x_prior_auth_number"] = draw(maybe(TOKENS))
        line["x_rendering_taxonomy"] = draw(maybe(st.just("208100000X"))) if line["rendering_npi"] else None
        line["x_diagnosis_pointers"] = draw(maybe(st.sampled_from(["1", "2,1", "1,2,3,4"])))
    else:
        line["revenue_center_code"] = draw(maybe(st.from_regex(r"[0-9]{4}", fullmatch=True)))
    return line


@st.composite
def claims(draw: st.DrawFn, kind: str, number: int) -> list[dict[str, str | None]]:
    diagnoses = [f"M{at:02}" for at in range(draw(COUNTS))]
    is_institutional = kind == INSTITUTIONAL
    apart = [f"R{at:02}" for at in range(draw(st.integers(0, 2)))] if is_institutional else []
    procedures = [f"0JH60D{at:X}" for at in range(draw(COUNTS) // 2)] if is_institutional else []
    days = draw(st.lists(maybe(DAYS), min_size=len(procedures), max_size=len(procedures)))
    of_claim: dict[str, str | None] = {
        "claim_id": f"{draw(TOKENS)}{number}",
        "billing_npi": draw(maybe(st.sampled_from(["1234567893", "1679576722"]))),
        "x_claim_frequency_code": draw(st.sampled_from("178")),
        "x_original_claim_id": draw(maybe(TOKENS)),
        "x_diagnosis_qualifiers": ",".join(
            of for of, _ in zip(cycle(draw(st.permutations(["ABK", "BK", "ABF", "BF"]))), diagnoses, strict=False)
        )
        or None,
        "x_diagnoses_apart": ",".join(f"{draw(st.sampled_from(['ABJ', 'APR', 'ABN']))}:{code}" for code in apart)
        or None,
        "procedure_code_type": "icd-10-pcs" if procedures else None,
        **draw(patients()),
        **{f"diagnosis_code_{at}": code for at, code in enumerate(diagnoses, start=1)},
        **{f"procedure_code_{at}": code for at, code in enumerate(procedures, start=1)},
        **{f"procedure_date_{at}": day for at, day in enumerate(days, start=1)},
    }
    if kind == INSTITUTIONAL:
        of_claim["bill_type_code"] = f"13{of_claim['x_claim_frequency_code']}"
        of_claim["x_prior_auth_number"] = draw(maybe(TOKENS))
        of_claim["claim_start_date"] = draw(maybe(DAYS))
        of_claim["claim_end_date"] = draw(maybe(DAYS)) if of_claim["claim_start_date"] else None
    else:
        of_claim["discharge_date"] = draw(maybe(DAYS))
    return [{**of_claim, **draw(lines(kind, at))} for at in range(1, draw(st.integers(1, 4)) + 1)]


@st.composite
def files(draw: st.DrawFn) -> tuple[str, list[dict[str, str | None]], Sending]:
    kind = draw(st.sampled_from([PROFESSIONAL, INSTITUTIONAL]))
    number = draw(st.integers(1, 5))
    rows = [row for at in range(number) for row in draw(claims(kind, at))]
    signs = draw(st.permutations("*:^~|>!\x1d\x1f"))
    end = draw(st.sampled_from(["\n", signs[3]]))
    sending = Sending(
        Delimiters(*signs[:3], end),
        line_end="" if end == "\n" else draw(st.sampled_from(["", "\n", "\r\n"])),
        claims_per_transaction=draw(st.integers(1, 3)),
        transactions_per_group=draw(st.integers(1, 2)),
        groups_per_interchange=draw(st.integers(1, 2)),
    )
    return kind, rows, sending


_NEEDED = {
    "x_claim_filing_code": "CI",
    "x_patient_birth_date": "1970-01-31",
    "x_patient_sex": "F",
    "billing_npi": "1234567893",
    "x_unit_basis": "UN",
}
_NEEDED_OF = {
    PROFESSIONAL: {"x_diagnosis_pointers": "1"},
    INSTITUTIONAL: {"revenue_center_code": "0420", "claim_start_date": "2024-01-05"},
}


def as_x12sdk_needs(kind: str, row: dict[str, str | None]) -> dict[str, str | None]:
    """The row with what x12sdk's models ask for, and without what they have no place for."""
    full = {**row, **{name: row.get(name) or value for name, value in {**_NEEDED, **_NEEDED_OF[kind]}.items()}}
    full["payer"] = f"PAY{row.get('payer') or 1}"  # Two characters at least.
    full["service_unit_quantity"] = (row["service_unit_quantity"] or "").lstrip("-").replace("0.00", "") or "1"
    if not full.get("diagnosis_code_1"):
        full |= {"diagnosis_code_1": "M00", "x_diagnosis_qualifiers": "ABK"}
    if kind == INSTITUTIONAL:
        # A range of days, a drug without its prescription, minutes.
        gone = ("claim_line_end_date", "x_ndc", "x_ndc_quantity", "x_ndc_unit")
        full |= {**dict.fromkeys(gone, None), "x_unit_basis": "DA"}
    elif full["x_ndc"]:
        full |= {"x_ndc_quantity": row["x_ndc_quantity"] or "1", "x_ndc_unit": row["x_ndc_unit"] or "UN"}
    return full
