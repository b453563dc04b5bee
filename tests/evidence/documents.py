"""Documents of evidence as the tests write them, through the real readers: a policy on closing wounds, and its studies."""

from __future__ import annotations

from datetime import date

from medpol.model.studies import EvidenceBase, Profile, Questions, Study
from medpol.text.profiles import read_profile
from medpol.text.questions import read_questions
from medpol.text.source import Findings
from medpol.text.studies import read_study

POLICY = "7.02.014"
QUESTIONS = """---
questions: 7.02.014
recorded: 2023-01-10
---
## Populations

| Population | Part of | Named in the policy | Value sets | Says |
|---|---|---|---|---|
| wounds | none | none | none | people with chronic wounds |
| leg-ulcer | wounds | Venous leg ulcers | none | people with venous leg ulcers |
| foot-ulcer | wounds | none | none | people with diabetic foot ulcers |

## Interventions

| Intervention | Services | Says |
|---|---|---|
| negative-pressure | none | negative pressure wound therapy |

## Comparators

| Comparator | Kind | Which | Part of |
|---|---|---|---|
| dressing | mixed | any dressing | none |
| foam | active | foam dressing | dressing |
| gauze | active | moist gauze | dressing |
| nothing | no treatment | none | none |

## Outcomes

| Outcome | Kind | Unit | Range | Better | Important difference | Source of the difference | Weight | Named in the policy | Says |
|---|---|---|---|---|---|---|---|---|---|
| healed | binary | none | none | higher | none | none | critical | none | wounds closed |
| infection | harm | none | none | lower | none | none | critical | none | wound infections |
| pain | continuous | points of 10 | 0 to 10 | lower | 1.5 | Wound consensus 2019 | important | none | pain at rest |
| function | continuous | points of 100 | 0 to 100 | higher | 10 | Wound consensus 2019 | important | none | walking function |

## Bands

| Band | Up to | Printed as |
|---|---|---|
| short | 3 months | end of treatment; short term |
| long | no limit | long term |

## Questions

| Population | Intervention | Comparator | Outcome | Timepoint |
|---|---|---|---|---|
| leg-ulcer | negative-pressure | dressing | healed | short |
| leg-ulcer | negative-pressure | dressing | pain | short |
| leg-ulcer | negative-pressure | dressing | infection | short |

## Pools

| Pool | Population | Outcome | Comparator | Timepoint | Measure | Left out |
|---|---|---|---|---|---|---|
| healing | leg-ulcer | healed | dressing | short | RR | none |
| any-healing | wounds | healed | any | short | OR | none |
"""


def questions(text: str = QUESTIONS) -> Questions:
    findings = Findings(f"{POLICY}/evidence/questions.md")
    found = read_questions(text, findings)
    assert found is not None and not findings.found, [str(each) for each in findings.found]
    return found


def study(
    id: str,
    results: str,
    *,
    kind: str = "randomised trial",
    population: str = "leg-ulcer",
    year: int = 2019,
    head: str = "",
    more: str = "",
    recorded: str = "2023-02-01",
) -> Study:
    """A record read from the table of its results, and other sections as they are given."""
    text = (
        f"---\nstudy: {id}\nkind: {kind}\nfirst author: {id.title()}\nyear: {year}\npopulation: {population}\n"
        f"intervention: negative-pressure\n{head}recorded: {recorded}\n---\n"
    )
    text += f"## Results\n\n{results.strip()}\n" if results else ""
    text += f"\n{more.strip()}\n" if more else ""
    findings = Findings(f"{POLICY}/evidence/studies/{id}/{recorded}.md")
    found = read_study(text, findings)
    assert found is not None and not findings.found, [str(each) for each in findings.found]
    return found


def profile(text: str) -> Profile:
    findings = Findings(f"{POLICY}/evidence/profiles/some/2023-03-01.md")
    found = read_profile(text, findings)
    assert found is not None and not findings.found, [str(each) for each in findings.found]
    return found


def base(*studies: Study, profiles: tuple[Profile, ...] = (), text: str = QUESTIONS) -> EvidenceBase:
    return EvidenceBase(POLICY, (questions(text),), studies, profiles).known_on(date(2030, 1, 1))


def table(columns: str, *rows: str) -> str:
    """A Markdown table from its columns and rows, cells parted by `|`."""
    names = [each.strip() for each in columns.split("|")]
    lines = [f"| {' | '.join(names)} |", "|" + "---|" * len(names)]
    return "\n".join((*lines, *(f"| {' | '.join(cell.strip() for cell in row.split('|'))} |" for row in rows)))


COUNTS = "Outcome | Comparator | Timepoint | N | Events | Comparator N | Comparator events | Checked"
MEANS = (
    "Outcome | Comparator | Timepoint | Unit | Mean | SD | N | Comparator mean | Comparator SD | Comparator N | Checked"
)
ESTIMATE = "Outcome | Comparator | Timepoint | Measure | Estimate | Lower | Upper | Level | Unit | Checked"
