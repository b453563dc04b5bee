"""Certainty as a machine suggests it, with the numbers behind each step; the level itself is given and signed by a person."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from medpol.evidence.asking import Asked
from medpol.evidence.measures import factor_between, measure_of
from medpol.evidence.pooling import Egger, Pooled, Refused
from medpol.evidence.pools import PoolFound
from medpol.evidence.rows import size_of
from medpol.model.grading import GradingThresholds
from medpol.model.studies import (
    Certainty,
    Domain,
    EvidenceBase,
    Level,
    Outcome,
    Profile,
    Questions,
    Result,
    RiskOfBias,
    Study,
    StudyKind,
)

CUSTOMARY = GradingThresholds()
_LEVELS = (Level.VERY_LOW, Level.LOW, Level.MODERATE, Level.HIGH)
PEOPLE_ONLY = (Domain.INDIRECTNESS, Domain.LARGE_EFFECT, Domain.DOSE_RESPONSE, Domain.CONFOUNDING)
CANNOT_SAY = "cannot say"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One domain: levels down (0, -1, -2), or ``None`` where nothing can be said, and the numbers that say so."""

    domain: Domain
    step: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class Graded:
    """What is suggested for one body of evidence, beside what a person signed, kept apart.

    ``suggested`` is ``None`` where there is nothing to grade.
    """

    start: Level
    start_reason: str
    suggestions: tuple[Suggestion, ...]
    suggested: Level | None
    signed: Certainty | None = None
    disagrees: str = ""


# ---------------------------------------------------------------------------- our own pools


def grade(
    found: PoolFound, base: EvidenceBase, thresholds: GradingThresholds = CUSTOMARY, signed: Certainty | None = None
) -> Graded:
    """Suggest the certainty of a pool: randomised evidence starts high, observational low, then steps down by domain."""
    is_randomised = found.kind is not StudyKind.OBSERVATIONAL
    start = Level.HIGH if is_randomised else Level.LOW
    says = "randomised trials start high" if is_randomised else "observational studies start low"
    pooled = found.pooled
    if not isinstance(pooled, Pooled):
        return Graded(start, "no study is in the pool", _people_only(), None, signed)
    studies = {each.id: each for each in base.studies}
    judged = [(weight, studies[row.study].bias) for row, weight in zip(found.rows, _weights(found), strict=True)]
    suggestions = (
        _risk_of_bias(judged, thresholds),
        _inconsistency(pooled, thresholds),
        _imprecision_of_pool(found, pooled, thresholds),
        _publication_bias(found.small_studies, thresholds),
        *_people_only(),
    )
    return _graded(start, says, suggestions, signed)


def signed_for(profile: Profile | None, asked: Asked, questions: Questions) -> Certainty | None:
    """The certainty that a person gave to the same outcomes, comparators and band, ``None`` where nobody did."""
    if profile is None:
        return None
    band = questions.band_of(asked.timepoint) if asked.timepoint else None
    name = asked.timepoint or "any" if band is None else band.name
    wanted = set(asked.comparators) or {"any"}
    for each in profile.certainty:
        given = {part.strip() for part in each.comparator.split(";")}
        outcomes = {part.strip() for part in each.outcome.split(";")}
        if outcomes == set(asked.outcomes) and given == wanted and each.band.casefold() in ("", name.casefold()):
            return each
    return None


def _weights(found: PoolFound) -> Sequence[float]:
    """The share of each row; a row without an effect of its own has none that could be told."""
    pooled = found.pooled
    assert isinstance(pooled, Pooled)
    by_study = {effect.study: weight for effect, weight in zip(pooled.effects, pooled.weights, strict=True)}
    return [by_study.get(row.study, 0.0) for row in found.rows]


def _graded(start: Level, says: str, suggestions: tuple[Suggestion, ...], signed: Certainty | None) -> Graded:
    down = sum(each.step or 0 for each in suggestions)
    suggested = _LEVELS[max(0, _LEVELS.index(start) + down)]
    disagrees = ""
    if signed is not None and signed.level is not suggested:
        disagrees = f"signed {signed.level.value}, suggested {suggested.value}"
    return Graded(start, says, suggestions, suggested, signed, disagrees)


def _people_only() -> tuple[Suggestion, ...]:
    return tuple(Suggestion(each, None, "judged by people only") for each in PEOPLE_ONLY)


# ---------------------------------------------------------------------------- risk of bias


def _risk_of_bias(judged: Sequence[tuple[float, RiskOfBias | None]], thresholds: GradingThresholds) -> Suggestion:
    high = sum(weight for weight, bias in judged if is_high_risk(bias) is True)
    unknown = sum(weight for weight, bias in judged if is_high_risk(bias) is None)
    least, most = _bias_step(high, thresholds), _bias_step(high + unknown, thresholds)
    says = f"{_percent(high)} of the weight at high risk"
    if unknown > 0:
        says += f", {_percent(unknown)} not judged"
    if least != most:
        return Suggestion(Domain.RISK_OF_BIAS, None, f"{CANNOT_SAY}: {says}")
    return Suggestion(Domain.RISK_OF_BIAS, least, says)


def _bias_step(share: float, thresholds: GradingThresholds) -> int:
    # The weights are rounded sums: a share that is a threshold but for rounding has reached it.
    reached = share + 1e-9
    return -2 if reached >= thresholds.high_risk_two_steps else -1 if reached >= thresholds.high_risk_one_step else 0


_OVERALL = ("overall", "overall bias", "overall risk of bias")


def is_high_risk(bias: RiskOfBias | None) -> bool | None:
    """Whether a trial is at high risk of bias; ``None`` where no judgement says.

    An overall judgement counts where there is one, else the worst item. PEDro is a score and no judgement: only its items
    on allocation (random, concealed) and blinding (participants, assessors) speak, a *no* to one of them being high risk.
    Its item on blinded therapists does not, since who treats by hand knows what is done.
    """
    if bias is None or not bias.items:
        return None
    items = {_letters(name): verdict.casefold().strip() for name, verdict in bias.items}
    if "pedro" in bias.tool.casefold() and set(items.values()) <= {"yes", "no", "not reported", "unclear"}:
        said = [verdict for name, verdict in items.items() if _speaks(name)]
        return True if "no" in said else False if said and set(said) == {"yes"} else None
    overall = next((items[_letters(each)] for each in _OVERALL if _letters(each) in items), None)
    verdicts = [overall] if overall is not None else list(items.values())
    if any(each.startswith(("high", "critical", "serious")) for each in verdicts):
        return True
    known = ("low", "some concerns", "unclear", "moderate")
    return False if all(each.startswith(known) for each in verdicts) else None


def _speaks(item: str) -> bool:
    is_blinding = "blind" in item and any(each in item for each in ("subject", "participant", "patient", "assessor"))
    return is_blinding or "random" in item or "conceal" in item


def _letters(name: str) -> str:
    return "".join(re.findall(r"[a-z]+", name.casefold()))


# ---------------------------------------------------------------------------- inconsistency, imprecision, small studies


def _inconsistency(pooled: Pooled, thresholds: GradingThresholds) -> Suggestion:
    heterogeneity = pooled.heterogeneity
    if heterogeneity is None:
        return Suggestion(Domain.INCONSISTENCY, None, f"{CANNOT_SAY}: one study")
    says = f"I² {_percent(heterogeneity.i2)}"
    if heterogeneity.i2 >= thresholds.i2:
        return Suggestion(Domain.INCONSISTENCY, -1, says)
    interval, prediction = pooled.estimate.interval, pooled.prediction
    if prediction is not None and prediction.lower < 0 < prediction.upper:
        show = pooled.measure.shown
        says += f", prediction interval [{show(prediction.lower):.2f}, {show(prediction.upper):.2f}]"
        if interval.lower > 0 or interval.upper < 0:
            return Suggestion(Domain.INCONSISTENCY, -1, f"{says} on both sides of no difference")
    return Suggestion(Domain.INCONSISTENCY, 0, says)


def _imprecision_of_pool(found: PoolFound, pooled: Pooled, thresholds: GradingThresholds) -> Suggestion:
    interval = pooled.estimate.interval
    _, lower, upper = pooled.shown
    shown = f"[{lower:.2f}, {upper:.2f}]"
    number = _Number(found.participants, "")
    return _imprecision((interval.lower, interval.upper), shown, found.scale.important_difference, number, thresholds)


@dataclass(frozen=True, slots=True)
class _Number:
    """How many people, or at most how many; ``None`` where nothing says."""

    people: int | None
    at_most: str


def _imprecision(
    bounds: tuple[float, float],
    shown: str,
    important: float | None,
    number: _Number,
    thresholds: GradingThresholds,
) -> Suggestion:
    """Null and the important difference lie on the scale of the bounds, null at 0 and the difference on either side."""
    lower, upper = bounds
    crossed = ["no difference"] if lower < 0 < upper else []
    if important is not None and any(lower < edge < upper for edge in (-important, important)):
        crossed.append(f"the important difference {important:g}")
    says = f"interval {shown} crosses {' and '.join(crossed)}" if crossed else f"interval {shown} crosses neither"
    if not crossed and important is None:
        says = f"interval {shown} does not cross no difference; no important difference on this scale"
    if number.people is None:
        few, count = False, "number of participants not reported"
    else:
        few = number.people < thresholds.participants
        count = (
            f"{number.at_most}{number.people} participants{f', fewer than {thresholds.participants}' if few else ''}"
        )
    return Suggestion(Domain.IMPRECISION, -bool(crossed) - few, f"{says}; {count}")


def _publication_bias(small: Egger | Refused | None, thresholds: GradingThresholds) -> Suggestion:
    if not isinstance(small, Egger):
        why = "no study" if small is None else small.why
        return Suggestion(Domain.PUBLICATION_BIAS, None, f"{CANNOT_SAY}: {why}")
    p = small.slope.p
    if p is None:
        return Suggestion(Domain.PUBLICATION_BIAS, None, f"{CANNOT_SAY}: Egger's test has no p")
    return Suggestion(Domain.PUBLICATION_BIAS, -1 if p < thresholds.small_study_p else 0, f"Egger's test, p = {p:.3f}")


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


# ---------------------------------------------------------------------------- pools that reviews published

_I2 = re.compile(r"\bI\s?(?:²|2|\^2)\s*(?:=|:|of)?\s*(\d+(?:\.\d+)?)\s*%", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PublishedGrade:
    """A pool as a review published it, the certainty that its authors state, and what is suggested from what is known."""

    study: str
    result: Result
    stated: str
    graded: Graded

    @property
    def agrees(self) -> bool:
        suggested = self.graded.suggested
        return suggested is not None and suggested.value == self.stated.casefold().strip()


def grade_published(base: EvidenceBase, thresholds: GradingThresholds = CUSTOMARY) -> tuple[PublishedGrade, ...]:
    """A suggestion for each pool of a review whose authors state a certainty.

    From its interval, its I² where the row's note gives one, and its number of participants; where the row has none, the
    review's own total bounds it. Trials are not known one by one, so what hangs on them reads *cannot say*.
    """
    questions = base.asked
    if questions is None:
        return ()
    return tuple(
        PublishedGrade(study.id, result, result.certainty, _published(study, result, questions, thresholds))
        for study in base.studies
        if study.kind is StudyKind.REVIEW
        for result in study.results
        if result.certainty and result.estimate is not None
    )


def profiles_stated(grades: Iterable[PublishedGrade]) -> tuple[tuple[PublishedGrade, ...], ...]:
    """Grades by review, outcome, comparator and timepoint: one body of evidence may be printed on several scales."""
    held: dict[tuple[str, str, str, str], list[PublishedGrade]] = {}
    for each in grades:
        result = each.result
        held.setdefault((each.study, result.outcome, result.comparator, result.timepoint), []).append(each)
    return tuple(tuple(each) for each in held.values())


def _published(study: Study, result: Result, questions: Questions, thresholds: GradingThresholds) -> Graded:
    is_randomised = _reviews_trials(study, result)
    start = Level.HIGH if is_randomised else Level.LOW
    says = "a review of randomised trials starts high" if is_randomised else "its design names no randomised trials"
    unknown = f"{CANNOT_SAY}: the trials are not known one by one"
    suggestions = (
        Suggestion(Domain.RISK_OF_BIAS, None, unknown),
        _published_inconsistency(result, thresholds),
        _published_imprecision(study, result, questions.outcome(result.outcome), thresholds),
        Suggestion(Domain.PUBLICATION_BIAS, None, unknown),
        *_people_only(),
    )
    return _graded(start, says, suggestions, None)


def _reviews_trials(study: Study, result: Result) -> bool:
    """Whether a review pools randomised trials: by its design in words, or because it counts trials."""
    counts_trials = (result.trials is not None and result.trials.is_reported) or study.size("trials") is not None
    return counts_trials or bool(re.search(r"\brcts?\b|randomi[sz]ed|\btrials\b", study.design.casefold()))


def _published_inconsistency(result: Result, thresholds: GradingThresholds) -> Suggestion:
    stated = _I2.search(result.note)
    if stated is None:
        return Suggestion(Domain.INCONSISTENCY, None, f"{CANNOT_SAY}: no I² recorded")
    i2 = float(stated[1]) / 100
    return Suggestion(Domain.INCONSISTENCY, -1 if i2 >= thresholds.i2 else 0, f"I² {stated[1]} % as printed")


def _published_imprecision(
    study: Study, result: Result, outcome: Outcome | None, thresholds: GradingThresholds
) -> Suggestion:
    lower, upper = (None if each is None else each.exact for each in (result.lower, result.upper))
    measure = measure_of(result.measure)
    if lower is None or upper is None or measure is None or (measure.measure.is_ratio and lower <= 0):
        return Suggestion(Domain.IMPRECISION, None, f"{CANNOT_SAY}: no interval of a known measure")
    shown = f"[{lower:g}, {upper:g}]"
    if measure.measure.is_ratio:
        lower, upper = lower - 1, upper - 1  # only the side of no difference counts
    important = None if outcome is None or not measure.has_units else outcome.important_difference
    factor = None if outcome is None else factor_between(result.unit, outcome.unit, outcome.range)
    if important is not None and factor is not None:
        lower, upper = lower * factor[0], upper * factor[0]
    stated = None if result.participants is None else result.participants.exact
    number = _Number(None if stated is None else int(stated), "")
    if number.people is None and (whole := size_of(study, "participants")) is not None:
        number = _Number(whole[0], "at most ") if whole[0] < thresholds.participants else _Number(None, "")
    known = None if important is None or factor is None else float(abs(important))
    return _imprecision((lower, upper), shown, known, number, thresholds)
