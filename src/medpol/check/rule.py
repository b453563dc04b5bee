"""What a rule is, and how it speaks: a function over a library, and findings at a place in a document."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Protocol

from medpol.library import Library
from medpol.model.diagnostic import Diagnostic, Severity, Source
from medpol.model.policy import PolicyVersion


class Rule(Protocol):
    """A rule of the linter: findings about a library, of which only versions that read without error are given.

    ``today`` is there for rules about days that pass; ``None`` where no day is said, and such a rule is silent then.
    """

    def __call__(self, library: Library, today: date | None, /) -> Iterable[Diagnostic]: ...


def first_line(rule: Rule) -> str:
    """What a rule finds, in a sentence: the first line of its page."""
    return (rule.__doc__ or "").strip().split("\n")[0]


def warning(source: Source, rule: str, found: str, expected: str, mend: str) -> Diagnostic:
    return Diagnostic(source, Severity.WARNING, rule, found, expected, mend)


def error(source: Source, rule: str, found: str, expected: str, mend: str) -> Diagnostic:
    return Diagnostic(source, Severity.ERROR, rule, found, expected, mend)


def note(source: Source, rule: str, found: str, expected: str, mend: str) -> Diagnostic:
    return Diagnostic(source, Severity.NOTE, rule, found, expected, mend)


def value_place(library: Library, version: PolicyVersion, key: str) -> Source:
    """Where the value of a front-matter key begins; the key's own place, or the file's top, where there is none."""
    place = version.place(key)
    lines = library.texts.get(place.file, "").split("\n")
    line = lines[place.line - 1].rstrip("\r") if place.line <= len(lines) else ""
    name, colon, value = line.partition(":")
    if not colon or name.strip(" '\"") != key or not value.strip():
        return place
    return Source(place.file, place.line, len(name) + 2 + len(value) - len(value.lstrip()))


def words_place(library: Library, place: Source, words: str) -> Source:
    """Where the words stand in a line of a document; the line's own place where they stand otherwise there."""
    lines = library.texts.get(place.file, "").split("\n")
    at = lines[place.line - 1].find(words) if words and place.line <= len(lines) else -1
    return place if at < 0 else Source(place.file, place.line, at + 1)


def in_force_before(library: Library, version: PolicyVersion) -> PolicyVersion | None:
    """The version in force on the day before a version's first day, corrections known by then taken in.

    ``None`` where there was none: before the first text, and while the policy was archived.
    """
    first_day = version.first_day
    if first_day is None:
        return None
    earlier = [
        other
        for other in _standing(library.of(version.policy))
        if other.first_day is not None and other.first_day < first_day
    ]
    if not earlier:
        return None
    before = max(earlier, key=lambda other: (str(other.first_day), str(other.known_from)))
    return None if before.is_archived else before


def _standing(versions: Sequence[PolicyVersion]) -> list[PolicyVersion]:
    """Drafts and the withdrawn left out."""
    withdrawn = {day for version in versions for day in version.withdraws}
    return [version for version in versions if not version.is_draft and version.first_day not in withdrawn]
