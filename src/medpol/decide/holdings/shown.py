"""``show``: one policy by the version that explains its status on a day, with everything that a reader looks for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from medpol.decide.holdings.opened import Opened
from medpol.decide.holdings.pieces import (
    DRAFT,
    CodeSaid,
    HistorySaid,
    ScopeSaid,
    codes_of,
    events_of,
    scope_of,
    status_name,
)
from medpol.decide.one import Desk
from medpol.lifecycle import periods, standing
from medpol.model.criteria import Criterion, Group, Leaf, Rule
from medpol.model.policy import PolicyVersion, services_of


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of the criteria. ``read_by``: engine, where an expression stands behind it; person, a question."""

    id: str
    text: str
    read_by: str
    expression: str | None
    structure: str | None
    line: int
    parts: tuple[Sentence, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleSaid:
    name: str
    services: tuple[str, ...]
    when: str | None
    when_expression: str | None
    dates_of_service: str | None
    approved_for: str | None
    statement: str
    line: int
    canonical: str
    label: str
    criteria: Sentence | None
    unless: Sentence | None
    otherwise: str | None


@dataclass(frozen=True, slots=True)
class PopulationSaid:
    name: str
    studies: tuple[str, ...]
    outcomes: tuple[str, ...]
    conclusion: str


@dataclass(frozen=True, slots=True)
class TrialSaid:
    """``is_overdue``: its completion month had passed on the day, and no result is stated."""

    nct: str
    title: str
    population: str
    enrolment: int | None
    completion: str
    status: str
    is_published: bool | None
    is_overdue: bool


@dataclass(frozen=True, slots=True)
class PolicyShown:
    """One policy, by the version that explains its status on the day."""

    policy: str
    title: str
    publisher: str
    date_of_service: date
    known_on: date
    status: str
    version: date | None
    known_from: date | None
    known_from_is_inferred: bool
    file: str
    content_hash: str
    dates: dict[str, str]
    lines_of_business: ScopeSaid
    states: ScopeSaid
    plans: ScopeSaid
    related: tuple[str, ...]
    criteria: tuple[RuleSaid, ...]
    codes: tuple[CodeSaid, ...]
    populations: tuple[PopulationSaid, ...]
    trials: tuple[TrialSaid, ...]
    guidelines: tuple[str, ...]
    medicare: str
    references: int
    history: tuple[HistorySaid, ...]
    sections: tuple[str, ...]
    last_text_in_force: date | None
    doubtful: tuple[str, ...]
    source: str


def show_policy(opened: Opened, policy: str, day: date, known_on: date) -> PolicyShown | None:
    """The policy as it stands on the day; ``None`` where nothing of it was known."""
    status, standing_version = standing(opened.desk.versions.get(policy, ()), day, known_on)
    if standing_version is None:
        drafts = [version for version in opened.of(policy) if version.is_draft]
        return _shown(drafts[-1], opened, DRAFT, day, known_on) if drafts else None
    return _shown(opened.read(policy, standing_version), opened, status_name(status), day, known_on)


def _shown(version: PolicyVersion, opened: Opened, status: str, day: date, known_on: date) -> PolicyShown:
    stated = {
        "effective": version.effective,
        "archived": version.archived,
        "approved": version.approved,
        "row date": version.row_date,
        "published": version.published,
        "notice sent": version.notice.sent,
        "last revised": version.last_revised,
        "review due": version.review_due,
        "literature through": version.literature_through,
    }
    dates = {name: each.text for name, each in stated.items() if each is not None}
    if version.notice.days is not None:
        dates["notice days"] = str(version.notice.days)
    return PolicyShown(
        version.policy,
        version.title,
        version.publisher,
        day,
        known_on,
        status,
        version.first_day,
        version.known_from,
        version.known_from_is_inferred,
        version.source.file,
        version.content_hash,
        dates,
        scope_of(version.lines_of_business),
        scope_of(version.states),
        scope_of(version.plans),
        version.related,
        tuple(_rule(version, rule) for rule in version.rules),
        codes_of(version.code_rows, opened.library.texts.get(version.source.file, "")),
        tuple(
            PopulationSaid(
                each.name,
                tuple(
                    ", ".join(
                        part
                        for part in (
                            body.kind,
                            "" if body.studies is None else f"{body.studies} studies",
                            "" if body.participants is None else f"{body.participants} participants",
                        )
                        if part
                    )
                    for body in each.studies
                ),
                each.outcomes,
                each.conclusion.value,
            )
            for each in version.populations
        ),
        tuple(
            TrialSaid(
                each.nct,
                each.title,
                each.population,
                each.enrolment,
                each.completion.text,
                each.status,
                each.is_published,
                each.has_passed(day) and not each.is_published,
            )
            for each in version.trials
        ),
        tuple(each.body for each in version.guidelines.guidelines),
        version.medicare.statement,
        len(version.references),
        events_of(version),
        tuple(section.heading for section in version.sections),
        _last_text(opened.desk, version, known_on),
        version.doubtful,
        version.origin,
    )


def _last_text(desk: Desk, version: PolicyVersion, known_on: date) -> date | None:
    """For an archived version, the first day of the text that was in force before it."""
    if not version.is_archived or version.first_day is None:
        return None
    held = periods(desk.versions.get(version.policy, ()), known_on)
    return max((each.start for each in held if each.start < version.first_day and not each.is_archived), default=None)


def _rule(version: PolicyVersion, rule: Rule) -> RuleSaid:
    return RuleSaid(
        rule.name,
        services_of(version, rule),
        None if rule.when is None else rule.when.sentence,
        None if rule.when is None else rule.when.code,
        None if rule.dates is None else rule.dates.sentence,
        rule.approved_for,
        rule.statement.sentence,
        rule.statement.source.line,
        rule.statement.position.canonical.value,
        rule.statement.position.label,
        None if rule.criteria is None else _sentence(rule.criteria),
        None if rule.unless is None else _sentence(rule.unless),
        None if rule.otherwise is None else rule.otherwise.sentence,
    )


def _sentence(criterion: Criterion) -> Sentence:
    match criterion:
        case Leaf():
            read_by = "person" if criterion.expression is None else "engine"
            return Sentence(criterion.id, criterion.sentence, read_by, criterion.code, None, criterion.source.line)
        case Group():
            structure = criterion.structure.value + ("" if criterion.needed is None else f" {criterion.needed}")
            parts = tuple(_sentence(part) for part in criterion.parts)
            return Sentence(
                criterion.id, criterion.sentence, "engine", criterion.code, structure, criterion.source.line, parts
            )
