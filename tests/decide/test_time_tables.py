"""The two time tables on the shipped library, on the imported one, and on a copy
in which every day, the number, the codes and the folders are others: nothing of the reference case is in the program.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest
from tests.support import SEED, TODAY, files_of, moved, put, said

import medpol
from medpol.decide.worked import read_worked, run_worked
from medpol.ingest import ingest, write_drafts
from medpol.text.source import Findings

DAYS_MOVED = 37
RENAMED = {"2.01.100": "X-77.04", "20560": "00640", "20561": "0101T", "20562": "64999", "97810": "99199"}


class Row(NamedTuple):
    asked: str
    date_of_service: str
    known_on: str
    line: str
    contract: str
    answer: str
    version: str
    why: str


INVESTIGATIONAL = "not_covered, investigational, position-unconditional"
NOT_NAMED = "not_addressed, no-policy-names-code"
NOT_VALID = "not_addressed, code-not-yet-valid"
ARCHIVED = "not_addressed, archived"
IN_NOTICE = "not_addressed, in-notice"
RIDER = "covered, covered-by-contract"
OUT = "not_addressed, line-of-business-out-of-scope"
NEEDLING, ACUPUNCTURE = "example-rider-needling", "example-acupuncture-only"

# fmt: off
DESIGN = [
    Row("20560", "2019-12-31", TODAY, "commercial", "", NOT_VALID, "2020-01-01", "the code begins 2020-01-01"),
    Row("20560", "2020-01-01", TODAY, "commercial", "", INVESTIGATIONAL, "2020-01-01", "coding update in force"),
    Row("20561", "2020-02-29", TODAY, "commercial", "", INVESTIGATIONAL, "2020-01-01", "last day before the archive"),
    Row("20560", "2020-03-01", TODAY, "commercial", "", ARCHIVED, "2020-03-01", "no policy in force"),
    Row("20560", "2023-12-06", TODAY, "commercial", "", IN_NOTICE, "2023-12-07", "published 2023-09-01, notice still running"),
    Row("20560", "2023-12-07", TODAY, "commercial", "", INVESTIGATIONAL, "2023-12-07", "reinstated"),
    Row("20560", "2023-12-07", "2023-08-31", "commercial", "", ARCHIVED, "2020-03-01", "the reinstatement was not yet published"),
    Row("20560", "2024-07-01", TODAY, "commercial", "", INVESTIGATIONAL, "2024-07-01", "annual review, unchanged"),
    Row("20560", "2024-07-01", TODAY, "medicare advantage", "", OUT, "2024-07-01", "the policy does not speak for that line"),
    Row("20562", "2024-07-01", TODAY, "commercial", "", NOT_NAMED, "", "no policy names the code"),
    Row("20560", "2024-07-01", TODAY, "commercial", NEEDLING, RIDER, "", "member contracts differ"),
]
MEANING = [
    Row("20560", "2024-07-01", "2019-06-30", "commercial", "", NOT_NAMED, "", "only the 2019-01-01 version is held"),
    Row("20560", "2020-03-05", "2020-02-29", "commercial", "", INVESTIGATIONAL, "2020-01-01", "no archive known yet"),
    Row("20560", "2020-03-05", "2020-03-01", "commercial", "", ARCHIVED, "2020-03-01", "known from its row date"),
    Row("20560", "2018-12-31", TODAY, "commercial", "", NOT_VALID, "2020-01-01", "the code begins later"),
    Row("20561", "2024-06-30", TODAY, "commercial", "", INVESTIGATIONAL, "2023-12-07", "the reinstated text"),
    Row("dry-needling", "2019-06-01", TODAY, "commercial", "", INVESTIGATIONAL, "2019-01-01", "the 2019 text"),
    Row("trigger-point-injection", "2019-06-01", TODAY, "commercial", "", INVESTIGATIONAL, "2019-01-01", "it ruled on both"),
    Row("trigger-point-injection", "2023-12-07", TODAY, "commercial", "", "not_addressed, no-rule-applies", "2023-12-07", "the statement had narrowed"),
    Row("97810", "2024-07-01", TODAY, "commercial", ACUPUNCTURE, RIDER, "", "the rider covers 97810"),
    Row("20560", "2024-07-01", TODAY, "commercial", ACUPUNCTURE, INVESTIGATIONAL, "2024-07-01", "and never 20560"),
    Row("20560", "2022-01-01", TODAY, "commercial", "", ARCHIVED, "2020-03-01", "archived, as nothing was published by then"),
]
# fmt: on
TABLES = [*DESIGN, *MEANING]


def _named(row: Row) -> str:
    return "-".join(filter(None, (row.asked, row.date_of_service, row.known_on, row.line[:8], row.contract)))


def _assert_answers(plan: medpol.Desk, row: Row) -> None:
    case = {
        "service" if "-" in row.asked else "code": row.asked,
        "date_of_service": row.date_of_service,
        "known_on": row.known_on,
        "line_of_business": row.line,
    }
    if row.contract:
        case["contract"] = row.contract
    assert said(plan, **case) == row.answer, row.why
    version = medpol.determine(plan, case).version
    assert (str(version) if version else "") == row.version, row.why


def _renamed(text: str) -> str:
    for old, new in RENAMED.items():
        text = text.replace(old, new)
    return moved(text, DAYS_MOVED)


@pytest.fixture(scope="module")
def shipped() -> medpol.Desk:
    return medpol.load()


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("another") / "house-of-policies"
    return put(
        folder, {_renamed(path): _renamed(data.decode()).encode() for path, data in files_of(medpol.SHIPPED).items()}
    )


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> medpol.Desk:
    if not SEED.exists():
        pytest.skip(f"the published document is not at {SEED}")
    ingested = ingest(SEED.read_bytes(), SEED.name)
    assert not ingested.has_errors
    folder = tmp_path_factory.mktemp("imported")
    write_drafts(ingested, folder)
    return medpol.load(folder)


@pytest.mark.parametrize("row", TABLES, ids=_named)
def test_the_shipped_library_answers_as_the_time_tables_say(shipped: medpol.Desk, row: Row) -> None:
    _assert_answers(shipped, row)


@pytest.mark.parametrize("row", [row for row in TABLES if not row.contract], ids=_named)
def test_the_imported_library_answers_as_the_time_tables_say(imported: medpol.Desk, row: Row) -> None:
    _assert_answers(imported, row)


@pytest.mark.parametrize("row", TABLES, ids=_named)
def test_a_copy_with_other_days_numbers_and_codes_answers_alike(copy: Path, row: Row) -> None:
    there = Row(*map(_renamed, row))
    _assert_answers(medpol.load(copy), there._replace(known_on=TODAY) if row.known_on == TODAY else there)


def test_nothing_of_the_original_is_left_in_the_copy(copy: Path) -> None:
    files = files_of(copy)
    everything = "\n".join([*files, *(data.decode() for data in files.values())])
    for original in (*RENAMED, "2019-01-01", "2023-12-07", "2024-07-01"):
        assert original not in everything


def test_every_worked_case_of_the_copy_holds_too(copy: Path) -> None:
    plan, findings = medpol.load(copy), Findings("cases.md")
    worked = read_worked((copy / "X-77.04" / "cases.md").read_text(encoding="utf-8"), plan, findings)
    failing, problems = run_worked(plan, worked, plan.all_held)
    assert not findings.found
    assert (failing, problems) == ([], [])
    assert len(worked) > 30


def test_a_service_that_had_no_code_yet_is_named_in_the_reason(shipped: medpol.Desk) -> None:
    answer = medpol.determine(shipped, code="20560", date_of_service="2019-12-31", line_of_business="commercial")
    assert answer.reason == (
        "the code begins 2020-01-01; the service itself, dry needling, was investigational that day"
    )
