"""Search of a library: exact codes and numbers, then the words of every published version, as of a day and as known on one.

``build`` makes a ``Search`` of a library, with the drafts in an index of their own; ``find`` answers it. Everything is
derived, so an index may be thrown away and built anew at any time. Which version stands on a day is told by the caller, as
``Stand``: the two clocks are not worked out a second time here.
"""

from medpol.library.search.finding import Ground, find, first_hits, words_given
from medpol.library.search.index import Index, Search, build
from medpol.library.search.values import (
    MAXIMUM_WORDS,
    Exact,
    Facet,
    Filters,
    Findings,
    Found,
    Run,
    Stand,
)

__all__ = [
    "MAXIMUM_WORDS",
    "Exact",
    "Facet",
    "Filters",
    "Findings",
    "Found",
    "Ground",
    "Index",
    "Run",
    "Search",
    "Stand",
    "build",
    "find",
    "first_hits",
    "words_given",
]
