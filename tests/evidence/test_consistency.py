"""What one record cannot mean, and two records that seem to be one study: pure functions over values."""

from __future__ import annotations

from datetime import date

import pytest

from medpol.evidence.consistency import (
    favoured,
    impossible_values,
    interval_words,
    leaves_out_null,
    null_of,
    off_centre,
    significance_words,
    wording,
)
from medpol.evidence.publications import duplicates, participants_added, two_sizes
from medpol.model.studies import (
    Better,
    Checked,
    Favours,
    Included,
    Outcome,
    OutcomeKind,
    Reported,
    Result,
    RiskOfBias,
    Size,
    Study,
    StudyKind,
)

PAIN = Outcome("pain", "pain", OutcomeKind.CONTINUOUS, better=Better.LOWER)
WALK = Outcome("walk", "distance walked", OutcomeKind.CONTINUOUS, better=Better.HIGHER)


def _result(measure: str, estimate: str, lower: str, upper: str, **more: str) -> Result:
    held = (Reported(each) for each in (estimate, lower, upper))
    return Result("pain", "sham", "6 weeks", measure, *held, **more)  # type: ignore[arg-type]


def _study(*results: Result, id: str = "smith-2020", sizes: tuple[Size, ...] = ()) -> Study:
    return Study(
        id,
        date(2024, 2, 8),
        StudyKind.TRIAL,
        first_author="Smith A",
        year=2020,
        population="heel",
        results=results,
        sizes=sizes,
    )


@pytest.mark.parametrize(
    ("measure", "null"),
    [
        ("OR", 1),
        ("OR (as labelled)", 1),
        ("aHR", 1),
        ("risk ratio", 1),
        ("log OR", 0),
        ("MD", 0),
        ("adjusted MD", 0),
        ("SMD", 0),
        ("Hedges' g", 0),
        ("MD or SMD", 0),
        ("correlation", None),
        ("", None),
    ],
)
def test_the_value_that_says_no_difference_depends_on_the_measure(measure: str, null: int | None) -> None:
    assert null_of(measure) == null


@pytest.mark.parametrize(
    ("result", "left_out"),
    [
        (_result("MD", "-1.70", "-2.80", "-0.60"), True),
        (_result("MD", "-0.40", "-1.00", "0.20"), False),
        (_result("MD", "-0.40", "-0.80", "0.00"), None),
        (_result("OR", "2.0", "1.1", "3.6"), True),
        (_result("OR", "0.9", "0.5", "1.6"), False),
        (_result("MD", "-0.40", "not reported", "-0.10"), None),
        (_result("correlation", "0.40", "0.10", "0.70"), None),
    ],
)
def test_whether_an_interval_leaves_out_no_difference(result: Result, left_out: bool | None) -> None:
    assert leaves_out_null(result) is left_out


def test_the_side_favoured_follows_what_is_better() -> None:
    below = _result("MD", "-1.70", "-2.80", "-0.60")
    assert favoured(below, PAIN) is Favours.INTERVENTION
    assert favoured(below, WALK) is Favours.COMPARATOR
    assert favoured(_result("MD", "-0.40", "-1.00", "0.20"), PAIN) is None
    assert favoured(below, None) is None


def test_an_interval_is_shown_as_it_was_printed() -> None:
    assert interval_words(_result("MD", "-1.70", "-2.80", "-0.60")) == "MD -1.70 [-2.80, -0.60]"
    assert interval_words(_result("MD", "not reported", "-2.12", "-1.76")) == "MD [-2.12, -1.76]"


def test_a_standardised_difference_is_not_held_against_points() -> None:
    assert wording(_result("SMD", "-0.27", "-0.49", "-0.05"), PAIN) == "a difference of 0.27"


@pytest.mark.parametrize(
    ("result", "is_found"),
    [
        (_result("OR", "2.00", "1.10", "3.64"), False),
        (_result("OR", "2.37", "1.10", "3.64"), True),
        (_result("RR", "1.15", "0.87", "1.51"), False),
        (_result("MD", "-15.5", "-19.48", "-11.53"), False),
        (_result("difference of medians", "-1.0", "-3.0", "0.0"), False),
        (_result("MD", "-1.0", "-3.0", "0.0", note="Bayesian, credible interval"), False),
    ],
)
def test_the_centre_of_a_ratio_is_looked_for_on_the_log_scale(result: Result, is_found: bool) -> None:
    assert bool(list(off_centre(_study(result)))) is is_found


@pytest.mark.parametrize(
    ("p", "called", "is_found"),
    [
        ("0.011", "not significant", True),
        ("<0.05", "not statistically significant", True),
        ("0.05", "not significant", False),
        ("0.30", "significant", True),
        (">0.05", "significant", True),
        ("0.30", "no significant difference", False),
        ("0.011", "not significant after Bonferroni correction", False),
        ("not reported", "significant", False),
    ],
)
def test_the_word_and_the_p_are_held_against_each_other(p: str, called: str, is_found: bool) -> None:
    result = Result("pain", "sham", "6 weeks", p=Reported(p), called=called)
    assert bool(list(significance_words(_study(result)))) is is_found


@pytest.mark.parametrize(
    ("score", "judged", "is_found"),
    [
        ("6/10", "yes yes yes yes no no no no", False),
        ("7/10", "yes yes yes yes no no no no", True),
        ("3/10", "yes yes yes yes", True),
    ],
)
def test_a_score_lies_between_the_items_met_and_those_left_open(score: str, judged: str, is_found: bool) -> None:
    bias = RiskOfBias("PEDro", score, items=tuple((f"item {at}", each) for at, each in enumerate(judged.split())))
    study = Study("smith-2020", date(2024, 2, 8), StudyKind.TRIAL, bias=bias)
    assert bool(list(impossible_values(study))) is is_found


def test_trials_of_other_sizes_authors_or_times_are_no_duplicates() -> None:
    first = _study(_result("MD", "-1.0", "-2.0", "0.0"), sizes=(Size("participants", Reported("72")),))
    same = _study(
        _result("MD", "-1.1", "-2.1", "-0.1"), id="smith-2020-b", sizes=(Size("participants", Reported("72")),)
    )
    other = _study(
        _result("MD", "-1.1", "-2.1", "-0.1"), id="smith-2020-b", sizes=(Size("participants", Reported("80")),)
    )
    assert len(list(duplicates([first, same]))) == 1
    assert list(duplicates([first, other])) == []


def test_a_review_with_a_trial_of_unknown_size_can_hold_more_and_never_fewer() -> None:
    included = (Included("a", Reported("100")), Included("b", Reported("not reported")))
    review = Study("review", date(2024, 2, 8), StudyKind.REVIEW, included=included)
    more, fewer = participants_added(review, 395), participants_added(review, 90)
    assert more is not None
    assert more.adds_up
    assert fewer is not None
    assert not fewer.adds_up


def test_sizes_that_nobody_checked_count_as_assumed() -> None:
    groups = ("intervention group", "comparator group")
    checked = tuple(Size(name, Reported("25"), Checked.FULL_TEXT) for name in groups)
    unchecked = tuple(Size(name, Reported("33")) for name in groups)
    assert two_sizes(_study(sizes=checked)) == (25, 25, False)
    assert two_sizes(_study(sizes=unchecked)) == (33, 33, True)
    assert two_sizes(_study(sizes=(Size("participants", Reported("67")),))) == (34, 33, True)
    assert two_sizes(_study()) is None
