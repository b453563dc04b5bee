"""The rows that every engine must give: decided once, a sample of them by the single reading, and the comparison."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow as pa
from benchmarks.bulk import embedded
from benchmarks.bulk.generate import Made
from benchmarks.bulk.library import KNOWN_ON

from medpol.claims import fence
from medpol.decide.engines.embedded import Embedded
from medpol.decide.explain import determine
from medpol.decide.one import Desk
from medpol.decide.table import sql
from medpol.decide.table.deciding import BulkDesk
from medpol.model.case import Case

SAMPLE = 500
_KEY = ("data_source", "claim_id", "claim_line_number")
_SAID = embedded.COMPACT[1:]


class RowsDiffer(AssertionError):
    """An engine gives other rows than the reference, or the reference others than the single reading."""


def check_sample(made: Made, desk: Desk, out: Path, count: int = SAMPLE) -> int:
    """Decide some lines of each partition one by one, and compare with the bulk; how many lines.

    Raises:
        RowsDiffer: A line is answered in another way.
    """
    checked = 0
    for partition in made.partitions:
        connection = fence.open_engine([made.folder, out], memory_limit="2GB", temporary=out / "spill")
        engine = Embedded(connection)
        embedded.put_partition(engine, partition)
        bulk = BulkDesk(desk, KNOWN_ON)
        embedded.put_named(engine, bulk)
        # of lines that last into other days the bulk asks twice; a single reading knows one day
        engine.run(
            f"""CREATE OR REPLACE TEMP TABLE claim_lines AS SELECT * FROM lines
            WHERE last_day = date_of_service AND (code_system, code) IN (SELECT code_system, code FROM named_codes)
            ORDER BY hash(line_id), line_id LIMIT {count}"""
        )
        bulk.decide(engine)
        rows = engine.rows(sql.LINE_ROWS, bulk.parameters(embedded.ENGINE_VERSION)).to_pylist()
        numbers = [row["line_id"] for row in engine.rows("SELECT line_id FROM claim_lines").to_pylist()]
        cases = bulk.cases(engine, [2 * number for number in numbers])
        found = {row["line_id"]: row for row in rows}
        for asked, held in cases.items():
            row, answer = found[asked // 2], determine(desk, held.case, KNOWN_ON, smallest=False)
            mine = (row["outcome"], row["reason_key"], row["policy"], row["policy_effective"])
            theirs = (answer.outcome.value, answer.reason_key, answer.policy, answer.version)
            if mine != theirs:
                raise RowsDiffer(
                    f"line {row['claim_id']} {row['claim_line_number']}: in bulk {mine}, one by one {theirs}"
                )
        checked += len(cases)
        connection.close()
    return checked


def cases_of(made: Made, desk: Desk, lines: Sequence[int]) -> dict[int, Case]:
    """The cases of some lines, by their ids."""
    found: dict[int, Case] = {}
    wanted = pa.table({"line_id": pa.array(lines, pa.int64())})
    for partition in made.partitions:
        connection = fence.open_engine([made.folder], memory_limit="2GB", temporary=made.folder / "spill")
        engine = Embedded(connection)
        embedded.put_partition(engine, partition)
        engine.put("wanted_lines", wanted)
        engine.run(
            "CREATE OR REPLACE TEMP TABLE claim_lines AS SELECT * FROM lines WHERE line_id IN (SELECT line_id FROM wanted_lines)"
        )
        bulk = BulkDesk(desk, KNOWN_ON)
        bulk.decide(engine)
        here = [row["line_id"] for row in engine.rows("SELECT line_id FROM claim_lines").to_pylist()]
        found |= {asked // 2: held.case for asked, held in bulk.cases(engine, [2 * each for each in here]).items()}
        connection.close()
    return found


class Reference:
    """The rows of a result that others are held against, by the key of their line."""

    def __init__(self, made: Made, out: Path, scratch: Path) -> None:
        self.engine = duckdb.connect()
        self.engine.execute(f"SET temp_directory = {fence.path_text(scratch)}")
        self.lines = _reading([each / "lines.parquet" for each in made.partitions])
        self.mark = self._mark(out)
        self.out = out

    @property
    def rows(self) -> int:
        return self.mark[0]

    def check(self, out: Path) -> None:
        """Raises ``RowsDiffer`` where the result has another row, one more, or one fewer."""
        if self._mark(out) != self.mark:
            mine, theirs = self._said(out), self._said(self.out)
            for left, right, words in ((mine, theirs, "not in the reference"), (theirs, mine, "missing")):
                row = self.engine.execute(f"{left} EXCEPT {right} ORDER BY ALL LIMIT 1").fetchone()
                if row is not None:
                    raise RowsDiffer(f"{out}: a row is {words}: {row}")
            raise RowsDiffer(f"{out}: a row stands there twice")

    def _mark(self, out: Path) -> tuple[int, int]:
        """How many rows, and the sum of their hashes: the same for the same rows in any order."""
        row = self.engine.execute(
            f"SELECT count(*), coalesce(sum(hash(r)), 0) FROM ({self._said(out)}) AS r"
        ).fetchone()
        assert row is not None
        return int(row[0]), int(row[1])

    def _said(self, out: Path) -> str:
        """What a result says of the lines that something names, whichever columns it has beside."""
        source = _reading(sorted((out / "line").rglob("*.parquet")))
        names = {row[0] for row in self.engine.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()}
        left_out = ", ".join(map(fence.text, embedded.NOT_NAMED))
        said = ", ".join(f"r.{name}" for name in _SAID)
        if set(_KEY) <= names:
            key, joined = ", ".join(f"r.{name}" for name in _KEY), ""
        else:
            key, joined = ", ".join(f"l.{name}" for name in _KEY), f"JOIN {self.lines} AS l USING (line_id)"
        return f"SELECT {key}, {said} FROM {source} AS r {joined} WHERE r.reason_key NOT IN ({left_out})"


def _reading(files: Sequence[Path]) -> str:
    return f"read_parquet([{', '.join(fence.path_text(each) for each in files)}], hive_partitioning = false)"
