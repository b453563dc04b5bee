"""The bulk reading against the single one: every line, answer, reason, bits and id."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal

import pytest
from tests.decide.table.making import Claims, decided, drawn, line, row_said, rows_of, said, without
from tests.support import EXAMPLES, desk, policy

import medpol
from medpol.decide.table.services import Services

FACTS = "# Facts\n\n| Fact | Type | Unit or choices | Question | From |\n|---|---|---|---|---|\n"


@pytest.fixture(scope="module")
def examples() -> medpol.Desk:
    return medpol.load(EXAMPLES)


@pytest.mark.parametrize(("seed", "detail"), [(1, False), (2, True)])
def test_every_line_gets_in_bulk_what_it_gets_alone(examples: medpol.Desk, seed: int, detail: bool) -> None:
    claims = drawn(examples, 2_500, seed)
    found = decided(examples, claims, detail=detail)
    alone = found.one_by_one()
    crossing = [row for row in found.lines if row["reason_key"] == "span-crosses-change"]
    compared = [row for row in found.lines if row["reason_key"] != "span-crosses-change"]
    assert len(found.lines) == len(claims.lines)
    lasting = {row["claim_id"] for row in claims.lines if row["last_day"] > row["date_of_service"]}
    assert {row["claim_id"] for row in found.lines if row["span_crosses_change"]} <= lasting
    assert len({row["reason_key"] for row in compared}) >= 18, "the draw has grown too narrow to show anything"
    assert crossing
    assert [row_said(row, brief=not detail) for row in compared] == [
        said(alone[row["claim_id"]], brief=not detail) for row in compared
    ]


def test_the_bits_of_every_row_are_those_of_the_line_alone(examples: medpol.Desk) -> None:
    found = decided(examples, drawn(examples, 2_000, 5))
    alone = found.one_by_one()
    compared = 0
    for row in found.policies:
        if row["rule"] is None:
            continue
        source = next(each for each in alone[row["claim_id"]].sources if each.id == row["policy"])
        rationale = next(each for each in source.rationale if each.rule == row["rule"])
        bits = tuple(sum(word << 63 * at for at, word in enumerate(row[name])) for name in ("met_bits", "unknown_bits"))
        assert bits == (rationale.met_bits, rationale.unknown_bits), row
        compared += rationale.met_bits + rationale.unknown_bits > 0
    assert compared > 100


def test_every_source_that_names_the_code_has_a_row(examples: medpol.Desk) -> None:
    found = decided(examples, drawn(examples, 1_500, 3))
    alone = found.one_by_one()
    expected = sorted(
        (claim, each.id, each.outcome.value, each.reason_key, each.content_hash)
        for claim, answer in alone.items()
        for each in answer.sources
        if each.kind.value == "policy"
    )
    got = sorted(
        (row["claim_id"], row["policy"], row["outcome"], row["reason_key"], row["policy_hash"])
        for row in found.policies
        if row["source_kind"] == "policy"
    )
    assert got == expected


def test_order_of_rows_and_a_split_change_nothing(examples: medpol.Desk) -> None:
    claims = drawn(examples, 1_200, 4)
    whole = decided(examples, claims)
    shuffled = Claims(
        random.Random(1).sample(claims.lines, len(claims.lines)), claims.facts[::-1], claims.history[::-1]
    )
    assert decided(examples, shuffled).lines == whole.lines
    lines: list[dict[str, object]] = []
    policies: list[dict[str, object]] = []
    bulk = None
    for part in range(3):
        piece = Claims([row for row in claims.lines if row["line_id"] % 3 == part], claims.facts, claims.history)
        done = decided(examples, piece)
        bulk = done.bulk if bulk is None else bulk
        bulk.decide(done.engine)  # what one part taught serves the next
        part_lines, part_policies = rows_of(bulk, done.engine)
        lines += part_lines
        policies += part_policies
    assert sorted(lines, key=lambda row: str(row["claim_id"])) == whole.lines
    assert sorted(policies, key=lambda row: (str(row["claim_id"]), str(row["policy"]))) == sorted(
        whole.policies, key=lambda row: (row["claim_id"], row["policy"])
    )


def test_lines_known_on_days_of_their_own_get_what_all_get_on_each_of_these_days(examples: medpol.Desk) -> None:
    claims = drawn(examples, 600, 12)
    published = sorted({row.known_from for row in examples.plan.versions})
    days = [*published[:: max(len(published) // 6, 1)], published[0] - timedelta(1), date(2026, 11, 24)]
    numbers = [row["line_id"] for row in claims.lines]
    own = {number: days[at % len(days)] for at, number in enumerate(numbers) if at % 9}
    rest = date(2024, 3, 3)
    mixed = decided(examples, claims, known_on=rest, known_by_line=own)
    for day in {*days, rest}:
        mine = {number for number in numbers if own.get(number, rest) == day}
        alone = decided(examples, claims, known_on=day)
        assert [row for row in mixed.lines if row["line_id"] in mine] == [
            row for row in alone.lines if row["line_id"] in mine
        ]
        assert [row for row in mixed.policies if row["line_id"] in mine] == [
            row for row in alone.policies if row["line_id"] in mine
        ]
    assert len({row["policy_hash"] for row in mixed.lines}) > 3


def test_a_rule_of_more_than_a_word_of_literals(tmp_path: object) -> None:
    names = [f"sign.s{at:02d}" for at in range(70)]
    held = desk(
        {
            "facts.md": FACTS + "".join(f"| {name} | yes/no | | Is {name} seen? | record |\n" for name in names),
            "p/2024-05-01.md": policy(
                criteria="Needling is **medically necessary** when any of the following are met:\n\n"
                + "".join(f"- the sign {name} is seen `{name}`\n" for name in names)
            ),
        }
    )
    days = [date(2024, 6, 1)] * 3
    lines = [line(at, day, "CPT", "20560", member_id=f"M{at}") for at, day in enumerate(days)]
    facts = [
        {"member_id": member, "name": name, "value": value, "observed_on": date(2024, 1, 1), "source": "record"}
        for member, value in (("M0", "no"), ("M1", "no"))
        for name in names
        if (member, name) != ("M1", names[69])
    ]
    facts.append(
        {"member_id": "M1", "name": names[69], "value": "yes", "observed_on": date(2024, 1, 1), "source": "record"}
    )
    found = decided(held, Claims(lines, facts))
    assert [row["outcome"] for row in found.lines] == ["not_covered", "covered", "information_needed"]
    assert found.lines[1]["met_bits"] == [0, 1 << 6]
    assert found.lines[2]["unknown_bits"] == [(1 << 63) - 1, (1 << 7) - 1]


def test_a_negated_list_of_diagnoses_is_taken_back_by_one_of_its_codes() -> None:
    held = desk(
        {
            "p/2024-05-01.md": policy(
                criteria="Needling is **medically necessary** when all of the following are met:\n\n"
                "- the diagnosis is not of the heel `not (diagnosis in heel)`\n",
                codes="| needling | CPT | 20560 | governed | | |\n| heel | ICD-10-CM | M72.2 | supports | | |\n"
                "| heel | ICD-10-CM | M77.* | supports | | |",
            )
        }
    )
    said_of = {
        "none known": (None, "information_needed"),
        "none": ([], "covered"),
        "another": (["M7918"], "covered"),
        "one of them": (["M7918", "M722"], "not_covered"),
        "by prefix": (["M7731"], "not_covered"),
        "a broken one": (["!M72..2"], "information_needed"),
        "a broken one beside one of them": (["!x", "M722"], "not_covered"),
    }
    lines = [
        line(at, date(2024, 6, 1), "CPT", "20560", diagnoses=codes) for at, (codes, _) in enumerate(said_of.values())
    ]
    found = decided(held, Claims(lines))
    assert {name: row["outcome"] for name, row in zip(said_of, found.lines, strict=True)} == {
        name: outcome for name, (_, outcome) in said_of.items()
    }


@pytest.mark.parametrize(
    ("birth", "day", "outcome"),
    [
        (date(2006, 6, 1), date(2024, 5, 31), "not_covered"),
        (date(2006, 6, 1), date(2024, 6, 1), "covered"),
        (date(2006, 2, 28), date(2024, 2, 28), "covered"),
        (date(2004, 2, 29), date(2022, 2, 27), "not_covered"),
        (date(2004, 2, 29), date(2022, 2, 28), "covered"),
        (date(2030, 1, 1), date(2024, 6, 1), "information_needed"),
        (None, date(2024, 6, 1), "information_needed"),
    ],
)
def test_an_age_turns_on_the_birthday(birth: date | None, day: date, outcome: str) -> None:
    held = desk(
        {
            "p/2020-05-01.md": policy(
                "2020-05-01",
                "2020-01-01",
                criteria="Needling is **medically necessary** when all of the following are met:\n\n"
                "- the member is 18 or older `age >= 18 years`\n",
            )
        }
    )
    found = decided(held, Claims([line(1, day, "CPT", "20560", birth_date=birth)]))
    assert found.lines[0]["outcome"] == outcome


def test_a_stay_that_crosses_into_another_version_goes_to_a_person_where_the_answers_differ() -> None:
    held = desk(
        {
            "p/2024-01-01.md": policy("2024-01-01", "2023-10-01"),
            "p/2024-05-01.md": policy(criteria="Needling is **medically necessary**."),
            "p/2024-09-01.md": policy(
                "2024-09-01", "2024-06-01", criteria="Needling is **medically necessary** still."
            ),
        }
    )
    spans = [
        (date(2024, 4, 29), date(2024, 4, 30)),
        (date(2024, 4, 30), date(2024, 5, 1)),
        (date(2024, 8, 31), date(2024, 9, 1)),
    ]
    lines = [
        line(at, first, "CPT", "20560", last_day=last, allowed_amount=Decimal("50.00"))
        for at, (first, last) in enumerate(spans)
    ]
    rows = decided(held, Claims(lines)).lines
    assert [(row["outcome"], row["reason_key"], row["span_crosses_change"]) for row in rows] == [
        ("not_covered", "position-unconditional", False),
        ("refer", "span-crosses-change", True),
        ("covered", "position-unconditional", True),
    ]
    assert rows[1]["reason_kind"] == "conflict"
    assert rows[1]["needs_review"]
    assert "2024-01-01" in rows[1]["reason"]
    assert "2024-05-01" in rows[1]["reason"]
    assert [row["at_risk_amount"] for row in rows] == [Decimal("50.00"), Decimal("50.00"), None]


def test_a_stay_over_a_change_of_line_of_business_is_asked_about_for_both() -> None:
    held = desk(
        {"p/2024-05-01.md": policy(head="lines of business:\n  out: [medicare_advantage]")},
    )
    days = {"last_day": date(2024, 7, 1), "line_of_business": "commercial"}
    lines = [
        line(1, date(2024, 6, 30), "CPT", "20560", **days),
        line(2, date(2024, 6, 30), "CPT", "20560", **days, last_line_of_business="medicare_advantage"),
    ]
    rows = decided(held, Claims(lines)).lines
    assert [(row["outcome"], row["reason_key"]) for row in rows] == [
        ("not_covered", "position-unconditional"),
        ("refer", "span-crosses-change"),
    ]


def test_a_code_of_a_system_that_nobody_declares_is_named_by_no_policy() -> None:
    rows = decided(desk({"p/2024-05-01.md": policy()}), Claims([line(1, date(2024, 6, 30), "IV", "20560")])).lines
    assert [(row["outcome"], row["reason_key"]) for row in rows] == [("not_addressed", "no-policy-names-code")]


def test_a_fact_counts_from_the_day_it_was_observed_and_recorded_the_latest_first() -> None:
    held = desk(
        {
            "facts.md": FACTS + "| pain.score | count | | How strong? | record |\n",
            "p/2024-05-01.md": policy(
                criteria="Needling is **medically necessary** when all of the following are met:\n\n"
                "- the pain is strong `pain.score >= 5`\n"
            ),
        }
    )
    seen = [
        ("M1", "7", date(2024, 6, 1), None),  # on the day
        ("M2", "7", date(2024, 6, 2), None),  # after it
        ("M3", "7", date(2024, 5, 1), None),
        ("M3", "3", date(2024, 5, 20), None),  # the later one counts
        ("M4", "7", date(2024, 5, 1), date(2030, 1, 1)),  # recorded after it was known
        ("M5", "7", date(2024, 5, 1), None),
        ("M5", "3", date(2024, 5, 1), None),  # two of one day that disagree
        ("M6", "seven", date(2024, 5, 1), None),  # no number
    ]
    facts = [
        {"member_id": who, "name": "pain.score", "value": value, "observed_on": day, "recorded_on": recorded}
        for who, value, day, recorded in seen
    ]
    lines = [line(at, date(2024, 6, 1), "CPT", "20560", member_id=f"M{at}") for at in range(1, 8)]
    rows = decided(held, Claims(lines, facts)).lines
    needed = "information_needed"
    assert [row["outcome"] for row in rows] == ["covered", needed, "not_covered", needed, needed, needed, needed]


def test_sessions_are_counted_from_the_lines_before(examples: medpol.Desk) -> None:
    held = desk(
        {
            "p/2024-05-01.md": policy(
                criteria="Needling is **medically necessary** when all of the following are met:\n\n"
                "- no more than 2 sessions in the last 3 months, this one included "
                "`count(sessions of needling, rolling 3 months through) <= 2`\n"
            )
        }
    )
    days = [date(2024, 6, 1) + timedelta(days=at) for at in (0, 10, 10, 20, 200)]
    lines = [line(at, day, "CPT", "20560", member_id="M1") for at, day in enumerate(days)]
    history = [
        {"member_id": "M1", "code_system": "CPT", "code": "20560", "day": day, "line_id": at}
        for at, day in enumerate(days)
    ]
    whole = [{**row, "history_complete_from": date.min} for row in lines]
    rows = decided(held, Claims(whole, [], history)).lines
    assert [row["outcome"] for row in rows] == ["covered", "covered", "covered", "not_covered", "covered"]
    rows = decided(held, Claims(lines, [], history)).lines  # what is not complete may hold more
    needed = "information_needed"
    assert [row["outcome"] for row in rows] == [needed, needed, needed, "not_covered", needed]


def test_the_services_of_a_plan_include_what_a_contract_names(examples: medpol.Desk) -> None:
    services = Services(examples)
    named = {
        (each.row.system, each.row.code) for _, rows in examples.contracts.values() for each in rows if each.row.code
    }
    assert named
    assert named <= set(services.numbers)


def test_full_detail_names_the_sentences_and_the_facts(examples: medpol.Desk) -> None:
    claims = drawn(examples, 400, 9)
    compact, full = decided(examples, claims), decided(examples, claims, detail=True)
    extra = ("criteria_not_met", "criteria_unknown", "cites", "missing_facts")
    assert without(compact.lines, *extra, "reason") == without(full.lines, *extra, "reason")
    waiting = [row for row in full.lines if row["reason_key"] == "facts-missing"]
    assert waiting
    told = [row for row in waiting if row["criteria_unknown"]]
    assert len(told) > len(waiting) / 2, "the others wait for a provision or an enrolment"
    assert all(":" in row["criteria_unknown"][0] for row in told)
    assert any(row["missing_facts"] for row in told)  # a question has a sentence and no fact
