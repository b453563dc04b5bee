"""A page's lines and tables to pieces, each of which will be a block; a piece may go on over the page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from medpol.ingest.flow import marked
from medpol.ingest.reading.columns import Stretch
from medpol.ingest.reading.grids import Table
from medpol.ingest.reading.joining import Cell, is_broken
from medpol.ingest.reading.sheets import Line
from medpol.ingest.reading.styles import Styles

_ENDS = (".", "!", "?", ":", ";", "”", '"')
_BARE = "bare"
_BARE_NUMBER = re.compile(r"(\d{1,2})\s+(?=[^\W\d_])")
_GAP = 1.3
"""How far apart, in the usual distance of lines, two lines of one paragraph may stand."""


@dataclass(slots=True)
class Piece:
    """What will be a block. ``indent`` is where an item's marker stands, ``inset`` where its words begin."""

    kind: str
    page: int
    lines: list[Line] = field(default_factory=list)
    edge: float = 0.0
    level: int = 0
    mark: str = ""
    number: int | None = None
    indent: float = 0.0
    inset: float = 0.0
    table: list[tuple[Cell, ...]] = field(default_factory=list)
    row_pages: list[int] = field(default_factory=list)
    columns: tuple[float, ...] = ()
    text: str = ""
    doubts: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Pieces:
    """Gathers the pieces of a document, page after page. ``lead`` is how far apart lines stand, in sizes of the type."""

    styles: Styles
    lead: float
    found: list[Piece] = field(default_factory=list)
    open: Piece | None = None
    indents: list[float] = field(default_factory=list)
    numbered: dict[Line, int] = field(default_factory=dict)

    def stretch(self, number: int, stretch: Stretch, *, is_first: bool) -> None:
        """Take the lines and tables of a stretch of a page; ``is_first`` says that a table may go on with its first."""
        self.numbered = _numbered([each for each in stretch.pieces if isinstance(each, Line)], self.open)
        is_new = True  # nothing of this stretch stands above yet: what was open may go on from elsewhere
        for piece in stretch.pieces:
            if isinstance(piece, Table):
                self._table(number, piece, goes_on=is_first and is_new)
            else:
                self._line(number, piece, stretch.edge, is_new=is_new)
                if is_new and stretch.is_column and self.open is not None:
                    self.open.doubts.append(
                        "two columns of text were read, the left before the right: is that their order?"
                    )
            is_new = False

    def _line(self, number: int, line: Line, edge: float, *, is_new: bool) -> None:
        level = self.styles.level(line)
        if self.open is not None and self._continues(self.open, line, level, is_new=is_new):
            self.open.lines.append(line)
            if self.open.kind == "item" and len(self.open.lines) == 2 and line.x0 > self.open.indent + 2:
                self.open.inset = line.x0
            return
        item = self._marked(line, level)
        if item is not None and self._is_item(item[1], item[2], line, is_new):
            mark, _, ordinal = item
            piece = Piece("item", number, [line], edge, 0, mark, ordinal, self._snapped(line.x0), _behind(line, mark))
        elif level is not None:
            piece = Piece("heading", number, [line], edge, level)
        else:
            piece = Piece("paragraph", number, [line], edge)
        if piece.kind != "item":
            self.indents.clear()
        self.open = piece
        self.found.append(piece)

    def _marked(self, line: Line, level: int | None) -> tuple[str, str, int | None] | None:
        """The marker of a line that is no heading, its kind and number; also a number without a dot, where a run shows it."""
        if level is not None:
            return None
        if line in self.numbered:
            return str(self.numbered[line]), _BARE, self.numbered[line]
        return marked(line.text)

    def _snapped(self, x: float) -> float:
        """Where a marker stands, the same for all that stand nearly there."""
        near = next((each for each in self.indents if abs(each - x) <= 3), None)
        if near is None:
            self.indents.append(x)
        return x if near is None else near

    def _is_item(self, mark: str, number: int | None, line: Line, is_new: bool) -> bool:
        """Whether a marker opens an item: a letter only within a list or under a colon, a number or dash not where it is
        just where a line of running text was broken."""
        held = self.open
        if mark == _BARE:
            return True
        if mark == "a":
            return held is not None and (
                held.kind == "item" or (held.lines[-1:] != [] and held.lines[-1].text.endswith(":"))
            )
        if is_new or held is None or held.kind not in ("paragraph", "item") or not held.lines:
            return True
        before = held.lines[-1]
        is_full = not is_broken(before, line, held.edge) and before.y - line.y <= _GAP * self.lead * line.size
        if not is_full or before.text.endswith(_ENDS) or mark not in ("1", "-", "*", "+"):
            return True
        if mark == "1":
            return held.kind == "item" and held.number is not None and number == held.number + 1
        return held.kind == "item" and held.mark == mark

    def _continues(self, held: Piece, line: Line, level: int | None, *, is_new: bool) -> bool:
        """Whether a line goes on with what is open."""
        if held.kind not in ("paragraph", "item", "heading") or (level is None) != (held.kind != "heading"):
            return False
        before = held.lines[-1]
        if abs(before.size - line.size) > 0.06 * before.size:
            return False
        item = self._marked(line, level)
        if item is not None and self._is_item(item[1], item[2], line, is_new):
            return False
        is_wrapped = not is_broken(before, line, held.edge)
        if held.kind == "heading":
            near = before.y - line.y <= 1.5 * self.lead * line.size
            return level == held.level and not is_new and near and is_wrapped
        if is_new:
            return self._goes_on(held, line, is_wrapped)
        gap = before.y - line.y
        if gap > _GAP * self.lead * line.size or gap < 0:
            return False
        if held.kind == "item":
            is_hanging = line.x0 > held.indent + 2
            return is_hanging or (is_wrapped and len(held.lines) == 1) or (is_wrapped and held.inset <= held.indent + 2)
        return line.x0 <= before.x0 + 0.8 * line.size

    def _goes_on(self, held: Piece, line: Line, is_wrapped: bool) -> bool:
        """Whether the first line of a page or column goes on with a paragraph from the one before."""
        ended = held.lines[-1].text.rstrip("0123456789,–-] ").endswith(_ENDS) if held.lines else True
        if not is_wrapped:
            return False
        if not ended or line.text[:1].islower():
            return True
        if held.kind == "paragraph":
            held.doubts.append("this paragraph ends with its page: does the next page go on with it?")
        return False

    # ------------------------------------------------------------------ tables

    def _table(self, number: int, table: Table, *, goes_on: bool) -> None:
        held = self.open
        rows = list(table.rows)
        if held is not None and held.kind == "table" and goes_on and _same_columns(held.columns, table.columns):
            if held.table and rows and _texts(rows[0]) == _texts(held.table[0]):
                self.found.append(Piece("running", number, text="\t".join(_texts(rows[0])), mark="head"))
                rows = rows[1:]
            if rows and _is_rest(held.table, rows[0]):
                last = held.table[-1]
                held.table[-1] = tuple(Cell((*a.lines, *b.lines), a.edge) for a, b in zip(last, rows[0], strict=True))
                rows = rows[1:]
            held.table += rows
            held.row_pages += [number] * len(rows)
            return
        self.indents.clear()
        self.open = Piece("table", number, table=rows, row_pages=[number] * len(rows), columns=table.columns)
        self.found.append(self.open)
        if table.is_uneven:
            self.open.doubts.append(
                "words of this table's first column stand between lines: to which row do they belong?"
            )


def _numbered(lines: Sequence[Line], held: Piece | None) -> dict[Line, int]:
    """The lines that numbers without a dot list: 1, 2, 3, one under the other; or the next ones behind an open list."""
    found: dict[Line, int] = {}
    runs: list[list[tuple[Line, int]]] = []
    waiting: dict[int, list[list[tuple[Line, int]]]] = {}
    for line in lines:
        match = _BARE_NUMBER.match(line.text)
        if match is None:
            continue
        number = int(match[1])
        held_runs = waiting.get(number, [])
        run = next((run for run in held_runs if abs(run[-1][0].x0 - line.x0) <= 3), None)
        goes_on = held is not None and held.number is not None and held.mark.isdigit() and number == held.number + 1
        if run is not None:
            held_runs.remove(run)
            run.append((line, number))
        elif number == 1 or (goes_on and not runs):
            run = [(line, number)]
            runs.append(run)
        else:
            continue
        waiting.setdefault(number + 1, []).append(run)
    for run in runs:
        if len(run) > 2 or run[0][1] > 1:
            found.update(run)
    return found


def _behind(line: Line, mark: str) -> float:
    """Where the words behind a marker begin."""
    count = 0
    for glyph in line.glyphs:
        if count >= len(mark) and not glyph.text.isspace():
            return glyph.x0
        count += len(glyph.text)
    return line.x0


def _texts(row: Iterable[Cell]) -> list[str]:
    return [cell.text for cell in row]


def _same_columns(one: Sequence[float], two: Sequence[float]) -> bool:
    return len(one) == len(two) and all(abs(a - b) <= 4 for a, b in zip(one, two, strict=True))


def _is_rest(rows: Sequence[Sequence[Cell]], row: Sequence[Cell]) -> bool:
    """Whether the first row on a page is the rest of the last on the one before: nothing stands in its first column, as
    it does in every other row."""
    if not rows or row[0].text or len(rows[-1]) != len(row):
        return False
    return all(each[0].text for each in rows) and any(cell.text for cell in row)
