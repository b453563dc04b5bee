"""A calendar as iCalendar (RFC 5545): whole days, ids that stay, and the same bytes whenever it is fetched."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time

from icalendar import Calendar, Event

from medpol.exchange.values import CalendarEvent, EventCalendar

CALENDAR_TYPE = "text/calendar"
_PRODUCT = "-//medpol//medical policies//EN"
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]|[\ud800-\udfff]")


def icalendar(calendar: EventCalendar) -> bytes:
    """The calendar as iCalendar bytes, lines folded.

    Events are whole days with their end out, and block nobody's time. ``DTSTAMP`` is the day from which an event is known as
    it is, never the moment of writing.
    """
    written = Calendar()
    written.add("prodid", _PRODUCT)
    written.add("version", "2.0")
    written.add("method", "PUBLISH")
    written.add("name", _sound(calendar.title))
    written.add("x-wr-calname", _sound(calendar.title))
    for event in calendar.events:
        written.add_component(_event(event))
    return bytes(written.to_ical())


def _event(event: CalendarEvent) -> Event:
    written = Event()
    written.add("uid", _sound(event.uid))
    written.add("dtstamp", datetime.combine(event.recorded, time(), UTC))
    written.add("dtstart", event.start)
    written.add("dtend", event.end)
    written.add("summary", _sound(event.title))
    written.add("description", _sound(event.description))
    written.add("sequence", event.sequence)
    written.add("status", "CANCELLED" if event.is_cancelled else "CONFIRMED")
    written.add("transp", "TRANSPARENT")
    if event.link is not None:
        written.add("url", _sound(event.link))
    if event.categories:
        written.add("categories", [_sound(each) for each in event.categories])
    return written


def _sound(text: str) -> str:
    """One line in which nothing unseen stands."""
    return _UNSEEN.sub("\ufffd", text)
