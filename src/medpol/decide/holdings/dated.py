"""``history``: the versions of a policy on the clock of care and on the clock of knowledge."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from medpol.decide.holdings.opened import Opened
from medpol.decide.holdings.pieces import (
    HistorySaid,
    PositionSaid,
    code_written,
    events_of,
    positions_of,
    status_name,
    text_of,
)
from medpol.decide.one import PreparedVersion
from medpol.library import Library
from medpol.lifecycle import Once, Period, last_day, once_known, periods, standing
from medpol.model.codes import CodePattern
from medpol.model.dates import parse_day
from medpol.model.policy import PolicyVersion


@dataclass(frozen=True, slots=True)
class VersionSaid:
    """One version on the clock of care and on the clock of knowledge.

    ``known_before_days``: from the day it became known to its first day. ``last_day`` null: no end known.
    """

    version: date
    is_archived: bool
    last_day: date | None
    days: int | None
    known_from: date
    known_from_is_inferred: bool
    known_before_days: int
    notice_days_owed: int | None
    approved: str | None
    published: str | None
    positions: tuple[PositionSaid, ...]
    is_in_force_that_day: bool
    file: str
    content_hash: str


@dataclass(frozen=True, slots=True)
class Superseded:
    """A version that a correction replaced, or that was withdrawn: what was once known."""

    version: date
    known_from: date
    until: date
    by: str
    file: str


@dataclass(frozen=True, slots=True)
class CodesChanged:
    """The codes that a version names and the one in force before it did not, and the reverse."""

    version: date
    joined: tuple[str, ...]
    left: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Review:
    """A day on which the document's history says that the policy was reviewed."""

    day: date
    event: str


@dataclass(frozen=True, slots=True)
class Gap:
    first_day: date
    last_day: date | None
    days: int | None


@dataclass(frozen=True, slots=True)
class PolicyHistory:
    policy: str
    title: str
    date_of_service: date
    known_on: date
    status: str
    versions: tuple[VersionSaid, ...]
    gaps: tuple[Gap, ...]
    superseded: tuple[Superseded, ...]
    code_changes: tuple[CodesChanged, ...]
    reviews: tuple[Review, ...]
    review_due: date | None
    events: tuple[HistorySaid, ...]


def policy_history(opened: Opened, policy: str, day: date, known_on: date) -> PolicyHistory | None:
    """Every version known on the day of knowledge, by first day; ``None`` where none was."""
    versions = opened.desk.versions.get(policy, ())
    held = periods(versions, known_on)
    if not held:
        return None
    read = {version.source.file: version for version in opened.of(policy)}
    newest = read[held[-1].version.row.file]
    return PolicyHistory(
        policy,
        held[-1].version.row.title,
        day,
        known_on,
        status_name(standing(versions, day, known_on).status),
        tuple(_version_said(period, read[period.version.row.file], opened, day) for period in held),
        tuple(Gap(each.start, last_day(each.end), each.days) for each in held if each.is_archived),
        tuple(map(_superseded, once_known(versions, known_on))),
        tuple(_code_changes(held, opened.library)),
        tuple(_reviews(newest)),
        None if newest.review_due is None else newest.review_due.day,
        events_of(newest),
    )


def _version_said(period: Period[PreparedVersion], version: PolicyVersion, opened: Opened, day: date) -> VersionSaid:
    owed = version.notice.days if version.notice.days is not None else opened.library.settings.notice_days
    known_from = period.version.known_from
    return VersionSaid(
        period.start,
        period.is_archived,
        last_day(period.end),
        period.days,
        known_from,
        version.known_from_is_inferred,
        (period.start - known_from).days,
        owed,
        text_of(version.approved),
        text_of(version.published),
        positions_of(period.version),
        period.covers(day) and not period.is_archived,
        version.source.file,
        version.content_hash,
    )


def _superseded(once: Once[PreparedVersion]) -> Superseded:
    version = once.version
    by = "withdrawn" if once.by is None else once.by.row.file
    return Superseded(version.first_day, version.known_from, once.until, by, version.row.file)


def _code_changes(held: Sequence[Period[PreparedVersion]], library: Library) -> Iterator[CodesChanged]:
    """Where the codes of one version in force differ from those of the one before; an archived one has no text to differ."""
    before: dict[tuple[str, CodePattern], str] = {}
    for period in held:
        if period.is_archived:
            continue
        text = library.texts.get(period.version.row.file, "")
        codes = {
            (row.system, row.pattern): f"{row.system} {code_written(row, text)}"
            for row in period.version.row.codes
            if row.pattern is not None
        }
        joined, left = (
            tuple(dict.fromkeys(said for key, said in one.items() if key not in other))
            for one, other in ((codes, before), (before, codes))
        )
        if joined or left:
            yield CodesChanged(period.start, joined, left)
        before = codes


def _reviews(newest: PolicyVersion) -> Iterable[Review]:
    for each in newest.history:
        day = parse_day(each.day.text)
        if day is not None and each.event in ("annual review", "interim review", "literature update"):
            yield Review(day, each.event)
