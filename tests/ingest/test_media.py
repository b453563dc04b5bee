"""The same document as Markdown, web page, PDF and DOCX: the same drafts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from io import BytesIO
from pathlib import Path

import pytest
from pdfminer.high_level import extract_text
from tests.ingest.documents import SIX
from tests.ingest.media import RUNNING, as_docx, as_html, as_pdf, blocks, printable

from medpol.ingest import Ingested, Kind, ingest
from medpol.ingest.door import ingest_reading
from medpol.ingest.reading.docx import read_docx
from medpol.ingest.reading.pdf import read_pdf

SEED = Path(__file__).resolve().parents[3] / "shared" / "seed" / "dry-needling-2.01.100-as-published.md"


def from_pdf(markdown: str) -> Ingested:
    data = as_pdf(markdown)
    return ingest_reading(data, "x.md", read_pdf(data))


def from_pdf_without_lines(markdown: str) -> Ingested:
    data = as_pdf(markdown, ruled=False)
    return ingest_reading(data, "x.md", read_pdf(data))


def from_small_pdf(markdown: str) -> Ingested:
    data = as_pdf(markdown, size=8)
    return ingest_reading(data, "x.md", read_pdf(data))


def from_docx(markdown: str) -> Ingested:
    data = as_docx(markdown)
    return ingest_reading(data, "x.md", read_docx(data))


def from_html(markdown: str) -> Ingested:
    return ingest(as_html(markdown), "x.html")


MEDIA = (from_pdf, from_pdf_without_lines, from_small_pdf, from_docx, from_html)


@pytest.mark.parametrize("name", SIX)
@pytest.mark.parametrize("medium", MEDIA)
def test_a_document_gives_the_same_drafts_in_every_medium(medium: Callable[[str], Ingested], name: str) -> None:
    markdown = printable(SIX[name])
    result = medium(markdown)
    assert result.diagnostics == ()
    assert dict(result.drafts) == dict(ingest(markdown.encode(), "x.md").drafts) != {}
    assert not any("not read" in said for line in result.report.lines for said in line.what)


@pytest.mark.skipif(not SEED.exists(), reason="the published document is not beside this repository")
@pytest.mark.parametrize("medium", MEDIA[:4])
def test_the_published_document_gives_the_same_drafts_in_every_medium(medium: Callable[[str], Ingested]) -> None:
    markdown = printable(SEED.read_text(encoding="utf-8"))
    assert dict(medium(markdown).drafts) == dict(ingest(markdown.encode(), "x.md").drafts) != {}


def words_of(texts: Iterable[str]) -> Counter[str]:
    """Words as often as they stand there; signs that only mark an item or a break are none."""
    return Counter(word for text in texts for word in text.split() if any(each.isalnum() for each in word))


@pytest.mark.parametrize("name", SIX)
def test_every_word_of_the_medium_is_in_one_line_of_the_report(name: str) -> None:
    markdown = printable(SIX[name])
    put = words_of(
        "".join(f"[{piece.text}]" if piece.raised else piece.text for piece in line)
        for block in blocks(markdown)
        for line in ((*block.lines, *(cell for row in block.rows for cell in row)))
    )
    put += words_of(block.mark for block in blocks(markdown))
    result = from_docx(markdown)
    assert words_of(line.text for line in result.report.lines) == put + words_of((RUNNING, "Page 1"))
    result = from_pdf(markdown)
    running = ("a line that runs on the pages", "head of the table, printed again")
    assert words_of(line.text for line in result.report.lines if not set(running) & set(line.what)) == put


def signs_of(text: str) -> Counter[str]:
    """Signs as often as they stand there, without spaces, brackets and what only marks a break."""
    return Counter(each for each in text if not each.isspace() and each not in "[]⏎")


@pytest.mark.parametrize("ruled", [True, False], ids=["ruled", "without lines"])
@pytest.mark.parametrize("name", SIX)
def test_no_sign_of_a_page_is_lost_or_said_twice(name: str, ruled: bool) -> None:
    data = as_pdf(printable(SIX[name]), ruled=ruled)
    drawn = extract_text(BytesIO(data)).replace("(cid:127)", "•")
    assert signs_of("".join(read_pdf(data).lines)) == signs_of(drawn)


def test_running_headers_and_page_numbers_are_layout_on_every_page() -> None:
    markdown = printable(SIX["no trials"] + "\n\n".join(["Lamps are lit at night."] * 60))
    result = from_pdf(markdown)
    layout = [(line.page, line.text) for line in result.report.lines if line.kind is Kind.LAYOUT]
    pages = {page for page, _ in layout}
    assert len(pages) > 1
    for page in pages:
        assert (page, " ".join(RUNNING.split())) in layout
        assert (page, f"Page {page}") in layout
