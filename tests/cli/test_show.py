"""``medpol list``, ``show``, ``code`` and ``history``: what a library holds, on both clocks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.cli.running import NEWEST, copied, edited, run
from tests.support import EXAMPLES, archive, policy, put

EACH = (("list",), ("show", "2.01.100"), ("code", "20560"), ("history", "2.01.100"))


def value(*arguments: object) -> Any:
    ran = run(*arguments, "--format", "json")
    assert ran.code == 0, ran.talk
    return ran.json


@pytest.mark.parametrize("command", EACH)
def test_both_clocks_are_said_and_a_day_that_is_none_is_refused(command: tuple[str, ...]) -> None:
    found = value(*command, "--date-of-service", "2024-08-02", "--known-on", "2024-08-01")
    assert (found["date_of_service"], found["known_on"]) == ("2024-08-02", "2024-08-01")
    assert run(*command, "--date-of-service", "2024-02-30").code == 2
    assert run(*command, "--known-on", "yesterday").code == 2
    assert run(*command, "--policies", "no-such-folder").code == 3


@pytest.mark.parametrize("command", [("show", "2.01.10"), ("history", "2.01.10")])
def test_a_policy_that_is_not_held_ends_with_3_and_the_nearest_number(command: tuple[str, ...]) -> None:
    ran = run(*command)
    assert (ran.code, ran.data) == (3, b"")
    assert "near: 2.01.100" in ran.talk


# ---------------------------------------------------------------------------- list


@pytest.mark.parametrize(
    ("day", "known_on", "status", "version"),
    [
        ("2024-08-02", "2024-08-02", "in_force", "2024-07-01"),
        ("2021-03-14", "2024-08-02", "archived", "2020-03-01"),
        ("2023-10-01", "2024-08-02", "in_notice", "2023-12-07"),
        ("2023-12-07", "2023-08-31", "archived", "2020-03-01"),
        ("2018-06-01", "2024-08-02", "no_version_yet", "2019-01-01"),
    ],
)
def test_the_status_of_a_policy_is_that_of_the_day(day: str, known_on: str, status: str, version: str) -> None:
    (listed,) = value("list", "--date-of-service", day, "--known-on", known_on)["policies"]
    assert (listed["policy"], listed["status"], listed["version"]) == ("2.01.100", status, version)


def test_the_list_names_positions_codes_and_lines() -> None:
    (listed,) = value("list")["policies"]
    assert [each["canonical"] for each in listed["positions"]] == ["investigational"]
    assert [each["code"] for each in listed["codes"]] == ["20560", "20561"]
    assert listed["lines_of_business"] == {"inside": None, "outside": ["medicare_advantage"]}
    text = run("list").text
    assert "2.01.100  ✓ in force  Dry Needling" in text
    assert "every line of business but the Medicare family" in text
    assert "△ investigational" in text
    assert "20560 (CPT), 20561 (CPT)" in text


def test_a_policy_that_nobody_knew_yet_is_not_listed() -> None:
    assert value("list", "--known-on", "2018-12-31")["policies"] == []


def test_a_draft_is_listed_as_a_draft(tmp_path: Path) -> None:
    put(tmp_path, {"EX-1/2024-05-01.md": policy(published=None).encode()})
    (listed,) = value("list", "--policies", tmp_path)["policies"]
    assert (listed["status"], listed["version"], listed["drafts"]) == ("draft", None, 1)
    assert value("show", "EX-1", "--policies", tmp_path)["status"] == "draft"
    assert "◌ draft" in run("list", "--policies", tmp_path).text


# ---------------------------------------------------------------------------- show


def test_the_head_says_dates_scope_and_that_a_day_was_inferred() -> None:
    found = value("show", "2.01.100", "--date-of-service", "2024-08-02")
    assert found["dates"]["effective"] == "2024-07-01"
    assert found["dates"]["approved"] == "2024-06-10"
    assert (found["known_from"], found["known_from_is_inferred"]) == ("2024-07-01", True)
    assert len(found["trials"]) == 10
    assert len(found["populations"]) == 3
    assert found["references"] == 18
    assert len(found["history"]) == 6
    assert "inferred from the row date" in run("show", "2.01.100").text


def test_trials_past_their_completion_month_are_marked_by_the_day() -> None:
    def overdue(day: str) -> int:
        return sum(each["is_overdue"] for each in value("show", "2.01.100", "--date-of-service", day)["trials"])

    assert (overdue("2024-07-01"), overdue("2025-01-01")) == (9, 10)
    assert "Mar 2022 overdue" in run("show", "2.01.100").text


def test_each_sentence_says_whether_the_engine_or_a_person_reads_it() -> None:
    found = value("show", "EX-2.02.001", "--policies", EXAMPLES)
    first = found["criteria"][0]
    assert [each["read_by"] for each in first["criteria"]["parts"]] == ["engine", "engine", "engine", "person"]
    text = run("show", "EX-2.02.001", "--policies", EXAMPLES).text
    assert "- a taut band  [read by the engine]  exam.taut_band" in text
    assert "- The injections are part of a written treatment plan.  [a question]" in text
    assert "Otherwise investigational." in text
    assert "**" not in text


def test_an_archived_policy_points_at_its_last_text() -> None:
    found = value("show", "2.01.100", "--date-of-service", "2021-01-01")
    assert (found["status"], found["last_text_in_force"]) == ("archived", "2020-01-01")
    assert (
        "medpol show 2.01.100 --date-of-service 2020-01-01"
        in run("show", "2.01.100", "--date-of-service", "2021-01-01").text
    )


def test_nothing_is_shown_of_what_nobody_knew() -> None:
    ran = run("show", "2.01.100", "--known-on", "2018-12-31")
    assert (ran.code, ran.data) == (3, b"")


# ---------------------------------------------------------------------------- code


def test_a_code_is_shown_with_every_policy_that_names_it_over_time() -> None:
    (found,) = value("code", "20560", "--date-of-service", "2024-08-02")["codes"]
    assert (found["state"], found["system"], found["first_day"]) == ("named", "CPT", "2020-01-01")
    (named,) = found["policies"]
    assert [(each["first_day"], each["last_day"], each["is_archived"]) for each in named["spans"]] == [
        ("2020-01-01", "2020-02-29", False),
        ("2020-03-01", "2023-12-06", True),
        ("2023-12-07", "2024-06-30", False),
        ("2024-07-01", None, False),
    ]
    text = run("code", "20560").text
    assert "from 2020-01-01 through 2020-02-29  △ investigational" in text
    assert "from 2020-03-01 through 2023-12-06  archived: no policy in force" in text


@pytest.mark.parametrize(
    ("library", "code", "day", "state", "words"),
    [
        (None, "20560", "2019-12-31", "not_yet_valid", "the code begins 2020-01-01"),
        (EXAMPLES, "EX-TPI", "2025-07-01", "ended", "the code ended 2025-06-30"),
        (None, "20562", "2024-08-02", "unnamed", "That does not mean it is covered"),
        (EXAMPLES, "M79.18", "2024-08-02", "named", "as a diagnosis or beside a service"),
    ],
)
def test_each_state_of_a_code_has_its_own_sentence(
    library: Path | None, code: str, day: str, state: str, words: str
) -> None:
    where = () if library is None else ("--policies", library)
    (found,) = value("code", code, "--date-of-service", day, *where)["codes"]
    assert found["state"] == state
    assert words in found["says"]
    assert words.split(" it ", maxsplit=1)[0] in " ".join(
        run("code", code, "--date-of-service", day, *where).text.split()
    )


@pytest.mark.parametrize("code", ["nonsense", "", "?!"])
def test_a_malformed_code_is_listed_and_ends_with_4_where_no_other_is_well_formed(code: str) -> None:
    ran = run("code", code, "--format", "json")
    assert (ran.code, [each["state"] for each in ran.json["codes"]]) == (4, ["malformed"])
    assert "has the shape of no code" in run("code", code).text
    assert [each["state"] for each in value("code", code, "20560")["codes"]] == ["malformed", "named"]


@pytest.mark.parametrize("command", EACH)
def test_a_day_outside_the_years_of_a_case_is_refused_with_the_range(command: tuple[str, ...]) -> None:
    for day in ("9999-12-31", "1799-12-31"):
        ran = run(*command, "--date-of-service", day)
        assert (ran.code, ran.data) == (2, b"")
        assert "1800 to 9000" in " ".join(ran.talk.split())
    assert run(*command, "--date-of-service", "2024-08-02", "--known-on", "9000-12-31").code == 0


def test_codes_near_one_that_no_policy_names_are_offered() -> None:
    (found,) = value("code", "20562")["codes"]
    assert found["near"] == ["20560", "20561"]


def test_several_codes_are_answered_in_order_each_once() -> None:
    found = value("code", "20561", "20560", "20561")["codes"]
    assert [each["code"] for each in found] == ["20561", "20560"]


# ---------------------------------------------------------------------------- history


def test_the_history_has_both_clocks_the_gap_and_the_notice() -> None:
    found = value("history", "2.01.100", "--date-of-service", "2024-08-02")
    assert [each["version"] for each in found["versions"]] == [
        "2019-01-01", "2019-07-01", "2020-01-01", "2020-03-01", "2023-12-07", "2024-07-01",
    ]  # fmt: skip
    assert found["gaps"] == [{"first_day": "2020-03-01", "last_day": "2023-12-06", "days": 1376}]
    reinstated = found["versions"][4]
    assert (reinstated["known_from"], reinstated["known_before_days"], reinstated["notice_days_owed"]) == (
        "2023-09-01", 97, 90,
    )  # fmt: skip
    assert not reinstated["known_from_is_inferred"]
    assert found["versions"][5]["is_in_force_that_day"]
    text = run("history", "2.01.100").text
    assert "No version was in force 2020-03-01 through 2023-12-06, 1,376 days." in text
    assert "known 97 days" in text


def test_what_was_published_later_is_not_shown() -> None:
    found = value("history", "2.01.100", "--known-on", "2023-08-31")
    assert found["versions"][-1]["version"] == "2020-03-01"
    assert found["gaps"] == [{"first_day": "2020-03-01", "last_day": None, "days": None}]
    assert "2023" not in run("history", "2.01.100", "--known-on", "2023-08-31").text.replace("2023-08-31", "")


def test_a_corrected_and_a_withdrawn_version_are_shown_as_what_was_once_known(tmp_path: Path) -> None:
    put(
        tmp_path,
        {
            "EX-1/2024-05-01.md": policy().encode(),
            "EX-1/2024-05-01.2024-06-15.md": policy(published="2024-06-15").encode(),
            "EX-1/2025-01-01.md": archive("2025-01-01", "2024-09-01").encode(),
            "EX-1/2026-01-01.md": policy("2026-01-01", "2025-10-01", head="withdraws: [2025-01-01]").encode(),
        },
    )
    found = value("history", "EX-1", "--policies", tmp_path, "--known-on", "2026-06-01")
    assert [each["version"] for each in found["versions"]] == ["2024-05-01", "2026-01-01"]
    assert [(each["file"], each["until"], each["by"]) for each in found["superseded"]] == [
        ("EX-1/2024-05-01.md", "2024-06-15", "EX-1/2024-05-01.2024-06-15.md"),
        ("EX-1/2025-01-01.md", "2025-10-01", "withdrawn"),
    ]
    assert "withdrawn on 2025-10-01" in run("history", "EX-1", "--policies", tmp_path, "--known-on", "2026-06-01").text


def test_a_retroactive_version_says_by_how_many_days(tmp_path: Path) -> None:
    root = edited(copied(tmp_path), NEWEST, "row date: 2024-07-01", "published: 2024-07-11")
    assert "retroactive: known 10 days after its first day" in " ".join(
        run("history", "2.01.100", "--policies", root).text.split()
    )
