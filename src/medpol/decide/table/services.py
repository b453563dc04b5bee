"""What a plan can be asked about, and the days of both clocks between which every source reads it alike."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from medpol.decide.literals import MET, NOT_MET, Groups, Judge, bit_truth, with_gates
from medpol.decide.one import (
    Desk,
    PreparedPolicy,
    PreparedRule,
    PreparedService,
    PreparedVersion,
    Provisions,
    code_validity,
)
from medpol.decide.plan import ENROLLED
from medpol.decide.rows import Gate, Literal, LiteralKind, ValueKind
from medpol.lifecycle import Status, standing
from medpol.model.case import Case
from medpol.model.dates import ONE_DAY, EffectivePeriod
from medpol.model.lines import EVERYWHERE, Scope, line_scope_holds
from medpol.model.positions import CoveragePosition

UNNAMED = 0
"""The number of the service that no source names: any code, or none."""

Span = tuple[date, date, date, date, int]
"""Known on its first day and no longer on the first day after; first day of service, first day after; number of the cell."""


@dataclass(frozen=True, slots=True)
class Unit:
    """Something judged on the way to an answer: a rule, the condition of a provision, an enrolment, a diagnosis outside.

    ``when`` and ``met`` are its bits over literals and gates, as in a rule; ``None`` where there is no such condition.
    ``code`` and ``day`` are filled only where a literal reads a dose or the day of service itself: then the unit is
    that of one code, or of the days of one cell.
    """

    literals: tuple[Literal, ...]
    judges: tuple[Judge, ...]
    groups: Groups
    gates: tuple[Gate, ...] = ()
    when: int | None = None
    met: int | None = 0
    when_literals: int = 0
    code: str | None = None
    day: date | None = None

    @property
    def key(self) -> tuple[object, ...]:
        """Units with equal keys have equal bits and equal states on every line."""
        return self.judges, self.gates, self.when, self.met, self.when_literals, self.code, self.day

    def state(self, met: int, unknown: int) -> tuple[int, ...]:
        """All that an answer can depend on, of the bits of the literals: When and truth, and the bits of an open When."""
        t, u = with_gates(self.gates, len(self.literals), met, unknown)
        when = MET if self.when is None else bit_truth(self.when, t, u)
        if when == NOT_MET:
            return (when,)
        truth = MET if self.met is None else bit_truth(self.met, t, u)
        if when == MET:
            return when, truth
        inside = (1 << self.when_literals) - 1
        return when, truth, met & inside, unknown & inside


Member = tuple[str | None, str | None, str | None, str | None]
"""Line of business, state, plan and funding; ``None`` where the claim does not say."""

Scopes = tuple[Scope, Scope, Scope]
"""For which lines of business, states and plans a version speaks."""


@dataclass(frozen=True, slots=True)
class _Dimension:
    """The scopes that an answer depends on in one dimension: of policies, and of contracts and mandates."""

    of_policies: tuple[Scope, ...]
    of_sources: tuple[Scope, ...]
    is_read: bool
    holds: Callable[[Scope, str], bool] = Scope.holds

    def shown(self, value: str | None) -> object:
        scopes = (*self.of_policies, *self.of_sources)
        if value is None or self.is_read or not all(self.holds(scope, value) for scope in self.of_policies):
            return value if self.is_read or any(not scope.is_everything for scope in scopes) else None
        return tuple([self.holds(scope, value) for scope in scopes])


def _speaks_for(scopes: Scopes, member: Member) -> bool:
    lines, states, plans = scopes
    line, state, plan, _ = member
    return (
        (line is None or line_scope_holds(lines, line))
        and (state is None or states.holds(state))
        and (plan is None or plans.holds(plan))
    )


@dataclass(frozen=True, slots=True)
class Cell:
    """Services, as contracts see them, between days of each clock: what is judged there, and under which scopes.

    Wherever the same is asked of the same versions it is one cell, of whichever code, days and contract. ``rules`` says
    which unit each rule is: policy, first day of the version, name of the rule, place in ``units``.
    """

    units: tuple[Unit, ...]
    scopes: tuple[frozenset[Scopes], ...]
    rules: tuple[tuple[str, date, str, int], ...]


@dataclass(frozen=True, slots=True)
class _Stands:
    """A policy that names a service on a day: the version that explains it, and the rules that speak then."""

    policy: PreparedPolicy
    status: Status
    version: PreparedVersion | None
    governs: bool
    rules: tuple[PreparedRule, ...]

    @property
    def speaks(self) -> bool:
        return self.version is not None

    @property
    def content(self) -> tuple[object, ...]:
        version = self.version
        held = None if version is None else (version.first_day, version.known_from)
        return self.policy.name, self.status, held, self.governs, tuple([rule.row.name for rule in self.rules])


@dataclass(slots=True)
class Services:
    """The services of a plan by number, and their cells as they are asked for."""

    desk: Desk
    numbers: dict[tuple[str, str], int] = field(default_factory=dict)
    cells: list[Cell] = field(default_factory=list)
    _numbered: dict[tuple[object, ...], int] = field(default_factory=dict)
    _profiled: dict[tuple[int, str | None], tuple[int, tuple[_Dimension, ...]]] = field(default_factory=dict)
    _dimensioned: dict[tuple[_Dimension, ...], int] = field(default_factory=dict)
    _known: dict[tuple[int, str | None], tuple[date, ...]] = field(default_factory=dict)
    _spans: dict[tuple[int, str | None, date], tuple[Span, ...]] = field(default_factory=dict)
    _alike: dict[tuple[int, str | None], tuple[str | None]] = field(default_factory=dict)
    _first_alike: dict[tuple[object, ...], str | None] = field(default_factory=dict)
    _keys: list[tuple[str, str] | None] = field(default_factory=lambda: [None])
    _any_day: tuple[date, ...] = ()

    def __post_init__(self) -> None:
        desk = self.desk
        named = dict.fromkeys(desk.by_code)
        groups = {
            each.row.group for _, rows in (*desk.contracts.values(), *desk.mandates) for each in rows if each.row.group
        }
        for key, held in desk.groups_of.items():
            if any(group in groups for _, group in held):
                named[key] = None
        for _, rows in (*desk.contracts.values(), *desk.mandates):
            for each in rows:
                if each.row.code is not None and each.row.system is not None:
                    named[each.row.system, each.row.code] = None
        for key in named:
            self.numbers[key] = len(self._keys)
            self._keys.append(key)
        self._any_day = tuple(_days_of(row.period for row in desk.plan.adjustments))

    def key(self, number: int) -> tuple[str, str] | None:
        return self._keys[number]

    def case(self, number: int, day: date, contract: str | None) -> Case:
        """A case about the service that says nothing else."""
        key = self._keys[number]
        code, system = (None, None) if key is None else (key[1], key[0])
        return Case(date_of_service=day, code=code, code_system=system, contract=contract)

    def spans(self, number: int, contract: str | None, known_on: date) -> tuple[Span, ...]:
        """The cells of a service under a contract, as known on a day: from the first day of the calendar to the last."""
        contract = self._like(number, contract)
        days = self._known.get((number, contract))
        if days is None:
            days = self._known[number, contract] = self._known_days(number, contract)
        at = bisect_right(days, known_on)
        first, after = days[at - 1], days[at] if at < len(days) else date.max
        held = self._spans.get((number, contract, first))
        if held is None:
            cut = self._cut(number, contract, known_on)
            held = self._spans[number, contract, first] = tuple([(first, after, *span) for span in cut])
        return held

    def _like(self, number: int, contract: str | None) -> str | None:
        """A contract under which the service has the same cells and profiles: itself, where it says something of the service.

        A reason that names days of the code belongs to the cells of each contract.
        """
        held = self._alike.get((number, contract))
        if held is None:
            service, about = self._service(number, contract)
            own = self.desk.contracts.get(contract or "")
            key = (
                (number, contract)
                if about or service.days
                else (number, None, None if own is None else own[0].group_code)
            )
            held = self._alike[number, contract] = (self._first_alike.setdefault(key, contract),)
        return held[0]

    def _known_days(self, number: int, contract: str | None) -> tuple[date, ...]:
        """The days on which something about a service becomes known, or is withdrawn; the first day of all before them."""
        service, about = self._service(number, contract)
        days = {date.min, *(stated.known_from for stated in service.days)}
        days |= {each.row.known_from for _, rows in about for each in rows if each.row.known_from is not None}
        if not isinstance(service.key, str):
            days |= {known_from for known_from, _ in self.desk.groups_of.get(service.key, ())}
        for policy in (policy for each in (service, *self._itself(service)) for policy in each.policies):
            days.add(policy.known_from)
            for version in policy.versions:
                days.add(version.known_from)
                if version.withdrawn_from is not None:
                    days.add(version.withdrawn_from)
        return tuple(sorted(days))

    def profile(self, number: int, contract: str | None, member: Member) -> tuple[object, ...]:
        """What of a member's line, state, plan and funding an answer about the service can depend on.

        Members with equal profiles get equal answers to the same bits, services with equal scopes have the same
        profiles. A value that some policy does not speak for is itself, since the reason names it; others are told apart
        by the scopes that hold them.
        """
        contract = self._like(number, contract)
        held = self._profiled.get((number, contract))
        if held is None:
            dimensions = self._dimensions(number, contract)
            at = self._dimensioned.setdefault(dimensions, len(self._dimensioned))
            held = self._profiled[number, contract] = at, dimensions
        at, dimensions = held
        return at, *[dimension.shown(value) for dimension, value in zip(dimensions, member, strict=True)]

    def _dimensions(self, number: int, contract: str | None) -> tuple[_Dimension, ...]:
        service, about = self._service(number, contract)
        services = (service, *self._itself(service))
        rows = [version.row for each in services for policy in each.policies for version in policy.versions]
        sources = [source for source, _ in about]
        reads, adjustments = self.desk.member_facts, self.desk.plan.adjustments
        funded = tuple(dict.fromkeys(Scope((each.funding,)) for each in sources if each.funding is not None))
        return (
            _Dimension(
                tuple(dict.fromkeys(row.lines_of_business for row in rows)),
                tuple(dict.fromkeys(source.lines_of_business for source in sources)),
                "member.line" in reads or any(row.line_of_business for row in adjustments),
                line_scope_holds,
            ),
            _Dimension(
                tuple(dict.fromkeys(row.states for row in rows)),
                tuple(dict.fromkeys(source.states for source in sources)),
                "member.state" in reads or any(row.state for row in adjustments),
            ),
            _Dimension(
                tuple(dict.fromkeys(row.plans for row in rows)),
                tuple(dict.fromkeys(source.plans for source in sources)),
                "member.plan" in reads,
            ),
            _Dimension((), funded, False),
        )

    def judged(self, cell: Cell, member: Member) -> tuple[Unit, ...]:
        """The units of a cell that are judged for a member: those in scope, and those whose scope is not known."""
        return tuple(
            [
                unit
                for unit, scopes in zip(cell.units, cell.scopes, strict=True)
                if any(_speaks_for(each, member) for each in scopes)
            ]
        )

    def _service(self, number: int, contract: str | None) -> tuple[PreparedService, tuple[Provisions, ...]]:
        case = self.case(number, date(2000, 1, 1), contract)
        return self.desk.service(case), self.desk.about(case)

    def _cut(self, number: int, contract: str | None, known_on: date) -> Iterator[tuple[date, date, int]]:
        service, about = self._service(number, contract)
        itself = self._itself(service)
        days = set(self._any_day)
        for stated in service.days:
            days |= {day for day in (stated.start, stated.end) if day is not None}
        for source, rows in about:
            days |= set(_days_of((source.period, *(each.row.period for each in rows))))
            days |= _named_days(literal for each in rows if each.row.when for literal in each.row.when.literals)
        for policy in (policy for each in (service, *itself) for policy in each.policies):
            for version in policy.versions:
                row = version.row
                days |= {row.first_day, row.known_from}
                days |= set(_days_of(rule.dates for rule in row.rules if rule.dates is not None))
                days |= set(_days_of(code.period for code in version.excluding))
                days |= _named_days(literal for rule in row.rules for literal in rule.literals)
        since, held = date.min, -1
        for start in [date.min, *sorted(day for day in days if date.min < day <= date.max)]:
            problem = code_validity(service.days, start, known_on) if service.days else None
            of = self._standing(itself if problem else (service,), start, known_on)
            content, cell = self._cell(number, of, about, start)
            if about or problem:  # provisions name codes and have days of their own; a reason may name days of the code
                content = (*content, number, contract, start, known_on)
            elif not any(each.speaks for each in of):  # the reason names the code
                content = (*content, number)
            at = self._numbered.setdefault((*content, self._of_contract(contract, start)), len(self.cells))
            if at == len(self.cells):
                self.cells.append(cell)
            if at != held:
                if held >= 0:
                    yield since, start, held
                since, held = start, at
        yield since, date.max, held

    def _of_contract(self, contract: str | None, day: date) -> tuple[object, ...]:
        """What of a contract, and of claim adjustments on a day, tells beside what is covered."""
        held = self.desk.contracts.get(contract or "")
        active = [at for at, row in enumerate(self.desk.plan.adjustments) if row.period.covers(day)]
        return (None if held is None else held[0].group_code, *active)

    def _itself(self, service: PreparedService) -> tuple[PreparedService, ...]:
        """The services that a code stands for: where the code is not valid, the reason tells what they get."""
        if isinstance(service.key, str) or all(each.start is None and each.end is None for each in service.days):
            return ()  # a code without a stated day is valid on all of them
        groups = {group for _, group in self.desk.groups_of.get(service.key, ())}
        any_day = date(2000, 1, 1)
        return tuple([self.desk.service(Case(any_day, service=group)) for group in sorted(groups)])

    def _standing(self, asked: Sequence[PreparedService], day: date, known_on: date) -> list[_Stands]:
        """Where the policies that name the service stand on a day, as known then."""
        held = []
        for service in asked:
            for policy in service.policies:
                status, version = standing(policy.versions, day, known_on)
                is_known = version is not None and policy.known_from <= known_on
                dispatch = None
                if version is not None and is_known and status is Status.IN_FORCE:
                    dispatch = version.dispatches.get(service.key)
                rules = () if dispatch is None else dispatch.rules
                covering = tuple([rule for rule in rules if rule.row.dates is None or rule.row.dates.covers(day)])
                held.append(_Stands(policy, status, version if is_known else None, dispatch is not None, covering))
        return held

    def _cell(
        self, number: int, of: Sequence[_Stands], about: tuple[Provisions, ...], day: date
    ) -> tuple[tuple[object, ...], Cell]:
        """A cell, and all that answers in it can hang on beside what a line says."""
        units: dict[tuple[object, ...], Unit] = {}
        scopes: dict[tuple[object, ...], set[Scopes]] = {}
        rules: list[tuple[str, date, str, int]] = []
        key = self._keys[number]

        def place(unit: Unit, under: Scopes = (EVERYWHERE, EVERYWHERE, EVERYWHERE)) -> int:
            """The place of the unit, which is entered where it is new."""
            facts = {literal.fact for literal in unit.literals}
            if "service.dose" in facts and key is not None:
                unit = replace(unit, code=key[1])
            if "date_of_service" in facts:
                unit = replace(unit, day=day)
            units.setdefault(unit.key, unit)
            scopes.setdefault(unit.key, set()).add(under)
            return list(units).index(unit.key)

        for each in of:
            version = each.version
            if version is None or not each.governs:
                continue
            under = (version.row.lines_of_business, version.row.states, version.row.plans)
            if version.excluding:
                place(Unit((_OUTSIDE,), (version.outside,), version.groups), under)
            for rule in each.rules:
                row = rule.row
                if row.literals:
                    unit = Unit(
                        row.literals, rule.judges, version.groups, rule.gates, row.when, row.met, row.when_literals
                    )
                    rules.append((each.policy.name, version.first_day, row.name, place(unit, under)))
                if any(held is not None and held.canonical in _ENROLLING for held in (row.position, row.otherwise)):
                    judges = self.desk.judges.of((_ENROLMENT,), version.groups)
                    place(Unit((_ENROLMENT,), judges, version.groups), under)
        for _, rows in about:
            for provision in rows:
                when = provision.row.when
                if when is not None and provision.row.period.covers(day):
                    place(Unit(when.literals, provision.judges, self.desk.library_groups, when.gates, None, when.root))
        cell = Cell(tuple(units.values()), tuple([frozenset(scopes[key]) for key in units]), tuple(rules))
        return (*[each.content for each in of], tuple(units), cell.scopes, cell.rules), cell


_ENROLLING = frozenset({CoveragePosition.EVIDENCE_DEVELOPMENT})
_ENROLMENT = Literal(LiteralKind.HOLDS, ENROLLED, ENROLLED, fact=ENROLLED)
_OUTSIDE = Literal(LiteralKind.MEMBER, "every diagnosis is in a group where the policy does not speak", "diagnosis")


def _days_of(periods: Iterable[EffectivePeriod]) -> Iterator[date]:
    for period in periods:
        if period.start is not None:
            yield period.start
        if period.end is not None:
            yield period.end


def _named_days(literals: Iterable[Literal]) -> set[date]:
    """The days at which a condition on the day of service can turn: the day itself and the day after."""
    found: set[date] = set()
    for literal in literals:
        if literal.fact == "date_of_service":
            for value in (*literal.values, *(() if literal.value is None else (literal.value,))):
                if value.kind is ValueKind.DATE and value.day is not None:
                    found.add(value.day)
                    if value.day < date.max:
                        found.add(value.day + ONE_DAY)
    return found
