"""The coverage checker: a look-up without facts by its address; with one fact about a person, a recorded determination."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import msgspec

from medpol.decide.cases import CaseError
from medpol.decide.one import Desk
from medpol.model.codes import FREE_TEXT_SYSTEMS
from medpol.model.lines import LINES_OF_BUSINESS
from medpol.web.asof import general_bar
from medpol.web.cases import decide, refused
from medpol.web.coverage import LookUps
from medpol.web.pages.answered import say, spaced
from medpol.web.pages.asking import (
    DIAGNOSIS,
    BadField,
    Question,
    answers_in,
    case_of,
    field_of,
    has_fact,
    question_of,
    questions,
)
from medpol.web.pages.determination import Asking, content_of, look_up_of
from medpol.web.pages.page import Content, Page, Visit
from medpol.web.problems import Problem, Refused
from medpol.web.recording import Recording

_LINE = "f.line_of_business"
_DIAGNOSES = Question(DIAGNOSIS, "Which diagnoses is the service for?", typed="ICD-10-CM codes, with commas")
_NO_FACT = Problem(
    400,
    "no fact about the member was given",
    "an answer to one of the questions",
    "answer one, or print the look-up as it stands: it needs no record",
)


def checker_page(look_ups: Callable[[], LookUps], recording: Recording) -> Page:
    """The page at ``/coverage``: GET looks up, POST decides and records."""

    def find(visit: Visit) -> Content:
        if visit.form is None:
            return _looked_up(visit, look_ups())
        return _decided(visit, visit.form, recording, look_ups())

    return Page("/coverage", "coverage.html", find, twins={".json": _json}, fragments={"step": "main"}, posts=True)


def _json(visit: Visit, content: Content) -> bytes:
    return msgspec.json.encode(content.value) + b"\n"


# ---------------------------------------------------------------------------- without a fact


def _looked_up(visit: Visit, look_ups: LookUps) -> Content:
    asked = {name: value.strip() for name, value in visit.query.items() if value.strip()}
    look_up = look_up_of(asked)
    if not asked.keys() - {"date_of_service", "known_on"}:
        return _content(visit, {}, None, None)
    try:
        answer = msgspec.json.decode(look_ups.answer(asked, visit.as_of))
    except Refused as problem:
        if visit.place["ending"]:
            raise
        return _content(visit, look_up, None, None, problem.problem)
    return _content(visit, look_up, answer, _asking(visit.served.desk, answer, look_up, {}))


def _content(
    visit: Visit,
    look_up: Mapping[str, str],
    answer: dict[str, Any] | None,
    asking: Asking | None,
    problem: Problem | None = None,
) -> Content:
    dressed = {
        "said": None if answer is None else say(visit.served, answer, look_up, look_up),
        "recorded": None,
        "asking": asking,
        "look_up": look_up,
        "problem": problem,
        **_choices(visit.served.desk),
    }
    status = 200 if problem is None else problem.status
    headers = {} if problem is None else problem.headers
    bar = general_bar(visit.as_of, "/coverage", look_up)
    return Content("Check coverage", "/coverage", answer, bar, look_up, dressed=dressed, status=status, headers=headers)


def _choices(desk: Desk) -> dict[str, Any]:
    """What the first form offers, as values and words."""
    lines = dict.fromkeys((*LINES_OF_BUSINESS, *desk.plan.lines))
    return {
        "services": [(name, spaced(name)) for name in sorted(desk.by_service)],
        "lines_of_business": [(line, spaced(line)) for line in lines],
        "contracts": [(name, name) for name in sorted(desk.contracts)],
        "systems": [(name, name) for name in desk.plan.systems.names() if name not in FREE_TEXT_SYSTEMS],
    }


def _asking(desk: Desk, answer: Mapping[str, Any], look_up: Mapping[str, str], given: Mapping[str, str]) -> Asking:
    """The next form. The line of business is no fact about a person: it is chosen above, or at its branch."""
    asked = questions(desk, answer, given)
    if not given:
        asked = tuple(each for each in asked if each.name != _LINE)
        if not answer["branches"] and DIAGNOSIS not in {each.name for each in asked}:
            asked = (*asked, _DIAGNOSES)
    return Asking(asked, look_up, given)


# ---------------------------------------------------------------------------- with one


def _decided(visit: Visit, form: Mapping[str, str], recording: Recording, look_ups: LookUps) -> Content:
    """The determination of a filled form, recorded; with what is still needed below it."""
    desk, look_up, given = visit.served.desk, look_up_of(form), answers_in(form)
    if not has_fact(given):
        return _again(visit, look_ups, look_up, given, "", _NO_FACT)
    asked = {**look_up, **{name: str(day) for name, day in visit.as_of.pairs}}
    case: dict[str, Any] = {}
    try:
        case = case_of(desk, asked, given)
        decided = decide(visit.served, case, visit.as_of.today)
    except BadField as problem:
        said = Problem(400, "this cannot be read", problem.expected, where="")
        return _again(visit, look_ups, look_up, given, problem.name, said)
    except CaseError as problem:
        field = field_of(problem.where, given)
        return _again(visit, look_ups, look_up, given, field, refused(problem, case, desk).problem)
    record = recording.record(decided)
    if record.held is None:
        raise AssertionError("a record that was just written has its facts")
    answer = msgspec.json.decode(record.held.answer)
    content = content_of(visit, record, _asking(desk, answer, look_up, given))
    return replace(
        content,
        dressed={**content.dressed, "look_up": look_up, "problem": None, **_choices(desk)},
        headers={
            "Content-Location": f"/determinations/{record.id}",
            "Medpol-Record": f"{record.id};sequence={record.sequence}",
            "Set-Cookie": recording.cookie(record.id),
        },
    )


def _again(
    visit: Visit,
    look_ups: LookUps,
    look_up: Mapping[str, str],
    given: Mapping[str, str],
    field: str,
    problem: Problem,
) -> Content:
    """The form as it was filled, with what is wrong said at its field."""
    if visit.place["ending"]:
        raise Refused(problem)
    try:
        answer = msgspec.json.decode(look_ups.answer(look_up, visit.as_of))
    except Refused as other:
        return _content(visit, look_up, None, None, other.problem)
    asked = _asking(visit.served.desk, answer, look_up, {})
    shown = asked.questions
    if field not in {each.name for each in shown} and (more := question_of(visit.served.desk, field)) is not None:
        shown = (more, *shown)
    at_field = problem if field not in {each.name for each in shown} else None
    form = Asking(shown, look_up, given, field, problem.expected)
    return replace(_content(visit, look_up, answer, form, at_field), status=400)
