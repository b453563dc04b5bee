"""Lines and dollars by class: what a part adds up to, and all parts together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

BY = ("outcome", "coverage_position", "policy", "reason_key", "final_status")
"""What makes a class of lines in a journal."""
MONEY = ("billed_amount", "allowed_amount", "paid_amount", "at_risk_amount")

CLASSES = f"""
SELECT {", ".join(BY)}, count(*) AS lines,
    {", ".join(f"coalesce(sum({each}), 0) AS {each}" for each in MONEY)},
    count(*) FILTER (billed_amount IS NULL) AS billed_missing, count(*) FILTER (allowed_amount IS NULL) AS allowed_missing
FROM {{relation}} GROUP BY ALL ORDER BY ALL
"""

Row = dict[str, Any]


def as_row(names: Sequence[str], values: Sequence[Any]) -> Row:
    """A row of a count for JSON: dollars as text, with their cents."""
    return {
        name: f"{value:.2f}" if isinstance(value, Decimal) else value for name, value in zip(names, values, strict=True)
    }


class Totals:
    """Rows of counts summed by class, part after part: as large as the classes that occur, whatever the lines."""

    def __init__(self, by: Sequence[str] = BY) -> None:
        self.by = tuple(by)
        self._sums: dict[tuple[Any, ...], dict[str, Any]] = {}

    def add(self, rows: Iterable[Mapping[str, Any]]) -> None:
        for row in rows:
            held = self._sums.setdefault(tuple(row[name] for name in self.by), {})
            for name, value in row.items():
                if name in MONEY:
                    held[name] = held.get(name, Decimal(0)) + Decimal(value)
                elif name not in BY and name not in self.by:
                    held[name] = held.get(name, 0) + value

    def rows(self) -> list[Row]:
        """The sums in the order of their classes, nothing before any name."""
        ordered = sorted(self._sums, key=lambda key: [(each is not None, each or "") for each in key])
        return [as_row((*self.by, *self._sums[key]), (*key, *self._sums[key].values())) for key in ordered]


def added(rows: Iterable[Mapping[str, Any]], by: Sequence[str]) -> list[Row]:
    """The rows summed by some of their names, in the order of these."""
    totals = Totals(by)
    totals.add(rows)
    return totals.rows()


def dollars(rows: Iterable[Mapping[str, Any]], name: str = "billed_amount") -> Decimal:
    return sum((Decimal(row[name]) for row in rows), Decimal(0))


def lines(rows: Iterable[Mapping[str, Any]]) -> int:
    return sum(int(row["lines"]) for row in rows)
