"""``medpol evidence draw``: the picture and its tables as files, from one value."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest
from tests.support import put
from tests.web.evidence_documents import FILES

from medpol.cli.app import main


@pytest.fixture
def library(tmp_path: Path) -> Path:
    folder = tmp_path / "library"
    folder.mkdir()
    return put(folder, {name: text.encode() for name, text in FILES.items()})


def draw(library: Path, *arguments: str) -> int:
    return main(["evidence", "draw", *arguments, "--policies", str(library)])


def test_a_forest_plot_and_its_twins_hold_the_same_numbers(library: Path, tmp_path: Path) -> None:
    for suffix in ("svg", "csv", "json", "md"):
        assert draw(library, "forest", "EX-1", "--out", str(tmp_path / f"forest.{suffix}")) == 0
    held = json.loads((tmp_path / "forest.json").read_text())
    drawn = {each.text for each in fromstring((tmp_path / "forest.svg").read_text()).iter()}
    rows = held["groups"][0]["rows"]
    assert [each["study"] for each in rows] == ["ames-2019", "bell-2020"]
    assert {each["says"] for each in rows} <= drawn and held["pooled"]["says"] in drawn
    listed = list(csv.DictReader(io.StringIO((tmp_path / "forest.csv").read_text())))
    assert [float(each["Estimate"]) for each in listed[:2]] == [each["estimate"] for each in rows]
    assert held["pooled"]["says"].split()[0] in (tmp_path / "forest.md").read_text()


def test_an_unverified_number_is_pooled_only_when_asked_for(library: Path, tmp_path: Path) -> None:
    out = tmp_path / "forest.json"
    assert draw(library, "forest", "EX-1", "--unverified", "--out", str(out)) == 0
    rows = json.loads(out.read_text())["groups"][0]["rows"]
    assert [(each["study"], each["is_verified"]) for each in rows] == [
        *(("ames-2019", True), ("bell-2020", True), ("cole-2021", False))
    ]


def test_a_funnel_of_too_few_studies_is_refused_with_the_reason_and_its_table_is_not(
    library: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert draw(library, "funnel", "EX-1", "--out", str(tmp_path / "funnel.svg")) == 4
    assert "fewer than 10" in capsys.readouterr().err and not (tmp_path / "funnel.svg").exists()
    assert draw(library, "funnel", "EX-1", "--out", str(tmp_path / "funnel.csv")) == 0


def test_lights_timeline_and_findings_are_written(library: Path, tmp_path: Path) -> None:
    assert draw(library, "bias", "EX-1", "--out", str(tmp_path / "bias.csv")) == 0
    assert "+ low,? some concerns,'- high" in (tmp_path / "bias.csv").read_text()
    assert draw(library, "timeline", "EX-1", "--today", "2025-06-01", "--out", str(tmp_path / "trials.csv")) == 0
    assert "2025-05,1 days" in (tmp_path / "trials.csv").read_text()
    assert draw(library, "findings", "EX-1", "--population", "leg-ulcer", "--out", str(tmp_path / "found.md")) == 0
    assert "pain" in (tmp_path / "found.md").read_text()


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("forest", "EX-1", "--out", "forest.png"), 2, ".svg, .csv, .json, .md"),
        (("forest", "EX-1", "--pool", "nothing", "--out", "forest.svg"), 3, "resting-pain"),
        (("forest", "EX-1", "--outcome", "pain", "--out", "forest.svg"), 2, "--population"),
        (("findings", "EX-1", "--out", "found.md"), 2, "leg-ulcer, foot-ulcer"),
        (("findings", "EX-1", "--population", "leg-ulcer", "--out", "found.svg"), 2, "is a table"),
        (("bias", "EX-1", "--tool", "PEDro", "--out", "bias.svg"), 3, "RoB 2"),
        (("forest", "EX-9", "--out", "forest.svg"), 3, "EX-9"),
    ],
)
def test_what_cannot_be_drawn_is_said(
    library: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], code: int, says: str
) -> None:
    assert draw(library, *arguments) == code
    assert says in capsys.readouterr().err


def test_a_folder_that_is_not_there_ends_with_the_code_of_a_failed_write(library: Path, tmp_path: Path) -> None:
    assert draw(library, "forest", "EX-1", "--out", str(tmp_path / "no" / "forest.svg")) == 74
