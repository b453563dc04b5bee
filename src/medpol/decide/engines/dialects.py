"""The one SQL text of the bulk decision in the words of another engine, statement by statement (sqlglot).

The text is written for DuckDB. What sqlglot knows of two dialects is left to it, and what it cannot say is an error and
never a guess; where it says a thing that the other engine does not have or reads otherwise, it is settled here, on the
parsed statement.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel


class Dialect(StrEnum):
    """The engines for which the text is written."""

    DUCKDB = "duckdb"
    SPARK = "spark"
    DATABRICKS = "databricks"
    SNOWFLAKE = "snowflake"
    BIGQUERY = "bigquery"


@dataclass(frozen=True, slots=True)
class Statement:
    """What one statement does: the query, and the table or view that it makes; without a name it asks for rows."""

    query: exp.Query
    name: str | None = None
    is_view: bool = False


@lru_cache(maxsize=256)
def understood(text: str) -> Statement:
    """A statement of ours. Raises ``ValueError`` where it is neither a query nor makes a table or view of one."""
    tree = sqlglot.parse_one(text, read=Dialect.DUCKDB, error_level=ErrorLevel.RAISE)
    if isinstance(tree, exp.Query):
        return Statement(tree)
    query = tree.expression if isinstance(tree, exp.Create) else None
    if not isinstance(tree, exp.Create) or not isinstance(query, exp.Query):
        raise ValueError(f"neither a query nor a table made of one: {text.strip()[:80]}")
    query = query.copy()
    if not query.args.get("limit"):
        query.set("order", None)  # a table has no order: sorting for it would be work for nothing
    return Statement(query, tree.this.name, tree.kind == "VIEW")


@lru_cache(maxsize=256)
def spark_query(text: str) -> str:
    """The query of a statement as Spark reads it; parameters stay named: ``:known_on``."""
    return understood(text).query.sql(dialect=Dialect.SPARK, unsupported_level=ErrorLevel.RAISE)


def query_in(
    dialect: Dialect, text: str, parameters: Mapping[str, object] | None = None, *, is_ordered: bool = True
) -> str:
    """The query of a statement in a dialect, with the values of its parameters in it."""
    query: exp.Expr = understood(text).query.copy()
    if not is_ordered:
        query.set("order", None)
    for found in list(query.find_all(exp.Placeholder)):
        found.replace(exp.convert((parameters or {})[found.name]))
    return said_in(dialect, query)


def said_in(dialect: Dialect, tree: exp.Expr) -> str:
    """A parsed statement in a dialect. Raises ``sqlglot.errors.UnsupportedError`` where the dialect has no words for it."""
    for change in _CHANGES.get(dialect, ()):
        tree = tree.transform(change)
    return tree.sql(dialect=dialect, unsupported_level=ErrorLevel.RAISE, pretty=True)


def type_in(dialect: Dialect, duckdb_type: str) -> str:
    """A type of a column. Snowflake's arrays are of no stated type: what stands in them is known by the statements."""
    held = exp.DataType.build(duckdb_type, dialect=Dialect.DUCKDB)
    if dialect is Dialect.SNOWFLAKE and held.is_type(exp.DataType.Type.ARRAY, exp.DataType.Type.LIST):
        return "ARRAY"
    return held.sql(dialect=dialect, unsupported_level=ErrorLevel.RAISE)


def name_in(dialect: Dialect, name: str) -> str:
    """A name of ours, quoted where a word of SQL is spelled the same."""
    return exp.to_identifier(name, quoted=name in _WORDS).sql(dialect=dialect)


_WORDS = frozenset({"values"})


def text_in(dialect: Dialect, words: str) -> str:
    """A text of ours, quoted; nothing in it can end it."""
    return exp.Literal.string(words).sql(dialect=dialect)


# ---------------------------------------------------------------------------- what is settled here

_LISTS = frozenset({"met", "unknown", "pattern"})
"""Columns that hold lists and are compared whole."""


def _is_list(node: exp.Expr | None) -> bool:
    return isinstance(node, exp.Column) and node.name in _LISTS


def _fields(node: exp.Expr) -> list[exp.Expr]:
    """What a list of structs is ordered by: their fields, in order; of anything else, itself."""
    if isinstance(node, exp.Struct):
        return [each.expression if isinstance(each, exp.PropertyEQ) else each for each in node.expressions]
    return [node]


def _sorted_list(node: exp.Expr) -> exp.Expr | None:
    """The aggregate inside ``list_sort(list(...))``; ``None`` where the node is something else."""
    inner = node.this if isinstance(node, exp.ArraySort) else None
    return inner if isinstance(inner, exp.ArrayAgg) else None


def _snowflake(node: exp.Expr) -> exp.Expr:
    gathered = _sorted_list(node)
    if gathered is not None:  # objects have no order there: the list is gathered in that of their fields
        inner = gathered.this
        held = inner.expressions[0] if isinstance(inner, exp.Distinct) else inner
        order = exp.Order(expressions=[exp.Ordered(this=each.copy(), nulls_first=False) for each in _fields(held)])
        return exp.WithinGroup(this=exp.ArrayAgg(this=inner.copy()), expression=order)
    if isinstance(node, exp.Dot) and isinstance(node.this, exp.Identifier):  # a field of an object
        return exp.Anonymous(this="GET", expressions=[node.this.copy(), exp.Literal.string(node.expression.name)])
    return node


def _bigquery(node: exp.Expr) -> exp.Expr:
    gathered = _sorted_list(node)
    if gathered is not None:
        inner = gathered.this
        held = inner.expressions[0] if isinstance(inner, exp.Distinct) else inner
        order = [exp.Ordered(this=each.copy(), nulls_first=True) for each in _fields(held)]
        return exp.ArrayAgg(this=exp.Order(this=inner.copy(), expressions=order))
    match node:
        case exp.ArraySort():
            return _from_list(node.this, "SELECT each FROM UNNEST(texts) AS each ORDER BY each")
        case exp.ArrayDistinct():
            return _from_list(node.this, "SELECT DISTINCT each FROM UNNEST(texts) AS each")
        case exp.Transform():
            made = _from_list(node.this, "SELECT each FROM UNNEST(texts) AS each WITH OFFSET AS place ORDER BY place")
            select = made.find(exp.Select)
            assert select is not None
            select.set("expressions", [_bigquery_whole(node.expression.this)])
            return made
        case exp.ArrayAppend():
            added = exp.Array(expressions=[_bigquery_whole(node.expression)])
            return exp.func("ARRAY_CONCAT", _bigquery_whole(node.this), added, dialect=Dialect.BIGQUERY)
        case exp.SHA2():  # bytes there
            hashed = exp.Anonymous(this="SHA256", expressions=[_bigquery_whole(node.this)])
            return exp.Anonymous(this="TO_HEX", expressions=[hashed])
        case exp.EQ() | exp.NullSafeEQ() if _is_list(node.this) and _is_list(node.expression):
            return type(node)(this=_as_text(node.this), expression=_as_text(node.expression))
    return node


def _from_list(texts: exp.Expr, query: str) -> exp.Expr:
    """A query over the items of a list, as a list again."""
    tree = sqlglot.parse_one(f"ARRAY({query})", read=Dialect.BIGQUERY)
    unnested = tree.find(exp.Unnest)
    assert unnested is not None
    unnested.set("expressions", [_bigquery_whole(texts)])
    return tree


def _bigquery_whole(node: exp.Expr) -> exp.Expr:
    return node.copy().transform(_bigquery)


def _as_text(column: exp.Expr) -> exp.Expr:
    """Lists are not compared there; their JSON is."""
    return exp.func("TO_JSON_STRING", column.copy())


def _order_by_place(node: exp.Expr) -> exp.Expr:
    """``ORDER BY ALL`` as the places of the columns that can be ordered, where it is not known."""
    order = node.args.get("order") if isinstance(node, exp.Query) else None
    if order is None or not any(each.this.name.upper() == "ALL" for each in order.expressions):
        return node
    places = [
        exp.Ordered(this=exp.Literal.number(at), nulls_first=True)
        for at, name in enumerate(node.named_selects, 1)  # type: ignore[attr-defined]
        if name not in _LISTS
    ]
    node.set("order", exp.Order(expressions=places))
    return node


_CHANGES: Mapping[Dialect, tuple[Callable[[exp.Expr], exp.Expr], ...]] = {
    Dialect.SNOWFLAKE: (_snowflake,),
    Dialect.BIGQUERY: (_order_by_place, _bigquery),
}
