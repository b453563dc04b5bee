"""One case: from what is known of it to what every source says of it, and what they say together. A pure function.

``Desk`` prepares a plan for answering: the codes it names, its versions latest first, its literals as functions.
``settle`` gives every answer that is still possible; one outcome among them is the answer.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from itertools import product
from typing import Any, NamedTuple

from medpol.decide.identity import declared_units
from medpol.decide.literals import (
    MET,
    NOT_MET,
    UNKNOWN,
    Groups,
    Judge,
    Known,
    bit_truth,
    groups_of,
    judge_for,
    with_gates,
)
from medpol.decide.plan import ENROLLED
from medpol.decide.rows import Dispatch, Plan, PlanCode, PlanProvision, PlanRule, PlanSource, PlanVersion
from medpol.decide.voices import Result, resolve, voices_of
from medpol.lifecycle import Status, standing
from medpol.model.case import Case
from medpol.model.contract import Effect, Rank, SourceKind
from medpol.model.facts import FactDeclaration
from medpol.model.lines import LINES_OF_BUSINESS, Scope, line_scope_holds
from medpol.model.policy import CodeRole
from medpol.model.positions import REASON_KINDS, CoveragePosition, Outcome
from medpol.model.quantities import Quantity

MAXIMUM_COMPLETIONS = 4_096
_REMEMBERED_SERVICES = 100_000
_CAUSE = {key: at for at, key in enumerate(REASON_KINDS)}
_OTHER = "\0other"
_DIMENSIONS = ("line_of_business", "state", "plan", "funding")
_MEMBER_FACTS = {"line_of_business": "member.line", "state": "member.state", "plan": "member.plan"}
_SCOPES = {"line_of_business": "lines_of_business", "state": "states", "plan": "plans"}
DIMENSION_KEYS = {
    "line_of_business": "line-of-business-unknown",
    "state": "state-unknown",
    "plan": "plan-unknown",
    "funding": "plan-unknown",  # a plan decides how it is funded
}


# ---------------------------------------------------------------------------- the desk: a plan made ready


@dataclass(slots=True)
class PreparedRule:
    """A rule with its literals as functions and its voices as bits."""

    row: PlanRule
    judges: tuple[Judge, ...]
    voices: tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]
    only_authorizes: bool
    offset: int = 0

    def bits(self, known: Known) -> tuple[int, int]:
        """T and U of the literals, and above them of the gates."""
        met, unknown = self._literal_bits(known, 0, len(self.judges))
        return with_gates(self.row.gates, len(self.judges), met, unknown)

    def _literal_bits(self, known: Known, first: int, end: int) -> tuple[int, int]:
        met = unknown = 0
        for at in range(first, end):
            truth = self.judges[at](known)
            if truth == MET:
                met |= 1 << at
            elif truth == UNKNOWN:
                unknown |= 1 << at
        return met, unknown

    def judged(self, known: Known) -> JudgedRule:
        """The rule judged; where its When does not hold, the rest is left until somebody asks for it."""
        row = self.row
        if row.when is None:
            met, unknown = self.bits(known)
            return JudgedRule(self, met, unknown, MET, self.truth(met, unknown))
        t, u = self._literal_bits(known, 0, row.when_literals)
        met, unknown = with_gates(row.gates, len(self.judges), t, u)
        when = bit_truth(row.when, met, unknown)
        if when == NOT_MET:
            return JudgedRule(self, met, unknown, when, NOT_MET, is_whole=False)
        more, unsure = self._literal_bits(known, row.when_literals, len(self.judges))
        met, unknown = with_gates(row.gates, len(self.judges), t | more, u | unsure)
        return JudgedRule(self, met, unknown, when, self.truth(met, unknown))

    def when(self, met: int, unknown: int) -> int:
        return MET if self.row.when is None else bit_truth(self.row.when, met, unknown)

    def truth(self, met: int, unknown: int) -> int:
        return MET if self.row.met is None else bit_truth(self.row.met, met, unknown)


@dataclass(slots=True)
class PreparedVersion:
    """A version row with what answering needs beside it."""

    row: PlanVersion
    desk: Desk
    first_day: date = field(init=False)
    known_from: date = field(init=False)
    withdrawn_from: date | None = field(init=False)
    is_archived: bool = field(init=False)
    dispatch_of: dict[tuple[str, ...], PreparedDispatch] = field(default_factory=dict)
    groups_by_code: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    governed: tuple[str, ...] = ()
    excluding: tuple[PlanCode, ...] = ()
    _groups: Groups | None = None

    def __post_init__(self) -> None:
        row = self.row
        self.first_day, self.known_from = row.first_day, row.known_from
        self.withdrawn_from, self.is_archived = row.withdrawn_from, row.is_archived
        by_code: dict[tuple[str, str], dict[str, None]] = {}
        governed: dict[str, None] = {}
        for code in row.codes:
            if code.role is CodeRole.GOVERNED:
                governed[code.group] = None
                if code.pattern is not None:
                    by_code.setdefault((code.system, code.pattern.text), {})[code.group] = None
        self.groups_by_code = {key: tuple(held) for key, held in by_code.items()}
        self.governed = tuple(governed)
        self.excluding = tuple(
            code for code in row.codes if code.role is CodeRole.EXCLUDES and code.pattern is not None
        )
        self.dispatch_of = {each.groups: PreparedDispatch(each, self) for each in row.dispatches}

    @property
    def groups(self) -> Groups:
        if self._groups is None:
            self._groups = groups_of(self.row, self.desk.plan.systems)
        return self._groups

    def dispatch(self, case: Case) -> PreparedDispatch | None:
        """The rules for the service of a case, or ``None`` where this version does not govern it."""
        if case.code is not None:
            groups = self.groups_by_code.get((case.code_system or "", case.code))
        else:
            groups = (case.service,) if case.service in self.governed else None
        return None if groups is None else self.dispatch_of[groups]

    def outside(self, known: Known) -> int:
        """Whether every diagnosis of the case is in groups where this policy does not speak."""
        if not self.excluding:
            return NOT_MET
        held = known.facts.get("diagnosis")
        if held is None:
            return UNKNOWN
        rows = [(code.pattern, code.period) for code in self.excluding]
        inside = [
            any(pattern is not None and pattern.matches(code) and period.covers(known.day) for pattern, period in rows)
            for code in held
        ]
        if not all(inside) or not (held or known.malformed_diagnosis):
            return NOT_MET
        return UNKNOWN if known.malformed_diagnosis else MET


@dataclass(slots=True)
class PreparedDispatch:
    row: Dispatch
    version: PreparedVersion
    _rules: tuple[PreparedRule, ...] | None = None

    @property
    def rules(self) -> tuple[PreparedRule, ...]:
        if self._rules is None:
            groups = self.version.groups
            offset = 0
            held = []
            for at in self.row.rules:
                rule = self.version.row.rules[at]
                only_authorizes = rule.position.canonical is CoveragePosition.AUTHORIZATION_ONLY
                held.append(
                    PreparedRule(
                        rule,
                        tuple(judge_for(each, groups) for each in rule.literals),
                        voices_of(rule) if not only_authorizes else ((0,), (0,), (0,)),
                        only_authorizes,
                        offset,
                    )
                )
                offset += 0 if only_authorizes else rule.when_literals
            self._rules = tuple(held)
        return self._rules


@dataclass(slots=True)
class PreparedProvision:
    row: PlanProvision
    source: PlanSource
    judges: tuple[Judge, ...]


Provisions = tuple[PlanSource, tuple[PreparedProvision, ...]]


class CodeDays(NamedTuple):
    """The stated days of one code row, and from when the row is known."""

    known_from: date
    start: date | None
    end: date | None


class Desk:
    """A plan made ready to answer."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.versions: dict[str, tuple[PreparedVersion, ...]] = {}
        self.by_code: dict[tuple[str, str], tuple[str, ...]] = {}
        self.by_service: dict[str, tuple[str, ...]] = {}
        self.days: dict[tuple[str, str], list[CodeDays]] = {}
        self.groups_of: dict[tuple[str, str], list[tuple[date, str]]] = {}
        by_policy: dict[str, list[PreparedVersion]] = {}
        for row in plan.versions:
            by_policy.setdefault(row.policy, []).append(PreparedVersion(row, self))
        by_code: dict[tuple[str, str], dict[str, None]] = {}
        by_service: dict[str, dict[str, None]] = {}
        first_known: dict[tuple[str, str], dict[tuple[date | None, date | None], date]] = {}
        self.named_from: dict[tuple[str, object], date] = {}
        self.restricts: dict[str, frozenset[str]] = {}
        for policy in sorted(by_policy):
            held = sorted(by_policy[policy], key=lambda each: (each.first_day, each.known_from), reverse=True)
            self.versions[policy] = tuple(held)
            self.restricts[policy] = frozenset(
                dimension
                for dimension, attribute in _SCOPES.items()
                if any(not getattr(version.row, attribute).is_everything for version in held)
            )
            for version in held:
                for name in (*version.governed, *version.groups_by_code):
                    first = self.named_from.get((policy, name), version.known_from)
                    self.named_from[policy, name] = min(first, version.known_from)
                for group in version.governed:
                    by_service.setdefault(group, {})[policy] = None
                for code in version.row.codes:
                    if code.pattern is None or code.pattern.is_prefix:
                        continue
                    key = (code.system, code.pattern.text)
                    self.groups_of.setdefault(key, []).append((version.known_from, code.group))
                    if code.role is CodeRole.GOVERNED:
                        by_code.setdefault(key, {})[policy] = None
                        stated = first_known.setdefault(key, {})
                        days = (code.period.start, code.period.end)
                        stated[days] = min(stated.get(days, version.known_from), version.known_from)
        self.days = {
            key: [CodeDays(known_from, *days) for days, known_from in stated.items()]
            for key, stated in first_known.items()
        }
        self.by_code = {key: tuple(policies) for key, policies in by_code.items()}
        self.by_service = {name: tuple(policies) for name, policies in by_service.items()}
        self.contracts = {
            source.id: self._provisions(source) for source in plan.sources if source.kind is SourceKind.CONTRACT
        }
        self.mandates = tuple(
            self._provisions(source) for source in plan.sources if source.kind is not SourceKind.CONTRACT
        )

        self._about: dict[tuple[str | None, ...], tuple[Provisions, ...]] = {}

    def about(self, case: Case) -> tuple[Provisions, ...]:
        """The contract of the case and the mandates, with those of their provisions that could ever act on its service."""
        key = (case.code_system, case.code, case.service, case.contract)
        held = self._about.get(key)
        if held is None:
            groups = {group for _, group in self.groups_of.get((case.code_system or "", case.code or ""), ())}
            groups.add(case.service or "")
            contract = self.contracts.get(case.contract or "")
            held = tuple(
                (source, mine)
                for source, rows in (*([] if contract is None else [contract]), *self.mandates)
                if (mine := tuple([each for each in rows if _is_about(each.row, case, groups)]))
            )
            if len(self._about) < _REMEMBERED_SERVICES:
                self._about[key] = held
        return held

    def _provisions(self, source: PlanSource) -> Provisions:
        return source, tuple(
            PreparedProvision(
                row,
                source,
                () if row.when is None else tuple(judge_for(each, self.library_groups) for each in row.when.literals),
            )
            for row in source.provisions
        )

    @cached_property
    def group_names(self) -> tuple[str, ...]:
        """Every Coding group of any version, in order."""
        return tuple(dict.fromkeys(code.group for row in self.plan.versions for code in row.codes))

    @cached_property
    def groups_by_text(self) -> dict[str, tuple[str, ...]]:
        """The groups that hold a code, whatever its system, by the code in capitals."""
        held: dict[str, dict[str, None]] = {}
        for row in self.plan.versions:
            for code in row.codes:
                if code.pattern is not None:
                    held.setdefault(code.pattern.text.upper(), {})[code.group] = None
        return {text: tuple(groups) for text, groups in held.items()}

    @cached_property
    def declared(self) -> dict[str, FactDeclaration]:
        """Every declared fact by its name; the library's own declaration before that of a version."""
        held = {fact.name: fact for row in self.plan.versions for fact in row.facts}
        return held | {fact.name: fact for fact in self.plan.facts}

    @cached_property
    def library_groups(self) -> Groups:
        """The groups of every version together, for the conditions of contracts and mandates."""
        held = [version.groups for versions in self.versions.values() for version in versions]
        codes: dict[str, frozenset[str]] = {}
        prefixes: dict[str, tuple[str, ...]] = {}
        diagnoses: dict[str, tuple[tuple[str, bool, date | None, date | None], ...]] = {}
        for groups in held:
            for name, found in groups.codes.items():
                codes[name] = codes.get(name, frozenset()) | found
            for name, texts in groups.prefixes.items():
                prefixes[name] = tuple(dict.fromkeys((*prefixes.get(name, ()), *texts)))
            for name, rows in groups.diagnoses.items():
                diagnoses[name] = tuple(dict.fromkeys((*diagnoses.get(name, ()), *rows)))
        return Groups(codes, prefixes, diagnoses, {}, self.plan.systems)

    @cached_property
    def all_held(self) -> date:
        """The day on which everything that the library holds is known."""
        days = [row.known_from for row in self.plan.versions]
        days += [
            each.known_from for source in self.plan.sources for each in source.provisions if each.known_from is not None
        ]
        return max(days, default=date(1970, 1, 1))

    @cached_property
    def units(self) -> dict[str, str]:
        """The declared unit of every fact that has one, those of a policy's own Definitions and of events included."""
        return declared_units(
            (*self.plan.facts, *(fact for row in self.plan.versions for fact in row.facts)), self.plan.event_fields
        )

    @cached_property
    def member_facts(self) -> frozenset[str]:
        """Which of the member's line, state and plan some rule or provision reads as a fact."""
        literals = [literal for row in self.plan.versions for rule in row.rules for literal in rule.literals]
        literals += [
            literal
            for source in self.plan.sources
            for each in source.provisions
            if each.when is not None
            for literal in each.when.literals
        ]
        return frozenset(literal.fact for literal in literals) & frozenset(_MEMBER_FACTS.values())

    @cached_property
    def lines(self) -> tuple[str, ...]:
        return (*LINES_OF_BUSINESS, *self.plan.lines)


# ---------------------------------------------------------------------------- what is known


def known_of(case: Case, *, with_assumed: bool = True) -> Known:
    """What a case documents, in the form that literals read."""
    facts: dict[str, Any] = dict(case.facts)
    if with_assumed and case.assumed:
        facts |= dict(case.assumed)
    malformed = False
    if case.diagnoses is not None:
        good = tuple(code for code in case.diagnoses if not code.startswith("!"))
        malformed = len(good) != len(case.diagnoses)
        facts["diagnosis"] = good
    age = case.birth_date if case.birth_date is not None else case.age
    if age is not None:
        facts["age"] = age
    for name, value in (
        ("sex", case.sex),
        ("member.state", case.state),
        ("member.line", case.line_of_business),
        ("member.plan", case.plan),
        ("service.place", case.place_of_service),
        ("service.modifier", case.modifiers),
        ("provider.specialty", case.provider_specialty),
    ):
        if value is not None:
            facts[name] = value
    if case.units is not None:
        facts["service.units"] = Quantity(case.units)
    facts["date_of_service"] = case.date_of_service
    return Known(
        case.date_of_service,
        facts,
        dict(case.answers),
        case.history,
        case.history_complete_from,
        case.history_incomplete_for,
        case.records_complete,
        None if case.code is None else case.code.upper(),
        case.service,
        case.units,
        case.plan_year,
        case.birth_date,
        malformed_diagnosis=malformed,
    )


# ---------------------------------------------------------------------------- judging


@dataclass(slots=True)
class JudgedRule:
    rule: PreparedRule
    met: int
    unknown: int
    when: int
    truth: int
    is_whole: bool = True

    def completed(self, known: Known) -> JudgedRule:
        """The rule with the bits that were left out because its When does not hold."""
        met, unknown = self.rule.bits(known)
        return JudgedRule(self.rule, met, unknown, self.when, self.rule.truth(met, unknown))


@dataclass(slots=True)
class PolicyAnswer:
    """What one policy says: its standing, the version that explains it, every result still possible."""

    policy: str
    version: PreparedVersion
    results: frozenset[Result]
    judged: tuple[JudgedRule, ...] = ()
    outside: int = NOT_MET
    was_judged: bool = False
    known: Known | None = None

    @property
    def rules(self) -> tuple[JudgedRule, ...]:
        """The rules about the service with all their bits, those included whose When does not hold."""
        if self.known is not None:
            self.judged = tuple([each if each.is_whole else each.completed(self.known) for each in self.judged])
            self.known = None
        return self.judged

    @property
    def speaking(self) -> tuple[JudgedRule, ...]:
        """The rules that take part: none where every diagnosis is outside."""
        return () if self.outside == MET else self.rules

    @property
    def is_settled(self) -> bool:
        return len({result.outcome for result in self.results}) == 1


@dataclass(slots=True)
class ProvisionAnswer:
    provision: PreparedProvision
    truth: int
    met: int = 0
    unknown: int = 0


@dataclass(slots=True)
class Settled:
    """Every answer still possible for a case, and what each source said on the way."""

    results: frozenset[Result]
    policies: tuple[PolicyAnswer, ...] = ()
    provisions: tuple[ProvisionAnswer, ...] = ()
    sources: tuple[PlanSource, ...] = ()
    waiting_for: str | None = None
    branches: tuple[tuple[str, Settled], ...] = ()
    is_cut_off: bool = False
    alike: tuple[Settled, ...] = ()

    @property
    def outcome(self) -> Outcome:
        outcomes = {result.outcome for result in self.results}
        return outcomes.pop() if len(outcomes) == 1 else Outcome.INFORMATION_NEEDED

    @property
    def reason_key(self) -> str:
        outcome = self.outcome
        if outcome is Outcome.INFORMATION_NEEDED:
            return DIMENSION_KEYS[self.waiting_for] if self.waiting_for is not None else "facts-missing"
        return min((result.reason_key for result in self.results), key=_CAUSE.__getitem__)

    @property
    def positions(self) -> frozenset[CoveragePosition]:
        return frozenset().union(*(result.positions for result in self.results))


_NOTHING_NAMES = Result(Outcome.NOT_ADDRESSED, "no-policy-names-code")


def settle(desk: Desk, case: Case, known_on: date, known: Known | None = None) -> Settled:
    """Every answer that is still possible for the case as known on a day."""
    if case.is_code_malformed:
        return Settled(frozenset({Result(Outcome.NOT_ADDRESSED, "code-malformed")}))
    if case.code is None and case.service is None:
        return Settled(frozenset({Result(Outcome.NOT_ADDRESSED, "no-service-code")}))
    if case.code is not None:
        problem = code_validity(desk.days.get((case.code_system or "", case.code), ()), case.date_of_service, known_on)
        if problem is not None:
            return Settled(
                frozenset({Result(Outcome.NOT_ADDRESSED, problem)}), explained(desk, case, known_on, problem)
            )
    return _settle(desk, case, known_on, known if known is not None else known_of(case))


def _settle(desk: Desk, case: Case, known_on: date, known: Known) -> Settled:
    policies = policies_naming(desk, case)
    has_others = bool(desk.about(case))
    for dimension in _DIMENSIONS:
        if getattr(case, dimension) is None and (
            has_others or any(dimension in desk.restricts[policy] for policy in policies)
        ):
            values = _values(desk, case, known_on, dimension)
            if values:
                return _branched(desk, case, known_on, known, dimension, values)
    answers = []
    for policy in policies:
        answer = _policy(desk, policy, case, known_on, known)
        if answer is not None:
            answers.append(answer)
    provisions, sources = _provisions(desk, case, known_on, known) if has_others else ((), ())
    if not provisions and len(answers) == 1:
        return Settled(answers[0].results, (answers[0],), (), sources)
    return _combined(answers, provisions, sources)


def policies_naming(desk: Desk, case: Case) -> tuple[str, ...]:
    """The policies of which some version names the code or the service; only the one asked for, where one is."""
    if case.code is not None:
        named = desk.by_code.get((case.code_system or "", case.code), ())
    else:
        named = desk.by_service.get(case.service or "", ())
    return named if case.policy is None else tuple(policy for policy in named if policy == case.policy)


# ---------------------------------------------------------------------------- codes


def code_validity(rows: Sequence[CodeDays], day: date, known_on: date) -> str | None:
    """Whether the code does not yet, or no longer, exist on a day, by the stated days of every row known by then."""
    starts = [row.start for row in rows if row.known_from <= known_on and row.start is not None]
    begun = [start for start in starts if start <= day]
    if starts and not begun:
        return "code-not-yet-valid"
    since = max(begun, default=date.min)
    ends = [row.end for row in rows if row.known_from <= known_on and row.end is not None and row.end > since]
    return "code-ended" if ends and day >= max(ends) else None


def explained(desk: Desk, case: Case, known_on: date, problem: str) -> tuple[PolicyAnswer, ...]:
    """The policies that name a code which is not valid that day, with the version whose row says so."""
    key = (case.code_system or "", case.code or "")
    held = []
    for policy in desk.by_code.get(key, ()):
        naming = [each for each in desk.versions[policy] if key in each.groups_by_code and each.known_from <= known_on]
        if naming:
            held.append(
                PolicyAnswer(
                    policy,
                    naming[-1] if problem == "code-not-yet-valid" else naming[0],
                    frozenset({Result(Outcome.NOT_ADDRESSED, problem)}),
                )
            )
    return tuple(held)


# ---------------------------------------------------------------------------- one policy


def _policy(desk: Desk, policy: str, case: Case, known_on: date, known: Known) -> PolicyAnswer | None:
    """What one policy that names the service says, or ``None`` where no version known by then names it."""
    name = case.service if case.code is None else (case.code_system or "", case.code)
    if desk.named_from[policy, name] > known_on:
        return None
    status, version = standing(desk.versions[policy], case.date_of_service, known_on)
    if version is None:
        return None
    row = version.row
    if (cause := _out_of_scope(row, case)) is not None:
        return PolicyAnswer(policy, version, frozenset({Result(Outcome.NOT_ADDRESSED, cause)}))
    if status is not Status.IN_FORCE:
        cause = {Status.IN_NOTICE: "in-notice", Status.ARCHIVED: "archived"}.get(status, "no-version-yet")
        return PolicyAnswer(policy, version, frozenset({Result(Outcome.NOT_ADDRESSED, cause)}))
    dispatch = version.dispatch(case)
    if dispatch is None:
        return PolicyAnswer(policy, version, _NO_RULE)
    outside = version.outside(known)
    judged, results = judge_rules(dispatch, known)
    if outside != NOT_MET:
        results = _OUTSIDE if outside == MET else results | _OUTSIDE
    return PolicyAnswer(policy, version, results, judged, outside, True, known)


_NO_RULE = frozenset({Result(Outcome.NOT_ADDRESSED, "no-rule-applies")})
_OUTSIDE = frozenset({Result(Outcome.REFER, "diagnosis-outside")})
_NO_DAY = frozenset({Result(Outcome.REFER, "text-ambiguous")})
_TOO_MANY = frozenset(
    Result(outcome, "facts-missing")
    for outcome in (Outcome.COVERED, Outcome.NOT_COVERED, Outcome.REFER, Outcome.NOT_ADDRESSED)
)


def _out_of_scope(row: PlanVersion, case: Case) -> str | None:
    if case.line_of_business is not None and not line_scope_holds(row.lines_of_business, case.line_of_business):
        return "line-of-business-out-of-scope"
    if case.state is not None and not row.states.holds(case.state):
        return "state-out-of-scope"
    if case.plan is not None and not row.plans.holds(case.plan):
        return "plan-out-of-scope"
    return None


def judge_rules(dispatch: PreparedDispatch, known: Known) -> tuple[tuple[JudgedRule, ...], frozenset[Result]]:
    """Judge the rules for a service and gather what every completion of the unknown would answer."""
    judged: list[JudgedRule] = []
    missed = speaking = False
    for rule in dispatch.rules:
        if rule.row.dates is not None and not rule.row.dates.covers(known.day):
            missed |= not rule.only_authorizes
            continue
        judged.append(rule.judged(known))
        speaking |= not rule.only_authorizes
    if not speaking:
        return tuple(judged), _NO_DAY if missed else _NO_RULE
    return tuple(judged), combine_rules(dispatch.row, judged, known.facts.get(ENROLLED) is True)


def combine_rules(dispatch: Dispatch, judged: Sequence[JudgedRule], is_enrolled: bool) -> frozenset[Result]:
    """Every result that a completion can give: joint cells of the Whens, then each waiting rule either way."""
    masks: set[int] = set()
    completions = _when_completions(dispatch, judged)
    if completions is None:
        return _TOO_MANY
    for whens in completions:
        reached = {0}
        for each, when in zip(judged, whens, strict=True):
            if when != MET or each.rule.only_authorizes:
                continue
            voices = each.rule.voices[each.truth]
            reached = (
                {mask | voice for mask in reached for voice in voices}
                if len(voices) > 1
                else {mask | voices[0] for mask in reached}
            )
            if len(reached) > MAXIMUM_COMPLETIONS:
                return _TOO_MANY
        masks |= reached
    return frozenset([resolve(mask, is_enrolled) for mask in masks])


def _when_completions(dispatch: Dispatch, judged: Sequence[JudgedRule]) -> Iterable[tuple[int, ...]] | None:
    """The truths of every When on each feasible joint cell that agrees with what is settled; ``None`` for too many."""
    whens = tuple(each.when for each in judged)
    if UNKNOWN not in whens or all(each.rule.only_authorizes for each in judged if each.when == UNKNOWN):
        return (whens,)
    if dispatch.terms is None:
        return None
    settled = met = 0
    for each in judged:
        if each.rule.only_authorizes:
            continue
        inside = (1 << each.rule.row.when_literals) - 1
        settled |= (inside & ~each.unknown) << each.rule.offset
        met |= (each.met & inside) << each.rule.offset
    absent = ~sum(
        ((1 << each.rule.row.when_literals) - 1) << each.rule.offset for each in judged if not each.rule.only_authorizes
    )
    per_term = []
    for term in dispatch.terms:
        fixed = term.mask & settled
        feasible = {pattern & ~absent for pattern in term.patterns if pattern & fixed == met & fixed}
        per_term.append(feasible or {met & term.mask})
    found: dict[tuple[int, ...], None] = {}
    for cells in product(*per_term):
        pattern = 0
        for cell in cells:
            pattern |= cell
        found[tuple(_when_on(each, pattern) for each in judged)] = None
    return tuple(found)


def _when_on(each: JudgedRule, pattern: int) -> int:
    if each.rule.only_authorizes or each.rule.row.when is None:
        return each.when
    row = each.rule.row
    met, _ = with_gates(row.gates, len(row.literals), pattern >> each.rule.offset & ((1 << row.when_literals) - 1), 0)
    return bit_truth(row.when, met, 0) if row.when is not None else MET


# ---------------------------------------------------------------------------- contracts, mandates, Medicare sources


def _provisions(
    desk: Desk, case: Case, known_on: date, known: Known
) -> tuple[tuple[ProvisionAnswer, ...], tuple[PlanSource, ...]]:
    """The provisions about the service, each with whether it acts, and the sources that hold them."""
    acting: list[ProvisionAnswer] = []
    sources: list[PlanSource] = []
    groups: frozenset[str] | None = None
    for source, rows in _applying(desk, case):
        held = False
        for each in rows:
            row = each.row
            if not row.period.covers(case.date_of_service) or (
                row.known_from is not None and row.known_from > known_on
            ):
                continue
            if row.position is None:
                if row.group is not None and groups is None:
                    groups = _groups_named(desk, case, known_on)
                if row.group is not None and (groups is None or row.group not in groups):
                    continue
                if row.code is not None and (row.system, row.code) != (case.code_system, case.code):
                    continue
            truth, met, unknown = MET, 0, 0
            if row.when is not None:
                for at, judge in enumerate(each.judges):
                    found = judge(known)
                    met |= (found == MET) << at
                    unknown |= (found == UNKNOWN) << at
                met, unknown = with_gates(row.when.gates, len(each.judges), met, unknown)
                truth = bit_truth(row.when.root, met, unknown)
            held = True
            acting.append(ProvisionAnswer(each, truth, met, unknown))
        if held:
            sources.append(source)
    return tuple(acting), tuple(sources)


def _applying(desk: Desk, case: Case) -> list[Provisions]:
    return [held for held in desk.about(case) if _source_applies(held[0], case)]


def _is_about(row: PlanProvision, case: Case, groups: Collection[str]) -> bool:
    """Whether a provision could act on the service of a case on some day: it names the service, or none at all."""
    return (
        row.position is not None
        or (row.group is None and row.code is None)
        or row.group in groups
        or (row.code is not None and (row.system, row.code) == (case.code_system, case.code))
    )


def _source_applies(source: PlanSource, case: Case) -> bool:
    return (
        source.period.covers(case.date_of_service)
        and (case.line_of_business is None or line_scope_holds(source.lines_of_business, case.line_of_business))
        and (case.state is None or source.states.holds(case.state))
        and (case.plan is None or source.plans.holds(case.plan))
        and (source.funding is None or case.funding is None or case.funding == source.funding)
    )


def _groups_named(desk: Desk, case: Case, known_on: date) -> frozenset[str]:
    """The Coding groups, of any version known by then, that hold the code or are the service asked for."""
    if case.code is None:
        return frozenset({case.service or ""})
    return frozenset(
        group
        for known_from, group in desk.groups_of.get((case.code_system or "", case.code), ())
        if known_from <= known_on
    )


# ---------------------------------------------------------------------------- combining


def _combined(
    answers: Sequence[PolicyAnswer], provisions: Sequence[ProvisionAnswer], sources: tuple[PlanSource, ...]
) -> Settled:
    """Every result of all the sources together: the strongest rank with an answer rules."""
    policies: set[tuple[Result, ...]] = {()}
    for answer in answers:
        policies = {(*held, result) for held in policies for result in answer.results}
        if len(policies) > MAXIMUM_COMPLETIONS:
            return Settled(_TOO_MANY, tuple(answers), tuple(provisions), sources, is_cut_off=True)
    merged = {merge(held) for held in policies}
    ruling = [
        each
        for each in provisions
        if each.truth != NOT_MET and each.provision.row.effect in (Effect.COVERS, Effect.EXCLUDES)
    ]
    waiting = [at for at, each in enumerate(ruling) if each.truth == UNKNOWN]
    results: set[Result] = set()
    if 2 ** len(waiting) * len(merged) > MAXIMUM_COMPLETIONS:
        return Settled(_TOO_MANY, tuple(answers), tuple(provisions), sources, is_cut_off=True)
    for choice in product((False, True), repeat=len(waiting)):
        left_out = {at for at, acts in zip(waiting, choice, strict=True) if not acts}
        acting = [each for at, each in enumerate(ruling) if at not in left_out]
        results |= {_ranked(result, acting) for result in merged}
    return Settled(frozenset(results), tuple(answers), tuple(provisions), sources)


def merge(results: Sequence[Result]) -> Result:
    """Sources of one rank together: those that speak must agree in outcome, else a person decides."""
    speaking = [result for result in results if result.outcome is not Outcome.NOT_ADDRESSED]
    if not speaking:
        return min(results, key=lambda result: _CAUSE[result.reason_key], default=_NOTHING_NAMES)
    positions = frozenset().union(*(result.positions for result in speaking))
    if len({result.outcome for result in speaking}) > 1:
        return Result(Outcome.REFER, "sources-disagree", positions)
    return Result(speaking[0].outcome, speaking[0].reason_key, positions)


_KEYS = {
    (SourceKind.CONTRACT, Effect.COVERS): Result(Outcome.COVERED, "covered-by-contract"),
    (SourceKind.CONTRACT, Effect.EXCLUDES): Result(Outcome.NOT_COVERED, "excluded-by-contract"),
    (SourceKind.MANDATE, Effect.COVERS): Result(Outcome.COVERED, "covered-by-mandate"),
    (SourceKind.MANDATE, Effect.EXCLUDES): Result(Outcome.NOT_COVERED, "excluded-by-mandate"),
    (SourceKind.MEDICARE, Effect.COVERS): Result(Outcome.COVERED, "medicare-source"),
    (SourceKind.MEDICARE, Effect.EXCLUDES): Result(Outcome.NOT_COVERED, "medicare-source"),
}


def provision_result(each: ProvisionAnswer) -> Result:
    return _KEYS[each.provision.source.kind, each.provision.row.effect]


def acts_on(each: ProvisionAnswer, policies: Result) -> bool:
    """Whether a provision acts beside what the policies answer: always, or where it names one of their positions."""
    position = each.provision.row.position
    return position is None or position in policies.positions


def _ranked(policies: Result, acting: Sequence[ProvisionAnswer]) -> Result:
    for rank in Rank:
        held = [
            provision_result(each) for each in acting if each.provision.source.rank == rank and acts_on(each, policies)
        ]
        if rank is Rank.POLICY:
            held.append(policies)
        if held and any(result.outcome is not Outcome.NOT_ADDRESSED for result in held):
            return merge(held)
    return policies


# ---------------------------------------------------------------------------- what the case does not say


def _values(desk: Desk, case: Case, known_on: date, dimension: str) -> tuple[str, ...]:
    """The values worth asking about where the case does not state a dimension; empty where no source depends on it."""
    named: dict[str, None] = {}
    depends = False
    for scope in _scopes(desk, case, known_on, dimension):
        depends |= not scope.is_everything
        named |= dict.fromkeys((*(scope.inside or ()), *scope.outside))
    if not depends:
        return ()
    if dimension == "line_of_business":
        return desk.lines
    return (*sorted(named), _OTHER)


def _scopes(desk: Desk, case: Case, known_on: date, dimension: str) -> Iterable[Scope]:
    attribute = _SCOPES.get(dimension)
    if attribute is not None:
        for policy in policies_naming(desk, case):
            version = standing(desk.versions[policy], case.date_of_service, known_on).version
            if version is not None:
                yield getattr(version.row, attribute)
    applying = _applying(desk, case)
    if not applying:
        return
    groups = _groups_named(desk, case, known_on)
    for source, rows in applying:
        if any(_could_act(each.row, case, known_on, groups) for each in rows):
            if attribute is not None:
                yield getattr(source, attribute)
            elif source.funding is not None:
                yield Scope((source.funding,))


def _could_act(row: PlanProvision, case: Case, known_on: date, groups: frozenset[str]) -> bool:
    if not row.period.covers(case.date_of_service) or (row.known_from is not None and row.known_from > known_on):
        return False
    return (
        row.position is not None
        or row.group in groups
        or (row.code is not None and (row.system, row.code) == (case.code_system, case.code))
    )


def _branched(desk: Desk, case: Case, known_on: date, known: Known, dimension: str, values: Sequence[str]) -> Settled:
    scopes = list(_scopes(desk, case, known_on, dimension))
    shared: dict[tuple[object, ...], Settled] = {}  # values that every scope treats alike share one answer
    branches: list[tuple[str, Settled]] = []
    fact = _MEMBER_FACTS.get(dimension)
    for value in values:
        key: tuple[object, ...] = tuple(
            holds(scope, value) for scope in scopes for holds in (line_scope_holds, Scope.holds)
        )
        if fact in desk.member_facts:  # a rule reads the value itself
            key = (*key, value)
        if key not in shared:
            inner = known if fact is None else replace(known, facts={**known.facts, fact: value})
            shared[key] = _settle(desk, with_dimension(case, dimension, value), known_on, inner)
        branches.append((value, shared[key]))
    results = frozenset().union(*(settled.results for settled in shared.values()))
    first = max(shared.values(), key=lambda settled: sum(answer.was_judged for answer in settled.policies))
    outcomes = {settled.outcome for settled in shared.values()}
    possible = {frozenset(result.outcome for result in settled.results) for settled in shared.values()}
    if len(outcomes) == 1 and (Outcome.INFORMATION_NEEDED not in outcomes or len(possible) == 1):
        # every value answers alike: the one in which most policies speak explains it, and the others stay at hand
        waits = first.outcome is Outcome.INFORMATION_NEEDED
        return replace(first, results=results if waits else first.results, alike=tuple(shared.values()))
    return Settled(results, first.policies, first.provisions, first.sources, dimension, tuple(branches))


def with_dimension(case: Case, dimension: str, value: str) -> Case:
    """The case as if it stated its line of business, state, plan or funding."""
    match dimension:
        case "line_of_business":
            return replace(case, line_of_business=value)
        case "state":
            return replace(case, state=value)
        case "plan":
            return replace(case, plan=value)
        case _:
            return replace(case, funding=value)


def shown_value(value: str) -> str:
    return "any other" if value == _OTHER else value
