"""Nothing acknowledged is lost when writers are killed, or the server crashes."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select
from tests.ledger.killing import killed
from tests.ledger.making import fill, ready
from tests.ledger.server import Server

from medpol.ledger import Answered, Ledger, LedgerUnavailable, verify
from medpol.ledger.tables import ENTRY


def assert_nothing_is_lost(place: str, acknowledged: dict[str, str]) -> None:
    with Ledger.open(place, must_exist=True) as ledger:
        found = verify(ledger)
        assert found.holds, found.findings
        with ledger.reading() as connection:
            rows = connection.execute(select(ENTRY.c.id, ENTRY.c.row_hash)).all()
    held = {row.id: row.row_hash.hex() for row in rows}
    assert {id: held.get(id) for id in acknowledged} == acknowledged


@pytest.mark.parametrize("kills", [10, pytest.param(100, marks=pytest.mark.slow)])
def test_writers_that_are_killed_lose_nothing_they_acknowledged(place: str, tmp_path: Path, kills: int) -> None:
    acknowledged = killed(place, tmp_path, kills, seed=kills)
    assert len(acknowledged) > kills
    assert_nothing_is_lost(place, acknowledged)
    print(f"{kills} kills, {len(acknowledged)} acknowledged")


def test_a_server_that_crashes_loses_nothing_it_acknowledged(server: Server) -> None:
    place = server.new_database()
    acknowledged: dict[str, str] = {}
    with Ledger.open(place) as ledger:
        for _ in range(3):
            waiting = [ledger.submit(each) for each in _answers(200)]
            waiting[20].result(30)
            server.stop("immediate")
            server.start()
            for each in waiting:
                try:
                    record = each.result(30)
                except LedgerUnavailable:
                    continue
                acknowledged[record.id] = record.row_hash.hex()
        fill(ledger, 1)
    assert len(acknowledged) > 60
    assert_nothing_is_lost(place, acknowledged)


def _answers(count: int) -> list[Answered]:
    return [ready(number % 10) for number in range(count)]
