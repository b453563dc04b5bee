"""What the rules of one policy say together: order of precedence, silence, and every completion of what is unknown."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from tests.support import desk, policy

from medpol.decide.cases import decode_case
from medpol.decide.one import Settled, settle
from medpol.decide.rows import WhenTerm
from medpol.decide.voices import resolve, speaks_in, voices_of

TODAY = date(2026, 11, 24)
FACTS = (
    "# Facts\n\n| Fact | Type | Unit or choices | Question | From |\n|---|---|---|---|---|\n"
    + "".join(f"| f{at} | yes/no | | Does {at} hold? | record |\n" for at in range(1, 15))
    + "| visits | count | | How many? | record |\n| score | quantity | points | How high? | record |\n"
    + "| grade | choice | mild, moderate, severe | How severe? | record |\n| onset | date | | When? | record |\n"
    + "| findings | codes | | Which? | record |\n| brand | text | | Which? | record |\n| dose | quantity | mg | How much? | record |\n"
    + "| lasted | quantity | weeks | How long? | record |\n| share | ratio | | How much of it? | record |\n"
    + "\n## Event fields\n\n| Group | Field | Type | Unit or choices | Question |\n|---|---|---|---|---|\n"
    + "| needling | relief | quantity | % | How much? |\n"
)
CODES = "| needling | CPT | 20560 | governed | | |\n| taping | therapy | tape | informational | | |"
NECESSARY, INVESTIGATIONAL = "**medically necessary**", "**investigational**"


def _rule(
    name: str,
    position: str,
    *,
    when: str = "",
    criteria: str = "",
    otherwise: str = "",
    every: bool = False,
    days: str = "",
) -> str:
    """One rule under its heading."""
    head = [f"### {name}", "Services: `needling`"]
    head += [f"When: so it is `{when}`"] if when else []
    head += [f"Dates of service: {days}"] if days else []
    subject = "In every case, needling is" if every else "Needling is"
    body = f"{subject} {position}"
    body += f" when all of these are met:\n\n- It holds. `{criteria}`" if criteria else "."
    tail = f"\n\nOtherwise {otherwise}." if otherwise else ""
    return "\n\n".join([*head, body]) + tail


def _settled(*rules: str, enrolled: bool = False, **facts: Any) -> Settled:
    plan = desk({"facts.md": FACTS, "EX-1/2024-05-01.md": policy(criteria="\n\n".join(rules))})
    case, _ = decode_case(plan, {"code": "20560", "date_of_service": "2024-07-15", "facts": facts}, TODAY)
    return settle(plan, case, TODAY)


def _said(*rules: str, **facts: Any) -> str:
    held = _settled(*rules, **facts)
    return f"{held.outcome.value}, {held.reason_key}"


def _may(*rules: str, **facts: Any) -> set[str]:
    """The outcomes that are still possible."""
    return {each.outcome.value for each in _settled(*rules, **facts).results}


# ---------------------------------------------------------------------------- what is said, together

YES = _rule("Yes", NECESSARY, criteria="f1")
NO = _rule("No", INVESTIGATIONAL, criteria="f2")
ALWAYS = _rule("Always", INVESTIGATIONAL)
COSMETIC = _rule("Cosmetic", "**cosmetic**")
DIRECTOR = _rule("Director", "**refer**", criteria="f3")
DELEGATED = _rule("Delegated", "**delegated**")
STUDIED = _rule("Studied", "**evidence development**")
FIRM = _rule("Firm", INVESTIGATIONAL, criteria="f4", every=True)
FIRM_YES = _rule("Firm yes", NECESSARY, criteria="f5", every=True)


@pytest.mark.parametrize(
    ("rules", "facts", "said"),
    [
        ([YES], {"f1": True}, "covered, criteria-met"),
        ([YES], {"f1": False}, "not_covered, criteria-not-met"),
        ([NO], {"f2": True}, "not_covered, criteria-met"),
        ([NO], {"f2": False}, "not_addressed, no-rule-applies"),
        ([YES, NO], {"f1": False, "f2": False}, "not_covered, criteria-not-met"),
        ([YES, NO], {"f1": False, "f2": True}, "not_covered, criteria-met"),
        ([YES, NO], {"f1": True, "f2": True}, "refer, text-ambiguous"),
        ([ALWAYS], {}, "not_covered, position-unconditional"),
        ([ALWAYS, NO], {"f2": True}, "not_covered, position-unconditional"),
        ([ALWAYS, YES], {"f1": False}, "not_covered, position-unconditional"),
        ([ALWAYS, YES], {"f1": True}, "refer, text-ambiguous"),
        ([ALWAYS, COSMETIC], {}, "not_covered, position-unconditional"),
        ([YES, DIRECTOR], {"f1": True, "f3": True}, "refer, text-orders-review"),
        ([YES, DIRECTOR], {"f1": True, "f3": False}, "covered, criteria-met"),
        ([FIRM, DIRECTOR], {"f3": True, "f4": True}, "refer, text-orders-review"),
        ([DELEGATED], {}, "refer, delegated"),
        ([STUDIED], {}, "refer, evidence-development"),
        ([DELEGATED, STUDIED], {}, "refer, delegated"),
        ([YES, DELEGATED], {"f1": True}, "refer, text-ambiguous"),
        ([YES, FIRM], {"f1": True, "f4": True}, "not_covered, criteria-met"),
        ([YES, FIRM], {"f1": True, "f4": False}, "covered, criteria-met"),
        ([YES, FIRM], {"f1": False, "f4": True}, "not_covered, criteria-met"),
        ([FIRM, FIRM_YES], {"f4": True, "f5": True}, "refer, text-ambiguous"),
        ([ALWAYS, FIRM_YES], {"f5": True}, "covered, criteria-met"),
        # where all agree, "in every case" takes nothing away
        ([ALWAYS, FIRM], {"f4": True}, "not_covered, position-unconditional"),
    ],
)
def test_what_is_said_is_put_together_in_one_order(rules: list[str], facts: dict[str, bool], said: str) -> None:
    assert _said(*rules, **facts) == said
    assert _said(*reversed(rules), **facts) == said


def test_only_the_positions_that_speak_are_held() -> None:
    def held(*rules: str, **facts: Any) -> set[str]:
        return {each.value for each in _settled(*rules, **facts).positions}

    assert held(YES, f1=True) == {"medically_necessary"}
    assert held(YES, f1=False) == set()
    assert held(ALWAYS, COSMETIC) == {"investigational", "cosmetic"}
    assert held(ALWAYS, YES, f1=True) == {"investigational", "medically_necessary"}
    assert held(ALWAYS, FIRM_YES, f5=True) == {"medically_necessary"}
    assert held(ALWAYS, DIRECTOR, f3=True) == {"refer"}
    assert held(NO, f2=False) == set()


def test_an_otherwise_says_its_own_position() -> None:
    rule = _rule("Either", NECESSARY, criteria="f1", otherwise="**cosmetic**")
    assert _said(rule, f1=True) == "covered, criteria-met"
    held = _settled(rule, f1=False)
    assert (held.reason_key, [each.value for each in held.positions]) == ("criteria-not-met", ["cosmetic"])
    assert _said(rule) == "information_needed, facts-missing"
    assert _said(rule, ALWAYS, f1=False) == "not_covered, position-unconditional"
    same = _rule("Same", INVESTIGATIONAL, criteria="f1", otherwise="**cosmetic**")
    assert _said(same) == "not_covered, criteria-met"


def test_what_is_unknown_is_completed_both_ways() -> None:
    assert _may(YES) == {"covered", "not_covered"}
    assert _may(NO) == {"not_covered", "not_addressed"}
    assert _may(YES, NO) == {"covered", "not_covered", "refer"}
    assert _may(YES, NO, f1=False) == {"not_covered"}
    assert _may(YES, NO, f1=True) == {"covered", "refer"}
    assert _may(DIRECTOR, ALWAYS) == {"refer", "not_covered"}


def test_evidence_development_covers_who_is_enrolled() -> None:
    assert _said(STUDIED, **{"evidence_development.enrolled": True}) == "covered, position-unconditional"
    assert _said(STUDIED, **{"evidence_development.enrolled": False}) == "refer, evidence-development"
    waiting = _rule("Waiting", "**evidence development**", when="f1")
    assert _may(waiting, **{"evidence_development.enrolled": True}) == {"covered", "not_addressed"}
    assert _may(waiting) == {"refer", "not_addressed"}


# ---------------------------------------------------------------------------- when, and days


def test_a_rule_whose_when_does_not_hold_says_nothing() -> None:
    rule = _rule("When", NECESSARY, when="f2", criteria="f1", otherwise=INVESTIGATIONAL)
    assert _said(rule, f2=True, f1=True) == "covered, criteria-met"
    assert _said(rule, f2=True, f1=False) == "not_covered, criteria-not-met"
    assert _said(rule, f2=False, f1=True) == "not_addressed, no-rule-applies"
    assert _may(rule, f2=True) == {"covered", "not_covered"}
    assert _may(rule, f1=True) == {"covered", "not_addressed"}
    assert _may(rule) == {"covered", "not_covered", "not_addressed"}


def test_a_rule_outside_its_days_is_left_out_and_where_all_are_the_text_is_ambiguous() -> None:
    early, late = (
        _rule("Early", INVESTIGATIONAL, days="before 2024-07-15"),
        _rule("Late", NECESSARY, days="from 2024-07-15"),
    )
    assert _said(early, late) == "covered, position-unconditional"
    assert _said(early) == "refer, text-ambiguous"
    authorization = _rule("Ask", "**prior authorization required**")
    assert _said(early, authorization) == "refer, text-ambiguous"
    assert _said(authorization) == "not_addressed, no-rule-applies"
    assert _said(late, authorization) == "covered, position-unconditional"
    gone = _rule("Ask early", "**prior authorization required**", days="before 2024-07-15")
    assert _said(gone) == "not_addressed, no-rule-applies"


def test_a_rule_on_authorisation_takes_no_part_whatever_its_when() -> None:
    asks = _rule("Ask", "**prior authorization required**", when="f3", criteria="f4")
    rule = _rule("When", NECESSARY, when="f2", criteria="f1", otherwise=INVESTIGATIONAL)
    assert _said(asks, rule, f1=True, f2=True) == "covered, criteria-met"
    assert _may(asks, rule, f1=True) == {"covered", "not_addressed"}
    assert _may(rule, asks, f1=True) == {"covered", "not_addressed"}


@pytest.mark.parametrize(
    ("first", "second", "both", "neither"),
    [
        # one fact cut in two: exactly one of the two holds
        ("f2", "not f2", False, False),
        ("visits >= 1", "visits = 0", False, False),
        ("visits < 3", "visits >= 3", False, False),
        ("visits <= 3", "visits > 3", False, False),
        ("score <= 3 points", "score > 3 points", False, False),
        ("onset < 2024-01-01", "onset >= 2024-01-01", False, False),
        ("grade = mild", "grade != mild", False, False),
        ("grade in (mild, moderate)", "grade = severe", False, False),
        ("visits = 0", "visits < 1", True, True),
        # a gap, or an overlap
        ("visits < 3", "visits > 3", False, True),
        ("visits <= 3", "visits >= 3", True, False),
        ("visits > 3", "visits < 5", True, False),
        ("visits > 3", "visits < 4", False, False),
        ("score > 3 points", "score < 4 points", True, False),
        ("onset > 2024-01-01", "onset < 2024-01-02", False, False),
        ("onset > 2024-01-01", "onset < 2024-01-03", True, False),
        ("grade = mild", "grade = severe", False, True),
        ("brand = one", "brand = two", False, True),
        ("brand != one", "brand != two", True, False),
        ("visits in (1, 2)", "visits in (2, 3)", True, True),
        ("visits in (1, 2)", "visits >= 3", False, True),
        ("visits < 0", "visits >= 0", False, False),
        ("dose >= 1 g", "dose < 1000 mg", False, False),
        ("dose > 1 g", "dose < 1000 mg", False, True),
        ("dose >= 1 g", "dose >= 500 mg", True, True),
        ("lasted >= 6 weeks", "lasted < 42 days", False, False),
        ("lasted >= 6 weeks", "lasted < 3 months", True, False),
        # two facts: either way for each
        ("f2", "f3", True, True),
        ("visits >= 1", "score <= 3 points", True, True),
        # a list of codes may hold several
        ('findings = "A01"', 'findings = "B01"', True, True),
    ],
)
def test_unknown_whens_hold_together_only_where_one_value_lets_them(
    first: str, second: str, both: bool, neither: bool
) -> None:
    for one, other in ((first, second), (second, first)):
        rules = _rule("One", NECESSARY, when=one), _rule("Two", INVESTIGATIONAL, when=other)
        may = _may(*rules)
        assert ("refer" in may, "not_addressed" in may) == (both, neither)


def _terms(*whens: str) -> tuple[WhenTerm, ...] | None:
    """The terms that some Whens read, each When in a rule of its own; ``None`` for too many cells."""
    rules = [_rule(f"R{at}", INVESTIGATIONAL, when=each) for at, each in enumerate(whens)]
    plan = desk({"facts.md": FACTS, "EX-1/2024-05-01.md": policy(criteria="\n\n".join(rules), codes=CODES)})
    return plan.versions["EX-1"][0].row.dispatches[0].terms


@pytest.mark.parametrize(
    ("whens", "feasible"),
    [
        # the first When is 1, the second 2, the third 4
        (("brand = one", "brand = two"), {0, 1, 2}),
        (("brand != one", "brand in (one, two)"), {1, 2, 3}),
        (("grade = mild", "grade in (mild, severe)"), {0, 2, 3}),
        (('findings = "A01"', 'findings = "A012"'), {0, 1, 2, 3}),
        (('findings in ("A01", "A02")', 'findings = "A02"'), {0, 1, 3}),
        (('diagnosis in ("M79.*")', 'diagnosis in ("M79.18")'), {0, 1, 3}),
        (('diagnosis in ("M79x")', 'diagnosis in ("M79.18")'), {0, 1, 3}),
        (('diagnosis in ("T36.0X*")', 'diagnosis in ("T36.01")'), {0, 1, 2, 3}),
        (('diagnosis in ("M79.1x")', 'diagnosis in ("m7918")'), {0, 1, 3}),
        (('diagnosis in ("M79.1x")', 'diagnosis in ("M79.2")'), {0, 1, 2, 3}),
        (("share >= 0.5", "share < 50 %"), {1, 2}),
        # days among months: each threshold keeps its own place
        (("lasted >= 3 months", "lasted >= 6 weeks", "lasted >= 7 weeks"), {0, 2, 6, 7}),
        (("lasted >= 3 months", "lasted >= 42 days", "lasted >= 43 days"), {0, 2, 6, 7}),
        (("lasted >= 1 years", "lasted >= 42 days", "lasted >= 43 days"), {0, 2, 6, 7}),
        (("lasted >= 6 weeks", "lasted < 42 days", "lasted >= 3 months"), {1, 2, 5}),
        (("lasted = 6 weeks", "lasted >= 3 months"), {0, 1, 2}),
        (("lasted > 6 weeks", "lasted >= 3 months"), {0, 1, 3}),
        (("lasted >= 3 months", "lasted >= 1 years"), {0, 1, 3}),
        (("lasted >= 11 months", "lasted >= 1 years"), {0, 1, 3}),
        (("lasted >= 1 years", "lasted >= 11 months"), {0, 2, 3}),
        # a month is 28 to 31 days long: where that decides, every pattern is possible
        (("lasted <= 1 months", "lasted >= 31 days"), {0, 1, 2, 3}),
        (("lasted <= 30 days", "lasted >= 1 months"), {0, 1, 2, 3}),
        (("lasted <= 27 days", "lasted >= 1 months"), {0, 1, 2}),
    ],
)
def test_whens_of_one_term_take_the_patterns_that_some_value_gives(whens: tuple[str, ...], feasible: set[int]) -> None:
    assert [set(term.patterns) for term in _terms(*whens) or ()] == [feasible]


@pytest.mark.parametrize(
    "other",
    [
        "count(lines of needling, rolling 12 months before)",
        "count(sessions of taping, rolling 12 months before)",
        "count(sessions of needling or taping, rolling 12 months before)",
        "count(sessions of needling, rolling 6 months before)",
        "count(sessions of needling, rolling 12 weeks before)",
        "count(sessions of needling, rolling 12 months through)",
        "count(sessions of needling, calendar year before)",
        "count(sessions of needling where relief >= 50 %, rolling 12 months before)",
        "count(sessions of needling where relief >= 60 %, rolling 12 months before)",
    ],
)
def test_two_counts_are_one_term_only_where_every_parameter_is_the_same(other: str) -> None:
    own = "count(sessions of needling, rolling 12 months before)"
    where = own.replace("needling,", "needling where relief >= 50 %,")
    for one in {own, where} - {other}:
        assert len(_terms(f"{one} >= 1", f"{other} >= 1") or ()) == 2
    assert len(_terms(f"{other} >= 1", f"{other} >= 2") or ()) == 1


def test_units_may_be_broken_and_are_never_negative() -> None:
    for units in ("service.units", "count(units of needling, lifetime before)"):
        assert [set(term.patterns) for term in _terms(f"{units} < 1", f"{units} > 0") or ()] == [{1, 2, 3}]
        assert [set(term.patterns) for term in _terms(f"{units} < 0", f"{units} >= 0") or ()] == [{2}]


def test_more_than_six_thresholds_of_no_one_length_are_too_many() -> None:
    six = ["lasted >= 3 months", *(f"lasted >= {weeks} weeks" for weeks in (1, 2, 3, 6, 7))]
    assert _terms(*six) is not None
    assert _terms(*six, "lasted >= 8 weeks") is None
    assert _terms(*(f"lasted >= {weeks} weeks" for weeks in range(1, 9))) is not None


def test_a_settled_when_narrows_the_others_of_its_term() -> None:
    rules = (
        _rule("Few", NECESSARY, when="visits < 3 and f2"),
        _rule("Many", INVESTIGATIONAL, when="visits >= 3 and f3"),
    )
    assert _may(*rules, visits=2) == {"covered", "not_addressed"}
    assert _may(*rules, visits=2, f2=True) == {"covered"}
    assert _may(*rules, visits=3) == {"not_covered", "not_addressed"}
    assert _may(*rules) == {"covered", "not_covered", "not_addressed"}
    assert _may(*rules, f2=True, f3=True) == {"covered", "not_covered"}


# ---------------------------------------------------------------------------- the limit on completions


UNFAVOURABLE = (
    "investigational",
    "cosmetic",
    "not covered",
    "not medically necessary",
    "delegated",
    "evidence development",
)
CUT_OFF = {"facts-missing"}


def _causes(*rules: str, **facts: Any) -> set[str]:
    return {each.reason_key for each in _settled(*rules, **facts).results}


@pytest.mark.parametrize(("facts", "is_cut_off"), [(12, False), (13, True)])
def test_more_joint_cells_than_the_limit_leave_the_answer_open(facts: int, is_cut_off: bool) -> None:
    one = _rule("One", INVESTIGATIONAL, when=" or ".join(f"f{at}" for at in range(1, facts + 1)))
    each = [_rule(f"R{at}", INVESTIGATIONAL, when=f"f{at}") for at in range(1, facts + 1)]
    for rules in ([ALWAYS, one], [ALWAYS, *each]):
        assert (_causes(*rules) == CUT_OFF) is is_cut_off
        assert _said(*rules) == (
            "information_needed, facts-missing" if is_cut_off else "not_covered, position-unconditional"
        )


@pytest.mark.parametrize("when", ["", "visits >= 1"])
@pytest.mark.parametrize(("waiting", "is_cut_off"), [(12, False), (13, True)])
def test_more_completions_than_the_limit_leave_the_answer_open(waiting: int, is_cut_off: bool, when: str) -> None:
    ways = [(position, every) for position in (*UNFAVOURABLE, "refer") for every in (False, True)][:waiting]
    rules = [
        _rule(f"R{at}", f"**{position}**", criteria=f"f{at}", every=every, when=when)
        for at, (position, every) in enumerate(ways, 1)
    ]
    assert (_causes(*rules) == CUT_OFF) is is_cut_off


@pytest.mark.parametrize("number", [11, 12, 13])
def test_rules_that_wait_for_one_position_each_add_no_completions(number: int) -> None:
    rules = [_rule(f"R{at}", INVESTIGATIONAL, criteria=f"f{at}") for at in range(1, number + 1)]
    assert _may(*rules) == {"not_covered", "not_addressed"}


def test_a_voice_is_one_bit_and_a_mask_is_read_back() -> None:
    plan = desk({"facts.md": FACTS, "EX-1/2024-05-01.md": policy(criteria="\n\n".join([YES, ALWAYS, FIRM]))})
    rules = plan.versions["EX-1"][0].row.rules
    for rule in rules:
        for held in voices_of(rule):
            assert len(held) in (1, 2)
            for mask in held:
                assert mask == 0 or mask.bit_count() == 1
                resolve(mask, False)
    yes, always, firm = rules
    assert [speaks_in(yes, truth) is None for truth in (0, 1, 2)] == [True, False, True]
    assert [speaks_in(always, truth) is None for truth in (0, 1, 2)] == [False, False, False]
    assert [speaks_in(firm, truth) is None for truth in (0, 1, 2)] == [True, False, True]


def test_a_settled_rule_is_cited_by_the_line_that_states_it() -> None:
    rule = _rule("Either", NECESSARY, criteria="f1", otherwise="**cosmetic**")
    plan = desk({"facts.md": FACTS, "EX-1/2024-05-01.md": policy(criteria=rule)})
    row = plan.versions["EX-1"][0].row.rules[0]
    assert speaks_in(row, 1) == (row.position, row.line, row.statement)
    assert speaks_in(row, 0) == (row.otherwise, row.otherwise_line, row.otherwise_text)
    assert speaks_in(row, 2) is None
    assert row.otherwise_line > row.line
