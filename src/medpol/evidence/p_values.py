"""The p-value of two groups, recomputed from their printed means, SDs and sizes, over all that rounding leaves open."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from math import inf, sqrt

from scipy.special import stdtr


@dataclass(frozen=True, slots=True)
class Printed:
    """A mean and an SD, each with half of its last printed decimal, and the size of the group."""

    mean: float
    mean_half: float
    sd: float
    sd_half: float
    size: int


@dataclass(frozen=True, slots=True)
class PRange:
    """Two-sided p: at the printed numbers, and the least and the most that their rounding allows."""

    least: float
    printed: float
    most: float

    def __or__(self, other: PRange) -> PRange:
        """What either of two tests allows, at the first one's number."""
        return PRange(min(self.least, other.least), self.printed, max(self.most, other.most))

    @property
    def one_sided(self) -> PRange:
        return PRange(self.least / 2, self.printed / 2, self.most / 2)


def of_means(one: Printed, other: Printed) -> PRange:
    """The two-sided p of the difference of two means, by Welch's t-test; the range takes in Student's with one variance.

    Raises:
        ValueError: A group of fewer than two, or an SD that is not positive.

    Source: Welch BL. Biometrika 1947;34:28-35.
    """
    for group in (one, other):
        if group.size < 2 or group.sd <= 0:
            raise ValueError(f"no test of {group.size} people with SD {group.sd}: needs two people and a positive SD")
    welch = PRange(*(_p(*held) for held in _welch(one, other)))
    student_t = PRange(*(_p(*held) for held in _student(one, other)))
    return welch | student_t


def _p(t: float, degrees: float) -> float:
    return float(2 * stdtr(degrees, -t))


_Held = tuple[tuple[float, float], tuple[float, float], tuple[float, float]]


def _differences(one: Printed, other: Printed) -> tuple[float, float, float]:
    """The greatest, the printed and the least distance between the means."""
    printed, half = abs(one.mean - other.mean), one.mean_half + other.mean_half
    return printed + half, printed, max(0.0, printed - half)


def _spans(group: Printed) -> tuple[float, float, float]:
    """The least, the printed and the greatest SD; the least is never zero, since an SD of zero was printed as such."""
    return max(group.sd - group.sd_half, group.sd / 100), group.sd, group.sd + group.sd_half


def _welch(one: Printed, other: Printed) -> _Held:
    corners = [
        _welch_terms(a, b, one.size, other.size)
        for a, b in product((_spans(one)[0], _spans(one)[2]), (_spans(other)[0], _spans(other)[2]))
    ]
    error, degrees = _welch_terms(one.sd, other.sd, one.size, other.size)
    greatest, printed, least = _differences(one, other)
    # The degrees of freedom rise to a single top, so their least value lies at a corner; the top is no higher than n - 2.
    most = max(held for _, held in corners) if _is_top_outside(one, other) else float(one.size + other.size - 2)
    return (
        (greatest / min(held for held, _ in corners), most),
        (printed / error, degrees),
        (least / max(held for held, _ in corners), min(held for _, held in corners)),
    )


def _welch_terms(sd_one: float, sd_other: float, n_one: int, n_other: int) -> tuple[float, float]:
    """The standard error of the difference, and the Welch-Satterthwaite degrees of freedom."""
    v_one, v_other = sd_one**2 / n_one, sd_other**2 / n_other
    degrees = (v_one + v_other) ** 2 / (v_one**2 / (n_one - 1) + v_other**2 / (n_other - 1))
    return sqrt(v_one + v_other), degrees


def _is_top_outside(one: Printed, other: Printed) -> bool:
    """Whether the ratio at which the degrees of freedom are greatest lies outside what the rounding of the SDs allows."""
    (low, _, high), (other_low, _, other_high) = _spans(one), _spans(other)
    top = (one.size * (one.size - 1)) / (other.size * (other.size - 1))
    return not low**2 / other_high**2 <= top <= (high**2 / other_low**2 if other_low else inf)


def _student(one: Printed, other: Printed) -> _Held:
    degrees = one.size + other.size - 2
    greatest, printed, least = _differences(one, other)

    def error(at: int) -> float:
        pooled = ((one.size - 1) * _spans(one)[at] ** 2 + (other.size - 1) * _spans(other)[at] ** 2) / degrees
        return sqrt(pooled * (1 / one.size + 1 / other.size))

    return (greatest / error(0), degrees), (printed / error(1), degrees), (least / error(2), degrees)
