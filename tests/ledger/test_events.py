"""Events of the watch: each is entered once, in the same chain, and is no determination."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError
from tests.ledger.making import NOON, answered, fill, found
from tests.ledger.test_record import administrator

from medpol.ledger import Event, Ledger, LedgerDamaged, LedgerUnavailable, Verified, verify

KEY = bytes(range(32))


def test_an_event_comes_back_byte_by_byte_by_either_id(place: str) -> None:
    given = found()
    with Ledger.open(place) as ledger:
        entered = ledger.enter(given)
    with Ledger.open(place, must_exist=True) as ledger:
        assert ledger.event(entered.id) == ledger.event("0a1b2c3d4e5f") == entered
        assert ledger.event("f" * 12) is None
    assert (entered.body, entered.policy, entered.recorded_at) == (given.body, "EX-1", NOON)


def test_an_event_is_entered_once_and_stays_as_it_was_first(place: str) -> None:
    with Ledger.open(place) as ledger:
        first = ledger.enter(found(proposed_on="2024-02-08"))
        assert ledger.enter(found(proposed_on="2024-02-09")) == first
        assert ledger.enter(found("another")).sequence == 2
    with Ledger.open(place) as ledger:
        assert ledger.enter(found(proposed_on="2024-03-01")) == first
        assert ledger.tip().sequence == 2


def test_many_who_enter_one_event_at_once_enter_it_once(place: str) -> None:
    with Ledger.open(place) as one, Ledger.open(place) as other, ThreadPoolExecutor(16) as pool:
        entered = list(pool.map(lambda number: (one, other)[number % 2].enter(found(f"e{number % 5}")), range(100)))
        assert len({each.id for each in entered}) == 5
        assert one.tip().sequence == 5
        assert verify(one).holds


def test_events_and_determinations_make_one_chain(place: str) -> None:
    with Ledger.open(place, [KEY]) as ledger:
        fill(ledger, 2)
        entered = ledger.enter(found())
        (last,) = fill(ledger, 1)
        record = ledger.get(last)
        assert record is not None and record.previous_hash == entered.row_hash
    with Ledger.open(place) as ledger:  # without the wrapping key: of an event, that one is not needed
        checked = verify(ledger)
        assert (checked.holds, checked.entries, checked.unchecked) == (True, 4, 3)
        assert ledger.event(entered.id) == entered


def test_an_event_is_no_determination_and_a_determination_no_event(place: str) -> None:
    with Ledger.open(place) as ledger:
        recorded = ledger.record(answered(1, request_key="0a1b2c3d4e5f"))
        entered = ledger.enter(found())
        assert entered.sequence == 2  # a request key of the same text is another key
        assert ledger.get(entered.id) is None and ledger.get("0a1b2c3d4e5f") is None
        assert ledger.event(recorded.id) is None
        assert ledger.record(answered(1, request_key="0a1b2c3d4e5f")) == recorded


def test_an_event_is_not_erased(place: str) -> None:
    with Ledger.open(place) as ledger:
        entered = ledger.enter(found())
        assert not ledger.erase(entered.id, NOON + timedelta(days=1))
        assert (ledger.tip().sequence, ledger.event(entered.id)) == (1, entered)
    erasure = (
        "INSERT INTO ledger_entry (sequence, id, kind, recorded_at, erases, sealed, facts_hash, previous_hash, row_hash) "
        "SELECT 2, 'x', 'erasure', recorded_at, 1, sealed, facts_hash, previous_hash, row_hash FROM ledger_entry"
    )
    for statement in (
        erasure,
        "DELETE FROM ledger_key",
        "DELETE FROM ledger_entry",
        "UPDATE ledger_entry SET policy = ''",
    ):
        with pytest.raises(DBAPIError, match=r"an event is not erased|append-only"):
            administrator(place)(statement)


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE ledger_entry SET policy = 'EX-2' WHERE sequence = 2", "policy differs from what is under seal"),
        ("UPDATE ledger_entry SET recorded_at = '2020-01-01T00:00:00.000000Z' WHERE sequence = 2", "row_hash is not"),
        ("UPDATE ledger_entry SET request_hash = 'other' WHERE sequence = 2", "row_hash is not"),
        ("UPDATE ledger_entry SET sealed = facts_hash WHERE sequence = 2", "sealed, facts_hash, id or wrapped_by"),
        ("UPDATE ledger_key SET kept_key = (SELECT kept_key FROM ledger_key WHERE sequence = 1) WHERE sequence = 2", "kept_key is not"),
        ("DELETE FROM ledger_key WHERE sequence = 2", "its key is gone, and an event is never erased"),
    ],
)  # fmt: skip
def test_an_altered_event_is_named(place: str, statement: str, words: str) -> None:
    with Ledger.open(place) as ledger:
        fill(ledger, 1)
        ledger.enter(found())
        fill(ledger, 1)
    run = administrator(place)
    for table, event in (("ledger_entry", "update"), ("ledger_key", "update"), ("ledger_key", "delete")):
        name = f"{table}_no_{event}"
        run(f"DROP TRIGGER {name} ON {table}" if "://" in place else f"DROP TRIGGER {name}")
    run(statement)
    with Ledger.open(place, must_exist=True) as ledger:
        checked: Verified = verify(ledger)
        first = checked.findings[0]
        assert first.sequence == 2 and words in first.what
        if "ledger_key" in statement or "sealed" in statement:
            with pytest.raises(LedgerDamaged):
                ledger.event("0a1b2c3d4e5f")
            with pytest.raises(LedgerDamaged):
                ledger.enter(found())


def test_the_guard_of_events_is_looked_for(place: str) -> None:
    with Ledger.open(place) as ledger:
        ledger.enter(found())
    name = "ledger_entry_no_erasure_of_event"
    administrator(place)(f"DROP TRIGGER {name} ON ledger_entry" if "://" in place else f"DROP TRIGGER {name}")
    with Ledger.open(place) as ledger:
        assert [each.what for each in verify(ledger).findings] == [
            f"the trigger {name}, which refuses changes, is gone"
        ]


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"id": "a"}', b'{"policy": "EX-1"}', b'{"id": "", "policy": "EX-1"}', b'{"id": 1, "policy": "a"}', b"\xff"]
)  # fmt: skip
def test_what_names_no_event_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match="id"):
        Event(body, NOON, "0.1.0")


def test_a_lock_that_another_process_holds_enters_nothing(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with Ledger.open(str(path), patience_seconds=0.2) as ledger:
        holder = sqlite3.connect(path, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(LedgerUnavailable, match="another process holds the database"):
            ledger.enter(found())
        holder.execute("ROLLBACK")
        holder.close()
        assert ledger.enter(found()).sequence == 1
