"""Determinations written to the ledger before anybody sees them, and the key that opens one for who has just asked."""

from __future__ import annotations

import asyncio
import hmac
import re
import secrets
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from datetime import UTC, datetime

import medpol
from medpol.ledger import Answered, Health, Ledger, LedgerDamaged, LedgerUnavailable, Record
from medpol.web.cases import Decided
from medpol.web.problems import Problem, Refused, bad_request, not_found

OPEN_SECONDS = 1_800
"""How long a record opens for who asked. Roles come later; until then nobody else opens it at all."""
WAIT_SECONDS = 10.0
"""How long whoever asked waits for the record; then it is not known whether there is one, and no answer leaves."""
_COOKIE = "__Host-medpol-determination"
_ID = re.compile(r"[0-9a-f]{16,64}")
_HELD = re.compile(rf"(?:^|;\s*){_COOKIE}=([0-9a-f]+)\.(\d{{1,12}})\.([0-9a-f]{{64}})(?:;|$)")


class Recording:
    """The ledger as the portal uses it. The key of its cookies lives as long as the process, and nowhere else."""

    def __init__(self, ledger: Ledger | None, now: Callable[[], datetime]) -> None:
        self._ledger, self._now, self._key = ledger, now, secrets.token_bytes(32)

    def health(self) -> Health:
        """How the ledger does; without one nothing can be recorded, so nothing is determined."""
        return Health(False, 0, None, "there is no ledger") if self._ledger is None else self._ledger.health()

    def is_available(self) -> bool:
        return self.health().is_available

    # ------------------------------------------------------------------ writing

    def record(self, decided: Decided) -> Record:
        """The record of an answer, once it is on the disk. Raises ``Refused`` where it is not: then nothing may leave."""
        try:
            return self._open().record(self._answered(decided, None))
        except LedgerUnavailable:
            raise unavailable() from None

    async def recorded(self, decided: Sequence[Decided]) -> list[Record]:
        """The records of several answers, in their order, once all of them are on the disk; waits without a thread.

        Raises:
            Refused: One of them is not known to be recorded.
        """
        try:
            waiting = [asyncio.wrap_future(self.submit(each)) for each in decided]
            return list(await asyncio.wait_for(asyncio.gather(*waiting), WAIT_SECONDS))
        except (LedgerUnavailable, TimeoutError):
            raise unavailable() from None

    def submit(self, decided: Decided, request_key: str | None = None) -> Future[Record]:
        """Let an answer be recorded; the future has its record once it is on the disk, or what ``Ledger.submit`` says."""
        return self._open().submit(self._answered(decided, request_key))

    def _answered(self, decided: Decided, request_key: str | None) -> Answered:
        try:
            return Answered(
                decided.case,
                decided.answer,
                self._now(),
                decided.plan_hash,
                decided.semantics,
                medpol.__version__,
                request_key,
            )
        except ValueError:
            if request_key is None:
                raise
            raise bad_request("Idempotency-Key", "this key is too long", "1 to 256 characters") from None

    def _open(self) -> Ledger:
        if self._ledger is None:
            raise unavailable()
        return self._ledger

    # ------------------------------------------------------------------ reading

    def opened(self, id: str, cookies: str) -> Record:
        """The record, for who holds its cookie. What may not be seen and what is not there look alike: ``Refused``."""
        if not self._opens(id, cookies):
            raise _nothing()
        try:
            record = self._open().get(id)
        except (LedgerUnavailable, LedgerDamaged):
            raise unavailable() from None
        if record is None or record.held is None:
            raise _nothing()
        return record

    def cookie(self, id: str) -> str:
        """The ``Set-Cookie`` that opens one record for who has just asked, and only that one."""
        until = int(self._now().timestamp()) + OPEN_SECONDS
        value = f"{id}.{until}.{self._signature(id, until)}"
        return f"{_COOKIE}={value}; Max-Age={OPEN_SECONDS}; Path=/; Secure; HttpOnly; SameSite=Lax"

    def _opens(self, id: str, cookies: str) -> bool:
        found = _HELD.search(cookies)
        if found is None or _ID.fullmatch(id) is None or found[1] != id:
            return False
        until = int(found[2])
        is_ours = hmac.compare_digest(found[3], self._signature(id, until))
        return is_ours and self._now().timestamp() < until

    def _signature(self, id: str, until: int) -> str:
        return hmac.digest(self._key, f"{id}.{until}".encode(), "sha256").hex()


def unrecorded() -> Recording:
    """Where nothing can be recorded: no determination is given, and no cookie opens one."""
    return Recording(None, lambda: datetime.max.replace(tzinfo=UTC))


def unavailable() -> Refused:
    """503: no determination leaves unrecorded. Look-ups and published pages go on."""
    return Refused(
        Problem(
            503,
            "no determination can be recorded just now, so none is given",
            "",
            "try again shortly; a look-up without facts about a person is answered meanwhile",
            headers={"Retry-After": "5"},
        )
    )


def key_reused() -> Refused:
    """409: of two cases with one key only the first is recorded."""
    return Refused(
        Problem(
            409,
            "this key was used for another case, or on another day",
            "a new key for each case",
            "send a new key; give date_of_service and known_on where a case may be sent again days later",
            "Idempotency-Key",
        )
    )


def _nothing() -> Refused:
    return not_found(
        "there is no determination here that you may see",
        mend="a determination opens for a short while, and only for who asked; ask again",
    )
