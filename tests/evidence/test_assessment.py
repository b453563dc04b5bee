"""The table from five criteria to a conclusion: every combination has one, and what is unknown leaves others possible."""

from __future__ import annotations

from itertools import product

import pytest

from medpol.evidence.assessment import CUSTOMARY, Open, allows, assess, canonical_positions
from medpol.model.positions import CoveragePosition, Position
from medpol.model.studies import AssessmentRow, Criterion, Met

INVESTIGATIONAL = CoveragePosition.INVESTIGATIONAL
THREE = (Met.MET, Met.NOT_MET, Met.UNKNOWN)
FOUR = (*THREE, Met.NOT_APPLICABLE)
COMBINATIONS = list(product(FOUR, *([THREE] * 4)))


def expected(first: Met, second: Met, third: Met, fourth: Met, fifth: Met) -> str:
    """The table of the handbook, told as a person would read it aloud."""
    if first is Met.NOT_MET:
        return "not approved"
    if second is Met.NOT_MET:
        return "insufficient"
    ladder = (third, "does not improve"), (fourth, "inferior"), (fifth, "not attainable")
    if first is Met.UNKNOWN or second is Met.UNKNOWN:
        return "not assessed"
    for met, conclusion in ladder:
        if met is Met.NOT_MET:
            return conclusion
        if met is Met.UNKNOWN:
            return "not assessed"
    return "improves"


def test_each_of_the_324_combinations_has_the_conclusion_of_the_first_row_that_fits() -> None:
    assert len(COMBINATIONS) == 324
    for combination in COMBINATIONS:
        found = assess(dict(zip(Criterion, combination, strict=True)))
        assert found.conclusion == expected(*combination), combination


def test_what_is_possible_is_what_any_answer_to_the_unknown_criteria_leads_to() -> None:
    for combination in COMBINATIONS:
        answers = [(Met.MET, Met.NOT_MET) if met is Met.UNKNOWN else (met,) for met in combination]
        ends = {expected(*each) for each in product(*answers)}
        found = assess(dict(zip(Criterion, combination, strict=True)))
        assert {each.conclusion for each in found.possible} == ends, combination
        if Met.UNKNOWN not in combination:
            assert found.is_settled


def test_every_conclusion_of_the_table_is_reached_by_some_combination() -> None:
    found = {assess(dict(zip(Criterion, each, strict=True))).conclusion for each in COMBINATIONS}
    assert found == {row.conclusion for row in CUSTOMARY}


def test_insufficient_evidence_allows_investigational_even_where_approval_is_unknown() -> None:
    found = assess({Criterion.EVIDENCE: Met.NOT_MET})
    assert (found.conclusion, found.allowed) == ("insufficient", (INVESTIGATIONAL,))
    assert found.possible == (Open("not approved", (INVESTIGATIONAL,)), Open("insufficient", (INVESTIGATIONAL,)))


def test_only_the_approval_may_be_not_applicable() -> None:
    met = dict.fromkeys(Criterion, Met.MET)
    assert assess(met | {Criterion.APPROVAL: Met.NOT_APPLICABLE}).conclusion == "improves"
    assert assess(met | {Criterion.ATTAINABLE: Met.NOT_APPLICABLE}).conclusion == "not assessed"


def test_a_table_of_the_payer_replaces_the_customary_one_and_may_end_without_a_last_row() -> None:
    table = (AssessmentRow(((Criterion.EVIDENCE, Met.MET),), "enough", (CoveragePosition.MEDICALLY_NECESSARY,)),)
    assert assess({Criterion.EVIDENCE: Met.MET}, table).conclusion == "enough"
    other = assess({Criterion.EVIDENCE: Met.NOT_MET}, table)
    assert (other.conclusion, other.allowed) == ("not assessed", ())


def test_a_row_of_the_payers_table_may_ask_that_a_criterion_is_unknown() -> None:
    table = (AssessmentRow(((Criterion.NET_OUTCOME, Met.UNKNOWN),), "wait", (INVESTIGATIONAL,)),)
    found = assess({}, table)
    assert found.conclusion == "wait"
    assert [each.conclusion for each in found.possible] == ["not assessed"]


@pytest.mark.parametrize(
    ("label", "canonical", "others"),
    [
        ("Investigational and not medically necessary", INVESTIGATIONAL, {CoveragePosition.NOT_MEDICALLY_NECESSARY}),
        ("unproven and not medically necessary", INVESTIGATIONAL, {CoveragePosition.NOT_MEDICALLY_NECESSARY}),
        ("INV&NMN", INVESTIGATIONAL, {CoveragePosition.NOT_MEDICALLY_NECESSARY}),
        ("experimental/investigational", INVESTIGATIONAL, set()),
        ("reasonable and necessary", CoveragePosition.MEDICALLY_NECESSARY, set()),
    ],
)
def test_a_joint_label_names_each_of_its_positions(
    label: str, canonical: CoveragePosition, others: set[CoveragePosition]
) -> None:
    stated = Position(canonical, label)
    assert set(canonical_positions(stated)) == {canonical} | others
    assert allows((canonical,), stated)
    assert all(allows((each,), stated) for each in others)
    assert not allows((CoveragePosition.COSMETIC,), stated)
