"""Evidence beside policies: put together by policy, told when wrong, never in the way of a determination."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.support import ROOT, policy

from medpol.decide.plan import compile_library
from medpol.library import SHIPPED, Library, load, read_library
from medpol.model.inputs import inputs_hash
from medpol.text.profiles import write_profile
from medpol.text.questions import write_questions
from medpol.text.studies import write_study
from medpol.text.watched import write_watching

FACTS = ROOT.parent / "shared" / "dry_needling_studies.json"
ASKED = """---
questions: EX-1
recorded: 2024-03-01
---

## Populations

| Population | Part of | Named in the policy | Value sets | Says |
|---|---|---|---|---|
| leg | none | none | none | Legs |

## Comparators

| Comparator | Kind | Which | Part of |
|---|---|---|---|
| sham | sham | none | none |

## Outcomes

| Outcome | Kind | Unit | Range | Better | Important difference | Source of the difference | Weight | Named in the policy | Says |
|---|---|---|---|---|---|---|---|---|---|
| healed | binary | not reported | not reported | higher | not reported | not reported | critical | none | Healed |
"""
STUDY = """---
study: first
kind: observational study
population: leg
recorded: 2024-01-01
---

## Results

| Outcome | Comparator | Timepoint | Events | N |
|---|---|---|---|---|
| healed | sham | 6 weeks | 4 | 10 |
"""
BESIDE = {"EX-1/evidence/questions.md": ASKED, "EX-1/evidence/studies/first/2024-01-01.md": STUDY}


def held(files: dict[str, str], below: str = "") -> Library:
    whole = {"EX-1/2024-05-01.md": policy(), **BESIDE, **files}
    return read_library({below + name: text.encode() for name, text in whole.items() if text})


@pytest.mark.parametrize("below", ["", "policies/"])
def test_evidence_is_read_beside_its_policy(below: str) -> None:
    library = held({}, below)
    base = library.evidence_of("EX-1")
    assert base is not None and not library.diagnostics
    assert [each.id for each in base.studies] == ["first"]


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("studies/first/2024-01-01.md", STUDY.replace("healed |", "heald |"), "12 unknown-id"),
        ("studies/first/2024-01-01.md", STUDY.replace("population: leg", "population: arm"), "1 unknown-id"),
        ("studies/first/2024-02-01.md", STUDY, "1 file-name-differs"),
        ("studies/first/2024-02-31.md", STUDY, "1 bad-file-name"),
        ("studies/other/2024-01-01.md", STUDY, "1 wrong-folder"),
        ("questions/2024-03-01.md", ASKED, "1 same-days"),
        (
            "questions/2024-03-02.md",
            ASKED.replace("03-01", "03-02").replace("EX-1", "EX-2"),
            "1 evidence-of-another-policy",
        ),
        ("2024-03-02.md", "words", "1 misplaced-file"),
        ("Trials.md", "words", "1 misplaced-file"),
    ],
)
def test_an_error_of_the_evidence_is_told_and_stops_no_determination(
    path: str, text: str, expected: str, tmp_path: Path
) -> None:
    for name, body in {"EX-1/2024-05-01.md": policy(), **BESIDE, f"EX-1/evidence/{path}": text}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(body, encoding="utf-8")
    library = load(tmp_path)
    assert expected in [f"{each.source.line} {each.rule}" for each in library.evidence_errors]
    assert library.errors == ()
    assert compile_library(library) == compile_library(held(dict.fromkeys(BESIDE, "")))


def test_what_is_read_again_is_the_same() -> None:
    before = held({})
    data = {name: text.encode() for name, text in before.texts.items()}
    again = read_library(data, previous=before)
    assert again == before
    assert again.evidence[0].studies[0] is before.evidence[0].studies[0]


def test_the_hash_of_inputs_knows_what_a_population_rests_on() -> None:
    whole = held({}).evidence[0]
    base = inputs_hash(whole, "leg")
    other = ASKED.replace("| leg | none", "| arm | none | none | none | Arms |\n| leg | none")
    assert inputs_hash(held({"EX-1/evidence/questions.md": other}).evidence[0], "leg") == base
    changed = {"EX-1/evidence/studies/first/2024-01-01.md": STUDY.replace("| 4 |", "| 5 |")}
    assert inputs_hash(held(changed).evidence[0], "leg") != base
    assert inputs_hash(held(changed).evidence[0], "arm") == inputs_hash(whole, "arm")


# ---------------------------------------------------------------------------- the library that ships


def test_every_shipped_file_of_evidence_is_written_byte_for_byte() -> None:
    library = load(SHIPPED)
    (base,) = library.evidence
    written = {each.source.file: write_study(each) for each in base.studies}
    written |= {each.source.file: write_questions(each) for each in base.questions}
    written |= {each.source.file: write_profile(each) for each in base.profiles}
    written |= {each.source.file: write_watching(each) for each in base.watching}
    assert written == {name: text for name, text in library.texts.items() if "/evidence/" in name}
    assert library.evidence_errors == ()


def test_the_shipped_evidence_agrees_with_the_policy_that_it_stands_beside() -> None:
    library = load(SHIPPED)
    (base,) = library.evidence
    newest = library.of("2.01.100")[-1]
    assert base.asked is not None
    named = {each.named: base.profile(each.id) for each in base.asked.populations if each.named}
    assert {name: each.conclusion for name, each in named.items() if each} == {
        each.name: each.conclusion.value for each in newest.populations
    }
    assert sorted(each.reference for each in base.studies if each.reference) == list(range(1, 19))
    assert len(base.watching[0].trials) == 10


def test_the_shipped_evidence_holds_the_recorded_facts() -> None:
    assert FACTS.is_file(), f"the recorded facts are expected at {FACTS}"
    facts = json.loads(FACTS.read_text(encoding="utf-8"))
    (base,) = load(SHIPPED).evidence
    assert {each.id for each in base.studies} == {each["id"] for each in facts["records"]}
    for told in facts["records"]:
        study = base.study(told["id"])
        assert study is not None
        printed = sorted(
            str(float(each.estimate.text))
            for each in study.results
            if each.estimate and each.estimate.exact is not None
        )
        assert printed == sorted(str(float(each["estimate"])) for each in told["results"] if "estimate" in each)
        assert (study.pmid, study.doi, study.reference) == (
            told.get("pmid", ""),
            told.get("doi", ""),
            told["reference"],
        )
    assert {each.nct for each in base.watching[-1].trials} | {each.nct for each in base.watching[0].trials} == {
        each["nct"] for each in facts["trials"]
    }
