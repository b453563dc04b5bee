"""Claim lines for a library, drawn by chance around its days, codes, diagnoses, facts and plans; and both readings."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa

from medpol.decide.engines.embedded import Embedded
from medpol.decide.explain import determine
from medpol.decide.one import Desk
from medpol.decide.table import sql
from medpol.decide.table.deciding import KNOWN_BY_LINE, BulkDesk
from medpol.decide.table.services import Services
from medpol.model.determination import Determination
from medpol.model.facts import FactDeclaration, FactType

KNOWN_ON = date(2026, 11, 24)
TEXTS = pa.list_(pa.string())
MONEY = pa.decimal128(12, 2)
CLAIM_LINES = pa.schema(
    [
        ("line_id", pa.int64()),
        ("data_source", pa.string()),
        ("claim_id", pa.string()),
        ("claim_line_number", pa.int32()),
        ("date_of_service", pa.date32()),
        ("last_day", pa.date32()),
        ("code_system", pa.string()),
        ("code", pa.string()),
        ("is_code_malformed", pa.bool_()),
        ("modifiers", TEXTS),
        ("diagnoses", TEXTS),
        ("diagnosis_scope", pa.string()),
        ("member_id", pa.string()),
        ("line_of_business", pa.string()),
        ("state", pa.string()),
        ("plan", pa.string()),
        ("contract", pa.string()),
        ("contract_given", pa.bool_()),
        ("last_line_of_business", pa.string()),
        ("last_plan", pa.string()),
        ("last_contract", pa.string()),
        ("birth_date", pa.date32()),
        ("sex", pa.string()),
        ("units", pa.decimal128(12, 3)),
        ("place_of_service", pa.string()),
        ("provider_specialty", pa.string()),
        ("billed_amount", MONEY),
        ("allowed_amount", MONEY),
        ("paid_amount", MONEY),
        ("final_status", pa.string()),
        ("history_complete_from", pa.date32()),
        ("findings", TEXTS),
    ]
)
FACTS = pa.schema(
    [
        ("member_id", pa.string()),
        ("name", pa.string()),
        ("value", pa.string()),
        ("unit", pa.string()),
        ("observed_on", pa.date32()),
        ("recorded_on", pa.date32()),
        ("source", pa.string()),
    ]
)
HISTORY = pa.schema(
    [
        ("member_id", pa.string()),
        ("code_system", pa.string()),
        ("code", pa.string()),
        ("day", pa.date32()),
        ("units", pa.decimal128(12, 3)),
        ("line_id", pa.int64()),
    ]
)


def line(number: int, day: date, system: str | None, code: str | None, **values: Any) -> dict[str, Any]:
    """One claim line that says nothing but its day and code."""
    return {
        "line_id": number,
        "data_source": "made",
        "claim_id": f"C{number:07d}",
        "claim_line_number": 1,
        "date_of_service": day,
        "last_day": day,
        "code_system": system,
        "code": code,
        "is_code_malformed": False,
        "contract_given": values.get("contract") is not None,
        **{f"last_{name}": values.get(name) for name in ("line_of_business", "plan", "contract")},
        "final_status": "final",
        "findings": [],
        **values,
    }


@dataclass(slots=True)
class Claims:
    """Claim lines with the facts and the history of their members."""

    lines: list[dict[str, Any]]
    facts: list[dict[str, Any]] = field(default_factory=list)
    history: list[dict[str, Any]] = field(default_factory=list)


def diagnosed(draw: random.Random, tokens: Sequence[str]) -> list[str]:
    """Up to three of the tokens, at times as those of a claim that may be another line's."""
    held = sorted(set(draw.sample(tokens, draw.randrange(4))))
    is_shared = draw.random() < 0.15
    return sorted(f"~{each}" if is_shared and not each.startswith("!") else each for each in held)


def drawn(desk: Desk, count: int, seed: int, members: int = 200) -> Claims:
    """Lines about the services of a plan and about others, with everything that a claim may say left out at times."""
    draw = random.Random(seed)
    rows = [_drawn_line(desk, draw, number, members) for number in range(count)]
    facts = [
        {
            "member_id": f"M{member}",
            "name": fact.name,
            "value": value,
            "unit": unit,
            "observed_on": date(2018, 1, 1) + timedelta(days=draw.randrange(3000)),
            "source": "record",
        }
        for member in range(members)
        for fact in desk.declared.values()
        for value, unit in [_drawn_value(draw, fact) for _ in range(draw.choice((0, 1, 1, 2)))]
    ]
    history = [
        {
            "member_id": row["member_id"],
            "code_system": row["code_system"],
            "code": row["code"],
            "day": row["date_of_service"],
            "units": row["units"],
            "line_id": row["line_id"],
        }
        for row in rows
        if row["member_id"] and row["code"] and not row["is_code_malformed"]
    ]
    return Claims(rows, facts, history)


def _drawn_line(desk: Desk, draw: random.Random, number: int, members: int) -> dict[str, Any]:
    services = list(Services(desk).numbers)
    diagnoses = sorted(
        {row.pattern.text for version in desk.plan.versions for row in version.codes if row.pattern is not None}
    )
    days = sorted({day for version in desk.plan.versions for day in (version.first_day, version.known_from)})
    others = [("CPT", "99999"), ("HCPCS", "A9999"), (None, None), (None, "bad \\ 'code\" é")]
    system, code = draw.choice(services if draw.random() < 0.9 else others)  # type: ignore[arg-type]
    near = draw.choice(days) + timedelta(days=draw.choice((-1, 0, 1)))
    day = near if draw.random() < 0.5 else date(2018, 1, 1) + timedelta(days=draw.randrange(3000))

    def maybe(chance: float, value: Any) -> Any:
        return value if draw.random() < chance else None

    tokens = [draw.choice(diagnoses) + draw.choice(("", "1", "A")) for _ in range(3)] + ["Z000", "!bad"]
    plans, contracts = [each.id for each in desk.plan.member_plans] or [None], list(desk.contracts) or [None]
    lived = draw.choice((draw.randrange(30_000), draw.randrange(800), 18 * 365 + 4 + draw.randrange(3)))
    row = line(
        number,
        day,
        system,
        code,
        is_code_malformed=system is None and code is not None,
        last_day=day + timedelta(days=maybe(0.2, draw.choice((1, 20, 400))) or 0),
        modifiers=maybe(0.7, sorted(draw.sample(("50", "LT", "RT", "59", "JZ"), draw.randrange(3)))),
        diagnoses=maybe(0.8, diagnosed(draw, tokens)),
        diagnosis_scope="claim",
        member_id=maybe(0.9, f"M{draw.randrange(members)}"),
        line_of_business=maybe(0.7, draw.choice(desk.lines)),
        state=maybe(0.5, draw.choice(("WA", "OR", "CA", "ID", "VT"))),
        plan=maybe(0.3, draw.choice(plans)),
        contract=maybe(0.3, draw.choice(contracts)),
        birth_date=maybe(0.8, day - timedelta(days=lived)),
        sex=maybe(0.6, draw.choice(("female", "male"))),
        units=maybe(0.7, Decimal(draw.choice(("1", "2", "4", "10", "100", "2.5")))),
        place_of_service=maybe(0.5, draw.choice(("11", "22", "12"))),
        provider_specialty=maybe(0.3, "207Q00000X"),
        billed_amount=Decimal("10.00"),
        allowed_amount=maybe(0.9, Decimal("7.50")),
        history_complete_from=maybe(0.5, draw.choice((date.min, day - timedelta(days=draw.randrange(900))))),
    )
    return row


def _drawn_value(draw: random.Random, fact: FactDeclaration) -> tuple[str, str | None]:
    match fact.type:
        case FactType.YES_NO:
            return draw.choice(("yes", "no")), None
        case FactType.QUANTITY | FactType.OBSERVATIONS:
            return str(draw.choice((1, 2, 5, 6, 8, 12, 20, 30, 40, 90))), fact.unit
        case FactType.COUNT:
            return str(draw.randrange(12)), None
        case FactType.RATIO:
            return f"{draw.randrange(100)} %", None
        case FactType.CHOICE:
            return draw.choice(fact.choices), None
        case FactType.DATE:
            return "2022-05-01", None
        case FactType.AGE:
            return "30", "years"
        case _:
            return draw.choice(("A", "B")), None


@dataclass(slots=True)
class Decided:
    """One table decided in bulk, and its lines one by one."""

    bulk: BulkDesk
    engine: Embedded
    lines: list[dict[str, Any]]
    policies: list[dict[str, Any]]

    def one_by_one(self) -> dict[str, Determination]:
        """The single reading of every line, by claim id."""
        cases = self.bulk.cases(self.engine, [2 * number for number in self._numbers()])
        names = self._numbers()
        return {
            names[asked // 2]: determine(self.bulk.desk, case, known_on, smallest=False)
            for asked, (_, known_on, case) in cases.items()
        }

    def _numbers(self) -> dict[int, str]:
        rows = self.engine.rows("SELECT line_id, claim_id FROM claim_lines").to_pylist()
        return {row["line_id"]: row["claim_id"] for row in rows}


def engine_with(claims: Claims) -> Embedded:
    engine = Embedded(duckdb.connect())
    engine.put("claim_lines", pa.Table.from_pylist(claims.lines, CLAIM_LINES))
    engine.put("facts", pa.Table.from_pylist(claims.facts, FACTS))
    engine.put("history", pa.Table.from_pylist(claims.history, HISTORY))
    return engine


def decided(
    desk: Desk,
    claims: Claims,
    *,
    known_on: date = KNOWN_ON,
    detail: bool = False,
    known_by_line: Mapping[int, date] | None = None,
) -> Decided:
    bulk = BulkDesk(desk, known_on, detail)
    engine = engine_with(claims)
    if known_by_line is not None:
        columns = {"line_id": list(known_by_line), "known_on": list(known_by_line.values())}
        engine.put("known_by_line", pa.table(columns, KNOWN_BY_LINE))
    bulk.decide(engine, known_by_line=known_by_line is not None)
    return Decided(bulk, engine, *rows_of(bulk, engine))


def rows_of(bulk: BulkDesk, engine: Embedded) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    parameters = bulk.parameters("test")
    return (
        engine.rows(f"SELECT * FROM ({sql.LINE_ROWS}) ORDER BY line_id", parameters).to_pylist(),
        engine.rows(f"SELECT * FROM ({sql.POLICY_ROWS}) ORDER BY line_id, source_rank, policy", parameters).to_pylist(),
    )


def said(answer: Determination, *, brief: bool = True) -> tuple[object, ...]:
    """What a line row says of a determination of the single reading; ``brief`` without the first sentence not met."""
    position = answer.position
    return (
        answer.outcome.value,
        answer.reason_key,
        None if brief and answer.reason_key == "criteria-not-met" else answer.reason,
        answer.policy,
        answer.version,
        None if position is None else (position.canonical.value, position.label),
        answer.authorization.required,
        None if answer.adjustment is None else (answer.adjustment.group, answer.adjustment.carc),
        answer.determination_id,
    )


def row_said(row: dict[str, Any], *, brief: bool = True) -> tuple[object, ...]:
    position, label = row["coverage_position"], row["payer_label"]
    return (
        row["outcome"],
        row["reason_key"],
        None if brief and row["reason_key"] == "criteria-not-met" else row["reason"],
        row["policy"],
        row["policy_effective"],
        None if position is None else (position, label),
        row["authorization_required"],
        None if row["group_code"] is None and row["carc"] is None else (row["group_code"], row["carc"]),
        row["determination_id"],
    )


def without(rows: Sequence[dict[str, Any]], *names: str) -> list[dict[str, Any]]:
    return [{key: value for key, value in row.items() if key not in names} for row in rows]
