"""Where a policy stands on a day, as known on another, worked out by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import pytest

from medpol.lifecycle import Status, standing, withdrawn_from


class Version(NamedTuple):
    name: str
    first_day: date
    known_from: date
    is_archived: bool = False
    withdrawn_from: date | None = None


def _version(name: str, first_day: str, known_from: str, *, archived: bool = False, withdrawn: str = "") -> Version:
    return Version(
        name,
        date.fromisoformat(first_day),
        date.fromisoformat(known_from),
        archived,
        date.fromisoformat(withdrawn) if withdrawn else None,
    )


def _asked(versions: tuple[Version, ...], day: str, known_on: str) -> tuple[Status, str | None]:
    held = sorted(versions, key=lambda each: (each.first_day, each.known_from), reverse=True)
    status, version = standing(held, date.fromisoformat(day), date.fromisoformat(known_on))
    return status, None if version is None else version.name


FAR = "2999-12-31"
IN_FORCE, IN_NOTICE, ARCHIVED, NOT_YET, UNKNOWN = (
    Status.IN_FORCE, Status.IN_NOTICE, Status.ARCHIVED, Status.NO_VERSION_YET, Status.UNKNOWN,
)  # fmt: skip

LIFE = (
    _version("first", "2019-01-01", "2018-10-01"),
    _version("archive", "2020-03-01", "2020-02-01", archived=True),
    _version("again", "2023-12-07", "2023-09-01"),
    _version("review", "2024-07-01", "2024-07-01"),
)


@pytest.mark.parametrize(
    ("day", "known_on", "status", "name"),
    [
        ("2019-06-01", "2018-09-30", UNKNOWN, None),
        ("2018-09-30", FAR, NOT_YET, "first"),
        ("2018-10-01", FAR, IN_NOTICE, "first"),
        ("2018-12-31", FAR, IN_NOTICE, "first"),
        ("2018-12-31", "2018-10-01", IN_NOTICE, "first"),
        ("2019-01-01", FAR, IN_FORCE, "first"),
        ("2020-02-29", FAR, IN_FORCE, "first"),
        ("2020-03-01", FAR, ARCHIVED, "archive"),
        ("2020-03-01", "2020-01-31", IN_FORCE, "first"),
        ("2023-08-31", FAR, ARCHIVED, "archive"),
        ("2023-09-01", FAR, IN_NOTICE, "again"),
        ("2023-09-01", "2023-08-31", ARCHIVED, "archive"),
        ("2023-12-07", FAR, IN_FORCE, "again"),
        ("2023-12-07", "2023-08-31", ARCHIVED, "archive"),
        ("2024-06-30", FAR, IN_FORCE, "again"),
        ("2024-07-01", "2024-06-30", IN_FORCE, "again"),
        ("2024-07-01", "2024-07-01", IN_FORCE, "review"),
    ],
)
def test_a_policy_stands_as_the_two_clocks_say(day: str, known_on: str, status: Status, name: str | None) -> None:
    assert _asked(LIFE, day, known_on) == (status, name)


def test_a_reinstated_policy_is_in_force_from_its_first_day() -> None:
    assert [_asked(LIFE, f"2023-12-0{day}", FAR)[0] for day in (6, 7)] == [IN_NOTICE, IN_FORCE]


def test_a_coming_archive_is_no_notice_of_a_version() -> None:
    ending = (
        _version("first", "2019-01-01", "2019-01-01"),
        _version("archive", "2020-03-01", "2019-11-01", archived=True),
    )
    assert _asked(ending, "2019-12-01", FAR) == (IN_FORCE, "first")
    assert _asked(ending[1:], "2019-12-01", FAR) == (NOT_YET, "archive")


def test_the_nearest_of_several_noticed_versions_explains_the_notice() -> None:
    coming = (_version("near", "2024-05-01", "2024-01-01"), _version("far", "2024-09-01", "2024-01-01"))
    assert _asked(coming, "2024-02-01", FAR) == (IN_NOTICE, "near")


def test_notice_is_judged_by_what_was_known_on_the_day_of_service() -> None:
    coming = (_version("near", "2024-05-01", "2024-03-01"), _version("far", "2024-09-01", "2024-01-01"))
    assert _asked(coming, "2024-02-01", FAR) == (IN_NOTICE, "far")


CORRECTED = (
    _version("original", "2024-05-01", "2024-01-29"),
    _version("correction", "2024-05-01", "2024-06-10"),
    _version("second correction", "2024-05-01", "2024-08-01"),
)


@pytest.mark.parametrize(
    ("day", "known_on", "name"),
    [
        ("2024-05-01", "2024-06-09", "original"),
        ("2024-05-01", "2024-06-10", "correction"),
        ("2024-05-01", "2024-07-31", "correction"),
        ("2024-05-01", FAR, "second correction"),
        ("2025-01-01", FAR, "second correction"),
    ],
)
def test_the_latest_correction_known_holds_for_the_whole_version(day: str, known_on: str, name: str) -> None:
    assert _asked(CORRECTED, day, known_on) == (IN_FORCE, name)


def test_a_correction_not_yet_known_leaves_the_original_in_notice() -> None:
    assert _asked(CORRECTED, "2024-03-01", FAR) == (IN_NOTICE, "original")


def test_a_late_correction_of_an_old_version_does_not_hide_the_newer_one() -> None:
    held = (*CORRECTED, _version("newer", "2024-07-01", "2024-04-01"))
    assert _asked(held, "2024-07-01", FAR) == (IN_FORCE, "newer")
    assert _asked(held, "2024-06-30", FAR) == (IN_FORCE, "second correction")


def test_a_version_published_after_its_first_day_speaks_only_once_known() -> None:
    late = (_version("late", "2024-05-01", "2024-06-01"),)
    assert _asked(late, "2024-05-10", "2024-05-31") == (UNKNOWN, None)
    assert _asked(late, "2024-05-10", "2024-06-01") == (IN_FORCE, "late")


def test_a_withdrawn_version_counts_until_its_withdrawal_is_known() -> None:
    held = (
        _version("old", "2019-01-01", "2019-01-01"),
        _version("wrong", "2024-09-01", "2024-06-01", withdrawn="2024-07-15"),
    )
    assert _asked(held, "2024-10-01", "2024-07-14") == (IN_FORCE, "wrong")
    assert _asked(held, "2024-10-01", "2024-07-15") == (IN_FORCE, "old")
    assert _asked(held[1:], "2024-07-01", "2024-07-14") == (IN_NOTICE, "wrong")
    assert _asked(held[1:], "2024-07-01", "2024-07-15") == (UNKNOWN, None)


def test_a_withdrawn_archive_leaves_the_policy_in_force() -> None:
    held = (LIFE[0], _version("archive", "2020-03-01", "2020-02-01", archived=True, withdrawn="2020-02-15"))
    assert _asked(held, "2020-04-01", "2020-02-14") == (ARCHIVED, "archive")
    assert _asked(held, "2020-04-01", "2020-02-15") == (IN_FORCE, "first")


@dataclass(frozen=True)
class Published:
    first_day: date | None
    known_from: date | None
    withdraws: tuple[date, ...] = ()


def _published(first_day: str, known_from: str | None, *withdraws: str) -> Published:
    return Published(
        date.fromisoformat(first_day),
        None if known_from is None else date.fromisoformat(known_from),
        tuple(map(date.fromisoformat, withdraws)),
    )


def test_a_version_is_withdrawn_from_the_day_the_other_file_is_known() -> None:
    wrong, other = _published("2024-09-01", "2024-06-01"), _published("2024-07-15", "2024-07-10", "2024-09-01")
    assert withdrawn_from(wrong, (wrong, other)) == date(2024, 7, 10)
    assert withdrawn_from(other, (wrong, other)) is None


def test_the_earliest_of_two_withdrawals_counts() -> None:
    wrong = _published("2024-09-01", "2024-06-01")
    others = (
        _published("2024-08-01", "2024-08-01", "2024-09-01"),
        _published("2024-07-15", "2024-07-10", "2024-09-01"),
    )
    assert withdrawn_from(wrong, others) == date(2024, 7, 10)


def test_a_text_published_again_after_the_withdrawal_stands() -> None:
    again = _published("2024-09-01", "2024-08-01")
    assert withdrawn_from(again, (_published("2024-07-15", "2024-07-10", "2024-09-01"),)) is None


def test_a_draft_withdraws_nothing() -> None:
    wrong = _published("2024-09-01", "2024-06-01")
    assert withdrawn_from(wrong, (_published("2024-07-15", None, "2024-09-01"),)) is None
