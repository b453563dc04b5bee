"""What a warehouse answers to a script of an exchange: a file, or a folder of files, that fits what was asked for.

Parquet as any engine writes it, or JSON, one object a line. Names of columns count without regard to their case, since
some warehouses raise them; the order of rows and columns does not count.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

_UNFINISHED = "_temporary"
"""A folder in which Spark still writes."""
KINDS = (".parquet", ".jsonl")


class ResultRefused(ValueError):
    """A result is not what its script asks for."""


def read_result(folder: Path, name: str, expected: pa.Schema) -> pa.Table | None:
    """The rows of a result, in an order of their own; ``None`` where it is not there, or not whole.

    Raises ``ResultRefused`` where its columns or their types are others.
    """
    for kind in KINDS:
        path = folder / f"{name}{kind}"
        if path.is_dir():
            if (path / _UNFINISHED).exists():
                return None
            files = sorted(each for each in path.iterdir() if each.suffix == kind and each.name[0] not in "._")
        elif path.is_file():
            files = [path]
        else:
            continue
        if not files:
            raise ResultRefused(f"{path}: no file that ends in {kind}; expected the rows of {name}")
        tables = [_parquet(each, expected) if kind == ".parquet" else _json(each, expected) for each in files]
        return _in_order(pa.concat_tables(tables))
    return None


def _in_order(table: pa.Table) -> pa.Table:
    """Rows by what they say: so the next script is the same, however a warehouse gives its rows."""
    rows = sorted(table.to_pylist(), key=lambda row: json.dumps(row, default=str, sort_keys=True))
    return pa.Table.from_pylist(rows, table.schema)


def _parquet(path: Path, expected: pa.Schema) -> pa.Table:
    try:
        found = pq.ParquetFile(path).read()
        found = found.rename_columns([each.lower() for each in found.column_names])
        _refuse_columns(path, found.column_names, expected)
        return found.select(expected.names).cast(expected)
    except (pa.ArrowException, OSError) as problem:
        raise ResultRefused(f"{path}: {str(problem).splitlines()[0][:200]}; expected {_shown(expected)}") from None


def _json(path: Path, expected: pa.Schema) -> pa.Table:
    rows = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        where = f"{path}:{number}"
        try:
            row = json.loads(line, parse_float=Decimal)
        except ValueError as problem:
            raise ResultRefused(f"{where}: no JSON ({problem}); expected one object a line") from None
        if not isinstance(row, dict):
            raise ResultRefused(f"{where}: a {type(row).__name__}; expected an object")
        row = {each.lower(): value for each, value in row.items()}
        _refuse_columns(Path(where), [*row, *(each for each in expected.names if each not in row)], expected)
        rows.append({each.name: _value(where, each.name, row.get(each.name), each.type) for each in expected})
    return pa.Table.from_pylist(rows, expected)


def _refuse_columns(where: Path, found: list[str], expected: pa.Schema) -> None:
    if sorted(found) != sorted(expected.names):
        raise ResultRefused(f"{where}: the columns {', '.join(found)}; expected {_shown(expected)}")


def _shown(expected: pa.Schema) -> str:
    return ", ".join(f"{each.name} {each.type}" for each in expected)


def _value(where: str, name: str, value: Any, kind: pa.DataType) -> Any:
    """A value of JSON as its column holds it."""
    try:
        return _held(value, kind)
    except (TypeError, ValueError, InvalidOperation):
        raise ResultRefused(f"{where}: {name} is {str(value)[:80]!r}; expected {kind}") from None


def _held(value: Any, kind: pa.DataType) -> Any:
    if value is None:
        return None
    if pa.types.is_list(kind):
        if not isinstance(value, list):
            raise TypeError
        return [_held(each, kind.value_type) for each in value]
    if pa.types.is_struct(kind):
        held: Mapping[str, Any] = (
            {name.lower(): each for name, each in value.items()} if isinstance(value, dict) else {}
        )
        if sorted(held) != sorted(each.name for each in kind):
            raise TypeError
        return {each.name: _held(held[each.name], each.type) for each in kind}
    if pa.types.is_date(kind):
        return date.fromisoformat(value)
    if pa.types.is_decimal(kind):
        if isinstance(value, bool):
            raise TypeError
        return Decimal(str(value))
    wanted = bool if pa.types.is_boolean(kind) else int if pa.types.is_integer(kind) else str
    if type(value) is not wanted:
        raise TypeError
    return value
