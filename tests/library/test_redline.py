"""The redline: what a change means, from the values of two versions, and how their words are aligned."""

from __future__ import annotations

from datetime import date
from difflib import SequenceMatcher

import msgspec
import pytest
from tests.support import archive, files_of, library

from medpol.library import SHIPPED
from medpol.library.redline import (
    Block,
    Change,
    Effort,
    Item,
    Kind,
    Mark,
    Redline,
    SectionWords,
    Subject,
    alike,
    redline,
)
from medpol.model.policy import PolicyVersion

FACTS = """# Facts

| Fact | Type | Unit or choices | Question | From |
|---|---|---|---|---|
| exam.band | yes/no | | Is a band felt? | record |
| exam.spot | yes/no | | Is there a spot? | record |
| exam.twitch | yes/no | | Is there a twitch? | record |
| therapy.duration | quantity | weeks | How long? | record |
| override.director | yes/no | | Allowed? | plan |
"""
CODES = """
## Coding

| Group | System | Code | Role | From | To |
|---|---|---|---|---|---|
| needling | CPT | 20560 | governed | | |
"""
PLAIN = "Needling is **investigational**.\n"


def document(
    criteria: str = PLAIN, rest: str = CODES, *, first: str = "2024-01-01", head: str = "", title: str = "Needles"
) -> str:
    front = f"---\npolicy: EX-1\ntitle: {title}\neffective: {first}\npublished: {first}\n{head}---\n\n# Needles\n"
    return f"{front}\n## Policy coverage criteria\n\n{criteria}{rest}"


def of(*texts: str) -> tuple[list[PolicyVersion], list[str]]:
    """Versions from documents, each read by itself so that two may have one first day."""
    versions = []
    for text in texts:
        day = next(line.split()[1] for line in text.split("\n") if line.startswith(("effective:", "archived:")))
        held = library({"facts.md": FACTS, f"EX-1/{day}.md": text})
        wrong = [each for each in held.errors if each.rule != "withdraws-nothing"]
        assert not wrong, "\n".join(map(str, wrong))
        versions.append(held.versions[0])
    return versions, list(texts)


def between(before: str, after: str, *held: str, effort: Effort | None = None) -> Redline:
    (one, other, *others), (text, later, *_) = of(before, after, *held)
    return redline(one, text, other, later, (one, *others, other), effort)


def items(found: Redline, *subjects: Subject) -> list[Item]:
    assert found.meaning is not None
    return [each for each in found.meaning if each.subject in subjects or not subjects]


def said(found: Redline, *subjects: Subject) -> list[tuple[str, str]]:
    """Kind and sentence of the items, stated days left out unless they are asked for."""
    return [
        (each.kind.value, each.says)
        for each in items(found, *subjects)
        if subjects or (each.subject is not Subject.DATE and each.kind is not Kind.UNCHANGED)
    ]


def section(found: Redline, heading: str) -> SectionWords:
    assert found.words is not None
    return next(each for each in found.words.sections if each.heading == heading)


def marked(block: Block) -> str:
    """The passage as text, what was deleted and inserted in brackets."""
    signs = {Mark.EQUAL: ("", ""), Mark.DELETED: ("[-", "-]"), Mark.INSERTED: ("{+", "+}")}
    return "".join(f"{signs[run.mark][0]}{run.text}{signs[run.mark][1]}" for run in block.runs)


# ---------------------------------------------------------------------------- the seed


def seed(first: str, second: str) -> Redline:
    held = library(files_of(SHIPPED))
    versions = {str(each.first_day): each for each in held.of("2.01.100")}
    one, other = versions[first], versions[second]
    return redline(one, held.texts[one.source.file], other, held.texts[other.source.file], held.of("2.01.100"))


def test_the_seed_says_what_its_own_history_does_not() -> None:
    """Portal page, section 5.6: injections left, myofascial pain entered, two codes joined, position unchanged, 1,376 days."""
    found = seed("2019-07-01", "2023-12-07")
    assert said(found, Subject.STATEMENT) == [
        ("changed", "left the statement: “injections”; entered it: “treatment of myofascial pain”")
    ]
    (service,) = items(found, Subject.SERVICE)
    assert (service.kind, service.about) == (Kind.REMOVED, "trigger-point-injection")
    joined = next(each for each in items(found, Subject.CODE) if each.kind is Kind.ADDED)
    assert joined.says.startswith("two codes joined on 2020-01-01: CPT 20560, 20561")
    assert joined.on == date(2020, 1, 1)
    assert said(found, Subject.POSITION) == [("unchanged", "the position is unchanged: investigational")]
    assert found.days_without_policy == 1376
    assert [str(each.version) for each in found.versions_between] == ["2020-01-01", "2020-03-01"]
    assert found.coverage_changes


def test_every_item_of_the_seed_names_the_lines_of_both_texts() -> None:
    texts = library(files_of(SHIPPED)).texts
    for each in items(seed("2019-07-01", "2023-12-07")):
        assert each.before or each.after
        for place in (*each.before, *each.after):
            assert texts[place.file].split("\n")[place.line - 1].strip()
        if each.subject is Subject.STATEMENT:
            ((before,), (after,)) = each.before, each.after
            assert texts[before.file].split("\n")[before.line - 1] == before.text
            assert texts[after.file].split("\n")[after.line - 1] == after.text


def test_an_annual_review_with_new_evidence_leaves_what_is_covered_as_it_was() -> None:
    found = seed("2023-12-07", "2024-07-01")
    assert (found.meaning_changes, found.coverage_changes, found.words_change) == (True, False, True)
    assert found.verdict.startswith("Scope, positions, codes and criteria mean the same; what else is stated changed")
    assert ("added", "18 references added (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18)") in said(
        found, Subject.REFERENCE
    )


# ---------------------------------------------------------------------------- the whole in a sentence


def test_one_text_on_another_day_is_no_change_and_the_days_are_shown() -> None:
    found = between(document(), document(first="2025-01-01", head="approved: 2024-11-02\n"))
    assert found.verdict == "No change in wording or meaning"
    assert not found.meaning_changes
    assert not found.words_change
    assert said(found, Subject.DATE) == [
        ("changed", "effective: 2024-01-01 → 2025-01-01"),
        ("added", "approved: 2024-11-02, not stated before"),
        ("changed", "published: 2024-01-01 → 2025-01-01"),
    ]


def test_other_words_of_one_meaning_are_said_to_be_that() -> None:
    before, after = (f"{CODES}\n## Background\n\n{words}\n" for words in ("It began early.", "It began late."))
    found = between(document(rest=before), document(rest=after))
    assert found.verdict == "The meaning is unchanged; the words changed in: Background"
    assert (found.meaning, found.meaning_changes, found.words_change) == ((), False, True)


def test_a_change_of_meaning_by_the_front_matter_alone_is_not_missed() -> None:
    found = between(document(), document(head="lines of business: {out: [medicaid]}\n"))
    assert found.verdict == "The meaning changed; the words are the same"
    assert (found.meaning_changes, found.words_change) == (True, False)


# ---------------------------------------------------------------------------- scope, standing, name

LINES = "lines of business: "


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        (
            f"{LINES}{{in: [commercial]}}\n",
            f"{LINES}{{in: [individual]}}\n",
            f"{LINES}individual came in; commercial went out",
        ),
        (
            "",
            f"{LINES}{{out: [medicaid]}}\n",
            f"{LINES}medicaid, medicare, medicare advantage, medicare supplement went out",
        ),
        ("states: {in: [WA, OR]}\n", "states: {in: [WA]}\n", "states: OR went out"),
        ("states: {out: [ID]}\n", "", "states: ID came in"),
        ("plans: {in: [GOLD]}\n", "plans: {out: [GOLD]}\n", "plans: from GOLD to all, not GOLD"),
    ],
)
def test_what_came_into_the_scope_and_what_went_out(before: str, after: str, says: str) -> None:
    assert said(between(document(head=before), document(head=after))) == [("changed", says)]


def test_a_scope_written_otherwise_and_the_same_in_effect_is_words_alone() -> None:
    one, other = f"{LINES}{{in: [commercial]}}\n", f"{LINES}{{in: [commercial], out: [medicaid]}}\n"
    found = between(document(head=one), document(head=other))
    assert said(found) == [("reworded", "lines of business: written otherwise, the same in effect")]
    assert not found.meaning_changes


def test_an_archived_version_and_one_that_puts_the_policy_back() -> None:
    gone = archive("2025-01-01", "2025-01-01")
    found = between(document(), gone)
    assert said(found, Subject.STANDING) == [
        ("changed", "the policy is archived from 2025-01-01 on: nothing is in force")
    ]
    back = between(gone, document(first="2026-01-01"))
    assert said(back, Subject.STANDING) == [
        ("changed", "the policy is in force again from 2026-01-01 on, after it was archived")
    ]
    assert back.days_without_policy == 365
    assert (back.gaps[0].first_day, back.gaps[0].last_day) == (date(2025, 1, 1), date(2025, 12, 31))


def test_an_archive_that_states_no_scope_takes_nobody_in() -> None:
    lines = f"{LINES}{{in: [commercial, medicaid]}}\nstates: {{in: [WA]}}\n"
    gone = archive("2025-01-01", "2025-01-01")
    assert said(between(document(head=lines), gone), Subject.SCOPE) == []
    assert said(between(gone, document(first="2026-01-01", head=lines)), Subject.SCOPE) == []


def test_two_archives_in_a_row_are_one_gap() -> None:
    found = between(
        document(),
        document(first="2026-01-01"),
        archive("2024-06-01", "2024-06-01"),
        archive("2025-01-01", "2025-01-01"),
    )
    assert [(str(each.first_day), str(each.last_day), each.days) for each in found.gaps] == [
        ("2024-06-01", "2025-12-31", 579)
    ]


def test_a_version_that_withdraws_another_says_which() -> None:
    found = between(document(), document(first="2025-01-01", head="withdraws: [2023-01-01]\n"))
    assert said(found, Subject.STANDING) == [("added", "the version of 2023-01-01 is withdrawn")]


def test_a_new_title_is_a_change_but_not_of_what_is_covered() -> None:
    found = between(document(), document(title="Needling"))
    assert said(found) == [("changed", "title: Needles → Needling")]
    assert (found.meaning_changes, found.coverage_changes) == (True, False)


# ---------------------------------------------------------------------------- statements and positions


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        (
            "Needling and cupping are **investigational**.",
            "Needling is **investigational**.",
            "left the statement: “cupping”",
        ),
        (
            "Needling is **investigational**.",
            "Needling of the jaw is **investigational**.",
            "entered the statement: “jaw”",
        ),
        (
            "Ozone injections for knee pain are **investigational**.",
            "Ozone injection for chronic hip pain is **investigational**.",
            "left the statement: “knee”; entered it: “chronic hip”",
        ),
        (
            "Needling or cupping is **investigational**.",
            "Needling, not cupping, is **investigational**.",
            "left the statement: “or”; entered it: “not”",
        ),
        (
            "Cupping beside needling is **investigational**.",
            "Needling beside cupping is **investigational**.",
            "the statement reads otherwise, with the same words of weight",
        ),
    ],
)
def test_the_words_that_left_a_statement_and_those_that_entered_it(before: str, after: str, says: str) -> None:
    found = between(document(f"{before}\n"), document(f"{after}\n"))
    assert said(found, Subject.STATEMENT) == [("changed", says)]
    assert said(found, Subject.POSITION) == [("unchanged", "the position is unchanged: investigational")]


def test_a_position_and_a_label() -> None:
    found = between(document(), document("Needling is **not medically necessary**.\n"))
    assert said(found) == [("changed", "position: investigational → not medically necessary")]
    label = between(document(), document("Needling is **considered investigational**.\n"))
    assert said(label) == [
        (
            "reworded",
            "position: investigational → investigational (“considered investigational”): another label, the same position",
        )
    ]
    assert (label.meaning_changes, label.words_change) == (False, True)


def test_authorisation_is_said_apart_from_coverage() -> None:
    rules = "### Coverage\n\nServices: `needling`\n\nNeedling is **covered**.\n"
    more = f"{rules}\n### Leave\n\nServices: `needling`\n\n**Prior authorization required**.\n"
    (each,) = items(between(document(rules), document(more)), Subject.AUTHORISATION)
    assert (each.kind, each.rule) == (Kind.ADDED, "leave")


def test_a_statement_that_wins_in_every_case() -> None:
    found = between(document(), document("Needling is in every case **investigational**.\n"))
    assert ("changed", "the statement wins in every case from now on") in said(found, Subject.STATEMENT)


# ---------------------------------------------------------------------------- criteria


def listed(*lines: str, structure: str = "all of", end: str = "") -> str:
    bullets = "\n".join(f"- {line}" for line in lines)
    return f"Needling is **medically necessary** when {structure} these are met:\n\n{bullets}\n{end}"


BAND, SPOT, TWITCH = "A band. `exam.band`", "A spot. `exam.spot`", "A twitch. `exam.twitch`"


def criteria(before: str, after: str) -> list[tuple[str, str]]:
    return said(
        between(document(before), document(after)),
        Subject.CRITERION,
        Subject.STRUCTURE,
        Subject.CONDITION,
        Subject.RULE,
    )


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("therapy.duration >= 6 weeks", "therapy.duration >= 8 weeks", "therapy.duration: >= 6 weeks → >= 8 weeks"),
        ("therapy.duration >= 6 weeks", "therapy.duration > 6 weeks", "therapy.duration: >= 6 weeks → > 6 weeks"),
        (
            "therapy.duration >= 6 weeks",
            "therapy.duration >= 42 days",
            "therapy.duration: >= 6 weeks → >= 42 days, the same amount",
        ),
        (
            "count(sessions of needling, rolling 12 months before) <= 3",
            "count(sessions of needling, rolling 6 months before) <= 3",
            "window: rolling 12 months before → rolling 6 months before",
        ),
        (
            "count(sessions of needling, calendar year through) <= 3",
            "count(lines of needling, calendar year through) <= 3",
            "what is counted: sessions → lines",
        ),
        (
            "exam.band and exam.spot",
            "exam.band or exam.spot",
            "joined otherwise: exam.band and exam.spot → exam.band or exam.spot",
        ),
        ("exam.band", "exam.band and exam.spot", "a condition added: exam.spot"),
        ("exam.band", "not exam.band", "joined otherwise: exam.band → not exam.band"),
    ],
)
def test_a_threshold_from_one_value_to_another(before: str, after: str, says: str) -> None:
    assert criteria(listed(f"It holds. `{before}`", SPOT), listed(f"It holds. `{after}`", SPOT)) == [("changed", says)]


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        (
            "The member's therapy went on for at least 6 weeks. `therapy.duration >= 6 weeks`",
            "More than 4 weeks under supervision. `therapy.duration > 4 weeks`",
            "therapy.duration: >= 6 weeks → > 4 weeks",
        ),
        (
            "No more than 3 sessions in a lifetime. `count(sessions of needling, lifetime before) < 3`",
            "Visits stay below the yearly limit. `count(sessions of needling, rolling 12 months before) < 3`",
            "window: lifetime before → rolling 12 months before",
        ),
    ],
)
def test_a_threshold_in_other_words_throughout_is_one_from_one_value_to_another(
    before: str, after: str, says: str
) -> None:
    assert criteria(listed(before, SPOT), listed(SPOT, after)) == [("changed", says)]
    assert [kind for kind, _ in criteria(listed(after, SPOT), listed(before, SPOT))] == ["changed"]


def test_a_bound_on_the_other_side_is_no_threshold_that_moved() -> None:
    least = "The member's therapy went on for at least 6 weeks. `therapy.duration >= 6 weeks`"
    most = "Not beyond a quarter. `therapy.duration <= 13 weeks`"
    assert [kind for kind, _ in criteria(listed(least, SPOT), listed(most, SPOT))] == ["added", "removed"]


def test_a_list_joined_otherwise_is_said_once() -> None:
    found = between(document(listed(BAND, SPOT)), document(listed(BAND, SPOT, structure="any of")))
    assert [says for _, says in said(found)] == ["all of these → any of these"]
    more = listed(BAND, SPOT, structure="any of").replace("Needling", "Needling of the jaw")
    both = said(between(document(listed(BAND, SPOT)), document(more)))
    assert [says for _, says in both] == ["entered the statement: “jaw”", "all of these → any of these"]


def test_two_thresholds_of_one_sentence_are_two_items() -> None:
    one = "Long. `therapy.duration >= 6 weeks and count(sessions of needling, lifetime before) < 3`"
    other = "Long. `therapy.duration >= 7 weeks and count(sessions of needling, lifetime before) < 4`"
    assert [says for _, says in criteria(listed(one, SPOT), listed(other, SPOT))] == [
        "therapy.duration: >= 6 weeks → >= 7 weeks",
        "count(sessions of needling, lifetime before): < 3 → < 4",
    ]


def test_sentences_that_came_and_went() -> None:
    assert criteria(listed(BAND, SPOT), listed(BAND, TWITCH)) == [
        ("added", "criterion added: A twitch"),
        ("removed", "criterion removed: A spot"),
    ]
    assert criteria(listed(BAND, SPOT), listed(BAND, SPOT, "The plan is written and dated.")) == [
        ("added", "question added: The plan is written and dated")
    ]


def test_other_words_with_the_same_expression_change_no_meaning() -> None:
    found = between(document(listed(BAND, SPOT)), document(listed("Something like a cord is felt. `exam.band`", SPOT)))
    assert said(found) == [("reworded", "reworded; the expression is the same")]
    assert not found.meaning_changes


def test_a_question_that_reads_otherwise_is_a_change_for_nobody_can_say_that_it_is_none() -> None:
    one, other = "The plan of treatment is written.", "The plan of treatment is written and signed."
    assert criteria(listed(BAND, one), listed(BAND, other)) == [("changed", "the question reads otherwise")]


def test_a_sentence_that_is_taught() -> None:
    assert criteria(listed(BAND, "A spot."), listed(BAND, SPOT)) == [
        ("changed", "a question became a condition: exam.spot")
    ]


def test_end_punctuation_and_case_are_no_change_of_a_sentence() -> None:
    found = between(document(listed("A band, `exam.band`", SPOT)), document(listed("a Band. `exam.band`", SPOT)))
    assert said(found) == []
    assert found.words_change


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("all of", "any of", "all of these → any of these"),
        ("at least 2 of", "at least 3 of", "at least 2 of 3 → at least 3 of 3"),
        ("any of", "none of", "any of these → none of these"),
    ],
)
def test_a_structure_from_one_to_another(before: str, after: str, says: str) -> None:
    sentences = (BAND, SPOT, TWITCH)
    assert criteria(listed(*sentences, structure=before), listed(*sentences, structure=after)) == [("changed", says)]


def test_two_of_three_and_two_of_four_are_not_the_same() -> None:
    one = listed(BAND, SPOT, TWITCH, structure="at least 2 of")
    other = listed(BAND, SPOT, TWITCH, "A person says so.", structure="at least 2 of")
    assert ("changed", "at least 2 of 3 → at least 2 of 4") in criteria(one, other)


def test_a_sentence_that_moved_under_another_list() -> None:
    inner = "Any of these:\n  - A spot. `exam.spot`\n  - A twitch. `exam.twitch`"
    later = "Any of these:\n  - A band. `exam.band`\n  - A spot. `exam.spot`\n  - A twitch. `exam.twitch`"
    asked = "The plan is written."
    assert criteria(listed(BAND, inner, asked), listed(later, asked)) == [
        (
            "moved",
            "moved from the rule, under “Needling is **medically necessary** when all of these are met”"
            " to the rule, under “Any of these”",
        )
    ]


def test_a_sentence_that_became_the_exception() -> None:
    one = listed(BAND, SPOT, "A director allows it. `override.director`")
    other = listed(BAND, SPOT, end="\nUnless a director allows it. `override.director`\n")
    assert criteria(one, other) == [
        ("reworded", "reworded; the expression is the same"),
        (
            "moved",
            "moved from the rule, under “Needling is **medically necessary** when all of these are met”"
            " to the exception (unless) of the rule",
        ),
    ]


def test_another_order_changes_no_meaning() -> None:
    found = between(document(listed(BAND, SPOT)), document(listed(SPOT, BAND)))
    assert said(found) == [("moved", "the sentences of the list stand in another order")]
    assert not found.meaning_changes


def test_a_guard_that_came() -> None:
    inner = "Any of these:{}\n  - A spot. `exam.spot`\n  - A twitch. `exam.twitch`"
    one, other = (listed(BAND, inner.format(guard)) for guard in ("", " `if exam.band`"))
    assert criteria(one, other) == [("added", "the list applies only if exam.band")]


def test_when_dates_otherwise_and_approved_for() -> None:
    when = "count(sessions of needling, lifetime before) = 0"
    one = f"When: never before `{when}`\n\n{listed(BAND, SPOT)}\nOtherwise **investigational**.\n"
    other = (
        f"When: seldom `{when.replace('= 0', '<= 1')}`\n\nDates of service: from 2024-02-01\n\nApproved for: a year\n\n"
        f"{listed(BAND, SPOT)}\nOtherwise **cosmetic**.\n"
    )
    found = between(document(one), document(other))
    assert said(found) == [
        ("changed", "otherwise: investigational → cosmetic"),
        ("changed", "when the rule speaks: count(sessions of needling, lifetime before): = 0 → <= 1"),
        ("added", "dates of service that the rule speaks for: all → from 2024-02-01"),
        ("added", "approved for: not stated → a year"),
    ]


def test_a_plain_statement_that_is_given_criteria() -> None:
    found = criteria(
        "Needling is **covered**.\n", "Needling is **covered** when all of these are met:\n\n- A band. `exam.band`\n"
    )
    assert found == [("added", "criterion added: A band")]


# ---------------------------------------------------------------------------- rules

TWO = "### First\n\nServices: `needling`\n\n{}\n### {}\n\nServices: `needling`\n\nLater needling is **investigational**.\n"


def test_a_rule_that_was_renamed_keeps_its_sentences() -> None:
    one, other = TWO.format(listed(BAND, SPOT), "Second"), TWO.format(listed(BAND, SPOT), "Later sessions")
    assert criteria(one, other) == [("changed", "the rule “Second” is called “Later sessions”")]
    (renamed,) = items(between(document(one), document(other)), Subject.RULE)
    assert [each.text for each in (*renamed.before, *renamed.after)] == ["Second", "Later sessions"]


def test_rules_in_another_order_change_no_meaning() -> None:
    first = f"### First\n\nServices: `needling`\n\n{listed(BAND, SPOT)}"
    second = "### Second\n\nServices: `needling`\n\nLater needling is **investigational**.\n"
    found = between(document(f"{first}\n{second}"), document(f"{second}\n{first}"))
    assert said(found) == [("moved", "the rules stand in another order")]
    assert not found.meaning_changes


def test_a_rule_that_came_is_said_with_its_position() -> None:
    one = f"### First\n\nServices: `needling`\n\n{listed(BAND, SPOT)}"
    more = f"{one}\n### Second\n\nServices: `needling`\n\nLater needling is **investigational**.\n"
    assert criteria(one, more) == [("added", "the rule “Second” (of needling) came: investigational")]


# ---------------------------------------------------------------------------- codes


def coded(*rows: str, first: str = "2024-01-01") -> str:
    table = "\n## Coding\n\n| Group | System | Code | Role | From | To |\n|---|---|---|---|---|---|\n"
    return document(rest=table + "".join(f"| {row} |\n" for row in rows), first=first)


def test_what_a_row_of_the_coding_table_says_of_a_code() -> None:
    one = coded(
        "needling | CPT | 20560 | governed | 2020-01-01 |",
        "pictures | CPT | 20561 | governed | |",
        "a | CPT | 1111F | governed | |",
    )
    other = coded(
        "needling | CPT | 20560 | governed | 2020-01-01 | 2025-12-31",
        "pictures | CPT | 20561 | informational | |",
        "b | CPT | 1111F | governed | |",
    )
    assert said(between(one, other), Subject.CODE) == [
        ("changed", "CPT 20560: days of validity from 2020-01-01 → from 2020-01-01 through 2025-12-31"),
        ("moved", "CPT 20561: role governed → informational"),
        ("moved", "CPT 1111F: group a → b"),
    ]


def test_a_group_without_a_code_of_its_own_counts_among_the_services() -> None:
    found = between(
        coded("needling | CPT | 20560 | governed | |"),
        coded("needling | CPT | 20560 | governed | |", "cupping | CPT | | governed | |"),
    )
    assert said(found) == [
        ("added", "cupping entered the services that the policy governs on 2024-01-01"),
        ("added", "cupping: the service came without a code of its own on 2024-01-01"),
    ]


def test_the_day_on_which_a_code_joined_is_that_of_the_first_version_from_which_it_stayed() -> None:
    """It came, went while the policy was archived without a word, left for a while, and came to stay."""
    bare, full = "needling | CPT | 20560 | governed | |", "needling | CPT | 20561 | governed | |"
    held = [
        coded(bare, full, first="2024-02-01"),
        coded(bare, first="2024-03-01"),
        coded(bare, full, first="2024-04-01"),
        archive("2024-05-01", "2024-05-01"),
    ]
    found = between(coded(bare), coded(bare, full, first="2025-01-01"), *held)
    assert said(found) == [("added", "one code joined on 2024-04-01: CPT 20561, governed in needling")]
    assert items(found, Subject.CODE)[0].on == date(2024, 4, 1)


def test_read_backwards_the_day_is_the_same_and_time_is_said_to_run_the_other_way() -> None:
    bare, full = "needling | CPT | 20560 | governed | |", "needling | CPT | 20561 | governed | |"
    found = between(coded(bare, full, first="2025-01-01"), coded(bare), coded(bare, full, first="2024-06-01"))
    assert said(found) == [
        (
            "removed",
            "one code left (in the order of time: there from 2024-06-01 on): CPT 20561, governed in needling",
        )
    ]


# ---------------------------------------------------------------------------- definitions and evidence


def test_value_sets_tables_and_facts_of_the_document() -> None:
    rest = (
        CODES
        + "\n## Definitions\n\n- `poor`: {}\n\n### Mass by length\n\n| therapy.duration | body mass |\n|---|---|\n| 4 weeks | {} |\n"
        + "\n### Facts\n\n| Fact | Type | Unit or choices | Question | From |\n|---|---|---|---|---|\n| own.grade | choice | {} | Which? | record |\n"
    )
    one = document(rest=rest.format("`failed`, `worse`", "70 kg", "low, high"))
    other = document(rest=rest.format("`failed`, `none`", "75 kg", "low, middle, high"))
    assert said(between(one, other)) == [
        ("added", "the value set poor: one value joined: none"),
        ("removed", "the value set poor: one value left: worse"),
        ("changed", "the table mass-by-length: at 4 weeks: 70 kg → 75 kg"),
        ("changed", "the fact own.grade: choices low, high → low, middle, high"),
    ]


def test_conclusions_and_trials_are_told_by_what_changed_in_them() -> None:
    rest = (
        CODES
        + "\n## Evidence review\n\n### Population: Adults\n\nText.\n\nConclusion: **{}**\n"
        + "\n## Clinical trials\n\n### Ongoing\n\n| NCT | Title | Population | Enrolment | Completion | Status |\n|---|---|---|---|---|---|\n"
        + "| NCT01234567 | A trial | Adults | 60 | 2025-03 | {} |\n"
    )
    one, other = (
        document(rest=rest.format("insufficient", "recruiting")),
        document(rest=rest.format("sufficient", "done")),
    )
    assert said(between(one, other)) == [
        ("changed", "the population Adults: conclusion insufficient → sufficient"),
        ("changed", "the trial NCT01234567: status recruiting → done"),
    ]


def test_references_are_counted_and_a_new_number_is_no_change() -> None:
    def references(*names: str) -> str:
        lines = "\n".join(
            f"{at}. {name} A. On needles. J. 2020; 1: 1-2. PMID 1234567{len(name)}" for at, name in enumerate(names, 1)
        )
        return document(rest=f"{CODES}\n## References\n\n{lines}\n")

    found = between(references("Abe", "Bert"), references("Carla", "Abe", "Dorian"))
    assert said(found) == [("added", "two references added (1, 3)"), ("removed", "one reference removed (2)")]


# ---------------------------------------------------------------------------- words


def prose(*passages: str, heading: str = "Background") -> str:
    return document(rest=CODES + f"\n## {heading}\n\n" + "\n\n".join(passages) + "\n")


def test_changed_words_with_but_a_space_between_them_are_one_run() -> None:
    found = between(prose("It was the old slow way of doing so."), prose("It was a new way of doing so."))
    assert [marked(each) for each in section(found, "Background").blocks] == [
        "It was [-the old slow-]{+a new+} way of doing so."
    ]


def test_wrapping_and_padding_change_nothing() -> None:
    table = "| A | B |\n|---|---|\n| one | two |"
    padded = "| A   | B   |\n|-----|-----|\n| one | two |"
    found = between(prose("One\ntwo  three.", table), prose("One two\nthree.", padded))
    assert found.verdict == "No change in wording or meaning"


def test_a_passage_that_moved_inside_its_section_and_into_another() -> None:
    first, second, third = "The first one is short.", "The second is a little longer.", "The third ends it all."
    inside = section(between(prose(first, second, third), prose(third, first, second)), "Background")
    assert [(each.is_moved, marked(each)) for each in inside.blocks if each.is_moved] == [(True, third)]
    one = prose(first, second) + f"\n## Description\n\n{third}\n"
    other = prose(first) + f"\n## Description\n\n{third}\n\n{second}\n"
    found = between(one, other)
    moved = [each for each in section(found, "Description").blocks if each.is_moved]
    assert [(marked(each), each.moved_from) for each in moved] == [(second, "Background")]
    assert all(each.change is Change.EQUAL for each in section(found, "Background").blocks)


def test_sections_are_one_by_their_standard_name_then_by_heading_then_by_their_words() -> None:
    text = "Much is said here about how needles came to be in use, and by whom, and when."
    by_name = section(
        between(prose(text, heading="Background"), prose(text, heading="General background")), "General background"
    )
    assert (by_name.from_heading, by_name.name) == ("Background", "Background")
    by_words = section(between(prose(text, heading="Of old"), prose(text, heading="Of old times")), "Of old times")
    assert by_words.from_heading == "Of old"
    assert [each.change for each in by_words.blocks] == [Change.EQUAL]


def test_a_criterion_is_found_by_its_expression_where_its_words_are_all_others() -> None:
    one = listed(BAND, "Something wholly different was written here before. `exam.spot`")
    other = listed("No likeness at all remains now. `exam.spot`", BAND)
    blocks = section(between(document(one), document(other)), "Policy coverage criteria").blocks
    assert [(each.change, each.is_moved, each.from_line, each.to_line) for each in blocks[1:]] == [
        (Change.CHANGED, False, 15, 14),
        (Change.EQUAL, True, 14, 15),
    ]


def test_passages_that_only_their_place_joins_are_shown_whole() -> None:
    found = between(
        prose("First.", "Cats sleep all day.", "Last."), prose("First.", "Rivers run north slowly.", "Last.")
    )
    assert [marked(each) for each in section(found, "Background").blocks] == [
        "First.",
        "[-Cats sleep all day.-]{+Rivers run north slowly.+}",
        "Last.",
    ]


# ---------------------------------------------------------------------------- shape and bounds


def test_the_json_reads_back_as_the_same_redline() -> None:
    found = seed("2019-07-01", "2023-12-07")
    data = msgspec.json.encode(found)
    assert msgspec.json.decode(data, type=Redline) == found
    keys = msgspec.json.decode(data)
    assert {"policy", "from", "to", "verdict", "meaning", "words", "gaps", "days_without_policy"} <= set(keys)
    assert {"kind", "subject", "from", "to", "says"} <= set(keys["meaning"][0])


class CountingMatcher(SequenceMatcher[str]):
    """difflib's own, which counts the steps that its first look may take."""

    most = 0

    def __init__(self, isjunk: None, one: list[str], other: list[str], autojunk: bool) -> None:
        super().__init__(isjunk, one, other, autojunk)
        steps = sum(len(self.b2j.get(each, ())) for each in one)
        CountingMatcher.most = max(CountingMatcher.most, steps)


HOSTILE = {
    "one word over and over": ("a " * 9_000, "a " * 8_000 + "b " + "a " * 900),
    "two words in no order": ("a b b a a " * 2_000, "b a b b a " * 2_000),
    "one short passage over and over": ("\n\n".join(["a b"] * 2_000), "\n\n".join(["b a", "a b"] * 1_000)),
    "passages that are all alike": tuple(
        "\n\n".join(f"the finding {sign}{at} is documented" for at in range(1_500)) for sign in "xy"
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_text_can_make_the_comparing_endless(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps are counted before they are taken: what one call of difflib may look at is limited, and all of them together."""
    monkeypatch.setattr(alike, "SequenceMatcher", CountingMatcher)
    monkeypatch.setattr(CountingMatcher, "most", 0)
    one, other = HOSTILE[name]
    effort = Effort()
    found = between(prose(one), prose(other), effort=effort)
    assert found.words_change
    assert CountingMatcher.most <= Effort().steps_at_once
    assert effort.steps >= 0
    assert effort.words >= -10 * max(
        len(one), len(other)
    )  # the last distance is finished, for the reverse to be the same


def test_without_any_effort_left_the_redline_is_coarse_and_still_right() -> None:
    one, other = prose("One two three four.", "Five."), prose("One two three nine.", "Five.", "Six.")
    found = between(one, other, effort=Effort(0, 0, 0))
    for mark, text in ((Mark.DELETED, "One two three four."), (Mark.INSERTED, "One two three nine.")):
        assert text in [
            "".join(run.text for run in block.runs if run.mark in (Mark.EQUAL, mark))
            for block in section(found, "Background").blocks
        ]
