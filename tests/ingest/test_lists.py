"""Lists as pages print them: typed labels, numbers that begin anew, joining words on lines of their own; in every format."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

import pytest
from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from reportlab.lib.utils import simpleSplit
from reportlab.pdfgen.canvas import Canvas
from tests.ingest import media
from tests.ingest.excerpts import CODE, WHEN_ALL, Excerpt
from tests.support import desk, said

from medpol.ingest import Ingested, ingest
from medpol.ingest.bullets import Bullet, placed, restart
from medpol.ingest.labels import Unit, begins, follows, label_of, proven

FACES = {"md": str.encode, "html": media.as_html, "pdf": media.as_pdf, "docx": media.as_docx}


def imported(criteria: str, face: str = "md") -> Ingested:
    result = ingest(FACES[face](Excerpt("", criteria).document), f"drums.{face}")
    assert result.diagnostics == (), [str(each) for each in result.diagnostics]
    return result


def drafted(result: Ingested) -> str:
    """The criteria of the only draft."""
    return result.drafts[-1][1].split("## Policy coverage criteria\n")[1].split("## Coding")[0].strip()


def questions(result: Ingested) -> str:
    return "\n".join(each.question for each in result.report.questions)


def answer(result: Ingested) -> str:
    return said(desk(dict(result.drafts)), code=CODE, date_of_service="2023-01-01")


def tree(*lines: str) -> str:
    """A draft that holds all of some lines."""
    return "\n\n".join((WHEN_ALL.replace("medically necessary", "**medically necessary**"), "\n".join(lines)))


# ---------------------------------------------------------------------------- labels


@pytest.mark.parametrize(
    ("text", "mark", "is_bare"),
    [
        ("1. loud", "1.", False),
        ("1) loud", "1)", False),
        ("(1) loud", "(1)", False),
        ("a) loud", "a)", False),
        ("(iv) loud", "(iv)", False),
        ("III. loud", "III.", False),
        ("2.1 loud", "2.1", True),
        ("1 loud", "1", True),
        ("a loud ear", None, True),
        ("I hear", None, True),
        ("(1 loud", None, True),
        ("12345 loud", None, True),
    ],
)
def test_a_label_is_told_from_a_word(text: str, mark: str | None, is_bare: bool) -> None:
    label = label_of(text)
    assert (label.mark if label else None) == mark
    assert label is None or label.is_bare is is_bare


@pytest.mark.parametrize(
    ("one", "other", "does"),
    [
        ("1.", "2.", True),
        ("a)", "b)", True),
        ("h)", "i)", True),
        ("i)", "ii)", True),
        ("iv.", "v.", True),
        ("1.1", "1.2", True),
        ("1.", "2)", False),
        ("1.", "3.", False),
        ("a)", "B)", False),
        ("1.2", "2.3", False),
        ("-", "-", False),
    ],
)
def test_labels_follow_one_another_in_one_dress(one: str, other: str, does: bool) -> None:
    assert follows(one, other) is does
    assert begins("1.") and begins("(a)") and begins("i.") and not begins("2.") and not begins("-")


def test_two_labels_make_a_run_and_three_mere_numbers() -> None:
    def places(*texts: str) -> list[int]:
        return sorted(proven([Unit(label_of(text)) for text in texts]))

    assert places("1) loud", "2) low") == [0, 1]
    assert places("1 loud", "2 low") == []
    assert places("1 loud", "2 low", "3 flat") == [0, 1, 2]
    assert places("1 loud", "a) high", "b) low", "2 flat", "3 sharp") == [0, 1, 2, 3, 4]
    assert places("2) loud", "3) low") == []


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize(
    "labels",
    [
        ("1", "2", "3"),
        ("1.", "2.", "3."),
        ("1)", "2)", "3)"),
        ("(1)", "(2)", "(3)"),
        ("a)", "b)", "c)"),
        ("(a)", "(b)", "(c)"),
        ("i.", "ii.", "iii."),
        ("(i)", "(ii)", "(iii)"),
        ("I.", "II.", "III."),
        ("A.", "B.", "C."),
    ],
    ids=str,
)
def test_typed_labels_that_run_list_their_lines(labels: Sequence[str], face: str) -> None:
    words = ("loud ears", "quiet hands", "warm feet")
    typed = "\n\n".join(f"{label} {each}" for label, each in zip(labels, words, strict=True))
    assert drafted(imported(f"{WHEN_ALL}\n\n{typed}", face)) == tree(*(f"- {each}" for each in words))


@pytest.mark.parametrize("face", FACES)
def test_a_number_that_may_be_a_quantity_is_asked_about_and_holds_the_statement(face: str) -> None:
    result = imported(f"{WHEN_ALL}\n\n- loud ears\n- quiet hands\n\n2 drums failed", face)
    assert "'2 drums failed' begins with a label that no other line shows to be one" in questions(result)
    assert "- the conditions that the criteria list elsewhere are met" in drafted(result)


def test_typed_lists_lie_below_the_line_before_them() -> None:
    lines = "1 loud ears\n\n2 any of the following:\n\na) left\n\nb) right\n\n3 warm feet"
    nested = ("- loud ears", "- any of the following:", "  - left", "  - right", "- warm feet")
    assert drafted(imported(f"{WHEN_ALL}\n\n{lines}")) == tree(*nested)


LONG = "the hearing is better by twenty parts in a hundred as told by the bell test that was done within a year before the request"


def printed(*rows: tuple[float, str, str], gap: float = 14) -> bytes:
    """A page with labels and, some way behind each, words that run over the line."""
    target = BytesIO()
    canvas = Canvas(target, (612, 792), invariant=1)
    y = 740.0
    heads = ("Tin Drums", "Policy Number: TD-12", "Effective Date: March 4, 2022", "Coverage Rationale")
    for text in heads:
        canvas.setFont(
            "Helvetica-Bold" if text in (heads[0], heads[3]) else "Helvetica", 14 if text == heads[3] else 10
        )
        canvas.drawString(72, y, text)
        y -= 24
    for x, label, text in ((72.0, "", WHEN_ALL), *rows):
        canvas.setFont("Helvetica", 10)
        if label:
            canvas.drawString(x, y, label)
        for line in simpleSplit(text, "Helvetica", 10, 540 - x - gap):
            canvas.drawString(x + gap * bool(label), y, line)
            y -= 13
    canvas.save()
    return target.getvalue()


@pytest.mark.parametrize("gap", [8, 14, 36])
def test_numbers_without_a_dot_list_the_lines_of_a_printed_page(gap: float) -> None:
    rows = [(72.0, "1", LONG), (72.0, "2", LONG.replace("hearing", "smell")), (72.0, "3", "warm feet")]
    result = ingest(printed(*rows, gap=gap), "drums.pdf")
    assert drafted(result) == tree(*(f"- {text}" for _, _, text in rows))


def test_a_printed_list_keeps_the_list_within_it() -> None:
    rows = [(72.0, "1", LONG), (72.0, "2", "any of the following:"), (100.0, "a)", "left"), (100.0, "b)", "right"), (72.0, "3", "warm feet")]  # fmt: skip
    result = ingest(printed(*rows), "drums.pdf")
    nested = (f"- {LONG}", "- any of the following:", "  - left", "  - right", "- warm feet")
    assert drafted(result) == tree(*nested)


# ---------------------------------------------------------------------------- numbers that begin anew


RESTARTS = {
    "behind OR": (
        "1. loud ears\n2. quiet hands\n\nOR\n\n1. three feet\n2. two tails",
        "(1) one list, which goes on: loud ears; quiet hands OR three feet; two tails; "
        "(2) a new list begins below 'quiet hands': loud ears; quiet hands, and below that: three feet; two tails; "
        "(3) one group or another: (loud ears and quiet hands) or (three feet and two tails)",
    ),
    "behind a sublist": (
        "1. loud ears\n2. quiet hands\n    - left\n    - right\n\n1. three feet\n2. two tails",
        "(1) one list, which goes on: loud ears; quiet hands (left; right); three feet; two tails; "
        "(2) a new list begins below 'right': loud ears; quiet hands (left; right), and below that: three feet; two tails",
    ),
    "behind a sublist and OR": (
        "1. loud ears\n2. any of the following:\n    - left\n    - right\n\nOR\n\n1. three feet\n2. two tails",
        "(1) one list, which goes on: loud ears; any of the following (left; right) OR three feet; two tails",
    ),
    "behind dashes": (
        "1. loud ears\n2. quiet hands\n\nAND\n\n1. three feet\n2. two tails",
        "(1) one list, which goes on: loud ears; quiet hands AND three feet; two tails",
    ),
}


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("name", RESTARTS)
def test_numbers_that_begin_anew_are_one_question_with_both_readings(name: str, face: str) -> None:
    listed, readings = RESTARTS[name]
    result = imported(f"{WHEN_ALL}\n\n{listed}", face)
    assert "begins its numbers anew" in questions(result) and readings in questions(result)
    assert drafted(result).count("\n- ") == 1
    assert all(words in drafted(result) for words in ("loud ears", "three feet", "two tails"))
    assert answer(result).startswith("information_needed")


def numbered(*lines: tuple[int, int, str] | str) -> bytes:
    """A DOCX whose items are numbered by Word: number of the list, level and words; a plain string is a paragraph."""
    document = Document()
    levels = "".join(
        f'<w:lvl w:ilvl="{at}"><w:start w:val="1"/><w:numFmt w:val="{kind}"/><w:lvlText w:val="%{at + 1}."/></w:lvl>'
        for at, kind in enumerate(("decimal", "lowerLetter"))
    )
    anew = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride>'
    lists = document.part.numbering_part.element
    lists.insert(0, parse_xml(f'<w:abstractNum {nsdecls("w")} w:abstractNumId="90">{levels}</w:abstractNum>'))
    for number, more in ((91, ""), (92, anew)):
        xml = f'<w:num {nsdecls("w")} w:numId="{number}"><w:abstractNumId w:val="90"/>{more}</w:num>'
        lists.append(parse_xml(xml))
    for text in ("Tin Drums", "Policy Number: TD-12", "Effective Date: March 4, 2022"):
        document.add_paragraph(text)
    document.add_heading("Coverage Rationale", 1)
    for line in lines:
        paragraph = document.add_paragraph(line if isinstance(line, str) else line[2])
        if not isinstance(line, str):
            place = f'<w:numPr {nsdecls("w")}><w:ilvl w:val="{line[1]}"/><w:numId w:val="{line[0]}"/></w:numPr>'
            paragraph._p.get_or_add_pPr().append(parse_xml(place))
    target = BytesIO()
    document.save(target)
    return target.getvalue()


@pytest.mark.parametrize("word", ["", "OR", "AND"])
@pytest.mark.parametrize("level", [0, 1])
def test_words_own_numbers_that_begin_anew_are_asked_at_whatever_depth(level: int, word: str) -> None:
    lines: list[tuple[int, int, str] | str] = [WHEN_ALL, (91, 0, "loud ears"), (91, 0, "any of the following:")]
    lines += [(91, 1, "left"), (91, 1, "right"), *([word] if word else []), (92, level, "three feet"), (92, level, "two tails")]  # fmt: skip
    result = ingest(numbered(*lines), "drums.docx")
    assert "begins its numbers anew: (1) one list, which goes on: loud ears" in questions(result)
    assert "and below that: three feet; two tails" in questions(result)
    assert drafted(result).count("\n- ") == 1


def test_a_list_that_goes_on_behind_a_lone_word_is_one_list() -> None:
    result = ingest(numbered(WHEN_ALL, (91, 0, "loud ears"), "AND", (91, 0, "quiet hands")), "drums.docx")
    assert drafted(result) == tree("- loud ears", "- quiet hands")


def test_letters_begin_anew_as_numbers_do() -> None:
    marks = ("a.", "b.", "a.", "b.")
    assert restart([Bullet(mark, 0, mark) for mark in marks]) == 2
    assert restart([Bullet(mark, 0, mark) for mark in ("h.", "i.", "j.")]) is None


# ---------------------------------------------------------------------------- joining words


@pytest.mark.parametrize(
    ("listed", "place"),
    [
        ("- loud ears\n- OR\n- quiet hands", "OR stands alone between 'loud ears' and 'quiet hands'"),
        ("- loud ears\n\nOR\n\n- quiet hands", "OR stands alone between 'loud ears' and 'quiet hands'"),
        ("- loud ears\n- quiet hands\n- AND", "AND stands alone behind 'quiet hands'"),
        ("- OR\n- loud ears\n- quiet hands", "OR stands alone before 'loud ears'"),
        ("- loud ears\n- any of the following:\n    - left\n    - right\n    - OR\n- warm feet", "OR stands alone between 'right' and 'warm feet'"),
        ("- AND\n- OR", "stand AND, OR alone: which lines do they join"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("face", FACES)
def test_a_question_shows_the_joining_words_and_their_place(listed: str, place: str, face: str) -> None:
    result = imported(f"{WHEN_ALL}\n\n{listed}", face)
    assert place in questions(result)
    assert answer(result).startswith("information_needed")


def test_no_line_behind_a_joining_word_is_lost() -> None:
    page = (
        "<h1>Tin Drums</h1><p>Policy Number: TD-12</p><p>Effective Date: March 4, 2022</p><h2>Coverage Rationale</h2>"
        f"<p>{WHEN_ALL}</p><ul><li>loud ears</li><li>any of the following:<ul><li>left</li></ul></li></ul><p>OR</p>"
        "<ul><ul><li>right</li></ul></ul>"
    )
    nested = ("- loud ears", "- any of the following:", "  - left", "  - right")
    assert drafted(ingest(page.encode(), "drums.html")) == tree(*nested)


def test_a_joining_word_stands_at_the_depth_of_what_it_joins() -> None:
    def depths(*lines: tuple[str, int]) -> list[tuple[int, bool]]:
        return [(each.depth, each.is_loose) for each in placed([Bullet(*line) for line in lines]) if each.joining]

    assert depths(("a", 0), ("or", -1), ("b", 0)) == [(0, False)]
    assert depths(("a", 1), ("or", -1), ("b", 1)) == [(1, False)]
    assert depths(("a", 1), ("or", -1), ("b", 0)) == [(0, False)]
    assert depths(("a", 0), ("or", -1), ("b", 1)) == [(0, True)]
    assert depths(("a", 1), ("or", 1), ("b", 0)) == [(0, True)]
    assert depths(("a", 1), ("or", 0), ("b", 1)) == [(1, True)]
    assert depths(("or", -1), ("a", 0)) == [(0, True)]
