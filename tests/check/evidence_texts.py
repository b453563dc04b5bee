"""Small documents about evidence that the tests of several rules share: a review, a guideline, a trials table, references."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from tests.support import library, policy

from medpol.check import check_library

NEWER = "EX-1/2025-01-01.md"
HARMS = "Adverse events were mild."


CODES = "| needling | CPT | 20560 | governed | | |"


def document(
    *sections: str, criteria: str = "Needling is **investigational**.", title: str = "Needles", codes: str = CODES
) -> dict[str, str]:
    """One version whose first day is 2025-01-01, with these sections after Coding: the first begins at line 20."""
    text = policy("2025-01-01", "2024-06-01", criteria=criteria, codes=codes).replace("Needles", title)
    return {NEWER: "\n".join((text, *sections))}


def population(name: str, prose: str, outcomes: str = "", conclusion: str = "insufficient", studies: str = "") -> str:
    """One population of an evidence review, a blank line between its parts."""
    fields = [("Studies", studies), ("Outcomes", outcomes), ("Conclusion", f"**{conclusion}**" if conclusion else "")]
    return (
        "\n\n".join((f"### Population: {name}", prose, *(f"{key}: {value}" for key, value in fields if value))) + "\n"
    )


def review(*populations: str) -> str:
    return "\n".join(("## Evidence review\n", *populations))


def guideline(body: str, recommends: str = "for", issuer: str = "US professional society", year: int = 2023) -> str:
    return (
        f"### {body}\n\nIssuer: {issuer}\n\nYear: {year}\n\nKind: guideline\n\nRecommends: {recommends}\n\nIts words.\n"
    )


def guidelines(*held: str, rule: str = "Guidelines of US professional societies or NICE are listed.") -> str:
    return "\n".join(("## Practice guidelines\n", f"Inclusion rule: {rule}\n", *held))


def trials(*rows: str, heading: str = "Ongoing") -> str:
    head = "| NCT | Title | Population | Enrolment | Completion | Status |\n|---|---|---|---|---|---|"
    return "\n".join(("## Clinical trials\n", f"### {heading}\n", head, *rows, ""))


def references(*texts: str) -> str:
    return "\n".join(("## References\n", *(f"{at}. {text}" for at, text in enumerate(texts, 1)), ""))


def rules_found(files: Mapping[str, str], today: date | None = None) -> list[str]:
    """The names of the rules that find something in a library that reads without error."""
    held = library(files)
    assert not held.errors, "\n".join(map(str, held.errors))
    return [each.rule for each in check_library(held, today).found]


def told(files: Mapping[str, str], *rules: str) -> list[str]:
    """``line:column found`` of what some rules find in a library that reads without error."""
    held = library(files)
    assert not held.errors, "\n".join(map(str, held.errors))
    return [f"{each.source.line}:{each.source.column} {each.found}" for each in check_library(held, only=rules).found]
