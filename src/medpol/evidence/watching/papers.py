"""What has happened to a publication that a policy cites, and which new ones bear on it."""

from __future__ import annotations

import re

from medpol.evidence.watching.values import Event, EventWeight, Kind, Mark, PaperCited, PaperRecord, TrialRecord

_PRINTED = re.compile(r"\b((?:19|20)\d\d)\b[^;]{0,40};\s*(\d+)\s*(?:\([^)]{0,40}\))?\s*:\s*([A-Za-z]?\d+)", re.ASCII)
_SAYS = {
    Kind.RETRACTED: (
        EventWeight.ERROR,
        "is retracted",
        "take it out of the pools it is in, and judge the conclusion anew",
    ),
    Kind.OF_CONCERN: (
        EventWeight.ERROR,
        "has an expression of concern",
        "read the notice; show its pools with and without it, and judge the conclusion anew",
    ),
    Kind.CORRECTED: (
        EventWeight.WARNING,
        "has a correction",
        "read the correction; where a recorded number changed, write a later record of the study",
    ),
    Kind.SUPERSEDED: (
        EventWeight.TASK,
        "has a newer version",
        "read the newer version, and cite that where it changes what is said",
    ),
}


def is_same(paper: PaperCited, record: PaperRecord) -> bool:
    """Whether a record is that of a cited paper, by PubMed number or DOI."""
    return bool(paper.pmid and paper.pmid == record.pmid) or bool(
        paper.doi and paper.doi.casefold() == record.doi.casefold()
    )


def health(paper: PaperCited, record: PaperRecord) -> tuple[Event, ...]:
    """What a record says has been published about a cited paper: by the paper itself, or by a notice that names it."""
    marks: list[Mark] = list(record.marks) if is_same(paper, record) else []
    marks += [
        mark
        for pmid, citation, mark in record.about
        if (pmid and pmid == paper.pmid) or (not pmid and is_same_citation(citation, paper.citation))
    ]
    return tuple(_event(paper, mark) for mark in marks if mark.kind is not paper.known)


def health_by_trial(paper: PaperCited, record: TrialRecord) -> tuple[Event, ...]:
    """What the registry of trials says of a cited paper: it names the notice that retracts a paper of the trial."""
    return tuple(
        _event(paper, Mark(Kind.RETRACTED, f"PMID {notice}" if notice else ""))
        for pmid, notice in record.retracted
        if paper.pmid and pmid == paper.pmid and paper.known is not Kind.RETRACTED
    )


def newer(record: PaperRecord, asked: str) -> Event:
    """A publication that a stored query finds and that the policy does not know; ``asked`` is the query's name."""
    number = f"PMID {record.pmid}" if record.pmid else f"DOI {record.doi}"
    title = f": {record.title}" if record.title else ""
    return Event(
        Kind.NEWER_EVIDENCE,
        EventWeight.TASK,
        number,
        f'the stored query "{asked}" finds a publication that is not among the evidence{title}',
        "not among the evidence",
        f"{number}{title}" + (f" ({record.citation})" if record.citation else ""),
        f"read it; add a study record (medpol evidence add --pmid {record.pmid} makes a draft), or write down why not",
        f"{Kind.NEWER_EVIDENCE.value} {number}",
    )


def is_same_citation(one: str, other: str) -> bool:
    """Whether two printed citations share year, volume and first page: notices without a PubMed number are matched so.

    The first long word of one has to stand in the other too, by its first three letters, since journals are abbreviated.
    """
    first, second = _PRINTED.search(one), _PRINTED.search(other)
    if first is None or second is None or first.groups() != second.groups():
        return False
    word = re.search(r"([^\W\d_]{3})", one.casefold())
    return word is not None and re.search(rf"(?<!\w){re.escape(word[1])}", other.casefold()) is not None


def _event(paper: PaperCited, mark: Mark) -> Event:
    weight, says, do = _SAYS[mark.kind]
    by = (f" by {mark.notice}" if mark.notice else "") + (f" of {mark.day}" if mark.day else "")
    # a paper is retracted once, whoever says so; of corrections there may be several
    which = f" {mark.notice or mark.day}" if mark.kind in (Kind.CORRECTED, Kind.SUPERSEDED) else ""
    return Event(
        mark.kind,
        weight,
        paper.key,
        f"{paper.name} {says}{by}",
        "nothing of the kind known",
        f"{says.removeprefix('is ').removeprefix('has ')}{by}",
        do,
        f"{mark.kind.value} {paper.key}{which}",
    )
