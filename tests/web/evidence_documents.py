"""A policy with an evidence folder, as small as shows every part of the evidence and trials pages."""

from __future__ import annotations

from tests.support import policy

QUESTIONS = """---
questions: EX-1
recorded: 2025-01-10
---
## Populations

| Population | Part of | Named in the policy | Value sets | Says |
|---|---|---|---|---|
| leg-ulcer | none | none | none | people with <b>leg</b> ulcers |
| foot-ulcer | none | none | none | people with foot ulcers |

## Interventions

| Intervention | Services | Says |
|---|---|---|
| suction | none | suction of wounds |

## Comparators

| Comparator | Kind | Which | Part of |
|---|---|---|---|
| dressing | mixed | any dressing | none |
| gauze | active | moist gauze | dressing |

## Outcomes

| Outcome | Kind | Unit | Range | Better | Important difference | Source of the difference | Weight | Named in the policy | Says |
|---|---|---|---|---|---|---|---|---|---|
| pain | continuous | points of 10 | 0 to 10 | lower | 1.5 | Wound consensus 2019 | critical | none | pain at rest |

## Bands

| Band | Up to | Printed as |
|---|---|---|
| short | 3 months | end of treatment; short term |
| long | no limit | long term |

## Questions

| Population | Intervention | Comparator | Outcome | Timepoint |
|---|---|---|---|---|
| leg-ulcer | suction | dressing | pain | short |

## Pools

| Pool | Population | Outcome | Comparator | Timepoint | Measure | Left out |
|---|---|---|---|---|---|---|
| resting-pain | leg-ulcer | pain | dressing | short | MD | none |
"""
COLUMNS = "| Outcome | Comparator | Timepoint | Measure | Estimate | Lower | Upper | Level | p | Unit | Checked |\n|---|---|---|---|---|---|---|---|---|---|---|\n"


def study(
    id: str,
    author: str,
    year: int,
    row: str,
    recorded: str = "2025-02-01",
    kind: str = "randomised trial",
    more: str = "",
) -> str:
    """A record with one result."""
    return (
        f'---\nstudy: {id}\nkind: {kind}\nfirst author: {author}\nyear: {year}\npmid: "123{year}"\npopulation: leg-ulcer\n'
        f"intervention: suction\nrecorded: {recorded}\n---\n## Results\n\n{COLUMNS}{row}\n{more}"
    )


BIAS = """
## Risk of bias

Tool: RoB 2

| Item | Judgement |
|---|---|
| randomisation | low |
| deviations | some concerns |
| missing data | high |
"""
HARMS = """
## Harms

| Event | Counted | Events | Of | Percent | Severity | Group | Checked | Note |
|---|---|---|---|---|---|---|---|---|
| bleeding | per person | 3 | 40 | 7.5 % | mild | suction | full text | |
"""
PROFILE = """---
profile: leg-ulcer
policy: EX-1
intervention: suction
recorded: 2025-03-01
---
## Certainty

| Outcome | Comparator | Timepoint | Level | Signed by | Role | On |
|---|---|---|---|---|---|---|
| pain | dressing | short | low | R. Ames | medical director | 2025-03-01 |

## Reasons

| Outcome | Comparator | Timepoint | Domain | Step | Reason |
|---|---|---|---|---|---|
| pain | dressing | short | risk of bias | -2 | nobody was blinded |

## Criteria

| Criterion | Met | Reason |
|---|---|---|
| regulatory approval | met | cleared |
| evidence permits conclusions | not met | few and small trials |
| net health outcome improves | unknown | not judged |
| as beneficial as alternatives | unknown | not judged |
| attainable outside investigation | unknown | not judged |

## Conclusion

Conclusion: **insufficient**

Signed by: R. Ames
Role: medical director
On: 2025-03-01
"""
TRIALS = """---
trials: EX-1
recorded: 2025-03-01
---
## Trials

| NCT | Population | Status | Enrolment | Completion | Note |
|---|---|---|---|---|---|
| NCT01234567 | leg-ulcer | RECRUITING | 60 | 2025-05 | |
| NCT01234568 | foot-ulcer | RECRUITING | 80 | 2027-03 | |

## Queries

| Query | Source | Condition | Intervention | Term | Population |
|---|---|---|---|---|---|
| ulcers | ClinicalTrials.gov | leg ulcer | suction | none | leg-ulcer |
"""
FILES = {
    "EX-1/2025-06-01.md": policy("2025-06-01", "2025-02-15", number="EX-1", head="approved: 2025-02-15"),
    "EX-1/evidence/questions.md": QUESTIONS,
    "EX-1/evidence/studies/ames-2019/2025-02-01.md": study(
        "ames-2019",
        "Ames",
        2019,
        "| pain | gauze | 6 weeks | MD | -1.20 | -2.00 | -0.40 | 95 % | 0.003 | points of 10 | full text |",
        more=BIAS + HARMS,
    ),
    "EX-1/evidence/studies/bell-2020/2025-02-01.md": study(
        "bell-2020",
        "Bell",
        2020,
        "| pain | dressing | 2 months | adjusted MD | -21.0 | -35.0 | -7.0 | 95 % | 0.01 | mm of 100 | abstract |",
    ),
    "EX-1/evidence/studies/cole-2021/2025-08-01.md": study(
        "cole-2021",
        "Cole",
        2021,
        "| pain | gauze | 8 weeks | MD | 0.20 | -0.90 | 1.30 | 95 % | 0.7 | points of 10 | no |",
        "2025-08-01",
    ),
    "EX-1/evidence/studies/dunn-2022/2025-02-01.md": study(
        "dunn-2022",
        "Dunn",
        2022,
        "| pain | dressing | short term | MD | -1.10 | -1.90 | -0.30 | 95 % | not reported | points of 10 | second-hand |",
        kind="systematic review",
    ),
    "EX-1/evidence/profiles/leg-ulcer/2025-03-01.md": PROFILE,
    "EX-1/evidence/trials.md": TRIALS,
}
