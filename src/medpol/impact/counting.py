"""Compared lines counted: the cross-table, kinds of change, reviews by amount, and one table for each thing to go by.

Where the smallest cell is given, groups of fewer members are put together into one, so that what is shown cannot be
taken from a total to find them; if the sum is still of fewer members, the next smallest group joins them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa

from medpol.claims.intake import ClaimsRead
from medpol.impact.sql import IS_REVIEW
from medpol.impact.values import Band, Breakdown, Cell, NotFinal, Read, Share, Turn

_CELL = """count(*) AS lines, count(*) FILTER (is_final) AS final_lines,
    count(DISTINCT member_id) FILTER (is_final) AS members,
    coalesce(sum(allowed_amount) FILTER (is_final), 0) AS allowed_amount,
    count(*) FILTER (is_final AND allowed_amount IS NULL) AS allowed_missing"""
_REVIEWED = {side: IS_REVIEW.format(side=side) for side in ("before", "after")}


def _of_share(name: str, what: str) -> str:
    return ", ".join(f"{what.format(side=side, review=_REVIEWED[side])} AS {name}_{side}" for side in _REVIEWED)


_SHARE = f"""count(*) AS final_lines, count(*) FILTER (is_changed) AS changed_lines,
    count(DISTINCT member_id) FILTER (is_changed) AS changed_members,
    coalesce(sum(allowed_amount) FILTER (is_changed), 0) AS changed_allowed,
    {_of_share("reviews", "count(*) FILTER ({review})")},
    {_of_share("not_covered", "coalesce(sum(allowed_amount) FILTER ({side}_outcome = 'not_covered'), 0)")},
    {_of_share("waiting", "count(*) FILTER ({side}_outcome = 'information_needed')")}"""

BREAKDOWNS = {
    "code": "code",
    "billing_provider": "billing_npi",
    "rendering_provider": "rendering_npi",
    "plan": "plan",
    "line_of_business": "line_of_business",
    "month": "month",
}
"""What the change is told by, and the column of each."""

BOUNDS = tuple(Decimal(each) for each in (0, 25, 50, 100, 250, 1000))
"""Where the bands of allowed amounts begin."""

_TURN = tuple(
    f"{name}_{side}"
    for side in ("before", "after")
    for name in ("outcome", "reason", "position", "authorization", "policy")
)
_COLUMNS = {
    "outcome": "{side}_outcome",
    "reason": "{side}_reason_key",
    "position": "{side}_coverage_position",
    "authorization": "CASE {side}_authorization_required WHEN true THEN 'required' WHEN false THEN 'not required' END",
    "policy": "{side}_policy",
}


def turn_columns() -> list[str]:
    """What makes a kind of change, in the order of the fields of ``Turn``."""
    return [_COLUMNS[name.rsplit("_", 1)[0]].format(side=name.rsplit("_", 1)[1]) for name in _TURN]


# ---------------------------------------------------------------------------- groups


@dataclass(frozen=True, slots=True)
class Group:
    keys: tuple[str | None, ...]
    measures: dict[str, Any]
    people: tuple[int, ...]
    """Members, and what else must not be fewer than the smallest cell."""
    together: int = 0

    def under(self, *names: str) -> dict[str, Any]:
        """Keys under these names, measures under their own."""
        return {**dict(zip(names, self.keys, strict=True)), **self.measures, "together": self.together}


def groups(
    engine: duckdb.DuckDBPyConnection,
    keys: Sequence[str],
    measures: str,
    least: int | None,
    *,
    where: str = "true",
    people: Sequence[str] = ("count(DISTINCT member_id)",),
) -> list[Group]:
    """Lines grouped by some expressions, each group with its measures; the small ones put together, last."""
    found = _grouped(engine, keys, measures, where, people, ())
    small = [each for each in found if least is not None and any(count < least for count in each.people)]
    if not small or least is None:
        return found
    large = sorted((each for each in found if each not in small), key=lambda each: min(each.people), reverse=True)
    while True:
        shown = _grouped(engine, keys, measures, where, people, [each.keys for each in small])
        if not large or all(count >= least for count in shown[-1].people):
            return shown
        small.append(large.pop())


def _grouped(
    engine: duckdb.DuckDBPyConnection,
    keys: Sequence[str],
    measures: str,
    where: str,
    people: Sequence[str],
    together: Sequence[tuple[str | None, ...]],
) -> list[Group]:
    names = [f"k{at}" for at in range(len(keys))]
    engine.register(
        "put_together",
        pa.table({name: pa.array([each[at] for each in together], pa.string()) for at, name in enumerate(names)}),
    )
    same = " AND ".join(f"t.{name} IS NOT DISTINCT FROM k.{name}" for name in names)
    counts = ", ".join(f"{each} AS people_{at}" for at, each in enumerate(people))
    try:
        rows = (
            engine.sql(
                f"""WITH keyed AS (SELECT {", ".join(f"CAST({key} AS VARCHAR) AS {name}" for key, name in zip(keys, names, strict=True))},
                * FROM compared WHERE {where}),
            marked AS (SELECT *, EXISTS (SELECT 1 FROM put_together t WHERE {same}) AS is_together FROM keyed k)
            SELECT is_together, {", ".join(f"CASE WHEN NOT is_together THEN {name} END AS {name}" for name in names)},
                {measures}, {counts} FROM marked GROUP BY {", ".join(map(str, range(1, len(names) + 2)))}
            ORDER BY is_together, {", ".join(f"{name} NULLS LAST" for name in names)}"""
            )
            .to_arrow_table()
            .to_pylist()
        )
    finally:
        engine.unregister("put_together")
    apart = {"is_together", *names, *(f"people_{at}" for at in range(len(people)))}
    return [
        Group(
            tuple(row[name] for name in names),
            {name: value for name, value in row.items() if name not in apart},
            tuple(row[f"people_{at}"] for at in range(len(people))),
            len(together) if row["is_together"] else 0,
        )
        for row in rows
    ]


# ---------------------------------------------------------------------------- tables


def cells_of(engine: duckdb.DuckDBPyConnection, least: int | None) -> tuple[Cell, ...]:
    """The cross-table: every compared line is in exactly one cell."""
    return tuple(
        Cell(**each.under("before", "after"))
        for each in groups(engine, ("before_outcome", "after_outcome"), _CELL, least)
    )


def changed_cells(engine: duckdb.DuckDBPyConnection) -> tuple[Cell, Cell]:
    """All lines whose outcome changes, and all whose outcome stays while reason, position or authorisation changes."""
    return (
        Cell(None, None, **one_row(engine, f"SELECT {_CELL} FROM compared WHERE is_outcome_changed")),
        Cell(
            None, None, **one_row(engine, f"SELECT {_CELL} FROM compared WHERE is_changed AND NOT is_outcome_changed")
        ),
    )


def turns_of(engine: duckdb.DuckDBPyConnection, least: int | None) -> tuple[Turn, ...]:
    """The kinds of change, most dollars first."""
    found = groups(engine, turn_columns(), _CELL, least, where="is_changed")
    ordered = sorted(
        found, key=lambda each: (each.together > 0, -each.measures["allowed_amount"], -each.measures["lines"])
    )
    return tuple(Turn(**each.under(*_TURN)) for each in ordered)


def breakdowns_of(engine: duckdb.DuckDBPyConnection, least: int | None) -> tuple[Breakdown, ...]:
    """The final lines by code, provider, plan, line of business and month; months in their order, else most dollars first."""
    return tuple(Breakdown(name, _shares(engine, name, column, least)) for name, column in BREAKDOWNS.items())


def _shares(engine: duckdb.DuckDBPyConnection, name: str, column: str, least: int | None) -> tuple[Share, ...]:
    changed = "CASE WHEN count(*) FILTER (is_changed) = 0 THEN count(DISTINCT member_id) ELSE count(DISTINCT member_id) FILTER (is_changed) END"
    found = groups(engine, (column,), _SHARE, least, where="is_final", people=("count(DISTINCT member_id)", changed))
    if name != "month":
        found.sort(
            key=lambda each: (each.together > 0, -each.measures["changed_allowed"], -each.measures["changed_lines"])
        )
    return tuple(Share(**each.under("key")) for each in found)


def bands_of(engine: duckdb.DuckDBPyConnection, least: int | None) -> tuple[Band, ...]:
    """Reviews by the allowed amount of their lines: whether it is small amounts that are looked at."""
    number = " + ".join(f"(allowed_amount >= {each})::INTEGER" for each in BOUNDS)
    reviewed = " OR ".join(_REVIEWED.values())
    measures = ", ".join(
        f"count(*) FILTER ({review}) AS reviews_{side}, coalesce(sum(allowed_amount) FILTER ({review}), 0) AS allowed_{side}"
        for side, review in _REVIEWED.items()
    )
    found = groups(engine, (number,), measures, least, where=f"is_final AND ({reviewed})")
    return tuple(Band(*_band(each), **each.measures, together=each.together) for each in found)


def _band(group: Group) -> tuple[Decimal | None, Decimal | None]:
    at = group.keys[0]
    if at is None:
        return None, None
    bounds = (None, *BOUNDS, None)
    return bounds[int(at)], bounds[int(at) + 1]


def read_of(engine: duckdb.DuckDBPyConnection, read: ClaimsRead) -> Read:
    """What was read, and what of it was compared."""
    counts = one_row(
        engine,
        f"""SELECT {_CELL}, count(*) FILTER (is_final AND allowed_amount = 0) AS allowed_zero,
            count(*) FILTER (is_final AND member_id IS NULL) AS without_member,
            min(date_of_service) AS first_day, max(date_of_service) AS last_day FROM compared""",
    )
    statuses = engine.execute(
        "SELECT final_status, count(*) FROM compared WHERE NOT is_final GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    first, last = counts.pop("first_day"), counts.pop("last_day")
    assert first is None or isinstance(first, date)
    return Read(
        rows=read.rows,
        rejected=read.rejected,
        outside=read.lines - counts["lines"],
        first_day=first,
        last_day=last,
        not_final=tuple(NotFinal(status, count) for status, count in statuses),
        **counts,
    )


def one_row(engine: duckdb.DuckDBPyConnection, statement: str) -> dict[str, Any]:
    found = engine.execute(statement)
    names = [each[0] for each in found.description or ()]
    (row,) = found.fetchall()
    return dict(zip(names, row, strict=True))
