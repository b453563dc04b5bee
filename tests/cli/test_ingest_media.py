"""``medpol ingest`` of PDF and DOCX, and of what is neither."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cli.running import run
from tests.ingest.documents import NOTICE_PENDING
from tests.ingest.media import as_docx, as_pdf, printable
from tests.support import files_of

from medpol.ingest import apart

DOCUMENT = printable(NOTICE_PENDING.replace("⇥", "\t"))


def test_the_same_library_comes_from_markdown_pdf_and_docx(tmp_path: Path) -> None:
    made = []
    for name, data in (("x.md", DOCUMENT.encode()), ("x.pdf", as_pdf(DOCUMENT)), ("x.docx", as_docx(DOCUMENT))):
        (tmp_path / name).write_bytes(data)
        out = tmp_path / f"from {name}"
        ran = run("ingest", tmp_path / name, "--out", out)
        assert ran.code == 0, ran.talk
        made.append(files_of(out))
    assert made[0] == made[1] == made[2] != {}
    assert "page 1: " in run("ingest", tmp_path / "x.pdf", "--out", tmp_path / "again").text


@pytest.mark.parametrize("name", ["x.pdf", "x.docx", "x.doc"])
def test_a_damaged_document_is_refused_by_name_with_a_mend_and_nothing_is_written(tmp_path: Path, name: str) -> None:
    magic = {"x.pdf": b"%PDF-1.7\n", "x.docx": b"PK\x03\x04", "x.doc": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"}[name]
    (tmp_path / name).write_bytes(magic + bytes(range(256)) * 40)
    ran = run("ingest", tmp_path / name, "--out", tmp_path / "library")
    assert (ran.code, ran.data) == (4, b"")
    assert f"{name}:1:1: error [unreadable-document]" in ran.talk
    assert "mend: " in ran.talk
    assert "Traceback" not in ran.talk
    assert not (tmp_path / "library").exists()


def test_without_the_libraries_the_command_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(apart._NEEDED, "pdf", "a_library_that_nobody_has")
    (tmp_path / "x.pdf").write_bytes(as_pdf(DOCUMENT))
    ran = run("ingest", tmp_path / "x.pdf", "--out", tmp_path / "library")
    assert (ran.code, ran.data) == (2, b"")
    assert "pip install 'medpol[ingest]'" in ran.talk
