"""The redline of the two versions of a policy that two days name, as known on a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from medpol.library import Library
from medpol.library.redline import Redline, redline
from medpol.lifecycle import dated, periods, version_named
from medpol.model.policy import PolicyVersion

_NEAR = 3


class NoVersionNamed(LookupError):
    """No version of a policy stands on a day, as known on another; ``near`` holds days that would name one."""

    def __init__(self, policy: str, day: date, known_on: date, near: Sequence[date]) -> None:
        super().__init__(f"no version of {policy} stands on {day}, as known on {known_on}")
        self.policy, self.day, self.known_on, self.near = policy, day, known_on, tuple(near)


def redline_of(
    library: Library, versions: Sequence[PolicyVersion], first: date, second: date, known_on: date
) -> Redline:
    """The redline from the version of a policy that the first day names to that of the second; ``versions``: all of it.

    Raises:
        NoVersionNamed: A day names none.
    """
    before, after = (_named(versions, day, known_on) for day in (first, second))
    held = [each.version.read for each in periods(dated(versions), known_on)]
    return redline(before, library.texts[before.source.file], after, library.texts[after.source.file], held)


def _named(versions: Sequence[PolicyVersion], day: date, known_on: date) -> PolicyVersion:
    found = version_named(versions, day, known_on)
    if found is not None:
        return found
    days = {each.start for each in periods(dated(versions), known_on)}
    days |= {each.first_day for each in versions if each.is_draft and each.first_day is not None}
    near = sorted(sorted(days, key=lambda each: (abs(each - day), each))[:_NEAR])
    raise NoVersionNamed(versions[0].policy, day, known_on, near)
