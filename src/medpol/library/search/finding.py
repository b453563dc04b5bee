"""A question answered from an index: exact codes and numbers first, then what is in force that day, then how well it fits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from medpol.library.search.index import Index
from medpol.library.search.passages import Name, is_free_text
from medpol.library.search.store import tokens_of
from medpol.library.search.values import MAXIMUM_WORDS, Exact, Facet, Filters, Findings, Found, Run, Stand
from medpol.model.codes import pattern_shown, shown
from medpol.model.diagnostic import nearest
from medpol.model.lines import Scope, line_scope_holds
from medpol.model.rights import may_show_prose

_NEAR = 6
_SHORTEST_SHARED = 3
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


class Ground:
    """The texts that stand on one day as known on one, ready to be searched again and again.

    A policy may stand in two texts: the one in force, and one that is announced.
    """

    __slots__ = (
        "_hits",
        "announced",
        "by_passage",
        "date_of_service",
        "index",
        "known_on",
        "span",
        "stands",
        "traits",
    )

    def __init__(
        self,
        index: Index,
        stands: Iterable[Stand],
        date_of_service: date,
        known_on: date,
        hits: Callable[[Ground, tuple[str, ...]], tuple[Hit, ...]] | None = None,
    ) -> None:
        """``hits``: ``hits_of``, or what remembers what it gave."""
        self.index, self.date_of_service, self.known_on = index, date_of_service, known_on
        self._hits = hits or hits_of
        self.stands: Mapping[str, Stand] = {each.file: each for each in stands if each.file in index.entries}
        self.by_passage: dict[int, list[str]] = {}
        self.announced: dict[str, date | None] = {}
        for file, stand in self.stands.items():
            entry = index.entries[file]
            for place in entry.places:
                held = self.by_passage.get(place.number)
                if held is None:
                    self.by_passage[place.number] = [file]
                else:
                    held.append(file)
            if stand.status == "in_notice":
                self.announced[entry.version.policy] = stand.first_day
        self.span = (min(self.by_passage, default=0), max(self.by_passage, default=0))
        self.traits = self._traits()

    def hits(self, tokens: tuple[str, ...]) -> tuple[Hit, ...]:
        return self._hits(self, tokens)

    def files_with(self, token: str, numbers: Iterable[int] | None = None) -> frozenset[str]:
        """The files that a word names or in which it stands; ``numbers``: its passages, where they are known already."""
        named = self.index.named(token).intersection(self.stands)
        held = self.by_passage.keys() & (self.index.store.holding(token, self.span) if numbers is None else numbers)
        return named.union(*map(self.by_passage.__getitem__, held))

    def _traits(self) -> Mapping[str, Traits]:
        """What each text has to choose by; texts that have the same share it."""
        index = self.index
        lines: dict[Scope, tuple[str, ...]] = {}
        shared: dict[Traits, Traits] = {}
        found = {}
        for file, stand in self.stands.items():
            entry = index.entries[file]
            scope = entry.version.lines_of_business
            held = lines.get(scope)
            if held is None:
                held = lines[scope] = tuple(each for each in index.lines if line_scope_holds(scope, each))
            is_announced = entry.version.policy in self.announced and stand.status != "in_notice"
            status = (stand.status, "in_notice") if is_announced else (stand.status,)
            traits = Traits(status, entry.positions, held)
            found[file] = shared.setdefault(traits, traits)
        return found


def find(ground: Ground, text: str, filters: Filters = Filters(), *, limit: int = 20, offset: int = 0) -> Findings:  # noqa: B008
    """What a question finds among the texts that stand on a day; nothing at all for a question without a word.

    Every word must stand in the text of a policy, in any of its forms, or name it. The order: what a word names letter by
    letter; what is in force; how well the words fit, a title above criteria, codes, prose and references.
    """
    tokens, left_out = words_given(text)
    if not tokens:
        return Findings(ground.date_of_service, ground.known_on, (), left_out, 0, (), (), (), (), ())
    hits = ground.hits(tokens)
    kept = [each for each in hits if _passes(ground, each, filters)] if filters != Filters() else hits
    exact = _exact(ground, tokens) if len(tokens) == 1 and not left_out else ()
    return Findings(
        ground.date_of_service,
        ground.known_on,
        tokens,
        left_out,
        len(kept),
        _shown(ground, kept[offset : offset + limit], tokens),
        exact,
        _facets(ground, hits, filters),
        () if hits else _near_codes(ground, tokens),
        () if hits else _near_words(ground, tokens),
    )


def hits_of(ground: Ground, tokens: tuple[str, ...]) -> tuple[Hit, ...]:
    """One hit a policy, in order: of two texts of one policy, the one that comes first."""
    if len(tokens) == 1:
        ranks = ground.index.store.ranked(tokens, ground.span)
        files = ground.files_with(tokens[0], ranks)
    else:
        files = frozenset.intersection(*map(ground.files_with, tokens))
        ranks = ground.index.store.ranked(tokens, ground.span) if files else {}
    named = frozenset(file for token in tokens for file in ground.index.named(token))
    hits: dict[str, Hit] = {}
    for hit in sorted(_hit(ground, file, file in named, ranks) for file in files):
        hits.setdefault(hit.policy, hit)
    return tuple(hits.values())


def _hit(ground: Ground, file: str, is_exact: bool, ranks: Mapping[int, float]) -> Hit:
    entry = ground.index.entries[file]
    fits = [
        (-ranks[place.number] * place.weight, at, place.number, place.section)
        for at, place in enumerate(entry.places)
        if place.number in ranks
    ]
    fits.sort()
    worse = round(sum(fit for fit, *_ in fits[:2]), 9)
    passages = tuple([number for _, _, number, _ in fits])
    sections = tuple(dict.fromkeys([section for *_, section in fits]))
    status = _STATUSES[ground.stands[file].status]
    return Hit(not is_exact, status, worse, entry.version.policy, file, passages, sections, ground.traits[file])


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


def _facets(ground: Ground, hits: Sequence[Hit], filters: Filters) -> tuple[Facet, ...]:
    """How many policies a reader would be left with by each value, one facet left open.

    Many hits are alike in all that can be chosen by, so alike ones are counted first.
    """
    alike = Counter((each.traits, each.sections) for each in hits if _is_recent(ground, each, filters))
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
