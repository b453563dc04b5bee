"""The Coding table and the Definitions section: codes with their days, value sets, look-up tables, local facts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import pairwise

from medpol.model.codes import (
    DIAGNOSIS_SYSTEMS,
    FREE_TEXT_SYSTEMS,
    CodePattern,
    CodeSystems,
    diagnosis_pattern,
    is_range,
    pattern_shown,
)
from medpol.model.dates import ONE_DAY, EffectivePeriod, parse_day
from medpol.model.diagnostic import Source
from medpol.model.facts import FactDeclaration
from medpol.model.policy import CodeRole, CodeRow, Coding, Definitions, LookupTable, ValueSet
from medpol.model.quantities import Quantity, parse_quantity
from medpol.text.blocks import Block, read_blocks
from medpol.text.facts import FACT_COLUMNS, print_facts, read_fact_table, report_broken_table
from medpol.text.source import Findings, shorten
from medpol.text.spans import mark
from medpol.text.tables import Cell, Row, header_key, print_table, read_table, split_cells

CODE_COLUMNS = ("Group", "System", "Code", "Role", "From", "To", "Our label", "Dose per unit")
_GROUP = re.compile(r"[^\W\d_](?:\w|-(?=\w))*")
_ROLES = {role.value: role for role in CodeRole}
_OPEN = re.compile(r"including,? but not limited to", re.IGNORECASE)


def read_period(row: Row, first: str, last: str, findings: Findings) -> EffectivePeriod | None:
    """The half-open period of two cells, of which the second names the last day in."""
    start, start_ok = _day(row[first], findings)
    end, end_ok = _day(row[last], findings)
    if not (start_ok and end_ok):
        return None
    if start is not None and end is not None and end < start:
        findings.error(
            row[last].line,
            row[last].column,
            "end-before-start",
            f"{end} lies before {start}",
            "a last day not before the first",
            "correct one of the two",
        )
        return None
    return EffectivePeriod(start, None if end is None else end + ONE_DAY)


def _day(cell: Cell, findings: Findings) -> tuple[date | None, bool]:
    if not cell.text:
        return None, True
    day = parse_day(cell.text)
    if day is None or day == date.max:
        findings.error(
            cell.line, cell.column, "bad-date", f"{shorten(cell.text)!r} is no day", "YYYY-MM-DD", "correct the date"
        )
        return None, False
    return day, True


def last_day_shown(period: EffectivePeriod) -> str:
    return "" if period.end is None else str(period.end - ONE_DAY)


def read_coding(blocks: Sequence[Block], findings: Findings, systems: CodeSystems, prose: str) -> Coding:
    rows: list[CodeRow] = []
    for block in blocks:
        if block.kind == "table":
            for row in read_table(
                block, findings, CODE_COLUMNS, required=("Group", "System", "Code", "Role"), what="Coding table"
            ):
                read = _code_row(row, findings, systems)
                if read is not None:
                    rows.append(read)
        elif block.kind == "paragraph":
            report_broken_table(block, findings)
    _report_mixed_groups(rows, findings)
    return Coding(tuple(rows), prose)


def _code_row(row: Row, findings: Findings, systems: CodeSystems) -> CodeRow | None:
    group, role, code = row["Group"], _ROLES.get(row.text("Role").casefold()), row["Code"]
    period = read_period(row, "From", "To", findings)
    if not _GROUP.fullmatch(group.text):
        findings.error(
            group.line,
            group.column,
            "bad-name",
            f"the group {shorten(group.text)!r}",
            "a letter, then letters, digits, _ and inner hyphens",
            "rename it",
        )
        return None
    if role is None:
        findings.unknown_name(row["Role"].line, row["Role"].column, "unknown-role", "role", row.text("Role"), _ROLES)
        return None
    system = systems.canonical(row.text("System")) if row.text("System") else ""
    if system is None or (not system and code.text):
        findings.unknown_name(
            row["System"].line,
            row["System"].column,
            "unknown-system",
            "code system",
            row.text("System"),
            systems.names(),
        )
        return None
    pattern = None
    if code.text:
        pattern = _pattern(code, system, role, findings, systems)
        if pattern is None:
            return None
    elif role is not CodeRole.GOVERNED:
        findings.error(
            code.line,
            code.column,
            "missing-code",
            f"no code in a row with role {role.value}",
            "a code (only a governed service may have none yet)",
            "write the code",
        )
        return None
    dose = None
    if row.text("Dose per unit"):
        dose = parse_quantity(row.text("Dose per unit"))
        if dose is None or dose.unit is None:
            cell = row["Dose per unit"]
            findings.error(
                cell.line,
                cell.column,
                "bad-quantity",
                f"the dose {cell.text!r}",
                "a quantity such as 10 mg",
                "correct it",
            )
            return None
    if period is None:
        return None
    return CodeRow(
        group.text,
        system,
        pattern,
        role,
        period,
        row.text("Our label"),
        dose,
        Source(findings.file, code.line, code.column),
    )


def _pattern(cell: Cell, system: str, role: CodeRole, findings: Findings, systems: CodeSystems) -> CodePattern | None:
    text = cell.text.strip("`")
    if system in DIAGNOSIS_SYSTEMS:
        pattern = diagnosis_pattern(systems, system, text)
    else:
        code = systems.normalise(system, text)
        pattern = None if code is None else CodePattern(code)
    if pattern is None:
        if system not in FREE_TEXT_SYSTEMS and is_range(text):
            findings.error(
                cell.line,
                cell.column,
                "code-range",
                f"the range {shorten(text)!r}",
                "single codes, or prefixes such as M79.1x and M79.*",
                "write the codes out, one a row, or as prefixes",
            )
        else:
            others = systems.systems_of(text)
            findings.error(
                cell.line,
                cell.column,
                "bad-code",
                f"{shorten(text)!r} does not have the shape of {system}",
                "one code a row" if not others else f"a code of {system}",
                f"it has the shape of {', '.join(others)}: correct the system or the code"
                if others
                else "correct the code",
            )
    elif pattern.is_prefix and role is CodeRole.GOVERNED:
        findings.error(
            cell.line,
            cell.column,
            "bad-code",
            f"the prefix {shorten(text)!r} with role governed",
            "whole codes",
            "write the codes out",
        )
        return None
    return pattern


def _report_mixed_groups(rows: Iterable[CodeRow], findings: Findings) -> None:
    roles: dict[str, CodeRow] = {}
    for row in rows:
        first = roles.setdefault(row.group, row)
        if first.role is not row.role:
            findings.error(
                row.source.line,
                row.source.column,
                "mixed-roles",
                f"the group {row.group!r} as {row.role.value}, but as {first.role.value} in line {first.source.line}",
                "one role a group",
                "give the codes of another role a group of their own",
            )


def print_coding(rows: Iterable[CodeRow]) -> str:
    held = tuple(rows)
    columns = CODE_COLUMNS if any(row.dose_per_unit for row in held) else CODE_COLUMNS[:-1]
    return print_table(
        columns,
        (
            (
                row.group,
                row.system,
                "" if row.pattern is None else pattern_shown(row.system, row.pattern),
                row.role.value,
                "" if row.period.start is None else str(row.period.start),
                last_day_shown(row.period),
                row.label,
                "" if row.dose_per_unit is None else str(row.dose_per_unit),
            )[: len(columns)]
            for row in held
        ),
    )


# ---------------------------------------------------------------------------- definitions


def read_definitions(blocks: Sequence[Block], findings: Findings, prose_of: Sequence[str]) -> Definitions:
    """Value sets from bullets that begin with a code span, tables under headings, facts from a facts table; the rest is prose.

    ``prose_of`` holds the source lines of each block, in the order of ``blocks``.
    """
    value_sets: list[ValueSet] = []
    tables: list[LookupTable] = []
    facts: list[FactDeclaration] = []
    prose: list[str] = []
    heading: Block | None = None
    pending: str | None = None
    for block, raw in zip(blocks, prose_of, strict=True):
        if block.kind == "heading":
            if pending is not None:
                prose.append(pending)
            heading, pending = block, raw
            continue
        if block.kind == "table" and _is_facts_table(block):
            facts += read_fact_table(block, findings)
            pending = None if heading is not None and heading.text.strip().casefold() == "facts" else pending
            continue
        if block.kind == "table" and heading is not None and pending is not None:
            table = _lookup_table(heading, block, findings)
            if table is not None:
                tables.append(table)
                pending = None
                continue
        if block.kind == "list":
            found = [_value_set(item, findings) for item in block.blocks]
            if found and all(found):
                value_sets += [each for each in found if each is not None]
                continue
        elif block.kind == "paragraph":
            report_broken_table(block, findings)
        if pending is not None:
            prose.append(pending)
            pending = None
        prose.append(raw)
    if pending is not None:
        prose.append(pending)
    for kind, names in (
        ("value set", [(each.name, each.source) for each in value_sets]),
        ("table", [(each.name, each.source) for each in tables]),
    ):
        seen: set[str] = set()
        for name, source in names:
            if name in seen:
                findings.error(
                    source.line,
                    source.column,
                    "duplicate-name",
                    f"the {kind} {name!r} twice",
                    "each name once",
                    "rename one",
                )
            seen.add(name)
    return Definitions(tuple(value_sets), tuple(tables), tuple(facts), "\n\n".join(prose))


def _is_facts_table(block: Block) -> bool:
    keys = {header_key(cell.text) for cell in split_cells(block.lines[0])}
    return {header_key(name) for name in FACT_COLUMNS[:2]} <= keys


def _value_set(item: Block, findings: Findings) -> ValueSet | None:
    """``- `name`: `a`, `b` ``; a bullet without a name in front is prose."""
    if not item.blocks or item.blocks[0].kind != "paragraph" or len(item.blocks) > 1:
        return None
    line = item.blocks[0].lines[0]
    marked = mark(line.text)
    if (
        len(marked.codes) < 1
        or marked.codes[0].start != 0
        or not line.text[marked.codes[0].end :].lstrip().startswith(":")
    ):
        return None
    name, *values = (code.text for code in marked.codes)
    if len(item.blocks[0].lines) > 1:
        extra = item.blocks[0].lines[1]
        findings.error(
            extra.line,
            extra.column,
            "soft-break",
            "a second line in a value set",
            "one value set, one line",
            "join the lines",
        )
    if not _GROUP.fullmatch(name):
        findings.error(
            line.line,
            line.column,
            "bad-name",
            f"the value set {shorten(name)!r}",
            "a letter, then letters, digits, _ and inner hyphens",
            "rename it",
        )
    if not values:
        findings.error(
            line.line,
            line.column,
            "empty-set",
            f"the value set {shorten(name)!r} holds nothing",
            "values in code spans",
            "list them",
        )
    if len(set(values)) != len(values):
        findings.error(
            line.line,
            line.column,
            "duplicate-name",
            f"a value twice in {shorten(name)!r}",
            "each value once",
            "delete one",
        )
    return ValueSet(
        name,
        tuple(values),
        _OPEN.search(line.text) is not None,
        line.text,
        Source(findings.file, line.line, line.column),
    )


def _lookup_table(heading: Block, block: Block, findings: Findings) -> LookupTable | None:
    header, *rest = block.lines
    titles = split_cells(header)
    name = re.sub(r"[^\w]+", "-", heading.text.strip().casefold()).strip("-")
    if len(titles) != 2 or not _GROUP.fullmatch(name):
        return None
    rows: list[tuple[Quantity, Quantity]] = []
    for line in rest[1:]:
        cells = split_cells(line)
        values = [parse_quantity(cell.text) for cell in cells]
        if len(values) != 2 or any(value is None for value in values):
            if not rows and all(value is None for value in values):
                return None
            findings.error(
                line.line,
                line.column,
                "bad-quantity",
                f"the row {shorten(line.text)!r} of the table {name!r}",
                "a quantity with its unit in each cell",
                "correct the row",
            )
            continue
        one, other = values
        if one is not None and other is not None:
            rows.append((one, other))
    for at in (0, 1):
        units = {row[at].unit for row in rows}
        if len(units) > 1:
            findings.error(
                block.line,
                block.column,
                "units-differ",
                f"the units {', '.join(sorted(map(str, units)))} in one column of {name!r}",
                "one unit a column",
                "write the column in one unit",
            )
    if any(one[0].number >= other[0].number for one, other in pairwise(rows)):
        findings.error(
            block.line,
            block.column,
            "table-order",
            f"the rows of {name!r} do not rise",
            "rows from least to greatest, each once",
            "sort the rows",
        )
    return LookupTable(
        name,
        heading.text.strip(),
        (titles[0].text, titles[1].text),
        tuple(rows),
        Source(findings.file, heading.line, heading.column),
    )


def print_definitions(body: Definitions) -> str:
    parts = [body.prose] if body.prose else []
    if body.value_sets:
        goes_last = re.match(r"[ \t]|-[ \t]", body.prose) is not None  # words that would become part of the list above
        marker = "*" if goes_last and _ends_in_bullets(body.prose) else "-"
        parts.insert(len(parts) * goes_last, "\n".join(f"{marker} {each.sentence}" for each in body.value_sets))
    for table in body.tables:
        parts.append(f"### {table.heading}")
        parts.append(print_table(table.columns, ((str(one), str(other)) for one, other in table.rows)))
    if body.facts:
        parts += ["### Facts", print_facts(body.facts)]
    return "\n\n".join(parts)


def _ends_in_bullets(text: str) -> bool:
    blocks = read_blocks(text.split("\n"))
    return bool(blocks) and blocks[-1].kind == "list" and blocks[-1].marker == "-"
