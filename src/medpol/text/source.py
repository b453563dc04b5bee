"""A document's text with its positions, and the list in which its diagnostics are gathered."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from heapq import nsmallest

from medpol.model.diagnostic import Diagnostic, Severity, Source, nearest

MAXIMUM_BYTES = 1 << 20
MAXIMUM_DEPTH = 64
MAXIMUM_NODES = 20_000
MAXIMUM_EXPRESSION = 4_096
MAXIMUM_FACTS = 10_000
_MAXIMUM_DIAGNOSTICS = 500
_MAXIMUM_OFFERS = (
    20_000  # names compared in spelling, over one file: thousands of unknown names against thousands known
)
# Unicode's stream-safe text (UAX 15) has at most 30 marks on one letter; normalising more takes time without bound.
_MOST_MARKS = 30
_MARKS_RUN = re.compile(f"[\u0300-\U0010ffff]{{{_MOST_MARKS + 1},}}")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x85\u2028\u2029\ufeff\ufffe\uffff]|[\ud800-\udfff]")


@dataclass(slots=True)
class Findings:
    """The diagnostics of one file, in the order found. One bad line never hides the next."""

    file: str
    found: list[Diagnostic] = field(default_factory=list)
    offers: int = 0

    def error(
        self, line: int, column: int, rule: str, found: str, expected: str = "", mend: str = "", near: str = ""
    ) -> None:
        self._add(Severity.ERROR, line, column, rule, found, expected, mend, near)

    def warning(self, line: int, column: int, rule: str, found: str, expected: str = "", mend: str = "") -> None:
        self._add(Severity.WARNING, line, column, rule, found, expected, mend, "")

    def unknown_name(
        self, line: int, column: int, rule: str, what: str, name: str, known: Iterable[str], mend: str = ""
    ) -> None:
        """An error about a name nobody declares, offering the nearest that somebody does."""
        if self.is_full:
            return
        names = set(known)
        self.offers += len(names)
        near = nearest(name, names) if self.offers <= _MAXIMUM_OFFERS else ""
        listed = ", ".join(nsmallest(12, names)) + (", ..." if len(names) > 12 else "")
        self.error(
            line,
            column,
            rule,
            f"{what} {shorten(name)!r} is not known",
            f"one of: {listed}" if names else f"a declared {what}",
            mend or (f"write {near!r}" if near else f"declare it, or use a declared {what}"),
            near,
        )

    def _add(
        self, severity: Severity, line: int, column: int, rule: str, found: str, expected: str, mend: str, near: str
    ) -> None:
        if len(self.found) < _MAXIMUM_DIAGNOSTICS:
            self.found.append(Diagnostic(Source(self.file, line, column), severity, rule, found, expected, mend, near))
        elif len(self.found) == _MAXIMUM_DIAGNOSTICS:
            self.found.append(
                Diagnostic(
                    Source(self.file, line, column),
                    Severity.ERROR,
                    "too-many-findings",
                    f"more than {_MAXIMUM_DIAGNOSTICS} findings in one file; the rest are not listed",
                    mend="mend those listed first",
                )
            )

    @property
    def is_full(self) -> bool:
        """Whether more findings would not be listed."""
        return len(self.found) > _MAXIMUM_DIAGNOSTICS

    @property
    def has_errors(self) -> bool:
        return any(each.severity is Severity.ERROR for each in self.found)


def shorten(text: str, limit: int = 80) -> str:
    """The text, cut for a message."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def canonical_text(text: str) -> str:
    """The text whose hash is the document's: no byte order mark, LF line ends, one final LF."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").rstrip("\n") + "\n"


def content_hash(text: str) -> str:
    """SHA-256 of the canonical text in UTF-8, hexadecimal. The path is not part of it."""
    return hashlib.sha256(canonical_text(text).encode("utf-8", "surrogatepass")).hexdigest()


def decode(data: bytes, findings: Findings) -> str | None:
    """The file's text, or ``None`` with an error where it is too large or not UTF-8."""
    if len(data) > MAXIMUM_BYTES:
        findings.error(
            1, 1, "file-too-large", f"{len(data):,} bytes", f"at most {MAXIMUM_BYTES:,}", "split the document"
        )
        return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as problem:
        line = data.count(b"\n", 0, problem.start) + 1
        before = data[data.rfind(b"\n", 0, problem.start) + 1 : problem.start]
        findings.error(
            line,
            len(before.decode("utf-8", "replace")) + 1,
            "not-utf-8",
            f"byte 0x{data[problem.start]:02x} is not UTF-8",
            "text in UTF-8",
            "save the file as UTF-8",
        )
        return None


def refuse_control_characters(text: str, findings: Findings) -> bool:
    """Report characters no document may hold, and marks piled up without end; true where there was one."""
    if not _CONTROL.search(text) and (text.isascii() or not _MARKS_RUN.search(text)):
        return False
    found = False
    for number, line in enumerate(text.split("\n"), 1):
        if findings.is_full:
            break
        if (start := _piled_marks(line)) is not None:
            found = True
            findings.error(
                number,
                start + 1,
                "combining-marks",
                f"more than {_MOST_MARKS} combining marks on one letter",
                "text as people write it",
                "delete them",
            )
        elif match := _CONTROL.search(line):
            found = True
            findings.error(
                number,
                match.start() + 1,
                "control-character",
                f"the character U+{ord(match[0]):04X}",
                "printable text, tabs and line ends",
                "delete it",
            )
    return found


def _piled_marks(line: str) -> int | None:
    """Where more combining marks follow each other than text has need of."""
    for run in _MARKS_RUN.finditer(line):
        count = 0
        for at, sign in enumerate(run[0], run.start()):
            count = count + 1 if unicodedata.combining(sign) else 0
            if count > _MOST_MARKS:
                return at - _MOST_MARKS
    return None
