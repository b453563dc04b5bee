"""Pools made straight from two-by-two tables, for events that are rare: Mantel-Haenszel and Peto. Nothing is added to zeros."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy.special import chdtrc

from medpol.evidence.pooling.effects import Counts, of_counts
from medpol.evidence.pooling.fitting import Floats, estimate
from medpol.evidence.pooling.pool import DEFAULT, ONE_STUDY
from medpol.evidence.pooling.values import Effect, Heterogeneity, LeftOut, Measure, NoData, Pooled, one_measure
from medpol.model.conventions import Conventions

NO_EVENTS = "nobody, or everybody, had the event in both groups"


def mantel_haenszel(tables: Sequence[Counts], measure: Measure, conventions: Conventions = DEFAULT) -> Pooled | NoData:
    """The fixed effect of tables by Mantel-Haenszel, as a log ratio or a risk difference.

    Q is taken over the studies' own effects, with the correction of zero cells that inverse variance uses and without
    double zeros; a risk difference counts those in its estimate all the same. ``NoData`` where no table informs.

    Source: Robins J, Breslow N, Greenland S. Biometrics 1986;42:311-323 (odds ratio); Greenland S, Robins JM.
    Biometrics 1985;41:55-68 (risk ratio); Sato T. Biometrics 1989;45:1323-1324 (risk difference).
    """
    if measure not in _POOLS:
        raise ValueError(
            f"a {measure.value} has no Mantel-Haenszel pool; ask for an odds or risk ratio, or a risk difference"
        )
    informing = [table for table in tables if not (table.is_double_zero and measure.is_ratio)]
    left_out = tuple(LeftOut(table.study, NO_EVENTS) for table in tables if table not in informing)
    if not informing:
        return NoData(conventions, left_out)
    a, b, c, d = (np.array(cells) for cells in zip(*(table.cells for table in informing), strict=True))
    value, variance, weights = _POOLS[measure](a, b, c, d)
    if not (math.isfinite(value) and 0 < variance < math.inf):
        return NoData(conventions, (*left_out, *(LeftOut(table.study, _no_pool(measure)) for table in informing)))
    shown = [(table, of_counts(table, measure, conventions)) for table in informing]
    return _pooled(shown, value, variance, weights, measure, "Mantel-Haenszel", conventions, left_out)


def peto(tables: Sequence[Counts], conventions: Conventions = DEFAULT) -> Pooled | NoData:
    """The log odds ratio by Peto's one-step method.

    Source: Yusuf S, Peto R, Lewis J, Collins R, Sleight P. Prog Cardiovasc Dis 1985;27:335-371.
    """
    informing = [table for table in tables if not table.is_double_zero]
    left_out = tuple(LeftOut(table.study, NO_EVENTS) for table in tables if table.is_double_zero)
    if not informing:
        return NoData(conventions, left_out)
    a, b, c, d = (np.array(cells) for cells in zip(*(table.cells for table in informing), strict=True))
    n1, n2, n = a + b, c + d, a + b + c + d
    beyond = a - n1 * (a + c) / n
    information = n1 * n2 * (a + c) * (b + d) / (n**2 * (n - 1))
    effects = [
        (table, Effect(table.study, float(o / v), float(1 / v), Measure.ODDS_RATIO))
        for table, o, v in zip(informing, beyond, information, strict=True)
    ]
    whole = float(information.sum())
    value = float(beyond.sum()) / whole
    return _pooled(effects, value, 1 / whole, information, Measure.ODDS_RATIO, "Peto", conventions, left_out)


def _pooled(
    shown: Sequence[tuple[Counts, Effect | LeftOut]],
    value: float,
    variance: float,
    weights: Floats,
    measure: Measure,
    method: str,
    conventions: Conventions,
    left_out: tuple[LeftOut, ...],
) -> Pooled:
    """The result, with Q over the studies whose own effect is known. The test is the normal one, always."""
    kept = [effect for _, effect in shown if isinstance(effect, Effect)]
    if kept:
        one_measure(kept)
    telling = [effect for table, effect in shown if isinstance(effect, Effect) and not table.is_double_zero]
    share = weights / weights.sum()
    return Pooled(
        tuple(kept),
        estimate(value, math.sqrt(variance), None, conventions.level),
        tuple(float(one) for one, (_, effect) in zip(share, shown, strict=True) if isinstance(effect, Effect)),
        _heterogeneity(telling, value),
        None,
        measure,
        method,
        conventions,
        (ONE_STUDY,) if len(shown) == 1 else (),
        left_out
        + tuple(replace(each, why=f"in the pool, but {each.why}") for _, each in shown if isinstance(each, LeftOut)),
    )


def _heterogeneity(effects: Sequence[Effect], value: float) -> Heterogeneity | None:
    degrees = len(effects) - 1
    if degrees < 1:
        return None
    q = sum((each.estimate - value) ** 2 / each.variance for each in effects)
    return Heterogeneity(
        0.0, None, q, degrees, float(chdtrc(degrees, q)), max(0.0, 1 - degrees / q) if q > 0 else 0.0, q / degrees
    )


def _odds_ratio(a: Floats, b: Floats, c: Floats, d: Floats) -> tuple[float, float, Floats]:
    n = a + b + c + d
    r, s, p, q = a * d / n, b * c / n, (a + d) / n, (b + c) / n
    total_r, total_s = float(r.sum()), float(s.sum())
    if total_r == 0 or total_s == 0:
        return math.nan, math.nan, s
    crossed = float((p * s + q * r).sum()) / (2 * total_r * total_s)
    variance = float((p * r).sum()) / (2 * total_r**2) + crossed + float((q * s).sum()) / (2 * total_s**2)
    return math.log(total_r / total_s), variance, s


def _risk_ratio(a: Floats, b: Floats, c: Floats, d: Floats) -> tuple[float, float, Floats]:
    n1, n2, n = a + b, c + d, a + b + c + d
    r, s = a * n2 / n, c * n1 / n
    total_r, total_s = float(r.sum()), float(s.sum())
    if total_r == 0 or total_s == 0:
        return math.nan, math.nan, s
    spread = float(((n1 * n2 * (a + c) - a * c * n) / n**2).sum())
    return math.log(total_r / total_s), spread / (total_r * total_s), s


def _risk_difference(a: Floats, b: Floats, c: Floats, d: Floats) -> tuple[float, float, Floats]:
    n1, n2, n = a + b, c + d, a + b + c + d
    weights = n1 * n2 / n
    total = float(weights.sum())
    value = float(((a * n2 - c * n1) / n).sum()) / total
    p = (n1**2 * c - n2**2 * a + n1 * n2 * (n2 - n1) / 2) / n**2
    q = (a * d + c * b) / (2 * n)
    return value, (value * float(p.sum()) + float(q.sum())) / total**2, weights


def _no_pool(measure: Measure) -> str:
    return f"all tables together give no finite {measure.value}"


_POOLS = {
    Measure.ODDS_RATIO: _odds_ratio,
    Measure.RISK_RATIO: _risk_ratio,
    Measure.RISK_DIFFERENCE: _risk_difference,
}
