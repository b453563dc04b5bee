"""Cases over HTTP: decided from the library that is served, and a bad one refused without repeating what was sent."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from medpol.decide.cases import CASE_KEYS, CaseError, UnknownContract, decode_case, encode_answer
from medpol.decide.explain import determine
from medpol.decide.holdings.withheld import without_quotes
from medpol.decide.one import Desk
from medpol.ledger import pinned
from medpol.model.case import Case
from medpol.web.problems import Problem, Refused, bad_request
from medpol.web.site import Served

_PLACE = re.compile(r"(?:\[\d+\])+(?:\.(?:code|group|date|units|facts|value))?")


@dataclass(frozen=True, slots=True, repr=False)
class Decided:
    """A case with both its days and its answer, each as the JSON that is recorded; nothing of it is ever printed."""

    case: bytes
    answer: bytes
    plan_hash: str
    semantics: int

    def __repr__(self) -> str:
        return "Decided(<redacted>)"


def decide(served: Served, given: object, today: date, *, only_quick: bool = False) -> Decided:
    """The answer of a case, in the bytes of ``medpol decide --format json`` without the line's end.

    Raises:
        CaseError: It cannot be read.
        TakesLong: It would take long, and ``only_quick`` says that others wait.
        Refused: It asks what will be known on a day to come, or holds a text that is none.
    """
    case, known_on = decode_case(served.desk, given, today)
    if known_on > today:
        raise bad_request(
            "known_on",
            "the day of knowledge lies in the future",
            "a day up to today",
            "leave it out for all that is known today",
        )
    try:
        return _written(served, case, known_on, given, only_quick)
    except (UnicodeEncodeError, OverflowError):
        raise bad_request(
            "", "a text that no JSON can carry", "Unicode, without half of a pair", "correct it"
        ) from None


def _written(served: Served, case: Case, known_on: date, given: object, only_quick: bool) -> Decided:
    answer = encode_answer(
        without_quotes(determine(served.desk, case, known_on, only_quick=only_quick), served.withheld)
    )
    kept = pinned(given if isinstance(given, Mapping) else {}, case.date_of_service, known_on)
    return Decided(kept, answer, served.desk.plan.plan_hash, served.desk.plan.semantics)


def refused(problem: CaseError, given: object, desk: Desk) -> Refused:
    """The problem of a case as an answer: its place and what was expected, with no word of what was sent."""
    where = place_of(problem, desk)
    key = problem.where.removeprefix("$.").split(".")[0].split("[")[0]
    sent = given.get(key) if isinstance(given, Mapping) else None
    words = {each for each in _texts(sent) if each.strip()}

    def clean(said: str) -> str:
        return "" if any(each in said for each in words) else said

    if isinstance(problem, UnknownContract):
        found = "this is not held"
    elif key not in CASE_KEYS and key != "$":
        found = "this is no key of a case"
    else:
        found = "this cannot be read as a case"
    return Refused(Problem(400, found, clean(problem.expected), clean(problem.mend), where))


def place_of(problem: CaseError, desk: Desk) -> str:
    """Where in the case it is, as far as the path is made of our own words; a name that was made up is left out."""
    key, rest = re.match(r"([a-z_]*)(.*)", problem.where.removeprefix("$").removeprefix("."), re.DOTALL).groups()  # type: ignore[union-attr]
    if key not in CASE_KEYS:
        return ""
    name, bracket, more = rest.removeprefix(".").partition("[")
    if key in ("facts", "assumed") and name in desk.declared:
        tail = bracket + more
        return f"{key}.{name}" + (tail if _PLACE.fullmatch(tail) else "")
    found = _PLACE.match(rest)
    return key + (found[0] if found else "")


def _texts(value: Any) -> Iterator[str]:
    """Every text and number in a JSON value, the names of an object too."""
    match value:
        case dict():
            for name, each in value.items():
                yield name
                yield from _texts(each)
        case list():
            for each in value:
                yield from _texts(each)
        case None | bool():
            return
        case _:
            yield str(value)
