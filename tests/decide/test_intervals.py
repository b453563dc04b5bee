"""Counts, times since and recorded ages are intervals: met where all of one agrees, unknown where a part would differ."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from tests.decide.judging import asking, event, judged, missing

from medpol.decide.literals import compare_age
from medpol.model.case import Known
from medpol.model.dates import EffectivePeriod
from medpol.model.quantities import parse_quantity

WHOLE = {"history_complete_from": "birth"}
YEAR = "rolling 12 months before"
SEEN = [event(f"2024-0{month}-03", "20560", units="2") for month in (3, 4, 5)]
"""Three sessions of needling, of two units each."""

MET, NOT_MET, UNKNOWN = "met", "not met", "unknown"
NO, YES, OPEN = 0, 1, 2
"""The same as bits."""

# ---------------------------------------------------------------------------- periods


def _period(start: str, end: str) -> EffectivePeriod:
    return EffectivePeriod(date.fromisoformat(start) if start else None, date.fromisoformat(end) if end else None)


@pytest.mark.parametrize(
    ("one", "other", "meets"),
    [
        (("2024-01-01", "2024-02-01"), ("2024-01-31", "2024-03-01"), True),
        (("2024-01-01", "2024-02-01"), ("2024-02-01", "2024-03-01"), False),
        (("2024-01-01", ""), ("2024-02-01", "2024-03-01"), True),
        (("2024-03-01", ""), ("2024-02-01", "2024-03-01"), False),
        (("", "2024-02-01"), ("2024-02-01", ""), False),
        (("", "2024-02-02"), ("2024-02-01", ""), True),
        (("", ""), ("2024-02-01", "2024-03-01"), True),
        (("", ""), ("", ""), True),
        (("2024-01-01", ""), ("2025-01-01", ""), True),
        (("", "2024-01-01"), ("", "2025-01-01"), True),
    ],
)
def test_two_periods_meet_where_they_have_a_day_in_common(
    one: tuple[str, str], other: tuple[str, str], meets: bool
) -> None:
    assert _period(*one).meets(_period(*other)) is meets
    assert _period(*other).meets(_period(*one)) is meets


def test_a_period_without_an_end_holds_every_later_day_and_one_without_a_start_every_earlier() -> None:
    day = date(2024, 1, 1)
    assert [_period(*each).covers(day) for each in (("2024-01-01", ""), ("2024-01-02", ""))] == [True, False]
    assert [_period(*each).covers(day) for each in (("", "2024-01-02"), ("", "2024-01-01"))] == [True, False]


# ---------------------------------------------------------------------------- counts


@pytest.mark.parametrize(
    ("comparison", "whole", "open_above"),
    [
        (">= 3", MET, MET), (">= 4", NOT_MET, UNKNOWN),
        ("> 2", MET, MET), ("> 3", NOT_MET, UNKNOWN),
        ("<= 3", MET, UNKNOWN), ("<= 2", NOT_MET, NOT_MET),
        ("< 4", MET, UNKNOWN), ("< 3", NOT_MET, NOT_MET),
        ("= 3", MET, UNKNOWN), ("= 2", NOT_MET, NOT_MET), ("= 4", NOT_MET, UNKNOWN),
        ("!= 3", NOT_MET, UNKNOWN), ("!= 2", MET, MET), ("!= 4", MET, UNKNOWN),
        ("in (3, 5)", MET, UNKNOWN), ("in (5, 3)", MET, UNKNOWN), ("in (1, 2)", NOT_MET, NOT_MET), ("in (1, 4)", NOT_MET, UNKNOWN),
    ],
)  # fmt: skip
def test_a_count_is_a_number_where_the_history_is_whole_and_open_above_where_it_is_not(
    comparison: str, whole: str, open_above: str
) -> None:
    for measure in ("sessions", "lines"):
        asked = f"count({measure} of needling, {YEAR}) {comparison}"
        assert judged(asked, history=SEEN, **WHOLE) == whole
        assert judged(asked, history=SEEN) == open_above


@pytest.mark.parametrize(("measure", "number"), [("sessions", 2), ("lines", 3), ("units", 4), ("groups", 2)])
def test_each_measure_counts_its_own(measure: str, number: int) -> None:
    history = [event("2024-03-03", "20560", "1"), event("2024-03-03", "20560", "1"), event("2024-04-03", "tape", "2")]
    for case, open_above in ((WHOLE, MET), ({}, UNKNOWN)):
        asked = f"count({measure} of needling or taping, {YEAR})"
        assert judged(f"{asked} = {number}", history=history, **case) == open_above
        assert judged(f"{asked} >= {number}", history=history, **case) == MET


def test_two_lines_that_read_alike_are_two() -> None:
    assert judged(f"count(lines of needling, {YEAR}) = 2", history=[event("2024-03-03", "20560")] * 2, **WHOLE) == MET


def test_an_event_without_its_units_may_have_any_number_of_them() -> None:
    history = [event("2024-03-03", "20560", "2"), event("2024-04-03", "20560")]
    expected = {">= 2": MET, ">= 3": UNKNOWN, "<= 2": UNKNOWN, "< 2": NOT_MET, "= 2": UNKNOWN, "= 1": NOT_MET}
    for comparison, truth in expected.items():
        assert judged(f"count(units of needling, {YEAR}) {comparison}", history=history, **WHOLE) == truth


@pytest.mark.parametrize("history", [[], [event("2020-01-01", "20560")]])
def test_this_service_counts_with_its_own_units(history: list[dict[str, Any]]) -> None:
    asked = "count(units of injection, calendar year through)"
    for units, comparison, truth in (
        ("3", "= 3", MET), ("3", "> 3", NOT_MET), ("2.5", "<= 2", NOT_MET), (None, ">= 1", UNKNOWN), (None, ">= 0", MET),
    ):  # fmt: skip
        given = {} if units is None else {"units": units}
        assert judged(f"{asked} {comparison}", history=history, **given, **WHOLE) == truth


def test_a_service_in_two_groups_is_one_session_of_two_groups() -> None:
    counts = {"groups": 2, "sessions": 1, "lines": 1, "units": 1}
    for history in ([], [event("2020-01-01", "20560")]):
        for measure, number in counts.items():
            asked = f"count({measure} of injection or jab, lifetime through) = {number}"
            assert judged(asked, history=history, units="1", **WHOLE) == MET


def test_another_event_of_the_day_is_the_same_session_as_this_service() -> None:
    history = [event("2024-07-15", "20560")]
    for measure, number in (("sessions", 1), ("lines", 2)):
        assert (
            judged(f"count({measure} of injection or needling, same day) = {number}", history=history, **WHOLE) == MET
        )


def test_a_service_of_no_named_group_does_not_count_itself() -> None:
    for measure in ("sessions", "lines", "units", "groups"):
        assert judged(f"count({measure} of needling, lifetime through) = 0", units="1", **WHOLE) == MET


def test_this_service_and_the_other_groups_of_the_history_are_counted_together() -> None:
    asked = "count(groups of injection or needling or taping, lifetime through)"
    assert judged(f"{asked} = 2", history=SEEN, **WHOLE) == MET
    assert judged(f"{asked} = 1", **WHOLE) == MET


RELIEF = "injection where pain_relief >= 50 %"


@pytest.mark.parametrize(
    ("reliefs", "one_or_more", "none"),
    [
        (["60 %"], MET, NOT_MET), (["40 %"], NOT_MET, MET), ([None], UNKNOWN, UNKNOWN),
        (["40 %", None], UNKNOWN, UNKNOWN), (["60 %", None], MET, NOT_MET),
    ],
)  # fmt: skip
def test_an_event_counts_for_sure_where_its_own_fields_meet_the_condition(
    reliefs: list[str | None], one_or_more: str, none: str
) -> None:
    history = [
        event(f"2024-0{at}-03", **({} if relief is None else {"pain_relief": relief}))
        for at, relief in enumerate(reliefs, 3)
    ]
    for measure in ("sessions", "lines", "groups"):
        asked = f"count({measure} of {RELIEF}, lifetime before)"
        assert [judged(f"{asked} {each}", history=history, **WHOLE) for each in (">= 1", "= 0")] == [one_or_more, none]


@pytest.mark.parametrize("history", [[], [event("2020-01-01", "20560")]])
def test_this_service_is_possible_only_where_a_condition_asks_for_its_fields(history: list[dict[str, Any]]) -> None:
    asked = f"count(lines of {RELIEF}, lifetime through)"
    expected = {">= 1": UNKNOWN, "<= 1": MET, "= 0": UNKNOWN, ">= 2": NOT_MET}
    for comparison, truth in expected.items():
        assert judged(f"{asked} {comparison}", history=history, **WHOLE) == truth


def test_a_count_is_compared_with_a_documented_number() -> None:
    asked = f"count(sessions of needling, {YEAR}) <= visits.allowed"
    for allowed, truth in ((3, MET), (2, NOT_MET), (None, UNKNOWN)):
        facts = {} if allowed is None else {"visits.allowed": allowed}
        assert judged(asked, history=SEEN, facts=facts, **WHOLE) == truth


LIMITS = """### Limits

| Lasted | Visits |
|---|---|
| 1 week | 2 |
| 6 weeks | 8 |
"""


@pytest.mark.parametrize(
    ("lasted", "whole"),
    [
        ("0 weeks", UNKNOWN),
        ("1 weeks", NOT_MET),
        ("5 weeks", NOT_MET),
        ("6 weeks", MET),
        ("42 days", MET),
        (None, UNKNOWN),
    ],
)
def test_a_count_is_compared_with_the_greatest_row_not_above_what_is_looked_up(lasted: str | None, whole: str) -> None:
    facts = {} if lasted is None else {"pain.duration": lasted}
    asked = f"count(sessions of needling, {YEAR}) <= table(limits, pain.duration)"
    assert judged(asked, definitions=LIMITS, history=SEEN, facts=facts, **WHOLE) == whole
    assert judged(asked, definitions=LIMITS, history=SEEN, facts=facts) == UNKNOWN


def test_a_count_that_is_sure_only_between_two_numbers_is_looked_up_at_both() -> None:
    history = [
        *SEEN,
        event("2024-06-03"),
        event("2024-06-04", pain_relief="60 %"),
        event("2024-06-05", pain_relief="60 %"),
    ]
    asked = f"count(lines of {RELIEF}, {YEAR}) <= table(limits, pain.duration)"
    for lasted, truth in (("1 weeks", UNKNOWN), ("6 weeks", MET)):
        facts = {"pain.duration": lasted}
        assert judged(asked, definitions=LIMITS, history=history, facts=facts, **WHOLE) == truth


# ---------------------------------------------------------------------------- since


def _since(comparison: str, *days: str, **case: Any) -> str:
    history = [event(day, "20560") for day in days]
    return judged(f"since(last(needling)) {comparison}", history=history, **{**WHOLE, **case})


@pytest.mark.parametrize(
    ("comparison", "truth"),
    [
        (">= 6 weeks", MET), ("> 6 weeks", NOT_MET), ("< 6 weeks", NOT_MET), ("<= 6 weeks", MET), ("= 6 weeks", MET),
        (">= 43 days", NOT_MET), ("> 41 days", MET), ("= 41 days", NOT_MET), ("in (41 days, 42 days)", MET), ("in (41 days, 43 days)", NOT_MET),
    ],
)  # fmt: skip
def test_the_time_since_the_last_event_is_added_to_its_day(comparison: str, truth: str) -> None:
    assert _since(comparison, "2024-06-03", "2024-01-01") == truth
    assert (
        _since(comparison, "2024-01-01", "2024-06-03", "2024-07-15", "2024-07-16") == truth
    )  # the day itself is not before


def test_months_since_go_by_the_calendar() -> None:
    for day, truth in (("2024-02-28", NOT_MET), ("2024-02-29", MET), ("2024-03-01", MET)):
        assert _since(">= 1 months", "2024-01-31", day=day) == truth
    assert _since(">= 9000 years", "2024-01-31") == NOT_MET


def test_a_broken_number_of_months_since_is_a_range_of_days() -> None:
    for day, truth in (("2024-02-11", NOT_MET), ("2024-02-12", UNKNOWN), ("2024-02-16", UNKNOWN), ("2024-02-17", MET)):
        assert _since(">= 1.5 months", "2024-01-01", day=day) == truth
    assert _since(">= 1.5 weeks", "2024-07-05") == NOT_MET
    assert _since(">= 1.5 weeks", "2024-07-04") == MET


@pytest.mark.parametrize(
    ("comparison", "truth"),
    [(">= 6 weeks", MET), ("> 6 weeks", MET), ("< 6 weeks", NOT_MET), ("<= 6 weeks", NOT_MET), ("= 6 weeks", NOT_MET)],
)
def test_never_is_infinitely_long_ago(comparison: str, truth: str) -> None:
    assert _since(comparison) == truth
    assert _since(comparison, "2024-07-15") == truth
    assert _since(comparison, history_complete_from=None) == UNKNOWN


@pytest.mark.parametrize(
    ("complete_from", "long", "short"),
    [
        ("2024-05-01", MET, NOT_MET),
        ("2024-06-04", MET, NOT_MET),
        ("2024-06-05", UNKNOWN, UNKNOWN),
        (None, UNKNOWN, UNKNOWN),
    ],
)
def test_without_an_event_the_last_may_lie_before_the_history_that_is_held(
    complete_from: str | None, long: str, short: str
) -> None:
    assert _since(">= 6 weeks", history_complete_from=complete_from) == long
    assert _since("< 6 weeks", history_complete_from=complete_from) == short


@pytest.mark.parametrize(
    ("complete_from", "truth"),
    [("birth", MET), ("2024-05-01", MET), ("2024-06-04", MET), ("2024-06-05", UNKNOWN), (None, UNKNOWN)],
)
def test_an_unseen_event_may_lie_between_the_last_and_the_history_that_is_held(
    complete_from: str | None, truth: str
) -> None:
    assert _since(">= 6 weeks", "2024-05-01", history_complete_from=complete_from) == truth
    assert _since("= 75 days", "2024-05-01", history_complete_from=complete_from) == (
        MET if complete_from in ("birth", "2024-05-01") else UNKNOWN
    )


def test_an_exact_time_may_lie_inside_the_gap_though_neither_end_has_it() -> None:
    assert _since("= 60 days", "2024-05-01", history_complete_from=None) == UNKNOWN
    assert _since("in (1 days, 2 days)", "2024-05-01", history_complete_from="2024-05-01") == NOT_MET


def test_what_is_already_long_enough_needs_no_whole_history() -> None:
    assert _since("< 6 weeks", "2024-07-01", history_complete_from=None) == MET
    assert _since(">= 6 weeks", "2024-07-01", history_complete_from=None) == NOT_MET


def test_a_group_said_to_be_incomplete_has_a_gap_whatever_the_rest_has() -> None:
    asked = "since(last(needling)) >= 6 weeks"
    for name, truth in (("needling", UNKNOWN), ("injection", MET)):
        assert judged(asked, history_incomplete_for=[name], **WHOLE) == truth
    either = "since(last(needling or injection)) >= 6 weeks"
    assert judged(either, history_incomplete_for=["injection"], **WHOLE) == UNKNOWN


def test_an_event_that_may_fit_the_condition_may_be_the_last() -> None:
    asked = f"since(last({RELIEF})) >= 6 weeks"
    good, unsure = event("2024-05-01", pain_relief="60 %"), event("2024-07-01")
    assert judged(asked, history=[good, event("2024-07-01", pain_relief="40 %")], **WHOLE) == MET
    assert judged(asked, history=[good, unsure], **WHOLE) == UNKNOWN
    assert judged(asked, history=[unsure], **WHOLE) == UNKNOWN
    assert judged(asked, history=[event("2024-05-02", pain_relief="60 %"), event("2024-05-01")], **WHOLE) == MET
    assert judged(asked, history=[good, event("2024-05-20")], **WHOLE) == MET


def test_a_field_of_the_last_event_is_known_where_no_other_may_be_the_last() -> None:
    asked = f"last({RELIEF}).outcome = helped"
    sure = event("2024-05-01", pain_relief="60 %", outcome="helped")
    others = {
        MET: [event("2024-04-30", outcome="failed"), event("2024-05-01", pain_relief="40 %", outcome="failed")],
        # beside it one of that day that may fit too, a later one, and one that does fit and says otherwise
        UNKNOWN: [
            event("2024-05-01", outcome="failed"),
            event("2024-05-02", outcome="failed"),
            event("2024-05-01", pain_relief="70 %", outcome="failed"),
            event("2024-05-01", pain_relief="70 %"),
        ],
    }
    assert judged(asked, history=[sure], **WHOLE) == MET
    for truth, events in others.items():
        assert [judged(asked, history=[sure, each], **WHOLE) for each in events] == [truth] * len(events)


def test_a_whole_history_is_what_is_missing_where_none_is_given() -> None:
    for asked in ("since(last(needling)) >= 6 weeks", f"count(lines of needling, {YEAR}) <= 3"):
        assert missing(asked) == missing(asked, history_complete_from="2024-07-01") == [["history of needling"]]
        assert missing(asked, history_incomplete_for=["needling"], **WHOLE) == [["history of needling"]]


def test_a_history_supposed_to_be_whole_is_whole_from_birth() -> None:
    version = asking("since(last(needling or taping)) >= 6 weeks").versions["EX-1"][0]
    judge = version.dispatches["CPT", "20552"].rules[0].judges[0]
    for complete, truth in (({"needling", "taping"}, YES), ({"needling"}, OPEN), (set[str](), OPEN)):
        for incomplete in ((), ("needling",)):
            known = Known(date(2024, 7, 15), {}, {}, incomplete_for=incomplete, complete=frozenset(complete))
            assert judge(known) == truth


def test_the_time_since_is_compared_with_a_documented_one_and_with_a_table() -> None:
    fact = "since(last(needling)) >= pain.limit"
    history = [event("2024-06-03", "20560")]
    for limit, truth in (("6 weeks", MET), ("7 weeks", NOT_MET), (None, UNKNOWN)):
        facts = {} if limit is None else {"pain.limit": limit}
        assert judged(fact, history=history, facts=facts, **WHOLE) == truth
    waits = "### Waits\n\n| Lasted | Wait |\n|---|---|\n| 1 week | 2 weeks |\n| 6 weeks | 8 weeks |\n"
    table = "since(last(needling)) >= table(waits, pain.duration)"
    for lasted, truth in (("0 weeks", UNKNOWN), ("5 weeks", MET), ("6 weeks", NOT_MET), (None, UNKNOWN)):
        facts = {} if lasted is None else {"pain.duration": lasted}
        assert judged(table, history=history, facts=facts, definitions=waits, **WHOLE) == truth


# ---------------------------------------------------------------------------- ages


def _age(age: str, comparison: str, against: str, day: str = "2024-07-15") -> int:
    held, other = parse_quantity(age), parse_quantity(against)
    assert other is not None
    return compare_age(
        held if held is not None else date.fromisoformat(age), comparison, other, date.fromisoformat(day)
    )


@pytest.mark.parametrize(
    ("age", "at_least", "more", "less", "at_most", "equal"),
    [
        # "17 years" is anything from 17 to 18, 18 left out
        ("16 years", NO, NO, YES, YES, NO),
        ("17 years", NO, NO, YES, YES, NO),
        ("18 years", YES, OPEN, NO, OPEN, YES),
        ("19 years", YES, YES, NO, NO, NO),
        # an age that is no whole number is what it says
        ("17.5 years", NO, NO, YES, YES, NO),
        ("18.5 years", YES, YES, NO, NO, YES),
        # in months it is anything within one month
        ("215 months", NO, NO, YES, YES, NO),
        ("216 months", YES, OPEN, NO, OPEN, YES),
        ("217 months", YES, YES, NO, NO, YES),
        # from a birth date, by the calendar
        ("2006-07-16", NO, NO, YES, YES, NO),
        ("2006-07-15", YES, NO, NO, YES, YES),
        ("2006-07-14", YES, YES, NO, NO, YES),
        ("2005-07-16", YES, YES, NO, NO, YES),
        ("2005-07-15", YES, YES, NO, NO, NO),
    ],
)
def test_a_recorded_age_is_a_whole_year_long_and_a_birth_date_is_exact(
    age: str, at_least: int, more: int, less: int, at_most: int, equal: int
) -> None:
    found = [_age(age, comparison, "18 years") for comparison in (">=", ">", "<", "<=", "=")]
    assert found == [at_least, more, less, at_most, equal]


def test_an_age_in_another_unit_than_the_limit_is_unknown_where_a_month_has_no_one_length() -> None:
    assert _age("365 days", ">=", "1 years") == OPEN
    assert _age("367 days", ">=", "1 years") == OPEN
    assert _age("400 days", ">=", "1 years") == YES
    assert _age("300 days", ">=", "1 years") == NO


def test_an_age_that_may_be_the_limit_is_unknown_on_either_side_of_its_year() -> None:
    # 365 and 730 days are one and two years long or not quite
    assert [_age(f"{days} days", "=", "1 years") for days in (300, 365, 400, 730, 800)] == [NO, OPEN, YES, OPEN, NO]


def test_an_age_that_is_no_whole_number_is_compared_as_it_is() -> None:
    found = [_age("17.5 years", comparison, "17.5 years") for comparison in (">=", ">", "<", "<=")]
    assert found == [YES, NO, NO, YES]


def test_a_broken_limit_is_a_range_of_days_from_the_birth_date() -> None:
    assert _age("2024-01-01", ">=", "1.5 months", "2024-02-11") == NO
    assert _age("2024-01-01", ">=", "1.5 months", "2024-02-12") == OPEN
    assert _age("2024-01-01", ">=", "1.5 months", "2024-02-17") == YES
    assert _age("2024-01-01", ">=", "1.5 weeks", "2024-01-11") == NO
    assert _age("2024-01-01", ">=", "1.5 weeks", "2024-01-12") == YES


def test_nobody_reaches_an_age_beyond_the_calendar() -> None:
    assert _age("2024-01-01", ">=", "9000 years") == NO
    assert _age("2024-01-01", "<", "9000 years") == YES


def test_units_are_added_exactly() -> None:
    history = [event("2024-03-03", "20560", "0.1"), event("2024-03-04", "20560", "0.2")]
    assert judged(f"count(units of needling, {YEAR}) <= 0", history=history, **WHOLE) == NOT_MET
    assert (
        judged(
            "count(units of injection, lifetime through) = 1",
            history=[event("2024-03-03", units="0.5")],
            units="0.5",
            **WHOLE,
        )
        == MET
    )


# ---------------------------------------------------------------------------- the ends of the calendar


@pytest.mark.parametrize(
    ("expression", "truth"),
    [
        ("since(last(needling)) >= 9000 years", UNKNOWN),
        ("since(last(needling)) = 2023 years", UNKNOWN),
        ("onset >= 9999-12-31", UNKNOWN),
        ("onset <= 0001-01-01", UNKNOWN),
        ("date_of_service <= 9999-12-31", MET),
    ],
)
def test_what_is_missing_is_found_where_a_limit_lies_at_the_end_of_the_calendar(expression: str, truth: str) -> None:
    assert judged(expression) == truth
