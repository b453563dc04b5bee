"""One claim line as the case it is: the same keys that a person would give, read by the one reader of cases.

What belongs to the case of a line: all that the claim and the plan say of it, and of documented facts and of history
what the rules that are judged for it read. So the single reading of the same case gives the same answer and the
same id.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from medpol.decide.cases import decode_case
from medpol.decide.one import Desk
from medpol.decide.rows import Literal, LiteralKind
from medpol.decide.table.services import Unit
from medpol.model.case import BIRTH, MALFORMED, SHARED, Case
from medpol.model.facts import BUILT_IN_FACTS, FactType
from medpol.model.quantities import shortest

_BUILT_IN = frozenset(fact.name for fact in BUILT_IN_FACTS)
_ANY_DAY = date(2000, 1, 1)
_OF_HISTORY = (LiteralKind.COUNT, LiteralKind.SINCE, LiteralKind.LAST)


@dataclass(frozen=True, slots=True)
class Reads:
    """What some units read beside the line itself: documented facts, series of observations, event codes."""

    facts: frozenset[str] = frozenset()
    series: frozenset[str] = frozenset()
    codes: frozenset[str] = frozenset()
    prefixes: tuple[str, ...] = ()
    history: bool = False

    def holds(self, code: str) -> bool:
        return code in self.codes or code.startswith(self.prefixes)


def reads_of(units: Iterable[Unit]) -> Reads:
    """What the case of a line has to hold, of which these units are judged."""
    facts: set[str] = set()
    series: set[str] = set()
    codes: set[str] = set()
    prefixes: dict[str, None] = {}
    history = False
    for unit in units:
        for literal in unit.literals:
            for name in facts_of(literal):
                (series if literal.kind is LiteralKind.LATEST and name == literal.fact else facts).add(name)
            if literal.kind in _OF_HISTORY:
                history = True
                for group in literal.groups:
                    codes |= unit.groups.codes.get(group, frozenset())
                    prefixes |= dict.fromkeys(unit.groups.prefixes.get(group, ()))
            history |= literal.kind is LiteralKind.LATEST
    return Reads(frozenset(facts - _BUILT_IN), frozenset(series), frozenset(codes), tuple(prefixes), history)


def facts_of(literal: Literal) -> Iterable[str]:
    """The names of the facts that a literal reads."""
    if literal.fact and literal.kind is not LiteralKind.QUESTION:
        yield "service.units" if literal.fact == "service.dose" else literal.fact
    for value in (*literal.values, *(() if literal.value is None else (literal.value,))):
        if value.kind.value in ("fact", "table"):
            yield value.text


@dataclass(slots=True)
class LineRecord:
    """One line as asked, with the facts and the events of its member that its case holds."""

    row: Mapping[str, Any]
    facts: dict[str, str] = field(default_factory=dict)
    series: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    events: list[dict[str, str]] = field(default_factory=list)


def case_json(record: LineRecord, desk: Desk, reads: Reads) -> dict[str, Any]:
    """The case as JSON: what `medpol decide --cases` takes."""
    row = record.row
    given: dict[str, Any] = {
        "date_of_service": str(row["day"]),
        "known_on": str(row["known_on"]),
        "line_of_business": row["line_of_business"],
        "state": row["state"],
        "plan": row["plan"],
        "contract": row["contract"],
        "diagnoses": None if row["diagnoses"] is None else [_code(each) for each in row["diagnoses"]],
        "birth_date": None if row["birth_date"] is None else str(row["birth_date"]),
        "sex": row["sex"],
        "units": None if row["units"] is None else shortest(row["units"]),
        "modifiers": None if row["modifiers"] is None else list(row["modifiers"]),
        "place_of_service": row["place_of_service"],
        "provider_specialty": row["provider_specialty"],
    }
    if row["code"] is not None:
        given |= {"code": row["code"], "code_system": row["code_system"]}
    if record.facts or record.series:
        given["facts"] = {**record.facts, **record.series}
    if reads.history:
        given["history"] = record.events
        whole_from = row["history_complete_from"]
        if whole_from is not None:
            given["history_complete_from"] = "birth" if whole_from <= BIRTH else str(whole_from)
    return {key: value for key, value in given.items() if value is not None}


def _code(diagnosis: str) -> str:
    return diagnosis.removeprefix(MALFORMED).removeprefix(SHARED)


def case_of(record: LineRecord, desk: Desk, reads: Reads) -> Case:
    """The case, read as any other. Raises ``CaseError`` where the line says what no case can."""
    given = case_json(record, desk, reads)
    row = record.row
    is_held = _is_held(desk, row["code_system"])
    if not is_held:  # a system that the claim names and no library declares: a code that nothing can name
        given = {key: value for key, value in given.items() if key not in ("code", "code_system")}
    case, _ = decode_case(desk, given, row["known_on"])
    if not is_held:
        case = replace(case, code=row["code"], code_system=row["code_system"])
    if row["diagnoses"] is None:
        return case
    # the reader of claims knows more of a token than its shape: one whose system is not known stays marked
    return replace(case, diagnoses=tuple(sorted(set(row["diagnoses"]))))


def _is_held(desk: Desk, system: str | None) -> bool:
    return system is None or desk.plan.systems.canonical(system) is not None


def known_code(desk: Desk, system: str | None, code: str) -> str | None:
    """The code of a line as criteria read it."""
    if not _is_held(desk, system):
        return code.upper()
    given = {"code": code} if system is None else {"code": code, "code_system": system}
    case, _ = decode_case(desk, given, _ANY_DAY)
    return case.known.code


def documented(desk: Desk, name: str, value: str, unit: str | None) -> str | None:
    """The words of a documented value as a case gives them: with its unit, where it has one."""
    fact = desk.declared.get(name)
    if fact is None:
        return None
    return (
        f"{value} {unit}" if unit and fact.type in (FactType.QUANTITY, FactType.AGE, FactType.OBSERVATIONS) else value
    )
