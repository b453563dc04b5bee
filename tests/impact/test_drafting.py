"""What is supposed of a draft: published, in force from a day, and alone of its policy from then on."""

from __future__ import annotations

from datetime import date

import pytest
from tests.impact.making import INVESTIGATIONAL, KNOWN_ON, NECESSARY, cells, impact, line
from tests.support import archive, desk, policy
from tests.support import library as read

from medpol.decide.one import Desk
from medpol.decide.plan import compile_library
from medpol.library import DraftRefused, Tried, with_draft

HELD = {
    "EX-1/2024-05-01.md": policy(criteria=INVESTIGATIONAL),
    "EX-1/2025-06-01.md": policy("2025-06-01", "2025-03-01", criteria=INVESTIGATIONAL),
}
ROWS = [line(1, "2025-03-01"), line(2, "2025-05-31"), line(3, "2025-06-01"), line(4, "2025-09-01")]


def tried(draft: str, held: dict[str, str] = HELD, *, force: date | None = None, start: date | None = None) -> Tried:
    return with_draft(read(held), draft.encode(), "draft.md", KNOWN_ON, force, start)


def changed(found: Tried, held: dict[str, str] = HELD) -> list[str]:
    """The days of care of which the draft changes the outcome."""
    told = impact(desk(held), Desk(compile_library(found.library)), ROWS, {"with_lines": True})
    return sorted(str(each.date_of_service) for each in told.examples if each.before.outcome != each.after.outcome)


def test_a_draft_is_in_force_from_its_own_first_day() -> None:
    found = tried(policy("2025-09-01", None, criteria=NECESSARY))
    assert (found.in_force_from, found.in_place_of) == (date(2025, 9, 1), ())
    assert changed(found) == ["2025-09-01"]


def test_a_draft_that_states_a_month_is_in_force_from_the_first_day_that_is_compared() -> None:
    found = tried(policy(None, None, head="effective: 2028-05", criteria=NECESSARY), start=date(2025, 5, 31))
    assert found.in_force_from == date(2025, 5, 31)
    assert changed(found) == ["2025-05-31", "2025-06-01", "2025-09-01"]


def test_a_draft_that_states_a_month_and_is_given_no_day_is_refused_with_the_mend() -> None:
    with pytest.raises(DraftRefused, match="no whole day") as refused:
        tried(policy(None, None, head="effective: 2028-05"))
    assert "--in-force-from" in refused.value.mend


def test_a_draft_of_the_future_is_tried_on_earlier_care_in_place_of_what_came_later() -> None:
    found = tried(policy("2028-01-01", None, criteria=NECESSARY), force=date(2025, 3, 1))
    assert found.in_place_of == (date(2025, 6, 1),)
    assert changed(found) == ["2025-03-01", "2025-05-31", "2025-06-01", "2025-09-01"]


def test_a_draft_that_is_the_policy_in_force_changes_nothing() -> None:
    newest = HELD["EX-1/2025-06-01.md"]
    for draft in (newest, policy("2025-06-01", None, criteria=INVESTIGATIONAL)):
        found = tried(draft)
        told = impact(desk(HELD), Desk(compile_library(found.library)), ROWS)
        assert told.changed_lines == 0
        assert all(before == after for before, after in cells(told))


def test_a_draft_of_the_first_day_of_a_version_stands_in_its_place() -> None:
    found = tried(policy("2025-06-01", None, criteria=NECESSARY))
    assert changed(found) == ["2025-06-01", "2025-09-01"]


def test_what_became_known_on_the_very_day_of_knowledge_does_not_stand_beside_the_draft() -> None:
    held = {**HELD, "EX-1/2025-09-01.md": policy("2025-09-01", str(KNOWN_ON), criteria=INVESTIGATIONAL)}
    found = tried(policy("2025-09-01", None, criteria=NECESSARY), held)
    assert changed(found, held) == ["2025-09-01"]


def test_a_draft_that_archives_its_policy_leaves_nothing_in_force() -> None:
    found = tried(archive("2028-01-01", "2027-01-01"), force=date(2025, 3, 1))
    assert found.version.is_archived
    told = impact(desk(HELD), Desk(compile_library(found.library)), ROWS)
    assert {(each.outcome_after, each.reason_after) for each in told.turns} == {("not_addressed", "archived")}
    assert told.changed_lines == 4


def test_a_draft_of_a_policy_that_the_library_does_not_hold_joins_it() -> None:
    found = tried(policy("2025-01-01", None, number="EX-9", codes="| other | CPT | 20552 | governed | | |"))
    assert found.library.policies() == ("EX-1", "EX-9")
    told = impact(desk(HELD), Desk(compile_library(found.library)), [line(1, code="20552")])
    assert [(each.outcome_before, each.outcome_after) for each in told.turns] == [("not_addressed", "not_covered")]


def test_the_library_itself_is_not_touched() -> None:
    held = read(HELD)
    before = (held.versions, dict(held.texts), held.files)
    with_draft(held, policy("2025-01-01", None, criteria=NECESSARY).encode(), "draft.md", KNOWN_ON, None, None)
    assert (held.versions, dict(held.texts), held.files) == before


def test_errors_of_a_draft_name_its_own_file() -> None:
    with pytest.raises(DraftRefused) as refused:
        tried(policy(criteria="Needling is **whatever it is**."))
    assert refused.value.diagnostics
    assert {each.source.file for each in refused.value.diagnostics} == {"draft.md"}
