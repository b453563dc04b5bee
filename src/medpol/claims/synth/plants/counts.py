"""Counts: under, at and over a limit, on the days where a window begins, and behind the edge of what history is known.

The map says that the history of the source is complete from 2019-01-01, and of a member from the first span on.
"""

from __future__ import annotations

from medpol.claims.synth.planting import (
    COVERED,
    MET,
    NOT_MET,
    WAITS,
    Member,
    PlantedLine,
    Said,
    line,
    plant,
)

_VISIT, _LONG_VISIT, _DEVICE, _REFRESHER, _COURSE, _TAPE = "ZZ0301", "ZZ0302", "ZZ0311", "ZZ0321", "ZZ0322", "ZZ0331"
_UNDER, _AT, _OVER = "under the limit of 3 in 12 months", "at the limit of 3", "over the limit of 3"
_LATE = Member(first_day="2024-03-01")
"""Enrolled from 2024-03-01: what was before is not known."""


def _visits(*days: tuple[str, Said, str], code: str = _VISIT) -> tuple[PlantedLine, ...]:
    return tuple(line(code, *each) for each in days)


COUNTS = (
    plant("count-under", *_visits(("2023-04-03", MET, _UNDER), ("2023-05-03", MET, _UNDER))),
    plant(
        "count-at-and-over",
        *_visits(
            ("2023-04-03", MET, _UNDER),
            ("2023-05-03", MET, _UNDER),
            ("2023-06-03", MET, _AT),
            ("2023-07-03", NOT_MET, _OVER),
            ("2024-04-03", NOT_MET, "the visit of just 12 months before is out, but 3 since and this one are 4"),
            ("2025-08-01", MET, "none in 12 months"),
        ),
    ),
    plant(
        "count-window-begins",
        *_visits(
            ("2022-05-10", MET, _UNDER),
            ("2022-06-10", MET, _UNDER),
            ("2022-07-10", MET, _AT),
            ("2023-05-09", NOT_MET, "the visit of 2022-05-10 is a day inside the 12 months"),
        ),
    ),
    plant(
        "count-window-ends",
        *_visits(
            ("2022-05-10", MET, _UNDER),
            ("2022-06-10", MET, _UNDER),
            ("2022-07-10", MET, _AT),
            ("2023-05-10", MET, "the visit of just 12 months before is out of the window"),
        ),
    ),
    plant(
        "count-leap-day",
        *_visits(
            ("2023-02-28", MET, _UNDER),
            ("2023-06-10", MET, _UNDER),
            ("2023-07-10", MET, _AT),
            ("2024-02-29", MET, "12 months before is 2023-02-28, which is out of the window"),
        ),
    ),
    plant(
        "count-sessions-of-a-day",
        PlantedLine(_VISIT, "2023-04-03", MET, _UNDER, claim="A"),
        PlantedLine(_LONG_VISIT, "2023-04-03", MET, "two lines of a day are one session", claim="A", line=2),
        *_visits(("2023-05-03", MET, _UNDER), ("2023-06-03", MET, "3 sessions, though 4 lines")),
    ),
    plant(
        "count-of-two-codes",
        *_visits(("2023-04-03", MET, _UNDER), ("2023-05-03", MET, _UNDER)),
        *_visits(
            ("2023-06-03", MET, _AT), ("2023-07-03", NOT_MET, "short and long visits count together"), code=_LONG_VISIT
        ),
    ),
    plant(
        "count-without-voids",
        PlantedLine(_VISIT, "2023-04-03", MET, _UNDER, claim="A", final_status="void"),
        PlantedLine(
            _VISIT,
            "2023-04-03",
            MET,
            "the void of it is answered alike",
            claim="B",
            replaces="A",
            final_status="void",
            cells={"x_claim_frequency_code": "8"},
        ),
        *_visits(
            ("2023-05-03", MET, _UNDER),
            ("2023-06-03", MET, _UNDER),
            ("2023-07-03", MET, "at the limit: the void visit does not count"),
        ),
    ),
    plant(
        "count-at-the-edge",
        *_visits(("2019-12-31", MET, "the window begins on 2019-01-01, from which history is complete")),
    ),
    plant(
        "count-behind-the-edge",
        *_visits(("2019-12-30", WAITS, "the window begins a day before history is complete: more may have been")),
    ),
    plant(
        "count-over-behind-the-edge",
        *_visits(
            ("2019-02-01", WAITS, "one is seen, and more may have been before 2019"),
            ("2019-03-01", WAITS, "two are seen, and more may have been before 2019"),
            ("2019-04-01", WAITS, "three are seen, and one more may have been before 2019"),
            ("2019-05-01", NOT_MET, "four are seen already: what came before cannot mend it"),
        ),
    ),
    plant(
        "count-before-the-first-span",
        *_visits(
            ("2024-06-01", WAITS, "the member was not seen before 2024-03-01"),
            ("2025-02-27", WAITS, "the window begins before 2024-03-01: 2 are seen, 2 more may have been"),
            ("2025-06-01", MET, "the window begins after 2024-03-01, and holds the visit of 2025-02-27 and this one"),
        ),
        member=_LATE,
    ),
    plant(
        "none-at-any-time",
        line(_DEVICE, "2023-04-03", WAITS, "none is seen, but before 2019 there may have been one"),
        line(_DEVICE, "2023-05-03", NOT_MET, "one is seen: not the first"),
    ),
    plant(
        "at-least-one",
        line(_COURSE, "2023-02-03", COVERED, "courses are covered without a condition"),
        line(_REFRESHER, "2024-02-02", MET, "the course is a day inside the 12 months"),
        line(_REFRESHER, "2024-02-03", NOT_MET, "the course of just 12 months before is out, and history is complete"),
    ),
    plant(
        "at-least-one-behind-the-edge",
        line(_REFRESHER, "2019-06-01", WAITS, "no course is seen, but before 2019 there may have been one"),
        line(_COURSE, "2019-07-01", COVERED, "courses are covered without a condition"),
        line(_REFRESHER, "2019-08-01", MET, "a course is seen, which no more history can undo"),
    ),
    plant(
        "same-day-is-not-before",
        PlantedLine(_COURSE, "2023-04-03", COVERED, "courses are covered without a condition", claim="A"),
        PlantedLine(_REFRESHER, "2023-04-03", NOT_MET, "a course of the same day is not before it", claim="A", line=2),
    ),
    plant(
        "units",
        line(_TAPE, "2024-07-01", MET, "at the limit of 4 units", service_unit_quantity="4"),
        line(_TAPE, "2024-07-01", NOT_MET, "over the limit of 4 units", service_unit_quantity="5"),
        line(_TAPE, "2024-07-01", NOT_MET, "a tenth of a unit over", service_unit_quantity="4.1"),
    ),
    plant(
        "units-missing",
        line(
            _TAPE,
            "2024-07-01",
            WAITS,
            "no units are given: unknown, never 1",
            service_unit_quantity=None,
            x_unit_basis=None,
        ),
    ),
)
