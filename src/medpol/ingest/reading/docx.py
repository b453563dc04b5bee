"""The child process that reads DOCX: paragraphs with their styles and numbering, tables, notes, changes.

python-docx opens the package, follows its relations and parses its XML with entities unresolved; the elements are walked
here, since what a policy needs (numbering, tracked changes, footnotes, text boxes) lies below what that library shows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from io import BytesIO

import docx
from docx.opc.part import Part

from medpol.ingest.answer import Reading
from medpol.ingest.flow import Flow, Run, inner_mark, marked
from medpol.ingest.reading.child import run
from medpol.ingest.reading.numbering import BULLET, Element, Numbering, Style, W, attribute, child, number_of, tag
from medpol.ingest.reading.package import Package, check_package, unreadable
from medpol.ingest.reading.runs import DROPPED, REMOVED, TRANSPARENT, WordReader, Words, all_text, relations

_NOTES = ("footnote", "endnote")


def read_docx(data: bytes) -> Reading:
    """A DOCX document's lines and blocks. Raises Refused where it is none, TooMuch past a limit."""
    check_package(data)
    return _Reader(Package(docx.Document(BytesIO(data)).part)).read()


@dataclass(slots=True)
class _Reader:
    package: Package
    flow: Flow = field(default_factory=Flow)
    numbering: Numbering = field(init=False)
    words: WordReader = field(init=False)
    tabbed: list[Sequence[Sequence[Run]]] = field(default_factory=list)
    in_list: bool = False
    told_notes: set[tuple[str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.numbering = Numbering(self.package.root("styles"), self.package.root("numbering"))
        self.words = WordReader(self.numbering, self.package.part)

    def read(self) -> Reading:
        body = child(self.package.document(), "body")
        if body is None:
            raise unreadable("its document has no body", "save it again as .docx")
        self._blocks(body)
        self._end_tabbed()
        self._rest()
        return self.flow.finish("docx")

    def _rest(self) -> None:
        """What stands outside the body: headers and footers as layout, comments and unused notes as dropped."""
        for kind, what in (("header", "the page's header"), ("footer", "the page's footer")):
            for root, part in self.package.parts(kind):
                for text in dict.fromkeys(self._texts(root, part)):
                    self.flow.layout(text, what)
        for root, part in self.package.parts("comments"):
            for text in self._texts(root, part):
                self.flow.dropped(text, "a comment of an editor")
        for name in _NOTES:
            for ident in self.package.notes(name):
                self._note(name, ident)
        for each in relations(self.package.part).values():
            if each.reltype.rsplit("/", 1)[-1] in ("attachedTemplate", "frame", "subDocument"):
                self.flow.dropped("", f"a link to a {each.reltype.rsplit('/', 1)[-1]}")

    def _texts(self, root: Element, part: Part) -> Iterator[str]:
        """The words of each paragraph below an element, for lines that are not carried on."""
        held, self.words.part = self.words.part, part
        for paragraph in root.iter(f"{W}p"):
            words = Words()
            self.words.read(paragraph, words, skip_boxes=True)
            if words.text.strip():
                yield words.text
        self.words.part = held

    # ------------------------------------------------------------------ blocks

    def _blocks(self, parent: Element) -> None:
        self.words.deeper(1)
        for element in parent:
            name = tag(element)
            if name == "p":
                self._paragraph(element)
            elif name == "tbl":
                self._end_tabbed()
                self._table(element)
            elif name in DROPPED:
                self._end_tabbed()
                self.flow.dropped("", DROPPED[name])
            elif name in TRANSPARENT:
                self._blocks(element)
            elif name in REMOVED:
                self._removed(element)
        self.words.deeper(-1)

    def _removed(self, element: Element) -> None:
        for paragraph in element.iter(f"{W}p"):
            self._say_deleted(all_text(paragraph))

    def _say_deleted(self, text: str) -> None:
        if text.strip():
            lines = (self.flow.add(" ".join(text.split())),)
            self.flow.doubt(lines, "these words are deleted by a tracked change: is the change accepted?")

    def _paragraph(self, element: Element) -> None:
        words = Words()
        properties = child(element, "pPr")
        style = self.numbering.style_of(properties)
        self.words.read(element, words, style=style)
        lines = self._placed(properties, style, words)
        self._said(words, lines)
        for box in words.boxes:
            self._end_tabbed()
            self._blocks(box)
        for name, ident in words.notes:
            self._note(name, ident)

    def _placed(self, properties: Element | None, style: Style, words: Words) -> tuple[int, ...]:
        """Write a paragraph down as what its style, numbering or words say it is."""
        text = words.text
        if not text.strip():
            self._end_tabbed()
            self.flow.gone("", words.drops)
            if words.deleted:
                self._say_deleted("".join(words.deleted))
                words.deleted = []
            words.drops = []
            return ()
        numbered = self.numbering.mark_of(properties, style)
        level = self.numbering.outline_of(properties, style)
        if level is not None:
            self._end_tabbed()
            mark = "" if numbered is None or numbered.text == BULLET else f"{numbered.text} "
            self.in_list = False
            return self.flow.heading([Run(mark), *words.runs] if mark else words.runs, level + 1)
        if numbered is not None:
            self._end_tabbed()
            self.in_list = True
            return self.flow.item(words.runs, numbered.indent, numbered.text, numbered.number)
        typed = marked(text.lstrip())
        if (
            typed is not None
            and (typed[1] != "a" or self.in_list)
            and "\t" not in text.lstrip()[len(typed[0]) :].lstrip()
        ):
            self._end_tabbed()
            self.in_list = True
            mark = typed[0]
            indent = self.numbering.indent_of(properties, style) + 40 * (len(text) - len(text.lstrip()))
            return self.flow.item(_behind(words.runs, text.index(mark) + len(mark)), indent, mark, typed[2])
        self.in_list = text.rstrip().endswith(":")  # under a colon a letter marks an item
        if re.search(r"\S\t+\S", text) and "\n" not in text:
            self.tabbed.append(_cells(words.runs))
            return ()
        self._end_tabbed()
        return self.flow.paragraph([*words.runs])

    def _end_tabbed(self) -> None:
        """Lines with tabs, one under the other, are a table."""
        held, self.tabbed = self.tabbed, []
        if held:
            self.flow.table(held)

    def _said(self, words: Words, lines: tuple[int, ...]) -> None:
        """Say of a paragraph's lines what was left out of them, and what a person must settle."""
        if not lines and (words.drops or words.inserted or words.deleted or words.questions):
            self._end_tabbed()
            lines = (len(self.flow.lines),) if self.flow.lines else ()
        for what in dict.fromkeys(words.drops):
            self.flow.account.dropped(lines, what)
        if words.inserted or words.deleted:
            change = " and ".join(
                filter(
                    None, ("inserts words" * words.inserted, f"deletes {_short(words.deleted)}" * bool(words.deleted))
                )
            )
            self.flow.doubt(lines, f"a tracked change {change} here: is it accepted?")
        for question in words.questions:
            self.flow.doubt(lines, question)

    # ------------------------------------------------------------------ tables

    def _table(self, element: Element) -> None:
        rows: list[list[list[Run]]] = []
        words = Words()
        for row in _rows(element):
            cells: list[list[Run]] = []
            if child(child(row, "trPr"), "del") is not None:
                self._removed(row)
                continue
            words.inserted |= child(child(row, "trPr"), "ins") is not None
            cells += [[] for _ in range(number_of(child(child(row, "trPr"), "gridBefore"), 0, 63))]
            for cell in _cells_of(row):
                properties = child(cell, "tcPr")
                merged = child(properties, "vMerge")
                is_continued = merged is not None and attribute(merged, "val") != "restart"
                runs = self._cell(cell, words)
                cells.append([] if is_continued and not "".join(run.text for run in runs).strip() else runs)
                cells += [[] for _ in range(number_of(child(properties, "gridSpan"), 1, 63) - 1)]
            rows.append(cells)
        lines = self.flow.table(rows)
        self._said(words, lines)
        for box in words.boxes:
            self._blocks(box)
        for name, ident in words.notes:
            self._note(name, ident)

    def _cell(self, cell: Element, words: Words) -> list[Run]:
        """A cell's paragraphs as lines; its items carry a sign for their depth, a table within it a line for each row."""
        self.words.deeper(1)
        runs: list[Run] = []
        for element in cell:
            name = tag(element)
            if name == "p":
                runs += self._cell_line(element, words, bool(runs))
            elif name == "tbl":
                for row in _rows(element):
                    inner = [self._cell(each, words) for each in _cells_of(row)]
                    joined = [
                        replace(run, text=run.text.replace("\n", " ")) for each in inner for run in (*each, Run(" "))
                    ]
                    runs += [Run("\n" * bool(runs)), *joined]
            elif name in TRANSPARENT:
                runs += self._cell(element, words)
        self.words.deeper(-1)
        return runs

    def _cell_line(self, element: Element, words: Words, is_next: bool) -> list[Run]:
        properties = child(element, "pPr")
        style = self.numbering.style_of(properties)
        line = Words()
        self.words.read(element, line, style=style)
        words.drops += line.drops
        words.deleted += line.deleted
        words.inserted |= line.inserted
        words.notes += line.notes
        words.boxes += line.boxes
        words.questions += line.questions
        if not line.text.strip():
            return []
        numbered = self.numbering.mark_of(properties, style)
        sign = ""
        if numbered is not None:
            sign = f"{numbered.number}. " if numbered.number is not None else f"{inner_mark(numbered.level)} "
        return [Run("\n" * is_next + sign), *line.runs]

    # ------------------------------------------------------------------ notes

    def _note(self, name: str, ident: str) -> None:
        """A footnote's words, behind the paragraph that refers to it."""
        if (name, ident) in self.told_notes:
            return
        self.told_notes.add((name, ident))
        self._end_tabbed()
        held = self.package.notes(name).get(ident)
        text = " ".join(self._texts(*held)) if held is not None else ""
        if text.strip():
            mark = f"[^{ident}]" if name == "footnote" else f"[^e{ident}]"
            lines = self.flow.paragraph([Run(f"{mark}: {text.strip()}")])
            self.flow.doubt(lines, f"{name} {ident[:9]} was put behind its paragraph: does it belong there?")


# ---------------------------------------------------------------------------- elements


def _rows(table: Element) -> Iterator[Element]:
    for each in table:
        if tag(each) == "tr":
            yield each
        elif tag(each) in TRANSPARENT:
            yield from _rows(each)


def _cells_of(row: Element) -> Iterator[Element]:
    for each in row:
        if tag(each) == "tc":
            yield each
        elif tag(each) in TRANSPARENT:
            yield from _cells_of(each)


def _short(pieces: Iterable[str]) -> str:
    words = " ".join("".join(pieces).split())
    return repr(words if len(words) <= 40 else words[:39] + "…")


def _behind(runs: Sequence[Run], at: int) -> list[Run]:
    """The runs from a character on."""
    found = []
    for each in runs:
        if at < len(each.text):
            found.append(replace(each, text=each.text[at:]))
        at = max(0, at - len(each.text))
    return found


def _cells(runs: Iterable[Run]) -> list[list[Run]]:
    """A line with tabs as the cells between them."""
    cells: list[list[Run]] = [[]]
    for each in runs:
        for at, piece in enumerate(re.split(r"\t", each.text)):
            if at:
                cells.append([])
            cells[-1].append(replace(each, text=piece))
    return cells


if __name__ == "__main__":
    run(read_docx)
