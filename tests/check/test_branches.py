"""Date branches: which days are in no rule, in two rules, or before the version; and which are nobody's business."""

from __future__ import annotations

import pytest
from tests.check.example import found
from tests.support import policy

NAMES = {"boundary-day-lost", "days-in-no-rule", "days-in-two-rules", "branch-before-first-day"}
CRITERIA = "Needling is **medically necessary** when all of these are met:\n\n- It is the {where}.\n\nOtherwise **not covered**."
PLAIN = "Needling is **{position}**."


def branch(name: str, dates: str, words: str, when: str = "") -> str:
    lines = f"Dates of service: {dates}\n\n" if dates else ""
    return f"### {name}\n\nServices: `needling`\n\n{when}{lines}{words}"


def told(*branches: str, first: str = "2025-01-01", following: str = "", codes: str = "") -> list[str]:
    codes = codes or "| needling | CPT | 20560 | governed | | |"
    files = {f"EX-1/{first}.md": policy(first, "2024-06-01", criteria="\n\n".join(branches), codes=codes)}
    if following:
        files[f"EX-1/{following}.md"] = policy(following, "2024-06-02")
    return [f"{each.rule}: {each.found}" for each in found(files) if each.rule in NAMES]


def two(old: str, new: str, **more: str) -> list[str]:
    return told(
        branch("Old", old, PLAIN.format(position="medically necessary")),
        branch("New", new, PLAIN.format(position="investigational")),
        **more,
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("before 2025-07-01", "from 2025-07-01"),
        ("to 2025-06-30", "from 2025-07-01"),
        ("to 2025-06-30", "after 2025-06-30"),
        ("from 2025-01-01 before 2025-07-01", "from 2025-07-01"),
        ("from 2024-01-01 to 2025-06-30", "after 2025-06-30"),
    ],
)
def test_branches_that_meet_are_no_finding(old: str, new: str) -> None:
    assert two(old, new) == []


def test_a_gap_before_the_version_or_behind_its_codes_is_nobodys_business() -> None:
    assert two("before 2025-07-01", "after 2025-07-01", first="2025-07-02") == [
        "branch-before-first-day: `before 2025-07-01` lies before 2025-07-02, the first day of this version: it answers nothing"
    ]
    ended = "| needling | CPT | 20560 | governed | | 2025-06-30 |"
    assert two("before 2025-07-01", "after 2025-07-01", codes=ended) == []


def test_a_rule_for_every_day_leaves_no_gap() -> None:
    always = branch("Always", "", PLAIN.format(position="investigational"))
    assert told(branch("Late", "from 2025-07-01", PLAIN.format(position="investigational")), always) == []


@pytest.mark.parametrize(
    ("old", "new", "days"),
    [
        ("before 2025-07-01", "after 2025-07-01", "boundary-day-lost: 2025-07-01 is in no rule"),
        ("to 2025-06-29", "from 2025-07-01", "days-in-no-rule: 2025-06-30 is in no rule"),
        ("to 2025-06-30", "from 2025-09-01", "days-in-no-rule: 2025-07-01 to 2025-08-31 are in no rule"),
        (
            "from 2025-03-01 to 2025-06-30",
            "from 2025-07-01",
            "days-in-no-rule: 2025-01-01 to 2025-02-28 are in no rule",
        ),
        (
            "to 2025-06-30",
            "from 2025-07-01 to 2025-12-31",
            "days-in-no-rule: the days from 2026-01-01 on are in no rule",
        ),
        ("to 2025-07-01", "from 2025-07-01", "days-in-two-rules: 2025-07-01 is in two rules"),
        ("to 2025-07-31", "from 2025-07-01", "days-in-two-rules: 2025-07-01 to 2025-07-31 are in two rules"),
        ("from 2025-01-01", "from 2025-07-01", "days-in-two-rules: the days from 2025-07-01 on are in two rules"),
    ],
)
def test_days_in_no_rule_and_in_two_are_named(old: str, new: str, days: str) -> None:
    (only,) = two(old, new)
    assert only.startswith(days)


def test_the_next_version_ends_what_this_one_is_asked_for() -> None:
    assert two("to 2025-06-30", "from 2025-07-01 to 2025-12-31", following="2026-01-01") == []


def test_branches_that_say_the_same_or_never_speak_of_one_case_may_share_days() -> None:
    same = PLAIN.format(position="investigational")
    assert told(branch("Old", "to 2025-07-01", same), branch("New", "from 2025-07-01", same)) == []
    adults, children = "When: in adults `age >= 18 years`\n\n", "When: in children `age < 18 years`\n\n"
    assert (
        told(
            branch("Old", "to 2025-07-01", same, adults),
            branch("New", "from 2025-07-01", PLAIN.format(position="medically necessary"), children),
        )
        == []
    )


def test_rules_of_the_same_days_and_rules_that_win_are_no_branches_of_each_other() -> None:
    exclusion = "**Investigational** when all of these are met:\n\n- It is infected."
    assert (
        told(
            branch("Cover", "from 2025-01-01", CRITERIA.format(where="arm")),
            branch("Exclude", "from 2025-01-01", exclusion),
        )
        == []
    )
    winning = "Needling is in every case **not covered**."
    assert (
        told(
            branch("Cover", "from 2025-01-01", PLAIN.format(position="medically necessary")),
            branch("Out", "from 2025-07-01", winning),
        )
        == []
    )


def test_a_lost_day_is_found_once_where_several_services_lose_it() -> None:
    codes = "| needling | CPT | 20560 | governed | | |\n| cupping | CPT | 97016 | governed | | |"
    both = [
        branch(name, dates, words).replace("Services: `needling`", "Services: `needling`, `cupping`")
        for name, dates, words in (
            ("Old", "before 2025-07-01", PLAIN.format(position="medically necessary")),
            ("New", "after 2025-07-01", PLAIN.format(position="investigational")),
        )
    ]
    assert len(told(*both, codes=codes)) == 1
