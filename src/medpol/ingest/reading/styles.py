"""Which lines of a document are headings, and of what level: by type larger than the body's, else by bold lines alone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from medpol.ingest.reading.sheets import Line
from medpol.text.headings import section_of

_LARGER = 1.07
_COMMON = 0.6
_SENTENCES = 0.34
_LONGEST = 120
_NO_HEADING = re.compile(r"(?:note|table|figure|box|important|disclaimer|scope)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Styles:
    """The size of the body's type; the larger sizes of headings, largest first; whether bold lines are headings too."""

    body: float = 10.0
    sizes: tuple[float, ...] = ()
    bold_is_heading: bool = False
    section_is_caps: bool = False

    def level(self, line: Line) -> int | None:
        """The level of the heading that a line is, 1 outermost; ``None`` for text."""
        if line.size in self.sizes:
            return self.sizes.index(line.size) + 1
        if not line.is_bold or line.size < self.body - 0.3:
            return None
        below = len(self.sizes) + 1
        text = line.text.strip()
        if section_of(text) is not None:
            return below
        if not self.bold_is_heading or not is_title(text):
            return None
        return below + (text.isupper() != self.section_is_caps)


def is_title(text: str) -> bool:
    """Whether a bold line may stand for a heading: short, no sentence, no caption."""
    return (
        0 < len(text) <= _LONGEST
        and text[-1] not in ".:;,"
        and _NO_HEADING.match(text) is None
        and any(each.isalpha() for each in text)
        and text[0].isupper()
    )


def styles_of(lines: Sequence[Line], cells: Iterable[Line]) -> Styles:
    """The styles of a document, from the lines of its text and those of its tables."""
    counts: Counter[float] = Counter()
    for line in lines:
        counts[line.size] += len(line.text)
    total = Counter(counts)
    for line in cells:
        total[line.size] += len(line.text)
    if not total:
        return Styles()
    body = max(sorted(total), key=lambda size: total[size])
    sizes = tuple(sorted((size for size in counts if _is_heading_size(size, body, total, lines)), reverse=True))
    known = [line for line in lines if section_of(line.text.strip()) is not None]
    large = sum(line.size in sizes for line in known)
    bold = [line for line in known if line.size not in sizes and line.is_bold]
    caps = sum(line.text.strip().isupper() for line in bold)
    return Styles(body, sizes, len(bold) > large, 2 * caps > len(bold))


def _is_heading_size(size: float, body: float, total: Counter[float], lines: Sequence[Line]) -> bool:
    """Whether type of a size is that of headings: larger than the body's, rarer, and seldom at a sentence's end."""
    if size <= body * _LARGER or total[size] > _COMMON * total[body]:
        return False
    held = [line for line in lines if line.size == size]
    return sum(line.text.rstrip()[-1:] in (".", ";", ",") for line in held) <= _SENTENCES * len(held)
