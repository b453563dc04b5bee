"""The ``.atom`` and ``.ics`` twins: what changed and what is due, for readers and calendars that ask again and again.

Links in a feed are relative to its own address, so that no header of a request gets into what others are handed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

from medpol.decide.holdings.changed import Changes
from medpol.decide.holdings.coming import Calendar
from medpol.decide.holdings.told import events_of, feed_of
from medpol.exchange.atom import atom
from medpol.exchange.calendar import icalendar
from medpol.exchange.values import NOWHERE, tag
from medpol.web.asof import AsOf, address

ENTRIES = 50
"""How many changes a feed holds."""
AHEAD_DAYS = 366
"""How many days ahead a calendar shows."""


def feed_bytes(changes: Changes, title: str, path: str, chosen: Mapping[str, str], as_of: AsOf) -> bytes:
    """A page's changes as Atom; ``chosen`` are the fields that narrow it, which give the feed an id of its own."""
    made = feed_of(changes, title, site="", path=path)
    pairs = [*chosen.items(), *(as_of.pairs if as_of.is_set else ())]
    if chosen:
        made = replace(
            made, id=tag(NOWHERE, *path.strip("/").split("/"), *(f"{name}={value}" for name, value in chosen.items()))
        )
    return atom(replace(made, page=address(path, pairs), address=address(f"{path}.atom", pairs)))


@lru_cache(maxsize=16)
def calendar_bytes(calendar: Calendar, title: str) -> bytes:
    """What is due as iCalendar; calendars ask again and again, and writing one takes its time."""
    return icalendar(events_of(calendar, title))
