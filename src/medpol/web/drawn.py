"""The timeline of a policy as a drawing: across where there is room, downwards on a narrow screen.

Versions are bars in the ink of their position, archived days are hatched, notice leads in from the day it was published.
Whatever is drawn is also said, in the description and in the table that stands beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from xml.etree.ElementTree import Element

from medpol.text.svg import chart, element, hatching
from medpol.web.chips import INKS
from medpol.web.timeline import ARCHIVED, Bar, Mark, Timeline


@dataclass(frozen=True, slots=True)
class _Scale:
    """Days to places: the first day stands at ``start``, the last at ``end``."""

    first: date
    last: date
    start: float
    end: float

    def __call__(self, day: date) -> float:
        inside = (min(max(day, self.first), self.last) - self.first).days
        return round(self.start + inside * (self.end - self.start) / max(1, (self.last - self.first).days), 1)

    def until(self, day: date | None) -> float:
        return self.end if day is None else self(day)


# ---------------------------------------------------------------------------- marks that both drawings use

Look = dict[str, str | float]
_TEXT: Look = {"class_": "label", "fill": "#1b2229"}
_SOFT: Look = {"class_": "soft-label", "fill": "#4d5965"}
_LEADER: Look = {"class_": "leader", "stroke": "#7d8995", "stroke_width": 1, "fill": "none"}
_ASKED: Look = {"class_": "asked", "stroke": "#1b2229", "stroke_width": 2, "stroke_dasharray": "5 3"}


def _block(bar: Bar, x: float, y: float, width: float, height: float, hatch: str) -> Element:
    """A bar of either drawing, with what it says when pointed at."""
    place = {"x": x, "y": y, "width": max(width, 1.5), "height": max(height, 1.5)}
    said = element("title", bar.says)
    if bar.ink == ARCHIVED:
        return element(
            "rect", said, **place, class_="archived", fill=f"url(#{hatch})", stroke="#44505c", stroke_width=1
        )
    if bar.ink in ("notice", "once"):
        dashes = {"stroke_dasharray": "3 2"} if bar.ink == "once" else {}
        return element(
            "rect", said, **place, **dashes, class_=bar.ink, fill="#e7f0fa", stroke="#0b4f8a", stroke_width=1
        )
    ink = INKS[bar.ink]
    return element("rect", said, **place, class_=f"bar ink-{bar.ink}", fill=ink.tint, stroke=ink.ink, stroke_width=1.5)


def _sign(mark: Mark, x: float, y: float) -> Element:
    """A diamond for a review, an empty one where it is due, a tick for a change of codes."""
    said = element("title", mark.says)
    if mark.kind == "codes":
        return element("path", said, d=f"M{x:g} {y - 7:g}V{y + 7:g}", class_="tick", stroke="#1b2229", stroke_width=3)
    fill = "#ffffff" if mark.kind == "due" else "#1b2229"
    shape = f"M{x:g} {y - 6:g}L{x + 6:g} {y:g}L{x:g} {y + 6:g}L{x - 6:g} {y:g}Z"
    return element("path", said, d=shape, class_=mark.kind, fill=fill, stroke="#1b2229", stroke_width=1.5)


# ---------------------------------------------------------------------------- across

_WIDTH, _NAMES, _RIGHT = 960, 96, 948
_LABEL, _LINE = 74, 17
_ROW, _BAR = 26, 30
_MANY, _ROWS = 16, 8
"""From how many days on the beginnings of notices are not named, and in how many rows names stand at most."""


def across(found: Timeline) -> str:
    """The timeline from left to right, a row for each kind of thing that there is."""
    at = _Scale(found.first, found.last, _NAMES, _RIGHT)
    drawn: list[Element] = []
    y, below = 30.0, 0.0
    rows = (("notice", found.notices, 12), ("in force", found.bars, _BAR), ("once known", found.once, 16))
    for name, bars, height in rows:
        if not bars:
            continue
        drawn.append(element("text", name, x=0, y=y + height / 2 + 4, **_SOFT))
        drawn += (
            _block(each, at(each.start), y, at.until(each.end) - at(each.start), height, "hatch-across")
            for each in bars
        )
        if bars is found.bars:
            below = y + height
        y += height + (2 if name == "notice" else 10)
    for name, kinds in (("codes", ("codes",)), ("reviews", ("review", "due"))):
        marks = [each for each in found.marks if each.kind in kinds and each.day <= found.last]
        if marks:
            drawn.append(element("text", name, x=0, y=y + _ROW / 2 + 4, **_SOFT))
            drawn += (_sign(each, at(each.day), y + _ROW / 2) for each in marks)
            y += _ROW
    named = [each for each in found.marks if each.kind in ("version", "published")]
    if len(named) > _MANY:
        named = [each for each in named if each.kind == "version"]
    days = sorted({each.day for each in named}, reverse=True)
    labels, depth = _labels([(at(day), str(day)) for day in days], below, y + 4)
    y += 4 + depth * _LINE
    under = [*_years_across(found, at, y + 8), *labels]
    over = _asked_across(found, at, y)
    size = _WIDTH, int(y) + 30
    return chart("across", found.title, found.description, *size, hatching("hatch-across"), *under, *drawn, *over)


def _labels(days: Iterable[tuple[float, str]], top: float, first: float) -> tuple[list[Element], int]:
    """The days below their places, the latest first, on leaders, in rows that keep them apart.

    What would need one row too many is left to the table beside: where versions are dense, names would hide the drawing.
    """
    rows: list[float] = []  # where the label that was last put into each row begins
    leaders: list[float] = []
    drawn: list[Element] = []
    for x, words in days:
        is_left = x + _LABEL > _RIGHT
        start, end = (x - _LABEL, x) if is_left else (x, x + _LABEL)
        depth = 0
        while depth < len(rows) and (rows[depth] < end + 6 or any(start - 3 < each < end for each in leaders[depth:])):
            depth += 1
        if depth == _ROWS:
            continue
        if depth == len(rows):
            rows.append(start)
            leaders.append(x)
        else:
            rows[depth], leaders[depth] = start, x
        y = first + depth * _LINE
        drawn.append(element("path", d=f"M{x:g} {top:g}V{y + 12:g}", **_LEADER))
        anchor = "end" if is_left else "start"
        drawn.append(element("text", words, x=x - 4 if is_left else x + 4, y=y + 12, text_anchor=anchor, **_TEXT))
    return drawn, len(rows)


def _years_across(found: Timeline, at: _Scale, y: float) -> Iterator[Element]:
    yield element("path", d=f"M{_NAMES} {y:g}H{_RIGHT}", **_LEADER)
    for day in _years(found, 12):
        if at(day) < _RIGHT - 30:
            yield element("path", d=f"M{at(day):g} {y:g}v5", **_LEADER)
            yield element("text", str(day.year), x=at(day) + 2, y=y + 17, **_SOFT)


def _years(found: Timeline, most: int) -> Iterable[date]:
    """The first days of years, so few that their names stay apart."""
    years = range(found.first.year + 1, found.last.year + 1)
    step = len(years) // most + 1
    return (date(year, 1, 1) for year in years if year % step == 0)


def _asked_across(found: Timeline, at: _Scale, bottom: float) -> Iterator[Element]:
    x = at(found.asked)
    is_left = x > _WIDTH / 2
    yield element("path", d=f"M{x:g} 6V{bottom:g}", **_ASKED)
    words = f"care on {found.asked}{_beyond(found)}"
    yield element(
        "text",
        words,
        x=x - 6 if is_left else x + 6,
        y=16,
        text_anchor="end" if is_left else "start",
        font_weight=700,
        **_TEXT,
    )


def _beyond(found: Timeline) -> str:
    """That the day of care lies outside of what is drawn."""
    if found.asked < found.first:
        return ", before all that is drawn"
    return ", after all that is drawn" if found.asked > found.last else ""


# ---------------------------------------------------------------------------- downwards

_NARROW, _TOP, _STEP = 360, 14, 21


def down(found: Timeline) -> str:
    """The timeline from top to bottom: the bars at the left, everything that happened beside them on leaders."""
    events = [each for each in found.marks if found.first <= each.day <= found.last]
    if len(events) > 2 * _MANY:
        events = [each for each in events if each.kind in ("version", "asked")]
    height = max(360, len(events) * (_STEP + 12))
    at = _Scale(found.first, found.last, _TOP, _TOP + height)
    drawn: list[Element] = []
    for bars, x, width in ((found.notices, 12, 10), (found.bars, 24, 34), (found.once, 62, 12)):
        drawn += (
            _block(each, x, at(each.start), width, at.until(each.end) - at(each.start), "hatch-down") for each in bars
        )
    edge, y = (78 if found.once else 62), -float(_STEP)
    for each in events:
        y = max(at(each.day), y + _STEP)
        drawn.append(element("path", d=f"M{edge} {at(each.day):g}L{edge + 22} {y:g}", **_LEADER))
        if each.kind in ("review", "due", "codes"):
            drawn.append(_sign(each, edge + 30, y))
        words = f"{each.day} {_SHORT.get(each.kind, each.says)}"
        weight: Look = {"font_weight": 700} if each.kind == "asked" else {}
        drawn.append(element("text", words, x=edge + 42, y=y + 4, **weight, **_TEXT))
        if each.kind == "asked":
            drawn.append(element("path", d=f"M4 {at(each.day):g}H{edge}", **_ASKED))
    size = _NARROW, int(max(_TOP + height, y)) + 14
    return chart("down", found.title, found.description, *size, hatching("hatch-down"), *drawn)


_SHORT = {"review": "review", "due": "review due", "codes": "codes changed", "asked": "day of care"}
