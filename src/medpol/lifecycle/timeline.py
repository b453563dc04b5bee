"""The days of one policy as known on a day: which version holds from when to when, the gaps, and what was once known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from medpol.lifecycle.standing import Dated, is_held, withdrawn_from
from medpol.model.dates import ONE_DAY
from medpol.model.policy import PolicyVersion

_D = TypeVar("_D", bound=Dated)


@dataclass(frozen=True, slots=True)
class DatedVersion:
    """A version as read that is no draft, with its days; ``withdrawn_from`` is told by the others of its policy."""

    read: PolicyVersion
    first_day: date
    known_from: date
    withdrawn_from: date | None

    @property
    def is_archived(self) -> bool:
        return self.read.is_archived


def dated(versions: Iterable[PolicyVersion]) -> tuple[DatedVersion, ...]:
    """The versions of one policy on both clocks, latest first; drafts have no place on them."""
    held = tuple(versions)
    found = [
        DatedVersion(each, each.first_day, each.known_from, withdrawn_from(each, held))
        for each in held
        if each.first_day is not None and each.known_from is not None
    ]
    return tuple(sorted(found, key=lambda each: (each.first_day, each.known_from), reverse=True))


def by_policy(versions: Iterable[PolicyVersion]) -> dict[str, tuple[DatedVersion, ...]]:
    """The versions of every policy on both clocks, by number; a policy of which only drafts are held is left out."""
    held: dict[str, list[PolicyVersion]] = {}
    for version in versions:
        if not version.is_draft:
            held.setdefault(version.policy, []).append(version)
    return {policy: dated(each) for policy, each in sorted(held.items())}


@dataclass(frozen=True, slots=True)
class Period(Generic[_D]):
    """The days on which one version holds: ``end`` is the first day on which another does, ``None`` if none is known."""

    version: _D
    start: date
    end: date | None
    next_is_archived: bool = False

    @property
    def is_archived(self) -> bool:
        return self.version.is_archived

    @property
    def days(self) -> int | None:
        return None if self.end is None else (self.end - self.start).days

    def covers(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day < self.end)

    def words(self, day: date) -> str:
        """Where the period stands, seen from a day of service."""
        if self.is_archived:
            later = f", reinstated {self.end}" if self.end is not None and not self.next_is_archived else ""
            return f"archived {self.start}{later}"
        if self.end is None:
            end = "no end announced"
        else:
            end = f"archived {self.end}" if self.next_is_archived else f"replaced {self.end}"
        since = f"in force since {self.start}" if self.start <= day else f"in force only from {self.start}"
        return f"version of {self.start}, {since}, {end}"


def periods(latest_first: Sequence[_D], known_on: date) -> tuple[Period[_D], ...]:
    """The periods of one policy by first day.

    Of versions with one first day, the latest known holds; what is withdrawn or not known yet is left out.
    """
    held: dict[date, _D] = {}
    for version in latest_first:
        if is_held(version, known_on):
            held.setdefault(version.first_day, version)
    first_days = sorted(held)
    ends = [*first_days[1:], None] if first_days else []
    return tuple(
        Period(held[start], start, end, end is not None and held[end].is_archived)
        for start, end in zip(first_days, ends, strict=True)
    )


@dataclass(frozen=True, slots=True)
class Once(Generic[_D]):
    """A version that was known for some days, ``until`` a correction of the same first day or a withdrawal was.

    ``by`` is the correction; ``None`` where it was withdrawn.
    """

    version: _D
    until: date
    by: _D | None


def once_known(versions: Sequence[_D], known_on: date) -> tuple[Once[_D], ...]:
    """The versions that no longer hold as known on a day and that did hold, by first day."""
    found: list[Once[_D]] = []
    for version in sorted(versions, key=lambda each: (each.first_day, each.known_from)):
        corrections = [
            each
            for each in versions
            if each.first_day == version.first_day and version.known_from < each.known_from <= known_on
        ]
        by = min(corrections, key=lambda each: each.known_from, default=None)
        if version.known_from > known_on:
            continue
        if version.withdrawn_from is not None and version.withdrawn_from <= known_on:
            found.append(Once(version, version.withdrawn_from, None))
        elif by is not None:
            found.append(Once(version, by.known_from, by))
    return tuple(found)


def version_named(versions: Iterable[PolicyVersion], day: date, known_on: date) -> PolicyVersion | None:
    """The version of one policy that a day names, as known on a day.

    The one whose first day it is, in notice or archived too; else a draft that would begin on it, by its text or by the
    name of its file; else the one that stands on it. ``None`` where nothing does.
    """
    read = tuple(versions)
    held = periods(dated(read), known_on)
    first = next((each.version.read for each in held if each.start == day), None)
    drafts = (each for each in read if each.is_draft)
    draft = next(
        (each for each in drafts if each.first_day == day or each.source.file.rsplit("/", 1)[-1].startswith(f"{day}.")),
        None,
    )
    return first or draft or next((each.version.read for each in held if each.covers(day)), None)


def last_day(end: date | None) -> date | None:
    """The last day inside, for a half-open end."""
    return None if end is None else end - ONE_DAY
