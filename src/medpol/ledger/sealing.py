"""The case and the answer of a record, sealed with a key of its own: drop the key, and they are erased.

Every record has a key of 32 random bytes. With a key derived from it, AES-256-GCM seals the case and the answer; with
the key itself, HMAC-SHA-256 makes the *facts hash*. Only what is sealed and the facts hash enter the chain, so without
the key nobody can try guesses of a case against it. As the hash commits to the key, another key in its place is noticed.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from medpol.ledger.values import Held

KEY_BYTES = 32
_NONCE_BYTES = 12
_ONLY_NONCE = bytes(_NONCE_BYTES)
"""A record's key seals once, so its nonce need not vary."""
_SEALING = b"medpol ledger: the key that seals"
_LENGTH_BYTES = 4


class SealBroken(Exception):
    """What is sealed, its key or the facts hash was altered."""


class KeyUnknown(Exception):
    """The record's key is wrapped by a key that was not given."""


@dataclass(frozen=True, slots=True, repr=False)
class Sealed:
    """What is stored of a case and its answer: the sealed bytes, their keyed hash, and the key as it is kept."""

    sealed: bytes
    facts_hash: bytes
    kept_key: bytes
    wrapped_by: str


class Sealer:
    """Seals and opens. With wrapping keys, the first wraps the keys of new records and each opens what it wrapped."""

    def __init__(self, wrapping_keys: Sequence[bytes] = ()) -> None:
        for key in wrapping_keys:
            if len(key) != KEY_BYTES:
                raise ValueError(f"a wrapping key of {len(key)} bytes; expected {KEY_BYTES}")
        self._wrapping = {wrapping_key_id(key): AESGCM(key) for key in wrapping_keys}
        self._wraps_with = next(iter(self._wrapping), "")

    def seal(self, id: str, case: bytes, answer: bytes) -> Sealed:
        """A case and its answer under a new key; they open for this record only."""
        key = os.urandom(KEY_BYTES)
        plain = len(case).to_bytes(_LENGTH_BYTES, "big") + case + answer
        sealed = AESGCM(_sealing_key(key)).encrypt(_ONLY_NONCE, plain, id.encode())
        return Sealed(sealed, facts_hash(key, hashlib.sha256(sealed).digest()), self._keep(id, key), self._wraps_with)

    def open(self, id: str, sealed: bytes, expected_hash: bytes, kept_key: bytes, wrapped_by: str) -> Held:
        """The case and the answer. Raises ``SealBroken`` or ``KeyUnknown``."""
        key = self.key(id, kept_key, wrapped_by)
        if not hmac.compare_digest(facts_hash(key, hashlib.sha256(sealed).digest()), expected_hash):
            raise SealBroken
        try:
            plain = AESGCM(_sealing_key(key)).decrypt(_ONLY_NONCE, sealed, id.encode())
        except InvalidTag:
            raise SealBroken from None
        ends = _LENGTH_BYTES + int.from_bytes(plain[:_LENGTH_BYTES], "big")
        return Held(plain[_LENGTH_BYTES:ends], plain[ends:])

    def key(self, id: str, kept_key: bytes, wrapped_by: str) -> bytes:
        """The key of a record as it was made. Raises ``SealBroken`` or ``KeyUnknown``."""
        if not wrapped_by:
            return kept_key
        wrapping = self._wrapping.get(wrapped_by)
        if wrapping is None:
            raise KeyUnknown
        try:
            return wrapping.decrypt(kept_key[:_NONCE_BYTES], kept_key[_NONCE_BYTES:], id.encode())
        except (InvalidTag, ValueError):
            raise SealBroken from None

    def _keep(self, id: str, key: bytes) -> bytes:
        if not self._wraps_with:
            return key
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._wrapping[self._wraps_with].encrypt(nonce, key, id.encode())


def facts_hash(key: bytes, sealed_hash: bytes) -> bytes:
    """The hash, keyed with the record's key, of what is sealed."""
    return hmac.digest(key, sealed_hash, "sha256")


def wrapping_key_id(key: bytes) -> str:
    """A short name of a wrapping key, which tells nothing of it."""
    return hashlib.sha256(b"medpol ledger: wrapping key\n" + key).hexdigest()[:16]


def _sealing_key(key: bytes) -> bytes:
    return hmac.digest(key, _SEALING, "sha256")
