"""Makes PDF and DOCX of a document written in the Markdown that these tests use, as an office program would set it.

Headings are set larger, tables are ruled, lists hang, pages carry a running header and a number.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from itertools import groupby
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from docx import Document
from docx.document import Document as DocumentValue
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt
from docx.text.paragraph import Paragraph as DocxParagraph
from markdown_it import MarkdownIt
from reportlab.lib import colors
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, LongTable, Paragraph, SimpleDocTemplate, TableStyle

PAGE = (612.0, 792.0)
RUNNING = "Example Plan  |  Medical policies"


@dataclass(frozen=True)
class Piece:
    """A stretch of one look; ``text`` "\\n" is a line break."""

    text: str
    bold: bool = False
    italic: bool = False
    raised: bool = False
    address: str = ""


@dataclass(frozen=True)
class Block:
    """heading, paragraph, item or table; ``lines`` are those of a paragraph, ``rows`` the cells' pieces of a table."""

    kind: str
    lines: tuple[tuple[Piece, ...], ...] = ()
    level: int = 0
    mark: str = ""
    rows: tuple[tuple[tuple[Piece, ...], ...], ...] = ()


_INLINE = MarkdownIt("commonmark")
_ITEM = re.compile(r"( *)([*•-]|\d+\.) +(.*)")


def pieces(text: str) -> tuple[Piece, ...]:
    """The inline marks of one line: bold, italic, links, superscripts, breaks."""
    found: list[Piece] = []
    bold = italic = raised = 0
    address = ""
    for token in _INLINE.parseInline(text)[0].children or ():
        content = token.content
        match token.type:
            case "text" | "code_inline":
                found.append(Piece(html.unescape(content), bool(bold), bool(italic), bool(raised), address))
            case "strong_open" | "strong_close":
                bold += 1 if token.type.endswith("open") else -1
            case "em_open" | "em_close":
                italic += 1 if token.type.endswith("open") else -1
            case "link_open":
                address = str(token.attrs["href"])
            case "link_close":
                address = ""
            case "html_inline":
                tag = re.match(r"<(/?)(\w+)(?:.*?href=\"([^\"]*)\")?", content)
                assert tag is not None
                step = -1 if tag[1] else 1
                bold += step if tag[2] in ("b", "strong") else 0
                raised += step if tag[2] == "sup" else 0
                if tag[2] == "a":
                    address = tag[3] or ""
                if tag[2] == "br":
                    found.append(Piece("\n"))
    return tuple(found)


def blocks(markdown: str) -> list[Block]:
    """A document as its blocks: what an author would type into an office program."""
    found: list[Block] = []
    lines = _as_tabs(markdown).split("\n")
    for is_blank, group in groupby(lines, key=lambda line: not line.strip()):
        if is_blank:
            continue
        for kind, held in groupby(group, key=_kind):
            texts = list(held)
            if kind == "heading":
                for text in texts:
                    marks, _, words = text.partition(" ")
                    found.append(Block("heading", (pieces(words.replace("**", "")),), len(marks)))
            elif kind == "table":
                found.append(
                    Block("table", rows=tuple(tuple(pieces(cell) for cell in text.split("\t")) for text in texts))
                )
            elif kind == "item":
                for text in texts:
                    match = _ITEM.fullmatch(text)
                    assert match is not None
                    mark = match[2] if match[2][0].isdigit() else "•"
                    found.append(Block("item", (pieces(match[3]),), len(match[1]) // 4, mark))
            elif found and found[-1].kind == "item" and texts[0].startswith("["):
                last = found.pop()
                found.append(Block("item", (last.lines[0] + (Piece("\n"),) + pieces(texts[0]),), last.level, last.mark))
            else:
                found.append(Block("paragraph", tuple(pieces(text.rstrip()) for text in texts)))
    return found


def _as_tabs(markdown: str) -> str:
    """Pipe tables and the one HTML table of these documents as lines with tabs."""
    markdown = re.sub(r"</t[dh]><t[dh]>", "\t", markdown)
    markdown = re.sub(r"</?(?:table|tr|t[dh])>", "", markdown)
    lines = []
    for line in markdown.split("\n"):
        if re.fullmatch(r"\|(?:---\|)+", line):
            continue
        lines.append("\t".join(cell.strip() for cell in line.strip("|").split("|")) if line.startswith("| ") else line)
    return "\n".join(lines)


def _kind(line: str) -> str:
    if re.match(r"#{1,6} ", line):
        return "heading"
    if "\t" in line:
        return "table"
    return "item" if _ITEM.fullmatch(line) else "paragraph"


# ---------------------------------------------------------------------------- HTML


def as_html(markdown: str) -> bytes:
    """The document as a web page."""
    made: list[str] = []
    for kind, group in groupby(blocks(markdown), key=lambda block: block.kind):
        for block in group:
            if kind == "heading":
                made.append(f"<h{block.level}>{_tagged(block.lines[0])}</h{block.level}>")
            elif kind == "table":
                rows = ("".join(f"<td>{_tagged(cell)}</td>" for cell in row) for row in block.rows)
                made.append("<table>\n" + "\n".join(f"<tr>{row}</tr>" for row in rows) + "\n</table>")
            elif kind == "item":
                tag = "ol" if block.mark[0].isdigit() else "ul"
                start = f' start="{block.mark[:-1]}"' if tag == "ol" else ""
                opened, closed = f"<{tag}{start}>" * (block.level + 1), f"</{tag}>" * (block.level + 1)
                made.append(f"{opened}<li>{_tagged(block.lines[0])}</li>{closed}")
            else:
                made.append("<p>" + "<br>\n".join(map(_tagged, block.lines)) + "</p>")
    return (
        "<!DOCTYPE html>\n<html><head><title>Policy</title></head><body>\n" + "\n".join(made) + "\n</body></html>\n"
    ).encode("utf-8", "replace")


def _tagged(line: tuple[Piece, ...]) -> str:
    made = []
    for piece in line:
        text = html.escape(piece.text).replace("\n", "<br>")
        for tag, is_on in (("sup", piece.raised), ("b", piece.bold), ("i", piece.italic)):
            text = f"<{tag}>{text}</{tag}>" if is_on else text
        made.append(f'<a href="{html.escape(piece.address)}">{text}</a>' if piece.address else text)
    return "".join(made)


# ---------------------------------------------------------------------------- PDF


for _name, _file in (("Vera", "Vera.ttf"), ("VeraBold", "VeraBd.ttf")):
    pdfmetrics.registerFont(TTFont(_name, _file))  # the two come with reportlab
pdfmetrics.registerFontFamily("Vera", "Vera", "VeraBold", "Vera", "VeraBold")
_SIGNS = {"◦": "·", "\u2028": " "}


def printable(markdown: str) -> str:
    """The document in the signs that the font has: other letters without their marks, rare bullets as common ones."""
    known = pdfmetrics.getFont("Vera").face.charToGlyph
    found = []
    for each in markdown:
        if ord(each) not in known and each not in "\n\t":
            each = _SIGNS.get(each) or unicodedata.normalize("NFKD", each)[0]
        found.append(each if ord(each) in known or each in "\n\t" else "?")
    return "".join(found)


def as_pdf(markdown: str, *, size: float = 10, ruled: bool = True, compressed: bool = True) -> bytes:
    """The document as PDF. ``ruled=False`` leaves the lines of its tables out."""
    plain, strong = "Vera", "VeraBold"
    body = ParagraphStyle("body", fontName=plain, fontSize=size, leading=size * 1.25, spaceAfter=size * 0.8)
    cell = ParagraphStyle("cell", body, spaceAfter=0)
    story: list[object] = []
    for block in blocks(markdown):
        if block.kind == "heading":
            large = size + {1: 8, 2: 6, 3: 3}.get(block.level, 1.5)
            story.append(
                Paragraph(
                    _marked(block.lines[0], bold=False),
                    ParagraphStyle(
                        "h", fontName=strong, fontSize=large, leading=large * 1.25, spaceBefore=8, spaceAfter=8
                    ),
                )
            )
        elif block.kind == "table":
            story.append(_pdf_table(block, cell, size, ruled))
            story.append(Paragraph("", body))
        elif block.kind == "item":
            left = 24 + 18 * block.level
            style = ParagraphStyle("item", body, leftIndent=left, bulletIndent=left - 14, spaceAfter=2)
            story.append(Paragraph(_marked(block.lines[0]), style, bulletText=block.mark))
        else:
            story.append(Paragraph("<br/>".join(map(_marked, block.lines)), body))
    target = BytesIO()
    document = SimpleDocTemplate(
        target,
        pagesize=PAGE,
        leftMargin=72,
        rightMargin=72,
        topMargin=72,
        bottomMargin=72,
        invariant=1,
        pageCompression=int(compressed),
    )
    document.build(story, onFirstPage=_running(size), onLaterPages=_running(size))
    return target.getvalue()


def _running(size: float) -> Callable[[Canvas, BaseDocTemplate], None]:
    """A header and a page number, smaller than the text, as they run on every page."""

    def run(canvas: Canvas, document: BaseDocTemplate) -> None:
        canvas.saveState()
        canvas.setFont("Helvetica", size - 2)
        canvas.drawString(72, 750, RUNNING)
        canvas.drawCentredString(306, 36, f"Page {document.page}")
        canvas.restoreState()

    return run


def _pdf_table(block: Block, style: ParagraphStyle, size: float, ruled: bool) -> LongTable:
    width = max(map(len, block.rows))
    rows = [[Paragraph(_marked(cell), style) for cell in row] + [""] * (width - len(row)) for row in block.rows]
    longest = [
        max(len("".join(p.text for p in row[at])) if at < len(row) else 0 for row in block.rows) for at in range(width)
    ]
    words = [
        max(
            (
                stringWidth(word, "VeraBold", size)
                for row in block.rows
                if at < len(row)
                for word in "".join(p.text for p in row[at]).split()
            ),
            default=0,
        )
        + 14
        for at in range(width)
    ]
    shares = [min(each, 60) for each in longest]
    rest = max(0, 468 - sum(words))
    widths = [word + rest * share / sum(shares) for word, share in zip(words, shares, strict=True)]
    table = LongTable(rows, colWidths=widths, repeatRows=1)
    lines = [("GRID", (0, 0), (-1, -1), 0.5, colors.black)] if ruled else []
    table.setStyle(TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), *lines]))
    return table


def _marked(line: tuple[Piece, ...], bold: bool = True) -> str:
    made = []
    for piece in line:
        text = html.escape(piece.text).replace("\n", "<br/>")
        if piece.raised:
            text = f"<super>{text}</super>"
        if piece.bold and bold:
            text = f"<b>{text}</b>"
        if piece.address and not piece.address.startswith("#"):
            text = f'<a href="{html.escape(piece.address)}">{text}</a>'
        made.append(text)
    return "".join(made)


# ---------------------------------------------------------------------------- DOCX


def as_docx(markdown: str) -> bytes:
    """The document as DOCX: heading styles, list styles, tables, a header and a footer."""
    document = Document()
    document.sections[0].header.paragraphs[0].text = RUNNING
    document.sections[0].footer.paragraphs[0].text = "Page 1"
    for block in blocks(markdown):
        if block.kind == "heading":
            _fill(document.add_heading("", block.level), block.lines)
        elif block.kind == "table":
            _docx_table(document, block)
        elif block.kind == "item" and block.mark[0].isdigit():
            paragraph = document.add_paragraph()
            _fill(paragraph, ((Piece(f"{block.mark} "), *block.lines[0]),))
        elif block.kind == "item":
            paragraph = document.add_paragraph(style=("List Bullet", "List Bullet 2", "List Bullet 3")[block.level])
            _fill(paragraph, block.lines)
        else:
            _fill(document.add_paragraph(), block.lines)
    target = BytesIO()
    document.save(target)
    return _without_clock(target)


def _without_clock(package: BytesIO) -> bytes:
    """The same package, its members dated as the format's first day: the same document is the same bytes at any time."""
    target = BytesIO()
    with ZipFile(package) as held, ZipFile(target, "w", ZIP_DEFLATED) as written:
        for name in held.namelist():
            written.writestr(ZipInfo(name), held.read(name), ZIP_DEFLATED)
    return target.getvalue()


def _docx_table(document: DocumentValue, block: Block) -> None:
    width = max(map(len, block.rows))
    table = document.add_table(rows=0, cols=width)
    for row in block.rows:
        cells = table.add_row().cells
        for cell, held in zip(cells, row, strict=False):
            _fill(cell.paragraphs[0], (held,))


def _fill(paragraph: DocxParagraph, lines: tuple[tuple[Piece, ...], ...]) -> None:
    for at, line in enumerate(lines):
        if at:
            paragraph.add_run().add_break()
        for piece in line:
            run = paragraph.add_run(piece.text)
            run.bold, run.italic = piece.bold or None, piece.italic or None
            run.font.superscript = piece.raised or None
            run.font.size = Pt(10)
            if piece.address:
                link = OxmlElement("w:hyperlink")
                if piece.address.startswith("#"):
                    link.set(qn("w:anchor"), piece.address[1:])
                else:
                    ident = paragraph.part.relate_to(piece.address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
                    link.set(qn("r:id"), ident)
                run._r.addprevious(link)
                link.append(run._r)
