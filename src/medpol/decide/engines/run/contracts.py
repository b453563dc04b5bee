"""Provisions of member contracts in a table: each contract becomes a document, and is read as any other of a library."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from medpol.claims import fence
from medpol.claims.columns import CONTRACTS
from medpol.claims.joins import make_table
from medpol.claims.refused import ClaimsRefused
from medpol.claims.sources import ClaimInput, check_unchanged, match_columns, take_snapshot
from medpol.claims.staging import read_rows
from medpol.library import Library, read_library
from medpol.model.contract import SourceKind

_FOLDER = "contracts"
_COLUMNS = ("effect", "code_system", "target", "position", "from", "to", "published", "when", "clause")
_HEAD = "| Effect | System | Code or group | Position | From | To | Published | When | Clause |"

Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ContractDocuments:
    """The contracts of a table as documents by path, and the row of the table that each of their lines holds."""

    texts: Mapping[str, bytes]
    rows: Mapping[tuple[str, int], int]


def with_contracts(library: Library, given: ClaimInput, work: Path) -> Library:
    """The library with the contracts of a table beside its own. Raises ``ClaimsRefused`` with the row that cannot be read.

    A contract whose id the library holds already is refused as well: of two texts none could be trusted.
    """
    rows = _rows(given, work)
    _refuse_held(library, rows, str(given.path))
    documents = contract_documents(rows, str(given.path))
    held = {path: text.encode() for path, text in library.texts.items()}
    whole = read_library({**held, **documents.texts}, library.root)
    for problem in whole.errors:
        path, line = problem.source.file, problem.source.line
        if path in documents.texts:
            row = documents.rows.get((path, line))
            raise ClaimsRefused(
                f"{given.path}" if row is None else f"{given.path}: row {row}",
                problem.found,
                problem.expected,
                problem.mend,
            )
    return whole


def _refuse_held(library: Library, rows: Sequence[Row], shown: str) -> None:
    held = {each.id: each.source.file for each in library.sources if each.kind is SourceKind.CONTRACT}
    for number, row in enumerate(rows, 1):
        file = held.get(_plain(row["contract_id"]))
        if file is not None:
            raise ClaimsRefused(
                f"{shown}: row {number}",
                f"the contract {row['contract_id']}, which {file} holds already",
                "each contract in one place",
                "drop its rows, or take the file out of the library",
            )


def contract_documents(rows: Sequence[Row], shown: str) -> ContractDocuments:
    """One document a contract, one line a row; contracts and rows in the order of the table."""
    by_contract: dict[str, list[tuple[int, Row]]] = {}
    for number, row in enumerate(rows, 1):
        by_contract.setdefault(row["contract_id"], []).append((number, row))
    texts: dict[str, bytes] = {}
    places: dict[tuple[str, int], int] = {}
    for at, (contract, held) in enumerate(by_contract.items(), 1):
        path = f"{_FOLDER}/given-{at:06}.md"
        lines = ["---", f"contract: {_quoted(contract)}", f"title: {_quoted(contract)}"]
        for key, column in (("rank", "rank"), ("group code", "group_code")):
            said = {row[column] for _, row in held} - {""}
            if len(said) > 1:
                raise ClaimsRefused(
                    f"{shown}: row {held[-1][0]}",
                    f"contract {contract} with several values of {column}",
                    "one for the whole contract",
                    "correct the rows",
                )
            lines += [f"{key}: {_quoted(each)}" for each in said]
        lines += ["---", "", f"# {_plain(contract)}", "", "## Provisions", "", _HEAD, "|" + "---|" * len(_COLUMNS)]
        for number, row in held:
            lines.append(_line(row, f"{shown}: row {number}"))
            places[path, len(lines)] = number
        texts[path] = ("\n".join(lines) + "\n").encode()
    return ContractDocuments(texts, places)


def _line(row: Row, where: str) -> str:
    if row["code"] and row["group"]:
        raise ClaimsRefused(where, "a code beside a group", "one of the two", "drop one")
    when = f"`{row['when'].strip('`')}`" if row["when"] else ""
    cells = {**row, "target": row["code"] or row["group"], "position": row["coverage_position"], "when": when}
    return "| " + " | ".join(_plain(cells[name]).replace("|", "\\|") for name in _COLUMNS) + " |"


def _plain(words: str) -> str:
    """The words on one line."""
    return " ".join(words.split())


def _quoted(words: str) -> str:
    """A text of front matter, whatever signs it holds."""
    return "'" + _plain(words).replace("'", "''") + "'"


def _rows(given: ClaimInput, work: Path) -> list[dict[str, str]]:
    """The rows of the table as text, empty where nothing is said."""
    shown = str(given.path)
    engine = fence.open_engine([work], keeps_order=True)
    try:
        snapshot = take_snapshot(given.path, work, "contracts", f".{given.kind}")
        raw, _ = read_rows(engine, given, snapshot, work / "contracts-raw.parquet", {})
        matched = match_columns(raw, shown, CONTRACTS, {}, given.map)
        make_table(engine, "provisions", raw, matched, CONTRACTS, shown)
        names = [each.name for each in CONTRACTS]
        columns = ", ".join(fence.name(name) for name in names)
        found = engine.execute(f"SELECT {columns} FROM provisions ORDER BY position").fetchall()
        check_unchanged(snapshot)
    finally:
        engine.close()
    return [{name: _cell(value) for name, value in zip(names, row, strict=True)} for row in found]


def _cell(value: str | date | None) -> str:
    return "" if value is None else str(value)
