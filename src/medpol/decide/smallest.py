"""What is missing, and what would change the answer: inclusion-minimal sets of facts, each verified by deciding."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from math import prod
from typing import Any

from medpol.decide.identity import canonical_value
from medpol.decide.items import Item, items_of
from medpol.decide.one import Desk, PreparedDispatch, Settled, settle
from medpol.decide.pieces import pieces_of
from medpol.decide.plan import ENROLLED
from medpol.decide.search import Search
from medpol.model.case import Case, Known
from medpol.model.determination import Asked, WouldChange
from medpol.model.positions import Outcome

_SETTLED = frozenset({Outcome.COVERED, Outcome.NOT_COVERED, Outcome.REFER, Outcome.NOT_ADDRESSED})


def missing_sets(
    desk: Desk, case: Case, known_on: date, known: Known, settled: Settled, only_quick: bool = False
) -> tuple[tuple[Asked, ...], ...]:
    """For a case that waits: the smallest sets of facts and questions that could make it covered, else settle it.

    Raises:
        TakesLong: The search would take long, and ``only_quick`` says that nobody has the time.
    """
    items = [item for item in items_of(desk, settled, known) if not item.given(known)]
    possible = {result.outcome for result in settled.results}
    for item in items:
        if item.name == ENROLLED:
            possible |= {result.outcome for result in settle(desk, case, known_on, item.put(known, True)).results}
    targets = frozenset({Outcome.COVERED}) if Outcome.COVERED in possible else _SETTLED
    search = _searched(desk, case, known_on, known, settled, items, targets, only_quick)
    if not search.found and targets != _SETTLED:
        search = _searched(desk, case, known_on, known, settled, items, _SETTLED, only_quick)
    return tuple(tuple(_asked(items[at], known, None) for at, _ in held) for held in _in_order(search.found))


def would_change_sets(
    desk: Desk, case: Case, known_on: date, known: Known, settled: Settled, only_quick: bool = False
) -> WouldChange:
    """For a settled case: the smallest sets of facts, given or not, whose change gives another settled outcome.

    Raises:
        TakesLong: As of ``missing_sets``.
    """
    items = items_of(desk, settled, known)
    search = _searched(desk, case, known_on, known, settled, items, _SETTLED - {settled.outcome}, only_quick)
    sets = tuple(tuple(_asked(items[at], known, value) for at, value in held) for held in _in_order(search.found))
    why_not = (
        None
        if sets
        else "no fact that the text reads can change it"
        if not search.cut_off
        else "the search was cut off before one was found"
    )
    return WouldChange(bool(sets), why_not, not search.cut_off, sets)


def _searched(
    desk: Desk,
    case: Case,
    known_on: date,
    known: Known,
    settled: Settled,
    items: list[Item],
    targets: frozenset[Outcome],
    only_quick: bool,
) -> Search:
    # a decision that ranges over many joint cells costs as much as many decisions
    cells = [prod(len(term.patterns) for term in dispatch.row.terms or ()) for dispatch in _dispatches(case, settled)]
    pieces = pieces_of(desk, case, known, settled, items)
    search = Search(desk, case, known_on, known, settled, items, targets, pieces, 1 + max(cells, default=1) // 8)
    search.run(only_quick)
    return search


def _dispatches(case: Case, settled: Settled) -> Iterable[PreparedDispatch]:
    return [dispatch for answer in settled.policies if (dispatch := answer.version.dispatch(case)) is not None]


def _in_order(found: Sequence[tuple[tuple[int, Any], ...]]) -> list[tuple[tuple[int, Any], ...]]:
    return sorted(found, key=lambda held: (len(held), [at for at, _ in held]))


def _asked(item: Item, known: Known, value: Any) -> Asked:
    now = item.now(known)
    return Asked(
        item.question,
        fact=None if item.is_question else item.name,
        criterion=item.name if item.is_question else None,
        now=None if now is None else words_of(now, item),
        needed=None if value is None else words_of(value, item),
        value=None if item.groups else value,
    )


def words_of(value: Any, item: Item) -> str:
    """A value as a case would give it; a history in words."""
    if item.groups:
        if not value:
            return "none, the history complete"
        return "; ".join(
            f"{event.group} on {event.day}" + "".join(f", {name} {_words(each)}" for name, each in event.facts)
            for event in value
        )
    return _words(value)


def _words(value: Any) -> str:
    found = canonical_value(value, None)
    if isinstance(found, bool):
        return "yes" if found else "no"
    if isinstance(found, list):
        return ", ".join(each if isinstance(each, str) else f"{each['value']} on {each['date']}" for each in found)
    return str(found)
