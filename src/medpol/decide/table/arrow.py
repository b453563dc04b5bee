"""Small tables made of rows, and lists read from tables, without a Python object for each cell where none is needed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa


def table_of(rows: Sequence[Sequence[object]], schema: pa.Schema) -> pa.Table:
    """The rows, their values in the order of the schema."""
    columns: Sequence[Sequence[object]] = list(zip(*rows, strict=True)) or [()] * len(schema)
    return pa.table([pa.array(held, kind.type) for held, kind in zip(columns, schema, strict=True)], schema=schema)


def lists(table: pa.Table, name: str) -> list[tuple[Any, ...]]:
    """The lists of a column as tuples, a struct in them as the tuple of its fields; a list that is null has none."""
    found: list[tuple[Any, ...]] = []
    for chunk in table.column(name).chunks:
        values = chunk.values
        held: list[Any]
        if pa.types.is_struct(values.type):
            held = list(zip(*[values.field(at).to_pylist() for at in range(values.type.num_fields)], strict=True))
        else:
            held = values.to_pylist()
        ends = chunk.offsets.to_pylist()
        valid = chunk.is_valid().to_pylist()
        found += [
            tuple(held[start:end]) if is_valid else ()
            for start, end, is_valid in zip(ends[:-1], ends[1:], valid, strict=True)
        ]
    return found
