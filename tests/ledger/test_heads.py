"""A head is signed, and neither it nor its signer can be exchanged unnoticed."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.ledger.making import fill

from medpol.ledger import (
    Head,
    HeadRefused,
    Ledger,
    export_head,
    public_key_of,
    read_head,
    read_public_text,
    signing_key,
)

AT = datetime(2024, 9, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
def key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


@pytest.fixture
def head(tmp_path: Path, key: Ed25519PrivateKey) -> Head:
    with Ledger.open(str(tmp_path / "ledger.db")) as ledger:
        fill(ledger, 3)
        return export_head(ledger, key, AT)


def test_a_head_says_where_the_chain_ends(head: Head, tmp_path: Path, key: Ed25519PrivateKey) -> None:
    with Ledger.open(str(tmp_path / "ledger.db")) as ledger:
        tip = ledger.tip()
        assert (head.ledger, head.sequence, head.count) == (ledger.identity.ledger_id, 3, 3)
    assert (head.hash, head.exported_at) == (tip.hash.hex(), "2024-09-03T04:05:00.000000Z")
    assert read_head(msgspec.json.encode(head), key.public_key()) == head


def test_the_head_of_an_empty_ledger_is_its_identity(tmp_path: Path, key: Ed25519PrivateKey) -> None:
    with Ledger.open(str(tmp_path / "empty.db")) as ledger:
        head = export_head(ledger, key, AT)
        assert (head.sequence, head.hash) == (0, ledger.first_hash.hex())


@pytest.mark.parametrize(
    "changed",
    [{"sequence": 2}, {"count": 2}, {"hash": "00" * 32}, {"ledger": "x"}, {"exported_at": "2024-09-04"}, {"signature": "AAAA"}, {"signature": "no base 64"}],
)  # fmt: skip
def test_an_altered_head_is_refused(head: Head, changed: dict[str, object]) -> None:
    with pytest.raises(HeadRefused, match="signature"):
        read_head(msgspec.json.encode(msgspec.structs.replace(head, **changed)))


def test_a_head_that_somebody_else_signed_is_refused(head: Head, key: Ed25519PrivateKey) -> None:
    other = Ed25519PrivateKey.generate()
    with pytest.raises(HeadRefused, match="signed by"):
        read_head(msgspec.json.encode(head), other.public_key())
    assert read_public_text(head.public_key).public_bytes_raw() == key.public_key().public_bytes_raw()


@pytest.mark.parametrize("data", [b"", b"{}", b"[1]", b"\xff", b'{"ledger": 1}'])
def test_what_is_no_head_is_refused(data: bytes) -> None:
    with pytest.raises(HeadRefused, match="no head"):
        read_head(data)


def test_a_signing_key_is_made_once_and_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "signing.pem"
    made, again = signing_key(path), signing_key(path)
    assert (made.is_new, again.is_new) == (True, False)
    assert path.stat().st_mode & 0o777 == 0o600
    assert made.private.private_bytes_raw() == again.private.private_bytes_raw()
    public = made.private.public_key()
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    for each in (pem, path.read_bytes()):
        assert public_key_of(each).public_bytes_raw() == public.public_bytes_raw()


def test_another_kind_of_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.pem"
    private = generate_private_key(SECP256R1())
    path.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    with pytest.raises(HeadRefused, match="Ed25519"):
        signing_key(path)
    with pytest.raises(HeadRefused, match="Ed25519"):
        public_key_of(path.read_bytes())
    with pytest.raises(HeadRefused, match="no key"):
        public_key_of(b"words")
    with pytest.raises(HeadRefused, match="ed25519:"):
        read_public_text("ed25519:AAAA")
