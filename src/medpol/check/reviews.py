"""Rules about reviews: one that is overdue, and literature that was old when the version was approved."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from medpol.check.findings import Finding, Subject, rule
from medpol.check.history import own_rows
from medpol.check.holdings import Holdings
from medpol.model.dates import StatedDate, add_months
from medpol.model.diagnostic import Severity
from medpol.model.evidence import HistoryRow
from medpol.model.policy import PolicyVersion

_ANNUAL = "annual review"
_REVIEWS = frozenset(
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


@rule(Subject.DATES, Severity.WARNING)
def review_overdue(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """The review of the version that stands today is past its day.

    The day is ``review due:``. Where none is stated, and the History tells of an annual review as the last one or within
    two years before it, a review is due a year after the last. Any row counts as a review at which the evidence was looked
    at: a new, reinstated or changed policy, an annual or interim review, a literature update.

    A member may be denied what newer evidence supports, and an accreditor asks for the review. Review the policy and add
    the version, or the row, that says so; or state ``review due:``.

    Nothing is said of archived policies and of texts that no longer hold, where a version that comes later is published
    already or a row tells of a review since, where a row says that the policy is no longer scheduled for review, and
    where neither a day nor annual reviews are stated.
    """
    if today is None:
        return
    for policy in holdings.policies:
        standing = [each for each in holdings.standing(policy) if each.first_day is not None]
        begun = [each for each in standing if each.first_day is not None and each.first_day <= today]
        coming = [
            each for each in standing if each not in begun and each.known_from is not None and each.known_from <= today
        ]
        if begun and not coming and not begun[-1].is_archived:
            yield from _overdue(holdings, begun[-1], today)


def _overdue(holdings: Holdings, version: PolicyVersion, today: date) -> Iterable[Finding]:
    reviews = [(day, row) for row in version.history if row.event in _REVIEWS and (day := _last_day(row)) is not None]
    last, row = max(reviews, key=lambda each: each[0], default=(None, None))
    if any(_UNSCHEDULED.search(each.comment) for each in version.history):
        return
    expected = "a review at least once a year, as the History tells of them"
    if version.review_due is not None:
        due, found = version.review_due.last_day(), f"review due {version.review_due.text}"
        place, expected = holdings.value_place(version, "review due"), "a review by the day stated"
        if (
            last is not None
            and version.first_day is not None
            and version.first_day < last <= today <= _a_year_after(last)
        ):
            return
    elif last is not None and row is not None and any(_is_recent_annual(day, each, last) for day, each in reviews):
        due, place = _a_year_after(last), row.source
        found = f"reviewed each year, last on {last}: the review is due by {due}"
    else:
        return
    if due is not None and due < today:
        yield Finding(
            place,
            f"{found}, and overdue today ({today})",
            expected,
            "review the policy and add the version or row that says so, or state the day in `review due:`",
        )


def _last_day(row: HistoryRow) -> date | None:
    """The day of a review: of its row, or of the effect it had where that is later."""
    days = [each.last_day() for each in (row.day, row.effective) if each is not None]
    return max((day for day in days if day is not None), default=None)


def _is_recent_annual(day: date, row: HistoryRow, last: date) -> bool:
    """Whether a row is an annual review of the two years before the last review: an older one says nothing of the habit."""
    return row.event == _ANNUAL and last <= _a_year_after(_a_year_after(day))


def _a_year_after(day: date) -> date:
    return add_months(day, 12) if day.year < date.max.year else date.max


@rule(Subject.DATES, Severity.WARNING)
def literature_old_at_approval(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """The literature was searched to a day more than a year before the version was approved.

    ``literature through:`` is held against ``approved:``; a month is taken by its last day. An answer of that version
    rests on evidence that leaves out a year and more, and an appeal will ask what appeared since. Search again before the
    next review, or correct the day that is wrong. Nothing is said of archived versions, where one of the two days is not
    stated, and where the version's own History rows say that no evidence was reviewed: a coding update, another title.
    """
    for version in holdings.versions:
        through = None if version.literature_through is None else version.literature_through.last_day()
        approved = None if version.approved is None else version.approved.first_day()
        if through is None or approved is None or version.is_archived:
            continue
        own = own_rows(version)
        if own and not any(row.event in _REVIEWS for row in own):
            continue
        if approved > _a_year_after(through):
            yield Finding(
                holdings.value_place(version, "literature through"),
                f"literature searched through {_shown(version.literature_through)}, "
                f"{(approved - through).days} days before the approval, {_shown(version.approved)}",
                "a search not older than a year at approval",
                "search the literature again at the next review, or correct `literature through` or `approved`",
            )


def _shown(stated: StatedDate | None) -> str:
    return "" if stated is None else stated.text


RULES = (review_overdue, literature_old_at_approval)
