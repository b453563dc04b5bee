"""The portal in one process: uvicorn on a socket (``listening``) that the caller opened, the library watched beside it."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO

import uvicorn

from medpol.ledger import Ledger
from medpol.library import Library
from medpol.web.app import make_app
from medpol.web.limits import Limits
from medpol.web.log import Log
from medpol.web.recording import Recording
from medpol.web.site import Site

_GRACE_SECONDS = 10
_SWITCH_SECONDS = 0.0005
"""How long a thread that decides or renders keeps the interpreter while the event loop waits for it."""


class _Server(uvicorn.Server):
    """Says when it answers, and nothing else: the portal writes its own log."""

    def __init__(self, config: uvicorn.Config, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._say_started = started

    async def startup(self, sockets: list[Any] | None = None) -> None:
        await super().startup(sockets)
        self._say_started()


@contextmanager
def without_collector() -> Iterator[None]:
    """The garbage collector off while a library is read and compiled, or it would walk again and again through what lasts."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


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
    address: str = "",
    limits: Limits | None = None,
    for_staff: bool = False,
) -> None:
    """Serve until a signal ends it; requests under way are answered first. ``started`` is called once it answers.

    ``address``, ``limits`` and ``for_staff`` are those of ``make_app``.
    """
    written = Log(log, now)
    with without_collector():
        site = Site(path, library, written)
        app = make_app(
            site,
            today=today,
            log=written,
            recording=Recording(ledger, now),
            address=address,
            limits=limits,
            for_staff=for_staff,
        )
        config = uvicorn.Config(
            app,
            log_config=None,
            log_level="critical",
            access_log=False,
            server_header=False,
            date_header=True,
            proxy_headers=False,
            lifespan="on",
            timeout_graceful_shutdown=_GRACE_SECONDS,
        )
        gc.collect()
        gc.freeze()  # the library lasts: the collector need not walk through it again and again
    sys.setswitchinterval(_SWITCH_SECONDS)
    with site.watched():
        _Server(config, started).run(sockets=[listening])
