"""What an expression or a rule uses: the terms in document order, and the rules it refers to."""

from __future__ import annotations

from collections.abc import Iterator

from medpol.model.criteria import (
    And,
    Comparison,
    Criterion,
    Expression,
    Group,
    Holds,
    IfThen,
    Leaf,
    Membership,
    Not,
    Or,
    Rule,
    RuleCriteria,
)


def parts_of(expression: Expression) -> Iterator[Expression]:
    """The expression and everything inside it, in document order; ``where`` conditions are not entered."""
    yield expression
    match expression:
        case And(parts) | Or(parts):
            for part in parts:
                yield from parts_of(part)
        case Not(part):
            yield from parts_of(part)
        case IfThen(condition, consequence):
            yield from parts_of(condition)
            yield from parts_of(consequence)
        case Holds() | Comparison() | Membership() | RuleCriteria():
            pass


def expressions_of(criterion: Criterion | None) -> Iterator[Expression]:
    """Every expression below a criterion, guards included, in document order."""
    match criterion:
        case Leaf(expression=expression):
            if expression is not None:
                yield expression
        case Group(guard=guard, parts=parts):
            if guard is not None:
                yield guard
            for part in parts:
                yield from expressions_of(part)
        case None:
            pass


def rules_used(rule: Rule) -> tuple[str, ...]:
    """The rules whose criteria this rule refers to."""
    whole = [] if rule.when is None else [rule.when.expression]
    whole += [*expressions_of(rule.criteria), *expressions_of(rule.unless)]
    return tuple(part.rule for each in whole for part in parts_of(each) if isinstance(part, RuleCriteria))
