"""What a reader of the page sees and what the engine reads are the same: nothing hides a rule or turns it round."""

from __future__ import annotations

import pytest
from tests.text.documents import assert_found, criteria


@pytest.mark.parametrize(
    "line", ["Otherwise **investigational**.", "Unless it is so. `exam.band`", "When: so `exam.band`"]
)
def test_a_line_right_under_a_note_is_not_swallowed_by_it(line: str) -> None:
    before = "" if line.startswith("When") else "It is **covered** when it is so `exam.twitch`\n\n"
    after = "\n\nIt is **covered**." if line.startswith("When") else ""
    assert_found(criteria(f"{before}> a note\n¦{line}{after}"), ["soft-break"])


@pytest.mark.parametrize(
    "words", ["is ¦not", "is ¦never", "¦cannot be considered", "is ¦no longer considered", "¦isn't"]
)
def test_a_negation_in_front_of_the_position_is_an_error(words: str) -> None:
    assert_found(criteria(f"Needling {words} **medically necessary**."), ["negated-position"])


def test_a_negation_elsewhere_in_the_statement_is_let_be() -> None:
    assert_found(criteria("Needling that is not guided is **investigational**."), [])
    assert_found(criteria("Needling is **not covered**."), [])


@pytest.mark.parametrize("words", ["¦<del>gone</del>", "¦<!-- hidden -->", "a¦<br>b"])
def test_html_in_a_sentence_is_an_error(words: str) -> None:
    assert_found(
        criteria(f"It is **covered** when all of these are met:\n\n- so {words} `exam.band`"), ["html-in-criteria"]
    )


def test_an_escaped_backtick_opens_no_expression() -> None:
    assert_found(criteria("It is **covered** when all of these are met:\n\n- so \\`exam.band¦`"), ["lone-backtick"])


def test_an_otherwise_states_a_coverage_position() -> None:
    text = "It is **covered** when it is so `exam.band`\n\nOtherwise ¦**prior authorization required**."
    assert_found(criteria(text), ["bad-otherwise"])


def test_criteria_of_a_rule_that_has_none_are_refused() -> None:
    text = (
        "### One\n\nServices: `needling`\n\nIt is **investigational**.\n\n"
        "### Two\n\nServices: `guidance`\n\nIt is **covered** when so `criteria(¦one)`"
    )
    assert_found(criteria(text), ["rule-without-criteria"])


def test_criteria_through_too_many_rules_are_refused() -> None:
    rules = "\n\n".join(
        f"### Rule {at}\n\nServices: `needling`\n\nIt is **covered** when so `criteria(rule-{at + 1})`"
        for at in range(80)
    )
    last = "\n\n### Rule 80\n\nServices: `needling`\n\nIt is **covered** when so `exam.band`"
    assert_found(criteria(rules.replace("### Rule 0", "### ¦Rule 0", 1) + last), ["criteria-depth"])
