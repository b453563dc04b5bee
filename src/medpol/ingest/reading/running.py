"""Lines that run on the pages of a document: headers, footers, page numbers, known by standing again in the same place."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

from medpol.ingest.reading.sheets import Line

_MARGIN = 0.13
_OUTERMOST = 5
_SAME_PLACE = 4.0
_CHAPTER = 3
"""On how many pages a line may stand outermost before it is one that runs, though other chapters have another."""
_NUMBER = re.compile(
    r"(?:page\s*)?(?:\|\s*)?(\d{1,4})(?:\s*(?:of|/)\s*\d{1,4})?(?:\s*\|?\s*page)?|-\s*\d{1,4}\s*-", re.IGNORECASE
)


def running_lines(pages: Sequence[tuple[float, Sequence[Line]]]) -> list[set[Line]]:
    """For each page, given as its height and its lines, those that run on the pages."""
    outer = [_outer(height, lines) for height, lines in pages]
    places: dict[str, list[tuple[int, Line]]] = defaultdict(list)
    for at, lines in enumerate(outer):
        for line in lines:
            places[_key(line)].append((at, line))
    wanted = max(2, round(0.4 * sum(bool(lines) for _, lines in pages)))
    found: list[set[Line]] = [set() for _ in pages]
    ends = [set(_edges(lines)) for lines in outer]
    for held in places.values():
        for at, line in held:
            same = {page for page, other in held if abs(other.y - line.y) <= _SAME_PLACE}
            is_outermost = line in ends[at] and len(same) >= _CHAPTER
            if len(same) >= wanted or is_outermost:
                found[at].add(line)
    for at, lines in enumerate(outer):
        found[at] |= {line for line in _edges(lines) if _is_number(line.text, at + 1)}
    return found


def margin_lines(height: float, lines: Sequence[Line]) -> set[Line]:
    """The lines in the margins of a page that are set smaller than most of it: on an only page nothing repeats."""
    sizes = sorted(line.size for line in lines)
    outer = _outer(height, lines)
    return {line for line in outer if line.size < sizes[len(sizes) // 2] - 0.9} if len(outer) < len(sizes) else set()


def _outer(height: float, lines: Iterable[Line]) -> list[Line]:
    """The outermost lines in the margins of a page."""
    ordered = sorted(lines, key=lambda line: -line.y)
    top = [line for line in ordered[:_OUTERMOST] if line.y > (1 - _MARGIN) * height]
    return top + [line for line in ordered[-_OUTERMOST:] if line.y < _MARGIN * height and line not in top]


def _edges(lines: Sequence[Line]) -> list[Line]:
    """The highest and the lowest of some lines, and what stands beside them."""
    if not lines:
        return []
    high, low = max(line.y for line in lines), min(line.y for line in lines)
    return [line for line in lines if line.y in (high, low)]


def _key(line: Line) -> str:
    """A line with its numbers alike, since those are what changes from page to page."""
    return re.sub(r"\d+", "#", " ".join(line.text.split())).casefold()


def _is_number(text: str, page: int) -> bool:
    match = _NUMBER.fullmatch(text.strip())
    return match is not None and (match[1] is None or int(match[1]) == page)
