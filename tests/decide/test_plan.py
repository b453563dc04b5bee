"""The plan's rows: bits and gates, truth tables, joint cells of Whens, and what is taken over when one file changes."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.decide.comparing import generated

from medpol.decide.literals import MET, UNKNOWN, bit_truth, with_gates
from medpol.decide.plan import compile_library
from medpol.decide.rows import LiteralKind, PlanVersion
from medpol.library import Library, read_library

HEAD = "---\npolicy: EX-1\ntitle: An example\neffective: 2024-01-01\npublished: 2023-12-01\n---\n\n# An example\n\n## Policy coverage criteria\n\n"
CODING = (
    "\n\n## Coding\n\n| Group | System | Code | Role | From | To | Our label |\n|---|---|---|---|---|---|---|\n"
    "| service | HCPCS | K0001 | governed | | | an invented service |\n"
)
FACTS = (
    "# Facts\n\n| Fact | Type | Unit or choices | Question | From |\n|---|---|---|---|---|\n"
    "| a | yes/no | | Is a so? | record |\n| b | yes/no | | Is b so? | record |\n| c | yes/no | | Is c so? | record |\n"
    "| size | quantity | cm | How large is it? | record |\n| grade | choice | low, middle, high | Which grade? | record |\n"
)


def library_of(criteria: str, **more: str) -> Library:
    files = {"facts.md": FACTS, "EX-1/2024-01-01.md": HEAD + criteria + CODING, **more}
    library = read_library({path: text.encode() for path, text in files.items()})
    assert not library.errors, [str(each) for each in library.errors]
    return library


def version_of(criteria: str) -> PlanVersion:
    return compile_library(library_of(criteria)).versions[0]


def test_literals_are_numbered_in_document_order_when_then_criteria_then_unless() -> None:
    rule = version_of(
        "When: it is graded `grade != low`\n\n**Covered** when all of these:\n\n- First. `a`\n- Not the second. `not b`\n- A question\n\nUnless the third. `c`"
    ).rules[0]
    assert [(each.item, each.negated) for each in rule.literals][:3] == [("grade", True), ("a", False), ("b", True)]
    assert [each.kind for each in rule.literals][3:] == [LiteralKind.QUESTION, LiteralKind.HOLDS]
    assert rule.when_literals == 1


def test_a_rule_of_up_to_six_literals_is_also_one_truth_table() -> None:
    for seed in range(60):
        for version in generated(seed, 0).desk.plan.versions:
            for rule in version.rules:
                if len(rule.literals) > 6:
                    assert rule.met_table is None
                    continue
                for row in range(1 << len(rule.literals)):
                    met, unknown = with_gates(rule.gates, len(rule.literals), row, 0)
                    for bit, table in ((rule.when, rule.when_table), (rule.met, rule.met_table)):
                        if bit is not None:
                            assert table is not None
                            assert (table >> row & 1) == (bit_truth(bit, met, unknown) == MET)


def test_unknown_is_read_from_two_look_ups() -> None:
    rule = version_of("**Covered** when at least 2 of these:\n\n- One. `a`\n- Two. `b`\n- Three. `c`").rules[0]
    assert rule.met is not None
    for met in range(8):
        for unknown in range(8):
            if met & unknown:
                continue
            truth = bit_truth(rule.met, *with_gates(rule.gates, 3, met, unknown))
            assert (truth == MET) == (met.bit_count() >= 2)
            assert (truth == UNKNOWN) == (met.bit_count() < 2 <= (met | unknown).bit_count())


def test_a_part_that_stands_twice_counts_twice() -> None:
    version = version_of(
        "### First\n\nServices: `service`\n\n**Covered** when it is so `a`\n\n### Second\n\nServices: `service`\n\n**Covered** when at least 2 of these:\n\n"
        "- The first rule holds. `criteria(first)`\n- The first rule holds again. `criteria(first)`\n- Another thing. `b`"
    )
    rule = version.rules[1]
    assert rule.met is not None
    first = next(at for at, each in enumerate(rule.literals) if each.item == "a")
    assert bit_truth(rule.met, *with_gates(rule.gates, len(rule.literals), 1 << first, 0)) == MET


@pytest.mark.parametrize(
    ("whens", "feasible"),
    [
        (("size >= 5 cm", "size < 5 cm"), {1, 2}),
        (("size >= 5 cm", "size > 3 cm"), {0, 2, 3}),
        (("size = 5 cm", "size >= 2 in"), {0, 1, 2}),
        (("grade = low", "grade = high"), {0, 1, 2}),
        (("grade in (low, middle)", "grade = high"), {1, 2}),
        (("a", "not a"), {1, 2}),
        (
            (
                "count(sessions of service, rolling 12 months before) = 0",
                "count(sessions of service, rolling 12 months before) >= 1",
            ),
            {1, 2},
        ),
        (('diagnosis in ("M79.1x")', 'diagnosis in ("M79.18")'), {0, 1, 3}),
    ],
)
def test_whens_take_only_the_patterns_that_one_value_can_give(whens: tuple[str, str], feasible: set[int]) -> None:
    text = "\n\n".join(
        f"### Rule {at}\n\nServices: `service`\n\nWhen: so `{when}`\n\nIt is **covered**."
        for at, when in enumerate(whens)
    )
    terms = version_of(text).dispatches[0].terms
    assert terms is not None
    assert {pattern for term in terms for pattern in term.patterns} == feasible


def test_one_changed_file_recompiles_alone() -> None:
    before = library_of(
        "It is **covered**.", **{"EX-2/2024-01-01.md": (HEAD + "It is **covered**." + CODING).replace("EX-1", "EX-2")}
    )
    plan = compile_library(before)
    after = library_of(
        "It is **not covered**.",
        **{"EX-2/2024-01-01.md": (HEAD + "It is **covered**." + CODING).replace("EX-1", "EX-2")},
    )
    again = compile_library(after, plan)
    assert again == compile_library(after)
    assert again.versions[1] is plan.versions[1]
    assert again.versions[0] != plan.versions[0]
    assert again.plan_hash != plan.plan_hash


def test_a_library_with_errors_is_not_compiled() -> None:
    broken = read_library({"EX-1/2024-01-01.md": b"no front matter"})
    with pytest.raises(ValueError, match="cannot be compiled"):
        compile_library(broken)


def test_the_shipped_library_compiles_to_rows_that_read_well(update_golden: bool) -> None:
    import msgspec

    from medpol.decide.plan import write_plan
    from medpol.library import SHIPPED, load

    plan = compile_library(load(SHIPPED))
    text = msgspec.json.format(write_plan(plan), indent=1).decode() + "\n"
    golden = Path(__file__).parent / "golden" / "shipped-plan.json"
    if update_golden:
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8"), "run pytest --update-golden and review the difference like prose"
