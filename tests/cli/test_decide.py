"""``medpol decide``: one case from options."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.running import Ran, run
from tests.support import EXAMPLES

import medpol
from medpol.decide.cases import encode_answer

KEYS = (
    "outcome", "position", "reason_kind", "reason_key", "reason", "reading", "policy", "version", "content_hash",
    "sentences", "criteria", "missing", "would_change", "branches", "assumed", "sources", "authorization", "adjustment",
    "appeal", "contact", "determination_id",
)  # fmt: skip
DAY = ("--date-of-service", "2024-08-02", "--known-on", "2024-08-02")
CASE = ("--code", "20560", "--line-of-business", "commercial", *DAY)
INJECTION = ("--policies", EXAMPLES, "--code", "20552", "--line-of-business", "commercial", *DAY)
MET = (
    *("--diagnosis", "M79.18", "--fact", "exam.taut_band=yes", "--fact", "exam.tender_spot=yes"),
    *("--fact", "conservative_therapy.duration=8 weeks", "--fact", "conservative_therapy.outcome=failed"),
    *("--answer", "written treatment plan=yes", "--history-complete-from", "birth"),
)


def decided(*arguments: object) -> Ran:
    ran = run("decide", *arguments, "--format", "json")
    assert ran.code == 0, ran.talk
    return ran


def said(*arguments: object) -> tuple[str, str]:
    answer = decided(*arguments).json
    return answer["outcome"], answer["reason_key"]


# ---------------------------------------------------------------------------- the answer


def test_the_json_is_the_bytes_that_every_door_gives() -> None:
    answer = medpol.determine(
        medpol.load(), code="20560", line_of_business="commercial", date_of_service="2024-08-02", known_on="2024-08-02"
    )
    assert decided(*CASE).data == encode_answer(answer) + b"\n"


def test_the_keys_are_those_of_the_specification() -> None:
    answer = decided(*CASE).json
    assert set(KEYS) <= set(answer)
    assert set(answer["position"]) == {"canonical", "label"}
    assert set(answer["sentences"][0]) == {"file", "line", "text"}
    assert set(answer["adjustment"]) == {"group", "carc", "rarc"}
    assert set(answer["authorization"]) == {"required", "sentences"}
    assert {"can_change", "why_not", "complete", "sets"} == set(answer["would_change"])


def test_the_criteria_are_a_tree_of_sentences_with_their_truth_and_facts() -> None:
    tree = decided(*INJECTION, *MET).json["criteria"]
    nodes = [tree]
    for node in nodes:
        assert {"id", "text", "truth", "facts", "parts"} <= set(node)
        assert node["truth"] in ("met", "not_met", "unknown")
        nodes += node["parts"]
    assert len(nodes) > 10


def test_a_page_names_outcome_reason_sentence_version_contact_and_id() -> None:
    text = run("decide", *CASE).text
    assert text.startswith("✕ NOT COVERED            △ investigational\n")
    for part in (
        "20560 · care on 2024-08-02 · commercial · known on 2024-08-02",
        "the policy holds it investigational for every patient",
        "is read by no expression",
        "2.01.100/2024-07-01.md:",
        "version of 2024-07-01, in force since 2024-07-01, no end announced",
        "nothing can: the position is unconditional",
        "none given: a member contract may differ (--contract)",
        "not stated by the policy",
        "the benefit booklet, or member service",
        "55 · N623 · group: from the contract",
        "Advice only: a qualified person makes an adverse determination.",
        "det_",
    ):
        assert part in text


def test_a_day_without_a_policy_is_no_statement_of_coverage_and_says_when_the_policy_was_back() -> None:
    text = run("decide", "--code", "20560", "--line-of-business", "commercial", "--date-of-service", "2021-03-14").text
    assert text.startswith("○ NOT ADDRESSED          archived\n")
    assert "archived 2020-03-01, reinstated 2023-12-07" in text
    assert "This is not a statement of coverage." in text


def test_as_known_before_the_reinstatement_was_published_the_page_does_not_tell_of_it() -> None:
    ran = run("decide", *CASE[:4], "--date-of-service", "2021-03-14", "--known-on", "2023-08-31")
    assert "archived 2020-03-01" in ran.text
    assert "reinstated" not in ran.text


def test_without_a_line_of_business_the_branches_come_before_the_reason() -> None:
    text = run("decide", "--code", "20560", *DAY).text
    assert text.startswith("? INFORMATION NEEDED     line of business unknown\n")
    head, _, _ = text.partition("  Because")
    assert "✕ not covered" in head
    assert "commercial, individual, medicaid, federal employee" in head
    assert "medicare, medicare advantage, medicare supplement" in head


def test_explain_adds_the_tree_of_criteria_and_every_source() -> None:
    short, long = run("decide", *INJECTION).text, run("decide", *INJECTION, "--explain").text
    assert "Criteria\n" not in short
    assert "Sources\n" not in short
    assert "? At least 2 of these are found on examination:" in long
    assert "exam.taut_band: not documented" in long
    assert "policy EX-2.02.001, version of 2024-05-01" in long


def test_what_would_change_a_settled_answer_is_named_with_what_it_is_now() -> None:
    wanting = ("--fact", "conservative_therapy.duration=5 weeks")
    text = run("decide", *INJECTION, *MET[:6], *wanting, *MET[8:]).text
    assert "conservative_therapy.duration: 6 weeks, now 5 weeks" in text


def test_missing_sets_beyond_a_few_are_counted_and_shown_when_explained() -> None:
    short, long = run("decide", *INJECTION).text, run("decide", *INJECTION, "--explain").text
    assert "more sets (--explain)" in short
    assert "more sets (--explain)" not in long


# ---------------------------------------------------------------------------- every option

ONE_CHANGED: dict[str, tuple[tuple[object, ...], tuple[str, str]]] = {
    "code": (CASE, ("not_covered", "position-unconditional")),
    "service": (
        ("--service", "dry-needling", "--line-of-business", "commercial", "--date-of-service", "2019-06-01"),
        ("not_covered", "position-unconditional"),
    ),
    "code system": ((*CASE, "--code-system", "CPT"), ("not_covered", "position-unconditional")),
    "policy": ((*CASE, "--policy", "2.01.100"), ("not_covered", "position-unconditional")),
    "date of service": ((*CASE[:4], "--date-of-service", "2020-03-01"), ("not_addressed", "archived")),
    "known on": (
        (*CASE[:4], "--date-of-service", "2023-12-07", "--known-on", "2023-08-31"),
        ("not_addressed", "archived"),
    ),
    "line of business": (
        ("--code", "20560", *DAY, "--line-of-business", "medicare-advantage"),
        ("not_addressed", "line-of-business-out-of-scope"),
    ),
    "contract": ((*CASE, "--contract", "example-rider-needling"), ("covered", "covered-by-contract")),
    "plan": (("--code", "20560", *DAY, "--plan", "example-commercial-rider"), ("covered", "covered-by-contract")),
    "state": (
        ("--policies", EXAMPLES, "--code", "20553", *DAY, "--plan", "example-insured", "--state", "VT"),
        ("covered", "covered-by-mandate"),
    ),
    "facts and answers": ((*INJECTION, *MET), ("covered", "criteria-met")),
    "diagnosis": ((*INJECTION, "--diagnosis", "M54.2", *MET[2:]), ("not_covered", "criteria-not-met")),
    "two diagnoses": ((*INJECTION, "--diagnosis", "M54.2", *MET), ("covered", "criteria-met")),
    "age, sex and the rest": (
        (
            *CASE,
            *("--age", "44 years", "--birth-date", "1980-02-03", "--sex", "female", "--units", "1"),
            *("--modifier", "59", "--place-of-service", "11", "--provider-specialty", "physical therapist"),
        ),
        ("not_covered", "position-unconditional"),
    ),
    "assume": (
        (*INJECTION, *MET[:4], *MET[6:], "--assume", "exam.tender_spot=yes"),
        ("covered", "criteria-met"),
    ),
    "history": (
        (*INJECTION, "--history", "20552:2024-07-20:1 pain_relief=60 %", "--record-complete", "override"),
        ("not_covered", "criteria-not-met"),
    ),
    "history incomplete": (
        (*INJECTION, *MET, "--history-incomplete-for", "injection"),
        ("information_needed", "facts-missing"),
    ),
}


@pytest.mark.parametrize(("arguments", "expected"), ONE_CHANGED.values(), ids=ONE_CHANGED.keys())
def test_each_option_reaches_the_answer(arguments: tuple[object, ...], expected: tuple[str, str]) -> None:
    assert said(*arguments) == expected


def test_what_was_assumed_is_listed() -> None:
    answer = decided(*INJECTION, *MET[:4], *MET[6:], "--assume", "exam.tender_spot=yes").json
    assert answer["assumed"] == ["exam.tender_spot"]


def test_facts_come_from_a_file_or_from_stdin(tmp_path: Path) -> None:
    facts = {"exam.taut_band": True, "exam.tender_spot": True, "conservative_therapy.duration": "8 weeks"}
    (tmp_path / "facts.json").write_text(json.dumps(facts))
    rest = (*MET[:2], *MET[8:])
    assert said(*INJECTION, *rest, "--facts", tmp_path / "facts.json") == ("covered", "criteria-met")
    ran = run("decide", *INJECTION, *rest, "--facts", "-", "--format", "json", stdin=json.dumps(facts).encode())
    assert ran.json["outcome"] == "covered"


def test_one_fact_with_two_values_is_refused(tmp_path: Path) -> None:
    (tmp_path / "facts.json").write_text('{"exam.taut_band": false}')
    ran = run("decide", *INJECTION, *MET, "--facts", tmp_path / "facts.json")
    assert (ran.code, ran.data) == (4, b"")
    assert "--fact exam.taut_band: two values" in ran.talk
    ran = run("decide", *INJECTION, "--fact", "exam.taut_band=yes", "--fact", "exam.taut_band=no")
    assert ran.code == 4


def test_without_a_day_care_is_given_today() -> None:
    text = run("decide", "--code", "20560", "--line-of-business", "commercial").text
    assert "care on 20" in text
    assert said("--code", "20560", "--line-of-business", "commercial") == ("not_covered", "position-unconditional")


# ---------------------------------------------------------------------------- exit codes


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((*CASE, "--contract", "example-rider-needling"), 0),
        (CASE, 10),
        (("--code", "20560", *DAY), 11),
        (("--code", "20562", "--line-of-business", "commercial", *DAY), 12),
    ],
)
def test_the_outcome_is_an_exit_code_only_when_asked(arguments: tuple[str, ...], code: int) -> None:
    assert run("decide", *arguments).code == 0
    assert run("decide", *arguments, "--exit-code").code == code
    assert run("decide", *arguments, "--exit-code", "--format", "json").code == code


def test_a_referral_is_exit_code_13(tmp_path: Path) -> None:
    folder = tmp_path / "EX-1"
    folder.mkdir()
    folder.joinpath("2024-05-01.md").write_text(
        "---\npolicy: EX-1\ntitle: Needles\neffective: 2024-05-01\npublished: 2024-01-29\n---\n\n# Needles\n\n"
        "## Policy coverage criteria\n\nNeedling is left to **individual consideration**.\n\n## Coding\n\n"
        "| Group | System | Code | Role |\n|---|---|---|---|\n| needling | CPT | 20560 | governed |\n"
    )
    assert run("decide", "--policies", tmp_path, *CASE, "--exit-code").code == 13


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "give the service"),
        (("--code", "20560", "--service", "dry-needling"), "one of the two"),
        (("--code", "20560", "--format", "ndjson"), "goes with --cases"),
        (("--code", "20560", "--format", "yaml"), "yaml"),
        (("--code", "20560", "--fact", "exam.taut_band"), "expected NAME=VALUE"),
        (("--code", "20560", "--answer", "plan"), "expected NAME=VALUE"),
        (("--code", "20560", "--history", "20560"), "expected CODE:DATE[:UNITS]"),
        (("--code", "20560", "--lob", "commercial"), "No such option"),
        (("--code", "20560", "--code", "20561"), "'--code': given more than once"),
        ((*CASE, "--line-of-business", "medicaid"), "'--line-of-business': given more than once"),
        (("--code", "20560", "--format", "json", "--format", "text"), "'--format': given more than once"),
        (("--code", "20560", "--record-complete", ""), "--record-complete names nothing"),
        (("--code", "20560", "--diagnosis", " "), "--diagnosis names nothing"),
        (("--cases", "-", "--code", "20560"), "--cases beside --code"),
        (("--cases", "-", "--diagnosis", "M79.18"), "--cases beside --diagnosis"),
        (("--cases", "-", "--facts", "facts.json"), "--cases beside --facts"),
        (("--cases", "-", "--explain"), "--cases beside --explain"),
        (("--cases", "-", "--exit-code"), "--cases beside --exit-code"),
        (("--cases", "-", "--format", "json"), "--cases beside --format json"),
    ],
)
def test_a_command_that_cannot_be_understood_ends_with_2(arguments: tuple[str, ...], words: str) -> None:
    ran = run("decide", *arguments)
    assert (ran.code, ran.data) == (2, b"")
    assert words in ran.talk


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((*CASE, "--contract", "example-rider-needlin"), "write 'example-rider-needling'"),
        ((*CASE, "--policy", "2.01.10"), "write '2.01.100'"),
        ((*CASE, "--policies", "no-such-folder"), "no library at no-such-folder"),
        ((*CASE, "--facts", "no-such-file"), "no file at no-such-file"),
        (("--cases", "no-such-file"), "no file at no-such-file"),
    ],
)
def test_what_is_not_held_ends_with_3(arguments: tuple[str, ...], words: str) -> None:
    ran = run("decide", *arguments)
    assert (ran.code, ran.data) == (3, b"")
    assert words in ran.talk


def test_an_empty_folder_is_no_library(tmp_path: Path) -> None:
    ran = run("decide", *CASE, "--policies", tmp_path)
    assert (ran.code, ran.data) == (3, b"")
    assert f"looked in {tmp_path} for facts.md" in ran.talk
    assert "near:" not in ran.talk
    (tmp_path / "held/library").mkdir(parents=True)
    (tmp_path / "held/library/facts.md").touch()
    assert f"near: {tmp_path / 'held/library'}" in run("decide", *CASE, "--policies", tmp_path).talk


def test_the_folder_of_one_policy_is_no_library(tmp_path: Path) -> None:
    ran = run("decide", *CASE, "--policies", EXAMPLES / "EX-2.02.001")
    assert (ran.code, ran.data) == (3, b"")
    assert f"this is a policy's folder; name the one above: {EXAMPLES}" in ran.talk


def test_a_folder_that_may_not_be_read_is_no_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(tmp_path))

    monkeypatch.setattr("os.access", lambda *_, **__: False)
    monkeypatch.setattr("os.scandir", refused)
    for command in (("decide", *CASE, "--policies"), ("check",), ("list", "--policies")):
        ran = run(*command, tmp_path)
        assert (ran.code, ran.data) == (3, b""), command
        assert "cannot be read: Permission denied" in ran.talk


@pytest.mark.parametrize("data", [b"\xff\xfe", b"a" * (1 << 20) + b"a"])
def test_a_library_whose_only_file_is_no_text_is_refused_with_its_diagnostics(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "EX-1").mkdir()
    (tmp_path / "EX-1/2024-05-01.md").write_bytes(data)
    ran = run("decide", *CASE, "--policies", tmp_path)
    assert (ran.code, ran.data) == (4, b"")
    assert "EX-1/2024-05-01.md:1:1: error [" in ran.talk
    checked = run("check", tmp_path)
    assert (checked.code, "1 document: 1 error" in checked.talk) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "place", "mend"),
    [
        (("--line-of-business", "comercial"), "--line-of-business:", "write 'commercial'"),
        (("--date-of-service", "2024-02-30"), "--date-of-service:", "nothing is repaired"),
        (("--known-on", "yesterday"), "--known-on:", "nothing is repaired"),
        (("--state", "Washington"), "--state:", "write it such as WA"),
        (("--age", "44"), "--age:", "44 years"),
        (("--plan", "example-comercial"), "--plan:", "write 'example-commercial'"),
        (("--fact", "exam.taut_bnd=yes"), "--fact exam.taut_bnd:", "fact"),
        (("--history", "20560:2024-02-30"), "--history", "give its day"),
        (("--answer", "nothing of the kind=yes"), "--answer", "no question"),
    ],
)
def test_a_bad_case_ends_with_4_and_says_where_and_how_to_mend_it(
    arguments: tuple[str, ...], place: str, mend: str
) -> None:
    ran = run("decide", "--code", "20560", *arguments)
    assert (ran.code, ran.data) == (4, b"")
    assert place in ran.talk
    assert mend in ran.talk


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{"exam.taut_band": "yes", "exam.taut_band": "no"}', "--facts exam.taut_band: the key"),
        ('{"exam.taut_bnd": "yes"}', "--facts exam.taut_bnd:"),
        ("[]", "--facts: a list"),
        ("{", "--facts: this is no JSON"),
    ],
)
def test_what_is_wrong_with_a_file_of_facts_is_said_of_its_option_and_key(
    text: str, place: str, tmp_path: Path
) -> None:
    (tmp_path / "facts.json").write_text(text)
    ran = run("decide", *INJECTION, "--facts", tmp_path / "facts.json")
    assert (ran.code, ran.data) == (4, b"")
    assert f"medpol: {place}" in ran.talk


def test_facts_that_are_no_json_end_with_4(tmp_path: Path) -> None:
    (tmp_path / "facts.json").write_text("{")
    assert run("decide", *CASE, "--facts", tmp_path / "facts.json").code == 4
    (tmp_path / "facts.json").write_text("[]")
    assert run("decide", *CASE, "--facts", tmp_path / "facts.json").code == 4
