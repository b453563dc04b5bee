"""What the watch found, and the trials of a policy, laid out for a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from medpol.cli.output import Page, counted, styled
from medpol.evidence.watching import EventWeight, Proposal, Refused

_STYLES = {
    EventWeight.ERROR: "bold red",
    EventWeight.WARNING: "yellow",
    EventWeight.TASK: "cyan",
    EventWeight.NOTE: "dim",
}

_ADDRESS = 100


@dataclass(frozen=True, slots=True)
class TrialRow:
    """A listed trial on a day: where it stands, what is known of it, whether its completion has passed.

    ``listed`` is where the policy lists it; ``status`` and ``completion`` are the registry's where a record is held, and
    then ``known_from`` is the moment that it was fetched; else they are the table's.
    """

    nct: str
    title: str
    population: str
    listed: str
    status: str
    enrolment: int | None
    completion: str
    has_passed: bool
    is_overdue: bool
    has_results: bool | None
    known_from: str


def print_proposals(page: Page, proposals: Sequence[Proposal], refused: Sequence[Refused], out: Path) -> None:
    """The proposals by weight, the gravest first, and what could not be learned."""
    for weight in EventWeight:
        group = [each for each in proposals if each.weight is weight]
        if not group:
            continue
        page.title(counted(len(group), weight.value))
        for each in group:
            whose = f" ({each.population})" if each.population else ""
            page.line(
                styled(each.kind.value, _STYLES[weight]), f"  {each.policy}  {each.subject}{whose}", indent=2, hang=2
            )
            page.line(each.found, indent=4)
            page.line("to do: ", each.do, indent=4, hang=2)
        page.blank()
    if refused:
        page.title(f"{counted(len(refused), 'answer')} refused")
        for problem in refused:
            where = f"{_short(problem.address)}: " if problem.address else ""
            page.line(f"{problem.source}: {where}{problem.problem}", indent=2, hang=2)
        page.blank()
    if not proposals:
        page.line("nothing new")
    else:
        page.line(f"{counted(len(proposals), 'proposal')} to read and sign in {out}")


def _short(address: str) -> str:
    """An address as far as a person reads it; the JSON has it whole."""
    return address if len(address) <= _ADDRESS else f"{address[:_ADDRESS]}..."


def print_trials(page: Page, policy: str, rows: Sequence[TrialRow], today: date) -> None:
    """The trials by population, with what has passed and what is overdue."""
    overdue = sum(each.is_overdue for each in rows)
    ongoing = sum(each.listed == "ongoing" for each in rows)
    page.title(f"{policy}: {counted(len(rows), 'trial')}, {ongoing} listed as ongoing, {overdue} overdue on {today}")
    for population in dict.fromkeys(each.population for each in rows):
        page.blank()
        page.title(population or "no population stated")
        page.table(
            ("trial", "listed", "status", "people", "completion", "", "title"),
            [
                (
                    each.nct,
                    each.listed,
                    each.status or "not stated",
                    "" if each.enrolment is None else f"{each.enrolment:,}",
                    each.completion or "not stated",
                    styled("overdue", "yellow") if each.is_overdue else "passed" if each.has_passed else "",
                    each.title,
                )
                for each in rows
                if each.population == population
            ],
        )
