"""The child process that reads PDF: what pdfminer.six finds on each page, to sheets; the rest is ``paper``'s."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from io import BytesIO
from math import hypot

from pdfminer.converter import PDFLayoutAnalyzer
from pdfminer.layout import LTContainer, LTCurve, LTItem, LTLine, LTPage, LTRect
from pdfminer.pdfcolor import PDFColorSpace
from pdfminer.pdfdevice import PDFTextSeq
from pdfminer.pdfdocument import PDFDocument, PDFEncryptionError, PDFPasswordIncorrect
from pdfminer.pdffont import PDFFont, PDFUnicodeNotDefined
from pdfminer.pdfinterp import PDFGraphicState, PDFPageInterpreter, PDFResourceManager, PDFTextState
from pdfminer.pdfpage import PDFPage
from pdfminer.pdfparser import PDFParser, PDFSyntaxError
from pdfminer.pdftypes import PDFStream, resolve1
from pdfminer.psparser import PSLiteral
from pdfminer.utils import Matrix, apply_matrix_pt

from medpol.ingest.answer import Reading, Refused
from medpol.ingest.blocks import TooMuch
from medpol.ingest.reading.child import run
from medpol.ingest.reading.paper import read_sheets
from medpol.ingest.reading.sheets import Glyph, Link, Rule, Sheet

MAXIMUM_PAGES = 500
MAXIMUM_GLYPHS = 1_500_000
MAXIMUM_RULES = 50_000
MAXIMUM_FIGURES = 10_000
_THIN = 2.5
_BOLD = ("bold", "black", "heavy", "semibold", "demi")
_INVISIBLE = 3
_UNUSED = frozenset({0x7F, 0x81, 0x8D, 0x8F, 0x90, 0x9D})
"""Codes of the Windows encoding that name no sign: the PDF standard lets them print a bullet, and some programs do so."""


def read_pdf(data: bytes) -> Reading:
    """A PDF's lines and blocks. Raises Refused where it has no text layer or a password, TooMuch past a limit."""
    return read_sheets(sheets_in(data))


def sheets_in(data: bytes) -> list[Sheet]:
    """The pages of a PDF with what is drawn on them."""
    try:
        document = PDFDocument(PDFParser(BytesIO(data)))
    except (PDFPasswordIncorrect, PDFEncryptionError):
        raise Refused(
            "encrypted-document", "it is encrypted", "a PDF that opens without a password", "save it without one"
        ) from None
    except PDFSyntaxError:
        raise Refused(
            "unreadable-document",
            "it is damaged: its table of objects cannot be found",
            "a whole PDF",
            "save it again as PDF",
        ) from None
    return list(_sheets(document))


def _sheets(document: PDFDocument) -> Iterator[Sheet]:
    resources = PDFResourceManager()
    device = _Device(resources)
    interpreter = PDFPageInterpreter(resources, device)
    for number, page in enumerate(PDFPage.create_pages(document), 1):
        if number > MAXIMUM_PAGES:
            raise TooMuch(f"more than {MAXIMUM_PAGES:,} pages")
        interpreter.process_page(page)
        sheet = device.sheet
        sheet.links, sheet.notes = _links(page)
        yield sheet


class _Device(PDFLayoutAnalyzer):
    """Takes from a page what is drawn: glyphs with the foot of their line, rules, and how many pictures."""

    def __init__(self, resources: PDFResourceManager) -> None:
        super().__init__(resources, laparams=None)
        self.sheet = Sheet(0, 0)
        self.is_unseen = False
        self.unseen: list[Glyph] = []
        self.sideways: list[str] = []
        self.count = self.figures = 0

    def begin_page(self, page: PDFPage, ctm: Matrix) -> None:
        super().begin_page(page, ctm)
        self.sheet = Sheet(self.cur_item.width, self.cur_item.height)
        self.unseen, self.sideways = [], []

    def begin_figure(self, name: str, bbox: tuple[float, float, float, float], matrix: Matrix) -> None:
        self.figures += 1
        if self.figures > MAXIMUM_FIGURES:
            raise TooMuch(f"more than {MAXIMUM_FIGURES:,} drawings")
        super().begin_figure(name, bbox, matrix)

    def render_image(self, name: str, stream: PDFStream) -> None:
        self.sheet.pictures += 1

    def render_string(
        self, textstate: PDFTextState, seq: PDFTextSeq, ncs: PDFColorSpace, graphicstate: PDFGraphicState
    ) -> None:
        self.is_unseen = textstate.render == _INVISIBLE
        super().render_string(textstate, seq, ncs, graphicstate)

    def render_char(
        self,
        matrix: Matrix,
        font: PDFFont,
        fontsize: float,
        scaling: float,
        rise: float,
        cid: int,
        ncs: PDFColorSpace,
        graphicstate: PDFGraphicState,
    ) -> float:
        self.count += 1
        if self.count > MAXIMUM_GLYPHS:
            raise TooMuch(f"more than {MAXIMUM_GLYPHS:,} signs")
        try:
            text = font.to_unichr(cid)
        except PDFUnicodeNotDefined:
            text = "•" if cid in _UNUSED and not font.is_multibyte() else "�"
        advance: float = font.char_width(cid) * fontsize * scaling
        x0, y = apply_matrix_pt(matrix, (0, rise))
        x1, y1 = apply_matrix_pt(matrix, (advance, rise))
        size = abs(fontsize) * hypot(matrix[2], matrix[3])
        if font.is_vertical() or abs(y1 - y) > 0.2 * size or x1 < x0 or size <= 0:
            self.sideways.append(text)
            return advance
        name = str(font.fontname).lower()
        glyph = Glyph(text, x0, x1, y, size, any(each in name for each in _BOLD))
        (self.unseen if self.is_unseen else self.sheet.glyphs).append(glyph)
        return advance

    def receive_layout(self, ltpage: LTPage) -> None:
        sheet = self.sheet
        sheet.rules = list(_rules(ltpage, [0]))
        on_page = [
            each for each in sheet.glyphs if -1 <= each.x0 <= sheet.width + 1 and -1 <= each.y <= sheet.height + 1
        ]
        kept = set(map(id, on_page))
        beyond = "".join(each.text for each in sheet.glyphs if id(each) not in kept)
        sheet.glyphs = on_page
        if self.unseen and len(self.unseen) > 4 * len(sheet.glyphs):
            sheet.glyphs += self.unseen
            sheet.is_recognised = True
            self.unseen = []
        sheet.unseen = " ".join((beyond + "".join(each.text for each in self.unseen)).split())
        sheet.sideways = " ".join("".join(self.sideways).split())


def _rules(container: Iterable[LTItem], count: list[int]) -> Iterator[Rule]:
    """The straight lines that are drawn: strokes, edges of boxes, boxes so thin that they are lines."""
    for item in container:
        if isinstance(item, LTContainer):
            yield from _rules(item, count)
            continue
        if not isinstance(item, LTCurve):
            continue
        count[0] += 1
        if count[0] > MAXIMUM_RULES:
            raise TooMuch(f"more than {MAXIMUM_RULES:,} drawn lines")
        x0, y0, x1, y1 = item.bbox
        if isinstance(item, (LTLine, LTRect)) and (x1 - x0 <= _THIN) != (y1 - y0 <= _THIN):
            middle_x, middle_y = (x0 + x1) / 2, (y0 + y1) / 2
            yield Rule(x0, middle_y, x1, middle_y) if y1 - y0 <= _THIN else Rule(middle_x, y0, middle_x, y1)
        elif isinstance(item, LTRect) and item.stroke:
            yield from (Rule(x0, y0, x1, y0), Rule(x0, y1, x1, y1), Rule(x0, y0, x0, y1), Rule(x1, y0, x1, y1))


def _links(page: PDFPage) -> tuple[list[Link], list[str]]:
    """The page's links to addresses, and what else its annotations would do, for the report."""
    links, notes = [], []
    held = resolve1(page.annots)
    for each in held if isinstance(held, list) else ():
        annotation = resolve1(each)
        if not isinstance(annotation, dict):
            continue
        kind = _name(annotation.get("Subtype"))
        if kind != "Link":
            if kind in ("Text", "FreeText", "FileAttachment", "Widget", "Stamp", "Highlight", "Popup"):
                notes.append(f"an annotation of the kind {kind}")
            continue
        action = resolve1(annotation.get("A"))
        area = _numbers(resolve1(annotation.get("Rect")))
        if not isinstance(action, dict) or area is None:
            continue
        does, address = _name(action.get("S")), resolve1(action.get("URI"))
        if does == "URI" and isinstance(address, bytes):
            links.append(Link(*area, address[:2000].decode("utf-8", "replace")))
        elif does == "GoTo":
            links.append(Link(*area, "#"))
        else:
            links.append(Link(*area, "file:"))
    return links, notes


def _name(value: object) -> str:
    found = resolve1(value)
    return str(found.name)[:40] if isinstance(found, PSLiteral) else ""


def _numbers(value: object) -> tuple[float, float, float, float] | None:
    numbers = [resolve1(each) for each in value] if isinstance(value, list) else []
    if len(numbers) != 4 or not all(isinstance(each, (int, float)) for each in numbers):
        return None
    x0, y0, x1, y1 = map(float, numbers)
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


if __name__ == "__main__":
    run(read_pdf)
