"""What the rules of a policy could come to say for sure if some items were learned: a bound on the search."""

from __future__ import annotations

from collections.abc import Sequence

from medpol.decide.items import HISTORY_KINDS, Item
from medpol.decide.literals import MET, NOT_MET, UNKNOWN, with_gates
from medpol.decide.one import JudgedRule
from medpol.decide.rows import ValueKind
from medpol.decide.voices import BIT_OF, mask_of, resolve
from medpol.model.positions import Outcome

_ANY = mask_of(Outcome)


class _Loose:
    """What one rule could come to say if some items were learned; only its literals that these move matter."""

    def __init__(self, judged: JudgedRule, items: Sequence[Item]) -> None:
        self._judged = judged
        self._moved = [(1 << at, moved) for at, item in enumerate(items) if (moved := _moved(judged, item))]
        self._by_loose: dict[int, tuple[int, bool, bool, bool]] = {}

    def ends(self, free: int) -> tuple[int, bool, bool, bool]:
        """The outcomes it could be certain of, whether it could be silent, its When certain to hold, and may hold at all."""
        loose = 0
        for item, moved in self._moved:
            if free & item:
                loose |= moved
        found = self._by_loose.get(loose)
        if found is None:
            found = self._by_loose[loose] = self._ends(loose)
        return found

    def _ends(self, loose: int) -> tuple[int, bool, bool, bool]:
        rule = self._judged.rule
        count = len(rule.judges)
        inside = (1 << count) - 1
        met, unknown = self._judged.met & inside, self._judged.unknown & inside
        best = with_gates(rule.gates, count, met | loose, unknown & ~loose)
        worst = with_gates(rule.gates, count, met & ~loose, unknown & ~loose)
        reachable = [truth for truth, bits in ((MET, best), (NOT_MET, worst)) if rule.truth(*bits) == truth]
        voices = rule.voices
        sure = [voice for truth in reachable for voice in voices[truth]]
        for is_enrolled in (False, True):
            if len({resolve(voice, is_enrolled).outcome for voice in voices[UNKNOWN]}) == 1:
                sure += voices[UNKNOWN]  # whichever way it settles, it says one outcome
        says = mask_of(resolve(voice, is_enrolled).outcome for voice in sure for is_enrolled in (False, True))
        if says:
            says |= BIT_OF[Outcome.REFER]  # another rule that says otherwise makes it a matter for a person
        is_silent = any(resolve(voice, False).positions == frozenset() for voice in sure)
        return says, is_silent, rule.when(*best) == MET, rule.when(*worst) != NOT_MET


def _moved(judged: JudgedRule, item: Item) -> int:
    """The literals of a rule that an item may turn, as bits."""
    groups = set(item.groups)
    moved = 0
    for at, literal in enumerate(judged.rule.row.literals):
        is_free = bool(set(literal.groups) & groups) if literal.kind in HISTORY_KINDS else literal.item == item.name
        if is_free or (
            literal.value is not None
            and literal.value.kind in (ValueKind.FACT, ValueKind.TABLE)
            and literal.value.text == item.name
        ):
            moved |= 1 << at
    return moved


class Loosened:
    """The rules of one policy together."""

    def __init__(self, rules: Sequence[JudgedRule], items: Sequence[Item]) -> None:
        self._rules = [_Loose(each, items) for each in rules if not each.rule.only_authorizes]

    def may_say(self, free: int) -> int:
        """The outcomes, as a mask, of which they could come to be certain if the free items were learned."""
        certain, shared = 0, _ANY
        for rule in self._rules:
            says, is_silent, when_holds, when_may_hold = rule.ends(free)
            if when_holds:
                certain |= says
            # rules whose Whens stay unknown settle a case only where each of them says the same, or is silent
            if when_may_hold and not is_silent:
                shared &= says
        return certain | shared
