"""A table of claim lines decided: classes found by SQL, each answered once, the answers spread to the lines.

The connection is handed in with these relations: ``claim_lines`` (schema: ``medpol.claims.lines``), ``facts`` and
``history``. ``BulkDesk`` keeps what one table taught for the next: a run hands it one partition after another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

import pyarrow as pa

from medpol.decide.cases import CaseError, read_value
from medpol.decide.identity import canonical_case, canonical_fact, canonical_json
from medpol.decide.literals import MET, UNKNOWN
from medpol.decide.one import Desk
from medpol.decide.table import sql
from medpol.decide.table.lines import LineRecord, Reads, case_of, documented, reads_of
from medpol.decide.table.marks import OLDEST, WHOLE, WORD, Family, Marker, UnitMarks, Values
from medpol.decide.table.schema import VERDICTS
from medpol.decide.table.services import Services, Unit
from medpol.decide.table.verdicts import Bits, Verdict, verdict
from medpol.model.case import Case, Known

_FOREVER = date(9999, 12, 31)


class Connection(Protocol):
    """What is asked of the engine: one statement, its rows as Arrow, an Arrow table under a name."""

    def run(self, statement: str, parameters: Mapping[str, object] | None = None) -> None: ...

    def rows(self, statement: str, parameters: Mapping[str, object] | None = None) -> pa.Table: ...

    def put(self, name: str, table: pa.Table) -> None: ...


@dataclass(slots=True)
class BulkDesk:
    """A plan ready to answer tables, as known on one day."""

    desk: Desk
    known_on: date
    detail: bool = False
    services: Services = field(init=False)
    verdicts: list[Verdict] = field(default_factory=list)
    _units: dict[tuple[object, ...], int] = field(default_factory=dict)
    _unit_list: list[Unit] = field(default_factory=list)
    _class_numbers: dict[tuple[object, ...], int] = field(default_factory=dict)
    _reads: dict[int, Reads] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.services = Services(self.desk, self.known_on)

    def decide(self, engine: Connection) -> None:
        """Fill the tables ``class_of`` (asked, class) and ``verdicts`` (class, place, columns) for ``claim_lines``."""
        self._place(engine)
        cells = [int(cell) for cell in _column(engine.rows(sql.CELLS), "cell")]
        self._put_units(engine, cells)
        engine.run(sql.JUDGED, {"oldest_months": OLDEST * 24, "oldest_days": OLDEST * 366})
        engine.run(sql.LINE_FACTS, {"known_on": self.known_on})
        self._put_marks(engine, cells)
        self._put_read_bits(engine)
        engine.run(sql.BITS)
        engine.run(sql.CLASSED)
        engine.run(sql.CLASSES)
        self._answer(engine)
        engine.run(sql.CLASS_OF)
        engine.run(sql.CASE_TEXTS)

    def parameters(self, engine_version: str) -> dict[str, object]:
        """What ``sql.LINE_ROWS`` and ``sql.POLICY_ROWS`` name."""
        return {
            "known_on": self.known_on,
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
        engine.run(sql.LINES)
        engine.run(sql.ASKED)
        served = engine.rows(sql.SERVED).to_pylist()
        spans: list[dict[str, object]] = []
        for pair in served:
            number, contract = int(pair["service"]), pair["contract"]
            line, state, plan, funding = self.services.dimensions(number, contract)
            spans += [
                {
                    "service": number,
                    "contract": contract,
                    "first_day": first,
                    "day_after": after,
                    "cell": cell,
                    "by_line": line,
                    "by_state": state,
                    "by_plan": plan,
                    "by_funding": funding,
                }
                for first, after, cell in self.services.spans(number, contract)
            ]
        engine.put("spans", pa.Table.from_pylist(spans, _SPANS))
        engine.run(sql.PLACED)

    # ------------------------------------------------------------------ what is judged

    def _put_units(self, engine: Connection, cells: Sequence[int]) -> None:
        pairs: list[tuple[int, int]] = []
        for number in cells:
            for unit in self.services.cells[number].units:
                at = self._units.get(unit.key)
                if at is None:
                    at = self._units[unit.key] = len(self._unit_list)
                    self._unit_list.append(unit)
                pairs.append((number, at))
        engine.put(
            "cell_units",
            pa.table(
                {
                    "cell": pa.array([cell for cell, _ in pairs], pa.int32()),
                    "unit": pa.array([unit for _, unit in pairs], pa.int32()),
                }
            ),
        )
        rows = [
            (cell, name, is_series)
            for cell in cells
            for is_series, names in ((False, self._reads_of(cell).facts), (True, self._reads_of(cell).series))
            for name in sorted(names)
        ]
        engine.put(
            "cell_facts",
            pa.table(
                {
                    "cell": pa.array([cell for cell, _, _ in rows], pa.int32()),
                    "name": pa.array([name for _, name, _ in rows], pa.string()),
                    "is_series": pa.array([is_series for _, _, is_series in rows], pa.bool_()),
                }
            ),
        )

    def _reads_of(self, cell: int) -> Reads:
        held = self._reads.get(cell)
        if held is None:
            held = self._reads[cell] = reads_of(self.services.cells[cell])
        return held

    # ------------------------------------------------------------------ what values settle

    def _put_marks(self, engine: Connection, cells: Sequence[int]) -> None:
        units = sorted({self._units[unit.key] for cell in cells for unit in self.services.cells[cell].units})
        values = Values()
        for row in engine.rows(sql.SCALARS).to_pylist():
            values.number(row["fact"], row["value"])
        for fact in ("diagnosis", "service.modifier"):
            values.number(fact, WHOLE)
        facts: dict[str, dict[object, Any]] = {}
        held: list[dict[str, object]] = []
        for row in engine.rows(sql.DOCUMENTED).to_pylist():
            value = self._documented(row["name"], row["value"], row["unit"])
            if value is not None:
                spelled = (row["value"], row["unit"])
                facts.setdefault(row["name"], {})[spelled] = value
                canonical = canonical_json({row["name"]: canonical_fact(value, self.desk.units.get(row["name"]))})
                number = values.number(row["name"], spelled)
                held.append({**row, "number": number, "canonical": canonical[1:-1].decode()})
        marker = Marker(values, facts)
        mine = [self._unit_list[at] for at in units]
        ages: list[dict[str, object]] = []
        for family, last in ((Family.MONTHS, OLDEST * 24), (Family.DAYS, OLDEST * 366)):
            runs = marker.ages(family, mine)
            for at, (first, number) in enumerate(runs):
                end = runs[at + 1][0] if at + 1 < len(runs) else last + 1
                ages += [{"family": family.value, "age": age, "number": number} for age in range(first, end)]
        engine.put("ages", pa.Table.from_pylist(ages, _AGES))
        engine.put("documented", pa.Table.from_pylist(held, _DOCUMENTED))
        named = [
            {"fact": fact, "value": value, "number": number}
            for (fact, value), number in values.numbers.items()
            if isinstance(value, str)
        ]
        engine.put("values", pa.Table.from_pylist(named, _VALUES))
        unit_rows: list[dict[str, object]] = []
        mark_rows: list[dict[str, object]] = []
        for at, unit in zip(units, mine, strict=True):
            marks = marker.marks(unit)
            unit_rows += _unit_rows(at, unit, marks)
            mark_rows += _mark_rows(at, unit, marks)
        engine.put("units", pa.Table.from_pylist(unit_rows, _UNITS))
        engine.put("marks", pa.Table.from_pylist(mark_rows, _MARKS))
        engine.run(sql.SAID, {"whole": WHOLE})

    def _documented(self, name: str, value: str, unit: str | None) -> Any:
        """The documented value by the type of its fact; ``None`` where it cannot be read: then it stays unknown."""
        fact, words = self.desk.declared.get(name), documented(self.desk, name, value, unit)
        if fact is None or words is None:
            return None
        try:
            return read_value(name, words, fact.type, fact.unit, fact.choices)
        except CaseError:
            return None

    # ------------------------------------------------------------------ line by line

    def _put_read_bits(self, engine: Connection) -> None:
        """The bits that no value can tell: read for each line from its case, by the judges of the single reading."""
        asked = [int(each) for each in _column(engine.rows(sql.READ_BY_LINE), "asked")]
        rows: list[dict[str, object]] = []
        texts: dict[int, str] = {}
        for number, (cell, case) in self.cases(engine, asked).items():
            texts[number] = canonical_json(canonical_case(case, self.desk.units)).decode()
            for unit in self.services.cells[cell].units:
                at = self._units[unit.key]
                by_line = Marker(Values()).marks(unit).by_line
                if by_line:
                    settled, met = _judged(unit, by_line, case.known)
                    rows += [
                        {"asked": number, "unit": at, "word": word, "settled": some, "met": yes}
                        for word, (some, yes) in enumerate(zip(*_words(len(unit.literals), settled, met), strict=True))
                    ]
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

    def cases(self, engine: Connection, asked: Sequence[int]) -> dict[int, tuple[int, Case]]:
        """The cases of some lines, each with its cell."""
        engine.put("wanted", pa.table({"asked": pa.array(asked, pa.int64())}))
        records: dict[int, LineRecord] = {}
        cells: dict[int, int] = {}
        for row in engine.rows(sql.WANTED).to_pylist():
            records[row["asked"]] = LineRecord(row)
            cells[row["asked"]] = row["cell"]
        for row in engine.rows(sql.WANTED_FACTS, {"known_on": self.known_on}).to_pylist():
            record, reads = records[row["asked"]], self._reads_of(cells[row["asked"]])
            words = documented(self.desk, row["name"], row["value"], row["unit"])
            if words is None or self._documented_badly(row):
                continue
            if row["is_series"]:
                record.series.setdefault(row["name"], []).append({"date": str(row["observed_on"]), "value": words})
            elif row["name"] in reads.facts:
                record.facts[row["name"]] = words
        for row in engine.rows(sql.WANTED_HISTORY).to_pylist():
            record, reads = records[row["asked"]], self._reads_of(cells[row["asked"]])
            if reads.history and reads.holds(row["code"].upper()):
                event = {"code": row["code"], "date": str(row["day"])}
                record.events.append(event if row["units"] is None else {**event, "units": str(row["units"])})
        return {
            number: (
                cells[number],
                case_of(
                    record, self.desk, self._reads_of(cells[number]) if cells[number] >= 0 else Reads(), self.known_on
                ),
            )
            for number, record in records.items()
        }

    def _documented_badly(self, row: Mapping[str, Any]) -> bool:
        if row["is_series"]:
            return False
        return self._documented(row["name"], row["value"], row["unit"]) is None

    # ------------------------------------------------------------------ answers

    def _answer(self, engine: Connection) -> None:
        rows = engine.rows("SELECT * FROM classes ORDER BY asked").to_pylist()
        fresh = []
        numbers: dict[int, int] = {}
        for row in rows:
            pattern = row["pattern"]
            key = (
                row["cell"],
                row["code_system"],
                row["code"],
                row["contract"],
                row["line_of_business"],
                row["state"],
                row["plan"],
                row["funding"],
                None
                if pattern is None
                else tuple((each["unit"], each["word"], each["met"], each["unknown"]) for each in pattern),
            )
            at = self._class_numbers.get(key)
            if at is None:
                at = self._class_numbers[key] = len(self._class_numbers)
                fresh.append((at, row))
            numbers[row["number"]] = at
        cases = self.cases(engine, [row["asked"] for _, row in fresh])
        for _, row in fresh:
            cell, case = cases[row["asked"]]
            self.verdicts.append(verdict(self.desk, case, self.known_on, self._expected(cell, row), self.detail))
        engine.put(
            "class_numbers",
            pa.table(
                {
                    "number": pa.array(list(numbers), pa.int64()),
                    "class": pa.array(list(numbers.values()), pa.int64()),
                }
            ),
        )
        held = [
            {"class": at, "place": place, **row}
            for at in sorted(set(numbers.values()))
            for place, row in enumerate(self.verdicts[at].rows)
        ]
        engine.put("verdicts", pa.Table.from_pylist(held, VERDICTS))

    def _expected(self, cell: int, row: Mapping[str, Any]) -> dict[tuple[str, date, str], Bits]:
        """The bits of every rule of a class, as SQL found them."""
        if cell < 0 or row["pattern"] is None:
            return {}
        bits: dict[int, list[int]] = {}
        for each in row["pattern"]:
            met, unknown = bits.setdefault(each["unit"], [0, 0])
            bits[each["unit"]] = [
                met | each["met"] << WORD * each["word"],
                unknown | each["unknown"] << WORD * each["word"],
            ]
        units = self.services.cells[cell].units
        found: dict[tuple[str, date, str], Bits] = {}
        for policy, first_day, rule, at in self.services.cells[cell].rules:
            met, unknown = bits[self._units[units[at].key]]
            found[policy, first_day, rule] = (met, unknown)
        return found


def _column(table: pa.Table, name: str) -> Iterable[Any]:
    return table.column(name).to_pylist()  # type: ignore[no-any-return]


def _judged(unit: Unit, by_line: int, known: Known) -> Bits:
    settled = met = 0
    for at, judge in enumerate(unit.judges):
        if by_line >> at & 1:
            truth = judge(known)
            settled |= (truth != UNKNOWN) << at
            met |= (truth == MET) << at
    return settled, met


def _words(count: int, *bits: int) -> tuple[list[int], ...]:
    """Bits in words of 63, as many as the unit has."""
    mask = (1 << WORD) - 1
    return tuple([each >> at & mask for at in range(0, max(count, 1), WORD)] for each in bits)


def _unit_rows(at: int, unit: Unit, marks: UnitMarks) -> list[dict[str, object]]:
    count = len(unit.literals)
    columns = _words(count, (1 << count) - 1, marks.always.settled, marks.always.met, marks.by_line)
    return [
        {"unit": at, "word": word, "every": every, "settled": settled, "met": met, "by_line": by_line}
        for word, (every, settled, met, by_line) in enumerate(zip(*columns, strict=True))
    ]


def _mark_rows(at: int, unit: Unit, marks: UnitMarks) -> list[dict[str, object]]:
    return [
        {
            "unit": at,
            "word": word,
            "number": number,
            "first_day": start or date.min,
            "day_after": end or _FOREVER,
            "settled": settled,
            "met": met,
            "taken_back": taken_back,
        }
        for (number, (start, end)), mark in marks.by_value.items()
        for word, (settled, met, taken_back) in enumerate(
            zip(*_words(len(unit.literals), mark.settled, mark.met, mark.taken_back), strict=True)
        )
        if settled
    ]


_SPANS = pa.schema(
    [
        ("service", pa.int32()),
        ("contract", pa.string()),
        ("first_day", pa.date32()),
        ("day_after", pa.date32()),
        ("cell", pa.int32()),
        ("by_line", pa.bool_()),
        ("by_state", pa.bool_()),
        ("by_plan", pa.bool_()),
        ("by_funding", pa.bool_()),
    ]
)
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
_UNITS = pa.schema(
    [
        ("unit", pa.int32()),
        ("word", pa.int16()),
        ("every", pa.int64()),
        ("settled", pa.int64()),
        ("met", pa.int64()),
        ("by_line", pa.int64()),
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
_READ_BITS = pa.schema(
    [("asked", pa.int64()), ("unit", pa.int32()), ("word", pa.int16()), ("settled", pa.int64()), ("met", pa.int64())]
)
