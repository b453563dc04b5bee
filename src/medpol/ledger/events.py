"""Events: what has become of what a policy rests on, entered once each, before anything is kept that makes it old.

The watch finds them (``medpol watch --ledger``). An event says nothing of a person: it is sealed like a determination,
so that one walk checks both, but its key is neither wrapped nor ever dropped, and whoever reads the ledger reads it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, select

from medpol.ledger.chain import CHAINED
from medpol.ledger.entries import Draft, Identity
from medpol.ledger.sealing import SealBroken, Sealer
from medpol.ledger.tables import ENTRY, EVENT, KEY
from medpol.ledger.values import MAXIMUM_BYTES, moment_of, stamp

_SEALER = Sealer()
"""Without wrapping keys: who watches the literature need not hold a key that opens cases of people."""


class EventNamed(msgspec.Struct, frozen=True):
    """Of an event's JSON, what the ledger reads: its own id, and the policy, which stands in a plain column."""

    id: str
    policy: str


_read_named = msgspec.json.Decoder(EventNamed).decode


@dataclass(frozen=True, slots=True)
class Event:
    """An event to be entered: JSON with ``id`` and ``policy``, kept byte for byte. Of two with one id the first stays."""

    body: bytes
    recorded_at: datetime
    medpol_version: str
    named: EventNamed = field(init=False)

    def __post_init__(self) -> None:
        stamp(self.recorded_at)
        if len(self.body) > MAXIMUM_BYTES:
            raise ValueError(f"an event of more than {MAXIMUM_BYTES:,} bytes")
        try:
            named = _read_named(self.body)
        except (msgspec.MsgspecError, UnicodeDecodeError) as problem:
            raise ValueError(f"expected the JSON of an event, with its id and its policy: {problem}") from None
        if not (named.id and named.policy):
            raise ValueError("an event without an id or a policy; expected both")
        object.__setattr__(self, "named", named)


@dataclass(frozen=True, slots=True)
class EventRecord:
    """One event as entered: ``id`` is the entry's own, ``body`` the bytes as they were given the first time."""

    sequence: int
    id: str
    recorded_at: datetime
    policy: str
    medpol_version: str
    previous_hash: bytes
    row_hash: bytes
    body: bytes


def event_hash(identity: Identity, event_id: str) -> str:
    """An event's own id as it stands beside request keys; no request key, whatever its text, can have the same."""
    return identity.request_hash(event_id, b"medpol ledger: events")


def drafted_event(id: str, event: Event, identity: Identity) -> Draft:
    """An event sealed and ready to be chained."""
    sealed = _SEALER.seal(id, b"", event.body)
    columns = dict.fromkeys(CHAINED) | {
        "id": id,
        "kind": EVENT,
        "recorded_at": stamp(event.recorded_at),
        "policy": event.named.policy,
        "medpol_version": event.medpol_version,
        "request_hash": event_hash(identity, event.named.id),
        "wrapped_by": sealed.wrapped_by,
        "sealed": sealed.sealed,
        "facts_hash": sealed.facts_hash,
    }
    return Draft(columns, sealed.kept_key)


def event_of(columns: Any, body: bytes) -> EventRecord:
    """An event's row as a value."""
    return EventRecord(
        columns["sequence"],
        columns["id"],
        moment_of(columns["recorded_at"]),
        columns["policy"],
        columns["medpol_version"],
        columns["previous_hash"],
        columns["row_hash"],
        body,
    )


def find_event(connection: Connection, wanted: ColumnElement[bool]) -> EventRecord | None:
    """The event of which a condition holds.

    Raises:
        SealBroken: It or its key was altered, or its key is gone.
    """
    found = connection.execute(
        select(ENTRY, KEY.c.kept_key)
        .outerjoin(KEY, KEY.c.sequence == ENTRY.c.sequence)
        .where(wanted, ENTRY.c.kind == EVENT)
    ).first()
    if found is None:
        return None
    columns = found._mapping
    if columns["kept_key"] is None or columns["wrapped_by"]:
        raise SealBroken
    held = _SEALER.open(columns["id"], columns["sealed"], columns["facts_hash"], columns["kept_key"], "")
    return event_of(columns, held.answer)
