"""Crossref's table of the Retraction Watch database: one large file, asked only where it is named or given from a disk."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import date

from medpol.evidence.watching.answers import CSV, AnswerRefused, got
from medpol.evidence.watching.values import (
    Answer,
    Asked,
    EvidenceSource,
    Fetch,
    Kind,
    Learned,
    Mark,
    PaperCited,
    PaperRecord,
    Provenance,
    Refused,
    Request,
)

NAME = "Retraction Watch"
HOST = "gitlab.com"
TABLE = f"https://{HOST}/crossref/retraction-watch-data/-/raw/main/retraction_watch.csv"
_LIMIT = 256 * 1024 * 1024
_COLUMNS = ("RetractionDate", "RetractionDOI", "OriginalPaperDOI", "OriginalPaperPubMedID", "RetractionNature")
_NATURES = {"retraction": Kind.RETRACTED, "expression of concern": Kind.OF_CONCERN, "correction": Kind.CORRECTED}
_REINSTATED = "reinstatement"
_US_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})\b", re.ASCII)


def look(asked: Asked, fetch: Fetch, today: date) -> Iterator[Learned | Refused]:
    """Every row of the table that is about a cited paper."""
    if not asked.papers:
        return
    try:
        answer = got(Request(TABLE, CSV, _LIMIT), fetch)
        papers = tuple(_papers(answer, asked.papers))
    except AnswerRefused as problem:
        yield problem.by(NAME)
        return
    yield Learned(Provenance.of(NAME, answer), papers=papers)


SOURCE = EvidenceSource(
    NAME, (HOST,), look, "the whole table of retractions, about 70 MB, in one request", is_asked=False
)


def _papers(answer: Answer, cited: tuple[PaperCited, ...]) -> Iterator[PaperRecord]:
    pmids = {each.pmid for each in cited if each.pmid}
    dois = {each.doi.casefold() for each in cited if each.doi}
    held: dict[tuple[str, str], list[tuple[str, str, Mark | None]]] = {}
    for row in _rows(answer):
        pmid, doi = row["OriginalPaperPubMedID"].strip(), row["OriginalPaperDOI"].strip().casefold()
        if pmid not in pmids and doi not in dois:
            continue
        nature = row["RetractionNature"].strip().casefold()
        kind = _NATURES.get(nature)
        if kind is None and nature != _REINSTATED:
            continue
        day, notice = _day(row["RetractionDate"]), row["RetractionDOI"].strip().casefold()
        mark = None if kind is None else Mark(kind, f"DOI {notice}" if notice.startswith("10.") else "", day)
        held.setdefault((pmid if pmid in pmids else "", doi), []).append((day, nature, mark))
    for (pmid, doi), rows in held.items():
        # what lies before a reinstatement no longer holds
        since = max((day for day, nature, _ in rows if nature == _REINSTATED), default="")
        marks = tuple(mark for day, _, mark in rows if mark is not None and (day > since or not since))
        yield PaperRecord(pmid, doi if doi in dois else "", marks=marks)


def _rows(answer: Answer) -> Iterator[dict[str, str]]:
    try:
        table = csv.DictReader(io.StringIO(answer.body.decode("utf-8-sig"), newline=""), strict=True)
        missing = [each for each in _COLUMNS if each not in (table.fieldnames or ())]
        if missing:
            raise AnswerRefused(answer.address, f"the table has no column {missing[0]}")
        for row in table:
            if any(row[each] is None for each in _COLUMNS):
                raise AnswerRefused(answer.address, f"the table was cut off or damaged at line {table.line_num:,}")
            yield row
    except UnicodeDecodeError as problem:
        raise AnswerRefused(answer.address, f"the table is not UTF-8 at byte {problem.start:,}") from None
    except csv.Error as problem:
        raise AnswerRefused(answer.address, f"this is no table, or it was cut off: {problem}") from None


def _day(text: str) -> str:
    match = _US_DAY.match(text.strip())
    return f"{match[3]}-{int(match[1]):02d}-{int(match[2]):02d}" if match else text.strip()[:10]
