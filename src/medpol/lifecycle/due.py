"""What is due for a policy, in lanes: reviews, notices that run, days in force and archived, trials; and coding updates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise

from medpol.lifecycle.reviews import review_due
from medpol.lifecycle.timeline import DatedVersion, Period, periods
from medpol.model.dates import ONE_DAY, EffectivePeriod


class Lane(StrEnum):
    """What an entry of the calendar is about, in the order in which entries of one day are given."""

    REVIEW = "review_due"
    NOTICE = "notice"
    IN_FORCE = "in_force"
    ARCHIVED = "archived"
    CODING = "coding_update"
    TRIAL = "trial_expected"


@dataclass(frozen=True, slots=True)
class Due:
    """Something that is due on a day, or runs from one day to another.

    ``start`` is in, ``end`` is not. ``version`` is the first day under which it was first told of, with ``event`` the name
    of the entry for good; where its days moved, ``moves`` says how often. ``recorded`` is the day from which the library
    knows it as it is. ``is_stated`` is false where the day is inferred. ``days_late`` counts from ``start`` on.
    """

    lane: Lane
    event: str
    version: date
    start: date
    end: date
    recorded: date
    moves: int = 0
    is_withdrawn: bool = False
    is_stated: bool = True
    days_late: int = 0
    about: str = ""

    @property
    def days(self) -> int:
        return (self.end - self.start).days


@dataclass(frozen=True, slots=True)
class Told:
    """What was known of one policy on a day, from whatever day it is seen: its periods, and what was announced."""

    versions: tuple[DatedVersion, ...]
    periods: tuple[Period[DatedVersion], ...]
    announced: tuple[Due, ...]


def told(versions: Sequence[DatedVersion], known_on: date) -> Told:
    return Told(tuple(versions), periods(versions, known_on), tuple(_announced(versions, known_on)))


def due(known: Told, day: date, span: EffectivePeriod) -> tuple[Due, ...]:
    """What is due for one policy in a span of days, as seen on a day.

    A review that is late by ``day`` is in every span. What was announced and withdrawn is kept, and said to be.
    """
    found = [
        *_reviews(known.periods, known.versions, day),
        *_trials(known.periods, known.versions, day),
        *known.announced,
    ]
    first, end = span.start or date.min, span.end
    return tuple([each for each in found if each.days_late or ((end is None or each.start < end) and first < each.end)])


def coding_updates(span: EffectivePeriod) -> tuple[Due, ...]:
    """The quarterly days on which codes come and go: the first of January, April, July and October."""
    if span.start is None or span.end is None:
        raise ValueError("the days of coding updates have no end: a span with both ends is needed")
    days = (date(year, month, 1) for year in range(span.start.year, span.end.year + 1) for month in (1, 4, 7, 10))
    return tuple(Due(Lane.CODING, "coding-update", each, each, _next(each), each) for each in days if span.covers(each))


def _next(day: date) -> date:
    return day + ONE_DAY if day < date.max else day


# ---------------------------------------------------------------------------- reviews, trials


def _reviews(held: Sequence[Period[DatedVersion]], versions: Iterable[DatedVersion], day: date) -> Iterator[Due]:
    """The review of the text in force, unless a later version is known already: that one was reviewed."""
    begun = [each for each in held if each.start <= day]
    if not begun or begun[-1].is_archived or len(begun) < len(held):
        return
    version = begun[-1].version
    review = review_due(version.read)
    if review is None:
        return
    same = sorted((each for each in versions if each.first_day == version.first_day), key=_as_known)
    told = (review_due(each.read) for each in same if each.known_from <= version.known_from)
    yield Due(
        Lane.REVIEW,
        "review",
        version.first_day,
        review.day,
        _next(review.day),
        version.known_from,
        moves=_moves([each.day for each in told if each is not None]),
        is_stated=review.is_stated,
        days_late=review.days_late(day),
    )


def _trials(held: Sequence[Period[DatedVersion]], versions: Iterable[DatedVersion], day: date) -> Iterator[Due]:
    """The months in which trials of the text in force are expected to end; the month is taken whole."""
    begun = [each for each in held if each.start <= day]
    if not begun or begun[-1].is_archived:
        return
    version = begun[-1].version
    for trial in version.read.trials:
        first, last = trial.completion.first_day(), trial.completion.last_day()
        if trial.is_published is not None or first is None or last is None or not trial.nct:
            continue
        told = sorted(
            (each.known_from, each.first_day, other.completion.first_day())
            for each in versions
            if each.known_from <= version.known_from
            for other in each.read.trials
            if other.nct == trial.nct and other.completion.first_day() is not None
        )
        yield Due(
            Lane.TRIAL,
            trial.nct,
            told[0][1],
            first,
            _next(last),
            version.known_from,
            moves=_moves([day for _, _, day in told]),
            about=trial.title,
        )


def _moves(days: Sequence[object]) -> int:
    """How often something moved, of its values in the order in which they became known."""
    return sum(one != other for one, other in pairwise(days))


# ---------------------------------------------------------------------------- what was announced


def _announced(versions: Sequence[DatedVersion], known_on: date) -> Iterator[Due]:
    """The first days of versions and the notices before them, under the first day that each was first announced for."""
    told: dict[tuple[date, bool], list[DatedVersion]] = {}
    known = sorted((each for each in versions if each.known_from <= known_on), key=_as_known)
    for version in known:
        told.setdefault((_root(version, known), version.is_archived), []).append(version)
    for (root, is_archived), states in told.items():
        version = states[-1]
        is_withdrawn = version.withdrawn_from is not None and version.withdrawn_from <= known_on
        recorded = version.withdrawn_from if version.withdrawn_from is not None and is_withdrawn else version.known_from
        lane, event = (Lane.ARCHIVED, "archived") if is_archived else (Lane.IN_FORCE, "in-force")
        moves = _moves([each.first_day for each in states]) + is_withdrawn
        yield Due(lane, event, root, version.first_day, _next(version.first_day), recorded, moves, is_withdrawn)
        notices = [(_notice_start(each), each.first_day) for each in states]
        start, end = notices[-1]
        if start < end:
            yield Due(Lane.NOTICE, "notice", root, start, end, recorded, _moves(notices) + is_withdrawn, is_withdrawn)


def _notice_start(version: DatedVersion) -> date:
    """The day on which notice was sent, else the day from which the version is known."""
    sent = version.read.notice.sent
    return version.known_from if sent is None or sent.day is None else sent.day


def _root(version: DatedVersion, known: Sequence[DatedVersion]) -> date:
    """The first day for which a version was first announced.

    A version still to come that takes out another one still to come has moved its day; it stays the same announcement.
    """
    seen = {version.first_day}
    while version.first_day > version.known_from:
        moved = [
            each
            for each in known
            if each.first_day in version.read.withdraws
            and each.withdrawn_from == version.known_from
            and each.first_day > version.known_from
            and each.is_archived == version.is_archived
            and each.first_day not in seen
        ]
        if not moved:
            break
        version = moved[0]
        seen.add(version.first_day)
    return version.first_day


def _as_known(version: DatedVersion) -> tuple[date, date]:
    return (version.known_from, version.first_day)
