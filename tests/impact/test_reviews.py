"""Reviews, their cost, and the cost at which a change pays: by hand, by law, and for the case that the seed tells of."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.impact.making import INVESTIGATIONAL, NECESSARY, impact, library, line
from tests.support import policy

from medpol.decide.one import Desk
from medpol.decide.plan import compile_library
from medpol.impact.reviews import break_even, break_even_words
from medpol.library import SHIPPED, load, read_library

D = Decimal
REFERS = "Needling is **individual consideration**."
AUTHORISED = (
    "### Coverage\n\nServices: `needling`\n\nNeedling is **medically necessary**.\n\n"
    "### Authorisation\n\nServices: `needling`\n\nNeedling is **prior authorization required**."
)


def test_reviews_and_their_cost_are_those_worked_out_by_hand() -> None:
    rows = [line(1), line(2, claim_id="C0001", claim_line_number="2"), line(3, allowed_amount="30.00")]
    found = impact(library(NECESSARY), library(INVESTIGATIONAL), rows, {"review_cost": D("42.00")}).reviews
    assert (found.before, found.after, found.added, found.saved) == (0, 3, 3, 0)
    assert (found.claims_before, found.claims_after) == (0, 2)
    assert (found.not_covered_before, found.not_covered_after) == (D(0), D("150.00"))
    assert (found.cost_before, found.cost_after, found.net) == (D(0), D("126.00"), D("24.00"))
    assert found.break_even == D("50.00")
    assert (found.under_cost_before, found.under_cost_after) == (0, 1)


def test_a_referral_is_a_review_and_its_dollars_are_not_counted_as_kept() -> None:
    found = impact(library(NECESSARY), library(REFERS), [line(1)], {"review_cost": D(42)}).reviews
    assert (found.after, found.allowed_after, found.not_covered_after) == (1, D("60.00"), D(0))
    assert (found.net, found.break_even) == (D("-42"), D("0.00"))


def test_a_line_that_is_covered_and_needs_authorisation_is_a_review() -> None:
    found = impact(library(NECESSARY), library(AUTHORISED), [line(1)])
    assert (found.outcome_changed.lines, found.otherwise_changed.lines) == (0, 1)
    assert (found.reviews.before, found.reviews.after) == (0, 1)
    assert [(each.authorization_before, each.authorization_after) for each in found.turns] == [(None, "required")]


def test_nothing_is_said_of_cost_where_none_is_given() -> None:
    found = impact(library(NECESSARY), library(INVESTIGATIONAL), [line(1)]).reviews
    assert (found.cost_before, found.net, found.under_cost_after) == (None, None, None)
    assert found.break_even == D("60.00")


def test_reviews_are_told_by_the_allowed_amount_of_their_line() -> None:
    amounts = ("-1.00", "0.00", "24.99", "25.00", "49.99", "99.99", "100.00", "999.99", "1000.00", None)
    rows = [line(at, allowed_amount=each, charge_amount="5000.00") for at, each in enumerate(amounts[1:], 1)]
    found = impact(library(INVESTIGATIONAL), library(NECESSARY), rows)
    assert [(each.at_least, each.under, each.reviews_before, each.reviews_after) for each in found.bands] == [
        (D(0), D(25), 2, 0),
        (D(25), D(50), 2, 0),
        (D(50), D(100), 1, 0),
        (D(100), D(250), 1, 0),
        (D(250), D(1000), 1, 0),
        (D(1000), None, 1, 0),
        (None, None, 1, 0),
    ]


# ---------------------------------------------------------------------------- the case of the seed


def shipped(*without: str) -> Desk:
    """The shipped library without some of its versions."""
    held = load(SHIPPED)
    return Desk(
        compile_library(read_library({path: text.encode() for path, text in held.texts.items() if path not in without}))
    )


AFTERWARDS = ("2.01.100/2020-03-01.md", "2.01.100/2023-12-07.md", "2.01.100/2024-07-01.md")


def test_archiving_for_many_low_dollar_reviews_is_made_visible() -> None:
    """Two hundred small claims of 2020, between the day of archiving and the day of reinstatement."""
    rows = [
        line(at, f"2020-{4 + at % 9:02}-15", ("20560", "20561")[at % 2], allowed_amount=f"{25 + at % 20}.00")
        for at in range(200)
    ]
    kept, archived = shipped(*AFTERWARDS), shipped()
    found = impact(kept, archived, rows, {"review_cost": D("42.00")})
    assert [(each.before, each.after, each.lines) for each in found.outcomes] == [("not_covered", "not_addressed", 200)]
    assert {each.reason_after for each in found.turns} == {"archived"}
    allowed = sum(25 + at % 20 for at in range(200))
    reviews = found.reviews
    assert (reviews.saved, reviews.added, reviews.not_covered_before) == (200, 0, D(allowed))
    assert reviews.break_even == D(allowed) / 200 == D("34.5")
    assert reviews.net == 200 * D(42) - allowed
    assert (reviews.under_cost_before, reviews.under_cost_after) == (170, 0)
    assert "worth it where a review costs more than $34.50" in reviews.says


def test_before_it_was_archived_the_policy_was_the_same_with_and_without_it() -> None:
    found = impact(shipped(*AFTERWARDS), shipped(), [line(1, "2020-02-29"), line(2, "2019-12-31")])
    assert found.changed_lines == 0


def test_claims_of_another_line_than_the_policy_speaks_for_are_no_reviews() -> None:
    found = impact(shipped(), shipped(*AFTERWARDS), [line(1, "2020-05-01", x_line_of_business="medicare advantage")])
    assert (found.reviews.before, found.reviews.after, found.outcome_changed.lines) == (0, 0, 0)


# ---------------------------------------------------------------------------- the break-even

CENTS = st.integers(-(10**9), 10**9).map(lambda cents: D(cents) / 100)


@given(st.integers(-10_000, 10_000), CENTS)
def test_at_the_break_even_the_change_costs_what_it_saves_to_the_cent(reviews: int, dollars: Decimal) -> None:
    cost = break_even(reviews, dollars)
    if cost is None:
        assert reviews == 0 or dollars / reviews < 0
    else:
        assert cost >= 0
        assert abs(dollars - cost * reviews) <= abs(reviews) * D("0.005")
        assert break_even(-reviews, -dollars) == cost


@pytest.mark.parametrize(
    ("reviews", "dollars", "words"),
    [
        (0, 0, "does not matter"),
        (0, 5, "$5.00 more are not covered"),
        (0, -5, "$5.00 less are not covered"),
        (2, 100, "2 reviews more keep $100.00 from being allowed: worth it while a review costs less than $50.00"),
        (-1, -40, "1 review fewer let $40.00 be allowed: worth it where a review costs more than $40.00"),
        (2, -100, "costs more at any cost of a review"),
        (-2, 100, "saves at any cost of a review"),
    ],
)
def test_the_break_even_is_said_in_a_sentence(reviews: int, dollars: int, words: str) -> None:
    assert words in break_even_words(reviews, D(dollars))


def test_a_policy_of_several_codes_is_counted_by_lines() -> None:
    codes = "| needling | CPT | 20560 | governed | | |\n| needling | CPT | 20561 | governed | | |"
    held = {"EX-1/2024-05-01.md": policy(codes=codes)}
    found = impact(held, library(NECESSARY), [line(1), line(2, code="20561")]).reviews
    assert (found.before, found.after) == (2, 0)
