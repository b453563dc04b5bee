"""The rule about bodies (academies, societies, colleges) that one document names in two ways."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from medpol.check.findings import Finding, Subject, rule
from medpol.check.holdings import Holdings
from medpol.check.prose import body_lines
from medpol.model.diagnostic import Severity, Source
from medpol.model.policy import PolicyVersion

_LINKS = "of|for|the|and|in|on|to|&"
_NAME = re.compile(rf"[A-Z][\w'’-]*(?: (?:(?:{_LINKS}) ){{0,2}}[A-Z][\w'’-]*)+")
_BODY = re.compile(
    r"\b(?:Academy|Academies|Agency|Alliance|Association|Board|Cent(?:er|re)s?|College|Colleges|Commission|Committee|Congress|"
    r"Council|Federation|Foundation|Institutes?|Network|Organi[sz]ation|Society|Societies|Task Force|Union)\b"
)
_PAPER = re.compile(r"\b(?:Guidelines?|Statements?|Recommendations?|Consensus|Standards?|Reports?|Policy|Position)\b")
_PARTS = re.compile(r" and (?:the )?(?=[A-Z])")
_SMALL = frozenset((*_LINKS.split("|"), "an", "a"))
_LEADING = re.compile(r"(?:(?:The|In|By|An|A|From|At|On) )+")
_SHORTEST, _LONGEST = 3, 20
"""How many words a name has that is compared; what is longer is a run of names."""
_STEM = 5


@dataclass(frozen=True, slots=True)
class _Named:
    name: str
    words: tuple[str, ...]
    source: Source
    is_heading: bool


@rule(Subject.REFERENCES, Severity.WARNING)
def body_named_two_ways(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """One document names a body in two ways: the same words in another order, or one word spelled otherwise.

    "American Academy of Manual Orthopaedic Physical Therapists" beside "American Academy of Orthopaedic Manual Physical
    Therapists" is one academy, once wrongly named, and a reader who looks for the wrong one finds nothing. Only names of
    three words and more are compared, small words and capitals aside; one word may differ by two letters at most and has
    to begin alike, so that cardiology stays apart from radiology. The name under Practice guidelines counts as the one
    that is meant, else the first in the document.
    """
    for version in holdings.versions:
        named = list(_named(holdings, version))
        for other, meant in _two_ways(named):
            yield Finding(
                other.source,
                f'"{other.name}", on line {meant.source.line} "{meant.name}"',
                "one name for one body",
                f'write "{meant.name}" here, or correct line {meant.source.line}',
                meant.name,
            )


def _named(holdings: Holdings, version: PolicyVersion) -> Iterator[_Named]:
    """Every body named in a document, each name where it first stands, the headings of guidelines first."""
    headings = {guideline.source.line for guideline in version.guidelines.guidelines}
    seen: set[str] = set()
    lines = sorted(body_lines(holdings.lines(version.source.file), version), key=lambda each: each[0] not in headings)
    for number, line, _ in lines:
        if _BODY.search(line) is None:
            continue
        for name, column in _names_in(line):
            words = tuple(word for word in re.findall(r"[\w'’-]+", name.casefold()) if word not in _SMALL)
            if _SHORTEST <= len(words) <= _LONGEST and name.casefold() not in seen:
                seen.add(name.casefold())
                yield _Named(name, words, Source(version.source.file, number, column), number in headings)


def _names_in(line: str) -> Iterator[tuple[str, int]]:
    for match in _NAME.finditer(line):
        begin = match.start()
        parts = _PARTS.split(match[0])
        if sum(_BODY.search(part) is not None for part in parts) < 2:
            parts = [match[0]]
        for part in parts:
            column = line.index(part, begin)
            begin = column + len(part)
            lead = _LEADING.match(part)
            bare = part[lead.end() :] if lead else part
            if _BODY.search(bare) and not _PAPER.search(bare):
                yield bare, column + 1 + len(part) - len(bare)


def _two_ways(named: Iterable[_Named]) -> Iterator[tuple[_Named, _Named]]:
    """Each name that is another's in other words, with the one that is meant."""
    held: dict[tuple[str, ...], _Named] = {}
    by_rest: dict[tuple[str, ...], list[tuple[str, _Named]]] = {}
    for each in named:
        key = tuple(sorted(each.words))
        rests = [(key[:at] + key[at + 1 :], word) for at, word in enumerate(key)]
        near = (other for rest, word in rests for like, other in by_rest.get(rest, ()) if _is_near(word, like))
        meant = held.get(key) or next(near, None)
        if meant is not None:
            if meant.words != each.words:
                yield each, meant
            continue
        held[key] = each
        for rest, word in rests:
            by_rest.setdefault(rest, []).append((word, each))


def _is_near(one: str, other: str) -> bool:
    """Whether two words begin alike and differ in one place by two letters at most."""
    same = _alike(one, other)
    left, right = one[same:], other[same:]
    return same >= _STEM and max(len(left), len(right)) - _alike(left[::-1], right[::-1]) <= 2


def _alike(one: str, other: str) -> int:
    """How many letters two words have in common at their beginning."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (left, right) in pairs if left != right), min(len(one), len(other)))


RULES = (body_named_two_ways,)
