"""Source blocks: headings, paragraphs, list items and tables of a published document, with their lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from medpol.ingest.bullets import JOINING
from medpol.ingest.inline import Words

MAXIMUM_LINE = 20_000
MAXIMUM_DEPTH = 64


class TooMuch(ValueError):
    """The document is past a limit at the door; the message says which."""


@dataclass(frozen=True, slots=True)
class Part:
    """One line of a block's words and the source line it begins on."""

    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of one table row. A cell's own line breaks are kept."""

    cells: tuple[str, ...]
    lines: tuple[int, ...]

    @property
    def filled(self) -> tuple[str, ...]:
        return tuple(cell for cell in self.cells if cell)


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, paragraph, item or table.

    ``level`` is that of a heading, or how deep an item lies (0 outermost); ``number`` that of a numbered item, ``mark`` its
    marker as it is printed; ``lead`` the bold words that open it.
    """

    kind: str
    parts: tuple[Part, ...] = ()
    level: int = 0
    number: int | None = None
    lead: str = ""
    is_bold: bool = False
    rows: tuple[Row, ...] = ()
    lines: tuple[int, ...] = ()
    mark: str = field(default="", compare=False)

    @property
    def text(self) -> str:
        """The words on one line."""
        return " ".join(" ".join(part.text.split()) for part in self.parts if part.text.strip())


# ---------------------------------------------------------------------------- building blocks

_BULLET = re.compile(
    r"(?P<indent>[ \t]*)(?P<mark>[-*+•◦▪●○‣·]|(?P<number>\d{1,3})[.)]|(?P<letter>[a-z]|[ivx]{1,5})[.)])(?P<gap>[ \t]+)(?=\S)"
)
INNER_BULLETS = "•◦▪●○‣·"


@dataclass(slots=True)
class Maker:
    """Makes blocks; joins rows to tables. Items get their depth from indentation, else from the change of marker."""

    blocks: list[Block] = field(default_factory=list)
    stack: list[tuple[int, str]] = field(default_factory=list)

    def heading(self, words: Words, level: int, parts: Iterable[Part], lines: Sequence[int] = ()) -> None:
        held = tuple(part for part in parts if part.text)
        if held:
            numbers = tuple(sorted({*lines, *(part.line for part in held)}))
            self._add(Block("heading", held, level, None, words.lead, words.is_bold, (), numbers))

    def paragraph(
        self, parts: Iterable[Part], lead: str = "", is_bold: bool = False, lines: Iterable[int] = ()
    ) -> None:
        held = tuple(part for part in parts if part.text)
        if not held:
            return
        numbers = tuple(sorted({*lines, *(part.line for part in held)}))
        block = Block("paragraph", held, 0, None, lead, is_bold, (), numbers)
        if JOINING.fullmatch(block.text):  # "OR" between the items of a list does not end it
            self.blocks.append(block)
        else:
            self._add(block)

    def item(
        self,
        parts: Iterable[Part],
        depth: int,
        number: int | None,
        words: Words,
        lines: Iterable[int] = (),
        mark: str = "",
    ) -> None:
        held = tuple(part for part in parts if part.text)
        if held:
            numbers = tuple(sorted({*lines, *(part.line for part in held)}))
            self.blocks.append(Block("item", held, depth, number, words.lead, words.is_bold, (), numbers, mark))

    def depth(self, indent: int, mark: str) -> int:
        """How deep an item with this indentation and kind of marker lies, after the items before it."""
        while self.stack and self.stack[-1][0] > indent:
            self.stack.pop()
        same = [at for at, entry in enumerate(self.stack) if entry == (indent, mark)]
        if same:
            del self.stack[same[0] + 1 :]
        elif len(self.stack) < MAXIMUM_DEPTH:
            self.stack.append((indent, mark))
        else:
            raise TooMuch(f"a list nested more than {MAXIMUM_DEPTH} deep")
        return len(self.stack) - 1

    def table(self, rows: Sequence[Row]) -> None:
        held = tuple(row for row in rows if row.filled)
        if held:
            self._add(Block("table", rows=held, lines=tuple(sorted({line for row in held for line in row.lines}))))

    def _add(self, block: Block) -> None:
        self.stack.clear()
        self.blocks.append(block)


@dataclass(slots=True)
class Rows:
    """The rows of a table of lines while they are read."""

    held: list[Row] = field(default_factory=list)

    def add(self, cells: Iterable[str], line: int) -> None:
        kept = [cell.strip() for cell in cells]
        while len(kept) > 1 and not kept[-1]:
            kept.pop()
        self.held.append(Row(tuple(kept), (line,)))

    def more(self, text: str, line: int) -> None:
        """A line without a tab right under a row: a row of one short cell, or more of the last cell."""
        last = self.held[-1]
        if is_lone_cell(text):
            self.held.append(Row((text,), (line,)))
        elif text:
            self.held[-1] = Row((*last.cells[:-1], f"{last.cells[-1]}\n{text}"), (*last.lines, line))


def is_lone_cell(text: str) -> bool:
    """Whether a line under a table row stands for a row of its own: a few words, without the end of a sentence."""
    return 0 < len(text.split()) <= 4 and text[0].isupper() and text[-1] not in ".,;:" and text not in ("AND", "OR")


def bullet(line: str) -> tuple[int, str, int | None, str] | None:
    """Indentation, kind of marker, number and words of a line that is an item; letters count as markers too."""
    match = _BULLET.match(line)
    if match is None:
        return None
    kind = match["mark"] if match["number"] is None and match["letter"] is None else ("1" if match["number"] else "a")
    number = int(match["number"]) if match["number"] else None
    return len(match["indent"].expandtabs(4)), kind, number, line[match.end() :]
