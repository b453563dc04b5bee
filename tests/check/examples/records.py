"""Examples of the rules about evidence records: what is signed, what is reported, what became of it since."""

from tests.check.evidence_texts import NEWER
from tests.check.example import Example
from tests.check.record_texts import HARM, HEEL, PAIN, QUESTIONS, base, means, profile, questions, results, study

PROFILE = "EX-1/evidence/profiles/heel/2024-05-01.md"
STUDY = "EX-1/evidence/studies/smith-2020/2024-02-08.md"
NEW = "EX-1/evidence/studies/jones-2024/2024-04-01.md"
NO_HARM = "| bruising | per person | not reported | not reported | not reported | mild | needling | abstract | none |"
SIZES = "| participants | 66 | abstract |"
IMPROVES = profile(conclusion="improves", met="n++++")
GROUPS = "| pain | sham | 12 months | 0.69 | 0.93 | 2.09 | 1.58 | 0.004 | abstract | |"
CALLED = """| Outcome | Comparator | Timepoint | p | Called | Checked |
|---|---|---|---|---|---|
| pain | sham | 4 weeks | 0.011 | not significant | abstract |"""
ODDS = "| response | sham | 6 weeks | OR | -0.26 | -1.52 | 0.99 | 95 % | not reported | abstract |"
OFF = "| pain | sham | 6 weeks | MD | -0.80 | -1.00 | 0.20 | 95 % | 0.19 | abstract |"
BETTER = "| pain | exercise | 6 weeks | MD | -1.70 | -2.80 | -0.60 | 95 % | not reported | abstract |"
SURE = "| pain | sham | 6 weeks | MD | -1.70 | -2.80 | -0.60 | 95 % | not reported | abstract |"
BLIND = """## Risk of bias

Tool: PEDro

| Item | Judgement |
|---|---|
| blind subjects | no |
| blind therapists | no |
| blind assessors | no |
"""
INCLUDED = """## Included studies

| Study | Participants | Note |
|---|---|---|
| smith-2020 | 282 | none |
| jones-2024 | 98 | planned |
"""
WORDS = """| Outcome | Comparator | Timepoint | Measure | Estimate | Lower | Upper | Direction | Checked |
|---|---|---|---|---|---|---|---|---|
| pain | sham | 6 weeks | MD | -1.70 | -2.80 | -0.60 | no difference | abstract |"""
TRIAL = "year: 2020\nreference: 1\ntitle: A single-blind trial of needles"
REVIEW = "systematic review"
SORE = HEEL.replace("Heel", "Soreness")
ANOTHER = study("jones-2024", sizes=SIZES, head="first author: Smith A\nyear: 2021", recorded="2024-04-01")
FIRST = study(sizes=SIZES, head="first author: Smith A\nyear: 2020\nreference: 1")


def _status(status: str) -> dict[str, str]:
    return base(study(head=f"year: 2020\nreference: 1\nstatus: {status}"), profile())


EXAMPLES = {
    "a statement that a signed conclusion does not allow": Example(
        "position-not-supported",
        base(study(harms=HARM), IMPROVES, printed="sufficient"),
        f"{NEWER}:13:15",
        old="**investigational**",
        new="**medically necessary**",
    ),
    "a population on which no record concludes": Example(
        "population-without-conclusion",
        base(
            asked=questions(f"{SORE}\n| stiff | none | none | none | stiff people |"), name="Soreness", title="Needles"
        ),
        f"{NEWER}:13:15",
        old="\n| stiff | none | none | none | stiff people |",
        new="",
        path=QUESTIONS,
    ),
    "an outcome that no record reports": Example(
        "outcome-without-result",
        base(study(), profile(), asked=questions(asked=f"{PAIN}\n| heel | needling | sham | harms | short |")),
        f"{QUESTIONS}:45:3",
        old="\n| heel | needling | sham | harms | short |",
        new="",
    ),
    "a net outcome without a recorded harm": Example(
        "net-outcome-without-harms",
        base(study(harms=NO_HARM), IMPROVES, printed="sufficient", criteria="Needling is **medically necessary**."),
        f"{PROFILE}:20:3",
        old="| not reported | not reported | not reported |",
        new="| 4 | 40 | 10 % |",
        path=STUDY,
    ),
    "criteria of which too many are unknown": Example(
        "population-not-assessed",
        base(study(), profile(conclusion="insufficient", met="n????")),
        f"{PROFILE}:26:13",
        old="| evidence permits conclusions | unknown | judged |",
        new="| evidence permits conclusions | not met | judged |",
    ),
    "another conclusion than the criteria's": Example(
        "conclusion-does-not-follow",
        base(study(), profile(conclusion="not approved")),
        f"{PROFILE}:26:13",
        old="**not approved**",
        new="**insufficient**",
    ),
    "certainty that nobody signed": Example(
        "certainty-unsigned",
        base(study(), profile(level="nobody")),
        f"{PROFILE}:12:3",
        old="| not signed | none | none |",
        new="| A. Person | medical director | 2024-05-01 |",
    ),
    "other numbers than those signed on": Example(
        "signed-on-other-numbers",
        base(study(), profile(head=f"inputs: sha256:{'0' * 64}\n")),
        f"{PROFILE}:6:9",
        old=f"inputs: sha256:{'0' * 64}\n",
        new="",
    ),
    "a printed conclusion that nobody signed": Example(
        "profile-disagrees-with-document",
        base(printed="sufficient"),
        f"{NEWER}:27:1",
        old="Conclusion: **sufficient**",
        new="Conclusion: **insufficient**",
    ),
    "a record that answers nothing": Example(
        "record-not-used",
        base(study(), profile(), study("jones-2024", head="year: 2020", people="none", recorded="2024-04-01")),
        f"{NEW}:1:1",
        old="population: none",
        new="population: heel",
    ),
    "a p that the means do not give": Example(
        "p-value-does-not-follow",
        base(study(results=means(GROUPS), sizes=SIZES), profile()),
        f"{STUDY}:21:57",
        old="0.004",
        new="<0.001",
    ),
    "a significant result called not significant": Example(
        "significance-word-disagrees",
        base(study(results=CALLED), profile()),
        f"{STUDY}:15:35",
        old="not significant",
        new="significant",
    ),
    "a negative odds ratio": Example(
        "impossible-value",
        base(study(results=results(ODDS)), profile(), asked=questions(asked=PAIN.replace("pain", "response"))),
        f"{STUDY}:15:36",
        old="| OR |",
        new="| MD |",
    ),
    "an estimate near one of its bounds": Example(
        "estimate-off-centre",
        base(study(results=results(OFF)), profile()),
        f"{STUDY}:15:32",
        old="-0.80",
        new="-0.40",
    ),
    "a blind trial in which nobody was blinded": Example(
        "blinding-label-disagrees",
        base(study(head=TRIAL, more=BLIND), profile()),
        f"{STUDY}:6:8",
        old="single-blind",
        new="randomised",
    ),
    "one author, one size, one outcome, two records": Example(
        "duplicate-publication",
        base(FIRST, ANOTHER, profile()),
        f"{NEW}:1:1",
        old="| participants | 66 |",
        new="| participants | 60 |",
    ),
    "a total that the trials do not hold": Example(
        "sizes-do-not-add",
        base(
            study(),
            study(
                "jones-2024",
                kind=REVIEW,
                head="year: 2023",
                sizes="| participants | 395 | abstract |",
                more=INCLUDED,
                recorded="2024-04-01",
            ),
            profile(),
        ),
        f"{NEW}:22:1",
        old="| participants | 395 |",
        new="| participants | 380 |",
    ),
    "a direction in words beside an interval": Example(
        "prose-disagrees-with-result",
        base(study(results=WORDS), profile()),
        f"{STUDY}:15:56",
        old="no difference",
        new="less pain",
    ),
    "prose of no difference beside a pooled effect": Example(
        "prose-disagrees-with-result",
        base(
            study(results=results(SURE), kind=REVIEW),
            profile(),
            prose="Pain did not differ between needling and sham. Adverse events were mild.",
        ),
        f"{NEWER}:25:10",
        old="Pain did not differ between needling and sham.",
        new="Pain fell more with needling.",
    ),
    "a retracted trial": Example(
        "cited-study-retracted",
        _status("retracted 2024-03-01"),
        f"{STUDY}:6:9",
        old="status: retracted 2024-03-01\n",
        new="",
    ),
    "a trial of concern": Example(
        "cited-study-of-concern",
        _status("of concern 2024-03"),
        f"{STUDY}:6:9",
        old="status: of concern 2024-03\n",
        new="",
    ),
    "a corrected trial": Example(
        "cited-study-corrected",
        _status("corrected 2024-03-01 by 10.1000/182"),
        f"{STUDY}:6:9",
        old="status: corrected 2024-03-01 by 10.1000/182\n",
        new="",
    ),
    "a review with a newer edition": Example(
        "cited-study-superseded",
        _status("superseded 2024-03-01 by smith-2024"),
        f"{STUDY}:6:9",
        old="status: superseded 2024-03-01 by smith-2024\n",
        new="",
    ),
    "a study after the literature search": Example(
        "newer-evidence",
        base(study(), profile(), study("jones-2024", head="year: 2024", recorded="2024-04-01")),
        f"{NEW}:4:7",
        old="year: 2024",
        new="year: 2023",
    ),
}
