"""The two clocks: which version stands for a day of service, as known on another day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from enum import Enum
from typing import Generic, NamedTuple, Protocol, TypeVar


class Dated(Protocol):
    """What the two clocks need of a version. Drafts are left out before this point."""

    @property
    def first_day(self) -> date: ...

    @property
    def known_from(self) -> date: ...

    @property
    def withdrawn_from(self) -> date | None: ...

    @property
    def is_archived(self) -> bool: ...


class Status(Enum):
    IN_FORCE = "in force"
    IN_NOTICE = "in notice"
    ARCHIVED = "archived"
    NO_VERSION_YET = "no version yet"
    UNKNOWN = "not known yet"


_D = TypeVar("_D", bound=Dated)


def is_held(version: Dated, known_on: date) -> bool:
    """Whether the version was known on a day, and not withdrawn by then."""
    return version.known_from <= known_on and (version.withdrawn_from is None or version.withdrawn_from > known_on)


class Standing(NamedTuple, Generic[_D]):
    """The status, and the version that explains it (``None`` where nothing was known at all)."""

    status: Status
    version: _D | None


def standing(latest_first: Sequence[_D], date_of_service: date, known_on: date) -> Standing[_D]:
    """Where one policy stands.

    Args:
        latest_first: Its versions by first day, then by the day they became known, both descending.
        date_of_service: The day care was given.
        known_on: The second clock: only what the library held on that day counts.

    Returns:
        The version in force, archived ones included, is the one with the greatest first day not after the day of
        service; of corrections with one first day, the latest known. With none in force, a version already known
        on the day of service whose first day is still to come makes it *in notice*.
    """
    held: _D | None = None
    noticed: _D | None = None
    earliest: _D | None = None
    for version in latest_first:
        if version.known_from > known_on:
            continue
        if version.withdrawn_from is not None and version.withdrawn_from <= known_on:
            continue
        if version.first_day <= date_of_service:
            held = version
            break
        earliest = version
        if version.is_archived or version.known_from > date_of_service:
            continue
        if noticed is None or version.first_day < noticed.first_day:
            noticed = version
    if held is not None and not held.is_archived:
        return Standing(Status.IN_FORCE, held)
    if noticed is not None:
        return Standing(Status.IN_NOTICE, noticed)
    if held is not None:
        return Standing(Status.ARCHIVED, held)
    return Standing(Status.UNKNOWN if earliest is None else Status.NO_VERSION_YET, earliest)


class Withdrawing(Protocol):
    @property
    def withdraws(self) -> tuple[date, ...]: ...

    @property
    def known_from(self) -> date | None: ...

    @property
    def first_day(self) -> date | None: ...


def withdrawn_from(version: Withdrawing, others: Iterable[Withdrawing]) -> date | None:
    """The day from which a version of one policy is taken out by another that names its first day, or ``None``."""
    days = [
        other.known_from
        for other in others
        if other is not version
        and other.known_from is not None
        and version.known_from is not None
        and version.first_day in other.withdraws
        and other.known_from >= version.known_from
    ]
    return min(days, default=None)
