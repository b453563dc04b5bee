"""Facts: their declarations, their values, and the events of a history."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum

from medpol.model.diagnostic import Source
from medpol.model.quantities import Quantity


class FactType(Enum):
    YES_NO = "yes/no"
    QUANTITY = "quantity"
    COUNT = "count"
    RATIO = "ratio"
    CHOICE = "choice"
    TEXT = "text"
    CODES = "codes"
    DATE = "date"
    AGE = "age"
    OBSERVATIONS = "observations"


FACT_SOURCES = ("claims", "record", "attestation", "plan")


@dataclass(frozen=True, slots=True)
class FactDeclaration:
    """One row of the facts table: name, type, unit or choices, the question in plain words, where it may come from."""

    name: str
    type: FactType
    unit: str | None = None
    choices: tuple[str, ...] = ()
    question: str = ""
    sources: tuple[str, ...] = ()
    fhir_path: str = ""
    source: Source = field(default=Source(""), compare=False)


@dataclass(frozen=True, slots=True)
class EventField:
    """A field of the events of one or several groups."""

    groups: tuple[str, ...]
    name: str
    type: FactType
    unit: str | None = None
    choices: tuple[str, ...] = ()
    question: str = ""
    source: Source = field(default=Source(""), compare=False)


_T = FactType
BUILT_IN_FACTS: tuple[FactDeclaration, ...] = (
    FactDeclaration("diagnosis", _T.CODES, question="Which diagnoses is the service for?", sources=("claims",)),
    FactDeclaration("age", _T.AGE, question="How old is the member on the day of service?", sources=("claims",)),
    FactDeclaration("sex", _T.TEXT, question="What sex does the plan record for the member?", sources=("claims",)),
    FactDeclaration("member.state", _T.TEXT, question="In which state is the member covered?", sources=("plan",)),
    FactDeclaration("member.line", _T.TEXT, question="Which line of business is the member in?", sources=("plan",)),
    FactDeclaration("member.plan", _T.TEXT, question="Which plan is the member in?", sources=("plan",)),
    FactDeclaration("service.place", _T.TEXT, question="At which place of service?", sources=("claims",)),
    FactDeclaration("service.units", _T.COUNT, question="How many units?", sources=("claims",)),
    FactDeclaration("service.dose", _T.QUANTITY, question="What dose in all?", sources=("claims",)),
    FactDeclaration("service.modifier", _T.CODES, question="Which modifiers stand on the line?", sources=("claims",)),
    FactDeclaration("provider.specialty", _T.TEXT, question="What is the provider's specialty?", sources=("claims",)),
    FactDeclaration("date_of_service", _T.DATE, question="On which day was care given?", sources=("claims",)),
)


@dataclass(frozen=True, slots=True)
class Observation:
    """A dated quantity."""

    day: date
    value: Quantity


_SEXES = {"f": "female", "m": "male", "w": "female", "woman": "female", "man": "male"}


def normalise_sex(text: str) -> str | None:
    """``female``, ``male`` or another word in lower case; ``None`` where the plan records that it does not know."""
    word = " ".join(text.casefold().split())
    return None if word in ("u", "unk", "unknown", "not known") else _SEXES.get(word, word)


FactValue = bool | Quantity | str | date | tuple[str, ...] | tuple[Observation, ...]


@dataclass(frozen=True, slots=True)
class Event:
    """One earlier service or therapy: by its normalised code with the systems it may be of, or by group."""

    day: date
    code: str | None = None
    group: str | None = None
    units: Decimal | None = None
    facts: tuple[tuple[str, FactValue], ...] = ()
