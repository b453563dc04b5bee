"""In which joint states of a few items one outcome is left: all that decides, judged in every joint state at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from medpol.decide.joint import States, TooMany, Truths, bits_in, refined, split, with_gates_everywhere
from medpol.decide.literals import MET, NOT_MET, UNKNOWN
from medpol.decide.one import (
    MAXIMUM_COMPLETIONS,
    JudgedRule,
    PreparedDispatch,
    PreparedRule,
    combine_rules,
    combined_results,
    with_outside,
)
from medpol.decide.pieces import AS_IS, Branch, Pieces, PolicyParts
from medpol.decide.voices import Result, resolve_all
from medpol.model.positions import Outcome


def certain(states: States, pieces: Pieces, wanted: Iterable[Outcome]) -> int:
    """The joint states in which one outcome is left, and it is a wanted one. Raises ``TooMany``."""
    nodes = _judged(states, pieces)
    branches = [_settled(states, branch, nodes) for branch in pieces.branches]
    found = 0
    for outcome in wanted:
        where = states.all
        for settled in branches:
            where &= settled.get(outcome, 0)
        found |= where
    return found


def _judged(states: States, pieces: Pieces) -> list[list[Truths]]:
    """Of each part its literals, and above them its gates, judged in every joint state."""
    tables: dict[int, int] = dict.fromkeys(bits_in(pieces.fixed), states.all)
    for item, bits_of_states in enumerate(pieces.bits):
        for state, bits in enumerate(bits_of_states[AS_IS:]):
            if bits:
                where = states.of(item, state)
                for bit in bits_in(bits):
                    tables[bit] = tables.get(bit, 0) | where
    found = []
    offset = 0
    for part in pieces.parts:
        count = len(part.judges)
        literals = [(tables.get(offset + at, 0), tables.get(offset + count + at, 0)) for at in range(count)]
        found.append(with_gates_everywhere(literals, part.gates))
        offset += part.width
    return found


def _settled(states: States, branch: Branch, nodes: Sequence[Sequence[Truths]]) -> dict[Outcome, int]:
    """The joint states in which a branch leaves one outcome, by that outcome."""
    answers = [list(_answers(states, policy, nodes).items()) for policy in branch.policies]
    provisions = [
        [(each, states.all)]
        if place is None
        else [
            (replace(each, truth=truth), where)
            for truth, where in split(states.all, nodes[place][each.provision.row.when.root])  # type: ignore[union-attr]
        ]
        for place, each in branch.provisions
    ]
    found: dict[Outcome, int] = {}
    for where, held in refined(states.all, [*answers, *provisions]):
        results = combined_results([*branch.fixed, *held[: len(answers)]], held[len(answers) :])
        outcomes = {result.outcome for result in results}
        if len(outcomes) == 1:
            outcome = outcomes.pop()
            found[outcome] = found.get(outcome, 0) | where
    return found


def _answers(states: States, policy: PolicyParts, nodes: Sequence[Sequence[Truths]]) -> dict[frozenset[Result], int]:
    """What a policy says, and in which joint states."""
    rules = [_everywhere(states, each, nodes[place]) for place, each in policy.rules]
    enrolled = 0 if policy.enrolled is None else nodes[policy.enrolled][0][0]
    outside = [(NOT_MET, states.all)] if policy.outside is None else list(split(states.all, nodes[policy.outside][0]))
    found: dict[frozenset[Result], int] = {}
    for is_enrolled, area in ((False, states.all & ~enrolled), (True, enrolled)):
        for said, there in _said(area, policy.dispatch, rules, is_enrolled):
            for truth, where in outside:
                if there & where:
                    results = with_outside(said, truth)
                    found[results] = found.get(results, 0) | there & where
    return found


@dataclass(slots=True)
class _RuleEverywhere:
    """A rule with its When, its criteria and the literals of its When, each judged in every joint state."""

    rule: PreparedRule
    when: Truths
    truth: Truths
    of_when: Sequence[Truths]


def _everywhere(states: States, judged: JudgedRule, nodes: Sequence[Truths]) -> _RuleEverywhere:
    rule = judged.rule
    always = states.all, 0
    return _RuleEverywhere(
        rule,
        always if rule.when_bit is None else nodes[rule.when_bit],
        always if rule.met_bit is None else nodes[rule.met_bit],
        nodes[: len(rule.of_when)],
    )


def _said(
    area: int, dispatch: PreparedDispatch, rules: Sequence[_RuleEverywhere], is_enrolled: bool
) -> Iterator[tuple[frozenset[Result], int]]:
    """What the rules of a policy say together, and in which joint states of an area."""
    waiting = 0
    for each in rules:
        waiting |= each.when[1] & area
    said: dict[frozenset[int], int] = {frozenset((0,)): area & ~waiting}
    for each in rules:
        said = _said_with(said, each)
    for masks, where in said.items():
        if where:
            yield resolve_all(masks, is_enrolled), where
    if waiting:
        for where, judged in _classes(waiting, rules):
            yield combine_rules(dispatch, judged, is_enrolled), where


def _said_with(said: dict[frozenset[int], int], rule: _RuleEverywhere) -> dict[frozenset[int], int]:
    """What is said in which joint states, with one rule more whose When is met or not met in all of them."""
    found: dict[frozenset[int], int] = {}
    for masks, where in said.items():
        speaks = where & rule.when[0]
        parts = [(masks, where & ~speaks)]
        parts += [(_joined(masks, rule, truth), part) for truth, part in split(speaks, rule.truth)]
        for each, part in parts:
            if part:
                found[each] = found.get(each, 0) | part
    return found


def _joined(masks: frozenset[int], rule: _RuleEverywhere, truth: int) -> frozenset[int]:
    voices = rule.rule.voices[truth]
    found = frozenset([mask | voice for mask in masks for voice in voices])
    if len(found) > MAXIMUM_COMPLETIONS:
        raise TooMany
    return found


def _classes(area: int, rules: Sequence[_RuleEverywhere]) -> Iterator[tuple[int, list[JudgedRule]]]:
    """The joint states of an area in which every rule, and every literal of a When, has the same truth; and the rules there."""
    asked = [truths for each in rules for truths in (each.when, each.truth, *each.of_when)]
    for where, truths in refined(area, [list(split(area, each)) for each in asked]):
        judged = []
        remaining = iter(truths)
        for each in rules:
            when, truth = next(remaining), next(remaining)
            met = unknown = 0
            for at in range(len(each.of_when)):
                found = next(remaining)
                met |= (found == MET) << at
                unknown |= (found == UNKNOWN) << at
            judged.append(JudgedRule(each.rule, met, unknown, when, truth))
        yield where, judged
