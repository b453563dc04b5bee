"""What is computed of a policy's records: its declared pools drawn, its summary of findings, and what would have to be true.

All of it needs numpy and scipy, of the extra `evidence`; where the package was installed without it, nothing is computed
and the pages say so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import median
from types import MappingProxyType
from typing import TYPE_CHECKING

from medpol.evidence.assessment import Open
from medpol.evidence.drawing import UNVERIFIED, Forest, ForestGroup, ForestPool, study_label
from medpol.evidence.drawing.words import estimate_words, figure, p_words
from medpol.model.grading import GradingThresholds
from medpol.model.studies import NOT_REPORTED, AssessmentRow, EvidenceBase

try:
    from medpol.evidence.drawing.pooled import forest_of_pool, funnel_of_pool
    from medpol.evidence.findings_table import findings_table
    from medpol.evidence.pooling import Measure, Pooled, Subgroups, subgroups
    from medpol.evidence.pools import pools_of
    from medpol.evidence.what_if import NewTrial, opened, smallest_trial
except ModuleNotFoundError as missing:  # the extra `evidence` is not installed
    if (missing.name or "").split(".")[0] == "medpol":
        raise
    CAN_POOL = False
else:
    CAN_POOL = True

if TYPE_CHECKING:
    from medpol.evidence.asking import Beside
    from medpol.evidence.findings_table import Finding
    from medpol.evidence.pools import PoolFound, Step
    from medpol.evidence.rows import Row

NOT_POOLED = "Pools are not computed here: this service was installed without the extra `evidence`."


@dataclass(frozen=True, slots=True)
class StepShown:
    """A pool with one study more, or with one left out, as its words: the estimate with its interval."""

    study: str
    studies: int
    shown: str


@dataclass(frozen=True, slots=True)
class PoolShown:
    """A pool that the questions declare, drawn; ``no_funnel`` says why its funnel plot is not.

    ``smallest_trial`` says which trial would move its interval past what matters, or why none can or none can be told.
    """

    pool: str
    population: str
    forest: Forest
    no_funnel: str
    cumulative: tuple[StepShown, ...]
    leave_one_out: tuple[StepShown, ...]
    smallest_trial: str


@dataclass(frozen=True, slots=True)
class FoundShown:
    """One row of the summary of findings. ``reviews`` are pools as reviews print them, which nothing here weighs.

    ``signed`` is the certainty that a person gave, ``suggested`` what the numbers suggest; both are empty where there is none.
    """

    outcome: str
    weight: str
    against: str
    when: str
    studies: int
    participants: str
    effect: str
    signed: str
    suggested: str
    reviews: tuple[str, ...]
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Computed:
    """All of it for one policy as known on a day, by population where it is about one."""

    pools: tuple[PoolShown, ...] = ()
    findings: Mapping[str, tuple[FoundShown, ...]] = field(default_factory=lambda: MappingProxyType({}))
    would_open: Mapping[str, tuple[Open, ...]] = field(default_factory=lambda: MappingProxyType({}))


def computed(base: EvidenceBase, thresholds: GradingThresholds, table: Sequence[AssessmentRow]) -> Computed:
    """What the records of a policy come to; nothing where it cannot be computed or nothing is asked."""
    if not CAN_POOL or base.asked is None:
        return Computed()
    return Computed(
        tuple(_pool_shown(found, base) for found in pools_of(base)),
        {
            each.id: tuple(_found_shown(row, base) for row in findings_table(base, each.id, thresholds).rows)
            for each in base.asked.populations
        },
        {
            each.id: opened(profile, table)
            for each in base.asked.populations
            if (profile := base.profile(each.id)) is not None
        },
    )


# ---------------------------------------------------------------------------- pools


def _pool_shown(found: PoolFound, base: EvidenceBase) -> PoolShown:
    is_many = len(found.rows) > 1
    return PoolShown(
        found.asked.pool,
        found.asked.population,
        _by_comparator(forest_of_pool(found, base), found),
        funnel_of_pool(found, base).refused,
        tuple(_step(each, base) for each in found.cumulative) if is_many else (),
        tuple(_step(each, base) for each in found.leave_one_out) if is_many else (),
        _smallest(found),
    )


def _by_comparator(forest: Forest, found: PoolFound) -> Forest:
    """The same forest with its studies under the comparator of each, where they were held against more than one."""
    drawn = [row for row in found.rows if row.effect is not None]
    names = tuple(dict.fromkeys(row.comparator for row in drawn))
    if len(names) < 2:
        return forest
    held = subgroups(
        [row.effect for row in drawn if row.effect is not None], [row.comparator for row in drawn], found.conventions
    )
    pools = dict(held.parts)
    shown = {row.study: row for group in forest.groups for row in group.rows}
    groups = tuple(
        ForestGroup(
            tuple(shown[row.study] for row in drawn if row.comparator == name),
            f"against {spaced(name)}",
            _of_group(pools[name]),
        )
        for name in names
    )
    return replace(forest, groups=groups, cautions=(*forest.cautions, *_between(held)))


def _of_group(pooled: Pooled) -> ForestPool | None:
    """The pool of a subgroup; of one study none, since it stands there already."""
    studies = len(pooled.effects)
    if studies < 2:
        return None
    return ForestPool(f"{studies} studies", studies, *pooled.shown, estimate_words(*pooled.shown))


def _between(held: Subgroups) -> Iterable[str]:
    found = held.between
    if found is not None:
        degrees = f"{found.degrees} degree{'' if found.degrees == 1 else 's'} of freedom"
        yield f"Between the comparators: Q {figure(found.statistic)} with {degrees}, {p_words(found.p)}."


def _step(each: Step, base: EvidenceBase) -> StepShown:
    return StepShown(_label(each.study, base), each.studies, estimate_words(each.estimate, each.lower, each.upper))


def _label(id: str, base: EvidenceBase) -> str:
    study = base.study(id)
    return id if study is None else study_label(study.first_author, study.year, id)


def _smallest(found: PoolFound) -> str:
    """The smallest trial like those of the pool that moves its interval past what matters, or why there is none."""
    pooled = found.pooled
    if not isinstance(pooled, Pooled):
        return "No size of a new trial can be told: no study is in the pool."
    effect = pooled.shown[0]
    sd, risk = _sd(found.rows), _risk(found.rows)
    if sd is None and pooled.measure is Measure.MEAN_DIFFERENCE:
        return "No size of a new trial can be told: the records do not say how many people its trials had."
    try:
        trial = smallest_trial(found, NewTrial(effect, sd, risk))
    except ValueError as problem:
        return f"No size of a new trial can be told: {problem}."
    like = f"an effect of {effect:.2f}, as the pool has it"
    if pooled.measure is Measure.MEAN_DIFFERENCE and sd is not None:
        like += f", and a standard deviation of {sd:.2f}, the median of its trials"
    elif risk is not None:
        like += f", and a risk of {risk:.2f} in the comparator's group, the median of its trials"
    return f"For one new trial with {like}: {trial.says}. Not a forecast."


def _sd(rows: Iterable[Row]) -> float | None:
    """The median standard deviation of the groups of the trials, as their standard errors and sizes imply it."""
    implied = [
        row.effect.standard_error * row.participants**0.5 / 2
        for row in rows
        if row.effect is not None and row.participants
    ]
    return median(implied) if implied else None


def _risk(rows: Iterable[Row]) -> float | None:
    risks = [
        row.counts.comparator_events / row.counts.comparator_size
        for row in rows
        if row.counts is not None and row.counts.comparator_size
    ]
    return median(risks) if risks else None


# ---------------------------------------------------------------------------- findings


def _found_shown(each: Finding, base: EvidenceBase) -> FoundShown:
    found, graded = each.found, each.graded
    effect = ""
    if isinstance(found.pooled, Pooled):
        effect = " ".join((found.scale.measure, estimate_words(*found.pooled.shown), found.scale.unit)).strip()
    return FoundShown(
        each.outcome.says or spaced(each.outcome.id),
        each.outcome.weight.value,
        ", ".join(map(spaced, each.comparators)) or "any comparator",
        each.band or "any time",
        len(found.rows),
        "not known" if found.participants is None and found.rows else str(found.participants or ""),
        effect,
        "" if graded.signed is None else graded.signed.level.value,
        "" if graded.suggested is None else graded.suggested.value,
        tuple(_review(one, base) for one in found.beside),
        tuple(_remarks(each)),
    )


def _review(one: Beside, base: EvidenceBase) -> str:
    interval = f" [{one.lower}, {one.upper}]" if one.lower and one.upper else ""
    mark = "" if one.checked.is_verified else f" {UNVERIFIED}"
    parts = (
        " ".join(part for part in (one.measure, f"{one.estimate}{interval}{mark}") if part),
        f"against {spaced(one.comparator)}" if one.comparator.casefold() != NOT_REPORTED else "",
        one.timepoint if one.timepoint.casefold() != NOT_REPORTED else "",
        f"certainty {one.certainty}" if one.certainty else "",
    )
    return f"{_label(one.study, base)}: {'; '.join(part for part in parts if part)}"


def _remarks(each: Finding) -> Iterable[str]:
    found = each.found
    yield from (caution.sentence for caution in found.cautions)
    if found.unverified:
        yield f"{found.unverified} in the pool not verified {UNVERIFIED}"
    for why, count in Counter(one.why.value for one in found.left_out).most_common():
        yield f"left out, {count}: {why}"
    for favours, count in found.directions:
        yield f"in words only, {count}: {favours.value}"
    if each.graded.disagrees:
        yield each.graded.disagrees


def spaced(id: str) -> str:
    """An id of the questions file as words."""
    return id.replace("-", " ")
