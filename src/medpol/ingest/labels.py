"""The labels of listed lines: numbers, letters, roman numbers, in any dress; which one follows which, and what a run proves.

A number without a dot may be a quantity ("2 drugs failed"), a letter a word. Only a run (1, 2, 3) shows that they are labels.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_LABEL = re.compile(
    r"\s*(?P<mark>(?P<open>[(\[]?)(?P<value>\d{1,2}(?:\.\d{1,2}){0,3}|[A-Za-z]|[ivx]{1,5}|[IVX]{1,5})(?P<close>\.\)|[.)\]:]|))"
    r"\s+(?P<words>\S.*)",
    re.DOTALL,
)
_ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii", "xiii", "xiv", "xv")


@dataclass(frozen=True, slots=True)
class Label:
    """A label with the words behind it. ``is_bare``: nothing sets the number off from the words."""

    mark: str
    words: str
    is_bare: bool


def label_of(text: str) -> Label | None:
    """The label that a line begins with, or ``None``. Without a sign behind it only a number is one."""
    match = _LABEL.fullmatch(text)
    if match is None or (match["open"] and not match["close"]):
        return None
    is_bare = not match["close"]
    if is_bare and not match["value"][0].isdigit():
        return None
    return Label(match["mark"], match["words"], is_bare)


def begins(mark: str) -> bool:
    """Whether a label is the first of its kind: 1, a, i."""
    return any(number == 1 for _, number in _places(mark))


def follows(before: str, mark: str) -> bool:
    """Whether a label is the next one behind another of its kind and dress."""
    return any((kind, number + 1) in _places(mark) for kind, number in _places(before))


def same_dress(one: str, other: str) -> bool:
    """Whether two labels are of one kind, both numbers or both letters, and set off by the same signs."""
    return not {kind for kind, _ in _places(one)}.isdisjoint(kind for kind, _ in _places(other))


def _places(mark: str) -> tuple[tuple[str, int], ...]:
    """What a label may be: its kind with its dress, and its place in the order. "i" is a letter and a roman number."""
    value = mark.strip("()[].:")
    dress = mark.replace(value, "\0", 1) if value else mark
    if not value.replace(".", "").isalnum():
        return ()
    above, _, last = value.rpartition(".")
    if last.isdigit():
        return ((f"{above}1{dress}", int(last)),)
    case = "a" if value.islower() else "A"
    found = [(f"{case}{dress}", ord(value.casefold()) - ord("a") + 1)] if len(value) == 1 and value.isascii() else []
    if value.casefold() in _ROMAN:
        found.append((f"{case}roman{dress}", _ROMAN.index(value.casefold()) + 1))
    return tuple(found)


PLAIN, JOINS, ENDS = "plain", "joins", "ends"


@dataclass(frozen=True, slots=True)
class Unit:
    """A line that may be listed: its label, if any; without one, whether a run goes on over it or ends there."""

    label: Label | None = None
    kind: str = PLAIN


def proven(units: Sequence[Unit]) -> frozenset[int]:
    """The places of the lines whose labels stand in a run: two with a sign behind them, three mere numbers."""
    found: set[int] = set()
    for at, unit in enumerate(units):
        if unit.label is not None and at not in found and begins(unit.label.mark):
            run = _run(units, at)
            if len(run) >= (3 if unit.label.is_bare else 2):
                found |= set(run)
    return frozenset(found)


def _run(units: Sequence[Unit], start: int) -> list[int]:
    """The places of the labels that follow one another from a first one on; lists of another dress may stand between."""
    first = units[start].label
    assert first is not None
    run, last = [start], first.mark
    for at in range(start + 1, len(units)):
        label = units[at].label
        if label is not None and follows(last, label.mark):
            run.append(at)
            last = label.mark
        elif units[at].kind == ENDS or (label is not None and same_dress(label.mark, first.mark)):
            break
    return run


def depths(marks: Sequence[str]) -> tuple[int, ...]:
    """How deep each of some labelled lines lies: a first label in a new dress opens a list below the line before it."""
    open_marks: list[str] = []
    found = []
    for mark in marks:
        at = next((at for at, held in enumerate(open_marks) if follows(held, mark)), None)
        if at is None:
            at = next((at for at, held in enumerate(open_marks) if same_dress(held, mark)), len(open_marks))
        open_marks[at:] = [mark]
        found.append(at)
    return tuple(found)
