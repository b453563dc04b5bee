"""The search for the smallest sets of items whose change leads to a wanted outcome.

Few items are looked at all at once, by truth tables. Where that cannot be, or there are more items, the search decides item by
item whether it is in the set, leaving out first, so that a set is reached before those that contain it. Two bounds cut it
short: what the results still possible allow, and whether any rule could become certain of a wanted outcome with only
these items free.

A joint state of the items is one integer: the bits that they give the rules, and above them the state of each item. From
one to the next that differs in one item it is one exclusive or.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from math import prod
from typing import Any

from medpol.decide.certain import certain
from medpol.decide.items import Item
from medpol.decide.joint import MOST_STATES, States, TooMany
from medpol.decide.literals import NOT_MET
from medpol.decide.loosened import Loosened
from medpol.decide.one import Desk, Settled, settle
from medpol.decide.pieces import AS_IS, FIRST_VALUE, FORGOTTEN, Pieces
from medpol.decide.plan import ENROLLED
from medpol.decide.voices import BIT_OF, mask_of
from medpol.model.case import Case, Known
from medpol.model.positions import Outcome

MAXIMUM_SETS = 64
MAXIMUM_DECISIONS = 500
EXACT_ITEMS, EXACT_DECISIONS = 10, 100_000
"""Up to so many items the search is exhaustive but for policies that nobody could read; above, it is cut off and says so."""
MOST_ITEMS = 120
QUICK_STATES, QUICK_IN_PIECES, QUICK_DECISIONS = 1 << 17, 1_000, 50
"""So many joint states in a table, or decisions in pieces, or from the beginning, take a few milliseconds."""
_STATE_BITS = 16
_STATE = (1 << _STATE_BITS) - 1


class TakesLong(Exception):
    """A search that would take longer than whoever asked has the time for."""


@dataclass(slots=True)
class Search:
    """Looks for the smallest sets; ``found`` holds each as its items with the values that they are set to."""

    desk: Desk
    case: Case
    known_on: date
    known: Known
    settled: Settled
    items: list[Item]
    targets: frozenset[Outcome]
    pieces: Pieces | None
    weight: int
    decisions: int = 0
    found: list[tuple[tuple[int, Any], ...]] = field(default_factory=list)
    cut_off: bool = False
    _wanted: int = 0
    """The targets, as a mask."""
    _sets: list[int] = field(default_factory=list)
    """The items of each set that was found, as masks."""
    _reachable: dict[int, bool] = field(default_factory=dict)
    _decided: dict[int, int] = field(default_factory=dict)
    _loose: list[Loosened] | None = None
    """The rules of each policy, where they alone decide."""
    _patience: int = sys.maxsize
    _enrolled: int | None = None
    """The place of the enrolment in a study, where the position asks for one."""
    _width: int = 0
    _to: list[list[int]] = field(default_factory=list)
    """For each item and each state, what turns the forgotten item into that state."""
    _free: list[int] = field(default_factory=list)
    """For each item, what turns it as it is into the forgotten one, and back."""

    @property
    def _is_spent(self) -> bool:
        if len(self.items) <= EXACT_ITEMS:
            return self.decisions > EXACT_DECISIONS
        return self.decisions > MAXIMUM_DECISIONS or len(self.found) >= MAXIMUM_SETS

    def run(self, only_quick: bool = False) -> None:
        """Smaller sets first, so that a search that is cut off has found the small ones.

        Raises:
            TakesLong: More would have to be decided than ``only_quick`` leaves the time for.
        """
        if len(self.items) > MOST_ITEMS:
            self.cut_off = True
            return
        if len(self.items) <= EXACT_ITEMS and self._all_at_once(QUICK_STATES if only_quick else MOST_STATES):
            return
        self.one_by_one(only_quick)

    def one_by_one(self, only_quick: bool = False) -> None:
        """The search that decides each joint state that it comes to, until it is spent. Raises ``TakesLong``."""
        if only_quick:
            self._patience = QUICK_DECISIONS if self.pieces is None else QUICK_IN_PIECES
        self._wanted, self._loose = mask_of(self.targets), self._loosened()
        all_forgotten = self._prepare()
        everything = (1 << len(self.items)) - 1
        if self._could_reach(everything, all_forgotten):
            nothing = all_forgotten
            for flip in self._free:
                nothing ^= flip
            for size in range(1, len(self.items) + 1):
                if not self.cut_off:
                    self._choose(0, (), 0, nothing, everything, all_forgotten, size)
            if self.cut_off and not self.found:
                self._one_at_least(all_forgotten)

    def _all_at_once(self, most_states: int) -> bool:
        """The exhaustive search by truth tables over all joint states; whether they were small enough to make."""
        pieces = self.pieces
        if pieces is None:
            return False
        sizes = [1 + len(item.values) for item in self.items]
        if prod(sizes) > most_states:
            return False
        states = States(sizes)
        try:
            table = certain(states, pieces, self.targets)
        except TooMany:
            return False
        for at, item in enumerate(self.items):
            if item.given(self.known) and (now := item.now(self.known)) in item.values:
                table &= ~states.of(at, 1 + list(item.values).index(now))
        self.found = [
            tuple([(at, self.items[at].values[state - 1]) for at, state in held]) for held in states.smallest(table)
        ]
        return True

    # ------------------------------------------------------------------ joint states

    def _prepare(self) -> int:
        """Make ready what turns one joint state into another; gives back the one in which every item is forgotten."""
        pieces = self.pieces
        self._width = 0 if pieces is None else pieces.width
        self._enrolled = next((at for at, item in enumerate(self.items) if item.name == ENROLLED), None)
        start = 0
        for at, item in enumerate(self.items):
            held = [0] * (FIRST_VALUE + len(item.values)) if pieces is None else pieces.bits[at]
            place = self._width + at * _STATE_BITS
            self._to.append([state << place | bits ^ held[FORGOTTEN] for state, bits in enumerate(held)])
            self._free.append(self._to[at][AS_IS])
            start |= held[FORGOTTEN]
        return start

    def _state(self, joint: int, at: int) -> int:
        return joint >> self._width + at * _STATE_BITS & _STATE

    def possible(self, joint: int) -> int:
        """The outcomes still possible with the items in a joint state."""
        found = self._decided.get(joint)
        if found is None:
            self.decisions += self.weight
            if self.decisions > self._patience:
                raise TakesLong
            pieces = self.pieces
            found = self._settled(joint) if pieces is None else pieces.outcomes(joint & (1 << self._width) - 1)
            self._decided[joint] = found
        return found

    def _settled(self, joint: int) -> int:
        known = self.known
        for at, item in enumerate(self.items):
            state = self._state(joint, at)
            if state == FORGOTTEN:
                known = item.forget(known)
            elif state != AS_IS:
                known = item.put(known, item.values[state - FIRST_VALUE])
        return mask_of(result.outcome for result in settle(self.desk, self.case, self.known_on, known).results)

    # ------------------------------------------------------------------ choosing items

    def _choose(
        self, at: int, chosen: tuple[int, ...], taken: int, of_taken: int, free: int, of_free: int, size: int
    ) -> None:
        """Decide whether item ``at`` is in the set; ``taken`` are those in it, ``free`` also those not decided yet.

        ``of_taken`` and ``of_free`` are the joint states in which they are forgotten and the others as they are.
        """
        if self._is_spent:
            self.cut_off = True
            return
        for held in self._sets:
            if held & taken == held:
                return
        if len(chosen) == size:
            if self._could_reach(taken, of_taken):
                self._try(chosen, taken, of_taken)
            return
        if len(chosen) + len(self.items) - at < size or not self._could_reach(free, of_free):
            return
        bit, flip = 1 << at, self._free[at]
        self._choose(at + 1, (*chosen, at), taken | bit, of_taken ^ flip, free, of_free, size)
        self._choose(at + 1, chosen, taken, of_taken, free ^ bit, of_free ^ flip, size)

    def _could_reach(self, free: int, joint: int) -> bool:
        found = self._reachable.get(free)
        if found is None:
            found = self._reachable[free] = self._reaches(free, joint)
        return found

    def _reaches(self, free: int, joint: int) -> bool:
        enrolled = self._enrolled
        if enrolled is not None and free >> enrolled & 1:  # its absence is read as a no, so both values are tried
            worlds = [joint ^ to for to in self._to[enrolled][FIRST_VALUE:]]
            is_possible = any(self.possible(each) & self._wanted for each in worlds)
        else:
            is_possible = bool(self.possible(joint) & self._wanted)
        return is_possible and self._could_be_certain(free)

    def _could_be_certain(self, free: int) -> bool:
        """Whether some rule could come to say a wanted outcome for sure, if only the free items were learned."""
        if self._loose is None or self._wanted & BIT_OF[Outcome.NOT_ADDRESSED]:
            return True
        return any(policy.may_say(free) & self._wanted for policy in self._loose)

    def _loosened(self) -> list[Loosened] | None:
        """The rules of each policy, as far as the items move them; ``None`` where more than rules decides."""
        policies = self.settled.policies
        if (
            self.settled.provisions
            or self.settled.alike
            or any(answer.outside != NOT_MET or not answer.rules for answer in policies)
        ):
            return None
        return [Loosened(answer.rules, self.items) for answer in policies]

    # ------------------------------------------------------------------ trying values

    def _try(self, chosen: tuple[int, ...], taken: int, joint: int) -> None:
        held = self._assign(chosen, 0, joint)
        if held is not None:
            self.found.append(self._values_of(held, chosen))
            self._sets.append(taken)

    def _values_of(self, joint: int, chosen: Iterable[int]) -> tuple[tuple[int, Any], ...]:
        return tuple([(at, self.items[at].values[self._state(joint, at) - FIRST_VALUE]) for at in chosen])

    def _assign(self, chosen: tuple[int, ...], at: int, joint: int) -> int | None:
        """Values for the chosen items, in order, that settle the case on a target; each is decided as it is set."""
        if self._is_spent:
            self.cut_off = True
            return None
        possible = self.possible(joint)
        if not possible & self._wanted and not (at < len(chosen) and chosen[at] == self._enrolled):
            return None
        if at == len(chosen):
            return joint if possible.bit_count() == 1 else None
        place = chosen[at]
        item = self.items[place]
        now = item.now(self.known) if item.given(self.known) else _NOTHING
        for value, to in zip(item.values, self._to[place][FIRST_VALUE:], strict=True):
            if now is not _NOTHING and value == now:
                continue
            found = self._assign(chosen, at + 1, joint ^ to)
            if found is not None:
                return found
        return None

    def _one_at_least(self, joint: int) -> None:
        """Where the search was cut off before a set was found: one from all the items, of which none can be dropped."""
        for at, item in enumerate(self.items):
            tried = self._to[at][AS_IS if item.given(self.known) else FIRST_VALUE :]
            joint = next((joint ^ to for to in tried if self.possible(joint ^ to) & self._wanted), joint)
        if not self._is_reached(joint):
            return
        places = range(len(self.items))
        for at in places:
            dropped = joint ^ self._to[at][self._state(joint, at)] ^ self._to[at][AS_IS]
            joint = dropped if self._is_reached(dropped) else joint
        if all(self._state(joint, at) != FORGOTTEN for at in places):
            self.found.append(self._values_of(joint, [at for at in places if self._state(joint, at) != AS_IS]))

    def _is_reached(self, joint: int) -> bool:
        """Whether one outcome is left, and it is a target."""
        possible = self.possible(joint)
        return possible.bit_count() == 1 and possible & self._wanted == possible


_NOTHING = object()
