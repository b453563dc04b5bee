"""A run that is broken off anywhere, in any way: what is left is whole, and the resumed run ends in the same bytes."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from tests.cli.running import environment, run
from tests.decide.engines.making import SWITCH, arguments, begin, claims, decide, drawn_rows, ended, left

import medpol
from medpol.claims.refused import ClaimsRefused
from medpol.decide.engines.run.asked import asked_of
from medpol.decide.engines.run.disk import LOCK, Disk, json_bytes, locked, read_json, sha256_of
from medpol.decide.engines.run.running import Means, decide_claims
from medpol.library import SHIPPED

PARTS = ("--lines-per-part", 60)


def _steps() -> list[str]:
    """The names of all steps, those of one kind of file after the other."""
    files = [f"before_{name}" for name in ("plan", "journal", "timing", "manifest")]
    after = ("write", "sync", "hash", "rename", "folder_sync")
    return [
        *files,
        *(f"after_{name}_{step}" for name in ("plan", "journal", "timing", "manifest") for step in after),
        *(f"after_{step}" for step in after),
        "before_part",
        "after_part",
        "after_staging",
        "after_reconcile",
        "after_hash_again",
    ]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two files of claims, and the folder ``unbroken`` of a run over them that nothing disturbed."""
    made = tmp_path_factory.mktemp("faults")
    claims(made, drawn_rows(100), "a.csv")
    claims(made, drawn_rows(60, seed=2, data_source="other"), "b.csv")
    steps = made / "steps"
    assert ended(_begin(made, made / "unbroken", MEDPOL_STEPS_TO=str(steps))) == 0, (made / "log").read_text()
    return made


def _asked(folder: Path, out: Path, *options: object) -> tuple[object, ...]:
    return arguments([folder / "a.csv", folder / "b.csv"], out, *PARTS, *options, policies=SHIPPED)


def _begin(folder: Path, out: Path, *options: object, most: int | None = None, **settings: str):  # type: ignore[no-untyped-def]
    asked = _asked(folder, out, *options)
    return begin("claims", "decide", *asked, log=folder / "log", most=most, **SWITCH, **settings)


def _is_whole(out: Path) -> bool:
    """Whether every file that a journal entry names is what it says, and what claims to be finished is whole."""
    entries = [read_json(path) for path in (out / "journal").glob("[!.]*.json")] if out.exists() else []
    is_done = (out / "manifest.json").exists()
    return (not is_done or run("claims", "verify", out).code == 0) and all(
        sha256_of(out / file["path"]) == file["sha256"] for entry in entries for file in entry["files"]
    )


def _ends_the_same(folder: Path, out: Path) -> None:
    again = decide([folder / "a.csv", folder / "b.csv"], out, *PARTS, "--resume", policies=SHIPPED)
    assert again.code == 0, again.talk
    assert left(out) == left(folder / "unbroken")


def test_every_step_of_a_run_is_tried(folder: Path) -> None:
    reached = {line.partition(":")[0] for line in (folder / "steps").read_text().split()}
    assert reached == set(_steps())


@pytest.mark.parametrize("step", _steps())
def test_a_run_killed_at_a_step_is_ended_by_the_next(folder: Path, tmp_path: Path, step: str) -> None:
    times = sum(line.startswith(f"{step}:") for line in (folder / "steps").read_text().split())
    out = tmp_path / "out"
    killed = _begin(folder, out, MEDPOL_CRASH_AT=f"{step}:{(times + 1) // 2}")
    assert ended(killed) == -signal.SIGKILL
    assert _is_whole(out)
    _ends_the_same(folder, out)


@pytest.mark.parametrize("seed", range(4))
def test_a_run_killed_at_any_moment_again_and_again_is_ended_by_the_next(
    folder: Path, tmp_path: Path, seed: int
) -> None:
    draw = random.Random(seed)
    started = time.monotonic()
    assert ended(_begin(folder, tmp_path / "timed")) == 0
    lasts = time.monotonic() - started
    out, kills, at = tmp_path / "out", 0, 0
    while kills < 7:
        process = _begin(folder, out, "--resume")
        time.sleep(draw.random() * lasts)
        process.kill()
        if ended(process) == -signal.SIGKILL:
            kills += 1
        elif at < 40:  # it was done before: the next one begins anew
            shutil.rmtree(out)
        at += 1
        assert at < 60, "hardly a kill hits a run under way"
    _ends_the_same(folder, out)


@pytest.mark.parametrize("first", range(4))
def test_a_sync_that_fails_ends_the_run_wherever_it_is(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: int
) -> None:
    monkeypatch.setenv("MEDPOL_TEST_FAULTS", "1")
    for number in count(first + 1, 4):
        out = tmp_path / str(number)
        monkeypatch.setenv("MEDPOL_FAIL_SYNC_AT", str(number))
        broken = decide([folder / "a.csv", folder / "b.csv"], out, *PARTS, policies=SHIPPED)
        if broken.code == 0:
            assert number > 20, "fewer syncs than files"
            return
        assert broken.code == 74
        assert "--resume" in broken.talk
        assert _is_whole(out)
        monkeypatch.setenv("MEDPOL_FAIL_SYNC_AT", "0")
        _ends_the_same(folder, out)


@pytest.mark.parametrize("number", [1, 3, 6, 11])
def test_the_system_s_own_sync_that_fails_ends_the_run(folder: Path, tmp_path: Path, number: int) -> None:
    out = tmp_path / "out"
    fault = ["-e", "trace=fsync,fdatasync", "-e", f"inject=fsync,fdatasync:error=EIO:when={number}"]
    command = [sys.executable, "-m", "medpol", "claims", "decide", *map(str, _asked(folder, out))]
    done = subprocess.run(
        ["strace", "-f", "-qq", "-o", "/dev/null", *fault, *command],
        capture_output=True,
        env=environment(),
        check=False,
    )
    assert done.returncode == 74, done.stderr.decode()
    assert b"Input/output error" in done.stderr
    assert _is_whole(out)
    _ends_the_same(folder, out)


def test_a_full_disk_ends_the_run_wherever_it_is(folder: Path, tmp_path: Path) -> None:
    sizes = sorted({path.stat().st_size for path in (folder / "unbroken").rglob("*") if path.is_file()})
    limits = [1, 700, 3_000, *(size - 1 for size in sizes if size > 3_000)]
    limits = sorted(random.Random(1).sample(limits, min(10, len(limits))))
    for limit in limits:
        out, log = tmp_path / str(limit), tmp_path / f"log-{limit}"
        process = begin("claims", "decide", *_asked(folder, out), log=log, most=limit, **SWITCH)
        assert ended(process) == 74, f"{limit}: {log.read_text()}"
        assert _is_whole(out)
        _ends_the_same(folder, out)


def test_of_two_runs_on_one_folder_one_leaves_at_once(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with locked(out):
        second = decide(folder / "a.csv", out, policies=SHIPPED)
    assert second.code == 75
    assert "another run writes into it" in second.talk
    assert [each.name for each in out.iterdir()] == [LOCK]
    both = [_begin(folder, out, "--resume") for _ in range(2)]
    codes = sorted(ended(each) for each in both)
    assert codes in ([0, 75], [0, 0])  # the second may have come when the first was done
    assert left(out) == left(folder / "unbroken")


@pytest.fixture
def own_claims(folder: Path, tmp_path: Path) -> Iterator[Path]:
    """The two files of claims once more, for a test that alters them, at the place where the run expects them."""
    held = (folder / "a.csv").read_bytes()
    yield folder / "a.csv"
    (folder / "a.csv").write_bytes(held)


def test_an_input_that_changes_between_two_starts_is_refused_until_it_is_back(
    folder: Path, tmp_path: Path, own_claims: Path
) -> None:
    out, held = tmp_path / "out", own_claims.read_bytes()
    assert ended(_begin(folder, out, MEDPOL_CRASH_AT="after_part:2")) == -signal.SIGKILL
    own_claims.write_bytes(held.replace(b"20560", b"20561", 1))
    refused = run("claims", "decide", *_asked(folder, out, "--resume"))
    assert refused.code == 4
    assert "inputs 1.sha256" in refused.talk
    assert _is_whole(out)
    assert not (out / "manifest.json").exists()
    own_claims.write_bytes(held)
    _ends_the_same(folder, out)


@pytest.mark.parametrize("step", ["after_staging", "after_part", "after_reconcile"])
def test_an_input_that_changes_while_it_is_decided_leaves_no_manifest(
    folder: Path, tmp_path: Path, own_claims: Path, step: str
) -> None:
    out, held = tmp_path / "out", own_claims.read_bytes()

    def change(reached: str) -> None:
        if reached == step:
            own_claims.write_bytes(held.replace(b"20560", b"20561", 1))

    asked = asked_of(read_json(folder / "unbroken" / "run.json"))
    with pytest.raises(ClaimsRefused, match="another content"):
        decide_claims(asked, medpol.load(), Disk(out, change), Means(max_rejects=None))
    assert _is_whole(out)
    assert not (out / "manifest.json").exists()
    own_claims.write_bytes(held)
    _ends_the_same(folder, out)


def test_a_part_that_is_damaged_after_the_end_is_written_again_on_resuming(folder: Path, tmp_path: Path) -> None:
    out = Path(shutil.copytree(folder / "unbroken", tmp_path / "out"))
    part = out / "line" / "part-00001.parquet"
    part.write_bytes(part.read_bytes()[:-1])
    _ends_the_same(folder, out)


def test_too_little_memory_ends_the_run_and_says_so(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    starved = run("claims", "decide", *_asked(folder, out, "--memory-limit", "4MB"))
    assert starved.code == 74
    assert "--memory-limit" in starved.talk
    assert "cannot be read" not in starved.talk
    _ends_the_same(folder, out)


def test_a_run_that_does_not_add_up_gets_no_manifest(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert ended(_begin(folder, out, MEDPOL_CRASH_AT="after_part:4")) == -signal.SIGKILL
    journal = out / "journal" / "part-00000.json"
    held = journal.read_bytes()
    for wrong in (("billed_amount", "0.01"), ("lines", 99)):
        entry = read_json(journal)
        entry["answered"][0] |= dict([wrong])
        journal.write_bytes(json_bytes(entry))
        again = run("claims", "decide", *_asked(folder, out, "--resume"))
        assert again.code == 5
        assert "does not add up" in again.talk
        assert not (out / "manifest.json").exists()
        journal.write_bytes(held)
    _ends_the_same(folder, out)
