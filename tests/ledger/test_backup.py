"""A backup taken while determinations are recorded restores, verifies, and replays to the same bytes."""

from __future__ import annotations

import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

from tests.ledger.making import answered, decided, desk
from tests.ledger.server import Server, name_of

from medpol.ledger import Ledger, replay, verify

COUNT = 1_000


@contextmanager
def load(ledger: Ledger) -> Iterator[None]:
    """Somebody who goes on recording meanwhile."""
    is_over = Event()

    def record() -> None:
        number = 0
        while not is_over.is_set():
            ledger.record(answered(number))
            number += 1

    threads = [Thread(target=record) for _ in range(3)]
    for each in threads:
        each.start()
    try:
        yield
    finally:
        is_over.set()
        for each in threads:
            each.join()


def recorded(ledger: Ledger) -> list[str]:
    return [each.result(60).id for each in [ledger.submit(answered(number)) for number in range(COUNT)]]


def assert_all_replay(place: str, ids: list[str]) -> None:
    plan = desk().plan
    with Ledger.open(place, must_exist=True) as ledger:
        found = verify(ledger)
        assert found.holds
        assert found.entries >= COUNT
        for id in ids:
            record = ledger.get(id)
            assert record is not None
            assert record.held is not None
            again = replay(record, record.held, decided, plan.plan_hash, plan.semantics)
            assert (again.is_same, again.differs_at, again.is_same_plan) == (True, "", True)


def test_a_backup_of_sqlite_under_load_replays_a_thousand_answers(tmp_path: Path) -> None:
    path, copy = tmp_path / "ledger.db", tmp_path / "copy.db"
    with Ledger.open(str(path)) as ledger:
        ids = recorded(ledger)
        with load(ledger):
            source, target = sqlite3.connect(path), sqlite3.connect(copy)
            source.backup(target, pages=20, sleep=0.001)
            source.close()
            target.close()
    assert_all_replay(str(copy), ids)


def test_a_dump_of_postgresql_under_load_replays_a_thousand_answers(server: Server, tmp_path: Path) -> None:
    place = server.new_database()
    to = ("-h", str(server.folder), "-U", "medpol")
    dump = str(server.folder / "dump")
    with Ledger.open(place) as ledger:
        ids = recorded(ledger)
        with load(ledger):
            server.run("pg_dump", *to, "-Fc", "-f", dump, name_of(place))
    place = server.new_database()
    server.run("pg_restore", *to, "--clean", "--if-exists", "-d", name_of(place), dump)
    assert_all_replay(place, ids)


def test_the_backup_command_of_the_manual_works(tmp_path: Path) -> None:
    path, copy = tmp_path / "ledger.db", tmp_path / "copy.db"
    with Ledger.open(str(path)) as ledger:
        ledger.record(answered(1))
        code = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute('VACUUM INTO ?', (sys.argv[2],))"
        subprocess.run(["python3", "-c", code, path, copy], check=True)
    with Ledger.open(str(copy), must_exist=True) as ledger:
        assert verify(ledger).holds
