"""Truth tables over joint states, held against trying every joint state, and against the search that goes one by one."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from itertools import product
from math import prod

import pytest
from tests.decide.comparing import generated

from medpol.decide.cases import decode_case, encode_answer
from medpol.decide.explain import determine
from medpol.decide.items import items_of
from medpol.decide.joint import States
from medpol.decide.one import settle
from medpol.decide.pieces import pieces_of
from medpol.decide.search import EXACT_ITEMS, Search, TakesLong
from medpol.model.positions import Outcome

KINDS = {
    "provisions",
    "a provision with a condition",
    "an open line, state or plan",
    "several policies",
    "excluded diagnoses",
    "enrolment in a study",
}
SETTLED = frozenset({Outcome.COVERED, Outcome.NOT_COVERED, Outcome.REFER, Outcome.NOT_ADDRESSED})


def test_the_smallest_sets_of_a_table_are_those_that_trying_every_joint_state_finds() -> None:
    rng = random.Random(7)
    for _ in range(300):
        sizes = [rng.randint(1, 4) for _ in range(rng.randint(1, 5))]
        states = States(sizes)
        joint = list(product(*map(range, sizes)))
        share = rng.choice((0.02, 0.1, 0.4))
        chosen = [each for each in joint if rng.random() < share]
        table = sum(1 << joint.index(each) for each in chosen)

        by_set: dict[frozenset[int], tuple[tuple[int, int], ...]] = {}
        for each in chosen:  # in the order in which values are tried
            held = tuple((item, state) for item, state in enumerate(each) if state)
            by_set.setdefault(frozenset(item for item, _ in held), held)
        smallest = {held for items, held in by_set.items() if not any(other < items for other in by_set)}

        assert set(states.smallest(table)) == smallest


def test_a_state_of_an_item_is_told_from_the_others_in_every_joint_state() -> None:
    sizes = [3, 1, 2, 5]
    states = States(sizes)
    for place, each in enumerate(product(*map(range, sizes))):
        for item, state in enumerate(each):
            held = [other for other in range(sizes[item]) if states.of(item, other) >> place & 1]
            assert held == [state]


def _searches(seeds: range, *, history: bool) -> Iterator[tuple[Search, Search, Search, str]]:
    """For each case that few facts decide: the search by pieces twice, and once without pieces; none of them run yet."""
    for seed in seeds:
        each = generated(seed, 10, history=history)
        for given in each.cases:
            plain = {key: value for key, value in given.items() if key != "assumed"}
            case, known_on = decode_case(each.desk, {**plain, "known_on": str(each.known_on)}, each.known_on)
            settled = settle(each.desk, case, known_on)
            if settled.waiting_for is not None:
                continue
            wanted = SETTLED - {settled.outcome}
            held = []
            for is_taken_apart in (True, True, False):
                items = items_of(each.desk, settled, case.known)
                pieces = pieces_of(each.desk, case, case.known, settled, items) if is_taken_apart else None
                held.append(Search(each.desk, case, known_on, case.known, settled, items, wanted, pieces, 1))
            if held[0].pieces is not None and 0 < len(held[0].items) <= EXACT_ITEMS:
                yield held[0], held[1], held[2], f"seed {seed}: {given}"


def _kinds(search: Search) -> Iterator[str]:
    """What decides beside the rules of one policy."""
    assert search.pieces is not None
    branches = search.pieces.branches
    policies = [policy for branch in branches for policy in branch.policies]
    if any(branch.provisions for branch in branches):
        yield "provisions"
    if any(place is not None for branch in branches for place, _ in branch.provisions):
        yield "a provision with a condition"
    if len(branches) > 1:
        yield "an open line, state or plan"
    if any(len(branch.policies) + len(branch.fixed) > 1 for branch in branches):
        yield "several policies"
    if any(policy.outside is not None for policy in policies):
        yield "excluded diagnoses"
    if any(policy.enrolled is not None for policy in policies):
        yield "enrolment in a study"


@pytest.mark.parametrize("history", [False, True])
def test_tables_find_the_sets_and_the_values_that_the_search_finds_one_by_one(history: bool) -> None:
    compared = found = from_the_beginning = 0
    seen: Counter[str] = Counter()
    for at_once, one_by_one, slow, where in _searches(range(120, 260), history=history):
        at_once.run()
        one_by_one.one_by_one()
        assert not at_once.decisions, where
        assert not one_by_one.cut_off, where
        key = {item.name: at for at, item in enumerate(at_once.items)}
        assert len(key) == len(at_once.items)
        assert sorted(at_once.found, key=repr) == sorted(one_by_one.found, key=repr), where
        compared, found = compared + 1, found + bool(at_once.found)
        kinds = list(_kinds(at_once))
        if kinds and prod(1 + len(item.values) for item in slow.items) <= 2_000:
            slow.one_by_one()
            assert not slow.cut_off, where
            assert sorted(at_once.found, key=repr) == sorted(slow.found, key=repr), where
            from_the_beginning += 1
            seen.update(kinds)
    assert compared > 200 and found > 80 and from_the_beginning > 60
    assert set(seen) == KINDS


def test_who_has_no_time_gets_the_same_answer_or_none() -> None:
    same = long = 0
    for seed in range(196, 256):
        each = generated(seed, 10)
        for given in each.cases:
            case, known_on = decode_case(each.desk, {**given, "known_on": str(each.known_on)}, each.known_on)
            try:
                quick = determine(each.desk, case, known_on, only_quick=True)
            except TakesLong:
                long += 1
                continue
            assert encode_answer(quick) == encode_answer(determine(each.desk, case, known_on))
            same += 1
    assert same > 300 and long
