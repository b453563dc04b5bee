"""``evidence/questions.md``: populations, comparators, outcomes, bands of follow-up, pools and conventions, both ways."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any, get_type_hints

from medpol.model.conventions import Conventions
from medpol.model.diagnostic import Source
from medpol.model.studies import (
    NOT_REPORTED,
    Band,
    Better,
    Comparator,
    ComparatorKind,
    Intervention,
    Outcome,
    OutcomeKind,
    PoolAsked,
    Question,
    Questions,
    TargetPopulation,
    Weight,
    days_of,
)
from medpol.text.records import (
    NONE,
    Record,
    choice,
    known,
    listed,
    open_record,
    optional_choice,
    or_none,
    or_not_reported,
    print_record,
    report_twice,
    table_or_nothing,
    words,
)
from medpol.text.source import Findings, content_hash, shorten
from medpol.text.tables import Cell, Row

QUESTION_KEYS = ("questions", "recorded")
POPULATION_COLUMNS = ("Population", "Part of", "Named in the policy", "Value sets", "Says")
INTERVENTION_COLUMNS = ("Intervention", "Services", "Says")
COMPARATOR_COLUMNS = ("Comparator", "Kind", "Which", "Part of")
OUTCOME_COLUMNS = (
    "Outcome",
    "Kind",
    "Unit",
    "Range",
    "Better",
    "Important difference",
    "Source of the difference",
    "Weight",
    "Named in the policy",
    "Says",
)
BAND_COLUMNS = ("Band", "Up to", "Printed as")
ASKED_COLUMNS = ("Population", "Intervention", "Comparator", "Outcome", "Timepoint")
POOL_COLUMNS = ("Pool", "Population", "Outcome", "Comparator", "Timepoint", "Measure", "Left out", "Unverified")
_OPTIONAL = "Unverified"
POOLED = "pooled"
CONVENTION_COLUMNS = ("Convention", "Value")
SECTIONS = ("Populations", "Interventions", "Comparators", "Outcomes", "Bands", "Questions", "Pools", "Conventions")
ANY = "any"
NO_LIMIT = "no limit"
_ID = re.compile(r"[^\W_](?:\w|[-.](?=\w))*")
_RANGE = re.compile(r"(-?\d+(?:\.\d+)?)\s*(?:to|–|-)\s*(-?\d+(?:\.\d+)?)", re.ASCII)
_DIFFERENCE = re.compile(r"\d+(?:\.\d+)?", re.ASCII)
_CONVENTIONS = {each.name.replace("_", " "): each.name for each in fields(Conventions)}
_LENGTHS = ((365, "year"), (30, "month"), (7, "week"))


def read_questions(text: str, findings: Findings) -> Questions | None:
    """What is asked for one policy, or ``None`` where it is not said for which policy, or since when."""
    record = open_record(text, findings, QUESTION_KEYS, SECTIONS)
    if record is None:
        return None
    policy, recorded = record.head.required("questions", "write the policy's number"), record.recorded()
    asked = Questions(
        policy,
        recorded or date.min,
        tuple(_populations(record)),
        tuple(_interventions(record)),
        tuple(_comparators(record)),
        tuple(_outcomes(record)),
        tuple(_bands(record)),
    )
    asked = Questions(
        policy,
        asked.recorded,
        asked.populations,
        asked.interventions,
        asked.comparators,
        asked.outcomes,
        asked.bands,
        tuple(_questions(record, asked)),
        tuple(_pools(record, asked)),
        _conventions(record),
        record.prose(),
        Source(findings.file),
        content_hash(text),
    )
    return asked if policy and recorded is not None else None


def is_id(text: str) -> bool:
    """Whether a name can be an id: letters and digits, with inner hyphens, dots and underscores."""
    return len(text) <= 100 and _ID.fullmatch(text) is not None


def _ids(rows: Sequence[Row], column: str, findings: Findings) -> Iterable[Row]:
    """The rows whose id is one; each id once."""
    report_twice(((row.text(column), row[column]) for row in rows), column.lower(), findings)
    for row in rows:
        cell = row[column]
        if is_id(cell.text) and cell.text.casefold() not in (ANY, NONE, "all"):
            yield row
        elif cell.text:
            findings.error(
                cell.line,
                cell.column,
                "bad-name",
                f"the id {shorten(cell.text)!r}",
                f"letters and digits with inner hyphens, and not {ANY!r}, {NONE!r} or 'all'",
                "rename it",
            )


def _populations(record: Record) -> Iterable[TargetPopulation]:
    rows = record.rows("Populations", POPULATION_COLUMNS)
    _report_parts(rows, "Population", record.findings)
    for row in _ids(rows, "Population", record.findings):
        yield TargetPopulation(
            row.text("Population"),
            words(row, "Says"),
            words(row, "Part of"),
            words(row, "Named in the policy"),
            listed(row, "Value sets"),
            record.source(row["Population"]),
        )


def _report_parts(rows: Sequence[Row], column: str, findings: Findings) -> None:
    """An error for each row whose wider one is not declared, or that is, over others or at once, a part of itself."""
    wider = {row.text(column): words(row, "Part of") for row in rows}
    reaches_itself = _in_circles(wider)
    for row in rows:
        name, above, cell = row.text(column), words(row, "Part of"), row["Part of"]
        if above and known(cell, column.lower(), above, wider, findings) and name in reaches_itself:
            over = "" if above == name else f", over {shorten(above)!r}"
            findings.error(
                cell.line,
                cell.column,
                "part-of-itself",
                f"{shorten(name)!r} is part of itself{over}",
                "a wider one, or `none`",
                "break the circle",
            )


def _in_circles(wider: Mapping[str, str]) -> set[str]:
    """The names from which a way upwards comes back to them."""
    found, done = set[str](), set[str]()
    for start in wider:
        way: dict[str, int] = {}
        name = start
        while name and name not in done and name not in way:
            way[name] = len(way)
            name = wider.get(name, "")
        if name in way:
            found.update(list(way)[way[name] :])
        done.update(way)
    return found


def _interventions(record: Record) -> Iterable[Intervention]:
    rows = record.rows("Interventions", INTERVENTION_COLUMNS)
    for row in _ids(rows, "Intervention", record.findings):
        yield Intervention(
            row.text("Intervention"), words(row, "Says"), listed(row, "Services"), record.source(row["Intervention"])
        )


def _comparators(record: Record) -> Iterable[Comparator]:
    rows = record.rows("Comparators", COMPARATOR_COLUMNS)
    _report_parts(rows, "Comparator", record.findings)
    for row in _ids(rows, "Comparator", record.findings):
        kind = choice(row, "Kind", ComparatorKind, record.findings)
        if kind is not None:
            source = record.source(row["Comparator"])
            yield Comparator(row.text("Comparator"), kind, words(row, "Which"), words(row, "Part of"), source)


def _outcomes(record: Record) -> Iterable[Outcome]:
    rows, findings = record.rows("Outcomes", OUTCOME_COLUMNS), record.findings
    for row in _ids(rows, "Outcome", findings):
        kind = choice(row, "Kind", OutcomeKind, findings)
        weight = choice(row, "Weight", Weight, findings)
        if kind is not None and weight is not None:
            yield Outcome(
                row.text("Outcome"),
                words(row, "Says"),
                kind,
                words(row, "Unit"),
                _range(row, findings),
                optional_choice(row, "Better", Better, findings),
                _difference(row, findings),
                words(row, "Source of the difference"),
                weight,
                words(row, "Named in the policy"),
                record.source(row["Outcome"]),
            )


def _range(row: Row, findings: Findings) -> tuple[Decimal, Decimal] | None:
    text, cell = words(row, "Range"), row["Range"]
    if not text:
        return None
    match = _RANGE.fullmatch(text) if len(text) <= 60 else None
    if match is not None and Decimal(match[1]) < Decimal(match[2]):
        return Decimal(match[1]), Decimal(match[2])
    findings.error(
        cell.line,
        cell.column,
        "bad-range",
        f"the range {shorten(text)!r}",
        "lowest to highest, such as `0 to 10`",
        "correct it",
    )
    return None


def _difference(row: Row, findings: Findings) -> Decimal | None:
    text, cell = words(row, "Important difference"), row["Important difference"]
    if text and not (len(text) <= 40 and _DIFFERENCE.fullmatch(text) and Decimal(text) > 0):
        findings.error(
            cell.line,
            cell.column,
            "bad-number",
            f"the important difference {shorten(text)!r}",
            f"a number above 0 in the outcome's unit, or *{NOT_REPORTED}*",
            "correct it",
        )
        return None
    return Decimal(text) if text else None


def _bands(record: Record) -> Iterable[Band]:
    findings = record.findings
    rows = record.rows("Bands", BAND_COLUMNS)
    report_twice(((row.text("Band").casefold(), row["Band"]) for row in rows), "band", findings)
    last: int | None = -1
    for row in rows:
        cell, text = row["Up to"], row.text("Up to")
        days = days_of(text) if re.fullmatch(r"\d{1,5}(\.\d{1,3})? \w+", text, re.ASCII) else None
        if text and days is None and text.casefold() != NO_LIMIT:
            findings.error(
                cell.line,
                cell.column,
                "bad-band",
                f"the band ends {shorten(text)!r}",
                f"a length such as `1 day` or `3 months`, or `{NO_LIMIT}`",
                "correct it",
            )
            continue
        if text and (last is None or (days is not None and days <= last)):
            findings.error(
                cell.line,
                cell.column,
                "bad-band",
                f"the band {shorten(row.text('Band'))!r} ends no later than the one above it",
                "bands from the shortest to the longest",
                "put them in order",
            )
        last = days
        if row.text("Band"):
            yield Band(row.text("Band"), days, listed(row, "Printed as"), record.source(row["Band"]))


def _questions(record: Record, asked: Questions) -> Iterable[Question]:
    findings = record.findings
    declared = _declared(asked)
    for row in record.rows("Questions", ASKED_COLUMNS):
        cells = tuple(row[column] for column in ASKED_COLUMNS)
        for cell, (what, names) in zip(cells, declared.items(), strict=True):
            if cell.text:
                known(cell, what, cell.text, names, findings)
        population, intervention, comparator, outcome, band = (cell.text for cell in cells)
        yield Question(population, intervention, comparator, outcome, band, record.source(cells[0]))


def _declared(asked: Questions) -> dict[str, Collection[str]]:
    """The names that questions and pools may use, in the order of the columns of a question."""
    return {
        "population": {each.id for each in asked.populations},
        "intervention": {each.id for each in asked.interventions},
        "comparator": {each.id for each in asked.comparators},
        "outcome": {each.id for each in asked.outcomes},
        "band": {each.name for each in asked.bands},
    }


def _pools(record: Record, asked: Questions) -> Iterable[PoolAsked]:
    findings = record.findings
    rows = record.rows("Pools", POOL_COLUMNS, required=[each for each in POOL_COLUMNS if each != _OPTIONAL])
    declared = _declared(asked)
    for row in _ids(rows, "Pool", findings):
        population, band = row["Population"], row["Timepoint"]
        known(population, "population", population.text, declared["population"], findings)
        is_any = band.text.casefold() == ANY and ANY not in declared["band"]
        if not is_any:
            known(band, "band", band.text, declared["band"], findings)
        outcomes = _outcomes_pooled(row, asked, declared["outcome"], findings)
        comparators = () if row.text("Comparator").casefold() == ANY else _named(row, "Comparator")
        for each in comparators:
            known(row["Comparator"], "comparator", each, declared["comparator"], findings)
        yield PoolAsked(
            row.text("Pool"),
            population.text,
            outcomes[0] if outcomes else "",
            comparators,
            "" if is_any else band.text,
            row.text("Measure"),
            tuple(_left_out(row, findings)),
            outcomes[1:],
            _is_unverified(row, findings),
            record.source(row["Pool"]),
        )


def _named(row: Row, column: str) -> tuple[str, ...]:
    """The ids of a cell, each once. *none* is no id and names nothing: it is held against those declared as it stands."""
    return tuple(dict.fromkeys(each.strip() for each in row.text(column).split(";") if each.strip()))


def _outcomes_pooled(row: Row, asked: Questions, declared: Collection[str], findings: Findings) -> tuple[str, ...]:
    """The outcomes of a pool, the one that gives the unit first; an error where they cannot be pooled together."""
    cell, outcomes = row["Outcome"], _named(row, "Outcome")
    for each in outcomes:
        known(cell, "outcome", each, declared, findings)
    if why := asked.why_apart(outcomes):
        findings.error(
            cell.line,
            cell.column,
            "outcomes-apart",
            f"the outcomes {shorten(cell.text)!r} pooled together, but {why}",
            "outcomes of one kind, each with its direction",
            "declare `Better`, or make a pool of each",
        )
    return outcomes


def _is_unverified(row: Row, findings: Findings) -> bool:
    """Whether numbers that nobody verified are wanted in a pool."""
    text, cell = row.text(_OPTIONAL).casefold(), row[_OPTIONAL]
    if text not in ("", POOLED, NONE):
        findings.unknown_name(cell.line, cell.column, "unknown-choice", "unverified", cell.text, (POOLED, NONE))
    return text == POOLED


def _left_out(row: Row, findings: Findings) -> Iterable[tuple[str, str]]:
    cell = row["Left out"]
    for each in listed(row, "Left out"):
        study, _, reason = (part.strip() for part in each.partition(":"))
        if study and reason:
            yield study, reason
        else:
            findings.error(
                cell.line,
                cell.column,
                "left-out-without-reason",
                f"{shorten(each)!r} is left out without a reason",
                "`study: reason`, several parted by semicolons",
                "say why",
            )


# ---------------------------------------------------------------------------- conventions


def _conventions(record: Record) -> Conventions:
    findings, said = record.findings, dict[str, Any]()
    kinds = get_type_hints(Conventions)
    rows = record.rows("Conventions", CONVENTION_COLUMNS)
    report_twice(((row.text("Convention").casefold(), row["Convention"]) for row in rows), "convention", findings)
    for row in rows:
        name, cell = row.text("Convention").casefold(), row["Convention"]
        if not name or not known(cell, "convention", name, _CONVENTIONS, findings):
            continue
        kind = kinds[_CONVENTIONS[name]]
        value = _level(row["Value"], findings) if kind is float else choice(row, "Value", kind, findings)
        if value is not None:
            said[_CONVENTIONS[name]] = value
    return Conventions(**said)


def _level(cell: Cell, findings: Findings) -> float | None:
    match = re.fullmatch(r"(\d{1,3}(?:\.\d{1,20})?)\s*(%?)", cell.text, re.ASCII)
    level = float(match[1]) / (100 if match[2] else 1) if match else 0
    if 0.5 <= level < 1:
        return level
    findings.error(
        cell.line, cell.column, "bad-number", f"the level {shorten(cell.text)!r}", "such as 0.95 or 95 %", "correct it"
    )
    return None


def convention_cells(conventions: Conventions) -> list[tuple[str, str]]:
    """Every convention by its name in words, with its value as it is written."""
    return [
        (name, str(value.value) if isinstance(value, Enum) else repr(value))
        for name, value in ((name, getattr(conventions, key)) for name, key in _CONVENTIONS.items())
    ]


# ---------------------------------------------------------------------------- written anew


def write_questions(asked: Questions) -> str:
    """The document of some questions; reading it gives the same questions."""
    bodies = (
        table_or_nothing(POPULATION_COLUMNS, map(_population_cells, asked.populations)),
        table_or_nothing(
            INTERVENTION_COLUMNS,
            ((each.id, or_none("; ".join(each.services)), or_not_reported(each.says)) for each in asked.interventions),
        ),
        table_or_nothing(
            COMPARATOR_COLUMNS,
            ((each.id, each.kind.value, or_none(each.which), or_none(each.part_of)) for each in asked.comparators),
        ),
        table_or_nothing(OUTCOME_COLUMNS, map(_outcome_cells, asked.outcomes)),
        table_or_nothing(
            BAND_COLUMNS, ((each.name, length(each.up_to), or_none("; ".join(each.printed_as))) for each in asked.bands)
        ),
        table_or_nothing(
            ASKED_COLUMNS,
            (
                (each.population, each.intervention, each.comparator, each.outcome, each.band)
                for each in asked.questions
            ),
        ),
        table_or_nothing(*_pool_table(asked.pools)),
        table_or_nothing(CONVENTION_COLUMNS, convention_cells(asked.conventions)),
    )
    head = (("questions", asked.policy), ("recorded", str(asked.recorded)))
    return print_record(head, asked.prose, zip(SECTIONS, bodies, strict=True))


def length(days: int | None) -> str:
    """Some days as they are written: ``3 months``, ``1 day``, ``no limit``."""
    if days is None:
        return NO_LIMIT
    size, unit = next(((size, unit) for size, unit in _LENGTHS if days and days % size == 0), (1, "day"))
    return f"{days // size} {unit}{'' if days == size else 's'}"


def _population_cells(each: TargetPopulation) -> tuple[str, ...]:
    return (
        each.id,
        or_none(each.part_of),
        or_none(each.named),
        or_none("; ".join(each.value_sets)),
        or_not_reported(each.says),
    )


def _outcome_cells(each: Outcome) -> tuple[str, ...]:
    return (
        each.id,
        each.kind.value,
        or_not_reported(each.unit),
        NOT_REPORTED if each.range is None else "{:f} to {:f}".format(*each.range),
        NOT_REPORTED if each.better is None else each.better.value,
        NOT_REPORTED if each.important_difference is None else f"{each.important_difference:f}",
        or_not_reported(each.important_source),
        each.weight.value,
        or_none(each.named),
        or_not_reported(each.says),
    )


def _pool_table(pools: Sequence[PoolAsked]) -> tuple[Sequence[str], list[tuple[str, ...]]]:
    """Columns and rows of the pools; what nobody wants unverified has no column for it."""
    if any(each.is_unverified for each in pools):
        return POOL_COLUMNS, [(*pool_cells(each), POOLED if each.is_unverified else NONE) for each in pools]
    return [each for each in POOL_COLUMNS if each != _OPTIONAL], [pool_cells(each) for each in pools]


def pool_cells(each: PoolAsked) -> tuple[str, ...]:
    """A pool as its row is written."""
    return (
        each.id,
        each.population,
        "; ".join((each.outcome, *each.also)),
        "; ".join(each.comparators) or ANY,
        each.band or ANY,
        each.measure,
        or_none("; ".join(f"{study}: {reason}" for study, reason in each.left_out)),
    )
