"""What a policy was over time: its history and timeline, the redline of two versions, what is due and what changed."""

from __future__ import annotations

import csv
import io
import re
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import msgspec
import pytest
from icalendar import Calendar
from tests.cli.running import run
from tests.support import policy
from tests.web.portal import TODAY, Tags, portal, portal_of

from medpol.library import SHIPPED
from medpol.web.pages.page import PER_PAGE

SEED = "/policies/2.01.100"
STORY = f"{SEED}/compare?from=2019-07-01&to=2023-12-07"
SVG = "{http://www.w3.org/2000/svg}"
AS_OF = ("--date-of-service", str(TODAY), "--known-on", str(TODAY))


def _flat(text: str) -> str:
    return " ".join(text.split())


# ---------------------------------------------------------------------------- history and timeline


def test_a_plans_own_code_is_told_as_the_document_writes_it(tmp_path: Path) -> None:
    rows = "| needling | CPT | 20560 | governed | | |"
    own = rows + "\n| needling | local | Needle  At-Home | governed | | |"
    files = {"EX-1/2024-05-01.md": policy(codes=rows), "EX-1/2025-05-01.md": policy("2025-05-01", codes=own)}
    with portal_of(tmp_path, files) as held:
        joined = held.get("/policies/EX-1/history.json").json()["code_changes"][-1]["joined"]
        assert joined == ["local Needle At-Home"]
        assert (
            "Needle At-Home" in held.get("/policies/EX-1").text
            and "local Needle At-Home" in held.get("/changes.atom").text
        )
        assert [each["code"] for each in held.get("/api/policies").json()["policies"][0]["codes"]] == [
            "20560",
            "Needle At-Home",
        ]
        folded = held.get("/codes/local/needle%20at-home")
        assert folded.status_code == 302 and folded.headers["location"] == "/codes/local/Needle%20At-Home"
        assert "local Needle At-Home" in held.get(folded.headers["location"]).text
        assert "Needle At-Home" in held.client.post("/codes", data={"codes": "NEEDLE AT-HOME"}).text


def test_the_timeline_hatches_the_archived_days_and_says_how_many() -> None:
    with portal() as held:
        drawn = ElementTree.fromstring(held.get(f"{SEED}/history.svg").content)
        hatched = [each for each in drawn.iter(f"{SVG}rect") if each.get("class") == "archived"]
        assert [each.get("fill") for each in hatched] == ["url(#hatch-across)"]
        assert drawn.find(f".//{SVG}pattern[@id='hatch-across']") is not None
        says = "archived, no version in force 2020-03-01 through 2023-12-06, 1,376 days"
        assert [each.text for each in hatched[0]] == [says]
        assert says in (drawn.findtext(f"{SVG}desc") or "")
        text = Tags(held.get(f"{SEED}/history").text).text
        assert "No version was in force from 2020-03-01 through 2023-12-06: 1,376 days." in text


def test_notice_leads_in_from_the_day_of_publication_and_the_days_owed_are_said_beside() -> None:
    with portal() as held:
        drawn = ElementTree.fromstring(held.get(f"{SEED}/history.svg").content)
        places = {each.get("class"): each for each in drawn.iter(f"{SVG}rect")}
        lead, version = places["notice"], [each for each in drawn.iter(f"{SVG}rect") if "bar" in str(each.get("class"))]
        end = float(str(lead.get("x"))) + float(str(lead.get("width")))
        assert any(abs(float(str(each.get("x"))) - end) < 0.2 for each in version), "it ends where a version begins"
        words = (
            "published 2023-09-01, 97 days before 2023-12-07; 90 days are owed, counted back they begin on 2023-09-08"
        )
        assert words in Tags(held.get(f"{SEED}/history").text).text
        assert words in held.get(f"{SEED}/history.md").text


def test_the_line_of_the_day_can_be_typed_and_stands_where_the_day_is() -> None:
    with portal() as held:
        before, after = (
            _line(held.get(f"{SEED}/history.svg?date_of_service={day}").content) for day in ("2020-01-15", "2024-01-15")
        )
        assert before < after
        page = Tags(held.get(f"{SEED}/history?date_of_service=2021-03-14&known_on=2026-11-23").text)
        typed = [each for tag, each in page.found if tag == "input" and each.get("name") == "date_of_service"]
        assert typed and all(each["value"] == "2021-03-14" for each in typed)


def _line(drawn: bytes) -> float:
    found = ElementTree.fromstring(drawn).find(f".//{SVG}path[@class='asked']")
    assert found is not None
    return float(found.attrib["d"][1:].split()[0])


def test_both_drawings_have_a_title_a_description_a_table_beside_and_ids_of_their_own() -> None:
    with portal() as held:
        page = held.get(f"{SEED}/history").text
        tags = Tags(page).found
        charts = [each for tag, each in tags if tag == "svg"]
        assert [each["class"] for each in charts] == ["chart across", "chart down"]
        assert all(each["role"] == "img" and each["aria-label"] == "Timeline of 2.01.100" for each in charts)
        described = re.findall(r"<desc>(.*?)</desc>", page)
        assert len(described) == 2 and all("1,376 days" in each for each in described)
        ids = [each["id"] for _, each in tags if "id" in each]
        assert len(ids) == len(set(ids)) and "style=" not in page
        rows = list(csv.DictReader(io.StringIO(held.get(f"{SEED}/history.csv").text)))
        assert [(each["first_day"], each["days"]) for each in rows][3] == ("2020-03-01", "1376")


def test_a_policy_of_one_version_has_a_table_and_no_drawing(tmp_path: Path) -> None:
    with portal_of(tmp_path, {"EX-1/2024-05-01.md": policy()}) as held:
        page = held.get("/policies/EX-1/history").text
        assert "<svg" not in page and "2024-05-01" in page


def test_the_second_clock_is_a_row_only_where_something_was_corrected(tmp_path: Path) -> None:
    files = {
        "EX-1/2024-05-01.md": policy(),
        "EX-1/2024-05-01.2024-09-01.md": policy(published="2024-09-01"),
        "EX-1/2025-05-01.md": policy("2025-05-01", "2025-02-01"),
    }
    with portal_of(tmp_path, files) as held:
        now, then = (held.get(f"/policies/EX-1/history.svg{query}").text for query in ("", "?known_on=2024-06-01"))
        assert "once known from 2024-01-29, for care from 2024-05-01 on: corrected on 2024-09-01" in now
        assert ">once known<" in now and ">once known<" not in then
        assert "As it was known then" in held.get("/policies/EX-1/history").text
    with portal() as held:
        assert ">once known<" not in held.get(f"{SEED}/history.svg").text


def test_days_at_the_ends_of_the_calendar_are_drawn(tmp_path: Path) -> None:
    files = {
        "EX-1/1900-01-01.md": policy("1900-01-01", "1900-01-01"),
        "EX-1/9999-12-31.md": policy("9999-12-31", "2020-01-01"),
    }
    with portal_of(tmp_path, files) as held:
        for day in ("1900-01-01", "2100-12-31"):
            answer = held.get(f"/policies/EX-1/history.svg?date_of_service={day}")
            assert answer.status_code == 200 and ElementTree.fromstring(answer.content) is not None


def test_however_dense_the_versions_are_their_names_stand_apart_and_the_drawing_stays_low(tmp_path: Path) -> None:
    days = [date(2012, 1, 1) + timedelta(days=85 * at) for at in range(60)]
    files = {f"EX-1/{day}.md": policy(str(day), str(day - timedelta(days=100))) for day in days}
    with portal_of(tmp_path, files) as held:
        drawn = ElementTree.fromstring(held.get("/policies/EX-1/history.svg").content)
        assert float(drawn.attrib["height"]) < 400
        names = [each for each in drawn.iter(f"{SVG}text") if re.fullmatch(r"\d{4}-\d\d-\d\d", each.text or "")]
        places = sorted((float(each.attrib["y"]), float(each.attrib["x"])) for each in names)
        assert len(places) > 20 and str(days[-1]) in [each.text for each in names]
        assert all(y != below or x + 70 < after for (y, x), (below, after) in pairwise(places))
        assert all(str(day) in held.get("/policies/EX-1/history.csv").text for day in days)


# ---------------------------------------------------------------------------- redline


def test_the_redline_of_the_seed_says_the_five_things_before_the_words() -> None:
    with portal() as held:
        text = Tags(held.get(STORY).text).text
        meaning, words = text.split("The words Inline")
        for said in (
            "trigger point injection left the services that the policy governs",
            "left the statement: “injections”",
            "two codes joined on 2020-01-01: CPT 20560, 20561",
            "the position is unchanged: investigational",
            "No policy was in force on 1,376 of the days between: 2020-03-01 through 2023-12-06.",
        ):
            assert said in meaning, said
        assert "deleted: Trigger end deleted inserted: Dry needling of a trigger end inserted point" in words


def test_an_announced_change_links_to_its_redline(tmp_path: Path) -> None:
    files = {"EX-1/2024-05-01.md": policy(), "EX-1/2027-05-01.md": policy("2027-05-01", "2026-09-01")}
    with portal_of(tmp_path, files) as held:
        for page in ("/policies/EX-1", "/policies/EX-1/history"):
            link = "/policies/EX-1/compare?from=2026-11-23&to=2027-05-01"
            assert link in Tags(held.get(page).text).links() and held.get(link).status_code == 200


def test_side_by_side_shows_each_version_whole_and_keeps_the_choice_in_every_link() -> None:
    with portal() as held:
        page = held.get(f"{STORY}&view=side").text
        pairs = re.findall(r'<div class="passage pair changed".*?</div></div>', page, re.DOTALL)
        before, after = (Tags(part).text for part in pairs[0].split("</div><div>"))
        assert "inserted:" not in before and "deleted:" not in after
        assert "/policies/2.01.100/compare.md?from=2019-07-01&to=2023-12-07&view=side" in Tags(page).links()
        assert held.get(f"{STORY}&view=sideways").status_code == 400


def test_a_redline_without_days_compares_the_text_of_the_day_with_the_one_before() -> None:
    with portal() as held:
        assert held.get(f"{SEED}/compare").headers["location"] == f"{SEED}/compare?from=2023-12-07&to=2024-07-01"
        there = held.get(f"{SEED}/compare?date_of_service=2021-01-01&known_on=2021-01-01").headers["location"]
        assert there == f"{SEED}/compare?from=2019-07-01&to=2020-01-01&date_of_service=2021-01-01&known_on=2021-01-01"
        choices = [each["value"] for tag, each in Tags(held.get(STORY).text).found if tag == "option"]
        assert choices == 2 * ["2019-01-01", "2019-07-01", "2020-01-01", "2020-03-01", "2023-12-07", "2024-07-01"]


def test_the_same_text_again_is_said_with_the_days_that_differ(tmp_path: Path) -> None:
    files = {"EX-1/2024-05-01.md": policy(), "EX-1/2025-05-01.md": policy("2025-05-01", "2025-01-29")}
    with portal_of(tmp_path, files) as held:
        text = Tags(held.get("/policies/EX-1/compare?from=2024-05-01&to=2025-05-01").text).text
        assert "No change in wording or meaning." in text and "effective: 2024-05-01 → 2025-05-01" in text


def test_a_day_on_which_no_version_stands_is_not_found_with_days_that_would_do() -> None:
    with portal() as held:
        answer = held.get(f"{SEED}/compare?from=1990-01-01&to=2023-12-07")
        assert answer.status_code == 404 and "2019-01-01" in answer.text
        assert held.get(f"{SEED}/compare?from=zeppelin&to=2023-12-07").status_code == 400


def test_words_that_are_not_ours_to_show_are_in_no_twin_of_history_and_redline(tmp_path: Path) -> None:
    history = "\n## History\n\n| Date | Event | Comment |\n|---|---|---|\n| 2025-05-01 | annual review | A secret comment. |\n"
    forbids = "rights: not for display"
    files = {
        "EX-1/2024-05-01.md": policy(criteria="Secret needling is **investigational**.", head=forbids),
        "EX-1/2025-05-01.md": policy(
            "2025-05-01", "2025-02-01", criteria="Secret sticking is **investigational**.", head=forbids
        )
        + history,
    }
    with portal_of(tmp_path, files) as held:
        for name in ("history", "compare"):
            query = "?from=2024-05-01&to=2025-05-01" if name == "compare" else ""
            for ending in ("", ".json", ".md", *([".csv", ".svg"] if name == "history" else [])):
                answer = held.get(f"/policies/EX-1/{name}{ending}{query}")
                assert answer.status_code == 200
                assert "ecret" not in answer.text and "sticking" not in answer.text, (name, ending)
        assert "ecret" not in held.get("/api/policies/EX-1/compare?from=2024-05-01&to=2025-05-01").text
        assert "ecret" not in held.get("/api/policies/EX-1/versions").text
        assert "ecret" not in held.get("/changes.json").text
        assert (
            "the rights of one of them do not allow it"
            in held.get("/policies/EX-1/compare?from=2024-05-01&to=2025-05-01").text
        )


# ---------------------------------------------------------------------------- calendar and changes


def test_the_calendar_shows_the_overdue_review_first_and_a_notice_that_runs() -> None:
    with portal() as held:
        text = Tags(held.get("/calendar").text).text
        assert "Late 2025-07-01" in text and "510 days late" in text and text.index("Late") < text.index("January 2027")
        then = Tags(held.get("/calendar?date_of_service=2023-09-10&known_on=2023-09-10").text).text
        assert "2023-09-01 through 2023-12-06, 97 days" in then
        assert "notice runs until the change takes effect on 2023-12-07" in then


def test_an_empty_lane_says_what_comes_next(tmp_path: Path) -> None:
    files = {"EX-1/2024-05-01.md": policy(head="review due: 2028-03-01")}
    with portal_of(tmp_path, files) as held:
        text = Tags(held.get("/calendar?lane=review_due").text).text
        assert "Nothing due. Next: 1 March 2028, EX-1 : review due." in text
        assert "Nothing is known to come" in Tags(held.get("/calendar?lane=archived").text).text
        assert held.get("/calendar?lane=lunch").status_code == 400


def test_a_calendar_is_worked_out_once_for_a_library_and_a_day() -> None:
    with portal() as held:
        served = held.site.now
        for address in ("/calendar", "/calendar.json", "/calendar.ics", "/api/calendar"):
            assert held.get(address).status_code == 200
        assert served.calendars.cache_info()[:2] == (2, 1), "two of the three that hold all of it found it ready"
        assert served.calendar_parts.cache_info()[:2] == (2, 1), "a twin looks for its page's part too"


def test_a_long_calendar_has_pages_and_twins_that_hold_all_of_it(tmp_path: Path) -> None:
    count = 2 * PER_PAGE + 40
    files = {
        f"EX-{at:03}/2027-0{1 + at % 9}-01.md": policy(f"2027-0{1 + at % 9}-01", "2026-11-01", number=f"EX-{at:03}")
        for at in range(count // 2)
    }
    with portal_of(tmp_path, files) as held:
        whole = [(each["policy"], each["event"]) for each in held.get("/calendar.json").json()["entries"]]
        assert len(whole) == count + 4, "for each policy a notice and a first day; and four days of coding updates"
        assert len(held.get("/calendar.csv").text.splitlines()) == len(whole) + 1
        shown: list[str] = []
        address: str | None = "/calendar"
        while address is not None:
            page = held.get(address)
            assert page.status_code == 200 and f"{len(whole):,} dates from" in page.text
            shown += re.findall(r'<span class="number">(\d{4}-\d{2}-\d{2})</span>', page.text)
            address = next((each["href"] for _, each in Tags(page.text).found if each.get("rel") == "next"), None)
        assert shown == [each["first_day"] for each in held.get("/calendar.json").json()["entries"]]
        narrowed = Tags(held.get("/calendar?lane=in_force").text).found
        (following,) = (each["href"] for _, each in narrowed if each.get("rel") == "next")
        assert following == "/calendar?page=2&lane=in_force"
        assert held.get("/calendar?page=4").status_code == held.get("/calendar?page=x").status_code == 400


def test_changes_are_newest_first_each_with_its_meaning_and_its_redline() -> None:
    with portal() as held:
        page = held.get("/changes")
        text, links = Tags(page.text).text, Tags(page.text).links()
        assert "6 changes known on 23 November 2026, newest first." in text
        assert text.index("2024-07-01") < text.index("reinstated") < text.index("The first version;")
        redline = f"{SEED}/compare?from=2020-01-01&to=2023-12-07&known_on=2023-09-01"
        assert redline in links and held.get(redline).status_code == 200
        assert held.get("/changes.json?code=99999").json()["total"] == 0
        assert "Nothing changed that fits these fields" in Tags(held.get("/changes?code=99999").text).text
        assert len(held.get("/changes.json?skip=4").json()["changes"]) == 2


def test_feeds_and_calendars_read_as_what_they_are_and_twice_as_the_same_bytes() -> None:
    atom = "{http://www.w3.org/2005/Atom}"
    with portal() as held:
        for address in ("/changes.atom", f"{SEED}.atom", "/codes/CPT/20560.atom", "/changes.atom?code=20560"):
            answer = held.get(address)
            feed = ElementTree.fromstring(answer.content)
            links = [each.attrib["href"] for each in feed.iter(f"{atom}link") if each.get("rel") == "alternate"]
            assert links and all(held.get(link).status_code == 200 for link in links), address
            assert answer.headers["content-type"].startswith("application/atom+xml")
            assert held.get(address).content == answer.content
        ids = {
            ElementTree.fromstring(held.get(each).content).findtext(f"{atom}id")
            for each in ("/changes.atom", "/changes.atom?code=20560")
        }
        assert len(ids) == 2, "a narrowed feed is another feed"
        for address in ("/calendar.ics", f"{SEED}.ics"):
            answer = held.get(address)
            events = Calendar.from_ical(answer.content).walk("VEVENT")
            assert any("review due" in str(each["SUMMARY"]) for each in events), address
            assert held.get(address).content == answer.content


def test_drafts_are_in_no_history_redline_calendar_or_feed(tmp_path: Path) -> None:
    files = {
        "EX-1/2024-05-01.md": policy(),
        "EX-1/plans.md": policy(
            "2031-05-01", None, criteria="Unheard needling is **investigational**.", head="status: draft"
        ),
    }
    with portal_of(tmp_path, files) as held:
        for address in (
            "/policies/EX-1/history.json",
            "/calendar.json",
            "/changes.json",
            "/policies/EX-1.atom",
            "/policies/EX-1.ics",
        ):
            answer = held.get(address)
            assert answer.status_code == 200 and "2031" not in answer.text, address
        assert held.get("/policies/EX-1/compare?from=2024-05-01&to=2031-05-01").text.count("Unheard") == 0


# ---------------------------------------------------------------------------- what holds for all


@pytest.mark.parametrize(
    ("address", "command"),
    [
        (f"{SEED}/history.json", ("history", "2.01.100", *AS_OF)),
        (STORY.replace("compare", "compare.json"), ("diff", "2.01.100", "2019-07-01", "2023-12-07")),
        ("/calendar.json", ("calendar", "--days", 366, *AS_OF)),
        ("/calendar.json?policy=2.01.100&view=month", ("calendar", "--days", 31, "--policy", "2.01.100", *AS_OF)),
        ("/changes.json", ("feed", "--known-on", str(TODAY))),
        ("/api/policies/2.01.100/versions", ("history", "2.01.100", *AS_OF)),
        (
            "/api/policies/2.01.100/compare?from=2019-07-01&to=2023-12-07",
            ("diff", "2.01.100", "2019-07-01", "2023-12-07"),
        ),
        ("/api/calendar?view=month", ("calendar", "--days", 31, *AS_OF)),
        ("/api/changes?code=20560", ("feed", "--code", "20560", "--known-on", str(TODAY))),
    ],
)
def test_the_twins_are_the_bytes_of_the_command_line(address: str, command: tuple[object, ...]) -> None:
    with portal(SHIPPED) as held:
        assert held.get(address).content == run(*command, "--format", "json").data


def test_hostile_text_in_titles_policies_and_sections_comes_out_inert(tmp_path: Path) -> None:
    bad = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    texts = [
        policy(day, day, number="EX-1", criteria=f"{words.split()[0]} is **investigational**.").replace(
            "title: Needles", f'title: "{bad}"'
        )
        + f"\n## Policy guidelines {bad}\n\n{words} {bad}\n"
        for day, words in (("2024-05-01", f"Needling {bad}"), ("2025-05-01", f"Sticking {bad} `x`"))
    ]
    files = {"EX-1/2024-05-01.md": texts[0], "EX-1/2025-05-01.md": texts[1]}
    with portal_of(tmp_path, files) as held:
        for address in (
            "/policies/EX-1/history",
            "/policies/EX-1/compare?from=2024-05-01&to=2025-05-01",
            "/policies/EX-1/compare?from=2024-05-01&to=2025-05-01&view=side",
            "/calendar",
            "/changes",
        ):
            page = held.get(address)
            assert page.status_code == 200, address
            for tag, attributes in Tags(page.text).found:
                assert tag != "script" or attributes["src"].startswith("/static/"), address
                assert "onerror" not in attributes and attributes.get("src") != "x", address
        drawn = ElementTree.fromstring(held.get("/policies/EX-1/history.svg").content)
        assert not any(each.tag.endswith(("script", "foreignObject", "img")) for each in drawn.iter())
        for address in ("/changes.atom", "/policies/EX-1.atom"):
            assert not any(
                each.tag.endswith(("script", "img"))
                for each in ElementTree.fromstring(held.get(address).content).iter()
            )
        for address in ("/policies/EX-1/history.md", "/policies/EX-1/compare.md?from=2024-05-01&to=2025-05-01"):
            assert not re.search(r"(?<!\\)<(?!/?(?:del|ins)>)", held.get(address).text), address


def test_a_policy_number_of_strange_signs_has_all_of_these_pages(tmp_path: Path) -> None:
    number = "EX;1 & <2>]"
    files = {
        "a/2024-05-01.md": policy(number=f'"{number}"'),
        "a/2025-05-01.md": policy("2025-05-01", "2025-02-01", number=f'"{number}"'),
    }
    with portal_of(tmp_path, files) as held:
        if number not in held.site.now.opened.by_policy:
            pytest.fail("the library took another number")
        changes = held.get("/changes")
        links = [each for each in Tags(changes.text).links() if "/compare?" in each]
        assert links and held.get(links[0]).status_code == 200


def test_the_interface_lists_these_operations_with_their_fields() -> None:
    with portal() as held:
        paths = held.get("/api/openapi.json").json()["paths"]
        asked = {
            each["name"]: each["required"] for each in paths["/api/policies/{policy}/compare"]["get"]["parameters"]
        }
        assert asked == {"policy": True, "from": True, "to": True, "known_on": False}
        assert {"/api/changes", "/api/calendar"} <= paths.keys()
        missing = held.get("/api/policies/2.01.100/compare?from=2019-07-01")
        assert (missing.status_code, missing.json()["where"]) == (400, "from, to")
        assert msgspec.json.decode(held.get("/api/changes").content)["total"] == 6


@pytest.mark.parametrize(
    "hostile", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "\x00", "9" * 400, "../..", "²"]
)
def test_hostile_text_in_a_field_of_these_pages_comes_out_inert(hostile: str) -> None:
    fields = {
        STORY.split("?", maxsplit=1)[0]: ("from", "to", "view"),
        f"{SEED}/history": ("date_of_service",),
        "/calendar": ("lane", "policy", "view"),
        "/changes": ("policy", "code", "line_of_business", "since", "skip"),
    }
    with portal() as held:
        for page, names in fields.items():
            for name in names:
                for ending in ("", ".json"):
                    answer = held.client.get(page + ending, params={name: hostile}, follow_redirects=True)
                    assert answer.status_code < 500, (page, name)
                    assert ending or "<" not in hostile or hostile not in answer.text, (page, name)
                    assert answer.headers["x-content-type-options"] == "nosniff"
