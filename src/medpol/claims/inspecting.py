"""What inspecting a file of claims gives: what was read, and of each kind of reject how many and the first few."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import duckdb

from medpol.claims.intake import ClaimsRead, ReadOptions, read_claims
from medpol.claims.sources import ClaimInput

EXAMPLES = 3
"""Places that are told of each kind of reject."""


@dataclass(frozen=True, slots=True)
class Example:
    """One rejected row: its file and row, and what was found there."""

    place: str
    found: str | None


@dataclass(frozen=True, slots=True)
class RejectKind:
    """Rejects of one key and column."""

    reject_key: str
    column: str | None
    rows: int
    expected: str
    mend: str
    """Of the first of them."""
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class Inspected:
    """What was read, and what would be rejected."""

    read: ClaimsRead
    rejects: tuple[RejectKind, ...]

    def as_dict(self) -> dict[str, Any]:
        return self.read.as_dict() | {"rejects": [asdict(each) for each in self.rejects]}


def inspect_claims(engine: duckdb.DuckDBPyConnection, inputs: Sequence[ClaimInput], options: ReadOptions) -> Inspected:
    """Reads claims as a run would, and answers nothing. Raises as ``read_claims`` does."""
    read = read_claims(engine, inputs, options)
    rows = engine.execute(
        f"""SELECT reject_key, "column", sum(lines) OVER kind, expected, mend, input, position, found FROM rejects
        WINDOW kind AS (PARTITION BY reject_key, "column")
        QUALIFY row_number() OVER (PARTITION BY reject_key, "column" ORDER BY input, position) <= {EXAMPLES} ORDER BY reject_key, "column", input, position"""
    ).fetchall()
    kinds: dict[tuple[str, str | None], RejectKind] = {}
    for key, column, count, expected, mend, number, position, found in rows:
        what = "segment" if read.inputs[number].format == "x12" else "row"
        example = Example(f"{read.inputs[number].path}, {what} {position}", found)
        held = kinds.get((key, column))
        examples = (example,) if held is None else (*held.examples, example)
        first = held or RejectKind(key, column, int(count), expected, mend, ())
        kinds[key, column] = RejectKind(key, column, first.rows, first.expected, first.mend, examples)
    return Inspected(read, tuple(kinds.values()))
