"""Risk of bias as lights: for each study and item `+`, `?` or `-`, each sign in a shape of its own, with its word.

A tool's items are judged in its own words: PEDro's by *yes* and *no*, RoB 2 and Cochrane's by *low*, *some concerns*,
*unclear* and *high*. What was judged in other words, or not at all, is a `?`, with the words as printed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from medpol.evidence.drawing.looks import HEAD, LINE, TEXT, WIDE, Look, empty_picture, notes_below
from medpol.evidence.drawing.twins import Table
from medpol.evidence.drawing.words import LETTER, cut
from medpol.model.studies import NOT_REPORTED, Study
from medpol.text.svg import chart, element

_GOOD = frozenset({"yes", "y", "low", "low risk", "low risk of bias", "+"})
_BAD = frozenset({"no", "n", "high", "high risk", "high risk of bias", "-", "−"})
_STEP = 27.0
NO_TOOL = "tool not stated"


@dataclass(frozen=True, slots=True)
class Light:
    """One judgement: `+` low risk, `-` high risk, `?` unclear or said in other words; ``says`` as printed."""

    item: str
    sign: str
    says: str


@dataclass(frozen=True, slots=True)
class BiasRow:
    """One study's judgements, in the order of the items of the table."""

    study: str
    label: str
    lights: tuple[Light, ...]
    score: str = ""
    is_confirmed: bool = False


@dataclass(frozen=True, slots=True)
class BiasLights:
    """The studies that were judged with one tool."""

    title: str
    tool: str
    items: tuple[str, ...] = ()
    rows: tuple[BiasRow, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        said = []
        if self.rows:
            said.append("+ low risk, or the item is met; ? unclear or not stated; - high risk, or the item is not met.")
        if any(not row.is_confirmed for row in self.rows):
            said.append("* Not confirmed by a second reader.")
        return tuple(said)


def sign_of(judgement: str) -> str:
    """`+`, `-` or `?` for a judgement as printed."""
    word = " ".join(judgement.casefold().split())
    return "+" if word in _GOOD else "-" if word in _BAD else "?"


def bias_lights(studies: Iterable[tuple[Study, str]], title: str) -> tuple[BiasLights, ...]:
    """The lights of studies, each with its label, one value for each tool; studies without a judgement are not in them."""
    tools: dict[str, list[tuple[Study, str]]] = {}
    for study, label in studies:
        if study.bias is not None and (study.bias.items or study.bias.score):
            tools.setdefault(study.bias.tool or NO_TOOL, []).append((study, label))
    return tuple(_with_one_tool(tool, held, title) for tool, held in tools.items())


def _with_one_tool(tool: str, held: list[tuple[Study, str]], title: str) -> BiasLights:
    judged = [(study, label, dict(study.bias.items) if study.bias else {}) for study, label in held]
    items = tuple(dict.fromkeys(item for _, _, words in judged for item in words))
    rows = tuple(
        BiasRow(
            study.id,
            label,
            tuple(Light(item, sign_of(words.get(item, "")), words.get(item, NOT_REPORTED)) for item in items),
            study.bias.score if study.bias else "",
            study.bias.is_confirmed if study.bias else False,
        )
        for study, label, words in judged
    )
    return BiasLights(f"{title} ({tool})", tool, items, rows)


def bias_table(found: BiasLights) -> Table:
    """The same judgements in words: a row for each study, a column for each item."""
    rows = tuple(
        (
            row.label,
            *(f"{light.sign} {light.says}" for light in row.lights),
            row.score or NOT_REPORTED,
            "yes" if row.is_confirmed else "no",
        )
        for row in found.rows
    )
    return Table(found.title, ("Study", *found.items, "Score", "Confirmed"), rows, found.notes)


def bias_svg(found: BiasLights, width: int = WIDE) -> str:
    """The lights as a whole SVG: signs under numbers, the items by number below."""
    if not found.rows:
        drawn = empty_picture("No study was judged.", 24, width)
        return chart("bias", found.title, "No study was judged.", width, 44, *drawn)
    is_narrow = width < WIDE
    first = 20.0 if is_narrow else 236.0
    step = min(_STEP, (width - first - 66) / max(len(found.items), 1)) if not is_narrow else _narrow_step(found, width)
    drawn = [
        element("text", str(at + 1), x=first + step * at, y=18, text_anchor="middle", **HEAD)
        for at in range(len(found.items))
    ]
    if not is_narrow:
        drawn.append(element("text", "Study", x=8, y=18, **HEAD))
        drawn.append(element("text", "Score", x=width - 8, y=18, text_anchor="end", **HEAD))
    drawn.append(element("path", d=f"M8 26H{width - 8}", **LINE))
    y = 30.0
    for row in found.rows:
        drawn += _row(row, y, first, step, width)
        y += 48 if is_narrow else 27
    legend = [f"{at}. {item}" for at, item in enumerate(found.items, 1)]
    for note, below in notes_below([*legend, *found.notes], 8, y + 6, width):
        drawn.append(note)
        y = below
    return chart("bias", found.title, _described(found), width, int(y) + 12, *drawn)


def _narrow_step(found: BiasLights, width: int) -> float:
    return min(_STEP, (width - 40) / max(len(found.items), 1))


def _row(row: BiasRow, y: float, first: float, step: float, width: int) -> Iterator[Element]:
    is_narrow = width < WIDE
    mark = "" if row.is_confirmed else " *"
    room = width - 110 if is_narrow else 212
    label = cut(row.label, room - len(mark) * LETTER) + mark
    yield element("text", label, x=8, y=y + 16, **TEXT)
    score = f"score {row.score}" if is_narrow and row.score else row.score
    yield element("text", cut(score, 90), x=width - 8, y=y + 16, text_anchor="end", **TEXT)
    middle = y + (34 if is_narrow else 12)
    for at, light in enumerate(row.lights):
        yield from _light(light, first + step * at, middle, min(10.0, step / 2 - 1))


def _light(light: Light, x: float, y: float, size: float) -> Iterator[Element]:
    """A circle for `+`, a diamond for `?`, a square for `-`; the sign within it."""
    said = element("title", f"{light.item}: {light.says}")
    name, ink, tint = _LIGHTS[light.sign]
    look: Look = {"class_": f"light {name}", "fill": tint, "stroke": ink, "stroke_width": 1.5}
    if light.sign == "+":
        yield element("circle", said, cx=x, cy=y, r=size, **look)
    elif light.sign == "-":
        yield element("rect", said, x=x - size * 0.9, y=y - size * 0.9, width=size * 1.8, height=size * 1.8, **look)
    else:
        shape = f"M{x:.1f} {y - size:.1f}L{x + size:.1f} {y:.1f}L{x:.1f} {y + size:.1f}L{x - size:.1f} {y:.1f}Z"
        yield element("path", said, d=shape, **look)
    word: Look = {"class_": f"light-sign {name}", "fill": ink, "text_anchor": "middle", "font_weight": 700}
    yield element("text", light.sign, x=x, y=y + 4, **word)


_LIGHTS = {
    "+": ("ink-necessary", "#0b5a35", "#e6f4ec"),
    "?": ("ink-needed", "#5c4a00", "#fff8d6"),
    "-": ("ink-not-necessary", "#9b1c1c", "#fdeaea"),
}


def _described(found: BiasLights) -> str:
    return "; ".join(
        f"{row.label}: {', '.join(f'{light.item} {light.sign}' for light in row.lights)}" for row in found.rows
    )
