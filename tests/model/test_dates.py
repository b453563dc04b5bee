"""Days, periods, dates as stated, and calendar arithmetic."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medpol.model.dates import (
    EffectivePeriod,
    StatedDate,
    add_duration,
    add_months,
    parse_day,
    stated,
    stated_month,
)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2023, 1, 31), 1, date(2023, 2, 28)),
        (date(2024, 3, 31), 1, date(2024, 4, 30)),
        (date(2024, 3, 31), -1, date(2024, 2, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 12, 15), 1, date(2025, 1, 15)),
        (date(2024, 1, 15), -1, date(2023, 12, 15)),
        (date(2024, 5, 31), 0, date(2024, 5, 31)),
    ],
)
def test_months_clamp_to_the_last_day_of_the_month(day: date, months: int, expected: date) -> None:
    assert add_months(day, months) == expected


@given(st.dates(date(1900, 1, 1), date(2200, 1, 1)), st.integers(-600, 600))
def test_a_month_later_is_the_same_day_or_the_last_of_its_month(day: date, months: int) -> None:
    moved = add_months(day, months)
    assert (moved.year * 12 + moved.month) - (day.year * 12 + day.month) == months
    assert moved.day == day.day or (moved.day < day.day and (moved + timedelta(days=1)).day == 1)


def test_days_and_weeks_are_counted_and_years_clamp() -> None:
    assert add_duration(date(2024, 2, 28), 2, "days") == date(2024, 3, 1)
    assert add_duration(date(2024, 2, 28), -1, "weeks") == date(2024, 2, 21)
    assert add_duration(date(2024, 2, 29), 1, "years") == date(2025, 2, 28)
    with pytest.raises(ValueError, match="fortnights"):
        add_duration(date(2024, 2, 29), 1, "fortnights")


def test_leaving_the_calendar_is_an_error_of_the_caller() -> None:
    with pytest.raises(OverflowError):
        add_months(date(9999, 12, 1), 1)
    with pytest.raises(OverflowError):
        add_months(date(1, 1, 1), -1)


@pytest.mark.parametrize(
    "text", ["2024-02-30", "2024-2-3", "2024-02-03T00:00", "20240203", "٢٠٢٤-٠٢-٠٣", "", "0000-01-01"]
)
def test_only_a_day_in_full_is_a_day(text: str) -> None:
    assert parse_day(text) is None


def test_a_day_is_read() -> None:
    assert parse_day("2024-02-29") == date(2024, 2, 29)
    assert stated("2024-02-29") == StatedDate("2024-02-29", date(2024, 2, 29))


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("2024-05", (2024, 5)),
        ("May 2024", (2024, 5)),
        ("Sept 2020", (2020, 9)),
        ("sep. 2020", (2020, 9)),
        ("5/2023", (2023, 5)),
        ("May 2024 (estimated)", (2024, 5)),
        ("2024-13", None),
        ("13/2024", None),
        ("Maybe 2024", None),
        ("2024", None),
        ("0000-05", None),
    ],
)
def test_a_month_without_its_day_is_read_in_its_usual_spellings(text: str, month: tuple[int, int] | None) -> None:
    assert stated_month(text) == month


def test_the_last_day_of_a_stated_date() -> None:
    assert stated("Feb 2024").last_day() == date(2024, 2, 29)
    assert stated("2024-02-10").last_day() == date(2024, 2, 10)
    assert stated("some day").last_day() is None


def test_a_period_holds_its_first_day_and_not_its_end() -> None:
    period = EffectivePeriod(date(2024, 1, 1), date(2024, 2, 1))
    assert [period.covers(date(2024, 1, 1)), period.covers(date(2024, 1, 31)), period.covers(date(2024, 2, 1))] == [
        True,
        True,
        False,
    ]
    assert not period.covers(date(2023, 12, 31))
    assert EffectivePeriod().covers(date(1, 1, 1))
