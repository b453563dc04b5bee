"""Parquet: its columns as DuckDB types them, and one pass over page checksums, which DuckDB does not look at."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from medpol.claims import fence
from medpol.claims.refused import ClaimsRefused
from medpol.claims.sources import Raw, Snapshot, parquet_relation, refused_by_engine

_BATCH_ROWS = 65_536
_CRC_FIELD = 4
_I32 = 5
_HEADER_BYTES = 64


def read_parquet(engine: duckdb.DuckDBPyConnection, snapshot: Snapshot, *, is_sealed: bool) -> Raw:
    """The rows of a Parquet file. One without a seal that has page checksums is held against them first."""
    shown, relation = str(snapshot.given), parquet_relation(snapshot.path)
    _refuse_twins(snapshot.path, shown)
    if not is_sealed:
        check_pages(snapshot.path, shown)
    try:
        described = engine.execute(f"DESCRIBE SELECT * EXCLUDE (file_row_number) FROM {relation}").fetchall()
        found = engine.execute(f"SELECT count(*) FROM {relation}").fetchone()
    except duckdb.Error as problem:
        raise refused_by_engine(shown, problem) from None
    columns = {str(row[0]): (fence.name(str(row[0])), str(row[1])) for row in described}
    return Raw(relation, "file_row_number + 1", columns, int(found[0]) if found is not None else 0)


def _refuse_twins(path: Path, shown: str) -> None:
    """Names of SQL have no case: DuckDB would rename the second of two that differ in it alone."""
    try:
        names = pq.read_schema(path).names
    except (pa.ArrowException, OSError, ValueError) as problem:
        raise _damaged(shown, problem) from None
    folded: dict[str, str] = {}
    for name in names:
        if name.casefold() in (*folded, "file_row_number"):
            other = folded.get(name.casefold(), "file_row_number")
            raise ClaimsRefused(shown, f"the columns {other!r} and {name!r}", "names that differ", "rename one")
        folded[name.casefold()] = name


def _damaged(shown: str, problem: Exception) -> ClaimsRefused:
    words = str(problem).splitlines()[0][:160] if str(problem) else type(problem).__name__
    return ClaimsRefused(shown, f"a damaged Parquet file: {words}", "a whole file", "send it again, sealed")


def check_pages(path: Path, shown: str) -> bool:
    """Whether the file has page checksums; raises ``ClaimsRefused`` where one does not hold, or the file has no end."""
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            if not _has_checksums(path, file.metadata):
                return False
            for _ in file.iter_batches(batch_size=_BATCH_ROWS, use_threads=False):
                pass
    except (pa.ArrowException, OSError, ValueError) as problem:
        raise _damaged(shown, problem) from None
    return True


def _has_checksums(path: Path, metadata: pq.FileMetaData) -> bool:
    """Whether the first page states a CRC: pages of one writer all do, or none does."""
    for group in range(metadata.num_row_groups):
        for at in range(metadata.row_group(group).num_columns):
            chunk = metadata.row_group(group).column(at)
            offset = chunk.dictionary_page_offset if chunk.has_dictionary_page else chunk.data_page_offset
            with path.open("rb") as file:
                file.seek(offset)
                return _CRC_FIELD in _page_fields(file.read(_HEADER_BYTES))
    return False


def _page_fields(header: bytes) -> set[int]:
    """The numbers of the plain leading fields of a page header, as Thrift's compact protocol writes them."""
    fields, at, number = set[int](), 0, 0
    while at < len(header):
        step, kind = header[at] >> 4, header[at] & 15
        if kind != _I32 or step == 0:
            return fields
        number += step
        fields.add(number)
        at += 1
        while at < len(header) and header[at] & 128:
            at += 1
        at += 1
    return fields
