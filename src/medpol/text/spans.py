"""Inline marks of one source line: code spans by their backtick runs in order, and bold."""

from __future__ import annotations

import re
from dataclasses import dataclass

_BACKTICKS = re.compile(r"`+")
_BOLD = re.compile(r"\*\*")


@dataclass(frozen=True, slots=True)
class Span:
    """A marked stretch; ``start`` and ``end`` include the marks, ``offset`` is where the inner text begins."""

    text: str
    start: int
    end: int
    offset: int


@dataclass(frozen=True, slots=True)
class Marked:
    """A line with its code spans and bold stretches; ``lone`` is the offset of an unbalanced mark, or ``None``."""

    text: str
    codes: tuple[Span, ...]
    bolds: tuple[Span, ...]
    lone_backtick: int | None = None
    lone_bold: int | None = None


def mark(text: str) -> Marked:
    """Find code spans and, outside them, bold stretches."""
    codes: list[Span] = []
    lone_backtick = None
    runs = list(_BACKTICKS.finditer(text))
    waiting: dict[int, list[int]] = {}  # the runs of each length, last first, that may still close a span
    for index in range(len(runs) - 1, -1, -1):
        waiting.setdefault(len(runs[index][0]), []).append(index)
    at = 0
    while at < len(runs):
        opening = runs[at]
        if _is_escaped(text, opening.start()):  # shown as it is; inside a span a backslash would be plain text
            at += 1
            continue
        alike = waiting[len(opening[0])]
        while alike and alike[-1] <= at:
            alike.pop()
        if not alike:
            lone_backtick = opening.start() if lone_backtick is None else lone_backtick
            at += 1
            continue
        closing = runs[alike[-1]]
        inner = text[opening.end() : closing.start()]
        offset = opening.end()
        if len(inner) > 1 and inner[0] == inner[-1] == " " and inner.strip():
            inner, offset = inner[1:-1], offset + 1
        codes.append(Span(inner, opening.start(), closing.end(), offset))
        at = alike[-1] + 1
    blanked = text if not codes else _blanked(text, codes)
    bolds: list[Span] = []
    marks = [match.start() for match in _BOLD.finditer(blanked)]
    for start, end in zip(marks[::2], marks[1::2], strict=False):
        bolds.append(Span(text[start + 2 : end], start, end + 2, start + 2))
    lone_bold = marks[-1] if len(marks) % 2 else None
    return Marked(text, tuple(codes), tuple(bolds), lone_backtick, lone_bold)


def _blanked(text: str, codes: list[Span]) -> str:
    """The text with its code spans overwritten, every offset kept."""
    parts, at = [], 0
    for code in codes:
        parts += [text[at : code.start], "\x00" * (code.end - code.start)]
        at = code.end
    return "".join((*parts, text[at:]))


def _is_escaped(text: str, at: int) -> bool:
    """Whether an odd number of backslashes stands before a sign, so that Markdown shows it as it is."""
    before = text[:at]
    return (len(before) - len(before.rstrip("\\"))) % 2 == 1


def blanked(marked: Marked) -> str:
    """The line with its code spans blanked out, every other sign in its place."""
    text = marked.text
    for span in marked.codes:
        text = text[: span.start] + " " * (span.end - span.start) + text[span.end :]
    return text


def without(text: str, spans: tuple[Span, ...]) -> str:
    """The text with those spans cut out."""
    kept, at = [], 0
    for span in spans:
        kept.append(text[at : span.start])
        at = span.end
    return "".join((*kept, text[at:]))
