"""What is watched, what was learned of it, and what a person is asked to look at."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import Enum

from medpol.model.studies import StoredQuery


class Kind(Enum):
    """What has happened to something that is watched; the values are stable names."""

    STATUS_CHANGED = "status-changed"
    OVERDUE = "overdue"
    COMPLETED_WITHOUT_RESULTS = "completed-without-results"
    RESULTS_POSTED = "results-posted"
    PUBLISHED = "published"
    STALE = "stale"
    DESIGN_MOVED = "design-moved"
    NEW_TRIAL = "new-trial"
    RETRACTED = "cited-study-retracted"
    OF_CONCERN = "cited-study-of-concern"
    CORRECTED = "cited-study-corrected"
    SUPERSEDED = "cited-study-superseded"
    NEWER_EVIDENCE = "newer-evidence"


class EventWeight(Enum):
    """How soon a person should look, the gravest first. Everything but a note opens a review."""

    ERROR = "error"
    WARNING = "warning"
    TASK = "task"
    NOTE = "note"


# ---------------------------------------------------------------------------- what is watched


@dataclass(frozen=True, slots=True)
class TrialListed:
    """A registered trial as a policy or its ``trials.md`` lists it; ``place`` is the row, to be opened and read.

    ``is_ongoing``: it stands among the ongoing ones, or its recorded status says so. ``is_published``: it stands among
    the published ones.
    """

    nct: str
    population: str = ""
    title: str = ""
    is_ongoing: bool = True
    is_published: bool = False
    status: str = ""
    enrolment: int | None = None
    completion: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class PaperCited:
    """A publication that a policy rests on, with the numbers that it is found by; ``name`` is how the policy calls it.

    ``known`` is what its record already says has become of it, which is not told again.
    """

    name: str
    pmid: str = ""
    doi: str = ""
    citation: str = ""
    population: str = ""
    place: str = ""
    known: Kind | None = None

    @property
    def key(self) -> str:
        """What it is remembered by: its PubMed number where it has one."""
        return f"PMID {self.pmid}" if self.pmid else f"DOI {self.doi}"


@dataclass(frozen=True, slots=True)
class Watched:
    """All that is watched for one policy. ``literature_through`` is the last day that its literature search covered.

    ``document_hash`` is the content hash of the document whose table of trials is meant where no record is held.
    """

    policy: str
    trials: tuple[TrialListed, ...] = ()
    papers: tuple[PaperCited, ...] = ()
    queries: tuple[StoredQuery, ...] = ()
    literature_through: date | None = None
    document_hash: str = ""

    @property
    def cited(self) -> frozenset[str]:
        """The PubMed numbers that the policy knows already."""
        return frozenset(each.pmid for each in self.papers if each.pmid)


# ---------------------------------------------------------------------------- asking and answering


@dataclass(frozen=True, slots=True)
class Request:
    """A page to be fetched: its address without keys and mail addresses, the media types that may answer, the most bytes."""

    address: str
    accept: tuple[str, ...] = ("application/json",)
    limit: int = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. Names of headers are in lower case; ``fetched_at`` is a moment in UTC, as ISO 8601 writes it."""

    address: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    fetched_at: str

    def header(self, name: str) -> str:
        return next((value for each, value in self.headers if each == name), "")


class FetchFailed(Exception):
    """An answer could not be got; the message says why."""


Fetch = Callable[[Request], Answer]
"""Gets the answer to a request, whatever its status. Raises ``FetchFailed``."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where something was learned: source, address, when it was fetched, and the SHA-256 of the raw answer.

    ``data_of`` is the moment that the source gives for its own data, where it gives one.
    """

    source: str
    address: str
    fetched_at: str
    hash: str
    data_of: str = ""

    @classmethod
    def of(cls, source: str, answer: Answer, data_of: str = "") -> Provenance:
        digest = hashlib.sha256(answer.body).hexdigest()
        return cls(source, answer.address, answer.fetched_at, f"sha256:{digest}", data_of)


@dataclass(frozen=True, slots=True)
class QueryAsked:
    """A stored query, and the last day that it was asked for already; ``None`` where it never was."""

    query: StoredQuery
    since: date | None = None

    @property
    def key(self) -> str:
        return query_key(self.query)


def query_key(query: StoredQuery) -> str:
    """What a stored query is remembered by: what it asks, and not its name."""
    return "\n".join((query.asks.value, query.condition, query.intervention, query.term))


@dataclass(frozen=True, slots=True)
class TrialAsked:
    """A trial, and the last day that publications of it were searched for; ``None`` where they never were."""

    nct: str
    since: date | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What the sources are asked in one run, for all policies together: each thing once."""

    trials: tuple[TrialAsked, ...] = ()
    papers: tuple[PaperCited, ...] = ()
    queries: tuple[QueryAsked, ...] = ()


# ---------------------------------------------------------------------------- what was learned


@dataclass(frozen=True, slots=True)
class TrialRecord:
    """A registered trial as we keep it. Dates are as the registry states them, so ``2024-05`` stays a month.

    ``reports`` are PubMed numbers of papers that the registry calls a result of the trial or derived from it;
    ``retracted`` pairs the PubMed number of a paper with that of the notice which retracts it.
    """

    nct: str
    title: str = ""
    status: str = ""
    last_known_status: str = ""
    why_stopped: str = ""
    verified: str = ""
    primary_completion: str = ""
    completion: str = ""
    results_posted: str = ""
    updated: str = ""
    has_results: bool = False
    enrolment: int | None = None
    outcomes: tuple[str, ...] = ()
    reports: tuple[str, ...] = ()
    retracted: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that was published about a paper: its kind, and the notice by its number or its citation."""

    kind: Kind
    notice: str = ""
    day: str = ""


@dataclass(frozen=True, slots=True)
class PaperRecord:
    """A publication as PubMed or Crossref knows it.

    ``marks`` are about the paper itself. ``about`` are marks that it sets on others, by their PubMed number or, where it
    has none, their citation: a notice of a retraction is no retracted paper. ``registrations`` are the trials it names.
    ``is_notice``: it speaks of another publication and is no evidence itself.
    """

    pmid: str = ""
    doi: str = ""
    title: str = ""
    citation: str = ""
    marks: tuple[Mark, ...] = ()
    about: tuple[tuple[str, str, Mark], ...] = ()
    registrations: tuple[str, ...] = ()
    is_notice: bool = False


@dataclass(frozen=True, slots=True)
class Learned:
    """What one answer says. ``matched`` are the queries that it answers, ``searched`` the searches that it completes:
    keys of queries, or numbers of trials."""

    provenance: Provenance
    trials: tuple[TrialRecord, ...] = ()
    papers: tuple[PaperRecord, ...] = ()
    matched: tuple[str, ...] = ()
    searched: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """An answer that was not to be had or not to be believed: of which source, from which address, and what was wrong."""

    source: str
    address: str
    problem: str

    def __str__(self) -> str:
        return f"{self.source}: {self.address}: {self.problem}"


Look = Callable[[Asked, Fetch, date], Iterator[Learned | Refused]]


@dataclass(frozen=True, slots=True)
class EvidenceSource:
    """A place that is asked: its name, the hosts it may speak to, and the function that asks.

    The function is handed what is asked, ``fetch`` and the day, and yields what it learned answer by answer, so that a
    run that is interrupted loses only the one under way. It yields ``Refused`` for an answer that it does not believe,
    and goes on. ``is_asked`` is false for a source that is asked only where it is named.
    """

    name: str
    hosts: tuple[str, ...]
    look: Look
    says: str = ""
    is_asked: bool = True


# ---------------------------------------------------------------------------- what is proposed


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened. ``subject`` is a trial's or a paper's number, ``do`` what a person is asked to do.

    ``key`` names an event that is told once as long as it holds, such as *overdue* for one completion date; it is empty
    for a change from one record to the next, which has happened once by itself.
    """

    kind: Kind
    weight: EventWeight
    subject: str
    found: str
    before: str
    after: str
    do: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """An event for one policy, with its sources. ``id`` is the same whenever the same event is found again.

    ``listed_at`` is the row or record that it is about; ``before_hash`` the raw answer that *before* was read from.
    """

    id: str
    policy: str
    kind: Kind
    weight: EventWeight
    subject: str
    population: str
    found: str
    before: str
    after: str
    do: str
    listed_at: str
    proposed_on: date
    provenance: Provenance
    before_hash: str = ""
