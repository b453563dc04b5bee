"""The library that the plants were read in is one that medpol itself finds without errors."""

from __future__ import annotations

from pathlib import Path

import pytest

from medpol.claims.synth.library import SYSTEM, contract_provisions, write_library
from medpol.decide.plan import compile_library
from medpol.library import SHIPPED
from medpol.library.load import load
from medpol.model.contract import SourceKind


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    write_library(tmp_path / "policies", SHIPPED)
    return tmp_path / "policies"


def test_it_is_read_without_errors(folder: Path) -> None:
    assert load(folder).errors == ()


def test_the_shipped_versions_stand_in_it_as_they_are(folder: Path) -> None:
    shipped = {path.relative_to(SHIPPED): path.read_bytes() for path in SHIPPED.glob("*/????-??-??.md")}
    assert len(shipped) >= 6
    assert {path: (folder / path).read_bytes() for path in shipped} == shipped


def test_it_declares_the_invented_system(folder: Path) -> None:
    assert compile_library(load(folder)).systems.declared == (SYSTEM,)


def test_the_table_of_contracts_is_what_the_library_holds(folder: Path) -> None:
    rows = contract_provisions(folder).to_pylist()
    held = {each.id: each for each in load(folder).sources if each.kind is SourceKind.CONTRACT}
    assert [row["contract_id"] for row in rows] == sorted(held)
    ended = next(row for row in rows if row["contract_id"] == "zz-rider-ended")
    assert (ended["from"], ended["to"], ended["rank"], ended["effect"], ended["code"], ended["group_code"]) == (
        "2019-01-01",
        "2023-06-30",
        "2",
        "covers",
        "ZZ0903",
        "CO",
    )
    by_position = next(row for row in rows if row["coverage_position"])
    assert (by_position["contract_id"], by_position["code"]) == ("example-excludes-investigational", None)
