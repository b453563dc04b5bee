"""The bits that each state of each item gives the rules of the one policy that decides, ready to be put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from medpol.decide.items import Item
from medpol.decide.literals import MET, UNKNOWN, Judge, with_gates
from medpol.decide.one import JudgedRule, PreparedDispatch, PreparedRule, Settled, combine_rules
from medpol.decide.plan import ENROLLED
from medpol.decide.voices import mask_of
from medpol.model.case import Case, Known
from medpol.model.policy import CodeRole

FORGOTTEN, AS_IS, FIRST_VALUE = 0, 1, 2
"""The states of an item: nobody said anything of it, it is left as it is, or it is set to one of its values."""
_RuleSays = tuple[int, int, int, int]
"""What the bits of a rule come to: its When, its truth, and of the literals of its When those met and unknown."""


@dataclass(slots=True)
class Pieces:
    """A policy's rules, and what each item gives them.

    A search decides thousands of cases that differ in one fact; only that fact's literals are judged again. The bits of
    all rules stand in one integer: of each rule those that are met, and above them those that are unknown.
    """

    dispatch: PreparedDispatch
    rules: tuple[JudgedRule, ...]
    fixed: int
    """The bits that no item moves."""
    bits: list[list[int]]
    """The bits of each item in each of its states."""
    width: int
    """How many bits all rules have."""
    _known: dict[int, int] = field(default_factory=dict)
    """The outcomes for bits that were seen before: many states give the same bits."""
    _said: dict[tuple[_RuleSays, ...], int] = field(default_factory=dict)
    _of_rules: list[dict[int, _RuleSays]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._of_rules = [{} for _ in self.rules]

    def outcomes(self, bits: int) -> int:
        """The outcomes still possible with these bits of the items."""
        found = self._known.get(bits)
        if found is None:
            found = self._known[bits] = self._combined(bits | self.fixed)
        return found

    def _combined(self, bits: int) -> int:
        """The outcomes for the bits of all rules; what they say together hangs on their truths and their Whens alone."""
        says = []
        for each, held in zip(self.rules, self._of_rules, strict=True):
            rule = each.rule
            width = 2 * len(rule.judges)
            mine = bits & (1 << width) - 1
            bits >>= width
            found = held.get(mine)
            if found is None:
                found = held[mine] = _says(rule, mine)
            says.append(found)
        key = tuple(says)
        outcomes = self._said.get(key)
        if outcomes is None:
            judged = [
                JudgedRule(each.rule, met, unknown, when, truth)
                for each, (when, truth, met, unknown) in zip(self.rules, says, strict=True)
            ]
            results = combine_rules(self.dispatch, judged, False)
            outcomes = self._said[key] = mask_of(result.outcome for result in results)
        return outcomes


def _says(rule: PreparedRule, bits: int) -> _RuleSays:
    count = len(rule.judges)
    met, unknown = with_gates(rule.gates, count, bits & (1 << count) - 1, bits >> count)
    return rule.when(met, unknown), rule.truth(met, unknown), met & rule.when_mask, unknown & rule.when_mask


def pieces_of(case: Case, known: Known, settled: Settled, items: Sequence[Item]) -> Pieces | None:
    """``None`` where more than one policy's rules decide, or a literal reads two items at once.

    Of the values of each item those are kept that some literal tells from one another, and from what is known now.
    """
    if (
        settled.provisions
        or settled.alike
        or len(settled.policies) != 1
        or any(item.name == ENROLLED for item in items)
    ):
        return None
    answer = settled.policies[0]
    dispatch = answer.version.dispatch(case)
    if dispatch is None or not answer.rules or any(code.role is CodeRole.EXCLUDES for code in answer.version.row.codes):
        return None
    rules = tuple(judged for judged in answer.rules if not judged.rule.only_authorizes)
    owner: dict[int, int] = {}
    for place, item in enumerate(items):
        for literal in item.literals:
            if owner.setdefault(id(literal), place) != place:
                return None
    judges: dict[int | None, list[tuple[Judge, int, int]]] = {}
    offset = 0
    for judged in rules:
        rule = judged.rule
        count = len(rule.judges)
        for bit, (literal, judge) in enumerate(zip(rule.row.literals, rule.judges, strict=True)):
            met = 1 << offset + bit
            judges.setdefault(owner.get(id(literal)), []).append((judge, met, met << count))
        offset += 2 * count

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
    return Pieces(dispatch, rules, bits(None, known), pieces, offset)
