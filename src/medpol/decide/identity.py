"""The identity of a determination: one canonical JSON of sources, case and both days, hashed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any

import msgspec

from medpol.decide.rows import SEMANTICS
from medpol.model.case import BIRTH, Case
from medpol.model.facts import EventField, FactDeclaration, FactValue, Observation
from medpol.model.quantities import Quantity, bounds, shortest


def determination_id(sources: Iterable[str], case: Case, known_on: date, units: dict[str, str]) -> str:
    """``det_`` and 32 hexadecimal digits: equal sources, cases and days give equal ids on any machine."""
    content = {
        "semantics": SEMANTICS,
        "sources": sorted(set(sources)),
        "case": canonical_case(case, units),
        "date_of_service": str(case.date_of_service),
        "known_on": str(known_on),
    }
    return "det_" + hashlib.sha256(canonical_json(content)).hexdigest()[:32]


def canonical_json(content: object) -> bytes:
    """Sorted keys, no white space, no floats."""
    return msgspec.json.encode(content, order="sorted")


def declared_units(facts: Iterable[FactDeclaration], fields: Iterable[EventField]) -> dict[str, str]:
    """The declared unit of every fact that has one, and of every event field under ``event.<name>``."""
    units = {fact.name: fact.unit for fact in facts if fact.unit is not None}
    return units | {f"event.{each.name}": each.unit for each in fields if each.unit is not None}


def canonical_case(case: Case, units: dict[str, str]) -> dict[str, Any]:
    """The case as it is hashed: what is not given left out, sets sorted, quantities in their declared units."""
    stated: dict[str, Any] = {
        "code": case.code,
        "code_system": case.code_system,
        "service": case.service,
        "policy": case.policy,
        "line_of_business": case.line_of_business,
        "contract": case.contract,
        "plan": case.plan,
        "state": case.state,
        "funding": case.funding,
        "plan_year": None if case.plan_year is None else "{:02d}-{:02d}".format(*case.plan_year),
        "diagnoses": None if case.diagnoses is None else sorted(case.diagnoses),
        "age": None if case.age is None else canonical_quantity(case.age, None),
        "birth_date": None if case.birth_date is None else str(case.birth_date),
        "sex": case.sex,
        "units": None if case.units is None else shortest(case.units),
        "modifiers": None if case.modifiers is None else sorted(case.modifiers),
        "place_of_service": case.place_of_service,
        "provider_specialty": case.provider_specialty,
        "facts": _canonical_facts(case.facts, units),
        "assumed": _canonical_facts(case.assumed, units),
        "answers": dict(case.answers),
        "history": sorted(
            (
                {
                    "date": str(event.day),
                    "code": event.code,
                    "group": event.group,
                    "units": None if event.units is None else shortest(event.units),
                    "facts": {name: canonical_value(value, units.get(f"event.{name}")) for name, value in event.facts},
                }
                for event in case.history
            ),
            key=canonical_json,
        ),
        "history_complete_from": None
        if case.history_complete_from is None
        else "birth"
        if case.history_complete_from == BIRTH
        else str(case.history_complete_from),
        "history_incomplete_for": sorted(case.history_incomplete_for),
        "records_complete": sorted(case.records_complete),
        "is_code_malformed": case.is_code_malformed,
    }
    return {key: value for key, value in stated.items() if value is not None}


def _canonical_facts(facts: Iterable[tuple[str, FactValue]], units: dict[str, str]) -> dict[str, Any]:
    return {name: canonical_fact(value, units.get(name)) for name, value in facts}


def canonical_fact(value: FactValue, unit: str | None) -> Any:
    """A documented value as it is hashed, in the declared unit of its fact."""
    return value if isinstance(value, bool | str) else canonical_value(value, unit)


def canonical_value(value: object, unit: str | None) -> Any:
    """A fact's value without floats; a quantity in the declared unit where that is exact."""
    match value:
        case bool() | str():
            return value
        case Quantity():
            return canonical_quantity(value, unit)
        case date():
            return str(value)
        case tuple():
            return [
                {"date": str(each.day), "value": canonical_quantity(each.value, unit)}
                if isinstance(each, Observation)
                else str(each)
                for each in value
            ]
        case _:
            return str(value)


@lru_cache(maxsize=65_536)
def canonical_quantity(quantity: Quantity, unit: str | None) -> str:
    """``6 weeks`` whether it was given as 6 weeks or 42 days; a month that no number of days equals stays a month."""
    if unit is None or quantity.unit is None or quantity.unit == unit:
        return str(quantity)
    target = Quantity(Decimal(1), unit)
    if target.dimension != quantity.dimension:
        return str(quantity)
    exact = bounds(quantity, target.dimension)[0] / bounds(target, target.dimension)[0]
    return f"{_decimal(exact)} {unit}"


def _decimal(exact: Fraction) -> str:
    """The shortest decimal, or ``p/q`` where none is exact. Integers only: no decimal context can round it."""
    denominator, places = exact.denominator, 0
    while denominator % 10 == 0:
        denominator, places = denominator // 10, places + 1
    for factor in (2, 5):
        while denominator % factor == 0:
            denominator, places = denominator // factor, places + 1
    if denominator != 1:
        return f"{exact.numerator}/{exact.denominator}"
    digits = str(abs(exact.numerator) * 10**places // exact.denominator).rjust(places + 1, "0")
    whole, part = digits[: len(digits) - places], digits[len(digits) - places :].rstrip("0")
    return ("-" if exact < 0 else "") + whole + (f".{part}" if part else "")
