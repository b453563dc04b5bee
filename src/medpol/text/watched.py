"""``evidence/trials.md``: the trials that are watched and the searches that are asked again, both ways."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from medpol.model.diagnostic import Source
from medpol.model.studies import QuerySource, StoredQuery, TrialWatched, Watching
from medpol.text.records import (
    Record,
    choice,
    open_record,
    or_none,
    or_not_reported,
    print_record,
    report_twice,
    stated_date,
    table_or_nothing,
    whole_number,
    words,
)
from medpol.text.source import Findings, content_hash, shorten

WATCHING_KEYS = ("trials", "recorded")
SECTIONS = ("Trials", "Queries")
TRIAL_COLUMNS = ("NCT", "Population", "Status", "Enrolment", "Completion", "Note")
QUERY_COLUMNS = ("Query", "Source", "Condition", "Intervention", "Term", "Population")
_NCT = re.compile(r"NCT\d{8}", re.ASCII)


def read_watching(text: str, findings: Findings) -> Watching | None:
    """What is watched for one policy, or ``None`` where it is not said for which, or since when."""
    record = open_record(text, findings, WATCHING_KEYS, SECTIONS)
    if record is None:
        return None
    policy, recorded = record.head.required("trials", "write the policy's number"), record.recorded()
    watching = Watching(
        policy,
        recorded or date.min,
        tuple(_trials(record)),
        tuple(_queries(record)),
        record.prose(),
        Source(findings.file),
        content_hash(text),
    )
    return watching if policy and recorded is not None else None


def _trials(record: Record) -> Iterable[TrialWatched]:
    findings = record.findings
    rows = record.rows("Trials", TRIAL_COLUMNS, TRIAL_COLUMNS[:5])
    report_twice(((row.text("NCT"), row["NCT"]) for row in rows), "trial", findings)
    for row in rows:
        nct = row["NCT"]
        if nct.text and not _NCT.fullmatch(nct.text):
            findings.error(
                nct.line,
                nct.column,
                "bad-nct",
                f"{shorten(nct.text)!r} is no trial number",
                "NCT and eight digits",
                "correct the number",
            )
        yield TrialWatched(
            nct.text,
            words(row, "Population"),
            words(row, "Status"),
            whole_number(row, "Enrolment", findings),
            stated_date(row, "Completion", findings),
            row.text("Note"),
            record.source(nct),
        )


def _queries(record: Record) -> Iterable[StoredQuery]:
    findings = record.findings
    rows = record.rows("Queries", QUERY_COLUMNS)
    report_twice(((row.text("Query"), row["Query"]) for row in rows), "query", findings)
    for row in rows:
        cell, asks = row["Query"], choice(row, "Source", QuerySource, findings)
        if asks is None:
            continue
        query = StoredQuery(
            cell.text,
            asks,
            words(row, "Condition"),
            words(row, "Intervention"),
            words(row, "Term"),
            words(row, "Population"),
            record.source(cell),
        )
        if not (query.condition or query.intervention or query.term):
            findings.error(
                cell.line,
                cell.column,
                "asks-nothing",
                f"the query {shorten(cell.text)!r} asks for everything",
                "a condition, an intervention or a term",
                "say what is searched for",
            )
        yield query


def write_watching(watching: Watching) -> str:
    """The document of what is watched; reading it gives the same."""
    trials = table_or_nothing(
        TRIAL_COLUMNS,
        (
            (
                each.nct,
                or_none(each.population),
                or_not_reported(each.status),
                or_not_reported("" if each.enrolment is None else str(each.enrolment)),
                or_not_reported(each.completion.text),
                each.note,
            )
            for each in watching.trials
        ),
    )
    queries = table_or_nothing(
        QUERY_COLUMNS,
        (
            (each.name, each.asks.value, *map(or_none, (each.condition, each.intervention, each.term, each.population)))
            for each in watching.queries
        ),
    )
    head = (("trials", watching.policy), ("recorded", str(watching.recorded)))
    return print_record(head, watching.prose, zip(SECTIONS, (trials, queries), strict=True))
