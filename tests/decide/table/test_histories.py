"""What SQL tells of histories against the judges of the single reading: every literal of every line, at the edges of windows."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from tests.decide.engines.spark_making import differing, give, spark_in
from tests.decide.table.making import KNOWN_ON, Claims, Decided, decided, line, row_said, rows_of, said
from tests.support import desk, policy

from medpol.decide.literals import MET, UNKNOWN
from medpol.decide.one import Desk
from medpol.decide.table import sql
from medpol.decide.table.deciding import BulkDesk, joined
from medpol.decide.table.marks import Family, family_of
from medpol.model.dates import add_months

FACTS = """# Facts

| Fact | Type | Unit or choices | Question | From |
|---|---|---|---|---|
| visits.allowed | count | | How many visits are allowed? | record |
| weeks.owed | quantity | weeks | How long is to be waited? | record |
| eosinophils | observations | cells/uL | What were the counts? | record |

## Event fields

| Group | Field | Type | Unit or choices | Question |
|---|---|---|---|---|
| needling, injection | relief | quantity | % | How much relief? |
"""
PLANS = """# Plans

| Plan | Line of business | Plan year starts | From |
|---|---|---|---|
| by-july | commercial | 07-01 | 2000-01-01 |
| by-march | commercial | 03-01 | 2000-01-01 |
| without | commercial | | 2000-01-01 |
"""
CODES = """| needling | CPT | 20560 | governed | | |
| injection | CPT | 20552 | governed | | |
| injection | CPT | 20553 | governed | | |
| pain | ICD-10-CM | M79.* | supports | | |
| pain | CPT | 20561 | supports | | |
| taping | therapy | kinesio tape | informational | | |"""
GROUPS = ("needling", "injection", "needling or injection", "pain", "taping or pain", "injection or pain or needling")
SPANS = ("1 days", "30 days", "2 weeks", "1 months", "6 months", "1 years")
WINDOWS = (
    *(f"rolling {span} {side}" for span in SPANS for side in ("before", "through")),
    *(f"{name} {side}" for name in ("calendar year", "plan year", "lifetime") for side in ("before", "through")),
    "same day",
)
COUNTS = tuple(
    f"count({measure} of {{groups}}{where}, {window}) {{compared}}"
    for measure in ("sessions", "lines", "units", "groups")
    for window in WINDOWS
    for where in ("", "", " where relief >= 50 %")
)
SINCE = tuple(
    f"since(last({{groups}}{where})) {compared}"
    for compared in (">= 30 days", "> 2 weeks", "< 1 months", "<= 6 months", ">= 1 years", "= 14 days", ">= 1.5 months")
    for where in ("", " where relief >= 50 %")
)
OTHERS = (
    "last(needling).relief >= 50 %",
    "count(lines of needling, lifetime before) <= visits.allowed",
    "since(last(injection)) >= weeks.owed",
    "latest(eosinophils, rolling 1 months through) >= 150 cells/uL",
)
COMPARED = (">= 1", ">= 2", "> 2", "<= 0", "<= 2", "< 3", "= 1", "= 0", ">= 2.5")
DAYS = (
    date(2024, 2, 29),
    date(2024, 3, 31),
    date(2024, 3, 30),
    date(2025, 2, 28),
    date(2024, 6, 30),
    date(2024, 7, 1),
    date(2025, 1, 1),
)
EVENT_CODES = ("20560", "20560", "20552", "20553", "20561", "M7901", "kinesio tape", "99999")


def expressions(draw: random.Random) -> list[str]:
    """Every kind of count and of time since, with groups and bounds by chance; each third one is asked as its opposite."""
    found = [
        each.replace("{groups}", _groups(draw, "where" in each)).replace("{compared}", draw.choice(COMPARED))
        for each in (*COUNTS, *SINCE)
    ]
    return [f"not {each}" if at % 3 == 0 else each for at, each in enumerate((*found, *OTHERS))]


def _groups(draw: random.Random, has_fields: bool) -> str:
    return draw.choice(("needling", "needling or injection") if has_fields else GROUPS)


def asking(seed: int) -> Desk:
    """Policies for the two services that ask all of it, the last one in a rule of more literals than a word holds."""
    draw = random.Random(seed)
    asked = expressions(draw)
    draw.shuffle(asked)
    parts = [asked[:20], asked[20:60], asked[60:]]
    files: dict[str, str | bytes] = {"facts.md": FACTS, "plans.md": PLANS}
    for number, part in enumerate(parts):
        items = "".join(f"- Part {at}. `{each}`\n" for at, each in enumerate(part))
        rule = (
            f"Needling is **medically necessary** when any of these are met:\n\n{items}\nOtherwise **investigational**."
        )
        files[f"EX-{number}/2010-01-01.md"] = policy(
            "2010-01-01", "2010-01-01", number=f"EX-{number}", criteria=rule, codes=CODES
        )
    return desk(files)


def histories(seed: int, members: int = 60) -> Claims:
    """Lines of members with none to some earlier services, most of them on a day on which a window begins or the day beside it."""
    draw = random.Random(seed)
    claims = Claims([])
    for member in (f"M{at}" for at in range(members)):
        days = draw.sample(DAYS, draw.choice((1, 2, 3)))
        for day in days:
            number = len(claims.lines)
            code = draw.choice(("20560", "20552", "20553"))
            units = draw.choice((None, Decimal("1"), Decimal("2.5")))
            claims.lines.append(
                line(
                    number,
                    day,
                    "CPT",
                    code,
                    last_day=day + timedelta(days=draw.choice((0, 0, 0, 1, 31))),
                    member_id=draw.choice((member, member, member, None)),
                    line_of_business="commercial",
                    plan=draw.choice((None, "by-july", "by-march", "without")),
                    units=units,
                    history_complete_from=draw.choice((None, date.min, *edges(draw, day))),
                )
            )
            claims.history.append(_event(member, code, day, units, number))
            claims.history += [
                _event(member, draw.choice(EVENT_CODES), each, draw.choice((None, Decimal("0.5"), Decimal("10"))), None)
                for each in draw.choices(list(edges(draw, day)), k=draw.randrange(5))
                for _ in range(draw.choice((1, 1, 2)))
            ]
        claims.facts += [
            {"member_id": member, "name": name, "value": value, "unit": unit, "observed_on": min(days)}
            for name, value, unit in (
                ("visits.allowed", "2", None),
                ("weeks.owed", "3", "weeks"),
                ("eosinophils", "200", "cells/uL"),
            )
            if draw.random() < 0.5
        ]
    return claims


def edges(draw: random.Random, day: date) -> Iterator[date]:
    """Days near those on which windows of a service begin and end."""
    starts = [day, date(day.year, 1, 1), date(day.year, 7, 1), date(day.year - 1, 7, 1), date(day.year, 2, 28)]
    starts += [day - timedelta(days=at) for at in (1, 14, 30, 45, 365)]
    starts += [add_months(day, -at) for at in (1, 6, 12)]
    for start in starts:
        yield start + timedelta(days=draw.choice((-1, 0, 0, 1, 2)))


def _event(member: str, code: str, day: date, units: Decimal | None, line_id: int | None) -> dict[str, Any]:
    return {"member_id": member, "code_system": None, "code": code, "day": day, "units": units, "line_id": line_id}


@pytest.mark.parametrize("seed", range(6))
def test_every_bit_of_every_line_is_what_the_judge_of_the_single_reading_says(seed: int) -> None:
    found = decided(asking(seed), histories(seed))
    told: dict[tuple[Family, int], int] = {}
    cases = found.bulk.cases(
        found.engine, [row["asked"] for row in found.engine.rows("SELECT asked FROM judged").to_pylist()]
    )
    for row in found.engine.rows("SELECT * FROM patterns").to_pylist():
        unit, known = found.bulk._unit_list[row["unit"]], cases[row["asked"]].case.known
        met, unknown = joined(row["met"]), joined(row["unknown"])
        for at, (literal, judge) in enumerate(zip(unit.literals, unit.judges, strict=True)):
            truth = judge(known)
            bits = (met >> at & 1, unknown >> at & 1)
            assert bits == (int(truth == MET), int(truth == UNKNOWN)), f"{literal.text}: {known}"
            told[family_of(literal), truth] = told.get((family_of(literal), truth), 0) + 1
    assert all(told.get((Family.HISTORY, truth), 0) > 500 for truth in range(3)), told


@pytest.mark.parametrize("seed", [7, 8])
def test_answers_and_ids_are_those_of_the_lines_alone(seed: int) -> None:
    found = decided(asking(seed), histories(seed))
    alone = found.one_by_one()
    compared = [row for row in found.lines if row["reason_key"] != "span-crosses-change"]
    assert len(compared) > 60
    assert [row_said(row) for row in compared] == [said(alone[row["claim_id"]]) for row in compared]


def test_ids_hold_where_nothing_is_read_line_by_line() -> None:
    criteria = (
        "Needling is **medically necessary** when all of these are met:\n\n"
        "- few `count(lines of needling or pain, rolling 1 years through) <= 2`\n"
        "- long ago `since(last(injection)) >= 30 days`\n"
    )
    found = decided(
        desk(
            {
                "facts.md": FACTS,
                "plans.md": PLANS,
                "EX-1/2010-01-01.md": policy("2010-01-01", "2010-01-01", criteria=criteria, codes=CODES),
            }
        ),
        histories(3),
    )
    assert not found.engine.rows(sql.READ_BY_LINE).num_rows
    assert found.engine.rows("SELECT * FROM past WHERE events <> ''").num_rows > 40
    alone = found.one_by_one()
    ids = [(row["claim_id"], row["determination_id"]) for row in found.lines]
    assert ids == [(name, alone[name].determination_id) for name, _ in ids]


def test_only_what_constants_cannot_tell_is_read_line_by_line() -> None:
    held = BulkDesk(asking(1), KNOWN_ON)
    decided_by: dict[Family, set[str]] = {}
    for version in held.desk.plan.versions:
        for rule in version.rules:
            for literal in rule.literals:
                decided_by.setdefault(family_of(literal), set()).add(literal.text)
    by_line = {each.removeprefix("not ") for each in decided_by[Family.BY_LINE]}
    assert len(by_line) == 4
    assert all(
        "visits.allowed" in each or "weeks.owed" in each or "latest" in each or "= 14 days" in each for each in by_line
    )
    assert len(decided_by[Family.HISTORY]) > 150


@pytest.mark.slow
def test_spark_tells_the_same_of_histories(tmp_path_factory: pytest.TempPathFactory) -> None:
    held, claims = asking(2), histories(2, members=400)
    mine: Decided = decided(held, claims)
    with spark_in(tmp_path_factory.mktemp("spark")) as spark:
        give(spark, claims)
        bulk = BulkDesk(held, KNOWN_ON)
        bulk.decide(spark)
        lines, policies = rows_of(bulk, spark)  # type: ignore[arg-type]
        order = "ORDER BY asked, unit, word"
        names = ("asked", "unit", "word", "settled", "met")
        query = f"SELECT {', '.join(names)} FROM told_bits {order}"
        assert spark.rows(query).to_pylist() == mine.engine.rows(query).to_pylist()
    assert not differing(mine.lines, lines)[:3]
    assert not differing(mine.policies, policies)[:3]
