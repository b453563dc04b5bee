"""The comparison with the oracle can fail: break any one law of `decide` and it does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from tests.decide.comparing import differences, generated

from medpol.decide import cells, literals, one, voices
from medpol.decide.literals import MET, NOT_MET, UNKNOWN
from medpol.lifecycle import standing as lifecycle_standing
from medpol.model.dates import add_duration
from medpol.model.positions import Outcome
from medpol.model.truth import Truth

LIBRARIES = range(160)
CASES = 12


def _found() -> bool:
    """Whether the oracle disagrees anywhere; an engine that falls over has failed too."""
    for seed in LIBRARIES:
        try:
            if any(True for _ in differences(generated(seed, CASES))):
                return True
        except (AssertionError, ValueError, KeyError, TypeError):
            return True
    return False


def _unknown_is_false(patch: pytest.MonkeyPatch) -> None:
    plain = literals.with_gates

    def gates(rows: Any, count: int, met: int, unknown: int) -> tuple[int, int]:
        found, _ = plain(rows, count, met, 0)
        return found, 0

    patch.setattr(one, "with_gates", gates)


def _codes_have_no_days(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(one, "code_validity", lambda rows, day, known_on: None)


def _one_clock(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(one, "standing", lambda versions, day, known_on: lifecycle_standing(versions, day, date(2090, 1, 1)))


def _the_first_version_stays(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        one, "standing", lambda versions, day, known_on: lifecycle_standing(tuple(reversed(versions)), day, known_on)
    )


def _scope_is_ignored(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(one, "_out_of_scope", lambda row, case: None)


def _the_stronger_rank_does_not_rule(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(one, "_ranked", lambda policies, acting: policies)


def _sources_that_disagree_pick_the_first(patch: pytest.MonkeyPatch) -> None:
    plain = one.merge

    def merge(results: Any) -> Any:
        found = plain(results)
        if found.reason_key == "sources-disagree":
            return next(each for each in results if each.outcome is not Outcome.NOT_ADDRESSED)
        return found

    patch.setattr(one, "merge", merge)


def _every_history_is_complete(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(literals, "_is_complete", lambda start, names, known: True)


def _a_window_takes_its_lower_end(patch: pytest.MonkeyPatch) -> None:
    plain = literals.window_start

    def start(literal: Any, known: Any) -> date | None:
        if literal.window == "rolling":
            return add_duration(known.day, -literal.window_number, literal.window_unit)
        return plain(literal, known)

    patch.setattr(literals, "window_start", start)


def _a_month_has_thirty_days(patch: pytest.MonkeyPatch) -> None:
    plain = literals.compare

    def compare(left: Any, comparison: str, right: Any) -> Truth:
        found = plain(left, comparison, right)
        return Truth.MET if found is Truth.UNKNOWN else found

    patch.setattr(literals, "compare", compare)


def _whens_are_independent(patch: pytest.MonkeyPatch) -> None:
    def completions(dispatch: Any, judged: Any) -> Any:
        free = {each.rule.place: (NOT_MET, MET) if each.when == UNKNOWN else (each.when,) for each in judged}
        return [dict(zip(free, whens, strict=True)) for whens in one.product(*free.values())]

    patch.setattr(one, "_when_completions", completions)


def _waiting_rules_are_left_out(patch: pytest.MonkeyPatch) -> None:
    plain = one.combine_rules
    patch.setattr(
        one,
        "combine_rules",
        lambda dispatch, judged, enrolled: plain(
            dispatch, [each for each in judged if each.truth != UNKNOWN], enrolled
        ),
    )


def _in_every_case_means_nothing(patch: pytest.MonkeyPatch) -> None:
    plain = one.voices_of
    patch.setattr(one, "voices_of", lambda rule: plain(replace(rule, in_every_case=False)))


def _a_director_does_not_win(patch: pytest.MonkeyPatch) -> None:
    plain = voices.resolve

    def resolve(mask: int, enrolled: bool) -> Any:
        found = plain(mask, enrolled)
        return found._replace(reason_key="text-ambiguous") if found.reason_key == "text-orders-review" else found

    patch.setattr(one, "resolve_all", lambda masks, enrolled: frozenset(resolve(mask, enrolled) for mask in masks))


def _otherwise_is_dropped(patch: pytest.MonkeyPatch) -> None:
    plain = one.voices_of
    patch.setattr(one, "voices_of", lambda rule: plain(replace(rule, otherwise=None)))


def _dates_of_service_are_ignored(patch: pytest.MonkeyPatch) -> None:
    plain = one.PreparedDispatch.rules.fget
    assert plain is not None

    def rules(self: Any) -> Any:
        return tuple(replace(each, row=replace(each.row, dates=None)) for each in plain(self))

    patch.setattr(one.PreparedDispatch, "rules", property(rules))


def _open_lists_are_closed(patch: pytest.MonkeyPatch) -> None:
    plain = literals.groups_of

    def groups(version: Any, systems: Any) -> Any:
        found = plain(version, systems)
        return replace(found, sets={name: (values, False) for name, (values, _) in found.sets.items()})

    patch.setattr(one, "groups_of", groups)


LAWS: list[Callable[[pytest.MonkeyPatch], None]] = [
    _unknown_is_false,
    _codes_have_no_days,
    _one_clock,
    _the_first_version_stays,
    _scope_is_ignored,
    _the_stronger_rank_does_not_rule,
    _sources_that_disagree_pick_the_first,
    _every_history_is_complete,
    _a_window_takes_its_lower_end,
    _a_month_has_thirty_days,
    _whens_are_independent,
    _waiting_rules_are_left_out,
    _in_every_case_means_nothing,
    _a_director_does_not_win,
    _otherwise_is_dropped,
    _dates_of_service_are_ignored,
    _open_lists_are_closed,
]


@pytest.mark.parametrize("broken", LAWS, ids=lambda law: law.__name__.strip("_").replace("_", "-"))
def test_breaking_a_law_is_noticed(
    broken: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken(monkeypatch)
    assert _found()


def test_nothing_is_noticed_while_every_law_holds() -> None:
    assert cells.MAXIMUM_CELLS == 4_096
    assert not _found()
