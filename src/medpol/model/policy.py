"""One version of a medical policy: its identity and dates, its sections, and what they hold."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from enum import Enum
from typing import TypeVar

from medpol.model.codes import CodePattern
from medpol.model.criteria import Rule
from medpol.model.dates import EffectivePeriod, StatedDate
from medpol.model.diagnostic import Source
from medpol.model.evidence import (
    Guideline,
    HistoryRow,
    MedicareSource,
    Population,
    Reference,
    Trial,
)
from medpol.model.facts import BUILT_IN_FACTS, FactDeclaration
from medpol.model.lines import EVERYWHERE, Scope
from medpol.model.positions import CoveragePosition
from medpol.model.quantities import Quantity


class SectionName(Enum):
    """The standard sections, in the order in which they are printed."""

    INTRODUCTION = "Introduction"
    CRITERIA = "Policy coverage criteria"
    CODING = "Coding"
    DOCUMENTATION = "Documentation requirements"
    DEFINITIONS = "Definitions"
    RELATED = "Related policies"
    DESCRIPTION = "Description"
    BACKGROUND = "Background"
    EVIDENCE = "Evidence review"
    TRIALS = "Clinical trials"
    GUIDELINES = "Practice guidelines"
    MEDICARE = "Medicare"
    REGULATORY = "Regulatory status"
    REFERENCES = "References"
    HISTORY = "History"
    SCOPE = "Scope"
    DISCLAIMER = "Disclaimer"


class CodeRole(Enum):
    GOVERNED = "governed"
    SUPPORTS = "supports"
    EXCLUDES = "excludes"
    INFORMATIONAL = "informational"


@dataclass(frozen=True, slots=True)
class CodeRow:
    """One row of the Coding table. ``pattern=None``: the service has no code of its own yet."""

    group: str
    system: str
    pattern: CodePattern | None
    role: CodeRole
    period: EffectivePeriod = EffectivePeriod()
    label: str = ""
    dose_per_unit: Quantity | None = None
    source: Source = field(default=Source(""), compare=False)


@dataclass(frozen=True, slots=True)
class ValueSet:
    """A named list. ``is_open``: "including but not limited to", so that a miss is unknown."""

    name: str
    values: tuple[str, ...]
    is_open: bool = False
    sentence: str = ""
    source: Source = field(default=Source(""), compare=False)


@dataclass(frozen=True, slots=True)
class LookupTable:
    """A two-column table: the greatest row not above a fact gives the value."""

    name: str
    heading: str
    columns: tuple[str, str]
    rows: tuple[tuple[Quantity, Quantity], ...]
    source: Source = field(default=Source(""), compare=False)


@dataclass(frozen=True, slots=True)
class Prose:
    """Text as written, positions kept by its first line."""

    text: str
    source: Source = field(default=Source(""), compare=False)


@dataclass(frozen=True, slots=True)
class Addressed:
    """Prose with the readers it is for (public, providers, plan staff)."""

    audience: tuple[str, ...]
    prose: str


@dataclass(frozen=True, slots=True)
class Criteria:
    rules: tuple[Rule, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Coding:
    rows: tuple[CodeRow, ...] = ()
    prose: str = ""


@dataclass(frozen=True, slots=True)
class Definitions:
    value_sets: tuple[ValueSet, ...] = ()
    tables: tuple[LookupTable, ...] = ()
    facts: tuple[FactDeclaration, ...] = ()
    prose: str = ""


@dataclass(frozen=True, slots=True)
class EvidenceReview:
    populations: tuple[Population, ...] = ()
    prose: str = ""


@dataclass(frozen=True, slots=True)
class Trials:
    trials: tuple[Trial, ...] = ()
    prose: str = ""


@dataclass(frozen=True, slots=True)
class Guidelines:
    inclusion_rule: str = ""
    guidelines: tuple[Guideline, ...] = ()
    prose: str = ""


@dataclass(frozen=True, slots=True)
class Medicare:
    statement: str = ""
    sources: tuple[MedicareSource, ...] = ()
    prose: str = ""


@dataclass(frozen=True, slots=True)
class Regulatory:
    approval_needed: bool | None = None
    prose: str = ""


@dataclass(frozen=True, slots=True)
class References:
    references: tuple[Reference, ...] = ()
    prose: str = ""


@dataclass(frozen=True, slots=True)
class History:
    rows: tuple[HistoryRow, ...] = ()
    prose: str = ""


Body = (
    Prose
    | Addressed
    | Criteria
    | Coding
    | Definitions
    | EvidenceReview
    | Trials
    | Guidelines
    | Medicare
    | Regulatory
    | References
    | History
)


_B = TypeVar("_B")


@dataclass(frozen=True, slots=True)
class Section:
    """A section under its own heading; ``name=None`` where we do not know the heading and keep the text whole."""

    heading: str
    name: SectionName | None
    body: Body
    source: Source = field(default=Source(""), compare=False)


@dataclass(frozen=True, slots=True)
class Notice:
    """What the document says of the notice given: when sent, days owed, to whom, why."""

    sent: StatedDate | None = None
    days: int | None = None
    audience: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """One dated version of one policy.

    ``first_day`` is the first day in force, or for an archived version the day from which nothing is in force; ``None``
    while no whole day is stated. ``known_from`` is the day from which the library may speak of it; ``None`` makes it a
    draft. No date here is computed.
    """

    policy: str
    title: str
    publisher: str = ""
    reference_policy: str = ""
    replaces: str = ""
    effective: StatedDate | None = None
    archived: StatedDate | None = None
    approved: StatedDate | None = None
    row_date: StatedDate | None = None
    published: StatedDate | None = None
    last_revised: StatedDate | None = None
    review_due: StatedDate | None = None
    literature_through: StatedDate | None = None
    notice: Notice = Notice()
    lines_of_business: Scope = EVERYWHERE
    states: Scope = EVERYWHERE
    plans: Scope = EVERYWHERE
    related: tuple[str, ...] = ()
    positions: tuple[tuple[str, CoveragePosition], ...] = ()
    withdraws: tuple[date, ...] = ()
    rights: str = ""
    origin: str = ""
    doubtful: tuple[str, ...] = ()
    heading: str = ""
    preamble: str = ""
    sections: tuple[Section, ...] = ()
    source: Source = field(default=Source(""), compare=False)
    content_hash: str = field(default="", compare=False)
    places: tuple[tuple[str, Source], ...] = field(default=(), compare=False)

    @property
    def is_archived(self) -> bool:
        return self.archived is not None

    @property
    def first_day(self) -> date | None:
        stated = self.archived if self.archived is not None else self.effective
        return None if stated is None else stated.day

    @property
    def known_from(self) -> date | None:
        """The published day, else the row date; never the approval, never computed."""
        stated = self.published if self.published is not None else self.row_date
        return None if stated is None else stated.day

    @property
    def known_from_is_inferred(self) -> bool:
        return self.published is None and self.known_from is not None

    @property
    def is_draft(self) -> bool:
        return self.first_day is None or self.known_from is None

    def place(self, key: str) -> Source:
        """Where a front-matter key stands, or the top of the file."""
        return dict(self.places).get(key, self.source)

    def section(self, name: SectionName) -> Section | None:
        return next((section for section in self.sections if section.name is name), None)

    def _body(self, name: SectionName, kind: type[_B], empty: _B) -> _B:
        section = self.section(name)
        return section.body if section is not None and isinstance(section.body, kind) else empty

    @property
    def rules(self) -> tuple[Rule, ...]:
        return self._body(SectionName.CRITERIA, Criteria, Criteria()).rules

    @property
    def code_rows(self) -> tuple[CodeRow, ...]:
        return self._body(SectionName.CODING, Coding, Coding()).rows

    @property
    def definitions(self) -> Definitions:
        return self._body(SectionName.DEFINITIONS, Definitions, Definitions())

    @property
    def populations(self) -> tuple[Population, ...]:
        return self._body(SectionName.EVIDENCE, EvidenceReview, EvidenceReview()).populations

    @property
    def trials(self) -> tuple[Trial, ...]:
        return self._body(SectionName.TRIALS, Trials, Trials()).trials

    @property
    def guidelines(self) -> Guidelines:
        return self._body(SectionName.GUIDELINES, Guidelines, Guidelines())

    @property
    def medicare(self) -> Medicare:
        return self._body(SectionName.MEDICARE, Medicare, Medicare())

    @property
    def regulatory(self) -> Regulatory:
        return self._body(SectionName.REGULATORY, Regulatory, Regulatory())

    @property
    def references(self) -> tuple[Reference, ...]:
        return self._body(SectionName.REFERENCES, References, References()).references

    @property
    def history(self) -> tuple[HistoryRow, ...]:
        return self._body(SectionName.HISTORY, History, History()).rows


def dose_facts(rows: Iterable[CodeRow]) -> tuple[FactDeclaration, ...]:
    """``service.dose`` with the unit in which the Coding table states doses; nothing where it states none."""
    units = [row.dose_per_unit.unit for row in rows if row.dose_per_unit is not None]
    built_in = next(fact for fact in BUILT_IN_FACTS if fact.name == "service.dose")
    return (replace(built_in, unit=units[0]),) if units else ()


def governed_groups(version: PolicyVersion) -> tuple[str, ...]:
    """The groups with role governed, each once, in document order."""
    return tuple(dict.fromkeys(row.group for row in version.code_rows if row.role is CodeRole.GOVERNED))


def services_of(version: PolicyVersion, rule: Rule) -> tuple[str, ...]:
    """The groups a rule speaks of: its own, or every governed group where it names none."""
    return rule.services or governed_groups(version)
