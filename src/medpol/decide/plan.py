"""The plan: a library compiled to flat, immutable rows, made per file and joined.

Every reading starts here: one case, bulk tables, pages. ``not`` is pushed to the literals, so each condition is a
monotone formula of threshold gates over literal bits: with T the bits that are met and U those that are unknown, a gate
(needed, mask) is met if popcount(T & mask) >= needed, and not met if popcount((T | U) & mask) < needed. Bits above the
literals are the gates themselves, in an order in which each gate comes after its parts.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import msgspec

from medpol.decide.cells import when_patterns
from medpol.decide.rows import (
    SEMANTICS,
    Condition,
    Dispatch,
    Gate,
    Literal,
    LiteralKind,
    LiteralValue,
    Node,
    Plan,
    PlanCode,
    PlanProvision,
    PlanRule,
    PlanSet,
    PlanSource,
    PlanVersion,
    ValueKind,
)
from medpol.library import Library
from medpol.lifecycle import withdrawn_from
from medpol.model import criteria as c
from medpol.model.codes import DIAGNOSIS_SYSTEMS
from medpol.model.contract import CoverageSource
from medpol.model.facts import BUILT_IN_FACTS, EventField, FactDeclaration, FactType
from medpol.model.policy import CodeRole, PolicyVersion, dose_facts, governed_groups, services_of
from medpol.model.positions import CoveragePosition
from medpol.model.quantities import Quantity

ENROLLED = "evidence_development.enrolled"
_TABLE_LITERALS = 6
_COLUMNS = tuple(sum(1 << row for row in range(64) if row >> at & 1) for at in range(_TABLE_LITERALS))
_CITED = ("effective", "archived", "lines of business", "states", "plans")


def compile_library(library: Library, previous: Plan | None = None) -> Plan:
    """The plan of a library. Versions whose file and declarations are those of ``previous`` are taken over as they are.

    Raises:
        ValueError: The library has errors; an error never becomes an answer.
    """
    if library.errors:
        raise ValueError(
            f"the library has {len(library.errors)} errors and cannot be compiled; the first: {library.errors[0]}"
        )
    kept = {} if previous is None else _kept(previous, library)
    by_policy: dict[str, list[PolicyVersion]] = {}
    for version in library.versions:
        by_policy.setdefault(version.policy, []).append(version)
    withdrawing = {policy for policy, held in by_policy.items() if any(version.withdraws for version in held)}
    rows: list[PlanVersion] = []
    for version in library.versions:
        if version.is_draft:
            continue
        row = kept.get((version.source.file, version.content_hash)) or compile_version(
            version, library.facts, library.event_fields
        )
        withdrawn = withdrawn_from(version, by_policy[version.policy]) if version.policy in withdrawing else None
        rows.append(row if row.withdrawn_from == withdrawn else replace(row, withdrawn_from=withdrawn))
    return Plan(
        SEMANTICS,
        plan_hash(library.deciding_files),
        tuple(rows),
        tuple(compile_source(source, library.facts, library.event_fields) for source in library.sources),
        library.plans,
        library.facts,
        library.event_fields,
        library.settings.lines,
        library.settings.systems,
        library.adjustments,
        library.settings.contact,
        library.settings.appeal,
    )


def _kept(previous: Plan, library: Library) -> dict[tuple[str, str], PlanVersion]:
    """The rows that still stand: those of unaltered files, read with the declarations that they were read with."""
    then = (previous.facts, previous.event_fields, previous.lines, previous.systems)
    if then != (library.facts, library.event_fields, library.settings.lines, library.settings.systems):
        return {}
    return {(row.file, row.content_hash): row for row in previous.versions}


def plan_hash(files: Iterable[tuple[str, str]]) -> str:
    """SHA-256 over the sorted (relative path with ``/``, content hash) of every file with meaning."""
    return hashlib.sha256("".join(f"{path}\0{digest}\n" for path, digest in sorted(files)).encode()).hexdigest()


def write_plan(plan: Plan) -> bytes:
    """The plan as JSON: the same plan, the same bytes."""
    return msgspec.json.encode(plan, order="deterministic")


def read_plan(data: bytes) -> Plan:
    """A plan that ``write_plan`` wrote. Raises ``msgspec.ValidationError`` naming the path where it is none."""
    return msgspec.json.decode(data, type=Plan)


# ---------------------------------------------------------------------------- versions


def compile_version(
    version: PolicyVersion, facts: Iterable[FactDeclaration], fields: Iterable[EventField]
) -> PlanVersion:
    """The rows of one file."""
    first_day, known_from = version.first_day, version.known_from
    assert first_day is not None
    assert known_from is not None
    declared = {
        fact.name: fact
        for fact in (*BUILT_IN_FACTS, *facts, *version.definitions.facts, *dose_facts(version.code_rows))
    }
    tables = {
        table.name: tuple((one.number, one.unit, other.number, other.unit) for one, other in table.rows)
        for table in version.definitions.tables
    }
    sets = {each.name: (each.values, each.is_open) for each in version.definitions.value_sets}
    for code in version.code_rows:
        if code.system in DIAGNOSIS_SYSTEMS and code.pattern is not None:
            sets[code.group] = (
                (*sets.get(code.group, ((), False))[0], code.pattern.text + ("*" if code.pattern.is_prefix else "")),
                False,
            )
    compiler = _Compiler(declared, tuple(fields), tables, {rule.name: rule for rule in version.rules}, sets)
    rules = tuple(compiler.rule(version, rule) for rule in version.rules)
    return PlanVersion(
        policy=version.policy,
        title=version.title,
        publisher=version.publisher,
        file=version.source.file,
        content_hash=version.content_hash,
        first_day=first_day,
        known_from=known_from,
        published=None if version.published is None else version.published.day,
        is_archived=version.is_archived,
        withdraws=version.withdraws,
        lines_of_business=version.lines_of_business,
        states=version.states,
        plans=version.plans,
        codes=tuple(
            PlanCode(
                row.group,
                row.system,
                row.pattern,
                row.role,
                row.period,
                row.label,
                None if row.dose_per_unit is None else (row.dose_per_unit.number, row.dose_per_unit.unit),
                row.source.line,
            )
            for row in version.code_rows
        ),
        sets=tuple(PlanSet(each.name, each.values, each.is_open) for each in version.definitions.value_sets),
        facts=version.definitions.facts,
        rules=rules,
        dispatches=_dispatches(version, rules),
        places=tuple((key, source.line) for key, source in version.places if key in _CITED),
    )


def _dispatches(version: PolicyVersion, rules: tuple[PlanRule, ...]) -> tuple[Dispatch, ...]:
    """One row for every set of governed groups that one code of the version stands in, and for each group alone."""
    by_code: dict[tuple[str, str], dict[str, None]] = {}
    for row in version.code_rows:
        if row.role is CodeRole.GOVERNED and row.pattern is not None:
            by_code.setdefault((row.system, row.pattern.text), {})[row.group] = None
    sets = dict.fromkeys(tuple(groups) for groups in by_code.values())
    sets |= dict.fromkeys((group,) for group in governed_groups(version))
    rows = []
    for groups in sets:
        named = tuple(at for at, rule in enumerate(rules) if set(rule.services) & set(groups))
        whens = [
            literal for at in named if _speaks(rules[at]) for literal in rules[at].literals[: rules[at].when_literals]
        ]
        rows.append(Dispatch(groups, named, when_patterns(whens) if whens else ()))
    return tuple(rows)


def _speaks(rule: PlanRule) -> bool:
    """Whether the rule takes part in the outcome; one on authorisation alone does not."""
    return rule.position.canonical is not CoveragePosition.AUTHORIZATION_ONLY


# ---------------------------------------------------------------------------- conditions

_LITERAL, _GATE = "literal", "gate"
_Bit = tuple[str, int]


@dataclass(slots=True)
class _Builder:
    """Collects the literals and gates of one rule; bits are pairs until the number of literals is known."""

    literals: list[Literal] = field(default_factory=list)
    gates: list[tuple[int, tuple[_Bit, ...]]] = field(default_factory=list)
    shared: dict[tuple[str, bool], _Bit] = field(default_factory=dict)

    def literal(self, literal: Literal) -> _Bit:
        self.literals.append(literal)
        return _LITERAL, len(self.literals) - 1

    def gate(self, needed: int, parts: Iterable[_Bit]) -> _Bit:
        held: list[_Bit] = []
        for part in parts:
            # a mask counts each bit once, so a part that stands twice passes through a gate of its own
            held.append(self._push(1, (part,)) if part in held else part)
        return held[0] if len(held) == 1 and needed == 1 else self._push(needed, tuple(held))

    def _push(self, needed: int, parts: tuple[_Bit, ...]) -> _Bit:
        self.gates.append((needed, parts))
        return _GATE, len(self.gates) - 1

    def at(self, bit: _Bit) -> int:
        return bit[1] if bit[0] == _LITERAL else len(self.literals) + bit[1]

    def rows(self) -> tuple[Gate, ...]:
        return tuple(Gate(needed, sum(1 << self.at(part) for part in parts)) for needed, parts in self.gates)


@dataclass(frozen=True, slots=True)
class _Compiler:
    """Compiles the expressions of one document."""

    facts: Mapping[str, FactDeclaration]
    fields: tuple[EventField, ...]
    tables: Mapping[str, tuple[tuple[object, str | None, object, str | None], ...]]
    rules: Mapping[str, c.Rule]
    sets: Mapping[str, tuple[tuple[str, ...], bool]] = field(default_factory=dict)

    def rule(self, version: PolicyVersion, rule: c.Rule) -> PlanRule:
        builder = _Builder()
        when = when_node = None
        if rule.when is not None:
            when = self.expression(builder, rule.when.expression, False, "", rule.when.source.line)
            when_node = (rule.when, when, len(builder.literals))
        when_literals = len(builder.literals)
        criteria = None if rule.criteria is None else self.criterion(builder, rule.criteria, False)
        unless = None if rule.unless is None else self.criterion(builder, rule.unless, False)
        parts = [bit for bit, _ in (each for each in (criteria, unless) if each is not None)]
        met = builder.gate(1, parts) if parts else None
        gates = builder.rows()
        literals = tuple(builder.literals)
        when_bit, met_bit = None if when is None else builder.at(when), None if met is None else builder.at(met)
        tables = _truth_tables(len(literals), gates) if len(literals) <= _TABLE_LITERALS else None
        return PlanRule(
            name=rule.name,
            position=rule.statement.position,
            kind=rule.statement.kind,
            services=services_of(version, rule),
            statement=rule.statement.sentence,
            line=rule.statement.source.line,
            in_every_case=rule.statement.in_every_case,
            otherwise=None if rule.otherwise is None else rule.otherwise.position,
            otherwise_text="" if rule.otherwise is None else rule.otherwise.sentence,
            otherwise_line=0 if rule.otherwise is None else rule.otherwise.source.line,
            dates=None if rule.dates is None else rule.dates.period,
            approved_for=rule.approved_for,
            literals=literals,
            gates=gates,
            when_literals=when_literals,
            when=when_bit,
            met=met_bit,
            when_node=None
            if when_node is None
            else Node(
                f"{rule.name}/when",
                when_node[0].sentence or when_node[0].code,
                when_node[0].source.line,
                builder.at(when_node[1]),
                literals=tuple(range(when_literals)),
            ),
            criteria_node=None if criteria is None else _placed(criteria[1], builder),
            unless_node=None if unless is None else _placed(unless[1], builder),
            when_table=None if tables is None or when_bit is None else tables[when_bit],
            met_table=None if tables is None or met_bit is None else tables[met_bit],
            qualifier=_qualifier(rule.statement) if rule.statement.kind is c.StatementKind.PLAIN else "",
        )

    def criterion(self, builder: _Builder, part: c.Criterion, negated: bool) -> tuple[_Bit, _DraftNode]:
        """The bit of a sentence (of its opposite where ``negated``) and its node."""
        match part:
            case c.Leaf(expression=None):
                bit = builder.literal(
                    Literal(
                        LiteralKind.QUESTION,
                        part.sentence,
                        part.id,
                        negated,
                        question=part.sentence,
                        line=part.source.line,
                    )
                )
                return bit, _DraftNode(part, bit, negated, (bit,))
            case c.Leaf(expression=expression):
                assert expression is not None
                before = len(builder.literals)
                bit = self.expression(builder, expression, negated, part.id, part.source.line)
                held = tuple((_LITERAL, at) for at in range(before, len(builder.literals))) or _literals_below(
                    builder, bit
                )
                guard = None
                if isinstance(expression, c.IfThen) and not negated and bit[0] == _GATE:
                    guard = builder.gates[bit[1]][1][0]
                return bit, _DraftNode(part, bit, negated, held, guard=guard)
            case c.Group():
                return self._group(builder, part, negated)

    def _group(self, builder: _Builder, group: c.Group, negated: bool) -> tuple[_Bit, _DraftNode]:
        guard = (
            None
            if group.guard is None
            else self.expression(builder, group.guard, not negated, group.id, group.source.line)
        )
        inner = negated is not (group.structure is c.Structure.NONE)
        parts = [self.criterion(builder, each, inner) for each in group.parts]
        n = len(parts)
        needed = {c.Structure.ALL: n, c.Structure.ANY: 1, c.Structure.NONE: 1, c.Structure.AT_LEAST: group.needed or 1}[
            group.structure
        ]
        bit = builder.gate(n - needed + 1 if inner else needed, [each for each, _ in parts])
        if guard is not None:  # not A or list; turned round: A and not list
            bit = builder.gate(2 if negated else 1, (guard, bit))
        return bit, _DraftNode(group, bit, negated, (), tuple(node for _, node in parts), None if negated else guard)

    def expression(self, builder: _Builder, expression: c.Expression, negated: bool, criterion: str, line: int) -> _Bit:
        match expression:
            case c.And(parts):
                return self._joined(builder, parts, len(parts), negated, criterion, line)
            case c.Or(parts):
                return self._joined(builder, parts, 1, negated, criterion, line)
            case c.Not(part):
                return self.expression(builder, part, not negated, criterion, line)
            case c.IfThen(condition, consequence):
                one = self.expression(builder, condition, not negated, criterion, line)
                other = self.expression(builder, consequence, negated, criterion, line)
                return builder.gate(2 if negated else 1, (one, other))
            case c.RuleCriteria(name):
                return self._rule_criteria(builder, name, negated)
            case c.Holds() | c.Comparison() | c.Membership():
                return builder.literal(self._literal(expression, negated, line))

    def _joined(
        self, builder: _Builder, parts: tuple[c.Expression, ...], needed: int, negated: bool, criterion: str, line: int
    ) -> _Bit:
        bits = [self.expression(builder, part, negated, criterion, line) for part in parts]
        return builder.gate(len(parts) - needed + 1 if negated else needed, bits)

    def _rule_criteria(self, builder: _Builder, name: str, negated: bool) -> _Bit:
        """Another rule's criteria or its unless, compiled once for each sign; a rule without criteria always holds."""
        if (name, negated) not in builder.shared:
            rule = self.rules[name]
            held = [
                self.criterion(builder, part, negated)[0] for part in (rule.criteria, rule.unless) if part is not None
            ]
            if held:
                bit = builder.gate(len(held) if negated else 1, held)
            else:
                bit = builder.gate(1 if negated else 0, ())
            builder.shared[name, negated] = bit
        return builder.shared[name, negated]

    # ------------------------------------------------------------------ literals

    def _literal(self, expression: c.Holds | c.Comparison | c.Membership, negated: bool, line: int) -> Literal:
        base = self._term(expression.term)
        said: dict[str, Any] = {"negated": negated, "text": str(expression), "line": line}
        match expression:
            case c.Holds():
                return replace(base, **said)
            case c.Comparison(_, comparison, value):
                kind = LiteralKind.COMPARE if base.kind is LiteralKind.HOLDS else base.kind
                return replace(base, kind=kind, comparison=comparison, value=self._value(value), **said)
            case c.Membership(_, named, listed):
                kind = LiteralKind.MEMBER if base.kind is LiteralKind.HOLDS else base.kind
                values = tuple(self._value(value) for value in listed)
                words, is_open = self.sets.get(named or "", ((), False))
                values = values or tuple(LiteralValue(ValueKind.TEXT, text=word) for word in words)
                named = named or ""
                return replace(base, kind=kind, comparison="in", named=named, values=values, is_open=is_open, **said)

    def _term(self, term: c.Term) -> Literal:
        match term:
            case c.Path(name):
                fact = self.facts[name]
                return Literal(
                    LiteralKind.HOLDS,
                    name,
                    "service.units" if name == "service.dose" else name,
                    fact=name,
                    fact_type=fact.type,
                    unit=fact.unit,
                    choices=fact.choices,
                    question=fact.question or _default_question(name),
                )
            case c.Count(measure, groups, window, where):
                return Literal(
                    LiteralKind.COUNT,
                    str(term),
                    history_of(groups),
                    fact_type=FactType.COUNT,
                    measure=measure.value,
                    groups=groups,
                    window=window.kind.value,
                    window_number=window.number,
                    window_unit=window.unit or "",
                    side="" if window.side is None else window.side.value,
                    where=self._where(groups, where),
                    question=_history_question(groups),
                )
            case c.Since(last):
                return Literal(
                    LiteralKind.SINCE,
                    str(term),
                    history_of(last.groups),
                    fact_type=FactType.QUANTITY,
                    unit="days",
                    groups=last.groups,
                    where=self._where(last.groups, last.where),
                    question=_history_question(last.groups),
                )
            case c.LastField(last, name):
                event_field = self._field(last.groups, name)
                return Literal(
                    LiteralKind.LAST,
                    str(term),
                    history_of(last.groups),
                    fact_type=event_field.type,
                    unit=event_field.unit,
                    choices=event_field.choices,
                    groups=last.groups,
                    field=name,
                    where=self._where(last.groups, last.where),
                    question=event_field.question or _history_question(last.groups),
                )
            case c.Latest(name, window):
                fact = self.facts[name]
                return Literal(
                    LiteralKind.LATEST,
                    str(term),
                    name,
                    fact=name,
                    fact_type=FactType.QUANTITY,
                    unit=fact.unit,
                    window=window.kind.value,
                    window_number=window.number,
                    window_unit=window.unit or "",
                    side="" if window.side is None else window.side.value,
                    question=fact.question or _default_question(name),
                )

    def _where(self, groups: tuple[str, ...], where: c.Expression | None) -> Condition | None:
        """A condition over the fields of one event; its facts are the fields' names."""
        if where is None:
            return None
        fields = {
            each.name: FactDeclaration(each.name, each.type, each.unit, each.choices, each.question)
            for each in self.fields
            if set(each.groups) & set(groups)
        }
        builder = _Builder()
        inner = _Compiler(fields, (), self.tables, {}, self.sets)
        root = inner.expression(builder, where, False, "", 0)
        return Condition(tuple(builder.literals), builder.rows(), builder.at(root))

    def _field(self, groups: tuple[str, ...], name: str) -> EventField:
        return next(each for each in self.fields if each.name == name and set(each.groups) & set(groups))

    def _value(self, value: c.Value) -> LiteralValue:
        match value:
            case Quantity(number, unit):
                return LiteralValue(ValueKind.QUANTITY, number, unit)
            case date():
                return LiteralValue(ValueKind.DATE, day=value)
            case c.Text(text):
                return LiteralValue(ValueKind.TEXT, text=text)
            case c.Path(name):
                return LiteralValue(ValueKind.FACT, text=name)
            case c.TableLookup(table, fact):
                return LiteralValue(ValueKind.TABLE, text=fact, rows=self.tables[table])  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class _DraftNode:
    """A node whose bits are still pairs."""

    part: c.Criterion
    bit: _Bit
    inverted: bool
    literals: tuple[_Bit, ...]
    parts: tuple[_DraftNode, ...] = ()
    guard: _Bit | None = None


def _placed(node: _DraftNode, builder: _Builder) -> Node:
    part = node.part
    structure = ""
    if isinstance(part, c.Group):
        structure = part.structure.value if part.needed is None else f"at least {part.needed} of"
    return Node(
        part.id,
        part.sentence,
        part.source.line,
        builder.at(node.bit),
        node.inverted,
        structure,
        tuple(builder.at(bit) for bit in node.literals),
        tuple(_placed(each, builder) for each in node.parts),
        None if node.guard is None else builder.at(node.guard),
    )


def _literals_below(builder: _Builder, bit: _Bit) -> tuple[_Bit, ...]:
    """The literals of a shared gate, for a leaf that only refers to another rule."""
    found: dict[_Bit, None] = {}
    waiting = [bit]
    while waiting:
        kind, at = waiting.pop()
        if kind == _LITERAL:
            found[kind, at] = None
        else:
            waiting += builder.gates[at][1]
    return tuple(sorted(found))


def _truth_tables(literals: int, gates: tuple[Gate, ...]) -> list[int]:
    """The column of every bit over the 64 rows of a table of six literals."""
    every = (1 << 64) - 1
    columns = list(_COLUMNS[:literals])
    for gate in gates:
        parts = [columns[at] for at in range(len(columns)) if gate.mask >> at & 1]
        reached = [every] + [0] * gate.needed  # reached[k]: rows in which at least k parts are met so far
        for column in parts:
            for k in range(gate.needed, 0, -1):
                reached[k] |= reached[k - 1] & column
        columns.append(reached[gate.needed])
    return columns


def history_of(groups: Iterable[str]) -> str:
    """The name under which the history of some groups is asked for."""
    return "history of " + " or ".join(groups)


def _history_question(groups: Iterable[str]) -> str:
    words = " or ".join(group.replace("-", " ").replace("_", " ") for group in groups)
    return f"Which earlier sessions of {words} are there, on which days, and from which day is that history complete?"


def _default_question(name: str) -> str:
    return f"What is documented for {name.replace('.', ', ').replace('_', ' ')}?"


_QUALIFIER = re.compile(
    r"\b((?:for|in|to treat|with|of patients|until|whenever|where|as long as|so long as|once|after|before|during|pending|subject to)\b.*?)(?= (?:is|are|may be|was|were|remains?)\b[^*]{0,400}\*\*| ?\*\*|[.:;]|$)",
    re.IGNORECASE,
)


def _qualifier(statement: c.Statement) -> str:
    """The words of a plain statement that narrow it and that no expression reads ("for the treatment of ...")."""
    words = re.sub(
        r"\*\*[^*]*\*\*", "** **", statement.sentence
    )  # "covered with limits" is a label and narrows nothing
    words = re.sub(r"\bin every case\b", "", words, flags=re.IGNORECASE)
    match = _QUALIFIER.search(" ".join(words.split()))  # one space a gap: a hostile run of them costs nothing
    return "" if match is None else " ".join(match[1].replace("**", "").split())


# ---------------------------------------------------------------------------- contracts, mandates


def compile_source(
    source: CoverageSource, facts: Iterable[FactDeclaration], fields: Iterable[EventField]
) -> PlanSource:
    """The rows of one contract, mandate or Medicare source."""
    compiler = _Compiler({fact.name: fact for fact in (*BUILT_IN_FACTS, *facts)}, tuple(fields), {}, {})
    rows = []
    for each in source.provisions:
        when = None
        if each.when is not None:
            builder = _Builder()
            root = compiler.expression(builder, each.when, False, "", each.source.line)
            when = Condition(tuple(builder.literals), builder.rows(), builder.at(root))
        known = each.published or source.published or source.period.start
        rows.append(
            PlanProvision(
                each.effect,
                each.system,
                each.code,
                each.group,
                each.position,
                each.period,
                known,
                when,
                each.clause,
                each.source.line,
            )
        )
    return PlanSource(
        source.kind,
        source.id,
        int(source.rank),
        source.source.file,
        source.content_hash,
        source.period,
        source.lines_of_business,
        source.states,
        source.plans,
        source.funding,
        source.group_code,
        source.contact,
        tuple(rows),
    )
