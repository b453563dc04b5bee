"""Markdown, as publishers' pages are turned into it, to source blocks.

Such pages are not CommonMark alone: tables stand as lines with tabs, bullets as signs, fragments of HTML between. So lines
are read one by one; only the marks inside a line are left to markdown-it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from medpol.ingest.blocks import MAXIMUM_LINE, Block, Maker, Part, Rows, TooMuch, bullet
from medpol.ingest.html import html_blocks
from medpol.ingest.inline import Words, markdown_words
from medpol.ingest.report import Account

_HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]+|$)(.*?)(?:[ \t]+#+)?[ \t]*$")
_RULE = re.compile(r" {0,3}([-*_])(?:[ \t]*\1){2,}[ \t]*$")
_UNDERLINE = re.compile(r" {0,3}(=+|-{3,})[ \t]*$")
_FENCE = re.compile(r" {0,3}(?:`{3,}|~{3,})")
_DELIMITER = re.compile(r"[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$")
_HTML_BLOCK = re.compile(
    r" {0,3}</?(table|div|p|ul|ol|dl|h[1-6]|section|article|center|blockquote|details|figure|main|header|footer|nav|body|html)\b",
    re.IGNORECASE,
)


def markdown_blocks(lines: Sequence[str], account: Account) -> tuple[Block, ...]:
    """The blocks of a Markdown document; what is dropped goes to the account."""
    return _Reader(lines, account).read()


@dataclass(slots=True)
class _Reader:
    lines: Sequence[str]
    account: Account
    maker: Maker = field(default_factory=Maker)
    open: list[tuple[int, Words]] = field(default_factory=list)
    open_item: tuple[int, int | None, str] | None = None
    rows: Rows = field(default_factory=Rows)
    after_blank: bool = False
    unclosed: set[str] = field(default_factory=set)

    def read(self) -> tuple[Block, ...]:
        at = 0
        while at < len(self.lines):
            at = self._line(at)
        self._close()
        return tuple(self.maker.blocks)

    def words(self, text: str, line: int) -> Words:
        if len(text) > MAXIMUM_LINE:
            raise TooMuch(f"line {line} holds {len(text):,} characters; at most {MAXIMUM_LINE:,}")
        return markdown_words(text, lambda what: self.account.dropped((line,), what))

    def _line(self, at: int) -> int:
        """Read the line at an index; the index of the next line to read."""
        raw, number = self.lines[at], at + 1
        if not raw.strip():
            self._blank()
            return at + 1
        if match := _HEADING.match(raw):
            self._close()
            words = self.words(match[2], number)
            self.maker.heading(words, len(match[1]), (Part(words.text, number),))
        elif _UNDERLINE.match(raw) and len(self.open) == 1 and self.open_item is None and not self.after_blank:
            line, words = self.open.pop()
            self.maker.heading(words, 1 if "=" in raw else 2, (Part(words.text, line),), (line, number))
        elif _RULE.match(raw) or _FENCE.match(raw):
            self._close()
            self.account.layout((number,), "a rule or fence")
        elif _HTML_BLOCK.match(raw):
            return self._html(at)
        elif self.rows.held and _DELIMITER.match(raw) and "-" in raw:
            self.account.layout((number,), "marks without words")
        elif (cells := self._cells(at)) is not None:
            self._row(cells, number)
        elif (item := bullet(raw)) is not None and self._is_item(item[1]):
            self._item(item, number, raw.split(maxsplit=1)[0])
        else:
            self._text(raw, number)
        self.after_blank = False
        return at + 1

    def _blank(self) -> None:
        if self.rows.held or (self.open and self.open_item is None):
            self._close()
        self.after_blank = True

    def _is_item(self, mark: str) -> bool:
        """A letter marks an item only inside a list or under a colon: else it is an initial, or a word."""
        if mark != "a" or self.open_item is not None:
            return True
        before = self.open[-1][1].text if self.open else (self.rows.held[-1].cells[-1] if self.rows.held else "")
        if not before and self.maker.blocks:
            last = self.maker.blocks[-1]
            before = last.text if last.kind != "item" else ":"
        return before.rstrip().endswith(":")

    # ------------------------------------------------------------------ tables

    def _cells(self, at: int) -> list[str] | None:
        """The cells of a line of a table with tabs or bars, or ``None`` where it is no such line."""
        raw = self.lines[at]
        item = bullet(raw)
        if "\t" in raw.lstrip() and not (item is not None and "\t" not in item[3]):
            return raw.strip(" \r").split("\t")
        plain = raw.strip()
        following = self.lines[at + 1] if at + 1 < len(self.lines) else ""
        is_head = "|" in plain and "|" in following and "-" in following and _DELIMITER.match(following) is not None
        if plain.startswith("|") or is_head or (self.rows.held and "|" in plain and not plain.startswith("[")):
            inner = plain.removeprefix("|")
            inner = inner[:-1] if inner.endswith("|") and not inner.endswith("\\|") else inner
            return [cell.replace("\\|", "|").strip() for cell in re.split(r"(?<!\\)\|", inner)]
        return None

    def _row(self, cells: list[str], number: int) -> None:
        if self.open:
            self._close()
        self.rows.add((self.words(cell, number).text for cell in cells), number)

    # ------------------------------------------------------------------ paragraphs and items

    def _item(self, item: tuple[int, str, int | None, str], number: int, printed: str) -> None:
        self._close()
        indent, mark, ordinal, text = item
        self.open_item = (self.maker.depth(indent, mark), ordinal, printed)
        self.open.append((number, self.words(text, number)))

    def _text(self, raw: str, number: int) -> None:
        if self.rows.held:
            self.rows.more(self.words(raw, number).text, number)
            return
        if self.open_item is not None and self.after_blank and len(raw) - len(raw.lstrip()) < 2:
            self._close()
        self.open.append((number, self.words(raw.lstrip().removeprefix("> "), number)))

    def _close(self) -> None:
        if self.rows.held:
            self.maker.table(self.rows.held)
            self.rows = Rows()
        if not self.open:
            return
        first = self.open[0][1]
        parts = [Part(text, line) for line, words in self.open for text in words.text.split("\n")]
        whole = Words(first.text, first.lead, all(words.is_bold for _, words in self.open))
        lines = [line for line, _ in self.open]
        if self.open_item is not None:
            depth, ordinal, mark = self.open_item
            self.maker.item(parts, depth, ordinal, whole, lines, mark)
        else:
            self.maker.paragraph(parts, whole.lead, whole.is_bold, lines)
        self.open, self.open_item = [], None

    def _html(self, at: int) -> int:
        """Read a block of HTML standing between lines of Markdown."""
        self._close()
        end = self._close_of(at)
        self.maker.stack.clear()
        self.maker.blocks += html_blocks(self.lines[at:end], self.account, first=at + 1)
        self.after_blank = False
        return end

    def _close_of(self, at: int) -> int:
        """The index behind the line that closes the element begun at ``at``; unclosed, the next empty line ends it."""
        match = _HTML_BLOCK.match(self.lines[at])
        assert match is not None
        name = match[1].lower()
        if name not in self.unclosed:
            depth, tags = 0, re.compile(rf"<(/?){name}\b", re.IGNORECASE)
            for end in range(at, len(self.lines)):
                for tag in tags.finditer(self.lines[end]):
                    depth += -1 if tag[1] else 1
                if depth <= 0:
                    return end + 1
            self.unclosed.add(name)
        return next((end for end in range(at, len(self.lines)) if not self.lines[end].strip()), len(self.lines))
