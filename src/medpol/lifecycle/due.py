"""What is due for a policy, in lanes: reviews, notices that run, days in force and archived, trials; and coding updates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from itertools import pairwise, zip_longest

from medpol.lifecycle.reviews import ReviewDue, review_due
from medpol.lifecycle.standing import is_held
from medpol.lifecycle.timeline import DatedVersion
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
class Foreseen:
    """Something due for a policy, with the days on which it is told: as known from one day on and before another.

    ``seen_from`` is the first day from which it is seen. ``review`` and ``text`` say what else that takes: how late the
    review is, and that the text which names a trial is the one that stands.
    """

    due: Due
    known_from: date
    known_until: date | None
    seen_from: date = date.min
    review: ReviewDue | None = None
    text: StandingText | None = None

    def seen(self, day: date, known_on: date) -> Due | None:
        """What is due as it is seen on a day and known on another; ``None`` where it is not."""
        is_known = self.known_from <= known_on and (self.known_until is None or known_on < self.known_until)
        if not is_known or day < self.seen_from or not (self.text is None or self.text.stands(day, known_on)):
            return None
        late = 0 if self.review is None else self.review.days_late(day)
        return replace(self.due, days_late=late) if late else self.due


@dataclass(frozen=True, slots=True)
class StandingText:
    """One version of a policy among all of them, latest first."""

    version: DatedVersion
    latest_first: Sequence[DatedVersion]

    def stands(self, day: date, known_on: date) -> bool:
        """Whether it is the one in force on the day."""
        begun = (each for each in self.latest_first if each.first_day <= day and is_held(each, known_on))
        return next(begun, None) is self.version


def foreseen(latest_first: Sequence[DatedVersion]) -> tuple[Foreseen, ...]:
    """All that is ever due for one policy, whatever is known of it; of a version with a first day only."""
    return (*_reviews(latest_first), *_trials(latest_first), *_announced(latest_first))


def coding_updates(span: EffectivePeriod) -> tuple[Due, ...]:
    """The quarterly days on which codes come and go: the first of January, April, July and October."""
    if span.start is None or span.end is None:
        raise ValueError("the days of coding updates have no end: a span with both ends is needed")
    days = (date(year, month, 1) for year in range(span.start.year, span.end.year + 1) for month in (1, 4, 7, 10))
    return tuple(Due(Lane.CODING, "coding-update", each, each, _next(each), each) for each in days if span.covers(each))


def _next(day: date) -> date:
    return day + ONE_DAY if day < date.max else day


# ---------------------------------------------------------------------------- reviews, trials


def _reviews(latest_first: Sequence[DatedVersion]) -> Iterator[Foreseen]:
    """The review of the text in force, unless a later version is known already: that one was reviewed."""
    moments = {day for each in latest_first for day in (each.known_from, each.withdrawn_from) if day is not None}
    newest = [
        (moment, next((each for each in latest_first if is_held(each, moment)), None)) for moment in sorted(moments)
    ]
    changed = [at for at, (_, version) in enumerate(newest) if not at or version is not newest[at - 1][1]]
    for at, until in zip_longest(changed, changed[1:]):
        known_from, version = newest[at]
        review = None if version is None or version.is_archived else review_due(version.read)
        if version is None or review is None:
            continue
        same = sorted((each for each in latest_first if each.first_day == version.first_day), key=_as_known)
        told = (review_due(each.read) for each in same if each.known_from <= version.known_from)
        entry = Due(
            Lane.REVIEW,
            "review",
            version.first_day,
            review.day,
            _next(review.day),
            version.known_from,
            moves=_moves([each.day for each in told if each is not None]),
            is_stated=review.is_stated,
        )
        known_until = None if until is None else newest[until][0]
        yield Foreseen(entry, known_from, known_until, version.first_day, review)


def _trials(latest_first: Sequence[DatedVersion]) -> Iterator[Foreseen]:
    """The months in which trials of the text in force are expected to end; the month is taken whole."""
    for version in latest_first:
        for trial in () if version.is_archived else version.read.trials:
            first, last = trial.completion.first_day(), trial.completion.last_day()
            if trial.is_published is not None or first is None or last is None or not trial.nct:
                continue
            told = sorted(
                (each.known_from, each.first_day, other.completion.first_day())
                for each in latest_first
                if each.known_from <= version.known_from
                for other in each.read.trials
                if other.nct == trial.nct and other.completion.first_day() is not None
            )
            entry = Due(
                Lane.TRIAL,
                trial.nct,
                told[0][1],
                first,
                _next(last),
                version.known_from,
                moves=_moves([day for _, _, day in told]),
                about=trial.title,
            )
            text = StandingText(version, latest_first)
            yield Foreseen(entry, version.known_from, version.withdrawn_from, version.first_day, text=text)


def _moves(days: Sequence[object]) -> int:
    """How often something moved, of its values in the order in which they became known."""
    return sum(one != other for one, other in pairwise(days))


# ---------------------------------------------------------------------------- what was announced


def _announced(versions: Sequence[DatedVersion]) -> Iterator[Foreseen]:
    """The first days of versions and the notices before them, under the first day that each was first announced for."""
    told: dict[tuple[date, bool], list[DatedVersion]] = {}
    known = sorted(versions, key=_as_known)
    for version in known:
        told.setdefault((_root(version, known), version.is_archived), []).append(version)
    for (root, _), states in told.items():
        for count, (version, coming) in enumerate(zip_longest(states, states[1:]), 1):
            until = None if coming is None else coming.known_from
            withdrawn = version.withdrawn_from
            if withdrawn is None or (until is not None and until <= withdrawn):
                yield from _told(root, states[:count], version.known_from, until, is_withdrawn=False)
            else:
                yield from _told(root, states[:count], version.known_from, withdrawn, is_withdrawn=False)
                yield from _told(root, states[:count], withdrawn, until, is_withdrawn=True)


def _told(
    root: date, states: Sequence[DatedVersion], known_from: date, known_until: date | None, *, is_withdrawn: bool
) -> Iterator[Foreseen]:
    """A first day and its notice, as they were told in some days after they had been told in other states before."""
    if known_until is not None and known_until <= known_from:
        return
    version = states[-1]
    lane, event = (Lane.ARCHIVED, "archived") if version.is_archived else (Lane.IN_FORCE, "in-force")
    moves = _moves([each.first_day for each in states]) + is_withdrawn
    first = version.first_day
    yield Foreseen(
        Due(lane, event, root, first, _next(first), known_from, moves, is_withdrawn), known_from, known_until
    )
    notices = [(_notice_start(each), each.first_day) for each in states]
    start, end = notices[-1]
    if start < end:
        moves = _moves(notices) + is_withdrawn
        yield Foreseen(
            Due(Lane.NOTICE, "notice", root, start, end, known_from, moves, is_withdrawn), known_from, known_until
        )


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
