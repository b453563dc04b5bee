"""The tables that the benchmark writes, column by column: claim lines, facts, history, and the extract before them."""

from __future__ import annotations

import pyarrow as pa

from medpol.claims.columns import COLUMNS, ColumnType, names_of
from medpol.claims.lines import SCHEMA

MOST_DIAGNOSES, MOST_MODIFIERS = 4, 2
"""Of a claim, and of a line."""
TYPES: dict[str, pa.DataType] = {
    "BIGINT": pa.int64(),
    "SMALLINT": pa.int16(),
    "INTEGER": pa.int32(),
    "VARCHAR": pa.string(),
    "DATE": pa.date32(),
    "BOOLEAN": pa.bool_(),
    "VARCHAR[]": pa.list_(pa.string()),
    "DECIMAL(12,2)": pa.decimal128(12, 2),
    "DECIMAL(12,3)": pa.decimal128(12, 3),
}
MONEY = TYPES["DECIMAL(12,2)"]
LINES_SCHEMA = pa.schema([(name, TYPES[of]) for name, of in SCHEMA.items()] + [("final_status", pa.string())])
FACTS_SCHEMA = pa.schema(
    [
        ("member_id", pa.string()),
        ("name", pa.string()),
        ("value", pa.string()),
        ("unit", pa.string()),
        ("observed_on", pa.date32()),
        ("recorded_on", pa.date32()),
        ("source", pa.string()),
    ]
)
HISTORY_SCHEMA = pa.schema(
    [
        ("member_id", pa.string()),
        ("code_system", pa.string()),
        ("code", pa.string()),
        ("day", pa.date32()),
        ("units", pa.decimal128(12, 3)),
        ("line_id", pa.int64()),
    ]
)
_WRITTEN = (
    *("data_source", "claim_id", "claim_line_number", "claim_line_start_date", "claim_line_end_date", "hcpcs_code"),
    *(f"hcpcs_modifier_{at}" for at in range(1, MOST_MODIFIERS + 1)),
    *(f"diagnosis_code_{at}" for at in range(1, MOST_DIAGNOSES + 1)),
    *("member_id", "claim_type", "place_of_service_code", "service_unit_quantity", "charge_amount", "allowed_amount"),
    *("paid_amount", "x_line_of_business", "x_member_contract_id", "x_state", "x_rendering_taxonomy"),
    *("x_patient_birth_date", "x_patient_sex"),
)
_EXTRACT_TYPES = {
    name: pa.string() if column.type is ColumnType.TEXT else TYPES[column.type.value]
    for column in COLUMNS
    for name in names_of([column])
    if column.type.value in TYPES
}
EXTRACT_SCHEMA = pa.schema([(name, _EXTRACT_TYPES[name]) for name in _WRITTEN])
"""The columns of the extract by the names that a plan would send them under."""
