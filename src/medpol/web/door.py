"""The outermost layer: every response gets its headers here, every request its id, its count and its line in the log.

Posts from other sites end here. What breaks further in comes out as an id and nothing else.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping
from time import perf_counter
from typing import Any, Protocol
from urllib.parse import urlsplit

from litestar.enums import HttpMethod, ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from medpol.web.limits import Gate
from medpol.web.log import Log
from medpol.web.metrics import Metrics
from medpol.web.portal import Asked, Portal
from medpol.web.problems import Problem, Refused, fixed, not_ready
from medpol.web.replies import Reply

ID = "medpol.id"
"""Where the scope of a request holds its id."""
SECURITY_HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": (
        "accelerometer=(), autoplay=(), camera=(), display-capture=(), encrypted-media=(), fullscreen=(), geolocation=(), "
        "gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), picture-in-picture=(), "
        "publickey-credentials-get=(), screen-wake-lock=(), sync-xhr=(), usb=(), xr-spatial-tracking=()"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_HEADERS = [(name.lower().encode(), value.encode()) for name, value in SECURITY_HEADERS.items()]
_ASK_AGAIN = (b"cache-control", b"no-cache")
_TRANSPORT = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_METHODS = _SAFE | {"POST", "PUT", "PATCH", "DELETE"}
_NOWHERE = "none"
_ALWAYS = ("/static/", "/health", "/metrics")
"""What is answered before there is a library, too."""

LARGEST_BODY = 1_048_576
Posted = Callable[[bytes, Mapping[str, str]], Awaitable[Reply]]


class Quick(Protocol):
    """What answers a path of GET: at once where the answer is at hand, else after a while."""

    def reply(self, asked: Asked) -> Reply | None: ...

    async def decided(self, asked: Asked) -> Reply: ...


class Door:
    """Wraps the application. ``quick`` holds public paths of GET, and ``posted`` of POST, that are answered right here.

    The router and its layers cost as much as deciding, and a good deal more than an answer that is at hand.
    ``gate`` says who asks too often; without one nobody does.
    """

    def __init__(
        self,
        inner: ASGIApp,
        portal: Portal,
        metrics: Metrics,
        log: Log,
        quick: Mapping[str, Quick],
        posted: Mapping[str, Posted],
        gate: Gate | None = None,
    ) -> None:
        self._inner, self._portal, self._metrics, self._log, self._quick = inner, portal, metrics, log, quick
        self._posted, self._gate = posted, gate
        self._own = quick.keys() | posted.keys()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self._inner(scope, receive, send)
            return
        await self._http(scope, receive, send)

    async def _http(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        started = perf_counter()
        told: dict[str, Any] = {"status": 500, "bytes": 0, "begun": False}
        id = secrets.token_hex(8)
        asks_head = scope["method"] == "HEAD"
        if asks_head:
            scope["method"] = HttpMethod.GET
        scope[ID] = id  # type: ignore[literal-required]
        is_secure = scope["scheme"] == "https"

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                told["status"], told["begun"] = message["status"], True
                held = list(message["headers"])
                if all(name != b"cache-control" for name, _ in held):
                    held.append(_ASK_AGAIN)
                message["headers"] = [*held, *_HEADERS, *([_TRANSPORT] if is_secure else ())]
            elif message["type"] == "http.response.body":
                told["bytes"] += len(message["body"])
                if asks_head:
                    message["body"] = b""
            await send(message)

        try:
            await self._answer(scope, receive, with_headers, id)
        except Exception as bug:
            self._log.bug(id, bug)
            if not told["begun"]:
                await send_reply(self._portal.problem(fixed(500), asked_of(scope, id)), with_headers)
        seconds = perf_counter() - started
        route = scope.get("path_template") or (scope["path"] if scope["path"] in self._own else _NOWHERE)
        method = scope["method"] if scope["method"] in _METHODS else "other"
        self._metrics.count(route, method, told["status"], seconds)
        self._log.write(
            "request",
            id=id,
            method=method,
            route=route,
            status=told["status"],
            milliseconds=round(1000 * seconds, 3),
            bytes=told["bytes"],
        )

    async def _answer(self, scope: HTTPScope, receive: Receive, send: Send, id: str) -> None:
        held = headers_of(scope)
        quick = self._quick.get(scope["path"]) if scope["method"] == "GET" else None
        if (problem := self._turned_away(scope, held)) is not None:
            await send_reply(self._portal.problem(problem, asked_of(scope, id)), send)
        elif quick is not None:
            await send_reply(await self._found(quick, asked_of(scope, id, held=held)), send)
        elif scope["method"] not in _SAFE and is_from_elsewhere(held, self._portal.address):
            await send_reply(self._portal.problem(fixed(403), asked_of(scope, id)), send)
        elif scope["method"] == HttpMethod.POST and (posted := self._posted.get(scope["path"])) is not None:
            try:
                reply = await posted(await body_of(receive), held)
            except Refused as refused:
                reply = self._portal.problem(refused.problem, asked_of(scope, id))
            await send_reply(reply, send)
        else:
            await self._inner(scope, receive, send)

    async def _found(self, quick: Quick, asked: Asked) -> Reply:
        try:
            return quick.reply(asked) or await quick.decided(asked)
        except Refused as refused:
            return self._portal.problem(refused.problem, asked)

    def _turned_away(self, scope: HTTPScope, held: Mapping[str, str]) -> Problem | None:
        """Why a request is not answered, whatever it asks for: its sender asks too often, or nothing can be served yet."""
        problem = None if self._gate is None else self._gate.refusal(scope, held)
        if problem is None and not self._portal.site.is_ready and not scope["path"].startswith(_ALWAYS):
            problem = not_ready()
        return problem


def is_from_elsewhere(held: Mapping[str, str], address: str = "") -> bool:
    """Whether a page of another site sent this, by its headers: ``Sec-Fetch-Site``, else ``Origin``. Programs send neither.

    ``address`` is that of the site, where it is known; then a ``Host`` that somebody made up proves nothing.
    """
    site = held.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = held.get("origin")
    ours = urlsplit(address).netloc if address else held.get("host", "")
    return origin is not None and urlsplit(origin).netloc != ours


def headers_of(scope: Scope) -> dict[str, str]:
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}


async def body_of(receive: Receive) -> bytes:
    """The body of a request. Raises ``Refused`` for one that is too large, once that is known, or that broke off."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise Refused(fixed(400))
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > LARGEST_BODY:
            raise Refused(fixed(413))
        if not message.get("more_body", False):
            return b"".join(parts)


def asked_of(
    scope: Scope,
    id: str,
    place: Mapping[str, str] | None = None,
    form: bytes | None = None,
    held: Mapping[str, str] | None = None,
) -> Asked:
    """The request as pages read it; ``held`` are its headers, where they were read already."""
    held = headers_of(scope) if held is None else held
    return Asked(
        scope["path"],
        place or {},
        scope["query_string"],
        form,
        held.get("if-none-match", ""),
        held.get("accept-encoding", ""),
        held.get("accept", ""),
        held.get("hx-target", "") if held.get("hx-request") == "true" else "",
        id,
        held.get("cookie", ""),
    )


async def send_reply(reply: Reply, send: Send) -> None:
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in reply.headers.items()]
    headers.append((b"content-type", reply.media_type.encode()))
    if reply.status != 304:
        headers.append((b"content-length", str(len(reply.body)).encode()))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body, "more_body": False})
