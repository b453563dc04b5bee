"""Positions and outcomes as chips: words, glyph, border and colour together, never colour alone.

The colours stand here once: the style sheet is made from them, and a test measures the contrast of every pair.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from medpol.decide.holdings import POSITIONS, PositionSaid
from medpol.model.positions import CoveragePosition


@dataclass(frozen=True, slots=True)
class Ink:
    """Text on its tint, in light and in dark, and how its border is drawn."""

    ink: str
    tint: str
    dark_ink: str
    dark_tint: str
    border: str


INKS: dict[str, Ink] = {
    "necessary": Ink("#0b5a35", "#e6f4ec", "#8fd9b0", "#10291c", "solid"),
    "criteria": Ink("#0b4f8a", "#e7f0fa", "#9cc9f5", "#10243a", "solid"),
    "investigational": Ink("#7a4100", "#fdf1dd", "#f3bd72", "#2f1e08", "dashed"),
    "not-necessary": Ink("#9b1c1c", "#fdeaea", "#f5a3a3", "#351414", "solid"),
    "excluded": Ink("#4a3277", "#f0ebf9", "#cbb8f2", "#241a3a", "double"),
    "refer": Ink("#6b1f57", "#fbe9f4", "#eea6d3", "#331228", "dashed"),
    "needed": Ink("#5c4a00", "#fff8d6", "#e8d27a", "#2a2405", "dotted"),
    "none": Ink("#44505c", "#eef1f4", "#b9c4cf", "#20262c", "dotted"),
}
_P = CoveragePosition
_INK_OF = {
    _P.MEDICALLY_NECESSARY: "necessary",
    _P.RECONSTRUCTIVE: "necessary",
    _P.COVERED_WITH_LIMITS: "necessary",
    _P.NOT_MEDICALLY_NECESSARY: "not-necessary",
    _P.INVESTIGATIONAL: "investigational",
    _P.COSMETIC: "excluded",
    _P.NOT_COVERED: "excluded",
    _P.REFER: "refer",
    _P.DELEGATED: "refer",
    _P.EVIDENCE_DEVELOPMENT: "refer",
    _P.AUTHORIZATION_ONLY: "none",
}


@dataclass(frozen=True, slots=True)
class Chip:
    """``own`` is the payer's label where it is not the position's name; ``more`` narrows the position."""

    ink: str
    glyph: str
    words: str
    own: str = ""
    more: str = ""


def chip_of(said: PositionSaid) -> Chip:
    position = CoveragePosition(said.canonical)
    glyph, name = POSITIONS[position]
    ink = _INK_OF[position]
    is_criteria = said.is_conditional and ink == "necessary"
    more = " when criteria are met" if said.is_conditional else " in some cases only" if said.applies_when else ""
    own = "" if said.label.casefold() == name else said.label
    otherwise = f"otherwise {said.otherwise}" if said.otherwise else ""
    return Chip("criteria" if is_criteria else ink, "◐" if is_criteria else glyph, name + more, own, otherwise)


def position_chip(position: CoveragePosition, label: str) -> Chip:
    """The position of an answer, with the payer's label where it is another."""
    glyph, name = POSITIONS[position]
    return Chip(_INK_OF[position], glyph, name, "" if label.casefold() == name else label)


def chips_of(said: Iterable[PositionSaid]) -> tuple[Chip, ...]:
    """The chips of several rules, each once."""
    return tuple(dict.fromkeys(map(chip_of, said)))


STATUSES = {
    "in_force": Chip("necessary", "✓", "in force"),
    "in_notice": Chip("criteria", "◐", "in notice"),
    "archived": Chip("none", "○", "archived"),
    "no_version_yet": Chip("none", "○", "no version yet"),
    "not_known_yet": Chip("none", "○", "not known yet"),
}


def style() -> str:
    """The part of the style sheet that colours chips, in both schemes."""
    light = "".join(
        f".ink-{name}{{--ink:{ink.ink};--tint:{ink.tint};--edge:{ink.border}}}\n" for name, ink in INKS.items()
    )
    dark = "".join(f".ink-{name}{{--ink:{ink.dark_ink};--tint:{ink.dark_tint}}}\n" for name, ink in INKS.items())
    return f"{light}@media screen and (prefers-color-scheme:dark){{\n{dark}}}\n"
