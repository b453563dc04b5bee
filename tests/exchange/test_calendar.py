"""Calendars as iCalendar, parsed back: whole days, ids that stay, moves and withdrawals that are told, the same bytes."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from icalendar import Calendar as Parsed
from tests.support import library, policy

from medpol.decide.holdings.changed import Chronicle
from medpol.decide.holdings.coming import calendar_of
from medpol.decide.holdings.told import events_of
from medpol.exchange.calendar import icalendar
from medpol.exchange.values import CalendarEvent, EventCalendar
from medpol.library import SHIPPED, load

SEED = Chronicle(load(SHIPPED))
SITE = "https://policies.example.org"


def parsed(data: bytes) -> list[Any]:
    return [each for each in Parsed.from_ical(data).walk() if each.name == "VEVENT"]


def events(chronicle: Chronicle, on: str, known_on: str | None = None, days: int = 180) -> dict[str, Any]:
    found = calendar_of(chronicle, date.fromisoformat(on), date.fromisoformat(known_on or on), days)
    return {str(each["uid"]): each for each in parsed(icalendar(events_of(found, "Policies", site=SITE)))}


def test_the_seed_shows_the_days_of_notice_with_the_end_out() -> None:
    notice = events(SEED, "2023-09-10")["2.01.100/2023-12-07/notice@policies.example.org"]
    assert (notice["dtstart"].dt, notice["dtend"].dt) == (date(2023, 9, 1), date(2023, 12, 7))
    assert notice["dtstart"].params["VALUE"] == "DATE"
    assert notice.decoded("dtstamp").date() == date(2023, 9, 1)


def test_the_seed_shows_the_review_that_is_due() -> None:
    review = events(SEED, "2025-06-01")["2.01.100/2024-07-01/review@policies.example.org"]
    assert (review["dtstart"].dt, review["dtend"].dt) == (date(2025, 7, 1), date(2025, 7, 2))


def test_two_fetches_are_the_same_bytes_and_lines_are_folded() -> None:
    def fetch() -> bytes:
        found = calendar_of(Chronicle(load(SHIPPED)), date(2023, 9, 10), date(2026, 11, 23), 365, back=9_000)
        return icalendar(events_of(found, "Policies", site=SITE))

    data = fetch()
    assert data == fetch()
    assert data.endswith(b"\r\n")
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))


FIRST = policy()
ANNOUNCED = policy("2025-05-01", "2025-01-01")


def test_a_day_that_moves_keeps_its_id_and_raises_its_sequence() -> None:
    held = library(
        {
            "EX-1/2024-05-01.md": FIRST,
            "EX-1/2025-05-01.md": ANNOUNCED,
            "EX-1/2025-07-01.md": policy("2025-07-01", "2025-03-01", head="withdraws: [2025-05-01]"),
        }
    )
    assert not held.errors
    before, after = (events(Chronicle(held), on) for on in ("2025-02-01", "2025-03-02"))
    for name in ("in-force", "notice"):
        uid = f"EX-1/2025-05-01/{name}@policies.example.org"
        assert (before[uid]["sequence"], after[uid]["sequence"]) == (0, 1)
        assert after[uid]["status"] == "CONFIRMED"
    moved = after["EX-1/2025-05-01/in-force@policies.example.org"]
    assert (moved["dtstart"].dt, moved.decoded("dtstamp").date()) == (date(2025, 7, 1), date(2025, 3, 1))


def test_a_notice_that_is_withdrawn_is_cancelled_and_not_gone() -> None:
    held = library(
        {
            "EX-1/2024-05-01.md": FIRST,
            "EX-1/2025-05-01.md": ANNOUNCED,
            "EX-1/2024-05-01.2025-03-01.md": policy("2024-05-01", "2025-03-01", head="withdraws: [2025-05-01]"),
        }
    )
    assert not held.errors
    before, after = (events(Chronicle(held), on) for on in ("2025-02-01", "2025-03-02"))
    uid = "EX-1/2025-05-01/notice@policies.example.org"
    assert (before[uid]["status"], before[uid]["sequence"]) == ("CONFIRMED", 0)
    assert (after[uid]["status"], after[uid]["sequence"]) == ("CANCELLED", 1)
    assert after[uid].decoded("dtstamp").date() == date(2025, 3, 1)


def test_hostile_words_stay_words() -> None:
    words = "a;b,c\\d\r\nBEGIN:VEVENT\x00\x1b\u202e \ud800é💉" + "x" * 300
    event = CalendarEvent(
        "u", date(2024, 5, 1), date(2024, 5, 2), words, words, date(2024, 1, 1), link=f"{SITE}/\r\nX:y"
    )
    (read,) = parsed(icalendar(EventCalendar(words, (event,))))
    assert str(read["summary"]).startswith("a;b,c\\d")
    assert "BEGIN:VEVENT" in str(read["summary"])


def test_an_event_without_a_day_is_refused() -> None:
    with pytest.raises(ValueError, match="ends after it starts"):
        CalendarEvent("u", date(2024, 5, 1), date(2024, 5, 1), "", "", date(2024, 1, 1))
