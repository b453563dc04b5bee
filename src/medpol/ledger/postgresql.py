"""The ledger in PostgreSQL: how it is reached, locked for its one writer, and what its failures are called."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event, text

from medpol.ledger.migrations import functions, guards
from medpol.ledger.tables import ENTRY, METADATA
from medpol.ledger.values import LedgerMissing, LedgerRefused

_ONE_WRITER = 0x6D706C67
"""The number of the advisory lock that the one writer holds until its transaction ends."""
_REASONS = {
    "53100": "the disk is full",
    "53": "the database has no room",
    "55P03": "another process holds the database",
    "57014": "another process holds the database",
    "57": "the database is gone",
    "08": "the database is gone",
    "28": "the database does not let us in",
    "25006": "the database cannot be written",
    "42501": "the database cannot be written",
    "58": "the disk failed or is full",
    "XX001": "the database is damaged",
    "XX002": "the database is damaged",
}
_DAMAGED = ("XX001", "XX002", "42P01", "42703")
"""Damaged data or indexes; a table or a column that is gone."""


class PostgreSQL:
    """A ledger in a database of a PostgreSQL server, in the schema that the role's search path names first."""

    def __init__(self, url: URL, patience_seconds: float) -> None:
        self.url = url
        try:
            self.reading = self._engine(patience_seconds, isolation_level="AUTOCOMMIT", pool_pre_ping=True)
            self.writing = self._engine(patience_seconds, poolclass=NullPool)
            event.listen(self.writing, "begin", _lock)
        except ModuleNotFoundError:
            raise LedgerRefused("PostgreSQL needs a driver: pip install 'medpol[pg]'") from None

    @property
    def beside(self) -> Path:
        """Where what belongs to this ledger may stand: in the working folder."""
        return Path("medpol-ledger")

    def _engine(self, patience_seconds: float, **more: Any) -> Engine:
        thousandths = int(patience_seconds * 1_000)
        settings = {
            "synchronous_commit": "on",
            "statement_timeout": thousandths if "poolclass" in more else 0,
            "lock_timeout": thousandths,
            "idle_in_transaction_session_timeout": 10 * thousandths,
        }
        return create_engine(
            self.url,
            hide_parameters=True,
            connect_args={
                "connect_timeout": max(2, int(patience_seconds)),
                "options": " ".join(f"-c {name}={value}" for name, value in settings.items()),
                "application_name": "medpol ledger",
                "keepalives_idle": 10,
                "keepalives_interval": 2,
                "keepalives_count": 3,
                "tcp_user_timeout": 2 * thousandths,
            },
            **more,
        )

    def prepare(self, must_exist: bool) -> None:
        """See that the server keeps what it acknowledges, and that the tables are there if they must be."""
        with self.reading.connect() as connection:
            if connection.scalar(text("SHOW fsync")) != "on":
                raise LedgerRefused("this PostgreSQL runs with fsync = off and would lose what it acknowledged")
            if must_exist and not connection.dialect.has_table(connection, ENTRY.name):
                raise LedgerMissing("no ledger in this database")

    def after_erasure(self, connection: Connection) -> None:
        """Nothing here: the dropped key's bytes go with VACUUM, which the server does and the manual speaks of."""

    def reason(self, problem: BaseException | None) -> str:
        """Why something failed, in a fixed phrase."""
        state = getattr(problem, "sqlstate", None)
        if state is None:  # said by the driver: there was no server to say anything
            return "the database is gone"
        found = (_REASONS[state[:length]] for length in (5, 2) if state[:length] in _REASONS)
        return next(found, "the database failed")

    def is_damage(self, problem: BaseException | None) -> bool:
        return getattr(problem, "sqlstate", None) in _DAMAGED

    def faults(self, connection: Connection) -> Iterator[str]:
        """What is wrong with the triggers and what they call, seen from outside the chain."""
        tables = [name for name in METADATA.tables if connection.dialect.has_table(connection, name)]
        rows = connection.execute(
            text(
                "SELECT tgname, tgenabled::text AS tgenabled, proname, prosrc FROM pg_trigger "
                "JOIN pg_proc ON pg_proc.oid = tgfoid WHERE tgrelid = ANY (CAST(:tables AS regclass[])) AND NOT tgisinternal"
            ),
            {"tables": tables},
        ).all()
        held = {row.tgname: row for row in rows}
        for name in guards("postgresql"):
            if name not in held:
                yield f"the trigger {name}, which refuses changes, is gone"
            elif held[name].tgenabled not in ("O", "A"):
                yield f"the trigger {name}, which refuses changes, is switched off"
        bodies = functions()
        for name, body in sorted({(row.proname, row.prosrc) for row in rows}):
            if bodies.get(name) != body:
                yield f"the function {name}, which refuses changes, is altered"


def _lock(connection: Connection) -> None:
    """Begin as the one writer over all processes; the lock goes only when what was written can be seen."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _ONE_WRITER})
