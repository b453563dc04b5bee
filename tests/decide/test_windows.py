"""Which days a window holds, on its first day and the day before, and what makes it complete."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from tests.decide.judging import asking, event, judged, missing

from medpol.decide.literals import MET, UNKNOWN, window_start
from medpol.decide.rows import Literal, LiteralKind
from medpol.model.case import BIRTH, Known
from medpol.model.dates import add_months

WHOLE = {"history_complete_from": "birth"}


def _counts(window: str, day: str, of: str, **case: Any) -> bool:
    """Whether one event of some day is in the window of a service of another, the history whole."""
    return (
        judged(f"count(lines of needling, {window}) >= 1", day=of, history=[event(day, "20560")], **WHOLE, **case)
        == "met"
    )


@pytest.mark.parametrize(
    ("window", "of", "first", "day_before"),
    [
        ("rolling 1 days before", "2024-07-15", "2024-07-15", "2024-07-14"),
        ("rolling 10 days before", "2024-07-15", "2024-07-06", "2024-07-05"),
        ("rolling 6 weeks before", "2024-07-15", "2024-06-04", "2024-06-03"),
        ("rolling 12 months before", "2024-07-15", "2023-07-16", "2023-07-15"),
        ("rolling 1 months before", "2024-03-31", "2024-03-01", "2024-02-29"),
        ("rolling 2 years before", "2024-02-29", "2022-03-01", "2022-02-28"),
        ("calendar year before", "2024-07-15", "2024-01-01", "2023-12-31"),
        ("calendar year before", "2024-01-01", "2024-01-01", "2023-12-31"),
        ("same day", "2024-07-15", "2024-07-15", "2024-07-14"),
    ],
)
def test_a_window_begins_on_its_first_day(window: str, of: str, first: str, day_before: str) -> None:
    assert _counts(window, first, of)
    assert not _counts(window, day_before, of)


@pytest.mark.parametrize("window", ["rolling 1 years through", "calendar year through", "lifetime through", "same day"])
def test_no_window_holds_a_day_after_the_service(window: str) -> None:
    assert _counts(window, "2024-07-15", "2024-07-15")
    assert not _counts(window, "2024-07-16", "2024-07-15")


def test_a_lifetime_holds_every_day_before() -> None:
    assert _counts("lifetime before", "1931-01-01", "2024-07-15")


def test_a_window_longer_than_the_calendar_is_a_lifetime() -> None:
    assert _counts("rolling 3660 years before", "1931-01-01", "2024-07-15")
    for complete_from, truth in (("birth", "met"), ("1900-01-01", "unknown")):
        assert (
            judged("count(lines of needling, rolling 3660 years before) <= 0", history_complete_from=complete_from)
            == truth
        )


def _plan_year(year: tuple[int, int] | None, day: str) -> date | None:
    literal = Literal(LiteralKind.COUNT, "", "", window="plan year")
    return window_start(literal, Known(date.fromisoformat(day), {}, {}, plan_year=year))


@pytest.mark.parametrize(
    ("year", "day", "start"),
    [
        ((7, 1), "2024-07-15", "2024-07-01"),
        ((7, 1), "2024-07-01", "2024-07-01"),
        ((7, 1), "2024-06-30", "2023-07-01"),
        ((1, 1), "2024-12-31", "2024-01-01"),
        ((12, 31), "2024-12-30", "2023-12-31"),
        ((2, 29), "2024-02-29", "2024-02-29"),
        ((2, 29), "2023-03-01", "2023-03-01"),  # a year without that day begins on the day after the 28th
        ((2, 29), "2023-02-28", "2022-03-01"),
    ],
)
def test_a_plan_year_begins_on_the_last_such_day_not_after_the_service(
    year: tuple[int, int], day: str, start: str
) -> None:
    assert _plan_year(year, day) == date.fromisoformat(start)


def test_a_plan_year_that_nobody_states_has_no_first_day() -> None:
    assert _plan_year(None, "2024-07-15") is None
    assert judged("count(lines of needling, plan year through) <= 3", **WHOLE) == "unknown"


def test_windows_without_a_number_of_their_own_begin_at_birth_or_on_the_day() -> None:
    known = Known(date(2024, 7, 15), {}, {})
    starts = {
        name: window_start(Literal(LiteralKind.COUNT, "", "", window=name), known) for name in ("lifetime", "same day")
    }
    assert starts == {"lifetime": BIRTH, "same day": date(2024, 7, 15)}


@pytest.mark.parametrize(
    ("window", "complete_from", "truth"),
    [
        ("rolling 12 months before", "2023-07-16", "met"),
        ("rolling 12 months before", "2023-07-17", "unknown"),
        ("calendar year before", "2024-01-01", "met"),
        ("calendar year before", "2024-01-02", "unknown"),
        ("lifetime before", "birth", "met"),
        ("lifetime before", "1900-01-01", "unknown"),
    ],
)
def test_none_is_certain_only_where_the_history_is_whole_from_the_first_day(
    window: str, complete_from: str, truth: str
) -> None:
    seen = [event("2024-02-02", "20552")]  # of another group: it says nothing of needling
    asked = f"count(sessions of needling, {window}) = 0"
    assert judged(asked, history_complete_from=complete_from, history=seen) == truth
    assert judged(asked, history_complete_from=complete_from) == truth


def test_a_history_supposed_to_be_whole_settles_what_is_missing() -> None:
    for case in ({}, {"history_complete_from": "2024-07-01"}, {**WHOLE, "history_incomplete_for": ["needling"]}):
        assert missing("count(sessions of needling, rolling 12 months before) = 0", **case) == [["history of needling"]]


def test_a_window_is_whole_where_the_history_of_its_groups_is_supposed_to_be() -> None:
    version = asking("count(lines of needling or taping, rolling 12 months before) = 0").versions["EX-1"][0]
    judge = version.dispatches["CPT", "20552"].rules[0].judges[0]
    for complete, truth in (({"needling", "taping"}, MET), ({"needling"}, UNKNOWN), (set[str](), UNKNOWN)):
        for incomplete in ((), ("needling",)):
            known = Known(date(2024, 7, 15), {}, {}, incomplete_for=incomplete, complete=frozenset(complete))
            assert judge(known) == truth


def test_a_group_said_to_be_incomplete_opens_the_window_of_that_group_alone() -> None:
    case = {**WHOLE, "history_incomplete_for": ["needling"], "history": [event("2024-02-02", "20552")]}
    assert judged("count(lines of needling, lifetime before) = 0", **case) == "unknown"
    assert judged("count(lines of needling or taping, lifetime before) = 0", **case) == "unknown"
    assert judged("count(lines of taping, lifetime before) = 0", **case) == "met"


@pytest.mark.parametrize(
    ("measure", "truth"), [("sessions", "not met"), ("groups", "not met"), ("lines", "met"), ("units", "met")]
)
def test_before_leaves_out_the_day_for_sessions_and_groups_and_the_present_line_for_the_others(
    measure: str, truth: str
) -> None:
    asked = f"count({measure} of injection, lifetime before) >= 1"
    case = {**WHOLE, "units": "1"}
    assert judged(asked, history=[event("2024-07-15", units="1")], **case) == truth
    assert judged(asked, **case) == "not met"
    assert judged(asked, history=[event("2024-07-14", units="1")], **case) == "met"


@pytest.mark.parametrize("measure", ["sessions", "groups", "lines", "units"])
@pytest.mark.parametrize("window", ["lifetime through", "same day", "calendar year through"])
def test_through_takes_this_service_in(measure: str, window: str) -> None:
    for history in ([], [event("2020-01-01", "20560")]):
        asked = f"count({measure} of injection, {window}) = 1"
        assert judged(asked, history=history, units="1", **WHOLE) == "met"


def _latest(window: str, *values: tuple[str, str], **case: Any) -> str:
    held = [{"date": day, "value": value} for day, value in values]
    return judged(f"latest(eosinophils, {window}) >= 150 cells/uL", facts={"eosinophils": held}, **{**WHOLE, **case})


HALF_YEAR = "rolling 6 months through"


def test_the_latest_observation_of_the_window_is_the_one_that_counts() -> None:
    assert _latest(HALF_YEAR, ("2024-03-01", "100 cells/uL"), ("2024-05-01", "200 cells/uL")) == "met"
    assert _latest(HALF_YEAR, ("2024-05-01", "100 cells/uL"), ("2024-03-01", "200 cells/uL")) == "not met"
    assert _latest(HALF_YEAR, ("2024-07-16", "100 cells/uL"), ("2024-03-01", "200 cells/uL")) == "met"


def test_an_observation_outside_the_window_is_none() -> None:
    assert _latest(HALF_YEAR, ("2024-01-16", "200 cells/uL")) == "met"
    assert _latest(HALF_YEAR, ("2024-01-15", "200 cells/uL")) == "unknown"
    assert _latest(HALF_YEAR) == "unknown"
    assert judged("latest(eosinophils, lifetime through) >= 150 cells/uL", **WHOLE) == "unknown"
    assert _latest("plan year through", ("2024-07-01", "200 cells/uL")) == "unknown"


def test_before_leaves_out_an_observation_of_the_day() -> None:
    assert _latest(HALF_YEAR, ("2024-07-15", "200 cells/uL")) == "met"
    assert _latest("rolling 6 months before", ("2024-07-15", "200 cells/uL")) == "unknown"
    assert _latest("rolling 6 months before", ("2024-07-14", "200 cells/uL")) == "met"


def test_two_values_of_the_latest_day_are_unknown_unless_they_are_one() -> None:
    earlier = ("2024-03-01", "200 cells/uL")
    assert _latest(HALF_YEAR, earlier, ("2024-05-01", "200 cells/uL"), ("2024-05-01", "100 cells/uL")) == "unknown"
    assert _latest(HALF_YEAR, ("2024-03-01", "100 cells/uL"), *[("2024-05-01", "200 cells/uL")] * 2) == "met"


def test_a_later_observation_may_lie_where_the_history_is_not_held() -> None:
    seen = ("2024-05-01", "200 cells/uL")
    for complete_from, truth in (("2024-05-01", "met"), ("2024-05-02", "unknown")):
        assert _latest(HALF_YEAR, seen, history_complete_from=complete_from) == truth
    assert _latest(HALF_YEAR, seen, history_incomplete_for=["eosinophils"]) == "unknown"


def test_the_latest_observation_is_compared_with_a_documented_limit() -> None:
    asked = "latest(eosinophils, lifetime through) >= cells.limit"
    held = [{"date": "2024-05-01", "value": "200 cells/uL"}]
    for limit, truth in (("200 cells/uL", "met"), ("201 cells/uL", "not met")):
        assert judged(asked, facts={"eosinophils": held, "cells.limit": limit}, **WHOLE) == truth
    assert judged(asked, facts={"eosinophils": held}, **WHOLE) == "unknown"


def test_the_last_year_of_the_calendar_can_be_reached_and_not_left() -> None:
    assert add_months(date(9999, 11, 30), 1) == date(9999, 12, 30)
    assert add_months(date(1, 2, 1), -1) == date(1, 1, 1)
    with pytest.raises(OverflowError, match="9999-12-01 moved by 1 months leaves the calendar"):
        add_months(date(9999, 12, 1), 1)
