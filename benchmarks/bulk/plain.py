"""Peers in plain Python: closures made of a tree, and an interpreter that walks it. Two-valued, asked twice."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

from benchmarks.bulk.trees import LISTS, Tree

Row = Mapping[str, Any]
Closure = Callable[[Row, bool], bool]
_BY: dict[str, Callable[[Any, Any], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "=": operator.eq,
    "!=": operator.ne,
}


def closure(tree: Tree) -> Closure:
    """A function of a row, and of what an unknown counts as."""
    inner = [closure(each) for each in tree.get("parts", ())]
    match tree["op"]:
        case "all":
            return lambda row, unknown: all(each(row, unknown) for each in inner)
        case "any":
            return lambda row, unknown: any(each(row, unknown) for each in inner)
        case "not":
            part = closure(tree["part"])
            return lambda row, unknown: not part(row, not unknown)
        case "at least":
            needed = tree["needed"]
            return lambda row, unknown: sum(each(row, unknown) for each in inner) >= needed
        case _:
            return _leaf(tree)


def _leaf(tree: Tree) -> Closure:
    field = tree["field"]
    if tree["op"] == "compare":
        by, against = _BY[tree["by"]], tree["value"]

        def compared(row: Row, unknown: bool) -> bool:
            value = row[field]
            return unknown if value is None else by(value, against)

        return compared
    values = frozenset(tree["values"])

    def listed(row: Row, unknown: bool) -> bool:
        value = row[field]
        return unknown if value is None else not values.isdisjoint(value)

    def single(row: Row, unknown: bool) -> bool:
        value = row[field]
        return unknown if value is None else value in values

    return listed if field in LISTS else single


def holds(tree: Tree, row: Any, unknown: bool, read: Callable[[Any, str], Any]) -> bool:
    """Whether a tree holds for a row, walked node by node; ``read`` takes a field of the row."""
    op = tree["op"]
    if op == "all":
        return all(holds(each, row, unknown, read) for each in tree["parts"])
    if op == "any":
        return any(holds(each, row, unknown, read) for each in tree["parts"])
    if op == "not":
        return not holds(tree["part"], row, not unknown, read)
    if op == "at least":
        return bool(sum(holds(each, row, unknown, read) for each in tree["parts"]) >= tree["needed"])
    value = read(row, tree["field"])
    if value is None:
        return unknown
    if op == "in":
        return any(each in tree["values"] for each in value) if tree["field"] in LISTS else value in tree["values"]
    return _BY[tree["by"]](value, tree["value"])
