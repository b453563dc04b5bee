"""One input to one Parquet file of claim lines, in the order of the file: snapshot, seal, reading, typing, counts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from medpol.claims import fence
from medpol.claims.columns import BY_NAME, COLUMNS, ONE_OF
from medpol.claims.delimited import read_delimited
from medpol.claims.interchanges import read_interchanges
from medpol.claims.joins import distinct_texts, named
from medpol.claims.lines import ADJUSTING, REJECTED, SCHEMA, Joins, staging_sql
from medpol.claims.maps import DATE_FORMATS
from medpol.claims.parquet import read_parquet
from medpol.claims.refused import ClaimsRefused
from medpol.claims.seals import Contents, check_bytes, check_contents, read_seal
from medpol.claims.sources import (
    ClaimInput,
    Raw,
    Snapshot,
    carried_columns,
    check_unchanged,
    match_columns,
    parquet_relation,
    refused_by_engine,
    take_snapshot,
)
from medpol.model.facts import normalise_sex
from medpol.model.lines import normalise_line

_PROSE = frozenset({"payer", "plan"})
"""Names of ours that are words, in which a line end inside quotes is harmless."""


@dataclass(frozen=True, slots=True)
class Spans:
    """Eligibility, written as pieces to the work folder; ``by`` are the names that a claim may look by."""

    by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Staging:
    """What is the same for every input of a run."""

    folder: Path
    carry: tuple[str, ...] = ()
    spans: Spans | None = None
    declared_lines: tuple[str, ...] = ()
    declared_systems: tuple[tuple[str, str], ...] = ()
    contracts: frozenset[str] | None = None
    is_history_whole: bool = False
    is_strict_on_pointers: bool = False
    memory_limit: str = fence.MEMORY_LIMIT
    threads: int = fence.THREADS
    is_sealing: bool = False
    """The file is about to be sealed: a seal that lies beside it says nothing, and its end is taken as it is."""


@dataclass(frozen=True, slots=True)
class InputRead:
    """What one input was found to be. Rows are lines and rejects together, in number and in billed dollars."""

    number: int
    path: str
    format: str
    sha256: str
    size: int
    is_sealed: bool
    is_history: bool
    rows: int
    billed_read: Decimal
    billed_missing: int
    """Rows without a billed amount, or with one that cannot be read."""
    first_day: date | None
    last_day: date | None
    data_sources: tuple[str, ...]
    ignored: tuple[str, ...]
    is_money_floating: bool
    staged: str
    refused: str
    undeclared_lines: Mapping[str, int] = field(default_factory=dict)
    lines: int = 0
    billed_lines: Decimal = Decimal(0)
    rejects: Mapping[str, int] = field(default_factory=dict)
    billed_rejected: Decimal = Decimal(0)

    @property
    def contents(self) -> Contents:
        return Contents(self.rows, self.billed_read, self.first_day, self.last_day)

    def as_dict(self) -> dict[str, Any]:
        """For JSON: dollars and days as text, the names of the work folder left out."""
        hidden = ("staged", "refused")
        return {
            key: str(value) if isinstance(value, Decimal | date) else value
            for key, value in asdict(self).items()
            if key not in hidden
        }


def stage(given: ClaimInput, number: int, staging: Staging) -> InputRead:
    """Reads an input into ``lines-N.parquet``. Raises ``ClaimsRefused`` where the file is not whole, or not claims."""
    folder, kind = staging.folder, given.kind
    stem = f"{number:05}"
    snapshot = take_snapshot(given.path, folder, f"input-{stem}", f".{kind}")
    raw_path, refused = folder / f"raw-{stem}.parquet", folder / f"refused-{stem}.parquet"
    refused.unlink(missing_ok=True)
    try:
        seal = None if staging.is_sealing else read_seal(given.path)
        if seal is not None:
            check_bytes(seal, snapshot)
        with fence.open_engine(
            [folder], memory_limit=staging.memory_limit, threads=staging.threads, keeps_order=True
        ) as engine:
            raw, kept_out = read_rows(
                engine,
                given,
                snapshot,
                raw_path,
                given.map.columns,
                is_sealed=seal is not None,
                may_end_open=seal is not None or staging.is_sealing,
                refused=refused,
                number=number,
            )
            read = _stage_rows(engine, given, snapshot, raw, staging, number, kept_out)
        check_unchanged(snapshot)
        if seal is not None:
            check_contents(seal, read.contents, str(given.path))
        return replace(read, is_sealed=seal is not None)
    finally:
        for each in (snapshot.path, raw_path, raw_path.with_suffix(".utf-8")):
            each.unlink(missing_ok=True)


def read_rows(
    engine: duckdb.DuckDBPyConnection,
    given: ClaimInput,
    snapshot: Snapshot,
    target: Path,
    renamed: Mapping[str, str],
    *,
    is_sealed: bool = False,
    may_end_open: bool = False,
    refused: Path | None = None,
    number: int = 0,
) -> tuple[Raw, int]:
    """The rows of a file in any of the formats, and how many claim lines the 837 reader kept out of them."""
    match given.kind:
        case "csv":
            return (
                read_delimited(
                    engine,
                    snapshot,
                    given.map.csv,
                    target,
                    lambda theirs: renamed.get(theirs, theirs) in BY_NAME and renamed.get(theirs, theirs) not in _PROSE,
                    may_end_open=may_end_open,
                ),
                0,
            )
        case "parquet":
            return read_parquet(engine, snapshot, is_sealed=is_sealed), 0
        case _:
            if refused is None:
                raise ClaimsRefused(
                    str(given.path), "an 837", "csv or parquet: a table to be joined", "write it as one"
                )
            return read_interchanges(
                snapshot,
                target,
                refused,
                number=number,
                data_source=given.data_source or given.map.data_source,
                is_strict=given.is_strict,
            )


def _stage_rows(
    engine: duckdb.DuckDBPyConnection,
    given: ClaimInput,
    snapshot: Snapshot,
    raw: Raw,
    staging: Staging,
    number: int,
    kept_out: int,
) -> InputRead:
    shown = str(given.path)
    data_source = given.data_source or given.map.data_source
    # an 837 says its own columns and dates: of a map, what is said of its values holds
    how = (
        replace(given.map, columns={}, date_format=DATE_FORMATS[0], null_words=()) if given.kind == "x12" else given.map
    )
    matched = match_columns(
        raw,
        shown,
        COLUMNS,
        how.columns,
        how,
        filled=("data_source",) if data_source else (),
        one_of=ONE_OF,
        carried=staging.carry,
        may_lack=("diagnosis_code_1",) if given.is_history else (),
    )
    carried = carried_columns(raw, shown, staging.carry, (*SCHEMA, *ADJUSTING, *REJECTED, "final_status"))
    staged = staging.folder / f"lines-{number:05}.parquet"
    try:
        joins, undeclared = _joins(engine, given, raw, matched.cells, staging)
        sql = staging_sql(
            raw.relation, raw.position, matched.cells, joins, number=number, data_source=data_source, carried=carried
        )
        engine.execute(f"COPY ({sql}) TO {fence.path_text(staged)} (FORMAT parquet)")
        rows, billed, missing, first, last, sources = _summary(engine, staged)
        counted = _count_undeclared(engine, raw, matched.cells.get("x_line_of_business"), undeclared)
    except duckdb.Error as problem:
        raise refused_by_engine(shown, problem) from None
    if rows != raw.rows:
        raise ClaimsRefused(shown, f"{rows:,} lines of {raw.rows:,} rows", "as many", "report this file")
    return InputRead(
        number=number,
        path=shown,
        format=given.kind,
        sha256=snapshot.sha256,
        size=snapshot.size,
        is_sealed=False,
        is_history=given.is_history,
        rows=rows + kept_out,
        billed_read=billed,
        billed_missing=missing,
        first_day=first,
        last_day=last,
        data_sources=sources,
        ignored=matched.ignored,
        is_money_floating=matched.is_money_floating,
        staged=staged.name,
        refused=f"refused-{number:05}.parquet",
        undeclared_lines=counted,
    )


def _joins(
    engine: duckdb.DuckDBPyConnection,
    given: ClaimInput,
    raw: Raw,
    cells: Mapping[str, Any],
    staging: Staging,
) -> tuple[Joins, tuple[str, ...]]:
    shown = str(given.path)
    _check_shapes(engine, staging.declared_systems)
    names = distinct_texts(engine, raw, cells.get("x_line_of_business"), shown)
    named(engine, "line_names", names, lambda words: normalise_line(words, staging.declared_lines))
    undeclared = tuple(each for each in names if normalise_line(each, staging.declared_lines) is None)
    named(engine, "sexes", distinct_texts(engine, raw, cells.get("x_patient_sex"), shown), normalise_sex)
    if staging.contracts is not None:
        engine.execute("CREATE OR REPLACE TEMP TABLE known_contracts (contract VARCHAR)")
        if staging.contracts:
            engine.executemany("INSERT INTO known_contracts VALUES (?)", [[each] for each in sorted(staging.contracts)])
    if staging.spans is not None:
        for name in ("spans", "spans_first"):
            path = staging.folder / f"{name}.parquet"
            engine.execute(f"CREATE OR REPLACE VIEW {name} AS SELECT * FROM {fence.path_text(path)}")
    return (
        Joins(
            spans="spans" if staging.spans is not None else None,
            spans_by=() if staging.spans is None else tuple(each for each in staging.spans.by if each in cells),
            line_names="line_names",
            sexes="sexes",
            known_contracts="known_contracts" if staging.contracts is not None else None,
            line_rules=given.map.lines,
            contract_rules=given.map.contracts,
            complete_from=given.map.history_complete_from,
            is_history_whole=staging.is_history_whole,
            is_strict_on_pointers=staging.is_strict_on_pointers,
            declared_systems=staging.declared_systems,
        ),
        undeclared,
    )


def _check_shapes(engine: duckdb.DuckDBPyConnection, declared: Collection[tuple[str, str]]) -> None:
    """A shape that a library declares is read here by RE2, which has no way to look around or back."""
    for system, shape in declared:
        try:
            engine.execute(f"SELECT regexp_full_match('', {fence.text(shape)})").fetchall()
        except duckdb.Error:
            raise ClaimsRefused(
                f"the code system {system!r}",
                f"the shape {shape!r}",
                "an expression without lookaround and backreference",
                "write the shape otherwise in medpol.toml",
            ) from None


def _summary(
    engine: duckdb.DuckDBPyConnection, staged: Path
) -> tuple[int, Decimal, int, date | None, date | None, tuple[str, ...]]:
    found = engine.execute(
        f"""SELECT count(*), coalesce(sum(billed_amount), 0), count(*) FILTER (billed_amount IS NULL),
            min(date_of_service), max(date_of_service) FROM {parquet_relation(staged)}"""
    ).fetchone()
    sources = engine.execute(
        f"SELECT DISTINCT data_source FROM {parquet_relation(staged)} WHERE data_source IS NOT NULL ORDER BY 1"
    ).fetchall()
    if found is None:
        raise ClaimsRefused(str(staged), "no rows", "a count", "report this file")
    return int(found[0]), Decimal(found[1]), int(found[2]), found[3], found[4], tuple(str(row[0]) for row in sources)


def _count_undeclared(
    engine: duckdb.DuckDBPyConnection, raw: Raw, cell: Any, undeclared: Collection[str]
) -> dict[str, int]:
    """How many rows use each name of a line of business that nobody declares."""
    if cell is None or not undeclared:
        return {}
    listed = ", ".join(fence.text(each) for each in undeclared)
    rows = engine.execute(
        f"SELECT {cell.first} AS found, count(*) FROM {raw.relation} WHERE found IN ({listed}) GROUP BY found ORDER BY found"
    ).fetchall()
    return {str(found): int(count) for found, count in rows}
