"""Codes that a table lists as not covered, or under a word of its own: asked with both readings, and never covered meanwhile."""

from __future__ import annotations

import pytest
from tests.ingest import media
from tests.ingest.excerpts import Excerpt
from tests.support import desk

import medpol
from medpol.ingest import Ingested, ingest

FACES = {"md": str.encode, "html": media.as_html, "pdf": media.as_pdf, "docx": media.as_docx}
COVERED = "Tin drums are covered."


def imported(codes: str, criteria: str = COVERED, face: str = "md") -> Ingested:
    result = ingest(FACES[face](Excerpt("", criteria, codes=f"## Coding\n\n{codes}\n").document), f"drums.{face}")
    assert result.diagnostics == (), [str(each) for each in result.diagnostics]
    return result


def outcomes(result: Ingested, *codes: str, **more: object) -> list[str]:
    plan = desk(dict(result.drafts))
    case = {"date_of_service": "2023-01-01", "line_of_business": "commercial", **more}
    return [medpol.determine(plan, {"code": code, **case}).outcome.value for code in codes]


def questions(result: Ingested) -> list[str]:
    return [each.question for each in result.report.questions]


COLUMN = "| HCPCS Code | Description | Coverage |\n|---|---|---|\n| C9997 | a | Covered |\n| C9998 | b | {0} |\n| C9999 | c | {0} |\n"


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("word", ["Not covered", "Non-covered", "No", "Excluded"])
def test_a_column_that_lists_codes_as_not_covered_is_one_question_that_names_them(word: str, face: str) -> None:
    result = imported(COLUMN.format(word), face=face)
    assert outcomes(result, "C9997", "C9998", "C9999") == ["covered", "information_needed", "information_needed"]
    (asked,) = [each for each in questions(result) if "the code table says" in each]
    assert asked == (
        f"the code table says {word!r} of C9998, C9999: (1) they are not covered, whatever the criteria say; "
        "(2) the word only sorts the codes, and the criteria decide: which is meant? until then no draft covers them"
    )


@pytest.mark.parametrize(
    "codes",
    [
        "| HCPCS Code | Description |\n|---|---|\n| Covered codes | |\n| C9997 | a |\n| Not covered | |\n| C9999 | c |\n",
        "**Non-covered codes:**\n\n| HCPCS Code | Description |\n|---|---|\n| C9999 | c |\n\n**Covered codes:**\n\n| HCPCS Code | Description |\n|---|---|\n| C9997 | a |\n",
        "| HCPCS codes covered if the criteria are met | |\n|---|---|\n| C9997 | a |\n| HCPCS codes not covered for indications listed | |\n| C9999 | c |\n",
    ],
)
def test_a_row_or_heading_that_lists_codes_as_not_covered_holds_for_those_below_it(codes: str) -> None:
    assert outcomes(imported(codes), "C9997", "C9999") == ["covered", "information_needed"]


def test_a_person_settles_what_the_word_means_and_the_table_then_wins() -> None:
    result = imported(COLUMN.format("Investigational"))
    text = result.drafts[-1][1]
    line = next(each for each in text.split("\n") if each.startswith("- the code table's own word"))
    sentence = line.removeprefix("- ")
    assert "C9998, C9999" in sentence
    assert outcomes(result, "C9999", answers={sentence: "yes"}) == ["not_covered"]
    assert outcomes(result, "C9999", answers={sentence: "no"}) == ["covered"]


def test_where_both_readings_are_against_a_code_it_is_answered() -> None:
    result = imported(COLUMN.format("Not covered"), "Tin drums are considered investigational.")
    assert outcomes(result, "C9997", "C9999") == ["not_covered", "not_covered"]


def test_a_word_that_is_unknown_is_not_covered_over() -> None:
    result = imported(COLUMN.format("Bundled"))
    assert outcomes(result, "C9997", "C9999") == ["covered", "information_needed"]
    assert any("says 'Bundled' of C9999" in each for each in questions(result))
    assert outcomes(imported(COLUMN.format("PA required")), "C9999") == ["covered"]


def test_an_older_version_does_not_cover_them_either() -> None:
    history = "\n## History\n\n| Date | Action |\n|---|---|\n| 01/01/2021 | New policy. Tin drums are covered. |\n| 03/04/2022 | Annual review. |\n"
    result = imported(COLUMN.format("Not covered") + history)
    older = {"date_of_service": "2021-06-01"}
    assert outcomes(result, "C9997", "C9999", **older) == ["covered", "information_needed"]


def test_a_sentence_about_a_code_speaks_of_it_beside_its_service() -> None:
    result = imported(
        "| HCPCS Code | Description |\n|---|---|\n| C9999 | a tin drum |\n| C9998 | a tin drum |\n",
        "Tin drums are covered. HCPCS C9999 is not covered when billed at night.",
    )
    assert outcomes(result, "C9998", "C9999") == ["covered", "information_needed"]
