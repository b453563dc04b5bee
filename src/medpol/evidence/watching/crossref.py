"""Crossref: what has been published about a cited paper, by its DOI. Source: the REST interface's ``works`` and ``updated-by``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Annotated
from urllib.parse import quote

import msgspec

from medpol.evidence.watching.answers import AnswerRefused, got, read_json
from medpol.evidence.watching.values import (
    Asked,
    EvidenceSource,
    Fetch,
    Kind,
    Learned,
    Mark,
    PaperRecord,
    Provenance,
    Refused,
    Request,
)

NAME = "Crossref"
HOST = "api.crossref.org"
WORKS = f"https://{HOST}/works/"
_KINDS = {
    "retraction": Kind.RETRACTED,
    "withdrawal": Kind.RETRACTED,
    "removal": Kind.RETRACTED,
    "partial_retraction": Kind.RETRACTED,
    "expression_of_concern": Kind.OF_CONCERN,
    "correction": Kind.CORRECTED,
    "corrigendum": Kind.CORRECTED,
    "erratum": Kind.CORRECTED,
    "addendum": Kind.CORRECTED,
    "new_version": Kind.SUPERSEDED,
    "new_edition": Kind.SUPERSEDED,
}
"""Kinds of updates that bear on what a paper says; others, such as a clarification of licence, do not."""

_Text = Annotated[str, msgspec.Meta(max_length=5_000)]


class _Day(msgspec.Struct, rename="kebab", frozen=True):
    date_parts: tuple[tuple[int | None, ...], ...] = ()


class _Update(msgspec.Struct, frozen=True):
    type: _Text = ""
    doi: _Text = msgspec.field(default="", name="DOI")
    updated: _Day = _Day()


class _Work(msgspec.Struct, frozen=True):
    doi: _Text = msgspec.field(name="DOI")
    title: tuple[_Text, ...] = ()
    updated_by: tuple[_Update, ...] = msgspec.field(default=(), name="updated-by")
    update_to: tuple[_Update, ...] = msgspec.field(default=(), name="update-to")


class _Answer(msgspec.Struct, frozen=True):
    message: _Work


def look(asked: Asked, fetch: Fetch, today: date) -> Iterator[Learned | Refused]:
    """Each cited paper that has a DOI, one request each."""
    for doi in sorted({each.doi.casefold() for each in asked.papers if each.doi}):
        try:
            answer = got(Request(WORKS + quote(doi, safe="")), fetch)
            work = read_json(answer, _Answer).message
            if work.doi.casefold() != doi:
                raise AnswerRefused(answer.address, f"it is about another paper, DOI {work.doi[:100]}")
        except AnswerRefused as problem:
            yield problem.by(NAME)
            continue
        yield Learned(Provenance.of(NAME, answer), papers=(_paper(work),))


SOURCE = EvidenceSource(NAME, (HOST,), look, "corrections and retractions of cited papers by DOI, one a request")


def _paper(work: _Work) -> PaperRecord:
    return PaperRecord(
        doi=work.doi,
        title=" ".join(" ".join(work.title).split()),
        marks=tuple(
            Mark(_KINDS[kind], f"DOI {each.doi.casefold()}" if each.doi else "", _day(each.updated))
            for each in work.updated_by
            if (kind := re.sub(r"[\s-]+", "_", each.type.strip().casefold())) in _KINDS
        ),
        is_notice=bool(work.update_to),
    )


def _day(stated: _Day) -> str:
    parts = [each for each in (stated.date_parts[0] if stated.date_parts else ()) if each is not None]
    return "-".join(f"{each:02d}" for each in parts)
