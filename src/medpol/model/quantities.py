"""Quantities and units: a closed table of exact conversions, and comparisons that say when they cannot tell.

Months and years do not convert to days by a number: a month is 28 to 31 days, so a comparison across the two families
is met or not met only where every such month agrees. Spellings follow UCUM (ucum.org) and everyday writing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from operator import eq, ge, gt, le, lt, ne

from medpol.model.truth import Truth, agreement

COMPARISONS: dict[str, Callable[[Fraction, Fraction], bool]] = {
    ">=": ge,
    "<=": le,
    "=": eq,
    "!=": ne,
    ">": gt,
    "<": lt,
}

# canonical unit -> (dimension, factor to the dimension's base, other spellings)
_TABLE: dict[str, tuple[str, Fraction, str]] = {
    "kg": ("mass", Fraction(1000), "kilogram kilograms"),
    "lb": ("mass", Fraction("453.59237"), "lbs pound pounds [lb_av]"),
    "g": ("mass", Fraction(1), "gram grams"),
    "mg": ("mass", Fraction(1, 10**3), "milligram milligrams"),
    "mcg": ("mass", Fraction(1, 10**6), "ug µg μg microgram micrograms"),
    "m": ("length", Fraction(100), "meter meters metre metres"),
    "cm": ("length", Fraction(1), "centimeter centimeters centimetre centimetres"),
    "mm": ("length", Fraction(1, 10), "millimeter millimeters millimetre millimetres"),
    "in": ("length", Fraction("2.54"), "inch inches [in_i]"),
    "m2": ("area", Fraction(1), "m² m^2"),
    "cm2": ("area", Fraction(1, 10**4), "cm² cm^2"),
    "kg/m2": ("body mass index", Fraction(1), "kg/m² kg/m^2"),
    "L": ("volume", Fraction(1000), "l liter liters litre litres"),
    "mL": ("volume", Fraction(1), "ml milliliter milliliters"),
    "g/day": ("dose rate", Fraction(1000), "g/d"),
    "mg/day": ("dose rate", Fraction(1), "mg/d"),
    "mcg/day": ("dose rate", Fraction(1, 1000), "mcg/d ug/d"),
    "mg/kg": ("dose per weight", Fraction(1), ""),
    "mcg/kg": ("dose per weight", Fraction(1, 1000), "ug/kg"),
    "mg/dL": ("mass concentration", Fraction(1), "mg/dl"),
    "g/dL": ("mass concentration", Fraction(1000), "g/dl"),
    "g/L": ("mass concentration", Fraction(100), "g/l"),
    "ng/mL": ("mass concentration", Fraction(1, 10**4), "ng/ml"),
    "mmol/L": ("amount concentration", Fraction(1), "mmol/l"),
    "%": ("ratio", Fraction(1, 100), "percent"),
    "cells/uL": ("cell count", Fraction(1), "/uL cells/mcL cells/µL cells/μL"),
    "10*6/L": ("cell count", Fraction(1), "10^6/L 10*6/l"),
    "10*9/L": ("cell count", Fraction(1000), "10^9/L 10*9/l K/uL"),
    "mmHg": ("pressure", Fraction(1), "mm[Hg]"),
    "dB": ("sound level", Fraction(1), "decibel decibels"),
    "degrees": ("angle", Fraction(1), "degree deg"),
    "IU": ("international units", Fraction(1), "iu"),
    "hours": ("days", Fraction(1, 24), "hour h"),
    "minutes": ("days", Fraction(1, 1440), "minute min"),
    "/hour": ("events per hour", Fraction(1), "/h events/hour"),
    "days": ("days", Fraction(1), "day d"),
    "weeks": ("days", Fraction(7), "week wk"),
    "months": ("months", Fraction(1), "month mo"),
    "years": ("months", Fraction(12), "year yr a"),
    "sessions": ("sessions", Fraction(1), "session"),
    "units": ("units", Fraction(1), "unit"),
    "points": ("points", Fraction(1), "point"),
}
_SPELLINGS = {word: name for name, (_, _, others) in _TABLE.items() for word in (name, *others.split())}
UNITS: tuple[str, ...] = tuple(_TABLE)
SHORTEST_MONTH, LONGEST_MONTH = 28, 31
_NUMBER = r"[+-]?[0-9]{1,30}(?:\.[0-9]{1,30})?"
_QUANTITY = re.compile(rf"({_NUMBER})(?:[ \t]*([^\s0-9][^\s]*|10[*^][69]/[Ll]))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A decimal number with its canonical unit; ``unit=None`` is a bare count."""

    number: Decimal
    unit: str | None = None

    def __post_init__(self) -> None:
        if not self.number.is_finite():
            raise ValueError(f"{self.number} is not a finite number")
        if self.unit is not None and self.unit not in _TABLE:
            raise ValueError(f"{self.unit!r} is not a unit of the closed table")

    def __str__(self) -> str:
        number = shortest(self.number)
        return number if self.unit is None else f"{number} {self.unit}"

    @property
    def dimension(self) -> str | None:
        return None if self.unit is None else _TABLE[self.unit][0]


def shortest(number: Decimal) -> str:
    """The shortest plain spelling of a decimal: no exponent, no trailing zeros, no negative zero."""
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text.lstrip("+")


def canonical_unit(spelling: str) -> str | None:
    """The table's own name of a unit, or ``None`` where the table does not hold it."""
    return _SPELLINGS.get(spelling)


def unit_spellings() -> tuple[str, ...]:
    return tuple(_SPELLINGS)


def parse_quantity(text: str) -> Quantity | None:
    """``6 weeks``, ``50 %``, ``0.3 10*9/L`` or a bare number; ``None`` where the text is nothing of the kind."""
    match = _QUANTITY.fullmatch(text.strip())
    if match is None:
        return None
    unit = None if match[2] is None else canonical_unit(match[2])
    return None if match[2] is not None and unit is None else Quantity(Decimal(match[1]), unit)


def convertible(one: str | None, other: str | None) -> bool:
    """Whether two units can be compared: one dimension, or both durations."""
    if one is None or other is None:
        return one == other
    dimensions = {_TABLE[one][0], _TABLE[other][0]}
    return len(dimensions) == 1 or dimensions == {"days", "months"}


def bounds(quantity: Quantity, dimension: str | None) -> tuple[Fraction, Fraction]:
    """The least and greatest the quantity may be, in the base unit of ``dimension``.

    Raises:
        ValueError: The unit does not convert to that dimension.
    """
    exact = Fraction(quantity.number)
    if quantity.unit is None:
        if dimension is not None:
            raise ValueError(f"{quantity} has no unit")
        return exact, exact
    own, factor, _ = _TABLE[quantity.unit]
    exact *= factor
    match own, dimension:
        case _ if own == dimension:
            return exact, exact
        case "months", "days":
            low, high = exact * SHORTEST_MONTH, exact * LONGEST_MONTH
            return min(low, high), max(low, high)
        case "days", "months":
            low, high = exact / LONGEST_MONTH, exact / SHORTEST_MONTH
            return min(low, high), max(low, high)
        case _:
            raise ValueError(f"{quantity} does not convert to {dimension}")


def compare(left: Quantity, comparison: str, right: Quantity) -> Truth:
    """Whether the comparison holds, unknown where the length of a month would decide.

    Raises:
        ValueError: The units do not convert.
    """
    if not convertible(left.unit, right.unit):
        raise ValueError(f"{left} and {right} cannot be compared")
    dimension = right.dimension if left.dimension == right.dimension else "days"
    low, high = bounds(left, dimension)
    least, most = bounds(right, dimension)
    return compare_ranges((low, high), comparison, (least, most))


def compare_ranges(left: tuple[Fraction, Fraction], comparison: str, right: tuple[Fraction, Fraction]) -> Truth:
    """Compare two closed ranges of possible values: met where all agree, unknown where some would differ."""
    if left[0] == left[1] and right[0] == right[1]:
        return Truth.of(COMPARISONS[comparison](left[0], right[0]))
    match comparison:
        case ">=" | ">" | "<=" | "<":
            holds = COMPARISONS[comparison]
            return agreement((holds(left[0], right[1]), holds(left[1], right[0])))
        case "=" | "!=":
            overlap = left[0] <= right[1] and right[0] <= left[1]
            same = Truth.UNKNOWN if overlap else Truth.NOT_MET
            return same if comparison == "=" else ~same
        case _:
            raise ValueError(f"{comparison!r} is not a comparison")
