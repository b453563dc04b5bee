"""``medpol claims seal`` and ``medpol claims inspect`` as a person or a program meets them."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.claims.reading import LINE, line, write_csv, write_parquet
from tests.cli.running import run


def test_a_clean_file_is_told_and_nothing_is_wrong(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "claims.csv", [LINE | {"note": "x"}])
    done = run("claims", "inspect", str(path))
    assert done.code == 0
    for words in (
        "1 row: 1 line would be answered, 0 rejected",
        "billed         $100.00",
        "unsealed input",
        "ignored        note",
    ):
        assert words in done.text
    assert "from 2024-03-01 to 2024-03-01" in done.text


def test_what_would_be_rejected_is_told_with_its_place_and_mend(tmp_path: Path) -> None:
    rows = [line(claim_id=f"C{at}", charge_amount="$5") for at in range(5)]
    path = write_csv(
        tmp_path / "claims.csv", [*rows, LINE, line(claim_id="X", hcpcs_code="bad", x_line_of_business="MA+")]
    )
    done = run("claims", "inspect", str(path))
    assert done.code == 1
    assert "bad-amount, charge_amount: 5 rows" in done.text
    assert f"{path}, row 1  $5" in done.text and "and 2 more" in done.text
    assert "MA+" in done.text
    assert "The service code has the shape of no code system." in done.text


def test_the_same_as_json_for_a_program(tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "claims.parquet", [LINE, line(claim_id=None)])
    done = run("claims", "inspect", str(path), "--format", "json")
    found = done.json
    assert done.code == 1
    assert (found["rows"], found["lines"], found["rejected"]) == (2, 1, 1)
    assert found["inputs"][0]["rejects"] == {"no-claim-id": 1}
    assert found["inputs"][0]["billed_read"] == "200.00" and not found["inputs"][0]["is_sealed"]
    assert found["rejects"][0]["examples"] == [{"place": f"{path}, row 2", "found": None}]


def test_a_file_that_is_refused_ends_with_4_and_one_that_is_not_there_with_3(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "claims.csv", [LINE])
    path.write_text(path.read_text() + "too,short\n")
    done = run("claims", "inspect", str(path))
    assert done.code == 4 and f"{path}:3: 2 cells; expected 8" in done.talk and "mend:" in done.talk
    assert run("claims", "inspect", str(tmp_path / "none.csv")).code == 3
    assert run("claims", "inspect", str(path), "--map", str(tmp_path / "none.toml")).code == 3
    assert run("claims", "inspect", str(path), "--map", "nowhere").code == 3
    assert run("claims", "inspect", str(path), "--work", str(tmp_path / "none")).code == 3


def test_a_map_eligibility_history_and_a_library_are_read_as_for_a_run(tmp_path: Path) -> None:
    (tmp_path / "map.toml").write_text("data_source = 'acme'\n[columns]\nCLM = 'claim_id'\n")
    rows = [{("CLM" if name == "claim_id" else name): cell for name, cell in LINE.items() if name != "data_source"}]
    claims = write_csv(tmp_path / "claims.csv", [rows[0] | {"x_member_contract_id": "no-such-contract"}])
    earlier = write_csv(tmp_path / "earlier.csv", [rows[0] | {"CLM": "H1"}])
    spans = write_csv(
        tmp_path / "spans.csv",
        [{"member_id": "M2", "enrollment_start_date": "2024-01-01", "enrollment_end_date": None}],
    )
    options = (
        "--map",
        str(tmp_path / "map.toml"),
        "--eligibility",
        str(spans),
        "--history",
        str(earlier),
        "--format",
        "json",
    )
    found = run("claims", "inspect", str(claims), *options).json
    assert found["history_rows"] == 1 and found["findings"] == {"no-eligibility-span": 1}
    assert set(found["joined"]) == {"eligibility"}
    library = str(Path(__file__).parents[2] / "examples" / "policies")
    found = run("claims", "inspect", str(claims), *options, "--policies", library).json
    assert [each["reject_key"] for each in found["rejects"]] == ["unknown-contract"]


def test_sealing_writes_beside_the_file_and_inspecting_holds_it_against_that(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "claims.csv", [LINE])
    done = run("claims", "seal", str(path))
    assert done.code == 0 and f"sealed: {path}.seal.json" in done.talk
    assert "sealed, and as sealed" in run("claims", "inspect", str(path)).text
    path.write_text(path.read_text().replace("100.00", "900.00"))
    done = run("claims", "inspect", str(path))
    assert done.code == 4 and "SHA-256" in done.talk


def test_nothing_that_was_read_stays_behind(tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    path = write_csv(tmp_path / "claims.csv", [LINE, line(claim_id="C2", charge_amount="x")])
    for command in ("seal", "inspect"):
        run("claims", command, str(path), "--work", str(work))
    assert list(work.iterdir()) == []


@pytest.mark.parametrize("command", ["seal", "inspect"])
def test_a_cell_never_reaches_a_refusal(tmp_path: Path, command: str) -> None:
    path = write_csv(tmp_path / "claims.csv", [line(member_id="SECRET-MEMBER")])
    path.write_bytes(path.read_bytes() + b'"SECRET-MEMBER,1\n')
    done = run("claims", command, str(path))
    assert done.code == 4 and "SECRET-MEMBER" not in done.talk + done.text
