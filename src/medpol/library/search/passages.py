"""A version as plain passages, one a section, and the codes and numbers that name it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from medpol.model.codes import FREE_TEXT_SYSTEMS
from medpol.model.policy import PolicyVersion, SectionName

TITLE = "Title"
OTHER = "Other"
"""What a section under a heading of its own counts as."""

_WEIGHTS = {
    TITLE: 8.0,
    SectionName.CRITERIA.value: 4.0,
    SectionName.CODING.value: 3.0,
    SectionName.DEFINITIONS.value: 2.0,
    SectionName.INTRODUCTION.value: 2.0,
    SectionName.DOCUMENTATION.value: 2.0,
    SectionName.REFERENCES.value: 0.5,
    SectionName.HISTORY.value: 0.5,
    SectionName.RELATED.value: 0.5,
    SectionName.SCOPE.value: 0.5,
    SectionName.DISCLAIMER.value: 0.2,
}
_TABLE_RULE = re.compile(r"[ \t]*\|?[ \t]*:?-[-| :\t]*")
_MARKUP = re.compile(r"^[ \t]*(?:#{1,6}[ \t]+|(?:>[ \t]*)+|[-+*][ \t]+)|\*\*|`+|\\(?=[!-/:-@[-`{-~])|[ \t]*\|[ \t]*")
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|[\ud800-\udfff]")


class Passage(NamedTuple):
    """The words of one section of one policy; equal ones of several versions are kept once."""

    policy: str
    section: str
    words: str

    @property
    def weight(self) -> float:
        """How much a word there counts, against one in plain prose."""
        return _WEIGHTS.get(self.section, 1.0)


class Name(NamedTuple):
    """A code or number that names a version: exact, or for a pattern such as ``M79.*`` the beginning of codes."""

    kind: str
    system: str
    text: str
    is_prefix: bool


def clean(text: str) -> str:
    """The text without control characters and what else nobody sees, in one line."""
    return " ".join(_UNSEEN.sub(" ", text).split())


def passages_of(version: PolicyVersion, text: str) -> Iterator[Passage]:
    """The passages of a version: its title and number, what stands before the first section, then each section."""
    front = (version.title, version.policy, version.reference_policy, version.replaces, version.publisher)
    yield Passage(version.policy, TITLE, clean(" · ".join(dict.fromkeys(each for each in front if each))))
    if words := _plain(version.preamble.split("\n")):
        yield Passage(version.policy, OTHER, words)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    ends = [section.source.line for section in version.sections[1:]] + [len(lines) + 1]
    for section, end in zip(version.sections, ends, strict=False):
        if words := _plain(lines[section.source.line : end - 1]):
            yield Passage(version.policy, OTHER if section.name is None else section.name.value, words)


def names_of(version: PolicyVersion) -> Iterator[Name]:
    """Every code and number by which a version is found exactly."""
    for number in (version.policy, version.reference_policy, version.replaces):
        if number:
            yield Name("policy", "", number.casefold(), False)
    for row in version.code_rows:
        if row.pattern is not None:
            yield Name("code", row.system, row.pattern.text, row.pattern.is_prefix)
    for trial in version.trials:
        if trial.nct:
            yield Name("trial", "", trial.nct.casefold(), False)


def is_free_text(system: str) -> bool:
    return system in FREE_TEXT_SYSTEMS


def _plain(lines: Iterable[str]) -> str:
    """The words of Markdown lines: marks of structure are left out, cells stand apart."""
    kept = (line for line in lines if not _TABLE_RULE.fullmatch(line))
    return clean(" ".join(_MARKUP.sub(_space_for, line) for line in kept))


def _space_for(mark: re.Match[str]) -> str:
    return " " if "|" in mark[0] or mark.start() == 0 else ""
