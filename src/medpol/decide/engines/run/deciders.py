"""Where the lines of a part are decided: in the run's own DuckDB, or by an engine beside it, as Spark.

DuckDB reads the claims, counts and writes the files in either case. So folder, journal, manifest and sums are the same,
and so is each row: only the statements of the decision itself run elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

import duckdb

from medpol.decide.engines.embedded import Embedded
from medpol.decide.table.deciding import Connection


class Decider(Protocol):
    """What decides the lines of parts, one after the other."""

    @property
    def connection(self) -> Connection: ...

    def prepare(self) -> None:
        """Take over the relations ``history`` and ``facts``, which stand beside every part."""

    def take(self, name: str, query: str) -> None:
        """Take over the rows of a query of the run's DuckDB by a name."""

    def show(self, name: str, query: str, parameters: Mapping[str, object]) -> None:
        """The rows of a query of the decision, as a relation of the run's DuckDB."""


DeciderOf = Callable[[duckdb.DuckDBPyConnection, Path], AbstractContextManager[Decider]]
"""The decider of a run: of its DuckDB and its work folder."""


class Inside:
    """The run's own DuckDB."""

    def __init__(self, engine: duckdb.DuckDBPyConnection) -> None:
        self.connection = Embedded(engine)

    def prepare(self) -> None:
        """Both relations are there."""

    def take(self, name: str, query: str) -> None:
        self.connection.run(f"CREATE OR REPLACE TEMP VIEW {name} AS {query}")

    def show(self, name: str, query: str, parameters: Mapping[str, object]) -> None:
        self.connection.show(name, query, parameters)


@contextmanager
def inside(engine: duckdb.DuckDBPyConnection, work: Path) -> Iterator[Decider]:
    """The decider that needs nothing else."""
    yield Inside(engine)
