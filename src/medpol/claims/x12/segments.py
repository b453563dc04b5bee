"""An X12 file as lists of whole segments, in blocks: the part that both 837 readers share.

Memory holds one block and one segment, however long the file. An interchange whose delimiters differ from those of the
one before it begins a list of its own.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import BinaryIO

from medpol.claims.x12.delimiters import ISA_LENGTH, Delimiters, UnreadableHeader

BLOCK = 1 << 20
"""Bytes that are read at a time."""
LONGEST_SEGMENT = 1 << 20
"""Characters without a segment end after which the file is not read further."""
ENCODINGS = ("ascii", "utf-8", "latin-1", "cp1252")
"""Those in which a delimiter is one byte of its own."""
LINE_ENDS = "\r\n"


class Kind(Enum):
    """What a list holds: whole segments, or the place where reading had to stop."""

    SEGMENTS = "whole segments"
    NO_HEADER = "an interchange begins with an ISA segment"
    NO_END = "a segment ends with the segment end of its ISA"


@dataclass(frozen=True, slots=True)
class Block:
    """Segments without their ends, split by the delimiters they were written with."""

    delimiters: Delimiters
    segments: list[str]
    kind: Kind = Kind.SEGMENTS
    why: str = ""


def read_blocks(file: BinaryIO, *, block: int = BLOCK, encoding: str = "ascii") -> Iterator[Block]:
    """Every segment of the file, in order; where reading had to stop, a last list that says so.

    A byte that the encoding does not know becomes ``\\xe9``, as text: names may hold them, and where a code or an id does,
    it shows. A segment with a line end inside begins with that line end here, so that it is no segment anybody knows.
    """
    decoder = codecs.getincrementaldecoder(encoding)(errors="backslashreplace")
    delimiters: Delimiters | None = None
    text, is_end = "", False
    while not is_end and len(text) <= LONGEST_SEGMENT:
        data = file.read(block)
        is_end = not data
        text += decoder.decode(data, is_end)
        while text:
            if delimiters is None:
                text = text.lstrip(LINE_ENDS)
                if not text or (len(text) < ISA_LENGTH and not is_end):
                    break
                try:
                    delimiters = Delimiters.of_header(text[:ISA_LENGTH])
                except UnreadableHeader as problem:
                    yield Block(Delimiters(), [text[:ISA_LENGTH]], Kind.NO_HEADER, str(problem))
                    return
            whole, text, is_another = _whole_segments(text, delimiters)
            if whole:
                yield Block(delimiters, _split(whole, delimiters))
            if not is_another:
                break
            delimiters = None
    if text and delimiters is not None:
        yield Block(
            delimiters, [text[:ISA_LENGTH]], Kind.NO_END, "the file ends inside a segment, or the segment never ends"
        )


def _whole_segments(text: str, delimiters: Delimiters) -> tuple[str, str, bool]:
    """The text up to its last segment end, the rest, and whether the rest begins an interchange of other delimiters."""
    end, strangers = delimiters.segment, _strangers(delimiters)
    text = text.lstrip(strangers)
    last = text.rfind(end) + 1
    header = _other_header(text, last, delimiters)
    if header is not None:
        return _without_line_ends(text[:header].rstrip(strangers), end, strangers), text[header:], True
    return _without_line_ends(text[:last], end, strangers), text[last:], False


def _other_header(text: str, last: int, delimiters: Delimiters) -> int | None:
    """Where the first ISA segment begins that says other delimiters, or none that can be read."""
    if text.startswith("ISA") and not _is_header_of(text[:ISA_LENGTH], delimiters):
        return 0
    found: int | None = None
    for gap in ("", "\n", "\r\n", "\r"):
        mark = f"{delimiters.segment}{gap}ISA"
        end = last + len("ISA")
        at = text.find(mark, 0, end)
        while at >= 0:
            header = at + len(mark) - len("ISA")
            if not _is_header_of(text[header : header + ISA_LENGTH], delimiters):
                found = header if found is None else min(found, header)
                break
            at = text.find(mark, at + 1, end)
    return found


def _strangers(delimiters: Delimiters) -> str:
    """The line ends that are not the segment end itself."""
    return LINE_ENDS.replace(delimiters.segment, "")


def _is_header_of(header: str, delimiters: Delimiters) -> bool:
    try:
        return Delimiters.of_header(header) == delimiters
    except UnreadableHeader:
        return False


def _without_line_ends(text: str, end: str, strangers: str) -> str:
    """The text without the line ends that follow a segment end; those inside a segment stay."""
    if not any(sign in text for sign in strangers):
        return text
    for line_end in ("\r\n", "\n"):
        if not set(line_end) - set(strangers):
            text = text.replace(end + line_end, end)
    if any(end + sign in text for sign in strangers):
        text = re.sub(f"{re.escape(end)}[{strangers}]+", lambda _: end, text)
    return text


def _split(text: str, delimiters: Delimiters) -> list[str]:
    segments = text.split(delimiters.segment)
    segments.pop()
    strangers = _strangers(delimiters)
    if any(sign in text for sign in strangers):
        return [f"\n{each}" if any(sign in each for sign in strangers) else each for each in segments]
    return segments
