"""Where a policy is found whatever signs its number holds, and what addresses begin with where the site has a name."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import quote
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import icalendar
import pytest
from tests.support import policy
from tests.web.portal import TODAY, Tags, portal, portal_of

from medpol.cli.serve import today_in
from medpol.exchange.addresses import segment
from medpol.library import slug

SITE = "https://policies.example.org"
NUMBERS = ("MED/205.001", "A\\B", "SURG 7#2?x", "ÄRZTE-1", "~2F", "50%", "..", "]\"'`;--")


def two_versions(number: str) -> dict[str, str]:
    held = json.dumps(number)
    folder = f"F{NUMBERS.index(number)}"
    return {
        f"{folder}/{first}.md": policy(
            effective=first, published=published, number=held, criteria=f"Needling is **{position}**."
        )
        for first, published, position in (
            ("2024-05-01", "2024-01-29", "investigational"),
            ("2027-01-01", "2026-09-01", "not medically necessary"),
        )
    }


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_of_any_signs_is_found_by_every_link_twin_operation_and_feed(number: str, tmp_path: Path) -> None:
    others = {"EX-2/2024-05-01.md": policy(number="EX-2")}
    with portal_of(tmp_path, {"facts.md": "", **two_versions(number), **others}) as held:
        address = f"/policies/{segment(number)}"
        assert address in Tags(held.get("/policies").text).links()
        for path in ("", "/history", "/compare"):
            page = held.client.get(address + path)
            assert page.status_code == 200 and number in Tags(page.text).text, path
            for link in Tags(page.text).links():
                if link.startswith(("/policies/", "/api/")):
                    assert held.client.get(link).status_code == 200, link
        for ending in (".json", ".md", ".atom", ".ics", ".pdf"):
            assert held.get(address + ending).status_code == 200, ending
        for ending in (".json", ".csv", ".svg", ".md", ".pdf"):
            assert held.get(f"{address}/history{ending}").status_code == 200, ending
        api = f"/api/policies/{segment(number)}"
        assert held.get(api).json()["policy"] == number
        assert held.get(f"{api}/versions").json()["policy"] == number
        assert held.get(f"{api}/compare?from=2024-05-01&to=2027-01-01").json()["policy"] == number
        assert held.get("/changes.json").json()["total"] == 3
        assert held.get(f"/search?q={quote(number, safe='')}").headers["location"] == address
        feed = ElementTree.fromstring(held.get(f"{address}.atom").content)
        for link in feed.iter("{http://www.w3.org/2005/Atom}link"):
            if link.get("type") == "text/html":
                assert held.client.get(link.get("href", "")).status_code == 200, link.get("href")


def test_the_short_form_of_a_number_leads_to_its_address(tmp_path: Path) -> None:
    with portal_of(tmp_path, {"facts.md": "", **two_versions("MED/205.001")}) as held:
        answer = held.get(f"/policies/{slug('MED/205.001')}?date_of_service=2024-06-01")
        assert answer.status_code == 302
        assert answer.headers["location"].startswith("/policies/MED~2F205.001?date_of_service=2024-06-01")
        assert held.get("/policies/med~2F205.001/history").headers["location"] == "/policies/MED~2F205.001/history"


# ---------------------------------------------------------------------------- the name of the site


def test_what_leaves_the_portal_begins_with_the_address_of_the_site() -> None:
    with portal(address=SITE) as held:
        page = Tags(held.get("/policies/2.01.100").text)
        cited = f"{SITE}/policies/2.01.100?date_of_service={TODAY}&known_on={TODAY}"
        assert cited in page.links()
        inside = [each for each in page.links() if each.startswith("/")]
        assert inside and not any(each.startswith(SITE) for each in page.links() if each != cited), "links stay inside"
        for address in ("/changes.atom", "/policies/2.01.100.atom", "/codes/CPT/20560.atom"):
            feed = ElementTree.fromstring(held.get(address).content)
            found = [each.get("href", "") for each in feed.iter("{http://www.w3.org/2005/Atom}link")]
            assert found and all(each.startswith(f"{SITE}/") for each in found)
            ids = [each.text or "" for each in feed.iter("{http://www.w3.org/2005/Atom}id")]
            assert ids and all(each.startswith("tag:policies.example.org,") for each in ids)
        for address in ("/calendar.ics", "/policies/2.01.100.ics"):
            events = icalendar.Calendar.from_ical(held.get(address).content).walk("VEVENT")
            assert events
            assert all(each["uid"].endswith("@policies.example.org") for each in events)
            assert all(each["url"].startswith(f"{SITE}/") for each in events)
        assert held.get("/api/openapi.json").json()["servers"] == [{"url": SITE}]


def test_no_header_of_a_request_gets_into_what_is_handed_out() -> None:
    planted = "evil.example"
    for more in ({}, {"address": SITE}):
        with portal(**more) as held:
            for address in (
                "/",
                "/policies/2.01.100",
                "/changes.atom",
                "/calendar.ics",
                "/api/openapi.json",
                "/changes.md",
            ):
                answer = held.get(address, host=planted, x_forwarded_host=planted, forwarded=f"host={planted}")
                assert planted not in answer.text, address
                assert planted not in str(answer.headers), address


def test_where_the_site_is_known_a_host_that_was_made_up_proves_nothing() -> None:
    with portal(address=SITE) as held:
        for origin, host, status in (
            (SITE, "127.0.0.1:8000", 200),
            ("https://evil.example", "evil.example", 403),
            ("http://testserver.local", "testserver.local", 403),
        ):
            headers = {"origin": origin, "host": host}
            assert held.client.post("/codes", data={"codes": "20560"}, headers=headers).status_code == status, origin
        assert held.client.post("/codes", data={"codes": "20560"}).status_code == 200, "a program says neither"


# ---------------------------------------------------------------------------- today


def test_today_begins_at_midnight_where_the_plan_is() -> None:
    angeles = ZoneInfo("America/Los_Angeles")
    before, after = datetime(2026, 11, 23, 7, 59, 59, tzinfo=UTC), datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
    assert (today_in(angeles, before), today_in(angeles, after)) == (date(2026, 11, 22), date(2026, 11, 23))
    assert today_in(ZoneInfo("Pacific/Kiritimati"), before) == date(2026, 11, 23)
    summer = datetime(2026, 7, 1, 6, 59, 59, tzinfo=UTC)  # an hour earlier while clocks are set forward
    assert (today_in(angeles, summer), today_in(angeles, summer.replace(hour=7))) == (
        date(2026, 6, 30),
        date(2026, 7, 1),
    )


def test_at_midnight_the_version_that_begins_that_day_is_served_and_old_copies_are_asked_for_again(
    tmp_path: Path,
) -> None:
    zone = ZoneInfo("America/New_York")
    moment = datetime(2027, 1, 1, 4, 59, 59, tzinfo=UTC)
    with portal_of(tmp_path, {"facts.md": "", **two_versions("..")}) as held:
        held.today = today_in(zone, moment)
        page = held.get("/policies/~2E~2E")
        kept = page.headers["etag"]
        assert "In force today, 31 December 2026" in page.text
        assert held.get("/api/coverage?code=20560").json()["position"]["canonical"] == "investigational"
        held.today = today_in(zone, moment.replace(hour=5, minute=0, second=0))
        again = held.get("/policies/~2E~2E", if_none_match=kept)
        assert again.status_code == 200 and "In force today, 1 January 2027" in again.text
        assert held.get("/api/coverage?code=20560").json()["position"]["canonical"] == "not_medically_necessary"


def test_a_feed_of_a_code_holds_only_what_names_it_in_its_own_system(tmp_path: Path) -> None:
    same = policy(number="EX-1", codes="| needling | HCPCS | J0585 | governed | | |")
    other = policy(number="EX-2", codes="| needling | local | J0585 | governed | | |")
    with portal_of(tmp_path, {"facts.md": "", "EX-1/2024-05-01.md": same, "EX-2/2024-05-01.md": other}) as held:
        feed = held.get("/codes/HCPCS/J0585.atom").text
        assert "EX-1" in feed and "EX-2" not in feed
        assert held.get("/api/changes?code=J0585").json()["total"] == 2
        narrowed = held.get("/api/changes?code=J0585&code_system=hcpcs").json()
        assert [each["policy"] for each in narrowed["changes"]] == ["EX-1"]
        for wrong in ("code=J0585&code_system=zzz", "code_system=HCPCS"):
            assert held.get(f"/api/changes?{wrong}").json()["where"] == "code_system"
