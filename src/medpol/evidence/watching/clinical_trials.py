"""ClinicalTrials.gov, version 2 of its interface: requests built, answers read.

Source: the OpenAPI description at clinicaltrials.gov/data-api/api and the structure of its study records.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Annotated
from urllib.parse import urlencode

import msgspec

from medpol.evidence.watching.answers import AnswerRefused, got, read_json
from medpol.evidence.watching.values import (
    Asked,
    EvidenceSource,
    Fetch,
    Learned,
    Provenance,
    QueryAsked,
    Refused,
    Request,
    TrialRecord,
)
from medpol.model.studies import QuerySource

NAME = QuerySource.CLINICAL_TRIALS.value
HOST = "clinicaltrials.gov"
STUDIES = f"https://{HOST}/api/v2/studies"
VERSION = f"https://{HOST}/api/v2/version"
BATCH = 100
"""Numbers asked for in one request: 2,000 trials are 20 requests."""
OVERLAP = timedelta(days=7)
_MOST_PAGES = 200
_FIELDS = "|".join(
    (
        "NCTId",
        "BriefTitle",
        "OverallStatus",
        "LastKnownStatus",
        "StatusVerifiedDate",
        "WhyStopped",
        "PrimaryCompletionDate",
        "CompletionDate",
        "ResultsFirstPostDate",
        "LastUpdatePostDate",
        "EnrollmentCount",
        "PrimaryOutcomeMeasure",
        "PrimaryOutcomeTimeFrame",
        "ReferencePMID",
        "ReferenceType",
        "RetractionPMID",
        "RetractionSource",
        "HasResults",
    )
)
_REPORTS = ("RESULT", "DERIVED")
_NUMBER = re.compile(r"\d{1,9}", re.ASCII)

_Text = Annotated[str, msgspec.Meta(max_length=20_000)]


class _Shape(msgspec.Struct, rename="camel", frozen=True):
    """A part of an answer; parts that we do not read are passed over, those with another type refuse the answer."""


class _Identification(_Shape, frozen=True):
    nct_id: Annotated[str, msgspec.Meta(pattern=r"^NCT[0-9]{8}$")]
    brief_title: _Text = ""


class _Dated(_Shape, frozen=True):
    date: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{4}-[0-9]{2}(-[0-9]{2})?$")] = ""


class _Status(_Shape, frozen=True):
    overall_status: Annotated[str, msgspec.Meta(pattern=r"^[A-Z_]{1,40}$")]
    last_known_status: _Text = ""
    why_stopped: _Text = ""
    status_verified_date: _Text = ""
    primary_completion_date_struct: _Dated = _Dated()
    completion_date_struct: _Dated = _Dated()
    results_first_post_date_struct: _Dated = _Dated()
    last_update_post_date_struct: _Dated = _Dated()


class _Enrolment(_Shape, frozen=True):
    count: Annotated[int, msgspec.Meta(ge=0, le=100_000_000)] | None = None


class _Design(_Shape, frozen=True):
    enrollment_info: _Enrolment = _Enrolment()


class _Outcome(_Shape, frozen=True):
    measure: _Text = ""
    time_frame: _Text = ""


class _Outcomes(_Shape, frozen=True):
    primary_outcomes: tuple[_Outcome, ...] = ()


class _Retraction(_Shape, frozen=True):
    pmid: _Text = ""
    source: _Text = ""


class _Reference(_Shape, frozen=True):
    pmid: _Text = ""
    type: _Text = ""
    retractions: tuple[_Retraction, ...] = ()


class _References(_Shape, frozen=True):
    references: tuple[_Reference, ...] = ()


class _Protocol(_Shape, frozen=True):
    identification_module: _Identification
    status_module: _Status
    design_module: _Design = _Design()
    outcomes_module: _Outcomes = _Outcomes()
    references_module: _References = _References()


class _Study(_Shape, frozen=True):
    protocol_section: _Protocol
    has_results: bool = False


class _Version(_Shape, frozen=True):
    data_timestamp: Annotated[str, msgspec.Meta(max_length=40)]


class _Page(_Shape, frozen=True):
    studies: Annotated[tuple[_Study, ...], msgspec.Meta(max_length=1000)]
    next_page_token: Annotated[str, msgspec.Meta(min_length=1, max_length=500)] | None = None


def look(asked: Asked, fetch: Fetch, today: date) -> Iterator[Learned | Refused]:
    """The listed trials by their numbers, a hundred at a time, then the stored queries of the registry."""
    numbers = sorted({each.nct for each in asked.trials})
    queries = [each for each in asked.queries if each.query.asks is QuerySource.CLINICAL_TRIALS]
    if not numbers and not queries:
        return
    data_of = ""
    try:
        data_of = read_json(got(Request(VERSION), fetch), _Version).data_timestamp
    except AnswerRefused as problem:
        yield problem.by(NAME)
    for start in range(0, len(numbers), BATCH):
        yield from _listed(numbers[start : start + BATCH], fetch, data_of)
    for query in queries:
        yield from _found(query, fetch, data_of)


SOURCE = EvidenceSource(
    NAME, (HOST,), look, "the registry: listed trials by number, 100 a request, and its stored queries"
)


def _listed(numbers: Sequence[str], fetch: Fetch, data_of: str) -> Iterator[Learned | Refused]:
    wanted = set(numbers)
    parameters = {"filter.ids": "|".join(numbers), "pageSize": str(BATCH)}
    address = _address(parameters)
    try:
        for learned in _pages(parameters, fetch, data_of):
            strange = sorted({each.nct for each in learned.trials} - {*numbers})
            if strange:
                raise AnswerRefused(
                    learned.provenance.address, f"it is about trials that were not asked for: {', '.join(strange[:3])}"
                )
            wanted -= {each.nct for each in learned.trials}
            yield learned
    except AnswerRefused as problem:
        yield problem.by(NAME)
        return
    if wanted:
        yield Refused(
            NAME,
            address,
            f"the registry gives no record of {', '.join(sorted(wanted))}; see whether the number is right",
        )


def _found(asked: QueryAsked, fetch: Fetch, data_of: str) -> Iterator[Learned | Refused]:
    query = asked.query
    words = {"query.cond": query.condition, "query.intr": query.intervention, "query.term": query.term}
    parameters = {name: text for name, text in words.items() if text} | {"pageSize": "1000"}
    if len(parameters) == 1:
        yield Refused(
            NAME,
            STUDIES,
            f'the stored query "{query.name}" asks for nothing: give it a condition, an intervention or a term',
        )
        return
    if asked.since is not None:
        parameters["filter.advanced"] = f"AREA[LastUpdatePostDate]RANGE[{asked.since - OVERLAP},MAX]"
    held: Learned | None = None
    try:
        for learned in _pages(parameters, fetch, data_of):
            if held is not None:
                yield held
            held = replace(learned, matched=(asked.key,))
    except AnswerRefused as problem:
        if held is not None:
            yield held
        yield problem.by(NAME)
        return
    if held is not None:  # only the last page completes the search
        yield replace(held, searched=(asked.key,))


def _pages(parameters: Mapping[str, str], fetch: Fetch, data_of: str) -> Iterator[Learned]:
    """Every page of a search: the other parameters stay as they are, and no token means the last page."""
    token: str | None = None
    tokens: set[str] = set()
    for _ in range(_MOST_PAGES):
        answer = got(Request(_address({**parameters, **({"pageToken": token} if token else {})})), fetch)
        page = read_json(answer, _Page)
        yield Learned(Provenance.of(NAME, answer, data_of), tuple(_record(each) for each in page.studies))
        token = page.next_page_token
        if token is None:
            return
        if token in tokens:
            raise AnswerRefused(answer.address, "its pages go round in a circle: a token of the next page came twice")
        tokens.add(token)
    raise AnswerRefused(_address(parameters), f"more than {_MOST_PAGES} pages: narrow the stored query")


def _address(parameters: Mapping[str, str]) -> str:
    return f"{STUDIES}?{urlencode({**parameters, 'fields': _FIELDS})}"


def _record(study: _Study) -> TrialRecord:
    protocol = study.protocol_section
    status = protocol.status_module
    references = protocol.references_module.references
    return TrialRecord(
        protocol.identification_module.nct_id,
        " ".join(protocol.identification_module.brief_title.split()),
        status.overall_status,
        status.last_known_status,
        " ".join(status.why_stopped.split()),
        status.status_verified_date,
        status.primary_completion_date_struct.date,
        status.completion_date_struct.date,
        status.results_first_post_date_struct.date,
        status.last_update_post_date_struct.date,
        study.has_results,
        protocol.design_module.enrollment_info.count,
        tuple(_outcome(each) for each in protocol.outcomes_module.primary_outcomes),
        tuple(
            dict.fromkeys(each.pmid for each in references if each.type in _REPORTS and _NUMBER.fullmatch(each.pmid))
        ),
        tuple(
            (each.pmid, notice.pmid)
            for each in references
            if _NUMBER.fullmatch(each.pmid)
            for notice in each.retractions
        ),
    )


def _outcome(outcome: _Outcome) -> str:
    return " ".join(f"{outcome.measure} ({outcome.time_frame})".split()) if outcome.time_frame else outcome.measure
