"""How every picture of evidence looks: ink for light and print, and the classes by which a style sheet turns it for the dark."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from xml.etree.ElementTree import Element

from medpol.evidence.drawing.words import wrapped
from medpol.text.svg import element

WIDE, NARROW = 880, 340
"""The widths that pictures are made for: a page, and a narrow screen, which gets a picture of its own."""

Look = dict[str, str | float]
TEXT: Look = {"class_": "label", "fill": "#1b2229"}
HEAD: Look = {"class_": "label", "fill": "#1b2229", "font_weight": 700}
SOFT: Look = {"class_": "soft-label", "fill": "#4d5965", "font_size": 11}
LINE: Look = {"class_": "leader", "stroke": "#7d8995", "stroke_width": 1, "fill": "none"}
INK: Look = {"class_": "filled", "fill": "#0b4f8a", "stroke": "#0b4f8a", "stroke_width": 1}
HOLLOW: Look = {"class_": "hollow", "fill": "#ffffff", "stroke": "#0b4f8a", "stroke_width": 1.5}
WHISKER: Look = {"class_": "whisker", "stroke": "#0b4f8a", "stroke_width": 1.5, "fill": "none"}
SHADE: Look = {"class_": "shade", "fill": "#e7eaee"}

NOTE_LINE = 15.0


def notes_below(notes: Iterable[str], x: float, y: float, width: float) -> Iterator[tuple[Element, float]]:
    """The notes as wrapped lines from ``y`` on, each with the place below it."""
    for note in notes:
        for at, line in enumerate(wrapped(note, width - x, 6.1)):
            yield element("text", line, x=x if at == 0 else x + 10, y=y + 11, **SOFT), y + NOTE_LINE
            y += NOTE_LINE
        y += 2


def empty_picture(says: str, y: float, width: float) -> list[Element]:
    """What stands in a picture that has nothing to draw."""
    return [
        element("text", line, x=12, y=y + NOTE_LINE * at, **TEXT) for at, line in enumerate(wrapped(says, width - 24))
    ]
