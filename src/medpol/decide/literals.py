"""Literals read over one case: each becomes a function from what is known to met (1), not met (0) or unknown (2).

Nothing here asks whether a fact is missing: an absent fact is unknown, and only what the case states as complete turns
absence into a no.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from medpol.decide.rows import Gate, Literal, LiteralKind, LiteralValue, PlanVersion, ValueKind
from medpol.model.case import BIRTH, Known
from medpol.model.codes import DIAGNOSIS_SYSTEMS, CodeSystems, diagnosis_pattern
from medpol.model.dates import ONE_DAY, add_duration, add_months
from medpol.model.facts import Event, FactType, Observation
from medpol.model.quantities import COMPARISONS, Quantity, compare, compare_ranges
from medpol.model.quantities import bounds as quantity_bounds
from medpol.model.truth import Truth

NOT_MET, MET, UNKNOWN = 0, 1, 2
_BITS = {Truth.MET: MET, Truth.NOT_MET: NOT_MET, Truth.UNKNOWN: UNKNOWN}
_TRUTHS = {MET: Truth.MET, NOT_MET: Truth.NOT_MET, UNKNOWN: Truth.UNKNOWN}
_OPPOSITE = (MET, NOT_MET, UNKNOWN)
Infinity = Decimal("Infinity")
_REMEMBERED = 4_096
"""How many comparisons a literal remembers: exact arithmetic on fractions is slow, and values repeat."""


def truth_of(bit: int) -> Truth:
    return _TRUTHS[bit]


Judge = Callable[[Known], int]


ValueJudge = Callable[[Any, Known], int]


def record_is_complete(name: str, records: Sequence[str]) -> bool:
    """Whether a prefix of the dotted name is stated as a complete record."""
    return any(name == prefix or name.startswith(prefix + ".") for prefix in records)


@dataclass(frozen=True, slots=True)
class Groups:
    """The groups of one version: which codes and names an event may carry to count in each (in capitals)."""

    codes: Mapping[str, frozenset[str]]
    prefixes: Mapping[str, tuple[str, ...]]
    diagnoses: Mapping[str, tuple[tuple[str, bool, date | None, date | None], ...]]
    sets: Mapping[str, tuple[tuple[str, ...], bool]]
    systems: CodeSystems = CodeSystems()
    doses: Mapping[str, Quantity] = field(default_factory=dict)

    def has_code(self, group: str, code: str) -> bool:
        return code in self.codes.get(group, ()) or code.startswith(self.prefixes.get(group, ()))

    def holds_event(self, group: str, event: Event) -> bool:
        return event.group == group or (event.code is not None and self.has_code(group, event.code))

    def holds_service(self, group: str, known: Known) -> bool:
        return known.service == group or (known.code is not None and self.has_code(group, known.code))


def groups_of(version: PlanVersion, systems: CodeSystems) -> Groups:
    codes: dict[str, set[str]] = {}
    prefixes: dict[str, list[str]] = {}
    diagnoses: dict[str, list[tuple[str, bool, date | None, date | None]]] = {}
    for row in version.codes:
        codes.setdefault(row.group, set())
        if row.pattern is None:
            continue
        if row.system in DIAGNOSIS_SYSTEMS:
            diagnoses.setdefault(row.group, []).append(
                (row.pattern.text, row.pattern.is_prefix, row.period.start, row.period.end)
            )
        if row.pattern.is_prefix:
            prefixes.setdefault(row.group, []).append(row.pattern.text)
        else:
            codes[row.group].add(row.pattern.text.upper())
    return Groups(
        {name: frozenset(held) for name, held in codes.items()},
        {name: tuple(held) for name, held in prefixes.items()},
        {name: tuple(held) for name, held in diagnoses.items()},
        {each.name: (each.values, each.is_open) for each in version.sets},
        systems,
        {
            row.pattern.text: Quantity(*row.dose)
            for row in version.codes
            if row.dose is not None and row.pattern is not None and not row.pattern.is_prefix
        },
    )


def judge_for(literal: Literal, groups: Groups) -> Judge:
    """The function that judges a literal, its sign included."""
    signs = (NOT_MET, MET) if literal.negated else (MET, NOT_MET)
    match literal.kind:
        case LiteralKind.QUESTION:
            return _Question(literal.item, *signs).judge
        case LiteralKind.HOLDS:
            return _YesNo(literal.fact, *signs).judge
        case LiteralKind.COMPARE | LiteralKind.MEMBER:
            plain = _fact(literal, groups)
        case LiteralKind.COUNT:
            plain = _count(literal, groups)
        case LiteralKind.SINCE:
            plain = _since(literal, groups)
        case LiteralKind.LAST:
            plain = _last_field(literal, groups)
        case LiteralKind.LATEST:
            plain = _latest(literal)
    if not literal.negated:
        return plain
    return lambda known: _OPPOSITE[plain(known)]


class Judges:
    """The judges of one plan. Literals that read alike share one: a thousand versions ask for the same few facts."""

    def __init__(self) -> None:
        self._held: dict[tuple[object, ...], Judge] = {}

    def of(self, literals: Iterable[Literal], groups: Groups) -> tuple[Judge, ...]:
        return tuple([self._one(each, groups) for each in literals])

    def _one(self, literal: Literal, groups: Groups) -> Judge:
        if literal.kind not in _OF_THE_CASE or literal.fact == "service.dose":
            return judge_for(literal, groups)
        key = (
            literal.kind,
            literal.negated,
            literal.item if literal.kind is LiteralKind.QUESTION else literal.fact,
            literal.fact_type,
            literal.comparison,
            literal.value,
            literal.values,
            literal.named,
            groups.sets.get(literal.named),
            groups.diagnoses.get(literal.named),
        )
        held = self._held.get(key)
        if held is None:
            held = self._held[key] = judge_for(literal, groups)
        return held


_OF_THE_CASE = frozenset({LiteralKind.QUESTION, LiteralKind.HOLDS, LiteralKind.COMPARE, LiteralKind.MEMBER})
"""The kinds that read a fact or an answer; the others read the history, by the codes of their own version."""


def with_gates(gates: Sequence[Gate], literals: int, met: int, unknown: int) -> tuple[int, int]:
    """T and U with the bits of the gates set above those of the literals."""
    bit = 1 << literals
    for gate in gates:
        if (met & gate.mask).bit_count() >= gate.needed:
            met |= bit
        elif ((met | unknown) & gate.mask).bit_count() >= gate.needed:
            unknown |= bit
        bit <<= 1
    return met, unknown


def bit_truth(bit: int, met: int, unknown: int) -> int:
    return MET if met >> bit & 1 else UNKNOWN if unknown >> bit & 1 else NOT_MET


# ---------------------------------------------------------------------------- facts


# The commonest judges are methods of small values, not closures: a closure lies in memory in a handful of pieces, and
# in a large library fetching them takes longer than judging does.


@dataclass(slots=True)
class _Question:
    item: str
    yes: int
    no: int

    def judge(self, known: Known) -> int:
        answer = known.answers.get(self.item)
        return UNKNOWN if answer is None else self.yes if answer else self.no


@dataclass(slots=True)
class _YesNo:
    name: str
    yes: int
    no: int

    def judge(self, known: Known) -> int:
        name = self.name
        value = known.facts.get(name)
        if value is not None:
            return self.yes if value else self.no
        if known.records and name not in known.forgotten and record_is_complete(name, known.records):
            return self.no
        return UNKNOWN


@dataclass(slots=True)
class _Compared:
    """A fact against a constant: where both are in one unit there is nothing to convert."""

    name: str
    unit: str | None
    holds: Callable[[Any, Any], bool]
    number: Decimal
    otherwise: ValueJudge

    def judge(self, known: Known) -> int:
        value = known.facts.get(self.name)
        if value is None:
            return UNKNOWN
        if value.unit == self.unit:
            return MET if self.holds(value.number, self.number) else NOT_MET
        return self.otherwise(value, known)


@dataclass(slots=True)
class _Valued:
    name: str
    value_judge: ValueJudge

    def judge(self, known: Known) -> int:
        value = known.facts.get(self.name)
        return UNKNOWN if value is None else self.value_judge(value, known)


def _fact(literal: Literal, groups: Groups) -> Judge:
    name = literal.fact
    if literal.fact_type is FactType.CODES:
        return _codes(literal, groups)
    if literal.fact_type is FactType.AGE:
        return _age(literal)
    value_judge = value_judge_for(literal, groups)
    if name == "service.dose":
        return lambda known: UNKNOWN if (dose := dose_of(known, groups)) is None else value_judge(dose, known)
    right = literal.value
    if right is not None and right.number is not None and not literal.values:
        return _Compared(name, right.unit, COMPARISONS[literal.comparison], right.number, value_judge).judge
    return _Valued(name, value_judge).judge


def dose_of(known: Known, groups: Groups) -> Quantity | None:
    """The dose in all: the units of the line times the dose that one unit of its code stands for."""
    each = groups.doses.get(known.code or "")
    return None if each is None or known.units is None else Quantity(known.units * each.number, each.unit)


def value_judge_for(literal: Literal, groups: Groups) -> ValueJudge:
    """Judges a value that stands where the literal's term does: of a fact, of an event's field, of an observation."""
    match literal.fact_type:
        case FactType.YES_NO:
            return lambda value, _: MET if value else NOT_MET
        case FactType.CHOICE | FactType.TEXT:
            return _text(literal, groups)
        case FactType.CODES:
            return _in_its_place(_codes(literal, groups), literal.fact)
        case FactType.AGE:
            return _in_its_place(_age(literal), literal.fact)
        case _:
            return _ordered(literal)


def _in_its_place(judge: Judge, name: str) -> ValueJudge:
    """The judge of a fact as one of a value that stands where the fact does."""
    return lambda value, known: judge(Known(known.day, {**known.facts, name: value}, known.answers))


def _text(literal: Literal, groups: Groups) -> ValueJudge:
    if literal.value is not None and literal.value.kind is ValueKind.FACT:
        other = literal.value.text

        def same(value: Any, known: Known) -> int:
            against = known.facts.get(other)
            return UNKNOWN if against is None else MET if str(value).casefold() == str(against).casefold() else NOT_MET

        return same
    is_open = False
    if literal.named:
        words, is_open = groups.sets[literal.named]
    else:
        words = tuple(each.text for each in literal.values) or (
            (literal.value.text,) if literal.value is not None else ()
        )
    folded = frozenset(word.casefold() for word in words)
    return _Worded(folded | frozenset(words), UNKNOWN if is_open else NOT_MET).judge


@dataclass(slots=True)
class _Worded:
    """``words`` are given as spelled and in small letters."""

    words: frozenset[str]
    miss: int

    def judge(self, value: Any, known: Known) -> int:
        words = self.words
        return MET if value in words or str(value).casefold() in words else self.miss


def _ordered(literal: Literal) -> ValueJudge:
    """Numbers, quantities, ratios and days, against constants, other facts and look-up tables."""
    if literal.values:
        parts = [_constant(value) for value in literal.values]

        def member(value: Any, known: Known) -> int:
            found = [_compare_values(value, "=", part) for part in parts]
            return MET if MET in found else UNKNOWN if UNKNOWN in found else NOT_MET

        return member
    assert literal.value is not None
    comparison, right = literal.comparison, literal.value
    if right.kind in (ValueKind.QUANTITY, ValueKind.DATE):
        constant = _constant(right)
        seen: dict[Any, int] = {}

        def judge(value: Any, known: Known) -> int:
            truth = seen.get(value)
            if truth is None:
                truth = _compare_values(value, comparison, constant)
                if len(seen) >= _REMEMBERED:
                    seen.clear()
                seen[value] = truth
            return truth

        return judge
    if right.kind is ValueKind.FACT:
        return lambda value, known: (
            UNKNOWN
            if known.facts.get(right.text) is None
            else _compare_values(value, comparison, known.facts[right.text])
        )
    return lambda value, known: _compare_table(value, comparison, right, known.facts.get(right.text))


def _constant(value: LiteralValue) -> Quantity | date:
    if value.day is not None:
        return value.day
    assert value.number is not None
    return Quantity(value.number, value.unit)


def _compare_values(left: Any, comparison: str, right: Any) -> int:
    if isinstance(left, date):
        return MET if COMPARISONS[comparison](left, right) else NOT_MET  # type: ignore[arg-type]
    return _BITS[compare(left, comparison, right)]


def _compare_table(value: Any, comparison: str, table: LiteralValue, key: Any) -> int:
    """Against the cell beside the greatest row not above the key; below the first row nothing is known."""
    if key is None:
        return UNKNOWN
    chosen: Quantity | None = None
    for number, unit, result, result_unit in table.rows:
        order = compare(Quantity(number, unit), "<=", key)
        if order is Truth.UNKNOWN:
            return UNKNOWN
        if order is Truth.NOT_MET:
            break
        chosen = Quantity(result, result_unit)
    return UNKNOWN if chosen is None else _compare_values(value, comparison, chosen)


# ---------------------------------------------------------------------------- age, diagnoses


def _age(literal: Literal) -> Judge:
    name = literal.fact
    seen: dict[tuple[object, object], int] = {}
    is_fixed = literal.value is None or literal.value.kind is not ValueKind.FACT

    def judge(known: Known) -> int:
        value = known.facts.get(name)
        if value is None:
            return UNKNOWN
        if not is_fixed:
            return against(value, known)
        # a recorded age is the same on every day
        key = (value.number, value.unit) if isinstance(value, Quantity) else (value, known.day)
        truth = seen.get(key)
        if truth is None:
            truth = against(value, known)
            if len(seen) >= _REMEMBERED:
                seen.clear()
            seen[key] = truth
        return truth

    def against(value: date | Quantity, known: Known) -> int:
        constants: list[Quantity | date | None] = [_constant(each) for each in literal.values]
        constants = constants or [_age_constant(literal, known)]
        comparison = "=" if literal.values else literal.comparison
        found = [UNKNOWN if each is None else compare_age(value, comparison, each, known.day) for each in constants]  # type: ignore[arg-type]
        return MET if MET in found else UNKNOWN if UNKNOWN in found else NOT_MET

    return judge


def _age_constant(literal: Literal, known: Known) -> Quantity | None:
    assert literal.value is not None
    if literal.value.kind is ValueKind.FACT:
        other = known.facts.get(literal.value.text)
        return other if isinstance(other, Quantity) else None
    constant = _constant(literal.value)
    return constant if isinstance(constant, Quantity) else None


def compare_age(age: date | Quantity, comparison: str, against: Quantity, day: date) -> int:
    """An age on a day: from a birth date by the calendar, or recorded, when "44 years" is anything from 44 to 45.

    ``= 18 years`` holds through the whole year of being 18.
    """
    if comparison == "=":
        following = Quantity(against.number + 1, against.unit)
        reached, passed = compare_age(age, ">=", against, day), compare_age(age, ">=", following, day)
        return (
            NOT_MET if reached == NOT_MET or passed == MET else MET if reached == MET and passed == NOT_MET else UNKNOWN
        )
    if isinstance(age, date):
        return _calendar_age(age, comparison, against, day)
    whole = age.number == age.number.to_integral_value()
    low, high = age, Quantity(age.number + 1, age.unit) if whole else age
    match comparison:
        case ">=" | ">":
            if compare(low, comparison, against) is Truth.MET:
                return MET
            below = (
                compare(high, "<=" if whole else "<", against) if comparison == ">=" else compare(high, "<=", against)
            )
            return NOT_MET if below is Truth.MET else UNKNOWN
        case _:
            return _OPPOSITE[compare_age(age, {"<": ">=", "<=": ">"}[comparison], against, day)]


def _calendar_age(birth: date, comparison: str, against: Quantity, day: date) -> int:
    assert against.unit is not None
    if against.number == against.number.to_integral_value() and against.unit in ("days", "weeks", "months", "years"):
        try:
            reached = add_duration(birth, int(against.number), against.unit)
        except (OverflowError, ValueError):
            reached = date.max
        return MET if COMPARISONS[comparison](day, reached) else NOT_MET  # type: ignore[arg-type]
    low, high = quantity_bounds(against, "days")
    lived = Fraction((day - birth).days)
    return _BITS[compare_ranges((lived, lived), comparison, (low, high))]


def _codes(literal: Literal, groups: Groups) -> Judge:
    return coded(literal, groups).judge


def coded(literal: Literal, groups: Groups) -> Coded:
    """The codes that a condition on a list of codes looks for."""
    name = literal.fact
    is_diagnosis = name == "diagnosis"
    is_open = False
    patterns: tuple[tuple[str, bool, date | None, date | None], ...] = ()
    if literal.named in groups.diagnoses:
        patterns = groups.diagnoses[literal.named]
    else:
        values: Iterable[str]
        if literal.named:
            values, is_open = groups.sets.get(literal.named, ((), False))
        else:
            values = (each.text for each in literal.values)
        patterns = tuple(_pattern(value, is_diagnosis, groups.systems) for value in values)
    plain = frozenset([text for text, *days in patterns if days == [False, None, None]])
    others = tuple([each for each in patterns if each[1:] != (False, None, None)])
    return Coded(name, plain, others, is_diagnosis, UNKNOWN if is_open else NOT_MET)


@dataclass(slots=True)
class Coded:
    """Whether any code of a fact is one of the plain ones, or falls on that day under one of the other patterns."""

    name: str
    plain: frozenset[str]
    others: tuple[tuple[str, bool, date | None, date | None], ...]
    is_diagnosis: bool
    miss: int

    def judge(self, known: Known) -> int:
        held = known.facts.get(self.name)
        if held is None:
            return UNKNOWN
        if self.is_diagnosis and known.shared_diagnoses:
            return self._of_some(held, known)
        for code in held:
            if self._holds(code, known.day):
                return MET
        return UNKNOWN if self.is_diagnosis and known.malformed_diagnosis else self.miss

    def _holds(self, code: str, day: date) -> bool:
        if code in self.plain:
            return True
        for text, is_prefix, start, end in self.others:
            if (
                (code.startswith(text) if is_prefix else code == text)
                and (start is None or start <= day)
                and (end is None or day < end)
            ):
                return True
        return False

    def _of_some(self, held: Sequence[str], known: Known) -> int:
        """Of codes of which some are the line's, and nobody knows which: told only where all of them say the same."""
        found = {self._holds(code, known.day) for code in held}
        if known.malformed_diagnosis or len(found) != 1:
            return UNKNOWN
        return MET if True in found else self.miss


def _pattern(value: str, is_diagnosis: bool, systems: CodeSystems) -> tuple[str, bool, date | None, date | None]:
    if is_diagnosis:
        for system in DIAGNOSIS_SYSTEMS:
            found = diagnosis_pattern(systems, system, value)
            if found is not None:
                return found.text, found.is_prefix, None, None
    return value.strip().upper(), False, None, None


# ---------------------------------------------------------------------------- history


def _where_judges(literal: Literal, groups: Groups) -> tuple[ValueJudge, ...]:
    return () if literal.where is None else tuple(_field_judge(each, groups) for each in literal.where.literals)


def _field_judge(literal: Literal, groups: Groups) -> ValueJudge:
    judge = value_judge_for(literal, groups)
    if not literal.negated:
        return judge
    return lambda value, known: _OPPOSITE[judge(value, known)]


def _event_truth(literal: Literal, judges: Sequence[ValueJudge], event: Event, known: Known) -> int:
    """Whether an event satisfies ``where``: its own fields only, an undocumented one unknown."""
    if literal.where is None:
        return MET
    fields = dict(event.facts)
    inner = Known(known.day, fields, known.answers)
    met = unknown = 0
    for at, (part, judge) in enumerate(zip(literal.where.literals, judges, strict=True)):
        value = fields.get(part.fact)
        truth = UNKNOWN if value is None else judge(value, inner)
        if truth == MET:
            met |= 1 << at
        elif truth == UNKNOWN:
            unknown |= 1 << at
    met, unknown = with_gates(literal.where.gates, len(judges), met, unknown)
    return bit_truth(literal.where.root, met, unknown)


def window_start(literal: Literal, known: Known) -> date | None:
    """The first day inside the window, ``BIRTH`` for a lifetime, ``None`` where the plan year is not known."""
    day = known.day
    match literal.window:
        case "rolling":
            try:
                return add_duration(day, -(literal.window_number or 0), literal.window_unit) + ONE_DAY
            except OverflowError:
                return BIRTH
        case "calendar year":
            return date(day.year, 1, 1)
        case "plan year":
            if known.plan_year is None:
                return None
            month, first = known.plan_year
            start = _day_in(day.year, month, first)
            return start if start <= day else _day_in(day.year - 1, month, first)
        case "lifetime":
            return BIRTH
        case _:
            return day


def _day_in(year: int, month: int, day: int) -> date:
    return add_months(date(year, 1, 1), month - 1) + timedelta(days=day - 1)


def _is_complete(start: date, names: Sequence[str], known: Known) -> bool:
    if known.complete.issuperset(names):
        return True
    if known.complete_from is None or known.complete_from > start:
        return False
    return not any(name in known.incomplete_for for name in names)


Interval = tuple[int | Decimal, int | Decimal]


def count_reader(literal: Literal, groups: Groups) -> Callable[[Known], Interval]:
    """The function that counts: what is seen for sure, and what is possible (unbounded until the window is complete)."""
    judges = _where_judges(literal, groups)
    measure, names = literal.measure, literal.groups
    takes_this = literal.side != "before"
    # "before" leaves out the whole day for sessions and groups, but only the present line for lines and units
    takes_siblings = takes_this or measure in ("lines", "units")
    is_unbounded = literal.window != "plan year"  # a plan year that is not known leaves the count open
    has_where = literal.where is not None

    def alone(known: Known) -> Interval:
        """The count where no history is given, and none or all of it is held: then the window does not matter."""
        low: int | Decimal = 0
        high: int | Decimal = 0
        mine = [name for name in names if groups.holds_service(name, known)] if takes_this else ()
        if mine and measure == "units":
            low, high = (0, Infinity) if known.units is None else (known.units, known.units)
        elif mine:
            low = high = len(mine) if measure == "groups" else 1
        return 0 if has_where else low, high if _is_complete(BIRTH, names, known) else Infinity

    def read(known: Known) -> Interval:
        if is_unbounded and not known.history and (known.complete_from is None or known.complete_from == BIRTH):
            return alone(known)
        start = window_start(literal, known)
        if start is None:
            return 0, Infinity
        last = known.day if takes_siblings else known.day - ONE_DAY
        sure: list[tuple[Event, str]] = []
        possible: list[tuple[Event, str]] = []
        for event in known.history:
            if not start <= event.day <= last:
                continue
            inside = [name for name in names if groups.holds_event(name, event)]
            if inside:
                truth = _event_truth(literal, judges, event, known)
                if truth != NOT_MET:
                    possible += [(event, name) for name in inside]
                if truth == MET:
                    sure += [(event, name) for name in inside]
        if takes_this:
            mine = [name for name in names if groups.holds_service(name, known)]
            if mine:
                present = Event(known.day, known.code, known.service, known.units)
                this = [(present, name) for name in mine]
                possible += this
                sure += [] if literal.where is not None else this
        low, high = _measured(measure, sure, 0), _measured(measure, possible, Infinity)
        return low, high if _is_complete(start, names, known) else Infinity

    return read


def _count(literal: Literal, groups: Groups) -> Judge:
    read, value_judge = count_reader(literal, groups), count_judge(literal)

    def judge(known: Known) -> int:
        low, high = read(known)
        return value_judge(low, high, known)

    return judge


def _measured(measure: str, events: Sequence[tuple[Event, str]], unstated: int | Decimal) -> int | Decimal:
    """How many; ``unstated`` stands for the units of an event that does not state them."""
    match measure:
        case "sessions":
            return len({event.day for event, _ in events})
        case "groups":
            return len({name for _, name in events})
        case "lines":
            return len({id(event): None for event, _ in events})
        case _:
            held = {id(event): event.units for event, _ in events}.values()
            if any(units is None for units in held):
                return Infinity if unstated else sum((units for units in held if units is not None), Decimal(0))
            return sum((units for units in held if units is not None), Decimal(0))


def count_judge(literal: Literal) -> Callable[[int | Decimal, int | Decimal, Known], int]:
    """Judges a count that lies between two bounds; the literal's sign is not included."""
    constants = [_constant(each) for each in literal.values]
    fixed = None if literal.value is None or literal.values else literal.value.number
    holds: Callable[[Any, Any], bool] = COMPARISONS.get(literal.comparison, COMPARISONS["="])
    is_ordered, is_least = literal.comparison in (">=", ">", "<=", "<"), literal.comparison in (">=", ">")

    def one(low: int | Decimal, high: int | Decimal, number: Decimal) -> int:
        if is_ordered:
            worst, best = (low, high) if is_least else (high, low)
            return MET if holds(worst, number) else UNKNOWN if holds(best, number) else NOT_MET
        return MET if low == high == number else NOT_MET if number < low or number > high else UNKNOWN

    def judge(low: int | Decimal, high: int | Decimal, known: Known) -> int:
        if fixed is not None:
            return one(low, high, fixed)
        if literal.value is None:
            found = [one(low, high, each.number) for each in constants if isinstance(each, Quantity)]
            return MET if MET in found else UNKNOWN if UNKNOWN in found else NOT_MET
        if literal.value.kind is ValueKind.TABLE:
            return _counted_table(literal, low, high, known)
        held = known.facts.get(literal.value.text)
        return one(low, high, held.number) if isinstance(held, Quantity) else UNKNOWN

    return judge


def _counted_table(literal: Literal, low: int | Decimal, high: int | Decimal, known: Known) -> int:
    assert literal.value is not None
    if high == Infinity:
        return UNKNOWN
    ends = {
        _compare_table(Quantity(Decimal(each)), literal.comparison, literal.value, known.facts.get(literal.value.text))
        for each in (low, high)
    }
    return ends.pop() if len(ends) == 1 else UNKNOWN


@dataclass(frozen=True, slots=True)
class _LastEvent:
    """Where the last event may lie: ``sure`` seen, ``later`` days that may hold one as late, ``gap`` an unseen one."""

    sure: date | None
    later: tuple[date, ...]
    gap: tuple[date, date] | None
    events: tuple[Event, ...] = field(default=())


def _last_event(literal: Literal, groups: Groups, judges: Sequence[ValueJudge], known: Known) -> _LastEvent:
    before = known.day - ONE_DAY
    sure: date | None = None
    held: list[tuple[Event, int]] = []
    for event in known.history:
        if event.day <= before and any(groups.holds_event(name, event) for name in literal.groups):
            truth = _event_truth(literal, judges, event, known)
            if truth != NOT_MET:
                held.append((event, truth))
            if truth == MET and (sure is None or event.day > sure):
                sure = event.day
    maybe = [event.day for event, truth in held if truth == UNKNOWN and (sure is None or event.day >= sure)]
    if any(name in known.incomplete_for for name in literal.groups) and not all(
        name in known.complete for name in literal.groups
    ):
        whole_from: date | None = None
    elif all(name in known.complete for name in literal.groups):
        whole_from = BIRTH
    else:
        whole_from = known.complete_from
    gap: tuple[date, date] | None
    if sure is not None:
        if whole_from is None:
            gap = (sure, before)
        else:  # what is complete holds no unseen event, so one can only lie before it
            gap = None if whole_from <= sure else (sure, min(whole_from - ONE_DAY, before))
    elif whole_from is None:
        gap = (BIRTH, before)
    else:
        gap = None if whole_from == BIRTH else (BIRTH, min(whole_from - ONE_DAY, before))
    return _LastEvent(
        sure, tuple(maybe), gap, tuple(event for event, truth in held if event.day == sure and truth == MET)
    )


def _since(literal: Literal, groups: Groups) -> Judge:
    judges = _where_judges(literal, groups)

    def judge(known: Known) -> int:
        last = _last_event(literal, groups, judges, known)
        against = _since_constants(literal, known)
        if against is None:
            return UNKNOWN
        comparison = "=" if literal.values else literal.comparison
        found = []
        for each in against:
            results: set[int] = set()
            if last.sure is not None:
                results.add(_elapsed(last.sure, comparison, each, known.day))
            elif last.gap is None or last.gap[0] == BIRTH:
                results.add(MET if comparison in (">", ">=") else NOT_MET)  # never
            for day in last.later:
                results.add(_elapsed(day, comparison, each, known.day))
            if last.gap is not None:
                ends = [_elapsed(day, comparison, each, known.day) for day in last.gap]
                results |= set(ends)
                if comparison == "=":
                    results |= {MET, NOT_MET}
            found.append(results.pop() if len(results) == 1 else UNKNOWN)
        return MET if MET in found else UNKNOWN if UNKNOWN in found else NOT_MET

    return judge


def _since_constants(literal: Literal, known: Known) -> list[Quantity] | None:
    if literal.values:
        return [each for each in map(_constant, literal.values) if isinstance(each, Quantity)]
    assert literal.value is not None
    if literal.value.kind is ValueKind.QUANTITY:
        constant = _constant(literal.value)
        return [constant] if isinstance(constant, Quantity) else None
    held = known.facts.get(literal.value.text)
    if literal.value.kind is ValueKind.FACT:
        return [held] if isinstance(held, Quantity) else None
    if held is None:
        return None
    chosen = None
    for number, unit, result, result_unit in literal.value.rows:
        if compare(Quantity(number, unit), "<=", held) is Truth.MET:
            chosen = Quantity(result, result_unit)
    return None if chosen is None else [chosen]


def _elapsed(since: date, comparison: str, against: Quantity, day: date) -> int:
    """Whether the time since an event compares so: by adding the calendar period to the event's day."""
    assert against.unit is not None
    if against.number == against.number.to_integral_value() and against.unit in ("days", "weeks", "months", "years"):
        try:
            reached = add_duration(since, int(against.number), against.unit)
        except OverflowError:
            reached = date.max
        return MET if COMPARISONS[comparison](day, reached) else NOT_MET  # type: ignore[arg-type]
    low, high = quantity_bounds(against, "days")
    passed = Fraction((day - since).days)
    return _BITS[compare_ranges((passed, passed), comparison, (low, high))]


def _last_field(literal: Literal, groups: Groups) -> Judge:
    judges = _where_judges(literal, groups)
    value_judge = value_judge_for(literal, groups)

    def judge(known: Known) -> int:
        last = _last_event(literal, groups, judges, known)
        if last.sure is None or last.gap is not None or last.later:
            return UNKNOWN
        values = [dict(event.facts).get(literal.field) for event in last.events]
        if not values or any(value is None or value != values[0] for value in values):
            return UNKNOWN
        return value_judge(values[0], known)

    return judge


def _latest(literal: Literal) -> Judge:
    judge_value = _ordered(literal)

    def judge(known: Known) -> int:
        held: tuple[Observation, ...] | None = known.facts.get(literal.fact)
        start = window_start(literal, known)
        if not held or start is None:
            return UNKNOWN
        last = known.day if literal.side != "before" else known.day - ONE_DAY
        inside = [each for each in held if start <= each.day <= last]
        if not inside:
            return UNKNOWN
        day = max(each.day for each in inside)
        values = [each.value for each in inside if each.day == day]
        if not _is_complete(day, (literal.fact,), known) or any(value != values[0] for value in values):
            return UNKNOWN
        return judge_value(values[0], known)

    return judge


def last_day(literal: Literal, groups: Groups, known: Known) -> date | None:
    """The day of the last event that is seen for sure."""
    return _last_event(literal, groups, _where_judges(literal, groups), known).sure
