"""A document as a list of abstract blocks, and its faces in Markdown and HTML. Makers of PDF and DOCX take the same list.

Blocks are headings with a level, paragraphs (bold or not), listed lines with depth and number, and tables of rows of cells.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Sheet:
    """One block: ``kind`` is heading, paragraph, bold, item or table."""

    kind: str
    text: str = ""
    level: int = 0
    number: int | None = None
    rows: tuple[tuple[str, ...], ...] = ()


def heading(text: str, level: int = 2) -> Sheet:
    return Sheet("heading", text, level)


def paragraph(text: str) -> Sheet:
    return Sheet("paragraph", text)


def bold(text: str) -> Sheet:
    return Sheet("bold", text)


def item(text: str, depth: int = 0, number: int | None = None) -> Sheet:
    return Sheet("item", text, depth, number)


def table(*rows: tuple[str, ...]) -> Sheet:
    return Sheet("table", rows=rows)


def markdown(sheets: Sequence[Sheet]) -> str:
    """The document in Markdown, one blank line between blocks, none between listed lines."""
    parts: list[str] = []
    before = ""
    for sheet in sheets:
        text = _markdown(sheet)
        if sheet.kind == "item" and before == "item":
            parts[-1] += f"\n{text}"
        else:
            parts.append(text)
        before = sheet.kind
    return "\n\n".join(parts) + "\n"


def _markdown(sheet: Sheet) -> str:
    match sheet.kind:
        case "heading":
            return f"{'#' * sheet.level} {sheet.text}"
        case "bold":
            return f"**{sheet.text}**"
        case "item":
            mark = f"{sheet.number}." if sheet.number is not None else "-"
            return f"{'    ' * sheet.level}{mark} {sheet.text}"
        case "table":
            head, *rest = sheet.rows
            lines = [f"| {' | '.join(cells)} |" for cells in (head, *rest)]
            return "\n".join([lines[0], "|---" * len(head) + "|", *lines[1:]])
        case _:
            return sheet.text


def page(sheets: Sequence[Sheet]) -> str:
    """The document in HTML, one element a line; lists nest."""
    lines = ["<html><body>"]
    depth = -1
    opened: list[str] = []
    for sheet in sheets:
        wanted = sheet.level if sheet.kind == "item" else -1
        restarts = sheet.kind == "item" and sheet.number == 1 and depth == wanted
        while depth > wanted or restarts:
            lines.append(f"</{opened.pop()}>")
            depth -= 1
            restarts = False
        while depth < wanted:
            opened.append("ol" if sheet.number is not None else "ul")
            lines.append(f"<{opened[-1]}>")
            depth += 1
        lines += _html(sheet)
    lines += [f"</{tag}>" for tag in reversed(opened)]
    return "\n".join([*lines, "</body></html>"]) + "\n"


def _html(sheet: Sheet) -> list[str]:
    text = html.escape(sheet.text)
    match sheet.kind:
        case "heading":
            return [f"<h{sheet.level}>{text}</h{sheet.level}>"]
        case "bold":
            return [f"<p><b>{text}</b></p>"]
        case "item":
            return [f"<li>{text}</li>"]
        case "table":
            rows = ["".join(f"<td>{html.escape(cell)}</td>" for cell in row) for row in sheet.rows]
            return ["<table>", *(f"<tr>{row}</tr>" for row in rows), "</table>"]
        case _:
            return [f"<p>{text}</p>"]
