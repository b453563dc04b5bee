"""The REST interface: the same bytes as the command line, and a look-up that takes no fact about a person."""

from __future__ import annotations

import pytest
from tests.cli.running import run
from tests.support import EXAMPLES
from tests.web.portal import portal

from medpol.library import SHIPPED

TODAY = ("--date-of-service", "2026-11-23", "--known-on", "2026-11-23")


@pytest.mark.parametrize(
    ("address", "command"),
    [
        ("/api/policies/EX-2.02.001", ("show", "EX-2.02.001")),
        ("/api/policies/EX-2.02.001/versions", ("history", "EX-2.02.001")),
        ("/api/codes/20552", ("code", "20552")),
        ("/api/codes/M79.18", ("code", "M79.18")),
        ("/api/codes/99999", ("code", "99999")),
        ("/api/codes/CPT/20552", ("code", "20552")),
        (
            "/api/coverage?code=20552&line_of_business=commercial",
            ("decide", "--code", "20552", "--line-of-business", "commercial"),
        ),
        ("/api/coverage?service=injection", ("decide", "--service", "injection")),
        ("/api/coverage?code=EX-TPI&code_system=local", ("decide", "--code", "EX-TPI", "--code-system", "local")),
    ],
)
def test_an_operation_gives_the_bytes_of_its_command(address: str, command: tuple[str, ...]) -> None:
    with portal(EXAMPLES) as held:
        answer = held.get(address)
        assert answer.headers["content-type"] == "application/json"
        assert answer.content == run(*command, "--policies", EXAMPLES, *TODAY, "--format", "json").data


def test_the_list_of_policies_is_the_one_of_the_command_line() -> None:
    with portal() as held:
        said = run("list", "--policies", SHIPPED, *TODAY, "--format", "json")
        assert held.get("/api/policies").content == said.data


@pytest.mark.parametrize("day", ["2019-12-31", "2020-01-01", "2020-03-01", "2023-12-06", "2023-12-07", "2024-07-01"])
@pytest.mark.parametrize("line", ["commercial", "medicare-advantage"])
def test_the_seeds_days_are_answered_as_the_command_line_answers_them(day: str, line: str) -> None:
    with portal() as held:
        answer = held.get(f"/api/coverage?code=20560&line_of_business={line}&date_of_service={day}&known_on=2026-11-23")
        said = run(
            "decide",
            "--code",
            "20560",
            "--line-of-business",
            line,
            "--date-of-service",
            day,
            "--known-on",
            "2026-11-23",
            "--format",
            "json",
            "--policies",
            SHIPPED,
        )
        assert answer.content == said.data
        again = held.get(f"/api/coverage?code=20560&line_of_business={line}&date_of_service={day}&known_on=2026-11-23")
        assert again.content == answer.content, "remembered and decided are the same"


def test_a_look_up_asked_again_is_the_same_reply_and_one_that_is_held_is_not_sent() -> None:
    address = "/api/coverage?code=20552&line_of_business=commercial"
    with portal(EXAMPLES) as held:
        first = held.get(address, accept_encoding="gzip")
        plain = held.get(address, accept_encoding="identity")
        for kept, encoding in ((first, "gzip"), (plain, "identity")):
            again = held.get(address, accept_encoding=encoding)
            assert (again.content, again.headers) == (kept.content, kept.headers)
        assert first.headers["content-encoding"] == "gzip" and "content-encoding" not in plain.headers
        assert first.content == plain.content
        assert held.get(address, if_none_match=first.headers["etag"]).status_code == 304
        asked_head = held.client.head(address, headers={"accept-encoding": "identity"})
        assert not asked_head.content and asked_head.headers == plain.headers
        assert held.get(address, accept_encoding="identity").content == plain.content


def test_a_fact_about_a_person_in_an_address_is_refused_and_not_repeated() -> None:
    with portal() as held:
        for field in (
            "age=44+years",
            "diagnoses=M79.18",
            "facts=zeppelin",
            "birth_date=1980-01-01",
            "state=Wyoming",
            "plan=gold-7731",
            "sex=female",
        ):
            answer = held.get(f"/api/coverage?code=20560&{field}")
            assert answer.status_code == 400 and "POST /api/determinations" in answer.json()["mend"]
            assert field.partition("=")[2] not in answer.text


def test_what_cannot_be_read_is_said_with_its_field() -> None:
    with portal() as held:
        for query, where in (
            ("code=20560&service=needling", "code"),
            ("", "code"),
            ("code=20560&contract=zeppelin", "contract"),
            ("code=20560&line_of_business=zeppelin", "line_of_business"),
            ("code=20560&code_system=zeppelin", "code_system"),
            ("code=20560&policy=zeppelin", "policy"),
            ("code=20560&date_of_service=zeppelin", "date_of_service"),
            ("code=20560&known_on=2999-01-01", "known_on"),
        ):
            answer = held.get(f"/api/coverage?{query}")
            assert (answer.status_code, answer.json()["where"]) == (400, where), query
            assert "zeppelin" not in answer.text


@pytest.mark.parametrize("address", ["/api/coverage?code=20560", "/api/policies?a=b", "/api/codes/20560?a=b"])
def test_a_day_that_was_left_empty_is_told_and_not_taken_for_today(address: str) -> None:
    with portal() as held:
        for name in ("known_on", "date_of_service"):
            answer = held.get(f"{address.replace('a=b', '')}&{name}=")
            assert (answer.status_code, answer.json()["where"]) == (400, name)


def test_look_ups_may_be_kept_and_say_when_they_are_current() -> None:
    with portal() as held:
        answer = held.get("/api/coverage?code=20560")
        assert answer.headers["cache-control"] == "public, max-age=300"
        assert held.get("/api/coverage?code=20560", if_none_match=answer.headers["etag"]).status_code == 304
        settled = held.get("/api/coverage?code=20560&date_of_service=2024-08-02&known_on=2024-08-02")
        assert settled.headers["cache-control"] == "public, max-age=31536000, immutable"


def test_the_interface_is_documented_and_pages_are_not() -> None:
    with portal() as held:
        described = held.get("/api/openapi.json").json()
        assert all(path.startswith("/api/") for path in described["paths"])
        assert set(described["paths"]) >= {
            "/api/coverage", "/api/policies", "/api/policies/{policy}", "/api/policies/{policy}/versions", "/api/codes/{code}", "/api/codes/{system}/{code}",
        }  # fmt: skip
        asked = {each["name"] for each in described["paths"]["/api/coverage"]["get"]["parameters"]}
        assert asked == {
            "code",
            "service",
            "code_system",
            "policy",
            "line_of_business",
            "contract",
            "date_of_service",
            "known_on",
        }
