"""Each engine in a process of its own: it decides a folder of claims and says what that took.

    python -m benchmarks.bulk.engines ENGINE FOLDER OUT --memory-limit 4GB --threads 2

``table`` and ``rows`` are ``decide.table`` on DuckDB, compact or in full; ``whole`` is the command, from the extract to the
manifest; ``one`` is a single policy; ``spark`` is ``table`` on Spark. ``limit-...`` is what any program would have to do
for the same: read the needed columns, strings decoded, and write the same rows.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
from benchmarks.bulk import embedded
from benchmarks.bulk.embedded import Means, Task
from benchmarks.bulk.generate import read_made
from benchmarks.bulk.library import KNOWN_ON
from benchmarks.bulk.measuring import Figures, Watched, measured

from medpol.claims import fence

NEEDED = (
    *("line_id", "date_of_service", "last_day", "code_system", "code", "is_code_malformed", "modifiers", "diagnoses"),
    *("member_id", "line_of_business", "state", "plan", "contract", "last_line_of_business", "last_plan"),
    *("last_contract", "birth_date", "sex", "units", "place_of_service", "provider_specialty", "history_complete_from"),
)
"""What deciding reads of a line."""
MEANS = Means()
COPIED = (
    *("data_source", "claim_id", "claim_line_number", "diagnosis_scope", "billed_amount", "allowed_amount"),
    *("paid_amount", "final_status", "findings"),
)
"""What full rows take over from the line beside that."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("engine", choices=sorted(ENGINES))
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--memory-limit", default=MEANS.memory_limit)
    parser.add_argument("--threads", type=int, default=MEANS.threads)
    parser.add_argument("--lines-a-part", type=int, default=MEANS.lines_a_part)
    parser.add_argument("--plan", type=Path, help="another plan than that of the folder")
    parser.add_argument("--rows-of", type=Path, action="append", help="of a limit: the result whose rows it writes")
    parser.add_argument("--spark-master")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    print(json.dumps(ENGINES[given.engine](given)))


# ---------------------------------------------------------------------------- medpol


def _table(given: argparse.Namespace, *, is_full: bool = False, plan: Path | None = None) -> Figures:
    made = read_made(given.folder)
    task = Task(made, plan or given.plan or made.plan, given.out, is_full)
    desk = embedded.read_desk(task.plan)
    means = Means(given.memory_limit, given.threads, given.lines_a_part)
    timings: dict[str, float] = {}
    with Watched(embedded.spill_of(given.out)) as spill:
        found = measured(lambda: embedded.decide_folder(task, desk, means, timings))
    return {**found, "statements": timings, "spilled": spill.most / 2**20}


def _rows(given: argparse.Namespace) -> Figures:
    return _table(given, is_full=True)


def _one(given: argparse.Namespace) -> Figures:
    return _table(given, plan=read_made(given.folder).one_plan)


def _whole(given: argparse.Namespace) -> Figures:
    made = read_made(given.folder)
    command = [sys.executable, "-m", "medpol", "claims", "decide", *map(str, made.extracts)]
    command += ["--policies", str(made.library), "--map", str(made.folder / "map.toml"), "--facts", str(made.facts)]
    command += ["--known-on", str(KNOWN_ON), "--out", str(given.out), "--format", "json"]
    command += ["--memory-limit", given.memory_limit, "--threads", str(given.threads)]

    def run() -> dict[str, int]:
        done = subprocess.run(command, check=False, capture_output=True, encoding="utf-8")
        if done.returncode:
            raise RuntimeError(f"medpol claims decide: {done.stderr[-2_000:]}")
        return {}

    found = measured(run, only_children=True)
    return {**found, "rows": sum(pq.read_metadata(each).num_rows for each in _parts(given.out))}


def _spark(given: argparse.Namespace) -> Figures:
    from benchmarks.bulk import sparked  # Java and pyspark are needed by this engine alone

    made = read_made(given.folder)
    task = Task(made, given.plan or made.plan, given.out)
    desk = embedded.read_desk(task.plan)
    master = given.spark_master or f"local[{given.threads}]"
    with sparked.session(master, given.memory_limit, given.out) as session:
        return measured(lambda: sparked.decide_folder(task, desk, session), beside=sparked.java_of(session))


# ---------------------------------------------------------------------------- limits


def _limit(columns: Sequence[str]) -> Callable[[argparse.Namespace], Figures]:
    return lambda given: _read_and_write(
        given, [each / "lines.parquet" for each in read_made(given.folder).partitions], columns
    )


def _limit_whole(given: argparse.Namespace) -> Figures:
    return _read_and_write(given, read_made(given.folder).extracts, None)


def _read_and_write(given: argparse.Namespace, files: Sequence[Path], columns: Sequence[str] | None) -> Figures:
    """Read columns of the files, all of them where none are named, and write the rows of a result, held ready before."""
    results = given.rows_of or []
    engine = fence.open_engine(
        [given.folder, given.out, *results],
        memory_limit="8GB",
        threads=given.threads,
        temporary=given.out / "spill",
    )
    for at, result in enumerate(results):
        engine.execute(f"CREATE TABLE result_{at} AS SELECT * FROM {_reading(_parts(result))}")

    def work() -> dict[str, int]:
        for each in files:
            read_columns(engine, each, columns)
        rows = 0
        for at in range(len(results)):
            path = fence.path_text(given.out / f"{at:05}.parquet")
            found = engine.execute(f"COPY result_{at} TO {path} (FORMAT parquet)").fetchone()
            rows += 0 if found is None else int(found[0])
        return {"rows": rows}

    return measured(work)


def read_columns(engine: duckdb.DuckDBPyConnection, file: Path, columns: Sequence[str] | None) -> None:
    """Every value of the columns decoded: the lengths of texts and the values of the rest summed, which no metadata tells."""
    source = f"read_parquet({fence.path_text(file)})"
    types = {row[0]: row[1] for row in engine.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()}
    sums = [_summed(name, types[name]) for name in columns or types]
    engine.execute(f"SELECT {', '.join(sums)} FROM {source}").fetchall()


def _summed(name: str, of: str) -> str:
    column = fence.name(name)
    if of == "VARCHAR":
        return f"sum(strlen({column}))"
    if of == "VARCHAR[]":
        return f"sum(strlen(array_to_string({column}, '')))"
    if of == "DATE":
        return f"sum({column} - DATE '1970-01-01')"
    return f"sum(CAST({column} AS BIGINT))" if of == "BOOLEAN" else f"sum({column})"


def _reading(files: Sequence[Path]) -> str:
    return f"read_parquet([{', '.join(fence.path_text(each) for each in files)}])"


def _parts(out: Path) -> list[Path]:
    return sorted((out / "line").rglob("*.parquet"))


ENGINES: dict[str, Callable[[argparse.Namespace], Figures]] = {
    "table": _table,
    "rows": _rows,
    "whole": _whole,
    "one": _one,
    "spark": _spark,
    "limit-table": _limit(NEEDED),
    "limit-rows": _limit(NEEDED + COPIED),
    "limit-whole": _limit_whole,
    "limit-one": _limit(NEEDED),
}


if __name__ == "__main__":
    main()
