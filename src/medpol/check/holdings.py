"""What rules look at: the documents of a library that read without error, and the ways to find something in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date

from medpol.check.prose import Sentence, sentences
from medpol.decide.plan import compile_version
from medpol.decide.rows import PlanVersion
from medpol.library import Library
from medpol.lifecycle import withdrawn_from
from medpol.model.contract import CoverageSource
from medpol.model.dates import stated
from medpol.model.diagnostic import Source
from medpol.model.policy import PolicyVersion

_ANY_DAY = stated("2000-01-01")


class Holdings:
    """A library without its broken files, with each policy's versions at hand.

    ``versions`` holds the sound versions of every policy, drafts too; ``of`` those of one policy by first day, then by the
    day they became known, drafts last; ``standing`` leaves out drafts, the withdrawn, and what a correction replaced.
    """

    __slots__ = ("_compiled", "_lines", "_of", "_sentences", "_standing", "library")

    def __init__(self, library: Library) -> None:
        self.library = library
        self._lines: dict[str, tuple[str, ...]] = {}
        self._sentences: dict[str, tuple[Sentence, ...]] = {}
        self._compiled: dict[str, PlanVersion] = {}
        grouped: dict[str, list[PolicyVersion]] = {}
        for version in library.versions:
            grouped.setdefault(version.policy, []).append(version)
        self._of: Mapping[str, tuple[PolicyVersion, ...]] = {
            policy: tuple(sorted(held, key=_by_days)) for policy, held in sorted(grouped.items())
        }
        self._standing = {policy: _standing(held) for policy, held in self._of.items()}

    @property
    def versions(self) -> tuple[PolicyVersion, ...]:
        return self.library.versions

    @property
    def sources(self) -> tuple[CoverageSource, ...]:
        """The contracts, mandates and Medicare sources that read without error."""
        broken = {each.source.file for each in self.library.errors}
        return tuple(source for source in self.library.sources if source.source.file not in broken)

    @property
    def policies(self) -> tuple[str, ...]:
        return tuple(self._of)

    def of(self, policy: str) -> tuple[PolicyVersion, ...]:
        return self._of.get(policy, ())

    def standing(self, policy: str) -> tuple[PolicyVersion, ...]:
        """The versions that hold of one policy, by first day, as all that is held knows them."""
        return self._standing.get(policy, ())

    def newest(self, policy: str) -> PolicyVersion | None:
        """The version with the latest first day, one still to come among them; ``None`` where none is in force or to come."""
        held = self.standing(policy)
        return held[-1] if held else None

    def in_force_before(self, version: PolicyVersion) -> PolicyVersion | None:
        """The version in force on the day before a version's first day, corrections taken in.

        ``None`` where there was none: before the first text, and while the policy was archived.
        """
        before = self.standing_before(version)
        return None if before is None or before.is_archived else before

    def standing_before(self, version: PolicyVersion) -> PolicyVersion | None:
        """The version that stood on the day before a version's first day, an archived one too."""
        first_day = version.first_day
        if first_day is None:
            return None
        earlier = [
            each for each in self.standing(version.policy) if each.first_day is not None and each.first_day < first_day
        ]
        return earlier[-1] if earlier else None

    def text_before(self, version: PolicyVersion) -> PolicyVersion | None:
        """The last text before a version's first day that was no archive, also where the policy was archived between."""
        first_day = version.first_day
        if first_day is None:
            return None
        held = (each for each in self.standing(version.policy) if not each.is_archived)
        earlier = [each for each in held if each.first_day is not None and each.first_day < first_day]
        return earlier[-1] if earlier else None

    def superseded(self, today: date | None) -> frozenset[str]:
        """The files of versions that no longer hold on a day: a later version is in force, or a correction holds.

        Nobody can mend what has been published and replaced, so what is found in them weighs least. Without a day, every
        version but the newest of its policy is superseded.
        """
        found: set[str] = set()
        for policy, versions in self._of.items():
            standing = self.standing(policy)
            begun = [
                each for each in standing if today is None or (each.first_day is not None and each.first_day <= today)
            ]
            holding = {id(each) for each in (*begun[-1:], *(each for each in standing if each not in begun))}
            found |= {each.source.file for each in versions if not each.is_draft and id(each) not in holding}
        return frozenset(found)

    def compiled(self, version: PolicyVersion) -> PlanVersion:
        """The rows of a version's rules, as the answers come from them. A draft is read as if it had its days."""
        file = version.source.file
        if file not in self._compiled:
            if version.is_draft:
                version = replace(version, effective=version.effective or _ANY_DAY, published=_ANY_DAY)
                version = (
                    version if version.first_day is not None else replace(version, effective=_ANY_DAY, archived=None)
                )
            self._compiled[file] = compile_version(version, self.library.facts, self.library.event_fields)
        return self._compiled[file]

    def lines(self, file: str) -> tuple[str, ...]:
        """The lines of a document as read; line ``n`` of a place is ``lines(file)[n - 1]``."""
        if file not in self._lines:
            text = self.library.texts.get(file, "")
            self._lines[file] = tuple(line.rstrip("\r") for line in text.split("\n"))
        return self._lines[file]

    def sentences(self, version: PolicyVersion) -> tuple[Sentence, ...]:
        """The prose of a version by sentence, in the order of the document."""
        file = version.source.file
        if file not in self._sentences:
            self._sentences[file] = tuple(sentences(self.lines(file), version))
        return self._sentences[file]

    def line(self, place: Source) -> str:
        """The line of a place; empty where the document has none such."""
        lines = self.lines(place.file)
        return lines[place.line - 1] if 0 < place.line <= len(lines) else ""

    def value_place(self, version: PolicyVersion, key: str) -> Source:
        """Where the value of a front-matter key begins; the key's own place, or the file's top, where there is none."""
        place = version.place(key)
        name, colon, value = self.line(place).partition(":")
        if not colon or name.strip(" '\"") != key or not value.strip():
            return place
        return Source(place.file, place.line, len(name) + 2 + len(value) - len(value.lstrip()))

    def words_place(self, place: Source, words: str) -> Source:
        """Where the words stand in the line of a place, case aside; the place itself where they do not stand there."""
        at = self.line(place).casefold().find(words.casefold()) if words else -1
        return place if at < 0 else Source(place.file, place.line, at + 1)

    def words_below(self, place: Source, words: str, until: int | None = None) -> Source:
        """Where the words first stand on a place's line or below, before the line ``until``; else the place itself."""
        for number, line in enumerate(self.lines(place.file)[place.line - 1 : until], place.line):
            at = line.casefold().find(words.casefold())
            if at >= 0:
                return Source(place.file, number, at + 1)
        return place


def _by_days(version: PolicyVersion) -> tuple[str, str, str]:
    return (str(version.first_day or "9999"), str(version.known_from or "9999"), version.source.file)


def _standing(versions: Iterable[PolicyVersion]) -> tuple[PolicyVersion, ...]:
    """Of versions in the order of their days: drafts, the withdrawn and the corrected left out."""
    held = tuple(version for version in versions if not version.is_draft)
    by_day = {version.first_day: version for version in held if withdrawn_from(version, held) is None}
    return tuple(by_day.values())
