"""``format``: a source with its spelling put in order and its meaning, and every other byte, left alone.

Named constructs only: line ends, the final newline, empty lines around rule lines, list markers and numbers in the
criteria, tables that are read as tables, and standard headings that differ in case, spacing or punctuation. Formatting
twice changes nothing more, and the formatted text reads as the same values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from itertools import pairwise

from medpol.model.diagnostic import Diagnostic, errors
from medpol.model.policy import SectionName
from medpol.text.blocks import Block, read_blocks
from medpol.text.coding import read_definitions
from medpol.text.criteria import RULE_LINE
from medpol.text.evidence import is_trials_heading
from medpol.text.head import split_head
from medpol.text.headings import section_of, standard_heading
from medpol.text.source import Findings, canonical_text
from medpol.text.tables import cell_bounds


class DocumentKind(Enum):
    """The kinds of file of a library root, as far as they are spelled differently."""

    POLICY = "policy"
    FACTS = "facts"
    SOURCE = "contract or mandate"
    PLANS = "plans"
    CASES = "cases"
    EVIDENCE = "evidence"


def format_source(text: str, kind: DocumentKind) -> str:
    """The source in its standard spelling.

    The text is taken as one that reads without errors; where it does not, use ``format_unless_errors``.
    """
    lines = canonical_text(text).split("\n")[:-1]
    closing = split_head(lines) if kind in (DocumentKind.POLICY, DocumentKind.SOURCE, DocumentKind.EVIDENCE) else None
    first = 0 if closing is None else closing + 1
    page = _Page(lines)
    blocks = read_blocks(lines[first:], first + 1)
    match kind:
        case DocumentKind.POLICY:
            _policy(blocks, page)
        case DocumentKind.SOURCE:
            below = _below_title(blocks)
            _named(below, page, "Provisions")
            _tables(_under(below, "Provisions"), page)
        case DocumentKind.FACTS:
            _named(blocks, page, "Event fields")
            _tables(blocks, page)
        case DocumentKind.PLANS | DocumentKind.CASES | DocumentKind.EVIDENCE:
            _tables(blocks, page)
    return page.text()


def format_unless_errors(text: str, kind: DocumentKind, found: Iterable[Diagnostic]) -> str:
    """As ``format_source``; a text with errors among its diagnostics comes back untouched."""
    return text if errors(found) else format_source(text, kind)


@dataclass(slots=True)
class _Page:
    """The lines of a text and the edits made to them, by line number from 1."""

    lines: list[str]
    replaced: dict[int, str] = field(default_factory=dict)
    opened: set[int] = field(default_factory=set)

    def replace(self, line: int, text: str) -> None:
        self.replaced[line] = text

    def open_above(self, line: int) -> None:
        """Put an empty line above this one, unless there is one."""
        if 1 < line <= len(self.lines) and self.lines[line - 2].strip() and self.lines[line - 1].strip():
            self.opened.add(line)

    def text(self) -> str:
        return "".join(
            ("\n" if number in self.opened else "") + self.replaced.get(number, line) + "\n"
            for number, line in enumerate(self.lines, 1)
        )


# ---------------------------------------------------------------------------- policies


def _policy(blocks: Sequence[Block], page: _Page) -> None:
    for name, inner in _sections(blocks, page):
        match name:
            case SectionName.CRITERIA:
                _criteria(inner, page)
            case SectionName.CODING | SectionName.HISTORY:
                _tables(inner, page)
            case SectionName.DEFINITIONS:
                _definitions(inner, page)
            case SectionName.TRIALS:
                _tables(_under(inner, is_trials_heading, 3), page)
            case SectionName.MEDICARE:
                _tables(_under(inner, "Dated sources", 3), page)
            case _:
                pass  # prose: kept as it stands, its tables too


def _sections(blocks: Iterable[Block], page: _Page) -> Iterator[tuple[SectionName | None, list[Block]]]:
    name: SectionName | None = None
    inner: list[Block] = []
    for block in blocks:
        if block.kind == "heading" and block.level == 2:
            yield name, inner
            name, inner = section_of(block.text), []
            if name is not None and standard_heading(block.text) == name.value:
                _heading(block, name.value, page)
        else:
            inner.append(block)
    yield name, inner


def _heading(block: Block, wanted: str, page: _Page) -> None:
    if block.marker.startswith("#"):
        page.replace(block.line, f"{block.marker} {wanted}")


def _named(blocks: Iterable[Block], page: _Page, name: str) -> None:
    """Put the one heading right that a source beside the policies is read by."""
    for block in blocks:
        if block.kind == "heading" and block.text.strip().casefold() == name.casefold():
            _heading(block, name, page)


def _below_title(blocks: Sequence[Block]) -> list[Block]:
    title = next((block for block in blocks if block.kind == "heading" and block.level == 1 and block.text), None)
    return [block for block in blocks if block is not title]


def _under(blocks: Iterable[Block], wanted: str | Callable[[str], bool], level: int | None = None) -> Iterator[Block]:
    """The blocks under headings of that name; headings of another level than the one given part nothing."""
    inside = False
    for block in blocks:
        if block.kind == "heading" and level in (None, block.level):
            name = block.text.strip().casefold()
            inside = name == wanted.casefold() if isinstance(wanted, str) else wanted(name)
        elif inside:
            yield block


def _criteria(blocks: Sequence[Block], page: _Page) -> None:
    for block in blocks:
        if block.kind == "list":
            _list(block, page, "")
        elif block.kind == "paragraph" and RULE_LINE.match(block.lines[0].text):
            for line in range(block.line, block.end + 1):
                page.open_above(line)


def _list(block: Block, page: _Page, indent: str) -> None:
    """One marker for bullets, 1, 2, 3 for numbers, and each sublist right under the words of its item."""
    for at, item in enumerate(block.blocks, 1):
        marker = f"{at}." if block.level else "-"
        margin = indent + " " * (len(marker) + 1)
        words = item.blocks[0].lines[0] if item.blocks and item.blocks[0].lines else None
        if words is None:
            continue
        text = page.lines[words.line - 1][words.column - 1 :]
        if words.line == item.line:
            page.replace(item.line, f"{indent}{marker} {text}")
        else:  # a marker alone on its line, its words on the next
            page.replace(item.line, f"{indent}{marker}")
            page.replace(words.line, f"{margin}{text}")
        for inner in item.blocks[1:]:
            if inner.kind == "list":
                _list(inner, page, margin)


def _definitions(blocks: Sequence[Block], page: _Page) -> None:
    """Tables that are read: of facts, and the look-up table right under its heading. Others are prose."""
    body = read_definitions(blocks, Findings(""), [""] * len(blocks))
    read_from = {table.source.line for table in body.tables} | {fact.source.line for fact in body.facts}
    heading = 0
    for block in blocks:
        if block.kind == "heading":
            heading = block.line
        elif block.kind == "table":
            if read_from & {heading, *range(block.line, block.end)}:
                _table(block, page)
            heading = 0
        else:
            heading = 0


# ---------------------------------------------------------------------------- tables


def _tables(blocks: Iterable[Block], page: _Page) -> None:
    for block in blocks:
        if block.kind == "table":
            _table(block, page)


def _table(block: Block, page: _Page) -> None:
    """Pad the cells of each column to one width. A table whose rows differ in width is left as it is."""
    rows = [[line.text[begin:end].strip(" \t") for begin, end in cell_bounds(line.text)] for line in block.lines]
    if len(rows) < 2 or any(len(one) != len(other) for one, other in pairwise(rows)):
        return
    header, dashes, *rest = rows
    widths = [max([3, *map(len, column)]) for column in zip(header, *rest, strict=True)]
    page.replace(block.line, _row(header, widths))
    rule = "|".join(_dashes(cell, width + 2) for cell, width in zip(dashes, widths, strict=True))
    page.replace(block.line + 1, f"|{rule}|")
    for line, row in zip(block.lines[2:], rest, strict=True):
        page.replace(line.line, _row(row, widths))


def _row(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)) + " |"


def _dashes(cell: str, width: int) -> str:
    """The line under a heading, its colons (how a viewer aligns the column) kept."""
    left, right = cell.startswith(":"), cell.endswith(":")
    return ":" * left + "-" * (width - left - right) + ":" * right
