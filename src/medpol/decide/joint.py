"""Every joint state of a few items at once: a truth table is one integer, with a bit for each joint state.

An item is left as it is, or set to one of its values. With ten items there are some ten thousand joint states: judging them
one by one takes long, while a literal, a gate or a rule is judged on all of them by a few operations on whole integers.
The first item counts most in the place of a joint state, so the lowest bit of a table is the state that comes first when
values are tried in order.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import prod

from medpol.decide.literals import MET, NOT_MET, UNKNOWN
from medpol.decide.one import MAXIMUM_COMPLETIONS, JudgedRule, PreparedDispatch, combine_rules
from medpol.decide.rows import Gate
from medpol.decide.voices import Result, resolve_all
from medpol.model.positions import Outcome

MOST_STATES = 1 << 20
"""A table of so many states is 128 kB; above, states are judged one by one."""
_MOST_CLASSES = 1_024

Truths = tuple[int, int]
"""The joint states in which something is met, and those in which it is unknown."""


class TooMany(Exception):
    """The joint states fall into too many classes to look at each."""


class States:
    """The joint states of items with so many states each, of which the first is the item as it is."""

    def __init__(self, sizes: Sequence[int]) -> None:
        self.sizes = sizes
        self.count = prod(sizes)
        self.all = (1 << self.count) - 1
        self.strides: list[int] = []
        self._first: list[int] = []
        stride = self.count
        for size in sizes:
            period, stride = stride, stride // size
            self.strides.append(stride)
            self._first.append(_repeated((1 << stride) - 1, period, self.count // period))

    def of(self, item: int, state: int) -> int:
        """The joint states in which an item is in a state."""
        return self._first[item] << state * self.strides[item]

    def smallest(self, table: int) -> Iterator[tuple[tuple[int, int], ...]]:
        """The smallest sets of items whose change leads into a table, each with the first states that do, one by item."""
        for changed in _bits(self._minimal(self._changed(table))):
            inside = table
            for item, stride in enumerate(self.strides):
                as_is = self._first[item]
                is_changed = self.sizes[item] > 1 and changed // stride % self.sizes[item]
                inside = inside & ~as_is if is_changed else inside & as_is
            place = (inside & -inside).bit_length() - 1
            states = [(item, place // stride % self.sizes[item]) for item, stride in enumerate(self.strides)]
            yield tuple((item, state) for item, state in states if state)

    def _changed(self, table: int) -> int:
        """The table with every changed state of an item moved to its second, as if there were no other."""
        for item, stride in enumerate(self.strides):
            for state in range(2, self.sizes[item]):
                moved = table & self.of(item, state)
                table ^= moved
                table |= moved >> (state - 1) * stride
        return table

    def _minimal(self, table: int) -> int:
        """Of sets of changed items, those that hold no other one."""
        above = table
        for item, stride in enumerate(self.strides):
            if self.sizes[item] > 1:
                above |= (above & self._first[item]) << stride
        held = 0
        for item, stride in enumerate(self.strides):
            if self.sizes[item] > 1:
                held |= (above & self._first[item]) << stride
        return table & ~held


def _repeated(block: int, period: int, times: int) -> int:
    """A block of bits again at every period."""
    found = 0
    while times:
        if times & 1:
            found = found << period | block
        times >>= 1
        if times:
            block |= block << period
            period *= 2
    return found


def _bits(table: int) -> Iterator[int]:
    while table:
        lowest = table & -table
        yield lowest.bit_length() - 1
        table ^= lowest


# ---------------------------------------------------------------------------- the rules of one policy


@dataclass(slots=True)
class JudgedEverywhere:
    """A rule with its When, its criteria and the literals of its When, each judged in every joint state."""

    judged: JudgedRule
    when: Truths
    truth: Truths
    of_when: Sequence[Truths]


def judged_everywhere(
    states: States, rules: Sequence[JudgedRule], fixed: int, pieces: Sequence[Sequence[int]]
) -> list[JudgedEverywhere]:
    """The rules in every joint state, from the bits that each state of each item gives, and those that no item moves.

    The bits of all rules stand in one integer: of each rule those that are met, and above them those that are unknown.
    """
    tables: dict[int, int] = dict.fromkeys(_bits(fixed), states.all)
    for item, bits_of_states in enumerate(pieces):
        for state, bits in enumerate(bits_of_states):
            if bits:
                where = states.of(item, state)
                for bit in _bits(bits):
                    tables[bit] = tables.get(bit, 0) | where
    found = []
    offset = 0
    for judged in rules:
        rule = judged.rule
        count = len(rule.judges)
        literals = [(tables.get(offset + at, 0), tables.get(offset + count + at, 0)) for at in range(count)]
        nodes = _with_gates(literals, rule.gates)
        when, met = rule.when_bit, rule.met_bit
        always = states.all, 0
        found.append(
            JudgedEverywhere(
                judged,
                always if when is None else nodes[when],
                always if met is None else nodes[met],
                literals[: len(rule.of_when)],
            )
        )
        offset += 2 * count
    return found


def _with_gates(literals: Sequence[Truths], gates: Iterable[Gate]) -> list[Truths]:
    """The literals, and above them the gates."""
    nodes = list(literals)
    for gate in gates:
        inputs = [nodes[at] for at in _bits(gate.mask)]
        met = _at_least(gate.needed, [each for each, _ in inputs])
        possible = _at_least(gate.needed, [each | unknown for each, unknown in inputs])
        nodes.append((met, possible & ~met))
    return nodes


def _at_least(needed: int, tables: Sequence[int]) -> int:
    """Where so many of the tables hold."""
    if needed == 1:
        found = 0
        for each in tables:
            found |= each
        return found
    if needed == len(tables):
        found = -1
        for each in tables:
            found &= each
        return found
    if needed > len(tables):
        return 0
    held = [-1, *[0] * needed]  # where at least 0, 1, 2 ... of those that were looked at hold
    for each in tables:
        for count in range(needed, 0, -1):
            held[count] |= held[count - 1] & each
    return held[needed]


def certain(
    states: States, dispatch: PreparedDispatch, rules: Sequence[JudgedEverywhere], wanted: Collection[Outcome]
) -> int:
    """The joint states in which one outcome is left, and it is a wanted one. Raises ``TooMany``."""
    waiting = 0
    for each in rules:
        waiting |= each.when[1]
    found = 0
    said: dict[frozenset[int], int] = {frozenset((0,)): states.all & ~waiting}
    for each in rules:
        said = _said_with(said, each)
    for masks, where in said.items():
        if _is_one_of(resolve_all(masks, False), wanted):
            found |= where
    if waiting:
        for where, judged in _classes(waiting, rules):
            if _is_one_of(combine_rules(dispatch, judged, False), wanted):
                found |= where
    return found


def _is_one_of(results: frozenset[Result], wanted: Collection[Outcome]) -> bool:
    outcomes = {result.outcome for result in results}
    return len(outcomes) == 1 and outcomes.pop() in wanted


def _said_with(said: dict[frozenset[int], int], rule: JudgedEverywhere) -> dict[frozenset[int], int]:
    """What is said in which joint states, with one rule more whose When is met or not met in all of them."""
    found: dict[frozenset[int], int] = {}
    for masks, where in said.items():
        speaks = where & rule.when[0]
        met, unknown = rule.truth
        parts = (
            (masks, where & ~rule.when[0]),
            (_joined(masks, rule, MET), speaks & met),
            (_joined(masks, rule, UNKNOWN), speaks & unknown),
            (_joined(masks, rule, NOT_MET), speaks & ~met & ~unknown),
        )
        for each, part in parts:
            if part:
                found[each] = found.get(each, 0) | part
    return found


def _joined(masks: frozenset[int], rule: JudgedEverywhere, truth: int) -> frozenset[int]:
    voices = rule.judged.rule.voices[truth]
    found = frozenset([mask | voice for mask in masks for voice in voices])
    if len(found) > MAXIMUM_COMPLETIONS:
        raise TooMany
    return found


def _classes(area: int, rules: Sequence[JudgedEverywhere]) -> Iterator[tuple[int, list[JudgedRule]]]:
    """The joint states of an area in which every rule, and every literal of a When, has the same truth; and the rules there."""
    asked = [truths for each in rules for truths in (each.when, each.truth, *each.of_when)]
    held: list[tuple[int, tuple[int, ...]]] = [(area, ())]
    for met, unknown in asked:
        parts = [
            (part, (*truths, truth))
            for where, truths in held
            for truth, part in ((MET, where & met), (UNKNOWN, where & unknown), (NOT_MET, where & ~met & ~unknown))
            if part
        ]
        if len(parts) > _MOST_CLASSES:
            raise TooMany
        held = parts
    for where, truths in held:
        judged = []
        remaining = iter(truths)
        for each in rules:
            when, truth = next(remaining), next(remaining)
            met = unknown = 0
            for at in range(len(each.of_when)):
                found = next(remaining)
                met |= (found == MET) << at
                unknown |= (found == UNKNOWN) << at
            judged.append(JudgedRule(each.judged.rule, met, unknown, when, truth))
        yield where, judged
