"""``cases.md``: the libraries' own worked cases pass, and a wrong row is found with its place."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support import desk, policy

import medpol
from medpol.decide.worked import read_event, read_worked, run_worked
from medpol.library import SHIPPED
from medpol.text.source import Findings

EXAMPLES = Path(__file__).parents[2] / "examples" / "policies"
CASE_FILES = [(root, path) for root in (SHIPPED, EXAMPLES) for path in sorted(root.glob("*/cases.md"))]


@pytest.mark.parametrize(("root", "path"), CASE_FILES, ids=lambda value: value.parent.name)
def test_the_worked_cases_beside_every_policy_pass(root: Path, path: Path) -> None:
    plan = medpol.load(root)
    findings = Findings(path.name)
    rows = read_worked(path.read_text(encoding="utf-8"), plan, findings)
    assert not findings.found
    assert len(rows) > 30
    failing, problems = run_worked(plan, rows, plan.all_held)
    assert not failing
    assert not problems


def _rows(table: str) -> tuple[list[str], list[str], list[str]]:
    plan = medpol.load()
    findings = Findings("cases.md")
    rows = read_worked(table, plan, findings)
    failing, problems = run_worked(plan, rows, plan.all_held)
    return (
        [f"{each.line_rule}" for each in map(_Place, findings.found)],
        [each.found for each in failing],
        [each.found for each in problems],
    )


class _Place:
    def __init__(self, found: object) -> None:
        self.line_rule = f"{found.source.line}:{found.source.column} {found.rule}"  # type: ignore[attr-defined]


HEADER = "| code | date of service | known on | line of business | determination | why |\n|---|---|---|---|---|---|\n"


def test_a_row_that_comes_to_another_answer_says_what_it_came_to() -> None:
    found, failing, problems = _rows(HEADER + "| 20560 | 2024-07-01 | | commercial | covered | wishful |\n")
    assert (found, problems) == ([], [])
    assert failing == ["not covered, investigational, position-unconditional"]


@pytest.mark.parametrize(
    "expected",
    [
        "not covered",
        "not covered, investigational",
        "not covered, position-unconditional",
        "not covered, investigational, position-unconditional",
    ],
)
def test_a_determination_cell_may_say_as_much_as_it_likes(expected: str) -> None:
    assert _rows(HEADER + f"| 20560 | 2024-07-01 | | commercial | {expected} | |\n") == ([], [], [])


def test_today_is_refused_and_a_misspelt_outcome_is_named() -> None:
    found, _, _ = _rows(HEADER + "| 20560 | 2024-07-01 | today | commercial | not coverd | |\n")
    assert found == ["3:24 no-today", "3:45 unknown-outcome"]


def test_a_row_that_cannot_be_decided_is_a_problem_not_an_answer() -> None:
    _, failing, problems = _rows(HEADER + "| 20560 | 2024-07-01 | | comercial | covered | |\n")
    assert failing == []
    assert problems == ["$.line_of_business: the line of business 'comercial' is not known"]


def test_an_event_is_written_as_code_day_units_and_fields() -> None:
    assert read_event("20552:2024-01-03:2 pain_relief=50 %") == {
        "code": "20552",
        "date": "2024-01-03",
        "units": "2",
        "facts": {"pain_relief": "50 %"},
    }
    assert read_event("group injection:2024-01-03") == {"group": "injection", "date": "2024-01-03"}
    assert read_event("20552 on a Monday") is None


def test_enrolment_in_a_study_has_a_column_as_a_declared_fact_has() -> None:
    criteria = "Needling is **coverage with evidence development**."
    held = desk({"EX-1/2024-05-01.md": policy(criteria=criteria)})
    table = (
        "| code | date of service | evidence_development.enrolled | determination |\n|---|---|---|---|\n"
        "| 20560 | 2024-06-01 | yes | covered |\n| 20560 | 2024-06-01 | no | refer |\n"
    )
    findings = Findings("EX-1/cases.md")
    worked = read_worked(table, held, findings)
    assert not findings.found
    assert run_worked(held, worked, held.all_held) == ([], [])
