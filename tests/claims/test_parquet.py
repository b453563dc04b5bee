"""Parquet: types that fit or are refused, money from floating point, page checksums; and the same rows in any format."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.claims.reading import LINE, Found, line, mapped, read_inputs, write_csv, write_parquet

from medpol.claims.parquet import check_pages
from medpol.claims.refused import ClaimsRefused
from medpol.claims.sources import ClaimInput
from medpol.claims.x12.writing import write_837


def typed(tmp_path: Path, columns: dict[str, pa.Array], rows: int = 1, **options: Any) -> Found:
    """Lines of a Parquet file with these columns of their own types, the others as text."""
    table = {name: pa.array([cell] * rows) for name, cell in LINE.items() if name not in columns}
    table["claim_id"] = pa.array([f"C{at}" for at in range(rows)])
    path = tmp_path / "claims.parquet"
    pq.write_table(pa.table(table | columns), path)
    return read_inputs(tmp_path / "work", ClaimInput(path), **options)


@pytest.mark.parametrize(
    ("name", "array", "words"),
    [
        ("hcpcs_code", pa.array([20560]), "leading zeros are gone"),
        ("diagnosis_code_1", pa.array([7245]), "leading zeros are gone"),
        ("claim_id", pa.array([1]), "leading zeros are gone"),
        ("member_id", pa.array([1.0]), "leading zeros are gone"),
        ("hcpcs_code", pa.array([b"20560"], pa.binary()), "type BLOB"),
        ("hcpcs_code", pa.array([["20560"]]), "type VARCHAR[]"),
        ("charge_amount", pa.array([1.0], pa.float32()), "type FLOAT"),
        ("charge_amount", pa.array([True]), "type BOOLEAN"),
        ("claim_line_start_date", pa.array([20240301]), "type BIGINT"),
        (
            "claim_line_start_date",
            pa.array([datetime(2024, 3, 1)], pa.timestamp("us", "UTC")),
            "TIMESTAMP WITH TIME ZONE",
        ),
        ("claim_line_number", pa.array([1.0]), "type DOUBLE"),
    ],
)
def test_a_type_that_cannot_hold_the_column_is_refused(tmp_path: Path, name: str, array: pa.Array, words: str) -> None:
    with pytest.raises(ClaimsRefused) as refused:
        typed(tmp_path, {name: array})
    assert words in str(refused.value) and repr(name) in str(refused.value)


def test_types_that_fit_are_read_as_the_text_would_be(tmp_path: Path) -> None:
    found = typed(
        tmp_path,
        {
            "claim_line_number": pa.array([1], pa.int16()),
            "claim_line_start_date": pa.array([datetime(2024, 3, 1)], pa.timestamp("ns")),
            "claim_line_end_date": pa.array([date(2024, 3, 2)]),
            "charge_amount": pa.array([Decimal("100.0000")], pa.decimal128(38, 4)),
            "allowed_amount": pa.array([7]),
            "service_unit_quantity": pa.array([1.5]),
            "ingest_datetime": pa.array([datetime(2024, 3, 1, 10)]),
            "hcpcs_code": pa.array(["G0283"]).dictionary_encode(),
        },
    )
    assert found.lines(
        "claim_line_number", "date_of_service", "last_day", "billed_amount", "allowed_amount", "units", "code"
    ) == [(1, date(2024, 3, 1), date(2024, 3, 2), Decimal("100.00"), Decimal("7.00"), Decimal("1.500"), "G0283")]


@pytest.mark.parametrize(
    ("name", "array", "key"),
    [
        ("claim_line_start_date", pa.array([datetime(2024, 3, 1, 1)]), "bad-date"),
        ("claim_line_start_date", pa.array([date(1700, 1, 1)]), "bad-date"),
        ("claim_line_number", pa.array([0]), "bad-number"),
        ("claim_line_number", pa.array([2**40]), "bad-number"),
        ("charge_amount", pa.array([Decimal("0.285")]), "bad-amount"),
        ("charge_amount", pa.array([0.285]), "bad-amount"),
        ("charge_amount", pa.array([float("nan")]), "bad-amount"),
        ("charge_amount", pa.array([float("inf")]), "bad-amount"),
        ("charge_amount", pa.array([1e10]), "bad-amount"),
        ("charge_amount", pa.array([10**10]), "bad-amount"),
        ("service_unit_quantity", pa.array([0.0001]), "bad-number"),
        ("charge_amount", pa.array(["1e3"]), "bad-amount"),
    ],
)
def test_a_value_that_does_not_fit_is_rejected(tmp_path: Path, name: str, array: pa.Array, key: str) -> None:
    assert [each[1] for each in typed(tmp_path, {name: array}).rejects()] == [key]


def test_money_of_floating_point_is_taken_near_a_whole_cent_and_said(tmp_path: Path) -> None:
    found = typed(tmp_path, {"charge_amount": pa.array([0.29, 100.1 + 2e-7, -1234567890.12])}, rows=3)
    assert found.lines("billed_amount") == [Decimal("0.29"), Decimal("100.10"), Decimal("-1234567890.12")]
    assert found.read.inputs[0].is_money_floating


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(-(10**12) + 1, 10**12 - 1), min_size=1, max_size=500))
def test_every_whole_cent_survives_floating_point(tmp_path_factory: pytest.TempPathFactory, cents: list[int]) -> None:
    found = typed(
        tmp_path_factory.mktemp("cents"), {"charge_amount": pa.array([each / 100 for each in cents])}, rows=len(cents)
    )
    assert found.lines("billed_amount") == [Decimal(each) / 100 for each in cents]


def test_a_damaged_page_is_found_by_its_checksum(tmp_path: Path) -> None:
    rows = [line(claim_id=f"C{at}", charge_amount=f"{at}.00") for at in range(500)]
    path = write_parquet(
        tmp_path / "claims.parquet", rows, write_page_checksum=True, compression="none", use_dictionary=False
    )
    assert check_pages(path, "claims")
    data = bytearray(path.read_bytes())
    data[data.index(b"C250") + 1] ^= 1
    path.write_bytes(data)
    with pytest.raises(ClaimsRefused, match="damaged"):
        read_inputs(tmp_path / "work", ClaimInput(path))


def test_a_file_without_checksums_is_read_unsealed(tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "claims.parquet", [LINE])
    assert not check_pages(path, "claims")
    found = read_inputs(tmp_path / "work", ClaimInput(path))
    assert found.read.unsealed == (str(path),)


def test_a_file_that_is_no_parquet_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "claims.parquet"
    for content in (b"", b"PAR1", b"a,b\n1,2\n", write_parquet(tmp_path / "whole.parquet", [LINE]).read_bytes()[:-20]):
        path.write_bytes(content)
        with pytest.raises(ClaimsRefused):
            read_inputs(tmp_path / "work", ClaimInput(path))


def test_names_that_differ_in_case_alone_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ClaimsRefused, match="rename one"):
        typed(tmp_path, {"Claim_Id": pa.array(["x"])})


# ---------------------------------------------------------------------------- the same rows, in any format and order

ROWS = [
    line(
        claim_id="C1",
        hcpcs_modifier_1="59",
        charge_amount="12.50",
        x_line_of_business="Medicare Advantage",
        payer='A "b", c',
    ),
    line(claim_id="C2", hcpcs_code="g0283", diagnosis_code_1="m79.18", charge_amount="x"),
    line(claim_id="C3", hcpcs_code="bad code", claim_line_start_date="2024-02-30"),
    line(claim_id="C4", charge_amount="-5.00", paid_date="2024-04-01"),
    line(claim_id="C5", member_id="Ménard", diagnosis_code_1=None),
    line(claim_id="C5", member_id="Ménard", paid_date="2024-05-02"),
    line(claim_id="C6", x_claim_frequency_code="7", x_original_claim_id="C1"),
]
COLUMNS = list(dict.fromkeys(name for row in ROWS for name in row))


def everything(found: Found) -> tuple[Any, ...]:
    """All that was read, without where it stood."""
    return (
        found.rows("SELECT * EXCLUDE (line_id, input, position) FROM claim_lines ORDER BY ALL"),
        found.rows("SELECT * EXCLUDE (input, position) FROM rejects ORDER BY ALL"),
        found.rows("SELECT * EXCLUDE (line_id) FROM history ORDER BY ALL"),
        found.read.findings,
        found.read.final_statuses,
    )


def test_csv_and_parquet_give_the_same(tmp_path: Path) -> None:
    csv = read_inputs(tmp_path / "one", ClaimInput(write_csv(tmp_path / "claims.csv", ROWS)))
    parquet = read_inputs(tmp_path / "two", ClaimInput(write_parquet(tmp_path / "claims.parquet", ROWS)))
    assert csv.rows("SELECT * FROM claim_lines ORDER BY line_id") == parquet.rows(
        "SELECT * FROM claim_lines ORDER BY line_id"
    )
    assert everything(csv) == everything(parquet)
    assert csv.read.rejected == 2


def test_the_order_of_rows_columns_and_files_changes_nothing(tmp_path: Path) -> None:
    whole = everything(read_inputs(tmp_path / "whole", ClaimInput(write_csv(tmp_path / "whole.csv", ROWS, COLUMNS))))
    turned = write_csv(tmp_path / "turned.csv", list(reversed(ROWS)), list(reversed(COLUMNS)))
    assert everything(read_inputs(tmp_path / "turned", ClaimInput(turned))) == whole
    parts = [
        ClaimInput(write_parquet(tmp_path / f"{at}.parquet", ROWS[at::3], COLUMNS, row_group_size=1)) for at in range(3)
    ]
    assert everything(read_inputs(tmp_path / "parts", *parts)) == whole
    assert everything(read_inputs(tmp_path / "stirred", *reversed(parts))) == whole


def test_a_map_renames_the_columns_of_parquet_too(tmp_path: Path) -> None:
    rows = [{("CLM" if name == "claim_id" else name): cell for name, cell in LINE.items()}]
    path = write_parquet(tmp_path / "claims.parquet", rows)
    found = read_inputs(tmp_path / "work", ClaimInput(path, mapped(tmp_path, "[columns]\nCLM = 'claim_id'")))
    assert found.lines("claim_id") == ["C1"]


# ---------------------------------------------------------------------------- and as an 837

BILLED = [
    line(
        claim_id=f"C{at}",
        claim_type="professional",
        diagnosis_code_2="G8929",
        x_diagnosis_qualifiers="ABK,ABF",
        x_diagnosis_pointers=pointers,
        place_of_service_code="11",
        hcpcs_modifier_1="59",
        service_unit_quantity="2",
        x_unit_basis="UN",
        payer="PAY1",
        x_claim_filing_code="CI",
        x_patient_birth_date="1980-05-06",
        x_patient_sex="F",
        x_patient_relationship="18",
        billing_npi="1234567893",
        rendering_npi="1234567893",
        x_claim_frequency_code=frequency,
        x_original_claim_id=original,
    )
    for at, (pointers, frequency, original) in enumerate(
        [("1", "1", None), ("2,1", "1", None), ("1", "7", "C1"), ("2", "8", "C0"), ("1", "8", "gone")]
    )
]


@pytest.mark.parametrize("is_strict", [False, True])
def test_an_837_gives_the_lines_that_a_csv_gives(tmp_path: Path, is_strict: bool) -> None:
    with (tmp_path / "claims.837").open("wb") as file:
        write_837(BILLED, "professional", file)
    found = read_inputs(tmp_path / "x12", ClaimInput(tmp_path / "claims.837", data_source="acme", is_strict=is_strict))
    csv = read_inputs(tmp_path / "csv", ClaimInput(write_csv(tmp_path / "claims.csv", BILLED)))
    columns = "* EXCLUDE (line_id, position)"
    sql = f"SELECT {columns} FROM claim_lines ORDER BY claim_id"
    assert found.rows(sql) == csv.rows(sql)
    assert found.lines("final_status") == ["void", "replaced", "final", "void", "undetermined"]
    assert found.read.rejected == 0


def test_what_the_837_reader_refuses_is_counted_and_told(tmp_path: Path) -> None:
    path = tmp_path / "claims.837"
    with path.open("wb") as file:
        write_837(BILLED, "professional", file)
    path.write_bytes(path.read_bytes().replace(b"IEA*1*", b"IEA*2*"))
    found = read_inputs(tmp_path / "work", ClaimInput(path, data_source="acme"))
    assert (found.read.rows, found.read.lines, found.read.rejected) == (5, 0, 5)
    assert [each[1] for each in found.rejects()] == ["envelope"]


def test_a_file_without_one_claim_line_is_refused_as_an_837(tmp_path: Path) -> None:
    (tmp_path / "claims.837").write_bytes(b"")
    with pytest.raises(ClaimsRefused):
        read_inputs(tmp_path / "work", ClaimInput(tmp_path / "claims.837", data_source="acme"))
