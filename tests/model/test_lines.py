"""Lines of business: one normaliser, and scopes in which Medicare is in only where it is named."""

from __future__ import annotations

import pytest

from medpol.model.lines import EVERYWHERE, LINES_OF_BUSINESS, Scope, line_scope_holds, normalise_line


@pytest.mark.parametrize(
    "text", ["Medicare Advantage", "medicare-advantage", " MEDICARE_ADVANTAGE ", "medicare  advantage"]
)
def test_a_line_is_one_name_however_it_is_spelled(text: str) -> None:
    assert normalise_line(text) == "medicare_advantage"


def test_a_line_is_of_the_closed_list_or_declared() -> None:
    assert normalise_line("veterans") is None
    assert normalise_line("Veterans", ("veterans",)) == "veterans"


def test_without_in_every_line_outside_out_is_in_but_medicare_only_where_named() -> None:
    scope = Scope(None, ("medicaid",))
    assert [line for line in LINES_OF_BUSINESS if line_scope_holds(scope, line)] == [
        "commercial",
        "individual",
        "federal_employee",
    ]
    assert line_scope_holds(Scope(("medicare_advantage",)), "medicare_advantage")
    assert not line_scope_holds(Scope(("medicare_advantage",)), "medicare")


def test_a_scope_that_says_nothing_holds_everywhere() -> None:
    assert all(line_scope_holds(EVERYWHERE, line) for line in LINES_OF_BUSINESS)
    assert EVERYWHERE.is_everything
    assert not Scope(()).is_everything
    assert not Scope(()).holds("commercial")


def test_out_wins_over_in() -> None:
    assert not Scope(("WA",), ("WA",)).holds("WA")
