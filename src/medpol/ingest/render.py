"""Source blocks as the prose of a draft: paragraphs, lists and tables in our Markdown, every word escaped."""

from __future__ import annotations

from collections.abc import Iterable

from medpol.ingest.blocks import Block
from medpol.ingest.escape import inline, prose
from medpol.text.tables import print_table


def render(blocks: Iterable[Block], *, tables: bool = True, numbers: bool = True) -> str:
    """The Markdown of some blocks.

    ``tables=False`` prints rows as list items, where a table would be read as data of the section; ``numbers=False``
    prints numbered items with dashes, where numbers would be read as references.
    """
    parts: list[str] = []
    listed: list[str] = []
    depth = -1
    for block in blocks:
        if block.kind == "item":
            depth = min(block.level, depth + 1)
            marker = f"{block.number}." if numbers and block.number is not None and depth == 0 else "-"
            listed.append(f"{'    ' * depth}{marker} {prose(block.text)}")
            continue
        depth = _end_list(parts, listed)
        match block.kind:
            case "heading":
                parts.append(f"### {_heading(block.text)}")
            case "table" if tables:
                parts.append(_table(block))
            case "table":
                parts.append("\n".join(f"- {prose('; '.join(row.filled))}" for row in block.rows))
            case _:
                parts.append(prose(block.text))
    _end_list(parts, listed)
    return "\n\n".join(part for part in parts if part)


def _end_list(parts: list[str], listed: list[str]) -> int:
    if listed:
        parts.append("\n".join(listed))
        listed.clear()
    return -1


def _heading(text: str) -> str:
    """A heading inside a section; one that would name a population is kept from doing so."""
    words = inline(text)
    return words.replace("Population:", "Population\\:", 1) if words.startswith("Population:") else words


def _table(block: Block) -> str:
    width = max(len(row.cells) for row in block.rows)
    rows = [tuple(inline(cell) for cell in row.cells) + ("",) * (width - len(row.cells)) for row in block.rows]
    return print_table(rows[0], rows[1:])
