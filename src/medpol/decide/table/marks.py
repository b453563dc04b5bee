"""Which bits a value settles: each literal judged once for each value that occurs, by the judge of the single reading.

A *value* is what a line says of one fact: its sex, its units, one of its diagnoses, its age as far as criteria can tell
ages apart. A *mark* says which bits of a unit a value settles, which of them are met, and which it takes back (a
negated list of codes is met until one of its codes is there). What a history says is added up and judged as well, in
``tallies``. What no value can tell, such as one fact against another, is *read line by line*.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any

from medpol.decide.literals import MET, UNKNOWN, Judge, coded
from medpol.decide.rows import Literal, LiteralKind, LiteralValue, ValueKind
from medpol.decide.table.services import Unit
from medpol.decide.table.tallies import is_tallied
from medpol.model.case import Known
from medpol.model.dates import add_months
from medpol.model.facts import FactType
from medpol.model.quantities import Quantity

WORD = 63
"""Bits in a word: what a signed 64-bit column holds without its sign."""

OLDEST = 150
"""Years; an older age tells criteria nothing new."""

_BORN = date(1900, 1, 1)
_ANY_DAY = date(2000, 1, 1)


class Family(Enum):
    """How the values of a fact reach a literal. The values are the names used in the tables."""

    SCALAR = "scalar"
    CODES = "codes"
    DOSE = "dose"
    MONTHS = "months"
    DAYS = "days"
    DAY_OF_SERVICE = "day of service"
    HISTORY = "history"
    NEVER = "never"
    BY_LINE = "by line"


COLUMNS: dict[str, str] = {
    "sex": "sex",
    "member.state": "state",
    "member.line": "line_of_business",
    "member.plan": "plan",
    "service.place": "place_of_service",
    "provider.specialty": "provider_specialty",
    "service.units": "units",
}
"""The built-in facts that are one value of a line, and the column that holds it."""

LISTS: dict[str, str] = {"diagnosis": "diagnoses", "service.modifier": "modifiers"}
"""The built-in facts that are lists of codes, and the column that holds them."""

_HISTORY = (LiteralKind.COUNT, LiteralKind.SINCE, LiteralKind.LATEST)


def family_of(literal: Literal) -> Family:
    """How a literal is judged in bulk."""
    if literal.kind in (LiteralKind.QUESTION, LiteralKind.LAST):
        return Family.NEVER  # a claim answers no question, and its earlier services have no fields
    if is_tallied(literal):
        return Family.HISTORY
    values = (*literal.values, *(() if literal.value is None else (literal.value,)))
    if literal.kind in _HISTORY or any(value.kind in (ValueKind.FACT, ValueKind.TABLE) for value in values):
        return Family.BY_LINE
    if literal.fact in LISTS:
        return Family.CODES
    if literal.fact != "age" and literal.fact_type in (FactType.AGE, FactType.CODES):
        return Family.BY_LINE  # read on the day of service: an age from a birth date, codes that come and go
    match literal.fact:
        case "":
            return Family.BY_LINE
        case "age":
            return _age_family(values)
        case "service.dose":
            return Family.DOSE
        case "date_of_service":
            return Family.DAY_OF_SERVICE
        case _:
            return Family.SCALAR


def _age_family(values: Iterable[LiteralValue]) -> Family:
    by_month = {
        value.number is not None
        and value.number == value.number.to_integral_value()
        and value.unit in ("months", "years")
        for value in values
    }
    return Family.BY_LINE if len(by_month) != 1 else Family.MONTHS if by_month.pop() else Family.DAYS


# ---------------------------------------------------------------------------- values


@dataclass(slots=True)
class Values:
    """The values that occur, by fact and by what a line says of it; their numbers are those of the tables."""

    numbers: dict[tuple[str, object], int] = field(default_factory=dict)
    by_fact: dict[str, dict[object, int]] = field(default_factory=dict)

    def number(self, fact: str, value: object) -> int:
        held = self.by_fact.setdefault(fact, {})
        found = held.get(value)
        if found is None:
            found = held[value] = self.numbers[fact, value] = len(self.numbers) + 1
        return found


def months_at(at: int) -> tuple[date, date]:
    """A birth date and a day of service of somebody ``at // 2`` months old: on the very day, or (odd) past it."""
    reached = add_months(_BORN, at // 2)
    return _BORN, reached + timedelta(days=at % 2)


def days_at(at: int) -> tuple[date, date]:
    return _BORN, _BORN + timedelta(days=at)


AGES = {
    Family.MONTHS: (months_at, OLDEST * 24),
    Family.DAYS: (days_at, OLDEST * 366),
}


def age_cells(family: Family, judges: Sequence[Judge]) -> list[tuple[int, tuple[int, ...]]]:
    """Ages at which some judge turns: the first of each run of ages that all judges read alike, and what they read."""
    at_age, last = AGES[family]
    cells: list[tuple[int, tuple[int, ...]]] = []
    if not judges:
        return cells

    def truths(at: int) -> tuple[int, ...]:
        birth, day = at_age(at)
        known = Known(day, {"age": birth}, {})
        return tuple([judge(known) for judge in judges])

    for at in range(last + 1):
        found = truths(at)
        if not cells or cells[-1][1] != found:
            cells.append((at, found))
    return cells


# ---------------------------------------------------------------------------- marks


@dataclass(slots=True)
class Mark:
    settled: int = 0
    met: int = 0
    taken_back: int = 0


Period = tuple[date | None, date | None]
_ALWAYS: Period = (None, None)


@dataclass(slots=True)
class UnitMarks:
    """What settles the bits of one unit.

    ``by_value`` holds marks by the number of a value and the days on which it counts; ``always`` is settled on every
    line.
    """

    always: Mark = field(default_factory=Mark)
    by_value: dict[tuple[int, Period], Mark] = field(default_factory=dict)

    def mark(self, value: int, days: Period = _ALWAYS) -> Mark:
        held = self.by_value.get((value, days))
        if held is None:
            held = self.by_value[value, days] = Mark()
        return held


WHOLE = "\0whole"
"""The value of a list of codes in which nothing is malformed, or another line's: what it does not hold, it does not hold."""


@dataclass(slots=True)
class Marker:
    """Makes the marks of units over the values that occur. ``facts`` holds the documented values, read by their types.

    Values are added as tables come; those that came before keep their numbers.
    """

    values: Values = field(default_factory=Values)
    facts: dict[str, dict[object, Any]] = field(default_factory=dict)
    _codes: dict[str, list[str]] = field(default_factory=dict)
    _judged: dict[tuple[Judge, object], int] = field(default_factory=dict)
    _ages: dict[Family, dict[Judge, dict[int, int]]] = field(default_factory=dict)
    _age_tables: dict[Family, list[tuple[int, int]]] = field(default_factory=dict)

    def seen(self, facts: Iterable[str]) -> tuple[int, ...]:
        """How many values there are of what a unit reads (``values_read``): as long as that stands, so do its marks."""
        held = self.values.by_fact
        return tuple([len(held.get(fact, ())) for fact in facts])

    def marks(self, unit: Unit) -> UnitMarks:
        found = UnitMarks()
        for at, (literal, judge) in enumerate(zip(unit.literals, unit.judges, strict=True)):
            bit = 1 << at
            match family_of(literal):
                case Family.NEVER | Family.HISTORY | Family.BY_LINE:
                    pass
                case Family.DAY_OF_SERVICE:
                    assert unit.day is not None
                    _settle(found.always, bit, judge(Known(unit.day, {"date_of_service": unit.day}, {})))
                case Family.CODES:
                    self._mark_codes(found, bit, literal, judge, unit)
                case Family.MONTHS | Family.DAYS as family:
                    for number, truth in self._ages.get(family, {}).get(judge, {}).items():
                        _settle(found.mark(number), bit, truth)
                case Family.DOSE:
                    for value, number in self.values.by_fact.get("service.units", {}).items():
                        known = Known(_ANY_DAY, {}, {}, code=unit.code, units=Decimal(str(value)))
                        _settle(found.mark(number), bit, judge(known))
                case Family.SCALAR:
                    self._mark_scalar(found, bit, literal, judge)
        return found

    def _mark_scalar(self, found: UnitMarks, bit: int, literal: Literal, judge: Judge) -> None:
        for value, number in self.values.by_fact.get(literal.fact, {}).items():
            key = (judge, value)
            truth = self._judged.get(key)
            if truth is None:
                truth = judge(Known(_ANY_DAY, {literal.fact: self._read(literal.fact, value)}, {}))
                self._judged[key] = truth
            _settle(found.mark(number), bit, truth)

    def _read(self, fact: str, value: object) -> Any:
        if fact == "service.units":
            return Quantity(Decimal(str(value)))
        return value if fact in COLUMNS else self.facts[fact][value]

    def _mark_codes(self, found: UnitMarks, bit: int, literal: Literal, judge: Judge, unit: Unit) -> None:
        numbers = self.values.by_fact.get(literal.fact, {})
        whole = numbers.get(WHOLE)
        if whole is not None:
            _settle(found.mark(whole), bit, judge(Known(_ANY_DAY, {literal.fact: ()}, {})))
        held = coded(literal, unit.groups)
        patterns = [(text, False, None, None) for text in held.plain if text in numbers]
        for text, is_prefix, start, end in (*patterns, *held.others):
            codes = self._beginning(literal.fact, text) if is_prefix else [text] if text in numbers else []
            for each in codes:
                mark = found.mark(numbers[each], (start, end))
                mark.settled |= bit
                if literal.negated:
                    mark.taken_back |= bit
                else:
                    mark.met |= bit

    def _beginning(self, fact: str, text: str) -> list[str]:
        codes = self._codes.get(fact)
        values = self.values.by_fact.get(fact, {})
        if codes is None or len(codes) < len(values) - (WHOLE in values):
            codes = self._codes[fact] = sorted(value for value in values if isinstance(value, str) and value != WHOLE)
        first = bisect_left(codes, text)
        found = []
        for each in codes[first:]:
            if not each.startswith(text):
                break
            found.append(each)
        return found

    def ages(self, family: Family, units: Iterable[Unit]) -> list[tuple[int, int]]:
        """The first age of every cell of ages, with the number of its value: for the table that ages are looked up in."""
        judges = list(
            dict.fromkeys(
                judge
                for unit in units
                for literal, judge in zip(unit.literals, unit.judges, strict=True)
                if literal.fact == "age" and family_of(literal) is family
            )
        )
        before = self._ages.get(family, {})
        if before.keys() >= set(judges):
            return self._age_tables.get(family, [])
        judges = list(dict.fromkeys((*before, *judges)))
        table = []
        held: dict[Judge, dict[int, int]] = {judge: {} for judge in judges}
        for first, truths in age_cells(family, judges):
            number = self.values.number(family.value, first)
            table.append((first, number))
            for judge, truth in zip(judges, truths, strict=True):
                held[judge][number] = truth
        self._ages[family], self._age_tables[family] = held, table
        return table


def values_read(unit: Unit) -> tuple[str, ...]:
    """The names under which the values of what a unit reads are held."""
    names = dict.fromkeys(literal.fact for literal in unit.literals)
    return (*names, "service.units", Family.MONTHS.value, Family.DAYS.value)


def by_line_of(unit: Unit) -> int:
    """The bits of a unit that no value can tell."""
    return sum(1 << at for at, literal in enumerate(unit.literals) if family_of(literal) is Family.BY_LINE)


def of_diagnoses(unit: Unit) -> int:
    """The bits of a unit that are read line by line where nothing says which diagnoses of a claim are the line's."""
    return sum(
        1 << at
        for at, literal in enumerate(unit.literals)
        if literal.fact == "diagnosis" and family_of(literal) is Family.CODES
    )


def _settle(mark: Mark, bit: int, truth: int) -> None:
    if truth != UNKNOWN:
        mark.settled |= bit
        if truth == MET:
            mark.met |= bit
