"""The fence: what an engine cannot reach, and names and texts that cannot leave their quotes."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medpol.claims import fence
from medpol.claims.refused import ClaimsRefused


@pytest.fixture
def inside(tmp_path: Path) -> Path:
    folder = tmp_path / "inside"
    folder.mkdir()
    (folder / "mine.csv").write_text("a\n1\n")
    (tmp_path / "outside.csv").write_text("secret\n1\n")
    (tmp_path / "inside-2").mkdir()
    (tmp_path / "inside-2" / "other.csv").write_text("secret\n1\n")
    return folder


REACHES_OUT = [
    "SELECT * FROM read_text('{outside}/outside.csv')",
    "SELECT * FROM read_text('{inside}/../outside.csv')",
    "SELECT * FROM read_text('{outside}/inside-2/other.csv')",
    "SELECT * FROM '{outside}/outside.csv'",
    "SELECT * FROM read_blob('/etc/hostname')",
    "SELECT * FROM read_csv('{outside}/outside.csv')",
    "SELECT * FROM read_csv('file://{outside}/outside.csv')",
    "SELECT * FROM read_csv('https://example.org/claims.csv')",
    "SELECT * FROM read_parquet('s3://bucket/claims.parquet')",
    "SELECT * FROM glob('{outside}/*')",
    "SELECT * FROM read_text('{inside}/link')",
    "SELECT * FROM read_text('{inside}/folder-link/outside.csv')",
    "COPY (SELECT 1) TO '{outside}/written.csv'",
    "COPY (SELECT 1) TO '{inside}/../written.csv'",
    "COPY (SELECT 1) TO '{inside}/folder-link/written.csv'",
    "ATTACH '{outside}/other.db'",
    "EXPORT DATABASE '{outside}/all'",
    "IMPORT DATABASE '{outside}/all'",
    "INSTALL httpfs",
    "LOAD httpfs",
    "LOAD '{inside}/mine.duckdb_extension'",
    "SET enable_external_access = true",
    "SET allowed_directories = ['/']",
    "SET lock_configuration = false",
    "RESET enable_external_access",
    "SET memory_limit = '100GB'",
    "SET temp_directory = '/'",
    "PRAGMA enable_external_access",
]


@pytest.mark.parametrize("sql", REACHES_OUT)
def test_an_engine_reaches_nothing_outside_its_folders(sql: str, inside: Path) -> None:
    os.symlink(inside.parent / "outside.csv", inside / "link")
    os.symlink(inside.parent, inside / "folder-link")
    engine = fence.open_engine([inside])
    with pytest.raises(duckdb.Error):
        engine.execute(sql.format(inside=inside, outside=inside.parent)).fetchall()
    assert not (inside.parent / "written.csv").exists()


def test_an_engine_reads_and_writes_in_its_folders(inside: Path) -> None:
    engine = fence.open_engine([inside])
    engine.execute(f"COPY (SELECT 7 AS a) TO {fence.path_text(inside / 'out.parquet')} (FORMAT parquet)")
    assert engine.execute(f"SELECT a FROM {fence.path_text(inside / 'out.parquet')}").fetchall() == [(7,)]


def test_an_engine_sees_no_value_of_the_program_that_holds_it(inside: Path) -> None:
    rows = duckdb.from_query("SELECT 1 AS a").to_arrow_table()
    engine = fence.open_engine([inside])
    with pytest.raises(duckdb.Error):
        engine.execute("SELECT * FROM rows").fetchall()
    assert rows.num_rows == 1


@settings(deadline=None)
@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=30))
def test_a_name_stays_a_name(words: str) -> None:
    engine = duckdb.connect()
    found = engine.execute(f"SELECT 1 AS {fence.name(words)}")
    assert found.description is not None and found.description[0][0] == words
    assert found.fetchall() == [(1,)]


@settings(deadline=None)
@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=30))
def test_a_text_stays_a_text(words: str) -> None:
    assert duckdb.connect().execute(f"SELECT {fence.text(words)}").fetchall() == [(words,)]


@pytest.mark.parametrize("words", ["", "a\0b"])
def test_what_cannot_be_a_name_is_refused(words: str) -> None:
    with pytest.raises(ClaimsRefused):
        fence.name(words)
    with pytest.raises(ClaimsRefused):
        fence.text("a\0b")


@pytest.mark.parametrize("words", ["claims*.csv", "claims?.csv", "claims[1].csv"])
def test_a_path_that_would_be_read_as_a_pattern_is_refused(words: str, tmp_path: Path) -> None:
    with pytest.raises(ClaimsRefused, match="pattern"):
        fence.path_text(tmp_path / words)
