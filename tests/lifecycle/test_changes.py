"""What became known of a policy, and with what each version is compared, worked out by hand."""

from __future__ import annotations

from datetime import date

from tests.support import archive, library, policy

from medpol.decide.holdings.changed import Chronicle
from medpol.library import SHIPPED, load
from medpol.lifecycle import changes, dated

FAR = date(2999, 12, 31)


def told(files: dict[str, str], known_on: date = FAR) -> list[tuple[str, str, str, str]]:
    held = library(files)
    assert not held.errors, "\n".join(map(str, held.errors))
    return [
        (each.kind.value, str(each.known_from), str(each.version.first_day), str(each.before and each.before.first_day))
        for each in changes(dated(held.versions), known_on)
    ]


LIFE = {
    "EX-1/2024-05-01.md": policy(),
    "EX-1/2024-05-01.2024-06-01.md": policy(published="2024-06-01", criteria="Needling is **cosmetic**."),
    "EX-1/2025-05-01.md": policy("2025-05-01", "2025-01-01"),
    "EX-1/2025-06-01.md": policy("2025-06-01", "2025-03-01", head="withdraws: [2025-05-01]"),
    "EX-1/2026-01-01.md": archive("2026-01-01", "2025-10-01"),
    "EX-1/2026-06-01.md": policy("2026-06-01", "2026-05-01"),
    "EX-1/2027-06-01.md": policy("2027-06-01", None),
}


def test_a_life_is_told_newest_first_and_drafts_are_not_part_of_it() -> None:
    assert told(LIFE) == [
        ("reinstated", "2026-05-01", "2026-06-01", "2025-06-01"),
        ("archived", "2025-10-01", "2026-01-01", "2025-06-01"),
        ("changed", "2025-03-01", "2025-06-01", "2024-05-01"),
        ("withdrawn", "2025-03-01", "2025-05-01", "None"),
        ("changed", "2025-01-01", "2025-05-01", "2024-05-01"),
        ("corrected", "2024-06-01", "2024-05-01", "2024-05-01"),
        ("new", "2024-01-29", "2024-05-01", "None"),
    ]


def test_what_is_told_on_a_day_is_the_end_of_what_is_told_later() -> None:
    all_told = told(LIFE)
    for on in (date(2024, 6, 1), date(2025, 2, 1), date(2025, 3, 1), date(2025, 12, 1)):
        then = told(LIFE, on)
        assert all_told[len(all_told) - len(then) :] == then


def test_the_changes_of_the_seed_say_what_they_mean() -> None:
    found = Chronicle(load(SHIPPED)).changes(date(2026, 11, 23)).changes
    assert [(str(each.known_from), each.kind, each.notice_days) for each in found] == [
        ("2024-07-01", "changed", 0),
        ("2023-09-01", "reinstated", 97),
        ("2020-03-01", "archived", 0),
        ("2020-01-01", "changed", 0),
        ("2019-07-01", "changed", 0),
        ("2019-01-01", "new", 0),
    ]
    assert "two codes joined on 2020-01-01: CPT 20560, 20561" in found[3].says
    assert found[2].says == "The policy is archived from 2020-03-01 on: nothing is in force."
    assert found[4].says == "No change in meaning."
    assert found[5].says == "The first version; investigational; no code named."


def test_changes_are_found_by_policy_code_line_and_day() -> None:
    files = {
        "EX-1/2024-05-01.md": policy(),
        "EX-1/2025-05-01.md": policy("2025-05-01", "2025-04-01", codes="| needling | CPT | 20561 | governed | | |"),
        "EX-2/2024-05-01.md": policy(
            number="EX-2", head="lines of business: {in: [medicaid]}", codes="| a | CPT | 20999 | governed | | |"
        ),
    }
    chronicle = Chronicle(library(files))

    def found(**asked: object) -> list[tuple[str, str]]:
        return [(each.policy, str(each.first_day)) for each in chronicle.changes(FAR, **asked).changes]  # type: ignore[arg-type]

    assert found(policy="EX-2") == [("EX-2", "2024-05-01")]
    assert found(policy="EX-9") == []
    assert found(code="20560") == [("EX-1", "2025-05-01"), ("EX-1", "2024-05-01")], "the code left with the second"
    assert found(code="20999") == [("EX-2", "2024-05-01")]
    assert found(code="'") == []
    assert found(line_of_business="commercial") == [("EX-1", "2025-05-01"), ("EX-1", "2024-05-01")]
    assert found(since=date(2025, 1, 1)) == [("EX-1", "2025-05-01")]
    assert chronicle.changes(FAR, limit=1, offset=1).total == 3


def test_sentences_that_may_not_be_shown_are_counted_and_not_quoted() -> None:
    head = "source: Another plan's policy\nrights: the publisher's own words; not for display, download or export"
    criteria = "Needling is **medically necessary** when all of these are met:\n\n- {} `age >= {} years`"
    files = {
        f"EX-1/{first}.md": policy(first, first, head=head, criteria=criteria.format(words, years))
        for first, words, years in (
            ("2024-05-01", "The member is at least 18 years old", 18),
            ("2025-05-01", "Grown up, at least 21 years old", 21),
        )
    }
    says = Chronicle(library(files)).changes(FAR).changes[0].says
    assert "criterion" in says or "criteria" in says
    assert "Grown" not in says and "21" not in says
    shown = {
        path: text.replace("not for display, download or export", "may be shown").replace(
            "the publisher's own words; ", ""
        )
        for path, text in files.items()
    }
    assert "21" in Chronicle(library(shown)).changes(FAR).changes[0].says
