"""Where reading stands in an interchange, shared by those who read its parts; and how they look at an element."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from medpol.claims.x12.elements import period_of
from medpol.claims.x12.rejects import BrokenEnvelope
from medpol.claims.x12.structure import Place

PADDING = [""] * 9
"""Stands behind the elements of every segment that is read, so that one which ends early has empty ones to look at."""
Handler = Callable[[list[str]], None]
"""Reads one segment, given as its elements, padded; the segment's name is the first of them."""
Actions = Mapping[str, Handler | None]
"""By a segment's name what reads it; ``None`` where nothing of it is needed."""

_DATED = len(("DTP", "what", "form", "days")) + len(PADDING)
_MEMBER_QUALIFIERS = ("MI", "II")


class Cursor:
    """The segment's number in the file, the loop it stands in, and what that makes of the segments that follow."""

    __slots__ = ("actions", "component", "interchange", "kind", "place", "position", "tables")

    def __init__(self) -> None:
        self.position = 0
        self.component = ""
        self.interchange = ""
        self.kind = ""
        self.place = Place.INTERCHANGE
        self.tables: Mapping[Place, Actions] = {}
        self.actions: Actions = {}

    def go(self, place: Place) -> None:
        self.place, self.actions = place, self.tables[place]


def given(elements: list[str]) -> list[str]:
    """The segment's name and elements as they stand in the file, without the padding."""
    return elements[: -len(PADDING)]


def period(elements: list[str]) -> tuple[str, str] | None:
    """First and last day of a DTP; ``None`` where it has not just a form and the days in that form."""
    return period_of(elements[2], elements[3]) if len(elements) == _DATED else None


def npi(elements: list[str]) -> str:
    """NM109, where NM108 says that it is an NPI."""
    return elements[9] if elements[8] == "XX" else ""


def member_id(elements: list[str]) -> str:
    """NM109, where NM108 says that it is a member's id."""
    return elements[9] if elements[8] in _MEMBER_QUALIFIERS else ""


def once(is_there: object, what: str) -> None:
    """Raises ``BrokenEnvelope`` where something that stands once in its loop is there already."""
    if is_there:
        raise BrokenEnvelope(f"a second {what}", "one")
