"""Rules of other packages: found by their entry point, run as ours are."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from importlib.metadata import EntryPoint

import pytest
from tests.support import library, policy

from medpol.check import GROUP, check_library, rules, run
from medpol.library import Library
from medpol.model.diagnostic import Diagnostic, Severity


def review_overdue(held: Library, today: date | None) -> Iterable[Diagnostic]:
    """A review day has passed."""
    for version in held.versions:
        due = None if version.review_due is None else version.review_due.day
        if today is not None and due is not None and due < today:
            yield Diagnostic(
                version.place("review due"), Severity.NOTE, "review-overdue", f"due {due}", "a review", "review it"
            )


@pytest.fixture
def _installed(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = EntryPoint("review-overdue", f"{__name__}:review_overdue", GROUP)
    monkeypatch.setattr(EntryPoint, "load", lambda self: review_overdue)
    monkeypatch.setattr(run, "entry_points", lambda group: [entry] if group == GROUP else [])


@pytest.mark.usefixtures("_installed")
def test_a_rule_of_another_package_is_run_with_the_day_it_is_given() -> None:
    assert "review-overdue" in rules()
    held = library({"EX-1/2024-05-01.md": policy(head="review due: 2025-05-01")})
    assert check_library(held) == ()
    assert check_library(held, date(2025, 5, 1)) == ()
    assert [each.rule for each in check_library(held, date(2025, 5, 2))] == ["review-overdue"]


def test_ours_are_there_without_being_installed() -> None:
    assert "qualifier-not-read" in rules()
    assert "notice-too-short" in rules()
