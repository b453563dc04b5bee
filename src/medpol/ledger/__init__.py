"""The append-only record of determinations: each is written before it leaves, chained to the one before, and replayable.

``Ledger.open`` makes or opens one in a file of SQLite or in PostgreSQL; ``record`` comes back when a determination is
on the disk. A case and its answer are sealed with a key of their own, so that they can be erased and the chain stays
whole; ``enter`` adds an event that the watch of evidence found, each once. ``verify`` walks the chain, ``export_head``
signs its end for another place, ``replay`` compares a recorded answer with the one that its case gets now; the room
decides nothing itself and is handed what does.
"""

from medpol.ledger.database import has_password
from medpol.ledger.events import Event, EventRecord
from medpol.ledger.heads import (
    Head,
    HeadRefused,
    SigningKey,
    export_head,
    public_key_of,
    read_head,
    read_public_text,
    signing_key,
)
from medpol.ledger.ledger import Ledger
from medpol.ledger.replay import Replayed, replay
from medpol.ledger.sealing import KEY_BYTES
from medpol.ledger.values import (
    Answered,
    Health,
    Held,
    LedgerDamaged,
    LedgerMissing,
    LedgerRefused,
    LedgerUnavailable,
    Record,
    RequestKeyReused,
    Seal,
    pinned,
)
from medpol.ledger.verify import Finding, Verified, verify

__all__ = [
    "KEY_BYTES",
    "Answered",
    "Event",
    "EventRecord",
    "Finding",
    "Head",
    "HeadRefused",
    "Health",
    "Held",
    "Ledger",
    "LedgerDamaged",
    "LedgerMissing",
    "LedgerRefused",
    "LedgerUnavailable",
    "Record",
    "Replayed",
    "RequestKeyReused",
    "Seal",
    "SigningKey",
    "Verified",
    "export_head",
    "has_password",
    "pinned",
    "public_key_of",
    "read_head",
    "read_public_text",
    "replay",
    "signing_key",
    "verify",
]
