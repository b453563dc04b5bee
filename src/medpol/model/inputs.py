"""What a judgement on a population rests on, as one hash: when it changes, the judgement was signed on other numbers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import fields
from datetime import date
from enum import Enum

from medpol.model.conventions import Conventions
from medpol.model.studies import EvidenceBase, Outcome, PoolAsked, Question, Questions, Study


def inputs_hash(base: EvidenceBase, population: str) -> str:
    """``sha256:`` and the hash of what is asked and known for a population and its parts.

    It is taken over the id, recorded day and content of the latest record of each study of the population, its parts and
    *all*, and over the questions, pools, outcomes and conventions that are read with them. The order in which anything
    stands does not matter, nor does anything said of other populations. Ask ``known_on`` first for the hash of a day.
    """
    asked = base.asked or Questions(base.policy, date.min)
    latest: dict[str, Study] = {}
    for study in sorted(base.studies, key=lambda each: each.recorded):
        latest[study.id] = study
    studies = [study for study in latest.values() if _belongs(study, population, asked)]
    questions = [each for each in asked.questions if asked.within(each.population, population)]
    pools = [each for each in asked.pools if asked.within(each.population, population)]
    results = [result for study in studies for result in study.results]
    named = (
        {each.outcome for each in questions}
        | {id for each in pools for id in (each.outcome, *each.also)}
        | {each.outcome for each in results}
    )
    compared = {each.comparator for each in questions} | {each.comparator for each in results}
    compared |= {each for pool in pools for each in pool.comparators}
    told = {
        "population": population,
        "studies": _sorted([each.id, str(each.recorded), each.content_hash] for each in studies),
        "questions": _sorted(map(_question, questions)),
        "pools": _sorted(map(_pool, pools)),
        "outcomes": _sorted(_outcome(each) for each in asked.outcomes if each.id in named),
        "comparators": _sorted(
            [each.id, each.kind.value, each.part_of]
            for each in asked.comparators
            if any(asked.compares(name, each.id) for name in compared)
        ),
        "bands": _sorted([each.name, str(each.up_to), *sorted(each.printed_as)] for each in asked.bands),
        "conventions": _sorted(_conventions(asked.conventions)),
    }
    text = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return f"sha256:{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}"


def _belongs(study: Study, population: str, asked: Questions) -> bool:
    return study.population == "all" or asked.within(study.population, population)


def _sorted(rows: Iterable[list[str]]) -> list[list[str]]:
    return sorted(rows)


def _question(each: Question) -> list[str]:
    return [each.population, each.intervention, each.comparator, each.outcome, each.band]


def _pool(each: PoolAsked) -> list[str]:
    left_out = (f"{study}: {reason}" for study, reason in each.left_out)
    return [
        each.id,
        each.population,
        "; ".join((each.outcome, *sorted(each.also))),
        "; ".join(sorted(each.comparators)),
        each.band,
        each.measure,
        "unverified too" if each.is_unverified else "",
        *sorted(left_out),
    ]


def _outcome(each: Outcome) -> list[str]:
    """What of an outcome moves a number or its reading; its words and its weight do not."""
    return [
        each.id,
        each.kind.value,
        each.unit,
        "" if each.range is None else "{} to {}".format(*each.range),
        "" if each.better is None else each.better.value,
        "" if each.important_difference is None else str(each.important_difference),
    ]


def _conventions(conventions: Conventions) -> Iterable[list[str]]:
    for each in fields(conventions):
        value = getattr(conventions, each.name)
        yield [each.name, str(value.value) if isinstance(value, Enum) else repr(value)]
