"""``feed``: what became known of a library's policies, newest first, each with what it means and what it is compared with."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from medpol.decide.holdings.naming import Naming
from medpol.decide.holdings.pieces import ScopeSaid, code_written, scope_of
from medpol.library import Library
from medpol.library.redline.summary import summary
from medpol.lifecycle import Agenda, Change, ChangeKind, DatedVersion, by_policy, changes, newest_first, periods
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


class Chronicle:
    """A library's policies on both clocks, ready to be asked what changed and what is due, by any number of threads.

    Drafts and broken documents are left out.
    """

    def __init__(self, library: Library) -> None:
        broken = {each.source.file for each in library.errors}
        self.library = library
        self.policies: Mapping[str, Sequence[DatedVersion]] = by_policy(
            version for version in library.versions if version.source.file not in broken
        )
        """The versions of each policy, latest first."""

    def prepare(self) -> None:
        """Put in order now what is else put in order when it is first asked for."""
        _ = self.agenda, self._all, self._naming

    def title(self, policy: str) -> str:
        """What a policy is called now; nothing where there is none."""
        held = self.policies.get(policy)
        return held[0].read.title if held else ""

    @cached_property
    def agenda(self) -> Agenda:
        return Agenda(self.policies)

    @cached_property
    def _all(self) -> list[Change]:
        """Every change, newest first: what was told once never alters."""
        found = (change for versions in self.policies.values() for change in changes(versions, date.max))
        return sorted(found, key=newest_first, reverse=True)

    @cached_property
    def _naming(self) -> Naming:
        held = self.policies.items()
        return Naming((policy, row) for policy, versions in held for each in versions for row in each.read.code_rows)

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
        wanted = None if code is None else self._codes(code, code_system)
        found = self._known(known_on, policy, wanted)
        if wanted is not None or line_of_business is not None or since is not None:
            found = [
                change
                for change in found
                if (since is None or since <= change.known_from)
                and (wanted is None or any(_names(each, wanted) for each in _texts(change)))
                and (line_of_business is None or any(_speaks_for(each, line_of_business) for each in _texts(change)))
            ]
        part = found[offset:] if limit is None else found[offset : offset + limit]
        return Changes(known_on, len(found), tuple(map(self._changed, part)))

    def _known(self, known_on: date, policy: str | None, wanted: frozenset[tuple[str, str]] | None) -> Sequence[Change]:
        """What became known up to a day, newest first; of other policies no more than cannot be left out at once."""
        if policy is None and wanted is None:
            return self._all[bisect_left(self._all, -known_on.toordinal(), key=_newness) :]
        asked = {policy} if policy is not None else {each for key in wanted or () for each in self._naming.of(*key)}
        found = [change for each in asked for change in changes(self.policies.get(each, ()), known_on)]
        return sorted(found, key=newest_first, reverse=True)

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
            self._governed(_texts(change)),
            scope_of(version.lines_of_business),
            version.source.file,
            version.content_hash,
        )

    def _governed(self, versions: Iterable[PolicyVersion]) -> tuple[str, ...]:
        """The codes that some versions decide on, each once."""
        codes = (
            f"{row.system} {code_written(row, self.library.texts.get(version.source.file, ''))}"
            for version in versions
            for row in version.code_rows
            if row.pattern is not None and row.role is CodeRole.GOVERNED
        )
        return tuple(dict.fromkeys(codes))

    def _says(self, change: Change) -> str:
        version = change.version
        if change.kind is ChangeKind.WITHDRAWN:
            what = "the archiving" if version.is_archived else "the version"
            return f"Withdrawn: {what} of {version.first_day}, known from {version.known_from}, no longer holds."
        versions = self.policies[version.read.policy]
        held = [each.version.read for each in periods(versions, change.known_from)]
        return summary(None if change.before is None else change.before.read, version.read, held)


def _newness(change: Change) -> int:
    return -change.known_from.toordinal()


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
