"""How the tables came to be what they are: steps that go forward only, each in one transaction.

A step that is released is never edited; a later one adds to it. Rows that are chained are never rewritten. Triggers
refuse what would alter an entry; a key may be deleted where an entry tells of its erasure, and in no other case.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from medpol.ledger.tables import IDENTITY, STEP
from medpol.ledger.values import LedgerRefused

APPLICATION_ID = 0x6D706C67
"""``mplg``, in the header of an SQLite file."""


@dataclass(frozen=True, slots=True)
class Step:
    """One migration, in the words of each database."""

    number: int
    name: str
    sqlite: tuple[str, ...]
    postgresql: tuple[str, ...]

    def statements(self, connection: Connection) -> tuple[str, ...]:
        return self.sqlite if connection.dialect.name == "sqlite" else self.postgresql


_ERASURE_KIND = "(kind = 'erasure' AND erases IS NOT NULL AND erases < sequence)"
_KIND = f"""CHECK (
    (kind = 'determination' AND erases IS NULL AND wrapped_by IS NOT NULL AND plan_hash IS NOT NULL
        AND outcome IS NOT NULL AND reason_kind IS NOT NULL AND reason_key IS NOT NULL
        AND semantics IS NOT NULL AND medpol_version IS NOT NULL)
    OR {_ERASURE_KIND})"""

_GUARDED = ("ledger_entry", "ledger_identity", "ledger_step")


def _entry(integer: str, blob: str, end: str) -> str:
    return f"""CREATE TABLE ledger_entry (
    sequence {integer} PRIMARY KEY CHECK (sequence > 0), id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,
    recorded_at TEXT NOT NULL, erases {integer} UNIQUE REFERENCES ledger_entry (sequence), plan_hash TEXT, policy TEXT,
    version TEXT, content_hash TEXT, outcome TEXT, reason_kind TEXT, reason_key TEXT, semantics INTEGER,
    medpol_version TEXT, request_hash TEXT UNIQUE, wrapped_by TEXT, sealed {blob} NOT NULL, facts_hash {blob} NOT NULL,
    previous_hash {blob} NOT NULL, row_hash {blob} NOT NULL, {_KIND}){end}"""


def _others(integer: str, blob: str, end: str) -> tuple[str, ...]:
    return (
        f"CREATE TABLE ledger_key (sequence {integer} PRIMARY KEY REFERENCES ledger_entry (sequence), "
        f"kept_key {blob} NOT NULL){end}",
        f"CREATE TABLE ledger_identity (one INTEGER PRIMARY KEY CHECK (one = 1), ledger_id TEXT NOT NULL, "
        f"salt {blob} NOT NULL){end}",
        f"CREATE TABLE ledger_step (step INTEGER PRIMARY KEY, name TEXT NOT NULL){end}",
    )


def _refusal_in_sqlite(table: str, event: str, when: str = "") -> str:
    return (
        f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table}{when} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    )


_NO_ERASURE_TOLD = "NOT EXISTS (SELECT 1 FROM ledger_entry WHERE erases = OLD.sequence)"

_SQLITE = (
    _entry("INTEGER", "BLOB", " STRICT"),
    *_others("INTEGER", "BLOB", " STRICT"),
    *(_refusal_in_sqlite(table, event) for table in _GUARDED for event in ("UPDATE", "DELETE")),
    _refusal_in_sqlite("ledger_key", "UPDATE"),
    _refusal_in_sqlite("ledger_key", "DELETE", f" WHEN {_NO_ERASURE_TOLD}"),
    f"PRAGMA application_id = {APPLICATION_ID}",
)

_POSTGRESQL = (
    _entry("BIGINT", "BYTEA", ""),
    *_others("BIGINT", "BYTEA", ""),
    """CREATE FUNCTION ledger_refuses() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is append-only'; END $$""",
    f"""CREATE FUNCTION ledger_key_deletion() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN IF {_NO_ERASURE_TOLD} THEN RAISE EXCEPTION USING MESSAGE = 'ledger_key is append-only'; END IF; RETURN OLD; END $$""",
    *(
        f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION ledger_refuses()"
        for table in _GUARDED
        for event in ("UPDATE", "DELETE")
    ),
    "CREATE TRIGGER ledger_key_no_update BEFORE UPDATE ON ledger_key FOR EACH ROW EXECUTE FUNCTION ledger_refuses()",
    "CREATE TRIGGER ledger_key_no_delete BEFORE DELETE ON ledger_key FOR EACH ROW EXECUTE FUNCTION ledger_key_deletion()",
    *(
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuses()"
        for table in (*_GUARDED, "ledger_key")
    ),
)

_EVENT_KIND = """(kind = 'event' AND erases IS NULL AND plan_hash IS NULL AND outcome IS NULL AND policy IS NOT NULL
        AND medpol_version IS NOT NULL AND request_hash IS NOT NULL AND wrapped_by = '')"""
_KIND_WITH_EVENTS = _KIND.replace(_ERASURE_KIND, f"{_ERASURE_KIND}\n    OR {_EVENT_KIND}")
_ERASES_EVENT = "EXISTS (SELECT 1 FROM ledger_entry WHERE sequence = NEW.erases AND kind = 'event')"
_NO_ERASURE = "CREATE TRIGGER ledger_entry_no_erasure_of_event BEFORE INSERT ON ledger_entry"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


# SQLite has no statement that changes a CHECK. It says itself how that is done without copying a table: in its schema.
# The old kinds pass the new CHECK, so no row is touched; the trigger made afterwards tells every connection to read anew.
_SQLITE_EVENTS = (
    "PRAGMA writable_schema = ON",
    f"UPDATE sqlite_schema SET sql = replace(sql, {_quoted(_KIND)}, {_quoted(_KIND_WITH_EVENTS)}) "
    "WHERE type = 'table' AND name = 'ledger_entry'",
    "PRAGMA writable_schema = RESET",
    f"{_NO_ERASURE} WHEN {_ERASES_EVENT} BEGIN SELECT RAISE(ABORT, 'an event is not erased'); END",
)

# PostgreSQL reads every row once for the new CHECK; a long ledger may take longer than a statement of ours otherwise may.
_POSTGRESQL_EVENTS = (
    "SET LOCAL statement_timeout = 0",
    "ALTER TABLE ledger_entry DROP CONSTRAINT ledger_entry_check, "
    f"ADD CONSTRAINT ledger_entry_check {_KIND_WITH_EVENTS}",
    f"""CREATE FUNCTION ledger_event_erasure() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN IF {_ERASES_EVENT} THEN RAISE EXCEPTION 'an event is not erased'; END IF; RETURN NEW; END $$""",
    f"{_NO_ERASURE} FOR EACH ROW WHEN (NEW.erases IS NOT NULL) EXECUTE FUNCTION ledger_event_erasure()",
)

STEPS = (
    Step(1, "entries, keys, identity", _SQLITE, _POSTGRESQL),
    Step(2, "events", _SQLITE_EVENTS, _POSTGRESQL_EVENTS),
)


def latest_step(connection: Connection) -> int:
    """The last step that was done; 0 of a database without any."""
    if not connection.dialect.has_table(connection, STEP.name):
        return 0
    return max(connection.scalars(select(STEP.c.step)), default=0)


def migrate(connection: Connection, steps: Sequence[Step] = STEPS) -> None:
    """Do the steps that are still to do. ``connection`` begins every transaction as the one writer.

    Raises:
        LedgerRefused: A newer medpol has worked on this database.
    """
    refuse_newer(connection, steps)
    for step in steps:
        with connection.begin():
            if latest_step(connection) >= step.number:
                continue
            for statement in step.statements(connection):
                connection.exec_driver_sql(statement)
            connection.execute(insert(STEP), {"step": step.number, "name": step.name})
    with connection.begin():
        if connection.scalar(select(IDENTITY.c.ledger_id)) is None:
            row = {"one": 1, "ledger_id": secrets.token_urlsafe(16), "salt": os.urandom(32)}
            connection.execute(insert(IDENTITY), row)


def refuse_newer(connection: Connection, steps: Sequence[Step] = STEPS) -> None:
    with connection.begin():
        found, known = latest_step(connection), steps[-1].number
    if found > known:
        raise LedgerRefused(
            f"the ledger was worked on by a newer medpol: step {found} of its tables, and this one knows {known}\n"
            "    mend: use that medpol, or a newer one"
        )


def guards(dialect: str, steps: Sequence[Step] = STEPS) -> dict[str, str]:
    """The triggers that must stand in a database, by name, each with the statement that makes it."""
    statements = (each for step in steps for each in (step.sqlite if dialect == "sqlite" else step.postgresql))
    return {each.split()[2]: each for each in statements if each.startswith("CREATE TRIGGER ")}


def functions(steps: Sequence[Step] = STEPS) -> dict[str, str]:
    """What the triggers of PostgreSQL call, by name, each with its body."""
    made = (each for step in steps for each in step.postgresql if each.startswith("CREATE FUNCTION "))
    return {each.split()[2].removesuffix("()"): each.split("$$")[1] for each in made}
