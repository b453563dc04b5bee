"""``calendar``: what is due for a library's policies in a span of days, late things first, in lanes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from medpol.decide.holdings.changed import Chronicle
from medpol.lifecycle import Due, Lane, coding_updates, due, last_day
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
    first, end = _moved(day, -back), _moved(day, max(days, 1))
    span, beyond = EffectivePeriod(first, end), EffectivePeriod(end, _moved(end, _LOOK_AHEAD_DAYS))
    entries = _entries(chronicle, day, known_on, span, policy, lanes)
    later = () if entries else _entries(chronicle, day, known_on, beyond, policy, lanes)
    return Calendar(day, known_on, first, last_day(end) or end, entries, next(iter(later), None))


def _entries(
    chronicle: Chronicle,
    day: date,
    known_on: date,
    span: EffectivePeriod,
    policy: str | None,
    lanes: Collection[Lane] | None,
) -> tuple[Coming, ...]:
    found = [
        _coming(each, number, known.versions[0].read.title)
        for number, known in chronicle.told(known_on).items()
        if policy is None or number == policy
        for each in due(known, day, span)
    ]
    if policy is None:
        found += [_coming(each, "", "") for each in coding_updates(span)]
    held = (each for each in found if lanes is None or Lane(each.lane) in lanes)
    return tuple(sorted(held, key=_order))


def _order(entry: Coming) -> tuple[int, date, int, str, str, date]:
    lane = list(Lane).index(Lane(entry.lane))
    return (-entry.days_late, entry.first_day, lane, entry.policy, entry.event, entry.version)


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
