"""The line along which effects are placed: straight for differences, logarithmic for ratios, with ticks at round numbers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Axis:
    """Values to places: ``low`` stands at ``start``, ``high`` at ``end``; ratios by their logarithm."""

    low: float
    high: float
    start: float
    end: float
    is_ratio: bool = False

    def __call__(self, value: float) -> float:
        """The place of a value; what lies outside stands at the edge."""
        low, high = self._by(self.low), self._by(self.high)
        at = self._by(min(max(value, self.low), self.high))
        return self.start + (at - low) / (high - low) * (self.end - self.start)

    def holds(self, value: float) -> bool:
        """Whether a value lies on the line, and not beyond one of its ends."""
        return self.low <= value <= self.high

    @property
    def ticks(self) -> tuple[float, ...]:
        """Round numbers along the line, three to seven of them wherever that can be."""
        found = tuple(_ratios(self.low, self.high) if self.is_ratio else _rounds(self.low, self.high))
        return found if len(found) <= 7 else found[:: math.ceil(len(found) / 6)]

    def _by(self, value: float) -> float:
        return math.log(value) if self.is_ratio else value


def axis_of(
    points: Iterable[float], spans: Iterable[tuple[float, float]], start: float, end: float, *, is_ratio: bool
) -> Axis:
    """An axis that holds every point, and of each span as much as leaves the points readable; the rest is clipped.

    A span may go on beyond the points as far as the points are apart, or as far as half of the spans are wide.
    """
    by = math.log if is_ratio else float
    inside = [by(each) for each in points]
    low, high = first, last = min(inside), max(inside)
    held = [(by(lower), by(upper)) for lower, upper in spans]
    widths = sorted(upper - lower for lower, upper in held)
    reach = max(high - low, widths[(len(widths) - 1) // 2] if widths else 0.0) or 1.0
    for lower, upper in held:
        low = min(low, max(lower, first - reach))
        high = max(high, min(upper, last + reach))
    margin = (high - low) * 0.04 or 1.0
    low, high = low - margin, high + margin
    return Axis(math.exp(low), math.exp(high), start, end, True) if is_ratio else Axis(low, high, start, end)


def tick_words(value: float) -> str:
    """A round number without the zeros that say nothing."""
    return f"{value:.6g}"


def _rounds(low: float, high: float) -> Iterator[float]:
    rough = (high - low) / 5
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(each * power for each in (1, 2, 5, 10) if each * power >= rough)
    for at in range(math.ceil(low / step), math.floor(high / step) + 1):
        yield round(at * step, 12)


def _ratios(low: float, high: float) -> Iterator[float]:
    """1, 2, 5 and 10 where they are few; else powers of ten; else round numbers of a narrow span."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    found = [part * 10.0**power for power in range(first, last + 1) for part in (1, 2, 5)]
    inside = [each for each in found if low <= each <= high]
    if len(inside) > 7:
        inside = [each for each in (10.0**power for power in range(first, last + 1)) if low <= each <= high]
    yield from inside if len(inside) >= 2 else _rounds(low, high)
