"""A real Spark, on a real Java, for the tests that need one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from tests.decide.table.making import CLAIM_LINES, FACTS, HISTORY, Claims

from medpol.cli.claims_spark import master_of, properties_of, refuse_without_java
from medpol.cli.stops import Stop
from medpol.decide.engines.spark import Spark, open_session

THREADS = 2
MEMORY = "1GB"


def needs_java() -> None:
    """Without a Java that Spark runs on, the test is skipped, and says so; but never in CI."""
    try:
        refuse_without_java(os.environ)
    except Stop as problem:
        pytest.fail(problem.message) if os.environ.get("CI") else pytest.skip(problem.message)


@contextmanager
def spark_in(folder: Path) -> Iterator[Spark]:
    """A session as the command opens it on this machine."""
    needs_java()
    master = master_of(None, THREADS)
    own = [f"spark.local.dir={folder / 'spill'}", f"spark.sql.warehouse.dir={folder / 'warehouse'}"]
    properties = properties_of([*own, "spark.sql.shuffle.partitions=2"], master, MEMORY, THREADS)
    session = open_session(master, properties, folder / "spark.log")
    try:
        yield Spark(session, folder / "tables")
    finally:
        session.stop()
        shutil.rmtree(folder / "tables", ignore_errors=True)


def give(spark: Spark, claims: Claims) -> None:
    """The relations that stand before a decision."""
    spark.put("claim_lines", pa.Table.from_pylist(claims.lines, CLAIM_LINES))
    spark.put("facts", pa.Table.from_pylist(claims.facts, FACTS))
    spark.put("history", pa.Table.from_pylist(claims.history, HISTORY))


def differing(mine: list[Mapping[str, Any]], theirs: list[Mapping[str, Any]]) -> list[str]:
    """The rows that differ, each told by its line and the columns; both sides in one order."""
    if len(mine) != len(theirs):
        return [f"{len(mine)} rows beside {len(theirs)}"]
    return [
        f"{one['claim_id']} {one['policy']}: "
        + ", ".join(f"{name} {one[name]!r}, {two[name]!r}" for name in one if one[name] != two[name])
        for one, two in zip(mine, theirs, strict=True)
        if one != two
    ]
