"""The earlier services that windows look back at: of all history, what some policy or contract could count.

Windows are not cut by parts: before the first one, this is taken out of all inputs, whole for every member and narrow.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa

from medpol.claims import fence
from medpol.decide.engines.embedded import Embedded
from medpol.decide.literals import Groups
from medpol.decide.one import Desk
from medpol.decide.rows import Literal

_TAKEN = """
SELECT h.* FROM memory.main.history AS h
WHERE upper(h.code) IN (SELECT beginning FROM counted WHERE is_whole)
    OR EXISTS (SELECT 1 FROM counted AS c WHERE NOT c.is_whole AND starts_with(upper(h.code), c.beginning))
"""


def counted_codes(desk: Desk) -> tuple[frozenset[str], frozenset[str]]:
    """The codes that something counts, and the beginnings of codes."""
    codes: set[str] = set()
    beginnings: set[str] = set()
    for literals, groups in _counting(desk):
        for group in (group for literal in literals for group in literal.groups):
            codes |= groups.codes.get(group, frozenset())
            beginnings.update(groups.prefixes.get(group, ()))
    return frozenset(codes), frozenset(beginnings)


def _counting(desk: Desk) -> Iterable[tuple[Iterable[Literal], Groups]]:
    for versions in desk.versions.values():
        for version in versions:
            for rule in version.row.rules:
                yield rule.literals, version.groups
    for source in desk.plan.sources:
        for provision in source.provisions:
            if provision.when is not None:
                yield provision.when.literals, desk.library_groups


def take_history(engine: Embedded, desk: Desk, work: Path) -> None:
    """Leaves the view ``history`` over a file of the work folder."""
    codes, beginnings = counted_codes(desk)
    rows = [(code, True) for code in sorted(codes)] + [(beginning, False) for beginning in sorted(beginnings)]
    engine.put(
        "counted",
        pa.table(
            {
                "beginning": pa.array([words for words, _ in rows], pa.string()),
                "is_whole": pa.array([is_whole for _, is_whole in rows], pa.bool_()),
            }
        ),
    )
    path = fence.path_text(work / "history.parquet")
    engine.run(f"COPY ({_TAKEN}) TO {path} (FORMAT parquet)")
    engine.run(f"CREATE OR REPLACE TEMP VIEW history AS SELECT * FROM read_parquet({path}, hive_partitioning = false)")
