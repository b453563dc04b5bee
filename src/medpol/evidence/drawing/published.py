"""The pools that reviews published, as forest plots: every number as it was printed, side by side and never weighed here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date

from medpol.evidence.drawing.forest import Forest, ForestRow
from medpol.evidence.drawing.words import study_label
from medpol.model.studies import NOT_REPORTED, Better, EvidenceBase, Questions, Reported, Result, Study, StudyKind

_RATIO = re.compile(r"\b(?:or|rr|hr|irr|rom|ratio)\b", re.IGNORECASE)


def published_forests(base: EvidenceBase, population: str) -> tuple[Forest, ...]:
    """The pools of reviews on a population, one forest for each outcome, measure and unit."""
    questions = base.asked or Questions(base.policy, date.min)
    held: dict[tuple[str, str, str], list[tuple[Study, Result]]] = {}
    for study in base.studies:
        if study.kind is StudyKind.REVIEW and study.population == population:
            for result in study.results:
                if _is_numeric(result):
                    held.setdefault((result.outcome, result.measure, result.unit), []).append((study, result))
    return tuple(_forest(questions, *key, found) for key, found in held.items())


def published_row(study: Study, result: Result) -> ForestRow:
    """One published pool as a row, its numbers in the words in which they are printed."""
    parts = [] if result.timepoint == NOT_REPORTED else [result.timepoint]
    parts += [] if result.comparator == NOT_REPORTED else [f"against {result.comparator}"]
    parts += [f"{result.trials.text} trials"] if _is_said(result.trials) and result.trials else []
    parts += [f"the authors' certainty: {result.certainty}"] if result.certainty else []
    return ForestRow(
        study.id,
        study_label(study.first_author, study.year, study.id),
        _exact(result.estimate),
        _exact(result.lower),
        _exact(result.upper),
        _printed(result),
        None,
        result.participants.text if result.participants and result.participants.is_reported else "",
        result.checked.is_verified,
        result.checked.value,
        ", ".join(parts) + (f"; {result.note}" if result.note else ""),
    )


def _forest(questions: Questions, outcome: str, measure: str, unit: str, found: list[tuple[Study, Result]]) -> Forest:
    asked = questions.outcome(outcome)
    is_ratio = bool(_RATIO.search(measure))
    rows = [(study, published_row(study, result)) for study, result in found]
    cannot_be = [row for _, row in rows if is_ratio and any(each <= 0 for each in row.numbers)]
    below, above = _sides(None if asked is None else asked.better)
    level = {each.level.text for _, each in found if each.level is not None and each.level.is_reported}
    words = [outcome if asked is None or not asked.says else asked.says, measure or "measure not stated"]
    return Forest(
        f"Published pools: {', '.join(words)}",
        measure or "measure not stated",
        unit,
        _share(level.pop()) if len(level) == 1 else None,
        is_ratio,
        below,
        above,
        published=tuple(row for _, row in rows if row not in cannot_be),
        left_out=tuple((row.label, f"{row.says} is printed, and a ratio cannot be 0 or less") for row in cannot_be),
    )


def _sides(better: Better | None) -> tuple[str, str]:
    match better:
        case Better.LOWER:
            return "favours the intervention", "favours the comparator"
        case Better.HIGHER:
            return "favours the comparator", "favours the intervention"
        case _:
            return "", ""


def _is_numeric(result: Result) -> bool:
    """Whether it compares groups and has an estimate, or both bounds of an interval."""
    if result.group:
        return False
    return _exact(result.estimate) is not None or (
        _exact(result.lower) is not None and _exact(result.upper) is not None
    )


def _printed(result: Result) -> str:
    words = [result.estimate.text] if result.estimate is not None and result.estimate.is_reported else []
    if _is_said(result.lower) and _is_said(result.upper) and result.lower and result.upper:
        words.append(f"[{result.lower.text}, {result.upper.text}]")
    return " ".join(words)


def _is_said(reported: Reported | None) -> bool:
    return reported is not None and reported.is_reported


def _exact(reported: Reported | None) -> float | None:
    return None if reported is None else reported.exact


def _share(level: str) -> float | None:
    number = Reported(level).exact
    return None if number is None else number / 100 if number > 1 else number


def rows_matching(found: Iterable[tuple[Study, Result]]) -> Iterator[ForestRow]:
    """The published rows of results that were chosen already."""
    return (published_row(study, result) for study, result in found if _is_numeric(result))
