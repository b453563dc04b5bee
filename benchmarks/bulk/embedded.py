"""The claims of a folder decided with ``decide.table`` on DuckDB, partition after partition, in parts."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import pyarrow as pa
from benchmarks.bulk.generate import Made
from benchmarks.bulk.library import KNOWN_ON

from medpol.claims import fence
from medpol.decide.engines.embedded import Embedded
from medpol.decide.engines.run.parts import NAMES_NOTHING
from medpol.decide.engines.run.windows import take_history
from medpol.decide.one import Desk
from medpol.decide.plan import read_plan
from medpol.decide.table import sql
from medpol.decide.table.deciding import BulkDesk, Connection

ENGINE_VERSION = "benchmark"
COMPACT = ("line_id", "policy", "policy_effective", "rule", "outcome", "reason_key", "met_bits", "unknown_bits")
"""A determination in its smallest form: the answer, and the bits that explain it."""
NOT_NAMED = (*NAMES_NOTHING, "code-malformed")
"""Reasons of lines that are for no code that something names."""
LINES_A_PART = 1_000_000


@dataclass(frozen=True, slots=True)
class Means:
    """What an engine may use."""

    memory_limit: str = "4GB"
    threads: int = 2
    lines_a_part: int = LINES_A_PART


@dataclass(frozen=True, slots=True)
class Task:
    """What is decided, and how it is written: compact for the lines that something names, or all rows in full."""

    made: Made
    plan: Path
    out: Path
    is_full: bool = False


def decide_folder(task: Task, desk: Desk, means: Means, timings: dict[str, float] | None = None) -> dict[str, int]:
    """Write the determinations of every partition below ``task.out``; how many rows there are."""
    bulk = BulkDesk(desk, KNOWN_ON)
    rows = 0
    for number, partition in enumerate(task.made.partitions):
        spill = spill_of(task.out)
        connection = fence.open_engine(
            [task.made.folder, task.out],
            memory_limit=means.memory_limit,
            threads=means.threads,
            temporary=spill,
        )
        engine: Connection = Embedded(connection)
        if timings is not None:
            engine = Timed(engine, timings)
        put_partition(engine, partition)
        work = task.out / "work"
        work.mkdir(exist_ok=True)
        take_history(engine, desk, work)  # type: ignore[arg-type]
        put_named(engine, bulk)
        for part, (low, high) in enumerate(parts_of(engine, means.lines_a_part)):
            engine.run(part_view(low, high, only_named=not task.is_full))
            bulk.decide(engine)
            rows += _write(engine, bulk, task, f"{number:05}-{part:05}.parquet")
        connection.close()
        shutil.rmtree(spill, ignore_errors=True)
    return {"rows": rows, "classes": len(bulk.verdicts)}


def spill_of(out: Path) -> Path:
    """Where the engine lays what memory does not hold."""
    return out / "spill"


def read_desk(plan: Path) -> Desk:
    return Desk(read_plan(plan.read_bytes()))


def put_partition(engine: Connection, partition: Path) -> None:
    """The views of one partition: all its lines, what is documented, and the history of its members."""
    files = {name: fence.path_text(partition / f"{name}.parquet") for name in ("lines", "facts", "history")}
    engine.run(f"CREATE OR REPLACE VIEW lines AS SELECT * FROM read_parquet({files['lines']})")
    engine.run(f"CREATE OR REPLACE VIEW facts AS SELECT * FROM read_parquet({files['facts']})")
    engine.run(
        f"""CREATE OR REPLACE VIEW history AS
        SELECT member_id, code_system, code, date_of_service AS day, units, line_id FROM lines
        WHERE member_id IS NOT NULL AND code IS NOT NULL AND NOT is_code_malformed AND final_status = 'final'
        UNION ALL SELECT * FROM read_parquet({files["history"]})"""
    )


def put_named(engine: Connection, bulk: BulkDesk) -> None:
    """The codes that something names."""
    named = list(bulk.services.numbers)
    engine.put(
        "named_codes",
        pa.table(
            {
                "code_system": pa.array([system for system, _ in named], pa.string()),
                "code": pa.array([code for _, code in named], pa.string()),
            }
        ),
    )


def parts_of(engine: Connection, size: int) -> Iterator[tuple[int, int]]:
    """First and last line of each part."""
    row = engine.rows("SELECT min(line_id) AS low, max(line_id) AS high FROM lines").to_pylist()[0]
    for low in range(row["low"], row["high"] + 1, size):
        yield low, min(low + size - 1, row["high"])


def part_view(low: int, high: int, *, only_named: bool) -> str:
    """The statement that narrows ``claim_lines`` to a part; with ``only_named`` to lines whose code something names."""
    named = " AND (code_system, code) IN (SELECT code_system, code FROM named_codes)" if only_named else ""
    return f"""CREATE OR REPLACE TEMP VIEW claim_lines AS
        SELECT * FROM lines WHERE line_id BETWEEN {low} AND {high}{named}"""


def compact_rows() -> str:
    left_out = ", ".join(map(fence.text, NOT_NAMED))
    return f"SELECT {', '.join(COMPACT)} FROM ({sql.LINE_ROWS}) WHERE reason_key NOT IN ({left_out})"


def _write(engine: Connection, bulk: BulkDesk, task: Task, name: str) -> int:
    statements = {"line": sql.LINE_ROWS, "policy": sql.POLICY_ROWS} if task.is_full else {"line": compact_rows()}
    rows = 0
    for folder, statement in statements.items():
        target = task.out / folder
        target.mkdir(exist_ok=True)
        path = fence.path_text(target / name)
        engine.run(f"COPY ({statement}) TO {path} (FORMAT parquet)", bulk.parameters(ENGINE_VERSION))
        rows += engine.rows(f"SELECT count(*) AS found FROM read_parquet({path})").to_pylist()[0]["found"]
    return rows


class Timed:
    """An engine that adds up the seconds of each statement, by its name in ``decide.table.sql``."""

    def __init__(self, engine: Connection, timings: dict[str, float]) -> None:
        self.engine, self.timings = engine, timings
        self.names = {value: name for name, value in vars(sql).items() if name.isupper() and isinstance(value, str)}

    def run(self, statement: str, parameters: Mapping[str, object] | None = None) -> None:
        begun = perf_counter()
        self.engine.run(statement, parameters)
        self._add(statement, begun)

    def rows(self, statement: str, parameters: Mapping[str, object] | None = None) -> pa.Table:
        begun = perf_counter()
        found = self.engine.rows(statement, parameters)
        self._add(statement, begun)
        return found

    def put(self, name: str, table: pa.Table) -> None:
        begun = perf_counter()
        self.engine.put(name, table)
        self._add(f"put {name}", begun)

    def _add(self, statement: str, begun: float) -> None:
        name = self.names.get(statement) or " ".join(statement.split())[:48]
        self.timings[name] = self.timings.get(name, 0.0) + perf_counter() - begun
