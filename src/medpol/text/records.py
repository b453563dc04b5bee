"""What the files of evidence share: front matter, sections of tables, bullets and field lines, cells that may not be blank."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import TypeVar

from medpol.model.dates import StatedDate, parse_day, stated, stated_month
from medpol.model.diagnostic import Source
from medpol.model.studies import NOT_REPORTED, Reported, Signature
from medpol.text.blocks import is_within_limits, raw_block, read_blocks, report_unclosed, report_underlined
from medpol.text.evidence import Fields, Piece, read_fields
from medpol.text.facts import report_broken_table
from medpol.text.head import Head, read_head
from medpol.text.source import Findings, canonical_text, refuse_control_characters, shorten
from medpol.text.sources import quoted
from medpol.text.tables import Cell, Row, print_table, read_table

NONE = "none"
NOT_SIGNED = "not signed"
_NOTHING = frozenset((NONE, NOT_REPORTED, NOT_SIGNED))
_MAY_BE_BLANK = frozenset(("Note", "Remark"))
_LONGEST_NUMBER = 40
_BULLET = re.compile(r"\s*(?:[-*+]|[0-9]{1,9}[.)])[ \t]*", re.ASCII)
_E = TypeVar("_E", bound=Enum)


@dataclass(slots=True)
class Record:
    """A file of evidence taken apart. What no reader takes out of its sections is prose; ``kept`` is prose taken out already."""

    head: Head
    findings: Findings
    lines: Sequence[str]
    preamble: list[Piece] = field(default_factory=list)
    sections: dict[str, list[Piece]] = field(default_factory=dict)
    kept: list[str] = field(default_factory=list)

    def recorded(self) -> date | None:
        """The day on which it was recorded; an error where none is stated."""
        text = self.head.required("recorded", "write the day on which this was recorded, YYYY-MM-DD")
        day = parse_day(text)
        if text and day is None:
            self.findings.error(
                *self.head.where("recorded"),
                "bad-date",
                f"`recorded: {shorten(text)}` is no day",
                "YYYY-MM-DD",
                "correct the date; nothing is repaired",
            )
        return day

    def rows(self, section: str, columns: Sequence[str], required: Iterable[str] | None = None) -> list[Row]:
        """The rows of all tables of a section; a blank cell is an error. All columns are required unless it is said which."""
        needed = tuple(column for column in columns if column not in _MAY_BE_BLANK) if required is None else required
        found: list[Row] = []
        for piece in self._take(section, "table"):
            found += read_table(piece.block, self.findings, columns, required=needed, what=f"{section.lower()} table")
        for row in found:
            for name, cell in row.cells:
                if not cell.text and name not in _MAY_BE_BLANK:
                    self.findings.error(
                        cell.line,
                        cell.column,
                        "blank-cell",
                        f"a blank cell under {name!r}",
                        f"a value, or the words *{NOT_REPORTED}*",
                        f"write `{NOT_REPORTED}` where the source does not say, `{NONE}` where there is none",
                    )
        return found

    def bullets(self, section: str) -> tuple[str, ...]:
        """The items of the lists of a section, each as one line."""
        found = []
        for piece in self._take(section, "list"):
            for item in piece.block.blocks:
                words = [line.strip() for line in self.lines[item.line - 1 : item.end - 1] if line.strip()]
                text = " ".join([_BULLET.sub("", words[0], count=1), *words[1:]]).strip() if words else ""
                if text:
                    found.append(text)
                else:
                    self.findings.error(
                        item.line, 1, "blank-cell", "a bullet without words", "one line each", "fill or delete it"
                    )
        return tuple(found)

    def fields(self, section: str, names: Sequence[str]) -> Fields:
        """The field lines of a section; its other paragraphs are the prose of the fields."""
        pieces = self.sections.get(section, [])
        self.sections[section] = [piece for piece in pieces if piece.block.kind == "table"]
        return read_fields([piece for piece in pieces if piece.block.kind != "table"], names, self.findings)

    def prose(self) -> str:
        """What nobody took, in the order in which it stands; asked for last. A table among it is an error."""
        left = [*self.preamble, *(piece for pieces in self.sections.values() for piece in pieces)]
        for piece in left:
            if piece.block.kind == "table":
                self.findings.error(
                    piece.block.line,
                    piece.block.column,
                    "unread-table",
                    "a table that no section reads",
                    f"tables under one of: {', '.join(self.sections) or 'the known headings'}",
                    "put it under the heading that it belongs to",
                )
            elif piece.block.kind == "paragraph":
                report_broken_table(piece.block, self.findings)
        return "\n\n".join((*(piece.raw for piece in left), *self.kept))

    def source(self, cell: Cell) -> Source:
        return Source(self.findings.file, cell.line, cell.column)

    def _take(self, section: str, kind: str) -> list[Piece]:
        pieces = self.sections.get(section, [])
        self.sections[section] = [piece for piece in pieces if piece.block.kind != kind]
        return [piece for piece in pieces if piece.block.kind == kind]


def open_record(text: str, findings: Findings, keys: Sequence[str], sections: Sequence[str]) -> Record | None:
    """A file of evidence by its sections, or ``None`` where its front matter cannot be read."""
    canonical = canonical_text(text)
    lines = canonical.split("\n")[:-1]
    if refuse_control_characters(canonical, findings) or not is_within_limits(lines, findings):
        return None
    mapping, taken = read_head(lines, findings, known=keys)
    if mapping is None:
        return None
    record = Record(Head(mapping, findings), findings, lines)
    known = {name.casefold(): name for name in sections}
    inner = record.preamble
    for block in read_blocks(lines[taken:], taken + 1):
        report_underlined(block, lines, findings)
        if block.kind in ("code", "html"):
            report_unclosed(block, findings)
        if block.kind != "heading" or block.level != 2:
            inner.append(Piece(block, raw_block(block, lines)))
            continue
        name = known.get(" ".join(block.text.casefold().split()), "")
        if not name:
            findings.unknown_name(block.line, block.column, "unknown-section", "section", block.text, sections)
        elif name in record.sections:
            findings.error(
                block.line,
                block.column,
                "duplicate-section",
                f"the section {name!r} twice",
                "each section once",
                "join the two",
            )
        inner = record.sections.setdefault(name, []) if name else []
    return record


# ---------------------------------------------------------------------------- cells


def holds(row: Row, column: str) -> bool:
    """Whether the table of the row has the column."""
    return any(name == column for name, _ in row.cells)


def words(row: Row, column: str) -> str:
    """The words of a cell; nothing for *none*, *not reported* and a column that is not there."""
    text = row.text(column)
    return "" if text.casefold() in _NOTHING else text


def listed(row: Row, column: str) -> tuple[str, ...]:
    """The items of a cell, parted by semicolons; none for *none*."""
    return tuple(each.strip() for each in words(row, column).split(";") if each.strip())


def reported(row: Row, column: str, findings: Findings) -> Reported | None:
    """The number of a cell as printed, or *not reported*; ``None`` where the table has no such column."""
    if not holds(row, column):
        return None
    cell = row[column]
    number = Reported(cell.text)
    if cell.text and number.is_reported and (len(cell.text) > _LONGEST_NUMBER or number.number is None):
        findings.error(
            cell.line,
            cell.column,
            "bad-number",
            f"{shorten(cell.text)!r} under {column!r}",
            f"a number as printed, such as -14.4, <0.001 or 32 %, or the words *{NOT_REPORTED}*",
            "correct it; words belong in a note",
        )
    return number if number.is_reported else Reported(NOT_REPORTED)


def whole_number(row: Row, column: str, findings: Findings) -> int | None:
    """A whole number, or ``None`` for *not reported*; anything else is an error."""
    text, cell = words(row, column), row[column]
    if text and not (text.isascii() and text.isdigit() and len(text) < 9):
        findings.error(
            cell.line,
            cell.column,
            "bad-number",
            f"{shorten(text)!r} under {column!r}",
            f"a whole number, or *{NOT_REPORTED}*",
            "correct it",
        )
        return None
    return int(text) if text else None


def choice(row: Row, column: str, kind: type[_E], findings: Findings) -> _E | None:
    """The choice that a cell states; ``None`` for a blank one, and with an error for another word."""
    cell = row[column]
    wanted = " ".join(cell.text.casefold().split())
    for each in kind:
        if str(each.value).casefold() == wanted:
            return each
    if wanted:
        values = [str(each.value) for each in kind]
        findings.unknown_name(cell.line, cell.column, "unknown-choice", f"{column.lower()}", cell.text, values)
    return None


def optional_choice(row: Row, column: str, kind: type[_E], findings: Findings) -> _E | None:
    """As ``choice``; *none* and *not reported* are no error."""
    return choice(row, column, kind, findings) if words(row, column) else None


def head_choice(head: Head, key: str, kind: type[_E], default: _E) -> _E:
    """The choice that the front matter states under a key."""
    text = " ".join(head.text(key).casefold().split())
    for each in kind:
        if str(each.value).casefold() == text:
            return each
    if text:
        values = [str(each.value) for each in kind]
        head.findings.unknown_name(*head.where(key), "unknown-choice", f"value of `{key}:`", text, values)
    return default


def stated_date(row: Row, column: str, findings: Findings) -> StatedDate:
    """A day or a month as printed, empty for *not reported*."""
    text, cell = words(row, column), row[column]
    if text and parse_day(text) is None and stated_month(text) is None:
        findings.error(
            cell.line,
            cell.column,
            "bad-date",
            f"{shorten(text)!r} is no date",
            "YYYY-MM-DD, or a month such as 2024-05 where no day is stated",
            "correct the date; nothing is repaired",
        )
    return stated(text)


def signature(name: Cell, role: Cell, day: Cell, findings: Findings) -> Signature | None:
    """Who signed, in which capacity and when; ``None`` where *not signed* stands. A half signature is an error."""
    if not name.text or name.text.casefold() in _NOTHING:
        return None
    signed = parse_day(day.text)
    is_whole = bool(role.text) and role.text.casefold() not in _NOTHING
    if signed is None or not is_whole:
        where = day if is_whole else role
        findings.error(
            where.line,
            where.column,
            "half-signed",
            f"signed by {shorten(name.text)!r} " + ("on no day" if is_whole else "without a role"),
            "a name, a role and a day YYYY-MM-DD",
            f"complete the signature, or write `{NOT_SIGNED}`",
        )
        return None
    return Signature(name.text, role.text, signed)


def report_twice(named: Iterable[tuple[str, Cell]], what: str, findings: Findings) -> None:
    """An error for each name that stands a second time."""
    seen: dict[str, Cell] = {}
    for name, cell in named:
        if name and name in seen:
            findings.error(
                cell.line,
                cell.column,
                "duplicate-row",
                f"the {what} {shorten(name)!r} twice (line {seen[name].line})",
                "each once",
                "delete one, or rename it",
            )
        seen.setdefault(name, cell)


def known(cell: Cell, what: str, name: str, names: Collection[str], findings: Findings) -> bool:
    """Whether an id is among those declared; an error, with the nearest, where it is not. A set is asked quickly."""
    if name in names:
        return True
    findings.unknown_name(cell.line, cell.column, "unknown-id", what, name, names)
    return False


# ---------------------------------------------------------------------------- written anew


def print_record(head: Iterable[tuple[str, str | Sequence[str]]], prose: str, parts: Iterable[tuple[str, str]]) -> str:
    """The document: front matter without its empty keys, prose, then each section that has a body."""
    lines = []
    for key, value in head:
        if isinstance(value, str):
            lines += [f"{key}: {quoted(value)}"] if value else []
        elif len(value) == 1:
            lines.append(f"{key}: {quoted(value[0])}")
        elif value:
            lines.append(f"{key}: [{', '.join(map(quoted, value))}]")
    whole = ["---\n" + "\n".join(lines) + "\n---", *([prose] if prose else [])]
    for name, body in parts:
        if body:
            whole += [f"## {name}", body]
    return "\n\n".join(whole) + "\n"


def table_or_nothing(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    held = list(rows)
    return print_table(columns, held) if held else ""


def bulleted(items: Iterable[str]) -> str:
    return "\n".join(f"- {each}" for each in items)


def or_not_reported(text: str) -> str:
    return text or NOT_REPORTED


def or_none(text: str) -> str:
    return text or NONE


def signed_cells(signed: Signature | None) -> tuple[str, str, str]:
    return (NOT_SIGNED, NONE, NONE) if signed is None else (signed.name, signed.role, str(signed.day))
