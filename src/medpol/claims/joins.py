"""What is joined to claim lines: members' spans and documented facts, each read as strictly as claims, or refused whole.

A span of a day that nobody can read would make somebody's coverage wrong without a word, so one bad row refuses the file.
Spans become pieces in which nothing changes; where two that hold a day disagree, what they disagree on is unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import duckdb

from medpol.claims import fence
from medpol.claims.cells import EXPECTED, Cell, absent
from medpol.claims.columns import Column, Need, names_of
from medpol.claims.lines import line_rules_sql
from medpol.claims.maps import LineRule
from medpol.claims.refused import ClaimsRefused
from medpol.claims.sources import Matched, Raw
from medpol.model.facts import FACT_SOURCES, normalise_sex

MOST_NAMES = 10_000
"""More distinct names of lines of business or sexes than this come from a column that is neither."""
_PLAIN_TYPES = (("commercial", "commercial"), ("medicaid", "medicaid"))
"""Tuva's payer types that name one line of business; ``medicare`` may be two, and ``self-insured`` is who pays."""


def named(
    engine: duckdb.DuckDBPyConnection, table: str, found: Iterable[str], meaning: Callable[[str], str | None]
) -> None:
    """Makes the table (found, line or sex): what each of the texts means."""
    rows = [(each, value) for each in found if (value := meaning(each)) is not None]
    engine.execute(f"CREATE OR REPLACE TEMP TABLE {table} (found VARCHAR, line VARCHAR, sex VARCHAR)")
    if rows:
        engine.executemany(f"INSERT INTO {table} VALUES (?, ?, ?)", [(each, value, value) for each, value in rows])


def distinct_texts(engine: duckdb.DuckDBPyConnection, raw: Raw, cell: Cell | None, shown: str) -> list[str]:
    """The distinct texts of a column, few by its nature."""
    if cell is None:
        return []
    found = engine.execute(
        f"SELECT DISTINCT {cell.first} AS found FROM {raw.relation} WHERE found IS NOT NULL LIMIT {MOST_NAMES + 1}"
    ).fetchall()
    if len(found) > MOST_NAMES:
        raise ClaimsRefused(
            shown, f"more than {MOST_NAMES:,} different texts in {cell.name}", "few", "map another column to it"
        )
    return sorted(str(row[0]) for row in found)


# ---------------------------------------------------------------------------- tables of one row each


def make_table(
    engine: duckdb.DuckDBPyConnection,
    name: str,
    raw: Raw,
    matched: Matched,
    table: Sequence[Column],
    shown: str,
) -> None:
    """The typed table of a file. Raises ``ClaimsRefused`` at its first row that cannot be read."""
    cells = [matched.cells.get(column) or absent(_column(table, column), column) for column in names_of(table)]
    engine.execute(
        f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT position, "
        + ", ".join(f"{each.value} AS {fence.name(each.name)}" for each in cells)
        + f", {_fault(cells)} AS fault FROM (SELECT {raw.position} AS position, "
        + ", ".join(f"{each.first} AS {each.held}" for each in cells)
        + f" FROM {raw.relation})"
    )
    bad = engine.execute(
        f"SELECT position, fault FROM {name} WHERE fault IS NOT NULL ORDER BY position LIMIT 1"
    ).fetchone()
    if bad is not None:
        column = _column(table, str(bad[1]))
        raise ClaimsRefused(
            f"{shown}: row {bad[0]}",
            f"{column.name} is empty or cannot be read",
            EXPECTED[column.type],
            "correct the row; a table that is joined is read whole or not at all",
        )


def _column(table: Sequence[Column], name: str) -> Column:
    return next(each for each in table if each.name == name)


def _fault(cells: Sequence[Cell]) -> str:
    """The name of the first column that is empty where it may not be, or bad."""
    arms = [
        f"WHEN {each.held} IS NULL OR {each.bad} THEN {fence.text(each.name)}"
        if each.column.need is Need.ROW
        else f"WHEN {each.bad} THEN {fence.text(each.name)}"
        for each in cells
    ]
    return f"CASE {' '.join(arms)} END"


# ---------------------------------------------------------------------------- eligibility


def write_spans(
    engine: duckdb.DuckDBPyConnection,
    raw: Raw,
    matched: Matched,
    table: Sequence[Column],
    shown: str,
    rules: Sequence[LineRule],
    folder: Path,
) -> tuple[str, ...]:
    """Writes ``spans.parquet`` and ``spans_first.parquet``; gives back which of payer and plan a claim may name.

    A piece is of one member, or of one member with one payer, one plan, or both: claims that name them look there.
    """
    make_table(engine, "eligibility", raw, matched, table, shown)
    bad = engine.execute(
        "SELECT min(position) FROM eligibility WHERE enrollment_end_date < enrollment_start_date"
    ).fetchone()
    if bad is not None and bad[0] is not None:
        raise ClaimsRefused(
            f"{shown}: row {bad[0]}",
            "a span that ends before it starts",
            "a last day on or after the first",
            "correct one of the two",
        )
    named(engine, "genders", distinct_texts(engine, raw, matched.cells.get("gender"), shown), normalise_sex)
    kind = "lower(trim(payer_type, ' '))"
    plain = " ".join(f"WHEN '{word}' THEN '{line}'" for word, line in _PLAIN_TYPES)
    line = line_rules_sql(rules, {"payer": "payer", "plan": "plan", "payer_type": kind})
    engine.execute(
        f"""CREATE OR REPLACE TEMP TABLE enrolled AS
        SELECT e.member_id, coalesce(e.payer, '') AS payer, coalesce(e.plan, '') AS plan_name, e.enrollment_start_date AS starts,
            coalesce(e.enrollment_end_date + 1, DATE '9999-12-31') AS ends,
            coalesce({line}, CASE {kind} {plain} END) AS line,
            trim(e.plan, ' ') AS plan, trim(e.group_id, ' ') AS group_id, e.birth_date, g.sex
        FROM eligibility AS e LEFT JOIN genders AS g ON g.found = e.gender"""
    )
    by = tuple(each for each in ("payer", "plan") if each in matched.cells)
    values = ("line", "plan", "group_id", "birth_date", "sex")
    keys = ["member_id || chr(31) || '' || chr(31) || ''"]
    if "payer" in by:
        keys.append("member_id || chr(31) || payer || chr(31) || ''")
    if "plan" in by:
        keys.append("member_id || chr(31) || '' || chr(31) || plan_name")
    if len(by) == 2:
        keys.append("member_id || chr(31) || payer || chr(31) || plan_name")
    levels = " UNION ".join(f"SELECT {key} AS span_key, * FROM enrolled" for key in keys)
    agreed = ", ".join(f"CASE WHEN count(DISTINCT {each}) = 1 THEN min({each}) END AS {each}" for each in values)
    differ = " OR ".join(f"count(DISTINCT {each}) > 1" for each in values)
    engine.execute(
        f"""COPY (WITH levels AS ({levels}),
        days AS (SELECT span_key, starts AS day FROM levels UNION SELECT span_key, ends FROM levels),
        pieces AS (SELECT span_key, day AS piece_starts, lead(day) OVER (PARTITION BY span_key ORDER BY day) AS piece_ends FROM days)
        SELECT p.span_key, p.piece_starts AS starts, p.piece_ends AS ends, {agreed}, {differ} AS disagrees
        FROM pieces AS p JOIN levels AS l ON l.span_key = p.span_key AND l.starts <= p.piece_starts AND p.piece_ends <= l.ends
        GROUP BY ALL) TO {fence.path_text(folder / "spans.parquet")} (FORMAT parquet)"""
    )
    engine.execute(
        f"""COPY (SELECT member_id, min(starts) AS first_day FROM enrolled GROUP BY member_id)
        TO {fence.path_text(folder / "spans_first.parquet")} (FORMAT parquet)"""
    )
    return by


# ---------------------------------------------------------------------------- facts


def write_facts(
    engine: duckdb.DuckDBPyConnection, raw: Raw, matched: Matched, table: Sequence[Column], shown: str, folder: Path
) -> None:
    """Writes ``facts.parquet``; what the values mean is for the declarations of a library to say."""
    make_table(engine, "documented", raw, matched, table, shown)
    sources = ", ".join(fence.text(each) for each in FACT_SOURCES)
    bad = engine.execute(
        f"SELECT min(position) FROM documented WHERE lower(trim(source, ' ')) NOT IN ({sources})"
    ).fetchone()
    if bad is not None and bad[0] is not None:
        raise ClaimsRefused(
            f"{shown}: row {bad[0]}",
            "a source that is not known",
            "one of: " + ", ".join(FACT_SOURCES),
            "correct the row",
        )
    engine.execute(
        f"""COPY (SELECT member_id, trim(name, ' ') AS name, trim(value, ' ') AS value, trim(unit, ' ') AS unit, observed_on,
            recorded_on, lower(trim(source, ' ')) AS source FROM documented ORDER BY position)
        TO {fence.path_text(folder / "facts.parquet")} (FORMAT parquet)"""
    )
