"""The criteria of the invented policies as plain trees, and lines as plain rows: what every peer is given alike.

Only trees that read nothing but the claim line: no peer has windows over history, or documented facts by date. A value is
what the line says, ``None`` where it says nothing; ages are whole months, which decides years exactly.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from benchmarks.bulk import library
from benchmarks.bulk.generate import Made

from medpol.claims import fence
from medpol.library import load
from medpol.model import criteria as c
from medpol.model.codes import CodePattern
from medpol.model.policy import CodeRole, PolicyVersion
from medpol.model.quantities import Quantity

Tree = dict[str, Any]
FIELDS = ("age", "units", "sex", "place", "specialty", "diagnosis", "modifier")
LISTS = ("diagnosis", "modifier")
_FIELD_OF = {
    "age": "age",
    "service.units": "units",
    "sex": "sex",
    "service.place": "place",
    "provider.specialty": "specialty",
    "diagnosis": "diagnosis",
    "service.modifier": "modifier",
}
_MONTHS = {"years": 12, "year": 12, "months": 1, "month": 1}
_INFORMATION_NEEDED = "information_needed"


class NotSaid(ValueError):
    """The tree reads more than the claim line."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Trees, rows, and of each decision which tree is asked about which row, with the outcome of the reference."""

    trees: list[Tree]
    """Each with its ``tree``, and the outcomes where it is ``met`` and where it is not, ``otherwise``."""
    rows: list[dict[str, Any]]
    asked: list[int]
    """The number of the tree of each row."""
    outcomes: list[str]
    lines: list[int]
    """The ids of the lines that the rows are."""

    def write(self, path: Path) -> None:
        said = {
            "trees": self.trees,
            "rows": self.rows,
            "asked": self.asked,
            "outcomes": self.outcomes,
            "lines": self.lines,
        }
        path.write_text(json.dumps(said), encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Sample:
        return cls(**json.loads(path.read_text(encoding="utf-8")))


def outcome_of(tree: Tree, worse: bool, better: bool) -> str:
    """What two answers of a two-valued peer come to: unknown counted as the worse, then as the better."""
    if worse != better:
        return _INFORMATION_NEEDED
    return str(tree["met"] if worse else tree["otherwise"])


# ---------------------------------------------------------------------------- trees


def trees_of(folder: Path) -> dict[tuple[str, str], Tree]:
    """The tree of every version, by policy and first day, that reads the claim line alone and has a single rule."""
    held: dict[tuple[str, str], Tree] = {}
    for version in load(folder).versions:
        try:
            held[version.policy, str(version.first_day)] = _tree(version)
        except NotSaid:
            continue
    return held


def _tree(version: PolicyVersion) -> Tree:
    rule = version.rules[0] if len(version.rules) == 1 else None
    if rule is None or rule.criteria is None or rule.otherwise is None or rule.when is not None:
        raise NotSaid(version.policy)
    sets: dict[str, list[str]] = {}
    for row in version.code_rows:
        if row.role is not CodeRole.GOVERNED and row.pattern is not None:
            sets.setdefault(row.group, []).extend(_codes(row.pattern))
    return {
        "tree": _criterion(rule.criteria, sets),
        "met": rule.statement.position.canonical.outcome.value,  # type: ignore[union-attr]
        "otherwise": rule.otherwise.position.canonical.outcome.value,  # type: ignore[union-attr]
    }


def _codes(pattern: CodePattern) -> list[str]:
    """The diagnoses that claims can name under a pattern: peers know lists of codes only."""
    return [each for each in library.diagnosis_universe() if pattern.matches(each)]


def _criterion(part: c.Criterion, sets: Mapping[str, list[str]]) -> Tree:
    if isinstance(part, c.Leaf):
        if part.expression is None:
            raise NotSaid("a question")
        return _expression(part.expression, sets)
    parts = [_criterion(each, sets) for each in part.parts]
    match part.structure:
        case c.Structure.ALL:
            return {"op": "all", "parts": parts}
        case c.Structure.ANY:
            return {"op": "any", "parts": parts}
        case c.Structure.NONE:
            return {"op": "not", "part": {"op": "any", "parts": parts}}
        case _:
            return {"op": "at least", "needed": part.needed, "parts": parts}


def _expression(part: c.Expression, sets: Mapping[str, list[str]]) -> Tree:
    match part:
        case c.And(parts):
            return {"op": "all", "parts": [_expression(each, sets) for each in parts]}
        case c.Or(parts):
            return {"op": "any", "parts": [_expression(each, sets) for each in parts]}
        case c.Not(inner):
            return {"op": "not", "part": _expression(inner, sets)}
        case c.Membership(c.Path(name), named, listed) if name in _FIELD_OF:
            values = sets[named] if named else [str(_value(each)) for each in listed]
            return {"op": "in", "field": _FIELD_OF[name], "values": sorted(set(values))}
        case c.Comparison(c.Path(name), comparison, value) if name in _FIELD_OF:
            return {"op": "compare", "field": _FIELD_OF[name], "by": comparison, "value": _value(value)}
        case _:
            raise NotSaid(str(part))


def _value(value: object) -> float | str:
    match value:
        case Quantity(number, None):
            return float(number or 0)
        case Quantity(number, unit) if unit in _MONTHS:
            return float(number or 0) * _MONTHS[unit]
        case c.Text(text):
            return text
        case _:
            raise NotSaid(str(value))


# ---------------------------------------------------------------------------- rows

_ROWS = """
SELECT line_id, r.policy, CAST(r.policy_effective AS VARCHAR) AS first_day, r.outcome,
    date_diff('month', l.birth_date, l.date_of_service)
        - CASE WHEN day(l.date_of_service) < day(l.birth_date) AND l.date_of_service <> last_day(l.date_of_service)
            THEN 1 ELSE 0 END AS age,
    CAST(l.units AS DOUBLE) AS units, l.sex, l.place_of_service AS place, l.provider_specialty AS specialty,
    l.diagnoses AS diagnosis, l.modifiers AS modifier
FROM {rows} r JOIN {lines} l USING (line_id)
WHERE r.rule IS NOT NULL AND l.contract IS NULL AND l.line_of_business IS NOT NULL AND l.last_day = l.date_of_service
ORDER BY hash(line_id), line_id
"""
"""Lines that one policy answers by its criteria, no contract beside it."""


def sample(made: Made, result: Path, count: int) -> Sample:
    """Lines of a result in an order without meaning, as far as a tree of the sample answers them."""
    held = trees_of(made.library)
    engine = duckdb.connect()
    found = engine.execute(
        _ROWS.format(
            rows=_reading(sorted((result / "line").rglob("*.parquet"))),
            lines=_reading([each / "lines.parquet" for each in made.partitions]),
        )
    )
    trees: list[Tree] = []
    numbers: dict[tuple[str, str], int] = {}
    drawn = Sample(trees, [], [], [], [])
    while len(drawn.rows) < count and (rows := found.fetchmany(10_000)):
        for line_id, policy, first_day, outcome, *values in rows:
            key = (policy, first_day)
            if key in held and len(drawn.rows) < count:
                if key not in numbers:
                    numbers[key] = len(trees)
                    trees.append(held[key])
                drawn.rows.append(dict(zip(FIELDS, values, strict=True)))
                drawn.asked.append(numbers[key])
                drawn.outcomes.append(outcome)
                drawn.lines.append(line_id)
    return drawn


def _reading(files: Sequence[Path]) -> str:
    return f"read_parquet([{', '.join(fence.path_text(each) for each in files)}], hive_partitioning = false)"
