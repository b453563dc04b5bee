"""A folder of policies: what is read, what is passed over, and each error at its file and line."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support import archive, desk, found, library, policy, put, said

import medpol
from medpol.library import LibraryNotFound, load, slug
from medpol.model.diagnostic import Severity

FACTS = "# Facts\n\n| Fact | Type | Unit or choices | Question | From |\n|---|---|---|---|---|\n"
PLANS = "# Plans\n\n| Plan | Line of business | Contract |\n|---|---|---|\n| gold | commercial | {} |\n"
CONTRACT = """---
contract: rider
title: A rider
effective: 2019-01-01
published: 2018-12-01
---

# A rider

## Provisions

| Effect | System | Code or group | Position | From | To | Published | When | Clause |
|---|---|---|---|---|---|---|---|---|
| covers | CPT | 97810 | | | | | | item 2 |
"""


# ---------------------------------------------------------------------------- where a library is


def test_an_unknown_folder_is_named_in_the_message(tmp_path: Path) -> None:
    with pytest.raises(LibraryNotFound, match="no-such-folder"):
        load(tmp_path / "no-such-folder")


def test_a_file_is_no_library(tmp_path: Path) -> None:
    path = put(tmp_path, {"facts.md": b""}) / "facts.md"
    with pytest.raises(LibraryNotFound):
        medpol.load(path)


def test_an_empty_folder_is_a_library_that_speaks_to_nothing(tmp_path: Path) -> None:
    answer = said(medpol.load(tmp_path), code="20560", date_of_service="2024-06-01", line_of_business="commercial")
    assert answer == "not_addressed, no-policy-names-code"


@pytest.mark.parametrize("asked", [".", "policies"])
def test_a_policies_folder_may_stand_between_and_may_be_named(tmp_path: Path, asked: str) -> None:
    files = {"facts.md": FACTS, "plans.md": PLANS.format("rider"), "contracts/rider.md": CONTRACT}
    put(tmp_path, {path: text.encode() for path, text in {**files, "policies/EX-1/2024-05-01.md": policy()}.items()})
    held = load(tmp_path / asked)
    assert held.errors == ()
    assert [version.policy for version in held.versions] == ["EX-1"]
    assert [plan.contract for plan in held.plans] == ["rider"]


def test_a_policies_folder_with_its_own_facts_is_a_library_itself(tmp_path: Path) -> None:
    put(tmp_path, {"policies/facts.md": FACTS.encode(), "policies/EX-1/2024-05-01.md": policy().encode()})
    assert load(tmp_path / "policies").policies() == load(tmp_path).policies() == ("EX-1",)


def test_only_files_named_by_a_day_are_versions() -> None:
    held = library({
        "EX-1/2024-05-01.md": policy(),
        "EX-1/cases.md": "not a version",
        "EX-1/undated.md": "not a version",
        "EX-1/evidence/2024-05-01.md": "not a version",
        "README.md": "not a version",
    })  # fmt: skip
    assert [version.source.file for version in held.versions] == ["EX-1/2024-05-01.md"]


def test_files_without_meaning_are_neither_read_nor_hashed(tmp_path: Path) -> None:
    put(tmp_path, {"EX-1/2024-05-01.md": policy().encode()})
    before = load(tmp_path).files
    put(
        tmp_path,
        dict.fromkeys(("EX-1/cases.md", "EX-1/evidence/notes.md", ".git/2024-05-01.md", "a.md"), b"\xff"),
    )
    assert load(tmp_path).files == before
    assert load(tmp_path).errors == ()


# ---------------------------------------------------------------------------- names of files


@pytest.mark.parametrize("name", ["2024-5-1.md", "2024-05-32.md", "2024-05-01-final.md", "2024-05-01.2024-13-01.md"])
def test_a_day_that_is_none_in_a_file_name_is_an_error_not_passed_over(name: str) -> None:
    assert found(library({f"EX-1/{name}": policy()})) == [f"EX-1/{name}:1 bad-file-name"]


def test_a_badly_named_newest_version_stops_the_library(tmp_path: Path) -> None:
    put(tmp_path, {"EX-1/2024-05-01.md": policy().encode(), "EX-1/2024-7-01.md": policy("2024-07-01").encode()})
    with pytest.raises(medpol.LibraryHasErrors, match="bad-file-name"):
        medpol.load(tmp_path)


def test_a_first_day_other_than_the_file_name_is_an_error_at_its_line() -> None:
    assert found(library({"EX-1/2024-05-02.md": policy()})) == ["EX-1/2024-05-02.md:4 file-name-differs"]
    assert found(library({"EX-1/2024-05-02.md": archive("2024-05-01", "2024-04-01")})) == [
        "EX-1/2024-05-02.md:4 file-name-differs"
    ]


def test_a_correction_is_named_by_both_days() -> None:
    files = {"EX-1/2024-05-01.md": policy(), "EX-1/2024-05-01.2024-06-01.md": policy(published="2024-06-01")}
    assert found(library(files)) == []
    wrong = {**files, "EX-1/2024-05-01.2024-06-02.md": policy(published="2024-06-03")}
    assert found(library(wrong)) == ["EX-1/2024-05-01.2024-06-02.md:5 file-name-differs"]


# ---------------------------------------------------------------------------- two files together


def test_two_versions_with_the_same_two_days_are_an_error_naming_both() -> None:
    held = library({"EX-1/2024-05-01.md": policy(), "EX-1/2024-05-01.2024-01-29.md": policy()})
    assert found(held) == ["EX-1/2024-05-01.md:1 same-days"]
    assert "EX-1/2024-05-01.2024-01-29.md" in held.errors[0].found


def test_a_folder_holds_one_policy() -> None:
    held = library({"EX-1/2024-05-01.md": policy(), "EX-1/2024-07-01.md": policy("2024-07-01", number="EX-2")})
    assert found(held) == ["EX-1/2024-07-01.md:2 folder-shared"]
    assert "EX-2/" in held.errors[0].mend


def test_one_policy_in_two_folders_is_most_likely_a_copy_with_a_forgotten_number() -> None:
    held = library({"EX-1/2024-05-01.md": policy(), "elsewhere/2024-05-01.md": policy()})
    assert found(held) == ["elsewhere/2024-05-01.md:1 same-days", "elsewhere/2024-05-01.md:2 policy-in-two-folders"]


def test_a_policy_number_that_is_no_path_has_a_slug() -> None:
    assert [slug(number) for number in ("2.01.100", "EX 1/2", "../etc", "…")] == ["2.01.100", "EX-1-2", "etc", "policy"]


def test_a_plan_with_a_contract_that_is_not_held_offers_the_near_one() -> None:
    held = library({"plans.md": PLANS.format("ridr"), "contracts/rider.md": CONTRACT})
    assert found(held) == ["plans.md:5 unknown-contract"]
    assert held.errors[0].near == "rider"


def test_a_contract_among_the_mandates_is_in_the_wrong_folder() -> None:
    held = library({"mandates/rider.md": CONTRACT})
    assert found(held) == ["mandates/rider.md:1 wrong-folder"]


def test_two_contracts_with_one_id_are_an_error() -> None:
    assert found(library({"contracts/a.md": CONTRACT, "contracts/b.md": CONTRACT})) == ["contracts/b.md:1 duplicate-id"]


def test_an_event_field_of_a_group_nobody_holds_is_a_warning() -> None:
    fields = "\n## Event fields\n\n| Group | Field | Type | Unit or choices | Question |\n|---|---|---|---|---|\n"
    held = library(
        {"EX-1/2024-05-01.md": policy(), "facts.md": FACTS + fields + "| needlng | relief | quantity | % | ? |\n"}
    )
    assert [(each.severity, each.rule, each.near) for each in held.diagnostics] == [
        (Severity.WARNING, "unknown-group", "needling")
    ]


def test_a_file_that_is_not_utf_8_is_an_error_at_its_line() -> None:
    assert found(library({"EX-1/2024-05-01.md": policy().encode() + b"\n\xff"})) == [
        f"EX-1/2024-05-01.md:{policy().count(chr(10)) + 2} not-utf-8"
    ]


# ---------------------------------------------------------------------------- drafts


def test_a_draft_is_held_but_governs_nothing() -> None:
    files = {"EX-1/2024-05-01.md": policy(published=None)}
    assert library(files).versions[0].is_draft
    answer = said(desk(files), code="20560", date_of_service="2024-06-01", line_of_business="commercial")
    assert answer == "not_addressed, no-policy-names-code"


def test_an_approval_is_no_publication() -> None:
    approved = library({"EX-1/2024-05-01.md": policy(published=None, head="approved: 2024-01-16")}).versions[0]
    row_dated = library({"EX-1/2024-05-01.md": policy(published=None, head="row date: 2024-02-01")}).versions[0]
    assert approved.known_from is None
    assert (str(row_dated.known_from), row_dated.known_from_is_inferred) == ("2024-02-01", True)


def test_a_draft_beside_a_version_of_the_same_day_is_no_error_and_changes_nothing() -> None:
    files = {"EX-1/2024-05-01.md": policy()}
    draft = policy(published=None, criteria="Needling is **not medically necessary**.")
    both = {**files, "EX-1/2024-07-01.md": draft.replace("2024-05-01", "2024-07-01")}
    case = {"code": "20560", "date_of_service": "2024-08-01", "line_of_business": "commercial"}
    assert (
        said(desk(both), **case) == said(desk(files), **case) == "not_covered, investigational, position-unconditional"
    )


def test_versions_of_a_policy_stand_by_day_with_drafts_last() -> None:
    held = library({
        "EX-1/2024-07-01.md": policy("2024-07-01", "2024-06-01"),
        "EX-1/2024-05-01.2024-06-01.md": policy(published="2024-06-01"),
        "EX-1/2024-05-01.md": policy(),
        "EX-1/2024-09-01.md": policy(None, None),
    })  # fmt: skip
    assert [each.source.file.removeprefix("EX-1/") for each in held.of("EX-1")] == [
        "2024-05-01.md", "2024-05-01.2024-06-01.md", "2024-07-01.md", "2024-09-01.md",
    ]  # fmt: skip


# ---------------------------------------------------------------------------- corrections and withdrawals, asked


TEXT = "Needling is **not medically necessary**."


def test_a_correction_holds_from_the_day_it_is_published() -> None:
    plan = desk({
        "EX-1/2024-05-01.md": policy(),
        "EX-1/2024-05-01.2024-06-01.md": policy(published="2024-06-01", criteria=TEXT),
    })  # fmt: skip
    case = {"code": "20560", "date_of_service": "2024-05-10", "line_of_business": "commercial"}
    assert said(plan, **case, known_on="2024-05-31") == "not_covered, investigational, position-unconditional"
    assert said(plan, **case, known_on="2024-06-01") == "not_covered, not_medically_necessary, position-unconditional"


def test_a_withdrawn_version_never_comes_into_force() -> None:
    plan = desk({
        "EX-1/2024-05-01.md": policy(),
        "EX-1/2024-09-01.md": policy("2024-09-01", "2024-06-01", criteria=TEXT),
        "EX-1/2024-07-15.md": policy("2024-07-15", "2024-07-15", head="withdraws: [2024-09-01]"),
    })  # fmt: skip
    case = {"code": "20560", "date_of_service": "2024-10-01", "line_of_business": "commercial"}
    assert said(plan, **case, known_on="2024-07-14") == "not_covered, not_medically_necessary, position-unconditional"
    assert said(plan, **case, known_on="2024-07-15") == "not_covered, investigational, position-unconditional"


def test_all_that_is_held_takes_in_contracts_published_after_the_last_version() -> None:
    plan = desk({
        "EX-1/2024-05-01.md": policy(),
        "contracts/rider.md": CONTRACT.replace("97810", "20560").replace("2018-12-01", "2024-08-01"),
    })  # fmt: skip
    case = {"code": "20560", "date_of_service": "2024-09-01", "line_of_business": "commercial", "contract": "rider"}
    assert said(plan, **case, known_on="2024-09-01") == said(plan, **case) == "covered, covered-by-contract"
