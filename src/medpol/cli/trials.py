"""``medpol trials``: the registered trials of a policy by population, with what has passed and what is overdue."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from medpol.cli.opening import KnownOn, Policies, Today, Verbose, held_number, read_or_stop, refuse_errors
from medpol.cli.output import Page, write_bytes, write_json
from medpol.cli.pages.watching import TrialRow, print_trials
from medpol.cli.stops import DONE, NOT_FOUND, REFUSED, Stop
from medpol.evidence.watching import Memory, MemoryDamaged, TrialHeld, TrialListed, read_memory, watched
from medpol.evidence.watching.trials import has_passed, is_overdue
from medpol.library import Library
from medpol.lifecycle import withdrawn_from
from medpol.model.dates import stated
from medpol.model.policy import PolicyVersion

MEMORY = "seen.json"
"""The file of a state folder in which the watch keeps what it has seen."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class TrialsFormat(StrEnum):
    """How trials are written."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"


def trials(
    policy: Annotated[str, typer.Argument(metavar="POLICY", help="The policy's number, such as 2.01.100.")],
    policies: Policies = None,
    today: Today = None,
    known_on: KnownOn = None,
    state: Annotated[
        Path | None,
        typer.Option(
            "--state", metavar="FOLDER", help="What `medpol watch` has seen; the policy's own table if left out."
        ),
    ] = None,
    format: Annotated[
        TrialsFormat, typer.Option("--format", help="For a person, a program, or a spreadsheet.")
    ] = TrialsFormat.TEXT,
    verbose: Verbose = False,
) -> int:
    """Show the trials that a policy lists: for whom, what is known, whether they are overdue on a day.

    A completion stated to the month has passed when the month's last day has. With --known-on, what the library held on
    that day: the version published by then, and the records made by then.
    """
    library = read_or_stop(policies)
    refuse_errors(library)
    number = held_number(library, policy)
    version = newest(library, number, known_on)
    if version is None:
        raise Stop(NOT_FOUND, f"no version of {number} was known on {known_on}")
    base = library.evidence_of(number)
    if base is not None and known_on is not None:
        base = base.known_on(known_on)
    memory = Memory() if state is None else remembered(state)
    day = today or date.today()
    rows = _rows(watched(number, version, base).trials, number, memory, day)
    match format:
        case TrialsFormat.JSON:
            write_json({"policy": number, "today": day, "version": version.first_day, "trials": rows})
        case TrialsFormat.CSV:
            write_bytes(_csv(rows))
        case TrialsFormat.TEXT:
            print_trials(Page(), number, rows, day)
    return DONE


def _rows(listed: Sequence[TrialListed], policy: str, memory: Memory, today: date) -> list[TrialRow]:
    """The rows by population, in the order in which the policy names them."""
    populations = list(dict.fromkeys(each.population for each in listed))
    seen = memory.of(policy)
    rows = [
        _row(TrialHeld(each, seen.trial(each.nct).record), _fetched(memory, policy, each), today) for each in listed
    ]
    return sorted(rows, key=lambda each: populations.index(each.population))


def _fetched(memory: Memory, policy: str, listed: TrialListed) -> str:
    provenance = memory.of(policy).trial(listed.nct).provenance
    return "" if provenance is None else provenance.fetched_at


def _row(held: TrialHeld, known_from: str, today: date) -> TrialRow:
    listed, record = held.listed, held.record
    completion = (record.completion if record is not None else "") or listed.completion
    return TrialRow(
        listed.nct,
        listed.title or ("" if record is None else record.title),
        listed.population,
        "ongoing" if listed.is_ongoing else "published" if listed.is_published else "unpublished",
        listed.status if record is None else record.status,
        listed.enrolment if record is None else record.enrolment,
        completion,
        has_passed(stated(completion), today),
        is_overdue(held, today),
        None if record is None else record.has_results,
        known_from,
    )


def _csv(rows: Sequence[TrialRow]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    names = TrialRow.__slots__
    writer.writerow(names)
    for row in rows:
        writer.writerow([_cell(getattr(row, name)) for name in names])
    return text.getvalue().encode()


def _cell(value: object) -> object:
    """The value; a text that a spreadsheet would run as a formula is kept a text."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


# ---------------------------------------------------------------------------- which version, and what was seen


def newest(library: Library, policy: str, known_on: date | None = None) -> PolicyVersion | None:
    """The version whose trials and references are meant: the newest that was known, published ones before drafts."""
    versions = library.of(policy)
    held = [
        each
        for each in versions
        if each.known_from is not None
        and not each.is_draft
        and (known_on is None or each.known_from <= known_on)
        and not _is_withdrawn(each, versions, known_on)
    ]
    drafts = [each for each in versions if each.is_draft] if known_on is None else []
    return next(reversed(held or drafts), None)


def _is_withdrawn(version: PolicyVersion, versions: Sequence[PolicyVersion], known_on: date | None) -> bool:
    day = withdrawn_from(version, versions)
    return day is not None and (known_on is None or day <= known_on)


def remembered(state: Path) -> Memory:
    """What earlier runs have seen, nothing where there was none. Ends the command where it cannot be read (4)."""
    path = state / MEMORY
    try:
        return read_memory(path.read_bytes())
    except FileNotFoundError:
        return Memory()
    except OSError as problem:
        raise Stop(REFUSED, f"{path} cannot be read: {problem.strerror}") from problem
    except MemoryDamaged as problem:
        raise Stop(
            REFUSED, f"{path}: {problem}\n    mend: bring it back from a backup; without it, all is told again"
        ) from problem
