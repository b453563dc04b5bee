"""DuckDB, in this process: the engine that runs without anything else being set up."""

from __future__ import annotations

import re
from collections.abc import Mapping

import duckdb
import pyarrow as pa

from medpol.claims import fence


def _used(statement: str, parameters: Mapping[str, object] | None) -> dict[str, object] | None:
    """The parameters that the statement names: DuckDB refuses others."""
    return {name: value for name, value in (parameters or {}).items() if f"${name}" in statement} or None


def _literal(value: object) -> str:
    """A parameter as it stands in a view, which can hold none."""
    return fence.text(str(value))


class Embedded:
    """A fenced DuckDB connection (``medpol.claims.fence``) as the bulk decision speaks to it."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection

    def run(self, statement: str, parameters: Mapping[str, object] | None = None) -> None:
        self.connection.execute(statement, _used(statement, parameters))

    def show(self, name: str, query: str, parameters: Mapping[str, object]) -> None:
        """The rows of a query as a view: of it only what is asked for is ever made."""
        said = re.sub(r"\$(\w+)", lambda found: _literal(parameters[found[1]]), query)
        self.connection.execute(f'CREATE OR REPLACE TEMP VIEW "{name}" AS {said}')

    def rows(self, statement: str, parameters: Mapping[str, object] | None = None) -> pa.Table:
        found = self.connection.sql(statement, params=_used(statement, parameters))
        return found.to_arrow_table()

    def put(self, name: str, table: pa.Table) -> None:
        """The table under a name of ours, in place of one that stood there."""
        self.connection.register("handed_over", table)
        self.connection.execute(f'CREATE OR REPLACE TEMP TABLE "{name}" AS SELECT * FROM handed_over')
        self.connection.unregister("handed_over")
