"""Hints for what somebody is typing: codes, titles and numbers of the texts that stand on a day, as known on another."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import islice

from medpol.decide.holdings.searched import stands_of
from medpol.library import Library
from medpol.lifecycle import by_policy
from medpol.model.codes import FREE_TEXT_SYSTEMS, shown

_CODES, _TITLES, _NUMBERS = 5, 5, 3
_SHORTEST_CODE = 2
_WORD = re.compile(r"[^\W_]+")
_KEPT = 8
"""For how many pairs of days what stands is kept at hand."""


@dataclass(frozen=True, slots=True)
class Hint:
    """``kind``: code, title or policy. ``system`` is that of a code; ``policies`` counts those that name it.

    ``more`` says it in words: our label of a code, the title of a policy. ``status`` is where a policy stands that day.
    """

    kind: str
    text: str
    more: str
    system: str = ""
    policies: int = 0
    status: str = ""


@dataclass(frozen=True, slots=True)
class _Text:
    """One policy as it stands that day, folded for comparing."""

    policy: str
    title: str
    status: str
    number: str
    words: tuple[str, ...]


@dataclass(slots=True)
class _Code:
    system: str
    text: str
    label: str
    policies: int = 0


class Hinter:
    """A library ready to hint, by any number of threads. What it does not hold that day, it does not hint at."""

    def __init__(self, library: Library) -> None:
        self._policies = by_policy(library.versions)
        self._standing = lru_cache(maxsize=_KEPT)(self._stand)

    def hints(self, typed: str, date_of_service: date, known_on: date) -> tuple[Hint, ...]:
        """Codes that begin with what was typed, then titles in which every word's beginning stands, then numbers."""
        token, words = " ".join(_folded(typed).split()), _words(typed)
        if not words:
            return ()
        codes, texts = self._standing(date_of_service, known_on)
        titled = [each for each in texts if all(_begins(each.words, word) for word in words)]
        titled.sort(key=lambda each: (each.status != "in_force", not _begins(each.words[:1], words[0]), each.number))
        titled = titled[:_TITLES]
        numbered = [each for each in texts if each.number.startswith(token) and each not in titled]
        return (
            *_codes(codes, token),
            *(Hint("title", each.policy, each.title, status=each.status) for each in titled),
            *(Hint("policy", each.policy, each.title, status=each.status) for each in numbered[:_NUMBERS]),
        )

    def _stand(self, day: date, known_on: date) -> tuple[dict[tuple[str, str], _Code], tuple[_Text, ...]]:
        codes: dict[tuple[str, str], _Code] = {}
        texts: dict[str, _Text] = {}
        for policy, versions in self._policies.items():
            read = {each.read.source.file: each.read for each in versions}
            named: set[tuple[str, str]] = set()
            for stand in stands_of(versions, day, known_on):
                version = read[stand.file]
                text = _Text(policy, version.title, stand.status, _folded(policy), _words(version.title))
                texts.setdefault(policy, text)
                for row in version.code_rows:
                    if row.pattern is None or row.pattern.is_prefix or row.system in FREE_TEXT_SYSTEMS:
                        continue
                    key = row.system, row.pattern.text
                    held = codes.setdefault(key, _Code(row.system, shown(*key), row.label))
                    held.label = held.label or row.label
                    named.add(key)
            for key in named:
                codes[key].policies += 1
        return dict(sorted(codes.items(), key=lambda each: (each[0][1], each[0][0]))), tuple(texts.values())


def _codes(codes: dict[tuple[str, str], _Code], token: str) -> Iterator[Hint]:
    if len(token) >= _SHORTEST_CODE:
        plain = token.replace(".", "")
        begun = (each for (_, text), each in codes.items() if text.casefold().startswith(plain))
        for each in islice(begun, _CODES):
            yield Hint("code", each.text, each.label, each.system, each.policies)


def _begins(words: Sequence[str], token: str) -> bool:
    return any(each.startswith(token) for each in words)


def _words(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_WORD.findall(_folded(text))))


def _folded(text: str) -> str:
    """Without case and accents, as a search compares."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(each for each in apart if not unicodedata.combining(each))
