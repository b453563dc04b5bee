"""Measure the 837 readers: claims per CPU second of ours, of the strict one, of x12sdk alone, and of a bare split.

    python benchmarks/claims_x12.py [--claims 20000] [--strict-claims 600] [--rounds 5]

Every round measures all of them after one another in this process, so that a busy machine slows all alike; the figures
are medians, the ratios are those of the same round. The limit is what any reader in Python has to do: read the file and
part it into segments and elements.
"""

from __future__ import annotations

import argparse
import gc
import platform
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from importlib.metadata import version as version_of
from pathlib import Path
from time import process_time

from x12sdk.io import X12ModelReader

from medpol.claims.npi import check_digit
from medpol.claims.x12 import read_837
from medpol.claims.x12.strict import read_837_strict
from medpol.claims.x12.structure import INSTITUTIONAL, PROFESSIONAL
from medpol.claims.x12.writing import Row, write_837

GOAL = 30_000
"""Claims per second on one core, of the streaming reader."""
_CODES = ("20560", "20561", "97110", "97140")
_DIAGNOSES = ("M7918", "M545", "M542", "G8929")


def rows_of(claims: int, kind: str) -> Iterator[Row]:
    """Synthetic lines: one to three a claim, every third patient a dependent, up to four diagnoses."""
    for at in range(claims):
        nine = f"1{at % 50:08}"
        claim: dict[str, str | None] = {
            "claim_id": f"C{at:09}",
            "billing_npi": nine + check_digit(nine),
            "payer": f"PAYER{at % 4}",
            "x_claim_filing_code": ("CI", "MB", "MC", "16")[at % 4],
            "x_subscriber_id": f"M{at % 7919:07}",
            "x_patient_relationship": "19" if at % 3 == 0 else "18",
            "x_patient_birth_date": f"19{at % 90 + 10}-0{at % 9 + 1}-1{at % 9}",
            "x_patient_sex": "FM"[at % 2],
            "x_claim_frequency_code": "1",
            **{f"diagnosis_code_{nth + 1}": _DIAGNOSES[(at + nth) % 4] for nth in range(at % 4 + 1)},
        }
        claim["member_id"] = None if at % 3 == 0 else claim["x_subscriber_id"]
        if kind == INSTITUTIONAL:
            claim |= {"bill_type_code": "131", "claim_start_date": "2024-01-05"}
        else:
            claim |= {"place_of_service_code": "11"}
        for nth in range(at % 3 + 1):
            line = {
                "claim_line_number": str(nth + 1),
                "claim_line_start_date": f"2024-0{at % 9 + 1}-1{nth}",
                "hcpcs_code": _CODES[(at + nth) % 4],
                "charge_amount": f"{(at * 37 + nth) % 900 + 20}.50",
                "x_unit_basis": "UN",
                "service_unit_quantity": "1",
            }
            extra = {"revenue_center_code": "0420"} if kind == INSTITUTIONAL else {"x_diagnosis_pointers": "1"}
            yield {**claim, **line, **extra}


def write_file(path: Path, claims: int, kind: str) -> Path:
    with path.open("wb") as file:
        write_837(rows_of(claims, kind), kind, file)
    return path


def split_bare(path: Path) -> None:
    """Segments and elements, and nothing else."""
    for segment in path.read_text("ascii").split("~"):
        segment.split("*")


def read_ours(path: Path) -> None:
    for _ in read_837(path, rejected=_unexpected):
        pass


def read_strict(path: Path) -> None:
    for _ in read_837_strict(path, rejected=_unexpected):
        pass


def read_x12sdk(path: Path) -> None:
    """The models alone, with no row made of them."""
    with X12ModelReader(str(path)) as reader:
        for model in reader.models():
            sum(1 for _ in model.claims())


def _unexpected(reject: object) -> None:
    raise AssertionError(reject)


def claims_per_second(read: Callable[[Path], None], path: Path, claims: int) -> float:
    gc.collect()
    began = process_time()
    read(path)
    return claims / (process_time() - began)


def measure(folder: Path, kind: str, claims: int, strict_claims: int, rounds: int) -> None:
    large = write_file(folder / "large.837", claims, kind)
    small = write_file(folder / "small.837", strict_claims, kind)
    readers: list[tuple[str, Callable[[Path], None], Path, int]] = [
        ("bare split", split_bare, large, claims),
        ("streaming", read_ours, large, claims),
        ("strict", read_strict, small, strict_claims),
        ("x12sdk alone", read_x12sdk, small, strict_claims),
    ]
    found: dict[str, list[float]] = {name: [] for name, *_ in readers}
    for _ in range(rounds):
        for name, read, path, count in readers:
            found[name].append(claims_per_second(read, path, count))
    lines = sum(1 for _ in rows_of(claims, kind))
    print(
        f"\n837{'P' if kind == PROFESSIONAL else 'I'}: {claims:,} claims, {lines:,} lines, {large.stat().st_size:,} bytes"
    )
    print(f"{'reader':14} {'claims/s':>10} {'of the split':>13} {'x strict':>10}")
    for name, figures in found.items():
        of_split = statistics.median(one / limit for one, limit in zip(figures, found["bare split"], strict=True))
        of_strict = statistics.median(one / other for one, other in zip(figures, found["strict"], strict=True))
        print(f"{name:14} {statistics.median(figures):10,.0f} {of_split:13.3f} {of_strict:10.1f}")
    reached = statistics.median(found["streaming"]) / GOAL
    print(f"goal {GOAL:,} claims/s: {'reached' if reached >= 1 else 'missed'}, at {reached:.2f} of it")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--claims", type=int, default=20_000)
    parser.add_argument("--strict-claims", type=int, default=600)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args(arguments)
    print(f"python {platform.python_version()}, x12sdk {version_of('x12sdk')}, CPU seconds of one core")
    with tempfile.TemporaryDirectory() as folder:
        for kind in (PROFESSIONAL, INSTITUTIONAL):
            measure(Path(folder), kind, asked.claims, asked.strict_claims, asked.rounds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
