"""Styles and numbering of a DOCX: what level a heading has, what marker an item, how far in it stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
BULLET = "•"
_LEVELS = 9
_STEP = 720
"""How far in, in twentieths of a point, a level stands that does not say so itself."""


class _DocumentInfo(Protocol):
    doctype: str


class _Tree(Protocol):
    docinfo: _DocumentInfo


class Element(Protocol):
    """An element of the document's XML, as far as it is used here."""

    @property
    def tag(self) -> object: ...
    @property
    def text(self) -> str | None: ...
    def get(self, key: str) -> str | None: ...
    def iter(self, name: str | None = None) -> Iterator[Element]: ...
    def __iter__(self) -> Iterator[Element]: ...
    def getroottree(self) -> _Tree: ...


def tag(element: Element) -> str:
    """An element's name without its namespace; empty for comments, entities and the like."""
    name = element.tag
    return name.rsplit("}", 1)[-1] if isinstance(name, str) else ""


def children(element: Element | None, name: str) -> Iterator[Element]:
    return (each for each in element if tag(each) == name) if element is not None else iter(())


def child(element: Element | None, name: str) -> Element | None:
    return next(children(element, name), None)


def attribute(element: Element, name: str) -> str | None:
    """An attribute by its name in Word's namespace, in that of relations, or in none."""
    for space in (W, "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}", ""):
        value = element.get(f"{space}{name}")
        if value is not None:
            return value
    return None


def number_of(element: Element | None, default: int, most: int) -> int:
    """The whole number that an element's value states, within reason."""
    return _whole(attribute(element, "val") if element is not None else None, default, most)


def _whole(value: str | None, default: int, most: int) -> int:
    if value is None or not value.isascii() or not value.isdigit() or len(value) > 9:
        return default
    return min(int(value), most)


def flag(properties: Element | None, name: str, default: bool) -> bool:
    """A property that is on, off, or left to what stands above."""
    held = child(properties, name)
    return default if held is None else attribute(held, "val") not in ("0", "false", "off", "none")


@dataclass(frozen=True, slots=True)
class Style:
    """A style with what it inherits: its names from itself to its root, its paragraph and run properties likewise."""

    names: tuple[str, ...] = ()
    paragraphs: tuple[Element, ...] = ()
    runs: tuple[Element, ...] = ()

    @property
    def run(self) -> Element | None:
        return self.runs[0] if self.runs else None

    def property(self, name: str) -> Element | None:
        return next((found for each in self.paragraphs if (found := child(each, name)) is not None), None)


@dataclass(frozen=True, slots=True)
class Mark:
    """What stands before a numbered paragraph; ``number`` where it is a plain one."""

    text: str
    number: int | None
    level: int
    indent: int


@dataclass(slots=True)
class Numbering:
    """Knows a document's styles and lists, and counts the items as they come."""

    styles: Element | None
    lists: Element | None
    counts: dict[str, list[int]] = field(default_factory=dict)
    by_id: dict[str, Element] = field(default_factory=dict)
    default: str = ""
    known: dict[str, Style] = field(default_factory=dict)
    abstract: dict[str, Element] = field(default_factory=dict)
    numbers: dict[str, Element] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for each in children(self.styles, "style"):
            ident = attribute(each, "styleId") or ""
            self.by_id.setdefault(ident, each)
            if attribute(each, "type") == "paragraph" and attribute(each, "default") in ("1", "true"):
                self.default = ident
        for each in children(self.lists, "abstractNum"):
            self.abstract.setdefault(attribute(each, "abstractNumId") or "", each)
        for each in children(self.lists, "num"):
            self.numbers.setdefault(attribute(each, "numId") or "", each)

    # ------------------------------------------------------------------ styles

    def style_of(self, properties: Element | None) -> Style:
        held = child(properties, "pStyle")
        return self._style(attribute(held, "val") or "" if held is not None else self.default)

    def character_style(self, properties: Element | None) -> Style:
        held = child(properties, "rStyle")
        return self._style(attribute(held, "val") or "") if held is not None else Style()

    def _style(self, ident: str) -> Style:
        if ident in self.known:
            return self.known[ident]
        names, paragraphs, runs = [], [], []
        seen: set[str] = set()
        at = ident
        while at and at not in seen and at in self.by_id:
            seen.add(at)
            element = self.by_id[at]
            held = child(element, "name")
            names.append((attribute(held, "val") or "" if held is not None else at).casefold())
            paragraphs += list(children(element, "pPr"))
            runs += list(children(element, "rPr"))
            based = child(element, "basedOn")
            at = attribute(based, "val") or "" if based is not None else ""
        style = Style(tuple(names), tuple(paragraphs), tuple(runs))
        self.known[ident] = style
        return style

    def outline_of(self, properties: Element | None, style: Style) -> int | None:
        """The level of a heading, 0 outermost and a title above it; ``None`` for text."""
        held = child(properties, "outlineLvl")
        if held is None:
            held = style.property("outlineLvl")
        if held is not None:
            level = number_of(held, _LEVELS, _LEVELS)
            return level if level < _LEVELS else None
        for name in style.names:
            if name == "title":
                return -1
            if name.startswith("heading ") and name[8:].isdigit() and len(name) == 9:
                return int(name[8:]) - 1
        return None

    def indent_of(self, properties: Element | None, style: Style) -> int:
        held = child(properties, "ind")
        if held is None:
            held = style.property("ind")
        return _indent(held, 0)

    # ------------------------------------------------------------------ numbering

    def mark_of(self, properties: Element | None, style: Style) -> Mark | None:
        """The next marker of the paragraph's list; ``None`` where it is in none."""
        held = child(properties, "numPr")
        inherited = style.property("numPr")
        ident = _value(child(held, "numId")) or _value(child(inherited, "numId"))
        if not ident or ident == "0" or ident not in self.numbers:
            return None
        named = child(held, "ilvl")
        level = number_of(named if named is not None else child(inherited, "ilvl"), 0, _LEVELS - 1)
        number = self.numbers[ident]
        definition = self._level(number, level)
        at = self._count(ident, number, level)
        kind = _value(child(definition, "numFmt")) or "decimal"
        own = child(properties, "ind")
        indent = _indent(own if own is not None else child(child(definition, "pPr"), "ind"), _STEP * (level + 1))
        if kind in ("bullet", "none"):
            return Mark(BULLET, None, level, indent)
        text = _value(child(definition, "lvlText")) or f"%{level + 1}."
        counted = self.counts[ident]
        for inner in range(_LEVELS):
            shown = _numeral(counted[inner], _value(child(self._level(number, inner), "numFmt")) or "decimal")
            text = text.replace(f"%{inner + 1}", shown)
        return Mark(text, at if kind in ("decimal", "decimalZero") and level_alone(text) else None, level, indent)

    def _level(self, number: Element, level: int) -> Element | None:
        for override in children(number, "lvlOverride"):
            own = child(override, "lvl")
            if attribute(override, "ilvl") == str(level) and own is not None:
                return own
        abstract = self.abstract.get(_value(child(number, "abstractNumId")) or "")
        return next((each for each in children(abstract, "lvl") if attribute(each, "ilvl") == str(level)), None)

    def _count(self, ident: str, number: Element, level: int) -> int:
        counted = self.counts.setdefault(ident, [0] * _LEVELS)
        start = number_of(child(self._level(number, level), "start"), 1, 9999)
        for override in children(number, "lvlOverride"):
            if attribute(override, "ilvl") == str(level) and child(override, "startOverride") is not None:
                start = number_of(child(override, "startOverride"), start, 9999)
        counted[level] = counted[level] + 1 if counted[level] else start
        counted[level + 1 :] = [0] * (_LEVELS - level - 1)
        return counted[level]


def level_alone(text: str) -> bool:
    """Whether a marker is one plain number, as ``3.`` is and ``2.3.`` is not."""
    return text.strip("().: ").isdigit()


def _value(element: Element | None) -> str | None:
    return attribute(element, "val") if element is not None else None


def _indent(element: Element | None, default: int) -> int:
    if element is None:
        return default
    left = attribute(element, "left") or attribute(element, "start")
    return _whole(left, default, 100_000)


_ROMAN = (
    *((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl")),
    *((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")),
)


def _numeral(number: int, kind: str) -> str:
    """A number as its list prints it."""
    if kind in ("lowerLetter", "upperLetter"):
        letter = chr(ord("a") + (max(number, 1) - 1) % 26) * ((max(number, 1) - 1) // 26 + 1)
        return letter if kind == "lowerLetter" else letter.upper()
    if kind in ("lowerRoman", "upperRoman"):
        text, rest = "", number
        for value, sign in _ROMAN:
            text += sign * (rest // value)
            rest %= value
        return text if kind == "lowerRoman" else text.upper()
    return str(number)
