"""One file made ready for reading: a snapshot of it, its hash, and its columns matched to a table of ours.

The snapshot is a hard link in the work folder, or a copy where no link can be made: another file renamed over the input
changes nothing, and the engine needs no reach beyond its folder. What writes into the file itself is found by its hash,
taken before and again after reading.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from medpol.claims import fence
from medpol.claims.cells import Cell, of_text, of_type
from medpol.claims.columns import Column, ColumnType, Need
from medpol.claims.maps import PLAIN, ColumnMap
from medpol.claims.refused import ClaimsNotFound, ClaimsRefused
from medpol.model.diagnostic import nearest

FORMATS: Mapping[str, str] = {
    ".csv": "csv",
    ".txt": "csv",
    ".tsv": "csv",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".837": "x12",
    ".x12": "x12",
    ".edi": "x12",
}
_OURS = (
    duckdb.BinderException,
    duckdb.CatalogException,
    duckdb.InterruptException,
    duckdb.ParserException,
    duckdb.PermissionException,
)
"""What DuckDB raises of our own SQL. Of a damaged file it raises almost anything else, a bare ``duckdb.Error`` as well."""


@dataclass(frozen=True, slots=True)
class ClaimInput:
    """A file as it is given: which map reads it, and the data source of the rows that name none.

    ``is_history``: its lines are counted as earlier services and not answered.
    """

    path: Path
    map: ColumnMap = PLAIN
    data_source: str | None = None
    format: str | None = None
    is_history: bool = False
    is_strict: bool = False
    """Of an 837: read by the strict reader."""

    @property
    def kind(self) -> str:
        """``csv``, ``parquet`` or ``x12``: as said, else by the suffix. Raises ``ClaimsRefused`` for any other."""
        found = self.format or FORMATS.get(self.path.suffix.lower())
        if found is None:
            raise ClaimsRefused(
                str(self.path),
                f"a file of the kind {self.path.suffix or 'without a suffix'}",
                "one of: " + ", ".join(FORMATS),
                "decompress or rename it" if self.path.suffix in (".gz", ".zip", ".zst") else "say which with --format",
            )
        return found


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A file that stays as it is while it is read."""

    given: Path
    path: Path
    sha256: str
    size: int


def take_snapshot(given: Path, work: Path, stem: str, suffix: str) -> Snapshot:
    """The file in the work folder, with its hash. Raises ``ClaimsNotFound`` or ``ClaimsRefused``."""
    if not given.exists():
        raise ClaimsNotFound(str(given), "no such file", "a file of claims", "correct the path")
    if not given.is_file():
        raise ClaimsRefused(str(given), "no plain file", "one file", "name each file")
    path = work / f"{stem}{suffix}"
    path.unlink(missing_ok=True)
    try:
        true = given.resolve(strict=True)
        try:
            os.link(true, path)
        except OSError:
            shutil.copyfile(true, path)
        return Snapshot(given, path, sha256_of(path), path.stat().st_size)
    except OSError as problem:
        raise ClaimsRefused(
            str(given), f"it cannot be read: {problem.strerror}", "a file", "see who may read it"
        ) from None


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_unchanged(snapshot: Snapshot) -> None:
    """Raises ``ClaimsRefused`` where the file was written to while it was read."""
    if sha256_of(snapshot.path) != snapshot.sha256:
        raise ClaimsRefused(
            str(snapshot.given),
            "another content than when reading began",
            "a file that nobody writes to meanwhile",
            "wait until it is whole, and run again",
        )


@dataclass(frozen=True, slots=True)
class Raw:
    """The rows of a file as an engine reads them: a relation, what says the position, and each column's SQL type."""

    relation: str
    position: str
    columns: Mapping[str, tuple[str, str]]
    """By the name in the file: its SQL, and its type."""
    rows: int


@dataclass(frozen=True, slots=True)
class Matched:
    """The columns of a file by ours."""

    cells: Mapping[str, Cell]
    ignored: tuple[str, ...]
    is_money_floating: bool


def match_columns(
    raw: Raw,
    shown: str,
    table: Sequence[Column],
    renamed: Mapping[str, str],
    how: ColumnMap,
    *,
    filled: Collection[str] = (),
    one_of: Sequence[tuple[str, ...]] = (),
    carried: Collection[str] = (),
    may_lack: Collection[str] = (),
) -> Matched:
    """A cell for each column that the file and the table share.

    ``filled`` are needed columns whose value is said elsewhere, ``may_lack`` those this use of the table does not need.
    Raises ``ClaimsRefused`` where a needed one is absent, or where a type cannot hold what the column is.
    """
    ours = {name: column for column in table for name in column.names}
    taken: dict[str, str] = {}
    for theirs in raw.columns:
        mine = renamed.get(theirs, theirs if theirs in ours else None)
        if mine is not None and mine in taken:
            raise ClaimsRefused(
                shown, f"the columns {taken[mine]!r} and {theirs!r} both for {mine}", "one", "map one, or drop it"
            )
        if mine is not None:
            taken[mine] = theirs
    if not taken:
        raise ClaimsRefused(
            f"{shown}:1",
            "a first line that names no column of ours: " + ", ".join(list(raw.columns)[:5]),
            "a header",
            "put the header first, or map its columns",
        )
    for theirs, mine in renamed.items():
        if theirs not in raw.columns:
            near = nearest(theirs, raw.columns)
            raise ClaimsRefused(
                shown,
                f"no column {theirs!r}, which the map reads as {mine}",
                "it",
                f"write {near!r}" if near else "correct the map",
            )
    _check_needs(shown, table, taken, list(raw.columns), (*filled, *may_lack), one_of)
    cells: dict[str, Cell] = {}
    for name, column in ours.items():  # in our order: the columns of a file may stand in any
        if name in taken:
            source, kind = raw.columns[taken[name]]
            cells[name] = _cell(column, name, source, kind, taken[name], shown, how)
    ignored = tuple(sorted(set(raw.columns) - set(taken.values()) - set(carried)))
    return Matched(
        cells, ignored, any(each.is_floating and each.column.type is ColumnType.MONEY for each in cells.values())
    )


def _cell(column: Column, name: str, source: str, kind: str, theirs: str, shown: str, how: ColumnMap) -> Cell:
    if kind == "VARCHAR":
        return of_text(column, name, source, how.date_format, how.null_words)
    cell = of_type(column, name, source, kind)
    if cell is None:
        is_code = column.type is ColumnType.TEXT
        raise ClaimsRefused(
            shown,
            f"the column {theirs!r} of type {kind}",
            f"{column.type.value} for {name}, or text",
            "write it as text at its source: leading zeros are gone"
            if is_code
            else "write it in that type, or as text",
        )
    return cell


def _check_needs(
    shown: str,
    table: Sequence[Column],
    taken: Collection[str],
    theirs: Sequence[str],
    said: Collection[str],
    one_of: Sequence[tuple[str, ...]],
) -> None:
    needs = [(each.names[0],) for each in table if each.need in (Need.ROW, Need.COLUMN)] + list(one_of)
    for names in needs:
        if not any(name in taken or name in said for name in names):
            near = next((found for name in names if (found := nearest(name, set(theirs) - set(taken)))), "")
            raise ClaimsRefused(
                shown,
                "no column " + " or ".join(repr(name) for name in names),
                "it",
                f"map {near!r} to it, or rename it"
                if near
                else "map the file's own name to it" + (", or give --data-source" if names == ("data_source",) else ""),
            )


def carried_columns(raw: Raw, shown: str, wanted: Sequence[str], taken: Collection[str]) -> dict[str, str]:
    """SQL of the columns to be copied to the output, as text; a file that lacks one gives nulls."""
    for name in wanted:
        if name.casefold() in {each.casefold() for each in taken}:
            raise ClaimsRefused(
                shown, f"--carry {name}", "a name the output does not have already", "rename the column in the file"
            )
    return {
        name: f"CAST({raw.columns[name][0]} AS VARCHAR)" if name in raw.columns else "NULL::VARCHAR" for name in wanted
    }


def refused_by_engine(shown: str, problem: duckdb.Error) -> Exception:
    """What DuckDB could not read of a file, without the cells that its message may quote; any other failure as it is."""
    if isinstance(problem, _OURS):
        return problem
    first = str(problem).splitlines()[0]
    return ClaimsRefused(
        shown,
        f"it cannot be read ({type(problem).__name__}: {first[:160]})",
        "a whole file",
        "have it sent again, sealed",
    )


def parquet_relation(path: Path) -> str:
    """SQL that reads one Parquet file with the number of each row, and takes nothing from its path."""
    return f"read_parquet({fence.path_text(path)}, file_row_number = true, hive_partitioning = false, union_by_name = false)"
