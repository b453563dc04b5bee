"""The review page: for the plan's own staff, where the service was started for them; of any other service it is not there."""

from __future__ import annotations

from pathlib import Path

from tests.support import policy
from tests.web.evidence_documents import FILES
from tests.web.portal import Tags, looked_twice, portal, portal_of

REVIEW = "/policies/EX-1/review"


def test_without_being_asked_for_it_is_not_there_and_nothing_leads_to_it(tmp_path: Path) -> None:
    with portal_of(tmp_path, FILES) as held:
        missing = held.get(REVIEW)
        assert (
            missing.status_code
            == 404
            == held.get(f"{REVIEW}.json").status_code
            == held.get(f"{REVIEW}.pdf").status_code
        )
        assert not any("review" in each for each in Tags(held.get("/policies/EX-1").text).links())


def test_for_staff_it_shows_every_part_of_the_packet_and_a_sheet_to_sign(tmp_path: Path) -> None:
    with portal_of(tmp_path, FILES, for_staff=True) as held:
        assert REVIEW in Tags(held.get("/policies/EX-1").text).links()
        shown = held.get(f"{REVIEW}?today=2026-01-10")
        assert shown.status_code == 200 and shown.headers["cache-control"] == "no-store"
        text, value = Tags(shown.text).text, held.get(f"{REVIEW}.json?today=2026-01-10").json()
        packet = value["packet"]
        assert packet["today"] == value["today"] == "2026-01-10"
        assert packet["draft"]["file"] == "EX-1/2026-02-01.md"
        assert [each["study"] for each in packet["recorded"]] == ["cole-2021"]
        titles = ["The next version", "Trials", "Evidence since then", "Guidelines", "Codes", "Populations", "Sign-off"]
        assert all(text.count(each) >= 2 for each in titles)  # the part, and the link to it
        assert all(each in text for each in packet["sign_off"])
        assert packet["draft"]["content_hash"] in text
        assert "Only this policy and the evidence beside it were checked" in text


def test_nothing_is_written_and_it_is_gathered_once_for_a_library_and_a_day(tmp_path: Path) -> None:
    with portal_of(tmp_path, FILES, for_staff=True) as held:
        before = sorted((each, each.stat().st_mtime_ns) for each in tmp_path.rglob("*"))
        first = held.get(f"{REVIEW}?today=2026-01-10").text
        assert held.get(f"{REVIEW}?today=2026-01-10").text == first
        assert sorted((each, each.stat().st_mtime_ns) for each in tmp_path.rglob("*")) == before
        name = "EX-1/evidence/studies/bell-2020/2025-02-01.md"
        (tmp_path / name).write_text(FILES[name].replace("recorded: 2025-02-01", "recorded: 2025-02-20"))
        (tmp_path / name).rename(tmp_path / name.replace("2025-02-01", "2025-02-20"))
        assert looked_twice(held.site)
        packet = held.get(f"{REVIEW}.json?today=2026-01-10").json()["packet"]
        assert [each["study"] for each in packet["recorded"]] == ["bell-2020", "cole-2021"]


def test_a_draft_that_is_held_already_is_said_and_not_drafted_again(tmp_path: Path) -> None:
    held_already = policy("2026-02-01", "2026-01-01", number="EX-1").replace("published: 2026-01-01\n", "")
    files = FILES | {"EX-1/2026-02-01.md": held_already}
    with portal_of(tmp_path, files, for_staff=True) as held:
        value = held.get(f"{REVIEW}.json?today=2026-01-10").json()
        assert value["packet"] is None and "EX-1/2026-02-01.md is held already" in value["refused"]
        assert "There is nothing to review" in Tags(held.get(f"{REVIEW}?today=2026-01-10").text).text


def test_where_nothing_is_in_force_and_where_nothing_is_known_it_says_so(tmp_path: Path) -> None:
    with portal(for_staff=True) as held:
        gap = held.get("/policies/2.01.100/review.json?today=2021-03-14").json()
        assert gap["packet"] is None and "archived" in gap["refused"]
        assert held.get("/policies/2.01.100/review?today=2019-08-01").status_code == 200  # a text without guidelines
        assert held.get("/policies/9.99.999/review").status_code == 404
        assert held.get("/policies/2.01.100/review?today=soon").status_code == 400


def test_words_of_a_document_are_words_on_it(tmp_path: Path) -> None:
    name = "EX-1/evidence/studies/cole-2021/2025-08-01.md"
    files = FILES | {name: FILES[name].replace("first author: Cole", "first author: <b>Cole</b> `x`")}
    with portal_of(tmp_path, files, for_staff=True) as held:
        page = held.get(f"{REVIEW}?today=2026-01-10").text
        assert "<b>Cole" not in page and "<code>x</code>" in page
