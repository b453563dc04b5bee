"""Tables of plain cells as CSV and as Markdown: the one writer of every sheet of evidence."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

Cell = str | float | int | None
_QUOTED = ("=", "+", "-", "@", "\t", "\r", "'")


def csv_text(columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    """Comma-separated values with a head. A cell that a spreadsheet would run as a formula is kept from it by a quote.

    Numbers with a sign are no formulas and stay as they are; ``None`` is an empty cell. Lines end with a line feed.
    """
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([[_harmless(cell) for cell in row] for row in rows])
    return written.getvalue()


def _harmless(cell: Cell) -> str:
    if not isinstance(cell, str):
        return "" if cell is None else str(cell)
    if not cell.startswith(_QUOTED):
        return cell
    try:
        float(cell.rstrip(" %"))
    except ValueError:
        return f"'{cell}"
    return cell


def unquoted(cell: str) -> str:
    """The cell without the quote that kept a spreadsheet from running it."""
    return cell.removeprefix("'")


def markdown_text(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; bars inside cells are escaped, lines joined."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "".join(f"| {' | '.join(_cell(each) for each in line)} |\n" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
