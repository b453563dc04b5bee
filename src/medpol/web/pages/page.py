"""What a page is: an address, a function from a visit to one value, a template for it, and its twins."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any

from medpol.exchange.addresses import ENDINGS
from medpol.web.asof import AsOf, Bar
from medpol.web.problems import bad_request
from medpol.web.site import Served

PDF = ".pdf"
TWINS: Mapping[str, str] = MappingProxyType(
    {
        ".json": "application/json",
        ".csv": "text/csv; charset=utf-8",
        ".md": "text/markdown; charset=utf-8",
        ".ics": "text/calendar; charset=utf-8",
        ".atom": "application/atom+xml; charset=utf-8",
        ".svg": "image/svg+xml",
        PDF: "application/pdf",
    }
)
"""The endings of an address that ask for another rendering of the same page, and what they are sent as."""
NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Visit:
    """What a page is asked: a whole state of the library, two days, and the fields of the address and of the form."""

    served: Served
    as_of: AsOf
    place: Mapping[str, str]
    query: Mapping[str, str]
    form: Mapping[str, str] | None = None
    cookies: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """What a page found: ``value`` is what it shows and what its ``.json`` twin holds.

    ``address`` is its own path, without an ending. ``keep`` holds the fields that go along when the days change.
    ``dressed`` is the value's text made ready for the template, formatted and nothing more. ``status`` and ``headers`` go
    with the page; what is not a plain 200 is never kept. ``as_of`` holds its days where they are not those of the address.
    ``stamp`` is the content hash of what it shows, for the foot of every printed page; without one the library's stands there.
    """

    title: str
    address: str
    value: Any
    bar: Bar
    keep: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    cite: str = ""
    dressed: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    as_of: AsOf | None = None
    stamp: str = ""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The reader is sent to another address of the portal; never one that came with the request."""

    address: str


Twin = Callable[[Visit, Content], bytes]


@dataclass(frozen=True, slots=True)
class Page:
    """One kind of page.

    ``path`` is as the router spells it; a parameter that may carry a twin's ending is called ``page`` and stands last.
    ``twins`` are those beside ``.json``, and ``.json`` where it is not the value as it stands. ``fragments`` names, by the id of a place that htmx fills, the template block
    that goes there. ``posts``: its form is sent by POST to the same address, and the answer is never kept.
    ``is_private``: facts about a person may stand on it, so that it is never kept either. ``prints``: it has a ``.pdf`` twin.
    """

    path: str
    template: str
    find: Callable[[Visit], Content | Elsewhere]
    twins: Mapping[str, Twin] = field(default_factory=lambda: NOTHING)
    fragments: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    posts: bool = False
    is_private: bool = False
    prints: bool = False

    @property
    def endings(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((".json", *self.twins, *([PDF] if self.prints else ()))))

    @property
    def paths(self) -> list[str]:
        """Every address of the page for the router: where no parameter carries the ending, each twin has its own."""
        if self.path.endswith("}"):
            return [self.path]
        stem = "/index" if self.path == "/" else self.path
        return [self.path, *(stem + ending for ending in self.endings)]


def without_ending(text: str) -> tuple[str, str]:
    """A path or its last part without a twin's ending, and the ending; policy numbers hold dots, so no other is taken."""
    for ending in ENDINGS:
        if text.endswith(ending) and len(text) > len(ending):
            return text.removesuffix(ending), ending
    return text, ""


PER_PAGE = 100
"""How many rows of a long list one page of it shows."""


def pages_of(count: int, per_page: int) -> int:
    return max(1, -(-count // per_page))


def page_asked(query: Mapping[str, str]) -> int:
    """Which page of a long list an address asks for; the first one where it says nothing. Raises ``Refused``."""
    text = query.get("page", "") or "1"
    if not (text.isascii() and text.isdigit() and len(text) < 7 and int(text) > 0):
        raise bad_request("page", "this is no page of the list", "a number from 1 on")
    return int(text)


def check_page(page: int, pages: int) -> None:
    """Raises ``Refused`` for a page behind the last one."""
    if page > pages:
        raise bad_request("page", "there is no such page of the list", f"a number from 1 to {pages}")


_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_bytes(heads: Sequence[str], rows: Iterable[Sequence[str | int | date | None]]) -> bytes:
    """A table as CSV. A text that a spreadsheet would run gets a ``'`` in front; numbers and days are left as they are."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(heads)
    for row in rows:
        writer.writerow([_cell(each) for each in row])
    return stream.getvalue().encode()


def _cell(value: str | int | date | None) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        return str(value)
    return f"'{value}" if value.startswith(_FORMULA) else value
