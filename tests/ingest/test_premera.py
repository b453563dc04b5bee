"""The publisher's layout in its variants: small documents, each for one habit of the source."""

from __future__ import annotations

from medpol.ingest import Ingested, ingest
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
