"""The page of results: one section or part put in its place, and every other left as it is."""

from __future__ import annotations

from benchmarks.page import Table, met, with_part, with_section

PAGE = """\
# Measured

one

# Served

## Weights

two

## Pages

three
"""


def test_a_section_takes_the_place_of_that_of_the_same_heading_and_of_no_other() -> None:
    page = with_section(PAGE, "# Measured\n\nanew\n")
    assert page == PAGE.replace("one", "anew")
    assert with_section(page, "# Measured\n\none") == PAGE


def test_a_section_that_is_not_there_yet_stands_at_the_end() -> None:
    assert with_section(PAGE, "# Decided\n\nfour") == f"{PAGE}\n# Decided\n\nfour\n"
    assert with_section("", "# Decided\n\nfour") == "# Decided\n\nfour\n"


def test_a_part_takes_the_place_of_that_of_the_same_title_in_its_section() -> None:
    assert with_part(PAGE, "# Served", "## Weights\n\nlighter") == PAGE.replace("two", "lighter")
    named = "## Weights: of 9 pages\n\nlighter"
    assert with_part(PAGE, "# Served", named) == PAGE.replace("## Weights\n\ntwo", named)
    assert with_part(PAGE.replace("## Weights", "## Weights: of 7 pages"), "# Served", named) == with_part(
        PAGE, "# Served", named
    )
    assert with_part(PAGE, "# Served", "## Look-ups\n\nfive") == f"{PAGE}\n## Look-ups\n\nfive\n"
    assert with_part(PAGE, "# Decided", "## Weights\n\nsix") == f"{PAGE}\n# Decided\n\n## Weights\n\nsix\n"


def test_a_table_is_rows_of_cells_below_its_columns() -> None:
    table = Table(("what", "s"))
    table.add("load", 3)
    assert str(table) == "| what | s |\n| --- | --- |\n| load | 3 |"


def test_a_goal_is_met_at_its_very_value_and_not_beyond() -> None:
    assert [met(value, 2.5) for value in (2.4, 2.5, 2.6)] == ["met", "met", "not met"]
    assert [met(value, 50, at_least=True) for value in (49, 50, 51)] == ["not met", "met", "met"]
