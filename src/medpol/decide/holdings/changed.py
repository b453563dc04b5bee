"""``feed``: what became known of a library's policies, newest first, each with what it means and what it is compared with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from medpol.decide.holdings.pieces import ScopeSaid, scope_of
from medpol.library import Library
from medpol.library.redline.summary import summary
from medpol.lifecycle import (
    Change,
    ChangeKind,
    DatedVersion,
    Told,
    by_policy,
    changes,
    newest_first,
    periods,
    told,
)
from medpol.model.codes import pattern_shown
from medpol.model.lines import line_scope_holds
from medpol.model.policy import CodeRole, PolicyVersion


@dataclass(frozen=True, slots=True)
class Changed:
    """One change of a policy. ``kind``: new, changed, archived, reinstated, corrected, withdrawn.

    ``known_from`` is the day from which it is known, ``first_day`` the day on which it takes effect, ``notice_days`` the
    days between where it was told ahead. ``compared_with`` is the first day of the text that ``says`` compares it with, as
    known on ``compared_known_from``; null where there is none.
    """

    policy: str
    title: str
    kind: str
    known_from: date
    first_day: date
    notice_days: int
    says: str
    compared_with: date | None
    compared_known_from: date | None
    codes: tuple[str, ...]
    lines_of_business: ScopeSaid
    file: str
    content_hash: str


@dataclass(frozen=True, slots=True)
class Changes:
    """The changes known on a day, newest first: those asked for, of a ``total``."""

    known_on: date
    total: int
    changes: tuple[Changed, ...]


_DAYS_KEPT = 8


class Chronicle:
    """A library's policies on both clocks, ready to be asked what changed; drafts and broken documents are left out."""

    __slots__ = ("_policies", "_told", "library")

    def __init__(self, library: Library) -> None:
        broken = {each.source.file for each in library.errors}
        self.library = library
        self._policies: Mapping[str, Sequence[DatedVersion]] = by_policy(
            version for version in library.versions if version.source.file not in broken
        )
        self._told: dict[date, Mapping[str, Told]] = {}

    @property
    def policies(self) -> Mapping[str, Sequence[DatedVersion]]:
        """The versions of each policy, latest first."""
        return self._policies

    def told(self, known_on: date) -> Mapping[str, Told]:
        """What was known of each policy on a day; the last few days asked for are kept."""
        held = self._told.get(known_on)
        if held is None:
            held = {number: told(versions, known_on) for number, versions in self._policies.items()}
            if len(self._told) >= _DAYS_KEPT:
                self._told.clear()
            self._told[known_on] = held
        return held

    def changes(
        self,
        known_on: date,
        *,
        policy: str | None = None,
        code: str | None = None,
        code_system: str | None = None,
        line_of_business: str | None = None,
        since: date | None = None,
        limit: int | None = None,
        offset: int = 0,
    ) -> Changes:
        """What became known up to a day, newest first.

        Args:
            known_on: The last day on which it became known.
            policy: Only the changes of one policy, by its number.
            code: Only where the version, or the one it is compared with, names this code.
            code_system: The system that the code is one of; some system, if it is left out.
            line_of_business: Only where one of the two speaks for this line.
            since: Only what became known on this day or later.
            limit, offset: The part that is asked for; what it means is worked out for that part alone.
        """
        asked = self._policies if policy is None else {policy: self._policies.get(policy, ())}
        wanted = None if code is None else self._codes(code, code_system)
        found = [
            change
            for versions in asked.values()
            for change in changes(versions, known_on)
            if (since is None or since <= change.known_from)
            and (wanted is None or any(_names(each, wanted) for each in _texts(change)))
            and (line_of_business is None or any(_speaks_for(each, line_of_business) for each in _texts(change)))
        ]
        found.sort(key=newest_first, reverse=True)
        part = found[offset:] if limit is None else found[offset : offset + limit]
        return Changes(known_on, len(found), tuple(map(self._changed, part)))

    def _codes(self, code: str, code_system: str | None) -> frozenset[tuple[str, str]]:
        systems = self.library.settings.systems
        asked = systems.names() if code_system is None else (systems.canonical(code_system),)
        held = ((system, systems.normalise(system, code)) for system in asked if system is not None)
        return frozenset((system, text) for system, text in held if text is not None)

    def _changed(self, change: Change) -> Changed:
        version, before = change.version.read, change.before
        return Changed(
            version.policy,
            version.title,
            change.kind.value,
            change.known_from,
            change.version.first_day,
            change.notice_days,
            self._says(change),
            None if before is None else before.first_day,
            None if before is None else before.known_from,
            _governed(_texts(change)),
            scope_of(version.lines_of_business),
            version.source.file,
            version.content_hash,
        )

    def _says(self, change: Change) -> str:
        version = change.version
        if change.kind is ChangeKind.WITHDRAWN:
            what = "the archiving" if version.is_archived else "the version"
            return f"Withdrawn: {what} of {version.first_day}, known from {version.known_from}, no longer holds."
        versions = self._policies[version.read.policy]
        held = [each.version.read for each in periods(versions, change.known_from)]
        return summary(None if change.before is None else change.before.read, version.read, held)


def _texts(change: Change) -> tuple[PolicyVersion, ...]:
    return (change.version.read,) if change.before is None else (change.version.read, change.before.read)


def _names(version: PolicyVersion, wanted: Iterable[tuple[str, str]]) -> bool:
    return any(
        row.system == system and row.pattern is not None and row.pattern.matches(code)
        for system, code in wanted
        for row in version.code_rows
    )


def _speaks_for(version: PolicyVersion, line: str) -> bool:
    return not version.is_archived and line_scope_holds(version.lines_of_business, line)


def _governed(versions: Iterable[PolicyVersion]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_codes_of(versions)))


def _codes_of(versions: Iterable[PolicyVersion]) -> Iterator[str]:
    for version in versions:
        for row in version.code_rows:
            if row.pattern is not None and row.role is CodeRole.GOVERNED:
                yield f"{row.system} {pattern_shown(row.system, row.pattern)}"
