"""Rules about open lists: "including but not limited to" cannot tell what is not in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from medpol.check.findings import Finding, Subject, rule
from medpol.check.holdings import Holdings
from medpol.check.sentences import ReadSentence, sentences_read
from medpol.model.criteria import (
    And,
    Comparison,
    Count,
    Criterion,
    Expression,
    Group,
    Holds,
    IfThen,
    LastField,
    Leaf,
    Membership,
    Not,
    Or,
    RuleCriteria,
    Since,
    Structure,
)
from medpol.model.diagnostic import Severity, Source
from medpol.model.policy import PolicyVersion, ValueSet
from medpol.model.positions import Outcome
from medpol.text.uses import expressions_of


@rule(Subject.CRITERIA, Severity.WARNING)
def open_list_decides_negative(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """An open list is asked for what it cannot tell: that something is not in it.

    "Including but not limited to" makes a value set open, so a value that it does not name is unknown, never outside.
    `diagnosis not in open-set`, an open set under *none of these* or behind ``if``, and an open set that an unfavourable
    rule excludes by, are therefore never settled for anybody whose value is not listed: the answer asks for more and
    nothing that could be sent would satisfy it. Close the list, or make the sentence a question for a person.
    """
    for version in holdings.versions:
        held = {each.name: each for each in version.definitions.value_sets if each.is_open}
        if not held:
            continue
        under_none = _under_none(version)
        for sentence in sentences_read(version):
            yield from _negatives(holdings, version, sentence, held, under_none)


def _negatives(
    holdings: Holdings,
    version: PolicyVersion,
    sentence: ReadSentence,
    held: dict[str, ValueSet],
    under_none: frozenset[Source],
) -> Iterator[Finding]:
    negated = sentence.source in under_none
    excluded_by = sentence.rule.statement.position.canonical.outcome is Outcome.NOT_COVERED and (
        sentence.rule.when is None or sentence.source != sentence.rule.when.source
    )
    seen: set[str] = set()
    for name, turned in _open_reads(sentence.expression, negated is not sentence.is_guard, version, held, frozenset()):
        if name in seen or not (turned or excluded_by):
            continue
        seen.add(name)
        why = "an exclusion by it waits" if not turned else "what this asks for is"
        yield Finding(
            sentence.code_place(holdings, name),
            f"{name} is open (line {held[name].source.line}), so a value that it does not list is unknown, never outside: "
            f"{why} {'for ever for everybody else' if not turned else 'never settled'}",
            "a closed list, or a question",
            f"take `including but not limited to` out of line {held[name].source.line}, or drop the expression here",
        )


def _open_reads(
    whole: Expression, negated: bool, version: PolicyVersion, held: dict[str, ValueSet], seen: frozenset[str]
) -> Iterator[tuple[str, bool]]:
    """Each open set an expression reads, and whether it is asked for a negative."""
    match whole:
        case And(parts) | Or(parts):
            for part in parts:
                yield from _open_reads(part, negated, version, held, seen)
        case Not(part):
            yield from _open_reads(part, not negated, version, held, seen)
        case IfThen(condition, consequence):
            yield from _open_reads(condition, not negated, version, held, seen)
            yield from _open_reads(consequence, negated, version, held, seen)
        case Membership(named=named) if named in held:
            yield named, negated
        case RuleCriteria(name) if name not in seen:
            for each in version.rules:
                if each.name == name:
                    for inner in (*expressions_of(each.criteria), *expressions_of(each.unless)):
                        yield from _open_reads(inner, negated, version, held, seen | {name})
        case Comparison(term=Count(where=where), comparison=sign) if where is not None:
            # "no more than 2 of these": an event that the list does not name may be one, for ever
            yield from _open_reads(where, negated is not sign.startswith("<"), version, held, seen)
        case Holds(term) | Comparison(term=term):
            where = term.last.where if isinstance(term, Since | LastField) else None
            if where is not None:
                yield from _open_reads(where, False, version, held, seen)


def _under_none(version: PolicyVersion) -> frozenset[Source]:
    """The places of sentences that stand under an odd number of *none of these*."""
    found: set[Source] = set()

    def visit(part: Criterion | None, negated: bool) -> None:
        match part:
            case Leaf():
                found.update((part.source,) if negated else ())
            case Group():
                found.update((part.source,) if negated else ())
                for each in part.parts:
                    visit(each, negated is not (part.structure is Structure.NONE))
            case None:
                pass

    for each in version.rules:
        visit(each.criteria, False)
        visit(each.unless, False)
    return frozenset(found)


RULES = (open_list_decides_negative,)
