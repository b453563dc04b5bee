"""``search``, ``calendar`` and ``feed`` at the terminal."""

from __future__ import annotations

import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from icalendar import Calendar
from tests.cli.running import run
from tests.support import EXAMPLES

THEN = ("--date-of-service", "2023-09-10", "--known-on", "2023-09-10")
NOW = ("--date-of-service", "2026-11-23", "--known-on", "2026-11-23")


def test_search_shows_the_policy_its_standing_and_the_words() -> None:
    ran = run("search", "dry", "needling", *NOW)
    assert ran.code == 0
    assert "2.01.100  Dry Needling" in ran.text
    assert "in force: text of 2024-07-01" in ran.text
    assert "for the treatment of myofascial pain" in ran.text


def test_search_of_the_past_finds_the_text_of_the_past() -> None:
    ran = run("search", "injections", "--date-of-service", "2019-08-01", "--format", "json")
    assert ran.json["found"][0]["version"] == "2019-07-01"
    assert [each["kind"] for each in run("search", "20560", *NOW, "--format", "json").json["exact"]] == ["code"]


def test_search_that_finds_nothing_offers_what_is_near_and_says_what_that_means() -> None:
    ran = run("search", "20562", *NOW)
    assert ran.code == 0
    assert "That does not mean it is covered" in ran.text
    assert "20560, 20561" in ran.text
    assert "needling" in run("search", "neelding", *NOW).text


@pytest.mark.parametrize("words", ["", '"', "AND", "x" * 10_000, "-- '", "\x1b[31m"])
def test_search_takes_any_words(words: str) -> None:
    ran = run("search", "--policies", EXAMPLES, *NOW, "--", words)
    assert (ran.code, ran.talk) == (0, "")
    assert b"\x1b" not in ran.data


def test_the_calendar_shows_the_notice_and_the_late_review_of_the_seed() -> None:
    assert "2023-09-01  notice" in run("calendar", *THEN).text
    late = run("calendar", *NOW)
    assert "510 days late" in late.text
    assert run("calendar", *NOW, "--format", "json").json["entries"][0]["days_late"] == 510


def test_an_empty_calendar_says_what_comes_next() -> None:
    ran = run(
        "calendar",
        "--days",
        "20",
        "--policy",
        "2.01.100",
        "--date-of-service",
        "2024-08-01",
        "--known-on",
        "2024-08-01",
    )
    assert "Nothing due. Next: 2024-12-01, 2.01.100: trial NCT" in ran.text


def test_the_calendar_is_written_as_icalendar(tmp_path: Path) -> None:
    target = tmp_path / "due.ics"
    ran = run("calendar", *THEN, "--ics", target, "--site", "https://policies.example.org")
    assert (ran.code, ran.data) == (0, b"")
    assert len(Calendar.from_ical(target.read_bytes()).walk("VEVENT")) == 4
    assert run("calendar", *THEN, "--ics", "-", "--site", "https://policies.example.org").data == target.read_bytes()


def test_without_the_extra_the_calendar_says_how_to_get_it_and_all_else_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "icalendar", None)
    monkeypatch.delitem(sys.modules, "medpol.exchange.calendar", raising=False)
    ran = run("calendar", *THEN, "--ics", "-")
    assert ran.code == 2
    assert "pip install 'medpol[web]'" in ran.talk
    assert run("calendar", *THEN).code == 0
    assert run("feed", "--atom", "-").code == 0


def test_the_feed_shows_what_changed_and_is_written_as_atom(tmp_path: Path) -> None:
    ran = run("feed", "--known-on", "2026-11-23", "--limit", "2")
    assert "reinstated, first day 2023-12-07, known 97 days ahead" in ran.text
    assert "4 older ones are left out" in ran.text
    target = tmp_path / "changes.atom"
    assert run("feed", "--policy", "2.01.100", "--atom", target).code == 0
    assert len(ElementTree.parse(target).findall("{http://www.w3.org/2005/Atom}entry")) == 6
    assert [each["policy"] for each in run("feed", "--code", "20561", "--format", "json").json["changes"]] == [
        "2.01.100"
    ] * 4


def test_the_feed_of_a_code_can_be_narrowed_to_one_system() -> None:
    def total(system: str) -> int:
        return int(run("feed", "--code", "20561", "--code-system", system, "--format", "json").json["total"])

    assert (total("cpt"), total("HCPCS")) == (4, 0)
    unknown = run("feed", "--code", "20561", "--code-system", "CTP")
    assert unknown.code == 2 and "did you mean CPT" in " ".join(unknown.talk.split())
    assert run("feed", "--code-system", "CPT").code == 2, "a system alone names no code"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("calendar", "--days", "0"), 2),
        (("calendar", "--policy", "9.99.999"), 3),
        (("feed", "--policy", "9.99.999"), 3),
        (("feed", "--atom", "-", "--site", "javascript:alert(1)"), 2),
        (("feed", "--atom", "/nowhere/at/all.atom"), 74),
        (("search",), 2),
    ],
)
def test_what_cannot_be_done_ends_with_its_code(arguments: tuple[str, ...], code: int) -> None:
    assert run(*arguments).code == code
