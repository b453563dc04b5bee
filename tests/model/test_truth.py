"""Kleene's tables, and k of n over three values, against every completion of the unknown."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from medpol.model.truth import Truth, agreement, at_least, conjunction, disjunction

MET, NOT_MET, UNKNOWN = Truth.MET, Truth.NOT_MET, Truth.UNKNOWN


def test_not_turns_met_and_not_met_and_leaves_unknown() -> None:
    assert [~truth for truth in (MET, NOT_MET, UNKNOWN)] == [NOT_MET, MET, UNKNOWN]


def test_and_and_or_are_kleenes_strong_connectives() -> None:
    table = {
        (MET, MET): (MET, MET),
        (MET, NOT_MET): (NOT_MET, MET),
        (MET, UNKNOWN): (UNKNOWN, MET),
        (NOT_MET, NOT_MET): (NOT_MET, NOT_MET),
        (NOT_MET, UNKNOWN): (NOT_MET, UNKNOWN),
        (UNKNOWN, UNKNOWN): (UNKNOWN, UNKNOWN),
    }
    for (one, other), expected in table.items():
        for pair in ((one, other), (other, one)):
            assert (conjunction(pair), disjunction(pair)) == expected


def test_no_parts_at_all() -> None:
    assert conjunction(()) is MET
    assert disjunction(()) is NOT_MET
    assert at_least(0, ()) is MET


def test_k_of_n_is_met_at_k_met_and_not_met_when_met_and_unknown_fall_short() -> None:
    assert at_least(2, (MET, MET, NOT_MET)) is MET
    assert at_least(2, (MET, UNKNOWN, NOT_MET)) is UNKNOWN
    assert at_least(2, (MET, NOT_MET, NOT_MET)) is NOT_MET


def completions(parts: tuple[Truth, ...]) -> list[tuple[bool, ...]]:
    return list(product(*([part is MET] if part is not UNKNOWN else [True, False] for part in parts)))


@given(st.lists(st.sampled_from(list(Truth)), max_size=6).map(tuple), st.integers(0, 7))
def test_k_of_n_says_what_every_completion_says(parts: tuple[Truth, ...], needed: int) -> None:
    answers = {sum(completion) >= needed for completion in completions(parts)}
    assert at_least(needed, parts) is (UNKNOWN if len(answers) == 2 else Truth.of(answers.pop()))


@given(
    st.lists(st.sampled_from(list(Truth)), min_size=1, max_size=6), st.integers(0, 5), st.booleans(), st.integers(0, 7)
)
def test_learning_never_reverses_a_settled_answer(parts: list[Truth], at: int, value: bool, needed: int) -> None:
    before = at_least(needed, parts)
    learned = [Truth.of(value) if place == at and part is UNKNOWN else part for place, part in enumerate(parts)]
    if before is not UNKNOWN:
        assert at_least(needed, learned) is before


def test_agreement_is_unknown_where_cases_differ_or_none_is_possible() -> None:
    assert agreement([True, True]) is MET
    assert agreement([False]) is NOT_MET
    assert agreement([True, False]) is UNKNOWN
    assert agreement([]) is UNKNOWN
