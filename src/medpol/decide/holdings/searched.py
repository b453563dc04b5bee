"""``search``: a library's words and codes, searched as they stood on a day and as known on another."""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache
from threading import Lock

from medpol.decide.holdings.pieces import DRAFT, status_name
from medpol.library import Library
from medpol.library.search import Filters, Findings, Ground, Search, Stand, build, find, hits_of
from medpol.lifecycle import DatedVersion, Period, Status, by_policy, last_day, periods

_KEPT = 8
"""For how many pairs of days what stands is kept at hand; readers mostly ask for today."""


_REMEMBERED = 64
"""For how many questions the hits are: who turns a page or narrows what was found asks for the same ones again."""


class Searcher:
    """A library ready to be searched on any two days, by any number of threads.

    A changed library is another searcher, put in this one's place in one assignment; searches that run finish with the old.
    """

    __slots__ = ("_grounds", "_hits", "_lock", "_policies", "library", "search")

    def __init__(self, library: Library, previous: Searcher | None = None) -> None:
        self.library = library
        self.search: Search = build(library, None if previous is None else previous.search)
        self._policies = tuple(map(_Policy, by_policy(library.versions).values()))
        self._grounds: OrderedDict[tuple[date, date], Ground] = OrderedDict()
        self._lock = Lock()
        self._hits = lru_cache(_REMEMBERED)(hits_of)

    def find(
        self,
        text: str,
        date_of_service: date,
        known_on: date,
        filters: Filters | None = None,
        *,
        limit: int = 20,
        offset: int = 0,
    ) -> Findings:
        """What the words find among published texts, as they stand on the day of service and were known on ``known_on``."""
        ground = self._ground(date_of_service, known_on)
        return find(ground, text, filters or Filters(), limit=limit, offset=offset)

    def find_drafts(self, text: str, day: date, *, limit: int = 20, offset: int = 0) -> Findings:
        """What the words find among drafts: for those who may see them, and apart from all that is published."""
        stands = (
            Stand(file, DRAFT, entry.version.first_day, None, None)
            for file, entry in self.search.drafts.entries.items()
        )
        return find(Ground(self.search.drafts, stands, day, day), text, limit=limit, offset=offset)

    def _ground(self, day: date, known_on: date) -> Ground:
        key = (day, known_on)
        with self._lock:
            held = self._grounds.get(key)
            if held is not None:
                self._grounds.move_to_end(key)
                return held
        stands = (stand for policy in self._policies for stand in stands_in(policy.periods(known_on), day))
        ground = Ground(self.search.public, stands, day, known_on, self._hits)
        with self._lock:
            self._grounds[key] = ground
            while len(self._grounds) > _KEPT:
                self._grounds.popitem(last=False)
        return ground


class _Policy:
    """The versions of one policy, latest first; their periods are kept as they were last asked for.

    What is known alters on a few days only, so another day of knowledge mostly finds the same periods.
    """

    __slots__ = ("_held", "_moments", "_versions")

    def __init__(self, latest_first: Sequence[DatedVersion]) -> None:
        self._versions = latest_first
        known = {each.known_from for each in latest_first}
        withdrawn = {each.withdrawn_from for each in latest_first if each.withdrawn_from is not None}
        self._moments = sorted(known | withdrawn)
        self._held: tuple[int, tuple[Period[DatedVersion], ...]] = (0, ())

    def periods(self, known_on: date) -> tuple[Period[DatedVersion], ...]:
        passed = bisect_right(self._moments, known_on)
        at, found = self._held
        if at != passed:
            found = periods(self._versions, known_on)
            self._held = (passed, found)
        return found


def stands_of(latest_first: Sequence[DatedVersion], day: date, known_on: date) -> Iterator[Stand]:
    """The texts of one policy that are searched on a day, as known on another."""
    return stands_in(periods(latest_first, known_on), day)


def stands_in(held: Sequence[Period[DatedVersion]], day: date) -> Iterator[Stand]:
    """The texts of one policy that are searched on a day.

    The version in force; for an archived policy the last text in force before; and beside either, the next version that is
    announced by then. Which version is in force is what ``lifecycle.standing`` says.
    """
    begun = [each for each in held if each.start <= day]
    texts = [each for each in begun if not each.is_archived] or begun
    if texts:
        shown = texts[-1]
        status = Status.IN_FORCE if shown.covers(day) and not shown.is_archived else Status.ARCHIVED
        yield _stand(shown, status)
    coming = (each for each in held if each.start > day and each.version.known_from <= day and not each.is_archived)
    if (announced := next(coming, None)) is not None:
        yield _stand(announced, Status.IN_NOTICE)


def _stand(period: Period[DatedVersion], status: Status) -> Stand:
    version = period.version
    return Stand(version.read.source.file, status_name(status), period.start, last_day(period.end), version.known_from)
