"""Quantities: exact conversions, and comparisons that say when the length of a month would decide."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medpol.model.quantities import (
    COMPARISONS,
    UNITS,
    Quantity,
    canonical_unit,
    compare,
    convertible,
    parse_quantity,
    shortest,
)
from medpol.model.truth import Truth

MET, NOT_MET, UNKNOWN = Truth.MET, Truth.NOT_MET, Truth.UNKNOWN


def q(text: str) -> Quantity:
    quantity = parse_quantity(text)
    assert quantity is not None, text
    return quantity


@pytest.mark.parametrize(
    ("given_as", "expected"),
    [
        ("1.5 months", MET),
        ("1.4 months", UNKNOWN),
        ("1.3 months", NOT_MET),
        ("6 weeks", MET),
        ("42 days", MET),
        ("41 days", NOT_MET),
        ("1 year", MET),
        ("0.1 years", NOT_MET),
        ("0.125 years", MET),
    ],
)
def test_durations_against_6_weeks(given_as: str, expected: Truth) -> None:
    """1.5 months are 42 days at the least, 1.3 are 40 at the most, 1.4 may be 39 or 43."""
    assert compare(q(given_as), ">=", q("6 weeks")) is expected


def test_months_against_months_are_exact_and_years_are_twelve() -> None:
    assert compare(q("12 months"), "=", q("1 year")) is MET
    assert compare(q("18 years"), ">=", q("216 months")) is MET


def test_weeks_against_a_month_are_unknown_inside_28_to_31_days() -> None:
    assert compare(q("4 weeks"), ">=", q("1 month")) is UNKNOWN
    assert compare(q("31 days"), ">=", q("1 month")) is MET
    assert compare(q("27 days"), ">=", q("1 month")) is NOT_MET
    assert compare(q("4 weeks"), "=", q("1 month")) is UNKNOWN
    assert compare(q("4 weeks"), "!=", q("1 month")) is UNKNOWN
    assert compare(q("27 days"), "!=", q("1 month")) is MET


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1 kg", "1000 g"),
        ("2.54 cm", "1 in"),
        ("1 lb", "453.59237 g"),
        ("1 mg", "1000 mcg"),
        ("300 cells/uL", "0.3 10*9/L"),
        ("300 cells/uL", "300 10*6/L"),
        ("300 /uL", "0.3 K/uL"),
        ("1 g/dL", "1000 mg/dL"),
        ("7 days", "1 week"),
        ("24 hours", "1 day"),
    ],
)
def test_units_of_one_kind_convert_exactly(one: str, other: str) -> None:
    assert compare(q(one), "=", q(other)) is MET


def test_units_of_two_kinds_do_not_compare() -> None:
    assert not convertible("kg", "cm")
    assert not convertible("kg", None)
    assert convertible(None, None)
    assert convertible("weeks", "years")
    with pytest.raises(ValueError, match="cannot be compared"):
        compare(q("1 kg"), ">=", q("1 cm"))


@pytest.mark.parametrize(
    "text", ["", "weeks", "6 wekes", "6weeks 1", "1e3 g", "NaN", "1,000 g", "٦ weeks", "1 . 5 g", "9" * 31]
)
def test_what_is_no_quantity_is_none(text: str) -> None:
    assert parse_quantity(text) is None


@pytest.mark.parametrize(
    ("text", "shown"), [("6 week", "6 weeks"), ("50 %", "50 %"), ("1.50 ug", "1.5 mcg"), ("-3", "-3"), ("7", "7")]
)
def test_a_quantity_is_shown_in_its_canonical_unit(text: str, shown: str) -> None:
    assert str(q(text)) == shown


def test_values_that_are_no_quantity_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="closed table"):
        Quantity(Decimal(1), "wekes")
    with pytest.raises(ValueError, match="finite"):
        Quantity(Decimal("NaN"))


def test_every_unit_is_its_own_spelling() -> None:
    assert all(canonical_unit(unit) == unit for unit in UNITS)
    assert canonical_unit("toString") is None


@pytest.mark.parametrize(
    ("number", "text"), [("1.00", "1"), ("-0", "0"), ("100", "100"), ("1E+3", "1000"), ("0.010", "0.01")]
)
def test_a_number_has_one_shortest_spelling(number: str, text: str) -> None:
    assert shortest(Decimal(number)) == text


_QUANTITIES = st.builds(Quantity, st.decimals(0, 1000, places=2), st.sampled_from(["days", "weeks", "months", "years"]))


@given(_QUANTITIES, _QUANTITIES, st.sampled_from(sorted(COMPARISONS)))
def test_a_comparison_and_its_opposite_agree(one: Quantity, other: Quantity, sign: str) -> None:
    opposite = {">=": "<", "<": ">=", "<=": ">", ">": "<=", "=": "!=", "!=": "="}[sign]
    assert compare(one, sign, other) is ~compare(one, opposite, other)


@given(_QUANTITIES, _QUANTITIES, st.sampled_from(sorted(COMPARISONS)))
def test_a_comparison_is_the_same_from_either_side(one: Quantity, other: Quantity, sign: str) -> None:
    turned = {">=": "<=", "<=": ">=", ">": "<", "<": ">", "=": "=", "!=": "!="}[sign]
    assert compare(one, sign, other) is compare(other, turned, one)
