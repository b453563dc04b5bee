"""``history``: the versions of a policy on the clock of care and on the clock of knowledge."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from medpol.cli.holdings.pieces import HistorySaid, PositionSaid, events_of, positions_of, status_name, text_of
from medpol.cli.opening import Opened
from medpol.cli.timeline import Period, last_day, periods
from medpol.decide.one import PreparedVersion
from medpol.lifecycle import standing
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
    events: tuple[HistorySaid, ...]


def policy_history(opened: Opened, policy: str, day: date, known_on: date) -> PolicyHistory | None:
    """Every version known on the day of knowledge, by first day; ``None`` where none was."""
    versions = opened.desk.versions.get(policy, ())
    held = periods(versions, known_on)
    if not held:
        return None
    read = {version.source.file: version for version in opened.library.of(policy)}
    newest = read[held[-1].version.row.file]
    return PolicyHistory(
        policy,
        held[-1].version.row.title,
        day,
        known_on,
        status_name(standing(versions, day, known_on).status),
        tuple(_version_said(period, read[period.version.row.file], opened, day) for period in held),
        tuple(Gap(each.start, last_day(each.end), each.days) for each in held if each.is_archived),
        tuple(_superseded(versions, held, known_on)),
        events_of(newest),
    )


def _version_said(period: Period, version: PolicyVersion, opened: Opened, day: date) -> VersionSaid:
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


def _superseded(versions: Sequence[PreparedVersion], held: Sequence[Period], known_on: date) -> Iterable[Superseded]:
    kept = {id(period.version) for period in held}
    for version in sorted(versions, key=lambda each: (each.first_day, each.known_from)):
        if id(version) in kept or version.known_from > known_on:
            continue
        if version.withdrawn_from is not None and version.withdrawn_from <= known_on:
            yield Superseded(
                version.first_day, version.known_from, version.withdrawn_from, "withdrawn", version.row.file
            )
            continue
        later = [
            each
            for each in versions
            if each.first_day == version.first_day and version.known_from < each.known_from <= known_on
        ]
        by = min(later, key=lambda each: each.known_from)
        yield Superseded(version.first_day, version.known_from, by.known_from, by.row.file, version.row.file)
