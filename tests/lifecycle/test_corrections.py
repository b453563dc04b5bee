"""Versions of one first day, and versions known on one day: which of them counts."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from medpol.lifecycle import Status, standing, withdrawn_from


class Version(NamedTuple):
    first_day: date
    known_from: date
    withdraws: tuple[date, ...] = ()
    withdrawn_from: date | None = None
    is_archived: bool = False


MAY = date(2024, 5, 1)
ORIGINAL = Version(MAY, date(2024, 1, 29))
CORRECTION = Version(MAY, date(2024, 3, 10))


def test_a_correction_known_before_the_first_day_is_the_one_in_notice() -> None:
    latest_first = (CORRECTION, ORIGINAL)
    assert standing(latest_first, date(2024, 3, 9), date(2024, 12, 31)) == (Status.IN_NOTICE, ORIGINAL)
    assert standing(latest_first, date(2024, 3, 10), date(2024, 12, 31)) == (Status.IN_NOTICE, CORRECTION)


def test_a_version_withdraws_one_that_became_known_on_the_same_day() -> None:
    other = Version(date(2024, 6, 1), ORIGINAL.known_from, withdraws=(MAY,))
    assert withdrawn_from(ORIGINAL, (ORIGINAL, other)) == ORIGINAL.known_from


def test_a_version_that_lists_its_own_first_day_does_not_withdraw_itself() -> None:
    own = Version(MAY, date(2024, 1, 29), withdraws=(MAY,))
    assert withdrawn_from(own, (own,)) is None
