"""Which passages of a policy differ from the version before, from the library's redline; and their marks in the margin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from medpol.library.redline import Block, Change, Redline, SectionWords
from medpol.library.redline.phrases import SIGNS
from medpol.library.redline.values import Kind

_NEW, _CHANGED, _MOVED = "new", "changed", "moved"
_SIGNS = {_NEW: SIGNS[Kind.ADDED], _CHANGED: SIGNS[Kind.CHANGED], _MOVED: SIGNS[Kind.MOVED]}
_NONE = Markup("")


@dataclass(frozen=True, slots=True)
class PassageChanged:
    """A passage that differs: the line where it begins, and whether it is new, changed or moved."""

    line: int
    kind: str


@dataclass(frozen=True, slots=True)
class SectionChanged:
    """A section in which something differs. ``gone`` counts passages that stood there before.

    ``kind`` is of the section as a whole; where all of it is new, its passages are not told one by one.
    """

    anchor: str
    kind: str
    line: int
    gone: int
    passages: tuple[PassageChanged, ...]


@dataclass(frozen=True, slots=True)
class Differences:
    """What differs from the text in force before, which began on ``against``; nothing where the words are the same."""

    against: date
    sections: tuple[SectionChanged, ...]


def differences(found: Redline, anchors: Mapping[int, str]) -> Differences | None:
    """Where the second version of a redline differs from the first; ``anchors`` names its sections by their lines."""
    if found.words is None or found.before.version is None:
        return None
    named = ((anchors.get(each.to_line or 0), each) for each in found.words.sections)
    changed = (_section(each, anchor) for anchor, each in named if anchor is not None)
    return Differences(found.before.version, tuple(each for each in changed if each is not None))


def _section(section: SectionWords, anchor: str) -> SectionChanged | None:
    line = section.to_line or 0
    if section.change is Change.INSERTED:
        return SectionChanged(anchor, _NEW, line, 0, ())
    passages = tuple(
        PassageChanged(each.to_line, _kind(each))
        for each in section.blocks
        if each.to_line is not None and _differs(each)
    )
    gone = sum(each.change is Change.DELETED for each in section.blocks)
    if not passages and not gone and not section.is_moved and section.change is Change.EQUAL:
        return None
    return SectionChanged(anchor, _MOVED if section.is_moved else _CHANGED, line, gone, passages)


def _differs(block: Block) -> bool:
    return block.change is not Change.EQUAL or block.is_moved


def _kind(block: Block) -> str:
    if block.change is Change.INSERTED:
        return _NEW
    return _CHANGED if block.change is Change.CHANGED else _MOVED


# ---------------------------------------------------------------------------- in the margin


@dataclass(frozen=True, slots=True)
class _Marked:
    """A passage that gets a mark, by everything that a page may know of it."""

    passage: PassageChanged
    words: str
    cells: frozenset[str]
    item: str


class Marks:
    """The marks of one page. What it cannot place beside a passage still stands at the heading of its section."""

    def __init__(self, held: Differences | None, found: Redline | None, redline: str) -> None:
        """``redline`` is the address of the page that compares the two versions."""
        self.address = redline
        self._against = "" if held is None else str(held.against)
        self._sections = {each.anchor: each for each in (() if held is None else held.sections)}
        lines = {each.line: each for section in self._sections.values() for each in section.passages}
        blocks = () if found is None or found.words is None else found.words.sections
        marked = [each for section in blocks for each in _marked(section.blocks, lines)]
        self._by_line = {each.passage.line: self._of(each.passage) for each in marked}
        self.by_words = {each.words: self._by_line[each.passage.line] for each in marked}
        self._rows = [each for each in marked if each.cells]
        self._items = {each.item: self._by_line[each.passage.line] for each in reversed(marked) if each.item}

    def section(self, anchor: str) -> Markup:
        held = self._sections.get(anchor)
        if held is None:
            return _NONE
        line = held.passages[0].line if held.passages else held.line
        place = f"to-{line}" if held.passages else f"section-{line}"
        says = {_NEW: "This section is new", _MOVED: "This section moved"}.get(held.kind, "This section differs")
        gone = f"; {held.gone} passage{'' if held.gone == 1 else 's'} of it gone" if held.gone else ""
        return self._mark(held.kind, place, says + gone)

    def line(self, line: int) -> Markup:
        return self._by_line.get(line, _NONE)

    def passage(self, text: str) -> Markup:
        """The mark of a passage by its words."""
        return self.by_words.get(" ".join(text.split()), _NONE)

    def row(self, *cells: str | None) -> Markup:
        """The mark of a row of a table in which all these cells stand."""
        wanted = {each for each in cells if each}
        return next((self._by_line[each.passage.line] for each in self._rows if wanted <= each.cells), _NONE)

    def item(self, name: str) -> Markup:
        """The mark of something under a heading of its own; it names the first passage there that differs."""
        return self._items.get(name, _NONE)

    def _of(self, passage: PassageChanged) -> Markup:
        says = {_NEW: "New", _MOVED: "Moved"}.get(passage.kind, "Changed")
        return self._mark(passage.kind, f"to-{passage.line}", says)

    def _mark(self, kind: str, place: str, says: str) -> Markup:
        words = f"{says} against the version of {self._against}: redline"
        return Markup(
            '<a class="mark" href="{}#{}" title="{}"><span aria-hidden="true">{}</span>'
            '<span class="visually-hidden">{}. </span></a>'
        ).format(self.address, place, words, _SIGNS[kind], words)


def _marked(blocks: Sequence[Block], lines: Mapping[int, PassageChanged]) -> list[_Marked]:
    found: list[_Marked] = []
    item = ""
    for block in blocks:
        words = "".join(run.text for run in block.runs if run.mark.value != "deleted").strip()
        if block.kind == "heading":
            item = words.lstrip("# ").rpartition(": ")[2]
        passage = lines.get(block.to_line or 0)
        if passage is not None:
            cells = frozenset(words.split(" | ")) if block.kind == "row" else frozenset()
            found.append(_Marked(passage, words, cells, item))
    return found
