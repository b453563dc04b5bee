"""Rules that hold a sentence's numbers against those of its expression: the amount, the direction, the amount unread."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from functools import partial

from medpol.check.amounts import Said, said
from medpol.check.comparisons import Compared, Of, Reading, in_words, read
from medpol.check.findings import Finding, Subject, rule
from medpol.check.holdings import Holdings
from medpol.check.sentences import ReadSentence, sentences_read
from medpol.model.diagnostic import Severity
from medpol.model.facts import BUILT_IN_FACTS, FactDeclaration, FactType
from medpol.model.policy import PolicyVersion, dose_facts
from medpol.model.quantities import Quantity, compare, convertible
from medpol.model.truth import Truth

_NEAR = Decimal("0.1")
"""39.9 beside 40: how the upper end of a range is printed that the next range begins."""


def declared_types(holdings: Holdings, version: PolicyVersion) -> dict[str, FactType]:
    """The type of every fact and field that expressions of a version may name."""
    library = holdings.library
    facts: tuple[FactDeclaration, ...] = (
        *BUILT_IN_FACTS,
        *library.facts,
        *version.definitions.facts,
        *dose_facts(version.code_rows),
    )
    return {each.name: each.type for each in library.event_fields} | {each.name: each.type for each in facts}


_NONE = re.compile(
    r"\W*(?:no|none)\b(?!\s+(?:more|less|fewer|longer|later|sooner|earlier|greater|higher|lower|older|younger|matter)\b)"
    r"(?!.*\b(?:one|once|first|second|third|other|another|further|repeat\w*|additional|new|subsequent|except\w*|unless"
    r"|beside|besides|beyond|but|only|single|or)\b)",
    re.IGNORECASE,
)
"""The beginning of a sentence that lets nothing be there; what makes an exception, or means the next one, is left out."""


def _read_all(holdings: Holdings) -> Iterator[tuple[PolicyVersion, ReadSentence, tuple[Said, ...], Reading]]:
    """Every sentence that names an amount and has an expression that compares, with both."""
    types: dict[str, FactType] | None = None
    shared = None
    for version in holdings.versions:
        own = (version.definitions.facts, dose_facts(version.code_rows))
        if types is None or own != shared:
            types, shared = declared_types(holdings, version), own
        for sentence in sentences_read(version):
            reading = read(sentence.expression, types)
            if reading.amounts:
                named = said(sentence.plain_words)
                if named or _NONE.match(sentence.plain_words):
                    yield version, sentence, named, reading


# ---------------------------------------------------------------------------- the same amount


def _same(one: Said, other: Compared) -> bool:
    """Whether a word's amount may be the expression's; where the length of a month decides, it may."""
    if other.of is Of.COUNT or other.quantity.unit is None:
        # "on more than one day" counts days, as sessions are counted
        is_number = one.quantity.unit is None or (other.of is Of.COUNT and one.quantity.unit == "days")
        return is_number and bool(_count_bounds(one) & _compared_bounds(other))
    if one.quantity.unit is None:
        same = one.quantity.number == other.quantity.number
    elif not convertible(one.quantity.unit, other.quantity.unit):
        return False
    else:
        same = compare(one.quantity, "=", other.quantity) is not Truth.NOT_MET
    return same or (other.of is Of.AGE and _same_year(one, other)) or _just_below(one, other)


def _same_year(one: Said, other: Compared) -> bool:
    """ "64 or younger" beside `< 65 years`, "older than 64" beside `>= 65 years`."""
    step = one.quantity.number + (1 if one.comparison in ("<=", ">") else 0)
    return (one.comparison, other.comparison) in (("<=", "<"), (">", ">=")) and (
        compare(Quantity(step, one.quantity.unit or other.quantity.unit), "=", other.quantity) is Truth.MET
    )


def _just_below(one: Said, other: Compared) -> bool:
    """ "35 to 39.9" beside `< 40`."""
    if one.quantity.number == one.quantity.number.to_integral_value():
        return False
    above = Quantity(one.quantity.number + _NEAR, one.quantity.unit or other.quantity.unit)
    return compare(above, "=", other.quantity) is Truth.MET


_Bound = tuple[str, Decimal]


def _whole(comparison: str, number: Decimal) -> _Bound:
    """A comparison of whole numbers with its end taken in: more than 3 is at least 4."""
    match comparison:
        case ">":
            return ">=", number + 1
        case "<":
            return "<=", number - 1
        case _:
            return comparison, number


def _count_bounds(one: Said) -> frozenset[Decimal]:
    """The numbers that the words may mean: their own, and the last that is in."""
    return frozenset((one.quantity.number, _whole(one.comparison, one.quantity.number)[1]))


def _compared_bounds(other: Compared) -> frozenset[Decimal]:
    number = other.quantity.number
    held = {number, _whole(other.comparison, number)[1]}
    return frozenset(held | {each + other.shift for each in held})


# ---------------------------------------------------------------------------- the rules


def _unmatched(named: tuple[Said, ...], reading: Reading) -> tuple[list[Said], list[Compared]]:
    """The amounts of a sentence that its expression does not hold, and those of the expression that it could have held."""
    loose = [each for each in named if not any(map(partial(_same, each), reading.amounts))]
    spare = [
        each for each in reading.amounts if not any(_same(one, each) for one in named) and not _said_in_words(each)
    ]
    return loose, spare


def _said_in_words(each: Compared) -> bool:
    """Whether the amount is of the kind that words say without a number: none, any, the first, an earlier one."""
    return each.of is Of.COUNT and _whole(each.comparison, each.quantity.number) in (
        ("<=", Decimal(0)),
        ("=", Decimal(0)),
        ("!=", Decimal(0)),
        (">=", Decimal(1)),
        ("=", Decimal(1)),
    )


def _alike(one: Said, other: Compared) -> bool:
    """Whether two amounts that differ are of one thing, as far as words can tell."""
    if one.is_times:
        return other.of is Of.COUNT
    if one.quantity == Quantity(Decimal(0)):  # "No relief" over a count of at least 3 is about something else
        return bool(other.shift) and other.comparison.startswith("<")  # and `<= 1` through this service means no other
    if other.of is Of.COUNT or other.quantity.unit is None:
        return one.quantity.unit is None and (one.counts or bool(one.comparison))
    if one.quantity.unit is None:
        return bool(one.comparison) and not one.counts
    return convertible(one.quantity.unit, other.quantity.unit)


@rule(Subject.WORDING, Severity.WARNING)
def number_differs(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """A sentence names one number, and its expression compares with another.

    "at least 6 weeks" over `>= 8 weeks`: people read the sentence, and the answer comes from the expression. Units are
    converted, and a month counts as 28 to 31 days, so "6 weeks" agrees with 1.5 months; "more than 3" agrees with
    `>= 4` of a count, and "no more than 3, this one included" with `<= 2` before it. A sentence that begins with *No* lets
    none be there, so a count `<= 1` before it differs. Numbers in names, codes, dates and references are not read, nor "2 of the
    following". Correct whichever is wrong.
    """
    for _, sentence, named, reading in _read_all(holdings):
        loose, spare = _unmatched(named, reading)
        if _NONE.match(sentence.plain_words) and not any(each.quantity.unit is None for each in named):
            loose += [_none(sentence.plain_words)]
        for other in spare:
            one = next((each for each in loose if _alike(each, other)), None)
            if one is None:
                continue
            loose.remove(one)
            yield Finding(
                sentence.place(holdings, one.offset),
                f'the sentence says "{one.text}", its expression `{_shown(other)}`',
                "one number in both",
                "correct the sentence or the expression",
            )


def _none(words: str) -> Said:
    word = re.search(r"\w+", words)
    assert word is not None
    return Said(word[0], word.start(), Quantity(Decimal(0)), "<=")


def _shown(other: Compared) -> str:
    return f"rolling {in_words(other)}" if other.of is Of.WINDOW else in_words(other)


@rule(Subject.WORDING, Severity.WARNING)
def comparison_differs(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """A sentence and its expression name the same number and point different ways, or differ on the number itself.

    "at least 6 weeks" over `<= 6 weeks` turns the criterion round; "more than 50 %" over `>= 50 %` lets in the patient
    with exactly 50 %. Words that leave the end open ("up to", "within", "between") agree with either, and so does a
    sentence with *not* or *no* before the number. Correct whichever is wrong.
    """
    for _, sentence, named, reading in _read_all(holdings):
        for one in named:
            held = [each for each in reading.amounts if _same(one, each)]
            if not one.comparison or one.is_negated or not held or any(_agree(one, each) for each in held):
                continue
            other = next((each for each in held if each.comparison not in ("", "!=")), None)
            if other is not None:
                yield Finding(
                    sentence.place(holdings, one.offset),
                    f"the sentence says {_DIRECTION[one.comparison]} {one.text}, its expression `{in_words(other)}`",
                    f"`{one.comparison}`, or other words",
                    "correct the sentence or the expression",
                )


_DIRECTION = {">=": "at least", ">": "more than", "<=": "at most", "<": "less than", "=": "exactly"}


def _agree(one: Said, other: Compared) -> bool:
    """Whether two amounts that are the same point the same way."""
    if other.of is Of.WINDOW or other.comparison in ("", "!="):
        return True
    if one.is_soft:
        return one.comparison[0] == other.comparison[0] or one.in_range
    if other.of is Of.COUNT:
        words = _whole(one.comparison, one.quantity.number)
        compared = _whole(other.comparison, other.quantity.number)
        return words in (compared, (compared[0], compared[1] + other.shift))
    if other.of is Of.AGE and _same_year(one, other):
        return True
    return one.comparison == other.comparison or (_just_below(one, other) and one.comparison[0] == other.comparison[0])


@rule(Subject.WORDING, Severity.NOTE)
def number_not_read(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """A sentence names a duration or a percentage that its expression does not compare with, beside one that it does.

    "At least 6 weeks of therapy within the last 6 months" over `therapy.duration >= 6 weeks`: therapy of ten years ago
    meets it. It is no finding where the question of a fact names the same number, for then a person is asked. Put the
    second condition into the expression, or take it out of the sentence.
    """
    for version, sentence, named, reading in _read_all(holdings):
        loose, spare = _unmatched(named, reading)
        if reading.is_opaque or spare:
            continue
        for one in loose:
            unit = one.quantity.unit
            if unit is None or one.in_range or not (unit == "%" or convertible(unit, "days")):
                continue
            if not _asked(holdings, version, reading, one):
                yield Finding(
                    sentence.place(holdings, one.offset),
                    f'"{one.text}" is read by no part of `{sentence.code}`',
                    "an expression that compares with it",
                    "add it to the expression, or take it out of the sentence",
                )


def _asked(holdings: Holdings, version: PolicyVersion, reading: Reading, one: Said) -> bool:
    """Whether the question of a fact in the expression names the amount."""
    library = holdings.library
    names = set(reading.facts)
    questions = [each.question for each in (*library.facts, *version.definitions.facts) if each.name in names]
    questions += [each.question for each in library.event_fields if each.name in names]
    return any(
        each.quantity.unit is not None
        and convertible(each.quantity.unit, one.quantity.unit)
        and compare(each.quantity, "=", one.quantity) is not Truth.NOT_MET
        for question in questions
        for each in said(question)
    )


RULES = (number_differs, comparison_differs, number_not_read)
