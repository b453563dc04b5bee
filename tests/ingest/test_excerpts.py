"""What a draft answers of an excerpt is what a careful reader would say: never covered or refused where its words do not."""

from __future__ import annotations

import pytest
from tests.ingest import media
from tests.ingest.excerpts import CODE, EXCERPTS, Excerpt
from tests.support import desk, said

from medpol.ingest import Ingested, ingest

FACES = {"md": str.encode, "html": media.as_html, "pdf": media.as_pdf, "docx": media.as_docx}
NAMES = [each.name for each in EXCERPTS]


def imported(excerpt: Excerpt, face: str) -> Ingested:
    result = ingest(FACES[face](excerpt.document), f"drums.{face}")
    assert result.diagnostics == (), [str(each) for each in result.diagnostics]
    return result


def outcome(result: Ingested) -> str:
    plan = desk(dict(result.drafts))
    answer = said(plan, code=CODE, date_of_service="2023-01-01", line_of_business="commercial")
    return answer.split(",", maxsplit=1)[0]


@pytest.mark.parametrize("face", ["md", "html"])
@pytest.mark.parametrize("excerpt", EXCERPTS, ids=NAMES)
def test_a_draft_answers_what_a_careful_reader_would(excerpt: Excerpt, face: str) -> None:
    result = imported(excerpt, face)
    assert outcome(result) in excerpt.answers
    told = "\n".join([*(each.question for each in result.report.questions), result.drafts[-1][1]])
    assert all(words in told for words in excerpt.asked), told
    assert not any("not read" in words for line in result.report.lines for words in line.what)


@pytest.mark.parametrize("face", ["pdf", "docx"])
@pytest.mark.parametrize("excerpt", EXCERPTS[::3], ids=NAMES[::3])
def test_a_printed_excerpt_is_answered_alike(excerpt: Excerpt, face: str) -> None:
    assert outcome(imported(excerpt, face)) in excerpt.answers


def test_a_position_against_what_the_title_names_is_said_of_the_whole_policy() -> None:
    excerpt = Excerpt("titled", "Tin drums for the treatment of gout are considered investigational.")
    titled = excerpt.document.replace("# Tin Drums\n", "# Tin Drums for Gout\n")
    assert outcome(ingest(titled.encode(), "drums.md")) == "not_covered"
    assert outcome(ingest(excerpt.document.encode(), "drums.md")) == "information_needed"
    covered = titled.replace("considered investigational", "covered")
    assert outcome(ingest(covered.encode(), "drums.md")) == "information_needed"


def test_a_row_of_the_history_for_some_cases_is_a_question_in_its_version() -> None:
    excerpt = Excerpt("history", "Tin drums are considered investigational.")
    rows = "\n\n## History\n\n| Date | Action |\n|---|---|\n| 01/01/2021 | New policy. Tin drums for gout are covered. |\n| 03/04/2022 | Annual review. |\n"
    result = ingest((excerpt.document + rows).encode(), "drums.md")
    first = next(text for path, text in result.drafts if path.endswith("2021-01-01.md"))
    assert "- this fits: Tin drums for gout are covered" in first
