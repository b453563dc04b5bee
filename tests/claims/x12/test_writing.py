"""Rows written as an 837 and read again are the same rows."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.claims.x12.documents import Rows, read
from tests.claims.x12.rows import files, without_nulls

from medpol.claims.x12.structure import INSTITUTIONAL, PROFESSIONAL
from medpol.claims.x12.writing import CannotCarry, Row, Sending, write_837

LINE: dict[str, str | None] = {
    "claim_id": "C1",
    "claim_line_number": "1",
    "claim_line_start_date": "2024-01-05",
    "hcpcs_code": "20560",
    "diagnosis_code_1": "M7918",
    "place_of_service_code": "11",
    "charge_amount": "100.00",
    "member_id": "M1",
}
PROVENANCE = {"position", "interchange", "functional_group", "transaction", "claim_type"}


def written(rows: list[dict[str, str | None]], kind: str = PROFESSIONAL, sending: Sending | None = None) -> bytes:
    file = io.BytesIO()
    write_837(rows, kind, file, sending)
    return file.getvalue()


def again(
    rows: list[dict[str, str | None]], folder: Path, kind: str = PROFESSIONAL, sending: Sending | None = None
) -> Rows:
    found, rejects = read(written(rows, kind, sending), folder)
    assert rejects == []
    return [{name: value for name, value in row.items() if name not in PROVENANCE} for row in found]


def test_a_plain_row_comes_back_with_what_an_837_must_say(tmp_path: Path) -> None:
    said = {"x_subscriber_id": "M1", "x_patient_relationship": "18", "x_claim_frequency_code": "1"}
    assert again([LINE], tmp_path) == [{**LINE, **said, "x_diagnosis_qualifiers": "ABK"}]


def test_lines_that_differ_where_their_claim_speaks_are_refused() -> None:
    with pytest.raises(CannotCarry, match="payer"):
        written([{**LINE, "payer": "A"}, {**LINE, "claim_line_number": "2", "payer": "B"}])


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("claim_id", "A*B"),
        ("payer", "A~"),
        ("member_id", "A:B"),
        ("hcpcs_code", "A\nB"),
        ("member_id", "\u00e9"),
        ("hcpcs_modifier_5", "59"),
        ("place_of_service_code", None),
        ("hcpcs_code", None),
        ("procedure_code_1", "0JH60DZ"),
        ("x_diagnosis_qualifiers", "ABK,ABF"),
        ("x_diagnoses_apart", "ABK:M542"),
    ],
)
def test_what_an_837p_cannot_carry_is_refused_by_its_column(column: str, value: str | None) -> None:
    with pytest.raises(CannotCarry) as refusal:
        written([{**LINE, column: value}])
    assert refusal.value.column == column


def test_an_837i_states_no_taxonomy_and_one_authorisation() -> None:
    line = {**LINE, "bill_type_code": "131"}
    for column in ("x_rendering_taxonomy", "x_prior_auth_number"):
        with pytest.raises(CannotCarry, match=column):
            written([line, {**line, "claim_line_number": "2", column: "208100000X"}], INSTITUTIONAL)


def test_a_bill_type_ends_with_the_frequency() -> None:
    with pytest.raises(CannotCarry, match="bill_type_code"):
        written([{**LINE, "bill_type_code": "131", "x_claim_frequency_code": "7"}], INSTITUTIONAL)


def test_a_planted_fault_is_written_as_it_stands(tmp_path: Path) -> None:
    [row], rejects = read(written([{**LINE, "charge_amount": "12.345"}]), tmp_path)
    assert (row["charge_amount"], rejects) == ("12.345", [])
    [reject] = read(written([{**LINE, "claim_line_start_date": "2024-1-5"}]), tmp_path)[1]
    assert reject.reject_key == "bad-date"


def test_claims_are_cut_into_transactions_groups_and_interchanges(tmp_path: Path) -> None:
    rows = [{**LINE, "claim_id": f"C{at}", "member_id": f"M{at % 3}"} for at in range(20)]
    sending = Sending(claims_per_transaction=2, transactions_per_group=2, groups_per_interchange=2)
    found, rejects = read(written(rows, sending=sending), tmp_path)
    assert rejects == [] and [row["claim_id"] for row in found] == [row["claim_id"] for row in rows]
    assert len({(row["interchange"], row["functional_group"], row["transaction"]) for row in found}) == 10
    assert {row["interchange"] for row in found} == {"000000001", "000000002", "000000003"}


# ---------------------------------------------------------------------------- the law, for any rows


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("written")


@settings(max_examples=60, deadline=None)
@given(file=files(), block=st.integers(1, 500), batch=st.integers(1, 6))
def test_reading_what_was_written_gives_the_rows(
    folder: Path, file: tuple[str, Any, Sending], block: int, batch: int
) -> None:
    kind, rows, sending = file
    found, rejects = read(written(rows, kind, sending), folder, block=block, batch=batch)
    assert rejects == []
    assert [{name: value for name, value in row.items() if name not in PROVENANCE} for row in found] == [
        without_nulls(row) for row in rows
    ]


def test_rows_of_any_mapping_are_taken() -> None:
    rows: list[Row] = [LINE]
    assert write_837(rows, PROFESSIONAL, io.BytesIO()) == 26
