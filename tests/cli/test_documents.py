"""``medpol check``, ``fmt`` and ``test``: over a library, a policy's folder, one file."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest
from tests.cli.running import NEWEST, Ran, copied, edited, run, run_apart
from tests.support import EXAMPLES, files_of, policy

from medpol.library import SHIPPED

KEYS = ("file", "line", "column", "severity", "rule", "found", "expected", "mend", "near", "subject", "superseded")
CASES = "2.01.100/cases.md"


def test_what_ships_has_warnings_and_no_errors() -> None:
    for arguments in ((), (SHIPPED,), (EXAMPLES,)):
        ran = run("check", *arguments, "--format", "json")
        assert ran.code == 0, ran.talk
        assert all(each["severity"] != "error" for each in ran.json)


def test_a_finding_in_json_has_these_keys_and_stands_in_order(tmp_path: Path) -> None:
    root = edited(copied(tmp_path), NEWEST, "effective: 2024-07-01", "effective: 2024-02-30")
    ran = run("check", root, "--format", "json")
    assert ran.code == 1
    assert all(tuple(each) == KEYS for each in ran.json)
    places = [(each["file"], each["line"], each["column"]) for each in ran.json]
    assert places == sorted(places)
    (error,) = [each for each in ran.json if each["severity"] == "error"]
    assert (error["file"], error["line"], error["column"], error["rule"]) == (NEWEST, 6, 12, "bad-date")


def test_a_finding_for_a_person_stands_under_its_file_errors_first(tmp_path: Path) -> None:
    root = edited(copied(tmp_path), NEWEST, "publisher: Premera", "publishr: Premera")
    ran = run("check", root)
    assert ran.code == 1
    assert ran.text.startswith(f"{NEWEST}\n  4:1     error [unknown-key]")
    assert "mend: write 'publisher'" in ran.text
    assert "1 error" in ran.talk


def test_clean_is_said(tmp_path: Path) -> None:
    ran = run("check", EXAMPLES)
    assert ran.code == 0
    # of the invented studies two are meant to be found: a letter on the patients of a trial
    assert re.findall(r"\[([a-z-]+)\]", ran.text) == ["duplicate-publication", "cited-study-superseded"]
    assert ran.text.endswith("\n6 findings allowed, with a reason (--all shows them)\n")
    clean = run("check", EXAMPLES / "EX-5.01.010")
    assert clean.data == b""
    assert "clean" in clean.talk


def test_one_document_or_one_policy_is_checked_against_the_library_it_stands_in(tmp_path: Path) -> None:
    root = edited(copied(tmp_path), NEWEST, "publisher: Premera", "publishr: Premera")
    edited(root, "plans.md", "| example-commercial-rider | commercial |", "| example-commercial-rider | comercial |")
    assert {each["file"] for each in run("check", root / NEWEST, "--format", "json").json} == {NEWEST}
    folder = {each["file"] for each in run("check", root / "2.01.100", "--format", "json").json}
    assert NEWEST in folder
    assert "plans.md" not in folder
    assert run("check", root / "2.01.100/2019-01-01.md").code == 0
    assert {each["file"] for each in run("check", root / "plans.md", "--format", "json").json} == {"plans.md"}
    taught = EXAMPLES / "EX-2.02.001/2024-05-01.md"  # its facts stand in the library's facts.md
    assert run("check", taught).code == 0


def test_a_place_is_found_from_inside_it_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = edited(copied(tmp_path), "2.01.100/2024-07-01.md", "## Coding", "## CODING")
    monkeypatch.chdir(root / "2.01.100")
    assert run("test", ".").talk.startswith("39 cases")
    assert run("check", "2024-07-01.md").code == 0
    assert run("fmt", "--check", "2024-07-01.md").text == "2024-07-01.md\n"
    monkeypatch.chdir(root)
    assert run("test", "2.01.100").talk.startswith("39 cases")
    assert run("check", ".").code == 0


def test_a_document_outside_any_library_is_read_alone(tmp_path: Path) -> None:
    path = tmp_path / "2024-05-01.md"
    path.write_text(policy().replace("title:", "titel:"))
    ran = run("check", path, "--format", "json")
    assert ran.code == 1
    assert "unknown-key" in {each["rule"] for each in ran.json}


@pytest.mark.parametrize("command", ["check", "fmt", "test"])
@pytest.mark.parametrize("name", ["README.md", "2.01.100/2024-07-01.MD", "2.01.100/notes.txt", "medpol.yaml"])
def test_a_file_that_is_no_document_ends_with_3_and_what_was_expected(command: str, name: str, tmp_path: Path) -> None:
    for root in (copied(tmp_path), tmp_path / "elsewhere"):  # in a library and outside any
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("# Notes\n")
        ran = run(command, path)
        assert (ran.code, ran.data) == (3, b"")
        assert "is no document of a library; expected a version named by its first day" in ran.talk
        assert path.read_text() == "# Notes\n"


def test_a_document_whose_name_is_a_misspelled_day_is_still_one(tmp_path: Path) -> None:
    path = copied(tmp_path) / "2.01.100/2024-7-1.md"
    path.write_text(policy())
    assert "bad-file-name" in run("check", path).text


def test_worked_cases_are_checked_where_they_are_named(tmp_path: Path) -> None:
    root = copied(tmp_path)
    assert run("check", root / CASES).talk == "1 document: clean\n"
    edited(root, CASES, "| 20562 | | 2024-07-01 | | commercial |", "| 20562 | | 2024-07-01 | today | comm |")
    ran = run("check", root / CASES)
    assert (ran.code, "no-today" in ran.text) == (1, True)


@pytest.mark.parametrize("command", ["check", "fmt", "test"])
def test_a_folder_without_a_library_says_what_was_looked_for_and_where(command: str, tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/notation.md").write_text("# Notation\n")
    ran = run(command, tmp_path / "docs")
    assert (ran.code, ran.data) == (3, b"")
    assert f"looked in {tmp_path / 'docs'} for facts.md, plans.md, medpol.toml" in ran.talk


@pytest.mark.parametrize("command", ["check", "fmt", "test"])
def test_what_is_not_there_ends_with_3(command: str) -> None:
    ran = run(command, "no-such-place")
    assert (ran.code, ran.data) == (3, b"")


def test_the_documents_folder_may_be_named_itself(tmp_path: Path) -> None:
    root = copied(tmp_path)
    (root / "policies").mkdir()
    (root / "2.01.100").rename(root / "policies/2.01.100")
    assert run("check", root).code == 0
    assert run("test", root / "policies").talk.startswith("39 cases")
    assert run("test", root / "policies/2.01.100").talk.startswith("39 cases")


# ---------------------------------------------------------------------------- fmt


def test_spelling_is_put_in_order_once_and_the_answers_stay(tmp_path: Path) -> None:
    root = copied(tmp_path)
    edited(root, NEWEST, "## Coding", "## CODING")
    would = run("fmt", root, "--check")
    assert would.code == 1
    assert f"{NEWEST}\n" in would.text
    before = files_of(root)
    assert run("fmt", root, "--check").data == would.data
    assert files_of(root) == before
    assert run("fmt", root).code == 0
    assert "## Coding" in (root / NEWEST).read_text()
    assert run("fmt", root, "--check").code == 0
    assert run("fmt", root, "--check").data == b""
    assert run("test", root).code == 0


def test_only_the_document_that_is_named_is_put_in_order(tmp_path: Path) -> None:
    root = copied(tmp_path)
    edited(root, NEWEST, "## Coding", "## CODING")
    before = files_of(root)
    assert run("fmt", root / NEWEST).code == 0
    after = files_of(root)
    assert {path for path in before if before[path] != after[path]} == {NEWEST}


def test_a_link_stays_a_link_and_permissions_stay(tmp_path: Path) -> None:
    root = edited(copied(tmp_path), NEWEST, "## Coding", "## CODING")
    kept = tmp_path / "kept.md"
    (root / NEWEST).rename(kept)
    kept.chmod(0o640)
    (root / NEWEST).symlink_to(kept)
    ran = run("fmt", root / NEWEST)
    assert (ran.code, ran.text) == (0, f"{root / NEWEST}\n")
    assert (root / NEWEST).is_symlink()
    assert "## Coding" in kept.read_text()
    assert kept.stat().st_mode & 0o777 == 0o640
    assert not list(tmp_path.rglob("*.medpol"))


def test_a_document_that_would_grow_too_large_is_left_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = edited(copied(tmp_path), NEWEST, "## Coding", "## CODING")
    before = (root / NEWEST).read_bytes()
    monkeypatch.setattr("medpol.cli.documents.MAXIMUM_BYTES", 100)
    ran = run("fmt", root / NEWEST)
    assert (ran.code, ran.data) == (1, b"")
    assert "more than the 100 that a document may have, and is left as it is" in ran.talk
    assert (root / NEWEST).read_bytes() == before


def test_what_ships_is_not_put_in_order_unasked() -> None:
    before = files_of(SHIPPED)
    ran = run("fmt")
    assert (ran.code, ran.data) == (2, b"")
    assert "name the PATH" in ran.talk
    assert run("fmt", "--check").code in (0, 1)
    assert files_of(SHIPPED) == before


def test_a_document_that_is_no_text_is_said_by_fmt_too(tmp_path: Path) -> None:
    root = copied(tmp_path)
    (root / NEWEST).write_bytes(b"\xff\xfe")
    ran = run("fmt", root)
    assert ran.code == 1
    assert f"{root / NEWEST} has errors and is left as it is" in ran.talk


def test_a_document_with_errors_is_not_touched_and_that_is_said(tmp_path: Path) -> None:
    root = edited(copied(tmp_path), NEWEST, "publisher: Premera", "publishr: Premera")
    before = (root / NEWEST).read_bytes()
    ran = run("fmt", root)
    assert ran.code == 1
    assert (root / NEWEST).read_bytes() == before
    assert "has errors and is left as it is" in ran.talk


# ---------------------------------------------------------------------------- test


def test_the_worked_cases_that_ship_come_out_as_they_say() -> None:
    for arguments in ((), (EXAMPLES,)):
        ran = run("test", *arguments)
        assert (ran.code, ran.data) == (0, b""), ran.text
        assert "0 failing" in ran.talk


def test_a_failing_row_is_shown_with_what_was_expected_what_was_found_and_why(tmp_path: Path) -> None:
    said = "not covered, investigational, position-unconditional | coding update in force |"
    root = edited(copied(tmp_path), CASES, said, said.replace("not covered, investigational", "covered"))
    ran = run("test", root / CASES)
    assert ran.code == 1
    for part in (
        f"✕ {CASES}:11",
        "expected: covered",
        "not covered, investigational",
        "for every patient",
        "1 failing",
    ):
        assert part in ran.text + ran.talk
    (failing,) = run("test", root, "--format", "json").json["failing"]
    assert (failing["file"], failing["line"]) == (CASES, 11)


def test_a_row_that_is_no_case_is_a_problem_at_its_cell(tmp_path: Path) -> None:
    root = edited(
        copied(tmp_path), CASES, "| 20562 | | 2024-07-01 | | commercial |", "| 20562 | | 2024-07-01 | today | comm |"
    )
    ran = run("test", root)
    assert ran.code == 1
    assert "no-today" in ran.text


def test_no_case_beside_a_policy_is_said(tmp_path: Path) -> None:
    root = copied(tmp_path)
    (root / CASES).unlink()
    ran = run("test", root)
    assert ran.code == 0
    assert "nothing was run" in ran.talk


CLOCK = """
import datetime, sys
class Date(datetime.date):
    @classmethod
    def today(cls):
        return cls({year}, 6, 1)
datetime.date = Date
from medpol.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize("year", [2019, 2039])
def test_the_worked_cases_read_no_clock(year: int, tmp_path: Path) -> None:
    (tmp_path / "medpol_at.py").write_text(CLOCK.format(year=year))
    for library in (SHIPPED, EXAMPLES):
        ran = run_apart_at(tmp_path, "test", library)
        assert ran.code == 0, ran.talk


def test_with_the_clock_ten_years_on_only_the_day_of_knowledge_and_the_id_differ(tmp_path: Path) -> None:
    answers = []
    for year in (2026, 2036):
        (tmp_path / "medpol_at.py").write_text(CLOCK.format(year=year))
        case = ("--code", "20560", "--line-of-business", "commercial", "--date-of-service", "2024-08-02")
        ran = run_apart_at(tmp_path, "decide", *case, "--format", "json")
        answers.append(msgspec.json.decode(ran.data))
    differing = {key for key in answers[0] if answers[0][key] != answers[1][key]}
    assert differing == {"known_on", "determination_id"}


def run_apart_at(folder: Path, *arguments: object) -> Ran:
    return run_apart(*arguments, program=folder / "medpol_at.py")
