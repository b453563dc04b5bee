"""The results that answer one question, made into effects that can be pooled, and what is left out and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from medpol.evidence.asking import Asked, Axis, Beside, Method, NotPooled, Scale, Why, refuse_unknown
from medpol.evidence.measures import NamedMeasure, measure_of, spellings
from medpol.evidence.once import Found, Made, each_once, not_pooled
from medpol.evidence.rows import Row, is_higher_better, row_of
from medpol.model.conventions import Conventions
from medpol.model.studies import (
    NOT_REPORTED,
    Better,
    EvidenceBase,
    Outcome,
    OutcomeKind,
    Questions,
    Reported,
    Result,
    Study,
    StudyKind,
    days_of,
)

_BEFORE = ("baseline", "at baseline", "before treatment", "pre-treatment", "pretreatment", "start")
_POOLED_KINDS = (StudyKind.TRIAL, StudyKind.OBSERVATIONAL)


@dataclass(frozen=True, slots=True)
class Selected:
    """What answers a question: rows for the pool by year, what is left out, and the pools of reviews beside.

    ``kind`` is the design of the studies in the rows; ``None`` where there are none.
    """

    asked: Asked
    scale: Scale
    kind: StudyKind | None
    rows: tuple[Row, ...]
    left_out: tuple[NotPooled, ...]
    beside: tuple[Beside, ...]


def select(base: EvidenceBase, asked: Asked, conventions: Conventions | None = None) -> Selected:
    """The results of a base, known on one day, that answer a question.

    Each study counts once, with the last result in the span asked for; each group of patients once, by the record with
    more data. Trials are pooled where there are any, else observational studies; never both.

    Raises:
        ValueError: The base has no questions, or the question names what they do not declare.
    """
    questions = base.asked
    if questions is None:
        raise ValueError(f"policy {base.policy} has no questions.md, so nothing can be asked of its evidence")
    refuse_unknown(asked, questions)
    outcomes = [outcome for id in asked.outcomes if (outcome := questions.outcome(id)) is not None]
    found, left_out = _answering(base.studies, asked, questions)
    measure = _measure(asked, outcomes[0], [each.result for each in found])
    scale = _scale(asked, outcomes, measure, conventions or questions.conventions)
    made: list[Made] = []
    for each in found:
        row = row_of(each.study, each.result, asked, outcomes, measure, scale)
        if isinstance(row, Row):
            made.append(Made(each.study, each.result, row))
        else:
            left_out.append(not_pooled(each, row.why, row.says))
    kept, others = each_once(made, asked, questions)
    return Selected(
        asked,
        scale,
        kept[0].study.kind if kept else None,
        tuple(each.row for each in kept),
        tuple(sorted((*left_out, *others), key=lambda each: (each.study, each.source))),
        _beside(base.studies, asked, questions),
    )


# ---------------------------------------------------------------------------- which results answer


def _answering(studies: Iterable[Study], asked: Asked, questions: Questions) -> tuple[list[Found], list[NotPooled]]:
    found: list[Found] = []
    left_out: list[NotPooled] = []
    for study in studies:
        if study.kind not in _POOLED_KINDS or not _concerns(study, asked, questions):
            continue
        for result in study.results:
            if result.outcome not in asked.outcomes or not _compares(result, asked, questions):
                continue
            why = _lacks(study, result) or _out_of_time(result, asked, questions)
            if why is None:
                found.append(Found(study, result))
            elif why[0] is not None:
                left_out.append(not_pooled(Found(study, result), why[0], why[1]))
    return found, left_out


def _concerns(study: Study, asked: Asked, questions: Questions) -> bool:
    return questions.within(study.population, asked.population)


def _compares(result: Result, asked: Asked, questions: Questions) -> bool:
    """Whether the comparator is one asked for; one that is not reported may be, and is told as lacking."""
    if not asked.comparators or result.comparator.casefold() == NOT_REPORTED:
        return True
    return any(questions.compares(result.comparator, wider) for wider in asked.comparators)


def _lacks(study: Study, result: Result) -> tuple[Why, str] | None:
    parts = (("comparator", result.comparator), ("timepoint", result.timepoint), ("intervention", study.intervention))
    lacking = [name for name, words in parts if words.strip().casefold() in ("", NOT_REPORTED)]
    if result.group and "comparator" in lacking:
        return Why.WITHIN_GROUP, f"a change within the group {result.group}"
    return (Why.INCOMPLETE, f"its {' and '.join(lacking)} not reported") if lacking else None


def _out_of_time(result: Result, asked: Asked, questions: Questions) -> tuple[Why | None, str] | None:
    """Nothing where the timepoint is asked for; a reason without a kind where it is simply another one."""
    if not asked.timepoint:
        return (Why.OTHER_TIME, "measured before treatment") if _is_before(result.timepoint) else None
    wanted = questions.band_of(asked.timepoint)
    if wanted is None or wanted.name.casefold() != " ".join(asked.timepoint.casefold().split()):
        is_asked = " ".join(result.timepoint.casefold().split()) == " ".join(asked.timepoint.casefold().split())
        return None if is_asked else (None, "")
    band = questions.band_of(result.timepoint)
    if band is None:
        return Why.OTHER_TIME, f"its timepoint {result.timepoint!r} is in no declared band"
    return None if band.name == wanted.name else (None, "")


def _is_before(timepoint: str) -> bool:
    """Whether a timepoint as printed lies before treatment."""
    return timepoint.strip().casefold() in _BEFORE or (days_of(timepoint) == 0)


# ---------------------------------------------------------------------------- measure, unit, direction


def _measure(asked: Asked, outcome: Outcome, results: Sequence[Result]) -> NamedMeasure:
    """The measure asked for; else what the outcome's kind gives, unless the estimates agree on another one."""
    if asked.measure:
        measure = measure_of(asked.measure)
        if measure is None:
            raise ValueError(f"measure {asked.measure!r} is not known; write one of {', '.join(spellings())}")
        return replace(measure, is_adjusted=False)
    if asked.method is Method.PETO:
        return _named("odds ratio")
    usual = "mean difference" if outcome.kind is OutcomeKind.CONTINUOUS else "risk ratio"
    printed = Counter(
        measure.name
        for result in results
        if result.estimate is not None and (measure := measure_of(result.measure)) is not None
    )
    if printed and usual not in printed and not any(_has_groups(each) for each in results):
        return _named(max(sorted(printed), key=lambda name: printed[name]))
    return _named(usual)


def _named(name: str) -> NamedMeasure:
    measure = measure_of(name)
    assert measure is not None
    return measure


def _has_groups(result: Result) -> bool:
    return result.intervention_group is not None and result.comparator_group is not None


def _scale(asked: Asked, outcomes: Sequence[Outcome], measure: NamedMeasure, conventions: Conventions) -> Scale:
    outcome = outcomes[0]
    better = outcome.better or (Better.LOWER if outcome.kind is OutcomeKind.HARM else None)
    against = asked.comparators[0] if len(asked.comparators) == 1 else "comparator"
    if better is None:
        says = f"{outcome.id}: which direction is better is not declared; numbers stand as printed"
        axis = Axis("lower with the intervention", "higher with the intervention", says)
    else:
        higher = [each.id for each in outcomes if is_higher_better(each)]
        of = "" if len(higher) == len(outcomes) else f" for {' and '.join(higher)}"
        turned = f" (numbers are turned: higher is better{of})" if higher else ""
        says = f"negative favours the intervention{turned}"
        if measure.measure.is_ratio:
            says = f"below 1 favours the intervention{turned}"
        axis = Axis("favours intervention", f"favours {against}", says, better is Better.HIGHER)
    if measure.has_units:
        unit = outcome.unit
    else:
        unit = "standard deviations" if measure.name == "standardised mean difference" else ""
    matters = outcome.important_difference if measure.has_units else None
    return Scale(
        measure.name,
        unit,
        axis,
        None if matters is None else float(abs(matters)),
        outcome.important_source if matters is not None else "",
        conventions,
    )


# ---------------------------------------------------------------------------- beside the pool


def _beside(studies: Iterable[Study], asked: Asked, questions: Questions) -> tuple[Beside, ...]:
    """Pools of reviews on the same question. One whose timepoint is not reported is shown too, and says so."""
    found = []
    for study in studies:
        if study.kind is not StudyKind.REVIEW or not questions.within(study.population, asked.population):
            continue
        for result in study.results:
            if result.outcome not in asked.outcomes or not _compares(result, asked, questions) or result.group:
                continue
            is_timeless = result.timepoint.casefold() == NOT_REPORTED
            if is_timeless or _out_of_time(result, asked, questions) is None:
                found.append(_as_beside(study, result))
    return tuple(sorted(found, key=lambda each: (each.year or 0, each.study, each.source)))


def _as_beside(study: Study, result: Result) -> Beside:
    def words(reported: Reported | None) -> str:
        return "" if reported is None else reported.text

    return Beside(
        study.id,
        study.year,
        result.comparator,
        result.timepoint,
        result.measure,
        words(result.estimate) or result.direction,
        words(result.lower),
        words(result.upper),
        words(result.trials),
        words(result.participants),
        result.certainty,
        result.checked,
        result.source,
        result.outcome,
    )
