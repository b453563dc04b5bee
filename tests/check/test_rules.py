"""Each rule on two documents that differ by the mend alone: one that it finds, at its place, and one that passes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pytest
from tests.support import archive, library, policy

from medpol.check import RULES, check_library, first_line, rules
from medpol.model.diagnostic import Diagnostic, Severity

NEWER = "EX-1/2025-01-01.md"
LATER = policy("2025-01-01", "2024-06-01", criteria="Needling is **not medically necessary**.")
ROWS = "\n## History\n\n| Date | Event | Says |\n|---|---|---|\n"
LISTED = "Needling is **{position}** when all of these are met:\n\n- It is the arm.\n\nUnless a director allows it."


@dataclass(frozen=True)
class Example:
    """A failing library, what is found in it, and the one passage whose mend makes it pass."""

    rule: str
    files: Mapping[str, str]
    path: str
    line: int
    column: int
    severity: Severity
    old: str
    new: str


EXAMPLES = {
    "notice from publication, days owed by the version": Example(
        "notice-too-short",
        {NEWER: policy("2025-01-01", "2024-10-04", head="notice days: 90")},
        *(NEWER, 4, 12, Severity.ERROR),
        *("published: 2024-10-04", "published: 2024-10-03"),
    ),
    "notice from its own day": Example(
        "notice-too-short",
        {NEWER: policy("2025-01-01", "2024-06-01", head="notice sent: 2024-12-01\nnotice days: 60")},
        *(NEWER, 4, 12, Severity.ERROR),
        *("notice sent: 2024-12-01", "notice sent: 2024-11-01"),
    ),
    "days owed by the library": Example(
        "notice-too-short",
        {NEWER: policy("2025-01-01", "2024-10-04"), "medpol.toml": "notice_days = 90\n"},
        *(NEWER, 4, 12, Severity.ERROR),
        *("published: 2024-10-04", "published: 2024-10-03"),
    ),
    "notice owed where the statement changed": Example(
        "notice-too-short",
        {
            "EX-1/2024-05-01.md": policy(head="notice days: 0"),
            NEWER: policy("2025-01-01", "2024-12-31", head="notice days: 90", criteria="Needling is **cosmetic**."),
        },
        *(NEWER, 4, 12, Severity.ERROR),
        *("Needling is **cosmetic**.", "Needling is **investigational**."),
    ),
    "in force before it was known": Example(
        "retroactive-effective",
        {NEWER: policy("2025-01-01", "2025-01-11")},
        *(NEWER, 4, 12, Severity.WARNING),
        *("published: 2025-01-11", "published: 2025-01-01"),
    ),
    "an archive before it was known": Example(
        "retroactive-effective",
        {"EX-1/2025-01-01.md": archive("2025-01-01", "2025-01-11")},
        *(NEWER, 4, 11, Severity.WARNING),
        *("published: 2025-01-11", "published: 2025-01-01"),
    ),
    "a row date in place of a publication": Example(
        "published-inferred",
        {NEWER: policy("2025-01-01", None, head="row date: 2025-01-01")},
        *(NEWER, 5, 11, Severity.NOTE),
        *("row date: 2025-01-01", "published: 2025-01-01"),
    ),
    "a version that nobody can know": Example(
        "draft-governs-nothing",
        {NEWER: policy("2025-01-01", None, head="approved: 2024-06-01")},
        *(NEWER, 4, 12, Severity.NOTE),
        *("approved: 2024-06-01", "published: 2024-06-01"),
    ),
    "words that no expression reads": Example(
        "qualifier-not-read",
        {NEWER: policy("2025-01-01", "2024-06-01", criteria="Needling for tension headache is **investigational**.")},
        *(NEWER, 12, 10, Severity.WARNING),
        *("for tension headache ", ""),
    ),
    "an exception to an unfavourable position": Example(
        "unless-under-unfavourable",
        {NEWER: policy("2025-01-01", "2024-06-01", criteria=LISTED.format(position="investigational"))},
        *(NEWER, 16, 1, Severity.WARNING),
        *("**investigational**", "**medically necessary**"),
    ),
    "a statement that did change": Example(
        "statement-not-unchanged",
        {
            "EX-1/2024-05-01.md": policy(),
            NEWER: LATER + ROWS + "| 2025-01-01 | annual review | literature through 2024-02; statement unchanged |\n",
        },
        *(NEWER, 24, 60, Severity.WARNING),
        *("**not medically necessary**", "**investigational**"),
    ),
    "a code said to be added that is not there": Example(
        "codes-not-added",
        {NEWER: LATER + ROWS + "| 2025-01-01 | coding update | codes added 20560, 20561 |\n"},
        *(NEWER, 24, 51, Severity.WARNING),
        *("20560, 20561", "20560"),
    ),
    "a code said to be added that was there before": Example(
        "codes-not-added",
        {
            "EX-1/2024-05-01.md": policy(),
            NEWER: LATER + ROWS + "| 2025-01-01 | coding update | codes added 20560 |\n",
        },
        *(NEWER, 24, 44, Severity.WARNING),
        *("codes added 20560", "references added"),
    ),
}


def found(files: Mapping[str, str]) -> tuple[Diagnostic, ...]:
    held = library(files)
    assert not held.errors, held.errors
    return check_library(held)


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES.keys())
def test_the_failing_document_gives_this_rule_alone_at_its_place(example: Example) -> None:
    (only,) = found(example.files)
    assert (only.rule, only.severity) == (example.rule, example.severity)
    assert (only.source.file, only.source.line, only.source.column) == (example.path, example.line, example.column)
    assert only.found
    assert only.expected
    assert only.mend


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES.keys())
def test_the_document_with_the_mend_alone_passes(example: Example) -> None:
    text = example.files[example.path]
    assert text.count(example.old) == 1
    assert found({**example.files, example.path: text.replace(example.old, example.new)}) == ()


def test_every_rule_has_a_page_and_an_example() -> None:
    assert {example.rule for example in EXAMPLES.values()} == set(rules())
    for rule in RULES:
        assert first_line(rule).endswith(".")


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
    names = {(each.source.file, each.rule) for each in check_library(held)}
    assert ("EX-2/2025-01-01.md", "retroactive-effective") in names
    assert (NEWER, "unknown-key") in names
    assert (NEWER, "retroactive-effective") not in names
