"""A run checked again: whatever is altered in its folder is named."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.cli.running import Ran, run
from tests.decide.engines.making import claims, decide, drawn_rows, left

from medpol.decide.engines.run.disk import json_bytes, read_json, sha256_of


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    rows = [*drawn_rows(80), {**drawn_rows(1)[0], "claim_id": "bad", "charge_amount": "free"}]
    done = decide(claims(folder, rows), folder / "out", "--lines-per-part", 50)
    assert done.code == 0, done.talk
    return folder / "out"


@pytest.fixture
def out(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "out"))


def verify(out: Path) -> Ran:
    return run("claims", "verify", out, "--format", "json")


def test_a_run_is_whole_and_verifying_changes_nothing(whole: Path) -> None:
    before = left(whole)
    done = verify(whole)
    assert done.code == 0
    assert done.json["problems"] == []
    assert done.json["line_rows"] == 84
    assert "whole: " in run("claims", "verify", whole).text
    assert left(whole) == before


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


ALTERED: dict[str, tuple[Callable[[Path], Any], str]] = {
    "a flipped bit of a part": (lambda out: _flip(out / "line/part-00001.parquet"), "line/part-00001.parquet"),
    "a flipped bit of a reject": (lambda out: _flip(out / "rejects/part-00000.parquet"), "rejects/part-00000.parquet"),
    "a part that is gone": (lambda out: (out / "policy/part-00000.parquet").unlink(), "policy/part-00000.parquet"),
    "a part too many": (
        lambda out: shutil.copy(out / "line/part-00000.parquet", out / "line/part-00002.parquet"),
        "line/part-00002.parquet",
    ),
    "a leftover": (lambda out: (out / "line/.tmp-part-00009.parquet").touch(), "line/.tmp-part-00009.parquet"),
    "another journal": (lambda out: _flip(out / "journal/part-00000.json"), "journal/part-00000.json"),
    "a journal that is gone": (lambda out: (out / "journal/part-00000.json").unlink(), "journal/part-00000.json"),
    "another option": (
        lambda out: _edit(out / "run.json", lambda said: said["options"].update(final_only=True)),
        "run.json",
    ),
    "another sum": (
        lambda out: _edit(out / "manifest.json", lambda held: held["reconciled"]["rows"].update(answered=85)),
        "manifest.json",
    ),
    "a manifest of another shape": (lambda out: (out / "manifest.json").write_text("{}"), "another shape"),
    "a manifest that is no JSON": (lambda out: (out / "manifest.json").write_text("{"), "no JSON"),
    "no manifest": (lambda out: (out / "manifest.json").unlink(), "manifest.json"),
}


def _edit(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    held = read_json(path)
    change(held)
    path.write_bytes(json_bytes(held))


@pytest.mark.parametrize("name", ALTERED)
def test_what_is_altered_is_named(out: Path, name: str) -> None:
    alter, where = ALTERED[name]
    alter(out)
    done = verify(out)
    assert done.code == 1
    assert where in json.dumps(done.json["problems"])
    assert run("claims", "verify", out).code == 1


def _restate(out: Path, files: list[dict[str, Any]], name: str) -> None:
    """Say of a file in a list what it is now."""
    for file in files:
        if file["path"] == name:
            file |= {"bytes": (out / name).stat().st_size, "sha256": sha256_of(out / name)}


def _rewrite(out: Path, change: Callable[[list[dict[str, Any]]], object], kind: str = "line") -> None:
    """Alter the rows of a part, and its hashes in the journal and the manifest with them, as a careful hand would."""
    path = out / kind / "part-00000.parquet"
    table = pq.read_table(path)
    rows = table.to_pylist()
    change(rows)
    pq.write_table(pa.Table.from_pylist(rows, table.schema), path)

    name = f"{kind}/part-00000.parquet"
    _edit(out / "journal/part-00000.json", lambda entry: _restate(out, entry["files"], name))
    _edit(out / "manifest.json", lambda held: _restate(out, held["parts"], name))
    _edit(out / "manifest.json", lambda held: _restate(out, held["journal"], "journal/part-00000.json"))


def _same_key(rows: list[dict[str, Any]]) -> None:
    first, second = [row for row in rows if row["final_status"] == "final"][:2]
    second |= {name: first[name] for name in ("claim_id", "claim_line_number")}


@pytest.mark.parametrize(
    ("change", "kind", "words"),
    [
        (lambda rows: rows.pop(), "line", "by class"),
        (lambda rows: rows[0].update(outcome="covered", reason_key="criteria-met"), "line", "by class"),
        (lambda rows: rows.pop(), "policy", "rows"),
        (lambda rows: rows[0].update(claim_id="X"), "policy", "without its line"),
        (_same_key, "line", "more than one final row"),
    ],
)
def test_rows_that_are_altered_with_their_hashes_are_named_all_the_same(
    out: Path, change: Callable[[list[dict[str, Any]]], object], kind: str, words: str
) -> None:
    _rewrite(out, change, kind)
    done = verify(out)
    assert done.code == 1
    assert words in json.dumps(done.json["problems"])


def test_a_journal_that_does_not_add_up_is_named_whatever_its_hash(out: Path) -> None:
    name = "journal/part-00000.json"
    _edit(out / name, lambda entry: entry["answered"][0].update(billed_amount="0.01"))
    _edit(out / "manifest.json", lambda held: _restate(out, held["journal"], name))
    done = verify(out)
    assert done.code == 1
    assert "the equation of the run" in json.dumps(done.json["problems"])


def test_there_is_no_run_where_none_is(tmp_path: Path) -> None:
    done = run("claims", "verify", tmp_path)
    assert done.code == 3
    assert "no run in" in done.talk
