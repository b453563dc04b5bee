"""What goes back to a browser or a program: status, headers and bytes; and the rules by which it may be kept."""

from __future__ import annotations

import gzip
import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock

from medpol.web.asof import AsOf
from medpol.web.site import Served, Trouble

FIVE_MINUTES = "public, max-age=300"
FOR_GOOD = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"
NEVER = "no-store"
_SMALL = 800
_BESIDE = 1_000
"""About how many bytes a kept reply takes beside its body."""


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    media_type: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


class Kept:
    """Replies that are the same for everybody, so that one asked for again need not be made again.

    They may take so many bytes; the one that was longest unasked makes room. Any thread may ask.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most, self._size = most_bytes, 0
        self._held: OrderedDict[tuple[object, ...], Reply] = OrderedDict()
        self._lock = Lock()

    def get(self, key: tuple[object, ...]) -> Reply | None:
        with self._lock:
            found = self._held.get(key)
            if found is not None:
                self._held.move_to_end(key)
            return found

    def put(self, key: tuple[object, ...], reply: Reply) -> None:
        """Keep a reply, but for one that would push out many others."""
        size = len(reply.body)
        if size > self._most // 64:
            return
        with self._lock:
            if key not in self._held:
                self._held[key] = reply
                self._size += size + _BESIDE
            while self._size > self._most:
                _, gone = self._held.popitem(last=False)
                self._size -= len(gone.body) + _BESIDE


def tag_of(served: Served, frame: str, as_of: AsOf, trouble: Trouble | None) -> str:
    """The ``ETag`` of a page without facts: what it is made from, never what is in it."""
    parts = (served.plan_hash, frame, as_of.today, as_of.pairs, as_of.is_set, trouble)
    if as_of.is_settled:
        parts = (served.plan_hash, frame, as_of.pairs, trouble)  # type: ignore[assignment]
    return f'W/"{hashlib.sha256(repr(parts).encode()).hexdigest()[:24]}"'


def kept_for(as_of: AsOf, trouble: Trouble | None) -> str:
    """How long a page may be kept: for good where both days are pinned and over; not while something is wrong."""
    if trouble is not None:
        return ASK_AGAIN
    return FOR_GOOD if as_of.is_settled else FIVE_MINUTES


def is_current(if_none_match: str, tag: str) -> bool:
    """Whether the caller holds the page already."""
    return any(each.strip() in (tag, "*") for each in if_none_match.split(","))


def accepts_gzip(accept_encoding: str) -> bool:
    return "gzip" in accept_encoding


def zipped(reply: Reply, accept_encoding: str) -> Reply:
    """The reply compressed, where the caller can read it and it is worth it; either way it says that this was asked."""
    varies = [part for part in (reply.headers.get("Vary"), "Accept-Encoding") if part]
    headers = {**reply.headers, "Vary": ", ".join(varies)}
    if not accepts_gzip(accept_encoding) or len(reply.body) < _SMALL:
        return Reply(reply.status, reply.media_type, reply.body, headers)
    body = gzip.compress(reply.body, 6, mtime=0)
    return Reply(reply.status, reply.media_type, body, headers | {"Content-Encoding": "gzip"})
