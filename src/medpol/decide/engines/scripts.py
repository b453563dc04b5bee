"""Statements of a script for a warehouse: tables made, filled and taken out, each in the words of its dialect."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

import pyarrow as pa

from medpol.decide.engines.dialects import Dialect, name_in, query_in, text_in, type_in, understood

ROWS_PER_INSERT = 1_000
_IN_PLACE = {Dialect.DUCKDB, Dialect.DATABRICKS, Dialect.SNOWFLAKE, Dialect.BIGQUERY}
"""Those that put a table in the place of another; else the other is dropped first."""
_BRACKETS = {Dialect.SPARK: ("ARRAY(", ")"), Dialect.DATABRICKS: ("ARRAY(", ")")}


def table_with(dialect: Dialect, name: str, columns: Mapping[str, str]) -> Iterator[str]:
    """An empty table of ours; types as DuckDB names them."""
    yield from _instead(dialect, name, _columns(dialect, columns))


def relation_with(dialect: Dialect, name: str, columns: Mapping[str, str]) -> Iterator[str]:
    """A table that is not ours: one that is there is left as it is."""
    yield f"CREATE TABLE IF NOT EXISTS {name_in(dialect, name)} {_columns(dialect, columns)}"


def _columns(dialect: Dialect, columns: Mapping[str, str]) -> str:
    held = ",\n  ".join(f"{name_in(dialect, each)} {type_in(dialect, columns[each])}" for each in columns)
    return f"(\n  {held}\n){_stored(dialect)}"


def table_of(dialect: Dialect, text: str, parameters: Mapping[str, object] | None) -> Iterator[str]:
    """The table or view that a statement of ours makes; they last, since a script may run in a session of its own."""
    made = understood(text)
    assert made.name is not None
    query = query_in(dialect, text, parameters)
    if made.is_view:
        yield f"CREATE OR REPLACE VIEW {name_in(dialect, made.name)} AS\n{query}"
    else:
        yield from _instead(dialect, made.name, f"{_stored(dialect)} AS\n{query}")


def _instead(dialect: Dialect, name: str, rest: str) -> Iterator[str]:
    shown = name_in(dialect, name)
    if dialect in _IN_PLACE:
        yield f"CREATE OR REPLACE TABLE {shown}{_spaced(rest)}"
    else:
        yield f"DROP TABLE IF EXISTS {shown}"
        yield f"CREATE TABLE {shown}{_spaced(rest)}"


def _spaced(rest: str) -> str:
    return rest if rest.startswith(" ") else f" {rest}"


def _stored(dialect: Dialect) -> str:
    return " USING parquet" if dialect is Dialect.SPARK else ""


def rows_into(dialect: Dialect, name: str, table: pa.Table) -> Iterator[str]:
    """The rows of a table written out; some hundred thousand short ones are a script of some megabytes."""
    into = f"INSERT INTO {name_in(dialect, name)} VALUES"
    for at in range(0, len(table), ROWS_PER_INSERT):
        rows = table.slice(at, ROWS_PER_INSERT).to_pylist()
        yield f"{into}\n" + ",\n".join(
            f"({', '.join(value_in(dialect, each) for each in row.values())})" for row in rows
        )


def value_in(dialect: Dialect, value: object) -> str:
    """A value as it stands in a script."""
    match value:
        case None:
            return "NULL"
        case bool():
            return "TRUE" if value else "FALSE"
        case int() | Decimal():
            return str(value)
        case date():
            return f"DATE '{value.isoformat()}'"
        case str():
            return text_in(dialect, value)
        case list():
            opening, closing = _BRACKETS.get(dialect, ("[", "]"))
            return f"{opening}{', '.join(value_in(dialect, each) for each in value)}{closing}"
    raise TypeError(f"no such value stands in a script: {type(value).__name__}")


def taken_out(dialect: Dialect, text: str, parameters: Mapping[str, object] | None, place: str) -> str:
    """The rows of a query as Parquet at a place."""
    query = query_in(dialect, text, parameters, is_ordered=False)
    where = text_in(dialect, place)
    if dialect is Dialect.DUCKDB:
        return f"COPY (\n{query}\n) TO {where} (FORMAT parquet)"
    return f"INSERT OVERWRITE DIRECTORY {where} USING parquet\n{query}"


def script_of(parts: Sequence[tuple[str, Sequence[str]]]) -> str:
    """A script: statements, those that belong together under a comment."""
    return "\n".join(
        "".join(f"-- {line}\n" for line in comment.splitlines()) + "".join(f"{each};\n" for each in statements)
        for comment, statements in parts
    )
