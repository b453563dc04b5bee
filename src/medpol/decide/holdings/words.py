"""The words in which every door says a position, the days of something, and whom a policy speaks for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from medpol.decide.holdings.pieces import PositionSaid, ScopeSaid
from medpol.model.lines import MEDICARE_FAMILY
from medpol.model.positions import CoveragePosition

_P = CoveragePosition
POSITIONS = {
    _P.MEDICALLY_NECESSARY: ("✓", "medically necessary"),
    _P.RECONSTRUCTIVE: ("✓", "reconstructive"),
    _P.COVERED_WITH_LIMITS: ("✓", "covered with limits"),
    _P.NOT_MEDICALLY_NECESSARY: ("✕", "not medically necessary"),
    _P.INVESTIGATIONAL: ("△", "investigational"),
    _P.COSMETIC: ("⊘", "cosmetic"),
    _P.NOT_COVERED: ("⊘", "benefit exclusion"),
    _P.REFER: ("⇢", "individual consideration"),
    _P.DELEGATED: ("⇢", "delegated"),
    _P.EVIDENCE_DEVELOPMENT: ("◐", "evidence development"),
    _P.AUTHORIZATION_ONLY: ("◐", "authorisation required"),
}


def position_said(said: PositionSaid) -> str:
    glyph, name = POSITIONS[CoveragePosition(said.canonical)]
    own = "" if said.label.casefold() == name else f' ("{said.label}")'
    if said.is_conditional and glyph == "✓":
        glyph = "◐"
    words = f"{glyph} {name}{own}" + (" when criteria are met" if said.is_conditional else "")
    words += " (in some cases only)" if said.applies_when and not said.is_conditional else ""
    return words + (f", otherwise {said.otherwise}" if said.otherwise else "")


def distinct_positions(said: Iterable[PositionSaid]) -> list[str]:
    return list(dict.fromkeys(map(position_said, said)))


def period_words(first: date | None, last: date | None) -> str:
    if first is None and last is None:
        return "no days stated"
    start = f"from {first}" if first is not None else ""
    return f"{start} through {last}".strip() if last is not None else start


def scope_words(scope: ScopeSaid, everything: str) -> str:
    def names(values: Iterable[str]) -> str:
        return ", ".join(value.replace("_", " ") for value in values)

    parts = [everything if scope.inside is None else names(scope.inside)]
    if scope.outside:
        parts.append(f"not {names(scope.outside)}")
    return "; ".join(parts)


def lines_words(scope: ScopeSaid) -> str:
    """The lines of business a policy speaks for; where some are out, the Medicare family is in only by name."""
    if scope.inside is not None or not scope.outside:
        return scope_words(scope, "every line of business")
    outside = [line for line in scope.outside if line not in MEDICARE_FAMILY]
    return scope_words(ScopeSaid(None, tuple(outside)), "every line of business but the Medicare family")
