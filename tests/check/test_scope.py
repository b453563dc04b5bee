"""What the rules about Medicare, contracts and mandates find, and what they leave alone."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from tests.check.example import found
from tests.check.examples.scope import CONTRACT, NEWER, contract, medicare
from tests.support import library, policy

from medpol.check import check_library

NCD = "NCD 999.1 | 2020-01-21 | Needling for back pain is covered."
NONE = "There is no national coverage determination."
COVERS, EXCLUDES = "covers | | needling | | | |", "excludes | | needling | | | |"
OTHER = "contracts/other.md"
LAW = "mandates/example.md"
PLAIN = {NEWER: policy("2025-01-01", "2024-06-01")}


def names(files: Mapping[str, str]) -> list[str]:
    return [each.rule for each in found(files)]


@pytest.mark.parametrize(
    "statement",
    [
        NONE,
        "No NCD was found for this service.",
        "No Medicare national coverage determination exists, the document says.",
        "A national coverage determination does not exist.",
        "Medicare has not issued a national coverage determination (NCD) on needling.",
        "There is currently no national coverage policy.",
        "Medicare has made no national determination on needling.",
    ],
)
def test_a_statement_that_denies_a_national_determination_is_held_against_the_dated_one(statement: str) -> None:
    assert names({NEWER: medicare(statement, NCD)}) == ["medicare-statement-contradicted"]


@pytest.mark.parametrize(
    ("statement", "source"),
    [
        ("NCD 999.1 covers needling for back pain.", NCD),
        ("There is no national coverage determination for needling; NCD 999.1 is on acupuncture.", NCD),
        (NONE, "NCD 999.1 | 2020-01-21 | Retired in 2023."),
        (NONE, "NCD 999.1 | 2020-01-21 | On acupuncture; it does not address needling."),
        (NONE, "LCD L99999 | 2020-01-21 | Needling is covered in two states."),
        ("There is no local coverage determination.", NCD),
        ("The national coverage determination has no limit on sessions.", NCD),
        ("Medicare does not cover needling.", NCD),
        (NONE, "NCD 999.1 | | Needling for back pain is covered."),
        ("", NCD),
    ],
    ids=[
        "named",
        "named as another's",
        "retired",
        "not about it",
        "a local one beside it",
        "local ones denied",
        "another no",
        "nothing denied",
        "not dated",
        "no statement",
    ],
)
def test_a_statement_that_the_dated_source_does_not_contradict_is_left_alone(statement: str, source: str) -> None:
    assert names({NEWER: medicare(statement, source)}) == []


def test_a_text_replaced_before_the_determination_was_right_in_its_days() -> None:
    later = policy("2025-06-01", "2024-12-01")
    assert names({NEWER: medicare(NONE, NCD.replace("2020", "2026")), "EX-1/2025-06-01.md": later}) == []


@pytest.mark.parametrize(
    "document",
    [
        contract("covers | | needling | | 2023-12-31 | |", ends="2023-12-31"),
        contract("covers | | needling | | | 2020-01-01 |"),
        contract("covers | | needling | | 2030-01-01 | |"),
        contract("covers | CPT | 97810 | | | |"),
    ],
    ids=["the last day", "the first day", "to come", "a code that no policy names"],
)
def test_provisions_with_a_day_in_common_are_left_alone(document: str) -> None:
    assert names({**PLAIN, CONTRACT: document}) == []


def test_a_provision_that_ended_before_its_contract_began_is_found_at_its_last_day() -> None:
    (only,) = found({**PLAIN, CONTRACT: contract("covers | | needling | | 2018-01-01 | 2019-12-31 |")})
    assert (only.rule, str(only.source)) == ("provision-never-acts", f"{CONTRACT}:14:40")


@pytest.mark.parametrize(
    "files",
    [
        {CONTRACT: contract(COVERS), OTHER: contract(EXCLUDES).replace("contract: example", "contract: other")},
        {CONTRACT: contract(COVERS), LAW: contract(EXCLUDES, kind="mandate", rank=1)},
        {CONTRACT: contract(COVERS, "excludes | | | investigational | | |")},
        {CONTRACT: contract(COVERS, "needs authorisation | | needling | | | |")},
        {CONTRACT: contract("covers | | needling | | | 2022-12-31 |", "excludes | | needling | | 2023-01-01 | |")},
        {
            CONTRACT: contract(
                "covers | | needling | | | | `age >= 18 years`", "excludes | | needling | | | | `age < 18 years`"
            )
        },
        {
            LAW: contract(COVERS, kind="mandate", rank=1).replace("rank: 1", "rank: 1\nstates: {in: [WA]}"),
            "mandates/other.md": contract(EXCLUDES, kind="mandate", rank=1)
            .replace("mandate: example", "mandate: other")
            .replace("rank: 1", "rank: 1\nstates: {in: [OR]}"),
        },
    ],
    ids=[
        "two contracts",
        "the law is stronger",
        "a code and a position",
        "authorization",
        "one after the other",
        "conditions of their own",
        "two states",
    ],
)
def test_provisions_that_cannot_disagree_are_left_alone(files: Mapping[str, str]) -> None:
    assert names({**PLAIN, **files}) == []


def test_two_mandates_of_one_state_disagree() -> None:
    law = contract(COVERS, kind="mandate", rank=1)
    other = contract(EXCLUDES, kind="mandate", rank=1).replace("mandate: example", "mandate: other")
    (only,) = found({**PLAIN, LAW: law, "mandates/other.md": other})
    assert only.rule == "provisions-disagree"
    assert only.found == f"excludes `needling`, and covers it at {LAW}:14, of the same rank"


def test_a_contract_with_errors_is_judged_by_no_rule() -> None:
    files = {**PLAIN, CONTRACT: contract(COVERS, EXCLUDES).replace("title:", "titel:")}
    assert "provisions-disagree" not in {each.rule for each in check_library(library(files)).found}
