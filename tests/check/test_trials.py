"""The trials table: when a completion has passed, and which numbers are trial numbers."""

from __future__ import annotations

import pytest
from tests.check.evidence_texts import document, population, review, told, trials

ROW = "| NCT01234567 | A trial | {} | 50 | {} | {} |"


@pytest.mark.parametrize(
    ("completion", "found"),
    [("Dec 2024", 1), ("2024-12", 1), ("2024-12-31", 1), ("Jan 2025", 0), ("2025-01-01", 0), ("", 0)],
)
def test_a_completion_has_passed_when_its_months_last_day_lies_before_the_first_day(
    completion: str, found: int
) -> None:
    files = document(trials(ROW.format("", completion, "status unknown")))
    assert len(told(files, "ongoing-trial-past-completion")) == found


@pytest.mark.parametrize("heading", ["Unpublished", "Published"])
def test_a_trial_that_is_not_called_ongoing_may_be_over(heading: str) -> None:
    assert (
        told(document(trials(ROW.format("", "Dec 2020", ""), heading=heading)), "ongoing-trial-past-completion") == []
    )


@pytest.mark.parametrize("cell", ["", "Neck", "neck", "  Neck "])
def test_a_trial_of_a_population_that_is_reviewed_or_of_none_is_left_alone(cell: str) -> None:
    files = document(review(population("Neck", "Nothing.")), trials(ROW.format(cell, "", "")))
    assert told(files, "trial-of-no-population") == []


@pytest.mark.parametrize(
    ("cell", "found"), [("adults", 0), ("Neck pain", 0), ("children", 1), ("adults with heel pain", 1)]
)
def test_a_shorter_way_to_name_a_population_is_left_alone(cell: str, found: int) -> None:
    files = document(review(population("Adults with neck pain", "Nothing.")), trials(ROW.format(cell, "", "")))
    assert len(told(files, "trial-of-no-population")) == found


def test_the_nearest_population_is_offered() -> None:
    files = document(review(population("Plantar heel", "Nothing.")), trials(ROW.format("Plantar heal", "", "")))
    assert told(files, "trial-of-no-population") == ['34:27 "Plantar heal" is no population of the Evidence review']


def test_a_document_without_populations_may_name_any_in_its_trials() -> None:
    assert told(document(trials(ROW.format("Neck", "", ""))), "trial-of-no-population") == []


@pytest.mark.parametrize(
    "words", ["NCT0123456", "NCT012345678", "NCT 01234567", "NCT-01234567", "NCT0123456X", "NCTO1234567"]
)
def test_a_trial_number_that_is_none_is_found_in_the_text(words: str) -> None:
    (only,) = told(document(f"## Background\n\nThe trial ({words}) is under way.\n"), "trial-number-malformed")
    assert only == f"22:12 {words} is no trial number"


@pytest.mark.parametrize(
    "words",
    [
        "NCT01234567",
        "NCT01234567 and NCT07654321.",
        "NCT No. 5 of the table",
        "the NCT registry",
        "https://clinicaltrials.gov/study/NCT0123",
        "?term=NCT01",
        "a NCTS sign",
    ],
)
def test_a_sound_trial_number_and_the_letters_alone_are_left_alone(words: str) -> None:
    assert told(document(f"## Background\n\nThe trial {words}\n"), "trial-number-malformed") == []


def test_a_bad_number_in_the_table_is_told_once_by_the_reader() -> None:
    assert told(document(trials(ROW.replace("4567 ", "45 ").format("", "", ""))), "trial-number-malformed") == []
