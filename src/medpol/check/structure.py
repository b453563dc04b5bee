"""Rules about how a document is built: lists too deep, items that stand twice, names that nothing reads."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from medpol.check.findings import Finding, Subject, rule
from medpol.check.holdings import Holdings
from medpol.decide.plan import ENROLLED
from medpol.model.criteria import (
    Comparison,
    Count,
    Criterion,
    Expression,
    Group,
    Holds,
    Last,
    LastField,
    Latest,
    Leaf,
    Membership,
    Path,
    Since,
    Structure,
    TableLookup,
    Term,
)
from medpol.model.diagnostic import Severity
from medpol.model.facts import FactDeclaration
from medpol.model.policy import PolicyVersion
from medpol.text.uses import expressions_of, parts_of

DEEPEST = 5


@rule(Subject.STRUCTURE, Severity.WARNING)
def nesting_too_deep(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """Criteria lists stand more than five deep in one another.

    A list right under the statement is the first level; the items themselves are not counted. Of 73 published policies
    the deepest had five levels and nine in ten had three or fewer: nobody who reads the sixth still holds in mind which
    of the lists above it were *all of* and which *any of*. Give the inner part a rule of its own and refer to it with
    `criteria(its-name)`.
    """
    for version in holdings.versions:
        for each in version.rules:
            for deep in (*_at_level(each.criteria, DEEPEST + 1), *_at_level(each.unless, DEEPEST + 1)):
                yield Finding(
                    deep.source,
                    f"a list {DEEPEST + 1} levels deep",
                    f"at most {DEEPEST} levels",
                    "move this list to a rule of its own, and write `criteria(name-of-that-rule)` here",
                )


def _at_level(part: Criterion | None, level: int) -> Iterator[Group]:
    """The lists that stand so many levels deep; nothing below them."""
    if not isinstance(part, Group):
        return
    if level == 1:
        yield part
        return
    for each in part.parts:
        yield from _at_level(each, level - 1)


@rule(Subject.STRUCTURE, Severity.WARNING)
def criterion_twice(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """One list asks the same thing in two of its items.

    Two items are the same where their words are, or where their expressions are. Under *at least 2 of these* such an
    item counts twice, so one finding meets the list; under *all of* or *any of* it is mostly a copied line whose
    expression was not changed. Delete one, or correct the expression that was copied.
    """
    for version in holdings.versions:
        for each in version.rules:
            for group in (*_groups(each.criteria), *_groups(each.unless)):
                yield from _repeated(group)


def _groups(part: Criterion | None) -> Iterator[Group]:
    if isinstance(part, Group):
        yield part
        for each in part.parts:
            yield from _groups(each)


def _repeated(group: Group) -> Iterator[Finding]:
    by_id: dict[str, Criterion] = {}
    by_expression: dict[str, Leaf] = {}
    counted = "; it counts twice here" if group.structure is Structure.AT_LEAST else ""
    for part in group.parts:
        first: Criterion | None = by_id.get(part.id)
        what = "the item"
        if first is None and isinstance(part, Leaf) and part.expression is not None:
            first, what = by_expression.setdefault(str(part.expression), part), "the expression"
        if first is not None and first is not part:
            yield Finding(
                part.source,
                f"{what} of line {first.source.line} again in one list{counted}",
                "each item of a list once",
                "delete one of the two, or correct the expression that was copied",
            )
        by_id.setdefault(part.id, part)


# ---------------------------------------------------------------------------- names that nothing reads


@dataclass(slots=True)
class _Used:
    """The names that expressions read: facts, fields by group, value sets and groups, look-up tables."""

    facts: set[str] = field(default_factory=set)
    fields: set[tuple[str, str]] = field(default_factory=set)
    sets: set[str] = field(default_factory=set)
    tables: set[str] = field(default_factory=set)

    def expression(self, whole: Expression, groups: tuple[str, ...] = ()) -> None:
        """Note what an expression reads; inside ``where`` its paths are fields of the events of ``groups``."""
        for part in parts_of(whole):
            if isinstance(part, Holds | Comparison | Membership):
                self._term(part.term, groups)
            if isinstance(part, Comparison):
                self._value(part.value, groups)
            if isinstance(part, Membership):
                self.sets.update(() if part.named is None else (part.named,))
                for each in part.listed:
                    self._value(each, groups)

    def _term(self, term: Term, groups: tuple[str, ...]) -> None:
        match term:
            case Path(name):
                self._name(name, groups)
            case Latest(fact):
                self.facts.add(fact)
            case Count(groups=counted, where=where):
                self._events(counted, where)
            case Since(last):
                self._events(last.groups, last.where)
            case LastField(Last(held, where), name):
                self._events(held, where)
                self._name(name, held)

    def _events(self, groups: tuple[str, ...], where: Expression | None) -> None:
        self.sets.update(groups)
        if where is not None:
            self.expression(where, groups)

    def _name(self, name: str, groups: tuple[str, ...]) -> None:
        self.fields.update((group, name) for group in groups)
        if not groups:
            self.facts.add(name)

    def _value(self, value: object, groups: tuple[str, ...]) -> None:
        match value:
            case Path(name):
                self._name(name, groups)
            case TableLookup(table, fact):
                self.tables.add(table)
                self._name(fact, groups)

    def version(self, version: PolicyVersion) -> None:
        for each in version.rules:
            if each.when is not None:
                self.expression(each.when.expression)
            for whole in (*expressions_of(each.criteria), *expressions_of(each.unless)):
                self.expression(whole)


def _used_anywhere(holdings: Holdings) -> _Used:
    used = _Used({ENROLLED})
    for version in holdings.versions:
        used.version(version)
    for source in holdings.library.sources:
        for provision in source.provisions:
            if provision.when is not None:
                used.expression(provision.when)
    return used


def _unread_words(holdings: Holdings) -> frozenset[str]:
    """Every name-like word of the files with errors: their expressions were not read, and may use any of them."""
    broken = {each.source.file for each in holdings.library.errors}
    return frozenset(
        word
        for file in broken
        if not file.endswith("facts.md")
        for word in re.findall(r"[\w.-]+", holdings.library.texts.get(file, ""))
    )


@rule(Subject.STRUCTURE, Severity.NOTE)
def fact_never_used(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """A fact or a field of events is declared, and no expression reads it.

    The expressions of every version, draft, contract and mandate count; a value given in a case does not. Such a fact is
    harmless, and often the trace of a criterion that was dropped, or of one that is still a question. Delete the row, or
    write the expression that was to read it.
    """
    used = _used_anywhere(holdings)
    elsewhere = _unread_words(holdings)
    for fact in holdings.library.facts:
        if fact.name not in used.facts and fact.name not in elsewhere:
            yield _unused_fact(fact, "no expression of any policy, contract or mandate")
    for each in holdings.library.event_fields:
        if not any((group, each.name) in used.fields for group in each.groups) and each.name not in elsewhere:
            yield Finding(
                each.source,
                f"the field {each.name} of {', '.join(each.groups)} is read by no expression",
                f"an expression such as `last({each.groups[0]}).{each.name}`",
                "delete the row, or write the expression that was to read it",
            )
    for version in holdings.versions:
        if version.definitions.facts:
            own = _Used()
            own.version(version)
            for fact in version.definitions.facts:
                if fact.name not in own.facts:
                    yield _unused_fact(fact, "no expression of this document")


def _unused_fact(fact: FactDeclaration, where: str) -> Finding:
    return Finding(
        fact.source,
        f"the fact {fact.name} is read by {where}",
        "an expression that reads it",
        "delete the row, or write the expression that was to read it",
    )


@rule(Subject.STRUCTURE, Severity.NOTE)
def definition_never_used(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """A value set or a look-up table stands under Definitions, and no expression of the document reads it.

    What a definition lists then decides nothing: a diagnosis may be put into the list or taken out, and no answer moves.
    Write the criterion that was to read it (`diagnosis in its-name`, `table(its-name, fact)`), or say it in prose.
    """
    for version in holdings.versions:
        definitions = version.definitions
        if not definitions.value_sets and not definitions.tables:
            continue
        used = _Used()
        used.version(version)
        # a set of therapies may be the group of an event; a diagnosis set may share the name of a Coding group
        for named in definitions.value_sets:
            if named.name not in used.sets:
                yield Finding(
                    named.source,
                    f"the value set {named.name} is read by no expression",
                    f"an expression such as `diagnosis in {named.name}`",
                    "write the criterion that was to read it, or say it in prose",
                )
        for table in definitions.tables:
            if table.name not in used.tables:
                yield Finding(
                    table.source,
                    f"the table {table.name} is read by no expression",
                    f"an expression such as `fact <= table({table.name}, other_fact)`",
                    "write the criterion that was to read it, or say it in prose",
                )


RULES = (nesting_too_deep, criterion_twice, fact_never_used, definition_never_used)
