"""What a desk shares between versions: one reading of equal conditions, and never a reading of another version's words."""

from __future__ import annotations

from datetime import date
from typing import Any

from medpol.decide.cases import decode_case
from medpol.decide.explain import determine
from medpol.decide.one import Desk
from medpol.decide.plan import compile_library
from medpol.library import read_library
from medpol.model.determination import Determination

TODAY = date(2026, 11, 24)
FACTS = """# Facts

| Fact | Type | Unit or choices | Question | From |
|---|---|---|---|---|
| grade | choice | mild, moderate, severe | How severe is it? | record |
| pain.duration | quantity | weeks | How long has it lasted? | record |

## Event fields

| Group | Field | Type | Unit or choices | Question |
|---|---|---|---|---|
| service | outcome | choice | failed, helped | What came of it? |
"""


def _policy(number: str, criterion: str, definition: str, effective: str = "2024-01-01") -> dict[str, bytes]:
    text = f"""---
policy: {number}
title: Invented service {number}
publisher: Example Health Plan
effective: {effective}
published: {effective}
rights: invented, free to use
---

# Invented service {number}

## Policy coverage criteria

The service is **medically necessary** when all of these are met:

- It is as the text asks. `{criterion}`

Otherwise **investigational**.

## Coding

| Group | System | Code | Role | From | To | Our label |
|---|---|---|---|---|---|---|
| service | HCPCS | K0001 | governed | | | invented service |

## Definitions

{definition}
"""
    return {f"{number}/{effective}.md": text.encode()}


def _answer(files: dict[str, bytes], smallest: bool = False, **case: Any) -> Determination:
    library = read_library({"facts.md": FACTS.encode(), **files})
    assert not library.errors, [str(each) for each in library.errors]
    desk = Desk(compile_library(library))
    asked, known_on = decode_case(
        desk, {"code": "K0001", "code_system": "HCPCS", "line_of_business": "commercial", **case}, TODAY
    )
    return determine(desk, asked, known_on, smallest=smallest)


def test_a_value_set_of_one_name_holds_the_words_of_its_own_version() -> None:
    files = _policy("1.01.900", "grade in bad", "- `bad`: `severe`", "2023-01-01")
    files |= _policy("1.01.900", "grade in bad", "- `bad`: `moderate`, `severe`", "2024-01-01")
    facts = {"grade": "moderate"}
    assert _answer(files, date_of_service="2023-06-01", facts=facts).outcome.value == "not_covered"
    assert _answer(files, date_of_service="2024-06-01", facts=facts).outcome.value == "covered"


def test_a_duration_in_another_unit_is_converted_before_it_is_compared() -> None:
    files = _policy("1.01.900", "pain.duration >= 6 weeks", "- `bad`: `severe`")
    for given, outcome in (("42 days", "covered"), ("41 days", "not_covered"), ("6 weeks", "covered")):
        answer = _answer(files, date_of_service="2024-06-01", facts={"pain.duration": given})
        assert answer.outcome.value == outcome, given


def test_a_case_with_another_state_keeps_nothing_known_of_the_first() -> None:
    library = read_library(
        {"facts.md": FACTS.encode(), **_policy("1.01.900", "member.state = WA", "- `bad`: `severe`")}
    )
    desk = Desk(compile_library(library))
    given = {"code": "K0001", "code_system": "HCPCS", "line_of_business": "commercial", "date_of_service": "2024-06-01"}
    for state, outcome in (("WA", "covered"), ("OR", "not_covered")):
        case, known_on = decode_case(desk, {**given, "state": state}, TODAY)
        assert case.known.facts["member.state"] == state
        assert determine(desk, case, known_on, smallest=False).outcome.value == outcome


def test_what_is_missing_is_found_where_two_policies_each_define_their_own_values() -> None:
    files = _policy("1.01.900", "last(service).outcome in bad", "- `bad`: `failed`")
    files |= _policy("1.02.900", "last(service).outcome in poor", "- `poor`: `failed`")
    answer = _answer(files, smallest=True, date_of_service="2024-06-01")
    assert answer.outcome.value == "information_needed"
    assert [[each.fact for each in held] for held in answer.missing] == [["history of service"]]
