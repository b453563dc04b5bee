"""The results as Markdown: tables, the machine, goals met or not, and one section of a page put in its place."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


@dataclass(slots=True)
class Table:
    """One table of the results: its columns, and rows of cells."""

    columns: tuple[str, ...]
    rows: list[tuple[str, ...]] = field(default_factory=list)

    def add(self, *cells: object) -> None:
        self.rows.append(tuple(map(str, cells)))

    def __str__(self) -> str:
        lines = [self.columns, ("---",) * len(self.columns), *self.rows]
        return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def number(value: float) -> str:
    """Three digits that count, or all before the point."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def met(value: float, goal: float, *, at_least: bool = False) -> str:
    return "met" if (value >= goal if at_least else value <= goal) else "not met"


def machine(*packages: str) -> str:
    """One sentence: the system, its cores and memory, and the versions that made the figures."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    named = ", ".join(f"{name} {_version(name)}" for name in packages)
    return (
        f"{platform.system()} on {platform.machine()}, {os.cpu_count()} cores, {memory:.0f} GiB; "
        f"{platform.python_implementation()} {platform.python_version()}; {named}."
    )


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def with_section(whole: str, section: str) -> str:
    """A page with a level-1 section in place of that of the same heading, or at its end; the others stay as they are."""
    sections = _cut(whole, "# ")
    _put(sections, section)
    return "\n\n".join(sections) + "\n"


def with_part(whole: str, heading: str, part: str) -> str:
    """A page with a level-2 part put into the section of a heading, in place of the part of the same name.

    The name is the title up to a colon; what follows says how it was measured.
    """
    held = next((each for each in _cut(whole, "# ") if each.split("\n", 1)[0] == heading), heading)
    parts = _cut(held, "## ")
    _put(parts, part)
    return with_section(whole, "\n\n".join(parts))


def _cut(text: str, mark: str) -> list[str]:
    """The text in pieces, each but perhaps the first beginning with a line of that mark."""
    pieces: list[list[str]] = [[]]
    for line in text.splitlines():
        if line.startswith(mark):
            pieces.append([])
        pieces[-1].append(line)
    return [joined for each in pieces if (joined := "\n".join(each).strip())]


def _put(pieces: list[str], piece: str) -> None:
    piece = piece.strip()
    for at, each in enumerate(pieces):
        if _name(each) == _name(piece):
            pieces[at] = piece
            return
    pieces.append(piece)


def _name(piece: str) -> str:
    return piece.split("\n", 1)[0].partition(":")[0]


def write_section(path: Path, section: str) -> None:
    path.write_text(with_section(_before(path), section), encoding="utf-8", newline="\n")


def write_part(path: Path, heading: str, part: str) -> None:
    path.write_text(with_part(_before(path), heading, part), encoding="utf-8", newline="\n")


def _before(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""
