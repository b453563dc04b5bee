"""Where in a document something stands: the value of a field, the cell of a table."""

from __future__ import annotations

from medpol.check.holdings import Holdings
from medpol.model.diagnostic import Source
from medpol.text.tables import cell_bounds, header_key


def field_place(holdings: Holdings, heading: Source, name: str) -> Source:
    """Where the value of a field line (`Name: value`) below a heading begins; the heading itself where there is none."""
    for number, line in enumerate(holdings.lines(heading.file)[heading.line :], heading.line + 1):
        if line.lstrip().startswith("#"):
            break
        key, colon, value = line.partition(":")
        if colon and key.strip() == name and value.strip():
            return Source(heading.file, number, len(key) + 2 + len(value) - len(value.lstrip()))
    return heading


def cell_place(holdings: Holdings, row: Source, column: str) -> Source:
    """Where the cell of a named column begins in a table's row; the row itself where there is no such column."""
    lines = holdings.lines(row.file)
    top = row.line
    while top > 1 and lines[top - 2].lstrip().startswith("|"):
        top -= 1
    titles, cells = lines[top - 1], lines[row.line - 1]
    named = [header_key(titles[begin:end]) for begin, end in cell_bounds(titles)]
    bounds = cell_bounds(cells)
    at = named.index(header_key(column)) if header_key(column) in named else len(bounds)
    if at >= len(bounds):
        return row
    begin, end = bounds[at]
    cell = cells[begin:end]
    return Source(row.file, row.line, begin + 1 + (len(cell) - len(cell.lstrip()) if cell.strip() else 0))
