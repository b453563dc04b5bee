"""What is due: a year or a month as an agenda in lanes, late things first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from medpol.decide.holdings import written
from medpol.decide.holdings.coming import Calendar, CalendarPart, Coming
from medpol.lifecycle import Lane
from medpol.web.asof import day_words, general_bar
from medpol.web.feeds import AHEAD_DAYS, calendar_bytes
from medpol.web.pages.page import PER_PAGE, Content, Page, Visit, check_page, csv_bytes, page_asked, pages_of
from medpol.web.pages.policy import policy_named
from medpol.web.problems import bad_request

_MONTH_DAYS = 31
_LANES: Mapping[Lane, tuple[str, str]] = {
    Lane.REVIEW: ("◆", "reviews due"),
    Lane.NOTICE: ("▤", "notices"),
    Lane.IN_FORCE: ("▶", "in force"),
    Lane.ARCHIVED: ("○", "archived"),
    Lane.CODING: ("#", "coding updates"),
    Lane.TRIAL: ("△", "trials expected"),
}
"""A sign and a name for each lane, so that no colour is needed."""


@dataclass(frozen=True, slots=True)
class CalendarPage:
    """One page of what is due, late things first, then by day."""

    page: int
    pages: int
    part: CalendarPart


def calendar_at(visit: Visit) -> Calendar:
    """What is due by the fields of a visit, whole: ``lane``, ``policy``, ``view``. Raises ``Refused``."""
    found: Calendar = visit.served.calendars(*_days(visit), **_chosen(visit))
    return found


def _days(visit: Visit) -> tuple[date, date, int]:
    as_of = visit.as_of
    return as_of.date_of_service, as_of.known_on, _MONTH_DAYS if visit.query.get("view", "").strip() else AHEAD_DAYS


def _chosen(visit: Visit) -> dict[str, Any]:
    """The one policy and the one lane that a reader chose. Raises ``Refused``."""
    lane, policy, view = (visit.query.get(name, "").strip() for name in ("lane", "policy", "view"))
    if lane and lane not in list(Lane):
        raise bad_request("lane", "there is no such lane", "one of: " + ", ".join(Lane))
    if view not in ("", "month"):
        raise bad_request("view", "there is no such view", "month, or nothing for a year")
    return {
        "policy": policy_named(visit, policy) if policy else None,
        "lanes": (Lane(lane),) if lane else None,
    }


def find_calendar(visit: Visit) -> Content:
    page = page_asked(visit.query)
    part: CalendarPart = visit.served.calendar_parts(
        *_days(visit), **_chosen(visit), limit=PER_PAGE, offset=(page - 1) * PER_PAGE
    )
    value = CalendarPage(page, pages_of(part.total, PER_PAGE), part)
    check_page(page, value.pages)
    keep = {name: visit.query[name].strip() for name in ("lane", "policy", "view") if visit.query.get(name, "").strip()}
    bar = general_bar(visit.as_of, "/calendar", keep)
    return Content("Calendar", "/calendar", value, bar, keep, dressed=_dressed(part, keep))


def _dressed(value: CalendarPart, keep: Mapping[str, str]) -> dict[str, Any]:
    late = [each for each in value.entries if each.days_late]
    coming = [each for each in value.entries if not each.days_late]
    months = [
        (month, tuple(inside))
        for month, inside in groupby(coming, key=lambda each: _month(max(each.first_day, value.first_day)))
    ]
    return {
        "late": late,
        "months": months,
        "lanes": {lane.value: shown for lane, shown in _LANES.items()},
        "lane": keep.get("lane", ""),
        "view": keep.get("view", ""),
        "one_policy": keep.get("policy", ""),
    }


def _month(day: Any) -> str:
    return day_words(day).split(" ", 1)[1]


_HEADS = (
    *("lane", "policy", "title", "says", "first_day", "last_day", "days", "days_late", "is_stated", "is_withdrawn"),
    *("event", "version", "moves", "recorded"),
)


def _row(each: Coming) -> tuple[Any, ...]:
    return tuple(str(value).lower() if isinstance(value := getattr(each, name), bool) else value for name in _HEADS)


def _csv(visit: Visit, content: Content) -> bytes:
    return csv_bytes(_HEADS, map(_row, calendar_at(visit).entries))


def _json(visit: Visit, content: Content) -> bytes:
    return written(calendar_at(visit))


def _ics(visit: Visit, content: Content) -> bytes:
    policy = content.keep.get("policy")
    return calendar_bytes(
        calendar_at(visit), f"Medical policy {policy}" if policy else "Medical policies", visit.as_of.site
    )


CALENDAR = Page(
    "/calendar", "calendar.html", find_calendar, twins={".json": _json, ".csv": _csv, ".ics": _ics}, prints=True
)
"""The page is one of many; its twins hold everything."""
