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
        for key, cell in self.cells:
            if key == name:
                return cell
        return Cell("", self.line, 1)

    def text(self, name: str) -> str:
        return self[name].text


_DELIMITER = re.compile(r":?-+:?")
_BAR = re.compile(r"(?<!\\)\|")


def cell_bounds(text: str) -> list[tuple[int, int]]:
    """Where the cells of one line begin and end, spaces included.

    As in GitHub's tables every bar parts two cells, in a code span too, unless a backslash stands right before it.
    """
    bars = [match.start() for match in _BAR.finditer(text)]
    bounds = list(zip([0, *(bar + 1 for bar in bars)], [*bars, len(text)], strict=True))
    if bars and not text[: bars[0]].strip():
        bounds = bounds[1:]
    if bars and bounds and not text[bars[-1] + 1 :].strip():
        bounds = bounds[:-1]
    return bounds


def split_cells(line: Line) -> tuple[Cell, ...]:
    """The cells of one line, without the spaces around them and the backslash before a bar."""
    cells = []
    for begin, end in cell_bounds(line.text):
        raw = line.text[begin:end]
        stripped = raw.strip()
        indent = len(raw) - len(raw.lstrip()) if stripped else 0
        cells.append(Cell(stripped.replace("\\|", "|"), line.line, line.column + begin + indent))
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
    """A cell's text as it stands in a table: each bar behind a backslash."""
    return text.replace("|", "\\|")


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A padded pipe table."""
    names = [escape(name) for name in columns]
    held = [[escape(cell) for cell in row] for row in rows]
    widths = [max([3, len(name), *(len(row[at]) for row in held)]) for at, name in enumerate(names)]
    lines = ["| " + " | ".join(name.ljust(width) for name, width in zip(names, widths, strict=True)) + " |"]
    lines.append("|" + "|".join("-" * (width + 2) for width in widths) + "|")
    lines += [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in held
    ]
    return "\n".join(lines)
