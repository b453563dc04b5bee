"""The claims of a folder decided with ``decide.table`` on Spark: on this machine, or on the cluster of a master."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.bulk.embedded import ENGINE_VERSION, Task, compact_rows, put_named
from benchmarks.bulk.library import KNOWN_ON

from medpol.cli.claims_spark import properties_of
from medpol.decide.engines.spark import Spark, open_session
from medpol.decide.one import Desk
from medpol.decide.table.deciding import BulkDesk

_HISTORY = """CREATE OR REPLACE TEMP VIEW history AS
SELECT member_id, code_system, code, date_of_service AS day, units, line_id FROM lines
WHERE member_id IS NOT NULL AND code IS NOT NULL AND NOT is_code_malformed AND final_status = 'final'
UNION ALL SELECT member_id, code_system, code, day, units, line_id FROM earlier"""
_CLAIM_LINES = """CREATE OR REPLACE TEMP VIEW claim_lines AS
SELECT l.* FROM lines AS l SEMI JOIN named_codes AS n ON n.code_system = l.code_system AND n.code = l.code"""


@contextmanager
def session(master: str, memory_limit: str, out: Path) -> Iterator[Spark]:
    """A session as the command opens it; its tables lie below ``out``."""
    threads = int(master.partition("[")[2].partition("]")[0] or 0) or 2
    properties = properties_of([f"spark.local.dir={out / 'spill'}"], master, memory_limit, threads)
    opened = open_session(master, properties, out / "spark.log")
    try:
        yield Spark(opened, out / "tables")
    finally:
        opened.stop()
        for name in ("tables", "spill"):
            shutil.rmtree(out / name, ignore_errors=True)


def decide_folder(task: Task, desk: Desk, spark: Spark) -> dict[str, int]:
    """Write the compact determinations of every partition below ``task.out``; how many rows there are."""
    bulk = BulkDesk(desk, KNOWN_ON)
    rows = 0
    for number, partition in enumerate(task.made.partitions):
        for name, file in (("lines", "lines"), ("facts", "facts"), ("earlier", "history")):
            spark.session.read.parquet(str(partition / f"{file}.parquet")).createOrReplaceTempView(name)
        spark.run(_HISTORY)
        put_named(spark, bulk)
        spark.run(_CLAIM_LINES)
        bulk.decide(spark)
        written = spark.written("line", compact_rows(), bulk.parameters(ENGINE_VERSION))
        target = task.out / "line" / f"{number:05}"
        target.parent.mkdir(exist_ok=True)
        shutil.move(written, target)
        rows += spark.session.read.parquet(str(target)).count()
    return {"rows": rows, "classes": len(bulk.verdicts)}


def java_of(spark: Spark) -> int:
    """The process of Java: on this machine it does all the work."""
    return int(spark.session.sparkContext._gateway.proc.pid)
