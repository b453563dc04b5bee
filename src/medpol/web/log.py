"""One line of JSON for each request and each event. Only the fields listed here can be written: no text of anybody's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from threading import Lock
from traceback import extract_tb
from typing import BinaryIO, Literal

import msgspec

Event = Literal["request", "library_reloaded", "library_refused", "bug"]


class Entry(msgspec.Struct, omit_defaults=True, frozen=True):
    """What a line of the log may hold. ``route`` is the route's pattern, never the address that was asked for."""

    at: datetime
    event: Event
    id: str = ""
    method: str = ""
    route: str = ""
    status: int = 0
    milliseconds: float = 0.0
    bytes: int = 0
    errors: int = 0
    library: str = ""
    where: str = ""


class Log:
    """Writes entries to a stream, whole lines only, from any thread."""

    def __init__(self, stream: BinaryIO, now: Callable[[], datetime]) -> None:
        self._stream, self._now, self._lock = stream, now, Lock()
        self._encode = msgspec.json.Encoder().encode

    def write(
        self,
        event: Event,
        *,
        id: str = "",
        method: str = "",
        route: str = "",
        status: int = 0,
        milliseconds: float = 0.0,
        bytes: int = 0,
        errors: int = 0,
        library: str = "",
        where: str = "",
    ) -> None:
        entry = Entry(self._now(), event, id, method, route, status, milliseconds, bytes, errors, library, where)
        line = self._encode(entry) + b"\n"
        with self._lock:
            self._stream.write(line)
            self._stream.flush()

    def bug(self, id: str, problem: Exception) -> None:
        """A bug by its kind and the line it came from; its message may hold what was sent, and is not told."""
        frames = extract_tb(problem.__traceback__)
        place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "nowhere"
        self.write("bug", id=id, where=f"{type(problem).__name__} {place}")
