"""The two days of a page: how an address is read, what the bar says in each of its states, what every link carries."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from tests.support import archive, policy
from tests.web.portal import Tags, portal, portal_of

SEED = "/policies/2.01.100"


def bar_of(page: str) -> list[tuple[str, str]]:
    """State and words of each line of the bar."""
    _, _, rest = page.partition('<div class="asof is-')
    state, _, rest = rest.partition('"')
    rest = rest.partition("</div>\n</div>")[0] if "</div>\n</div>" in rest else rest
    lines = [(state, Tags(rest.partition("data-days>")[2].partition("</p>")[0]).text)]
    for part in rest.split('<p class="also is-')[1:]:
        state, _, words = part.partition('">')
        lines.append((state, Tags(words.partition("</p>")[0]).text))
    return lines


def test_today_is_said_with_its_day() -> None:
    with portal() as held:
        bar = bar_of(held.get(SEED).text)
        assert bar[0] == ("today", "Current. In force today, 23 November 2026.")
        assert ("out-of-scope", "Does not apply to Medicare Advantage.") in bar


def test_a_past_day_is_said_as_known_today() -> None:
    with portal() as held:
        assert bar_of(held.get(f"{SEED}?date_of_service=2020-01-15").text)[0] == (
            "past",
            "Shown for care on 15 January 2020, as known today.",
        )


def test_a_day_in_the_gap_says_that_nothing_was_in_force_and_why() -> None:
    with portal() as held:
        page = held.get(f"{SEED}?date_of_service=2021-03-14")
        assert page.status_code == 200
        assert bar_of(page.text) == [
            ("nothing", "No version was in force on 14 March 2021: archived 2020-03-01, reinstated 2023-12-07."),
            ("out-of-scope", "Does not apply to Medicare Advantage."),
        ], "the reinstatement was not announced on that day"
        assert "The last text in force: version of 1 January 2020." in Tags(page.text).text


def test_a_day_in_the_notice_of_the_reinstatement_says_when_it_takes_effect() -> None:
    with portal() as held:
        assert bar_of(held.get(f"{SEED}?date_of_service=2023-10-01").text)[:2] == [
            ("nothing", "No version was in force on 1 October 2023: archived 2020-03-01, reinstated 2023-12-07."),
            ("announced", "In force on 7 December 2023 (published 1 September 2023). See the change"),
        ]


def test_an_announced_change_is_said_with_the_day_it_was_published(tmp_path: Path) -> None:
    files = {
        "EX-1/2026-01-01.md": policy("2026-01-01", "2025-09-01"),
        "EX-1/2027-02-01.md": policy("2027-02-01", "2026-11-01"),
        "EX-2/2026-01-01.md": policy("2026-01-01", "2025-09-01", number="EX-2"),
        "EX-2/2026-12-01.md": archive("2026-12-01", "2026-11-02", number="EX-2"),
    }
    with portal_of(tmp_path, files) as held:
        assert bar_of(held.get("/policies/EX-1").text)[1] == (
            "announced",
            "Changes on 1 February 2027 (published 1 November 2026). See the change",
        )
        assert bar_of(held.get("/policies/EX-2").text)[1] == (
            "announced",
            "Archived on 1 December 2026 (published 2 November 2026). See the change",
        )


def test_the_second_clock_says_that_later_corrections_are_not_shown() -> None:
    with portal() as held:
        bar = bar_of(held.get(f"{SEED}?date_of_service=2020-01-15&known_on=2023-08-31").text)
        assert bar[0] == ("past", "Shown for care on 15 January 2020.")
        assert ("second-clock", "As known on 31 August 2023. Later corrections are not shown.") in bar


def test_a_day_to_come_is_answered_as_announced_so_far() -> None:
    with portal() as held:
        page = held.get(f"{SEED}?date_of_service=2027-06-01")
        assert page.status_code == 200
        assert bar_of(page.text)[0] == ("future", "Shown for care on 1 June 2027, as announced so far.")


def test_a_day_of_knowledge_to_come_is_refused_and_the_field_named() -> None:
    with portal() as held:
        said = held.get(f"{SEED}.json?known_on=2026-11-24").json()
        assert (said["status"], said["where"]) == (400, "known_on")
        assert held.get(f"{SEED}?known_on=2026-11-23").status_code == 200
        held.today = date(2026, 11, 24)
        assert held.get(f"{SEED}.json?known_on=2026-11-24").status_code == 200


def test_once_a_day_is_set_every_link_carries_both_and_without_one_none_does() -> None:
    days = "date_of_service=2020-01-15&known_on=2026-11-23"
    with portal() as held:
        for path in (SEED, "/policies", "/codes/CPT/20560", "/codes", "/search?q=needling"):
            joint = "&" if "?" in path else "?"
            with_days = [
                link
                for link in Tags(held.get(f"{path}{joint}date_of_service=2020-01-15").text).links()
                if link.startswith("/")
                and link != path
                and not link.endswith((".atom", ".ics"))  # a feed is of all days
            ]
            for link in with_days:
                assert "date_of_service=" in link and "known_on=" in link, (path, link)
            assert any(days in link for link in with_days), path
        for path in ("/policies", "/search?q=needling"):
            main = held.get(path).text.partition("<main")[2].partition("</main>")[0]
            assert Tags(main).links() and not any("known_on" in link for link in Tags(main).links())


def test_cite_this_pins_both_days_and_means_the_same_later() -> None:
    with portal() as held:
        page = held.get(SEED).text
        cited = f"{SEED}?date_of_service=2026-11-23&known_on=2026-11-23"
        assert cited.replace("&", "&amp;") in page
        before = held.get(f"{SEED}.json?date_of_service=2026-11-23&known_on=2026-11-23").content
        held.today = date(2036, 11, 23)
        later = held.get(f"{SEED}.json?date_of_service=2026-11-23&known_on=2026-11-23")
        assert later.content == before
        assert later.headers["cache-control"] == "public, max-age=31536000, immutable"


def test_a_page_is_kept_five_minutes_today_and_for_good_once_both_days_are_over() -> None:
    with portal() as held:
        for query, kept in (
            ("", "public, max-age=300"),
            ("?date_of_service=2020-01-15", "public, max-age=300"),
            ("?date_of_service=2026-11-23&known_on=2026-11-22", "public, max-age=300"),
            ("?date_of_service=2020-01-15&known_on=2026-11-23", "public, max-age=300"),
            ("?date_of_service=2020-01-15&known_on=2026-11-22", "public, max-age=31536000, immutable"),
        ):
            answer = held.get(SEED + query)
            assert answer.headers["cache-control"] == kept, query
            assert held.get(SEED + query, if_none_match=answer.headers["etag"]).status_code == 304
        tag = held.get(SEED).headers["etag"]
        held.today = date(2026, 11, 24)
        assert held.get(SEED, if_none_match=tag).status_code == 200, "another day, another page"


def test_the_presets_are_today_the_day_before_and_each_boundary() -> None:
    with portal() as held:
        page = held.get(f"{SEED}?date_of_service=2021-03-14&q=x").text
        presets = Tags(page.partition('<ul class="presets">')[2].partition("</ul>")[0])
        assert presets.text == "today the day before 2019-01-01 2019-07-01 2020-01-01 2020-03-01 2023-12-07 2024-07-01"
        assert presets.links()[0] == SEED
        assert presets.links()[1] == f"{SEED}?date_of_service=2021-03-13&known_on=2026-11-23"
