"""What goes wrong between a request and its answer, as one value with a page and a JSON twin. No input is repeated in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus


@dataclass(frozen=True, slots=True)
class Near:
    """Something the library does hold that may have been meant."""

    words: str
    address: str


@dataclass(frozen=True, slots=True)
class Problem:
    """What was found, what was expected and what to do. ``where`` names the field; every word is ours, none the caller's."""

    status: int
    found: str
    expected: str = ""
    mend: str = ""
    where: str = ""
    near: tuple[Near, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return HTTPStatus(self.status).phrase

    def said(self, id: str) -> ProblemSaid:
        error = self.name.casefold().replace(" ", "-")
        near = tuple(each.words for each in self.near)
        return ProblemSaid(self.status, error, self.where, self.found, self.expected, self.mend, near, id)


@dataclass(frozen=True, slots=True)
class ProblemSaid:
    """A problem as JSON; ``id`` is the request's own, for whoever is asked about it."""

    status: int
    error: str
    where: str
    found: str
    expected: str
    mend: str
    near: tuple[str, ...]
    id: str


class Refused(Exception):
    """A request that gets a problem for an answer."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.found)
        self.problem = problem


def bad_request(where: str, found: str, expected: str = "", mend: str = "") -> Refused:
    return Refused(Problem(400, found, expected, mend, where))


def not_found(found: str, *near: Near, mend: str = "") -> Refused:
    return Refused(Problem(404, found, mend=mend, near=near))


_FIXED = {
    400: ("this request cannot be read", "", "correct the address or the form"),
    401: ("nobody is signed in", "", "sign in"),
    403: ("this is not for this request to do", "a request from our own pages", "open the page here and try again"),
    404: ("there is nothing at this address", "", "search for a policy's number, a code or a word"),
    405: ("this address does not take that method", "", "read it with GET"),
    409: ("this changed since you opened it", "", "open it again"),
    413: ("the request is too large", "at most 1 MiB", "send less at a time"),
    429: ("too many requests from one place", "", "wait a little"),
    500: ("something broke here; it is not your request", "", "tell us the id below"),
    503: ("this cannot be answered just now", "", "try again shortly"),
}


def not_ready() -> Problem:
    """What every address says until there is a library without errors. What is wrong with it may be told of no draft."""
    return Problem(
        503,
        "the library has errors, so nothing of it is served",
        "",
        "try again shortly; whoever runs this service finds each error where it was started, or by medpol check",
        headers={"Retry-After": "5"},
    )


def fixed(status: int, headers: Mapping[str, str] | None = None) -> Problem:
    """The problem that a status stands for where nothing more is known; a status without words of its own is its class's."""
    known = status if status in _FIXED else 500 if status >= 500 else 400
    more = {"Retry-After": "5"} if known in (429, 503) else {}
    return Problem(known, *_FIXED[known], headers={**more, **dict(headers or {})})
