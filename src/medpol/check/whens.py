"""Whether the Whens of two rules, which may stand in two policies, can hold for one claim."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

from medpol.decide.cells import when_patterns
from medpol.decide.literals import MET, bit_truth, with_gates
from medpol.decide.rows import Literal, PlanRule
from medpol.model.facts import FactType


def can_hold_together(one: PlanRule, other: PlanRule) -> bool:
    """Whether the Whens of two rules can hold together; where the cells are too many to list, they can."""
    if one.when is None and other.when is None:
        return True
    mine, theirs = one.literals[: one.when_literals], other.literals[: other.when_literals]
    literals = (*mine, *theirs)
    terms = when_patterns(literals)
    if terms is None:
        return True
    lists = [at for at, literal in enumerate(literals) if literal.fact_type is FactType.CODES]
    single = _single_codes(literals, lists)
    for chosen in product(*(term.patterns for term in terms)):
        bits = sum(chosen)
        if frozenset(at for at in lists if bits >> at & 1) not in single:
            continue
        if _holds(one, bits & ((1 << len(mine)) - 1)) and _holds(other, bits >> len(mine)):
            return True
    return False


def _single_codes(literals: Sequence[Literal], lists: Sequence[int]) -> frozenset[frozenset[int]]:
    """Which tests of code lists one code meets: a claim with two diagnoses is not what parts two policies."""
    words = {text for at in lists for text in _listed(literals[at])}
    found = {frozenset(at for at in lists if literals[at].negated)}
    for word in words:
        plain = word.rstrip("*").rstrip("x").replace(".", "")
        found.add(
            frozenset(
                at
                for at in lists
                if any(_covers(text, plain) for text in _listed(literals[at])) is not literals[at].negated
            )
        )
    return frozenset(found)


def _listed(literal: Literal) -> tuple[str, ...]:
    return tuple(value.text for value in literal.values or (() if literal.value is None else (literal.value,)))


def _covers(pattern: str, code: str) -> bool:
    text = pattern.rstrip("*").replace(".", "")
    return code.startswith(text) if pattern.endswith("*") else code == text


def _holds(rule: PlanRule, met: int) -> bool:
    if rule.when is None:
        return True
    met, unknown = with_gates(rule.gates, len(rule.literals), met, 0)
    return bit_truth(rule.when, met, unknown) == MET
