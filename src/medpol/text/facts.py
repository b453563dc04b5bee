"""``facts.md``: declared facts and the fields of events."""

from __future__ import annotations

import re
from collections.abc import Iterable

from medpol.model.diagnostic import Source
from medpol.model.facts import BUILT_IN_FACTS, FACT_SOURCES, EventField, FactDeclaration, FactType
from medpol.model.quantities import canonical_unit, unit_spellings
from medpol.text.blocks import Block, is_within_limits, read_blocks
from medpol.text.source import MAXIMUM_FACTS, Findings, canonical_text, refuse_control_characters
from medpol.text.tables import Cell, Row, print_table, read_table

FACT_COLUMNS = ("Fact", "Type", "Unit or choices", "Question", "From", "FHIR path")
FIELD_COLUMNS = ("Group", "Field", "Type", "Unit or choices", "Question")
_NAME = re.compile(r"[^\W\d_](?:\w|-(?=\w))*(?:\.[^\W\d_](?:\w|-(?=\w))*)*")
_TYPES = {kind.value: kind for kind in FactType}


def read_facts(text: str, findings: Findings) -> tuple[tuple[FactDeclaration, ...], tuple[EventField, ...]]:
    """The facts and event fields of a ``facts.md``; other text between its tables is for people."""
    canonical = canonical_text(text)
    lines = canonical.split("\n")[:-1]
    if refuse_control_characters(canonical, findings) or not is_within_limits(lines, findings):
        return (), ()
    facts: list[FactDeclaration] = []
    fields: list[EventField] = []
    in_fields = False
    for block in read_blocks(lines):
        if block.kind == "heading":
            in_fields = block.text.strip().casefold() == "event fields"
        elif block.kind == "table" and in_fields:
            fields += read_event_fields(block, findings)
        elif block.kind == "table":
            facts += read_fact_table(block, findings)
        elif block.kind == "paragraph":
            report_broken_table(block, findings)
    _once(((fact.name, fact.source) for fact in facts), "fact", findings)
    _once(((f"{group}.{each.name}", each.source) for each in fields for group in each.groups), "field", findings)
    if len(facts) > MAXIMUM_FACTS:
        findings.error(
            1, 1, "too-many-facts", f"{len(facts):,} facts", f"at most {MAXIMUM_FACTS:,}", "split the library"
        )
        return (), ()
    return tuple(facts), tuple(fields)


def report_broken_table(block: Block, findings: Findings) -> None:
    """Report lines with bars that Markdown does not take for a table."""
    for line in block.lines:
        if line.text.lstrip().startswith("|"):
            findings.error(
                line.line,
                line.column,
                "broken-table",
                "a line with bars that is no table",
                "a heading row, then a row of dashes of the same width",
                "give heading and dashes the same number of cells, and an empty line above",
            )
            return


def _once(names: Iterable[tuple[str, Source]], what: str, findings: Findings) -> None:
    seen: dict[str, Source] = (
        {fact.name: Source("the built-in facts") for fact in BUILT_IN_FACTS} if what == "fact" else {}
    )
    for name, source in names:
        if name in seen:
            findings.error(
                source.line,
                source.column,
                f"duplicate-{what}",
                f"the {what} {name!r} is declared already ({seen[name].file})",
                "each name once",
                "delete one, or rename it",
            )
        seen.setdefault(name, source)


def read_fact_table(block: Block, findings: Findings) -> list[FactDeclaration]:
    facts = []
    for row in read_table(block, findings, FACT_COLUMNS, required=FACT_COLUMNS[:2], what="facts table"):
        name = row["Fact"]
        if not _NAME.fullmatch(name.text.strip("`")):
            findings.error(
                name.line,
                name.column,
                "bad-name",
                f"the fact name {name.text!r}",
                "letters, digits, _ and inner hyphens, parts joined by dots",
                "rename it",
            )
            continue
        kind, unit, choices = _typed(row, findings)
        if kind is None:
            continue
        sources = tuple(each for each in re.split(r"[,;]\s*", row.text("From")) if each)
        for each in sources:
            if each not in FACT_SOURCES:
                findings.unknown_name(
                    row["From"].line, row["From"].column, "unknown-source", "source of a fact", each, FACT_SOURCES
                )
        facts.append(
            FactDeclaration(
                name.text.strip("`"),
                kind,
                unit,
                choices,
                row.text("Question"),
                sources,
                row.text("FHIR path"),
                Source(findings.file, name.line, name.column),
            )
        )
    return facts


def read_event_fields(block: Block, findings: Findings) -> list[EventField]:
    fields = []
    for row in read_table(block, findings, FIELD_COLUMNS, required=FIELD_COLUMNS[:3], what="event fields table"):
        kind, unit, choices = _typed(row, findings)
        groups = tuple(each.strip(" `") for each in re.split(r"[,;]", row.text("Group")) if each.strip(" `"))
        name = row["Field"]
        if kind is None or not groups or not _NAME.fullmatch(name.text):
            if kind is not None:
                findings.error(
                    name.line,
                    name.column,
                    "bad-name",
                    f"the field {name.text!r} of {row.text('Group')!r}",
                    "a group and a name",
                    "write both",
                )
            continue
        fields.append(
            EventField(
                groups,
                name.text,
                kind,
                unit,
                choices,
                row.text("Question"),
                Source(findings.file, name.line, name.column),
            )
        )
    return fields


def _typed(row: Row, findings: Findings) -> tuple[FactType | None, str | None, tuple[str, ...]]:
    cell: Cell = row["Type"]
    kind = _TYPES.get(cell.text.casefold())
    if kind is None:
        findings.unknown_name(cell.line, cell.column, "unknown-type", "type", cell.text, _TYPES)
        return None, None, ()
    detail = row["Unit or choices"]
    if kind is FactType.CHOICE:
        choices = tuple(each.strip(" `") for each in detail.text.split(",") if each.strip(" `"))
        if len(choices) < 2 or len(set(choices)) != len(choices):
            findings.error(
                detail.line,
                detail.column,
                "bad-choices",
                f"the choices {detail.text!r}",
                "a closed list of two or more, each once",
                "list them, separated by commas",
            )
            return None, None, ()
        return kind, None, choices
    if kind in (FactType.QUANTITY, FactType.OBSERVATIONS) or (kind is FactType.RATIO and detail.text):
        unit = canonical_unit(detail.text)
        if unit is None:
            if detail.text:
                findings.unknown_name(detail.line, detail.column, "unknown-unit", "unit", detail.text, unit_spellings())
            else:
                findings.error(
                    detail.line,
                    detail.column,
                    "missing-unit",
                    f"a {kind.value} without a unit",
                    "a unit of docs/notation.md",
                    "name its unit",
                )
            return None, None, ()
        return kind, unit, ()
    return kind, "%" if kind is FactType.RATIO else None, ()


def print_facts(facts: Iterable[FactDeclaration]) -> str:
    """The facts table."""
    held = tuple(facts)
    columns = FACT_COLUMNS if any(fact.fhir_path for fact in held) else FACT_COLUMNS[:-1]
    rows = (
        (
            fact.name,
            fact.type.value,
            ", ".join(fact.choices) if fact.choices else ("" if fact.type is FactType.RATIO else fact.unit or ""),
            fact.question,
            ", ".join(fact.sources),
            fact.fhir_path,
        )[: len(columns)]
        for fact in held
    )
    return print_table(columns, rows)


def print_event_fields(fields: Iterable[EventField]) -> str:
    rows = (
        (
            ", ".join(each.groups),
            each.name,
            each.type.value,
            ", ".join(each.choices) if each.choices else ("" if each.type is FactType.RATIO else each.unit or ""),
            each.question,
        )
        for each in fields
    )
    return print_table(FIELD_COLUMNS, rows)
