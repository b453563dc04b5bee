"""What the tests of an impact share: small files of claims, two libraries, and the impact of the one against the other."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.claims.reading import write_csv
from tests.support import desk, policy

from medpol.claims.sources import ClaimInput
from medpol.decide.one import Desk
from medpol.impact import Claims, Impact, Side, compare
from medpol.impact.comparing import Asked

KNOWN_ON = date(2026, 11, 24)
NECESSARY = "Needling is **medically necessary**."
INVESTIGATIONAL = "Needling is **investigational**."
CONDITIONAL = (
    "Needling is **medically necessary** when all of these are met:\n\n- The patient is an adult. `age >= 18 years`"
)
COLUMNS = (
    "data_source",
    "claim_id",
    "claim_line_number",
    "claim_line_start_date",
    "hcpcs_code",
    "diagnosis_code_1",
    "member_id",
    "charge_amount",
    "allowed_amount",
    "paid_date",
    "x_claim_frequency_code",
    "x_original_claim_id",
    "x_line_of_business",
    "billing_npi",
)


def line(number: int, day: str = "2025-03-01", code: str = "20560", **cells: str | None) -> dict[str, str | None]:
    """A final line of a member of its own, allowed 60 dollars."""
    return {
        "data_source": "acme",
        "claim_id": f"C{number:04}",
        "claim_line_number": "1",
        "claim_line_start_date": day,
        "hcpcs_code": code,
        "diagnosis_code_1": "M7918",
        "member_id": f"M{number:04}",
        "charge_amount": "100.00",
        "allowed_amount": "60.00",
        "x_line_of_business": "commercial",
    } | cells


def library(criteria: str, **more: str) -> dict[str, str]:
    """A library of one policy, in force from 2024-05-01."""
    return {"EX-1/2024-05-01.md": policy(criteria=criteria)} | more


def impact(
    before: Mapping[str, str] | Desk,
    after: Mapping[str, str] | Desk,
    rows: Sequence[Mapping[str, str | None]],
    asked: Mapping[str, Any] | None = None,
    columns: Sequence[str] = COLUMNS,
    **how: Any,
) -> Impact:
    """The impact over claims that are written to a file; a library may be given by its documents."""
    desks = [each if isinstance(each, Desk) else desk(dict(each)) for each in (before, after)]
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder, "work")
        work.mkdir()
        path = write_csv(Path(folder, "claims.csv"), rows, columns)
        claims = replace(Claims((ClaimInput(path),), work), **how)
        sides = [Side(name, each.plan.plan_hash) for name, each in zip(("before", "after"), desks, strict=True)]
        return compare(*desks, claims, Asked(*sides, KNOWN_ON, **(asked or {})))


def cells(found: Impact) -> dict[tuple[str | None, str | None], tuple[int, int, int, Decimal]]:
    """The cross-table in short: lines, final lines, members, allowed dollars."""
    return {
        (each.before, each.after): (each.lines, each.final_lines, each.members, each.allowed_amount)
        for each in found.outcomes
    }
