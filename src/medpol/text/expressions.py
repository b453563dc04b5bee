"""Expressions: the text of a code span to a value of ``model.criteria``. The grammar is LALR(1) without conflicts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from lark import Lark, Token, Transformer, UnexpectedCharacters, UnexpectedEOF, UnexpectedToken, v_args
from lark.exceptions import VisitError

from medpol.model.criteria import (
    And,
    Comparison,
    Count,
    Expression,
    Holds,
    IfThen,
    Last,
    LastField,
    Latest,
    Measure,
    Membership,
    Not,
    Or,
    Path,
    RuleCriteria,
    Side,
    Since,
    TableLookup,
    Term,
    Text,
    Value,
    Window,
    WindowKind,
)
from medpol.model.dates import parse_day
from medpol.model.diagnostic import nearest
from medpol.model.quantities import Quantity, canonical_unit, unit_spellings
from medpol.text.source import MAXIMUM_DEPTH, MAXIMUM_EXPRESSION

GRAMMAR = r"""
start: "if" or_ "then" or_              -> if_then
     | "if" or_                         -> guard
     | or_                              -> whole

?or_: and_ | mixed_or
mixed_or: or_part ("or" or_part)+
?or_part: and_
?and_: not_ | mixed_and
mixed_and: not_ ("and" not_)+
?not_: "not" atom                       -> negation
     | atom

?atom: "(" or_ ")"                      -> parenthesis
     | term CMP value                   -> comparison
     | term "in" set                    -> membership
     | term "not" "in" set              -> no_membership
     | "criteria" "(" NAME ")"          -> rule_criteria
     | term                             -> holds

?term: path
     | count
     | "since" "(" last ")"             -> since
     | last "." NAME                    -> last_field
     | "latest" "(" path "," window ")" -> latest

path: NAME ("." NAME)*
count: "count" "(" MEASURE "of" groups "," window ")"
last: "last" "(" groups ")"
groups: NAME ("or" NAME)* ["where" or_]

?set: NAME                              -> named_set
    | "(" item ("," item)* ")"          -> listed_set
?item: quantity | DATE -> day | path | STRING -> text
value: quantity | DATE -> day | path | STRING -> text | "table" "(" NAME "," path ")" -> table
quantity: NUMBER [UNIT]

window: "rolling" NUMBER UNIT SIDE      -> rolling
      | "calendar" "year" SIDE          -> calendar_year
      | "plan" "year" SIDE              -> plan_year
      | "lifetime" SIDE                 -> lifetime
      | "same" "day"                     -> same_day

SIDE: "before" | "through"
MEASURE: "lines" | "sessions" | "units" | "groups"
CMP: ">=" | "<=" | "!=" | "=" | "<" | ">"
NAME: /[^\W\d_](?:\w|-(?=\w))*/
DATE.3: /[0-9]{4}-[0-9]{2}-[0-9]{2}/
NUMBER.2: /-?[0-9]{1,30}(\.[0-9]{1,30})?/
UNIT: /%|10[*^][0-9]{1,2}\/[A-Za-z]+|\/?[A-Za-zµμ\[][A-Za-z0-9µμ_\/\[\]²^]*/
STRING: /"[^"]*"/
%import common.WS
%ignore WS
"""


@dataclass(frozen=True, slots=True)
class ExpressionProblem(Exception):
    """What is wrong with an expression; ``offset`` counts characters from 0."""

    rule: str
    offset: int
    found: str
    expected: str = ""
    mend: str = ""
    near: str = ""


@dataclass(frozen=True, slots=True)
class Guard:
    """``if A``, standing behind the colon of a structure sentence."""

    condition: Expression


@dataclass(frozen=True, slots=True)
class _Parenthesised:
    """An expression in parentheses: the parentheses themselves carry no meaning and are dropped when used."""

    inner: Expression


def _open(part: Any) -> Any:
    return part.inner if isinstance(part, _Parenthesised) else part


def _offset(token: Token) -> int:
    return token.start_pos or 0


@v_args(inline=True)
class _Builder(Transformer[Token, Any]):
    def if_then(self, condition: Any, consequence: Any) -> IfThen:
        return IfThen(_open(condition), _open(consequence))

    def guard(self, condition: Any) -> Guard:
        return Guard(_open(condition))

    def whole(self, part: Any) -> Any:
        return _open(part)

    def parenthesis(self, part: Any) -> _Parenthesised:
        return _Parenthesised(_open(part))

    def mixed_or(self, *parts: Any) -> Or:
        if any(isinstance(part, And) for part in parts):
            raise ExpressionProblem(
                "and-beside-or", 0, "`and` stands beside `or`", "parentheses that say which binds", "add parentheses"
            )
        return Or(tuple(_open(part) for part in parts))

    def mixed_and(self, *parts: Any) -> And:
        return And(tuple(_open(part) for part in parts))

    def negation(self, part: Any) -> Not:
        return Not(_open(part))

    def comparison(self, term: Term, comparison: Token, value: Value) -> Comparison:
        return Comparison(term, str(comparison), value)

    def membership(self, term: Term, members: tuple[str | None, tuple[Value, ...]]) -> Membership:
        return Membership(term, members[0], members[1])

    def no_membership(self, term: Term, members: tuple[str | None, tuple[Value, ...]]) -> Not:
        return Not(Membership(term, members[0], members[1]))

    def rule_criteria(self, name: Token) -> RuleCriteria:
        return RuleCriteria(str(name))

    def holds(self, term: Term) -> Holds:
        return Holds(term)

    def path(self, *names: Token) -> Path:
        return Path(".".join(names))

    def count(self, measure: Token, groups: Last, window: Window) -> Count:
        return Count(Measure(str(measure)), groups.groups, window, groups.where)

    def last(self, groups: Last) -> Last:
        return groups

    def groups(self, *parts: Any) -> Last:
        *names, where = parts
        return Last(tuple(str(name) for name in names), None if where is None else _open(where))

    def since(self, last: Last) -> Since:
        return Since(last)

    def last_field(self, last: Last, name: Token) -> LastField:
        return LastField(last, str(name))

    def latest(self, path: Path, window: Window) -> Latest:
        return Latest(path.name, window)

    def named_set(self, name: Token) -> tuple[str, tuple[Value, ...]]:
        return str(name), ()

    def listed_set(self, *items: Value) -> tuple[None, tuple[Value, ...]]:
        return None, items

    def value(self, value: Value) -> Value:
        return value

    def quantity(self, number: Token, unit: Token | None) -> Quantity:
        return Quantity(Decimal(str(number)), None if unit is None else _unit(unit))

    def day(self, text: Token) -> date:
        day = parse_day(str(text))
        if day is None:
            raise ExpressionProblem("bad-date", _offset(text), f"{text} is not a day", "YYYY-MM-DD", "correct the date")
        return day

    def text(self, text: Token) -> Text:
        return Text(str(text)[1:-1])

    def table(self, name: Token, path: Path) -> TableLookup:
        return TableLookup(str(name), path.name)

    def rolling(self, number: Token, unit: Token, side: Token) -> Window:
        name = canonical_unit(str(unit))
        if name not in ("days", "weeks", "months", "years"):
            raise ExpressionProblem(
                "bad-window", _offset(unit), f"a rolling window in {unit}", "days, weeks, months or years", "", ""
            )
        if "." in number or not 1 <= int(number) <= 3660:
            raise ExpressionProblem(
                "bad-window", _offset(number), f"a window of {number} {unit}", "a whole number from 1 to 3660"
            )
        return Window(WindowKind.ROLLING, Side(str(side)), int(number), name)

    def calendar_year(self, side: Token) -> Window:
        return Window(WindowKind.CALENDAR_YEAR, Side(str(side)))

    def plan_year(self, side: Token) -> Window:
        return Window(WindowKind.PLAN_YEAR, Side(str(side)))

    def lifetime(self, side: Token) -> Window:
        return Window(WindowKind.LIFETIME, Side(str(side)))

    def same_day(self) -> Window:
        return Window(WindowKind.SAME_DAY)


def _unit(token: Token) -> str:
    name = canonical_unit(str(token))
    if name is None:
        near = nearest(str(token), unit_spellings())
        raise ExpressionProblem(
            "unknown-unit",
            _offset(token),
            f"the unit {str(token)!r} is not known",
            "a unit of the closed table",
            f"write {near!r}" if near else "use a unit of docs/notation.md",
            near,
        )
    return name


_PARSER = Lark(GRAMMAR, parser="lalr", lexer="contextual", transformer=_Builder(), maybe_placeholders=True)

_TYPOGRAPHY = (
    ("≥", ">="),
    ("=>", ">="),
    ("=<", "<="),
    ("≤", "<="),
    ("≠", "!="),
    ("==", "="),
    ("&&", "and"),
    ("&", "and"),
    ("||", "or"),
    ("“", '"'),
    ("”", '"'),
    ("‘", '"'),
    ("’", '"'),
    ("–", "-"),
    ("—", "-"),
    ("−", "-"),
)
_EXPECTED_WORDS = {
    "CMP": "a comparison (>= <= = != < >)",
    "NAME": "a name",
    "NUMBER": "a number",
    "UNIT": "a unit",
    "STRING": "a quoted text",
    "DATE": "a day",
    "SIDE": "before or through",
    "MEASURE": "lines, sessions, units or groups",
    "$END": "the end",
    "LPAR": "(",
    "RPAR": ")",
    "COMMA": ",",
    "DOT": ".",
}


@lru_cache(maxsize=16_384)
def parse_expression(text: str) -> Expression | Guard | ExpressionProblem:
    """The expression of a code span, or what is wrong with it. Names are not resolved here."""
    if problem := _at_the_door(text):
        return problem
    try:
        parsed: Expression | Guard = _PARSER.parse(text)  # type: ignore[assignment]
    except ExpressionProblem as problem:
        return problem
    except VisitError as wrapped:
        if isinstance(wrapped.orig_exc, ExpressionProblem):
            return wrapped.orig_exc
        raise
    except UnexpectedEOF:
        return ExpressionProblem("bad-expression", len(text), "the expression ends too early", mend="finish it")
    except UnexpectedToken as problem:
        return _unexpected(text, problem)
    except UnexpectedCharacters as problem:
        at = problem.pos_in_stream or 0
        return ExpressionProblem("bad-expression", at, f"the sign {text[at]!r}", mend="delete it")
    return parsed


def _at_the_door(text: str) -> ExpressionProblem | None:
    if not text.strip():
        return ExpressionProblem("bad-expression", 0, "an empty code span", "an expression", "write one, or drop it")
    if len(text) > MAXIMUM_EXPRESSION:
        return ExpressionProblem(
            "expression-too-long",
            0,
            f"{len(text):,} characters",
            f"at most {MAXIMUM_EXPRESSION:,}",
            "split the sentence",
        )
    bare = re.sub(r'"[^"]*"', lambda quoted: "_" * len(quoted[0]), text)
    for sign, instead in _TYPOGRAPHY:
        if (offset := bare.find(sign)) >= 0:
            return ExpressionProblem(
                "typographic-sign", offset, f"the sign {sign!r}", f"{instead!r}", f"write {instead} instead of {sign}"
            )
    depth = deepest = 0
    for sign in bare:
        depth += (sign == "(") - (sign == ")")
        deepest = max(deepest, depth)
    if deepest > MAXIMUM_DEPTH:
        return ExpressionProblem("too-deep", 0, f"parentheses {deepest} deep", f"at most {MAXIMUM_DEPTH}", "simplify")
    return None


def _unexpected(text: str, problem: UnexpectedToken) -> ExpressionProblem:
    token: Token = problem.token
    expected = sorted({_EXPECTED_WORDS.get(name, name.lower()) for name in (problem.accepts or problem.expected)})
    if token.type == "$END":
        return ExpressionProblem(
            "bad-expression", len(text), "the expression ends too early", ", ".join(expected), "finish the expression"
        )
    offset = token.start_pos if token.start_pos is not None else 0
    mend = "write the expression as docs/notation.md spells it"
    if "MEASURE" in problem.expected:
        mend = "say what is counted: lines, sessions, units or groups"
    elif "SIDE" in problem.expected:
        mend = "say whether this service is in the window: before or through"
    elif token.value in ("or", "and") and text.count("(") != text.count(")"):
        mend = "balance the parentheses"
    return ExpressionProblem("bad-expression", offset, f"{str(token)!r}", ", ".join(expected), mend)
