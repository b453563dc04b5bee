"""A finished run checked again from its files alone: hashes, journal, manifest, sums, rows, keys. It changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from medpol.claims import fence
from medpol.decide.engines.run import counted
from medpol.decide.engines.run.asked import MANIFEST, RUN, run_id
from medpol.decide.engines.run.disk import ASIDE, read_json, sha256_of
from medpol.decide.engines.run.manifest import Ledger
from medpol.decide.engines.run.parts import FOLDERS, DoesNotReconcile
from medpol.decide.engines.run.used import COLUMNS


class NoRun(LookupError):
    """There is no such run."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that does not hold: where, what was found, what was expected."""

    where: str
    found: str
    expected: str

    def __str__(self) -> str:
        return f"{self.where}: {self.found}; expected {self.expected}"


@dataclass(frozen=True, slots=True)
class Verified:
    """What a run was found to be; without a problem it is whole."""

    run_id: str
    files: int
    line_rows: int
    policy_rows: int
    manifest_sha256: str
    problems: tuple[Problem, ...]


def verify_run(folder: Path, spill: Path) -> Verified:
    """Check the run in a folder; ``spill`` holds what memory does not. Raises ``NoRun`` where there is none."""
    if not (folder / RUN).is_file():
        raise NoRun(f"no run in {folder}: it holds no {RUN}")
    try:
        said, whole = read_json(folder / RUN), read_json(folder / MANIFEST)
    except FileNotFoundError:
        problem = Problem(
            MANIFEST, "none: the run is not finished, and nothing in it counts", "one; --resume ends the run"
        )
        return Verified("", 0, 0, 0, "", (problem,))
    except ValueError as problem:
        return Verified("", 0, 0, 0, "", (Problem(str(folder), f"a file that is no JSON: {problem}", "whole files"),))
    line_rows = policy_rows = 0
    try:
        problems = _files(folder, said, whole)
        if not problems:
            ledger, problems = _sums(folder, whole)
            line_rows, policy_rows = ledger.line_rows, ledger.policy_rows
        if not problems:
            problems = _contents(folder, spill, whole)
    except (KeyError, TypeError, AttributeError, ValueError, ArithmeticError) as odd:
        problems = [Problem(str(folder), f"a manifest or journal of another shape ({odd!r})", "that of a run")]
    return Verified(
        said.get("run_id", ""),
        len(whole.get("parts", ())),
        line_rows,
        policy_rows,
        sha256_of(folder / MANIFEST),
        tuple(problems),
    )


# ---------------------------------------------------------------------------- files


def _files(folder: Path, said: dict[str, Any], whole: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with the files of the run, their hashes, and who says that he wrote them."""
    problems: list[Problem] = []
    if said["run_id"] != run_id(said):
        problems.append(Problem(RUN, f"the id {said['run_id']}", run_id(said)))
    for name in ("run_id", "plan_hash", "known_on", "engine_version"):
        if whole[name] != said[name]:
            problems.append(Problem(MANIFEST, f"{name} {whole[name]}", f"that of {RUN}: {said[name]}"))
    listed = (*whole["parts"], *whole["journal"])
    for file in listed:
        path = folder / file["path"]
        if not path.is_file():
            problems.append(Problem(file["path"], "no such file", "a part of the run"))
        elif (found := sha256_of(path)) != file["sha256"] or path.stat().st_size != file["bytes"]:
            problems.append(Problem(file["path"], f"sha256 {found}", f"{file['sha256']}: it is not what was written"))
    named = {file["path"] for file in listed}
    for name in FOLDERS:
        for path in sorted((folder / name).iterdir()) if (folder / name).is_dir() else ():
            if f"{name}/{path.name}" not in named:
                what = "left by a run that was stopped" if path.name.startswith(ASIDE) else "not in the manifest"
                problems.append(Problem(f"{name}/{path.name}", what, "only the files of the run"))
    return problems


def _journal(folder: Path, whole: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The journal, entry after entry: all of it may be large."""
    for file in whole["journal"]:
        yield read_json(folder / file["path"])


# ---------------------------------------------------------------------------- sums


def _sums(folder: Path, whole: Mapping[str, Any]) -> tuple[Ledger, list[Problem]]:
    """The equation of the run, from the journal and from what the manifest says was read."""
    inputs = whole["read"]["inputs"]
    ledger = Ledger(each["number"] for each in inputs if each["is_history"])
    try:
        for file, entry in zip(whole["journal"], _journal(folder, whole), strict=True):
            if entry["run_id"] != whole["run_id"]:
                return ledger, [Problem(file["path"], f"an entry of {entry['run_id']}", whole["run_id"])]
            ledger.take(entry)
        ledger.refuse_difference(inputs)
    except DoesNotReconcile as problem:
        return ledger, [Problem("the equation of the run", str(problem), "the same rows and dollars")]
    problems = []
    rows, billed = whole["reconciled"]["rows"], whole["reconciled"]["billed_amount"]
    for name, (count, dollars) in ledger.sums().items():
        if (rows[name], Decimal(billed[name])) != (count, dollars):
            problems.append(Problem(MANIFEST, f"{name} {rows[name]:,}, ${billed[name]}", f"{count:,}, ${dollars:.2f}"))
    for said, found, what in (
        (whole["final"], ledger.final(), "other sums over final lines"),
        (whole["parts"], ledger.files, "other parts"),
        (whole["line_rows"], ledger.line_rows, "another number of line rows"),
        (whole["policy_rows"], ledger.policy_rows, "another number of policy rows"),
    ):
        if said != found:
            problems.append(Problem(MANIFEST, f"{what} than the journal", "the same"))
    return ledger, problems


# ---------------------------------------------------------------------------- rows


def _contents(folder: Path, spill: Path, whole: Mapping[str, Any]) -> list[Problem]:
    """Every row of every part counted again, and its keys."""
    engine = fence.open_engine([folder / name for name in FOLDERS], temporary=spill)
    try:
        return [*_counts(engine, folder, whole), *_keys(engine, folder, whole)]
    except duckdb.Error as problem:
        return [Problem(str(folder), f"a part that cannot be read: {str(problem).splitlines()[0][:200]}", "Parquet")]
    finally:
        engine.close()


def _counts(engine: duckdb.DuckDBPyConnection, folder: Path, whole: Mapping[str, Any]) -> Iterator[Problem]:
    for entry in _journal(folder, whole):
        if "lines_read" not in entry:
            yield from _rejects(engine, folder, entry)
            continue
        line, policy = (file["path"] for file in entry["files"])
        engine.execute(f"CREATE OR REPLACE TEMP VIEW part AS SELECT * FROM {_parquet([folder / line])}")
        described = [row[0] for row in engine.execute("DESCRIBE part").fetchall()]
        if described[: len(COLUMNS)] != list(COLUMNS):
            yield Problem(line, f"the columns {', '.join(described)}", "those of the determinations table")
            continue
        found = engine.execute(counted.CLASSES.format(relation="part"))
        names = [each[0] for each in found.description or ()]
        if [counted.as_row(names, row) for row in found.fetchall()] != entry["answered"]:
            yield Problem(line, "other lines and dollars by class than its journal entry", "the same")
        rows = engine.execute(f"SELECT count(*) FROM {_parquet([folder / policy])}").fetchall()[0][0]
        if rows != entry["policy_rows"]:
            yield Problem(policy, f"{rows:,} rows", f"{entry['policy_rows']:,}, as its journal entry says")


def _rejects(engine: duckdb.DuckDBPyConnection, folder: Path, entry: Mapping[str, Any]) -> Iterator[Problem]:
    path = entry["files"][0]["path"]
    rows = engine.execute(
        f"SELECT reject_key, CAST(sum(lines) AS BIGINT) FROM {_parquet([folder / path])} GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    if rows != [(each["reject_key"], each["lines"]) for each in entry["rejected"]]:
        yield Problem(path, f"rows {dict(rows)}", "those of its journal entry")


def _keys(engine: duckdb.DuckDBPyConnection, folder: Path, whole: Mapping[str, Any]) -> Iterator[Problem]:
    taken: dict[int, int] = {}
    parts: list[tuple[str, str]] = []
    for entry in _journal(folder, whole):
        if "lines_read" not in entry:
            continue
        parts.append((entry["files"][0]["path"], entry["files"][1]["path"]))
        first, last = entry["positions"]
        if first != taken.get(entry["input"], 0) + 1:
            yield Problem(entry["files"][0]["path"], f"lines from {first:,}", f"{taken.get(entry['input'], 0) + 1:,}")
        taken[entry["input"]] = last
    if not parts:
        return
    lines = _parquet([folder / line for line, _ in parts])
    policies = _parquet([folder / policy for _, policy in parts])
    key = "data_source, claim_id, claim_line_number"
    for where, what, statement in (
        (
            "line/",
            "more than one final row of the key",
            f"SELECT {key} FROM {lines} WHERE final_status = 'final' GROUP BY {key} HAVING count(*) > 1",
        ),
        (
            "policy/",
            "a row without its line:",
            f"SELECT {key} FROM {policies} AS p ANTI JOIN {lines} AS l USING ({key}, determination_id)",
        ),
    ):
        found = engine.execute(f"SELECT count(*), min(({key})) FROM ({statement})").fetchall()[0]
        if found[0]:
            shown = "/".join(str(each) for each in found[1].values()) if isinstance(found[1], dict) else str(found[1])
            yield Problem(where, f"{what} {shown} ({found[0]:,} in all)", "each key once")


def _parquet(paths: Sequence[Path]) -> str:
    files = ", ".join(fence.path_text(path) for path in paths)
    return f"read_parquet([{files}], hive_partitioning = false)"
