"""The tutorial does what it says: its files are written, its commands run in order, and what they print is what it shows.

``pytest --update-golden`` writes what they print now into the page; review the difference like prose.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.support import ROOT

PAGE = ROOT / "docs/tutorial.md"
TUTORIAL = PAGE.read_text(encoding="utf-8")
_BLOCK = re.compile(r"^(?P<fence>`{3,})(?P<kind>[a-z]+)\n(?P<text>.*?)^(?P=fence)$", re.DOTALL | re.MULTILINE)
_FILE = re.compile(r"`((?:[\w.-]+/)+[\w.-]+)`")


class Step(NamedTuple):
    """A block of the page: a file to write or to change, or commands to run. ``at`` is where its text begins."""

    kind: str
    text: str
    file: str
    at: int


def steps(page: str) -> Iterator[Step]:
    for match in _BLOCK.finditer(page):
        paragraph = page[: match.start()].rstrip("\n").rpartition("\n\n")[2]
        named = _FILE.findall(paragraph)
        file = named[-1] if named and paragraph.endswith(":") else ""
        yield Step(match["kind"], match["text"], file, match.start("text"))


def commands(console: str) -> Iterator[tuple[str, str]]:
    """Each command, its further lines behind a backslash included, with what it prints."""
    for part in re.split(r"^\$ ", console, flags=re.MULTILINE)[1:]:
        command = re.match(r"(?:.*\\\n)*.*\n", part)
        assert command is not None, part
        yield command[0].rstrip("\n"), part[command.end() :].rstrip("\n")


def changed(text: str, difference: str) -> str:
    """The text after each run of ``-`` lines, found in it once, is replaced by the ``+`` lines that follow it."""
    for old, new in re.findall(r"((?:^-.*\n)+)((?:^\+.*\n)*)", difference, re.MULTILINE):
        before, after = (re.sub(r"^[-+]", "", part, flags=re.MULTILINE) for part in (old, new))
        assert f"\n{text}".count(f"\n{before}") == 1, before
        text = f"\n{text}".replace(f"\n{before}", f"\n{after}")[1:]
    return text


def printed_by(command: str, folder: Path) -> str:
    program, *words = shlex.split(command.replace("\\\n", " "))
    line = [sys.executable, "-m", "medpol", *words] if program == "medpol" else [program, *words]
    done = subprocess.run(
        line,
        cwd=folder,
        check=False,
        encoding="utf-8",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={key: os.environ[key] for key in ("PATH", "PYTHONPATH") if key in os.environ}
        | {"PYTHONUTF8": "1", "COLUMNS": "88"},
    )
    return "\n".join(line.rstrip() for line in done.stdout.split("\n")).strip("\n")


def test_the_tutorial_does_what_it_says(tmp_path: Path, update_golden: bool) -> None:
    page, taken, ran = "", 0, 0  # the page with what the commands print now, and how far the page is taken into it
    for step in steps(TUTORIAL):
        place = f"docs/tutorial.md:{TUTORIAL.count(chr(10), 0, step.at) + 1}"
        if step.kind == "console":
            page += TUTORIAL[taken : step.at]
            taken = step.at + len(step.text)
            for command, shown in commands(step.text):
                printed = printed_by(command, tmp_path)
                assert update_golden or printed == shown, f"{place}: {command}"
                page += "\n".join(part for part in (f"$ {command}", printed) if part) + "\n"
                ran += 1
            continue
        assert step.file, f"{place}: nothing says which file this is"
        target = tmp_path / step.file
        if step.kind == "diff":
            target.write_text(changed(target.read_text(encoding="utf-8"), step.text), encoding="utf-8")
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(step.text, encoding="utf-8")
    if update_golden:
        PAGE.write_text(page + TUTORIAL[taken:], encoding="utf-8")
    assert ran > 12


def test_every_command_of_the_tutorial_stands_in_a_block_that_is_run() -> None:
    prose = _BLOCK.sub("", TUTORIAL)
    assert "```" not in prose
    assert not re.search(r"^\$ ", prose, re.MULTILINE)
    used = {
        shlex.split(command)[1]
        for step in steps(TUTORIAL)
        if step.kind == "console"
        for command, _ in commands(step.text)
        if command.startswith("medpol ")
    }
    assert {"check", "fmt", "test", "decide", "history", "diff"} <= used
