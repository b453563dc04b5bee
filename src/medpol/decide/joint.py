"""Every joint state of a few items at once: a truth table is one integer, with a bit for each joint state.

An item is left as it is, or set to one of its values. With ten items there are some ten thousand joint states: judging them
one by one takes long, while a literal, a gate or a rule is judged on all of them by a few operations on whole integers.
The first item counts most in the place of a joint state, so the lowest bit of a table is the state that comes first when
values are tried in order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import prod
from typing import Any

from medpol.decide.literals import MET, NOT_MET, UNKNOWN
from medpol.decide.rows import Gate

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
        for changed in bits_in(self._minimal(self._changed(table))):
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


def bits_in(table: int) -> Iterator[int]:
    while table:
        lowest = table & -table
        yield lowest.bit_length() - 1
        table ^= lowest


# ---------------------------------------------------------------------------- gates


def with_gates_everywhere(literals: Sequence[Truths], gates: Iterable[Gate]) -> list[Truths]:
    """The literals, and above them the gates."""
    nodes = list(literals)
    for gate in gates:
        inputs = [nodes[at] for at in bits_in(gate.mask)]
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


# ---------------------------------------------------------------------------- areas


def split(area: int, truths: Truths) -> Iterator[tuple[int, int]]:
    """The joint states of an area in which something is met, unknown or not met; no empty ones."""
    met, unknown = truths
    for truth, where in ((MET, area & met), (UNKNOWN, area & unknown), (NOT_MET, area & ~met & ~unknown)):
        if where:
            yield truth, where


def refined(area: int, splits: Iterable[Sequence[tuple[Any, int]]]) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """An area cut by every split in turn: the parts that are left, each with what it is in of every split."""
    held: list[tuple[int, tuple[Any, ...]]] = [(area, ())]
    for split in splits:
        held = [(where & there, (*before, each)) for where, before in held for each, there in split if where & there]
        if len(held) > _MOST_CLASSES:
            raise TooMany
    yield from held
