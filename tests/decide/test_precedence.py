"""Laws, contracts, Medicare sources and policies together: the strongest that speaks rules, and equals must agree."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from tests.support import desk, policy

from medpol.decide.cases import decode_case
from medpol.decide.literals import MET, NOT_MET, UNKNOWN
from medpol.decide.one import Settled, settle

TODAY = date(2026, 11, 24)
FACTS = "# Facts\n\n| Fact | Type | Unit or choices | Question | From |\n|---|---|---|---|---|\n" + "".join(
    f"| f{at} | yes/no | | Does {at} hold? | record |\n" for at in range(1, 15)
)
CODES = "| needling | CPT | 20560 | governed | | |\n| injection | CPT | 20552 | governed | | |"
NECESSARY = "Needling is **medically necessary**."
_COLUMNS = (
    "| Effect | System | Code or group | Position | From | To | Published | When | Clause |\n|" + "---|" * 9 + "\n"
)
KEYS = {"contract": "contract", "law": "mandate", "medicare": "mandate", "second-law": "mandate"}
RANKS = {"contract": "2", "law": "1", "medicare": "3", "second-law": "1"}

COVERS = "covers | | needling | | | | | | clause 1"
EXCLUDES = "excludes | | needling | | | | | | clause 2"


def _source(name: str, *rows: str, head: str = "") -> dict[str, str]:
    """A contract or mandate by its name, with its rows."""
    kind = KEYS[name]
    lines = [f"{kind}: {name}", f"title: Example {name}", f"rank: {RANKS[name]}"]
    lines += ["effective: 2020-01-01"] if "effective:" not in head else []
    lines += ["published: 2020-01-01"] if "published:" not in head else []
    front = "\n".join([*lines, *([head] if head else [])])
    table = _COLUMNS + "".join(f"| {row} |\n" for row in rows)
    return {f"{kind}s/{name}.md": f"---\n{front}\n---\n\n# Example {name}\n\n## Provisions\n\n{table}"}


def _policy(criteria: str = NECESSARY, *, number: str = "EX-1", head: str = "") -> dict[str, str]:
    text = policy(number=number, criteria=criteria, codes=CODES, head=head)
    return {f"{number}/2024-05-01.md": text}


def _settled(*files: dict[str, str], **case: Any) -> Settled:
    plan = desk({"facts.md": FACTS} | {path: text for each in files for path, text in each.items()})
    given = {"code": "20560", "date_of_service": "2024-07-15", "contract": "contract", **case}
    if "contracts/contract.md" not in {path for each in files for path in each}:
        del given["contract"]
    held, _ = decode_case(plan, given, TODAY)
    return settle(plan, held, date.fromisoformat(case.get("known_on", "2026-11-24")))


def _said(*files: dict[str, str], **case: Any) -> str:
    return _settled(*files, **case).reason_key


# ---------------------------------------------------------------------------- ranks


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ({}, "position-unconditional"),
        ({"medicare": EXCLUDES}, "medicare-source"),
        ({"medicare": EXCLUDES, "contract": COVERS}, "covered-by-contract"),
        ({"medicare": COVERS, "contract": EXCLUDES}, "excluded-by-contract"),
        ({"contract": COVERS, "law": EXCLUDES}, "excluded-by-mandate"),
        ({"contract": EXCLUDES, "law": COVERS}, "covered-by-mandate"),
        ({"medicare": EXCLUDES, "contract": EXCLUDES, "law": COVERS}, "covered-by-mandate"),
    ],
)
def test_the_strongest_rank_that_speaks_rules(rows: dict[str, str], reason: str) -> None:
    assert _said(_policy(), *(_source(name, row) for name, row in rows.items())) == reason


def test_sources_of_one_rank_that_disagree_are_for_a_person_to_decide() -> None:
    held = _settled(_policy(), _source("law", COVERS), _source("second-law", EXCLUDES))
    assert (held.outcome.value, held.reason_key) == ("refer", "sources-disagree")
    assert _said(_policy(), _source("law", COVERS), _source("second-law", COVERS)) == "covered-by-mandate"


def test_policies_that_disagree_are_for_a_person_to_decide_and_those_that_agree_answer() -> None:
    investigational = _policy("Needling is **investigational**.", number="EX-2")
    held = _settled(_policy(), investigational)
    assert (held.outcome.value, held.reason_key) == ("refer", "sources-disagree")
    assert {each.value for each in held.positions} == {"medically_necessary", "investigational"}
    agreed = _settled(_policy("Needling is **cosmetic**."), investigational)
    assert (agreed.outcome.value, agreed.reason_key) == ("not_covered", "position-unconditional")
    assert {each.value for each in agreed.positions} == {"cosmetic", "investigational"}


def test_a_policy_that_does_not_address_the_case_takes_no_part() -> None:
    other = _policy("Services: `injection`\n\nInjection is **investigational**.", number="EX-2")
    out = _policy("Needling is **investigational**.", number="EX-3", head="states: {in: [OR]}")
    assert _said(_policy(), other, out, state="WA") == "position-unconditional"
    assert _said(other, out, state="WA") == "state-out-of-scope"
    assert _said(other, state="WA") == "no-rule-applies"
    assert _said(other, code="20561") == "no-policy-names-code"


def test_a_contract_covers_what_no_policy_addresses() -> None:
    other = _policy("Services: `injection`\n\nInjection is **investigational**.")
    assert _said(other, _source("contract", COVERS)) == "covered-by-contract"
    assert _said(other, _source("contract", "covers | CPT | 20561 | | | | | | c")) == "no-rule-applies"


# ---------------------------------------------------------------------------- which provisions act


@pytest.mark.parametrize(
    ("row", "acts"),
    [
        ("covers | | needling | | | | | | c", True),
        ("covers | | injection | | | | | | c", False),
        ("covers | CPT | 20560 | | | | | | c", True),
        ("covers | CPT | 20552 | | | | | | c", False),
        ("covers | | | investigational | | | | | c", True),
        ("covers | | | cosmetic | | | | | c", False),
        ("needs authorisation | | needling | | | | | | c", False),
        ("covers | | needling | | 2024-07-15 | | | | c", True),
        ("covers | | needling | | 2024-07-16 | | | | c", False),
        ("covers | | needling | | | 2024-07-15 | | | c", True),
        ("covers | | needling | | | 2024-07-14 | | | c", False),
        ("covers | | needling | | | | 2026-11-24 | | c", True),
        ("covers | | needling | | | | 2026-11-25 | | c", False),
        ("covers | | needling | | | | | `f1` | c", True),
        ("covers | | needling | | | | | `f2` | c", False),
        ("covers | | needling | | | | | `f1 and not f2` | c", True),
        ("covers | | needling | | | | | `f2 or (f2 and f1)` | c", False),
    ],
)
def test_a_provision_acts_on_its_own_code_group_or_position_in_its_days_and_where_its_when_holds(
    row: str, acts: bool
) -> None:
    files = _policy("Needling is **investigational**."), _source("contract", row)
    held = _settled(*files, facts={"f1": True, "f2": False})
    assert held.reason_key == ("covered-by-contract" if acts else "position-unconditional")


def test_a_row_that_does_not_act_leaves_the_rows_after_it_alone() -> None:
    idle = (
        "excludes | | injection | | | | | | c",
        "excludes | CPT | 20552 | | | | | | c",
        "excludes | | needling | | 2024-07-16 | | | | c",
        "excludes | | needling | | | | 2026-11-25 | | c",
        "excludes | | needling | | | | | `f2` | c",
        "excludes | | | investigational | | | | | c",
    )
    for each in idle:
        files = _policy(), _source("contract", each, COVERS)
        assert _said(*files, facts={"f2": False}) == "covered-by-contract"


def test_a_row_on_authorisation_says_nothing_of_coverage() -> None:
    rows = "needs authorisation | | needling | | | | | | c", "no authorisation | | | medically_necessary | | | | | c"
    held = _settled(_policy(), _source("contract", *rows))
    assert held.reason_key == "position-unconditional"
    assert len(held.provisions) == 2


@pytest.mark.parametrize(
    ("head", "case", "applies"),
    [
        ("states: {in: [WA]}", {"state": "WA"}, True),
        ("states: {in: [WA]}", {"state": "OR"}, False),
        ("lines of business: {in: [commercial]}", {"line_of_business": "commercial"}, True),
        ("lines of business: {in: [commercial]}", {"line_of_business": "medicaid"}, False),
        ("funding: insured", {"plan": "gold"}, True),
        ("funding: insured", {"plan": "silver"}, False),
        ("plans: {in: [gold]}", {"plan": "gold"}, True),
        ("plans: {in: [gold]}", {"plan": "silver"}, False),
        ("effective: 2024-07-15", {}, True),
        ("effective: 2024-07-16", {}, False),
        ("ends: 2024-07-15", {}, True),
        ("ends: 2024-07-14", {}, False),
        ("published: 2026-11-24", {}, True),
        ("published: 2026-11-25", {}, False),
    ],
)
def test_a_mandate_applies_to_its_own_members_in_its_days_once_it_is_known(
    head: str, case: dict[str, Any], applies: bool
) -> None:
    plans = """# Plans

| Plan | Line of business | Funding | From |
|---|---|---|---|
| gold | commercial | insured | 2020-01-01 |
| silver | commercial | self-funded | 2020-01-01 |
"""
    files = {"plans.md": plans}, _policy(), _source("law", EXCLUDES, head=head)
    assert _said(*files, **case) == ("excluded-by-mandate" if applies else "position-unconditional")


def test_a_contract_applies_to_the_case_that_names_it() -> None:
    files = _policy(), _source("contract", EXCLUDES)
    assert _said(*files) == "excluded-by-contract"
    assert _said(*files, contract=None) == "position-unconditional"


def test_a_group_holds_the_codes_of_every_version_known_by_then() -> None:
    first = _policy()
    later = {
        "EX-1/2025-05-01.md": policy(
            "2025-05-01", "2025-01-29", criteria=NECESSARY, codes=CODES.replace("needling", "jabbing")
        )
    }
    files = first, later, _source("contract", "excludes | | jabbing | | | | | | c")
    for known_on, reason in (("2025-01-28", "position-unconditional"), ("2025-01-29", "excluded-by-contract")):
        # the group is named by a version that is known and not yet in force
        assert _said(*files, known_on=known_on) == reason
    both = first, later, _source("contract", "excludes | | jabbing | | | | | | c", COVERS)
    for known_on, reason in (("2025-01-28", "covered-by-contract"), ("2025-01-29", "sources-disagree")):
        assert _said(*both, known_on=known_on) == reason


def test_a_service_asked_for_by_name_is_its_own_group() -> None:
    files = _policy(), _source("contract", EXCLUDES, "covers | | injection | | | | | | c")
    assert _said(*files, code=None, service="needling") == "excluded-by-contract"
    assert _said(*files, code=None, service="injection") == "covered-by-contract"
    assert _said(
        _policy(), _source("contract", "covers | CPT | 20560 | | | | | | c"), code=None, service="needling"
    ) == ("position-unconditional")


def test_what_acts_is_kept_with_its_bits_and_its_source() -> None:
    conditional = "covers | | needling | | | | | `f1 and f2` | c"
    law, contract = _source("law", "excludes | | injection | | | | | | c"), _source("contract", conditional, COVERS)
    for facts, truth, met, unknown in (
        ({"f1": True}, UNKNOWN, 0b001, 0b110),
        ({"f1": True, "f2": True}, MET, 0b111, 0),
        ({"f1": False}, NOT_MET, 0, 0b010),
    ):
        held = _settled(_policy(), law, contract, facts=facts)
        assert [source.id for source in held.sources] == ["contract"]
        assert [(each.truth, each.met, each.unknown) for each in held.provisions] == [
            (truth, met, unknown),
            (MET, 0, 0),
        ]
    assert _settled(_policy(), law).sources == ()
    assert _settled(_policy(), _source("contract", "covers | | needling | | 2024-07-16 | | | | c")).sources == ()


# ---------------------------------------------------------------------------- what is unknown


def test_an_unknown_provision_acts_and_does_not_act() -> None:
    files = _policy(), _source("contract", "excludes | | needling | | | | | `f1` | c")
    held = _settled(*files)
    assert (held.outcome.value, held.reason_key) == ("information_needed", "facts-missing")
    assert {each.reason_key for each in held.results} == {"position-unconditional", "excluded-by-contract"}


def test_an_unknown_provision_that_changes_nothing_is_not_asked_for() -> None:
    files = _policy(), _source("contract", "covers | | needling | | | | | `f1` | c")
    assert _settled(*files).outcome.value == "covered"
    stronger = *files, _source("law", EXCLUDES)
    assert _settled(*stronger).reason_key == "excluded-by-mandate"


def test_two_unknown_provisions_act_in_every_combination() -> None:
    rows = "excludes | | needling | | | | | `f1` | c", "covers | | needling | | | | | `f2` | c"
    held = _settled(_policy(), _source("contract", *rows))
    assert {each.reason_key for each in held.results} == {
        "position-unconditional", "excluded-by-contract", "covered-by-contract", "sources-disagree",
    }  # fmt: skip


def test_a_position_row_follows_each_way_in_which_the_policies_may_answer() -> None:
    waiting = "Needling is **medically necessary** when all of these are met:\n\n- It holds. `f1`\n\nOtherwise **investigational**."
    held = _settled(_policy(waiting), _source("contract", "covers | | | investigational | | | | | c"))
    assert held.outcome.value == "covered"
    assert {each.reason_key for each in held.results} == {"criteria-met", "covered-by-contract"}


# ---------------------------------------------------------------------------- the limit on completions


def _waiting(number: int) -> dict[str, str]:
    """A policy that waits for one fact of its own."""
    criteria = f"Needling is **medically necessary** when all of these are met:\n\n- It holds. `f{number}`\n\nOtherwise **investigational**."
    return _policy(criteria, number=f"EX-{number}")


@pytest.mark.parametrize(
    ("policies", "rows", "is_cut_off"),
    [(12, 0, False), (13, 0, True), (1, 11, False), (1, 12, True), (0, 11, False), (0, 12, False), (0, 13, True)],
)
def test_more_completions_than_the_limit_are_said_to_be_cut_off(policies: int, rows: int, is_cut_off: bool) -> None:
    held = [_waiting(at) for at in range(1, policies + 1)] or [_policy()]
    conditional = [f"excludes | | needling | | | | | `f{at}` | c" for at in range(2, rows + 2)]
    found = _settled(*held, _source("contract", *conditional, "needs authorisation | | needling | | | | | | c"))
    assert found.is_cut_off is is_cut_off
    assert found.outcome.value == "information_needed"
    assert (len(found.policies), len(found.provisions)) == (max(1, policies), rows + 1)
    assert [source.id for source in found.sources] == ["contract"]
    causes = {each.reason_key for each in found.results}
    assert (causes == {"facts-missing"}) is is_cut_off
