"""PubMed through the E-utilities: cited papers by number, papers that name a trial, and stored queries.

Searches are kept on NCBI's history server and read from there in pages, 200 records a page. Source: Entrez Programming
Utilities Help (NCBI Bookshelf NBK25499) and the DTD of PubMed's XML.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import groupby
from typing import Annotated
from urllib.parse import urlencode
from xml.etree.ElementTree import Element

import msgspec

from medpol.evidence.watching.answers import XML, AnswerRefused, got, read_json, read_xml, words
from medpol.evidence.watching.values import (
    Answer,
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
from medpol.model.studies import QuerySource

NAME = QuerySource.PUBMED.value
HOST = "eutils.ncbi.nlm.nih.gov"
_UTILITIES = f"https://{HOST}/entrez/eutils"
OVERLAP = timedelta(days=7)
"""How far a search reaches back behind the last one: records are entered out of order."""
_PAGE = 200
_TRIALS_A_SEARCH = 40
_MOST_HITS = 9_999
"""PubMed pages through no more; a larger search is split by the day of entry."""
_FIRST_DAY = date(1900, 1, 1)
_NCT = re.compile(r"\bNCT\d{8}\b", re.ASCII)
_DOI = re.compile(r"\bdoi:\s*(10\.\d{4,9}/\S+)", re.ASCII | re.IGNORECASE)

_RETRACTED_TYPE = "Retracted Publication"
_NOTICE_TYPES = frozenset(
    {"Retraction of Publication", "Retraction Notice", "Published Erratum", "Expression of Concern", "Comment"}
)
_ON_ITSELF = {
    "RetractionIn": Kind.RETRACTED,
    "RetractedandRepublishedIn": Kind.RETRACTED,
    "ExpressionOfConcernIn": Kind.OF_CONCERN,
    "ErratumIn": Kind.CORRECTED,
    "CorrectedandRepublishedIn": Kind.CORRECTED,
    "RepublishedIn": Kind.SUPERSEDED,
    "UpdateIn": Kind.SUPERSEDED,
}
_ON_ANOTHER = {
    "RetractionOf": Kind.RETRACTED,
    "ExpressionOfConcernFor": Kind.OF_CONCERN,
    "ErratumFor": Kind.CORRECTED,
}
# A newer version is evidence itself, and tells of the older one as well.
_NEWER_THAN = {"UpdateOf": Kind.SUPERSEDED, "CorrectedandRepublishedFrom": Kind.CORRECTED}

_Digits = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,9}$")]


class _Result(msgspec.Struct, frozen=True):
    count: _Digits = "0"
    querykey: _Digits = "0"
    webenv: Annotated[str, msgspec.Meta(max_length=500)] = ""
    problem: str = msgspec.field(default="", name="ERROR")


class _Search(msgspec.Struct, frozen=True):
    esearchresult: _Result


@dataclass(frozen=True, slots=True)
class _Window:
    """The days of entry that a search covers, both included."""

    first: date
    last: date


def look(asked: Asked, fetch: Fetch, today: date) -> Iterator[Learned | Refused]:
    """Cited papers by number; papers that carry the number of a listed trial; the stored queries of PubMed."""
    numbers = sorted({each.pmid for each in asked.papers if each.pmid}, key=int)
    for start in range(0, len(numbers), _PAGE):
        yield from _cited(numbers[start : start + _PAGE], fetch)
    trials = sorted(asked.trials, key=lambda each: (each.since or _FIRST_DAY, each.nct))
    for since, group in groupby(trials, key=lambda each: each.since):
        held = [each.nct for each in group]
        for start in range(0, len(held), _TRIALS_A_SEARCH):
            batch = held[start : start + _TRIALS_A_SEARCH]
            term = " OR ".join(f"{nct}[si] OR {nct}[tiab]" for nct in batch)
            yield from _searched(term, _window(since, today), Learned(_NOWHERE, searched=tuple(batch)), fetch, today)
    for query in asked.queries:
        if query.query.asks is QuerySource.PUBMED:
            says = Learned(_NOWHERE, matched=(query.key,), searched=(query.key,))
            yield from _searched(query.query.term, _window(query.since, today), says, fetch, today)


SOURCE = EvidenceSource(
    NAME, (HOST,), look, "cited papers by number, 200 a request; papers of listed trials; its stored queries"
)
_NOWHERE = Provenance(NAME, "", "", "")


def _window(since: date | None, today: date) -> _Window | None:
    return None if since is None else _Window(min(since - OVERLAP, today), today)


# ---------------------------------------------------------------------------- requests


def _cited(numbers: Sequence[str], fetch: Fetch) -> Iterator[Learned | Refused]:
    request = _fetching({"id": ",".join(numbers), "retmax": str(_PAGE)})
    try:
        answer = got(request, fetch)
        papers = _papers(answer)
        strange = sorted({each.pmid for each in papers} - {*numbers})
        if strange:
            raise AnswerRefused(
                answer.address, f"it is about papers that were not asked for: PMID {', '.join(strange[:3])}"
            )
    except AnswerRefused as problem:
        yield problem.by(NAME)
        return
    yield Learned(Provenance.of(NAME, answer), papers=papers)
    missing = sorted({*numbers} - {each.pmid for each in papers}, key=int)
    if missing:
        yield Refused(
            NAME,
            answer.address,
            f"PubMed gives no record of PMID {', '.join(missing)}; see whether the number is right",
        )


def _searched(
    term: str, window: _Window | None, says: Learned, fetch: Fetch, today: date
) -> Iterator[Learned | Refused]:
    """All records of a search; what completes it is said with its last answer, and not at all where one was refused."""
    if not term.strip():
        yield Refused(NAME, f"{_UTILITIES}/esearch.fcgi", "a stored query of PubMed asks for nothing: give it a term")
        return
    last: Learned | None = None
    try:
        for learned in _hits(term, window, fetch, today):
            if last is not None:
                yield replace(last, matched=says.matched)
            last = learned
    except AnswerRefused as problem:
        if last is not None:
            yield replace(last, matched=says.matched)
        yield problem.by(NAME)
        return
    if last is not None:
        yield replace(last, matched=says.matched, searched=says.searched)


def _hits(term: str, window: _Window | None, fetch: Fetch, today: date) -> Iterator[Learned]:
    parameters = {"db": "pubmed", "term": term, "retmode": "json", "usehistory": "y", "retmax": "0"}
    if window is not None:
        parameters |= {
            "datetype": "edat",
            "mindate": f"{window.first:%Y/%m/%d}",
            "maxdate": f"{window.last:%Y/%m/%d}",
        }
    answer = got(Request(f"{_UTILITIES}/esearch.fcgi?{urlencode(parameters)}"), fetch)
    result = read_json(answer, _Search).esearchresult
    if result.problem:
        raise AnswerRefused(answer.address, f"PubMed refuses the search: {result.problem[:300]}")
    count = int(result.count)
    if count > _MOST_HITS:
        for half in _halves(window or _Window(_FIRST_DAY, today), count, answer):
            yield from _hits(term, half, fetch, today)
        return
    if count and not (result.webenv and int(result.querykey)):
        raise AnswerRefused(answer.address, "it names no place on the history server to read the hits from")
    yield Learned(Provenance.of(NAME, answer))
    for start in range(0, count, _PAGE):
        yield _page(result, start, min(_PAGE, count - start), fetch)


def _halves(window: _Window, count: int, answer: Answer) -> tuple[_Window, _Window]:
    days = (window.last - window.first).days
    if days < 1:
        raise AnswerRefused(
            answer.address, f"{count:,} hits entered on one day, {window.first}: narrow the stored query"
        )
    middle = window.first + timedelta(days=days // 2)
    return _Window(window.first, middle), _Window(middle + timedelta(days=1), window.last)


def _page(result: _Result, start: int, expected: int, fetch: Fetch) -> Learned:
    parameters = {
        "query_key": result.querykey,
        "WebEnv": result.webenv,
        "retstart": str(start),
        "retmax": str(_PAGE),
    }
    answer = got(_fetching(parameters), fetch)
    papers = _papers(answer)
    if len(papers) < expected:
        raise AnswerRefused(answer.address, f"the page holds {len(papers)} records; expected {expected}")
    return Learned(Provenance.of(NAME, answer), papers=papers)


def _fetching(parameters: Mapping[str, str]) -> Request:
    return Request(f"{_UTILITIES}/efetch.fcgi?{urlencode({'db': 'pubmed', 'retmode': 'xml', **parameters})}", XML)


# ---------------------------------------------------------------------------- answers


def _papers(answer: Answer) -> tuple[PaperRecord, ...]:
    """The records of an answer, as many as it holds."""
    root = read_xml(answer, "PubmedArticleSet")
    return tuple(_paper(each, answer) for each in root if each.tag in ("PubmedArticle", "PubmedBookArticle"))


def _paper(article: Element, answer: Answer) -> PaperRecord:
    record = article.find("MedlineCitation")
    if record is None:
        record = article.find("BookDocument")
    pmid = words(None if record is None else record.find("PMID"))
    if record is None or not re.fullmatch(r"[1-9]\d{0,8}", pmid, re.ASCII):
        raise AnswerRefused(answer.address, "a record of it has no PubMed number")
    types = {words(each) for each in record.iterfind(".//PublicationTypeList/PublicationType")}
    types |= {words(each) for each in record.iterfind("PublicationType")}
    marks, about, newer = _notes(record)
    if _RETRACTED_TYPE in types and not any(each.kind is Kind.RETRACTED for each in marks):
        marks = (*marks, Mark(Kind.RETRACTED))
    return PaperRecord(
        pmid,
        _doi(article, record),
        words(record.find("Article/ArticleTitle")) or words(record.find("ArticleTitle")),
        _citation(record),
        marks,
        (*about, *newer),
        _registrations(record),
        bool(about) or bool(types & _NOTICE_TYPES),
    )


_About = tuple[tuple[str, str, Mark], ...]


def _notes(record: Element) -> tuple[tuple[Mark, ...], _About, _About]:
    """Marks on the paper itself, marks that a notice sets on another, and marks that a newer version sets on the older."""
    marks: list[Mark] = []
    about: list[tuple[str, str, Mark]] = []
    newer: list[tuple[str, str, Mark]] = []
    own = words(record.find("PMID"))
    for each in record.iterfind("CommentsCorrectionsList/CommentsCorrections"):
        kind, printed, pmid = each.get("RefType", ""), words(each.find("RefSource")), words(each.find("PMID"))
        if kind in _ON_ITSELF:
            doi = _DOI.search(printed)
            notice = f"DOI {doi[1].rstrip('.,;').casefold()}" if doi else f"PMID {pmid}" if pmid else printed
            marks.append(Mark(_ON_ITSELF[kind], notice))
        elif kind in _ON_ANOTHER:
            about.append((pmid, printed, Mark(_ON_ANOTHER[kind], f"PMID {own}")))
        elif kind in _NEWER_THAN:
            newer.append((pmid, printed, Mark(_NEWER_THAN[kind], f"PMID {own}")))
    return tuple(marks), tuple(about), tuple(newer)


def _doi(article: Element, record: Element) -> str:
    for path in ("PubmedData/ArticleIdList/ArticleId", "PubmedBookData/ArticleIdList/ArticleId"):
        for each in article.iterfind(path):
            if each.get("IdType") == "doi":
                return words(each)
    for each in record.iterfind("Article/ELocationID"):
        if each.get("EIdType") == "doi":
            return words(each)
    return ""


def _citation(record: Element) -> str:
    issue = record.find("Article/Journal/JournalIssue")
    journal = words(record.find("MedlineJournalInfo/MedlineTA")) or words(
        record.find("Article/Journal/ISOAbbreviation")
    )
    if issue is None:
        return journal
    day = issue.find("PubDate")
    printed = " ".join(words(each) for each in (() if day is None else day))
    number = words(issue.find("Issue"))
    volume = words(issue.find("Volume")) + (f"({number})" if number else "")
    pages = words(record.find("Article/Pagination/MedlinePgn"))
    return f"{journal}. {printed}" + (f";{volume}" if volume else "") + (f":{pages}" if pages else "")


def _registrations(record: Element) -> tuple[str, ...]:
    """The trials that a paper names: in its list of registrations, else in title and abstract."""
    named = [
        words(each) for each in record.iterfind("Article/DataBankList/DataBank/AccessionNumberList/AccessionNumber")
    ]
    told = " ".join(words(record.find(path)) for path in ("Article/ArticleTitle", "Article/Abstract"))
    return tuple(dict.fromkeys([*(each for each in named if _NCT.fullmatch(each)), *_NCT.findall(told)]))
