"""The tables of the ledger, for what is asked of them; ``migrations`` makes them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, MetaData, Table, Text

METADATA = MetaData()

ENTRY = Table(
    "ledger_entry",
    METADATA,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("recorded_at", Text, nullable=False),
    Column("erases", BigInteger),
    Column("plan_hash", Text),
    Column("policy", Text),
    Column("version", Text),
    Column("content_hash", Text),
    Column("outcome", Text),
    Column("reason_kind", Text),
    Column("reason_key", Text),
    Column("semantics", Integer),
    Column("medpol_version", Text),
    Column("request_hash", Text),
    Column("wrapped_by", Text),
    Column("sealed", LargeBinary, nullable=False),
    Column("facts_hash", LargeBinary, nullable=False),
    Column("previous_hash", LargeBinary, nullable=False),
    Column("row_hash", LargeBinary, nullable=False),
)
"""One row an entry. ``kind`` is ``determination``, ``erasure`` of the one whose sequence ``erases`` names, or ``event``."""

KEY = Table(
    "ledger_key",
    METADATA,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("kept_key", LargeBinary, nullable=False),
)
"""One row an event, and one a determination whose facts are not erased."""

IDENTITY = Table(
    "ledger_identity",
    METADATA,
    Column("one", Integer, primary_key=True, autoincrement=False),
    Column("ledger_id", Text, nullable=False),
    Column("salt", LargeBinary, nullable=False),
)
"""One row: the random name of this ledger, and what request keys are hashed with."""

STEP = Table(
    "ledger_step",
    METADATA,
    Column("step", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
)
"""One row a migration that was done."""

DETERMINATION, ERASURE, EVENT = "determination", "erasure", "event"
