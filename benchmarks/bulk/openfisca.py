"""OpenFisca as a peer: whole columns at once, but every tree over every line, since it has no index by code.

Texts are numbers, as its columns of texts are slow; a list of diagnoses is a few columns. Each tree is two variables, the
unknown counted as the worse and as the better.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from time import process_time
from typing import Any

import numpy as np
from benchmarks.bulk.measuring import Figures
from benchmarks.bulk.schemas import MOST_DIAGNOSES, MOST_MODIFIERS
from benchmarks.bulk.trees import LISTS, Sample, Tree, outcome_of
from openfisca_core.entities import build_entity
from openfisca_core.periods import DateUnit
from openfisca_core.simulations import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

TREES = 20
"""Each costs a pass over all lines: so many tell what one costs."""
_WIDTH = {"diagnosis": MOST_DIAGNOSES, "modifier": MOST_MODIFIERS}
_NUMBERS = ("age", "units")
_TEXTS = ("sex", "place", "specialty")
_UNKNOWN = -1
_PERIOD = "2026-01"
_BY: dict[str, Callable[[Any, Any], Any]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "=": operator.eq,
    "!=": operator.ne,
}
Formula = Callable[[Any, Any], Any]


def ask(drawn: Sample) -> Figures:
    """The first trees over all rows; seconds of one line and one tree, and how the rows of those trees agree."""
    words: dict[str, int] = {}
    columns = _columns(drawn.rows, words)
    person = build_entity(key="line", plural="lines", label="a claim line", is_person=True)
    system = TaxBenefitSystem([person])
    for name, values in columns.items():
        system.add_variable(_variable(name, person, bool if values.dtype == bool else float))
    trees = drawn.trees[:TREES]
    for at, each in enumerate(trees):
        for unknown in (False, True):
            formula = _formula(each["tree"], unknown, words)
            system.add_variable(_variable(f"tree_{at}_{unknown}", person, bool, formula))
    simulation = SimulationBuilder().build_default_simulation(system, count=len(drawn.rows))
    for name, values in columns.items():
        simulation.set_input(name, _PERIOD, values)
    begun = process_time()
    answers = [
        [simulation.calculate(f"tree_{at}_{unknown}", _PERIOD) for unknown in (False, True)] for at in range(len(trees))
    ]
    used = process_time() - begun
    mine = [(row, at) for row, at in enumerate(drawn.asked) if at < len(trees)]
    agreed = sum(
        outcome_of(trees[at], bool(answers[at][0][row]), bool(answers[at][1][row])) == drawn.outcomes[row]
        for row, at in mine
    )
    return {"seconds": used / (len(drawn.rows) * len(trees)), "decisions": len(mine), "agreed": agreed}


def _columns(rows: Sequence[dict[str, Any]], words: dict[str, int]) -> dict[str, Any]:
    held: dict[str, Any] = {}
    for name in _NUMBERS:
        held[name] = np.array([_UNKNOWN if row[name] is None else row[name] for row in rows], float)
    for name in _TEXTS:
        held[name] = np.array([_number(words, row[name]) for row in rows], float)
    for name in LISTS:
        held[f"{name}_known"] = np.array([row[name] is not None for row in rows])
        for at in range(_WIDTH[name]):
            found = [(row[name] or ())[at : at + 1] for row in rows]
            held[f"{name}_{at}"] = np.array([_number(words, each[0] if each else None) for each in found], float)
    return held


def _number(words: dict[str, int], word: str | None) -> int:
    return _UNKNOWN if word is None else words.setdefault(word, len(words))


def _variable(name: str, person: Any, of: type, formula: Formula | None = None) -> type[Variable]:
    held: dict[str, Any] = {"value_type": of, "entity": person, "definition_period": DateUnit.MONTH, "label": name}
    if formula is not None:
        held["formula"] = formula
    return type(name, (Variable,), held)


def _formula(tree: Tree, unknown: bool, words: dict[str, int]) -> Formula:
    """A function of all lines at once."""
    inner = [_formula(each, unknown, words) for each in tree.get("parts", ())]
    match tree["op"]:
        case "all":
            return lambda line, period: np.logical_and.reduce([each(line, period) for each in inner])
        case "any":
            return lambda line, period: np.logical_or.reduce([each(line, period) for each in inner])
        case "not":
            part = _formula(tree["part"], not unknown, words)
            return lambda line, period: ~part(line, period)
        case "at least":
            needed = tree["needed"]
            return lambda line, period: np.sum([each(line, period) for each in inner], axis=0) >= needed
        case _:
            return _leaf(tree, unknown, words)


def _leaf(tree: Tree, unknown: bool, words: dict[str, int]) -> Formula:
    field = tree["field"]
    if field in LISTS:
        values = [words[each] for each in tree["values"] if each in words]

        def listed(line: Any, period: Any) -> Any:
            found = [np.isin(line(f"{field}_{at}", period), values) for at in range(_WIDTH[field])]
            return np.where(line(f"{field}_known", period), np.logical_or.reduce(found), unknown)

        return listed
    if tree["op"] == "in":
        values = [words[each] for each in tree["values"] if each in words]
        return lambda line, period: np.where(
            line(field, period) == _UNKNOWN, unknown, np.isin(line(field, period), values)
        )
    by = _BY[tree["by"]]
    value = words.get(tree["value"], _UNKNOWN - 1) if isinstance(tree["value"], str) else tree["value"]
    return lambda line, period: np.where(line(field, period) == _UNKNOWN, unknown, by(line(field, period), value))
