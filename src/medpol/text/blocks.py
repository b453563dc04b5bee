"""A document's blocks with their lines and columns, as CommonMark sees them.

markdown-it gives lines but no columns, so each block's words are found again in the source. Inline markup is not parsed:
code spans and bold are scanned from the raw text in ``text.spans``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.token import Token

from medpol.text.source import MAXIMUM_DEPTH, MAXIMUM_NODES, Findings, shorten


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
    blocks: tuple[Block, ...] = ()
    indent: int = 0

    @property
    def text(self) -> str:
        return "\n".join(line.text for line in self.lines)

    @property
    def column(self) -> int:
        """Where its first sign stands."""
        first = self.lines[0] if self.lines else Line("", self.line, self.indent + 1)
        return first.column + len(first.text) - len(first.text.lstrip(" \t"))


_LEADING = re.compile(r"(?:[ \t]*(?:>|[-*+](?=[ \t]|$)|[0-9]{1,9}[.)](?=[ \t]|$)))*[ \t]*")
_MARK = re.compile(r">|[-*+]|[0-9]{1,9}[.)]")
_MAXIMUM_CELLS = 10 * MAXIMUM_NODES
_WIDEST_TABLE = 200


def is_within_limits(lines: Sequence[str], findings: Findings) -> bool:
    """Refuse, before any parsing, a text that nests or branches beyond what a policy could need."""
    nodes = cells = 0
    open_lists: list[int] = []  # the columns at which the words of the open items begin
    for number, line in enumerate(lines, 1):
        depth, marks = _nesting(line, open_lists)
        bars = line.count("|")
        nodes += 1 + marks + line.count("`") // 2 + max(0, bars - _WIDEST_TABLE)
        cells += bars
        if depth > MAXIMUM_DEPTH:
            findings.error(
                number, 1, "too-deep", f"nested {depth} deep or more", f"at most {MAXIMUM_DEPTH}", "nest less"
            )
            return False
        if nodes > MAXIMUM_NODES or cells > _MAXIMUM_CELLS:
            findings.error(
                number,
                1,
                "too-many-nodes",
                "too many blocks and code spans" if nodes > MAXIMUM_NODES else "too many table cells",
                f"at most {MAXIMUM_NODES:,} blocks and spans, and {_MAXIMUM_CELLS:,} cells",
                "split the document",
            )
            return False
    return True


def _nesting(line: str, open_lists: list[int]) -> tuple[int, int]:
    """How deep the marks at the head of a line may nest, and their number; notes which lists they leave open."""
    leading = _LEADING.match(line, 0, 16 * MAXIMUM_DEPTH)
    head = leading[0] if leading else ""
    if not head.strip():
        return 0, 0
    marks = list(_MARK.finditer(head))
    quotes = 0
    for mark in marks:
        if mark[0] == ">":
            quotes += 1
            continue
        column = len(head[: mark.start()].expandtabs(4))
        while open_lists and open_lists[-1] > column:
            open_lists.pop()
        open_lists.append(column + len(mark[0]) + 1)
        if len(open_lists) > MAXIMUM_DEPTH:
            break
    return quotes + len(open_lists) if quotes < len(marks) else quotes, len(marks)


@lru_cache(maxsize=1)
def _markdown() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"maxNesting": 3 * MAXIMUM_DEPTH}).enable("table").disable("reference")
    markdown.core.ruler.enableOnly(["normalize", "block"])
    markdown.block.ruler.at("table", _table, {"alt": ["paragraph", "reference"]})
    return markdown


_DASHES = re.compile(r"(?!-[ \t])[|:-][|: \t-]+")
_DASHED_CELL = re.compile(r"[ \t]*:?-+:?[ \t]*")
_BAR = re.compile(r"(?<!\\)\|")


def _table(state: StateBlock, first: int, end: int, silent: bool) -> bool:
    """markdown-it's own rule for tables, but for their place alone: cells are split by ``text.tables``, without tokens."""
    if first + 2 > end or state.sCount[first + 1] < state.blkIndent or state.is_code_block(first + 1):
        return False
    dashes = _line(state, first + 1)
    header = _line(state, first).strip(" \t")
    if not _DASHES.fullmatch(dashes) or "|" not in header or state.is_code_block(first):
        return False
    marks = dashes.split("|")
    marks = marks[not marks[0].strip(" \t") :]
    marks = marks[: len(marks) - (bool(marks) and not marks[-1].strip(" \t"))]
    titles = _BAR.split(header)
    width = len(titles) - (titles[0] == "") - (len(titles) > 1 and titles[-1] == "")
    if width != len(marks) or not width or not all(map(_DASHED_CELL.fullmatch, marks)):
        return False
    if silent:
        return True
    parent, state.parentType = state.parentType, "table"
    terminators = state.md.block.ruler.getRules("blockquote")
    place = [first, first]
    state.push("table_open", "table", 1).map = place
    line = first + 2
    while line < end and state.sCount[line] >= state.blkIndent and (text := _line(state, line).strip(" \t")):
        if state.is_code_block(line):
            break
        if not text.startswith("|") and any(rule(state, line, end, True) for rule in terminators):
            break  # a line that begins with a bar begins no other block
        line += 1
    state.push("table_close", "table", -1)
    place[1] = state.line = line
    state.parentType = parent
    return True


def _line(state: StateBlock, line: int) -> str:
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]


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
                _located(text, lines, start, first, token.markup if token.markup.startswith("#") else ""),
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
                indent=len(lines[start]) - len(lines[start].lstrip(" \t")) if start < len(lines) else 0,
            )


def _raw(lines: list[str], start: int, end: int, first: int) -> tuple[Line, ...]:
    while end > start and not lines[end - 1].strip(" \t"):
        end -= 1
    return tuple(Line(lines[at], at + first, 1) for at in range(start, min(end, len(lines))))


def _located(text: str, lines: list[str], start: int, first: int, marker: str) -> tuple[Line, ...]:
    """The lines of a heading or paragraph where the source has them, without the spaces around them."""
    found = []
    for offset, words in enumerate(text.split("\n")):
        words = words.strip(" \t")
        at = start + offset
        raw = lines[at].rstrip(" \t") if at < len(lines) else ""
        if raw.endswith(words):
            column = len(raw) - len(words)
        else:  # a heading closed by its own signs
            column = max(0, raw.find(words, raw.find(marker) + len(marker)))
        found.append(Line(words, at + first, column + 1))
    return tuple(found)


def raw_block(block: Block, lines: Sequence[str]) -> str:
    """The source of a block as written, without the empty lines behind it."""
    end = block.end
    while end > block.line + 1 and not lines[end - 2].strip(" \t"):
        end -= 1
    return "\n".join(line.rstrip(" \t") if block.kind != "code" else line for line in lines[block.line - 1 : end - 1])


_OPENED = (
    (re.compile(r"<!--"), re.compile("-->"), "-->"),
    (re.compile(r"<\?"), re.compile(r"\?>"), "?>"),
    (re.compile(r"<!\[CDATA\["), re.compile(r"\]\]>"), "]]>"),
    (re.compile(r"<![a-z]", re.IGNORECASE), re.compile(">"), ">"),
    (
        re.compile(r"<(?:script|pre|style|textarea)(?=[\s>]|$)", re.IGNORECASE),
        re.compile(r"</(?:script|pre|style|textarea)>", re.IGNORECASE),
        "end tag",
    ),
)


def report_unclosed(block: Block, findings: Findings) -> None:
    """A fence or a comment that nothing closes takes the rest of the document with it, unseen."""
    first, last = block.lines[0].text, block.lines[-1].text
    wanted = ""
    if block.kind == "code" and block.marker:
        closed = (
            len(block.lines) > 1 and set(last.strip()) == {block.marker[0]} and len(last.strip()) >= len(block.marker)
        )
        wanted = "" if closed else block.marker
    elif block.kind == "html":
        kinds = [each for each in _OPENED if each[0].match(first.strip())][:1]
        wanted = next((words for _, closing, words in kinds if not closing.search(last)), "")
    if wanted:
        findings.error(
            block.line,
            block.column,
            "unclosed-block",
            f"{shorten(first.strip(), 40)!r} takes everything below it",
            f"a closing {wanted}",
            f"write {wanted} where it ends",
        )


def report_underlined(block: Block, lines: Sequence[str], findings: Findings) -> None:
    """A heading by underlining is most often a line of dashes too near to the text above it."""
    if block.kind == "heading" and block.marker in ("=", "-") and set(lines[block.end - 2].strip()) <= {"=", "-"}:
        findings.error(
            block.line,
            block.column,
            "underlined-heading",
            f"an underlined heading: {shorten(block.text, 40)!r}",
            "`##` headings, and no line of dashes under text",
            "write `## ...`, or put an empty line above the dashes",
        )
