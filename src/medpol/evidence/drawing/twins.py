"""The table that stands beside every picture, made from the same value, as CSV and as Markdown."""

from __future__ import annotations

import re
from dataclasses import dataclass

from medpol.evidence.flat import Cell, csv_text

_MARKDOWN = re.compile(r"[\\`*_{}\[\]<>|#]")


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a title, and sentences that belong below it. A number is a number; an empty cell says that nothing is known."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()

    def csv(self) -> str:
        """The rows as CSV."""
        return csv_text(self.heads, self.rows)

    def markdown(self) -> str:
        """The table as Markdown under its title, every sign of others escaped."""
        lines = [f"## {escaped(self.title)}", ""]
        if self.rows:
            lines += [_line(self.heads), _line(["---"] * len(self.heads), is_rule=True), *map(_line, self.rows)]
        else:
            lines.append("No data.")
        for note in self.notes:
            lines += ["", escaped(note)]
        return "\n".join(lines) + "\n"


def escaped(text: str) -> str:
    """Text on one line of Markdown, without any sign that Markdown would read."""
    return _MARKDOWN.sub(lambda sign: f"\\{sign[0]}", " ".join(text.split()))


def _line(cells: tuple[Cell, ...] | list[str], is_rule: bool = False) -> str:
    words = ["" if each is None else str(each) for each in cells]
    return f"| {' | '.join(words if is_rule else map(escaped, words))} |"
