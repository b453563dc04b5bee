"""Rules about reviews: one that is overdue, and literature that was old when the version was approved."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from medpol.check.findings import Finding, Subject, rule
from medpol.check.history import own_rows
from medpol.check.holdings import Holdings
from medpol.lifecycle import REVIEWS, a_year_after, last_day_of, review_due
from medpol.model.dates import StatedDate
from medpol.model.diagnostic import Severity
from medpol.model.policy import PolicyVersion


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
    review = review_due(version)
    if review is None or not review.days_late(today):
        return
    if review.row is None:
        place, expected = holdings.value_place(version, "review due"), "a review by the day stated"
        found = f"review due {_shown(version.review_due)}"
    else:
        place, expected = review.row.source, "a review at least once a year, as the History tells of them"
        found = f"reviewed each year, last on {last_day_of(review.row)}: the review is due by {review.day}"
    yield Finding(
        place,
        f"{found}, and overdue today ({today})",
        expected,
        "review the policy and add the version or row that says so, or state the day in `review due:`",
    )


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
        if own and not any(row.event in REVIEWS for row in own):
            continue
        if approved > a_year_after(through):
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
