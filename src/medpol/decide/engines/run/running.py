"""A run from its question to its manifest, each step lasting before the next; begun again, it does what is left.

``run.json`` first, then the claims are read into a folder of the run's own, then rejects, then part after part, each with
its journal entry; at the end everything is added up, the inputs are hashed again, and ``manifest.json`` says that the run
is whole. A folder without one holds nothing that counts.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from medpol.claims import fence
from medpol.claims.intake import ClaimsRead, ReadOptions, check_inputs_unchanged, read_claims, refuse_too_many
from medpol.claims.refused import ClaimsRefused
from medpol.decide.engines.run.asked import MANIFEST, RUN, TIMING, AnotherRun, Asked, refuse_another, run_json
from medpol.decide.engines.run.deciders import DeciderOf, inside
from medpol.decide.engines.run.disk import (
    ASIDE,
    LOCK,
    Disk,
    locked,
    read_json,
    sha256_of,
    write_failure,
    writing,
)
from medpol.decide.engines.run.manifest import Ledger, manifest
from medpol.decide.engines.run.parts import FOLDERS, Part, PartWriter, Rejects, parts_of
from medpol.decide.one import Desk

WORK = ".work"
"""Where the claims are while they are decided; gone when the run is whole."""


class FolderTaken(RuntimeError):
    """The folder holds something, and nobody said that a run is to be resumed there."""


@dataclass(slots=True)
class Done:
    """How far a run is."""

    doing: str = ""
    lines: int = 0
    of: int = 0
    resumed: int = 0
    """Lines that an earlier start had done."""
    outcomes: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Means:
    """What a run may use; none of it changes a row of what it writes."""

    memory_limit: str = fence.MEMORY_LIMIT
    threads: int = fence.THREADS
    max_rejects: str | None = "0.1%"
    told: Callable[[Done], None] = lambda done: None
    timing: Callable[[], Mapping[str, Any]] = dict
    """What ``timing.json`` is to say, asked for at the end."""
    decider: DeciderOf = inside
    """What decides the lines; ``Asked.engine_version`` names it."""


def decide_claims(asked: Asked, desk: Desk, disk: Disk, means: Means, *, resume: bool = False) -> dict[str, Any]:
    """Decide claims into the folder of ``disk``, and give back its manifest.

    Raises:
        FolderBusy: Another process has the folder.
        FolderTaken: It holds a run, or something else, and ``resume`` is not asked.
        AnotherRun: What it holds is a run of something else.
        ClaimsRefused: A file cannot be read as claims, changed meanwhile, or has too many rejects.
        DoesNotReconcile: Rows or dollars do not add up.
        WriteFailed: A write or a sync failed.
    """
    with locked(disk.folder):
        held = _held(disk.folder, resume=resume)
        said = run_json(asked, desk.plan)
        if held is not None:
            refuse_another(held, said)
        with writing(disk.folder):
            disk.folder.chmod(0o700)
            _drop(disk.folder / WORK)
        disk.drop_unfinished()
        if held is None:
            disk.write_json(RUN, said, "plan")
        disk.make_folders(*FOLDERS, WORK)
        if (disk.folder / MANIFEST).exists():
            whole = _as_written(disk.folder)
            if whole is not None:
                _drop(disk.folder / WORK)
                return whole
            with writing(disk.folder / MANIFEST):
                (disk.folder / MANIFEST).unlink()
        done = _run(asked, desk, disk, means, said)
        disk.write_json(TIMING, means.timing(), "timing")
        disk.write_json(MANIFEST, done, "manifest")
        _drop(disk.folder / WORK)
        return done


def _drop(work: Path) -> None:
    """Take away the claims as they were read; nothing of them may stay behind unnoticed."""
    with writing(work):
        if work.exists():
            shutil.rmtree(work)


def _as_written(folder: Path) -> dict[str, Any] | None:
    """The manifest of a run that is done, if every file that it names is there with its hash."""
    try:
        whole = read_json(folder / MANIFEST)
        files = (*whole["parts"], *whole["journal"])
        return whole if all(sha256_of(folder / each["path"]) == each["sha256"] for each in files) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _held(folder: Path, *, resume: bool) -> dict[str, Any] | None:
    """The ``run.json`` of a run to be resumed; ``None`` where one begins."""
    has_run = (folder / RUN).exists()
    if has_run and resume:
        try:
            return read_json(folder / RUN)
        except ValueError as problem:
            raise AnotherRun(f"{folder / RUN} cannot be read: {problem}") from None
    if has_run and any((folder / "journal").glob("*.json")):
        raise FolderTaken(f"{folder} holds a run already")
    ours = {LOCK, RUN, WORK, *FOLDERS} if has_run else {LOCK}
    other = sorted(each.name for each in folder.iterdir() if each.name not in ours and not each.name.startswith(ASIDE))
    if other:
        raise FolderTaken(f"{folder} is not empty: it holds {other[0]}")
    return None


def _run(asked: Asked, desk: Desk, disk: Disk, means: Means, said: Mapping[str, Any]) -> dict[str, Any]:
    work = disk.folder / WORK
    done = Done()
    engine = fence.open_engine(
        [work, *(disk.folder / each for each in FOLDERS)],
        memory_limit=means.memory_limit,
        threads=means.threads,
        temporary=work / "spill",
    )
    try:
        read = stage(engine, asked, desk, means, work, done)
        disk.reached("after_staging")
        _refuse_changed(read, said)
        with means.decider(engine, work) as decider:
            writer = PartWriter(engine, decider, desk, asked, said["run_id"], disk)
            ledger = Ledger(each.number for each in read.inputs if each.is_history)
            rejects = [Rejects(each.number) for each in read.inputs]
            for each in rejects:
                ledger.take(_part(writer, each))
            refuse_too_many(read, means.max_rejects)
            writer.prepare(work)
            done.of = read.lines
            parts = parts_of(engine, read.inputs, asked.lines_per_part)
            for part in parts:
                done.doing = f"deciding {read.inputs[part.input].path}"
                means.told(done)
                ledger.take(_part(writer, part, done))
            means.told(done)
    finally:
        engine.close()
    ledger.refuse_difference(each.as_dict() for each in read.inputs)
    disk.reached("after_reconcile")
    check_inputs_unchanged(read)
    disk.reached("after_hash_again")
    written: tuple[Part | Rejects, ...] = (*rejects, *parts)
    journal = [disk.written(each.journal) for each in written]
    return manifest(said, read, ledger, journal)


def stage(
    engine: duckdb.DuckDBPyConnection, asked: Asked, desk: Desk, means: Means, work: Path, done: Done
) -> ClaimsRead:
    """The claims read into the work folder, as views of the engine."""

    def tell(words: str) -> None:
        done.doing = words
        means.told(done)

    try:
        return read_claims(
            engine,
            asked.inputs,
            ReadOptions(
                work=work,
                carry=asked.carry,
                eligibility=asked.eligibility,
                facts=asked.facts,
                declared_lines=tuple(desk.plan.lines),
                declared_systems=tuple(desk.plan.systems.declared),
                contracts=frozenset(desk.contracts),
                is_history_whole=asked.is_history_whole,
                is_strict_on_pointers=asked.is_strict_on_pointers,
                memory_limit=means.memory_limit,
                threads=means.threads,
                told=tell,
            ),
        )
    except (ClaimsRefused, OSError, duckdb.Error) as problem:
        failure = write_failure(problem)
        if failure is not None:
            raise failure from problem
        raise


def _refuse_changed(read: ClaimsRead, said: Mapping[str, Any]) -> None:
    for each, planned in zip(read.inputs, said["inputs"], strict=True):
        _refuse_other_hash(each.path, each.sha256, planned["sha256"])
    for name, sha256 in read.joined.items():
        _refuse_other_hash(said[name]["path"], sha256, said[name]["sha256"])


def _refuse_other_hash(path: str, found: str, planned: str) -> None:
    if found != planned:
        raise ClaimsRefused(
            path, "another content than when the run began", "a file that nobody writes to meanwhile", "run again"
        )


def _part(writer: PartWriter, part: Part | Rejects, done: Done | None = None) -> dict[str, Any]:
    """The journal entry of a part: of an earlier start, where its files are still what it says; else written now."""
    entry = finished(writer.disk.folder, part, writer.run_id)
    is_new = entry is None
    if entry is None:
        with writing(writer.disk.folder):
            for path in (part.journal, *part.files):
                (writer.disk.folder / path).unlink(missing_ok=True)
        entry = writer.write(part)
    if done is not None:
        done.lines += entry["lines_read"]
        done.resumed += 0 if is_new else entry["lines_read"]
        for row in entry["answered"]:
            done.outcomes[row["outcome"]] += row["lines"]
    return entry


def finished(folder: Path, part: Part | Rejects, run_id: str) -> dict[str, Any] | None:
    """The journal entry of a part, if there is one and every file is what it says."""
    try:
        entry = read_json(folder / part.journal)
        is_ours = entry["run_id"] == run_id and tuple(each["path"] for each in entry["files"]) == part.files
        is_whole = is_ours and all(sha256_of(folder / each["path"]) == each["sha256"] for each in entry["files"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return entry if is_whole else None
