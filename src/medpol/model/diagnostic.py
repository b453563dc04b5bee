"""A document problem is a value: where it stands, what was found, what was expected and how to mend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, slots=True, order=True)
class Source:
    """A place in a file. ``line`` and ``column`` count from 1, columns in Unicode code points."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Severity(Enum):
    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding about one place of a document. ``rule`` is a stable name in words; ``near`` the nearest known name."""

    source: Source
    severity: Severity
    rule: str
    found: str
    expected: str = ""
    mend: str = ""
    near: str = ""

    def __str__(self) -> str:
        message = f"{self.source}: {self.severity.value} [{self.rule}] {self.found}"
        if self.expected:
            message += f"; expected {self.expected}"
        if self.mend:
            message += f"\n    mend: {self.mend}"
        if self.near:
            message += f"\n    near: {self.near}"
        return message


def errors(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    return tuple(each for each in diagnostics if each.severity is Severity.ERROR)


def in_order(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """By file, line, column, then rule and words, so that two runs print the same bytes."""
    return tuple(sorted(set(diagnostics), key=lambda each: (each.source, each.rule, each.found, each.mend)))


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name that is nearest in spelling, or nothing where none is near enough to offer."""
    best, best_distance = "", max(1, len(name) // 3) + 1
    for candidate in sorted(set(known)):
        distance = _edit_distance(name.casefold(), candidate.casefold(), best_distance)
        if distance < best_distance:
            best, best_distance = candidate, distance
    return best


def _edit_distance(one: str, other: str, limit: int) -> int:
    """Optimal string alignment distance, cut off at ``limit``. Damerau FJ. Commun ACM 1964;7:171-176."""
    if abs(len(one) - len(other)) >= limit or max(len(one), len(other)) > 200:
        return limit
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, left in enumerate(one, 1):
        before, previous, row = row, before, [i]
        for j, right in enumerate(other, 1):
            cost = min(row[j - 1] + 1, before[j] + 1, before[j - 1] + (left != right))
            if i > 1 and j > 1 and left == other[j - 2] and one[i - 2] == right:
                cost = min(cost, previous[j - 2] + 1)
            row.append(cost)
        if min(row) >= limit:
            return limit
    return row[-1]
