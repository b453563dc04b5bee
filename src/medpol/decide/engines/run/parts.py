"""The parts of a run: which lines each holds, and one part decided, counted and written.

Parts are ranges of positions in one input, so that the plan alone fixes them. Windows are not cut: the history of all
members stands beside every part.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from medpol.claims import fence
from medpol.claims.lines import LINE_NUMBERS
from medpol.claims.staging import InputRead
from medpol.decide.engines.embedded import Embedded
from medpol.decide.engines.run.asked import Asked
from medpol.decide.engines.run.counted import CLASSES, as_row
from medpol.decide.engines.run.deciders import Decider
from medpol.decide.engines.run.disk import Disk, writing
from medpol.decide.engines.run.used import COLUMNS, RULE_FACTS, TYPE, rule_facts, with_facts_used
from medpol.decide.engines.run.windows import take_history
from medpol.decide.one import Desk
from medpol.decide.table import sql
from medpol.decide.table.deciding import BulkDesk


class DoesNotReconcile(RuntimeError):
    """What was read and what was written are not the same lines, or not the same dollars."""


NAMES_NOTHING = ("no-policy-names-code", "no-service-code")
"""Reasons of lines that ``--only addressed`` leaves out: nothing that is held names what they are for."""
_KEY = "data_source, claim_id, claim_line_number, line_id"
FOLDERS = ("line", "policy", "rejects", "journal")


@dataclass(frozen=True, slots=True)
class Part:
    """Lines of one input from a position to another, both included."""

    number: int
    input: int
    first: int
    last: int

    @property
    def name(self) -> str:
        return f"part-{self.number:05}"

    @property
    def journal(self) -> str:
        return f"journal/{self.name}.json"

    @property
    def files(self) -> tuple[str, str]:
        return f"line/{self.name}.parquet", f"policy/{self.name}.parquet"


@dataclass(frozen=True, slots=True)
class Rejects:
    """The rejected rows of one input."""

    input: int

    @property
    def name(self) -> str:
        return f"part-{self.input:05}"

    @property
    def journal(self) -> str:
        return f"journal/rejects-{self.input:05}.json"

    @property
    def files(self) -> tuple[str]:
        return (f"rejects/{self.name}.parquet",)


def parts_of(engine: duckdb.DuckDBPyConnection, inputs: Sequence[InputRead], size: int) -> tuple[Part, ...]:
    """The parts of lines in the order in which they are written."""
    last = dict(engine.execute("SELECT input, max(position) FROM staged GROUP BY input").fetchall())
    ranges = [
        (each.number, first)
        for each in inputs
        if not each.is_history
        for first in range(1, max(last.get(each.number, 0), 1) + 1, size)
    ]
    return tuple(Part(number, of, first, first + size - 1) for number, (of, first) in enumerate(ranges))


@dataclass(slots=True)
class PartWriter:
    """What writes the parts of one run, one after the other, and learns from each for the next."""

    engine: duckdb.DuckDBPyConnection
    decider: Decider
    desk: Desk
    asked: Asked
    run_id: str
    disk: Disk
    _bulk: BulkDesk | None = None

    def prepare(self, work: Path) -> None:
        """What stands beside every part: the history of all members, and which facts each rule reads."""
        embedded = Embedded(self.engine)
        with writing(work):
            take_history(embedded, self.desk, work)
            if self.asked.is_full:
                embedded.put(RULE_FACTS, rule_facts(self.desk))
            self.decider.prepare()

    def write(self, part: Part | Rejects) -> dict[str, Any]:
        """The part decided and in its place, with its journal entry behind it. Gives back the entry."""
        self.disk.reached("before_part")
        counts = self._decide(part) if isinstance(part, Part) else self._reject(part)
        files = self.disk.place(part.files)
        entry = {"run_id": self.run_id, "files": [each.as_dict() for each in files], **counts}
        self.disk.write_json(part.journal, entry, "journal")
        self.disk.reached("after_part")
        return entry

    # ------------------------------------------------------------------ lines

    def _decide(self, part: Part) -> dict[str, Any]:
        with writing(self.disk.folder / part.files[0]):
            self._take(part)
            self._fill()
            lines, policies = part.files
            self._copy("line_rows", lines, _KEY, self.asked.carry, self._is_kept)
            self._copy("policy_rows", policies, f"{_KEY}, source_rank, policy, policy_hash")
            return {
                "input": part.input,
                "positions": [part.first, part.last],
                "lines_read": self._one("SELECT count(*) FROM part_lines"),
                "line_rows": self._one(f"SELECT count(*) FROM {self._aside(lines)}"),
                "policy_rows": self._one(f"SELECT count(*) FROM {self._aside(policies)}"),
                "answered": self._rows(CLASSES.format(relation=self._aside(lines))),
                "left_out": self._left_out(),
                "set_aside": self._rows(_SET_ASIDE.format(is_asked=self._is_asked)),
            }

    def _aside(self, path: str) -> str:
        """SQL for a file as it was written, before it is in its place."""
        return f"read_parquet({fence.path_text(self.disk.aside(path))}, hive_partitioning = false)"

    def _left_out(self) -> list[dict[str, Any]]:
        if not self.asked.only_addressed:
            return []
        return self._rows(CLASSES.format(relation=f"(FROM line_rows WHERE NOT ({self._is_kept}))"))

    @property
    def _is_asked(self) -> str:
        return "final_status = 'final'" if self.asked.final_only else "true"

    @property
    def _is_kept(self) -> str:
        left_out = ", ".join(map(fence.text, NAMES_NOTHING))
        return f"reason_key NOT IN ({left_out})" if self.asked.only_addressed else "true"

    def _take(self, part: Part) -> None:
        low, high = (part.input << LINE_NUMBERS) + part.first, (part.input << LINE_NUMBERS) + part.last
        self.engine.execute(
            f"""CREATE OR REPLACE TEMP TABLE part_lines AS SELECT *
            FROM memory.main.claim_lines WHERE line_id BETWEEN {low} AND {high}"""
        )

    def _fill(self) -> None:
        """``line_rows`` and ``policy_rows`` of the part."""
        self.decider.take("claim_lines", f"SELECT * FROM part_lines WHERE {self._is_asked}")
        if self.asked.by_paid_date:
            self.decider.take(
                "known_by_line",
                f"SELECT line_id, paid_date AS known_on FROM part_lines WHERE paid_date IS NOT NULL AND {self._is_asked}",
            )
        if self._bulk is None:
            self._bulk = BulkDesk(self.desk, self.asked.known_on, self.asked.is_full)
        self._bulk.decide(self.decider.connection, known_by_line=self.asked.by_paid_date)
        for name, query in (("line_rows", sql.LINE_ROWS), ("policy_rows", sql.POLICY_ROWS)):
            self.decider.show(name, query, self._bulk.parameters(self.asked.engine_version))

    def _copy(self, relation: str, path: str, order: str, carry: Sequence[str] = (), where: str = "true") -> None:
        used, joined = f"CAST(NULL AS {TYPE})", ""
        if self.asked.is_full:
            self.engine.execute(with_facts_used(relation))
            same = " AND ".join(f"u.{name} = r.{name}" for name in ("line_id", "policy", "policy_hash", "rule"))
            used = f"CASE WHEN r.rule IS NOT NULL THEN coalesce(u.facts_used, CAST([] AS {TYPE})) END"
            joined = f"LEFT JOIN facts_of_rows AS u ON {same}"
        columns = [f"{used} AS facts_used" if name == "facts_used" else f"r.{name}" for name in COLUMNS]
        if carry:
            joined += " JOIN part_lines AS p ON p.line_id = r.line_id"
            columns += [f"p.{fence.name(each)}" for each in carry]
        ordered = ", ".join(f"r.{each.strip()}" for each in order.split(","))
        self.engine.execute(
            f"""COPY (SELECT {", ".join(columns)} FROM {relation} AS r {joined}
            WHERE {where} ORDER BY {ordered}) TO {fence.path_text(self.disk.aside(path))}
            (FORMAT parquet, COMPRESSION zstd)"""
        )

    # ------------------------------------------------------------------ rejects

    def _reject(self, part: Rejects) -> dict[str, Any]:
        with writing(self.disk.folder / part.files[0]):
            where = f"input = {part.input}"
            self.engine.execute(
                f"""COPY (SELECT * FROM memory.main.rejects WHERE {where} ORDER BY ALL)
                TO {fence.path_text(self.disk.aside(part.files[0]))} (FORMAT parquet, COMPRESSION zstd)"""
            )
            return {"input": part.input, "rejected": self._rows(_REJECTED.format(where=where))}

    # ------------------------------------------------------------------ counting

    def _one(self, statement: str) -> int:
        found = self.engine.execute(statement).fetchone()
        return 0 if found is None else int(found[0])

    def _rows(self, statement: str) -> list[dict[str, Any]]:
        found = self.engine.execute(statement)
        names = [each[0] for each in found.description or ()]
        return [as_row(names, row) for row in found.fetchall()]


_SET_ASIDE = """
SELECT final_status, count(*) AS lines, coalesce(sum(billed_amount), 0) AS billed_amount
FROM part_lines WHERE NOT ({is_asked}) GROUP BY ALL ORDER BY ALL
"""
_REJECTED = """
SELECT reject_key, CAST(sum(lines) AS BIGINT) AS lines, coalesce(sum(billed_amount), 0) AS billed_amount
FROM memory.main.rejects WHERE {where} GROUP BY ALL ORDER BY ALL
"""
