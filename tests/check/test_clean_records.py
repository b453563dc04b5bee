"""Evidence records of other policies in which nothing is wrong: the rules over records have to stay silent."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from tests.check.evidence_texts import NEWER
from tests.check.example import found
from tests.check.record_texts import HARM, HEEL, PAIN, base, means, profile, questions, results, study
from tests.support import library, policy

from medpol.check import check_library

IMPROVES = profile(conclusion="improves", met="n++++")
COVERED = "Needling is **medically necessary**."
REVIEW = "systematic review"
TWO = f"{HEEL}\n| back | none | none | none | people with pain in the back |"
RESPONSE = PAIN.replace("pain", "response")
EVENTS = """| Outcome | Comparator | Timepoint | Measure | Estimate | Lower | Upper | Events | N | Percent | Comparator events | Comparator N | Comparator percent | p | Called | Checked |
|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|
| response | sham | 6 weeks | RR | 1.50 | 1.02 | 2.21 | 30 | 60 | 50 % | 20 | 60 | 33.3 % | 0.04 | significant | full text |"""
CALLED = """| Outcome | Comparator | Timepoint | p | Called | Checked | Note |
|---|---|---|---|---|---|---|
| pain | sham | 6 weeks | 0.03 | not significant | full text | Bonferroni, 0.0125 |
| pain | sham | 12 weeks | 0.05 | not significant | full text | |
| pain | sham | 1 year | 0.06 | not significant | full text | |"""
WORDS = """| Outcome | Comparator | Timepoint | Measure | Estimate | Lower | Upper | Favours | Direction | Checked |
|---|---|---|---|---|---|---|---|---|---|
| pain | sham | 6 weeks | MD | -1.70 | -2.80 | -0.60 | intervention | less pain | abstract |
| pain | sham | 1 year | MD | -0.20 | -1.20 | 0.80 | neither | no difference | abstract |"""
BIAS = """## Risk of bias

Tool: PEDro

Score: 7/10

| Item | Judgement |
|---|---|
| eligibility | yes |
| random allocation | yes |
| concealed allocation | yes |
| baseline comparable | yes |
| blind subjects | no |
| blind therapists | no |
| blind assessors | yes |
| adequate follow-up | yes |
| intention to treat | no |
| between-group comparisons | yes |
| point estimates | yes |
"""
INCLUDED = """## Included studies

| Study | Participants | Note |
|---|---|---|
| smith-2020 | 100 | none |
| jones-2018 | 80 | none |
"""
OPEN = """## Included studies

| Study | Participants | Note |
|---|---|---|
| smith-2020 | 100 | none |
| jones-2018 | not reported | none |
"""
OVERRIDDEN = """
## Overridden

| Statement | Position | Reason | Approved by | Role | On |
|---|---|---|---|---|---|
| criteria | investigational | a larger trial reports in May | B. Person | chief medical officer | 2024-05-02 |
"""
SETS = "## Definitions\n\n- `heel-pain`: `M72.2`\n- `back-pain`: `M54.*`\n\n## Evidence review\n"
TWO_RULES = """### Heel

Services: `needling`

Needling is **medically necessary** when ALL of the following are met:

- The patient has heel pain `diagnosis in heel-pain`
- Six weeks of stretching brought no relief

Otherwise: **not medically necessary**.

### Back

Services: `needling`

Needling of other regions is **investigational**.
"""


def _many(*records: Mapping[str, str]) -> dict[str, str]:
    return base(*records, profile())


CLEAN: dict[str, dict[str, str]] = {
    "an insufficient body of evidence": base(),
    "a covered service": base(study(harms=HARM), IMPROVES, printed="sufficient", criteria=COVERED),
    "binary outcomes with counts": base(study(results=EVENTS), profile(), asked=questions(asked=RESPONSE)),
    "odds and hazard ratios": base(
        study(
            results=results(
                "| response | sham | 6 weeks | OR | 2.00 | 1.10 | 3.64 | 95 % | 0.02 | full text |",
                "| response | sham | 1 year | HR | 0.71 | 0.44 | 1.15 | 95 % | 0.16 | full text |",
                "| response | sham | 2 years | log OR | -0.50 | -1.20 | 0.20 | 95 % | not reported | full text |",
            )
        ),
        profile(),
        asked=questions(asked=RESPONSE),
    ),
    "a long follow-up of one trial": _many(
        study(sizes="| participants | 80 | abstract |", head="first author: Smith A\nyear: 2020\nreference: 1"),
        study(
            "smith-2022",
            results("| pain | sham | 2 years | MD | -0.10 | -0.90 | 0.70 | 95 % | 0.80 | abstract |"),
            sizes="| participants | 80 | abstract |",
            head="first author: Smith A\nyear: 2022",
        ),
    ),
    "an observational study and a survey of harms": _many(
        study(),
        study("registry-2019", kind="observational study", head="year: 2019"),
        study(
            "survey-2014",
            "",
            kind="survey",
            head="year: 2014",
            people="all",
            harms="| bleeding | per treatment | 1463 | 7629 | 19.18 % | mild | all | abstract | |",
        ),
    ),
    "skewed scores with a fitting p": _many(
        study(
            results=means("| pain | sham | 1 year | 0.9 | 1.4 | 1.6 | 2.1 | 0.09 | abstract | |"),
            sizes="| participants | 80 | abstract |",
        )
    ),
    "skewed scores tested by ranks": _many(
        study(
            results=means("| pain | sham | 1 year | 0.9 | 1.4 | 1.6 | 2.1 | 0.004 | abstract | Mann-Whitney |"),
            sizes="| participants | 80 | abstract |",
        )
    ),
    "an adjusted test": _many(
        study(
            results=means(
                "| pain | sham | 1 year | 3.1 | 2.0 | 3.9 | 2.1 | 0.003 | abstract | ANCOVA, adjusted for baseline |"
            ),
            sizes="| participants | 80 | abstract |",
        )
    ),
    "a one-sided test": _many(
        study(
            results=means("| pain | sham | 1 year | 3.1 | 2.0 | 3.9 | 2.1 | 0.042 | abstract | one-sided |"),
            sizes="| participants | 80 | abstract |",
        )
    ),
    "p at and beside a corrected level": _many(study(results=CALLED)),
    "directions that fit": _many(study(results=WORDS)),
    "a score that is the sum of its items": _many(
        study(head="year: 2020\nreference: 1\ntitle: An assessor-blinded trial", more=BIAS)
    ),
    "a review whose trials add up": _many(
        study(
            "review-2021",
            kind=REVIEW,
            head="year: 2021\nreference: 1",
            sizes="| participants | 180 | abstract |\n| trials | 2 | abstract |",
            more=INCLUDED,
        )
    ),
    "a review with a trial of unknown size": _many(
        study(
            "review-2021",
            kind=REVIEW,
            head="year: 2021\nreference: 1",
            sizes="| participants | 395 | abstract |",
            more=OPEN,
        )
    ),
    "prose that fits the pooled effect": base(
        study(results=WORDS.replace("| neither |", "| neither |"), kind=REVIEW),
        profile(),
        prose="Pain fell more with needling than with sham in the short term. In the long term pain did not differ. Adverse events were mild.",
    ),
    "an effect too small to matter": base(
        study(
            results=results("| pain | exercise | 6 weeks | MD | -0.51 | -0.95 | -0.06 | 95 % | 0.03 | abstract |"),
            kind=REVIEW,
        ),
        profile(),
        prose="Pain did not fall by an amount that matters to patients beside other treatments. Adverse events were mild.",
    ),
    "a statement kept with a reason and an approver": base(
        study(harms=HARM), profile(conclusion="improves", met="n++++", more=OVERRIDDEN), printed="sufficient"
    ),
    "a conclusion on the rest": base(study(), profile(), profile("back", head="rest: yes\n"), asked=questions(TWO)),
    "a wider population that takes in a part": base(
        asked=questions(f"{HEEL}\n| spur | heel | none | none | people with a heel spur |")
    ),
    "an older study that nobody cites": _many(study(), study("old-2011", head="year: 2011")),
    "a corrected record of one study": _many(
        study(),
        study(
            recorded="2024-03-01",
            results=results("| pain | sham | 6 weeks | MD | -0.50 | -1.10 | 0.10 | 95 % | 0.10 | full text |"),
        ),
    ),
    "bounds and numbers that nobody reported": _many(
        study(
            results=results(
                "| pain | not reported | not reported | MD | not reported | -2.12 | -1.76 | not reported | <0.001 | abstract |"
            )
        )
    ),
    "a correlation and a median, neither even": _many(
        study(
            results=results(
                "| pain | sham | 6 weeks | correlation | 0.80 | 0.60 | 0.90 | 95 % | not reported | abstract |",
                "| pain | sham | 1 year | difference of medians | -1.0 | -3.0 | 0.0 | 95 % | not reported | abstract |",
            )
        )
    ),
    "a service that another policy rules on": {
        **base(),
        "EX-2/2025-01-01.md": policy(
            "2025-01-01", "2024-06-01", number="EX-2", codes="| acupuncture | CPT | 97810 | governed | | |"
        )
        .replace("Needling", "Acupuncture")
        .replace("Needles", "Acupuncture"),
    },
}


@pytest.mark.parametrize("name", CLEAN)
def test_nothing_is_found_in_clean_records(name: str) -> None:
    assert [f"{each.source} {each.rule} {each.found}" for each in found(CLEAN[name])] == []


def test_two_populations_told_apart_by_their_diagnoses_are_each_held_against_their_own_rule() -> None:
    people = "| heel | none | Heel | heel-pain | people with heel pain |\n| back | none | none | back-pain | people with pain in the back |"
    files = base(
        study(harms=HARM),
        IMPROVES,
        profile("back"),
        asked=questions(people),
        criteria=TWO_RULES,
        printed="sufficient",
        title="Needles",
    )
    files[NEWER] = files[NEWER].replace("## Evidence review\n", SETS)
    held = library(files)
    assert not held.errors
    assert not held.evidence_errors
    assert check_library(held, only=["position-not-supported", "population-without-conclusion"]).found == ()


def test_a_library_without_records_is_never_asked_for_any() -> None:
    assert found({"EX-1/2024-05-01.md": policy()}) == ()
