"""The outermost layer: every response gets its headers here, every request its id, its count and its line in the log.

Posts from other sites end here. What breaks further in comes out as an id and nothing else.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

from litestar.enums import HttpMethod, ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from medpol.web.log import Log
from medpol.web.metrics import Metrics
from medpol.web.portal import Asked, Portal
from medpol.web.problems import fixed
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
_TRANSPORT = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_METHODS = _SAFE | {"POST", "PUT", "PATCH", "DELETE"}
_NOWHERE = "none"

Quick = Callable[[Asked], Reply | None]


class Door:
    """Wraps the application. ``quick`` holds paths of GET whose answer, where it is at hand, goes out right here."""

    def __init__(self, inner: ASGIApp, portal: Portal, metrics: Metrics, log: Log, quick: Mapping[str, Quick]) -> None:
        self._inner, self._portal, self._metrics, self._log, self._quick = inner, portal, metrics, log, quick

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
                message["headers"] = [*message["headers"], *_HEADERS, *([_TRANSPORT] if is_secure else ())]
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
        route = scope.get("path_template") or (scope["path"] if scope["path"] in self._quick else _NOWHERE)
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
        quick = self._quick.get(scope["path"]) if scope["method"] == "GET" else None
        if quick is not None and (reply := quick(asked_of(scope, id))) is not None:
            await send_reply(reply, send)
        elif scope["method"] not in _SAFE and is_from_elsewhere(scope):
            await send_reply(self._portal.problem(fixed(403), asked_of(scope, id)), send)
        else:
            await self._inner(scope, receive, send)


def is_from_elsewhere(scope: HTTPScope) -> bool:
    """Whether a page of another site sent this: by ``Sec-Fetch-Site``, else by ``Origin``. Programs send neither."""
    held = headers_of(scope)
    site = held.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = held.get("origin")
    return origin is not None and urlsplit(origin).netloc != held.get("host", "")


def headers_of(scope: Scope) -> dict[str, str]:
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}


def asked_of(scope: Scope, id: str, place: Mapping[str, str] | None = None, form: bytes | None = None) -> Asked:
    held = headers_of(scope)
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
