"""The effect of one study from what its report gives: counts, means, a correlation, or an estimate with its interval."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.special import gammaln, ndtri, stdtrit

from medpol.evidence.pooling.values import Effect, LeftOut, Measure
from medpol.model.conventions import (
    Conventions,
    DifferenceVariance,
    DoubleZeros,
    StandardizedDifference,
    ZeroCells,
)

DEFAULT = Conventions()


@dataclass(frozen=True, slots=True)
class Counts:
    """Events among people in two groups of one study: the intervention's, then the comparator's."""

    study: str
    events: int
    size: int
    comparator_events: int
    comparator_size: int

    def __post_init__(self) -> None:
        groups = ((self.events, self.size), (self.comparator_events, self.comparator_size))
        for (events, size), group in zip(groups, ("intervention", "comparator"), strict=True):
            _whole(self.study, f"people in the {group} group", size, 1)
            _whole(self.study, f"events in the {group} group", events, 0)
            if events > size:
                raise ValueError(f"study {self.study}: {events} events among {size} people in the {group} group")

    @property
    def cells(self) -> tuple[float, float, float, float]:
        """Intervention with and without the event, comparator with and without it."""
        return (
            float(self.events),
            float(self.size - self.events),
            float(self.comparator_events),
            float(self.comparator_size - self.comparator_events),
        )

    @property
    def is_double_zero(self) -> bool:
        """Whether nobody, or everybody, had the event in both groups."""
        a, b, c, d = self.cells
        return a == c == 0 or b == d == 0


@dataclass(frozen=True, slots=True)
class Means:
    """Means with standard deviations in two groups of one study: the intervention's, then the comparator's."""

    study: str
    mean: float
    sd: float
    size: int
    comparator_mean: float
    comparator_sd: float
    comparator_size: int

    def __post_init__(self) -> None:
        for size in (self.size, self.comparator_size):
            _whole(self.study, "people behind a standard deviation", size, 2)
        for sd in (self.sd, self.comparator_sd):
            if not 0 < sd < math.inf:
                raise ValueError(f"study {self.study}: standard deviation {sd} is not above 0")


def of_counts(counts: Counts, measure: Measure, conventions: Conventions = DEFAULT) -> Effect | LeftOut:
    """The log odds ratio, log risk ratio or risk difference, or why the study has none.

    Source: Deeks JJ, Higgins JPT. Statistical algorithms in Review Manager 5. 2010.
    """
    if measure not in (Measure.ODDS_RATIO, Measure.RISK_RATIO, Measure.RISK_DIFFERENCE):
        raise ValueError(
            f"a {measure.value} is not made of counts; ask for an odds ratio, risk ratio or risk difference"
        )
    leaves_out = conventions.double_zeros is DoubleZeros.LEFT_OUT_OF_RATIOS and measure.is_ratio
    if leaves_out and counts.is_double_zero:
        return LeftOut(counts.study, "nobody, or everybody, had the event in both groups")
    cells = counts.cells
    if 0 in cells and conventions.zero_cells is ZeroCells.ADD_HALF:
        cells = tuple(cell + 0.5 for cell in cells)  # type: ignore[assignment]
    a, b, c, d = cells
    n1, n2 = a + b, c + d
    if measure is Measure.RISK_DIFFERENCE:
        estimate, variance = a / n1 - c / n2, a * b / n1**3 + c * d / n2**3
        if variance == 0:
            return LeftOut(counts.study, "its risk difference has no variance, and nothing is added to zero cells")
    elif 0 in ((a, b, c, d) if measure is Measure.ODDS_RATIO else (a, c)):
        return LeftOut(counts.study, f"its {measure.value} is not finite, and nothing is added to zero cells")
    elif measure is Measure.ODDS_RATIO:
        estimate, variance = math.log(a / b) - math.log(c / d), 1 / a + 1 / b + 1 / c + 1 / d
    else:
        estimate, variance = math.log(a / n1) - math.log(c / n2), b / (a * n1) + d / (c * n2)
        if variance == 0:
            return LeftOut(counts.study, "its risk ratio has no variance, and nothing is added to zero cells")
    return Effect(counts.study, estimate, variance, measure)


def mean_difference(means: Means) -> Effect:
    """The difference of two means in the units of the outcome, groups with their own variances."""
    variance = means.sd**2 / means.size + means.comparator_sd**2 / means.comparator_size
    return Effect(means.study, means.mean - means.comparator_mean, variance, Measure.MEAN_DIFFERENCE)


def standardized_mean_difference(means: Means, conventions: Conventions = DEFAULT) -> Effect:
    """The difference of two means in pooled standard deviations.

    Source: Hedges LV. J Educ Stat 1981;6:107-128 (g, its exact correction, its unbiased variance); Hedges LV, Olkin I.
    Statistical methods for meta-analysis. 1985 (large-sample variance).
    """
    degrees = means.size + means.comparator_size - 2
    squares = (means.size - 1) * means.sd**2 + (means.comparator_size - 1) * means.comparator_sd**2
    d = (means.mean - means.comparator_mean) / math.sqrt(squares / degrees)
    correction = math.exp(gammaln(degrees / 2) - gammaln((degrees - 1) / 2)) / math.sqrt(degrees / 2)
    is_g = conventions.standardized is StandardizedDifference.HEDGES_G
    estimate = correction * d if is_g else d
    sizes = 1 / means.size + 1 / means.comparator_size
    if conventions.standardized_variance is DifferenceVariance.LARGE_SAMPLE:
        variance = sizes + estimate**2 / (2 * (means.size + means.comparator_size))
    else:
        variance = sizes + (1 - (degrees - 2) / (degrees * correction**2)) * (correction * d) ** 2
        variance = variance if is_g else variance / correction**2
    return Effect(means.study, estimate, variance, Measure.STANDARDIZED_MEAN_DIFFERENCE)


def of_correlation(study: str, correlation: float, size: int) -> Effect:
    """Fisher's z of a correlation. Source: Fisher RA. Metron 1921;1:3-32."""
    _whole(study, "people behind a correlation", size, 4)
    if not -1 < correlation < 1:
        raise ValueError(f"study {study}: correlation {correlation} is not between -1 and 1")
    return Effect(study, math.atanh(correlation), 1 / (size - 3), Measure.CORRELATION)


def of_interval(
    study: str,
    estimate: float,
    lower: float,
    upper: float,
    measure: Measure = Measure.DIFFERENCE,
    level: float = 0.95,
    degrees: int | None = None,
) -> Effect:
    """An effect from what was printed: its estimate and interval on the scale of people, ratios as ratios.

    The standard error is half the interval over the normal quantile, or over that of t where ``degrees`` are given.
    Source: Higgins JPT, Li T, Deeks JJ. Cochrane Handbook, chapter 6.3.
    """
    if not lower <= estimate <= upper or lower == upper:
        raise ValueError(f"study {study}: {estimate} [{lower}, {upper}] is not an estimate inside its interval")
    if not 0 < level < 1:
        raise ValueError(f"study {study}: level {level} of an interval is not between 0 and 1")
    if degrees is not None and degrees < 1:
        raise ValueError(f"study {study}: {degrees} degrees of freedom; t needs at least 1")
    if measure.is_ratio:
        if lower <= 0:
            raise ValueError(f"study {study}: a {measure.value} is above 0, found {lower}")
        estimate, lower, upper = math.log(estimate), math.log(lower), math.log(upper)
    elif measure is Measure.CORRELATION:
        if not (lower > -1 and upper < 1):
            raise ValueError(f"study {study}: correlation [{lower}, {upper}] is not between -1 and 1")
        estimate, lower, upper = math.atanh(estimate), math.atanh(lower), math.atanh(upper)
    tail = (1 + level) / 2
    quantile = ndtri(tail) if degrees is None else stdtrit(degrees, tail)
    return Effect(study, estimate, float(((upper - lower) / (2 * quantile)) ** 2), measure)


def _whole(study: str, what: str, number: float, least: int) -> None:
    if not (math.isfinite(number) and number == int(number) and number >= least):
        raise ValueError(f"study {study}: {number} {what}; expected a whole number, {least} or more")
