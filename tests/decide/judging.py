"""One expression judged over one case: a small policy whose only criterion it is, read, compiled and asked."""

from __future__ import annotations

from typing import Any

from tests.support import desk

import medpol

FACTS = """# Facts

| Fact | Type | Unit or choices | Question | From |
|---|---|---|---|---|
| pain.duration | quantity | weeks | How long has it lasted? | record |
| pain.limit | quantity | weeks | How long may it last? | record |
| visits.allowed | count | | How many visits are allowed? | record |
| onset | date | | When did it begin? | record |
| cells.limit | quantity | cells/uL | Which count is enough? | record |
| eosinophils | observations | cells/uL | What were the counts? | record |

## Event fields

| Group | Field | Type | Unit or choices | Question |
|---|---|---|---|---|
| injection | pain_relief | quantity | % | How much relief? |
| injection | outcome | choice | failed, helped | What came of it? |
"""

_POLICY = """---
policy: EX-1
title: Injections
effective: 2000-01-01
published: 2000-01-01
---

# Injections

## Policy coverage criteria

The service is **medically necessary** when all of these are met:

- It is as the text asks. `{expression}`

Otherwise **investigational**.

## Coding

| Group | System | Code | Role | From | To |
|---|---|---|---|---|---|
| injection | CPT | 20552 | governed | | |
| needling | CPT | 20560 | governed | | |
| jab | CPT | 20552 | informational | | |
| taping | therapy | tape | informational | | |
{definitions}"""

TRUTHS = {"criteria-met": "met", "criteria-not-met": "not met", "facts-missing": "unknown"}


def asking(expression: str, definitions: str = "") -> medpol.Desk:
    """A library whose one criterion is the expression."""
    text = _POLICY.format(expression=expression, definitions=definitions and f"\n## Definitions\n\n{definitions}")
    return desk({"facts.md": FACTS, "EX-1/2000-01-01.md": text})


def _answer(expression: str, day: str, definitions: str, case: dict[str, Any]) -> medpol.Determination:
    return medpol.determine(asking(expression, definitions), {"code": "20552", "date_of_service": day, **case})


def judged(expression: str, *, day: str = "2024-07-15", definitions: str = "", **case: Any) -> str:
    """``met``, ``not met`` or ``unknown``: the expression as the criterion of injection 20552 on a day."""
    return TRUTHS[_answer(expression, day, definitions, case).reason_key]


def missing(expression: str, *, day: str = "2024-07-15", **case: Any) -> list[list[str]]:
    """The smallest sets of what is missing, by what one would ask for."""
    return [[item.fact or item.criterion or "" for item in each] for each in _answer(expression, day, "", case).missing]


def event(day: str, code: str = "20552", units: str | None = None, **facts: str) -> dict[str, Any]:
    """One event of a history."""
    held: dict[str, Any] = {"date": day, "code": code}
    return held | ({} if units is None else {"units": units}) | ({"facts": facts} if facts else {})
