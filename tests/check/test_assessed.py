"""Policies held against signed records: positions, closure, signatures, and who may keep a statement."""

from __future__ import annotations

from datetime import date

import pytest
from tests.check.evidence_texts import NEWER
from tests.check.record_texts import HARM, LITERATURE, TRIALS, base, profile, questions, study
from tests.support import library, policy

from medpol.check import check_library
from medpol.model.diagnostic import Diagnostic, Severity
from medpol.model.inputs import inputs_hash

IMPROVES = profile(conclusion="improves", met="n++++")
COVERED = "Needling is **medically necessary**."
OVERRIDDEN = """
## Overridden

| Statement | Position | Reason | Approved by | Role | On |
|---|---|---|---|---|---|
| criteria | investigational | a larger trial reports in May | B. Person | chief medical officer | 2024-05-02 |
"""
WATCHED = """---
trials: EX-1
recorded: 2024-03-01
---

## Trials

| NCT | Population | Status | Enrolment | Completion | Note |
|---|---|---|---|---|---|
| NCT07133139 | back | RECRUITING | 60 | 2026-01 | |
"""


def _found(files: dict[str, str], *rules: str, today: date | None = None) -> tuple[Diagnostic, ...]:
    held = library(files)
    problems = (*held.errors, *held.evidence_errors)
    assert not problems, "\n".join(map(str, problems))
    return check_library(held, today, only=rules or None).found


def test_an_improving_service_called_investigational_is_one_error_with_population_statement_and_both_lines() -> None:
    (only,) = _found(base(study(harms=HARM), IMPROVES, printed="sufficient"))
    assert (only.rule, only.severity) == ("position-not-supported", Severity.ERROR)
    assert "Heel" in only.found
    assert "*improves* (EX-1/evidence/profiles/heel/2024-05-01.md, line 26)" in only.found
    assert '"Needling is investigational." (line 13)' in only.found
    assert only.expected.startswith("medically necessary")


def test_criteria_that_come_to_another_conclusion_than_the_one_written_are_held_against_the_statement_too() -> None:
    found = _found(base(study(harms=HARM), profile(met="n++++"), printed="insufficient"))
    assert [each.rule for each in found] == ["position-not-supported", "conclusion-does-not-follow"]
    assert "whose criteria come to *improves*" in found[0].found


def test_no_comment_keeps_a_statement_that_the_conclusion_does_not_allow() -> None:
    files = base(study(harms=HARM), IMPROVES, printed="sufficient")
    files[NEWER] = files[NEWER].replace("---\n", "---\n# medpol: allow position-not-supported because we like it\n", 1)
    assert [each.rule for each in _found(files)] == ["allowance-unused", "position-not-supported"]


@pytest.mark.parametrize(
    ("old", "new"),
    [("| criteria |", "| criteria |"), ("a larger trial reports in May", "not reported")],
    ids=["a reason and an approver", "no reason"],
)
def test_a_recorded_reason_with_an_approver_keeps_the_statement(old: str, new: str) -> None:
    files = base(
        study(harms=HARM),
        profile(conclusion="improves", met="n++++", more=OVERRIDDEN.replace(old, new)),
        printed="sufficient",
    )
    held = library(files)
    found = check_library(held, only=["position-not-supported"]).found
    assert (found == ()) is (old == new)


@pytest.mark.parametrize("words", ["not covered", "cosmetic", "refer to a medical director"])
def test_what_a_contract_or_a_director_decides_is_not_held_against_evidence(words: str) -> None:
    assert not _found(base(study(harms=HARM), IMPROVES, criteria=f"Needling is **{words}**."), "position-not-supported")


def test_a_joint_label_is_allowed_when_one_of_its_positions_is() -> None:
    criteria = "Needling is **unproven and not medically necessary**."
    inferior = profile(conclusion="inferior", met="n++-?")
    assert not _found(base(study(harms=HARM), inferior, criteria=criteria), "position-not-supported")
    (only,) = _found(base(study(harms=HARM), inferior), "position-not-supported")
    assert only.expected == "not medically necessary"


def test_a_payers_own_table_decides_which_positions_are_allowed() -> None:
    table = "# Assessment\n\n| 1 | 2 | 3 | 4 | 5 | Conclusion | Allowed positions |\n|---|---|---|---|---|---|---|\n| | not met | | | | insufficient | not medically necessary |\n"
    (only,) = _found({**base(), "assessment.md": table}, "position-not-supported")
    assert "*insufficient*" in only.found


def test_the_latest_profile_counts_until_a_later_version_is_approved() -> None:
    later = profile(conclusion="improves", met="n++++", recorded="2024-09-01")
    files = base(study(harms=HARM), profile(), later)
    (only,) = _found(files, "position-not-supported")
    assert "2024-09-01.md" in only.found
    assert not _found(files, "position-not-supported", today=date(2024, 8, 31))
    files["EX-1/2025-06-01.md"] = (
        files[NEWER]
        .replace("2025-01-01", "2025-06-01")
        .replace("2024-06-01", "2024-10-01")
        .replace(LITERATURE, f"{LITERATURE}approved: 2024-08-15\n")
        .replace("investigational", "medically necessary")
    )
    found = _found(files, "position-not-supported", today=date(2025, 2, 1))
    assert found == (), "the version in force rests on what was known before the next was approved"


def test_closure_names_the_population_on_which_nothing_is_concluded_and_the_trials_watched_for_it() -> None:
    people = "| everybody | none | none | none | people |\n| heel | everybody | Soreness | none | heels |\n| back | everybody | none | none | backs |"
    files = {**base(asked=questions(people), name="Soreness", title="Needles"), TRIALS: WATCHED}
    (only,) = _found(files, "population-without-conclusion")
    assert "reaches everybody, back (NCT07133139 watched), on whom no record concludes" in only.found
    rest = profile("back", head="rest: yes\n")
    assert not _found({**files, **rest}, "population-without-conclusion")


def test_a_service_of_another_intervention_is_not_held_against_the_profile() -> None:
    files = base(study(harms=HARM), IMPROVES)
    files[NEWER] = files[NEWER].replace(
        "| needling | CPT | 20560", "| needling | CPT | 20560 | governed | | |\n| cupping | CPT | 97016"
    )
    files[NEWER] = files[NEWER].replace(
        "Needling is **investigational**.",
        "### Needling\n\nServices: `needling`\n\nNeedling is **medically necessary**.\n\n### Cupping\n\nServices: `cupping`\n\nCupping is **investigational**.",
    )
    assert not _found(files, "position-not-supported")


def test_the_inputs_of_a_profile_follow_its_studies_and_not_its_own_text() -> None:
    held = library(base())
    (known,) = held.evidence
    now = inputs_hash(known, "heel")
    signed = base(study(), profile(head=f"inputs: {now}\n"))
    assert not _found(signed, "signed-on-other-numbers")
    (only,) = _found(base(study(recorded="2024-02-09"), profile(head=f"inputs: {now}\n")), "signed-on-other-numbers")
    assert only.source.line == 6


def test_an_unsigned_conclusion_is_found_apart_from_unsigned_certainty() -> None:
    found = _found(base(study(), profile(signed="not signed", level="nobody")), "certainty-unsigned")
    assert [each.source.line for each in found] == [12, 24]


def test_many_policies_without_records_give_no_finding_over_records() -> None:
    files = {
        f"P-{at}/2024-05-01.md": policy(number=f"P-{at}", codes=f"| needling | CPT | {20000 + at} | governed | | |")
        for at in range(30)
    }
    assert _found(files) == ()


def test_a_broken_record_is_not_judged() -> None:
    files = base(study(harms=HARM), IMPROVES)
    broken = next(path for path in files if "profiles" in path)
    files[broken] = files[broken].replace("recorded: 2024-05-01", "recorded: 2024-05-02")
    held = library(files)
    assert held.evidence_errors
    assert check_library(held, only=["position-not-supported"]).found == ()


def test_the_mapping_of_printed_words_to_conclusions_leaves_open_what_has_no_printed_word() -> None:
    assert not _found(
        base(study(harms=HARM), profile(conclusion="inferior", met="n++-?")), "profile-disagrees-with-document"
    )
    assert _found(base(study(harms=HARM), IMPROVES, criteria=COVERED), "profile-disagrees-with-document")
