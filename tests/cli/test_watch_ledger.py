"""``medpol watch --ledger``: each proposal is entered once, before the state that makes it old, and shown by its id."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import select
from tests.cli.running import Ran, environment, run
from tests.ledger.making import answered
from tests.ledger.server import running
from tests.recordings.write import FILES, HERE
from tests.support import files_of, put

import medpol.cli.watch as command
from medpol.evidence.watching import Proposal, file_name
from medpol.ledger import Ledger, verify
from medpol.ledger.tables import ENTRY

PROPOSED = 15


@pytest.fixture
def policies(tmp_path: Path) -> Path:
    return put(
        tmp_path / "policies", {name: text.encode() for name, text in FILES.items()} | {"facts.md": b"# Facts\n"}
    )


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where a new ledger may be, in either database."""
    if request.param == "sqlite":
        yield str(tmp_path / "ledger.db")
        return
    for server in running():
        yield server.new_database()


def watch(policies: Path, day: str, *more: object) -> Ran:
    given = ("--policies", policies, "--state", policies.parent / "state", "--saved", HERE / day)
    return run("watch", "EX-1", *given, *more)


def entries(database: str) -> list[Any]:
    """Every entry of a ledger whose chain holds."""
    with Ledger.open(database, must_exist=True) as ledger:
        assert verify(ledger).holds
        with ledger.reading() as connection:
            return list(connection.execute(select(ENTRY).order_by(ENTRY.c.sequence)))


def bodies(database: str) -> list[bytes]:
    """The events of a ledger, as they were entered."""
    with Ledger.open(database, must_exist=True) as ledger:
        found = [ledger.event(each.id) for each in entries(database)]
    return [each.body for each in found if each is not None]


def written(folder: Path) -> list[bytes]:
    return [data for name, data in files_of(folder).items() if name.endswith(".json")]


def test_each_proposal_is_entered_once_with_the_bytes_of_its_file(policies: Path, database: str) -> None:
    assert watch(policies, "first", "--ledger", database).code == 0
    assert entries(database) == []
    ran = watch(policies, "second", "--ledger", database, "--format", "json")
    assert (ran.code, len(ran.json["proposals"])) == (1, PROPOSED)
    assert {(each.kind, each.policy, each.outcome) for each in entries(database)} == {("event", "EX-1", None)}
    assert sorted(bodies(database)) == sorted(written(policies.parent / "state/proposals"))
    (policies.parent / "state/seen.json").unlink()  # as if all had been forgotten
    watch(policies, "first", "--ledger", database)
    watch(policies, "second", "--ledger", database)
    assert len(entries(database)) == PROPOSED


def test_a_run_that_is_broken_off_and_resumed_on_another_day_enters_each_once(
    policies: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = str(tmp_path / "ledger.db")
    watch(policies, "first", "--ledger", database)
    kept, breaks = command.write_whole, 0
    for left in range(40):
        count = left

        def failing(path: Path, data: bytes) -> None:
            nonlocal count
            held = [json.loads(each) for each in bodies(database)]
            # a page or the state is about to be written: what it tells of stands in the ledger
            assert path.name == "seen.json" or path.stem in {_name(each) for each in held}
            if count == 0:
                raise KeyboardInterrupt
            count -= 1
            kept(path, data)

        monkeypatch.setattr(command, "write_whole", failing)
        day = "2024-07-02" if left == 0 else "2024-07-01"
        ran = watch(policies, "second", "--ledger", database, "--today", day, "--format", "json")
        if ran.code != 130:
            break
        breaks += 1
    assert breaks > 5
    assert len(entries(database)) == PROPOSED
    assert sorted(bodies(database)) == sorted(written(policies.parent / "state/proposals"))
    # what was entered before the first break keeps its day, in the ledger and in the file written afterwards
    days = {json.loads(each)["proposed_on"] for each in bodies(database)}
    assert days == {"2024-07-01", "2024-07-02"}


def _name(held: dict[str, Any]) -> str:
    return file_name(msgspec.convert(held, Proposal))


def test_an_event_is_shown_passed_over_and_not_erased(policies: Path, tmp_path: Path) -> None:
    database = tmp_path / "ledger.db"
    with Ledger.open(str(database)) as ledger:
        recorded = ledger.record(answered(5)).id
    watch(policies, "first", "--ledger", database)
    watch(policies, "second", "--ledger", database)
    held = next(json.loads(each) for each in bodies(str(database)) if b'"overdue"' in each)
    given = (held["id"], "--database", database)
    shown = run("ledger", "show", *given)
    assert shown.code == 0
    for text in ("event · warning · overdue", "EX-1", "NCT00000002", held["found"], held["provenance"]["source"]):
        assert text in " ".join(shown.text.split())
    assert held["provenance"]["hash"] in "".join(shown.text.split())
    as_json = run("ledger", "show", *given, "--format", "json").json
    assert (as_json["kind"], as_json["policy"], as_json["event"]) == ("event", "EX-1", held)
    assert run("ledger", "show", as_json["id"], "--database", database).text == shown.text
    passed = run("ledger", "replay", *given)
    assert (passed.code, "no determination" in passed.text) == (0, True)
    assert run("ledger", "replay", *given, "--format", "json").json["is_determination"] is False
    refused = run("ledger", "erase", *given, "--yes")
    assert (refused.code, "no fact about a person" in refused.talk) == (4, True)
    assert run("ledger", "show", recorded, "--database", database).code == 0
    checked = run("ledger", "verify", "--database", database)
    assert (checked.code, f"the chain of {PROPOSED + 1} entries holds" in checked.text) == (0, True)
    head = run("ledger", "export-head", "--database", database)
    assert (head.code, head.json["sequence"]) == (0, PROPOSED + 1)


def test_a_ledger_that_cannot_be_used_ends_the_run_before_anything_is_written(policies: Path, tmp_path: Path) -> None:
    state, notes = policies.parent / "state", tmp_path / "notes.txt"
    notes.write_text("no database at all, but long enough to be taken for one\n" * 20)
    elsewhere = tmp_path / "missing" / "ledger.db"
    for place, code, said in (
        (notes, 4, "no SQLite database"),
        (tmp_path, 4, "is a folder"),
        (elsewhere, 4, "cannot be made"),
        (f"@{tmp_path}/none", 3, "no file at"),
        ("postgresql://medpol:secret@server/ledger", 2, "password"),
        ("mysql://server/ledger", 4, "expected a path, sqlite:///path, or postgresql://"),
    ):
        ran = watch(policies, "second", "--ledger", place)
        assert (ran.code, said in ran.talk, "secret" in ran.talk) == (code, True, False), ran.talk
        assert not state.exists()


def test_a_ledger_that_another_process_holds_ends_the_run_with_nothing_told(policies: Path, tmp_path: Path) -> None:
    database, state = tmp_path / "ledger.db", policies.parent / "state"
    watch(policies, "first", "--ledger", database)
    before = files_of(state)
    holder = sqlite3.connect(database, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    ran = watch(policies, "second", "--ledger", database)
    assert (ran.code, "another process holds the database\n    mend: try again" in ran.talk) == (75, True), ran.talk
    assert files_of(state) == before
    holder.execute("ROLLBACK")
    holder.close()
    watch(policies, "second", "--ledger", database)
    assert len(entries(str(database))) == PROPOSED


def test_a_ledger_that_goes_away_on_the_way_leaves_what_it_does_not_hold_untold(
    policies: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, state, kept = tmp_path / "ledger.db", policies.parent / "state", command.write_whole
    watch(policies, "first", "--ledger", database)

    def moving(path: Path, data: bytes) -> None:
        kept(path, data)
        if database.exists() and len(written(state / "proposals")) == 4:
            database.rename(tmp_path / "moved.db")

    monkeypatch.setattr(command, "write_whole", moving)
    ran = watch(policies, "second", "--ledger", database)
    assert (ran.code, "the database is gone" in ran.talk) == (75, True)
    assert not database.exists() and len(written(state / "proposals")) == 4
    (tmp_path / "moved.db").rename(database)
    monkeypatch.setattr(command, "write_whole", kept)
    assert watch(policies, "second", "--ledger", database).code == 1
    assert sorted(bodies(str(database))) == sorted(written(state / "proposals"))
    assert len(entries(str(database))) == PROPOSED


def test_without_the_extra_of_the_ledger_the_watch_says_which_to_install_and_does_without(policies: Path) -> None:
    code = (
        "import sys; sys.modules['sqlalchemy'] = sys.modules['cryptography'] = None\n"
        "from medpol.cli import main\n"
        "sys.exit(main(sys.argv[1:]))"
    )

    def ran(*more: object) -> subprocess.CompletedProcess[str]:
        given = (
            "watch",
            "EX-1",
            "--policies",
            policies,
            "--state",
            policies.parent / "state",
            "--saved",
            HERE / "first",
        )
        words = [str(each) for each in (*given, *more)]
        return subprocess.run(
            [sys.executable, "-c", code, *words], capture_output=True, text=True, check=False, env=environment()
        )

    refused = ran("--ledger", policies.parent / "ledger.db")
    assert refused.returncode == 2 and "pip install 'medpol[web]'" in refused.stderr
    assert not (policies.parent / "state").exists()
    assert ran().returncode == 0
