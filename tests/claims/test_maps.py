"""Column maps: what a small TOML file may say, and where it is wrong."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from tests.claims.reading import line, mapped, read

from medpol.claims.maps import ColumnMap, ContractRule, LineRule, plugged_map, read_map
from medpol.claims.refused import ClaimsNotFound, ClaimsRefused


def test_a_map_says_what_a_file_cannot(tmp_path: Path) -> None:
    found = mapped(
        tmp_path,
        """
        data_source = "acme"
        [columns]
        "CLM ID" = "claim_id"
        [eligibility]
        MEM = "member_id"
        [facts]
        FACT = "name"
        [history_complete_from]
        acme = 2023-01-01
        [[line_of_business]]
        payer_type = "medicare"
        plan = "H1234"
        line = "Medicare Advantage"
        [[contract]]
        group_id = "G1"
        contract = "rider"
        """,
    )
    assert found == ColumnMap(
        columns={"CLM ID": "claim_id"},
        eligibility={"MEM": "member_id"},
        facts={"FACT": "name"},
        data_source="acme",
        lines=(LineRule("medicare_advantage", plan="H1234", payer_type="medicare"),),
        contracts=(ContractRule("rider", group_id="G1"),),
        history_complete_from={"acme": date(2023, 1, 1)},
    )


@pytest.mark.parametrize(
    ("toml", "at", "words"),
    [
        ('\ncolums = "x"', 2, "write 'columns'"),
        ("[columns]\nA = 'claim_id'\nB = 'clam_id'", 3, "write 'claim_id'"),
        ("[columns]\nA = 'claim_id'\nB = 'claim_id'", 3, "is claim_id already"),
        ("[csv]\ndelimeter = '|'", 2, "write 'delimiter'"),
        ("[csv]\ndelimiter = '||'", 2, "one ASCII sign"),
        ("[csv]\nencoding = 'utf8'", 2, "write 'utf-8'"),
        ("[csv]\nline_end = 'cr'", 2, "one of: lf, crlf"),
        ("date_format = 'DD.MM.YYYY'", 1, "one of: YYYY-MM-DD, YYYYMMDD"),
        ("null_words = 'NA'", 1, "a list of words"),
        ("[[line_of_business]]\npayer = 'A'\nline = 'comercial'", 3, "write 'commercial'"),
        ("[[line_of_business]]\nline = 'commercial'", 2, "say whose line it is"),
        ("[[line_of_business]]\npayer = 'A'\nlob = 'commercial'", 3, "the key 'lob'"),
        ("[[contract]]\ncontract = 'rider'", 2, "say whose contract it is"),
        ("[history_complete_from]\nacme = '2023-01-01'", 2, "a day"),
        ("[columns\nA = 'claim_id'", 1, "this is no TOML"),
        ("csv = 1", 1, "a table [csv]"),
        ("data_source = ''", 1, "a text"),
    ],
)
def test_what_is_wrong_in_a_map_is_told_with_its_line(tmp_path: Path, toml: str, at: int, words: str) -> None:
    with pytest.raises(ClaimsRefused) as found:
        mapped(tmp_path, toml)
    assert f"map.toml:{at}" in found.value.where
    assert words in str(found.value)


def test_a_map_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(ClaimsNotFound):
        read_map(tmp_path / "none.toml")
    with pytest.raises(ClaimsNotFound, match="neither a file nor an installed column map"):
        plugged_map("acme")


def test_a_column_that_the_map_names_must_be_in_the_file(tmp_path: Path) -> None:
    with pytest.raises(ClaimsRefused, match="no column 'PAYR'"):
        read(tmp_path, line(PAYER="Acme"), map=mapped(tmp_path, "[columns]\nPAYR = 'payer'"))


def test_two_columns_for_one_of_ours_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ClaimsRefused, match="both for claim_id"):
        read(tmp_path, line(CLM="X"), map=mapped(tmp_path, "[columns]\nCLM = 'claim_id'"))
