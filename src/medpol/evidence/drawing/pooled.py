"""From a pool to its pictures: the only module here that needs what pools need."""

from __future__ import annotations

from statistics import NormalDist

from medpol.evidence.drawing.forest import Forest, ForestGroup, ForestPool, ForestPrediction, ForestRow
from medpol.evidence.drawing.funnel import Funnel, FunnelPoint
from medpol.evidence.drawing.published import rows_matching
from medpol.evidence.drawing.words import conventions_words, estimate_words, figure, p_words, study_label
from medpol.evidence.measures import factor_between, measure_of
from medpol.evidence.pooling import Measure, Pooled
from medpol.evidence.pools import PoolFound
from medpol.evidence.rows import Row
from medpol.model.conventions import Variance
from medpol.model.studies import EvidenceBase, Result, Study


def forest_of_pool(found: PoolFound, base: EvidenceBase) -> Forest:
    """The forest plot of a pool, with the pools of reviews on the same measure and unit below it."""
    measure = _measure(found)
    pooled = found.pooled if isinstance(found.pooled, Pooled) else None
    weights = {} if pooled is None else dict(zip((each.study for each in pooled.effects), pooled.weights, strict=True))
    rows = tuple(made for each in found.rows if (made := _row(each, measure, weights.get(each.study), found)))
    return Forest(
        title_of(found, base),
        found.scale.measure,
        found.scale.unit,
        found.conventions.level,
        measure.is_ratio,
        found.scale.axis.negative,
        found.scale.axis.positive,
        (ForestGroup(rows),) if rows else (),
        None if pooled is None else _pool(pooled),
        _prediction(pooled, measure),
        tuple(rows_matching(_beside(found, base))),
        found.scale.important_difference,
        found.scale.important_source,
        conventions_words(found.conventions),
        (*(each.sentence for each in found.cautions), *((found.scale.axis.says + ".",) if rows else ())),
        tuple((_label_in(base, each.study), each.says) for each in found.left_out)
        + tuple((each.study, "counted, without an effect of its own") for each in found.rows if each.effect is None),
    )


def funnel_of_pool(found: PoolFound, base: EvidenceBase) -> Funnel:
    """The funnel plot of a pool; of fewer than ten studies one that says why there is none."""
    measure = _measure(found)
    points = tuple(
        FunnelPoint(
            each.study,
            study_label(each.author, each.year, each.study),
            measure.shown(each.effect.estimate),
            each.effect.standard_error,
            each.checked.is_verified,
        )
        for each in found.rows
        if each.effect is not None
    )
    pooled = measure.shown(found.pooled.estimate.value) if isinstance(found.pooled, Pooled) else None
    names = found.scale.measure, found.scale.unit, measure.is_ratio
    return Funnel(f"Funnel: {title_of(found, base)}", *names, points, pooled, conventions_words(found.conventions))


def title_of(found: PoolFound, base: EvidenceBase) -> str:
    """The question of a pool, in the words of the questions file."""
    asked, questions = found.asked, base.asked
    population = None if questions is None else questions.population(asked.population)
    outcomes = [(id, None if questions is None else questions.outcome(id)) for id in asked.outcomes]
    parts = (
        asked.population if population is None else population.says or population.id,
        " and ".join(id if outcome is None else outcome.says or id for id, outcome in outcomes),
        f"against {', '.join(asked.comparators)}" if asked.comparators else "against any comparator",
        asked.timepoint,
    )
    return "; ".join(each for each in parts if each)


def _measure(found: PoolFound) -> Measure:
    named = measure_of(found.scale.measure)
    return Measure.DIFFERENCE if named is None else named.measure


def _row(row: Row, measure: Measure, weight: float | None, found: PoolFound) -> ForestRow | None:
    """A study as people read it, with the interval of its own standard error; nothing where it has no effect."""
    if row.effect is None:
        return None
    reach = NormalDist().inv_cdf((1 + found.conventions.level) / 2) * row.effect.standard_error
    value, lower, upper = (measure.shown(row.effect.estimate + each) for each in (0.0, -reach, reach))
    return ForestRow(
        row.study,
        study_label(row.author, row.year, row.study),
        value,
        lower,
        upper,
        estimate_words(value, lower, upper),
        weight,
        "" if row.participants is None else str(row.participants),
        row.checked.is_verified,
        row.checked.value,
        "; ".join(row.told),
    )


def _pool(pooled: Pooled) -> ForestPool:
    numbers = pooled.shown
    studies = len(pooled.effects)
    return ForestPool(
        "One study" if studies == 1 else f"Pooled, {_method(pooled)}",
        studies,
        *numbers,
        estimate_words(*numbers),
        _heterogeneity(pooled),
    )


def _method(pooled: Pooled) -> str:
    """The method in a word or two; the sentence below the picture has it in full."""
    if not pooled.method.startswith("inverse variance"):
        return pooled.method
    return "fixed effect" if pooled.conventions.variance is Variance.FIXED else "random effects"


def _heterogeneity(pooled: Pooled) -> str:
    found, words = pooled.heterogeneity, [f"Pooled by {pooled.method}"] if len(pooled.effects) > 1 else []
    if pooled.estimate.p is not None:
        words.append(f"{p_words(pooled.estimate.p)} for no effect")
    if found is not None:
        words += [f"τ² {figure(found.tau2)}", f"I² {found.i2 * 100:.0f} %"]
        words.append(
            f"Q {figure(found.q)} with {found.degrees} degree{'' if found.degrees == 1 else 's'} of freedom, {p_words(found.p)}"
        )
    return f"{'; '.join(words)}." if words else ""


def _prediction(pooled: Pooled | None, measure: Measure) -> ForestPrediction | None:
    if pooled is None or pooled.prediction is None:
        return None
    lower, upper = measure.shown(pooled.prediction.lower), measure.shown(pooled.prediction.upper)
    return ForestPrediction(lower, upper, pooled.prediction.name, f"[{figure(lower)}, {figure(upper)}]")


def _beside(found: PoolFound, base: EvidenceBase) -> list[tuple[Study, Result]]:
    """The results behind the reviews' pools that stand on this axis: the same measure and unit, and not turned."""
    if found.scale.axis.is_turned:
        return []
    places = {(each.study, each.source) for each in found.beside}
    return [
        (study, result)
        for study in base.studies
        for result in study.results
        if (study.id, result.source) in places and _is_on_scale(result, found)
    ]


def _is_on_scale(result: Result, found: PoolFound) -> bool:
    measure = measure_of(result.measure)
    if measure is None or measure.name != found.scale.measure:
        return False
    factor = factor_between(result.unit, found.scale.unit) if measure.has_units else (1.0, "")
    return factor is not None and factor[0] == 1.0


def _label_in(base: EvidenceBase, id: str) -> str:
    study = base.study(id)
    return id if study is None else study_label(study.first_author, study.year, id)
