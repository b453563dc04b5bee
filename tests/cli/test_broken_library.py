"""A library with an error decides nothing: skipping a broken newest version would revive the one before it."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cli.running import NEWEST, copied, edited, run

STATEMENT = "Dry needling of a trigger point for the treatment of myofascial pain is **investigational**."
HEAD = "effective: 2024-07-01"
ROW = "| dry-needling | CPT | 20561 | governed | 2020-01-01 | | dry needling, three or more muscles |"
LISTED = "Dry needling is **medically necessary** when all of these are met:\n\n"

BROKEN: dict[str, tuple[str, str]] = {
    "bad-date": (HEAD, "effective: 2024-02-30"),
    "missing-key": (HEAD, "last reviewed: 2024-07-01"),
    "effective-and-archived": (HEAD, f"{HEAD}\narchived: 2024-07-01"),
    "file-name-differs": (HEAD, "effective: 2024-07-02"),
    "duplicate-key": (HEAD, f"{HEAD}\n{HEAD}"),
    "unknown-key": ("publisher: Premera", "publishr: Premera"),
    "unknown-line-of-business": ("{out: [medicare advantage]}", "{out: [medicare advantge]}"),
    "in-and-out": ("{out: [medicare advantage]}", "{in: [commercial], out: [commercial]}"),
    "bad-state": (HEAD, f"{HEAD}\nstates: {{in: [Washington]}}"),
    "unknown-position": (HEAD, f"{HEAD}\npositions: {{Proven: nonsense}}"),
    "no-rules": (STATEMENT, "> Nothing is said."),
    "bold-in-item": (STATEMENT, f"{LISTED}- it **helps**"),
    "unbalanced-bold": (STATEMENT, "Dry needling is **investigational."),
    "soft-break": (STATEMENT, "Dry needling\nis **investigational**."),
    "condition-in-prose": (STATEMENT, "Dry needling is **investigational** unless it helps."),
    "structure-word": (
        STATEMENT,
        "Dry needling is **medically necessary** when both of these are met:\n\n- one\n- two",
    ),
    "lone-backtick": (STATEMENT, f"{LISTED}- a taut band `exam.taut_band"),
    "list-numbers": (STATEMENT, f"{LISTED}1. one\n3. three"),
    "orphan-word": (STATEMENT, f"{LISTED}- one\n\nand\n\n- two"),
    "undeclared-fact": (STATEMENT, f"{LISTED}- a taut band `exam.taut_band`"),
    "bad-expression": (STATEMENT, f"{LISTED}- of age `age >=`"),
    "missing-unit": (STATEMENT, f"{LISTED}- of age `age >= 18`"),
    "unknown-group": (STATEMENT, f"Services: `needling`\n\n{STATEMENT}"),
    "near-miss-section": ("## Policy coverage criteria", "## Policy coverage critera"),
    "duplicate-section": ("## Description", "## Coding"),
    "rule-outside-criteria": ("## Description", "## Description\n\nOtherwise **investigational**."),
    "underlined-heading": ("## Description", "Description\n-----------"),
    "bad-code": (ROW, ROW.replace("20561", "2056")),
    "unknown-system": (ROW, ROW.replace("CPT", "CTP")),
    "end-before-start": (ROW, ROW.replace("2020-01-01 | |", "2020-01-01 | 2019-01-01 |")),
    "unknown-role": (ROW, ROW.replace("governed", "govrned")),
    "control-character": (STATEMENT, f"{STATEMENT}\x00"),
    "bad-number": ("| Temporomandibular | 50 | May 2024", "| Temporomandibular | fifty | May 2024"),
}


@pytest.mark.parametrize("rule", BROKEN)
def test_each_error_in_the_newest_version_refuses_every_answer(rule: str, tmp_path: Path) -> None:
    root = edited(copied(tmp_path), NEWEST, *BROKEN[rule])
    for form in ("text", "json"):
        ran = run("decide", "--policies", root, "--code", "20560", "--date-of-service", "2024-08-02", "--format", form)
        assert (ran.code, ran.data) == (4, b""), ran.talk
        assert f"{NEWEST}:" in ran.talk
        assert f"error [{rule}]" in ran.talk
    cases = run("decide", "--policies", root, "--cases", "-", stdin=b'{"code": "20560"}\n')
    assert (cases.code, cases.data) == (4, b"")


def test_an_error_in_any_other_file_refuses_too(tmp_path: Path) -> None:
    for path, old, new in (
        ("contracts/example-rider-needling.md", "| covers | | dry-needling |", "| coverss | | dry-needling |"),
        ("plans.md", "| example-commercial-rider | commercial |", "| example-commercial-rider | comercial |"),
        ("medpol.toml", "notice_days = 90", "notice_days = soon"),
        ("adjustments.toml", 'carc = "55"', 'carc = "fifty"'),
        ("2.01.100/2019-01-01.md", "title:", "titel:"),
    ):
        root = edited(copied(tmp_path / path.replace("/", "-")), path, old, new)
        ran = run("decide", "--policies", root, "--code", "20560", "--date-of-service", "2024-08-02")
        assert (ran.code, ran.data) == (4, b""), path
        assert f"{path}:" in ran.talk


def test_nothing_else_is_read_from_a_library_with_an_error(tmp_path: Path) -> None:
    root = edited(copied(tmp_path), NEWEST, *BROKEN["bad-date"])
    for command in (("list",), ("show", "2.01.100"), ("code", "20560"), ("history", "2.01.100")):
        ran = run(*command, "--policies", root)
        assert (ran.code, ran.data) == (4, b"")
    assert run("test", root).code == 4
