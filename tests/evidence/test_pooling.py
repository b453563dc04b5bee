"""The laws of pooling: what may not matter does not, small numbers of studies are defined, nonsense is refused."""

from __future__ import annotations

import math
from dataclasses import replace

import meta_analyze
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medpol.evidence.pooling import (
    Conventions,
    Counts,
    DoubleZeros,
    Effect,
    LeftOut,
    Means,
    Measure,
    NoData,
    Pooled,
    Refused,
    Test,
    Variance,
    VarianceInterval,
    ZeroCells,
    cumulative,
    egger,
    mantel_haenszel,
    of_correlation,
    of_counts,
    of_interval,
    peto,
    pool,
    regress,
    subgroups,
    trim_and_fill,
)

CONVENTIONS = st.builds(Conventions, variance=st.sampled_from(Variance), test=st.sampled_from(Test))
NUMBERS = st.integers(-300, 300).map(lambda n: n / 100)
USUAL = st.tuples(NUMBERS, st.integers(1, 400).map(lambda n: n / 200))
EXTREME = st.tuples(st.floats(-1e6, 1e6), st.floats(-12, 12).map(lambda power: 10.0**power))


def effects_of(rows: list[tuple[float, float]]) -> list[Effect]:
    return [Effect(f"study {place:02}", y, v) for place, (y, v) in enumerate(rows)]


def pooled(effects: list[Effect], conventions: Conventions = Conventions()) -> Pooled:  # noqa: B008
    result = pool(effects, conventions)
    assert isinstance(result, Pooled)
    return result


def numbers_of(result: Pooled) -> list[float]:
    """Every number of a result that is there."""
    estimate, found, prediction = result.estimate, result.heterogeneity, result.prediction
    given_ = [estimate.value, estimate.standard_error, estimate.interval.lower, estimate.interval.upper]
    given_ += [each for each in (estimate.statistic, estimate.p) if each is not None]
    if found:
        given_ += [found.tau2, found.q, found.p, found.i2, found.h2]
        given_ += [found.tau2_interval.lower, found.tau2_interval.upper] if found.tau2_interval else []
    return given_ + ([prediction.lower, prediction.upper] if prediction else [])


def near(ours: float, theirs: float, scale: float = 1.0) -> bool:
    return abs(ours - theirs) <= 1e-8 * max(scale, abs(ours), abs(theirs))


@settings(max_examples=60, deadline=None)
@given(st.lists(USUAL, min_size=2, max_size=9), CONVENTIONS, st.randoms(use_true_random=False))
def test_the_order_of_studies_does_not_matter(rows, conventions, shuffle) -> None:
    effects = effects_of(rows)
    mixed = list(effects)
    shuffle.shuffle(mixed)
    one, other = pooled(effects, conventions), pooled(mixed, conventions)
    assert near(one.estimate.value, other.estimate.value)
    assert one.heterogeneity and other.heterogeneity
    assert near(one.heterogeneity.tau2, other.heterogeneity.tau2)


@settings(max_examples=60, deadline=None)
@given(st.lists(USUAL, min_size=2, max_size=9), CONVENTIONS, st.sampled_from((0.001, 0.1, 4.0, 1024.0)))
def test_other_units_change_the_estimate_by_their_factor_and_tau2_by_its_square(rows, conventions, factor) -> None:
    effects = effects_of(rows)
    one, other = pooled(effects, conventions), pooled([each.rescaled_by(factor) for each in effects], conventions)
    assert near(one.estimate.value * factor, other.estimate.value, factor)
    assert one.heterogeneity and other.heterogeneity
    assert near(one.heterogeneity.tau2 * factor**2, other.heterogeneity.tau2, factor**2)
    assert near(one.heterogeneity.i2, other.heterogeneity.i2)


@settings(max_examples=60, deadline=None)
@given(st.lists(USUAL, min_size=2, max_size=9), CONVENTIONS)
def test_the_reversed_direction_gives_the_mirrored_pool(rows, conventions) -> None:
    effects = effects_of(rows)
    one, other = pooled(effects, conventions), pooled([each.reversed() for each in effects], conventions)
    assert near(one.estimate.value, -other.estimate.value)
    assert near(one.estimate.interval.lower, -other.estimate.interval.upper)


@settings(max_examples=150, deadline=None)
@given(st.lists(EXTREME, min_size=1, max_size=8), CONVENTIONS)
def test_huge_and_tiny_variances_give_numbers_and_never_a_negative_tau2(rows, conventions) -> None:
    result = pooled(effects_of(rows), conventions)
    assert all(math.isfinite(number) for number in numbers_of(result))
    assert math.isclose(sum(result.weights), 1)
    if result.heterogeneity:
        assert result.heterogeneity.tau2 >= 0
        assert 0 <= result.heterogeneity.i2 <= 1


@pytest.mark.parametrize("variance", Variance)
@pytest.mark.parametrize("test", Test)
def test_identical_studies_have_no_variance_between_them(variance: Variance, test: Test) -> None:
    result = pooled(effects_of([(0.4, 0.1)] * 4), Conventions(variance=variance, test=test))
    assert result.heterogeneity is not None
    assert result.heterogeneity.tau2 == 0
    assert result.heterogeneity.i2 == 0
    assert math.isclose(result.estimate.value, 0.4)
    assert all(math.isfinite(number) for number in numbers_of(result))


def test_no_study_is_no_data_and_still_names_what_was_left_out() -> None:
    left_out = LeftOut("a", "not reported")
    assert pool([left_out]) == NoData(Conventions(), (left_out,))


def test_one_study_is_itself_with_the_normal_interval() -> None:
    result = pooled([Effect("a", 2.0, 0.25)])
    assert (result.estimate.value, result.estimate.standard_error, result.weights) == (2.0, 0.5, (1.0,))
    assert math.isclose(result.estimate.interval.lower, 2 - 1.959963984540054 * 0.5)
    assert result.heterogeneity is None
    assert result.prediction is None
    assert [caution.key for caution in result.cautions] == ["one-study"]


def test_two_studies_have_no_prediction_interval_and_a_caution() -> None:
    result = pooled(effects_of([(0.1, 0.1), (0.9, 0.1)]))
    assert result.prediction is None
    assert [caution.key for caution in result.cautions] == ["few-studies"]
    assert pooled(effects_of([(n / 9, 0.1) for n in range(5)])).cautions == ()


def test_the_floor_keeps_knapp_hartung_from_being_narrower_than_its_standard_error() -> None:
    alike = effects_of([(0.11, 0.04), (0.12, 0.09), (0.1, 0.02)])
    wald = pooled(alike, Conventions(test=Test.WALD)).estimate.standard_error
    assert pooled(alike).estimate.standard_error == wald
    assert pooled(alike, Conventions(test=Test.KNAPP_HARTUNG)).estimate.standard_error < wald


def test_no_interval_of_tau2_is_given_where_none_is_asked_for() -> None:
    result = pooled(effects_of([(0.1, 0.1), (0.9, 0.1)]), Conventions(variance_interval=VarianceInterval.NONE))
    assert result.heterogeneity is not None
    assert result.heterogeneity.tau2_interval is None


def test_a_double_zero_is_left_out_of_ratios_and_kept_in_differences() -> None:
    table = Counts("a", 0, 20, 0, 22)
    assert isinstance(of_counts(table, Measure.ODDS_RATIO), LeftOut)
    assert isinstance(of_counts(table, Measure.RISK_DIFFERENCE), Effect)
    assert isinstance(of_counts(table, Measure.ODDS_RATIO, Conventions(double_zeros=DoubleZeros.KEPT)), Effect)
    assert isinstance(mantel_haenszel([table], Measure.RISK_RATIO), NoData)
    assert isinstance(peto([table]), NoData)


def test_without_a_correction_a_zero_cell_leaves_the_study_out_and_says_so() -> None:
    found = of_counts(Counts("a", 0, 20, 3, 22), Measure.ODDS_RATIO, Conventions(zero_cells=ZeroCells.NONE))
    assert found == LeftOut("a", "its odds ratio is not finite, and nothing is added to zero cells")


def test_an_interval_gives_back_its_standard_error_and_a_ratio_is_shown_as_a_ratio() -> None:
    effect = of_interval("a", 1.5, 1.5 / 1.2, 1.5 * 1.2, Measure.RATIO)
    assert math.isclose(effect.standard_error, math.log(1.2) / 1.959963984540054)
    assert [round(number, 10) for number in pooled([effect]).shown] == [1.5, 1.25, 1.8]


def test_small_study_effects_are_refused_below_ten_studies() -> None:
    nine = effects_of([(n / 9, 0.1 + n / 100) for n in range(9)])
    assert egger(nine) == Refused("9 studies; below 10 a funnel cannot be told from chance")
    assert isinstance(trim_and_fill(nine), Refused)


def test_a_regression_of_few_studies_cautions() -> None:
    found = regress(effects_of([(0.1, 0.1), (0.2, 0.1), (0.5, 0.2), (0.4, 0.3)]), [1.0, 2.0, 3.0, 4.0])
    assert [caution.key for caution in found.cautions] == ["few-for-regression"]


def test_one_subgroup_has_nothing_to_be_compared_with() -> None:
    assert subgroups(effects_of([(0.1, 0.1), (0.2, 0.1)]), ["all", "all"]).between is None


def test_the_last_step_of_the_cumulative_pool_is_the_pool() -> None:
    effects = effects_of([(0.1, 0.1), (0.7, 0.2), (-0.3, 0.05)])
    assert cumulative(effects)[-1] == ("study 02", pool(effects))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Effect("a", 1, -1), "variance -1 is not above 0"),
        (lambda: Effect("a", 1, math.nan), "variance nan"),
        (lambda: Effect("a", math.inf, 1), "effect inf"),
        (lambda: Counts("a", 5, 4, 1, 9), "5 events among 4 people"),
        (lambda: Counts("a", 0, 0, 1, 9), "0 people in the intervention group"),
        (lambda: Counts("a", -1, 3, 1, 9), "-1 events"),
        (lambda: Means("a", 1, 0, 9, 2, 1, 9), "standard deviation 0"),
        (lambda: of_correlation("a", 1.0, 9), "correlation 1.0"),
        (lambda: of_interval("a", 3, 1, 2), "not an estimate inside its interval"),
        (lambda: of_interval("a", 1, -1, 2, Measure.RATIO), "is above 0, found -1"),
        (lambda: Conventions(level=95), "level 95"),
        (lambda: pool([Effect("a", 1, 1), Effect("a", 2, 1)]), "stands in the pool more than once"),
        (lambda: pool([Effect("a", 1, 1), Effect("b", 2, 1, Measure.RATIO)]), "share one measure"),
        (lambda: regress([Effect("a", 1, 1), Effect("b", 2, 1)], [3.0, 3.0]), "the same in every study"),
        (lambda: regress([Effect("a", 1, 1), Effect("b", 2, 1)], [3.0, 4.0]), "at least one more"),
        (lambda: replace(Effect("a", 1, 1), measure=Measure.RATIO).rescaled_by(2), "no units"),
    ],
)
def test_nonsense_is_refused_with_the_study_and_what_was_found(make, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make()


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [(Variance.REML, "REML"), (Variance.PAULE_MANDEL, "PM"), (Variance.DERSIMONIAN_LAIRD, "DL")],
)
def test_a_second_program_gives_the_same_pool(ours: Variance, theirs: str) -> None:
    rows = [(0.12, 0.04), (0.35, 0.06), (-0.88, 0.03), (0.21, 0.05), (1.4, 0.2), (0.6, 0.11)]
    other = meta_analyze.meta_analysis(
        effect=[y for y, _ in rows], variance=[v for _, v in rows], model="random", tau2_method=theirs
    )
    result = pooled(effects_of(rows), Conventions(variance=ours))
    assert result.heterogeneity is not None
    assert abs(result.estimate.value - other.estimate) < 1e-7
    assert abs(result.heterogeneity.tau2 - other.tau2) < 1e-7
