"""Lines that changed, each explained under both plans: the largest of every kind of change first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Protocol

import duckdb

from medpol.decide.engines.embedded import Embedded
from medpol.decide.explain import determine
from medpol.decide.one import Desk
from medpol.decide.table.deciding import BulkDesk
from medpol.impact.counting import turn_columns
from medpol.impact.values import Cited, Example, Explained
from medpol.model.determination import Determination

_MOST_SENTENCES = 3


class Decides(Protocol):
    """A plan over the claims, as ``comparing`` holds it."""

    name: str
    desk: Desk
    bulk: BulkDesk

    def decide(self, engine: duckdb.DuckDBPyConnection, of: str) -> Embedded: ...


def examples_of(
    engine: duckdb.DuckDBPyConnection,
    sides: Sequence[Decides],
    known_on: date,
    most: int,
    *,
    with_lines: bool,
    least: int | None,
    shown: Mapping[str, str],
) -> tuple[Example, ...]:
    """At most so many changed lines, one of each kind of change before a second of any; none of too small a kind.

    ``shown`` holds the name under which a person knows a file of the library.
    """
    rows = _chosen(engine, most, least)
    if not rows:
        return ()
    ids = ", ".join(str(row["line_id"]) for row in rows)
    engine.execute(
        f"CREATE OR REPLACE TEMP TABLE example_lines AS SELECT * FROM memory.main.claim_lines WHERE line_id IN ({ids})"
    )
    told = [_determinations(engine, side, known_on, [row["line_id"] for row in rows]) for side in sides]
    return tuple(
        Example(
            code_system=row["code_system"],
            code=row["code"],
            month=row["month"],
            allowed_amount=row["allowed_amount"],
            final_status=row["final_status"],
            like_it=row["like_it"],
            before=_explained(row, "before", told[0].get(row["line_id"]), {}),
            after=_explained(row, "after", told[1].get(row["line_id"]), shown),
            **({name: row[name] for name in _OF_THE_LINE} if with_lines else {}),
        )
        for row in rows
    )


_OF_THE_LINE = ("data_source", "claim_id", "claim_line_number", "member_id", "date_of_service")


def _chosen(engine: duckdb.DuckDBPyConnection, most: int, least: int | None) -> list[dict[str, Any]]:
    kind = ", ".join(turn_columns())
    rows: list[dict[str, Any]] = (
        engine.sql(
            f"""WITH changed AS (
                SELECT *, hash({kind}) AS kind FROM compared WHERE is_changed),
            kinds AS (SELECT kind, count(*) AS like_it, count(DISTINCT member_id) AS members FROM changed GROUP BY kind),
            placed AS (SELECT c.*, k.like_it, row_number() OVER (
                PARTITION BY c.kind ORDER BY c.is_final DESC, c.allowed_amount DESC NULLS LAST, c.line_id) AS place
                FROM changed c JOIN kinds k USING (kind) WHERE k.members >= $least)
            SELECT * FROM placed ORDER BY place, like_it DESC, allowed_amount DESC NULLS LAST, line_id LIMIT $most""",
            params={"least": least or 0, "most": most},
        )
        .to_arrow_table()
        .to_pylist()
    )
    return rows


def _determinations(
    engine: duckdb.DuckDBPyConnection, side: Decides, known_on: date, lines: Sequence[int]
) -> dict[int, Determination]:
    """The single reading of the first day of each line, with its sentences."""
    embedded = side.decide(engine, "example_lines")
    cases = side.bulk.cases(embedded, [line * 2 for line in lines])
    return {asked // 2: determine(side.desk, case, known_on, smallest=False) for asked, (_, _, case) in cases.items()}


def _explained(row: Mapping[str, Any], side: str, found: Determination | None, shown: Mapping[str, str]) -> Explained:
    """The row of the table, with the sentences of the single reading where it says the same."""
    authorization = row[f"{side}_authorization_required"]
    is_same = found is not None and found.reason_key == row[f"{side}_reason_key"]
    sentences = found.sentences if found is not None and is_same else ()
    return Explained(
        outcome=row[f"{side}_outcome"],
        reason_key=row[f"{side}_reason_key"],
        reason=row[f"{side}_reason"] if found is None or not is_same else found.reason,
        position=row[f"{side}_coverage_position"],
        authorization=None if authorization is None else "required" if authorization else "not required",
        policy=row[f"{side}_policy"],
        version=row[f"{side}_policy_effective"],
        rule=row[f"{side}_rule"],
        sentences=tuple(
            Cited(shown.get(each.file, each.file), each.line, each.text) for each in sentences[:_MOST_SENTENCES]
        ),
    )
