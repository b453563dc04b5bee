"""The account of an import: each non-blank line of the source once, and the questions put to a person."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum


class Kind(Enum):
    """What became of a line, from the strongest mark to the weakest: a line carries the strongest of its own."""

    DOUBTFUL = "doubtful"
    DROPPED = "dropped"
    TAKEN = "taken"
    TEXT = "kept as text"
    LAYOUT = "layout"


_ORDER = tuple(Kind)
_TITLES = {
    Kind.TAKEN: "Taken",
    Kind.TEXT: "Kept as text",
    Kind.LAYOUT: "Layout",
    Kind.DROPPED: "Dropped, untrusted markup",
    Kind.DOUBTFUL: "Doubtful: a person must say",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing said of some lines: the field taken, the section kept, the markup dropped, or the question."""

    lines: tuple[int, ...]
    kind: Kind
    what: str


@dataclass(slots=True)
class Account:
    """The entries of one import while it is being read."""

    entries: list[Entry] = field(default_factory=list)

    def taken(self, lines: Iterable[int], what: str) -> None:
        self.add(lines, Kind.TAKEN, what)

    def kept(self, lines: Iterable[int], what: str) -> None:
        self.add(lines, Kind.TEXT, what)

    def layout(self, lines: Iterable[int], what: str) -> None:
        self.add(lines, Kind.LAYOUT, what)

    def dropped(self, lines: Iterable[int], what: str) -> None:
        self.add(lines, Kind.DROPPED, what)

    def doubtful(self, lines: Iterable[int], question: str) -> None:
        self.add(lines, Kind.DOUBTFUL, question)

    def add(self, lines: Iterable[int], kind: Kind, what: str) -> None:
        entry = Entry(tuple(sorted(set(lines))), kind, what)
        if (entry.lines or kind is Kind.DOUBTFUL) and entry not in self.entries[-8:]:
            self.entries.append(entry)


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One non-blank line of the source, what became of it, and why. ``page`` counts from 1; 0 where there are none."""

    number: int
    text: str
    kind: Kind
    what: tuple[str, ...]
    page: int = 0

    @property
    def digest(self) -> str:
        """The first 16 hex digits of SHA-256 of the line: two lines that differ anywhere differ here."""
        return hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Question:
    """Something that a person must settle; ``lines`` are those of the source that raise it, ``page`` that of the first."""

    question: str
    lines: tuple[int, ...]
    page: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """What was taken from where. ``drafts`` are the paths written, ``questions`` each doubt once."""

    source: str
    format: str
    publisher: str
    sha256: str
    line_count: int
    lines: tuple[SourceLine, ...]
    questions: tuple[Question, ...]
    drafts: tuple[str, ...]

    def count(self, kind: Kind) -> int:
        return sum(line.kind is kind for line in self.lines)


def reported(
    source: str,
    data: bytes,
    text_lines: Sequence[str],
    *,
    format: str = "",
    pages: Sequence[int] = (),
    publisher: str = "",
    entries: Iterable[Entry] = (),
    questions: Iterable[Question] = (),
    drafts: Iterable[str] = (),
) -> Report:
    """The report of an import. A line nobody spoke for is doubtful, never silently gone."""
    said: dict[int, list[Entry]] = {}
    held = tuple(entries)
    for entry in held:
        for number in entry.lines:
            said.setdefault(number, []).append(entry)
    lines = tuple(
        _line(number, text, said.get(number, ()), pages[number - 1] if pages else 0)
        for number, text in enumerate(text_lines, 1)
        if text.strip()
    )
    asked: dict[str, list[int]] = {}
    for entry in held:
        if entry.kind is Kind.DOUBTFUL:
            asked.setdefault(entry.what, []).extend(entry.lines)
    for question in questions:
        asked.setdefault(question.question, []).extend(question.lines)
    for line in lines:
        if line.what == (_UNREAD,):
            asked.setdefault(_UNREAD, []).append(line.number)
    return Report(
        source,
        format,
        publisher,
        hashlib.sha256(data).hexdigest(),
        len(text_lines) - (bool(text_lines) and not text_lines[-1]),
        lines,
        tuple(
            Question(words, tuple(sorted(set(numbers))), pages[min(numbers) - 1] if pages and numbers else 0)
            for words, numbers in asked.items()
        ),
        tuple(drafts),
    )


_UNREAD = "not read: is anything in this line needed?"


def _line(number: int, text: str, entries: Sequence[Entry], page: int) -> SourceLine:
    if not entries:
        return SourceLine(number, text, Kind.DOUBTFUL, (_UNREAD,), page)
    kind = min((entry.kind for entry in entries), key=_ORDER.index)
    return SourceLine(number, text, kind, tuple(dict.fromkeys(entry.what for entry in entries)), page)


# ---------------------------------------------------------------------------- faces


def report_value(report: Report) -> dict[str, object]:
    """The report as a plain JSON value."""
    return {
        "source": report.source,
        "format": report.format,
        "publisher": report.publisher,
        "sha256": report.sha256,
        "line_count": report.line_count,
        "counts": {kind.value.replace(" ", "_"): report.count(kind) for kind in _TITLES},
        "drafts": list(report.drafts),
        "questions": [
            {"question": each.question, "lines": list(each.lines), **_page(each.page)} for each in report.questions
        ],
        "lines": [
            {
                "line": line.number,
                **_page(line.page),
                "kind": line.kind.value,
                "what": list(line.what),
                "text": excerpt(line.text),
                "digest": line.digest,
            }
            for line in report.lines
        ],
    }


def _page(page: int) -> dict[str, int]:
    return {"page": page} if page else {}


def report_text(report: Report) -> str:
    """The report for a person: grouped, each line of the source once, then the questions."""
    parts = [
        f"{report.source}: {len(report.lines)} non-blank lines of {report.line_count}, sha256 {report.sha256[:16]}\n"
        + ", ".join(f"{kind.value} {report.count(kind)}" for kind in _TITLES)
    ]
    if report.drafts:
        parts.append("Drafts\n" + "\n".join(f"  {path}" for path in report.drafts))
    for kind, title in _TITLES.items():
        held = [line for line in report.lines if line.kind is kind]
        if held:
            parts.append(title + "\n" + "\n".join(map(_shown, _once(held))))
    if report.questions:
        parts.append(
            "Questions\n" + "\n".join(f"  - {each.question}{_at(each.lines, each.page)}" for each in report.questions)
        )
    return "\n\n".join(parts) + "\n"


def _once(lines: Iterable[SourceLine]) -> Iterable[SourceLine]:
    """The lines with a question that stands under an earlier one replaced by where it was asked."""
    asked: dict[str, int] = {}
    for line in lines:
        what = tuple(
            f"as asked at line {asked[words]}" if words in asked and len(words) > _LONG else words
            for words in line.what
        )
        for words in line.what if line.kind is Kind.DOUBTFUL else ():
            asked.setdefault(words, line.number)
        yield replace(line, what=tuple(dict.fromkeys(what)))


_LONG = 60


def _shown(line: SourceLine) -> str:
    page = f"page {line.page}: " if line.page else ""
    return f"  {line.number:>5}  {page}{'; '.join(line.what)}\n         {excerpt(line.text)} [{line.digest[:8]}]"


def _at(lines: Sequence[int], page: int) -> str:
    if not lines:
        return ""
    place = f"page {page}, " if page else ""
    shown = ", ".join(map(str, lines[:6])) + (", ..." if len(lines) > 6 else "")
    return f" ({place}line {shown})" if len(lines) == 1 else f" ({place}lines {shown})"


def excerpt(text: str, limit: int = 72) -> str:
    """The beginning of a line, spaces collapsed."""
    words = " ".join(text.split())
    return words if len(words) <= limit else words[: limit - 1] + "…"
