"""What a redline says: items of meaning first, then the words; the field names are the keys of its JSON.

Two values have ``from`` and ``to`` as keys, which Python keeps for itself: they are msgspec structs, with ``before`` and
``after`` as attributes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import msgspec

from medpol.model.diagnostic import Source


class Kind(StrEnum):
    """What happened. ``reworded``: other words with one meaning. ``unchanged``: said because a reader will ask."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"
    REWORDED = "reworded"
    UNCHANGED = "unchanged"


class Subject(StrEnum):
    """What an item is about, in the order in which items are given."""

    STANDING = "standing"
    SCOPE = "scope"
    SERVICE = "service"
    STATEMENT = "statement"
    POSITION = "position"
    AUTHORISATION = "authorisation"
    CODE = "code"
    RULE = "rule"
    CRITERION = "criterion"
    STRUCTURE = "structure"
    CONDITION = "condition"
    VALUE_SET = "value_set"
    TABLE = "table"
    FACT = "fact"
    POPULATION = "population"
    TRIAL = "trial"
    GUIDELINE = "guideline"
    REFERENCE = "reference"
    MEDICARE = "medicare"
    REGULATORY = "regulatory"
    IDENTITY = "identity"
    ORDER = "order"
    DATE = "date"
    HISTORY = "history"
    RECORD = "record"


OF_COVERAGE = frozenset(list(Subject)[: list(Subject).index(Subject.POPULATION)])
"""Subjects that an answer may hang on: whether a policy is in force, its scope, services, positions, codes and criteria."""
OF_RECORD = frozenset({Subject.ORDER, Subject.DATE, Subject.HISTORY, Subject.RECORD})
"""Subjects that two versions of one meaning may differ in: order, stated days, the document's own history, its file."""


@dataclass(frozen=True, slots=True)
class Said:
    """What one of the two documents says of it, and where. Line 1 of a file stands for the whole of it."""

    text: str
    file: str
    line: int


def said(text: str, source: Source) -> tuple[Said, ...]:
    return (Said(text, source.file, source.line),)


class Item(msgspec.Struct, frozen=True, rename={"before": "from", "after": "to"}):
    """One change of meaning, with what both documents say.

    ``about`` names it: a code, a group, a key, a criterion's id. ``on``: the first day of the version with which it
    came or went, where versions between the two tell. ``changes_meaning`` is false where it is a matter of words, order
    or record, and for what stayed.
    """

    kind: Kind
    subject: Subject
    about: str
    says: str
    before: tuple[Said, ...] = ()
    after: tuple[Said, ...] = ()
    rule: str | None = None
    on: date | None = None
    changes_meaning: bool = True


def item(
    kind: Kind,
    subject: Subject,
    about: str,
    says: str,
    before: tuple[Said, ...] = (),
    after: tuple[Said, ...] = (),
    *,
    rule: str | None = None,
    on: date | None = None,
) -> Item:
    """An item that knows whether it changes the meaning."""
    matters = kind not in (Kind.REWORDED, Kind.UNCHANGED) and subject not in OF_RECORD
    return Item(kind, subject, about, says, before, after, rule, on, matters)


# ---------------------------------------------------------------------------- words


class Mark(StrEnum):
    EQUAL = "equal"
    DELETED = "deleted"
    INSERTED = "inserted"


class Change(StrEnum):
    """What became of a section or a passage."""

    EQUAL = "equal"
    CHANGED = "changed"
    DELETED = "deleted"
    INSERTED = "inserted"


@dataclass(frozen=True, slots=True)
class Run:
    """Words that stand in both, in the first alone, or in the second alone."""

    mark: Mark
    text: str


@dataclass(frozen=True, slots=True)
class Block:
    """One passage: a paragraph, a heading, an item of a list, a row of a table.

    The equal and deleted runs together are the passage of the first version, the equal and inserted ones that of the
    second. ``is_moved``: it stood elsewhere; ``moved_from`` names the section where that is another one.
    """

    kind: str
    change: Change
    runs: tuple[Run, ...]
    depth: int = 0
    marker: str = ""
    from_line: int | None = None
    to_line: int | None = None
    is_moved: bool = False
    moved_from: str | None = None
    criterion: str | None = None


@dataclass(frozen=True, slots=True)
class SectionWords:
    """One section. ``from_heading`` and ``to_heading`` null: the version has no such section."""

    name: str | None
    from_heading: str | None
    to_heading: str | None
    change: Change
    is_moved: bool
    from_line: int | None
    to_line: int | None
    blocks: tuple[Block, ...]

    @property
    def heading(self) -> str:
        return self.to_heading if self.to_heading is not None else self.from_heading or ""


@dataclass(frozen=True, slots=True)
class Words:
    """The words of both versions, section by section. Front matter is no section: its keys are items of meaning."""

    sections: tuple[SectionWords, ...] = ()

    @property
    def is_changed(self) -> bool:
        return any(each.change is not Change.EQUAL or each.is_moved for each in self.sections)


# ---------------------------------------------------------------------------- the whole


@dataclass(frozen=True, slots=True)
class VersionNamed:
    """One of the two versions, or one between them."""

    version: date | None
    is_archived: bool
    is_draft: bool
    known_from: date | None
    file: str
    content_hash: str


@dataclass(frozen=True, slots=True)
class Gap:
    """Days between the two on which no policy was in force; the last day is in."""

    first_day: date
    last_day: date
    days: int


class Redline(msgspec.Struct, frozen=True, rename={"before": "from", "after": "to"}):
    """Two versions of one policy: what the change means, then its words.

    ``meaning_changes``: some item says so. ``coverage_changes``: one on which an answer may hang does, not the evidence
    or the title alone. ``days_without_policy`` are the days from the first of the two first days to the other on which none was in force.
    Whoever shows one part alone makes the other ``None``.
    """

    policy: str
    title: str
    before: VersionNamed
    after: VersionNamed
    verdict: str
    meaning_changes: bool
    coverage_changes: bool
    words_change: bool
    meaning: tuple[Item, ...] | None
    words: Words | None
    versions_between: tuple[VersionNamed, ...]
    gaps: tuple[Gap, ...]
    days_without_policy: int


def by_subject(items: Iterable[Item]) -> tuple[Item, ...]:
    """The items in the order of their subjects; those of the criteria stay rule by rule."""
    return tuple(sorted(items, key=lambda each: _PLACE[each.subject]))


_CRITERIA = (Subject.RULE, Subject.CRITERION, Subject.STRUCTURE, Subject.CONDITION)
_PLACE = {subject: list(Subject).index(Subject.RULE if subject in _CRITERIA else subject) for subject in Subject}
