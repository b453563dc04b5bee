"""A portal over a library written inside a test, asked through the door that a server would open."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
from litestar.testing import TestClient
from tests.support import put

import medpol
from medpol.ledger import Ledger
from medpol.library import SHIPPED
from medpol.web import Log, Site, make_app
from medpol.web.recording import Recording

TODAY = date(2026, 11, 23)


@dataclass
class Portal:
    """The client, the site behind it, and what was logged. ``today`` is the clock; a test may set it."""

    client: TestClient
    site: Site
    logged: io.BytesIO
    today: date = TODAY
    ledger: Ledger | None = None
    database: Path | None = None
    now: datetime = datetime(2026, 11, 23, 12, tzinfo=UTC)

    def later(self, *, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    def break_ledger(self) -> None:
        """Move its database away under the open ledger."""
        self.database.rename(self.database.with_name("gone"))

    def get(self, address: str, **headers: str):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.get(address, headers=named, follow_redirects=False)

    def entries(self) -> list[dict[str, object]]:
        return [msgspec.json.decode(line) for line in self.logged.getvalue().splitlines()]


@contextmanager
def portal(path: Path = SHIPPED, today: date = TODAY, **more: Any) -> Iterator[Portal]:
    """A portal over a folder, answering; the folder is looked at only when a test says so. ``more`` goes to ``make_app``."""
    logged = io.BytesIO()
    log = Log(logged, lambda: held.now)
    site = Site(path, medpol.read(path), log)
    held = Portal(None, site, logged, today)
    with TemporaryDirectory() as folder, Ledger.open(f"{folder}/ledger.db", patience_seconds=2) as ledger:
        held.ledger, held.database = ledger, Path(folder) / "ledger.db"
        recording = Recording(ledger, lambda: held.now)
        app = make_app(site, today=lambda: held.today, log=log, recording=recording, **more)
        with TestClient(app, raise_server_exceptions=True) as client:
            held.client = client
            yield held


@contextmanager
def portal_of(folder: Path, files: Mapping[str, str], today: date = TODAY, **more: Any) -> Iterator[Portal]:
    """A portal over documents."""
    with portal(put(folder, {name: text.encode() for name, text in files.items()}), today, **more) as held:
        yield held


def looked_twice(site: Site) -> bool:
    """Two looks: a change is taken over only where nothing altered between them."""
    site.look()
    return site.look()


class Tags(HTMLParser):
    """The elements of a page with their attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def links(self) -> list[str]:
        return [held["href"] for tag, held in self.found if tag == "a" and "href" in held]
