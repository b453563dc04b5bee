"""What could be learned of a case, or be otherwise: its facts, questions and histories, each with the values worth trying."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import Any

from medpol.decide.literals import Groups, judge_for, record_is_complete
from medpol.decide.one import Desk, JudgedRule, Settled
from medpol.decide.plan import ENROLLED
from medpol.decide.rows import Literal, LiteralKind, ValueKind
from medpol.decide.values import histories_for, values_for
from medpol.model.case import Known
from medpol.model.contract import Effect
from medpol.model.facts import Event
from medpol.model.policy import CodeRole
from medpol.model.positions import CoveragePosition
from medpol.model.quantities import Quantity

_NEVER = frozenset({"member.state", "member.line", "member.plan", "date_of_service", "service.dose"})
HISTORY_KINDS = frozenset({LiteralKind.COUNT, LiteralKind.SINCE, LiteralKind.LAST})


@dataclass(slots=True)
class Item:
    """One thing that could be learned or changed: a fact, a question, or the history of some groups."""

    name: str
    question: str
    literals: list[Literal] = field(default_factory=list)
    groups: tuple[str, ...] = ()
    is_question: bool = False
    values: Sequence[Any] = ()
    codings: tuple[Groups, ...] = ()

    def given(self, known: Known) -> bool:
        if self.is_question:
            return self.name in known.answers
        if self.groups:
            return False
        if self.name in known.facts:
            return not any(literal.kind is LiteralKind.LATEST for literal in self.literals)
        return any(literal.kind is LiteralKind.HOLDS for literal in self.literals) and record_is_complete(
            self.name, known.records
        )

    def now(self, known: Known) -> Any:
        if self.is_question:
            return known.answers.get(self.name)
        if self.groups:
            return None
        value = known.facts.get(self.name)
        return False if value is None and self.given(known) else value

    def put(self, known: Known, value: Any) -> Known:
        """What would be known with this value."""
        if self.is_question:
            return _copy(known, answers={**known.answers, self.name: value})
        if self.groups:
            return _copy(
                known, history=self._others(known.history) + tuple(value), complete=known.complete | set(self.groups)
            )
        changes: dict[str, Any] = {"facts": {**known.facts, self.name: value}}
        if any(literal.kind is LiteralKind.LATEST for literal in self.literals):
            changes["complete"] = known.complete | {self.name}
        if self.name == "service.units" and isinstance(value, Quantity):
            changes["units"] = value.number
        if self.name == "diagnosis":
            changes |= {"malformed_diagnosis": False, "shared_diagnoses": False}
        return _copy(known, **changes)

    def forget(self, known: Known) -> Known:
        """What would be known if nobody had said anything of it."""
        if self.is_question:
            return _copy(known, answers={name: value for name, value in known.answers.items() if name != self.name})
        if self.groups:
            return _copy(
                known,
                history=self._others(known.history),
                complete=known.complete - set(self.groups),
                incomplete_for=(*known.incomplete_for, *self.groups),
            )
        changes: dict[str, Any] = {
            "facts": {name: value for name, value in known.facts.items() if name != self.name},
            "forgotten": known.forgotten | {self.name},
        }
        if self.name == "service.units":
            changes["units"] = None
        return _copy(known, **changes)

    def _others(self, history: Sequence[Event]) -> tuple[Event, ...]:
        """The history without the events of these groups."""
        return tuple(
            event
            for event in history
            if not any(coding.holds_event(group, event) for coding in self.codings for group in self.groups)
        )


_all_of = attrgetter(*(each.name for each in fields(Known)))


def _copy(known: Known, **changes: Any) -> Known:
    """Like ``dataclasses.replace``, which takes several times as long: a search copies thousands of times."""
    copied = Known(*_all_of(known))
    for name, value in changes.items():
        setattr(copied, name, value)
    return copied


def items_of(desk: Desk, settled: Settled, known: Known) -> list[Item]:
    """The items that any rule or provision reads, in document order, with the values worth trying."""
    literals: list[Literal] = []
    settleds = _flat(settled)
    policies = [answer for each in settleds for answer in each.policies]
    for answer in policies:
        for judged in answer.rules:
            if not judged.rule.only_authorizes:
                literals += judged.rule.row.literals
    for each in [provision for one in settleds for provision in one.provisions]:
        if each.provision.row.when is not None and each.provision.row.effect in (Effect.COVERS, Effect.EXCLUDES):
            literals += each.provision.row.when.literals
    joined = _joined_groups(literals)
    codings = tuple(answer.version.groups for answer in policies)
    if any(each.provisions for each in settleds):
        codings = (*codings, desk.library_groups)
    items: dict[str, Item] = {}
    for literal in literals:
        for name in _names(literal, joined):
            if name in _NEVER:
                continue
            groups = (
                joined.get(literal.groups, ())
                if literal.kind in HISTORY_KINDS and name.startswith("history of ")
                else ()
            )
            item = items.setdefault(
                name,
                Item(
                    name,
                    literal.question
                    if name == literal.item or groups
                    else f"What is documented for {name.replace('.', ', ').replace('_', ' ')}?",
                    groups=groups,
                    is_question=literal.kind is LiteralKind.QUESTION,
                    codings=codings,
                ),
            )
            item.literals.append(literal)
    if any(asks_enrolment(judged) for answer in policies for judged in answer.rules):
        items[ENROLLED] = Item(
            ENROLLED, "Is the member enrolled in the study that the position asks for?", values=(True, False)
        )
    excluding = [
        code
        for answer in policies
        for code in answer.version.row.codes
        if code.role is CodeRole.EXCLUDES and code.pattern is not None
    ]
    if excluding and "diagnosis" not in items and any(answer.was_judged for answer in policies):
        items["diagnosis"] = Item("diagnosis", "Which diagnoses is the service for?")
    for item in items.values():
        item.values = _values(item, known) if item.literals else item.values
        if item.name == "diagnosis":
            codes = tuple(code.pattern.text for code in excluding[:1] if code.pattern is not None)
            item.values = [*(item.values or [("Z99",)]), *([codes] if codes else [])]
    return sorted(items.values(), key=lambda item: item.name != ENROLLED)


def _flat(settled: Settled) -> list[Settled]:
    """The answer, and those of every line, state or plan that the case leaves open and that answer alike."""
    return [settled, *(inner for each in settled.alike for inner in _flat(each))]


def asks_enrolment(judged: JudgedRule) -> bool:
    row = judged.rule.row
    return CoveragePosition.EVIDENCE_DEVELOPMENT in (
        row.position.canonical,
        None if row.otherwise is None else row.otherwise.canonical,
    )


def _names(literal: Literal, joined: dict[tuple[str, ...], tuple[str, ...]]) -> list[str]:
    if literal.kind in HISTORY_KINDS:
        names = ["history of " + " or ".join(joined[literal.groups])]
    else:
        names = [literal.item]
    if literal.value is not None and literal.value.kind in (ValueKind.FACT, ValueKind.TABLE):
        names.append(literal.value.text)
    return names


def _joined_groups(literals: Iterable[Literal]) -> dict[tuple[str, ...], tuple[str, ...]]:
    """Groups that some literal counts together share one history."""
    sets: list[dict[str, None]] = []
    held = [literal.groups for literal in literals if literal.kind in HISTORY_KINDS]
    for groups in held:
        touching = [each for each in sets if set(each) & set(groups)]
        merged = {name: None for each in touching for name in each} | dict.fromkeys(groups)
        sets = [each for each in sets if not any(each is other for other in touching)] + [merged]
    return {groups: tuple(next(each for each in sets if set(groups) <= set(each))) for groups in held}


def _values(item: Item, known: Known) -> Sequence[Any]:
    if item.is_question:
        return [True, False]
    if item.groups:
        return _distinct(item, histories_for(item.groups, item.literals, known), known)
    others = {
        name
        for literal in item.literals
        if literal.value is not None and literal.value.kind is ValueKind.FACT
        for name in (literal.fact, literal.value.text)
    }
    beside = [known.facts[name] for name in sorted(others - {item.name}) if name in known.facts]
    return values_for(item.name, item.literals, known.day, beside)


def _distinct(item: Item, histories: Sequence[Any], known: Known) -> list[Any]:
    """One history for every pattern of truths that the literals of the item can take."""
    judges = [
        judge_for(literal, coding)
        for coding in item.codings
        for literal in dict.fromkeys(item.literals)
        if _names_held(literal, coding)
    ]
    by_pattern: dict[tuple[int, ...], Any] = {}
    for history in histories:
        supposed = item.put(known, history)
        by_pattern.setdefault(tuple(judge(supposed) for judge in judges), history)
    return list(by_pattern.values())


def _names_held(literal: Literal, coding: Groups) -> bool:
    """Whether a version holds the value sets that a literal names: each policy has its own."""
    parts = (literal,) if literal.where is None else (literal, *literal.where.literals)
    return all(not part.named or part.named in coding.sets or part.named in coding.diagnoses for part in parts)
