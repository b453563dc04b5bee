"""One impact in its renderings: text, JSON, CSV and an HTML file that says the same figures and loads nothing."""

from __future__ import annotations

import csv
import io
import json
import re
from decimal import Decimal
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from tests.impact.making import INVESTIGATIONAL, NECESSARY, impact, library, line
from tests.support import ROOT

from medpol.decide.holdings import written
from medpol.impact import Impact, as_csv, impact_page, tables_of
from medpol.impact.charts import NARROW, WIDE, bars, columns, crossing, pairs
from medpol.impact.tables import NAMES, Table

ROWS = [
    line(1, member_id="MEMBER-ONE", claim_id="CLAIM-ONE"),
    line(2, "2025-03-15", allowed_amount="1234.50", billing_npi="1234567893"),
    line(3, "2025-04-11", code="G0283"),
]
SECRETS = ("MEMBER-ONE", "CLAIM-ONE", "M0002", "C0002", "2025-03-15")


@pytest.fixture(scope="module")
def found() -> Impact:
    return impact(library(INVESTIGATIONAL), library(NECESSARY), ROWS, {"review_cost": Decimal("42.00")})


@pytest.fixture(scope="module")
def named() -> Impact:
    return impact(library(INVESTIGATIONAL), library(NECESSARY), ROWS, {"with_lines": True})


def test_every_table_has_its_name_and_as_many_cells_in_each_row_as_columns(found: Impact) -> None:
    tables = tables_of(found)
    assert tuple(each.name for each in tables) == NAMES
    assert all(len(row) == len(table.columns) == len(table.titles) for table in tables for row in table.rows)


def test_the_page_on_impacts_names_every_table() -> None:
    told = (ROOT / "docs" / "impact.md").read_text(encoding="utf-8")
    assert [name for name in NAMES if f"`{name}`" not in told] == []


def test_csv_of_one_table_is_read_back_as_it_is(found: Impact) -> None:
    outcomes = next(each for each in tables_of(found) if each.name == "outcomes")
    rows = list(csv.DictReader(io.StringIO(as_csv([outcomes]))))
    assert [(row["before"], row["after"], row["lines"], row["allowed_amount"]) for row in rows] == [
        ("not_addressed", "not_addressed", "1", "60.00"),
        ("not_covered", "covered", "2", "1294.50"),
    ]


def test_csv_of_all_tables_names_each(found: Impact) -> None:
    rows = list(csv.reader(io.StringIO(as_csv(tables_of(found)))))
    assert [row[1] for row in rows if row and row[0] == "table"] == list(NAMES)


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@a", "\tx"])
def test_a_text_that_a_spreadsheet_takes_for_a_formula_is_made_plain_and_a_number_is_left(cell: str) -> None:
    table = Table("t", "T", ("a", "b"), ("a", "b"), ((cell, Decimal("-1.00")),))
    assert list(csv.reader(io.StringIO(as_csv([table]), newline="")))[1] == [f"'{cell}", "-1.00"]


def test_json_holds_every_table_under_the_names_of_the_value(found: Impact) -> None:
    told = json.loads(written(found))
    assert told["outcomes"][1]["allowed_amount"] == "1294.50"
    assert told["reviews"]["break_even"] == "647.25"
    assert [each["name"] for each in told["breakdowns"]] == list(NAMES[6:12])
    assert told["question"]["known_on"] == "2026-11-24"


def test_no_rendering_names_a_member_a_claim_or_a_day_of_care_unless_lines_are_asked_for(
    found: Impact, named: Impact
) -> None:
    for told in (impact_page(found), as_csv(tables_of(found)), written(found).decode()):
        assert not any(secret in told for secret in SECRETS)
    for told in (impact_page(named), as_csv(tables_of(named)), written(named).decode()):
        assert all(secret in told for secret in ("MEMBER-ONE", "CLAIM-ONE", "2025-03-15"))


class _Page(HTMLParser):
    """Elements opened and closed, and what would be loaded or run."""

    _VOID = ("meta", "br", "link", "img")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.loads: list[str] = []
        self.names: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.loads += [f"{name}={value}" for name, value in attrs if name in ("src", "href") or name.startswith("on")]
        if tag not in self._VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_well_formed_holds_no_script_and_loads_nothing(found: Impact) -> None:
    told = impact_page(found)
    page = _Page()
    page.feed(told)
    page.close()
    assert (page.open, page.loads) == ([], [])
    assert not {"script", "iframe", "object", "img", "link"} & set(page.names)
    assert "url(" not in told and "@import" not in told
    assert page.names.count("h1") == page.names.count("main") == 1


def test_every_chart_of_the_page_has_a_title_and_a_table_beside_it(found: Impact) -> None:
    told = impact_page(found)
    sections = told.split("<section")[1:]
    drawn = [each for each in sections if "<svg" in each]
    assert len(drawn) >= 3
    for section in drawn:
        assert "<table" in section
        assert section.count("<svg") == section.count("<title>") - len(re.findall(r"<rect[^>]*><title>", section))


def test_words_of_others_cannot_become_markup(found: Impact) -> None:
    evil = "<script>alert(1)</script>"
    rows = [line(1, member_id=evil, claim_id=evil, data_source="\u202ex"), line(2, member_id=evil)]
    told = impact_page(impact(library(INVESTIGATIONAL), library(NECESSARY), rows, {"with_lines": True}))
    assert "<script" not in told
    assert "&lt;script&gt;" in told
    assert "\u202e" not in told


def test_an_impact_of_nothing_is_rendered_all_the_same() -> None:
    nothing = impact(library(INVESTIGATIONAL), library(INVESTIGATIONAL), [line(1, code="G0283")])
    told = impact_page(nothing)
    assert "Nothing changes for 1 claim line." in told
    assert as_csv(tables_of(nothing)).startswith("table,question\n")


# ---------------------------------------------------------------------------- charts


@pytest.mark.parametrize("width", [WIDE, NARROW])
@pytest.mark.parametrize(("reviews", "dollars"), [(10, 500), (-10, -500), (10, -500), (-10, 500), (0, 0), (3, 0)])
def test_the_crossing_stays_inside_its_frame_whatever_the_figures(width: int, reviews: int, dollars: int) -> None:
    kept = Decimal(dollars)
    even = kept / reviews if reviews and kept / reviews >= 0 else None
    for cost in (None, Decimal(1), Decimal(50), Decimal(4000)):
        drawn = ElementTree.fromstring(crossing("c", kept, reviews, even, cost, width))
        _assert_inside(drawn, width)


@pytest.mark.parametrize("width", [WIDE, NARROW])
@pytest.mark.parametrize(
    "rows", [[], [("a", 0, 0)], [("a very long name of a plan that nobody would choose", 1, 10**9)]]
)
def test_bars_stay_inside_their_frame(width: int, rows: list[tuple[str, int, int]]) -> None:
    for drawn in (pairs("p", rows, width), columns("c", rows, width), bars("b", [row[:2] for row in rows], width)):
        _assert_inside(ElementTree.fromstring(drawn), width)


def _assert_inside(drawn: ElementTree.Element, width: int) -> None:
    height = float(drawn.attrib["height"])
    for each in drawn.iter():
        x, y = float(each.get("x", 0)), float(each.get("y", 0))
        assert 0 <= x <= width and 0 <= y <= height
        assert x + float(each.get("width", 0)) <= width or each is drawn
        if each.tag.endswith("text") and each.get("text-anchor") is None:
            assert x + len(each.text or "") * 6 <= width
