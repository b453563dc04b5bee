"""What each page shows, and that its twins are renderings of the same value."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import msgspec
import pytest
from tests.support import EXAMPLES, policy
from tests.web.portal import Tags, portal, portal_of

from medpol.library import SHIPPED
from medpol.web.pages.page import csv_bytes, without_ending

SEED = "/policies/2.01.100"


def test_a_library_of_one_policy_opens_on_it_and_the_days_go_along() -> None:
    with portal() as held:
        assert held.get("/").headers["location"] == SEED
        assert (
            held.get("/?date_of_service=2021-01-01").headers["location"]
            == f"{SEED}?date_of_service=2021-01-01&known_on=2026-11-23"
        )
        assert "2.01.100" in Tags(held.get("/policies").text).text


def test_home_shows_what_is_in_force_what_comes_and_which_reviews_are_due(tmp_path: Path) -> None:
    files = {
        "EX-1/2026-01-01.md": policy("2026-01-01", "2025-09-01", head="review due: 2026-11-01"),
        "EX-2/2026-01-01.md": policy("2026-01-01", "2025-09-01", number="EX-2", head="review due: 2026-10-01"),
        "EX-2/2027-02-01.md": policy("2027-02-01", "2026-11-01", number="EX-2"),
        "EX-3/2027-06-01.md": policy("2027-06-01", "2026-11-01", number="EX-3"),
    }
    with portal_of(tmp_path, files) as held:
        value = held.get("/index.json").json()
        assert (value["in_force_count"], [each["policy"] for each in value["in_force"]]) == (2, ["EX-1", "EX-2"])
        assert [(each["policy"], each["days"], each["published"]) for each in value["coming"]] == [
            ("EX-2", 70, "2026-11-01")
        ]
        assert [(each["policy"], each["days"]) for each in value["reviews"]] == [("EX-1", -22)], (
            "the text that is announced for EX-2 was reviewed"
        )
        assert [each["policy"] for each in value["changes"]] == ["EX-3", "EX-2", "EX-2", "EX-1"]
        text = Tags(held.get("/").text).text
        assert "22 days late" in text and "In force on 1 February 2027 , in 70 days" in text
        earlier = Tags(held.get("/?date_of_service=2026-03-01&known_on=2026-03-01").text).text
        assert "None in the next 90 days. Next: EX-2 Needles , 1 October 2026." in earlier
        assert "No version is announced that takes effect later than 1 March 2026." in earlier
        soon = Tags(held.get("/?date_of_service=2026-11-05&known_on=2026-11-05").text).text
        assert "In force on 1 February 2027" in soon


def test_the_policy_page_holds_every_section_of_the_document_with_a_way_back() -> None:
    with portal() as held:
        page = held.get(SEED).text
        value = held.get(f"{SEED}.json").json()
        links = Tags(page).links()
        ids = {each["id"] for _, each in Tags(page).found if "id" in each}
        for section in value["sections"]:
            assert f"#{section['anchor']}" in links and section["anchor"] in ids, section["heading"]
        assert links.count("#contents") == len(value["sections"]) and "contents" in ids
        assert {link[1:] for link in links if link.startswith("#")} <= ids, "no link within the page leads nowhere"
        text = Tags(page).text
        for words in (
            "NCT06023264",
            "Neck/shoulder",
            "American Physical Therapy Association",
            "20561",
            "coding update",
            "PMID 11871683",
        ):
            assert words in text
        assert "CPT® is a registered trademark" in text


def test_criteria_show_their_sentences_with_badges_and_their_rules() -> None:
    with portal(EXAMPLES) as held:
        page = held.get("/policies/EX-2.02.001").text
        text = Tags(page).text
        assert "The diagnosis is myofascial pain syndrome. read by the engine Rule diagnosis in myofascial-pain" in text
        assert "The injections are part of a written treatment plan. a question for a person" in text
        assert "◐ medically necessary when criteria are met otherwise investigational" in text


def test_references_and_their_citations_link_to_each_other() -> None:
    with portal() as held:
        page = held.get(SEED).text
        assert '<a id="cite-17-1" href="#ref-17">17</a>' in page
        assert 'href="#cite-17-1"' in page and 'id="ref-17"' in page


def test_the_source_document_is_handed_out_byte_for_byte_where_rights_allow() -> None:
    with portal() as held:
        answer = held.get(f"{SEED}.md?date_of_service=2024-01-01&known_on=2026-11-01")
        assert answer.headers["content-type"] == "text/markdown; charset=utf-8"
        assert answer.content == (SHIPPED / "2.01.100/2023-12-07.md").read_bytes()


@pytest.mark.parametrize(
    ("head", "is_shown"),
    [
        ("", True),
        ("source: a published page", False),
        ("source: a published page\nrights: own words throughout, may be shown, downloaded and exported", True),
        (
            "source: a published page\nrights: the publisher's own words, all rights reserved by the publisher; not for display, download or export",
            False,
        ),
        ("rights: not for public display", False),
        ("source: x\nrights: Example Health Plan allows copying of this invented text", True),
    ],
)
def test_the_words_of_a_document_are_shown_only_where_its_rights_allow(
    tmp_path: Path, head: str, is_shown: bool
) -> None:
    text = (
        policy(head=head, criteria="Quillwort needling is **investigational**.")
        + "\n## Description\n\nA quillwort needle.\n"
    )
    files = {
        "EX-1/2024-05-01.md": text,
        "EX-2/2024-05-01.md": policy(number="EX-2", codes="| x | CPT | 20561 | governed | | |"),
    }
    with portal_of(tmp_path, files) as held:
        addresses = (
            "/policies/EX-1",
            "/policies/EX-1.json",
            "/api/policies/EX-1",
            "/api/coverage?code=20560&line_of_business=commercial",
        )
        for address in addresses:
            assert ("quillwort" in held.get(address).text.casefold()) is is_shown, address
        assert bool(held.get("/search.json?q=quillwort").json()["findings"]["found"][0]["snippet"]) is is_shown
        assert held.get("/policies/EX-1.md").status_code == (200 if is_shown else 403)
        assert "20560" in held.get("/policies/EX-1").text and "investigational" in held.get("/policies/EX-1").text


def test_a_policy_is_found_however_its_number_is_cased_and_sent_to_its_own_address() -> None:
    with portal(EXAMPLES) as held:
        assert held.get("/policies/ex-2.02.001.json?known_on=2026-01-01").headers["location"] == (
            "/policies/EX-2.02.001.json?date_of_service=2026-11-23&known_on=2026-01-01"
        )
        missing = held.get("/policies/EX-2", accept="application/json").json()
        assert "EX-2.02.001" in missing["near"]


def test_numbers_and_file_names_of_any_spelling_have_an_address_that_works(tmp_path: Path) -> None:
    numbers = ["A] B", 'C"D', "E'F;--", "G`H", "I#J", "K?L", "M%N", "O&P=Q"]
    files = {
        f"p{at}/2024-05-01.md": policy(number=msgspec.json.encode(number).decode()) for at, number in enumerate(numbers)
    }
    with portal_of(tmp_path, files) as held:
        links = [link for link in Tags(held.get("/policies").text).links() if link.startswith("/policies/")]
        assert len(links) == len(numbers)
        for link in links:
            assert held.get(link).status_code == 200, link


def test_a_code_page_says_from_when_to_when_and_at_what_position() -> None:
    with portal() as held:
        text = Tags(held.get("/codes/CPT/20560").text).text
        assert "One policy in force names it on 23 November 2026." in text
        assert "2020-03-01 2023-12-06 ○ archived no policy in force" in text
        rows = list(csv.DictReader(io.StringIO(held.get("/codes/CPT/20560.csv").text)))
        spans = held.get("/codes/CPT/20560.json").json()["code"]["policies"][0]["spans"]
        assert (
            [row["first_day"] for row in rows]
            == [span["first_day"] for span in spans]
            == ["2020-01-01", "2020-03-01", "2023-12-07", "2024-07-01"]
        )


def test_a_code_that_no_policy_speaks_of_gets_a_sentence_of_its_own() -> None:
    with portal() as held:
        for address, words in (
            ("/codes/CPT/xx", "This has not the shape of a code of CPT"),
            ("/codes/CPT/20562", "medpol holds no list to say whether it exists"),
            (
                "/codes/CPT/20560?date_of_service=2019-05-01",
                "Not yet valid on 1 May 2019: the code begins on 1 January 2020.",
            ),
            ("/codes/CPT/20560?date_of_service=2021-05-01", "in no policy that was in force that day"),
        ):
            assert words in Tags(held.get(address).text).text, address
        assert "20560" in Tags(held.get("/codes/CPT/20562").text).text, "near codes are offered"
    with portal(EXAMPLES) as held:
        ended = held.get("/codes/local/EX-TPI?date_of_service=2026-01-01")
        assert "No longer valid on 1 January 2026: its last day was 30 June 2025." in Tags(ended.text).text


def test_pasted_codes_give_a_table_and_a_csv_and_the_malformed_ones() -> None:
    with portal() as held:
        page = held.client.post("/codes", data={"codes": "20560, M79.18\n??!\n20560"})
        text = Tags(page.text).text
        assert page.headers["cache-control"] == "no-store"
        assert "3 entries, for care on 23 November 2026" in text and "1 without the shape of a code" in text
        rows = list(csv.DictReader(io.StringIO(held.client.post("/codes.csv", data={"codes": "20560 =1+1"}).text)))
        assert [row["given"] for row in rows] == ["20560", "'=1+1"]
        assert held.client.post("/codes", data={"codes": " "}).status_code == 400
        pasted = "not a code\n20560 20561\n205600, M79.1x8yz; " + "long words " * 20
        malformed = held.client.post("/codes.json", data={"codes": pasted}).json()["malformed"]
        assert [(each["given"][:10], each["why"][:8]) for each in malformed] == [
            ("not a code", "words: g"),
            ("205600", "6 digits"),
            ("M79.1x8yz", "the shap"),
            ("long words", "words: g"),
        ]
        many = "\n".join(f"{at:05d}" for at in range(10_001))
        assert held.client.post("/codes", data={"codes": many}).status_code == 413
        assert held.client.post("/codes.json", data={"codes": many[:-6]}).json()["count"] == 10_000


def test_search_goes_to_an_exact_code_or_number_and_shows_other_words_marked() -> None:
    with portal() as held:
        assert held.get("/search?q=20560").headers["location"] == "/codes/CPT/20560"
        assert held.get("/search?q=2.01.100").headers["location"] == SEED
        assert held.get("/search?q=").headers["location"] == "/"
        assert "<mark>mechanoreceptors</mark>" in held.get("/search?q=mechanoreceptors").text
        nothing = Tags(held.get("/search?q=20562").text).text
        assert "No policy names 20562. That does not mean it is covered" in nothing and "20560" in nothing
        assert held.get(f"/search?q={'x' * 501}").status_code == 400
        for words in ("dry-needling", "C%2B%2B", "o%27neil", "AND", "%22", "%25", "a%20OR%20b", "%C3%A9"):
            assert held.get(f"/search?q={words}").status_code in (200, 302), words


def test_results_can_be_narrowed_by_what_they_differ_in_and_widened_again() -> None:
    with portal(EXAMPLES) as held:
        page = held.get("/search?q=plan")
        facets = held.get("/search.json?q=plan").json()["findings"]["facets"]
        position = next(each for each in facets if each["facet"] == "position")
        chosen = f"/search?q=plan&position={position['value']}"
        assert chosen in Tags(page.text).links()
        narrowed = held.get(chosen.replace("/search?", "/search.json?")).json()["findings"]
        assert narrowed["total"] == position["policies"]
        assert "/search?q=plan" in Tags(held.get(chosen).text).links()
        assert held.get("/search?q=plan&changed_since=soon").status_code == 400
        assert held.get("/search?q=plan&page=0").status_code == 400
        assert held.get("/search.json?q=plan&position=zeppelin").json()["findings"]["total"] == 0


def test_a_fragment_and_a_page_are_told_apart_by_caches() -> None:
    with portal() as held:
        address = "/search/hints?q=need"
        page, fragment = held.get(address), held.get(address, HX_Request="true", HX_Target="q-hints")
        assert "<html" in page.text and "<html" not in fragment.text
        assert "Dry Needling" in page.text and "Dry Needling" in fragment.text
        assert "HX-Request" in page.headers["vary"] and "HX-Request" in fragment.headers["vary"]


def test_hints_are_codes_then_titles_then_numbers(tmp_path: Path) -> None:
    files = {
        "EX-1/2024-05-01.md": policy(number="EX-1", codes="| x | CPT | 20560 | governed | | |"),
        "EX-2/2024-05-01.md": policy(
            number="20.01", codes="| x | CPT | 20561 | governed | | |\n| x | CPT | 20560 | governed | | |"
        ),
    }
    with portal_of(tmp_path, files) as held:

        def hints(typed: str, day: str = "2026-01-01") -> list[tuple[str, str]]:
            found = held.get(f"/search/hints.json?q={typed}&date_of_service={day}").json()["hints"]
            return [(each["kind"], each["text"]) for each in found]

        assert hints("20") == [("code", "20560"), ("code", "20561"), ("policy", "20.01")]
        assert hints("n%C3%A9ed") == [("title", "20.01"), ("title", "EX-1")]
        assert hints("eedle") == [], "only beginnings of words"
        assert hints("ex-") == [("policy", "EX-1")]
        assert hints("") == hints("%22") == hints("20562") == []
        assert held.get("/search/hints.json?q=20560").json()["hints"][0]["policies"] == 2
        assert held.get(f"/search/hints?q={'x' * 501}").status_code == 400


def test_hints_on_a_past_day_are_of_what_stood_then_and_of_no_draft(tmp_path: Path) -> None:
    early = policy(codes="| x | CPT | 20560 | governed | | |").replace("Needles", "Quillwort")
    late = policy("2025-05-01", "2025-01-29", codes="| x | CPT | 20561 | governed | | |").replace("Needles", "Rushes")
    draft = policy(None, None, number="EX-2", head="status: draft").replace("Needles", "Sedges")
    files = {"EX-1/2024-05-01.md": early, "EX-1/2025-05-01.md": late, "EX-2/draft.md": draft}
    with portal_of(tmp_path, files) as held:

        def text(typed: str, days: str) -> str:
            return held.get(f"/search/hints.json?q={typed}&{days}").text

        then, now = "date_of_service=2024-06-01&known_on=2024-06-01", "date_of_service=2026-01-01"
        assert "Quillwort" in text("quill", then) and "20560" in text("205", then) and "20561" not in text("205", then)
        assert "Rushes" not in text("rush", then) and "Rushes" in text("rush", now) and "20561" in text("205", now)
        assert "Sedges" not in text("sedge", now) and "EX-2" not in text("ex-2", now)


def test_only_the_endings_of_twins_are_taken_off_and_only_at_the_end() -> None:
    assert without_ending("2.01.100") == ("2.01.100", "")
    assert without_ending("2.01.100.json") == ("2.01.100", ".json")
    assert without_ending("a.json.b") == ("a.json.b", "")
    assert without_ending("x.md.csv") == ("x.md", ".csv")
    assert without_ending(".json") == (".json", "")


def test_a_twin_that_a_page_has_not_is_not_found_and_those_it_has_are_named() -> None:
    with portal() as held:
        said = held.get(f"{SEED}.csv").json()
        assert said["status"] == 404 and ".md" in said["expected"]


def test_cells_that_a_spreadsheet_would_run_are_made_text_and_numbers_are_left() -> None:
    written = csv_bytes(("a", "b"), [("=1", -5), ("-x", 3), ("@y", None), ("+z", 1), ("\tq", 2), ("fine", 0)])
    assert written.decode().splitlines()[1:] == ["'=1,-5", "'-x,3", "'@y,", "'+z,1", "'\tq,2", "fine,0"]


def test_compressed_and_plain_pages_hold_the_same(tmp_path: Path) -> None:
    with portal() as held:
        plain = held.client.get(SEED, headers={"accept-encoding": "identity"})
        zipped = held.client.get(SEED, headers={"accept-encoding": "gzip"})
        assert zipped.headers["content-encoding"] == "gzip" and "content-encoding" not in plain.headers
        assert zipped.text == plain.text
        assert "Accept-Encoding" in plain.headers["vary"] and "Accept-Encoding" in zipped.headers["vary"]
