"""The lines of a document that has none of its own: what PDF and DOCX say, in reading order, to numbered lines and blocks.

A line of the account is what a person would call one: a heading, a line of a paragraph, an item with its marker, a row of
a table. Lines that only the paper's width broke are one line.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from medpol.ingest.answer import MAXIMUM_BLOCKS, MAXIMUM_CHARACTERS, MAXIMUM_LINES, Reading
from medpol.ingest.blocks import INNER_BULLETS, Block, Maker, Part, Row, TooMuch, bullet
from medpol.ingest.inline import Builder, Words
from medpol.ingest.report import Account
from medpol.text.headings import section_of

_CONTROL = re.compile(r"[\x00-\x08\n-\x1f\x7f\x85\u2028\u2029\ufeff\ufffe\uffff]|[\ud800-\udfff]")
SECTION_LEVEL = 2
"""The level at which publishers' readers look for the sections of a policy, below its title."""


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of words of one look. ``address`` is where a link leads."""

    text: str
    is_bold: bool = False
    is_raised: bool = False
    address: str = ""


def words_of(runs: Iterable[Run], drop: Callable[[str], None]) -> Words:
    """The words of some runs, read as those of a web page: raised numbers are citations, only web addresses stay."""
    builder = Builder(drop)
    is_bold = False
    for run in runs:
        if run.is_bold != is_bold and run.text.strip():
            builder.start("b", {}) if run.is_bold else builder.end("b")
            is_bold = run.is_bold
        if run.address:
            builder.start("a", {"href": run.address})
        if run.is_raised:
            builder.start("sup", {})
        builder.text(run.text)
        if run.is_raised:
            builder.end("sup")
        if run.address:
            builder.end("a")
    return builder.words()


@dataclass(slots=True)
class Flow:
    """Gathers a document piece by piece; every piece gets its lines as it comes. ``page`` is the one they stand on."""

    account: Account = field(default_factory=Account)
    maker: Maker = field(default_factory=Maker)
    lines: list[str] = field(default_factory=list)
    pages: list[int] = field(default_factory=list)
    page: int = 0
    characters: int = 0

    def add(self, text: str) -> int:
        """Write a line down; its number."""
        text = _CONTROL.sub(" ", text)
        self.characters += len(text)
        if len(self.lines) >= MAXIMUM_LINES:
            raise TooMuch(f"more than {MAXIMUM_LINES:,} lines")
        if self.characters > MAXIMUM_CHARACTERS:
            raise TooMuch(f"more than {MAXIMUM_CHARACTERS:,} characters of text")
        if len(self.maker.blocks) > MAXIMUM_BLOCKS:
            raise TooMuch(f"more than {MAXIMUM_BLOCKS:,} paragraphs, items and tables")
        self.lines.append(text)
        self.pages.append(self.page)
        return len(self.lines)

    def heading(self, runs: Sequence[Run], level: int) -> tuple[int, ...]:
        words, parts = self._written(runs)
        self.maker.heading(words, level, parts)
        return _lines(parts)

    def paragraph(self, runs: Sequence[Run]) -> tuple[int, ...]:
        words, parts = self._written(runs)
        self.maker.paragraph(parts, words.lead, words.is_bold)
        return _lines(parts)

    def item(self, runs: Sequence[Run], indent: int, mark: str, number: int | None) -> tuple[int, ...]:
        words, parts = self._written(runs, f"{mark} ")
        self.maker.item(parts, self.maker.depth(indent, ""), number, words, mark=mark)
        return _lines(parts)

    def table(self, rows: Sequence[Sequence[Sequence[Run]]], pages: Sequence[int] = ()) -> tuple[int, ...]:
        """A table, each cell as its runs; ``pages`` are those of its rows. What cells do not carry is said of their row."""
        held: list[Row] = []
        for at, row in enumerate(rows):
            self.page = pages[at] if pages else self.page
            dropped: list[str] = []
            cells = [words_of(cell, dropped.append).text.replace("\t", " ") for cell in row]
            while len(cells) > 1 and not cells[-1]:
                cells.pop()
            if not any(cells):
                self.gone("".join(run.text for cell in row for run in cell), dropped)
                continue
            number = self.add("\t".join(cell.replace("\n", " ⏎ ") for cell in cells))
            for what in dropped:
                self.account.dropped((number,), what)
            held.append(Row(tuple(cells), (number,)))
        self.maker.table(held)
        return tuple(row.lines[0] for row in held)

    def layout(self, text: str, what: str) -> tuple[int, ...]:
        """A line that belongs to the page, not to the policy."""
        if not text.strip():
            return ()
        lines = (self.add(_clean(text)),)
        self.account.layout(lines, what)
        return lines

    def dropped(self, text: str, what: str) -> None:
        """A line that is no part of the policy and is not carried on."""
        self.account.dropped((self.add(_clean(text) or f"[{what}]"),), what)

    def doubt(self, lines: Iterable[int], question: str) -> None:
        self.account.doubtful(lines, question)

    def gone(self, text: str, dropped: Sequence[str]) -> None:
        """Account for what left no words: a picture, a mark that cannot be read."""
        for what in dict.fromkeys(dropped):
            self.dropped(text, what)

    def _written(self, runs: Sequence[Run], prefix: str = "") -> tuple[Words, tuple[Part, ...]]:
        dropped: list[str] = []
        words = words_of(runs, dropped.append)
        parts = []
        for text in words.text.split("\n"):
            if text.strip():
                parts.append(Part(text, self.add(f"{prefix}{text}")))
                prefix = ""
        if not parts:
            self.gone("".join(run.text for run in runs), dropped)
        for what in dropped if parts else ():
            self.account.dropped(_lines(parts), what)
        return words, tuple(parts)

    def finish(self, format: str) -> Reading:
        """The whole document, the levels of its headings counted from where the standard sections stand."""
        blocks = _levelled(self.maker.blocks)
        return Reading(
            format, tuple(self.lines), blocks, tuple(self.account.entries), tuple(self.pages) if self.page else ()
        )


_MARKER = re.compile(r"\s*(\(?(?:[A-Za-z]|[IVXivx]{1,5}|\d{1,2})[.)])\s+(?=\S)")


def marked(text: str) -> tuple[str, str, int | None] | None:
    """The marker that a line begins with, its kind as ``bullet`` says it, and its number; ``None`` where there is none.
    ``A.``, ``II.`` and ``(a)`` count as letters do: only within a list, or under a colon, do they open an item."""
    found = bullet(text)
    if found is not None:
        return text.split(maxsplit=1)[0], found[1], found[2]
    match = _MARKER.match(text)
    return (match[1], "a", None) if match is not None else None


def inner_mark(depth: int) -> str:
    """The sign of an item that stands inside a table's cell."""
    return INNER_BULLETS[max(0, min(depth, 2))]


def _lines(parts: Iterable[Part]) -> tuple[int, ...]:
    return tuple(part.line for part in parts)


def _clean(text: str) -> str:
    return " ".join(_CONTROL.sub(" ", text).split())


def _levelled(blocks: Sequence[Block]) -> tuple[Block, ...]:
    """Headings moved up or down together, so that most of the standard sections' lie at the sections' level."""
    known = Counter(block.level for block in blocks if block.kind == "heading" and section_of(block.text) is not None)
    shift = SECTION_LEVEL - max(sorted(known), key=lambda level: known[level]) if known else 0
    return tuple(
        replace(block, level=max(1, block.level + shift)) if block.kind == "heading" else block for block in blocks
    )
