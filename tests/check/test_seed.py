"""The dry-needling policy under every rule: an exact, reviewed list, of the shipped words and of the published ones.

Each line was read against the document, and those over the shipped evidence records against the records. That the trials
of a review hold fewer people than the review is said to is found in the records only: no policy document says it.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from tests.support import SEED

from medpol.check import check_library
from medpol.ingest import ingest
from medpol.library import SHIPPED, Library, load, read_library

GOLDEN = Path(__file__).parent / "golden"
TODAY = date(2026, 11, 24)


def shipped() -> Library:
    return load(SHIPPED)


def imported() -> Library:
    if not SEED.exists():
        pytest.skip(f"the published document is not at {SEED}")
    return read_library({path: text.encode() for path, text in ingest(SEED.read_bytes(), SEED.name).drafts})


@pytest.mark.parametrize("held", [shipped, imported], ids=lambda held: held.__name__)
def test_exactly_these_findings_are_true_of_it(held: object, update_golden: bool) -> None:
    assert callable(held)
    checked = check_library(held(), TODAY)
    text = "".join(f"{each.source} {each.severity.value} {each.rule}\n" for each in checked.found)
    path = GOLDEN / f"{getattr(held, '__name__', '')}.txt"
    if update_golden:
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text
    assert checked.allowed == ()


def test_the_day_of_the_review_is_the_only_finding_that_waits_for_a_day() -> None:
    with_day = {(each.source, each.rule) for each in check_library(shipped(), TODAY).found}
    before = {(each.source, each.rule) for each in check_library(shipped(), date(2025, 7, 1)).found}
    assert {rule for _, rule in with_day - before} == {"review-overdue"}
    assert before - with_day == set()
