"""Determinations over HTTP: the bytes of the command line, recorded before they leave, and nothing of a person elsewhere."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from tests.cli.running import run
from tests.support import EXAMPLES
from tests.web.portal import portal, portal_of

from medpol.ledger import Seal, verify
from medpol.library import SHIPPED

KNOWN = "2026-11-23"
NEEDLING = {"code": "20560", "line_of_business": "commercial", "known_on": KNOWN}
INJECTION = {
    "code": "20552",
    "line_of_business": "commercial",
    "date_of_service": "2024-08-02",
    "known_on": KNOWN,
    "diagnoses": ["M79.18"],
    "age": "44 years",
    "facts": {"conservative_therapy.duration": "3 weeks", "exam.taut_band": True},
}
SEED = {
    "2019-12-31": ("not_addressed", "code-not-yet-valid"),
    "2020-01-01": ("not_covered", "position-unconditional"),
    "2020-02-29": ("not_covered", "position-unconditional"),
    "2020-03-01": ("not_addressed", "archived"),
    "2023-12-06": ("not_addressed", "in-notice"),
    "2023-12-07": ("not_covered", "position-unconditional"),
    "2024-07-01": ("not_covered", "position-unconditional"),
}


def _decided_by_command(case: dict[str, object], folder: Path, policies: Path) -> bytes:
    cases = folder / "cases.ndjson"
    cases.write_bytes(msgspec.json.encode(case) + b"\n")
    return run("decide", "--cases", cases, "--policies", policies, "--format", "ndjson").data


# ---------------------------------------------------------------------------- the same answer as at the other door


@pytest.mark.parametrize("line", ["commercial", "medicare-advantage"])
@pytest.mark.parametrize("day", SEED)
def test_the_seeds_days_get_the_bytes_of_the_command_line(day: str, line: str, tmp_path: Path) -> None:
    case = NEEDLING | {"date_of_service": day, "line_of_business": line, "diagnoses": ["M79.18"]}
    with portal() as held:
        answer = held.client.post("/api/determinations", json=case)
        assert answer.status_code == 201 and answer.headers["cache-control"] == "no-store"
        assert answer.content == _decided_by_command(case, tmp_path, SHIPPED)
        if line == "commercial":
            assert (answer.json()["outcome"], answer.json()["reason_key"]) == SEED[day]
        else:
            assert answer.json()["outcome"] == "not_addressed"


def test_one_case_gets_the_bytes_of_decide_as_json() -> None:
    with portal(EXAMPLES) as held:
        answer = held.client.post("/api/determinations", json=INJECTION)
    said = run(
        "decide", "--policies", EXAMPLES, "--code", "20552", "--line-of-business", "commercial", "--date-of-service",
        "2024-08-02", "--known-on", KNOWN, "--diagnosis", "M79.18", "--age", "44 years", "--fact",
        "conservative_therapy.duration=3 weeks", "--fact", "exam.taut_band=yes", "--format", "json",
    )  # fmt: skip
    assert answer.content == said.data


def test_days_left_out_are_today_and_stand_in_the_record() -> None:
    with portal(EXAMPLES) as held:
        answer = held.client.post("/api/determinations", json={"code": "20552"})
        record = held.ledger.get(answer.headers["location"].rpartition("/")[2])
        assert record is not None and record.held is not None
        kept = msgspec.json.decode(record.held.case)
        assert kept == {"code": "20552", "date_of_service": KNOWN, "known_on": KNOWN}


def test_a_batch_answers_in_order_and_a_bad_case_does_not_stop_the_others(tmp_path: Path) -> None:
    cases = [INJECTION, {"code": 20552}, {**INJECTION, "code": "20553"}]
    with portal(EXAMPLES) as held:
        lines = b"\n".join(map(msgspec.json.encode, cases)) + b"\nzeppelin\n"
        as_lines = held.client.post("/api/determinations/batch", content=lines)
        as_list = held.client.post("/api/determinations/batch", json=cases)
        assert as_lines.status_code == as_list.status_code == 200
        first, bad, third, none = as_lines.content.splitlines()
        assert as_list.content == b"\n".join((first, bad, third)) + b"\n"
        assert first + b"\n" == _decided_by_command(INJECTION, tmp_path, EXAMPLES)
        assert [msgspec.json.decode(each)["case"] for each in (bad, none)] == [2, 4]
        assert msgspec.json.decode(bad)["error"]["where"] == "code" and b"zeppelin" not in as_lines.content
        ids = as_lines.headers["medpol-record"].split(", ")
        assert [ids[1], ids[3]] == ["-", "-"] and held.ledger.tip().sequence == 4
        for id, answer in ((ids[0], first), (ids[2], third)):
            record = held.ledger.get(id)
            assert record is not None and record.held is not None and record.held.answer == answer


def test_a_batch_beyond_its_limit_is_refused_whole() -> None:
    with portal() as held:
        assert held.client.post("/api/determinations/batch", json={"code": "20560"}).status_code == 400, "no list"
        answer = held.client.post("/api/determinations/batch", json=[{"code": "20560"}] * 101)
        assert answer.status_code == 413 and "100" in answer.json()["expected"]
        assert held.client.post("/api/determinations/batch", json=[]).status_code == 400
        assert held.client.post("/api/determinations/batch", content=b"[1").status_code == 400
        assert held.client.post("/api/determinations", content=b"x" * 1_100_000).status_code == 413
        assert held.ledger.tip().sequence == 0


# ---------------------------------------------------------------------------- the ledger


def test_what_leaves_is_what_was_recorded_and_it_replays_to_the_same_bytes() -> None:
    with portal(EXAMPLES) as held:
        answer = held.client.post("/api/determinations", json=INJECTION)
        id = answer.headers["location"].rpartition("/")[2]
        record = held.ledger.get(id)
        assert record is not None and record.seal is Seal.OPEN and record.held is not None
        assert answer.content == record.held.answer + b"\n"
        assert answer.headers["medpol-record"] == f"{id};sequence={record.sequence}"
        assert id not in answer.text
        assert verify(held.ledger).holds
        again = run("ledger", "replay", id, "--policies", EXAMPLES, "--database", held.database)
        assert again.code == 0 and "the same bytes" in again.data.decode()


def test_an_answer_whose_words_are_withheld_replays_to_the_same_bytes(tmp_path: Path) -> None:
    source = next(SHIPPED.rglob("2024-07-01.md")).read_text()
    assert source.count("\nrights: ") == 1
    head, _, rest = source.partition("\nrights: ")
    closed = head + "\nrights: not for public display\n" + rest.partition("\n")[2]
    with portal_of(tmp_path / "library", {"2.01.100/2024-07-01.md": closed}) as held:
        answer = held.client.post("/api/determinations", json=NEEDLING | {"date_of_service": "2024-08-02"})
        assert "rights of this document" in answer.text
        id = answer.headers["location"].rpartition("/")[2]
        again = run("ledger", "replay", id, "--policies", tmp_path / "library", "--database", held.database)
        assert again.code == 0, again.talk


def test_nothing_leaves_that_is_not_recorded_and_look_ups_go_on() -> None:
    with portal() as held:
        held.break_ledger()
        for answer in (
            held.client.post("/api/determinations", json=NEEDLING),
            held.client.post("/api/determinations/batch", json=[NEEDLING]),
            held.client.post("/coverage", data={"code": "20560", "f.diagnosis": "=", "v.diagnosis": "M79.18"}),
        ):
            assert answer.status_code == 503 and answer.headers["retry-after"] == "5"
            assert "investigational" not in answer.text and "location" not in answer.headers
        assert held.get("/api/coverage?code=20560&line_of_business=commercial").json()["outcome"] == "not_covered"
        assert held.get("/coverage?code=20560&line_of_business=commercial").status_code == 200
        assert held.get("/policies/2.01.100").status_code == 200
        health = held.get("/health/details")
        assert health.status_code == 200 and health.json()["ledger"]["is_available"] is False
        assert health.json()["status"] == "ok" == held.get("/health").json()["status"]
        assert "medpol_ledger_available 0.0" in held.get("/metrics").text


def test_the_health_shows_how_far_the_ledger_is() -> None:
    with portal() as held:
        held.client.post("/api/determinations", json=NEEDLING)
        assert held.get("/health/details").json()["ledger"] == {
            "is_available": True, "waiting": 0, "sequence": 1, "reason": "",
        }  # fmt: skip


def test_a_case_sent_again_with_its_key_is_recorded_once() -> None:
    with portal() as held:
        key = {"Idempotency-Key": "order 7"}
        first = held.client.post("/api/determinations", json=NEEDLING, headers=key)
        again = held.client.post("/api/determinations", json=NEEDLING, headers=key)
        assert (first.content, first.headers["location"]) == (again.content, again.headers["location"])
        assert held.ledger.tip().sequence == 1
        other = held.client.post("/api/determinations", json=NEEDLING | {"code": "20561"}, headers=key)
        assert other.status_code == 409 and other.json()["where"] == "Idempotency-Key"
        long = held.client.post("/api/determinations", json=NEEDLING, headers={"Idempotency-Key": "7" * 300})
        assert long.status_code == 400 and "7777" not in long.text


# ---------------------------------------------------------------------------- who may open it


def test_a_determination_opens_for_who_asked_for_a_while_and_for_nobody_else() -> None:
    with portal(EXAMPLES) as held:
        answer = held.client.post("/api/determinations", json=INJECTION)
        address = answer.headers["location"]
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-") and "Secure; HttpOnly; SameSite=Lax" in cookie and "Path=/" in cookie
        value = cookie.partition(";")[0]
        twin = held.get(f"{address}.json", Cookie=value)
        assert twin.content == answer.content and twin.headers["cache-control"] == "no-store"
        page = held.get(address, Cookie=value)
        assert page.status_code == 200 and page.headers["cache-control"] == "no-store"
        assert "etag" not in page.headers and "3 weeks" in page.text

        held.client.cookies.clear()
        refused = held.get(address)
        none = held.get("/determinations/" + "0" * 32)
        assert refused.status_code == none.status_code == 404
        assert _without_id(refused.text) == _without_id(none.text), (
            "what may not be seen and what is not there look alike"
        )
        name, _, held_by = value.partition("=")
        id, until, signature = held_by.split(".")
        for forged in (
            f"{'0' * 32}.{until}.{signature}",
            f"{id}.{int(until) + 9}.{signature}",
            f"{id}.{until}.{'0' * 64}",
        ):
            assert held.get(address, Cookie=f"{name}={forged}").status_code == 404
        other = held.client.post("/api/determinations", json=NEEDLING).headers["location"]
        held.client.cookies.clear()
        assert held.get(other, Cookie=value).status_code == 404, "it opens one record, not any"
        held.later(minutes=31)
        assert held.get(address, Cookie=value).status_code == 404


def _without_id(page: str) -> str:
    return page.partition("Id of this request")[0]


def test_an_erased_record_is_not_there_any_more() -> None:
    with portal() as held:
        answer = held.client.post("/api/determinations", json=NEEDLING)
        id = answer.headers["location"].rpartition("/")[2]
        cookie = answer.headers["set-cookie"].partition(";")[0]
        assert held.get(f"/determinations/{id}", Cookie=cookie).status_code == 200
        assert held.ledger.erase(id, held.now)
        assert held.get(f"/determinations/{id}", Cookie=cookie).status_code == 404


@pytest.mark.parametrize("path", ["/api/determinations", "/api/determinations/batch", "/coverage"])
def test_a_post_from_another_site_is_refused_and_nothing_is_recorded(path: str) -> None:
    with portal() as held:
        for headers in (
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
            {"Origin": "https://elsewhere.example"},
        ):
            assert held.client.post(path, json=NEEDLING, headers=headers).status_code == 403
        assert held.ledger.tip().sequence == 0


# ---------------------------------------------------------------------------- nothing of a person elsewhere

NAME = "Zeppelina-Quixworth"
NUMBER = "987654321987"


def test_what_was_sent_of_a_person_stands_nowhere_but_in_the_answer() -> None:
    bad: list[dict[str, object]] = [
        {"code": "20552", NAME: 1},
        {"code": "20552", "facts": {NAME: "1"}},
        {"code": "20552", "facts": {"conservative_therapy.duration": NAME}},
        {"code": "20552", "facts": {"conservative_therapy.duration": NUMBER}},
        {"code": "20552", "facts": {"eosinophils": [{"date": "2024-01-01", "value": NAME}]}},
        {"code": "20552", "facts": NAME},
        {"code": "20552", "answers": {NAME: True}},
        {"code": "20552", "answers": {"written treatment plan": NAME}},
        {"code": "20552", "history": [{"code": NAME, "date": "2024-01-01"}]},
        {"code": "20552", "history": [{"code": "20552", "date": NAME}]},
        {"code": "20552", "history": [{"code": "20552", "date": "2024-01-01", NAME: 1}]},
        {"code": "20552", "history": [{"code": "20552", "date": "2024-01-01", "facts": {NAME: 1}}]},
        {"code": "20552", "diagnoses": NAME},
        {"code": "20552", "age": NAME},
        {"code": "20552", "age": NUMBER},
        {"code": "20552", "birth_date": NAME},
        {"code": "20552", "state": NAME},
        {"code": "20552", "plan": NAME},
        {"code": "20552", "contract": NAME},
        {"code": "20552", "policy": NAME},
        {"code": "20552", "place_of_service": int(NUMBER)},
        {"code": "20552", "history_complete_from": NAME},
        {"code": int(NUMBER)},
    ]
    with portal(EXAMPLES) as held:
        for case in bad:
            for answer in (
                held.client.post("/api/determinations", json=case),
                held.client.post("/api/determinations/batch", json=[case]),
            ):
                assert answer.status_code in (200, 400), case
                assert NAME not in answer.text and NUMBER not in answer.text, (case, answer.text)
        assert held.ledger.tip().sequence == 0
        good = INJECTION | {"sex": NAME, "provider_specialty": NAME}
        answer = held.client.post("/api/determinations", json=good, headers={"Idempotency-Key": NAME})
        form = {"code": "20552", "line_of_business": "commercial", "f.sex": f"={NAME}"}
        page = held.client.post("/coverage", data=form)
        assert answer.status_code == 201 and page.status_code == 200 and NAME in page.text
        held.client.cookies.clear()
        for address in (
            "/",
            "/policies/EX-2.02.001",
            "/coverage?code=20552",
            "/metrics",
            "/health",
            "/health/details",
            "/search?q=a",
        ):
            assert NAME not in held.get(address).text
        seen = held.logged.getvalue() + b"".join(each.read_bytes() for each in held.database.parent.iterdir())
        for planted in (NAME, NAME.lower(), NUMBER):
            assert planted.encode() not in seen
        assert NAME not in str(page.headers) and NAME not in str(answer.headers)


def test_a_bad_case_is_said_with_its_place_and_how_to_mend_it() -> None:
    with portal(EXAMPLES) as held:
        for case, where, expected in (
            ({"code": "20552", "facts": {"conservative_therapy.duration": "long"}}, "facts.conservative_therapy.duration", "weeks"),
            ({"code": "20552", "histori": []}, "", "history"),
            ({"code": "20552", "history": [{"code": "20552", "date": "x"}]}, "history[0].date", "YYYY-MM-DD"),
            ({"code": "20552", "known_on": "2999-01-01"}, "known_on", "up to today"),
            ([], "", "an object"),
            ({"code": "20552", "sex": "\ud800"}, "", "Unicode"),
        ):  # fmt: skip
            answer = held.client.post("/api/determinations", content=json.dumps(case))
            assert (answer.status_code, answer.json()["where"]) == (400, where), case
            assert expected in answer.json()["expected"] + answer.json()["mend"], answer.text


def test_the_operations_are_documented_with_what_they_take_and_give() -> None:
    with portal() as held:
        described = held.get("/api/openapi.json").json()
        one = described["paths"]["/api/determinations"]["post"]
        assert set(one["responses"]) == {"201", "400", "409", "413", "429", "503"}
        assert set(one["requestBody"]["content"]["application/json"]["schema"]["properties"]) >= {"code", "facts"}
        many = described["paths"]["/api/determinations/batch"]["post"]
        assert set(many["requestBody"]["content"]) == {"application/json", "application/x-ndjson"}
