"""Learning never reverses: whatever is revealed, and in whatever order, a settled answer stays."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from tests.decide.comparing import answer_of, generated

from medpol.model.positions import Outcome

# What a question is about, rather than what is learned of the patient.
ASKED = ("code", "code_system", "service", "policy", "date_of_service", "contract", "plan", "line_of_business", "state")
ENROLLED = "evidence_development.enrolled"


def revealed(given: Mapping[str, Any], rng: random.Random) -> Iterator[dict[str, Any]]:
    """The case from bare to whole, one fact, event, answer or completeness at a time.

    What is stated to be complete comes after the events that make it so: before them it would be untrue.
    """
    case = {key: value for key, value in given.items() if key in ASKED}
    facts = dict(given.get("facts", {}))
    case["facts"] = {name: facts.pop(name) for name in [ENROLLED] if name in facts}
    yield case
    steps: list[tuple[str, Any]] = [("facts", each) for each in facts.items()]
    steps += [("answers", each) for each in given.get("answers", {}).items()]
    steps += [("history", each) for each in given.get("history", [])]
    steps += [
        (key, given[key])
        for key in (
            "diagnoses",
            "age",
            "birth_date",
            "sex",
            "units",
            "modifiers",
            "place_of_service",
            "provider_specialty",
        )
        if key in given
    ]
    rng.shuffle(steps)
    steps += [
        (key, given[key])
        for key in ("history_incomplete_for", "history_complete_from", "records_complete")
        if key in given
    ]
    for key, value in steps:
        if key in ("facts", "answers"):
            case = {**case, key: {**case.get(key, {}), value[0]: value[1]}}
        elif key == "history":
            case = {**case, key: [*case.get(key, []), value]}
        else:
            case = {**case, key: value}
        yield case


@pytest.mark.parametrize("shard", range(4))
def test_no_settled_answer_changes_as_facts_arrive(shard: int) -> None:
    rng = random.Random(shard)
    settled_somewhere = 0
    for seed in range(shard * 50, shard * 50 + 50):
        each = generated(seed, 5)
        for given in each.cases:
            settled = None
            for case in revealed(given, rng):
                outcome = answer_of(each.desk, case, each.known_on)[1].outcome
                if settled is not None:
                    assert outcome is settled, f"seed {seed}: {settled.value} became {outcome.value} on {case}"
                    settled_somewhere += 1
                if outcome is not Outcome.INFORMATION_NEEDED:
                    settled = outcome
    assert settled_somewhere > 300
