"""The days of one policy as known on a day: periods, what was once known, and the version that a day names."""

from __future__ import annotations

from datetime import date

from tests.support import archive, library, policy

from medpol.lifecycle import dated, once_known, periods, standing, version_named
from medpol.model.policy import PolicyVersion

FILES: dict[str, str | bytes] = {
    "EX-1/2024-05-01.md": policy(),
    "EX-1/2024-05-01.2024-06-15.md": policy(published="2024-06-15"),
    "EX-1/2025-01-01.md": archive("2025-01-01", "2024-09-01"),
    "EX-1/2026-01-01.md": policy("2026-01-01", "2025-10-01", head="withdraws: [2025-01-01]"),
    "EX-1/2027-01-01.md": policy("2027-01-01", None),
}


def versions() -> tuple[PolicyVersion, ...]:
    held = library(FILES)
    assert not held.errors
    return held.of("EX-1")


def held_on(known_on: date) -> list[tuple[str, date, date | None, bool]]:
    return [
        (each.version.read.source.file, each.start, each.end, each.is_archived)
        for each in periods(dated(versions()), known_on)
    ]


def test_a_correction_takes_the_place_of_what_it_corrects_from_the_day_it_is_known() -> None:
    first = date(2024, 5, 1)
    assert held_on(date(2024, 6, 14)) == [("EX-1/2024-05-01.md", first, None, False)]
    assert held_on(date(2024, 6, 15)) == [("EX-1/2024-05-01.2024-06-15.md", first, None, False)]


def test_a_withdrawn_version_has_no_days_from_the_day_the_withdrawal_is_known() -> None:
    archived, again = date(2025, 1, 1), date(2026, 1, 1)
    assert [each[1:] for each in held_on(date(2025, 9, 30))][1:] == [(archived, None, True)]
    assert [each[1:] for each in held_on(date(2025, 10, 1))][1:] == [(again, None, False)]


def test_what_was_once_known_is_kept_with_the_day_and_the_reason() -> None:
    once = once_known(dated(versions()), date(2026, 6, 1))
    assert [(each.version.read.source.file, each.until, each.by and each.by.read.source.file) for each in once] == [
        ("EX-1/2024-05-01.md", date(2024, 6, 15), "EX-1/2024-05-01.2024-06-15.md"),
        ("EX-1/2025-01-01.md", date(2025, 10, 1), None),
    ]
    assert once_known(dated(versions()), date(2024, 6, 14)) == ()


def test_a_draft_has_no_place_on_the_clocks() -> None:
    assert all(not each.read.is_draft for each in dated(versions()))
    assert len(dated(versions())) == len(FILES) - 1


def test_the_period_of_a_day_is_what_stands_on_it() -> None:
    """The two readings of the clocks agree: a period that covers a day holds the version that stands on it."""
    held = dated(versions())
    for known_on in (date(2024, 5, 1), date(2024, 6, 15), date(2025, 9, 30), date(2026, 6, 1)):
        for day in (date(2024, 5, 1), date(2024, 12, 31), date(2025, 1, 1), date(2026, 1, 1), date(2030, 1, 1)):
            period = next(each for each in periods(held, known_on) if each.covers(day))
            found = standing(held, day, known_on)
            assert found.version is period.version or (found.status.value == "in notice" and period.is_archived)


def test_a_day_names_a_first_day_before_it_names_a_draft_and_a_draft_before_what_stands() -> None:
    known_on = date(2026, 6, 1)

    def named(day: date) -> str | None:
        found = version_named(versions(), day, known_on)
        return None if found is None else found.source.file

    assert named(date(2024, 5, 1)) == "EX-1/2024-05-01.2024-06-15.md"
    assert named(date(2025, 1, 1)) == "EX-1/2024-05-01.2024-06-15.md"  # the archive of that day was withdrawn
    assert named(date(2027, 1, 1)) == "EX-1/2027-01-01.md"
    assert named(date(2027, 1, 2)) == "EX-1/2026-01-01.md"
    assert named(date(2024, 4, 30)) is None
