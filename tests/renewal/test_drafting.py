"""The draft of the next version: what it carries on, what it leaves out, and that its row of history is true."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from tests.support import archive, library, policy

from medpol.library import SHIPPED, Library, load
from medpol.library.redline import Subject
from medpol.model.policy import PolicyVersion
from medpol.renewal import RenewalRefused, renewed, standing_on

HISTORY = """
## History

| Date | Event | Approved | Effective | Published | Says | Comment |
|---|---|---|---|---|---|---|
| 2024-05-01 | annual review | | | | literature through 2024-01 | |
"""
TODAY = date(2025, 2, 10)


def held(*more: tuple[str, str], head: str = "literature through: 2024-01\napproved: 2024-01-10") -> Library:
    found = library({"EX-1/2024-05-01.md": policy(head=head) + HISTORY, **dict(more)})
    assert not found.errors, found.errors
    return found


def standing(found: Library, number: str = "EX-1", today: date = TODAY) -> PolicyVersion:
    version = standing_on(found, number, today)
    assert version is not None
    return version


def test_the_review_of_2025_comes_out_of_the_text_of_2024() -> None:
    found = load(SHIPPED)
    draft = renewed(found, standing(found, "2.01.100", date(2025, 5, 15)), date(2025, 5, 15), date(2025, 5, 1))
    assert draft.file == "2.01.100/2025-07-01.md"
    assert draft.version.is_draft and draft.version.first_day == date(2025, 7, 1)
    assert (draft.review_due, draft.untrue) == (date(2026, 7, 1), ())
    assert draft.version.history[-1].says == (
        "literature through 2025-05-01",
        "no references added",
        "statement unchanged",
    )
    assert not draft.redline.coverage_changes


def test_what_only_approval_and_publication_can_say_is_left_out() -> None:
    found = held(
        head="literature through: 2024-01\napproved: 2024-01-10\nnotice sent: 2024-01-20\nlast revised: 2024-01-10"
    )
    version = renewed(found, standing(found), TODAY, TODAY).version
    assert (version.approved, version.published, version.row_date, version.last_revised, version.notice.sent) == (
        None,
    ) * 5


def test_the_day_of_the_review_is_kept_while_it_lies_ahead() -> None:
    found = held()
    assert renewed(found, standing(found), TODAY, TODAY).effective == date(2025, 5, 1)
    assert renewed(found, standing(found), date(2025, 6, 10), TODAY).effective == date(2025, 7, 1)
    assert renewed(found, standing(found), date(2025, 12, 31), TODAY).effective == date(2026, 1, 1)
    assert renewed(found, standing(found), TODAY, TODAY, date(2025, 4, 1)).effective == date(2025, 4, 1)


def test_a_draft_governs_nothing_once_it_lies_in_the_library() -> None:
    found = held()
    draft = renewed(found, standing(found), TODAY, TODAY)
    both = held((draft.file, draft.text))
    assert standing(both, today=date(2025, 6, 1)).first_day == date(2024, 5, 1)


def test_a_draft_that_is_approved_and_published_is_the_version_in_force() -> None:
    found = held()
    draft = renewed(found, standing(found), TODAY, TODAY)
    published = draft.text.replace(
        "effective: 2025-05-01\n", "effective: 2025-05-01\napproved: 2025-03-01\nrow date: 2025-05-01\n"
    )
    both = held((draft.file, published))
    assert standing(both, today=date(2025, 6, 1)).first_day == date(2025, 5, 1)


def test_only_dates_and_history_differ_from_the_version_before() -> None:
    found = held()
    draft = renewed(found, standing(found), TODAY, TODAY)
    subjects = {each.subject for each in draft.redline.meaning or () if each.changes_meaning}
    assert subjects <= {Subject.DATE, Subject.HISTORY, Subject.RECORD}
    assert draft.version.rules == standing(found).rules


@pytest.mark.parametrize(
    ("files", "today", "through", "effective", "says"),
    [
        ((), TODAY, TODAY, date(2024, 5, 1), "not after the version of 2024-05-01"),
        ((), TODAY, date(2023, 12, 31), None, "before that of the version"),
        ((("EX-1/2025-05-01.md", policy("2025-05-01", None)),), TODAY, TODAY, None, "held already"),
        ((("EX-1/2025-01-01.md", archive("2025-01-01", "2024-10-01")),), TODAY, TODAY, None, "archived"),
    ],
)
def test_what_cannot_be_drafted_is_refused_with_the_reason(
    files: tuple[tuple[str, str], ...], today: date, through: date, effective: date | None, says: str
) -> None:
    found = held(*files)
    with pytest.raises(RenewalRefused, match=says):
        renewed(found, standing(found), today, through, effective)


def test_a_claim_that_is_not_so_is_told() -> None:
    """The text that stands was taken over with another statement than its own history says."""
    text = policy(head="literature through: 2024-01") + HISTORY
    found = library({"EX-1/2024-05-01.md": text})
    before = standing(found)
    altered = library({"EX-1/2024-05-01.md": text.replace("is **investigational**", "is **medically necessary**")})
    draft = renewed(replace(found, texts=altered.texts), before, TODAY, TODAY)
    assert [each.rule for each in draft.untrue] == ["statement-not-unchanged"]
    assert draft.redline.coverage_changes
