"""HTML to source blocks, by a tokenizer that takes time in proportion to the text and never fails.

(The standard library's parser differs between Python releases on broken markup, and some broken markup costs it quadratic
time; here the same bytes give the same blocks everywhere.) Nothing of the markup is carried on: only words.
"""

from __future__ import annotations

import html
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from medpol.ingest.blocks import INNER_BULLETS, MAXIMUM_DEPTH, Block, Maker, Part, Row, Rows, TooMuch
from medpol.ingest.inline import UNTRUSTED, UNTRUSTED_TAGS, Builder, attributes_of, tidy
from medpol.ingest.report import Account

_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9:-]*)((?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*)>")
_LOOSE_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9:-]*)([^<>]*)>")
_DECLARATION = re.compile(r"<[!?][^<>]*>")
_UNTRUSTED = re.compile(rf"<({'|'.join(sorted(UNTRUSTED))})\b[^<>]*>|<!--", re.IGNORECASE)
_BLOCKS = frozenset(
    re.findall(
        r"\w+",
        """p div section article header footer main nav aside center blockquote dl dt dd figure figcaption details summary
    address pre form fieldset body html hr ul ol li table thead tbody tfoot tr td th caption""",
    )
)
_NESTING = frozenset(re.findall(r"\w+", "div section article blockquote ul ol table details dl fieldset center"))
_TABLE_LINE = re.compile(r"\S\t+\S")


def without_untrusted(lines: Sequence[str], account: Account) -> tuple[str, ...]:
    """The lines with scripts, styles, frames and comments blanked out, each reported as dropped."""
    text = "\n".join(lines)
    lowered = text.lower() if text.isascii() else re.sub(r"[A-Z]", lambda match: match[0].lower(), text)
    pieces: list[str] = []
    never: set[str] = set()
    starts = _line_starts(text)
    at = 0
    for match in _UNTRUSTED.finditer(text):
        name = (match[1] or "!--").lower()
        if match.start() < at or name in never:
            continue
        closing = lowered.find("-->" if name == "!--" else f"</{name}", match.end())
        if closing < 0:
            never.add(name)
            continue
        end = lowered.find(">", closing) + 1 or len(text)
        gone = text[match.start() : end]
        first, last = bisect_right(starts, match.start()), bisect_right(starts, end - 1)
        account.dropped(range(first, last + 1), "a comment" if name == "!--" else f"<{name}> with its content")
        pieces += (text[at : match.start()], "\n" * gone.count("\n"))
        at = end
    return tuple("".join((*pieces, text[at:])).split("\n"))


_MAY_HIDE = re.compile(r"\bhidden\b|display|visibility|style\s*=", re.IGNORECASE)
_HIDING = re.compile(r"display:none|visibility:(?:hidden|collapse)|content-visibility:hidden", re.IGNORECASE)
_VOID = frozenset(re.findall(r"\w+", "area base br col embed hr img input link meta param source track wbr"))
# Elements whose end tag may be left out, with what then ends them.
_ENDED_BY = {
    "p": _BLOCKS | {"h1", "h2", "h3", "h4", "h5", "h6"},
    "li": frozenset({"li"}),
    "dt": frozenset({"dt", "dd"}),
    "dd": frozenset({"dt", "dd"}),
    "td": frozenset({"td", "th", "tr", "tbody", "tfoot"}),
    "th": frozenset({"td", "th", "tr", "tbody", "tfoot"}),
    "tr": frozenset({"tr", "tbody", "tfoot"}),
    "tbody": frozenset({"tbody", "tfoot"}),
}


def without_hidden(lines: Sequence[str], account: Account) -> tuple[str, ...]:
    """The lines without the elements that a browser does not show, each reported as dropped."""
    text = "\n".join(lines)
    if _MAY_HIDE.search(text) is None:
        return tuple(lines)
    starts = _line_starts(text)
    pieces: list[str] = []
    kept = begun = 0
    inside: list[str] = []  # the hidden element, and those open within it

    def drop(end: int) -> None:
        gone = text[begun:end]
        first, last = bisect_right(starts, begun), bisect_right(starts, end - 1)
        account.dropped(range(first, last + 1), f"<{inside[0]}> that is hidden, with its content")
        pieces.extend((text[kept:begun], "\n" * gone.count("\n")))

    for at, token, tag in _tokens(text):
        if tag is None:
            continue
        closes, name = tag[1] == "/", tag[2].lower()
        if inside and closes and name in inside:
            place = len(inside) - 1 - inside[::-1].index(name)
            if place == 0:
                drop(at + len(token))
                kept, inside = at + len(token), []
            else:
                del inside[place:]
            continue
        if inside and (_is_parents_end(inside, name) if closes else _is_ended(inside, name)):
            drop(at)
            kept, inside = at, []
        if closes or name in _VOID or (tag[3].endswith("/") and name not in _BLOCKS):
            continue
        if inside:
            if len(inside) < 4 * MAXIMUM_DEPTH:
                inside.append(name)
        elif _is_hidden(tag[3]):
            begun, inside = at, [name]
    if inside:
        drop(len(text))
        kept = len(text)
    return tuple("".join((*pieces, text[kept:])).split("\n"))


def _is_ended(inside: Sequence[str], name: str) -> bool:
    """Whether a start tag ends the hidden element, whose own end tag is left out."""
    return len(inside) == 1 and name in _ENDED_BY.get(inside[0], ())


def _is_parents_end(inside: Sequence[str], name: str) -> bool:
    """Whether an end tag of nothing within is that of what holds the hidden element."""
    return inside[0] in _ENDED_BY and name in _BLOCKS and name != "p"


def _is_hidden(rest: str) -> bool:
    attributes = attributes_of(rest)
    style = re.sub(r"/\*.*?\*/|\s", "", html.unescape(attributes.get("style", "")))
    return "hidden" in attributes or _HIDING.search(style) is not None


def _line_starts(text: str) -> list[int]:
    return [0, *(match.end() for match in re.finditer("\n", text))]


def html_blocks(lines: Sequence[str], account: Account, first: int = 1) -> tuple[Block, ...]:
    """The blocks of some lines of HTML; ``first`` is the number of the first line in its file."""
    return _Reader(account).read("\n".join(lines), first)


def worded_lines(lines: Sequence[str]) -> frozenset[int]:
    """The numbers of the lines with words outside every tag; a tag may run over several lines."""
    text = "\n".join(lines)
    starts = _line_starts(text)
    found: set[int] = set()
    for at, token, tag in _tokens(text):
        if tag is None:
            first = bisect_right(starts, at)
            found.update(first + offset for offset, piece in enumerate(token.split("\n")) if piece.strip())
    return frozenset(found)


@dataclass(slots=True)
class _Cell:
    """Words being gathered, with the source line of each of their own lines."""

    builder: Builder
    numbers: list[int]

    def break_line(self, number: int) -> None:
        self.builder.text("\n")
        self.numbers.append(number)

    def parts(self) -> tuple[Part, ...]:
        texts = self.builder.raw().split("\n")
        return tuple(Part(tidy(text), number) for text, number in zip(texts, self.numbers, strict=False))


@dataclass(slots=True)
class _Reader:
    account: Account
    maker: Maker = field(default_factory=Maker)
    line: int = 1
    open: _Cell | None = None
    heading: int = 0
    item: tuple[int, int | None] | None = None
    lists: list[int | None] = field(default_factory=list)
    in_head: bool = False
    depth: int = 0
    tables: int = 0
    cell: _Cell | None = None
    cells: list[str] = field(default_factory=list)
    cell_lines: set[int] = field(default_factory=set)
    rows: list[Row] = field(default_factory=list)

    def read(self, text: str, first: int) -> tuple[Block, ...]:
        starts = _line_starts(text)
        for at, token, tag in _tokens(text):
            self.line = first + bisect_right(starts, at) - 1
            if tag is None:
                self._text(token)
            else:
                self._tag(tag[1] == "/", tag[2].lower(), tag[3])
                if "\n" in token and self.cell is None and self.open is not None:
                    self.open.break_line(self.line + token.count("\n"))
        self._end_table()
        self._flush()
        return tuple(self.maker.blocks)

    def _drop(self, what: str) -> None:
        self.account.dropped((self.line,), what)

    # ------------------------------------------------------------------ words

    def _text(self, raw: str) -> None:
        if self.in_head:
            return
        for at, piece in enumerate(raw.split("\n")):
            if at:
                self.line += 1
                if self.cell is not None:
                    self.cell.builder.text(" ")
                elif self.open is not None:
                    self.open.break_line(self.line)
            words = html.unescape(piece).replace("\n", " ")
            if not words.strip() and self.cell is None and self.open is None:
                continue
            place = self._place()
            if words.strip():
                place.numbers[-1] = self.line if not _since_break(place) else place.numbers[-1]
                self.cell_lines.add(self.line)
            place.builder.text(words if self.cell is None else words.replace("\t", " "))

    def _place(self) -> _Cell:
        if self.cell is not None:
            return self.cell
        if self.open is None:
            self.open = _Cell(Builder(self._drop), [self.line])
        return self.open

    def _break(self) -> None:
        """A line break inside what is open, where something stands before it."""
        place = self.cell or self.open
        if place is not None and place.builder.length:
            place.break_line(self.line)

    # ------------------------------------------------------------------ tags

    def _tag(self, closes: bool, name: str, rest: str) -> None:
        if name == "head" or (name == "body" and not closes):
            self.in_head = name == "head" and not closes
        if name in UNTRUSTED_TAGS:
            self._drop(f"<{name}>")
        if name in _NESTING:
            self.depth += -1 if closes else 1
            if self.depth > 4 * MAXIMUM_DEPTH:
                raise TooMuch(f"elements nested more than {4 * MAXIMUM_DEPTH} deep")
        if re.fullmatch(r"h[1-6]", name):
            self._heading(closes, int(name[1]))
        elif name in _BLOCKS:
            if not closes and rest.strip():
                Builder(self._drop).start(name, attributes_of(rest))
            self._block(closes, name, rest)
        elif self.in_head:
            return
        elif closes:
            self._place().builder.end(name)
        elif name == "br":
            self._place().break_line(self.line)
        else:
            self._place().builder.start(name, {key: html.unescape(value) for key, value in attributes_of(rest).items()})

    def _heading(self, closes: bool, level: int) -> None:
        if self.cell is not None:
            self._break()
            return
        self._flush()
        self.heading = 0 if closes else level

    def _block(self, closes: bool, name: str, rest: str) -> None:
        if name == "table":
            self._table(closes)
        elif name in ("tr", "td", "th") and self.tables:
            self._row(closes, name)
        elif name in ("ul", "ol"):
            self._list(closes, name, rest)
        elif name == "li":
            self._item(closes)
        elif self.cell is not None or (self.item is not None and name in ("p", "div")):
            self._break()
        else:
            self._flush()

    def _list(self, closes: bool, name: str, rest: str) -> None:
        if self.cell is None:
            self._flush()
        else:
            self._break()
        if closes and self.lists:
            self.lists.pop()
        elif not closes:
            if len(self.lists) >= MAXIMUM_DEPTH:
                raise TooMuch(f"a list nested more than {MAXIMUM_DEPTH} deep")
            start = attributes_of(rest).get("start", "1")
            self.lists.append((int(start) if start.isdigit() and len(start) < 5 else 1) if name == "ol" else None)

    def _item(self, closes: bool) -> None:
        if self.cell is not None:
            self._break()
            if not closes:
                self._place().builder.text(INNER_BULLETS[max(0, min(len(self.lists) - 1, 2))] + " ")
            return
        self._flush()
        self.item = None
        if not closes:
            number = self.lists[-1] if self.lists else None
            self.item = (max(0, len(self.lists) - 1), number)
            if self.lists and number is not None:
                self.lists[-1] = number + 1

    # ------------------------------------------------------------------ tables

    def _table(self, closes: bool) -> None:
        self.tables += -1 if closes and self.tables else 0 if closes else 1
        if self.tables > MAXIMUM_DEPTH:
            raise TooMuch(f"tables nested more than {MAXIMUM_DEPTH} deep")
        if closes and not self.tables:
            self._end_table()
        elif self.cell is not None:
            self._break()
        elif not closes:
            self._flush()

    def _row(self, closes: bool, name: str) -> None:
        if self.tables > 1:  # a table inside a cell reads as lines of that cell
            if name == "tr":
                self._break()
            elif self.cell is not None:
                self.cell.builder.text(" ")
            return
        self._end_cell()
        if name == "tr":
            self._end_row()
        elif not closes:
            self.cell = _Cell(Builder(self._drop), [self.line])

    def _end_cell(self) -> None:
        if self.cell is not None:
            self.cells.append("\n".join(part.text for part in self.cell.parts() if part.text))
            self.cell = None

    def _end_row(self) -> None:
        held = Rows()
        if any(self.cells):
            held.add(self.cells, self.line)
            self.rows.append(Row(held.held[0].cells, tuple(sorted(self.cell_lines)) or (self.line,)))
        self.cells, self.cell_lines = [], set()

    def _end_table(self) -> None:
        self._end_cell()
        self._end_row()
        self.maker.table(self.rows)
        self.rows, self.tables = [], 0

    # ------------------------------------------------------------------ ends

    def _flush(self) -> None:
        """End what is open as a heading, an item, a table of lines or a paragraph."""
        self.cell_lines = set()
        if self.open is None:
            return
        held, self.open = self.open, None
        item, self.item = self.item, None
        whole = held.builder.words()
        parts = held.parts()
        lines = sorted({part.line for part in parts if part.text})
        if not lines:
            self.item = item
        elif self.heading:
            self.maker.heading(whole, self.heading, parts)
        elif item is not None:
            self.maker.item(parts, *item, whole, mark=f"{item[1]}." if item[1] is not None else "")
        elif any(_TABLE_LINE.search(part.text) for part in parts):
            self._lines_table(parts)
        else:
            self.maker.paragraph(parts, whole.lead, whole.is_bold)

    def _lines_table(self, parts: Sequence[Part]) -> None:
        rows = Rows()
        for part in parts:
            if "\t" in part.text or not rows.held:
                rows.add(part.text.split("\t"), part.line)
            else:
                rows.more(part.text, part.line)
        self.maker.table(rows.held)


def _since_break(cell: _Cell) -> bool:
    """Whether words already stand on the present line of what is being gathered."""
    for piece in reversed(cell.builder.pieces):
        tail = piece.rsplit("\n", 1)[-1]
        if tail.strip():
            return True
        if "\n" in piece:
            return False
    return False


def _tokens(text: str) -> Iterator[tuple[int, str, re.Match[str] | None]]:
    """Texts and tags with their offsets. A sign ``<`` that opens no tag is text; declarations vanish."""
    at = 0
    while at < len(text):
        opening = text.find("<", at)
        if opening < 0:
            break
        if opening > at:
            yield at, text[at:opening], None
        tag = _TAG.match(text, opening) or _LOOSE_TAG.match(text, opening)
        declaration = _DECLARATION.match(text, opening) if tag is None else None
        if tag is not None:
            yield opening, tag[0], tag
            at = tag.end()
        elif declaration is not None:
            at = declaration.end()
        else:
            yield opening, "<", None
            at = opening + 1
    if at < len(text):
        yield at, text[at:], None
