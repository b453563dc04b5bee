"""Rules of other packages: found by their entry point, run as ours are."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from importlib.metadata import EntryPoint

import pytest
from tests.support import library, policy

from medpol.check import GROUP, Finding, Holdings, NotARule, Subject, check_library, rule, rules, run
from medpol.model.diagnostic import Severity


@rule(Subject.WORDING, Severity.NOTE)
def printed_long_ago(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """A title was printed more than a year ago."""
    for version in holdings.versions:
        day = version.first_day
        if today is not None and day is not None and (today - day).days > 365:
            yield Finding(version.place("title"), f"printed {day}", "a newer print", "print it again")


@pytest.fixture
def _installed(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = EntryPoint("anything", f"{__name__}:printed_long_ago", GROUP)
    monkeypatch.setattr(EntryPoint, "load", lambda self: printed_long_ago)
    monkeypatch.setattr(run, "entry_points", lambda group: [entry] if group == GROUP else [])


@pytest.mark.usefixtures("_installed")
def test_a_rule_of_another_package_is_run_with_the_day_it_is_given() -> None:
    assert "printed-long-ago" in rules()
    held = library({"EX-1/2024-05-01.md": policy()})
    assert check_library(held).found == ()
    assert check_library(held, date(2025, 5, 1)).found == ()
    assert [each.rule for each in check_library(held, date(2025, 5, 2)).found] == ["printed-long-ago"]
    assert check_library(held, date(2025, 5, 2), only=["notice-too-short"]).found == ()


def test_what_is_no_rule_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = EntryPoint("anything", "datetime:date", GROUP)
    monkeypatch.setattr(run, "entry_points", lambda group: [entry])
    with pytest.raises(NotARule, match="anything"):
        rules()


def test_ours_are_there_without_being_installed() -> None:
    assert "qualifier-not-read" in rules()
    assert "notice-too-short" in rules()
