"""One question to the evidence, and the words in which its answer is given: units, directions, what is beside a pool."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from medpol.model.conventions import Conventions
from medpol.model.diagnostic import Source
from medpol.model.studies import Checked, Favours, PoolAsked, Questions


class Method(Enum):
    """How tables and effects are pooled. Inverse variance follows the conventions; the others are fixed effects of counts."""

    INVERSE_VARIANCE = "inverse variance"
    MANTEL_HAENSZEL = "Mantel-Haenszel"
    PETO = "Peto"


@dataclass(frozen=True, slots=True)
class Asked:
    """Population x outcome x comparator x timepoint, as it is asked of the records.

    ``outcome`` gives unit and direction; results on those of ``also`` are pooled with it. ``comparators`` is empty for any; a wider one covers its parts. ``timepoint`` is a band by its name, or words exactly
    as they are printed; empty for any. ``measure`` is empty where the outcome gives it. ``left_out`` names studies that
    are kept out, with reasons.
    """

    population: str
    outcome: str
    comparators: tuple[str, ...] = ()
    timepoint: str = ""
    measure: str = ""
    pool: str = ""
    left_out: tuple[tuple[str, str], ...] = ()
    unverified: bool = False
    observational: bool = False
    method: Method = Method.INVERSE_VARIANCE
    also: tuple[str, ...] = ()

    @classmethod
    def of(cls, pool: PoolAsked) -> Asked:
        return cls(
            pool.population,
            pool.outcome,
            pool.comparators,
            pool.band,
            pool.measure,
            pool.id,
            pool.left_out,
            pool.is_unverified,
            also=pool.also,
        )

    @property
    def outcomes(self) -> tuple[str, ...]:
        """All outcomes asked for, the one that gives the unit first."""
        return self.outcome, *self.also


def refuse_unknown(asked: Asked, questions: Questions) -> None:
    """Raise ValueError where a part of the question is not among those that are declared, naming those that are."""
    declared = (
        ("population", (asked.population,), [each.id for each in questions.populations]),
        ("outcome", asked.outcomes, [each.id for each in questions.outcomes]),
        ("comparator", asked.comparators, [each.id for each in questions.comparators]),
    )
    for what, given, known in declared:
        for each in given:
            if each not in known:
                raise ValueError(f"no {what} {each!r} in {questions.source.file}; it has {', '.join(known) or 'none'}")
    if why := questions.why_apart(asked.outcomes):
        raise ValueError(f"{' and '.join(asked.outcomes)} cannot be pooled together: {why}")


class Why(Enum):
    """Why a result is not in a pool."""

    INCOMPLETE = "lacks a part of the unit of evidence"
    OTHER_TIME = "in no declared band of follow-up"
    WORDS_ONLY = "a direction in words only"
    P_ONLY = "a p-value only"
    WITHIN_GROUP = "a change within one group compares nothing"
    NOT_VERIFIED = "not verified"
    SAME_PATIENTS = "same patients as another record"
    NO_SPREAD = "no interval, standard deviation or size"
    OTHER_UNIT = "another unit"
    OTHER_MEASURE = "another measure"
    UNKNOWN_MEASURE = "a measure that is not known"
    OTHER_DESIGN = "another design"
    TAKEN_ONCE = "the study is in the pool with another result"
    ASKED_TO = "kept out by the question"
    IMPOSSIBLE = "numbers that cannot be"


@dataclass(frozen=True, slots=True)
class NotPooled:
    """A result that answers the question and is not in the pool, why, and where it stands."""

    study: str
    why: Why
    says: str
    outcome: str
    comparator: str
    timepoint: str
    favours: Favours | None
    checked: Checked
    source: Source


@dataclass(frozen=True, slots=True)
class Beside:
    """A review's own pool, as printed: shown beside ours, never pooled with trials."""

    study: str
    year: int | None
    comparator: str
    timepoint: str
    measure: str
    estimate: str
    lower: str
    upper: str
    trials: str
    participants: str
    certainty: str
    checked: Checked
    source: Source
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class Axis:
    """What lies on each side of no difference, once numbers are turned so that negative favours the intervention."""

    negative: str
    positive: str
    says: str
    is_turned: bool = False


@dataclass(frozen=True, slots=True)
class Scale:
    """The measure of a pool by its name, the unit of its numbers, its axis, and the difference that matters on it."""

    measure: str
    unit: str
    axis: Axis
    important_difference: float | None = None
    important_source: str = ""
    conventions: Conventions = field(default_factory=Conventions)
