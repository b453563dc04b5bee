"""How often one place may ask: a bucket for each client and each kind of request, which time fills again.

Who asks is the machine at the other end of the connection. A header that names another one is believed only where a proxy
was declared that sets it.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from ipaddress import IPv4Network, IPv6Network, ip_address
from math import ceil
from time import monotonic

from litestar.types import HTTPScope

from medpol.web.problems import Problem

Network = IPv4Network | IPv6Network
MOST_CLIENTS = 50_000
"""So many buckets are remembered; the one that was longest idle makes room."""
_MINUTE = 60.0
_FEW = 10
_QUICK = frozenset({"/api/coverage", "/coverage", "/coverage.json"})
_HINTS = frozenset({"/search/hints", "/search/hints.json"})
_HOST_BITS = 64
"""Of an address of IPv6: one subscriber usually has all that share the rest."""


class Kind(Enum):
    """A kind of request, by what it costs to answer."""

    READ = "read"
    HINT = "hint"
    LOOK_UP = "look-up"
    DECIDE = "decide"
    HEAVY = "heavy"


@dataclass(frozen=True, slots=True)
class Limits:
    """How many requests of each kind a client may send in a minute; after a rest ten seconds' worth of them at once."""

    a_minute: Mapping[Kind, int]
    proxies: Sequence[Network] = ()


def limits_of(pages: int, proxies: Sequence[Network] = ()) -> Limits:
    """The limits of every kind where those of pages are given: look-ups cost little, a batch or a PDF much.

    Who types a few words asks for a hint at nearly every letter, and many who type may share an address.
    """
    most = {
        Kind.READ: pages,
        Kind.HINT: 10 * pages,
        Kind.LOOK_UP: 5 * pages,
        Kind.DECIDE: pages,
        Kind.HEAVY: max(1, pages // 20),
    }
    return Limits(most, proxies)


class Gate:
    """Lets requests in or tells them how long to wait. It is asked by one thread, the event loop's."""

    def __init__(
        self, limits: Limits, *, ticks: Callable[[], float] = monotonic, most_clients: int = MOST_CLIENTS
    ) -> None:
        self._limits, self._ticks, self._most = limits, ticks, most_clients
        self._buckets: OrderedDict[tuple[str, Kind], tuple[float, float]] = OrderedDict()

    def refusal(self, scope: HTTPScope, headers: Mapping[str, str]) -> Problem | None:
        """``None`` where the request may go on; else what its sender is told."""
        kind = kind_of(scope["method"], scope["path"])
        if kind is None:
            return None
        allowed = self._limits.a_minute[kind]
        wait = self._wait((client_of(scope, headers, self._limits.proxies), kind), allowed)
        return None if wait is None else _too_many(kind, allowed, ceil(wait))

    def _wait(self, key: tuple[str, Kind], allowed: int) -> float | None:
        """Takes one from the bucket, or gives back the seconds until one is in it."""
        now = self._ticks()
        most = float(at_once(allowed))
        held, at = self._buckets.pop(key, (most, now))
        held = min(most, held + (now - at) * allowed / _MINUTE)
        is_let_in = held >= 1
        self._buckets[key] = (held - 1 if is_let_in else held, now)
        if len(self._buckets) > self._most:
            self._buckets.popitem(last=False)
        return None if is_let_in else (1 - held) * _MINUTE / allowed

    def __len__(self) -> int:
        return len(self._buckets)


def at_once(a_minute: int) -> int:
    """How many of so many a minute may come without a pause: a reader opens a few pages, a program begins with many."""
    return min(a_minute, max(_FEW, a_minute // 6))


def kind_of(method: str, path: str) -> Kind | None:
    """The kind of a request by its address alone; the files of a page and the state of the service are not counted."""
    if path.startswith("/static/") or path in ("/health", "/health/details", "/metrics"):
        return None
    if path.endswith(".pdf") or path == "/api/determinations/batch":
        return Kind.HEAVY
    if method == "POST":
        return Kind.HEAVY if path.startswith("/codes") else Kind.DECIDE
    if path in _HINTS:
        return Kind.HINT
    return Kind.LOOK_UP if path in _QUICK else Kind.READ


def client_of(scope: HTTPScope, headers: Mapping[str, str], proxies: Sequence[Network]) -> str:
    """Who asks: the other end of the connection, or behind declared proxies the last address that none of them has."""
    client = scope.get("client")
    peer = client[0] if client else ""
    if not _is_of(peer, proxies):
        return _grouped(peer)
    told = [each.strip() for each in headers.get("x-forwarded-for", "").split(",")]
    for each in reversed([each for each in told if each]):
        if not _is_of(each, proxies):
            return _grouped(each)
    return _grouped(peer)


def _is_of(text: str, networks: Sequence[Network]) -> bool:
    if not networks:
        return False
    try:
        address = ip_address(text)
    except ValueError:
        return False
    return any(address in each for each in networks)


def _grouped(text: str) -> str:
    """The address itself, of IPv6 its network; what is no address counts as one client, whoever says it."""
    try:
        address = ip_address(_WITH_PORT.sub(r"\1\2", text))
    except ValueError:
        return "unknown"
    if address.version == 4:
        return str(address)
    return str(address.ipv4_mapped or int(address) >> _HOST_BITS)


_WITH_PORT = re.compile(r"\A(?:([0-9.]+)|\[([0-9A-Fa-f:.]+)\])(?::[0-9]+)?\Z")
"""As some proxies write an address. One of IPv6 without brackets is left as it is."""
_WORDS = {
    Kind.READ: "pages",
    Kind.HINT: "hints",
    Kind.LOOK_UP: "look-ups",
    Kind.DECIDE: "determinations",
    Kind.HEAVY: "PDFs, batches and pasted lists",
}


def _too_many(kind: Kind, allowed: int, seconds: int) -> Problem:
    unit = "second" if seconds == 1 else "seconds"
    return Problem(
        429,
        "too many requests from one place",
        f"at most {allowed:,} {_WORDS[kind]} a minute",
        f"wait {seconds} {unit}; who runs this service can allow more",
        headers={"Retry-After": str(seconds)},
    )
