"""Pools of what was selected, suggested certainty, and what would have to be true."""

from __future__ import annotations

import math
import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.evidence.documents import COUNTS, ESTIMATE, MEANS, base, profile, study, table

from medpol.evidence.asking import Asked, Method
from medpol.evidence.grading import grade, grade_published, is_high_risk, profiles_stated
from medpol.evidence.pooling import Conventions, Effect, Measure, NoData, Pooled, Test, Variance, VarianceInterval, pool
from medpol.evidence.pools import PoolFound, pool_asked, pools_of
from medpol.evidence.what_if import NewTrial, opened, smallest_trial, with_study, without
from medpol.model.studies import Domain, EvidenceBase, Level, RiskOfBias, Study

WALD = Conventions(variance=Variance.DERSIMONIAN_LAIRD, test=Test.WALD)
PAIN = Asked("leg-ulcer", "pain", ("dressing",), "short")


def pain(id: str, estimate: float, error: float, year: int = 2019, more: str = "") -> Study:
    half = 1.959963984540054 * error
    row = f"pain | foam | 6 weeks | MD | {estimate!r} | {estimate - half!r} | {estimate + half!r} | 95 % | points of 10 | abstract"
    return study(id, table(ESTIMATE, row), year=year, more=more)


def three() -> EvidenceBase:
    return base(pain("cole", -2.4, 0.4, 2021), pain("ames", -0.9, 0.5, 2011), pain("burr", -1.6, 0.3, 2015))


def pooled(found: PoolFound) -> Pooled:
    assert isinstance(found.pooled, Pooled)
    return found.pooled


def step(found: PoolFound, held: EvidenceBase, domain: Domain) -> int | None:
    return next(each.step for each in grade(found, held).suggestions if each.domain is domain)


def test_the_pool_of_a_question_is_the_pool_of_its_effects_by_year() -> None:
    found = pool_asked(three(), PAIN)
    assert [row.study for row in found.rows] == ["ames", "burr", "cole"]
    direct = pool([row.effect for row in found.rows if row.effect is not None])
    assert found.pooled == direct
    assert [each.study for each in found.cumulative] == ["ames", "burr", "cole"]
    assert [each.studies for each in found.cumulative] == [1, 2, 3]
    assert found.cumulative[-1].estimate == pooled(found).shown[0]
    assert [each.studies for each in found.leave_one_out] == [2, 2, 2]


def test_no_study_is_no_data_and_not_an_error() -> None:
    found = pool_asked(base(), PAIN)
    assert isinstance(found.pooled, NoData) and found.rows == () and found.participants is None
    graded = grade(found, base())
    assert graded.suggested is None


def test_a_pool_with_a_retracted_study_is_shown_with_it_and_without_it() -> None:
    row = "pain | foam | 6 weeks | MD | -3.0 | -4.0 | -2.0 | 95 % | points of 10 | abstract"
    withdrawn = study("dunn", table(ESTIMATE, row), head="status: retracted 2024-01-01 by 10.1000/notice\n")
    found = pool_asked(replace(three(), studies=(*three().studies, withdrawn)), PAIN)
    assert found.retracted == ("dunn",) and len(found.rows) == 4
    assert found.without_retracted == pool_asked(three(), PAIN).pooled
    assert pool_asked(three(), PAIN).without_retracted is None


def test_every_declared_pool_is_made_with_its_measure() -> None:
    counts = table(COUNTS, "healed | gauze | 8 weeks | 40 | 24 | 41 | 15 | full text")
    found = pools_of(base(study("ames", counts), study("burr", counts, population="foot-ulcer")))
    assert [(each.asked.pool, each.scale.measure, len(each.rows)) for each in found] == [
        ("healing", "risk ratio", 1),
        ("any-healing", "odds ratio", 2),
    ]
    assert found[0].participants == 81


@pytest.mark.parametrize("method", [Method.MANTEL_HAENSZEL, Method.PETO])
def test_tables_of_a_good_event_are_turned_before_they_are_pooled(method: Method) -> None:
    rows = (
        "healed | gauze | 8 weeks | 40 | 24 | 41 | 15 | full text",
        "healed | gauze | 8 weeks | 30 | 20 | 31 | 11 | full text",
    )
    held = base(study("ames", table(COUNTS, rows[0])), study("burr", table(COUNTS, rows[1])))
    found = pool_asked(held, Asked("leg-ulcer", "healed", ("dressing",), "short", "OR", method=method))
    assert pooled(found).shown[0] < 1 and "numbers are turned" in found.scale.axis.says
    plain = [row.counts for row in found.rows]
    assert plain[0] is not None and (plain[0].events, plain[0].size) == (24, 40)


def test_peto_gives_an_odds_ratio_and_refuses_another_measure() -> None:
    counts = table(COUNTS, "healed | gauze | 8 weeks | 40 | 24 | 41 | 15 | full text")
    with pytest.raises(ValueError, match="Peto's method gives an odds ratio; asked for is a risk ratio"):
        pool_asked(
            base(study("ames", counts)), Asked("leg-ulcer", "healed", ("dressing",), "short", "RR", method=Method.PETO)
        )


def test_ten_thousand_random_sets_never_give_a_negative_spread() -> None:
    chance = random.Random(20240610)
    ways = [Conventions(variance=each, variance_interval=VarianceInterval.NONE) for each in Variance]
    for at_set in range(10_000):
        count = chance.randint(2, 12)
        spread = chance.choice((0.0, 0.01, 1.0, 30.0))
        effects = [
            Effect(
                str(at),
                chance.gauss(0, math.sqrt(spread)),
                chance.uniform(0.001, 1.5) ** 2 + 1e-9,
                Measure.MEAN_DIFFERENCE,
            )
            for at in range(count)
        ]
        found = pool(effects, ways[at_set % len(ways)])
        assert isinstance(found, Pooled) and found.heterogeneity is not None
        assert found.heterogeneity.tau2 >= 0 and 0 <= found.heterogeneity.i2 < 1


effects = st.lists(
    st.tuples(st.floats(-5, 5).map(lambda each: round(each, 3)), st.floats(0.05, 2).map(lambda each: round(each, 3))),
    min_size=2,
    max_size=8,
)


@settings(max_examples=30, deadline=None)
@given(effects, st.randoms(use_true_random=False))
def test_the_order_in_which_studies_are_recorded_does_not_matter(
    drawn: list[tuple[float, float]], chance: random.Random
) -> None:
    studies = [pain(f"s{at}", *each, year=2000 + at) for at, each in enumerate(drawn)]
    shuffled = list(studies)
    chance.shuffle(shuffled)
    one, other = (pooled(pool_asked(base(*each), PAIN)) for each in (studies, shuffled))
    assert one == other


@settings(max_examples=30, deadline=None)
@given(effects)
def test_a_study_added_or_removed_gives_what_a_refit_gives(drawn: list[tuple[float, float]]) -> None:
    studies = [pain(f"s{at}", *each, year=2000 + at) for at, each in enumerate(drawn)]
    whole, fewer = base(*studies), base(*studies[:-1])
    refit = pooled(pool_asked(fewer, PAIN))
    removed = pooled(without(whole, PAIN, [studies[-1].id]).after)
    added = pooled(with_study(fewer, PAIN, studies[-1]).after)
    for found, again in ((removed, refit), (added, pooled(pool_asked(whole, PAIN)))):
        assert np.allclose(found.shown, again.shown, rtol=0, atol=1e-12)
    steps = {each.study: each for each in pool_asked(whole, PAIN).leave_one_out}
    assert abs(steps[studies[-1].id].estimate - refit.shown[0]) <= 1e-12


# ---------------------------------------------------------------------------- certainty

BIAS = "## Risk of bias\n\nTool: {tool}\n\n| Item | Judgement |\n|---|---|\n{items}"


def judged(tool: str, **items: str) -> str:
    rows = "\n".join(f"| {name.replace('_', ' ')} | {verdict} |" for name, verdict in items.items())
    return BIAS.format(tool=tool, items=rows)


def test_randomised_evidence_starts_high_and_observational_low() -> None:
    held = three()
    assert grade(pool_asked(held, PAIN), held).start is Level.HIGH
    cohort = study(
        "cohort",
        table(COUNTS, "healed | gauze | 8 weeks | 400 | 240 | 410 | 150 | full text"),
        kind="observational study",
    )
    held = base(cohort)
    graded = grade(pool_asked(held, Asked("leg-ulcer", "healed", ("dressing",), "short")), held)
    assert (graded.start, graded.suggested) == (Level.LOW, Level.LOW)


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [(("low", "low"), 0), (("high", "low"), -1), (("high", "high"), -2), (("low", None), None), (("high", None), None)],
)
def test_risk_of_bias_steps_down_with_the_weight_of_trials_at_high_risk(
    verdicts: tuple[str | None, ...], expected: int | None
) -> None:
    held = base(
        *(
            pain(f"s{at}", -1.0, 0.3, more="" if each is None else judged("RoB 2", overall=each))
            for at, each in enumerate(verdicts)
        )
    )
    assert step(pool_asked(held, PAIN), held, Domain.RISK_OF_BIAS) == expected


@pytest.mark.parametrize(
    ("tool", "items", "expected"),
    [
        ("PEDro", {"random allocation": "yes", "concealed": "yes", "blind subjects": "yes", "blind therapists": "no", "blind assessors": "yes", "adequate follow-up": "no"}, False),
        ("PEDro", {"random allocation": "yes", "concealed": "no", "blind subjects": "yes", "blind assessors": "yes"}, True),
        ("PEDro", {"random allocation": "yes", "concealed": "unclear", "blind subjects": "yes", "blind assessors": "yes"}, None),
        ("PEDro", {"intention to treat": "no"}, None),
        ("RoB 2", {"randomisation": "low", "missing data": "some concerns"}, False),
        ("RoB 2", {"randomisation": "low", "missing data": "high"}, True),
        ("Cochrane RoB", {"overall": "low", "missing data": "high"}, False),
        ("own tool", {"quality": "good"}, None),
    ],
)  # fmt: skip
def test_only_judgements_say_that_a_trial_is_at_high_risk(
    tool: str, items: dict[str, str], expected: bool | None
) -> None:
    assert is_high_risk(RiskOfBias(tool, items=tuple(items.items()))) is expected


def test_a_score_alone_is_no_judgement() -> None:
    assert is_high_risk(RiskOfBias("PEDro", "9/10")) is None


def test_inconsistency_steps_down_from_the_threshold_that_the_library_sets() -> None:
    held = base(*(pain(f"s{at}", each, 0.2) for at, each in enumerate((-0.5, -1.0, -2.5))))
    found = pool_asked(held, PAIN)
    assert pooled(found).heterogeneity.i2 > 0.8  # type: ignore[union-attr]
    assert step(found, held, Domain.INCONSISTENCY) == -1
    wide = pooled(found).prediction
    assert wide is not None and wide.lower < 0 < wide.upper


def test_one_study_cannot_be_inconsistent_and_nothing_is_said() -> None:
    held = base(pain("ames", -1.0, 0.2))
    assert step(pool_asked(held, PAIN), held, Domain.INCONSISTENCY) is None


def means(id: str, mean: float, size: int) -> Study:
    row = f"pain | foam | 6 weeks | points of 10 | {mean} | 1.0 | {size} | 5.0 | 1.0 | {size} | full text"
    return study(id, table(MEANS, row))


@pytest.mark.parametrize(
    ("mean", "size", "expected"),
    [(2.0, 300, 0), (2.0, 50, -1), (5.0, 300, -1), (5.0, 50, -2), (3.5, 300, -1)],
)
def test_imprecision_steps_down_where_the_interval_crosses_or_people_are_few(
    mean: float, size: int, expected: int
) -> None:
    held = base(means("ames", mean, size))
    assert step(pool_asked(held, PAIN), held, Domain.IMPRECISION) == expected


def test_small_studies_are_not_judged_below_ten() -> None:
    held = three()
    assert step(pool_asked(held, PAIN), held, Domain.PUBLICATION_BIAS) is None
    lopsided = base(*(pain(f"s{at}", -0.3 - 0.5 * at, 0.1 + 0.1 * at) for at in range(10)))
    assert step(pool_asked(lopsided, PAIN), lopsided, Domain.PUBLICATION_BIAS) == -1


def test_what_only_people_judge_is_never_suggested() -> None:
    held = three()
    found = pool_asked(held, PAIN)
    for domain in (Domain.INDIRECTNESS, Domain.LARGE_EFFECT, Domain.DOSE_RESPONSE, Domain.CONFOUNDING):
        assert step(found, held, domain) is None


def published(numbers: str, note: str = "", size: str = "") -> EvidenceBase:
    columns = "Outcome | Comparator | Timepoint | Measure | Estimate | Lower | Upper | Level | Unit | Certainty | Checked | Note"
    sizes = (
        f"## Sizes\n\n| Of | Number | Checked |\n|---|---|---|\n| participants | {size} | abstract |" if size else ""
    )
    row = f"pain | dressing | short term | {numbers} | 95 % | points of 10 | low | abstract | {note}"
    return base(
        study(
            "overview",
            table(columns, row),
            kind="systematic review",
            head="design: systematic review of RCTs\n",
            more=sizes,
        )
    )


@pytest.mark.parametrize(
    ("numbers", "note", "size", "expected"),
    [
        ("MD | -2.5 | -3.0 | -2.0", "", "", "high"),
        ("MD | -1.7 | -2.8 | -0.6", "", "", "moderate"),
        ("MD | -1.7 | -2.8 | -0.6", "", "395", "low"),
        ("MD | -1.7 | -2.8 | -0.6", "I2 = 76 %", "395", "very low"),
        ("SMD | -0.9 | -2.0 | 0.1", "", "315", "low"),
        ("MD | -2.5 | -3.0 | -2.0", "I² 12 %", "2000", "high"),
    ],
)
def test_a_published_pool_is_graded_from_what_is_printed_of_it(
    numbers: str, note: str, size: str, expected: str
) -> None:
    ((found,),) = profiles_stated(grade_published(published(numbers, note, size)))
    assert found.graded.suggested is not None and found.graded.suggested.value == expected
    assert found.agrees == (expected == "low")


# ---------------------------------------------------------------------------- what would have to be true


def test_without_a_study_the_other_record_of_its_patients_takes_its_place() -> None:
    twin = replace(pain("twin", -1.0, 0.4, 2012), same_patients_as=("ames",))
    compared = without(base(pain("ames", -0.9, 0.5, 2011), twin, pain("burr", -1.6, 0.3)), PAIN, ["twin"])
    assert [row.study for row in compared.before.rows] == ["twin", "burr"]
    assert [row.study for row in compared.after.rows] == ["ames", "burr"]
    held = base(pain("ames", -1, 0.5), pain("burr", -1, 0.5), twin)
    with pytest.raises(ValueError, match="no record of a study 'dunn'; there are ames, burr, twin"):
        without(held, PAIN, ["dunn"])


def test_the_smallest_trial_is_enough_and_one_person_fewer_is_not() -> None:
    found = pool_asked(base(pain("ames", -1.6, 0.4, 2011), pain("burr", -1.8, 0.4)), PAIN, WALD)
    trial = smallest_trial(found, NewTrial(-1.9, sd=2.0))
    assert trial.group_size is not None and trial.goal == -1.5 and trial.bound < -1.5

    def upper(size: int) -> float:
        new = Effect("new", -1.9, 2 * 2.0**2 / size, Measure.MEAN_DIFFERENCE)
        return pooled_of([*pooled(found).effects, new]).estimate.interval.upper

    assert upper(trial.group_size) < -1.5 <= upper(trial.group_size - 1)


def pooled_of(effects: list[Effect]) -> Pooled:
    made = pool(effects, WALD)
    assert isinstance(made, Pooled)
    return made


def test_where_no_single_trial_can_the_bound_is_told() -> None:
    trial = smallest_trial(pool_asked(three(), PAIN), NewTrial(-1.0, sd=2.0))
    assert trial.group_size is None and trial.bound > -1.5
    assert trial.says.startswith("no single trial can")


def test_a_new_trial_says_what_it_lacks() -> None:
    with pytest.raises(ValueError, match="standard deviation"):
        smallest_trial(pool_asked(three(), PAIN), NewTrial(-2.0))
    counts = base(study("ames", table(COUNTS, "infection | gauze | 8 weeks | 40 | 4 | 41 | 9 | full text")))
    found = pool_asked(counts, Asked("leg-ulcer", "infection", ("dressing",), "short"))
    with pytest.raises(ValueError, match="risk in its comparator"):
        smallest_trial(found, NewTrial(0.5))
    with pytest.raises(ValueError, match="which is no risk"):
        smallest_trial(found, NewTrial(3.0, risk=0.5))
    assert smallest_trial(found, NewTrial(0.5, risk=0.2)).goal == 1.0


def test_what_would_be_open_follows_from_the_table() -> None:
    held = profile(
        "---\nprofile: leg-ulcer\npolicy: 7.02.014\nintervention: negative-pressure\nrecorded: 2023-03-01\n---\n"
        "## Criteria\n\n| Criterion | Met | Reason |\n|---|---|---|\n| regulatory approval | met | cleared |\n"
        "| evidence permits conclusions | not met | small |\n| attainable outside investigation | met | yes |\n"
    )
    assert [each.conclusion for each in opened(held)] == ["inferior", "improves"]
