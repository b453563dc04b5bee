"""What a study record cannot mean, or says in two ways: impossible values, intervals off their centre, words against numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from math import log

from medpol.model.diagnostic import Source
from medpol.model.studies import Better, Favours, GroupResult, Outcome, Questions, Reported, Result, Study

SIGNIFICANT = 0.05
_MUCH_OFF = 0.1
"""From this share of the interval's width on, an estimate is far off its centre: more than another method would explain."""

_RATIO = re.compile(
    r"\b(?:a?OR|a?RR|a?HR|a?IRR)\b|\b(?i:odds|risk|hazard|rates?|prevalence) (?i:ratios?)\b|\b(?i:relative risks?)\b"
)
_LOG = re.compile(r"\b(?:log|ln)\b", re.IGNORECASE)
_DIFFERENCE = re.compile(
    r"\b(?:W?MD|SMD|RD|ARR|[Mm]ean differences?|[Ss]tandardi[sz]ed (?:mean )?differences?|[Rr]isk differences?|[Ww]ithin-group change|"
    r"[Mm]ean change|Hedges(?:['’]s?)? g|Cohen(?:['’]s)? d)\b"
)
_NO_MEANS = re.compile(r"\b(?:median|percentile|quantile|bootstrap\w*|credible|bayes\w*|exact)\b", re.IGNORECASE)
_ANOTHER_LEVEL = re.compile(
    r"one[- ](?:sided|tailed)|bonferroni|holm|corrected|correction|adjusted for multiple|multiplicity|non-?inferior|equivalen|alpha",
    re.IGNORECASE,
)
_ONE_SIDED = re.compile(r"\bone[- ](?:sided|tailed)\b", re.IGNORECASE)
_ANOTHER_TEST = re.compile(
    r"mann|wilcoxon|\branks?\b|kruskal|\bmedians?\b|\badjust|ancova|anova|mixed model|regression|repeated|\bGEE\b|\bpaired\b|\bchange|"
    r"permutation|bootstrap|\blog[- ]transform|per[- ]protocol|imput|interaction|fisher|chi|friedman|\bover time\b|trend",
    re.IGNORECASE,
)
_NOT_SIGNIFICANT = re.compile(r"\b(?:not|non|no|without)[- ]?(?:\w+(?:ly)? )?signific|\binsignificant|\bNS\b")
_SIGNIFICANT = re.compile(r"\bsignific", re.IGNORECASE)
_NO_DIFFERENCE = re.compile(
    r"\b(?:no|not|without)\b[^.;]{0,30}\b(?:differ\w*|effects?|changes?|superior\w*|better|benefits?)\b|\b(?:similar|comparable|equal(?:ly)?|alike)\b",
    re.IGNORECASE,
)
_BLIND = re.compile(
    r"\b(?P<how>single|double|triple|assessor|observer|evaluator)[- ]?(?:blind(?:ed)?|mask(?:ed)?)\b", re.IGNORECASE
)
_BLIND_ITEM = re.compile(r"blind|mask", re.IGNORECASE)
_NEEDED = {"double": 2, "triple": 3}
_SCORE = re.compile(r"\s*(?P<score>\d{1,2})\s*(?:/|of|out of)\s*(?P<most>\d{1,2})\s*", re.ASCII)
_YES, _NO = frozenset({"yes", "+", "low", "low risk"}), frozenset({"no", "-", "−", "high", "high risk"})


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something in a record that does not fit: the row and the column, both readings, the mend; ``is_light`` for a small one."""

    source: Source
    column: str
    found: str
    expected: str
    mend: str
    is_light: bool = False


def null_of(measure: str) -> int | None:
    """The value of a measure that says *no difference*: 1 for ratios, 0 for differences, ``None`` for other measures."""
    if _LOG.search(measure):
        return 0
    if _RATIO.search(measure):
        return 1
    return 0 if _DIFFERENCE.search(measure) else None


def is_ratio(measure: str) -> bool:
    return null_of(measure) == 1


def leaves_out_null(result: Result) -> bool | None:
    """Whether a result's interval leaves out *no difference*; ``None`` where no interval says, or a bound lies on it."""
    null, lower, upper = null_of(result.measure), _exact(result.lower), _exact(result.upper)
    if null is None or lower is None or upper is None or lower > upper or null in (lower, upper):
        return None
    return lower > null or upper < null


def favoured(result: Result, outcome: Outcome | None) -> Favours | None:
    """The side on which the whole interval, or else the estimate, lies, once ``better`` is applied."""
    null, better = null_of(result.measure), None if outcome is None else outcome.better
    ends = [each for each in (_exact(result.lower), _exact(result.upper)) if each is not None] or [
        each for each in (_exact(result.estimate),) if each is not None
    ]
    if null is None or better is None or not ends:
        return None
    if all(each < null for each in ends):
        return Favours.INTERVENTION if better is Better.LOWER else Favours.COMPARATOR
    if all(each > null for each in ends):
        return Favours.COMPARATOR if better is Better.LOWER else Favours.INTERVENTION
    return None


def interval_words(result: Result) -> str:
    """``MD -1.70 [-2.80, -0.60]`` as printed."""
    held = [each.text if each is not None else "?" for each in (result.lower, result.upper)]
    estimate = "" if result.estimate is None or not result.estimate.is_reported else f" {result.estimate.text}"
    return f"{result.measure}{estimate} [{', '.join(held)}]".strip()


def wording(result: Result, outcome: Outcome | None) -> str:
    """The words that fit a difference: of no importance where it stays below the minimal important difference, else its size."""
    estimate = _number(result.estimate)
    if estimate is None or null_of(result.measure) != 0:
        return "a difference" if leaves_out_null(result) else "no difference that the interval shows"
    size = f"a difference of {abs(estimate)}"
    if outcome is None or not _same_unit(result, outcome):
        return size
    if outcome.range is not None:
        size += f" of {outcome.range[1] - outcome.range[0]}"
    if outcome.important_difference is None:
        return f"{size}; no minimal important difference is stated"
    below = abs(estimate) < outcome.important_difference
    return f"{size}, {'less than' if below else 'no less than'} the {outcome.important_difference} that matters to patients"


def _same_unit(result: Result, outcome: Outcome) -> bool:
    standardised = re.search(r"\bSMD\b|[Ss]tandardi|Hedges|Cohen", result.measure) is not None
    return not standardised and (not result.unit or _scale(result.unit) == _scale(outcome.unit))


def _scale(unit: str) -> tuple[frozenset[str], str]:
    """The word of a unit and the top of its scale: `0-10 points` and `points of 10` are the same."""
    numbers = re.findall(r"\d+", unit)
    return frozenset(re.findall(r"[a-z%]+", unit.casefold())) - {"of", "to", "on", "a", "scale"}, numbers[
        -1
    ] if numbers else ""


def is_mean_tested(result: Result) -> bool:
    """Whether a result's p may be that of a plain test of two means: no test of ranks, no adjustment, no change is told of."""
    return not result.group and _ANOTHER_TEST.search(f"{result.measure} {result.note}") is None


def tells_one_side(result: Result) -> bool:
    return _ONE_SIDED.search(f"{result.note} {result.called} {result.measure}") is not None


def impossible_values(study: Study) -> Iterator[Doubt]:
    """Values that cannot be: ratios and SDs that are not positive, more events than people, bounds crossed, sums that fail."""
    for result in study.results:
        yield from _impossible_effect(result)
        for group, prefix in ((result.intervention_group, ""), (result.comparator_group, "Comparator ")):
            if group is not None:
                yield from _impossible_group(result.source, group, prefix)
    for harm in study.harms:
        yield from _impossible_share(harm.source, harm.events, harm.of, harm.percent, ("Events", "Percent"))
    if study.bias is not None and (match := _SCORE.fullmatch(study.bias.score)) is not None:
        counted = [each.casefold() for name, each in study.bias.items if "eligib" not in name.casefold()]
        score, most, yes = int(match["score"]), int(match["most"]), sum(each in _YES for each in counted)
        open_items = most - sum(each in _YES | _NO for each in counted)
        if score > most or (counted and len(counted) <= most and not yes <= score <= yes + open_items):
            yield Doubt(
                study.bias.source, "", f"score {study.bias.score}, and {yes} of the {len(counted)} items recorded are met",
                f"a score from {yes} to {min(most, yes + open_items)}",
                "look the judgements up, and correct the score or the items",
            )  # fmt: skip


def _impossible_effect(result: Result) -> Iterator[Doubt]:
    lower, upper, estimate = _number(result.lower), _number(result.upper), _number(result.estimate)
    ratio = is_ratio(result.measure)
    for column, held in (("Estimate", estimate), ("Lower", lower), ("Upper", upper)):
        if ratio and held is not None and (held < 0 or (held == 0 and column != "Lower")):
            yield Doubt(
                result.source, column, f"{interval_words(result)}: a ratio that is not positive", "a ratio above zero",
                "look the measure up: it reads like a difference, or the logarithm of a ratio",
            )  # fmt: skip
            return
    if lower is not None and upper is not None and lower > upper:
        yield Doubt(
            result.source, "Lower", f"{interval_words(result)}: the lower bound lies above the upper", "lower, then upper",
            "exchange the bounds, or correct the sign of one",
        )  # fmt: skip
    elif estimate is not None and _is_outside(result.estimate, result.lower, result.upper):
        yield Doubt(
            result.source, "Estimate", f"{interval_words(result)}: the estimate lies outside its interval",
            "an estimate between the bounds", "look the three numbers up",
        )  # fmt: skip
    p = _number(result.p)
    if p is not None and not 0 <= p <= 1:
        yield Doubt(result.source, "p", f"p = {_text(result.p)}", "a number from 0 to 1", "look it up")


def _is_outside(estimate: Reported | None, lower: Reported | None, upper: Reported | None) -> bool:
    held, low, high = _number(estimate), _number(lower), _number(upper)
    if held is None or estimate is None:
        return False
    below = low is not None and lower is not None and held + estimate.half_unit < low - lower.half_unit
    return below or (high is not None and upper is not None and held - estimate.half_unit > high + upper.half_unit)


def _impossible_group(source: Source, group: GroupResult, prefix: str) -> Iterator[Doubt]:
    sd, size = _number(group.sd), _number(group.size)
    if sd is not None and sd <= 0:
        yield Doubt(source, f"{prefix}SD", f"SD {_text(group.sd)}", "an SD above zero", "look it up")
    if size is not None and (size <= 0 or size != size.to_integral_value()):
        yield Doubt(source, f"{prefix}N", f"{_text(group.size)} people", "a whole number above zero", "look it up")
    yield from _impossible_share(
        source, group.events, group.size, group.percent, (f"{prefix}Events", f"{prefix}Percent")
    )


def _impossible_share(
    source: Source, events: Reported | None, of: Reported | None, percent: Reported | None, columns: tuple[str, str]
) -> Iterator[Doubt]:
    counted, people, share = _number(events), _number(of), _number(percent)
    if counted is not None and (counted < 0 or (people is not None and counted > people)):
        yield Doubt(
            source, columns[0], f"{_text(events)} events among {_text(of)}", "no more events than there are people or treatments",
            "look both numbers up; where events and not people are counted, say of how many treatments",
        )  # fmt: skip
    elif share is not None and not 0 <= share <= 100:
        yield Doubt(source, columns[1], f"{_text(percent)}", "a percentage from 0 to 100", "look it up")
    elif counted is not None and people and share is not None and percent is not None and not _is_bounded(events, of):
        is_share, found = float(counted / people * 100), _text(percent)
        half = percent.half_unit
        fits = {
            "": abs(is_share - float(share)) <= float(half) + 1e-9,
            "<": is_share < share,
            "<=": is_share <= share,
            ">": is_share > share,
        }
        if not fits.get(percent.bound, is_share >= share):
            yield Doubt(
                source, columns[1], f"{found}, and {counted} of {people} are {is_share:.3g} %",
                f"{is_share:.3g} %", "correct the percentage, or the counts",
            )  # fmt: skip


def off_centre(study: Study) -> Iterator[Doubt]:
    """Estimates that do not lie midway in their interval, on the log scale for ratios, within what rounding allows."""
    for result in study.results:
        if _NO_MEANS.search(f"{result.measure} {result.note}") or null_of(result.measure) is None:
            continue
        held = [_ends(each, is_ratio(result.measure)) for each in (result.lower, result.estimate, result.upper)]
        lower, estimate, upper = held
        if lower is None or estimate is None or upper is None or lower[0] > upper[1]:
            continue
        middle = ((lower[0] + upper[0]) / 2, (lower[1] + upper[1]) / 2)
        apart = max(estimate[0] - middle[1], middle[0] - estimate[1])
        if apart > 1e-9 and not _is_outside(result.estimate, result.lower, result.upper):
            scale = " on the log scale" if is_ratio(result.measure) else ""
            yield Doubt(
                result.source, "Estimate", f"{interval_words(result)}: its middle{scale} is {_middle(result):.3g}",
                f"an estimate of {_middle(result):.3g} within rounding",
                "look the three numbers up; if they are right, say in `Note` how the interval was made",
                is_light=apart < _MUCH_OFF * (upper[1] - lower[0]),
            )  # fmt: skip


def _ends(reported: Reported | None, is_log: bool) -> tuple[float, float] | None:
    """The least and the greatest that a printed number can be before rounding."""
    if reported is None or (held := reported.exact) is None:
        return None
    half = float(reported.half_unit)
    if not is_log:
        return held - half, held + half
    return None if held - half <= 0 else (log(held - half), log(held + half))


def _middle(result: Result) -> float:
    lower, upper = _exact(result.lower) or 0.0, _exact(result.upper) or 0.0
    return float((lower * upper) ** 0.5) if is_ratio(result.measure) else (lower + upper) / 2


def significance_words(study: Study) -> Iterator[Doubt]:
    """Results called significant or not, beside a p that says the other at the customary 0.05."""
    for result in study.results:
        if (
            result.p is None
            or not result.called
            or _ANOTHER_LEVEL.search(f"{result.called} {result.note} {result.measure}")
        ):
            continue
        p, half, bound = _number(result.p), float(result.p.half_unit), result.p.bound
        if p is None or not 0 <= p <= 1:
            continue
        below = (bound in ("<", "<=") and float(p) <= SIGNIFICANT) or (not bound and float(p) + half <= SIGNIFICANT)
        above = (bound in (">", ">=") and float(p) >= SIGNIFICANT) or (not bound and float(p) - half > SIGNIFICANT)
        calls_none = _NOT_SIGNIFICANT.search(result.called) is not None
        calls_some = not calls_none and _SIGNIFICANT.search(result.called) is not None
        if (calls_none and below) or (calls_some and above):
            side = "below" if below else "above"
            yield Doubt(
                result.source, "Called",
                f'"{result.called}", and p {result.p.text if bound else f"= {result.p.text}"} lies {side} {SIGNIFICANT}',
                "not significant" if above else "significant",
                "look both up; where the study judged at another level, say so in `Note`",
            )  # fmt: skip


def blinding_labels(study: Study) -> Iterator[Doubt]:
    """Studies called blind whose judgements of bias say that too few were blinded."""
    if study.bias is None:
        return
    judged = [(name, each.casefold()) for name, each in study.bias.items if _BLIND_ITEM.search(name)]
    open_or_yes = sum(each not in _NO for _, each in judged)
    for words, column in ((study.title, "title"), (study.design, "design")):
        match = _BLIND.search(words)
        if match is None or not judged:
            continue
        how = match["how"].casefold()
        if open_or_yes < min(_NEEDED.get(how, 1), len(judged)):
            tool = study.bias.tool or "the tool"
            names = ", ".join(name.replace("_", " ") for name, each in judged if each in _NO)
            yield Doubt(
                study.source, column, f'the {column} says "{match[0]}"; {tool} marks as not blinded: {names}',
                "a label that the judgements bear out", "look up who was blinded, and say it in `Notes`; judge by the items, not the label",
            )  # fmt: skip
            return


def directions_against_numbers(study: Study, questions: Questions | None) -> Iterator[Doubt]:
    """Directions in words that the interval in the same row contradicts."""
    for result in study.results:
        excluded = leaves_out_null(result)
        if excluded is None or result.group:
            continue
        outcome = None if questions is None else questions.outcome(result.outcome)
        none = result.favours is Favours.NEITHER or (result.favours is None and _NO_DIFFERENCE.search(result.direction))
        side = favoured(result, outcome)
        if none and excluded:
            said, expected = "no difference", wording(result, outcome)
        elif result.favours in (Favours.INTERVENTION, Favours.COMPARATOR) and not excluded:
            said, expected = f"favours the {result.favours.value}", "no difference that the interval shows"
        elif (
            excluded
            and result.favours in (Favours.INTERVENTION, Favours.COMPARATOR)
            and side not in (None, result.favours)
        ):
            said, expected = f"favours the {result.favours.value}", f"favours the {'' if side is None else side.value}"
        else:
            continue
        p = _number(result.p)
        if not excluded and p is not None and p < Decimal("0.05"):
            continue
        yield Doubt(
            result.source, "Direction" if result.direction else "Favours", f'"{result.direction or said}" beside {interval_words(result)}',
            expected, "look the numbers up, or correct the words", is_light=not none and not excluded,
        )  # fmt: skip


def _number(reported: Reported | None) -> Decimal | None:
    return None if reported is None else reported.number


def _exact(reported: Reported | None) -> float | None:
    return None if reported is None else reported.exact


def _text(reported: Reported | None) -> str:
    return "" if reported is None else reported.text


def _is_bounded(*held: Reported | None) -> bool:
    return any(each is not None and each.bound for each in held)
