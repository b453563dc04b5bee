"""Rejected rows as a relation: where each stands, what was found, what was expected and how to mend it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from medpol.claims import fence
from medpol.claims.lines import FOUND_LENGTH, LINE_NUMBERS, expected_of
from medpol.claims.staging import InputRead

SCHEMA: dict[str, str] = {
    "input": "SMALLINT",
    "position": "BIGINT",
    "data_source": "VARCHAR",
    "claim_id": "VARCHAR",
    "claim_line_number": "VARCHAR",
    "reject_key": "VARCHAR",
    "column": "VARCHAR",
    "found": "VARCHAR",
    "expected": "VARCHAR",
    "mend": "VARCHAR",
    "lines": "BIGINT",
    "billed_amount": "DECIMAL(12,2)",
}
"""``lines`` are the claim lines that a reject keeps out: 1, or those of an 837 interchange that is refused whole."""


def make_rejects(engine: duckdb.DuckDBPyConnection, folder: Path, read: Sequence[InputRead]) -> None:
    """Makes the view ``rejects`` of what staging, the 837 reader and the sorting of keys refused."""
    said = engine.execute(
        "SELECT DISTINCT reject_key, reject_column FROM staged WHERE reject_key IS NOT NULL ORDER BY ALL"
    ).fetchall()
    engine.execute(
        "CREATE OR REPLACE TEMP TABLE reject_words (reject_key VARCHAR, reject_column VARCHAR, expected VARCHAR, mend VARCHAR)"
    )
    for key, column in said:
        engine.execute("INSERT INTO reject_words VALUES (?, ?, ?, ?)", [key, column, *expected_of(key, column)])
    parts = [
        """SELECT s.input, s.position, s.data_source, s.claim_id, CAST(s.claim_line_number AS VARCHAR) AS claim_line_number,
            s.reject_key, s.reject_column AS "column", s.reject_found AS found, w.expected, w.mend, 1 AS lines, s.billed_amount
        FROM staged AS s JOIN reject_words AS w USING (reject_key, reject_column)""",
        f"""SELECT s.input, s.position, s.data_source, s.claim_id, CAST(s.claim_line_number AS VARCHAR), 'duplicate-key',
            'claim_line_number', left(s.data_source || '/' || s.claim_id || '/' || s.claim_line_number, {FOUND_LENGTH}),
            'each key once, or days that say which line is the later',
            'the same key stands at ' || {_shown_place("CASE WHEN r.place = r.first_place THEN r.last_place ELSE r.first_place END", read)}
                || CASE WHEN r.times > 2 THEN ' and ' || (r.times - 2) || ' more' ELSE '' END || ': drop one, or give paid_date',
            1, s.billed_amount
        FROM staged AS s JOIN repeated AS r USING (line_id)""",
    ]
    for each in read:
        if (folder / each.refused).exists():
            parts.append(
                f"SELECT {', '.join(fence.name(name) for name in SCHEMA)} FROM {fence.path_text(folder / each.refused)}"
            )
    columns = ", ".join(f"CAST({fence.name(name)} AS {kind}) AS {fence.name(name)}" for name, kind in SCHEMA.items())
    engine.execute(f"CREATE OR REPLACE VIEW rejects AS SELECT {columns} FROM ({' UNION ALL '.join(parts)})")


def _shown_place(place: str, read: Sequence[InputRead]) -> str:
    """SQL for a place in words: the file, and the row in it."""
    names = " ".join(f"WHEN {each.number} THEN {fence.text(each.path)}" for each in read)
    row = "segment " if all(each.format == "x12" for each in read) else "row "
    return f"(CASE ({place}) >> {LINE_NUMBERS} {names} END || ', {row}' || (({place}) & {(1 << LINE_NUMBERS) - 1}))"
