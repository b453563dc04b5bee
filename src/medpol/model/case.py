"""A case: one service for one member on one day, with what is documented and what is said to be complete."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from medpol.model.facts import Event, FactValue
from medpol.model.quantities import Quantity

BIRTH = date.min


@dataclass(frozen=True, slots=True)
class Case:
    """What a question states, normalised. ``None`` everywhere means not given; an empty tuple means given as none.

    ``history_complete_from`` is ``BIRTH`` where the whole life is held. ``facts`` are documented, ``assumed`` are
    supposed; ``answers`` answer questions by criterion id.
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
