"""Cases and their answers, decided for real, to be recorded."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import msgspec

from medpol.decide.cases import decode_case, decode_json, encode_answer
from medpol.decide.explain import determine
from medpol.decide.one import Desk
from medpol.decide.plan import compile_library
from medpol.ledger import Answered, Event, Ledger, pinned
from medpol.library import SHIPPED, load

NOON = datetime(2024, 9, 1, 12, tzinfo=UTC)
LINES = ("commercial", "medicaid", "medicare advantage", "individual", "federal employee")


@cache
def desk() -> Desk:
    return Desk(compile_library(load(SHIPPED)))


def decided(case: bytes) -> bytes:
    """The answer that a case gets, as the door over HTTP would give it."""
    read, known_on = decode_case(desk(), decode_json(case), date.min)
    return encode_answer(determine(desk(), read, known_on))


def answered(number: int = 1, *, request_key: str | None = None, **more: Any) -> Answered:
    """One of many cases that differ, and its answer."""
    given = {"code": "20560", "line_of_business": LINES[number % 5], "age": f"{18 + number % 70} years", **more}
    day = date.fromordinal(date(2023, 11, 1).toordinal() + number % 400)
    case = pinned(given, day, date(2024, 9, 1))
    plan = desk().plan
    return Answered(case, decided(case), NOON, plan.plan_hash, plan.semantics, "0.1.0", request_key)


@cache
def ready(number: int) -> Answered:
    """The same, made once, where what is in it does not matter."""
    return answered(number)


def found(id: str = "0a1b2c3d4e5f", policy: str = "EX-1", **more: Any) -> Event:
    """An event of the watch: a trial's status that differs."""
    said = {
        "id": id,
        "policy": policy,
        "kind": "status-changed",
        "weight": "warning",
        "found": "NCT00000001 was terminated",
        "provenance": {"source": "a registry", "hash": f"sha256:{'0' * 64}"},
    }
    return Event(msgspec.json.encode(said | more), NOON, "0.1.0")


def fill(ledger: Ledger, count: int) -> list[str]:
    """Record some, and give their ids in order."""
    futures = [ledger.submit(ready(number % 10)) for number in range(count)]
    return [each.result(30).id for each in futures]
