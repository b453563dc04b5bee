"""``medpol evidence draw``: a picture of the evidence, or the table of the same value, as a file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from medpol.cli.evidence import Held, open_evidence
from medpol.cli.evidence_asked import (
    Comparators,
    MeasureWord,
    Outcomes,
    PoolName,
    Population,
    QuestionGiven,
    Timepoint,
    Unverified,
    asked_of,
    questions_of,
)
from medpol.cli.opening import KnownOn, Policies, Today, Verbose, held_number, read_or_stop, refuse_errors
from medpol.cli.output import talk
from medpol.cli.pages.evidence_pool import findings_cells
from medpol.cli.stops import DONE, NOT_FOUND, REFUSED, USAGE, WRITE_FAILED, Stop
from medpol.cli.trials import newest
from medpol.decide.holdings import written
from medpol.evidence.drawing import (
    NARROW,
    WIDE,
    Table,
    bias_lights,
    bias_svg,
    bias_table,
    forest_svg,
    forest_table,
    funnel_svg,
    funnel_table,
    study_label,
    trial_timeline,
    trials_svg,
    trials_table,
)
from medpol.evidence.drawing.pooled import forest_of_pool, funnel_of_pool
from medpol.evidence.findings_table import findings_table
from medpol.evidence.plain import findings_value
from medpol.evidence.pools import PoolFound, pool_asked
from medpol.evidence.watching import watched

SUFFIXES = (".svg", ".csv", ".json", ".md")


class Picture(StrEnum):
    """What is drawn."""

    FOREST = "forest"
    FUNNEL = "funnel"
    BIAS = "bias"
    FINDINGS = "findings"
    TIMELINE = "timeline"


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A value, how it is drawn in a width, and its table; ``why_not`` says why it cannot be drawn, where that is so."""

    value: Any
    table: Table
    svg: Callable[[int], str] | None
    why_not: str = ""


def draw(
    picture: Annotated[Picture, typer.Argument(metavar="PICTURE", help="forest, funnel, bias, findings or timeline.")],
    policy: Annotated[str, typer.Argument(metavar="POLICY", help="The policy's number, such as 2.01.100.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="A .svg, .csv, .json or .md file.")],
    pool: PoolName = "",
    population: Population = "",
    outcome: Outcomes = None,
    comparator: Comparators = None,
    timepoint: Timepoint = "",
    measure: MeasureWord = "",
    tool: Annotated[str, typer.Option("--tool", metavar="NAME", help="The tool of the judgements, for bias.")] = "",
    unverified: Unverified = False,
    narrow: Annotated[bool, typer.Option("--narrow", help="For a narrow screen or column.")] = False,
    policies: Policies = None,
    today: Today = None,
    known_on: KnownOn = None,
    verbose: Verbose = False,
) -> int:
    """Draw the evidence of a policy into a file: .svg is the picture; .csv, .json and .md are the same value in words.

    Without --pool or --outcome, a forest or funnel plot is of the one pool that questions.md declares.
    """
    if out.suffix not in SUFFIXES:
        raise Stop(
            USAGE, f"--out {out}: the suffix {out.suffix or 'is missing'}; expected one of {', '.join(SUFFIXES)}"
        )
    if picture is Picture.TIMELINE:
        drawn = _timeline(policy, policies, today, known_on)
    else:
        held = open_evidence(policy, policies, known_on)
        question = QuestionGiven.of(pool, population, outcome, comparator, timepoint, measure, unverified=unverified)
        drawn = _of_records(picture, held, question, tool)
    _write(out, _bytes(drawn, out.suffix, NARROW if narrow else WIDE))
    talk(f"written: {out}")
    return DONE


def _of_records(picture: Picture, held: Held, question: QuestionGiven, tool: str) -> _Drawn:
    try:
        match picture:
            case Picture.FOREST:
                forest = forest_of_pool(_pool(held, question), held.known)
                return _Drawn(forest, forest_table(forest), lambda width: forest_svg(forest, width))
            case Picture.FUNNEL:
                funnel = funnel_of_pool(_pool(held, question), held.known)
                return _Drawn(funnel, funnel_table(funnel), lambda width: funnel_svg(funnel, width), funnel.refused)
            case Picture.BIAS:
                return _bias(held, question.population, tool)
            case _:
                return _findings(held, question)
    except ValueError as problem:
        raise Stop(USAGE, str(problem)) from None


def _pool(held: Held, given: QuestionGiven) -> PoolFound:
    """The pool of a question of the reader's own, or a declared one; a population alone names the one that it has."""
    if given.population and not given.outcomes and not given.pool:
        pools = questions_of(held).pools
        names = [each.id for each in pools if each.population == given.population]
        given = replace(given, pool=_only("pool", names, names, [each.id for each in pools]), population="")
    asked = asked_of(held, given)
    chosen = _only("pool", asked, [each.pool or each.outcome for each in asked], [])
    return pool_asked(held.known, chosen)


def _bias(held: Held, population: str, tool: str) -> _Drawn:
    base = held.known
    questions = base.asked
    studies = [
        (each, study_label(each.first_author, each.year, each.id))
        for each in base.studies
        if not population
        or (questions.within(each.population, population) if questions else each.population == population)
    ]
    lights = bias_lights(studies, "Risk of bias")
    chosen = [each for each in lights if tool.casefold() in ("", each.tool.casefold())]
    found = _only("tool", chosen, [each.tool for each in chosen], [each.tool for each in lights])
    return _Drawn(found, bias_table(found), lambda width: bias_svg(found, width))


def _findings(held: Held, question: QuestionGiven) -> _Drawn:
    ids = [each.id for each in questions_of(held).populations]
    chosen = [each for each in ids if question.population in ("", each)]
    population = _only("population", chosen, chosen, ids)
    found = findings_table(held.known, population, held.library.settings.evidence, unverified=question.unverified)
    columns, rows = findings_cells(found)
    title = f"Summary of findings: {found.says or population}"
    return _Drawn(
        findings_value(found),
        Table(title, columns, tuple(rows)),
        None,
        "a summary of findings is a table: .csv, .json or .md",
    )


def _timeline(policy: str, policies: Path | None, today: date | None, known_on: date | None) -> _Drawn:
    library = read_or_stop(policies)
    refuse_errors(library)
    number, day = held_number(library, policy), today or date.today()
    whole = library.evidence_of(number)
    base = None if whole is None else whole.known_on(known_on or day)
    listed = watched(number, newest(library, number, known_on), base).trials
    asked = None if base is None else base.asked
    named = {} if asked is None else {each.id: each.named or each.says or each.id for each in asked.populations}
    found = trial_timeline(listed, day, f"Trials under way for {number}", named)
    return _Drawn(found, trials_table(found), lambda width: trials_svg(found, width))


def _only(what: str, chosen: Sequence[Any], names: Sequence[str], known: Sequence[str]) -> Any:
    """The one that is meant. Ends the command where there is none, or where a file would have to hold several."""
    if not chosen:
        raise Stop(NOT_FOUND, f"no such {what}; there is {', '.join(known) or 'none'}")
    if len(chosen) > 1:
        raise Stop(USAGE, f"one file holds one {what}; choose with --{what}: {', '.join(names)}")
    return chosen[0]


def _bytes(drawn: _Drawn, suffix: str, width: int) -> bytes:
    match suffix:
        case ".svg":
            if drawn.svg is None or drawn.why_not:
                raise Stop(REFUSED if drawn.svg else USAGE, drawn.why_not)
            return drawn.svg(width).encode()
        case ".csv":
            return drawn.table.csv().encode()
        case ".md":
            return drawn.table.markdown().encode()
        case _:
            return written(drawn.value)


def _write(out: Path, data: bytes) -> None:
    """The file whole or not at all."""
    aside = out.absolute().with_name(f".{out.name}.tmp")
    try:
        aside.write_bytes(data)
        aside.replace(out)
    except OSError as problem:
        aside.unlink(missing_ok=True)
        raise Stop(WRITE_FAILED, f"writing {out} failed: {problem.strerror or problem}") from None
