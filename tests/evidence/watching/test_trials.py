"""What has happened to a trial: every row of the table of events, one test each."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from medpol.evidence.watching import EventWeight, Kind, TrialHeld, TrialListed, TrialRecord, changes

DAY = date(2024, 2, 8)
LISTED = TrialListed("NCT00000001", "Plantar heel", completion="Dec 2024", enrolment=50)
RECORD = TrialRecord("NCT00000001", "Needles", "RECRUITING", verified="2024-01", completion="2024-12", enrolment=50)


def found(
    old: TrialRecord | None, new: TrialRecord | None, today: date = DAY, listed: TrialListed = LISTED
) -> list[tuple[Kind, EventWeight]]:
    events = changes(TrialHeld(listed, old), TrialHeld(listed, new), today)
    return [(each.kind, each.weight) for each in events]


def test_nothing_happened_where_a_record_stays_as_it_is() -> None:
    assert found(RECORD, RECORD) == []
    assert found(None, RECORD) == []


@pytest.mark.parametrize("status", ["ACTIVE_NOT_RECRUITING", "SUSPENDED", "ENROLLING_BY_INVITATION"])
def test_a_changed_status_is_a_note(status: str) -> None:
    assert found(RECORD, replace(RECORD, status=status)) == [(Kind.STATUS_CHANGED, EventWeight.NOTE)]


@pytest.mark.parametrize("status", ["COMPLETED", "TERMINATED", "WITHDRAWN"])
def test_a_trial_that_ended_is_a_warning(status: str) -> None:
    assert found(RECORD, replace(RECORD, status=status)) == [(Kind.STATUS_CHANGED, EventWeight.WARNING)]
    assert found(None, replace(RECORD, status=status)) == [(Kind.STATUS_CHANGED, EventWeight.WARNING)]


def test_the_reason_for_stopping_is_told() -> None:
    new = TrialHeld(LISTED, replace(RECORD, status="TERMINATED", why_stopped="slow enrolment"))
    (event,) = changes(TrialHeld(LISTED, RECORD), new, DAY)
    assert (event.before, event.after) == ("recruiting", "terminated (slow enrolment)")


@pytest.mark.parametrize(
    ("completion", "today", "is_overdue"),
    [
        ("2024-05", date(2024, 5, 31), False),
        ("2024-05", date(2024, 6, 1), True),
        ("May 2024", date(2024, 5, 31), False),
        ("May 2024", date(2024, 6, 1), True),
        ("2024-05-30", date(2024, 5, 30), False),
        ("2024-05-30", date(2024, 5, 31), True),
        ("", date(2024, 6, 1), False),
        ("sometime", date(2024, 6, 1), False),
    ],
)
def test_a_completion_has_passed_when_its_last_possible_day_has(completion: str, today: date, is_overdue: bool) -> None:
    expected = [(Kind.OVERDUE, EventWeight.WARNING)] if is_overdue else []
    listed = replace(LISTED, completion=completion)
    assert found(None, None, today, listed) == expected
    record = replace(RECORD, completion=completion, verified="2024-05")
    assert [each for each in found(record, record, today, listed) if each[0] is Kind.OVERDUE] == expected


def test_the_registry_counts_and_not_the_table_where_a_record_is_held() -> None:
    late = replace(LISTED, completion="Aug 2023")
    assert found(RECORD, RECORD, DAY, late) == []
    assert found(None, None, DAY, late) == [(Kind.OVERDUE, EventWeight.WARNING)]


def test_a_trial_that_is_not_listed_as_ongoing_or_has_ended_is_not_overdue() -> None:
    record = replace(RECORD, completion="2023-08")
    assert found(record, record, DAY, replace(LISTED, is_ongoing=False)) == []
    ended = replace(record, status="COMPLETED", primary_completion="2023-08")
    assert found(ended, ended) == []


def test_completed_without_results_waits_for_twelve_months_after_primary_completion() -> None:
    record = replace(RECORD, status="COMPLETED", primary_completion="2023-02", completion="2024-01")
    assert found(record, record, date(2024, 2, 28)) == []
    expected = [(Kind.COMPLETED_WITHOUT_RESULTS, EventWeight.WARNING)]
    assert found(record, record, date(2024, 2, 29)) == expected
    assert found(replace(record, has_results=True), replace(record, has_results=True), date(2024, 3, 1)) == []
    assert found(replace(record, reports=("1",)), replace(record, reports=("1",)), date(2024, 3, 1)) == []
    known = TrialHeld(LISTED, record, papers=frozenset({"1"}))
    assert changes(known, known, date(2024, 3, 1)) == ()


def test_results_and_papers_are_tasks() -> None:
    assert found(RECORD, replace(RECORD, has_results=True)) == [(Kind.RESULTS_POSTED, EventWeight.TASK)]
    assert found(None, replace(RECORD, has_results=True)) == [(Kind.RESULTS_POSTED, EventWeight.TASK)]
    old, new = replace(RECORD, reports=("1",)), replace(RECORD, reports=("1", "2", "3"))
    assert found(old, new) == [(Kind.PUBLISHED, EventWeight.TASK)] * 2


def test_a_paper_that_the_policy_cites_is_no_news() -> None:
    new = replace(RECORD, reports=("7",))
    cited = frozenset({"7"})
    assert changes(TrialHeld(LISTED, None, cited=cited), TrialHeld(LISTED, new, cited=cited), DAY) == ()


def test_a_registration_that_nobody_verifies_is_stale() -> None:
    unknown = replace(RECORD, status="UNKNOWN")
    assert found(unknown, unknown) == [(Kind.STALE, EventWeight.NOTE)]
    old = replace(RECORD, verified="2022-01")
    assert found(old, old, date(2024, 1, 31)) == []
    assert found(old, old, date(2024, 2, 1)) == [(Kind.STALE, EventWeight.NOTE)]


@pytest.mark.parametrize(
    "moved",
    [
        replace(RECORD, enrolment=80),
        replace(RECORD, completion="2025-06"),
        replace(RECORD, outcomes=("Pain (6 weeks)",)),
    ],
)
def test_a_design_that_moved_is_a_note(moved: TrialRecord) -> None:
    assert found(RECORD, moved) == [(Kind.DESIGN_MOVED, EventWeight.NOTE)]


def test_a_first_record_is_held_against_the_row_of_the_table() -> None:
    assert found(None, replace(RECORD, completion="2024-12-15")) == []  # a day of that month
    assert found(None, replace(RECORD, outcomes=("Pain",))) == []  # the table names no outcomes
    assert found(None, replace(RECORD, enrolment=51)) == [(Kind.DESIGN_MOVED, EventWeight.NOTE)]
    unpublished = replace(LISTED, is_ongoing=False, status="status unknown")
    assert found(None, replace(RECORD, status="UNKNOWN"), DAY, unpublished) == [(Kind.STALE, EventWeight.NOTE)]
