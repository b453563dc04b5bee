"""What is joined to a line (claims.md, section 2): spans, contracts, facts, history and its edge."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.claims.reading import Found, Row, as_history, line, mapped, read_inputs, write_csv, write_parquet

from medpol.claims.maps import PLAIN, ColumnMap
from medpol.claims.refused import ClaimsRefused
from medpol.claims.sources import ClaimInput

SPAN: dict[str, str | None] = {
    "member_id": "M1",
    "payer": "Acme",
    "payer_type": "commercial",
    "plan": "Gold",
    "group_id": "G1",
    "enrollment_start_date": "2024-01-01",
    "enrollment_end_date": "2024-03-01",
    "birth_date": "1980-05-06",
    "gender": "F",
}


def span(**cells: str | None) -> dict[str, str | None]:
    return SPAN | cells


def joined(tmp_path: Path, lines: list[Row], spans: list[Row], map: ColumnMap = PLAIN, **options: Any) -> Found:
    claims = ClaimInput(write_csv(tmp_path / "claims.csv", lines), map)
    eligibility = ClaimInput(write_csv(tmp_path / "eligibility.csv", spans), map)
    return read_inputs(tmp_path / "work", claims, eligibility=eligibility, **options)


def test_the_span_that_holds_the_day_gives_what_the_plan_knows(tmp_path: Path) -> None:
    found = joined(tmp_path, [line()], [span()])
    assert found.lines("line_of_business", "plan", "birth_date", "sex", "findings") == [
        ("commercial", "Gold", date(1980, 5, 6), "female", [])
    ]


@pytest.mark.parametrize(
    ("start", "end", "day", "is_held"),
    [
        ("2024-01-01", "2024-03-01", "2024-03-01", True),
        ("2024-01-01", "2024-03-01", "2024-03-02", False),
        ("2024-03-01", "2024-03-01", "2024-03-01", True),
        ("2024-03-02", "2024-03-05", "2024-03-01", False),
        ("2024-01-01", None, "2030-01-01", True),
    ],
)
def test_the_end_of_a_span_is_its_last_day(
    tmp_path: Path, start: str, end: str | None, day: str, is_held: bool
) -> None:
    found = joined(
        tmp_path,
        [line(claim_line_start_date=day)],
        [span(enrollment_start_date=start, enrollment_end_date=end)],
    )
    expected = ("commercial", []) if is_held else (None, ["no-eligibility-span"])
    assert found.lines("line_of_business", "findings") == [expected]


def test_spans_that_disagree_are_unknown_in_what_they_disagree_on(tmp_path: Path) -> None:
    found = joined(
        tmp_path,
        [line(), line(claim_id="C2", claim_line_start_date="2024-02-01"), line(claim_id="C3", member_id=None)],
        [span(), span(payer_type="medicaid", enrollment_start_date="2024-02-15")],
    )
    assert found.lines("line_of_business", "plan", "findings") == [
        (None, "Gold", ["eligibility-disagrees"]),
        ("commercial", "Gold", []),
        (None, None, []),
    ]


def test_spans_that_meet_and_agree_are_one(tmp_path: Path) -> None:
    found = joined(
        tmp_path, [line()], [span(), span(enrollment_start_date="2024-02-01", enrollment_end_date="2024-06-01")]
    )
    assert found.lines("line_of_business", "findings") == [("commercial", [])]


def test_a_claim_that_names_its_payer_is_joined_to_the_spans_of_that_payer(tmp_path: Path) -> None:
    spans: list[Row] = [span(), span(payer="Other", plan="H1", payer_type="medicaid")]
    found = joined(
        tmp_path,
        [
            line(payer="Other", plan=None),
            line(claim_id="C2", payer=None, plan="Gold"),
            line(claim_id="C3", payer="Acme", plan="H1"),
            line(claim_id="C4", payer=None, plan=None),
        ],
        spans,
    )
    assert found.lines("line_of_business", "findings") == [
        ("medicaid", []),
        ("commercial", []),
        (None, ["no-eligibility-span"]),
        (None, ["eligibility-disagrees"]),
    ]


def test_medicare_stays_unknown_until_the_map_reads_the_plan(tmp_path: Path) -> None:
    toml = "[[line_of_business]]\npayer_type = 'medicare'\nplan = 'H1234'\nline = 'medicare_advantage'\n"
    spans: list[Row] = [
        span(payer_type="medicare", plan="H1234"),
        span(member_id="M2", payer_type="medicare", plan="Part B"),
        span(member_id="M3", payer_type="self-insured"),
        span(member_id="M4", payer_type="Medicaid"),
    ]
    lines: list[Row] = [line(claim_id=each, member_id=each) for each in ("M1", "M2", "M3", "M4")]
    assert joined(tmp_path, lines, spans).lines("line_of_business") == [None, None, None, "medicaid"]
    found = joined(tmp_path, lines, spans, mapped(tmp_path, toml))
    assert found.lines("line_of_business") == ["medicare_advantage", None, None, "medicaid"]


def test_what_the_claim_says_of_itself_stands(tmp_path: Path) -> None:
    found = joined(tmp_path, [line(x_line_of_business="medicaid")], [span()])
    assert found.lines("line_of_business") == ["medicaid"]


def test_the_contract_of_a_group_is_joined_and_an_unknown_one_is_rejected(tmp_path: Path) -> None:
    toml = "[[contract]]\nplan = 'Gold'\ngroup_id = 'G1'\ncontract = 'rider'\n"
    spans: list[Row] = [span(), span(member_id="M2", group_id="G2")]
    lines: list[Row] = [line(), line(claim_id="C2", member_id="M2")]
    found = joined(tmp_path, lines, spans, mapped(tmp_path, toml), contracts=frozenset({"rider"}))
    assert found.lines("contract", "contract_given") == [("rider", True), (None, False)]
    found = joined(tmp_path, lines, spans, mapped(tmp_path, toml), contracts=frozenset({"other"}))
    assert [each[1:] for each in found.rejects()] == [("unknown-contract", "x_member_contract_id", "rider")]


def test_a_gender_that_is_not_known_and_a_birth_after_the_service_are_unknown(tmp_path: Path) -> None:
    found = joined(tmp_path, [line()], [span(gender="unknown", birth_date="2024-03-02")])
    assert found.lines("sex", "birth_date", "findings") == [(None, None, ["birth-after-service"])]


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"member_id": None}, "member_id is empty"),
        ({"enrollment_start_date": "2024-13-01"}, "enrollment_start_date is empty or cannot be read"),
        ({"birth_date": "yesterday"}, "birth_date"),
        ({"enrollment_end_date": "2023-12-31"}, "a span that ends before it starts"),
    ],
)
def test_a_span_that_cannot_be_read_refuses_the_table(tmp_path: Path, cells: dict[str, str | None], words: str) -> None:
    with pytest.raises(ClaimsRefused, match=words) as refused:
        joined(tmp_path, [line()], [span(), span(**cells)])
    assert "eligibility.csv: row 2" in refused.value.where


def test_eligibility_is_read_from_parquet_and_with_the_names_of_a_map(tmp_path: Path) -> None:
    spans = [{("MEM" if name == "member_id" else name): cell for name, cell in SPAN.items()}]
    how = mapped(tmp_path, "[eligibility]\nMEM = 'member_id'")
    found = read_inputs(
        tmp_path / "work",
        ClaimInput(write_csv(tmp_path / "claims.csv", [line()])),
        eligibility=ClaimInput(write_parquet(tmp_path / "eligibility.parquet", spans), how),
    )
    assert found.lines("line_of_business") == ["commercial"]


# ---------------------------------------------------------------------------- facts

FACT: dict[str, str | None] = {
    "member_id": "M1",
    "name": "pain.duration",
    "value": "12",
    "unit": "weeks",
    "observed_on": "2024-02-01",
    "recorded_on": "2024-02-03",
    "source": "Record",
}


def with_facts(tmp_path: Path, *facts: Row) -> Found:
    return read_inputs(
        tmp_path / "work",
        ClaimInput(write_csv(tmp_path / "claims.csv", [line()])),
        facts=ClaimInput(write_csv(tmp_path / "facts.csv", facts)),
    )


def test_facts_are_kept_as_text_with_their_days(tmp_path: Path) -> None:
    found = with_facts(tmp_path, FACT, FACT | {"value": "6", "recorded_on": None, "unit": None, "source": None})
    assert found.rows("SELECT * FROM facts ORDER BY value") == [
        ("M1", "pain.duration", "12", "weeks", date(2024, 2, 1), date(2024, 2, 3), "record"),
        ("M1", "pain.duration", "6", None, date(2024, 2, 1), None, None),
    ]


@pytest.mark.parametrize("cells", [{"name": None}, {"value": ""}, {"observed_on": "1 Feb"}, {"source": "hearsay"}])
def test_a_fact_that_cannot_be_read_refuses_the_table(tmp_path: Path, cells: dict[str, str | None]) -> None:
    with pytest.raises(ClaimsRefused, match=r"facts\.csv: row 2"):
        with_facts(tmp_path, FACT, FACT | cells)


def test_without_facts_there_are_none(tmp_path: Path) -> None:
    found = read_inputs(tmp_path / "work", ClaimInput(write_csv(tmp_path / "claims.csv", [line()])))
    assert found.rows("SELECT * FROM facts") == []


# ---------------------------------------------------------------------------- history and its edge


def test_history_is_the_final_lines_and_those_of_earlier_files(tmp_path: Path) -> None:
    earlier = write_csv(
        tmp_path / "earlier.csv",
        [
            {
                name: cell
                for name, cell in line(claim_id=each, claim_line_start_date="2023-05-01").items()
                if "diagnosis" not in name
            }
            for each in ("H1", "H2")
        ],
    )
    claims = write_csv(
        tmp_path / "claims.csv",
        [line(service_unit_quantity="2"), line(claim_id="C2", x_claim_frequency_code="8", x_original_claim_id="H2")],
    )
    found = read_inputs(tmp_path / "work", ClaimInput(claims), as_history(ClaimInput(earlier)))
    assert found.rows("SELECT * FROM history ORDER BY day") == [
        ("M1", "HCPCS", "G0283", date(2023, 5, 1), None, None),
        ("M1", "HCPCS", "G0283", date(2024, 3, 1), Decimal("2.000"), 1),
    ]
    assert found.lines("claim_id", "final_status") == [("C1", "final"), ("C2", "void")]
    assert (found.read.rows, found.read.history_rows) == (2, 2)


def test_history_is_complete_from_the_day_the_data_source_declares(tmp_path: Path) -> None:
    how = mapped(tmp_path, "[history_complete_from]\nacme = 2023-01-01\n")
    rows = [line(), line(claim_id="C2", data_source="other")]
    found = read_inputs(tmp_path / "work", ClaimInput(write_csv(tmp_path / "claims.csv", rows), how))
    assert found.lines("history_complete_from") == [date(2023, 1, 1), None]


def test_nothing_is_complete_before_the_first_span_unless_history_is_whole(tmp_path: Path) -> None:
    how = mapped(tmp_path, "[history_complete_from]\nacme = 2023-01-01\n")
    lines: list[Row] = [line(), line(claim_id="C2", member_id="M2"), line(claim_id="C3", member_id="M3")]
    spans: list[Row] = [span(), span(member_id="M2", enrollment_start_date="2020-01-01")]
    found = joined(tmp_path, lines, spans, how)
    assert found.lines("history_complete_from") == [date(2024, 1, 1), date(2023, 1, 1), None]
    found = joined(tmp_path, lines, spans, how, is_history_whole=True)
    assert found.lines("history_complete_from") == [date(2023, 1, 1)] * 3
