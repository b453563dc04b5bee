"""``search``: a library's words and codes, searched as they stood on a day and as known on another."""

from __future__ import annotations

from datetime import date
from functools import lru_cache, partial

from medpol.decide.holdings.pieces import DRAFT
from medpol.decide.holdings.stands import Stands
from medpol.library import Library
from medpol.library.search import Filters, Findings, Ground, Index, Search, Stand, build, find, first_hits
from medpol.lifecycle import by_policy

_GROUNDS = 8
"""For how many pairs of days a ground is kept at hand; readers mostly ask for today."""
_REMEMBERED = 256
"""For how many questions the first hits are: who turns a page or comes back asks for the same ones again."""


class Searcher:
    """A library ready to be searched on any two days, by any number of threads.

    A changed library is another searcher, put in this one's place in one assignment; searches that run finish with the old.
    """

    def __init__(self, library: Library, previous: Searcher | None = None) -> None:
        self.library = library
        self.search: Search = build(library, None if previous is None else previous.search)
        self.stands = Stands(by_policy(library.versions))
        self._ground = lru_cache(_GROUNDS)(partial(_ground, self.search.public, self.stands))
        self._first = lru_cache(_REMEMBERED)(first_hits)

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
        return find(ground, text, filters or Filters(), limit=limit, offset=offset, first=self._first)

    def find_drafts(self, text: str, day: date, *, limit: int = 20, offset: int = 0) -> Findings:
        """What the words find among drafts: for those who may see them, and apart from all that is published."""
        stands = {
            file: Stand(file, DRAFT, entry.version.first_day, None, None)
            for file, entry in self.search.drafts.entries.items()
        }
        return find(Ground(self.search.drafts, stands, day, day), text, limit=limit, offset=offset)


def _ground(index: Index, stands: Stands, day: date, known_on: date) -> Ground:
    return Ground(index, stands.on(day, known_on), day, known_on)
