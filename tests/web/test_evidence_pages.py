"""The evidence page and the trials page: what was known on a day, who signed, and that their twins are the same value."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest
from tests.support import policy
from tests.web.evidence_documents import FILES
from tests.web.portal import Tags, looked_twice, portal, portal_of

from medpol.web import pooled

EVIDENCE, TRIALS = "/policies/EX-1/evidence", "/policies/EX-1/trials"
GUIDELINES = """
## Practice guidelines

Inclusion rule: bodies of the country.

### Society of Wounds, 2024

Issuer: US professional society

Year: 2024

Recommends: for
"""


def test_a_population_shows_its_conclusion_who_signed_and_what_it_allows(tmp_path: Path) -> None:
    with portal_of(tmp_path, FILES) as held:
        value = held.get(f"{EVIDENCE}.json").json()
        (leg, foot) = value["populations"]
        assert (leg["id"], leg["conclusion"], leg["derived"]) == ("leg-ulcer", "insufficient", "insufficient")
        assert leg["signed"] == "R. Ames, medical director, 2025-03-01"
        assert leg["allowed"] == ["investigational"]
        assert leg["certainty"][0]["level"] == "low"
        assert leg["certainty"][0]["reasons"] == ["risk of bias -2: nobody was blinded"]
        assert (foot["conclusion"], foot["signed"], foot["studies"]) == ("", "not signed", [])
        text = Tags(held.get(EVIDENCE).text).text
        assert "R. Ames, medical director, 2025-03-01" in text
        assert "No study recorded for this population." in text


def test_a_declared_pool_is_drawn_with_its_numbers_in_the_json(tmp_path: Path) -> None:
    with portal_of(tmp_path, FILES) as held:
        (pool,) = held.get(f"{EVIDENCE}.json").json()["populations"][0]["pools"]
        forest = pool["forest"]
        rows = forest["groups"][0]["rows"]
        assert [(each["study"], each["estimate"]) for each in rows] == [
            ("ames-2019", pytest.approx(-1.2)),
            ("bell-2020", pytest.approx(-2.1)),  # mm of 100, told as points of 10
        ]
        assert "times 0.1" in rows[1]["note"]
        assert [each["study"] for each in forest["published"]] == ["dunn-2022"]
        assert ["Cole 2021", "not verified (checked: no)"] in forest["left_out"]
        assert pool["no_funnel"].startswith("No funnel plot is drawn of 2 studies")
        drawn = {each.text for each in fromstring(held.get(f"{EVIDENCE}.svg").text).iter()}
        page = held.get(EVIDENCE).text
        for each in (*rows, forest["pooled"], *forest["published"]):
            assert each["says"] in drawn and each["says"] in page
        listed = list(csv.DictReader(io.StringIO(held.get(f"{EVIDENCE}.csv").text)))
        assert [each["study"] for each in listed if each["kind"] == "study"] == ["Ames 2019", "Bell 2020"]


def test_what_nobody_verified_is_marked_and_the_mark_explained(tmp_path: Path) -> None:
    with portal_of(tmp_path, FILES) as held:
        assert held.get(f"{EVIDENCE}.json").json()["unverified"] == 2
        text = Tags(held.get(EVIDENCE).text).text
        assert "2 numbers on record are not verified" in text and "not held against the study's own words" in text


def test_harms_stand_as_they_were_counted_with_the_design_of_their_study(tmp_path: Path) -> None:
    with portal_of(tmp_path, FILES) as held:
        (harm,) = held.get(f"{EVIDENCE}.json").json()["harms"]
        told = [harm[part] for part in ("event", "counted", "events", "of", "percent", "severity", "kind")]
        assert told == ["bleeding", "per person", "3", "40", "7.5 %", "mild", "randomised trial"]


def test_a_day_of_knowledge_shows_what_was_known_then_and_the_page_says_what_came_since(tmp_path: Path) -> None:
    with portal_of(tmp_path, FILES) as held:
        then = held.get(f"{EVIDENCE}.json?date_of_service=2025-06-01&known_on=2025-02-15").json()
        assert [each["study"] for each in then["populations"][0]["studies"]] == ["ames-2019", "bell-2020", "dunn-2022"]
        assert (then["populations"][0]["conclusion"], then["since"]) == ("", [])
        now = held.get(f"{EVIDENCE}.json").json()
        assert (now["records"], now["known_then"]) == (4, 3)
        assert [(each["what"], each["id"]) for each in now["since"]] == [
            ("profile", "leg-ulcer"),
            ("study", "cole-2021"),
        ]
        link = "/policies/EX-1/evidence?date_of_service=2026-11-23&known_on=2025-02-15"
        assert link in Tags(held.get(EVIDENCE).text).links()


def test_before_anything_was_recorded_the_page_says_that_there_are_no_records(tmp_path: Path) -> None:
    files = {"EX-1/2024-05-01.md": policy("2024-05-01", "2024-01-29"), **FILES}
    with portal_of(tmp_path, files) as held:
        day = "date_of_service=2024-06-01&known_on=2024-06-01"
        assert held.get(f"{EVIDENCE}.json?{day}").json()["has_records"] is False
        assert (
            "No study is recorded beside this policy, as known on 2024-06-01."
            in Tags(held.get(f"{EVIDENCE}?{day}").text).text
        )


def test_a_policy_without_records_shows_what_its_document_prints() -> None:
    with portal() as held:
        value = held.get("/policies/2.01.100/evidence.json?date_of_service=2023-12-07&known_on=2023-12-07").json()
        assert (value["has_records"], value["populations"]) == (False, [])
    with portal() as held:
        text = Tags(held.get("/policies/2.01.100/evidence").text).text
        assert "What the document concludes" in text and "insufficient" in text


def test_a_guideline_that_recommends_what_the_position_refuses_is_named_and_inclusion_is_no_endorsement(
    tmp_path: Path,
) -> None:
    files = FILES | {"EX-1/2025-06-01.md": FILES["EX-1/2025-06-01.md"] + GUIDELINES}
    with portal_of(tmp_path, files) as held:
        (guideline,) = held.get(f"{EVIDENCE}.json").json()["guidelines"]
        assert (guideline["recommends"], guideline["disagrees"]) == ("for", True)
        text = Tags(held.get(EVIDENCE).text).text
        assert "Inclusion is not endorsement." in text and "disagrees with: investigational" in text


def test_words_of_a_record_are_words_in_the_page_and_in_every_twin(tmp_path: Path) -> None:
    with portal_of(tmp_path, FILES) as held:
        for ending in ("", ".svg", ".md"):
            assert "<b>leg</b>" not in held.get(f"{EVIDENCE}{ending}").text
        assert "people with <b>leg</b> ulcers" in Tags(held.get(EVIDENCE).text).text


def test_trials_stand_by_population_and_say_which_are_overdue(tmp_path: Path) -> None:
    with portal_of(tmp_path, FILES) as held:
        value = held.get(f"{TRIALS}.json").json()
        assert [(each["nct"], each["is_overdue"]) for each in value["under_way"]["trials"]] == [
            ("NCT01234567", True),
            ("NCT01234568", False),
        ]
        assert value["queries"] == ["ulcers"]
        earlier = held.get(f"{TRIALS}.json?date_of_service=2025-05-31&known_on=2025-05-31").json()
        assert not any(each["is_overdue"] for each in earlier["under_way"]["trials"])
        assert "2025-05 overdue" in Tags(held.get(TRIALS).text).text
        assert fromstring(held.get(f"{TRIALS}.svg").text).get("class") == "chart trials"
        assert "NCT01234567" in held.get(f"{TRIALS}.csv").text and "NCT01234567" in held.get(f"{TRIALS}.md").text


def test_six_trials_of_the_shipped_policy_are_overdue_on_the_day_it_comes_into_force() -> None:
    with portal() as held:
        found = held.get("/policies/2.01.100/trials.json?date_of_service=2024-07-01&known_on=2026-11-23").json()
        assert sum(each["is_overdue"] for each in found["under_way"]["trials"]) == 6


def test_the_policy_page_leads_to_both(tmp_path: Path) -> None:
    with portal_of(tmp_path, FILES) as held:
        links = Tags(held.get("/policies/EX-1").text).links()
        assert EVIDENCE in links and TRIALS in links


def test_a_number_in_another_case_leads_to_the_address_of_the_page(tmp_path: Path) -> None:
    with portal_of(tmp_path, FILES) as held:
        assert held.get("/policies/ex-1/evidence.json").headers["location"] == f"{EVIDENCE}.json"
        assert held.get("/policies/ex-1/trials").headers["location"] == TRIALS
        assert held.get("/policies/EX-9/evidence").status_code == 404


def test_a_changed_record_changes_the_tag_of_the_page(tmp_path: Path) -> None:
    with portal_of(tmp_path, FILES) as held:
        before = held.get(EVIDENCE)
        again = held.get(EVIDENCE, if_none_match=before.headers["etag"])
        assert again.status_code == 304
        name = "EX-1/evidence/studies/bell-2020/2025-02-01.md"
        (tmp_path / name).write_text(FILES[name].replace("-21.0", "-22.0"))
        assert looked_twice(held.site)
        after = held.get(EVIDENCE, if_none_match=before.headers["etag"])
        assert after.status_code == 200 and "-2.20 [" in after.text


def test_without_the_extra_the_records_stand_and_the_page_says_that_pools_are_not_computed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pooled, "CAN_POOL", False)
    with portal_of(tmp_path, FILES) as held:
        value = held.get(f"{EVIDENCE}.json").json()
        assert value["pools_are_computed"] is False
        assert value["populations"][0]["pools"] == [] and value["populations"][0]["published"] != []
        assert "Pools are not computed here" in Tags(held.get(EVIDENCE).text).text


def test_records_with_an_error_are_shown_as_far_as_read_and_nothing_is_pooled(tmp_path: Path) -> None:
    name = "EX-1/evidence/studies/bell-2020/2025-02-01.md"
    with portal_of(tmp_path, FILES | {name: FILES[name].replace("| dressing |", "| nobody-knows |")}) as held:
        value = held.get(f"{EVIDENCE}.json").json()
        assert value["errors"] > 0 and value["populations"][0]["pools"] == []
        assert "nothing is pooled until they are mended" in Tags(held.get(EVIDENCE).text).text
