"""Measure the ledger: determinations recorded one by one and in groups, and entries verified, in a second.

    python benchmarks/ledger.py                                  a file of SQLite in a temporary folder
    python benchmarks/ledger.py --database postgresql://medpol@/bench --entries 20000

Case and answer are real ones of the library that ships. Every figure counts determinations that were acknowledged, each
after the fsync of its group; `writes` is what the disk can do at all: 4 KiB and an fsync, one after the other.
"""

from __future__ import annotations

import argparse
import os
import platform
import sqlite3
import sys
import tempfile
from collections import deque
from concurrent.futures import Future
from datetime import UTC, date, datetime
from importlib.metadata import version as version_of
from pathlib import Path
from threading import Thread
from time import perf_counter, process_time

from medpol import __version__
from medpol.decide.cases import decode_case, decode_json, encode_answer
from medpol.decide.explain import determine
from medpol.decide.one import Desk
from medpol.decide.plan import compile_library
from medpol.ledger import Answered, Ledger, Record, pinned, verify
from medpol.library import SHIPPED, load

IN_FLIGHT = 1_024


def answered() -> Answered:
    """A case and its answer, of the size that they have."""
    desk = Desk(compile_library(load(SHIPPED)))
    case = pinned({"code": "20560", "line_of_business": "commercial"}, date(2024, 8, 2), date(2024, 9, 1))
    read, known_on = decode_case(desk, decode_json(case), date.min)
    answer = encode_answer(determine(desk, read, known_on))
    return Answered(case, answer, datetime.now(UTC), desk.plan.plan_hash, desk.plan.semantics, __version__)


def writes_a_second(folder: Path, count: int = 200) -> float:
    block = os.urandom(4_096)
    with (folder / "writes").open("wb") as file:
        began = perf_counter()
        for _ in range(count):
            file.write(block)
            file.flush()
            os.fsync(file.fileno())
        return count / (perf_counter() - began)


def one_by_one(ledger: Ledger, given: Answered, count: int) -> float:
    began = perf_counter()
    for _ in range(count):
        ledger.record(given)
    return count / (perf_counter() - began)


def by_threads(ledger: Ledger, given: Answered, threads: int, each: int) -> float:
    """Threads that each wait for their own before the next."""

    def record() -> None:
        for _ in range(each):
            ledger.record(given)

    running = [Thread(target=record) for _ in range(threads)]
    began = perf_counter()
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    return threads * each / (perf_counter() - began)


def in_flight(ledger: Ledger, given: Answered, count: int) -> float:
    """One caller with many on their way, as the door over HTTP has them."""
    waiting: deque[Future[Record]] = deque()
    began = perf_counter()
    for _ in range(count):
        waiting.append(ledger.submit(given))
        if len(waiting) == IN_FLIGHT:
            waiting.popleft().result()
    for each in waiting:
        each.result()
    return count / (perf_counter() - began)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--database", help="PATH or URL of a new ledger; a temporary file if left out")
    options.add_argument("--entries", type=int, default=20_000, help="recorded with many on their way, then verified")
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        place = asked.database or str(Path(name) / "ledger.db")
        given = answered()
        print(
            f"{platform.platform()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, Python {platform.python_version()}"
        )
        packages = ", ".join(f"{each} {version_of(each)}" for each in ("sqlalchemy", "cryptography", "psycopg"))
        print(f"SQLite {sqlite3.sqlite_version}, {packages}")
        print(f"case {len(given.case):,} bytes, answer {len(given.answer):,} bytes")
        print(f"{'writes of 4 KiB with fsync, a second':48}{writes_a_second(Path(name)):>12,.0f}")
        with Ledger.open(place) as ledger:
            print(f"{'recorded one by one, a second':48}{one_by_one(ledger, given, 300):>12,.0f}")
            for threads in (8, 32, 128):
                rate = by_threads(ledger, given, threads, max(20, 3_000 // threads))
                print(f"{f'recorded by {threads} threads, a second':48}{rate:>12,.0f}")
            rate = in_flight(ledger, given, asked.entries)
            print(f"{f'recorded with {IN_FLIGHT:,} on their way, a second':48}{rate:>12,.0f}")
            began, worked = perf_counter(), process_time()
            found = verify(ledger)
            took, worked = perf_counter() - began, process_time() - worked
        if not found.holds:
            sys.exit(f"the chain does not hold: {found.findings}")
        print(f"{'verified, entries a second':48}{found.entries / took:>12,.0f}")
        print(f"{'verified, entries a second of processor time':48}{found.entries / worked:>12,.0f}")


if __name__ == "__main__":
    main()
