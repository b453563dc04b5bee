"""Forward only, one transaction a step: killed anywhere in the middle, it is done whole by running it again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import MetaData
from tests.ledger.making import NOON, fill, found
from tests.ledger.server import Server
from tests.support import ROOT

from medpol.ledger import Ledger, LedgerRefused, LedgerUnavailable, verify
from medpol.ledger.database import database_at
from medpol.ledger.entries import read_identity
from medpol.ledger.migrations import STEPS, Step, latest_step, migrate
from medpol.ledger.sealing import Sealer
from medpol.ledger.tables import METADATA

KILLED = """
import os, signal, sys
from sqlalchemy import Engine, event
from medpol.ledger import Ledger

left = int(sys.argv[2])

@event.listens_for(Engine, "after_cursor_execute")
def count(*_):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)

Ledger.open(sys.argv[1]).close()
"""

FOUND = found()

ADDED = Step(
    len(STEPS) + 1,
    "a column more",
    ("ALTER TABLE ledger_entry ADD COLUMN reviewer TEXT", "CREATE INDEX by_reviewer ON ledger_entry (reviewer)"),
    ("ALTER TABLE ledger_entry ADD COLUMN reviewer TEXT", "CREATE INDEX by_reviewer ON ledger_entry (reviewer)"),
)


@pytest.mark.parametrize("at", [1, 4, 6, 9, 12, 15, 18, 20, 22, 24, 26, 28, 30, 32, 34])
def test_a_migration_that_is_killed_is_done_by_running_it_again(place: str, at: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", KILLED, place, str(at)],
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    with Ledger.open(place) as ledger:
        fill(ledger, 3)
        assert verify(ledger).holds


def test_a_step_that_fails_leaves_nothing_of_itself(place: str) -> None:
    broken = Step(ADDED.number, "broken", (*ADDED.sqlite, "SELECT nonsense"), (*ADDED.postgresql, "SELECT nonsense"))
    with Ledger.open(place) as ledger:
        ids = fill(ledger, 3)
    database = database_at(place, 5)
    with database.writing.connect() as connection, pytest.raises(Exception, match="nonsense"):
        migrate(connection, (*STEPS, broken))
    with Ledger.open(place) as ledger:  # still of the step that this medpol knows
        assert verify(ledger).holds
    with database.writing.connect() as connection:
        migrate(connection, (*STEPS, ADDED))
        migrate(connection, (*STEPS, ADDED))
        with connection.begin():
            assert latest_step(connection) == ADDED.number
            assert "reviewer" in {each["name"] for each in connection.dialect.get_columns(connection, "ledger_entry")}
            count = connection.exec_driver_sql("SELECT count(*) FROM ledger_entry").scalar_one()
    assert count == len(ids)
    with pytest.raises(
        LedgerRefused, match=f"step {ADDED.number} of its tables, and this one knows {STEPS[-1].number}"
    ):
        Ledger.open(place)
    database.reading.dispose()


def test_a_ledger_from_before_events_is_opened_with_its_chain_as_it_was(place: str) -> None:
    database = database_at(place, 5)
    database.prepare(must_exist=False)
    with database.writing.connect() as connection:
        migrate(connection, STEPS[:1])
        with connection.begin():
            identity = read_identity(connection)
    assert identity is not None
    with Ledger(database, Sealer(), identity, 5, 100, 100) as old:
        ids = fill(old, 3)
        tip = old.tip()
        with pytest.raises(LedgerUnavailable, match="the database failed"):  # its tables know no such kind
            old.enter(FOUND)
    with pytest.raises(LedgerRefused, match="older medpol: step 1 of its tables, and this one reads 2"):
        Ledger.open(place, must_exist=True)
    with Ledger.open(place) as ledger:
        assert (ledger.tip(), verify(ledger).holds) == (tip, True)
        entered = ledger.enter(FOUND)
        assert (entered.sequence, entered.previous_hash) == (4, tip.hash)
        assert ledger.erase(ids[0], NOON)
        assert verify(ledger).holds
        assert all(ledger.get(each) is not None for each in ids)


def test_a_process_that_has_an_old_ledger_open_sees_it_brought_up_to_date(tmp_path: Path) -> None:
    """SQLite keeps the tables' schema in each connection; an open one must learn that it was changed."""
    path = tmp_path / "ledger.db"
    database = database_at(str(path), 5)
    database.prepare(must_exist=False)
    with database.writing.connect() as connection:
        migrate(connection, STEPS[:1])
        with connection.begin():
            identity = read_identity(connection)
    assert identity is not None
    with Ledger(database, Sealer(), identity, 5, 100, 100) as before:
        fill(before, 2)
        with Ledger.open(str(path)) as ledger:
            ledger.enter(FOUND)
        fill(before, 2)
        assert before.enter(FOUND).sequence == 3
        assert verify(before).holds


def test_the_tables_are_those_that_are_asked(place: str) -> None:
    with Ledger.open(place) as ledger, ledger.reading() as connection:
        found = MetaData()
        found.reflect(connection)
    assert columns(found) == columns(METADATA)


def columns(tables: MetaData) -> set[tuple[str, str, bool, bool]]:
    """Table, name, whether it may be empty, whether it is the key (which SQLite says may be)."""
    return {
        (table.name, each.name, each.nullable and not each.primary_key, each.primary_key)
        for table in tables.tables.values()
        for each in table.c
    }


def test_two_processes_that_make_it_at_once_make_one_ledger(tmp_path: Path, server: Server) -> None:
    code = "import sys; from medpol.ledger import Ledger; print(Ledger.open(sys.argv[1]).identity.ledger_id)"
    for place in (str(tmp_path / "ledger.db"), server.new_database()):
        running = [
            subprocess.Popen(
                [sys.executable, "-c", code, place],
                env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
                stdout=subprocess.PIPE,
            )
            for _ in range(2)
        ]
        assert len({each.communicate()[0] for each in running}) == 1
        assert [each.returncode for each in running] == [0, 0]
