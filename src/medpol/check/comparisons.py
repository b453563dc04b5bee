"""The amounts that an expression compares with: thresholds, counts and windows, with the facts it asks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import Enum

from medpol.model.criteria import (
    And,
    Comparison,
    Count,
    Expression,
    Holds,
    IfThen,
    Last,
    LastField,
    Latest,
    Membership,
    Not,
    Or,
    Path,
    RuleCriteria,
    Side,
    Since,
    TableLookup,
    Term,
    Window,
    WindowKind,
)
from medpol.model.facts import FactType
from medpol.model.quantities import Quantity, shortest

OPPOSITE = {">=": "<", ">": "<=", "<=": ">", "<": ">=", "=": "!=", "!=": "="}


class Of(Enum):
    """What an amount of an expression is of."""

    QUANTITY = "quantity"
    COUNT = "count"
    AGE = "age"
    WINDOW = "window"


@dataclass(frozen=True, slots=True)
class Compared:
    """An amount in an expression. ``shift``: 1 where the count leaves this service out, and words may take it in."""

    of: Of
    quantity: Quantity
    comparison: str = ""
    shift: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """What an expression compares. ``facts``: the names it asks for; ``is_opaque``: some bound stands elsewhere."""

    amounts: tuple[Compared, ...]
    facts: tuple[str, ...] = ()
    is_opaque: bool = False


Types = Mapping[str, FactType]


def read(expression: Expression, types: Types) -> Reading:
    """The amounts an expression compares with, their direction turned under ``not``. ``types`` are of facts and fields."""
    amounts: list[Compared] = []
    facts: list[str] = []
    opaque = False

    def note(each: Compared, negated: bool) -> None:
        amounts.append(replace(each, comparison=OPPOSITE.get(each.comparison, "")) if negated else each)

    def visit(part: Expression, negated: bool) -> None:
        nonlocal opaque
        match part:
            case And(parts) | Or(parts):
                for each in parts:
                    visit(each, negated)
            case Not(inner):
                visit(inner, not negated)
            case IfThen(condition, consequence):
                visit(condition, negated)
                visit(consequence, negated)
            case RuleCriteria():
                opaque = True
            case Holds(term):
                term_of(term)
            case Comparison(term, comparison, value):
                of, shift = term_of(term)
                opaque |= isinstance(value, Path | TableLookup)
                if isinstance(value, Quantity):
                    note(Compared(of, _as_percent(term, value, types), comparison, shift), negated)
            case Membership(term, _, listed):
                of, shift = term_of(term)
                for value in listed:
                    if isinstance(value, Quantity):
                        note(Compared(of, _as_percent(term, value, types), "=", shift), negated)

    def term_of(term: Term) -> tuple[Of, int]:
        match term:
            case Path(name):
                facts.append(name)
                kind = types.get(name)
                return (Of.COUNT if kind is FactType.COUNT else Of.AGE if kind is FactType.AGE else Of.QUANTITY), 0
            case Count(_, _, window, where):
                amounts.extend(_window(window))
                inside(where)
                return Of.COUNT, 1 if window.side is Side.BEFORE else 0
            case Since(last):
                inside(last.where)
                return Of.QUANTITY, 0
            case LastField(Last(_, where), name):
                inside(where)
                facts.append(name)
                return Of.COUNT if types.get(name) is FactType.COUNT else Of.QUANTITY, 0
            case Latest(fact, window):
                facts.append(fact)
                amounts.extend(_window(window))
                return Of.QUANTITY, 0

    def inside(where: Expression | None) -> None:
        if where is not None:
            visit(where, False)

    visit(expression, False)
    return Reading(tuple(amounts), tuple(facts), opaque)


def _window(window: Window) -> Iterator[Compared]:
    if window.kind is WindowKind.ROLLING and window.number is not None:
        yield Compared(Of.WINDOW, Quantity(Decimal(window.number), window.unit))
    elif window.kind in (WindowKind.CALENDAR_YEAR, WindowKind.PLAN_YEAR):
        yield Compared(Of.WINDOW, Quantity(Decimal(1), "years"))


def _as_percent(term: Term, value: Quantity, types: Types) -> Quantity:
    """A bare number beside a ratio is a fraction of 1."""
    name = term.name if isinstance(term, Path) else term.field if isinstance(term, LastField) else ""
    if types.get(name) is FactType.RATIO and value.unit is None:
        return Quantity(value.number * 100, "%")
    return value


def in_words(amount: Compared) -> str:
    """``>= 6 weeks`` as an author would type it."""
    number = shortest(amount.quantity.number)
    unit = "" if amount.quantity.unit is None else f" {amount.quantity.unit}"
    return f"{amount.comparison} {number}{unit}".strip()
