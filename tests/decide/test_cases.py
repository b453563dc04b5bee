"""A case in: what is read, what is refused and with which words; what an answer's JSON holds."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

import medpol
from medpol.decide.cases import CaseError, UnknownContract, decode_case, decode_json, encode_answer
from medpol.decide.explain import determine
from medpol.decide.plan import compile_library
from medpol.library import read_library

EXAMPLES = Path(__file__).parents[2] / "examples" / "policies"
TODAY = date(2026, 11, 24)
NEEDLING, INJECTIONS = medpol.load(), medpol.load(EXAMPLES)

ANSWER_KEYS = (
    "outcome",
    "position",
    "reason_kind",
    "reason_key",
    "reason",
    "reading",
    "policy",
    "version",
    "content_hash",
    "sentences",
    "criteria",
    "missing",
    "would_change",
    "branches",
    "assumed",
    "sources",
    "authorization",
    "adjustment",
    "appeal",
    "contact",
    "determination_id",
)


def refused(case: dict[str, Any], plan: medpol.Desk = INJECTIONS) -> CaseError:
    with pytest.raises(CaseError) as caught:
        decode_case(plan, {"code": "20552", "date_of_service": "2024-06-03", **case}, TODAY)
    return caught.value


@pytest.mark.parametrize(
    ("case", "where", "near"),
    [
        ({"date_of_servise": "2024-06-03"}, "$.date_of_servise", "date_of_service"),
        ({"facts": {"exam.tautband": True}}, "$.facts.exam.tautband", "exam.taut_band"),
        ({"line_of_business": "comercial"}, "$.line_of_business", "commercial"),
        ({"facts": {"conservative_therapy.outcome": "faild"}}, "$.facts.conservative_therapy.outcome", "failed"),
        ({"history": [{"code": "20552", "dat": "2024-01-01"}]}, "$.history[0].dat", "date"),
        ({"history": [{"group": "injections", "date": "2024-01-01"}]}, "$.history[0].group", "injection"),
        (
            {"history": [{"code": "20552", "date": "2024-01-01", "facts": {"painrelief": "50 %"}}]},
            "$.history[0].facts.painrelief",
            "pain_relief",
        ),
        ({"plan": "example-insurd"}, "$.plan", "example-insured"),
        ({"contract": "example-guidance-ridr"}, "$.contract", "example-guidance-rider"),
        ({"code_system": "CTP"}, "$.code_system", "CPT"),
        ({"records_complete": ["overide"]}, "$.records_complete", "override"),
        ({"policy": "EX-2.02.002"}, "$.policy", "EX-2.02.001"),
    ],
)
def test_a_name_that_is_nearly_right_is_offered(case: dict[str, Any], where: str, near: str) -> None:
    problem = refused(case)
    assert problem.where == where
    assert near in problem.mend


@pytest.mark.parametrize(
    ("case", "where"),
    [
        ({"code": 20552}, "$.code"),
        ({"date_of_service": "2024-02-30"}, "$.date_of_service"),
        ({"known_on": "24-06-03"}, "$.known_on"),
        ({"age": 44}, "$.age"),
        ({"age": "44"}, "$.age"),
        ({"age": "44 years", "birth_date": "2001-01-01"}, "$.age"),
        ({"birth_date": "2030-01-01"}, "$.birth_date"),
        ({"facts": {"conservative_therapy.duration": "6"}}, "$.facts.conservative_therapy.duration"),
        ({"facts": {"conservative_therapy.duration": "6 kg"}}, "$.facts.conservative_therapy.duration"),
        ({"facts": {"conservative_therapy.duration": "-5 weeks"}}, "$.facts.conservative_therapy.duration"),
        ({"facts": {"exam.taut_band": "perhaps"}}, "$.facts.exam.taut_band"),
        ({"facts": {"age": "44 years"}}, "$.facts.age"),
        ({"history": [{"code": "20552"}]}, "$.history[0].date"),
        ({"history": [{"date": "2024-01-01"}]}, "$.history[0]"),
        ({"facts": {"exam.taut_band": True}, "assumed": {"exam.taut_band": False}}, "$.assumed.exam.taut_band"),
        ({"service": "injection"}, "$.service"),
        ({"plan": "example-insured", "line_of_business": "individual"}, "$.line_of_business"),
        ({"diagnoses": "M79.18"}, "$.diagnoses"),
        ({"units": -1}, "$.units"),
        ({"units": decode_json("1e999999999")}, "$.units"),
        ({"place_of_service": 2}, "$.place_of_service"),
    ],
)
def test_what_cannot_be_read_is_refused_at_its_place(case: dict[str, Any], where: str) -> None:
    problem = refused(case)
    assert problem.where == where
    assert problem.mend


def test_an_unknown_contract_is_its_own_kind_of_refusal() -> None:
    assert isinstance(refused({"contract": "none-such"}), UnknownContract)


@pytest.mark.parametrize("text", ["", "{", "[1", "\x00", "nul"])
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(CaseError, match="no JSON"):
        decode_json(text)


def test_answers_match_an_id_or_words_found_in_one_sentence() -> None:
    for words in (
        "written treatment plan",
        "The injections are part of a written treatment plan.",
        "first-session/adb66840",
    ):
        case, _ = decode_case(
            INJECTIONS, {"code": "20552", "date_of_service": "2024-06-03", "answers": {words: True}}, TODAY
        )
        assert case.answers == (("first-session/adb66840", True),)


def test_answers_refuse_a_taught_sentence_naming_its_fact_and_words_of_none() -> None:
    assert (
        "conservative_therapy.duration" in refused({"answers": {"at least 6 weeks of conservative therapy": True}}).mend
    )
    assert "no question" in refused({"answers": {"the moon is full": True}}).found


def test_a_code_without_its_system_finds_the_one_that_fits() -> None:
    case, _ = decode_case(NEEDLING, {"code": "20562", "date_of_service": "2024-07-01"}, TODAY)
    assert (case.code_system, case.code) == ("CPT", "20562")


def test_a_malformed_code_is_answered_not_guessed() -> None:
    answer = medpol.determine(NEEDLING, code="2056O", date_of_service="2024-07-01")
    assert (answer.outcome.value, answer.reason_key) == ("not_addressed", "code-malformed")


def test_decimals_stay_exact() -> None:
    case, _ = decode_case(
        INJECTIONS, decode_json('{"code": "20552", "date_of_service": "2024-06-03", "units": 0.1}'), TODAY
    )
    assert str(case.units) == "0.1"


def test_an_answer_holds_the_keys_that_others_rely_on() -> None:
    answer = msgspec.json.decode(
        encode_answer(
            medpol.determine(NEEDLING, code="20560", date_of_service="2024-08-02", line_of_business="commercial")
        )
    )
    assert set(ANSWER_KEYS) <= set(answer)
    assert set(answer["criteria"]) >= {"id", "text", "truth", "facts", "parts"}
    assert answer["position"] == {"canonical": "investigational", "label": "investigational"}
    assert answer["adjustment"] == {"group": None, "carc": "55", "rarc": ["N623"]}
    assert answer["would_change"] == {
        "can_change": False,
        "why_not": "the position is unconditional",
        "complete": True,
        "sets": [],
    }
    assert answer["sentences"][0]["file"] == "2.01.100/2024-07-01.md"
    assert answer["contact"]
    assert answer["appeal"]


def test_branches_come_first_where_the_line_is_not_given() -> None:
    answer = medpol.determine(NEEDLING, code="20560", date_of_service="2024-08-02")
    found = {branch.value: branch.outcome.value for branch in answer.branches}
    assert found["commercial"] == "not_covered"
    assert found["medicare_advantage"] == "not_addressed"
    assert answer.missing[0][0].fact == "line_of_business"


def test_assumed_facts_carry_a_favourable_answer_alone() -> None:
    whole = {
        "code": "20552",
        "date_of_service": "2024-06-03",
        "line_of_business": "commercial",
        "diagnoses": ["M79.18"],
        "history_complete_from": "birth",
        "facts": {"exam.taut_band": True, "exam.tender_spot": True, "conservative_therapy.outcome": "failed"},
        "answers": {"written treatment plan": True},
    }
    good = medpol.determine(INJECTIONS, whole, assumed={"conservative_therapy.duration": "8 weeks"})
    assert (good.outcome.value, good.assumed) == ("covered", ("conservative_therapy.duration",))
    bad = medpol.determine(INJECTIONS, whole, assumed={"conservative_therapy.duration": "2 weeks"})
    assert (bad.outcome.value, bad.assumed) == ("information_needed", ())


def test_a_service_before_its_code_adds_what_the_service_got() -> None:
    answer = medpol.determine(NEEDLING, code="20560", date_of_service="2019-12-31", line_of_business="commercial")
    assert answer.reason_key == "code-not-yet-valid"
    assert "dry needling, was investigational" in answer.reason


def test_determine_without_sets_leaves_them_out() -> None:
    case, known_on = decode_case(
        INJECTIONS, {"code": "20552", "date_of_service": "2024-06-03", "line_of_business": "commercial"}, TODAY
    )
    answer = determine(INJECTIONS, case, known_on, smallest=False)
    assert answer.missing == ()
    assert answer.would_change is None


def test_a_key_that_stands_twice_in_one_object_is_refused() -> None:
    for text in ('{"code": "20552", "code": "20553"}', '{"facts": {"a": true, "a": false}}'):
        with pytest.raises(CaseError, match="twice"):
            decode_json(text)


@pytest.mark.parametrize("code", ["CPT 20552", "20552-50", "topiramat"])
def test_a_history_code_that_is_none_is_refused_rather_than_counted_as_another(code: str) -> None:
    problem = refused({"history": [{"code": code, "date": "2024-01-01"}], "history_complete_from": "birth"})
    assert problem.where == "$.history[0].code"


def test_two_facts_compared_with_each_other_are_searched_too() -> None:
    head = (
        "---\npolicy: X\ntitle: X\neffective: 2024-01-01\npublished: 2024-01-01\n---\n\n## Policy coverage criteria\n\n"
    )
    facts = (
        "| Fact | Type | Unit or choices | Question | From |\n|---|---|---|---|---|\n"
        "| one | quantity | weeks | One? | record |\n| other | quantity | months | Other? | record |\n"
    )
    coding = (
        "\n\n## Coding\n\n| Group | System | Code | Role |\n|---|---|---|---|\n| service | CPT | 20552 | governed |\n"
    )
    files = {"facts.md": facts, "X/2024-01-01.md": head + "It is **covered** when it is so `one >= other`" + coding}
    plan = medpol.Desk(compile_library(read_library({path: text.encode() for path, text in files.items()})))
    waiting = medpol.determine(plan, code="20552", date_of_service="2024-06-01", facts={"one": "6 weeks"})
    assert [[each.fact for each in held] for held in waiting.missing] == [["other"]]
    settled = medpol.determine(
        plan, code="20552", date_of_service="2024-06-01", facts={"one": "6 weeks", "other": "3 months"}
    )
    assert settled.would_change is not None
    assert [[each.fact for each in held] for held in settled.would_change.sets] == [["one"], ["other"]]


def test_a_policy_that_nobody_could_read_is_still_answered_in_time() -> None:
    head = (
        "---\npolicy: X\ntitle: X\neffective: 2024-01-01\npublished: 2024-01-01\n---\n\n## Policy coverage criteria\n\n"
    )
    names = "".join(f"| f{at} | yes/no | | F? | record |\n" for at in range(1_000))
    facts = "| Fact | Type | Unit or choices | Question | From |\n|---|---|---|---|---|\n" + names
    coding = (
        "\n\n## Coding\n\n| Group | System | Code | Role |\n|---|---|---|---|\n| service | CPT | 20552 | governed |\n"
    )
    long = "It is **covered** when all of these are met:\n\n" + "\n".join(
        f"{at + 1}. item {at} `f{at}`" for at in range(1_000)
    )
    many = "\n\n".join(
        f"### Rule {at}\n\nServices: `service`\n\nWhen: so `f{at}`\n\n"
        f"It is **{'covered' if at % 2 else 'investigational'}** when so `f{at + 20}`\n\nOtherwise **not covered**."
        for at in range(12)
    )
    for text in (long, many):
        files = {"facts.md": facts, "X/2024-01-01.md": head + text + coding}
        plan = medpol.Desk(compile_library(read_library({path: words.encode() for path, words in files.items()})))
        answer = medpol.determine(plan, code="20552", date_of_service="2024-06-01")
        assert answer.outcome.value == "information_needed"
