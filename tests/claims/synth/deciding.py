"""What the tests of synthetic claims share: a folder made, read and decided, and its truth beside what came out."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from medpol.claims.fence import open_engine
from medpol.claims.intake import ClaimsRead, ReadOptions, read_claims
from medpol.claims.maps import read_map
from medpol.claims.sources import ClaimInput
from medpol.claims.synth import Form, Made, Order, make
from medpol.decide.engines.embedded import Embedded
from medpol.decide.one import Desk
from medpol.decide.plan import compile_library
from medpol.decide.table import sql
from medpol.decide.table.deciding import BulkDesk
from medpol.library import SHIPPED
from medpol.library.load import load

KNOWN_ON = date(2026, 1, 1)
ROWS = 1_200


def made_in(
    folder: Path, form: Form = Form.CSV, rows: int = ROWS, seed: int = 7, faults: Fraction = Fraction(0)
) -> Made:
    return make(Order(rows, seed, folder, SHIPPED, form, faults))


@dataclass(slots=True)
class Decided:
    """What came out: answers and rejects as counted rows, in the columns of the truth."""

    read: ClaimsRead
    answers: Counter[tuple[str, ...]]
    rejects: Counter[tuple[str, ...]]


def decided(folder: Path, work: Path) -> Decided:
    """The claims of a folder, read and decided with what stands beside them."""
    desk = Desk(compile_library(load(folder / "policies")))
    how = read_map(folder / "map.toml")
    (claims,) = folder.glob("claims.*")
    engine = open_engine([work])
    read = read_claims(
        engine,
        [ClaimInput(claims, how)],
        ReadOptions(
            work=work,
            eligibility=ClaimInput(beside(folder, "eligibility"), how),
            facts=ClaimInput(beside(folder, "facts"), how),
            declared_systems=desk.plan.systems.declared,
            contracts=frozenset(desk.contracts),
        ),
    )
    bulk = BulkDesk(desk, KNOWN_ON)
    embedded = Embedded(engine)
    bulk.decide(embedded)
    rows = embedded.rows(sql.LINE_ROWS, bulk.parameters("test")).to_pylist()
    answers = Counter(
        (row["claim_id"], str(row["claim_line_number"]), row["outcome"], row["reason_key"], row["final_status"])
        for row in rows
    )
    rejects = Counter(
        (claim or "", reject) for claim, reject in engine.execute("SELECT claim_id, reject_key FROM rejects").fetchall()
    )
    return Decided(read, answers, rejects)


def beside(folder: Path, name: str) -> Path:
    (path,) = folder.glob(f"{name}.*")
    return path


def truth_of(folder: Path) -> list[dict[str, Any]]:
    path = beside(folder, "truth")
    if path.suffix == ".parquet":
        return [{**row, "row": str(row["row"])} for row in pq.read_table(path).to_pylist()]
    with path.open(encoding="utf-8", newline="") as file:
        return [{name: cell or None for name, cell in row.items()} for row in csv.DictReader(file)]


def answers_of(truth: list[dict[str, Any]]) -> Counter[tuple[str, ...]]:
    return Counter(
        (row["claim_id"], row["claim_line_number"], row["outcome"], row["reason_key"], row["final_status"])
        for row in truth
        if row["reject_key"] is None
    )


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
