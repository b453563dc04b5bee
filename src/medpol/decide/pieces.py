"""The bits that each state of each item gives the rules and provisions that decide, ready to be put together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from medpol.decide.items import Item, asks_enrolment
from medpol.decide.literals import MET, NOT_MET, UNKNOWN, Judge, bit_truth, with_gates
from medpol.decide.one import (
    Desk,
    JudgedRule,
    PolicyAnswer,
    PreparedDispatch,
    PreparedRule,
    ProvisionAnswer,
    Settled,
    combine_rules,
    combined_results,
    gives_outcome,
    with_outside,
)
from medpol.decide.plan import ENROLLED
from medpol.decide.rows import Gate, Literal
from medpol.decide.voices import Result, mask_of
from medpol.model.case import Case, Known

FORGOTTEN, AS_IS, FIRST_VALUE = 0, 1, 2
"""The states of an item: nobody said anything of it, it is left as it is, or it is set to one of its values."""
Bits = tuple[int, int]
"""Of a part, the literals and gates that are met, and those that are unknown."""


@dataclass(frozen=True, slots=True)
class Part:
    """Something that is judged by itself: a rule, the condition of a provision, or one fact that a policy heeds.

    ``asked`` are the bits that what it says hangs on. ``reads`` names the fact where there is no literal.
    """

    judges: tuple[Judge, ...]
    gates: tuple[Gate, ...]
    asked: int
    literals: tuple[Literal, ...] = ()
    reads: str = ""

    @property
    def width(self) -> int:
        return 2 * len(self.judges)

    def judged(self, bits: int) -> Bits:
        """What is asked of it, from the bits of its literals that are met, and above them of those that are unknown."""
        count = len(self.judges)
        met, unknown = with_gates(self.gates, count, bits & (1 << count) - 1, bits >> count)
        return met & self.asked, unknown & self.asked


@dataclass(frozen=True, slots=True)
class PolicyParts:
    """A policy whose answer the items may move: the places of its rules, of its excluded diagnoses, of the enrolment."""

    dispatch: PreparedDispatch
    rules: tuple[tuple[int, JudgedRule], ...]
    outside: int | None
    enrolled: int | None

    def results(self, said: Sequence[Bits]) -> frozenset[Result]:
        judged = [_rule_judged(each.rule, *said[place]) for place, each in self.rules]
        is_enrolled = self.enrolled is not None and bit_truth(0, *said[self.enrolled]) == MET
        results = combine_rules(self.dispatch, judged, is_enrolled)
        return results if self.outside is None else with_outside(results, bit_truth(0, *said[self.outside]))


def _rule_judged(rule: PreparedRule, met: int, unknown: int) -> JudgedRule:
    when, truth = rule.when(met, unknown), rule.truth(met, unknown)
    return JudgedRule(rule, met & rule.when_mask, unknown & rule.when_mask, when, truth)


@dataclass(frozen=True, slots=True)
class Branch:
    """What decides for one line, state or plan that the case leaves open, or for the case as it is.

    ``fixed`` is what those policies say that no item moves. A provision has the place of its condition, if it has one.
    """

    fixed: tuple[frozenset[Result], ...]
    policies: tuple[PolicyParts, ...]
    provisions: tuple[tuple[int | None, ProvisionAnswer], ...]

    def outcomes(self, said: Sequence[Bits]) -> int:
        answers = [*self.fixed, *[policy.results(said) for policy in self.policies]]
        if len(answers) == 1 and not self.provisions:
            results = answers[0]
        else:
            acting = [
                each if place is None else replace(each, truth=bit_truth(each.provision.row.when.root, *said[place]))  # type: ignore[union-attr]
                for place, each in self.provisions
            ]
            results = combined_results(answers, acting)
        return mask_of(result.outcome for result in results)


@dataclass(slots=True)
class Pieces:
    """All that decides, and what each item gives it.

    A search decides thousands of cases that differ in one fact; only that fact's literals are judged again. The bits of
    all parts stand in one integer: of each part those that are met, and above them those that are unknown.
    """

    parts: tuple[Part, ...]
    branches: tuple[Branch, ...]
    fixed: int
    """The bits that no item moves."""
    bits: list[list[int]]
    """The bits of each item in each of its states."""
    _known: dict[int, int] = field(default_factory=dict)
    """The outcomes for bits that were seen before: many states give the same bits."""
    _said: dict[tuple[Bits, ...], int] = field(default_factory=dict)
    _of_parts: list[dict[int, Bits]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._of_parts = [{} for _ in self.parts]

    @property
    def width(self) -> int:
        """How many bits all parts have."""
        return sum(part.width for part in self.parts)

    def outcomes(self, bits: int) -> int:
        """The outcomes still possible with these bits of the items."""
        found = self._known.get(bits)
        if found is None:
            found = self._known[bits] = self._combined(bits | self.fixed)
        return found

    def _combined(self, bits: int) -> int:
        """The outcomes for the bits of all parts; what they say together hangs on what is asked of each alone."""
        said = []
        for part, held in zip(self.parts, self._of_parts, strict=True):
            mine = bits & (1 << part.width) - 1
            bits >>= part.width
            found = held.get(mine)
            if found is None:
                found = held[mine] = part.judged(mine)
            said.append(found)
        key = tuple(said)
        outcomes = self._said.get(key)
        if outcomes is None:
            outcomes = 0
            for branch in self.branches:
                outcomes |= branch.outcomes(key)
            self._said[key] = outcomes
        return outcomes


# ---------------------------------------------------------------------------- taken apart


def pieces_of(desk: Desk, case: Case, known: Known, settled: Settled, items: Sequence[Item]) -> Pieces | None:
    """``None`` where a literal reads two items at once, or the open lines, states or plans themselves are read.

    Of the values of each item those are kept that some literal tells from one another, and from what is known now.
    """
    leaves = _leaves(settled)
    if any(each.waiting_for is not None for each in leaves) or (settled.alike and desk.member_facts):
        return None
    parts = _Parts()
    branches = []
    for leaf in leaves:
        branch = parts.branch(case, leaf)
        if branch is None:
            return None
        branches.append(branch)
    owners: dict[int | str, int] = {}
    for place, item in enumerate(items):
        owners[item.name] = place
        for literal in item.literals:
            if owners.setdefault(id(literal), place) != place:
                return None
    judges = parts.judges(owners)

    def bits(place: int | None, supposed: Known) -> int:
        held = 0
        for judge, met, unknown in judges.get(place, ()):
            truth = judge(supposed)
            held |= met if truth == MET else unknown if truth == UNKNOWN else 0
        return held

    pieces = []
    for place, item in enumerate(items):
        states = [bits(place, item.forget(known)), bits(place, known)]
        useful: list[Any] = []
        for value in item.values:
            found = bits(place, item.put(known, value))
            if found not in states:
                states.append(found)
                useful.append(value)
        item.values = useful
        pieces.append(states)
    return Pieces(tuple(parts.held), tuple(branches), bits(None, known), pieces)


def _leaves(settled: Settled) -> list[Settled]:
    """The answer, or those of every line, state or plan that the case leaves open and that answer alike."""
    return [leaf for each in settled.alike for leaf in _leaves(each)] if settled.alike else [settled]


class _Parts:
    """The parts as they are found, each once."""

    def __init__(self) -> None:
        self.held: list[Part] = []
        self._places: dict[object, int] = {}

    def branch(self, case: Case, settled: Settled) -> Branch | None:
        """What decides one answer; ``None`` where it cannot be taken apart."""
        fixed, policies = [], []
        for answer in settled.policies:
            rules = [judged for judged in answer.rules if not judged.rule.only_authorizes]
            dispatch = answer.version.dispatch(case)
            if rules and dispatch is not None:
                policies.append(self._policy(answer, dispatch, rules))
            elif answer.was_judged and answer.version.excluding:
                return None
            else:
                fixed.append(answer.results)
        provisions = tuple((self._provision(each), each) for each in settled.provisions if gives_outcome(each))
        return Branch(tuple(fixed), tuple(policies), provisions)

    def _policy(self, answer: PolicyAnswer, dispatch: PreparedDispatch, rules: Sequence[JudgedRule]) -> PolicyParts:
        version = answer.version
        return PolicyParts(
            dispatch,
            tuple((self._rule(each.rule), each) for each in rules),
            self._fact(_DIAGNOSIS, id(version), version.outside) if version.excluding else None,
            self._fact(ENROLLED, ENROLLED, _enrolment) if any(asks_enrolment(each) for each in rules) else None,
        )

    def _rule(self, rule: PreparedRule) -> int:
        asked = rule.when_mask
        for bit in (rule.when_bit, rule.met_bit):
            asked |= 0 if bit is None else 1 << bit
        return self._place(id(rule), Part(rule.judges, rule.gates, asked, rule.row.literals))

    def _provision(self, answer: ProvisionAnswer) -> int | None:
        when = answer.provision.row.when
        if when is None:
            return None
        part = Part(answer.provision.judges, when.gates, 1 << when.root, when.literals)
        return self._place(id(answer.provision), part)

    def _fact(self, name: str, key: object, judge: Judge) -> int:
        return self._place((name, key), Part((judge,), (), 1, reads=name))

    def _place(self, key: object, part: Part) -> int:
        place = self._places.setdefault(key, len(self.held))
        if place == len(self.held):
            self.held.append(part)
        return place

    def judges(self, owners: Mapping[int | str, int]) -> dict[int | None, list[tuple[Judge, int, int]]]:
        """By the place of the item that moves it: each judge, with the bits that it sets where it is met, or unknown."""
        by_owner: dict[int | None, dict[int, tuple[Judge, int, int]]] = {}
        offset = 0
        for part in self.held:
            count = len(part.judges)
            for bit, judge in enumerate(part.judges):
                owner = owners.get(part.reads if part.reads else id(part.literals[bit]))
                held = by_owner.setdefault(owner, {})
                _, met, unknown = held.get(id(judge), (judge, 0, 0))
                held[id(judge)] = judge, met | 1 << offset + bit, unknown | 1 << offset + count + bit
            offset += part.width
        return {owner: list(held.values()) for owner, held in by_owner.items()}


_DIAGNOSIS = "diagnosis"


def _enrolment(known: Known) -> int:
    """Where nothing is said of it, a policy reads that as a no; a search takes it for what could be learned."""
    held = known.facts.get(ENROLLED)
    return UNKNOWN if held is None else MET if held is True else NOT_MET
