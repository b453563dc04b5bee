"""What is due for many policies: asked for at once or one by one, and on whatever day of knowledge."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from tests.lifecycle.test_changes import LIFE
from tests.lifecycle.test_due import ROWS, TRIALS
from tests.support import archive, library, policy

from medpol.library import SHIPPED, load
from medpol.lifecycle import Agenda, Lane, OfPolicy, by_policy
from medpol.model.dates import EffectivePeriod
from medpol.model.policy import PolicyVersion

FAR = date(2030, 1, 1)
TRIAL = "| NCT00000001 | Needles or none | | 40 | 2025-0{} | |\n"
OTHERS = {
    "EX-2/2024-05-01.md": policy(number="EX-2", head="review due: 2025-05-01") + TRIALS + TRIAL.format(3),
    "EX-2/2024-09-01.md": policy("2024-09-01", "2024-06-01", number="EX-2") + TRIALS + TRIAL.format(7),
    "EX-2/2024-10-01.md": policy("2024-10-01", "2024-07-01", number="EX-2", head="withdraws: [2024-09-01]"),
    "EX-2/2025-05-01.md": archive("2025-05-01", "2025-02-01", number="EX-2"),
    "EX-3/2024-05-01.md": policy(number="EX-3") + ROWS + "| 2024-04-01 | annual review | | | | | |\n",
    "EX-3/2024-05-01.2024-08-01.md": policy("2024-05-01", "2024-08-01", number="EX-3", head="review due: 2024-12-01"),
    "EX-3/2025-02-01.md": policy("2025-02-01", "2024-11-01", number="EX-3"),
}
DAYS = [date(2024, 1, 1) + timedelta(days=at) for at in range(0, 800, 37)]


def versions() -> tuple[PolicyVersion, ...]:
    held = library({**LIFE, **OTHERS})
    assert not held.errors, "\n".join(map(str, held.errors))
    return (*held.versions, *load(SHIPPED).versions)


def spans(day: date) -> list[EffectivePeriod]:
    return [EffectivePeriod(day - timedelta(days=back), day + timedelta(days=on)) for back, on in ((0, 1), (50, 366))]


def test_every_policy_at_once_gives_what_each_one_gives() -> None:
    policies = by_policy(versions())
    agenda = Agenda(policies)
    found = 0
    for day in DAYS:
        for span in spans(day):
            whole = agenda.due(day, day, span)
            found += len(whole)
            for number in policies:
                assert [each for each in whole if each.policy == number] == agenda.due(day, day, span, policy=number)
            for lane in Lane:
                assert [each for each in whole if each.due.lane is lane] == agenda.due(day, day, span, lanes=[lane])
            order = [
                (-each.due.days_late, each.due.start, list(Lane).index(each.due.lane), each.policy) for each in whole
            ]
            assert order == sorted(order)
    assert found > 200


@pytest.mark.parametrize("known_on", DAYS[::2])
def test_a_day_of_knowledge_gives_what_a_library_that_was_read_that_day_would(known_on: date) -> None:
    held = versions()
    then = [each for each in held if each.known_from is not None and each.known_from <= known_on]

    def seen(read: list[PolicyVersion] | tuple[PolicyVersion, ...], known: date) -> list[list[OfPolicy]]:
        agenda = Agenda(by_policy(read))
        return [agenda.due(day, known, span) for day in DAYS for span in spans(day)]

    assert seen(held, known_on) == seen(then, FAR)
