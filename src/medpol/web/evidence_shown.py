"""What the evidence page shows of a policy: for each population what is asked, known, judged and concluded, and by whom."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from medpol.evidence.assessment import Open, allows
from medpol.evidence.drawing import BiasLights, Forest, bias_lights, published_forests, study_label
from medpol.evidence.status import EvidenceStanding, PopulationStanding
from medpol.model.evidence import Direction, Guideline, Population
from medpol.model.positions import CoveragePosition, Position
from medpol.model.studies import (
    Certainty,
    EvidenceBase,
    Met,
    Profile,
    Questions,
    Signature,
    Study,
    StudyKind,
)
from medpol.web.pooled import Computed, FoundShown, PoolShown

NOT_SIGNED = "not signed"
OTHER_NUMBERS = "signed on other numbers: the records have changed since"
_BODIES = (StudyKind.TRIAL, StudyKind.OBSERVATIONAL, StudyKind.REVIEW)


@dataclass(frozen=True, slots=True)
class PrintedConclusion:
    """What the document prints for a population: the conclusion, and how many studies of which kind."""

    name: str
    conclusion: str
    studies: tuple[str, ...]
    outcomes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CriterionShown:
    criterion: str
    met: str
    reason: str


@dataclass(frozen=True, slots=True)
class CertaintyShown:
    """The level that a person gave, with each reason for a step down or up."""

    outcome: str
    comparator: str
    timepoint: str
    level: str
    reasons: tuple[str, ...]
    signed: str


@dataclass(frozen=True, slots=True)
class StudyShown:
    """One record, and how many of its results nobody held against its own words. ``is_since``: it was recorded after the version was approved."""

    study: str
    label: str
    kind: str
    design: str
    title: str
    participants: str
    recorded: date
    numbers: int
    unverified: int
    is_since: bool
    reference: int | None
    pmid: str
    doi: str
    to_check: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OpenShown:
    """A conclusion that is possible, and the positions that it allows."""

    conclusion: str
    allowed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StatementShown:
    """A statement of the version, and whether the conclusion allows its position; ``overridden`` says why it stands all the same.

    ``is_allowed`` is ``None`` for a position that evidence does not decide.
    """

    rule: str
    position: str
    is_allowed: bool | None
    overridden: str


@dataclass(frozen=True, slots=True)
class PopulationShown:
    """One population: ``derived`` is the conclusion that its criteria lead to, ``allowed`` the positions that it allows.

    ``printed`` is the conclusion that the document prints. ``inputs`` is the hash of the records that the conclusion was
    signed on; ``stale`` says so where they have changed since. ``trials`` counts those that are watched for it.
    What would have to be true: ``hindered`` are the criteria that are not met, ``possible`` the conclusions that the unknown
    ones still leave open, ``would_open`` those that were open if the evidence permitted conclusions and the net outcome improved.
    """

    id: str
    says: str
    named: str
    is_rest: bool
    questions: tuple[tuple[str, str, str, str], ...]
    conclusion: str
    derived: str
    allowed: tuple[str, ...]
    printed: str
    signed: str
    stale: str
    recorded: date | None
    inputs: str
    statements: tuple[StatementShown, ...]
    criteria: tuple[CriterionShown, ...]
    hindered: tuple[str, ...]
    possible: tuple[OpenShown, ...]
    would_open: tuple[OpenShown, ...]
    findings: tuple[FoundShown, ...]
    certainty: tuple[CertaintyShown, ...]
    pools: tuple[PoolShown, ...]
    published: tuple[Forest, ...]
    bias: tuple[BiasLights, ...]
    studies: tuple[StudyShown, ...]
    trials: int


@dataclass(frozen=True, slots=True)
class SinceShown:
    """A record that came after the version was approved; not ``is_new``: one that corrects or renews another."""

    what: str
    id: str
    population: str
    recorded: date
    is_new: bool


@dataclass(frozen=True, slots=True)
class HarmShown:
    """One row of the harms, with the design of the study that saw it: a survey's rate stands beside a trial's, never in it."""

    study: str
    kind: str
    event: str
    counted: str
    events: str
    of: str
    percent: str
    severity: str
    group: str
    checked: str
    is_verified: bool
    note: str


@dataclass(frozen=True, slots=True)
class GuidelineShown:
    """A guideline as the document prints it. ``disagrees``: it recommends what a position refuses, or the reverse."""

    body: str
    year: int | None
    kind: str
    issuer: str
    recommends: str
    disagrees: bool


@dataclass(frozen=True, slots=True)
class EvidencePage:
    """The evidence of a policy as known on a day. ``evidence_known_on`` is an earlier one, where only the records known then count.

    ``approved`` is the day whose knowledge the version rests on: ``known_then`` counts the studies on record by then,
    ``since`` holds what came later.
    ``pools_are_computed`` is false where the service lacks what pools need; ``errors`` counts those of the records, and
    while there are any, no pool is shown: of records that were read in part it would be another pool.
    """

    policy: str
    title: str
    date_of_service: date
    known_on: date
    evidence_known_on: date
    version: date | None
    approved: date | None
    literature_through: str
    positions: tuple[str, ...]
    has_records: bool
    pools_are_computed: bool
    errors: int
    records: int
    known_then: int | None
    since: tuple[SinceShown, ...]
    unverified: int
    populations: tuple[PopulationShown, ...]
    others: tuple[StudyShown, ...]
    printed: tuple[PrintedConclusion, ...]
    harms: tuple[HarmShown, ...]
    inclusion_rule: str
    guidelines: tuple[GuidelineShown, ...]
    appeal: str
    contact: str

    @property
    def is_earlier(self) -> bool:
        """Whether the records are those of an earlier day than the policy's text."""
        return self.evidence_known_on != self.known_on


def printed_conclusion(each: Population) -> PrintedConclusion:
    bodies = tuple(
        body.kind
        + ("" if body.studies is None else f", {body.studies} stud{'y' if body.studies == 1 else 'ies'}")
        + ("" if body.participants is None else f", {body.participants} participants")
        for body in each.studies
    )
    return PrintedConclusion(each.name, each.conclusion.value, bodies, each.outcomes)


def guideline_shown(each: Guideline, positions: Iterable[Position]) -> GuidelineShown:
    recommends = "" if each.recommends is None else each.recommends.value
    return GuidelineShown(
        each.body,
        each.year,
        "" if each.kind is None else each.kind.value,
        "" if each.issuer is None else each.issuer.value,
        recommends,
        any(_disagrees(each.recommends, position) for position in positions),
    )


_FAVOURABLE = (CoveragePosition.MEDICALLY_NECESSARY, CoveragePosition.COVERED_WITH_LIMITS)
_REFUSING = (
    CoveragePosition.INVESTIGATIONAL,
    CoveragePosition.NOT_MEDICALLY_NECESSARY,
    CoveragePosition.NOT_COVERED,
    CoveragePosition.COSMETIC,
)


def _disagrees(recommends: Direction | None, position: Position) -> bool:
    refused = {Direction.FOR: _REFUSING, Direction.AGAINST: _FAVOURABLE}.get(recommends or Direction.NEITHER, ())
    return bool(refused) and allows(refused, position)


def harms_of(base: EvidenceBase) -> tuple[HarmShown, ...]:
    """Every harm on record, trials first, each with how it was counted."""
    order = list(StudyKind)
    return tuple(
        HarmShown(
            study_label(study.first_author, study.year, study.id),
            study.kind.value,
            each.event,
            each.counted,
            each.events.text,
            each.of.text,
            each.percent.text,
            each.severity,
            each.group,
            each.checked.value,
            each.checked.is_verified,
            each.note,
        )
        for study in sorted(base.studies, key=lambda study: (order.index(study.kind), study.id))
        for each in study.harms
    )


def populations_of(base: EvidenceBase, standing: EvidenceStanding, held: Computed) -> tuple[PopulationShown, ...]:
    """Every population of the questions, and of the profiles that name one which they do not; those concluded on first."""
    asked = base.asked or Questions(base.policy, date.min)
    in_order = sorted(standing.populations, key=lambda each: not each.conclusion)
    return tuple(_population(base, asked, each, standing, held) for each in in_order)


def _population(
    base: EvidenceBase, asked: Questions, each: PopulationStanding, standing: EvidenceStanding, held: Computed
) -> PopulationShown:
    id, profile, declared = each.population, base.profile(each.population), asked.population(each.population)
    studies = [study for study in base.studies if study.population == id]
    bodies = [(study, study_label(study.first_author, study.year, study.id)) for study in studies]
    watched = [trial for watching in base.watching for trial in watching.trials if trial.population == id]
    changed = changed_studies(standing)
    return PopulationShown(
        id,
        each.says,
        "" if declared is None else declared.named,
        profile is not None and profile.is_rest,
        tuple(
            (one.intervention, one.comparator, one.outcome, one.band) for one in asked.questions if one.population == id
        ),
        each.conclusion,
        "" if each.assessed is None else each.assessed.conclusion,
        () if each.assessed is None else tuple(map(_position_words, each.assessed.allowed)),
        "" if each.printed is None else each.printed.value,
        NOT_SIGNED if each.signature is None else signed(each.signature),
        OTHER_NUMBERS if each.is_signed_on_other_numbers else "",
        None if profile is None else profile.recorded,
        "" if profile is None else profile.inputs,
        tuple(StatementShown(one.rule, one.label, one.is_allowed, one.overridden) for one in each.statements),
        () if profile is None else _criteria(profile),
        () if profile is None else _hindered(profile),
        () if each.assessed is None else tuple(map(_open, each.assessed.possible)),
        tuple(map(_open, held.would_open.get(id, ()))),
        held.findings.get(id, ()),
        () if profile is None else tuple(map(_certainty, profile.certainty)),
        tuple(pool for pool in held.pools if pool.population == id),
        published_forests(base, id),
        bias_lights([held for held in bodies if held[0].kind in _BODIES], "Risk of bias"),
        tuple(study_shown(study, study.id in changed) for study in studies),
        len(watched),
    )


def changed_studies(standing: EvidenceStanding) -> frozenset[str]:
    """The studies that were recorded, or recorded anew, after the version was approved."""
    return frozenset(each.id for each in standing.since if each.what == "study")


def others_of(base: EvidenceBase, standing: EvidenceStanding) -> tuple[StudyShown, ...]:
    """The records that are about no population of the questions: surveys of everybody, guidelines, textbooks."""
    named, changed = {each.population for each in standing.populations}, changed_studies(standing)
    return tuple(study_shown(each, each.id in changed) for each in base.studies if each.population not in named)


def _position_words(position: CoveragePosition) -> str:
    return position.value.replace("_", " ")


def signed(signature: Signature) -> str:
    return f"{signature.name}, {signature.role}, {signature.day}"


def study_shown(study: Study, is_since: bool) -> StudyShown:
    size = study.size("participants")
    return StudyShown(
        study.id,
        study_label(study.first_author, study.year, study.id),
        study.kind.value,
        study.design,
        study.title,
        "" if size is None else size.text,
        study.recorded,
        len(study.results),
        sum(not each.checked.is_verified for each in study.results),
        is_since,
        study.reference,
        study.pmid,
        study.doi,
        study.to_check,
    )


def _criteria(profile: Profile) -> tuple[CriterionShown, ...]:
    return tuple(CriterionShown(each.criterion.value, each.met.value, each.reason) for each in profile.criteria)


def _hindered(profile: Profile) -> tuple[str, ...]:
    return tuple(each.criterion.value for each in profile.criteria if each.met is Met.NOT_MET)


def _open(each: Open) -> OpenShown:
    return OpenShown(each.conclusion, tuple(map(_position_words, each.allowed)))


def _certainty(each: Certainty) -> CertaintyShown:
    reasons = tuple(f"{step.domain.value} {step.step:+d}: {step.reason}" for step in each.steps)
    return CertaintyShown(
        each.outcome,
        each.comparator,
        each.band,
        each.level.value,
        reasons,
        NOT_SIGNED if each.signature is None else signed(each.signature),
    )


def unverified_numbers(base: EvidenceBase) -> int:
    """How many results and harms nobody held against the study's own words."""
    results = sum(not each.checked.is_verified for study in base.studies for each in study.results)
    return results + sum(not each.checked.is_verified for study in base.studies for each in study.harms)
