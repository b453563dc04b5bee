"""``medpol evidence what-if``: what would have to be true for a pool to say something else. Not a forecast."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from medpol.cli.evidence import Format, InFormat, open_evidence, refuse_format
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
    refusing,
    with_conventions,
)
from medpol.cli.opening import KnownOn, Policies, Verbose, tell
from medpol.cli.output import Page, write_json
from medpol.cli.pages.evidence_pool import print_compared, print_opened, print_smallest, print_steps
from medpol.cli.show import PolicyNumber
from medpol.cli.stops import DONE, NOT_FOUND, REFUSED, USAGE, Stop
from medpol.evidence.assessment import Open
from medpol.evidence.plain import compared_value, pool_value, smallest_value
from medpol.evidence.pools import pool_asked
from medpol.evidence.what_if import NewTrial, opened, smallest_trial, with_study, without
from medpol.model.studies import Study
from medpol.text.source import Findings, decode
from medpol.text.studies import read_study


def what_if(
    policy: PolicyNumber,
    pool: PoolName = "",
    population: Population = "",
    outcome: Outcomes = None,
    comparator: Comparators = None,
    timepoint: Timepoint = "",
    measure: MeasureWord = "",
    unverified: Unverified = False,
    without_study: Annotated[
        list[str] | None, typer.Option("--without", metavar="ID", help="Leave a study out. May repeat.")
    ] = None,
    with_file: Annotated[
        Path | None, typer.Option("--with", metavar="FILE", dir_okay=False, help="Add the record in a file.")
    ] = None,
    smallest: Annotated[
        bool, typer.Option("--smallest-trial", help="The smallest trial that moves the interval past what matters.")
    ] = False,
    effect: Annotated[float | None, typer.Option("--effect", help="Its effect, in the unit of the pool.")] = None,
    sd: Annotated[float | None, typer.Option("--sd", help="The standard deviation of its groups.")] = None,
    risk: Annotated[float | None, typer.Option("--risk", help="The risk in its comparator's group.")] = None,
    goal: Annotated[
        float | None, typer.Option("--goal", help="Past which value; the important difference, else no difference.")
    ] = None,
    policies: Policies = None,
    known_on: KnownOn = None,
    format: InFormat = Format.TEXT,
    verbose: Verbose = False,
) -> int:
    """What would have to be true: a pool without a study, with another, or with the smallest trial that would move it.

    Without any of these: each study left out in turn, and the pool as studies came. Says which conclusions would then be
    open. Not a forecast.
    """
    refuse_format(format, (Format.TEXT, Format.JSON))
    held = open_evidence(policy, policies, known_on)
    options = QuestionGiven.of(pool, population, outcome, comparator, timepoint, measure, unverified=unverified)
    chosen = asked_of(held, options)
    if len(chosen) != 1:
        raise Stop(USAGE, "what-if is about one pool; name it with --pool, or with --population and --outcome")
    asked = chosen[0]
    if smallest and effect is None:
        raise Stop(USAGE, "--smallest-trial needs --effect, and --sd for means or --risk for events")
    added = None if with_file is None else _record(with_file)
    with refusing():
        found = pool_asked(held.known, asked)
        compared = [without(held.known, asked, without_study)] if without_study else []
        compared += [] if added is None else [with_study(held.known, asked, added)]
        trial = smallest_trial(found, NewTrial(effect, sd, risk), goal) if smallest and effect is not None else None
    profile = held.known.profile(asked.population)
    would_open: Sequence[Open] = () if profile is None else opened(profile, held.library.assessment)
    if format is Format.JSON:
        value: dict[str, object] = {
            "pool": pool_value(found),
            "changed": [compared_value(each) for each in compared],
            "smallest_trial": None if trial is None else smallest_value(trial),
            "would_be_open": [
                {"conclusion": each.conclusion, "allowed": [one.value for one in each.allowed]} for each in would_open
            ],
        }
        write_json(with_conventions(held, value))
        return DONE
    page = Page()
    print_steps(page, found, with_steps=not compared and trial is None)
    for each in compared:
        print_compared(page, each)
    if trial is not None:
        print_smallest(page, trial)
    print_opened(page, would_open, profile is not None)
    return DONE


def _record(path: Path) -> Study:
    """The record of a study in a file; ends the command where it cannot be read, or has errors."""
    findings = Findings(str(path))
    try:
        text = decode(path.read_bytes(), findings)
    except OSError as problem:
        raise Stop(NOT_FOUND, f"{path} cannot be read: {problem.strerror}") from None
    study = None if text is None else read_study(text, findings)
    if study is None or findings.has_errors:
        tell(findings.found)
        raise Stop(REFUSED, f"{path} is no record of a study")
    return study
