"""What claims cannot know, with its counts; and what facts, contracts and history bring that claims have not."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from tests.claims.reading import write_csv
from tests.impact.making import COLUMNS, INVESTIGATIONAL, NECESSARY, impact, library, line
from tests.support import policy

from medpol.claims.sources import ClaimInput

FACTS = (
    "# Facts\n\n| Fact | Type | Unit or choices | Question | From |\n|---|---|---|---|---|\n"
    "| exercises.failed | yes/no | | Did the exercises fail? | record |\n"
)
AFTER_EXERCISES = (
    "Needling is **medically necessary** when all of these are met:\n\n- Exercises failed. `exercises.failed`\n\n"
    "Otherwise **not medically necessary**."
)
BOOKLET = (
    "---\ncontract: booklet-1\ntitle: Booklet\neffective: 2024-01-01\npublished: 2023-12-01\n---\n\n# Booklet\n\n"
    "## Provisions\n\n| Effect | System | Code or group | Position | From | To | Published | When | Clause |\n"
    "|---|---|---|---|---|---|---|---|---|\n| covers | CPT | 20560 | | | | | | page 1 |\n"
)


def said(found: object, *words: str) -> bool:
    return any(all(word in each for word in words) for each in found.cannot_know)  # type: ignore[attr-defined]


def facts_file(folder: Path, *rows: tuple[str, str]) -> ClaimInput:
    held = [
        {
            "member_id": member,
            "name": "exercises.failed",
            "value": value,
            "unit": None,
            "observed_on": "2025-01-01",
            "source": "record",
        }
        for member, value in rows
    ]
    return ClaimInput(write_csv(folder / "facts.csv", held))


def test_facts_that_no_claim_holds_are_named_and_the_lines_that_wait_for_them_counted() -> None:
    before = {**library(INVESTIGATIONAL), "facts.md": FACTS}
    found = impact(before, {**library(AFTER_EXERCISES), "facts.md": FACTS}, [line(1), line(2), line(3, code="G0283")])
    assert said(found, "exercises.failed", "no facts file was given", "2 final lines of 3 wait")
    assert {(each.after, each.lines) for each in found.outcomes} == {("information_needed", 2), ("not_addressed", 1)}


def test_a_facts_file_settles_what_it_holds_under_both_plans(tmp_path: Path) -> None:
    before = {**library(INVESTIGATIONAL), "facts.md": FACTS}
    facts = facts_file(tmp_path, ("M0001", "yes"), ("M0002", "no"))
    after = {**library(AFTER_EXERCISES), "facts.md": FACTS}
    found = impact(before, after, [line(1), line(2), line(3)], facts=facts)
    assert {(each.before, each.after, each.lines) for each in found.outcomes} == {
        ("not_covered", "covered", 1),
        ("not_covered", "not_covered", 1),
        ("not_covered", "information_needed", 1),
    }
    assert said(found, "only as far as the facts file holds them", "1 final line of 3")


def test_a_source_without_a_beginning_of_its_history_is_told() -> None:
    assert said(impact(library(INVESTIGATIONAL), library(NECESSARY), [line(1)]), "1 final line", "history is complete")


def test_amounts_of_nothing_and_lines_without_a_member_are_told() -> None:
    rows = [line(1, allowed_amount="0.00"), line(2, allowed_amount=None), line(3, member_id=None)]
    found = impact(library(INVESTIGATIONAL), library(NECESSARY), rows)
    assert said(found, "1 final line", "allowed amount of 0", "understated")
    assert said(found, "1 final line", "state no allowed amount")
    assert said(found, "1 final line", "no member")


def test_a_contract_that_both_libraries_hold_is_answered_and_one_of_one_library_alone_is_a_reject() -> None:
    columns = [line(1) | {"x_member_contract_id": "booklet-1"}, line(2)]
    both = {"contracts/booklet-1.md": BOOKLET}
    held = impact(
        {**library(INVESTIGATIONAL), **both},
        {**library(NECESSARY), **both},
        columns,
        columns=(*COLUMNS, "x_member_contract_id"),
    )
    assert {(each.before, each.after, each.lines) for each in held.outcomes} == {
        ("covered", "covered", 1),
        ("not_covered", "covered", 1),
    }
    assert said(held, "1 final line", "without a member's contract")
    alone = impact(
        library(INVESTIGATIONAL),
        {**library(NECESSARY), **both},
        columns,
        max_rejects=None,
        columns=(*COLUMNS, "x_member_contract_id"),
    )
    assert (alone.read.rejected, alone.read.lines) == (1, 1)


def test_earlier_services_are_counted_under_both_plans_though_they_are_outside_of_the_days() -> None:
    limited = (
        "Needling is **medically necessary** when all of these are met:\n\n"
        "- Needled no more than twice in a year. `count(sessions of needling, rolling 12 months through) <= 2`\n\nOtherwise **not medically necessary**."
    )
    held = {"EX-1/2024-05-01.md": policy(criteria=limited)}
    rows = [
        line(1, "2025-03-01", member_id="M1"),
        line(2, "2025-03-08", member_id="M1"),
        line(3, "2025-03-15", member_id="M1"),
    ]
    late = impact(held, held, rows, first_day=date(2025, 3, 15), is_history_whole=True)
    assert late.read.lines == 1
    assert [(each.before, each.after) for each in late.outcomes] == [("not_covered", "not_covered")]
