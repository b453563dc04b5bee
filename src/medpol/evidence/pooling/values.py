"""What goes into a pool and what comes out of it, as frozen values that carry their conventions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

from medpol.model.conventions import Conventions

# Outside of these a sum of squares no longer fits a float, and nothing that was measured is there.
LARGEST_EFFECT = 1e40
SMALLEST_VARIANCE, LARGEST_VARIANCE = 1e-40, 1e40


class Measure(Enum):
    """What an effect measures. Ratios are pooled as logs, correlations as Fisher's z, and shown as what they are."""

    MEAN_DIFFERENCE = "mean difference"
    STANDARDIZED_MEAN_DIFFERENCE = "standardised mean difference"
    ODDS_RATIO = "odds ratio"
    RISK_RATIO = "risk ratio"
    RISK_DIFFERENCE = "risk difference"
    CORRELATION = "correlation"
    RATIO = "ratio"
    DIFFERENCE = "difference"

    @property
    def is_ratio(self) -> bool:
        """Whether it is pooled as a logarithm."""
        return self in (Measure.ODDS_RATIO, Measure.RISK_RATIO, Measure.RATIO)

    def shown(self, pooled: float) -> float:
        """A number on the scale of pooling, as it is shown to people."""
        if self.is_ratio:
            return math.exp(pooled)
        return math.tanh(pooled) if self is Measure.CORRELATION else pooled


@dataclass(frozen=True, slots=True)
class Effect:
    """The effect that one study found, on the scale of pooling, with its sampling variance.

    ``rescaled`` is the factor by which the printed number was multiplied (0.1 where 100 mm became 10 points).
    """

    study: str
    estimate: float
    variance: float
    measure: Measure = Measure.DIFFERENCE
    rescaled: float = 1.0

    def __post_init__(self) -> None:
        if not abs(self.estimate) <= LARGEST_EFFECT:
            raise ValueError(f"study {self.study}: effect {self.estimate} is not a number that can be pooled")
        if not SMALLEST_VARIANCE <= self.variance <= LARGEST_VARIANCE:
            raise ValueError(
                f"study {self.study}: variance {self.variance} is not above 0 and finite; give the squared standard error"
            )

    @property
    def standard_error(self) -> float:
        """The square root of the sampling variance."""
        return math.sqrt(self.variance)

    def reversed(self) -> Effect:
        """The same effect seen from the comparator, so that negative favours what positive favoured."""
        return replace(self, estimate=-self.estimate)

    def rescaled_by(self, factor: float) -> Effect:
        """The same effect in other units; a ratio has none."""
        if self.measure.is_ratio or self.measure in (Measure.CORRELATION, Measure.STANDARDIZED_MEAN_DIFFERENCE):
            raise ValueError(f"study {self.study}: a {self.measure.value} has no units that could be rescaled")
        if not 0 < factor < math.inf:
            raise ValueError(
                f"study {self.study}: factor {factor} is not above 0; to turn the direction use `reversed`"
            )
        return replace(
            self,
            estimate=self.estimate * factor,
            variance=self.variance * factor**2,
            rescaled=self.rescaled * factor,
        )


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A study that is not in the pool, and why."""

    study: str
    why: str


@dataclass(frozen=True, slots=True)
class Interval:
    """Both bounds, included."""

    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """One number with its uncertainty, on the scale of pooling.

    ``degrees`` are those of t; None says that the normal was used. ``statistic`` and ``p`` are None where the standard
    error is 0, as when studies agree exactly under Knapp-Hartung without floor.
    """

    value: float
    standard_error: float
    interval: Interval
    statistic: float | None
    degrees: int | None
    p: float | None


@dataclass(frozen=True, slots=True)
class Heterogeneity:
    """How far the studies differ beyond chance. ``i2`` is a share of 1; ``tau2`` in squared units of the effects.

    ``tau2_interval`` is None where none was asked for, and where Q is so small that no tau² is compatible with it.
    """

    tau2: float
    tau2_interval: Interval | None
    q: float
    degrees: int
    p: float
    i2: float
    h2: float


@dataclass(frozen=True, slots=True)
class PredictionInterval:
    """Where the true effect of a next, similar study is expected; ``name`` says by which quantile."""

    lower: float
    upper: float
    name: str


@dataclass(frozen=True, slots=True)
class Caution:
    """Something that the reader of a result must know; it goes wherever the result goes."""

    key: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Pooled:
    """What studies say together. With one study it is that study: no heterogeneity, no prediction interval.

    ``weights`` are the shares of the studies, in the order of ``effects``, and add up to 1. ``shown`` gives the estimate
    and its bounds on the scale that people read.
    """

    effects: tuple[Effect, ...]
    estimate: Estimate
    weights: tuple[float, ...]
    heterogeneity: Heterogeneity | None
    prediction: PredictionInterval | None
    measure: Measure
    method: str
    conventions: Conventions
    cautions: tuple[Caution, ...] = ()
    left_out: tuple[LeftOut, ...] = ()

    @property
    def shown(self) -> tuple[float, float, float]:
        """Estimate, lower and upper bound as people read them: ratios as ratios."""
        show, interval = self.measure.shown, self.estimate.interval
        return show(self.estimate.value), show(interval.lower), show(interval.upper)


@dataclass(frozen=True, slots=True)
class NoData:
    """The pool of no studies."""

    conventions: Conventions
    left_out: tuple[LeftOut, ...] = ()


def one_measure(effects: Sequence[Effect]) -> Measure:
    """The measure that all effects share; raises ValueError where they do not, or where a study stands twice."""
    measures = sorted({effect.measure.value for effect in effects})
    if len(measures) > 1:
        raise ValueError(f"effects of one pool share one measure, found {', '.join(measures)}")
    names = [effect.study for effect in effects]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"study {', '.join(twice)} stands in the pool more than once")
    return effects[0].measure
