"""A document cut into sections and passages: paragraphs, headings, items, rows of tables, each with its line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from medpol.model.criteria import Criterion, Expression, Group, leaves
from medpol.model.policy import PolicyVersion, SectionName
from medpol.text.blocks import Block, read_blocks
from medpol.text.headings import section_of
from medpol.text.source import canonical_text

_RULE_OFF = re.compile(r"[\s|:-]+")


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage with its white space collapsed, so that wrapping and padding are no change.

    ``criterion`` is the id of the sentence that it holds, with the expression that reads it.
    """

    kind: str
    text: str
    line: int
    depth: int = 0
    marker: str = ""
    criterion: str | None = None
    expression: Expression | None = None


@dataclass(frozen=True, slots=True)
class SectionText:
    """A section under its heading; the title and what stands before the first section have none."""

    heading: str
    name: SectionName | None
    line: int
    passages: tuple[Passage, ...]


def sections_of(version: PolicyVersion, text: str) -> tuple[SectionText, ...]:
    """The sections of a document that reads as this version, front matter left out."""
    lines = canonical_text(text).split("\n")[:-1]
    taken = _front_matter(lines)
    sentences = {
        line: held for rule in version.rules for part in (rule.criteria, rule.unless) for line, held in _sentences(part)
    }
    parts: list[tuple[Block | None, list[Block]]] = [(None, [])]
    for block in read_blocks(lines[taken:], taken + 1):
        if block.kind == "heading" and block.level == 2:
            parts.append((block, []))
        else:
            parts[-1][1].append(block)
    return tuple(
        SectionText(
            "" if heading is None else heading.text.strip(),
            None if heading is None else section_of(heading.text),
            taken + 1 if heading is None else heading.line,
            tuple(_passages(inner, sentences, 0)),
        )
        for heading, inner in parts
        if heading is not None or inner
    )


def _front_matter(lines: Sequence[str]) -> int:
    """How many lines the front matter takes."""
    if not lines or lines[0].rstrip() != "---":
        return 0
    return next((at for at, line in enumerate(lines[1:], 2) if line.rstrip() == "---"), 0)


_Sentence = tuple[str, Expression | None]


def _sentences(part: Criterion | None) -> Iterator[tuple[int, _Sentence]]:
    for leaf in leaves(part):
        yield leaf.source.line, (leaf.id, leaf.expression)
    if isinstance(part, Group):
        waiting: list[Criterion] = [part]
        while waiting:
            each = waiting.pop()
            if isinstance(each, Group):
                yield each.source.line, (each.id, None)
                waiting += each.parts


def _passages(
    blocks: Iterable[Block], sentences: Mapping[int, _Sentence], depth: int, marker: str = ""
) -> Iterator[Passage]:
    for block in blocks:
        match block.kind:
            case "list":
                for item in block.blocks:
                    sign = f"{item.number}." if item.number else block.marker
                    yield from _passages(item.blocks, sentences, depth + 1, sign)
            case "quote":
                yield _passage("quote", " ".join(line.text.lstrip(" \t>") for line in block.lines), block.line, depth)
            case "table" | "code" | "html":
                is_table = block.kind == "table"
                for line in block.lines:
                    if not is_table:
                        yield _passage(block.kind, line.text, line.line, depth)
                    elif not _RULE_OFF.fullmatch(line.text):
                        yield _passage("row", _row(line.text), line.line, depth)
            case "rule":
                yield Passage("rule", "---", block.line, depth)
            case _:
                kind = "item" if marker and block.kind == "paragraph" else block.kind
                held = sentences.get(block.line, (None, None))
                text = f"{'#' * block.level} {block.text}" if kind == "heading" else block.text
                yield _passage(kind, text, block.line, depth, marker, *held)
        marker = ""  # what follows in an item stands under its words


def _passage(
    kind: str,
    text: str,
    line: int,
    depth: int,
    marker: str = "",
    criterion: str | None = None,
    expression: Expression | None = None,
) -> Passage:
    return Passage(kind, " ".join(text.split()), line, depth, marker, criterion, expression)


def _row(line: str) -> str:
    """A row of a table without the padding of its cells; one whose code spans hold bars keeps its words all the same."""
    return " | ".join(cell.strip() for cell in line.strip().strip("|").split("|"))
