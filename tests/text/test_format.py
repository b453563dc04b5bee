"""``format``: what it puts in order, and that every other byte survives."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.text.documents import HEAD, criteria, read_clean

from medpol.text.format import DocumentKind, format_source

POLICY = DocumentKind.POLICY


def formatted(text: str, kind: DocumentKind = POLICY) -> str:
    once = format_source(text, kind)
    assert format_source(once, kind) == once
    return once


def test_line_ends_and_the_final_newline() -> None:
    assert formatted("\ufeffa\r\nb\rc\n\n\n", DocumentKind.CASES) == "a\nb\nc\n"
    assert formatted("a", DocumentKind.CASES) == "a\n"


def test_empty_lines_stand_around_rule_lines() -> None:
    text = "### One\nServices: `needling`\nWhen: so `exam.band`\n> note\n\nIt is **covered**."
    wanted = "### One\n\nServices: `needling`\n\nWhen: so `exam.band`\n\n> note\n\nIt is **covered**."
    assert wanted in formatted(criteria(text))
    assert read_clean(formatted(criteria(text))) == read_clean(criteria(text))


@pytest.mark.parametrize(
    ("items", "wanted"),
    [
        ("* one\n* two", "- one\n- two"),
        ("+   one\n+ two", "- one\n- two"),
        ("1. one\n1. two\n1. three", "1. one\n2. two\n3. three"),
        ("1) one\n2) two", "1. one\n2. two"),
        (" -  one\n -  two", "- one\n- two"),
        ("1. one\n\n2. two", "1. one\n\n2. two"),
        ("1.  any of these:\n    *  a\n    *  b\n2.  c", "1. any of these:\n   - a\n   - b\n2. c"),
        ("-\tone\n-\ttwo", "- one\n- two"),
        ("-\n  one\n- two", "-\n  one\n- two"),
    ],
)
def test_markers_and_numbers_in_criteria(items: str, wanted: str) -> None:
    text = criteria(f"**Covered** when all of these are met:\n\n{items}")
    assert f"are met:\n\n{wanted}\n" in formatted(text)
    assert read_clean(formatted(text)) == read_clean(text)


def test_ten_items_move_their_sublists_with_the_wider_number() -> None:
    items = "\n".join(["1. x"] * 9 + ["1. any of these:\n   - a\n   - b"])
    text = formatted(criteria(f"**Covered** when all of these are met:\n\n{items}"))
    assert "\n10. any of these:\n    - a\n    - b\n" in text


def test_an_item_whose_words_are_its_number_is_not_mangled() -> None:
    text = criteria("**Covered** when all of these are met:\n\n1. 1\n1. x 1. x")
    assert "\n1. 1\n2. x 1. x\n" in formatted(text)


def test_tables_that_are_read_are_padded_and_keep_how_they_are_aligned() -> None:
    coding = "\n## Coding\n\nGroup|System|Code|Role|Our label\n:-|-|:-:|-:|-\nneedling|CPT|20560|governed|a \\| b\n"
    text = formatted(criteria("It is **covered**.", coding=coding))
    assert text.endswith(
        "| Group    | System | Code  | Role     | Our label |\n"
        "|:---------|--------|:-----:|---------:|-----------|\n"
        "| needling | CPT    | 20560 | governed | a \\| b    |\n"
    )


def test_tables_in_prose_are_left_as_they_stand() -> None:
    for heading in ("## Background", "## Something of ours", "## Definitions\n\n### Terms"):
        table = f"{heading}\n\n|a|b|\n|-|-|\n|long word|d|\n"
        assert table in formatted(criteria("It is **covered**.", rest="\n" + table))


def test_look_up_tables_and_facts_of_a_policy_are_padded() -> None:
    rest = "\n## Definitions\n\n### Limits\n\n|Weeks|Visits|\n|-|-|\n|1 week|2|\n\n### Facts\n\n|Fact|Type|\n|-|-|\n|pulse|count|\n"
    text = formatted(criteria("It is **covered**.", rest=rest))
    assert "| Weeks  | Visits |\n|--------|--------|\n| 1 week | 2      |\n" in text
    assert "| Fact  | Type  |\n|-------|-------|\n| pulse | count |\n" in text


@pytest.mark.parametrize("heading", ["##  CODING", "## coding:", "## **Coding**", "## Coding ##", "##   Coding"])
def test_headings_of_another_case_or_spacing_get_the_standard_spelling(heading: str) -> None:
    text = criteria("It is **covered**.").replace("## Coding", heading)
    assert "\n## Coding\n" in formatted(text)
    assert read_clean(formatted(text)) == read_clean(text)


def test_aliases_and_unknown_headings_stay() -> None:
    rest = "\n##  rationale\n\nWords.\n\n##  Of  ours:\n\nWords.\n"
    assert rest in formatted(criteria("It is **covered**.", rest=rest))


def test_every_other_byte_survives() -> None:
    head = HEAD.replace("title: Needles", "title:   'Needles'  # of ours\npublisher: \"a\\tb\"")
    prose = (
        "##  Of  ours:\n\n* a\n* b\n\n\n1) c\n1) d\n\n\tcode \t \n\n|x|y|\n|-|:-:|\n|z|\n\nword  \nword\\\nServices: no rule line here\n"
    ).replace("Services: no rule line here", "services of ours")
    statement = "It  is **covered** \t when so  ``exam.band``.  "
    text = criteria(statement + "\n\n>  a note\nlazy  ", head=head, rest="\n" + prose)
    assert formatted(text).replace("\n", "").count(prose.replace("\n", "")) == 1
    before, after = text.split("\n## Coding\n")
    start, end = formatted(text).split("\n## Coding\n")
    assert start == before
    assert end.endswith(after[after.index("\n##  Of") :])


def test_a_source_beside_the_policies() -> None:
    text = "---\ncontract: a\n---\n# provisions\n\n|a|b|\n|-|-|\n|c|d|\n\n## PROVISIONS\n\n|Effect|Position|\n|-|-|\n|covers|cosmetic|\n"
    wanted = "# provisions\n\n|a|b|\n|-|-|\n|c|d|\n\n## Provisions\n\n| Effect | Position |\n|--------|----------|\n| covers | cosmetic |\n"
    assert formatted(text, DocumentKind.SOURCE) == "---\ncontract: a\n---\n" + wanted


def test_facts_plans_and_cases_have_padded_tables() -> None:
    table, padded = "|a|b|\n|-|-|\n|ccc|\\||\n", "| a   | b   |\n|-----|-----|\n| ccc | \\|  |\n"
    assert (
        formatted(f"{table}\n##  event FIELDS\n\n{table}", DocumentKind.FACTS)
        == f"{padded}\n## Event fields\n\n{padded}"
    )
    assert formatted(f"# Words\n\n{table}", DocumentKind.PLANS) == f"# Words\n\n{padded}"
    assert formatted(f"- a\n* b\n\n{table}", DocumentKind.CASES) == f"- a\n* b\n\n{padded}"


def test_a_cell_keeps_its_odd_spaces() -> None:
    text = "|a|b|\n|-|-|\n|\u00a0c\u2003|d|\n"
    assert "|\u00a0" not in formatted(text, DocumentKind.CASES)
    assert "| \u00a0c\u2003 | d   |\n" in formatted(text, DocumentKind.CASES)


def test_a_table_whose_rows_differ_in_width_is_left_alone() -> None:
    text = "| a | b |\n|---|---|\n| c |\n"
    assert formatted(text, DocumentKind.CASES) == text


def test_the_documents_we_ship_read_the_same_when_formatted() -> None:
    from medpol.library import load
    from medpol.text.reader import read_policy
    from medpol.text.source import Findings
    from medpol.text.writer import write

    root = Path(__file__).parents[2]
    for library in (root / "src/medpol/policies_data", root / "examples/policies"):
        vocabulary = load(library).vocabulary
        paths = sorted(library.glob("*/[0-9]*.md"))
        assert paths
        for path in paths:
            text = path.read_text(encoding="utf-8")
            findings = Findings(path.name)
            version = read_policy(text, findings, vocabulary)
            assert not findings.found
            assert version is not None
            assert read_policy(formatted(text), findings, vocabulary) == version
            assert read_policy(write(version), findings, vocabulary) == version
