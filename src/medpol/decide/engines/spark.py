"""Apache Spark, for claims that outgrow one machine: the same SQL in Spark's words, small tables sent to every worker.

What a statement makes is written as Parquet to the folder of the session and read from there: nothing is reckoned
twice, plans stay short however many statements stand behind one, and tables need no memory. On a cluster the folder
has to be one that every worker reaches under the same path.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as f

from medpol.decide.engines.dialects import spark_query, understood

BROADCAST_ROWS = 200_000
"""Tables that are handed over, up to so many rows, are sent to every worker."""
MEANING = {
    "spark.sql.ansi.enabled": "true",  # an overflow or a cast that fails is an error, as in DuckDB, and not a null
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",  # one calendar for all days, the first of year 1 as well
    "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
    "spark.sql.caseSensitive": "false",
}
"""What an answer hangs on: set for the session, whatever the cluster has by default."""


class SparkFailed(RuntimeError):
    """Spark could not do what it was asked: no memory, no space, a worker or the master gone."""


def open_session(master: str, properties: Mapping[str, str], log: Path) -> SparkSession:
    """A session at a master; what its Java writes goes to a file. Raises ``SparkFailed`` where none can be had."""
    builder = SparkSession.builder.appName("medpol").master(master)
    for name, value in properties.items():
        builder = builder.config(name, value)
    try:
        with failing(), _stderr_to(log):
            session = builder.getOrCreate()
            session.sparkContext.setLogLevel("FATAL")  # what fails is told by us, once
            return session
    except SparkFailed as problem:
        said = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        raise SparkFailed(f"{problem} {' '.join(said[-2:])[:300]}".strip()) from None


@contextmanager
def _stderr_to(log: Path) -> Iterator[None]:
    """What is started meanwhile writes its stderr to the file."""
    before = os.dup(2)
    try:
        with log.open("ab") as file:
            os.dup2(file.fileno(), 2)
        yield
    finally:
        os.dup2(before, 2)
        os.close(before)


@contextmanager
def failing() -> Iterator[None]:
    """Turns every failure of Spark into ``SparkFailed``, told in a line."""
    try:
        yield
    except (PySparkException, Py4JError, ConnectionError) as problem:
        raise SparkFailed(_told(problem)) from problem


def _told(problem: BaseException) -> str:
    """The cause, where Spark names one below its own words."""
    lines = [line.strip() for line in str(problem).splitlines() if line.strip()]
    causes = [line for line in lines if line.startswith("Caused by:")]
    return (causes[-1].removeprefix("Caused by:") if causes else lines[0] if lines else repr(problem)).strip()[:300]


class Spark:
    """A Spark session as the bulk decision speaks to it. ``claim_lines``, ``facts`` and ``history`` are views of it."""

    def __init__(self, session: SparkSession, folder: Path) -> None:
        self.session = session
        self.folder = folder
        self._numbers = count()
        self._held: dict[str, Path] = {}
        with failing():
            for name, value in MEANING.items():
                session.conf.set(name, value)

    def run(self, statement: str, parameters: Mapping[str, object] | None = None) -> None:
        made = understood(statement)
        if made.name is None:
            raise ValueError(f"the statement makes no table: {statement.strip()[:60]}")
        if made.is_view:
            with failing():
                self._frame(statement, parameters).createOrReplaceTempView(made.name)
        else:
            self.see(made.name, self.written(made.name, statement, parameters))

    def written(self, name: str, statement: str, parameters: Mapping[str, object] | None = None) -> Path:
        """The folder of Parquet files with the rows of a query, of which nothing is held here."""
        path = self.room(name)
        with failing():
            self._frame(statement, parameters).write.parquet(str(path))
        return path

    def rows(self, statement: str, parameters: Mapping[str, object] | None = None) -> pa.Table:
        with failing():
            return self._frame(statement, parameters).toArrow()

    def put(self, name: str, table: pa.Table) -> None:
        path = self.room(name)
        path.mkdir(parents=True)
        pq.write_table(table, path / "rows.parquet")
        self.see(name, path, is_small=len(table) <= BROADCAST_ROWS)

    def see(self, name: str, path: Path, *, is_small: bool = False) -> None:
        """Read the Parquet files of a folder of ours by a name; what the name held before is dropped."""
        with failing():
            frame = self.session.read.parquet(str(path))
            (f.broadcast(frame) if is_small else frame).createOrReplaceTempView(name)
        before = self._held.pop(name, None)
        self._held[name] = path
        if before is not None:
            shutil.rmtree(before)

    def room(self, name: str) -> Path:
        """A folder of ours that is not there yet."""
        return self.folder / f"{next(self._numbers):06}-{name}"

    def _frame(self, statement: str, parameters: Mapping[str, object] | None) -> DataFrame:
        used = {name: value for name, value in (parameters or {}).items() if f"${name}" in statement}
        return self.session.sql(spark_query(statement), args=used)
