"""Small helpers that the tests of several rooms share: libraries from texts, answers in short, libraries moved in time."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import medpol
from medpol.decide.plan import compile_library
from medpol.library import Library, read_library

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples" / "policies"
SEED = ROOT.parent / "shared" / "seed" / "dry-needling-2.01.100-as-published.md"

TODAY = "2999-12-31"
"""A day after everything any library holds, for the rows of the specification that say *today*."""

_ISO_DAY = re.compile(r"(?<![\w-])\d{4}-\d{2}-\d{2}(?![\w-])", re.ASCII)
_HEADER = "| Group | System | Code | Role | From | To |\n|---|---|---|---|---|---|\n"


def policy(
    effective: str | None = "2024-05-01",
    published: str | None = "2024-01-29",
    *,
    number: str = "EX-1",
    head: str = "",
    criteria: str = "Needling is **investigational**.",
    codes: str = "| needling | CPT | 20560 | governed | | |",
) -> str:
    """A small policy document; ``head`` holds further lines of front matter."""
    lines = [f"policy: {number}", "title: Needles"]
    lines += [] if effective is None else [f"effective: {effective}"]
    lines += [] if published is None else [f"published: {published}"]
    lines += [head] if head else []
    front = "\n".join(lines)
    return f"---\n{front}\n---\n\n# Needles\n\n## Policy coverage criteria\n\n{criteria}\n\n## Coding\n\n{_HEADER}{codes}\n"


def archive(first_day: str, published: str, *, number: str = "EX-1", head: str = "") -> str:
    """A version that archives a policy."""
    return f"---\npolicy: {number}\ntitle: Needles\narchived: {first_day}\npublished: {published}\n{head}---\n\n# Needles\n"


def library(files: Mapping[str, str | bytes]) -> Library:
    """A library from texts by relative path; errors and all."""
    return read_library({path: held if isinstance(held, bytes) else held.encode() for path, held in files.items()})


def desk(files: Mapping[str, str | bytes]) -> medpol.Desk:
    """A library from texts that must read without an error, ready to answer."""
    held = library(files)
    assert not held.errors, "\n".join(map(str, held.errors))
    return medpol.Desk(compile_library(held))


def found(held: Library) -> list[str]:
    """``file:line rule`` of every error."""
    return [f"{each.source.file}:{each.source.line} {each.rule}" for each in held.errors]


def said(plan: medpol.Desk, **case: Any) -> str:
    """An answer as a worked case would say it: ``not_covered, investigational, position-unconditional``."""
    answer = medpol.determine(plan, case)
    position = [] if answer.position is None else [answer.position.canonical.value]
    return ", ".join([answer.outcome.value, *position, answer.reason_key])


def put(folder: Path, files: Mapping[str, bytes]) -> Path:
    """The folder, with these files in it."""
    for path, data in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    return folder


def files_of(folder: Path) -> dict[str, bytes]:
    """Every file below a folder by relative path."""
    return {
        each.relative_to(folder).as_posix(): each.read_bytes() for each in sorted(folder.rglob("*")) if each.is_file()
    }


def moved(text: str, days: int) -> str:
    """The text with every whole day in it moved; ``2024-07`` and ``Jul 2024`` stay."""
    return _ISO_DAY.sub(lambda match: str(date.fromisoformat(match[0]) + timedelta(days=days)), text)
