"""The forest plot: every mark stands at its value, every number drawn is the value's own, and nothing is drawn unescaped."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from itertools import pairwise
from xml.etree.ElementTree import Element, fromstring

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from medpol.evidence.drawing import (
    NARROW,
    WIDE,
    Forest,
    ForestGroup,
    ForestPool,
    ForestPrediction,
    ForestRow,
    forest_svg,
    forest_table,
)
from medpol.evidence.drawing.words import estimate_words, figure

_SVG = "{http://www.w3.org/2000/svg}"
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def row(
    name: str, estimate: float, lower: float, upper: float, weight: float | None = None, **more: object
) -> ForestRow:
    return ForestRow(name, name, estimate, lower, upper, estimate_words(estimate, lower, upper), weight, **more)  # type: ignore[arg-type]


def pool(estimate: float, lower: float, upper: float) -> ForestPool:
    return ForestPool("Pooled, random effects", 2, estimate, lower, upper, estimate_words(estimate, lower, upper))


DIFFERENCES = Forest(
    "Pain",
    "mean difference",
    "points of 10",
    0.95,
    below="favours needling",
    above="favours sham",
    groups=(
        ForestGroup((row("Ames 2019", -1.23, -2.04, -0.42, 0.7), row("Bell 2020", 0.31, -0.9, 1.52, 0.3)), "Sham"),
        ForestGroup((row("Cole 2021", 2.5, 1.0, 4.0),), "Other", pool(2.5, 1.0, 4.0)),
    ),
    pooled=pool(-0.77, -1.9, 0.36),
    prediction=ForestPrediction(-2.6, 1.1, "t with k - 2", "[-2.60, 1.10]"),
    published=(row("Dunn 2022", -1.1, -1.9, -0.3),),
    important_difference=1.5,
    important_source="Wound consensus 2019",
)
RATIOS = Forest(
    "Falls",
    "odds ratio",
    is_ratio=True,
    groups=(ForestGroup((row("Ames 2019", 0.5, 0.2, 1.25, 0.5), row("Bell 2020", 2.0, 0.9, 4.4, 0.5))),),
    pooled=pool(1.01, 0.5, 2.05),
)


def of_class(svg: Element, name: str) -> list[Element]:
    return [each for each in svg.iter() if name in each.get("class", "").split()]


def places(svg: Element, is_ratio: bool):
    """Values to places, learned from the two outermost ticks alone."""
    marks = [float(re.match(r"M([-\d.]+)", each.get("d", ""))[1]) for each in of_class(svg, "tick-mark")]  # type: ignore[index]
    values = [float(each.text or "") for each in of_class(svg, "tick-label")]
    by = math.log if is_ratio else float
    slope = (marks[-1] - marks[0]) / (by(values[-1]) - by(values[0]))
    return lambda value: marks[0] + (by(value) - by(values[0])) * slope


def numbers_in(path: Element) -> list[float]:
    return [float(each) for each in _NUMBER.findall(path.get("d", ""))]


@pytest.mark.parametrize("width", [WIDE, NARROW])
@pytest.mark.parametrize("forest", [DIFFERENCES, RATIOS], ids=["differences", "ratios"])
def test_squares_whiskers_and_diamonds_stand_within_half_a_pixel_of_their_values(forest: Forest, width: int) -> None:
    svg = fromstring(forest_svg(forest, width))
    at = places(svg, forest.is_ratio)
    studies = [each for group in forest.groups for each in group.rows]
    for square, study in zip(of_class(svg, "study"), studies, strict=True):
        middle = float(square.get("x", "")) + float(square.get("width", "")) / 2
        assert middle == pytest.approx(at(study.estimate), abs=0.5)
    for whisker, study in zip(of_class(svg, "whisker"), studies, strict=True):
        left, _, right = numbers_in(whisker)
        assert (left, right) == (pytest.approx(at(study.lower), abs=0.5), pytest.approx(at(study.upper), abs=0.5))
    pools = [*(group.pooled for group in forest.groups if group.pooled), forest.pooled]
    drawn = [*of_class(svg, "pooled"), *of_class(svg, "published")]
    for diamond, found in zip(drawn, [*pools, *forest.published], strict=True):
        left, _, middle, _, right, *_ = numbers_in(diamond)
        assert left == pytest.approx(at(found.lower), abs=0.5)
        assert middle == pytest.approx(at(found.estimate), abs=0.5)
        assert right == pytest.approx(at(found.upper), abs=0.5)


def test_the_prediction_bar_and_the_shaded_difference_stand_at_their_values() -> None:
    svg = fromstring(forest_svg(DIFFERENCES))
    at = places(svg, False)
    for name, lower, upper in (("prediction", -2.6, 1.1), ("shade", -1.5, 1.5)):
        (bar,) = of_class(svg, name)
        left = float(bar.get("x", ""))
        assert left == pytest.approx(at(lower), abs=0.5)
        assert left + float(bar.get("width", "")) == pytest.approx(at(upper), abs=0.5)


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_every_number_beside_a_mark_is_one_of_the_json(width: int) -> None:
    held = json.loads(msgspec.json.encode(DIFFERENCES))
    drawn = {each.text for each in fromstring(forest_svg(DIFFERENCES, width)).iter(f"{_SVG}text")}
    shown = [each for group in held["groups"] for each in group["rows"]] + held["published"]
    shown += [held["pooled"], held["groups"][1]["pooled"]]
    for each in shown:
        assert each["says"] in drawn
        assert [float(number) for number in _NUMBER.findall(each["says"])] == [
            pytest.approx(each[part], abs=0.005) for part in ("estimate", "lower", "upper")
        ]
    assert held["prediction"]["says"] in drawn
    brackets = {each for each in drawn if each and "[" in each and "%" not in each}
    assert brackets == {each["says"] for each in shown} | {held["prediction"]["says"]}


def test_a_heavier_study_has_a_larger_square() -> None:
    squares = of_class(fromstring(forest_svg(DIFFERENCES)), "study")
    assert float(squares[0].get("width", "")) > float(squares[1].get("width", ""))


def test_an_interval_beyond_the_axis_ends_in_an_arrow_and_keeps_its_numbers() -> None:
    wide = Forest("Pain", "MD", groups=(ForestGroup((row("Ames", -1, -90, 80), row("Bell", 1, 0.5, 1.5))),))
    svg = fromstring(forest_svg(wide))
    assert len(of_class(svg, "arrow")) == 2
    assert "-1.00 [-90.00, 80.00]" in {each.text for each in svg.iter(f"{_SVG}text")}
    assert of_class(fromstring(forest_svg(DIFFERENCES)), "arrow") == []


def test_what_nobody_verified_is_hollow_and_marked_and_the_mark_is_explained() -> None:
    forest = Forest("Pain", "MD", groups=(ForestGroup((row("Ames", -1, -2, 0, is_verified=False),)),))
    svg = fromstring(forest_svg(forest))
    (square,) = of_class(svg, "study")
    assert "hollow" in square.get("class", "") and square.get("stroke-dasharray")
    words = [each.text or "" for each in svg.iter(f"{_SVG}text")]
    assert "Ames †" in words and any(each.startswith("† not held against") for each in words)


def test_a_published_interval_without_its_estimate_is_a_line_and_no_diamond() -> None:
    only = ForestRow("dunn", "Dunn 2024", None, -2.12, -1.76, "[-2.12, -1.76]")
    svg = fromstring(forest_svg(Forest("Pain", "MD", published=(only,))))
    assert of_class(svg, "published") == [] and len(of_class(svg, "whisker")) == 1


def test_no_study_gives_a_picture_that_says_so() -> None:
    svg = fromstring(forest_svg(Forest("Pain", "MD")))
    assert [each.text for each in svg.iter(f"{_SVG}text")] == ["No study with an effect that can be drawn."]
    assert forest_table(Forest("Pain", "MD")).rows == ()


def test_one_study_that_shows_no_effect_is_drawn() -> None:
    svg = fromstring(
        forest_svg(Forest("Pain", "MD", groups=(ForestGroup((ForestRow("a", "A", 0.0, None, None, "0.00"),)),)))
    )
    assert len(of_class(svg, "study")) == 1


@pytest.mark.parametrize("count", [1, 2, 200])
@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_rows_stand_below_each_other_however_many_there_are(count: int, width: int) -> None:
    rows = tuple(row(f"Study {at}", at / 10, at / 10 - 1, at / 10 + 1, 1 / count) for at in range(count))
    svg = fromstring(forest_svg(Forest("Pain", "MD", groups=(ForestGroup(rows),), pooled=pool(1, 0, 2)), width))
    squares = [float(each.get("y", "")) + float(each.get("height", "")) / 2 for each in of_class(svg, "study")]
    assert all(below - above > 16 for above, below in pairwise(squares))
    assert len(squares) == count and squares[-1] < float(svg.get("height", ""))


def test_words_of_others_are_escaped_and_a_long_name_stands_whole_in_the_table() -> None:
    name = '<script>alert("x")</script> & a name that is far too long for any picture'
    forest = Forest(name, "MD", groups=(ForestGroup((row(name, 1, 0, 2),)),))
    text = forest_svg(forest)
    assert "<script" not in text
    svg = fromstring(text)
    assert (svg.findtext(f"{_SVG}title"), name in (svg.findtext(f"{_SVG}desc") or "")) == (name, True)
    assert any((each.text or "").endswith("…") for each in svg.iter(f"{_SVG}text"))
    assert forest_table(forest).rows[0][2] == name
    assert "<script" not in forest_table(forest).markdown().replace(r"\<", "")


def test_the_table_has_a_row_for_all_that_is_drawn_and_numbers_stay_numbers() -> None:
    rows = list(csv.DictReader(io.StringIO(forest_table(DIFFERENCES).csv())))
    assert [each["Kind"] for each in rows] == [
        *("study", "study", "study", "pool", "pool", "prediction interval", "published pool")
    ]
    assert (rows[0]["Estimate"], rows[0]["Weight"], rows[0]["Shown"]) == ("-1.23", "0.7", "'-1.23 [-2.04, -0.42]")


def test_a_ratio_that_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="logarithmic"):
        Forest("Falls", "odds ratio", is_ratio=True, published=(row("Dunn", -0.263, -1.5, 0.99),))


@given(st.floats(-1e5, 1e5))
def test_a_figure_says_the_number_to_its_last_decimal(value: float) -> None:
    assert float(figure(value)) == pytest.approx(value, abs=0.005, rel=0.05)
