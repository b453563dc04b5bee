"""The door of the room: claims read once, decided under two plans, and the two answers of each line kept side by side.

Part by part: one part of the lines is decided by the one plan, then by the other, and both answers go to a file of the
work folder, so that memory does not grow with the claims. Everything that is counted afterwards reads these files.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb

from medpol.claims import fence
from medpol.claims.intake import ClaimsRead, ReadOptions, check_inputs_unchanged, read_claims, refuse_too_many
from medpol.claims.lines import LINE_NUMBERS
from medpol.claims.refused import ClaimsRefused
from medpol.claims.sources import ClaimInput
from medpol.decide.engines.embedded import Embedded
from medpol.decide.engines.run.asked import ENGINE_VERSION
from medpol.decide.engines.run.parts import Part, parts_of
from medpol.decide.engines.run.windows import take_history
from medpol.decide.one import Desk
from medpol.decide.table.deciding import BulkDesk
from medpol.decide.table.sql import LINE_ROWS
from medpol.impact import counting, sql
from medpol.impact.examples import examples_of
from medpol.impact.limits import cannot_know
from medpol.impact.reviews import reviews_of
from medpol.impact.values import ClaimsInput, Impact, Question, Side

LINES_PER_PART = 100_000
"""Fewer than a run takes: of each part, both answers are held beside each other."""


@dataclass(frozen=True, slots=True)
class Claims:
    """The claims to be compared, and what may be used for it. ``work`` is an empty folder, gone afterwards."""

    inputs: tuple[ClaimInput, ...]
    work: Path
    eligibility: ClaimInput | None = None
    facts: ClaimInput | None = None
    is_history_whole: bool = False
    is_strict_on_pointers: bool = False
    first_day: date | None = None
    last_day: date | None = None
    """Lines of care before the first day or after the last are read, counted as history, and not compared."""
    max_rejects: str | None = "0.1%"
    memory_limit: str = fence.MEMORY_LIMIT
    threads: int = fence.THREADS
    lines_per_part: int = LINES_PER_PART
    told: Callable[[str, int, int], None] = field(default=lambda doing, lines, of: None)
    """Is told what is being done, how many lines are compared, and of how many."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be told of the claims."""

    before: Side
    after: Side
    known_on: date
    review_cost: Decimal | None = None
    smallest_cell: int | None = None
    with_lines: bool = False
    examples: int = 20


def compare(before: Desk, after: Desk, claims: Claims, asked: Asked) -> Impact:
    """The impact of going from one plan to another.

    Raises:
        ClaimsRefused: A file cannot be read as claims, or the two libraries name codes by different systems.
        ClaimsNotFound: There is no such file.
        TooManyRejects: More rows are rejected than ``max_rejects`` lets pass.
    """
    _refuse_other_systems(before, after)
    engine = fence.open_engine(
        [claims.work], memory_limit=claims.memory_limit, threads=claims.threads, temporary=claims.work / "spill"
    )
    try:
        read = _read(engine, before, after, claims)
        refuse_too_many(read, claims.max_rejects)
        sides = [
            _Side(name, desk, BulkDesk(desk, asked.known_on)) for name, desk in (("before", before), ("after", after))
        ]
        for side in sides:
            side.prepare(engine, claims.work)
        _compare(engine, sides, read, claims)
        check_inputs_unchanged(read)
        return _told(engine, sides, read, claims, asked)
    finally:
        engine.close()


def _refuse_other_systems(before: Desk, after: Desk) -> None:
    """Claims are read once: a code must be of one system under both plans."""
    if before.plan.systems.declared != after.plan.systems.declared:
        raise ClaimsRefused(
            "medpol.toml",
            "other code systems in one library than in the other",
            "the same code systems in both, since claims are read once",
            "declare those of the one in the other too",
        )


def _read(engine: duckdb.DuckDBPyConnection, before: Desk, after: Desk, claims: Claims) -> ClaimsRead:
    """The claims read for both: a line of business that either declares, a contract that both hold."""
    return read_claims(
        engine,
        claims.inputs,
        ReadOptions(
            work=claims.work,
            eligibility=claims.eligibility,
            facts=claims.facts,
            declared_lines=tuple(dict.fromkeys((*before.plan.lines, *after.plan.lines))),
            declared_systems=tuple(before.plan.systems.declared),
            contracts=frozenset(before.contracts) & frozenset(after.contracts),
            is_history_whole=claims.is_history_whole,
            is_strict_on_pointers=claims.is_strict_on_pointers,
            memory_limit=claims.memory_limit,
            threads=claims.threads,
            told=lambda words: claims.told(words, 0, 0),
        ),
    )


@dataclass(slots=True)
class _Side:
    """One of the two plans over the claims."""

    name: str
    desk: Desk
    bulk: BulkDesk

    def prepare(self, engine: duckdb.DuckDBPyConnection, work: Path) -> None:
        """The earlier services that this plan may count, taken out of all claims once."""
        folder = work / self.name
        folder.mkdir()
        take_history(Embedded(engine), self.desk, folder)
        engine.execute(
            f"""CREATE OR REPLACE TEMP VIEW history_{self.name} AS
            SELECT * FROM read_parquet({fence.path_text(folder / "history.parquet")}, hive_partitioning = false)"""
        )

    def decide(self, engine: duckdb.DuckDBPyConnection, of: str) -> Embedded:
        """The lines of a relation decided; what is left in the engine is that of ``BulkDesk.decide``."""
        engine.execute(f"CREATE OR REPLACE TEMP VIEW history AS SELECT * FROM history_{self.name}")
        declared = ", ".join(map(fence.text, self.desk.lines))
        engine.execute(
            f"""CREATE OR REPLACE TEMP VIEW claim_lines AS SELECT * REPLACE (
            CASE WHEN line_of_business IN ({declared}) THEN line_of_business END AS line_of_business) FROM {of}"""
        )
        embedded = Embedded(engine)
        self.bulk.decide(embedded)
        return embedded

    def answer(self, engine: duckdb.DuckDBPyConnection, of: str) -> None:
        """The answers of the lines of a relation, as the table ``<name>_rows``."""
        embedded = self.decide(engine, of)
        embedded.run(
            f"CREATE OR REPLACE TEMP TABLE {self.name}_rows AS SELECT {sql.ANSWER} FROM ({LINE_ROWS})",
            self.bulk.parameters(ENGINE_VERSION),
        )


def _compare(engine: duckdb.DuckDBPyConnection, sides: Sequence[_Side], read: ClaimsRead, claims: Claims) -> None:
    """Leaves the view ``compared``: a row for each line of the days asked for, with both answers."""
    parts = parts_of(engine, read.inputs, claims.lines_per_part)
    folder = claims.work / "compared"
    folder.mkdir()
    done = 0
    for part in parts:
        claims.told("comparing", done, read.lines)
        engine.execute(f"CREATE OR REPLACE TEMP TABLE part_lines AS {_lines_of(part, claims)}")
        for side in sides:
            side.answer(engine, "part_lines")
        path = fence.path_text(folder / f"{part.name}.parquet")
        engine.execute(f"COPY ({sql.COMPARED}) TO {path} (FORMAT parquet)")
        done += _lines_in(engine, part)
    claims.told("counting", read.lines, read.lines)
    pattern = fence.text(f"{fence.plain_path(folder.absolute())}/part-*.parquet")
    engine.execute(f"CREATE TEMP VIEW compared AS SELECT * FROM read_parquet({pattern}, hive_partitioning = false)")


def _range(part: Part) -> str:
    return f"BETWEEN {(part.input << LINE_NUMBERS) + part.first} AND {(part.input << LINE_NUMBERS) + part.last}"


def _lines_in(engine: duckdb.DuckDBPyConnection, part: Part) -> int:
    """The lines of a part, those outside of the days asked for as well."""
    statement = f"SELECT count(*) AS lines FROM memory.main.claim_lines WHERE line_id {_range(part)}"
    return int(counting.one_row(engine, statement)["lines"])


def _lines_of(part: Part, claims: Claims) -> str:
    days = [f"line_id {_range(part)}"]
    if claims.first_day is not None:
        days.append(f"date_of_service >= DATE '{claims.first_day}'")
    if claims.last_day is not None:
        days.append(f"date_of_service <= DATE '{claims.last_day}'")
    return f"SELECT * FROM memory.main.claim_lines WHERE {' AND '.join(days)}"


def _told(
    engine: duckdb.DuckDBPyConnection, sides: Sequence[_Side], read: ClaimsRead, claims: Claims, asked: Asked
) -> Impact:
    least = asked.smallest_cell
    turns = counting.turns_of(engine, least)
    tried = {asked.after.draft_path or "": asked.after.draft or ""}
    shown = examples_of(
        engine, sides, asked.known_on, asked.examples, with_lines=asked.with_lines, least=least, shown=tried
    )
    counted = counting.read_of(engine, read)
    changed = counting.changed_cells(engine)
    return Impact(
        question=Question(
            before=asked.before,
            after=asked.after,
            known_on=asked.known_on,
            first_day=claims.first_day,
            last_day=claims.last_day,
            review_cost=asked.review_cost,
            smallest_cell=least,
            with_lines=asked.with_lines,
            has_facts=claims.facts is not None,
            inputs=tuple(
                ClaimsInput(
                    each.path,
                    each.sha256,
                    each.rows,
                    each.lines,
                    sum(each.rejects.values()),
                    each.is_history,
                    each.is_sealed,
                )
                for each in read.inputs
            ),
        ),
        read=counted,
        outcomes=counting.cells_of(engine, least),
        outcome_changed=changed[0],
        otherwise_changed=changed[1],
        turns=turns,
        reviews=reviews_of(engine, asked.review_cost),
        bands=counting.bands_of(engine, least),
        breakdowns=counting.breakdowns_of(engine, least),
        examples=shown,
        unexplained=changed[0].lines + changed[1].lines - len(shown),
        cannot_know=cannot_know(engine, [side.desk for side in sides], counted, has_facts=claims.facts is not None),
    )
