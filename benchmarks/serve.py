"""Measure `medpol serve`: pages, recorded determinations and look-ups over HTTP, each beside its budget and a bare route.

    python -m benchmarks.serve                                       2,000 policies of 10 versions, 60 s each
    python -m benchmarks.serve --policies 200 --seconds 5
    python -m benchmarks.serve --only recorded --postgresql --out benchmarks/RESULTS.md
    python -m benchmarks.serve --database postgresql://medpol@/bench?host=/run/postgresql

A real `medpol serve`, one process with one event loop, over an invented library and with a real ledger; the load comes over
loopback from another process, at a steady rate, each latency counted from the moment the request was due (see
``serve_load.py``). The bare route is an ASGI function on the same server that answers the same bytes. Afterwards the ledger
is verified, and holds exactly what was acknowledged.
"""

from __future__ import annotations

import argparse
import gzip
import http.client
import os
import platform
import re
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version as version_of
from pathlib import Path
from time import perf_counter
from urllib.parse import urlsplit

import msgspec
import psycopg
from psycopg import sql
from sqlalchemy import make_url, select

from medpol.ledger import Ledger, verify
from medpol.ledger.tables import ENTRY
from medpol.library import SHIPPED

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import generate  # noqa: E402
from page import Table, write_part, write_section  # noqa: E402
from serve_asked import PASTED, Asked, Request  # noqa: E402
from serve_load import Plan, Result, Seen  # noqa: E402
from tests.ledger.server import Server as Cluster  # noqa: E402
from tests.ledger.server import binaries  # noqa: E402

PAGES_RATE, RECORDED_RATE = 50, 300
PAGE_BUDGETS = {
    "code": (15, 40),
    "calendar": (15, 40),
    "feed": (15, 40),
    "policy": (25, 60),
    "history": (25, 60),
    "search": (25, 60),
    "checker": (20, 50),
    "redline first": (60, 150),
    "redline again": (10, 25),
    "pasted": (500, 900),
}
"""p50 and p95 in milliseconds."""
STEP, FINEST_STEP = 1.25, 1.06
TRIES = 2
CLIENT_LIMIT = 1_200
HEADING = "# Served"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--policies", type=int, default=2_000)
    parser.add_argument("--versions", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=60.0, help="of each steady load; steps last an eighth of it")
    parser.add_argument(
        "--only", action="append", choices=sorted(MEASURES), help="measure only this; may be given several times"
    )
    parser.add_argument("--library", type=Path, help="keep the invented library here, or take it from here")
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--database", help="postgresql://... of a role that may make databases; SQLite files if left out"
    )
    where.add_argument(
        "--postgresql", action="store_true", help="a PostgreSQL server of its own, started here, gone afterwards"
    )
    parser.add_argument(
        "--out", type=Path, help=f"write the results to this file too, below {HEADING!r}; with --only just those parts"
    )
    given = parser.parse_args()
    shape = generate.Shape(given.policies, given.versions, given.seed)
    with tempfile.TemporaryDirectory(prefix="medpol-serve-") as folder, _database_of(given) as database:
        lead, parts = _measured(Path(folder), shape, given, database)
    page = "\n\n".join([HEADING, lead, *parts])
    print(page)
    if given.out is not None and given.only:
        for part in parts:
            write_part(given.out, HEADING, f"{part}\n\nMeasured apart from the others: {lead}")
    elif given.out is not None:
        write_section(given.out, page)


@contextmanager
def _database_of(given: argparse.Namespace) -> Iterator[str | None]:
    """Where ledgers are made: in the database that was named, in a server of our own, or nowhere, which means SQLite."""
    if not given.postgresql:
        yield given.database
        return
    programs = binaries()
    if programs is None:
        sys.exit("no PostgreSQL server is installed here (Debian: apt install postgresql)")
    server = Cluster(programs)
    try:
        yield f"postgresql://medpol@/postgres?host={server.folder}"
    finally:
        server.close()


def _measured(
    work: Path, shape: generate.Shape, given: argparse.Namespace, database: str | None
) -> tuple[str, list[str]]:
    """On what was measured, and the results as Markdown, one part for each measurement."""
    library = given.library or work / "library"
    if not library.is_dir() or not any(library.iterdir()):
        _tell(f"writing {shape.files:,} versions")
        generate.write_library(library, shape)
    bench = Bench(work, shape, library, given.seconds, database)
    loads = [os.getloadavg()[0]]
    parts = []
    for name, measure in MEASURES.items():
        if not given.only or name in given.only:
            _tell(f"{name} (load {os.getloadavg()[0]:.1f})")
            parts.append("\n".join(measure(bench)).strip())
            loads.append(os.getloadavg()[0])
    lead = (
        f"{date.today()}. {shape.policies:,} policies of {shape.versions} versions: {shape.files:,} documents of about 3 kB, "
        f"seed {shape.seed}. {_machine(database)} Load average before: {loads[0]:.1f}; the load's own process shares "
        "the cores."
    )
    return lead, parts


# ---------------------------------------------------------------------------- the servers


@dataclass(slots=True)
class Server:
    """A process that answers at an address of this machine."""

    address: str
    process: subprocess.Popen[bytes]
    started: float

    @property
    def host(self) -> str:
        return urlsplit(self.address).hostname or ""

    @property
    def port(self) -> int:
        return urlsplit(self.address).port or 0

    def cpu(self) -> float:
        """Processor seconds used so far; not a number where the system does not tell."""
        try:
            told = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return float("nan")
        return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self) -> float:
        """Megabytes in memory now."""
        try:
            told = Path(f"/proc/{self.process.pid}/status").read_text()
        except OSError:
            return float("nan")
        return int(told.partition("VmRSS:")[2].split()[0]) / 1_024

    def get(self, address: str) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection(self.host, self.port, timeout=60)
        try:
            connection.request("GET", address, headers={"Accept-Encoding": "gzip"})
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            connection.close()


@contextmanager
def _running(command: Sequence[str], log: Path) -> Iterator[Server]:
    """A server's process until it is stopped as an operator would; it says on stderr where it answers."""
    begun = perf_counter()
    with log.open("wb") as said:
        process = subprocess.Popen(command, stderr=said, env={**os.environ, "PYTHONPATH": _paths()})
    try:
        address = None
        while address is None:
            if process.poll() is not None:
                sys.exit(f"the server ended: {log.read_text()[-2_000:]}")
            address = re.search(r"http://127\.0\.0\.1:\d+/", log.read_text(errors="replace"))
            if perf_counter() - begun > 900:
                sys.exit("the server did not start within 15 minutes")
            try:
                process.wait(0.05)
            except subprocess.TimeoutExpired:
                continue
        yield Server(address[0], process, perf_counter() - begun)
        process.send_signal(signal.SIGTERM)
        process.wait(60)
    finally:
        process.kill()
        process.wait()


def _paths() -> str:
    return os.pathsep.join([str(HERE.parent / "src"), str(HERE.parent), os.environ.get("PYTHONPATH", "")])


class Bench:
    """What the measurements share: the library, its requests, and how a server and a load are started."""

    def __init__(self, work: Path, shape: generate.Shape, library: Path, seconds: float, database: str | None) -> None:
        self.work, self.shape, self.library, self.seconds = work, shape, library, seconds
        self.asked = Asked(shape, date.today())
        self._database, self._ledgers = database, 0

    @property
    def on(self) -> str:
        """Where determinations are recorded, as a heading says it; it need not say that it is SQLite."""
        return " on PostgreSQL" if self._database else ""

    @property
    def step_seconds(self) -> float:
        return max(1.0, self.seconds / 8)

    @contextmanager
    def serving(self, library: Path, *more: str) -> Iterator[tuple[Server, str]]:
        """`medpol serve` and the place of its ledger: an SQLite file or a database of its own.

        Whatever is measured but overload comes from one client without a limit.
        """
        self._ledgers += 1
        place = self._new_database() if self._database else str(self.work / f"ledger-{self._ledgers}.db")
        command = [sys.executable, "-m", "medpol", "serve", "--policies", str(library), "--port", "0"]
        options = more or ("--limit", "0")
        with _running([*command, "--ledger", place, *options], self.work / "serve.log") as server:
            yield server, place

    def _new_database(self) -> str:
        """An empty database beside the one that was given: each server's ledger is counted by itself afterwards."""
        given = make_url(self._database or "").set(drivername="postgresql")
        name = f"{given.database}_{os.getpid()}_{self._ledgers}"
        with psycopg.connect(given.render_as_string(hide_password=False), autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return given.set(database=name).render_as_string(hide_password=False)

    @contextmanager
    def bare(self, read: bytes, written: bytes) -> Iterator[Server]:
        """The bare route."""
        file = self.work / "answers"
        file.write_bytes(msgspec.msgpack.encode((read, written)))
        with _running([sys.executable, str(HERE / "serve_peer.py"), str(file)], self.work / "peer.log") as server:
            yield server

    def load(self, server: Server, requests: Sequence[Request], seconds: float, **more: object) -> Result:
        plan = Plan(server.host, server.port, list(requests), seconds, **more)  # type: ignore[arg-type]
        file, seen = self.work / "plan", self.work / "seen"
        file.write_bytes(msgspec.msgpack.encode(plan))
        command = [sys.executable, str(HERE / "serve_load.py"), str(file), str(seen)]
        subprocess.run(command, check=True, timeout=seconds + 120)
        return msgspec.msgpack.decode(seen.read_bytes(), type=Result)


# ---------------------------------------------------------------------------- figures


def _share(values: Sequence[float], share: float) -> float:
    held = sorted(values)
    return held[min(len(held) - 1, int(len(held) * share))] if held else float("nan")


def _of(seen: Seen | None, share: float) -> float:
    return float("nan") if seen is None else _share(seen.milliseconds, share)


def _errors(found: Result, good: Sequence[int] = (200, 201)) -> int:
    """Requests without the answer they should have had."""
    bad = sum(count for seen in found.kinds.values() for status, count in seen.statuses.items() if status not in good)
    return bad + found.unanswered + sum(seen.unsure for seen in found.kinds.values())


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _met(is_met: bool) -> str:
    return "met" if is_met else "not met"


def _tell(words: str) -> None:
    print(f"{words:<60}", file=sys.stderr, flush=True)


# ---------------------------------------------------------------------------- pages


def _pages(bench: Bench) -> list[str]:
    """Every kind of page at its rate, then pasted codes one after another, and what pages weigh."""
    count = int(PAGES_RATE * bench.seconds)
    table = Table(("page", "requests", "p50, ms", "p95, ms", "p99, ms", "budget p50 / p95", "", "bytes sent, p50"))
    with bench.serving(bench.library) as (server, _):
        bench.load(
            server, bench.asked.pages(PAGES_RATE), 2.0, rate=PAGES_RATE / 2
        )  # the first of each kind: imports, caches
        used = server.cpu()
        found = bench.load(server, bench.asked.pages(count), bench.seconds, rate=PAGES_RATE)
        busy = (server.cpu() - used) / found.seconds
        pasted = bench.load(server, [bench.asked.pasted() for _ in range(8)], min(8.0, bench.seconds), connections=1)
        started, memory = server.started, server.memory()
    errors = _errors(found) + _errors(pasted)
    for kind, (middle, most) in PAGE_BUDGETS.items():
        seen = (found.kinds | pasted.kinds).get(kind)
        p50, p95 = _of(seen, 0.5), _of(seen, 0.95)
        words = f"{PASTED:,} pasted codes, one after another" if kind == "pasted" else kind
        table.add(
            words,
            0 if seen is None else len(seen.milliseconds),
            _number(p50),
            _number(p95),
            _number(_of(seen, 0.99)),
            f"{middle} / {most}",
            _met(p50 <= middle and p95 <= most),
            "" if seen is None else f"{statistics.median(seen.bytes):,.0f}",
        )
    return [
        f"## Pages: {PAGES_RATE} requests/s for {bench.seconds:g} s, mixed",
        "",
        str(table),
        "",
        f"{errors} errors. The server used {100 * busy:.0f} % of one core, started in {started:.0f} s and holds {memory:,.0f} MB. "
        "A quarter of the pages are read on a past day. `checker` is the page of a recorded determination.",
        "",
    ]


def _weights(bench: Bench) -> list[str]:
    """What a first visit and the longest page of the library that ships weigh."""
    table = Table(("what", "plain, kB", "sent, kB", "limit, sent", ""))
    with bench.serving(SHIPPED) as (server, _):
        policy = "/policies/2.01.100"
        pages = {
            "list of policies": "/policies",
            "longest policy": policy,
            "code": "/codes/CPT/20560",
            "checker": "/coverage?code=20560",
        }
        held = {name: server.get(address) for name, address in pages.items()}
        html = _plain(held["longest policy"]).decode()
        assets = dict.fromkeys(re.findall(r'(?:href|src)="(/static/[^"]+\.(?:css|js|svg))"', html))
        linked = {address: server.get(address) for address in assets}
        sheet = next(_plain(each).decode() for address, each in linked.items() if address.endswith(".css"))
        fonts = dict.fromkeys(re.findall(r'url\("?([^")]+\.woff2)"?\)', sheet))
        for address in fonts:
            name = address if address.startswith("/") else f"/static/{address.rpartition('/')[2]}"
            linked[name] = server.get(name)
    rows = [(name, [held[name]], 60.0 if name == "longest policy" else 20.0) for name in pages]
    rows += [("style sheet", [each for name, each in linked.items() if name.endswith(".css")], 12.0)]
    rows += [("scripts", [each for name, each in linked.items() if name.endswith(".js")], 21.0)]
    rows += [("fonts", [each for name, each in linked.items() if name.endswith(".woff2")], 80.0)]
    rows += [("first view of the policy, all", [held["longest policy"], *linked.values()], 200.0)]
    for name, answers, limit in rows:
        plain, sent = (sum(map(len, each)) / 1_024 for each in (map(_plain, answers), (body for *_, body in answers)))
        table.add(name, _number(plain), _number(sent), f"≤ {limit:g}", _met(sent <= limit))
    table.add("requests of the first view", "", len(linked) + 1, "≤ 8", _met(len(linked) + 1 <= 8))
    return ["## Weights: the library that ships", "", str(table), ""]


def _plain(answer: tuple[int, dict[str, str], bytes]) -> bytes:
    status, headers, body = answer
    assert status == 200, status
    return gzip.decompress(body) if headers.get("content-encoding") == "gzip" else body


# ---------------------------------------------------------------------------- recorded


def _recorded(bench: Bench) -> list[str]:
    """Determinations at a steady rate, the highest rate held, and the ledger counted afterwards; on two libraries."""
    parts = [
        f"## Recorded determinations{bench.on}: `POST /api/determinations`, each on the disk before it leaves",
        "",
    ]
    table = Table(("what", "invented library", "library that ships", "goal", ""))
    invented = _recorded_on(bench, bench.library, bench.asked.determinations(4_000))
    shipped = _recorded_on(bench, SHIPPED, _needling())
    for words, key, goal, is_met in _RECORDED_ROWS:
        cells = [each[key] for each in (invented, shipped)]
        shown = [each if isinstance(each, str) else _number(each) for each in cells]
        met = "" if is_met is None else " / ".join(_met(is_met(each)) for each in cells)
        table.add(words, *shown, goal, met)
    return [
        *parts,
        str(table),
        "",
        "The invented library's criteria have 4 to 10 literals and its cases document most of what they read; what would "
        "change each answer is searched for and is part of it. The library that ships holds its service investigational, "
        "which no fact changes.",
        "",
    ]


_RECORDED_ROWS = (
    (f"{RECORDED_RATE}/s: p50, ms", "p50", "≤ 10", lambda value: value <= 10),
    (f"{RECORDED_RATE}/s: p99, ms", "p99", "≤ 50", lambda value: value <= 50),
    ("the bare route at that rate: p50 / p99, ms", "bare", "", None),
    ("acknowledged", "acknowledged", "", None),
    ("errors", "errors", "0", lambda value: value == 0),
    ("processor time a request, ms", "cpu", "", None),
    ("of a core for the load itself, %", "load", "", None),
    ("highest rate held at p99 ≤ 50 ms, a second", "highest", "3,000", lambda value: value >= 3_000),
    ("as fast as answered, 64 connections, a second", "peak", "", None),
    ("the bare route so, a second", "bare_peak", "", None),
    ("ledger afterwards", "ledger", "holds", lambda value: value.endswith("holds")),
)


def _recorded_on(bench: Bench, library: Path, requests: list[Request]) -> dict[str, float | str]:
    with bench.serving(library) as (server, place):
        warm = bench.load(server, requests, 2.0, rate=RECORDED_RATE / 2)
        sample = bench.load(server, requests[:1], 0.5, connections=1)
        used = server.cpu()
        steady = bench.load(server, requests, bench.seconds, rate=RECORDED_RATE)
        used = server.cpu() - used
        peak = bench.load(server, requests, bench.step_seconds, connections=64)
        highest, _, steps = _highest(bench, server, requests, 50.0, most=6_000)
    seen = steady.kinds["recorded"]
    size = int(statistics.median(sample.kinds["recorded"].bytes))
    with bench.bare(b"", b"x" * size) as bare:
        calm = bench.load(bare, requests, bench.step_seconds, rate=RECORDED_RATE)
        bare_peak = bench.load(bare, requests, bench.step_seconds, connections=64)
    ids = [id for each in (warm, sample, steady, peak, *steps) for seen_ in each.kinds.values() for id in seen_.ids]
    return {
        "p50": _of(seen, 0.5),
        "p99": _of(seen, 0.99),
        "bare": " / ".join(_number(_of(calm.kinds["recorded"], share)) for share in (0.5, 0.99)),
        "acknowledged": f"{len(seen.ids):,} of {len(seen.milliseconds):,} in {steady.seconds:.0f} s",
        "errors": float(_errors(steady, (201,))),
        "cpu": 1e3 * used / max(1, len(seen.milliseconds)),
        "load": 100 * steady.cpu_seconds / steady.seconds,
        "highest": highest,
        "peak": len(peak.kinds["recorded"].milliseconds) / peak.seconds,
        "bare_peak": len(bare_peak.kinds["recorded"].milliseconds) / bare_peak.seconds,
        "ledger": _audited(place, ids),
    }


def _highest(
    bench: Bench, server: Server, requests: Sequence[Request], limit: float, most: float, first: float = RECORDED_RATE
) -> tuple[float, Result, list[Result]]:
    """The highest rate, step by step, at which p99 stays below a limit without an error; what it saw, and what each step did.

    A step that does not hold is tried once more: other programs of the machine may have had its cores just then. Then
    smaller steps are taken from the last rate that held.
    """
    rate, step, held, seen = first, STEP, 0.0, []
    best: Result | None = None
    while rate <= most:
        for _ in range(TRIES):
            found = bench.load(server, requests, bench.step_seconds, rate=rate, connections=64)
            seen.append(found)
            everything = [value for each in found.kinds.values() for value in each.milliseconds]
            is_held = not _errors(found) and _share(everything, 0.99) <= limit
            if is_held:
                break
        if is_held:
            held, best, rate = rate, found, rate * step
        elif step > FINEST_STEP and held:
            step = step**0.5
            rate = held * step
        else:
            break
    return held, best or seen[0], seen


def _audited(place: str, ids: Sequence[str]) -> str:
    """Whether the chain holds, and the ledger every acknowledged record."""
    with Ledger.open(place, must_exist=True) as ledger:
        found = verify(ledger)
        with ledger.reading() as connection:
            held = set(connection.scalars(select(ENTRY.c.id)))
    lost = len(set(ids) - held)
    is_exact = len(ids) == len(held) == found.entries
    if lost or not is_exact or not found.holds:
        chain = "holds" if found.holds else "is broken"
        return f"{lost} lost: {len(ids):,} acknowledged, {found.entries:,} entries; the chain {chain}"
    return f"{len(ids):,} acknowledged, as many entries; the chain holds"


def _needling() -> list[Request]:
    """Cases of the policy that ships, none like another."""
    found = []
    for at in range(4_000):
        case = {
            "code": ("20560", "20561")[at % 2],
            "date_of_service": f"{2024 + at % 2}-{1 + at % 12:02d}-{1 + at % 28:02d}",
            "line_of_business": generate.LINES[at % len(generate.LINES)],
            "age": f"{18 + at % 70} years",
            "diagnoses": [("M79.18", "M54.2", "M62.838")[at % 3]],
        }
        found.append(("recorded", _post_case(case)))
    return found


def _post_case(case: dict[str, object]) -> bytes:
    body = msgspec.json.encode(case)
    head = "POST /api/determinations HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


# ---------------------------------------------------------------------------- look-ups


def _look_ups(bench: Bench) -> list[str]:
    requests = bench.asked.look_ups(min(5_000, 20 * bench.shape.policies))
    table = Table(("what", "measured", "goal", "", "the bare route", "ratio"))
    with bench.serving(bench.library) as (server, _):
        asked = 0
        while asked < len(requests):  # every question once: the first answer is decided, the others are remembered
            found = bench.load(server, requests[asked:], max(2.0, bench.step_seconds), connections=4)
            asked += max(1, sum(len(each.milliseconds) for each in found.kinds.values()))
        peak = bench.load(server, requests, bench.step_seconds, connections=32)
        used = server.cpu()
        highest, steady, steps = _highest(bench, server, requests, 5.0, most=40_000, first=1_000)
        used = server.cpu() - used
        sample = bench.load(server, requests[:1], 0.5, connections=1)
    count = sum(len(each.kinds["look-up"].milliseconds) for each in steps)
    size = int(statistics.median(sample.kinds["look-up"].bytes))
    with bench.bare(b"x" * size, b"") as bare:
        bare_peak = bench.load(bare, requests, bench.step_seconds, connections=32)
        used_bare = bare.cpu()
        bare_highest, bare_steady, bare_steps = _highest(bench, bare, requests, 5.0, most=40_000, first=4_000)
        used_bare = bare.cpu() - used_bare
    bare_count = sum(len(each.kinds["look-up"].milliseconds) for each in bare_steps)
    rate, bare_rate = (len(each.kinds["look-up"].milliseconds) / each.seconds for each in (peak, bare_peak))
    rows = (
        ("highest rate held at p99 ≤ 5 ms, a second", highest, "≥ 8,000", highest >= 8_000, bare_highest),
        ("p50 at that rate, ms", _of(steady.kinds["look-up"], 0.5), "", None, _of(bare_steady.kinds["look-up"], 0.5)),
        ("p99 at that rate, ms", _of(steady.kinds["look-up"], 0.99), "≤ 5", None, _of(bare_steady.kinds["look-up"], 0.99)),
        ("as fast as answered, 32 connections, a second", rate, "", None, bare_rate),
        ("processor time a request, µs", 1e6 * used / count, "", None, 1e6 * used_bare / bare_count),
    )  # fmt: skip
    for words, value, goal, is_met, other in rows:
        met = "" if is_met is None else _met(is_met)
        table.add(words, _number(value), goal, met, _number(other), f"{value / other:.2f}" if other else "")
    return [
        "## Look-ups: `GET /api/coverage`, one worker, remembered answers",
        "",
        str(table),
        "",
        f"{len(requests):,} different requests of {size:,} bytes, asked again and again; {sum(map(_errors, steps))} errors.",
        "",
    ]


# ---------------------------------------------------------------------------- overload


def _overload(bench: Bench) -> list[str]:
    """Ten times the rate of the budget: from one client, who has a limit, and from many, who have not reached theirs."""
    requests = bench.asked.determinations(4_000)
    rate = 10 * RECORDED_RATE
    table = Table(("from", "asked a second", "answered 201", "429", "5xx", "unanswered", "p99 of the admitted, ms", ""))
    with bench.serving(bench.library, "--limit", str(CLIENT_LIMIT)) as (server, place):
        seen_ids: list[str] = []
        for words, clients in (("one address", 1), ("200 addresses", 200)):
            found = bench.load(
                server,
                requests,
                bench.step_seconds,
                rate=rate,
                connections=256,
                most_connections=1_000,
                clients=clients,
            )
            seen = found.kinds["recorded"]
            seen_ids += seen.ids
            broken = sum(count for status, count in seen.statuses.items() if status >= 500)
            most = _share(seen.admitted, 0.99)
            table.add(
                words,
                rate,
                f"{seen.statuses.get(201, 0):,}",
                f"{seen.statuses.get(429, 0):,}",
                broken,
                found.unanswered,
                _number(most),
                _met(not broken and not found.unanswered and not seen.unsure and most <= 100),
            )
        calm = bench.load(server, requests, 2.0, rate=20, clients=3)
    seen_ids += [id for each in calm.kinds.values() for id in each.ids]
    after = _number(_of(calm.kinds["recorded"], 0.5))
    return [
        f"## Overload{bench.on}: ten times the rate of the budget, each client limited to {CLIENT_LIMIT:,} a minute",
        "",
        str(table),
        "",
        f"Goal: 429 with `Retry-After`, no 5xx, admitted p99 ≤ 100 ms. Afterwards, at 20/s: p50 {after} ms. Ledger: "
        f"{_audited(place, seen_ids)}.",
        "",
    ]


MEASURES = {
    "weights": _weights,
    "pages": _pages,
    "recorded": _recorded,
    "look-ups": _look_ups,
    "overload": _overload,
}


# ---------------------------------------------------------------------------- the machine


def _machine(database: str | None) -> str:
    names = ("litestar", "uvicorn", "uvloop", "httptools", "msgspec", "sqlalchemy", "cryptography")
    packages = ", ".join(f"{name} {version_of(name)}" for name in names)
    kept = f"psycopg {version_of('psycopg')}" if database else f"SQLite {sqlite3.sqlite_version}"
    disk = shutil.disk_usage(tempfile.gettempdir()).total // 2**30
    return (
        f"{platform.system()} on {platform.machine()}, {os.cpu_count()} cores, {disk} GiB disk, {_syncs():,.0f} writes of 4 KiB "
        f"with fsync a second; {platform.python_implementation()} {platform.python_version()}; {packages}; {kept}."
    )


def _syncs(count: int = 100) -> float:
    with tempfile.TemporaryFile() as file:
        begun = perf_counter()
        for _ in range(count):
            file.write(os.urandom(4_096))
            file.flush()
            os.fsync(file.fileno())
        return count / (perf_counter() - begun)


if __name__ == "__main__":
    main()
