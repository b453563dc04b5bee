"""Which version answers for a day, and whether the code exists on it: by the stated days of every row known by then."""

from __future__ import annotations

from datetime import date

import pytest
from tests.support import archive, desk, policy

import medpol
from medpol.decide.cases import decode_case
from medpol.decide.literals import NOT_MET
from medpol.decide.one import PolicyAnswer, settle

TODAY = date(2026, 11, 24)
FIRST, SECOND = "EX-1/2024-05-01.md", "EX-1/2025-05-01.md"


def _settled(plan: medpol.Desk, day: str, **more: str) -> tuple[str, tuple[PolicyAnswer, ...]]:
    case, _ = decode_case(plan, {"code": "20560", "date_of_service": day, **more}, TODAY)
    settled = settle(plan, case, TODAY)
    return settled.reason_key, settled.policies


def _explained(plan: medpol.Desk, day: str, **more: str) -> tuple[str, list[tuple[str, str]]]:
    """The reason, and the policies with the version that explains each."""
    reason, policies = _settled(plan, day, **more)
    return reason, [(each.policy, str(each.version.first_day)) for each in policies]


def _validity(day: str, *rows: tuple[str, str]) -> str:
    """The reason for a code that stands in one row a pair of From and To, each in a version of its own."""
    files = {
        f"EX-{at}/2010-01-01.md": policy(
            "2010-01-01",
            "2010-01-01",
            number=f"EX-{at}",
            codes=f"| needling | CPT | 20560 | governed | {start} | {end} |",
        )
        for at, (start, end) in enumerate(rows)
    }
    return _settled(desk(files), day)[0]


VALID = "position-unconditional"


@pytest.mark.parametrize(
    ("day", "rows", "reason"),
    [
        # From alone
        ("2019-12-31", [("2020-01-01", "")], "code-not-yet-valid"),
        ("2020-01-01", [("2020-01-01", "")], VALID),
        # the last stated day takes its day in, and no From is needed for a code to end
        ("2023-12-31", [("", "2023-12-31")], VALID),
        ("2024-01-01", [("", "2023-12-31")], "code-ended"),
        ("2024-01-01", [("2020-01-01", "2023-12-31")], "code-ended"),
        # the last of several days To counts, whichever row is read first
        ("2024-01-01", [("", "2023-12-31"), ("", "2024-12-31")], VALID),
        ("2024-01-01", [("", "2024-12-31"), ("", "2023-12-31")], VALID),
        # a code that begins anew the day after it ended has not ended
        ("2024-01-01", [("2020-01-01", "2023-12-31"), ("2024-01-01", "")], VALID),
        ("2024-01-01", [("2024-01-01", ""), ("2020-01-01", "2023-12-31")], VALID),
        # one that begins anew and ends on its first day
        ("2024-01-01", [("2020-01-01", "2023-12-31"), ("2024-01-01", "2024-01-01")], VALID),
        ("2024-01-02", [("2020-01-01", "2023-12-31"), ("2024-01-01", "2024-01-01")], "code-ended"),
        # a row that begins later does not make a code early that another row lets begin before
        ("2022-01-01", [("2020-01-01", ""), ("2024-01-01", "")], VALID),
    ],
)
def test_a_code_is_valid_from_its_first_stated_day_through_its_last(
    day: str, rows: list[tuple[str, str]], reason: str
) -> None:
    assert _validity(day, *rows) == reason


def test_a_version_in_force_that_no_longer_names_the_code_says_that_no_rule_applies() -> None:
    other = policy("2025-05-01", "2025-01-29", codes="| needling | CPT | 20561 | governed | | |")
    plan = desk({FIRST: policy(), SECOND: other})
    assert _explained(plan, "2025-04-30") == (VALID, [("EX-1", "2024-05-01")])
    assert _explained(plan, "2025-05-01") == ("no-rule-applies", [("EX-1", "2025-05-01")])


@pytest.mark.parametrize(
    ("day", "reason", "version"),
    [
        ("2024-01-28", "no-version-yet", "2024-05-01"),
        ("2024-01-29", "in-notice", "2024-05-01"),
        ("2024-05-01", VALID, "2024-05-01"),
        ("2025-04-30", VALID, "2024-05-01"),
        ("2025-05-01", "archived", "2025-05-01"),
    ],
)
def test_the_version_that_explains_is_named_with_its_policy(day: str, reason: str, version: str) -> None:
    plan = desk({FIRST: policy(), SECOND: archive("2025-05-01", "2025-01-29")})
    assert _explained(plan, day) == (reason, [("EX-1", version)])


def test_a_version_that_does_not_speak_for_the_line_is_named_too() -> None:
    plan = desk({FIRST: policy(head="lines of business: {in: [commercial]}")})
    out = ("line-of-business-out-of-scope", [("EX-1", "2024-05-01")])
    for day in ("2024-02-01", "2024-05-01"):  # in notice and in force: the scope is judged first
        assert _explained(plan, day, line_of_business="medicare advantage") == out


def test_only_a_policy_whose_rules_were_read_counts_as_judged() -> None:
    plan = desk({FIRST: policy()})
    judged = [_settled(plan, day)[1][0] for day in ("2024-05-01", "2024-02-01")]
    assert [(each.was_judged, each.outside, len(each.rules)) for each in judged] == [
        (True, NOT_MET, 1),
        (False, NOT_MET, 0),
    ]
