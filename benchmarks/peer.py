"""A peer to measure against: a plain recursive interpreter over nested dictionaries, as one would first write it.

It is two-valued and is asked twice, what is unknown counting as the worse and then as the better; where the two differ,
information is needed. It knows policies by code and day, their lines and states, rules with ``when``, ``unless`` and
``otherwise``, and counts in a rolling window: no contracts, mandates, corrections, second clock or reasons.
"""

from __future__ import annotations

import operator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from medpol.library import Library
from medpol.model import criteria as c
from medpol.model.policy import CodeRole, services_of
from medpol.model.positions import Outcome
from medpol.model.quantities import Quantity

_DAYS = {
    "days": 1,
    "day": 1,
    "weeks": 7,
    "week": 7,
    "months": 30.4375,
    "month": 30.4375,
    "years": 365.25,
    "year": 365.25,
}
_COMPARISONS = {">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt, "=": operator.eq}
_COMPARISONS["!="] = operator.ne


# ---------------------------------------------------------------------------- the trees, written once


def policies_of(library: Library) -> list[dict[str, Any]]:
    """Every version as nested dictionaries and lists."""
    held = []
    for version in library.versions:
        sets = {each.name: list(each.values) for each in version.definitions.value_sets}
        for row in version.code_rows:
            if row.role is not CodeRole.GOVERNED and row.pattern is not None:
                sets.setdefault(row.group, []).append(row.pattern.text.replace(".", ""))
        governed = [row for row in version.code_rows if row.role is CodeRole.GOVERNED and row.pattern is not None]
        groups: dict[str, list[str]] = {}
        for row in governed:
            assert row.pattern is not None
            groups.setdefault(row.group, []).append(row.pattern.text)
        held.append(
            {
                "policy": version.policy,
                "first_day": str(version.first_day),
                "codes": groups,
                "starts": min((str(row.period.start) for row in governed if row.period.start), default=""),
                "lines": [version.lines_of_business.inside, list(version.lines_of_business.outside)],
                "states": [version.states.inside, list(version.states.outside)],
                "rules": [_rule(rule, services_of(version, rule), sets, groups) for rule in version.rules],
            }
        )
    return held


def _rule(
    rule: c.Rule, services: tuple[str, ...], sets: dict[str, list[str]], groups: dict[str, Any]
) -> dict[str, Any]:
    parts = [_criterion(each, sets, groups) for each in (rule.criteria, rule.unless) if each is not None]
    return {
        "services": list(services),
        "when": None if rule.when is None else _expression(rule.when.expression, sets, groups),
        "met": {"op": "any", "parts": parts} if parts else None,
        "position": rule.statement.position.canonical.outcome.value,  # type: ignore[union-attr]
        "otherwise": None if rule.otherwise is None else rule.otherwise.position.canonical.outcome.value,  # type: ignore[union-attr]
    }


def _criterion(part: c.Criterion, sets: dict[str, list[str]], groups: dict[str, Any]) -> dict[str, Any]:
    if isinstance(part, c.Leaf):
        return {"op": "question"} if part.expression is None else _expression(part.expression, sets, groups)
    parts = [_criterion(each, sets, groups) for each in part.parts]
    match part.structure:
        case c.Structure.ALL:
            return {"op": "all", "parts": parts}
        case c.Structure.ANY:
            return {"op": "any", "parts": parts}
        case c.Structure.NONE:
            return {"op": "not", "part": {"op": "any", "parts": parts}}
        case _:
            return {"op": "at least", "needed": part.needed, "parts": parts}


def _expression(part: c.Expression, sets: dict[str, list[str]], groups: dict[str, Any]) -> dict[str, Any]:
    match part:
        case c.And(parts):
            return {"op": "all", "parts": [_expression(each, sets, groups) for each in parts]}
        case c.Or(parts):
            return {"op": "any", "parts": [_expression(each, sets, groups) for each in parts]}
        case c.Not(inner):
            return {"op": "not", "part": _expression(inner, sets, groups)}
        case c.Holds(c.Path(name)):
            return {"op": "holds", "fact": name}
        case c.Membership(c.Path(name), named, listed):
            return {"op": "in", "fact": name, "values": sets[named] if named else [_value(each) for each in listed]}
        case c.Comparison(c.Path(name), comparison, value):
            return {"op": "compare", "fact": name, "by": comparison, "value": _value(value)}
        case c.Comparison(c.Count() as count, comparison, value):
            codes = [code for group in count.groups for code in groups[group]]
            days = float(count.window.number or 0) * _DAYS[count.window.unit or "days"]
            return {"op": "count", "codes": codes, "days": days, "by": comparison, "value": _value(value)}
        case _:
            raise NotImplementedError(str(part))


def _value(value: object) -> object:
    match value:
        case Quantity(number, unit):
            return float(number or Decimal(0)) * (_DAYS.get(unit, 1) if unit else 1)
        case c.Text(text):
            return text
        case _:
            return str(value)


# ---------------------------------------------------------------------------- a case made ready


def prepared(raw: dict[str, Any]) -> dict[str, Any]:
    """A case of the generator with its durations as days."""
    facts = {name: _number(value) for name, value in raw["facts"].items()}
    facts |= {
        "age": _number(raw["age"]),
        "service.units": raw["units"],
        "diagnosis": [code.replace(".", "") for code in raw["diagnoses"]],
    }
    events = [(event["code"], date.fromisoformat(event["date"])) for event in raw.get("history", ())]
    return {
        "code": raw["code"],
        "day": raw["date_of_service"],
        "date": date.fromisoformat(raw["date_of_service"]),
        "line": raw["line_of_business"].replace(" ", "_"),
        "state": raw["state"],
        "facts": facts,
        "history": events if "history_complete_from" in raw else None,
    }


def _number(value: object) -> object:
    words = value.split() if isinstance(value, str) else ()
    return float(words[0]) * _DAYS[words[1]] if len(words) == 2 and words[1] in _DAYS else value


# ---------------------------------------------------------------------------- deciding


def index_of(policies: list[dict[str, Any]]) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """The versions of each policy, latest first, by code."""
    index: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for version in sorted(policies, key=lambda each: each["first_day"], reverse=True):
        for code in {code for codes in version["codes"].values() for code in codes}:
            index.setdefault(code, {}).setdefault(version["policy"], []).append(version)
    return index


def decide(index: dict[str, dict[str, list[dict[str, Any]]]], case: dict[str, Any]) -> str:
    outcomes = {
        said
        for versions in index.get(case["code"], {}).values()
        if (said := _policy(versions, case)) != Outcome.NOT_ADDRESSED.value
    }
    if not outcomes:
        return Outcome.NOT_ADDRESSED.value
    return outcomes.pop() if len(outcomes) == 1 else Outcome.REFER.value


def _policy(versions: list[dict[str, Any]], case: dict[str, Any]) -> str:
    for version in versions:
        if version["first_day"] <= case["day"]:
            break
    else:
        return Outcome.NOT_ADDRESSED.value
    if case["day"] < version["starts"]:
        return Outcome.NOT_ADDRESSED.value
    for (inside, outside), value in ((version["lines"], case["line"]), (version["states"], case["state"])):
        if value in outside or (inside is not None and value not in inside):
            return Outcome.NOT_ADDRESSED.value
    worse, better = _asked(version, case, False), _asked(version, case, True)
    return worse if worse == better else Outcome.INFORMATION_NEEDED.value


def _asked(version: dict[str, Any], case: dict[str, Any], unknown: bool) -> str:
    said = set()
    for rule in version["rules"]:
        if not any(case["code"] in version["codes"][service] for service in rule["services"]):
            continue
        if rule["when"] is not None and not holds(rule["when"], case, unknown):
            continue
        if rule["met"] is None or holds(rule["met"], case, unknown):
            said.add(rule["position"])
        elif rule["otherwise"] is not None:
            said.add(rule["otherwise"])
    if not said:
        return Outcome.NOT_ADDRESSED.value
    return said.pop() if len(said) == 1 else Outcome.REFER.value


def holds(part: dict[str, Any], case: dict[str, Any], unknown: bool) -> bool:
    """Whether a tree holds, with what is unknown counting as ``unknown``; a ``not`` turns that round."""
    op = part["op"]
    if op == "all":
        return all(holds(each, case, unknown) for each in part["parts"])
    if op == "any":
        return any(holds(each, case, unknown) for each in part["parts"])
    if op == "not":
        return not holds(part["part"], case, not unknown)
    if op == "at least":
        return sum(holds(each, case, unknown) for each in part["parts"]) >= part["needed"]
    if op == "question":
        return unknown
    if op == "count":
        return _count(part, case, unknown)
    value = case["facts"].get(part["fact"])
    if value is None:
        return unknown
    if op == "holds":
        return bool(value)
    if op == "in":
        return any(each in part["values"] for each in (value if isinstance(value, list) else [value]))
    return bool(_COMPARISONS[part["by"]](value, part["value"]))


def _count(part: dict[str, Any], case: dict[str, Any], unknown: bool) -> bool:
    if case["history"] is None:
        return unknown
    since = case["date"] - timedelta(days=part["days"])
    days = {day for code, day in case["history"] if code in part["codes"] and since < day <= case["date"]}
    if case["code"] in part["codes"]:
        days.add(case["date"])
    return bool(_COMPARISONS[part["by"]](len(days), part["value"]))
