"""``medpol ingest``: a published document to a library, with its report."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cli.running import run
from tests.ingest.documents import NOTICE_PENDING
from tests.support import files_of


def published(folder: Path) -> Path:
    path = folder / "published.md"
    path.write_text(NOTICE_PENDING.replace("⇥", "\t"), encoding="utf-8")
    return path


def test_the_drafts_make_a_library_that_answers(tmp_path: Path) -> None:
    ran = run("ingest", published(tmp_path), "--out", tmp_path / "library")
    assert ran.code == 0, ran.talk
    assert sorted(files_of(tmp_path / "library")) == [
        "2.05.010/2025-01-01.md",
        "2.05.010/2025-07-03.md",
        "facts.md",
    ]
    assert ran.text.startswith("published.md: ")
    assert "Taken\n" in ran.text
    assert "3 files" in ran.talk
    assert run("check", tmp_path / "library").code == 0
    assert run("list", "--policies", tmp_path / "library").code == 0


def test_the_report_is_also_json_and_the_publisher_may_be_named(tmp_path: Path) -> None:
    given = ("ingest", published(tmp_path), "--out", tmp_path / "library", "--publisher", "premera", "--format", "json")
    report = run(*given).json
    assert report["publisher"] == "premera"
    assert {"source", "counts", "drafts", "questions", "lines"} <= set(report)
    assert {"line", "kind", "what"} <= set(report["lines"][0])
    again = run(*given)
    assert (again.code, again.json) == (0, report)


def test_what_cannot_be_taken_over_leaves_no_file_and_no_report(tmp_path: Path) -> None:
    (tmp_path / "letter.md").write_text("# A letter\n\nDear all.\n")
    ran = run("ingest", tmp_path / "letter.md", "--out", tmp_path / "library")
    assert (ran.code, ran.data) == (4, b"")
    assert "publisher-not-recognised" in ran.talk
    assert not (tmp_path / "library").exists()


def test_a_version_that_a_person_has_changed_is_never_written_over(tmp_path: Path) -> None:
    given = ("ingest", published(tmp_path), "--out", tmp_path / "library")
    run(*given)
    changed = tmp_path / "library/2.05.010/2025-01-01.md"
    changed.write_text(changed.read_text() + "\nmine\n")
    before = files_of(tmp_path / "library")
    ran = run(*given)
    assert (ran.code, ran.data) == (4, b"")
    assert "2.05.010/2025-01-01.md" in ran.talk
    assert files_of(tmp_path / "library") == before


def test_a_file_or_a_publisher_that_is_not_there_ends_with_3(tmp_path: Path) -> None:
    assert run("ingest", tmp_path / "nothing.md", "--out", tmp_path / "library").code == 3
    ran = run("ingest", published(tmp_path), "--out", tmp_path / "library", "--publisher", "premira")
    assert (ran.code, ran.data) == (3, b"")
    assert "premera" in ran.talk


def test_without_a_folder_to_write_to_the_command_is_not_understood(tmp_path: Path) -> None:
    ran = run("ingest", published(tmp_path))
    assert (ran.code, ran.data) == (2, b"")


def test_a_folder_that_cannot_be_written_to_ends_with_74(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    document = published(tmp_path)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    ran = run("ingest", document, "--out", tmp_path / "library")
    assert (ran.code, ran.data) == (74, b"")
    assert "writing failed" in ran.talk
