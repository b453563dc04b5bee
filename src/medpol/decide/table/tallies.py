"""What the history of a member says of a line: added up by SQL, and judged once for each value that occurs.

A *measure* is what SQL adds up: which codes count, on which days before or of the service, and what of them is told
(sessions, lines, units, groups, or the days of the first and the last). A *question* is what a literal asks of a measure. Units
share both, and a question is judged by the judge of the single reading. Which days a window holds, and which codes are in
a group, is told by the single reading too, once for each day and each code that occurs.

A *reading* is which codes the case of a line holds of its member's history: those that its units count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

import pyarrow as pa

from medpol.decide.cases import decode_case
from medpol.decide.identity import canonical_json
from medpol.decide.literals import (
    MET,
    NOT_MET,
    UNKNOWN,
    Infinity,
    Judge,
    bit_truth,
    count_judge,
    window_start,
    with_gates,
)
from medpol.decide.one import Desk
from medpol.decide.rows import Literal, LiteralKind, ValueKind
from medpol.decide.table.arrow import table_of
from medpol.decide.table.lines import Reads, known_code
from medpol.decide.table.services import Unit
from medpol.model.case import Known
from medpol.model.dates import ONE_DAY
from medpol.model.facts import Event

LAST = "last"
FIRST_AND_LAST = "first and last"
"""Measures that are days; the others are named as in the text."""
_MOST_GROUPS = 40
"""Which groups were seen is told as bits of a number that every engine holds."""
_ANY_DAY = date(2000, 1, 1)


def is_tallied(literal: Literal) -> bool:
    """Whether SQL can tell it: a count, or the time since the last event, against constants.

    The history of claims holds no fields of events, so a ``where`` makes of each event one that may count.
    """
    if literal.kind not in (LiteralKind.COUNT, LiteralKind.SINCE) or len(literal.groups) > _MOST_GROUPS:
        return False
    values = (*literal.values, *(() if literal.value is None else (literal.value,)))
    if any(value.kind in (ValueKind.FACT, ValueKind.TABLE) for value in values):
        return False
    if literal.where is None:
        return True
    if literal.kind is LiteralKind.SINCE and (literal.values or literal.comparison not in _ORDERED):
        return False  # every one of the days would have to be compared
    every = (1 << len(literal.where.literals)) - 1
    return bit_truth(literal.where.root, *with_gates(literal.where.gates, every.bit_length(), 0, every)) == UNKNOWN


_ORDERED = frozenset({">=", ">", "<=", "<"})


class Measure(NamedTuple):
    """What is added up for a line: codes and span by number; ``takes_this`` counts the line itself."""

    codes: int
    span: int
    kind: str
    takes_this: bool


class Part(NamedTuple):
    """The codes of one group: as they stand, and those that begin so."""

    codes: frozenset[str]
    prefixes: tuple[str, ...]

    def holds(self, code: str) -> bool:
        return code in self.codes or code.startswith(self.prefixes)


class Span(NamedTuple):
    """A window; ``takes_day`` where the day of the service is in it."""

    window: str
    number: int | None
    unit: str
    takes_day: bool

    def days(self, day: date, plan_year: str) -> tuple[date | None, date]:
        """First and last day; without a first one where the plan year is not known."""
        literal = Literal(
            LiteralKind.COUNT, "", "", window=self.window, window_number=self.number, window_unit=self.unit
        )
        year = (int(plan_year[:2]), int(plan_year[3:])) if plan_year else None
        first = window_start(literal, Known(day, {}, {}, plan_year=year))
        return first, day if self.takes_day or day == date.min else day - ONE_DAY


@dataclass(frozen=True, slots=True)
class Question:
    """What a literal asks of a measure."""

    literal: Literal
    judge: Judge
    counted: Callable[[int | Decimal, int | Decimal, Known], int] | None

    def truth(self, value: Mapping[str, Any]) -> int:
        """The truth of one value of a measure, the sign of the literal included."""
        if self.counted is None:
            group = self.literal.groups[0]
            days = dict.fromkeys(day for day in (value["earliest"], value["latest"]) if day is not None)
            events = [Event(day, None, group) for day in days]
            return self.judge(Known(value["day"], {}, {}, events, value["whole_from"]))
        seen: Decimal | int = value["amount"]
        if self.literal.measure == "groups":
            seen = int(seen).bit_count()
        most = seen if value["is_whole"] and value["is_stated"] else Infinity
        truth = self.counted(seen if self.literal.where is None else 0, most, _NOBODY)
        return truth if truth == UNKNOWN or not self.literal.negated else MET if truth == NOT_MET else NOT_MET


_NOBODY = Known(_ANY_DAY, {}, {})


@dataclass(slots=True)
class Tallies:
    """The measures, questions and readings of a run, by number, and what was told of days, codes and values before."""

    desk: Desk
    readings: dict[tuple[frozenset[str], tuple[str, ...]], int] = field(default_factory=dict)
    _codes: dict[tuple[Part, ...], int] = field(default_factory=dict)
    _spans: dict[Span, int] = field(default_factory=dict)
    _measures: dict[Measure, int] = field(default_factory=dict)
    _questions: dict[tuple[object, ...], int] = field(default_factory=dict)
    _asked: list[Question] = field(default_factory=list)
    _of_units: dict[int, tuple[tuple[int, int, int], ...]] = field(default_factory=dict)
    _event_codes: dict[str, str] = field(default_factory=dict)
    _own: dict[tuple[str | None, str], str] = field(default_factory=dict)
    _truths: dict[tuple[object, ...], int] = field(default_factory=dict)

    def reading(self, reads: Reads) -> int:
        return self.readings.setdefault((reads.codes, reads.prefixes), len(self.readings))

    def of(self, at: int, unit: Unit) -> tuple[tuple[int, int, int], ...]:
        """Of the literals of a unit that SQL tells: its place, the measure, the question."""
        held = self._of_units.get(at)
        if held is None:
            held = self._of_units[at] = tuple(
                [
                    (place, self._measure(literal, unit), self._question(literal, judge))
                    for place, (literal, judge) in enumerate(zip(unit.literals, unit.judges, strict=True))
                    if is_tallied(literal)
                ]
            )
        return held

    def _measure(self, literal: Literal, unit: Unit) -> int:
        parts = tuple(
            [
                Part(unit.groups.codes.get(name, frozenset()), unit.groups.prefixes.get(name, ()))
                for name in literal.groups
            ]
        )
        if literal.kind is LiteralKind.SINCE:
            span, takes_this = Span("lifetime", None, "", takes_day=False), False
            kind = LAST if literal.where is None else FIRST_AND_LAST
        else:
            kind, takes_this = literal.measure, literal.side != "before"
            takes_day = takes_this or kind in ("lines", "units")
            span = Span(literal.window, literal.window_number, literal.window_unit, takes_day)
        codes = self._codes.setdefault(parts, len(self._codes))
        measure = Measure(codes, self._spans.setdefault(span, len(self._spans)), kind, takes_this)
        return self._measures.setdefault(measure, len(self._measures))

    def _question(self, literal: Literal, judge: Judge) -> int:
        key = (
            literal.kind,
            literal.measure == "groups",
            literal.comparison,
            literal.value,
            literal.values,
            literal.negated,
            literal.where is None,
        )
        at = self._questions.setdefault(key, len(self._asked))
        if at == len(self._asked):
            is_count = literal.kind is LiteralKind.COUNT
            self._asked.append(Question(literal, judge, count_judge(literal) if is_count else None))
        return at

    # ------------------------------------------------------------------ as tables

    def measures(self) -> pa.Table:
        rows = [{"measure": at, **measure._asdict()} for measure, at in self._measures.items()]
        return pa.Table.from_pylist(rows, _MEASURES)

    def windows(self, asked: Iterable[Mapping[str, Any]]) -> pa.Table:
        """The days of each window, for a day of service and a plan year."""
        spans = list(self._spans)
        rows = [
            (row["span"], row["day"], row["plan_year"], *spans[row["span"]].days(row["day"], row["plan_year"]))
            for row in asked
        ]
        return table_of(rows, _WINDOWS)

    def codes(self, occurring: Iterable[str], own: Iterable[tuple[str | None, str]]) -> dict[str, pa.Table]:
        """Tables of the codes that occur in histories, and of those that the lines are for.

        Raises ``CaseError`` where a code of a history is none that a case can hold.
        """
        raised: dict[str, list[str]] = {}
        for code in occurring:
            raised.setdefault(code.upper(), []).append(code)
        numbers: dict[str, int] = {}
        of_readings = []
        for (codes, prefixes), reading in self.readings.items():
            for text in _held(codes, prefixes, raised):
                for code in raised[text]:
                    of_readings.append((reading, numbers.setdefault(code, len(numbers))))
        read: dict[str, list[int]] = {}
        for code, number in numbers.items():
            read.setdefault(self._event_code(code), []).append(number)
        mine: dict[str, list[tuple[str | None, str]]] = {}
        for each in own:
            mine.setdefault(self._own_code(*each), []).append(each)
        counted, told = [], []
        for parts, at in self._codes.items():
            counted += [(at, number, mask) for text, mask in _parts(parts, read) for number in read[text]]
            told += [(at, *each, mask) for text, mask in _parts(parts, mine) for each in mine[text]]
        spelled = [(code, number, canonical_json(self._event_code(code)).decode()) for code, number in numbers.items()]
        return {
            "event_codes": table_of(spelled, _EVENT_CODES),
            "reading_codes": table_of(of_readings, _READING_CODES),
            "counted_codes": table_of(counted, _COUNTED_CODES),
            "own_codes": table_of(told, _OWN_CODES),
        }

    def _event_code(self, code: str) -> str:
        """A code of a history as the reader of cases holds it."""
        held = self._event_codes.get(code)
        if held is None:
            case, _ = decode_case(self.desk, {"history": [{"code": code, "date": str(_ANY_DAY)}]}, _ANY_DAY)
            held = self._event_codes[code] = case.history[0].code or ""
        return held

    def _own_code(self, system: str | None, code: str) -> str:
        held = self._own.get((system, code))
        if held is None:
            held = self._own[system, code] = known_code(self.desk, system, code) or ""
        return held

    def truths(self, values: pa.Table) -> pa.Table:
        """What each question comes to for each value of its measure; those that stay unknown are left out."""
        columns = [values.column(name).to_pylist() for name in _VALUE]
        found = []
        for row in zip(*columns, strict=True):
            truth = self._truths.get(row)
            if truth is None:
                value = dict(zip(_VALUE, row, strict=True))
                truth = self._asked[row[0]].truth(value)
                if value["day"] is None:  # counts come again, days are nearly as many as lines
                    self._truths[row] = truth
            if truth != UNKNOWN:
                found.append((*row, truth == MET))
        return table_of(found, _TRUTHS)


def _held(codes: frozenset[str], prefixes: tuple[str, ...], texts: Mapping[str, object]) -> list[str]:
    """Of some texts, those that are one of the codes or begin as one of the prefixes."""
    plain = [code for code in codes if code in texts] if len(codes) < len(texts) else [t for t in texts if t in codes]
    begun = [text for text in texts if text.startswith(prefixes)] if prefixes else []
    return sorted({*plain, *begun})


def _parts(parts: Sequence[Part], texts: Mapping[str, object]) -> Iterable[tuple[str, int]]:
    """Of some texts those that are in a group, with the groups that hold them as bits."""
    masks: dict[str, int] = {}
    for at, part in enumerate(parts):
        for text in _held(part.codes, part.prefixes, texts):
            masks[text] = masks.get(text, 0) | 1 << at
    return masks.items()


_MEASURES = pa.schema(
    [
        ("measure", pa.int32()),
        ("codes", pa.int32()),
        ("span", pa.int32()),
        ("kind", pa.string()),
        ("takes_this", pa.bool_()),
    ]
)
_WINDOWS = pa.schema(
    [
        ("span", pa.int32()),
        ("day", pa.date32()),
        ("plan_year", pa.string()),
        ("first_day", pa.date32()),
        ("last_day", pa.date32()),
    ]
)
_EVENT_CODES = pa.schema([("code", pa.string()), ("number", pa.int32()), ("canonical", pa.string())])
_READING_CODES = pa.schema([("reading", pa.int32()), ("number", pa.int32())])
_COUNTED_CODES = pa.schema([("codes", pa.int32()), ("number", pa.int32()), ("parts", pa.int64())])
_OWN_CODES = pa.schema(
    [("codes", pa.int32()), ("code_system", pa.string()), ("code", pa.string()), ("parts", pa.int64())]
)
_TRUTHS = pa.schema(
    [
        ("question", pa.int32()),
        ("amount", pa.decimal128(18, 3)),
        ("is_stated", pa.bool_()),
        ("is_whole", pa.bool_()),
        ("day", pa.date32()),
        ("earliest", pa.date32()),
        ("latest", pa.date32()),
        ("whole_from", pa.date32()),
        ("is_met", pa.bool_()),
    ]
)
_VALUE = tuple(_TRUTHS.names[:-1])
