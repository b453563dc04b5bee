"""The lines of a run decided by Spark. Its DuckDB hands claims over as Parquet in the work folder, and takes rows back so.

The work folder lies in the folder of the run. On a cluster it has to be one that every worker reaches under one path.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyspark

from medpol import __version__
from medpol.claims import fence
from medpol.claims.lines import SCHEMA
from medpol.decide.engines.run.deciders import Decider
from medpol.decide.engines.spark import Spark, SparkFailed, open_session

__all__ = ["ENGINE_VERSION", "LINES_PER_PART", "SparkFailed", "SparkOf"]

ENGINE_VERSION = f"medpol {__version__}, spark {pyspark.__version__}, duckdb {duckdb.__version__}"
LINES_PER_PART = 5_000_000
"""Spark needs some seconds for each statement, however few the lines are: so its parts are large."""
_LINES = ", ".join((*SCHEMA, "final_status"))


class OnSpark:
    """What decides the parts of one run."""

    def __init__(self, engine: duckdb.DuckDBPyConnection, connection: Spark) -> None:
        self.engine = engine
        self.connection = connection
        self._shown: dict[str, Path] = {}

    def prepare(self) -> None:
        for name in ("history", "facts"):
            self._hand_over(name, f"SELECT * FROM {name}")

    def take(self, name: str, query: str) -> None:
        columns = _LINES if name == "claim_lines" else "*"
        self._hand_over(name, f"SELECT {columns} FROM ({query})")

    def show(self, name: str, query: str, parameters: Mapping[str, object]) -> None:
        before = self._shown.pop(name, None)
        if before is not None:
            shutil.rmtree(before)
        folder = self._shown[name] = self.connection.written(name, query, parameters)
        files = ", ".join(fence.path_text(path) for path in sorted(folder.glob("*.parquet")))
        self.engine.execute(
            f"CREATE OR REPLACE TEMP VIEW {name} AS SELECT * FROM read_parquet([{files}], hive_partitioning = false)"
        )

    def _hand_over(self, name: str, query: str) -> None:
        folder = self.connection.room(name)
        folder.mkdir(parents=True)
        self.engine.execute(f"COPY ({query}) TO {fence.path_text(folder / 'rows.parquet')} (FORMAT parquet)")
        self.connection.see(name, folder)


@dataclass(frozen=True, slots=True)
class SparkOf:
    """Opens Spark for a run: at a master, with properties; what it keeps on this machine lies in the work folder."""

    master: str
    properties: Mapping[str, str]

    @contextmanager
    def __call__(self, engine: duckdb.DuckDBPyConnection, work: Path) -> Iterator[Decider]:
        held = {
            "spark.sql.warehouse.dir": str(work / "warehouse"),
            **({"spark.local.dir": str(work / "spill")} if self.master.startswith("local") else {}),
        }
        session = open_session(self.master, {**held, **self.properties}, work / "spark.log")
        try:
            yield OnSpark(engine, Spark(session, work / "spark"))
        finally:
            session.stop()
