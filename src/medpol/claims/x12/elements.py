"""What single elements of an 837 say, as text of edge columns: dates, numbers, codes. Nothing is mended or guessed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from medpol.claims.x12.qualifiers import PRINCIPAL_PROCEDURES, PROCEDURE_SYSTEMS, ROLES, Role

MOST_CODES = 12
"""Elements of one HI segment."""
_DIAGNOSIS = Role.DIAGNOSIS
_DAY = 8
_PRESENT_ON_ADMISSION = 9
_NO_MODIFIERS = ("", "", "", "")
_DESCRIPTION, _LAST_COMPONENT = 7, 8
"""Places in a procedure's composite: after qualifier, code and four modifiers; the last would end a range."""


def period_of(qualifier: str, text: str) -> tuple[str, str] | None:
    """First and last day of a ``D8`` or ``RD8``, as YYYY-MM-DD; ``None`` where it has not the form it names.

    Whether the calendar has the day is asked where every other date is checked.
    """
    if qualifier == "D8" and len(text) == _DAY and text.isascii() and text.isdigit():
        return f"{text[:4]}-{text[4:6]}-{text[6:]}", ""
    if qualifier == "RD8" and len(text) == 2 * _DAY + 1 and text[_DAY] == "-":
        first, last = period_of("D8", text[:_DAY]), period_of("D8", text[_DAY + 1 :])
        return None if first is None or last is None else (first[0], last[0])
    return None


def number_of(text: str) -> str:
    """The number with the zero before its point, which X12 leaves out; every other text as it stands."""
    if text[:1] == ".":
        return f"0{text}"
    return f"-0{text[1:]}" if text[:2] == "-." else text


def procedure_of(composite: str, separator: str) -> tuple[str, str, str, str, str, str] | None:
    """Code, four modifiers, and the system where it is not ``HC``; ``None`` where qualifier or code is missing.

    A composite with more than one code in it stays whole: as a code it has no lawful shape, so nobody takes it for one.
    """
    parts = composite.split(separator)
    if len(parts) < 2 or not parts[0] or not parts[1]:
        return None
    system = "" if parts[0] == "HC" else parts[0]
    if len(parts) == 2:
        return (parts[1], *_NO_MODIFIERS, system)
    if len(parts) >= _LAST_COMPONENT and any(parts[_LAST_COMPONENT - 1 :]):
        return (composite, *_NO_MODIFIERS, system)
    first, second, third, fourth = (*parts[2 : _DESCRIPTION - 1], *_NO_MODIFIERS)[:4]
    return parts[1], first, second, third, fourth, system


@dataclass(slots=True)
class HealthCodes:
    """The codes of a claim's HI segments, by what they are to the claim, in the order they stand.

    An empty element keeps its place among the diagnoses, since lines point at places.
    """

    diagnoses: list[str] = field(default_factory=list)
    qualifiers: list[str] = field(default_factory=list)
    apart: list[str] = field(default_factory=list)
    procedures: list[str] = field(default_factory=list)
    procedure_dates: list[str] = field(default_factory=list)
    procedure_systems: set[str] = field(default_factory=set)

    def add(self, composites: Iterable[str], separator: str) -> None:
        for composite in composites:
            qualifier, _, rest = composite.partition(separator)
            role = ROLES.get(qualifier)
            if role is _DIAGNOSIS:
                self.diagnoses.append(_only_code(rest, separator) if separator in rest else rest)
                self.qualifiers.append(qualifier)
            elif role is None:
                self.diagnoses.append(_only_code(rest, separator))
                # The qualifiers are one text, parted by commas; a code without one is of a system nobody said.
                self.qualifiers.append(qualifier.replace(",", ";") or ("?" if rest else ""))
            elif role is Role.APART:
                self.apart.append(f"{qualifier}:{_only_code(rest, separator)}")
            elif role is Role.PROCEDURE:
                self._add_procedure(qualifier, rest.split(separator))

    def _add_procedure(self, qualifier: str, parts: Sequence[str]) -> None:
        day = period_of(parts[1], parts[2]) if len(parts) > 2 else ("", "")
        # A date of another form stays as read, with that form's name, and is refused where dates are checked.
        at = 0 if qualifier in PRINCIPAL_PROCEDURES else len(self.procedures)
        self.procedures.insert(at, parts[0])
        self.procedure_dates.insert(at, ":".join(parts[1:3]) if day is None else day[0])
        self.procedure_systems.add(PROCEDURE_SYSTEMS[qualifier])

    @property
    def procedure_system(self) -> str:
        """The one system of the procedures; none where there are two, so that neither is taken for the other."""
        return self.procedure_systems.copy().pop() if len(self.procedure_systems) == 1 else ""


def _only_code(rest: str, separator: str) -> str:
    """The code, where the composite holds one and at most the sign of presence on admission; else all of it, as read."""
    if separator not in rest:
        return rest
    parts = rest.split(separator)
    if len(parts) < _PRESENT_ON_ADMISSION and not any(parts[1 : _PRESENT_ON_ADMISSION - 2]):
        return parts[0]
    return rest
