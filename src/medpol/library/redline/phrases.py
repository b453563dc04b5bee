"""A redline in words, for every page that shows one: headings for its items, signs, versions, gaps and places."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from medpol.library.redline.values import Block, Gap, Item, Kind, Said, SectionWords, Subject, VersionNamed

SIGNS: Mapping[Kind, str] = MappingProxyType(
    {
        Kind.ADDED: "+",
        Kind.REMOVED: "-",
        Kind.CHANGED: "~",
        Kind.MOVED: "⇄",
        Kind.REWORDED: "≈",
        Kind.UNCHANGED: "=",
    }
)
"""A sign of its own for each kind, so that no colour is needed."""

GROUPS: tuple[tuple[str, frozenset[Subject]], ...] = (
    ("Scope and standing", frozenset({Subject.STANDING, Subject.SCOPE})),
    ("Services and statements", frozenset({Subject.SERVICE, Subject.STATEMENT})),
    ("Positions", frozenset({Subject.POSITION, Subject.AUTHORISATION})),
    ("Codes", frozenset({Subject.CODE})),
    ("Criteria", frozenset({Subject.RULE, Subject.CRITERION, Subject.STRUCTURE, Subject.CONDITION})),
    ("Definitions", frozenset({Subject.VALUE_SET, Subject.TABLE, Subject.FACT})),
    (
        "Evidence",
        frozenset(
            {
                Subject.POPULATION,
                Subject.TRIAL,
                Subject.GUIDELINE,
                Subject.REFERENCE,
                Subject.MEDICARE,
                Subject.REGULATORY,
            }
        ),
    ),
    ("Name and publisher", frozenset({Subject.IDENTITY})),
    ("Dates and record", frozenset({Subject.ORDER, Subject.DATE, Subject.HISTORY, Subject.RECORD})),
)
QUOTED = frozenset({Subject.STATEMENT, Subject.RULE, Subject.CRITERION, Subject.STRUCTURE, Subject.CONDITION})
"""Subjects whose sentences are worth reading beside what is said of them."""
_MOST_PLACES = 4


def version_words(version: VersionNamed) -> str:
    day = "without a first day" if version.version is None else str(version.version)
    kind = "draft of" if version.is_draft else "archived from" if version.is_archived else "version of"
    return f"{kind} {day}"


def gap_words(gaps: Sequence[Gap], days: int) -> str:
    spans = "; ".join(f"{gap.first_day} through {gap.last_day}" for gap in gaps)
    return f"No policy was in force on {days:,} of the days between: {spans}."


def between_words(versions: Sequence[VersionNamed]) -> str:
    named = ", ".join(f"{each.version}{' (archived)' if each.is_archived else ''}" for each in versions)
    return f"{len(versions):,} version{'' if len(versions) == 1 else 's'} between: {named}"


def grouped(items: Iterable[Item]) -> Iterator[tuple[str, list[Item]]]:
    """The items under their headings; a heading without items is left out."""
    held = list(items)
    for name, subjects in GROUPS:
        inside = [each for each in held if each.subject in subjects]
        if inside:
            yield name, inside


def places_words(saids: Sequence[Said]) -> str:
    """Files and lines; lines of one file together."""
    files: dict[str, list[str]] = {}
    for each in saids:
        files.setdefault(each.file, []).append(str(each.line))
    return "; ".join(
        f"{file}:{','.join(lines[:_MOST_PLACES])}{',...' if len(lines) > _MOST_PLACES else ''}"
        for file, lines in files.items()
    )


def section_title(section: SectionWords) -> str:
    title = section.heading or "Title and opening"
    renamed = section.from_heading and section.to_heading and section.from_heading != section.to_heading
    return title + (f" (was “{section.from_heading}”)" if renamed else "")


def block_places(block: Block) -> str:
    lines = [str(line) for line in (block.from_line, block.to_line) if line is not None]
    return " → ".join(lines)
