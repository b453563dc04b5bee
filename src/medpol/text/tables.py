"""Pipe tables: cells with their columns, headed by names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from medpol.text.blocks import Block, Line
from medpol.text.source import Findings


@dataclass(frozen=True, slots=True)
class Cell:
    text: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Row:
    """One row by the canonical names of its columns; a missing cell reads as empty."""

    cells: tuple[tuple[str, Cell], ...]
    line: int

    def __getitem__(self, name: str) -> Cell:
        return next((cell for key, cell in self.cells if key == name), Cell("", self.line, 1))

    def text(self, name: str) -> str:
        return self[name].text


_DELIMITER = re.compile(r":?-+:?")


def split_cells(line: Line) -> tuple[Cell, ...]:
    """The cells of one line. A pipe inside a code span or behind a backslash belongs to its cell."""
    cells: list[Cell] = []
    text = line.text
    start = 0
    ticks = ""
    at = 0
    bounds: list[tuple[int, int]] = []
    while at < len(text):
        if text[at] == "\\" and not ticks and at + 1 < len(text):
            at += 2
            continue
        if text[at] == "`":
            run = len(text) - at - len(text[at:].lstrip("`"))
            if not ticks and text.find("`" * run, at + run) >= 0:
                ticks = "`" * run
            elif ticks == "`" * run:
                ticks = ""
            at += run
            continue
        if text[at] == "|" and not ticks:
            bounds.append((start, at))
            start = at + 1
        at += 1
    bounds.append((start, len(text)))
    for begin, end in bounds:
        raw = text[begin:end]
        stripped = raw.strip()
        indent = len(raw) - len(raw.lstrip())
        cells.append(Cell(stripped.replace("\\|", "|"), line.line, line.column + begin + (indent if stripped else 0)))
    if cells and not cells[0].text and text.lstrip().startswith("|"):
        cells = cells[1:]
    if cells and not cells[-1].text and text.rstrip().endswith("|"):
        cells = cells[:-1]
    return tuple(cells)


def header_key(text: str) -> str:
    return " ".join(text.casefold().replace("*", "").split())


def read_table(
    block: Block,
    findings: Findings,
    columns: Sequence[str],
    *,
    required: Iterable[str] = (),
    what: str = "table",
    others: bool = False,
) -> tuple[Row, ...]:
    """The rows of a table whose headings are among ``columns``; heading and width problems become findings.

    With ``others`` a heading outside ``columns`` is kept under its own lower-case name.
    """
    header, *rest = block.lines
    titles = split_cells(header)
    by_key = {header_key(name): name for name in columns}
    names: list[str] = []
    for cell in titles:
        name = by_key.get(header_key(cell.text))
        if name is None and others and cell.text:
            name = header_key(cell.text)
        if name is None:
            findings.unknown_name(cell.line, cell.column, "unknown-column", f"column of the {what}", cell.text, columns)
            name = f"?{len(names)}"
        elif name in names:
            findings.error(
                cell.line, cell.column, "duplicate-column", f"the column {name!r} twice", "each once", "delete one"
            )
        names.append(name)
    for name in required:
        if name not in names:
            findings.error(
                header.line,
                header.column,
                "missing-column",
                f"no column {name!r} in the {what}",
                f"the columns {', '.join(columns)}",
                "add it",
            )
    rows = []
    for line in rest[1:]:
        cells = split_cells(line)
        if len(cells) != len(names):
            findings.error(
                line.line,
                line.column,
                "wrong-width",
                f"{len(cells)} cells in a row of the {what}",
                f"{len(names)}",
                "give each column its cell; write \\| for a bar inside one",
            )
            continue
        rows.append(Row(tuple(zip(names, cells, strict=True)), line.line))
    return tuple(rows)


def is_delimiter(line: Line) -> bool:
    cells = split_cells(line)
    return bool(cells) and all(_DELIMITER.fullmatch(cell.text) for cell in cells)


def escape(text: str) -> str:
    """A cell's text as it stands in a table: bars outside code spans behind a backslash."""
    if "|" not in text:
        return text
    parts = re.split(r"(`+[^`]*`+)", text)
    return "".join(part if part.startswith("`") else part.replace("|", "\\|") for part in parts)


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A padded pipe table."""
    held = [[escape(cell) for cell in row] for row in rows]
    widths = [max([3, len(name), *(len(row[at]) for row in held)]) for at, name in enumerate(columns)]
    lines = ["| " + " | ".join(name.ljust(width) for name, width in zip(columns, widths, strict=True)) + " |"]
    lines.append("|" + "|".join("-" * (width + 2) for width in widths) + "|")
    lines += [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in held
    ]
    return "\n".join(lines)
