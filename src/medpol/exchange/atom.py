"""A feed as Atom (RFC 4287): the same value, the same bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from xml.sax.saxutils import escape, quoteattr

from medpol.exchange.values import Feed, FeedEntry

ATOM_TYPE = "application/atom+xml"
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_HIDDEN = re.compile("[\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def atom(feed: Feed) -> bytes:
    """The feed as an Atom document in UTF-8.

    Signs that XML cannot carry, and those that turn the direction of writing, become U+FFFD. An entry without a page of its
    own carries its summary as content, since one of the two must be there.
    """
    return "".join(_feed(feed)).encode()


def _feed(feed: Feed) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">\n'
    yield _element("id", feed.id)
    yield _element("title", feed.title)
    yield _element("updated", _moment(max((each.updated for each in feed.entries), default=feed.updated)))
    yield f"<author>\n{_element('name', feed.author)}</author>\n"
    if feed.page is not None:
        yield _link("alternate", feed.page, "text/html")
    if feed.address is not None:
        yield _link("self", feed.address, ATOM_TYPE)
    for entry in feed.entries:
        yield from _entry(entry)
    yield "</feed>\n"


def _entry(entry: FeedEntry) -> Iterator[str]:
    yield "<entry>\n"
    yield _element("id", entry.id)
    yield _element("title", entry.title)
    yield _element("updated", _moment(entry.updated))
    yield _element("published", _moment(entry.updated))
    if entry.link is not None:
        yield _link("alternate", entry.link, "text/html")
        yield _element("summary", entry.summary)
    else:
        yield _element("content", entry.summary)
    for category in entry.categories:
        yield f"<category term={quoteattr(_sound(category))}/>\n"
    yield "</entry>\n"


def _element(name: str, text: str) -> str:
    return f"<{name}>{escape(_sound(text))}</{name}>\n"


def _link(relation: str, address: str, media_type: str) -> str:
    return f'<link rel="{relation}" type="{media_type}" href={quoteattr(_sound(address))}/>\n'


def _sound(text: str) -> str:
    return _HIDDEN.sub("\ufffd", _NO_XML.sub("\ufffd", text))


def _moment(day: date) -> str:
    """A day as RFC 3339 needs it: its beginning, in UTC."""
    return f"{day.isoformat()}T00:00:00Z"
