"""The chain: every entry holds the hash of the one before, and its own over all that it says.

An entry's hash is SHA-256 over, one after the other: ``medpol ledger entry 1`` and a line feed; the hash of the entry
before; the facts hash (32 zero bytes where there are no facts); SHA-256 of the sealed bytes; and the other columns in
the order of ``CHAINED`` as one JSON array in UTF-8, without white space. The entry before the first is the ledger's
identity. Any program can compute it anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import msgspec

CHAINED = (
    "sequence",
    "id",
    "kind",
    "recorded_at",
    "erases",
    "plan_hash",
    "policy",
    "version",
    "content_hash",
    "outcome",
    "reason_kind",
    "reason_key",
    "semantics",
    "medpol_version",
    "request_hash",
    "wrapped_by",
)
"""Columns that are hashed as they stand; ``facts_hash`` and ``sealed`` are hashed apart."""
NO_FACTS = bytes(32)
_ENTRY = b"medpol ledger entry 1\n"
_IDENTITY = b"medpol ledger identity 1\n"
_encode = msgspec.json.Encoder().encode


def first_hash(ledger_id: str, salt: bytes) -> bytes:
    """What the first entry is chained to: two ledgers never begin alike."""
    return hashlib.sha256(_IDENTITY + _encode([ledger_id, salt.hex()])).digest()


def row_hash(previous: bytes, facts_hash: bytes, sealed_hash: bytes, columns: Sequence[object]) -> bytes:
    """The hash of an entry; ``columns`` in the order of ``CHAINED``."""
    return hashlib.sha256(b"".join((_ENTRY, previous, facts_hash, sealed_hash, _encode(columns)))).digest()
