"""A row of a run explained: the page that the single reading gives of its case, or its truth values alone."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.claims.reading import line
from tests.cli.running import Ran, copied, run
from tests.decide.engines.making import KNOWN_ON, claims, decide, drawn_rows, rows_of
from tests.decide.engines.test_verify import _rewrite
from tests.support import EXAMPLES

from medpol.library import SHIPPED

ROWS = [
    *drawn_rows(60),
    line(
        claim_id="glucose",
        hcpcs_code="K0553",
        claim_line_start_date="2022-02-16",
        x_line_of_business="commercial",
        x_state="WA",
        member_id="M7",
        diagnosis_code_1="M7918",
    ),
    line(
        claim_id="a/b",
        hcpcs_code="L8614",
        claim_line_start_date="2024-06-18",
        x_line_of_business="commercial",
        member_id="M7",
        paid_date="2025-01-01",
    ),
]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with claims in two files and the run ``out`` over them; member M7 has the same service in both."""
    folder = tmp_path_factory.mktemp("whole")
    claims(folder, ROWS)
    claims(
        folder,
        [line(claim_id="earlier", hcpcs_code="L8614", member_id="M7", claim_line_start_date="2023-05-01")],
        "b.csv",
    )
    done = decide([folder / "claims.csv", folder / "b.csv"], folder / "out", "--lines-per-part", 40)
    assert done.code == 0, done.talk
    return folder


def explain(folder: Path, key: str, *options: object) -> Ran:
    return run("claims", "explain", folder, key, *options)


def test_a_line_is_explained_by_the_page_that_decide_gives_of_its_case(whole: Path) -> None:
    explained = explain(whole / "out", "acme/glucose/1")
    assert explained.code == 0, explained.talk
    alone = run(
        "decide", "--policies", EXAMPLES, "--code", "K0553", "--date-of-service", "2022-02-16", "--known-on", KNOWN_ON,
        "--line-of-business", "commercial", "--state", "WA", "--diagnosis", "M7918", "--explain",
    )  # fmt: skip
    case_line = "  K0553 · "
    assert case_line in alone.text
    page = explained.text[explained.text.index("\n\n") + 2 :]
    assert page.split(case_line)[0] == alone.text.split(case_line)[0]
    criteria = "\nCriteria\n"
    assert (
        page.split(criteria)[1].split("\nSources\n")[0].split("history of")[0]
        == (alone.text.split(criteria)[1].split("\nSources\n")[0].split("history of")[0])
    )


def test_every_line_of_a_run_agrees_with_its_row_when_read_again(whole: Path) -> None:
    rows = rows_of(whole / "out").line
    for row in rows[:: len(rows) // 8]:
        key = f"{row['data_source']}/{row['claim_id']}/{row['claim_line_number']}"
        explained = explain(whole / "out", key, "--format", "json")
        assert explained.code == 0, explained.talk
        held = {each["row"]["final_status"]: each for each in explained.json["rows"]}
        each = held[row["final_status"]]
        assert each["values_not_read_again"] is None
        assert each["answers"][0]["determination_id"] == row["determination_id"] == each["row"]["determination_id"]
        assert each["answers"][0]["reason_key"] == row["reason_key"]


def test_a_service_in_another_file_of_the_run_is_seen_again(whole: Path) -> None:
    explained = explain(whole / "out", "acme/a/b/1", "--format", "json")
    assert explained.code == 0, explained.talk
    (row,) = explained.json["rows"]
    assert row["answers"][0]["determination_id"] == row["row"]["determination_id"]
    assert (
        "2023-05-01" in explain(whole / "out", "acme/a/b/1").text
        or "at least 1" in explain(whole / "out", "acme/a/b/1").text
    )


def test_where_inputs_are_gone_the_sentences_are_judged_by_the_bits_alone(whole: Path, tmp_path: Path) -> None:
    file = claims(tmp_path, ROWS)
    assert decide(file, tmp_path / "out").code == 0
    told = explain(tmp_path / "out", "acme/glucose/1").text
    file.unlink()
    gone = explain(tmp_path / "out", "acme/glucose/1")
    assert gone.code == 0
    assert "claims.csv is gone" in " ".join(gone.text.split())
    for sentence in ("✕ The diagnosis is diabetes.", "? at least 20 IU of insulin are taken in a day"):
        assert sentence in told
        assert sentence in gone.text
    assert "M79.18" not in gone.text


def test_where_the_policies_are_others_the_row_itself_is_shown(whole: Path, tmp_path: Path) -> None:
    library = copied(tmp_path)
    needling = line(
        claim_id="N", hcpcs_code="20560", claim_line_start_date="2024-08-02", x_line_of_business="commercial"
    )
    assert decide(claims(tmp_path, [needling]), tmp_path / "out", policies=library).code == 0
    shutil.rmtree(library)
    shutil.copytree(SHIPPED, library)
    explained = explain(tmp_path / "out", "acme/N/1")
    assert explained.code == 0
    assert "the policies are not those of the run" in explained.text
    assert "not covered" in explained.text


def test_a_row_that_its_inputs_do_not_give_is_told_of(whole: Path, tmp_path: Path) -> None:
    out = Path(shutil.copytree(whole / "out", tmp_path / "out"))
    rows = rows_of(out).line
    first = min(rows, key=lambda row: (row["data_source"], row["claim_id"], row["claim_line_number"]))
    _rewrite(out, lambda held: [row.update(outcome="covered") for row in held])
    done = explain(out, f"acme/{first['claim_id']}/{first['claim_line_number']}")
    assert done.code == 5
    assert "outcome" in done.talk


@pytest.mark.parametrize("key", ["acme/none/1", "glucose", "acme/glucose/2"])
def test_a_key_that_no_line_has_is_not_found(whole: Path, key: str) -> None:
    done = explain(whole / "out", key)
    assert done.code == 3
    assert "data_source/claim_id/claim_line_number" in done.talk


def test_a_run_that_is_not_finished_explains_nothing(whole: Path, tmp_path: Path) -> None:
    out = Path(shutil.copytree(whole / "out", tmp_path / "out"))
    (out / "manifest.json").unlink()
    done = explain(out, "acme/glucose/1")
    assert done.code == 3
    assert "not finished" in done.talk
