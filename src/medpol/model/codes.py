"""Billing and diagnosis codes as text: systems, their shapes, and matching by exact code or prefix.

Shape tells a malformed token from an unknown code; it never says that a code exists. Shapes are facts of the public
code systems (AMA, CMS, FDA, NUBC); no list and no description of any of them is carried here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

SHAPES: dict[str, str] = {
    "CPT": r"[0-9]{5}|[0-9]{4}[FTUAM]",
    "HCPCS": r"[A-CEGHJ-MP-V][0-9]{4}",
    "CDT": r"D[0-9]{4}",
    "ICD-10-CM": r"[A-Z][0-9][0-9AB][0-9A-Z]{0,4}",
    "ICD-10-PCS": r"[0-9A-HJ-NP-Z]{7}",
    "ICD-9-CM": r"[0-9]{3,5}|V[0-9]{2,4}|E[0-9]{3,4}",
    "NDC": r"[0-9]{11}",
    "revenue": r"[0-9]{4}",
}
DIAGNOSIS_SYSTEMS = ("ICD-10-CM", "ICD-9-CM")
FREE_TEXT_SYSTEMS = ("therapy", "local")
_COMPILED = {system: re.compile(shape, re.ASCII) for system, shape in SHAPES.items()}
_DOTTED = frozenset({"ICD-10-CM", "ICD-9-CM"})
_NDC_HYPHENS = re.compile(r"([0-9]{4,5})-([0-9]{3,4})-([0-9]{1,2})", re.ASCII)


@dataclass(frozen=True, slots=True)
class CodeSystems:
    """The systems a library knows: the built-in ones and those that it declares with a shape."""

    declared: tuple[tuple[str, str], ...] = ()

    def names(self) -> tuple[str, ...]:
        return (*SHAPES, *FREE_TEXT_SYSTEMS, *(name for name, _ in self.declared))

    def canonical(self, name: str) -> str | None:
        """The system's own spelling, however it is cased or hyphenated; ``None`` for a system nobody declares."""
        wanted = re.sub(r"[ _-]", "", name.casefold())
        aliases = {"hcpcsii": "HCPCS", "hcpcslevelii": "HCPCS", "cpt4": "CPT"}
        for known in self.names():
            if re.sub(r"[ _-]", "", known.casefold()) == wanted:
                return known
        return aliases.get(wanted)

    def normalise(self, system: str, code: str) -> str | None:
        """The code as it is stored and matched, or ``None`` where its shape does not fit the system.

        ASCII spaces at the ends are trimmed, letters raised, one dot after the third character of a diagnosis dropped.
        Free-text systems keep their words, case-folded, spaces collapsed.
        """
        if system in FREE_TEXT_SYSTEMS:
            return " ".join(code.casefold().split()) or None
        text = code.strip(" ").upper()
        if system in _DOTTED and len(text) > 4 and text[-len(text) + 3] == ".":
            text = text[:3] + text[4:]
        if system == "NDC" and (match := _NDC_HYPHENS.fullmatch(text)):
            text = match[1].zfill(5) + match[2].zfill(4) + match[3].zfill(2)
        return text if self.fits(system, text) else None

    def fits(self, system: str, code: str) -> bool:
        if (shape := _COMPILED.get(system)) is not None:
            return shape.fullmatch(code) is not None
        return any(name == system and re.fullmatch(pattern, code, re.ASCII) for name, pattern in self.declared)

    def systems_of(self, code: str) -> tuple[str, ...]:
        """Every system with a shape that the code fits, in the order of the table."""
        return tuple(name for name in self.names() if name not in FREE_TEXT_SYSTEMS and self.normalise(name, code))


def shown(system: str, code: str) -> str:
    """The code as people write it: diagnoses with their dot."""
    return f"{code[:3]}.{code[3:]}" if system in _DOTTED and len(code) > 3 and code[0] != "E" else code


@dataclass(frozen=True, slots=True)
class CodePattern:
    """An exact code, or every code that begins with ``text``."""

    text: str
    is_prefix: bool = False

    def matches(self, code: str) -> bool:
        return code.startswith(self.text) if self.is_prefix else code == self.text


_RANGE = re.compile(r"[A-Z0-9.]{3,8}\s*(?:-|–|—|thru|through|to)\s*[A-Z0-9.]{3,8}", re.ASCII | re.IGNORECASE)


def diagnosis_pattern(systems: CodeSystems, system: str, cell: str) -> CodePattern | None:
    """The pattern of a Coding cell: ``M79.18``, ``M79.1x`` or ``M79.*``; ``None`` where it is none of these."""
    text = cell.strip()
    is_prefix = len(text) > 2 and text.endswith(("*", "x"))
    if is_prefix:
        text = text[:-1].rstrip("x").rstrip(".")
    code = systems.normalise(system, text)
    return None if code is None else CodePattern(code, is_prefix)


def is_range(cell: str) -> bool:
    return _RANGE.fullmatch(cell.strip()) is not None


def pattern_shown(system: str, pattern: CodePattern) -> str:
    return shown(system, pattern.text) + ("*" if pattern.is_prefix else "")


def by_group(rows: Mapping[str, tuple[CodePattern, ...]], code: str) -> tuple[str, ...]:
    """The names of the groups that hold the code, in the order of ``rows``."""
    return tuple(name for name, patterns in rows.items() if any(each.matches(code) for each in patterns))
