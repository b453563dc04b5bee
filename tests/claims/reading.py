"""What the tests of claims share: small files of claim lines, and what is read of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from medpol.claims.fence import open_engine
from medpol.claims.intake import ClaimsRead, ReadOptions, read_claims
from medpol.claims.maps import PLAIN, ColumnMap, read_map
from medpol.claims.sources import ClaimInput

Row = Mapping[str, str | None]
LINE: dict[str, str | None] = {
    "data_source": "acme",
    "claim_id": "C1",
    "claim_line_number": "1",
    "claim_line_start_date": "2024-03-01",
    "hcpcs_code": "G0283",
    "diagnosis_code_1": "M7918",
    "member_id": "M1",
    "charge_amount": "100.00",
}
"""A line that is read without a finding."""


def line(**cells: str | None) -> dict[str, str | None]:
    """The line with other cells, or more of them."""
    return LINE | cells


def quoted(cell: str | None) -> str:
    if cell is None:
        return ""
    return '"' + cell.replace('"', '""') + '"' if any(each in cell for each in ',"\n\r') or cell == "" else cell


def as_csv(rows: Sequence[Row], columns: Sequence[str] | None = None) -> str:
    names = list(columns or dict.fromkeys(name for row in rows for name in row))
    return "".join(
        ",".join(cells) + "\n" for cells in (names, *([quoted(row.get(name)) for name in names] for row in rows))
    )


def write_csv(path: Path, rows: Sequence[Row], columns: Sequence[str] | None = None) -> Path:
    path.write_bytes(as_csv(rows, columns).encode("utf-8"))
    return path


def write_parquet(path: Path, rows: Sequence[Row], columns: Sequence[str] | None = None, **options: Any) -> Path:
    names = list(columns or dict.fromkeys(name for row in rows for name in row))
    table = pa.table({name: pa.array([row.get(name) or None for row in rows], pa.string()) for name in names})
    pq.write_table(table, path, **options)
    return path


@dataclass(frozen=True, slots=True)
class Found:
    """What was read, and the engine that holds it."""

    read: ClaimsRead
    engine: duckdb.DuckDBPyConnection

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self.engine.execute(sql).fetchall()

    def lines(self, *columns: str) -> list[Any]:
        """Values of the lines in input order; bare ones where one column is asked for."""
        found = self.rows(f"SELECT {', '.join(columns)} FROM claim_lines ORDER BY line_id")
        return [row[0] for row in found] if len(columns) == 1 else found

    def rejects(self) -> list[tuple[Any, ...]]:
        """Position, key, column and what was found, in order."""
        return self.rows('SELECT position, reject_key, "column", found FROM rejects ORDER BY input, position')


def read_inputs(work: Path, *inputs: ClaimInput, **options: Any) -> Found:
    work.mkdir(parents=True, exist_ok=True)
    engine = open_engine([work])
    return Found(read_claims(engine, inputs, ReadOptions(work, **options)), engine)


def read(tmp_path: Path, *rows: Row, map: ColumnMap = PLAIN, data_source: str | None = None, **options: Any) -> Found:
    """The lines of one CSV of these rows."""
    path = write_csv(tmp_path / "claims.csv", rows)
    return read_inputs(tmp_path / "work", ClaimInput(path, map, data_source), **options)


def read_text(tmp_path: Path, text: str | bytes, map: ColumnMap = PLAIN, **options: Any) -> Found:
    """The lines of a CSV of these very bytes."""
    path = tmp_path / "claims.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return read_inputs(tmp_path / "work", ClaimInput(path, map), **options)


def mapped(tmp_path: Path, toml: str) -> ColumnMap:
    """A map read from TOML by the real reader."""
    path = tmp_path / "map.toml"
    path.write_text(toml, "utf-8")
    return read_map(path)


def as_history(given: ClaimInput) -> ClaimInput:
    return replace(given, is_history=True)
