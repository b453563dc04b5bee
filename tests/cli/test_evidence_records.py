"""`medpol evidence add`, `import` and `export`: drafts are marked as drafts, nothing is guessed, nothing overwritten."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import msgspec
import pytest
from tests.cli.running import run
from tests.cli.test_evidence import evidence, library
from tests.evidence.test_citations import RIS

from medpol.cli.recordings import Recordings
from medpol.evidence.watching import clinical_trials
from medpol.evidence.watching.values import Answer, Asked, Request, TrialAsked

__all__ = ["library"]

TRIAL = ("--kind", "randomised trial")
STUDIES = "7.02.014/evidence/studies"


def test_a_draft_by_number_holds_the_number_and_what_is_to_be_checked(library: Path) -> None:
    ran = evidence(library, "add", "--pmid", "31234567", *TRIAL, "--today", "2024-05-01")
    assert ran.code == 0, ran.talk
    text = (library / STUDIES / "pmid-31234567" / "2024-05-01.md").read_text()
    assert "pmid: '31234567'" in text or 'pmid: "31234567"' in text or "pmid: 31234567" in text
    assert "this is a draft" in text and "## Results" not in text and "population: none" in text
    again = evidence(library, "add", "--pmid", "31234567", *TRIAL, "--today", "2024-05-02")
    assert again.code == 2 and "held already: pmid-31234567" in again.talk
    assert run("check", library).code in (0, 1)


def test_a_recorded_answer_of_the_registry_fills_in_what_it_says_and_nothing_else(
    library: Path, tmp_path: Path
) -> None:
    nct = "NCT01234567"
    answer = {
        "studies": [
            {
                "protocolSection": {
                    "identificationModule": {"nctId": nct, "briefTitle": "Foam against gauze"},
                    "statusModule": {"overallStatus": "RECRUITING", "completionDateStruct": {"date": "2025-05"}},
                    "designModule": {"enrollmentInfo": {"count": 90}},
                }
            }
        ]
    }
    saved = _saved(tmp_path, answer, nct)
    ran = evidence(library, "add", "--nct", nct, *TRIAL, "--saved", str(saved), "--today", "2024-05-01")
    assert ran.code == 0, ran.talk
    text = (library / STUDIES / nct.casefold() / "2024-05-01.md").read_text()
    assert "title: Foam against gauze" in text and "| planned | 90" in " ".join(text.split())
    assert "registry: recruiting, completion 2025-05" in text


def _saved(folder: Path, studies: object, nct: str) -> Path:
    """A folder of recorded answers to what the registry's source asks of one trial. The answers are synthetic."""
    recordings = Recordings(folder / "answers")
    version = {"apiVersion": "2.0.5", "dataTimestamp": "2024-05-01T09:00:05"}

    def fetch(request: Request) -> Answer:
        body = msgspec.json.encode(version if request.address.endswith("/version") else studies)
        headers = (("content-type", "application/json"),)
        recordings.keep(Answer(request.address, 200, headers, body, "2024-05-01T10:00:00Z"))
        return recordings(request)

    assert list(clinical_trials.SOURCE.look(Asked(trials=(TrialAsked(nct),)), fetch, date(2024, 5, 1)))
    return recordings.folder


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--pmid", "12x"), "no such number"),
        ((), "give one of --pmid, --nct and --doi"),
        (("--pmid", "1", "--doi", "10.1000/x"), "give one of"),
        (("--pmid", "1", "--population", "elbow"), "it has wounds, leg-ulcer, foot-ulcer"),
    ],
)
def test_what_is_no_number_or_no_population_is_said(library: Path, options: tuple[str, ...], words: str) -> None:
    ran = evidence(library, "add", *options, *TRIAL)
    assert (ran.code, words in ran.talk) == (2, True), ran.talk


def test_the_kind_of_a_study_is_never_guessed(library: Path, tmp_path: Path) -> None:
    ran = evidence(library, "add", "--pmid", "1", "--kind", "paper")
    assert ran.code == 2 and "observational study" in ran.talk
    (tmp_path / "found.ris").write_text(RIS)
    assert evidence(library, "import", str(tmp_path / "found.ris")).code == 2


def test_citations_come_in_once_and_go_out_again(library: Path, tmp_path: Path) -> None:
    (tmp_path / "found.ris").write_text(RIS)
    first = evidence(library, "import", str(tmp_path / "found.ris"), *TRIAL, "--today", "2024-05-01")
    assert first.code == 0 and "2 records written" in first.text, first.talk
    second = evidence(library, "import", str(tmp_path / "found.ris"), *TRIAL, "--today", "2024-05-02")
    assert "0 records written" in second.text and "held already: Another (cole-2021); line 17" in second.text
    out = evidence(library, "export")
    assert "PM" not in out.text[:2] and "DO  - 10.1000/Wounds.12" in out.text and "AN  - 39999999" in out.text


def test_a_sheet_that_was_given_out_comes_in_as_later_records(library: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "results.csv"
    sheet.write_bytes(evidence(library, "export", "--as", "csv", "--known-on", "2023-12-31").data)
    sheet.write_text(sheet.read_text().replace(",24,", ",25,"))
    ran = evidence(library, "import", str(sheet), "--as", "csv", "--today", "2024-05-01")
    assert ran.code == 0, ran.talk
    (pool,) = evidence(library, "pool", "--pool", "healing", "--format", "json").json["pools"]
    assert "25 events of 40" in pool["rows"][0]["printed"]
    (before,) = evidence(library, "pool", "--pool", "healing", "--known-on", "2024-04-30", "--format", "json").json[
        "pools"
    ]
    assert "24 events of 40" in before["rows"][0]["printed"]


def test_what_of_a_file_cannot_be_read_is_told_and_the_exit_code_says_so(library: Path, tmp_path: Path) -> None:
    (tmp_path / "found.ris").write_text("TY  - JOUR\nAU  - Nobody\nER  - \n" + RIS)
    ran = evidence(library, "import", str(tmp_path / "found.ris"), *TRIAL, "--today", "2024-05-01")
    assert ran.code == 1 and "found.ris:1: a record without title, PMID or DOI" in ran.text
    assert "2 records written" in ran.text


def test_the_library_that_ships_is_not_written_into() -> None:
    ran = run("evidence", "add", "2.01.100", "--pmid", "1", *TRIAL)
    assert ran.code == 2 and "--policies" in ran.talk
