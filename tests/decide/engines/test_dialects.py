"""The one SQL text in five dialects: each statement parses there, and asks for nothing that the engine does not have."""

from __future__ import annotations

import re
from functools import cache

import pytest
import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel
from tests.cli.running import run
from tests.support import EXAMPLES

from medpol.decide.engines.dialects import Dialect, query_in, spark_query, type_in, understood
from medpol.decide.engines.exchange import ROWS
from medpol.decide.engines.scripts import value_in
from medpol.decide.table import sql

FUNCTIONS = {
    "snowflake": """ARRAY_AGG ARRAY_APPEND ARRAY_COMPACT ARRAY_CONTAINS ARRAY_DISTINCT ARRAY_GENERATE_RANGE ARRAY_SIZE
        ARRAY_SORT ARRAY_TO_STRING BITAND BITNOT BITOR BITORAGG BITSHIFTRIGHT CAST CHR COALESCE CONCAT COUNT DATEDIFF DAY
        FILTER FLATTEN GET GREATEST IFF LAST_DAY LEAST_IGNORE_NULLS LEFT MAX MIN MONTH OBJECT_CONSTRUCT RANK
        REGEXP_REPLACE REPLACE ROW_NUMBER SHA2 STARTSWITH SUM TRANSFORM YEAR""",
    "bigquery": """ARRAY_AGG ARRAY_CONCAT ARRAY_LENGTH ARRAY_TO_STRING BIT_OR CAST CHR COALESCE CONCAT COUNT DATE_DIFF
        EXTRACT GENERATE_ARRAY GREATEST IF LAST_DAY LEAST LEFT MAX MIN MOD RANK REGEXP_REPLACE REPLACE ROW_NUMBER SHA256
        STARTS_WITH SUM TO_HEX TO_JSON_STRING UNNEST""",
    "databricks": """ARRAY ARRAY_APPEND ARRAY_CONTAINS ARRAY_DISTINCT ARRAY_JOIN ARRAY_SORT BIT_OR CAST CHR COALESCE
        COLLECT_LIST CONCAT COUNT DATEDIFF DAY EXPLODE FILTER LAST_DAY LEAST LEFT MAX MIN MONTH RANK REGEXP_REPLACE REPLACE
        ROW_NUMBER SHA2 SHIFTRIGHT SIZE STARTSWITH STRUCT SUM TRANSFORM
        YEAR""",
}
"""What the vendors' lists of functions hold, of what the text comes to; a new one is looked up there and added here."""
FUNCTIONS["spark"] = FUNCTIONS["databricks"]
NO_FUNCTIONS = frozenset(
    {
        "AND",
        "ARRAY",
        "AS",
        "DECIMAL",
        "EXISTS",
        "FROM",
        "GROUP",
        "IN",
        "JOIN",
        "NUMERIC",
        "ON",
        "OR",
        "OVER",
        "STRUCT",
        "TABLE",
        "USING",
        "VALUES",
        "WHEN",
        "WITH",
    }
)
"""Words before a bracket that call nothing."""
ODD = "it's a \\ and\na line; -- of two"
WAREHOUSES = ("spark", "databricks", "snowflake", "bigquery")


@cache
def printed(dialect: str) -> str:
    ran = run("claims", "sql", "--dialect", dialect, "--policies", EXAMPLES, "--known-on", "2026-11-24")
    assert ran.code == 0, ran.talk
    return ran.text


@pytest.mark.parametrize("dialect", ["duckdb", *WAREHOUSES])
def test_every_statement_parses_in_its_dialect_and_makes_the_tables_that_others_read(dialect: str) -> None:
    trees = sqlglot.parse(printed(dialect), read=dialect, error_level=ErrorLevel.RAISE)
    made: set[str] = set()
    for tree in trees:
        assert isinstance(tree, exp.Create | exp.Query | exp.Drop), tree
        inside = {cte.alias for cte in tree.find_all(exp.CTE)}
        own = tree.find(exp.Schema) or tree
        if isinstance(tree, exp.Create):
            made.add(tree.find(exp.Table).name)  # type: ignore[union-attr]
        read = {table.name for table in own.find_all(exp.Table) if table.name and not table.find_ancestor(exp.Lateral)}
        assert read <= made | inside or isinstance(tree, exp.Drop), f"{tree.sql()[:80]}: {read - made - inside}"
    assert {"claim_lines", "facts", "history", "verdicts", *ROWS} <= made
    assert not [tree for tree in trees if tree and tree.find(exp.Command)]


@pytest.mark.parametrize("dialect", WAREHOUSES)
def test_no_function_is_called_that_the_vendor_does_not_list(dialect: str) -> None:
    bare = re.sub(r"--[^\n]*|'(?:[^'\\]|\\.|'')*'", "", printed(dialect))
    called = set(re.findall(r"\b([A-Za-z_][A-Za-z_0-9]*)\s?\(", bare))
    unknown = {name.upper() for name in called if name.isupper()} - NO_FUNCTIONS - set(FUNCTIONS[dialect].split())
    assert not unknown


@pytest.mark.parametrize("dialect", WAREHOUSES)
def test_what_is_written_reads_back_as_the_same_statement(dialect: str) -> None:
    for text in (sql.BITS, sql.PLACED, sql.CLASS_OF):
        said = query_in(Dialect(dialect), text)
        again = sqlglot.parse_one(said, read=dialect).sql(dialect=dialect, pretty=True)
        assert again == said


def test_a_statement_that_makes_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="neither a query nor a table"):
        understood("DROP TABLE claim_lines")
    with pytest.raises(sqlglot.errors.ParseError):
        understood("SELECT FROM WHERE")


def test_a_table_is_not_sorted_and_rows_are() -> None:
    assert "ORDER" not in spark_query("CREATE OR REPLACE TEMP TABLE t AS SELECT a FROM x ORDER BY a")
    assert "ORDER" in spark_query("SELECT a FROM x ORDER BY a")


@pytest.mark.parametrize(
    ("dialect", "text", "said"),
    [
        ("spark", "SELECT list_sort(list(DISTINCT a)) FROM t", "ARRAY_SORT(COLLECT_LIST(DISTINCT a))"),
        ("snowflake", "SELECT list_sort(list({'b': b, 'a': a})) FROM t", "WITHIN GROUP (ORDER BY b, a)"),
        ("snowflake", "SELECT list_transform(t.w, lambda e: e.met) FROM t", "TRANSFORM(t.w, e -> GET(e, 'met'))"),
        ("bigquery", "SELECT list_sort(list({'b': b, 'a': a})) FROM t", "ORDER BY b, a"),
        ("bigquery", "SELECT list_transform(w, lambda each: each.met) FROM t", "WITH OFFSET AS place"),
        ("bigquery", "SELECT list_sort(list_distinct(w)) FROM t", "SELECT DISTINCT each"),
        ("bigquery", "SELECT sha256(list_append(w, b)) FROM t", "TO_HEX(SHA256(ARRAY_CONCAT(w, [b])))"),
        ("bigquery", "SELECT a, met FROM t ORDER BY ALL", "ORDER BY 1"),
        ("bigquery", "SELECT 1 FROM a JOIN b ON a.met = b.met", "TO_JSON_STRING(a.met) = TO_JSON_STRING(b.met)"),
    ],
)
def test_what_differs_between_engines_is_settled(dialect: str, text: str, said: str) -> None:
    found = re.sub(r"\s+", " ", query_in(Dialect(dialect), text)).replace("( ", "(").replace(" )", ")")
    assert said in found


def test_types_and_values_are_those_of_the_dialect() -> None:
    assert type_in(Dialect.BIGQUERY, "VARCHAR[]") == "ARRAY<STRING>"
    assert type_in(Dialect.SPARK, "DECIMAL(12,3)") == "DECIMAL(12, 3)"
    assert type_in(Dialect.SNOWFLAKE, "BIGINT[]") == "ARRAY"
    for dialect in Dialect:
        tree = sqlglot.parse_one(f"SELECT {value_in(dialect, ODD)}", read=dialect)
        assert tree.expressions[0].name == ODD, dialect
    assert value_in(Dialect.SPARK, [1, 2]) == "ARRAY(1, 2)"
    assert value_in(Dialect.DUCKDB, [None, True]) == "[NULL, TRUE]"
