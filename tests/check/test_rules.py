"""Each rule on two documents that differ by the mend alone: one that it finds, at its place, and one that passes."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from tests.check.example import Example, found
from tests.check.examples import (
    coding,
    criteria,
    dates,
    evidence,
    guidelines,
    history,
    records,
    references,
    rights,
    scope,
    structure,
    trials,
    wording,
)
from tests.support import archive, library, policy

from medpol.check import RULES, Rule, check_library

NEWER = "EX-1/2025-01-01.md"
MODULES = (
    structure,
    criteria,
    coding,
    dates,
    history,
    scope,
    evidence,
    records,
    guidelines,
    trials,
    references,
    wording,
    rights,
)
EXAMPLES = [(name, example) for module in MODULES for name, example in module.EXAMPLES.items()]
NAMED = {rule.name: rule for rule in RULES}
each_example = pytest.mark.parametrize("example", [each for _, each in EXAMPLES], ids=[name for name, _ in EXAMPLES])


@each_example
def test_the_failing_document_gives_this_rule_alone_at_its_place(example: Example) -> None:
    (only,) = found(example.files, example.today)
    assert (only.rule, str(only.source)) == (example.rule, example.at)
    assert only.severity is NAMED[example.rule].severity
    assert only.found
    assert only.expected
    assert only.mend


@each_example
def test_the_document_with_the_mend_alone_passes(example: Example) -> None:
    assert found(example.passing, example.today) == ()


def test_every_rule_has_an_example() -> None:
    assert {example.rule for _, example in EXAMPLES} == set(NAMED)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_rule_has_a_page_whose_first_line_is_a_sentence(rule: Rule) -> None:
    assert rule.summary.endswith(".")
    assert len(rule.page.splitlines()) > 2, "a page says what is found, why it matters, and how to mend it"


def test_the_notice_of_the_specification_reads_as_it_is_printed_there() -> None:
    (only,) = found(
        {"EX-1/2023-12-01.md": policy("2023-12-01", "2023-09-01", head="notice sent: 2023-09-08\nnotice days: 90")}
    )
    assert only.found == "effective 2023-12-01 is 84 days after notice on 2023-09-08"
    assert only.mend.startswith("set effective (and the file's name) to 2023-12-07 or later")


@pytest.mark.parametrize(
    "files",
    [
        {NEWER: policy("2025-01-01", "2024-12-31")},
        {NEWER: policy("2025-01-01", "2024-12-31", head="notice days: 1")},
        {
            "EX-1/2024-05-01.md": policy(),
            NEWER: policy("2025-01-01", "2024-12-31", head="notice days: 90"),
            "medpol.toml": "notice_days = 60\n",
        },
        {"EX-1/2025-01-01.md": archive("2025-01-01", "2024-12-31"), "medpol.toml": "notice_days = 90\n"},
    ],
    ids=["no days owed", "just enough", "a review that restricts nothing", "an archive"],
)
def test_no_notice_is_asked_for_where_none_is_owed(files: Mapping[str, str]) -> None:
    assert found(files) == ()


def test_notice_is_owed_after_an_archive_even_for_the_same_statement() -> None:
    (only,) = found(
        {
            "EX-1/2024-05-01.md": policy(),
            "EX-1/2024-09-01.md": archive("2024-09-01", "2024-08-01"),
            NEWER: policy("2025-01-01", "2024-12-31", head="notice days: 90"),
        }
    )
    assert only.rule == "notice-too-short"


def test_a_policy_reinstated_after_a_withdrawn_archive_is_held_against_the_text_before_it() -> None:
    assert not found(
        {
            "EX-1/2024-05-01.md": policy(),
            "EX-1/2024-09-01.md": archive("2024-09-01", "2024-08-01"),
            NEWER: policy("2025-01-01", "2024-12-31", head="notice days: 90\nwithdraws: [2024-09-01]"),
        }
    )


def test_a_draft_is_read_for_its_words_too() -> None:
    words = "Needling for tension headache is **investigational**."
    names = [each.rule for each in found({NEWER: policy("2025-01-01", None, criteria=words)})]
    assert names == ["draft-governs-nothing", "qualifier-not-read"]


def test_a_file_with_errors_is_judged_by_no_rule_and_its_errors_are_listed() -> None:
    held = library(
        {
            NEWER: policy("2025-01-01", "2025-01-11").replace("title:", "titel:"),
            "EX-2/2025-01-01.md": policy("2025-01-01", "2025-01-11", number="EX-2"),
        }
    )
    names = {(each.source.file, each.rule) for each in check_library(held).found}
    assert ("EX-2/2025-01-01.md", "retroactive-effective") in names
    assert (NEWER, "unknown-key") in names
    assert (NEWER, "retroactive-effective") not in names
