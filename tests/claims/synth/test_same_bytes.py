"""Same seed, same bytes; fewer rows are the beginning of more; another seed is another file."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from tests.claims.synth.deciding import bytes_of, made_in

from medpol.claims.synth import Form
from medpol.claims.synth.background import background
from medpol.claims.synth.members import facts, spans
from medpol.claims.synth.words import Words
from medpol.claims.synth.writing import csv_lines


@pytest.mark.parametrize("form", Form, ids=lambda form: form.value)
def test_the_same_seed_gives_the_same_bytes(form: Form, tmp_path: Path) -> None:
    for name in ("one", "two"):
        made_in(tmp_path / name, form, rows=700)
    one, two = bytes_of(tmp_path / "one"), bytes_of(tmp_path / "two")
    assert one == two
    made_in(tmp_path / "other", form, rows=700, seed=8)
    other = bytes_of(tmp_path / "other")
    assert {name for name in one if one[name] != other[name]} >= {
        name for name in one if name.startswith(("claims.", "eligibility.", "facts."))
    }


def test_fewer_rows_are_the_beginning_of_more_over_the_end_of_a_block(tmp_path: Path) -> None:
    rows = (1 << 16) + 450
    made_in(tmp_path / "more", rows=rows)
    more = (tmp_path / "more/claims.csv").read_bytes().splitlines(keepends=True)
    assert len(more) == rows + 1
    for fewer in (1, 100, 5_000, 1 << 16, (1 << 16) + 3):
        folder = tmp_path / str(fewer)
        made_in(folder, rows=fewer)
        assert (folder / "claims.csv").read_bytes() == b"".join(more[: fewer + 1])


def test_parquet_holds_the_cells_of_csv(tmp_path: Path) -> None:
    made_in(tmp_path / "csv", Form.CSV, rows=2_000)
    made_in(tmp_path / "parquet", Form.PARQUET, rows=2_000)
    for name in ("claims", "eligibility", "facts", "contracts", "truth"):
        table = pq.read_table(tmp_path / f"parquet/{name}.parquet")
        lines = (",".join(table.column_names) + "\n").encode() + csv_lines(table)
        assert lines == (tmp_path / f"csv/{name}.csv").read_bytes()


def test_rows_are_what_they_were_when_they_were_first_made() -> None:
    """The hash is of 2026-11-24: another version of NumPy or Arrow must give the same rows."""
    words = Words(7, 3)
    lines = csv_lines(background(words, Form.CSV, 0, 5_000)) + csv_lines(spans(words)) + csv_lines(facts(words))
    assert hashlib.sha256(lines).hexdigest() == "7ec473bf08b1cafd3b609e9c5e3adab5f3a0e1c36dbc9fc3412c01c9ec7c7f84"
