"""Kleene's three-valued logic: met, not met, and documentation missing.

Source: Kleene SC. Introduction to Metamathematics. 1952, section 64 (strong connectives).
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum


class Truth(Enum):
    """What is known of one criterion. ``UNKNOWN`` is never false and never a default."""

    MET = "met"
    NOT_MET = "not_met"
    UNKNOWN = "unknown"

    def __invert__(self) -> Truth:
        return _OPPOSITE[self]

    @staticmethod
    def of(value: bool) -> Truth:
        return Truth.MET if value else Truth.NOT_MET


_OPPOSITE = {Truth.MET: Truth.NOT_MET, Truth.NOT_MET: Truth.MET, Truth.UNKNOWN: Truth.UNKNOWN}


def at_least(needed: int, parts: Iterable[Truth]) -> Truth:
    """Met at ``needed`` met parts; not met when met and unknown together fall short of it."""
    met = unknown = 0
    for part in parts:
        met += part is Truth.MET
        unknown += part is Truth.UNKNOWN
    if met >= needed:
        return Truth.MET
    return Truth.NOT_MET if met + unknown < needed else Truth.UNKNOWN


def conjunction(parts: Iterable[Truth]) -> Truth:
    """Met when every part is met; met for no parts at all."""
    held = tuple(parts)
    return at_least(len(held), held)


def disjunction(parts: Iterable[Truth]) -> Truth:
    """Met when one part is met; not met for no parts at all."""
    return at_least(1, parts)


def agreement(values: Iterable[bool]) -> Truth:
    """What holds over every possible case: all true, all false, or it depends."""
    seen = set(values)
    return Truth.UNKNOWN if len(seen) != 1 else Truth.of(seen.pop())
