"""The tables of a criteria section: which row names the columns, which states a position in a cell of its own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from medpol.ingest.blocks import Row
from medpol.ingest.stating import column_label

_HEAD_WORDS = frozenset(
    re.findall(
        r"\w+",
        """treatment treatments service services procedure procedures condition conditions indication indications diagnosis diagnoses use
    uses drug drugs device devices test tests technology therapy item items criteria criterion coverage position policy description
    requirement requirements statement status determination comment comments notes covered""",
    )
)
_CASE_HEAD = re.compile(r"(?:clinical )?(?:indications?|conditions?|diagnos[ei]s|uses?)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a table: the label of each, where it has one. ``lists_cases``: the first holds indications."""

    labels: tuple[str | None, ...]
    lists_cases: bool = False


def columns_of(rows: Sequence[Row], at: int) -> Columns | None:
    """The columns that a row names, or ``None`` where it names none: a row whose cell holds a position is one of data
    where the rows beside it hold positions in the same column."""
    row = rows[at]
    labels = tuple(column_label(cell) for cell in row.cells)
    first = " ".join(row.cells[0].split())
    words = {word for cell in row.cells for word in re.findall(r"[a-z]+", cell.casefold())}
    is_plain = set(re.findall(r"[a-z]+", first.casefold())) <= _HEAD_WORDS
    has_labels = any(labels[1:]) or (len(labels) > 1 and all(labels))
    is_head = has_labels and (is_plain or labels[0] is not None or not _positions_beside(rows, at, labels))
    if not is_head and not (at == 0 and len(row.cells) > 1 and words <= _HEAD_WORDS):
        return None
    return Columns(
        labels if all(labels) else (None, *labels[1:]), _CASE_HEAD.fullmatch(first.rstrip(" :*")) is not None
    )


def _positions_beside(rows: Sequence[Row], at: int, labels: Sequence[str | None]) -> bool:
    """Whether a row above or below holds a position in a column in which this one does, or nothing stands below it."""
    held = [place for place, label in enumerate(labels) if place and label is not None]
    beside = [rows[other] for other in (at - 1, at + 1) if 0 <= other < len(rows)]
    if at + 1 == len(rows):
        return True
    return any(place < len(row.cells) and column_label(row.cells[place]) for row in beside for place in held)


def stated_in_cell(row: Row) -> tuple[str, str] | None:
    """The position that a cell behind the first states alone, with the words of the cells beside it; ``None`` where none,
    or several, do."""
    found = [(at, label) for at, cell in enumerate(row.cells) if at and (label := column_label(cell)) is not None]
    if len(found) != 1:
        return None
    place, label = found[0]
    return label, "\n".join(cell for at, cell in enumerate(row.cells) if at not in (0, place) and cell)
