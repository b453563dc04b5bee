"""``medpol claims synth`` on the command line: what it writes, what it says, and what it refuses."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest
from tests.claims.synth.deciding import answers_of, truth_of
from tests.cli.running import run
from tests.support import ROOT

from medpol.cli.stops import DONE, USAGE, WRITE_FAILED


def test_it_says_what_it_made_and_how_to_decide_it(tmp_path: Path) -> None:
    out, decided = tmp_path / "made", tmp_path / "run"
    ran = run("claims", "synth", "--rows", "1_000", "--seed", 7, "--out", out, "--faults", "5%", "--format", "csv")
    assert ran.code == DONE
    truth = truth_of(out)
    said = " ".join(ran.text.split())
    rejects = sum(row["reject_key"] is not None for row in truth)
    assert said.startswith(f"{out}/claims.csv: 1,000 rows, {len(truth)} planted truths")
    assert rejects > 0 and f"of them {rejects} rows to be rejected, and {out}/broken" in said
    words = [str(decided) if each == "RUN" else each for each in ran.text.splitlines()[-1].split()]
    assert words[0] == "medpol"
    again = run(*words[1:])
    assert again.code == DONE, again.talk
    assert run("claims", "verify", decided).code == DONE
    assert len(answers_of(truth)) > 200


def test_the_query_of_the_page_gives_no_row(tmp_path: Path) -> None:
    ran = run("claims", "synth", "--rows", 1_000, "--seed", 3, "--out", tmp_path / "synthetic")
    words = [str(tmp_path / "RUN") if each == "RUN" else each for each in ran.text.splitlines()[-1].split()]
    assert run(*words[1:]).code == DONE
    page = (ROOT / "docs/claims.md").read_text("utf-8")
    (query,) = re.findall(r"^    (SELECT t\.\*.*\n(?:    .*\n)+)", page, re.MULTILINE)
    for folder in ("synthetic", "RUN"):
        query = query.replace(f"'{folder}/", f"'{tmp_path}/{folder}/")
    assert duckdb.sql(query).fetchall() == []
    wrong = query.replace("t.reason_key)", "'something else')")
    told = {row["claim_id"] for row in truth_of(tmp_path / "synthetic")}
    assert {row[1] for row in duckdb.sql(wrong).fetchall()} == told


def test_an_837_says_what_it_had_to_leave_out(tmp_path: Path) -> None:
    ran = run("claims", "synth", "--rows", 500, "--seed", 7, "--out", tmp_path / "made", "--format", "837p")
    assert ran.code == DONE
    assert "planted rows left out, which an 837p has no way to say" in ran.text


def test_a_folder_that_holds_something_is_left_as_it_is(tmp_path: Path) -> None:
    kept = tmp_path / "made/kept.txt"
    kept.parent.mkdir()
    kept.write_text("mine")
    ran = run("claims", "synth", "--rows", 10, "--seed", 7, "--out", kept.parent)
    assert ran.code == USAGE
    assert f"{kept.parent} is not empty" in ran.talk and "mend:" in ran.talk
    assert list(kept.parent.iterdir()) == [kept]


def test_a_file_in_place_of_the_folder_is_a_write_that_failed(tmp_path: Path) -> None:
    (tmp_path / "made").write_text("mine")
    ran = run("claims", "synth", "--rows", 10, "--seed", 7, "--out", tmp_path / "made")
    assert ran.code == WRITE_FAILED
    assert "cannot be written" in ran.talk


@pytest.mark.parametrize("share", ["0.5", "60%", "-1%", "half", "1e1%", "٥%"])
def test_a_share_of_faults_that_is_none_is_refused(share: str, tmp_path: Path) -> None:
    ran = run("claims", "synth", "--rows", 10, "--seed", 7, "--out", tmp_path / "made", f"--faults={share}")
    assert ran.code == USAGE
    assert "expected a share such as 0.5%, at most 50%" in ran.talk
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("option", [("--rows", "0"), ("--rows", "many"), ("--seed", "-1"), ("--format", "xlsx")])
def test_an_option_out_of_its_range_is_refused(option: tuple[str, str], tmp_path: Path) -> None:
    given = {"--rows": "10", "--seed": "7", "--out": str(tmp_path / "made")} | dict([option])
    assert run("claims", "synth", *(word for pair in given.items() for word in pair)).code == USAGE
    assert not (tmp_path / "made").exists()


def test_its_help_shows_an_example() -> None:
    assert "medpol claims synth --rows 1_000_000 --seed 7 --out synthetic" in run("claims", "synth", "--help").text
