"""A full disk, a database that is gone, locked, hung or replaced: nothing is acknowledged, and it goes on afterwards."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from time import sleep

import pytest
from sqlalchemy import text
from tests.ledger.making import answered, fill, ready
from tests.ledger.server import Server
from tests.support import ROOT

from medpol.ledger import Ledger, LedgerDamaged, LedgerMissing, LedgerRefused, LedgerUnavailable, verify

FULL = """
import json, resource, signal, sys
from tests.ledger.making import ready
from medpol.ledger import Ledger, LedgerUnavailable, verify

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
ledger = Ledger.open(sys.argv[1])
kept = [ledger.record(ready(number % 10)).id for number in range(20)]
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
failed = []
for number in range(400):
    try:
        kept.append(ledger.record(ready(number % 10)).id)
    except LedgerUnavailable as problem:
        failed.append(problem.reason)
        if len(failed) == 5:
            break
is_read_meanwhile = all(ledger.get(each) is not None for each in kept)
was_healthy = ledger.health().is_available
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
kept.append(ledger.record(ready(1)).id)
ledger.close()
with Ledger.open(sys.argv[1], must_exist=True) as again:
    found = verify(again)
    lost = [each for each in kept if again.get(each) is None]
print(json.dumps([failed, is_read_meanwhile, was_healthy, found.holds, lost]))
"""


@pytest.mark.parametrize("limit", [300_000, 700_000, 1_500_000])
def test_a_full_disk_acknowledges_nothing_and_loses_nothing(tmp_path: Path, limit: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path / "ledger.db"), str(limit)],
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
        capture_output=True,
        check=True,
    )
    failed, is_read_meanwhile, was_healthy, holds, lost = json.loads(done.stdout)
    assert len(failed) == 5
    assert set(failed) <= {"the disk is full", "the disk failed or is full"}
    assert (is_read_meanwhile, was_healthy, holds, lost) == (True, False, True, [])


def test_a_file_that_is_moved_away_is_not_written_to(tmp_path: Path) -> None:
    path, away = tmp_path / "ledger.db", tmp_path / "away"
    away.mkdir()
    with Ledger.open(str(path)) as ledger:
        ids = fill(ledger, 5)
        for each in list(tmp_path.glob("ledger.db*")):
            shutil.move(each, away / each.name)
        with pytest.raises(LedgerUnavailable, match="the database is gone"):
            ledger.record(ready(1))
        assert not path.exists()  # an empty one in its place would look like a ledger that lost all
        assert not ledger.health().is_available
        for each in list(away.iterdir()):
            shutil.move(each, tmp_path / each.name)
        assert ledger.record(ready(1)).sequence == 6
        assert ledger.health().is_available
        assert ledger.get(ids[0]) is not None
        assert verify(ledger).holds


def test_an_older_copy_in_its_place_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with Ledger.open(str(path)) as ledger:
        fill(ledger, 3)
    older = path.read_bytes()
    with Ledger.open(str(path)) as ledger:
        fill(ledger, 3)
        for each in tmp_path.glob("ledger.db*"):
            each.unlink()
        path.write_bytes(older)
        with pytest.raises(LedgerUnavailable, match="older copy"):
            ledger.record(ready(1))


def test_a_lock_that_another_process_holds_is_waited_for_and_then_told(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with Ledger.open(str(path), patience_seconds=0.3) as ledger:
        fill(ledger, 1)
        holder = sqlite3.connect(path, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(LedgerUnavailable, match=r"another process holds|does not answer"):
            ledger.record(ready(1))
        holder.execute("ROLLBACK")
        holder.close()
        recorded = ledger.record(ready(2))
        assert recorded.sequence >= 2
        assert verify(ledger).holds


def test_a_server_that_is_gone_is_told_and_found_again(server: Server) -> None:
    place = server.new_database()
    with Ledger.open(place, patience_seconds=2) as ledger:
        ids = fill(ledger, 5)
        server.stop()
        try:
            with pytest.raises(LedgerUnavailable, match="the database is gone"):
                ledger.record(ready(1))
            with pytest.raises(LedgerUnavailable, match="the database is gone"):
                ledger.get(ids[0])
            with pytest.raises(LedgerUnavailable, match="the database is gone"):
                Ledger.open(place)
            assert not ledger.health().is_available
        finally:
            server.start()
        assert ledger.record(ready(1)).sequence == 6  # at the first attempt
        assert ledger.get(ids[0]) is not None
        assert ledger.health().is_available


def test_a_server_that_was_away_unnoticed_costs_nobody_an_error(server: Server) -> None:
    place = server.new_database()
    with Ledger.open(place) as ledger:
        fill(ledger, 1)
        server.stop()
        server.start()
        assert ledger.record(ready(1)).sequence == 2


def test_a_server_that_hangs_is_told_in_time(server: Server) -> None:
    place = server.new_database()
    with Ledger.open(place, patience_seconds=0.5) as ledger:
        fill(ledger, 1)
        with server.connect(place) as connection:
            query = "SELECT pid FROM pg_stat_activity WHERE application_name = 'medpol ledger' AND datname = 'ledger'"
            backends = [pid for (pid,) in connection.execute(query)]
        for pid in backends:
            os.kill(pid, signal.SIGSTOP)
        try:
            with pytest.raises(LedgerUnavailable, match="does not answer"):
                ledger.record(ready(1))
        finally:
            for pid in backends:
                os.kill(pid, signal.SIGCONT)
        ledger.record(ready(1))
        assert verify(ledger).holds


def test_a_server_that_may_lose_what_it_acknowledged_is_refused(server: Server) -> None:
    place = server.new_database()
    with server.connect(place) as connection:
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("SELECT pg_reload_conf()")
    try:
        with pytest.raises(LedgerRefused, match="fsync = off"):
            for _ in range(50):
                Ledger.open(place).close()
    finally:
        with server.connect(place) as connection:
            connection.execute("ALTER SYSTEM RESET fsync")
            connection.execute("SELECT pg_reload_conf()")


def test_what_is_no_ledger_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LedgerMissing):
        Ledger.open(str(tmp_path / "none.db"), must_exist=True)
    with pytest.raises(LedgerRefused, match="cannot be made"):
        Ledger.open(str(tmp_path / "no" / "folder.db"))
    with pytest.raises(LedgerRefused, match="a folder"):
        Ledger.open(str(tmp_path))
    (tmp_path / "text.db").write_text(
        "a text that is longer than the header of a database of SQLite, by some words" * 9
    )
    with pytest.raises(LedgerRefused, match="no SQLite database"):
        Ledger.open(str(tmp_path / "text.db"))
    with sqlite3.connect(tmp_path / "other.db") as connection:
        connection.execute("CREATE TABLE songs (title TEXT)")
    connection.close()
    with pytest.raises(LedgerRefused, match="another program"):
        Ledger.open(str(tmp_path / "other.db"))
    for place in ("mysql://root@localhost/x", "no address://x", "sqlite://"):
        with pytest.raises(LedgerRefused):
            Ledger.open(place)


def test_a_password_is_in_no_message() -> None:
    for place in ("postgresql://medpol:s3cret@127.0.0.1:1/x", "mysql://root:s3cret@localhost/x"):
        with pytest.raises((LedgerUnavailable, LedgerRefused)) as caught:
            Ledger.open(place, patience_seconds=1)
        assert "s3cret" not in f"{caught.value!r}"


def test_a_cancelled_wait_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with Ledger.open(str(path)) as ledger:
        fill(ledger, 1)
        holder = sqlite3.connect(path, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        first = ledger.submit(ready(1))
        while not first.running():
            sleep(0.01)
        second = ledger.submit(answered(2, request_key="given up"))
        assert second.cancel()
        holder.execute("ROLLBACK")
        holder.close()
        first.result(10)
        fill(ledger, 1)
        with ledger.reading() as connection:
            assert connection.execute(text("SELECT count(request_hash) FROM ledger_entry")).scalar_one() == 0


def test_a_damaged_file_is_told_as_such(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with Ledger.open(str(path)) as ledger:
        fill(ledger, 50)
    data = path.read_bytes()
    path.write_bytes(data[:100] + bytes(4_000) + data[4_100:])
    with pytest.raises(LedgerDamaged):
        Ledger.open(str(path), must_exist=True)
