"""The order in which a page is read: columns of text, and tables that only the places of their words make."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import mean, median

from medpol.ingest.reading.grids import Table
from medpol.ingest.reading.joining import Cell
from medpol.ingest.reading.sheets import Glyph, Line, Rule

_MARK = re.compile(r"[-*+•◦▪●○‣·–o]|\(?(?:\d{1,3}|[a-z]|[ivx]{1,5})[.)]")
_LABEL = re.compile(r"[A-Z][\w ./&'-]{1,40}:")
_COLUMN_LINES = 6
_COLUMN_CHARACTERS = 22
_ROW_GAP = 3.2
_UNEVEN = 1.3


@dataclass(frozen=True, slots=True)
class Stretch:
    """Lines and tables that are read from the top down, and how far to the right their words may reach."""

    pieces: tuple[Line | Table, ...]
    edge: float
    is_column: bool = False


def stretches(
    lines: Sequence[Line],
    tables: Sequence[Table],
    rules: Sequence[Rule],
    edge: float,
    is_heading: Callable[[Line], bool],
) -> list[Stretch]:
    """A page in reading order. Only text in columns makes more than one stretch beside another; a heading ends whatever
    table stands above it."""
    found: list[Stretch] = []
    ordered = sorted(lines, key=lambda line: (-line.y, line.x0))
    held: list[Line] = []
    for part, gutter in _columns(ordered, tables):
        if gutter is None:
            held += part
            continue
        found += _plain(held, _above(tables, part[0].y, found), rules, edge, is_heading)
        held = []
        left = [line for line in part if line.x1 <= gutter]
        right = [line for line in part if line.x1 > gutter]
        found.append(Stretch(tuple(left), max(line.x1 for line in left), True))
        found.append(Stretch(tuple(right), max(edge, *(line.x1 for line in right)), True))
    return found + _plain(held, _above(tables, float("-inf"), found), rules, edge, is_heading)


def _above(tables: Sequence[Table], height: float, done: Sequence[Stretch]) -> list[Table]:
    """The tables above a height that stand in no stretch yet."""
    placed = {id(piece) for stretch in done for piece in stretch.pieces}
    return [table for table in tables if table.top >= height and id(table) not in placed]


def _plain(
    lines: Sequence[Line],
    ruled: Sequence[Table],
    rules: Sequence[Rule],
    edge: float,
    is_heading: Callable[[Line], bool],
) -> list[Stretch]:
    """A stretch of whole width, with its tables."""
    pieces: list[tuple[float, Line | Table]] = [(table.top, table) for table in ruled]
    rest: list[Line] = []
    bounds = sorted((table.top for table in ruled), reverse=True)
    for line in lines:
        if rest and any(line.y < bound <= rest[-1].y for bound in bounds):
            pieces += _loose(rest, rules, is_heading)
            rest = []
        rest.append(line)
    pieces += _loose(rest, rules, is_heading)
    pieces.sort(key=lambda piece: -piece[0])
    return [Stretch(tuple(piece for _, piece in pieces), edge)] if pieces else []


# ---------------------------------------------------------------------------- columns of text


def _columns(lines: Sequence[Line], tables: Sequence[Table]) -> list[tuple[list[Line], float | None]]:
    """The lines parted into stretches, each with the gutter between its two columns, or none."""
    if len(lines) < 2 * _COLUMN_LINES or tables:
        return [(list(lines), None)]
    left, right = min(line.x0 for line in lines), max(line.x1 for line in lines)
    starts = {round(line.x0) for line in lines if left + 0.3 * (right - left) < line.x0 < left + 0.7 * (right - left)}
    best: list[tuple[list[Line], float | None]] = [(list(lines), None)]
    most = 0
    for start in sorted(starts):
        parts = _parted(lines, start - 3.0)
        size = sum(len(part) for part, gutter in parts if gutter is not None)
        if size > most:
            best, most = parts, size
    return best


def _parted(lines: Sequence[Line], gutter: float) -> list[tuple[list[Line], float | None]]:
    parts: list[tuple[list[Line], float | None]] = []
    run: list[Line] = []
    for line in lines:
        if line.x0 < gutter - 2 and line.x1 > gutter + 2:
            if run:
                parts.append((run, gutter if _are_columns(run, gutter) else None))
            parts.append(([line], None))
            run = []
        else:
            run.append(line)
    if run:
        parts.append((run, gutter if _are_columns(run, gutter) else None))
    return parts


def _are_columns(lines: Sequence[Line], gutter: float) -> bool:
    """Whether both sides of a gutter are running text: many lines, long ones, that fill their width."""
    for side in ([line for line in lines if line.x1 <= gutter], [line for line in lines if line.x1 > gutter]):
        if len(side) < _COLUMN_LINES or mean(len(line.text) for line in side) < _COLUMN_CHARACTERS:
            return False
        widest = max(line.x1 - line.x0 for line in side)
        if median(line.x1 - line.x0 for line in side) < 0.8 * widest:
            return False
    return True


# ---------------------------------------------------------------------------- tables without drawn lines


def _loose(
    lines: Sequence[Line], rules: Sequence[Rule], is_heading: Callable[[Line], bool]
) -> list[tuple[float, Line | Table]]:
    """Lines, and tables made of lines whose parts stand in columns."""
    rows = [_with_mark(row) for row in _rows(lines)]
    found: list[tuple[float, Line | Table]] = []
    at = 0
    while at < len(rows):
        end = at + 1
        if len(rows[at]) > 1 and not any(map(is_heading, rows[at])):
            end, columns = _run(rows, at, is_heading)
            found += _table(rows[at:end], columns, rules)
        else:
            found += [(line.y - 0.001 * place, line) for place, line in enumerate(rows[at])]
        at = end
    return found


def _rows(lines: Sequence[Line]) -> list[list[Line]]:
    rows: list[list[Line]] = []
    for line in lines:
        if rows and abs(rows[-1][0].y - line.y) <= 0.2 * line.size:
            rows[-1].append(line)
        else:
            rows.append([line])
    return [sorted(row, key=lambda line: line.x0) for row in rows]


def _with_mark(row: list[Line]) -> list[Line]:
    """A marker and the words behind it are one line, however wide the gap."""
    if len(row) < 2 or _MARK.fullmatch(row[0].text) is None or row[1].x0 - row[0].x1 > 5 * row[0].size:
        return row
    first, second = row[0], row[1]
    glyphs = first.glyphs
    if first.text == "o":
        glyphs = (Glyph("◦", first.x0, first.x1, first.y, first.size),)
    gap = Glyph(" ", first.x1, second.x0, first.y, second.size)
    return [Line((*glyphs, gap, *second.glyphs)), *row[2:]]


def _run(
    rows: Sequence[Sequence[Line]], start: int, is_heading: Callable[[Line], bool]
) -> tuple[int, list[tuple[float, float]]]:
    """Behind the last row that stands in the columns of the first, and the columns from where to where."""
    columns = [(line.x0, line.x1) for line in rows[start]]
    at = start + 1
    while at < len(rows):
        row = rows[at]
        gap = rows[at - 1][0].y - row[0].y
        if gap > _ROW_GAP * row[0].size or any(map(is_heading, row)):
            break
        wider = _widened(columns, row)
        is_item = row[0].x0 < columns[1][0] and _MARK.match(row[0].text.split(maxsplit=1)[0]) is not None
        if wider is None or (len(row) == 1 and is_item):
            break
        columns = wider
        at += 1
    while at > start + 1 and len(rows[at - 1]) == 1 and _is_behind(rows[start:at]):
        at -= 1
    return at, columns


def _widened(columns: Sequence[tuple[float, float]], row: Sequence[Line]) -> list[tuple[float, float]] | None:
    """The columns with a row put into them; ``None`` where one of its parts lies over two, or begins none."""
    found = list(columns)
    for line in row:
        over = [at for at, (x0, x1) in enumerate(found) if line.x0 < x1 and x0 < line.x1]
        if len(over) > 1 or (not over and len(row) == 1):
            return None
        if over:
            x0, x1 = found[over[0]]
            found[over[0]] = (min(x0, line.x0), max(x1, line.x1))
        else:
            found.append((line.x0, line.x1))
            found.sort()
    return found if all(one[1] < two[0] for one, two in pairwise(found)) else None


def _is_behind(rows: Sequence[Sequence[Line]]) -> bool:
    """Whether the last row, one line at the left, stands further from the table than its rows from each other."""
    gaps = [above[0].y - below[0].y for above, below in pairwise(rows)]
    return rows[-1][0].x0 <= rows[0][0].x0 + 2 and gaps[-1] > _UNEVEN * median(gaps)


def _table(
    rows: Sequence[Sequence[Line]], columns: Sequence[tuple[float, float]], rules: Sequence[Rule]
) -> list[tuple[float, Line | Table]]:
    labelled = sum(_LABEL.match(line.text) is not None for row in rows for line in row)
    if 2 * labelled >= sum(map(len, rows)):  # fields beside fields: each is a line of its own, column by column
        return [
            (rows[0][0].y - at * 0.001, line)
            for at, line in enumerate(line for x0, x1 in columns for row in rows for line in row if x0 <= line.x0 <= x1)
        ]
    starts = [x0 for x0, _ in columns]
    edges = [*(x0 - 0.6 * rows[0][0].size for x0 in starts[1:]), columns[-1][1]]
    made = []
    for group in _row_groups(rows, starts, rules):
        cells: list[list[Line]] = [[] for _ in columns]
        for line in (line for row in group for line in row):
            cells[max(0, bisect_right(starts, line.x0) - 1)].append(line)
        made.append(tuple(Cell(tuple(held), min(edges[at], columns[at][1])) for at, held in enumerate(cells)))
    top, bottom, lefts = rows[0][0].y, rows[-1][0].y, (*starts, columns[-1][1])
    return [(top, Table(top, bottom, lefts, tuple(made), _is_between(rows, starts[1])))]


def _is_between(rows: Sequence[Sequence[Line]], second: float) -> bool:
    """Whether words of the first column stand alone, right under words of another: set in the middle of their row."""
    return any(
        len(row) == 1 and row[0].x0 < second and above[0].x0 >= second and above[0].y - row[0].y < row[0].size
        for above, row in pairwise(rows)
    )


def _row_groups(
    rows: Sequence[Sequence[Line]], starts: Sequence[float], rules: Iterable[Rule]
) -> list[list[Sequence[Line]]]:
    """Printed lines to rows of the table: by rules between them, else by wider gaps, else by the first column."""
    x0, x1 = starts[0], rows[0][-1].x1
    heights = [rule.y0 for rule in rules if rule.is_level and rule.x0 < x1 and rule.x1 > x0 and rule.x1 - rule.x0 > 40]
    parted = [any(below[0].y < height < above[0].y for height in heights) for above, below in pairwise(rows)]
    gaps = [(above[0].y - below[0].y) / above[0].size for above, below in pairwise(rows)]
    groups: list[list[Sequence[Line]]] = [[rows[0]]]
    if not gaps:
        return groups
    is_uneven = max(gaps) > _UNEVEN * min(gaps) and min(gaps) > 0
    for at, row in enumerate(rows[1:]):
        if sum(parted) > 1:
            begins = parted[at]
        elif is_uneven and min(gaps) < 1.35:
            begins = gaps[at] > _UNEVEN * min(gaps)
        else:
            begins = row[0].x0 < starts[1] - 1
        if begins:
            groups.append([row])
        else:
            groups[-1].append(row)
    return groups
