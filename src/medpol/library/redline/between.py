"""What lies between two versions of a policy: other versions, days without any, and with which one something came."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from medpol.library.redline.values import Gap, VersionNamed
from medpol.model.dates import ONE_DAY
from medpol.model.policy import PolicyVersion


def named(version: PolicyVersion) -> VersionNamed:
    return VersionNamed(
        version.first_day,
        version.is_archived,
        version.is_draft,
        version.known_from,
        version.source.file,
        version.content_hash,
    )


@dataclass(frozen=True, slots=True)
class Between:
    """The versions from one of the two to the other, both in, by first day, as far as they hold."""

    course: tuple[PolicyVersion, ...]
    is_backward: bool

    @property
    def inner(self) -> tuple[PolicyVersion, ...]:
        return self.course[1:-1]

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """The days on which the policy was archived, up to the first day of the later of the two."""
        found: list[Gap] = []
        for one, later in pairwise(self.course):
            start, end = one.first_day, later.first_day
            if not one.is_archived or start is None or end is None:
                continue
            if found and found[-1].last_day == start - ONE_DAY:
                start = found.pop().first_day
            if start < end:
                found.append(Gap(start, end - ONE_DAY, (end - start).days))
        return tuple(found)

    def holding(self, keys: Callable[[PolicyVersion], Iterable[Hashable]]) -> Holding:
        """Which of these versions hold what, to ask with which one something came. Archived ones have no text to hold it."""
        versions = [each for each in self.course if not each.is_archived]
        return Holding(tuple((each.first_day, frozenset(keys(each))) for each in versions), self.is_backward)

    def on_words(self, day: date | None, *, is_added: bool) -> str:
        """That day in words, to stand behind a verb."""
        if day is None:
            return ""
        if self.is_backward:  # the second version is the earlier one: time runs the other way
            return f" (in the order of time: {'gone' if is_added else 'there'} from {day} on)"
        return f" on {day}"


@dataclass(frozen=True, slots=True)
class Holding:
    """What each version holds, by first day."""

    versions: tuple[tuple[date | None, frozenset[Hashable]], ...]
    is_backward: bool

    def changed_with(self, key: Hashable, *, is_added: bool) -> date | None:
        """The first day of the version from which on, in the order of time, it stays or stays away.

        ``is_added``: the second of the two versions compared holds it, and the first does not. ``None`` where no
        version between tells.
        """
        stays = is_added is not self.is_backward
        day = None
        for first_day, held in reversed(self.versions):
            if (key in held) is not stays:
                return day
            day = first_day
        return None


def between(before: PolicyVersion, after: PolicyVersion, held: Iterable[PolicyVersion]) -> Between:
    """What lies between two versions.

    Args:
        before, after: The two; the second may be the earlier one.
        held: The versions of their policy that hold, one a first day, as known on some day.
    """
    if before.first_day is None or after.first_day is None:
        return Between((before, after), False)
    first, last = sorted((before.first_day, after.first_day))
    is_backward = after.first_day < before.first_day
    inner = [each for each in held if each.first_day is not None and first < each.first_day < last]
    inner.sort(key=lambda each: str(each.first_day))
    ends: Sequence[PolicyVersion] = (after, before) if is_backward else (before, after)
    return Between((ends[0], *inner, ends[1]), is_backward)
