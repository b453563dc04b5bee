"""The tables of trials: their columns, their rows, and of which population each trial is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from medpol.ingest.blocks import Row
from medpol.ingest.escape import inline
from medpol.ingest.report import Account
from medpol.model.dates import parse_day, stated, stated_month
from medpol.model.evidence import Population, Trial

_TRIAL_COLUMNS: tuple[tuple[str, str], ...] = (
    ("nct", r"\bNCT\b|\btrial (?:no|number|id)|\bregist|\bidentifier"),
    ("enrolment", r"enrol|\bN\b|sample|participants"),
    ("completion", r"complet|\bdate\b"),
    ("status", r"\bstatus\b"),
    ("title", r"\bname\b|\btitle\b|\bstudy\b|\btrial\b"),
)  # fmt: skip
_NCT = re.compile(r"NCT\d{8}", re.ASCII)

# Small anatomy: words of trial titles that mean the part of the body that a population is named by.
_ANATOMY: tuple[tuple[str, ...], ...] = (
    ("neck", "cervic", "trapezius", "scapula"),
    ("shoulder", "subacromial", "rotator", "glenohumeral"),
    ("heel", "plantar", "calcane", "fascitis", "fasciitis", "foot"),
    ("temporomandibular", "tmj", "tmd", "jaw", "masticat", "masseter"),
    ("lumbar", "low back", "lumbopelvic"),
    ("knee", "patell", "gonarth"),
    ("hip", "trochanter", "glute"),
    ("elbow", "epicondyl"),
    ("head", "migrain", "cephal"),
    ("bladder", "urinar", "vesic", "incontinen"),
    ("bowel", "fecal", "faecal", "colon"),
    ("heart", "cardi", "atrial", "ventric"),
    ("lung", "pulmon", "asthma", "copd"),
    ("kidney", "renal"),
    ("skin", "dermat", "cutane"),
    ("spine", "spinal", "verteb"),
)


@dataclass(frozen=True, slots=True)
class TrialTable:
    """The trials of a table; ``group`` is the last heading inside it, for the table that continues it."""

    trials: tuple[Trial, ...]
    doubts: tuple[str, ...]
    group: str | None


def trial_columns(row: Row) -> dict[str, int] | None:
    """Which column is which in the heading row of a trials table, or ``None`` where it is no such row."""
    if len(row.cells) < 2:
        return None
    found: dict[str, int] = {}
    for name, pattern in _TRIAL_COLUMNS:
        for at, cell in enumerate(row.cells):
            if at not in found.values() and re.search(pattern, cell, re.IGNORECASE):
                found[name] = at
                break
    return found if {"nct", "title"} <= found.keys() else None


def read_trials(
    rows: Sequence[Row],
    populations: Sequence[Population],
    account: Account,
    group: str | None = None,
    columns: dict[str, int] | None = None,
) -> TrialTable:
    """The trials of a table. ``columns`` are those of the table it continues; else its first row heads them.

    ``group`` is the heading above it, where that says ongoing or unpublished.
    """
    if columns is None:
        columns = trial_columns(rows[0])
        assert columns is not None
        account.layout(rows[0].lines, "heading row of the trials table")
        rows = rows[1:]
    trials: list[Trial] = []
    doubts: list[str] = []
    for row in rows:
        if len(row.filled) == 1 and not _NCT.search(row.filled[0]):
            group = row.filled[0].casefold().strip(" :")
            account.taken(row.lines, f"trials below: {group}")
            if _published(group) == "?":
                doubts.append(f"trials under {group!r}: ongoing, unpublished or published?")
                account.doubtful(row.lines, doubts[-1])
            continue
        if group is None:
            doubts.append(f"{_cell(row, columns, 'nct')}: ongoing, unpublished or published? the table does not say")
            account.doubtful(row.lines, doubts[-1])
        trial, questions = _trial(row, columns, group or "", populations)
        trials.append(trial)
        account.taken(
            row.lines,
            f"trial {trial.nct}: title, population {trial.population or 'none'}, enrolment, completion, status",
        )
        for question in questions:
            doubts.append(question)
            account.doubtful(row.lines, question)
    return TrialTable(tuple(trials), tuple(doubts), group)


def _cell(row: Row, columns: dict[str, int], name: str) -> str:
    at = columns.get(name)
    return " ".join(row.cells[at].split()) if at is not None and at < len(row.cells) else ""


def _published(group: str) -> bool | str | None:
    if "unpublished" in group:
        return False
    if "ongoing" in group or not group:
        return None
    return True if "published" in group else "?"


def _trial(row: Row, columns: dict[str, int], group: str, populations: Sequence[Population]) -> tuple[Trial, list[str]]:
    printed, title = _cell(row, columns, "nct"), _cell(row, columns, "title")
    number = _NCT.search(printed)
    nct = number[0] if number else printed
    questions = [] if number else [f"{printed!r} is no trial number of the registry: which is it?"]
    size = _cell(row, columns, "enrolment").replace(",", "")
    if size and not (size.isascii() and size.isdigit() and len(size) < 9):
        questions.append(f"{nct}: the enrolment {size!r} is no number: how many?")
    completion, status = _cell(row, columns, "completion"), _cell(row, columns, "status")
    if (bracket := re.fullmatch(r"(.*?)\s*\(([^()]*)\)", completion)) is not None:
        completion, status = bracket[1], status or bracket[2]
    if completion and parse_day(completion) is None and stated_month(completion) is None:
        questions.append(f"{nct}: the completion {completion!r} is no month: when?")
    name, sure = population_of(title, populations)
    if not sure:
        questions.append(f"{nct}: of which population is this trial? its title does not say")
    published = _published(group)
    trial = Trial(
        inline(nct),
        inline(title),
        name,
        int(size) if size.isascii() and size.isdigit() and len(size) < 9 else None,
        stated(inline(completion)),
        inline(status),
        published if isinstance(published, bool) else None,
    )
    return trial, questions


def population_of(title: str, populations: Sequence[Population]) -> tuple[str, bool]:
    """The population that a trial's title names by its own distinctive words or by their anatomy; and whether one alone does."""
    words = title.casefold()
    scores = []
    for each in populations:
        own = set(re.findall(r"[a-z]{3,}", each.name.casefold())) - {"and", "the", "with", "who", "for", "are"}
        for other in populations:
            if other is not each:
                own -= set(re.findall(r"[a-z]{3,}", other.name.casefold()))
        marks = {word[:8] for word in own}
        for family in _ANATOMY:
            if any(re.search(rf"\b{re.escape(word)}", each.name, re.IGNORECASE) for word in family):
                marks.update(family)
        scores.append(sum(re.search(rf"\b{re.escape(mark)}", words) is not None for mark in marks))
    best = max(scores, default=0)
    if best and scores.count(best) == 1:
        return populations[scores.index(best)].name, True
    return "", not populations
