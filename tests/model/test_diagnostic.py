"""Diagnostics as printed and ordered, and the name that is nearly right."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medpol.model.diagnostic import Diagnostic, Severity, Source, errors, in_order, nearest

KNOWN = ("commercial", "individual", "medicare", "medicare_advantage", "governed", "supports", "WA")


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("comercial", "commercial"),
        ("commerical", "commercial"),  # two letters changed places: one slip
        ("Commercial", "commercial"),
        ("goverend", "governed"),
        ("medicare", "medicare"),
        ("medicare_advantag", "medicare_advantage"),
        ("something else", ""),
        ("", ""),
        ("x", ""),
        ("wa", "WA"),
    ],
)
def test_the_nearest_name_is_offered_where_one_is_near_enough(name: str, near: str) -> None:
    assert nearest(name, KNOWN) == near


def test_a_tie_goes_to_the_first_in_the_alphabet_whatever_the_order_given() -> None:
    assert nearest("cat", ["hat", "bat", "rat"]) == nearest("cat", ["rat", "bat", "hat"]) == "bat"


@given(st.text("abcd", max_size=8), st.lists(st.text("abcd", min_size=1, max_size=8), max_size=6))
def test_what_is_offered_is_known_and_a_known_name_is_its_own_nearest(name: str, known: list[str]) -> None:
    assert nearest(name, known) in ("", *known)
    if name in known:
        assert nearest(name, known) == name


def test_long_names_are_not_compared_letter_by_letter() -> None:
    assert nearest("a" * 100_000, ["a" * 99_999]) == ""


def test_a_diagnostic_says_where_what_and_what_to_do() -> None:
    found = Diagnostic(
        Source("a.md", 5, 12), Severity.ERROR, "bad-date", "x is no day", "YYYY-MM-DD", "correct it", "y"
    )
    assert str(found) == (
        "a.md:5:12: error [bad-date] x is no day; expected YYYY-MM-DD\n    mend: correct it\n    near: y"
    )


def test_diagnostics_are_ordered_by_place_and_each_stands_once() -> None:
    late = Diagnostic(Source("a.md", 10, 1), Severity.WARNING, "b", "b")
    early = Diagnostic(Source("a.md", 2, 9), Severity.ERROR, "z", "z")
    assert in_order([late, early, late]) == (early, late)
    assert errors([late, early]) == (early,)
