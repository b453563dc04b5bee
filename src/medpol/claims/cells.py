"""One cell as SQL: the shape it must have and the value it becomes, from text or from the type of a Parquet column.

An engine's cast is no check (DuckDB reads ``1e3`` as 1000.00, ``12.345`` as 12.35 and ``5_0`` as 50), so text is held
against its shape first and cast after; a number of another type must come out of the cast as it went in.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from medpol.claims import fence
from medpol.claims.columns import REJECT_KEYS, SHAPES, Column, ColumnType

FIRST_YEAR, LAST_YEAR = 1800, 9000
"""The years a day may lie in, as in a case: windows counted from a day stay inside the calendar."""
_FLAT_DATE = "[0-9]{8}"
_SCALES = {ColumnType.MONEY: 2, ColumnType.UNITS: 3, ColumnType.QUANTITY: 3}
_WHOLE_DIGITS = {ColumnType.MONEY: 10, ColumnType.UNITS: 9, ColumnType.QUANTITY: 12}
_INTEGERS = frozenset({"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"})
_NEAR = "1e-6"
_DECIMAL = re.compile(r"DECIMAL\(([0-9]+),([0-9]+)\)")
_TIMESTAMPS = frozenset({"TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"})
EXPECTED: dict[ColumnType, str] = {
    ColumnType.TEXT: "text",
    ColumnType.INTEGER: "a whole number",
    ColumnType.DATE: f"a day of the calendar, YYYY-MM-DD, in the years {FIRST_YEAR} to {LAST_YEAR}",
    ColumnType.MONEY: "US dollars such as 125.50: at most ten digits and two decimals",
    ColumnType.UNITS: "a number: at most nine digits and three decimals",
    ColumnType.QUANTITY: "a number: at most twelve digits and three decimals",
    ColumnType.TIMESTAMP: "YYYY-MM-DD, or YYYY-MM-DD HH:MM:SS",
}
MENDS = {
    "bad-date": "correct the date; nothing is repaired",
    "bad-amount": "write the amount without signs of currency or thousands",
    "bad-number": "correct the number",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """A column of ours as a source holds it, in three pieces of SQL that follow each other.

    ``first`` makes the column ``held`` of the source; ``value`` and ``shown`` are made of ``held``.
    """

    column: Column
    name: str
    first: str
    """The cell, null where it is empty."""
    value: str
    """Its value, null where it is empty or bad."""
    shown: str
    """The cell as text."""
    is_floating: bool = False

    @property
    def held(self) -> str:
        return held(self.name)

    @property
    def reject_key(self) -> str | None:
        """Of a cell that holds something and has no value."""
        return REJECT_KEYS.get(self.column.type)

    @property
    def bad(self) -> str:
        """Whether the cell holds something that cannot be read."""
        return f"({self.held} IS NOT NULL AND ({self.value}) IS NULL)"


def held(name: str) -> str:
    """The column that holds the cell of a name before it has a value."""
    return fence.name(f"cell {name}")


def absent(column: Column, name: str) -> Cell:
    """The cell of a column that the file does not have."""
    return Cell(column, name, f"NULL::{column.type.value}", held(name), "NULL::VARCHAR")


def of_text(column: Column, name: str, source: str, date_format: str, null_words: Sequence[str]) -> Cell:
    """The cell of a column of text. ``source`` is SQL."""
    nothing = ", ".join(fence.text(each) for each in ("", *null_words))
    if column.type is ColumnType.TEXT:
        # a cell of blanks says nothing: fixed-width extracts fill theirs so
        first = f"CASE WHEN trim({source}, ' ') NOT IN ({nothing}) THEN {source} END"
        return Cell(column, name, first, held(name), held(name))
    first = f"CASE WHEN {source} NOT IN ({nothing}) THEN {source} END"
    return Cell(column, name, first, _value_of_text(column, held(name), date_format), held(name))


def _value_of_text(column: Column, found: str, date_format: str) -> str:
    kind = column.type
    if kind is ColumnType.DATE and date_format == "YYYYMMDD":
        iso = f"({found}[1:4] || '-' || {found}[5:6] || '-' || {found}[7:8])"
        return _in_calendar(f"CASE WHEN regexp_full_match({found}, '{_FLAT_DATE}') THEN TRY_CAST({iso} AS DATE) END")
    value = (
        f"CASE WHEN regexp_full_match({found}, {fence.text(SHAPES[kind])}) THEN TRY_CAST({found} AS {kind.value}) END"
    )
    if kind is ColumnType.DATE:
        return _in_calendar(value)
    return _counted(column, value)


def _in_calendar(value: str) -> str:
    return f"(CASE WHEN {value} BETWEEN DATE '{FIRST_YEAR}-01-01' AND DATE '{LAST_YEAR}-12-31' THEN {value} END)"


def _counted(column: Column, value: str) -> str:
    """Lines are counted from 1."""
    return f"(CASE WHEN {value} >= 1 THEN {value} END)" if column.type is ColumnType.INTEGER else value


def of_type(column: Column, name: str, source: str, given: str) -> Cell | None:
    """The cell of a Parquet column of the type ``given``; ``None`` where that type cannot hold what the column is."""
    found = held(name)
    match column.type:
        case ColumnType.TEXT:
            value = None
        case ColumnType.INTEGER if given in _INTEGERS or _is_whole(given):
            value = _counted(column, f"(CASE WHEN {found} BETWEEN 0 AND 999999999 THEN CAST({found} AS INTEGER) END)")
        case ColumnType.DATE if given == "DATE":
            value = _in_calendar(found)
        case ColumnType.DATE if given in _TIMESTAMPS:
            value = _in_calendar(f"CASE WHEN CAST({found} AS DATE) = {found} THEN CAST({found} AS DATE) END")
        case ColumnType.TIMESTAMP if given in _TIMESTAMPS or given == "DATE":
            value = f"CASE WHEN isfinite({found}) THEN CAST({found} AS TIMESTAMP) END"
        case ColumnType.MONEY | ColumnType.UNITS | ColumnType.QUANTITY:
            value = _number(column.type, found, given)
        case _:
            value = None
    if value is None:
        return None
    return Cell(column, name, source, value, f"CAST({found} AS VARCHAR)", is_floating=given == "DOUBLE")


def _is_whole(given: str) -> bool:
    match = _DECIMAL.fullmatch(given)
    return match is not None and match[2] == "0"


def _number(kind: ColumnType, found: str, given: str) -> str | None:
    scale, digits = _SCALES[kind], _WHOLE_DIGITS[kind]
    if given == "DOUBLE":
        # a value just off a whole cent is one; 0.285 is none, whichever cent a cast would make of it
        rounded = f"round({found}, {scale})"
        return (
            f"CASE WHEN isfinite({found}) AND abs({found}) < 1e{digits} AND abs({found} - {rounded}) <= {_NEAR} "
            f"THEN TRY_CAST({rounded} AS {kind.value}) END"
        )
    if given in _INTEGERS:
        return f"CASE WHEN {found} BETWEEN -{'9' * digits} AND {'9' * digits} THEN CAST({found} AS {kind.value}) END"
    if (match := _DECIMAL.fullmatch(given)) is not None:
        if int(match[2]) <= scale:
            return f"TRY_CAST({found} AS {kind.value})"
        return f"CASE WHEN TRY({found} = TRY_CAST({found} AS {kind.value})) THEN TRY_CAST({found} AS {kind.value}) END"
    return None
