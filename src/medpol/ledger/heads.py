"""The head: where the chain ends, signed, to be kept in another place.

A chain in one database shows that somebody altered it only if its end is known from elsewhere: who can write to the
database could also compute all hashes anew. A head kept elsewhere fixes everything up to it.
"""

from __future__ import annotations

import base64
import binascii
import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from medpol.ledger.ledger import Ledger
from medpol.ledger.values import stamp

_SIGNED = b"medpol ledger head 1\n"


class Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The end of a ledger's chain at a moment: the field names are the keys of its JSON."""

    ledger: str
    sequence: int
    hash: str
    count: int
    exported_at: str
    public_key: str
    signature: str = ""

    def signed_bytes(self) -> bytes:
        """What the signature is over: a first line, and the JSON of the head with an empty signature."""
        return _SIGNED + msgspec.json.encode(msgspec.structs.replace(self, signature=""))


class HeadRefused(ValueError):
    """A file that is no head, a signature that does not fit, or a key that cannot be read."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key that signs heads, and whether its file was made just now."""

    private: Ed25519PrivateKey
    is_new: bool


def export_head(ledger: Ledger, key: Ed25519PrivateKey, exported_at: datetime) -> Head:
    """The head of a ledger, signed. Entries are never deleted, so the count is the last sequence."""
    tip = ledger.tip()
    public = public_text(key.public_key())
    head = Head(ledger.identity.ledger_id, tip.sequence, tip.hash.hex(), tip.sequence, stamp(exported_at), public)
    return msgspec.structs.replace(head, signature=_text(key.sign(head.signed_bytes())))


def read_head(data: bytes, public_key: Ed25519PublicKey | None = None) -> Head:
    """A head whose signature holds: by ``public_key``, or else by the key that it names itself.

    Raises:
        HeadRefused: It is no head, it is signed by another key, or it was altered since.
    """
    try:
        head = msgspec.json.decode(data, type=Head)
    except (msgspec.MsgspecError, UnicodeDecodeError) as problem:
        raise HeadRefused(f"this is no head of a ledger: {problem}") from None
    if public_key is not None and public_text(public_key) != head.public_key:
        raise HeadRefused(f"the head is signed by {head.public_key}; expected {public_text(public_key)}")
    try:
        read_public_text(head.public_key).verify(_bytes(head.signature), head.signed_bytes())
    except (InvalidSignature, binascii.Error):
        raise HeadRefused("the signature of the head does not fit: it was altered after it was signed") from None
    return head


# ---------------------------------------------------------------------------- keys


def signing_key(path: Path) -> SigningKey:
    """The Ed25519 key of a PEM file. Where there is no file, a key is made, readable by its owner alone."""
    with suppress(FileNotFoundError):
        return SigningKey(_private(path.read_bytes()), False)
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    return SigningKey(key, True)


def public_key_of(pem: bytes) -> Ed25519PublicKey:
    """The public key of a PEM file that holds it, or that holds the private one."""
    if b"PRIVATE KEY" in pem:
        return _private(pem).public_key()
    try:
        key = serialization.load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):
        raise HeadRefused("this is no key in PEM") from None
    if not isinstance(key, Ed25519PublicKey):
        raise HeadRefused("this key is of another kind; expected Ed25519")
    return key


def public_text(key: Ed25519PublicKey) -> str:
    """A public key in one line: ``ed25519:`` and 32 bytes in base 64."""
    raw = key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return "ed25519:" + _text(raw)


def read_public_text(text: str) -> Ed25519PublicKey:
    """The key that ``public_text`` wrote."""
    try:
        return Ed25519PublicKey.from_public_bytes(_bytes(text.removeprefix("ed25519:")))
    except ValueError:
        raise HeadRefused("this is no public key; expected ed25519: and 32 bytes in base 64") from None


def _private(pem: bytes) -> Ed25519PrivateKey:
    try:
        key = serialization.load_pem_private_key(pem, None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise HeadRefused("this is no private key in PEM without a password") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise HeadRefused("this key is of another kind; expected Ed25519")
    return key


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
