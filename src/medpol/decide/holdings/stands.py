"""Which texts of a library are searched and hinted at on a day, as known on another."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache, partial

from medpol.decide.holdings.pieces import status_name
from medpol.library.search import Stand
from medpol.lifecycle import DatedVersion, Status, is_held, last_day

_PAIRS_KEPT = 8
"""For how many pairs of days what stands is kept at hand; readers mostly ask for today."""
_KEPT_OF_ONE = 16
"""For how many stretches of days what stands of one policy is."""


class Stands:
    """The texts of a library's policies, to be asked by any number of threads."""

    def __init__(self, policies: Mapping[str, Sequence[DatedVersion]]) -> None:
        """``policies``: the versions of each, latest first."""
        held = tuple(map(_Policy, policies.values()))
        self.on = lru_cache(_PAIRS_KEPT)(partial(_all_on, held))
        """What stands on a day as known on another, by file, in the order of the policies; of one policy the text in force
        before one announced."""


class _Policy:
    """One policy. What is known and what stands of it alter on a few days only, and between them all days are alike."""

    __slots__ = ("_days", "_held", "_moments", "_versions")

    def __init__(self, latest_first: Sequence[DatedVersion]) -> None:
        self._versions = latest_first
        known = {each.known_from for each in latest_first}
        withdrawn = {each.withdrawn_from for each in latest_first if each.withdrawn_from is not None}
        self._moments = sorted(known | withdrawn)
        self._days = sorted(known | {each.first_day for each in latest_first})
        self._held: dict[tuple[int, int], tuple[Stand, ...]] = {}

    def on(self, day: date, known_on: date) -> tuple[Stand, ...]:
        key = (bisect_right(self._days, day), bisect_right(self._moments, known_on))
        found = self._held.get(key)
        if found is None:
            found = tuple(_stands(self._versions, day, known_on))
            if len(self._held) >= _KEPT_OF_ONE:
                self._held = {}
            self._held[key] = found
        return found


def _all_on(policies: Sequence[_Policy], day: date, known_on: date) -> Mapping[str, Stand]:
    return {each.file: each for policy in policies for each in policy.on(day, known_on)}


def _stands(latest_first: Sequence[DatedVersion], day: date, known_on: date) -> Iterator[Stand]:
    """The version in force; for an archived policy the last text in force before; and beside either, the next version
    that is announced by then. They hold on the days that ``lifecycle.periods`` gives them.
    """
    shown: Stand | None = None
    announced: Stand | None = None
    status, after = Status.IN_FORCE, None
    for version in latest_first:
        first = version.first_day
        if first == after or not is_held(version, known_on):
            continue
        if first > day:
            if version.known_from <= day and not version.is_archived:
                announced = _stand(version, Status.IN_NOTICE, after)
        elif not version.is_archived:
            shown = _stand(version, status, after)
            break
        else:
            status = Status.ARCHIVED
            shown = shown or _stand(version, status, after)
        after = first
    yield from (each for each in (shown, announced) if each is not None)


def _stand(version: DatedVersion, status: Status, end: date | None) -> Stand:
    return Stand(version.read.source.file, status_name(status), version.first_day, last_day(end), version.known_from)
