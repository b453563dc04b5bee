"""A source carried over to its next version: keys of the front matter set or taken away, one row of history added."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from medpol.model.dates import stated
from medpol.model.evidence import HistoryRow
from medpol.model.policy import SectionName
from medpol.text.blocks import Block, read_blocks
from medpol.text.evidence import HISTORY_COLUMNS, history_cells
from medpol.text.format import DocumentKind, format_source
from medpol.text.head import split_head
from medpol.text.headings import section_of
from medpol.text.source import canonical_text
from medpol.text.tables import escape, header_key, print_table, split_cells

_KEY = re.compile(r"""(?P<quote>["']?)(?P<key>[^\s:"'][^:"']*)(?P=quote)\s*:""")


def revise(text: str, head: Mapping[str, str | None], row: HistoryRow) -> str:
    """The source of the next version; what is not named stays as it is.

    Args:
        text: A policy document that reads without errors.
        head: Front-matter keys with their new values; ``None`` takes a key away.
        row: What the History is to tell of the new version, put at the end at which the newest rows stand.
    """
    lines = canonical_text(text).split("\n")[:-1]
    closing = split_head(lines)
    if closing is None:
        raise ValueError("a document without front matter cannot be revised")
    body = _with_row(lines[closing:], row)
    return format_source("\n".join((lines[0], *_head(lines[1:closing], head), *body)) + "\n", DocumentKind.POLICY)


def _head(lines: Sequence[str], head: Mapping[str, str | None]) -> list[str]:
    """The lines of the front matter: each key with the lines below it that belong to it."""
    entries: list[tuple[str, list[str]]] = []
    for line in lines:
        match = _KEY.match(line)
        if match is not None:
            entries.append((match["key"].strip(), [line]))
        elif entries:
            entries[-1][1].append(line)
        else:
            entries.append(("", [line]))
    held = {key for key, _ in entries}
    last_day = max((at for at, (key, _) in enumerate(entries) if key in _DAYS), default=len(entries) - 1)
    found: list[str] = []
    for at, (key, own) in enumerate(entries):
        if key not in head:
            found += own
        elif (value := head[key]) is not None:
            found.append(f"{key}: {value}")
        if at == last_day:
            found += [f"{name}: {value}" for name, value in head.items() if value is not None and name not in held]
    return found


_DAYS = frozenset(
    {"effective", "approved", "row date", "published", "last revised", "review due", "literature through"}
)


def _with_row(lines: list[str], row: HistoryRow) -> list[str]:
    """The body with one more row: in its last table of history, else in one of its own below what the History says."""
    cells = dict(zip(HISTORY_COLUMNS, history_cells(row), strict=True))
    table, end = _history(read_blocks(lines))
    if table is None:
        own = ["", print_table(HISTORY_COLUMNS, [tuple(cells.values())])]
        heading = ["", f"## {SectionName.HISTORY.value}"] if end is None else []
        at = len(lines) if end is None else end - 1
        return [*lines[:at], *heading, *own, *lines[at:]]
    by_key = {header_key(name): cell for name, cell in cells.items()}
    titles = [header_key(cell.text) for cell in split_cells(table.lines[0])]
    added = "| " + " | ".join(escape(by_key.get(title, "")) for title in titles) + " |"
    first, last = table.lines[0].line + 2, table.lines[-1].line
    at = first if _is_newest_first([split_cells(line)[0].text for line in table.lines[2:]]) else last + 1
    return [*lines[: at - 1], added, *lines[at - 1 :]]


def _history(blocks: Sequence[Block]) -> tuple[Block | None, int | None]:
    """The last table of the History, and the line behind what the section holds; ``None`` where there is no such."""
    table: Block | None = None
    end: int | None = None
    is_history = False
    for block in blocks:
        if block.kind == "heading" and block.level == 2:
            is_history = section_of(block.text) is SectionName.HISTORY
        if is_history:
            end = block.end
            table = block if block.kind == "table" else table
    return table, end


def _is_newest_first(days: Sequence[str]) -> bool:
    read = [day for each in days if (day := stated(each).first_day()) is not None]
    return len(read) > 1 and read[0] > read[-1]
