"""The claim-line table at the edge: every column, its type and shape, and what its absence means.

Names are those of Tuva's ``medical_claim`` (tuva-health/tuva, input layer); ours that it has not begin with ``x_``. The
grain is one row per claim line per data source. Readers map to these columns, and the SQL is written against them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum


class ColumnType(Enum):
    """How a cell is read. The value is the type in the table, in the SQL that DuckDB and Spark both read."""

    TEXT = "VARCHAR"
    INTEGER = "INTEGER"
    DATE = "DATE"
    MONEY = "DECIMAL(12,2)"
    UNITS = "DECIMAL(12,3)"
    QUANTITY = "DECIMAL(15,3)"
    TIMESTAMP = "TIMESTAMP"


SHAPES: dict[ColumnType, str] = {
    ColumnType.INTEGER: r"[0-9]{1,9}",
    ColumnType.DATE: r"[0-9]{4}-[0-9]{2}-[0-9]{2}",
    ColumnType.MONEY: r"-?[0-9]{1,10}([.][0-9]{1,2})?",
    ColumnType.UNITS: r"-?[0-9]{1,9}([.][0-9]{1,3})?",
    ColumnType.QUANTITY: r"-?[0-9]{1,12}([.][0-9]{1,3})?",
    ColumnType.TIMESTAMP: r"[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?)?",
}
"""What a whole cell of text must look like; the expressions mean the same in ``re`` (ASCII) and in RE2."""

REJECT_KEYS: dict[ColumnType, str] = {
    ColumnType.INTEGER: "bad-number",
    ColumnType.DATE: "bad-date",
    ColumnType.MONEY: "bad-amount",
    ColumnType.UNITS: "bad-number",
    ColumnType.QUANTITY: "bad-number",
    ColumnType.TIMESTAMP: "bad-date",
}


class Need(Enum):
    """What a column's absence means: the file is refused, the row is rejected, or the value is unknown."""

    ROW = "every row needs a value"
    COLUMN = "the column must be there; a row may leave it empty"
    ONE_OF = "one of several columns must be there"
    OPTIONAL = "what is absent is unknown"


@dataclass(frozen=True, slots=True)
class Column:
    """One column, or a numbered family of them: ``repeats`` of ``hcpcs_modifier`` stand for ``hcpcs_modifier_1..5``."""

    name: str
    type: ColumnType
    need: Need = Need.OPTIONAL
    repeats: int = 0
    meaning: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(f"{self.name}_{at}" for at in range(1, self.repeats + 1)) if self.repeats else (self.name,)


TEXT, DATE, MONEY = ColumnType.TEXT, ColumnType.DATE, ColumnType.MONEY

COLUMNS: tuple[Column, ...] = (
    Column("data_source", TEXT, Need.ROW, meaning="whose extract the line is from; --data-source fills it"),
    Column("claim_id", TEXT, Need.ROW, meaning="the claim, in its data source"),
    Column("claim_line_number", ColumnType.INTEGER, Need.ROW, meaning="the line in its claim, from 1"),
    Column("claim_line_start_date", DATE, Need.ONE_OF, meaning="first day of care of the line"),
    Column("claim_line_end_date", DATE, meaning="last day of care of the line, inclusive"),
    Column("claim_start_date", DATE, Need.ONE_OF, meaning="first day of care of the claim, where the line has none"),
    Column("claim_end_date", DATE, meaning="last day of care of the claim, inclusive"),
    Column("hcpcs_code", TEXT, Need.COLUMN, meaning="CPT or HCPCS II; none on a revenue-only line"),
    Column("hcpcs_modifier", TEXT, repeats=5, meaning="two characters"),
    Column("diagnosis_code", TEXT, Need.COLUMN, repeats=25, meaning="diagnoses of the claim; only the first is needed"),
    Column("diagnosis_code_type", TEXT, meaning="icd-10-cm or icd-9-cm"),
    Column("member_id", TEXT, Need.ONE_OF, meaning="the member as the payer knows them"),
    Column("person_id", TEXT, Need.ONE_OF, meaning="the person, where the extract knows no member"),
    Column("claim_type", TEXT, meaning="professional, institutional or undetermined"),
    Column("payer", TEXT, meaning="joins eligibility and contracts"),
    Column("plan", TEXT, meaning="joins eligibility and contracts"),
    Column("place_of_service_code", TEXT, meaning="two digits"),
    Column("revenue_center_code", TEXT, meaning="four digits"),
    Column("bill_type_code", TEXT, meaning="three or four digits"),
    Column("discharge_date", DATE, meaning="decides the diagnosis system where none is said"),
    Column("procedure_code_type", TEXT, meaning="icd-10-pcs"),
    Column("procedure_code", TEXT, repeats=25, meaning="procedures of an institutional claim"),
    Column("procedure_date", DATE, repeats=25, meaning="their days"),
    Column("rendering_npi", TEXT, meaning="ten digits, the last a check digit"),
    Column("billing_npi", TEXT, meaning="ten digits, the last a check digit"),
    Column("service_unit_quantity", ColumnType.UNITS, meaning="units as billed; x_unit_basis says of what"),
    Column("charge_amount", MONEY, meaning="billed, US dollars"),
    Column("allowed_amount", MONEY, meaning="allowed, US dollars"),
    Column("paid_amount", MONEY, meaning="paid, US dollars"),
    Column("paid_date", DATE, meaning="orders adjustments"),
    Column("file_date", DATE, meaning="orders adjustments"),
    Column("ingest_datetime", ColumnType.TIMESTAMP, meaning="orders adjustments"),
    Column("x_line_of_business", TEXT, meaning="the canonical name, or a spelling of it"),
    Column("x_member_contract_id", TEXT, meaning="the member's contract"),
    Column("x_state", TEXT, meaning="USPS, two letters"),
    Column("x_diagnosis_pointers", TEXT, meaning="which diagnoses of the claim are the line's: 1,3"),
    Column("x_claim_frequency_code", TEXT, meaning="1 original, 7 replacement, 8 void"),
    Column("x_original_claim_id", TEXT, meaning="the claim that is replaced or void"),
    Column("x_prior_auth_number", TEXT, meaning="as the claim states it"),
    Column("x_unit_basis", TEXT, meaning="UN units, MJ minutes"),
    Column("x_ndc", TEXT, meaning="eleven digits"),
    Column("x_ndc_quantity", ColumnType.QUANTITY, meaning="in x_ndc_unit"),
    Column("x_ndc_unit", TEXT, meaning="UN, ML, GR, F2, ME"),
    Column("x_rendering_taxonomy", TEXT, meaning="ten characters"),
    Column(
        "x_service_code_system", TEXT, meaning="the system of hcpcs_code where it is not told by its shape: ER, IV, WK"
    ),
    Column("x_diagnosis_qualifiers", TEXT, meaning="of an 837: the qualifier of each diagnosis, by commas"),
    Column(
        "x_diagnoses_apart", TEXT, meaning="of an 837: admitting, reason for visit, external cause: ABJ:R05,APR:R05"
    ),
    Column(
        "x_subscriber_id", TEXT, meaning="of an 837: the subscriber's id; member_id is the patient's, if they have one"
    ),
    Column("x_patient_relationship", TEXT, meaning="of an 837: the patient's to the subscriber; 18 is the subscriber"),
    Column("x_patient_birth_date", DATE, meaning="of an 837: the patient's, who may have no id to join by"),
    Column("x_patient_sex", TEXT, meaning="of an 837: the patient's, F or M"),
    Column("x_claim_filing_code", TEXT, meaning="of an 837: SBR09, which the user's table reads as a line of business"),
)

BY_NAME: dict[str, Column] = {name: column for column in COLUMNS for name in column.names}
"""The column of every name that a file may use."""

KEY = ("data_source", "claim_id", "claim_line_number")

ONE_OF: tuple[tuple[str, ...], ...] = (
    ("claim_line_start_date", "claim_start_date"),
    ("member_id", "person_id"),
)
"""Of each row of names a file must have one."""

ELIGIBILITY: tuple[Column, ...] = (
    Column("member_id", TEXT, Need.ROW, meaning="the member, as on the claims"),
    Column("enrollment_start_date", DATE, Need.ROW, meaning="first day of the span"),
    Column("enrollment_end_date", DATE, Need.COLUMN, meaning="last day of the span, inclusive; none: it is open"),
    Column("payer", TEXT, meaning="joins the claims that name a payer"),
    Column("payer_type", TEXT, meaning="commercial, medicare, medicaid or self-insured; the map says what is more"),
    Column("plan", TEXT, meaning="joins the claims that name a plan"),
    Column("group_id", TEXT, meaning="with the plan, says the contract"),
    Column("birth_date", DATE, meaning="of the member"),
    Column("gender", TEXT, meaning="as the plan records it"),
)
"""A member's spans, as Tuva's ``eligibility`` names them."""

FACTS: tuple[Column, ...] = (
    Column("member_id", TEXT, Need.ROW, meaning="the member, as on the claims"),
    Column("name", TEXT, Need.ROW, meaning="the declared name of the fact"),
    Column("value", TEXT, Need.ROW, meaning="as the declaration of the fact says"),
    Column("unit", TEXT, meaning="of a quantity"),
    Column("observed_on", DATE, Need.ROW, meaning="the day on which it was so"),
    Column("recorded_on", DATE, meaning="the day from which the plan could know it"),
    Column("source", TEXT, meaning="claims, record, attestation or plan"),
)
"""Documented facts of members, one row each."""

CONTRACTS: tuple[Column, ...] = (
    Column("contract_id", TEXT, Need.ROW, meaning="the contract, as claims and plans name it"),
    Column("effect", TEXT, Need.ROW, meaning="covers, excludes, needs authorisation, no authorisation, group code"),
    Column("rank", TEXT, meaning="contract where nothing is said; the same on every row of a contract"),
    Column("from", DATE, meaning="first day"),
    Column("to", DATE, meaning="last day, inclusive"),
    Column("code_system", TEXT, meaning="the code system of code"),
    Column("code", TEXT, meaning="a code"),
    Column("group", TEXT, meaning="or a Coding group of the policies"),
    Column("coverage_position", TEXT, meaning="or a position: acts on what the policies answer"),
    Column("when", TEXT, meaning="a condition, as in a policy document"),
    Column("clause", TEXT, meaning="where it stands in the contract; of a group code, begins with it"),
    Column("published", DATE, meaning="the day from which the plan could know it"),
    Column("group_code", TEXT, meaning="the adjustment group of the contract; the same on every row of it"),
)
"""Provisions of member contracts, one row each: the columns of a contract document."""


def names_of(table: Iterable[Column]) -> tuple[str, ...]:
    """Every name that a file of the table may use, in its order."""
    return tuple(name for column in table for name in column.names)
