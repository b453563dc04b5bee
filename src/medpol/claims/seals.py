"""Seals: what the sender of a file says of it, so that damage on the way is found before anything is answered.

``FILE.seal.json`` holds the hash and size of the file, and what is in it: rows, billed dollars, least and greatest day.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from medpol.claims.refused import ClaimsRefused
from medpol.claims.sources import Snapshot

KIND = "medpol-seal/1"
_KEYS = ("kind", "sha256", "bytes", "rows", "billed_amount", "first_day", "last_day")


@dataclass(frozen=True, slots=True)
class Contents:
    """What a file holds, whatever the bytes: of rows that are rejected as well, as far as they can be read."""

    rows: int
    billed_amount: Decimal
    first_day: date | None
    last_day: date | None


@dataclass(frozen=True, slots=True)
class Seal:
    """What a seal states."""

    sha256: str
    size: int
    contents: Contents


def seal_path(path: Path) -> Path:
    return path.with_name(f"{path.name}.seal.json")


def written_seal(snapshot: Snapshot, contents: Contents) -> str:
    """The text of a seal, the same bytes for the same file."""
    said = {"kind": KIND, "sha256": snapshot.sha256, "bytes": snapshot.size} | asdict(contents)
    return json.dumps(said, indent=2, default=str) + "\n"


def read_seal(path: Path) -> Seal | None:
    """The seal beside a file, if there is one. Raises ``ClaimsRefused`` where it is none."""
    beside = seal_path(path)
    try:
        said: Any = json.loads(beside.read_text("utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as problem:
        raise _unreadable(beside, f"it cannot be read: {problem}") from None
    if not isinstance(said, dict) or sorted(said) != sorted(_KEYS) or said["kind"] != KIND:
        raise _unreadable(beside, "not the keys of a seal")
    try:
        days = [None if said[key] is None else date.fromisoformat(said[key]) for key in ("first_day", "last_day")]
        contents = Contents(int(said["rows"]), Decimal(said["billed_amount"]), days[0], days[1])
        return Seal(str(said["sha256"]), int(said["bytes"]), contents)
    except (ArithmeticError, TypeError, ValueError) as problem:
        raise _unreadable(beside, f"a value that cannot be read: {problem}") from None


def _unreadable(beside: Path, found: str) -> ClaimsRefused:
    return ClaimsRefused(
        str(beside), found, "a seal as `medpol claims seal` writes it", "have the file sealed again where it comes from"
    )


def check_bytes(seal: Seal, snapshot: Snapshot) -> None:
    """Raises ``ClaimsRefused`` where the file is not the one that was sealed; nothing of it has been read then."""
    for what, found, expected in (
        ("bytes", f"{snapshot.size:,}", f"{seal.size:,}"),
        ("SHA-256", snapshot.sha256, seal.sha256),
    ):
        if found != expected:
            raise ClaimsRefused(
                str(snapshot.given),
                f"{what} {found}",
                f"{expected}, as its seal says",
                "the file was damaged or changed after it was sealed: have it sent again",
            )


def check_contents(seal: Seal, contents: Contents, shown: str) -> None:
    """Raises ``ClaimsRefused`` where what was read is not what the sender read."""
    if contents != seal.contents:
        differing = [
            f"{key} {found} instead of {expected}"
            for (key, found), expected in zip(asdict(contents).items(), asdict(seal.contents).values(), strict=True)
            if found != expected
        ]
        raise ClaimsRefused(
            shown, ", ".join(differing), "what its seal says", "read it with the column map that it was sealed with"
        )
