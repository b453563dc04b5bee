"""The examples use all that a file of evidence may hold: every column, every key, every word of a choice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

import pytest
from tests.cli.running import run
from tests.examples.test_every_construct import Held, filled, front_matter_keys
from tests.support import EXAMPLES, files_of

from medpol.model.studies import (
    Better,
    Checked,
    ComparatorKind,
    Criterion,
    Domain,
    Favours,
    Level,
    Met,
    OutcomeKind,
    QuerySource,
    StudyKind,
    Weight,
)
from medpol.text import assessments, profiles, questions, studies, watched

HELD = Held.of(files_of(EXAMPLES))
EVIDENCE = Held(
    {path: data for path, data in HELD.files.items() if "/evidence/" in path or path == "assessment.md"}, HELD.library
)
COLUMNS = {
    "populations": questions.POPULATION_COLUMNS,
    "interventions": questions.INTERVENTION_COLUMNS,
    "comparators": questions.COMPARATOR_COLUMNS,
    "outcomes": questions.OUTCOME_COLUMNS,
    "bands": questions.BAND_COLUMNS,
    "questions": questions.ASKED_COLUMNS,
    "pools": questions.POOL_COLUMNS,
    "conventions": questions.CONVENTION_COLUMNS,
    "a question as printed": studies.ASKED_COLUMNS,
    "sizes": studies.SIZE_COLUMNS,
    "results": studies.RESULT_COLUMNS,
    "harms": studies.HARM_COLUMNS,
    "items of a tool": studies.ITEM_COLUMNS,
    "studies of a review": studies.INCLUDED_COLUMNS,
    "certainty": profiles.CERTAINTY_COLUMNS,
    "reasons": profiles.REASON_COLUMNS,
    "criteria": profiles.CRITERION_COLUMNS,
    "overridden": profiles.OVERRIDDEN_COLUMNS,
    "trials": watched.TRIAL_COLUMNS,
    "queries": watched.QUERY_COLUMNS,
    "the table of positions": assessments.ASSESSMENT_COLUMNS,
}
KEYS = {
    "questions": questions.QUESTION_KEYS,
    "studies": studies.STUDY_KEYS,
    "profiles": profiles.PROFILE_KEYS,
    "trials": watched.WATCHING_KEYS,
}
CHOICES = (
    Better,
    Checked,
    ComparatorKind,
    Criterion,
    Domain,
    Favours,
    Level,
    Met,
    OutcomeKind,
    QuerySource,
    StudyKind,
    Weight,
)


def enums(value: Any) -> Iterator[Enum]:
    """Every choice anywhere in some records."""
    if isinstance(value, Enum):
        yield value
    elif isinstance(value, tuple):
        for each in value:
            yield from enums(each)
    elif is_dataclass(value):
        for each in fields(value):
            yield from enums(getattr(value, each.name))


REACHED = set(enums(HELD.library.evidence))


@pytest.mark.parametrize("name", COLUMNS)
def test_every_column_is_filled_by_an_example(name: str) -> None:
    assert set(COLUMNS[name]) - filled(EVIDENCE, *COLUMNS[name]) == set()


@pytest.mark.parametrize("name", KEYS)
def test_every_key_of_the_front_matter_is_used_by_an_example(name: str) -> None:
    inner = {path: data for path, data in EVIDENCE.files.items() if f"/evidence/{name}" in path}
    held = Held({path.rpartition("/evidence/")[2]: data for path, data in inner.items()}, HELD.library)
    assert set(KEYS[name]) - front_matter_keys(held, None) == set()


@pytest.mark.parametrize("kind", CHOICES, ids=lambda kind: kind.__name__)
def test_every_word_of_a_choice_is_used_by_an_example(kind: type[Enum]) -> None:
    assert set(kind) - REACHED == set()


def test_an_example_pools_several_outcomes_and_numbers_that_nobody_verified() -> None:
    pools = [pool for base in HELD.library.evidence for asked in base.questions for pool in asked.pools]
    assert any(pool.also and pool.is_unverified and not pool.band for pool in pools)
    assert HELD.library.assessment and not HELD.library.evidence_errors


def test_every_record_of_the_example_is_used_its_guideline_by_the_population_that_is_asked_of() -> None:
    found = json.loads(run("check", str(EXAMPLES), "--format", "json").data)
    assert {each["rule"] for each in found} & {"record-not-used", "population-without-conclusion"} == set()
    assert found, "what the letter repeats is told"
