"""Where a ledger is kept: a file of SQLite, or a database of PostgreSQL, by one setting."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from medpol.ledger.postgresql import PostgreSQL
from medpol.ledger.sqlite import SQLiteFile
from medpol.ledger.values import LedgerRefused, LedgerUnavailable

Database = SQLiteFile | PostgreSQL
FAILURES = (DBAPIError, PoolTimeout, OSError, sqlite3.Error)
"""What a database that is full, gone or locked raises; anything else is a bug."""
_POSTGRESQL = ("postgresql", "postgres", "postgresql+psycopg")


def database_at(place: str, patience_seconds: float) -> Database:
    """The database that a setting names: a path, ``sqlite:///path``, or ``postgresql://role@server/database``.

    Raises:
        LedgerRefused: It names something else. What it holds is not repeated: there may be a password in it.
    """
    if "://" not in place:
        return SQLiteFile(Path(place), patience_seconds)
    try:
        url = make_url(place)
    except (ArgumentError, ValueError):
        raise LedgerRefused("the address of the database cannot be read; expected " + _EXPECTED) from None
    if url.drivername in _POSTGRESQL:
        return PostgreSQL(url.set(drivername="postgresql+psycopg"), patience_seconds)
    if url.drivername == "sqlite" and url.database:
        return SQLiteFile(Path(url.database), patience_seconds)
    raise LedgerRefused("no ledger is kept in a database of this kind; expected " + _EXPECTED)


_EXPECTED = "a path, sqlite:///path, or postgresql://role@server/database"


def has_password(place: str) -> bool:
    """Whether a setting holds a password, which every user of the machine could read among a program's arguments."""
    try:
        return "://" in place and make_url(place).password is not None
    except (ArgumentError, ValueError):
        return False


def unavailable(database: Database, problem: BaseException) -> LedgerUnavailable:
    """The failure as callers see it: a reason without a word of the statement or its values."""
    if isinstance(problem, PoolTimeout):
        return LedgerUnavailable("too many read at once")
    return LedgerUnavailable(database.reason(cause(problem)))


def cause(problem: BaseException) -> BaseException | None:
    """What the driver said."""
    return problem.orig if isinstance(problem, DBAPIError) else problem
