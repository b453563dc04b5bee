"""Cells: the pieces into which its thresholds cut a fact, and the joint patterns that the Whens of some rules can take.

Whens usually exclude each other ("none in the 12 months before", "at least one"). Treating their truth values as
independent would invent days on which both or neither hold; cutting the facts they read does not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import product
from math import ceil, floor

from medpol.decide.rows import Literal, LiteralKind, LiteralValue, ValueKind, WhenTerm
from medpol.model.facts import FactType
from medpol.model.quantities import COMPARISONS, Quantity, bounds, convertible

MAXIMUM_CELLS = 4_096
_MOST_UNORDERED = 6
_Range = tuple[Fraction, Fraction]


def when_patterns(literals: Sequence[Literal]) -> tuple[WhenTerm, ...] | None:
    """The feasible patterns of When literals, term by term; ``None`` where the joint cells are too many."""
    by_term: dict[str, list[int]] = {}
    for at, literal in enumerate(literals):
        by_term.setdefault(term_of(literal), []).append(at)
    terms = []
    cells = 1
    for positions in by_term.values():
        patterns = _patterns([literals[at] for at in positions])
        if patterns is None:
            return None
        masks = sorted({sum(1 << positions[at] for at in met) for met in patterns})
        terms.append(WhenTerm(sum(1 << at for at in positions), tuple(masks)))
        cells *= len(masks)
        if cells > MAXIMUM_CELLS:
            return None
    return tuple(terms)


def term_of(literal: Literal) -> str:
    """What the literal cuts. A comparison of two facts is a term of its own: neither side is cut by a constant."""
    if literal.kind is LiteralKind.QUESTION:
        return literal.item
    if _two_sided(literal):
        return literal.text
    return subject(literal)


def subject(literal: Literal) -> str:
    """The term itself, written out: a fact, or a count, last, since or latest with all its parameters."""
    where = "" if literal.where is None else repr(literal.where)
    return "|".join(
        (
            literal.kind.value if literal.kind.value in ("count", "since", "last", "latest") else "fact",
            literal.fact,
            literal.measure,
            ",".join(literal.groups),
            literal.window,
            str(literal.window_number or ""),
            literal.window_unit,
            literal.side,
            literal.field,
            where,
        )
    )


def _two_sided(literal: Literal) -> bool:
    return literal.value is not None and literal.value.kind in (ValueKind.FACT, ValueKind.TABLE)


def _patterns(literals: Sequence[Literal]) -> set[frozenset[int]] | None:
    """The sets of literals (by place) that can be met together, over every value of their one term."""
    first = literals[0]
    if first.kind is LiteralKind.QUESTION or first.fact_type is FactType.YES_NO or _two_sided(first):
        return {
            frozenset(at for at, literal in enumerate(literals) if value is not literal.negated)
            for value in (False, True)
        }
    if first.fact_type is FactType.CODES:
        return _code_patterns(literals)
    if first.fact_type in (FactType.CHOICE, FactType.TEXT):
        return _named_patterns(literals)
    return _ordered_patterns(literals)


def _named_patterns(literals: Sequence[Literal]) -> set[frozenset[int]] | None:
    """Choices and texts: each word that a literal names, each other choice, and for a text one word that none names."""
    words = dict.fromkeys(word for literal in literals for word in _words(literal))
    words |= dict.fromkeys(literals[0].choices)
    values = [*words, *([""] if literals[0].fact_type is FactType.TEXT else [])]
    found: set[frozenset[int]] = set()
    for value in values:
        sides = [_sides(literal, value in _words(literal)) for literal in literals]
        found |= {frozenset(at for at, met in enumerate(bits) if met) for bits in product(*sides)}
        if len(found) > MAXIMUM_CELLS:
            return None
    return found


def _sides(literal: Literal, is_inside: bool) -> tuple[bool, ...]:
    """What a literal may be for a value inside or outside its list; outside an open list it may be either."""
    if literal.is_open and not is_inside:
        return False, True
    return (is_inside is not literal.negated,)


def _code_patterns(literals: Sequence[Literal]) -> set[frozenset[int]] | None:
    """Lists of codes: what any one code meets, and every union of these, for a list may hold several codes."""
    patterns = [_prefixes(literal) for literal in literals]
    singles = {
        frozenset(
            at
            for at, held in enumerate(patterns)
            if any(text.startswith(each) if is_prefix else text == each for each, is_prefix in held)
        )
        for text in dict.fromkeys(text for held in patterns for text, _ in held)
    }
    unions: set[frozenset[int]] = {frozenset()}
    for single in singles:
        unions |= {union | single for union in unions}
        if len(unions) > MAXIMUM_CELLS:
            return None
    found: set[frozenset[int]] = set()
    for inside in unions:
        sides = [_sides(literal, at in inside) for at, literal in enumerate(literals)]
        found |= {frozenset(at for at, met in enumerate(bits) if met) for bits in product(*sides)}
        if len(found) > MAXIMUM_CELLS:
            return None
    return found


def _prefixes(literal: Literal) -> tuple[tuple[str, bool], ...]:
    """The codes of a literal's list without dots, and whether each stands for all that begin with it."""
    held = []
    for word in _words(literal):
        is_prefix = word.endswith("*") or (len(word) > 3 and word.endswith("x"))
        text = word.rstrip("*").rstrip("x") if is_prefix else word
        held.append((text.replace(".", "").upper(), is_prefix))
    return tuple(held)


def _words(literal: Literal) -> tuple[str, ...]:
    held = literal.values or (() if literal.value is None else (literal.value,))
    return tuple(value.text for value in held)


# ---------------------------------------------------------------------------- ordered values


def threshold(literal_value: LiteralValue, dimension_of: str | None) -> _Range:
    """The least and greatest that a constant may be: one number, or for a duration in months a range of days."""
    if literal_value.day is not None:
        exact = Fraction(literal_value.day.toordinal())
        return exact, exact
    assert literal_value.number is not None
    quantity = Quantity(literal_value.number, literal_value.unit)
    return bounds(quantity, dimension_of if quantity.unit is not None else None)


def _thresholds(literals: Sequence[Literal]) -> tuple[list[LiteralValue], list[_Range]]:
    held: dict[LiteralValue, None] = {}
    for literal in literals:
        for value in literal.values or (() if literal.value is None else (literal.value,)):
            held.setdefault(value)
    values = list(held)
    units = [value.unit for value in values if value.unit is not None]
    dimension = Quantity(values[0].number, units[0]).dimension if units and values[0].number is not None else None
    if dimension == "months" and any(not _in_months(unit) for unit in units):
        dimension = "days"
    ranges = [threshold(value, dimension) for value in values]
    return values, ranges


def _in_months(unit: str) -> bool:
    return convertible(unit, "months") and unit in ("months", "years")


def _ordered_patterns(literals: Sequence[Literal]) -> set[frozenset[int]] | None:
    """Numbers, quantities, days and ages: where a value lies against each threshold (below, at, above)."""
    values, ranges = _thresholds(literals)
    first = literals[0]
    is_whole = (
        first.fact_type in (FactType.COUNT, FactType.DATE)
        and first.measure != "units"
        and first.fact != "service.units"
    )
    if len(values) > _MOST_UNORDERED and any(low != high for low, high in ranges):
        return None
    places = _places(ranges, is_whole, literals[0].fact_type is FactType.COUNT)
    index = {value: at for at, value in enumerate(values)}
    patterns = set()
    for place in places:
        met = set()
        for at, literal in enumerate(literals):
            if literal.values:
                truth = any(place[index[value]] == 0 for value in literal.values)
            else:
                assert literal.value is not None
                truth = COMPARISONS[literal.comparison](Fraction(place[index[literal.value]]), Fraction(0))
            if truth is not literal.negated:
                met.add(at)
        patterns.add(frozenset(met))
    return patterns


def _places(ranges: Sequence[_Range], is_whole: bool, is_count: bool) -> Iterator[tuple[int, ...]]:
    """Every consistent vector of -1, 0, 1: the value below, at or above each threshold."""
    if all(low == high for low, high in ranges):
        cuts = sorted({low for low, _ in ranges})
        for value in _representatives(cuts, is_whole, is_count):
            yield tuple((value > low) - (value < low) for low, _ in ranges)
        return
    for place in product((-1, 0, 1), repeat=len(ranges)):
        if all(
            _consistent(place[i], place[j], ranges[i], ranges[j])
            for i in range(len(place))
            for j in range(len(place))
            if i != j
        ):
            yield place


def _consistent(one: int, other: int, first: _Range, second: _Range) -> bool:
    if first == second and first[0] == first[1]:
        return one == other
    if first[1] < second[0]:  # the first threshold is surely the smaller
        return not (one <= 0 and other >= 0)
    return True


def _representatives(cuts: Sequence[Fraction], is_whole: bool, is_count: bool) -> Iterator[Fraction]:
    """One value for every piece that the cuts make of the line; whole values only where the fact is one."""
    if is_count and not is_whole:  # units may be fractions, and are never negative
        yield from (value for value in _representatives(cuts, False, False) if value >= 0)
        return
    if is_whole:
        found = {
            value
            for cut in cuts
            for value in (Fraction(floor(cut)), Fraction(ceil(cut)), Fraction(floor(cut) - 1), Fraction(ceil(cut) + 1))
        }
        yield from (value for value in sorted(found) if not is_count or value >= 0)
        return
    yield cuts[0] - 1
    for at, cut in enumerate(cuts):
        yield cut
        yield cut + 1 if at == len(cuts) - 1 else (cut + cuts[at + 1]) / 2
