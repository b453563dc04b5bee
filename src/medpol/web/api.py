"""The REST interface: the values of the command line at addresses of their own, in the same bytes. Documented as OpenAPI."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from litestar import Request, get
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromQuery, PathParameter, QueryParameter
from litestar.response import Response

from medpol.decide.holdings import (
    CodesShown,
    PolicyHistory,
    PolicyList,
    PolicyShown,
    list_policies,
    show_codes,
    show_policy,
    written,
)
from medpol.decide.holdings.changed import Changes
from medpol.decide.holdings.coded import show_code_in
from medpol.decide.holdings.coming import Calendar
from medpol.decide.holdings.withheld import without_words
from medpol.exchange.addresses import named
from medpol.library.redline import Redline
from medpol.web.asof import AsOf, read_as_of, read_day
from medpol.web.door import ID, asked_of
from medpol.web.pages.calendar import calendar_at
from medpol.web.pages.changes import changes_at
from medpol.web.pages.compare import redline_at
from medpol.web.pages.history import history_of
from medpol.web.pages.page import Visit
from medpol.web.pages.policy import policy_named
from medpol.web.portal import Asked, Portal, fields_of
from medpol.web.problems import ProblemSaid, bad_request, not_found
from medpol.web.replies import Reply, is_current, kept_for, tag_of, zipped

JSON = "application/json"
_DAYS = frozenset({"date_of_service", "known_on"})

Day = Annotated[
    str | None,
    QueryParameter(description="YYYY-MM-DD, the day care is given; today if left out.", format="date", required=False),
]
KnownOn = Annotated[
    str | None,
    QueryParameter(
        description="YYYY-MM-DD, not after today: only what was known by that day; today if left out.",
        format="date",
        required=False,
    ),
]
_NAMES_VERSION = "YYYY-MM-DD: a version's first day, or a day on which it stands."
FirstDay = Annotated[str | None, QueryParameter(name="from", description=_NAMES_VERSION, format="date", required=True)]
SecondDay = Annotated[str | None, QueryParameter(name="to", description=_NAMES_VERSION, format="date", required=True)]
_SIGNS = "`/`, `\\`, `~` and `%` stand as `~2F`, `~5C`, `~7E` and `~25`."
PolicyNumber = Annotated[str, PathParameter(description=f"As the document writes it, but {_SIGNS}")]
Code = Annotated[str, PathParameter(description=f"A code; {_SIGNS}")]
System = Annotated[str, PathParameter(description="Such as CPT, HCPCS, ICD-10-CM or local.")]
_PROBLEM = ResponseSpec(ProblemSaid, generate_examples=False, description="What was found, expected, and what to do.")


def as_reply(portal: Portal, asked: Asked, find: Callable[[dict[str, str], AsOf], bytes]) -> Reply:
    """A value at two days as JSON, with the same rules of keeping as a page. Raises ``Refused``."""
    query = fields_of(asked.query)
    for name in sorted(_DAYS & query.keys()):
        if not query[name]:
            raise bad_request(name, "a day without a day in it", "YYYY-MM-DD", "leave the field out for today")
    as_of = read_as_of(query, portal.today(), portal.address)
    trouble = portal.site.trouble
    tag = tag_of(portal.site.now, portal.frame_hash, as_of, trouble)
    headers = {"Cache-Control": kept_for(as_of, trouble), "ETag": tag}
    if is_current(asked.if_none_match, tag):
        return Reply(304, JSON, b"", headers)
    return zipped(Reply(200, JSON, find(query, as_of), headers), asked.accept_encoding)


def coverage_reply(portal: Portal, asked: Asked) -> Reply:
    """The answer of a look-up."""
    return as_reply(portal, asked, portal.look_ups.answer)


def routes(portal: Portal) -> list[HTTPRouteHandler]:
    """Every operation of the interface."""

    def documented(path: str, value: Any, about: str) -> Callable[[Any], HTTPRouteHandler]:
        responses = {
            200: ResponseSpec(value, generate_examples=False, description="The value."),
            304: ResponseSpec(None, description="What the `If-None-Match` of the request names is current."),
            400: _PROBLEM,
            404: _PROBLEM,
            429: _PROBLEM,
            503: _PROBLEM,
        }
        return get(path, responses=responses, summary=about, sync_to_thread=True, raises=[], media_type=JSON)

    def held(request: Request[Any, Any, Any], find: Callable[[Visit], Any], *more: str) -> Response[bytes]:
        """What a function finds at the two days of the address, which takes no other field but those of ``more``."""

        def found(query: dict[str, str], as_of: AsOf) -> bytes:
            if not query.keys() <= _DAYS.union(more):
                known = ", ".join((*more, "date_of_service", "known_on"))
                raise bad_request("", "a field that is not known here", f"no more than: {known}")
            place = {name: named(str(part)) for name, part in request.path_params.items()}
            return written(find(Visit(portal.site.now, as_of, place, query)))

        return as_response(as_reply(portal, asked_of(request.scope, request.scope[ID]), found))  # type: ignore[literal-required]

    @documented("/api/coverage", dict[str, Any], "Look up whether a service is covered on a day")
    def look_up(
        request: Request[Any, Any, Any],
        code: FromQuery[str | None] = None,
        service: FromQuery[str | None] = None,
        code_system: FromQuery[str | None] = None,
        policy: FromQuery[str | None] = None,
        line_of_business: FromQuery[str | None] = None,
        contract: FromQuery[str | None] = None,
        date_of_service: Day = None,
        known_on: KnownOn = None,
    ) -> Response[bytes]:
        """The determination for a service, a day, a line of business and a contract: no fact about a person, not recorded.

        Give a code or a service. The JSON is that of ``medpol decide --format json``.
        """
        return as_response(coverage_reply(portal, asked_of(request.scope, request.scope[ID])))  # type: ignore[literal-required]

    @documented("/api/policies", PolicyList, "The policies, with their status on a day")
    def policies(
        request: Request[Any, Any, Any], date_of_service: Day = None, known_on: KnownOn = None
    ) -> Response[bytes]:
        """Every policy that was known, as ``medpol list --format json`` gives it."""
        return held(
            request,
            lambda visit: list_policies(visit.served.opened, visit.as_of.date_of_service, visit.as_of.known_on),
        )

    @documented("/api/policies/{policy:str}", PolicyShown, "One policy as it stands on a day")
    def one_policy(
        request: Request[Any, Any, Any], policy: PolicyNumber, date_of_service: Day = None, known_on: KnownOn = None
    ) -> Response[bytes]:
        """Its dates, scope, criteria, codes and evidence, as ``medpol show --format json`` gives them."""

        def find(visit: Visit) -> PolicyShown:
            days = visit.as_of.date_of_service, visit.as_of.known_on
            shown = show_policy(visit.served.opened, policy_named(visit, visit.place["policy"]), *days)
            if shown is None:
                raise not_found("nothing of this policy was known")
            return without_words(shown) if shown.file in visit.served.withheld else shown

        return held(request, find)

    @documented("/api/policies/{policy:str}/versions", PolicyHistory, "The versions of a policy, on both clocks")
    def versions(
        request: Request[Any, Any, Any], policy: PolicyNumber, date_of_service: Day = None, known_on: KnownOn = None
    ) -> Response[bytes]:
        """In force from when, and known from when, with notice, reviews and the days between: the whole history of the policy.

        As ``medpol history --format json`` gives it, and the page ``/policies/{policy}/history.json``.
        """

        return held(request, lambda visit: history_of(visit, policy_named(visit, visit.place["policy"])))

    @documented("/api/policies/{policy:str}/compare", Redline, "What changed between two versions of a policy")
    def compare(
        request: Request[Any, Any, Any],
        policy: PolicyNumber,
        first: FirstDay = None,
        second: SecondDay = None,
        known_on: KnownOn = None,
    ) -> Response[bytes]:
        """What the change means, then the words, as ``medpol diff --format json`` gives them."""

        def find(visit: Visit) -> Redline:
            one, other = (read_day(visit.query, name) for name in ("from", "to"))
            if one is None or other is None:
                raise bad_request("from, to", "a day is missing", "YYYY-MM-DD")
            return redline_at(visit, policy_named(visit, visit.place["policy"]), one, other)

        return held(request, find, "from", "to")

    @documented("/api/changes", Changes, "What changed, newest first")
    def changes(
        request: Request[Any, Any, Any],
        policy: FromQuery[str | None] = None,
        code: FromQuery[str | None] = None,
        code_system: FromQuery[str | None] = None,
        line_of_business: FromQuery[str | None] = None,
        since: FromQuery[str | None] = None,
        skip: FromQuery[str | None] = None,
        known_on: KnownOn = None,
    ) -> Response[bytes]:
        """Fifty of them, after those skipped, as ``medpol feed --format json`` gives them."""
        return held(request, changes_at, "policy", "code", "code_system", "line_of_business", "since", "skip")

    @documented("/api/calendar", Calendar, "What is due in a year or a month, late things first")
    def calendar(
        request: Request[Any, Any, Any],
        policy: FromQuery[str | None] = None,
        lane: FromQuery[str | None] = None,
        view: FromQuery[str | None] = None,
        date_of_service: Day = None,
        known_on: KnownOn = None,
    ) -> Response[bytes]:
        """As ``medpol calendar --days 366 --format json`` gives it; ``view=month`` shows 31 days."""
        return held(request, calendar_at, "policy", "lane", "view")

    @documented("/api/codes/{code:str}", CodesShown, "Which policies name a code, in any system")
    def code(
        request: Request[Any, Any, Any], code: Code, date_of_service: Day = None, known_on: KnownOn = None
    ) -> Response[bytes]:
        """From when to when, and at what position, as ``medpol code --format json`` gives it."""
        return held(
            request,
            lambda visit: show_codes(
                visit.served.opened, [visit.place["code"]], visit.as_of.date_of_service, visit.as_of.known_on
            ),
        )

    @documented("/api/codes/{system:str}/{code:str}", CodesShown, "Which policies name a code of one system")
    def code_of(
        request: Request[Any, Any, Any],
        system: System,
        code: Code,
        date_of_service: Day = None,
        known_on: KnownOn = None,
    ) -> Response[bytes]:
        """As the code in any system, of one system only."""

        def find(visit: Visit) -> CodesShown:
            days = visit.as_of.date_of_service, visit.as_of.known_on
            name = visit.served.desk.plan.systems.canonical(visit.place["system"])
            if name is None:
                raise not_found("no code system has that name")
            return CodesShown(*days, (show_code_in(visit.served.opened, name, visit.place["code"], *days),))

        return held(request, find)

    return [look_up, policies, one_policy, versions, compare, changes, calendar, code, code_of]


def as_response(reply: Reply) -> Response[bytes]:
    """The reply as Litestar sends it, which adds the character set to text by itself."""
    kind = (
        reply.media_type.removesuffix("; charset=utf-8") if reply.media_type.startswith("text/") else reply.media_type
    )
    return Response(reply.body, status_code=reply.status, media_type=kind, headers=dict(reply.headers))
