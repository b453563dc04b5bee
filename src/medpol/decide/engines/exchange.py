"""A decision that somebody else's warehouse carries out, by files: medpol writes a script, the warehouse a result, in turn.

``Exchange`` speaks to no engine. What it is asked to run it writes down; where rows are asked for, the script hands them
out as a file, and the exchange goes on when that file is in its folder. Begun again, it writes the same scripts anew and
compares them, so nothing but the files is remembered. An engine without lines stands beside it and tells the columns.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from medpol import __version__
from medpol.claims.lines import SCHEMA
from medpol.decide.cases import CaseError
from medpol.decide.engines.dialects import Dialect, query_in, understood
from medpol.decide.engines.embedded import Embedded
from medpol.decide.engines.results import ResultRefused, read_result
from medpol.decide.engines.run.disk import json_bytes, read_json
from medpol.decide.engines.scripts import relation_with, rows_into, script_of, table_of, table_with, taken_out
from medpol.decide.one import Desk
from medpol.decide.table import sql
from medpol.decide.table.deciding import BulkDesk
from medpol.decide.table.verdicts import BitsDiffer

EXECUTED = (Dialect.DUCKDB, Dialect.SPARK, Dialect.DATABRICKS)
"""Dialects of the engines whose answers are known to be the same: the last is Spark's own."""
ROWS = {"line_rows": sql.LINE_ROWS, "policy_rows": sql.POLICY_ROWS}
"""What the last script writes."""
_LAST = "line_rows has a row for each row of claim_lines: where it has not, a result lost rows on its way"
ASKED = "exchange.json"
CLAIMS = "00-claims.sql"
RELATIONS: Mapping[str, Mapping[str, str]] = {
    "claim_lines": {**SCHEMA, "final_status": "VARCHAR"},
    "facts": {
        **dict.fromkeys(("member_id", "name", "value", "unit"), "VARCHAR"),
        **dict.fromkeys(("observed_on", "recorded_on"), "DATE"),
        "source": "VARCHAR",
    },
    "history": {
        **dict.fromkeys(("member_id", "code_system", "code"), "VARCHAR"),
        "day": "DATE",
        "units": "DECIMAL(12,3)",
        "line_id": "BIGINT",
    },
}
"""What stands before a decision, columns with their types."""
_HEAD = """The SQL by which medpol decides claims, in the order in which it is run, in a schema of its own.
Where medpol fills a table it has read the rows asked for before, and has decided one line of each class that they hold."""
_HEADS = {
    Dialect.BIGQUERY: f"""{_HEAD}
BigQuery stores no array that is null: modifiers and diagnoses that are unknown would be read as none. Lines that do not
state them have to be kept out."""
}


class Waiting(Exception):
    """A script is written, and what it hands out is not here yet."""

    def __init__(self, script: Path, results: tuple[str, ...]) -> None:
        super().__init__(f"{script.name}: {', '.join(results)}")
        self.script, self.results = script, results


class AnotherExchange(RuntimeError):
    """The folder holds the scripts of other policies, another day or another medpol."""


@dataclass(slots=True)
class Exchange:
    """A connection of the bulk decision that works by files in a folder."""

    folder: Path
    dialect: Dialect
    shadow: Embedded
    location: str
    """Where the scripts put results, as the warehouse names it."""
    number: int = 1
    _parts: list[tuple[str, list[str]]] = field(default_factory=list)
    _results: int = 0
    _missing: list[str] = field(default_factory=list)

    def run(self, statement: str, parameters: Mapping[str, object] | None = None) -> None:
        self.shadow.run(statement, parameters)
        self._parts.append((f"{understood(statement).name}", list(table_of(self.dialect, statement, parameters))))

    def rows(self, statement: str, parameters: Mapping[str, object] | None = None) -> pa.Table:
        expected = self.shadow.rows(statement, parameters)
        self._results += 1
        name = f"{self.number:02}-{self._results}"
        place = f"{self.location.rstrip('/')}/{name}.parquet"
        self._parts.append(
            (
                f"medpol reads {name}: {', '.join(f'{each.name} {each.type}' for each in expected.schema)}",
                [taken_out(self.dialect, statement, parameters, place)],
            )
        )
        if not self._missing:
            found = read_result(self.folder, name, expected.schema)
            if found is not None:
                self._refuse_another(is_whole=False)
                return found
        # What is asked next without anything new from here goes into the same script: the answer is empty meanwhile.
        self._missing.append(name)
        return expected.slice(0, 0)

    def put(self, name: str, table: pa.Table) -> None:
        if self._results:
            self._close()
        self.shadow.put(name, table)
        columns = _columns(self.shadow, name)
        statements = [*table_with(self.dialect, name, columns), *rows_into(self.dialect, name, table)]
        self._parts.append((f"medpol fills {name}: {len(table):,} rows", statements))

    def wait(self) -> None:
        """Raises ``Waiting`` where a result was asked for that is not here."""
        if self._missing:
            self._close()

    def end(self, parameters: Mapping[str, object]) -> Path:
        """The last script, which writes the rows. Raises ``Waiting`` where results are missing."""
        self.wait()
        for name, query in ROWS.items():
            statement = f"CREATE OR REPLACE TABLE {name} AS {query}"
            self._parts.append((name, list(table_of(self.dialect, statement, parameters))))
        self._parts.append((_LAST, []))
        script = self._script
        self._close()
        return script

    @property
    def _script(self) -> Path:
        return self.folder / f"{self.number:02}.sql"

    def _close(self) -> None:
        """The script so far in its place; the next one begins. Raises ``Waiting`` where its results are not here."""
        self._refuse_another(is_whole=True)
        script = self._script
        if not script.exists():
            aside = script.with_suffix(".tmp")
            aside.write_text(script_of(self._parts), encoding="utf-8")
            aside.rename(script)
        if self._missing:
            raise Waiting(script, tuple(self._missing))
        self.number += 1
        self._results = 0
        self._parts = []

    def _refuse_another(self, *, is_whole: bool) -> None:
        """What was written before has to be what is written now: its results answer no other question."""
        if not self._script.exists():
            if not is_whole:
                raise ResultRefused(f"{self.folder}: a result of {self._script.name}, and no such script")
            return
        held, now = self._script.read_text(encoding="utf-8"), script_of(self._parts)
        if held != now if is_whole else not held.startswith(now):
            raise AnotherExchange(f"{self._script} was written for other policies, results, or by another medpol")


@dataclass(slots=True)
class Listing:
    """A connection that only writes down what a decision would run, with the tables that it needs."""

    dialect: Dialect
    shadow: Embedded
    parts: list[tuple[str, list[str]]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    _filled: set[str] = field(default_factory=set)

    def run(self, statement: str, parameters: Mapping[str, object] | None = None) -> None:
        self.shadow.run(statement, parameters)
        self.said.append(statement)
        self.parts.append((f"{understood(statement).name}", list(table_of(self.dialect, statement, parameters))))

    def rows(self, statement: str, parameters: Mapping[str, object] | None = None) -> pa.Table:
        found = self.shadow.rows(statement, parameters)
        self.said.append(statement)
        self.parts.append(("medpol reads these rows", [query_in(self.dialect, statement, parameters)]))
        return found

    def put(self, name: str, table: pa.Table) -> None:
        self.shadow.put(name, table)
        made = [] if name in self._filled else list(table_with(self.dialect, name, _columns(self.shadow, name)))
        again = " anew" if name in self._filled else ""
        self._filled.add(name)
        self.parts.append((f"medpol fills {name}{again}", made))


def _columns(shadow: Embedded, name: str) -> dict[str, str]:
    return {str(row[0]): str(row[1]) for row in shadow.connection.execute(f'DESCRIBE "{name}"').fetchall()}


def shadow_of(connection: duckdb.DuckDBPyConnection) -> Embedded:
    """An engine with the relations that stand before a decision, and no row in them."""
    for name, columns in RELATIONS.items():
        connection.execute("\n".join(table_with(Dialect.DUCKDB, name, columns)))
    return Embedded(connection)


def listing(desk: Desk, known_on: date, dialect: Dialect, shadow: Embedded) -> str:
    """The one SQL text in a dialect, in the order in which it is run, with all tables that it reads."""
    held = Listing(dialect, shadow)
    bulk = BulkDesk(desk, known_on)
    bulk.decide(held)
    for name, query in ROWS.items():
        held.run(f"CREATE OR REPLACE TABLE {name} AS {query}", bulk.parameters(engine_version(dialect)))
    return script_of([(_HEADS.get(dialect, _HEAD), []), *_relations(dialect, " ".join(held.said)), *held.parts])


def exchanged(desk: Desk, known_on: date, folder: Path, dialect: Dialect, location: str, shadow: Embedded) -> Path:
    """The last script of an exchange, where all results are here.

    Raises:
        Waiting: A script is written, and its results are not here.
        ResultRefused: A file does not fit what the script asks for.
        AnotherExchange: The folder is that of another exchange.
    """
    said = {
        "dialect": dialect.value,
        "engine_version": engine_version(dialect),
        "semantics": desk.plan.semantics,
        "plan_hash": desk.plan.plan_hash,
        "known_on": str(known_on),
        "location": location,
    }
    _begin(folder, said, dialect)
    held = Exchange(folder, dialect, shadow, location)
    bulk = BulkDesk(desk, known_on)
    try:
        bulk.decide(held)
    except (LookupError, CaseError, BitsDiffer) as problem:
        held.wait()  # rows that are not here were missed
        raise ResultRefused(
            f"{folder}: the results of {held.number:02}.sql or before do not agree: {problem}"
        ) from problem
    return held.end(bulk.parameters(engine_version(dialect)))


def engine_version(dialect: Dialect) -> str:
    return f"medpol {__version__}, {dialect.value}"


def _begin(folder: Path, said: Mapping[str, Any], dialect: Dialect) -> None:
    """What the folder is the exchange of; the tables of claims are told in a script of their own."""
    path = folder / ASKED
    if path.exists():
        held = read_json(path)
        differing = next((name for name in said if held.get(name) != said[name]), None)
        if differing is not None:
            raise AnotherExchange(f"{folder}: {differing} was {held.get(differing)}, now {said[differing]}")
        return
    path.write_bytes(json_bytes(said))
    text = " ".join(text for text in vars(sql).values() if isinstance(text, str))
    (folder / CLAIMS).write_text(script_of(_relations(dialect, text)), encoding="utf-8")


def _relations(dialect: Dialect, text: str) -> list[tuple[str, list[str]]]:
    """The tables of claims, of their columns those that the text names."""
    return [
        (
            f"{name}: yours, as docs/claims.md says what stands in each column; a view of that name does as well",
            list(
                relation_with(
                    dialect, name, {each: kind for each, kind in columns.items() if re.search(rf"\b{each}\b", text)}
                )
            ),
        )
        for name, columns in RELATIONS.items()
    ]
