"""The summary of findings: per population each outcome, comparator and band, what is known of it, and how certain it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from medpol.evidence.asking import Asked
from medpol.evidence.grading import CUSTOMARY, Graded, grade, signed_for
from medpol.evidence.pools import PoolFound, pool_asked
from medpol.model.conventions import Conventions
from medpol.model.grading import GradingThresholds
from medpol.model.studies import EvidenceBase, Harm, Outcome, Questions, Study, StudyKind


@dataclass(frozen=True, slots=True)
class Finding:
    """One row: a question, its pool, and its certainty, suggested beside signed."""

    outcome: Outcome
    comparators: tuple[str, ...]
    band: str
    found: PoolFound
    graded: Graded


@dataclass(frozen=True, slots=True)
class HarmFound:
    """One row of the harms: how often an event was seen, in which study and design. Rates of different designs stay apart."""

    study: str
    kind: StudyKind
    year: int | None
    harm: Harm


@dataclass(frozen=True, slots=True)
class FindingsTable:
    """What is found for one population. ``harms`` holds those of studies on it, on a part of it, and on everybody."""

    policy: str
    population: str
    says: str
    intervention: tuple[str, ...]
    rows: tuple[Finding, ...]
    harms: tuple[HarmFound, ...]
    conventions: Conventions


def findings_table(
    base: EvidenceBase,
    population: str,
    thresholds: GradingThresholds = CUSTOMARY,
    conventions: Conventions | None = None,
    *,
    unverified: bool = False,
) -> FindingsTable:
    """The summary of findings for one population: the questions asked of it, and its pools, each once.

    Raises:
        ValueError: The base has no questions, or they do not declare the population.
    """
    questions = base.asked
    if questions is None:
        raise ValueError(f"policy {base.policy} has no questions.md, so nothing can be asked of its evidence")
    declared = questions.population(population)
    if declared is None:
        known = ", ".join(each.id for each in questions.populations)
        raise ValueError(f"no population {population!r} in {questions.source.file}; it has {known or 'none'}")
    rows = []
    for asked in _asked(questions, population):
        outcome = questions.outcome(asked.outcome)
        if outcome is not None:
            found = pool_asked(base, replace(asked, unverified=unverified or asked.unverified), conventions)
            signed = signed_for(base.profile(population), asked, questions)
            rows.append(
                Finding(outcome, asked.comparators, asked.timepoint, found, grade(found, base, thresholds, signed))
            )
    asking = [each for each in questions.questions if each.population == population]
    return FindingsTable(
        base.policy,
        population,
        declared.says,
        tuple(dict.fromkeys(each.intervention for each in asking)),
        tuple(rows),
        harms_of(base.studies, population, questions),
        conventions or questions.conventions,
    )


def _asked(questions: Questions, population: str) -> Sequence[Asked]:
    """What is asked of a population; a pool on the same question brings its measure and who is kept out."""
    pools = [Asked.of(each) for each in questions.pools if each.population == population]
    held = {(frozenset(each.outcomes), frozenset(each.comparators), each.timepoint): each for each in pools}
    singles = [
        Asked(each.population, each.outcome, (each.comparator,), each.band)
        for each in questions.questions
        if each.population == population
    ]
    for each in singles:
        held.setdefault((frozenset(each.outcomes), frozenset(each.comparators), each.timepoint), each)
    order = {outcome.id: at for at, outcome in enumerate(questions.outcomes)}
    bands = {band.name: at for at, band in enumerate(questions.bands)}
    return sorted(
        held.values(), key=lambda each: (order.get(each.outcome, 0), bands.get(each.timepoint, 0), each.comparators)
    )


def harms_of(studies: Sequence[Study], population: str, questions: Questions) -> tuple[HarmFound, ...]:
    """The harms that studies report, by event; those of a survey stand in rows of their own and are pooled with nothing."""
    found = [
        HarmFound(study.id, study.kind, study.year, harm)
        for study in studies
        if study.population.casefold() == "all" or questions.within(study.population, population)
        for harm in study.harms
    ]
    return tuple(sorted(found, key=lambda each: (each.harm.event.casefold(), each.kind.value, each.study)))
