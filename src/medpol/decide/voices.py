"""What the rules of one policy say together: voices as bits, so that every completion of what is unknown is one mask."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from medpol.decide.rows import PlanRule
from medpol.model.criteria import StatementKind
from medpol.model.positions import FAVOURABLE, CoveragePosition, Outcome, Position

_POSITIONS = tuple(CoveragePosition)
_PLAIN, _MET, _OTHERWISE = range(3)
_SILENT = 1 << (len(_POSITIONS) * 6)
_REASONS = ("position-unconditional", "criteria-met", "criteria-not-met")


Voices = tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]
"""What a rule says where its criteria are not met, met, or unknown: one mask for each way it could be completed."""


class Result(NamedTuple):
    """What some source answers on one completion. ``positions`` are those of the statements that speak in it."""

    outcome: Outcome
    reason_key: str
    positions: frozenset[CoveragePosition] = frozenset()


def _voice(position: Position, in_every_case: bool, how: int) -> int:
    return 1 << (_POSITIONS.index(position.canonical) * 6 + in_every_case * 3 + how)


def voices_of(rule: PlanRule) -> Voices:
    """The voices of a rule whose criteria are not met, met, or unknown (then either)."""
    if rule.kind is StatementKind.PLAIN:
        said = (_voice(rule.position, rule.in_every_case, _PLAIN),)
        return said, said, said
    met = _voice(rule.position, rule.in_every_case, _MET)
    if rule.otherwise is not None:
        failed = _voice(rule.otherwise, rule.in_every_case, _OTHERWISE)
    else:
        failed = _SILENT if rule.position.canonical in FAVOURABLE else 0
    return (failed,), (met,), ((met, failed) if met != failed else (met,))


@lru_cache(maxsize=65_536)
def resolve(mask: int, is_enrolled: bool) -> Result:
    """What one completion answers: a director's review first, then ``in every case``, then agreement of outcomes."""
    said = [(at // 6, at // 3 % 2, at % 3) for at in range(len(_POSITIONS) * 6) if mask >> at & 1]
    if not said:
        if mask & _SILENT:
            return Result(Outcome.NOT_COVERED, "criteria-not-met")
        return Result(Outcome.NOT_ADDRESSED, "no-rule-applies")
    if any(_POSITIONS[place] is CoveragePosition.REFER for place, _, _ in said):
        return Result(Outcome.REFER, "text-orders-review", frozenset({CoveragePosition.REFER}))
    if len({_outcome(place, is_enrolled) for place, _, _ in said}) > 1 and any(every for _, every, _ in said):
        said = [voice for voice in said if voice[1]]
    outcomes = {_outcome(place, is_enrolled) for place, _, _ in said}
    if len(outcomes) > 1:
        return Result(Outcome.REFER, "text-ambiguous", _held(said))
    outcome = outcomes.pop()
    return Result(outcome, _reason(outcome, said), _held(said))


@lru_cache(maxsize=65_536)
def resolve_all(masks: frozenset[int], is_enrolled: bool) -> frozenset[Result]:
    """What the completions that are left answer."""
    return frozenset([resolve(mask, is_enrolled) for mask in masks])


BIT_OF = {outcome: 1 << at for at, outcome in enumerate(Outcome)}
"""A set of outcomes as an integer: a search makes and compares many thousands of them."""


def mask_of(outcomes: Iterable[Outcome]) -> int:
    mask = 0
    for each in outcomes:
        mask |= BIT_OF[each]
    return mask


def _outcome(place: int, is_enrolled: bool) -> Outcome:
    position = _POSITIONS[place]
    if position is CoveragePosition.EVIDENCE_DEVELOPMENT and is_enrolled:
        return Outcome.COVERED
    outcome = position.outcome
    assert outcome is not None
    return outcome


def _held(said: list[tuple[int, int, int]]) -> frozenset[CoveragePosition]:
    return frozenset(_POSITIONS[place] for place, _, _ in said)


def _reason(outcome: Outcome, said: list[tuple[int, int, int]]) -> str:
    if outcome is Outcome.REFER:
        is_delegated = any(_POSITIONS[place] is CoveragePosition.DELEGATED for place, _, _ in said)
        return "delegated" if is_delegated else "evidence-development"
    return _REASONS[min(how for _, _, how in said)]


def speaks_in(rule: PlanRule, truth: int) -> tuple[Position, int, str] | None:
    """The position a settled rule states, with the line and the words that state it; ``None`` where it is silent."""
    if truth == 1 or rule.kind is StatementKind.PLAIN:
        return rule.position, rule.line, rule.statement
    if truth == 0 and rule.otherwise is not None:
        return rule.otherwise, rule.otherwise_line, rule.otherwise_text
    return None
