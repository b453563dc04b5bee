"""Each study and each group of patients once in a pool, and one design: what is kept of the rows, and why the others are not."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from medpol.evidence.asking import Asked, NotPooled, Why
from medpol.evidence.rows import Row
from medpol.model.studies import Questions, Result, Study, StudyKind, days_of


@dataclass(frozen=True, slots=True)
class Found:
    """A result that answers a question, with its study."""

    study: Study
    result: Result


@dataclass(frozen=True, slots=True)
class Made:
    """A result that gave a row."""

    study: Study
    result: Result
    row: Row


def each_once(made: Iterable[Made], asked: Asked, questions: Questions) -> tuple[list[Made], list[NotPooled]]:
    """What is pooled of the rows, by year, and why the others are not.

    Trials where there are any, else observational studies; each study with one result; each group of patients by the
    record with more data.
    """
    left_out: list[NotPooled] = []
    kept = _one_design(_kept_in(made, asked, left_out), asked, left_out)
    kept = _once_by_patients(_once_by_study(kept, asked, questions, left_out), left_out)
    kept.sort(key=lambda each: (each.study.year is None, each.study.year or 0, each.study.id))
    return kept, left_out


def not_pooled(found: Found | Made, why: Why, says: str) -> NotPooled:
    result = found.result
    return NotPooled(
        found.study.id,
        why,
        says,
        result.outcome,
        result.comparator,
        result.timepoint,
        result.favours,
        result.checked,
        result.source,
    )


def _kept_in(made: Iterable[Made], asked: Asked, left_out: list[NotPooled]) -> list[Made]:
    reasons = dict(asked.left_out)
    kept = []
    for each in made:
        if each.study.id in reasons:
            left_out.append(not_pooled(each, Why.ASKED_TO, reasons[each.study.id] or Why.ASKED_TO.value))
        else:
            kept.append(each)
    return kept


def _one_design(made: list[Made], asked: Asked, left_out: list[NotPooled]) -> list[Made]:
    has_trials = any(each.study.kind is StudyKind.TRIAL for each in made)
    wanted = StudyKind.OBSERVATIONAL if asked.observational or not has_trials else StudyKind.TRIAL
    for each in made:
        if each.study.kind is not wanted:
            says = f"{each.study.kind.value}; never pooled with another design ({wanted.value})"
            left_out.append(not_pooled(each, Why.OTHER_DESIGN, says))
    return [each for each in made if each.study.kind is wanted]


def _once_by_study(made: list[Made], asked: Asked, questions: Questions, left_out: list[NotPooled]) -> list[Made]:
    """One result of each study: verified before another, then by the order of the outcomes asked for, then the last in time.

    Of two that are alike in this, the first in its record.
    """
    standing = _standing(asked, questions)
    kept: dict[str, Made] = {}
    for each in made:
        held = kept.setdefault(each.study.id, each)
        if held is each:
            continue
        taken, other = (each, held) if standing(each) > standing(held) else (held, each)
        kept[each.study.id] = taken
        of = "" if taken.result.outcome == other.result.outcome else f"{taken.result.outcome}, "
        says = f"the study is in the pool with {of}{taken.result.timepoint} against {taken.result.comparator}"
        left_out.append(not_pooled(other, Why.TAKEN_ONCE, says))
    return list(kept.values())


def _standing(asked: Asked, questions: Questions) -> Callable[[Made], tuple[bool, int, int, int]]:
    """How a result stands beside another of its study; words such as *long term* are as late as their band."""
    bands = [each.name for each in questions.bands]

    def of(made: Made) -> tuple[bool, int, int, int]:
        band = questions.band_of(made.result.timepoint)
        return (
            made.row.checked.is_verified,
            -asked.outcomes.index(made.result.outcome),
            -1 if band is None else bands.index(band.name),
            days_of(made.result.timepoint) or 0,
        )

    return of


def _once_by_patients(made: list[Made], left_out: list[NotPooled]) -> list[Made]:
    """One record of each group of patients: the one with more data."""
    kept: list[Made] = []
    for each in sorted(made, key=_data, reverse=True):
        twin = next((other for other in kept if _share_patients(each.study, other.study)), None)
        if twin is None:
            kept.append(each)
        else:
            says = f"same patients as {twin.study.id}, which has more data"
            left_out.append(not_pooled(each, Why.SAME_PATIENTS, says))
    return kept


def _share_patients(one: Study, other: Study) -> bool:
    return one.id in other.same_patients_as or other.id in one.same_patients_as


def _data(made: Made) -> tuple[bool, bool, int, int, str]:
    """How much a record says: verified numbers, groups, people, results with numbers."""
    row = made.row
    has_groups = row.counts is not None or row.means is not None
    numbers = sum(each.estimate is not None or each.intervention_group is not None for each in made.study.results)
    return row.checked.is_verified, has_groups, row.participants or 0, numbers, made.study.id
