"""Cells broken on purpose: what is wrong, how it looks, and what must come of the line.

Only rows of the background at even places are broken, and a repeated row is the one before it: so no two faults meet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from medpol.claims.synth.planting import MALFORMED, Form
from medpol.claims.synth.rows import TRUTH, chosen
from medpol.claims.synth.words import Words, below, happens

_KEY = ("data_source", "claim_id", "claim_line_number")
MOST = Fraction(1, 2)
"""Every second row can be broken."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A column, what stands in it instead, and the reject that must come of it; none: answered, the code malformed."""

    reject_key: str | None
    column: str
    cells: tuple[str | None, ...]
    why: str
    in_x12: tuple[str, ...] = ()
    """The cells that an 837 can hold as well."""


FAULTS: tuple[Fault, ...] = (
    Fault(
        "bad-amount", "charge_amount", ("12.345", "1e3", "$12.50", "1,250.00", "12,50", "5_0", "٣٥.00", "NaN"),
        "an amount is digits, with at most two decimals", ("12.345", "1e3", "NaN"),
    ),
    Fault(
        "bad-date", "claim_line_start_date", ("2024-02-30", "07/01/2024", "2024-7-1", "20240701", "٢٠٢٤-٠٧-٠١", "0000-00-00"),
        "a date is a day of the calendar, YYYY-MM-DD", ("2024-02-30", "2024-13-01"),
    ),
    Fault(
        "bad-number", "service_unit_quantity", ("5_0", "two", "1.2345", "1e1", " 1"),
        "units are digits, with at most three decimals", ("two", "1.2345"),
    ),
    Fault("bad-number", "claim_line_number", ("1.5", "0", "-1", "1a"), "lines are counted from 1"),
    Fault("no-claim-id", "claim_id", (None,), "no claim is named"),
    Fault("no-line-number", "claim_line_number", (None,), "no line is named"),
    Fault("no-date-of-service", "claim_line_start_date", (None,), "no day of care is given"),
    Fault(
        "end-before-start", "claim_line_end_date", ("1999-12-31",), "the last day is before the first", ("1999-12-31",)
    ),
    Fault("unknown-contract", "x_member_contract_id", ("zz-lost",), "the library holds no contract of this id"),
    Fault("duplicate-key", "", (None,), "the same row twice"),
    Fault(
        None, "hcpcs_code", ("ZZ-0101", "ZZ0101 ZZ0201", "20560.", "2O560", "ZZ0101–ZZ0103", "see note"),
        "a code of no system's shape: answered, not rejected", ("ZZ-0101", "2O560"),
    ),
)  # fmt: skip


def faults_of(form: Form) -> tuple[Fault, ...]:
    """The faults that claims of the form can have."""
    return tuple(each for each in FAULTS if not form.is_x12 or each.in_x12)


def with_faults(claims: pa.Table, words: Words, form: Form, share: Fraction, planted: int) -> tuple[pa.Table, pa.Table]:
    """The claims of a block, all text, some cells broken; and the truth of these rows, with the row as ``row``.

    The first ``planted`` rows stay as they are.
    """
    rows = claims.num_rows
    kinds = faults_of(form)
    places = np.arange(rows, dtype=np.int64)
    is_broken = happens(words.draw(201, rows), 2 * share) & (places % 2 == 0) & (places > planted)
    kind = below(words.draw(202, rows), len(kinds)).astype(np.intp)
    pick = words.draw(203, rows)
    truth: list[dict[str, object]] = []
    table = pa.table({name: claims[name].cast(pa.string()).combine_chunks() for name in claims.column_names})
    for number, fault in enumerate(kinds):
        mask = is_broken & (kind == number)
        if fault.column:
            cells = fault.in_x12 if form.is_x12 else fault.cells
            table = _with_cells(table, fault.column, mask, cells, below(pick, len(cells)).astype(np.intp))
        else:
            table = table.take(pa.array(np.where(mask, places - 1, places)))
    for number, fault in enumerate(kinds):
        broken = np.flatnonzero(is_broken & (kind == number))
        truth += _truth(table, fault, broken if fault.column else np.sort(np.concatenate((broken - 1, broken))))
    return table, pa.Table.from_pylist(truth, TRUTH.append(pa.field("at", pa.int64())))


def _with_cells(
    table: pa.Table, column: str, mask: npt.NDArray[np.bool_], cells: Sequence[str | None], picks: npt.NDArray[np.intp]
) -> pa.Table:
    broken = pc.if_else(pa.array(mask), chosen(cells, picks), table[column])
    return table.set_column(table.column_names.index(column), column, broken)


def _truth(table: pa.Table, fault: Fault, places: npt.NDArray[np.intp]) -> list[dict[str, object]]:
    rows = table.select(_KEY).take(pa.array(places, pa.int64())).to_pylist()
    answer = (
        {"reject_key": fault.reject_key}
        if fault.reject_key
        else {"outcome": MALFORMED.outcome, "reason_key": MALFORMED.reason_key, "final_status": "final"}
    )
    plant = f"fault in {fault.column}" if fault.column else "fault: a row twice"
    return [
        {**row, **answer, "plant": plant, "why": fault.why, "at": int(place)}
        for row, place in zip(rows, places, strict=True)
    ]
