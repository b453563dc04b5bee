"""The application: every route, who may ask for it, and the door in front of them all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from anyio.to_thread import run_sync
from litestar import Litestar, Request, get, route
from litestar.connection import ASGIConnection
from litestar.enums import HttpMethod
from litestar.exceptions import HTTPException
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Server
from litestar.params import FromPath
from litestar.response import Response
from litestar.types import ASGIApp, Guard

import medpol
from medpol import ledger
from medpol.decide.holdings import written
from medpol.web import api
from medpol.web.at_hand import AtHand
from medpol.web.determinations import DETERMINATIONS, determination_routes, recorded_answer
from medpol.web.door import ID, LARGEST_BODY, Door, asked_of, headers_of
from medpol.web.limits import Gate, Limits
from medpol.web.line import Line
from medpol.web.log import Log
from medpol.web.metrics import CONTENT_TYPE, Metrics
from medpol.web.pages import PAGES, Page
from medpol.web.pages.checker import checker_page
from medpol.web.pages.determination import determination_page
from medpol.web.pages.page import without_ending
from medpol.web.pages.review import review_page
from medpol.web.permissions import PERMISSIONS, Permission, check_declared
from medpol.web.portal import Portal
from medpol.web.printing import CAN_PRINT
from medpol.web.problems import Refused, fixed
from medpol.web.recording import Recording, unrecorded
from medpol.web.replies import FOR_GOOD, NEVER, Reply
from medpol.web.review_shown import Reviews
from medpol.web.site import Site

_LOCAL = ("127.0.0.1", "::1", "testclient")

Asking = Request[Any, Any, Any]


def make_app(
    site: Site,
    *,
    today: Callable[[], date],
    log: Log,
    recording: Recording | None = None,
    address: str = "",
    limits: Limits | None = None,
    can_print: bool = CAN_PRINT,
    for_staff: bool = False,
) -> ASGIApp:
    """The portal over a site.

    Args:
        site: The library that is served; its changes are followed by ``Site.watched``, which the caller runs.
        today: The clock, asked once a request.
        log: Where a line for each request goes.
        recording: Where determinations are recorded; without it none is given, and the rest is served.
        address: Under which people know the portal, without a slash at its end; what is cited begins with it.
        limits: How often one client may ask; without them as often as it likes.
        can_print: Whether pages are given as PDF.
        for_staff: Whether pages that are not public, such as the review of a policy with its draft, are given too.

    Raises:
        UndeclaredRoute: A route without a declared permission, or the reverse.
    """
    recording = recording or unrecorded()
    portal, metrics = Portal(site, today, address, can_print=can_print, for_staff=for_staff), Metrics(site, recording)
    pages = (
        *PAGES,
        review_page(Reviews(site)),
        checker_page(lambda: portal.look_ups, recording),
        determination_page(recording),
    )
    line = Line(recording)
    determined = recorded_answer(portal, recording, line)
    inner = Litestar(
        [
            *(_page(portal, page) for page in pages),
            *_files(portal),
            *_state(site, metrics, recording),
            *api.routes(portal),
            *determination_routes(portal, recording, determined),
        ],
        guards=[_guard(for_staff)],
        exception_handlers=_problems(portal, log),
        openapi_config=OpenAPIConfig(
            title="medpol",
            version=medpol.__version__,
            description="Medical policies as they are published, and what they say for a service on a day.",
            path="/api",
            servers=[Server(url=address or "/")],
            render_plugins=[JsonRenderPlugin(path="/openapi.json")],
        ),
        request_max_body_size=LARGEST_BODY,
        logging_config=None,
        debug=False,
    )
    check_declared(_declared_as(each.path_format) for each in inner.routes)
    quick = {"/api/coverage": AtHand(portal, line)}
    posted = {DETERMINATIONS: determined}
    # the door asks no guard, so it answers by itself only what anybody may ask for
    assert all(PERMISSIONS[path] is Permission.PUBLIC for path in (*quick, *posted))
    return Door(inner, portal, metrics, log, quick, posted, None if limits is None else Gate(limits))


def _declared_as(path: str) -> str:
    return without_ending(path)[0]


def _page(portal: Portal, page: Page) -> HTTPRouteHandler:
    """The page at all its addresses. Reading blocks, so it is done in a thread."""

    async def answer(request: Asking) -> Response[bytes]:
        form = await request.body() if request.method == "POST" else None
        place = {name: str(value) for name, value in request.path_params.items()}
        asked = asked_of(request.scope, _id(request), place, form)
        return api.as_response(await run_sync(portal.show, page, asked))

    methods = [HttpMethod.GET, HttpMethod.POST] if page.posts else [HttpMethod.GET]
    return route(page.paths, http_method=methods, status_code=200, include_in_schema=False)(answer)


def _files(portal: Portal) -> list[HTTPRouteHandler]:
    @get("/static/{name:str}", sync_to_thread=False, include_in_schema=False)
    def static(request: Asking, name: FromPath[str]) -> Response[bytes]:
        """A file by its content's name; it never alters, so it may be kept for good."""
        asset = portal.assets.get(name)
        if asset is None:
            raise Refused(fixed(404))
        headers = {"Cache-Control": FOR_GOOD, "Vary": "Accept-Encoding"}
        if asset.zipped is not None and "gzip" in headers_of(request.scope).get("accept-encoding", ""):
            reply = Reply(200, asset.media_type, asset.zipped, {**headers, "Content-Encoding": "gzip"})
        else:
            reply = Reply(200, asset.media_type, asset.body, headers)
        return api.as_response(reply)

    return [static]


@dataclass(frozen=True, slots=True)
class Health:
    """Whether pages are answered, and which state of the library from."""

    status: str
    library: str
    version: str


@dataclass(frozen=True, slots=True)
class Details:
    """The same for who runs it. ``problems`` are those that may be told."""

    status: str
    library: str
    version: str
    policies: int
    versions: int
    errors: int
    problems: tuple[dict[str, Any], ...]
    ledger: ledger.Health


def health_of(site: Site) -> Health:
    status = "no-library" if not site.is_ready else "ok" if site.trouble is None else "last-good"
    return Health(status, site.now.plan_hash, medpol.__version__)


def details_of(site: Site, recording: Recording) -> Details:
    health, now, trouble = health_of(site), site.now, site.trouble
    return Details(
        health.status,
        health.library,
        health.version,
        len(now.opened.by_policy),
        len(now.library.versions),
        0 if trouble is None else trouble.errors,
        () if trouble is None else tuple(asdict(each) for each in trouble.told),
        recording.health(),
    )


def _state(site: Site, metrics: Metrics, recording: Recording) -> list[HTTPRouteHandler]:
    @get("/health", sync_to_thread=False, include_in_schema=False)
    def health() -> Response[bytes]:
        """200 as long as pages are answered, from the last good library too; ``status`` says which."""
        headers = {"Cache-Control": NEVER} | ({} if site.is_ready else {"Retry-After": "5"})
        return api.as_response(Reply(200 if site.is_ready else 503, api.JSON, written(health_of(site)), headers))

    @get("/health/details", sync_to_thread=True, include_in_schema=False)
    def details() -> Response[bytes]:
        return api.as_response(Reply(200, api.JSON, written(details_of(site, recording)), {"Cache-Control": NEVER}))

    @get("/metrics", sync_to_thread=True, include_in_schema=False)
    def counts() -> Response[bytes]:
        return api.as_response(Reply(200, CONTENT_TYPE, metrics.text(), {"Cache-Control": NEVER}))

    return [health, details, counts]


# ---------------------------------------------------------------------------- who may, and what goes wrong


def _guard(for_staff: bool) -> Guard:
    """What every route asks first.

    It raises ``Refused`` where the route's permission does not hold; it then looks as if nothing were there.
    """

    async def allowed(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        """A coroutine, since others are run in a thread, for every request."""
        permission = PERMISSIONS[_declared_as(connection.scope["path_template"])]
        is_held = {
            Permission.PUBLIC: True,
            Permission.STAFF: for_staff,
            Permission.THIS_MACHINE: permission is Permission.THIS_MACHINE and _is_from_here(connection),
            Permission.NOBODY: False,
        }
        if not is_held[permission]:
            raise Refused(fixed(404))

    return allowed


def _is_from_here(connection: ASGIConnection[Any, Any, Any, Any]) -> bool:
    client = connection.scope.get("client")
    held = headers_of(connection.scope)
    is_passed_on = any(name in held for name in ("forwarded", "x-forwarded-for", "via"))
    return client is not None and client[0] in _LOCAL and not is_passed_on


def _problems(portal: Portal, log: Log) -> dict[Any, Any]:
    """How each way to fail is said; none of them repeats what was sent."""

    def refused(request: Asking, problem: Refused) -> Response[bytes]:
        return api.as_response(portal.problem(problem.problem, asked_of(request.scope, _id(request))))

    def by_status(request: Asking, problem: HTTPException) -> Response[bytes]:
        allow = {name: value for name, value in (problem.headers or {}).items() if name.casefold() == "allow"}
        said = fixed(problem.status_code, allow)
        return api.as_response(portal.problem(said, asked_of(request.scope, _id(request))))

    def bug(request: Asking, problem: Exception) -> Response[bytes]:
        log.bug(_id(request), problem)
        return api.as_response(portal.problem(fixed(500), asked_of(request.scope, _id(request))))

    return {Refused: refused, HTTPException: by_status, Exception: bug}


def _id(request: Asking) -> str:
    return str(request.scope[ID])  # type: ignore[literal-required]
