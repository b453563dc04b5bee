"""The rows between the plants: claims of invented members, with codes, amounts, gaps and histories as claims have them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from medpol.claims.columns import ColumnType
from medpol.claims.npi import check_digit
from medpol.claims.synth.members import MEMBERS, member_ids
from medpol.claims.synth.planting import PAYER, Form
from medpol.claims.synth.rows import (
    CLAIMS,
    DATA_SOURCE,
    FILING_CODE,
    TYPES,
    chosen,
    constant,
    day_number,
    days_of,
    numbered,
    scaled,
    where,
)
from medpol.claims.synth.words import Words, below, happens, ranked

_FIRST_DAY, _LAST_DAY = date(2019, 1, 1), date(2025, 12, 31)
_NAMED = (
    "ZZ0101",
    "ZZ0201",
    "ZZ0401",
    "ZZ0902",
    "ZZ0501",
    "ZZ0802",
    "ZZ1101",
    "ZZ0502",
    "ZZ0701",
    "ZZ0903",
    "ZZ0331",
    "ZZ0301",
)
_UNNAMED = 500
"""Codes that no policy names."""
_EVERY = 3
"""Of the commonest codes, one in so many is named by a policy."""
_SLIPS = ("zz0101", "ZZ12", "ZZ0l01", "ZZ01011")
_DIAGNOSES = (
    "M5450", "R52", "M7918", "M25511", "Z0000", "M542", "M62838", "G8929", "M7910", "M47812", "S134XXA",
    "M9901", "M533", "R519", "M76891", "L89152", "E119", "I10", "J45909", "K219",
)  # fmt: skip
_POINTERS = ("1", "1", "1", "1,2", "2")
_MODIFIERS = ("GP", "LT", "RT", "XS", "KX")
_PLACES = ("11", "12", "22", "02")
_REVENUE = ("0999", "0998", "0997")
_NPIS = tuple(f"2{number:08}{check_digit(f'2{number:08}')}" for number in range(101, 165))


def _codes() -> tuple[str, ...]:
    """By rank, the commonest first: named codes between codes that nothing names."""
    plain = iter(f"ZZ{5000 + number}" for number in range(_UNNAMED))
    ordered = [code for named in _NAMED for code in (*(next(plain) for _ in range(_EVERY - 1)), named)]
    return (*ordered, *plain)


_CODES = _codes()
_LOW_DOLLAR = {"ZZ0101": 1_500}
"""Billed often and for little: what its policy was archived for."""
_BASES = np.array(
    [_LOW_DOLLAR.get(code, 2_500 + 700 * (rank * 7919 % 97)) for rank, code in enumerate(_CODES)], dtype=np.int64
)
"""Cents that a unit of each code is billed at, about."""
_MONEY, _UNITS = TYPES[ColumnType.MONEY], TYPES[ColumnType.UNITS]


@dataclass(frozen=True, slots=True)
class _Claims:
    """Where claims begin: of each row the first row of its claim, and its line number."""

    first: npt.NDArray[np.int64]
    line: npt.NDArray[np.int64]


def _claims_of(words: Words, rows: int) -> _Claims:
    """Claims of one to six lines, half of them of one."""
    places = np.arange(rows, dtype=np.int64)
    begins = happens(words.draw(1, rows), Fraction(1, 2)) | (places % 6 == 0)
    first = np.maximum.accumulate(np.where(begins, places, 0))
    return _Claims(first, places - first + 1)


def background(words: Words, form: Form, first_row: int, rows: int) -> pa.Table:
    """The rows of a block behind its plants; ``first_row`` numbers its first."""
    draw = words.draw
    claims = _claims_of(words, rows)

    def of_claim(stream: int) -> npt.NDArray[np.uint64]:
        return draw(stream, rows)[claims.first]

    member = np.minimum(below(of_claim(2), MEMBERS), below(of_claim(3), MEMBERS)).astype(np.int64)
    day = day_number(_FIRST_DAY) + below(of_claim(4), (_LAST_DAY - _FIRST_DAY).days + 1).astype(np.int64)
    is_institutional = _institutional(form, of_claim(5))
    rank = ranked(draw(6, rows), len(_CODES))
    code = _code_cells(words, form, rank, is_institutional)
    has_diagnoses = ~happens(of_claim(9), Fraction(1, 50))
    second = has_diagnoses & happens(of_claim(11), Fraction(1, 2))
    diagnoses = [chosen(_DIAGNOSES, ranked(of_claim(stream), len(_DIAGNOSES))) for stream in (10, 12)]
    pointer = below(draw(13, rows), len(_POINTERS)).astype(np.intp)
    is_pointed = ~is_institutional & has_diagnoses & happens(of_claim(14), Fraction(7, 10))
    pointer = np.where(second, pointer, 0)
    has_units = ~happens(draw(15, rows), Fraction(1, 100))
    units = 1 + below(draw(16, rows), 4).astype(np.int64) * happens(draw(17, rows), Fraction(1, 5))
    billed = (_BASES[rank] + below(draw(18, rows), 3_000).astype(np.int64)) * units
    allowed = billed * 6 // 10
    paid = np.maximum(allowed - 2_000, 0)
    is_priced = ~happens(draw(19, rows), Fraction(1, 50))
    has_end = happens(of_claim(20), Fraction(1, 25))
    end = day + below(of_claim(21), 3).astype(np.int64)
    place = chosen(_PLACES, below(of_claim(22), len(_PLACES)).astype(np.intp))
    text = {
        "data_source": constant(DATA_SOURCE, rows),
        "claim_id": numbered("ZZC", first_row + claims.first, 12),
        "claim_type": chosen(("professional", "institutional"), is_institutional.astype(np.intp)),
        "hcpcs_code": code,
        "hcpcs_modifier_1": where(
            code.is_valid().to_numpy(zero_copy_only=False) & happens(draw(23, rows), Fraction(3, 10)),
            chosen(_MODIFIERS, below(draw(24, rows), len(_MODIFIERS)).astype(np.intp)),
        ),
        "diagnosis_code_1": where(has_diagnoses, diagnoses[0]),
        "diagnosis_code_2": where(second, diagnoses[1]),
        "x_diagnosis_pointers": where(is_pointed, chosen(_POINTERS, pointer)),
        "member_id": member_ids(words.block, member),
        "payer": constant(PAYER, rows),
        "x_claim_filing_code": constant(FILING_CODE, rows),
        "place_of_service_code": where(~is_institutional, place),
        "revenue_center_code": where(
            is_institutional, chosen(_REVENUE, below(draw(25, rows), len(_REVENUE)).astype(np.intp))
        ),
        "bill_type_code": where(is_institutional, constant("131", rows)),
        "rendering_npi": chosen(_NPIS, below(of_claim(26), len(_NPIS)).astype(np.intp)),
        "billing_npi": chosen(_NPIS, below(of_claim(27), len(_NPIS)).astype(np.intp)),
        "x_unit_basis": where(has_units, constant("UN", rows)),
    }
    typed = {
        "claim_line_number": pa.array(claims.line.astype(np.int32)),
        "claim_line_start_date": days_of(day),
        "claim_line_end_date": where(has_end, days_of(end)),
        "service_unit_quantity": where(has_units, scaled(units * 1000, _UNITS)),
        "charge_amount": scaled(billed, _MONEY),
        "allowed_amount": where(is_priced, scaled(allowed, _MONEY)),
        "paid_amount": where(is_priced, scaled(paid, _MONEY)),
        "paid_date": days_of(day + 30),
    }
    cells = text | typed
    return pa.table([cells.get(each.name, pa.nulls(rows, each.type)) for each in CLAIMS], schema=CLAIMS)


def _institutional(form: Form, words: npt.NDArray[np.uint64]) -> npt.NDArray[np.bool_]:
    """Of an 837 all or none; of a table one claim in eight."""
    if form.is_x12:
        return np.full(len(words), form is Form.INSTITUTIONAL)
    return happens(words, Fraction(1, 8))


def _code_cells(
    words: Words, form: Form, rank: npt.NDArray[np.intp], is_institutional: npt.NDArray[np.bool_]
) -> pa.Array:
    """The codes: a few misspelled, and none on some institutional lines."""
    rows = len(rank)
    slips = chosen(_SLIPS, below(words.draw(7, rows), len(_SLIPS)).astype(np.intp))
    code = pc.if_else(pa.array(happens(words.draw(8, rows), Fraction(1, 500))), slips, chosen(_CODES, rank))
    return where(~(is_institutional & happens(words.draw(28, rows), Fraction(1, 20))), code)
