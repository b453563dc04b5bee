"""``medpol impact`` as a person runs it: what it writes where, and how it ends."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.claims.reading import write_csv
from tests.cli.running import run
from tests.impact.making import COLUMNS, INVESTIGATIONAL, NECESSARY, line
from tests.support import policy, put


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A library, a draft of its policy and a file of claims, in the folder in which the command is run."""
    put(tmp_path / "library", {"EX-1/2024-05-01.md": policy(criteria=INVESTIGATIONAL).encode()})
    put(tmp_path / "other", {"EX-1/2024-05-01.md": policy(criteria=NECESSARY).encode()})
    put(tmp_path, {"draft.md": policy("2027-01-01", None, criteria=NECESSARY).encode()})
    write_csv(tmp_path / "claims.csv", [line(1), line(2), line(3, code="G0283")], COLUMNS)
    monkeypatch.chdir(tmp_path)
    yield tmp_path


BASE = ("impact", "--policies", "library", "--claims", "claims.csv", "--known-on", "2026-11-24")
DRAFT = (*BASE, "--draft", "draft.md", "--in-force-from", "2025-01-01")


def test_a_draft_tried_on_earlier_care_is_told_in_words(place: Path) -> None:
    told = run(*DRAFT, "--review-cost", "42.00")
    assert told.code == 0
    assert told.text.startswith("2 of 3 claim lines would get another outcome: 2 members, $120.00 allowed.")
    assert "Supposed: draft.md is published and in force from 2025-01-01 on" in " ".join(told.text.split())
    assert "2 reviews fewer let $120.00 be allowed" in told.text
    assert "“Needling is medically necessary.” draft.md:" in told.text
    assert "What claims cannot know" in told.text
    assert "M0001" not in told.text and "C0001" not in told.text


def test_another_library_is_compared_under_its_name(place: Path) -> None:
    told = run(*BASE, "--against", "other", "--format", "json").json
    assert told["question"]["after"]["policies"] == "other"
    assert [(each["before"], each["after"], each["lines"]) for each in told["outcomes"]] == [
        ("not_addressed", "not_addressed", 1),
        ("not_covered", "covered", 2),
    ]


def test_one_table_is_written_alone_as_csv(place: Path) -> None:
    told = run(*DRAFT, "--format", "csv", "--table", "code")
    assert told.text.splitlines()[0].startswith("code,final_lines,changed_lines")
    assert told.text.splitlines()[1].startswith("20560,2,2,2,120.00,2,0,")


@pytest.mark.parametrize(
    ("format", "start"), [("html", b"<!doctype html>"), ("csv", b"table,"), ("json", b"{"), ("text", b"2 of 3")]
)
def test_what_is_written_to_a_file_is_what_stdout_would_hold(place: Path, format: str, start: bytes) -> None:
    told = run(*DRAFT, "--format", format, "--out", "impact.out")
    assert (told.code, told.data, told.talk) == (0, b"", "written: impact.out\n")
    held = (place / "impact.out").read_bytes()
    assert held.startswith(start)
    assert held == run(*DRAFT, "--format", format).data
    assert [each.name for each in place.iterdir() if each.name.startswith(".")] == []


def test_a_file_that_names_members_is_for_its_owner_alone(place: Path) -> None:
    assert run(*DRAFT, "--with-lines", "--format", "csv", "--out", "lines.csv").code == 0
    assert (place / "lines.csv").stat().st_mode & 0o077 == 0
    assert "M0001" in (place / "lines.csv").read_text(encoding="utf-8")


def test_nothing_of_the_library_and_of_the_claims_changes(place: Path) -> None:
    before = {each: each.read_bytes() for each in sorted(place.rglob("*")) if each.is_file()}
    run(*DRAFT)
    assert before == {each: each.read_bytes() for each in sorted(place.rglob("*")) if each.is_file()}


def test_a_draft_that_answers_none_of_the_care_is_told_with_the_mend(place: Path) -> None:
    told = run(*BASE, "--draft", "draft.md")
    assert told.code == 0
    assert told.text.startswith("Nothing changes for 3 claim lines.")
    assert "--in-force-from 2025-03-01" in told.talk


def test_days_without_care_are_told(place: Path) -> None:
    told = run(*DRAFT, "--from", "2020-01-01", "--to", "2020-12-31")
    assert "no line of care in the days asked for" in told.talk


@pytest.mark.parametrize(
    ("more", "code", "says"),
    [
        ((), 2, "--draft FILE or --against DIR"),
        (("--draft", "draft.md", "--against", "other"), 2, "one of them only"),
        (("--against", "other", "--in-force-from", "2025-01-01"), 2, "goes with --draft"),
        (("--against", "other", "--from", "2025-02-01", "--to", "2025-01-01"), 2, "exchange them"),
        (("--against", "other", "--review-cost", "1e3"), 2, "expected dollars such as 42"),
        (("--against", "other", "--review-cost", "-1"), 2, "expected dollars such as 42"),
        (("--against", "other", "--table", "code"), 2, "goes with --format csv"),
        (("--against", "other", "--format", "csv", "--table", "cods"), 2, "expected one of question, read"),
        (("--against", "other", "--max-rejects", "many"), 2, "--max-rejects"),
        (("--against", "other", "--memory-limit", "much"), 2, "--memory-limit"),
        (("--against", "nowhere"), 3, "nowhere"),
        (("--draft", "nowhere.md"), 3, "no file at nowhere.md"),
        (("--against", "other", "--claims", "none.csv"), 3, "none.csv"),
        (("--against", "other", "--out", "no/where.html"), 3, "no folder"),
        (("--against", "other", "--out", "library"), 2, "expected a file"),
        (("--draft", "claims.csv"), 4, "claims.csv"),
    ],
)
def test_what_cannot_be_done_ends_with_its_code_and_the_mend(
    place: Path, more: tuple[str, ...], code: int, says: str
) -> None:
    told = run(*BASE, *more)
    assert (told.code, told.data) == (code, b"")
    assert says in told.talk


def test_a_draft_with_errors_is_shown_them_under_its_own_name(place: Path) -> None:
    (place / "draft.md").write_text(policy(criteria="Needling is **quite something**."), encoding="utf-8")
    told = run(*BASE, "--draft", "draft.md")
    assert told.code == 4
    assert "draft.md:" in told.talk and "mend:" in told.talk


def test_claims_with_too_many_rejects_are_refused(place: Path) -> None:
    write_csv(place / "claims.csv", [line(1), line(2, claim_line_start_date="soon")], COLUMNS)
    assert run(*DRAFT).code == 4
    assert run(*DRAFT, "--max-rejects", "50%").code == 0


def test_help_shows_examples(place: Path) -> None:
    told = run("impact", "--help")
    assert told.code == 0
    assert "medpol impact --draft draft.md --claims claims.parquet --review-cost 42.00" in told.text
