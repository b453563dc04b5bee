"""What a feed and a calendar hold, as plain values: whoever has something to tell fills them, a writer makes bytes of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from urllib.parse import quote, urlsplit


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One thing that happened. What is told once never changes; what comes after it is another entry.

    ``id`` is a ``tag:`` address for good. ``updated`` is the day from which it is known. ``link`` is the page with the whole
    of it, where there is one. ``categories`` are words to sort by.
    """

    id: str
    title: str
    updated: date
    summary: str
    link: str | None = None
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Feed:
    """Entries, newest first, under one title. ``updated`` where there is no entry: the day as known on which it is told."""

    id: str
    title: str
    author: str
    updated: date
    entries: tuple[FeedEntry, ...]
    page: str | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """Whole days, ``start`` in and ``end`` out. ``sequence`` rises when the days move; a withdrawn one stays, cancelled.

    ``recorded`` is the day from which it is known as it is.
    """

    uid: str
    start: date
    end: date
    title: str
    description: str
    recorded: date
    sequence: int = 0
    is_cancelled: bool = False
    link: str | None = None
    categories: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.start < self.end:
            raise ValueError(f"an event of whole days ends after it starts: {self.start} to {self.end}")


@dataclass(frozen=True, slots=True)
class EventCalendar:
    """Events under one name."""

    title: str
    events: tuple[CalendarEvent, ...]


NOWHERE = "medpol.invalid"
"""The authority of ids that are made where no site is named; RFC 2606 keeps it from ever being one."""


def authority_of(site: str | None) -> str:
    """The host under whose name ids are made: that of the site, or one that is nobody's."""
    host = None if site is None else urlsplit(site).hostname
    return host or NOWHERE


def tag(authority: str, *parts: str) -> str:
    """A ``tag:`` address (RFC 4151) that is the same for the same parts, whatever signs they hold."""
    return f"tag:{authority},2026:{'/'.join(quote(part, safe='') for part in parts)}"
