"""The line before the ledger: cases are decided one after the other, and each is answered once it is recorded.

A case is decided by the event loop itself: threads of one interpreter take turns with it, and each turn that it waits for
costs more than deciding does. Between slices of a few milliseconds the loop takes up what came meanwhile, so that whoever
would have to wait too long hears so at once. A case that is large, or whose search would take long, goes to a thread.

Look-ups that are not at hand stand behind every case, and nothing of them is recorded: a burst of them delays no case.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from time import perf_counter

from medpol.decide.cases import CaseError
from medpol.decide.search import TakesLong
from medpol.ledger import LedgerUnavailable, Record, RequestKeyReused
from medpol.web.cases import Decided, decide, refused
from medpol.web.problems import Problem, Refused
from medpol.web.recording import WAIT_SECONDS, Recording, key_reused, unavailable
from medpol.web.site import Served

THREADS = 2
"""Of two cases with a long search the second need not wait for the first; more threads would only take turns oftener."""
LONGEST_WAIT_SECONDS = 0.03
"""Where a case would wait longer than this to be taken up, it is turned away."""
LONGEST_LOOK_UP_SECONDS = 1.0
"""The same for a look-up: it has to wait for every case that comes meanwhile."""
LARGE = 16_384
"""A body of so many bytes takes long to read."""
_SLICE_SECONDS = 0.002
_FIRST_GUESS_SECONDS = 0.001
_WEIGHT = 1 / 32
"""How much of the last case goes into what one is expected to take, all else included that the loop did meanwhile."""


@dataclass(slots=True, repr=False, eq=False)
class _Waiting:
    """A case on its way. ``recording`` is there from when it was decided."""

    served: Served
    given: object
    today: date
    request_key: str | None
    done: asyncio.Future[tuple[Decided, Record]]
    place: int = 0
    """How many stood before it in the line."""
    since: float = field(default_factory=perf_counter)
    is_given_up: bool = False
    recording: Future[Record] | None = None

    def give_up(self) -> None:
        """Nobody waits for it any more: what is not written yet is not written."""
        self.is_given_up = True
        if self.recording is not None:
            self.recording.cancel()


Found = tuple[Decided, Record] | BaseException


@dataclass(slots=True, eq=False)
class _LookUp:
    """A look-up on its way. ``find`` raises ``TakesLong`` where it is told to be quick and cannot be."""

    find: Callable[[bool], bytes]
    done: asyncio.Future[bytes]
    since: float = field(default_factory=perf_counter)


class Line:
    """Decides and records. Asked by one event loop; its threads end with it."""

    def __init__(
        self,
        recording: Recording,
        longest_wait_seconds: float = LONGEST_WAIT_SECONDS,
        patience_seconds: float = WAIT_SECONDS,
        longest_look_up_seconds: float = LONGEST_LOOK_UP_SECONDS,
    ) -> None:
        self._recording, self._longest_wait, self._patience = recording, longest_wait_seconds, patience_seconds
        self._longest_look_up = longest_look_up_seconds
        self._threads = ThreadPoolExecutor(THREADS, "medpol-decide")
        self._behind = ThreadPoolExecutor(1, "medpol-look-up")
        self._waiting: deque[_Waiting] = deque()
        self._long: deque[_Waiting] = deque()
        self._look_ups: deque[_LookUp] = deque()
        self._seconds_a_case = _FIRST_GUESS_SECONDS
        self._is_working = False
        self._found: deque[tuple[_Waiting, Found]] = deque()
        self._is_told = False
        self._under_way: dict[_Waiting, None] = {}
        self._is_timed = False
        self._loop: asyncio.AbstractEventLoop | None = None

    async def determined(
        self, served: Served, given: object, today: date, request_key: str | None, *, is_large: bool = False
    ) -> tuple[Decided, Record]:
        """The answer of a case and its record, once it is on the disk.

        Raises:
            Refused: It cannot be read, is not known to be recorded, or too many wait already.
        """
        loop = self._loop = asyncio.get_running_loop()
        job = _Waiting(served, given, today, request_key, loop.create_future(), len(self._waiting))
        if is_large:
            self._send_to_thread(job)
        elif job.place * self._seconds_a_case > self._longest_wait:
            raise crowded()
        else:
            self._waiting.append(job)
            self._go_on(loop)
        self._under_way[job] = None
        if not self._is_timed:
            self._is_timed = True
            loop.call_later(self._patience, self._expire)
        try:
            return await job.done
        finally:
            del self._under_way[job]
            if not job.done.done() or job.done.cancelled():
                job.give_up()

    async def looked_up(self, find: Callable[[bool], bytes]) -> bytes:
        """What a look-up finds, once no case waits. ``find`` is told whether to be quick; it then may raise ``TakesLong``.

        Raises:
            Refused: As ``find`` does, or it would have to wait too long.
        """
        loop = self._loop = asyncio.get_running_loop()
        job = _LookUp(find, loop.create_future())
        self._look_ups.append(job)
        self._go_on(loop)
        return await job.done

    # ------------------------------------------------------------------ in the loop

    def _go_on(self, loop: asyncio.AbstractEventLoop) -> None:
        if not self._is_working:
            self._is_working = True
            loop.call_soon(self._work)

    def _work(self) -> None:
        """Decide those who wait, for a slice of time; then whatever else the loop has to do, and on."""
        begun = last = perf_counter()
        decided: list[tuple[_Waiting, Decided]] = []
        while self._waiting and last - begun < _SLICE_SECONDS:
            job = self._waiting.popleft()
            if job.is_given_up:
                continue
            try:
                answer = self._decided(job, only_quick=True)
                if answer is not None:
                    decided.append((job, answer))
            except TakesLong:
                self._try_thread(job)
            last = perf_counter()
            self._seconds_a_case += ((last - job.since) / (job.place + 1) - self._seconds_a_case) * _WEIGHT
        for each in decided:  # together, so that the ledger writes them together
            self._record(*each)
        while (
            self._look_ups and last - begun < _SLICE_SECONDS and (not self._waiting or self._is_late(self._look_ups[0]))
        ):
            self._look_up(self._look_ups.popleft())
            last = perf_counter()
        self._is_working = bool(self._waiting or self._look_ups)
        if self._is_working and self._loop is not None:
            self._loop.call_soon(self._work)

    def _is_late(self, job: _LookUp) -> bool:
        return perf_counter() - job.since > self._longest_look_up

    def _look_up(self, job: _LookUp) -> None:
        if job.done.done():  # whoever asked has gone
            return
        if self._is_late(job):
            job.done.set_exception(crowded())
            return
        try:
            job.done.set_result(job.find(True))
        except TakesLong:
            self._behind.submit(self._find, job).add_done_callback(partial(self._tell, job))
        except BaseException as problem:
            job.done.set_exception(problem)

    def _find(self, job: _LookUp) -> bytes:
        """Look up in a thread: one after the other, and only who can still be answered in time."""
        if self._is_late(job):
            raise crowded()
        return job.find(False)

    def _tell(self, job: _LookUp, found: Future[bytes]) -> None:
        """Let whoever asked have what a thread found."""

        def tell() -> None:
            if not job.done.done():
                problem = found.exception()
                if problem is None:
                    job.done.set_result(found.result())
                else:
                    job.done.set_exception(problem)

        if self._loop is not None:
            with suppress(RuntimeError):  # the loop has ended, and nobody waits any more
                self._loop.call_soon_threadsafe(tell)

    def _try_thread(self, job: _Waiting) -> None:
        try:
            self._send_to_thread(job)
        except Refused as problem:
            self._give(job, problem)

    def _send_to_thread(self, job: _Waiting) -> None:
        """Let a thread decide. Raises ``Refused`` where one that came before has waited too long for that."""
        try:
            is_crowded = perf_counter() - self._long[0].since > self._longest_wait
        except IndexError:  # a thread has just taken it
            is_crowded = False
        if is_crowded:
            raise crowded()
        self._long.append(job)
        self._threads.submit(self._take)

    def _expire(self) -> None:
        """Who has waited too long hears that it is not known to be recorded; the next look is due with the next one."""
        now = perf_counter()
        self._is_timed = False
        for job in list(self._under_way):
            remaining = job.since + self._patience - now
            if remaining > 0:
                self._is_timed = True
                asyncio.get_running_loop().call_later(remaining, self._expire)
                break
            job.give_up()
            if not job.done.done():
                job.done.set_exception(unavailable())

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

    # ------------------------------------------------------------------ in the loop or in a thread

    def _take(self) -> None:
        job = self._long.popleft()
        if not job.is_given_up and (decided := self._decided(job, only_quick=False)) is not None:
            self._record(job, decided)

    def _decided(self, job: _Waiting, *, only_quick: bool) -> Decided | None:
        """The answer, or ``None`` where whoever asked has been told why there is none. Raises ``TakesLong``."""
        try:
            return decide(job.served, job.given, job.today, only_quick=only_quick)
        except TakesLong:
            raise
        except CaseError as problem:
            self._give(job, refused(problem, job.given, job.served.desk))
        except BaseException as problem:  # a refusal, or a bug: whoever asked hears of it
            self._give(job, problem)
        return None

    def _record(self, job: _Waiting, decided: Decided) -> None:
        try:
            job.recording = self._recording.submit(decided, job.request_key)
        except LedgerUnavailable:
            self._give(job, unavailable())
        except BaseException as problem:
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
        """Let whoever asked have it: the loop is woken once for many, since waking it for each would cost as much as deciding."""
        self._found.append((job, found))
        if not self._is_told and self._loop is not None:
            self._is_told = True
            try:
                self._loop.call_soon_threadsafe(self._deliver)
            except RuntimeError:  # the loop has ended, and nobody waits any more
                self._is_told = False


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
