"""Days, effective periods, stated dates and calendar arithmetic. No clock: ``today`` is always an argument."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

ONE_DAY = timedelta(days=1)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_NAMES = "january february march april may june july august september october november december"
# written out: the calendar module would give the names of whatever locale the process runs in
_MONTHS = {short: at for at, name in enumerate(_NAMES.split(), 1) for short in (name, name[:3])} | {"sept": 9}


@dataclass(frozen=True, slots=True)
class EffectivePeriod:
    """The days something is in force.

    Half-open: ``start`` is the first day in force, ``end`` the first day no longer in force. ``None`` means that
    no such day has been stated.
    """

    start: date | None = None
    end: date | None = None

    def covers(self, day: date) -> bool:
        return (self.start is None or self.start <= day) and (self.end is None or day < self.end)

    def meets(self, other: EffectivePeriod) -> bool:
        """Whether the two have a day in common."""
        return (self.start is None or other.end is None or self.start < other.end) and (
            other.start is None or self.end is None or other.start < self.end
        )


@dataclass(frozen=True, slots=True)
class StatedDate:
    """A date as the document prints it; ``day`` is known only where a whole day was stated."""

    text: str
    day: date | None = None

    def first_day(self) -> date | None:
        """The day itself, or the first day of a month stated without its day; ``None`` where neither is stated."""
        month = None if self.day is not None else stated_month(self.text)
        return self.day if month is None else date(*month, 1)

    def last_day(self) -> date | None:
        """The day itself, or the last day of a month stated without its day; ``None`` where neither is stated."""
        if self.day is not None:
            return self.day
        month = stated_month(self.text)
        return None if month is None else date(month[0], month[1], calendar.monthrange(*month)[1])


def parse_day(text: str) -> date | None:
    """The day of ``YYYY-MM-DD``, ASCII digits only; ``None`` for anything else, a 30 February included."""
    if not _DAY.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def stated_month(text: str) -> tuple[int, int] | None:
    """Year and month of ``2024-05``, ``May 2024``, ``5/2024`` and the like; nothing is repaired."""
    if match := re.fullmatch(r"([0-9]{4})-([0-9]{2})", text, re.ASCII):
        year, month = int(match[1]), int(match[2])
    elif match := re.fullmatch(r"([0-9]{1,2})/([0-9]{4})", text, re.ASCII):
        year, month = int(match[2]), int(match[1])
    elif match := re.fullmatch(r"([A-Za-z]{3,9})\.?,? ([0-9]{4})(?: \(.*\))?", text, re.ASCII):
        year, month = int(match[2]), _MONTHS.get(match[1].casefold(), 0)
    else:
        return None
    return (year, month) if 1 <= month <= 12 and year >= 1 else None


def stated(text: str) -> StatedDate:
    """The date as printed, with its day where the text states one in full."""
    return StatedDate(text, parse_day(text))


def add_months(day: date, months: int) -> date:
    """The same day ``months`` later, clamped to the month's last day. Raises OverflowError outside years 1-9999."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise OverflowError(f"{day} moved by {months} months leaves the calendar")
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def add_duration(day: date, number: int, unit: str) -> date:
    """``day`` moved by a whole number of days, weeks, months or years; months and years go by the calendar."""
    match unit:
        case "days":
            return day + timedelta(days=number)
        case "weeks":
            return day + timedelta(weeks=number)
        case "months":
            return add_months(day, number)
        case "years":
            return add_months(day, 12 * number)
        case _:
            raise ValueError(f"{unit!r} is not a unit of the calendar: days, weeks, months or years")
