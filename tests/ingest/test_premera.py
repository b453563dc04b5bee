"""The publisher's layout in its variants: small documents, each for one habit of the source."""

from __future__ import annotations

import pytest

from medpol.ingest import Ingested, Kind, ingest
from medpol.model.criteria import Group
from medpol.model.policy import PolicyVersion
from medpol.text.names import Vocabulary
from medpol.text.reader import read_policy
from medpol.text.source import Findings

HEAD = "## MEDICAL POLICY – 6.01.900\n\n## Glass Spoons\n\nEffective Date: July 1, 2024\n\n"
TAIL = "\n©2024 Example Plan All Rights Reserved.\n"


def document(criteria: str, history: str = "07/01/24\tNew policy.", more: str = "") -> Ingested:
    text = (
        f"{HEAD}## Policy Coverage Criteria\n\n{criteria}\n\n{more}\n\n## History\n\nDate\tComments\n{history}\n{TAIL}"
    )
    return ingest(text.encode(), "spoons.md")


def versions(result: Ingested) -> dict[str, PolicyVersion]:
    assert result.diagnostics == (), [str(each) for each in result.diagnostics]
    found = {}
    for path, text in result.drafts[1:]:
        findings = Findings(path)
        version = read_policy(text, findings, Vocabulary())
        assert version is not None and not findings.has_errors
        found[path.rsplit("/", 1)[1].removesuffix(".md")] = version
    return found


PLAIN = "Glass spoons are considered investigational."


def test_bullets_under_a_sentence_without_a_colon_belong_to_it() -> None:
    (version,) = versions(
        document(
            "Glass spoons are considered medically necessary when all of the following are met\n\n- hot soup\n- cold hands"
        )
    ).values()
    assert (
        "- hot soup\n- cold hands"
        in document(
            "Glass spoons are considered medically necessary when all of the following are met\n\n- hot soup\n- cold hands"
        ).drafts[1][1]
    )
    assert len(version.rules) == 1


def test_a_row_that_states_two_positions_makes_two_rules() -> None:
    history = "01/01/23\tNew policy. Glass spoons are considered investigational. Glass forks are considered cosmetic.\n07/01/24\tAnnual Review. Policy statement revised."
    found = versions(document(PLAIN, history))
    assert [(rule.heading, rule.services) for rule in found["2023-01-01"].rules] == [
        ("Glass spoon", ("glass-spoon",)),
        ("Glass fork", ("glass-fork",)),
    ]


def test_two_rows_of_one_day_make_one_version() -> None:
    history = "07/01/24\tAnnual Review, approved June 11, 2024. Policy updated with literature review through May 2024.\n07/01/24\tCoding update, added HCPCS code C9998."
    (version,) = versions(document(PLAIN, history)).values()
    assert version.approved is not None and version.approved.text == "2024-06-11"
    assert version.literature_through is not None and version.literature_through.text == "2024-05"
    assert len(version.history) == 2


def test_a_notice_of_unsaid_length_still_tells_the_day_of_publication() -> None:
    history = "01/01/24\tNew policy.\n03/01/24\tInterim Review, effective July 1, 2024 following provider notification."
    found = versions(document(PLAIN, history))
    version = found["2024-07-01"]
    assert version.published is not None and version.published.text == "2024-03-01"
    assert (version.notice.days, version.notice.audience) == (None, "providers")


def test_a_statement_that_the_history_gives_otherwise_is_asked_about() -> None:
    history = "01/01/24\tNew policy. Wooden spoons are considered cosmetic.\n07/01/24\tAnnual Review. Policy statement unchanged."
    found = versions(document(PLAIN, history))
    assert any("another statement" in doubt for doubt in found["2024-07-01"].doubtful)


def test_criteria_that_state_no_known_position_fall_back_on_the_history_in_doubt() -> None:
    found = versions(document("Spoons are nice.", "07/01/24\tNew policy. Glass spoons are considered cosmetic."))
    assert found["2024-07-01"].rules[0].statement.position.label == "cosmetic"
    assert any("no known position" in doubt for doubt in found["2024-07-01"].doubtful)
    nowhere = document("Spoons are nice.")
    assert [each.rule for each in nowhere.diagnostics] == ["document-incomplete"] and nowhere.drafts == ()


def test_without_a_history_the_text_is_a_draft_that_governs_nothing() -> None:
    result = ingest((HEAD + "## Policy Coverage Criteria\n\n" + PLAIN + TAIL).encode(), "x.md")
    (version,) = versions(result).values()
    assert version.is_draft and version.known_from is None
    assert any("when was this text published" in doubt for doubt in version.doubtful)


def test_a_broken_day_of_effect_makes_no_version() -> None:
    history = "01/01/24\tNew policy.\n07/01/24\tAnnual Review, effective June 31, 2024."
    assert list(versions(document(PLAIN, history))) == ["2024-01-01"]


def test_trials_in_two_tables_under_headings() -> None:
    more = (
        "## Ongoing and Unpublished Clinical Trials\n\n### Ongoing\n\nNCT No.\tTrial Name\tPlanned Enrollment\tCompletion Date\n"
        "NCT09000011\tSpoons A\t10\tJan 2026\n\nNCT09000012\tSpoons B\t20\tFeb 2026\n\n### Unpublished\n\n"
        "NCT No.\tTrial Name\tPlanned Enrollment\tCompletion Date\nNCT09000013\tSpoons C\t30\tMar 2020\n"
    )
    (version,) = versions(document(PLAIN, more=more)).values()
    assert [(each.nct, each.enrolment, each.is_published) for each in version.trials] == [
        ("NCT09000011", 10, None),
        ("NCT09000012", 20, None),
        ("NCT09000013", 30, False),
    ]


def test_a_heading_nearly_right_is_read_and_asked_about() -> None:
    result = document(PLAIN, more="## Referances\n\n1. Doe J. Spoons. J Spoon. 2020; 1: 2. PMID 1")
    (version,) = versions(result).values()
    assert len(version.references) == 1
    assert any("'Referances'" in doubt for doubt in version.doubtful)


def test_a_column_position_with_all_indications_is_plain() -> None:
    (version,) = versions(document("Device\tInvestigational\nGlass spoon\tAll indications")).values()
    (rule,) = version.rules
    assert rule.statement.sentence == "Glass spoon: **investigational** for all indications."
    assert rule.criteria is None


def test_the_newest_version_of_two_services_keeps_codes_apart_by_system_and_words() -> None:
    more = "## Coding\n\nCode\tDescription\nHCPCS\t\nC9991\tglass spoon\nRevenue codes\t\n0999\tglass fork\nCPT\t\n29990-29995\ta range\n"
    result = document("Glass spoons and glass forks are considered investigational.", more=more)
    (version,) = versions(result).values()
    assert [(row.group, row.system, row.pattern and row.pattern.text) for row in version.code_rows] == [
        ("glass-spoon", "HCPCS", "C9991"),
        ("glass-fork", "revenue", "0999"),
    ]
    assert any("29990-29995" in doubt for doubt in version.doubtful)
    assert "29990-29995" in result.drafts[1][1].split("## Coding")[1]


def test_a_header_on_adjoining_lines_is_read_line_by_line() -> None:
    text = (
        "MEDICAL POLICY – 6.01.900\nGlass Spoons\nBCBSA Ref. Policy: N/A\nEffective Date: July 1, 2024\nOwner: a committee\n\n"
        f"## Policy\n\n{PLAIN}\n\n## History\n\nDate\tComments\n07/01/24\tNew policy.\n{TAIL}"
    )
    result = ingest(text.encode(), "x.md")
    (version,) = versions(result).values()
    assert (version.policy, version.title, version.reference_policy) == ("6.01.900", "Glass Spoons", "")
    assert version.preamble == "Owner: a committee"


# ---------------------------------------------------------------------------- nothing is lost silently


def questions(result: Ingested) -> str:
    return " | ".join(each.question for each in result.report.questions)


CODED = "## Coding\n\nCode\tDescription\n<b>CPT</b>\n20560\tOne or two muscles of the spoon\n"


@pytest.mark.parametrize(
    "line",
    [
        "20561 Three or more muscles of the spoon",
        "20561Three or more muscles of the spoon",
        "See 20561\tthree or more muscles",
        "No CPT code but 20561",
        "\n\nAlso 20561 is billed with this.",
        "\n\n### CPT 20561",
    ],
)
def test_a_code_in_text_that_is_left_out_is_asked_about(line: str) -> None:
    result = document(PLAIN, more=CODED + line)
    assert "20561 stands in text that is left out" in questions(result)
    (version,) = versions(result).values()
    assert any("20561" in doubt for doubt in version.doubtful)
    held = [each for each in result.report.lines if "20561" in each.text]
    assert [each.kind for each in held] == [Kind.DOUBTFUL]


def test_a_code_behind_its_system_in_one_lone_cell_is_asked_about() -> None:
    more = "## Coding\n\nCode\tDescription\n<b>CPT</b>\n20561 Three or more muscles of the spoon\n"
    assert "20561" in questions(document(PLAIN, more=more))


def test_a_descriptor_without_a_code_raises_no_question() -> None:
    assert "left out: is it a code" not in questions(document(PLAIN, more=CODED))


@pytest.mark.parametrize(
    ("structure", "items", "said"),
    [
        ("ALL of the following", ("hot soup", "cold hands; or", "a spoon"), "the list says ALL, item 2 says or"),
        ("ALL of the following", ("hot soup", "or cold hands"), "the list says ALL, item 2 says or"),
        ("ALL of the following", ("hot soup", "cold hands, or"), "the list says ALL, item 2 says or"),
        ("ANY of the following", ("hot soup; and", "cold hands"), "the list says ANY, item 1 says and"),
        ("the following", ("hot soup; or", "cold hands", "a spoon"), "does not say how it counts, item 1 says or"),
        ("ALL of the following", ("hot soup; and", "cold hands"), ""),
        ("ANY of the following", ("hot soup; or", "cold hands"), ""),
    ],
)
def test_a_joining_word_against_its_list_is_asked_about(structure: str, items: tuple[str, ...], said: str) -> None:
    listed = "\n".join(f"- {item}" for item in items)
    words = f"Glass spoons are considered medically necessary when {structure} are met:\n\n{listed}"
    result = document(words)
    (version,) = versions(result).values()
    if said:
        assert said in questions(result) and any(said in doubt for doubt in version.doubtful)
        held = [line for line in result.report.lines if "hot soup" in line.text]
        assert [line.kind for line in held] == [Kind.DOUBTFUL]
    else:
        assert not any("which is meant" in doubt or "does not say" in doubt for doubt in version.doubtful)


DENIALS = (
    "is no longer considered investigational",
    "is not **investigational**",
    "is never considered investigational",
    "cannot be considered investigational",
    "isn't considered investigational",
    "is not currently deemed to be medically necessary",
    "is no longer considered medically necessary",
    "does not meet the criteria to be considered medically necessary",
    "is no longer **not medically necessary**",
    "is not considered not medically necessary",
)


@pytest.mark.parametrize("denial", DENIALS)
def test_a_denied_position_is_a_question_and_never_the_position(denial: str) -> None:
    result = document(f"{PLAIN}\n\nA glass fork {denial}.")
    (version,) = versions(result).values()
    assert [rule.statement.position.label for rule in version.rules] == ["investigational"]
    assert any("denies a position" in doubt for doubt in version.doubtful)
    held = [line for line in result.report.lines if "glass fork" in line.text]
    assert [line.kind for line in held] == [Kind.DOUBTFUL]


@pytest.mark.parametrize("denial", DENIALS)
def test_where_the_text_only_denies_a_position_that_of_the_history_is_a_question(denial: str) -> None:
    history = "07/01/23\tNew policy. Glass spoons are considered cosmetic.\n07/01/24\tAnnual Review."
    newest = versions(document(f"A glass fork {denial}.", history))["2024-07-01"]
    (rule,) = newest.rules
    assert rule.criteria is not None and "still holds" in str(rule.criteria)
    assert any("denies a position" in doubt for doubt in newest.doubtful)


def test_a_denied_position_in_a_column_or_a_list_is_a_question() -> None:
    table = "Service\tInvestigational\nGlass fork\tA glass fork is no longer considered investigational.\n"
    result = document(f"{PLAIN}\n\n{table}")
    (version,) = versions(result).values()
    assert len(version.rules) == 1 and any("denies a position" in doubt for doubt in version.doubtful)
    listed = "Glass spoons are considered medically necessary when ALL of the following are met:\n\n- hot soup\n- A glass fork cannot be considered investigational"
    assert "denies a position" in questions(document(listed))


def test_a_denied_position_in_the_history_is_asked_about() -> None:
    history = "01/01/24\tNew policy. Glass spoons are considered cosmetic.\n07/01/24\tAnnual Review. Glass spoons are no longer considered cosmetic."
    result = document(PLAIN, history)
    assert any("denies a position" in doubt for doubt in versions(result)["2024-07-01"].doubtful)


@pytest.mark.parametrize(
    ("sentence", "position"),
    [
        ("Glass spoons are not considered medically necessary", "not_medically_necessary"),
        ("Glass spoons are not medically necessary", "not_medically_necessary"),
        ("Glass spoons that are not FDA approved are considered investigational", "investigational"),
        ("Spoons not listed above are considered investigational", "investigational"),
    ],
)
def test_what_only_looks_like_a_denial_is_the_position(sentence: str, position: str) -> None:
    result = document(f"{sentence}.")
    (version,) = versions(result).values()
    assert [rule.statement.position.canonical.value for rule in version.rules] == [position]
    assert "denies a position" not in questions(result)


def test_a_list_below_a_denied_position_belongs_to_no_statement() -> None:
    words = (
        "Glass spoons are considered medically necessary when ALL of the following are met:\n\n- hot soup\n- cold hands\n\n"
        "Glass forks cannot be considered investigational when:\n\n- the meat is tough"
    )
    (version,) = versions(document(words)).values()
    (rule,) = version.rules
    assert isinstance(rule.criteria, Group) and len(rule.criteria.parts) == 2


# ---------------------------------------------------------------------------- header, history and Coding side by side


@pytest.mark.parametrize(("header", "row"), [("July 1, 2023", "07/01/24"), ("July 1, 2025", "07/01/24")])
def test_a_header_date_that_is_not_the_newest_versions_is_asked_about(header: str, row: str) -> None:
    text = b"\n".join(
        [
            HEAD.replace("July 1, 2024", header).encode(),
            b"## Policy Coverage Criteria\n\n" + PLAIN.encode() + b"\n\n## History\n",
            f"Date\tComments\n01/01/23\tNew policy.\n{row}\tAnnual Review.".encode(),
        ]
    )
    result = ingest(text, "spoons.md")
    asked = [each for each in result.report.questions if "the header's effective date" in each.question]
    assert [each.lines for each in asked] == [(5,)]
    assert any("2024-07-01: which is right?" in doubt for doubt in versions(result)["2024-07-01"].doubtful)


def test_a_header_date_that_an_older_row_has_is_asked_about_unless_the_newer_is_in_notice() -> None:
    both = "07/01/24\tNew policy.\n{}"
    assert "the header's effective" in questions(document(PLAIN, both.format("09/01/24\tAnnual Review.")))
    notice = "09/01/24\tInterim review, effective December 1, 2024, following provider notification."
    for fitting in (notice, "09/01/24\tPolicy archived."):
        assert "the header's effective" not in questions(document(PLAIN, both.format(fitting)))


def test_an_approval_later_than_the_first_day_is_asked_about() -> None:
    result = document(PLAIN, "07/01/24\tNew policy, approved July 9, 2024.")
    (version,) = versions(result).values()
    assert any("later than its first day 2024-07-01" in doubt for doubt in version.doubtful)
    late = "06/01/24\tNew policy, approved July 9, 2024, effective July 1, 2024."
    assert "later than its first day 2024-07-01" in questions(document(PLAIN, late))
    good = "07/01/24\tNew policy, approved June 9, 2024."
    assert "later than its first day" not in questions(document(PLAIN, good))


def test_codes_in_the_history_without_a_coding_section_are_asked_about() -> None:
    history = "07/01/24\tCoding update, added CPT code 20560."
    result = document(PLAIN, history)
    (version,) = versions(result).values()
    assert any("there is no Coding section" in doubt for doubt in version.doubtful)
    assert "no Coding section" not in questions(document(PLAIN, history, CODED))


@pytest.mark.parametrize("rest", ["; rm -rf", " rm -rf", "; Glass", " | Glass", "$(reboot)"])
def test_words_behind_the_number_that_are_no_title_are_asked_about(rest: str) -> None:
    text = (
        f"{HEAD}## Policy Coverage Criteria\n\n{PLAIN}\n\n## History\n\nDate\tComments\n07/01/24\tNew policy.\n{TAIL}"
    )
    result = ingest(text.replace("6.01.900", "6.01.900" + rest).encode(), "x.md")
    assert result.report.lines[0].kind is Kind.DOUBTFUL
    (version,) = versions(result).values()
    assert (version.policy, version.title) == ("6.01.900", "Glass Spoons")
    assert any("is no title" in doubt for doubt in version.doubtful)


def test_a_title_behind_the_number_is_the_title() -> None:
    text = (
        f"{HEAD}## Policy Coverage Criteria\n\n{PLAIN}\n\n## History\n\nDate\tComments\n07/01/24\tNew policy.\n{TAIL}"
    )
    result = ingest(text.replace("6.01.900\n\n## Glass", "6.01.900 Glass").encode(), "x.md")
    (version,) = versions(result).values()
    assert version.title == "Glass Spoons" and "is no title" not in questions(result)
