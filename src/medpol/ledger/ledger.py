"""A ledger that is open: record, enter, get, erase, and how it does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import datetime
from types import TracebackType
from typing import TypeVar

from sqlalchemy import Connection, or_

from medpol.ledger.chain import first_hash
from medpol.ledger.database import FAILURES, Database, cause, database_at, unavailable
from medpol.ledger.entries import Identity, Tip, drafted, find, read_identity, read_tip
from medpol.ledger.events import Event, EventRecord, drafted_event, event_hash, find_event
from medpol.ledger.migrations import STEPS, latest_step, migrate, refuse_newer
from medpol.ledger.sealing import SealBroken, Sealer
from medpol.ledger.tables import ENTRY
from medpol.ledger.values import (
    Answered,
    Health,
    LedgerDamaged,
    LedgerMissing,
    LedgerRefused,
    LedgerUnavailable,
    Record,
    stamp,
)
from medpol.ledger.writer import Append, Enter, Erase, Writer, new_id

PATIENCE_SECONDS = 5.0
WAITING_LIMIT = 4_096
GROUP_LIMIT = 256

_T = TypeVar("_T")


class Ledger:
    """The append-only record of determinations and events in one database. Any thread may use it; close it at the end."""

    def __init__(
        self, database: Database, sealer: Sealer, identity: Identity, patience_seconds: float, waiting: int, group: int
    ) -> None:
        self.database, self.sealer, self.identity = database, sealer, identity
        self._patience = patience_seconds
        self._writer = Writer(database, sealer, identity, waiting, group)

    @classmethod
    def open(
        cls,
        place: str,
        wrapping_keys: Sequence[bytes] = (),
        *,
        must_exist: bool = False,
        patience_seconds: float = PATIENCE_SECONDS,
        waiting_limit: int = WAITING_LIMIT,
        group_limit: int = GROUP_LIMIT,
    ) -> Ledger:
        """The ledger at a place, made or migrated where need be.

        Args:
            place: A path, ``sqlite:///path``, or ``postgresql://role@server/database``.
            wrapping_keys: Keys of 32 bytes. The first wraps the keys of new records; each opens what it wrapped.
            must_exist: Make nothing and migrate nothing.
            patience_seconds: How long to wait for a lock, an answer of the database, or one's turn.
            waiting_limit: How many may wait to be recorded; one more is refused.
            group_limit: How many are written together at most.

        Raises:
            LedgerRefused: What is there is no ledger that this medpol can work with.
            LedgerDamaged: The database cannot be read, or its tables are not what they were.
            LedgerUnavailable: The database is gone, full or locked.
        """
        sealer = Sealer(wrapping_keys)
        database = database_at(place, patience_seconds)
        try:
            identity = _opened(database, must_exist)
        except FAILURES as problem:
            _let_go(database)
            if database.is_damage(cause(problem)):
                raise LedgerDamaged("the database is damaged and cannot be opened") from None
            raise unavailable(database, problem) from None
        except BaseException:
            _let_go(database)
            raise
        return cls(database, sealer, identity, patience_seconds, waiting_limit, group_limit)

    # ------------------------------------------------------------------ writing

    def submit(self, answered: Answered) -> Future[Record]:
        """Let a determination be recorded; the future has the record once it is on the disk.

        For callers that wait for many at once. What ``record`` raises, the future raises.
        """
        job = Append(drafted(new_id(), answered, self.sealer, self.identity))
        self._writer.put(job)
        return job.done

    def record(self, answered: Answered) -> Record:
        """Record a determination, and come back when it is on the disk: only then may the answer leave.

        With a request key that was used before, nothing is written and the first record is given back.

        Raises:
            LedgerUnavailable: It is not known to be recorded. Nothing may leave; the caller may try again.
            RequestKeyReused: The request key belongs to another case.
        """
        return self._waited(self.submit(answered))

    def enter(self, event: Event) -> EventRecord:
        """Enter an event, and come back when it is on the disk; one that was entered before is given back as it was.

        Raises:
            LedgerUnavailable: It is not known to be entered. The caller may try again.
            LedgerDamaged: It was entered before, and that entry does not open.
        """
        job = Enter(drafted_event(new_id(), event, self.identity), event.body)
        self._writer.put(job)
        return self._waited(job.done)

    def erase(self, id: str, recorded_at: datetime) -> bool:
        """Drop the key of a record, so that nobody reads its case and answer again, and tell of it in the chain.

        Gives back whether there was a key to drop. Of an event there is none: no fact about a person is in it.
        """
        job = Erase(id, stamp(recorded_at))
        self._writer.put(job)
        return self._waited(job.done)

    def close(self) -> None:
        """Write what waits and let go of the database."""
        self._writer.close(2 * self._patience)
        _let_go(self.database)

    def _waited(self, done: Future[_T]) -> _T:
        try:
            return done.result(2 * self._patience)
        except TimeoutError:
            done.cancel()
            raise LedgerUnavailable("the database does not answer") from None

    # ------------------------------------------------------------------ reading

    def get(self, id: str) -> Record | None:
        """The record with an id, with its case and answer unless they are erased or locked.

        Raises:
            LedgerDamaged: Its facts do not open, as something was altered.
            LedgerUnavailable: The database cannot be read just now.
        """
        try:
            with self.reading() as connection:
                return find(connection, self.sealer, id=id)
        except SealBroken:
            raise LedgerDamaged("the facts of this record do not open; `medpol ledger verify` says more") from None

    def event(self, id: str) -> EventRecord | None:
        """The event with an id: the entry's, or the event's own.

        Raises:
            LedgerDamaged: It does not open, as something was altered.
            LedgerUnavailable: The database cannot be read just now.
        """
        wanted = or_(ENTRY.c.id == id, ENTRY.c.request_hash == event_hash(self.identity, id))
        try:
            with self.reading() as connection:
                return find_event(connection, wanted)
        except SealBroken:
            raise LedgerDamaged("this event does not open; `medpol ledger verify` says more") from None

    def tip(self) -> Tip:
        """Where the chain ends."""
        with self.reading() as connection:
            return read_tip(connection, self.first_hash)

    @property
    def first_hash(self) -> bytes:
        """What the first entry is chained to."""
        return first_hash(self.identity.ledger_id, self.identity.salt)

    def health(self) -> Health:
        """How it does. A failed write is told until one succeeds, so do not refuse to record because of it."""
        trouble = self._writer.trouble
        try:
            sequence = self.tip().sequence
        except LedgerUnavailable as problem:
            return Health(False, self._writer.waiting, None, problem.reason)
        return Health(not trouble, self._writer.waiting, sequence, trouble)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that reads. Raises ``LedgerUnavailable``."""
        try:
            with self.database.reading.connect() as connection:
                yield connection
        except FAILURES as problem:
            raise unavailable(self.database, problem) from None

    def __enter__(self) -> Ledger:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _opened(database: Database, must_exist: bool) -> Identity:
    """The identity of the ledger in a database, made or migrated unless it must be there already."""
    database.prepare(must_exist)
    if not must_exist:
        with database.writing.connect() as connection:
            migrate(connection)
    with database.reading.connect() as connection:
        _refuse_other_steps(connection)
        identity = read_identity(connection)
    if identity is None:
        raise LedgerDamaged("the ledger has lost its identity")
    return identity


def _let_go(database: Database) -> None:
    database.reading.dispose()
    database.writing.dispose()


def _refuse_other_steps(connection: Connection) -> None:
    refuse_newer(connection)
    found, known = latest_step(connection), STEPS[-1].number
    if found == 0:
        raise LedgerMissing("no ledger in this database")
    if found < known:
        raise LedgerRefused(
            f"the ledger is of an older medpol: step {found} of its tables, and this one reads {known}\n"
            "    mend: start `medpol serve` or run `medpol watch --ledger` on it once; either brings it up to date"
        )
