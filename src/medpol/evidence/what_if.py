"""What would have to be true for a pool to say something else: studies added or removed, and the smallest new trial. Not a forecast."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from medpol.evidence.asking import Asked
from medpol.evidence.assessment import Open, assess
from medpol.evidence.pooling import Effect, Measure, Pooled, pool
from medpol.evidence.pools import PoolFound, pool_asked
from medpol.model.conventions import Conventions
from medpol.model.studies import AssessmentRow, Criterion, EvidenceBase, Met, Profile, Study

NEW = "new trial"
SMALLEST_GROUP, LARGEST_GROUP = 2, 1_000_000
"""Nobody could run a greater trial than the largest; what it cannot do, no single trial can."""


@dataclass(frozen=True, slots=True)
class Compared:
    """A pool as it is and as it would be, and what was changed."""

    changed: str
    before: PoolFound
    after: PoolFound


def without(
    base: EvidenceBase, asked: Asked, studies: Sequence[str], conventions: Conventions | None = None
) -> Compared:
    """The pool without some studies. Where one shared its patients with another record, that record takes its place.

    Raises:
        ValueError: A study has no record here.
    """
    for each in studies:
        if base.study(each) is None:
            known = ", ".join(sorted({study.id for study in base.studies}))
            raise ValueError(f"no record of a study {each!r}; there are {known or 'none'}")
    kept = replace(base, studies=tuple(each for each in base.studies if each.id not in studies))
    return Compared(
        f"without {', '.join(studies)}", pool_asked(base, asked, conventions), pool_asked(kept, asked, conventions)
    )


def with_study(base: EvidenceBase, asked: Asked, study: Study, conventions: Conventions | None = None) -> Compared:
    """The pool with one record more; where a record of the same study is held, it takes that one's place."""
    others = tuple(each for each in base.studies if each.id != study.id)
    wider = replace(base, studies=(*others, study))
    return Compared(f"with {study.id}", pool_asked(base, asked, conventions), pool_asked(wider, asked, conventions))


# ---------------------------------------------------------------------------- the smallest new trial


@dataclass(frozen=True, slots=True)
class NewTrial:
    """A trial of two equal groups with a stated effect: a difference with the SD of both groups, or a ratio with the risk.

    ``effect`` is in the unit of the pool, negative (or a ratio below 1) in favour of the intervention. ``sd`` is wanted
    for mean differences, ``risk`` (of the comparator's group) for ratios and risk differences; a standardised
    difference needs neither.
    """

    effect: float
    sd: float | None = None
    risk: float | None = None


@dataclass(frozen=True, slots=True)
class SmallestTrial:
    """The size of each group that moves the interval past the goal, with the pool it makes; or that no single trial can.

    ``bound`` is the interval's worse end, on the scale people read: with the trial that was found, or with the largest
    that was tried. ``goal`` is on the same scale.
    """

    trial: NewTrial
    goal: float
    group_size: int | None
    bound: float
    pooled: Pooled
    conventions: Conventions

    @property
    def says(self) -> str:
        if self.group_size is not None:
            return f"two groups of {self.group_size} move the interval past {self.goal:g}: its end is then {self.bound:.4g}"
        return (
            f"no single trial can: with two groups of {LARGEST_GROUP:,} the interval still ends at {self.bound:.4g}, "
            f"not past {self.goal:g}"
        )


def smallest_trial(found: PoolFound, trial: NewTrial, goal: float | None = None) -> SmallestTrial:
    """The smallest trial after which the whole interval lies past the goal on the side of the intervention.

    The goal is the important difference where none is given, and no difference where the scale has none. Sizes are
    doubled until one is enough, then halved in between.

    Raises:
        ValueError: The trial lacks its SD or risk, or its effect cannot be.
    """
    measure = found.pooled.measure if isinstance(found.pooled, Pooled) else _measure_of(found)
    if goal is None:
        goal = -found.scale.important_difference if found.scale.important_difference else measure.shown(0.0)
    edge = math.log(goal) if measure.is_ratio else goal
    make = _maker(trial, measure)
    effects = list(found.pooled.effects) if isinstance(found.pooled, Pooled) else []

    def pooled_with(size: int) -> Pooled:
        pooled = pool([*effects, make(size)], found.conventions)
        assert isinstance(pooled, Pooled)  # the new trial is in it
        return pooled

    size = _smallest(lambda size: pooled_with(size).estimate.interval.upper < edge)
    pooled = pooled_with(LARGEST_GROUP if size is None else size)
    return SmallestTrial(trial, goal, size, pooled.shown[2], pooled, found.conventions)


def _smallest(is_enough: Callable[[int], bool]) -> int | None:
    enough = SMALLEST_GROUP
    while not is_enough(enough):
        if enough == LARGEST_GROUP:
            return None
        enough = min(2 * enough, LARGEST_GROUP)
    short = enough // 2
    while enough - short > 1 and enough > SMALLEST_GROUP:
        middle = (short + enough) // 2
        short, enough = (short, middle) if is_enough(middle) else (middle, enough)
    return enough


def _measure_of(found: PoolFound) -> Measure:
    return next(each for each in Measure if each.value == found.scale.measure)


def _maker(trial: NewTrial, measure: Measure) -> Callable[[int], Effect]:
    """What makes the effect of the trial from the size of each group."""
    if measure is Measure.MEAN_DIFFERENCE:
        if trial.sd is None or not 0 < trial.sd < math.inf:
            raise ValueError("a new trial of a mean difference needs the standard deviation of its groups, above 0")
        return lambda size: Effect(NEW, trial.effect, 2 * (trial.sd or 0.0) ** 2 / size, measure)
    if measure is Measure.STANDARDIZED_MEAN_DIFFERENCE:
        return lambda size: Effect(NEW, trial.effect, 2 / size + trial.effect**2 / (4 * size), measure)
    if measure in (Measure.ODDS_RATIO, Measure.RISK_RATIO, Measure.RISK_DIFFERENCE):
        return _of_risks(trial, measure)
    raise ValueError(f"the size of a new trial cannot be told for a {measure.value}")


def _of_risks(trial: NewTrial, measure: Measure) -> Callable[[int], Effect]:
    if trial.risk is None or not 0 < trial.risk < 1:
        raise ValueError(f"a new trial of a {measure.value} needs the risk in its comparator's group, between 0 and 1")
    if measure is not Measure.RISK_DIFFERENCE and trial.effect <= 0:
        raise ValueError(f"a {measure.value} is above 0, found {trial.effect:g}")
    odds = trial.effect * trial.risk / (1 - trial.risk)
    risk = {
        Measure.ODDS_RATIO: odds / (1 + odds),
        Measure.RISK_RATIO: trial.effect * trial.risk,
        Measure.RISK_DIFFERENCE: trial.risk + trial.effect,
    }[measure]
    if not 0 < risk < 1:
        raise ValueError(f"the effect {trial.effect:g} on a risk of {trial.risk:g} gives {risk:g}, which is no risk")

    def made(size: int) -> Effect:
        # Expected counts, which need not be whole.
        a, c = size * risk, size * (trial.risk or 0.0)
        b, d = size - a, size - c
        if measure is Measure.RISK_DIFFERENCE:
            return Effect(NEW, trial.effect, a * b / size**3 + c * d / size**3, measure)
        variance = 1 / a + 1 / b + 1 / c + 1 / d if measure is Measure.ODDS_RATIO else b / (a * size) + d / (c * size)
        return Effect(NEW, math.log(trial.effect), variance, measure)

    return made


# ---------------------------------------------------------------------------- what would then be open


def opened(profile: Profile, table: Sequence[AssessmentRow] = (), *met: Criterion) -> tuple[Open, ...]:
    """The conclusions, with their positions, that are possible once some criteria are met; the others stay as judged.

    Without criteria given: that the evidence permits conclusions, and that the net outcome improves.
    """
    would = met or (Criterion.EVIDENCE, Criterion.NET_OUTCOME)
    judged = {each: profile.met(each) for each in Criterion}
    return assess(judged | dict.fromkeys(would, Met.MET), table).possible
