"""What a front matter may declare: labels beyond the standard ones, and states that exist."""

from __future__ import annotations

import pytest

from medpol.text.names import Vocabulary
from medpol.text.reader import read_policy
from medpol.text.source import Findings

BODY = (
    "\n---\n\n## Policy coverage criteria\n\nIt is **covered**.\n\n"
    "## Coding\n\n| Group | System | Code | Role |\n|---|---|---|---|\n| service | CPT | 20552 | governed |\n"
)


def rules(line: str) -> list[str]:
    findings = Findings("policy.md")
    read_policy(
        f"---\npolicy: X\ntitle: X\neffective: 2024-01-01\npublished: 2024-01-01\n{line}{BODY}", findings, Vocabulary()
    )
    return [f"{each.source.line}:{each.source.column} {each.rule}" for each in findings.found]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("positions: {medically necessary: investigational}", ["6:13 standard-label"]),
        ("positions: {medically necessary: medically_necessary}", []),
        ("positions: {of proven worth: medically_necessary}", []),
        ("states: {in: [ZZ]}", ["6:15 bad-state"]),
        ("states: {in: [WA, PR]}", []),
    ],
)
def test_a_standard_label_keeps_its_meaning_and_a_state_exists(line: str, expected: list[str]) -> None:
    assert rules(line) == expected
