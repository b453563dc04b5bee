"""Whether an effect differs between kinds of studies: subgroups, and regression on one moderator."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc, fdtrc

from medpol.evidence.pooling.fitting import Floats, Model, estimate, scale, test_degrees
from medpol.evidence.pooling.pool import DEFAULT, pool
from medpol.evidence.pooling.values import Caution, Effect, Estimate, Heterogeneity, Pooled, one_measure
from medpol.evidence.pooling.variance import between_studies, heterogeneity
from medpol.model.conventions import Conventions

FEW_FOR_REGRESSION = 10


@dataclass(frozen=True, slots=True)
class Difference:
    """A test that effects are all the same: chi-squared, or F where there are ``residual_degrees``."""

    statistic: float
    degrees: int
    residual_degrees: int | None
    p: float


@dataclass(frozen=True, slots=True)
class Subgroups:
    """The pool of each subgroup, with its own tau², and Q between them (None with one subgroup)."""

    parts: tuple[tuple[str, Pooled], ...]
    between: Difference | None
    conventions: Conventions


@dataclass(frozen=True, slots=True)
class Regression:
    """A regression on one moderator: each coefficient by name, what heterogeneity is left, and the moderator's test.

    The test is None where the studies lie on the line exactly, under Knapp-Hartung without floor.
    """

    coefficients: tuple[tuple[str, Estimate], ...]
    residual: Heterogeneity
    moderator: Difference | None
    conventions: Conventions
    cautions: tuple[Caution, ...]


def subgroups(effects: Sequence[Effect], groups: Sequence[str], conventions: Conventions = DEFAULT) -> Subgroups:
    """Each subgroup pooled alone, in the order of their names; ``groups`` names that of each effect.

    Q between is taken with the normal variances of the pools, whatever test the pools themselves have.

    Source: Borenstein M, Hedges LV, Higgins JPT, Rothstein HR. Introduction to meta-analysis. 2009, chapter 19.
    """
    _aligned(effects, groups)
    one_measure(effects)
    parts = []
    for name in sorted(set(groups)):
        pooled = pool([each for each, group in zip(effects, groups, strict=True) if group == name], conventions)
        assert isinstance(pooled, Pooled)  # a subgroup exists by its studies
        parts.append((name, pooled))
    if len(parts) == 1:
        return Subgroups(tuple(parts), None, conventions)
    values = np.array([pooled.estimate.value for _, pooled in parts])
    weights = np.array([_information(pooled) for _, pooled in parts])
    q = float(np.sum(weights * (values - np.sum(weights * values) / weights.sum()) ** 2))
    degrees = len(parts) - 1
    return Subgroups(tuple(parts), Difference(q, degrees, None, float(chdtrc(degrees, q))), conventions)


def regress(
    effects: Sequence[Effect], moderator: Sequence[float] | Sequence[str], conventions: Conventions = DEFAULT
) -> Regression:
    """How the effect changes with one moderator: per unit of a number, or from the first level of a factor to each other.

    Levels go by name. The moderator's test is chi-squared under Wald and F under Knapp-Hartung.

    Raises:
        ValueError: A moderator that does not vary, is not finite, or leaves no degree of freedom.

    Source: Thompson SG, Sharp SJ. Stat Med 1999;18:2693-2708; Knapp G, Hartung J. Stat Med 2003;22:2693-2710.
    """
    _aligned(effects, moderator)
    one_measure(effects)
    names, columns = _columns(moderator)
    # Columns at right angles: the same model, solved well also where a moderator is a year. `back` returns to the given.
    basis, back = np.linalg.qr(columns)
    model = Model(np.array([each.estimate for each in effects]), np.array([each.variance for each in effects]), basis)
    if model.degrees < 1:
        raise ValueError(
            f"{len(effects)} studies cannot tell {len(names)} coefficients apart; at least one more is needed"
        )
    tau2 = between_studies(model, conventions.variance)
    fit = model.at(np.array([tau2]))
    factor, residual_degrees = scale(model, fit, conventions), test_degrees(model, conventions)
    inverse = np.linalg.inv(back)
    coefficients, covariance = inverse @ fit.coefficients[0], inverse @ fit.covariance[0] @ inverse.T
    found = [
        estimate(float(value), math.sqrt(factor * float(variance)), residual_degrees, conventions.level)
        for value, variance in zip(coefficients, np.diagonal(covariance), strict=True)
    ]
    tested = float(coefficients[1:] @ np.linalg.solve(covariance[1:, 1:], coefficients[1:]))
    return Regression(
        tuple(zip(names, found, strict=True)),
        heterogeneity(model, tau2, conventions),
        _difference(tested, factor, len(names) - 1, residual_degrees),
        conventions,
        _cautions(len(effects)),
    )


def _difference(tested: float, factor: float, degrees: int, residual_degrees: int | None) -> Difference | None:
    if residual_degrees is None:
        return Difference(tested, degrees, None, float(chdtrc(degrees, tested)))
    if factor == 0:
        return None
    statistic = tested / factor / degrees
    return Difference(statistic, degrees, residual_degrees, float(fdtrc(degrees, residual_degrees, statistic)))


def _columns(moderator: Sequence[float] | Sequence[str]) -> tuple[tuple[str, ...], Floats]:
    """The names of the coefficients, and the design matrix: ones, then the number, or one column a later level."""
    if len(set(moderator)) < 2:
        raise ValueError("the moderator is the same in every study, so nothing can be said of it")
    if all(isinstance(value, str) for value in moderator):
        levels = sorted({str(value) for value in moderator})
        columns = [[float(value == level) for value in moderator] for level in levels[1:]]
        names = (levels[0], *(f"{level} against {levels[0]}" for level in levels[1:]))
    elif any(isinstance(value, str) for value in moderator) or not all(
        math.isfinite(float(value)) for value in moderator
    ):
        raise ValueError("a moderator is all numbers, each finite, or all names of levels")
    else:
        columns, names = [[float(value) for value in moderator]], ("intercept", "per unit")
    return names, np.column_stack([np.ones(len(moderator)), *columns])


def _information(pooled: Pooled) -> float:
    """One over the normal variance of a pool."""
    tau2 = pooled.heterogeneity.tau2 if pooled.heterogeneity else 0.0
    return sum(1 / (each.variance + tau2) for each in pooled.effects)


def _aligned(effects: Sequence[Effect], beside: Sequence[object]) -> None:
    if len(effects) != len(beside) or not effects:
        raise ValueError(f"{len(effects)} studies, but {len(beside)} values beside them; give one for each study")


def _cautions(studies: int) -> tuple[Caution, ...]:
    if studies >= FEW_FOR_REGRESSION:
        return ()
    return (
        Caution("few-for-regression", f"{studies} studies are too few to learn from a moderator; ten is the least."),
    )
