"""Walk the chain from its first entry to its end, and name what does not hold."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, select
from sqlalchemy.exc import DBAPIError

from medpol.ledger.chain import CHAINED, row_hash
from medpol.ledger.database import FAILURES, cause, unavailable
from medpol.ledger.events import EventNamed
from medpol.ledger.heads import Head
from medpol.ledger.ledger import Ledger
from medpol.ledger.sealing import KeyUnknown, SealBroken, facts_hash
from medpol.ledger.tables import ENTRY, ERASURE, EVENT, KEY
from medpol.ledger.values import Plain

PAGE = 2_000
"""Entries that are read at once; each page is a short read of its own, so that nobody waits for a long one."""
MAXIMUM_FINDINGS = 20
"""After so many the walk ends: the rest follows from them."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not hold: at which entry (none where it is the whole), and what differs."""

    sequence: int | None
    what: str


@dataclass(frozen=True, slots=True)
class Verified:
    """What a walk found. ``unchecked`` counts records whose key is wrapped by a key that was not given."""

    ledger: str
    entries: int
    erased: int
    unchecked: int
    findings: tuple[Finding, ...]
    head: Head | None = None

    @property
    def holds(self) -> bool:
        return not self.findings


def verify(ledger: Ledger, head: Head | None = None) -> Verified:
    """Every entry against the chain, its key, the triggers, and a head that was kept elsewhere.

    Raises:
        LedgerUnavailable: The database is gone or locked.
    """
    walk = _Walk(ledger, head)
    findings: list[Finding] = []
    for each in walk.findings():
        findings.append(each)
        if len(findings) == MAXIMUM_FINDINGS:
            break
    findings.sort(key=lambda each: (each.sequence is None, each.sequence or 0))
    return Verified(ledger.identity.ledger_id, walk.entries, walk.erased, walk.unchecked, tuple(findings), head)


_FIRST = tuple(ENTRY.c[name] for name in CHAINED)
_COLUMNS = (*_FIRST, ENTRY.c.sealed, ENTRY.c.facts_hash, ENTRY.c.previous_hash, ENTRY.c.row_hash, KEY.c.kept_key)
_AT = {name: at for at, name in enumerate(CHAINED)}
_KIND, _ID, _WRAPPED_BY = _AT["kind"], _AT["id"], _AT["wrapped_by"]


def _rows(connection: Connection) -> Iterator[Row[Any]]:
    """Every entry with its key, page by page; of a page that cannot be read, one by one up to the first that is bad."""
    rows = select(*_COLUMNS).outerjoin(KEY, KEY.c.sequence == ENTRY.c.sequence).order_by(ENTRY.c.sequence)
    last, limit = 0, PAGE
    while True:
        try:
            page = connection.execute(rows.where(ENTRY.c.sequence > last).limit(limit)).all()
        except DBAPIError:
            if limit == 1:
                raise
            limit = 1
            continue
        if not page:
            return
        yield from page
        last = page[-1][0]


class _Walk:
    def __init__(self, ledger: Ledger, head: Head | None) -> None:
        self._ledger, self._head = ledger, head
        self._hash = ledger.first_hash
        self.entries = self.erased = self.unchecked = 0

    def findings(self) -> Iterator[Finding]:
        database = self._ledger.database
        try:
            with database.reading.connect() as connection:
                yield from self._entries(connection)
                yield from self._against_head()
                yield from (Finding(None, each) for each in database.faults(connection))
        except FAILURES as problem:
            if not database.is_damage(cause(problem)):
                raise unavailable(database, problem) from None
            yield Finding(
                self.entries + 1,
                "the database cannot read this entry, or what comes after the last one: it is damaged itself",
            )

    def _entries(self, connection: Connection) -> Iterator[Finding]:
        for row in _rows(connection):
            yield from self._entry(connection, row)

    def _entry(self, connection: Connection, row: Row[Any]) -> Iterator[Finding]:
        columns = list(row[: len(CHAINED)])
        sealed, facts, previous, hashed, kept_key = row[len(CHAINED) :]
        sequence, expected = columns[0], self.entries + 1
        self.entries = sequence
        if sequence != expected:
            gap = f"entry {expected} is" if sequence == expected + 1 else f"entries {expected} to {sequence - 1} are"
            yield Finding(expected, f"{gap} gone")
        sealed_hash = hashlib.sha256(sealed).digest()
        if sequence == expected and previous != self._hash:
            yield Finding(sequence, "previous_hash is not the hash of the entry before")
        elif row_hash(previous, facts, sealed_hash, columns) != hashed:
            yield Finding(sequence, self._what_differs(columns, sealed, facts, kept_key))
        else:
            yield from self._key(connection, columns, sealed_hash, facts, kept_key)
        self._hash = hashed
        if self._head is not None and sequence == self._head.sequence and hashed.hex() != self._head.hash:
            yield Finding(sequence, "row_hash is not the one in the head that was kept: the chain was computed anew")

    def _key(
        self, connection: Connection, columns: list[Any], sealed_hash: bytes, facts: bytes, kept_key: bytes | None
    ) -> Iterator[Finding]:
        """Whether the key is the one that the facts hash was made with, or was dropped by an erasure."""
        if columns[_KIND] == ERASURE:
            return
        if kept_key is None and columns[_KIND] == EVENT:
            yield Finding(columns[0], "its key is gone, and an event is never erased")
            return
        if kept_key is None:
            told = select(ENTRY.c.sequence).where(ENTRY.c.erases == columns[0])
            if connection.scalar(told) is None:
                yield Finding(columns[0], "its key is gone, and no entry tells of an erasure")
            self.erased += 1
            return
        try:
            key = self._ledger.sealer.key(columns[_ID], kept_key, columns[_WRAPPED_BY])
            is_good = hmac.compare_digest(facts_hash(key, sealed_hash), facts)
        except KeyUnknown:
            self.unchecked += 1
            return
        except SealBroken:
            is_good = False
        if not is_good:
            yield Finding(columns[0], "kept_key is not the key that its facts_hash was made with")

    def _what_differs(self, columns: list[Any], sealed: bytes, facts: bytes, kept_key: bytes | None) -> str:
        """Which columns an alteration can be pinned to: the answer under seal says what the plain ones should say."""
        changed = "row_hash is not the hash of what the entry says"
        if kept_key is None:
            return changed
        try:
            held = self._ledger.sealer.open(columns[_ID], sealed, facts, kept_key, columns[_WRAPPED_BY])
            said = _said(columns[_KIND], held.answer)
        except KeyUnknown:
            return changed
        except (SealBroken, ValueError):
            return f"{changed}: sealed, facts_hash, id or wrapped_by was altered"
        differing = [name for name, value in said.items() if columns[_AT[name]] != value]
        return f"{changed}: {', '.join(differing)} differs from what is under seal" if differing else changed

    def _against_head(self) -> Iterator[Finding]:
        head = self._head
        if head is None:
            return
        if head.ledger != self._ledger.identity.ledger_id:
            yield Finding(
                None, f"the head is of another ledger: {head.ledger}, and this is {self._ledger.identity.ledger_id}"
            )
        elif self.entries < head.sequence:
            yield Finding(
                self.entries + 1,
                f"the ledger ends at {self.entries}; the head that was kept names {head.sequence} entries",
            )


def _said(kind: str, sealed: bytes) -> dict[str, str | None]:
    """What is under seal and stands in plain columns too. Raises ``ValueError``."""
    if kind == EVENT:
        return {"policy": msgspec.json.decode(sealed, type=EventNamed).policy}
    plain = msgspec.json.decode(sealed, type=Plain)
    return {name: getattr(plain, name) for name in _IN_ANSWER}


_IN_ANSWER: Sequence[str] = ("outcome", "reason_kind", "reason_key", "policy", "version", "content_hash")
