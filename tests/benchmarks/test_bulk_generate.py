"""The claims and the library that the bulk benchmark invents: the same again, and what the reader makes of the extract."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest
from benchmarks.bulk.claims import write_claims
from benchmarks.bulk.generate import Made, generate
from benchmarks.bulk.library import MOST_POLICIES, SHIPPED_CODES, Shape, codes_of, library_files, shipped_days
from benchmarks.bulk.members import ClaimsShape
from benchmarks.bulk.schemas import LINES_SCHEMA
from tests.benchmarks.bulk_making import SMALL, small
from tests.cli.running import environment
from tests.support import ROOT

from medpol.claims.fence import open_engine
from medpol.claims.intake import ReadOptions, read_claims
from medpol.claims.maps import read_map
from medpol.claims.sources import ClaimInput


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return small(tmp_path_factory.mktemp("bulk") / "made")


def _hashes(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_same_seed_gives_the_same_bytes_in_every_file(made: Made, tmp_path: Path) -> None:
    assert _hashes(small(tmp_path / "again").folder) == _hashes(made.folder)


def test_another_seed_gives_other_claims_and_other_criteria(made: Made, tmp_path: Path) -> None:
    other = generate(tmp_path / "other", ClaimsShape(12_000, Shape(40, seed=2), lines_a_partition=7_000))
    first, second = _hashes(made.folder), _hashes(other.folder)
    assert all(
        first[f"partitions/{at:05}/lines.parquet"] != second[f"partitions/{at:05}/lines.parquet"] for at in (0, 1)
    )
    assert first["plan.json"] != second["plan.json"]


def test_a_folder_of_another_shape_is_refused_and_not_written_over(made: Made) -> None:
    before = _hashes(made.folder)
    with pytest.raises(ValueError, match="holds other claims"):
        generate(made.folder, ClaimsShape(10, Shape(40)))
    assert _hashes(made.folder) == before


def test_the_table_of_lines_is_what_the_reader_of_claims_makes_of_the_extract(made: Made, tmp_path: Path) -> None:
    engine = open_engine([tmp_path, made.folder])
    inputs = [ClaimInput(path=each, map=read_map(made.folder / "map.toml")) for each in made.extracts]
    read = read_claims(engine, inputs, ReadOptions(work=tmp_path))
    assert (read.lines, read.rejected) == (SMALL.lines, 0)
    columns = ", ".join(LINES_SCHEMA.names)
    files = ", ".join(f"'{each / 'lines.parquet'}'" for each in made.partitions)
    for left, right in (("claim_lines", f"read_parquet([{files}])"), (f"read_parquet([{files}])", "claim_lines")):
        differing = f"SELECT {columns} FROM {left} EXCEPT SELECT {columns} FROM {right}"
        assert engine.execute(differing).fetchall() == []


def test_partitions_share_no_member_and_no_line(made: Made) -> None:
    first, second = (f"read_parquet('{each / 'lines.parquet'}')" for each in made.partitions)
    for column in ("member_id", "line_id", "claim_id"):
        shared = f"SELECT count(*) FROM {first} JOIN (SELECT DISTINCT {column} FROM {second}) USING ({column})"
        assert duckdb.execute(shared).fetchone() == (0,)
    every = f"(FROM {first} UNION ALL FROM {second})"
    assert duckdb.execute(f"SELECT count(*), count(DISTINCT line_id) FROM {every}").fetchone() == (SMALL.lines,) * 2


def test_about_a_third_of_the_lines_are_for_a_code_of_a_policy_and_one_member_in_a_hundred_has_no_birth_date(
    made: Made,
) -> None:
    named = [code for policy in range(SMALL.library.policies) for code in codes_of(policy)]
    lines = f"read_parquet('{made.partitions[0] / 'lines.parquet'}')"
    row = duckdb.execute(
        f"SELECT avg(list_contains(?, code)::INTEGER), avg((birth_date IS NULL)::INTEGER) FROM {lines}", [named]
    ).fetchone()
    assert row is not None
    assert 0.3 < row[0] < 0.36
    assert 0 < row[1] < 0.04


def test_lines_for_the_shipped_policy_stand_on_the_days_before_of_and_after_each_of_its_versions(
    tmp_path: Path,
) -> None:
    write_claims(ClaimsShape(200_000, Shape(40)), tmp_path, with_extract=False)
    found = duckdb.execute(
        f"""SELECT DISTINCT date_of_service FROM read_parquet('{tmp_path}/partitions/00000/lines.parquet')
        WHERE list_contains(?, code)""",
        [list(SHIPPED_CODES)],
    ).fetchall()
    assert len(shipped_days()) > 3
    assert {row[0] for row in found} == {
        day + timedelta(days=offset) for day in shipped_days() for offset in (-1, 0, 1)
    }


def test_policies_that_match_nothing_share_no_code_with_those_that_claims_name() -> None:
    files = library_files(Shape(3, others=2))
    named = {code for policy in range(3) for code in codes_of(policy)}
    others = {code for policy in (3, 4) for code in codes_of(policy)}
    assert not named & others
    assert sum(code in text for text in files.values() for code in others) == len(others)


def test_more_policies_than_there_are_codes_for_are_refused() -> None:
    with pytest.raises(ValueError, match="codes for 1 to"):
        Shape(MOST_POLICIES, others=1)


def test_the_command_tells_what_it_made_and_refuses_to_run_the_whole_without_an_extract(tmp_path: Path) -> None:
    folder = str(tmp_path / "made")
    made = _command("generate", folder, "--lines", "500", "--policies", "5")
    assert (made.returncode, made.stderr) == (0, "")
    assert "500 claim lines in 1 partition(s), 5 policies of 2 versions" in made.stdout
    refused = _command("run", folder, "--engine", "whole")
    assert refused.returncode == 2
    assert "has no extract" in refused.stderr and "--extract" in refused.stderr
    other = _command("generate", folder, "--lines", "501", "--policies", "5")
    assert other.returncode == 2
    assert "holds other claims" in other.stderr


def _command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "benchmarks.bulk", *arguments],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
