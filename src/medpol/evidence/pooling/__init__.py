"""Pooling the effects of studies, in textbook mathematics on numpy and scipy; each function names its published source.

An effect comes from counts, means, a correlation or an interval; `pool` weighs effects by inverse variance, tables of
rare events go through `mantel_haenszel` or `peto`. Every convention that moves a number is a field of `Conventions`, and
every result carries it. What is doubtful about a result is a value in it (`Caution`), never a message on the side.
"""

from medpol.evidence.pooling.effects import (
    Counts,
    Means,
    mean_difference,
    of_correlation,
    of_counts,
    of_interval,
    standardized_mean_difference,
)
from medpol.evidence.pooling.moderators import Difference, Regression, Subgroups, regress, subgroups
from medpol.evidence.pooling.pool import cumulative, leave_one_out, pool
from medpol.evidence.pooling.small_studies import Egger, Refused, Side, TrimAndFill, egger, trim_and_fill
from medpol.evidence.pooling.tables import mantel_haenszel, peto
from medpol.evidence.pooling.values import (
    Caution,
    Effect,
    Estimate,
    Heterogeneity,
    Interval,
    LeftOut,
    Measure,
    NoData,
    Pooled,
    PredictionInterval,
)
from medpol.model.conventions import (
    Conventions,
    DifferenceVariance,
    DoubleZeros,
    HeterogeneityFrom,
    Prediction,
    StandardizedDifference,
    Test,
    Variance,
    VarianceInterval,
    ZeroCells,
)

__all__ = [
    "Caution",
    "Conventions",
    "Counts",
    "Difference",
    "DifferenceVariance",
    "DoubleZeros",
    "Effect",
    "Egger",
    "Estimate",
    "Heterogeneity",
    "HeterogeneityFrom",
    "Interval",
    "LeftOut",
    "Means",
    "Measure",
    "NoData",
    "Pooled",
    "Prediction",
    "PredictionInterval",
    "Refused",
    "Regression",
    "Side",
    "StandardizedDifference",
    "Subgroups",
    "Test",
    "TrimAndFill",
    "Variance",
    "VarianceInterval",
    "ZeroCells",
    "cumulative",
    "egger",
    "leave_one_out",
    "mantel_haenszel",
    "mean_difference",
    "of_correlation",
    "of_counts",
    "of_interval",
    "peto",
    "pool",
    "regress",
    "standardized_mean_difference",
    "subgroups",
    "trim_and_fill",
]
