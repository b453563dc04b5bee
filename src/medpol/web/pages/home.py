"""Home, and the list of every policy: what is in force, what takes effect soon, which reviews are due."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from medpol.decide.holdings import Listed, PositionSaid, list_policies, position_said
from medpol.decide.holdings.changed import Changed, Changes
from medpol.decide.holdings.coming import Calendar
from medpol.decide.holdings.coming import Coming as Due
from medpol.decide.holdings.pieces import positions_of
from medpol.decide.holdings.told import path_of_change
from medpol.lifecycle import Lane, periods
from medpol.web.asof import general_bar
from medpol.web.chips import STATUSES, chips_of
from medpol.web.pages.page import Content, Elsewhere, Page, Visit, csv_bytes
from medpol.web.pages.policy import policy_address
from medpol.web.problems import bad_request

SOON = timedelta(days=90)
_SHOWN = 25
_FEW = 8
_PER_PAGE = 100


@dataclass(frozen=True, slots=True)
class Coming:
    """A version that takes effect soon, or an archiving; ``days`` from the day of the page."""

    policy: str
    title: str
    first_day: date
    days: int
    is_archived: bool
    published: date | None
    positions: tuple[PositionSaid, ...]


@dataclass(frozen=True, slots=True)
class ReviewDue:
    """A policy whose review is due; ``days`` is negative where it is late. ``is_stated``: the document names the day."""

    policy: str
    title: str
    due: date
    days: int
    is_stated: bool


@dataclass(frozen=True, slots=True)
class Home:
    """Each list is cut off at a few; the counts are of all. ``next_first_day`` and ``next_review`` are the first ones after
    the days shown, where there is none in them."""

    date_of_service: date
    known_on: date
    in_force_count: int
    in_force: tuple[Listed, ...]
    coming_count: int
    coming: tuple[Coming, ...]
    next_first_day: Due | None
    review_count: int
    reviews: tuple[ReviewDue, ...]
    next_review: Due | None
    changes: tuple[Changed, ...]


def find_home(visit: Visit) -> Content | Elsewhere:
    """Home. A library of one policy opens on it; the list of policies still shows the rest."""
    day, known_on = visit.as_of.date_of_service, visit.as_of.known_on
    opened = visit.served.opened
    if len(opened.by_policy) == 1 and not visit.place.get("ending"):
        return Elsewhere(visit.as_of.link(policy_address(next(iter(opened.by_policy)))))
    listed = list_policies(opened, day, known_on).policies
    in_force = [each for each in listed if each.status == "in_force"]
    coming = sorted(_coming(visit), key=lambda each: (each.first_day, each.policy))
    reviews = _due(visit, Lane.REVIEW)
    changes: Changes = visit.served.changes(known_on, limit=_FEW)
    value = Home(
        day,
        known_on,
        len(in_force),
        tuple(in_force[:_SHOWN]),
        len(coming),
        tuple(coming[:_FEW]),
        None if coming else _due(visit, Lane.IN_FORCE, Lane.ARCHIVED).next,
        len(reviews.entries),
        tuple(_review(each, day) for each in reviews.entries[:_FEW]),
        reviews.next,
        changes.changes,
    )
    dressed = {
        "chips": _chips(value.in_force),
        "coming": {each: chips_of(each.positions) for each in value.coming},
        "redlines": {each: path_of_change(each) for each in value.changes},
    }
    return Content("Medical policies", "/", value, general_bar(visit.as_of, "/", {}), dressed=dressed)


def _coming(visit: Visit) -> Iterator[Coming]:
    day, known_on = visit.as_of.date_of_service, visit.as_of.known_on
    for policy, versions in visit.served.desk.versions.items():
        for period in periods(versions, known_on):
            if day < period.start <= day + SOON:
                row = period.version.row
                days = (period.start - day).days
                said = positions_of(period.version)
                yield Coming(policy, row.title, period.start, days, period.is_archived, row.published, said)


def _due(visit: Visit, *lanes: Lane) -> Calendar:
    """What the calendar holds in some lanes, late things first."""
    as_of = visit.as_of
    found: Calendar = visit.served.calendars(
        as_of.date_of_service, as_of.known_on, SOON.days + 1, policy=None, lanes=lanes
    )
    return found


def _review(each: Due, day: date) -> ReviewDue:
    days = -each.days_late or (each.first_day - day).days
    return ReviewDue(each.policy, each.title, each.first_day, days, each.is_stated)


HOME = Page("/", "home.html", find_home)


@dataclass(frozen=True, slots=True)
class PolicyPages:
    """One page of the list of policies, with how many there are in all."""

    date_of_service: date
    known_on: date
    count: int
    page: int
    pages: int
    policies: tuple[Listed, ...]


def find_policies(visit: Visit) -> Content:
    listed = list_policies(visit.served.opened, visit.as_of.date_of_service, visit.as_of.known_on)
    pages = max(1, -(-len(listed.policies) // _PER_PAGE))
    text = visit.query.get("page", "") or "1"
    if not (text.isascii() and text.isdigit() and len(text) < 7 and 1 <= int(text) <= pages):
        raise bad_request("page", "there is no such page of the list", f"a number from 1 to {pages}")
    page = int(text)
    shown = listed.policies[(page - 1) * _PER_PAGE : page * _PER_PAGE]
    value = PolicyPages(listed.date_of_service, listed.known_on, len(listed.policies), page, pages, shown)
    bar = general_bar(visit.as_of, "/policies", {})
    return Content("Policies", "/policies", value, bar, dressed={"chips": _chips(shown), "statuses": STATUSES})


def _chips(listed: tuple[Listed, ...]) -> dict[str, object]:
    return {each.policy: chips_of(each.positions) for each in listed}


def _policies_csv(visit: Visit, content: Content) -> bytes:
    """Every policy, not the page of them alone."""
    listed = list_policies(visit.served.opened, visit.as_of.date_of_service, visit.as_of.known_on)
    return csv_bytes(
        ("policy", "title", "publisher", "status", "version", "known_from", "positions", "codes"),
        (
            (
                each.policy,
                each.title,
                each.publisher,
                each.status,
                each.version,
                each.known_from,
                "; ".join(map(position_said, each.positions)),
                " ".join(dict.fromkeys(code.code for code in each.codes if code.code)),
            )
            for each in listed.policies
        ),
    )


POLICIES = Page("/policies", "policies.html", find_policies, twins={".csv": _policies_csv}, prints=True)
