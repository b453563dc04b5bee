"""The forest plot as SVG: squares by weight, whiskers, diamonds and the prediction bar, wide or for a narrow screen.

Every mark stands at its value on the axis, every number that is drawn is one of the value's own. What was published by
reviews stands below a line, with hollow diamonds; a number that nobody verified has a hollow, dashed square and a sign.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import sqrt
from xml.etree.ElementTree import Element

from medpol.evidence.drawing.axis import Axis, axis_of, tick_words
from medpol.evidence.drawing.forest import NO_DATA, Forest, ForestPool, ForestPrediction, ForestRow
from medpol.evidence.drawing.looks import (
    HEAD,
    HOLLOW,
    INK,
    LINE,
    SHADE,
    SOFT,
    TEXT,
    WHISKER,
    WIDE,
    Look,
    empty_picture,
    notes_below,
)
from medpol.evidence.drawing.words import LETTER, UNVERIFIED, cut, percent
from medpol.text.svg import chart, element

_LEAST, _MOST = 5.0, 16.0
"""The sides of the squares of the lightest and of the heaviest study."""
_DASHED: Look = {"stroke_dasharray": "3 2"}


@dataclass(slots=True)
class _Sheet:
    """A picture while it is drawn: the axis, how far down it has come, and where its columns stand."""

    forest: Forest
    axis: Axis
    width: int
    y: float
    over: list[Element] = field(default_factory=list)

    @property
    def is_narrow(self) -> bool:
        return self.width < WIDE

    @property
    def names_end(self) -> float:
        if self.is_narrow:
            return self.width - 12 - len("-00.00 [-00.00, -00.00]") * LETTER
        return 236.0 + _freed(self.forest)

    @property
    def says_end(self) -> float:
        return self.width - 8 if self.is_narrow else self.width - 118.0 + _freed(self.forest)

    def put(self, made: Element) -> None:
        self.over.append(made)


def _freed(forest: Forest) -> float:
    """What the columns of weight and number leave to the names in a wide picture, where no study fills them."""
    return 0.0 if forest.groups else 110.0


def forest_svg(forest: Forest, width: int = WIDE) -> str:
    """The forest plot as a whole SVG, for a page or, with ``NARROW``, for a narrow screen."""
    if not (forest.rows or forest.pooled):
        drawn = empty_picture(NO_DATA, 24, width)
        return chart("forest", forest.title, forest.description, width, 44, *drawn)
    sheet = _Sheet(forest, _axis(forest, width), width, 0)
    _heads(sheet)
    top = sheet.y
    for group in forest.groups:
        if group.name:
            _heading(sheet, group.name)
        for row in group.rows:
            _study(sheet, row)
        if group.pooled:
            _pool(sheet, group.pooled)
    if forest.pooled:
        _pool(sheet, forest.pooled)
    if forest.prediction:
        _prediction(sheet, forest.prediction)
    if forest.published:
        _published(sheet)
    under = list(_ground(sheet, top))
    _scale(sheet)
    for note, y in notes_below(forest.notes, 8, sheet.y + 6, width):
        sheet.put(note)
        sheet.y = y
    return chart("forest", forest.title, forest.description, width, int(sheet.y) + 12, *under, *sheet.over)


def _axis(forest: Forest, width: int) -> Axis:
    """Every estimate, the pools, the line of no effect and the important difference are held; whiskers may be clipped."""
    points = [forest.no_effect]
    for row in forest.rows:
        is_whole = row.estimate is None or row in forest.published
        points += row.numbers if is_whole else row.numbers[:1]
    pools = [each for each in (*(group.pooled for group in forest.groups), forest.pooled) if each]
    for pool in pools:
        points += [pool.estimate, pool.lower, pool.upper]
    points += _unimportant(forest)
    spans = [(row.lower, row.upper) for row in forest.rows if row.lower is not None and row.upper is not None]
    if forest.prediction:
        spans.append((forest.prediction.lower, forest.prediction.upper))
    freed = _freed(forest)
    start, end = (16.0, width - 16.0) if width < WIDE else (250.0 + freed, 590.0 + freed)
    return axis_of(points, spans, start, end, is_ratio=forest.is_ratio)


def _unimportant(forest: Forest) -> tuple[float, ...]:
    """The effects at the two ends of what is too small to matter; none where no important difference is stated."""
    difference = forest.important_difference
    if difference is None:
        return ()
    return (
        (min(difference, 1 / difference), max(difference, 1 / difference))
        if forest.is_ratio
        else (-difference, difference)
    )


# ---------------------------------------------------------------------------- rows


def _heads(sheet: _Sheet) -> None:
    forest = sheet.forest
    sheet.put(element("text", cut("Study", sheet.names_end), x=8, y=18, **HEAD))
    room = sheet.says_end - (60 if sheet.is_narrow else sheet.axis.start)
    sheet.put(element("text", cut(forest.head, room, 7.2), x=sheet.says_end, y=18, text_anchor="end", **HEAD))
    if not sheet.is_narrow and forest.groups:
        sheet.put(element("text", "Weight", x=sheet.width - 58, y=18, text_anchor="end", **HEAD))
        sheet.put(element("text", "n", x=sheet.width - 10, y=18, text_anchor="end", **HEAD))
    sheet.put(element("path", d=f"M8 26H{sheet.width - 8}", **LINE))
    sheet.y = 30


def _heading(sheet: _Sheet, name: str) -> None:
    sheet.put(element("text", cut(name, sheet.width - 20, 7.2), x=8, y=sheet.y + 18, **HEAD))
    sheet.y += 26


def _study(sheet: _Sheet, row: ForestRow) -> None:
    y = _words(sheet, row.label, row, row.says, TEXT)
    if not sheet.is_narrow:
        if row.weight is not None:
            weight = element("text", percent(row.weight), x=sheet.width - 58, y=y + 4, text_anchor="end", **TEXT)
            sheet.put(weight)
        sheet.put(element("text", cut(row.participants, 46), x=sheet.width - 10, y=y + 4, text_anchor="end", **TEXT))
        y_mark = y
    else:
        y_mark = y + 17
    _whisker(sheet, row.lower, row.upper, y_mark, WHISKER)
    if row.estimate is not None:
        _square(sheet, row, row.estimate, y_mark)
    _next(sheet, row.note)


def _square(sheet: _Sheet, row: ForestRow, estimate: float, y: float) -> None:
    """A square whose area is the study's share of the pool; hollow and dashed where nobody verified the number."""
    heaviest = max((each.weight or 0 for group in sheet.forest.groups for each in group.rows), default=0)
    share = row.weight / heaviest if row.weight and heaviest else 0.25
    side = _LEAST + (_MOST - _LEAST) * sqrt(share)
    said = element("title", f"{row.label}: {row.says}{f'; {row.note}' if row.note else ''}")
    look = INK | {"class_": "filled study"} if row.is_verified else HOLLOW | _DASHED | {"class_": "hollow study"}
    x = sheet.axis(estimate)
    sheet.put(element("rect", said, x=x - side / 2, y=y - side / 2, width=side, height=side, **look))


def _pool(sheet: _Sheet, pool: ForestPool) -> None:
    y = _words(sheet, pool.label, None, pool.says, HEAD)
    y += 17 if sheet.is_narrow else 0
    _diamond(sheet, pool.label, pool.estimate, pool.lower, pool.upper, pool.says, y, INK | {"class_": "filled pooled"})
    _next(sheet, "")


def _prediction(sheet: _Sheet, found: ForestPrediction) -> None:
    y = _words(sheet, "Prediction interval", None, found.says, TEXT)
    y += 17 if sheet.is_narrow else 0
    said = element("title", f"Prediction interval {found.says}; {found.name}")
    left, right = sheet.axis(found.lower), sheet.axis(found.upper)
    look = HOLLOW | {"class_": "hollow prediction"}
    sheet.put(element("rect", said, x=left, y=y - 3, width=max(right - left, 1), height=6, **look))
    _arrows(sheet, found.lower, found.upper, y, WHISKER)
    _next(sheet, "")


def _published(sheet: _Sheet) -> None:
    if sheet.forest.groups or sheet.forest.pooled:
        sheet.y += 4
        sheet.put(element("path", d=f"M8 {sheet.y:g}H{sheet.width - 8}", **LINE, stroke_dasharray="6 3"))
    _heading(sheet, "Published pools of reviews, as printed" if sheet.is_narrow else _PUBLISHED)
    for row in sheet.forest.published:
        y = _words(sheet, row.label, row, row.says, TEXT)
        if not sheet.is_narrow:
            said = cut(row.participants, 46)
            sheet.put(element("text", said, x=sheet.width - 10, y=y + 4, text_anchor="end", **TEXT))
        y += 17 if sheet.is_narrow else 0
        look = HOLLOW | {"class_": "hollow published"} | ({} if row.is_verified else _DASHED)
        if row.estimate is None:
            _whisker(sheet, row.lower, row.upper, y, WHISKER)
        else:
            lower = row.estimate if row.lower is None else row.lower
            upper = row.estimate if row.upper is None else row.upper
            _diamond(sheet, row.label, row.estimate, lower, upper, row.says, y, look)
        _next(sheet, row.note)


_PUBLISHED = "Published pools of reviews, as printed; not pooled here"


def _words(sheet: _Sheet, label: str, row: ForestRow | None, says: str, look: Look) -> float:
    """The name and the numbers of a row, and its note below; gives back the middle of its first line."""
    mark = f" {UNVERIFIED}" if row is not None and not row.is_verified else ""
    letter = 7.2 if look is HEAD else LETTER
    name = cut(label, sheet.names_end - 16 - len(mark) * LETTER, letter) + mark
    y = sheet.y + 12
    sheet.put(element("text", name, x=8, y=y + 4, **look))
    sheet.put(element("text", says, x=sheet.says_end, y=y + 4, text_anchor="end", **look))
    if row is not None and row.note:
        below = y + (36 if sheet.is_narrow else 17)
        room = sheet.width - 24 if sheet.is_narrow else sheet.names_end - 24
        sheet.put(element("text", cut(row.note, room, 6.1), x=16, y=below, **SOFT))
    return y


def _next(sheet: _Sheet, note: str) -> None:
    sheet.y += (40 if sheet.is_narrow else 24) + (14 if note else 0)


# ---------------------------------------------------------------------------- marks


def _whisker(sheet: _Sheet, lower: float | None, upper: float | None, y: float, look: Look) -> None:
    if lower is None or upper is None:
        return
    left, right = sheet.axis(lower), sheet.axis(upper)
    sheet.put(element("path", d=f"M{left:.1f} {y:g}H{right:.1f}", **look))
    _arrows(sheet, lower, upper, y, look)


def _arrows(sheet: _Sheet, lower: float, upper: float, y: float, look: Look) -> None:
    """An arrow at each end that goes on beyond the axis."""
    for value, x, way in ((lower, sheet.axis.start, 6), (upper, sheet.axis.end, -6)):
        if not sheet.axis.holds(value):
            arrow = f"M{x + way:.1f} {y - 5:g}L{x:.1f} {y:g}L{x + way:.1f} {y + 5:g}"
            sheet.put(element("path", d=arrow, **look | {"class_": "whisker arrow"}))


def _diamond(
    sheet: _Sheet, label: str, estimate: float, lower: float, upper: float, says: str, y: float, look: Look
) -> None:
    left, middle, right = (sheet.axis(each) for each in (lower, estimate, upper))
    shape = f"M{left:.1f} {y:g}L{middle:.1f} {y - 8:g}L{right:.1f} {y:g}L{middle:.1f} {y + 8:g}Z"
    sheet.put(element("path", element("title", f"{label}: {says}"), d=shape, **look))
    _arrows(sheet, lower, upper, y, WHISKER)


def _ground(sheet: _Sheet, top: float) -> Iterator[Element]:
    """What lies below the marks: the shaded important difference, the line of no effect, the line of the pool."""
    forest, axis, bottom = sheet.forest, sheet.axis, sheet.y
    if unimportant := _unimportant(forest):
        left, right = map(axis, unimportant)
        said = element("title", f"smaller than the minimal important difference of {forest.important_difference:g}")
        yield element("rect", said, x=left, y=top, width=right - left, height=bottom - top, **SHADE)
    yield element("path", d=f"M{axis(forest.no_effect):.1f} {top:g}V{bottom:g}", **LINE | {"class_": "leader none"})
    if forest.pooled:
        at = axis(forest.pooled.estimate)
        yield element("path", d=f"M{at:.1f} {top:g}V{bottom:g}", **LINE, stroke_dasharray="2 4")


def _scale(sheet: _Sheet) -> None:
    """The axis with its ticks, and below it which side favours whom."""
    axis, y = sheet.axis, sheet.y
    sheet.put(element("path", d=f"M{axis.start:g} {y:g}H{axis.end:g}", **LINE))
    for tick in axis.ticks:
        sheet.put(element("path", d=f"M{axis(tick):.1f} {y:g}v5", **LINE | {"class_": "leader tick-mark"}))
        said = element("text", tick_words(tick), x=axis(tick), y=y + 17, text_anchor="middle", **SOFT)
        said.set("class", "soft-label tick-label")
        sheet.put(said)
    sheet.y = y + 24
    below, above = sheet.forest.below, sheet.forest.above
    if not (below or above):
        return
    middle = axis(sheet.forest.no_effect)
    if sheet.is_narrow or _is_tight(sheet, middle):
        for words, at, anchor in ((f"← {below}", 8.0, "start"), (f"{above} →", sheet.width - 8.0, "end")):
            line = cut(words, sheet.width - 16, 6.1)
            sheet.put(element("text", line, x=at, y=sheet.y + 10, text_anchor=anchor, **SOFT))
            sheet.y += 15
    else:
        for words, at, anchor in ((f"← {below}", middle - 6, "end"), (f"{above} →", middle + 6, "start")):
            sheet.put(element("text", words, x=at, y=sheet.y + 10, text_anchor=anchor, **SOFT))
        sheet.y += 16


def _is_tight(sheet: _Sheet, middle: float) -> bool:
    """Whether the words of the two sides do not fit beside the line of no effect."""
    left, right = len(sheet.forest.below) + 2, len(sheet.forest.above) + 2
    return middle - left * 6.1 < 8 or middle + right * 6.1 > sheet.width - 8
