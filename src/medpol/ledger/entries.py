"""Entries as rows: made, chained, written and read again."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, select

from medpol.ledger.chain import CHAINED, NO_FACTS, row_hash
from medpol.ledger.sealing import KeyUnknown, Sealer
from medpol.ledger.tables import DETERMINATION, ENTRY, ERASURE, IDENTITY, KEY
from medpol.ledger.values import Answered, Held, Record, Seal, moment_of, stamp

_ERASING = ENTRY.alias("erasing")
_LAST = select(ENTRY.c.sequence, ENTRY.c.row_hash).order_by(ENTRY.c.sequence.desc()).limit(1)


@dataclass(frozen=True, slots=True)
class Identity:
    """What tells this ledger from any other."""

    ledger_id: str
    salt: bytes

    def request_hash(self, key: str, among: bytes = b"") -> str:
        """A request key as it is stored: it may be somebody's number, so it does not stand there itself.

        Keys ``among`` others have a salt of their own, so that two of different kinds never meet.
        """
        salt = hmac.digest(self.salt, among, "sha256") if among else self.salt
        return hmac.digest(salt, key.encode(), "sha256").hex()


@dataclass(frozen=True, slots=True)
class Tip:
    """Where the chain ends: the last sequence (0 of an empty one) and its hash."""

    sequence: int
    hash: bytes


@dataclass(slots=True, repr=False)
class Draft:
    """An entry that is not yet in its place: every column but sequence and hashes of the chain."""

    columns: dict[str, Any]
    kept_key: bytes | None = None
    held: Held | None = None

    def chained(self, tip: Tip) -> Tip:
        """Fill in what depends on the entry before, and give the new end of the chain."""
        columns = self.columns
        columns["sequence"], columns["previous_hash"] = tip.sequence + 1, tip.hash
        columns["row_hash"] = row_hash(
            tip.hash,
            columns["facts_hash"],
            hashlib.sha256(columns["sealed"]).digest(),
            [columns[name] for name in CHAINED],
        )
        return Tip(columns["sequence"], columns["row_hash"])

    def record(self) -> Record:
        return record_of(self.columns, Seal.OPEN, self.held)


def drafted(id: str, answered: Answered, sealer: Sealer, identity: Identity) -> Draft:
    """A determination sealed and ready to be chained."""
    plain = answered.plain()
    sealed = sealer.seal(id, answered.case, answered.answer)
    key = answered.request_key
    columns = dict.fromkeys(CHAINED) | {
        "id": id,
        "kind": DETERMINATION,
        "recorded_at": stamp(answered.recorded_at),
        "plan_hash": answered.plan_hash,
        "policy": plain.policy,
        "version": plain.version,
        "content_hash": plain.content_hash,
        "outcome": plain.outcome,
        "reason_kind": plain.reason_kind,
        "reason_key": plain.reason_key,
        "semantics": answered.semantics,
        "medpol_version": answered.medpol_version,
        "request_hash": None if key is None else identity.request_hash(key),
        "wrapped_by": sealed.wrapped_by,
        "sealed": sealed.sealed,
        "facts_hash": sealed.facts_hash,
    }
    return Draft(columns, sealed.kept_key, Held(answered.case, answered.answer))


def drafted_erasure(id: str, sequence: int, recorded_at: str) -> Draft:
    """The entry that tells of an erasure."""
    columns = dict.fromkeys(CHAINED) | {"id": id, "kind": ERASURE, "recorded_at": recorded_at, "erases": sequence}
    return Draft(columns | {"sealed": b"", "facts_hash": NO_FACTS})


# ---------------------------------------------------------------------------- reading


def read_identity(connection: Connection) -> Identity | None:
    found = connection.execute(select(IDENTITY.c.ledger_id, IDENTITY.c.salt)).first()
    return None if found is None else Identity(*found)


def read_tip(connection: Connection, first: bytes) -> Tip:
    """Where the chain ends; ``first`` is what the first entry is chained to."""
    found = connection.execute(_LAST).first()
    return Tip(0, first) if found is None else Tip(*found)


def find(
    connection: Connection, sealer: Sealer, *, id: str | None = None, request_hash: str | None = None
) -> Record | None:
    """The determination with an id, or with the hash of a request key.

    Raises:
        SealBroken: Its facts or its key were altered.
    """
    wanted = ENTRY.c.id == id if request_hash is None else ENTRY.c.request_hash == request_hash
    found = connection.execute(
        select(ENTRY, KEY.c.kept_key, _ERASING.c.recorded_at.label("erased_at"))
        .outerjoin(KEY, KEY.c.sequence == ENTRY.c.sequence)
        .outerjoin(_ERASING, _ERASING.c.erases == ENTRY.c.sequence)
        .where(wanted, ENTRY.c.kind == DETERMINATION)
    ).first()
    return None if found is None else _opened(found, sealer)


def _opened(row: Row[Any], sealer: Sealer) -> Record:
    columns = row._mapping
    if columns["kept_key"] is None:
        return record_of(columns, Seal.ERASED, None)
    try:
        held = sealer.open(
            columns["id"], columns["sealed"], columns["facts_hash"], columns["kept_key"], columns["wrapped_by"]
        )
    except KeyUnknown:
        return record_of(columns, Seal.LOCKED, None)
    return record_of(columns, Seal.OPEN, held)


def record_of(columns: Any, seal: Seal, held: Held | None) -> Record:
    """A determination's row as a value."""
    erased_at = columns.get("erased_at")
    return Record(
        columns["sequence"],
        columns["id"],
        moment_of(columns["recorded_at"]),
        columns["plan_hash"],
        columns["policy"],
        None if columns["version"] is None else date.fromisoformat(columns["version"]),
        columns["content_hash"],
        columns["outcome"],
        columns["reason_kind"],
        columns["reason_key"],
        columns["semantics"],
        columns["medpol_version"],
        columns["previous_hash"],
        columns["row_hash"],
        seal,
        held,
        None if erased_at is None else moment_of(erased_at),
    )
