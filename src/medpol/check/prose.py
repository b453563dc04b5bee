"""The prose of a document by sentence, and its lines by section, each with its place in the file."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from medpol.model.diagnostic import Source
from medpol.model.policy import PolicyVersion, SectionName

_FENCE = re.compile(r"\s*(?:```|~~~)")
_MARKER = re.compile(r"\s*(?:>\s*)*(?:[-*+]\s+|\d{1,3}[.)]\s+)")
_FIELD = re.compile(
    r"(?:Audience|Studies|Outcomes|Conclusion|Issuer|Year|Kind|Systematic review|Strength ratings|Conflict handling|"
    r"Recommends|Inclusion rule|Statement|Approval needed):(?:\s|$)"
)
_HEADING = re.compile(r"\s{0,3}#{1,3}\s")
_SENTENCE_END = re.compile(r"[.?!][\"”’')\]]*(?:\s?\[\d[\d,;\s–—-]*\])*\s+(?=[\"“‘'(\[]?[A-Z0-9])")
_ABBREVIATION = re.compile(r"\b(?:vs|e\.g|i\.e|al|etc|approx|Dr|Drs|Mr|Ms|No|Fig|St|U\.S|cf|ca)\.$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a document's prose, the section it stands in, and the line of the heading (to level 3) above it."""

    text: str
    section: SectionName | None
    heading_line: int
    _begins: tuple[tuple[int, Source], ...]

    def place(self, at: int = 0) -> Source:
        """Where the sign at an offset of the text stands in the file."""
        offset, source = self._begins[bisect_right(self._begins, at, key=_offset) - 1]
        return Source(source.file, source.line, source.column + at - offset)


def body_lines(lines: Sequence[str], version: PolicyVersion) -> Iterator[tuple[int, str, SectionName | None]]:
    """The lines of a document below its front matter: number, line, and the standard section it belongs to."""
    closing = next((at for at, line in enumerate(lines[1:], 2) if line.rstrip() == "---"), 0)
    starts = {section.source.line: section.name for section in version.sections}
    name: SectionName | None = None
    for number, line in enumerate(lines[closing:], closing + 1):
        name = starts.get(number, name)
        yield number, line, name


def sentences(lines: Sequence[str], version: PolicyVersion) -> Iterator[Sentence]:
    """The prose of a document by sentence; headings, tables, field lines, code blocks and references are no prose."""
    held: list[tuple[str, Source]] = []
    heading, around, fenced = 0, None, False
    for number, line, section in body_lines(lines, version):
        fence = _FENCE.match(line) is not None
        fenced = fenced != fence
        stripped = line.strip()
        is_prose = section is not SectionName.REFERENCES and bool(stripped) and not fence and not fenced
        is_prose = is_prose and not stripped.startswith(("#", "|", "<!--")) and not _FIELD.match(stripped)
        marker = _MARKER.match(line)
        if held and (not is_prose or marker is not None or section is not around):
            yield from _parted(held, around, heading)
            held = []
        if _HEADING.match(line) and not fenced:
            heading = number
        if is_prose:
            begin = marker.end() if marker is not None else len(line) - len(line.lstrip())
            held.append((line[begin:].rstrip(), Source(version.source.file, number, begin + 1)))
        around = section
    if held:
        yield from _parted(held, around, heading)


def _parted(lines: list[tuple[str, Source]], section: SectionName | None, heading: int) -> Iterator[Sentence]:
    offsets, length = [], 0
    for line, source in lines:
        offsets.append((length, source))
        length += len(line) + 1
    text = " ".join(line for line, _ in lines)
    ends = [each.end() for each in _SENTENCE_END.finditer(text) if not _is_abbreviation(text, each.start())]
    for begin, end in zip([0, *ends], [*ends, len(text)], strict=True):
        if text[begin:end].strip():
            yield Sentence(text[begin:end].rstrip(), section, heading, _within(offsets, begin, end))


def _is_abbreviation(text: str, dot: int) -> bool:
    """Whether a dot ends an abbreviation; only the few letters before it are looked at."""
    return _ABBREVIATION.search(text[max(0, dot - 8) : dot + 1]) is not None


def _within(offsets: list[tuple[int, Source]], begin: int, end: int) -> tuple[tuple[int, Source], ...]:
    """The places of the lines that a sentence runs over, by their offsets in the sentence."""
    first = bisect_right(offsets, begin, key=_offset) - 1
    offset, source = offsets[first]
    later = offsets[first + 1 : bisect_right(offsets, end, key=_offset)]
    begins = Source(source.file, source.line, source.column + begin - offset)
    return ((0, begins), *((at - begin, place) for at, place in later))


def _offset(line: tuple[int, Source]) -> int:
    return line[0]
