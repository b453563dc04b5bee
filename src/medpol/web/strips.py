"""The days of a code in one policy as a drawn strip. Beside it always stands the table that says the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from medpol.decide.holdings import Span
from medpol.web.chips import INKS, chips_of

WIDTH, HEIGHT = 640, 44
_LEFT, _RIGHT = 2, 638


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: where it stands, its ink, and what it says when pointed at or read aloud."""

    x: float
    width: float
    ink: str
    is_archived: bool
    says: str

    @property
    def tint(self) -> str:
        """Its colour where no style sheet reaches it: in a PDF."""
        return "none" if self.is_archived else INKS[self.ink].tint

    @property
    def edge(self) -> str:
        return INKS[self.ink].ink


@dataclass(frozen=True, slots=True)
class Strip:
    """``years`` are marks with their labels; ``day`` is where the day of the page stands."""

    bars: tuple[Bar, ...]
    years: tuple[tuple[float, str], ...]
    day: float
    says: str


def strip(spans: Sequence[Span], day: date) -> Strip:
    """The spans drawn to scale, from the first day to two years after the last one that is known, the day included."""
    first = min([day, *(span.first_day for span in spans)])
    last = max([day, *(span.last_day or span.first_day for span in spans)]).toordinal() + 365
    scale = (_RIGHT - _LEFT) / (last - first.toordinal())

    def at(ordinal: int) -> float:
        return round(_LEFT + (ordinal - first.toordinal()) * scale, 1)

    bars = []
    for span in spans:
        start = at(span.first_day.toordinal())
        end = _RIGHT if span.last_day is None else at(span.last_day.toordinal() + 1)
        chips = chips_of(span.positions)
        words = "no policy in force" if span.is_archived else ", ".join(chip.words for chip in chips) or span.role
        until = "on" if span.last_day is None else f"through {span.last_day}"
        ink = chips[0].ink if chips else "none"
        bars.append(
            Bar(start, max(1.0, round(end - start, 1)), ink, span.is_archived, f"{span.first_day} {until}: {words}")
        )
    step = max(1, (last - first.toordinal()) // 365 // 8)
    final = date.fromordinal(last).year
    years = tuple(
        (at(date(year, 1, 1).toordinal()), str(year))
        for year in range(first.year + 1, final + 1)
        if (year - first.year) % step == 0
    )
    return Strip(tuple(bars), years, at(day.toordinal()), "; ".join(bar.says for bar in bars))
