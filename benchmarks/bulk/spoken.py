"""A tree in the words of each peer. What is unknown counts as the variable ``unknown``; under a ``not`` as its contrary."""

from __future__ import annotations

import json
from typing import Any

from benchmarks.bulk.trees import LISTS, Tree


def zen(tree: Tree, *, negated: bool = False) -> str:
    """As an expression of zen-engine."""
    inner = [zen(each, negated=negated) for each in tree.get("parts", ())]
    match tree["op"]:
        case "all":
            return f"({' and '.join(inner)})"
        case "any":
            return f"({' or '.join(inner)})"
        case "not":
            return f"(not ({zen(tree['part'], negated=not negated)}))"
        case "at least":
            return f"({' + '.join(f'({each} ? 1 : 0)' for each in inner)} >= {tree['needed']})"
        case _:
            field = tree["field"]
            asked = _zen_leaf(tree, field)
            return f"({field} == null ? {'not unknown' if negated else 'unknown'} : {asked})"


def _zen_leaf(tree: Tree, field: str) -> str:
    if tree["op"] == "in":
        values = json.dumps(tree["values"])
        return f"some({field}, # in {values})" if field in LISTS else f"{field} in {values}"
    return f"{field} {_equality(tree['by'])} {json.dumps(tree['value'])}"


def cel(tree: Tree, *, negated: bool = False) -> str:
    """As an expression of CEL."""
    inner = [cel(each, negated=negated) for each in tree.get("parts", ())]
    match tree["op"]:
        case "all":
            return f"({' && '.join(inner)})"
        case "any":
            return f"({' || '.join(inner)})"
        case "not":
            return f"(!({cel(tree['part'], negated=not negated)}))"
        case "at least":
            return f"({' + '.join(f'({each} ? 1 : 0)' for each in inner)} >= {tree['needed']})"
        case _:
            field = tree["field"]
            asked = _cel_leaf(tree, field)
            return f"({field} == null ? {'!unknown' if negated else 'unknown'} : {asked})"


def _cel_leaf(tree: Tree, field: str) -> str:
    if tree["op"] == "in":
        values = json.dumps(tree["values"])
        return f"{field}.exists(each, each in {values})" if field in LISTS else f"{field} in {values}"
    return f"{field} {_equality(tree['by'])} {json.dumps(tree['value'])}"


def _equality(comparison: str) -> str:
    return "==" if comparison == "=" else comparison


def json_logic(tree: Tree, *, negated: bool = False) -> Any:
    """As JsonLogic."""
    inner = [json_logic(each, negated=negated) for each in tree.get("parts", ())]
    match tree["op"]:
        case "all":
            return {"and": inner}
        case "any":
            return {"or": inner}
        case "not":
            return {"!": [json_logic(tree["part"], negated=not negated)]}
        case "at least":
            return {">=": [{"+": [{"if": [each, 1, 0]} for each in inner]}, tree["needed"]]}
        case _:
            value = {"var": tree["field"]}
            unknown: Any = {"var": "unknown"}
            return {
                "if": [{"===": [value, None]}, {"!": [unknown]} if negated else unknown, _json_logic_leaf(tree, value)]
            }


def _json_logic_leaf(tree: Tree, value: Any) -> Any:
    if tree["op"] == "in":
        if tree["field"] in LISTS:
            return {"or": [{"in": [each, value]} for each in tree["values"]]}
        return {"in": [value, tree["values"]]}
    return {_equality(tree["by"]).replace("==", "==="): [value, tree["value"]]}


def zen_graph(tree: Tree) -> str:
    """As a decision graph of zen-engine: one expression between what comes in and what goes out."""
    return json.dumps(
        {
            "contentType": "application/vnd.gorules.decision",
            "nodes": [
                {"id": "in", "name": "in", "type": "inputNode"},
                {
                    "id": "asked",
                    "name": "asked",
                    "type": "expressionNode",
                    "content": {"expressions": [{"id": "met", "key": "met", "value": zen(tree)}]},
                },
                {"id": "out", "name": "out", "type": "outputNode"},
            ],
            "edges": [
                {"id": "first", "sourceId": "in", "targetId": "asked", "type": "edge"},
                {"id": "second", "sourceId": "asked", "targetId": "out", "type": "edge"},
            ],
        }
    )
