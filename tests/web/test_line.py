"""The line before the ledger: everybody gets the answer of their own case, and who cannot be answered soon is told so."""

from __future__ import annotations

import asyncio
import io
import sqlite3
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.support import EXAMPLES
from tests.web.portal import TODAY

import medpol
from medpol.decide.search import TakesLong
from medpol.ledger import Ledger, Record, verify
from medpol.web import Log, Site
from medpol.web.cases import Decided, decide
from medpol.web.line import Line
from medpol.web.problems import Refused, bad_request
from medpol.web.recording import Recording

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
CASE = {"code": "20552", "line_of_business": "commercial"}


@contextmanager
def opened(folder: Path) -> Iterator[tuple[Site, Ledger, Recording]]:
    site = Site(EXAMPLES, medpol.read(EXAMPLES), Log(io.BytesIO(), lambda: NOON))
    with Ledger.open(f"{folder}/ledger.db", patience_seconds=10) as ledger:
        yield site, ledger, Recording(ledger, lambda: NOON)


Found = tuple[Decided, Record] | BaseException


def asked(line: Line, site: Site, cases: list[Any], key: str | None = None) -> list[Found]:
    """What all of them get that come at once."""

    async def ask() -> list[Found]:
        waiting = (line.determined(site.now, each, TODAY, key) for each in cases)
        return await asyncio.gather(*waiting, return_exceptions=True)

    return asyncio.run(ask())


def test_each_of_many_at_once_gets_the_answer_of_its_own_case(tmp_path: Path) -> None:
    cases = [{**CASE, "age": f"{18 + at % 60} years", "units": 1 + at % 7} for at in range(60)]
    with opened(tmp_path) as (site, ledger, recording):
        found = asked(Line(recording, 60.0), site, cases)
        sequences = set()
        for case, (decided, record) in zip(cases, found, strict=True):
            kept = ledger.get(record.id)
            assert kept is not None and kept.held is not None
            assert kept.held.answer == decided.answer
            given = msgspec.json.decode(kept.held.case)
            assert (given["age"], given["units"]) == (case["age"], case["units"])
            sequences.add(record.sequence)
        assert sequences == set(range(1, 61))
        assert verify(ledger).holds


def test_who_cannot_be_answered_soon_is_turned_away_and_nothing_of_it_is_recorded(tmp_path: Path) -> None:
    with opened(tmp_path) as (site, ledger, recording):
        found = asked(Line(recording, 0.0), site, [CASE] * 200)
        refused = [each for each in found if isinstance(each, Refused)]
        assert 0 < len(refused) < 200
        assert {each.problem.status for each in refused} == {429}
        assert {each.problem.headers["Retry-After"] for each in refused} == {"1"}
        assert ledger.tip().sequence == 200 - len(refused)


def test_a_case_that_cannot_be_read_holds_up_no_other(tmp_path: Path) -> None:
    with opened(tmp_path) as (site, _, recording):
        first, second, third = asked(Line(recording, 60.0), site, [CASE, {"code": 7}, CASE])
        assert isinstance(second, Refused) and second.problem.status == 400
        assert not isinstance(first, BaseException) and not isinstance(third, BaseException)


def test_a_case_whose_search_takes_long_and_a_large_one_are_answered_like_any_other(tmp_path: Path) -> None:
    long = {"code": "L8614", "code_system": "HCPCS", "line_of_business": "commercial"}
    with opened(tmp_path) as (site, ledger, recording):
        with pytest.raises(TakesLong):
            decide(site.now, long, TODAY, only_quick=True)
        line = Line(recording, 60.0)

        async def ask() -> list[Found]:
            waiting = (
                line.determined(site.now, each, TODAY, None, is_large=each is CASE) for each in (long, CASE, long)
            )
            return await asyncio.gather(*waiting, return_exceptions=True)

        found = asyncio.run(ask())
        for each, case in zip(found, (long, CASE, long), strict=True):
            assert not isinstance(each, BaseException)
            assert each[0].answer == decide(site.now, case, TODAY).answer
        assert ledger.tip().sequence == 3


class Noting(Recording):
    """Notes when a case is handed to the ledger."""

    def __init__(self, ledger: Ledger, order: list[str]) -> None:
        super().__init__(ledger, lambda: NOON)
        self._order = order

    def submit(self, decided: Decided, request_key: str | None = None) -> Future[Record]:
        self._order.append("case")
        return super().submit(decided, request_key)


def test_look_ups_stand_behind_every_case_and_each_gets_its_own_answer(tmp_path: Path) -> None:
    order: list[str] = []

    def found(name: str, only_quick: bool) -> bytes:
        order.append(f"{name}, quick: {only_quick}")
        if name == "long" and only_quick:
            raise TakesLong
        if name == "bad":
            raise bad_request("code", "no code")
        return name.encode()

    with opened(tmp_path) as (site, ledger, _):
        line = Line(Noting(ledger, order), 60.0)

        async def ask() -> list[Any]:
            look_ups = [line.looked_up(partial(found, name)) for name in ("first", "long", "bad", "last")]
            cases = [line.determined(site.now, CASE, TODAY, None) for _ in range(20)]
            return await asyncio.gather(*look_ups, *cases, return_exceptions=True)

        first, long, bad, last, *cases = asyncio.run(ask())
        assert (first, long, last) == (b"first", b"long", b"last")
        assert isinstance(bad, Refused) and bad.problem.status == 400
        assert not any(isinstance(each, BaseException) for each in cases)
        assert order[:20] == ["case"] * 20
        assert sorted(order[20:]) == sorted(
            ["first, quick: True", "long, quick: True", "long, quick: False", "bad, quick: True", "last, quick: True"]
        )
        assert ledger.tip().sequence == 20


def test_a_look_up_that_has_waited_too_long_is_turned_away(tmp_path: Path) -> None:
    with opened(tmp_path) as (site, _, recording):
        line = Line(recording, 60.0, longest_look_up_seconds=0.0)

        async def ask() -> list[Any]:
            look_up = line.looked_up(lambda only_quick: b"too late")
            return await asyncio.gather(look_up, line.determined(site.now, CASE, TODAY, None), return_exceptions=True)

        late, case = asyncio.run(ask())
        assert isinstance(late, Refused) and late.problem.status == 429
        assert not isinstance(case, BaseException)


def test_who_waits_too_long_for_the_ledger_hears_that_nothing_is_known_to_be_recorded(tmp_path: Path) -> None:
    with opened(tmp_path) as (site, ledger, recording):
        holder = sqlite3.connect(tmp_path / "ledger.db", isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        line = Line(recording, 60.0, patience_seconds=0.3)
        waiting = [CASE, {**CASE, "units": 2}]

        async def ask() -> list[Found]:
            first = asyncio.ensure_future(line.determined(site.now, CASE, TODAY, None))
            await asyncio.sleep(0.2)  # the writer has taken it and waits for the lock; the others come later
            others = [line.determined(site.now, each, TODAY, None) for each in waiting]
            found = await asyncio.gather(first, *others, return_exceptions=True)
            holder.execute("ROLLBACK")
            return found

        found = asyncio.run(ask())
        assert [each.problem.status for each in found if isinstance(each, Refused)] == [503, 503, 503]
        holder.close()
        ledger.close()
    with Ledger.open(f"{tmp_path}/ledger.db") as again:
        assert again.tip().sequence <= 1  # what the writer had not taken yet was not written


def test_of_two_cases_with_one_key_the_second_is_told(tmp_path: Path) -> None:
    with opened(tmp_path) as (site, ledger, recording):
        line = Line(recording, 60.0)
        first, same, other = asked(line, site, [CASE, CASE, {**CASE, "units": 2}], "order 7")
        told = [each for each in (first, same, other) if isinstance(each, Refused)]
        assert [each.problem.status for each in told] in ([409], [409, 409])
        assert ledger.tip().sequence == 1


def test_who_goes_away_while_the_ledger_is_locked_is_not_recorded(tmp_path: Path) -> None:
    with opened(tmp_path) as (site, ledger, recording):
        line = Line(recording, 60.0)
        holder = sqlite3.connect(tmp_path / "ledger.db", isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")

        async def ask() -> None:
            first = asyncio.ensure_future(line.determined(site.now, CASE, TODAY, None))
            await asyncio.sleep(0.3)  # the writer has taken it and waits for the lock
            second = asyncio.ensure_future(line.determined(site.now, CASE, TODAY, None))
            await asyncio.sleep(0.3)
            second.cancel()
            await asyncio.sleep(0)
            holder.execute("ROLLBACK")
            await first
            with pytest.raises(asyncio.CancelledError):
                await second

        asyncio.run(ask())
        holder.close()
        assert ledger.tip().sequence == 1
