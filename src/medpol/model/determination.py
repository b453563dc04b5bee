"""A determination: our answer for one case, with everything a reader may want to trace it by.

Advice only. No value here is a denial: an adverse determination is made by a qualified person.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from medpol.model.contract import SourceKind
from medpol.model.facts import FactValue
from medpol.model.positions import Outcome, Position, ReasonKind
from medpol.model.truth import Truth


@dataclass(frozen=True, slots=True)
class CitedSentence:
    file: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class UsedFact:
    """A fact behind a criterion: its name, value, where it came from and the question that would ask for it."""

    name: str
    value: str | None
    source: str | None
    question: str = ""


AUTHORIZES = "authorisation rule"
"""The structure of a rule that speaks of authorisation alone; other rules are ``rule``."""


@dataclass(frozen=True, slots=True)
class JudgedCriterion:
    """One node of the tree of criteria, judged. ``structure`` is empty for a leaf."""

    id: str
    text: str
    truth: Truth
    structure: str = ""
    facts: tuple[UsedFact, ...] = ()
    parts: tuple[JudgedCriterion, ...] = ()
    file: str = ""
    line: int = 0
    applies: bool = True


@dataclass(frozen=True, slots=True)
class Asked:
    """One item of a smallest set: a fact or a question, what it is now and what would do."""

    question: str
    fact: str | None = None
    criterion: str | None = None
    now: str | None = None
    needed: str | None = None
    value: FactValue | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class WouldChange:
    can_change: bool
    why_not: str | None
    complete: bool
    sets: tuple[tuple[Asked, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Rationale:
    """Why one rule said what it said, in a few bytes: bits of its literals that are met and that are unknown."""

    policy: str
    version: date
    rule: str
    met_bits: int
    unknown_bits: int


@dataclass(frozen=True, slots=True)
class RuledSource:
    """One policy, contract, mandate or Medicare source that names the service, and what it answered."""

    kind: SourceKind
    id: str
    rank: int
    outcome: Outcome
    reason_key: str
    position: Position | None = None
    version: date | None = None
    published: date | None = None
    content_hash: str | None = None
    ruled: bool = False
    sentences: tuple[CitedSentence, ...] = ()
    rationale: tuple[Rationale, ...] = ()


@dataclass(frozen=True, slots=True)
class Branch:
    """What one line of business, state or plan would get where the case does not say which it is."""

    dimension: str
    value: str
    outcome: Outcome
    reason_key: str
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class Authorization:
    required: bool | None = None
    sentences: tuple[CitedSentence, ...] = ()


@dataclass(frozen=True, slots=True)
class Adjustment:
    """The claim adjustment a payer would use: group, CARC and RARCs; numbers only."""

    group: str | None = None
    carc: str | None = None
    rarc: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Determination:
    outcome: Outcome
    reason_kind: ReasonKind
    reason_key: str
    reason: str
    determination_id: str
    date_of_service: date
    known_on: date
    position: Position | None = None
    reading: tuple[str, ...] = ()
    policy: str | None = None
    version: date | None = None
    content_hash: str | None = None
    sentences: tuple[CitedSentence, ...] = ()
    criteria: tuple[JudgedCriterion, ...] = ()
    missing: tuple[tuple[Asked, ...], ...] = ()
    would_change: WouldChange | None = None
    branches: tuple[Branch, ...] = ()
    assumed: tuple[str, ...] = ()
    sources: tuple[RuledSource, ...] = ()
    authorization: Authorization = Authorization()
    adjustment: Adjustment | None = None
    appeal: str | None = None
    contact: str | None = None
