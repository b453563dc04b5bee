"""Noise that means nothing: other spellings of what ``format`` puts in order, put into a document that we wrote."""

from __future__ import annotations

import re
from random import Random

from medpol.text.tables import cell_bounds

_RULE_LINE = re.compile(r"(Services|When|Dates of service|Approved for):( |$)")
_ITEM = re.compile(r"( *)([-*+]|[0-9]+[.)]) (.*)")
_READ_AS_TABLES = ("Coding", "Definitions", "Clinical trials", "Medicare", "History")


def noisy(text: str, chance: Random) -> str:
    """The text with other markers, numbers, indents, empty lines, paddings, heading spellings and line ends."""
    lines = text.rstrip("\n").split("\n")
    lines = _criteria(lines, chance)
    lines = _tables(lines, chance)
    lines = [_heading(line, chance) for line in lines]
    end = chance.choice(["\n", "\r\n"])
    return chance.choice(["", "\ufeff"]) + end.join(lines) + end * chance.choice([0, 1, 3])


def _section(lines: list[str], names: tuple[str, ...]) -> list[bool]:
    """For each line, whether it stands in one of the sections, outside code and comments."""
    inside, closing, flags = False, "", []
    for line in lines:
        if closing:
            closing = "" if closing in line else closing
            flags.append(False)
            continue
        if line.startswith("```"):
            closing = "```"
        elif line.startswith("<!--") and "-->" not in line:
            closing = "-->"
        elif line.startswith("## "):
            inside = line[3:] in names
        flags.append(inside and not closing)
    return flags


def _criteria(lines: list[str], chance: Random) -> list[str]:
    flags = _section(lines, ("Policy coverage criteria",))
    made: list[str] = []
    open_lists: list[tuple[int, int, str]] = []  # indent as written, indent as noised, marker as noised
    for at, line in enumerate(lines):
        if not flags[at]:
            made.append(line)
            open_lists = []
            continue
        item = _ITEM.fullmatch(line) if not line.startswith(">") else None
        if item is not None:
            indent = len(item[1])
            while open_lists and open_lists[-1][0] > indent:
                open_lists.pop()
            if not open_lists or open_lists[-1][0] < indent:
                margin = 0 if not open_lists else open_lists[-1][1] + _width(open_lists[-1][2]) + chance.randint(0, 1)
                bullets = item[2] in "-*+"
                marker = chance.choice(["-", "*", "+"] if bullets else ["1.", "1)", "n.", "n)"])
                open_lists.append((indent, margin + (chance.randint(0, 1) if not open_lists else 0), marker))
            _, margin, marker = open_lists[-1]
            number = item[2].rstrip(".)") if marker[0] == "n" else "1"
            shown = marker if marker in "-*+" else number + marker[-1]
            gap = " " * (max(1, _width(marker) - len(shown)))
            made.append(f"{' ' * margin}{shown}{gap}{item[3]}")
            continue
        open_lists = []
        if _RULE_LINE.match(line) and made[-1] == "" and _RULE_LINE.match(made[-2]) and chance.random() < 0.5:
            made.pop()
        if line == "" and made[-1].startswith("### ") and _RULE_LINE.match(lines[at + 1]) and chance.random() < 0.5:
            continue
        made.append(line)
    return made


def _width(marker: str) -> int:
    """The width of marker and gap; numbers up to 9999 stand in a gap of five."""
    return 2 if marker in "-*+" else 3


def _tables(lines: list[str], chance: Random) -> list[str]:
    flags = _section(lines, _READ_AS_TABLES)
    made = []
    is_read = False
    for at, line in enumerate(lines):
        following = lines[at + 1] if at + 1 < len(lines) else ""
        if line.startswith("| ") and re.fullmatch(r"\|(-{3,}\|)+", following):
            is_read = True  # tables of the writer; those of generated prose carry an alignment
        if not line.startswith("|"):
            is_read = False
        if not (flags[at] and is_read) or chance.random() < 0.3:
            made.append(line)
            continue
        cells = [line[begin:end].strip(" ") for begin, end in cell_bounds(line)]
        if re.fullmatch(r"\|(-+\|)+", line):
            made.append("|" + "|".join(chance.choice(["---", "-----"]) for _ in cells) + "|")
            continue
        made.append(
            "|" + "|".join(" " * chance.randint(1, 3) + cell + " " * chance.randint(1, 3) for cell in cells) + "|"
        )
    return made


def _heading(line: str, chance: Random) -> str:
    names = ("Coding", "Policy coverage criteria", "Definitions", "Regulatory status", "History", "References")
    if line.startswith("## ") and line[3:] in names and chance.random() < 0.5:
        name = line[3:]
        return chance.choice(
            [f"##  {name.upper()}", f"## {name.replace(' ', '  ')}:", f"## **{name.title()}**", f"## {name} ##"]
        )
    return line
