"""What goes into the ledger, what comes back, and how it fails."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

import msgspec

MAXIMUM_BYTES = 16 << 20
"""Of a case and of an answer; nothing that a door lets in comes near it."""
_LONGEST_REQUEST_KEY = 256

# ---------------------------------------------------------------------------- what can go wrong


class LedgerUnavailable(Exception):
    """Nothing can be recorded or read just now: no answer may leave, and the caller may try again.

    ``reason`` is one of a few fixed phrases; no words of the database, and so no fact, are in it.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(f"the ledger is unavailable: {reason}")
        self.reason = reason


class LedgerRefused(Exception):
    """This database is no ledger that can be worked with: it is missing, of another program, or of a newer medpol."""


class LedgerMissing(LedgerRefused):
    """There is no ledger at this place."""


class LedgerDamaged(Exception):
    """An entry does not hold together; ``medpol ledger verify`` says where and how."""


class RequestKeyReused(ValueError):
    """The request key was used for another case, or for a record whose facts were erased since."""

    def __init__(self) -> None:
        super().__init__("this request key was used for another case; expected a new key for each case")


# ---------------------------------------------------------------------------- what goes in


class _Days(msgspec.Struct):
    date_of_service: str
    known_on: str


class Plain(msgspec.Struct, frozen=True):
    """Of an answer's JSON, what stands in plain columns, and its two days, which do not."""

    outcome: str
    reason_kind: str
    reason_key: str
    determination_id: str
    date_of_service: str
    known_on: str
    policy: str | None = None
    version: str | None = None
    content_hash: str | None = None


_read_days = msgspec.json.Decoder(_Days).decode
_read_plain = msgspec.json.Decoder(Plain).decode
_encode_case = msgspec.json.Encoder(decimal_format="number").encode


def pinned(given: Mapping[str, Any], date_of_service: date, known_on: date) -> bytes:
    """The case as it was given, with both days in it, so that it is answered alike on any later day."""
    return _encode_case({**given, "date_of_service": str(date_of_service), "known_on": str(known_on)})


@dataclass(frozen=True, slots=True)
class Answered:
    """A case and its answer, to be recorded.

    ``case`` is JSON with both days (see ``pinned``), ``answer`` the exact bytes that leave. Of two with one
    ``request_key`` only the first is recorded. Nothing of the case or the answer is printed with it.
    """

    case: bytes = field(repr=False)
    answer: bytes = field(repr=False)
    recorded_at: datetime
    plan_hash: str
    semantics: int
    medpol_version: str
    request_key: str | None = field(default=None, repr=False)
    _plain: Plain = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        stamp(self.recorded_at)
        if max(len(self.case), len(self.answer)) > MAXIMUM_BYTES:
            raise ValueError(f"a case or an answer of more than {MAXIMUM_BYTES:,} bytes")
        if self.request_key is not None and not 0 < len(self.request_key) <= _LONGEST_REQUEST_KEY:
            raise ValueError(f"a request key has 1 to {_LONGEST_REQUEST_KEY} characters")
        try:
            days, plain = _read_days(self.case), _read_plain(self.answer)
        except (msgspec.MsgspecError, UnicodeDecodeError):  # their words may hold a value
            raise ValueError("expected a case with both days, and the JSON of a determination") from None
        if (days.date_of_service, days.known_on) != (plain.date_of_service, plain.known_on):
            raise ValueError("the case does not hold the two days of its answer; expected a case as `pinned` gives it")
        object.__setattr__(self, "_plain", plain)

    def plain(self) -> Plain:
        """What of the answer stands in plain columns."""
        return self._plain


def stamp(moment: datetime) -> str:
    """A moment as it stands in the ledger: UTC, to the microsecond."""
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone; expected one with it, such as UTC")
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def moment_of(text: str) -> datetime:
    return datetime.fromisoformat(text)


# ---------------------------------------------------------------------------- what comes back


class Seal(StrEnum):
    """Whether the case and the answer of a record can be read."""

    OPEN = "open"
    ERASED = "erased"
    """Its key was dropped: nobody can read them again."""
    LOCKED = "locked"
    """Its key is wrapped by a key that was not given."""


@dataclass(frozen=True, slots=True, repr=False)
class Held:
    """The case and the answer of a record, as they were. Never printed by accident."""

    case: bytes
    answer: bytes

    @property
    def determination_id(self) -> str:
        return _read_plain(self.answer).determination_id

    def __repr__(self) -> str:
        return "Held(<redacted>)"


@dataclass(frozen=True, slots=True)
class Record:
    """One determination as recorded. Without ``held`` it says nothing of a person."""

    sequence: int
    id: str
    recorded_at: datetime
    plan_hash: str
    policy: str | None
    version: date | None
    content_hash: str | None
    outcome: str
    reason_kind: str
    reason_key: str
    semantics: int
    medpol_version: str
    previous_hash: bytes
    row_hash: bytes
    seal: Seal
    held: Held | None
    erased_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Health:
    """How the ledger does: whether the last group was written and the database can be read, and how many wait."""

    is_available: bool
    waiting: int
    sequence: int | None
    reason: str = ""
