"""Weighted least squares at a given tau²: what estimators, intervals and tests of every model are made of.

Effects y with sampling variances v and a design matrix x, one row a study, are fitted with weights w = 1 / (v + tau²).
A pool has one column of ones; a regression has more. Everything is given for many values of tau² at once.

Source: Raudenbush SW. Analyzing effect sizes: random-effects models. In: Cooper H, Hedges LV, Valentine JC (eds). The
handbook of research synthesis and meta-analysis. 2009:295-315.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from medpol.evidence.pooling.values import Estimate, Interval
from medpol.model.conventions import Conventions, Test

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Fit:
    """The model at each of some values of tau²; the first axis of every array runs over them.

    ``misfit`` is Q generalised, the weighted sum of squared residuals; ``pull`` the sum of the squared weighted
    residuals; ``spread`` the trace of the projection that takes the fit out of the effects.
    """

    tau2: Floats
    weights: Floats
    coefficients: Floats
    covariance: Floats
    misfit: Floats
    pull: Floats
    spread: Floats


@dataclass(frozen=True)
class Model:
    """Effects, their variances and the columns that explain them."""

    y: Floats
    v: Floats
    x: Floats

    @property
    def degrees(self) -> int:
        """Studies less coefficients."""
        return len(self.y) - int(self.x.shape[1])

    @cached_property
    def squares(self) -> float:
        """The sum of squared residuals without weights."""
        return float(np.sum((self.y - self.x @ np.linalg.lstsq(self.x, self.y, rcond=None)[0]) ** 2))

    def at(self, tau2: Floats) -> Fit:
        """The fit at each value of tau²."""
        total = self.v + tau2[:, None]
        weights = 1 / total
        weighted = self.x.T * weights[:, None, :]
        covariance: Floats = np.linalg.inv(weighted @ self.x).astype(np.float64)
        coefficients = (covariance @ (weighted @ self.y)[:, :, None])[:, :, 0]
        residuals = self.y - coefficients @ self.x.T
        pulled = weights * residuals
        leverage = np.einsum("tpk,tpq,tqk->t", weighted, covariance, weighted, optimize=False)
        # Rounding could push the trace past what the variances allow when one study outweighs all others.
        spread = np.clip(
            weights.sum(axis=1) - leverage, self.degrees / total.max(axis=1), self.degrees / total.min(axis=1)
        )
        return Fit(
            tau2,
            weights,
            coefficients,
            covariance,
            (pulled * residuals).sum(axis=1),
            (pulled**2).sum(axis=1),
            spread,
        )

    def misfit(self, tau2: float) -> float:
        """Q generalised at one tau²; it falls as tau² grows."""
        return float(self.at(np.array([tau2])).misfit[0])


def intercept(y: Floats, v: Floats) -> Model:
    """The model of a pool: one effect for all studies."""
    return Model(y, v, np.ones((len(y), 1)))


def scale(model: Model, fit: Fit, conventions: Conventions) -> float:
    """What Knapp-Hartung multiplies a variance by at the first tau² of a fit; 1 for Wald, and for one study alone.

    Source: Knapp G, Hartung J. Stat Med 2003;22:2693-2710; Sidik K, Jonkman JN. Stat Med 2002;21:3153-3159. The floor:
    Röver C, Knapp G, Friede T. BMC Med Res Methodol 2015;15:99.
    """
    if test_degrees(model, conventions) is None:
        return 1.0
    found = float(fit.misfit[0]) / model.degrees
    return max(1.0, found) if conventions.test is Test.KNAPP_HARTUNG_FLOOR else found


def test_degrees(model: Model, conventions: Conventions) -> int | None:
    """The degrees of freedom of t in tests and intervals; None for the normal."""
    return None if conventions.test is Test.WALD or not model.degrees else model.degrees


def estimate(value: float, standard_error: float, degrees: int | None, level: float) -> Estimate:
    """A number with its interval and its two-sided test against 0, by t where there are degrees of freedom."""
    half = quantile(level, degrees) * standard_error
    interval = Interval(value - half, value + half)
    if standard_error == 0:
        return Estimate(value, standard_error, interval, None, degrees, None)
    statistic = value / standard_error
    tail = ndtr(-abs(statistic)) if degrees is None else stdtr(degrees, -abs(statistic))
    return Estimate(value, standard_error, interval, statistic, degrees, 2 * float(tail))


def quantile(level: float, degrees: int | None) -> float:
    """How many standard errors an interval of a level reaches to each side."""
    tail = (1 + level) / 2
    return float(ndtri(tail) if degrees is None else stdtrit(degrees, tail))
