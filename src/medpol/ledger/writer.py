"""The one thread that writes: it collects what waits, and nothing is acknowledged before its group is on the disk."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from queue import Empty, Full, Queue
from threading import Lock, Thread
from typing import Any, NamedTuple

from sqlalchemy import Connection, Dialect, Table, Transaction, delete, insert, select

from medpol.ledger.chain import first_hash
from medpol.ledger.database import FAILURES, Database, unavailable
from medpol.ledger.entries import Draft, Identity, Tip, drafted_erasure, find, read_tip
from medpol.ledger.events import EventRecord, event_of, find_event
from medpol.ledger.sealing import SealBroken, Sealer
from medpol.ledger.tables import DETERMINATION, ENTRY, KEY
from medpol.ledger.values import LedgerDamaged, LedgerUnavailable, Record, RequestKeyReused

ID_BYTES = 16
"""128 random bits: 32 hexadecimal digits, which no shell and no address reads as anything else."""


@dataclass(frozen=True, slots=True, repr=False)
class Append:
    """A determination that waits to be written."""

    draft: Draft
    done: Future[Record] = field(default_factory=Future)


@dataclass(frozen=True, slots=True, repr=False)
class Erase:
    """A record whose key waits to be dropped; gives back whether there was one to drop."""

    id: str
    recorded_at: str
    done: Future[bool] = field(default_factory=Future)


@dataclass(frozen=True, slots=True, repr=False)
class Enter:
    """An event that waits to be entered."""

    draft: Draft
    body: bytes
    done: Future[EventRecord] = field(default_factory=Future)


Job = Append | Erase | Enter


class Insert:
    """The statement that adds rows to a table, written once: writing it anew for each group costs as much as the rows."""

    def __init__(self, table: Table, dialect: Dialect) -> None:
        compiled = insert(table).compile(dialect=dialect)
        self._statement = str(compiled)
        self._names = compiled.positiontup if compiled.positional else None

    def run(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        names = self._names
        given: Any = list(rows) if names is None else [tuple([row[name] for name in names]) for row in rows]
        connection.exec_driver_sql(self._statement, given)


class _Inserts(NamedTuple):
    entries: Insert
    keys: Insert


def new_id() -> str:
    return secrets.token_hex(ID_BYTES)


class Writer:
    """A bounded queue before one thread with one connection."""

    def __init__(
        self, database: Database, sealer: Sealer, identity: Identity, waiting_limit: int, group_limit: int
    ) -> None:
        self._database, self._sealer = database, sealer
        self._inserts = _Inserts(Insert(ENTRY, database.writing.dialect), Insert(KEY, database.writing.dialect))
        self._first = first_hash(identity.ledger_id, identity.salt)
        self._group_limit = group_limit
        self._queue: Queue[Job | None] = Queue(waiting_limit)
        self._door = Lock()
        self._thread: Thread | None = None
        self._is_closed = False
        self._connection: Connection | None = None
        self._acknowledged = 0
        self._is_ending = False
        self.trouble = ""
        """Why the last group could not be written; empty where it was."""

    @property
    def waiting(self) -> int:
        return self._queue.qsize()

    def put(self, job: Job) -> None:
        """Let a job wait its turn. Raises ``LedgerUnavailable`` where the queue is full or closed."""
        with self._door:
            if self._is_closed:
                raise LedgerUnavailable("it was closed")
            if self._thread is None:
                self._thread = Thread(target=self._run, name="medpol-ledger-writer", daemon=True)
                self._thread.start()
            try:
                self._queue.put_nowait(job)
            except Full:
                raise LedgerUnavailable("too much waits to be written") from None

    def close(self, patience_seconds: float) -> None:
        """Take nothing more, write what waits, and end; what a database that hangs leaves unwritten fails."""
        with self._door:
            was_closed, self._is_closed = self._is_closed, True
        if was_closed or self._thread is None:
            return
        try:
            self._queue.put(None, timeout=patience_seconds)
        except Full:
            pass
        else:
            self._thread.join(patience_seconds)
        if self._thread.is_alive():
            for job in self._taken(self._queue.qsize()):
                job.done.set_exception(LedgerUnavailable("it was closed"))

    # ------------------------------------------------------------------ the thread

    def _run(self) -> None:
        while not self._is_ending:
            group = self._next_group()
            if group:
                self._write(group)
        self._drop()

    def _next_group(self) -> list[Job]:
        """Whatever waits, once something does, up to the limit. Who stopped waiting is left out."""
        waited = self._queue.get()
        self._is_ending = waited is None
        group = [] if waited is None else [waited, *self._taken(self._group_limit - 1)]
        return [each for each in group if each.done.set_running_or_notify_cancel()]

    def _taken(self, limit: int) -> list[Job]:
        taken: list[Job] = []
        while len(taken) < limit and not self._is_ending:
            try:
                job = self._queue.get_nowait()
            except Empty:
                break
            if job is None:
                self._is_ending = True
            else:
                taken.append(job)
        return taken

    def _write(self, group: list[Job]) -> None:
        """One transaction for the group; then, and only then, everyone in it gets an answer."""
        try:
            written = self._in_one_transaction(group)
        except FAILURES as problem:
            self._fail(group, unavailable(self._database, problem).reason)
        except LedgerUnavailable as problem:
            self._fail(group, problem.reason)
        except BaseException as bug:  # the thread lives on, and everyone who waits hears of it
            self._fail(group, "a bug", bug)
        else:
            self.trouble = ""
            written.answer()

    def _fail(self, group: list[Job], reason: str, bug: BaseException | None = None) -> None:
        self._drop()
        self.trouble = reason
        for job in group:
            job.done.set_exception(bug or LedgerUnavailable(reason))

    def _in_one_transaction(self, group: list[Job]) -> _Group:
        connection, transaction = self._begun()
        with transaction:
            tip = read_tip(connection, self._first)
            if tip.sequence < self._acknowledged:
                raise LedgerUnavailable("it lost what was acknowledged; an older copy seems to stand in its place")
            written = _Group(connection, self._inserts, self._sealer, tip)
            for job in group:
                written.add(job)
            written.insert()
        self._acknowledged = written.tip.sequence
        if written.has_erased:
            self._database.after_erasure(connection)
        return written

    def _begun(self) -> tuple[Connection, Transaction]:
        """A transaction that has the lock; on a new connection where the old one has died meanwhile."""
        if self._connection is not None:
            try:
                return self._connection, self._connection.begin()
            except FAILURES:
                self._drop()
        self._connection = self._database.writing.connect()
        return self._connection, self._connection.begin()

    def _drop(self) -> None:
        """Let the connection go; nothing that it still held is acknowledged."""
        if self._connection is not None:
            try:
                self._connection.invalidate()
                self._connection.close()
            except FAILURES:
                pass
        self._connection = None


class _Group:
    """What one transaction writes, job by job, in the order in which they came."""

    def __init__(self, connection: Connection, inserts: _Inserts, sealer: Sealer, tip: Tip) -> None:
        self._connection, self._inserts, self._sealer, self.tip = connection, inserts, sealer, tip
        self._drafts: list[Draft] = []
        self._answers: list[Callable[[], None]] = []
        self._by_request: dict[str, Record] = {}
        self._events: dict[str, EventRecord] = {}
        self.has_erased = False

    def add(self, job: Job) -> None:
        """Give a job its place in the chain, or the answer that it has without one."""
        try:
            if isinstance(job, Append):
                record = self._appended(job.draft)
                self._answers.append(lambda: job.done.set_result(record))
            elif isinstance(job, Enter):
                event = self._entered(job)
                self._answers.append(lambda: job.done.set_result(event))
            else:
                is_dropped = self._erased(job)
                self._answers.append(lambda: job.done.set_result(is_dropped))
        except (RequestKeyReused, LedgerDamaged) as problem:
            refusal = problem
            self._answers.append(lambda: job.done.set_exception(refusal))

    def insert(self) -> None:
        """Write what was added since the last time."""
        if self._drafts:
            self._inserts.entries.run(self._connection, [each.columns for each in self._drafts])
            keys = [
                {"sequence": each.columns["sequence"], "kept_key": each.kept_key}
                for each in self._drafts
                if each.kept_key is not None
            ]
            if keys:
                self._inserts.keys.run(self._connection, keys)
        self._drafts = []

    def answer(self) -> None:
        """Tell everyone in the group; to be called once it is on the disk."""
        for each in self._answers:
            each()

    def _appended(self, draft: Draft) -> Record:
        request = draft.columns["request_hash"]
        if request is not None:
            before = self._by_request.get(request) or _found(self._connection, self._sealer, request)
            if before is not None:
                return _same_case(before, draft)
        record = self._placed(draft).record()
        if request is not None:
            self._by_request[request] = record
        return record

    def _entered(self, job: Enter) -> EventRecord:
        """The event as it stands in the chain: what was entered first, where it was entered before."""
        request = job.draft.columns["request_hash"]
        event = self._events.get(request) or _found_event(self._connection, request)
        if event is None:
            event = event_of(self._placed(job.draft).columns, job.body)
        self._events[request] = event
        return event

    def _erased(self, job: Erase) -> bool:
        self.insert()  # the record may have come in this very group
        wanted = select(KEY.c.sequence).join(ENTRY, ENTRY.c.sequence == KEY.c.sequence)
        sequence = self._connection.scalar(wanted.where(ENTRY.c.id == job.id, ENTRY.c.kind == DETERMINATION))
        if sequence is None:
            return False
        self._placed(drafted_erasure(new_id(), sequence, job.recorded_at))
        self.insert()
        self._connection.execute(delete(KEY).where(KEY.c.sequence == sequence))
        self.has_erased = True
        return True

    def _placed(self, draft: Draft) -> Draft:
        self.tip = draft.chained(self.tip)
        self._drafts.append(draft)
        return draft


def _found(connection: Connection, sealer: Sealer, request_hash: str) -> Record | None:
    try:
        return find(connection, sealer, request_hash=request_hash)
    except SealBroken:
        raise LedgerDamaged("the record with this request key does not open") from None


def _found_event(connection: Connection, request_hash: str) -> EventRecord | None:
    try:
        return find_event(connection, ENTRY.c.request_hash == request_hash)
    except SealBroken:
        raise LedgerDamaged("the entry of this event does not open; `medpol ledger verify` says more") from None


def _same_case(before: Record, draft: Draft) -> Record:
    """The record that a request key already has, if it is of the same case."""
    if before.held is None or draft.held is None or before.held.case != draft.held.case:
        raise RequestKeyReused
    return before
