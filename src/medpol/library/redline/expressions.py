"""What changed between two expressions: thresholds, windows, conditions that came or went, and how they are joined."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from medpol.model.criteria import (
    And,
    Comparison,
    Count,
    Expression,
    Holds,
    IfThen,
    LastField,
    Latest,
    Membership,
    Not,
    Or,
    RuleCriteria,
    Since,
    Term,
)
from medpol.model.quantities import Quantity, convertible
from medpol.model.quantities import compare as compare_quantities
from medpol.model.truth import Truth

_Atom = Holds | Comparison | Membership | RuleCriteria


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference: ``what`` it is, and how both sides put it; ``None`` where one side does not have it."""

    what: str
    before: str | None
    after: str | None
    note: str = ""

    @property
    def says(self) -> str:
        match self.before, self.after:
            case None, str():
                return f"{self.what} added: {self.after}"
            case str(), None:
                return f"{self.what} removed: {self.before}"
            case _:
                return f"{self.what}: {self.before} → {self.after}{self.note}"


def differences(before: Expression, after: Expression) -> tuple[Difference, ...]:
    """Every difference of two expressions; nothing where they are equal, and something where they are not."""
    if before == after:
        return ()
    one, other = _split(before), _split(after)
    pairs = _pairs(one, other)
    found = [each for i, j in pairs for each in _of_atoms(one[i], other[j])]
    left, right = {i for i, _ in pairs}, {j for _, j in pairs}
    found += [Difference("a condition", str(each), None) for at, each in enumerate(one) if at not in left]
    found += [Difference("a condition", None, str(each)) for at, each in enumerate(other) if at not in right]
    shape = _shape(before, iter(range(len(one))), {i: f"x{at}" for at, (i, _) in enumerate(pairs)})
    later = _shape(after, iter(range(len(other))), {j: f"x{at}" for at, (_, j) in enumerate(pairs)})
    if not found or shape != later:
        found.append(Difference("joined otherwise", str(before), str(after)))
    return tuple(found)


_WAYS = {">": ">=", "<": "<="}


def compared(expression: Expression) -> str:
    """What an expression compares and in which direction, whatever the amounts, the windows and the fields."""
    return _shape(expression, iter(range(len(atoms := _split(expression)))), dict(enumerate(map(_comparing, atoms))))


def _comparing(atom: _Atom) -> str:
    """The subject of one condition, and how it is compared: a bound that is taken in is no other than one that is not."""
    sign = _WAYS.get(atom.comparison, atom.comparison) if isinstance(atom, Comparison) else ""
    return f"{type(atom).__name__} {_subject(atom)} {sign}"


def _split(expression: Expression) -> list[_Atom]:
    """The conditions that an expression is made of, from left to right, a ``not`` before them left out."""
    match expression:
        case And(parts) | Or(parts):
            return [atom for part in parts for atom in _split(part)]
        case Not(part):
            return _split(part)
        case IfThen(condition, consequence):
            return _split(condition) + _split(consequence)
        case _:
            return [expression]


def _shape(expression: Expression, places: Iterator[int], names: Mapping[int, str]) -> str:
    """How the conditions that both sides have are joined; what is joined in any order is put in one."""
    match expression:
        case And(parts):
            return _joined("and", [_shape(part, places, names) for part in parts])
        case Or(parts):
            return _joined("or", [_shape(part, places, names) for part in parts])
        case Not(part):
            inner = _shape(part, places, names)
            return f"not({inner})" if inner else ""
        case IfThen(condition, consequence):
            return f"if({_shape(condition, places, names)},{_shape(consequence, places, names)})"
        case _:
            return names.get(next(places), "")


def _joined(word: str, parts: Sequence[str]) -> str:
    held = sorted(part for part in parts if part)
    return f"{word}({','.join(held)})" if len(held) > 1 else "".join(held)


def _pairs(one: Sequence[_Atom], other: Sequence[_Atom]) -> list[tuple[int, int]]:
    """Equal conditions, then those of one term, then those of one subject, each once."""
    pairs: list[tuple[int, int]] = []
    left, right = list(range(len(one))), list(range(len(other)))
    for key in (str, _term_key, _subject):
        places: dict[str, list[int]] = {}
        for j in right:
            places.setdefault(key(other[j]), []).append(j)
        for i in left:
            held = places.get(key(one[i]))
            if held:
                pairs.append((i, held.pop(0)))
        taken, met = {i for i, _ in pairs}, {j for _, j in pairs}
        left, right = [i for i in left if i not in taken], [j for j in right if j not in met]
    return sorted(pairs)


def _term_key(atom: _Atom) -> str:
    return str(atom) if isinstance(atom, RuleCriteria) else f"{type(atom).__name__} {atom.term}"


def _subject(atom: _Atom) -> str:
    """What a condition is about, whatever the window, the fields and the value."""
    if isinstance(atom, RuleCriteria):
        return "criteria of a rule"
    match atom.term:
        case Count(_, groups, _, _):
            return f"count {groups}"
        case Since(last):
            return f"since {last.groups}"
        case LastField(last, name):
            return f"last {last.groups} {name}"
        case Latest(fact, _):
            return f"latest {fact}"
        case path:
            return str(path)


def _of_atoms(one: _Atom, other: _Atom) -> Iterator[Difference]:
    """How two conditions on one subject differ."""
    if one == other:
        return
    if isinstance(one, RuleCriteria) or isinstance(other, RuleCriteria):
        yield Difference("criteria of another rule", str(one), str(other))
        return
    yield from _of_terms(one.term, other.term)
    name = str(other.term)
    match one, other:
        case Comparison(_, sign, value), Comparison(_, later_sign, later):
            if (sign, value) != (later_sign, later):
                is_same = sign == later_sign and _is_same_amount(value, later)
                yield Difference(
                    name, f"{sign} {value}", f"{later_sign} {later}", ", the same amount" if is_same else ""
                )
        case Membership(_, named, listed), Membership(_, later_named, later_listed):
            if (named, listed) != (later_named, later_listed):
                yield from _of_members(name, one, other)
        case Holds(), Holds():
            pass
        case _:
            yield Difference(name, str(one), str(other))


def _of_members(name: str, one: Membership, other: Membership) -> Iterator[Difference]:
    if one.named is not None or other.named is not None:
        yield Difference(f"{name} in", _list_of(one), _list_of(other))
        return
    held, later = Counter(map(str, one.listed)), Counter(map(str, other.listed))
    gone, come = held - later, later - held
    if not gone and not come:
        yield Difference(f"{name} in", _list_of(one), _list_of(other), ", in another order")
    for value in gone.elements():
        yield Difference(f"{name} in: a value", value, None)
    for value in come.elements():
        yield Difference(f"{name} in: a value", None, value)


def _list_of(member: Membership) -> str:
    return member.named or f"({', '.join(map(str, member.listed))})"


def _of_terms(one: Term, other: Term) -> Iterator[Difference]:
    """How two terms on one subject differ: what is counted, in which window, of which events."""
    if one == other:
        return
    match one, other:
        case Count(measure, _, window, where), Count(later_measure, _, later_window, later_where):
            if measure is not later_measure:
                yield Difference("what is counted", measure.value, later_measure.value)
            if window != later_window:
                yield Difference("window", str(window), str(later_window))
            yield from _of_where(where, later_where)
        case Latest(_, window), Latest(_, later_window):
            yield Difference("window", str(window), str(later_window))
        case Since(last), Since(later):
            yield from _of_where(last.where, later.where)
        case LastField(last, _), LastField(later, _):
            yield from _of_where(last.where, later.where)
        case _:
            yield Difference("term", str(one), str(other))


def _of_where(one: Expression | None, other: Expression | None) -> Iterator[Difference]:
    if one != other:
        yield Difference(
            "of which events", "all" if one is None else f"where {one}", "all" if other is None else f"where {other}"
        )


def _is_same_amount(one: object, other: object) -> bool:
    return (
        isinstance(one, Quantity)
        and isinstance(other, Quantity)
        and convertible(one.unit, other.unit)
        and compare_quantities(one, "=", other) is Truth.MET
    )
