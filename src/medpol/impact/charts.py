"""The charts of an impact as SVG: pairs of bars, bars, columns by month, and the line that crosses where a change pays.

What was is drawn light and bordered, what would be is drawn full: told apart without colour. Every figure that is drawn
also stands in the table beside it. Each chart is made for a width, so that a narrow screen gets one of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from math import ceil, floor, log10
from xml.etree.ElementTree import Element

from medpol.impact.tables import money
from medpol.text.svg import chart, element

WIDE, NARROW = 680, 330
_LETTER = 8.2
"""The width of a letter at the size of the charts, roughly and rather too wide than too narrow."""
_BAR, _GAP = 15, 16

Look = dict[str, str | float]
_TEXT: Look = {"class_": "label", "fill": "#1b2229"}
_SOFT: Look = {"class_": "soft-label", "fill": "#4d5965"}
_LINE: Look = {"class_": "leader", "stroke": "#7d8995", "stroke_width": 1, "fill": "none"}
_BEFORE: Look = {"class_": "was", "fill": "#e7f0fa", "stroke": "#0b4f8a", "stroke_width": 1}
_AFTER: Look = {"class_": "would-be", "fill": "#0b4f8a", "stroke": "#0b4f8a", "stroke_width": 1}

Pair = tuple[str, int | Decimal, int | Decimal]


def whole(value: int | Decimal) -> str:
    return f"{value:,}"


def dollars(value: int | Decimal) -> str:
    """An amount short enough for a chart: cents only under a thousand."""
    amount = Decimal(value)
    return money(amount) if abs(amount) < 1000 else money(Decimal(round(amount))).removesuffix(".00")


# ---------------------------------------------------------------------------- bars that lie


def pairs(title: str, rows: Sequence[Pair], width: int, says: Callable[[int | Decimal], str] = whole) -> str:
    """For each row a bar for what was, and below it one for what would be."""
    y, most = 30.0, _most(each for row in rows for each in row[1:])
    left, right = _sides([name for name, _, _ in rows], [says(each) for row in rows for each in row[1:]], width)
    drawn = list(_legend(left))
    for name, before, after in rows:
        drawn += _name(name, left, y + _BAR + 4)
        for value, look in ((before, _BEFORE), (after, _AFTER)):
            long = _long(value, most, width - left - right)
            drawn.append(element("rect", x=left, y=y, width=max(long, 1), height=_BAR - 2, **look))
            drawn.append(element("text", says(value), x=left + long + 6, y=y + 11, **_TEXT))
            y += _BAR
        y += _GAP
    told = "; ".join(f"{name}: before {says(before)}, after {says(after)}" for name, before, after in rows)
    return chart("pairs", title, told, width, int(y), *drawn)


def bars(
    title: str, rows: Sequence[tuple[str, int | Decimal]], width: int, says: Callable[[int | Decimal], str] = whole
) -> str:
    """A bar for each row."""
    y, most = 6.0, _most(value for _, value in rows)
    left, right = _sides([name for name, _ in rows], [says(value) for _, value in rows], width)
    drawn: list[Element] = []
    for name, value in rows:
        long = _long(value, most, width - left - right)
        drawn += _name(name, left, y + 13)
        drawn.append(element("rect", x=left, y=y, width=max(long, 1), height=18, **_AFTER))
        drawn.append(element("text", says(value), x=left + long + 6, y=y + 13, **_TEXT))
        y += 26
    told = "; ".join(f"{name}: {says(value)}" for name, value in rows)
    return chart("bars", title, told, width, int(y), *drawn)


def _most(values: Iterable[int | Decimal | str]) -> int | Decimal:
    """The greatest value that is drawn; 1 where there is nothing to draw, so that every bar has a length."""
    found: int | Decimal = 0
    for each in values:
        if not isinstance(each, str) and each > found:
            found = each
    return found or 1


def _sides(names: Sequence[str], values: Sequence[str], width: int) -> tuple[float, float]:
    """What names take at the left, never more than two fifths, and values at the right."""
    left = max((len(name) for name in names), default=0) * _LETTER + 10
    return min(left, width * 0.4), max((len(value) for value in values), default=0) * _LETTER + 10


def _name(name: str, left: float, y: float) -> list[Element]:
    most = int((left - 8) / _LETTER)
    shown = name if len(name) <= most else f"{name[: most - 1]}…"
    return [element("text", shown, x=left - 8, y=y, text_anchor="end", **_TEXT)]


def _long(value: int | Decimal, most: int | Decimal, room: float) -> float:
    return max(float(value) / float(most) * room, 0.0)


def _legend(left: float) -> Iterator[Element]:
    x = left
    for name, look in (("before", _BEFORE), ("after", _AFTER)):
        yield element("rect", x=x, y=5, width=12, height=12, **look)
        yield element("text", name, x=x + 18, y=15, **_SOFT)
        x += 18 + len(name) * _LETTER + 14


# ---------------------------------------------------------------------------- columns by month


def columns(title: str, rows: Sequence[Pair], width: int) -> str:
    """Two columns for each month, side by side; as many names as have room."""
    top, bottom = 46.0, 196.0
    most = _most(each for row in rows for each in row[1:])
    left = 10 + _LETTER * len(whole(most))
    step = (width - left - 8) / max(len(rows), 1)
    each_name = ceil(_LETTER * 8 / step)
    drawn = [
        *_legend(left),
        element("path", d=f"M{left:g} {bottom:g}H{width - 8:g}", **_LINE),
        element("path", d=f"M{left:g} {top:g}H{width - 8:g}", **_LINE, stroke_dasharray="2 4"),
        element("text", whole(most), x=left - 6, y=top + 4, text_anchor="end", **_SOFT),
        element("text", "0", x=left - 6, y=bottom + 4, text_anchor="end", **_SOFT),
    ]
    wide = min(step * 0.4, 26)
    for at, (name, before, after) in enumerate(rows):
        middle = left + step * (at + 0.5)
        for value, x, look in ((before, middle - wide, _BEFORE), (after, middle, _AFTER)):
            high = _long(value, most, bottom - top)
            if high:
                said = element("title", f"{name}: {whole(value)}")
                drawn.append(element("rect", said, x=x, y=bottom - high, width=wide, height=high, **look))
        if at % each_name == 0 and middle + 4 * _LETTER <= width:
            drawn.append(element("text", name, x=middle, y=bottom + 18, text_anchor="middle", **_SOFT))
    told = "; ".join(f"{name}: before {whole(before)}, after {whole(after)}" for name, before, after in rows)
    return chart("columns", title, told, width, int(bottom) + 28, *drawn)


# ---------------------------------------------------------------------------- where a change pays


def crossing(
    title: str, dollars_kept: Decimal, reviews: int, break_even: Decimal | None, cost: Decimal | None, width: int
) -> str:
    """What the change saves, by the cost of one review: a line that crosses zero at the break-even."""
    marks = [each for each in (break_even, cost) if each is not None]
    last = _round(float(max((*marks, Decimal(10)))) * 1.6)
    values = [float(dollars_kept), float(dollars_kept) - last * reviews]
    low, high = min(*values, 0.0), max(*values, 0.0)
    span = (high - low) or 1.0
    left, right, top, bottom = 14 + _LETTER * max(len(_short(low)), len(_short(high))), width - 16, 34.0, 214.0

    def x(price: float) -> float:
        return left + price / last * (right - left)

    def y(value: float) -> float:
        return bottom - (value - low) / span * (bottom - top)

    drawn = [
        element("path", d=f"M{left:g} {top:g}V{bottom:g}H{right:g}", **_LINE),
        element("path", d=f"M{left:g} {y(0):g}H{right:g}", **_LINE, stroke_dasharray="2 4"),
    ]
    shown = [(value, _short(value)) for value in dict.fromkeys((low, 0.0, high))]
    drawn += [element("text", words, x=left - 6, y=y(value) + 4, text_anchor="end", **_SOFT) for value, words in shown]
    for part in (0, 0.25, 0.5, 0.75, 1):
        anchor = "end" if part == 1 else "start" if part == 0 else "middle"
        place: Look = {"x": x(part * last), "y": bottom + 18, "text_anchor": anchor}
        drawn.append(
            element("text", f"${part * last:,.4g}" if last < 10_000 else _short(part * last), **place, **_SOFT)
        )
    drawn.append(element("text", "cost of one review", x=right, y=bottom + 36, text_anchor="end", **_SOFT))
    drawn.append(element("text", "saved by the change", x=left, y=16, **_SOFT))
    path = f"M{x(0):.1f} {y(values[0]):.1f}L{x(last):.1f} {y(values[1]):.1f}"
    drawn.append(element("path", d=path, class_="net", stroke="#0b4f8a", stroke_width=2.5, fill="none"))
    is_rising = values[1] > values[0]
    for price, name in ((cost, "given"), (break_even, "break-even")):
        if price is not None:
            at = x(float(price)), y(float(dollars_kept - price * reviews))
            drawn += _mark(*at, f"{name} {money(price)}", left, is_rising=is_rising, is_after=name == "break-even")
    told = f"At a review cost of 0 the change saves {money(dollars_kept)}; "
    told += "no cost makes it even" if break_even is None else f"it is even at {money(break_even)} a review"
    return chart("crossing", title, told, width, int(bottom) + 44, *drawn)


def _mark(x: float, y: float, words: str, left: float, *, is_rising: bool, is_after: bool) -> list[Element]:
    """A point of the line with its words, on the side that the line leaves free: one mark to the right, the other left."""
    is_right = is_after or x - 8 - len(words) * _LETTER < left
    below = 20 if is_after or not is_right else 38
    high = below if is_rising == is_right else -below + 8
    place: Look = {"x": x + 8 if is_right else x - 8, "y": y + high, "text_anchor": "start" if is_right else "end"}
    look = _AFTER if is_after else _BEFORE
    return [element("circle", cx=x, cy=y, r=5, **look), element("text", words, **place, **_TEXT)]


def _round(value: float) -> float:
    """Up to an amount whose quarters are round too, so that an axis reads well."""
    step: float = 10.0 ** floor(log10(value / 4))
    return next(4 * step * each for each in (1, 2, 2.5, 5, 10) if 4 * step * each >= value)


def _short(value: float) -> str:
    sign, size = "-" if value < 0 else "", abs(value)
    if size >= 1_000_000:
        return f"{sign}${size / 1_000_000:.1f}M"
    return f"{sign}${size / 1000:.1f}k" if size >= 1000 else f"{sign}${size:.0f}"
