"""How a document is built: depth, repeated items, and what nothing reads."""

from __future__ import annotations

from tests.check.example import found
from tests.check.written import findings, one_item
from tests.support import library, policy

from medpol.check import check_library

FACTS = "# Facts\n\n| Fact | Type | Unit or choices | Question | From |\n|---|---|---|---|---|\n"
BAND = "| band | yes/no | | Is a band felt? | record |\n"
PLACE = "EX-1/2025-01-01.md"


def unused(files: dict[str, str]) -> list[str]:
    return [each.found for each in check_library(library(files), only=["fact-never-used"]).found]


def test_five_levels_are_no_finding_and_a_sixth_under_unless_is() -> None:
    five = "any of these:\n{0}- all of these:\n{1}- any of these:\n{2}- all of these:\n{3}- the band is felt"
    assert findings(one_item(five.format("  ", "    ", "      ", "        ")), ["nesting-too-deep"]) == []
    deep = "Unless any of these:\n\n- any of these:\n  - any of these:\n    - any of these:\n      - any of these:\n"
    deep += "        - any of these:\n          - it hurts"
    criteria = one_item("It is the arm.").replace("Otherwise", f"{deep}\n\nOtherwise")
    (only,) = findings(criteria, ["nesting-too-deep"])
    assert only.startswith("22:11 ")


def test_the_same_words_in_two_lists_are_no_finding_and_in_one_counted_list_say_so() -> None:
    apart = "Any of these:\n  - the band is felt\n  - all of these:\n    - the band is felt\n    - it hurts"
    assert findings(one_item(apart), ["criterion-twice"]) == []
    (only,) = findings(one_item("At least 2 of these:\n  - it hurts\n  - it hurts\n  - it is red"), ["criterion-twice"])
    assert "it counts twice here" in only


def test_two_questions_and_two_expressions_that_differ_are_no_finding() -> None:
    item = "A band is felt. `band`\n- It is the arm.\n- It is the leg.\n- A weak arm. `weakness`"
    assert findings(one_item(item), ["criterion-twice"]) == []


def test_a_fact_that_a_contract_a_draft_or_a_broken_file_uses_is_used() -> None:
    plain = {"facts.md": FACTS + BAND, PLACE: policy("2025-01-01", "2024-06-01")}
    assert unused(plain) == ["the fact band is read by no expression of any policy, contract or mandate"]
    item = one_item("A band is felt. `band`")
    assert unused(plain | {"EX-1/2026-01-01.md": policy("2026-01-01", None, criteria=item)}) == []
    broken = policy("2026-01-01", "2024-06-01", criteria=item).replace("title:", "titel:")
    assert unused(plain | {"EX-1/2026-01-01.md": broken}) == []
    contract = (
        "---\ncontract: C-1\ntitle: Booklet\neffective: 2025-01-01\npublished: 2024-06-01\n---\n\n# Booklet\n\n## Provisions\n\n"
        "| Effect | System | Code or group | Position | From | To | Published | When | Clause |\n|---|---|---|---|---|---|---|---|---|\n"
        "| covers | CPT | 20560 | | | | | `band` | 1 |\n"
    )
    held = plain | {"contracts/c-1.md": contract}
    assert not library(held).errors
    assert unused(held) == []


def test_a_fact_inside_where_latest_or_a_table_is_used() -> None:
    rows = "| weight | quantity | kg | Weight? | record |\n| size | quantity | cm | Size? | record |\n"
    rows += "| scale | observations | kg | Weights? | record |\n"
    fields = "\n## Event fields\n\n| Group | Field | Type | Unit or choices | Question |\n|---|---|---|---|---|\n"
    fields += "| needling | gain | yes/no | | Did it help? |\n| needling | note | text | | What was noted? |\n"
    items = "It is heavy. `weight >= table(grams, size)`\n"
    items += "- It was heavy. `latest(scale, rolling 6 months through) >= 9 kg`\n"
    items += "- It helped before. `count(sessions of needling where gain, lifetime before) >= 1`\n"
    items += '- It was noted. `last(needling).note = "good"`'
    table = "\n## Definitions\n\n### Grams\n\n| Size | Weight |\n|---|---|\n| 1 cm | 9 kg |\n| 2 cm | 12 kg |\n"
    document = policy("2025-01-01", "2024-06-01", criteria=one_item(items)) + table
    files = {"facts.md": FACTS + rows + fields, PLACE: document}
    assert not library(files).errors
    assert unused(files) == []


def test_a_question_that_starts_with_a_digit_is_found_by_the_reader_with_its_place_and_mend() -> None:
    text = policy("2025-01-01", "2024-06-01", criteria=one_item("5 cm or more in width"))
    (only,) = found({PLACE: text})
    assert (only.rule, str(only.source), only.mend) == (
        "question-starts-with-digit",
        f"{PLACE}:14:3",
        "begin it with words",
    )
