"""Numbers and names as a picture writes them: rounded once, cut where there is no room, wrapped where there is a paragraph."""

from __future__ import annotations

import math
from collections.abc import Iterator

from medpol.model.conventions import Conventions

LETTER = 6.7
"""The width of a letter at the size of the pictures, roughly and rather too wide than too narrow."""
UNVERIFIED = "†"
"""Stands behind a number that nobody held against the study's own words."""
UNVERIFIED_SAYS = f"{UNVERIFIED} not held against the study's own words"


def figure(value: float) -> str:
    """A number for people: two decimals, or two significant ones where two decimals would make it 0."""
    if not math.isfinite(value):
        return "∞" if value > 0 else "-∞"
    if 0 < abs(value) < 0.005 or abs(value) >= 1e6:
        return f"{value:.2g}"
    text = f"{value:.2f}"
    return text.removeprefix("-") if float(text) == 0 else text


def estimate_words(estimate: float, lower: float | None, upper: float | None) -> str:
    """``-1.70 [-2.80, -0.60]``; the estimate alone where no interval is known."""
    if lower is None or upper is None:
        return figure(estimate)
    return f"{figure(estimate)} [{figure(lower)}, {figure(upper)}]"


def percent(share: float) -> str:
    """A share of 1 as a percentage with one decimal."""
    return f"{share * 100:.1f} %"


def p_words(p: float) -> str:
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def cut(text: str, room: float, letter: float = LETTER) -> str:
    """The text as far as it has room; the whole of it stands in the table beside the picture."""
    most = max(int(room / letter), 2)
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def wrapped(text: str, room: float, letter: float = LETTER) -> Iterator[str]:
    """A paragraph as lines; a word that is longer than a line is cut."""
    most, line = max(int(room / letter), 8), ""
    for word in text.split():
        word = cut(word, room, letter)
        if line and len(line) + 1 + len(word) > most:
            yield line
            line = word
        else:
            line = f"{line} {word}".strip()
    if line:
        yield line


def study_label(author: str, year: int | None, id: str) -> str:
    """``Cotchett 2014``; the id of the record where no author is stated."""
    if not author.strip():
        return id
    return author.strip() if year is None else f"{author.strip()} {year}"


def conventions_words(agreed: Conventions) -> str:
    """Every convention that moves a number, in one line."""
    return "; ".join(
        (
            f"variance between studies: {agreed.variance.value}",
            f"test and interval: {agreed.test.value}",
            f"level {agreed.level * 100:g} %",
            f"interval of tau²: {agreed.variance_interval.value}",
            f"I² and H² from {agreed.heterogeneity.value}",
            f"prediction: {agreed.prediction.value}",
            f"zero cells: {agreed.zero_cells.value}",
            f"double zeros: {agreed.double_zeros.value}",
            f"standardised difference: {agreed.standardized.value}, {agreed.standardized_variance.value} variance",
        )
    )
