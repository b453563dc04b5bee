"""Allowances: a document keeps what a rule finds in it, with its reason, and no longer than it is found."""

from __future__ import annotations

import pytest
from tests.check.example import found
from tests.support import library, policy

from medpol.check import check_library

PATH = "EX-1/2024-05-01.md"
NARROWED = "Needling for tension headache is **investigational**."


def allowing(line: str, criteria: str = NARROWED) -> dict[str, str]:
    return {PATH: policy(head=line, criteria=criteria)}


@pytest.mark.parametrize(
    "line",
    [
        "# medpol: allow qualifier-not-read because the code is used for nothing else",
        "#medpol:allow qualifier-not-read because the code is used for nothing else.",
        "  # medpol: Allow qualifier-not-read  Because  the code is used for nothing else",
    ],
)
def test_an_allowed_finding_is_kept_apart_with_its_reason(line: str) -> None:
    checked = check_library(library(allowing(line)))
    assert checked.found == ()
    (allowed,) = checked.allowed
    assert allowed.finding.rule == "qualifier-not-read"
    assert allowed.allowance.because == "the code is used for nothing else"
    assert (allowed.allowance.source.line, allowed.allowance.source.column) == (6, line.index("#") + 1)


@pytest.mark.parametrize(
    "reason", ["", " because", " because   ", " because .", " for the code is used for nothing else", ": a reason"]
)
def test_without_a_reason_nothing_is_allowed(reason: str) -> None:
    names = [each.rule for each in found(allowing(f"# medpol: allow qualifier-not-read{reason}"))]
    assert names == ["bad-allowance", "qualifier-not-read"]


def test_a_rule_that_nobody_knows_is_named_with_the_nearest() -> None:
    bad, _ = found(allowing("# medpol: allow qualifier-not-raed because it is meant"))
    assert (bad.rule, bad.near, str(bad.source)) == ("bad-allowance", "qualifier-not-read", f"{PATH}:6:1")


@pytest.mark.parametrize("words", ["disallow it", "alow qualifier-not-read because it is meant", ""])
def test_other_words_to_medpol_are_said_to_be_none(words: str) -> None:
    assert found(allowing(f"# medpol: {words}"))[0].rule == "bad-allowance"


def test_another_comment_is_a_comment() -> None:
    assert found(allowing("# what medpol is told: nothing", "Needling is **investigational**.")) == ()


def test_an_allowance_that_no_longer_fires_is_a_finding() -> None:
    line = "# medpol: allow qualifier-not-read because the code is used for nothing else"
    (only,) = found(allowing(line, "Needling is **investigational**."))
    assert (only.rule, str(only.source)) == ("allowance-unused", f"{PATH}:6:1")


def test_a_second_allowance_of_one_rule_in_one_file_is_unused() -> None:
    line = "# medpol: allow qualifier-not-read because it is meant"
    (only,) = found(allowing(f"{line}\n{line}"))
    assert (only.rule, str(only.source)) == ("allowance-unused", f"{PATH}:7:1")


def test_an_allowance_speaks_for_its_own_file_alone() -> None:
    other = policy(number="EX-2", criteria=NARROWED)
    line = "# medpol: allow qualifier-not-read because it is meant"
    (only,) = found({**allowing(line), "EX-2/2024-05-01.md": other})
    assert (only.rule, only.source.file) == ("qualifier-not-read", "EX-2/2024-05-01.md")


def test_what_reading_finds_cannot_be_allowed() -> None:
    text = policy(head="# medpol: allow unknown-key because it is ours\npublishr: Someone")
    names = [each.rule for each in check_library(library({PATH: text})).found]
    assert names == ["bad-allowance", "unknown-key"]


def test_of_a_broken_file_nobody_can_say_that_its_allowance_is_unused() -> None:
    line = "# medpol: allow qualifier-not-read because it is meant\npublishr: Someone"
    assert [each.rule for each in check_library(library(allowing(line))).found] == ["unknown-key"]


def test_with_one_rule_asked_for_the_allowances_of_others_are_not_unused() -> None:
    held = library(allowing("# medpol: allow qualifier-not-read because it is meant"))
    assert check_library(held, only=["notice-too-short"]).found == ()
    assert len(check_library(held, only=["qualifier-not-read"]).allowed) == 1


def test_a_heading_of_the_text_is_no_allowance() -> None:
    text = policy(criteria=NARROWED) + "\n## Background\n\n## medpol: allow qualifier-not-read because\n"
    assert [each.rule for each in found({PATH: text})] == ["qualifier-not-read"]


@pytest.mark.parametrize("path", ["facts.md", "plans.md"])
def test_a_file_without_front_matter_may_begin_with_one_for_comments(path: str) -> None:
    tables = {
        "facts.md": "# Facts\n\n| Fact | Type | Unit or choices | Question | From |\n|---|---|---|---|---|\n",
        "plans.md": "# Plans\n\n| Plan | Line of business |\n|---|---|\n",
    }
    head = "---\n# medpol: allow qualifier-not-read because of a test\n---\n\n"
    (only,) = found({PATH: policy(), path: head + tables[path]})
    assert (only.rule, str(only.source)) == ("allowance-unused", f"{path}:2:1")


def test_a_settings_file_may_allow_in_its_comments() -> None:
    (only,) = found({PATH: policy(), "medpol.toml": "# medpol: allow qualifier-not-read because of a test\n"})
    assert str(only.source) == "medpol.toml:1:1"


DIGIT = (
    "Needling is **medically necessary** when all of these are met:\n\n- 6 sessions are planned and written down.\n"
    "- A band is felt.\n"
)


def test_a_warning_of_reading_is_allowed_as_what_a_rule_finds() -> None:
    assert "question-starts-with-digit" in [each.rule for each in found(allowing("", DIGIT))]
    checked = check_library(
        library(allowing("# medpol: allow question-starts-with-digit because the number is the plan's", DIGIT))
    )
    assert "question-starts-with-digit" not in [each.rule for each in checked.found]
    assert [each.finding.rule for each in checked.allowed] == ["question-starts-with-digit"]


def test_a_warning_of_reading_that_is_not_found_is_not_allowed_for_nothing() -> None:
    line = "# medpol: allow question-starts-with-digit because the number is the plan's"
    assert [each.rule for each in found(allowing(line, "Needling is **investigational**."))] == ["allowance-unused"]


@pytest.mark.parametrize("name", ["bad-expression", "duplicate-key", "allowance-unused"])
def test_an_error_of_reading_cannot_be_allowed(name: str) -> None:
    (only,) = found(allowing(f"# medpol: allow {name} because it is meant", "Needling is **investigational**."))
    assert only.rule == "bad-allowance"
    assert only.found.startswith(f"{name} cannot be allowed")


def test_an_error_stays_under_an_allowance_of_its_warnings() -> None:
    line = "# medpol: allow bad-date because the day is not known\napproved: someday"
    checked = check_library(library(allowing(line, "Needling is **investigational**.")))
    assert [each.rule for each in checked.found] == ["bad-date"]
    assert checked.allowed == ()
