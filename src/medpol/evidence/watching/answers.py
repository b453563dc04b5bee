"""Answers from outside, read with suspicion: status, size, media type, encoding and shape, each with its own refusal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar
from xml.etree.ElementTree import Element, ParseError

import msgspec
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from medpol.evidence.watching.values import Answer, Fetch, FetchFailed, Refused, Request

JSON = ("application/json",)
XML = ("text/xml", "application/xml")
CSV = ("text/csv", "application/csv", "text/plain", "application/octet-stream")
_MOST_ELEMENTS = 2_000_000
_DEEPEST = 64
_T = TypeVar("_T")


class AnswerRefused(Exception):
    """An answer that cannot be believed: from which address, and what is wrong with it."""

    def __init__(self, address: str, problem: str) -> None:
        super().__init__(f"{address}: {problem}")
        self.address, self.problem = address, problem

    def by(self, source: str) -> Refused:
        return Refused(source, self.address, self.problem)


def got(request: Request, fetch: Fetch) -> Answer:
    """The answer to a request, once it is one.

    Raises:
        AnswerRefused: It was not to be had, is an error of the service, too large, or of another media type.
    """
    try:
        answer = fetch(request)
    except FetchFailed as problem:
        raise AnswerRefused(request.address, str(problem)) from problem
    if answer.status != 200:
        raise AnswerRefused(request.address, f"the answer has status {answer.status}; expected 200")
    if len(answer.body) > request.limit:
        raise AnswerRefused(
            request.address, f"the answer has {len(answer.body):,} bytes; at most {request.limit:,} are read"
        )
    named = answer.header("content-type").partition(";")[0].strip().lower()
    if named not in request.accept:
        raise AnswerRefused(
            request.address,
            f"the answer is {named or 'of no stated media type'}; expected {' or '.join(request.accept)}",
        )
    return answer


def read_json(answer: Answer, shape: type[_T]) -> _T:
    """The JSON of an answer in the shape that is expected of it. Raises ``AnswerRefused``."""
    try:
        return msgspec.json.decode(answer.body, type=shape)
    except RecursionError:
        raise AnswerRefused(answer.address, "the JSON is nested too deep to be read") from None
    except UnicodeDecodeError as problem:
        raise AnswerRefused(answer.address, f"the JSON is not UTF-8 at byte {problem.start:,}") from None
    except msgspec.ValidationError as problem:
        raise AnswerRefused(answer.address, f"the JSON has another shape than published: {problem}") from None
    except msgspec.DecodeError as problem:
        raise AnswerRefused(answer.address, f"this is no JSON, or it was cut off: {problem}") from None


def read_xml(answer: Answer, root: str) -> Element:
    """The XML of an answer; entities are never expanded. Raises ``AnswerRefused``."""
    try:
        element: Element = fromstring(answer.body, forbid_dtd=False)
    except DefusedXmlException as problem:
        raise AnswerRefused(
            answer.address, f"the XML declares what may not be read ({type(problem).__name__})"
        ) from None
    except (ParseError, ValueError, LookupError) as problem:
        raise AnswerRefused(answer.address, f"this is no XML, or it was cut off: {problem}") from None
    if element.tag != root:
        raise AnswerRefused(answer.address, f"the XML begins with <{element.tag[:60]}>; expected <{root}>")
    for at, depth in enumerate(_depths(element)):
        if at > _MOST_ELEMENTS or depth > _DEEPEST:
            raise AnswerRefused(answer.address, "the XML is too deep or too large to be what it says")
    return element


def _depths(root: Element) -> Iterator[int]:
    held = [(root, 1)]
    while held:
        element, depth = held.pop()
        yield depth
        if depth <= _DEEPEST:
            held += [(child, depth + 1) for child in element]


def words(element: Element | None) -> str:
    """All text of an element in one line; nothing for none."""
    return "" if element is None else " ".join("".join(element.itertext()).split())
