"""The indexes of a library: public versions in one, drafts in another, so that nothing public depends on a draft."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from medpol.library.load import Library
from medpol.library.search.passages import Name, Passage, is_free_text, names_of, passages_of
from medpol.library.search.store import Store
from medpol.model.codes import CodeSystems
from medpol.model.lines import LINES_OF_BUSINESS, Scope, line_scope_holds
from medpol.model.policy import PolicyVersion

_NEWEST = 2**40
"""The number of the first passage of all. The older a text is, the lower its passages are numbered, so that a search for
today need not look at those below; what comes later is numbered above."""
_WORD = re.compile(r"[^\W\d_]{4,}")


class Place(NamedTuple):
    """A passage of a version: its number, its section, and how much a word there counts."""

    number: int
    section: str
    weight: float


@dataclass(frozen=True, slots=True)
class Entry:
    """A version in an index: its passages in the order of the document, each once, the positions that it takes, and the lines of
    business that it speaks for.

    ``numbers`` are those of its passages.
    """

    version: PolicyVersion
    places: tuple[Place, ...]
    positions: tuple[str, ...]
    lines: tuple[str, ...]
    numbers: tuple[int, ...]

    @property
    def title(self) -> int:
        """The number of the passage that holds title and number."""
        return self.numbers[0]


@dataclass(frozen=True, slots=True)
class Index:
    """What is found in some versions of a library. Once built it never changes, and any thread may read it.

    ``files`` names for each passage, by its number, those in which it stands.
    """

    store: Store
    passages: Mapping[int, Passage]
    entries: Mapping[str, Entry]
    files: Mapping[int, tuple[str, ...]]
    names: Mapping[Name, tuple[str, ...]]
    vocabulary: frozenset[str]
    systems: CodeSystems
    lines: tuple[str, ...]

    def named(self, token: str) -> frozenset[str]:
        """The files that a token names letter by letter: as a code, the number of a policy, or a trial."""
        return frozenset(file for name in self.names_for(token) for file in self.names[name])

    def names_for(self, token: str) -> tuple[Name, ...]:
        """The codes and numbers of the index that a token is, in whatever systems its shape fits."""
        return tuple(each for each in _spellings(self.systems, token) if each in self.names)


@dataclass(frozen=True, slots=True)
class Search:
    """A library ready to be searched. To reload, build another one and put it in this one's place."""

    public: Index
    drafts: Index


def build(library: Library, previous: Search | None = None) -> Search:
    """The indexes of a library.

    Args:
        library: The library; versions whose documents have errors are left out.
        previous: The search of the same library as it was read before: passages that are still the same are not taken in
            again. What is found is the same with it as without it.
    """
    broken = {each.source.file for each in library.errors}
    sound = [version for version in library.versions if version.source.file not in broken]
    return Search(
        _index(library, [each for each in sound if not each.is_draft], None if previous is None else previous.public),
        _index(library, [each for each in sound if each.is_draft], None if previous is None else previous.drafts),
    )


def _index(library: Library, versions: Iterable[PolicyVersion], previous: Index | None) -> Index:
    numbers = {} if previous is None else {passage: number for number, passage in previous.passages.items()}
    lines = (*LINES_OF_BUSINESS, *library.settings.lines)
    scopes: dict[Scope, tuple[str, ...]] = {}
    fresh, step = (_NEWEST, -1) if previous is None else (max(numbers.values(), default=_NEWEST) + 1, 1)
    added: dict[int, Passage] = {}
    entries: dict[str, Entry] = {}
    for version in _newest_first(versions):
        file = version.source.file
        before = None if previous is None or previous.lines != lines else previous.entries.get(file)
        if before is not None and before.version is version:
            entries[file] = before
            continue
        taken: dict[int, Place] = {}
        for passage in passages_of(version, library.texts.get(file, "")):
            number = numbers.setdefault(passage, fresh)
            if number == fresh:
                added[number] = passage
                fresh += step
            taken.setdefault(number, Place(number, passage.section, passage.weight))
        positions = dict.fromkeys(rule.statement.position.canonical.value for rule in version.rules)
        scope = version.lines_of_business
        if scope not in scopes:
            scopes[scope] = tuple(each for each in lines if line_scope_holds(scope, each))
        places = tuple(taken.values())
        entries[file] = Entry(version, places, tuple(positions), scopes[scope], tuple(taken))
    files: dict[int, list[str]] = {}
    for file, entry in entries.items():
        for place in entry.places:
            files.setdefault(place.number, []).append(file)
    kept = {number: passage for passage, number in numbers.items() if number in files}
    store = Store(None if previous is None else previous.store)
    gone = () if previous is None else [number for number in previous.passages if number not in files]
    store.write(added.items(), gone)
    words = _words(added.values())
    return Index(
        store,
        kept,
        entries,
        {number: tuple(held) for number, held in files.items()},
        _names(entries.values()),
        words if previous is None else previous.vocabulary | words,
        library.settings.systems,
        lines,
    )


def _newest_first(versions: Iterable[PolicyVersion]) -> list[PolicyVersion]:
    """The newest version of every policy, then the second newest of every one, and so on."""
    held: dict[str, list[PolicyVersion]] = {}
    for version in sorted(versions, key=lambda each: (str(each.first_day), str(each.known_from)), reverse=True):
        held.setdefault(version.policy, []).append(version)
    aged = [(age, version) for each in held.values() for age, version in enumerate(each)]
    return [version for _, version in sorted(aged, key=lambda each: each[0])]


def _names(entries: Iterable[Entry]) -> dict[Name, tuple[str, ...]]:
    found: dict[Name, dict[str, None]] = {}
    for entry in entries:
        for name in names_of(entry.version):
            found.setdefault(name, {})[entry.version.source.file] = None
    return {name: tuple(files) for name, files in found.items()}


def _words(passages: Iterable[Passage]) -> frozenset[str]:
    """Words that may be offered where nothing was found."""
    found: set[str] = set()
    for passage in passages:
        found.update(_WORD.findall(passage.words.casefold()))
    return frozenset(found)


def _spellings(systems: CodeSystems, token: str) -> Iterator[Name]:
    plain = token.strip(".,;:()[]'\"").casefold()
    yield Name("policy", "", token.casefold(), False)
    if plain != token.casefold():
        yield Name("policy", "", plain, False)
    yield Name("trial", "", plain, False)
    for system in systems.names():
        code = systems.normalise(system, plain)
        if code is not None:
            yield Name("code", system, code, False)
            if not is_free_text(system):
                yield from (Name("code", system, code[:length], True) for length in range(len(code), 0, -1))
