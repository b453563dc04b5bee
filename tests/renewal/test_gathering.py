"""The packet around a draft: what is late, what is new, what is open, from what is stored."""

from __future__ import annotations

from datetime import date
from html.parser import HTMLParser

from tests.support import library, policy

from medpol.check import check_library, rules
from medpol.library import SHIPPED, Library, load
from medpol.renewal import Given, Packet, gather, packet_page, renewed, standing_on
from medpol.renewal.gathering import OF_POPULATIONS
from medpol.renewal.tables import headline, parts
from medpol.renewal.values import Noticed

TEXT = """
## Evidence review

### Population: Adults with neck pain

One trial of 40 people found less pain. Adverse events were not reported.

Outcomes: symptoms

Conclusion: **insufficient**

## Clinical trials

### Ongoing

| NCT | Title | Population | Enrolment | Completion | Status |
|---|---|---|---|---|---|
| NCT00000001 | Late | Adults with neck pain | 40 | Jan 2024 | |
| NCT00000002 | To come | Adults with neck pain | 40 | Dec 2026 | |

### Unpublished

| NCT | Title | Population | Enrolment | Completion | Status |
|---|---|---|---|---|---|
| NCT00000003 | Silent | Adults with neck pain | 40 | Jan 2023 | |

## Practice guidelines

### Society of Invention

Issuer: US professional society

Year: 2015

Recommends: for

It advises needling.

## History

| Date | Event | Says |
|---|---|---|
| 2024-05-01 | annual review | literature through 2024-01 |
"""
CODES = (
    "| needling | CPT | 20560 | governed | 2020-01-01 | 2025-03-31 |\n"
    "| needling | CPT | 20561 | governed | 2024-09-01 | |\n"
    "| needling | CPT | | governed | | |"
)


def packet(found: Library, number: str, today: date, **more: object) -> Packet:
    standing = standing_on(found, number, today)
    assert standing is not None
    draft = renewed(found, standing, today, today)
    return gather(Given(found, check_library(found, today), today, **more), standing, draft)  # type: ignore[arg-type]


def small(today: date = date(2025, 2, 10), **more: object) -> Packet:
    text = policy(head="literature through: 2024-01\napproved: 2024-02-01", codes=CODES) + TEXT
    found = library({"EX-1/2024-05-01.md": text})
    assert not found.errors, found.errors
    return packet(found, "EX-1", today, **more)


def test_trials_still_called_ongoing_past_their_completion_are_late() -> None:
    found = small()
    assert [each.nct for each in found.overdue] == ["NCT00000001"]
    assert [(each.nct, each.listed_as) for each in found.trials][2] == ("NCT00000003", "unpublished")


def test_the_seed_has_four_late_trials_on_its_literature_day_and_six_in_force() -> None:
    found = load(SHIPPED)
    assert len(packet(found, "2.01.100", date(2024, 7, 1)).overdue) == 6
    standing = standing_on(found, "2.01.100", date(2024, 7, 1))
    assert standing is not None
    assert sum(each.has_passed(date(2024, 2, 8)) and each.is_published is None for each in standing.trials) == 4


def test_codes_that_came_or_go_since_the_search_are_listed_and_a_missing_one_is_asked_for() -> None:
    told = {(each.code, each.says) for each in small().codes}
    assert told == {
        ("20560", "ends with 2025-03-31: does another take its place?"),
        ("20561", "in the table from 2024-09-01"),
        ("", "the service has no code of its own: is there one now?"),
    }


def test_every_quarterly_day_of_codes_since_the_search_is_named() -> None:
    assert [str(each) for each in small().coding_updates] == ["2024-04-01", "2024-07-01", "2024-10-01", "2025-01-01"]


def test_a_guideline_shows_what_the_check_says_of_it() -> None:
    (guideline,) = small().guidelines
    assert guideline.recommends == "for"
    assert any("more than 5 years older" in each for each in guideline.findings)
    assert any("recommends it" in each for each in guideline.findings)


def test_how_late_the_review_is_counts_from_the_day_it_was_due() -> None:
    assert small().standing.days_late == 0
    late = small(date(2025, 6, 10))
    assert (late.standing.due, late.standing.days_late) == (date(2025, 5, 1), 40)
    assert "40 days overdue" in headline(late)


def test_open_findings_come_gravest_first_and_only_of_this_policy() -> None:
    found = load(SHIPPED)
    findings = packet(found, "2.01.100", date(2025, 5, 15)).findings
    weights = ["error", "warning", "note"]
    assert [each.severity for each in findings] == sorted((each.severity for each in findings), key=weights.index)
    assert {each.file.split("/")[0] for each in findings} == {"2.01.100"}
    assert "contracts" not in {each.file.split("/")[0] for each in findings}


def test_a_search_that_nobody_made_is_not_claimed() -> None:
    assert not small().draft.is_searched
    assert any("Nobody has searched" in each for part in parts(small()) for each in part.says)
    searched = small(watched_until=date(2025, 2, 10))
    assert searched.draft.is_searched
    assert not any("Nobody has searched" in each for part in parts(searched) for each in part.says)


def test_no_notice_is_owed_where_nothing_changes_that_an_answer_hangs_on() -> None:
    assert (small().draft.coverage_changes, small().draft.notice_days) == (False, None)


class _Outline(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        held = dict(attributes)
        self.tags.append(tag)
        self.ids += [value for value in (held.get("id"),) if value]
        self.links += [value for value in (held.get("href"), held.get("src")) if value]


def test_the_paper_loads_nothing_and_its_menu_leads_to_every_part() -> None:
    outline = _Outline()
    outline.feed(packet_page(small()))
    assert "script" not in outline.tags
    assert outline.links and all(each.startswith("#") and each[1:] in outline.ids for each in outline.links)
    assert len(outline.ids) == len(set(outline.ids))


def test_words_of_others_stay_words_on_the_paper() -> None:
    hostile = Noticed(
        "new-trial", "note", "<script>alert(1)</script>\u202e", "x", "https://a.example/?<b>", "2025-01-01"
    )
    page = packet_page(small(noticed=(hostile,)))
    assert "<script" not in page and "\u202e" not in page
    assert "&lt;script&gt;" in page


def test_whoever_signs_signs_the_draft_by_its_hash() -> None:
    found = small()
    (sign_off,) = [each for each in parts(found) if each.title == "Sign-off"]
    assert found.draft.content_hash in sign_off.says[0]
    assert [row[0] for row in sign_off.rows] == list(found.sign_off)


def test_a_population_of_the_records_that_the_document_leaves_out_is_listed_as_open() -> None:
    held = {each.name: each for each in packet(load(SHIPPED), "2.01.100", date(2026, 11, 24)).populations}
    assert {"Neck/shoulder", "Plantar heel", "Temporomandibular", "low-back"} <= held.keys()
    assert held["low-back"].conclusion == "not in the document"
    assert any("no record concludes" in each for each in held["low-back"].open)
    assert not any("low-back" in each for each in held["Temporomandibular"].open)


def test_what_is_open_for_a_population_is_told_by_rules_that_there_are() -> None:
    assert rules().keys() >= OF_POPULATIONS
