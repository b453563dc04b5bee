"""What is missing and what would change the answer: equal to exhaustive search, and each set verified by deciding."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import pytest
from tests.decide.comparing import Generated, answer_of, generated
from tests.oracle import oracle

from medpol.decide.cases import answer_as_dict, decode_case
from medpol.decide.explain import determine
from medpol.decide.one import Desk
from medpol.model.determination import Determination

DIMENSIONS = ("line-of-business-unknown", "state-unknown", "plan-unknown")


def _cases(
    seeds: range, cases: int, largest: int
) -> Iterator[tuple[Generated, oracle.Library, dict[str, Any], Determination]]:
    """Cases whose rules read at most ``largest`` facts and questions, history aside, with our answer."""
    for seed in seeds:
        each = generated(seed, cases, history=False)
        library = oracle.load(each.files)
        for given in each.cases:
            plain = {key: value for key, value in given.items() if key != "assumed"}
            if not 0 < oracle.search_size(library, plain, each.known_on) <= largest:
                continue
            case, _ = decode_case(each.desk, {**plain, "known_on": str(each.known_on)}, each.known_on)
            answer = determine(each.desk, case, each.known_on)
            if answer.reason_key not in DIMENSIONS:
                yield each, library, plain, answer


def _names(sets: Any) -> set[frozenset[str]]:
    return {frozenset(each.fact or each.criterion for each in held) for held in sets}


@pytest.mark.parametrize("shard", range(10))
def test_sets_equal_exhaustive_search(shard: int) -> None:
    compared = 0
    for each, library, given, answer in _cases(range(shard * 40, shard * 40 + 40), 8, 8):
        if answer.would_change is None:
            ours, theirs = _names(answer.missing), oracle.missing(library, given, each.known_on)
        else:
            assert answer.would_change.complete
            ours, theirs = _names(answer.would_change.sets), oracle.would_change(library, given, each.known_on)
        assert ours == {frozenset(held) for held in theirs}, f"seed {each.seed}: {given}"
        compared += 1
    assert compared > 50


def test_sets_of_ten_facts_equal_exhaustive_search() -> None:
    sizes = set()
    for each, library, given, answer in _cases(range(400, 520), 3, 10):
        size = oracle.search_size(library, given, each.known_on)
        if size < 9 or len(sizes) > 12:
            continue
        sizes.add((each.seed, size))
        ours = _names(answer.missing if answer.would_change is None else answer.would_change.sets)
        search = oracle.missing if answer.would_change is None else oracle.would_change
        assert ours == {frozenset(held) for held in search(library, given, each.known_on)}, f"seed {each.seed}: {given}"
    assert sizes


_BUILT_IN = {
    "diagnosis": "diagnoses",
    "age": "age",
    "sex": "sex",
    "service.units": "units",
    "service.place": "place_of_service",
    "service.modifier": "modifiers",
    "provider.specialty": "provider_specialty",
}


def _with(given: Mapping[str, Any], held: list[dict[str, Any]]) -> dict[str, Any]:
    """The case with the needed values put in, as a person would type them."""
    case = {**given, "facts": dict(given.get("facts", {})), "answers": dict(given.get("answers", {}))}
    for each in held:
        name, needed = each.get("fact"), each["needed"]
        if name is None:
            case["answers"] = dict(case["answers"]) | {each["criterion"]: needed == "yes"}
        elif name in ("diagnosis", "service.modifier"):
            case[_BUILT_IN[name]] = [code for code in needed.split(", ") if code]
        elif name in _BUILT_IN:
            case[_BUILT_IN[name]] = needed
            if name == "age":
                case.pop("birth_date", None)
        else:
            case["facts"][name] = needed
    return case


def _outcome(desk: Desk, given: Mapping[str, Any], known_on: date) -> str:
    return answer_of(desk, given, known_on)[1].outcome.value


def test_each_set_offered_changes_the_answer_and_no_part_of_it_does() -> None:
    verified = 0
    for each, _, given, answer in _cases(range(600, 680), 6, 10):
        if answer.would_change is None or given.get("answers"):
            continue
        if any("latest(" in text for text in each.files.values()):
            continue  # an observation takes a complete history too
        for held in answer_as_dict(answer)["would_change"]["sets"]:
            changed = _outcome(each.desk, _with(given, held), each.known_on)
            assert changed not in (answer.outcome.value, "information_needed"), f"seed {each.seed}: {held} on {given}"
            for left_out in held:
                part = [one for one in held if one is not left_out]
                found = _outcome(each.desk, _with(given, part), each.known_on)
                assert not part or found in (answer.outcome.value, "information_needed"), (
                    f"seed {each.seed}: {part} on {given}"
                )
            verified += 1
    assert verified > 100


def test_a_search_that_is_cut_off_still_offers_a_set_that_works() -> None:
    seen = 0
    for seed in range(1, 200, 2):  # rules of 7 to 40 literals
        each = generated(seed, 4)
        for given in each.cases:
            plain = {key: value for key, value in given.items() if key not in ("assumed", "history")}
            case, _ = decode_case(each.desk, {**plain, "known_on": str(each.known_on)}, each.known_on)
            answer = determine(each.desk, case, each.known_on)
            if answer.would_change is None or answer.would_change.complete:
                continue
            for held in answer_as_dict(answer)["would_change"]["sets"][:1]:
                if all("criterion" not in one and not one["fact"].startswith("history") for one in held):
                    changed = _outcome(each.desk, _with(plain, held), each.known_on)
                    assert changed not in (answer.outcome.value, "information_needed"), (
                        f"seed {seed}: {held} on {plain}"
                    )
                    seen += 1
    assert seen > 3
