"""A table of claim lines decided: classes found by SQL, each answered once, the answers spread to the lines.

The connection is handed in with these relations: ``claim_lines`` (schema: ``medpol.claims.lines``), ``facts`` and
``history``; where lines are asked as known on days of their own, ``known_by_line`` (line_id, known_on). ``BulkDesk`` keeps what one table taught for the next: a run hands it one partition after another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple, Protocol

import pyarrow as pa

from medpol.decide.cases import CaseError, read_value
from medpol.decide.identity import canonical_case, canonical_fact, canonical_json
from medpol.decide.literals import MET, UNKNOWN
from medpol.decide.one import Desk
from medpol.decide.table import sql
from medpol.decide.table.arrow import lists, table_of
from medpol.decide.table.lines import LineRecord, Reads, case_of, documented, reads_of
from medpol.decide.table.marks import (
    OLDEST,
    WHOLE,
    WORD,
    Family,
    Marker,
    UnitMarks,
    by_line_of,
    of_diagnoses,
    values_read,
)
from medpol.decide.table.placing import Places
from medpol.decide.table.schema import VERDICTS
from medpol.decide.table.services import Services, Unit
from medpol.decide.table.tallies import Tallies
from medpol.decide.table.verdicts import Bits, RuleKey, verdict
from medpol.model.case import Case, Known

_FOREVER = date(9999, 12, 31)


class Connection(Protocol):
    """What is asked of the engine: one statement, its rows as Arrow, an Arrow table under a name."""

    def run(self, statement: str, parameters: Mapping[str, object] | None = None) -> None: ...

    def rows(self, statement: str, parameters: Mapping[str, object] | None = None) -> pa.Table: ...

    def put(self, name: str, table: pa.Table) -> None: ...


Rows = list[tuple[object, ...]]
Found = list[dict[str, Any]]


class LineCase(NamedTuple):
    """The case of a line, with its cell and the day of knowledge on which it is asked."""

    cell: int
    known_on: date
    case: Case


@dataclass(slots=True)
class BulkDesk:
    """A plan ready to answer tables, as known on one day where lines have none of their own."""

    desk: Desk
    known_on: date
    detail: bool = False
    services: Services = field(init=False)
    tallies: Tallies = field(init=False)
    places: Places = field(init=False)
    verdicts: list[range] = field(default_factory=list)
    """Of each class its rows among those that were answered."""
    _units: dict[tuple[object, ...], int] = field(default_factory=dict)
    _unit_list: list[Unit] = field(default_factory=list)
    _judged: dict[tuple[int, int], tuple[tuple[int, ...], int | None]] = field(default_factory=dict)
    _marker: Marker = field(default_factory=Marker)
    _marks: dict[int, tuple[tuple[str, ...], tuple[int, ...], Rows, Rows]] = field(default_factory=dict)
    _class_numbers: dict[tuple[object, ...], int] = field(default_factory=dict)
    _answered: pa.Table = field(default_factory=VERDICTS.empty_table)
    _states: dict[tuple[int, ...], int] = field(default_factory=dict)
    _state_of: dict[tuple[int, tuple[int, ...], tuple[int, ...]], int] = field(default_factory=dict)
    _read: dict[tuple[int, ...], Reads] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.services = Services(self.desk)
        self.places = Places(self.services)
        self.tallies = Tallies(self.desk)

    def decide(self, engine: Connection, *, known_by_line: bool = False) -> None:
        """Fill the tables that ``sql.LINE_ROWS`` and ``sql.POLICY_ROWS`` read, for ``claim_lines``.

        ``known_by_line``: the relation of that name is there, and says for some lines what was known when.
        """
        engine.put("known", pa.table({"known_on": pa.array([self.known_on], pa.date32())}))
        if not known_by_line:
            engine.put("known_by_line", KNOWN_BY_LINE.empty_table())
        self._place(engine)
        units = self._put_units(engine)
        engine.run(sql.JUDGED, {"oldest_months": OLDEST * 24, "oldest_days": OLDEST * 366})
        engine.run(sql.JUDGED_UNITS)
        engine.run(sql.LINE_FACTS)
        engine.run(sql.HISTORY_LINES)
        histories = [engine.rows(each).to_pylist() for each in (sql.WINDOWS, sql.OCCURRING_CODES, sql.OWN_CODES)]
        self._put_marks(engine, units)
        self._put_histories(engine, *histories)
        engine.run(sql.LINE_EVENTS)
        engine.run(sql.TALLIES)
        self._put_told_bits(engine)
        engine.run(sql.TOLD_BITS)
        engine.run(sql.PAST)
        engine.run(sql.BITS)
        engine.run(sql.PATTERNS)
        self._put_states(engine)
        engine.run(sql.CLASSED)
        engine.run(sql.CLASSES)
        self._answer(engine)
        engine.run(sql.CLASS_OF)
        engine.run(sql.LINE_CLASSES)
        engine.run(sql.ANSWERS)
        engine.run(sql.TOLD)

    def parameters(self, engine_version: str) -> dict[str, object]:
        """What ``sql.LINE_ROWS`` and ``sql.POLICY_ROWS`` name."""
        return {
            "semantics": str(self.desk.plan.semantics),
            "plan_hash": self.desk.plan.plan_hash,
            "engine_version": engine_version,
        }

    # ------------------------------------------------------------------ where a line belongs

    def _place(self, engine: Connection) -> None:
        plans = self.desk.plan.member_plans
        engine.put(
            "member_plans",
            pa.table(
                {
                    "plan": pa.array([each.id for each in plans], pa.string()),
                    "line_of_business": pa.array([each.line_of_business for each in plans], pa.string()),
                    "states": pa.array([list(each.states) for each in plans], pa.list_(pa.string())),
                    "funding": pa.array([each.funding for each in plans], pa.string()),
                    "contract": pa.array([each.contract for each in plans], pa.string()),
                    "plan_year": pa.array(
                        [None if each.plan_year is None else "{:02d}-{:02d}".format(*each.plan_year) for each in plans],
                        pa.string(),
                    ),
                    "first_day": pa.array([each.period.start or date.min for each in plans], pa.date32()),
                    "day_after": pa.array([each.period.end or _FOREVER for each in plans], pa.date32()),
                }
            ),
        )
        numbers = self.services.numbers
        engine.put(
            "services",
            pa.table(
                {
                    "code_system": pa.array([system for system, _ in numbers], pa.string()),
                    "code": pa.array([code for _, code in numbers], pa.string()),
                    "service": pa.array(list(numbers.values()), pa.int32()),
                }
            ),
        )
        engine.run(sql.FIRST_ASKED)
        engine.run(sql.ASKED)
        days = engine.rows(sql.KNOWN_DAYS).column("known_on").to_pylist()
        members = engine.rows(sql.MEMBERS)
        engine.put("spans", self.places.spans(members, days))
        engine.put("profiles", self.places.profiles(members))
        engine.run(sql.PLACED)

    # ------------------------------------------------------------------ what is judged

    def _put_units(self, engine: Connection) -> list[int]:
        """The units that are judged at each place (a cell, for a profile); their numbers, rising."""
        rows: list[tuple[int, int, int]] = []
        readings: list[tuple[int, int, int]] = []
        places = engine.rows(sql.PLACES)
        for place in zip(*[places.column(name).to_pylist() for name in ("cell", "profile")], strict=True):
            judged, reading = self._judged_at(*place)
            rows += [(*place, at) for at in judged]
            if reading is not None:
                readings.append((*place, reading))
        engine.put("place_units", _numbers(("cell", "profile", "unit"), rows))
        engine.put("place_readings", _numbers(("cell", "profile", "reading"), readings))
        units = sorted({at for _, _, at in rows})
        names_read = [
            {"unit": at, "name": name, "is_series": is_series}
            for at in units
            for is_series, names in ((False, self._reads((at,)).facts), (True, self._reads((at,)).series))
            for name in sorted(names)
        ]
        engine.put("unit_facts", pa.Table.from_pylist(names_read, _UNIT_FACTS))
        measured = [
            {"unit": at, "word": place // WORD, "bit": 1 << place % WORD, "measure": measure, "question": question}
            for at in units
            for place, measure, question in self.tallies.of(at, self._unit_list[at])
        ]
        engine.put("unit_measures", pa.Table.from_pylist(measured, _UNIT_MEASURES))
        engine.put("measures", self.tallies.measures())
        return units

    def _judged_at(self, cell: int, profile: int) -> tuple[tuple[int, ...], int | None]:
        """The units that are judged at a place, and what of a history they read."""
        held = self._judged.get((cell, profile))
        if held is not None:
            return held
        units = []
        for unit in self.services.judged(self.services.cells[cell], self.places.members[profile]):
            at = self._units.get(unit.key)
            if at is None:
                at = self._units[unit.key] = len(self._unit_list)
                self._unit_list.append(unit)
            units.append(at)
        reads = self._reads(tuple([at for at in units if self._reads((at,)).history]))
        held = self._judged[cell, profile] = tuple(units), self.tallies.reading(reads) if reads.history else None
        return held

    def _reads(self, units: tuple[int, ...]) -> Reads:
        held = self._read.get(units)
        if held is None:
            held = self._read[units] = reads_of(self._unit_list[at] for at in units)
        return held

    # ------------------------------------------------------------------ what values settle

    def _put_marks(self, engine: Connection, units: Sequence[int]) -> None:
        marker = self._marker
        values = marker.values
        read = self._number_values(engine)
        mine = [self._unit_list[at] for at in units]
        ages: list[tuple[str, int, int]] = []
        for family, last in ((Family.MONTHS, OLDEST * 24), (Family.DAYS, OLDEST * 366)):
            runs = marker.ages(family, mine)
            for at, (first, number) in enumerate(runs):
                end = runs[at + 1][0] if at + 1 < len(runs) else last + 1
                ages += [(family.value, age, number) for age in range(first, end)]
        engine.put("ages", table_of(ages, _AGES))
        engine.put("documented", pa.Table.from_pylist(read, _DOCUMENTED))
        named = [(fact, value, number) for (fact, value), number in values.numbers.items() if isinstance(value, str)]
        engine.put("values", table_of(named, _VALUES))
        unit_rows: list[tuple[object, ...]] = []
        mark_rows: list[tuple[object, ...]] = []
        for at, unit in zip(units, mine, strict=True):
            of_unit, of_values = self._marks_of(at, unit)
            unit_rows += of_unit
            mark_rows += of_values
        engine.put("units", table_of(unit_rows, _UNITS))
        engine.put("marks", table_of(mark_rows, _MARKS))
        engine.run(sql.SAID, {"whole": WHOLE})

    def _number_values(self, engine: Connection) -> list[dict[str, object]]:
        """A number for every value that occurs; the documented ones, which have to be read first, as rows."""
        marker = self._marker
        values = marker.values
        scalars = engine.rows(sql.SCALARS)
        for fact, value in zip(scalars.column("fact").to_pylist(), scalars.column("value").to_pylist(), strict=True):
            values.number(fact, value)
        for fact in ("diagnosis", "service.modifier"):
            values.number(fact, WHOLE)
        held: list[dict[str, object]] = []
        for row in engine.rows(sql.DOCUMENTED).to_pylist():
            value = self._documented(row["name"], row["value"], row["unit"])
            if value is not None:
                spelled = (row["value"], row["unit"])
                marker.facts.setdefault(row["name"], {})[spelled] = value
                canonical = canonical_json({row["name"]: canonical_fact(value, self.desk.units.get(row["name"]))})
                number = values.number(row["name"], spelled)
                held.append({**row, "number": number, "canonical": canonical[1:-1].decode()})
        return held

    def _marks_of(self, at: int, unit: Unit) -> tuple[Rows, Rows]:
        """The rows of a unit in ``units`` and ``marks``: made anew where values came that it had not seen."""
        held = self._marks.get(at)
        facts = values_read(unit) if held is None else held[0]
        seen = self._marker.seen(facts)
        if held is None or held[1] != seen:
            marks = self._marker.marks(unit)
            held = self._marks[at] = facts, seen, _unit_rows(at, unit, marks), _mark_rows(at, unit, marks)
        return held[2:]

    def _documented(self, name: str, value: str, unit: str | None) -> Any:
        """The documented value by the type of its fact; ``None`` where it cannot be read: then it stays unknown."""
        fact, words = self.desk.declared.get(name), documented(self.desk, name, value, unit)
        if fact is None or words is None:
            return None
        try:
            return read_value(name, words, fact.type, fact.unit, fact.choices)
        except CaseError:
            return None

    # ------------------------------------------------------------------ histories, and line by line

    def _put_histories(self, engine: Connection, windows: Found, occurring: Found, own: Found) -> None:
        """The days of windows, and the codes that lines read and count."""
        engine.put("window_days", self.tallies.windows(windows))
        codes = self.tallies.codes(
            [row["code"] for row in occurring], [(row["code_system"], row["code"]) for row in own]
        )
        for name, table in codes.items():
            engine.put(name, table)

    def _put_told_bits(self, engine: Connection) -> None:
        """What histories come to; and the bits that no value can tell, read for each line from its case."""
        values = engine.rows(sql.TALLIED)
        judged = {row["asked"]: row["units"] for row in engine.rows(sql.READ_BY_LINE).to_pylist()}
        rows: list[dict[str, object]] = []
        texts: dict[int, str] = {}
        cases = self.cases(engine, list(judged)) if judged else {}
        for number, (_, _, case) in cases.items():
            texts[number] = canonical_json(canonical_case(case, self.desk.units)).decode()
            for at in judged[number]:
                unit = self._unit_list[at]
                by_line = by_line_of(unit) | (of_diagnoses(unit) if case.known.shared_diagnoses else 0)
                if by_line:
                    settled, met = _read_bits(unit, by_line, case.known)
                    rows += [
                        {"asked": number, "unit": at, "word": word, "settled": some, "met": yes}
                        for word, (some, yes) in enumerate(zip(*_words(len(unit.literals), settled, met), strict=True))
                    ]
        engine.put("tally_truths", self.tallies.truths(values))
        engine.put("read_bits", pa.Table.from_pylist(rows, _READ_BITS))
        engine.put(
            "read_cases",
            pa.table(
                {
                    "asked": pa.array(list(texts), pa.int64()),
                    "case_text": pa.array(list(texts.values()), pa.string()),
                }
            ),
        )

    def cases(self, engine: Connection, asked: Sequence[int]) -> dict[int, LineCase]:
        """The cases of some lines."""
        engine.put("wanted", pa.table({"asked": pa.array(asked, pa.int64())}))
        records: dict[int, LineRecord] = {}
        cells: dict[int, int] = {}
        for row in engine.rows(sql.WANTED).to_pylist():
            records[row["asked"]] = LineRecord(row)
            cells[row["asked"]] = row["cell"]
        units = {row["asked"]: tuple(row["units"]) for row in engine.rows(sql.WANTED_UNITS).to_pylist()}
        reads_by_line = {number: self._reads(units.get(number, ())) for number in records}
        for row in engine.rows(sql.WANTED_FACTS).to_pylist():
            record, reads = records[row["asked"]], reads_by_line[row["asked"]]
            words = documented(self.desk, row["name"], row["value"], row["unit"])
            if words is None or self._documented_badly(row):
                continue
            if row["is_series"]:
                record.series.setdefault(row["name"], []).append({"date": str(row["observed_on"]), "value": words})
            elif row["name"] in reads.facts:
                record.facts[row["name"]] = words
        for row in engine.rows(sql.WANTED_HISTORY).to_pylist():
            record, reads = records[row["asked"]], reads_by_line[row["asked"]]
            if reads.history and reads.holds(row["code"].upper()):
                event = {"code": row["code"], "date": str(row["day"])}
                record.events.append(event if row["units"] is None else {**event, "units": str(row["units"])})
        return {
            number: LineCase(cells[number], record.row["known_on"], case_of(record, self.desk, reads_by_line[number]))
            for number, record in records.items()
        }

    def _documented_badly(self, row: Mapping[str, Any]) -> bool:
        if row["is_series"]:
            return False
        return self._documented(row["name"], row["value"], row["unit"]) is None

    def _put_states(self, engine: Connection) -> None:
        """What the bits that occur come to: with full detail every pattern of bits is a state of its own."""
        found = engine.rows(sql.FOUND_PATTERNS)
        patterns = zip(found.column("unit").to_pylist(), lists(found, "met"), lists(found, "unknown"), strict=True)
        states = pa.array([self._state(*each) for each in patterns], pa.int32())
        engine.put("states", found.append_column("state", states).cast(_STATES))

    def _state(self, at: int, met: tuple[int, ...], unknown: tuple[int, ...]) -> int:
        found = self._state_of.get((at, met, unknown))
        if found is None:
            bits = joined(met), joined(unknown)
            state = bits if self.detail else self._unit_list[at].state(*bits)
            found = self._state_of[at, met, unknown] = self._states.setdefault(state, len(self._states))
        return found

    # ------------------------------------------------------------------ answers

    def _answer(self, engine: Connection) -> None:
        found = engine.rows("SELECT * FROM classes ORDER BY asked")
        columns = [found.column(name).to_pylist() for name in ("cell", "profile", "code_system", "code")]
        asked = found.column("asked").to_pylist()
        classes: list[int] = []
        fresh: list[int] = []
        for row, key in enumerate(zip(*columns, lists(found, "pattern"), strict=True)):
            at = self._class_numbers.setdefault(key, len(self._class_numbers))
            if at == len(self.verdicts) + len(fresh):
                fresh.append(asked[row])
            classes.append(at)
        self._decide_classes(engine, fresh)
        numbers = pa.table({"number": found.column("number"), "class": pa.array(classes, pa.int64())})
        engine.put("class_numbers", numbers.cast(pa.schema([("number", pa.int64()), ("class", pa.int64())])))
        rows = [row for at in sorted(set(classes)) for row in self.verdicts[at]]
        engine.put("verdicts", self._answered.take(pa.array(rows, pa.int64())))

    def _decide_classes(self, engine: Connection, asked: Sequence[int]) -> None:
        """Decide one line of each new class, and keep the rows."""
        cases = self.cases(engine, asked)
        bits: dict[int, dict[int, Bits]] = {}
        found = engine.rows(sql.WANTED_BITS)
        words = zip(lists(found, "met"), lists(found, "unknown"), strict=True)
        named = zip(found.column("asked").to_pylist(), found.column("unit").to_pylist(), strict=True)
        for (number, unit), (met, unknown) in zip(named, words, strict=True):
            bits.setdefault(number, {})[unit] = joined(met), joined(unknown)
        told: list[dict[str, object]] = []
        first = len(self._answered)
        for number in asked:
            cell, known_on, case = cases[number]
            units = self._rules_of(cell)
            held = bits.get(number, {})
            expected = {rule: held[unit] for rule, unit in units.items() if unit in held}
            answer = verdict(self.desk, case, known_on, expected, units, self.detail)
            at, start = len(self.verdicts), first + len(told)
            told += [{"class": at, "place": place, **row} for place, row in enumerate(answer.rows)]
            self.verdicts.append(range(start, first + len(told)))
        self._answered = pa.concat_tables([self._answered, pa.Table.from_pylist(told, VERDICTS)])

    def _rules_of(self, cell: int) -> dict[RuleKey, int]:
        """The number of the unit of every rule that is judged in a cell."""
        if cell < 0:
            return {}
        held = self.services.cells[cell]
        return {
            (policy, first_day, rule): self._units[held.units[at].key]
            for policy, first_day, rule, at in held.rules
            if held.units[at].key in self._units
        }


def _read_bits(unit: Unit, by_line: int, known: Known) -> Bits:
    settled = met = 0
    for at, judge in enumerate(unit.judges):
        if by_line >> at & 1:
            truth = judge(known)
            settled |= (truth != UNKNOWN) << at
            met |= (truth == MET) << at
    return settled, met


def joined(words: Sequence[int]) -> int:
    """Bits from words of 63, the lowest first."""
    return sum(word << WORD * at for at, word in enumerate(words))


def _words(count: int, *bits: int) -> tuple[list[int], ...]:
    """Bits in words of 63, as many as the unit has."""
    mask = (1 << WORD) - 1
    return tuple([each >> at & mask for at in range(0, max(count, 1), WORD)] for each in bits)


def _numbers(names: Sequence[str], rows: Sequence[tuple[int, ...]]) -> pa.Table:
    return table_of(rows, pa.schema([(name, pa.int32()) for name in names]))


def _unit_rows(at: int, unit: Unit, marks: UnitMarks) -> Rows:
    count = len(unit.literals)
    columns = _words(
        count, (1 << count) - 1, marks.always.settled, marks.always.met, by_line_of(unit), of_diagnoses(unit)
    )
    return [(at, word, count > WORD, *bits) for word, bits in enumerate(zip(*columns, strict=True))]


def _mark_rows(at: int, unit: Unit, marks: UnitMarks) -> Rows:
    return [
        (at, word, number, start or date.min, end or _FOREVER, *bits)
        for (number, (start, end)), mark in marks.by_value.items()
        for word, bits in enumerate(
            zip(*_words(len(unit.literals), mark.settled, mark.met, mark.taken_back), strict=True)
        )
        if bits[0]
    ]


_AGES = pa.schema([("family", pa.string()), ("age", pa.int32()), ("number", pa.int32())])
_DOCUMENTED = pa.schema(
    [
        ("name", pa.string()),
        ("value", pa.string()),
        ("unit", pa.string()),
        ("number", pa.int32()),
        ("canonical", pa.string()),
    ]
)
_VALUES = pa.schema([("fact", pa.string()), ("value", pa.string()), ("number", pa.int32())])
_UNIT_FACTS = pa.schema([("unit", pa.int32()), ("name", pa.string()), ("is_series", pa.bool_())])
_UNIT_MEASURES = pa.schema(
    [
        ("unit", pa.int32()),
        ("word", pa.int16()),
        ("bit", pa.int64()),
        ("measure", pa.int32()),
        ("question", pa.int32()),
    ]
)
_STATES = pa.schema(
    [
        ("unit", pa.int32()),
        ("met", pa.list_(pa.int64())),
        ("unknown", pa.list_(pa.int64())),
        ("state", pa.int32()),
    ]
)
_UNITS = pa.schema(
    [
        ("unit", pa.int32()),
        ("word", pa.int16()),
        ("is_wide", pa.bool_()),
        ("every", pa.int64()),
        ("settled", pa.int64()),
        ("met", pa.int64()),
        ("by_line", pa.int64()),
        ("of_diagnoses", pa.int64()),
    ]
)
_MARKS = pa.schema(
    [
        ("unit", pa.int32()),
        ("word", pa.int16()),
        ("number", pa.int32()),
        ("first_day", pa.date32()),
        ("day_after", pa.date32()),
        ("settled", pa.int64()),
        ("met", pa.int64()),
        ("taken_back", pa.int64()),
    ]
)
KNOWN_BY_LINE = pa.schema([("line_id", pa.int64()), ("known_on", pa.date32())])
_READ_BITS = pa.schema(
    [("asked", pa.int64()), ("unit", pa.int32()), ("word", pa.int16()), ("settled", pa.int64()), ("met", pa.int64())]
)
