"""A case: one service for one member on one day, with what is documented and what is said to be complete."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from medpol.model.facts import Event, FactValue
from medpol.model.quantities import Quantity

BIRTH = date.min


MALFORMED = "!"
SHARED = "~"
"""What stands before a diagnosis that is no code, and before one that may belong to another line of the claim."""


@dataclass(frozen=True, slots=True)
class Case:
    """What a question states, normalised. ``None`` everywhere means not given; an empty tuple means given as none.

    ``history_complete_from`` is ``BIRTH`` where the whole life is held. ``facts`` are documented, ``assumed`` are
    supposed; ``answers`` answer questions by criterion id. ``known`` is the same in the form that criteria read, made
    once with the case: a case is read once and asked of every source. Of ``diagnoses``, a text that is no code stands
    after ``MALFORMED``, and a code of a claim that may be another line's after ``SHARED``.
    """

    date_of_service: date
    code: str | None = None
    code_system: str | None = None
    service: str | None = None
    policy: str | None = None
    line_of_business: str | None = None
    contract: str | None = None
    plan: str | None = None
    state: str | None = None
    funding: str | None = None
    plan_year: tuple[int, int] | None = None
    diagnoses: tuple[str, ...] | None = None
    age: Quantity | None = None
    birth_date: date | None = None
    sex: str | None = None
    units: Decimal | None = None
    modifiers: tuple[str, ...] | None = None
    place_of_service: str | None = None
    provider_specialty: str | None = None
    facts: tuple[tuple[str, FactValue], ...] = ()
    assumed: tuple[tuple[str, FactValue], ...] = ()
    answers: tuple[tuple[str, bool], ...] = ()
    history: tuple[Event, ...] = ()
    history_complete_from: date | None = None
    history_incomplete_for: tuple[str, ...] = ()
    records_complete: tuple[str, ...] = ()
    contact: str = ""
    is_code_malformed: bool = False
    known: Known = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "known", known_of(self))


@dataclass(slots=True)
class Known:
    """What is known of one case while it is decided. ``facts`` holds documented and built-in facts by name.

    ``complete`` names groups and observation facts whose history is supposed whole, whatever the case says of the rest;
    ``forgotten`` names facts that are supposed undocumented, complete record or not.
    """

    day: date
    facts: Mapping[str, Any]
    answers: Mapping[str, bool]
    history: Sequence[Event] = ()
    complete_from: date | None = None
    incomplete_for: Sequence[str] = ()
    records: Sequence[str] = ()
    code: str | None = None
    service: str | None = None
    units: Decimal | None = None
    plan_year: tuple[int, int] | None = None
    birth_date: date | None = None
    complete: frozenset[str] = frozenset()
    forgotten: frozenset[str] = frozenset()
    malformed_diagnosis: bool = False
    shared_diagnoses: bool = False
    """They are those of a claim, and nothing says which of them are this line's."""


def known_of(case: Case, *, with_assumed: bool = True) -> Known:
    """What a case documents, in the form that literals read."""
    facts: dict[str, Any] = dict(case.facts)
    if with_assumed and case.assumed:
        facts |= dict(case.assumed)
    malformed = shared = False
    if case.diagnoses is not None:
        good = tuple([code.removeprefix(SHARED) for code in case.diagnoses if not code.startswith(MALFORMED)])
        shared = any(code.startswith(SHARED) for code in case.diagnoses)
        malformed = len(good) != len(case.diagnoses)
        facts["diagnosis"] = good
    age = case.birth_date if case.birth_date is not None else case.age
    if age is not None:
        facts["age"] = age
    for name, value in (
        ("sex", case.sex),
        ("member.state", case.state),
        ("member.line", case.line_of_business),
        ("member.plan", case.plan),
        ("service.place", case.place_of_service),
        ("service.modifier", case.modifiers),
        ("provider.specialty", case.provider_specialty),
    ):
        if value is not None:
            facts[name] = value
    if case.units is not None:
        facts["service.units"] = Quantity(case.units)
    facts["date_of_service"] = case.date_of_service
    return Known(
        case.date_of_service,
        facts,
        dict(case.answers),
        case.history,
        case.history_complete_from,
        case.history_incomplete_for,
        case.records_complete,
        None if case.code is None else case.code.upper(),
        case.service,
        case.units,
        case.plan_year,
        case.birth_date,
        malformed_diagnosis=malformed,
        shared_diagnoses=shared,
    )
