"""DOCX to blocks: styles, numbering, tables, changes, notes, boxes, links."""

from __future__ import annotations

import zipfile
from io import BytesIO

import pytest
from docx import Document
from docx.document import Document as DocumentValue
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.text.paragraph import Paragraph

from medpol.ingest import Kind
from medpol.ingest.answer import Reading, Refused
from medpol.ingest.blocks import TooMuch
from medpol.ingest.reading.docx import read_docx

NAMES = nsdecls("w", "r")
FOOTNOTES = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"


def saved(document: DocumentValue) -> bytes:
    target = BytesIO()
    document.save(target)
    return target.getvalue()


def read(document: DocumentValue) -> Reading:
    return read_docx(saved(document))


def put(paragraph: Paragraph, xml: str) -> Paragraph:
    """A paragraph with some XML behind its words."""
    for element in parse_xml(f"<w:x {NAMES}>{xml}</w:x>"):
        paragraph._p.append(element)
    return paragraph


def shape(reading: Reading) -> list[tuple[object, ...]]:
    found: list[tuple[object, ...]] = []
    for block in reading.blocks:
        if block.kind == "table":
            found.append(("table", *(row.cells for row in block.rows)))
        elif block.kind == "item":
            found.append(("item", block.level, block.number, block.text))
        elif block.kind == "heading":
            found.append(("heading", block.level, block.text))
        else:
            found.append(("paragraph", "\n".join(part.text for part in block.parts)))
    return found


def said(reading: Reading, kind: Kind) -> list[str]:
    return [entry.what for entry in reading.entries if entry.kind is kind]


def test_headings_have_the_level_of_their_style_counted_from_the_standard_sections() -> None:
    document = Document()
    document.add_heading("A policy", 0)
    document.add_heading("Coding", 1)
    document.add_heading("A part", 2)
    document.add_heading("History", 1)
    assert shape(read(document)) == [
        ("heading", 1, "A policy"),
        ("heading", 2, "Coding"),
        ("heading", 3, "A part"),
        ("heading", 2, "History"),
    ]


def test_lists_have_the_depth_and_number_of_their_numbering() -> None:
    document = Document()
    document.add_paragraph("All of these:")
    document.add_paragraph("one", "List Bullet")
    document.add_paragraph("of one", "List Bullet 2")
    document.add_paragraph("two", "List Bullet")
    document.add_paragraph("And:")
    document.add_paragraph("first", "List Number")
    document.add_paragraph("second", "List Number")
    document.add_paragraph("• typed by hand")
    document.add_paragraph("Any of these:")
    document.add_paragraph("A. a letter")
    reading = read(document)
    assert shape(reading) == [
        ("paragraph", "All of these:"),
        ("item", 0, None, "one"),
        ("item", 1, None, "of one"),
        ("item", 0, None, "two"),
        ("paragraph", "And:"),
        ("item", 0, 1, "first"),
        ("item", 0, 2, "second"),
        ("item", 0, None, "typed by hand"),
        ("paragraph", "Any of these:"),
        ("item", 0, None, "a letter"),
    ]
    assert reading.lines[5:7] == ("1. first", "2. second")


def test_an_own_numbering_counts_restarts_and_prints_letters() -> None:
    document = Document()
    numbering = document.part.numbering_part.element
    levels = "".join(
        f'<w:lvl w:ilvl="{at}"><w:start w:val="1"/><w:numFmt w:val="{kind}"/><w:lvlText w:val="%{at + 1}{end}"/>'
        f'<w:pPr><w:ind w:left="{720 * (at + 1)}"/></w:pPr></w:lvl>'
        for at, (kind, end) in enumerate((("decimal", "."), ("lowerLetter", ")"), ("lowerRoman", ".")))
    )
    numbering.insert(0, parse_xml(f'<w:abstractNum {NAMES} w:abstractNumId="77">{levels}</w:abstractNum>'))
    numbering.append(parse_xml(f'<w:num {NAMES} w:numId="77"><w:abstractNumId w:val="77"/></w:num>'))
    restart = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride>'
    numbering.append(parse_xml(f'<w:num {NAMES} w:numId="78"><w:abstractNumId w:val="77"/>{restart}</w:num>'))
    for text, ident, level in (
        ("a", 77, 0),
        ("b", 77, 1),
        ("c", 77, 1),
        ("d", 77, 2),
        ("e", 77, 0),
        ("f", 77, 1),
        ("g", 78, 0),
    ):
        paragraph = document.add_paragraph(text)
        paragraph._p.get_or_add_pPr().append(
            parse_xml(f'<w:numPr {NAMES}><w:ilvl w:val="{level}"/><w:numId w:val="{ident}"/></w:numPr>')
        )
    reading = read(document)
    assert reading.lines == ("1. a", "a) b", "b) c", "i. d", "2. e", "a) f", "5. g")
    assert [each[1:3] for each in shape(reading)] == [
        (0, 1),
        (1, None),
        (1, None),
        (2, None),
        (0, 2),
        (1, None),
        (0, 5),
    ]


def test_bold_leads_citations_and_breaks_are_read_as_on_a_web_page() -> None:
    document = Document()
    paragraph = document.add_paragraph()
    paragraph.add_run("Note:").bold = True
    paragraph.add_run(" seen")
    paragraph.add_run("1,2").font.superscript = True
    paragraph.add_run(" in 10 m")
    paragraph.add_run("2").font.superscript = True
    paragraph.add_run().add_break()
    paragraph.add_run("next line")
    reading = read(document)
    assert shape(reading) == [("paragraph", "Note: seen[1,2] in 10 m2\nnext line")]
    assert reading.blocks[0].lead == "Note:"
    assert reading.lines == ("Note: seen[1,2] in 10 m2", "next line")


def test_tables_keep_merged_cells_lists_and_tables_within() -> None:
    document = Document()
    table = document.add_table(rows=3, cols=3)
    table.cell(0, 0).merge(table.cell(0, 1)).text = "wide"
    table.cell(0, 2).text = "x"
    table.cell(1, 0).merge(table.cell(2, 0)).text = "tall"
    table.cell(1, 1).text = "all of:"
    table.cell(1, 1).add_paragraph("one", "List Bullet")
    table.cell(1, 1).add_paragraph("two", "List Bullet")
    inner = table.cell(2, 1).add_table(rows=1, cols=2)
    inner.cell(0, 0).text, inner.cell(0, 1).text = "in", "side"
    assert shape(read(document)) == [
        ("table", ("wide", "", "x"), ("tall", "all of:\n• one\n• two"), ("", "in side")),
    ]


def test_lines_with_tabs_are_a_table() -> None:
    document = Document()
    for text in ("Code\tWords", "A1\tone", "Behind."):
        document.add_paragraph(text)
    assert shape(read(document)) == [("table", ("Code", "Words"), ("A1", "one")), ("paragraph", "Behind.")]


def test_inserted_words_are_text_deleted_ones_are_not_and_both_are_asked_about() -> None:
    document = Document()
    put(
        document.add_paragraph("Whistles are "),
        '<w:del w:id="1" w:author="a"><w:r><w:delText>never </w:delText></w:r></w:del>'
        '<w:ins w:id="2" w:author="a"><w:r><w:t>always</w:t></w:r></w:ins>',
    )
    put(document.add_paragraph(), '<w:del w:id="3" w:author="a"><w:r><w:delText>Gone whole.</w:delText></w:r></w:del>')
    reading = read(document)
    assert shape(reading) == [("paragraph", "Whistles are always")]
    assert reading.lines == ("Whistles are always", "Gone whole.")
    assert said(reading, Kind.DOUBTFUL) == [
        "a tracked change inserts words and deletes 'never' here: is it accepted?",
        "these words are deleted by a tracked change: is the change accepted?",
    ]


def test_headers_footers_comments_and_hidden_words_are_accounted_for_and_not_text() -> None:
    document = Document()
    document.sections[0].header.paragraphs[0].text = "Example Plan"
    document.sections[0].footer.paragraphs[0].text = "Confidential"
    paragraph = document.add_paragraph("Words.")
    document.add_comment(paragraph.runs, text="Is this right?", author="A")
    paragraph.add_run(" unseen").font.hidden = True
    reading = read(document)
    assert shape(reading) == [("paragraph", "Words.")]
    assert reading.lines == ("Words.", "Example Plan", "Confidential", "Is this right?")
    assert said(reading, Kind.LAYOUT) == ["the page's header", "the page's footer"]
    assert said(reading, Kind.DROPPED) == ["hidden words", "a comment of an editor"]


def test_web_addresses_stay_where_they_are_the_words_and_local_links_are_reported() -> None:
    document = Document()
    web = document.part.relate_to("https://example.org/a", RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
    local = document.part.relate_to("file:///etc/passwd", RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
    run = "<w:r><w:t>{}</w:t></w:r>"
    put(
        document.add_paragraph("See "), f'<w:hyperlink r:id="{web}">{run.format("https://example.org/a")}</w:hyperlink>'
    )
    put(document.add_paragraph("See "), f'<w:hyperlink r:id="{local}">{run.format("the notes")}</w:hyperlink>')
    field = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'
    code = '<w:r><w:instrText>HYPERLINK "javascript:x"</w:instrText></w:r>'
    put(
        document.add_paragraph("See "),
        field.format("begin") + code + field.format("separate") + run.format("more") + field.format("end"),
    )
    reading = read(document)
    assert [each[1] for each in shape(reading)] == ["See https://example.org/a", "See the notes", "See more"]
    assert said(reading, Kind.DROPPED) == ["a link to a file: address", "a link to a javascript: address"]


def test_a_text_box_stands_behind_its_paragraph_and_is_asked_about() -> None:
    document = Document()
    box = "<w:txbxContent><w:p><w:r><w:t>In the box.</w:t></w:r></w:p></w:txbxContent>"
    put(document.add_paragraph("Beside it."), f"<w:r><w:pict>{box}</w:pict></w:r>")
    reading = read(document)
    assert shape(reading) == [("paragraph", "Beside it."), ("paragraph", "In the box.")]
    assert any("text box" in doubt for doubt in said(reading, Kind.DOUBTFUL))


def with_part(data: bytes, name: str, kind: str, content_type: str, content: str) -> bytes:
    """A package with one more part, which the document refers to."""
    target = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(target, "w") as new:
        for each in old.namelist():
            text = old.read(each)
            if each == "[Content_Types].xml":
                override = f'<Override PartName="/word/{name}" ContentType="{content_type}"/></Types>'
                text = text.replace(b"</Types>", override.encode())
            if each == "word/_rels/document.xml.rels":
                base = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
                relation = f'<Relationship Id="rId900" Type="{base}/{kind}" Target="{name}"/></Relationships>'
                text = text.replace(b"</Relationships>", relation.encode())
            new.writestr(each, text)
        new.writestr(f"word/{name}", content)
    return target.getvalue()


def test_a_footnote_stands_behind_the_paragraph_that_refers_to_it() -> None:
    document = Document()
    put(document.add_paragraph("As said"), '<w:r><w:footnoteReference w:id="4"/></w:r>')
    document.add_paragraph("Next.")
    note = f'<w:footnotes {NAMES}><w:footnote w:id="4"><w:p><w:r><w:t>Elsewhere.</w:t></w:r></w:p></w:footnote></w:footnotes>'
    reading = read_docx(with_part(saved(document), "footnotes.xml", "footnotes", FOOTNOTES, note))
    assert [each[1] for each in shape(reading)] == ["As said[^4]", "[^4]: Elsewhere.", "Next."]
    assert said(reading, Kind.DOUBTFUL) == ["footnote 4 was put behind its paragraph: does it belong there?"]


def test_embedded_objects_and_pictures_are_dropped_and_reported() -> None:
    document = Document()
    put(document.add_paragraph("Before."), "<w:r><w:object/></w:r>")
    put(document.add_paragraph(), "<w:r><w:drawing/></w:r>")
    reading = read(document)
    assert reading.lines == ("Before.", "[a picture]")
    assert said(reading, Kind.DROPPED) == ["an embedded object", "a picture"]


def test_a_document_type_in_its_xml_is_refused() -> None:
    entities = "<!DOCTYPE w:footnotes [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;'>]>"
    note = f'{entities}<w:footnotes {NAMES}><w:footnote w:id="4"><w:p><w:r><w:t>&b;</w:t></w:r></w:p></w:footnote></w:footnotes>'
    data = with_part(saved(Document()), "footnotes.xml", "footnotes", FOOTNOTES, note)
    with pytest.raises(Refused, match="document type"):
        read_docx(data)


def test_what_unpacks_past_the_limit_is_refused_before_it_is_unpacked() -> None:
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("word/document.xml", bytes(65 << 20))
    with pytest.raises(TooMuch, match="unpacked"):
        read_docx(target.getvalue())


def test_elements_nested_too_deep_are_refused() -> None:
    document = Document()
    inner = "<w:tbl><w:tr><w:tc>" * 80 + "<w:p/>" + "</w:tc></w:tr></w:tbl>" * 80
    document.element.body.insert(0, parse_xml(inner.replace("<w:tbl>", f"<w:tbl {NAMES}>", 1)))
    with pytest.raises(TooMuch, match="nested"):
        read(document)


def test_a_package_that_is_no_document_is_refused() -> None:
    with pytest.raises(Refused, match="damaged"):
        read_docx(b"PK\x03\x04 and nothing more")
