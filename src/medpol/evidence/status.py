"""Where the evidence of one policy stands on a day: per population the conclusion, who signed it and on which numbers.

What we knew when we said no: a version rests on the records that were known on the day it was approved; later ones are
told as *since then*.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from medpol.evidence.assessment import DECIDED_BY_EVIDENCE, Assessed, allows, assess_profile
from medpol.model.diagnostic import Source
from medpol.model.evidence import Conclusion
from medpol.model.inputs import inputs_hash
from medpol.model.policy import PolicyVersion
from medpol.model.positions import CoveragePosition
from medpol.model.studies import (
    AssessmentRow,
    EvidenceBase,
    Profile,
    Questions,
    Signature,
    Study,
    TargetPopulation,
)


@dataclass(frozen=True, slots=True)
class Stated:
    """A statement of the version, and whether the table allows its position for the population.

    ``is_allowed`` is ``None`` for a position that a contract, a law or a director decides, and not the evidence.
    """

    rule: str
    position: CoveragePosition
    label: str
    is_allowed: bool | None
    overridden: str
    source: Source


@dataclass(frozen=True, slots=True)
class PopulationStanding:
    """One population: what was concluded, by whom and on what; what the version prints; what its statements say.

    ``conclusion`` is what the profile states, ``assessed`` what the table makes of its criteria; both are ``None`` or
    empty where there is no profile. ``is_signed_on_other_numbers`` is ``None`` where the profile names no inputs.
    ``studies`` counts the records on the population, on a part of it or on everybody, ``results`` their results and ``unverified`` those
    of them that nobody held against the study's own words.
    """

    population: str
    says: str
    conclusion: str
    assessed: Assessed | None
    signature: Signature | None
    is_signed_on_other_numbers: bool | None
    printed: Conclusion | None
    statements: tuple[Stated, ...]
    studies: int
    results: int
    unverified: int
    source: Source


@dataclass(frozen=True, slots=True)
class Since:
    """A record that came after the version was approved."""

    what: str
    id: str
    population: str
    recorded: date
    is_new: bool
    source: Source


@dataclass(frozen=True, slots=True)
class EvidenceStanding:
    """The evidence of a policy as known on a day, beside the version that stands then.

    ``known_then`` counts the records of studies that were known when the version was approved, ``None`` where it states
    no whole day; ``since`` lists what came later.
    """

    policy: str
    known_on: date
    version: date | None
    approved: date | None
    known_then: int | None
    populations: tuple[PopulationStanding, ...]
    since: tuple[Since, ...]


def evidence_standing(
    base: EvidenceBase, version: PolicyVersion | None, known_on: date, table: Sequence[AssessmentRow] = ()
) -> EvidenceStanding:
    """Where the evidence stands, of all records those that were known on the day.

    Args:
        base: Every record of the policy, whenever it was recorded.
        version: The version that stands on the day, as known on it; ``None`` where there is none.
        known_on: Only what was recorded by that day counts.
        table: The library's own table from criteria to positions; empty for the customary one.
    """
    known = base.known_on(known_on)
    approved = None if version is None or version.approved is None else version.approved.day
    then = None if approved is None else base.known_on(min(approved, known_on))
    return EvidenceStanding(
        base.policy,
        known_on,
        None if version is None else version.first_day,
        approved,
        None if then is None else len(then.studies),
        tuple(_population(each, known, version, table) for each in _populations(known)),
        () if then is None else tuple(_since(known, then)),
    )


def _populations(known: EvidenceBase) -> tuple[TargetPopulation, ...]:
    """Those declared; then those of profiles that are not, such as one for everybody else."""
    declared = () if known.asked is None else known.asked.populations
    others = {each.population for each in known.profiles} - {each.id for each in declared}
    return (*declared, *(TargetPopulation(each, "", source=Source("")) for each in sorted(others)))


def _population(
    asked: TargetPopulation, known: EvidenceBase, version: PolicyVersion | None, table: Sequence[AssessmentRow]
) -> PopulationStanding:
    profile = known.profile(asked.id)
    assessed = None if profile is None else assess_profile(profile, table)
    studies = [each for each in known.studies if _is_on(each, asked.id, known.asked)]
    results = [result for each in studies for result in each.results]
    return PopulationStanding(
        asked.id,
        asked.says,
        "" if profile is None else profile.conclusion,
        assessed,
        None if profile is None else profile.signature,
        None if profile is None or not profile.inputs else profile.inputs != inputs_hash(known, asked.id),
        _printed(asked, version),
        () if version is None or assessed is None else tuple(_statements(version, profile, assessed)),
        len(studies),
        len(results),
        sum(not result.checked.is_verified for result in results),
        asked.source if profile is None else profile.source,
    )


def _is_on(study: Study, population: str, questions: Questions | None) -> bool:
    return study.population in ("all", population) or (
        questions is not None and questions.within(study.population, population)
    )


def _printed(asked: TargetPopulation, version: PolicyVersion | None) -> Conclusion | None:
    """The conclusion that the version prints for the population it names, ``None`` where it names none."""
    named = asked.named.casefold().strip()
    printed = () if version is None or not named else version.populations
    return next((each.conclusion for each in printed if each.name.casefold().strip() == named), None)


def _statements(version: PolicyVersion, profile: Profile | None, assessed: Assessed) -> list[Stated]:
    overridden = {} if profile is None else {(each.rule, each.position): each.reason for each in profile.overridden}
    return [
        Stated(
            rule.name,
            (stated := rule.statement.position).canonical,
            stated.label,
            allows(assessed.allowed, stated) if stated.canonical in DECIDED_BY_EVIDENCE else None,
            overridden.get((rule.name, stated.canonical), ""),
            rule.source,
        )
        for rule in version.rules
    ]


def _since(known: EvidenceBase, then: EvidenceBase) -> list[Since]:
    """Records known now that were not yet known then, by the day they were recorded."""
    found = [
        Since("study", each.id, each.population, each.recorded, then.study(each.id) is None, each.source)
        for each in known.studies
        if each not in then.studies
    ]
    found += [
        Since(
            "profile",
            each.population,
            each.population,
            each.recorded,
            then.profile(each.population) is None,
            each.source,
        )
        for each in known.profiles
        if each not in then.profiles
    ]
    return sorted(found, key=lambda each: (each.recorded, each.what, each.id))
