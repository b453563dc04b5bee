"""The portal in one process: uvicorn on a socket (``listening``) that the caller opened, the library watched beside it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO

import uvicorn

from medpol.ledger import Ledger
from medpol.library import Library
from medpol.web.app import make_app
from medpol.web.log import Log
from medpol.web.recording import Recording
from medpol.web.site import Site

_GRACE_SECONDS = 10


class _Server(uvicorn.Server):
    """Says when it answers, and nothing else: the portal writes its own log."""

    def __init__(self, config: uvicorn.Config, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._say_started = started

    async def startup(self, sockets: list[Any] | None = None) -> None:
        await super().startup(sockets)
        self._say_started()


def run(
    path: Path,
    library: Library,
    listening: Any,
    *,
    today: Callable[[], date],
    now: Callable[[], datetime],
    log: BinaryIO,
    started: Callable[[], None],
    ledger: Ledger,
) -> None:
    """Serve until a signal ends it; requests under way are answered first. ``started`` is called once it answers."""
    written = Log(log, now)
    site = Site(path, library, written)
    config = uvicorn.Config(
        make_app(site, today=today, log=written, recording=Recording(ledger, now)),
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        date_header=True,
        proxy_headers=False,
        lifespan="on",
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    with site.watched():
        _Server(config, started).run(sockets=[listening])
