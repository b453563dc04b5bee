"""Lines that only the paper's width broke, made one again; a word parted at a line's end mended where that is certain."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from medpol.ingest.blocks import INNER_BULLETS
from medpol.ingest.flow import Run, inner_mark
from medpol.ingest.reading.sheets import Line, first_word_width

_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_PARTED = re.compile(r"([^\W\d_]+(?:-[^\W\d_]+)*)-$")
_BULLETED = re.compile(rf"[{INNER_BULLETS}*–-] +(?=\S)")
_NUMBERED = re.compile(r"(?:\d{1,2}|[a-z])[.)] +(?=\S)")
_ADDRESS = re.compile(r"https?://\S+$", re.IGNORECASE)
SOFT_HYPHEN = "\u00ad"


@dataclass(frozen=True, slots=True)
class Cell:
    """The lines of a table's cell, and how far to the right its words may reach."""

    lines: tuple[Line, ...]
    edge: float

    @property
    def text(self) -> str:
        return " ".join(line.text for line in self.lines)


@dataclass(slots=True)
class Joiner:
    """Joins lines. ``words`` are those that the document prints whole; ``doubts`` gathers what was not certain."""

    words: frozenset[str]
    doubts: list[str] = field(default_factory=list)

    def joined(self, lines: Sequence[Line], edge: float) -> list[list[Run]]:
        """The lines as a person would write them: broken where the next word would still have fitted."""
        if not lines:
            return []
        self._ask_of_overprint(lines)
        found = [list(lines[0].runs)]
        for before, line in pairwise(lines):
            if is_broken(before, line, edge):
                found.append(list(line.runs))
            else:
                self._append(found[-1], line.runs)
        return found

    def cell(self, cell: Cell) -> list[Run]:
        """A cell's words, its own lines apart, its items with a sign for their depth."""
        self._ask_of_overprint(cell.lines)
        groups: list[list[Line]] = []
        for at, line in enumerate(cell.lines):
            before = cell.lines[at - 1] if at else None
            starts = _BULLETED.match(line.text) or _NUMBERED.match(line.text)
            if before is None or starts or is_broken(before, line, cell.edge) or _is_spaced(cell.lines, at):
                groups.append([line])
            else:
                groups[-1].append(line)
        firsts = [group[0] for group in groups if _BULLETED.match(group[0].text)]
        depths = _depths(firsts)
        is_plain = len({line.text[0] for line in firsts}) > 1 and all(line.text[0] in INNER_BULLETS for line in firsts)
        runs: list[Run] = []
        for group in groups:
            own = list(group[0].runs)
            for line in group[1:]:
                self._append(own, line.runs)
            if group[0] in firsts and not is_plain:
                own[0] = replace(own[0], text=_BULLETED.sub(f"{inner_mark(depths[group[0]])} ", own[0].text, count=1))
            runs += [Run("\n"), *own] if runs else own
        return runs

    def _append(self, runs: list[Run], more: Sequence[Run]) -> None:
        last = runs[-1]
        if last.address and last.address == more[0].address:
            whole = last.text.strip() + more[0].text.strip()
            gap = "" if whole in last.address else " "
            runs[-1] = replace(last, text=f"{last.text}{gap}{more[0].text}")
            runs += more[1:]
            return
        self._ask_of_address(last.text, more[0].text)
        parted = _PARTED.search(last.text)
        following = _WORD.match(more[0].text)
        if last.text.endswith(SOFT_HYPHEN):
            runs[-1] = replace(last, text=last.text[:-1])
        elif parted is not None and following is not None and more[0].text[0].islower():
            runs[-1] = replace(last, text=last.text[:-1] + self._hyphen(parted[1], following[0]))
        elif not last.text.endswith(("-", "/")) or last.text[-2:-1].isspace():
            runs.append(replace(more[0], text=" ", is_raised=False))
        runs += more

    def _ask_of_overprint(self, lines: Sequence[Line]) -> None:
        if any(line.is_overprinted for line in lines):
            self.doubts.append("signs lie over one another here: which words do they make?")

    def _ask_of_address(self, before: str, after: str) -> None:
        first = after.split(maxsplit=1)[:1]
        if _ADDRESS.search(before) is not None and first and re.search(r"[/._=?&%]\S|\d", first[0]):
            self.doubts.append(
                f"an address ends a line and {first[0][:40]!r} begins the next: does it belong to the address?"
            )

    def _hyphen(self, before: str, after: str) -> str:
        """What stands between the two halves of a word: nothing where the document prints the word whole, else a hyphen."""
        whole, parted = f"{before}{after}".casefold(), f"{before}-{after}".casefold()
        if parted in self.words:
            return "-"
        if whole in self.words:
            return ""
        self.doubts.append(
            f"{before}- ends a line and {after} begins the next: is the word {before}-{after} or {before}{after}?"
        )
        return "-"


def is_broken(before: Line, line: Line, edge: float) -> bool:
    """Whether a line ends before its paper does: the next word would have fitted behind it."""
    if before.text.endswith((SOFT_HYPHEN, "-")):
        return False
    return before.x1 + 0.3 * before.size + first_word_width(line) <= edge - 0.5


def _is_spaced(lines: Sequence[Line], at: int) -> bool:
    """Whether more space stands above a line than between the closest two of its cell."""
    gaps = [gap for above, below in pairwise(lines) if (gap := above.y - below.y) > 0]
    return len(gaps) > 1 and lines[at - 1].y - lines[at].y > 1.35 * min(gaps)


def _depths(lines: Iterable[Line]) -> dict[Line, int]:
    """How deep each item lies, by how far in it begins."""
    held = list(lines)
    starts: list[float] = []
    for start in sorted(line.x0 for line in held):
        if not starts or start - starts[-1] > 3:
            starts.append(start)
    return {line: max(at for at, start in enumerate(starts) if start <= line.x0 + 0.01) for line in held}


def words_in(texts: Iterable[str]) -> frozenset[str]:
    """The words that stand whole in some lines: the last of a line that ends with a hyphen is not one."""
    found: set[str] = set()
    for text in texts:
        words = _WORD.findall(text)
        if text.endswith("-") and words:
            words.pop()
        found.update(word.casefold() for word in words)
    return frozenset(found)
