"""Rules about what study records report: numbers that do not fit each other, words that do not fit the numbers."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any

from medpol.check.findings import Finding, Subject, rule
from medpol.check.holdings import Holdings
from medpol.check.records import bases, beside, front_place, heading_place, row_place
from medpol.evidence.consistency import (
    SIGNIFICANT,
    Doubt,
    blinding_labels,
    directions_against_numbers,
    impossible_values,
    is_mean_tested,
    off_centre,
    significance_words,
    tells_one_side,
)
from medpol.evidence.publications import (
    duplicates,
    groups_exceed,
    participants_added,
    two_sizes,
    whole,
)
from medpol.model.diagnostic import Severity, Source
from medpol.model.studies import EvidenceBase, GroupResult, Reported, Result, Study

_FACTOR = 5
_EXTRA = "medpol.evidence.p_values"


@rule(Subject.STUDIES, Severity.WARNING)
def p_value_does_not_follow(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """A printed p does not follow from the means, SDs and sizes that are printed beside it.

    It is recomputed by Welch's t-test over all that the rounding of each printed number leaves open (and by Student's), and
    found where the printed p lies outside. A warning where the two stand on different sides of 0.05 or differ by a factor of
    five, else a note: the study may have used another test. Results whose `Note` or `Measure` names a test of ranks, an
    adjustment or a change are left alone. Where only the total is known, or nobody has checked the sizes of the groups, they
    are assumed, and the finding says so. It needs scipy: without the extra `evidence`, one note says that nothing was recomputed.
    """
    rows = [
        (study, result)
        for base, _ in bases(holdings, today)
        for study in base.studies
        for result in study.results
        if _has_means(result) and _known_sizes(study, result) is not None
    ]
    if not rows:
        return
    try:
        p_values = importlib.import_module(_EXTRA)
    except ImportError:
        yield Finding(
            rows[0][1].source,
            f"{len(rows)} p-values stand beside means and SDs, and none was recomputed: scipy is not installed",
            "the extra `evidence`",
            "pip install 'medpol[evidence]'",
            severity=Severity.NOTE,
        )
        return
    for study, result in rows:
        sizes = _known_sizes(study, result)
        found = None if sizes is None else _recomputed(result, sizes[:2], p_values.of_means, p_values.Printed)
        if found is not None and sizes is not None:
            yield _p_finding(holdings, result, found, sizes)


def _has_means(result: Result) -> bool:
    groups = (result.intervention_group, result.comparator_group)
    numbers = [_exact(each) for group in groups if group is not None for each in (group.mean, group.sd)]
    p = None if result.p is None else result.p.number
    is_whole = len(numbers) == 4 and None not in numbers and p is not None and 0 <= p <= 1
    return is_whole and is_mean_tested(result) and all(group is not None and _sd(group) > 0 for group in groups)


def _exact(number: Reported | None) -> float | None:
    return None if number is None else number.exact


def _sd(group: GroupResult) -> float:
    return _exact(group.sd) or 0.0


def _known_sizes(study: Study, result: Result) -> tuple[int, int, bool] | None:
    """The people in the two groups: of the row, else of the study; and whether these sizes are assumed."""
    groups = (result.intervention_group, result.comparator_group)
    held = [whole(None if group is None else group.size) for group in groups]
    found = (held[0], held[1], False) if held[0] is not None and held[1] is not None else two_sizes(study)
    return found if found is not None and min(found[:2]) >= 2 else None


def _recomputed(
    result: Result, sizes: tuple[int, int], of_means: Callable[..., Any], printed: Callable[..., Any]
) -> tuple[float, float, float] | None:
    """The least, the likely and the greatest p that the groups allow, where the printed one lies outside; else ``None``."""
    one, other = (
        printed(each.mean.exact, float(each.mean.half_unit), each.sd.exact, float(each.sd.half_unit), size)
        for each, size in zip((result.intervention_group, result.comparator_group), sizes, strict=True)
        if each is not None and each.mean is not None and each.sd is not None
    )
    found = of_means(one, other)
    tests = [found, found.one_sided] if tells_one_side(result) else [found]
    if any(_fits(result.p, each.least, each.most) for each in tests):
        return None
    return found.least, found.printed, found.most


def _fits(p: Reported | None, least: float, most: float) -> bool:
    if p is None or p.number is None:
        return True
    number, half = float(p.number), float(p.half_unit)
    if p.bound.startswith("<"):
        return least <= number
    return most >= number if p.bound else least <= number + half and most >= number - half


def _p_finding(
    holdings: Holdings, result: Result, found: tuple[float, float, float], sizes: tuple[int, int, bool]
) -> Finding:
    least, likely, most = found
    one, other = result.intervention_group, result.comparator_group
    assert one is not None and other is not None and result.p is not None and result.p.number is not None
    number = float(result.p.number)
    is_below = number < SIGNIFICANT or (number == SIGNIFICANT and result.p.bound == "<")
    across = is_below != (likely < SIGNIFICANT)
    factor = max(number, likely) / max(min(number, likely), 1e-12)
    groups = " against ".join(
        f"{each.mean.text} (SD {each.sd.text}, n {size})"
        for each, size in zip((one, other), sizes, strict=False)
        if each.mean is not None and each.sd is not None
    )
    assumed = "; the sizes of the groups are assumed" if sizes[2] else ""
    apart = f"on the other side of {SIGNIFICANT}" if across else f"off by a factor of {factor:.2g}"
    return Finding(
        row_place(holdings, result.source, "p"),
        f"{result.outcome}, {result.timepoint}: p {result.p.text} printed; {groups} give {likely:.3g} "
        f"({least:.2g} to {most:.2g} over their rounding), {apart}{assumed}",
        f"p from {least:.2g} to {most:.2g} by Welch's t-test",
        "look the row up in the full text: a number is mistyped, or another test was used; say which in `Note`",
        severity=None if across or factor >= _FACTOR else Severity.NOTE,
    )


def _told(holdings: Holdings, today: date | None, doubts: Callable[[Study], Iterable[Doubt]]) -> Iterator[Finding]:
    for base, _ in bases(holdings, today):
        for study in base.studies:
            for each in doubts(study):
                yield _finding(holdings, each)


def _finding(holdings: Holdings, doubt: Doubt) -> Finding:
    at_front = doubt.source.line == 1 and doubt.column
    place = (front_place if at_front else row_place)(holdings, doubt.source, doubt.column)
    return Finding(place, doubt.found, doubt.expected, doubt.mend, severity=Severity.NOTE if doubt.is_light else None)


@rule(Subject.STUDIES, Severity.WARNING)
def significance_word_disagrees(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """A result is called not significant beside a p below 0.05, or significant beside one above it.

    `Called` keeps the source's own word. The customary level is meant; where `Called` or `Note` tells of another one (a
    correction for many outcomes, a one-sided test, a margin of non-inferiority), nothing is found.
    """
    return _told(holdings, today, significance_words)


@rule(Subject.STUDIES, Severity.WARNING)
def impossible_value(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """A reported value cannot be what it is called.

    A ratio or an SD that is not above zero, more events than people, an interval whose bounds are crossed or that leaves
    its own estimate out, a p outside 0 to 1, a percentage that its counts do not give, a score that is not the sum of its
    items. Most often the measure is mislabelled: a negative *odds ratio* reads like a difference.
    """
    return _told(holdings, today, impossible_values)


@rule(Subject.STUDIES, Severity.WARNING)
def estimate_off_centre(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """An estimate does not lie midway between the bounds of its interval, as far as rounding goes.

    The interval of a difference is even on both sides, that of a ratio on the log scale; an estimate elsewhere shows a
    mistyped number. A note where it lies off by less than a tenth of the interval's width. Other measures, and results whose
    `Note` tells of medians, exact or Bayesian intervals, are left alone.
    """
    return _told(holdings, today, off_centre)


@rule(Subject.STUDIES, Severity.WARNING)
def blinding_label_disagrees(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """A study is called blind, and the judgements of its risk of bias say that too few were blinded.

    The words of the title and of the design are held against the items of the tool: *single-blind* needs one blinded party,
    *double-blind* two. An item that nobody could judge counts in the study's favour.
    """
    return _told(holdings, today, blinding_labels)


@rule(Subject.STUDIES, Severity.WARNING)
def duplicate_publication(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """Two records seem to report the same patients.

    One registration number, or one first author, size, comparator and outcome at one time within a few years. Pooled
    together, the same people count twice. Where one record names the other in `same patients as`, every pool takes one of
    them, and this is a note that says what the two report differently.
    """
    for base, _ in bases(holdings, today):
        for each in duplicates(base.studies):
            differs = f"; different: {'; '.join(each.differences)}" if each.differences else ""
            yield Finding(
                front_place(holdings, each.later.source, "same patients as"),
                f"{each.later.id} and {each.earlier.id}: {each.because}{differs}",
                "each patient in one record",
                "leave one out of every pool, and ask the authors which numbers hold"
                if each.is_declared
                else f"write `same patients as: {each.earlier.id}`, or say in `Notes` why these are others",
                severity=Severity.NOTE if each.is_declared and not each.differences else None,
            )


@rule(Subject.STUDIES, Severity.WARNING)
def sizes_do_not_add(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """The participants of a review are not the sum of the trials that it includes, or two groups hold more than took part.

    Added are the sizes under `Included studies`. One that is only planned counts in full and is named, so that the sum is
    *at most*; where a size is missing, only a sum above the total is found. Of a review without a total of its own, the
    number that the policy prints for it is taken.
    """
    for base, _ in bases(holdings, today):
        for study in base.studies:
            yield from _sizes(holdings, study, base, today)


def _sizes(holdings: Holdings, study: Study, base: EvidenceBase, today: date | None) -> Iterator[Finding]:
    heading = heading_place(holdings, study.source.file, "Included studies")
    exceeding = groups_exceed(study)
    if exceeding is not None:
        yield Finding(
            heading_place(holdings, study.source.file, "Sizes") or study.source,
            f"{exceeding[0]} participants, and {exceeding[1]} in the two groups",
            "groups that hold no more people than took part",
            "correct the size that is wrong",
        )
    stated = [(whole(study.size("participants")), "stated", heading or study.source)]
    if stated[0][0] is None:
        stated = list(_printed_sizes(holdings, study, base, today))
    for total, said, place in stated:
        added = None if total is None else participants_added(study, total)
        if added is None or added.adds_up:
            continue
        planned = f", of which only planned: {', '.join(added.planned)}" if added.planned else ""
        most = f"at most {added.most}" if added.planned else f"{added.most}"
        yield Finding(
            place,
            f"{total} participants {said} for {study.id}; its trials hold {most} ({' + '.join(added.terms)}){planned}",
            f"{most} participants, or other trials",
            "look up which trials were pooled and how people were counted",
        )


def _printed_sizes(
    holdings: Holdings, study: Study, base: EvidenceBase, today: date | None
) -> Iterator[tuple[int | None, str, Source]]:
    """The number that the policy prints for the one review of a population with as many trials."""
    trials = whole(study.size("trials")) or len(study.included)
    for each in beside(holdings, today):
        asked = each.questions.population(study.population)
        if each.base.policy != base.policy or study.reference is None or asked is None:
            continue
        for population in each.version.populations:
            for body in population.studies if population.name.casefold() == asked.named.casefold() else ():
                if body.studies == trials and body.participants is not None:
                    yield body.participants, "printed", holdings.words_below(population.source, "Studies:")


def contradicted_directions(holdings: Holdings, today: date | None) -> Iterator[Finding]:
    """Directions in words that the interval of their own row contradicts."""
    for base, questions in bases(holdings, today):
        for study in base.studies:
            for each in directions_against_numbers(study, questions):
                yield _finding(holdings, each)


RULES = (
    p_value_does_not_follow,
    significance_word_disagrees,
    impossible_value,
    estimate_off_centre,
    blinding_label_disagrees,
    duplicate_publication,
    sizes_do_not_add,
)
