"""Expressions: the grammar, the messages of what is misspelled, and names and units checked on reading."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.text.documents import HERE, assert_found, criteria, read_clean

from medpol.model.criteria import (
    And,
    Comparison,
    Count,
    Expression,
    Holds,
    IfThen,
    Latest,
    Leaf,
    Measure,
    Membership,
    Not,
    Or,
    Path,
    RuleCriteria,
    Side,
    Since,
    TableLookup,
    Text,
    Window,
    WindowKind,
)
from medpol.model.quantities import Quantity
from medpol.text.expressions import ExpressionProblem, Guard, parse_expression

DEFINITIONS = """
## Definitions

- `unsuitable`: `failed`, `not_feasible`
- `sore`: `M79.18`, `M54.*`
- `makers`: `acme`, including but not limited to these

### Limits

| Weeks | Visits |
|---|---|
| 1 week | 2 |
| 6 weeks | 8 |
"""


def problem(text: str) -> ExpressionProblem:
    parsed = parse_expression(text)
    assert isinstance(parsed, ExpressionProblem), parsed
    return parsed


def resolved(code: str) -> Expression | None:
    leaf = read_clean(criteria(f"It is **covered** when so `{code}`", rest=DEFINITIONS)).rules[0].criteria
    assert isinstance(leaf, Leaf)
    return leaf.expression


def refused(code: str, rule: str) -> str:
    """The mend of the one finding, which stands at the sign."""
    return assert_found(criteria(f"It is **covered** when so `{code}`", rest=DEFINITIONS), [rule])[0].mend


# ---------------------------------------------------------------------------- the grammar


def test_and_or_not_and_parentheses_make_the_tree_they_say() -> None:
    assert parse_expression("a and (b or not c)") == And(
        (Holds(Path("a")), Or((Holds(Path("b")), Not(Holds(Path("c"))))))
    )
    assert parse_expression("(a)") == Holds(Path("a"))


def test_if_then_and_the_guard_are_told_apart() -> None:
    assert parse_expression("if a then b") == IfThen(Holds(Path("a")), Holds(Path("b")))
    assert parse_expression("if a") == Guard(Holds(Path("a")))


def test_count_needs_its_measure_and_its_window() -> None:
    parsed = parse_expression("count(groups of a or b where c in d, lifetime before) >= 2")
    assert parsed == Comparison(
        Count(
            Measure.GROUPS,
            ("a", "b"),
            Window(WindowKind.LIFETIME, Side.BEFORE),
            Membership(Path("c"), "d"),
        ),
        ">=",
        Quantity(Decimal(2)),
    )
    assert "lines, sessions, units or groups" in problem("count(a, lifetime before) >= 2").mend
    assert problem("count(lines of a) >= 2").rule == "bad-expression"


@pytest.mark.parametrize(
    ("text", "window"),
    [
        ("rolling 12 months before", Window(WindowKind.ROLLING, Side.BEFORE, 12, "months")),
        ("rolling 6 weeks through", Window(WindowKind.ROLLING, Side.THROUGH, 6, "weeks")),
        ("calendar year through", Window(WindowKind.CALENDAR_YEAR, Side.THROUGH)),
        ("plan year before", Window(WindowKind.PLAN_YEAR, Side.BEFORE)),
        ("lifetime before", Window(WindowKind.LIFETIME, Side.BEFORE)),
        ("same day", Window(WindowKind.SAME_DAY)),
    ],
)
def test_every_window_is_read_and_shown_as_it_is_written(text: str, window: Window) -> None:
    parsed = parse_expression(f"count(lines of a, {text}) = 0")
    assert isinstance(parsed, Comparison) and isinstance(parsed.term, Count)
    assert parsed.term.window == window
    assert str(window) == text


@pytest.mark.parametrize("window", ["rolling 12 months", "calendar year", "plan year", "lifetime"])
def test_a_window_without_its_side_says_what_is_missing(window: str) -> None:
    found = problem(f"count(lines of a, {window}) = 0")
    assert (found.rule, found.offset) == ("bad-expression", len(f"count(lines of a, {window}"))
    assert found.mend == "say whether this service is in the window: before or through"


def test_since_last_and_latest_are_terms() -> None:
    parsed = parse_expression("since(last(a where b)) >= 3 months")
    assert isinstance(parsed, Comparison) and isinstance(parsed.term, Since)
    parsed = parse_expression("latest(eosinophils, rolling 1 year through) >= table(t, fact.name)")
    assert isinstance(parsed, Comparison) and isinstance(parsed.term, Latest)
    assert parsed.value == TableLookup("t", "fact.name")
    assert parse_expression("criteria(first-session)") == RuleCriteria("first-session")


@pytest.mark.parametrize(
    "text",
    [
        "a and (b or not c)",
        "if a then b in (x, y)",
        "count(units of a or b where c = d, rolling 12 months through) <= 3",
        "last(a).relief >= 50 %",
        'diagnosis not in ("M79.18")',
        "dose > 0.3 10*9/L",
        "onset >= 2024-02-29",
    ],
)
def test_an_expression_shown_is_an_expression_read(text: str) -> None:
    parsed = parse_expression(text)
    assert parse_expression(str(parsed)) == parsed


# ---------------------------------------------------------------------------- messages


def test_and_beside_or_needs_parentheses() -> None:
    for text in ("a and b or c", "a or b and c"):
        found = problem(text)
        assert (found.rule, found.mend) == ("and-beside-or", "add parentheses")
    assert parse_expression("(a and b) or c") == Or((And((Holds(Path("a")), Holds(Path("b")))), Holds(Path("c"))))


@pytest.mark.parametrize(
    ("text", "sign", "instead"),
    [
        ("a ≥ 6", "≥", ">="),
        ("a ≤ 6", "≤", "<="),
        ("a ≠ 6", "≠", "!="),
        ("a == 6", "==", "="),
        ("a & b", "&", "and"),
        ("a && b", "&&", "and"),
        ("a || b", "||", "or"),
        ("a = “b”", "“", '"'),
        ("a – b", "–", "-"),
        ("a — b", "—", "-"),
        ("a > −1", "−", "-"),
    ],
)
def test_typographic_signs_get_their_own_mend(text: str, sign: str, instead: str) -> None:
    found = problem(text)
    assert (found.rule, found.offset) == ("typographic-sign", text.index(sign))
    assert found.mend == f"write {instead} instead of {sign}"


def test_signs_inside_quotes_are_text() -> None:
    assert parse_expression('a = "≥ & –"') == Comparison(Path("a"), "=", Text("≥ & –"))


def test_an_unknown_unit_offers_the_nearest() -> None:
    found = problem("a >= 6 weeeks")
    assert (found.rule, found.offset, found.near) == ("unknown-unit", 7, "weeks")


def test_days_and_windows_are_checked() -> None:
    assert problem("a >= 2024-02-30").rule == "bad-date"
    assert problem("count(lines of a, rolling 0 days before) = 0").rule == "bad-window"
    assert problem("count(lines of a, rolling 1.5 years before) = 0").rule == "bad-window"
    assert problem("count(lines of a, rolling 5 kg before) = 0").rule == "bad-window"


@pytest.mark.parametrize(
    "text", ["", "   ", "a and", "a >=", "(a", "a)", "not", "a ! b", "a = 'x'", "in b", "if a then"]
)
def test_what_is_no_expression_says_where_it_breaks(text: str) -> None:
    found = problem(text)
    assert found.rule == "bad-expression"
    assert 0 <= found.offset <= len(text)


def test_an_expression_is_at_most_4096_characters_and_64_parentheses_deep() -> None:
    assert problem("a and " * 700 + "a").rule == "expression-too-long"
    assert problem("(" * 65 + "a" + ")" * 65).rule == "too-deep"
    assert parse_expression("(" * 64 + "a" + ")" * 64) == Holds(Path("a"))


# ---------------------------------------------------------------------------- names, types and units


def test_bare_words_become_choices_where_the_fact_has_them() -> None:
    assert resolved("therapy.outcome = failed") == Comparison(
        Path("therapy.outcome"), "=", Text("failed", quoted=False)
    )
    assert resolved("exam.band = no") == Not(Holds(Path("exam.band")))
    assert resolved("therapy.outcome in unsuitable") == Membership(Path("therapy.outcome"), "unsuitable")
    assert resolved("visits != 2") == Not(Comparison(Path("visits"), "=", Quantity(Decimal(2))))


def test_a_ratio_may_be_a_bare_number_or_a_percentage() -> None:
    assert resolved("fev1 >= 0.6") == resolved("fev1 >= 60 %")


def test_groups_and_sets_of_diagnoses_are_sets() -> None:
    assert resolved("diagnosis in pain") == Membership(Path("diagnosis"), "pain")
    assert resolved("diagnosis in sore") == Membership(Path("diagnosis"), "sore")
    assert resolved('diagnosis in ("M79.18")') == Membership(Path("diagnosis"), None, (Text("M79.18"),))


@pytest.mark.parametrize(
    ("code", "rule", "near"),
    [
        ("exam.band and ¦exam.bnad", "undeclared-fact", "exam.band"),
        ("therapy.outcome = ¦faild", "unknown-choice", "failed"),
        ("therapy.outcome in ¦unsuitabel", "unknown-set", "unsuitable"),
        ("diagnosis in ¦pian", "unknown-set", "pain"),
        ("count(lines of ¦nedling, same day) = 0", "unknown-group", "needling"),
        ("count(lines of needling where ¦relif >= 50 %, same day) = 0", "undeclared-field", "relief"),
        ("last(needling).¦relif >= 50 %", "undeclared-field", "relief"),
        ("visits <= table(¦limit, therapy.duration)", "unknown-table", "limits"),
        ("criteria(¦criterai)", "unknown-rule", ""),
    ],
)
def test_an_unknown_name_is_an_error_that_offers_the_nearest(code: str, rule: str, near: str) -> None:
    found = assert_found(criteria(f"It is **covered** when so `{code}`", rest=DEFINITIONS), [rule])
    assert found[0].near == near


def test_the_column_points_at_the_name_itself_and_not_at_one_it_is_part_of() -> None:
    text = f"When: so `exam.band`\n\nIt is **covered** when so   `exam.band and exam.twitch and {HERE}exam.ban`."
    assert_found(criteria(text), ["undeclared-fact"])


def test_every_unknown_name_of_an_expression_is_reported() -> None:
    assert_found(criteria("It is **covered** `¦one and ¦two and exam.band`"), ["undeclared-fact", "undeclared-fact"])


@pytest.mark.parametrize(
    ("code", "rule"),
    [
        ("therapy.duration >= ¦6", "missing-unit"),
        ("therapy.duration >= ¦6 kg", "units-differ"),
        ("age >= ¦18", "missing-unit"),
        ("¦therapy.outcome", "not-yes-no"),
        ("therapy.outcome ¦>= failed", "not-ordered"),
        ("visits = ¦2 weeks", "wrong-type"),
        ("onset >= ¦3", "wrong-type"),
        ("¦eosinophils >= 300 cells/uL", "observations-compared"),
        ("latest(¦visits, same day) >= 3", "not-observations"),
        ("¦diagnosis > 3", "codes-compared"),
        ("diagnosis in (¦M79)", "unquoted-code"),
        ("¦exam.band in unsuitable", "wrong-type"),
        ("exam.band = ¦maybe", "unknown-choice"),
        ("count(lines of needling where ¦count(lines of needling, same day) = 0, same day) = 0", "term-in-where"),
        ("visits = ¦onset", "types-differ"),
        ("fev1 <= table(¦limits, therapy.duration)", "units-differ"),
    ],
)
def test_types_and_units_are_checked_on_reading(code: str, rule: str) -> None:
    assert refused(code, rule)


def test_durations_convert_between_months_and_weeks() -> None:
    assert resolved("therapy.duration >= 1.5 months") is not None
    assert resolved("since(last(needling)) >= 3 months") is not None


def test_a_guard_has_its_place_behind_a_colon() -> None:
    assert_found(criteria("It is **covered** when so ¦`if exam.band`"), ["guard-place"])
