"""Pools, grades and tables as plain values for a program: numbers as people read them, each with where it stands.

Every value carries the conventions that made its numbers. Keys are never left out: what is not known is ``null``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from medpol.evidence.findings_table import FindingsTable, HarmFound
from medpol.evidence.grading import Graded, PublishedGrade
from medpol.evidence.pooling import Egger, Measure, NoData, Pooled, Refused
from medpol.evidence.pooling.fitting import quantile
from medpol.evidence.pools import PoolFound, Step
from medpol.evidence.rows import Row, as_printed
from medpol.evidence.what_if import Compared, SmallestTrial
from medpol.model.conventions import Conventions
from medpol.model.studies import Certainty


def conventions_value(conventions: Conventions) -> dict[str, Any]:
    """Every convention by its name, in the words in which it is printed."""
    return {
        name: getattr(value, "value", value)
        for name in Conventions.__dataclass_fields__
        if (value := getattr(conventions, name)) is not None
    }


def pool_value(found: PoolFound) -> dict[str, Any]:
    """One answer: the question, the pool, its rows, what is left out and what stands beside."""
    asked, scale = found.asked, found.scale
    return {
        "pool": asked.pool or None,
        "population": asked.population,
        "outcome": asked.outcome,
        "also": list(asked.also),
        "comparators": list(asked.comparators) or ["any"],
        "timepoint": asked.timepoint or None,
        "design": None if found.kind is None else found.kind.value,
        "measure": scale.measure,
        "unit": scale.unit or None,
        "axis": {"negative": scale.axis.negative, "positive": scale.axis.positive, "says": scale.axis.says},
        "important_difference": scale.important_difference,
        "important_difference_source": scale.important_source or None,
        "studies": len(found.rows),
        "participants": found.participants,
        "unverified": found.unverified,
        "pooled": pooled_value(found.pooled),
        "retracted": list(found.retracted),
        "pooled_without_retracted": None if found.without_retracted is None else pooled_value(found.without_retracted),
        "rows": _rows(found),
        "left_out": [
            {
                "study": each.study,
                "why": each.why.value,
                "says": each.says,
                "comparator": each.comparator,
                "timepoint": each.timepoint,
                "favours": None if each.favours is None else each.favours.value,
                "checked": each.checked.value,
                "source": str(each.source),
            }
            for each in found.left_out
        ],
        "beside": [
            {
                "study": each.study,
                "year": each.year,
                "outcome": each.outcome,
                "comparator": each.comparator,
                "timepoint": each.timepoint,
                "measure": each.measure,
                "estimate": each.estimate or None,
                "lower": each.lower or None,
                "upper": each.upper or None,
                "trials": each.trials or None,
                "participants": each.participants or None,
                "certainty": each.certainty or None,
                "checked": each.checked.value,
                "source": str(each.source),
            }
            for each in found.beside
        ],
        "directions_in_words": {favours.value: count for favours, count in found.directions},
        "cumulative": [_step(each) for each in found.cumulative],
        "leave_one_out": [_step(each) for each in found.leave_one_out],
        "small_studies": _small_studies(found.small_studies),
        "conventions": conventions_value(found.conventions),
    }


def pooled_value(pooled: Pooled | NoData) -> dict[str, Any] | None:
    """The pooled effect as it is shown, its test and its heterogeneity; ``None`` where there is no data."""
    if isinstance(pooled, NoData):
        return None
    estimate, lower, upper = pooled.shown
    spread, next_one = pooled.heterogeneity, pooled.prediction
    show = pooled.measure.shown
    return {
        "estimate": estimate,
        "lower": lower,
        "upper": upper,
        "standard_error": pooled.estimate.standard_error,
        "statistic": pooled.estimate.statistic,
        "degrees": pooled.estimate.degrees,
        "p": pooled.estimate.p,
        "method": pooled.method,
        "heterogeneity": None
        if spread is None
        else {
            "tau2": spread.tau2,
            "tau2_lower": None if spread.tau2_interval is None else spread.tau2_interval.lower,
            "tau2_upper": None if spread.tau2_interval is None else spread.tau2_interval.upper,
            "q": spread.q,
            "degrees": spread.degrees,
            "p": spread.p,
            "i2": spread.i2,
            "h2": spread.h2,
        },
        "prediction": None
        if next_one is None
        else {"lower": show(next_one.lower), "upper": show(next_one.upper), "by": next_one.name},
        "cautions": [{"key": each.key, "says": each.sentence} for each in pooled.cautions],
        "left_out": [{"study": each.study, "says": each.why} for each in pooled.left_out],
    }


def _rows(found: PoolFound) -> list[dict[str, Any]]:
    weights: dict[str, float] = {}
    if isinstance(found.pooled, Pooled):
        weights = {
            effect.study: weight for effect, weight in zip(found.pooled.effects, found.pooled.weights, strict=True)
        }
    return [_row(row, weights.get(row.study), found.conventions.level) for row in found.rows]


def _row(row: Row, weight: float | None, level: float) -> dict[str, Any]:
    effect = row.effect
    interval = (
        (None, None, None)
        if effect is None
        else shown_effect(effect.estimate, effect.standard_error, effect.measure, level)
    )
    return {
        "study": row.study,
        "author": row.author,
        "year": row.year,
        "comparator": row.comparator,
        "timepoint": row.timepoint,
        "printed": row.printed,
        "estimate": interval[0],
        "lower": interval[1],
        "upper": interval[2],
        "standard_error": None if effect is None else effect.standard_error,
        "weight": weight,
        "rescaled": None if effect is None else effect.rescaled,
        "sizes": list(row.sizes),
        "participants": row.participants,
        "checked": row.checked.value,
        "told": list(row.told),
        "source": str(row.source),
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "study": step.study,
        "studies": step.studies,
        "estimate": step.estimate,
        "lower": step.lower,
        "upper": step.upper,
    }


def _small_studies(found: Egger | Refused | None) -> dict[str, Any] | None:
    if isinstance(found, Egger):
        return {"test": "Egger", "slope": found.slope.value, "p": found.slope.p, "refused": None}
    return None if found is None else {"test": "Egger", "slope": None, "p": None, "refused": found.why}


def graded_value(graded: Graded) -> dict[str, Any]:
    """What is suggested, with the numbers behind each step, and what a person signed."""
    return {
        "start": graded.start.value,
        "start_reason": graded.start_reason,
        "domains": [
            {"domain": each.domain.value, "step": each.step, "reason": each.reason} for each in graded.suggestions
        ],
        "suggested": None if graded.suggested is None else graded.suggested.value,
        "signed": None if graded.signed is None else _signed(graded.signed),
        "disagrees": graded.disagrees or None,
    }


def _signed(certainty: Certainty) -> dict[str, Any]:
    signature = certainty.signature
    return {
        "level": certainty.level.value,
        "steps": [{"domain": each.domain.value, "step": each.step, "reason": each.reason} for each in certainty.steps],
        "by": None if signature is None else signature.name,
        "role": None if signature is None else signature.role,
        "on": None if signature is None else signature.day.isoformat(),
        "source": str(certainty.source),
    }


def published_value(each: PublishedGrade) -> dict[str, Any]:
    """A pool that a review published, the certainty its authors state, and the suggestion."""
    result = each.result
    return {
        "study": each.study,
        "outcome": result.outcome,
        "comparator": result.comparator,
        "timepoint": result.timepoint,
        "printed": as_printed(result),
        "stated": each.stated,
        "agrees": each.agrees,
        **graded_value(each.graded),
        "source": str(result.source),
    }


def findings_value(table: FindingsTable) -> dict[str, Any]:
    """The summary of findings of one population."""
    return {
        "policy": table.policy,
        "population": table.population,
        "says": table.says,
        "interventions": list(table.intervention),
        "findings": [
            {
                "outcome": each.outcome.id,
                "also": list(each.found.asked.also),
                "weight": each.outcome.weight.value,
                "comparators": list(each.comparators) or ["any"],
                "band": each.band,
                **{
                    key: value
                    for key, value in pool_value(each.found).items()
                    if key in ("studies", "participants", "measure", "unit", "unverified", "directions_in_words")
                },
                "effect": pooled_value(each.found.pooled),
                "reviews": pool_value(each.found)["beside"],
                "left_out": len(each.found.left_out),
                "certainty": graded_value(each.graded),
            }
            for each in table.rows
        ],
        "harms": harms_value(table.harms),
        "conventions": conventions_value(table.conventions),
    }


def harms_value(harms: Iterable[HarmFound]) -> list[dict[str, Any]]:
    return [
        {
            "event": each.harm.event,
            "counted": each.harm.counted,
            "events": each.harm.events.text,
            "of": each.harm.of.text,
            "percent": each.harm.percent.text,
            "severity": each.harm.severity,
            "group": each.harm.group,
            "study": each.study,
            "design": each.kind.value,
            "checked": each.harm.checked.value,
            "source": str(each.harm.source),
        }
        for each in harms
    ]


def compared_value(compared: Compared) -> dict[str, Any]:
    return {
        "changed": compared.changed,
        "before": pooled_value(compared.before.pooled),
        "after": pooled_value(compared.after.pooled),
        "studies_before": [row.study for row in compared.before.rows],
        "studies_after": [row.study for row in compared.after.rows],
        "conventions": conventions_value(compared.before.conventions),
    }


def smallest_value(found: SmallestTrial) -> dict[str, Any]:
    return {
        "effect": found.trial.effect,
        "sd": found.trial.sd,
        "risk": found.trial.risk,
        "goal": found.goal,
        "group_size": found.group_size,
        "bound": found.bound,
        "says": found.says,
        "pooled": pooled_value(found.pooled),
        "conventions": conventions_value(found.conventions),
    }


def shown_effect(estimate: float, error: float, measure: Measure, level: float) -> tuple[float, float, float]:
    """The effect of one study with its normal interval at a level, on the scale that people read."""
    half = quantile(level, None) * error
    return measure.shown(estimate), measure.shown(estimate - half), measure.shown(estimate + half)
