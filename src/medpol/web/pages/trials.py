"""The trials of a policy by population: what is coming for whom, and what is past its date without a result."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from markupsafe import Markup

from medpol.evidence.drawing import NARROW, TrialTimeline, trial_timeline, trials_svg, trials_table
from medpol.evidence.watching.listing import watched
from medpol.evidence.watching.values import TrialListed
from medpol.model.studies import EvidenceBase
from medpol.web.markdown import heading, table
from medpol.web.pages.evidence import version_shown
from medpol.web.pages.page import Content, Elsewhere, Page, Visit, csv_bytes
from medpol.web.pages.policy import policy_address, policy_named


@dataclass(frozen=True, slots=True)
class TrialsPage:
    """The trials that are listed and not published, and those that are. ``on`` is the day that overdue is counted to."""

    policy: str
    title: str
    date_of_service: date
    known_on: date
    on: date
    has_records: bool
    under_way: TrialTimeline
    published: tuple[TrialListed, ...]
    queries: tuple[str, ...]


def find_trials(visit: Visit) -> Content | Elsewhere:
    number = policy_named(visit, visit.place["number"])
    address = f"{policy_address(number)}/trials"
    if visit.place["number"] != number:
        return Elsewhere(visit.as_of.link(address + visit.place["ending"]))
    version, bar = version_shown(visit, number, address)
    known_on, day = visit.as_of.known_on, visit.as_of.date_of_service
    whole = visit.served.library.evidence_of(number)
    base = EvidenceBase(number) if whole is None else whole.known_on(known_on)
    found = watched(number, version, base)
    value = TrialsPage(
        number,
        version.title,
        day,
        known_on,
        min(day, known_on),
        bool(base.watching),
        trial_timeline(found.trials, min(day, known_on), f"Trials under way for {number}", _named(base)),
        tuple(each for each in found.trials if each.is_published),
        tuple(each.name for each in found.queries),
    )
    title = f"Trials for {number} {value.title}"
    dressed = {"wide": Markup(trials_svg(value.under_way)), "narrow": Markup(trials_svg(value.under_way, NARROW))}
    return Content(title, address, value, bar, cite=f"{number}, {value.title}, trials", dressed=dressed)


def _named(base: EvidenceBase) -> Mapping[str, str]:
    """The populations by id, in the words of the policy where it has some."""
    asked = base.asked
    return {} if asked is None else {each.id: each.named or each.says or each.id for each in asked.populations}


def _csv(visit: Visit, content: Content) -> bytes:
    found = trials_table(content.value.under_way)
    return csv_bytes([head.lower() for head in found.heads], found.rows)  # type: ignore[arg-type]


def _svg(visit: Visit, content: Content) -> bytes:
    return trials_svg(content.value.under_way).encode()


def _markdown(visit: Visit, content: Content) -> bytes:
    return "\n".join(_lines(content.value)).encode()


def _lines(value: TrialsPage) -> Iterator[str]:
    yield heading(1, f"{value.policy} {value.title}: trials")
    yield f"For care on {value.date_of_service}, as known on {value.known_on}; overdue is counted to {value.on}.\n"
    yield trials_table(value.under_way).markdown()
    yield heading(2, "Published")
    rows: list[tuple[Any, ...]] = [(each.nct, each.title, each.population, each.completion) for each in value.published]
    yield from table(("trial", "title", "population", "completion"), rows)


TRIALS = Page(
    "/policies/{number:str}/trials",
    "trials.html",
    find_trials,
    twins={".csv": _csv, ".svg": _svg, ".md": _markdown},
    prints=True,
)
