"""Tables by their drawn lines: which rules make a grid, which glyphs stand in which of its cells."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from medpol.ingest.reading.joining import Cell
from medpol.ingest.reading.sheets import Glyph, Line, Rule, Sheet, lines_of

_NEAR = 2.5
_MAXIMUM_CELLS = 20_000


@dataclass(frozen=True, slots=True)
class Table:
    """A table on a page: from where to where, where its columns begin, and its cells by row. ``is_uneven`` says that
    words of its first column stand between the lines of others."""

    top: float
    bottom: float
    columns: tuple[float, ...]
    rows: tuple[tuple[Cell, ...], ...]
    is_uneven: bool = False


def tables_of(sheet: Sheet) -> tuple[list[Table], list[Glyph]]:
    """The ruled tables of a page, and the glyphs outside them."""
    tables: list[Table] = []
    rest = sheet.glyphs
    for rules in _grids(sheet.rules):
        lefts = _places(rule.x0 for rule in rules if not rule.is_level)
        heights = _places(rule.y0 for rule in rules if rule.is_level)
        if len(lefts) < 3 or len(heights) < 2 or len(lefts) * len(heights) > _MAXIMUM_CELLS:
            continue
        inside = [each for each in rest if _is_in(each, lefts, heights)]
        if not inside:
            continue
        gone = set(map(id, inside))
        rest = [each for each in rest if id(each) not in gone]
        tables.append(_table(rules, lefts, heights, inside))
    return tables, rest


def _grids(rules: Sequence[Rule]) -> list[list[Rule]]:
    """The rules that touch each other, group by group, found by sweeping over a coarse net of squares."""
    parents = list(range(len(rules)))

    def root(at: int) -> int:
        while parents[at] != at:
            parents[at] = parents[parents[at]]
            at = parents[at]
        return at

    levels = sorted((at for at, rule in enumerate(rules) if rule.is_level), key=lambda at: rules[at].y0)
    heights = [rules[at].y0 for at in levels]
    steps = 0
    for at, upright in enumerate(rules):
        if upright.is_level:
            continue
        for place in range(bisect_right(heights, upright.y0 - _NEAR), len(levels)):
            level = rules[levels[place]]
            steps += 1
            if level.y0 > upright.y1 + _NEAR or steps > 2_000_000:
                break
            if level.x0 - _NEAR <= upright.x0 <= level.x1 + _NEAR:
                parents[root(at)] = root(levels[place])
    groups: dict[int, list[Rule]] = {}
    for at, rule in enumerate(rules):
        groups.setdefault(root(at), []).append(rule)
    return sorted(groups.values(), key=lambda group: -max(rule.y1 for rule in group))


def _places(values: Iterable[float]) -> list[float]:
    """Places of rules, those that lie together counted once, in rising order."""
    found: list[float] = []
    for value in sorted(values):
        if not found or value - found[-1] > _NEAR:
            found.append(value)
    return found


def _is_in(glyph: Glyph, lefts: Sequence[float], heights: Sequence[float]) -> bool:
    middle = (glyph.x0 + glyph.x1) / 2
    return lefts[0] <= middle <= lefts[-1] and heights[0] <= glyph.y + 0.3 * glyph.size <= heights[-1]


def _table(rules: Sequence[Rule], lefts: Sequence[float], heights: Sequence[float], inside: Sequence[Glyph]) -> Table:
    """The cells of a grid; a cell that spans columns or rows has its words in the first of them."""
    uprights = [rule for rule in rules if not rule.is_level]
    levels = [rule for rule in rules if rule.is_level]
    bands = list(zip(heights[::-1][1:], heights[::-1][:-1], strict=True))  # bottom and top of each row, from above
    spots: dict[tuple[int, int], list[Glyph]] = {}
    for glyph in inside:
        column = min(bisect_right(lefts, (glyph.x0 + glyph.x1) / 2), len(lefts) - 1) - 1
        foot = glyph.y + 0.3 * glyph.size
        row = next((at for at, (low, high) in enumerate(bands) if low <= foot <= high), len(bands) - 1)
        spots.setdefault((row, max(column, 0)), []).append(glyph)
    owner: dict[tuple[int, int], tuple[int, int]] = {}
    for row, (low, high) in enumerate(bands):
        for column in range(len(lefts) - 1):
            at = (row, column)
            middle = (lefts[column] + lefts[column + 1]) / 2
            if column and not _has(uprights, lefts[column], (low + high) / 2):
                owner[at] = owner[(row, column - 1)]
            elif row and not _has_level(levels, high, middle):
                owner[at] = owner[(row - 1, column)]
            else:
                owner[at] = at
    held: dict[tuple[int, int], list[Glyph]] = {}
    for at, glyphs in spots.items():
        held.setdefault(owner[at], []).extend(glyphs)
    lined = {at: tuple(lines_of(glyphs, parted=False)) for at, glyphs in held.items()}
    insets = _insets(lined, lefts)
    rows = []
    for row in range(len(bands)):
        cells = []
        for column in range(len(lefts) - 1):
            last = column
            while last + 2 < len(lefts) and owner[(row, last + 1)] == (row, column):
                last += 1
            cells.append(Cell(lined.get((row, column), ()), lefts[last + 1] - insets[column]))
        rows.append(tuple(cells))
    return Table(heights[-1], heights[0], tuple(lefts), tuple(rows))


def _insets(lined: dict[tuple[int, int], tuple[Line, ...]], lefts: Sequence[float]) -> dict[int, float]:
    """How far from its column's border words begin, and so how far from the other border they may end."""
    found = dict.fromkeys(range(len(lefts)), 40.0)
    for (_, column), lines in lined.items():
        for line in lines:
            found[column] = min(found[column], max(0.0, line.x0 - lefts[column]))
    return found


def _has(uprights: Iterable[Rule], x: float, y: float) -> bool:
    return any(abs(rule.x0 - x) <= _NEAR and rule.y0 - _NEAR <= y <= rule.y1 + _NEAR for rule in uprights)


def _has_level(levels: Iterable[Rule], y: float, x: float) -> bool:
    return any(abs(rule.y0 - y) <= _NEAR and rule.x0 - _NEAR <= x <= rule.x1 + _NEAR for rule in levels)
