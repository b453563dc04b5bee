"""The variance between studies (tau²): eight estimators of it, its interval, and how much of the whole it is."""

from __future__ import annotations

import sys
from collections.abc import Callable

import numpy as np
from scipy.optimize import brentq
from scipy.special import chdtrc, chdtri

from medpol.evidence.pooling.fitting import Fit, Floats, Model
from medpol.evidence.pooling.values import Heterogeneity, Interval
from medpol.model.conventions import Conventions, HeterogeneityFrom, Variance, VarianceInterval

GRID_POINTS = 60


def between_studies(model: Model, how: Variance) -> float:
    """tau² by one estimator, never negative; 0 for fixed effect and where no degree of freedom is left."""
    if how is Variance.FIXED or model.degrees == 0:
        return 0.0
    return max(0.0, _ESTIMATORS[how](model))


def heterogeneity(model: Model, tau2: float, conventions: Conventions) -> Heterogeneity:
    """Q, tau² with its interval, I² and H².

    Source: Higgins JPT, Thompson SG. Stat Med 2002;21:1539-1558 (I², H², typical variance).
    """
    fixed = model.at(np.zeros(1))
    q, degrees = float(fixed.misfit[0]), model.degrees
    if conventions.heterogeneity is HeterogeneityFrom.Q or conventions.variance is Variance.FIXED:
        i2, h2 = (max(0.0, 1 - degrees / q) if q > 0 else 0.0), q / degrees
    else:
        typical = degrees / float(fixed.spread[0])
        i2, h2 = tau2 / (tau2 + typical), tau2 / typical + 1
    return Heterogeneity(tau2, _interval(model, q, conventions), q, degrees, float(chdtrc(degrees, q)), i2, h2)


def _interval(model: Model, q: float, conventions: Conventions) -> Interval | None:
    """Every tau² whose Q generalised is no surprise; 0 to 0 where already Q itself is surprisingly small.

    Source: Viechtbauer W. Stat Med 2007;26:37-52.
    """
    if conventions.variance_interval is VarianceInterval.NONE or conventions.variance is Variance.FIXED:
        return None
    outside = (1 - conventions.level) / 2
    return Interval(
        _where_misfit_is(model, q, float(chdtri(model.degrees, outside))),
        _where_misfit_is(model, q, float(chdtri(model.degrees, 1 - outside))),
    )


def _where_misfit_is(model: Model, q: float, wanted: float) -> float:
    """The tau² at which Q generalised falls to a value, 0 where it starts below it."""
    if q <= wanted:
        return 0.0
    # Q generalised is at most `squares / tau²`, so it has fallen far enough by then.
    return _root(lambda tau2: model.misfit(tau2) - wanted, 0.0, 1.001 * model.squares / wanted)


def _root(function: Callable[[float], float], low: float, high: float) -> float:
    return float(brentq(function, low, high, xtol=sys.float_info.min, rtol=4 * np.finfo(float).eps, maxiter=1000))


def _most_likely(model: Model, restricted: bool) -> float:
    """The tau² of greatest likelihood: the best of the border 0 and of every root of the score.

    Solved as roots, since iteration with a fixed step may stop early or not at all, and may end in the lower of two
    maxima.

    Source: Patterson HD, Thompson R. Biometrika 1971;58:545-554; Hardy RJ, Thompson SG. Stat Med 1996;15:619-629.
    """
    # From `squares + max(v)` on the score is negative; far below the least variance it hardly changes.
    high = model.squares + float(model.v.max())
    grid = np.concatenate(([0.0], np.geomspace(float(model.v.min()) * 1e-4, high, GRID_POINTS)))

    def score(tau2: Floats) -> Floats:
        fit = model.at(tau2)
        expected: Floats = fit.spread if restricted else fit.weights.sum(axis=1)
        found: Floats = fit.pull - expected
        return found

    signs = score(grid) > 0
    tops = np.flatnonzero(signs[:-1] & ~signs[1:])
    found = [_root(lambda tau2: float(score(np.array([tau2]))[0]), grid[top], grid[top + 1]) for top in tops]
    candidates = np.array([0.0, *found])
    return float(candidates[np.argmax(_log_likelihood(model.at(candidates), restricted))])


def _log_likelihood(fit: Fit, restricted: bool) -> Floats:
    """Twice the log-likelihood at each tau², but for what does not depend on it."""
    whole: Floats = np.log(fit.weights).sum(axis=1) - fit.misfit
    if restricted:
        whole += np.linalg.slogdet(fit.covariance)[1]
    return whole


def _restricted_maximum_likelihood(model: Model) -> float:
    return _most_likely(model, restricted=True)


def _maximum_likelihood(model: Model) -> float:
    return _most_likely(model, restricted=False)


def _dersimonian_laird(model: Model) -> float:
    """Source: DerSimonian R, Laird N. Control Clin Trials 1986;7:177-188."""
    fixed = model.at(np.zeros(1))
    return float((fixed.misfit[0] - model.degrees) / fixed.spread[0])


def _paule_mandel(model: Model) -> float:
    """Source: Paule RC, Mandel J. J Res Natl Bur Stand 1982;87:377-385.

    Empirical Bayes (Morris CN. J Am Stat Assoc 1983;78:47-55) solves the same equation.
    """
    return _where_misfit_is(model, model.misfit(0.0), float(model.degrees))


def _hedges(model: Model) -> float:
    """Source: Hedges LV, Olkin I. Statistical methods for meta-analysis. 1985:194."""
    hat = model.x @ np.linalg.pinv(model.x)
    return float((model.squares - np.sum((1 - np.diagonal(hat)) * model.v)) / model.degrees)


def _sidik_jonkman(model: Model) -> float:
    """Source: Sidik K, Jonkman JN. J R Stat Soc C 2005;54:367-384."""
    crude = float(np.mean((model.y - model.y.mean()) ** 2))
    return crude * model.misfit(crude) / model.degrees if crude > 0 else 0.0


def _hunter_schmidt(model: Model) -> float:
    """Source: Hunter JE, Schmidt FL. Methods of meta-analysis. 1990."""
    fixed = model.at(np.zeros(1))
    return float((fixed.misfit[0] - len(model.y)) / fixed.weights[0].sum())


_ESTIMATORS: dict[Variance, Callable[[Model], float]] = {
    Variance.REML: _restricted_maximum_likelihood,
    Variance.ML: _maximum_likelihood,
    Variance.DERSIMONIAN_LAIRD: _dersimonian_laird,
    Variance.PAULE_MANDEL: _paule_mandel,
    Variance.EMPIRICAL_BAYES: _paule_mandel,
    Variance.HEDGES: _hedges,
    Variance.SIDIK_JONKMAN: _sidik_jonkman,
    Variance.HUNTER_SCHMIDT: _hunter_schmidt,
}
