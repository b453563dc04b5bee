"""What is due: a year or a month as an agenda in lanes, late things first."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from medpol.decide.holdings.coming import Calendar, Coming
from medpol.lifecycle import Lane
from medpol.web.asof import day_words, general_bar
from medpol.web.feeds import AHEAD_DAYS, calendar_bytes
from medpol.web.pages.page import Content, Page, Visit, csv_bytes
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


def calendar_at(visit: Visit) -> Calendar:
    """What is due by the fields of a visit: ``lane``, ``policy``, ``view``. Raises ``Refused``."""
    lane, policy, view = (visit.query.get(name, "").strip() for name in ("lane", "policy", "view"))
    if lane and lane not in list(Lane):
        raise bad_request("lane", "there is no such lane", "one of: " + ", ".join(Lane))
    if view not in ("", "month"):
        raise bad_request("view", "there is no such view", "month, or nothing for a year")
    days = _MONTH_DAYS if view else AHEAD_DAYS
    number = policy_named(visit, policy) if policy else None
    lanes = (Lane(lane),) if lane else None
    as_of = visit.as_of
    found: Calendar = visit.served.calendars(as_of.date_of_service, as_of.known_on, days, policy=number, lanes=lanes)
    return found


def find_calendar(visit: Visit) -> Content:
    value = calendar_at(visit)
    keep = {name: visit.query[name].strip() for name in ("lane", "policy", "view") if visit.query.get(name, "").strip()}
    bar = general_bar(visit.as_of, "/calendar", keep)
    return Content("Calendar", "/calendar", value, bar, keep, dressed=_dressed(value, keep))


def _dressed(value: Calendar, keep: Mapping[str, str]) -> dict[str, Any]:
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
    return csv_bytes(_HEADS, map(_row, content.value.entries))


def _ics(visit: Visit, content: Content) -> bytes:
    policy = content.keep.get("policy")
    return calendar_bytes(content.value, f"Medical policy {policy}" if policy else "Medical policies", visit.as_of.site)


CALENDAR = Page("/calendar", "calendar.html", find_calendar, twins={".csv": _csv, ".ics": _ics}, prints=True)
