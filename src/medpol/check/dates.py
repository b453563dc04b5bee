"""Rules about days: notice owed, days out of order, days that were inferred, files that govern nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from medpol.check.findings import Finding, Subject, rule
from medpol.check.holdings import Holdings
from medpol.model.criteria import Criterion, StatementKind
from medpol.model.criteria import Rule as CoverageRule
from medpol.model.dates import StatedDate
from medpol.model.diagnostic import Severity
from medpol.model.policy import PolicyVersion


@rule(Subject.DATES, Severity.ERROR)
def notice_too_short(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """A change comes into force sooner after its notice than the days owed.

    Providers are owed notice before a policy restricts what it did not restrict before: the days that the version states
    (``notice days:``), else those of the library's ``medpol.toml``. They are counted from ``notice sent:``, else from
    ``published:``, to ``effective:``. Where neither is stated, or no days are owed, this rule says nothing; nor does it
    of a review that restricts nothing, whose statements and criteria are those of the version in force before, nor of an
    archived version. No date is ever computed into the record: mend the dates as they were decided.
    """
    for version in holdings.versions:
        owed = version.notice.days if version.notice.days is not None else holdings.library.settings.notice_days
        key = "notice sent" if version.notice.sent is not None else "published"
        stated = version.notice.sent or version.published
        if owed is None or stated is None or stated.day is None or version.is_archived or version.first_day is None:
            continue
        days = (version.first_day - stated.day).days
        if days < owed and not _restricts_nothing(holdings, version):
            told = "notice on" if key == "notice sent" else "publication on"
            earliest = date.fromordinal(min(stated.day.toordinal() + owed, date.max.toordinal()))
            yield Finding(
                holdings.value_place(version, "effective"),
                f"effective {version.first_day} is {days} days after {told} {stated.day}",
                f"{owed} days",
                f"set effective (and the file's name) to {earliest} or later, or record an earlier notice",
            )


def _restricts_nothing(holdings: Holdings, version: PolicyVersion) -> bool:
    before = holdings.in_force_before(version)
    return before is not None and _said(version) == _said(before)


def _said(version: PolicyVersion) -> tuple[object, ...]:
    """Statements and criteria, without the notes beside them and the order of their lines."""
    return tuple(_rule_said(each) for each in version.rules)


def _rule_said(
    each: CoverageRule,
) -> tuple[str, StatementKind, str, str | None, Criterion | None, Criterion | None, str | None, tuple[str, ...]]:
    return (
        each.name,
        each.statement.kind,
        each.statement.sentence,
        None if each.when is None else each.when.code,
        each.criteria,
        each.unless,
        None if each.otherwise is None else each.otherwise.sentence,
        each.services,
    )


@rule(Subject.DATES, Severity.WARNING)
def retroactive_effective(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """A version is in force from a day before anybody could know of it.

    Its first day lies before the day it became known (``published:``, else ``row date:``). Such a version is answered
    from, and every answer says so; but care given between the two days was given under another text, so a person should
    look whether the day is a slip.
    """
    for version in holdings.versions:
        first_day, known_from = version.first_day, version.known_from
        if first_day is not None and known_from is not None and first_day < known_from:
            yield Finding(
                holdings.value_place(version, "archived" if version.is_archived else "effective"),
                f"in force from {first_day}, known only from {known_from}: {(known_from - first_day).days} days retroactive",
                "a first day on or after the day it became known",
                "correct one of the two days; leave it where it was decided so",
            )


@rule(Subject.DATES, Severity.NOTE)
def published_inferred(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """The day from which a version was known is inferred from its history row.

    No ``published:`` is stated, so the ``row date:`` stands in for it, and answers and pages say *inferred*. That may be
    all the document says. Where the publication day can be found, state it: the second clock then stands on a fact.
    """
    for version in holdings.versions:
        if version.known_from_is_inferred and not version.is_draft:
            yield Finding(
                holdings.value_place(version, "row date"),
                f"no published day: known from {version.known_from} is inferred from the row date",
                "`published: YYYY-MM-DD`, where the publisher states it",
                "add the day of publication, or leave it where none is known",
            )


@rule(Subject.DATES, Severity.NOTE)
def draft_governs_nothing(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """A file among the versions is a draft, and no answer rests on it.

    It states no whole first day, or neither ``published:`` nor ``row date:``, so nobody can know it on any day. A draft
    may lie in a library for as long as it is written; one that was meant to be in force is silently not.
    """
    for version in holdings.versions:
        if not version.is_draft:
            continue
        key = "archived" if version.is_archived else "effective"
        if version.first_day is None:
            found, mend = f"`{key}:` is no whole day", f"write `{key}: YYYY-MM-DD` once the day is decided"
        else:
            found, mend = "neither `published:` nor `row date:` is a whole day", "write `published: YYYY-MM-DD`"
        yield Finding(
            holdings.value_place(version, key),
            f"{found}: this file is a draft and governs nothing",
            "a first day, and the day from which it was known",
            mend,
        )


@rule(Subject.DATES, Severity.WARNING)
def dates_out_of_order(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """Two days of a version stand in an order in which things cannot have happened.

    A literature search ends before the version is approved and published. Notice is sent, and a version published, only
    once it is approved; so a day of approval behind one of these, or behind the first day in force, is a slip in one of
    the two; so is a notice sent behind the first day that it gives notice of. A review falls due after the approval, the
    publication and the first day in force.

    Some orders are not certain and are left alone: a version approved late that was known later still is retroactive
    (*retroactive-effective*), not out of order; ``last revised:`` may lie on either side of most days; a month is taken to
    break an order only where none of its days would keep it. Wrong days mislead whoever asks what was known when.
    Correct the day that is wrong; the other is named.
    """
    for version in holdings.versions:
        for key, later, why in _disorder(version):
            here, there = _stated(version, key), _stated(version, later)
            assert here is not None
            assert there is not None
            is_after = why == "after"
            yield Finding(
                holdings.value_place(version, key),
                f"`{key}: {here.text}` lies {why} `{later}: {there.text}`",
                f"`{key}` {'on or before' if is_after else 'on or after'} `{later}`",
                f"correct `{key}`, or `{later}` (line {version.place(later).line})",
            )


def _disorder(version: PolicyVersion) -> Iterator[tuple[str, str, str]]:
    """Each key that stands out of order, once, with the key it is held against and on which side of it it lies."""
    first_day = "archived" if version.is_archived else "effective"
    for later in ("approved", "published", first_day):
        if later == first_day and _known_late(version, version.literature_through):
            continue
        if _after(version.literature_through, _stated(version, later)):
            yield "literature through", later, "after"
            break
    for later in ("notice sent", "published", first_day):
        if later == first_day and _known_late(version, version.approved):
            continue
        if _after(version.approved, _stated(version, later)):
            yield "approved", later, "after"
            break
    if _after(version.notice.sent, _stated(version, first_day)) and not _known_late(version, version.notice.sent):
        yield "notice sent", first_day, "after"
    for earlier in (first_day, "published", "approved"):
        if _after(_stated(version, earlier), version.review_due):
            yield "review due", earlier, "before"
            break


def _known_late(version: PolicyVersion, before: StatedDate | None) -> bool:
    """Whether nobody could know of the version before that date, so that its first day is retroactive, not a slip."""
    day, known_from = None if before is None else before.first_day(), version.known_from
    return day is not None and known_from is not None and day <= known_from


def _stated(version: PolicyVersion, key: str) -> StatedDate | None:
    match key:
        case "literature through":
            return version.literature_through
        case "approved":
            return version.approved
        case "notice sent":
            return version.notice.sent
        case "published":
            return version.published
        case "review due":
            return version.review_due
        case "archived":
            return version.archived
        case _:
            return version.effective


def _after(one: StatedDate | None, other: StatedDate | None) -> bool:
    """Whether one date lies behind the other, whichever day of its month a date without a day means."""
    first = None if one is None else one.first_day()
    last = None if other is None else other.last_day()
    return first is not None and last is not None and first > last


RULES = (notice_too_short, dates_out_of_order, retroactive_effective, published_inferred, draft_governs_nothing)
