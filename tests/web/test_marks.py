"""Where a policy differs from the text before: the marks in its margin, and the places in the redline that they lead to."""

from __future__ import annotations

import re
from pathlib import Path

from tests.support import archive, policy
from tests.web.portal import Tags, portal, portal_of

SEED = "/policies/2.01.100"
BEFORE = policy("2024-05-01", "2024-01-29") + "\n## Description\n\nOne.\n\nTwo stays as it is.\n\nThree goes.\n"
AFTER = (
    policy("2025-05-01", "2025-01-29", codes="| needling | CPT | 20560 | governed | | |\n| needling | CPT | 20561 | governed | | |")
    + "\n## Description\n\nOne, \ue0000\ue001 in other words [1].\n\nTwo stays as it is.\n\n- A new item.\n\n## Background\n\nAll new.\n"
)  # fmt: skip


def _marks(page: str) -> list[tuple[str, str]]:
    """Of each mark the place it leads to, and its sign."""
    return re.findall(r'<a class="mark" href="[^"#]*#([^"]*)"[^>]*><span aria-hidden="true">(.)</span>', page)


def test_passages_that_differ_are_marked_and_lead_to_their_place_in_the_redline(tmp_path: Path) -> None:
    with portal_of(tmp_path, {"EX-1/2024-05-01.md": BEFORE, "EX-1/2025-05-01.md": AFTER}) as held:
        page = held.get("/policies/EX-1").text
        value = held.get("/policies/EX-1.json").json()["differences"]
        assert value["against"] == "2024-05-01"
        told = {each["anchor"]: (each["kind"], each["gone"], len(each["passages"])) for each in value["sections"]}
        assert told == {
            "s-coding": ("changed", 0, 1),
            "s-description": ("changed", 1, 2),
            "s-background": ("new", 0, 0),
        }
        signs = [sign for _, sign in _marks(page)]
        assert signs == ["~", "+", "~", "~", "+", "+"], (
            "each section, its new row, its changed passage and its new item"
        )
        redline = held.get("/policies/EX-1/compare?from=2024-05-01&to=2025-05-01").text
        places = {each["id"] for _, each in Tags(redline).found if "id" in each}
        assert {place for place, _ in _marks(page)} <= places, "each mark leads to a place that is there"
        text = Tags(page).text
        assert "Changed against the version of 2024-05-01: redline" in text and "1 passage of it gone" in page
        assert "3 of 4 sections differ" in text


def test_the_first_version_has_no_mark_and_an_equal_one_says_so(tmp_path: Path) -> None:
    files = {
        "EX-1/2024-05-01.md": BEFORE,
        "EX-1/2025-01-01.md": archive("2025-01-01", "2024-11-01"),
        "EX-1/2025-05-01.md": BEFORE.replace("2024-05-01", "2025-05-01").replace("2024-01-29", "2025-01-29"),
    }
    with portal_of(tmp_path, files) as held:
        first = "/policies/EX-1.json?date_of_service=2024-06-01"
        assert held.get(first).json()["differences"] is None
        assert held.get("/policies/EX-1.json").json()["differences"] == {"against": "2024-05-01", "sections": []}
        page = held.get("/policies/EX-1").text
        assert _marks(page) == [] and "Every section reads as in the version of 1 May 2024." in Tags(page).text


def test_nothing_is_marked_against_a_text_that_is_not_ours_to_show(tmp_path: Path) -> None:
    closed = BEFORE.replace("title: Needles", "title: Needles\nrights: not for public display")
    with portal_of(tmp_path, {"EX-1/2024-05-01.md": closed, "EX-1/2025-05-01.md": AFTER}) as held:
        assert held.get("/policies/EX-1.json").json()["differences"] is None
        assert _marks(held.get("/policies/EX-1").text) == []


def test_a_row_of_a_table_is_compared_cell_by_cell() -> None:
    with portal() as held:
        page = held.get(f"{SEED}/compare?from=2019-07-01&to=2020-01-01").text
        row = Tags(page.partition('id="to-26"')[2].partition('id="to-27"')[0]).text
        assert " | " not in Tags(page).text
        assert "Group : dry-needling ; System : CPT ; Code : inserted: 20560" in row
