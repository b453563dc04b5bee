"""Which results answer a question, what becomes of their numbers, and why others are left out."""

from __future__ import annotations

import math

import pytest
from tests.evidence.documents import COUNTS, ESTIMATE, MEANS, base, study, table

from medpol.evidence.asking import Asked, Why
from medpol.evidence.pooling import Counts, Measure, of_counts
from medpol.evidence.selecting import Selected, select
from medpol.model.studies import Checked, StudyKind

PAIN = Asked("leg-ulcer", "pain", ("dressing",), "short")
HEALED = Asked("leg-ulcer", "healed", ("dressing",), "short")


def why(selected: Selected) -> dict[str, Why]:
    return {each.study: each.why for each in selected.left_out}


def test_an_interval_becomes_an_effect_with_the_source_line_it_stands_on() -> None:
    held = base(
        study(
            "ames", table(ESTIMATE, "pain | foam | 6 weeks | MD | -1.2 | -2.0 | -0.4 | 95 % | points of 10 | abstract")
        )
    )
    (row,) = select(held, PAIN).rows
    assert row.effect is not None
    assert row.effect.estimate == -1.2
    assert math.isclose(row.effect.standard_error, 0.8 / 1.959963984540054)
    assert (row.source.file, row.checked, row.told) == (
        "7.02.014/evidence/studies/ames/2023-02-01.md",
        Checked.ABSTRACT,
        (),
    )
    assert row.source.line == 14


def test_a_level_that_is_not_stated_is_assumed_and_told() -> None:
    columns = "Outcome | Comparator | Timepoint | Measure | Estimate | Lower | Upper | Unit | Checked"
    held = base(
        study(
            "ames", table(columns, "pain | foam | 6 weeks | adjusted MD | -1.2 | -2.0 | -0.4 | points of 10 | abstract")
        )
    )
    (row,) = select(held, PAIN).rows
    assert row.told == ("adjusted MD pooled as mean difference", "level of the interval not stated, assumed 95 %")


def test_a_printed_level_moves_the_standard_error() -> None:
    held = base(
        study(
            "ames", table(ESTIMATE, "pain | foam | 6 weeks | MD | -1.2 | -2.0 | -0.4 | 90 % | points of 10 | abstract")
        )
    )
    (row,) = select(held, PAIN).rows
    assert row.effect is not None and math.isclose(row.effect.standard_error, 0.8 / 1.6448536269514722)


def test_millimetres_of_100_become_points_of_10_by_the_widths_of_the_scales_and_say_so() -> None:
    held = base(
        study(
            "ames", table(ESTIMATE, "pain | foam | 6 weeks | MD | -14.4 | -23.5 | -5.2 | 95 % | mm of 100 | abstract")
        )
    )
    (row,) = select(held, PAIN).rows
    assert row.effect is not None and math.isclose(row.effect.estimate, -1.44) and row.effect.rescaled == 0.1
    assert row.told == ("mm of 100 to points of 10: times 0.1",)


def test_a_unit_that_no_width_relates_is_another_unit() -> None:
    held = base(study("ames", table(ESTIMATE, "pain | foam | 6 weeks | MD | 55 | 27 | 83 | 95 % | kPa | abstract")))
    assert why(select(held, PAIN)) == {"ames": Why.OTHER_UNIT}


def test_an_outcome_of_which_more_is_better_is_turned_so_that_negative_favours_the_intervention() -> None:
    held = base(
        study(
            "ames",
            table(ESTIMATE, "function | foam | 6 weeks | MD | 10.0 | 1.0 | 19.0 | 95 % | points of 100 | abstract"),
        )
    )
    selected = select(held, Asked("leg-ulcer", "function", ("dressing",), "short"))
    (row,) = selected.rows
    assert row.effect is not None and row.effect.estimate == -10.0
    assert "turned: higher is better" in row.told
    assert selected.scale.axis.is_turned and "higher is better" in selected.scale.axis.says


def test_counts_of_a_good_event_give_the_log_of_a_ratio_that_is_turned() -> None:
    held = base(study("ames", table(COUNTS, "healed | gauze | 8 weeks | 40 | 24 | 41 | 15 | full text")))
    (row,) = select(held, HEALED).rows
    expected = of_counts(Counts("ames", 24, 40, 15, 41), Measure.RISK_RATIO)
    assert row.effect == expected.reversed()  # type: ignore[union-attr]
    assert (row.sizes, row.participants) == ((40, 41), 81)


def test_sizes_come_from_the_record_where_the_row_has_none_and_are_unverified_where_they_are() -> None:
    columns = "Outcome | Comparator | Timepoint | Unit | Mean | SD | Comparator mean | Comparator SD | Checked"
    row = "pain | foam | 6 weeks | points of 10 | 2.1 | 0.9 | 3.0 | 1.1 | abstract"
    sizes = (
        "## Sizes\n\n| Of | Number | Checked |\n|---|---|---|\n| intervention | 30 | no |\n| comparator | 31 | no |\n"
    )
    held = base(study("ames", table(columns, row), more=sizes))
    assert why(select(held, PAIN)) == {"ames": Why.NOT_VERIFIED}
    (taken,) = select(held, Asked("leg-ulcer", "pain", ("dressing",), "short", unverified=True)).rows
    assert taken.sizes == (30, 31) and taken.checked is Checked.NO
    assert any("not verified" in each for each in taken.told)


@pytest.mark.parametrize(
    ("columns", "row", "reason"),
    [
        ("Outcome | Comparator | Timepoint | Favours | Direction | Checked", "pain | foam | 6 weeks | intervention | lower | abstract", Why.WORDS_ONLY),
        ("Outcome | Comparator | Timepoint | p | Checked", "pain | foam | 6 weeks | <0.001 | abstract", Why.P_ONLY),
        (ESTIMATE, "pain | not reported | 6 weeks | MD | -1 | -2 | -0.1 | 95 % | points of 10 | abstract", Why.INCOMPLETE),
        (ESTIMATE, "pain | foam | not reported | MD | -1 | -2 | -0.1 | 95 % | points of 10 | abstract", Why.INCOMPLETE),
        (ESTIMATE, "pain | foam | at discharge | MD | -1 | -2 | -0.1 | 95 % | points of 10 | abstract", Why.OTHER_TIME),
        (ESTIMATE, "pain | foam | 6 weeks | median shift | -1 | -2 | -0.1 | 95 % | points of 10 | abstract", Why.UNKNOWN_MEASURE),
        (ESTIMATE, "pain | foam | 6 weeks | MD | -1 | not reported | not reported | 95 % | points of 10 | abstract", Why.NO_SPREAD),
        (ESTIMATE, "pain | foam | 6 weeks | MD | -1 | -2 | -0.1 | 95 % | points of 10 | second-hand", Why.NOT_VERIFIED),
        (ESTIMATE, "pain | foam | 6 weeks | MD | -3 | -2 | -0.1 | 95 % | points of 10 | abstract", Why.IMPOSSIBLE),
        ("Outcome | Comparator | Timepoint | Measure | Estimate | Lower | Upper | Group | Checked", "pain | foam | 6 weeks | within-group change | -1 | -2 | -0.1 | foam | abstract", Why.WITHIN_GROUP),
    ],
)  # fmt: skip
def test_what_cannot_be_pooled_is_named_with_its_reason_and_its_place(columns: str, row: str, reason: Why) -> None:
    selected = select(base(study("ames", table(columns, row))), PAIN)
    assert not selected.rows
    (left,) = selected.left_out
    assert (left.study, left.why) == ("ames", reason)
    assert left.says and left.source.line == 14


def test_another_comparator_or_band_is_simply_another_question() -> None:
    rows = (
        "pain | nothing | 6 weeks | MD | -1 | -2 | -0.1 | 95 % | points of 10 | abstract",
        "pain | foam | 2 years | MD | -1 | -2 | -0.1 | 95 % | points of 10 | abstract",
    )
    selected = select(base(study("ames", table(ESTIMATE, *rows))), PAIN)
    assert selected.rows == selected.left_out == ()


def test_words_that_are_no_band_select_the_timepoint_that_is_printed_so() -> None:
    rows = (
        "pain | foam | 6 weeks | MD | -1 | -2 | -0.1 | 95 % | points of 10 | abstract",
        "pain | foam | 12 weeks | MD | -2 | -3 | -1.1 | 95 % | points of 10 | abstract",
    )
    held = base(study("ames", table(ESTIMATE, *rows)))
    (row,) = select(held, Asked("leg-ulcer", "pain", ("foam",), "6 weeks")).rows
    assert row.timepoint == "6 weeks"


def test_a_study_counts_once_with_its_last_timepoint_in_the_band() -> None:
    rows = (
        "pain | foam | 6 weeks | MD | -1 | -2 | -0.1 | 95 % | points of 10 | abstract",
        "pain | foam | 12 weeks | MD | -2 | -3 | -1.1 | 95 % | points of 10 | abstract",
    )
    selected = select(base(study("ames", table(ESTIMATE, *rows))), PAIN)
    assert [each.timepoint for each in selected.rows] == ["12 weeks"]
    assert [(each.timepoint, each.why) for each in selected.left_out] == [("6 weeks", Why.TAKEN_ONCE)]


def test_of_two_records_of_the_same_patients_the_one_with_more_data_is_taken() -> None:
    estimate = table(ESTIMATE, "pain | foam | 6 weeks | MD | -1 | -2 | -0.1 | 95 % | points of 10 | abstract")
    groups = table(MEANS, "pain | foam | 6 weeks | points of 10 | 2.1 | 0.9 | 30 | 3.0 | 1.1 | 31 | abstract")
    held = base(study("ames", estimate, head="same patients as: burr\n"), study("burr", groups))
    selected = select(held, PAIN)
    assert [each.study for each in selected.rows] == ["burr"]
    assert why(selected) == {"ames": Why.SAME_PATIENTS}


def test_trials_and_observational_studies_are_never_pooled_together() -> None:
    counts = table(COUNTS, "healed | gauze | 8 weeks | 40 | 24 | 41 | 15 | full text")
    held = base(study("ames", counts), study("cohort", counts, kind="observational study"))
    both = select(held, HEALED)
    assert both.kind is StudyKind.TRIAL and why(both) == {"cohort": Why.OTHER_DESIGN}
    other = select(held, Asked("leg-ulcer", "healed", ("dressing",), "short", observational=True))
    assert other.kind is StudyKind.OBSERVATIONAL and why(other) == {"ames": Why.OTHER_DESIGN}
    alone = select(base(study("cohort", counts, kind="observational study")), HEALED)
    assert [each.study for each in alone.rows] == ["cohort"]


def test_a_review_stands_beside_the_pool_and_never_in_it() -> None:
    columns = f"{ESTIMATE} | Trials | Certainty"
    row = "healed | dressing | short term | RR | 1.3 | 1.1 | 1.6 | 95 % | none | abstract | 5 | low"
    selected = select(base(study("overview", table(columns, row), kind="systematic review")), HEALED)
    assert not selected.rows
    (beside,) = selected.beside
    assert (beside.study, beside.estimate, beside.trials, beside.certainty) == ("overview", "1.3", "5", "low")


def test_a_wider_population_holds_its_parts_and_a_part_does_not_hold_the_whole() -> None:
    counts = table(COUNTS, "healed | gauze | 8 weeks | 40 | 24 | 41 | 15 | full text")
    held = base(
        study("ames", counts),
        study("burr", counts, population="foot-ulcer"),
        study("cole", counts, population="wounds"),
    )
    assert [each.study for each in select(held, Asked("wounds", "healed", (), "short")).rows] == [
        "ames",
        "burr",
        "cole",
    ]
    assert [each.study for each in select(held, HEALED).rows] == ["ames"]


def test_a_question_about_what_is_not_declared_is_refused_with_what_is() -> None:
    with pytest.raises(
        ValueError, match=r"no comparator 'foem' in .*questions.md; it has dressing, foam, gauze, nothing"
    ):
        select(base(), Asked("leg-ulcer", "pain", ("foem",), "short"))


def test_a_hazard_ratio_and_a_rate_ratio_are_not_one_measure() -> None:
    def told(id: str, measure: str) -> object:
        return study(
            id, table(ESTIMATE, f"healed | foam | 6 weeks | {measure} | 1.4 | 1.1 | 1.8 | 95 % | none | abstract")
        )

    selected = select(
        base(told("ames", "HR"), told("burr", "rate ratio")), Asked("leg-ulcer", "healed", ("dressing",), "short", "HR")
    )  # type: ignore[arg-type]
    assert [each.study for each in selected.rows] == ["ames"]
    assert why(selected) == {"burr": Why.OTHER_MEASURE}
