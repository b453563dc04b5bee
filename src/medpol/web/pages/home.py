"""Home, and the list of every policy: what is in force, what takes effect soon, which reviews are due."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from medpol.decide.holdings import Listed, PositionSaid, list_policies, position_said
from medpol.decide.holdings.changed import Changed, Changes
from medpol.decide.holdings.coming import CalendarPart
from medpol.decide.holdings.coming import Coming as Due
from medpol.decide.holdings.listed import known_policies, listed
from medpol.decide.holdings.pieces import positions_of
from medpol.decide.holdings.told import path_of_change
from medpol.decide.one import PreparedVersion
from medpol.lifecycle import Lane, Period, periods
from medpol.web.asof import general_bar
from medpol.web.chips import STATUSES, chips_of
from medpol.web.pages.page import (
    PER_PAGE,
    Content,
    Elsewhere,
    Page,
    Visit,
    check_page,
    csv_bytes,
    page_asked,
    pages_of,
)
from medpol.web.pages.policy import policy_address

SOON = timedelta(days=90)
_SHOWN = 25
_FEW = 8


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
    in_force = [each for each in known_policies(opened, day, known_on) if each.status == "in_force"]
    coming = sorted(_coming(visit), key=lambda each: (each[1].start, each[0]))
    reviews = _due(visit, Lane.REVIEW)
    changes: Changes = visit.served.changes(known_on, limit=_FEW)
    value = Home(
        day,
        known_on,
        len(in_force),
        listed(opened, in_force[:_SHOWN], known_on),
        len(coming),
        tuple(_coming_said(*each, day) for each in coming[:_FEW]),
        None if coming else _due(visit, Lane.IN_FORCE, Lane.ARCHIVED).next,
        reviews.total,
        tuple(_review(each, day) for each in reviews.entries),
        reviews.next,
        changes.changes,
    )
    dressed = {
        "chips": _chips(value.in_force),
        "coming": {each: chips_of(each.positions) for each in value.coming},
        "redlines": {each: path_of_change(each) for each in value.changes},
    }
    return Content("Medical policies", "/", value, general_bar(visit.as_of, "/", {}), dressed=dressed)


def _coming(visit: Visit) -> Iterator[tuple[str, Period[PreparedVersion]]]:
    """The policies of which a version takes effect soon, each with the days on which it will hold."""
    day, known_on = visit.as_of.date_of_service, visit.as_of.known_on
    for policy, versions in visit.served.desk.versions.items():
        if any(day < each.first_day <= day + SOON for each in versions):
            for period in periods(versions, known_on):
                if day < period.start <= day + SOON:
                    yield policy, period


def _coming_said(policy: str, period: Period[PreparedVersion], day: date) -> Coming:
    row = period.version.row
    days = (period.start - day).days
    said = positions_of(period.version)
    return Coming(policy, row.title, period.start, days, period.is_archived, row.published, said)


def _due(visit: Visit, *lanes: Lane) -> CalendarPart:
    """The first of what the calendar holds in some lanes, late things before others."""
    as_of = visit.as_of
    found: CalendarPart = visit.served.calendar_parts(
        as_of.date_of_service, as_of.known_on, SOON.days + 1, lanes=lanes, limit=_FEW
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
    opened, day, known_on = visit.served.opened, visit.as_of.date_of_service, visit.as_of.known_on
    known = known_policies(opened, day, known_on)
    page, pages = page_asked(visit.query), pages_of(len(known), PER_PAGE)
    check_page(page, pages)
    shown = listed(opened, known[(page - 1) * PER_PAGE : page * PER_PAGE], known_on)
    value = PolicyPages(day, known_on, len(known), page, pages, shown)
    bar = general_bar(visit.as_of, "/policies", {})
    return Content("Policies", "/policies", value, bar, dressed={"chips": _chips(shown), "statuses": STATUSES})


def _chips(listed: tuple[Listed, ...]) -> dict[str, object]:
    return {each.policy: chips_of(each.positions) for each in listed}


def _policies_csv(visit: Visit, content: Content) -> bytes:
    """Every policy, not the page of them alone."""
    held = list_policies(visit.served.opened, visit.as_of.date_of_service, visit.as_of.known_on)
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
            for each in held.policies
        ),
    )


POLICIES = Page("/policies", "policies.html", find_policies, twins={".csv": _policies_csv}, prints=True)
