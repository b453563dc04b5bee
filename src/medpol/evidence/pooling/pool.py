"""The pool of inverse variance: fixed effect and random effects, with each study left out, and as studies came."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from medpol.evidence.pooling.fitting import estimate, intercept, quantile, scale, test_degrees
from medpol.evidence.pooling.values import (
    Caution,
    Effect,
    Estimate,
    LeftOut,
    NoData,
    Pooled,
    PredictionInterval,
    one_measure,
)
from medpol.evidence.pooling.variance import between_studies, heterogeneity
from medpol.model.conventions import Conventions, Prediction, Variance

DEFAULT = Conventions()
FEW_STUDIES = 5

ONE_STUDY = Caution("one-study", "This is one study; nothing can be said of how studies differ.")


def pool(studies: Sequence[Effect | LeftOut], conventions: Conventions = DEFAULT) -> Pooled | NoData:
    """What studies say together, weighted by the inverse of their variances.

    No study gives ``NoData``; one gives itself, with the normal interval; two give no prediction interval. Studies that
    were left out earlier are named in the result.

    Raises:
        ValueError: Effects of different measures, or a study that stands twice.
    """
    effects = tuple(each for each in studies if isinstance(each, Effect))
    left_out = tuple(each for each in studies if isinstance(each, LeftOut))
    if not effects:
        return NoData(conventions, left_out)
    measure = one_measure(effects)
    model = intercept(np.array([each.estimate for each in effects]), np.array([each.variance for each in effects]))
    tau2 = between_studies(model, conventions.variance)
    fit = model.at(np.array([tau2]))
    pooled = estimate(
        float(fit.coefficients[0, 0]),
        math.sqrt(scale(model, fit, conventions) * float(fit.covariance[0, 0, 0])),
        test_degrees(model, conventions),
        conventions.level,
    )
    shares = fit.weights[0] / fit.weights[0].sum()
    return Pooled(
        effects,
        pooled,
        tuple(shares.tolist()),
        heterogeneity(model, tau2, conventions) if model.degrees else None,
        _prediction(pooled, tau2, len(effects), conventions),
        measure,
        f"inverse variance, {conventions.variance.value}",
        conventions,
        _cautions(len(effects), pooled, conventions),
        left_out,
    )


def leave_one_out(
    studies: Sequence[Effect | LeftOut], conventions: Conventions = DEFAULT
) -> tuple[tuple[str, Pooled | NoData], ...]:
    """The pool without each study in turn, with the name of the one that is missing."""
    return tuple(
        (each.study, pool([other for other in studies if other is not each], conventions))
        for each in studies
        if isinstance(each, Effect)
    )


def cumulative(
    studies: Sequence[Effect | LeftOut], conventions: Conventions = DEFAULT
) -> tuple[tuple[str, Pooled | NoData], ...]:
    """The pool as it stood when each study had come, in the order given, with the name of the one that came last."""
    return tuple(
        (each.study, pool(studies[: place + 1], conventions))
        for place, each in enumerate(studies)
        if isinstance(each, Effect)
    )


def _prediction(pooled: Estimate, tau2: float, studies: int, conventions: Conventions) -> PredictionInterval | None:
    """Source: Higgins JPT, Thompson SG, Spiegelhalter DJ. J R Stat Soc A 2009;172:137-159."""
    if conventions.variance is Variance.FIXED or studies < 3:
        return None
    degrees = {Prediction.T_K_MINUS_2: studies - 2, Prediction.T_K_MINUS_1: studies - 1, Prediction.NORMAL: None}
    reach = quantile(conventions.level, degrees[conventions.prediction])
    half = reach * math.sqrt(tau2 + pooled.standard_error**2)
    return PredictionInterval(pooled.value - half, pooled.value + half, conventions.prediction.value)


def _cautions(studies: int, pooled: Estimate, conventions: Conventions) -> tuple[Caution, ...]:
    if studies == 1:
        return (ONE_STUDY,)
    found = []
    if studies < FEW_STUDIES and conventions.variance is not Variance.FIXED:
        sentence = f"With {studies} studies the variance between studies is hardly known, whatever the method."
        found.append(Caution("few-studies", sentence))
    if pooled.standard_error == 0:
        sentence = "The studies agree exactly, so Knapp-Hartung without floor gives no width and no test."
        found.append(Caution("no-width", sentence))
    return tuple(found)
