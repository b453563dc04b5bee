"""The door of the room: files of claims in, one table of claim lines out, and every row accounted for.

Each input is read once, by an engine that reaches the work folder alone, into ``lines-N.parquet`` there, in the order of
the file. What stands in the engine of the caller afterwards are views over these: nothing of a hundred million lines is
held in memory, and nothing that happens to the inputs later changes an answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb

from medpol.claims import fence
from medpol.claims.columns import ELIGIBILITY, FACTS
from medpol.claims.final import sort_final
from medpol.claims.joins import write_facts, write_spans
from medpol.claims.lines import SCHEMA
from medpol.claims.refused import ClaimsRefused, TooManyRejects
from medpol.claims.rejects import make_rejects
from medpol.claims.sources import ClaimInput, check_unchanged, match_columns, sha256_of, take_snapshot
from medpol.claims.staging import InputRead, Spans, Staging, read_rows, stage

FINAL_STATUSES = ("final", "replaced", "void", "reversal", "undetermined")
_NO_ROWS = {
    "facts": "NULL::VARCHAR AS member_id, NULL::VARCHAR AS name, NULL::VARCHAR AS value, NULL::VARCHAR AS unit, "
    "NULL::DATE AS observed_on, NULL::DATE AS recorded_on, NULL::VARCHAR AS source"
}


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How claims are read. ``work`` is a folder of the caller's engine; what a run leaves there is its own."""

    work: Path
    carry: tuple[str, ...] = ()
    eligibility: ClaimInput | None = None
    facts: ClaimInput | None = None
    declared_lines: tuple[str, ...] = ()
    declared_systems: tuple[tuple[str, str], ...] = ()
    contracts: frozenset[str] | None = None
    """The ids that are held; ``None``: a contract is not looked up."""
    is_history_whole: bool = False
    is_strict_on_pointers: bool = False
    memory_limit: str = fence.MEMORY_LIMIT
    threads: int = fence.THREADS
    told: Callable[[str], None] = field(default=lambda words: None)
    """Is told what is being done."""


@dataclass(frozen=True, slots=True)
class ClaimsRead:
    """What was read, in counts and dollars. The rows themselves are in the engine."""

    inputs: tuple[InputRead, ...]
    rows: int
    lines: int
    rejected: int
    history_rows: int
    findings: Mapping[str, int]
    final_statuses: Mapping[str, tuple[int, Decimal]]
    """Lines and billed dollars of each."""
    undeclared_lines: Mapping[str, int]
    joined: Mapping[str, str] = field(default_factory=dict)
    """The tables that were joined, and the hash of each."""

    @property
    def unsealed(self) -> tuple[str, ...]:
        return tuple(each.path for each in self.inputs if not each.is_sealed)

    def as_dict(self) -> dict[str, Any]:
        """For JSON; dollars as text."""
        return {
            "rows": self.rows,
            "lines": self.lines,
            "rejected": self.rejected,
            "history_rows": self.history_rows,
            "inputs": [each.as_dict() for each in self.inputs],
            "findings": dict(self.findings),
            "final_statuses": {
                status: {"lines": lines, "billed_amount": str(billed)}
                for status, (lines, billed) in self.final_statuses.items()
            },
            "undeclared_lines_of_business": dict(self.undeclared_lines),
            "joined": dict(self.joined),
        }


class ClaimsDoNotReconcile(RuntimeError):
    """Rows read are not lines and rejects together: nothing may be said of them."""


def read_claims(engine: duckdb.DuckDBPyConnection, inputs: Sequence[ClaimInput], options: ReadOptions) -> ClaimsRead:
    """Leaves the views ``claim_lines``, ``history``, ``facts`` and ``rejects`` in ``engine``, and says what was read.

    Raises:
        ClaimsNotFound: There is no such file.
        ClaimsRefused: A file that is not whole, or not claims; nothing of it is in the views.
    """
    folder = options.work / "claims"
    folder.mkdir(parents=True, exist_ok=True)
    _refuse_twice(inputs)
    spans, joined = _join_tables(folder, options)
    staging = Staging(
        folder=folder,
        carry=options.carry,
        spans=spans,
        declared_lines=options.declared_lines,
        declared_systems=options.declared_systems,
        contracts=options.contracts,
        is_history_whole=options.is_history_whole,
        is_strict_on_pointers=options.is_strict_on_pointers,
        memory_limit=options.memory_limit,
        threads=options.threads,
    )
    read = []
    for number, each in enumerate(inputs):
        options.told(f"reading {each.path}")
        read.append(stage(each, number, staging))
        _refuse_same_bytes(read)
    options.told("sorting final claims")
    return _make_views(engine, folder, read, options, joined)


def refuse_too_many(read: ClaimsRead, most: str | None) -> None:
    """Raises ``TooManyRejects`` where more rows are rejected than ``0.1%`` or ``100`` allow; ``None`` allows all."""
    if most is None:
        return
    limit = share_of(most, read.rows)
    if read.rejected > limit:
        raise TooManyRejects(
            "claims",
            f"{read.rejected:,} of {read.rows:,} rows rejected",
            f"at most {most}",
            "see rejects, correct the file at its source, or allow more with --max-rejects",
        )


def share_of(most: str, rows: int) -> Fraction:
    """The number of rows that ``0.1%`` or ``100`` allow. Raises ``ValueError`` for anything else."""
    number, is_share = (most[:-1], True) if most.endswith("%") else (most, False)
    if not number.isascii() or not number.replace(".", "", 1).isdigit():
        raise ValueError(f"{most!r} is neither a share such as 0.1% nor a number of rows")
    return Fraction(number) * rows / 100 if is_share else Fraction(number)


def check_inputs_unchanged(read: ClaimsRead) -> None:
    """Raises ``ClaimsRefused`` where an input is no longer what was read."""
    for each in read.inputs:
        path = Path(each.path)
        if not path.is_file() or sha256_of(path) != each.sha256:
            raise ClaimsRefused(each.path, "another content than when it was read", "the same", "run again")


def _refuse_twice(inputs: Sequence[ClaimInput]) -> None:
    seen: set[Path] = set()
    for each in inputs:
        if (true := each.path.resolve()) in seen:
            raise ClaimsRefused(str(each.path), "the same file twice", "each file once", "drop one")
        seen.add(true)


def _refuse_same_bytes(read: Sequence[InputRead]) -> None:
    for each in read[:-1]:
        if each.sha256 == read[-1].sha256 and each.rows:
            raise ClaimsRefused(
                read[-1].path,
                f"the same content as {each.path}",
                "each file once: all of its keys would repeat",
                "drop one",
            )


def _join_tables(folder: Path, options: ReadOptions) -> tuple[Spans | None, dict[str, str]]:
    spans, joined = None, {}
    for each, table, name in ((options.eligibility, ELIGIBILITY, "eligibility"), (options.facts, FACTS, "facts")):
        if each is None:
            continue
        options.told(f"reading {each.path}")
        shown, raw_path = str(each.path), folder / f"raw-{name}.parquet"
        snapshot = take_snapshot(each.path, folder, f"given-{name}", f".{each.kind}")
        try:
            with fence.open_engine(
                [folder], memory_limit=options.memory_limit, threads=options.threads, keeps_order=True
            ) as engine:
                raw, _ = read_rows(engine, each, snapshot, raw_path, {})
                renamed = each.map.eligibility if table is ELIGIBILITY else each.map.facts
                matched = match_columns(raw, shown, table, renamed, each.map)
                if table is ELIGIBILITY:
                    spans = Spans(write_spans(engine, raw, matched, table, shown, each.map.lines, folder))
                else:
                    write_facts(engine, raw, matched, table, shown, folder)
            check_unchanged(snapshot)
        finally:
            for left in (snapshot.path, raw_path, raw_path.with_suffix(".utf-8")):
                left.unlink(missing_ok=True)
        joined[name] = snapshot.sha256
    return spans, joined


# ---------------------------------------------------------------------------- views


def _make_views(
    engine: duckdb.DuckDBPyConnection,
    folder: Path,
    read: Sequence[InputRead],
    options: ReadOptions,
    joined: Mapping[str, str],
) -> ClaimsRead:
    files = ", ".join(fence.path_text(folder / each.staged) for each in read)
    engine.execute(f"CREATE OR REPLACE VIEW staged AS SELECT * FROM read_parquet([{files}], hive_partitioning = false)")
    engine.execute("CREATE OR REPLACE VIEW staged_good AS SELECT * FROM staged WHERE reject_key IS NULL")
    sort_final(engine, "staged_good", sum(each.rows for each in read))
    history = [each.number for each in read if each.is_history]
    is_history = f"input IN ({', '.join(map(str, history))})" if history else "false"
    columns = ", ".join(f"l.{name}" for name in SCHEMA)
    carried = "".join(f", l.{fence.name(name)}" for name in options.carry)
    all_lines = f"""SELECT {columns}, coalesce(s.final_status, 'final') AS final_status{carried}
        FROM staged_good AS l LEFT JOIN statuses AS s USING (line_id) ANTI JOIN repeated USING (line_id)"""
    if _count(engine, "statuses") == _count(engine, "repeated") == 0:
        all_lines = f"SELECT {columns}, 'final' AS final_status{carried} FROM staged_good AS l"
    engine.execute(f"CREATE OR REPLACE VIEW all_lines AS {all_lines}")
    engine.execute(f"CREATE OR REPLACE VIEW claim_lines AS SELECT * FROM all_lines WHERE NOT {is_history}")
    engine.execute(
        f"""CREATE OR REPLACE VIEW history AS SELECT member_id, code_system, code, date_of_service AS day, units,
        CASE WHEN NOT {is_history} THEN line_id END AS line_id FROM all_lines
        WHERE final_status = 'final' AND member_id IS NOT NULL AND code IS NOT NULL AND NOT is_code_malformed"""
    )
    facts = folder / "facts.parquet"
    engine.execute(
        f"CREATE OR REPLACE VIEW facts AS SELECT * FROM {fence.path_text(facts)}"
        if options.facts is not None
        else f"CREATE OR REPLACE VIEW facts AS SELECT {_NO_ROWS['facts']} WHERE false"
    )
    make_rejects(engine, folder, read)
    return _counted(engine, read, joined)


def _count(engine: duckdb.DuckDBPyConnection, relation: str) -> int:
    found = engine.execute(f"SELECT count(*) FROM {relation}").fetchone()
    return int(found[0]) if found is not None else 0


def _counted(engine: duckdb.DuckDBPyConnection, read: Sequence[InputRead], joined: Mapping[str, str]) -> ClaimsRead:
    """The counts, taken from the views themselves, and held against what each input was found to have."""
    lines = {
        row[0]: row[1:]
        for row in engine.execute(
            "SELECT input, count(*), coalesce(sum(billed_amount), 0) FROM all_lines GROUP BY input"
        ).fetchall()
    }
    rejects: dict[int, dict[str, int]] = {}
    billed: Counter[int] = Counter()
    for number, key, count, dollars in engine.execute(
        "SELECT input, reject_key, sum(lines), coalesce(sum(billed_amount), 0) FROM rejects GROUP BY ALL ORDER BY ALL"
    ).fetchall():
        rejects.setdefault(number, {})[key] = int(count)
        billed[number] += dollars
    inputs = tuple(
        replace(
            each,
            lines=lines.get(each.number, (0, Decimal(0)))[0],
            billed_lines=Decimal(lines.get(each.number, (0, Decimal(0)))[1]),
            rejects=rejects.get(each.number, {}),
            billed_rejected=Decimal(billed[each.number]),
        )
        for each in read
    )
    for each in inputs:
        if (
            each.rows != each.lines + sum(each.rejects.values())
            or each.billed_read != each.billed_lines + each.billed_rejected
        ):
            raise ClaimsDoNotReconcile(f"{each.path}: {each.rows} rows, {each.lines} lines, {each.rejects}")
    findings = engine.execute(
        "SELECT finding, count(*) FROM (SELECT unnest(findings) AS finding FROM claim_lines) GROUP BY finding ORDER BY finding"
    ).fetchall()
    statuses = {
        row[0]: (row[1], Decimal(row[2]))
        for row in engine.execute(
            "SELECT final_status, count(*), coalesce(sum(billed_amount), 0) FROM claim_lines GROUP BY final_status"
        ).fetchall()
    }
    undeclared: Counter[str] = Counter()
    for each in inputs:
        undeclared.update(each.undeclared_lines)
    asked = [each for each in inputs if not each.is_history]
    return ClaimsRead(
        inputs=inputs,
        rows=sum(each.rows for each in asked),
        lines=sum(each.lines for each in asked),
        rejected=sum(sum(each.rejects.values()) for each in asked),
        history_rows=sum(each.rows for each in inputs if each.is_history),
        findings=dict(findings),
        final_statuses={each: statuses[each] for each in FINAL_STATUSES if each in statuses},
        undeclared_lines=dict(sorted(undeclared.items())),
        joined=joined,
    )
