"""The evidence page and the trials page: what was known on a day, who signed, and that their twins are the same value."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest
from tests.support import policy
from tests.web.evidence_documents import COLUMNS, FILES, study
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
        rows = [row for group in forest["groups"] for row in group["rows"]]
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


def test_the_summary_of_findings_has_each_question_with_its_pool_its_certainty_and_what_reviews_print(
    tmp_path: Path,
) -> None:
    with portal_of(tmp_path, FILES) as held:
        (found,) = held.get(f"{EVIDENCE}.json").json()["populations"][0]["findings"]
        assert (found["outcome"], found["against"], found["studies"]) == ("pain at rest", "dressing", 2)
        assert (found["signed"], found["suggested"]) == ("low", "very low")
        assert found["reviews"] == ["Dunn 2022: MD -1.10 [-1.90, -0.30] †; against dressing; short term"]
        assert any(each.startswith("left out, 1") for each in found["remarks"])
        text = Tags(held.get(EVIDENCE).text).text
        assert found["effect"] in text and found["reviews"][0] in text


def test_beside_a_conclusion_stands_what_would_have_to_be_true(tmp_path: Path) -> None:
    with portal_of(tmp_path, FILES) as held:
        leg, foot = held.get(f"{EVIDENCE}.json").json()["populations"]
        assert leg["hindered"] == ["evidence permits conclusions"]
        assert leg["possible"] == [{"conclusion": "insufficient", "allowed": ["investigational"]}]
        assert [each["conclusion"] for each in leg["would_open"]] == ["inferior", "not attainable", "improves"]
        assert (foot["hindered"], foot["possible"], foot["would_open"]) == ([], [], [])
        assert "how many people its trials had" in leg["pools"][0]["smallest_trial"]
        text = Tags(held.get(EVIDENCE).text).text
        assert "As judged now nothing else is possible: insufficient (position: investigational)" in text


def test_the_smallest_trial_is_told_where_the_records_state_groups(tmp_path: Path) -> None:
    heads = "| Outcome | Comparator | Timepoint | Measure | Mean | SD | N | Comparator mean | Comparator SD | Comparator N | Unit | Checked |"
    row = "| pain | dressing | 2 months | MD | 3.0 | 2.0 | 30 | 4.0 | 2.0 | 30 | points of 10 | full text |"
    files = FILES | {
        f"EX-1/evidence/studies/{id}/2025-02-01.md": study(id, name, year, "").replace(
            COLUMNS, f"{heads}\n{'|---' * 12}|\n{row}\n"
        )
        for id, name, year in (("ames-2019", "Ames", 2019), ("bell-2020", "Bell", 2020), ("egan-2021", "Egan", 2021))
    }
    with portal_of(tmp_path, files) as held:
        (pool,) = held.get(f"{EVIDENCE}.json").json()["populations"][0]["pools"]
        assert "a standard deviation of 2.00, the median of its trials" in pool["smallest_trial"]
        assert (
            "no single trial can" in pool["smallest_trial"]
        )  # its effect of 1 point does not reach the 1.5 that matter
        assert [each["studies"] for each in pool["cumulative"]] == [1, 2, 3]
        assert [each["study"] for each in pool["leave_one_out"]] == ["Ames 2019", "Bell 2020", "Egan 2021"]
        text = Tags(held.get(EVIDENCE).text).text
        assert all(each["shown"] in text for each in (*pool["cumulative"], *pool["leave_one_out"]))


def test_studies_of_a_pool_stand_under_what_they_were_held_against(tmp_path: Path) -> None:
    with portal_of(tmp_path, FILES) as held:
        (pool,) = held.get(f"{EVIDENCE}.json").json()["populations"][0]["pools"]
        assert [(each["name"], len(each["rows"])) for each in pool["forest"]["groups"]] == [
            ("against gauze", 1),
            ("against dressing", 1),
        ]
        assert any(each.startswith("Between the comparators: Q ") for each in pool["forest"]["cautions"])


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
        then = "/policies/EX-1/evidence?evidence_known_on=2025-02-15"
        assert then in Tags(held.get(EVIDENCE).text).links()
        value = held.get(then.replace("?", ".json?")).json()
        assert (value["evidence_known_on"], value["known_on"], value["version"]) == (
            "2025-02-15",
            "2026-11-23",
            "2025-06-01",
        )
        assert (value["records"], value["populations"][0]["conclusion"]) == (3, "")
        assert (
            "Only the records known on 15 February 2025, the day this version was approved"
            in Tags(held.get(then).text).text
        )
        assert "evidence_known_on=2025-02-15" in held.get(then).text.split("This page as")[1]
        assert held.get(f"{EVIDENCE}?evidence_known_on=2027-01-01").status_code == 400


def test_the_records_of_a_policy_that_is_only_drafted_are_nowhere(tmp_path: Path) -> None:
    draft = {
        name.replace("EX-1", "EX-9"): text.replace("EX-1", "EX-9").replace("ulcers", "planted-words")
        for name, text in FILES.items()
    }
    name = "EX-9/2025-06-01.md"
    draft[name] = draft[name].replace("approved: 2025-02-15\n", "").replace("published: 2025-02-15\n", "")
    with portal_of(tmp_path / "one", FILES) as alone, portal_of(tmp_path / "two", FILES | draft) as held:
        assert [each.policy for each in held.site.whole.evidence] == ["EX-1", "EX-9"]
        assert [each.policy for each in held.site.now.library.evidence] == ["EX-1"]
        for page in ("evidence", "trials", "evidence.json", "trials.csv"):
            missing = held.get(f"/policies/EX-9/{page}")
            assert missing.status_code == 404 == alone.get(f"/policies/EX-9/{page}").status_code
            assert "planted-words" not in missing.text
        for address in ("/search?q=planted-words", "/search.json?q=suction", "/policies", "/", "/calendar", EVIDENCE):
            shown, expected = held.get(address), alone.get(address)
            assert (shown.text, shown.headers.get("etag")) == (expected.text, expected.headers.get("etag"))
        assert held.site.now.plan_hash == alone.site.now.plan_hash


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
        first, appeal = text.index("What disagrees with the position"), text.index("review by a qualified clinician")
        assert first < appeal < text.index("R. Ames, medical director")
        assert "Society of Wounds, 2024 recommends it." in text


def test_how_to_appeal_and_whom_to_ask_are_those_of_the_settings(tmp_path: Path) -> None:
    settings = 'appeal = "write to the appeals desk within 180 days"\ncontact = "the desk for medical policy"\n'
    with portal_of(tmp_path, FILES | {"medpol.toml": settings}) as held:
        value, text = held.get(f"{EVIDENCE}.json").json(), Tags(held.get(EVIDENCE).text).text
        assert value["appeal"] in text and value["contact"] in text
        assert value["appeal"] == "write to the appeals desk within 180 days"


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


def test_an_answer_leads_to_the_evidence_as_it_was_when_its_version_was_approved() -> None:
    with portal() as held:
        asked = "code=20560&line_of_business=commercial&date_of_service=2024-08-01&known_on=2026-11-23"
        links = [each for each in Tags(held.get(f"/coverage?{asked}").text).links() if "/evidence?" in each]
        days = "evidence_known_on=2024-06-10&date_of_service=2024-08-01&known_on=2026-11-23"
        assert [each.partition("#")[2] for each in links] == [
            "population-neck-shoulder",
            "population-plantar-heel",
            "population-temporomandibular",
        ]
        address = links[1].partition("#")[0]
        assert address == f"/policies/2.01.100/evidence?{days}"
        assert ("h2", {"id": "population-plantar-heel"}) in Tags(held.get(address).text).found
        assert (
            f"/policies/2.01.100/evidence?{days.replace('2024-08-01', '2026-11-23')}"
            in Tags(held.get("/policies/2.01.100").text).links()
        )


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
