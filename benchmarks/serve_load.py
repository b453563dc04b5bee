"""The load for ``serve.py``, in a process of its own: requests made beforehand, sent at a steady rate or as fast as answered.

At a rate the loop is open: every request has its moment, whether or not the ones before it were answered, and its latency
counts from that moment; so a server that stalls is charged for all who would have come meanwhile. Without a rate each
connection sends its next request once it has its answer. Connections are kept alive and hold one request at a time.

    python benchmarks/serve_load.py PLAN SEEN     two files of MessagePack: a ``Plan``, and the ``Result`` that is written
"""

from __future__ import annotations

import asyncio
import resource
import sys
from collections import Counter, deque
from pathlib import Path
from time import perf_counter

import msgspec
import uvloop

_END_OF_HEAD = b"\r\n\r\n"
_LENGTH, _RECORD, _RETRY = b"content-length: ", b"medpol-record: ", b"retry-after: "
_PATIENCE_SECONDS = 30.0
_LONGEST_REST_SECONDS = 3.0
"""A connection that lay idle longer is not used again: the server may be closing it at that very moment."""


class Plan(msgspec.Struct):
    """What to send. ``requests`` are (kind, bytes), sent in this order, from the beginning again where they run out."""

    host: str
    port: int
    requests: list[tuple[str, bytes]]
    seconds: float
    rate: float | None = None
    connections: int = 32
    most_connections: int = 512
    clients: int = 1
    """How many addresses of this machine the requests come from."""


class Seen(msgspec.Struct):
    """What came back of one kind. ``milliseconds`` in the order of the answers; ``ids`` of the records acknowledged."""

    milliseconds: list[float]
    statuses: dict[int, int]
    bytes: list[int]
    ids: list[str]
    unsure: int = 0
    """Answers of 429 or 503 that do not say when to come again, and 201 without the id of a record."""
    admitted: list[float] = []
    """Milliseconds of those that were not turned away."""


class Result(msgspec.Struct):
    kinds: dict[str, Seen]
    seconds: float
    cpu_seconds: float
    unanswered: int
    """Requests that got no answer: refused or cut connections, and what was still open at the end."""
    connections: int


class Connection(asyncio.Protocol):
    """One kept connection, one request at a time."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._held = b""
        self._wanted = -1
        self._head = b""
        self.kind, self.due, self.rested = "", 0.0, 0.0
        self.is_busy = False
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]

    def send(self, kind: str, request: bytes, due: float) -> None:
        self.kind, self.due, self.is_busy = kind, due, True
        assert self.transport is not None
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        held = self._held = self._held + data if self._held else data
        if self._wanted < 0:
            end = held.find(_END_OF_HEAD)
            if end < 0:
                return
            self._head = held[: end + 2].lower()
            length = _field(self._head, _LENGTH)
            self._wanted = end + 4 + int(length or 0)
        if len(held) < self._wanted:
            return
        size = self._wanted - len(self._head) - 2
        self._held, self._wanted = b"", -1
        self.is_busy = False
        self._load.answered(self, int(self._head[9:12]), self._head, size)

    def connection_lost(self, problem: Exception | None) -> None:
        self._load.lost(self)


def _field(head: bytes, name: bytes) -> bytes | None:
    at = head.find(name)
    return None if at < 0 else head[at + len(name) : head.index(b"\r\n", at)]


class Load:
    """The connections, what waits for a free one, and what was seen."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._idle: list[Connection] = []
        self._waiting: deque[tuple[str, bytes, float]] = deque()
        self._opening = self._open = self._sent = self._under_way = 0
        self._unanswered = 0
        self._is_over = False
        self._seen: dict[str, Seen] = {}
        self._done = asyncio.Event()
        self._most = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> Result:
        await asyncio.gather(*(self._connect() for _ in range(self._plan.connections)))
        used, begun = _cpu(), perf_counter()
        if self._plan.rate is None:
            for each in list(self._idle):
                self._next(each)
            self._idle = []
            await asyncio.sleep(self._plan.seconds)
        else:
            await self._at_rate(self._plan.rate)
        self._is_over = True
        if self._under_way or self._waiting:
            try:
                await asyncio.wait_for(self._done.wait(), _PATIENCE_SECONDS)
            except TimeoutError:
                self._unanswered += self._under_way + len(self._waiting)
        elif not self._waiting:
            self._done.set()
        seconds = perf_counter() - begun
        return Result(self._seen, seconds, _cpu() - used, self._unanswered, self._most)

    async def _at_rate(self, rate: float) -> None:
        requests, begun = self._plan.requests, perf_counter() + 0.01
        for at in range(int(rate * self._plan.seconds)):
            due = begun + at / rate
            wait = due - perf_counter()
            if wait > 0:
                await asyncio.sleep(wait)
            kind, request = requests[at % len(requests)]
            if (connection := self._rested(perf_counter())) is not None:
                self._under_way += 1
                connection.send(kind, request, due)
            else:
                self._waiting.append((kind, request, due))
                if self._open + self._opening < self._plan.most_connections:
                    self._connect_soon()

    def _connect_soon(self) -> None:
        task = asyncio.ensure_future(self._connect())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _connect(self) -> None:
        self._opening += 1
        client = f"127.0.0.{2 + (self._open + self._opening) % self._plan.clients}" if self._plan.clients > 1 else None
        try:
            _, made = await asyncio.get_running_loop().create_connection(
                lambda: Connection(self),
                self._plan.host,
                self._plan.port,
                local_addr=None if client is None else (client, 0),
            )
        except OSError:
            if self._waiting:
                self._waiting.popleft()
            self._unanswered += 1
            return
        finally:
            self._opening -= 1
        self._open += 1
        self._most = max(self._most, self._open)
        self._free(made)

    def _free(self, connection: Connection) -> None:
        if self._waiting:
            self._under_way += 1
            connection.send(*self._waiting.popleft())
        else:
            connection.rested = perf_counter()
            self._idle.append(connection)

    def _rested(self, now: float) -> Connection | None:
        """The connection that was used last of those that are free."""
        if not self._idle:
            return None
        connection = self._idle.pop()
        if now - connection.rested < _LONGEST_REST_SECONDS:
            return connection
        for each in (connection, *self._idle):  # the others rested longer still
            assert each.transport is not None
            each.transport.close()
        self._idle.clear()
        return None

    def _next(self, connection: Connection) -> None:
        kind, request = self._plan.requests[self._sent % len(self._plan.requests)]
        self._sent += 1
        self._under_way += 1
        connection.send(kind, request, perf_counter())

    def answered(self, connection: Connection, status: int, head: bytes, size: int) -> None:
        took = 1e3 * (perf_counter() - connection.due)
        self._under_way -= 1
        seen = self._seen.get(connection.kind)
        if seen is None:
            seen = self._seen[connection.kind] = Seen([], Counter(), [], [], 0, [])
        seen.milliseconds.append(took)
        seen.statuses[status] += 1
        seen.bytes.append(size)
        if status in (429, 503):
            seen.unsure += _field(head, _RETRY) is None
        else:
            seen.admitted.append(took)
        if status == 201:
            record = _field(head, _RECORD)
            if record is None:
                seen.unsure += 1
            else:
                seen.ids.append(record.partition(b";")[0].decode())
        if self._plan.rate is None:
            if not self._is_over:
                self._next(connection)
        elif b"connection: close" not in head:
            self._free(connection)
        if self._is_over and not self._under_way and not self._waiting:
            self._done.set()

    def lost(self, connection: Connection) -> None:
        self._open -= 1
        if connection.is_busy:
            self._unanswered += 1
            self._under_way -= 1
        if connection in self._idle:
            self._idle.remove(connection)
        if self._waiting and self._open + self._opening < self._plan.most_connections:
            self._connect_soon()


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main() -> None:
    plan = msgspec.msgpack.decode(Path(sys.argv[1]).read_bytes(), type=Plan)

    async def run() -> Result:
        return await Load(plan).run()

    Path(sys.argv[2]).write_bytes(msgspec.msgpack.encode(uvloop.run(run())))


if __name__ == "__main__":
    main()
