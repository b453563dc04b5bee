"""PDF pages to blocks: order, headings, paragraphs, items, tables and notes by their places."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pytest
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas
from tests.ingest.media import as_pdf

from medpol.ingest import Kind, ingest, report_text, report_value
from medpol.ingest.answer import Reading, Refused
from medpol.ingest.reading.pdf import read_pdf


def pdf(*pages: Callable[[Canvas], None], encrypt: object = None) -> bytes:
    target = BytesIO()
    canvas = Canvas(target, (612, 792), invariant=1, encrypt=encrypt)
    for page in pages:
        page(canvas)
        canvas.showPage()
    canvas.save()
    return target.getvalue()


def set_lines(*lines: tuple[float, float, str], font: str = "Helvetica", size: float = 10) -> Callable[[Canvas], None]:
    """A page with lines at given places."""

    def page(canvas: Canvas) -> None:
        for x, y, text in lines:
            canvas.setFont(font, size)
            canvas.drawString(x, y, text)

    return page


def both(*parts: Callable[[Canvas], None]) -> Callable[[Canvas], None]:
    def page(canvas: Canvas) -> None:
        for part in parts:
            part(canvas)

    return page


FILL = "Words of the body that fill the line up to the right edge of the paper and no further than it"


def body(*lines: str, top: float = 700, x: float = 72, leading: float = 12) -> Callable[[Canvas], None]:
    return set_lines(*((x, top - leading * at, line) for at, line in enumerate(lines)))


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


def test_a_paragraph_ends_where_the_next_word_would_have_fitted_or_space_is_left() -> None:
    reading = read_pdf(pdf(body(FILL, "and a second line.", "A third begins by itself.", "", "After a gap.", FILL)))
    assert shape(reading) == [
        ("paragraph", f"{FILL} and a second line.\nA third begins by itself."),
        ("paragraph", f"After a gap.\n{FILL}"),
    ]


def test_headings_are_known_by_larger_type_and_levelled_at_the_standard_sections() -> None:
    large = set_lines((72, 740, "A Policy of Ours"), font="Helvetica-Bold", size=20)
    section = set_lines((72, 700, "Coding"), (72, 620, "History"), font="Helvetica-Bold", size=14)
    below = set_lines((72, 660, "A part of it"), font="Helvetica-Bold", size=12)
    found = shape(read_pdf(pdf(both(large, section, below, body(FILL, FILL, top=600)))))
    assert found[:4] == [
        ("heading", 1, "A Policy of Ours"),
        ("heading", 2, "Coding"),
        ("heading", 3, "A part of it"),
        ("heading", 2, "History"),
    ]


def test_where_no_type_is_larger_bold_lines_are_the_headings() -> None:
    bold = set_lines((72, 740, "Coding"), (72, 700, "Whistles of wood"), (72, 620, "History"), font="Helvetica-Bold")
    found = shape(read_pdf(pdf(both(bold, body(FILL, top=680), body(FILL, top=600)))))
    assert [each[0] for each in found] == ["heading", "heading", "paragraph", "heading", "paragraph"]


@pytest.mark.parametrize(
    ("end", "begin", "elsewhere", "joined", "asks"),
    [
        ("the treat-", "ment of pain", "One treatment more.", "the treatment of pain", False),
        ("a two-", "stage test", "A two-stage test again.", "a two-stage test", False),
        ("the foo-", "bar test", "Nothing of it.", "the foo-bar test", True),
    ],
)
def test_a_word_parted_at_a_lines_end_is_mended_only_where_the_document_prints_it_whole(
    end: str, begin: str, elsewhere: str, joined: str, asks: bool
) -> None:
    reading = read_pdf(pdf(body(f"{FILL[:70]} {end}", begin, "", elsewhere, "", FILL)))
    assert shape(reading)[0] == ("paragraph", f"{FILL[:70]} {joined}")
    assert any("ends a line" in doubt for doubt in said(reading, Kind.DOUBTFUL)) is asks


def test_raised_numbers_are_citations_and_sunken_ones_are_not() -> None:
    def page(canvas: Canvas) -> None:
        text = canvas.beginText(72, 700)
        text.setFont("Helvetica", 10)
        text.textOut("It was seen.")
        text.setRise(4)
        text.setFont("Helvetica", 6)
        text.textOut("12,13")
        text.setRise(0)
        text.setFont("Helvetica", 10)
        text.textOut(" The CO")
        text.setRise(-2)
        text.setFont("Helvetica", 6)
        text.textOut("2")
        text.setRise(0)
        text.setFont("Helvetica", 10)
        text.textOut(" rose.")
        canvas.drawText(text)

    assert shape(read_pdf(pdf(page))) == [("paragraph", "It was seen.[12,13] The CO2 rose.")]


def test_items_have_the_depth_at_which_they_stand() -> None:
    lines = set_lines(
        (72, 700, "When all are met:"),
        (80, 685, "\u2022"),
        (94, 685, "outer"),
        (100, 670, "\u2022"),
        (114, 670, "inner that goes on"),
        (114, 658, "on a line of its own"),
        (80, 643, "\u2022"),
        (94, 643, "outer again"),
        (80, 628, "1. first"),
        (80, 613, "2. second"),
    )
    assert shape(read_pdf(pdf(both(lines, body(FILL, top=500))))) == [
        ("paragraph", "When all are met:"),
        ("item", 0, None, "outer"),
        ("item", 1, None, "inner that goes on on a line of its own"),
        ("item", 0, None, "outer again"),
        ("item", 0, 1, "first"),
        ("item", 0, 2, "second"),
        ("paragraph", FILL),
    ]


def test_letters_and_numbers_in_brackets_mark_items_only_within_a_list() -> None:
    long = FILL[:-12]
    lines = body("All of these:", f"A. {long} of it", f"B. {long} of it", "(1) first", "(2) second")
    found = shape(read_pdf(pdf(both(lines, body(FILL, top=500)))))
    assert [each[0] for each in found] == ["paragraph", "item", "item", "item", "item", "paragraph"]
    assert shape(read_pdf(pdf(body(FILL, "", "A. Smith said so."))))[1] == ("paragraph", "A. Smith said so.")


def test_a_number_where_a_line_of_text_was_broken_is_no_item() -> None:
    first = FILL[:-3] + " aged"
    assert shape(read_pdf(pdf(body(first, "12. Then more.", "", FILL)))) == [
        ("paragraph", f"{first} 12. Then more."),
        ("paragraph", FILL),
    ]


def ruled(canvas: Canvas, lefts: list[float], heights: list[float]) -> None:
    for height in heights:
        canvas.line(lefts[0], height, lefts[-1], height)
    for left in lefts:
        canvas.line(left, heights[0], left, heights[-1])


def test_a_ruled_table_keeps_its_cells_and_the_lists_in_them() -> None:
    def page(canvas: Canvas) -> None:
        ruled(canvas, [72, 200, 500], [700, 680, 600])
        set_lines(
            (76, 686, "Code"),
            (204, 686, "Words"),
            (76, 666, "A1"),
            (204, 666, "when all are met:"),
            (204, 654, "\u2022 one"),
            (220, 642, "\u2022 of one"),
            (204, 630, "\u2022 two"),
        )(canvas)

    assert shape(read_pdf(pdf(both(page, body(FILL, top=550))))) == [
        ("table", ("Code", "Words"), ("A1", "when all are met:\n• one\n◦ of one\n• two")),
        ("paragraph", FILL),
    ]


def test_a_cell_over_two_rows_or_columns_stands_in_the_first_of_them() -> None:
    def page(canvas: Canvas) -> None:
        for height in (700, 680, 640):
            canvas.line(72, height, 400, height)
        canvas.line(200, 660, 400, 660)  # parts the second row, right of the first column
        for left in (72, 400):
            canvas.line(left, 640, left, 700)
        canvas.line(200, 640, 200, 680)  # the first row is one cell
        set_lines((76, 686, "Over both"), (76, 656, "Two rows"), (204, 666, "a"), (204, 646, "b"))(canvas)

    assert shape(read_pdf(pdf(page))) == [("table", ("Over both",), ("Two rows", "a"), ("", "b"))]


def test_a_table_without_rules_is_known_by_its_columns() -> None:
    lines = set_lines(
        *((72, 700, "Date"), (200, 700, "Comments")),
        *(
            (72, 680, "01/01/24"),
            (200, 680, "New policy, that says a good deal more than"),
            (200, 668, "one line can hold."),
        ),
        *((72, 648, "07/01/24"), (200, 648, "Reviewed.")),
    )
    found = shape(read_pdf(pdf(both(lines, body(FILL, top=560)))))
    assert found == [
        (
            "table",
            ("Date", "Comments"),
            ("01/01/24", "New policy, that says a good deal more than one line can hold."),
            ("07/01/24", "Reviewed."),
        ),
        ("paragraph", FILL),
    ]


def test_where_the_first_column_stands_between_the_lines_of_another_it_is_asked_to_which_row_it_belongs() -> None:
    lines = set_lines(
        *((72, 700, "Date"), (200, 700, "Comments")),
        *(
            (200, 688, "New policy, that says a good deal more than"),
            (72, 682, "01/01/24"),
            (200, 676, "one line can hold."),
        ),
    )
    reading = read_pdf(pdf(both(lines, body(FILL, top=560))))
    assert any("which row" in doubt for doubt in said(reading, Kind.DOUBTFUL))


def test_a_giant_sign_takes_no_text_to_itself() -> None:
    giant = set_lines((60, 200, "W"), size=600)
    reading = read_pdf(pdf(both(giant, body("over", "over", "over", leading=40))))
    assert sorted("".join(reading.lines).replace(" ", "")) == sorted("Woveroverover")


def test_small_signs_on_small_signs_are_not_lost() -> None:
    def page(canvas: Canvas) -> None:
        set_lines((72, 700, "It was seen"), size=12)(canvas)
        set_lines((135, 706, "ab"), size=7)(canvas)
        set_lines((142, 710, "cd"), size=4)(canvas)

    text = "".join(read_pdf(pdf(page)).lines)
    assert sorted(each for each in text if each not in " []") == sorted("Itwasseenabcd")


def test_a_table_goes_on_over_the_page_without_its_repeated_head() -> None:
    def first(canvas: Canvas) -> None:
        ruled(canvas, [72, 200, 500], [140, 120, 100])
        set_lines((76, 126, "Code"), (204, 126, "Words"), (76, 106, "A1"), (204, 106, "one"))(canvas)

    def second(canvas: Canvas) -> None:
        ruled(canvas, [72, 200, 500], [720, 700, 680, 660])
        set_lines(
            *((76, 706, "Code"), (204, 706, "Words"), (204, 686, "and its rest"), (76, 666, "B2"), (204, 666, "two"))
        )(canvas)

    reading = read_pdf(pdf(both(first, body(FILL)), second))
    assert shape(reading) == [
        ("paragraph", FILL),
        ("table", ("Code", "Words"), ("A1", "one\nand its rest"), ("B2", "two")),
    ]
    assert "head of the table, printed again" in said(reading, Kind.LAYOUT)
    assert {line.split("\t")[0]: page for line, page in zip(reading.lines[1:], reading.pages[1:], strict=True)} == {
        "Code": 1,
        "A1": 1,
        "Code Words": 2,
        "B2": 2,
    }


def test_a_paragraph_goes_on_over_the_page_where_its_sentence_does() -> None:
    reading = read_pdf(pdf(body(FILL, FILL, top=150), body("with the rest of its sentence.", FILL)))
    assert shape(reading)[0] == ("paragraph", f"{FILL} {FILL} with the rest of its sentence.\n{FILL}")
    assert said(reading, Kind.DOUBTFUL) == []
    ended = read_pdf(pdf(body(FILL, FILL[:-1] + ".", top=150), body("Which may be a new paragraph.", FILL)))
    assert [each[0] for each in shape(ended)] == ["paragraph", "paragraph"]
    assert said(ended, Kind.DOUBTFUL) == ["this paragraph ends with its page: does the next page go on with it?"]


def test_two_columns_are_read_one_after_the_other_and_asked_about() -> None:
    left = [f"Left line {at} with words to its own edge" for at in range(10, 20)]
    right = [f"Right line {at} with words to its own edge" for at in range(10, 20)]
    reading = read_pdf(pdf(both(body(*left), body(*right, x=330))))
    text = " ".join(str(each[1]) for each in shape(reading))
    assert [text.index(each) for each in (*left, *right)] == sorted(text.index(each) for each in (*left, *right))
    assert any("two columns" in doubt for doubt in said(reading, Kind.DOUBTFUL))


def test_only_links_that_are_their_own_words_are_carried_and_others_are_reported() -> None:
    def page(canvas: Canvas) -> None:
        set_lines((72, 700, "See https://example.org/a_b now."), (72, 660, "Read the notes."))(canvas)
        canvas.linkURL("https://example.org/a_b", (92, 698, 190, 712))
        canvas.linkURL("file:///etc/passwd", (72, 658, 160, 672))

    reading = read_pdf(pdf(page))
    assert [each[1] for each in shape(reading)] == ["See https://example.org/a_b now.", "Read the notes."]
    assert said(reading, Kind.DROPPED) == ["a link to a file: address"]


def test_words_that_cannot_be_seen_or_stand_sideways_are_said_and_not_mixed_in() -> None:
    def page(canvas: Canvas) -> None:
        body(FILL)(canvas)
        canvas.drawString(5000, 700, "beyond the page")
        canvas.saveState()
        canvas.rotate(90)
        canvas.drawString(300, -40, "DRAFT")
        canvas.restoreState()

    reading = read_pdf(pdf(page))
    assert shape(reading) == [("paragraph", FILL)]
    assert reading.lines[1:] == ("DRAFT", "beyond the page")
    assert said(reading, Kind.DROPPED) == ["words that the page does not show"]
    assert said(reading, Kind.DOUBTFUL) == ["these words stand sideways on their page: are they needed?"]


def unseen(canvas: Canvas) -> None:
    text = canvas.beginText(72, 500)
    text.setFont("Helvetica", 10)
    text.setTextRenderMode(3)
    text.textOut("Words that nobody sees.")
    canvas.drawText(text)


def test_unseen_words_among_others_are_dropped_and_a_page_of_nothing_else_is_asked_about() -> None:
    reading = read_pdf(pdf(both(body(FILL, "Seen."), unseen), unseen))
    assert [each[1] for each in shape(reading)] == [f"{FILL} Seen.", "Words that nobody sees."]
    assert reading.lines[1] == "Words that nobody sees."
    assert said(reading, Kind.DROPPED) == ["words that the page does not show"]
    assert any("character recognition" in doubt for doubt in said(reading, Kind.DOUBTFUL))


def test_words_printed_over_one_another_are_asked_about() -> None:
    reading = read_pdf(pdf(set_lines((72, 700, "Covered in every case"), (74, 700, "Investigational, always"))))
    assert said(reading, Kind.DOUBTFUL) == ["signs lie over one another here: which words do they make?"]


def picture(canvas: Canvas) -> None:
    pixels = BytesIO(b"P6 2 2 255 " + bytes(12))
    canvas.drawImage(ImageReader(pixels), 72, 400, 300, 300)


@pytest.mark.parametrize("page", [picture, lambda canvas: None], ids=["picture", "empty"])
def test_a_pdf_without_text_is_refused_with_what_to_do(page: Callable[[Canvas], None]) -> None:
    with pytest.raises(Refused) as caught:
        read_pdf(pdf(page))
    assert caught.value.refusal.rule == "no-text-layer"
    assert "character recognition" in caught.value.refusal.mend


def test_a_page_without_text_among_others_is_asked_about() -> None:
    reading = read_pdf(pdf(body(FILL), picture, lambda canvas: None))
    assert said(reading, Kind.DOUBTFUL) == [
        "this page is a picture without text: what does it say?",
        "no text was found on this page: is it empty?",
    ]
    assert reading.pages == (1, 2, 3)


def test_an_encrypted_pdf_is_refused() -> None:
    with pytest.raises(Refused, match="encrypted"):
        read_pdf(pdf(body(FILL), encrypt=StandardEncryption("secret")))


def test_the_report_says_the_page_of_each_line() -> None:
    result = ingest(as_pdf("# One\n\n" + "\n\n".join(["Some words."] * 60)), "x.pdf")
    value = report_value(result.report)
    lines = value["lines"]
    assert isinstance(lines, list)
    assert {line["page"] for line in lines} == {1, 2}
    assert "page 2: " in report_text(result.report)
    assert [line.number for line in result.report.lines] == list(range(1, len(lines) + 1))
