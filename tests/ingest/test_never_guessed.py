"""What is not certainly understood is a question, never a rule: negated lists, limits, persons, other cases, loose numbers."""

from __future__ import annotations

import pytest
from tests.support import desk, said

from medpol.ingest import Ingested, ingest
from medpol.ingest.report import report_text
from medpol.model.codes import pattern_shown
from medpol.model.criteria import Group, Leaf, Rule, StatementKind, Structure
from medpol.model.lines import Scope
from medpol.model.policy import CodeRole, PolicyVersion
from medpol.text.names import Vocabulary
from medpol.text.reader import read_policy
from medpol.text.source import Findings

HEADER = "Policy Number: TD-12\n\nTitle: Tin Drums\n\nEffective Date: March 4, 2022\n\nPublish Date: February 1, 2022\n"
CODES = "## Coding\n\n| CPT Code | Description |\n|---|---|\n| 99999 | A drum |\n"
LISTED = "\n\n- loud ears\n- quiet hands\n- three feet"


def document(criteria: str, more: str = CODES) -> Ingested:
    return ingest(f"{HEADER}\n\n## Coverage Rationale\n\n{criteria}\n\n{more}\n".encode(), "drums.md")


def only(result: Ingested) -> PolicyVersion:
    assert result.diagnostics == (), [str(each) for each in result.diagnostics]
    ((path, text),) = result.drafts[1:]
    findings = Findings(path)
    version = read_policy(text, findings, Vocabulary())
    assert version is not None and not findings.has_errors, findings.found
    return version


def rule_of(criteria: str) -> Rule:
    (rule,) = only(document(criteria)).rules
    return rule


def questions(result: Ingested) -> str:
    return "\n".join(each.question for each in result.report.questions)


def answer(criteria: str) -> str:
    """What the drafts say of a case of which nothing is known."""
    return said(desk(dict(document(criteria).drafts)), code="99999", date_of_service="2023-01-01")


# ---------------------------------------------------------------------------- negated and excepted lists


@pytest.mark.parametrize(
    "sentence",
    [
        "Tin drums are investigational unless all of the following are met:",
        "Tin drums are not medically necessary unless at least one of the following is met:",
        "Tin drums are not medically necessary unless:",
        "Tin drums are covered except when all of the following are met:",
        "Tin drums are investigational until all of these are met:",
        "Unless all of the following are met, tin drums are investigational:",
        "Tin drums are medically necessary when the member does not have any of the following:",
        "Tin drums are medically necessary when the member doesn't have any of the following:",
        "Tin drums are not medically necessary when the member fails to meet any of the following:",
        "Tin drums are not medically necessary when all of the following are not met:",
    ],
)
def test_a_negated_or_excepted_list_is_one_question_with_both_readings(sentence: str) -> None:
    result = document(sentence + LISTED)
    (rule,) = only(result).rules
    assert isinstance(rule.criteria, Group)
    (part,) = rule.criteria.parts
    assert isinstance(part, Leaf) and part.expression is None
    assert all(words in part.sentence for words in ("loud ears", "quiet hands", "three feet"))
    assert "(1) where not all of: loud ears; quiet hands; three feet; (2) where none of: loud ears" in questions(result)
    assert "tin drum" in rule.statement.sentence.casefold()
    assert answer(sentence + LISTED).endswith("facts-missing")


@pytest.mark.parametrize(
    "lead", ["absence of all of the following", "without any of the following", "no evidence of any of the following"]
)
def test_a_negated_item_with_a_list_of_its_own_is_one_question(lead: str) -> None:
    result = document(
        f"Tin drums are medically necessary when all of the following are met:\n\n- loud ears\n- {lead}:\n  - gout\n  - rust"
    )
    (rule,) = only(result).rules
    assert isinstance(rule.criteria, Group)
    assert [part.sentence for part in rule.criteria.parts] == ["loud ears", f"{lead}: gout; rust"]
    assert all(isinstance(part, Leaf) for part in rule.criteria.parts)
    assert f"the list below '{lead}:' is negated or excepted from" in questions(result)


@pytest.mark.parametrize(
    "sentence",
    [
        "Tin drums are not medically necessary when all of the following are met:",
        "Tin drums are considered medically necessary when the member is not deaf and all of the following are met:",
        "Tin drums are medically necessary with or without sticks when all of the following are met:",
    ],
)
def test_a_negation_that_does_not_reach_the_list_leaves_its_tree(sentence: str) -> None:
    rule = rule_of(sentence + LISTED)
    assert isinstance(rule.criteria, Group)
    assert rule.criteria.structure is Structure.ALL and len(rule.criteria.parts) == 3


# ---------------------------------------------------------------------------- numbers


@pytest.mark.parametrize(
    ("count", "structure", "needed"),
    [
        ("at least two (2) of the following", Structure.AT_LEAST, 2),
        ("two (2) or more of the following", Structure.AT_LEAST, 2),
        ("at least one (1) of the following criteria", Structure.AT_LEAST, 1),
        ("more than one of the following", Structure.AT_LEAST, 2),
        ("all three (3) of the following", Structure.ALL, None),
    ],
)
def test_a_number_that_is_said_twice_counts_once(count: str, structure: Structure, needed: int | None) -> None:
    rule = rule_of(f"Tin drums are medically necessary when {count} are met:{LISTED}")
    assert isinstance(rule.criteria, Group)
    assert (rule.criteria.structure, rule.criteria.needed, len(rule.criteria.parts)) == (structure, needed, 3)


@pytest.mark.parametrize(
    ("count", "asked"),
    [
        ("two (3) or more of the following", "counts in two ways ('two (3)'): (1) at least 2 of: loud ears"),
        ("all two (2) of the following", "says 'all two of the following', and 3 stand below it"),
        ("no more than one of the following", "says 'no more than one of the following': (1) no more than that of"),
        ("fewer than two of the following", "says 'fewer than two of the following'"),
    ],
)
def test_a_number_that_does_not_fit_its_list_is_asked(count: str, asked: str) -> None:
    result = document(f"Tin drums are medically necessary when {count} are met:{LISTED}")
    (rule,) = only(result).rules
    assert isinstance(rule.criteria, Group)
    assert len(rule.criteria.parts) == 1 and isinstance(rule.criteria.parts[0], Leaf)
    assert asked in questions(result)


@pytest.mark.parametrize(
    "listed",
    [
        "- loud ears\n- quiet hands\n- OR\n- three feet\n- two tails",
        "1. loud ears\n2. quiet hands\n\nOR\n\n1. three feet\n2. two tails",
    ],
)
def test_or_between_two_groups_offers_the_groups_as_a_reading(listed: str) -> None:
    result = document(f"Tin drums are medically necessary when all of the following are met:\n\n{listed}")
    asked = questions(result)
    assert (
        "(3) one group or another: (loud ears and quiet hands) or (three feet and two tails): which is meant?" in asked
    )
    (rule,) = only(result).rules
    assert isinstance(rule.criteria, Group) and len(rule.criteria.parts) == 1


# ---------------------------------------------------------------------------- limits, persons, other cases


@pytest.mark.parametrize(
    "sentence",
    [
        "Up to 3 tin drums in 5 years are covered.",
        "A maximum of two (2) tin drums per lifetime is covered.",
        "Tin drums are covered, limited to 2 per year.",
        "Tin drums are covered once every 5 years.",
        "Tin drums are covered, not to exceed 3 per member.",
        "No more than 4 tin drums are covered.",
        "Tin drums are not covered for members under 18 years of age.",
        "Tin drums are medically necessary for adults 18-65 with loud ears.",
        "Tin drums are covered for children.",
        "Tin drums are medically necessary to treat gout.",
        "Tin drums are considered medically necessary for the treatment of loud ears.",
        "Tin drums over $500 are not covered.",
        "Tin drums are medically necessary in all other cases.",
        "Tin drums are investigational for all other indications.",
    ],
)
def test_a_position_for_some_cases_alone_is_never_unconditional(sentence: str) -> None:
    result = document(sentence)
    (rule,) = only(result).rules
    assert rule.statement.kind is StatementKind.CONDITIONAL
    assert isinstance(rule.criteria, Group)
    (part,) = rule.criteria.parts
    assert isinstance(part, Leaf) and part.expression is None and sentence.rstrip(".") in part.sentence
    assert "it was made a question" in questions(result) or "speaks of all other cases" in questions(result)
    assert answer(sentence).endswith("facts-missing")
    assert "| tin-drum | CPT    | 99999 |" in result.drafts[1][1]


def test_a_position_for_every_case_stays_unconditional() -> None:
    for words in (
        "Tin drums are covered.",
        "Tin drums are covered for all members.",
        "Tin drums are investigational for all indications.",
    ):
        assert rule_of(words).statement.kind is StatementKind.PLAIN


def test_a_favourable_position_for_some_and_a_denial_of_all_others_stay_two_questions() -> None:
    version = only(document("Tin drums are covered for deaf goats. All other uses of tin drums are not covered."))
    assert [(rule.statement.kind, rule.otherwise) for rule in version.rules] == [(StatementKind.CONDITIONAL, None)] * 2


def test_prior_authorization_over_an_amount_is_conditional() -> None:
    rule = rule_of("Prior authorization is required for all devices over $500.")
    assert rule.statement.kind is StatementKind.CONDITIONAL


def test_a_limit_beside_a_list_is_one_more_question() -> None:
    rule = rule_of(f"Tin drums are covered up to 3 per year when all of the following are met:{LISTED}")
    assert isinstance(rule.criteria, Group)
    assert [part.sentence for part in rule.criteria.parts] == [
        "this is within the limit: up to 3 per year when all of the following are met",
        "loud ears",
        "quiet hands",
        "three feet",
    ]


def test_all_other_cases_are_the_otherwise_right_behind_their_list_alone() -> None:
    first = f"Tin drums are medically necessary when all of the following are met:{LISTED}\n\n"
    rule = rule_of(first + "Tin drums are investigational for all other indications.")
    assert rule.otherwise is not None
    version = only(document(first + "Tin drums are medically necessary in all other cases."))
    assert [rule.statement.kind for rule in version.rules] == [StatementKind.CONDITIONAL] * 2
    assert all(rule.otherwise is None for rule in version.rules)


# ---------------------------------------------------------------------------- scope, codes, title, report


@pytest.mark.parametrize(
    ("words", "scope"),
    [
        ("This policy applies to Commercial plans. It does not apply to Medicare Advantage.", Scope(("commercial",), ("medicare_advantage",))),
        ("This policy applies to all plans. It does not apply to Medicare Advantage.", Scope(None, ("medicare_advantage",))),
    ],
)  # fmt: skip
def test_the_lines_that_a_text_applies_to_stand_beside_those_it_takes_out(words: str, scope: Scope) -> None:
    assert only(document("Tin drums are investigational.", f"## Scope\n\n{words}")).lines_of_business == scope


def test_an_unknown_line_beside_one_that_is_taken_out_is_asked() -> None:
    result = document(
        "Tin drums are investigational.",
        "## Scope\n\nThis policy applies to Purple plans. It does not apply to Medicare Advantage.",
    )
    assert only(result).lines_of_business == Scope(None, ("medicare_advantage",))
    assert "does the policy speak for 'Purple plans' alone" in questions(result)


def test_a_code_tables_own_column_gives_a_role_or_is_asked() -> None:
    table = (
        "## Coding\n\n| CPT Code | Description | Coverage |\n|---|---|---|\n| 99997 | A | Covered |\n"
        "| 99998 | B | Informational |\n| 99999 | C | Not covered |\n"
    )
    result = document("Tin drums are investigational.", table)
    roles = {pattern_shown("CPT", row.pattern): row.role for row in only(result).code_rows if row.pattern is not None}
    assert roles == {"99997": CodeRole.GOVERNED, "99998": CodeRole.INFORMATIONAL, "99999": CodeRole.GOVERNED}
    assert "says 'Not covered' of 99999" in questions(result)
    assert "of 99997" not in questions(result) and "of 99998" not in questions(result)


def test_the_title_of_a_web_page_is_its_first_level_heading_not_its_navigation() -> None:
    page = (
        "<nav><a href='/'>Home and providers</a></nav><p>Skip to content</p><h1>Tin Drums</h1><p>Policy Number: TD-12</p>"
        "<p>Effective Date: March 4, 2022</p><h2>Coverage Rationale</h2><p>Tin drums are investigational.</p>"
    )
    version = only(ingest(page.encode(), "drums.html"))
    assert version.title == "Tin Drums"
    assert "Home and providers" in version.preamble


def test_the_report_asks_a_long_question_once() -> None:
    result = document(f"Tin drums are investigational unless all of the following are met:{LISTED}")
    text = report_text(result.report)
    (asked,) = {each.question for each in result.report.questions if "negated or excepted" in each.question}
    lines = next(each.lines for each in result.report.questions if each.question == asked)
    assert text.count(asked) == 2  # at its first line, and among the questions
    assert text.count(f"as asked at line {lines[0]}") == len(lines) - 1 == 3
