"""A page as glyphs, rules and links with their places, and its glyphs gathered to lines.

Places are in points from the lower left corner, as PDF has them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby, pairwise

from medpol.ingest.flow import Run

_SAME_LINE = 0.2
"""How far apart, in sizes of the type, the feet of one line's glyphs may stand."""
_LARGEST_HOST = 4.0
"""How many times its own size the type may have that a raised or sunken sign hangs on."""
_SPACE = 0.16
_OVERPRINTED = 2
_APART = 1.2
_APART_WITH_SPACE = 2.6
_LIGATURES = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
_SIGNS = {
    "\uf0b7": "•",
    "\uf0a7": "▪",
    "\uf06f": "◦",
    "\uf0d8": "▪",
    "\uf0fc": "•",
    "\uf076": "▪",
    "\u2010": "-",
    "\u2011": "-",
}


@dataclass(slots=True)
class Glyph:
    """A sign on the page: its words, from where to where, the height of its foot, the size of its type."""

    text: str
    x0: float
    x1: float
    y: float
    size: float
    is_bold: bool = False
    is_raised: bool = False
    address: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight line that is drawn: level where ``y0`` is ``y1``, upright where ``x0`` is ``x1``."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def is_level(self) -> bool:
        return self.y0 == self.y1


@dataclass(frozen=True, slots=True)
class Link:
    """An area that leads somewhere."""

    x0: float
    y0: float
    x1: float
    y1: float
    address: str


@dataclass(slots=True)
class Sheet:
    """One page. ``notes`` are things on it that are no text, in words for the report; ``unseen`` the words that it does not
    show; ``is_recognised`` says that all its words lie unseen, as character recognition puts them."""

    width: float
    height: float
    glyphs: list[Glyph] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    sideways: str = ""
    unseen: str = ""
    pictures: int = 0
    is_recognised: bool = False


@dataclass(eq=False)
class Line:
    """Glyphs that stand beside each other on one height, without a gap that parts them."""

    glyphs: tuple[Glyph, ...]

    @property
    def x0(self) -> float:
        return self.glyphs[0].x0

    @property
    def x1(self) -> float:
        return max(glyph.x1 for glyph in self.glyphs)

    @cached_property
    def y(self) -> float:
        return next((glyph.y for glyph in self.glyphs if not glyph.is_raised), self.glyphs[0].y)

    @cached_property
    def size(self) -> float:
        """The size in which most of the line is set."""
        sizes: dict[float, int] = {}
        for glyph in self.glyphs:
            key = round(glyph.size * 2) / 2
            sizes[key] = sizes.get(key, 0) + len(glyph.text)
        return max(sorted(sizes), key=lambda size: sizes[size])

    @cached_property
    def is_bold(self) -> bool:
        return all(glyph.is_bold for glyph in self.glyphs if not glyph.text.isspace() and not glyph.is_raised)

    @cached_property
    def is_overprinted(self) -> bool:
        """Whether signs of it lie over one another, as where two lines were printed in one place."""
        signs = [glyph for glyph in self.glyphs if not glyph.text.isspace()]
        return sum(two.x0 < (one.x0 + one.x1) / 2 for one, two in pairwise(signs) if one.x1 > one.x0) > _OVERPRINTED

    @cached_property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)

    @cached_property
    def runs(self) -> tuple[Run, ...]:
        """The words with a space wherever a gap stands for one."""
        pieces: list[tuple[tuple[bool, bool, str], str]] = []
        before: Glyph | None = None
        for glyph in self.glyphs:
            look = (glyph.is_bold, glyph.is_raised, glyph.address)
            text = plain_signs(glyph.text)
            if before is not None and not before.text.isspace() and not text.isspace():
                gap = glyph.x0 - before.x1
                if gap > _SPACE * max(glyph.size, before.size) and not (glyph.is_raised and gap < 0.3 * before.size):
                    pieces.append((pieces[-1][0], " "))
            pieces.append((look, text))
            before = glyph
        return tuple(
            Run("".join(text for _, text in group), *look)
            for look, group in groupby(pieces, key=lambda piece: piece[0])
        )


def plain_signs(text: str) -> str:
    """Joined letters taken apart, signs of symbol fonts as the bullets that they are."""
    if text.isascii():
        return text
    return "".join(_LIGATURES.get(each) or _SIGNS.get(each, each) for each in text)


def rows_of(glyphs: Iterable[Glyph]) -> list[list[Glyph]]:
    """The glyphs by the height of their feet, from the top; raised and sunken ones go to the line that they belong to."""
    rows: list[list[Glyph]] = []
    for glyph in sorted(glyphs, key=lambda each: (-each.y, each.x0)):
        if rows and rows[-1][0].y - glyph.y <= _SAME_LINE * min(glyph.size, rows[-1][0].size):
            rows[-1].append(glyph)
        else:
            rows.append([glyph])
    return [sorted(row, key=lambda each: each.x0) for row in _with_raised(rows)]


def _with_raised(rows: list[list[Glyph]]) -> list[list[Glyph]]:
    """Rows of small type that hang on a row of larger type beside them are part of it."""
    tall = [max(glyph.size for glyph in row) for row in rows]
    kept: list[list[Glyph]] = []
    taken: dict[int, list[Glyph]] = {}
    for at, row in enumerate(rows):
        rest = []
        for glyph in row:
            host = _host(rows, tall, at, glyph)
            if host is None:
                rest.append(glyph)
            else:
                glyph.is_raised = rows[host][0].y < glyph.y
                taken.setdefault(host, []).append(glyph)
        rows[at] = rest or row
        if not rest:
            tall[at] = 0.0
    for at, row in enumerate(rows):
        here = [*(row if tall[at] else ()), *taken.get(at, ())]  # what a row that went elsewhere had taken stays a row
        if here:
            kept.append(here)
    return kept


def _host(rows: Sequence[Sequence[Glyph]], tall: Sequence[float], at: int, glyph: Glyph) -> int | None:
    """The row that a small glyph hangs on: larger type right beside it, a little lower or higher."""
    for other in (at + 1, at - 1, at + 2):
        if not 0 <= other < len(rows) or not glyph.size / 0.85 <= tall[other] <= _LARGEST_HOST * glyph.size:
            continue
        apart = glyph.y - rows[other][0].y
        if not -0.35 * tall[other] <= apart <= 0.75 * tall[other]:
            continue
        reach = 2.5 * glyph.size
        if any(
            each.size * 0.85 >= glyph.size and each.x0 - reach <= glyph.x1 and glyph.x0 <= each.x1 + reach
            for each in rows[other]
        ):
            return other
    return None


def lines_of(glyphs: Iterable[Glyph], *, parted: bool = True) -> list[Line]:
    """The lines of some glyphs, from the top, those of one height from the left. ``parted``: wide gaps end a line."""
    lines: list[Line] = []
    for row in rows_of(glyphs):
        held: list[Glyph] = []
        spaced = False
        for glyph in row:
            if glyph.text.isspace():
                spaced = True
                continue
            if held:
                last = held[-1]
                if last.text == glyph.text and _is_same_place(last, glyph):
                    last.is_bold = True  # the same sign twice in one place is how some programs print bold
                    continue
                gap = glyph.x0 - max(each.x1 for each in held[-3:])
                limit = (_APART_WITH_SPACE if spaced else _APART) * max(glyph.size, last.size)
                if parted and gap > limit:
                    lines.append(Line(tuple(held)))
                    held = []
                elif (spaced or gap > _SPACE * max(glyph.size, last.size)) and not (
                    glyph.is_raised and gap < 0.3 * last.size
                ):
                    held.append(Glyph(" ", last.x1, glyph.x0, last.y, last.size, last.is_bold, False, last.address))
            held.append(glyph)
            spaced = False
        if held:
            lines.append(Line(tuple(held)))
    for line in lines:
        _even_links(line.glyphs)
    return lines


def _is_same_place(one: Glyph, other: Glyph) -> bool:
    return abs(one.x0 - other.x0) < 0.12 * other.size and abs(one.y - other.y) < _SAME_LINE * other.size


def _even_links(glyphs: Sequence[Glyph]) -> None:
    """A link leads from whole words: its area may cut into the first or the last."""
    if not any(glyph.address for glyph in glyphs):
        return
    for is_space, group in groupby(glyphs, key=lambda glyph: glyph.text.isspace()):
        word = list(group)
        while word and not word[-1].address and not word[-1].text.isalnum():
            word.pop()  # the full stop behind an address is not of it
        linked = [glyph.address for glyph in word if glyph.address]
        if not is_space and linked:
            for glyph in word:
                glyph.address = linked[0] if 2 * len(linked) > len(word) else ""


def first_word_width(line: Line) -> float:
    """How wide the first word of a line is, as far as its glyphs say."""
    width = line.x0
    for glyph in line.glyphs:
        if glyph.text.isspace():
            break
        width = glyph.x1
    return width - line.x0
