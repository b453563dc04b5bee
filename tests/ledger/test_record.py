"""Recorded before it leaves: what is given back, what is kept, what nobody can read or alter."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError
from tests.ledger.making import NOON, answered, fill, ready
from tests.ledger.server import Server, name_of

from medpol.ledger import Answered, Ledger, LedgerUnavailable, RequestKeyReused, Seal, verify

CANARY = "qzxwv"


def administrator(place: str) -> Callable[[str], None]:
    """Somebody with all rights in the database, who runs one statement."""
    url = place.replace("postgresql://", "postgresql+psycopg://") if "://" in place else f"sqlite:///{place}"
    engine = create_engine(url)

    def run(statement: str) -> None:
        try:
            with engine.begin() as connection:
                connection.execute(text(statement))
        finally:
            engine.dispose()

    return run


def test_what_was_recorded_comes_back_byte_by_byte(place: str) -> None:
    given = answered(7)
    with Ledger.open(place) as ledger:
        recorded = ledger.record(given)
    with Ledger.open(place, must_exist=True) as ledger:
        found = ledger.get(recorded.id)
    assert found == recorded
    assert found.held is not None
    assert (found.held.case, found.held.answer) == (given.case, given.answer)
    assert found.recorded_at == NOON
    assert (found.policy, found.outcome, found.seal) == ("2.01.100", given.plain().outcome, Seal.OPEN)


def test_an_id_is_random_and_nothing_is_found_by_another(place: str) -> None:
    with Ledger.open(place) as ledger:
        ids = fill(ledger, 20)
        assert len({each[:8] for each in ids}) == 20
        assert all(len(each) == 32 and each.isalnum() for each in ids)
        assert ledger.get("0" * 32) is None
        assert ledger.get("' OR 1=1 --") is None


def test_many_threads_and_two_open_ledgers_make_one_chain(place: str) -> None:
    with Ledger.open(place) as one, Ledger.open(place) as other, ThreadPoolExecutor(16) as pool:
        records = list(pool.map(lambda number: (one, other)[number % 2].record(ready(number % 10)), range(200)))
        assert sorted(each.sequence for each in records) == list(range(1, 201))
        assert verify(one).holds
        by_sequence = {each.sequence: each for each in records}
        assert all(by_sequence[at].previous_hash == by_sequence[at - 1].row_hash for at in range(2, 201))


def test_a_request_key_gives_the_first_record_back(place: str) -> None:
    given = answered(3, request_key="3b9c")
    with Ledger.open(place) as ledger:
        first = ledger.record(given)
        again = ledger.record(replace(given, recorded_at=NOON + timedelta(hours=1)))
        assert again == first
        together = [ledger.submit(answered(4, request_key="77")) for _ in range(20)]
        assert len({each.result(10).id for each in together}) == 1
        assert ledger.health().sequence == 2


def test_a_request_key_of_another_case_is_refused(place: str) -> None:
    with Ledger.open(place) as ledger:
        first = ledger.record(answered(3, request_key="3b9c"))
        with pytest.raises(RequestKeyReused):
            ledger.record(answered(4, request_key="3b9c"))
        ledger.erase(first.id, NOON)
        with pytest.raises(RequestKeyReused):  # nobody can say any more whether it is the same case
            ledger.record(answered(3, request_key="3b9c"))
        assert verify(ledger).holds


def test_the_case_holds_the_days_of_its_answer() -> None:
    given = answered(1)
    with pytest.raises(ValueError, match="two days"):
        replace(given, case=given.case.replace(b"2024-09-01", b"2024-09-02"))
    with pytest.raises(ValueError, match="both days"):
        replace(given, case=b'{"code":"20560"}')
    with pytest.raises(ValueError, match="time zone"):
        replace(given, recorded_at=datetime(2024, 9, 1))
    with pytest.raises(ValueError, match="1 to 256"):
        replace(given, request_key="")


def test_what_is_no_answer_is_refused_without_a_word_of_it() -> None:
    with pytest.raises(ValueError, match="JSON of a determination") as caught:
        replace(answered(1), answer=f'{{"outcome": {CANARY}'.encode())
    assert CANARY not in str(caught.value)
    assert caught.value.__suppress_context__


# ---------------------------------------------------------------------------- nobody reads it


def with_canary() -> Answered:
    return answered(1, service=None, provider_specialty=CANARY, answers={}, request_key=f"member-{CANARY}")


def test_no_fact_stands_in_the_file_in_clear(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with Ledger.open(str(path), [os.urandom(32)]) as ledger:
        record = ledger.record(with_canary())
        assert record.held is not None
        assert CANARY.encode() in record.held.case
        for each in tmp_path.iterdir():
            data = each.read_bytes()
            assert CANARY.encode() not in data
            assert record.held.determination_id.encode() not in data  # equal cases have equal ids: it could be guessed


def test_no_fact_stands_in_a_dump_of_postgresql(server: Server) -> None:
    place = server.new_database()
    with Ledger.open(place) as ledger:
        record = ledger.record(with_canary())
    dump = server.run("pg_dump", "-h", str(server.folder), "-U", "medpol", name_of(place))
    assert record.id in dump
    assert CANARY not in dump
    assert CANARY.encode().hex() not in dump


def test_no_fact_stands_in_what_is_printed(place: str) -> None:
    given = with_canary()
    with Ledger.open(place) as ledger:
        record = ledger.record(given)
    assert CANARY not in f"{given!r} {given} {record!r} {record.held!r} {record.held}"
    with pytest.raises(LedgerUnavailable) as caught:
        ledger.record(given)
    assert CANARY not in f"{caught.value!r}"


def test_equal_cases_leave_nothing_equal_behind(place: str) -> None:
    with Ledger.open(place) as ledger:
        one, other = (ledger.record(ready(1)) for _ in range(2))
        with ledger.reading() as connection:
            rows = connection.execute(text("SELECT sealed, facts_hash FROM ledger_entry")).all()
    assert one.held == other.held
    assert rows[0][0] != rows[1][0]
    assert rows[0][1] != rows[1][1]


# ---------------------------------------------------------------------------- erasure


def test_an_erased_record_keeps_its_place_and_loses_its_facts(place: str) -> None:
    with Ledger.open(place) as ledger:
        ids = fill(ledger, 5)
        before = ledger.get(ids[2])
        assert ledger.erase(ids[2], NOON + timedelta(days=1))
        assert not ledger.erase(ids[2], NOON)
        assert not ledger.erase("unknown", NOON)
        after = ledger.get(ids[2])
        assert before is not None
        assert after == replace(before, held=None, seal=Seal.ERASED, erased_at=NOON + timedelta(days=1))
        found = verify(ledger)
        assert (found.holds, found.entries, found.erased) == (True, 6, 1)
        assert ledger.get(ids[3]) is not None


def test_the_bytes_of_a_dropped_key_are_gone_from_the_files(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with Ledger.open(str(path)) as ledger:
        ids = fill(ledger, 30)
        with ledger.reading() as connection:
            key = connection.execute(text("SELECT kept_key FROM ledger_key WHERE sequence = 9")).scalar_one()
        assert any(key in each.read_bytes() for each in tmp_path.iterdir())
        ledger.erase(ids[8], NOON)
        assert not any(key in each.read_bytes() for each in tmp_path.iterdir())


# ---------------------------------------------------------------------------- wrapping keys


def test_without_the_wrapping_key_a_record_stays_locked(place: str) -> None:
    old, new, other = (os.urandom(32) for _ in range(3))
    with Ledger.open(place, [old]) as ledger:
        first = ledger.record(ready(1))
    with Ledger.open(place, [new, old]) as ledger:  # the old one overlaps until its records are no longer needed
        second = ledger.record(ready(2))
        assert ledger.get(first.id) == first
        assert verify(ledger).unchecked == 0
    with Ledger.open(place, [new]) as ledger:
        assert ledger.get(second.id) == second
        locked = ledger.get(first.id)
        assert locked == replace(first, held=None, seal=Seal.LOCKED)
    with Ledger.open(place, [other], must_exist=True) as ledger:
        found = verify(ledger)
        assert (found.holds, found.unchecked) == (True, 2)
    with pytest.raises(ValueError, match="expected 32"):
        Ledger.open(place, [b"short"])


# ---------------------------------------------------------------------------- append-only

STATEMENTS = [
    *(f"UPDATE {table} SET {column} = {column}" for table, column in (("ledger_entry", "outcome"), ("ledger_key", "kept_key"), ("ledger_identity", "salt"), ("ledger_step", "name"))),
    *(f"DELETE FROM {table}" for table in ("ledger_entry", "ledger_key", "ledger_identity", "ledger_step")),
]  # fmt: skip


@pytest.mark.parametrize("statement", STATEMENTS)
def test_the_database_itself_refuses_to_alter_or_delete(place: str, statement: str) -> None:
    with Ledger.open(place) as ledger:
        fill(ledger, 2)
        with pytest.raises(DBAPIError, match="append-only"):
            administrator(place)(statement)
        assert verify(ledger).holds


@pytest.mark.parametrize("table", ["ledger_entry", "ledger_key", "ledger_identity", "ledger_step"])
def test_postgresql_refuses_to_truncate(server: Server, table: str) -> None:
    place = server.new_database()
    with Ledger.open(place) as ledger:
        fill(ledger, 2)
    with pytest.raises(DBAPIError, match="append-only"):
        administrator(place)(f"TRUNCATE {table} CASCADE")


def test_the_file_is_its_owners_alone_and_set_up_to_last(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with Ledger.open(str(path)) as ledger:
        fill(ledger, 1)
        assert all(each.stat().st_mode & 0o077 == 0 for each in tmp_path.iterdir())
        with ledger.database.writing.connect() as connection:
            held = {
                name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
                for name in ("journal_mode", "synchronous", "foreign_keys", "trusted_schema", "secure_delete")
            }
    assert held == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "trusted_schema": 0, "secure_delete": 1}
    with sqlite3.connect(path) as connection, pytest.raises(sqlite3.IntegrityError, match="cannot store"):
        connection.execute("INSERT INTO ledger_step VALUES (99, x'00')")  # a strict table keeps its types
    connection.close()


# ---------------------------------------------------------------------------- the queue and the end


def test_closing_writes_what_waits_and_takes_nothing_more(place: str) -> None:
    ledger = Ledger.open(place)
    waiting = [ledger.submit(ready(number % 10)) for number in range(300)]
    ledger.close()
    assert [each.result(0).sequence for each in waiting] == list(range(1, 301))
    with pytest.raises(LedgerUnavailable, match="closed"):
        ledger.record(ready(1))
    ledger.close()


def test_a_full_queue_refuses_at_once_and_loses_nothing(tmp_path: Path) -> None:
    with Ledger.open(str(tmp_path / "ledger.db"), waiting_limit=3) as ledger:
        holder = sqlite3.connect(ledger.database.path, isolation_level=None)  # type: ignore[union-attr]
        holder.execute("BEGIN IMMEDIATE")
        accepted, refused = [], 0
        for number in range(12):
            try:
                accepted.append(ledger.submit(ready(number % 10)))
            except LedgerUnavailable as problem:
                assert problem.reason == "too much waits to be written"
                refused += 1
        holder.execute("ROLLBACK")
        holder.close()
        assert refused >= 12 - 3 - 4  # at most one group is in the writer's hands
        assert len({each.result(10).id for each in accepted}) == len(accepted)
        assert ledger.health().sequence == len(accepted)


def test_a_role_that_may_only_read_and_add_can_record(server: Server) -> None:
    """The grants of docs/ledger.md are enough to record, and do not let a key go."""
    place = server.new_database()
    Ledger.open(place).close()
    with server.connect(place) as connection:
        if connection.execute("SELECT FROM pg_roles WHERE rolname = 'clerk'").fetchone() is None:
            connection.execute("CREATE ROLE clerk LOGIN")
        connection.execute("GRANT USAGE ON SCHEMA public TO clerk")
        connection.execute("GRANT SELECT, INSERT ON ledger_entry, ledger_key, ledger_identity, ledger_step TO clerk")
    with Ledger.open(place.replace("medpol@", "clerk@")) as ledger:
        ids = fill(ledger, 3)
        assert verify(ledger).holds
        with pytest.raises(LedgerUnavailable, match="cannot be written"):
            ledger.erase(ids[0], NOON)
        assert ledger.record(ready(1)).sequence == 4
        assert verify(ledger).holds
