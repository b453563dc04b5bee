"""What a reading says of a document: its lines, its blocks, what became of lines that no publisher's reader sees; or why
there is none. These values cross from the child process, so they are checked before anything is made of them."""

from __future__ import annotations

import re
from dataclasses import dataclass

import msgspec

from medpol.ingest.blocks import MAXIMUM_DEPTH, Block
from medpol.ingest.report import Entry, Kind

MAXIMUM_LINES = 100_000
MAXIMUM_CHARACTERS = 4 << 20
MAXIMUM_BLOCKS = 20_000
MAXIMUM_ANSWER = 64 << 20
"""Bytes of an answer: the text four times over, with room for its frame."""
_KINDS = frozenset({"heading", "paragraph", "item", "table"})
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x85\u2028\u2029\ufeff\ufffe\uffff]|[\ud800-\udfff]")


class Refused(ValueError):
    """A document is not read: the diagnostic's rule, what was found, what was expected, and the mend."""

    def __init__(self, rule: str, found: str, expected: str, mend: str) -> None:
        super().__init__(found)
        self.refusal = Refusal(rule, found, expected, mend)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why there is no reading, in the parts of a diagnostic."""

    rule: str
    found: str
    expected: str
    mend: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A document read: markdown, html, pdf or docx; its lines, its blocks, what is said of lines already; the page of
    each line, none where it has no pages."""

    format: str
    lines: tuple[str, ...]
    blocks: tuple[Block, ...]
    entries: tuple[Entry, ...]
    pages: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """Either of the two."""

    reading: Reading | None = None
    refusal: Refusal | None = None


_DECODER = msgspec.json.Decoder(Answer)
encoded = msgspec.json.Encoder().encode


def decoded(data: bytes) -> Answer:
    """An answer from the bytes that another process gave. Raises ValueError where they are none, or do not fit together."""
    answer = _DECODER.decode(data)
    if (answer.reading is None) == (answer.refusal is None):
        raise ValueError("neither a reading nor a refusal")
    if answer.reading is not None:
        _check(answer.reading)
    return answer


def _check(reading: Reading) -> None:
    """Refuse a reading whose lines, kinds and levels do not fit together."""
    last = len(reading.lines)
    if last > MAXIMUM_LINES or len(reading.blocks) > MAXIMUM_BLOCKS:
        raise ValueError("more lines or blocks than a reading may have")
    texts: list[str] = []
    named = [line for entry in reading.entries for line in entry.lines]
    for block in reading.blocks:
        if block.kind not in _KINDS or not 0 <= block.level <= 4 * MAXIMUM_DEPTH:
            raise ValueError("a block of no known kind or level")
        named += [
            *block.lines,
            *(part.line for part in block.parts),
            *(line for row in block.rows for line in row.lines),
        ]
        texts += [
            block.lead,
            block.mark,
            *(part.text for part in block.parts),
            *(cell for row in block.rows for cell in row.cells),
        ]
        if not (block.rows if block.kind == "table" else block.parts) or any(not row.lines for row in block.rows):
            raise ValueError("an empty block")
    if not all(1 <= line <= last for line in named):
        raise ValueError("a line that is not there")
    if any(_CONTROL.search(text) for text in texts) or any("\n" in line for line in reading.lines):
        raise ValueError("a control character")
    if any(not entry.lines and entry.kind is not Kind.DOUBTFUL for entry in reading.entries):
        raise ValueError("an entry without lines")
    if len(reading.pages) not in (0, last) or any(page < 1 for page in reading.pages):
        raise ValueError("a page that is not there")
