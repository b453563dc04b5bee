"""Reading in a child process: the same answer, its limits, and what is said when it gives none."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tests.ingest.documents import SIX
from tests.ingest.media import as_docx, as_html, as_pdf, printable

from medpol.ingest import apart, ingest
from medpol.ingest.answer import Answer, Reading, Refusal, decoded, encoded
from medpol.ingest.apart import kind_of, read_apart
from medpol.ingest.blocks import Block, Part
from medpol.ingest.reading.child import answer
from medpol.ingest.reading.docx import read_docx
from medpol.ingest.reading.pdf import read_pdf

DOCUMENT = printable(SIX["three codes"])


def test_every_format_read_apart_gives_the_drafts_that_it_gives_here() -> None:
    wanted = dict(ingest(DOCUMENT.encode(), "x.md").drafts)
    for name, data in (
        ("x.md", DOCUMENT.encode()),
        ("x.html", as_html(DOCUMENT)),
        ("x.pdf", as_pdf(DOCUMENT)),
        ("x.docx", as_docx(DOCUMENT)),
    ):
        result = ingest(data, name, apart=True)
        assert result.diagnostics == ()
        assert dict(result.drafts) == wanted


def test_the_child_answers_as_the_functions_do_here() -> None:
    for kind, read, data in (("pdf", read_pdf, as_pdf(DOCUMENT)), ("docx", read_docx, as_docx(DOCUMENT))):
        assert read_apart(data, kind) == answer(read, data)


@pytest.mark.parametrize(
    ("data", "name", "kind"),
    [
        (b"%PDF-1.7\n", "x.md", "pdf"),
        (b"\n%PDF-1.7\n", "x", "pdf"),
        (b"nothing", "x.PDF", "pdf"),
        (b"A file begins with %PDF-1.7", "x.md", "text"),
        (b"nothing", "x.docx", "docx"),
        (as_docx("# x"), "x", "docx"),
        (b"PK\x03\x04zzz", "x", "text"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "x.docx", "old-word"),
        (b"# x", "x.md", "text"),
        (b"<html>", "", "text"),
    ],
)
def test_the_bytes_say_what_a_document_is_before_its_name_does(data: bytes, name: str, kind: str) -> None:
    assert kind_of(data, name) == kind


@pytest.mark.parametrize("kind", ["pdf", "docx"])
def test_damaged_documents_are_refused_with_a_mend(kind: str) -> None:
    whole = as_pdf(DOCUMENT) if kind == "pdf" else as_docx(DOCUMENT)
    for data in (b"", b"nothing", whole[: len(whole) // 2], whole[len(whole) // 2 :]):
        result = ingest(data, f"x.{kind}")
        assert [(each.source.file, each.rule) for each in result.diagnostics] == [(f"x.{kind}", "unreadable-document")]
        assert result.diagnostics[0].mend != ""


def test_the_old_word_format_is_refused_with_what_to_do() -> None:
    result = ingest(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "x.doc")
    assert [(each.rule, each.mend) for each in result.diagnostics] == [
        ("unreadable-document", "save it as .docx without a password")
    ]


PROGRAMS = {
    "forever": ("while True: pass", "reading-given-up", "processor time"),
    "memory": ("bytearray(3 << 30)", "document-too-large", "memory"),
    "depth": ("again = lambda: again()\nagain()", "document-too-large", "too deep"),
    "exit": ("import os\nos._exit(7)", "reading-given-up", "broke off with 7"),
    "flood": ("import sys\nwhile True: sys.stdout.write('x' * 65536)", "reading-given-up", "ended by signal"),
    "garbage": ("print('{}')", "reading-given-up", "no answer"),
    "write": ("open('written', 'w')", "unreadable-document", "PermissionError"),
    "read": ("open('/etc/hostname')", "unreadable-document", "PermissionError"),
    "connect": ("import socket\nsocket.socket()", "unreadable-document", "PermissionError"),
    "start": ("import subprocess\nsubprocess.run(['true'])", "unreadable-document", "PermissionError"),
    "environment": (
        "import os\nassert os.environ.get('HOME') is None\nraise KeyError",
        "unreadable-document",
        "KeyError",
    ),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_whatever_the_child_does_the_answer_is_a_refusal(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, rule, found = PROGRAMS[name]
    body = "\n".join(f"    {line}" for line in code.split("\n"))
    module = f"reading_{name}"
    (tmp_path / f"{module}.py").write_text(
        f"from medpol.ingest.reading import child\nchild.CPU_SECONDS = 1\ndef read(data):\n{body}\nchild.run(read)\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setitem(apart._PROGRAMS, "text", module)
    refusal = read_apart(b"x", "text").refusal
    assert refusal is not None
    assert refusal.rule == rule
    assert found in refusal.found
    assert refusal.mend != ""
    assert sorted(each.name for each in tmp_path.iterdir()) == [f"{module}.py"]


def test_a_reading_that_takes_too_long_is_given_up() -> None:
    refusal = read_apart(as_pdf(DOCUMENT), "pdf", seconds=0.01).refusal
    assert refusal is not None
    assert (refusal.rule, refusal.found) == ("reading-given-up", "reading it took longer than 0.01 seconds")


def test_a_document_past_the_limit_starts_no_child(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "MAXIMUM_BYTES", 10)
    monkeypatch.setattr(sys, "executable", "nowhere")
    refusal = read_apart(b"%PDF-1.7 and more", "pdf").refusal
    assert refusal is not None
    assert refusal.rule == "document-too-large"


def test_where_no_child_can_be_started_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    refusal = read_apart(b"x", "text").refusal
    assert refusal is not None
    assert "could be started" in refusal.found


def test_without_the_library_one_line_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(apart._NEEDED, "pdf", "a_library_that_nobody_has")
    result = ingest(b"%PDF-1.7", "x.pdf")
    assert [(each.rule, each.mend) for each in result.diagnostics] == [
        ("missing-library", "pip install 'medpol[ingest]'")
    ]


def test_medpol_itself_needs_no_library_for_pdf_or_docx() -> None:
    code = (
        "import sys; sys.modules['pdfminer'] = sys.modules['docx'] = sys.modules['lxml'] = None\n"
        "import medpol.cli, medpol.ingest\n"
        "print(len(medpol.ingest.ingest(b'# x', 'x.md').report.lines))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "1\n"


PART = Part("x", 1)


@pytest.mark.parametrize(
    "reading",
    [
        Reading("pdf", ("x",), (Block("picture", (PART,), lines=(1,)),), ()),
        Reading("pdf", ("x",), (Block("heading", (PART,), level=-1, lines=(1,)),), ()),
        Reading("pdf", ("x",), (Block("paragraph", (PART,), lines=(2,)),), ()),
        Reading("pdf", ("x",), (Block("paragraph", (Part("x", 0),), lines=(1,)),), ()),
        Reading("pdf", ("x",), (Block("paragraph", (Part("\x1b[2J", 1),), lines=(1,)),), ()),
        Reading("pdf", ("x",), (Block("paragraph", (), lines=(1,)),), ()),
        Reading("pdf", ("x",), (Block("table", (), lines=(1,)),), ()),
        Reading("pdf", ("x\ny",), (), ()),
        Reading("pdf", ("x",), (), (), (1, 2)),
    ],
)
def test_an_answer_that_does_not_fit_together_is_none(reading: Reading) -> None:
    with pytest.raises(ValueError, match=r"block|line|control|page"):
        decoded(encoded(Answer(reading)))


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b'{"reading": {"format": 1}}', b"\xff", b"[" * 100_000])
def test_bytes_that_are_no_answer_are_none(data: bytes) -> None:
    with pytest.raises((ValueError, RecursionError)):
        decoded(data)


def test_an_answer_survives_its_way() -> None:
    for each in (answer(read_pdf, as_pdf(DOCUMENT)), Answer(refusal=Refusal("a", "b", "c", "d"))):
        assert decoded(encoded(each)) == each
