"""The Coding table and the Definitions: codes and their days, value sets, look-up tables, facts of one policy."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from tests.text.documents import assert_found, body, criteria, read_clean

from medpol.model.codes import CodePattern
from medpol.model.dates import EffectivePeriod
from medpol.model.facts import FactType
from medpol.model.policy import CodeRole
from medpol.model.quantities import Quantity
from medpol.text.writer import write

COLUMNS = "| Group | System | Code | Role | From | To | Our label |\n|---|---|---|---|---|---|---|\n"


def coded(*rows: str, columns: str = COLUMNS) -> str:
    fixed = "| needling | CPT | 20560 | governed | | | |\n"
    return criteria(
        "Needling is **investigational**.",
        coding=f"\n## Coding\n\n{columns}{fixed}" + "".join(f"{row}\n" for row in rows),
    )


def defined(text: str) -> str:
    return body("## Definitions\n\n" + text)


# ---------------------------------------------------------------------------- coding


def test_from_and_to_are_days_in_and_to_is_inclusive() -> None:
    row = read_clean(coded("| needling | CPT | 20561 | governed | 2020-01-01 | 2020-12-31 | two |")).code_rows[1]
    assert row.period == EffectivePeriod(date(2020, 1, 1), date(2021, 1, 1))
    assert (row.pattern, row.role, row.label) == (CodePattern("20561"), CodeRole.GOVERNED, "two")


def test_one_day_may_be_the_first_and_the_last() -> None:
    row = read_clean(coded("| needling | CPT | 20561 | governed | 2020-01-01 | 2020-01-01 | |")).code_rows[1]
    assert row.period.covers(date(2020, 1, 1))


def test_a_governed_service_may_have_no_code_yet() -> None:
    version = read_clean(coded("| injection | | | governed | | | |"))
    assert version.code_rows[1].pattern is None
    assert_found(coded("| pain | ICD-10-CM | ¦ | supports | | | |").replace("| ¦ |", "|¦ |"), ["missing-code"])


@pytest.mark.parametrize(
    ("cell", "pattern"),
    [
        ("M79.18", CodePattern("M7918")),
        ("M79.1x", CodePattern("M791", True)),
        ("M79.*", CodePattern("M79", True)),
        ("m7918", CodePattern("M7918")),
        ("`M79.18`", CodePattern("M7918")),
    ],
)
def test_diagnoses_are_exact_or_prefixes(cell: str, pattern: CodePattern) -> None:
    assert read_clean(coded(f"| pain | ICD-10-CM | {cell} | supports | | | |")).code_rows[1].pattern == pattern


@pytest.mark.parametrize("cell", ["M79.1-M79.3", "M79.1 to M79.3", "M00–M99"])
def test_a_range_of_diagnoses_is_an_error(cell: str) -> None:
    found = assert_found(coded(f"| pain | ICD-10-CM | ¦{cell} | supports | | | |"), ["code-range"])
    assert "prefixes" in found[0].mend


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        ("| needling | CPT | ¦2056l | governed | | | |", "bad-code"),
        ("| needling | CPT | ¦2O561 | governed | | | |", "bad-code"),
        ("| needling | CPT | ¦20561, 20562 | governed | | | |", "bad-code"),
        ("| needling | CPT | ¦20560-20562 | governed | | | |", "code-range"),
        ("| needling | CPT | ¦M79.18 | governed | | | |", "bad-code"),
        ("| sore | ICD-10-CM | ¦M79.1x | governed | | | |", "bad-code"),
        ("| needling | ¦CTP | 20561 | governed | | | |", "unknown-system"),
        ("| needling | CPT | 20561 | ¦goverend | | | |", "unknown-role"),
        ("| ¦two words | CPT | 20561 | governed | | | |", "bad-name"),
        ("| needling | CPT | 20561 | governed | ¦2020-13-01 | | |", "bad-date"),
        ("| needling | CPT | 20561 | governed | ¦2020 | | |", "bad-date"),
        ("| needling | CPT | 20561 | governed | | ¦9999-12-31 | |", "bad-date"),
        ("| needling | CPT | 20561 | governed | 2020-02-01 | ¦2020-01-31 | |", "end-before-start"),
        ("| needling | CPT | ¦20561 | supports | | | |", "mixed-roles"),
        ("¦| needling | CPT | 20561 | governed |", "wrong-width"),
    ],
)
def test_a_misspelled_row_is_an_error_at_its_cell(row: str, rule: str) -> None:
    assert_found(coded(row), [rule])


def test_a_code_of_another_system_says_which() -> None:
    found = assert_found(coded("| needling | CPT | ¦J0585 | governed | | | |"), ["bad-code"])
    assert "HCPCS" in found[0].mend


def test_a_wrong_row_never_hides_the_next() -> None:
    rows = (
        "| a | CPT | ¦1 | governed | | | |",
        "| b | ¦CTP | 20561 | governed | | | |",
        "| c | CPT | 20561 | ¦x | | | |",
    )
    assert_found(coded(*rows), ["bad-code", "unknown-system", "unknown-role"])


def test_a_column_is_named_and_stands_once() -> None:
    found = assert_found(coded(columns=COLUMNS.replace("| Our label |", "| ¦Our labl |")), ["unknown-column"])
    assert found[0].near == "Our label"
    assert_found(coded(columns=COLUMNS.replace("| Our label |", "| ¦Group |")), ["duplicate-column"])
    text = criteria("¦It is **covered**.", coding="\n## Coding\n\n¦| Group | System | Code |\n|---|---|---|\n")
    assert_found(text, ["nothing-governed", "missing-column"])


def test_lines_with_bars_that_are_no_table_are_an_error() -> None:
    text = coded().replace("|---|---|---|---|---|---|---|", "|---|---|")
    lines = text.split("\n")
    at = next(at for at, line in enumerate(lines) if line.startswith("| Group"))
    lines[at] = "¦" + lines[at]
    lines[lines.index("Needling is **investigational**.")] = "¦Needling is **investigational**."
    assert_found("\n".join(lines), ["nothing-governed", "broken-table"])


def test_a_bar_inside_a_cell_stands_behind_a_backslash() -> None:
    version = read_clean(coded(r"| needling | CPT | 20561 | governed | | | one \| two `a \| b` |"))
    assert version.code_rows[1].label == "one | two `a | b`"
    assert read_clean(write(version)) == version


def test_a_dose_per_unit_is_a_quantity() -> None:
    columns = COLUMNS.replace("| Our label |", "| Dose per unit |")
    row = read_clean(coded("| needling | HCPCS | J0585 | governed | | | 10 mg |", columns=columns)).code_rows[1]
    assert row.dose_per_unit == Quantity(Decimal(10), "mg")
    assert_found(coded("| needling | HCPCS | J0585 | governed | | | ¦ten |", columns=columns), ["bad-quantity"])


# ---------------------------------------------------------------------------- definitions


def test_a_value_set_is_a_bullet_and_open_where_it_says_so() -> None:
    sets = read_clean(
        defined("- `closed`: `a`, `b c`\n- `open`: `a`, including but not limited to these")
    ).definitions.value_sets
    assert [(each.name, each.values, each.is_open) for each in sets] == [
        ("closed", ("a", "b c"), False),
        ("open", ("a",), True),
    ]


def test_bullets_without_a_name_are_prose() -> None:
    version = read_clean(defined("- a word means a word\n- another `code` here"))
    assert version.definitions.value_sets == ()
    assert version.definitions.prose.startswith("- a word")


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("- ¦`two words`: `a`", "bad-name"),
        ("- ¦`empty`:", "empty-set"),
        ("- ¦`twice`: `a`, `a`", "duplicate-name"),
        ("- `wrapped`: `a`,\n  ¦`b`", "soft-break"),
        ("- `one`: `a`\n- ¦`one`: `b`", "duplicate-name"),
        ("- ¦`needling`: `a`", "duplicate-name"),
    ],
)
def test_a_misspelled_value_set_is_an_error(text: str, rule: str) -> None:
    assert_found(defined(text), [rule])


def test_a_look_up_table_stands_under_its_heading() -> None:
    table = read_clean(
        defined("### Visit limits\n\n| Weeks | Visits |\n|---|---|\n| 1 week | 2 |\n| 6 weeks | 8 |")
    ).definitions.tables[0]
    assert (table.name, table.heading, table.columns) == ("visit-limits", "Visit limits", ("Weeks", "Visits"))
    assert table.rows[1] == (Quantity(Decimal(6), "weeks"), Quantity(Decimal(8)))


@pytest.mark.parametrize(
    ("rows", "rule"),
    [
        ("¦| 6 weeks | 8 |\n| 1 week | 2 |", "table-order"),
        ("¦| 1 week | 8 |\n| 7 days | 9 |", "units-differ"),
        ("| 1 week | 8 |\n¦| some | 9 |", "bad-quantity"),
    ],
)
def test_a_misspelled_look_up_table_is_an_error(rows: str, rule: str) -> None:
    header = "| Weeks | Visits |\n|---|---|\n"
    text = f"### Limits\n\n{header}{rows}"
    if rule in ("table-order", "units-differ"):
        text = f"### Limits\n\n¦{header}{rows.replace('¦', '')}"
    assert_found(defined(text), [rule])


def test_a_table_of_words_is_prose() -> None:
    version = read_clean(defined("### Terms\n\n| Word | Meaning |\n|---|---|\n| band | a tight strand |"))
    assert version.definitions.tables == ()
    assert "| band | a tight strand |" in version.definitions.prose


def test_a_policy_may_declare_facts_of_its_own() -> None:
    text = "### Facts\n\n| Fact | Type | Unit or choices | Question | From |\n|---|---|---|---|---|\n"
    version = read_clean(defined(text + "| pulse | quantity | /hour | How fast? | record |"))
    fact = version.definitions.facts[0]
    assert (fact.name, fact.type, fact.unit) == ("pulse", FactType.QUANTITY, "/hour")
    assert_found(defined(text + "| ¦exam.band | yes/no | | Felt? | record |"), ["duplicate-fact"])
    assert_found(defined(text + "| ¦age | yes/no | | Felt? | record |"), ["duplicate-fact"])


def test_prose_that_markdown_would_take_into_the_list_of_sets_is_written_before_it() -> None:
    for prose in ("- a bullet", "    indented", "  words"):
        for more in ("\n\nWords.", ""):
            version = read_clean(defined(f"{prose}{more}\n\n* `set`: `a`, `b`"))
            assert version.definitions.value_sets[0].values == ("a", "b")
            assert read_clean(write(version)) == version
