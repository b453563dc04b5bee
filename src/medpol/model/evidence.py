"""What the evidence sections of a policy document state: populations, trials, guidelines, references, history."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import Enum

from medpol.model.dates import StatedDate
from medpol.model.diagnostic import Source


class Conclusion(Enum):
    SUFFICIENT = "sufficient"
    INSUFFICIENT = "insufficient"
    INSUFFICIENT_HARM = "insufficient, harm"
    NOT_STATED = "not stated"


@dataclass(frozen=True, slots=True)
class StudyBody:
    """A kind of study in the evidence, with its numbers as far as stated."""

    kind: str
    studies: int | None = None
    participants: int | None = None


@dataclass(frozen=True, slots=True)
class Population:
    """One population of the evidence review, with what the document concludes for it."""

    name: str
    prose: str = ""
    studies: tuple[StudyBody, ...] = ()
    outcomes: tuple[str, ...] = ()
    conclusion: Conclusion = Conclusion.NOT_STATED
    source: Source = field(default=Source(""), compare=False)


@dataclass(frozen=True, slots=True)
class Trial:
    """One row of the trials table. ``completion`` is as printed, to the month; ``status`` keeps "status unknown"."""

    nct: str
    title: str
    population: str = ""
    enrolment: int | None = None
    completion: StatedDate = StatedDate("")
    status: str = ""
    is_published: bool | None = None
    source: Source = field(default=Source(""), compare=False)

    def has_passed(self, day: date) -> bool:
        """Whether the last day of the completion month lies before ``day``; false where none is stated."""
        last = self.completion.last_day()
        return last is not None and last < day


class Issuer(Enum):
    US_SOCIETY = "US professional society"
    INTERNATIONAL = "international with US part"
    NICE = "NICE"
    OTHER = "other"


class GuidelineKind(Enum):
    GUIDELINE = "guideline"
    POSITION_STATEMENT = "position statement"


class Stated(Enum):
    YES = "yes"
    NO = "no"
    NOT_STATED = "not stated"


class Direction(Enum):
    FOR = "for"
    AGAINST = "against"
    NEITHER = "neither"


@dataclass(frozen=True, slots=True)
class Guideline:
    """What one body says, and what the document states of how the body came to say it."""

    body: str
    issuer: Issuer | None = None
    year: int | None = None
    kind: GuidelineKind | None = None
    systematic_review: Stated = Stated.NOT_STATED
    strength_ratings: Stated = Stated.NOT_STATED
    conflict_handling: Stated = Stated.NOT_STATED
    recommends: Direction | None = None
    prose: str = ""
    source: Source = field(default=Source(""), compare=False)


@dataclass(frozen=True, slots=True)
class MedicareSource:
    """A dated Medicare source, held apart from what the document says of Medicare."""

    name: str
    day: StatedDate
    says: str = ""
    address: str = ""
    source: Source = field(default=Source(""), compare=False)


@dataclass(frozen=True, slots=True)
class Reference:
    """A numbered citation, as printed and as far as it could be taken apart."""

    number: int
    text: str
    authors: str = ""
    title: str = ""
    journal: str = ""
    date: str = ""
    pmid: str | None = None
    source: Source = field(default=Source(""), compare=False)


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One event of the document's history; ``says`` holds its typed claims, such as "statement unchanged"."""

    day: StatedDate
    event: str
    approved: StatedDate | None = None
    effective: StatedDate | None = None
    published: StatedDate | None = None
    says: tuple[str, ...] = ()
    comment: str = ""
    source: Source = field(default=Source(""), compare=False)


HISTORY_EVENTS: tuple[str, ...] = (
    "new policy",
    "annual review",
    "interim review",
    "literature update",
    "coding update",
    "criteria change",
    "position change",
    "title change",
    "scope change",
    "renumbered",
    "notification",
    "withdrawn",
    "archived",
    "retired",
    "superseded",
    "reinstated",
    "delegated",
    "drug update",
    "other",
)
