"""Small evidence records that the tests of several rules share: one policy, its questions, studies and signed profiles."""

from __future__ import annotations

from collections.abc import Mapping

from tests.check.evidence_texts import HARMS, NEWER, document, population, review

QUESTIONS = "EX-1/evidence/questions.md"
TRIALS = "EX-1/evidence/trials.md"
LITERATURE = "literature through: 2024-02-08\n"

_QUESTIONS = """---
questions: EX-1
recorded: 2024-03-01
---

## Populations

| Population | Part of | Named in the policy | Value sets | Says |
|---|---|---|---|---|
{populations}

## Interventions

| Intervention | Services | Says |
|---|---|---|
| needling | needling | needles |

## Comparators

| Comparator | Kind | Which | Part of |
|---|---|---|---|
| sham | sham | none | none |
| exercise | active | exercise | none |

## Outcomes

| Outcome | Kind | Unit | Range | Better | Important difference | Source of the difference | Weight | Named in the policy | Says |
|---|---|---|---|---|---|---|---|---|---|
| pain | continuous | points | 0 to 10 | lower | 1.5 | Smith 2000 | critical | none | pain |
| response | binary | none | none | higher | none | none | important | none | response |
| harms | harm | none | none | lower | none | none | critical | none | adverse events |

## Bands

| Band | Up to | Printed as |
|---|---|---|
| short | 3 months | end of treatment |
| long | no limit | none |

## Questions

| Population | Intervention | Comparator | Outcome | Timepoint |
|---|---|---|---|---|
{questions}
"""

HEEL = "| heel | none | Heel | none | people with heel pain |"
PAIN = "| heel | needling | sham | pain | short |"
_RESULTS = "| Outcome | Comparator | Timepoint | Measure | Estimate | Lower | Upper | Level | p | Checked |\n|---|---|---|---|---|---|---|---|---|---|\n"
RESULT = f"{_RESULTS}| pain | sham | 6 weeks | MD | -0.40 | -1.00 | 0.20 | 95 % | 0.19 | abstract |"
HARM = "| bruising | per person | 4 | 40 | 10 % | mild | needling | abstract | |"


def questions(populations: str = HEEL, asked: str = PAIN) -> str:
    return _QUESTIONS.format(populations=populations, questions=asked)


def results(*rows: str) -> str:
    """A results table of estimates with intervals: outcome, comparator, timepoint, measure, estimate, bounds, level, p, checked."""
    return _RESULTS + "\n".join(rows)


def means(*rows: str) -> str:
    """A results table of two groups: outcome, comparator, timepoint, means and SDs, p, checked, note."""
    head = "| Outcome | Comparator | Timepoint | Mean | SD | Comparator mean | Comparator SD | p | Checked | Note |"
    return "\n".join((head, "|---|---|---|---|---|---|---|---|---|---|", *rows))


def study(
    id: str = "smith-2020",
    results: str = RESULT,
    *,
    head: str = "year: 2020\nreference: 1",
    kind: str = "randomised trial",
    people: str = "heel",
    sizes: str = "",
    harms: str = "",
    more: str = "",
    recorded: str = "2024-02-08",
) -> dict[str, str]:
    """One record of one study; ``sizes`` and ``harms`` are rows, ``more`` further sections."""
    front = f"study: {id}\nkind: {kind}\n{head}\npopulation: {people}\nintervention: needling\nrecorded: {recorded}"
    parts = [f"---\n{front}\n---\n"]
    parts += [f"## Sizes\n\n| Of | Number | Checked |\n|---|---|---|\n{sizes}\n"] if sizes else []
    parts += [f"## Results\n\n{results}\n"] if results else []
    columns = "| Event | Counted | Events | Of | Percent | Severity | Group | Checked | Note |\n|---|---|---|---|---|---|---|---|---|"
    parts += [f"## Harms\n\n{columns}\n{harms}\n"] if harms else []
    parts += [f"{more}\n"] if more else []
    return {f"EX-1/evidence/studies/{id}/{recorded}.md": "\n".join(parts)}


def profile(
    people: str = "heel",
    conclusion: str = "insufficient",
    met: str = "n-???",
    *,
    signed: str = "A. Person",
    level: str = "A. Person",
    head: str = "",
    more: str = "",
    recorded: str = "2024-05-01",
) -> dict[str, str]:
    """One signed profile. ``met`` has a sign a criterion: `+` met, `-` not met, `?` unknown, `n` not applicable."""
    words = {"+": "met", "-": "not met", "?": "unknown", "n": "not applicable"}
    names = (
        "regulatory approval",
        "evidence permits conclusions",
        "net health outcome improves",
        "as beneficial as alternatives",
        "attainable outside investigation",
    )
    rows = "\n".join(f"| {name} | {words[sign]} | judged |" for name, sign in zip(names, met, strict=True))
    by = "| A. Person | medical director | 2024-05-01 |" if level == "A. Person" else "| not signed | none | none |"
    sign = (
        f"Signed by: {signed}\n\nRole: medical director\n\nOn: 2024-05-01\n"
        if signed != "not signed"
        else "Signed by: not signed\n"
    )
    text = (
        f"---\nprofile: {people}\npolicy: EX-1\nintervention: needling\nrecorded: {recorded}\n{head}---\n\n"
        "## Certainty\n\n| Outcome | Comparator | Timepoint | Level | Signed by | Role | On |\n|---|---|---|---|---|---|---|\n"
        f"| pain | sham | short | high {by}\n\n"
        f"## Criteria\n\n| Criterion | Met | Reason |\n|---|---|---|\n{rows}\n\n"
        f"## Conclusion\n\nConclusion: **{conclusion}**\n\n{sign}{more}"
    )
    return {f"EX-1/evidence/profiles/{people}/{recorded}.md": text}


def base(
    *records: Mapping[str, str],
    asked: str | None = None,
    criteria: str = "Needling is **investigational**.",
    printed: str = "insufficient",
    prose: str = HARMS,
    head: str = "",
    name: str = "Heel",
    title: str = "Needles for the heel",
) -> dict[str, str]:
    """A policy with a printed review of heel pain, its questions and some records; a study and a signed profile where none is given."""
    held = document(review(population(name, prose, conclusion=printed)), criteria=criteria, title=title)
    text = held[NEWER].replace("published: 2024-06-01\n", f"published: 2024-06-01\n{LITERATURE}{head}")
    reference = "\n## References\n\n1. Smith A. Needles. J Needles. 2020; 1(1): 1-2. PMID 12345678\n"
    files = {
        NEWER: f"{text}{reference}".replace(prose, f"{prose} [1]", 1),
        QUESTIONS: questions() if asked is None else asked,
    }
    for each in records or (study(), profile()):
        files.update(each)
    return files
