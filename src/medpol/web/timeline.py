"""What a timeline of a policy shows: versions, notices and reviews as bars and marks, each with the words that say it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from medpol.decide.holdings import PolicyHistory, VersionSaid
from medpol.model.dates import parse_day
from medpol.web.chips import chips_of

ARCHIVED = "archived"


@dataclass(frozen=True, slots=True)
class Bar:
    """Days in a row, the end out; no end: none is known. ``ink`` names the chip, or says that no policy was in force."""

    start: date
    end: date | None
    ink: str
    says: str


@dataclass(frozen=True, slots=True)
class Mark:
    """Something of one day. ``kind``: version, review, due, codes, published or asked."""

    day: date
    kind: str
    says: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """What is drawn of a policy: ``once`` is what was known of the same days before a correction."""

    policy: str
    first: date
    last: date
    asked: date
    bars: tuple[Bar, ...]
    notices: tuple[Bar, ...]
    once: tuple[Bar, ...]
    marks: tuple[Mark, ...]

    @property
    def title(self) -> str:
        return f"Timeline of {self.policy}"

    @property
    def description(self) -> str:
        said = [each.says for each in (*self.bars, *self.notices, *self.once)]
        said += [each.says for each in self.marks if each.kind not in ("version", "published")]
        return "; ".join(said) + "."


def timeline(found: PolicyHistory) -> Timeline:
    """What is drawn of a policy's history."""
    bars, notices, once = tuple(_bars(found)), tuple(map(_notice, _announced(found))), tuple(_once(found))
    marks = tuple(sorted(_marks(found, notices), key=lambda each: each.day))
    days = [each.start for each in (*bars, *notices, *once)]
    days += [each.day for each in marks if each.kind in ("review", "codes")]
    first, newest = min(days), bars[-1].start
    last = max(newest, min(found.known_on, _later(newest, max(365, (newest - first).days))))
    if first <= found.date_of_service <= _later(last, 3660):
        last = max(last, found.date_of_service)
    last = _later(last, max(30, (last - first).days // 10))  # what has no end runs on, as wide as a label
    return Timeline(found.policy, first, last, found.date_of_service, bars, notices, once, marks)


def _later(day: date, days: int) -> date:
    return day + min(timedelta(days), date.max - day)


def _bars(found: PolicyHistory) -> Iterator[Bar]:
    ends = [*(each.version for each in found.versions[1:]), None]
    for each, end in zip(found.versions, ends, strict=True):
        span = f"from {each.version} on" if each.last_day is None else f"{each.version} through {each.last_day}"
        days = "" if each.days is None else f", {each.days:,} days"
        if each.is_archived:
            yield Bar(each.version, end, ARCHIVED, f"archived, no version in force {span}{days}")
        else:
            chips = chips_of(each.positions)
            words = ", ".join(chip.words for chip in chips) or "no rule"
            yield Bar(each.version, end, chips[0].ink if chips else "none", f"in force {span}{days}: {words}")


def _announced(found: PolicyHistory) -> Iterable[VersionSaid]:
    return (each for each in found.versions if notice_opens(each) < each.version)


def notice_opens(version: VersionSaid) -> date:
    """The day on which a version was published, or became known where no such day is stated."""
    published = None if version.published is None else parse_day(version.published)
    return version.known_from if published is None else published


def notice_words(version: VersionSaid) -> str:
    """How long before its first day a version was published, and how long it ought to have been; empty where it was not."""
    opens = notice_opens(version)
    if opens >= version.version:
        return ""
    stated = "known from" if version.published is None else "published"
    words = f"{stated} {opens}, {(version.version - opens).days:,} days before {version.version}"
    if version.is_archived or not version.notice_days_owed:
        return words
    owed = min(timedelta(version.notice_days_owed), version.version - date.min)
    return f"{words}; {version.notice_days_owed} days are owed, counted back they begin on {version.version - owed}"


def _notice(version: VersionSaid) -> Bar:
    return Bar(notice_opens(version), version.version, "notice", f"notice: {notice_words(version)}")


def _once(found: PolicyHistory) -> Iterator[Bar]:
    for old in found.superseded:
        later = [each.version for each in found.versions if each.version > old.version]
        by = "withdrawn" if old.by == "withdrawn" else "corrected"
        says = f"once known from {old.known_from}, for care from {old.version} on: {by} on {old.until}"
        yield Bar(old.version, min(later, default=None), "once", says)


def _marks(found: PolicyHistory, notices: Iterable[Bar]) -> Iterator[Mark]:
    for each in found.versions:
        yield Mark(each.version, "version", "archived" if each.is_archived else "in force")
    for notice in notices:
        yield Mark(notice.start, "published", "notice begins")
    for review in found.reviews:
        yield Mark(review.day, "review", f"{review.event} on {review.day}")
    if found.review_due is not None:
        yield Mark(found.review_due, "due", f"review due on {found.review_due}")
    for changed in found.code_changes:
        parts = [
            f"{', '.join(codes)} {verb}"
            for codes, verb in ((changed.joined, "joined"), (changed.left, "left"))
            if codes
        ]
        yield Mark(changed.version, "codes", f"codes on {changed.version}: {', '.join(parts)}")
    yield Mark(found.date_of_service, "asked", f"care on {found.date_of_service}")
