"""Hints for what somebody is typing: codes, titles and numbers of the texts that stand on a day, as known on another."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from operator import itemgetter
from typing import NamedTuple

from medpol.decide.holdings.stands import Stands
from medpol.library import Library
from medpol.library.search import Stand
from medpol.model.codes import FREE_TEXT_SYSTEMS, shown

_CODES, _TITLES, _NUMBERS = 5, 5, 3
_SHORTEST_CODE = 2
_WORD = re.compile(r"[^\W_]+")


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


class _Text(NamedTuple):
    """What is hinted at of a text, folded for comparing."""

    policy: str
    title: str
    number: str
    words: tuple[str, ...]


class _Code(NamedTuple):
    """A code as it is compared; ``labels`` holds for each file that names it our label there."""

    folded: str
    text: str
    system: str
    labels: Mapping[str, str]


class Hinter:
    """A library ready to hint, by any number of threads. What it does not hold that day, it does not hint at."""

    def __init__(self, library: Library, stands: Stands) -> None:
        """``stands``: those of the same library."""
        self._stands = stands
        self._texts: dict[str, _Text] = {}
        alike: dict[tuple[str, str], _Text] = {}
        codes: dict[tuple[str, str], dict[str, str]] = {}
        for version in library.versions:
            file, said = version.source.file, (version.policy, version.title)
            if said not in alike:
                alike[said] = _Text(*said, _folded(version.policy), _words(version.title))
            self._texts[file] = alike[said]
            for row in version.code_rows:
                if row.pattern is not None and not row.pattern.is_prefix and row.system not in FREE_TEXT_SYSTEMS:
                    labels = codes.setdefault((row.pattern.text, row.system), {})
                    labels[file] = labels.get(file) or row.label
        held = (_Code(text.casefold(), text, system, labels) for (text, system), labels in codes.items())
        self._codes = sorted(held, key=lambda each: each[:3])

    def hints(self, typed: str, date_of_service: date, known_on: date) -> tuple[Hint, ...]:
        """Codes that begin with what was typed, then titles in which every word's beginning stands, then numbers."""
        token, words = " ".join(_folded(typed).split()), _words(typed)
        if not words:
            return ()
        stands = self._stands.on(date_of_service, known_on)
        texts: dict[str, tuple[_Text, str]] = {}
        for file, stand in stands.items():
            text = self._texts[file]
            texts.setdefault(text.policy, (text, stand.status))
        titled = [each for each in texts.values() if all(_begins(each[0].words, word) for word in words)]
        titled.sort(key=lambda each: (each[1] != "in_force", not _begins(each[0].words[:1], words[0]), each[0].number))
        titled = titled[:_TITLES]
        numbered = [each for each in texts.values() if each[0].number.startswith(token) and each not in titled]
        return (
            *self._coded(stands, token),
            *(Hint("title", text.policy, text.title, status=status) for text, status in titled),
            *(Hint("policy", text.policy, text.title, status=status) for text, status in numbered[:_NUMBERS]),
        )

    def _coded(self, stands: Mapping[str, Stand], token: str) -> Iterator[Hint]:
        """The first codes that begin so and that some text names that day."""
        plain = token.replace(".", "")
        found = 0
        for at in range(bisect_left(self._codes, plain, key=itemgetter(0)), len(self._codes)):
            folded, text, system, labels = self._codes[at]
            if len(token) < _SHORTEST_CODE or found == _CODES or not folded.startswith(plain):
                return
            named = sorted(labels.keys() & stands.keys(), key=lambda file: (self._texts[file].policy, file))
            if named:
                found += 1
                label = next((labels[file] for file in named if labels[file]), "")
                policies = len({self._texts[file].policy for file in named})
                yield Hint("code", shown(system, text), label, system, policies)


def _begins(words: Sequence[str], token: str) -> bool:
    return any(each.startswith(token) for each in words)


def _words(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_WORD.findall(_folded(text))))


def _folded(text: str) -> str:
    """Without case and accents, as a search compares."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(each for each in apart if not unicodedata.combining(each))
