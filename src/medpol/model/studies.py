"""The evidence beside a policy as values: what is asked, what studies report, how certain it is, what was concluded."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import TypeVar

from medpol.model.conventions import Conventions
from medpol.model.dates import StatedDate, stated
from medpol.model.diagnostic import Source
from medpol.model.positions import CoveragePosition

NOT_REPORTED = "not reported"
"""What is written where a source does not say: a value, which may stand in any cell that may not be blank."""

_NUMBER = re.compile(r"(?P<bound><=|>=|≤|≥|<|>)?\s*(?P<number>[-+−]?(?:\d+(?:\.\d*)?|\.\d+))\s*%?", re.ASCII)
_BOUNDS = {"≤": "<=", "≥": ">="}


class Checked(Enum):
    """What a number was held against."""

    FULL_TEXT = "full text"
    ABSTRACT = "abstract"
    SECOND_HAND = "second-hand"
    NO = "no"

    @property
    def is_verified(self) -> bool:
        """Whether somebody held it against the study's own words; other numbers are shown marked, pooled only when asked for."""
        return self in (Checked.FULL_TEXT, Checked.ABSTRACT)


@dataclass(frozen=True, slots=True)
class Reported:
    """A number as the source printed it: ``-14.40``, ``<0.001``, ``32 %``, or the words *not reported*."""

    text: str

    @property
    def is_reported(self) -> bool:
        return self.text.casefold() != NOT_REPORTED

    @property
    def number(self) -> Decimal | None:
        """The number without its bound or percent sign; ``None`` for words."""
        match = _NUMBER.fullmatch(self.text.strip())
        return None if match is None else Decimal(match["number"].replace("−", "-"))

    @property
    def bound(self) -> str:
        """``<``, ``<=``, ``>``, ``>=``, or nothing where the number itself is stated."""
        match = _NUMBER.fullmatch(self.text.strip())
        bound = "" if match is None else match["bound"] or ""
        return _BOUNDS.get(bound, bound)

    @property
    def exact(self) -> float | None:
        """The number where it is stated itself and not only bounded."""
        number = self.number
        return None if number is None or self.bound else float(number)

    @property
    def half_unit(self) -> Decimal:
        """Half of the last printed decimal: the true number lies this near, as far as rounding goes."""
        number = self.number
        exponent = 0 if number is None else number.as_tuple().exponent
        return Decimal("0.5").scaleb(exponent if isinstance(exponent, int) else 0)


class ComparatorKind(Enum):
    SHAM = "sham"
    PLACEBO = "placebo"
    NO_TREATMENT = "no treatment"
    WAITING_LIST = "waiting list"
    USUAL_CARE = "usual care"
    ACTIVE = "active"
    MIXED = "mixed"


class OutcomeKind(Enum):
    CONTINUOUS = "continuous"
    BINARY = "binary"
    HARM = "harm"


class Better(Enum):
    LOWER = "lower"
    HIGHER = "higher"


class Weight(Enum):
    """How much an outcome matters to a decision, as GRADE sorts them."""

    CRITICAL = "critical"
    IMPORTANT = "important"


@dataclass(frozen=True, slots=True)
class TargetPopulation:
    """People for whom something is asked. ``named`` is the population's name in the policy's printed evidence review."""

    id: str
    says: str
    part_of: str = ""
    named: str = ""
    value_sets: tuple[str, ...] = ()
    source: Source = field(default=Source(""), compare=False)


@dataclass(frozen=True, slots=True)
class Intervention:
    """What is tried. ``services`` are the policy's code groups that it is billed under."""

    id: str
    says: str
    services: tuple[str, ...] = ()
    source: Source = field(default=Source(""), compare=False)


@dataclass(frozen=True, slots=True)
class Comparator:
    """What it is held against; ``which`` names an active or mixed one. ``part_of`` is a wider comparator it belongs to."""

    id: str
    kind: ComparatorKind
    which: str = ""
    part_of: str = ""
    source: Source = field(default=Source(""), compare=False)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is measured. ``important_difference`` is the minimal important difference in ``unit``, ``important_source`` who says so.

    ``named`` is the outcome of the policy's printed line `Outcomes:` that this one answers. ``range`` is the span of the
    scale, its lowest and highest value, where it has one.
    """

    id: str
    says: str
    kind: OutcomeKind
    unit: str = ""
    range: tuple[Decimal, Decimal] | None = None
    better: Better | None = None
    important_difference: Decimal | None = None
    important_source: str = ""
    weight: Weight = Weight.IMPORTANT
    named: str = ""
    source: Source = field(default=Source(""), compare=False)


@dataclass(frozen=True, slots=True)
class Band:
    """A span of follow-up times. ``up_to`` is its last day after the start of treatment, ``None`` where it has no end.

    ``printed_as`` holds other words for it, such as *end of treatment*.
    """

    name: str
    up_to: int | None
    printed_as: tuple[str, ...] = ()
    source: Source = field(default=Source(""), compare=False)


@dataclass(frozen=True, slots=True)
class Question:
    """Population x intervention x comparator x outcome x band of follow-up, by their ids."""

    population: str
    intervention: str
    comparator: str
    outcome: str
    band: str
    source: Source = field(default=Source(""), compare=False)


@dataclass(frozen=True, slots=True)
class PoolAsked:
    """A pool that is shown and signed on. ``comparators`` is empty for any; ``left_out`` names studies kept out, with reasons.

    ``outcome`` gives the unit and the direction; ``also`` are others that are pooled with it, rescaled to its unit. An
    empty ``band`` takes the last follow-up of each study. ``is_unverified`` where numbers that nobody held against the
    study's own words are wanted in it; they are marked.
    """

    id: str
    population: str
    outcome: str
    comparators: tuple[str, ...]
    band: str
    measure: str
    left_out: tuple[tuple[str, str], ...] = ()
    also: tuple[str, ...] = ()
    is_unverified: bool = False
    source: Source = field(default=Source(""), compare=False)


@dataclass(frozen=True, slots=True)
class Questions:
    """One ``questions.md``: what is asked for one policy, in which words, pooled by which conventions."""

    policy: str
    recorded: date
    populations: tuple[TargetPopulation, ...] = ()
    interventions: tuple[Intervention, ...] = ()
    comparators: tuple[Comparator, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    bands: tuple[Band, ...] = ()
    questions: tuple[Question, ...] = ()
    pools: tuple[PoolAsked, ...] = ()
    conventions: Conventions = Conventions()
    prose: str = ""
    source: Source = field(default=Source(""), compare=False)
    content_hash: str = field(default="", compare=False)

    def population(self, id: str) -> TargetPopulation | None:
        return next((each for each in self.populations if each.id == id), None)

    def outcome(self, id: str) -> Outcome | None:
        return next((each for each in self.outcomes if each.id == id), None)

    def comparator(self, id: str) -> Comparator | None:
        return next((each for each in self.comparators if each.id == id), None)

    def band_of(self, timepoint: str) -> Band | None:
        """The band of a timepoint as printed: by its words, or by its length where it states one; ``None`` where neither says."""
        words = " ".join(timepoint.casefold().split())
        for band in self.bands:
            if words in (
                band.name.casefold(),
                f"{band.name.casefold()} term",
                *(each.casefold() for each in band.printed_as),
            ):
                return band
        days = days_of(words)
        if days is None:
            return None
        return next((band for band in self.bands if band.up_to is None or days <= band.up_to), None)

    def why_apart(self, outcomes: Sequence[str]) -> str:
        """Why declared outcomes cannot be pooled together, in words; nothing where they can."""
        declared = {each.id: each for each in self.outcomes}
        held = [declared[id] for id in outcomes if id in declared]
        for each in held[1:]:
            if (each.kind is OutcomeKind.CONTINUOUS) is not (held[0].kind is OutcomeKind.CONTINUOUS):
                return f"{held[0].id} is {held[0].kind.value} and {each.id} is {each.kind.value}"
            if (each.better is None) is not (held[0].better is None):
                undeclared = each if each.better is None else held[0]
                return f"which direction of {undeclared.id} is better is not declared"
        return ""

    def within(self, population: str, wider: str) -> bool:
        """Whether a population is another one or a part of it."""
        return wider in _upwards(population, {each.id: each.part_of for each in self.populations})

    def compares(self, comparator: str, wider: str) -> bool:
        """Whether a comparator is another one or a part of it."""
        return wider in _upwards(comparator, {each.id: each.part_of for each in self.comparators})


_DAYS = {"day": 1, "week": 7, "month": 30, "year": 365}


def days_of(timepoint: str) -> int | None:
    """The length of ``6 weeks``, ``12 months`` and the like in days, months of 30 and years of 365; ``None`` for other words."""
    match = re.match(r"(\d+(?:\.\d+)?)[\s-]*(day|week|month|year)s?\b", timepoint.strip().casefold(), re.ASCII)
    return None if match is None else round(float(match[1]) * _DAYS[match[2]])


def _upwards(id: str, parents: dict[str, str]) -> Iterator[str]:
    seen: set[str] = set()
    while id and id not in seen:
        yield id
        seen.add(id)
        id = parents.get(id, "")


class StudyKind(Enum):
    TRIAL = "randomised trial"
    OBSERVATIONAL = "observational study"
    REVIEW = "systematic review"
    SURVEY = "survey"
    GUIDELINE = "guideline"
    STATEMENT = "position statement"
    NARRATIVE = "narrative review"
    TEXTBOOK = "textbook"


class Favours(Enum):
    """A direction in words. It is counted and shown, never pooled."""

    INTERVENTION = "intervention"
    COMPARATOR = "comparator"
    NEITHER = "neither"


@dataclass(frozen=True, slots=True)
class GroupResult:
    """What was seen in one group: mean with SD, or events, among ``size`` people."""

    mean: Reported | None = None
    sd: Reported | None = None
    size: Reported | None = None
    events: Reported | None = None
    percent: Reported | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """One reported result: groups, or an estimate with its interval, or a direction in words.

    ``outcome`` and ``comparator`` are ids of the questions, ``timepoint`` is as printed; *not reported* may stand in the
    last two, and such a result is shown and never pooled. ``group`` names the one group of a change within a group, which
    compares nothing. ``called`` is what the source calls it: *significant*, *not significant*. ``trials`` and
    ``participants`` are those of a review's pool, ``certainty`` the level that its authors give.
    """

    outcome: str
    comparator: str
    timepoint: str
    measure: str = ""
    estimate: Reported | None = None
    lower: Reported | None = None
    upper: Reported | None = None
    level: Reported | None = None
    p: Reported | None = None
    unit: str = ""
    intervention_group: GroupResult | None = None
    comparator_group: GroupResult | None = None
    group: str = ""
    favours: Favours | None = None
    direction: str = ""
    called: str = ""
    trials: Reported | None = None
    participants: Reported | None = None
    certainty: str = ""
    checked: Checked = Checked.NO
    note: str = ""
    source: Source = field(default=Source(""), compare=False)

    @property
    def is_complete(self) -> bool:
        """Whether all five parts of a unit of evidence are stated."""
        return NOT_REPORTED not in (self.comparator.casefold(), self.timepoint.casefold())


@dataclass(frozen=True, slots=True)
class Harm:
    """One row of the harms: an event, how it is counted (*per treatment*, *per person*), in which group, how often."""

    event: str
    counted: str
    events: Reported
    of: Reported
    percent: Reported
    severity: str
    group: str
    checked: Checked = Checked.NO
    note: str = ""
    source: Source = field(default=Source(""), compare=False)


@dataclass(frozen=True, slots=True)
class RiskOfBias:
    """Judgements by the items of a tool, as printed: *yes* and *no*, or *low*, *some concerns*, *high*, *unclear*."""

    tool: str = ""
    score: str = ""
    is_confirmed: bool = False
    items: tuple[tuple[str, str], ...] = ()
    says: str = ""
    source: Source = field(default=Source(""), compare=False)


@dataclass(frozen=True, slots=True)
class Size:
    """A number of people, trials or treatments: ``of`` says what was counted (*participants*, *planned*, *trials* ...)."""

    of: str
    number: Reported
    checked: Checked = Checked.NO
    source: Source = field(default=Source(""), compare=False)


@dataclass(frozen=True, slots=True)
class Included:
    """A trial that a review pools, by the id of its record where there is one."""

    study: str
    participants: Reported
    note: str = ""
    source: Source = field(default=Source(""), compare=False)


class Standing(Enum):
    """What became of a publication after it was printed, as a person recorded it."""

    RETRACTED = "retracted"
    OF_CONCERN = "of concern"
    CORRECTED = "corrected"
    SUPERSEDED = "superseded"


_STATUS = re.compile(
    rf"(?P<standing>{'|'.join(each.value for each in Standing)})\s+(?P<day>\d{{4}}(?:-\d{{2}}){{0,2}})(?:\s+by\s+(?P<by>\S.*?))?\s*",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class StudyStatus:
    """``retracted 2025-01-01 by 10.1000/notice``: what became of it, since when, and the notice or record that says so."""

    standing: Standing
    day: StatedDate
    by: str = ""

    @classmethod
    def read(cls, text: str) -> StudyStatus | None:
        """The status as it is written in a record; ``None`` for other words, or a day that is none."""
        match = _STATUS.fullmatch(text.strip())
        day = None if match is None else stated(match["day"])
        if match is None or day is None or day.last_day() is None:
            return None
        return cls(Standing(match["standing"]), day, match["by"] or "")

    def __str__(self) -> str:
        return f"{self.standing.value} {self.day.text}" + (f" by {self.by}" if self.by else "")


@dataclass(frozen=True, slots=True)
class Study:
    """One record of one study, as it was known on the day ``recorded``; a correction is a later record.

    ``population`` is the id of a population of the questions, *all* or *none*. ``asked`` is the question in the source's
    own terms, by part. ``reference`` is its number in the policy's reference list, ``None`` where the policy does not cite
    it. ``to_check`` lists what a person has to look up in the full text before it is used. ``status`` is what became of
    the publication since; ``None`` where nothing is known to have.
    """

    id: str
    recorded: date
    kind: StudyKind
    design: str = ""
    first_author: str = ""
    year: int | None = None
    title: str = ""
    citation: str = ""
    pmid: str = ""
    doi: str = ""
    pmcid: str = ""
    registrations: tuple[str, ...] = ()
    reference: int | None = None
    population: str = "none"
    intervention: str = ""
    literature_through: StatedDate | None = None
    same_patients_as: tuple[str, ...] = ()
    checked: Checked = Checked.NO
    status: StudyStatus | None = None
    asked: tuple[tuple[str, str], ...] = ()
    sizes: tuple[Size, ...] = ()
    results: tuple[Result, ...] = ()
    harms: tuple[Harm, ...] = ()
    bias: RiskOfBias | None = None
    included: tuple[Included, ...] = ()
    sources: tuple[str, ...] = ()
    to_check: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    prose: str = ""
    source: Source = field(default=Source(""), compare=False)
    content_hash: str = field(default="", compare=False)

    def size(self, of: str) -> Reported | None:
        return next((each.number for each in self.sizes if each.of == of), None)


class Level(Enum):
    """How certain a body of evidence is (GRADE)."""

    HIGH = "high"
    MODERATE = "moderate"
    LOW = "low"
    VERY_LOW = "very low"


class Domain(Enum):
    """What certainty is lowered or raised for (GRADE)."""

    RISK_OF_BIAS = "risk of bias"
    INCONSISTENCY = "inconsistency"
    INDIRECTNESS = "indirectness"
    IMPRECISION = "imprecision"
    PUBLICATION_BIAS = "publication bias"
    LARGE_EFFECT = "large effect"
    DOSE_RESPONSE = "dose response"
    CONFOUNDING = "plausible confounding"


@dataclass(frozen=True, slots=True)
class Signature:
    """Who stands behind a judgement, in which capacity, since when."""

    name: str
    role: str
    day: date


@dataclass(frozen=True, slots=True)
class CertaintyStep:
    """One domain of one outcome: levels down (-1, -2) or up, and why."""

    domain: Domain
    step: int
    reason: str
    source: Source = field(default=Source(""), compare=False)


@dataclass(frozen=True, slots=True)
class Certainty:
    """The level that a person gives to the evidence for one outcome, with a reason for each step."""

    outcome: str
    comparator: str
    band: str
    level: Level
    steps: tuple[CertaintyStep, ...] = ()
    signature: Signature | None = None
    source: Source = field(default=Source(""), compare=False)


class Criterion(Enum):
    """The five technology-assessment criteria, in their order."""

    APPROVAL = "regulatory approval"
    EVIDENCE = "evidence permits conclusions"
    NET_OUTCOME = "net health outcome improves"
    ALTERNATIVES = "as beneficial as alternatives"
    ATTAINABLE = "attainable outside investigation"


class Met(Enum):
    MET = "met"
    NOT_MET = "not met"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True, slots=True)
class CriterionJudged:
    criterion: Criterion
    met: Met
    reason: str = ""
    source: Source = field(default=Source(""), compare=False)


@dataclass(frozen=True, slots=True)
class AssessmentRow:
    """One row of the table from criteria to positions; a criterion that it does not name may be anything."""

    needs: tuple[tuple[Criterion, Met], ...]
    conclusion: str
    allowed: tuple[CoveragePosition, ...]
    source: Source = field(default=Source(""), compare=False)


@dataclass(frozen=True, slots=True)
class Overriding:
    """A statement kept although the table does not allow its position: why, and who approved it."""

    rule: str
    position: CoveragePosition
    reason: str
    signature: Signature
    source: Source = field(default=Source(""), compare=False)


@dataclass(frozen=True, slots=True)
class Profile:
    """What was judged for one population on one day: certainty, the five criteria, the conclusion, who signed on which inputs.

    ``inputs`` is the hash of the records that it was signed on, empty where it was signed on none. ``rest`` is true for
    the profile that concludes on everybody whom no other population names.
    """

    population: str
    intervention: str
    recorded: date
    inputs: str = ""
    is_rest: bool = False
    certainty: tuple[Certainty, ...] = ()
    criteria: tuple[CriterionJudged, ...] = ()
    conclusion: str = ""
    signature: Signature | None = None
    overridden: tuple[Overriding, ...] = ()
    prose: str = ""
    policy: str = ""
    source: Source = field(default=Source(""), compare=False)
    content_hash: str = field(default="", compare=False)

    def met(self, criterion: Criterion) -> Met:
        return next((each.met for each in self.criteria if each.criterion is criterion), Met.UNKNOWN)


@dataclass(frozen=True, slots=True)
class TrialWatched:
    """A registered trial that is watched, with what its registry said when it was recorded."""

    nct: str
    population: str
    status: str = ""
    enrolment: int | None = None
    completion: StatedDate = StatedDate("")
    note: str = ""
    source: Source = field(default=Source(""), compare=False)


class QuerySource(Enum):
    CLINICAL_TRIALS = "ClinicalTrials.gov"
    PUBMED = "PubMed"


@dataclass(frozen=True, slots=True)
class StoredQuery:
    """A search that is asked again: of a registry by condition and intervention, of PubMed by a term."""

    name: str
    asks: QuerySource
    condition: str = ""
    intervention: str = ""
    term: str = ""
    population: str = ""
    source: Source = field(default=Source(""), compare=False)


@dataclass(frozen=True, slots=True)
class Watching:
    """One ``trials.md``: the trials that are watched and the searches that are asked again."""

    policy: str
    recorded: date
    trials: tuple[TrialWatched, ...] = ()
    queries: tuple[StoredQuery, ...] = ()
    prose: str = ""
    source: Source = field(default=Source(""), compare=False)
    content_hash: str = field(default="", compare=False)


_R = TypeVar("_R", Questions, Study, Profile, Watching)


@dataclass(frozen=True, slots=True)
class EvidenceBase:
    """All records of the evidence beside one policy, whenever they were recorded."""

    policy: str
    questions: tuple[Questions, ...] = ()
    studies: tuple[Study, ...] = ()
    profiles: tuple[Profile, ...] = ()
    watching: tuple[Watching, ...] = ()

    def known_on(self, day: date) -> EvidenceBase:
        """The latest record of each thing that was recorded on or before a day."""
        return EvidenceBase(
            self.policy,
            _latest(self.questions, day, lambda each: ""),
            _latest(self.studies, day, lambda each: each.id),
            _latest(self.profiles, day, lambda each: each.population),
            _latest(self.watching, day, lambda each: ""),
        )

    @property
    def asked(self) -> Questions | None:
        """The latest questions."""
        return max(self.questions, key=lambda each: each.recorded, default=None)

    def study(self, id: str) -> Study | None:
        """The latest record of a study."""
        return max((each for each in self.studies if each.id == id), key=lambda each: each.recorded, default=None)

    def profile(self, population: str) -> Profile | None:
        """The latest profile of a population."""
        held = (each for each in self.profiles if each.population == population)
        return max(held, key=lambda each: each.recorded, default=None)


def _latest(records: Iterable[_R], day: date, key: Callable[[_R], str]) -> tuple[_R, ...]:
    held: dict[str, _R] = {}
    for each in sorted(records, key=lambda each: each.recorded):
        if each.recorded <= day:
            held[key(each)] = each
    return tuple(held[name] for name in sorted(held))
