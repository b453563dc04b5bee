"""One altered byte, a missing entry, a cut end, a dropped trigger: verify names it."""

from __future__ import annotations

import hashlib
import random
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.ledger.making import NOON, fill, ready
from tests.ledger.server import Server

from medpol.ledger import Head, Ledger, LedgerDamaged, LedgerRefused, Verified, export_head, verify
from medpol.ledger.chain import CHAINED, row_hash
from medpol.ledger.tables import ENTRY, KEY

ROWS = 9
BAD = 5

Tamper = Callable[[str, Any], None]


def checked(place: str, head: Head | None = None) -> Verified:
    with Ledger.open(place, must_exist=True) as ledger:
        return verify(ledger, head)


def filled(place: str) -> str:
    with Ledger.open(place) as ledger:
        fill(ledger, ROWS)
        assert verify(ledger).holds
    return place


class Intruder:
    """Somebody with the rights of the database's owner: takes the triggers off, alters, puts them on again."""

    def __init__(self, place: str, server: Server | None) -> None:
        self._place, self._server = place, server

    def run(self, *statements: str, values: Any = ()) -> None:
        if self._server is None:
            connection: Any = sqlite3.connect(self._place, isolation_level=None)
            triggers = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
            off, on = [f"DROP TRIGGER {name}" for name, _ in triggers], [sql for _, sql in triggers]
            mark = "?"
        else:
            connection = self._server.connect(self._place)
            off, on = ["SET session_replication_role = replica"], []
            mark = "%s"
        try:
            for each in off:
                connection.execute(each)
            for each in statements:
                connection.execute(each.replace("?", mark), values if "?" in each else None or ())
            for each in on:
                connection.execute(each)
        finally:
            connection.close()

    def value(self, table: str, column: str) -> Any:
        connection: Any = sqlite3.connect(self._place) if self._server is None else self._server.connect(self._place)
        try:
            return connection.execute(f"SELECT {column} FROM {table} WHERE sequence = {BAD}").fetchone()[0]
        finally:
            connection.close()


@pytest.fixture
def intruder(place: str, request: pytest.FixtureRequest) -> Intruder:
    filled(place)
    return Intruder(place, request.getfixturevalue("server") if "://" in place else None)


def flipped(value: Any) -> Any:
    """The value with one bit of its last byte turned, or something where there was nothing."""
    match value:
        case None:
            return "x"
        case int():
            return value ^ 1
        case str():
            return value[:-1] + chr(ord(value[-1]) ^ 1) if value else "1"
        case _:
            return bytes(value[:-1]) + bytes([value[-1] ^ 1])


@pytest.mark.parametrize("column", [each.name for each in ENTRY.c if each.name not in ("sequence", "kind", "erases")])
def test_one_turned_bit_in_any_column_is_named(place: str, intruder: Intruder, column: str) -> None:
    intruder.run(
        f"UPDATE ledger_entry SET {column} = ? WHERE sequence = {BAD}",
        values=(flipped(intruder.value("ledger_entry", column)),),
    )
    found = checked(place)
    assert not found.holds
    assert found.findings[0].sequence == BAD
    assert column in found.findings[0].what or "row_hash" in found.findings[0].what


@pytest.mark.parametrize("column", ["outcome", "policy", "version", "reason_key", "content_hash", "reason_kind"])
def test_a_plain_column_that_the_sealed_answer_contradicts_is_named(
    place: str, intruder: Intruder, column: str
) -> None:
    intruder.run(f"UPDATE ledger_entry SET {column} = 'x' WHERE sequence = {BAD}")
    assert f"{column} differs from what is under seal" in checked(place).findings[0].what


def test_another_key_or_sequence_is_named(place: str, intruder: Intruder) -> None:
    intruder.run(
        f"UPDATE ledger_key SET kept_key = ? WHERE sequence = {BAD}",
        values=(flipped(intruder.value("ledger_key", "kept_key")),),
    )
    first = checked(place).findings
    assert [(each.sequence, each.what) for each in first] == [
        (BAD, "kept_key is not the key that its facts_hash was made with")
    ]
    with Ledger.open(place) as ledger, ledger.reading() as connection:
        id = connection.exec_driver_sql(f"SELECT id FROM ledger_entry WHERE sequence = {BAD}").scalar_one()
        with pytest.raises(LedgerDamaged):
            ledger.get(id)


def test_a_sequence_that_was_moved_leaves_a_gap(place: str, intruder: Intruder) -> None:
    intruder.run(f"UPDATE ledger_entry SET sequence = 77 WHERE sequence = {ROWS}")
    assert [each.sequence for each in checked(place).findings][:1] == [ROWS]


@pytest.mark.parametrize(("lost", "words"), [((5,), "entry 5 is gone"), ((1, 2, 3), "entries 1 to 3 are gone")])
def test_entries_that_were_taken_out_are_named(
    place: str, intruder: Intruder, lost: tuple[int, ...], words: str
) -> None:
    held = ", ".join(map(str, lost))
    intruder.run(
        f"DELETE FROM ledger_key WHERE sequence IN ({held})", f"DELETE FROM ledger_entry WHERE sequence IN ({held})"
    )
    assert (checked(place).findings[0].sequence, checked(place).findings[0].what) == (lost[0], words)


def test_a_key_that_was_taken_away_is_no_erasure(place: str, intruder: Intruder) -> None:
    intruder.run(f"DELETE FROM ledger_key WHERE sequence = {BAD}")
    found = checked(place).findings
    assert [(each.sequence, each.what) for each in found] == [
        (BAD, "its key is gone, and no entry tells of an erasure")
    ]


def test_another_identity_does_not_fit_the_first_entry(place: str, intruder: Intruder) -> None:
    intruder.run("UPDATE ledger_identity SET ledger_id = 'another'")
    assert checked(place).findings[0].sequence == 1


def test_tables_of_a_later_step_are_refused(place: str, intruder: Intruder) -> None:
    intruder.run("UPDATE ledger_step SET step = 9 WHERE step = 2")
    for must_exist in (True, False):
        with pytest.raises(LedgerRefused, match="newer medpol: step 9"):
            Ledger.open(place, must_exist=must_exist)


# ---------------------------------------------------------------------------- what only a head shows


def head_of(place: str, key: Ed25519PrivateKey | None = None) -> Head:
    with Ledger.open(place, must_exist=True) as ledger:
        return export_head(ledger, key or Ed25519PrivateKey.generate(), NOON)


def test_a_cut_end_shows_against_a_head(place: str, intruder: Intruder) -> None:
    head = head_of(place)
    intruder.run("DELETE FROM ledger_key WHERE sequence > 6", "DELETE FROM ledger_entry WHERE sequence > 6")
    assert checked(place).holds  # a shorter chain is a whole chain: the manual says so
    found = checked(place, head).findings
    assert [(each.sequence, each.what) for each in found] == [
        (7, "the ledger ends at 6; the head that was kept names 9 entries")
    ]


def test_a_chain_computed_anew_shows_against_a_head(place: str, intruder: Intruder) -> None:
    head = head_of(place)
    compute_anew(place, intruder)
    assert checked(place).holds
    found = checked(place, head).findings
    assert [each.sequence for each in found] == [ROWS]
    assert "computed anew" in found[0].what


def compute_anew(place: str, intruder: Intruder) -> None:
    """Alter an entry and all hashes from there on: nothing in the database itself can show it."""
    with Ledger.open(place, must_exist=True) as ledger, ledger.reading() as connection:
        rows = connection.execute(ENTRY.select().order_by(ENTRY.c.sequence)).mappings().all()
        previous = ledger.first_hash
    for row in rows:
        columns = dict(row) | ({"outcome": "covered"} if row["sequence"] == BAD else {})
        hashed = row_hash(previous, row["facts_hash"], sha256(row["sealed"]), [columns[name] for name in CHAINED])
        intruder.run(
            f"UPDATE ledger_entry SET outcome = ?, previous_hash = ?, row_hash = ? WHERE sequence = {row['sequence']}",
            values=(columns["outcome"], previous, hashed),
        )
        previous = hashed


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def test_a_head_holds_while_the_ledger_grows(place: str) -> None:
    head = head_of(filled(place))
    with Ledger.open(place) as ledger:
        fill(ledger, 3)
    assert checked(place, head).holds


def test_a_head_of_another_ledger_is_named(place: str, tmp_path: Path) -> None:
    head = head_of(filled(str(tmp_path / "other.db")))
    assert "another ledger" in checked(filled(place), head).findings[-1].what


# ---------------------------------------------------------------------------- triggers


def test_a_trigger_that_is_gone_or_altered_is_named(tmp_path: Path) -> None:
    place = filled(str(tmp_path / "ledger.db"))
    with sqlite3.connect(place) as connection:
        connection.execute("DROP TRIGGER ledger_entry_no_delete")
        connection.execute("DROP TRIGGER ledger_entry_no_update")
        connection.execute("CREATE TRIGGER ledger_entry_no_update BEFORE UPDATE ON ledger_entry BEGIN SELECT 1; END")
    connection.close()
    assert {each.what for each in checked(place).findings} == {
        "the trigger ledger_entry_no_delete, which refuses changes, is gone",
        "the trigger ledger_entry_no_update, which refuses changes, is altered",
    }


def test_a_trigger_that_is_gone_or_off_is_named_in_postgresql(server: Server) -> None:
    place = filled(server.new_database())
    with server.connect(place) as connection:
        connection.execute("ALTER TABLE ledger_entry DISABLE TRIGGER ledger_entry_no_update")
        connection.execute("DROP TRIGGER ledger_key_no_delete ON ledger_key")
        connection.execute(
            "CREATE OR REPLACE FUNCTION ledger_refuses() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN OLD; END $$"
        )
    assert {each.what for each in checked(place).findings} == {
        "the trigger ledger_entry_no_update, which refuses changes, is switched off",
        "the trigger ledger_key_no_delete, which refuses changes, is gone",
        "the function ledger_refuses, which refuses changes, is altered",
    }


# ---------------------------------------------------------------------------- bytes of the file


@pytest.mark.parametrize("column", ["id", "recorded_at", "plan_hash", "policy", "content_hash", "reason_key", "sealed", "facts_hash", "previous_hash", "row_hash"])  # fmt: skip
def test_one_flipped_byte_of_a_value_in_the_file_is_named(tmp_path: Path, column: str) -> None:
    place = filled(str(tmp_path / "ledger.db"))
    value = Intruder(place, None).value("ledger_entry", column)
    data = bytearray(Path(place).read_bytes())
    sealed = Intruder(place, None).value("ledger_entry", "sealed")
    text = value if isinstance(value, bytes) else value.encode()
    row = data.index(sealed)
    at = (
        data.index(text, row)
        if column in ("facts_hash", "previous_hash", "row_hash")
        else data.rindex(text, 0, row + len(sealed))
    )
    data[at + len(text) // 2] ^= 0x01
    Path(place).write_bytes(data)
    found = checked(place)
    assert not found.holds
    assert found.findings[0].sequence == BAD


def test_a_key_flipped_in_the_file_is_named(tmp_path: Path) -> None:
    place = filled(str(tmp_path / "ledger.db"))
    data = bytearray(Path(place).read_bytes())
    data[data.index(Intruder(place, None).value("ledger_key", "kept_key"))] ^= 0x80
    Path(place).write_bytes(data)
    assert checked(place).findings[0].sequence == BAD


def test_a_byte_flipped_anywhere_in_the_file_is_named_or_holds_nothing(tmp_path: Path) -> None:
    place = filled(str(tmp_path / "ledger.db"))
    whole = Path(place).read_bytes()
    with Ledger.open(place, must_exist=True) as ledger, ledger.reading() as connection:
        held = connection.execute(ENTRY.select()).all(), connection.execute(KEY.select()).all()
    draw = random.Random(8)
    named = 0
    for _ in range(150):
        data = bytearray(whole)
        data[draw.randrange(len(whole))] ^= 1 << draw.randrange(8)
        Path(place).write_bytes(data)
        try:
            found = checked(place)
        except (LedgerRefused, LedgerDamaged):
            named += 1
            continue
        if not found.holds:
            named += 1
            continue
        with Ledger.open(place, must_exist=True) as ledger, ledger.reading() as connection:
            now = connection.execute(ENTRY.select()).all(), connection.execute(KEY.select()).all()
        assert now == held
    assert named >= 15  # the rest fell on free space


def test_verify_ends_after_a_few_findings(place: str, intruder: Intruder) -> None:
    with Ledger.open(place) as ledger:
        for _ in range(30):
            ledger.record(ready(1))
    intruder.run("UPDATE ledger_entry SET outcome = 'covered'")
    assert [each.sequence for each in checked(place).findings] == list(range(1, 21))
