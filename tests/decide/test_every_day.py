"""Both clocks, day by day: the answer for 20560 on every day of service, known on each of twelve days.

The table is written by hand from the history of the published policy, never from the program.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

import pytest

import medpol
from medpol.decide.cases import decode_case
from medpol.decide.explain import determine


class Line(NamedTuple):
    known_from: str
    known_through: str
    first_day: str
    last_day: str
    answer: str
    version: str | None


FIRST, LAST, FAR = "2018-12-01", "2025-01-01", "2999-12-31"
KNOWN_ON = (  # the day before and the day of each `known_from` that can change an answer, and a far one
    "2018-12-31", "2019-01-01", "2019-07-01", "2019-12-31", "2020-01-01", "2020-02-29",
    "2020-03-01", "2023-08-31", "2023-09-01", "2024-06-30", "2024-07-01", FAR,
)  # fmt: skip
# fmt: off
TABLE = (
    #    known from ... through       day of service, first ... last     answer                    version that explains it
    Line("2018-12-31", "2019-12-31", FIRST,        LAST,         "no-policy-names-code",   None),
    Line("2020-01-01", FAR,          FIRST,        "2019-12-31", "code-not-yet-valid",     "2020-01-01"),
    Line("2020-01-01", "2020-02-29", "2020-01-01", LAST,         "position-unconditional", "2020-01-01"),
    Line("2020-03-01", FAR,          "2020-01-01", "2020-02-29", "position-unconditional", "2020-01-01"),
    Line("2020-03-01", "2023-08-31", "2020-03-01", LAST,         "archived",               "2020-03-01"),
    Line("2023-09-01", FAR,          "2020-03-01", "2023-08-31", "archived",               "2020-03-01"),
    Line("2023-09-01", FAR,          "2023-09-01", "2023-12-06", "in-notice",              "2023-12-07"),
    Line("2023-09-01", "2024-06-30", "2023-12-07", LAST,         "position-unconditional", "2023-12-07"),
    Line("2024-07-01", FAR,          "2023-12-07", "2024-06-30", "position-unconditional", "2023-12-07"),
    Line("2024-07-01", FAR,          "2024-07-01", LAST,         "position-unconditional", "2024-07-01"),
)
# fmt: on


def _days() -> Iterator[date]:
    day = date.fromisoformat(FIRST)
    while day <= date.fromisoformat(LAST):
        yield day
        day += timedelta(days=1)


def _expected(known_on: str, day: str) -> Line:
    held = [
        line
        for line in TABLE
        if line.known_from <= known_on <= line.known_through and line.first_day <= day <= line.last_day
    ]
    assert len(held) == 1, "the table says one thing of every pair of days"
    return held[0]


def test_the_table_is_short_enough_to_read() -> None:
    assert len(TABLE) <= 20
    assert len(set(KNOWN_ON)) == 12


@pytest.mark.parametrize("known_on", KNOWN_ON)
def test_every_day_of_service_is_answered_as_the_table_says(known_on: str) -> None:
    plan = medpol.load()
    given = {"code": "20560", "line_of_business": "commercial", "date_of_service": FIRST, "known_on": known_on}
    case, known = decode_case(plan, given, plan.all_held)
    differing = []
    for day in _days():
        answer = determine(plan, replace(case, date_of_service=day), known, smallest=False)
        expected = _expected(known_on, str(day))
        is_ruled = expected.answer == "position-unconditional"
        as_told = (
            answer.reason_key == expected.answer,
            answer.outcome.value == ("not_covered" if is_ruled else "not_addressed"),
            (answer.position.canonical.value if answer.position else None) == ("investigational" if is_ruled else None),
            (str(answer.version) if answer.version else None) == expected.version,
        )
        if not all(as_told):
            differing.append((str(day), answer.reason_key, str(answer.version), expected))
    assert not differing
