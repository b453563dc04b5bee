"""``calendar``: what is due for a library's policies in a span of days, late things first, in lanes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from medpol.decide.holdings.changed import Chronicle
from medpol.lifecycle import Due, Lane, OfPolicy, last_day
from medpol.model.dates import EffectivePeriod


@dataclass(frozen=True, slots=True)
class Coming:
    """One entry of the calendar; ``last_day`` is in. ``policy`` is empty for a day of coding updates, which is everybody's.

    ``event``, ``version`` and ``policy`` name the entry for good; ``moves`` counts how often its days moved since it was
    first known, and ``recorded`` is the day from which it is known as it is. ``days_late`` is 0 for what is not late.
    """

    lane: str
    policy: str
    title: str
    says: str
    first_day: date
    last_day: date
    days: int
    days_late: int
    is_stated: bool
    is_withdrawn: bool
    event: str
    version: date
    moves: int
    recorded: date


@dataclass(frozen=True, slots=True)
class Calendar:
    """What is due from ``first_day`` through ``last_day``: late things first, then by day. ``next``: the first after them."""

    date_of_service: date
    known_on: date
    first_day: date
    last_day: date
    entries: tuple[Coming, ...]
    next: Coming | None


@dataclass(frozen=True, slots=True)
class CalendarPart:
    """Some entries of a calendar, of a ``total`` from ``first_day`` through ``last_day``."""

    date_of_service: date
    known_on: date
    first_day: date
    last_day: date
    total: int
    entries: tuple[Coming, ...]
    next: Coming | None


_LOOK_AHEAD_DAYS = 732


def calendar_of(
    chronicle: Chronicle,
    day: date,
    known_on: date,
    days: int,
    *,
    policy: str | None = None,
    lanes: Collection[Lane] | None = None,
    back: int = 0,
) -> Calendar:
    """What is due from ``back`` days before a day and on for ``days`` days, as known on another day.

    Args:
        chronicle: The library on both clocks.
        day: The day from which it is seen: lateness is counted up to it.
        known_on: Only what was known by then.
        days: How many days ahead, the day itself the first.
        policy: Only one policy, by its number.
        lanes: Only these lanes; all where left out.
        back: How many days before the day to show too.
    """
    found = _found(chronicle, day, known_on, days, policy, lanes, back)
    return Calendar(
        day, known_on, found.first, last_day(found.end) or found.end, _all_coming(chronicle, found.entries), found.next
    )


def calendar_part(
    chronicle: Chronicle,
    day: date,
    known_on: date,
    days: int,
    *,
    policy: str | None = None,
    lanes: Collection[Lane] | None = None,
    limit: int,
    offset: int = 0,
) -> CalendarPart:
    """So many of the entries of ``calendar_of``, from one on; what is due in a large library may fill many pages."""
    found = _found(chronicle, day, known_on, days, policy, lanes, 0)
    shown = _all_coming(chronicle, found.entries[offset : offset + limit])
    return CalendarPart(
        day, known_on, found.first, last_day(found.end) or found.end, len(found.entries), shown, found.next
    )


class _Found(NamedTuple):
    """What is due from one day and before another."""

    first: date
    end: date
    entries: Sequence[OfPolicy]
    next: Coming | None


def _found(
    chronicle: Chronicle,
    day: date,
    known_on: date,
    days: int,
    policy: str | None,
    lanes: Collection[Lane] | None,
    back: int,
) -> _Found:
    first, end = _moved(day, -back), _moved(day, max(days, 1))
    span, beyond = EffectivePeriod(first, end), EffectivePeriod(end, _moved(end, _LOOK_AHEAD_DAYS))
    entries = chronicle.agenda.due(day, known_on, span, policy=policy, lanes=lanes)
    later = [] if entries else chronicle.agenda.due(day, known_on, beyond, policy=policy, lanes=lanes)
    return _Found(first, end, entries, next(iter(_all_coming(chronicle, later[:1])), None))


def _all_coming(chronicle: Chronicle, entries: Iterable[OfPolicy]) -> tuple[Coming, ...]:
    return tuple([_coming(due, policy, chronicle.title(policy)) for policy, due in entries])


def _coming(entry: Due, policy: str, title: str) -> Coming:
    return Coming(
        entry.lane.value,
        policy,
        title,
        _says(entry),
        entry.start,
        last_day(entry.end) or entry.end,
        entry.days,
        entry.days_late,
        entry.is_stated,
        entry.is_withdrawn,
        entry.event,
        entry.version,
        entry.moves,
        entry.recorded,
    )


def _says(entry: Due) -> str:
    """The entry in words that stay true on whatever day they are read; how late it is, is told apart."""
    match entry.lane:
        case Lane.REVIEW:
            words = "review due" if entry.is_stated else "review due, a year after the last of its annual reviews"
        case Lane.NOTICE:
            words = f"notice runs until the change takes effect on {entry.end}"
        case Lane.IN_FORCE:
            words = "in force from this day"
        case Lane.ARCHIVED:
            words = "archived from this day"
        case Lane.CODING:
            words = "quarterly coding update"
        case Lane.TRIAL:
            words = f"trial {entry.event} expected to end: {entry.about}"
    return f"withdrawn: {words}" if entry.is_withdrawn else words


def _moved(day: date, days: int) -> date:
    """A day moved inside the calendar, which ends where ``date`` does."""
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return date.max if days > 0 else date.min
