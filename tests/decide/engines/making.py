"""Runs over small files of claims: in this process, in processes of their own that can be killed, and what they leave."""

from __future__ import annotations

import os
import random
import resource
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from tests.claims.reading import Row, line, write_csv
from tests.cli.running import Ran, run
from tests.support import EXAMPLES, files_of

from medpol.cli import main

KNOWN_ON = "2026-11-24"
TIMING = "timing.json"
SWITCH = {"MEDPOL_TEST_FAULTS": "1"}
_CODES = ("20560", "20561", "20552", "20553", "K0553", "J0000", "L8614", "15823", "99999", "bad", None)
_DAYS = ("2019-12-31", "2020-01-01", "2022-02-16", "2023-12-07", "2024-06-30", "2024-07-01", "2025-03-05")
_DIAGNOSES = ("M7918", "M722", "E119", "M545", "125.9", None)
_LINES = ("commercial", "Medicare Advantage", "medicaid", "unheard of", None)


def drawn_rows(count: int, seed: int = 1, **cells: str | None) -> list[dict[str, str | None]]:
    """Claim lines about codes of the example policies and of none, some of them replaced, reversed or broken."""
    draw = random.Random(seed)
    rows = [
        line(
            claim_id=f"C{number // 2:05}",
            claim_line_number=str(1 + number % 2),
            claim_line_start_date=draw.choice(_DAYS),
            hcpcs_code=draw.choice(_CODES),
            diagnosis_code_1=draw.choice(_DIAGNOSES),
            member_id=draw.choice((f"M{draw.randrange(40)}", None)),
            x_line_of_business=draw.choice(_LINES),
            x_state=draw.choice(("WA", "OR", None)),
            x_patient_birth_date=draw.choice(("1980-02-29", "2020-01-01", None)),
            service_unit_quantity=draw.choice(("1", "2.5", None)),
            charge_amount=f"{draw.randrange(1, 99999) / 100:.2f}",
            allowed_amount=draw.choice(("55.10", None)),
            paid_date="2025-06-01",
            batch=f"b{number % 7}",
            **cells,
        )
        for number in range(count)
    ]
    again = draw.sample(rows, count // 20)
    rows += [{**row, "paid_date": "2025-07-01", "charge_amount": "77.00"} for row in again]
    return rows


@cache
def _forking() -> ForkServerContext:
    context = get_context("forkserver")
    context.set_forkserver_preload(["medpol.cli.claims_decide", "medpol.cli.claims_verify"])
    return context


def begin(*arguments: object, log: Path, most: int | None = None, **settings: str) -> ForkServerProcess:
    """One command in a process of its own, under way; what it says goes to ``log``, no file grows past ``most`` bytes."""
    process = _forking().Process(target=_command, args=([str(each) for each in arguments], str(log), most, settings))
    process.start()
    return process


def _command(arguments: Sequence[str], log: str, most: int | None, settings: Mapping[str, str]) -> None:
    os.environ.update(settings)
    if most is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    sys.stdout = sys.stderr = Path(log).open("a", encoding="utf-8")  # noqa: SIM115
    sys.exit(main(arguments))


def ended(process: ForkServerProcess) -> int:
    """Its exit code; the negative number of the signal that ended it."""
    process.join(60)
    code = process.exitcode
    process.close()
    assert code is not None, "still running after a minute"
    return code


def decide(files: Path | Sequence[Path], out: Path, *options: object, policies: Path = EXAMPLES) -> Ran:
    """``medpol claims decide`` in this process."""
    return run("claims", "decide", *arguments(files, out, *options, policies=policies))


def arguments(
    files: Path | Sequence[Path], out: Path, *options: object, policies: Path = EXAMPLES
) -> tuple[object, ...]:
    inputs = [files] if isinstance(files, Path) else files
    known = () if "--known-on" in options else ("--known-on", KNOWN_ON)
    return (*inputs, "--out", out, "--policies", policies, "--max-rejects", "100%", *known, *options)


def left(out: Path) -> dict[str, bytes]:
    """Every file of a run but the one of its times."""
    return {name: data for name, data in files_of(out).items() if name != TIMING}


@dataclass(frozen=True)
class Rows:
    """The determinations of a run, in the order of their keys."""

    line: list[dict[str, Any]]
    policy: list[dict[str, Any]]


def rows_of(out: Path, *, without: Sequence[str] = ()) -> Rows:
    return Rows(*(_rows(out / kind, without) for kind in ("line", "policy")))


def _rows(folder: Path, without: Sequence[str]) -> list[dict[str, Any]]:
    rows = [row for path in sorted(folder.glob("*.parquet")) for row in pq.read_table(path).to_pylist()]
    held = [{name: value for name, value in row.items() if name not in without} for row in rows]
    return sorted(
        held, key=lambda row: [str(row.get(name)) for name in ("claim_id", "claim_line_number", *sorted(row))]
    )


def claims(folder: Path, rows: Sequence[Row] | None = None, name: str = "claims.csv") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return write_csv(folder / name, drawn_rows(200) if rows is None else rows)
