"""837 files: the batches of either reader, and what it refused, written beside each other for the one SQL to check."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from medpol.claims import fence
from medpol.claims.refused import ClaimsRefused
from medpol.claims.sources import Raw, Snapshot, parquet_relation
from medpol.claims.x12.batches import SCHEMA
from medpol.claims.x12.reading import read_837
from medpol.claims.x12.rejects import SegmentReject

_STRICT = "medpol.claims.x12.strict"
_REFUSED = pa.schema(
    [
        ("input", pa.int16()),
        ("position", pa.int64()),
        *((name, pa.string()) for name in ("data_source", "claim_id", "claim_line_number", "reject_key", "column")),
        *((name, pa.string()) for name in ("found", "expected", "mend")),
        ("lines", pa.int64()),
        ("billed_amount", pa.decimal128(12, 2)),
    ]
)
_TOGETHER = 10_000
"""Rejects written at a time."""


def read_interchanges(
    snapshot: Snapshot, target: Path, refused: Path, *, number: int, data_source: str | None, is_strict: bool
) -> tuple[Raw, int]:
    """The rows of an 837, written to ``target``, and how many claim lines its reader kept out, told in ``refused``."""
    held: list[dict[str, Any]] = []
    rows = kept_out = 0
    with pq.ParquetWriter(target, SCHEMA) as out, pq.ParquetWriter(refused, _REFUSED) as rejects:

        def write_rejects() -> None:
            rejects.write_table(pa.Table.from_pylist(held, _REFUSED))
            held.clear()

        def rejected(each: SegmentReject) -> None:
            nonlocal kept_out
            kept_out += each.lines
            known = {name: value for name, value in asdict(each).items() if name in _REFUSED.names}
            held.append(known | {"input": number, "data_source": data_source})
            if len(held) >= _TOGETHER:
                write_rejects()

        for batch in _reader(is_strict)(snapshot.path, rejected=rejected, temporary=target.parent):
            out.write_batch(batch)
            rows += batch.num_rows
        write_rejects()
    if not rows and not kept_out:
        raise ClaimsRefused(str(snapshot.given), "no claim line", "837 claims", "check what the file is")
    columns = {name: (fence.name(name), "VARCHAR") for name in SCHEMA.names if name != "position"}
    return Raw(parquet_relation(target), "position", columns, rows), kept_out


def _reader(is_strict: bool) -> Callable[..., Iterator[pa.RecordBatch]]:
    """The reader of the choice; the strict one is looked for only where it is asked for."""
    if not is_strict:
        return read_837
    try:
        found: Callable[..., Iterator[pa.RecordBatch]] = import_module(_STRICT).read_837_strict
    except ModuleNotFoundError as problem:
        if (problem.name or "").partition(".")[0] == "medpol":
            raise
        raise ClaimsRefused(
            "--strict", f"{problem.name} is not installed", "the strict reader", "pip install 'medpol[x12]'"
        ) from None
    return found
