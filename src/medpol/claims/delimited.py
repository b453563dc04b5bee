"""CSV: scanned by us, then read by DuckDB as declared columns of text, strictly; both must count the same records."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path

import duckdb

from medpol.claims import fence
from medpol.claims.maps import Delimited
from medpol.claims.refused import ClaimsRefused
from medpol.claims.scan import count_records, in_utf_8, read_header
from medpol.claims.sources import Raw, Snapshot, parquet_relation, refused_by_engine


def read_delimited(
    engine: duckdb.DuckDBPyConnection,
    snapshot: Snapshot,
    how: Delimited,
    target: Path,
    one_line: Callable[[str], bool],
    *,
    may_end_open: bool,
) -> Raw:
    """The rows of a CSV, written to ``target`` in the order of the file. ``engine`` must keep that order.

    ``one_line`` says of a column of the file whether a line end inside its quotes is refused.
    """
    shown, path = str(snapshot.given), snapshot.path
    if how.encoding != "utf-8":
        path = target.with_suffix(".utf-8")
        in_utf_8(snapshot.path, shown, how.encoding, path)
    header = read_header(path, shown, how)
    held = [at for at, name in enumerate(header.names) if one_line(name)]
    records = count_records(path, shown, how, header, held, may_end_open=may_end_open)
    columns = [f"c{at}" for at in range(len(header.names))]
    try:
        if records:
            engine.execute(
                f"COPY (SELECT * FROM {_relation(path, how, columns)}) TO {fence.path_text(target)} (FORMAT parquet)"
            )
        else:
            empty = ", ".join(f"NULL::VARCHAR AS {each}" for each in columns)
            engine.execute(f"COPY (SELECT {empty} WHERE false) TO {fence.path_text(target)} (FORMAT parquet)")
        rows = _count(engine, target)
    except duckdb.Error as problem:
        raise refused_by_engine(shown, problem) from None
    if rows != records:
        raise ClaimsRefused(
            shown, f"{rows:,} rows read", f"the {records:,} records of our own count", "report this file"
        )
    if path != snapshot.path:
        path.unlink()
    return Raw(
        parquet_relation(target),
        "file_row_number + 1",
        {name: (fence.name(column), "VARCHAR") for name, column in zip(header.names, columns, strict=True)},
        rows,
    )


def _relation(path: Path, how: Delimited, columns: Collection[str]) -> str:
    # no `new_line`: DuckDB 2.0.1 reads no row at all where it is declared as CRLF; which end it is, our scan has seen
    declared = ", ".join(f"'{each}': 'VARCHAR'" for each in columns)
    options = {
        "auto_detect": "false",
        "header": "false",
        "skip": "1",
        "columns": f"{{{declared}}}",
        "delim": fence.text(how.delimiter),
        "quote": fence.text(how.quote),
        "escape": fence.text(how.quote),
        "strict_mode": "true",
        "null_padding": "false",
        "ignore_errors": "false",
        "compression": "'none'",
        "encoding": "'utf-8'",
        "hive_partitioning": "false",
        "union_by_name": "false",
    }
    return f"read_csv({fence.path_text(path)}, {', '.join(f'{key} = {value}' for key, value in options.items())})"


def _count(engine: duckdb.DuckDBPyConnection, path: Path) -> int:
    found = engine.execute(f"SELECT count(*) FROM {parquet_relation(path)}").fetchone()
    return int(found[0]) if found is not None else 0
