"""Criteria that leave a case without a position, contradict each other, or ask an open list what it cannot tell."""

from __future__ import annotations

import pytest
from tests.check.written import findings, one_item
from tests.support import library, policy

from medpol.check import check_library

UNMET, NEVER, OPEN, QUALIFIER = (
    ("otherwise-missing",),
    ("criteria-never-met",),
    ("open-list-decides-negative",),
    ("qualifier-not-read",),
)
FIRST = "Services: `needling`\n\n{lines}Needling is **medically necessary** when all of these are met:\n\n- {item}"


def rules(*bodies: str) -> str:
    return "\n\n".join(f"### Rule {at}\n\n{body}" for at, body in enumerate(bodies, 1))


def favourable(item: str = "It is the arm.", lines: str = "") -> str:
    return FIRST.format(item=item, lines=lines)


def other(words: str, lines: str = "") -> str:
    return f"Services: `needling`\n\n{lines}{words}"


@pytest.mark.parametrize(
    "criteria",
    [
        one_item("It is the arm."),
        "Needling is **medically necessary**.",
        "Needling is **investigational** when all of these are met:\n\n- It is the arm.",
        "**Prior authorization required** when all of these are met:\n\n- It is the arm.",
        "Needling is **refer to a medical director** when all of these are met:\n\n- It is the arm.",
        rules(favourable(), other("Needling is **investigational**.")),
        rules(favourable(), favourable("It is the leg.") + "\n\nOtherwise **investigational**."),
        rules(
            favourable("Therapy was tried. `therapy.duration >= 6 weeks`"),
            other("Needling is **investigational** when therapy was short. `therapy.duration < 6 weeks`"),
        ),
        rules(
            favourable("A band is felt. `band`"),
            other("Needling is **investigational** when the first rule is not met. `not criteria(rule-1)`"),
        ),
        rules(
            favourable("A band is felt. `band`", "When: in adults `age >= 18 years`\n\n"),
            other("Needling is **investigational**.", "When: in adults, as well `age >= 18 years`\n\n"),
        ),
        rules(
            favourable("A band is felt. `band`"),
            other("Needling is **investigational**.", "When: in adults `age >= 18 years`\n\n"),
            other("Needling is **not covered**.", "When: in children `age < 18 years`\n\n"),
        ),
        rules(
            favourable("A band is felt. `band`", "Dates of service: from 2025-07-01\n\n"),
            other("Needling is **investigational**.", "Dates of service: from 2025-01-01\n\n"),
        ),
    ],
)
def test_criteria_that_fail_into_a_position_are_no_finding(criteria: str) -> None:
    assert findings(criteria, UNMET) == []


@pytest.mark.parametrize(
    ("criteria", "number"),
    [
        ("Needling is **medically necessary** when all of these are met:\n\n- It is the arm.", 1),
        ("Needling is **medically necessary** in the arm. `band`", 1),
        ("Needling is **reconstructive** when any of these are met:\n\n- It is the arm.\n\nUnless it hurts.", 1),
        (rules(favourable(), favourable("It is the leg.")), 2),
        (
            rules(
                favourable("Therapy was tried. `therapy.duration >= 6 weeks`"),
                other("Needling is **investigational** when therapy was short. `therapy.duration < 4 weeks`"),
            ),
            1,
        ),
        (
            rules(
                favourable("A band is felt. `band`"),
                other("Needling is **investigational**.", "When: in children `age < 18 years`\n\n"),
            ),
            1,
        ),
        (
            rules(
                favourable("A band is felt. `band`"),
                other("Needling is **investigational**.", "Dates of service: from 2025-07-01\n\n"),
            ),
            1,
        ),
        (rules(favourable(), other("**Prior authorization required** for every session.")), 1),
    ],
)
def test_criteria_that_fail_into_nothing_are_found(criteria: str, number: int) -> None:
    assert len(findings(criteria, UNMET)) == number


@pytest.mark.parametrize(
    "item",
    [
        "An adult under 65. `age >= 18 years and age < 65 years`",
        'Two muscles\' pain. `diagnosis in muscle-pain and diagnosis in ("M54.2")`',
        "Failed or unsuitable. `therapy.outcome = failed or therapy.outcome = unsuitable`",
        "Exactly 6 weeks. `therapy.duration >= 6 weeks and therapy.duration <= 6 weeks`",
        "Between one month and 29 days. `therapy.duration >= 1 months and therapy.duration <= 29 days`",
        "For children, of course. `if age < 18 years then age >= 2 years`",
    ],
)
def test_criteria_that_somebody_can_meet_are_no_finding(item: str) -> None:
    assert findings(one_item(item), NEVER) == []


def test_a_contradiction_is_found_at_its_second_sentence_and_names_the_first() -> None:
    (only,) = findings(
        one_item(
            "Therapy failed. `therapy.outcome = failed`\n- It is the arm.\n- It helped. `therapy.outcome = helped`"
        ),
        NEVER,
    )
    assert only == "16:3 criteria-never-met: this and line 14 can never hold together: nobody meets the rule"


def test_a_sentence_that_contradicts_itself_and_a_when_that_criteria_exclude_are_found() -> None:
    (only,) = findings(one_item("It is so. `therapy.duration < 2 weeks and therapy.duration > 6 weeks`"), NEVER)
    assert only.startswith("14:3 criteria-never-met: this can never hold")
    body = favourable("The patient is 65. `age >= 65 years`", "When: in children `age < 18 years`\n\n")
    (other_one,) = findings(rules(body + "\n\nOtherwise **investigational**."), NEVER)
    assert other_one.startswith("20:3 criteria-never-met: this and line 16 ")


@pytest.mark.parametrize(
    "item",
    [
        "It is unsafe. `diagnosis in unsafe`",
        "Two ended so. `count(sessions of needling where ended in unsafe, lifetime before) >= 2`",
        "It is no muscle pain. `diagnosis not in muscle-pain`",
        "If it is unsafe, a band is felt. `not band or diagnosis in unsafe`",
        "None of these:\n  - muscle pain `diagnosis in muscle-pain`\n  - not unsafe `diagnosis not in unsafe`",
    ],
)
def test_an_open_list_asked_for_what_is_in_it_is_no_finding(item: str) -> None:
    assert findings(one_item(item), OPEN) == []


@pytest.mark.parametrize(
    "item",
    [
        "It is safe. `diagnosis not in unsafe`",
        "It is safe. `not (diagnosis in unsafe or band)`",
        "None of these:\n  - it is unsafe `diagnosis in unsafe`",
        "Where it is unsafe, a band is felt. `if diagnosis in unsafe then band`",
        "At most one ended so. `count(sessions of needling where ended in unsafe, lifetime before) <= 1`",
        "Two ended otherwise. `count(sessions of needling where ended not in unsafe, lifetime before) >= 2`",
        "Where it is unsafe, any of these: `if diagnosis in unsafe`\n  - a band is felt `band`",
    ],
)
def test_an_open_list_asked_for_a_negative_is_found(item: str) -> None:
    (only,) = findings(one_item(item), OPEN)
    assert "unsafe is open" in only
    assert only.endswith("what this asks for is never settled")


def test_an_unfavourable_rule_that_excludes_by_an_open_list_is_found() -> None:
    criteria = rules(
        other("Needling is **medically necessary**."), other("**Not covered** when unsafe. `diagnosis in unsafe`")
    )
    (only,) = findings(criteria, OPEN)
    assert "for ever" in only


@pytest.mark.parametrize(
    "statement",
    [
        "Needling is **investigational**.",
        "Needling of trigger points is **investigational** in every case.",
        "Needling is regarded as an **investigational** service.",
        "Needling, also known as a stab, is **investigational**.",
        "A needle used to loosen muscles is **investigational**.",
        "Needling for pain is **medically necessary** when all of these are met:\n\n- Pain lasts.",
        "Needling for the treatment of migraine is **medically necessary** when all of these are met:\n\n- Migraine is known.",
        "Needling for the treatment of migraine is **medically necessary** when all of these are met:"
        "\n\n- The code fits. `diagnosis in muscle-pain`",
        "Needling for the treatment of migraine is **medically necessary** when all of these are met:"
        "\n\n- The condition is proven.",
    ],
)
def test_a_statement_that_nothing_narrows_or_whose_condition_is_asked_is_no_finding(statement: str) -> None:
    assert findings(statement, QUALIFIER) == []


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("Needling is **investigational** until a trial reports.", "until a trial reports"),
        ("Needling is **medically necessary** where the muscle is tight.", "where the muscle is tight"),
        ("Needling is **medically necessary** as long as it helps.", "as long as it helps"),
        ("Needling is **not covered** while the muscle heals.", "while the muscle heals"),
        ("Needling, in the absence of infection, is **medically necessary**.", "in the absence of infection,"),
        ("Needling in adults is **investigational**.", "in adults"),
        ("Needling used on the back is **investigational**.", "used on the back"),
        ("Needling is **investigational** as a first treatment.", "as a first treatment"),
        ("Needling asked for by patients who smoke is **investigational**.", "for by patients who smoke"),
        (
            "Needling for the treatment of migraine is **medically necessary** when all of these are met:"
            "\n\n- A band is felt. `band`",
            "for the treatment of migraine",
        ),
        (
            "Needling in patients with chronic migraine is **medically necessary** where a band is felt. `band`",
            "in patients with chronic migraine",
        ),
    ],
)
def test_words_that_narrow_a_statement_are_found_at_their_place(statement: str, words: str) -> None:
    (only,) = findings(statement, QUALIFIER)
    assert f'"{words}"' in only
    assert only.startswith(f"12:{statement.index(words) + 1} ")


@pytest.mark.parametrize(
    ("label", "found"), [("needles in the muscles of the back", 0), ("needles in the muscles", 1), ("", 1)]
)
def test_words_that_the_label_of_the_service_has_narrow_nothing(label: str, found: int) -> None:
    code = f"| needling | CPT | 20560 | governed | | | {label} |"
    text = policy(criteria="Needles in the back are **investigational**.", codes=code).replace(
        "| To |", "| To | Our label |"
    )
    text = text.replace("|---|---|---|---|---|---|", "|---|---|---|---|---|---|---|")
    told = check_library(library({"EX-1/2024-05-01.md": text})).found
    assert [each.rule for each in told] == ["qualifier-not-read"] * found


def test_a_rule_of_very_many_thresholds_is_left_alone() -> None:
    items = "\n".join(f"- Week {at}. `therapy.duration >= {at} weeks`" for at in range(1, 400))
    never = "- Short. `therapy.duration < 1 weeks`"
    criteria = f"Needling is **medically necessary** when all of these are met:\n\n{items}\n{never}"
    assert findings(criteria, NEVER) == []
