"""The ledger in an SQLite file: how it is opened, locked for its one writer, and what its failures are called."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, NullPool, QueuePool, create_engine, event

from medpol.ledger.migrations import APPLICATION_ID, guards
from medpol.ledger.values import LedgerMissing, LedgerRefused

_EVERYWHERE = ("foreign_keys = ON", "trusted_schema = OFF", "cell_size_check = ON")
_WRITER = ("synchronous = FULL", "fullfsync = ON", "checkpoint_fullfsync = ON", "secure_delete = ON")
_PAGE_BYTES = 16_384
"""Of a new file: an entry of some 3 kB would fill a smaller page alone, and leave a quarter of it empty."""
_REASONS = {
    "SQLITE_FULL": "the disk is full",
    "SQLITE_BUSY": "another process holds the database",
    "SQLITE_LOCKED": "another process holds the database",
    "SQLITE_READONLY": "the database cannot be written",
    "SQLITE_PERM": "the database cannot be written",
    "SQLITE_CANTOPEN": "the database is gone",
    "SQLITE_NOTADB": "the database is damaged",
    "SQLITE_CORRUPT": "the database is damaged",
    "SQLITE_IOERR": "the disk failed or is full",
}
_DAMAGED = ("SQLITE_CORRUPT", "SQLITE_NOTADB")


class SQLiteFile:
    """A ledger in a file on a local disk."""

    def __init__(self, path: Path, patience_seconds: float) -> None:
        self.path, self._patience = path, patience_seconds
        self._opened: tuple[int, int] | None = None
        self.reading = create_engine(
            "sqlite://", creator=self._connect_to_read, poolclass=QueuePool, hide_parameters=True
        )
        self.writing = create_engine(
            "sqlite://", creator=self._connect_to_write, poolclass=NullPool, hide_parameters=True
        )
        event.listen(self.writing, "begin", self._lock)

    @property
    def beside(self) -> Path:
        """Where what belongs to this ledger may stand: its name without the ending."""
        return self.path.with_suffix("")

    def prepare(self, must_exist: bool) -> None:
        """See that the file is there and is a ledger's or nobody's. Raises ``LedgerRefused``."""
        if not self.path.exists():
            if must_exist:
                raise LedgerMissing(f"no ledger at {self.path}")
            try:
                os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
            except OSError as problem:
                raise LedgerRefused(f"{self.path} cannot be made: {problem.strerror}") from None
        elif self.path.is_dir():
            raise LedgerRefused(f"{self.path} is a folder; expected the file of a ledger")
        try:
            self._refuse_others()
        except sqlite3.DatabaseError as problem:
            if _name(problem) == "SQLITE_NOTADB":
                raise LedgerRefused(f"{self.path} is no ledger: it is no SQLite database") from None
            raise

    def _refuse_others(self) -> None:
        connection = self._connect()
        try:
            mark = connection.execute("PRAGMA application_id").fetchone()[0]
            has_tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0] > 0
        finally:
            connection.close()
        if mark != APPLICATION_ID and (mark or has_tables):
            raise LedgerRefused(f"{self.path} is no ledger: it is the database of another program")

    def _lock(self, connection: Connection) -> None:
        """Begin as the one writer. A file that was moved away or replaced is not the ledger any more."""
        if self._opened != _identity(self.path):
            raise FileNotFoundError
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    def after_erasure(self, connection: Connection) -> None:
        """Let no page with a dropped key stay behind: freed bytes are zeroed, and the log is folded in and cut."""
        driver: Any = connection.connection.driver_connection
        with suppress(sqlite3.OperationalError):  # a reader holds the log; the next erasure or closing folds it in
            driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def reason(self, problem: BaseException | None) -> str:
        """Why something failed, in a fixed phrase."""
        if isinstance(problem, FileNotFoundError):
            return "the database is gone"
        name = _name(problem)
        return next((words for start, words in _REASONS.items() if name.startswith(start)), "the database failed")

    def is_damage(self, problem: BaseException | None) -> bool:
        """Whether the file or its tables are not what they were; text that is no UTF-8 has no name of its own."""
        name = _name(problem)
        return name.startswith(_DAMAGED) or (isinstance(problem, sqlite3.Error) and name in ("", "SQLITE_ERROR"))

    def faults(self, connection: Connection) -> Iterator[str]:
        """What is wrong with the file or with the triggers, seen from outside the chain."""
        found = connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar()
        if found != "ok":
            yield "SQLite finds its own file damaged (PRAGMA integrity_check)"
        rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").all()
        held = {row.name: row.sql for row in rows}
        for name, statement in guards("sqlite").items():
            if held.get(name) != statement:
                yield f"the trigger {name}, which refuses changes, is {'altered' if name in held else 'gone'}"

    # ------------------------------------------------------------------ connections

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"file:{quote(str(self.path.absolute()))}?mode=rw",
            uri=True,
            isolation_level=None,
            check_same_thread=False,
            timeout=self._patience,
        )
        for pragma in _EVERYWHERE:
            connection.execute(f"PRAGMA {pragma}")
        return connection

    def _connect_to_read(self) -> sqlite3.Connection:
        connection = self._connect()
        connection.execute("PRAGMA query_only = ON")
        return connection

    def _connect_to_write(self) -> sqlite3.Connection:
        self._opened = _identity(self.path)
        connection = self._connect()
        try:
            connection.execute(f"PRAGMA page_size = {_PAGE_BYTES}")
            self._use_log(connection)
            for pragma in _WRITER:
                connection.execute(f"PRAGMA {pragma}")
        except BaseException:
            connection.close()
            raise
        return connection

    def _use_log(self, connection: sqlite3.Connection) -> None:
        """Write-ahead logging. Two processes that make the file at once meet here, without SQLite's own waiting."""
        until = monotonic() + self._patience
        while True:
            try:
                mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
                break
            except sqlite3.OperationalError as problem:
                if not _name(problem).startswith("SQLITE_BUSY") or monotonic() > until:
                    raise
                sleep(0.02)
        if mode != "wal":
            raise LedgerRefused(f"{self.path}: this file system does not let SQLite keep a write-ahead log")


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _name(problem: BaseException | None) -> str:
    return getattr(problem, "sqlite_errorname", None) or ""
