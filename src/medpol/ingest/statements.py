"""One statement of a criteria section while it is gathered: its sentence, the list below it, what may narrow it; and its rule."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from medpol.ingest.bullets import Bullet
from medpol.ingest.contexts import Context
from medpol.ingest.naming import services_in
from medpol.ingest.published import Ruling
from medpol.ingest.qualifying import held_to
from medpol.ingest.stating import position_in
from medpol.ingest.wording import FITS, also_when, ruling
from medpol.model.positions import FAVOURABLE, STANDARD_LABELS, CoveragePosition

_ASKS_FOR = re.compile(
    r"\b(?:must|shall|should|requires?|required|needs? to|only|limited to|(?:no|not) more than|exceed|at most|up to|maximum|minimum|at least|contraindicat\w+|"
    r"provided|unless|except\w*|exclu\w+|prior to|cannot|may not|will not|however|if|when)\b",
    re.IGNORECASE,
)
_EXCEPTS = re.compile(
    r"\b(?:unless|except\w*|however|may (?:\w+ ){0,2}?(?:covered?|approved?|considered?|eligible|allow(?:ed)?|authori[sz]ed?)|contracts?|mandates?|some (?:plans?|products?)|individual consideration|case[- ]by[- ]case|apart from|other than)\b",
    re.IGNORECASE,
)
_ANNOUNCES = re.compile(r"^$|:\s*$|\b(?:following|these)\b[^.]*$|\b(?:and|or)\s*$", re.IGNORECASE)


@dataclass(slots=True)
class Statement:
    """A sentence of the section with the list gathered below it, and the headings it stands under."""

    sentence: str
    subject: str
    column: str | None
    lines: list[int]
    bullets: list[Bullet] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    base: int = 0
    days: Context | None = None
    phase: str = ""
    approved_for: str = ""
    case: str = ""
    hindrances: list[str] = field(default_factory=list)

    @property
    def position(self) -> CoveragePosition:
        """The position that its sentence states, else that of its column."""
        stand = position_in(self.sentence)
        return stand.position if stand is not None else STANDARD_LABELS[self.column or ""]

    def refers_to(self, sign: str) -> bool:
        """Whether the sentence, or a line listed below it, refers to a footnote."""
        return any(sign in text for text in (self.sentence, *(each.text for each in self.bullets)))

    @property
    def takes_items(self) -> bool:
        return bool(self.bullets) or _ANNOUNCES.search(self.sentence) is not None


def may_narrow(sentence: str, statement: Statement | None) -> bool:
    """Whether a sentence beside a statement may hold it to fewer cases; one before any statement is read as for a favourable."""
    is_favourable = statement is None or statement.position in FAVOURABLE
    return (_ASKS_FOR if is_favourable else _EXCEPTS).search(sentence) is not None


def rule_of(statement: Statement, title: str, hindrances: Sequence[str], *, has_loose_lines: bool) -> Ruling:
    """The rule that a statement makes, held to what its headings, its notes and the lines beside it say."""
    one = ruling(statement.sentence, statement.bullets, statement.subject, statement.column)
    assert one is not None  # a statement is opened by a position of its own or of its column
    if not one.services:
        doubt = f"of which service does {one.plain_words[:60]!r} speak?"
        one = replace(one, services=services_in(title) or ("service",), doubts=(*one.doubts, doubt))
    if has_loose_lines and one.position in FAVOURABLE:
        one = also_when(one, "the conditions that the criteria list elsewhere are met")
    one = held_to(one, title, statement.subject, statement.case)
    for each in (*statement.hindrances, *(hindrances if one.position in FAVOURABLE else ())):
        one = also_when(one, f"{FITS} {each.rstrip(' .:')}")
    return _within(replace(one, notes=(*one.notes, *statement.notes)), statement)


def _within(one: Ruling, statement: Statement) -> Ruling:
    """A rule with what the headings above its statement say: its days of service, its phase; how long an approval holds."""
    branch = statement.days.branch if statement.days is not None else None
    if statement.phase:
        one = also_when(one, f"this is {statement.phase}")
        one = replace(
            one, heading=f"{one.heading or statement.subject}: {statement.phase.split(' ', 1)[1]}".strip(": ")
        )
    if branch is not None and branch.question:
        one = also_when(one, branch.question)
    return replace(one, dates=branch.line if branch is not None else "", approved_for=statement.approved_for)


def said_of(one: Ruling, statement: Statement) -> str:
    listed = f", over {len(statement.bullets)} listed lines" if statement.bullets else ""
    dates = f", dates of service {one.dates}" if one.dates else ""
    return f"statement: {one.position.value.replace('_', ' ')} for {', '.join(one.services)}{listed}{dates}"
