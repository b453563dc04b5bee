"""The one fetch that speaks to the network: politely, within limits, to registered hosts alone.

One request at a time and, for each host, no faster than its service asks; a service that is busy is waited for as it says,
or longer and longer, and not for ever. Nothing but https, no redirect to another host, no proxy that the environment
names, no address of a private network.
"""

from __future__ import annotations

import ipaddress
import random
import socket
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlencode, urljoin, urlsplit

import httpx

from medpol import __version__
from medpol.cli.recordings import Recordings
from medpol.evidence.watching import Answer, FetchFailed, Request

_PUBMED, _CROSSREF = "eutils.ncbi.nlm.nih.gov", "api.crossref.org"
_A_SECOND = {_PUBMED: 3.0}
_WITH_KEY = {_PUBMED: 10.0}
_OTHERS_A_SECOND = 1.0
_BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})
_MOVED = frozenset({301, 302, 303, 307, 308})
_ATTEMPTS = 6
_REDIRECTS = 3
_FIRST_WAIT, _LONGEST_WAIT = 1.0, 60.0
_MOST_PATIENCE = 600.0
"""The longest that a service may ask to be waited for; beyond it the run goes on without."""
_A_REQUEST = 120.0
"""The longest that one answer may take, however steadily it drips."""


class Bucket:
    """One token, filled again at a steady rate: no two requests closer together than the rate allows."""

    def __init__(self, a_second: float, clock: Callable[[], float], sleep: Callable[[float], None]) -> None:
        self._pause, self._clock, self._sleep = 1.0 / a_second, clock, sleep
        self._next = clock()

    def take(self) -> None:
        now = self._clock()
        if now < self._next:
            self._sleep(self._next - now)
        self._next = max(now, self._next) + self._pause


def addresses_of(host: str) -> Iterable[str]:
    """The addresses that a host's name stands for."""
    return {str(each[4][0]) for each in socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)}


class Fetcher:
    """Fetches from ``hosts``. Clock, sleep, chance and the look-up of names are handed in, so that tests take no time.

    ``contact`` is the mail address under which whoever runs a service can reach us; ``key`` is an API key of NCBI.
    """

    def __init__(
        self,
        hosts: Iterable[str],
        contact: str,
        *,
        key: str = "",
        kept: Recordings | None = None,
        record: Recordings | None = None,
        client: httpx.Client | None = None,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], None] = time.sleep,
        chance: Callable[[], float] = random.random,
        resolve: Callable[[str], Iterable[str]] = addresses_of,
    ) -> None:
        self._hosts, self._contact, self._key = frozenset(hosts), contact, key
        self._kept, self._record = kept, record
        self._client = client or httpx.Client(trust_env=False, follow_redirects=False, timeout=httpx.Timeout(30.0))
        self._clock, self._wall, self._sleep, self._chance, self._resolve = clock, wall, sleep, chance, resolve
        self._buckets: dict[str, Bucket] = {}
        self._checked: set[str] = set()

    def __call__(self, request: Request) -> Answer:
        """The answer to a request, whatever its status once the service is no longer busy.

        Raises:
            FetchFailed: The host is not registered, the service stays busy or away, the answer is too large or slow,
                was cut off, or leads elsewhere.
        """
        known = None if self._kept is None else self._kept.find(request.address)
        answer = self._patiently(request, known)
        if answer.status == 304 and known is not None:
            answer = replace(known, fetched_at=answer.fetched_at)
        if (
            self._kept is not None
            and answer.status == 200
            and (answer.header("etag") or answer.header("last-modified"))
        ):
            self._kept.keep(answer)
        if self._record is not None:
            self._record.keep(answer)
        return answer

    def _patiently(self, request: Request, known: Answer | None) -> Answer:
        problem = ""
        for attempt in range(_ATTEMPTS):
            asked_to_wait: float | None = None
            try:
                answer = self._once(request, known)
            except httpx.TimeoutException:
                problem = "the service does not answer in time"
            except httpx.TransportError as error:
                problem = f"the service cannot be reached, or its answer was cut off ({type(error).__name__}: {error})"
            else:
                if answer.status not in _BUSY:
                    return answer
                problem = f"the service is busy or broken (status {answer.status})"
                asked_to_wait = self._retry_after(answer)
            if asked_to_wait is not None and asked_to_wait > _MOST_PATIENCE:
                raise FetchFailed(f"{problem}, and asks to be left alone for {asked_to_wait:,.0f} seconds")
            if attempt + 1 < _ATTEMPTS:
                self._sleep(self._wait(attempt) if asked_to_wait is None else asked_to_wait)
        raise FetchFailed(f"{problem}; tried {_ATTEMPTS} times")

    def _wait(self, attempt: int) -> float:
        """Twice as long each time, and never all of us at once."""
        return min(_LONGEST_WAIT, _FIRST_WAIT * 2.0**attempt) * (0.5 + self._chance() / 2)

    def _retry_after(self, answer: Answer) -> float | None:
        """The seconds that the service asks for, as a number or as a moment; ``None`` where it does not say."""
        said = answer.header("retry-after").strip()
        if said.isascii() and said.isdigit():
            return float(said[:9])
        try:
            moment = parsedate_to_datetime(said)
        except ValueError:
            return None
        return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - self._wall()).total_seconds())

    def _once(self, request: Request, known: Answer | None) -> Answer:
        address, host = request.address, self._host(request.address)
        for _ in range(_REDIRECTS + 1):
            self._bucket(host).take()
            answer = self._stream(request, address, known)
            if answer.status not in _MOVED:
                return answer
            address = urljoin(address, answer.header("location"))
            if urlsplit(address).scheme != "https" or urlsplit(address).netloc != host:
                raise FetchFailed(f"the service leads to another place, {address[:200]}; it is not followed there")
        raise FetchFailed(f"the service leads on more than {_REDIRECTS} times")

    def _stream(self, request: Request, address: str, known: Answer | None) -> Answer:
        started = self._clock()
        body = bytearray()
        headers = {"user-agent": self._agent, "accept": ", ".join(request.accept)} | _conditions(known)
        with self._client.stream("GET", self._dressed(address), headers=headers) as response:
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > request.limit:
                    raise FetchFailed(f"the answer is larger than {request.limit:,} bytes")
                if self._clock() - started > _A_REQUEST:
                    raise FetchFailed(f"the answer takes longer than {_A_REQUEST:.0f} seconds")
            stated = response.headers.get("content-length", "")
            if stated.isdigit() and "content-encoding" not in response.headers and int(stated) != len(body):
                raise httpx.RemoteProtocolError(f"{len(body):,} of {stated} bytes")
            held = tuple((name.lower(), value) for name, value in response.headers.multi_items())
        return Answer(request.address, response.status_code, held, bytes(body), f"{self._wall():%Y-%m-%dT%H:%M:%SZ}")

    @property
    def _agent(self) -> str:
        return f"medpol/{__version__} (mailto:{self._contact})"

    def _host(self, address: str) -> str:
        """The host of an address, once it may be spoken to.

        Names are looked up again as the connection is made, and an answer may then differ; but nobody in a private
        network holds a certificate for a registered host.
        """
        parts = urlsplit(address)
        if parts.scheme != "https" or parts.netloc not in self._hosts:
            raise FetchFailed(f"only https to {', '.join(sorted(self._hosts))} is spoken")
        if parts.netloc not in self._checked:
            try:
                found = [ipaddress.ip_address(each) for each in self._resolve(parts.netloc)]
            except (OSError, UnicodeError) as problem:
                raise FetchFailed(f"the name {parts.netloc} cannot be looked up ({problem})") from problem
            inside = next((each for each in found if not each.is_global or each.is_multicast), None)
            if inside is not None or not found:
                raise FetchFailed(
                    f"the name {parts.netloc} stands for {inside or 'nothing'}, which is no public address"
                )
            self._checked.add(parts.netloc)
        return parts.netloc

    def _bucket(self, host: str) -> Bucket:
        if host not in self._buckets:
            rates: Mapping[str, float] = _WITH_KEY if self._key else _A_SECOND
            self._buckets[host] = Bucket(rates.get(host, _OTHERS_A_SECOND), self._clock, self._sleep)
        return self._buckets[host]

    def _dressed(self, address: str) -> str:
        """The address as it leaves: with the contact and the key that the service asks for."""
        more = {}
        match urlsplit(address).netloc:
            case host if host == _PUBMED:
                more = {"tool": "medpol", "email": self._contact} | ({"api_key": self._key} if self._key else {})
            case host if host == _CROSSREF:
                more = {"mailto": self._contact}
        if not more:
            return address
        return f"{address}{'&' if urlsplit(address).query else '?'}{urlencode(more)}"


def _conditions(known: Answer | None) -> dict[str, str]:
    """What makes a service say only that nothing has changed."""
    if known is None:
        return {}
    said = {"if-none-match": known.header("etag"), "if-modified-since": known.header("last-modified")}
    return {name: value for name, value in said.items() if value}
