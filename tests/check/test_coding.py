"""What the rules about codes find, and what they leave alone because real Coding tables look so."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pytest
from tests.check.example import found
from tests.check.examples.coding import CONDITIONAL, NEEDLING, NEWER, OTHER, PLAIN, SPLIT, TWO_SERVICES, needling
from tests.support import archive, policy

OLD_CODE = "needling | CPT | 20999 | governed | | 2019-12-31"
COUNTING = (
    "Needling is **medically necessary** when all of these are met:\n\n"
    "- Few sessions before. `count(sessions of needling, rolling 12 months before) <= 3`\n\n"
    "Otherwise **not medically necessary**."
)
ENDED_DIAGNOSIS = "back-pain | ICD-10-CM | M54.5 | {} | | 2021-09-30"


def when(words: str, criteria: str = CONDITIONAL) -> str:
    return f"When: its own use `{words}`\n\n{criteria}"


def names(files: Mapping[str, str], today: date | None = None) -> list[str]:
    return [each.rule for each in found(files, today)]


@pytest.mark.parametrize(
    "files",
    [
        {NEWER: needling("needling | CPT | 20560 | governed | 2025-01-01 |")},
        {NEWER: needling("needling | CPT | 20560 | governed | 2020-01-01 | 2025-01-01")},
        {NEWER: needling(NEEDLING, "needling | CPT | 20561 | governed | 2024-11-30 |")},
        {
            "EX-1/2024-10-01.md": policy(
                "2024-10-01", "2024-08-01", codes="| needling | CPT | 20560 | governed | 2025-01-01 | |"
            )
        },
        {NEWER: needling(NEEDLING, OLD_CODE, criteria=COUNTING)},
        {
            NEWER: needling(NEEDLING, "needling | CPT | 20561 | governed | 2026-01-01 |"),
            OTHER: needling("cupping | CPT | 20561 | governed | 2020-01-01 |", number="EX-2"),
        },
        {
            NEWER: needling(
                "needling | CPT | 20560 | governed | 2015-01-01 | 2019-12-31",
                "needling | CPT | 20560 | governed | 2022-01-01 |",
            )
        },
        {NEWER: needling("needling | CPT | | governed | |")},
        {"EX-1/2025-01-01.md": policy("2025-01-01", None, codes=f"| {OLD_CODE} |")},
    ],
    ids=[
        "valid from the first day",
        "valid on the first day alone",
        "before the version",
        "listed ahead",
        "an old code by which old claims are counted",
        "another policy states that it is valid",
        "ended and begun anew",
        "a service without a code",
        "a draft",
    ],
)
def test_codes_that_belong_in_their_version_are_left_alone(files: Mapping[str, str]) -> None:
    assert [each for each in names(files) if each == "code-outside-validity"] == []


def test_a_code_is_judged_by_the_rows_of_every_policy() -> None:
    other = policy(
        "2024-07-01", "2024-06-01", number="EX-2", codes="| needling | CPT | 20560 | governed | | 2024-12-31 |"
    )
    (only,) = found({NEWER: needling(NEEDLING), "EX-2/2024-07-01.md": other})
    assert (only.rule, str(only.source)) == ("code-outside-validity", f"{NEWER}:18:20")


def test_each_code_is_judged_by_itself() -> None:
    rows = ("needling | CPT | 20560 | governed | | 2024-06-30", "needling | CPT | 20561 | governed | | 2024-12-31")
    assert names({NEWER: needling(*rows)}) == ["code-outside-validity"] * 2


@pytest.mark.parametrize(
    "document",
    [
        needling(NEEDLING, "cupping | CPT | 97016 | governed | |"),
        needling(NEEDLING, "all-needling | CPT | 20560 | governed | |", criteria=TWO_SERVICES),
        needling(
            NEEDLING,
            "cupping | CPT | 97016 | governed | |",
            criteria=f"{TWO_SERVICES}\n\n### Two\n\nServices: `cupping`\n\n**Prior authorization required**.",
        ),
        needling(NEEDLING, "cupping | CPT | 97016 | informational | |", criteria=TWO_SERVICES),
    ],
    ids=[
        "one rule for every group",
        "its codes are ruled on in another group",
        "a rule on authorization",
        "not governed",
    ],
)
def test_a_group_that_some_rule_reaches_is_left_alone(document: str) -> None:
    assert names({NEWER: document}) == []


@pytest.mark.parametrize(
    "document",
    [
        needling(NEEDLING, ENDED_DIAGNOSIS.format("informational")),
        needling(
            NEEDLING, ENDED_DIAGNOSIS.format("supports"), "back-pain | ICD-10-CM | M54.5 | supports | 2024-10-01 |"
        ),
        needling(NEEDLING, "back-pain | ICD-10-CM | M54.5 | supports | | 2025-01-01"),
        needling(NEEDLING) + "\n## Definitions\n\n- `pain`: `M54.5`, `M79.18`\n",
    ],
    ids=["for information", "valid again", "ends on the first day", "no row says when"],
)
def test_lists_whose_codes_can_be_billed_are_left_alone(document: str) -> None:
    assert "codes-that-ended" not in names({NEWER: document})


def test_a_list_whose_every_code_ended_says_so() -> None:
    (only,) = found({NEWER: needling(NEEDLING, ENDED_DIAGNOSIS.format("excludes"))})
    assert only.found.startswith("every code of `back-pain` ended (M54.5)")


# ---------------------------------------------------------------------------- codes of several policies


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (needling(NEEDLING), needling(NEEDLING, number="EX-2", criteria="Needling is **not medically necessary**.")),
        (
            needling(NEEDLING, head="lines of business: {in: [commercial]}"),
            needling(NEEDLING, number="EX-2", criteria=CONDITIONAL, head="lines of business: {in: [medicaid]}"),
        ),
        (
            needling(NEEDLING, head="states: {in: [WA]}"),
            needling(NEEDLING, number="EX-2", criteria=CONDITIONAL, head="states: {out: [WA]}"),
        ),
        (
            needling(NEEDLING, head="plans: {in: [gold]}"),
            needling(NEEDLING, number="EX-2", criteria=CONDITIONAL, head="plans: {in: [silver]}"),
        ),
        (
            needling(NEEDLING, head="lines of business: {in: [medicare]}"),
            needling(NEEDLING, number="EX-2", criteria=CONDITIONAL, head="lines of business: {out: [medicaid]}"),
        ),
        (
            needling(NEEDLING, criteria=when('service.place = "11"', PLAIN)),
            needling(NEEDLING, number="EX-2", criteria=when('service.place = "12"')),
        ),
        (
            needling(NEEDLING, criteria=when("age < 18 years")),
            needling(NEEDLING, number="EX-2", criteria=when("age >= 18 years")),
        ),
        (
            needling(NEEDLING, criteria=when('diagnosis in ("M54.2", "M54.50")')),
            needling(NEEDLING, number="EX-2", criteria=when('diagnosis in ("M72.2", "M77.3")')),
        ),
        (
            needling(NEEDLING, criteria=when('diagnosis in ("M54.2")', PLAIN)),
            needling(NEEDLING, number="EX-2", criteria=when('diagnosis not in ("M54.2")')),
        ),
        (
            needling(NEEDLING, criteria=f"Dates of service: before 2026-01-01\n\n{PLAIN}"),
            needling(NEEDLING, number="EX-2", criteria=f"Dates of service: from 2026-01-01\n\n{CONDITIONAL}"),
        ),
        (
            needling(NEEDLING, "back | ICD-10-CM | M54.2 | excludes | |"),
            needling(NEEDLING, number="EX-2", criteria=CONDITIONAL),
        ),
        (
            needling(NEEDLING),
            needling(NEEDLING, number="EX-2", criteria="**Prior authorization required** for needling."),
        ),
    ],
    ids=[
        "one outcome",
        "other lines",
        "other states",
        "other plans",
        "the Medicare family is out where nobody names it",
        "places apart",
        "ages apart",
        "diagnoses apart",
        "one diagnosis and all others",
        "days apart",
        "the policy says where it does not speak",
        "authorization alone",
    ],
)
def test_two_policies_that_cannot_disagree_may_share_a_code(one: str, other: str) -> None:
    assert {"unconditional-on-shared-code", "code-in-two-policies"} & set(names({NEWER: one, OTHER: other})) == set()


def test_a_text_that_was_replaced_or_archived_shares_no_code_today() -> None:
    other = needling(NEEDLING, number="EX-2", criteria=CONDITIONAL)
    assert (
        names({NEWER: needling(NEEDLING), "EX-1/2025-03-01.md": archive("2025-03-01", "2025-02-01"), OTHER: other})
        == []
    )
    later = needling("needling | CPT | 20561 | governed | |").replace("2025-01-01", "2025-03-01")
    assert names({NEWER: needling(NEEDLING), "EX-1/2025-03-01.md": later, OTHER: other}) == []


def test_whens_that_may_hold_together_are_no_parting() -> None:
    one = needling(NEEDLING, criteria=when('diagnosis in ("M54.2", "M72.2")'))
    other = needling(NEEDLING, number="EX-2", criteria=when('diagnosis in ("M72.2", "M77.3")'))
    (only,) = found({NEWER: one, OTHER: other})
    assert only.rule == "code-in-two-policies"
    assert f"policy EX-1 ({NEWER}:" in only.found


def test_codes_shared_by_the_same_two_policies_give_one_finding() -> None:
    rows = (NEEDLING, "needling | CPT | 20561 | governed | |")
    one, other = needling(*rows), needling(*rows, number="EX-2", criteria=CONDITIONAL)
    assert names({NEWER: one, OTHER: other}) == ["unconditional-on-shared-code"]


def test_in_every_case_says_which_rule_of_a_policy_wins() -> None:
    criteria = SPLIT.replace("is **investigational**", "is **investigational** in every case", 1)
    assert names({NEWER: needling(NEEDLING, "cupping | CPT | 20560 | governed | |", criteria=criteria)}) == []


def test_a_code_in_very_many_policies_is_named_with_a_few() -> None:
    files = {
        f"EX-{at}/2025-01-01.md": needling(NEEDLING, number=f"EX-{at}", criteria=CONDITIONAL) for at in range(10, 80)
    }
    held = found(files)
    assert {each.rule for each in held} == {"code-in-two-policies"}
    assert len(held) == len(files) - 1
    assert held[-1].found.count("policy EX-") == 3
