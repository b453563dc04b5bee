"""One row of a run explained: its case made again from the run's own inputs, and decided as any other case is.

The id of a determination is a hash of its case, so equal ids prove that the case read again is the one that was answered.
Where inputs are gone or have changed, the bits of the row still say which sentences were met, not met and unknown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb

from medpol.claims import fence
from medpol.claims.refused import ClaimsRefused
from medpol.claims.sources import sha256_of
from medpol.decide.engines.embedded import Embedded
from medpol.decide.engines.run.asked import ENGINE_VERSION, MANIFEST, RUN, Asked, asked_of
from medpol.decide.engines.run.disk import read_json
from medpol.decide.engines.run.running import Done, Means, stage
from medpol.decide.engines.run.verifying import NoRun
from medpol.decide.explain import determine
from medpol.decide.literals import MET, bit_truth, truth_of, with_gates
from medpol.decide.one import Desk
from medpol.decide.rows import SEMANTICS, Node, PlanRule, PlanVersion
from medpol.decide.table import sql
from medpol.decide.table.deciding import BulkDesk
from medpol.decide.table.marks import WORD
from medpol.decide.table.schema import DETERMINATIONS
from medpol.model.case import Case
from medpol.model.determination import Determination, JudgedCriterion

_DETAIL = ("criteria_not_met", "criteria_unknown", "cites", "missing_facts", "facts_used")
_OF_ALL_INPUTS = ("final_status", "at_risk_amount")
"""Columns that one input alone does not settle: a later claim may stand in another."""
_KEY = ("data_source", "claim_id", "claim_line_number")


class DoesNotAgree(RuntimeError):
    """A stored row is not what its own inputs give."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A case of a line, by its first or its last day, and its determination."""

    case: Case
    determination: Determination


@dataclass(frozen=True, slots=True)
class Explained:
    """A stored row with the rows of its sources, and why it says what it says.

    ``answers`` holds the first day and, where the line lasts, the last; it is empty where values cannot be read again,
    and ``why_not`` says why. ``truths`` then are the sentences of the rule that answered, judged by the stored bits.
    """

    row: Mapping[str, Any]
    sources: tuple[Mapping[str, Any], ...]
    answers: tuple[Answered, ...] = ()
    why_not: str = ""
    truths: tuple[JudgedCriterion, ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run, opened to be explained."""

    folder: Path
    said: Mapping[str, Any]
    asked: Asked

    @classmethod
    def open(cls, folder: Path) -> Run:
        """Raises ``NoRun`` where there is none, or where it is not finished."""
        try:
            said = read_json(folder / RUN)
        except (OSError, ValueError):
            raise NoRun(f"no run in {folder}: it holds no {RUN}") from None
        if not (folder / MANIFEST).is_file():
            raise NoRun(f"the run in {folder} is not finished: nothing in it counts until --resume has ended it")
        return cls(folder, said, asked_of(dict(said)))

    def rows(self, key: str, spill: Path) -> list[tuple[dict[str, Any], tuple[dict[str, Any], ...]]]:
        """The ``line`` rows of a key, each with the ``policy`` rows beside it."""
        engine = fence.open_engine([self.folder / "line", self.folder / "policy"], temporary=spill)
        try:
            lines = self._found(engine, "line", key)
            policies = self._found(engine, "policy", key)
        finally:
            engine.close()
        return [
            (line, tuple(each for each in policies if each["determination_id"] == line["determination_id"]))
            for line in lines
        ]

    def _found(self, engine: duckdb.DuckDBPyConnection, kind: str, key: str) -> list[dict[str, Any]]:
        pattern = fence.text(f"{fence.plain_path((self.folder / kind).absolute())}/part-*.parquet")
        shown = " || '/' || ".join(_KEY)
        found = engine.sql(
            f"""SELECT * FROM read_parquet({pattern}, hive_partitioning = false, filename = 'part file')
            WHERE {shown} = $key ORDER BY final_status <> 'final', "part file", source_rank, policy""",
            params={"key": key},
        )
        rows: list[dict[str, Any]] = found.to_arrow_table().to_pylist()
        return rows


def explain_row(
    run: Run, desk: Desk | None, row: Mapping[str, Any], sources: Sequence[Mapping[str, Any]], work: Path, means: Means
) -> Explained:
    """Why a row says what it says. ``work`` is an empty folder for what is read again.

    Raises ``DoesNotAgree`` where the inputs are what they were and do not give the row.
    """
    plain = {name: value for name, value in row.items() if name != "part file"}
    held = Explained(plain, tuple({name: each[name] for name in each if name != "part file"} for each in sources))
    if desk is None or desk.plan.plan_hash != run.said["plan_hash"]:
        return replace(held, why_not="the policies are not those of the run")
    if run.said["semantics"] != SEMANTICS:
        return replace(
            held, why_not="this medpol reads policies otherwise than that of the run", truths=_truths(desk, row)
        )
    changed = _changed(run.said)
    if changed:
        return replace(held, why_not=changed, truths=_truths(desk, row))
    mine = _input_of(run, row)
    attempts = [mine] if mine is not None and len(run.asked.inputs) > 1 else []
    for only in (*attempts, None):
        answers, differences = _again(run, desk, plain, work, means, only)
        if answers and not differences:
            return replace(held, answers=answers)
    raise DoesNotAgree(
        f"{'/'.join(str(row[name]) for name in _KEY)}: read again from the run's inputs, "
        + (f"{', '.join(differences)} would be another" if answers else "there is no such line")
    )


# ---------------------------------------------------------------------------- values read again


def _changed(said: Mapping[str, Any]) -> str:
    """Why the inputs cannot be read again, if they cannot."""
    for each in (*said["inputs"], said["eligibility"], said["facts"]):
        if each is None:
            continue
        path = Path(each["path"])
        if not path.is_file():
            return f"{path} is gone"
        if path.stat().st_size != each["bytes"] or sha256_of(path) != each["sha256"]:
            return f"{path} is not what it was"
    return ""


def _input_of(run: Run, row: Mapping[str, Any]) -> int | None:
    """The input that the part of a row was read from."""
    name = Path(row["part file"]).stem
    try:
        number = read_json(run.folder / "journal" / f"{name}.json")["input"]
    except (OSError, ValueError, KeyError):
        return None
    return number if isinstance(number, int) else None


def _again(
    run: Run, desk: Desk, row: Mapping[str, Any], work: Path, means: Means, only: int | None
) -> tuple[tuple[Answered, ...], tuple[str, ...]]:
    """The answers of the line of a row, and the columns in which it would be another; of one input, or of all."""
    asked = run.asked if only is None else replace(run.asked, inputs=(run.asked.inputs[only],))
    work.mkdir(mode=0o700, parents=True, exist_ok=True)
    engine = fence.open_engine([work], memory_limit=means.memory_limit, threads=means.threads, temporary=work / "spill")
    try:
        stage(engine, asked, desk, means, work, Done())
        return _decided(engine, asked, desk, row, _OF_ALL_INPUTS if only is not None else ())
    except ClaimsRefused:
        if only is None:
            raise
        return (), ()
    finally:
        engine.close()


def _decided(
    engine: duckdb.DuckDBPyConnection, asked: Asked, desk: Desk, row: Mapping[str, Any], apart: Sequence[str]
) -> tuple[tuple[Answered, ...], tuple[str, ...]]:
    key = {name: row[name] for name in _KEY}
    where = " AND ".join(f"{name} = ${name}" for name in _KEY)
    engine.execute(
        f"CREATE OR REPLACE TEMP TABLE key_lines AS SELECT * FROM memory.main.claim_lines WHERE {where}", key
    )
    engine.execute("CREATE OR REPLACE TEMP VIEW claim_lines AS SELECT * FROM key_lines")
    bulk = BulkDesk(desk, row["known_on"], asked.is_full)
    embedded = Embedded(engine)
    bulk.decide(embedded)
    found = embedded.rows(sql.LINE_ROWS, bulk.parameters(ENGINE_VERSION)).to_pylist()
    names = [name for name in DETERMINATIONS.names if name not in apart]
    if not asked.is_full:
        names = [name for name in names if name not in _DETAIL]
    differences: tuple[str, ...] = ()
    for each in sorted(found, key=lambda each: each["final_status"] != row["final_status"]):
        differing = tuple(name for name in names if name != "engine_version" and each[name] != row[name])
        if not differing:
            return _answers(embedded, bulk, desk, each["line_id"]), ()
        differences = differences or differing
    return (_answers(embedded, bulk, desk, found[0]["line_id"]) if found else ()), differences


def _answers(embedded: Embedded, bulk: BulkDesk, desk: Desk, line_id: int) -> tuple[Answered, ...]:
    lasting = embedded.connection.execute(
        "SELECT last_day FROM key_lines WHERE line_id = $id AND last_day > date_of_service", {"id": line_id}
    ).fetchall()
    wanted = [2 * line_id, *([2 * line_id + 1] if lasting else [])]
    cases = bulk.cases(embedded, wanted)
    return tuple(
        Answered(case, determine(desk, case, known_on)) for _, known_on, case in (cases[each] for each in wanted)
    )


# ---------------------------------------------------------------------------- truths alone


def _truths(desk: Desk, row: Mapping[str, Any]) -> tuple[JudgedCriterion, ...]:
    """The sentences of the rule that answered, judged by the bits of the row."""
    if row["rule"] is None or row["met_bits"] is None:
        return ()
    for version in desk.versions.get(row["policy"], ()):
        rule = next((each for each in version.row.rules if each.name == row["rule"]), None)
        if version.row.content_hash == row["policy_hash"] and rule is not None:
            return judged_by_bits(version.row, rule, _one(row["met_bits"]), _one(row["unknown_bits"]))
    return ()


def judged_by_bits(version: PlanVersion, rule: PlanRule, met: int, unknown: int) -> tuple[JudgedCriterion, ...]:
    """The When, criteria and unless of a rule, judged by its literals' bits; no value is known."""
    t, u = with_gates(rule.gates, len(rule.literals), met, unknown)
    nodes = (rule.when_node, rule.criteria_node, rule.unless_node)
    return tuple(_judged(node, version.file, t, u) for node in nodes if node is not None)


def _judged(node: Node, file: str, met: int, unknown: int) -> JudgedCriterion:
    truth = truth_of(bit_truth(node.bit, met, unknown))
    return JudgedCriterion(
        node.id,
        node.text.replace("**", "").strip(),
        ~truth if node.inverted else truth,
        node.structure,
        (),
        tuple(_judged(part, file, met, unknown) for part in node.parts),
        file,
        node.line,
        node.guard is None or bit_truth(node.guard, met, unknown) != MET,
    )


def _one(words: Sequence[int]) -> int:
    """The bits of words of 63 as one number."""
    return sum(word << WORD * at for at, word in enumerate(words))
