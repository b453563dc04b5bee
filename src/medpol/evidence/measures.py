"""The measure and the unit of a result, from the words in which they were printed. Words that are not known are told."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from medpol.evidence.pooling import Measure

_ADJUSTED = re.compile(r"^(?:adjusted|adj\.?|covariate-adjusted|baseline-adjusted)\s+")
_NAMES: dict[str, tuple[str, Measure]] = {
    spelling: (name, measure)
    for name, measure, spellings in (
        ("mean difference", Measure.MEAN_DIFFERENCE, ("md", "wmd", "difference in means", "weighted mean difference")),
        (
            "standardised mean difference",
            Measure.STANDARDIZED_MEAN_DIFFERENCE,
            (
                "smd",
                "standardized mean difference",
                "hedges g",
                "hedges' g",
                "hedges’ g",
                "cohen d",
                "cohen's d",
                "cohen’s d",
            ),
        ),
        ("odds ratio", Measure.ODDS_RATIO, ("or",)),
        ("risk ratio", Measure.RISK_RATIO, ("rr", "relative risk")),
        ("risk difference", Measure.RISK_DIFFERENCE, ("rd", "ard", "absolute risk difference")),
        ("hazard ratio", Measure.RATIO, ("hr",)),
        ("rate ratio", Measure.RATIO, ("irr", "incidence rate ratio")),
        ("ratio of means", Measure.RATIO, ("rom", "ratio of geometric means")),
        ("correlation", Measure.CORRELATION, ("r", "pearson correlation")),
    )
    for spelling in (name, *spellings)
}
OF_MEANS = ("mean difference", "standardised mean difference")
OF_COUNTS = ("risk ratio", "odds ratio", "risk difference")


@dataclass(frozen=True, slots=True)
class NamedMeasure:
    """A measure by its name in full. Two that are pooled together share the name, not only how they are pooled."""

    name: str
    measure: Measure
    is_adjusted: bool = False

    @property
    def has_units(self) -> bool:
        return self.measure in (Measure.MEAN_DIFFERENCE, Measure.DIFFERENCE)


def measure_of(printed: str) -> NamedMeasure | None:
    """The measure that printed words mean, such as *adjusted MD*; ``None`` for words that are not known."""
    words = " ".join(printed.casefold().split())
    bare = _ADJUSTED.sub("", words)
    known = _NAMES.get(bare)
    return None if known is None else NamedMeasure(*known, is_adjusted=bare != words)


def spellings() -> tuple[str, ...]:
    """Every word that `measure_of` knows."""
    return tuple(_NAMES)


_SPAN = re.compile(r"(?P<low>\d+(?:\.\d+)?)\s*(?:-|–|to)\s*(?P<high>\d+(?:\.\d+)?)", re.ASCII)
_OUT_OF = re.compile(r"\bof\s+(?P<high>\d+(?:\.\d+)?)", re.ASCII)


def width_of(unit: str) -> Decimal | None:
    """How wide the scale is that a unit names: *mm of 100*, *points of 10*, *0-10 points*; ``None`` where it names none."""
    if match := _SPAN.search(unit):
        width = Decimal(match["high"]) - Decimal(match["low"])
    elif match := _OUT_OF.search(unit):
        width = Decimal(match["high"])
    else:
        return None
    return width if width > 0 else None


def factor_between(
    printed: str,
    wanted: str,
    span: tuple[Decimal, Decimal] | None = None,
    own_span: tuple[Decimal, Decimal] | None = None,
) -> tuple[float, str] | None:
    """What turns a number in its printed unit into one in the unit of the outcome, and what there is to say of it.

    Units are related by the widths of their scales alone; ``span`` is the range of the outcome whose unit is wanted,
    ``own_span`` that of another outcome whose numbers are to be brought to it. ``None`` where the two are different
    units that no width relates.
    """
    is_stated = bool(printed.strip())
    if not is_stated and own_span is None:
        return 1.0, f"unit not stated, read as {wanted}" if wanted.strip() else ""
    if is_stated and " ".join(printed.casefold().split()) == " ".join(wanted.casefold().split()):
        return 1.0, ""
    have = width_of(printed) or _width(own_span)
    want = width_of(wanted) or _width(span)
    if not have or not want:
        return None
    from_words, to_words = printed or f"a range of {have:f}", wanted or f"a range of {want:f}"
    factor = want / have
    if factor == 1:
        return 1.0, f"{from_words} read as {to_words}"
    return float(factor), f"{from_words} to {to_words}: times {factor.normalize():f}"


def _width(span: tuple[Decimal, Decimal] | None) -> Decimal | None:
    return None if span is None else span[1] - span[0]
