"""The ``.atom`` and ``.ics`` twins: what changed and what is due, for readers and calendars that ask again and again.

Links in a feed stand under the address that the service was given as its own; without one they are relative to the
feed's own, so that no header of a request gets into what others are handed.
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
from medpol.exchange.values import authority_of, tag
from medpol.web.asof import AsOf, address

ENTRIES = 50
"""How many changes a feed holds."""
AHEAD_DAYS = 366
"""How many days ahead a calendar shows."""


def feed_bytes(changes: Changes, title: str, path: str, chosen: Mapping[str, str], as_of: AsOf) -> bytes:
    """A page's changes as Atom; ``chosen`` are the fields that narrow it, which give the feed an id of its own."""
    site = as_of.site
    made = feed_of(changes, title, site=site, path=path)
    pairs = [*chosen.items(), *(as_of.pairs if as_of.is_set else ())]
    if chosen:
        made = replace(
            made,
            id=tag(
                authority_of(site or None),
                *path.strip("/").split("/"),
                *(f"{name}={value}" for name, value in chosen.items()),
            ),
        )
    return atom(replace(made, page=site + address(path, pairs), address=site + address(f"{path}.atom", pairs)))


@lru_cache(maxsize=16)
def calendar_bytes(calendar: Calendar, title: str, site: str) -> bytes:
    """What is due as iCalendar; calendars ask again and again, and writing one takes its time."""
    return icalendar(events_of(calendar, title, site=site or None))
