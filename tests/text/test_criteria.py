"""The criteria section: rule lines, statements, lists, unless and otherwise; each misspelling with its own message."""

from __future__ import annotations

from datetime import date

import pytest
from tests.text.documents import CODING, HEAD, assert_found, criteria, read_clean

from medpol.model.criteria import Group, Leaf, StatementKind, Structure
from medpol.model.dates import EffectivePeriod
from medpol.model.positions import CoveragePosition
from medpol.text.writer import write

ALL = "**Covered** when all of these are met:\n\n"


def rule_of(text: str) -> object:
    return read_clean(criteria(text)).rules[0]


# ---------------------------------------------------------------------------- what is read


def test_a_plain_statement_states_its_position_alone() -> None:
    rule = read_clean(criteria("Needling is considered **Investigational**.")).rules[0]
    assert rule.statement.kind is StatementKind.PLAIN
    assert rule.statement.position.canonical is CoveragePosition.INVESTIGATIONAL
    assert rule.statement.position.label == "Investigational"
    assert rule.criteria is None


def test_a_single_statement_ends_in_its_expression() -> None:
    rule = read_clean(criteria("Needling is **covered** when a band is felt `exam.band`.")).rules[0]
    assert rule.statement.kind is StatementKind.SINGLE
    assert isinstance(rule.criteria, Leaf)
    assert rule.criteria.code == "exam.band"
    assert rule.criteria.sentence == "Needling is **covered** when a band is felt"


@pytest.mark.parametrize(
    ("words", "structure", "needed"),
    [
        ("all of these", Structure.ALL, None),
        ("any of the following", Structure.ANY, None),
        ("none of these", Structure.NONE, None),
        ("at least 2 of these", Structure.AT_LEAST, 2),
        ("At Least two of the following", Structure.AT_LEAST, 2),
    ],
)
def test_the_structure_words_and_nothing_else_make_a_list_a_tree(
    words: str, structure: Structure, needed: int | None
) -> None:
    rule = read_clean(criteria(f"**Covered** when {words} are met:\n\n- one\n- two\n- three")).rules[0]
    assert isinstance(rule.criteria, Group)
    assert (rule.criteria.structure, rule.criteria.needed) == (structure, needed)
    assert [part.sentence for part in rule.criteria.parts] == ["one", "two", "three"]


def test_lists_nest_and_a_guard_stands_behind_the_colon() -> None:
    text = ALL + "1. first\n2. Any of these: `if age < 18 years`\n   - a band `exam.band`\n   - a twitch\n3. last"
    rule = read_clean(criteria(text)).rules[0]
    assert isinstance(rule.criteria, Group)
    inner = rule.criteria.parts[1]
    assert isinstance(inner, Group)
    assert (inner.structure, inner.code, str(inner.guard)) == (Structure.ANY, "if age < 18 years", "age < 18 years")
    assert [part.sentence for part in inner.parts] == ["a band", "a twitch"]


def test_a_bullet_without_an_expression_is_a_question() -> None:
    rule = read_clean(criteria(ALL + "- Is it written down?\n- a band `exam.band`")).rules[0]
    assert isinstance(rule.criteria, Group)
    assert [isinstance(part, Leaf) and part.expression is None for part in rule.criteria.parts] == [True, False]


def test_unless_and_otherwise_close_a_rule_in_this_order() -> None:
    text = ALL + "- one\n\nUnless a director allows it.\n\nOtherwise **not covered**."
    rule = read_clean(criteria(text)).rules[0]
    assert rule.unless is not None
    assert rule.unless.sentence == "Unless a director allows it."
    assert rule.otherwise is not None
    assert rule.otherwise.position.canonical is CoveragePosition.NOT_COVERED


def test_unless_may_hold_a_list() -> None:
    rule = read_clean(criteria(ALL + "- one\n\nUnless any of these hold:\n\n- two\n- three `exam.band`")).rules[0]
    assert isinstance(rule.unless, Group)
    assert len(rule.unless.parts) == 2


def test_joining_words_that_agree_with_the_list_are_allowed() -> None:
    read_clean(criteria(ALL + "- one; and\n- a band `exam.band`; and\n- three."))
    read_clean(criteria("**Covered** when any of these are met:\n\n- one, or\n- two `exam.band` or\n- three"))


def test_in_every_case_is_read_before_and_after_the_position() -> None:
    for text in ("It is in every case **not covered**.", "It is **not covered** in every case."):
        assert read_clean(criteria(text)).rules[0].statement.in_every_case


def test_notes_stand_anywhere_between_blocks_and_are_written_where_they_stood() -> None:
    text = (
        "> first\n\n### One\n\n> zero\n\nServices: `needling`\n\n> one\n\n"
        + ALL
        + "- a\n\n> two\n\nUnless b\n\n> three\n\n"
        "Otherwise **not covered**.\n\n> four\n> lines\n"
    )
    version = read_clean(criteria(text))
    assert text.strip() in write(version)


@pytest.mark.parametrize(
    ("dates", "start", "end"),
    [
        ("from 2021-07-01", date(2021, 7, 1), None),
        ("after 2021-07-01", date(2021, 7, 2), None),
        ("to 2021-07-01", None, date(2021, 7, 2)),
        ("before 2021-07-01", None, date(2021, 7, 1)),
        ("from 2021-07-01 to 2021-07-01", date(2021, 7, 1), date(2021, 7, 2)),
        ("after 2020-02-28 before 2021-07-01.", date(2020, 2, 29), date(2021, 7, 1)),
    ],
)
def test_from_and_to_take_their_day_in_after_and_before_leave_it_out(
    dates: str, start: date | None, end: date | None
) -> None:
    rule = read_clean(criteria(f"Dates of service: {dates}\n\nIt is **covered**.")).rules[0]
    assert rule.dates is not None
    assert rule.dates.period == EffectivePeriod(start, end)


def test_labels_of_the_front_matter_are_positions_too() -> None:
    head = HEAD.replace("published:", "positions: {Not yet proven: investigational}\npublished:")
    rule = read_clean(criteria("It is **not yet  proven**.", head=head)).rules[0]
    assert rule.statement.position.canonical is CoveragePosition.INVESTIGATIONAL
    assert rule.statement.position.label == "not yet proven"


def test_a_rule_is_named_by_its_heading_in_lower_case_with_hyphens() -> None:
    version = read_clean(
        criteria(
            "### First  session: needles\n\nServices: `needling`\n\nIt is **covered** when it is so `exam.band`\n\n"
            "### Later\n\nServices: `guidance`\n\nIt is **covered** when `criteria(first-session-needles)`"
        )
    )
    assert [rule.name for rule in version.rules] == ["first-session-needles", "later"]


# ---------------------------------------------------------------------------- messages of their own


@pytest.mark.parametrize(
    ("words", "mend"),
    [
        ("¦both of these are met", "write `all of these:`"),
        ("¦either of these is met", "write `any of these:`"),
        ("¦one of these is met", "write `any of these:` or `at least 1 of these:`"),
        ("¦one or more of these are met", "write `any of these:`"),
        ("¦each of these is met", "write `all of these:`"),
        ("¦every one of these is met", "write `all of these:`"),
        ("¦neither of these is met", "write `none of these:`"),
    ],
)
def test_loose_structure_words_get_their_own_message(words: str, mend: str) -> None:
    found = assert_found(criteria(f"It is **covered** when {words}:\n\n- a\n- b"), ["structure-word"])
    assert found[0].mend == mend


@pytest.mark.parametrize(
    "words",
    [
        "is **not medically necessary** unless ¦all of these are met",
        "is **covered** unless ¦none of these applies",
        "is **covered** when not ¦all of these are met",
        "is **covered** when the member does not have ¦any of these",
        "is **covered** when the member doesn't have ¦any of these",
        "is **covered** when the member never had ¦any of these",
        "is **covered** when the member fails to meet ¦any of these",
        "is **covered** when the member is free of ¦any of these",
        "is **covered** when it is not true that ¦any of these holds",
        "is **covered** in the absence of ¦all of these",
        "is **covered** without ¦any of these",
        "is **covered** except when ¦any of the following apply",
        "is **covered**, but not when ¦any of these holds",
        "is **covered** until ¦any of these happens",
        "is **covered** when ¦all of these are absent",
        "is **covered** when ¦all of these criteria are not met",
        "is **covered** when ¦any of these don't apply",
    ],
)
def test_words_that_turn_a_structure_round_are_an_error_at_the_structure(words: str) -> None:
    (found,) = assert_found(
        criteria(f"Needling {words}:\n\n- a\n- b\n\nOtherwise **investigational**."), ["negated-structure"]
    )
    assert "none of these" in found.mend


@pytest.mark.parametrize(
    "words",
    [
        "is **not medically necessary** when any of these is present",
        "is **covered** when none of these is present",
        "is **covered** for a patient who cannot walk, when all of these are met",
        "that is not rented is **covered** when any of these are met",
        "is **covered**, with or without any of these",
        "is **covered** no later than 6 weeks after any of these",
        "is **covered** when any of these has failed",
        "is **covered** for any of these that do not respond to drugs",
        "is **covered** when at least 1 of these was tried and was not enough",
        "is **covered** for adults, including but not limited to any of these",
        "is **covered** when the patient does not smoke and has any of these",
    ],
)
def test_a_negation_elsewhere_in_a_structure_sentence_is_none_of_its_structure(words: str) -> None:
    assert read_clean(criteria(f"Needling {words}:\n\n- a\n- b\n\nOtherwise **investigational**.")).rules


def test_an_unless_line_may_hold_any_structure_and_turns_none_round_twice() -> None:
    listed = "**Covered** when all of these are met:\n\n- a\n\nUnless {words}:\n\n- b\n- c"
    for words in ("any of these holds", "all of the following are met", "none of these holds"):
        assert read_clean(criteria(listed.format(words=words))).rules[0].unless is not None
    assert_found(criteria(listed.format(words="not ¦all of these hold")), ["negated-structure"])


def test_two_structure_words_in_one_sentence_are_one_too_many() -> None:
    text = "**Covered** when all of these and ¦any of these are met:\n\n- a\n- b"
    found = assert_found(criteria(text), ["two-structures"])
    assert "split the sentence" in found[0].mend


def test_an_expression_on_a_structure_sentence_belongs_to_an_item() -> None:
    for text in (
        "¦**Covered** when all of these are met `exam.band`:\n\n- a\n- b",
        "¦**Covered** when all of these are met: `exam.band`\n\n- a\n- b",
    ):
        found = assert_found(criteria(text), ["expression-on-structure"])
        assert found[0].mend == "move the expression to an item of the list"
    for item in ("any of these: ¦`exam.band`", "any of these ¦`exam.band`:", "any of these ¦`if exam.band`:"):
        found = assert_found(criteria(ALL + f"- {item}\n  - one\n  - two"), ["expression-on-structure"])
        assert found[0].mend == "move the expression to an item of the list"


def test_a_list_under_a_plain_item_needs_a_structure_sentence() -> None:
    found = assert_found(criteria(ALL + "- ¦findings of the muscle\n  - a band\n  - a twitch"), ["list-under-plain"])
    assert "`all of these:`" in found[0].mend


def test_a_list_under_a_plain_statement_needs_one_too() -> None:
    assert_found(criteria("¦Needling is **covered**.\n\n- a\n- b"), ["list-under-plain"])


def test_bold_that_is_opened_and_not_closed_is_an_error() -> None:
    assert_found(criteria("It is ¦**investigational."), ["unbalanced-bold"])
    assert_found(criteria(ALL + "- the ¦**first thing\n- the second"), ["unbalanced-bold"])
    assert_found(criteria(ALL + "- a\n\nOtherwise ¦**not covered."), ["unbalanced-bold"])


def test_bold_in_an_item_is_no_second_position() -> None:
    assert_found(criteria(ALL + "- the ¦**first** thing\n- the second"), ["bold-in-item"])
    assert_found(criteria(ALL + "- a\n\nUnless it is ¦**urgent**."), ["bold-in-item"])


def test_a_structure_sentence_needs_its_colon() -> None:
    assert_found(criteria(ALL + "- ¦any of these\n  - a\n  - b"), ["structure-colon"])


@pytest.mark.parametrize("number", ["0", "3", "ten"])
def test_at_least_n_is_at_most_the_length_of_the_list(number: str) -> None:
    found = assert_found(criteria(f"**Covered** when ¦at least {number} of these are met:\n\n- a\n- b"), ["bad-number"])
    assert found[0].expected == "a number from 1 to 2"


@pytest.mark.parametrize("word", ["when", "if", "unless", "only", "provided", "except"])
def test_a_condition_in_prose_is_an_error_unless_a_code_span_ends_it(word: str) -> None:
    assert_found(criteria(f"It is **covered** ¦{word} a band is felt."), ["condition-in-prose"])
    read_clean(criteria(f"It is **covered** {word} a band is felt `exam.band`."))


def test_a_statement_has_exactly_one_bold_position() -> None:
    assert_found(criteria("¦Needling is investigational."), ["no-position"])
    assert_found(criteria("¦It is **covered** or **not covered**."), ["several-positions"])


def test_a_bold_word_that_is_no_position_is_an_error_with_the_nearest() -> None:
    found = assert_found(criteria("It is ¦**investigatonal**."), ["unknown-position"])
    assert found[0].near == "investigational"
    assert found[0].mend == "write **investigational**"
    found = assert_found(criteria(ALL + "- a\n\nOtherwise ¦**denied by us**."), ["unknown-position"])
    assert "positions:" in found[0].mend


def test_one_rule_states_one_position() -> None:
    found = assert_found(criteria("It is **covered**.\n\n¦It is **not covered**."), ["second-statement"])
    assert "###" in found[0].mend
    assert_found(criteria("It is **covered**.\n\n¦Some more words."), ["second-statement"])


def test_a_rule_states_a_position() -> None:
    assert_found(criteria("### ¦One\n\nServices: `needling`\n"), ["no-statement"])


def test_unless_has_one_place() -> None:
    otherwise = "\n\nOtherwise **not covered**."
    assert_found(criteria("It is **covered**.\n\n¦Unless it is cheap."), ["unless-place"])
    assert_found(criteria(ALL + "- a\n\nUnless b.\n\n¦Unless c."), ["unless-place"])
    assert_found(criteria(ALL + "- a" + otherwise + "\n\n¦Unless c."), ["unless-place"])
    assert_found(criteria("¦Unless c.\n\n" + ALL + "- a"), ["unless-place"])


def test_otherwise_has_one_place() -> None:
    assert_found(criteria("It is **covered**.\n\n¦Otherwise **not covered**."), ["otherwise-place"])
    assert_found(criteria(ALL + "- a\n\nOtherwise **not covered**.\n\n¦Otherwise **covered**."), ["otherwise-place"])
    assert_found(criteria(ALL + "- a\n\n¦Otherwise it is not."), ["bad-otherwise"])


def test_a_joining_word_agrees_with_its_list_and_never_ends_it() -> None:
    assert_found(criteria(ALL + "- one ¦or\n- two"), ["joining-word"])
    assert_found(criteria("**Covered** when any of these are met:\n\n- one, ¦and\n- two"), ["joining-word"])
    assert_found(criteria("**Covered** when at least 1 of these are met:\n\n- one, ¦or\n- two"), ["joining-word"])
    assert_found(criteria(ALL + "- one\n- two `exam.band` ¦and"), ["joining-word"])


def test_the_expression_ends_its_sentence() -> None:
    assert_found(criteria(ALL + "- a band ¦`exam.band` is felt\n- two"), ["code-span-place"])
    assert_found(criteria("It is **covered** ¦`exam.band` and more"), ["code-span-place"])
    assert_found(criteria(ALL + "- both ¦`exam.band` `exam.twitch`"), ["code-span-place"])


def test_an_item_is_a_sentence() -> None:
    assert_found(criteria(ALL + "- ¦`exam.band`\n- two"), ["empty-item"])
    assert_found(criteria(ALL + "¦-\n- two"), ["empty-item"])
    assert_found(criteria(ALL + "- # ¦heading\n- two"), ["empty-item"])
    assert_found(criteria(ALL + "- one\n\n  ¦more of it\n- two"), ["block-in-item"])


def test_a_structure_sentence_has_its_list() -> None:
    assert_found(
        criteria("¦**Covered** when all of these are met:\n\nOtherwise **not covered**."), ["structure-without-list"]
    )
    assert_found(criteria("¦**Covered** when so:\n\n- a"), ["structure-word"])


def test_rule_lines_stand_above_the_statement_each_once() -> None:
    found = assert_found(criteria("It is **covered**.\n\n¦When: so `exam.band`"), ["rule-line-late"])
    assert "above" in found[0].mend
    assert_found(criteria("When: a `exam.band`\n¦When: b `exam.twitch`\n\nIt is **covered**."), ["rule-line-twice"])


def test_rule_lines_have_their_own_spelling() -> None:
    assert_found(criteria("¦Services: needling\n\nIt is **covered**."), ["bad-services"])
    assert_found(criteria("¦When: a band is felt\n\nIt is **covered**."), ["bad-when"])
    assert_found(criteria("¦When: a `exam.band` is felt\n\nIt is **covered**."), ["bad-when"])
    assert_found(criteria("¦Dates of service: since 2021\n\nIt is **covered**."), ["bad-dates"])
    assert_found(criteria("¦Dates of service: from 2021-02-30\n\nIt is **covered**."), ["bad-date"])
    assert_found(criteria("¦Dates of service: from 2021-02-03 to 2021-02-02\n\nIt is **covered**."), ["empty-dates"])
    assert_found(criteria("¦Approved for:\n\nIt is **covered**."), ["empty-line"])


def test_services_name_governed_groups() -> None:
    found = assert_found(criteria("Services: `needling`, `¦neddling`\n\nIt is **covered**."), ["unknown-group"])
    assert found[0].near == "needling"
    coding = CODING.replace("| guidance | CPT | 76942 | governed |", "| guidance | CPT | 76942 | informational |")
    assert_found(criteria("Services: `¦guidance`\n\nIt is **covered**.", coding=coding), ["group-not-governed"])


def test_services_are_required_where_there_are_several_rules() -> None:
    text = "### ¦One\n\nIt is **covered**.\n\n### ¦Two\n\nIt is **not covered**."
    assert_found(criteria(text), ["services-missing", "services-missing"])


def test_rules_need_something_governed() -> None:
    assert_found(criteria("¦It is **covered**.", coding=""), ["nothing-governed"])


def test_rule_names_are_held_once() -> None:
    text = "### One\n\nServices: `needling`\n\nIt is **covered**.\n\n### ¦one:\n\nServices: `guidance`\n\nIt is **covered**."
    assert_found(criteria(text), ["duplicate-rule"])


def test_text_before_the_first_rule_heading_is_an_error_and_a_note_is_not() -> None:
    rule = "### One\n\nServices: `needling`\n\nIt is **covered**."
    assert_found(criteria("¦Some words.\n\n" + rule), ["text-before-rules"])
    read_clean(criteria("> Some words.\n\n" + rule))


def test_criteria_of_a_rule_may_not_lead_back_to_it() -> None:
    text = (
        "### ¦One\n\nServices: `needling`\n\nIt is **covered** when `criteria(two)`\n\n"
        "### ¦Two\n\nServices: `guidance`\n\nIt is **covered** when `criteria(one)`\n\n"
        "### Three\n\nServices: `guidance`\n\nIt is **not covered** when `criteria(one)`"
    )
    assert_found(criteria(text), ["criteria-cycle", "criteria-cycle"])


def test_the_same_sentence_twice_needs_the_same_expression() -> None:
    read_clean(criteria(ALL + "- a band `exam.band`\n- any of these:\n  - A band; `exam.band`\n  - other"))
    text = ALL + "- a band `exam.band`\n- any of these:\n  - ¦A band; `exam.twitch`\n  - other"
    assert_found(criteria(text), ["same-sentence"])


def test_a_criterion_keeps_its_id_when_it_is_taught_or_moved() -> None:
    def ids(text: str) -> list[str]:
        group = read_clean(criteria(text)).rules[0].criteria
        assert isinstance(group, Group)
        return [part.id for part in group.parts]

    first = ids(ALL + "- A band is felt; and\n- other")
    assert ids(ALL + "1. other\n2. a  band is felt. `exam.band`") == first[::-1]


def test_one_bad_line_never_hides_the_next() -> None:
    text = (
        "### One\n\n"
        "Services: `¦neddling`\n\n"
        "When: so `exam.¦`\n\n"
        "It is ¦**covred** when all of these are met:\n\n"
        "- a band `exam.band and ¦exam.bnad`\n"
        "- long\n  ¦wrapped\n"
        "- short `therapy.duration ¦≥ 6 weeks`\n"
        "- ¦both of these:\n"
        "  - worse `therapy.outcome = ¦faild`\n"
        "  - the ¦**bold** one\n\n"
        "¦a. lettered\n\n"
        "### Two\n\n"
        "¦Services: guidance\n\n"
        "It is ¦**covered when so\n\n"
        "Otherwise **¦maybe**."
    )
    plain = criteria(text).replace("**¦maybe**", "**maybe**")
    assert_found(
        plain,
        [
            "unknown-group",
            "bad-expression",
            "unknown-position",
            "undeclared-fact",
            "soft-break",
            "typographic-sign",
            "structure-word",
            "unknown-choice",
            "bold-in-item",
            "letter-numbering",
            "bad-services",
            "unbalanced-bold",
        ],
    )


def test_a_document_with_many_errors_reports_each_section_too() -> None:
    text = """¦---
policy: EX-1
¦titel: Needles
effective: 2024-05-01
¦effective: 2024-13-01
published: ¦2024-02-30
---

## ¦Codnig

## Policy coverage criteria

It is ¦**covred**.

## Coding

| Group | System | Code | Role |
|---|---|---|---|
| needling | CPT | ¦2056 | governed |
| needling | ¦CTP | 20561 | governed |
| needling | CPT | 20561 | ¦goverend |

## Definitions

- ¦`empty`:

## History

| Date | Event |
|---|---|
| ¦2019-02-30 | new policy |
| 2019-03-30 | ¦new polcy |
"""
    assert_found(
        text,
        [
            "missing-key",
            "unknown-key",
            "duplicate-key",
            "bad-date",
            "near-miss-section",
            "unknown-position",
            "bad-code",
            "unknown-system",
            "unknown-role",
            "empty-set",
            "bad-date",
            "unknown-event",
        ],
    )
