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
    Judges,
    bit_truth,
    groups_of,
    with_gates,
)
from medpol.decide.plan import ENROLLED
from medpol.decide.rows import Dispatch, Gate, Plan, PlanCode, PlanProvision, PlanRule, PlanSource, PlanVersion
from medpol.decide.voices import Result, Voices, resolve_all, voices_of
from medpol.lifecycle import Status, standing
from medpol.model.case import Case, Known
from medpol.model.contract import Effect, Rank, SourceKind
from medpol.model.dates import EffectivePeriod
from medpol.model.facts import FactDeclaration
from medpol.model.lines import LINES_OF_BUSINESS, Scope, line_scope_holds
from medpol.model.policy import CodeRole
from medpol.model.positions import REASON_KINDS, CoveragePosition, Outcome

MAXIMUM_COMPLETIONS = 4_096
_REMEMBERED_SERVICES = 100_000
_REMEMBERED_COMPLETIONS = 256
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
    """A rule with its literals as functions and its voices as bits.

    What judging reads of the row stands here again, first and in one place, equal values once in the whole plan: a row
    is large, and fetching it from memory takes as long as judging it.
    """

    judges: tuple[Judge, ...]
    gates: tuple[Gate, ...]
    voices: Voices
    when_bit: int | None = field(init=False)
    met_bit: int | None = field(init=False)
    dates: EffectivePeriod | None = field(init=False)
    only_authorizes: bool
    place: int
    offset: int
    row: PlanRule
    of_when: tuple[Judge, ...] = field(init=False)
    after_when: tuple[Judge, ...] = field(init=False)
    when_gates: tuple[Gate, ...] = field(init=False)
    when_mask: int = field(init=False)

    def __post_init__(self) -> None:
        row, judges = self.row, self.judges
        self.when_bit, self.met_bit, self.dates = row.when, row.met, row.dates
        self.of_when, self.after_when = judges[: row.when_literals], judges[row.when_literals :]
        # a gate reads bits below its own only
        self.when_gates = () if row.when is None else self.gates[: max(0, row.when - len(judges) + 1)]
        self.when_mask = (1 << row.when_literals) - 1

    def bits(self, known: Known) -> tuple[int, int]:
        """T and U of the literals, and above them of the gates."""
        judges = self.judges
        return with_gates(self.gates, len(judges), *_literal_bits(judges, known))

    def judged(self, known: Known) -> JudgedRule:
        """The rule judged; where its When does not hold, the rest is left until somebody asks for it."""
        if self.when_bit is None:
            met, unknown = with_gates(self.gates, len(self.judges), *_literal_bits(self.judges, known))
            return JudgedRule(self, met, unknown, MET, self.truth(met, unknown))
        t, u = _literal_bits(self.of_when, known)
        count, first = len(self.judges), len(self.of_when)
        met, unknown = with_gates(self.when_gates, count, t, u)
        when = bit_truth(self.when_bit, met, unknown)
        if when == NOT_MET:
            return JudgedRule(self, met, unknown, when, NOT_MET, False)
        more, unsure = _literal_bits(self.after_when, known)
        met, unknown = with_gates(self.gates, count, t | more << first, u | unsure << first)
        return JudgedRule(self, met, unknown, when, self.truth(met, unknown))

    def when_on(self, cell: int) -> int:
        """The truth of the When on a joint cell: the bits of its own literals are in it or are not met."""
        inside = 0 if self.only_authorizes else cell >> self.offset & self.when_mask
        return self.when(*with_gates(self.when_gates, len(self.judges), inside, 0))

    def when(self, met: int, unknown: int) -> int:
        return MET if self.when_bit is None else bit_truth(self.when_bit, met, unknown)

    def truth(self, met: int, unknown: int) -> int:
        return MET if self.met_bit is None else bit_truth(self.met_bit, met, unknown)


def _literal_bits(judges: Sequence[Judge], known: Known) -> tuple[int, int]:
    """T and U, the first judge's bit lowest."""
    met = unknown = 0
    bit = 1
    for judge in judges:
        truth = judge(known)
        if truth == MET:
            met |= bit
        elif truth == UNKNOWN:
            unknown |= bit
        bit += bit
    return met, unknown


ServiceKey = tuple[str, str] | str
"""A code with its system, or the name of a service."""


@dataclass(slots=True)
class PreparedVersion:
    """A version row with what answering needs beside it; a scope is ``None`` where it is everywhere."""

    first_day: date = field(init=False)
    known_from: date = field(init=False)
    withdrawn_from: date | None = field(init=False)
    is_archived: bool = field(init=False)
    lines_of_business: Scope | None = field(init=False)
    states: Scope | None = field(init=False)
    plans: Scope | None = field(init=False)
    dispatches: dict[ServiceKey, PreparedDispatch] = field(init=False)
    excluding: tuple[PlanCode, ...] = field(init=False)
    row: PlanVersion
    desk: Desk
    groups_by_code: dict[tuple[str, str], tuple[str, ...]] = field(init=False)
    governed: tuple[str, ...] = field(init=False)
    _groups: Groups | None = None

    def __post_init__(self) -> None:
        row, once = self.row, self.desk.once
        self.first_day, self.known_from = once(row.first_day), once(row.known_from)
        self.withdrawn_from, self.is_archived = once(row.withdrawn_from), row.is_archived
        self.lines_of_business, self.states, self.plans = (
            None if scope.is_everything else once(scope) for scope in (row.lines_of_business, row.states, row.plans)
        )
        by_code: dict[tuple[str, str], dict[str, None]] = {}
        governed: dict[str, None] = {}
        for code in row.codes:
            if code.role is CodeRole.GOVERNED:
                governed[code.group] = None
                if code.pattern is not None:
                    by_code.setdefault(once((code.system, code.pattern.text)), {})[code.group] = None
        self.groups_by_code = {key: tuple(held) for key, held in by_code.items()}
        self.governed = tuple(governed)
        self.excluding = tuple(
            code for code in row.codes if code.role is CodeRole.EXCLUDES and code.pattern is not None
        )
        by_groups = {each.groups: PreparedDispatch(each, self) for each in row.dispatches}
        self.dispatches = {name: by_groups[name,] for name in governed}
        self.dispatches |= {key: by_groups[groups] for key, groups in self.groups_by_code.items()}

    @property
    def groups(self) -> Groups:
        if self._groups is None:
            self._groups = groups_of(self.row, self.desk.plan.systems)
        return self._groups

    def dispatch(self, case: Case) -> PreparedDispatch | None:
        """The rules for the service of a case, or ``None`` where this version does not govern it."""
        return self.dispatches.get(service_key(case))

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
        if known.shared_diagnoses and any(inside) and not all(inside):
            return UNKNOWN
        if not all(inside) or not (held or known.malformed_diagnosis):
            return NOT_MET
        return UNKNOWN if known.malformed_diagnosis else MET


def service_key(case: Case) -> ServiceKey:
    """What a case asks about: its code, where it has one."""
    return (case.service or "") if case.code is None else (case.code_system or "", case.code)


Whens = Sequence[int]
"""The truth of every When of a dispatch, by the place of its rule."""


@dataclass(slots=True)
class PreparedDispatch:
    row: Dispatch
    version: PreparedVersion
    _rules: tuple[PreparedRule, ...] | None = None
    _completions: dict[tuple[int, int], tuple[Whens, ...]] = field(default_factory=dict)

    @property
    def rules(self) -> tuple[PreparedRule, ...]:
        if self._rules is None:
            desk, groups = self.version.desk, self.version.groups
            offset = 0
            held = []
            for place, at in enumerate(self.row.rules):
                rule = self.version.row.rules[at]
                only_authorizes = rule.position.canonical is CoveragePosition.AUTHORIZATION_ONLY
                held.append(
                    PreparedRule(
                        desk.judges.of(rule.literals, groups),
                        desk.once(tuple([desk.once(gate) for gate in rule.gates])),
                        desk.once(voices_of(rule) if not only_authorizes else _SAYS_NOTHING),
                        only_authorizes,
                        place,
                        offset,
                        rule,
                    )
                )
                offset += 0 if only_authorizes else rule.when_literals
            self._rules = tuple(held)
        return self._rules

    def completions(self, settled: int, met: int) -> tuple[Whens, ...] | None:
        """The Whens on each feasible joint cell that agrees with the bits that are settled; ``None`` for too many."""
        if self.row.terms is None:
            return None
        held = self._completions.get((settled, met))
        if held is None:
            per_term = [
                {pattern for pattern in term.patterns if not (pattern ^ met) & term.mask & settled} or {met & term.mask}
                for term in self.row.terms
            ]
            cells = [sum(patterns) for patterns in product(*per_term)]  # no two terms share a bit
            held = tuple(dict.fromkeys(tuple([rule.when_on(cell) for rule in self.rules]) for cell in cells))
            if len(self._completions) < _REMEMBERED_COMPLETIONS:
                self._completions[settled, met] = held
        return held


@dataclass(slots=True)
class PreparedProvision:
    row: PlanProvision
    source: PlanSource
    judges: tuple[Judge, ...]


Provisions = tuple[PlanSource, tuple[PreparedProvision, ...]]
_SAYS_NOTHING: Voices = ((0,), (0,), (0,))


class CodeDays(NamedTuple):
    """The stated days of one code row, and from when the row is known."""

    known_from: date
    start: date | None
    end: date | None


@dataclass(slots=True)
class PreparedPolicy:
    """A policy that names a service: from when it does, as known, and its versions latest first."""

    name: str
    known_from: date
    versions: tuple[PreparedVersion, ...]


@dataclass(slots=True)
class PreparedService:
    """All that a plan holds of one code or service: its stated days, the policies that name it, provisions about it.

    ``dimensions`` are those that some version of the policies depends on; ``about`` holds the provisions by contract.
    """

    key: ServiceKey
    days: Sequence[CodeDays]
    policies: tuple[PreparedPolicy, ...]
    dimensions: tuple[str, ...]
    about: dict[str | None, tuple[Provisions, ...]] = field(default_factory=dict)


class Desk:
    """A plan made ready to answer."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.judges = Judges()
        self._held_once: dict[Any, Any] = {}
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
                    key = self.once((code.system, code.pattern.text))
                    self.groups_of.setdefault(key, []).append((version.known_from, code.group))
                    if code.role is CodeRole.GOVERNED:
                        by_code.setdefault(key, {})[policy] = None
                        stated = first_known.setdefault(key, {})
                        days = (code.period.start, code.period.end)
                        stated[days] = min(stated.get(days, version.known_from), version.known_from)
        self.days = {
            key: [CodeDays(*map(self.once, (known_from, *days))) for days, known_from in stated.items()]
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
        self._services: dict[ServiceKey, PreparedService] = {}

    def once(self, value: Any) -> Any:
        """The one value of the plan that equals this: what versions share is then fetched from memory once."""
        return self._held_once.setdefault(value, value)

    def service(self, case: Case) -> PreparedService:
        """What the plan holds of the service of a case."""
        key = service_key(case)
        held = self._services.get(key)
        if held is None:
            key = self._held_once.get(key, key)
            names = self.by_service.get(key, ()) if isinstance(key, str) else self.by_code.get(key, ())
            restricts = {dimension for name in names for dimension in self.restricts[name]}
            held = PreparedService(
                key,
                () if isinstance(key, str) else self.days.get(key, ()),
                tuple([PreparedPolicy(name, self.named_from[name, key], self.versions[name]) for name in names]),
                tuple([dimension for dimension in _DIMENSIONS if dimension in restricts]),
            )
            if len(self._services) < _REMEMBERED_SERVICES:
                self._services[key] = held
        return held

    def about(self, case: Case) -> tuple[Provisions, ...]:
        """The contract of the case and the mandates, with those of their provisions that could ever act on its service."""
        service = self.service(case)
        name = case.contract if case.contract in self.contracts else None
        held = service.about.get(name)
        if held is None:
            groups = {group for _, group in self.groups_of.get((case.code_system or "", case.code or ""), ())}
            groups.add(case.service or "")
            contract = self.contracts.get(name or "")
            held = service.about[name] = tuple(
                (source, mine)
                for source, rows in (*([] if contract is None else [contract]), *self.mandates)
                if (mine := tuple([each for each in rows if _is_about(each.row, case, groups)]))
            )
        return held

    def _provisions(self, source: PlanSource) -> Provisions:
        return source, tuple(
            PreparedProvision(
                row,
                source,
                () if row.when is None else self.judges.of(row.when.literals, self.library_groups),
            )
            for row in source.provisions
        )

    @cached_property
    def codes_of_provisions(self) -> frozenset[tuple[str | None, str | None]]:
        """Every code, with its system, that a provision of a contract or mandate names."""
        held = (*self.contracts.values(), *self.mandates)
        return frozenset((each.row.system, each.row.code) for _, rows in held for each in rows)

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
    service = desk.service(case)
    problem = code_validity(service.days, case.date_of_service, known_on) if service.days else None
    if problem is not None:
        return Settled(frozenset({Result(Outcome.NOT_ADDRESSED, problem)}), explained(desk, case, known_on, problem))
    return _settle(desk, service, case, known_on, known if known is not None else case.known)


def _settle(desk: Desk, service: PreparedService, case: Case, known_on: date, known: Known) -> Settled:
    about = service.about.get(case.contract)
    if about is None:
        about = desk.about(case)
    for dimension in _DIMENSIONS if about else service.dimensions:
        if getattr(case, dimension) is None:
            values = _values(desk, case, known_on, dimension)
            if values:
                return _branched(desk, service, case, known_on, known, dimension, values)
    answers = []
    for policy in service.policies:
        if case.policy is None or case.policy == policy.name:
            answer = _policy(policy, service.key, case, known_on, known)
            if answer is not None:
                answers.append(answer)
    provisions, sources = _provisions(desk, case, known_on, known) if about else ((), ())
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
    since: date | None = None
    last: date | None = None
    is_early = False
    for known_from, start, end in rows:
        if known_from > known_on:
            continue
        if start is not None:
            if start > day:
                is_early = True
            elif since is None or start > since:
                since = start
        if end is not None and (last is None or end > last):
            last = end
    if is_early and since is None:
        return "code-not-yet-valid"
    return "code-ended" if last is not None and day >= last and (since is None or last > since) else None


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


def _policy(
    policy: PreparedPolicy, service: ServiceKey, case: Case, known_on: date, known: Known
) -> PolicyAnswer | None:
    """What one policy that names the service says, or ``None`` where no version known by then names it."""
    if policy.known_from > known_on:
        return None
    status, version = standing(policy.versions, case.date_of_service, known_on)
    if version is None:
        return None
    if (cause := _out_of_scope(version, case)) is not None:
        return PolicyAnswer(policy.name, version, frozenset({Result(Outcome.NOT_ADDRESSED, cause)}))
    if status is not _IN_FORCE:
        cause = {Status.IN_NOTICE: "in-notice", Status.ARCHIVED: "archived"}.get(status, "no-version-yet")
        return PolicyAnswer(policy.name, version, frozenset({Result(Outcome.NOT_ADDRESSED, cause)}))
    dispatch = version.dispatches.get(service)
    if dispatch is None:
        return PolicyAnswer(policy.name, version, _NO_RULE)
    outside = version.outside(known) if version.excluding else NOT_MET
    judged, results = judge_rules(dispatch, known)
    return PolicyAnswer(policy.name, version, with_outside(results, outside), judged, outside, True, known)


def with_outside(results: frozenset[Result], outside: int) -> frozenset[Result]:
    """What a policy says whose rules say this, where every diagnosis is, may be, or is not outside of what it speaks of."""
    if outside == NOT_MET:
        return results
    return _OUTSIDE if outside == MET else results | _OUTSIDE


_IN_FORCE = Status.IN_FORCE
_NO_RULE = frozenset({Result(Outcome.NOT_ADDRESSED, "no-rule-applies")})
_OUTSIDE = frozenset({Result(Outcome.REFER, "diagnosis-outside")})
_NO_DAY = frozenset({Result(Outcome.REFER, "text-ambiguous")})
_TOO_MANY = frozenset(
    Result(outcome, "facts-missing")
    for outcome in (Outcome.COVERED, Outcome.NOT_COVERED, Outcome.REFER, Outcome.NOT_ADDRESSED)
)


def _out_of_scope(version: PreparedVersion, case: Case) -> str | None:
    lines, states, plans = version.lines_of_business, version.states, version.plans
    if lines is not None and case.line_of_business is not None and not line_scope_holds(lines, case.line_of_business):
        return "line-of-business-out-of-scope"
    if states is not None and case.state is not None and not states.holds(case.state):
        return "state-out-of-scope"
    if plans is not None and case.plan is not None and not plans.holds(case.plan):
        return "plan-out-of-scope"
    return None


def judge_rules(dispatch: PreparedDispatch, known: Known) -> tuple[tuple[JudgedRule, ...], frozenset[Result]]:
    """Judge the rules for a service and gather what every completion of the unknown would answer."""
    judged: list[JudgedRule] = []
    missed = speaking = False
    for rule in dispatch.rules:
        if rule.dates is not None and not rule.dates.covers(known.day):
            missed |= not rule.only_authorizes
            continue
        judged.append(rule.judged(known))
        speaking |= not rule.only_authorizes
    if not speaking:
        return tuple(judged), _NO_DAY if missed else _NO_RULE
    return tuple(judged), combine_rules(dispatch, judged, known.facts.get(ENROLLED) is True)


def combine_rules(dispatch: PreparedDispatch, judged: Sequence[JudgedRule], is_enrolled: bool) -> frozenset[Result]:
    """Every result that a completion can give: joint cells of the Whens, then each waiting rule either way."""
    voices = []
    for each in judged:
        if each.when == MET:
            voices.append(each.rule.voices[each.truth])
        elif each.when == UNKNOWN and not each.rule.only_authorizes:
            break
    else:
        masks = _masks(voices)
        return _TOO_MANY if masks is None else resolve_all(masks, is_enrolled)
    completions = _when_completions(dispatch, judged)
    if completions is None:
        return _TOO_MANY
    found: set[int] = set()
    for whens in completions:
        masks = _masks([each.rule.voices[each.truth] for each in judged if whens[each.rule.place] == MET])
        if masks is None:
            return _TOO_MANY
        found |= masks
    return resolve_all(frozenset(found), is_enrolled)


def _masks(voices: Sequence[tuple[int, ...]]) -> frozenset[int] | None:
    """What rules say together, for each way in which those that wait could turn out; ``None`` for too many."""
    said = 0
    waiting = []
    for each in voices:
        if len(each) == 1:
            said |= each[0]
        else:
            waiting.append(each)
    if not waiting:
        return frozenset((said,))
    reached = {said}
    for each in waiting:
        reached = {mask | voice for mask in reached for voice in each}
        if len(reached) > MAXIMUM_COMPLETIONS:
            return None
    return frozenset(reached)


def _when_completions(dispatch: PreparedDispatch, judged: Sequence[JudgedRule]) -> Iterable[Whens] | None:
    """The truths of every When on each feasible joint cell that agrees with what is settled; ``None`` for too many."""
    settled = met = 0
    for each in judged:
        rule = each.rule
        if not rule.only_authorizes:
            settled |= (rule.when_mask & ~each.unknown) << rule.offset
            met |= (rule.when_mask & each.met) << rule.offset
    return dispatch.completions(settled, met)


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
    results = combined_results([answer.results for answer in answers], provisions)
    return Settled(results, tuple(answers), tuple(provisions), sources, is_cut_off=results is _TOO_MANY)


def combined_results(answers: Sequence[frozenset[Result]], provisions: Sequence[ProvisionAnswer]) -> frozenset[Result]:
    """Every result of policies and provisions together, the strongest rank with an answer ruling; any, for too many."""
    policies: set[tuple[Result, ...]] = {()}
    for results in answers:
        policies = {(*held, result) for held in policies for result in results}
        if len(policies) > MAXIMUM_COMPLETIONS:
            return _TOO_MANY
    merged = {merge(held) for held in policies}
    ruling = [each for each in provisions if each.truth != NOT_MET and gives_outcome(each)]
    waiting = [at for at, each in enumerate(ruling) if each.truth == UNKNOWN]
    if 2 ** len(waiting) * len(merged) > MAXIMUM_COMPLETIONS:
        return _TOO_MANY
    found: set[Result] = set()
    for choice in product((False, True), repeat=len(waiting)):
        left_out = {at for at, acts in zip(waiting, choice, strict=True) if not acts}
        acting = [each for at, each in enumerate(ruling) if at not in left_out]
        found |= {_ranked(result, acting) for result in merged}
    return frozenset(found)


def gives_outcome(each: ProvisionAnswer) -> bool:
    """Whether a provision gives an outcome: others say what needs an authorization, or name a group."""
    return each.provision.row.effect in (Effect.COVERS, Effect.EXCLUDES)


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


def _branched(
    desk: Desk,
    service: PreparedService,
    case: Case,
    known_on: date,
    known: Known,
    dimension: str,
    values: Sequence[str],
) -> Settled:
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
            shared[key] = _settle(desk, service, with_dimension(case, dimension, value), known_on, inner)
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
