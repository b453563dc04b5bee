"""What a person and a shell see: help, colour, width, and how a command ends when the world outside fails."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from tests.cli.running import environment, run, run_apart
from tests.support import EXAMPLES, policy, put

from medpol.cli import app
from medpol.cli.app import COMMANDS, GROUPS
from medpol.cli.output import plain

CASE = ("decide", "--code", "20560", "--line-of-business", "commercial", "--date-of-service", "2024-08-02")
ESCAPE = "\x1b"


def on_a_terminal(*arguments: object, columns: int = 100, **env: str) -> str:
    """What a terminal of that width is sent."""
    here, there = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "medpol", *map(str, arguments)],
        stdin=there,
        stdout=there,
        stderr=there,
        env=environment({"TERM": "xterm-256color", "COLUMNS": str(columns), "LANG": "C.UTF-8"} | env),
    ) as process:
        os.close(there)
        sent = b""
        try:
            while part := os.read(here, 65536):
                sent += part
        except OSError:  # the terminal's way of saying that it is over
            pass
        assert process.wait() == 0, sent
    os.close(here)
    return sent.decode().replace("\r\n", "\n")


# ---------------------------------------------------------------------------- help


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_each_command_ends_in_examples(command: str) -> None:
    ran = run(*command.split(), "--help")
    assert ran.code == 0
    assert f"Usage: medpol {command}" in ran.text
    examples = ran.text.partition("Examples:\n")[2].strip().splitlines()
    assert examples
    assert all(each.strip().startswith(f"medpol {command}") for each in examples)


def test_the_help_names_every_command_and_every_exit_code() -> None:
    ran = run("--help")
    assert all(f"\n  {command.split()[0]} " in ran.text for command in COMMANDS)
    for group in GROUPS:
        talk = run(group).talk
        assert all(f"\n  {each.split()[1]} " in talk for each in COMMANDS if each.startswith(f"{group} "))
    assert "0 done, 1 findings, 2 usage, 3 not found, 4 input refused," in ran.text
    assert "5 claims that do not add up, 70 a bug, 74 a write failed, 75 busy or unavailable." in ran.text
    assert run().code == 2
    assert run("--version").text.startswith("medpol ")


def test_a_misspelt_command_is_answered_with_the_nearest() -> None:
    ran = run("dcide")
    assert (ran.code, ran.data) == (2, b"")
    assert "decide" in ran.talk


@pytest.mark.parametrize(
    "example",
    [
        each
        for command in COMMANDS.values()
        for each in command.examples
        if not any(
            word in each
            for word in (
                "FILE",
                "published",
                "page.html",
                "cases.ndjson",
                " policies",
                "medpol ledger",
                "medpol claims",
                "medpol impact",
                "medpol serve",
                "--claims",
                "--contact",  # asks the network
                "--saved",
            )
        )
    ],
)
def test_the_examples_run_as_they_stand(example: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # some write a file where they stand
    words = [str(EXAMPLES) if each == "examples/policies" else each for each in example.split()[1:]]
    assert run(*words).code == 0


# ---------------------------------------------------------------------------- colour and width


def test_a_page_is_plain_when_piped_and_the_same_words_on_a_terminal() -> None:
    piped = run_apart(*CASE, env={"COLUMNS": "100"}).text
    shown = on_a_terminal(*CASE)
    assert ESCAPE not in piped
    assert ESCAPE in shown
    assert on_a_terminal(*CASE, NO_COLOR="1") == piped
    assert on_a_terminal(*CASE, TERM="dumb") == piped


def test_piped_text_stays_plain_whatever_forces_colour_elsewhere() -> None:
    for name in ("FORCE_COLOR", "CLICOLOR_FORCE", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        assert ESCAPE not in run_apart(*CASE, env={name: "1"}).text
    assert ESCAPE not in run_apart("decide", "--help", env={"FORCE_COLOR": "1"}).text


@pytest.mark.parametrize("columns", [60, 80, 110])
def test_pages_keep_within_the_width(columns: int) -> None:
    def widest(*arguments: object) -> int:
        return max(map(len, run(*arguments, columns=columns).text.splitlines()))

    assert widest(*CASE, "--explain") <= columns
    assert widest("check") <= columns
    for arguments in (("show", "2.01.100"), ("history", "2.01.100")):  # columns of a table stay readable
        assert widest(*arguments) <= max(columns, 96)


def test_no_line_ends_in_spaces() -> None:
    for arguments in (CASE, ("show", "2.01.100"), ("list",), ("code", "20560"), ("check",)):
        assert all(line == line.rstrip() for line in run(*arguments).text.splitlines())


def test_words_of_a_document_are_never_markup_and_no_case_speaks_to_the_terminal(tmp_path: Path) -> None:
    put(
        tmp_path,
        {"EX-1/2024-05-01.md": policy().replace("title: Needles", 'title: "[bold red]Needles[/] :warning:"').encode()},
    )
    assert "[bold red]Needles[/] :warning:" in run("list", "--policies", tmp_path).text
    ran = run("decide", "--code", f"{ESCAPE}[2J", "--line-of-business", "commercial")
    assert ESCAPE not in ran.text + ran.talk
    assert plain(f"{ESCAPE}[2J\u202e") == "\\x1b[2J\\x202e"


def test_json_is_the_same_bytes_in_every_locale() -> None:
    arguments = (*CASE, "--known-on", "2024-08-02", "--format", "json")
    expected = run(*arguments).data
    for env in ({"LC_ALL": "C"}, {"LC_ALL": "tr_TR.UTF-8"}, {"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo"}):
        assert run_apart(*arguments, env=env).data == expected
    text = run_apart(*CASE, env={"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"})
    assert (text.code, text.text[:1]) == (0, "✕")


# ---------------------------------------------------------------------------- endings


def test_a_reader_that_went_away_ends_a_command_quietly() -> None:
    for arguments in (CASE, ("show", "2.01.100"), (*CASE, "--format", "json"), ("decide", "--cases", "-")):
        here, there = os.pipe()
        os.close(here)
        with subprocess.Popen(
            [sys.executable, "-m", "medpol", *arguments],
            stdin=subprocess.PIPE,
            stdout=there,
            stderr=subprocess.PIPE,
            env=environment(),
        ) as process:
            os.close(there)
            _, talk = process.communicate(b'{"code": "20560"}\n')
        assert (process.returncode, talk) == (0, b""), arguments


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
def test_a_disk_that_is_full_ends_with_74() -> None:
    for arguments in (CASE, (*CASE, "--format", "json"), ("show", "2.01.100")):
        with open("/dev/full", "wb") as full:
            done = subprocess.run(
                [sys.executable, "-m", "medpol", *arguments],
                stdout=full,
                stderr=subprocess.PIPE,
                check=False,
                env=environment(),
            )
        assert done.returncode == 74, arguments
        assert b"writing failed" in done.stderr


def test_a_bug_says_so_and_shows_where_only_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(arguments: object) -> None:
        raise ZeroDivisionError("no such luck")

    monkeypatch.setattr(app, "_application", broken)
    ran = run(*CASE)
    assert (ran.code, ran.data) == (70, b"")
    assert "this is a bug in medpol, not in your input: ZeroDivisionError: no such luck" in ran.talk
    assert "Traceback" not in ran.talk
    assert "Traceback" in run("-v", *CASE).talk


def test_only_what_a_command_needs_is_imported() -> None:
    code = "import sys; from medpol.cli import main; main(sys.argv[1:]); print('medpol.ingest' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code, *CASE], capture_output=True, check=True, text=True, env=environment()
    )
    assert done.stdout.endswith("False\n")
