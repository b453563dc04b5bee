"""The printed evidence face: each section read, written and read again."""

from __future__ import annotations

import pytest
from tests.text.documents import assert_found, body, read_clean

from medpol.model.dates import StatedDate
from medpol.model.diagnostic import Severity
from medpol.model.evidence import (
    Conclusion,
    Direction,
    GuidelineKind,
    Issuer,
    Stated,
    StudyBody,
)
from medpol.model.policy import Addressed, EvidenceReview, PolicyVersion, SectionName
from medpol.text.writer import write


def face(section: str) -> PolicyVersion:
    """The version, which must also come back from its own print."""
    version = read_clean(body(section))
    assert read_clean(write(version)) == version
    return version


def test_introduction_and_disclaimer_say_whom_they_are_for() -> None:
    version = face("## Introduction\n\nAudience: public, providers\n\nWords.\n\n## Disclaimer\n\nAudience: plan staff")
    introduction = version.section(SectionName.INTRODUCTION)
    assert introduction is not None
    assert introduction.body == Addressed(("public", "providers"), "Words.")
    found = assert_found(body("## Introduction\n\nAudience: ¦publik"), ["unknown-audience"])
    assert found[0].near == "public"


def test_an_evidence_review_holds_populations_with_what_is_concluded() -> None:
    version = face(
        "## Evidence review\n\nWords first.\n\n### Population: adults with neck pain\n\nSmall trials [17].\n\n"
        "Studies: randomised trials, 3 studies, 1,120 participants; a review, 1 study; case reports\n"
        "Outcomes: symptoms; function; quality of life\n\nConclusion: **insufficient, harm**\n\n"
        "### Summary\n\nWords last."
    )
    (population,) = version.populations
    assert population.name == "adults with neck pain"
    assert population.prose == "Small trials [17]."
    assert population.studies == (
        StudyBody("randomised trials", 3, 1120),
        StudyBody("a review", 1, None),
        StudyBody("case reports"),
    )
    assert population.outcomes == ("symptoms", "function", "quality of life")
    assert population.conclusion is Conclusion.INSUFFICIENT_HARM
    review = version.section(SectionName.EVIDENCE)
    assert review is not None and isinstance(review.body, EvidenceReview)
    assert review.body.prose == "Words first.\n\n### Summary\n\nWords last."


@pytest.mark.parametrize("conclusion", list(Conclusion))
def test_every_conclusion_is_written_and_read(conclusion: Conclusion) -> None:
    version = face(f"## Evidence review\n\n### Population: a\n\nConclusion: **{conclusion.value}**")
    assert version.populations[0].conclusion is conclusion


def test_a_misspelled_conclusion_is_an_error() -> None:
    head = "## Evidence review\n\n### Population: a\n\n"
    assert assert_found(body(head + "Conclusion: ¦**insuficient**"), ["bad-conclusion"])[0].near == "insufficient"
    assert_found(body(head + "Conclusion: ¦insufficient"), ["bad-conclusion"])
    assert_found(body(head + "Conclusion: **sufficient**\n¦Conclusion: **sufficient**"), ["field-twice"])


TRIALS = "| NCT | Title | Population | Enrolment | Completion | Status |\n|---|---|---|---|---|---|\n"


def test_trials_stand_in_tables_by_publication() -> None:
    version = face(
        f"## Clinical trials\n\n### Ongoing\n\n{TRIALS}| NCT01234567 | Needles | adults | 40 | May 2024 | status unknown |\n\n"
        f"### Unpublished\n\n{TRIALS}| NCT01234568 | Pins | | | 2023-01-31 (actual) | |\n".replace(" (actual)", "")
    )
    one, other = version.trials
    assert (one.nct, one.enrolment, one.completion, one.status) == (
        "NCT01234567",
        40,
        StatedDate("May 2024"),
        "status unknown",
    )
    assert (one.is_published, other.is_published) == (None, False)
    assert version.effective is not None and version.effective.day is not None
    assert not one.has_passed(version.effective.day)
    assert other.has_passed(version.effective.day)


def test_misspelled_trials_are_found_at_their_cells() -> None:
    head = f"## Clinical trials\n\n### Ongoing\n\n{TRIALS}"
    assert_found(body(head + "| NCT01234567 | a | | ¦many | | |"), ["bad-number"])
    assert_found(body(head + "| ¦NCT123 | a | | | ¦spring | |"), ["bad-nct", "bad-date"], severity=Severity.WARNING)
    assert_found(body(head.replace("Enrolment", "¦Enrollment")), ["unknown-column"])


def test_guidelines_state_who_says_what_and_how_they_came_to_it() -> None:
    version = face(
        "## Practice guidelines\n\nInclusion rule: of this field, dated\n\n### A society\n\n"
        "Issuer: US professional society\n\nYear: 2023\n\nKind: position statement\n\nSystematic review: yes\n\n"
        "Strength ratings: no\n\nConflict handling: not stated\n\nRecommends: against\n\nWords [3]."
    )
    (guideline,) = version.guidelines.guidelines
    assert version.guidelines.inclusion_rule == "of this field, dated"
    assert (guideline.body, guideline.issuer, guideline.year) == ("A society", Issuer.US_SOCIETY, 2023)
    assert (guideline.kind, guideline.recommends) == (GuidelineKind.POSITION_STATEMENT, Direction.AGAINST)
    assert (guideline.systematic_review, guideline.strength_ratings) == (Stated.YES, Stated.NO)
    assert guideline.prose == "Words [3]."


@pytest.mark.parametrize(
    ("line", "rule"),
    [("Issuer: ¦a society", "unknown-choice"), ("Year: ¦23", "bad-number"), ("Recommends: ¦fro", "unknown-choice")],
)
def test_a_misspelled_guideline_is_an_error(line: str, rule: str) -> None:
    assert_found(body(f"## Practice guidelines\n\n### A society\n\n{line}"), [rule])


def test_medicare_states_and_dates_its_sources() -> None:
    version = face(
        "## Medicare\n\nStatement: covered since 2020\n\nMore words.\n\n### Dated sources\n\n"
        "| Source | Date | Says | Address |\n|---|---|---|---|\n| NCD 30.3.3 | 2020-01-21 | covers | |\n"
    )
    assert version.medicare.statement == "covered since 2020"
    assert version.medicare.sources[0].day.text == "2020-01-21"
    assert face("## Medicare\n\n### Dated sources\n\nNone yet.").medicare.prose == "### Dated sources\n\nNone yet."
    assert_found(body("## Medicare\n\n### Dated sources\n\n¦| Source | Date |"), ["broken-table"])
    table = "### Dated sources\n\n| Source | Date |\n|---|---|\n| NCD | ¦2020-13-01 |"
    assert_found(body("## Medicare\n\n" + table), ["bad-date"])


@pytest.mark.parametrize(("word", "needed"), [("yes", True), ("no", False), ("not stated", None)])
def test_regulatory_status_says_whether_approval_is_needed(word: str, needed: bool | None) -> None:
    assert face(f"## Regulatory status\n\nApproval needed: {word}\n\nWords.").regulatory.approval_needed is needed


def test_references_are_numbered_and_taken_apart_as_far_as_they_go() -> None:
    version = face(
        "## References\n\n1. Doe J, Roe K. Needles in muscles. J Pins. May 2019; 1(2): 3-4. PMID 12345678\n"
        "2. A page on the web. Accessed May 2024."
    )
    one, other = version.references
    assert (one.authors, one.title, one.journal, one.pmid) == (
        "Doe J, Roe K",
        "Needles in muscles",
        "J Pins",
        "12345678",
    )
    assert one.date == "May 2019"
    assert other.pmid is None


def test_references_run_in_turn_one_a_line() -> None:
    assert_found(
        body("## References\n\n1. ¦A. B. C. 2019; 1.\n3. ¦D. E. F. 2018; 2.".replace("1. ¦A", "1. A")), ["list-numbers"]
    )
    assert_found(body("## References\n\n1. A. B. C. 2019; 1.\n   ¦more"), ["soft-break"])


HISTORY = "| Date | Event | Approved | Effective | Published | Says | Comment |\n|---|---|---|---|---|---|---|\n"


def test_history_rows_hold_typed_claims() -> None:
    version = face(
        f"## History\n\n{HISTORY}| 2019-01-01 | New policy | 2018-12 | 2019-01-01 | | literature through 2018-02; references added | words |"
    )
    (row,) = version.history
    assert (row.event, row.approved) == ("new policy", StatedDate("2018-12"))
    assert row.says == ("literature through 2018-02", "references added")


def test_misspelled_history_is_found_at_its_cells() -> None:
    assert_found(
        body(f"## History\n\n{HISTORY}| ¦2019-02-30 | new policy | | | | | |\n| 2019-03-01 | ¦new polcy | | | | | |"),
        ["bad-date", "unknown-event"],
    )


def test_sections_of_prose_come_back_byte_for_byte() -> None:
    words = "Words,\nwrapped, with *stress*.\n\n- a\n\n  - b\n\n1. c\n\n```\ncode  \n```\n\n| a | b |\n|:-:|---|\n| c | d |\n\n### Under\n\n<div>\n</div>"
    for name in ("Background", "Scope", "Related policies", "Something of ours"):
        assert words in write(face(f"## {name}\n\n{words}"))


def test_an_alias_is_read_as_its_section_and_keeps_its_own_heading() -> None:
    version = face("## Rationale\n\n### Population: a\n\nConclusion: **sufficient**")
    assert version.populations[0].conclusion is Conclusion.SUFFICIENT
    assert "## Rationale\n" in write(version)


def test_a_heading_that_differs_in_case_alone_is_written_in_the_standard_spelling() -> None:
    assert "## Regulatory status\n" in write(face("## REGULATORY  STATUS:\n\nApproval needed: no"))
