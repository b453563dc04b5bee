"""The line before the ledger: cases wait for a few threads that decide them, and each is answered once it is recorded.

What is done comes back to the event loop many at a time, as the ledger writes many at a time: waking the loop for each
would cost as much as deciding.
"""

from __future__ import annotations

import asyncio
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from time import perf_counter

from medpol.decide.cases import CaseError
from medpol.ledger import LedgerUnavailable, Record, RequestKeyReused
from medpol.web.cases import Decided, decide, refused
from medpol.web.problems import Problem, Refused
from medpol.web.recording import WAIT_SECONDS, Recording, key_reused, unavailable
from medpol.web.site import Served

THREADS = 4
"""A case with a long search for what would change its answer must not hold up those behind it."""
LONGEST_WAIT_SECONDS = 0.08
"""Where a case waits longer than this to be taken up, one more is turned away."""


@dataclass(slots=True, repr=False)
class _Waiting:
    """A case on its way. ``recording`` is there from when it was decided."""

    served: Served
    given: object
    today: date
    request_key: str | None
    done: asyncio.Future[tuple[Decided, Record]]
    since: float = field(default_factory=perf_counter)
    is_given_up: bool = False
    recording: Future[Record] | None = None


Found = tuple[Decided, Record] | BaseException


class Line:
    """Decides and records. Asked by one event loop; its threads end with it."""

    def __init__(self, recording: Recording, longest_wait_seconds: float = LONGEST_WAIT_SECONDS) -> None:
        self._recording, self._longest_wait = recording, longest_wait_seconds
        self._threads = ThreadPoolExecutor(THREADS, "medpol-decide")
        self._waiting: deque[_Waiting] = deque()
        self._found: deque[tuple[_Waiting, Found]] = deque()
        self._is_told = False
        self._loop: asyncio.AbstractEventLoop | None = None

    async def determined(
        self, served: Served, given: object, today: date, request_key: str | None
    ) -> tuple[Decided, Record]:
        """The answer of a case and its record, once it is on the disk.

        Raises:
            Refused: It cannot be read, is not known to be recorded, or too many wait already.
        """
        if self._is_crowded():
            raise crowded()
        loop = self._loop = asyncio.get_running_loop()
        job = _Waiting(served, given, today, request_key, loop.create_future())
        self._waiting.append(job)
        self._threads.submit(self._take)
        try:
            return await asyncio.wait_for(job.done, WAIT_SECONDS)
        except TimeoutError:
            raise unavailable() from None
        finally:
            if not job.done.done() or job.done.cancelled():
                job.is_given_up = True
                if job.recording is not None:
                    job.recording.cancel()

    # ------------------------------------------------------------------ in the threads

    def _take(self) -> None:
        job = self._waiting.popleft()
        if job.is_given_up:
            return
        try:
            decided = decide(job.served, job.given, job.today)
            job.recording = self._recording.submit(decided, job.request_key)
        except CaseError as problem:
            self._give(job, refused(problem, job.given, job.served.desk))
        except LedgerUnavailable:
            self._give(job, unavailable())
        except BaseException as problem:  # a refusal, or a bug: whoever asked hears of it
            self._give(job, problem)
        else:
            job.recording.add_done_callback(partial(self._recorded, job, decided))

    def _recorded(self, job: _Waiting, decided: Decided, recording: Future[Record]) -> None:
        if recording.cancelled():
            return
        match recording.exception():
            case None:
                self._give(job, (decided, recording.result()))
            case LedgerUnavailable():
                self._give(job, unavailable())
            case RequestKeyReused():
                self._give(job, key_reused())
            case problem:
                self._give(job, problem)

    def _give(self, job: _Waiting, found: Found) -> None:
        self._found.append((job, found))
        if not self._is_told and self._loop is not None:
            self._is_told = True
            try:
                self._loop.call_soon_threadsafe(self._deliver)
            except RuntimeError:  # the loop has ended, and nobody waits any more
                self._is_told = False

    # ------------------------------------------------------------------ in the loop

    def _is_crowded(self) -> bool:
        try:
            oldest = self._waiting[0]
        except IndexError:  # a thread has just taken it
            return False
        return perf_counter() - oldest.since > self._longest_wait

    def _deliver(self) -> None:
        self._is_told = False  # before anything is taken: what comes from now on tells again
        while self._found:
            job, found = self._found.popleft()
            if job.done.done():
                continue
            if isinstance(found, BaseException):
                job.done.set_exception(found)
            else:
                job.done.set_result(found)


def crowded() -> Refused:
    """429: whoever is let in is answered soon, so not everybody is."""
    return Refused(
        Problem(
            429,
            "more cases wait to be decided than can be answered soon",
            "",
            "wait a second and send it again; nothing of it was recorded",
            headers={"Retry-After": "1"},
        )
    )
