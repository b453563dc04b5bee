"""``evidence/studies/<id>/<day>.md``: one record of one study, both ways."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from itertools import groupby

from medpol.model.diagnostic import Source
from medpol.model.studies import (
    NOT_REPORTED,
    Checked,
    Favours,
    GroupResult,
    Harm,
    Included,
    Reported,
    Result,
    RiskOfBias,
    Size,
    Standing,
    Study,
    StudyKind,
    StudyStatus,
)
from medpol.text.head import Scalar
from medpol.text.questions import is_id
from medpol.text.records import (
    NONE,
    Record,
    bulleted,
    choice,
    head_choice,
    holds,
    open_record,
    optional_choice,
    or_not_reported,
    print_record,
    reported,
    table_or_nothing,
    words,
)
from medpol.text.source import Findings, content_hash, shorten
from medpol.text.tables import Cell, Row

STUDY_KEYS = (
    "study",
    "kind",
    "design",
    "first author",
    "year",
    "title",
    "citation",
    "pmid",
    "doi",
    "pmcid",
    "registration",
    "reference",
    "population",
    "intervention",
    "literature through",
    "same patients as",
    "checked",
    "status",
    "recorded",
)
SECTIONS = (
    "Question",
    "Sizes",
    "Results",
    "Harms",
    "Risk of bias",
    "Included studies",
    "Sources",
    "To be checked",
    "Notes",
)
ASKED_COLUMNS = ("Part", "As printed")
SIZE_COLUMNS = ("Of", "Number", "Checked")
HARM_COLUMNS = ("Event", "Counted", "Events", "Of", "Percent", "Severity", "Group", "Checked", "Note")
ITEM_COLUMNS = ("Item", "Judgement")
INCLUDED_COLUMNS = ("Study", "Participants", "Note")
BIAS_FIELDS = ("Tool", "Score", "Confirmed")
_ALWAYS = ("Outcome", "Comparator", "Timepoint")
_ESTIMATE = ("Estimate", "Lower", "Upper", "Level", "p")
_GROUP = {"mean": "Mean", "sd": "SD", "size": "N", "events": "Events", "percent": "Percent"}
_COMPARATOR = {
    "mean": "Comparator mean",
    "sd": "Comparator SD",
    "size": "Comparator N",
    "events": "Comparator events",
    "percent": "Comparator percent",
}
RESULT_COLUMNS = (
    *_ALWAYS,
    "Measure",
    *_ESTIMATE,
    "Unit",
    *_GROUP.values(),
    *_COMPARATOR.values(),
    "Group",
    "Favours",
    "Direction",
    "Called",
    "Trials",
    "Participants",
    "Certainty",
    "Checked",
    "Note",
)
_WORDS = {"Measure": "measure", "Unit": "unit", "Group": "group", "Direction": "direction", "Called": "called"}


def read_study(text: str, findings: Findings) -> Study | None:
    """The record of a study, or ``None`` where it has no id or no day."""
    record = open_record(text, findings, STUDY_KEYS, SECTIONS)
    if record is None:
        return None
    study, recorded = _identity(record), record.recorded()
    study = replace(
        study,
        recorded=recorded or date.min,
        asked=tuple((row.text("Part"), row.text("As printed")) for row in record.rows("Question", ASKED_COLUMNS)),
        sizes=tuple(_sizes(record, study.checked)),
        results=tuple(_results(record, study.checked)),
        harms=tuple(_harms(record, study.checked)),
        bias=_bias(record),
        included=tuple(_included(record)),
        sources=record.bullets("Sources"),
        to_check=record.bullets("To be checked"),
        notes=record.bullets("Notes"),
        prose=record.prose(),
        source=Source(findings.file),
        content_hash=content_hash(text),
    )
    return study if study.id and recorded is not None else None


def _identity(record: Record) -> Study:
    head, findings = record.head, record.findings
    id = head.required("study", "write the id of the study, which is the name of its folder")
    if id and not is_id(id):
        findings.error(
            *head.where("study"),
            "bad-name",
            f"the id {shorten(id)!r}",
            "letters and digits with inner hyphens",
            "rename it",
        )
    return Study(
        id,
        date.min,
        head_choice(head, "kind", StudyKind, StudyKind.TRIAL),
        head.text("design"),
        head.text("first author"),
        head.number("year"),
        head.text("title"),
        head.text("citation"),
        _digits(record, "pmid"),
        head.text("doi"),
        head.text("pmcid"),
        _texts(head.texts("registration")),
        head.number("reference"),
        head.required("population", "write the id of a population of the questions, `all` or `none`") or NONE,
        head.text("intervention"),
        head.date("literature through"),
        _texts(head.texts("same patients as")),
        head_choice(head, "checked", Checked, Checked.NO),
        _status(record),
    )


def _status(record: Record) -> StudyStatus | None:
    text = record.head.text("status")
    status = StudyStatus.read(text) if len(text) <= 500 else None
    if text and status is None:
        record.findings.error(
            *record.head.where("status"),
            "bad-status",
            f"`status: {shorten(text)}`",
            f"one of {', '.join(each.value for each in Standing)}, a date, and `by` with the notice or record that says so",
            "write it as `retracted 2025-01-01 by 10.1000/notice`",
        )
    return status


def _texts(items: Iterable[Scalar]) -> tuple[str, ...]:
    return tuple(item.text.strip() for item in items if item.text.strip())


def _digits(record: Record, key: str) -> str:
    text = record.head.text(key)
    if text and not (text.isascii() and text.isdigit() and len(text) < 10):
        record.findings.error(
            *record.head.where(key), "bad-number", f"`{key}: {shorten(text)}`", "up to nine digits", "correct it"
        )
    return text


def _checked(row: Row, otherwise: Checked, findings: Findings) -> Checked:
    return choice(row, "Checked", Checked, findings) or otherwise


def _always(row: Row, column: str, findings: Findings) -> Reported:
    return reported(row, column, findings) or Reported(NOT_REPORTED)


def _sizes(record: Record, checked: Checked) -> Iterable[Size]:
    for row in record.rows("Sizes", SIZE_COLUMNS, SIZE_COLUMNS[:2]):
        number = _always(row, "Number", record.findings)
        yield Size(row.text("Of"), number, _checked(row, checked, record.findings), record.source(row["Of"]))


def _results(record: Record, checked: Checked) -> Iterable[Result]:
    findings = record.findings
    for row in record.rows("Results", RESULT_COLUMNS, _ALWAYS):
        estimate, lower, upper, level, p = (reported(row, column, findings) for column in _ESTIMATE)
        yield Result(
            row.text("Outcome"),
            row.text("Comparator"),
            row.text("Timepoint"),
            words(row, "Measure"),
            estimate,
            lower,
            upper,
            level,
            p,
            unit=words(row, "Unit"),
            intervention_group=_group(row, _GROUP, findings),
            comparator_group=_group(row, _COMPARATOR, findings),
            group=words(row, "Group"),
            favours=optional_choice(row, "Favours", Favours, findings),
            direction=words(row, "Direction"),
            called=words(row, "Called"),
            trials=reported(row, "Trials", findings),
            participants=reported(row, "Participants", findings),
            certainty=words(row, "Certainty"),
            checked=_checked(row, checked, findings),
            note=row.text("Note"),
            source=record.source(row["Outcome"]),
        )


def _group(row: Row, columns: dict[str, str], findings: Findings) -> GroupResult | None:
    """What was seen in a group; ``None`` where the table has no column of it."""
    if not any(holds(row, column) for column in columns.values()):
        return None
    return GroupResult(**{name: reported(row, column, findings) for name, column in columns.items()})


def _harms(record: Record, checked: Checked) -> Iterable[Harm]:
    findings = record.findings
    for row in record.rows("Harms", HARM_COLUMNS, HARM_COLUMNS[:7]):
        yield Harm(
            row.text("Event"),
            words(row, "Counted"),
            _always(row, "Events", findings),
            _always(row, "Of", findings),
            _always(row, "Percent", findings),
            words(row, "Severity"),
            words(row, "Group"),
            _checked(row, checked, findings),
            row.text("Note"),
            record.source(row["Event"]),
        )


def _bias(record: Record) -> RiskOfBias | None:
    if "Risk of bias" not in record.sections:
        return None
    fields = record.fields("Risk of bias", BIAS_FIELDS)
    rows = record.rows("Risk of bias", ITEM_COLUMNS)
    confirmed = fields.values.get("Confirmed")
    if confirmed is not None and confirmed.text.casefold() not in ("yes", "no"):
        record.findings.unknown_name(
            confirmed.line, confirmed.column, "unknown-choice", "value of `Confirmed:`", confirmed.text, ("yes", "no")
        )
    first = [*fields.values.values(), *(row["Item"] for row in rows)][:1]
    return RiskOfBias(
        fields.get("Tool"),
        fields.get("Score"),
        confirmed is not None and confirmed.text.casefold() == "yes",
        tuple((row.text("Item"), row.text("Judgement")) for row in rows),
        fields.text,
        record.source(first[0] if first else Cell("", 1, 1)),
    )


def _included(record: Record) -> Iterable[Included]:
    for row in record.rows("Included studies", INCLUDED_COLUMNS):
        number = _always(row, "Participants", record.findings)
        yield Included(row.text("Study"), number, row.text("Note"), record.source(row["Study"]))


# ---------------------------------------------------------------------------- written anew


def write_study(study: Study) -> str:
    """The document of a record; reading it gives the same record."""
    bodies = (
        table_or_nothing(ASKED_COLUMNS, study.asked),
        table_or_nothing(SIZE_COLUMNS, ((each.of, each.number.text, each.checked.value) for each in study.sizes)),
        "\n\n".join(_tables(study.results)),
        table_or_nothing(HARM_COLUMNS, map(_harm_cells, study.harms)),
        "" if study.bias is None else _print_bias(study.bias),
        table_or_nothing(
            INCLUDED_COLUMNS, ((each.study, each.participants.text, each.note) for each in study.included)
        ),
        bulleted(study.sources),
        bulleted(study.to_check),
        bulleted(study.notes),
    )
    return print_record(_head(study), study.prose, zip(SECTIONS, bodies, strict=True))


def _head(study: Study) -> tuple[tuple[str, str | Sequence[str]], ...]:
    values: tuple[str | Sequence[str], ...] = (
        study.id,
        study.kind.value,
        study.design,
        study.first_author,
        _number(study.year),
        study.title,
        study.citation,
        study.pmid,
        study.doi,
        study.pmcid,
        study.registrations,
        _number(study.reference),
        study.population,
        study.intervention,
        "" if study.literature_through is None else study.literature_through.text,
        study.same_patients_as,
        study.checked.value,
        "" if study.status is None else str(study.status),
        str(study.recorded),
    )
    return tuple(zip(STUDY_KEYS, values, strict=True))


def _number(number: int | None) -> str:
    return "" if number is None else str(number)


def _result_cells(result: Result) -> dict[str, str]:
    """What a result states, by column; a word that is not stated has no entry, a number that *is not reported* has one."""
    numbers = zip(
        (*_ESTIMATE, "Trials", "Participants"),
        (result.estimate, result.lower, result.upper, result.level, result.p, result.trials, result.participants),
        strict=True,
    )
    cells = dict(zip(_ALWAYS, (result.outcome, result.comparator, result.timepoint), strict=True))
    cells |= {name: number.text for name, number in numbers if number is not None}
    for group, columns in ((result.intervention_group, _GROUP), (result.comparator_group, _COMPARATOR)):
        seen = {} if group is None else {column: getattr(group, name) for name, column in columns.items()}
        cells |= {column: number.text for column, number in seen.items() if number is not None}
    cells |= {column: getattr(result, name) for column, name in _WORDS.items() if getattr(result, name)}
    cells |= {"Favours": result.favours.value} if result.favours is not None else {}
    cells |= {"Certainty": result.certainty} if result.certainty else {}
    return cells | {"Checked": result.checked.value, "Note": result.note}


_NUMBERS = frozenset((*_ESTIMATE, *_GROUP.values(), *_COMPARATOR.values(), "Trials", "Participants"))


def _tables(results: Iterable[Result]) -> Iterable[str]:
    """One table for each run of results that report the same numbers."""
    held = ((frozenset(_NUMBERS & cells.keys()), cells) for cells in map(_result_cells, results))
    for _, run in groupby(held, key=lambda each: each[0]):
        rows = [cells for _, cells in run]
        columns = [name for name in RESULT_COLUMNS if any(cells.get(name) for cells in rows)]
        yield table_or_nothing(
            columns,
            ([cells.get(name, "" if name == "Note" else NOT_REPORTED) for name in columns] for cells in rows),
        )


def _harm_cells(each: Harm) -> tuple[str, ...]:
    return (
        each.event,
        or_not_reported(each.counted),
        each.events.text,
        each.of.text,
        each.percent.text,
        or_not_reported(each.severity),
        or_not_reported(each.group),
        each.checked.value,
        each.note,
    )


def _print_bias(bias: RiskOfBias) -> str:
    stated_fields = (("Tool", bias.tool), ("Score", bias.score), ("Confirmed", "yes" if bias.is_confirmed else ""))
    lines = [f"{name}: {value}" for name, value in stated_fields if value]
    return "\n\n".join(part for part in (*lines, bias.says, table_or_nothing(ITEM_COLUMNS, bias.items)) if part)
