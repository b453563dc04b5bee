"""What CommonMark would misread silently: every row of the table in docs/notation.md, "Blocks"."""

from __future__ import annotations

import pytest
from tests.text.documents import CODING, HEAD, assert_found, body, criteria, read_clean

from medpol.model.criteria import Group
from medpol.model.diagnostic import Severity
from medpol.text.writer import write

STATEMENT = "**Medically necessary** when all of these are met:\n\n- the first thing\n- the second thing\n"


def test_otherwise_right_under_a_list_would_be_read_into_its_last_item() -> None:
    found = assert_found(criteria(STATEMENT + "¦Otherwise **investigational**."), ["soft-break"])
    assert found[0].mend == "put an empty line between the list and this sentence"


def test_unless_right_under_a_list_would_be_read_into_its_last_item() -> None:
    found = assert_found(criteria(STATEMENT + "¦Unless a director allows it."), ["soft-break"])
    assert "empty line" in found[0].mend


def test_a_soft_break_in_an_item_is_an_error() -> None:
    assert_found(criteria(STATEMENT + "  ¦which goes on"), ["soft-break"])


def test_a_soft_break_in_a_statement_is_an_error() -> None:
    assert_found(criteria("Needling of any muscle\n¦is **investigational**."), ["soft-break"])


def test_a_soft_break_in_an_otherwise_is_an_error() -> None:
    assert_found(criteria(STATEMENT + "\nOtherwise\n¦**investigational**."), ["soft-break"])


def test_a_soft_break_in_an_unless_is_an_error() -> None:
    assert_found(criteria(STATEMENT + "\nUnless a director\n¦allows it."), ["soft-break"])


def test_the_writer_never_wraps_a_sentence() -> None:
    words = "word " * 200
    version = read_clean(
        criteria(
            f"**Covered** {words}when all of these are met:\n\n- {words}\n\nUnless {words}\n\nOtherwise **not covered**."
        )
    )
    assert [line for line in write(version).split("\n") if line.startswith("word")] == []
    assert read_clean(write(version)) == version


@pytest.mark.parametrize("word", ["and", "OR", "or.", "And;"])
def test_a_word_alone_between_items_is_an_orphan(word: str) -> None:
    text = f"**Covered** when all of these are met:\n\n- one\n¦{word}\n- two"
    found = assert_found(criteria(text), ["orphan-word"])
    assert "all of these:" in found[0].mend


def test_a_word_alone_between_two_lists_is_an_orphan_and_the_second_list_has_no_sentence() -> None:
    text = "**Covered** when all of these are met:\n\n- one\n\n¦or\n\n¦- two"
    assert_found(criteria(text), ["orphan-word", "list-without-structure"])


@pytest.mark.parametrize("number", ["a.", "ii.", "B)", "iv)"])
def test_letters_and_roman_numbers_are_paragraphs_to_markdown(number: str) -> None:
    found = assert_found(
        criteria(f"**Covered** when all of these are met:\n\n- one\n\n¦{number} two"), ["letter-numbering"]
    )
    assert found[0].mend == "use `-` or 1, 2, 3"


def test_letters_right_under_a_structure_sentence_are_named_too() -> None:
    text = "**Covered** when all of these are met:\n¦a. one\n¦b. two"
    assert_found(criteria(text), ["letter-numbering", "letter-numbering"])


def test_a_wrapped_line_that_begins_with_a_number_is_an_item_out_of_turn() -> None:
    text = "**Covered** when all of these are met:\n\n1. therapy was tried for\n¦6. weeks or more\n"
    found = assert_found(criteria(text), ["list-numbers"])
    assert "wrapped line" in found[0].mend


@pytest.mark.parametrize("numbers", [("1.", "2.", "3."), ("1.", "1.", "1."), ("1)", "2)", "3)")])
def test_numbers_run_1_2_3_or_are_all_1(numbers: tuple[str, ...]) -> None:
    items = "\n".join(f"{number} thing {at}" for at, number in enumerate(numbers))
    version = read_clean(criteria(f"**Covered** when all of these are met:\n\n{items}"))
    assert isinstance(version.rules[0].criteria, Group)
    assert len(version.rules[0].criteria.parts) == 3


def test_dashes_under_otherwise_would_make_it_a_heading_that_ends_the_section() -> None:
    text = (
        STATEMENT
        + "\n¦Otherwise **investigational**.\n---\n\n### Later\n\n¦Services: `needling`\n\nIt is ¦**covered**."
    )
    found = assert_found(
        criteria(text),
        ["underlined-heading", "rule-outside-criteria", "rule-outside-criteria"],
    )
    assert "empty line above the dashes" in found[0].mend


def test_a_rule_line_outside_the_criteria_is_an_error() -> None:
    for line in ("Services: `needling`", "When: so `exam.band`", "Dates of service: from 2024-01-01"):
        found = assert_found(body(f"## Background\n\n¦{line}"), ["rule-outside-criteria"])
        assert "move it there" in found[0].mend


def test_a_bold_position_outside_the_criteria_is_an_error_and_other_bold_words_are_not() -> None:
    assert_found(body("## Background\n\nIt is ¦**investigational**."), ["rule-outside-criteria"])
    preamble = HEAD + "\nNeedling is ¦**investigational**.\n"
    assert_found(criteria("It is **covered**.", head=preamble), ["rule-outside-criteria"])
    assert_found(body("## Our own section\n\n- It is ¦**not covered**."), ["rule-outside-criteria"])
    read_clean(body("## Background\n\nIt is **quite** new."))


def test_a_document_without_criteria_is_an_error() -> None:
    assert_found("¦" + HEAD + CODING, ["no-criteria"])


def test_an_archived_version_needs_no_criteria() -> None:
    read_clean("---\npolicy: EX-1\ntitle: Needles\narchived: 2024-05-01\nrow date: 2024-05-01\n---\n\n# Needles\n")


def test_an_archived_version_may_hold_notes_and_no_rules() -> None:
    head = "---\npolicy: EX-1\ntitle: Needles\narchived: 2024-05-01\nrow date: 2024-05-01\n---\n"
    version = read_clean(criteria("> Withdrawn: use the other policy.", head=head, coding=""))
    assert version.rules == ()
    assert_found(criteria("¦Needling is **investigational**.", head=head, coding=""), ["rules-when-archived"])


@pytest.mark.parametrize(
    ("heading", "near"),
    [
        ("Policy coverage critera", "Policy coverage criteria"),
        ("Codnig", "Coding"),
        ("Definitons", "Definitions"),
        ("Referencess", "References"),
    ],
)
def test_a_near_miss_of_a_section_name_is_an_error_with_the_nearest(heading: str, near: str) -> None:
    found = assert_found(body(f"## ¦{heading}\n\nWords."), ["near-miss-section"])
    assert found[0].near == near
    assert found[0].mend == f"write `## {near}`"


def test_a_section_of_a_name_of_its_own_is_kept() -> None:
    version = read_clean(body("## How we decide\n\nWords,\nof ours.\n\n- one\n    - two"))
    assert "Words,\nof ours.\n\n- one\n    - two" in write(version)


def test_a_sublist_indented_too_little_is_no_second_tree() -> None:
    text = "**Covered** when all of these are met:\n\n1. ¦any of these:\n  ¦- one\n  - two\n"
    assert_found(criteria(text), ["structure-without-list", "list-without-structure"])


def test_a_marker_changed_half_way_begins_a_new_list() -> None:
    for first, second in (("-", "*"), ("1.", "1)"), ("-", "1.")):
        text = f"**Covered** when all of these are met:\n\n{first} one\n¦{second} two"
        found = assert_found(criteria(text), ["list-without-structure"])
        assert "one marker a list" in found[0].mend


def test_a_question_that_begins_with_a_quantity_is_a_warning() -> None:
    text = "**Covered** when all of these are met:\n\n- ¦5 cm or more of it\n- the other"
    found = assert_found(criteria(text), ["question-starts-with-digit"], severity=Severity.WARNING)
    assert found[0].mend == "begin it with words"


def test_a_lone_backtick_would_turn_the_expression_into_prose() -> None:
    assert_found(
        criteria("**Covered** when all of these are met:\n\n- a band ¦`exam.band\n- the other"), ["lone-backtick"]
    )
    assert_found(criteria("It is **covered** when ¦`exam.band"), ["lone-backtick"])
    assert_found(criteria("Services: ¦`needling\n\nIt is **covered**."), ["lone-backtick"])


def test_rule_lines_on_adjoining_lines_are_both_read_and_written_apart() -> None:
    text = (
        "Services: `needling`\nWhen: adults `age >= 18 years`\nDates of service: from 2024-06-01\n\nIt is **covered**."
    )
    version = read_clean(criteria(text))
    rule = version.rules[0]
    assert rule.services == ("needling",)
    assert rule.when is not None and rule.when.sentence == "adults"
    assert "Services: `needling`\n\nWhen: adults `age >= 18 years`\n\nDates of service" in write(version)


@pytest.mark.parametrize(
    ("block", "rule"),
    [
        ("¦| a | b |\n|---|---|\n| c | d |", "table-in-criteria"),
        ("¦<div>\nwords\n</div>", "block-in-criteria"),
        ("¦```\ncode\n```", "block-in-criteria"),
        ("    ¦code", "block-in-criteria"),
        ("#### ¦Deeper", "heading-in-criteria"),
        ("¦***", "rule-line"),
    ],
)
def test_tables_html_fences_and_deep_headings_have_no_place_in_criteria(block: str, rule: str) -> None:
    assert_found(criteria(f"Needling is **investigational**.\n\n{block}"), [rule])


def test_comments_are_quotes_and_look_up_tables_live_under_definitions() -> None:
    read_clean(
        criteria(
            "> A comment.\n\nNeedling is **covered** when `visits <= table(limits, therapy.duration)`",
            rest="\n## Definitions\n\n### Limits\n\n| Weeks | Visits |\n|---|---|\n| 1 week | 2 |\n| 6 weeks | 8 |\n",
        )
    )


def test_code_spans_are_found_by_their_backtick_runs_and_columns_are_right() -> None:
    text = "**Covered** when all of these are met:\n\n- a band  ``¦exam.bnad``.\n- 🙂 both `exam.band and ¦exam.twich`"
    assert_found(criteria(text), ["undeclared-fact", "undeclared-fact"])


def test_a_fence_or_a_comment_that_nothing_closes_would_swallow_the_document() -> None:
    assert_found(body("## Background\n\n¦```\nwords\n\n## Scope"), ["unclosed-block"])
    assert_found(body("## Background\n\n¦<!-- words\n\n## Scope"), ["unclosed-block"])
    read_clean(body("## Background\n\n<!-- words\n\n-->\n\n```\ncode\n```"))
