"""What became known of a policy, and when: each version with what it changes, each withdrawal. Entries never change later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from medpol.lifecycle.timeline import DatedVersion


class ChangeKind(StrEnum):
    """What a change is to the policy, as it stood when the change became known."""

    NEW = "new"
    CHANGED = "changed"
    ARCHIVED = "archived"
    REINSTATED = "reinstated"
    CORRECTED = "corrected"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Change:
    """One change, from the day on which it became known.

    ``before`` is the text that it is compared with: the one corrected, else the last one in force before its first day;
    ``None`` for a new policy. For a withdrawal ``version`` is the one taken out, and ``before`` is nothing.
    """

    kind: ChangeKind
    known_from: date
    version: DatedVersion
    before: DatedVersion | None

    @property
    def notice_days(self) -> int:
        """How many days before its first day the change became known; 0 where it took effect at once."""
        if self.kind is ChangeKind.WITHDRAWN:
            return 0
        return max((self.version.first_day - self.known_from).days, 0)


def changes(versions: Sequence[DatedVersion], known_on: date) -> tuple[Change, ...]:
    """What became known of one policy up to a day, newest first.

    Each change is told by what was known on its own day alone, so that what was told once stays as it was.
    """
    found = [_came(each, versions) for each in versions if each.known_from <= known_on]
    found += [
        Change(ChangeKind.WITHDRAWN, each.withdrawn_from, each, None)
        for each in versions
        if each.withdrawn_from is not None and each.withdrawn_from <= known_on
    ]
    return tuple(sorted(found, key=newest_first, reverse=True))


def newest_first(change: Change) -> tuple[date, date, str, bool]:
    """By the day a change became known, then by first day and number; a withdrawal before what came in its place."""
    version = change.version
    return (change.known_from, version.first_day, version.read.source.file, change.kind is ChangeKind.WITHDRAWN)


def _came(version: DatedVersion, versions: Sequence[DatedVersion]) -> Change:
    known = version.known_from
    held = [
        each
        for each in versions
        if each is not version
        and each.known_from <= known
        and (each.withdrawn_from is None or each.withdrawn_from > known)
    ]
    corrected = [each for each in held if each.first_day == version.first_day and each.known_from < known]
    earlier = [each for each in held if each.first_day < version.first_day]
    stood = max(earlier, key=_days, default=None)
    text = max((each for each in earlier if not each.is_archived), key=_days, default=None)
    if corrected:
        return Change(ChangeKind.CORRECTED, known, version, max(corrected, key=_days))
    if version.is_archived:
        return Change(ChangeKind.ARCHIVED, known, version, text)
    if stood is None:
        return Change(ChangeKind.NEW, known, version, None)
    kind = ChangeKind.REINSTATED if stood.is_archived else ChangeKind.CHANGED
    return Change(kind, known, version, text)


def _days(version: DatedVersion) -> tuple[date, date]:
    return (version.first_day, version.known_from)
