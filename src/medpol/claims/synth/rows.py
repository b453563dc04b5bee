"""The columns that synthetic claims have, their Arrow types, and cells made of whole numbers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from medpol.claims.columns import BY_NAME, ELIGIBILITY, FACTS, Column, ColumnType

DATA_SOURCE = "SYNTHETIC"
FILING_CODE = "ZZ"
"""Of X12: mutually defined. It tells no line of business."""
_EPOCH = date(1970, 1, 1)
TYPES: dict[ColumnType, pa.DataType] = {
    ColumnType.TEXT: pa.string(),
    ColumnType.INTEGER: pa.int32(),
    ColumnType.DATE: pa.date32(),
    ColumnType.MONEY: pa.decimal128(12, 2),
    ColumnType.UNITS: pa.decimal128(12, 3),
}
CLAIM_COLUMNS = (
    "data_source",
    "claim_id",
    "claim_line_number",
    "claim_type",
    "claim_line_start_date",
    "claim_line_end_date",
    "hcpcs_code",
    "hcpcs_modifier_1",
    "hcpcs_modifier_2",
    "diagnosis_code_1",
    "diagnosis_code_2",
    "diagnosis_code_3",
    "diagnosis_code_4",
    "diagnosis_code_type",
    "x_diagnosis_pointers",
    "x_diagnosis_qualifiers",
    "member_id",
    "x_subscriber_id",
    "x_patient_relationship",
    "x_patient_birth_date",
    "payer",
    "x_claim_filing_code",
    "place_of_service_code",
    "revenue_center_code",
    "bill_type_code",
    "rendering_npi",
    "billing_npi",
    "service_unit_quantity",
    "x_unit_basis",
    "charge_amount",
    "allowed_amount",
    "paid_amount",
    "paid_date",
    "x_line_of_business",
    "x_member_contract_id",
    "x_state",
    "x_service_code_system",
    "x_claim_frequency_code",
    "x_original_claim_id",
)


def _schema(columns: Sequence[tuple[str, Column]]) -> pa.Schema:
    return pa.schema([(name, TYPES[column.type]) for name, column in columns])


CLAIMS = _schema([(name, BY_NAME[name]) for name in CLAIM_COLUMNS])
SPANS = _schema([(each.name, each) for each in ELIGIBILITY]).append(pa.field("first_name", pa.string()))
SPANS = SPANS.append(pa.field("last_name", pa.string()))
DOCUMENTED = _schema([(each.name, each) for each in FACTS])
TRUTH = pa.schema(
    [
        ("data_source", pa.string()),
        ("claim_id", pa.string()),
        ("claim_line_number", pa.string()),
        ("row", pa.int64()),
        ("outcome", pa.string()),
        ("reason_key", pa.string()),
        ("final_status", pa.string()),
        ("reject_key", pa.string()),
        ("plant", pa.string()),
        ("why", pa.string()),
    ]
)
"""One row per planted line; ``row`` is where it stands in the file, from 1.

A line that is to be rejected has a reject key and no outcome, and its key as it stands in the file.
"""


def parsed(values: Sequence[str | None], kind: pa.DataType) -> pa.Array:
    """Cells of text in the type of their column."""
    return pa.array(values, pa.string()).cast(kind)


def constant(value: str | None, count: int) -> pa.Array:
    return pa.nulls(count, pa.string()) if value is None else pa.repeat(pa.scalar(value), count)


def numbered(prefix: str, numbers: npt.NDArray[np.int64], width: int) -> pa.Array:
    """Ids: a prefix, and the number with zeros before it."""
    digits = pc.utf8_lpad(pa.array(numbers).cast(pa.string()), width, padding="0")
    return pc.binary_join_element_wise(prefix, digits, "")


def chosen(words: Sequence[str | None], places: npt.NDArray[np.intp]) -> pa.Array:
    """Of each row the word at its place."""
    return pa.array(words, pa.string()).take(pa.array(places, pa.int64()))


def where(condition: npt.NDArray[np.bool_], array: pa.Array) -> pa.Array:
    """The array, null where the condition is false."""
    return pc.if_else(pa.array(condition), array, pa.scalar(None, array.type))


def scaled(numbers: npt.NDArray[np.int64], kind: pa.Decimal128Type) -> pa.Array:
    """Decimals of whole numbers of their last digit, such as cents: 1250 is 12.50."""
    halves = np.empty((len(numbers), 2), dtype="<i8")
    halves[:, 0] = numbers
    halves[:, 1] = numbers >> 63
    return pa.Array.from_buffers(kind, len(numbers), [None, pa.py_buffer(halves.tobytes())])


def day_number(day: date) -> int:
    """The number of a day, from 1970-01-01."""
    return (day - _EPOCH).days


def days_of(numbers: npt.NDArray[np.int64]) -> pa.Array:
    """Days of their number from 1970-01-01."""
    return pa.array(numbers.astype(np.int32), pa.int32()).cast(pa.date32())
