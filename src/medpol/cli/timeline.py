"""The days of one policy as known on a day: which version holds from when to when, notice before it, gaps between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from medpol.decide.one import PreparedVersion
from medpol.model.dates import ONE_DAY


@dataclass(frozen=True, slots=True)
class Period:
    """The days on which one version holds: ``end`` is the first day on which another does, ``None`` if none is known."""

    version: PreparedVersion
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


def periods(versions: Sequence[PreparedVersion], known_on: date) -> tuple[Period, ...]:
    """The periods by first day. Of versions with one first day, the latest known; what is withdrawn or unknown is left out.

    ``versions``: those of one policy as a ``Desk`` holds them, latest first.
    """
    held: dict[date, PreparedVersion] = {}
    for version in versions:
        is_withdrawn = version.withdrawn_from is not None and version.withdrawn_from <= known_on
        if version.known_from <= known_on and not is_withdrawn:
            held.setdefault(version.first_day, version)
    first_days = sorted(held)
    ends = [*first_days[1:], None] if first_days else []
    return tuple(
        Period(
            held[start],
            start,
            end,
            end is not None and held[end].is_archived,
        )
        for start, end in zip(first_days, ends, strict=True)
    )


def last_day(end: date | None) -> date | None:
    """The last day inside, for a half-open end."""
    return None if end is None else end - ONE_DAY
