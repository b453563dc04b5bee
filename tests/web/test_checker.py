"""The coverage checker as a person uses it: a look-up by its address, then a form, then an answer that says everything."""

from __future__ import annotations

import pytest
from tests.support import EXAMPLES
from tests.web.portal import Portal, Tags, portal
from tests.web.test_determinations import SEED

WORDS = {"not_covered": "Not covered", "not_addressed": "Not addressed"}
INJECTION = "/coverage?code=20552&line_of_business=commercial&date_of_service=2024-08-02&known_on=2026-11-22"


def _form(page: str) -> dict[str, str]:
    """What a browser would send of the form that records, with nothing answered."""
    posted = page.partition('method="post"')[2]
    return {
        held["name"]: held.get("value", "")
        for tag, held in Tags(posted).found
        if tag in ("input", "textarea") and "name" in held and (held.get("type") != "radio" or "checked" in held)
    }


def _fields(page: str) -> list[str]:
    return [held["id"].removeprefix("i-") for tag, held in Tags(page).found if tag == "fieldset"]


def _opened(held: Portal, answer, ending: str = ""):
    """The record of an answer, as the browser that asked would open it."""
    cookie = answer.headers["set-cookie"].partition(";")[0]
    return held.get(answer.headers["content-location"] + ending, Cookie=cookie)


def _post(held: Portal, form: dict[str, str], **answers: str):
    return held.client.post("/coverage", data=form | answers)


# ---------------------------------------------------------------------------- look-ups


@pytest.mark.parametrize("day", SEED)
def test_the_seeds_days_are_answered_by_the_form_as_by_the_look_up(day: str) -> None:
    days = f"date_of_service={day}&known_on=2026-11-23"
    with portal() as held:
        page = held.get(f"/coverage?code=20560&service=&line_of_business=commercial&contract=&{days}")
        assert WORDS[SEED[day][0]] in Tags(page.text).text
        form = _form(page.text) | {"f.diagnosis": "=", "v.diagnosis": "M79.18"}
        answer = held.client.post(f"/coverage?{days}", data=form)
        assert answer.status_code == 200 and answer.headers["cache-control"] == "no-store"
        record = _opened(held, answer, ".json").json()
        assert (record["outcome"], record["reason_key"]) == SEED[day]
        assert record["date_of_service"] == day


def test_a_look_up_has_an_address_may_be_kept_and_is_not_recorded() -> None:
    with portal(EXAMPLES) as held:
        page = held.get(INJECTION)
        assert page.headers["cache-control"] == "public, max-age=31536000, immutable" and "etag" in page.headers
        assert "set-cookie" not in page.headers and held.ledger.tip().sequence == 0
        same = held.get(INJECTION.replace("/coverage", "/api/coverage"))
        assert held.get(INJECTION.replace("/coverage", "/coverage.json")).content == same.content


def test_a_fact_in_the_address_is_refused_and_not_repeated() -> None:
    with portal(EXAMPLES) as held:
        answer = held.get("/coverage?code=20552&age=zeppelin")
        assert answer.status_code == 400 and "zeppelin" not in answer.text


def test_a_medicare_advantage_member_is_told_that_the_policy_does_not_speak_for_them() -> None:
    with portal() as held:
        page = held.get("/coverage?code=20560&line_of_business=medicare_advantage&date_of_service=2024-08-02")
        words = Tags(page.text).text
        assert "Not addressed" in words and "this policy does not speak for medicare advantage" in words
        assert "not a statement of coverage" in words and "Ask the plan" in words


def test_without_a_line_of_business_what_each_would_get_stands_first() -> None:
    with portal() as held:
        page = held.get("/coverage?code=20560&date_of_service=2024-08-02")
        words = Tags(page.text).text
        assert words.index("What each would get") < words.index("Information needed")
        links = [each for each in Tags(page.text).links() if "line_of_business=commercial" in each]
        assert "Not covered" in Tags(held.get(links[0]).text).text


def test_what_cannot_be_read_keeps_the_form_as_it_was_filled() -> None:
    with portal(EXAMPLES) as held:
        answer = held.get("/coverage?code=20552&line_of_business=zeppelin")
        assert answer.status_code == 400 and answer.headers["cache-control"] == "no-store"
        assert any(held.get("value") == "20552" for tag, held in Tags(answer.text).found if tag == "input")


# ---------------------------------------------------------------------------- the questions


def test_only_what_the_criteria_need_is_asked_and_nothing_is_chosen_before() -> None:
    with portal(EXAMPLES) as held:
        page = held.get(INJECTION).text
        answer = held.get(INJECTION.replace("/coverage", "/api/coverage")).json()
        asked = _fields(page)
        soonest = min(answer["missing"], key=len)
        assert asked[0] in {f"f.{each.get('fact')}" for each in soonest} | {
            f"q.{each.get('criterion')}" for each in soonest
        } | {"f.history"}
        needed = {each.get("fact") for held in answer["missing"] for each in held}
        assert {name[2:] for name in asked if name.startswith("f.")} <= needed | {"history", "diagnosis"}
        radios = [held for tag, held in Tags(page).found if held.get("type") == "radio"]
        assert radios and not any("checked" in each for each in radios)
        assert sum(each["value"] == "?" for each in radios) == len(asked), "each can be not documented"


def test_answers_are_carried_to_the_next_step_and_not_documented_is_not_asked_again() -> None:
    with portal(EXAMPLES) as held:
        page = held.get(INJECTION).text
        first = _fields(page)[0]
        answer = _post(held, _form(page), **{first: "?", "f.diagnosis": "=", "v.diagnosis": "M79.18"})
        assert answer.status_code == 200, answer.text
        form = _form(answer.text)
        assert form[first] == "?" and form["v.diagnosis"] == "M79.18" and form["code"] == "20552"
        assert first not in _fields(answer.text) and "f.diagnosis" not in _fields(answer.text)
        assert "M79.18" not in answer.headers["content-location"]


def test_going_on_with_every_answer_ends_in_covered() -> None:
    given = {"f.diagnosis": ("=", "M79.18"), "f.history": ("=none", ""), "f.conservative_therapy.duration": ("=", "8"), "f.conservative_therapy.outcome": ("=failed", "")}  # fmt: skip
    with portal(EXAMPLES) as held:
        text = held.get(INJECTION).text
        for _ in range(8):
            form = _form(text)
            for name in _fields(text):
                form[name], form["v." + name[2:]] = given.get(name, ("=yes", ""))
            answer = held.client.post("/coverage?date_of_service=2024-08-02&known_on=2026-11-23", data=form)
            assert answer.status_code == 200, Tags(answer.text).text
            text = answer.text
            if not _fields(text):
                break
        record = _opened(held, answer, ".json").json()
        assert record["outcome"] == "covered", Tags(text).text
        assert "Ask the plan" not in Tags(text).text


def test_a_fact_that_cannot_be_read_is_named_at_its_field_and_the_form_stays_filled() -> None:
    with portal(EXAMPLES) as held:
        form = _form(held.get(INJECTION).text)
        form |= {"f.conservative_therapy.duration": "=", "v.conservative_therapy.duration": "a while", "f.diagnosis": "=", "v.diagnosis": "M79.18"}  # fmt: skip
        answer = held.client.post("/coverage", data=form)
        assert answer.status_code == 400 and "weeks" in answer.text.partition('id="bad"')[2][:200]
        assert _form(answer.text)["v.conservative_therapy.duration"] == "a while"
        assert _form(answer.text)["v.diagnosis"] == "M79.18"
        assert "#i-f.conservative_therapy.duration" in Tags(answer.text).links()
        form["v.conservative_therapy.duration"] = ""
        assert held.client.post("/coverage", data=form).status_code == 400
        assert held.ledger.tip().sequence == 0


def test_a_value_that_was_typed_is_documented_without_the_choice_beside_it() -> None:
    with portal(EXAMPLES) as held:
        answer = _post(held, _form(held.get(INJECTION).text), **{"v.diagnosis": "M79.18"})
        assert answer.status_code == 200 and "M79.18" in answer.text
        answer = _post(held, _form(held.get(INJECTION).text), **{"v.diagnosis": "M79.18", "f.diagnosis": "?"})
        assert answer.status_code == 400, "it was said to be not documented"


def test_a_form_without_a_fact_is_no_determination() -> None:
    with portal(EXAMPLES) as held:
        answer = held.client.post("/coverage", data=_form(held.get(INJECTION).text))
        assert answer.status_code == 400 and held.ledger.tip().sequence == 0


# ---------------------------------------------------------------------------- the page of an answer


def test_the_page_says_its_parts_in_the_order_in_which_they_are_read() -> None:
    with portal() as held:
        form = _form(held.get("/coverage?code=20560&line_of_business=commercial&date_of_service=2024-08-02").text)
        form |= {"f.diagnosis": "=", "v.diagnosis": "M79.18"}
        answer = held.client.post("/coverage?date_of_service=2024-08-02&known_on=2026-11-23", data=form)
        page = _opened(held, answer)
        words = Tags(page.text.partition("<main")[2]).text
        order = ["Not covered", "By the policy this is not covered", "Next step", "Your contract may differ", "Authorisation", "What is missing", "What would change", "The sentences it rests on", "How the sentences were read", "version of 2024-07-01", "M79.18", "On a claim", "Ask the plan the benefit booklet", "det_", "not a promise of payment", "A software tool assisted", "can be appealed"]  # fmt: skip
        places = [words.index(each) for each in order]
        assert places == sorted(places), list(zip(order, places, strict=True))
        assert "for care on 2024-08-02, as known on 2026-11-23" in Tags(page.text).text, "the foot of each printed page"
        cited = [each for each in Tags(page.text).links() if "#line-" in each]
        assert cited and all("date_of_service=2024-08-02&known_on=2026-11-23" in each for each in cited)


def test_hostile_text_in_a_fact_or_a_field_comes_out_inert() -> None:
    hostile = "<img src=x onerror=alert(1)>\"'{{7*7}}"
    with portal(EXAMPLES) as held:
        form = {"code": "20552", "line_of_business": "commercial", "f.sex": f"={hostile}", f"f.{hostile}": "?", f"q.{hostile}": "?", "v.sex": hostile}  # fmt: skip
        answer = held.client.post("/coverage", data=form)
        assert answer.status_code == 200
        page = _opened(held, answer)
        got = held.client.get("/coverage", params={"code": hostile, "line_of_business": hostile, "contract": hostile})
        for each in (answer, page, got):
            assert "<img src=x" not in each.text and "49" not in each.text.partition("{{7*7}}")[0][-20:]
            assert not any("onerror" in attributes for _, attributes in Tags(each.text).found)
        for field in (f"f.{hostile}", f"q.{hostile}"):
            bad = held.client.post("/coverage", data={"code": "20552", field: "=yes"})
            assert bad.status_code == 400 and "<img src=x" not in bad.text
