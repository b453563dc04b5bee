"""``facts.md``: declared facts and the fields of events."""

from __future__ import annotations

import pytest
from tests.text.documents import assert_found

from medpol.model.facts import EventField, FactType
from medpol.text.facts import print_event_fields, print_facts, read_facts
from medpol.text.source import Findings

FACTS = """# Facts

| Fact | Type | Unit or choices | Question | From | FHIR path |
|---|---|---|---|---|---|
| exam.band | yes/no | | Is a band felt? | record | Observation |
| duration | quantity | week | How long? | record, attestation | |
| outcome | choice | failed, not_feasible | What came of it? | record | |
| visits | count | | How many? | claims | |
| fev1 | ratio | | How much? | record | |
| device | text | | Which? | plan | |
| onset | date | | Since when? | record | |
| eos | observations | cells/uL | Which counts? | record | |

## Event fields

| Group | Field | Type | Unit or choices | Question |
|---|---|---|---|---|
| injection, needling | relief | quantity | percent | By how much? |
"""


def test_facts_and_event_fields_are_read_with_their_canonical_units() -> None:
    findings = Findings("facts.md")
    facts, fields = read_facts(FACTS, findings)
    assert not findings.found
    assert [(each.name, each.type.value, each.unit) for each in facts] == [
        ("exam.band", "yes/no", None),
        ("duration", "quantity", "weeks"),
        ("outcome", "choice", None),
        ("visits", "count", None),
        ("fev1", "ratio", "%"),
        ("device", "text", None),
        ("onset", "date", None),
        ("eos", "observations", "cells/uL"),
    ]
    assert facts[2].choices == ("failed", "not_feasible")
    assert facts[1].sources == ("record", "attestation")
    assert fields == (EventField(("injection", "needling"), "relief", FactType.QUANTITY, "%", question="By how much?"),)


def test_facts_printed_read_back() -> None:
    facts, fields = read_facts(FACTS, Findings("facts.md"))
    printed = f"{print_facts(facts)}\n\n## Event fields\n\n{print_event_fields(fields)}\n"
    assert read_facts(printed, Findings("facts.md")) == (facts, fields)


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        ("| ¦two words | yes/no | | ? | record |", "bad-name"),
        ("| a | ¦yes or no | | ? | record |", "unknown-type"),
        ("| a | quantity |¦ | ? | record |", "missing-unit"),
        ("| a | quantity | ¦wekes | ? | record |", "unknown-unit"),
        ("| a | choice | ¦one | ? | record |", "bad-choices"),
        ("| a | choice | ¦one, one | ? | record |", "bad-choices"),
        ("| a | yes/no | | ? | ¦recrod |", "unknown-source"),
        ("| ¦age | yes/no | | ? | record |", "duplicate-fact"),
        ("| b | yes/no | | ? | record |\n| ¦b | count | | ? | record |", "duplicate-fact"),
        ("¦| a | yes/no |", "wrong-width"),
    ],
)
def test_a_misspelled_fact_is_an_error_at_its_cell(row: str, rule: str) -> None:
    text = f"| Fact | Type | Unit or choices | Question | From |\n|---|---|---|---|---|\n{row}\n"
    assert_found(text, [rule], read_facts)


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        ("|| ¦relief | quantity | % | ? |", "bad-name"),
        ("| injection | ¦two words | quantity | % | ? |", "bad-name"),
        ("| injection | relief | ¦amount | % | ? |", "unknown-type"),
        ("| injection | relief | count | | ? |\n| injection | ¦relief | count | | ? |", "duplicate-field"),
    ],
)
def test_a_misspelled_event_field_is_an_error_at_its_cell(row: str, rule: str) -> None:
    text = f"## Event fields\n\n| Group | Field | Type | Unit or choices | Question |\n|---|---|---|---|---|\n{row}\n"
    assert_found(text, [rule], read_facts)


def test_a_unit_that_is_nearly_right_is_offered() -> None:
    text = "| Fact | Type | Unit or choices |\n|---|---|---|\n| a | quantity | ¦wekes |\n"
    assert assert_found(text, ["unknown-unit"], read_facts)[0].near == "weeks"


def test_the_needed_columns_must_stand() -> None:
    assert_found("¦| Fact | Question |\n|---|---|\n", ["missing-column"], read_facts)


def test_lines_with_bars_that_are_no_table_are_an_error() -> None:
    assert_found("¦| Fact | Type |\n| exam.band | yes/no |\n", ["broken-table"], read_facts)


def test_at_most_ten_thousand_facts() -> None:
    header = "| Fact | Type |\n|---|---|\n"
    fits = header + "".join(f"| f{at} | count |\n" for at in range(10_000))
    findings = Findings("facts.md")
    facts, _ = read_facts(fits, findings)
    assert (len(facts), findings.found) == (10_000, [])
    assert_found("¦" + fits + "| more | count |\n", ["too-many-facts"], read_facts)
