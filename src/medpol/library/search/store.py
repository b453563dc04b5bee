"""Passages in SQLite's FTS5, in memory, for many readers at once. What a person typed never becomes a query here."""

from __future__ import annotations

import itertools
import json
import re
import sqlite3
import unicodedata
from array import array
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from queue import Empty, LifoQueue
from threading import Lock
from typing import NamedTuple

from medpol.library.search.passages import Passage, clean
from medpol.library.search.values import Run

_RANKED = 2_000_000
"""Of how many passages the ranks are kept, for all questions together, in 16 bytes each: who asks the same words for another
day needs them again."""
_RANKINGS = 1_024
_NAMES = itertools.count()
_LONGEST_WORD = 100
_BEGIN, _END = "\x02", "\x03"
_SNIPPET_WORDS = 28
_COLUMNS = "fts5(words, tokenize='porter unicode61 remove_diacritics 2')"
_TABLE = f"CREATE VIRTUAL TABLE passage USING {_COLUMNS}"
_OF_ONE_READER = f"CREATE VIRTUAL TABLE temp.shown USING {_COLUMNS}"
_APART = "INSERT INTO temp.shown(rowid, words) SELECT rowid, words FROM passage WHERE rowid = ?"
_SNIPPETS = "SELECT rowid, snippet(shown, 0, ?, ?, '…', ?) FROM temp.shown WHERE shown MATCH ?"

_HOLDING = "SELECT rowid FROM passage WHERE passage MATCH ? AND rowid BETWEEN ? AND ?"
_RANKS = "SELECT rowid, -bm25(passage) FROM passage WHERE passage MATCH ? AND rowid BETWEEN ? AND ?{} ORDER BY rowid"
_AMONG = " AND +rowid IN (SELECT value FROM json_each(?))"
"""The ``+`` keeps FTS5 from looking the words up anew for each of them."""


def tokens_of(text: str) -> tuple[str, ...]:
    """The words of a text as typed, split at white space, each once; those without a letter or digit are none."""
    held = (each[:_LONGEST_WORD] for each in clean(text).split())
    return tuple({each.casefold(): each for each in held if _has_words(each)}.values())


def _has_words(token: str) -> bool:
    """Whether FTS5 would find a word in it: it keeps letters, digits and private-use signs, and drops all others."""
    return any(unicodedata.category(sign)[0] in "LN" for sign in token)


def quoted(token: str) -> str:
    """A token as an FTS5 string: nothing in it is an operator, a column or a wildcard."""
    return '"' + token.replace('"', '""') + '"'


class _Ranking(NamedTuple):
    """How well the passages numbered inside ``span`` fit some words: their numbers, rising, and beside each its rank."""

    span: tuple[int, int]
    numbers: array[int]
    ranks: array[float]

    def within(self, span: tuple[int, int]) -> dict[int, float]:
        low, high = bisect_left(self.numbers, span[0]), bisect_right(self.numbers, span[1])
        return dict(zip(self.numbers[low:high], self.ranks[low:high], strict=True))

    def is_over(self, span: tuple[int, int]) -> bool:
        return self.span[0] <= span[0] and span[1] <= self.span[1]

    def __add__(self, other: object) -> _Ranking:
        """Both together, where ``other`` begins just above the end of this one."""
        assert isinstance(other, _Ranking) and self.span[1] + 1 == other.span[0]
        return _Ranking((self.span[0], other.span[1]), self.numbers + other.numbers, self.ranks + other.ranks)


class _Rankings:
    """Those that were made last, as far as there is room. Any thread may ask."""

    def __init__(self) -> None:
        self._held: OrderedDict[tuple[str, ...], _Ranking] = OrderedDict()
        self._size = 0
        self._lock = Lock()

    def get(self, tokens: tuple[str, ...]) -> _Ranking | None:
        with self._lock:
            found = self._held.get(tokens)
            if found is not None:
                self._held.move_to_end(tokens)
            return found

    def put(self, tokens: tuple[str, ...], ranking: _Ranking) -> None:
        with self._lock:
            before = self._held.pop(tokens, None)
            self._size += len(ranking.numbers) - (0 if before is None else len(before.numbers))
            self._held[tokens] = ranking
            while self._size > _RANKED or len(self._held) > _RANKINGS:
                _, gone = self._held.popitem(last=False)
                self._size -= len(gone.numbers)


class Store:
    """The passages of an index by number. It is written once, then read by any number of threads."""

    __slots__ = ("_address", "_anchor", "_idle", "_rankings")

    def __init__(self, previous: Store | None = None) -> None:
        self._address = f"file:/medpol-search-{next(_NAMES)}?vfs=memdb"
        self._rankings = _Rankings()
        self._anchor = self._open()  # the database lives as long as somebody holds it open
        self._idle: LifoQueue[sqlite3.Connection] = LifoQueue()
        if previous is None:
            self._anchor.execute(_TABLE)
        else:
            with previous.reading() as source:
                source.backup(self._anchor)

    def write(self, added: Iterable[tuple[int, Passage]], removed: Iterable[int]) -> None:
        with self._anchor:
            self._anchor.executemany("DELETE FROM passage WHERE rowid = ?", ((number,) for number in removed))
            self._anchor.executemany(
                "INSERT INTO passage(rowid, words) VALUES (?, ?)", ((number, each.words) for number, each in added)
            )
            self._anchor.execute("INSERT INTO passage(passage) VALUES ('optimize')")

    def holding(self, token: str, span: tuple[int, int]) -> frozenset[int]:
        """The passages in which a word stands, in any of its forms; those numbered outside ``span`` are passed over."""
        with self.reading() as connection:
            rows = connection.execute(_HOLDING, (quoted(token), *span))
            return frozenset(number for (number,) in rows)

    def ranked(
        self, tokens: tuple[str, ...], span: tuple[int, int], among: Sequence[int] | None = None
    ) -> dict[int, float]:
        """How well each passage fits that holds at least one of the words; higher is better. ``span`` as above.

        ``among``: only these passages, where they are few. A word weighs by how rare it is among all passages, whatever is
        passed over.
        """
        held = self._rankings.get(tokens)
        if held is not None and held.is_over(span):
            return held.within(span)
        query = " OR ".join(map(quoted, tokens))
        with self.reading() as connection:
            if among is not None:
                return dict(connection.execute(_RANKS.format(_AMONG), (query, *span, json.dumps(among))).fetchall())

            def ranking(first: int, last: int) -> _Ranking:
                rows = connection.execute(_RANKS.format(""), (query, first, last)).fetchall()
                return _Ranking(
                    (first, last), array("q", [number for number, _ in rows]), array("d", [rank for _, rank in rows])
                )

            if held is None:
                made = ranking(*span)
            else:  # only what is not ranked yet: what a passage is worth does not hang on which others are looked at
                made = held
                if span[0] < made.span[0]:
                    made = ranking(span[0], made.span[0] - 1) + made
                if made.span[1] < span[1]:
                    made += ranking(made.span[1] + 1, span[1])
        self._rankings.put(tokens, made)
        return made.within(span)

    def snippets(self, numbers: Sequence[int], tokens: Sequence[str]) -> dict[int, tuple[Run, ...]]:
        """The words of some passages around those found.

        They are taken apart first: asked for one passage of many, FTS5 walks through all that hold one of the words.
        """
        query = " OR ".join(map(quoted, tokens))
        with self.reading() as connection:
            try:
                connection.executemany(_APART, ((number,) for number in numbers))
                rows = connection.execute(_SNIPPETS, (_BEGIN, _END, _SNIPPET_WORDS, query)).fetchall()
            finally:
                connection.rollback()
        return {number: tuple(_runs(marked)) for number, marked in rows}

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection of one's own while one reads; it is kept for the next reader."""
        try:
            connection = self._idle.get_nowait()
        except Empty:
            connection = self._open()
            connection.execute(_OF_ONE_READER)
        try:
            yield connection
        finally:
            self._idle.put(connection)

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(self._address, uri=True, check_same_thread=False)


def _runs(marked: str) -> Iterator[Run]:
    is_match = False
    for part in re.split(f"([{_BEGIN}{_END}])", marked):
        if part in (_BEGIN, _END):
            is_match = part == _BEGIN
        elif part:
            yield Run(part, is_match)
