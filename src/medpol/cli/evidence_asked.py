"""The question that options ask of the evidence of a policy, which `pool`, `grade`, `what-if` and `draw` share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Annotated

import typer

from medpol.cli.evidence import Held
from medpol.cli.stops import NOT_FOUND, USAGE, Stop
from medpol.evidence.asking import Asked, Method
from medpol.evidence.plain import conventions_value
from medpol.model.conventions import Conventions
from medpol.model.diagnostic import nearest
from medpol.model.studies import Questions


class ByMethod(StrEnum):
    """How a pool is made."""

    INVERSE_VARIANCE = "inverse-variance"
    MANTEL_HAENSZEL = "mantel-haenszel"
    PETO = "peto"


_METHODS = {
    ByMethod.INVERSE_VARIANCE: Method.INVERSE_VARIANCE,
    ByMethod.MANTEL_HAENSZEL: Method.MANTEL_HAENSZEL,
    ByMethod.PETO: Method.PETO,
}

PoolName = Annotated[str, typer.Option("--pool", metavar="ID", help="A pool that questions.md declares.")]
Population = Annotated[str, typer.Option("--population", metavar="P", help="Its id in questions.md.")]
Outcomes = Annotated[
    list[str] | None,
    typer.Option("--outcome", metavar="O", help="Its id in questions.md. Of several the first gives the unit."),
]
Comparators = Annotated[
    list[str] | None, typer.Option("--comparator", metavar="C", help="Its id; any comparator if left out. May repeat.")
]
Timepoint = Annotated[
    str,
    typer.Option(
        "--timepoint", metavar="T", help="A band of questions.md, or a timepoint as printed; any if left out."
    ),
]
MeasureWord = Annotated[
    str, typer.Option("--measure", metavar="M", help="MD, SMD, OR, RR, RD, ...; by the outcome's kind.")
]
PoolMethod = Annotated[ByMethod, typer.Option("--method", help="How the pool is made.")]
Unverified = Annotated[
    bool, typer.Option("--unverified", help="Pool numbers too that nobody verified; they are marked.")
]
Observational = Annotated[bool, typer.Option("--observational", help="Pool observational studies instead of trials.")]


@dataclass(frozen=True, slots=True)
class QuestionGiven:
    """What the options ask."""

    pool: str = ""
    population: str = ""
    outcomes: tuple[str, ...] = ()
    comparators: tuple[str, ...] = ()
    timepoint: str = ""
    measure: str = ""
    method: ByMethod = ByMethod.INVERSE_VARIANCE
    unverified: bool = False
    observational: bool = False

    @classmethod
    def of(
        cls,
        pool: str,
        population: str,
        outcomes: Sequence[str] | None,
        comparators: Sequence[str] | None,
        timepoint: str,
        measure: str,
        *,
        unverified: bool,
        method: ByMethod = ByMethod.INVERSE_VARIANCE,
        observational: bool = False,
    ) -> QuestionGiven:
        """The options as they were given. *any* among comparators, or as a timepoint, asks for all, as in the table of pools."""
        against = tuple(dict.fromkeys(comparators or ()))
        if "any" in against and len(against) > 1:
            raise Stop(USAGE, "--comparator any asks for all of them; leave out the others")
        return cls(
            pool,
            population,
            tuple(dict.fromkeys(outcomes or ())),
            () if against == ("any",) else against,
            "" if timepoint.casefold() == "any" else timepoint,
            measure,
            method,
            unverified,
            observational,
        )


def asked_of(held: Held, given: QuestionGiven) -> list[Asked]:
    """The question of the options; without one, every pool that is declared, and where none is, every question."""
    questions = questions_of(held)
    if given.pool and (given.population or given.outcomes or given.comparators or given.timepoint):
        raise Stop(
            USAGE,
            "--pool names a question of its own; leave out --population, --outcome, --comparator and --timepoint",
        )
    if bool(given.population) != bool(given.outcomes):
        raise Stop(USAGE, "an own question needs both --population and --outcome")
    if given.outcomes:
        first, *also = given.outcomes
        chosen = [Asked(given.population, first, given.comparators, given.timepoint, also=tuple(also))]
    elif given.comparators or given.timepoint:
        raise Stop(USAGE, "--comparator and --timepoint belong to an own question: give --population and --outcome too")
    elif given.pool:
        chosen = [Asked.of(each) for each in questions.pools if each.id == given.pool]
        if not chosen:
            names = [each.id for each in questions.pools]
            near = nearest(given.pool, names)
            raise Stop(
                NOT_FOUND,
                f"no pool {given.pool!r} in {questions.source.file}; it has {', '.join(names) or 'none'}"
                + (f"\n    near: {near}" if near else ""),
            )
    else:
        chosen = [Asked.of(each) for each in questions.pools] or [
            Asked(each.population, each.outcome, (each.comparator,), each.band) for each in questions.questions
        ]
        if not chosen:
            raise Stop(
                NOT_FOUND,
                f"{questions.source.file} declares no pool and no question\n"
                "    mend: ask with --population and --outcome, or declare one",
            )
    return [_changed(each, given) for each in chosen]


def _changed(asked: Asked, given: QuestionGiven) -> Asked:
    return replace(
        asked,
        measure=given.measure or asked.measure,
        unverified=given.unverified or asked.unverified,
        observational=given.observational,
        method=_METHODS[given.method],
    )


def questions_of(held: Held) -> Questions:
    """The questions known on the day. Ends the command (3) where there were none."""
    questions = held.known.asked
    if questions is None:
        raise Stop(
            NOT_FOUND,
            f"no questions.md beside policy {held.policy} was recorded by {held.known_on}\n"
            "    mend: write evidence/questions.md, or ask of a later day with --known-on",
        )
    return questions


@contextmanager
def refusing() -> Iterator[None]:
    """What a question gets wrong ends the command with its sentence."""
    try:
        yield
    except ValueError as problem:
        raise Stop(USAGE, str(problem)) from None


def with_conventions(held: Held, value: dict[str, object]) -> dict[str, object]:
    """An answer as a program reads it, with whose evidence it is, of which day, and by which conventions."""
    questions = held.known.asked
    conventions = Conventions() if questions is None else questions.conventions
    return {
        "policy": held.policy,
        "known_on": held.known_on,
        **value,
        "conventions": conventions_value(conventions),
    }
