"""A second, brute-force implementation of medpol's meaning, sharing no code with it.

Standard library only. It reads valid documents, diagnoses nothing, and prefers the obvious to the fast:
whatever is unknown is replaced by every value it could still have (one per cell between thresholds), and a thing
is met when it is met in all of them. So a truth, an unknown ``When``, a missing fact and a changed answer all
come from one idea: enumerate the possible worlds.

    library = load({"facts.md": "...", "EX-1/2024-01-01.md": "..."})
    determine(library, {"code": "K0001", "date_of_service": "2024-03-01"}, date(2024, 6, 1))
"""

from __future__ import annotations

import calendar
import hashlib
import operator
import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from itertools import combinations, pairwise, product
from typing import Any

MET, UNKNOWN, NOT_MET = 2, 1, 0  # so that `not` is 2 - truth
ANY_OUTCOME = ("covered", "not_covered", "refer", "not_addressed")
LINES = (
    "commercial",
    "individual",
    "medicare",
    "medicare_advantage",
    "medicare_supplement",
    "medicaid",
    "federal_employee",
)
MEDICARE = {"medicare", "medicare_advantage", "medicare_supplement"}

LABELS = {
    "medically_necessary": "medically necessary|may be considered medically necessary|reasonable and necessary|"
    "eligible for coverage|meets primary coverage criteria|proven and medically necessary|established|covered",
    "not_medically_necessary": "not medically necessary|does not meet|current evidence does not support",
    "investigational": "investigational|experimental/investigational|e/i|experimental, investigational or unproven|"
    "experimental|unproven|unproven and not medically necessary|investigational and not medically necessary",
    "cosmetic": "cosmetic",
    "reconstructive": "reconstructive|whcra-mandated",
    "not_covered": "not covered|noncovered|benefit contract exclusion",
    "covered_with_limits": "covered with limits|covered with conditions|limited coverage",
    "evidence_development": "evidence development|coverage with evidence development|covered in ide trial",
    "delegated": "delegated|interqual|evicore|carelon|nccn|palmetto article",
    "refer": "refer|refer to a medical director|medical director|individual consideration",
    "authorization_only": "authorization only|prior authorization required|"
    "subject to prior authorization above a threshold",
}
POSITION_OF_LABEL = {label: position for position, labels in LABELS.items() for label in labels.split("|")}
FAVOURABLE = {"medically_necessary", "reconstructive", "covered_with_limits"}
REFER_KEYS = {"refer": "text-orders-review", "delegated": "delegated", "evidence_development": "evidence-development"}
NOT_ADDRESSED_ORDER = (
    "code-malformed",
    "no-service-code",
    "code-not-yet-valid",
    "code-ended",
    "line-of-business-out-of-scope",
    "state-out-of-scope",
    "plan-out-of-scope",
    "in-notice",
    "archived",
    "no-version-yet",
    "no-rule-applies",
    "no-policy-names-code",
)
SHAPES = {
    "cpt": r"\d{5}|\d{4}[FTUAM]",
    "hcpcs": r"[A-CEGHJ-MP-V]\d{4}",
    "cdt": r"D\d{4}",
    "icd-10-cm": r"[A-Z]\d[\dAB][\dA-Z]{0,4}",
    "icd-10-pcs": r"[\dA-HJ-NP-Z]{7}",
    "icd-9-cm": r"\d{3,5}|V\d{2,4}|E\d{3,4}",
    "ndc": r"\d{11}",
    "revenue": r"\d{4}",
}

# ---------------------------------------------------------------------------------------------------- values

UNITS: dict[str, tuple[str, Fraction]] = {}
for _dimension, _units in {
    "days": "day days d 1|week weeks wk 7|hour hours h 1/24|minute minutes min 1/1440",
    "months": "month months mo 1|year years yr a 12",
    "mass": "g 1|mg 1/1000|mcg ug 1/1000000|kg 1000|lb lbs [lb_av] 45359237/100000",
    "length": "cm 1|mm 1/10|m 100|in [in_i] 254/100",
    "area": "m2 1",
    "mass a day": "mg/day mg/d 1|g/day g/d 1000|mcg/day ug/d 1/1000",
    "share": "% percent 1",
    "cells": "cells/uL /uL 10*6/L 1|10*9/L 10*3/uL 1000",
    "kg/m2": "kg/m2 1",
}.items():
    for _group in _units.split("|"):
        *_names, _factor = _group.split()
        for _name in _names:
            UNITS[_name] = (_dimension, Fraction(_factor))
UNITS_LONGEST_FIRST = sorted(UNITS, key=len, reverse=True)
COMPARE = {">=": operator.ge, "<=": operator.le, "=": operator.eq, "<": operator.lt, ">": operator.gt}


@dataclass(frozen=True)
class Amount:
    """A number in the base unit of its dimension; ``hi`` above ``lo`` is a recorded age: [lo, hi)."""

    dimension: str
    lo: Fraction
    hi: Fraction


def amount(raw: Any, declared_unit: str = "") -> Amount:
    number, unit = re.fullmatch(r"\s*(-?\d+(?:\.\d+)?)\s*(.*?)\s*", str(raw)).groups()  # type: ignore[union-attr]
    dimension, factor = unit_of(unit or declared_unit)
    value = Fraction(number) * factor
    return Amount(dimension, value, value)


def unit_of(unit: str) -> tuple[str, Fraction]:
    return UNITS.get(unit) or (unit, Fraction(1))


def day_of(raw: Any) -> date:
    return date.fromisoformat(str(raw))


def add(day: date, unit: str, n: int) -> date:
    """Calendar addition: months and years clamp to the month's last day."""
    dimension, factor = unit_of(unit)
    n = int(n * factor)
    if dimension == "days":
        return day + timedelta(days=n)
    year, month = divmod(day.year * 12 + day.month - 1 + n, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def cells(
    lo: Fraction | None, hi: Fraction | None, cuts: Iterable[Fraction], *, whole: bool = False, hi_out: bool = False
) -> list[Fraction]:
    """One value for each cell of [lo, hi] (of [lo, hi) if hi_out): on each cut, between cuts, below and above."""
    inside = sorted(
        {c for c in cuts if (lo is None or c >= lo) and (hi is None or c <= hi)}
        | {x for x in (lo, hi) if x is not None}
    )
    if not inside:
        return [Fraction(0)]
    points = list(inside)
    for a, b in pairwise(inside):
        points.append((a + b) / 2)
        if whole:
            points += [a + 1, b - 1, a // 1 + 1, -(-b // 1) - 1]
    if lo is None:
        points.append(inside[0] - 1)
    if hi is None:
        points.append(inside[-1] // 1 + 1 if whole else inside[-1] + 1)
    kept = {
        p
        for p in points
        if (lo is None or p >= lo)
        and (hi is None or p < hi or (p == hi and (not hi_out or lo == hi)))
        and (not whole or p.denominator == 1)
    }
    return sorted(kept)


def durations(known: Amount | None, cuts: list[tuple[str, Fraction]]) -> list[tuple[Fraction, Fraction]]:
    """Possible lengths as (days, months) with 28 to 31 days a month, one for each cell."""
    in_days = [v for d, v in cuts if d == "days"]
    in_months = [v for d, v in cuts if d == "months"]
    if known and known.dimension == "months":
        months = cells(
            known.lo, known.hi, in_months + [v / x for v in in_days for x in (28, 31)], hi_out=known.lo != known.hi
        )
        return [(d, m) for m in months for d in cells(28 * m, 31 * m, in_days)]
    lo, hi = (known.lo, known.hi) if known else (Fraction(0), None)
    days = cells(lo, hi, in_days + [v * x for v in in_months for x in (28, 31)], hi_out=bool(known) and lo != hi)
    return [(d, m) for d in days for m in cells(d / 31, d / 28, in_months)]


@dataclass(frozen=True)
class Type:
    """The declared type of a fact or of an event's field."""

    kind: str
    unit: str = ""
    choices: tuple[str, ...] = ()

    @property
    def is_time(self) -> bool:
        return self.kind == "age" or (self.kind == "quantity" and unit_of(self.unit)[0] in ("days", "months"))

    def read(self, raw: Any) -> Any:
        """A documented value as the oracle holds it: bool, text, date, tuple of codes or Amount."""
        match self.kind:
            case "yes/no":
                return raw if isinstance(raw, bool) else str(raw).lower() in ("yes", "true")
            case "choice" | "text":
                return str(raw)
            case "date":
                return day_of(raw)
            case "codes":
                return tuple(str(x) for x in (raw if isinstance(raw, list | tuple) else [raw]))
            case "age":
                a = amount(raw)
                width = unit_of(str(raw).split()[-1])[1]
                return Amount(a.dimension, a.lo, a.lo + (width if a.dimension == "months" and a.lo % width == 0 else 0))
            case _:
                return amount(raw, self.unit)

    def worlds(self, known: Any, cuts: list[Any]) -> list[Any]:
        """Every distinguishable true value, given what is known (None: nothing) and what it is compared with."""
        if self.is_time:
            if isinstance(known, date):
                return [known]
            return durations(known, [c for c in cuts if isinstance(c, tuple)])
        match self.kind:
            case "yes/no":
                return [True, False] if known is None else [known]
            case "choice":
                return list(self.choices) if known is None else [known]
            case "text":
                return [*sorted({c for c in cuts if isinstance(c, str)}), "\0other"] if known is None else [known]
            case "date":
                if known is not None:
                    return [known]
                return sorted({c + timedelta(days=i) for c in cuts if isinstance(c, date) for i in (-1, 0, 1)}) or [
                    date(2000, 1, 1)
                ]
            case "codes":
                return code_lists(known, [c for c in cuts if callable(c)])
            case _:
                if known is not None:
                    return [known.lo]
                low = Fraction(0) if self.kind == "count" else None
                return cells(low, None, [c[1] for c in cuts if isinstance(c, tuple)], whole=self.kind == "count")


def code_lists(known: tuple[str, ...] | None, tests: list[Any]) -> list[tuple[str, ...]]:
    """Lists of codes, one for each pattern of answers the tests could give; malformed tokens may be any code."""
    if known is not None and not any(is_malformed(c) for c in known):
        return [known]
    base = tuple(c for c in known or () if not is_malformed(c))
    samples = ["\0other"] + [s for test in tests for s in test.samples]
    found: dict[tuple[bool, ...], tuple[str, ...]] = {tuple(any(t(c) for c in base) for t in tests): base}
    for sample in samples:
        for pattern, codes in list(found.items()):
            grown = tuple(p or t(sample) for p, t in zip(pattern, tests, strict=True))
            found.setdefault(grown, (*codes, sample))
    if known is None:
        found.setdefault(tuple(t("\0other") for t in tests), ("\0other",))
    return list(found.values())


def is_malformed(code: str) -> bool:
    if code.startswith("\0") or len(code) == 2:  # two characters are a modifier, not a diagnosis
        return False
    return not re.fullmatch(f"{SHAPES['icd-10-cm']}|{SHAPES['icd-9-cm']}", plain_code(code), re.ASCII)


def plain_code(code: str) -> str:
    """Trimmed, upper case, without the dot after the third character."""
    code = code.strip(" ").upper()
    return code[:3] + code[4:] if len(code) > 4 and code[3] == "." else code


# -------------------------------------------------------------------------------- terms: what can be compared


@dataclass(frozen=True)
class CodeTest:
    """Is a code in this set? ``None`` for a miss in an open set."""

    exact: frozenset[str]
    prefixes: tuple[str, ...]
    open: bool = False

    @property
    def samples(self) -> list[str]:
        return (
            sorted(self.exact)
            + [p + "9ZZ" for p in self.prefixes]
            + (["\0open" + repr(sorted(self.exact))] if self.open else [])
        )

    def __call__(self, code: str) -> bool:
        bare = plain_code(code)
        return bare in self.exact or any(bare.startswith(p) for p in self.prefixes)


def code_test(items: Iterable[str], *, open: bool = False) -> CodeTest:
    exact, prefixes = set(), []
    for item in items:
        wild = re.fullmatch(r"(.+?)\.?\*|([A-Z]\d.*[\d.])x+", item.strip())
        if wild:
            prefixes.append(plain_code((wild[1] or wild[2]).rstrip(".")))
        else:
            exact.add(plain_code(item))
    return CodeTest(frozenset(exact), tuple(prefixes), open)


@dataclass
class Context:
    """Everything an expression may look at."""

    library: Library
    version: Version | None
    case: dict[str, Any]
    day: date
    facts: Mapping[str, Any]  # raw
    given: dict[str, Any] = field(default_factory=dict)  # read values that stand in for the case's (searches)
    answers: dict[str, bool] = field(default_factory=dict)
    truths: dict[str, int] = field(default_factory=dict)  # cache
    is_event: bool = False

    def history(self) -> list[dict[str, Any]]:
        return self.case.get("history") or []

    def complete_from(self, groups: Iterable[str] = ()) -> date | None:
        """The first day of complete history, for these groups; ``date.min`` from birth."""
        start = self.case.get("history_complete_from")
        left_out = {slug(g) for g in self.case.get("history_incomplete_for") or ()}
        if not start or any(slug(g) in left_out for g in groups):
            return None
        return date.min if str(start) == "birth" else day_of(start)


class Term:
    key: str
    type: Type

    def known(self, ctx: Context, cuts: list[Any]) -> list[Any] | None:
        """The values it may have; None where nothing is documented."""
        raise NotImplementedError

    def space(self, ctx: Context, cuts: list[Any]) -> list[Any]:
        worlds = self.known(ctx, cuts)
        return self.type.worlds(None, cuts) if worlds is None else worlds


CASE_KEYS = {
    "diagnosis": "diagnoses",
    "sex": "sex",
    "member.state": "state",
    "member.line": "line_of_business",
    "member.plan": "plan",
    "service.place": "place_of_service",
    "service.units": "units",
    "service.modifier": "modifiers",
    "provider.specialty": "provider_specialty",
    "date_of_service": "date_of_service",
}
BUILT_IN = {
    "diagnosis": Type("codes"),
    "age": Type("age"),
    "sex": Type("text"),
    "member.state": Type("text"),
    "member.line": Type("text"),
    "member.plan": Type("text"),
    "service.place": Type("text"),
    "service.units": Type("quantity"),
    "service.modifier": Type("codes"),
    "provider.specialty": Type("text"),
    "date_of_service": Type("date"),
}


@dataclass(frozen=True)
class FactTerm(Term):
    path: str
    type: Type

    @property
    def key(self) -> str:  # type: ignore[override]
        return self.path

    def value(self, ctx: Context) -> Any:
        if self.path in ctx.given:
            return ctx.given[self.path]
        if ctx.is_event:
            raw = ctx.facts.get(self.path)
            return None if raw is None else self.type.read(raw)
        if self.path == "age":
            if ctx.case.get("birth_date"):
                return day_of(ctx.case["birth_date"])
            return self.type.read(ctx.case["age"]) if ctx.case.get("age") else None
        raw = ctx.case.get(CASE_KEYS[self.path]) if self.path in CASE_KEYS else None
        if raw is None:
            raw = ctx.facts.get(self.path)
        if raw is not None:
            return self.type.read(raw)
        prefixes = ctx.case.get("records_complete") or ()
        if self.type.kind == "yes/no" and any(self.path == p or self.path.startswith(p + ".") for p in prefixes):
            return False
        return None

    def known(self, ctx: Context, cuts: list[Any]) -> list[Any] | None:
        value = self.value(ctx)
        return None if value is None else self.type.worlds(value, cuts)


@dataclass(frozen=True)
class Window:
    kind: str  # rolling, calendar year, plan year, lifetime, same day
    n: int = 0
    unit: str = ""
    side: str = ""

    def first_day(self, ctx: Context) -> date | None:
        """The first day inside; None where no plan says when its year starts."""
        match self.kind:
            case "rolling":
                return add(ctx.day, self.unit, -self.n) + timedelta(days=1)
            case "calendar year":
                return date(ctx.day.year, 1, 1)
            case "plan year":
                start = ctx.library.plan_year_start(ctx.case.get("plan"), ctx.day)
                if start is None:
                    return None
                year = ctx.day.year if (ctx.day.month, ctx.day.day) >= start else ctx.day.year - 1
                return date(year, *start)
            case "same day":
                return ctx.day
        return date.min

    def __str__(self) -> str:
        return f"{self.kind} {self.n} {self.unit} {self.side}"


@dataclass(frozen=True)
class Events:
    """Events of some groups that satisfy a ``where``."""

    groups: tuple[str, ...]
    where: Any = None
    where_key: str = ""

    def __str__(self) -> str:
        return f"{' or '.join(self.groups)} where {self.where_key}"

    def holds(self, ctx: Context, event: Mapping[str, Any], group: str) -> bool:
        if slug(str(event.get("group") or "")) == group:
            return True
        return event.get("code") is not None and str(event["code"]) in ctx.version.codes_of(group)  # type: ignore[union-attr]

    def seen(self, ctx: Context) -> list[tuple[date, int, Mapping[str, Any]]]:
        """Known events up to the day: (date, MET or UNKNOWN, event)."""
        found = []
        for event in ctx.history():
            day = day_of(event["date"])
            if day > ctx.day or not any(self.holds(ctx, event, g) for g in self.groups):
                continue
            truth = MET
            if self.where is not None:
                inner = Context(ctx.library, ctx.version, ctx.case, ctx.day, event.get("facts") or {}, is_event=True)
                truth = judge(self.where, inner)
            if truth != NOT_MET:
                found.append((day, truth, event))
        return found

    def names_own_service(self, ctx: Context, group: str) -> bool:
        if ctx.case.get("code"):
            return str(ctx.case["code"]) in ctx.version.codes_of(group)  # type: ignore[union-attr]
        return slug(str(ctx.case.get("service") or "")) == group


@dataclass(frozen=True)
class CountTerm(Term):
    measure: str
    events: Events
    window: Window
    type: Type = Type("count")

    @property
    def key(self) -> str:  # type: ignore[override]
        return f"count({self.measure} of {self.events}, {self.window})"

    def known(self, ctx: Context, cuts: list[Any]) -> list[Any] | None:
        first = self.window.first_day(ctx)
        if first is None:
            return None
        through = self.window.side == "through"
        whole_days = self.measure in ("sessions", "groups") and self.window.kind != "same day"
        last = ctx.day - timedelta(days=1) if whole_days and not through else ctx.day
        inside = [e for e in self.events.seen(ctx) if first <= e[0] <= last]
        own = through and any(self.events.names_own_service(ctx, g) for g in self.events.groups)
        own_truth = (MET if self.events.where is None else UNKNOWN) if own else NOT_MET
        lo = self.measured(ctx, [e for e in inside if e[1] == MET], own_truth == MET)[0]
        hi = self.measured(ctx, inside, own_truth != NOT_MET)[1]
        complete_from = ctx.complete_from(self.events.groups)
        if complete_from is None or complete_from > first:
            hi = None
        return cells(lo, hi, [c[1] for c in cuts if isinstance(c, tuple)], whole=self.measure != "units")

    def measured(
        self, ctx: Context, events: list[tuple[date, int, Mapping[str, Any]]], own: bool
    ) -> tuple[Fraction, Fraction | None]:
        match self.measure:
            case "lines":
                n = Fraction(len(events) + own)
            case "sessions":
                n = Fraction(len({e[0] for e in events} | ({ctx.day} if own else set())))
            case "groups":
                n = Fraction(
                    sum(
                        any(self.events.holds(ctx, e[2], g) for e in events)
                        or (own and self.events.names_own_service(ctx, g))
                        for g in self.events.groups
                    )
                )
            case "units":
                units = [e[2].get("units") for e in events] + ([ctx.case.get("units")] if own else [])
                n = sum((Fraction(str(u)) for u in units if u is not None), Fraction(0))
                return n, (None if None in units else n)
            case _:
                raise ValueError(self.measure)
        return n, n


@dataclass(frozen=True)
class SinceTerm(Term):
    """Worlds are dates of the last event, None for never."""

    events: Events
    type: Type = Type("since")

    @property
    def key(self) -> str:  # type: ignore[override]
        return f"since(last({self.events}))"

    def known(self, ctx: Context, cuts: list[Any]) -> list[Any] | None:
        seen = [e for e in self.events.seen(ctx) if e[0] < ctx.day]
        last = max((e[0] for e in seen if e[1] == MET), default=None)
        worlds: set[date | None] = {last} | {e[0] for e in seen if e[1] == UNKNOWN and (last is None or e[0] > last)}
        complete_from = ctx.complete_from(self.events.groups)
        gap_end = ctx.day - timedelta(days=1)
        if complete_from is not None:
            gap_end = min(gap_end, complete_from - timedelta(days=1)) if complete_from != date.min else date.min
        gap_start = date(1850, 1, 1) if last is None else last + timedelta(days=1)
        if gap_start <= gap_end:  # an unseen event may lie here
            worlds |= {gap_start, gap_end}
            for cut in cuts:
                if isinstance(cut, tuple) and cut[0] == "ago":
                    near = add(ctx.day, cut[2], -cut[1])
                    worlds |= {d for i in range(-5, 6) if gap_start <= (d := near + timedelta(days=i)) <= gap_end}
        return sorted(worlds, key=lambda d: d or date.min)


@dataclass(frozen=True)
class LastTerm(Term):
    events: Events
    field: str
    type: Type

    @property
    def key(self) -> str:  # type: ignore[override]
        return f"last({self.events}).{self.field}"

    def known(self, ctx: Context, cuts: list[Any]) -> list[Any] | None:
        seen = [e for e in self.events.seen(ctx) if e[0] < ctx.day]
        last = max((e[0] for e in seen if e[1] == MET), default=None)
        complete_from = ctx.complete_from(self.events.groups)
        if last is None or complete_from is None or complete_from > last:
            return None
        if any(e[1] == UNKNOWN and e[0] >= last for e in seen):
            return None
        raw = {
            repr((e[2].get("facts") or {}).get(self.field)): (e[2].get("facts") or {}).get(self.field)
            for e in seen
            if e[0] == last
        }
        if len(raw) != 1 or None in raw.values():
            return None
        return self.type.worlds(self.type.read(next(iter(raw.values()))), cuts)


@dataclass(frozen=True)
class LatestTerm(Term):
    path: str
    window: Window
    type: Type

    @property
    def key(self) -> str:  # type: ignore[override]
        return f"latest({self.path}, {self.window})"

    def known(self, ctx: Context, cuts: list[Any]) -> list[Any] | None:
        first = self.window.first_day(ctx)
        if first is None:
            return None
        end = ctx.day - timedelta(days=1) if self.window.side == "before" else ctx.day
        inside = [o for o in ctx.facts.get(self.path) or () if first <= day_of(o["date"]) <= end]
        newest = max((day_of(o["date"]) for o in inside), default=None)
        complete_from = ctx.complete_from()
        if newest is None or complete_from is None or complete_from > newest:
            return None
        values = {self.type.read(o["value"]) for o in inside if day_of(o["date"]) == newest}
        return self.type.worlds(values.pop(), cuts) if len(values) == 1 else None


# -------------------------------------------------------------------------------- atoms: one comparison each


@dataclass(frozen=True)
class Atom:
    """A comparison that is true or false in a world, or None for a miss in an open set."""

    key: str
    terms: tuple[Term, ...]
    cuts: tuple[tuple[Any, ...], ...]  # per term
    holds: Callable[..., bool | None]  # (context, *one value per term)


@dataclass(frozen=True)
class Question:
    key: str
    words: str


Tree = tuple[
    Any, ...
]  # ("leaf", Atom | Question) | ("not", Tree) | ("gate", kind, k, [Tree]) | ("criteria", rule name)


def judge_atom(atom: Atom, ctx: Context) -> int:
    if atom.key in ctx.truths:
        return ctx.truths[atom.key]
    spaces = [term.known(ctx, list(cuts)) for term, cuts in zip(atom.terms, atom.cuts, strict=True)]
    truth = UNKNOWN
    if not any(s is None for s in spaces):
        seen = {atom.holds(ctx, *values) for values in product(*spaces)}  # type: ignore[arg-type]
        truth = MET if seen == {True} else NOT_MET if seen == {False} else UNKNOWN
    ctx.truths[atom.key] = truth
    return truth


def judge(tree: Tree, ctx: Context) -> int:
    """Kleene truth of a tree that stands in no rule (a ``where``, a provision's ``When``)."""
    match tree:
        case ("leaf", Atom() as atom):
            return judge_atom(atom, ctx)
        case ("leaf", Question() as question):
            return {True: MET, False: NOT_MET, None: UNKNOWN}[ctx.answers.get(question.key)]
        case ("not", inner):
            return MET - judge(inner, ctx)
        case ("gate", _, k, parts):
            return gate(k, [judge(p, ctx) for p in parts])
    raise ValueError(tree)


def gate(k: int, truths: list[int]) -> int:
    if sum(t == MET for t in truths) >= k:
        return MET
    return NOT_MET if sum(t != NOT_MET for t in truths) < k else UNKNOWN


def all_of(parts: list[Tree]) -> Tree:
    return ("gate", "all", len(parts), parts) if len(parts) != 1 else parts[0]


def any_of(parts: list[Tree]) -> Tree:
    return ("gate", "any", 1, parts) if len(parts) != 1 else parts[0]


def atoms_of(tree: Tree | None) -> Iterator[Atom | Question]:
    match tree:
        case ("leaf", leaf):
            yield leaf
        case ("not", inner):
            yield from atoms_of(inner)
        case ("gate", _, _, parts):
            for part in parts:
                yield from atoms_of(part)


# ------------------------------------------------------------------------------------------- expression parser


class Reader:
    """Recursive descent over one expression."""

    def __init__(self, text: str, scope: Scope):
        self.text, self.at, self.scope = text, 0, scope

    def take(self, pattern: str) -> str | None:
        found = re.compile(r"\s*(" + pattern + ")").match(self.text, self.at)
        if not found:
            return None
        self.at = found.end()
        return found[1]

    def word(self, *words: str) -> str | None:
        return self.take("(?:" + "|".join(words) + r")(?![\w.-])")

    def need(self, pattern: str) -> str:
        found = self.take(pattern)
        if found is None:
            raise ValueError(f"expected {pattern} at {self.at} of {self.text!r}")
        return found

    def name(self) -> str:
        return self.need(r"[A-Za-z][A-Za-z0-9_]*(?:-[A-Za-z0-9_]+)*")

    def path(self) -> str:
        parts = [self.name()]
        while self.take(r"\."):
            parts.append(self.name())
        return ".".join(parts)

    def start(self) -> tuple[Tree, bool]:
        """The tree, and whether it is a bare guard (`if A`)."""
        guard = False
        if self.word("if"):
            condition = self.either()
            if self.word("then"):
                tree = any_of([("not", condition), self.either()])
            else:
                tree, guard = condition, True
        else:
            tree = self.either()
        if self.text[self.at :].strip():
            raise ValueError(f"left over at {self.at} of {self.text!r}")
        return tree, guard

    def either(self) -> Tree:
        parts = [self.both()]
        while self.word("or"):
            parts.append(self.both())
        return any_of(parts)

    def both(self) -> Tree:
        parts = [self.negation()]
        while self.word("and"):
            parts.append(self.negation())
        return all_of(parts)

    def negation(self) -> Tree:
        return ("not", self.atom()) if self.word("not") else self.atom()

    def atom(self) -> Tree:
        if self.take(r"\("):
            inner = self.either()
            self.need(r"\)")
            return inner
        if self.take(r"criteria\s*\("):
            name = self.name()
            self.need(r"\)")
            return ("criteria", name)
        term = self.term()
        compare = self.take(r">=|<=|!=|=|<|>")
        if compare:
            tree = ("leaf", self.comparison(term, "=" if compare == "!=" else compare))
            return ("not", tree) if compare == "!=" else tree
        negated = self.word("not")
        if self.word("in"):
            tree = ("leaf", self.membership(term))
            return ("not", tree) if negated else tree
        return ("leaf", Atom(f"{term.key} = yes", (term,), ((),), lambda ctx, v: v is True))

    def term(self) -> Term:
        if self.take(r"count\s*\("):
            measure = self.need("lines|sessions|units|groups")
            self.need(r"of(?!\w)")
            events = self.events(",")
            self.need(",")
            window = self.window()
            self.need(r"\)")
            return CountTerm(measure, events, window)
        if self.take(r"since\s*\("):
            self.need(r"last\s*\(")
            events = self.events(r"\)")
            self.need(r"\)")
            self.need(r"\)")
            return SinceTerm(events)
        if self.take(r"last\s*\("):
            events = self.events(r"\)")
            self.need(r"\)")
            self.need(r"\.")
            name = self.name()
            return LastTerm(events, name, self.scope.field_type(events.groups, name))
        if self.take(r"latest\s*\("):
            path = self.path()
            self.need(",")
            window = self.window()
            self.need(r"\)")
            return LatestTerm(path, window, Type("quantity", self.scope.type_of(path).unit))
        path = self.path()
        return FactTerm(path, self.scope.type_of(path))

    def events(self, end: str) -> Events:
        groups = [slug(self.name())]
        while self.word("or"):
            groups.append(slug(self.name()))
        if not self.word("where"):
            return Events(tuple(groups))
        begin = self.at
        inner = Reader(self.text, self.scope.inside_events(groups))
        inner.at = self.at
        where = inner.either()
        self.at = inner.at
        return Events(tuple(groups), where, " ".join(self.text[begin : self.at].split()))

    def window(self) -> Window:
        if self.take("same day"):
            return Window("same day")
        if self.take("rolling"):
            n = int(self.need(r"\d+"))
            unit = self.need("days|weeks|months|years|day|week|month|year")
            return Window("rolling", n, unit, self.need("before|through"))
        return Window(self.need("calendar year|plan year|lifetime"), side=self.need("before|through"))

    def comparison(self, term: Term, compare: str) -> Atom:
        test = COMPARE[compare]
        if self.take(r"table\s*\("):
            name = self.name()
            self.need(",")
            path = self.path()
            self.need(r"\)")
            return self.table_comparison(term, compare, name, path)
        kind = term.type.kind
        if kind in ("choice", "text", "yes/no", "codes"):
            text = self.take(r'"[^"]*"')
            wanted = text.strip('"') if text else (self.take(r"\d+(?![\w.])") or self.path())
            key = f"{term.key} {compare} {wanted}"
            if kind == "yes/no":
                positive = wanted == "yes"
                return Atom(f"{term.key} = {wanted}", (term,), ((),), lambda ctx, v: v is positive)
            if kind == "codes":
                codes = code_test([wanted])
                return Atom(key, (term,), ((codes,),), lambda ctx, v: any(codes(c) for c in v))
            return Atom(key, (term,), ((wanted,),), lambda ctx, v: v == wanted)
        if kind == "date":
            day = day_of(self.need(r"\d{4}-\d\d-\d\d"))
            return Atom(f"{term.key} {compare} {day}", (term,), ((day,),), lambda ctx, v: test(v, day))
        number = self.need(r"-?\d+(?:\.\d+)?")
        unit = self.unit()
        key = f"{term.key} {compare} {number} {unit}"
        if kind == "since":
            n = int(number)

            def long_enough(ctx: Context, last: date | None) -> bool:
                return compare in (">=", ">") if last is None else test(ctx.day, add(last, unit, n))

            return Atom(key, (term,), ((("ago", n, unit),),), long_enough)
        limit = amount(number, unit or term.type.unit)
        cut = (limit.dimension, limit.lo)
        if term.type.is_time:

            def compared(ctx: Context, v: Any) -> bool:
                if isinstance(v, date):  # a birth date: age counts by calendar
                    return test(ctx.day, add(v, unit, int(number)))
                return test(v[limit.dimension == "months"], limit.lo)

            return Atom(key, (term,), ((cut,),), compared)
        return Atom(key, (term,), ((cut,),), lambda ctx, v: test(v, limit.lo))

    def table_comparison(self, term: Term, compare: str, name: str, path: str) -> Atom:
        rows = sorted(((amount(a), amount(b)) for a, b in self.scope.tables[slug(name)]), key=lambda r: r[0].lo)
        by = FactTerm(path, self.scope.type_of(path))
        test = COMPARE[compare]

        def compared(ctx: Context, v: Any, at: Any) -> bool | None:
            found = None
            for least, value in rows:
                if (at[least.dimension == "months"] if by.type.is_time else at) >= least.lo:
                    found = value
            if found is None:
                return None
            return test(v[found.dimension == "months"] if term.type.is_time else v, found.lo)

        cuts = tuple((b.dimension, b.lo) for _, b in rows), tuple((a.dimension, a.lo) for a, _ in rows)
        return Atom(f"{term.key} {compare} table({slug(name)}, {path})", (term, by), cuts, compared)

    def unit(self) -> str:
        rest = self.text[self.at :].lstrip()
        for unit in UNITS_LONGEST_FIRST:
            if rest.startswith(unit) and not re.match(r"[\w/]", rest[len(unit) :]):
                self.at = len(self.text) - len(rest) + len(unit)
                return unit
        return self.take(r"(?!(?:and|or|then)(?!\w))[A-Za-z][\w/]*") or ""

    def membership(self, term: Term) -> Atom:
        """`x in set`: sets by name, or codes, words and sets in brackets."""
        names: list[str] = []
        items: list[str] = []
        if self.take(r"\("):
            while True:
                text = self.take(r'"[^"]*"') or self.take(r"\d+(?![\w.])")
                if text:
                    items.append(text.strip('"'))
                else:
                    names.append(self.path())
                if not self.take(","):
                    break
            self.need(r"\)")
        else:
            names.append(self.name())
        is_open = False
        for name in names:
            members = self.scope.members(name)
            if members is None:
                items.append(name)  # a plain choice
            else:
                items += members[0]
                is_open = is_open or members[1]
        key = f"{term.key} in ({', '.join(sorted(items))}){' or more' if is_open else ''}"
        if term.type.kind == "codes":
            test = code_test(items, open=is_open)

            def holds(ctx: Context, v: tuple[str, ...]) -> bool | None:
                return any(test(c) for c in v) or (None if is_open else False)

            return Atom(key, (term,), ((test,),), holds)
        wanted = frozenset(items)
        return Atom(key, (term,), (tuple(sorted(wanted)),), lambda ctx, v: v in wanted or (None if is_open else False))


@dataclass
class Scope:
    """The names an expression may use."""

    types: Mapping[str, Type]
    fields: Mapping[tuple[str, str], Type]
    groups: Mapping[str, list[dict[str, str]]]
    sets: Mapping[str, tuple[list[str], bool]]
    tables: Mapping[str, list[tuple[str, str]]]

    def type_of(self, path: str) -> Type:
        return self.types.get(path) or BUILT_IN[path]

    def field_type(self, groups: Iterable[str], name: str) -> Type:
        return next(self.fields[(g, name)] for g in groups if (g, name) in self.fields)

    def inside_events(self, groups: list[str]) -> Scope:
        types = {name: t for g in reversed(groups) for (group, name), t in self.fields.items() if group == g}
        return Scope(types, {}, self.groups, self.sets, {})

    def members(self, name: str) -> tuple[list[str], bool] | None:
        if slug(name) in self.groups:
            return [row["code"] for row in self.groups[slug(name)] if row["code"]], False
        return self.sets.get(slug(name))


# --------------------------------------------------------------------------------------------- document parser


def slug(text: str) -> str:
    return re.sub(r"\s+", "-", text.strip().casefold())


def front_matter(text: str) -> tuple[dict[str, Any], str]:
    text = text.replace("\r\n", "\n")
    found = re.match(r"---\n(.*?\n)---\n", text, re.S)
    if not found:
        return {}, text
    head: dict[str, Any] = {}
    key = ""
    for line in found[1].splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if line[0] in " -":  # a block list or map under the key above
            if line.lstrip().startswith("- "):
                head[key] = head[key] or []
                head[key].append(scalar(line.lstrip()[2:]))
            else:
                head[key] = head[key] or {}
                name, value = line.strip().rsplit(":", 1)
                head[key][scalar(name)] = flow(value.strip())
            continue
        key, _, value = line.partition(":")
        key = scalar(key)
        head[key] = flow(value.strip())
    return head, text[found.end() :]


def scalar(text: str) -> str:
    text = text.strip()
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text


def flow(text: str) -> Any:
    """The little of YAML that front matter uses: scalars, [lists] and {maps}."""
    if text[:1] not in ("[", "{"):
        return scalar(text)
    closing, parts, depth, start = text[-1], [], 0, 1
    for i, c in enumerate(text):
        depth += c in "[{"
        depth -= c in "]}"
        if (c == "," and depth == 1) or (depth == 0 and c == closing):
            if text[start:i].strip():
                parts.append(text[start:i].strip())
            start = i + 1
    if text[0] == "[":
        return [flow(p) for p in parts]
    pairs = (
        p.split(":", 1) if p[0] not in "\"'" else [p[: p.index(p[0], 1) + 1], p[p.index(p[0], 1) + 1 :].lstrip(" :")]
        for p in parts
    )
    return {scalar(k): flow(v.strip()) for k, v in pairs}


def sections(body: str, marks: str = "##") -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    current: list[str] = []
    for line in body.splitlines():
        if line.startswith(marks + " "):
            current = found.setdefault(line[len(marks) :].strip(), [])
        else:
            current.append(line)
    return found


def tables(lines: list[str]) -> Iterator[list[dict[str, str]]]:
    """Pipe tables, rows by lower-case column name."""
    block: list[list[str]] = []
    for line in [*lines, ""]:
        if line.strip().startswith("|"):
            block.append([c.strip() for c in line.strip().strip("|").split("|")] if line.strip("| ") else [])
            continue
        if len(block) > 2:
            head = [c.casefold() for c in block[0]]
            yield [dict(zip(head, row + [""] * (len(head) - len(row)), strict=False)) for row in block[2:]]
        block = []


def bare(cell: str) -> str:
    return cell.strip().strip("`").strip()


@dataclass
class Item:
    text: str
    indent: int
    parts: list[Item] = field(default_factory=list)


@dataclass
class Rule:
    name: str
    services: list[str] | None = None
    when: Tree | None = None
    first_day: date = date.min
    last_day: date = date.max
    label: str = ""
    position: str = ""
    in_every_case: bool = False
    criteria: Tree | None = None  # None: a plain statement
    unless: Tree | None = None
    otherwise: str | None = None  # canonical
    literals: list[tuple[Atom | Question, bool]] = field(default_factory=list)  # bool: negated
    when_node: Any = None
    body_node: Any = None


@dataclass
class Version:
    policy: str
    path: str
    first: date
    known_from: date
    archived: bool
    withdraws: list[date]
    head: dict[str, Any]
    groups: dict[str, list[dict[str, str]]]
    rules: list[Rule]
    _codes: dict[str, set[str]] = field(default_factory=dict)

    def codes_of(self, group: str) -> set[str]:
        if group not in self._codes:
            self._codes[group] = {row["code"] for row in self.groups.get(group, [])}
        return self._codes[group]

    def governed_groups(self, case: Mapping[str, Any], system: str | None) -> set[str]:
        """The groups that name the case's service."""
        if not case.get("code"):
            wanted = slug(str(case.get("service") or ""))
            return {g for g, rows in self.groups.items() if g == wanted and any(r["role"] == "governed" for r in rows)}
        return {
            g
            for g, rows in self.groups.items()
            if any(r["role"] == "governed" and r["code"] == case["code"] and r["system"] == system for r in rows)
        }


@dataclass
class Provision:
    source: str
    kind: str  # contract, mandate
    rank: int
    effect: str
    system: str
    code_or_group: str
    position: str
    first_day: date
    last_day: date
    known_from: date
    when: Tree | None
    head: dict[str, Any]


@dataclass
class Library:
    types: dict[str, Type] = field(default_factory=dict)
    fields: dict[tuple[str, str], Type] = field(default_factory=dict)
    policies: dict[str, list[Version]] = field(default_factory=dict)
    provisions: list[Provision] = field(default_factory=list)
    contracts: set[str] = field(default_factory=set)
    plans: list[dict[str, str]] = field(default_factory=list)
    lines: tuple[str, ...] = LINES

    def plan_row(self, plan: Any, day: date) -> dict[str, str] | None:
        for row in self.plans:
            if (
                row["plan"] == plan
                and not (row.get("from") and day_of(row["from"]) > day)
                and not (row.get("to") and day_of(row["to"]) < day)
            ):
                return row
        return None

    def plan_year_start(self, plan: Any, day: date) -> tuple[int, int] | None:
        row = self.plan_row(plan, day) if plan else None
        text = (row or {}).get("plan year starts", "")
        if found := re.fullmatch(r"(?:--)?(\d\d)-(\d\d)", text):
            return int(found[1]), int(found[2])
        if found := re.fullmatch(r"([A-Z][a-z]+) (\d+)", text):
            return list(calendar.month_name).index(found[1]), int(found[2])
        return None


def load(files: Mapping[str, str]) -> Library:
    """A library from relative paths and texts; valid documents only."""
    library = Library()
    files = {path.removeprefix("policies/"): text for path, text in files.items()}
    if "facts.md" in files:
        read_facts(files["facts.md"].splitlines(), library.types, library.fields)
    if "plans.md" in files:
        library.plans = [
            {k: bare(v) for k, v in row.items()} for table in tables(files["plans.md"].splitlines()) for row in table
        ]
    if "medpol.toml" in files:
        declared = tomllib.loads(files["medpol.toml"]).get("lines_of_business", [])
        library.lines = (*LINES, *(line_name(x) for x in declared if line_name(x) not in LINES))
    for path, text in sorted(files.items()):
        if re.search(r"/\d{4}-\d\d-\d\d(\.\d{4}-\d\d-\d\d)?\.md$", path):
            version = read_version(path, text, library)
            if version:
                library.policies.setdefault(version.policy, []).append(version)
        elif path.startswith(("contracts/", "mandates/")) and path.endswith(".md"):
            read_provisions(text, library)
    return library


def read_facts(lines: list[str], types: dict[str, Type], fields: dict[tuple[str, str], Type]) -> None:
    for table in tables(lines):
        for row in table:
            unit = row.get("unit or choices", "")
            kind = row.get("type", "")
            choices = tuple(bare(c) for c in unit.split(",")) if kind == "choice" else ()
            made = Type(kind, "" if choices else bare(unit), choices)
            if "fact" in row:
                types[bare(row["fact"])] = made
            elif "field" in row:
                for group in row["group"].split(","):
                    fields[(slug(bare(group)), bare(row["field"]))] = made


def read_version(path: str, text: str, library: Library) -> Version | None:
    head, body = front_matter(text)
    archived = "archived" in head
    first = head.get("archived") or head.get("effective") or ""
    known = head.get("published") or head.get("row date") or ""
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", first) or not re.fullmatch(r"\d{4}-\d\d-\d\d", known):
        return None  # a draft
    parts = {slug(name): lines for name, lines in sections(body).items()}
    groups: dict[str, list[dict[str, str]]] = {}
    for table in tables(parts.get("coding", [])):
        for row in table:
            groups.setdefault(slug(bare(row["group"])), []).append(
                {
                    "system": bare(row["system"]).casefold(),
                    "code": bare(row["code"]),
                    "role": bare(row["role"]).casefold(),
                    "from": bare(row.get("from", "")),
                    "to": bare(row.get("to", "")),
                }
            )
    scope = Scope(dict(library.types), library.fields, groups, {}, {})
    read_definitions(parts.get("definitions", []), scope)
    positions = {label.casefold(): canonical for label, canonical in (head.get("positions") or {}).items()}
    criteria = parts.get("policy-coverage-criteria", [])
    rules = []
    headings = [(slug(n), lines) for n, lines in sections("\n".join(criteria), "###").items()]
    if not archived:
        for name, lines in headings or [("criteria", criteria)]:
            rules.append(read_rule(name, lines, scope, positions))
        number_literals(rules)
    return Version(
        head["policy"],
        path,
        day_of(first),
        day_of(known),
        archived,
        [day_of(d) for d in head.get("withdraws") or ()],
        head,
        groups,
        rules,
    )


def read_definitions(lines: list[str], scope: Scope) -> None:
    heading = ""
    for line in lines:
        found = re.match(r"\s*[-*+] `([^`]+)`(.*)$", line)
        if found:
            is_open = "including but not limited to" in found[2].casefold()
            scope.sets[slug(found[1])] = (re.findall(r"`([^`]+)`", found[2]), is_open)  # type: ignore[index]
    for heading, inner in sections("\n".join(lines), "###").items():
        if slug(heading) == "facts":
            read_facts(inner, scope.types, {})  # type: ignore[arg-type]
            continue
        for table in tables(inner):
            scope.tables[slug(bare(heading))] = [tuple(bare(c) for c in list(row.values())[:2]) for row in table]  # type: ignore[index, misc]


def read_rule(name: str, lines: list[str], scope: Scope, positions: Mapping[str, str]) -> Rule:
    rule = Rule(name)
    list_of: Callable[[Tree], None] = lambda tree: None  # noqa: E731
    pending: list[Item] = []
    head = ""

    def finish() -> None:
        nonlocal pending
        if pending:
            list_of(structure(head, [leaf(i) for i in pending]))
        pending = []

    def leaf(item: Item) -> Tree:
        words, code = split_code(item.text)
        if item.parts:
            tree = structure(words, [leaf(p) for p in item.parts])
            if code:
                guard, _ = Reader(code, scope).start()
                tree = any_of([("not", guard), tree])
            return tree
        return expression(words, code)

    def expression(words: str, code: str | None) -> Tree:
        if code:
            return Reader(code, scope).start()[0]
        return ("leaf", Question(f"{name}/{sentence_hash(words)}", normal_words(words)))

    def set_criteria(tree: Tree) -> None:
        rule.criteria = tree

    def set_unless(tree: Tree) -> None:
        rule.unless = tree

    for line in lines:
        stripped = line.strip()
        item = re.match(r"(\s*)(?:[-*+]|\d+[.)])\s+(.*)$", line)
        if item:
            made = Item(item[2].strip(), len(item[1]))
            parent, level = None, pending
            while level and level[-1].indent < made.indent:
                parent, level = level[-1], level[-1].parts
            (parent.parts if parent else pending).append(made)
            continue
        if not stripped:
            continue
        finish()
        if stripped.startswith(">"):
            continue
        if stripped.startswith("Services:"):
            rule.services = [slug(s) for s in re.findall(r"`([^`]+)`", stripped)]
        elif stripped.startswith("When:"):
            rule.when = Reader(split_code(stripped)[1] or "", scope).start()[0]
        elif stripped.startswith("Dates of service:"):
            for word, text in re.findall(r"(from|after|to|before) (\d{4}-\d\d-\d\d)", stripped):
                day = day_of(text)
                if word in ("from", "after"):
                    rule.first_day = day + timedelta(days=word == "after")
                else:
                    rule.last_day = day - timedelta(days=word == "before")
        elif stripped.startswith("Approved for:"):
            pass
        elif stripped.startswith("Otherwise "):
            rule.otherwise = canonical(re.search(r"\*\*(.+?)\*\*", stripped)[1], positions)  # type: ignore[index]
        elif stripped.startswith("Unless"):
            words, code = split_code(stripped)
            if words.endswith(":"):
                head, list_of = words, set_unless
            else:
                rule.unless = expression(words, code)
        elif "**" in stripped:
            rule.label = re.search(r"\*\*(.+?)\*\*", stripped)[1]  # type: ignore[index]
            rule.position = canonical(rule.label, positions)
            rule.in_every_case = "in every case" in re.sub(r"\*\*.+?\*\*", "", stripped).casefold()
            words, code = split_code(stripped)
            if words.endswith(":"):
                head, list_of = words, set_criteria
            elif code:
                rule.criteria = Reader(code, scope).start()[0]
        else:
            raise ValueError(f"{name}: {stripped}")
    finish()
    return rule


def split_code(text: str) -> tuple[str, str | None]:
    found = re.fullmatch(r"(.*?)\s*`([^`]+)`\s*[.;,]?\s*(?:and|or)?", text)
    return (found[1].strip(), found[2]) if found else (text.strip(), None)


NUMBERS = {
    w: i for i, w in enumerate(["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"], 1)
}


def structure(head: str, parts: list[Tree]) -> Tree:
    found = re.search(r"\b(all of|any of|none of|at least (\w+) of)\s+(?:these|the following)\b", head, re.I)
    word = found[1].casefold()  # type: ignore[index]
    if word == "all of":
        return ("gate", "all", len(parts), parts)
    if word == "any of":
        return ("gate", "any", 1, parts)
    if word == "none of":
        return ("not", ("gate", "any", 1, parts))
    n = found[2].casefold()  # type: ignore[index]
    return ("gate", "at least", NUMBERS.get(n) or int(n), parts)


def canonical(label: str, positions: Mapping[str, str]) -> str:
    label = " ".join(label.strip().rstrip(".:;,").casefold().split())
    found = positions.get(label) or POSITION_OF_LABEL.get(label)
    return slug(found).replace("-", "_") if found else label.replace(" ", "_")


def normal_words(sentence: str) -> str:
    """The sentence without code span, end punctuation and trailing and/or; NFC, casefold, one space."""
    text = sentence.strip()
    while True:
        shorter = re.sub(r"(?:[.;,]|\s+(?:and|or))$", "", text).rstrip()
        if shorter == text:
            break
        text = shorter
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def sentence_hash(sentence: str) -> str:
    return hashlib.sha256(normal_words(sentence).encode()).hexdigest()[:8]


def number_literals(rules: list[Rule]) -> None:
    """Push `not` to the leaves; number the literals When, criteria, unless; write criteria(rule) out."""
    by_name = {rule.name: rule for rule in rules}

    def body_of(rule: Rule) -> Tree:
        if rule.criteria is None:
            return ("gate", "all", 0, [])
        return any_of([rule.criteria] + ([rule.unless] if rule.unless else []))

    def place(tree: Tree, negated: bool, rule: Rule) -> Any:
        match tree:
            case ("leaf", leaf):
                rule.literals.append((leaf, negated))
                return len(rule.literals) - 1
            case ("not", inner):
                return place(inner, not negated, rule)
            case ("criteria", name):
                return place(body_of(by_name[slug(name)]), negated, rule)
            case ("gate", _, k, parts):
                # not (k of n)  =  n-k+1 of n, each negated
                return (len(parts) - k + 1 if negated else k, [place(p, negated, rule) for p in parts])
        raise ValueError(tree)

    for rule in rules:
        rule.when_node = None if rule.when is None else place(rule.when, False, rule)
        rule.body_node = place(body_of(rule), False, rule)


def read_provisions(text: str, library: Library) -> None:
    head, body = front_matter(text)
    kind = "contract" if "contract" in head else "mandate"
    names = {"law": 1, "contract": 2, "medicare source": 3, "policy": 4}
    rank = str(head.get("rank") or {"contract": 2, "mandate": 1}[kind]).casefold()
    rank_number = names.get(rank) or int(rank)
    if kind == "contract":
        library.contracts.add(head["contract"])
    head.setdefault("lines of business", head.get("lines"))
    scope = Scope(library.types, library.fields, {}, {}, {})
    for table in tables(sections(body).get("Provisions", [])):
        for row in table:
            cell = {k: bare(v) for k, v in row.items()}
            known = cell.get("published") or head.get("published") or head.get("effective")
            starts = [day_of(d) for d in (cell.get("from"), head.get("effective")) if d]
            ends = [day_of(d) for d in (cell.get("to"), head.get("ends")) if d]
            library.provisions.append(
                Provision(
                    head[kind],
                    kind,
                    rank_number,
                    cell["effect"].casefold(),
                    cell.get("system", "").casefold(),
                    cell.get("code or group", ""),
                    canonical(cell["position"], {}) if cell.get("position") else "",
                    max(starts, default=date.min),
                    min(ends, default=date.max),
                    day_of(known) if known else date.min,
                    Reader(cell["when"], scope).start()[0] if cell.get("when") else None,
                    head,
                )
            )


# ------------------------------------------------------------------------------------------------ determination


def line_name(text: Any) -> str:
    return re.sub(r"[\s-]+", "_", str(text).strip().casefold())


def in_scope(scope: Any, value: str, *, lines: bool = False) -> bool:
    """Is a line, state or plan inside {in, out}? A bare list is an `in`. No scope: inside."""
    if not scope:
        return True
    if not isinstance(scope, dict):
        scope = {"in": scope}
    named = {k: {line_name(x) for x in ([v] if isinstance(v, str) else v)} for k, v in scope.items()}
    value = line_name(value)
    if value in named.get("out", ()):
        return False
    if "in" in named:
        return value in named["in"]
    return not (lines and value in MEDICARE)


def scope_names(scope: Any) -> set[str]:
    if not scope:
        return set()
    lists = scope.values() if isinstance(scope, dict) else [scope]
    return {str(x) for items in lists for x in ([items] if isinstance(items, str) else items)}


@dataclass(frozen=True)
class Answer:
    """One way a source, or the whole case, may come out."""

    outcome: str
    key: str
    positions: frozenset[str] = frozenset()
    policy: str | None = None
    version: str | None = None
    exact: bool = True  # the pages say which key; else the oracle chose one

    @property
    def position(self) -> str | None:
        speaks = self.outcome in ("covered", "not_covered", "refer")
        return next(iter(self.positions)) if speaks and len(self.positions) == 1 else None


def determine(library: Library, case: Mapping[str, Any], known_on: date) -> dict[str, Any]:
    """The determination of one case. ``loose`` names the keys whose value the pages leave open here."""
    return _Run(library, case, known_on).result()


class _Run:
    """One case on one day, with the searches' substitutions."""

    def __init__(self, library: Library, case: Mapping[str, Any], known_on: date):
        self.library, self.known_on = library, known_on
        self.day = day_of(case["date_of_service"])
        self.case = self.filled(dict(case))
        self.policies: dict[str, list[Version]] = {}
        self.system = self.code_system()
        for policy, versions in sorted(library.policies.items()):
            known = [v for v in versions if v.known_from <= known_on]
            if any(v.governed_groups(self.case, self.system) for v in known):
                self.policies[policy] = known

    def filled(self, case: dict[str, Any]) -> dict[str, Any]:
        """The case with what its plan says, and its lists as they should be."""
        row = self.library.plan_row(case.get("plan"), self.day) if case.get("plan") else None
        if row:
            for key, column in (
                ("line_of_business", "line of business"),
                ("contract", "contract"),
                ("funding", "funding"),
            ):
                if row.get(column):
                    case.setdefault(key, row[column])
            states = [s.strip() for s in row.get("states", "").split(",") if s.strip()]
            if len(states) == 1:
                case.setdefault("state", states[0])
        if case.get("contract") and case["contract"] not in self.library.contracts:
            raise ValueError(f"unknown contract {case['contract']!r}")
        for event in case.get("history") or ():
            event["date"]
        return case

    def code_system(self) -> str | None:
        code = self.case.get("code")
        if not code:
            return None
        if self.case.get("code_system"):
            return str(self.case["code_system"]).casefold()
        fitting = {s for s, shape in SHAPES.items() if re.fullmatch(shape, code, re.ASCII)} | {"local", "therapy"}
        held = {
            r["system"]
            for vs in self.library.policies.values()
            for v in vs
            for rows in v.groups.values()
            for r in rows
            if r["code"] == code and r["system"] in fitting
        } | {p.system for p in self.library.provisions if p.code_or_group == code and p.system in fitting}
        if len(held) > 1:
            raise ValueError(f"{code}: which of {sorted(held)}?")
        return next(iter(held), next(iter(sorted(fitting - {"local", "therapy"})), "malformed"))

    # -- the answer --------------------------------------------------------------------------------------

    def result(self) -> dict[str, Any]:
        facts, documented, assumed = self.facts()
        result = self.decide({}, {}, facts)
        if assumed and result["outcome"] != "covered":
            result = self.decide({}, {}, documented, without=assumed)
        return result

    def facts(self) -> tuple[dict[str, Any], dict[str, Any], set[str]]:
        """All facts, those documented, and the names of the assumed: a map of values, or a list of names among facts."""
        given, assumed = dict(self.case.get("facts") or {}), self.case.get("assumed") or ()
        if isinstance(assumed, dict):
            return given | assumed, given, set(assumed) - set(given)
        return given, {k: v for k, v in given.items() if k not in assumed}, set(assumed)

    def decide(
        self, given: dict[str, Any], answers: dict[str, bool], facts: Mapping[str, Any], without: Iterable[str] = ()
    ) -> dict[str, Any]:
        case = {k: v for k, v in self.case.items() if k not in without and k not in {CASE_KEYS.get(w) for w in without}}
        self.bits: dict[tuple[str, str, str], dict[str, Any]] = {}
        self.contexts: dict[str, Context] = {}
        self.spoken: dict[str, tuple[list[Answer], list[int]]] = {}

        def context(version: Version | None) -> Context:
            key = version.path if version else ""
            if key not in self.contexts:
                self.contexts[key] = Context(
                    self.library, version, case, self.day, facts, given, self.all_answers(answers)
                )
            return self.contexts[key]

        self.context = context
        early = self.before_any_source()
        if early:
            return self.printed({early}, None)
        dims = self.open_dimensions()
        branches = [
            (combination, self.branch(dict(combination)))
            for combination in product(*([(d, v) for v in values] for d, values in dims))
        ]
        outcomes = [self.outcome_of(answers) for _, (answers, _) in branches]
        authorizations = {a for _, (_, a) in branches}
        required = authorizations.pop() if len(authorizations) == 1 else None
        if len(set(outcomes)) == 1:
            return self.printed(
                {a for _, (answers, _) in branches for a in answers}, required, several=len(branches) > 1
            )
        keys = {
            "line_of_business": "line-of-business-unknown",
            "state": "state-unknown",
            "plan": "plan-unknown",
            "funding": "plan-unknown",
        }
        matters = None
        for i, (dimension, _) in enumerate(dims):  # the first that matters by itself
            by_rest: dict[Any, set[str]] = {}
            for (combination, _), outcome in zip(branches, outcomes, strict=True):
                by_rest.setdefault(combination[:i] + combination[i + 1 :], set()).add(outcome)
            if matters is None and any(len(o) > 1 for o in by_rest.values()):
                matters = keys[dimension]
        policy = {(a.policy, a.version) for _, (answers, _) in branches for a in answers if a.policy}
        one = next(iter(policy)) if len(policy) == 1 else (None, None)
        return self.printed(
            {Answer("information_needed", matters or keys[dims[0][0]], frozenset(), *one)},
            required,
            several=len(policy) != 1,
        )

    def all_answers(self, more: Mapping[str, bool]) -> dict[str, bool]:
        """Answers by criterion id; words are matched to the sentences of the rules held."""
        given = dict(self.case.get("answers") or {})
        if not given and not more:
            return {}
        out = {k: v for k, v in given.items() if re.fullmatch(r"[^/\s]+/[0-9a-f]{8}", k)}
        words = {normal_words(k): v for k, v in given.items() if k not in out}
        for versions in self.policies.values():
            for version in versions:
                for rule in version.rules:
                    for leaf, _ in rule.literals:
                        if isinstance(leaf, Question) and leaf.words in words:
                            out[leaf.key] = words[leaf.words]
        return out | dict(more)

    def outcome_of(self, answers: set[Answer]) -> str:
        outcomes = {a.outcome for a in answers}
        return outcomes.pop() if len(outcomes) == 1 else "information_needed"

    def printed(self, answers: set[Answer], required: bool | None, *, several: bool = False) -> dict[str, Any]:
        ordered = sorted(answers, key=lambda a: (a.outcome, a.key, sorted(a.positions), str(a.policy), str(a.version)))
        outcome = self.outcome_of(answers)
        loose = set()
        if len({a.outcome for a in answers}) > 1:
            key, position = "facts-missing", None
        elif outcome == "not_addressed":
            key, position = min((a.key for a in answers), key=NOT_ADDRESSED_ORDER.index), None
        else:
            key = ordered[0].key
            positions = {a.position for a in answers}
            position = positions.pop() if len(positions) == 1 else None
            if len({a.key for a in answers}) > 1 or not all(a.exact for a in answers):
                loose.add("reason_key")
            if len({a.positions for a in answers}) > 1:
                loose.add("position")
        explaining = [a for a in ordered if outcome != "not_addressed" or a.key == key]
        who = sorted({(a.policy, a.version) for a in explaining}, key=lambda w: (w[0] is None, str(w)))
        if len(who) > 1 or several:
            loose |= {"policy", "version"}
        if several and len({(a.key, a.positions) for a in answers}) > 1:
            loose |= {"reason_key", "position"}
        if outcome == "information_needed" and len(self.policies) > 1:
            loose |= {"policy", "version"}
        if key in ("code-not-yet-valid", "code-ended") or (
            who[0][0] is None and key not in ("no-policy-names-code", "code-malformed", "no-service-code")
        ):
            loose |= {"policy", "version"}
        return {
            "outcome": outcome,
            "position": position,
            "reason_key": key,
            "policy": who[0][0],
            "version": who[0][1],
            "authorization_required": required,
            "rules": [self.bits[k] for k in sorted(self.bits)],
            "loose": sorted(loose),
        }

    def before_any_source(self) -> Answer | None:
        code = self.case.get("code")
        if not code:
            return None if self.case.get("service") else Answer("not_addressed", "no-service-code")
        shape = SHAPES.get(
            self.system or "",
            r".+" if self.system in ("local", "therapy") or self.system not in (None, "malformed") else r"(?!)",
        )
        if not re.fullmatch(shape, code, re.ASCII):
            return Answer("not_addressed", "code-malformed")
        rows = [
            (policy, r)
            for policy, versions in self.policies.items()
            for v in versions
            for rows in v.groups.values()
            for r in rows
            if r["role"] == "governed" and r["code"] == code and r["system"] == self.system
        ]
        starts = [day_of(r["from"]) for _, r in rows if r["from"]]
        ends = [day_of(r["to"]) for _, r in rows if r["to"]]
        policy = min((p for p, _ in rows), default=None)
        if starts and self.day < min(starts):
            return Answer("not_addressed", "code-not-yet-valid", policy=policy)
        start = max((s for s in starts if s <= self.day), default=date.min)
        later = [e for e in ends if e >= start]
        if later and self.day > max(later):
            return Answer("not_addressed", "code-ended", policy=policy)
        return None

    # -- lines, states, plans nobody named ----------------------------------------------------------------

    def open_dimensions(self) -> list[tuple[str, list[str]]]:
        heads = [self.explaining(vs)[0].head for vs in self.policies.values()] + [
            p.head for p in self.library.provisions if p.kind == "mandate" and self.names_service(p)
        ]
        dims = []
        if not self.case.get("line_of_business") and any(h.get("lines of business") for h in heads):
            dims.append(("line_of_business", list(self.library.lines)))
        for dimension, key in (("state", "states"), ("plan", "plans")):
            named = sorted({n for h in heads for n in scope_names(h.get(key))})
            if named and not self.case.get(dimension):
                dims.append((dimension, [*named, "\0another"]))
        if not self.case.get("funding") and any(h.get("funding") for h in heads):
            dims.append(("funding", ["insured", "self-funded"]))
        return dims

    def branch(self, assumed: dict[str, str]) -> tuple[set[Answer], bool | None]:
        """All final answers for one line, state and plan, and whether authorisation is required."""
        where = {k: self.case.get(k) or assumed.get(k) for k in ("line_of_business", "state", "plan", "funding")}
        per_policy = [self.policy_answers(versions, where) for versions in self.policies.values()]
        acting = [p for p in self.library.provisions if self.applies(p, where)]
        truths = [MET if p.when is None else judge(p.when, self.context(None)) for p in acting]
        choices = [{MET: [True], NOT_MET: [False], UNKNOWN: [True, False]}[t] for t in truths]
        finals = {
            self.combined(list(policies), [p for p, on in zip(acting, acts, strict=True) if on])
            for policies in product(*(answers for answers, _ in per_policy))
            for acts in product(*choices)
        }
        return finals, self.authorization([a for _, a in per_policy], list(zip(acting, truths, strict=True)))

    def authorization(self, said: list[list[int]], provisions: list[tuple[Provision, int]]) -> bool | None:
        truths = [t for rules in said for t in rules]
        stated = [(p, t) for p, t in provisions if "authori" in p.effect and not p.position]
        for rank in sorted({p.rank for p, _ in stated}):
            at_rank = [(p.effect.startswith("needs"), t) for p, t in stated if p.rank == rank]
            if any(t == UNKNOWN for _, t in at_rank):
                return None
            said_here = {needs for needs, t in at_rank if t == MET}
            if said_here:
                return said_here.pop() if len(said_here) == 1 else None
        if MET in truths:
            return True
        return None if UNKNOWN in truths or not truths else False

    # -- one policy -----------------------------------------------------------------------------------------

    def explaining(self, versions: list[Version]) -> tuple[Version, str | None]:
        """The version that explains the answer, and why it does not rule, if it does not."""
        held = [
            v
            for v in versions
            if not any(o is not v and v.first in o.withdraws and o.known_from >= v.known_from for o in versions)
        ]
        begun = [v for v in held if v.first <= self.day]
        in_force = max(begun, key=lambda v: (v.first, v.known_from), default=None)
        if in_force and not in_force.archived:
            return in_force, None
        noticed = [
            v for v in held if not v.archived and v.first > self.day and v.known_from <= min(self.day, self.known_on)
        ]
        if noticed:
            return min(noticed, key=lambda v: (v.first, -v.known_from.toordinal())), "in-notice"
        if in_force:
            return in_force, "archived"
        return min(held or versions, key=lambda v: (v.first, v.known_from)), "no-version-yet"

    def policy_answers(
        self, versions: list[Version], where: Mapping[str, str | None]
    ) -> tuple[list[Answer], list[int]]:
        version, why_not = self.explaining(versions)
        about = {"policy": version.policy, "version": version.first.isoformat()}
        for key, name, reason in (
            ("line_of_business", "lines of business", "line-of-business-out-of-scope"),
            ("state", "states", "state-out-of-scope"),
            ("plan", "plans", "plan-out-of-scope"),
        ):
            if where[key] and not in_scope(version.head.get(name), where[key] or "", lines=key == "line_of_business"):
                return [Answer("not_addressed", reason, **about)], []
        if why_not:
            return [Answer("not_addressed", why_not, **about)], []
        groups = version.governed_groups(self.case, self.system)
        if not groups:
            return [Answer("not_addressed", "no-rule-applies", **about)], []
        outside = self.diagnosis_outside(version)
        answers, authorizations = [], []
        if outside != MET:
            answers, authorizations = self.rule_answers(version, groups)
        if outside != NOT_MET:
            answers = [*answers, Answer("refer", "diagnosis-outside", **about)]
        return list(dict.fromkeys(answers)), authorizations

    def diagnosis_outside(self, version: Version) -> int:
        """Is every diagnosis in a group where the policy does not speak?"""
        excluded = excluded_diagnoses(version)
        if excluded is None:
            return NOT_MET
        value = FactTerm("diagnosis", BUILT_IN["diagnosis"]).value(self.context(version))
        if value is None:
            return UNKNOWN
        if not value:
            return NOT_MET
        return min(MET if excluded(c) else UNKNOWN if is_malformed(c) else NOT_MET for c in value)

    def rule_answers(self, version: Version, groups: set[str]) -> tuple[list[Answer], list[int]]:
        if version.path in self.spoken:
            return self.spoken[version.path]
        ctx = self.context(version)
        about = {"policy": version.policy, "version": version.first.isoformat()}
        rules = [r for r in version.rules if not r.services or groups & set(r.services)]
        today = [r for r in rules if r.first_day <= self.day <= r.last_day]
        judged = []
        for rule in today:
            bits = [self.literal(leaf, negated, ctx) for leaf, negated in rule.literals]
            self.bits[(version.policy, version.first.isoformat(), rule.name)] = {
                **about,
                "rule": rule.name,
                "T": sum(1 << i for i, b in enumerate(bits) if b == MET),
                "U": sum(1 << i for i, b in enumerate(bits) if b == UNKNOWN),
            }
            judged.append(
                (
                    rule,
                    MET if rule.when_node is None else node_truth(rule.when_node, bits),
                    node_truth(rule.body_node, bits),
                    bits,
                )
            )
        speaking = [j for j in judged if j[0].position != "authorization_only"]
        answers: list[Answer]
        if any(r.position != "authorization_only" for r in rules) and not speaking:
            answers = [Answer("refer", "text-ambiguous", **about)]
        else:
            answers = []
            patterns = self.when_patterns(speaking, ctx)
            if patterns is None:
                answers = [Answer(o, "facts-missing", **about) for o in ANY_OUTCOME]
            for pattern in patterns or ():
                live = [(rule, truth) for (rule, _, truth, _), on in zip(speaking, pattern, strict=True) if on]
                for truths in product(*({MET: [True], NOT_MET: [False], UNKNOWN: [True, False]}[t] for _, t in live)):
                    answers.append(self.voices([(r, t) for (r, _), t in zip(live, truths, strict=True)], ctx, about))
        authorizations = [
            gate(2, [when, truth]) for rule, when, truth, _ in judged if rule.position == "authorization_only"
        ]
        self.spoken[version.path] = list(dict.fromkeys(answers)), authorizations
        return self.spoken[version.path]

    def literal(self, leaf: Atom | Question, negated: bool, ctx: Context) -> int:
        truth = judge(("leaf", leaf), ctx)
        return MET - truth if negated else truth

    def when_patterns(
        self, judged: list[tuple[Rule, int, int, list[int]]], ctx: Context
    ) -> set[tuple[bool, ...]] | None:
        """Which rules' Whens can hold together: over the joint cells of the facts in them."""
        waiting: dict[str, Atom] = {}
        for rule, when, _, _ in judged:
            if when == UNKNOWN:
                for leaf in atoms_of(rule.when):
                    if isinstance(leaf, Atom) and judge_atom(leaf, ctx) == UNKNOWN:
                        waiting[leaf.key] = leaf
        terms: dict[str, tuple[Term, list[Any]]] = {}
        for atom in waiting.values():
            for term, cuts in zip(atom.terms, atom.cuts, strict=True):
                terms.setdefault(term.key, (term, []))[1].extend(cuts)
        spaces = [term.space(ctx, list(dict.fromkeys(cuts))) for term, cuts in terms.values()]
        total = 1
        for space in spaces:
            total *= len(space)
        if total > 4096:
            return None
        patterns = set()
        for values in product(*spaces):
            world = dict(zip(terms, values, strict=True))
            seen = {k: a.holds(ctx, *(world[t.key] for t in a.terms)) for k, a in waiting.items()}
            undecided = [k for k, v in seen.items() if v is None]  # a miss in an open set is either
            for guess in product((True, False), repeat=len(undecided)):
                fixed = seen | dict(zip(undecided, guess, strict=True))
                pattern = []
                for rule, when, _, bits in judged:
                    if when == UNKNOWN:
                        settled = [
                            (MET if fixed[leaf.key] != negated else NOT_MET) if leaf.key in fixed else bit
                            for (leaf, negated), bit in zip(rule.literals, bits, strict=True)
                        ]
                        when = node_truth(rule.when_node, settled)
                    pattern.append(when == MET)
                patterns.add(tuple(pattern))
        return patterns

    def voices(self, rules: list[tuple[Rule, bool]], ctx: Context, about: dict[str, str]) -> Answer:
        """What the rules whose When holds say together, each met or not met."""
        said: list[tuple[str, str, str, bool]] = []  # outcome, key, canonical position, in every case
        silent = False
        for rule, met in rules:
            position = rule.position if met else rule.otherwise
            if position is None:
                silent = silent or rule.position in FAVOURABLE
                continue
            outcome = outcome_of_position(position)
            key = REFER_KEYS.get(position) or (
                "position-unconditional" if rule.criteria is None else "criteria-met" if met else "criteria-not-met"
            )
            if position == "evidence_development":
                enrolled = FactTerm("evidence_development.enrolled", Type("yes/no")).value(ctx)
                if enrolled:
                    outcome, key = "covered", "criteria-met" if rule.criteria is not None else "position-unconditional"
            said.append((outcome, key, position, rule.in_every_case))
        if any(s[2] == "refer" for s in said):
            return Answer("refer", "text-orders-review", frozenset({"refer"}), **about)
        if len({s[0] for s in said}) > 1 and any(s[3] for s in said):
            said = [s for s in said if s[3]]
        positions = frozenset(s[2] for s in said)
        if len({s[0] for s in said}) > 1:
            return Answer("refer", "text-ambiguous", positions, **about)
        if said:
            return Answer(said[0][0], said[0][1], positions, **about, exact=len({s[1] for s in said}) == 1)
        if silent:
            return Answer("not_covered", "criteria-not-met", **about)
        return Answer("not_addressed", "no-rule-applies", **about)

    # -- contracts, mandates and the whole -------------------------------------------------------------------

    def names_service(self, provision: Provision) -> bool:
        if provision.position:
            return True
        if provision.system:
            return (
                bool(self.case.get("code"))
                and provision.code_or_group == self.case["code"]
                and provision.system == self.system
            )
        group = slug(provision.code_or_group)
        if not self.case.get("code"):
            return group == slug(str(self.case.get("service") or ""))
        return any(
            r["code"] == self.case["code"] and r["system"] == self.system
            for vs in self.library.policies.values()
            for v in vs
            if v.known_from <= self.known_on
            for r in v.groups.get(group, ())
        )

    def applies(self, p: Provision, where: Mapping[str, str | None]) -> bool:
        if not (p.first_day <= self.day <= p.last_day and p.known_from <= self.known_on and self.names_service(p)):
            return False
        if p.kind == "contract" and self.case.get("contract") != p.source:
            return False
        if p.head.get("funding") and where["funding"] and line_name(p.head["funding"]) != line_name(where["funding"]):
            return False
        return all(
            not where[key] or in_scope(p.head.get(name), where[key] or "", lines=key == "line_of_business")
            for key, name in (("line_of_business", "lines of business"), ("state", "states"), ("plan", "plans"))
        )

    def combined(self, policies: list[Answer], provisions: list[Provision]) -> Answer:
        merged = merge(policies)
        by_rank: dict[int, list[Answer]] = {}
        if merged.outcome != "not_addressed":
            by_rank[4] = [merged]
        for p in provisions:
            if p.effect not in ("covers", "excludes") or (p.position and p.position not in merged.positions):
                continue
            verb = {"covers": "covered", "excludes": "excluded"}[p.effect]
            key = "medicare-source" if p.kind == "mandate" and p.rank == 3 else f"{verb}-by-{p.kind}"
            by_rank.setdefault(p.rank, []).append(Answer("covered" if p.effect == "covers" else "not_covered", key))
        if not by_rank:
            return merged
        return merge(by_rank[min(by_rank)])


def outcome_of_position(position: str) -> str:
    if position in FAVOURABLE:
        return "covered"
    return "refer" if position in REFER_KEYS else "not_covered"


def merge(answers: list[Answer]) -> Answer:
    """Answers of one rank together."""
    said = [a for a in answers if a.outcome != "not_addressed"]
    if not answers:
        return Answer("not_addressed", "no-policy-names-code")
    if not said:
        key = min((a.key for a in answers), key=NOT_ADDRESSED_ORDER.index)
        same = [a for a in answers if a.key == key]
        return same[0] if len(same) == 1 else Answer("not_addressed", key)  # several explain it equally
    first = said[0]
    if len(said) == 1:
        return first
    positions = frozenset(p for a in said for p in a.positions)
    who = (first.policy, first.version) if len({a.policy for a in said}) == 1 else (None, None)
    if len({a.outcome for a in said}) > 1:
        return Answer("refer", "sources-disagree", positions, *who)
    if any(a.policy and not a.positions for a in said):  # one of them names no position
        positions = frozenset({*positions, "\0none"})
    return Answer(
        first.outcome, first.key, positions, *who, exact=len({a.key for a in said}) == 1 and all(a.exact for a in said)
    )


def node_truth(node: Any, bits: list[int]) -> int:
    if isinstance(node, int):
        return bits[node]
    k, parts = node
    return gate(k, [node_truth(p, bits) for p in parts])


def excluded_diagnoses(version: Version) -> CodeTest | None:
    codes = [r["code"] for rows in version.groups.values() for r in rows if r["role"] == "excludes" and r["code"]]
    return code_test(codes) if codes else None


# ------------------------------------------------------------------- what is missing, what would change the answer

FIXED = {"date_of_service", "member.state", "member.line", "member.plan"}


@dataclass
class Unsettled:
    """A fact or question the searches may set, with one value a cell."""

    name: str
    is_question: bool
    given: bool
    now: int | None  # index of the present value's cell
    values: list[Any]


def missing(library: Library, case: Mapping[str, Any], known_on: date) -> set[frozenset[str]]:
    """Inclusion-minimal sets of unknown facts and questions that can bring `covered`; else that can settle it."""
    search = _Search(library, case, known_on)
    if search.present["outcome"] != "information_needed":
        return set()
    unknown = [item for item in search.items if not item.given]
    return search.smallest(unknown, {"covered"}) or search.smallest(unknown, {"not_covered", "not_addressed", "refer"})


def would_change(library: Library, case: Mapping[str, Any], known_on: date) -> set[frozenset[str]]:
    """Inclusion-minimal sets of facts and questions, given or not, whose change gives another settled outcome."""
    search = _Search(library, case, known_on)
    present = search.present["outcome"]
    if present == "information_needed":
        return set()
    return search.smallest(search.items, set(ANY_OUTCOME) - {present})


def search_size(library: Library, case: Mapping[str, Any], known_on: date) -> int:
    """How many facts and questions the two searches would range over: keep it to 10 or so."""
    return len(_Search(library, case, known_on).items)


class _Search:
    def __init__(self, library: Library, case: Mapping[str, Any], known_on: date):
        self.run = _Run(library, case, known_on)
        self.present = self.run.result()
        facts, documented, assumed = self.run.facts()
        is_favourable = self.present["outcome"] == "covered"
        self.facts, self.without = (facts, set()) if is_favourable else (documented, assumed)
        self.run.decide({}, {}, self.facts, self.without)
        self.items = self.find_items()

    def leaves(self) -> Iterator[tuple[Atom | Question, Version | None]]:
        run = self.run
        for versions in run.policies.values():
            version, why_not = run.explaining(versions)
            groups = version.governed_groups(run.case, run.system)
            if why_not or not groups:
                continue
            for rule in version.rules:
                if (
                    rule.position != "authorization_only"
                    and (not rule.services or groups & set(rule.services))
                    and rule.first_day <= run.day <= rule.last_day
                ):
                    for leaf, _ in rule.literals:
                        yield leaf, version
                    if "evidence_development" in (rule.position, rule.otherwise):
                        enrolled = FactTerm("evidence_development.enrolled", Type("yes/no"))
                        yield Atom("enrolled", (enrolled,), ((),), lambda ctx, v: v is True), version
            excluded = excluded_diagnoses(version)
            if excluded:
                yield all_outside(excluded), version
        for p in run.library.provisions:
            if (
                p.when is not None
                and p.effect in ("covers", "excludes")
                and run.applies(p, {k: run.case.get(k) for k in ("line_of_business", "state", "plan", "funding")})
            ):
                for leaf in atoms_of(p.when):
                    yield leaf, None

    def find_items(self) -> list[Unsettled]:
        questions: dict[str, Question] = {}
        facts: dict[str, tuple[FactTerm, list[Any], list[tuple[Atom, Version | None]]]] = {}
        for leaf, version in self.leaves():
            if isinstance(leaf, Question):
                questions[leaf.key] = leaf
                continue
            for term, cuts in zip(leaf.terms, leaf.cuts, strict=True):
                if isinstance(term, FactTerm) and term.path not in FIXED and term.type.kind != "observations":
                    entry = facts.setdefault(term.path, (term, [], []))
                    entry[1].extend(cuts)
                    entry[2].append((leaf, version))
        answers = self.run.all_answers({})
        items = []
        for key in sorted(questions):
            now = answers.get(key)
            items.append(
                Unsettled(key, True, now is not None, None if now is None else [True, False].index(now), [True, False])
            )
        for path, (term, cuts, atoms) in sorted(facts.items()):
            present = term.value(self.run.context(atoms[0][1]))
            by_pattern: dict[Any, Any] = {}
            for value in ([present] if present is not None else []) + candidates(term.type, list(dict.fromkeys(cuts))):
                by_pattern.setdefault(self.pattern(path, value, atoms), value)
            values = list(by_pattern.values())
            items.append(Unsettled(path, False, present is not None, 0 if present is not None else None, values))
        return items

    def pattern(self, path: str, value: Any, atoms: list[tuple[Atom, Version | None]]) -> Any:
        """Two values no comparison tells apart are one cell."""
        pattern = []
        for atom, version in atoms:
            base = self.run.context(version)
            ctx = Context(base.library, version, base.case, base.day, base.facts, {path: value})
            if len(atom.terms) == 1:
                pattern.append(judge_atom(atom, ctx))
            else:
                i = [t.key for t in atom.terms].index(path)
                low = value.lo if isinstance(value, Amount) else value
                pattern.append(repr([(low, getattr(value, "hi", 0)) if isinstance(value, Amount) else low, i]))
        return tuple(pattern)

    def smallest(self, items: list[Unsettled], wanted: set[str]) -> set[frozenset[str]]:
        """The inclusion-minimal sets of items that some values bring to a wanted outcome: every set, small ones first."""
        found: set[frozenset[str]] = set()
        for size in range(1, len(items) + 1):
            for chosen in combinations(items, size):
                names = frozenset(item.name for item in chosen)
                if not any(f <= names for f in found) and self.reaches(chosen, wanted):
                    found.add(names)
        return found

    def reaches(self, chosen: tuple[Unsettled, ...], wanted: set[str]) -> bool:
        other_values = ([v for i, v in enumerate(item.values) if i != item.now] for item in chosen)
        for values in product(*other_values):
            given = {item.name: v for item, v in zip(chosen, values, strict=True) if not item.is_question}
            answers = {item.name: v for item, v in zip(chosen, values, strict=True) if item.is_question}
            if self.run.decide(given, answers, self.facts, self.without)["outcome"] in wanted:
                return True
        return False


def all_outside(excluded: CodeTest) -> Atom:
    """Is every diagnosis where the policy does not speak? As an atom, so that the searches try it."""
    diagnosis = FactTerm("diagnosis", BUILT_IN["diagnosis"])
    cuts = ((excluded, Inside(excluded)),)
    return Atom("outside", (diagnosis,), cuts, lambda ctx, v: bool(v) and all(excluded(c) for c in v))


@dataclass(frozen=True)
class Inside:
    """A code outside the excluded groups: so that mixed lists are tried too."""

    excluded: CodeTest
    samples: tuple[str, ...] = ("\0other",)

    def __call__(self, code: str) -> bool:
        return not self.excluded(code)


def candidates(kind: Type, cuts: list[Any]) -> list[Any]:
    """Values a person could give: one a cell."""
    if kind.is_time:
        dimension = "months" if kind.kind == "age" else unit_of(kind.unit)[0]
        own = [v for d, v in (c for c in cuts if isinstance(c, tuple)) if d == dimension]
        other = [
            v * x if dimension == "days" else v / x
            for d, v in (c for c in cuts if isinstance(c, tuple))
            if d != dimension
            for x in (28, 31)
        ]
        return [Amount(dimension, v, v) for v in cells(Fraction(0), None, own + other)]
    worlds = kind.worlds(None, cuts)
    if kind.kind in ("quantity", "count", "ratio"):
        return [Amount(unit_of(kind.unit)[0], v, v) for v in worlds]
    return worlds
