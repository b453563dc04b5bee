"""A pool of several outcomes: rescaled to the unit of the first, turned each by its own direction, and told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.evidence.documents import COUNTS, ESTIMATE, MEANS, QUESTIONS, base, questions, study, table

from medpol.evidence.asking import Asked, Why
from medpol.evidence.grading import signed_for
from medpol.evidence.pooling import Pooled, Test
from medpol.evidence.pools import PoolFound, pool_asked
from medpol.library import load
from medpol.model.studies import EvidenceBase, Level, PoolAsked, Profile
from medpol.text.profiles import read_profile
from medpol.text.questions import read_questions, write_questions
from medpol.text.source import Findings

POOL = "| Pool | Population | Outcome | Comparator | Timepoint | Measure | Left out | Unverified |\n|---|---|---|---|---|---|---|---|\n"
TOGETHER = QUESTIONS[: QUESTIONS.index("## Pools")] + "## Pools\n\n" + POOL
PAIN = study(
    "ames",
    table(MEANS, "pain | foam | 6 weeks | points of 10 | 3.0 | 1.5 | 40 | 4.0 | 1.5 | 40 | full text"),
    year=2018,
)
WALKING = study(
    "bell", table(ESTIMATE, "function | foam | 8 weeks | MD | 12.0 | 4.0 | 20.0 | 95 % | points of 100 | abstract")
)
LATER = study(
    "cole",
    table(
        ESTIMATE,
        "pain | gauze | long term | MD | -2.0 | -3.0 | -1.0 | 95 % | points of 10 | no",
        "pain | gauze | 6 weeks | MD | -0.5 | -1.5 | 0.5 | 95 % | points of 10 | no",
        "pain | gauze | baseline | MD | 0.1 | -0.9 | 1.1 | 95 % | points of 10 | no",
    ),
    year=2020,
)


def asked(row: str) -> PoolAsked:
    return questions(TOGETHER + row + "\n").pools[0]


def pooled(*studies: object, row: str) -> PoolFound:
    held = base(*studies, text=TOGETHER + row + "\n")  # type: ignore[arg-type]
    assert held.asked is not None
    return pool_asked(held, Asked.of(held.asked.pools[0]))


BOTH = "| together | leg-ulcer | pain; function | dressing | any | MD | none | pooled |"


def test_the_first_outcome_gives_the_unit_and_each_is_turned_by_its_own_direction() -> None:
    found = pooled(PAIN, WALKING, row=BOTH)
    ames, bell = found.rows
    assert ames.effect is not None and ames.effect.estimate == pytest.approx(-1.0)
    assert bell.effect is not None and bell.effect.estimate == pytest.approx(-1.2)  # 12 of 100, turned, in 10
    assert bell.told == ("outcome function", "points of 100 to points of 10: times 0.1", "turned: higher is better")
    assert found.scale.unit == "points of 10" and "for function" in found.scale.axis.says


def test_any_timepoint_takes_the_last_of_each_study_and_never_one_before_treatment() -> None:
    found = pooled(LATER, row=BOTH)
    assert [row.timepoint for row in found.rows] == ["long term"]
    assert {(each.timepoint, each.why) for each in found.left_out} == {
        ("6 weeks", Why.TAKEN_ONCE),
        ("baseline", Why.OTHER_TIME),
    }


def test_unverified_numbers_are_in_a_pool_that_asks_for_them_and_in_no_other() -> None:
    assert (pooled(LATER, row=BOTH).unverified, pooled(LATER, row=BOTH).rows[0].checked.is_verified) == (1, False)
    assert pooled(LATER, row=BOTH.replace("pooled", "none")).rows == ()


def test_a_study_on_both_outcomes_counts_once_with_the_one_named_first() -> None:
    both = study(
        "dune",
        table(
            ESTIMATE,
            "function | foam | 9 weeks | MD | 5 | 1 | 9 | 95 % | points of 100 | abstract",
            "pain | foam | 6 weeks | MD | -1.0 | -1.5 | -0.5 | 95 % | points of 10 | abstract",
        ),
    )
    assert [(row.timepoint, row.told) for row in pooled(both, row=BOTH).rows] == [("6 weeks", ())]
    turned = pooled(both, row=BOTH.replace("pain; function", "function; pain"))
    assert [row.timepoint for row in turned.rows] == ["9 weeks"]


def test_a_unit_that_no_width_relates_is_left_out_and_a_standardised_difference_takes_it() -> None:
    walked = study(
        "east",
        table(MEANS, "function | foam | 6 weeks | metres | 300 | 80 | 30 | 250 | 80 | 30 | full text"),
    )
    found = pooled(PAIN, walked, row=BOTH)
    assert [(each.study, each.why) for each in found.left_out] == [("east", Why.OTHER_UNIT)]
    assert len(pooled(PAIN, walked, row=BOTH.replace("MD", "SMD")).rows) == 2


def test_counts_of_outcomes_with_opposite_directions_are_turned_each_in_mantel_haenszel_too() -> None:
    healed = study("finch", table(COUNTS, "healed | foam | 6 weeks | 50 | 30 | 50 | 20 | full text"), year=2017)
    sick = study("gale", table(COUNTS, "infection | foam | 6 weeks | 50 | 5 | 50 | 10 | full text"))
    row = "| counts | leg-ulcer | infection; healed | any | short | RR | none | none |"
    plain = pooled(healed, sick, row=row)
    assert [each.is_turned for each in plain.rows] == [True, False]
    assert isinstance(plain.pooled, Pooled) and plain.pooled.shown[0] < 1


@pytest.mark.parametrize(
    ("outcomes", "rule"),
    [
        ("pain; healed", "outcomes-apart"),
        ("pain; pian", "unknown-id"),
        ("none", "unknown-id"),
    ],
)
def test_outcomes_that_cannot_be_pooled_together_are_an_error_in_the_file(outcomes: str, rule: str) -> None:
    findings = Findings("q.md")
    read_questions(TOGETHER + BOTH.replace("pain; function", outcomes) + "\n", findings)
    assert [each.rule for each in findings.found] == [rule]


def test_a_question_of_ones_own_refuses_outcomes_that_differ_in_kind() -> None:
    with pytest.raises(ValueError, match="pain and healed cannot be pooled together: pain is continuous"):
        pool_asked(base(PAIN), Asked("leg-ulcer", "pain", also=("healed",)))


def test_questions_with_such_pools_read_as_they_were_written() -> None:
    held = questions(TOGETHER + BOTH + "\n")
    again = questions(write_questions(held))
    assert (again.pools, again.pools[0].also, again.pools[0].band) == (held.pools, ("function",), "")


def test_a_circle_of_parts_is_an_error_on_each_of_its_rows_and_on_no_other() -> None:
    text = QUESTIONS.replace("| wounds | none |", "| wounds | leg-ulcer |")
    findings = Findings("q.md")
    read_questions(text, findings)
    assert [(each.rule, each.source.line) for each in findings.found] == [("part-of-itself", 9), ("part-of-itself", 10)]


def test_the_certainty_of_a_pool_of_several_outcomes_is_found_by_all_of_them() -> None:
    text = (
        "---\nprofile: leg-ulcer\npolicy: 7.02.014\nrecorded: 2024-01-01\n---\n\n## Certainty\n\n"
        "| Outcome | Comparator | Timepoint | Level | Signed by | Role | On |\n|---|---|---|---|---|---|---|\n"
        "| pain | dressing | any | low | not signed | none | none |\n"
        "| pain; function | dressing | any | high | not signed | none | none |\n"
    )
    profile = read_profile(text, Findings("p.md"))
    assert isinstance(profile, Profile)
    signed = signed_for(profile, Asked.of(asked(BOTH)), questions())
    assert signed is not None and signed.level is Level.HIGH


# ---------------------------------------------------------------------------- the three heel trials as shipped


def shipped() -> EvidenceBase:
    found = load(Path(__file__).parents[2] / "src/medpol/policies_data").evidence_of("2.01.100")
    assert found is not None
    return found


def heel() -> PoolFound:
    held = shipped()
    assert held.asked is not None
    return pool_asked(held, Asked.of(next(each for each in held.asked.pools if each.id == "heel-pain-last")))


# rma(yi, vi, method = "REML") of R's metafor, set `three_heel` of tests/oracles/metafor.R: estimate, standard error, ends.
METAFOR = {
    Test.WALD: (-1.33590340106955, 0.210581157659533, -1.74863488590498, -0.923171916234113),
    Test.KNAPP_HARTUNG: (-1.33590340106955, 0.0730213141098139, -1.65008875755403, -1.02171804458506),
    Test.KNAPP_HARTUNG_FLOOR: (-1.33590340106955, 0.210581157659533, -2.24196099390714, -0.429845808231956),
}


@pytest.mark.parametrize("test", METAFOR, ids=lambda test: test.name)
def test_the_pool_of_the_three_heel_trials_is_that_of_metafor(test: Test) -> None:
    held, question = shipped(), heel().asked
    assert held.asked is not None
    found = pool_asked(held, question, replace(held.asked.conventions, test=test)).pooled
    assert isinstance(found, Pooled) and found.heterogeneity is not None
    interval = found.estimate.interval
    numbers = (found.estimate.value, found.estimate.standard_error, interval.lower, interval.upper)
    assert numbers == pytest.approx(METAFOR[test], rel=0, abs=1e-8)
    assert (found.heterogeneity.tau2, found.heterogeneity.q) == pytest.approx((0, 0.240486259060938), abs=1e-8)


def test_without_its_floor_knapp_hartung_is_narrower_than_the_normal_interval_on_them() -> None:
    held, question = shipped(), heel().asked
    assert held.asked is not None

    def width(test: Test) -> float:
        assert held.asked is not None
        found = pool_asked(held, question, replace(held.asked.conventions, test=test)).pooled
        assert isinstance(found, Pooled)
        return found.estimate.interval.upper - found.estimate.interval.lower

    assert width(Test.KNAPP_HARTUNG) < width(Test.WALD) < width(Test.KNAPP_HARTUNG_FLOOR)


def test_the_heel_pool_tells_its_rescaling_and_marks_what_nobody_verified() -> None:
    found = heel()
    assert [row.study for row in found.rows] == ["cotchett-2014", "rahbar-2018-ircmj", "rastegar-2018"]
    assert "mm of 100 to points of 10: times 0.1" in found.rows[0].told
    assert [row.checked.is_verified for row in found.rows] == [True, False, False] and found.unverified == 2
