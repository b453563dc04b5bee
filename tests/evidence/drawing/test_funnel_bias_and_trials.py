"""The funnel, the lights of risk of bias and the timeline of trials, each with the table of the same value."""

from __future__ import annotations

import re
from datetime import date
from xml.etree.ElementTree import Element, fromstring

import pytest

from medpol.evidence.drawing import (
    NARROW,
    WIDE,
    BiasLights,
    Funnel,
    FunnelPoint,
    bias_lights,
    bias_svg,
    bias_table,
    funnel_svg,
    funnel_table,
    trial_timeline,
    trials_svg,
    trials_table,
)
from medpol.evidence.drawing.bias import sign_of
from medpol.evidence.watching.values import TrialListed
from medpol.model.studies import RiskOfBias, Study, StudyKind

_SVG = "{http://www.w3.org/2000/svg}"
DAY = date(2024, 7, 1)


def words(svg: Element) -> list[str]:
    return [each.text or "" for each in svg.iter(f"{_SVG}text")]


def funnel(count: int, is_ratio: bool = False) -> Funnel:
    points = tuple(FunnelPoint(f"s{at}", f"Study {at}", 1.0 + at / 10, 0.05 + at / 20) for at in range(count))
    return Funnel("Pain", "odds ratio" if is_ratio else "mean difference", is_ratio=is_ratio, points=points, pooled=1.3)


@pytest.mark.parametrize("count", [0, 1, 9])
def test_below_ten_studies_no_funnel_is_drawn_and_the_picture_says_why(count: int) -> None:
    svg = fromstring(funnel_svg(funnel(count)))
    assert list(svg.iter(f"{_SVG}circle")) == []
    assert "fewer than 10" in " ".join(words(svg))
    assert len(funnel_table(funnel(count)).rows) == count
    assert "fewer than 10" in funnel_table(funnel(count)).notes[0]


@pytest.mark.parametrize("is_ratio", [False, True])
@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_from_ten_studies_on_every_study_is_a_point_between_three_contours(width: int, is_ratio: bool) -> None:
    svg = fromstring(funnel_svg(funnel(12, is_ratio), width))
    points = list(svg.iter(f"{_SVG}circle"))
    depths = [float(each.get("cy", "")) for each in points]
    assert len(points) == 12 and depths == sorted(depths)
    assert [each.get("class") for each in svg.iter(f"{_SVG}path") if "contour" in each.get("class", "")] == [
        *("contour p-01", "contour p-05", "contour p-10")
    ]


def test_a_contour_stands_where_its_p_is_reached() -> None:
    """At a standard error of s, p is 0.05 at 1.96 s: on a funnel whose axis holds it, the border ends there."""
    points = tuple(FunnelPoint(str(at), str(at), 3.0 if at else -3.0, 1.0) for at in range(10))
    svg = fromstring(funnel_svg(Funnel("Pain", "MD", points=points)))
    xs = [float(each.get("cx", "")) for each in svg.iter(f"{_SVG}circle")]
    (contour,) = [each for each in svg.iter(f"{_SVG}path") if each.get("class") == "contour p-05"]
    apex, _, left, *_ = map(float, re.findall(r"-?\d+(?:\.\d+)?", contour.get("d", "")))
    pixels = (max(xs) - min(xs)) / 6
    assert (apex - left) / pixels == pytest.approx(1.959964 * 1.05, abs=0.02)


def judged(id: str, tool: str, *items: tuple[str, str], score: str = "") -> tuple[Study, str]:
    bias = RiskOfBias(tool, score, True, items)
    return Study(id, date(2024, 2, 8), StudyKind.TRIAL, bias=bias), f"{id.title()} 2014"


@pytest.mark.parametrize(
    ("judgement", "sign"),
    [
        ("yes", "+"),
        ("Low", "+"),
        ("no", "-"),
        ("HIGH", "-"),
        ("some concerns", "?"),
        ("unclear", "?"),
        ("perhaps", "?"),
    ],
)
def test_a_judgement_in_the_words_of_its_tool_is_a_sign(judgement: str, sign: str) -> None:
    assert sign_of(judgement) == sign


def test_studies_stand_together_by_tool_and_what_was_not_judged_is_a_question() -> None:
    found = bias_lights(
        [
            judged("ames", "PEDro", ("random allocation", "yes"), ("blind subjects", "no"), score="6/10"),
            judged("bell", "RoB 2", ("randomisation", "some concerns")),
            judged("cole", "PEDro", ("random allocation", "yes")),
            (Study("dunn", date(2024, 2, 8), StudyKind.TRIAL), "Dunn"),
        ],
        "Risk of bias",
    )
    assert [(each.tool, [row.study for row in each.rows]) for each in found] == [
        ("PEDro", ["ames", "cole"]),
        ("RoB 2", ["bell"]),
    ]
    assert bias_table(found[0]).rows == (
        ("Ames 2014", "+ yes", "- no", "6/10", "yes"),
        ("Cole 2014", "+ yes", "? not reported", "not reported", "yes"),
    )


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_each_sign_has_a_shape_of_its_own_and_its_word(width: int) -> None:
    (found,) = bias_lights([judged("ames", "RoB 2", ("a", "low"), ("b", "unclear"), ("c", "high"))], "Risk of bias")
    svg = fromstring(bias_svg(found, width))
    shapes = [each for each in svg.iter() if "light" in each.get("class", "").split()]
    assert [each.tag.removeprefix(_SVG) for each in shapes] == ["circle", "path", "rect"]
    assert [each.findtext(f"{_SVG}title") for each in shapes] == ["a: low", "b: unclear", "c: high"]
    assert [each.text for each in svg.iter() if "light-sign" in each.get("class", "").split()] == ["+", "?", "-"]


def test_lights_of_no_study_say_so() -> None:
    assert words(fromstring(bias_svg(BiasLights("Risk of bias", "RoB 2")))) == ["No study was judged."]


LISTED = (
    TrialListed("NCT00000001", "heel", "Needles", completion="2024-05", enrolment=60),
    TrialListed("NCT00000002", "neck", "More needles", completion="2025-01-15"),
    TrialListed("NCT00000003", "heel", "Old needles", completion="2023-01", status="COMPLETED"),
    TrialListed("NCT00000004", "neck", completion="unknown"),
    TrialListed("NCT00000005", "neck", completion="2020-01", is_ongoing=False, is_published=True),
)


def test_trials_stand_by_population_and_those_past_their_date_are_overdue() -> None:
    found = trial_timeline(LISTED, DAY, "Trials", {"heel": "people with heel pain"})
    assert [(each.nct[-1], each.population, each.is_overdue, each.days_late) for each in found.trials] == [
        ("3", "people with heel pain", False, None),
        ("1", "people with heel pain", True, 31),
        ("2", "neck", False, None),
        ("4", "neck", False, None),
    ]
    assert trials_table(found).rows[1][5:7] == ("2024-05", "31 days")


def test_a_month_that_ends_today_is_not_overdue_yet() -> None:
    (bar,) = trial_timeline(LISTED[:1], date(2024, 5, 31), "Trials").trials
    assert not bar.is_overdue
    (bar,) = trial_timeline(LISTED[:1], date(2024, 6, 1), "Trials").trials
    assert (bar.is_overdue, bar.days_late) == (True, 1)


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_a_partial_date_is_drawn_as_its_span_and_what_is_overdue_is_hatched(width: int) -> None:
    svg = fromstring(trials_svg(trial_timeline(LISTED, DAY, "Trials"), width))
    spans = [each for each in svg.iter(f"{_SVG}rect") if "due-month" in each.get("class", "")]
    hatched = [each for each in svg.iter(f"{_SVG}rect") if "overdue-days" in each.get("class", "")]
    assert len(spans) == 3 and len(hatched) == 1
    ends = float(spans[1].get("x", "")) + float(spans[1].get("width", ""))
    assert ends >= float(hatched[0].get("x", "")) and "url(#" in hatched[0].get("fill", "")
    assert float(spans[2].get("width", "")) == 4
    assert "NCT00000004" in words(svg) and "unknown" in words(svg)


def test_no_trial_gives_a_picture_that_says_so() -> None:
    assert words(fromstring(trials_svg(trial_timeline((), DAY, "Trials")))) == ["No trial is listed."]
