"""What is due for many policies, put in order once: a span of days is then found without walking through all of them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from medpol.lifecycle.due import Due, Foreseen, Lane, coding_updates, foreseen
from medpol.lifecycle.timeline import DatedVersion
from medpol.model.dates import EffectivePeriod

_PLACE = {lane: at for at, lane in enumerate(Lane)}
_EVERYBODY = ""


class OfPolicy(NamedTuple):
    """Something due for a policy; ``policy`` is empty for a day of coding updates, which is everybody's."""

    policy: str
    due: Due


class _Entry(NamedTuple):
    policy: str
    foreseen: Foreseen


class Agenda:
    """The policies of a library, ready to be asked what is due; it never alters, so any thread may ask.

    Whatever is asked is given late things first, the latest first, then by day, lane, policy and event.
    """

    __slots__ = ("_by_policy", "_entries", "_known", "_lanes", "_longest", "_starts")

    def __init__(self, policies: Mapping[str, Sequence[DatedVersion]]) -> None:
        """``policies``: the versions of each, latest first."""
        held = (_Entry(policy, each) for policy, versions in policies.items() for each in foreseen(versions))
        self._entries = sorted(held, key=lambda entry: _order(entry.policy, entry.foreseen.due))
        self._known = [_known_days(entry.foreseen) for entry in self._entries]
        self._by_policy: dict[str, list[int]] = {}
        self._lanes: dict[Lane, list[int]] = {lane: [] for lane in Lane}
        self._starts: dict[Lane, list[date]] = {lane: [] for lane in Lane}
        self._longest = dict.fromkeys(Lane, timedelta())
        for at, (policy, entry) in enumerate(self._entries):
            due = entry.due
            self._by_policy.setdefault(policy, []).append(at)
            self._lanes[due.lane].append(at)
            self._starts[due.lane].append(due.start)
            self._longest[due.lane] = max(self._longest[due.lane], due.end - due.start)

    def due(
        self,
        day: date,
        known_on: date,
        span: EffectivePeriod,
        *,
        policy: str | None = None,
        lanes: Collection[Lane] | None = None,
    ) -> list[OfPolicy]:
        """What is due in a span of days with both ends, as seen on a day and known on another.

        A review that is late by ``day`` is in every span. What was announced and withdrawn is kept, and said to be.
        """
        first, end = span.start or date.min, span.end or date.max
        wanted = Lane if lanes is None else lanes
        places = self._near(first, end, wanted, day) if policy is None else self._of(policy, wanted)
        on, known = known_on.toordinal(), self._known
        late: list[OfPolicy] = []
        found: list[OfPolicy] = []
        for at in [at for at in places if known[at][0] <= on < known[at][1]]:
            number, entry = self._entries[at]
            due = entry.seen(day, known_on)
            if due is None:
                continue
            if due.days_late:
                late.append(OfPolicy(number, due))
            elif due.start < end and first < due.end:
                found.append(OfPolicy(number, due))
        if policy is None and Lane.CODING in wanted:
            for due in coding_updates(span):
                insort(found, OfPolicy(_EVERYBODY, due), key=lambda each: _order(*each))
        late.sort(key=lambda each: -each.due.days_late)
        return late + found

    def _of(self, policy: str, lanes: Iterable[Lane]) -> list[int]:
        return [at for at in self._by_policy.get(policy, ()) if self._entries[at].foreseen.due.lane in lanes]

    def _near(self, first: date, end: date, lanes: Iterable[Lane], day: date) -> list[int]:
        """Where what may lie in the span stands; and every review that was due before the day, since it may be late."""
        found: list[int] = []
        for lane in lanes:
            starts, longest = self._starts[lane], self._longest[lane]
            since = first - min(longest, first - date.min)
            low, high = bisect_left(starts, since), bisect_left(starts, end)
            if lane is Lane.REVIEW:
                low, high = 0, max(high, bisect_right(starts, day))
            found += self._lanes[lane][low:high]
        return sorted(found)


def _known_days(entry: Foreseen) -> tuple[int, int]:
    """The days of knowledge on which it is told, the second one out, as numbers: they are compared very often."""
    until = date.max.toordinal() + 1 if entry.known_until is None else entry.known_until.toordinal()
    return entry.known_from.toordinal(), until


def _order(policy: str, due: Due) -> tuple[date, int, str, str, date]:
    return (due.start, _PLACE[due.lane], policy, due.event, due.version)
