"""The funnel plot with its contours of significance: small studies below, and where on either side they are missing."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import NormalDist
from xml.etree.ElementTree import Element

from medpol.evidence.drawing.axis import Axis, axis_of, tick_words
from medpol.evidence.drawing.looks import HEAD, HOLLOW, INK, LINE, SOFT, WHISKER, WIDE, Look, empty_picture, notes_below
from medpol.evidence.drawing.twins import Table
from medpol.evidence.drawing.words import UNVERIFIED_SAYS, figure
from medpol.text.svg import chart, element

LEAST_STUDIES = 10
CONTOURS = (0.01, 0.05, 0.10)
"""Two-sided p at each border, from the outermost inwards. Source: Peters JL et al. J Clin Epidemiol 2008;61:991-996."""
_DASHES = {0.01: "6 3", 0.05: "3 3", 0.10: "1 3"}
_TOP, _HIGH = 34.0, 280.0


@dataclass(frozen=True, slots=True)
class FunnelPoint:
    """One study: its effect as people read it, and its standard error on the scale of pooling."""

    study: str
    label: str
    estimate: float
    standard_error: float
    is_verified: bool = True


@dataclass(frozen=True, slots=True)
class Funnel:
    """All that a funnel plot shows. ``refused`` says why there is none; then nothing is drawn."""

    title: str
    measure: str
    unit: str = ""
    is_ratio: bool = False
    points: tuple[FunnelPoint, ...] = ()
    pooled: float | None = None
    conventions: str = ""

    @property
    def no_effect(self) -> float:
        return 1.0 if self.is_ratio else 0.0

    @property
    def refused(self) -> str:
        """Why no funnel is drawn; empty where one is."""
        if len(self.points) >= LEAST_STUDIES:
            return ""
        studies = "1 study" if len(self.points) == 1 else f"{len(self.points)} studies"
        return (
            f"No funnel plot is drawn of {studies}: with fewer than {LEAST_STUDIES}, "
            "its shape cannot tell missing studies from chance."
        )

    @property
    def notes(self) -> tuple[str, ...]:
        if self.refused:
            return (self.refused,)
        said = ["Shaded from outside in: p below 0.01 (outside), 0.01 to 0.05, 0.05 to 0.10, above 0.10 (inside)."]
        if any(not each.is_verified for each in self.points):
            said.append(f"{UNVERIFIED_SAYS}.")
        if self.conventions:
            said.append(f"Conventions: {self.conventions}.")
        return tuple(said)


def funnel_table(funnel: Funnel) -> Table:
    """Every point of the funnel; the same rows where too few studies forbid the picture, with the reason below."""
    rows = tuple((each.label, each.estimate, each.standard_error) for each in funnel.points)
    return Table(funnel.title, ("Study", "Estimate", "Standard error"), rows, funnel.notes)


def funnel_svg(funnel: Funnel, width: int = WIDE) -> str:
    """The funnel as a whole SVG; where it is refused, the sentence that says why."""
    if funnel.refused:
        drawn = empty_picture(funnel.refused, 24, width)
        return chart("funnel", funnel.title, funnel.refused, width, 24 + 15 * len(drawn), *drawn)
    wide = min(width, 640)
    reach = max(each.standard_error for each in funnel.points) * 1.05
    axis = _axis(funnel, reach, wide)
    drawn = [*_contours(funnel, axis, reach), *_frame(funnel, axis, reach)]
    for each in sorted(funnel.points, key=lambda each: (each.standard_error, each.study)):
        says = f"{each.label}: {figure(each.estimate)}, standard error {figure(each.standard_error)}"
        look = INK if each.is_verified else HOLLOW
        place = {"cx": axis(each.estimate), "cy": _down(each.standard_error, reach), "r": 4.5}
        drawn.append(element("circle", element("title", says), **place, **look | {"fill_opacity": "0.8"}))
    y = _TOP + _HIGH + 44
    for note, below in notes_below(funnel.notes, 8, y, wide):
        drawn.append(note)
        y = below
    described = "; ".join(f"{each.label}: {figure(each.estimate)}" for each in funnel.points)
    return chart("funnel", funnel.title, described, wide, int(y) + 12, *drawn)


def _axis(funnel: Funnel, reach: float, width: int) -> Axis:
    points = [*(each.estimate for each in funnel.points), funnel.no_effect]
    points += [] if funnel.pooled is None else [funnel.pooled]
    z = NormalDist().inv_cdf(1 - 0.05 / 2)
    spans = [(_shown(funnel, -z * reach), _shown(funnel, z * reach))]
    return axis_of(points, spans, 56.0, width - 20.0, is_ratio=funnel.is_ratio)


def _contours(funnel: Funnel, axis: Axis, reach: float) -> Iterator[Element]:
    """A wedge for each p, the outermost first, cut at the ends of the axis."""
    bottom, apex = _TOP + _HIGH, axis(funnel.no_effect)
    ground: Look = {"x": axis.start, "y": _TOP, "width": axis.end - axis.start, "height": _HIGH, "fill": "#dfe5ea"}
    yield element("rect", **ground, class_="contour outside")
    for p, name, fill in zip(CONTOURS, ("p-01", "p-05", "p-10"), ("#e9edf1", "#f3f5f7", "#ffffff"), strict=True):
        z = NormalDist().inv_cdf(1 - p / 2)
        (x1, y1), (x2, y2) = (_border(funnel, axis, z * side, reach) for side in (-1, 1))
        shape = f"M{apex:.1f} {_TOP:g}L{x1:.1f} {y1:.1f}V{bottom:g}H{x2:.1f}V{y2:.1f}Z"
        yield element("path", d=shape, class_=f"contour {name}", fill=fill)
        border = f"M{x1:.1f} {y1:.1f}L{apex:.1f} {_TOP:g}L{x2:.1f} {y2:.1f}"
        yield element("path", d=border, **LINE, stroke_dasharray=_DASHES[p])


def _border(funnel: Funnel, axis: Axis, z: float, reach: float) -> tuple[float, float]:
    """Where a contour leaves the picture: at its bottom, or at the end of the axis."""
    end = axis.low if z < 0 else axis.high
    leaves = (math.log(end) if funnel.is_ratio else end) / z
    return (axis(end), _down(leaves, reach)) if leaves < reach else (axis(_shown(funnel, z * reach)), _TOP + _HIGH)


def _frame(funnel: Funnel, axis: Axis, reach: float) -> Iterator[Element]:
    """The two axes with their ticks, the line of no effect and that of the pool."""
    bottom = _TOP + _HIGH
    yield element("text", "Standard error", x=8, y=18, **HEAD)
    yield element("path", d=f"M{axis.start:g} {_TOP:g}V{bottom:g}H{axis.end:g}", **LINE)
    yield element("path", d=f"M{axis(funnel.no_effect):.1f} {_TOP:g}V{bottom:g}", **LINE)
    if funnel.pooled is not None:
        yield element(
            "path", d=f"M{axis(funnel.pooled):.1f} {_TOP:g}V{bottom:g}", **WHISKER | {"stroke_dasharray": "5 3"}
        )
    for tick in Axis(0, reach, 0, 1).ticks:
        y = _down(tick, reach)
        yield element("text", tick_words(tick), x=axis.start - 6, y=y + 4, text_anchor="end", **SOFT)
    for tick in axis.ticks:
        yield element("path", d=f"M{axis(tick):.1f} {bottom:g}v5", **LINE)
        yield element("text", tick_words(tick), x=axis(tick), y=bottom + 17, text_anchor="middle", **SOFT)
    unit = f", {funnel.unit}" if funnel.unit else ""
    middle = (axis.start + axis.end) / 2
    yield element("text", f"{funnel.measure}{unit}", x=middle, y=bottom + 34, text_anchor="middle", **HEAD)


def _down(standard_error: float, reach: float) -> float:
    return _TOP + standard_error / reach * _HIGH


def _shown(funnel: Funnel, pooled: float) -> float:
    """A place on the scale of pooling, as it is shown."""
    return math.exp(pooled) if funnel.is_ratio else pooled
