"""One reported result to one row of a pool: its effect as printed, then rescaled and turned, with all that was done told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from medpol.evidence.asking import Asked, Method, Scale, Why
from medpol.evidence.measures import OF_COUNTS, OF_MEANS, NamedMeasure, factor_between, measure_of
from medpol.evidence.pooling import (
    Conventions,
    Counts,
    Effect,
    Means,
    mean_difference,
    of_counts,
    of_interval,
    standardized_mean_difference,
)
from medpol.model.diagnostic import Source
from medpol.model.studies import Better, Checked, Favours, GroupResult, Outcome, Reported, Result, Study

_WITHIN = ("within-group change", "change within group", "within group change")
_ASSUMED_LEVEL = 0.95
_WEAKEST_FIRST = (Checked.NO, Checked.SECOND_HAND, Checked.ABSTRACT, Checked.FULL_TEXT)
_SIDES = ("intervention", "comparator")


@dataclass(frozen=True, slots=True)
class Row:
    """One study of a pool: its effect, turned and rescaled as told, and where the number stands.

    ``is_turned`` where higher is better for the outcome that it reports, so that its numbers were turned.

    ``effect`` is ``None`` where a table of counts has none of its own and is still counted by Mantel-Haenszel or Peto.
    ``printed`` is what the source prints. ``sizes`` are the people in the groups, ``participants`` all of them, ``None``
    where not known. ``checked`` is the weakest of what the numbers behind the effect were held against.
    """

    study: str
    author: str
    year: int | None
    comparator: str
    timepoint: str
    printed: str
    effect: Effect | None
    sizes: tuple[int | None, int | None]
    participants: int | None
    counts: Counts | None
    means: Means | None
    checked: Checked
    told: tuple[str, ...]
    source: Source
    is_turned: bool = False


@dataclass(frozen=True, slots=True)
class NotMade:
    """Why a result gives no row."""

    why: Why
    says: str


@dataclass(frozen=True, slots=True)
class _Numbers:
    """What was taken from a result before it is turned: an effect, or counts alone."""

    effect: Effect | None
    counts: Counts | None = None
    means: Means | None = None
    told: tuple[str, ...] = ()


def row_of(
    study: Study, result: Result, asked: Asked, outcomes: Sequence[Outcome], measure: NamedMeasure, scale: Scale
) -> Row | NotMade:
    """The row that a result on one of some outcomes gives, or why it gives none. The first outcome gives the unit."""
    outcome = outcomes[0]
    own = next(each for each in outcomes if each.id == result.outcome)
    if result.group or result.measure.casefold() in _WITHIN:
        return NotMade(Why.WITHIN_GROUP, Why.WITHIN_GROUP.value)
    sizes = _sizes(study, result)
    try:
        numbers = _numbers(study.id, result, sizes, measure, scale.conventions, asked.method)
    except ValueError as problem:
        return NotMade(Why.IMPOSSIBLE, str(problem).removeprefix(f"study {study.id}: "))
    if isinstance(numbers, NotMade):
        return numbers
    effect, told = numbers.effect, list(numbers.told)
    if effect is not None and measure.has_units:
        factor = _factor(result, own, outcome)
        if factor is None:
            unit = result.unit or own.unit or "a unit that is not stated"
            return NotMade(Why.OTHER_UNIT, f"in {unit}, the outcome is in {outcome.unit or 'no declared unit'}")
        effect = effect if factor[0] == 1.0 else effect.rescaled_by(factor[0])
        told += [factor[1]] if factor[1] else []
    if own is not outcome:
        told.insert(0, f"outcome {own.id}")
    is_turned = is_higher_better(own)
    if effect is not None and is_turned:
        effect = effect.reversed()
        told.append("turned: higher is better")
    checked = result.checked
    if (numbers.counts is not None or numbers.means is not None) and sizes.from_study:
        checked = min(checked, sizes.checked, key=_WEAKEST_FIRST.index)
        told.append("sizes of the groups from the record of the study" + _marked(sizes.checked))
    if not checked.is_verified:
        reason = (
            f"checked: {result.checked.value}" if not result.checked.is_verified else "the sizes of its groups are not"
        )
        if not asked.unverified:
            return NotMade(Why.NOT_VERIFIED, f"not verified ({reason})")
        told.append(f"not verified ({reason})")
    return Row(
        study.id,
        study.first_author,
        study.year,
        result.comparator,
        result.timepoint,
        as_printed(result),
        effect,
        (sizes.intervention, sizes.comparator),
        sizes.all,
        numbers.counts,
        numbers.means,
        checked,
        tuple(told),
        result.source,
        is_turned,
    )


def _factor(result: Result, own: Outcome, outcome: Outcome) -> tuple[float, str] | None:
    """What brings the numbers of a result to the unit of the pool's first outcome; a unit left out is its own outcome's."""
    if own is outcome:
        return factor_between(result.unit, outcome.unit, outcome.range)
    printed = result.unit or own.unit
    # The range of its own outcome says how wide the scale is, but not that of a unit of another kind.
    span = own.range if printed.casefold() == own.unit.casefold() else None
    if not printed and span is None:
        return None
    return factor_between(printed, outcome.unit, outcome.range, span)


def is_higher_better(outcome: Outcome) -> bool:
    """Whether numbers on an outcome are turned, so that negative favours the intervention."""
    return outcome.better is Better.HIGHER


def as_printed(result: Result) -> str:
    """The numbers of a result in one line, as the source prints them."""
    words = [result.measure] if result.measure else []
    if result.estimate is not None:
        words.append(result.estimate.text)
    if result.lower is not None and result.upper is not None:
        words.append(f"[{result.lower.text}, {result.upper.text}]")
    groups = [_group(each) for each in (result.intervention_group, result.comparator_group) if each is not None]
    words += [" against ".join(groups)] if any(groups) else []
    if result.p is not None and result.p.is_reported:
        words.append(f"p {result.p.text}" if result.p.bound else f"p = {result.p.text}")
    words += [result.direction] if result.direction and not words else []
    return " ".join(words)


def _group(group: GroupResult) -> str:
    words = []
    if group.mean is not None:
        words.append(group.mean.text + (f" (SD {group.sd.text})" if group.sd is not None else ""))
    if group.events is not None:
        words.append(f"{group.events.text} events")
    if group.size is not None:
        words.append(f"of {group.size.text}" if group.events is not None else f"n = {group.size.text}")
    return " ".join(words)


# ---------------------------------------------------------------------------- sizes


@dataclass(frozen=True, slots=True)
class _Sizes:
    """People in the groups and in all, from the result's own row or from the record's sizes."""

    intervention: int | None
    comparator: int | None
    all: int | None
    from_study: bool
    checked: Checked


def _sizes(study: Study, result: Result) -> _Sizes:
    groups = (result.intervention_group, result.comparator_group)
    own = [None if group is None else _whole(group.size) for group in groups]
    held: list[Checked] = []
    numbers = list(own)
    for at, side in enumerate(_SIDES):
        if own[at] is None:
            found = size_of(study, side, f"{side} group", f"{side} group size")
            if found is not None:
                numbers[at], checked = found
                held.append(checked)
    total = None
    if numbers[0] is not None and numbers[1] is not None:
        total = numbers[0] + numbers[1]
    elif (stated := _whole(result.participants)) is not None:
        total = stated
    elif (whole := size_of(study, "participants", "analysed", "randomised")) is not None:
        total = whole[0]
    weakest = min(held, key=_WEAKEST_FIRST.index, default=Checked.FULL_TEXT)
    return _Sizes(numbers[0], numbers[1], total, bool(held), weakest)


def size_of(study: Study, *named: str) -> tuple[int, Checked] | None:
    """A whole number among the sizes of a record, by the first of some names that it has, and what it was held against."""
    for name in named:
        for each in study.sizes:
            if each.of.casefold() == name and (number := _whole(each.number)) is not None:
                return number, each.checked
    return None


def _whole(reported: Reported | None) -> int | None:
    number = None if reported is None else reported.exact
    return None if number is None or number != int(number) or number < 0 else int(number)


def _marked(checked: Checked) -> str:
    return "" if checked.is_verified else f", not verified ({checked.value})"


# ---------------------------------------------------------------------------- numbers


def _numbers(
    study: str, result: Result, sizes: _Sizes, measure: NamedMeasure, conventions: Conventions, method: Method
) -> _Numbers | NotMade:
    if measure.name in OF_COUNTS:
        counts = _counts(study, result, sizes)
        if isinstance(counts, Counts):
            effect = of_counts(counts, measure.measure, conventions)
            if isinstance(effect, Effect):
                return _Numbers(effect, counts)
            if method is Method.INVERSE_VARIANCE or (counts.is_double_zero and measure.measure.is_ratio):
                return NotMade(Why.NO_SPREAD, effect.why)
            return _Numbers(None, counts, told=(effect.why,))
        if counts is not None and (result.estimate is None or method is not Method.INVERSE_VARIANCE):
            return counts
    if method is not Method.INVERSE_VARIANCE:
        return NotMade(Why.NO_SPREAD, f"{method.value} needs events and sizes of both groups")
    if measure.name in OF_MEANS:
        means = _means(study, result, sizes)
        if isinstance(means, Means):
            is_plain = measure.name == "mean difference"
            effect = mean_difference(means) if is_plain else standardized_mean_difference(means, conventions)
            return _Numbers(effect, means=means)
        if means is not None and result.estimate is None:
            return means
    return _of_estimate(study, result, measure)


def _counts(study: str, result: Result, sizes: _Sizes) -> Counts | NotMade | None:
    """The table of a result; ``None`` where it reports no events."""
    groups = (result.intervention_group, result.comparator_group)
    events = [None if group is None else _whole(group.events) for group in groups]
    if events == [None, None]:
        return None
    if events[0] is None or events[1] is None:
        return NotMade(Why.NO_SPREAD, "events of one group only")
    if sizes.intervention is None or sizes.comparator is None:
        return NotMade(Why.NO_SPREAD, "events without the sizes of both groups")
    return Counts(study, events[0], sizes.intervention, events[1], sizes.comparator)


def _means(study: str, result: Result, sizes: _Sizes) -> Means | NotMade | None:
    """Means and deviations of both groups; ``None`` where the result reports no mean."""
    groups = (result.intervention_group, result.comparator_group)
    means = [None if group is None or group.mean is None else group.mean.exact for group in groups]
    if means == [None, None]:
        return None
    sds = [None if group is None or group.sd is None else group.sd.exact for group in groups]
    if means[0] is None or means[1] is None:
        return NotMade(Why.NO_SPREAD, "the mean of one group only")
    if sds[0] is None or sds[1] is None:
        return NotMade(Why.NO_SPREAD, "means without both standard deviations")
    if sizes.intervention is None or sizes.comparator is None:
        return NotMade(Why.NO_SPREAD, "means without the sizes of both groups")
    return Means(study, means[0], sds[0], sizes.intervention, means[1], sds[1], sizes.comparator)


def _of_estimate(study: str, result: Result, measure: NamedMeasure) -> _Numbers | NotMade:
    estimate = None if result.estimate is None else result.estimate.exact
    if estimate is None:
        return _without_numbers(result)
    printed = measure_of(result.measure)
    if printed is None:
        return NotMade(Why.UNKNOWN_MEASURE, f"its measure {result.measure or 'is not stated'!s} is not known here")
    if printed.name != measure.name:
        return NotMade(Why.OTHER_MEASURE, f"its measure is a {printed.name}, asked for is a {measure.name}")
    lower, upper = (None if each is None else each.exact for each in (result.lower, result.upper))
    if lower is None or upper is None:
        return NotMade(Why.NO_SPREAD, "an estimate without its interval")
    told = [f"{result.measure} pooled as {measure.name}"] if printed.is_adjusted else []
    level = _level(result.level)
    if level is None:
        told.append("level of the interval not stated, assumed 95 %")
    effect = of_interval(study, estimate, lower, upper, measure.measure, level or _ASSUMED_LEVEL)
    return _Numbers(effect, told=tuple(told))


def _without_numbers(result: Result) -> NotMade:
    if result.lower is not None and result.lower.is_reported:
        return NotMade(Why.NO_SPREAD, "an interval without its estimate")
    if result.favours is not None or result.direction:
        words = result.direction or f"favours {(result.favours or Favours.NEITHER).value}"
        return NotMade(Why.WORDS_ONLY, f"in words only: {words}")
    if result.p is not None and result.p.is_reported:
        return NotMade(Why.P_ONLY, f"a p-value only: {result.p.text}")
    return NotMade(Why.NO_SPREAD, "no number that could be pooled")


def _level(reported: Reported | None) -> float | None:
    """The level of an interval, printed as a share or in percent; ``None`` where it is not stated."""
    level = None if reported is None else reported.exact
    if level is None:
        return None
    return level / 100 if level > 1 else level
