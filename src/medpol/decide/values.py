"""Values worth trying for one fact: one for every cell into which the thresholds of some literals cut it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from itertools import product

from medpol.decide.literals import window_start
from medpol.decide.rows import Literal, LiteralKind, LiteralValue, ValueKind
from medpol.model.case import Known
from medpol.model.dates import ONE_DAY, add_duration
from medpol.model.facts import Event, FactType, FactValue, Observation
from medpol.model.quantities import Quantity, bounds

_MOST_UNIONS = 64
_MOST_HISTORIES = 600
_MOST_EVENTS = 12
_OTHER_TEXT = "(other)"
_OTHER_CODE = "Z99"


def values_for(name: str, literals: Sequence[Literal], day: date, beside: Sequence[object] = ()) -> Sequence[FactValue]:
    """Values of the fact ``name``, of which every literal that reads it sees each of its cells.

    ``beside`` holds what is known of the facts that it is compared with.
    """
    own = [literal for literal in literals if literal.fact == name]
    first = next(iter(own or literals), None)
    kind = first.fact_type if first is not None else FactType.QUANTITY
    if own == [] and first is not None and first.value is not None and first.value.kind is ValueKind.TABLE:
        kind, first = FactType.QUANTITY, None  # the key of a table, in the table's own units
    if first is not None and first.kind is LiteralKind.LATEST:
        return [
            (Observation(_observed(literal, day), value),)
            for literal in own
            for value in _quantities(literals, name, literal.unit)
        ]
    match kind:
        case FactType.YES_NO:
            return [True, False]
        case FactType.CHOICE | FactType.TEXT:
            assert first is not None
            words = list(dict.fromkeys(word for literal in own for word in _words(literal)))
            others = [choice for choice in first.choices if choice not in words][:1] if first.choices else [_OTHER_TEXT]
            return [*words, *others]
        case FactType.CODES:
            return list(_code_lists(own))
        case FactType.DATE:
            days = {value.day for literal in own for value in _constants(literal) if value.day is not None}
            days = days | {value for value in beside if isinstance(value, date)} or {day}
            held = {each.toordinal() + step for each in days for step in (-1, 0, 1)}
            return [date.fromordinal(each) for each in sorted(held) if 1 <= each <= date.max.toordinal()]
        case _:
            known = [value for value in beside if isinstance(value, Quantity)]
            return list(_quantities(literals, name, None if first is None else first.unit, known))


def _observed(literal: Literal, day: date) -> date:
    return day if literal.side != "before" else day - ONE_DAY


def _words(literal: Literal) -> Iterable[str]:
    return (value.text for value in _constants(literal) if value.kind is ValueKind.TEXT)


def _constants(literal: Literal) -> Sequence[LiteralValue]:
    return literal.values or ((literal.value,) if literal.value is not None else ())


# ---------------------------------------------------------------------------- numbers


def _cuts(literals: Sequence[Literal], name: str) -> list[Quantity]:
    """Every constant that the fact is compared with, directly, as the key of a table, or against its cells."""
    found: dict[Quantity, None] = {}
    for literal in literals:
        for value in _constants(literal):
            if value.kind is ValueKind.QUANTITY and literal.fact == name and value.number is not None:
                found[Quantity(value.number, value.unit)] = None
            elif value.kind is ValueKind.TABLE:
                for number, unit, result, result_unit in value.rows:
                    if value.text == name:
                        found[Quantity(number, unit)] = None
                    if literal.fact == name:
                        found[Quantity(result, result_unit)] = None
    return list(found)


def _quantities(
    literals: Sequence[Literal], name: str, unit: str | None, beside: Sequence[Quantity] = ()
) -> Iterable[Quantity]:
    cuts = [*_cuts(literals, name), *beside]
    for literal in literals:
        other = literal.value
        if other is not None and other.kind is ValueKind.FACT and name in (literal.fact, other.text):
            # two facts against each other: the cuts of both, and room on either side
            cuts += _cuts(literals, other.text if literal.fact == name else literal.fact)
            cuts = cuts or [Quantity(Decimal(1), unit)]
    if not cuts:
        cuts = [Quantity(Decimal(1), unit)]
    whole = all(literal.fact_type is FactType.COUNT for literal in literals if literal.fact == name) and any(
        literal.fact == name for literal in literals
    )
    ordered = sorted(dict.fromkeys(cuts), key=lambda each: _base(each)[0])
    if len({cut.unit for cut in ordered}) > 1:
        # thresholds whose units convert by bounds may overlap: step out on both sides of each
        for cut in ordered:
            yield from _below(cut, whole)
            yield Quantity(cut.number + 1, cut.unit)
    yield from _below(ordered[0], whole)
    for at, cut in enumerate(ordered):
        yield cut
        if at + 1 < len(ordered):
            yield from _between(cut, ordered[at + 1], whole)
    yield Quantity(ordered[-1].number + 1, ordered[-1].unit)


def _base(quantity: Quantity) -> tuple[Fraction, Fraction]:
    dimension = "days" if quantity.dimension == "months" else quantity.dimension
    return bounds(quantity, dimension)


def _below(first: Quantity, whole: bool) -> Iterable[Quantity]:
    if first.number >= 1:
        yield Quantity(first.number - 1, first.unit)
    elif first.number > 0 and not whole:
        yield Quantity(first.number / 2, first.unit)
    elif not whole:
        yield Quantity(first.number - 1, first.unit)


def _between(one: Quantity, other: Quantity, whole: bool) -> Iterable[Quantity]:
    if one.unit == other.unit:
        middle = (one.number + other.number) / 2
        if not whole:
            yield Quantity(middle, one.unit)
        elif other.number - one.number > 1:
            yield Quantity(one.number + 1, one.unit)
        return
    low, high = _base(one)[1], _base(other)[0]
    if low >= high:
        return
    unit = other.unit if other.dimension != "months" else one.unit if one.dimension != "months" else "days"
    if unit is None:
        return
    scale = bounds(
        Quantity(Decimal(1), unit),
        "days" if Quantity(Decimal(1), unit).dimension == "months" else Quantity(Decimal(1), unit).dimension,
    )[0]
    exact = (low + high) / 2 / scale
    yield Quantity(
        (Decimal(exact.numerator) / Decimal(exact.denominator))
        .quantize(Decimal("0.000001"), ROUND_HALF_EVEN)
        .normalize(),
        unit,
    )


# ---------------------------------------------------------------------------- codes


def _code_lists(literals: Sequence[Literal]) -> Iterable[tuple[str, ...]]:
    """Lists of codes: one for each union of what a single code can meet."""
    patterns = [[_pattern(word) for word in _words(literal)] for literal in literals]
    by_meeting: dict[frozenset[int], tuple[str, ...]] = {}
    for text, _ in dict.fromkeys(pattern for held in patterns for pattern in held):
        meets = frozenset(
            at
            for at, held in enumerate(patterns)
            if any(text.startswith(each) if is_prefix else text == each for each, is_prefix in held)
        )
        by_meeting.setdefault(meets, (text,))
    unions: dict[frozenset[int], tuple[str, ...]] = {
        frozenset(): (_OTHER_CODE,) if literals and literals[0].fact == "diagnosis" else ()
    }
    for meets, codes in by_meeting.items():
        for held, before in list(unions.items()):
            if len(unions) < _MOST_UNIONS and held | meets not in unions:
                unions[held | meets] = tuple(
                    sorted({*before, *codes} - ({_OTHER_CODE} if held == frozenset() else set()))
                )
    return unions.values()


def _pattern(word: str) -> tuple[str, bool]:
    is_prefix = word.endswith("*") or (len(word) > 3 and word.endswith("x"))
    return (word.rstrip("*").rstrip("x") if is_prefix else word).replace(".", "").upper(), is_prefix


# ---------------------------------------------------------------------------- histories


def histories_for(groups: Sequence[str], literals: Sequence[Literal], known: Known) -> list[tuple[Event, ...]]:
    """Whole histories of some groups that reach the cells of every count, last and since that reads them."""
    days = sorted(_last_days(literals, known), reverse=True)
    most = 1
    for literal in literals:
        if literal.kind is LiteralKind.COUNT:
            most = max([most, *(int(value.number) + 1 for value in _constants(literal) if value.number is not None)])
    most = min(most, _MOST_EVENTS)
    fields = _field_values(literals, known.day)
    found: dict[tuple[Event, ...], None] = {(): None}
    for facts in fields:
        for last in days:
            for number in range(1, most + 1):
                for spread in ((groups[0],), tuple(groups)) if len(groups) > 1 else ((groups[0],),):
                    events = [
                        Event(last - timedelta(days=at), None, spread[at % len(spread)], Decimal(1), facts)
                        for at in range(number)
                    ]
                    found[tuple(sorted(events, key=lambda each: (each.day, each.group or "")))] = None
                    if len(found) >= _MOST_HISTORIES:
                        return list(found)
    return list(found)


def _last_days(literals: Sequence[Literal], known: Known) -> set[date]:
    """Days at which a last event sits on either side of each window's edge and of each time since."""
    before = known.day - ONE_DAY
    days = {before}
    for literal in literals:
        start = window_start(literal, known) if literal.kind is LiteralKind.COUNT else None
        if literal.window == "same day":
            days.add(known.day)
        elif start is not None and start > date(1900, 1, 1):
            days |= {start, start - ONE_DAY}
        if literal.kind is LiteralKind.SINCE:
            for value in _constants(literal):
                if value.number is not None and value.unit in ("days", "weeks", "months", "years"):
                    try:
                        reached = add_duration(known.day, -int(value.number), value.unit)
                    except OverflowError:  # before the calendar begins: only no event at all is so long ago
                        continue
                    if reached.year > date.min.year:
                        days |= {reached, reached - ONE_DAY, min(reached + ONE_DAY, before)}
    return {day for day in days if day <= known.day}


def _field_values(literals: Sequence[Literal], day: date) -> list[tuple[tuple[str, FactValue], ...]]:
    """Joint values of the fields that ``last`` and ``where`` read."""
    read: dict[str, list[Literal]] = {}
    for literal in literals:
        if literal.kind is LiteralKind.LAST:
            read.setdefault(literal.field, []).append(_as_fact(literal))
        for part in literal.where.literals if literal.where is not None else ():
            read.setdefault(part.fact, []).append(part)
    names = sorted(read)
    choices = [values_for(name, read[name], day) for name in names]
    joint = []
    for values in product(*choices):
        joint.append(tuple(zip(names, values, strict=True)))
        if len(joint) >= _MOST_UNIONS:
            break
    return joint


def _as_fact(literal: Literal) -> Literal:
    return Literal(
        LiteralKind.COMPARE,
        literal.text,
        literal.item,
        fact=literal.field,
        fact_type=literal.fact_type,
        unit=literal.unit,
        choices=literal.choices,
        comparison=literal.comparison,
        value=literal.value,
        values=literal.values,
    )
