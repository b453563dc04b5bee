"""Two plans over one set of claims: cross-tables worked out by hand, and the laws that hold for any claims."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.claims.reading import write_csv
from tests.impact.making import COLUMNS, CONDITIONAL, INVESTIGATIONAL, KNOWN_ON, NECESSARY, cells, impact, library, line
from tests.support import desk, policy

from medpol.claims.refused import ClaimsRefused, TooManyRejects
from medpol.claims.sources import ClaimInput
from medpol.decide.engines.run.asked import Asked as RunAsked
from medpol.decide.engines.run.disk import Disk
from medpol.decide.engines.run.running import Means, decide_claims

D = Decimal
MANY = (
    line(1),
    line(2, allowed_amount="20.50"),
    line(3, member_id="M0002"),
    line(4, code="G0283"),  # nothing names it
    line(5, "2024-04-30"),  # before the policy
    line(6, allowed_amount=None),
    line(7, member_id=None),
)


def test_the_cross_table_is_the_one_worked_out_by_hand() -> None:
    found = impact(library(INVESTIGATIONAL), library(NECESSARY), MANY)
    # 1, 2, 3, 6 and 7 are for needling in force; 2 and 3 are one member, 7 names none, 6 states no amount
    assert cells(found) == {
        ("not_covered", "covered"): (5, 5, 3, D("200.50")),
        ("not_addressed", "not_addressed"): (2, 2, 2, D("120.00")),
    }
    assert (found.outcome_changed.lines, found.outcome_changed.allowed_missing) == (5, 1)
    assert found.otherwise_changed.lines == 0
    assert (found.read.rows, found.read.lines, found.read.without_member, found.read.allowed_missing) == (7, 7, 1, 1)


def test_lines_that_are_not_final_are_counted_and_left_out_of_members_and_dollars() -> None:
    rows = [
        line(1),
        line(2, claim_id="C0002", x_claim_frequency_code="7", x_original_claim_id="C0001", allowed_amount="75.00"),
        line(3),
        line(4, claim_id="C0004", x_claim_frequency_code="8", x_original_claim_id="C0003"),
    ]
    found = impact(library(INVESTIGATIONAL), library(NECESSARY), rows)
    assert cells(found) == {("not_covered", "covered"): (4, 1, 1, D("75.00"))}
    assert {each.final_status: each.lines for each in found.read.not_final} == {"replaced": 1, "void": 2}
    assert (found.reviews.before, found.reviews.after, found.reviews.not_covered_before) == (1, 0, D("75.00"))


def test_what_waits_for_facts_is_an_outcome_of_its_own() -> None:
    found = impact(library(INVESTIGATIONAL), library(CONDITIONAL), [line(1), line(2)])
    assert cells(found) == {("not_covered", "information_needed"): (2, 2, 2, D("120.00"))}
    assert (found.reviews.waiting_before, found.reviews.waiting_after, found.reviews.after) == (0, 2, 0)
    assert any("2 final lines" in each and "wait" in each for each in found.cannot_know)


def test_care_outside_of_the_days_asked_for_is_counted_and_not_compared() -> None:
    rows = [line(1, "2025-02-28"), line(2, "2025-03-01"), line(3, "2025-03-31"), line(4, "2025-04-01")]
    found = impact(
        library(INVESTIGATIONAL), library(NECESSARY), rows, first_day=date(2025, 3, 1), last_day=date(2025, 3, 31)
    )
    assert (found.read.outside, found.read.lines) == (2, 2)
    assert (found.read.first_day, found.read.last_day) == (date(2025, 3, 1), date(2025, 3, 31))


def test_days_without_any_care_compare_nothing() -> None:
    found = impact(library(INVESTIGATIONAL), library(NECESSARY), [line(1)], first_day=date(2030, 1, 1))
    assert (found.outcomes, found.read.lines, found.read.outside, found.changed_lines) == ((), 0, 1, 0)


def test_another_reason_for_the_same_outcome_is_told_apart() -> None:
    archived = "---\npolicy: EX-1\ntitle: Needles\narchived: 2025-01-01\npublished: 2024-12-01\n---\n\n# Needles\n"
    early = {"EX-1/2024-05-01.md": policy(head="lines of business: {out: [commercial]}")}
    found = impact(early, {**early, "EX-1/2025-01-01.md": archived}, [line(1)])
    assert (found.outcome_changed.lines, found.otherwise_changed.lines) == (0, 1)
    assert [(each.reason_before, each.reason_after) for each in found.turns] == [
        ("line-of-business-out-of-scope", "archived")
    ]


def test_each_line_that_is_shown_says_why_under_both_plans_and_names_nobody() -> None:
    found = impact(library(INVESTIGATIONAL), library(NECESSARY), [line(1), line(2)])
    first = found.examples[0]
    assert (first.before.reason_key, first.after.outcome) == ("position-unconditional", "covered")
    assert first.before.sentences[0].text == "Needling is investigational."
    assert first.after.sentences[0].file == "EX-1/2024-05-01.md"
    assert (first.member_id, first.claim_id, first.date_of_service) == (None, None, None)
    assert first.like_it == 2


def test_lines_are_named_where_that_is_asked_for() -> None:
    found = impact(library(INVESTIGATIONAL), library(NECESSARY), [line(1)], {"with_lines": True})
    first = found.examples[0]
    assert (first.claim_id, first.member_id, first.date_of_service) == ("C0001", "M0001", date(2025, 3, 1))


def test_every_kind_of_change_is_shown_before_a_second_line_of_any_and_the_rest_is_counted() -> None:
    before = {
        **library(INVESTIGATIONAL),
        "EX-2/2024-05-01.md": policy(number="EX-2", codes="| b | CPT | 20552 | governed | | |"),
    }
    rows = [line(1), line(2, allowed_amount="90.00"), line(3), line(4, code="20552", allowed_amount="1.00")]
    found = impact(before, library(NECESSARY), rows, {"examples": 2})
    assert [(each.code, each.allowed_amount) for each in found.examples] == [
        ("20560", D("90.00")),
        ("20552", D("1.00")),
    ]
    assert found.unexplained == 2


def test_tables_tell_by_code_provider_line_and_month() -> None:
    rows = [
        line(1, billing_npi="1234567893"),
        line(2, "2025-04-02", billing_npi="1234567893"),
        line(3, code="G0283", x_line_of_business="medicare advantage"),
    ]
    found = impact(library(INVESTIGATIONAL), library(NECESSARY), rows)
    told = {
        each.name: {row.key: (row.final_lines, row.changed_lines, row.changed_allowed) for row in each.rows}
        for each in found.breakdowns
    }
    assert told["code"] == {"20560": (2, 2, D("120.00")), "G0283": (1, 0, D(0))}
    assert told["billing_provider"] == {"1234567893": (2, 2, D("120.00")), None: (1, 0, D(0))}
    assert told["line_of_business"] == {"commercial": (2, 2, D("120.00")), "medicare_advantage": (1, 0, D(0))}
    assert told["month"] == {"2025-03": (2, 1, D("60.00")), "2025-04": (1, 1, D("60.00"))}


def test_a_line_of_business_that_one_library_alone_declares_is_known_to_it_alone() -> None:
    scoped = {"EX-1/2024-05-01.md": policy(head="lines of business: {out: [worksite]}")}
    after = {**scoped, "medpol.toml": 'lines_of_business = ["worksite"]\n'}
    before = {"EX-1/2024-05-01.md": policy(head="lines of business: {out: [medicaid]}")}
    found = impact(before, after, [line(1, x_line_of_business="worksite")])
    assert [(each.before, each.after) for each in found.outcomes] == [("information_needed", "not_addressed")]


def test_libraries_with_other_code_systems_are_refused() -> None:
    other = {**library(NECESSARY), "medpol.toml": '[code_systems]\nLAB = { shape = "LAB[0-9]{3}" }\n'}
    with pytest.raises(ClaimsRefused, match="code systems"):
        impact(library(INVESTIGATIONAL), other, [line(1)])


def test_too_many_rejects_end_it() -> None:
    with pytest.raises(TooManyRejects):
        impact(library(INVESTIGATIONAL), library(NECESSARY), [line(1), line(2, claim_line_start_date="soon")])


# ---------------------------------------------------------------------------- small cells


def test_small_cells_are_put_together_until_nobody_is_found_in_them() -> None:
    rows = [*(line(number) for number in range(1, 13)), line(20, code="G0283"), line(21, code="G0283")]
    found = impact(library(INVESTIGATIONAL), library(NECESSARY), rows, {"smallest_cell": 11})
    assert [(each.before, each.lines, each.members, each.together) for each in found.outcomes] == [(None, 14, 14, 2)]
    by_code = next(each for each in found.breakdowns if each.name == "code")
    assert [(each.key, each.final_lines, each.together) for each in by_code.rows] == [(None, 14, 2)]


def test_no_line_of_too_small_a_kind_is_shown() -> None:
    found = impact(library(INVESTIGATIONAL), library(NECESSARY), [line(1), line(2)], {"smallest_cell": 3})
    assert (found.examples, found.unexplained) == ((), 2)


def test_cells_large_enough_are_left_as_they_are() -> None:
    rows = [line(number) for number in range(1, 12)]
    least = impact(library(INVESTIGATIONAL), library(NECESSARY), rows, {"smallest_cell": 11})
    assert cells(least) == cells(impact(library(INVESTIGATIONAL), library(NECESSARY), rows))


# ---------------------------------------------------------------------------- laws

PLANS = [
    desk(library(each))
    for each in (INVESTIGATIONAL, NECESSARY, CONDITIONAL, "Needling is **not medically necessary**.")
]
ROWS = st.lists(
    st.builds(
        dict,
        claim_line_start_date=st.sampled_from(("2024-04-30", "2024-05-01", "2025-03-01", "2025-04-09")),
        hcpcs_code=st.sampled_from(("20560", "G0283", "20552", None)),
        member_id=st.sampled_from(("M1", "M2", "M3", None)),
        allowed_amount=st.sampled_from(("0.00", "19.99", "60.00", "1500.00", None)),
        x_line_of_business=st.sampled_from(("commercial", "medicare advantage", None)),
        x_claim_frequency_code=st.sampled_from((None, None, "8")),
    ),
    min_size=1,
    max_size=12,
).map(lambda drawn: [line(number) | each for number, each in enumerate(drawn, 1)])
PLAN = st.sampled_from(PLANS)


@settings(max_examples=12, deadline=None)
@given(PLAN, PLAN, ROWS)
def test_every_line_is_in_one_cell_and_every_table_adds_up_to_the_whole(before, after, rows) -> None:  # type: ignore[no-untyped-def]
    found = impact(before, after, rows, {"examples": 3})
    assert sum(each.lines for each in found.outcomes) == found.read.lines == len(rows)
    assert sum(each.final_lines for each in found.outcomes) == found.read.final_lines
    assert sum(each.allowed_amount for each in found.outcomes) == found.read.allowed_amount
    assert found.read.final_lines + sum(each.lines for each in found.read.not_final) == found.read.lines
    assert sum(each.lines for each in found.turns) == found.changed_lines == len(found.examples) + found.unexplained
    changed = sum(each.final_lines for each in found.turns)
    for breakdown in found.breakdowns:
        assert sum(each.final_lines for each in breakdown.rows) == found.read.final_lines
        assert sum(each.changed_lines for each in breakdown.rows) == changed
        assert sum(each.reviews_before for each in breakdown.rows) == found.reviews.before
        assert sum(each.not_covered_after for each in breakdown.rows) == found.reviews.not_covered_after
    assert sum(each.reviews_after for each in found.bands) == found.reviews.after
    assert found.reviews.before + found.reviews.added - found.reviews.saved == found.reviews.after


@settings(max_examples=8, deadline=None)
@given(PLAN, PLAN, ROWS)
def test_exchanging_the_two_libraries_transposes_the_table(before, after, rows) -> None:  # type: ignore[no-untyped-def]
    one, other = impact(before, after, rows, {"examples": 0}), impact(after, before, rows, {"examples": 0})
    assert cells(one) == {(there, here): held for (here, there), held in cells(other).items()}
    assert (one.reviews.added, one.reviews.saved) == (other.reviews.saved, other.reviews.added)
    assert one.reviews.break_even == other.reviews.break_even


@settings(max_examples=6, deadline=None)
@given(PLAN, ROWS)
def test_a_plan_against_itself_changes_nothing(plan, rows) -> None:  # type: ignore[no-untyped-def]
    found = impact(plan, plan, rows)
    assert (found.changed_lines, found.turns, found.examples) == (0, (), ())
    assert all(before == after for before, after in cells(found))
    assert (found.reviews.added, found.reviews.saved, found.reviews.break_even) == (0, 0, None)


@settings(max_examples=6, deadline=None)
@given(PLAN, PLAN, ROWS)
def test_the_parts_in_which_lines_are_compared_change_nothing(before, after, rows) -> None:  # type: ignore[no-untyped-def]
    whole, parted = impact(before, after, rows), impact(before, after, rows, lines_per_part=2)
    assert (whole.outcomes, whole.turns, whole.breakdowns) == (parted.outcomes, parted.turns, parted.breakdowns)
    assert (whole.reviews, whole.bands, whole.examples) == (parted.reviews, parted.bands, parted.examples)


@pytest.mark.parametrize("plan", PLANS)
def test_each_side_is_what_a_plain_run_gives(plan, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    rows = [*MANY, line(9, x_claim_frequency_code="8", x_original_claim_id="C0001")]
    path = write_csv(tmp_path / "claims.csv", rows, COLUMNS)
    run = decide_claims(RunAsked((ClaimInput(path),), KNOWN_ON), plan, Disk(tmp_path / "run"), Means())
    plain = {each["outcome"]: (each["lines"], D(each["allowed_amount"])) for each in run["final"]["outcomes"]}
    found = impact(plan, PLANS[0], rows), impact(PLANS[0], plan, rows)
    assert plain == _sums(found[0], "before") == _sums(found[1], "after")


def _sums(found, side: str) -> dict[str, tuple[int, Decimal]]:  # type: ignore[no-untyped-def]
    lines: Counter[str] = Counter()
    dollars: dict[str, Decimal] = {}
    for each in found.outcomes:
        outcome = getattr(each, side)
        lines[outcome] += each.final_lines
        dollars[outcome] = dollars.get(outcome, D(0)) + each.allowed_amount
    return {outcome: (count, dollars[outcome]) for outcome, count in lines.items() if count}
