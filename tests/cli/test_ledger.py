"""``medpol ledger``: what it says and how it ends."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.cli.running import NEWEST, copied, edited, environment, run
from tests.ledger.making import answered

from medpol.ledger import Ledger


@dataclass(frozen=True)
class Kept:
    """A ledger of three records in a file."""

    path: Path
    ids: tuple[str, ...]

    @property
    def options(self) -> tuple[object, ...]:
        return "--database", self.path

    def alter(self, statement: str) -> None:
        with sqlite3.connect(self.path) as connection:
            connection.execute("DROP TRIGGER ledger_entry_no_update")
            connection.execute(statement)
            connection.execute(
                "CREATE TRIGGER ledger_entry_no_update BEFORE UPDATE ON ledger_entry "
                "BEGIN SELECT RAISE(ABORT, 'ledger_entry is append-only'); END"
            )
        connection.close()


def record(path: Path, *keys: bytes) -> Kept:
    with Ledger.open(str(path), keys) as ledger:
        return Kept(path, tuple(ledger.record(answered(number, sex="female")).id for number in (5, 6, 7)))


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return record(tmp_path / "ledger.db")


# ---------------------------------------------------------------------------- verify


def test_a_whole_chain_ends_well_and_says_what_it_does_not_show(kept: Kept) -> None:
    ran = run("ledger", "verify", *kept.options)
    assert (ran.code, ran.talk) == (0, "")
    assert "✓ the chain of 3 entries holds" in ran.text
    assert "none given: entries cut off at the end" in ran.text
    as_json = run("ledger", "verify", *kept.options, "--format", "json").json
    assert (as_json["holds"], as_json["entries"], as_json["findings"]) == (True, 3, [])


def test_the_first_bad_entry_is_named(kept: Kept) -> None:
    kept.alter("UPDATE ledger_entry SET outcome = 'covered' WHERE sequence = 2")
    ran = run("ledger", "verify", *kept.options)
    assert ran.code == 1
    assert "entry 2: row_hash is not the hash of what the entry says: outcome differs" in " ".join(ran.text.split())
    as_json = run("ledger", "verify", *kept.options, "--format", "json")
    assert (as_json.code, as_json.json["findings"][0]["sequence"]) == (1, 2)


def test_a_damaged_file_is_a_finding_and_no_bug(kept: Kept) -> None:
    data = kept.path.read_bytes()
    kept.path.write_bytes(data[:100] + bytes(4_000) + data[4_100:])
    ran = run("ledger", "verify", *kept.options)
    assert ran.code == 1
    assert "damaged" in ran.talk + ran.text


def test_a_ledger_that_is_missing_or_none_ends_by_its_code(tmp_path: Path) -> None:
    ran = run("ledger", "verify", "--database", tmp_path / "none.db")
    assert (ran.code, ran.data) == (3, b"")
    assert "no ledger at" in ran.talk
    (tmp_path / "text").write_text("words " * 300)
    assert run("ledger", "verify", "--database", tmp_path / "text").code == 4
    ran = run("ledger", "verify", "--database", "postgresql://medpol@127.0.0.1:1/x")
    assert (ran.code, "the database is gone" in ran.talk) == (75, True)


def test_a_password_is_not_taken_from_the_arguments(tmp_path: Path) -> None:
    ran = run("ledger", "verify", "--database", "postgresql://medpol:s3cret@127.0.0.1:1/x")
    assert (ran.code, "s3cret" in ran.talk) == (2, False)
    assert "@FILE" in ran.talk
    (tmp_path / "address").write_text("postgresql://medpol:s3cret@127.0.0.1:1/x\n")
    ran = run("ledger", "verify", "--database", f"@{tmp_path / 'address'}")
    assert (ran.code, "s3cret" in ran.talk) == (75, False)


# ---------------------------------------------------------------------------- heads


def test_a_head_is_exported_and_checked(kept: Kept, tmp_path: Path) -> None:
    ran = run("ledger", "export-head", *kept.options)
    assert ran.code == 0
    signing = tmp_path / "ledger-signing.pem"
    assert f"made a signing key at {signing}" in ran.talk
    assert signing.stat().st_mode & 0o777 == 0o600
    (tmp_path / "head.json").write_bytes(ran.data)
    assert run("ledger", "export-head", *kept.options).talk == ""
    for key in (signing, ran.json["public_key"]):
        checked = run("ledger", "verify", *kept.options, "--head", tmp_path / "head.json", "--public-key", key)
        assert checked.code == 0
        assert "as it says itself" not in checked.text
    alone = run("ledger", "verify", *kept.options, "--head", tmp_path / "head.json")
    assert (alone.code, "as it says itself" in alone.text) == (0, True)


def test_an_altered_head_or_a_cut_ledger_ends_with_one(kept: Kept, tmp_path: Path) -> None:
    head = tmp_path / "head.json"
    data = run("ledger", "export-head", *kept.options).data
    head.write_bytes(data.replace(b'"count": 3', b'"count": 2'))
    ran = run("ledger", "verify", *kept.options, "--head", head)
    assert (ran.code, "signature of the head does not fit" in ran.talk) == (1, True)
    head.write_bytes(data)
    with sqlite3.connect(kept.path) as connection:
        for each in ("entry_no_delete", "key_no_delete"):
            connection.execute(f"DROP TRIGGER ledger_{each}")
        connection.execute("DELETE FROM ledger_key WHERE sequence = 3")
        connection.execute("DELETE FROM ledger_entry WHERE sequence = 3")
    connection.close()
    ran = run("ledger", "verify", *kept.options, "--head", head, "--format", "json")
    assert (ran.code, ran.json["findings"][0]["sequence"]) == (1, 3)
    assert run("ledger", "verify", *kept.options, "--public-key", "x").code == 2


# ---------------------------------------------------------------------------- show and replay


def test_a_record_is_shown_with_its_case_and_its_answer(kept: Kept) -> None:
    ran = run("ledger", "show", kept.ids[0], *kept.options)
    assert ran.code == 0
    assert '"sex": "female"' in ran.text
    as_json = run("ledger", "show", kept.ids[0], *kept.options, "--format", "json").json
    assert as_json["case"]["sex"] == "female"
    assert as_json["answer"]["determination_id"] == as_json["determination_id"]
    assert (as_json["sequence"], as_json["seal"], as_json["policy"]) == (1, "open", "2.01.100")


def test_an_id_that_no_record_has_is_not_found(kept: Kept) -> None:
    for command in ("show", "replay", "erase"):
        ran = run("ledger", command, "det_0123", *kept.options)
        assert (ran.code, ran.data) == (3, b"")
        assert "give the id of its record" in ran.talk


def test_a_replay_gives_the_same_bytes(kept: Kept) -> None:
    ran = run("ledger", "replay", kept.ids[1], *kept.options)
    assert (ran.code, ran.text.splitlines()[0]) == (0, "✓ the same bytes")
    assert run("ledger", "replay", kept.ids[1], *kept.options, "--format", "json").json["is_same"] is True


def test_a_replay_from_an_edited_library_says_where_it_differs_and_what_changed(kept: Kept, tmp_path: Path) -> None:
    library = edited(copied(tmp_path), NEWEST, "title: Dry Needling", "title: Needling")
    by_version = {
        each: run("ledger", "show", each, *kept.options, "--format", "json").json["version"] for each in kept.ids
    }
    for id, version in by_version.items():
        ran = run("ledger", "replay", id, *kept.options, "--policies", library)
        assert ran.code == 1
        assert "not the one of the record (another plan hash)" in ran.text
        assert f"2.01.100, version of {version}" in ran.text
        assert "it first differs at $." in ran.text
        assert "female" not in ran.text


def test_a_case_that_the_library_cannot_read_is_a_mismatch(tmp_path: Path) -> None:
    with Ledger.open(str(tmp_path / "ledger.db")) as ledger:
        id = ledger.record(answered(5, policy="2.01.100")).id
    (tmp_path / "small").mkdir()
    (tmp_path / "small" / "facts.md").write_text("# Facts\n")
    ran = run("ledger", "replay", id, "--database", tmp_path / "ledger.db", "--policies", tmp_path / "small")
    assert (ran.code, "does not read its policy" in ran.text) == (1, True)


def test_a_locked_record_needs_its_wrapping_key(tmp_path: Path) -> None:
    key = os.urandom(32)
    kept = record(tmp_path / "ledger.db", key)
    (tmp_path / "key").write_bytes(key)
    ran = run("ledger", "show", kept.ids[0], *kept.options)
    assert (ran.code, "--wrapping-key" in ran.text, "female" in ran.text) == (0, True, False)
    assert run("ledger", "replay", kept.ids[0], *kept.options).code == 3
    assert "female" in run("ledger", "show", kept.ids[0], *kept.options, "--wrapping-key", tmp_path / "key").text
    assert "wrapped by a key that was not given" in " ".join(run("ledger", "verify", *kept.options).text.split())
    (tmp_path / "key").write_bytes(b"short")
    ran = run("ledger", "show", kept.ids[0], *kept.options, "--wrapping-key", tmp_path / "key")
    assert (ran.code, "5 bytes; expected 32" in ran.talk) == (4, True)


# ---------------------------------------------------------------------------- erasure


def test_an_erasure_is_asked_for_twice_and_done_once(kept: Kept) -> None:
    ran = run("ledger", "erase", kept.ids[0], *kept.options)
    assert (ran.code, "--yes" in ran.talk) == (2, True)
    assert "female" in run("ledger", "show", kept.ids[0], *kept.options).text
    ran = run("ledger", "erase", kept.ids[0], *kept.options, "--yes")
    assert (ran.code, "backups keep their keys" in ran.talk) == (0, True)
    shown = run("ledger", "show", kept.ids[0], *kept.options).text
    assert ("erased on" in shown, "female" in shown) == (True, False)
    assert run("ledger", "erase", kept.ids[0], *kept.options, "--yes").code == 0
    assert run("ledger", "replay", kept.ids[0], *kept.options).code == 3
    ran = run("ledger", "verify", *kept.options)
    assert (ran.code, "1 record" in ran.text) == (0, True)


# ---------------------------------------------------------------------------- without the extra


def test_without_the_extra_the_command_says_which_to_install_and_others_work() -> None:
    code = (
        "import sys; sys.modules['sqlalchemy'] = sys.modules['cryptography'] = None\n"
        "from medpol.cli import main\n"
        "sys.exit(main(sys.argv[1:]))"
    )

    def ran(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", code, *words], capture_output=True, text=True, check=False, env=environment()
        )

    refused = ran("ledger", "verify")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "pip install 'medpol[web]'" in refused.stderr
    assert ran("--help").returncode == 0
    assert ran("ledger", "--help").returncode == 0
    assert ran("decide", "--code", "20560").returncode == 0
