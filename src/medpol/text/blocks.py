"""A document's blocks with their lines and columns, as CommonMark sees them.

markdown-it gives lines but no columns, so each block's words are found again in the source. Inline markup is not parsed:
code spans and bold are scanned from the raw text in ``text.spans``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

from medpol.text.source import MAXIMUM_DEPTH, MAXIMUM_NODES, Findings


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a block: its text without indentation and marker, and where it begins."""

    text: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, paragraph, list, item, quote, code, html, rule or table; ``end`` is the first line behind it."""

    kind: str
    line: int
    end: int
    lines: tuple[Line, ...] = ()
    level: int = 0
    marker: str = ""
    number: str = ""
    blocks: tuple[Block, ...] = field(default=())

    @property
    def text(self) -> str:
        return "\n".join(line.text for line in self.lines)

    @property
    def column(self) -> int:
        return self.lines[0].column if self.lines else 1


_LEADING = re.compile(r"(?:[ \t]*(?:>|[-*+](?=[ \t])|[0-9]{1,9}[.)](?=[ \t])))*[ \t]*")
_MARKS = re.compile(r">|[-*+]|[0-9]{1,9}[.)]")


def is_within_limits(lines: Sequence[str], findings: Findings) -> bool:
    """Refuse, before any parsing, a text that nests or branches beyond what a policy could need."""
    nodes = 0
    for number, line in enumerate(lines, 1):
        leading = _LEADING.match(line)
        text = leading[0] if leading else ""
        marks = len(_MARKS.findall(text[: 4 * MAXIMUM_DEPTH * 4]))
        indent = len(text.expandtabs(4)) // 2
        if marks > MAXIMUM_DEPTH or (indent > 4 * MAXIMUM_DEPTH and line.strip()):
            findings.error(
                number, 1, "too-deep", f"nested {max(marks, indent)} deep", f"at most {MAXIMUM_DEPTH}", "nest less"
            )
            return False
        nodes += 1 + marks + min(indent, 4 * MAXIMUM_DEPTH)
        if nodes > MAXIMUM_NODES:
            findings.error(
                number, 1, "too-many-nodes", "too many blocks", f"at most {MAXIMUM_NODES:,}", "split the document"
            )
            return False
    return True


@lru_cache(maxsize=1)
def _markdown() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"maxNesting": 3 * MAXIMUM_DEPTH}).enable("table").disable("reference")
    markdown.core.ruler.enableOnly(["normalize", "block"])
    return markdown


def read_blocks(lines: Sequence[str], first: int = 1) -> tuple[Block, ...]:
    """The top-level blocks of some lines; ``first`` is the number of the first line in its file."""
    tokens = _markdown().parse("\n".join(lines))
    return tuple(_blocks(_Cursor(tokens), list(lines), first, ""))


@dataclass(slots=True)
class _Cursor:
    tokens: list[Token]
    at: int = 0

    def next(self) -> Token | None:
        if self.at >= len(self.tokens):
            return None
        self.at += 1
        return self.tokens[self.at - 1]


_CLOSED = {
    "heading_open": "heading",
    "paragraph_open": "paragraph",
    "bullet_list_open": "list",
    "ordered_list_open": "list",
    "list_item_open": "item",
    "blockquote_open": "quote",
    "table_open": "table",
}
_SINGLE = {"fence": "code", "code_block": "code", "html_block": "html", "hr": "rule"}


def _blocks(cursor: _Cursor, lines: list[str], first: int, closing: str) -> Iterator[Block]:
    while (token := cursor.next()) is not None and token.type != closing:
        start, end = token.map or (0, 0)
        if token.type in _SINGLE:
            yield Block(
                _SINGLE[token.type], start + first, end + first, _raw(lines, start, end, first), marker=token.markup
            )
        elif token.type in ("heading_open", "paragraph_open"):
            content = cursor.next()
            cursor.next()
            text = content.content if content is not None else ""
            level = int(token.tag[1:]) if token.type == "heading_open" else 0
            yield Block(
                _CLOSED[token.type],
                start + first,
                end + first,
                _located(text, lines, start, first),
                level=level,
                marker=token.markup,
            )
        elif token.type == "table_open":
            for _ in _blocks(cursor, lines, first, "table_close"):
                pass
            yield Block("table", start + first, end + first, _raw(lines, start, end, first))
        elif token.type in _CLOSED:
            inner = tuple(_blocks(cursor, lines, first, token.type.replace("_open", "_close")))
            yield Block(
                _CLOSED[token.type],
                start + first,
                end + first,
                _raw(lines, start, end, first) if token.type == "blockquote_open" else (),
                marker=token.markup,
                number=token.info if token.type == "list_item_open" else "",
                level=1 if token.type == "ordered_list_open" else 0,
                blocks=inner,
            )


def _raw(lines: list[str], start: int, end: int, first: int) -> tuple[Line, ...]:
    while end > start and not lines[end - 1].strip():
        end -= 1
    return tuple(Line(lines[at], at + first, 1) for at in range(start, min(end, len(lines))))


def _located(text: str, lines: list[str], start: int, first: int) -> tuple[Line, ...]:
    found = []
    for offset, words in enumerate(text.split("\n")):
        at = start + offset
        raw = lines[at] if at < len(lines) else ""
        column = raw.find(words) + 1
        found.append(Line(words, at + first, max(1, column)))
    return tuple(found)
