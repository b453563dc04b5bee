"""The words of a DOCX paragraph: its runs with their look and links, and what must be said of them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Protocol

from docx.opc.part import Part

from medpol.ingest.blocks import MAXIMUM_DEPTH, TooMuch
from medpol.ingest.flow import Run
from medpol.ingest.reading.numbering import Element, Numbering, Style, W, attribute, child, flag, tag

TRANSPARENT = frozenset(
    re.findall(
        r"\w+", "sdt sdtContent smartTag customXml ins moveTo bdo dir fldSimple hyperlink AlternateContent Choice"
    )
)
"""Elements that only hold others."""
REMOVED = frozenset({"del", "moveFrom"})
DROPPED = {
    "object": "an embedded object",
    "altChunk": "an embedded document",
    "control": "a control",
    "subDoc": "a link to another document",
}
_FIELD_LINK = re.compile(r'\s*HYPERLINK\s+(?:\\l\s+)?"([^"]*)"', re.IGNORECASE)


class Related(Protocol):
    """A relation of the package."""

    reltype: str
    is_external: bool
    target_ref: str
    target_part: Part


def relations(part: Part) -> dict[str, Related]:
    """What a part of the package refers to, by the names that it uses."""
    return dict(part.rels.items())


@dataclass(slots=True)
class Words:
    """The runs of one paragraph while they are gathered, and what must be said of it."""

    runs: list[Run] = field(default_factory=list)
    drops: list[str] = field(default_factory=list)
    inserted: bool = False
    deleted: list[str] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)
    boxes: list[Element] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    fields: list[list[str]] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)


@dataclass(slots=True)
class WordReader:
    """Reads paragraphs of one part. ``depth`` counts how many elements are open, here and in whoever reads blocks."""

    numbering: Numbering
    part: Part
    depth: int = 0

    def deeper(self, step: int) -> None:
        """One element further in or out; past the limit the document is refused."""
        self.depth += step
        if self.depth > MAXIMUM_DEPTH:
            raise TooMuch(f"elements nested more than {MAXIMUM_DEPTH} deep")

    def read(
        self,
        element: Element,
        words: Words,
        address: str = "",
        *,
        style: Style | None = None,
        skip_boxes: bool = False,
    ) -> None:
        """Add the words of a paragraph, or of an element within, to what is gathered."""
        self.deeper(1)
        for each in element:
            name = tag(each)
            if name == "r":
                self._run(each, words, address, style, skip_boxes)
            elif name in REMOVED:
                words.deleted.append(all_text(each))
            elif name == "hyperlink":
                self.read(each, words, self._address(each), style=style, skip_boxes=skip_boxes)
            elif name in ("oMath", "oMathPara"):
                words.runs.append(Run(all_text(each)))
                words.questions.append("a formula was read as plain signs: does it say the same?")
            elif name == "Fallback":
                continue
            elif name in DROPPED:
                words.drops.append(DROPPED[name])
            elif name in TRANSPARENT:
                words.inserted |= name in ("ins", "moveTo")
                self.read(each, words, address, style=style, skip_boxes=skip_boxes)
        self.deeper(-1)

    def _address(self, link: Element) -> str:
        ident = attribute(link, "id")
        if ident is None:
            return "#" + (attribute(link, "anchor") or "")
        related = relations(self.part).get(ident)
        return "" if related is None else related.target_ref

    def _run(self, element: Element, words: Words, address: str, style: Style | None, skip_boxes: bool) -> None:
        properties = child(element, "rPr")
        character = self.numbering.character_style(properties)
        inherited = flag(style.run if style is not None else None, "b", False)
        is_bold = flag(properties, "b", flag(character.run, "b", inherited))
        raised = child(properties, "vertAlign")
        if raised is None:
            raised = child(character.run, "vertAlign")
        is_hidden = flag(properties, "vanish", flag(character.run, "vanish", False))
        pieces: list[str] = []
        for each in element:
            self._piece(each, pieces, words, skip_boxes)
        text = "".join(pieces)
        if not text:
            return
        if is_hidden:
            if text.strip():
                words.drops.append("hidden words")
            return
        is_raised = raised is not None and attribute(raised, "val") == "superscript"
        if any(words.fields):
            address = address or next((each[0] for each in reversed(words.fields) if each), "")
        last = words.runs[-1] if words.runs else None
        if last is not None and (last.is_bold, last.is_raised, last.address) == (is_bold, is_raised, address):
            words.runs[-1] = Run(last.text + text, is_bold, is_raised, address)
        else:
            words.runs.append(Run(text, is_bold, is_raised, address))

    def _piece(self, each: Element, pieces: list[str], words: Words, skip_boxes: bool) -> None:
        """One child of a run: text, a break, a field's code, a note's mark, a picture, a box."""
        match tag(each):
            case "t":
                pieces.append(each.text or "")
            case "delText":
                words.deleted.append(each.text or "")
            case "tab" | "ptab":
                pieces.append("\t")
            case "br" | "cr":
                pieces.append("\n" if (attribute(each, "type") or "textWrapping") == "textWrapping" else " ")
            case "noBreakHyphen":
                pieces.append("-")
            case "sym":
                pieces.append("�")
                words.questions.append("a sign of a symbol font cannot be read: which is it?")
            case "fldChar":
                self._field(attribute(each, "fldCharType"), words)
            case "instrText":
                link = _FIELD_LINK.match(each.text or "")
                if words.fields and link is not None:
                    words.fields[-1].append(link[1])
            case "footnoteReference" | "endnoteReference":
                name, ident = tag(each).removesuffix("Reference"), attribute(each, "id") or ""
                pieces.append(f"[^{ident}]" if name == "footnote" else f"[^e{ident}]")
                words.notes.append((name, ident))
            case "drawing" | "pict" | "AlternateContent":
                self._drawing(each, words, skip_boxes)
            case name if name in DROPPED:
                words.drops.append(DROPPED[name])

    @staticmethod
    def _field(kind: str | None, words: Words) -> None:
        if kind == "begin":
            if len(words.fields) >= MAXIMUM_DEPTH:
                raise TooMuch(f"fields nested more than {MAXIMUM_DEPTH} deep")
            words.fields.append([])
        elif kind == "end" and words.fields:
            words.fields.pop()

    @staticmethod
    def _drawing(element: Element, words: Words, skip_boxes: bool) -> None:
        chosen = _chosen(element)
        boxes = list(chosen.iter(f"{W}txbxContent"))
        if boxes and not skip_boxes:
            words.boxes += [box for box in boxes if not any(box is not other and _holds(other, box) for other in boxes)]
            words.questions.append(
                "a text box stands here: its words were put behind this paragraph; do they belong there?"
            )
        elif not boxes:
            words.drops.append("a picture")


def _chosen(element: Element) -> Element:
    """Of a drawing given in several forms the first: the others say the same."""
    for each in element:
        if tag(each) == "Choice":
            return each
    return element


def _holds(outer: Element, inner: Element) -> bool:
    return any(each is inner for each in outer.iter(f"{W}txbxContent"))


def all_text(element: Element) -> str:
    """Every word below an element, deleted ones too."""
    return "".join(each.text or "" for each in element.iter() if tag(each) in ("t", "delText"))
