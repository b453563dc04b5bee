"""Changes and due days as entries of a feed and events of a calendar, with addresses where a site serves the pages."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from urllib.parse import quote

from medpol.decide.holdings.changed import Changed, Changes
from medpol.decide.holdings.coming import Calendar, Coming
from medpol.exchange.addresses import segment
from medpol.exchange.values import CalendarEvent, EventCalendar, Feed, FeedEntry, authority_of, tag
from medpol.model.dates import ONE_DAY

_AUTHOR = "medpol"


def feed_of(changes: Changes, title: str, *, site: str | None = None, path: str = "/changes") -> Feed:
    """A feed of changes.

    Args:
        changes: What changed; the entries keep its order.
        title: The title of the feed.
        site: The address under which the pages are served, such as ``https://policies.example.org``; without one, entries
            have no link.
        path: The page that the feed belongs to, below the site.
    """
    base = None if site is None else site.rstrip("/")
    authority = authority_of(site)
    return Feed(
        tag(authority, *path.strip("/").split("/")),
        title,
        _AUTHOR,
        changes.known_on,
        tuple(_entry(each, base, authority) for each in changes.changes),
        None if base is None else base + path,
        None if base is None else f"{base}{path}.atom",
    )


def _entry(change: Changed, base: str | None, authority: str) -> FeedEntry:
    link = None if base is None else base + path_of_change(change)
    words = f"{change.policy} {change.title}: {change.kind}"
    effect = "" if change.kind == "withdrawn" else f" Takes effect on {change.first_day}."
    notice = f" Told {change.notice_days} days ahead." if change.notice_days else ""
    return FeedEntry(
        tag(authority, "changes", change.policy, str(change.first_day), str(change.known_from), change.kind),
        f"{words}, {change.first_day}",
        change.known_from,
        f"{change.says} Known from {change.known_from}.{effect}{notice}",
        link,
        (change.kind, *change.codes),
    )


def path_of_change(change: Changed) -> str:
    """The page that shows a change whole: the redline where there is something to compare with, else the policy that day."""
    page = f"/policies/{segment(change.policy)}"
    if change.compared_with is None or change.compared_with == change.first_day:
        return f"{page}?date_of_service={change.first_day}&known_on={change.known_from}"
    return f"{page}/compare?from={change.compared_with}&to={change.first_day}&known_on={change.known_from}"


def events_of(calendar: Calendar, title: str, *, site: str | None = None) -> EventCalendar:
    """The entries of a calendar as events; how late something is, which alters day by day, is left to the pages."""
    base = None if site is None else site.rstrip("/")
    authority = authority_of(site)
    return EventCalendar(title, tuple(_events(calendar.entries, base, authority)))


def _events(entries: Iterable[Coming], base: str | None, authority: str) -> Iterable[CalendarEvent]:
    for each in entries:
        page = "/calendar" if not each.policy else f"/policies/{segment(each.policy)}"
        name = "/".join(quote(part, safe="") for part in (each.policy or "codes", str(each.version), each.event))
        yield CalendarEvent(
            f"{name}@{authority}",
            each.first_day,
            _after(each.last_day),
            f"{each.policy} {each.title}: {_short(each)}" if each.policy else _short(each),
            each.says[0].upper() + each.says[1:] + ".",
            each.recorded,
            each.moves,
            each.is_withdrawn,
            None if base is None else base + page,
            (each.lane.replace("_", " "),),
        )


def _short(entry: Coming) -> str:
    return f"trial {entry.event} expected to end" if entry.lane == "trial_expected" else entry.says


def _after(day: date) -> date:
    return day + ONE_DAY if day < date.max else day
