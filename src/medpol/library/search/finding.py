"""A question answered from an index: exact codes and numbers first, then what is in force that day, then how well it fits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from heapq import nlargest

from medpol.library.search.index import Entry, Index
from medpol.library.search.passages import Name, is_free_text
from medpol.library.search.store import tokens_of
from medpol.library.search.values import MAXIMUM_WORDS, Exact, Facet, Filters, Findings, Found, Stand
from medpol.model.codes import pattern_shown, shown
from medpol.model.diagnostic import nearest
from medpol.model.lines import Scope, line_scope_holds
from medpol.model.policy import PolicyVersion
from medpol.model.rights import may_show_prose

_NEAR = 6
_SHORTEST_SHARED = 3
_STATUSES = ("in_force", "in_notice", "archived", "draft")


def words_given(text: str) -> tuple[tuple[str, ...], int]:
    """The words of a question that are searched for, and how many more were given."""
    tokens = tokens_of(text)
    return tokens[:MAXIMUM_WORDS], len(tokens[MAXIMUM_WORDS:])


class Ground:
    """The texts that stand on one day as known on one, ready to be searched again and again.

    A policy may stand in two texts: the one in force, and one that is announced.
    """

    __slots__ = ("_lines", "announced", "by_passage", "date_of_service", "index", "known_on", "lowest", "stands")

    def __init__(self, index: Index, stands: Iterable[Stand], date_of_service: date, known_on: date) -> None:
        self.index, self.date_of_service, self.known_on = index, date_of_service, known_on
        self.stands: Mapping[str, Stand] = {each.file: each for each in stands if each.file in index.entries}
        self.by_passage: dict[int, list[str]] = {}
        self.announced: dict[str, date | None] = {}
        self._lines: dict[Scope, tuple[str, ...]] = {}
        for file, stand in self.stands.items():
            entry = index.entries[file]
            for number in entry.passages:
                self.by_passage.setdefault(number, []).append(file)
            if stand.status == "in_notice":
                self.announced[entry.version.policy] = stand.first_day
        self.lowest = min(self.by_passage, default=0)

    def files_with(self, token: str, numbers: Iterable[int] | None = None) -> frozenset[str]:
        """The files that a word names or in which it stands; ``numbers``: its passages, where they are known already."""
        named = self.index.named(token).intersection(self.stands)
        held = self.by_passage.keys() & (self.index.store.holding(token, self.lowest) if numbers is None else numbers)
        return named | frozenset(file for number in held for file in self.by_passage[number])

    def values(self, entry: Entry, stand: Stand, sections: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
        """What a text has to choose by, facet by facet."""
        version = entry.version
        lines = self._lines.get(version.lines_of_business)
        if lines is None:
            lines = tuple(each for each in self.index.lines if line_scope_holds(version.lines_of_business, each))
            self._lines[version.lines_of_business] = lines
        is_announced = version.policy in self.announced and stand.status != "in_notice"
        return {
            "status": (stand.status, "in_notice") if is_announced else (stand.status,),
            "position": _positions(version),
            "line_of_business": lines,
            "section": sections,
        }


@dataclass(frozen=True, slots=True)
class _Hit:
    """A text in which every word stands: where, best section first, and how well it fits."""

    stand: Stand
    entry: Entry
    is_exact: bool
    passages: tuple[int, ...]
    rank: float
    values: Mapping[str, tuple[str, ...]]

    @property
    def order(self) -> tuple[object, ...]:
        version = self.entry.version
        return (not self.is_exact, _STATUSES.index(self.stand.status), -self.rank, version.policy, self.stand.file)


def find(ground: Ground, text: str, filters: Filters = Filters(), *, limit: int = 20, offset: int = 0) -> Findings:  # noqa: B008
    """What a question finds among the texts that stand on a day; nothing at all for a question without a word.

    Every word must stand in the text of a policy, in any of its forms, or name it. The order: what a word names letter by
    letter; what is in force; how well the words fit, a title above criteria, codes, prose and references.
    """
    tokens, left_out = words_given(text)
    if not tokens:
        return Findings(ground.date_of_service, ground.known_on, (), left_out, 0, (), (), (), (), ())
    hits = _hits(ground, tokens)
    kept = [each for each in hits if _passes(each, filters)]
    exact = _exact(ground, tokens) if len(tokens) == 1 and not left_out else ()
    return Findings(
        ground.date_of_service,
        ground.known_on,
        tokens,
        left_out,
        len(kept),
        tuple(_found(ground, each, tokens) for each in kept[offset : offset + limit]),
        exact,
        _facets(hits, filters),
        () if hits else _near_codes(ground, tokens),
        () if hits else _near_words(ground, tokens),
    )


def _hits(ground: Ground, tokens: Sequence[str]) -> list[_Hit]:
    """One hit a policy, in order: of two texts of one policy, the one that comes first."""
    if len(tokens) == 1:
        ranks = ground.index.store.ranked(tokens, ground.lowest)
        files = ground.files_with(tokens[0], ranks)
    else:
        files = frozenset.intersection(*map(ground.files_with, tokens))
        ranks = ground.index.store.ranked(tokens, ground.lowest) if files else {}
    named = frozenset(file for token in tokens for file in ground.index.named(token))
    hits: dict[str, _Hit] = {}
    for hit in sorted((_hit(ground, file, file in named, ranks) for file in files), key=lambda each: each.order):
        hits.setdefault(hit.entry.version.policy, hit)
    return list(hits.values())


def _hit(ground: Ground, file: str, is_exact: bool, ranks: Mapping[int, float]) -> _Hit:
    entry, passages = ground.index.entries[file], ground.index.passages
    fits = {number: ranks[number] * passages[number].weight for number in entry.passages if number in ranks}
    best = tuple(sorted(fits, key=lambda number: (-fits[number], entry.passages.index(number))))
    sections = tuple(dict.fromkeys(passages[number].section for number in best))
    stand = ground.stands[file]
    rank = round(sum(nlargest(2, fits.values())), 9)
    return _Hit(stand, entry, is_exact, best, rank, ground.values(entry, stand, sections))


def _found(ground: Ground, hit: _Hit, tokens: Sequence[str]) -> Found:
    version, index = hit.entry.version, ground.index
    # the title is shown anyway: a snippet of it tells nothing new where words stand elsewhere too
    prose = [number for number in hit.passages if number != hit.entry.passages[0]]
    is_withheld = not may_show_prose(version)
    asked = {name for token in tokens for name in index.names_for(token) if name.kind == "code"}
    codes = (
        pattern_shown(row.system, row.pattern)
        for row in version.code_rows
        if row.pattern is not None and Name("code", row.system, row.pattern.text, row.pattern.is_prefix) in asked
    )
    return Found(
        version.policy,
        version.title,
        version.publisher,
        hit.stand.status,
        hit.stand.first_day,
        hit.stand.last_day,
        hit.stand.known_from,
        hit.values["position"],
        tuple(dict.fromkeys(rule.statement.position.label for rule in version.rules)),
        hit.is_exact,
        tuple(dict.fromkeys(codes)),
        hit.values["section"],
        index.store.snippet(prose[0], tokens) if prose and not is_withheld else (),
        is_withheld,
        ground.announced.get(version.policy),
        hit.stand.file,
    )


def _positions(version: PolicyVersion) -> tuple[str, ...]:
    return tuple(dict.fromkeys(rule.statement.position.canonical.value for rule in version.rules))


# ---------------------------------------------------------------------------- facets


_FACETS = ("status", "position", "line_of_business", "section")


def _passes(hit: _Hit, filters: Filters, *, but: str = "") -> bool:
    """Whether a hit has the values that a reader chose, one facet left open."""
    known = hit.stand.known_from
    if filters.changed_since is not None and (known is None or known < filters.changed_since):
        return False
    chosen = ((facet, getattr(filters, facet)) for facet in _FACETS if facet != but)
    return all(value is None or value in hit.values[facet] for facet, value in chosen)


def _facets(hits: Sequence[_Hit], filters: Filters) -> tuple[Facet, ...]:
    found: list[Facet] = []
    for facet in _FACETS:
        counted = Counter(value for hit in hits if _passes(hit, filters, but=facet) for value in hit.values[facet])
        found += (
            Facet(facet, value, counted[value]) for value in sorted(counted, key=lambda each: (-counted[each], each))
        )
    return tuple(found)


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
    index = ground.index
    held = [
        (name.text, shown(name.system, name.text) if name.kind == "code" else name.text)
        for name, files in index.names.items()
        if not name.is_prefix and not is_free_text(name.system) and not ground.stands.keys().isdisjoint(files)
    ]
    for token in tokens:
        wanted = token.casefold().strip(".,;:()[]'\"")
        if not any(sign.isdigit() for sign in wanted):
            continue
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
