"""Truth tables over joint states, held against trying every joint state, and against the search that goes one by one."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import product

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


def _searches(seeds: range, *, history: bool) -> Iterator[tuple[Search, Search, str]]:
    """For each case that one policy's rules decide by few facts: the same search twice, not yet run."""
    for seed in seeds:
        each = generated(seed, 10, history=history)
        for given in each.cases:
            plain = {key: value for key, value in given.items() if key != "assumed"}
            case, known_on = decode_case(each.desk, {**plain, "known_on": str(each.known_on)}, each.known_on)
            settled = settle(each.desk, case, known_on)
            if settled.waiting_for is not None:
                continue
            wanted = SETTLED - {settled.outcome}
            pair = []
            for _ in range(2):
                items = items_of(each.desk, settled, case.known)
                pieces = pieces_of(case, case.known, settled, items)
                pair.append(Search(each.desk, case, known_on, case.known, settled, items, wanted, pieces, 1))
            if pair[0].pieces is not None and 0 < len(pair[0].items) <= EXACT_ITEMS:
                yield pair[0], pair[1], f"seed {seed}: {given}"


@pytest.mark.parametrize("history", [False, True])
def test_tables_find_the_sets_and_the_values_that_the_search_finds_one_by_one(history: bool) -> None:
    compared = found = 0
    for at_once, one_by_one, where in _searches(range(120), history=history):
        at_once.run()
        one_by_one.one_by_one()
        assert not at_once.decisions, where
        assert not one_by_one.cut_off, where
        key = {item.name: at for at, item in enumerate(at_once.items)}
        assert len(key) == len(at_once.items)
        assert sorted(at_once.found, key=repr) == sorted(one_by_one.found, key=repr), where
        compared, found = compared + 1, found + bool(at_once.found)
    assert compared > 150 and found > 50


def test_who_has_no_time_gets_the_same_answer_or_none() -> None:
    same = long = 0
    for seed in range(60):
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
