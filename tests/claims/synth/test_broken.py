"""Whole files broken on purpose: each is refused, rejected or read as the truth beside it says."""

from __future__ import annotations

import csv
from fractions import Fraction
from pathlib import Path

import pytest
from tests.claims.synth.deciding import made_in

from medpol.claims.fence import open_engine
from medpol.claims.intake import ClaimsRead, ReadOptions, read_claims
from medpol.claims.maps import read_map
from medpol.claims.refused import ClaimsRefused
from medpol.claims.sources import ClaimInput
from medpol.claims.synth import Form


def _read(path: Path, work: Path) -> ClaimsRead:
    work.mkdir()
    how = read_map(path.parents[1] / "map.toml")
    return read_claims(
        open_engine([work]), [ClaimInput(path, how)], ReadOptions(work=work, declared_systems=(("ZZ", "ZZ[0-9]{4}"),))
    )


@pytest.mark.parametrize("form", Form, ids=lambda form: form.value)
def test_each_broken_file_comes_to_what_is_told(form: Form, tmp_path: Path) -> None:
    made_in(tmp_path / "made", form, rows=10, faults=Fraction(1, 200))
    folder = tmp_path / "made/broken"
    with (folder / "truth.csv").open(encoding="utf-8", newline="") as file:
        told = list(csv.DictReader(file))
    assert {each["file"] for each in told} == {path.name for path in folder.iterdir()} - {"truth.csv"}
    assert len(told) >= 8
    for number, each in enumerate(told):
        path, work = folder / each["file"], tmp_path / f"work-{number}"
        if each["expected"] == "refused":
            with pytest.raises(ClaimsRefused) as refused:
                _read(path, work)
            assert str(path) in str(refused.value)
            continue
        read = _read(path, work)
        rejects = {key for one in read.inputs for key in one.rejects}
        if each["expected"] == "rejected":
            assert (read.lines, rejects) == (0, {each["reject_key"]}), each
            assert read.rows > 0
        else:
            assert (read.rejected, rejects, each["expected"]) == (0, set(), "read"), each
            assert read.lines == 40


def test_a_file_without_faults_has_no_broken_files_beside_it(tmp_path: Path) -> None:
    made_in(tmp_path / "made", rows=10)
    assert sorted(path.name for path in (tmp_path / "made").iterdir()) == [
        "claims.csv",
        "contracts.csv",
        "eligibility.csv",
        "facts.csv",
        "map.toml",
        "policies",
        "truth.csv",
    ]
