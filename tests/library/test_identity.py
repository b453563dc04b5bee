"""Identities: equal things written differently are one; anything that can alter an answer makes another."""

from __future__ import annotations

import random
import re
from decimal import localcontext
from typing import Any

import pytest
from tests.support import EXAMPLES, desk, files_of, library, policy

import medpol
from medpol.decide.cases import decode_case
from medpol.decide.explain import determine
from medpol.decide.plan import plan_hash

FILES = {path: data for path, data in files_of(EXAMPLES).items() if not path.endswith("cases.md")}
EVIDENCE = frozenset(path for path in FILES if "/evidence/" in path or path == "assessment.md")
POLICY = "EX-2.02.001/2024-05-01.md"
TREATED = "The injections are part of a written treatment plan"
CASE: dict[str, Any] = {
    "code": "20552",
    "date_of_service": "2024-07-15",
    "known_on": "2024-08-01",
    "line_of_business": "commercial",
    "diagnoses": ["M79.18", "M54.2"],
    "age": "44 years",
    "modifiers": ["RT", "59"],
    "facts": {
        "exam.taut_band": True,
        "exam.tender_spot": False,
        "conservative_therapy.duration": "6 weeks",
        "conservative_therapy.outcome": "failed",
    },
    "answers": {TREATED: True},
    "history": [
        {"code": "20552", "date": "2024-06-03", "units": 1, "facts": {"pain_relief": "50 %"}},
        {"code": "20553", "date": "2024-04-01"},
    ],
    "history_complete_from": "birth",
    "records_complete": ["override", "exam"],
}


@pytest.fixture(scope="module")
def plan() -> medpol.Desk:
    return desk(FILES)


def _id(plan: medpol.Desk, /, **changed: Any) -> str:
    case, known_on = decode_case(plan, {**CASE, **changed}, plan.all_held)
    return determine(plan, case, known_on, smallest=False).determination_id


def _with(key: str, **values: Any) -> dict[str, Any]:
    return {key: {**CASE[key], **{name.replace("__", "."): value for name, value in values.items()}}}


def test_an_id_is_det_and_32_hexadecimal_digits(plan: medpol.Desk) -> None:
    assert re.fullmatch(r"det_[0-9a-f]{32}", _id(plan))


@pytest.mark.parametrize(
    "same",
    [
        {"facts": dict(reversed(CASE["facts"].items()))},
        _with("facts", conservative_therapy__duration="42 days"),
        _with("facts", conservative_therapy__duration="6.0 weeks"),
        _with("facts", conservative_therapy__duration="1008 hours"),
        _with("facts", exam__taut_band="yes", exam__tender_spot="No"),
        {"diagnoses": ["M54.2", "M79.18"]},
        {"diagnoses": ["m5420"[:4], "M7918", "M79.18"]},
        {"modifiers": ["59", "rt", "RT"]},
        {"history": list(reversed(CASE["history"]))},
        {"history": [{**CASE["history"][0], "units": "1.0", "facts": {"pain_relief": "50.0 %"}}, CASE["history"][1]]},
        {"records_complete": ["exam", "override"]},
        {"answers": {TREATED.upper(): "yes"}},
        {"code": " 20552 ", "code_system": "CPT"},
        {"line_of_business": "Commercial"},
        {"state": None, "facts": {**CASE["facts"], "exam.local_twitch": None}},
    ],
    ids=str,
)
def test_one_case_written_differently_has_one_id(plan: medpol.Desk, same: dict[str, Any]) -> None:
    assert _id(plan, **same) == _id(plan)


def test_one_age_written_otherwise_has_one_id(plan: medpol.Desk) -> None:
    assert _id(plan, age="44.0 years") == _id(plan)


def test_an_age_recorded_in_months_says_more_than_one_in_years(plan: medpol.Desk) -> None:
    assert _id(plan, age="528 months") != _id(plan)


def test_a_field_of_an_event_in_another_unit_has_one_id() -> None:
    fields = "\n## Event fields\n\n| Group | Field | Type | Unit or choices | Question |\n|---|---|---|---|---|\n"
    facts = b"# Facts\n" + fields.encode() + b"| needling | rest | quantity | weeks | How long? |\n"
    plan = desk({"facts.md": facts, "EX-1/2024-05-01.md": policy()})
    ids = {
        _id(plan, code="20560", facts={}, answers={}, records_complete=[], history=[event])
        for event in (
            {"code": "20560", "date": "2024-06-01", "facts": {"rest": rest}} for rest in ("6 weeks", "42 days")
        )
    }
    assert len(ids) == 1


def test_a_fact_that_a_policy_defines_has_one_id_in_any_unit() -> None:
    definitions = (
        "\n## Definitions\n\n### Facts\n\n| Fact | Type | Unit or choices | Question | From |\n|---|---|---|---|---|\n"
    )
    own = policy() + definitions + "| rest.duration | quantity | weeks | How long? | record |\n"
    plan = desk({"EX-1/2024-05-01.md": own})
    case = {"code": "20560", "answers": {}, "records_complete": [], "history": []}
    assert len({_id(plan, **case, facts={"rest.duration": rest}) for rest in ("6 weeks", "42 days")}) == 1


def test_the_decimal_context_of_the_caller_makes_no_other_id(plan: medpol.Desk) -> None:
    asked = _with("facts", conservative_therapy__duration="43.4007 days")
    expected = _id(plan, **asked)
    with localcontext(prec=4):
        assert _id(plan, **asked) == expected


OTHER_CASES: list[dict[str, Any]] = [
    {"code": "20553"},
    {"date_of_service": "2024-07-16"},
    {"known_on": "2024-08-02"},
    {"line_of_business": "individual"},
    {"state": "VT"},
    {"plan": "example-insured"},
    {"contract": "example-guidance-rider"},
    {"policy": "EX-2.02.001"},
    {"diagnoses": ["M79.18"]},
    {"diagnoses": ["M79.18", "M54.2", "bad-code"]},
    {"diagnoses": []},
    {"diagnoses": None},
    {"age": "45 years"},
    {"birth_date": "1980-01-02", "age": None},
    {"sex": "female"},
    {"units": 2},
    {"modifiers": ["RT"]},
    {"place_of_service": "11"},
    {"provider_specialty": "physiatry"},
    _with("facts", exam__taut_band=False),
    _with("facts", exam__taut_band=None),
    _with("facts", conservative_therapy__duration="41 days"),
    _with("facts", conservative_therapy__duration="1.5 months"),
    {"facts": {name: value for name, value in CASE["facts"].items() if name != "exam.taut_band"}, "assumed": {"exam.taut_band": True}},
    {"answers": {TREATED: False}},
    {"answers": {}},
    {"history": CASE["history"][:1]},
    {"history": [*CASE["history"], CASE["history"][1]]},
    {"history": [{**CASE["history"][0], "units": 2}, CASE["history"][1]]},
    {"history": [{**CASE["history"][0], "date": "2024-06-04"}, CASE["history"][1]]},
    {"history": [{**CASE["history"][0], "facts": {"pain_relief": "49 %"}}, CASE["history"][1]]},
    {"history_complete_from": "2020-01-01"},
    {"history_complete_from": None},
    {"history_incomplete_for": ["injection"]},
    {"records_complete": ["override"]},
]  # fmt: skip


def test_every_other_case_has_an_id_of_its_own(plan: medpol.Desk) -> None:
    ids = [_id(plan), *(_id(plan, **changed) for changed in OTHER_CASES)]
    alike = {one: other for at, one in enumerate(ids) for other in ids[:at] if one == other}
    assert not [OTHER_CASES[ids.index(one, 1) - 1] for one in alike]


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        (POLICY, {}),
        ("contracts/example-guidance-rider.md", {"contract": "example-guidance-rider", "code": "76942", "answers": {}}),
        ("mandates/example-state-injections.md", {"code": "20553", "plan": "example-insured", "state": "VT"}),
    ],
)
def test_another_text_of_a_source_that_names_the_service_makes_another_id(
    plan: medpol.Desk, path: str, asked: dict[str, Any]
) -> None:
    edited = desk({**FILES, path: FILES[path] + b"\n<!-- a word more -->\n"})
    assert _id(edited, **asked) != _id(plan, **asked)


@pytest.mark.parametrize(
    "asked",
    [
        {"line_of_business": None},
        {"line_of_business": "medicare advantage"},
        {"date_of_service": "2024-03-01"},
        {"code": "EX-TPI", "code_system": "local", "date_of_service": "2024-06-30"},
    ],
    ids=["line not given", "out of scope", "in notice", "code not yet valid"],
)
def test_another_text_makes_another_id_where_the_version_only_explains(
    plan: medpol.Desk, asked: dict[str, Any]
) -> None:
    quiet = {"answers": {}, **asked}
    edited = desk({**FILES, POLICY: FILES[POLICY] + b"\nA word more.\n"})
    assert _id(edited, **quiet) != _id(plan, **quiet)


def test_a_policy_that_does_not_name_the_service_leaves_the_id(plan: medpol.Desk) -> None:
    beside = desk({**FILES, "EX-1/2024-05-01.md": policy().encode()})
    assert _id(beside) == _id(plan)


# ---------------------------------------------------------------------------- content hashes, plan hash


def test_a_content_hash_is_of_the_text_not_of_its_line_ends_or_path() -> None:
    text = policy()
    forms = (text, text.replace("\n", "\r\n"), "\ufeff" + text, text.rstrip("\n"), text + "\n\n")
    hashes = {library({"EX-1/2024-05-01.md": form}).versions[0].content_hash for form in forms}
    elsewhere = library({"policies/another/2024-05-01.md": text}).versions[0].content_hash
    assert hashes == {elsewhere}


def test_a_content_hash_is_of_the_document_not_of_our_reading() -> None:
    one, other = (library({"EX-1/2024-05-01.md": policy(head=head)}) for head in ("related: []", "related:  []"))
    assert one.versions == other.versions
    assert one.versions[0].content_hash != other.versions[0].content_hash


def test_the_plan_hash_is_over_paths_and_contents_in_any_order() -> None:
    files = list(library(FILES).deciding_files)
    hashes = set()
    for seed in range(5):
        random.Random(seed).shuffle(files)
        hashes.add(plan_hash(files))
    assert hashes == {desk(FILES).plan.plan_hash}
    assert plan_hash(files[1:]) not in hashes


def _altered(path: str) -> medpol.Desk:
    more = b"\n# More\n" if path.endswith(".toml") else b"\nA word more.\n"
    return desk({**FILES, path: FILES[path] + more})


@pytest.mark.parametrize("path", sorted(path for path in FILES if path not in EVIDENCE))
def test_every_file_that_an_answer_may_hang_on_is_in_the_plan_hash(plan: medpol.Desk, path: str) -> None:
    assert _altered(path).plan.plan_hash != plan.plan.plan_hash


@pytest.mark.parametrize("path", sorted(EVIDENCE))
def test_no_record_of_evidence_alters_the_plan_hash(plan: medpol.Desk, path: str) -> None:
    """A determination cites a conclusion that was signed, and computes none."""
    assert _altered(path).plan.plan_hash == plan.plan.plan_hash


def test_a_file_moved_to_another_folder_makes_another_plan_hash(plan: medpol.Desk) -> None:
    there = {path.replace("EX-2.02.001", "elsewhere"): data for path, data in FILES.items()}
    assert desk(there).plan.plan_hash != plan.plan.plan_hash
    assert desk(there).plan.versions[0].content_hash == plan.plan.versions[0].content_hash


# ---------------------------------------------------------------------------- criteria

FACTS = """# Facts

| Fact | Type | Unit or choices | Question | From |
|---|---|---|---|---|
| exam.band | yes/no | | Is there a band? | record |
"""
CRITERIA = """**Medically necessary** when all of these are met:

1. A taut band is felt.
2. The pain has lasted, and
3. Therapy was tried.

Otherwise **investigational**."""

MOVED = """**Medically necessary** when all of these are met:

1. Therapy was tried.
2. A taut band is felt.
3. The pain has lasted.

Otherwise **investigational**."""


def _ids(criteria: str) -> dict[str, str]:
    """The ids of the sentences of a rule by their words."""
    plan = desk({"facts.md": FACTS, "EX-1/2024-05-01.md": policy(criteria=criteria)})
    answer = medpol.determine(plan, code="20560", date_of_service="2024-06-01", line_of_business="commercial")
    (rule,) = answer.criteria
    (group,) = rule.parts
    return {part.text.strip(" .,").removesuffix(", and").casefold(): part.id for part in group.parts}


def test_a_criterion_id_is_the_rule_and_eight_digits() -> None:
    assert all(re.fullmatch(r"criteria/[0-9a-f]{8}", each) for each in _ids(CRITERIA).values())
    assert len(set(_ids(CRITERIA).values())) == 3


@pytest.mark.parametrize(
    "rewritten",
    [
        CRITERIA.replace("felt.", "felt. `exam.band`"),
        CRITERIA.replace("felt.", "felt"),
        CRITERIA.replace("felt.", "felt; and"),
        CRITERIA.replace("A taut band", "A  TAUT band"),
        CRITERIA.replace("1. ", "- ").replace("2. ", "- ").replace("3. ", "- "),
        MOVED,
    ],
    ids=["taught", "no stop", "and", "case and spaces", "bullets", "moved"],
)
def test_teaching_or_moving_a_sentence_keeps_its_id(rewritten: str) -> None:
    def shown(found: dict[str, str]) -> set[str]:
        return set(found.values())

    assert shown(_ids(rewritten)) == shown(_ids(CRITERIA))


def test_other_words_make_another_id() -> None:
    other = _ids(CRITERIA.replace("A taut band is felt.", "A taut band is seen."))
    assert len(set(other.values()) - set(_ids(CRITERIA).values())) == 1


def test_the_same_words_twice_in_a_rule_need_the_same_expression() -> None:
    def held(first: str, second: str) -> list[str]:
        criteria = CRITERIA.replace("felt.", f"felt.{first}").replace(
            "Therapy was tried.", f"A taut band is felt.{second}"
        )
        return [
            each.rule for each in library({"facts.md": FACTS, "EX-1/2024-05-01.md": policy(criteria=criteria)}).errors
        ]

    assert held("", "") == held(" `exam.band`", " `exam.band`") == []
    assert len(held(" `exam.band`", "")) == len(held(" `exam.band`", " `not exam.band`")) == 1
