"""Contracts, mandates, Medicare sources and ``plans.md``."""

from __future__ import annotations

from datetime import date

import pytest
from tests.text.documents import VOCABULARY, assert_found

from medpol.model.contract import CoverageSource, Effect, MemberPlan, Rank, SourceKind
from medpol.model.dates import EffectivePeriod
from medpol.model.lines import Scope
from medpol.model.positions import CoveragePosition
from medpol.text.source import Findings
from medpol.text.sources import print_source, read_member_plans, read_source

COLUMNS = (
    "| Effect | System | Code or group | Position | From | To | Published | When | Clause |\n"
    "|---|---|---|---|---|---|---|---|---|\n"
)
GROUPS = ("needling", "guidance")


def contract(*rows: str, head: str = "contract: rider-1\ntitle: Rider\neffective: 2024-01-01") -> str:
    return f"---\n{head}\n---\n\n# Rider\n\nWords.\n\n## Provisions\n\n{COLUMNS}" + "".join(f"{row}\n" for row in rows)


def reader(text: str, findings: Findings) -> CoverageSource | None:
    return read_source(text, findings, VOCABULARY, GROUPS, ("pain",))


def clean(text: str) -> CoverageSource:
    findings = Findings("source.md")
    source = reader(text, findings)
    assert not findings.found, findings.found
    assert source is not None
    return source


def test_a_contract_says_what_it_covers_and_excludes() -> None:
    source = clean(
        contract(
            "| covers | CPT | 20560 | | 2024-01-01 | 2024-06-30 | 2023-12-01 | `age >= 18 years` | 4.2 |",
            "| excludes | | | investigational | | | | | 4.3 |",
            "| needs authorisation | | needling | | | | | | |",
            head="contract: rider-1\ntitle: Rider\neffective: 2024-01-01\nends: 2024-12-31\nlines: [Commercial]\n"
            "states: [WA]\nfunding: insured\ngroup code: PR\ncontact: call us",
        )
    )
    assert (source.kind, source.rank, source.id) == (SourceKind.CONTRACT, Rank.CONTRACT, "rider-1")
    assert source.period == EffectivePeriod(date(2024, 1, 1), date(2025, 1, 1))
    assert source.lines_of_business == Scope(("commercial",))
    assert (source.funding, source.group_code, source.contact) == ("insured", "PR", "call us")
    covers, excludes, needs = source.provisions
    assert (covers.effect, covers.system, covers.code) == (Effect.COVERS, "CPT", "20560")
    assert covers.period == EffectivePeriod(date(2024, 1, 1), date(2024, 7, 1))
    assert covers.published == date(2023, 12, 1)
    assert str(covers.when) == "age >= 18 years"
    assert excludes.position is CoveragePosition.INVESTIGATIONAL
    assert (needs.effect, needs.group) == (Effect.NEEDS_AUTHORIZATION, "needling")
    assert source.prose == "Words."


def test_a_mandate_is_law_and_a_mandate_of_rank_3_is_a_medicare_source() -> None:
    assert clean(contract(head="mandate: state-1")).rank is Rank.LAW
    medicare = clean(contract(head="mandate: ncd-1\nrank: Medicare source"))
    assert (medicare.kind, medicare.rank) == (SourceKind.MEDICARE, Rank.MEDICARE)
    assert clean(contract(head="mandate: ncd-1\nrank: 3")) == medicare


def test_a_source_written_reads_back() -> None:
    source = clean(
        contract(
            "| covers | CPT | 20560 | | 2024-01-01 | | | `age >= 18 years and exam.band` | a \\| b |",
            "| excludes | | | not medically necessary | | 2025-01-01 | 2023-06-01 | | |",
            head="mandate: state-1\nrank: law\nplans: {out: [p_1, P-2]}\nlines of business: {out: [medicare advantage]}\n"
            'contact: "call: us"',
        )
    )
    assert source.plans == Scope(None, ("p_1", "P-2"))
    assert clean(print_source(source)) == source


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        ("| ¦cover | CPT | 20560 | | | | | | |", "unknown-effect"),
        ("| covers | CPT | ¦20560 | investigational | | | | | |", "code-or-position"),
        ("| covers | ¦CTP | 20560 | | | | | | |", "unknown-system"),
        ("| covers | CPT | ¦2056O | | | | | | |", "bad-code"),
        ("| covers | | ¦nedling | | | | | | |", "unknown-group"),
        ("| covers | | | ¦investigatonal | | | | | |", "unknown-position"),
        ("| covers | CPT | 20560 | | ¦2024 | | | | |", "bad-date"),
        ("| covers | CPT | 20560 | | 2024-02-01 | ¦2024-01-01 | | | |", "end-before-start"),
        ("| covers | CPT | 20560 | | | | ¦spring | | |", "bad-date"),
        ("| covers | CPT | 20560 | | | | | ¦adults | |", "bad-when"),
        ("| covers | CPT | 20560 | | | | | `exam.¦` | |", "bad-expression"),
        ("| covers | CPT | 20560 | | | | | `¦exam.bnad` | |", "undeclared-fact"),
        ("| covers | CPT | 20560 | | | | | `age ¦≥ 18 years` | |", "typographic-sign"),
        ("| covers | CPT | 20560 | | | | | ¦`if exam.band` | |", "guard-place"),
        ("¦| covers | CPT | 20560 |", "wrong-width"),
    ],
)
def test_a_misspelled_provision_is_an_error_at_its_cell(row: str, rule: str) -> None:
    assert_found(contract(row), [rule], reader)


def test_a_provision_acts_on_a_code_a_group_or_a_position() -> None:
    found = assert_found(contract("| covers | |¦| | | | | | |"), ["code-or-position"], reader)
    assert found[0].mend == "fill one of the two"


@pytest.mark.parametrize(
    ("head", "rule"),
    [
        ("contract: a\nrank: ¦first", "unknown-rank"),
        ("contract: a\nfunding: ¦self", "unknown-funding"),
        ("contract: a\ngroup code: ¦XX", "unknown-group-code"),
        ("contract: a\neffective: ¦2024-05", "bad-date"),
        ("contract: a\neffective: 2024-05-01\nends: ¦2024-04-01", "end-before-start"),
        ("contract: a\n¦contcat: b", "unknown-key"),
        ("contract: a\nlines: [¦comercial]", "unknown-line-of-business"),
        ("contract: a\nstates: [¦wa]", "bad-state"),
    ],
)
def test_a_misspelled_head_is_an_error_at_its_value(head: str, rule: str) -> None:
    assert_found(contract(head=head), [rule], reader)


def test_a_source_is_a_contract_or_a_mandate() -> None:
    assert_found("¦" + contract(head="title: a"), ["missing-key"], reader)
    assert_found("¦" + contract(head="contract: a\nmandate: b"), ["missing-key"], reader)


def test_many_errors_are_each_reported() -> None:
    rows = ("| ¦cover | CPT | 20560 | | | | | | |", "| covers | CPT | ¦2056O | | | | | | |")
    assert_found(
        contract(*rows, head="contract: a\nrank: ¦first\nfunding: ¦x"),
        ["unknown-rank", "unknown-funding", "unknown-effect", "bad-code"],
        reader,
    )


# ---------------------------------------------------------------------------- plans

PLANS = (
    "| Plan | Line of business | States | Funding | Plan year starts | Contract | Contact | From | To |\n"
    "|---|---|---|---|---|---|---|---|---|\n"
)


def plans(text: str, findings: Findings) -> tuple[MemberPlan, ...]:
    return read_member_plans(text, findings, VOCABULARY)


def test_a_plan_fills_what_a_case_leaves_out() -> None:
    findings = Findings("plans.md")
    row = "| P1 | Medicare Advantage | WA, OR | self-funded | 07-01 | rider-1 | booklet | 2024-01-01 | 2024-12-31 |"
    (plan,) = plans(PLANS + row + "\n", findings)
    assert not findings.found
    assert (plan.line_of_business, plan.states, plan.funding) == ("medicare_advantage", ("WA", "OR"), "self-funded")
    assert (plan.plan_year, plan.contract, plan.contact) == ((7, 1), "rider-1", "booklet")
    assert plan.period == EffectivePeriod(date(2024, 1, 1), date(2025, 1, 1))


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        ("|¦| commercial | | | | | | | |", "missing-id"),
        ("| P1 | ¦comercial | | | | | | | |", "unknown-line-of-business"),
        ("| P1 | | ¦Washington | | | | | | |", "bad-state"),
        ("| P1 | | | ¦self | | | | | |", "unknown-funding"),
        ("| P1 | | | | ¦1-1 | | | | |", "bad-date"),
        ("| P1 | | | | ¦02-30 | | | | |", "bad-date"),
        ("| P1 | | | | | | | ¦2024 | |", "bad-date"),
        ("| P1 | | | | | | | | |\n| ¦P1 | | | | | | | 2024-01-01 | |", "duplicate-plan"),
        ("¦| P1 | commercial |", "wrong-width"),
    ],
)
def test_a_misspelled_plan_is_an_error_at_its_cell(row: str, rule: str) -> None:
    assert_found(PLANS + row + "\n", [rule], plans)


def test_one_plan_may_stand_in_two_rows_of_different_days() -> None:
    findings = Findings("plans.md")
    rows = "| P1 | | | | | | | | 2023-12-31 |\n| P1 | | | | | | | 2024-01-01 | |\n"
    assert len(plans(PLANS + rows, findings)) == 2
    assert not findings.found
