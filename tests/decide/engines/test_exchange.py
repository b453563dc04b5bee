"""A decision carried out by files, script after script, in DuckDB and in Spark SQL: the rows of the ordinary run."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlglot
from pyspark.sql import SparkSession
from tests.cli.running import Ran, run
from tests.decide.engines.spark_making import differing, spark_in
from tests.decide.table.making import CLAIM_LINES, FACTS, HISTORY, Claims, Decided, decided, drawn
from tests.support import EXAMPLES

import medpol

KNOWN_ON = "2026-11-24"
RELATIONS = (("claim_lines", CLAIM_LINES), ("facts", FACTS), ("history", HISTORY))
Execute = Callable[[str], Any]


def asked(folder: Path, dialect: str, *options: object) -> Ran:
    return run("claims", "sql", "--dialect", dialect, "--policies", EXAMPLES, "--exchange", folder, *options)


def carried_out(folder: Path, dialect: str, execute: Execute, *options: object, most: int = 20) -> None:
    """What a team does: run the script that is named, give the command again, until the last."""
    done = 0
    for _ in range(most):
        ran = asked(folder, dialect, "--known-on", KNOWN_ON, *options)
        assert ran.code == 0, ran.talk
        scripts = sorted(folder.glob("[0-9][1-9].sql"))
        for script in scripts[done:]:
            for statement in statements_of(script, dialect):
                execute(statement)
        done = len(scripts)
        if "it is the last one" in ran.text:
            return
    pytest.fail("it never ends")


def statements_of(script: Path, dialect: str) -> Iterator[str]:
    text = script.read_text(encoding="utf-8")
    start = 0
    for token in sqlglot.tokenize(text, read=dialect):
        if token.token_type is sqlglot.TokenType.SEMICOLON:
            yield text[start : token.start]
            start = token.end + 1


@pytest.fixture(scope="module")
def claims() -> Claims:
    return drawn(medpol.load(EXAMPLES), 1_500, 21)


@pytest.fixture(scope="module")
def expected(claims: Claims) -> Decided:
    return decided(medpol.load(EXAMPLES), claims)


class InDuckDB:
    """A warehouse: a database of its own, in which scripts run."""

    def __init__(self, claims: Claims) -> None:
        self.connection = duckdb.connect()
        self.execute("CREATE SCHEMA medpol; USE medpol")
        for (name, schema), rows in zip(RELATIONS, (claims.lines, claims.facts, claims.history), strict=True):
            self.connection.register("given", pa.Table.from_pylist(rows, schema))
            self.execute(f"CREATE TABLE {name} AS SELECT * FROM given")

    def execute(self, statement: str) -> None:
        self.connection.execute(statement)

    def rows(self, name: str, order: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (
            self.connection.sql(f"SELECT * FROM {name} ORDER BY {order}").to_arrow_table().to_pylist()
        )
        return found


def same_rows(rows: Callable[[str, str], list[dict[str, Any]]], expected: Decided) -> None:
    lines, policies = rows("line_rows", "line_id"), rows("policy_rows", "line_id, source_rank, policy")
    assert not differing([_plain(row) for row in lines], [_plain(row) for row in expected.lines])[:3]
    assert not differing([_plain(row) for row in policies], [_plain(row) for row in expected.policies])[:3]
    assert len(lines) == 1_500


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "engine_version"}


def test_scripts_run_in_duckdb_give_the_rows_of_the_ordinary_run(
    tmp_path: Path, claims: Claims, expected: Decided
) -> None:
    warehouse = InDuckDB(claims)
    carried_out(tmp_path / "exchange", "duckdb", warehouse.execute)
    same_rows(warehouse.rows, expected)
    assert len(list((tmp_path / "exchange").glob("*.sql"))) <= 10, "each stop is work for somebody"
    again = asked(tmp_path / "exchange", "duckdb")
    assert again.code == 0, again.talk
    assert "it is the last one" in again.text, "a day that is not given again is that of the exchange"


@pytest.mark.slow
def test_scripts_run_in_spark_sql_give_them_as_well(tmp_path: Path, claims: Claims, expected: Decided) -> None:
    with spark_in(tmp_path) as spark:
        session: SparkSession = spark.session
        session.conf.set("spark.sql.legacy.allowNonEmptyLocationInCTAS", "true")
        for (name, schema), rows in zip(RELATIONS, (claims.lines, claims.facts, claims.history), strict=True):
            spark.put("given", pa.Table.from_pylist(rows, schema))
            session.sql(f"CREATE TABLE {name} USING parquet AS SELECT * FROM given")
        carried_out(tmp_path / "exchange", "spark", session.sql)
        same_rows(
            lambda name, order: session.sql(f"SELECT * FROM {name} ORDER BY {order}").toArrow().to_pylist(), expected
        )


def test_results_may_come_as_json_with_raised_names_and_in_any_order(
    tmp_path: Path, claims: Claims, expected: Decided
) -> None:
    warehouse = InDuckDB(claims)
    folder = tmp_path / "exchange"

    def execute(statement: str) -> None:
        warehouse.execute(statement)
        for path in folder.glob("*.parquet"):
            rows = pq.read_table(path).to_pylist()
            raised = [
                {name.upper(): value for name, value in row.items() if value is not None} for row in reversed(rows)
            ]
            path.with_suffix(".jsonl").write_text("".join(json.dumps(row, default=str) + "\n" for row in raised))
            path.unlink()

    carried_out(folder, "duckdb", execute)
    same_rows(warehouse.rows, expected)


# ---------------------------------------------------------------------------- what does not fit


@pytest.fixture(name="begun")
def _begun(tmp_path: Path, claims: Claims) -> Path:
    """An exchange whose first script has run."""
    folder = tmp_path / "exchange"
    assert asked(folder, "duckdb", "--known-on", KNOWN_ON).code == 0
    warehouse = InDuckDB(claims)
    for statement in statements_of(folder / "01.sql", "duckdb"):
        warehouse.execute(statement)
    return folder


def test_it_waits_for_what_is_missing_and_names_it(begun: Path) -> None:
    results = sorted(path.name for path in begun.glob("01-*.parquet"))
    assert results
    (begun / results[0]).unlink()
    ran = asked(begun, "duckdb")
    assert ran.code == 0
    assert re.search(rf"{results[0]}", ran.text)
    assert not (begun / "02.sql").exists()


def test_a_result_with_other_columns_is_refused(begun: Path) -> None:
    path = sorted(begun.glob("01-*.parquet"))[-1]
    table = pq.read_table(path)
    for odd in (table.drop_columns([table.column_names[0]]), table.append_column("more", pa.nulls(len(table)))):
        pq.write_table(odd, path)
        ran = asked(begun, "duckdb")
        assert ran.code == 4
        assert f"{path}: the columns " in ran.talk


def test_a_result_with_other_types_is_refused(begun: Path) -> None:
    path = sorted(begun.glob("01-*.parquet"))[-1]
    table = pq.read_table(path)
    text = pa.table({name: [f"x{at}" for at in range(len(table))] for name in table.column_names})
    pq.write_table(text, path)
    assert asked(begun, "duckdb").code == 4
    path.unlink()
    path.with_suffix(".jsonl").write_text(json.dumps(dict.fromkeys(table.column_names, 1.5)) + "\n")
    ran = asked(begun, "duckdb")
    assert ran.code == 4
    assert f"{path.with_suffix('.jsonl')}:1: " in ran.talk


def test_a_result_that_is_no_parquet_is_refused(begun: Path) -> None:
    path = sorted(begun.glob("01-*.parquet"))[0]
    path.write_bytes(b"PAR1")
    assert asked(begun, "duckdb").code == 4


def test_the_exchange_of_other_policies_is_refused(begun: Path, tmp_path: Path) -> None:
    policies = tmp_path / "policies"
    shutil.copytree(EXAMPLES, policies)
    document = next(path for path in policies.rglob("2*.md"))
    document.write_text(document.read_text().replace("publisher:", "publisher: Another"))
    ran = run("claims", "sql", "--dialect", "duckdb", "--policies", policies, "--exchange", begun)
    assert ran.code == 4
    assert "plan_hash was" in ran.talk
    other = asked(begun, "duckdb", "--known-on", "2026-11-23")
    assert other.code == 4
    assert "known_on was 2026-11-24" in other.talk


def test_a_script_that_somebody_changed_is_refused(begun: Path) -> None:
    script = begun / "01.sql"
    script.write_text(script.read_text().replace("INSERT", "insert", 1))
    ran = asked(begun, "duckdb")
    assert ran.code == 4
    assert str(script) in ran.talk


@pytest.mark.parametrize(
    ("dialect", "words"),
    [
        ("snowflake", "--exchange is for duckdb, spark, databricks"),
        ("bigquery", "never compared"),
        ("databricks", "--location"),
    ],
)
def test_an_exchange_is_offered_only_where_answers_are_known_to_be_the_same(
    tmp_path: Path, dialect: str, words: str
) -> None:
    ran = asked(tmp_path / "exchange", dialect)
    assert ran.code == 2
    assert words in ran.talk
