"""The reader of any publisher's layout, habit by habit: small documents, each for one thing that such pages do."""

from __future__ import annotations

from datetime import date

import pytest

from medpol.ingest import Ingested, ingest, publishers
from medpol.model.criteria import Group, Leaf
from medpol.model.lines import Scope
from medpol.model.policy import CodeRole, PolicyVersion
from medpol.model.positions import CoveragePosition, Outcome
from medpol.text.names import Vocabulary
from medpol.text.reader import read_policy
from medpol.text.source import Findings

PLAIN = "Tin drums are considered investigational."
HEADER = "Policy Number: TD-12\n\nTitle: Tin Drums\n\nEffective Date: March 4, 2022\n"


def document(criteria: str = PLAIN, header: str = HEADER, more: str = "", publisher: str | None = None) -> Ingested:
    return ingest(f"{header}\n\n## Coverage Rationale\n\n{criteria}\n\n{more}\n".encode(), "drums.md", publisher)


def versions(result: Ingested) -> dict[str, PolicyVersion]:
    assert result.diagnostics == (), [str(each) for each in result.diagnostics]
    found = {}
    for path, text in result.drafts[1:]:
        findings = Findings(path)
        version = read_policy(text, findings, Vocabulary())
        assert version is not None and not findings.has_errors, findings.found
        found[path.rsplit("/", 1)[1].removesuffix(".md")] = version
    return found


def only(result: Ingested) -> PolicyVersion:
    (version,) = versions(result).values()
    return version


def questions(result: Ingested) -> str:
    return "\n".join(each.question for each in result.report.questions)


# ---------------------------------------------------------------------------- who reads


def test_without_a_publisher_the_general_reader_takes_what_no_other_knows() -> None:
    assert list(publishers())[-1] == "general"
    assert document().report.publisher == "general"
    assert document(publisher="general").drafts == document().drafts
    assert ingest(b"# A letter\n\nDear all, drums are nice.\n", "x.md").drafts == ()


def test_a_heading_word_means_what_its_publisher_means_by_it() -> None:
    header = "{}\n\nPolicy Number: {}\n\nTitle: Tin Drums\n\nEffective Date: March 4, 2022\n"
    more = "## Guidelines\n\nA word about drums."
    one = only(document(header=header.format("Paramount", "PG0999"), more=more))
    assert [section.heading for section in one.sections][-1] == "Disclaimer"
    other = only(document(header=HEADER, more=more))
    assert "Guidelines" in [section.heading for section in other.sections]
    named = only(document(header=HEADER, more=more, publisher="paramount"))
    assert [section.heading for section in named.sections][-1] == "Disclaimer"


def test_an_unknown_section_is_kept_whole_and_asked_about_where_it_states_a_position() -> None:
    result = document(
        more="## Songs\n\nSing well.\n\n- loud\n- low\n\n## Drum Rolls\n\nDrum rolls are considered cosmetic."
    )
    version = only(result)
    songs = next(section for section in version.sections if section.heading == "Songs")
    assert "Sing well." in str(songs.body) and "- loud" in str(songs.body)
    assert "stands outside the criteria, in 'Drum Rolls': (1)" in questions(result)
    assert len(version.rules) == 1


# ---------------------------------------------------------------------------- header


def test_the_kinds_of_date_in_a_header_are_kept_apart() -> None:
    header = (
        "Policy Number: TD-12\n\nTitle: Tin Drums\n\nOriginal Effective Date: 3/1980\n\nEffective Date: 03/04/2022\n\n"
        "Approval Date: 02/01/2022\n\nPublish Date: 02/10/2022\n\nLast Review Date: 01/15/2022\n\nNext Review Date: 01/15/2023\n\n"
        "Last Revised: 01/20/2022\n\nNotice Period Start Date: 02/11/2022\n\nWeb Posting Date: 02/12/22\n\nPrinted: 05/05/2025"
    )
    version = only(document(header=header))
    held = (
        version.effective,
        version.approved,
        version.published,
        version.review_due,
        version.last_revised,
        version.notice.sent,
    )
    assert [each.text for each in held if each] == [
        "2022-03-04",
        "2022-02-01",
        "2022-02-10",
        "2023-01-15",
        "2022-01-20",
        "2022-02-11",
    ]
    for words in (
        "Original Effective Date: 3/1980",
        "Last Review Date: 01/15/2022",
        "Web Posting Date: 02/12/22",
        "Printed",
    ):
        assert words in version.preamble


def test_values_above_their_labels_are_read_and_asked_about() -> None:
    header = "# Corporate Medical Policy\n\n# Tin Drums\n\nTD-12\n\nPolicy Number:\n\n3/4/2022\n\nEffective Date:\n\n1/2022\n\nLast Review:\n"
    result = document(header=header)
    version = only(result)
    assert (version.policy, version.title, str(version.effective and version.effective.day)) == (
        "TD-12",
        "Tin Drums",
        "2022-03-04",
    )
    assert "prints its values before their labels" in questions(result)


def test_labels_and_values_in_one_table_row_and_under_one_another() -> None:
    table = "| Policy Number | TD-12 | Effective Date | 03/04/2022 |\n|---|---|---|---|\n| Subject | Tin Drums | Status | Active |"
    below = "Policy Number\n\nTD-12\n\nTitle\n\nTin Drums\n\nEffective Date\n\n03/04/2022"
    for header in (table, below):
        version = only(document(header=header))
        assert (version.policy, version.title) == ("TD-12", "Tin Drums")
        assert version.effective is not None and version.effective.day == date(2022, 3, 4)


@pytest.mark.parametrize(
    ("first", "number"),
    [
        ("# MP-740 Tin Drums", "MP-740"),
        ("# Tin Drums (L36859)", "L36859"),
        ("# Local Coverage Determination (LCD): Tin Drums (L36859)", "L36859"),
        ("# 08.001.007 Tin Drums", "08.001.007"),
    ],
)
def test_a_number_stands_in_the_title(first: str, number: str) -> None:
    version = only(document(header=f"{first}\n\nEffective Date: 03/04/2022"))
    assert (version.policy, version.title) == (number, "Tin Drums")


def test_without_a_number_the_title_stands_in_and_is_asked_about() -> None:
    result = document(header="# Tin Drums\n\nEffective Date: 03/04/2022")
    assert only(result).policy == "tin-drums"
    assert "states no number" in questions(result)


@pytest.mark.parametrize("printed", ["10/20201", "02/30/2022", "13/01/2022", "soon"])
def test_a_broken_effective_date_is_asked_about_and_governs_nothing(printed: str) -> None:
    result = document(
        header=HEADER.replace("March 4, 2022", printed),
        more="## History\n\n| Date | Action |\n|---|---|\n| 03/04/2022 | New policy. |",
    )
    assert repr(printed) in questions(result)
    assert all(version.known_from is None for version in versions(result).values())


def test_a_two_digit_year_needs_a_year_in_full_in_the_document() -> None:
    header = HEADER.replace("March 4, 2022", "03/04/97")
    dated = only(document(header=header + "\nLast Review Date: 01/2001"))
    assert dated.effective is not None and dated.effective.text == "1997-03-04"
    later = only(document(header=header + "\nLast Review Date: 01/2098"))
    assert later.effective is not None and later.effective.text == "2097-03-04"


def test_a_text_that_states_only_a_month_of_review_is_a_draft() -> None:
    result = document(header="Policy #: TD-12\n\nTitle: Tin Drums\n\nLatest Review Date: July 2021")
    (name,) = versions(result)
    assert name == "undated"
    assert "on which day did the text take effect?" in questions(result)
    assert only(result).known_from is None


# ---------------------------------------------------------------------------- ends of force

HISTORY = "## Policy History\n\n| Date | Action |\n|---|---|\n| 03/04/2022 | New policy. |"


def test_an_archived_policy_ends_on_its_day() -> None:
    found = versions(document(header=HEADER + "\nArchived Date: 05/01/2024", more=HISTORY))
    assert list(found) == ["2022-03-04", "2024-05-01"]
    assert found["2024-05-01"].archived is not None and found["2024-05-01"].known_from == date(2024, 5, 1)


@pytest.mark.parametrize(
    "words", ["Retirement Date: 05/01/2024", "This policy was replaced by TD-13, effective 05/01/2024."]
)
def test_the_day_of_an_end_that_may_be_the_last_or_the_first_is_asked_about(words: str) -> None:
    result = document(header=f"{HEADER}\n{words}", more=HISTORY)
    assert list(versions(result)) == ["2022-03-04", "2024-05-01"]
    assert "(1) it is the first day on which nothing is in force; (2) it is the last day in force" in questions(result)


@pytest.mark.parametrize("header", [HEADER + "\nStatus: Archived", HEADER.replace("Tin Drums", "Tin Drums (ARCHIVED)")])
def test_an_end_without_a_day_holds_every_draft_back(header: str) -> None:
    result = document(header=header, more=HISTORY)
    version = only(result)
    assert version.title == "Tin Drums"
    assert version.known_from is None and any("held back as a draft" in doubt for doubt in version.doubtful)


def test_a_notice_without_a_position_makes_no_version() -> None:
    header = HEADER.replace("Tin Drums", "Notification: Tin Drums")
    result = document("Drums will be looked at.", header=header)
    assert not result.drafts and "this is a notice" in result.diagnostics[0].found
    full = only(document(header=header.replace("Effective", "Publish Date: 01/02/2022\n\nEffective")))
    assert full.title == "Tin Drums" and full.known_from == date(2022, 1, 2)


# ---------------------------------------------------------------------------- positions


@pytest.mark.parametrize(
    ("sentence", "canonical"),
    [
        ("Tin drums are proven and medically necessary.", CoveragePosition.MEDICALLY_NECESSARY),
        ("Tin drums are eligible for coverage.", CoveragePosition.MEDICALLY_NECESSARY),
        ("Tin drums are considered investigational and not medically necessary.", CoveragePosition.INVESTIGATIONAL),
        ("Tin drums are not reasonable and necessary.", CoveragePosition.NOT_MEDICALLY_NECESSARY),
        ("The plan will not provide coverage for tin drums.", CoveragePosition.NOT_COVERED),
        ("Tin drums are covered with conditions.", CoveragePosition.COVERED_WITH_LIMITS),
        ("Tin drums are covered under coverage with evidence development.", CoveragePosition.EVIDENCE_DEVELOPMENT),
        ("For tin drums, refer to the InterQual criteria of that year.", CoveragePosition.DELEGATED),
        ("Requests for tin drums are referred to a medical director.", CoveragePosition.REFER),
        ("Tin drums meet primary coverage criteria.", CoveragePosition.MEDICALLY_NECESSARY),
        ("Tin drums do not meet member primary coverage criteria.", CoveragePosition.NOT_MEDICALLY_NECESSARY),
        ("Tin drums are considered cosmetic.", CoveragePosition.COSMETIC),
    ],
)
def test_positions_are_read_by_label(sentence: str, canonical: CoveragePosition) -> None:
    (rule,) = only(document(sentence)).rules
    assert rule.statement.position.canonical is canonical
    assert rule.statement.position.label.casefold() in sentence.casefold()


def test_prior_authorization_gives_no_outcome() -> None:
    version = only(document(f"Prior authorization is required for tin drums.\n\n{PLAIN}"))
    assert [rule.statement.position.canonical.outcome for rule in version.rules] == [None, Outcome.NOT_COVERED]


def test_a_word_that_is_no_label_is_asked_about_before_anything_is_covered() -> None:
    result = document(
        "Tin drums may be approved when all of the following are met:\n\n- the ear is warm\n- the hand is dry"
    )
    (rule,) = only(result).rules
    assert isinstance(rule.criteria, Group) and len(rule.criteria.parts) == 3
    assert "'approved' is no label that is known" in questions(result)


def test_a_favourable_sentence_for_unnamed_cases_covers_nobody_by_itself() -> None:
    (rule,) = only(document("Tin drums are proven and medically necessary in certain circumstances.")).rules
    assert isinstance(rule.criteria, Group) and all(isinstance(part, Leaf) for part in rule.criteria.parts)


def test_positions_as_headings_of_lists_and_as_columns() -> None:
    nationally = "### Nationally Covered Indications\n\nTin drums are covered for deaf goats.\n\n### Nationally Non-Covered Indications\n\nTin drums for all other animals."
    version = only(document(nationally))
    assert [rule.statement.position.label for rule in version.rules] == ["covered", "not covered"]
    columns = "| Medically Necessary | Not Covered |\n|---|---|\n| Tin drums for goats | Tin drums for geese |"
    version = only(document(columns))
    assert [rule.statement.position.label for rule in version.rules] == ["medically necessary", "not covered"]
    rows = "| Position | Text |\n|---|---|\n| Medically necessary | Tin drums for goats |\n| Investigational | Tin drums for geese |"
    version = only(document(rows))
    assert [rule.statement.position.label for rule in version.rules] == ["medically necessary", "investigational"]


def test_a_sentence_against_its_heading_is_put_in_two_readings() -> None:
    result = document("### Not Covered\n\nTin drums are considered medically necessary.")
    assert "(1) medically necessary, as the sentence says; (2) not covered, as the heading says" in questions(result)


def test_days_of_service_that_state_only_a_month_are_a_question() -> None:
    result = document(f"### Effective June 2021\n\n{PLAIN}")
    (rule,) = only(result).rules
    assert rule.dates is None and isinstance(rule.criteria, Group)
    assert "states no whole day" in questions(result)


# ---------------------------------------------------------------------------- scope, codes, history


@pytest.mark.parametrize(
    ("words", "lines", "states"),
    [
        ("This policy does not apply to Indiana, Ohio, and New York.", Scope(), Scope(None, ("IN", "OH", "NY"))),
        ("This policy applies only to Commercial and Medicaid members.", Scope(("commercial", "medicaid")), Scope()),
        ("☒ Commercial\n\n☐ Medicare Advantage", Scope(("commercial",), ("medicare_advantage",)), Scope()),
        ("This policy is not applicable to Medicare Advantage.", Scope(None, ("medicare_advantage",)), Scope()),
    ],
)
def test_applicability_gives_lines_and_states(words: str, lines: Scope, states: Scope) -> None:
    version = only(document(more=f"## Application\n\n{words}"))
    assert (version.lines_of_business, version.states) == (lines, states)


def test_may_not_apply_is_put_in_two_readings() -> None:
    result = document(more="## Benefit Application\n\nThis policy may not apply to FEP.")
    assert only(result).lines_of_business == Scope()
    assert "(1) it applies; (2) it does not apply" in questions(result)


@pytest.mark.parametrize(
    "cell",
    [
        "M15.0-M19.93",
        "M91.0–M94.9",
        "G40.001-G40-919",
        "B19.10-B19.11-B19.20",
        "125.9",
        "E086.21",
        "M54.2-",
        "M80.M84",
        "G40.001 thru G40.919",
    ],
)
def test_ranges_and_malformed_cells_are_kept_as_text_and_asked_about(cell: str) -> None:
    table = f"| ICD-10-CM Code | Description |\n|---|---|\n| M54.2 | a neck |\n| {cell} | others |"
    result = document(more=f"## Applicable Codes\n\n{table}")
    codes = [row.pattern.text for row in only(result).code_rows if row.pattern is not None]
    assert codes == ["M542"]
    assert cell.split("–", maxsplit=1)[0].split(" ", maxsplit=1)[0][:5] in questions(result)


def test_a_code_named_in_the_criteria_alone_is_asked_about() -> None:
    result = document(f"{PLAIN} They are often billed beside CPT 72275.")
    assert "72275 stands outside the codes" in questions(result)


def test_codes_by_paragraph_by_type_and_in_the_header() -> None:
    version = only(
        document(
            header=HEADER + "\nHCPCS codes: C9901, C9902\n",
            more="## Coding\n\nHCPCS: L8901 – a drum\n\nCPT/HCPCS codes: A9901; A9902",
        )
    )
    assert [row.pattern.text for row in version.code_rows if row.pattern] == [
        "C9901",
        "C9902",
        "L8901",
        "A9901",
        "A9902",
    ]
    assert all(row.role is CodeRole.GOVERNED for row in version.code_rows)


def test_a_history_of_lines_with_bare_dates_makes_no_version_of_them() -> None:
    history = "## Policy History\n\nHarbour council, July 2019 (3): New policy.\n\nReviewed: 06/03; 07/04, 8/1/2010\n\n03/04/2022: Criteria changed."
    result = document(more=history)
    assert list(versions(result)) == ["2022-03-04"]
    rows = versions(result)["2022-03-04"].history
    assert sorted(row.day.text for row in rows) == ["2003-06", "2004-07", "2010-08-01", "2019-07", "2022-03-04"]
    assert "3 dates stand on one line behind 'Reviewed'" in questions(result)


def test_a_notice_in_a_sentence_dates_what_it_announces() -> None:
    history = "## Policy Implementation/Update Information\n\n12/01/21 Notification given 12/1/2021 for effective date 3/4/2022."
    version = only(document(more=history))
    assert version.effective is not None and version.effective.day == date(2022, 3, 4)
    assert version.known_from == date(2021, 12, 1)


def test_a_header_day_that_no_row_has_makes_the_text_a_version_of_its_own() -> None:
    result = document(more="## History\n\n| Date | Action |\n|---|---|\n| 01/01/2021 | New policy. |")
    found = versions(result)
    assert list(found) == ["2021-01-01", "2022-03-04"]
    assert found["2022-03-04"].known_from is None
    assert "which is right?" in questions(result)


def test_columns_of_a_history_give_their_dates() -> None:
    table = "| Review Date | Effective Date | Approval Date | Summary |\n|---|---|---|---|\n| 02/01/2022 | 03/04/2022 | 01/15/2022 | New policy. |"
    version = only(document(more=f"## Revision History\n\n{table}"))
    assert (str(version.row_date and version.row_date.day), str(version.approved and version.approved.day)) == (
        "2022-02-01",
        "2022-01-15",
    )


def test_a_second_request_for_a_director_is_a_question_of_the_service() -> None:
    version = only(
        document(f"{PLAIN}\n\nA second request for the same patient will be reviewed by a medical director.")
    )
    rule = version.rules[1]
    assert rule.statement.position.canonical is CoveragePosition.REFER and rule.services == ("tin-drum",)
    assert isinstance(rule.criteria, Group)
    assert [part.sentence for part in rule.criteria.parts] == ["this is a second request for the same patient"]


def test_rows_of_a_month_and_rows_without_a_day_stand_in_the_text_they_are_known_with() -> None:
    rows = "| 03/04/2022 | Annual review. |\n| 7/11 | New policy. |\n| 13/45/2020 | Annual review. |"
    version = only(document(more=f"## History\n\n| Date | Action |\n|---|---|\n{rows}"))
    assert sorted(row.day.text for row in version.history) == ["", "2011-07", "2022-03-04"]


def test_a_column_of_systems_before_the_column_of_numbers() -> None:
    table = "| Codes | Number | Description |\n|---|---|---|\n| HCPCS | A9994 | drum |\n| CPT | 99994 | drum |"
    version = only(document(more=f"## Coding\n\n{table}"))
    assert [(row.system, row.pattern.text) for row in version.code_rows if row.pattern] == [
        ("HCPCS", "A9994"),
        ("CPT", "99994"),
    ]


def test_a_joining_word_that_joins_nothing_is_asked_about() -> None:
    assert "'AND' stands alone and joins no listed lines" in questions(document(f"{PLAIN}\n\nAND"))


def test_loose_lines_keep_a_favourable_statement_from_covering_by_itself() -> None:
    result = document("**Inclusions**\n\n- deaf goats\n\nTin drums are considered medically necessary.")
    (rule,) = only(result).rules
    assert isinstance(rule.criteria, Group)
    assert "'deaf goats' is listed below no statement" in questions(result)


def test_codes_in_prose_are_never_lost_without_a_question() -> None:
    result = document(more="## Description\n\nDrums are old.\n\n97998 97997")
    assert "97998, 97997 stands outside the codes" in questions(result)
