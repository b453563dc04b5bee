"""Passages in SQLite's FTS5, in memory, for many readers at once. What a person typed never becomes a query here."""

from __future__ import annotations

import itertools
import re
import sqlite3
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from queue import Empty, LifoQueue

from medpol.library.search.passages import Passage, clean
from medpol.library.search.values import Run

_NAMES = itertools.count()
_LONGEST_WORD = 100
_BEGIN, _END = "\x02", "\x03"
_SNIPPET_WORDS = 28
_TABLE = "CREATE VIRTUAL TABLE passage USING fts5(words, tokenize='porter unicode61 remove_diacritics 2')"

_HOLDING = "SELECT rowid FROM passage WHERE passage MATCH ? AND rowid >= ?"
_RANKED = "SELECT rowid, -bm25(passage) FROM passage WHERE passage MATCH ? AND rowid >= ?"


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


class Store:
    """The passages of an index by number. It is written once, then read by any number of threads."""

    __slots__ = ("_address", "_anchor", "_idle")

    def __init__(self, previous: Store | None = None) -> None:
        self._address = f"file:/medpol-search-{next(_NAMES)}?vfs=memdb"
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

    def holding(self, token: str, lowest: int) -> frozenset[int]:
        """The passages in which a word stands, in any of its forms; those numbered below ``lowest`` are passed over."""
        with self.reading() as connection:
            rows = connection.execute(_HOLDING, (quoted(token), lowest))
            return frozenset(number for (number,) in rows)

    def ranked(self, tokens: Sequence[str], lowest: int) -> dict[int, float]:
        """How well each passage fits that holds at least one of the words; higher is better. ``lowest`` as above.

        A word weighs by how rare it is among all passages, whatever is passed over.
        """
        query = " OR ".join(map(quoted, tokens))
        with self.reading() as connection:
            rows = connection.execute(_RANKED, (query, lowest))
            return dict(rows.fetchall())

    def snippet(self, number: int, tokens: Sequence[str]) -> tuple[Run, ...]:
        """The words of a passage around those found."""
        query = " OR ".join(map(quoted, tokens))
        with self.reading() as connection:
            row = connection.execute(
                "SELECT snippet(passage, 0, ?, ?, '…', ?) FROM passage WHERE passage MATCH ? AND rowid = ?",
                (_BEGIN, _END, _SNIPPET_WORDS, query, number),
            ).fetchone()
        return () if row is None else tuple(_runs(row[0]))

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection of one's own while one reads; it is kept for the next reader."""
        try:
            connection = self._idle.get_nowait()
        except Empty:
            connection = self._open()
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
