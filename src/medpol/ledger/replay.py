"""A recorded case decided again: the same bytes, or where they first differ."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from medpol.ledger.values import Held, Record


@dataclass(frozen=True, slots=True)
class Source:
    """A document that an answer rests on."""

    id: str
    version: str | None
    content_hash: str | None


@dataclass(frozen=True, slots=True)
class Replayed:
    """A record against the answer that its case gets now.

    ``differs_at`` is the path in the JSON at which the two first differ, empty where they are the same bytes; no value
    is in it. ``changed_sources`` are those of the recorded answer that the answer now does not rest on as they were.
    """

    id: str
    is_same: bool
    differs_at: str
    is_same_plan: bool
    is_same_semantics: bool
    recorded_by: str
    changed_sources: tuple[Source, ...]


def replay(record: Record, held: Held, decide: Callable[[bytes], bytes], plan_hash: str, semantics: int) -> Replayed:
    """Decide the recorded case again with ``decide`` (a case's JSON in, an answer's JSON out) and compare.

    The case holds both days, so that the day of the replay does not matter. Another plan hash alone is no difference: a
    library grows, and what an answer rests on are the documents that it names.
    """
    again = decide(held.case)
    before, now = msgspec.json.decode(held.answer), msgspec.json.decode(again)
    is_same = again == held.answer
    sources = _sources(now)
    return Replayed(
        record.id,
        is_same,
        "" if is_same else first_difference(before, now),
        record.plan_hash == plan_hash,
        record.semantics == semantics,
        record.medpol_version,
        tuple(each for each in _sources(before) if each not in sources),
    )


def first_difference(before: Any, now: Any, path: str = "$") -> str:
    """The path of the first value that differs, in the order of the first; ``$`` where only the spelling does."""
    return next(_differences(before, now, path), path)


def _differences(before: Any, now: Any, path: str) -> Iterator[str]:
    match before, now:
        case dict(), dict():
            for key in [*before, *(each for each in now if each not in before)]:
                if key in before and key in now:
                    yield from _differences(before[key], now[key], f"{path}.{key}")
                else:
                    yield f"{path}.{key}"
        case list(), list():
            for at, (one, other) in enumerate(zip(before, now, strict=False)):
                yield from _differences(one, other, f"{path}[{at}]")
            if len(before) != len(now):
                yield f"{path}[{min(len(before), len(now))}]"
        case _:
            if type(before) is not type(now) or before != now:
                yield path


def _sources(answer: Any) -> list[Source]:
    return [Source(each["id"], each["version"], each["content_hash"]) for each in answer.get("sources", ())]
