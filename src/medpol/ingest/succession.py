"""The rows of a history in the order in which they became known, and the row whose version the document's text is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import pairwise

from medpol.ingest.published import Event
from medpol.model.dates import StatedDate


def in_known_order(events: Sequence[Event]) -> tuple[Event, ...]:
    """The rows as they became known: by their day or month, and as printed (from the oldest) where that does not tell."""
    days = [day for event in events if (day := event.day.last_day()) is not None]
    falls = len(days) > 1 and days[0] > days[-1] and all(one >= other for one, other in pairwise(days))
    printed = list(events[::-1] if falls else events)
    newest = max(days, default=date.min)
    last = date.min
    keyed = []
    for event in printed:
        own = event.day.last_day()
        last = own or last
        # a row without a day is never the newest: it would stand in no version
        keyed.append(((last, own is not None or last < newest), event))
    return tuple(event for _, event in sorted(keyed, key=lambda each: each[0]))


def owner_of(events: Sequence[Event], effective: StatedDate | None, *, by_header: bool) -> Event | None:
    """The row whose version is the text: the last with the header's effective day; else the last that states
    one; ``by_header``: none where the header's day is that of no row."""
    dated = [
        event
        for event in events
        if event.first_day is not None and not (event.event == "notification" and event.effective is None)
    ]
    stated = [event for event in dated if effective is not None and event.first_day == effective.day]
    if stated:
        return stated[-1]
    if by_header and effective is not None and effective.day is not None:
        return None
    return max(dated, key=lambda event: event.first_day or date.min) if dated else None
