"""What the conditions of a version's rules can be together: one value for every piece into which thresholds cut a fact."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

from medpol.decide.cells import when_patterns
from medpol.decide.rows import Literal, PlanRule

_MOST = 1_024
"""Joint cells looked at. What needs more is left alone: a finding must be certain, and a library checked in seconds."""


def joint_cells(rules: Sequence[PlanRule]) -> Iterator[tuple[int, ...]] | None:
    """For every joint value of the facts that some rules read, the literals that are met, a mask for each rule.

    ``None`` where the values are too many to try.
    """
    literals: list[Literal] = []
    for each in rules:
        literals += each.literals
    terms = when_patterns(literals)
    if terms is None:
        return None
    cells = 1
    for term in terms:
        cells *= len(term.patterns)
    return None if cells > _MOST else _split(rules, [term.patterns for term in terms])


def _split(rules: Sequence[PlanRule], patterns: Sequence[Sequence[int]]) -> Iterator[tuple[int, ...]]:
    for cell in product(*patterns):
        met = sum(cell)
        masks = []
        for each in rules:
            masks.append(met & (1 << len(each.literals)) - 1)
            met >>= len(each.literals)
        yield tuple(masks)


def bits_of(rule: PlanRule, met: int) -> int:
    """The literals that are met and, above them, the gates that are."""
    for at, gate in enumerate(rule.gates, len(rule.literals)):
        if (met & gate.mask).bit_count() >= gate.needed:
            met |= 1 << at
    return met


def speaks(rule: PlanRule, bits: int) -> bool:
    """Whether its When holds; a rule without one always speaks."""
    return rule.when is None or bool(bits >> rule.when & 1)


def is_met(rule: PlanRule, bits: int) -> bool:
    """Whether its criteria, or its unless, hold; a statement without criteria always does."""
    return rule.met is None or bool(bits >> rule.met & 1)
