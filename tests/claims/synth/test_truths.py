"""Every planted truth comes out of reading and deciding, whatever the claims are written as."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from pathlib import Path

import pytest
from tests.claims.synth.deciding import answers_of, bytes_of, decided, made_in, truth_of

from medpol.claims.synth import Form


@pytest.fixture(name="work")
def _work(tmp_path: Path) -> Path:
    work = tmp_path / "work"
    work.mkdir()
    return work


@pytest.mark.parametrize("form", Form, ids=lambda form: form.value)
def test_every_planted_truth_comes_out(form: Form, tmp_path: Path, work: Path) -> None:
    made = made_in(tmp_path / "made", form)
    truth, written = truth_of(tmp_path / "made"), bytes_of(tmp_path / "made")
    found = decided(tmp_path / "made", work)
    assert answers_of(truth) - found.answers == Counter()
    assert found.rejects == Counter()
    assert bytes_of(tmp_path / "made") == written, "what reads the files leaves them as they are"
    assert made.truths == len(truth) == answers_of(truth).total()
    assert found.read.lines == made.rows


@pytest.mark.parametrize("form", Form, ids=lambda form: form.value)
def test_broken_cells_are_rejected_as_told_and_nothing_else_is(form: Form, tmp_path: Path, work: Path) -> None:
    made = made_in(tmp_path / "made", form, rows=3_000, faults=Fraction(1, 10))
    truth = truth_of(tmp_path / "made")
    told = Counter((row["claim_id"] or "", row["reject_key"]) for row in truth if row["reject_key"] is not None)
    found = decided(tmp_path / "made", work)
    assert found.rejects == told
    assert made.rejects == told.total() == found.read.rejected
    assert answers_of(truth) - found.answers == Counter()


def test_claims_of_several_blocks_are_as_true(tmp_path: Path, work: Path) -> None:
    made_in(tmp_path / "made", Form.PARQUET, rows=(1 << 16) + 600)
    truth = answers_of(truth_of(tmp_path / "made"))
    assert {claim[:10] for claim, *_ in truth} == {"ZZP0000000", "ZZP0000001"}
    assert truth - decided(tmp_path / "made", work).answers == Counter()


def test_a_plant_that_the_end_of_the_file_cuts_promises_nothing(tmp_path: Path, work: Path) -> None:
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    made_in(whole, rows=400)
    for rows in (57, 199):
        folder = cut / str(rows)
        made_in(folder, rows=rows)
        truth = truth_of(folder)
        assert truth == [row for row in truth_of(whole) if int(row["row"]) <= rows][: len(truth)]
        inside = work / str(rows)
        inside.mkdir()
        assert answers_of(truth) - decided(folder, inside).answers == Counter()
