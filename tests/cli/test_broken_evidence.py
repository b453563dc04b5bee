"""An error in the evidence: decisions go on and tell it in a line; what speaks of the evidence refuses and says which."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.running import copied, edited, run

NUMBER = "2.01.100"
QUESTIONS = f"{NUMBER}/evidence/questions.md"
DECIDE = ("decide", "--code", "20560", "--date-of-service", "2024-08-02")


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    return edited(copied(tmp_path), QUESTIONS, "## Populations", "## Popluations")


def test_a_decision_goes_on_and_tells_in_one_line_that_the_evidence_has_errors(broken: Path) -> None:
    sound = run(*DECIDE)
    ran = run(*DECIDE, "--policies", broken)
    assert (ran.code, ran.data.splitlines()[:4]) == (sound.code, sound.data.splitlines()[:4])
    told = [line for line in ran.talk.splitlines() if "evidence" in line]
    assert len(told) == 1 and "medpol check" in told[0]


@pytest.mark.parametrize(
    "command",
    [
        ("evidence", "status", NUMBER),
        ("evidence", "assess", NUMBER),
        ("evidence", "pool", NUMBER),
        ("evidence", "grade", NUMBER),
        ("evidence", "findings", NUMBER),
        ("evidence", "export", NUMBER),
        ("evidence", "what-if", NUMBER, "--pool", "heel-pain-short"),
    ],
    ids=lambda command: command[1],
)
def test_every_command_on_the_evidence_refuses_and_names_the_place(command: tuple[str, ...], broken: Path) -> None:
    ran = run(*command, "--policies", broken)
    assert (ran.code, ran.data) == (4, b"")
    assert f"{QUESTIONS}:" in ran.talk and "unknown-section" in ran.talk and "nothing is said of it" in ran.talk


def test_check_shows_the_error_with_its_place_and_the_near_name(broken: Path) -> None:
    ran = run("check", str(broken), "--format", "json")
    assert ran.code == 1
    found = [each for each in json.loads(ran.data) if each["rule"] == "unknown-section"]
    assert [(each["file"], each["near"]) for each in found] == [(QUESTIONS, "Populations")]


def test_evidence_of_another_policy_that_is_sound_is_still_answered(broken: Path) -> None:
    folder = broken / "7.02.014"
    folder.mkdir()
    text = (broken / f"{NUMBER}/2024-07-01.md").read_text(encoding="utf-8")
    (folder / "2024-07-01.md").write_text(text.replace(f"policy: {NUMBER}", "policy: 7.02.014"), encoding="utf-8")
    (folder / "evidence").mkdir()
    (folder / "evidence/questions.md").write_text(
        "---\nquestions: 7.02.014\nrecorded: 2024-01-01\n---\n", encoding="utf-8"
    )
    ran = run("evidence", "status", "7.02.014", "--policies", broken)
    assert ran.code == 0, ran.talk


def test_the_next_review_lists_the_error_among_what_check_finds(broken: Path) -> None:
    ran = run("review", NUMBER, "--policies", broken, "--today", "2025-01-01")
    assert ran.code != 70 and "unknown-section" in ran.data.decode() and QUESTIONS in ran.data.decode()
    assert "the evidence has" in ran.talk
