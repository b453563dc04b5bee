"""The answer to one question: what studies say together, each number traced, and what the pool does not hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from medpol.evidence.asking import Asked, Beside, Method, NotPooled, Scale
from medpol.evidence.measures import measure_of
from medpol.evidence.pooling import (
    Caution,
    Conventions,
    Counts,
    Egger,
    Measure,
    NoData,
    Pooled,
    Refused,
    egger,
    mantel_haenszel,
    peto,
    pool,
)
from medpol.evidence.rows import Row
from medpol.evidence.selecting import Selected, select
from medpol.model.studies import EvidenceBase, Favours, Standing, StudyKind


@dataclass(frozen=True, slots=True)
class Step:
    """A pool with one study more, or one fewer: the study's id, how many are in, and the estimate as people read it."""

    study: str
    studies: int
    estimate: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class PoolFound:
    """What the records say of one question.

    ``rows`` stand in the order of ``pooled.effects``, by year. ``participants`` is ``None`` where a row does not state
    its number. ``directions`` counts the results that say in words whom they favour. ``retracted`` names the studies in
    the rows whose publication was retracted; ``without_retracted`` is the pool without them, ``None`` where there are none.
    """

    asked: Asked
    scale: Scale
    kind: StudyKind | None
    rows: tuple[Row, ...]
    pooled: Pooled | NoData
    participants: int | None
    unverified: int
    left_out: tuple[NotPooled, ...]
    beside: tuple[Beside, ...]
    directions: tuple[tuple[Favours, int], ...]
    cumulative: tuple[Step, ...]
    leave_one_out: tuple[Step, ...]
    small_studies: Egger | Refused | None
    retracted: tuple[str, ...] = ()
    without_retracted: Pooled | NoData | None = None

    @property
    def conventions(self) -> Conventions:
        return self.pooled.conventions

    @property
    def cautions(self) -> tuple[Caution, ...]:
        return self.pooled.cautions if isinstance(self.pooled, Pooled) else ()


def pool_asked(base: EvidenceBase, asked: Asked, conventions: Conventions | None = None) -> PoolFound:
    """Select the results that answer a question and pool them, by the conventions of the questions file if none are given.

    Raises:
        ValueError: The question names what is not declared, or asks for a pool that its measure does not have.
    """
    retracted = {each.id for each in base.studies if each.status and each.status.standing is Standing.RETRACTED}
    return pool_selected(select(base, asked, conventions), retracted)


def pools_of(base: EvidenceBase, conventions: Conventions | None = None) -> tuple[PoolFound, ...]:
    """Every pool that the questions file asks for, in its order."""
    questions = base.asked
    pools = () if questions is None else questions.pools
    return tuple(pool_asked(base, Asked.of(each), conventions) for each in pools)


def pool_selected(selected: Selected, retracted: Collection[str] = ()) -> PoolFound:
    """The pool of what was selected, with each study left out in turn and as the studies came, by year."""
    asked, scale, rows = selected.asked, selected.scale, selected.rows
    in_words = Counter(each.favours for each in selected.left_out if each.favours is not None)
    people = [row.participants for row in rows]
    effects = [row.effect for row in rows if row.effect is not None]
    return PoolFound(
        asked,
        scale,
        selected.kind,
        rows,
        pool_rows(rows, asked.method, scale),
        sum(each or 0 for each in people) if rows and None not in people else None,
        sum(not row.checked.is_verified for row in rows),
        selected.left_out,
        selected.beside,
        tuple((each, in_words[each]) for each in Favours if in_words[each]),
        _steps(((row.study, rows[: at + 1]) for at, row in enumerate(rows)), asked, scale),
        _steps(((row.study, (*rows[:at], *rows[at + 1 :])) for at, row in enumerate(rows)), asked, scale),
        egger(effects, scale.conventions) if effects else None,
        tuple(row.study for row in rows if row.study in retracted),
        _without(rows, retracted, asked, scale),
    )


def pool_rows(rows: Sequence[Row], method: Method, scale: Scale) -> Pooled | NoData:
    """The pool of some rows by a method, negative in favour of the intervention as in their effects."""
    if method is Method.INVERSE_VARIANCE:
        return pool([row.effect for row in rows if row.effect is not None], scale.conventions)
    measure = measure_of(scale.measure)
    assert measure is not None  # a scale is made with a known one
    tables = [_turned(row.counts) if row.is_turned else row.counts for row in rows if row.counts is not None]
    if method is Method.MANTEL_HAENSZEL:
        return mantel_haenszel(tables, measure.measure, scale.conventions)
    if measure.measure is not Measure.ODDS_RATIO:
        raise ValueError(f"Peto's method gives an odds ratio; asked for is a {scale.measure}")
    return peto(tables, scale.conventions)


def _without(rows: Sequence[Row], studies: Collection[str], asked: Asked, scale: Scale) -> Pooled | NoData | None:
    kept = [row for row in rows if row.study not in studies]
    return None if len(kept) == len(rows) else pool_rows(kept, asked.method, scale)


def _turned(counts: Counts) -> Counts:
    """The table seen from the comparator, which turns the sign of each of its measures."""
    return Counts(counts.study, counts.comparator_events, counts.comparator_size, counts.events, counts.size)


def _steps(pools: Iterable[tuple[str, Sequence[Row]]], asked: Asked, scale: Scale) -> tuple[Step, ...]:
    """Each pool that has a study in it, with the name of the one that came or went."""
    found = []
    for study, rows in pools:
        pooled = pool_rows(rows, asked.method, scale)
        if isinstance(pooled, Pooled):
            found.append(Step(study, len(rows), *pooled.shown))
    return tuple(found)
