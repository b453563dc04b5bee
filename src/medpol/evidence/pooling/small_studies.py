"""Whether small studies show other effects than large ones: Egger's regression, and trim and fill. From ten studies on only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np

from medpol.evidence.pooling.moderators import regress
from medpol.evidence.pooling.pool import DEFAULT, pool
from medpol.evidence.pooling.values import Effect, Estimate, Pooled, one_measure
from medpol.model.conventions import Conventions, Test, Variance

FEWEST = 10


class Side(Enum):
    """The side of a funnel on which studies seem to be missing."""

    LEFT = "left"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a test was not made."""

    why: str


@dataclass(frozen=True, slots=True)
class Egger:
    """Egger's regression: the slope on the standard error, which asymmetry makes differ from 0, and the limit at 0."""

    slope: Estimate
    limit: Estimate
    conventions: Conventions


@dataclass(frozen=True, slots=True)
class TrimAndFill:
    """How many studies the funnel lacks on a side, and the pool with their mirror images put in. Not a corrected answer."""

    missing: int
    side: Side
    filled: Pooled
    conventions: Conventions


def egger(effects: Sequence[Effect], conventions: Conventions = DEFAULT) -> Egger | Refused:
    """Egger's test by weighted regression, t with k - 2; refused below ten studies.

    Source: Egger M, Davey Smith G, Schneider M, Minder C. BMJ 1997;315:629-634.
    """
    refusal = _refusal(effects)
    if refusal:
        return refusal
    # Egger's test fixes its own model, so the conventions of the pool give the level only.
    own = replace(conventions, variance=Variance.FIXED, test=Test.KNAPP_HARTUNG)
    fitted = regress(effects, [each.standard_error for each in effects], own)
    (_, limit), (_, slope) = fitted.coefficients
    return Egger(slope, limit, own)


def trim_and_fill(
    effects: Sequence[Effect], conventions: Conventions = DEFAULT, side: Side | None = None
) -> TrimAndFill | Refused:
    """Studies that the funnel lacks by the estimator L0, and the pool with them; refused below ten studies.

    Without a ``side`` it is the one to which the regression on the standard error points.

    Source: Duval S, Tweedie R. Biometrics 2000;56:455-463; J Am Stat Assoc 2000;95:89-98.
    """
    refusal = _refusal(effects)
    if refusal:
        return refusal
    if side is None:
        slope = regress(effects, [each.standard_error for each in effects], conventions).coefficients[1][1]
        side = Side.RIGHT if slope.value < 0 else Side.LEFT
    turned = [each.reversed() for each in effects] if side is Side.RIGHT else list(effects)
    turned.sort(key=lambda each: (each.estimate, each.variance, each.study))
    found = _trim(turned, conventions)
    if found is None:
        return Refused("trim and fill does not come to rest on these studies")
    missing, center = found
    extreme = turned[len(turned) - missing :]
    mirrored = [replace(each, study=f"{each.study} (filled)", estimate=2 * center - each.estimate) for each in extreme]
    whole = [each.reversed() for each in (*turned, *mirrored)] if side is Side.RIGHT else [*turned, *mirrored]
    return TrimAndFill(missing, side, _pool(whole, conventions), conventions)


def _trim(turned: Sequence[Effect], conventions: Conventions) -> tuple[int, float] | None:
    """How many of the greatest effects have no counterpart, and the centre without them; None where it goes in circles."""
    studies = len(turned)
    effects = np.array([each.estimate for each in turned])
    missing = 0
    seen: set[int] = set()
    while missing not in seen:
        seen.add(missing)
        center = _pool(turned[: studies - missing], conventions).estimate.value
        from_center = effects - center
        ranks = np.empty(studies)
        ranks[np.argsort(np.abs(from_center), kind="stable")] = np.arange(1, studies + 1)
        positive = float(ranks[from_center > 0].sum())
        before, missing = missing, max(0, round((4 * positive - studies * (studies + 1)) / (2 * studies - 1)))
        if missing == before:
            return missing, center
    return None


def _pool(effects: Sequence[Effect], conventions: Conventions) -> Pooled:
    pooled = pool(effects, conventions)
    assert isinstance(pooled, Pooled)  # at least half of ten studies are left
    return pooled


def _refusal(effects: Sequence[Effect]) -> Refused | None:
    if len(effects) < FEWEST:
        return Refused(f"{len(effects)} studies; below {FEWEST} a funnel cannot be told from chance")
    one_measure(effects)
    if len({each.variance for each in effects}) < 2:
        return Refused("all studies have the same standard error, so the funnel has no shape")
    return None
