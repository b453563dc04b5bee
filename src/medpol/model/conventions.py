"""Every convention that moves a pooled number, with the default that Cochrane's direction of January 2025 gives."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Variance(Enum):
    """How the variance between the studies (tau²) is estimated."""

    FIXED = "fixed effect"
    REML = "restricted maximum likelihood"
    ML = "maximum likelihood"
    DERSIMONIAN_LAIRD = "DerSimonian-Laird"
    PAULE_MANDEL = "Paule-Mandel"
    EMPIRICAL_BAYES = "empirical Bayes"
    HEDGES = "Hedges"
    SIDIK_JONKMAN = "Sidik-Jonkman"
    HUNTER_SCHMIDT = "Hunter-Schmidt"


class Test(Enum):
    """How a pooled effect is tested and its interval made."""

    __test__ = False  # not a test of pytest's

    WALD = "normal (Wald)"
    KNAPP_HARTUNG_FLOOR = "Knapp-Hartung with the floor max(1, q)"
    KNAPP_HARTUNG = "Knapp-Hartung without floor"


class VarianceInterval(Enum):
    """The interval of tau²."""

    Q_PROFILE = "Q-profile"
    NONE = "none"


class HeterogeneityFrom(Enum):
    """What I² and H² are computed from."""

    TAU2 = "tau² and the typical variance"
    Q = "Q and its degrees of freedom"


class Prediction(Enum):
    """The quantile of a prediction interval; it is named wherever the interval is shown."""

    T_K_MINUS_2 = "t with k - 2 (Higgins-Thompson-Spiegelhalter)"
    T_K_MINUS_1 = "t with k - 1"
    NORMAL = "normal"


class ZeroCells(Enum):
    """What is done with a two-by-two table that has a zero, for inverse variance only; never in Mantel-Haenszel or Peto."""

    ADD_HALF = "0.5 added to all four cells of a study with a zero"
    NONE = "nothing added"


class DoubleZeros(Enum):
    """What is done with a study in which nobody, or everybody, had the event in both groups."""

    LEFT_OUT_OF_RATIOS = "left out for odds and risk ratios, kept for risk differences"
    KEPT = "kept"


class StandardizedDifference(Enum):
    """Which standardised mean difference is meant."""

    HEDGES_G = "Hedges g, exact gamma correction"
    COHEN_D = "Cohen d"


class DifferenceVariance(Enum):
    """The sampling variance of a standardised mean difference."""

    LARGE_SAMPLE = "large-sample"
    UNBIASED = "unbiased"


@dataclass(frozen=True, slots=True)
class Conventions:
    """What was agreed before a number was seen; every result carries it, and every picture prints it."""

    variance: Variance = Variance.REML
    test: Test = Test.KNAPP_HARTUNG_FLOOR
    level: float = 0.95
    variance_interval: VarianceInterval = VarianceInterval.Q_PROFILE
    heterogeneity: HeterogeneityFrom = HeterogeneityFrom.TAU2
    prediction: Prediction = Prediction.T_K_MINUS_2
    zero_cells: ZeroCells = ZeroCells.ADD_HALF
    double_zeros: DoubleZeros = DoubleZeros.LEFT_OUT_OF_RATIOS
    standardized: StandardizedDifference = StandardizedDifference.HEDGES_G
    standardized_variance: DifferenceVariance = DifferenceVariance.LARGE_SAMPLE

    def __post_init__(self) -> None:
        if not 0.5 <= self.level < 1:
            raise ValueError(
                f"level {self.level} is no level of an interval; give one such as 0.95 (0.5 or more, below 1)"
            )
