"""What is due, lane by lane, on two dates; and when a review is."""

from __future__ import annotations

from datetime import date

import pytest
from tests.support import archive, library, policy

from medpol.decide.holdings.changed import Chronicle
from medpol.decide.holdings.coming import Calendar, calendar_of
from medpol.library import SHIPPED, load
from medpol.lifecycle import Lane, coding_updates
from medpol.model.dates import EffectivePeriod

SEED = Chronicle(load(SHIPPED))
ROWS = "\n## History\n\n| Date | Event | Approved | Effective | Published | Says | Comment |\n|---|---|---|---|---|---|---|\n"
TRIALS = "\n## Clinical trials\n\n### Ongoing\n\n| NCT | Title | Population | Enrolment | Completion | Status |\n|---|---|---|---|---|---|\n"


def chronicle(files: dict[str, str]) -> Chronicle:
    held = library(files)
    assert not held.errors, "\n".join(map(str, held.errors))
    return Chronicle(held)


def seen(held: Chronicle, on: str, known_on: str | None = None, days: int = 180, **more: object) -> Calendar:
    return calendar_of(held, date.fromisoformat(on), date.fromisoformat(known_on or on), days, **more)  # type: ignore[arg-type]


def lane(found: Calendar, name: str) -> list[tuple[str, str, int]]:
    return [(str(each.first_day), str(each.last_day), each.days_late) for each in found.entries if each.lane == name]


def test_the_notice_of_the_seed_runs_from_its_publication_to_the_day_before_it_takes_effect() -> None:
    for on in ("2023-09-01", "2023-10-15", "2023-12-06"):
        found = seen(SEED, on)
        assert lane(found, "notice") == [("2023-09-01", "2023-12-06", 0)]
        assert lane(found, "in_force") == [("2023-12-07", "2023-12-07", 0)]
    assert lane(seen(SEED, "2023-12-07"), "notice") == []
    assert lane(seen(SEED, "2023-10-15", "2023-08-31"), "notice") == [], "nobody knew of it then"


def test_the_review_of_the_seed_is_due_a_year_after_the_last_one_and_late_from_then_on() -> None:
    assert lane(seen(SEED, "2025-06-01"), "review_due") == [("2025-07-01", "2025-07-01", 0)]
    assert lane(seen(SEED, "2025-07-01"), "review_due") == [("2025-07-01", "2025-07-01", 0)]
    found = seen(SEED, "2026-11-23", days=1)
    assert lane(found, "review_due") == [("2025-07-01", "2025-07-01", 510)]
    assert found.entries[0].lane == "review_due", "late things come first"
    assert not found.entries[0].is_stated


@pytest.mark.parametrize("on", ["2021-06-01", "2023-10-01"])
def test_no_review_is_due_while_nothing_is_in_force(on: str) -> None:
    assert lane(seen(SEED, on), "review_due") == []


def test_a_stated_day_counts_and_a_review_since_then_keeps_it_for_a_year() -> None:
    stated = policy(head="review due: 2025-05-01")
    assert lane(seen(chronicle({"EX-1/2024-05-01.md": stated}), "2025-06-01"), "review_due") == [
        ("2025-05-01", "2025-05-01", 31)
    ]
    reviewed = chronicle({"EX-1/2024-05-01.md": stated + ROWS + "| 2025-04-01 | interim review | | | | | |\n"})
    assert lane(seen(reviewed, "2025-06-01"), "review_due") == []
    assert lane(seen(reviewed, "2026-04-02"), "review_due") == [("2025-05-01", "2025-05-01", 336)]


def test_nothing_is_due_where_no_day_and_no_habit_is_stated() -> None:
    once = chronicle({"EX-1/2024-05-01.md": policy() + ROWS + "| 2024-05-01 | new policy | | | | | |\n"})
    assert lane(seen(once, "2025-04-01"), "review_due") == []


def test_a_coming_version_that_is_known_has_been_reviewed() -> None:
    files = {
        "EX-1/2024-05-01.md": policy(head="review due: 2025-05-01"),
        "EX-1/2025-09-01.md": policy("2025-09-01", "2025-06-01"),
    }
    assert lane(seen(chronicle(files), "2025-06-02"), "review_due") == []
    assert lane(seen(chronicle(files), "2025-06-02", "2025-05-31"), "review_due") == [("2025-05-01", "2025-05-01", 32)]


def test_notice_begins_when_it_was_sent_where_the_document_says_so() -> None:
    files = {"EX-1/2024-05-01.md": policy(head="notice sent: 2024-01-15")}
    assert lane(seen(chronicle(files), "2024-02-01"), "notice") == [("2024-01-15", "2024-04-30", 0)]


def test_an_archive_is_announced_and_has_a_lane_of_its_own() -> None:
    held = chronicle({"EX-1/2024-05-01.md": policy(), "EX-1/2025-05-01.md": archive("2025-05-01", "2025-02-01")})
    found = seen(held, "2025-03-01")
    assert lane(found, "archived") == [("2025-05-01", "2025-05-01", 0)]
    assert lane(found, "notice") == [("2025-02-01", "2025-04-30", 0)]


def test_trials_stand_in_the_month_in_which_they_are_expected_to_end_and_moves_are_counted() -> None:
    def text(first: str, month: str) -> str:
        return (
            policy(first, first)
            + TRIALS
            + f"| NCT00000001 | Needles or none | | 40 | {month} | |\n| NCT00000002 | No month | | | | |\n"
        )

    held = chronicle(
        {"EX-1/2024-05-01.md": text("2024-05-01", "2025-02"), "EX-1/2025-01-01.md": text("2025-01-01", "Jun 2025")}
    )
    assert lane(seen(held, "2024-12-01"), "trial_expected") == [("2025-02-01", "2025-02-28", 0)]
    (entry,) = (each for each in seen(held, "2025-02-01").entries if each.lane == "trial_expected")
    assert (str(entry.first_day), str(entry.last_day), entry.moves, str(entry.version)) == (
        "2025-06-01",
        "2025-06-30",
        1,
        "2024-05-01",
    )


def test_coding_updates_fall_on_four_days_a_year() -> None:
    found = coding_updates(EffectivePeriod(date(2024, 1, 1), date(2025, 1, 1)))
    assert [str(each.start) for each in found] == ["2024-01-01", "2024-04-01", "2024-07-01", "2024-10-01"]
    with pytest.raises(ValueError, match="both ends"):
        coding_updates(EffectivePeriod(date(2024, 1, 1)))


def test_one_policy_and_one_lane_can_be_asked_for_and_what_comes_next_is_told() -> None:
    found = seen(SEED, "2024-08-01", policy="2.01.100", days=30)
    assert (found.entries, str(found.next and found.next.first_day)) == ((), "2024-12-01")
    assert {each.lane for each in seen(SEED, "2024-08-01", lanes=[Lane.CODING]).entries} == {"coding_update"}


def test_the_ends_of_the_calendar_are_no_error() -> None:
    for on in ("0001-01-01", "9999-12-31"):
        assert seen(SEED, on, "2026-11-23", days=400, back=400).first_day <= date.fromisoformat(on)
