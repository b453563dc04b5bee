"""Claims and lines as both 837 readers find them, and the record batches of edge columns made of them.

Every value is text, as read, under the name that ``claims.columns`` gives it: the SQL that checks a CSV cell checks these
too. Empty is null. One row per claim line; ``position`` is the number of its LX segment in the file, from 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from medpol.claims.columns import BY_NAME

BATCH = 1 << 13
"""Lines of a record batch, about."""


class ClaimRow(NamedTuple):
    """What the lines of one claim have in common, each by the name of its column."""

    interchange: str
    functional_group: str
    transaction: str
    claim_id: str
    claim_type: str
    claim_start_date: str
    claim_end_date: str
    discharge_date: str
    bill_type_code: str
    x_claim_frequency_code: str
    x_original_claim_id: str
    payer: str
    x_claim_filing_code: str
    member_id: str
    x_subscriber_id: str
    x_patient_relationship: str
    x_patient_birth_date: str
    x_patient_sex: str
    billing_npi: str
    x_diagnosis_qualifiers: str
    x_diagnoses_apart: str
    procedure_code_type: str
    diagnosis_code: Sequence[str] = ()
    procedure_code: Sequence[str] = ()
    procedure_date: Sequence[str] = ()


class LineRow(NamedTuple):
    """What is a line's own. ``claim`` is the place of its ``ClaimRow`` among those of the batch."""

    claim: int
    position: int
    claim_line_number: str
    claim_line_start_date: str
    claim_line_end_date: str
    hcpcs_code: str
    hcpcs_modifier_1: str
    hcpcs_modifier_2: str
    hcpcs_modifier_3: str
    hcpcs_modifier_4: str
    x_service_code_system: str
    revenue_center_code: str
    place_of_service_code: str
    charge_amount: str
    x_unit_basis: str
    service_unit_quantity: str
    x_diagnosis_pointers: str
    x_prior_auth_number: str
    rendering_npi: str
    x_rendering_taxonomy: str
    x_ndc: str
    x_ndc_quantity: str
    x_ndc_unit: str


FAMILIES = ("diagnosis_code", "procedure_code", "procedure_date")
"""The columns of a claim that come as numbered families."""
PROVENANCE = ("position", "interchange", "functional_group", "transaction")
"""Where a row stands in its file: the columns that are not claims.columns' own."""

_STRING = pa.string()
_SINGLE = tuple(name for name in ClaimRow._fields if name not in FAMILIES)
_OF_LINE = LineRow._fields[2:]
WIDTH = {family: BY_NAME[f"{family}_1"].repeats for family in FAMILIES}
SCHEMA = pa.schema(
    [
        pa.field("position", pa.int64()),
        *(pa.field(name, pa.string()) for name in (*_SINGLE, *_OF_LINE)),
        *(pa.field(f"{family}_{at}", pa.string()) for family in FAMILIES for at in range(1, WIDTH[family] + 1)),
    ]
)
"""Every batch has these columns, whatever the file holds. An 837 has no fifth modifier."""


def record_batch(claims: list[Any], lines: list[Any]) -> pa.RecordBatch:
    """The lines as one batch of ``SCHEMA``, in their order.

    Both come flat, the values of one row behind those of the other: a list of strings costs the garbage collector nothing,
    and a column is a slice of it.
    """
    of_claim = [claims[at :: len(ClaimRow._fields)] for at in range(len(ClaimRow._fields))]
    of_line = [lines[at :: len(LineRow._fields)] for at in range(len(LineRow._fields))]
    claim_of_line = pa.array(of_line[0], pa.int32())
    columns: list[pa.Array] = [pa.array(of_line[1], pa.int64())]
    columns += [_text(values, claim_of_line) for values in of_claim[: len(_SINGLE)]]
    columns += [_text(values) for values in of_line[2:]]
    for family, values in zip(FAMILIES, of_claim[len(_SINGLE) :], strict=True):
        columns += _family(values, WIDTH[family], claim_of_line)
    return pa.RecordBatch.from_arrays(columns, schema=SCHEMA)


def _family(of_claims: list[tuple[str, ...]], width: int, claim_of_line: pa.Array) -> list[pa.Array]:
    """A numbered family: the first value of every claim, the second, and so on; null behind a claim's last."""
    # A claim with more values than the family is wide is rejected, so none of its lines asks for them.
    used = min(width, max(map(len, of_claims), default=0))
    columns = [_text([each[at] if len(each) > at else "" for each in of_claims], claim_of_line) for at in range(used)]
    return columns + [pa.nulls(len(claim_of_line), _STRING)] * (width - used)


def _text(values: list[str], claim_of_line: pa.Array | None = None) -> pa.Array:
    """The values as a column of text; of claims, each repeated for its lines. Empty is null."""
    count = len(values) if claim_of_line is None else len(claim_of_line)
    if values and values.count(values[0]) == len(values):  # Most columns of a batch hold one value, or none.
        return pa.repeat(pa.scalar(values[0], _STRING), count) if values[0] else pa.nulls(count, _STRING)
    read = pa.array(values, _STRING)
    read = pc.if_else(pc.equal(read, ""), pa.scalar(None, _STRING), read)
    return read if claim_of_line is None else read.take(claim_of_line)
