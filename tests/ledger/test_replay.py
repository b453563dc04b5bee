"""An answer decided again: the same bytes on any later day, or where it first differs, without a value."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.ledger.making import answered, decided, desk

from medpol.ledger import Held, Ledger, Record, Replayed, replay
from medpol.ledger.replay import first_difference


@pytest.fixture
def record(tmp_path: Path) -> Record:
    with Ledger.open(str(tmp_path / "ledger.db")) as ledger:
        return ledger.record(answered(5))


def held_of(record: Record) -> Held:
    assert record.held is not None
    return record.held


def again(record: Record, answer: bytes, **more: Any) -> Replayed:
    plan = desk().plan
    given = {"plan_hash": plan.plan_hash, "semantics": plan.semantics} | more
    return replay(record, held_of(record), lambda _: answer, **given)


def test_the_same_library_gives_the_same_bytes(record: Record) -> None:
    held = held_of(record)
    found = replay(record, held, decided, desk().plan.plan_hash, desk().plan.semantics)
    assert found == Replayed(record.id, True, "", True, True, "0.1.0", ())


def test_another_answer_is_named_by_its_place(record: Record) -> None:
    answer = held_of(record).answer
    found = again(record, answer.replace(b'"policy":"2.01.100"', b'"policy":"other"'))
    assert (found.is_same, found.differs_at) == (False, "$.policy")
    spelled = again(record, answer.replace(b'"policy":', b'"policy": '))
    assert (spelled.is_same, spelled.differs_at) == (False, "$")


def test_a_library_that_grew_is_told_and_is_no_difference(record: Record) -> None:
    found = again(record, held_of(record).answer, plan_hash="another", semantics=2)
    assert (found.is_same, found.is_same_plan, found.is_same_semantics) == (True, False, False)


def test_a_document_that_changed_is_named(record: Record) -> None:
    answer, hashed = held_of(record).answer, record.content_hash
    assert hashed is not None
    found = again(record, answer.replace(hashed.encode(), b"0" * 64))
    assert [(each.id, each.content_hash) for each in found.changed_sources] == [("2.01.100", hashed)]


@pytest.mark.parametrize(
    ("before", "now", "path"),
    [
        ({"a": 1, "b": [1, 2]}, {"a": 1, "b": [1, 3]}, "$.b[1]"),
        ({"b": [1, 2]}, {"b": [1]}, "$.b[1]"),
        ({"b": [1]}, {"b": [1, 2]}, "$.b[1]"),
        ({"a": None}, {"a": False}, "$.a"),
        ({"a": 1}, {"a": True}, "$.a"),
        ({"a": 1}, {}, "$.a"),
        ({}, {"c": 1}, "$.c"),
        ({"a": {"b": {"c": "x"}}}, {"a": {"b": {"c": "y"}}}, "$.a.b.c"),
        ([], {}, "$"),
    ],
)
def test_the_first_difference_is_a_path(before: Any, now: Any, path: str) -> None:
    assert first_difference(before, now) == path
