"""One determination as it was recorded, for who has just asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from medpol.ledger import Record
from medpol.web.asof import AsOf, general_bar
from medpol.web.pages.answered import asked_words, say
from medpol.web.pages.asking import Question
from medpol.web.pages.page import Content, Page, Visit
from medpol.web.recording import OPEN_SECONDS, Recording

_LOOK_UP = ("code", "service", "code_system", "policy", "line_of_business", "contract")


@dataclass(frozen=True, slots=True)
class Recorded:
    """Where an answer stands in the ledger."""

    id: str
    address: str
    recorded_at: datetime
    minutes: int = OPEN_SECONDS // 60


@dataclass(frozen=True, slots=True)
class Asking:
    """The form below an answer: what is still to be asked, and what was said so far, by field."""

    questions: tuple[Question, ...]
    look_up: Mapping[str, str]
    given: Mapping[str, str]
    bad_field: str = ""
    bad: str = ""


def determination_page(recording: Recording) -> Page:
    """The page of one record."""

    def find(visit: Visit) -> Content:
        return content_of(visit, recording.opened(visit.place["page"], visit.cookies))

    return Page(
        "/determinations/{page:str}",
        "determination.html",
        find,
        twins={".json": lambda visit, content: msgspec.json.encode(content.value) + b"\n"},
        is_private=True,
        prints=True,
    )


def content_of(visit: Visit, record: Record, asking: Asking | None = None) -> Content:
    """The page of a record whose facts are open; its JSON twin is the answer as it was given."""
    assert record.held is not None
    answer, case = msgspec.json.decode(record.held.answer), msgspec.json.decode(record.held.case)
    address = f"/determinations/{record.id}"
    look_up = look_up_of(case)
    as_of = _days(visit, answer)
    bar = general_bar(as_of, "/coverage", look_up)
    dressed = {
        "said": say(visit.served, answer, case, {}),
        "recorded": Recorded(record.id, address, record.recorded_at),
        "asking": asking,
    }
    title = f"Determination: {asked_words(answer, case)}"
    stamp = f"version of {answer['version']} · sha256 {answer['content_hash']}" if answer.get("content_hash") else ""
    return Content(title, "/coverage", answer, bar, keep=look_up, dressed=dressed, as_of=as_of, stamp=stamp)


def look_up_of(case: Mapping[str, Any]) -> dict[str, str]:
    """The part of a case that may stand in an address."""
    return {key: str(case[key]) for key in _LOOK_UP if case.get(key)}


def _days(visit: Visit, answer: Mapping[str, Any]) -> AsOf:
    day, known_on = (datetime.fromisoformat(answer[key]).date() for key in ("date_of_service", "known_on"))
    return AsOf(visit.as_of.today, day, known_on, visit.as_of.site)
