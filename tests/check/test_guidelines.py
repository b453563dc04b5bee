"""Practice guidelines: who may be listed by the document's own rule, what is old, what disagrees."""

from __future__ import annotations

import pytest
from tests.check.evidence_texts import document, guideline, guidelines, told


@pytest.mark.parametrize(
    ("rule", "issuer", "found"),
    [
        ("US professional societies, international societies with US representation, or NICE.", "other", 1),
        ("US professional societies, international societies with US representation, or NICE.", "NICE", 0),
        (
            "US professional societies, international societies with US representation, or NICE.",
            "international with US part",
            0,
        ),
        ("Only a professional society of the United States.", "international with US part", 1),
        ("US societies and government agencies.", "other", 0),
        ("US societies and any other organizations of weight.", "other", 0),
        ("Whatever the medical director likes.", "other", 0),
    ],
)
def test_the_documents_own_rule_says_who_may_be_listed(rule: str, issuer: str, found: int) -> None:
    files = document(guidelines(guideline("A Body", "neither", issuer), rule=rule))
    assert len(told(files, "guideline-not-eligible")) == found


def test_without_an_inclusion_rule_everybody_may_be_listed() -> None:
    text = guidelines(guideline("A Body", "neither", "other")).replace("Inclusion rule:", "Rule,")
    assert told(document(text), "guideline-not-eligible") == []


@pytest.mark.parametrize(("year", "found"), [(2019, 1), (2020, 0), (2025, 0), (2026, 0)])
def test_a_guideline_is_old_after_five_whole_years(year: int, found: int) -> None:
    assert len(told(document(guidelines(guideline("A Body", "neither", year=year))), "guideline-old")) == found


LISTED = "Needling is **medically necessary** when all of these are met:\n\n- It is the arm.\n\nOtherwise **{}**."


@pytest.mark.parametrize(
    ("criteria", "recommends", "found"),
    [
        ("Needling is **investigational**.", "for", 1),
        ("Needling is **not medically necessary**.", "for", 1),
        ("Needling is **investigational**.", "against", 0),
        ("Needling is **investigational**.", "neither", 0),
        ("Needling is **cosmetic**.", "for", 0),
        ("Needling is **not covered**.", "for", 0),
        ("Needling is **medically necessary**.", "for", 0),
        ("Needling is **medically necessary**.", "against", 1),
        (LISTED.format("investigational"), "for", 0),
        (LISTED.format("investigational"), "against", 0),
    ],
)
def test_a_guideline_disagrees_where_every_position_points_the_other_way(
    criteria: str, recommends: str, found: int
) -> None:
    files = document(guidelines(guideline("A Body", recommends)), criteria=criteria)
    assert len(told(files, "guideline-disagrees-with-position")) == found


def test_a_policy_that_says_both_can_agree_with_a_guideline_either_way() -> None:
    files = document(
        guidelines(guideline("A Body"), guideline("Another", "against")),
        criteria="### Arm\n\nServices: `arm`\n\nNeedling is **medically necessary**.\n\n"
        "### Leg\n\nServices: `leg`\n\nPinning is **investigational**.",
        codes="| arm | CPT | 20560 | governed | | |\n| leg | CPT | 20561 | governed | | |",
    )
    assert told(files, "guideline-disagrees-with-position") == []
