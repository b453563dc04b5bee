"""What a library holds, as plain values for a day and a day of knowledge: their field names are the keys of the JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from medpol.cli.opening import Opened
from medpol.cli.timeline import Period, last_day, periods
from medpol.decide.one import Desk, PreparedVersion
from medpol.lifecycle import Status, standing
from medpol.model.codes import DIAGNOSIS_SYSTEMS, pattern_shown, shown
from medpol.model.criteria import Criterion, Group, Leaf, Rule
from medpol.model.dates import StatedDate
from medpol.model.lines import Scope
from medpol.model.policy import CodeRole, PolicyVersion, services_of

DRAFT = "draft"


def status_name(status: Status) -> str:
    return status.value.replace(" ", "_")


# ---------------------------------------------------------------------------- pieces


@dataclass(frozen=True, slots=True)
class PositionSaid:
    """What one rule says: its position, whether criteria decide it, whether it speaks in some cases only, and the
    position otherwise."""

    rule: str
    services: tuple[str, ...]
    canonical: str
    label: str
    is_conditional: bool
    applies_when: bool = False
    otherwise: str | None = None


@dataclass(frozen=True, slots=True)
class CodeSaid:
    """One row of the Coding table. ``last_day`` is in."""

    system: str
    code: str | None
    group: str
    role: str
    first_day: date | None
    last_day: date | None
    label: str


@dataclass(frozen=True, slots=True)
class ScopeSaid:
    """``inside`` null: everything that is not outside."""

    inside: tuple[str, ...] | None
    outside: tuple[str, ...]


def _positions(version: PreparedVersion, services: Iterable[str] | None = None) -> tuple[PositionSaid, ...]:
    wanted = None if services is None else set(services)
    return tuple(
        PositionSaid(
            rule.name,
            rule.services,
            rule.position.canonical.value,
            rule.position.label,
            rule.met is not None,
            rule.when is not None,
            None if rule.otherwise is None else rule.otherwise.label,
        )
        for rule in version.row.rules
        if wanted is None or wanted & set(rule.services)
    )


def _codes(version: PreparedVersion) -> tuple[CodeSaid, ...]:
    return tuple(
        CodeSaid(
            row.system,
            None if row.pattern is None else pattern_shown(row.system, row.pattern),
            row.group,
            row.role.value,
            row.period.start,
            last_day(row.period.end),
            row.label,
        )
        for row in version.row.codes
    )


def _scope(scope: Scope) -> ScopeSaid:
    return ScopeSaid(scope.inside, scope.outside)


# ---------------------------------------------------------------------------- list


@dataclass(frozen=True, slots=True)
class Listed:
    """One policy of the library, as it stands on the day."""

    policy: str
    title: str
    publisher: str
    status: str
    version: date | None
    known_from: date | None
    positions: tuple[PositionSaid, ...]
    codes: tuple[CodeSaid, ...]
    lines_of_business: ScopeSaid
    versions: int
    drafts: int


@dataclass(frozen=True, slots=True)
class PolicyList:
    date_of_service: date
    known_on: date
    policies: tuple[Listed, ...]


def list_policies(opened: Opened, day: date, known_on: date) -> PolicyList:
    """Every policy of the library in the order of their numbers, those that nobody knew yet left out."""
    found = []
    for policy in opened.library.policies():
        drafts = sum(version.is_draft for version in opened.library.of(policy))
        held = opened.desk.versions.get(policy, ())
        status, version = standing(held, day, known_on)
        if version is None and not drafts:
            continue
        named = version if version is not None else None
        first = opened.library.of(policy)[-1]
        found.append(
            Listed(
                policy,
                first.title if named is None else named.row.title,
                first.publisher if named is None else named.row.publisher,
                DRAFT if named is None else status_name(status),
                None if named is None else named.first_day,
                None if named is None else named.known_from,
                () if named is None else _positions(named),
                () if named is None else tuple(row for row in _codes(named) if row.role == CodeRole.GOVERNED.value),
                _scope(first.lines_of_business if named is None else named.row.lines_of_business),
                len(periods(held, known_on)),
                drafts,
            )
        )
    return PolicyList(day, known_on, tuple(found))


# ---------------------------------------------------------------------------- show


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
class HistorySaid:
    date: str
    event: str
    approved: str | None
    effective: str | None
    published: str | None
    says: tuple[str, ...]
    comment: str


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
    versions = opened.library.of(policy)
    if standing_version is None:
        drafts = [version for version in versions if version.is_draft]
        return _shown(drafts[-1], opened.desk, DRAFT, day, known_on) if drafts else None
    version = next(each for each in versions if each.source.file == standing_version.row.file)
    return _shown(version, opened.desk, status_name(status), day, known_on)


def _shown(version: PolicyVersion, desk: Desk, status: str, day: date, known_on: date) -> PolicyShown:
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
        _scope(version.lines_of_business),
        _scope(version.states),
        _scope(version.plans),
        version.related,
        tuple(_rule(version, rule) for rule in version.rules),
        tuple(
            CodeSaid(
                row.system,
                None if row.pattern is None else pattern_shown(row.system, row.pattern),
                row.group,
                row.role.value,
                row.period.start,
                last_day(row.period.end),
                row.label,
            )
            for row in version.code_rows
        ),
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
        tuple(
            HistorySaid(
                each.day.text,
                each.event,
                _text(each.approved),
                _text(each.effective),
                _text(each.published),
                each.says,
                each.comment,
            )
            for each in version.history
        ),
        tuple(section.heading for section in version.sections),
        _last_text(desk, version, known_on),
        version.doubtful,
        version.origin,
    )


def _last_text(desk: Desk, version: PolicyVersion, known_on: date) -> date | None:
    """For an archived version, the first day of the text that was in force before it."""
    if not version.is_archived or version.first_day is None:
        return None
    held = periods(desk.versions.get(version.policy, ()), known_on)
    return max((each.start for each in held if each.start < version.first_day and not each.is_archived), default=None)


def _text(stated: StatedDate | None) -> str | None:
    return None if stated is None else stated.text


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


# ---------------------------------------------------------------------------- code


@dataclass(frozen=True, slots=True)
class Span:
    """The days in which one version of a policy names a code, and what it says of it. ``last_day`` null: no end known."""

    first_day: date
    last_day: date | None
    version: date
    known_from: date
    is_archived: bool
    group: str
    role: str
    positions: tuple[PositionSaid, ...]


@dataclass(frozen=True, slots=True)
class NamedBy:
    policy: str
    title: str
    status: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class CodeShown:
    """One code: whether it is valid on the day, and what each policy says of it over time.

    ``state``: named, malformed, not_yet_valid, ended, unnamed. ``says`` is the sentence for a person.
    """

    given: str
    system: str | None
    code: str | None
    state: str
    says: str
    first_day: date | None
    last_day: date | None
    labels: tuple[str, ...]
    policies: tuple[NamedBy, ...]
    near: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CodesShown:
    date_of_service: date
    known_on: date
    codes: tuple[CodeShown, ...]


def show_codes(opened: Opened, given: Sequence[str], day: date, known_on: date) -> CodesShown:
    return CodesShown(
        day,
        known_on,
        tuple(each for text in dict.fromkeys(given) for each in _codes_shown(opened.desk, text, day, known_on)),
    )


def _codes_shown(desk: Desk, given: str, day: date, known_on: date) -> list[CodeShown]:
    """The code in every system where a policy names it, or once for its shape alone."""
    systems = desk.plan.systems
    fitting = [(system, code) for system in systems.names() if (code := systems.normalise(system, given)) is not None]
    named = [(key, by) for key in fitting if (by := _named_by(desk, key, day, known_on))]
    if named:
        return [_named(desk, given, key, by, day, known_on) for key, by in named]
    shaped = systems.systems_of(given)
    if not shaped:
        return [
            CodeShown(given, None, None, "malformed", f"{given!r} has the shape of no code", None, None, (), (), ())
        ]
    code = systems.normalise(shaped[0], given)
    return [
        CodeShown(
            given,
            shaped[0] if len(shaped) == 1 else None,
            None if code is None else shown(shaped[0], code),
            "unnamed",
            "no policy names it; medpol holds no list to say whether it exists. That does not mean it is covered",
            None,
            None,
            (),
            (),
            _near(desk, code or given, known_on),
        )
    ]


def _named(
    desk: Desk, given: str, key: tuple[str, str], by: tuple[NamedBy, ...], day: date, known_on: date
) -> CodeShown:
    days = [each for each in desk.days.get(key, ()) if each.known_from <= known_on]
    starts = [each.start for each in days if each.start is not None]
    ends = [each.end for each in days if each.end is not None]
    first, end = min(starts, default=None), max(ends, default=None)
    state, says = "named", "valid that day" if days else "named as a diagnosis or beside a service"
    if first is not None and day < first:
        state, says = "not_yet_valid", f"the code begins {first}"
    elif end is not None and end <= day and all(each.end is not None for each in days):
        state, says = "ended", f"the code ended {last_day(end)}"
    labels = dict.fromkeys(
        row.label
        for versions in desk.versions.values()
        for version in versions
        if version.known_from <= known_on
        for row in version.row.codes
        if row.label and row.system == key[0] and row.pattern is not None and row.pattern.matches(key[1])
    )
    return CodeShown(given, key[0], shown(*key), state, says, first, last_day(end), tuple(labels), by, ())


def _named_by(desk: Desk, key: tuple[str, str], day: date, known_on: date) -> tuple[NamedBy, ...]:
    found = []
    for policy, versions in sorted(desk.versions.items()):
        held = periods(versions, known_on)
        spans = tuple(span for period in held for span in _spans(period, key))
        if any(not span.is_archived for span in spans):
            status = standing(versions, day, known_on).status
            found.append(NamedBy(policy, versions[0].row.title, status_name(status), spans))
    return tuple(found)


def _spans(period: Period, key: tuple[str, str]) -> Iterable[Span]:
    """One span for each group of the version that holds the code; an archived version is a span that names nothing."""
    version = period.version
    if period.is_archived:
        yield Span(period.start, last_day(period.end), period.start, version.known_from, True, "", "", ())
        return
    rows = {
        (row.group, row.role.value): None
        for row in version.row.codes
        if row.system == key[0] and row.pattern is not None and row.pattern.matches(key[1])
    }
    for group, role in rows:
        said = _positions(version, (group,)) if role == CodeRole.GOVERNED.value else ()
        yield Span(period.start, last_day(period.end), period.start, version.known_from, False, group, role, said)


def _near(desk: Desk, code: str, known_on: date) -> tuple[str, ...]:
    """Codes that some policy names and that begin as this one does."""
    held = {
        shown(*key)
        for key, days in desk.days.items()
        if key[0] not in DIAGNOSIS_SYSTEMS
        and len(key[1]) == len(code)
        and key[1][:-1] == code[:-1]
        and any(each.known_from <= known_on for each in days)
    }
    return tuple(sorted(held))


# ---------------------------------------------------------------------------- history


@dataclass(frozen=True, slots=True)
class VersionSaid:
    """One version on the clock of care and on the clock of knowledge.

    ``known_before_days``: from the day it became known to its first day. ``last_day`` null: no end known.
    """

    version: date
    is_archived: bool
    last_day: date | None
    days: int | None
    known_from: date
    known_from_is_inferred: bool
    known_before_days: int
    notice_days_owed: int | None
    approved: str | None
    published: str | None
    positions: tuple[PositionSaid, ...]
    is_in_force_that_day: bool
    file: str
    content_hash: str


@dataclass(frozen=True, slots=True)
class Superseded:
    """A version that a correction replaced, or that was withdrawn: what was once known."""

    version: date
    known_from: date
    until: date
    by: str
    file: str


@dataclass(frozen=True, slots=True)
class Gap:
    first_day: date
    last_day: date | None
    days: int | None


@dataclass(frozen=True, slots=True)
class PolicyHistory:
    policy: str
    title: str
    date_of_service: date
    known_on: date
    status: str
    versions: tuple[VersionSaid, ...]
    gaps: tuple[Gap, ...]
    superseded: tuple[Superseded, ...]
    events: tuple[HistorySaid, ...]


def policy_history(opened: Opened, policy: str, day: date, known_on: date) -> PolicyHistory | None:
    """Every version known on the day of knowledge, by first day; ``None`` where none was."""
    versions = opened.desk.versions.get(policy, ())
    held = periods(versions, known_on)
    if not held:
        return None
    read = {version.source.file: version for version in opened.library.of(policy)}
    newest = read[held[-1].version.row.file]
    return PolicyHistory(
        policy,
        held[-1].version.row.title,
        day,
        known_on,
        status_name(standing(versions, day, known_on).status),
        tuple(_version_said(period, read[period.version.row.file], opened, day) for period in held),
        tuple(Gap(each.start, last_day(each.end), each.days) for each in held if each.is_archived),
        tuple(_superseded(versions, held, known_on)),
        tuple(
            HistorySaid(
                each.day.text,
                each.event,
                _text(each.approved),
                _text(each.effective),
                _text(each.published),
                each.says,
                each.comment,
            )
            for each in newest.history
        ),
    )


def _version_said(period: Period, version: PolicyVersion, opened: Opened, day: date) -> VersionSaid:
    owed = version.notice.days if version.notice.days is not None else opened.library.settings.notice_days
    known_from = period.version.known_from
    return VersionSaid(
        period.start,
        period.is_archived,
        last_day(period.end),
        period.days,
        known_from,
        version.known_from_is_inferred,
        (period.start - known_from).days,
        owed,
        _text(version.approved),
        _text(version.published),
        _positions(period.version),
        period.covers(day) and not period.is_archived,
        version.source.file,
        version.content_hash,
    )


def _superseded(versions: Sequence[PreparedVersion], held: Sequence[Period], known_on: date) -> Iterable[Superseded]:
    kept = {id(period.version) for period in held}
    for version in sorted(versions, key=lambda each: (each.first_day, each.known_from)):
        if id(version) in kept or version.known_from > known_on:
            continue
        if version.withdrawn_from is not None and version.withdrawn_from <= known_on:
            yield Superseded(
                version.first_day, version.known_from, version.withdrawn_from, "withdrawn", version.row.file
            )
            continue
        later = [
            each
            for each in versions
            if each.first_day == version.first_day and version.known_from < each.known_from <= known_on
        ]
        by = min(later, key=lambda each: each.known_from)
        yield Superseded(version.first_day, version.known_from, by.known_from, by.row.file, version.row.file)
