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
from medpol.decide.table.lines import LineRecord, Reads, case_of, documented, reads_of
from medpol.decide.table.marks import OLDEST, WHOLE, WORD, Family, Marker, UnitMarks, Values, by_line_of, of_diagnoses
from medpol.decide.table.schema import VERDICTS
from medpol.decide.table.services import Member, Services, Unit
from medpol.decide.table.verdicts import Bits, RuleKey, Verdict, verdict
from medpol.model.case import Case, Known

_FOREVER = date(9999, 12, 31)


class Connection(Protocol):
    """What is asked of the engine: one statement, its rows as Arrow, an Arrow table under a name."""

    def run(self, statement: str, parameters: Mapping[str, object] | None = None) -> None: ...

    def rows(self, statement: str, parameters: Mapping[str, object] | None = None) -> pa.Table: ...

    def put(self, name: str, table: pa.Table) -> None: ...


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
    verdicts: list[Verdict] = field(default_factory=list)
    _units: dict[tuple[object, ...], int] = field(default_factory=dict)
    _unit_list: list[Unit] = field(default_factory=list)
    _class_numbers: dict[tuple[object, ...], int] = field(default_factory=dict)
    _profiles: dict[tuple[object, ...], int] = field(default_factory=dict)
    _members: list[Member] = field(default_factory=list)
    _states: dict[tuple[int, ...], int] = field(default_factory=dict)
    _read: dict[tuple[int, ...], Reads] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.services = Services(self.desk)

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
        self._put_marks(engine, units)
        self._put_read_bits(engine)
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
        spans: dict[tuple[int, str | None], list[dict[str, object]]] = {}
        profiles: list[dict[str, object]] = []
        days = engine.rows(sql.KNOWN_DAYS).column("known_on").to_pylist()
        for row in engine.rows(sql.MEMBERS).to_pylist():
            number, contract = int(row["service"]), row["contract"]
            member = (row["line_of_business"], row["state"], row["plan"], row["funding"])
            key = self.services.profile(number, contract, member)
            at = self._profiles.setdefault(key, len(self._profiles))
            if at == len(self._members):
                self._members.append(member)
            profiles.append({**{name: value or "" for name, value in row.items()}, "service": number, "profile": at})
            if (number, contract) not in spans:
                spans[number, contract] = [
                    {
                        "service": number,
                        "contract": contract or "",
                        "known_first": known_first,
                        "known_after": known_after,
                        "first_day": first,
                        "day_after": after,
                        "cell": cell,
                    }
                    for known_first, known_after, first, after, cell in dict.fromkeys(
                        span for day in days for span in self.services.spans(number, contract, day)
                    )
                ]
        engine.put("spans", pa.Table.from_pylist([row for rows in spans.values() for row in rows], _SPANS))
        engine.put("profiles", pa.Table.from_pylist(profiles, _PROFILES))
        engine.run(sql.PLACED)

    # ------------------------------------------------------------------ what is judged

    def _put_units(self, engine: Connection) -> list[int]:
        """The units that are judged at each place (a cell, for a profile); their numbers, rising."""
        rows: list[tuple[int, int, int]] = []
        for place in engine.rows(sql.PLACES).to_pylist():
            cell = self.services.cells[place["cell"]]
            for unit in self.services.judged(cell, self._members[place["profile"]]):
                at = self._units.get(unit.key)
                if at is None:
                    at = self._units[unit.key] = len(self._unit_list)
                    self._unit_list.append(unit)
                rows.append((place["cell"], place["profile"], at))
        columns = list(zip(*rows, strict=True)) or [()] * 3
        engine.put(
            "place_units",
            pa.table(
                {
                    name: pa.array(held, pa.int32())
                    for name, held in zip(("cell", "profile", "unit"), columns, strict=True)
                }
            ),
        )
        units = sorted({at for _, _, at in rows})
        names_read = [
            {"unit": at, "name": name, "is_series": is_series}
            for at in units
            for is_series, names in ((False, self._reads((at,)).facts), (True, self._reads((at,)).series))
            for name in sorted(names)
        ]
        engine.put("unit_facts", pa.Table.from_pylist(names_read, _UNIT_FACTS))
        return units

    def _reads(self, units: tuple[int, ...]) -> Reads:
        held = self._read.get(units)
        if held is None:
            held = self._read[units] = reads_of(self._unit_list[at] for at in units)
        return held

    # ------------------------------------------------------------------ what values settle

    def _put_marks(self, engine: Connection, units: Sequence[int]) -> None:
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
        judged = {row["asked"]: row["units"] for row in engine.rows(sql.READ_BY_LINE).to_pylist()}
        rows: list[dict[str, object]] = []
        texts: dict[int, str] = {}
        for number, (_, _, case) in self.cases(engine, list(judged)).items():
            texts[number] = canonical_json(canonical_case(case, self.desk.units)).decode()
            for at in judged[number]:
                unit = self._unit_list[at]
                by_line = by_line_of(unit) | (of_diagnoses(unit) if case.known.shared_diagnoses else 0)
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
        rows = []
        for row in engine.rows(sql.FOUND_PATTERNS).to_pylist():
            bits = joined(row["met"]), joined(row["unknown"])
            state = bits if self.detail else self._unit_list[row["unit"]].state(*bits)
            rows.append({**row, "state": self._states.setdefault(state, len(self._states))})
        engine.put("states", pa.Table.from_pylist(rows, _STATES))

    # ------------------------------------------------------------------ answers

    def _answer(self, engine: Connection) -> None:
        rows = engine.rows("SELECT * FROM classes ORDER BY asked").to_pylist()
        fresh = []
        numbers: dict[int, int] = {}
        for row in rows:
            key = (
                row["cell"],
                row["profile"],
                row["code_system"],
                row["code"],
                tuple((each["unit"], each["state"]) for each in row["pattern"] or ()),
            )
            at = self._class_numbers.get(key)
            if at is None:
                at = self._class_numbers[key] = len(self._class_numbers)
                fresh.append((at, row))
            numbers[row["number"]] = at
        cases = self.cases(engine, [row["asked"] for _, row in fresh])
        bits: dict[int, dict[int, Bits]] = {}
        for row in engine.rows(sql.WANTED_BITS).to_pylist():
            bits.setdefault(row["asked"], {})[row["unit"]] = joined(row["met"]), joined(row["unknown"])
        for _, row in fresh:
            cell, known_on, case = cases[row["asked"]]
            units = self._rules_of(cell)
            found = bits.get(row["asked"], {})
            expected = {rule: found[unit] for rule, unit in units.items() if unit in found}
            self.verdicts.append(verdict(self.desk, case, known_on, expected, units, self.detail))
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


def _judged(unit: Unit, by_line: int, known: Known) -> Bits:
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


def _unit_rows(at: int, unit: Unit, marks: UnitMarks) -> list[dict[str, object]]:
    count = len(unit.literals)
    columns = _words(
        count, (1 << count) - 1, marks.always.settled, marks.always.met, by_line_of(unit), of_diagnoses(unit)
    )
    return [
        {
            "unit": at,
            "word": word,
            "is_wide": count > WORD,
            "every": every,
            "settled": settled,
            "met": met,
            "by_line": by_line,
            "of_diagnoses": diagnoses,
        }
        for word, (every, settled, met, by_line, diagnoses) in enumerate(zip(*columns, strict=True))
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
        ("known_first", pa.date32()),
        ("known_after", pa.date32()),
        ("first_day", pa.date32()),
        ("day_after", pa.date32()),
        ("cell", pa.int32()),
    ]
)
_PROFILES = pa.schema(
    [
        ("service", pa.int32()),
        ("contract", pa.string()),
        ("line_of_business", pa.string()),
        ("state", pa.string()),
        ("plan", pa.string()),
        ("funding", pa.string()),
        ("profile", pa.int32()),
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
_UNIT_FACTS = pa.schema([("unit", pa.int32()), ("name", pa.string()), ("is_series", pa.bool_())])
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
