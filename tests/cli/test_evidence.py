"""`medpol evidence` as a person and a script use it, on the evidence beside a policy on closing wounds."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from tests.cli.running import Ran, run
from tests.evidence.documents import COUNTS, ESTIMATE, MEANS, QUESTIONS, table

from medpol.library import load
from medpol.model.inputs import inputs_hash

VERSION = """---
policy: 7.02.014
title: Negative pressure wound therapy
publisher: Example Health Plan
effective: 2023-06-01
approved: 2023-02-10
published: 2023-03-01
---

# Negative pressure wound therapy

## Policy coverage criteria

Negative pressure wound therapy of chronic wounds is **investigational**.

## Coding

| System | Code | Role | Group |
|---|---|---|---|
| HCPCS | E2402 | governed | pumps |

## Evidence review

### Population: Venous leg ulcers

Conclusion: **insufficient**
"""
PROFILE = """---
profile: leg-ulcer
policy: 7.02.014
intervention: negative-pressure
recorded: 2023-02-05
---
## Criteria

| Criterion | Met | Reason |
|---|---|---|
| regulatory approval | met | cleared |
| evidence permits conclusions | not met | few small trials |

## Certainty

| Outcome | Comparator | Timepoint | Level | Signed by | Role | On |
|---|---|---|---|---|---|---|
| healed | dressing | short | high | A. Reviewer | medical director | 2023-02-05 |

## Conclusion

Conclusion: **insufficient**
Signed by: A. Reviewer
Role: medical director
On: 2023-02-05
"""


def _record(id: str, recorded: str, year: int, results: str, *, kind: str = "randomised trial", more: str = "") -> str:
    return (
        f"---\nstudy: {id}\nkind: {kind}\nfirst author: {id.title()}\nyear: {year}\npopulation: leg-ulcer\n"
        f"intervention: negative-pressure\nrecorded: {recorded}\n---\n## Results\n\n{results}\n{more}"
    )


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """A library with one policy, its profile, three trials, a cohort and a review."""
    files = {
        "7.02.014/2023-06-01.md": VERSION,
        "7.02.014/evidence/questions.md": QUESTIONS,
        "7.02.014/evidence/profiles/leg-ulcer/2023-02-05.md": PROFILE,
        "7.02.014/evidence/studies/ames/2023-02-01.md": _record(
            "ames",
            "2023-02-01",
            2011,
            table(COUNTS, "healed | gauze | 8 weeks | 40 | 24 | 41 | 15 | full text", "infection | gauze | 8 weeks | 40 | 3 | 41 | 0 | full text"),
        ),
        "7.02.014/evidence/studies/burr/2023-02-01.md": _record(
            "burr",
            "2023-02-01",
            2015,
            table(COUNTS, "healed | foam | 12 weeks | 60 | 33 | 61 | 30 | abstract"),
            more="\n" + table(MEANS, "pain | foam | 6 weeks | mm of 100 | 21 | 9 | 60 | 30 | 11 | 61 | abstract") + "\n",
        ),
        "7.02.014/evidence/studies/cole/2024-01-15.md": _record(
            "cole", "2024-01-15", 2023, table(COUNTS, "healed | foam | 12 weeks | 150 | 90 | 148 | 70 | second-hand")
        ),
        "7.02.014/evidence/studies/cohort/2023-02-01.md": _record(
            "cohort",
            "2023-02-01",
            2018,
            table(COUNTS, "healed | gauze | 8 weeks | 400 | 300 | 410 | 250 | abstract"),
            kind="observational study",
            more="\n## Harms\n\n"
            + table(
                "Event | Counted | Events | Of | Percent | Severity | Group | Checked | Note",
                "bleeding | per person | 12 | 400 | 3 % | serious | intervention | abstract |",
            )
            + "\n",
        ),
        "7.02.014/evidence/studies/overview/2023-02-01.md": _record(
            "overview",
            "2023-02-01",
            2020,
            table(f"{ESTIMATE} | Trials | Participants | Certainty", "healed | dressing | short term | RR | 1.3 | 1.1 | 1.6 | 95 % | none | abstract | 5 | 320 | moderate"),
            kind="systematic review",
        ),
    }  # fmt: skip
    for name, text in files.items():
        path = tmp_path / "policies" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path / "policies"


def evidence(library: Path, *arguments: str) -> Ran:
    return run("evidence", arguments[0], "7.02.014", "--policies", library, *arguments[1:])


def test_a_declared_pool_is_shown_with_its_rows_what_is_left_out_and_its_conventions(library: Path) -> None:
    ran = evidence(library, "pool", "--pool", "healing")
    assert ran.code == 0, ran.talk
    for words in (
        "healing: leg-ulcer, healed, against dressing, short",
        "2 (randomised trial), 202 participants",
        "below 1 favours the intervention (numbers are turned: higher is better)",
        "cole (12 weeks): not verified",
        "cohort (8 weeks): observational study; never pooled",
        "overview (short term): RR 1.3 [1.1, 1.6], 5 trials, certainty moderate",
        "restricted maximum likelihood",
    ):
        assert words in " ".join(ran.text.split()), words


def test_the_json_of_a_pool_carries_numbers_places_and_conventions(library: Path) -> None:
    ran = evidence(library, "pool", "--pool", "healing", "--format", "json")
    (pool,) = ran.json["pools"]
    assert ran.json["conventions"]["variance"] == "restricted maximum likelihood"
    assert pool["conventions"] == ran.json["conventions"]
    assert [row["study"] for row in pool["rows"]] == ["ames", "burr"]
    assert abs(sum(row["weight"] for row in pool["rows"]) - 1) < 1e-12
    assert pool["rows"][0]["source"].startswith("7.02.014/evidence/studies/ames/2023-02-01.md:")
    assert pool["pooled"]["heterogeneity"]["tau2"] >= 0 and pool["pooled"]["prediction"] is None
    assert {each["why"] for each in pool["left_out"]} == {"not verified", "another design"}


def test_unverified_numbers_come_in_only_when_asked_for_and_are_marked(library: Path) -> None:
    (pool,) = evidence(library, "pool", "--pool", "healing", "--unverified", "--format", "json").json["pools"]
    assert [row["study"] for row in pool["rows"]] == ["ames", "burr", "cole"] and pool["unverified"] == 1
    assert any("not verified" in told for told in pool["rows"][2]["told"])


def test_what_was_known_on_a_day_leaves_out_what_was_recorded_later(library: Path) -> None:
    ran = evidence(library, "pool", "--pool", "healing", "--unverified", "--known-on", "2023-12-31", "--format", "json")
    assert [row["study"] for row in ran.json["pools"][0]["rows"]] == ["ames", "burr"]


@pytest.mark.parametrize("method", ["mantel-haenszel", "peto"])
def test_rare_events_are_pooled_by_tables(library: Path, method: str) -> None:
    options = ("--population", "leg-ulcer", "--outcome", "infection", "--measure", "OR", "--method", method)
    ran = evidence(library, "pool", *options, "--format", "json")
    assert ran.code == 0, ran.talk
    pooled = ran.json["pools"][0]["pooled"]
    assert (method == "mantel-haenszel") == (pooled is None)  # one table with a zero gives no finite odds ratio


def test_the_rows_of_a_pool_go_to_a_sheet_with_the_line_they_come_from(library: Path) -> None:
    ran = evidence(library, "pool", "--population", "leg-ulcer", "--outcome", "pain", "--format", "csv")
    head, row = ran.text.splitlines()
    assert head.startswith("Population,Outcome,Comparator,Timepoint,Study")
    assert "mm of 100 to points of 10: times 0.1" in row and "studies/burr/2023-02-01.md:" in row


def test_a_question_that_is_half_said_or_about_what_is_not_declared_says_what_is(library: Path) -> None:
    half = evidence(library, "pool", "--population", "leg-ulcer")
    assert (half.code, "needs both --population and --outcome" in half.talk) == (2, True)
    wrong = evidence(library, "pool", "--population", "leg-ulcer", "--outcome", "heeled")
    assert wrong.code == 2 and "it has healed, infection, pain, function" in wrong.talk
    pool = evidence(library, "pool", "--pool", "heeling")
    assert pool.code == 3 and "near: healing" in pool.talk


def test_a_grade_says_the_numbers_of_each_step_and_where_it_disagrees_with_what_was_signed(library: Path) -> None:
    ran = evidence(library, "grade", "--pool", "healing")
    words = " ".join(ran.text.split())
    assert "starts high: randomised trials start high" in words
    assert "202 participants, fewer than 400" in words
    assert "risk of bias: cannot say: 0 % of the weight at high risk, 100 % not judged" in words
    assert "signed high (A. Reviewer, 2023-02-05)" in words and "disagrees signed high, suggested" in words


def test_the_certainty_that_a_review_states_stands_beside_the_suggestion(library: Path) -> None:
    ran = evidence(library, "grade", "--published", "--format", "json")
    (published,) = ran.json["published"]
    assert (published["stated"], published["suggested"], published["agrees"]) == ("moderate", "moderate", True)


@pytest.mark.parametrize("format", ["text", "md", "csv", "json"])
def test_the_summary_of_findings_has_every_question_and_the_harms_apart(library: Path, format: str) -> None:
    ran = evidence(library, "findings", "--population", "leg-ulcer", "--format", format)
    assert ran.code == 0, ran.talk
    for words in ("healed", "pain", "infection", "bleeding", "observational study"):
        assert words in ran.text
    if format == "json":
        (found,) = ran.json["findings"]
        assert [each["outcome"] for each in found["findings"]] == ["healed", "infection", "pain"]
        assert found["findings"][0]["certainty"]["signed"]["level"] == "high"


def test_what_if_without_a_study_says_the_pool_that_would_be(library: Path) -> None:
    ran = evidence(library, "what-if", "--pool", "healing", "--without", "ames", "--format", "json")
    (changed,) = ran.json["changed"]
    assert (changed["studies_before"], changed["studies_after"]) == (["ames", "burr"], ["burr"])
    assert {each["conclusion"] for each in ran.json["would_be_open"]} == {"improves", "inferior", "not attainable"}


def test_what_if_with_a_file_adds_its_record(library: Path, tmp_path: Path) -> None:
    path = tmp_path / "dunn.md"
    path.write_text(
        _record(
            "dunn", "2024-05-01", 2024, table(COUNTS, "healed | foam | 12 weeks | 500 | 300 | 500 | 200 | full text")
        )
    )
    ran = evidence(library, "what-if", "--pool", "healing", "--with", str(path))
    assert ran.code == 0, ran.talk
    assert "with dunn" in ran.text and "k = 3 instead of 2" in ran.text
    path.write_text("---\nstudy: dunn\n---\n")
    assert evidence(library, "what-if", "--pool", "healing", "--with", str(path)).code == 4


def test_the_smallest_trial_is_told_and_no_smaller_one_would_do(library: Path) -> None:
    options = ("what-if", "--pool", "healing", "--smallest-trial", "--effect", "0.7", "--risk", "0.6")
    ran = evidence(library, *options, "--goal", "0.95", "--format", "json")
    assert ran.code == 0, ran.talk
    trial = ran.json["smallest_trial"]
    assert trial["group_size"] is not None and trial["bound"] < 0.95
    assert "two groups of" in trial["says"]
    missing = evidence(library, "what-if", "--pool", "healing", "--smallest-trial")
    assert missing.code == 2 and "--effect" in missing.talk


def test_a_policy_without_evidence_says_where_it_would_stand(library: Path) -> None:
    other = library / "1.01.001" / "2024-01-01.md"
    other.parent.mkdir()
    other.write_text(VERSION.replace("7.02.014", "1.01.001").replace("2023-06-01", "2024-01-01"))
    ran = run("evidence", "pool", "1.01.001", "--policies", library)
    assert ran.code == 3 and "evidence/questions.md" in ran.talk


def test_an_error_in_a_record_stops_what_would_be_said_of_it(library: Path) -> None:
    path = library / "7.02.014/evidence/studies/ames/2023-02-01.md"
    path.write_text(path.read_text().replace("| healed |", "| heeled |"))
    ran = evidence(library, "pool", "--pool", "healing")
    assert ran.code == 4 and "heeled" in ran.talk


def test_the_status_says_who_concluded_what_on_which_numbers_and_what_came_since(library: Path) -> None:
    ran = evidence(library, "status", "--known-on", "2024-12-31")
    assert ran.code == 0, ran.talk
    words = " ".join(ran.text.split())
    for each in (
        "version of 2023-06-01, approved 2023-02-10",
        "known then 4 study records on the day of approval",
        "conclusion insufficient",
        "allows investigational",
        "printed insufficient",
        "signed A. Reviewer, medical director, 2023-02-05; names no inputs",
        "statement criteria: investigational (investigational), allowed",
        "2024-01-15 study cole (leg-ulcer), new",
    ):
        assert each in words, each


def test_the_status_of_the_day_we_said_no_has_nothing_since(library: Path) -> None:
    ran = evidence(library, "status", "--known-on", "2023-06-01", "--format", "json")
    assert ran.json["since"] == [] and ran.json["known_then"] == 4
    legs = next(each for each in ran.json["populations"] if each["population"] == "leg-ulcer")
    assert legs["assessed"]["conclusion"] == "insufficient" and legs["statements"][0]["is_allowed"] is True
    assert (legs["studies"], legs["unverified"]) == (4, 0)


def test_a_profile_that_names_its_inputs_is_signed_on_other_numbers_once_a_record_comes(library: Path) -> None:
    held = load(library).evidence_of("7.02.014")
    assert held is not None
    inputs = inputs_hash(held.known_on(date(2023, 2, 5)), "leg-ulcer")
    path = library / "7.02.014/evidence/profiles/leg-ulcer/2023-02-05.md"
    path.write_text(path.read_text().replace("recorded:", f"inputs: {inputs}\nrecorded:"))

    def signed(day: str) -> object:
        ran = evidence(library, "status", "--known-on", day, "--format", "json")
        (legs,) = (each for each in ran.json["populations"] if each["population"] == "leg-ulcer")
        return legs["is_signed_on_other_numbers"]

    assert (signed("2023-12-31"), signed("2024-12-31")) == (False, True)


def test_a_statement_that_the_conclusion_does_not_allow_is_marked(library: Path) -> None:
    path = library / "7.02.014/evidence/profiles/leg-ulcer/2023-02-05.md"
    improves = "".join(f"| {name} | met | some |\n" for name in ("net health outcome improves", "as beneficial as alternatives", "attainable outside investigation"))  # fmt: skip
    text = path.read_text().replace("| evidence permits conclusions | not met | few small trials |\n", f"| evidence permits conclusions | met | now |\n{improves}")  # fmt: skip
    path.write_text(text)
    words = " ".join(evidence(library, "status").text.split())
    assert (
        "by the table improves, which disagrees" in words and "investigational (investigational), not allowed" in words
    )


def test_criteria_may_be_judged_otherwise_to_see_what_would_be_open(library: Path) -> None:
    ran = evidence(library, "assess", "--criterion", "2=met", "--criterion", "3=met", "--format", "json")
    (legs,) = ran.json["populations"]
    assert legs["conclusion"] == "not assessed"
    assert [each["conclusion"] for each in legs["possible"]] == ["inferior", "not attainable", "improves"]
    wrong = evidence(library, "assess", "--criterion", "6=met")
    assert wrong.code == 2 and "a number from 1 to 5" in wrong.talk


def test_any_comparator_and_any_timepoint_ask_as_in_the_table_of_pools(library: Path) -> None:
    own = ("pool", "--population", "leg-ulcer", "--outcome", "healed")
    every = evidence(library, *own)
    assert every.code == 0 and evidence(library, *own, "--comparator", "any", "--timepoint", "any").data == every.data
    mixed = evidence(library, *own, "--comparator", "any", "--comparator", "foam")
    assert mixed.code == 2 and "leave out the others" in mixed.talk


def test_an_option_that_would_be_passed_over_is_refused(library: Path) -> None:
    for options in (("--pool", "healing", "--comparator", "foam"), ("--timepoint", "short")):
        ran = evidence(library, "pool", *options)
        assert (ran.code, ran.data) == (2, b""), options


def test_several_outcomes_are_asked_by_naming_each(library: Path) -> None:
    own = ("pool", "--population", "leg-ulcer", "--outcome", "pain", "--outcome")
    assert b"pain and function" in evidence(library, *own, "function").data
    apart = evidence(library, *own, "healed")
    assert apart.code == 2 and "cannot be pooled together" in apart.talk
