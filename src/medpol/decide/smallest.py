"""What is missing, and what would change the answer: inclusion-minimal sets of facts, each verified by deciding.

The search decides item by item whether it is in the set, leaving out first, so that a set is reached before those that
contain it. Two bounds cut it short: what the results still possible allow, and whether any rule could become certain of
the wanted outcome with only these items free.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from math import prod
from typing import Any

from medpol.decide.identity import canonical_value
from medpol.decide.literals import MET, NOT_MET, UNKNOWN, Groups, Judge, judge_for, record_is_complete, with_gates
from medpol.decide.one import Desk, JudgedRule, PreparedDispatch, Settled, combine_rules, settle
from medpol.decide.plan import ENROLLED
from medpol.decide.rows import Literal, LiteralKind, ValueKind
from medpol.decide.values import histories_for, values_for
from medpol.decide.voices import resolve
from medpol.model.case import Case, Known
from medpol.model.contract import Effect
from medpol.model.determination import Asked, WouldChange
from medpol.model.facts import Event
from medpol.model.policy import CodeRole
from medpol.model.positions import CoveragePosition, Outcome
from medpol.model.quantities import Quantity

MAXIMUM_SETS = 64
MAXIMUM_DECISIONS = 500
EXACT_ITEMS, EXACT_DECISIONS = 10, 100_000
"""Up to so many items the search is exhaustive but for policies that nobody could read; above, it is cut off and says so."""
MOST_ITEMS = 120
_NEVER = frozenset({"member.state", "member.line", "member.plan", "date_of_service", "service.dose"})
_HISTORY = frozenset({LiteralKind.COUNT, LiteralKind.SINCE, LiteralKind.LAST})
_SETTLED = frozenset({Outcome.COVERED, Outcome.NOT_COVERED, Outcome.REFER, Outcome.NOT_ADDRESSED})


@dataclass(slots=True)
class Item:
    """One thing that could be learned or changed: a fact, a question, or the history of some groups."""

    name: str
    question: str
    literals: list[Literal] = field(default_factory=list)
    groups: tuple[str, ...] = ()
    is_question: bool = False
    values: Sequence[Any] = ()
    codings: tuple[Groups, ...] = ()

    def given(self, known: Known) -> bool:
        if self.is_question:
            return self.name in known.answers
        if self.groups:
            return False
        if self.name in known.facts:
            return not any(literal.kind is LiteralKind.LATEST for literal in self.literals)
        return any(literal.kind is LiteralKind.HOLDS for literal in self.literals) and record_is_complete(
            self.name, known.records
        )

    def now(self, known: Known) -> Any:
        if self.is_question:
            return known.answers.get(self.name)
        if self.groups:
            return None
        value = known.facts.get(self.name)
        return False if value is None and self.given(known) else value

    def put(self, known: Known, value: Any) -> Known:
        """What would be known with this value."""
        if self.is_question:
            return _copy(known, answers={**known.answers, self.name: value})
        if self.groups:
            return _copy(
                known, history=self._others(known.history) + tuple(value), complete=known.complete | set(self.groups)
            )
        changes: dict[str, Any] = {"facts": {**known.facts, self.name: value}}
        if any(literal.kind is LiteralKind.LATEST for literal in self.literals):
            changes["complete"] = known.complete | {self.name}
        if self.name == "service.units" and isinstance(value, Quantity):
            changes["units"] = value.number
        if self.name == "diagnosis":
            changes["malformed_diagnosis"] = False
        return _copy(known, **changes)

    def forget(self, known: Known) -> Known:
        """What would be known if nobody had said anything of it."""
        if self.is_question:
            return _copy(known, answers={name: value for name, value in known.answers.items() if name != self.name})
        if self.groups:
            return _copy(
                known,
                history=self._others(known.history),
                complete=known.complete - set(self.groups),
                incomplete_for=(*known.incomplete_for, *self.groups),
            )
        changes: dict[str, Any] = {
            "facts": {name: value for name, value in known.facts.items() if name != self.name},
            "forgotten": known.forgotten | {self.name},
        }
        if self.name == "service.units":
            changes["units"] = None
        return _copy(known, **changes)

    def _others(self, history: Sequence[Event]) -> tuple[Event, ...]:
        """The history without the events of these groups."""
        return tuple(
            event
            for event in history
            if not any(coding.holds_event(group, event) for coding in self.codings for group in self.groups)
        )


def _copy(known: Known, **changes: Any) -> Known:
    return replace(known, **changes)


# ---------------------------------------------------------------------------- items


def items_of(desk: Desk, settled: Settled, known: Known) -> list[Item]:
    """The items that any rule or provision reads, in document order, with the values worth trying."""
    literals: list[Literal] = []
    settleds = _flat(settled)
    policies = [answer for each in settleds for answer in each.policies]
    for answer in policies:
        for judged in answer.rules:
            if not judged.rule.only_authorizes:
                literals += judged.rule.row.literals
    for each in [provision for one in settleds for provision in one.provisions]:
        if each.provision.row.when is not None and each.provision.row.effect in (Effect.COVERS, Effect.EXCLUDES):
            literals += each.provision.row.when.literals
    joined = _joined_groups(literals)
    codings = tuple(answer.version.groups for answer in policies)
    if any(each.provisions for each in settleds):
        codings = (*codings, desk.library_groups)
    items: dict[str, Item] = {}
    for literal in literals:
        for name in _names(literal, joined):
            if name in _NEVER:
                continue
            groups = (
                joined.get(literal.groups, ()) if literal.kind in _HISTORY and name.startswith("history of ") else ()
            )
            item = items.setdefault(
                name,
                Item(
                    name,
                    literal.question
                    if name == literal.item or groups
                    else f"What is documented for {name.replace('.', ', ').replace('_', ' ')}?",
                    groups=groups,
                    is_question=literal.kind is LiteralKind.QUESTION,
                    codings=codings,
                ),
            )
            item.literals.append(literal)
    if any(asks_enrolment(judged) for answer in policies for judged in answer.rules):
        items[ENROLLED] = Item(
            ENROLLED, "Is the member enrolled in the study that the position asks for?", values=(True, False)
        )
    excluding = [
        code
        for answer in policies
        for code in answer.version.row.codes
        if code.role is CodeRole.EXCLUDES and code.pattern is not None
    ]
    if excluding and "diagnosis" not in items and any(answer.was_judged for answer in policies):
        items["diagnosis"] = Item("diagnosis", "Which diagnoses is the service for?")
    for item in items.values():
        item.values = _values(item, known) if item.literals else item.values
        if item.name == "diagnosis":
            codes = tuple(code.pattern.text for code in excluding[:1] if code.pattern is not None)
            item.values = [*(item.values or [("Z99",)]), *([codes] if codes else [])]
    return sorted(items.values(), key=lambda item: item.name != ENROLLED)


def _flat(settled: Settled) -> list[Settled]:
    """The answer, and those of every line, state or plan that the case leaves open and that answer alike."""
    return [settled, *(inner for each in settled.alike for inner in _flat(each))]


def asks_enrolment(judged: JudgedRule) -> bool:
    row = judged.rule.row
    return CoveragePosition.EVIDENCE_DEVELOPMENT in (
        row.position.canonical,
        None if row.otherwise is None else row.otherwise.canonical,
    )


def _names(literal: Literal, joined: dict[tuple[str, ...], tuple[str, ...]]) -> list[str]:
    if literal.kind in _HISTORY:
        names = ["history of " + " or ".join(joined[literal.groups])]
    else:
        names = [literal.item]
    if literal.value is not None and literal.value.kind in (ValueKind.FACT, ValueKind.TABLE):
        names.append(literal.value.text)
    return names


def _joined_groups(literals: Iterable[Literal]) -> dict[tuple[str, ...], tuple[str, ...]]:
    """Groups that some literal counts together share one history."""
    sets: list[dict[str, None]] = []
    held = [literal.groups for literal in literals if literal.kind in _HISTORY]
    for groups in held:
        touching = [each for each in sets if set(each) & set(groups)]
        merged = {name: None for each in touching for name in each} | dict.fromkeys(groups)
        sets = [each for each in sets if not any(each is other for other in touching)] + [merged]
    return {groups: tuple(next(each for each in sets if set(groups) <= set(each))) for groups in held}


def _values(item: Item, known: Known) -> Sequence[Any]:
    if item.is_question:
        return [True, False]
    if item.groups:
        return _distinct(item, histories_for(item.groups, item.literals, known), known)
    others = {
        name
        for literal in item.literals
        if literal.value is not None and literal.value.kind is ValueKind.FACT
        for name in (literal.fact, literal.value.text)
    }
    beside = [known.facts[name] for name in sorted(others - {item.name}) if name in known.facts]
    return values_for(item.name, item.literals, known.day, beside)


def _distinct(item: Item, histories: Sequence[Any], known: Known) -> list[Any]:
    """One history for every pattern of truths that the literals of the item can take."""
    judges = [
        judge_for(literal, coding)
        for coding in item.codings
        for literal in dict.fromkeys(item.literals)
        if _names_held(literal, coding)
    ]
    by_pattern: dict[tuple[int, ...], Any] = {}
    for history in histories:
        supposed = item.put(known, history)
        by_pattern.setdefault(tuple(judge(supposed) for judge in judges), history)
    return list(by_pattern.values())


def _names_held(literal: Literal, coding: Groups) -> bool:
    """Whether a version holds the value sets that a literal names: each policy has its own."""
    parts = (literal,) if literal.where is None else (literal, *literal.where.literals)
    return all(not part.named or part.named in coding.sets or part.named in coding.diagnoses for part in parts)


# ---------------------------------------------------------------------------- the search

AS_IS, FORGOTTEN = -1, -2
States = tuple[int, ...]
"""For each item: left as it is, forgotten, or set to the value of that place."""
_BIT = {outcome: 1 << at for at, outcome in enumerate(Outcome)}
"""A set of outcomes, or of items, is an integer here: a search makes and compares many thousands of them."""


def _mask_of(outcomes: Iterable[Outcome]) -> int:
    mask = 0
    for each in outcomes:
        mask |= _BIT[each]
    return mask


@dataclass(slots=True)
class _Pieces:
    """The bits that each state of each item gives the rules of the one policy that decides, ready to be put together.

    A search decides thousands of cases that differ in one fact; only that fact's literals are judged again. The bits of
    all rules stand in one integer: of each rule those that are met, and above them those that are unknown.
    """

    dispatch: PreparedDispatch
    rules: tuple[JudgedRule, ...]
    base: int
    pieces: list[dict[int, int]]
    known: dict[int, int] = field(default_factory=dict)
    """The outcomes for bits that were seen before: many states give the same bits."""
    said: dict[tuple[tuple[int, int, int, int], ...], int] = field(default_factory=dict)

    def outcomes(self, states: States) -> int:
        bits = self.base
        for piece, state in zip(self.pieces, states, strict=True):
            bits |= piece[state]
        found = self.known.get(bits)
        if found is None:
            found = self.known[bits] = self._combined(bits)
        return found

    def _combined(self, bits: int) -> int:
        """The outcomes for the bits of all rules; what they say together hangs on their truths and their Whens alone."""
        judged = []
        key = []
        for each in self.rules:
            rule = each.rule
            row = rule.row
            count = len(row.literals)
            inside = (1 << count) - 1
            met, unknown = with_gates(row.gates, count, bits & inside, bits >> count & inside)
            bits >>= 2 * count
            when, truth = rule.when(met, unknown), rule.truth(met, unknown)
            judged.append((rule, met, unknown, when, truth))
            key.append((when, truth, met & rule.when_mask, unknown & rule.when_mask))
        found = self.said.get(tuple(key))
        if found is None:
            results = combine_rules(self.dispatch, [JudgedRule(*each) for each in judged], False)
            found = self.said[tuple(key)] = _mask_of(result.outcome for result in results)
        return found


def _pieces(case: Case, known: Known, settled: Settled, items: Sequence[Item]) -> _Pieces | None:
    """``None`` where more than one policy's rules decide, or a literal reads two items at once."""
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
    owner: dict[tuple[int, int], int] = {}
    for place, item in enumerate(items):
        mine = {id(literal) for literal in item.literals}
        for at, judged in enumerate(rules):
            for bit, literal in enumerate(judged.rule.row.literals):
                if id(literal) in mine and owner.setdefault((at, bit), place) != place:
                    return None
    judges: dict[int | None, list[tuple[Judge, int, int]]] = {}
    offset = 0
    for at, judged in enumerate(rules):
        count = len(judged.rule.row.literals)
        for bit, judge in enumerate(judged.rule.judges):
            met = 1 << offset + bit
            judges.setdefault(owner.get((at, bit)), []).append((judge, met, met << count))
        offset += 2 * count

    def bits(place: int | None, supposed: Known) -> int:
        held = 0
        for judge, met, unknown in judges.get(place, ()):
            truth = judge(supposed)
            held |= met if truth == MET else unknown if truth == UNKNOWN else 0
        return held

    pieces = []
    for place, item in enumerate(items):
        states = {AS_IS: bits(place, known), FORGOTTEN: bits(place, item.forget(known))}
        # a value that no literal tells from another, or from what is known now, is not worth trying
        useful: list[Any] = []
        for value in item.values:
            found = bits(place, item.put(known, value))
            if found not in states.values():
                states[len(useful)] = found
                useful.append(value)
        item.values = useful
        pieces.append(states)
    return _Pieces(dispatch, rules, bits(None, known), pieces)


@dataclass(slots=True)
class _Search:
    desk: Desk
    case: Case
    known_on: date
    known: Known
    settled: Settled
    items: list[Item]
    targets: frozenset[Outcome]
    pieces: _Pieces | None = None
    weight: int = 1
    decisions: int = 0
    found: list[tuple[tuple[int, Any], ...]] = field(default_factory=list)
    cut_off: bool = False
    wanted: int = 0
    """The targets, as a mask."""
    sets: list[int] = field(default_factory=list)
    """The items of each set that was found, as masks."""
    reachable: dict[int, bool] = field(default_factory=dict)
    decided: dict[States, int] = field(default_factory=dict)
    loose: list[_Loosened] | None = None
    """The rules of each policy, where they alone decide."""

    @property
    def is_spent(self) -> bool:
        if len(self.items) <= EXACT_ITEMS:
            return self.decisions > EXACT_DECISIONS
        return self.decisions > MAXIMUM_DECISIONS or len(self.found) >= MAXIMUM_SETS

    def possible(self, states: States) -> int:
        """The outcomes still possible with the items in these states."""
        found = self.decided.get(states)
        if found is None:
            self.decisions += self.weight
            found = self.pieces.outcomes(states) if self.pieces is not None else self._settled(states)
            self.decided[states] = found
        return found

    def _settled(self, states: States) -> int:
        known = self.known
        for item, state in zip(self.items, states, strict=True):
            if state == FORGOTTEN:
                known = item.forget(known)
            elif state != AS_IS:
                known = item.put(known, item.values[state])
        return _mask_of(result.outcome for result in settle(self.desk, self.case, self.known_on, known).results)

    def run(self) -> None:
        """Smaller sets first, so that a search that is cut off has found the small ones."""
        if len(self.items) > MOST_ITEMS:
            self.cut_off = True
            return
        self.wanted, self.loose = _mask_of(self.targets), self._loosened()
        everything = (1 << len(self.items)) - 1
        if self._could_reach(everything):
            for size in range(1, len(self.items) + 1):
                if not self.cut_off:
                    self._choose(0, (), 0, everything, size)
            if self.cut_off and not self.found:
                self._one_at_least()

    def _one_at_least(self) -> None:
        """Where the search was cut off before a set was found: one from all the items, of which none can be dropped."""
        everything = range(len(self.items))
        states: States = (FORGOTTEN,) * len(self.items)
        for at in everything:
            keep = [AS_IS] if self.items[at].given(self.known) else []
            tried = [(*states[:at], state, *states[at + 1 :]) for state in (*keep, *range(len(self.items[at].values)))]
            states = next((each for each in tried if self.possible(each) & self.wanted), states)
        if not self._is_reached(states):
            return
        for at in everything:
            dropped = (*states[:at], AS_IS, *states[at + 1 :])
            states = dropped if self._is_reached(dropped) else states
        if FORGOTTEN not in states:
            self.found.append(
                tuple((at, self.items[at].values[states[at]]) for at in everything if states[at] != AS_IS)
            )

    def _is_reached(self, states: States) -> bool:
        """Whether one outcome is left, and it is a target."""
        possible = self.possible(states)
        return possible.bit_count() == 1 and possible & self.wanted == possible

    def _choose(self, at: int, chosen: tuple[int, ...], taken: int, free: int, size: int) -> None:
        """Decide whether item ``at`` is in the set; ``taken`` are those in it, ``free`` also those not decided yet."""
        if self.is_spent:
            self.cut_off = True
            return
        for held in self.sets:
            if held & taken == held:
                return
        if len(chosen) == size:
            if self._could_reach(taken):
                self._try(chosen, taken)
            return
        if len(chosen) + len(self.items) - at < size or not self._could_reach(free):
            return
        self._choose(at + 1, (*chosen, at), taken | 1 << at, free, size)
        self._choose(at + 1, chosen, taken, free & ~(1 << at), size)

    def _could_reach(self, free: int) -> bool:
        found = self.reachable.get(free)
        if found is None:
            found = self.reachable[free] = self._reaches(free)
        return found

    def _reaches(self, free: int) -> bool:
        relaxed = self._relaxed(free)
        worlds = [relaxed]
        for at, item in enumerate(self.items):
            if item.name == ENROLLED and free >> at & 1:  # its absence is read as a no, so both values are tried
                worlds = [(*relaxed[:at], value, *relaxed[at + 1 :]) for value in range(len(item.values))]
        if not any(self.possible(each) & self.wanted for each in worlds):
            return False
        return any(self._could_be_certain(target, free) for target in self.targets)

    def _relaxed(self, free: int) -> States:
        """Every free item forgotten, the others as they are."""
        return tuple([FORGOTTEN if free >> at & 1 else AS_IS for at in range(len(self.items))])

    def _could_be_certain(self, target: Outcome, free: int) -> bool:
        """Whether some rule could come to say the outcome for sure, if only the free items were learned."""
        if target is Outcome.NOT_ADDRESSED or self.loose is None:
            return True
        return any(policy.may_say(target, free) for policy in self.loose)

    def _loosened(self) -> list[_Loosened] | None:
        """The rules of each policy, as far as the items move them; ``None`` where more than rules decides."""
        policies = self.settled.policies
        if (
            self.settled.provisions
            or self.settled.alike
            or any(answer.outside != NOT_MET or not answer.rules for answer in policies)
        ):
            return None
        return [
            _Loosened([_Loose(judged, self.items) for judged in answer.rules if not judged.rule.only_authorizes])
            for answer in policies
        ]

    def _try(self, chosen: tuple[int, ...], taken: int) -> None:
        states = self._assign(chosen, 0, self._relaxed(taken))
        if states is not None:
            self.found.append(tuple((at, self.items[at].values[states[at]]) for at in chosen))
            self.sets.append(taken)

    def _assign(self, chosen: tuple[int, ...], at: int, states: States) -> States | None:
        """Values for the chosen items, in order, that settle the case on a target; each is decided as it is set."""
        if self.is_spent:
            self.cut_off = True
            return None
        possible = self.possible(states)
        waits_for_enrolment = at < len(chosen) and self.items[chosen[at]].name == ENROLLED
        if not possible & self.wanted and not waits_for_enrolment:
            return None
        if at == len(chosen):
            return states if possible.bit_count() == 1 else None
        place = chosen[at]
        item = self.items[place]
        now = item.now(self.known) if item.given(self.known) else _NOTHING
        for value in range(len(item.values)):
            if now is not _NOTHING and item.values[value] == now:
                continue
            found = self._assign(chosen, at + 1, (*states[:place], value, *states[place + 1 :]))
            if found is not None:
                return found
        return None


_NOTHING = object()


class _Loose:
    """What one rule could come to say if some items were learned; only its literals that these move matter."""

    def __init__(self, judged: JudgedRule, items: Sequence[Item]) -> None:
        self._judged = judged
        self._moved = [(1 << at, moved) for at, item in enumerate(items) if (moved := _moved(judged, item))]
        self._by_loose: dict[int, dict[Outcome, tuple[bool, bool, bool, bool]]] = {}

    def ends(self, target: Outcome, free: int) -> tuple[bool, bool, bool, bool]:
        """Whether it could be certain of the outcome, or silent, its When certain to hold, and certain not to be ruled out."""
        loose = 0
        for item, moved in self._moved:
            if free & item:
                loose |= moved
        by_target = self._by_loose.setdefault(loose, {})
        found = by_target.get(target)
        if found is None:
            found = by_target[target] = self._ends(target, loose)
        return found

    def _ends(self, target: Outcome, loose: int) -> tuple[bool, bool, bool, bool]:
        rule = self._judged.rule
        row = rule.row
        inside = (1 << len(row.literals)) - 1
        met, unknown = self._judged.met & inside, self._judged.unknown & inside
        best = with_gates(row.gates, len(row.literals), met | loose, unknown & ~loose)
        worst = with_gates(row.gates, len(row.literals), met & ~loose, unknown & ~loose)
        reachable = [truth for truth, bits in ((MET, best), (NOT_MET, worst)) if rule.truth(*bits) == truth]
        voices = rule.voices
        sure = [voice for truth in reachable for voice in voices[truth]]
        for is_enrolled in (False, True):
            if len({resolve(voice, is_enrolled).outcome for voice in voices[UNKNOWN]}) == 1:
                sure += voices[UNKNOWN]  # whichever way it settles, it says one outcome
        wanted = {resolve(voice, is_enrolled).outcome for voice in sure for is_enrolled in (False, True)}
        says = target in wanted or (target is Outcome.REFER and bool(wanted))
        silent = any(resolve(voice, False).positions == frozenset() for voice in sure)
        return says, silent, rule.when(*best) == MET, rule.when(*worst) != NOT_MET


def _moved(judged: JudgedRule, item: Item) -> int:
    """The literals of a rule that an item may turn, as bits."""
    groups = set(item.groups)
    moved = 0
    for at, literal in enumerate(judged.rule.row.literals):
        is_free = bool(set(literal.groups) & groups) if literal.kind in _HISTORY else literal.item == item.name
        if is_free or (
            literal.value is not None
            and literal.value.kind in (ValueKind.FACT, ValueKind.TABLE)
            and literal.value.text == item.name
        ):
            moved |= 1 << at
    return moved


class _Loosened:
    """The rules of one policy together."""

    def __init__(self, rules: Sequence[_Loose]) -> None:
        self._rules = rules

    def may_say(self, target: Outcome, free: int) -> bool:
        ends = [rule.ends(target, free) for rule in self._rules]
        if any(says and when_holds for says, _, when_holds, _ in ends):
            return True
        # rules whose Whens stay unknown settle a case only where each of them says the same, or is silent
        return all(says or silent for says, silent, _, when_may_hold in ends if when_may_hold)


def missing_sets(
    desk: Desk, case: Case, known_on: date, known: Known, settled: Settled
) -> tuple[tuple[Asked, ...], ...]:
    """For a case that waits: the smallest sets of facts and questions that could make it covered, else settle it."""
    items = [item for item in items_of(desk, settled, known) if not item.given(known)]
    possible = {result.outcome for result in settled.results}
    for item in items:
        if item.name == ENROLLED:
            possible |= {result.outcome for result in settle(desk, case, known_on, item.put(known, True)).results}
    targets = frozenset({Outcome.COVERED}) if Outcome.COVERED in possible else _SETTLED
    search = _searched(desk, case, known_on, known, settled, items, targets)
    if not search.found and targets != _SETTLED:
        search = _searched(desk, case, known_on, known, settled, items, _SETTLED)
    return tuple(tuple(_asked(items[at], known, None) for at, _ in held) for held in _in_order(search.found))


def would_change_sets(desk: Desk, case: Case, known_on: date, known: Known, settled: Settled) -> WouldChange:
    """For a settled case: the smallest sets of facts, given or not, whose change gives another settled outcome."""
    items = items_of(desk, settled, known)
    search = _searched(desk, case, known_on, known, settled, items, _SETTLED - {settled.outcome})
    sets = tuple(tuple(_asked(items[at], known, value) for at, value in held) for held in _in_order(search.found))
    why_not = (
        None
        if sets
        else "no fact that the text reads can change it"
        if not search.cut_off
        else "the search was cut off before one was found"
    )
    return WouldChange(bool(sets), why_not, not search.cut_off, sets)


def _searched(
    desk: Desk,
    case: Case,
    known_on: date,
    known: Known,
    settled: Settled,
    items: list[Item],
    targets: frozenset[Outcome],
) -> _Search:
    search = _Search(desk, case, known_on, known, settled, items, targets, _pieces(case, known, settled, items))
    # a decision that ranges over many joint cells costs as much as many decisions
    cells = [prod(len(term.patterns) for term in dispatch.row.terms or ()) for dispatch in _dispatches(case, settled)]
    search.weight = 1 + max(cells, default=1) // 8
    search.run()
    return search


def _dispatches(case: Case, settled: Settled) -> Iterable[PreparedDispatch]:
    return [dispatch for answer in settled.policies if (dispatch := answer.version.dispatch(case)) is not None]


def _in_order(found: Sequence[tuple[tuple[int, Any], ...]]) -> list[tuple[tuple[int, Any], ...]]:
    return sorted(found, key=lambda held: (len(held), [at for at, _ in held]))


def _asked(item: Item, known: Known, value: Any) -> Asked:
    now = item.now(known)
    return Asked(
        item.question,
        fact=None if item.is_question else item.name,
        criterion=item.name if item.is_question else None,
        now=None if now is None else words_of(now, item),
        needed=None if value is None else words_of(value, item),
        value=None if item.groups else value,
    )


def words_of(value: Any, item: Item) -> str:
    """A value as a case would give it; a history in words."""
    if item.groups:
        if not value:
            return "none, the history complete"
        return "; ".join(
            f"{event.group} on {event.day}" + "".join(f", {name} {_words(each)}" for name, each in event.facts)
            for event in value
        )
    return _words(value)


def _words(value: Any) -> str:
    found = canonical_value(value, None)
    if isinstance(found, bool):
        return "yes" if found else "no"
    if isinstance(found, list):
        return ", ".join(each if isinstance(each, str) else f"{each['value']} on {each['date']}" for each in found)
    return str(found)
