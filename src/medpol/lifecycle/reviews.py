"""When the review of a version is due: on the day that it states, else a year after the last of a habit of annual reviews."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from medpol.model.dates import add_months
from medpol.model.evidence import HistoryRow
from medpol.model.policy import PolicyVersion

_ANNUAL = "annual review"
REVIEWS = frozenset(
    {
        "new policy",
        _ANNUAL,
        "interim review",
        "literature update",
        "criteria change",
        "position change",
        "reinstated",
    }
)
"""Events at which somebody looked at the evidence anew; a coding update or a new title is none."""

_UNSCHEDULED = re.compile(
    r"\bno longer (?:be )?(?:\w+ )?(?:scheduled|reviewed|subject to)|\bno further (?:\w+ )?reviews?\b"
    r"|\breview (?:is |was )?(?:suspended|discontinued)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class ReviewDue:
    """The day by which a version is to be reviewed.

    ``row`` is the last review that the History tells of where the day is inferred from annual reviews; ``None`` where the
    document states the day. ``reviewed`` is a review since the version came into force, which keeps a stated day for a year.
    """

    day: date
    row: HistoryRow | None
    reviewed: date | None

    @property
    def is_stated(self) -> bool:
        return self.row is None

    def days_late(self, today: date) -> int:
        """By how many days the review is overdue; 0 where it is not."""
        if self.reviewed is not None and self.reviewed <= today <= a_year_after(self.reviewed):
            return 0
        return max((today - self.day).days, 0)


def review_due(version: PolicyVersion) -> ReviewDue | None:
    """When the version is to be reviewed.

    ``None`` where a row of the History says that the policy is no longer scheduled for review, and where neither a day is
    stated nor an annual review is the last review, or lies within two years before it.
    """
    if any(_UNSCHEDULED.search(each.comment) for each in version.history):
        return None
    reviews = [(day, row) for row in version.history if row.event in REVIEWS and (day := last_day_of(row)) is not None]
    last, row = max(reviews, key=lambda each: each[0], default=(None, None))
    if version.review_due is not None:
        day = version.review_due.last_day()
        since = last if last is not None and version.first_day is not None and version.first_day < last else None
        return None if day is None else ReviewDue(day, None, since)
    if last is not None and any(_is_recent_annual(day, each, last) for day, each in reviews):
        return ReviewDue(a_year_after(last), row, None)
    return None


def last_day_of(row: HistoryRow) -> date | None:
    """The day of a review: of its row, or of the effect it had where that is later."""
    days = [each.last_day() for each in (row.day, row.effective) if each is not None]
    return max((day for day in days if day is not None), default=None)


def a_year_after(day: date) -> date:
    return add_months(day, 12) if day.year < date.max.year else date.max


def _is_recent_annual(day: date, row: HistoryRow, last: date) -> bool:
    """Whether a row is an annual review of the two years before the last review: an older one says nothing of the habit."""
    return row.event == _ANNUAL and last <= a_year_after(a_year_after(day))
