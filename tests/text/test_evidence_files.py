"""The files of evidence: what is written reads back, and what is wrong is said with its place."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from medpol.model.conventions import Conventions, DoubleZeros, Prediction, Test, Variance, ZeroCells
from medpol.model.dates import StatedDate, stated
from medpol.model.positions import CoveragePosition
from medpol.model.studies import (
    AssessmentRow,
    Band,
    Better,
    Certainty,
    CertaintyStep,
    Checked,
    Comparator,
    ComparatorKind,
    Criterion,
    CriterionJudged,
    Domain,
    Favours,
    GroupResult,
    Harm,
    Included,
    Intervention,
    Level,
    Met,
    Outcome,
    OutcomeKind,
    Overriding,
    PoolAsked,
    Profile,
    QuerySource,
    Question,
    Questions,
    Reported,
    Result,
    RiskOfBias,
    Signature,
    Size,
    StoredQuery,
    Study,
    StudyKind,
    StudyStatus,
    TargetPopulation,
    TrialWatched,
    Watching,
    Weight,
)
from medpol.text.assessments import read_assessment, write_assessment
from medpol.text.profiles import read_profile, write_profile
from medpol.text.questions import read_questions, write_questions
from medpol.text.source import Findings
from medpol.text.studies import read_study, write_study
from medpol.text.watched import read_watching, write_watching

FEW = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)
DAYS = st.dates(date(1990, 1, 1), date(2090, 12, 31))
WORDS = st.text("abcdefgh |`*#\"'\\:é²-,.<", max_size=12).map(lambda each: " ".join(f"x{each}".split()))
IDS = st.from_regex(r"x[b-z]{2,6}(-[0-9]{1,3})?", fullmatch=True)
MAYBE = st.just("") | WORDS
NUMBERS = st.builds(
    Reported, st.from_regex(r"[<>]?-?[0-9]{1,4}(\.[0-9]{1,3})?( %)?", fullmatch=True) | st.just("not reported")
)
MAYBE_NUMBERS = st.none() | NUMBERS
DATES = st.builds(lambda each: stated(str(each)), DAYS) | st.just(stated("2024-05"))
SIGNATURES = st.builds(Signature, WORDS, WORDS, DAYS)


def several(each: st.SearchStrategy, most: int = 3) -> st.SearchStrategy:
    return st.lists(each, max_size=most).map(tuple)


def groups() -> st.SearchStrategy[GroupResult | None]:
    kept = st.builds(GroupResult, *(MAYBE_NUMBERS,) * 5)
    return st.none() | kept.filter(lambda each: each != GroupResult())


RESULTS = st.builds(
    Result,
    IDS,
    IDS | st.just("not reported"),
    WORDS,
    MAYBE,
    *(MAYBE_NUMBERS,) * 5,
    unit=MAYBE,
    intervention_group=groups(),
    comparator_group=groups(),
    group=MAYBE,
    favours=st.none() | st.sampled_from(Favours),
    direction=MAYBE,
    called=MAYBE,
    trials=MAYBE_NUMBERS,
    participants=MAYBE_NUMBERS,
    certainty=MAYBE,
    checked=st.sampled_from(Checked),
    note=MAYBE,
)
STUDIES = st.builds(
    Study,
    IDS,
    DAYS,
    st.sampled_from(StudyKind),
    design=MAYBE,
    first_author=MAYBE,
    year=st.none() | st.integers(1900, 2100),
    title=MAYBE,
    citation=MAYBE,
    pmid=st.just("") | st.from_regex(r"[0-9]{1,8}", fullmatch=True),
    doi=MAYBE,
    registrations=several(WORDS),
    reference=st.none() | st.integers(1, 99),
    population=IDS | st.sampled_from(("all", "none")),
    intervention=st.just("") | IDS,
    literature_through=st.none() | DATES,
    same_patients_as=several(IDS),
    checked=st.sampled_from(Checked),
    status=st.none()
    | st.sampled_from([StudyStatus.read("retracted 2025-01 by 10.1/n"), StudyStatus.read("corrected 2024")]),
    asked=several(st.tuples(WORDS, WORDS)),
    sizes=several(st.builds(Size, WORDS, NUMBERS, st.sampled_from(Checked))),
    results=several(RESULTS, 4),
    harms=several(
        st.builds(Harm, WORDS, MAYBE, NUMBERS, NUMBERS, NUMBERS, MAYBE, MAYBE, st.sampled_from(Checked), MAYBE)
    ),
    bias=st.none()
    | st.builds(RiskOfBias, WORDS, MAYBE, st.booleans(), several(st.tuples(WORDS, WORDS)), st.just("Said by them.")),
    included=several(st.builds(Included, WORDS, NUMBERS, MAYBE)),
    sources=several(WORDS),
    to_check=several(WORDS),
    notes=several(WORDS),
    prose=st.sampled_from(("", "Words for people.", "# A title\n\nTwo\nlines.")),
)


@st.composite
def questions(draw: st.DrawFn) -> Questions:
    ids = draw(st.lists(IDS, min_size=4, max_size=8, unique=True))
    populations = tuple(
        TargetPopulation(id, draw(MAYBE), draw(st.sampled_from(("", *ids[:at]))), draw(MAYBE), draw(several(IDS)))
        for at, id in enumerate(ids)
    )
    comparators = tuple(Comparator(id, draw(st.sampled_from(ComparatorKind)), draw(MAYBE)) for id in ids[:3])
    outcomes = tuple(
        Outcome(
            id,
            draw(MAYBE),
            draw(st.sampled_from(OutcomeKind)),
            draw(MAYBE),
            draw(st.sampled_from((None, (Decimal(0), Decimal("10.5"))))),
            draw(st.none() | st.sampled_from(Better)),
            draw(st.sampled_from((None, Decimal("1.40")))),
            draw(MAYBE),
            draw(st.sampled_from(Weight)),
            draw(MAYBE),
        )
        for id in ids[1:]
    )
    first = outcomes[0]
    is_alike = [
        (each.kind is OutcomeKind.CONTINUOUS, each.better is None)
        == (first.kind is OutcomeKind.CONTINUOUS, first.better is None)
        for each in outcomes
    ]
    alike = [(), tuple(each.id for each, fits in zip(outcomes[1:], is_alike[1:], strict=True) if fits)]
    lengths = sorted(draw(st.sets(st.integers(1, 2000), min_size=1, max_size=3)))
    bands = tuple(
        Band(f"band {at}", each, draw(several(IDS)))
        for at, each in enumerate([*lengths, *draw(st.sampled_from(([], [None])))])
    )
    conventions = Conventions(
        draw(st.sampled_from(Variance)),
        draw(st.sampled_from(Test)),
        draw(st.sampled_from((0.9, 0.95, 0.999))),
        prediction=draw(st.sampled_from(Prediction)),
        zero_cells=draw(st.sampled_from(ZeroCells)),
        double_zeros=draw(st.sampled_from(DoubleZeros)),
    )
    return Questions(
        "EX-1",
        draw(DAYS),
        populations,
        (Intervention("needling", draw(MAYBE), draw(several(IDS))),),
        comparators,
        outcomes,
        bands,
        (Question(ids[0], "needling", ids[0], ids[1], "band 0"),),
        (
            PoolAsked(
                ids[2],
                ids[0],
                ids[1],
                draw(st.sampled_from(((), tuple(ids[:2])))),
                draw(st.sampled_from(("", "band 0"))),
                "MD",
                (("a", "b c"),),
                draw(st.sampled_from(alike)),
                draw(st.booleans()),
            ),
        ),
        conventions,
        draw(st.sampled_from(("", "Words for people."))),
    )


def units() -> st.SearchStrategy[tuple[Certainty, ...]]:
    steps = several(st.builds(CertaintyStep, st.sampled_from(Domain), st.integers(-3, 3), MAYBE))
    kept = st.builds(Certainty, IDS, IDS, WORDS, st.sampled_from(Level), steps, st.none() | SIGNATURES)
    return st.lists(kept, max_size=3, unique_by=lambda each: (each.outcome, each.comparator, each.band)).map(tuple)


PROFILES = st.builds(
    Profile,
    IDS,
    st.just("") | IDS,
    DAYS,
    st.just("") | st.just("sha256:" + "0af" * 21 + "b"),
    st.booleans(),
    units(),
    st.lists(
        st.builds(CriterionJudged, st.sampled_from(Criterion), st.sampled_from(Met), MAYBE),
        unique_by=lambda each: each.criterion,
    ).map(tuple),
    st.sampled_from(("", "insufficient", "not assessed")),
    st.none() | SIGNATURES,
    several(st.builds(Overriding, WORDS, st.sampled_from(CoveragePosition), MAYBE, SIGNATURES)),
    st.sampled_from(("", "Words for people.")),
    st.just("EX-1"),
)
WATCHING = st.builds(
    Watching,
    st.just("EX-1"),
    DAYS,
    st.lists(
        st.builds(
            TrialWatched,
            st.from_regex(r"NCT[0-9]{8}", fullmatch=True),
            MAYBE,
            MAYBE,
            st.none() | st.integers(0, 10**8 - 1),
            DATES | st.just(StatedDate("")),
            MAYBE,
        ),
        max_size=3,
        unique_by=lambda each: each.nct,
    ).map(tuple),
    st.lists(
        st.builds(StoredQuery, WORDS, st.sampled_from(QuerySource), WORDS, MAYBE, MAYBE, MAYBE),
        max_size=3,
        unique_by=lambda each: each.name,
    ).map(tuple),
    st.sampled_from(("", "Words for people.")),
)


@FEW
@given(STUDIES)
def test_a_study_that_is_written_reads_as_the_same_study(study: Study) -> None:
    findings = Findings("a.md")
    text = write_study(study)
    assert (read_study(text, findings), findings.found) == (study, [])
    assert write_study(study) == text


@FEW
@given(questions())
def test_questions_that_are_written_read_as_the_same_questions(asked: Questions) -> None:
    findings = Findings("a.md")
    assert (read_questions(write_questions(asked), findings), findings.found) == (asked, [])


@FEW
@given(PROFILES)
def test_a_profile_that_is_written_reads_as_the_same_profile(profile: Profile) -> None:
    findings = Findings("a.md")
    assert (read_profile(write_profile(profile), findings), findings.found) == (profile, [])


@FEW
@given(WATCHING)
def test_what_is_watched_reads_as_it_was_written(watching: Watching) -> None:
    findings = Findings("a.md")
    assert (read_watching(write_watching(watching), findings), findings.found) == (watching, [])


def test_a_table_of_positions_reads_as_it_was_written() -> None:
    rows = (
        AssessmentRow(((Criterion.EVIDENCE, Met.NOT_MET),), "insufficient", (CoveragePosition.INVESTIGATIONAL,)),
        AssessmentRow((), "not assessed", ()),
    )
    findings = Findings("a.md")
    assert (read_assessment(write_assessment(rows), findings), findings.found) == (rows, [])


HEAD = "---\nstudy: first\npopulation: heel\nrecorded: 2024-01-01\n---\n\n"
RESULTS_HEAD = "## Results\n\n| Outcome | Comparator | Timepoint | Estimate | Note |\n|---|---|---|---|---|\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (HEAD + "## Resluts\n", "7:4 unknown-section Results"),
        (
            HEAD + "## Results\n\n| Outcome | Comparator | Timepoint | Estimat |\n|---|---|---|---|\n",
            "9:38 unknown-column Estimate",
        ),
        (HEAD + RESULTS_HEAD + "| pain | sham |  | 1 | |\n", "11:16 blank-cell "),
        (HEAD + RESULTS_HEAD + "| pain | sham | 6 weeks | small | |\n", "11:27 bad-number "),
        (HEAD + "| a |\n|---|\n| b |\n", "7:1 unread-table "),
        (HEAD + "## Sources\n\n- a\n\n## Sources\n\n- b\n", "11:4 duplicate-section "),
        (HEAD.replace("2024-01-01", "2024-02-30"), "4:11 bad-date "),
        (HEAD.replace("study:", "kind: randomized trial\nstudy:"), "2:7 unknown-choice randomised trial"),
        (HEAD.replace("study:", "status: gone\nstudy:"), "2:9 bad-status "),
        (HEAD + "## Sizes\n\n| Of | Number |\n|---|---|\n| people | about 40 |\n", "11:12 bad-number "),
        (HEAD + "## Notes\n\n-\n", "9:1 blank-cell "),
    ],
)
def test_what_is_wrong_in_a_study_is_said_with_its_place(text: str, expected: str) -> None:
    findings = Findings("a.md")
    read_study(text, findings)
    assert [f"{each.source.line}:{each.source.column} {each.rule} {each.near}" for each in findings.found] == [expected]
    assert all(each.mend for each in findings.found)


def test_bounds_that_cross_are_read_as_they_were_printed() -> None:
    text = (
        HEAD
        + "## Results\n\n| Outcome | Comparator | Timepoint | Lower | Upper |\n|---|---|---|---|---|\n| pain | sham | 6 weeks | 2 | -1 |\n"
    )
    findings = Findings("a.md")
    study = read_study(text, findings)
    assert study is not None and not findings.found
    assert (study.results[0].lower, study.results[0].upper) == (Reported("2"), Reported("-1"))


def test_a_half_signature_is_an_error() -> None:
    text = "---\nprofile: heel\npolicy: EX-1\nrecorded: 2024-01-01\n---\n\n## Conclusion\n\nConclusion: **improves**\n\nSigned by: A. Reader\n"
    findings = Findings("a.md")
    profile = read_profile(text, findings)
    assert profile is not None and profile.signature is None
    assert [(each.source.line, each.rule) for each in findings.found] == [(11, "half-signed")]


def test_an_unknown_id_in_the_questions_offers_the_nearest() -> None:
    asked = Questions("EX-1", date(2024, 1, 1), (TargetPopulation("heel", "x"), TargetPopulation("toe", "x", "heal")))
    findings = Findings("a.md")
    read_questions(write_questions(asked), findings)
    assert [(each.rule, each.near) for each in findings.found] == [("unknown-id", "heel")]


READERS = (read_study, read_questions, read_profile, read_watching, read_assessment)


@FEW
@given(text=st.text(max_size=300), before=st.sampled_from(("", HEAD, HEAD + RESULTS_HEAD, HEAD + "## Notes\n\n")))
def test_no_text_breaks_a_reader(text: str, before: str) -> None:
    for read in READERS:
        read(before + text, Findings("a.md"))
