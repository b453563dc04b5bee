"""Run the command line as a script would, and read what came out of each end."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from tests.support import ROOT

from medpol.cli import main
from medpol.library import SHIPPED

NEWEST = "2.01.100/2024-07-01.md"


@dataclass(frozen=True)
class Ran:
    """What a command gave back: its exit code, its data, its talk."""

    code: int
    data: bytes
    talk: str

    @property
    def text(self) -> str:
        return self.data.decode()

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.data)

    @property
    def lines(self) -> list[Any]:
        return [msgspec.json.decode(line) for line in self.data.splitlines()]


def run(*arguments: object, stdin: bytes = b"", columns: int = 100) -> Ran:
    """One command in this process, with stdout and stderr that are no terminal."""
    with _streams(stdin, columns) as (out, err):
        code = main([str(each) for each in arguments])
        sys.stdout.flush()
        sys.stderr.flush()
        return Ran(code, out.getvalue(), err.getvalue().decode())


@contextmanager
def _streams(stdin: bytes, width: int) -> Iterator[tuple[io.BytesIO, io.BytesIO]]:
    out, err = io.BytesIO(), io.BytesIO()
    before, columns = (sys.stdin, sys.stdout, sys.stderr), os.environ.get("COLUMNS")
    os.environ["COLUMNS"] = str(width)
    sys.stdin = io.TextIOWrapper(io.BytesIO(stdin))
    sys.stdout, sys.stderr = io.TextIOWrapper(out), io.TextIOWrapper(err)
    try:
        yield out, err
    finally:
        sys.stdin, sys.stdout, sys.stderr = before
        os.environ.pop("COLUMNS")
        os.environ.update({} if columns is None else {"COLUMNS": columns})


def run_apart(
    *arguments: object, stdin: bytes = b"", env: Mapping[str, str] | None = None, program: Path | None = None
) -> Ran:
    """One command in a process of its own, as from a shell; ``program`` stands in for the module itself."""
    done = subprocess.run(
        [sys.executable, *(("-m", "medpol") if program is None else (str(program),)), *map(str, arguments)],
        input=stdin,
        capture_output=True,
        check=False,
        env=environment(env),
    )
    return Ran(done.returncode, done.stdout, done.stderr.decode())


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The least that a process needs, so that no colour setting of the person who tests comes in."""
    held = {key: value for key, value in os.environ.items() if key in ("PATH", "HOME", "SYSTEMROOT", "LANG", "LC_ALL")}
    return held | {"PYTHONPATH": str(ROOT / "src")} | dict(more or {})


def copied(folder: Path) -> Path:
    """A copy of the shipped library that a test may break; its tables are not padded, so that a row is easy to name."""
    root = Path(shutil.copytree(SHIPPED, folder / "library"))
    for path in root.rglob("*.md"):
        lines = path.read_text(encoding="utf-8").split("\n")
        path.write_text(
            "\n".join(re.sub(" {2,}", " ", line) if line.startswith("|") else line for line in lines), encoding="utf-8"
        )
    return root


def edited(root: Path, path: str, old: str, new: str) -> Path:
    """The library with a passage of one file replaced."""
    target = root / path
    text = target.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path}"
    target.write_text(text.replace(old, new), encoding="utf-8")
    return root
