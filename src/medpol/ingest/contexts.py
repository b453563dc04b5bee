"""The headings inside a criteria section: whose position, which service, which days and which phase stand below them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from medpol.ingest.branches import Branch, branch_of
from medpol.ingest.stating import column_label

_COVERED = re.compile(
    r"(?:(?P<what>.+?)\s+(?:is|are|may be|will be)\s+)?(?P<not>not\s+)?(?:nationally\s+)?(?:covered|non-?covered)(?:\s+(?:indications?|services?|conditions?))?",
    re.IGNORECASE,
)
_PHASES: tuple[tuple[str, str], ...] = (
    ("an initial request", r"initial"),
    ("a request for renewal", r"renewal|continuation|reauthori[sz]ation|continued|maintenance"),
    ("a repeat request", r"repeat|retreatment|subsequent"),
)
_PHASE_WORDS = re.compile(
    r"(?:initial|renewal|continuation|reauthori[sz]ation|continued|maintenance|repeat|retreatment|subsequent|treatment|therapy|criteria|approval|authori[sz]ation|"
    r"request|use|coverage|phase|course|requests|for|of|and|or|the|care)(?:\s+|$)",
    re.IGNORECASE,
)
_LEAD = re.compile(r"(?:[IVX]{1,4}|[A-Z]|\d{1,2})[.)]\s+")
_RANKS = {"days": 0, "service": 1, "position": 2, "phase": 3}


@dataclass(frozen=True, slots=True)
class Context:
    """What one heading gives: its kind (days, service, position or phase) and what it says."""

    kind: str
    text: str = ""
    label: str = ""
    branch: Branch | None = None


def context_of(heading: str, pivot: int) -> Context:
    """What a heading gives to what stands below it; the service, where it gives nothing else."""
    words = _LEAD.sub("", " ".join(heading.split()).strip(" *"), count=1).rstrip(" :*")
    branch = branch_of(words, pivot)
    if branch is not None:
        return Context("days", words, branch=branch)
    if label := position_heading(words):
        match = _COVERED.fullmatch(re.sub(r"^when\s+", "", words, flags=re.IGNORECASE))
        return Context("position", (match["what"] or "") if match is not None else "", label)
    if _PHASE_WORDS.sub("", words + " ") == "" and (phase := phase_of(words)):
        return Context("phase", phase)
    return Context("service", words)


def position_heading(words: str) -> str:
    """The label that a heading gives to its block: "Not medically necessary", "When lamps are covered"; else empty."""
    bare = re.sub(
        r"\s+(?:criteria|statements?|indications?|uses?|services?|procedures?)$", "", words, flags=re.IGNORECASE
    )
    if label := column_label(words) or column_label(bare):
        return label
    plain = re.sub(r"^when\s+", "", words, flags=re.IGNORECASE)
    match = _COVERED.fullmatch(plain)
    if match is None or (match["what"] and plain == words) or len(words) > 160:
        return ""
    is_against = match["not"] or re.search(r"non-?covered", words, re.IGNORECASE)
    return "not covered" if is_against else "covered"


def phase_of(words: str) -> str:
    """The one phase that some words name; empty where they name none, or several."""
    found = [phase for phase, pattern in _PHASES if re.search(rf"\b(?:{pattern})\b", words, re.IGNORECASE)]
    return found[0] if len(found) == 1 else ""


@dataclass(slots=True)
class Contexts:
    """The headings that hold at one place of the section, outermost first."""

    held: list[tuple[tuple[int, int], Context]] = field(default_factory=list)

    def enter(self, context: Context, level: int) -> None:
        """Put a heading in force; those at its level or deeper end, but a position stays inside its days."""
        key = (level, _RANKS[context.kind])
        self.held = [each for each in self.held if each[0] < key]
        self.held.append((key, context))

    def last(self, kind: str) -> Context | None:
        return next((each for _, each in reversed(self.held) if each.kind == kind), None)
