"""The ``.pdf`` twins: what stands on each of their pages, what they may read, and what happens where none can be made."""

from __future__ import annotations

import io
import re
import socket
from pathlib import Path

import pytest
from pdfminer.high_level import extract_pages
from pdfminer.layout import LTTextContainer
from pdfminer.pdfdocument import PDFDocument
from pdfminer.pdfpage import PDFPage
from pdfminer.pdfparser import PDFParser
from pdfminer.pdftypes import resolve1
from tests.support import EXAMPLES, policy
from tests.web.portal import TODAY, Tags, portal, portal_of

from medpol.library import SHIPPED
from medpol.web.assets import Assets
from medpol.web.printing import LARGEST_PAGE, Press
from medpol.web.problems import Refused

PRINTED = {
    "/policies/2.01.100": "Dry Needling of Trigger Points",
    "/policies/2.01.100/history": "1,376 days",
    "/policies/2.01.100/compare?from=2019-07-01&to=2023-12-07": "What it means",
    "/codes/CPT/20560": "One policy in force names it",
    "/calendar": "Calendar",
    "/policies": "Dry Needling",
    "/changes": "newest first",
}
CASE = {"code": "20560", "line_of_business": "commercial", "diagnoses": ["M79.18"], "age": "44 years"}


def as_pdf(address: str) -> str:
    path, mark, query = address.partition("?")
    return f"{path}.pdf{mark}{query}"


def texts(pdf: bytes) -> list[str]:
    """The words of each page, white space evened out."""
    return [
        " ".join(" ".join(box.get_text() for box in page if isinstance(box, LTTextContainer)).split())
        for page in extract_pages(io.BytesIO(pdf))
    ]


def links(pdf: bytes) -> set[str]:
    """The addresses that lead out of it."""
    notes = [resolve1(note) for page in PDFPage.get_pages(io.BytesIO(pdf)) for note in resolve1(page.annots) or ()]
    acts = [resolve1(note["A"]) for note in notes if "A" in note]
    return {act["URI"].decode() for act in acts if "URI" in act}


@pytest.mark.parametrize("address", PRINTED)
def test_each_page_of_a_pdf_says_its_days_its_hash_and_its_number(address: str) -> None:
    with portal() as held:
        answer = held.get(as_pdf(address))
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
        assert answer.headers["etag"] == held.get(address).headers["etag"]
        pages = texts(answer.content)
        assert PRINTED[address] in " ".join(pages)
        for number, text in enumerate(pages, 1):
            assert f"Page {number} of {len(pages)}" in text
            assert f"for care on {TODAY}, as known on {TODAY}" in text
            assert re.search(r"sha256 [0-9a-f]{64}", text), text
        assert "Search" not in pages[0] and "Change dates" not in pages[0] and "Compact" not in pages[-1]


def test_the_foot_of_a_policy_names_the_version_that_is_shown_and_its_content() -> None:
    with portal() as held:
        shown = held.get("/policies/2.01.100.json?date_of_service=2021-03-14").json()["text"]
        pages = texts(held.get("/policies/2.01.100.pdf?date_of_service=2021-03-14").content)
        assert shown["version"] == "2020-01-01"
        assert all("version of 2020-01-01" in each and f"sha256 {shown['content_hash']}" in each for each in pages)
        assert "No version was in force on 14 March 2021" in pages[0]


def test_a_pdf_is_tagged_for_who_hears_it_and_the_same_page_gives_the_same_bytes() -> None:
    with portal() as held, portal() as other:
        made = held.get("/codes/CPT/20560.pdf").content
        assert made == other.get("/codes/CPT/20560.pdf").content
    document = PDFDocument(PDFParser(io.BytesIO(made)))
    catalog = document.catalog
    assert resolve1(catalog["MarkInfo"])["Marked"] and resolve1(catalog["StructTreeRoot"])
    assert catalog["Lang"] == b"en" and resolve1(catalog["ViewerPreferences"])["DisplayDocTitle"]
    assert b"pdfuaid" in resolve1(catalog["Metadata"]).get_data()


def test_contents_stand_in_a_pdf_and_what_is_folded_on_a_screen_is_open() -> None:
    with portal(EXAMPLES) as held:
        words = " ".join(texts(held.get("/policies/EX-2.02.001.pdf").content))
        assert re.search(r"Contents Introduction", words)
        assert "count(sessions of injection, rolling 12 months before) = 0" in words


def test_links_stand_under_the_address_of_the_site_or_are_words() -> None:
    with portal(address="https://policies.example.org") as held:
        made = held.get("/policies/2.01.100.pdf?date_of_service=2024-08-01&known_on=2026-11-01").content
        assert "https://policies.example.org/codes/CPT/20560?date_of_service=2024-08-01&known_on=2026-11-01" in links(
            made
        )
        assert "https://policies.example.org/policies/2.01.100?date_of_service=2024-08-01" in texts(made)[0].replace(
            " ", ""
        )
    with portal() as held:
        found = links(held.get("/policies/2.01.100.pdf?date_of_service=2024-08-01").content)
        assert found and all(each.startswith("https://") and "medpol.invalid" not in each for each in found)


def test_nothing_is_read_but_our_own_style_sheet_and_fonts(tmp_path: Path) -> None:
    secret = tmp_path / "secret.svg"
    secret.write_text("<svg xmlns='http://www.w3.org/2000/svg'><text>PLANTED</text></svg>")
    with socket.create_server(("127.0.0.1", 0)) as network:
        network.settimeout(0.2)
        outside = f"http://127.0.0.1:{network.getsockname()[1]}/"
        html = (
            f"<html lang=en><title>x</title><link rel=stylesheet href='{outside}a.css'><style>@import '{secret.as_uri()}';"
            f"@font-face{{font-family:f;src:url({outside}f.woff2)}} p{{font-family:f;background:url({secret.as_uri()})}}</style>"
            f"<link rel=attachment href='{secret.as_uri()}'><a rel=attachment href='{outside}'>a</a>"
            f"<img src='{secret.as_uri()}'><img src='{outside}b.png'><object data='{secret.as_uri()}'></object>"
            f"<svg><image href='{secret.as_uri()}'/></svg><embed src='/etc/passwd'><p>words</p></html>"
        )
        for site in ("", outside.rstrip("/"), tmp_path.as_uri()):
            made = Press(Assets(), site, can_print=True).pdf(html, is_private=False)
            assert "words" in texts(made)[0] and "PLANTED" not in texts(made)[0]
            assert b"EmbeddedFile" not in made
        with pytest.raises(TimeoutError):
            network.accept()


def test_hostile_text_of_documents_stays_words_in_a_pdf(tmp_path: Path) -> None:
    evil = "<img src=file:///etc/passwd> <style>*{display:none}</style>"
    text = policy().replace("title: Needles", f"title: '{evil}'") + f"\n## Description\n\n{evil}\n"
    with portal_of(tmp_path, {"facts.md": "", "EX-1/2024-05-01.md": text}) as held:
        words = " ".join(texts(held.get("/policies/EX-1.pdf").content))
        assert words.count("<style>*{display:none}</style>") >= 2 and "root:" not in words


def test_the_pdf_of_a_determination_opens_for_who_asked_and_is_never_kept() -> None:
    with portal() as held:
        asked = held.client.post("/api/determinations", json=CASE)
        address = asked.headers["location"] + ".pdf"
        cookie = asked.headers["set-cookie"].partition(";")[0]
        held.client.cookies.clear()
        answer = held.get(address, cookie=cookie)
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
        assert "etag" not in answer.headers
        pages = texts(answer.content)
        assert "44 years" in " ".join(pages)
        assert all("version of 2024-07-01 · sha256 " in each for each in pages)
        assert held.get(address).status_code == 404
        held.later(minutes=31)
        assert held.get(address, cookie=cookie).status_code == 404
        page = held.client.post(
            "/coverage", data={"code": "20560", "line_of_business": "commercial", "f.age": "=", "v.age": "44 years"}
        )
        assert any(link.endswith(".pdf") for link in Tags(page.text).links())


def test_where_no_pdf_can_be_made_none_is_offered_and_the_address_says_why() -> None:
    with portal(can_print=False) as held:
        asked = held.client.post("/api/determinations", json=CASE)
        cookie = asked.headers["set-cookie"].partition(";")[0]
        for address in (*PRINTED, asked.headers["location"]):
            page = held.get(address, cookie=cookie)
            assert page.status_code == 200 and ".pdf" not in page.text, address
            refused = held.get(as_pdf(address), cookie=cookie)
            assert (refused.status_code, refused.headers["content-type"]) == (501, "text/html; charset=utf-8")
            assert "medpol[pdf]" in refused.text and refused.headers["cache-control"] == "no-store"
        assert "medpol[pdf]" in held.get("/changes.pdf", accept="application/json").json()["mend"]
    with portal() as held:
        assert "/changes.pdf" in Tags(held.get("/changes").text).links()
        assert held.get("/search.pdf?q=needling").status_code == 404


def test_a_page_that_is_too_long_is_refused_before_it_is_laid_out() -> None:
    with pytest.raises(Refused) as refused:
        Press(Assets(), can_print=True).pdf("x" * (LARGEST_PAGE + 1), is_private=False)
    assert refused.value.problem.status == 413


def test_only_so_many_wait_for_the_press_and_the_next_one_is_told_when_to_come_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("medpol.web.printing.SECONDS", 0.0)
    press = Press(Assets(), can_print=True)
    long = f"<html lang=en><title>x</title>{'<p>words</p>' * 500}</html>"
    with pytest.raises(Refused) as refused:
        for _ in range(2):
            press.pdf(long, is_private=True)
    assert (refused.value.problem.status, refused.value.problem.headers) == (503, {"Retry-After": "10"})
    monkeypatch.setattr("medpol.web.printing.SECONDS", 60.0)
    assert press.pdf(long, is_private=True).startswith(b"%PDF")


def test_what_is_shipped_prints_whole() -> None:
    with portal(SHIPPED) as held:
        words = " ".join(texts(held.get("/policies/2.01.100.pdf?date_of_service=2024-08-01").content))
        for heading in ("Policy coverage criteria", "Evidence review", "Clinical trials", "References", "Disclaimer"):
            assert heading in words
