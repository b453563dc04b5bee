"""Names and types: every fact, unit, choice, group, set, table and rule of an expression is checked on reading.

The result is the expression with its bare words resolved (a choice is a ``Text``, not a path), so that nothing later
has to ask what a word means.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import NoReturn

from medpol.model.codes import DIAGNOSIS_SYSTEMS, CodeSystems, diagnosis_pattern
from medpol.model.criteria import (
    And,
    Comparison,
    Count,
    Criterion,
    Expression,
    Group,
    Holds,
    IfThen,
    Last,
    LastField,
    Latest,
    Leaf,
    Membership,
    Not,
    Or,
    Path,
    Rule,
    RuleCriteria,
    Since,
    TableLookup,
    Term,
    Text,
    Value,
)
from medpol.model.diagnostic import Source
from medpol.model.facts import BUILT_IN_FACTS, EventField, FactDeclaration, FactType, normalise_sex
from medpol.model.lines import LINES_OF_BUSINESS, normalise_line
from medpol.model.policy import LookupTable, ValueSet
from medpol.model.quantities import Quantity, convertible
from medpol.text.source import MAXIMUM_DEPTH, Findings

_DURATIONS = ("days", "weeks", "months", "years")
_ORDERED = (FactType.QUANTITY, FactType.COUNT, FactType.RATIO, FactType.DATE, FactType.AGE)
_YES = {"yes": True, "no": False}
_MEMBER_LINE, _SEX = Path("member.line"), Path("sex")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What a library declares for all of its documents: facts, event fields, lines of business, code systems."""

    facts: tuple[FactDeclaration, ...] = ()
    event_fields: tuple[EventField, ...] = ()
    lines: tuple[str, ...] = ()
    systems: CodeSystems = CodeSystems()


@dataclass(frozen=True, slots=True)
class _Type:
    """What a term yields: a fact type with its unit and choices."""

    type: FactType
    unit: str | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a code span stands, so that a message can point at one name in it."""

    text: str
    line: int
    column: int

    def of(self, name: str) -> tuple[int, int]:
        whole = re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w-]|\.\w)", self.text)
        return self.line, self.column + (whole.start() if whole else max(0, self.text.find(name)))


def _described(kind: _Type) -> str:
    return kind.type.value if kind.unit is None else f"{kind.type.value} in {kind.unit}"


class _Failed(Exception):
    """The expression cannot be used; its finding is already made."""


@dataclass(slots=True)
class NameResolver:
    """Resolves the expressions of one document against what the library and the document declare."""

    findings: Findings
    vocabulary: Vocabulary
    facts: Mapping[str, FactDeclaration]
    groups: Collection[str] = ()
    value_sets: Mapping[str, ValueSet] = field(default_factory=dict)
    tables: Mapping[str, LookupTable] = field(default_factory=dict)
    rules: Collection[str] = ()
    plain_rules: Collection[str] = ()
    diagnosis_groups: Collection[str] = ()
    lines: Sequence[str] = ()

    # ------------------------------------------------------------------ doors

    def rule(self, rule: Rule) -> Rule | None:
        """The rule with every expression resolved, or ``None`` where one could not be."""
        failed = False

        def resolved(expression: Expression, code: str, source: Source) -> Expression:
            nonlocal failed
            result = self.expression(expression, code, source.line, self._column(code, source))
            failed |= result is None
            return expression if result is None else result

        def criterion(part: Criterion) -> Criterion:
            match part:
                case Leaf(expression=None):
                    return part
                case Leaf(expression=expression, code=code):
                    assert expression is not None
                    return replace(part, expression=resolved(expression, code or "", part.source))
                case Group(guard=guard, parts=parts):
                    if guard is not None:
                        guard = resolved(guard, part.code or "", part.source)
                    return replace(part, parts=tuple(criterion(each) for each in parts), guard=guard)

        when = rule.when
        if when is not None:
            when = replace(when, expression=resolved(when.expression, when.code, when.source))
        result = replace(
            rule,
            when=when,
            criteria=None if rule.criteria is None else criterion(rule.criteria),
            unless=None if rule.unless is None else criterion(rule.unless),
        )
        known = self.services(rule.services, rule.services_source)
        return None if failed or not known else result

    def services(self, services: Iterable[str], source: Source) -> bool:
        """Whether every service of a rule is a group, reporting those that are not."""
        unknown = [service for service in services if service not in self.groups]
        for service in unknown:
            self.findings.unknown_name(
                *self.place_of(service, source),
                "unknown-group",
                "group under `Services:`",
                service,
                self.groups,
                "" if self.groups else "name it in the Coding table with the role governed",
            )
        return not unknown

    def place_of(self, service: str, source: Source) -> tuple[int, int]:
        """Where a `Services:` line names a service."""
        line = self.lines[source.line - 1] if source.line <= len(self.lines) else ""
        return source.line, max(source.column, line.find(f"`{service}`") + 2)

    def _column(self, code: str, source: Source) -> int:
        """Where the expression begins: it is the last thing on its line but for an end sign."""
        line = self.lines[source.line - 1] if source.line <= len(self.lines) else ""
        return max(source.column, line.rfind(code) + 1)

    def expression(self, expression: Expression, code: str, line: int, column: int) -> Expression | None:
        try:
            return self._expression(expression, _Place(code, line, column), None)
        except _Failed:
            return None

    # ------------------------------------------------------------------ expressions

    def _expression(self, expression: Expression, place: _Place, event_groups: tuple[str, ...] | None) -> Expression:
        match expression:
            case And(parts):
                return And(self._all(parts, place, event_groups))
            case Or(parts):
                return Or(self._all(parts, place, event_groups))
            case Not(part):
                return Not(self._expression(part, place, event_groups))
            case IfThen(condition, consequence):
                one, other = self._all((condition, consequence), place, event_groups)
                return IfThen(one, other)
            case RuleCriteria(rule):
                if event_groups is not None:
                    self._error(
                        place,
                        rule,
                        "criteria-in-where",
                        "criteria(...) inside `where`",
                        "fields of the event",
                        "move it out of `where`",
                    )
                if rule not in self.rules:
                    self._unknown(place, "unknown-rule", "rule", rule, self.rules)
                if rule in self.plain_rules:
                    self._error(
                        place,
                        rule,
                        "rule-without-criteria",
                        f"criteria({rule}), but that rule has no criteria",
                        "a rule with a list or an expression",
                        "write the condition itself",
                    )
                return expression
            case Holds(term):
                resolved, kind = self._term(term, place, event_groups)
                if kind.type is not FactType.YES_NO:
                    self._error(
                        place,
                        str(term),
                        "not-yes-no",
                        f"{term} standing bare is a {kind.type.value}",
                        "a yes/no fact, or a comparison",
                        "compare it with a value",
                    )
                return Holds(resolved)
            case Comparison(term, comparison, value):
                return self._comparison(term, comparison, value, place, event_groups)
            case Membership():
                return self._membership(expression, place, event_groups)

    def _all(
        self, parts: Iterable[Expression], place: _Place, event_groups: tuple[str, ...] | None
    ) -> tuple[Expression, ...]:
        resolved: list[Expression] = []
        failed = False
        for part in parts:
            try:
                resolved.append(self._expression(part, place, event_groups))
            except _Failed:
                failed = True
        if failed:
            raise _Failed
        return tuple(resolved)

    def _comparison(
        self, term: Term, comparison: str, value: Value, place: _Place, event_groups: tuple[str, ...] | None
    ) -> Expression:
        resolved, kind = self._term(term, place, event_groups)
        if kind.type is FactType.CODES:
            if comparison in ("=", "!=") and isinstance(value, Text):
                inner = self._membership(Membership(term, None, (value,)), place, event_groups)
                return inner if comparison == "=" else Not(inner)
            self._error(
                place,
                str(term),
                "codes-compared",
                f"{term} holds codes",
                "`in` a group, a value set or a list",
                "write it with `in`",
            )
        if kind.type is FactType.OBSERVATIONS:
            self._error(
                place,
                str(term),
                "observations-compared",
                f"{term} holds dated observations",
                "latest(fact, window)",
                f"write latest({term}, ...)",
            )
        if comparison not in ("=", "!=") and kind.type not in _ORDERED:
            self._error(
                place,
                comparison,
                "not-ordered",
                f"{comparison} on a {kind.type.value}",
                "= or !=, or `in`",
                "compare it with = or in",
            )
        checked = self._value(value, kind, place, event_groups)
        if comparison == "!=":
            return Not(Comparison(resolved, "=", checked))
        if term in (_MEMBER_LINE, _SEX):
            checked = self._member_word(term, checked, place)
        if kind.type is FactType.YES_NO:
            assert isinstance(checked, Text)
            return Holds(resolved) if _YES[checked.text] else Not(Holds(resolved))
        return Comparison(resolved, comparison, checked)

    def _value(self, value: Value, kind: _Type, place: _Place, event_groups: tuple[str, ...] | None) -> Value:
        match kind.type, value:
            case (FactType.YES_NO, Path(name) | Text(text=name)):
                if name.casefold() not in _YES:
                    self._unknown(place, "unknown-choice", "answer to a yes/no fact", name, _YES)
                return Text(name.casefold(), quoted=False)
            case (FactType.CHOICE, Path(name) | Text(text=name)):
                if name not in kind.choices:
                    self._unknown(place, "unknown-choice", "choice", name, kind.choices)
                return Text(name, quoted=isinstance(value, Text) and value.quoted)
            case (FactType.TEXT, Text()):
                return value
            case (FactType.TEXT, Path(name)) if name not in self.facts:
                return Text(name, quoted=False)
            case (FactType.DATE, date()):
                return value
            case (FactType.COUNT, Quantity(unit=None)):
                return value
            case (FactType.RATIO, Quantity(number, None)):
                return Quantity(number * Decimal(100), "%")
            case (FactType.RATIO | FactType.QUANTITY | FactType.AGE, Quantity()):
                self._units(place, value, kind)
                return value
            case (_, TableLookup(table, fact)) if kind.type in (FactType.QUANTITY, FactType.COUNT, FactType.RATIO):
                self._table(place, table, fact, kind)
                return value
            case (_, Path(name)):
                other = self._fact(name, place, event_groups)
                if other.type is not kind.type or not convertible(other.unit, kind.unit):
                    self._error(
                        place,
                        name,
                        "types-differ",
                        f"{name} is a {_described(other)}",
                        f"a {_described(kind)}, or a unit that converts",
                        "compare facts of one type and unit",
                    )
                return value
        expected = {
            FactType.COUNT: "a whole number without a unit",
            FactType.DATE: "a day (YYYY-MM-DD)",
            FactType.AGE: "an age such as 18 years",
            FactType.QUANTITY: f"a quantity with a unit such as {kind.unit}",
            FactType.CHOICE: "one of its choices",
            FactType.TEXT: "a quoted text",
        }.get(kind.type, f"a value of type {kind.type.value}")
        self._error(place, str(value), "wrong-type", f"the value {value}", expected, f"write {expected}")

    def _units(self, place: _Place, value: Quantity, kind: _Type) -> None:
        unit = kind.unit if kind.type is not FactType.AGE else "years"
        if kind.type is FactType.RATIO:
            unit = "%"
        if value.unit is None:
            self._error(
                place,
                str(value),
                "missing-unit",
                f"{value} without a unit",
                f"a unit such as {unit}",
                f"write it such as `{value} {unit}`",
            )
        if not convertible(value.unit, unit):
            self._error(
                place,
                str(value),
                "units-differ",
                f"{value} beside a fact in {unit}",
                f"a unit that converts to {unit}",
                f"write it in {unit}",
            )

    def _table(self, place: _Place, name: str, fact: str, kind: _Type) -> None:
        table = self.tables.get(name)
        if table is None:
            self._unknown(place, "unknown-table", "table", name, self.tables)
        other = self._fact(fact, place, None)
        for at, (what, unit) in enumerate(((fact, other.unit), ("the compared fact", kind.unit))):
            for row in table.rows:
                if not convertible(row[at].unit, unit if kind.type is not FactType.RATIO or at == 0 else "%"):
                    self._error(
                        place,
                        name,
                        "units-differ",
                        f"column {at + 1} of {name} in {row[at].unit}, {what} in {unit}",
                        "units that convert",
                        "give both one unit",
                    )

    def _membership(self, expression: Membership, place: _Place, event_groups: tuple[str, ...] | None) -> Expression:
        resolved, kind = self._term(expression.term, place, event_groups)
        if kind.type in (FactType.YES_NO, FactType.OBSERVATIONS):
            self._error(
                place,
                str(expression.term),
                "wrong-type",
                f"`in` on a {kind.type.value}",
                "a choice, a text or codes",
                "compare it otherwise",
            )
        name = expression.named
        if name is None:
            return Membership(
                resolved,
                None,
                tuple(
                    self._listed(value, kind, place, event_groups, term=expression.term) for value in expression.listed
                ),
            )
        value_set = self.value_sets.get(name)
        if kind.type is FactType.CODES and expression.term == Path("diagnosis"):
            if value_set is None and name not in self.diagnosis_groups:
                self._unknown(
                    place,
                    "unknown-set",
                    "group or value set of diagnoses",
                    name,
                    (*self.value_sets, *self.diagnosis_groups),
                )
            for value in value_set.values if value_set is not None else ():
                self._diagnosis(value, place, name)
            return Membership(resolved, name)
        if value_set is None:
            self._unknown(place, "unknown-set", "value set", name, self.value_sets)
        if kind.type is FactType.CHOICE:
            for value in value_set.values:
                if value not in kind.choices:
                    self._unknown(place, "unknown-choice", f"choice (in the value set {name})", value, kind.choices)
        return Membership(resolved, name)

    def _listed(
        self, value: Value, kind: _Type, place: _Place, event_groups: tuple[str, ...] | None, *, term: Term
    ) -> Value:
        if kind.type is FactType.CODES:
            if not isinstance(value, Text):
                self._error(
                    place,
                    str(value),
                    "unquoted-code",
                    f"the code {value} without quotes",
                    'codes in quotes, "M79.18"',
                    "put it in quotes",
                )
            if term == Path("diagnosis"):
                self._diagnosis(value.text, place, f'"{value.text}"')
            return value
        checked = self._value(value, kind, place, event_groups)
        if term in (_MEMBER_LINE, _SEX):
            checked = self._member_word(term, checked, place)
        if isinstance(checked, Path | TableLookup):
            self._error(
                place, str(value), "wrong-type", f"{value} in a list", "values written out", "write the values out"
            )
        return checked

    def _member_word(self, term: Term, value: Value, place: _Place) -> Value:
        """A line of business or a sex by its one canonical name, however the document spells it."""
        if not isinstance(value, Text):
            return value
        if term == _SEX:
            return Text(normalise_sex(value.text) or value.text, quoted=value.quoted)
        name = normalise_line(value.text, self.vocabulary.lines)
        if name is None:
            known = (*LINES_OF_BUSINESS, *self.vocabulary.lines)
            self._unknown(place, "unknown-line-of-business", "line of business", value.text, known)
        return Text(name, quoted=value.quoted)

    def _diagnosis(self, value: str, place: _Place, name: str) -> None:
        if not any(diagnosis_pattern(self.vocabulary.systems, system, value) for system in DIAGNOSIS_SYSTEMS):
            self._error(
                place,
                name,
                "bad-code",
                f"{value!r} is no diagnosis" + ("" if name.startswith('"') else f" (value set {name})"),
                "codes or prefixes such as M79.1x",
                "correct the code",
            )

    # ------------------------------------------------------------------ terms

    def _term(self, term: Term, place: _Place, event_groups: tuple[str, ...] | None) -> tuple[Term, _Type]:
        if event_groups is not None and not isinstance(term, Path):
            self._error(
                place,
                str(term),
                "term-in-where",
                f"{term} inside `where`",
                "fields of the event",
                "move it out of `where`",
            )
        match term:
            case Path(name):
                return term, self._fact(name, place, event_groups)
            case Count(groups=groups, where=where):
                return replace(term, where=self._where(groups, where, place)), _Type(FactType.COUNT)
            case Since(last):
                return Since(self._last(last, place)), _Type(FactType.QUANTITY, "days")
            case LastField(last, name):
                return LastField(self._last(last, place), name), self._field(last.groups, name, place)
            case Latest(fact, _):
                declared = self._fact(fact, place, None)
                if declared.type is not FactType.OBSERVATIONS:
                    self._error(
                        place,
                        fact,
                        "not-observations",
                        f"{fact} is a {declared.type.value}",
                        "a fact of type observations",
                        "compare it without latest()",
                    )
                return term, _Type(FactType.QUANTITY, declared.unit)

    def _last(self, last: Last, place: _Place) -> Last:
        return replace(last, where=self._where(last.groups, last.where, place))

    def _where(self, groups: tuple[str, ...], where: Expression | None, place: _Place) -> Expression | None:
        for group in groups:
            if group not in self.groups and group not in self.diagnosis_groups:
                self._unknown(place, "unknown-group", "group", group, self.groups)
        return None if where is None else self._expression(where, place, groups)

    def _fact(self, name: str, place: _Place, event_groups: tuple[str, ...] | None) -> _Type:
        if event_groups is not None:
            return self._field(event_groups, name, place)
        declared = self.facts.get(name)
        if declared is None:
            self._unknown(place, "undeclared-fact", "fact", name, self.facts)
        return _Type(declared.type, declared.unit, declared.choices)

    def _field(self, groups: tuple[str, ...], name: str, place: _Place) -> _Type:
        fields = [each for each in self.vocabulary.event_fields if set(each.groups) & set(groups)]
        for each in fields:
            if each.name == name:
                return _Type(each.type, each.unit, each.choices)
        self._unknown(
            place, "undeclared-field", f"field of {' or '.join(groups)}", name, {each.name for each in fields}
        )

    # ------------------------------------------------------------------ findings

    def _unknown(self, place: _Place, rule: str, what: str, name: str, known: Iterable[str]) -> NoReturn:
        line, column = place.of(name)
        self.findings.unknown_name(line, column, rule, what, name, known)
        raise _Failed

    def _error(self, place: _Place, at: str, rule: str, found: str, expected: str, mend: str) -> NoReturn:
        line, column = place.of(at)
        self.findings.error(line, column, rule, found, expected, mend)
        raise _Failed


def facts_by_name(*tables: Iterable[FactDeclaration]) -> dict[str, FactDeclaration]:
    """Built-in facts and those of the tables; a later table adds, it never changes a name (checked where it is read)."""
    return {each.name: each for table in (BUILT_IN_FACTS, *tables) for each in table}


def report_cycles(rules: Sequence[Rule], findings: Findings, uses: Callable[[Rule], Iterable[str]]) -> None:
    """Report rules whose criteria lead back to themselves, or through more rules than anybody could follow."""
    sources = {rule.name: rule.source for rule in rules}
    graph = {rule.name: tuple(uses(rule)) for rule in rules}
    deep = set(graph)
    for _ in range(MAXIMUM_DEPTH):
        deep = {name for name in deep if any(other in deep for other in graph[name])}
    if deep and not _in_cycles(graph):
        name = next(name for name in graph if name in deep)
        source = sources[name]
        findings.error(
            source.line,
            source.column,
            "criteria-depth",
            f"criteria(...) through more than {MAXIMUM_DEPTH} rules",
            f"at most {MAXIMUM_DEPTH}",
            "write the criteria out",
        )
    for name in _in_cycles(graph):
        source = sources[name]
        findings.error(
            source.line,
            source.column,
            "criteria-cycle",
            f"criteria({name}) leads back to itself",
            "rules that end",
            "write the criteria out in one of them",
        )


def _in_cycles(graph: Mapping[str, Sequence[str]]) -> list[str]:
    """The names that lead back to themselves, in the order of ``graph``.

    Source: Tarjan R. SIAM J Comput 1972;1:146-160, its recursion written out as a stack.
    """
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    open_names: list[str] = []
    is_open: set[str] = set()
    found: set[str] = set()
    for root in graph:
        path = [] if root in order else [(root, iter(graph[root]))]
        while path:
            name, following = path[-1]
            if name not in order:
                order[name] = low[name] = len(order)
                open_names.append(name)
                is_open.add(name)
            for other in following:
                if other not in graph:
                    continue
                if other not in order:
                    path.append((other, iter(graph[other])))
                    break
                if other in is_open:
                    low[name] = min(low[name], order[other])
            else:
                path.pop()
                if path:
                    low[path[-1][0]] = min(low[path[-1][0]], low[name])
                if low[name] == order[name]:
                    at = len(open_names) - 1
                    while open_names[at] != name:
                        at -= 1
                    component = open_names[at:]
                    del open_names[at:]
                    is_open.difference_update(component)
                    if len(component) > 1 or name in graph[name]:
                        found.update(component)
    return [name for name in graph if name in found]
