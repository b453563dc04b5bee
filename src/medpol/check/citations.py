"""The marks by which a document's prose cites its references: ``[17]``, ``[1-3, 7]``, and numbers set high."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from medpol.check.holdings import Holdings
from medpol.check.prose import body_lines
from medpol.model.diagnostic import Source
from medpol.model.policy import PolicyVersion, SectionName
from medpol.text.spans import blanked, mark

_LIST = r"\d{1,3}(?:\s*[-–—,;]\s*\d{1,3})*"
_MARK = re.compile(
    rf"\\?\[(?P<bracket>{_LIST})\\?\]|<sup>\s*\[?(?P<tag>{_LIST})\]?\s*</sup>|(?P<high>[⁰¹²³⁴⁵⁶⁷⁸⁹]+(?:[,⁻–-][⁰¹²³⁴⁵⁶⁷⁸⁹]+)*)",
    re.ASCII | re.IGNORECASE,
)
_HIGH_DIGITS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_PART = re.compile(r"(\d{1,3})(?:\s*[-–—]\s*(\d{1,3}))?", re.ASCII)
# A number set high after a unit, a number or one letter is a power: kg/m², 10⁹/L, I².
_POWER_BEFORE = re.compile(r"(?:\b(?:m|cm|mm|dm|km|nm|um|µm|in|ft|[A-Za-zχ])|\d)$")
# Two numbers in brackets after a figure are its range, 45 [30-60]; after a year they cite.
_FIGURE_BEFORE = re.compile(
    r"(?:\d%?|\b(?:CI|IQR|intervals?|ranges?|scales?|scores?|SD|ages?|aged|years?|months?|weeks?|points?)|[=:%])\s*$"
)
_YEAR_BEFORE = re.compile(r"\b(?:19|20)\d{2}\s*$", re.ASCII)


@dataclass(frozen=True, slots=True)
class Citation:
    """One number cited by a mark. ``is_doubtful``: the brackets follow a figure and may hold its range instead."""

    number: int
    source: Source
    is_doubtful: bool = False


def citations(holdings: Holdings, version: PolicyVersion) -> Iterator[Citation]:
    """Every number that a mark outside the list of references cites, in document order; ranges are written out."""
    for number, line, section in body_lines(holdings.lines(version.source.file), version):
        if section is SectionName.REFERENCES or not any(sign in line for sign in "[<⁰¹²³⁴⁵⁶⁷⁸⁹"):
            continue
        for match in _MARK.finditer(blanked(mark(line)) if "`" in line else line):
            yield from _cited(match, line[: match.start()], Source(version.source.file, number, match.start() + 1))


def _cited(match: re.Match[str], before: str, place: Source) -> Iterator[Citation]:
    listed = match["bracket"] or match["tag"] or match["high"].translate(_HIGH_DIGITS)
    if match["bracket"] is None and _POWER_BEFORE.search(before):
        return
    parts = list(_PART.finditer(listed))
    several = len(parts) > 1 or parts[0][2] is not None
    doubtful = several and bool(_FIGURE_BEFORE.search(before)) and not _YEAR_BEFORE.search(before)
    for part in parts:
        first, last = int(part[1]), int(part[2] or part[1])
        for each in range(first, last + 1) if first <= last else (first, last):
            yield Citation(each, place, doubtful)
