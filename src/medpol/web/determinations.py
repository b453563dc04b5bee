"""``POST /api/determinations``: one case or many decided, recorded, and only then answered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from anyio.to_thread import run_sync
from litestar import Request, post
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import OpenAPIMediaType, Operation, Parameter, RequestBody, Schema
from litestar.openapi.spec.enums import OpenAPIType
from litestar.response import Response

from medpol.decide.cases import CASE_KEYS, CaseError, decode_json
from medpol.web.api import JSON, as_response
from medpol.web.cases import Decided, decide, refused
from medpol.web.door import Posted, headers_of
from medpol.web.line import LARGE, Line
from medpol.web.portal import Portal
from medpol.web.problems import Problem, ProblemSaid, Refused, bad_request
from medpol.web.recording import Recording
from medpol.web.replies import NEVER, Reply
from medpol.web.site import Served

DETERMINATIONS = "/api/determinations"
MOST_CASES = 100
"""Of one batch; ``medpol decide --cases`` takes any number."""
NDJSON = "application/x-ndjson"
_KEY = "idempotency-key"


def recorded_answer(portal: Portal, recording: Recording, line: Line) -> Posted:
    """What answers ``POST /api/determinations``: a function of the body and the headers of a request."""

    async def answer(body: bytes, headers: Mapping[str, str]) -> Reply:
        given, key = _read(body), headers.get(_KEY)
        decided, record = await line.determined(portal.site.now, given, portal.today(), key, is_large=len(body) > LARGE)
        answer = decided.answer if record.held is None else record.held.answer
        more = {
            "Cache-Control": NEVER,
            "Location": f"/determinations/{record.id}",
            "Medpol-Record": f"{record.id};sequence={record.sequence}",
            "Set-Cookie": recording.cookie(record.id),
        }
        return Reply(201, JSON, answer + b"\n", more)

    return answer


def determination_routes(portal: Portal, recording: Recording, determined: Posted) -> list[HTTPRouteHandler]:
    """The two operations that record; the first is ``determined``, which the door may call by itself."""

    @post(
        DETERMINATIONS,
        status_code=201,
        media_type=JSON,
        operation_class=_OneCase,
        responses=_responses({201: "The determination; `Location` and `Medpol-Record` name its record.", 409: ""}),
        summary="Decide one case, and record it",
        raises=[],
    )
    async def decide_one(request: Request[Any, Any, Any]) -> Response[bytes]:
        """The JSON is that of `medpol decide --format json`. It leaves once it is recorded, or not at all (503).

        With an `Idempotency-Key` that was used for the same case, nothing is recorded again and the first answer is
        given back.
        """
        return as_response(await determined(await request.body(), headers_of(request.scope)))

    @post(
        "/api/determinations/batch",
        status_code=200,
        media_type=NDJSON,
        operation_class=_ManyCases,
        responses=_responses({200: "A line for each case, in order; `Medpol-Record` lists the records' ids."}),
        summary=f"Decide up to {MOST_CASES} cases, and record each",
        raises=[],
    )
    async def decide_many(request: Request[Any, Any, Any]) -> Response[bytes]:
        """Lines of JSON, or one JSON list. A case that cannot be read gets a line that says where, and `-` for its id;
        the others are decided. Nothing leaves before every answer of the batch is recorded.
        """
        served, today = portal.site.now, portal.today()
        is_list = headers_of(request.scope).get("content-type", "").partition(";")[0].strip().lower() == JSON
        cases = list(_cases(await request.body(), is_list=is_list))

        def decide_all() -> list[Decided | Refused]:
            return [_decided(served, each, today) for each in cases]

        found = await run_sync(decide_all)
        records = iter(await recording.recorded([each for each in found if isinstance(each, Decided)]))
        ids = ["-" if isinstance(each, Refused) else next(records).id for each in found]
        lines = [_line(number, each) + b"\n" for number, each in enumerate(found, 1)]
        headers = {"Cache-Control": NEVER, "Medpol-Record": ", ".join(ids)}
        return as_response(Reply(200, NDJSON, b"".join(lines), headers))

    return [decide_one, decide_many]


def _decided(served: Served, given: object, today: Any) -> Decided | Refused:
    try:
        if isinstance(given, CaseError):
            raise given
        return decide(served, given, today)
    except CaseError as problem:
        return refused(problem, given, served.desk)
    except Refused as problem:
        return problem


def _line(number: int, found: Decided | Refused) -> bytes:
    """The answer, or what is wrong with the case in the shape of ``medpol decide --cases``."""
    if isinstance(found, Decided):
        return found.answer
    problem = found.problem
    said = {"where": problem.where, "found": problem.found, "expected": problem.expected, "mend": problem.mend}
    return msgspec.json.encode({"case": number, "error": said})


def _read(body: bytes) -> object:
    """The JSON of a body. Its own words are not repeated where it is none."""
    try:
        return decode_json(body)
    except CaseError:
        raise bad_request("", "the body is no JSON", "one JSON object, each key once", "correct it") from None


def _cases(body: bytes, *, is_list: bool) -> Iterator[object]:
    """The cases of a list or of lines; of a line that is no JSON, its problem. ``is_list``: it was said to be one."""
    if is_list or body.lstrip()[:1] == b"[":
        held = _read(body)
        cases = list(held) if isinstance(held, list) else []
    else:
        cases = [line for line in body.splitlines() if line.strip()]
    if not cases:
        raise bad_request("", "no case", f"1 to {MOST_CASES} cases, a JSON object a line or one list")
    if len(cases) > MOST_CASES:
        raise Refused(Problem(413, f"{len(cases):,} cases", f"at most {MOST_CASES} at a time", "send them in parts"))
    for case in cases:
        if isinstance(case, bytes):
            try:
                yield decode_json(case)
            except CaseError:
                yield CaseError("$", "this is no JSON", "one JSON object a line, each key once", "correct it")
        else:
            yield case


# ---------------------------------------------------------------------------- as OpenAPI

_LISTS = ("diagnoses", "modifiers", "history_incomplete_for", "records_complete", "history")
_OBJECTS = ("facts", "assumed", "answers")
_TEXT, _LIST, _OBJECT = (
    Schema(type=OpenAPIType.STRING),
    Schema(type=OpenAPIType.ARRAY, items=Schema()),
    Schema(type=OpenAPIType.OBJECT),
)
_CASE = Schema(
    type=OpenAPIType.OBJECT,
    description="A case, as `medpol decide --cases` reads it.",
    properties={
        key: _LIST if key in _LISTS else _OBJECT if key in _OBJECTS else Schema() if key == "units" else _TEXT
        for key in CASE_KEYS
    },
    additional_properties=False,
)
_IDEMPOTENCY = Parameter(
    name="Idempotency-Key",
    param_in="header",
    required=False,
    description="A key of yours for this case, so that sending it again records nothing twice.",
    schema=Schema(type=OpenAPIType.STRING, min_length=1, max_length=256),
)


@dataclass
class _OneCase(Operation):
    def __post_init__(self) -> None:
        self.request_body = RequestBody(required=True, content={JSON: OpenAPIMediaType(schema=_CASE)})
        self.parameters = [*(self.parameters or ()), _IDEMPOTENCY]


@dataclass
class _ManyCases(Operation):
    def __post_init__(self) -> None:
        others = Schema(description="Anything else gets a line that says what is wrong with it.")
        case = Schema(any_of=[_CASE, others])
        many = Schema(type=OpenAPIType.ARRAY, items=case, min_items=1, max_items=MOST_CASES)
        self.request_body = RequestBody(
            required=True,
            content={JSON: OpenAPIMediaType(schema=many), NDJSON: OpenAPIMediaType(schema=_TEXT)},
        )


def _responses(good: dict[int, str]) -> dict[int, ResponseSpec]:
    """The answers of an operation that records, by status."""
    found = {}
    for status, about in good.items():
        if status < 400:
            shape: Any = dict[str, Any] if status == 201 else str
            found[status] = ResponseSpec(
                shape, generate_examples=False, description=about, media_type=JSON if status == 201 else NDJSON
            )
    wrong = {
        400: "The case cannot be read.",
        413: "Too large.",
        429: "Too many from one place; `Retry-After` says how long to wait.",
        503: "It cannot be recorded, so it is not given.",
    }
    if 409 in good:
        wrong[409] = "The key was used for another case."
    for status, about in wrong.items():
        found[status] = ResponseSpec(ProblemSaid, generate_examples=False, description=about)
    return found
