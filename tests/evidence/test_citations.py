"""Citations in RIS and results as a sheet: what is read, what is refused, and that a round trip loses nothing."""

from __future__ import annotations

import csv
import io
from datetime import date

from hypothesis import given
from hypothesis import strategies as st
from tests.evidence.documents import COUNTS, ESTIMATE, MEANS, study, table

from medpol.evidence.citations import Citation, draft_of, drafts_of, read_ris, write_ris
from medpol.evidence.flat import csv_text, unquoted
from medpol.evidence.sheet import read_sheet, results_sheet
from medpol.model.studies import Checked, StudyKind
from medpol.text.source import Findings
from medpol.text.studies import read_study, write_study

RIS = """TY  - JOUR
AU  - Ameś, Ann
AU  - Burr, Bob
PY  - 2019/03/01
TI  - Foam against gauze:
      a trial (NCT01234567)
JO  - J Wounds
VL  - 12
IS  - 3
SP  - 100
EP  - 109
DO  - https://doi.org/10.1000/Wounds.12
AN  - 31234567
DB  - PubMed
ER  -

TY  - JOUR
AU  - Cole C
Y1  - 2021
T1  - Another
UR  - https://pubmed.ncbi.nlm.nih.gov/39999999/
ER  -
"""
DAY = date(2024, 5, 1)


def test_a_citation_is_read_with_its_numbers_and_its_registration() -> None:
    (first, second), problems = read_ris(RIS)
    assert problems == ()
    assert first.authors == ("Ameś, Ann", "Burr, Bob") and first.year == 2019
    assert first.title == "Foam against gauze: a trial (NCT01234567)"
    assert first.journal == "J Wounds 12(3):100-109"
    assert (first.pmid, first.doi, first.registrations) == ("31234567", "10.1000/Wounds.12", ("NCT01234567",))
    assert (second.pmid, second.title, second.year, second.line) == ("39999999", "Another", 2021, 17)


def test_what_cannot_be_read_is_told_by_its_line_and_the_rest_is_taken() -> None:
    found, problems = read_ris("nothing\nTI  - Before\nTY  - JOUR\nAU  - Nobody\nER  - \nTY  - JOUR\nTI  - Kept\n")
    assert [each.title for each in found] == ["Kept"]
    assert [each.line for each in problems] == [1, 2, 3, 6]


def test_a_draft_holds_the_citation_and_nothing_more() -> None:
    (citation, _), _ = read_ris(RIS)
    draft = draft_of(citation, StudyKind.TRIAL, DAY)
    assert (draft.id, draft.population, draft.checked) == ("ames-2019", "none", Checked.NO)
    assert draft.results == draft.sizes == () and draft.to_check
    findings = Findings("draft.md")
    assert read_study(write_study(draft), findings) == draft and findings.found == []


def test_a_citation_that_a_record_holds_or_that_stands_twice_is_taken_once() -> None:
    citations, _ = read_ris(RIS + RIS.replace("10.1000/Wounds.12", "10.1000/WOUNDS.12").replace("31234567", ""))
    held = study("cole-2021", "", head="pmid: '39999999'\n")
    drafted = drafts_of(citations, [held], StudyKind.TRIAL, DAY)
    assert [each.id for each in drafted.drafts] == ["ames-2019"]
    assert [id for _, id in drafted.held] == ["cole-2021", "ames-2019", "cole-2021"]


def test_two_publications_of_one_author_and_year_get_ids_of_their_own() -> None:
    two = [Citation(("Ames, A",), 2019, "One", pmid="1"), Citation(("Ames, A",), 2019, "Two", pmid="2")]
    assert [each.id for each in drafts_of(two, [], StudyKind.TRIAL, DAY).drafts] == ["ames-2019", "ames-2019-2"]


def test_records_given_out_as_ris_are_read_again_as_the_same_citations() -> None:
    (first, second), _ = read_ris(RIS)
    drafts = drafts_of((first, second), [], StudyKind.TRIAL, DAY).drafts
    found, problems = read_ris(write_ris(drafts))
    assert problems == ()
    assert [each.key for each in found] == [first.key, second.key]
    for draft, again in zip(drafts, found, strict=True):
        assert draft_of(again, StudyKind.TRIAL, DAY) == draft


def test_results_given_out_as_a_sheet_are_read_again_as_they_were() -> None:
    held = study(
        "ames",
        table(COUNTS, "healed | gauze | 8 weeks | 40 | 24 | 41 | 15 | full text")
        + "\n\n"
        + table(MEANS, "pain | foam | 6 weeks | mm of 100 | 21 | 9 | 60 | 30 | 11 | 61 | abstract")
        + "\n\n"
        + table(f"{ESTIMATE} | p | Favours | Note", "function | foam | 6 weeks | MD | -1.0 | -2.0 | 0.0 | 95 % | points of 100 | second-hand | <0.001 | neither | said, \"so\""),
    )  # fmt: skip
    found, problems = read_sheet(results_sheet([held]))
    assert problems == ()
    assert tuple(found["ames"]) == held.results


def test_a_sheet_says_which_column_or_line_it_cannot_take() -> None:
    _, problems = read_sheet("Study ID,Outcome,Comparison,Size\n")
    assert [each.says.split(";")[0] for each in problems] == [
        "the column 'Timepoint' is missing",
        "the column 'Size' is not known",
    ]
    found, problems = read_sheet(
        "Study ID,Outcome,Comparison,Timepoint,Checked\names,pain,,6 weeks,no\names,pain,foam,6 weeks,yes\nburr,pain,foam,6 weeks,\n"
    )
    assert list(found) == ["burr"] and [each.line for each in problems] == [2, 3]


@given(
    st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=8), min_size=1, max_size=4)
)
def test_no_cell_of_a_sheet_is_run_as_a_formula_and_each_comes_back(cells: list[str]) -> None:
    (row,) = list(csv.reader(io.StringIO(csv_text(("a",), [cells]))))[1:] or [[]]
    for cell, again in zip(cells, row, strict=False):
        assert unquoted(again) == cell
        if again.startswith(("=", "+", "-", "@")):
            float(again.rstrip(" %"))
