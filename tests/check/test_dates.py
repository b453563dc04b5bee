"""What the rules about days and reviews find, and which orders of days they leave alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pytest
from tests.check.example import found
from tests.support import archive, policy

NEWER = "EX-1/2025-01-01.md"
ROWS = "\n## History\n\n| Date | Event | Effective | Comment |\n|---|---|---|---|\n"
YEARLY = "| 2024-01-01 | annual review | | |\n| 2025-01-01 | annual review | | |\n"
YEAR_LATER = date(2026, 1, 2)


def dated(head: str, published: str = "2024-06-01", effective: str = "2025-01-01") -> dict[str, str]:
    return {f"EX-1/{effective}.md": policy(effective, published, head=head)}


def names(files: Mapping[str, str], today: date | None = None) -> list[str]:
    return [each.rule for each in found(files, today)]


@pytest.mark.parametrize(
    ("sent", "rules"), [("2023-09-01", []), ("2023-09-08", []), ("2023-09-09", ["notice-too-short"])]
)
def test_97_and_90_days_are_enough_where_90_are_owed_and_89_are_not(sent: str, rules: list[str]) -> None:
    assert names({"EX-1/2023-12-07.md": policy("2023-12-07", sent, head="notice days: 90")}) == rules


@pytest.mark.parametrize(
    "head",
    [
        "approved: 2024-06-01\nnotice sent: 2024-06-01\nliterature through: 2024-06-01",
        "approved: 2024-06\nliterature through: 2024-06",
        "approved: 2024-06",
        "last revised: 2025-02-01\napproved: 2024-05-01",
        "last revised: 2020-02-01\napproved: 2024-05-01",
        "review due: 2025-01-01\napproved: 2024-01-01",
    ],
    ids=[
        "all on one day",
        "within one month",
        "a month that holds the day of publication",
        "revised later",
        "not revised for years",
        "due on the first day",
    ],
)
def test_days_in_an_order_that_can_be_are_left_alone(head: str) -> None:
    assert names(dated(head)) == []


def test_a_version_approved_and_known_late_is_retroactive_and_not_out_of_order() -> None:
    late = dated("approved: 2025-01-11\nliterature through: 2025-01-05", published="2025-01-20")
    assert names(late) == ["retroactive-effective"]


def test_a_notice_sent_after_the_first_day_is_out_of_order_but_where_nobody_knew_of_the_version() -> None:
    assert names(dated("notice sent: 2025-01-02")) == ["dates-out-of-order"]
    assert names(dated("notice sent: 2025-01-01")) == []
    assert names(dated("notice sent: 2025-01-05", published="2025-01-20")) == ["retroactive-effective"]


def test_an_archive_has_an_order_of_days_too() -> None:
    (only,) = found({NEWER: archive("2025-01-01", "2024-06-01", head="approved: 2024-07-01\n")})
    assert (only.rule, only.found) == (
        "dates-out-of-order",
        "`approved: 2024-07-01` lies after `published: 2024-06-01`",
    )


def test_a_last_day_of_the_calendar_breaks_nothing() -> None:
    assert names({"EX-1/9999-12-31.md": policy("9999-12-31", "9999-12-01", head="notice days: 90")}, date.max) == [
        "notice-too-short"
    ]


# ---------------------------------------------------------------------------- reviews


def test_a_policy_reviewed_each_year_is_overdue_on_the_day_after_the_year() -> None:
    yearly = {NEWER: policy("2025-01-01", "2024-06-01") + ROWS + YEARLY}
    assert names(yearly, date(2026, 1, 1)) == []
    assert names(yearly) == []
    (only,) = found(yearly, date(2026, 1, 2))
    assert only.found == (
        "reviewed each year, last on 2025-01-01: the review is due by 2026-01-01, and overdue today (2026-01-02)"
    )


@pytest.mark.parametrize(
    "files",
    [
        {NEWER: policy("2025-01-01", "2024-06-01")},
        {
            NEWER: policy("2025-01-01", "2024-06-01")
            + ROWS
            + "| 2024-01-01 | new policy | | |\n| 2025-01-01 | literature update | | |\n"
        },
        {
            NEWER: policy("2025-01-01", "2024-06-01")
            + ROWS
            + "| 1998-01-01 | annual review | | |\n| 2025-01-01 | criteria change | | |\n"
        },
        {NEWER: policy("2025-01-01", "2024-06-01", head="review due: 2026-01")},
        {
            NEWER: policy("2025-01-01", "2024-06-01", head="review due: 2025-06-01")
            + ROWS
            + "| 2025-05-20 | interim review | | |\n"
        },
        {
            NEWER: policy("2025-01-01", "2024-06-01")
            + ROWS
            + YEARLY
            + "| 2025-02-01 | other | | Evidence is settled; the policy is no longer scheduled for routine review. |\n"
        },
        {
            NEWER: policy("2025-01-01", "2024-06-01") + ROWS + YEARLY,
            "EX-1/2025-06-01.md": archive("2025-06-01", "2025-05-01"),
        },
        {
            NEWER: policy("2025-01-01", "2024-06-01", head="review due: 2025-12-01"),
            "EX-1/2026-03-01.md": policy("2026-03-01", "2025-12-15"),
        },
        {
            NEWER: policy("2025-01-01", "2024-06-01", head="review due: 2025-12-01"),
            "EX-1/2026-01-01.md": policy("2026-01-01", "2025-12-15"),
        },
        {
            NEWER: policy("2025-01-01", "2024-06-01")
            + ROWS
            + YEARLY.replace("annual review | |", "annual review | 2025-04-01 |")
        },
    ],
    ids=[
        "nothing said of reviews",
        "no annual review in the history",
        "an annual review of long ago",
        "due within this month",
        "reviewed before it was due",
        "no longer scheduled",
        "archived",
        "a later version is published",
        "a later version holds",
        "a review that took effect later",
    ],
)
def test_no_review_is_asked_for_where_none_is_known_to_be_due(files: Mapping[str, str]) -> None:
    held = [each for each in names(files, YEAR_LATER) if each != "row-without-version"]
    assert held == []


@pytest.mark.parametrize(
    ("head", "rows"),
    [
        ("approved: 2024-05-01\nliterature through: 2023-05-01", ""),
        ("approved: 2024-05\nliterature through: 2023-05", ""),
        ("approved: 2024-05-01", ""),
        ("literature through: 2019-05-01", ""),
        ("approved: 2024-05-01\nliterature through: 2022-05-01", "| 2025-01-01 | coding update | | |\n"),
    ],
    ids=["a year to the day", "a month that may be within the year", "no literature", "no approval", "a coding update"],
)
def test_literature_of_the_year_before_the_approval_is_new_enough(head: str, rows: str) -> None:
    text = policy("2025-01-01", "2024-06-01", head=head) + (ROWS + rows if rows else "")
    assert names({NEWER: text}) == []
