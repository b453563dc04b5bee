"""The worked cases of the examples go down every branch: each sentence is met in one row and not met in another."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import pytest
from tests.support import EXAMPLES

import medpol
from medpol.decide.cases import decode_case
from medpol.decide.explain import determine
from medpol.decide.worked import read_worked
from medpol.model.criteria import Leaf, Membership, Rule, leaves
from medpol.model.determination import JudgedCriterion
from medpol.model.policy import PolicyVersion
from medpol.model.truth import Truth
from medpol.text.source import Findings

RULES = [
    (version, rule)
    for version in medpol.read(EXAMPLES).versions
    for rule in version.rules
    if not version.is_draft  # a draft governs nothing, so no case can go down its branches
]


def judged(parts: tuple[JudgedCriterion, ...]) -> Iterator[JudgedCriterion]:
    for part in parts:
        yield part
        yield from judged(part.parts)


@cache
def truths() -> dict[tuple[str, str], set[Truth]]:
    """By file and criterion id, what the worked cases make of it."""
    desk = medpol.load(EXAMPLES)
    found: dict[tuple[str, str], set[Truth]] = {}
    for path in sorted(EXAMPLES.glob("*/cases.md")):
        for row in read_worked(path.read_text(encoding="utf-8"), desk, Findings(path.name)):
            case, known_on = decode_case(desk, row.case, desk.all_held)
            for part in judged(determine(desk, case, known_on, smallest=False).criteria):
                found.setdefault((part.file, part.id), set()).add(part.truth)
    return found


def both_ways(version: PolicyVersion, leaf: Leaf) -> set[Truth]:
    """Met and not met; a list that is open is never missed for sure."""
    is_open = {each.name for each in version.definitions.value_sets if each.is_open}
    reads_open = isinstance(leaf.expression, Membership) and leaf.expression.named in is_open
    return {Truth.MET, Truth.UNKNOWN if reads_open else Truth.NOT_MET}


@pytest.mark.parametrize(
    ("version", "rule"),
    RULES,
    ids=lambda each: each.name if isinstance(each, Rule) else each.source.file,
)
def test_every_sentence_of_a_rule_is_met_in_one_case_and_not_met_in_another(version: PolicyVersion, rule: Rule) -> None:
    wanted = {leaf.id: both_ways(version, leaf) for leaf in (*leaves(rule.criteria), *leaves(rule.unless))}
    words = {leaf.id: leaf.sentence for leaf in (*leaves(rule.criteria), *leaves(rule.unless))}
    if rule.when is not None:
        identity = f"{rule.name}/when"
        wanted[identity], words[identity] = {Truth.MET, Truth.NOT_MET}, rule.when.sentence
    lacking = {
        words[identity]: ways - truths().get((version.source.file, identity), set())
        for identity, ways in wanted.items()
    }
    assert {sentence: ways for sentence, ways in lacking.items() if ways} == {}
