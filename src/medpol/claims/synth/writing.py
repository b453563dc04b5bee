"""Tables to files, block by block: Parquet, and CSV whose bytes are ours alone. Rows of claims to 837 files."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from medpol.claims.synth.planting import Form
from medpol.claims.x12.structure import INSTITUTIONAL, PROFESSIONAL
from medpol.claims.x12.writing import write_837

_QUOTED = '[,"\n]'
KINDS = {Form.PROFESSIONAL: PROFESSIONAL, Form.INSTITUTIONAL: INSTITUTIONAL}


class TableFile(ABC):
    """A file of rows that is open, and closed at the end of its ``with``."""

    @abstractmethod
    def put(self, table: pa.Table) -> None:
        """Write the rows behind those before."""

    @abstractmethod
    def close(self) -> None:
        """Nothing follows."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class ParquetTable(TableFile):
    """A Parquet file with page checksums, one row group for each table that is put."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self.schema = schema
        self.writer = pq.ParquetWriter(path, schema, compression="zstd", write_page_checksum=True)

    def put(self, table: pa.Table) -> None:
        self.writer.write_table(table.cast(self.schema), row_group_size=max(table.num_rows, 1))

    def close(self) -> None:
        self.writer.close()


class CsvTable(TableFile):
    """A CSV: UTF-8, LF, a header, null as nothing, quotes only around cells that need them."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self.file: IO[bytes] = path.open("wb")
        self.file.write((",".join(schema.names) + "\n").encode("ascii"))

    def put(self, table: pa.Table) -> None:
        if table.num_rows:
            self.file.write(csv_lines(table))

    def close(self) -> None:
        self.file.close()


def csv_lines(table: pa.Table) -> bytes:
    """The rows as lines of a CSV, each with its line end."""
    cells = [_quoted(table[name].cast(pa.string()).combine_chunks()) for name in table.column_names]
    lines = pc.binary_join_element_wise(*cells, ",", null_handling="replace", null_replacement="")
    return "".join(f"{line}\n" for line in lines.to_pylist()).encode("utf-8")


def _quoted(cells: pa.Array) -> pa.Array:
    needs = pc.match_substring_regex(cells, _QUOTED)
    if not pc.any(needs).as_py():
        return cells
    doubled = pc.replace_substring(cells, '"', '""')
    return pc.if_else(needs, pc.binary_join_element_wise('"', doubled, '"', ""), cells)


def table_at(folder: Path, name: str, form: Form, schema: pa.Schema) -> TableFile:
    """A table beside the claims: Parquet beside Parquet, else CSV."""
    if form is Form.PARQUET:
        return ParquetTable(folder / f"{name}.parquet", schema)
    return CsvTable(folder / f"{name}.csv", schema)


def write_x12(path: Path, form: Form, tables: Iterable[pa.Table]) -> None:
    """The claims as interchanges of 837P or 837I."""
    with path.open("wb") as file:
        write_837(_rows(tables), KINDS[form], file)


def _rows(tables: Iterable[pa.Table]) -> Iterator[dict[str, str | None]]:
    for table in tables:
        text = {name: table[name].cast(pa.string()) for name in table.column_names}
        # an 837 writes numbers without zeros that say nothing
        units = text["service_unit_quantity"]
        text["service_unit_quantity"] = pc.replace_substring_regex(units, r"[.]000$", "")
        yield from pa.table(text).to_pylist()
