"""A question answered from an index: exact codes and numbers first, then what is in force that day, then how well it fits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from itertools import chain
from operator import itemgetter
from typing import NamedTuple

from medpol.library.search.index import Index
from medpol.library.search.passages import Name, is_free_text
from medpol.library.search.store import tokens_of
from medpol.library.search.values import MAXIMUM_WORDS, Exact, Facet, Filters, Findings, Found, Run, Stand
from medpol.model.codes import pattern_shown, shown
from medpol.model.diagnostic import nearest
from medpol.model.rights import may_show_prose

_NEAR = 6
_SHORTEST_SHARED = 3
_FEW_FILES = 200
_FIRST = 100
_STATUSES = {"in_force": 0, "in_notice": 1, "archived": 2, "draft": 3}
"""By what comes first."""


def words_given(text: str) -> tuple[tuple[str, ...], int]:
    """The words of a question that are searched for, and how many more were given."""
    tokens = tokens_of(text)
    return tokens[:MAXIMUM_WORDS], len(tokens[MAXIMUM_WORDS:])


class Traits(NamedTuple):
    """What a text has to choose by, but for the sections in which words were found."""

    status: tuple[str, ...]
    position: tuple[str, ...]
    line_of_business: tuple[str, ...]


class Hit(NamedTuple):
    """A text in which every word stands: where, best section first, and how well it fits. Hits sort by what comes first."""

    is_only_mentioned: bool
    status_place: int
    worse: float
    policy: str
    file: str
    passages: tuple[int, ...]
    sections: tuple[str, ...]
    traits: Traits


class Hits(NamedTuple):
    """What a question finds on a ground, before a reader chooses among it: one hit a policy, in order, or the first of them.

    ``alike`` counts all hits that are alike in all that can be chosen by. ``near_codes`` and ``near_words`` are those of
    ``Findings``.
    """

    found: tuple[Hit, ...]
    total: int
    alike: Counter[tuple[Traits, tuple[str, ...]]]
    near_codes: tuple[str, ...]
    near_words: tuple[str, ...]


class Ground:
    """The texts that stand on one day as known on one, ready to be searched again and again.

    A policy may stand in two texts: the one in force, and one that is announced.
    """

    __slots__ = ("_traits", "announced", "date_of_service", "index", "known_on", "span", "stands")

    def __init__(
        self,
        index: Index,
        stands: Mapping[str, Stand],
        date_of_service: date,
        known_on: date,
    ) -> None:
        """``stands``: by file."""
        self.index, self.date_of_service, self.known_on = index, date_of_service, known_on
        entries = index.entries
        self.stands = {file: stand for file, stand in stands.items() if file in entries}
        self.announced = {
            entries[file].version.policy: stand.first_day
            for file, stand in self.stands.items()
            if stand.status == "in_notice"
        }
        self._traits: dict[str, Traits] = {}
        self.span = (
            min((min(entries[file].numbers) for file in self.stands), default=0),
            max((max(entries[file].numbers) for file in self.stands), default=0),
        )

    def files_with(self, token: str, numbers: Collection[int] | None = None) -> frozenset[str]:
        """The files that a word names or in which it stands; ``numbers``: its passages, where they are known already."""
        held = self.index.store.holding(token, self.span) if numbers is None else numbers
        named = frozenset(self.stands.keys() & self.index.named(token))
        if len(held) > len(self.stands):  # walk through the shorter of the two
            entries, without = self.index.entries, frozenset(held).isdisjoint
            return named.union([file for file in self.stands if not without(entries[file].numbers)])
        files = chain.from_iterable(map(self.index.files.__getitem__, held))
        return named.union(self.stands.keys() & files)

    def traits(self, file: str) -> Traits:
        """What a text has to choose by."""
        held = self._traits.get(file)
        if held is None:
            entry, status = self.index.entries[file], self.stands[file].status
            is_announced = entry.version.policy in self.announced and status != "in_notice"
            statuses = (status, "in_notice") if is_announced else (status,)
            held = self._traits[file] = Traits(statuses, entry.positions, entry.lines)
        return held


def find(
    ground: Ground,
    text: str,
    filters: Filters = Filters(),  # noqa: B008
    *,
    limit: int = 20,
    offset: int = 0,
    first: Callable[[Ground, tuple[str, ...]], Hits] | None = None,
) -> Findings:
    """What a question finds among the texts that stand on a day; nothing at all for a question without a word.

    Every word must stand in the text of a policy, in any of its forms, or name it. The order: what a word names letter by
    letter; what is in force; how well the words fit, a title above criteria, codes, prose and references.

    ``first``: ``first_hits``, or what remembers what it gave.
    """
    tokens, left_out = words_given(text)
    if not tokens:
        return Findings(ground.date_of_service, ground.known_on, (), left_out, 0, (), (), (), (), ())
    hits = (first or first_hits)(ground, tokens)
    if filters != Filters() or len(hits.found) < min(hits.total, offset + limit):
        hits = hits_of(ground, tokens)
    kept = [each for each in hits.found if _passes(ground, each, filters)] if filters != Filters() else hits.found
    exact = _exact(ground, tokens) if len(tokens) == 1 and not left_out else ()
    return Findings(
        ground.date_of_service,
        ground.known_on,
        tokens,
        left_out,
        hits.total if kept is hits.found else len(kept),
        _shown(ground, kept[offset : offset + limit], tokens),
        exact,
        _facets(ground, hits, filters),
        hits.near_codes,
        hits.near_words,
    )


def first_hits(ground: Ground, tokens: tuple[str, ...]) -> Hits:
    """What is found, with no more hits than most readers look at: little enough to be remembered."""
    hits = hits_of(ground, tokens)
    return hits._replace(found=hits.found[:_FIRST])


def hits_of(ground: Ground, tokens: tuple[str, ...]) -> Hits:
    """What is found, of two texts of one policy the one that comes first; and where that is nothing, what is near."""
    if len(tokens) == 1:
        ranks = ground.index.store.ranked(tokens, ground.span)
        files = ground.files_with(tokens[0], ranks)
    else:
        files = frozenset.intersection(*map(ground.files_with, tokens))
        ranks = ground.index.store.ranked(tokens, ground.span, _passages_of(ground, files)) if files else {}
    named = frozenset(file for token in tokens for file in ground.index.named(token))
    hits: dict[str, Hit] = {}
    for hit in sorted(_hit(ground, file, file in named, ranks) for file in files):
        hits.setdefault(hit.policy, hit)
    found = tuple(hits.values())
    return Hits(
        found,
        len(found),
        Counter((each.traits, each.sections) for each in found),
        () if found else _near_codes(ground, tokens),
        () if found else _near_words(ground, tokens),
    )


def _passages_of(ground: Ground, files: Collection[str]) -> Sequence[int] | None:
    """The passages of some files where they are few: then only those are ranked."""
    if len(files) > _FEW_FILES:
        return None
    return [number for file in files for number in ground.index.entries[file].numbers]


def _hit(ground: Ground, file: str, is_exact: bool, ranks: Mapping[int, float]) -> Hit:
    entry = ground.index.entries[file]
    fits = [(-ranks[number] * weight, number, section) for number, section, weight in entry.places if number in ranks]
    fits.sort(key=itemgetter(0))
    worse = round(sum([fit for fit, _, _ in fits[:2]]), 9)
    passages = tuple([number for _, number, _ in fits])
    sections = tuple(dict.fromkeys([section for _, _, section in fits]))
    status = _STATUSES[ground.stands[file].status]
    return Hit(not is_exact, status, worse, entry.version.policy, file, passages, sections, ground.traits(file))


def _shown(ground: Ground, hits: Sequence[Hit], tokens: tuple[str, ...]) -> tuple[Found, ...]:
    """The hits of one page."""
    asked = frozenset(name for token in tokens for name in ground.index.names_for(token) if name.kind == "code")
    prose = {hit.file: number for hit in hits if (number := _prose(ground, hit)) is not None}
    snippets = ground.index.store.snippets(tuple(dict.fromkeys(prose.values())), tokens) if prose else {}
    return tuple(_found(ground, hit, snippets.get(prose.get(hit.file, -1), ()), asked) for hit in hits)


def _prose(ground: Ground, hit: Hit) -> int | None:
    """The passage to show words of: not the title, which is shown anyway, and nothing that rights keep back."""
    entry = ground.index.entries[hit.file]
    if not may_show_prose(entry.version):
        return None
    return next((number for number in hit.passages if number != entry.title), None)


def _found(ground: Ground, hit: Hit, snippet: tuple[Run, ...], asked: Collection[Name]) -> Found:
    """``asked``: the codes that the words name."""
    index, stand = ground.index, ground.stands[hit.file]
    version = index.entries[hit.file].version
    is_withheld = not may_show_prose(version)
    codes = (
        pattern_shown(row.system, row.pattern)
        for row in (version.code_rows if asked else ())
        if row.pattern is not None and Name("code", row.system, row.pattern.text, row.pattern.is_prefix) in asked
    )
    return Found(
        version.policy,
        version.title,
        version.publisher,
        stand.status,
        stand.first_day,
        stand.last_day,
        stand.known_from,
        hit.traits.position,
        tuple(dict.fromkeys(rule.statement.position.label for rule in version.rules)),
        not hit.is_only_mentioned,
        tuple(dict.fromkeys(codes)),
        hit.sections,
        snippet,
        is_withheld,
        ground.announced.get(version.policy),
        hit.file,
    )


# ---------------------------------------------------------------------------- facets


_FACETS = ("status", "position", "line_of_business", "section")


def _passes(ground: Ground, hit: Hit, filters: Filters) -> bool:
    """Whether a hit has the values that a reader chose."""
    return _is_recent(ground, hit, filters) and not _failing(hit.traits, hit.sections, filters)


def _is_recent(ground: Ground, hit: Hit, filters: Filters) -> bool:
    known = ground.stands[hit.file].known_from
    return filters.changed_since is None or (known is not None and known >= filters.changed_since)


def _failing(traits: Traits, sections: tuple[str, ...], filters: Filters) -> list[str]:
    """The facets in which a reader chose a value that is not there."""
    chosen = (filters.status, filters.position, filters.line_of_business, filters.section)
    held = (*traits, sections)
    return [
        facet
        for facet, value, values in zip(_FACETS, chosen, held, strict=True)
        if value is not None and value not in values
    ]


def _facets(ground: Ground, hits: Hits, filters: Filters) -> tuple[Facet, ...]:
    """How many policies a reader would be left with by each value, one facet left open."""
    alike = hits.alike
    if filters.changed_since is not None:
        alike = Counter((each.traits, each.sections) for each in hits.found if _is_recent(ground, each, filters))
    counted: dict[str, Counter[str]] = {facet: Counter() for facet in _FACETS}
    for (traits, sections), count in alike.items():
        failing = _failing(traits, sections, filters)
        for facet, values in zip(_FACETS, (*traits, sections), strict=True):
            if not failing or failing == [facet]:
                for value in values:
                    counted[facet][value] += count
    return tuple(
        Facet(facet, value, held[value])
        for facet, held in counted.items()
        for value in sorted(held, key=lambda each: (-held[each], each))
    )


# ---------------------------------------------------------------------------- letter by letter, and nearly


def _exact(ground: Ground, tokens: Sequence[str]) -> tuple[Exact, ...]:
    """What the whole question is, among the codes and numbers of the texts that stand."""
    index = ground.index
    held = [name for name in index.names_for(tokens[0]) if ground.stands.keys() & set(index.names[name])]
    found: dict[Exact, None] = {}
    for name in held:
        match name.kind:
            case "code":
                code = index.systems.normalise(name.system, tokens[0].strip(".,;:()[]'\"")) or name.text
                found[Exact("code", name.system, shown(name.system, code))] = None
            case "policy":
                for file in index.names[name]:
                    if file in ground.stands:
                        found[Exact("policy", None, index.entries[file].version.policy)] = None
            case _:
                found[Exact("trial", None, name.text.upper())] = None
    return tuple(found)


def _near_codes(ground: Ground, tokens: Sequence[str]) -> tuple[str, ...]:
    """Codes and policy numbers that some text names that day and that begin as a word of the question does."""
    wanted_codes = [token for token in tokens if any(sign.isdigit() for sign in token)]
    if not wanted_codes:
        return ()
    index = ground.index
    held = [
        (name.text, shown(name.system, name.text) if name.kind == "code" else name.text)
        for name, files in index.names.items()
        if not name.is_prefix and not is_free_text(name.system) and not ground.stands.keys().isdisjoint(files)
    ]
    for token in wanted_codes:
        wanted = token.casefold().strip(".,;:()[]'\"")
        plain = wanted.replace(".", "")
        for length in range(len(plain) - 1, _SHORTEST_SHARED - 1, -1):
            found = {
                words
                for text, words in held
                if text.casefold().replace(".", "").startswith(plain[:length]) and len(words) <= len(wanted) + 2
            }
            if found:
                return tuple(sorted(found, key=lambda each: (abs(len(each) - len(wanted)), each))[:_NEAR])
    return ()


def _near_words(ground: Ground, tokens: Sequence[str]) -> tuple[str, ...]:
    """For each word that stands nowhere that day, the nearest one in spelling that stands somewhere."""
    found: dict[str, None] = {}
    for token in tokens:
        if ground.files_with(token):
            continue
        word = token.casefold().strip(".,;:()[]'\"?!")
        alike = {
            each
            for each in ground.index.vocabulary
            if abs(len(each) - len(word)) <= 2 and (each[0] == word[:1] or each[1:3] == word[1:3])
        }
        while alike and (near := nearest(word, alike)):
            if ground.files_with(near):
                found[near] = None
                break
            alike.discard(near)
    return tuple(found)
