"""Charts as SVG of our own: presentation attributes and classes only, a title and a description in each, and no script."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, tostring

_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Attribute = str | float


def element(name: str, *inside: Element | str, **attributes: Attribute) -> Element:
    """One element. ``class_`` is written ``class``, and an underscore in a name a hyphen; text is escaped when it is written."""
    made = Element(name, {_spelled(key): _number(value) for key, value in attributes.items()})
    for each in inside:
        if isinstance(each, str):
            made.text = _NO_XML.sub("\ufffd", each)
        else:
            made.append(each)
    return made


def chart(name: str, title: str, description: str, width: int, height: int, *inside: Element) -> str:
    """A whole chart, ``name`` the class that a style sheet knows it by; it stands in a page and alone as a file."""
    made = element(
        "svg",
        element("title", title),
        element("desc", description),
        *inside,
        xmlns="http://www.w3.org/2000/svg",
        class_=f"chart {name}",
        viewBox=f"0 0 {width} {height}",
        width=width,
        height=height,
        role="img",
        aria_label=title,
        font_family="sans-serif",
        font_size=12,
    )
    return tostring(made, encoding="unicode")


def hatching(id: str) -> Element:
    """A pattern of slanted lines: told apart from any tint without colour, and on paper."""
    lines = element(
        "path", d="M-2 2L2 -2M0 8L8 0M6 10L10 6", class_="hatch", stroke="#44505c", stroke_width=1.5, fill="none"
    )
    ground = element("rect", class_="hatch-ground", width=8, height=8, fill="#ffffff")
    return element("defs", element("pattern", ground, lines, id=id, width=8, height=8, patternUnits="userSpaceOnUse"))


def _spelled(name: str) -> str:
    return name.rstrip("_").replace("_", "-")


def _number(value: Attribute) -> str:
    return value if isinstance(value, str) else f"{round(value, 1):g}"
