"""``medpol evidence pool``, ``grade`` and ``findings``: what the records of a policy say together, and how sure that is."""

from __future__ import annotations

from typing import Annotated

import typer

from medpol.cli.evidence import Format, InFormat, open_evidence, refuse_format, write_table
from medpol.cli.evidence_asked import (
    ByMethod,
    Comparators,
    MeasureWord,
    Observational,
    Outcomes,
    PoolMethod,
    PoolName,
    Population,
    QuestionGiven,
    Timepoint,
    Unverified,
    asked_of,
    questions_of,
    refusing,
    with_conventions,
)
from medpol.cli.opening import KnownOn, Policies, Verbose
from medpol.cli.output import Page, write_bytes, write_json
from medpol.cli.pages.evidence_pool import (
    findings_cells,
    print_findings,
    print_graded,
    print_pool,
    print_published,
    row_cells,
)
from medpol.cli.show import PolicyNumber
from medpol.cli.stops import DONE
from medpol.evidence.findings_table import findings_table
from medpol.evidence.flat import markdown_text
from medpol.evidence.grading import grade as grade_pool
from medpol.evidence.grading import grade_published, signed_for
from medpol.evidence.plain import findings_value, graded_value, pool_value, published_value
from medpol.evidence.pools import PoolFound, pool_asked


def pool(
    policy: PolicyNumber,
    pool: PoolName = "",
    population: Population = "",
    outcome: Outcomes = None,
    comparator: Comparators = None,
    timepoint: Timepoint = "",
    measure: MeasureWord = "",
    method: PoolMethod = ByMethod.INVERSE_VARIANCE,
    unverified: Unverified = False,
    observational: Observational = False,
    policies: Policies = None,
    known_on: KnownOn = None,
    format: InFormat = Format.TEXT,
    verbose: Verbose = False,
) -> int:
    """Pool what studies report on one question, or on every pool that questions.md declares.

    Shows each number with where it stands, what is left out and why, and the conventions that moved the result.
    """
    held = open_evidence(policy, policies, known_on)
    options = QuestionGiven.of(
        pool,
        population,
        outcome,
        comparator,
        timepoint,
        measure,
        method=method,
        unverified=unverified,
        observational=observational,
    )
    with refusing():
        found = [pool_asked(held.known, each) for each in asked_of(held, options)]
    if format is Format.JSON:
        write_json(with_conventions(held, {"pools": [pool_value(each) for each in found]}))
    elif format is Format.TEXT:
        page = Page()
        for each in found:
            print_pool(page, each)
    else:
        columns, rows = row_cells(found)
        write_table(columns, rows, format)
    return DONE


def grade(
    policy: PolicyNumber,
    pool: PoolName = "",
    population: Population = "",
    outcome: Outcomes = None,
    comparator: Comparators = None,
    timepoint: Timepoint = "",
    measure: MeasureWord = "",
    unverified: Unverified = False,
    published: Annotated[
        bool, typer.Option("--published", help="Grade the pools that reviews published, beside their authors' word.")
    ] = False,
    policies: Policies = None,
    known_on: KnownOn = None,
    format: InFormat = Format.TEXT,
    verbose: Verbose = False,
) -> int:
    """Suggest how certain a pool is, domain by domain, with the numbers that say so. A person gives the level and signs."""
    refuse_format(format, (Format.TEXT, Format.JSON))
    held = open_evidence(policy, policies, known_on)
    thresholds = held.library.settings.evidence
    if published:
        grades = grade_published(held.known, thresholds)
        if format is Format.JSON:
            write_json(with_conventions(held, {"published": [published_value(each) for each in grades]}))
        else:
            print_published(Page(), grades)
        return DONE
    options = QuestionGiven.of(pool, population, outcome, comparator, timepoint, measure, unverified=unverified)
    questions = questions_of(held)
    with refusing():
        pools = [pool_asked(held.known, each) for each in asked_of(held, options)]
    graded = [
        (
            each,
            grade_pool(
                each,
                held.known,
                thresholds,
                signed_for(held.known.profile(each.asked.population), each.asked, questions),
            ),
        )
        for each in pools
    ]
    if format is Format.JSON:
        values = [{**_question_value(each), **graded_value(found)} for each, found in graded]
        write_json(with_conventions(held, {"grades": values}))
        return DONE
    page = Page()
    for each, found in graded:
        print_graded(page, each, found)
    return DONE


def findings(
    policy: PolicyNumber,
    population: Annotated[str, typer.Option("--population", metavar="P", help="One population; all if left out.")] = "",
    unverified: Unverified = False,
    policies: Policies = None,
    known_on: KnownOn = None,
    format: InFormat = Format.TEXT,
    verbose: Verbose = False,
) -> int:
    """The summary of findings: outcomes by comparator and follow-up, studies, participants, effect, certainty, harms."""
    held = open_evidence(policy, policies, known_on)
    names = [population] if population else [each.id for each in questions_of(held).populations]
    with refusing():
        tables = [
            findings_table(held.known, each, held.library.settings.evidence, unverified=unverified) for each in names
        ]
    if format is Format.JSON:
        write_json(with_conventions(held, {"findings": [findings_value(each) for each in tables]}))
    elif format is Format.TEXT:
        page = Page()
        for each in tables:
            print_findings(page, each)
    elif format is Format.CSV:
        cells = [findings_cells(each) for each in tables]
        columns = cells[0][0] if cells else ()
        rows = [
            (each.population, *row) for each, (_, held_rows) in zip(tables, cells, strict=True) for row in held_rows
        ]
        write_table(("Population", *columns), rows, format)
    else:
        parts = [f"## {each.population}\n\n{markdown_text(*findings_cells(each))}" for each in tables]
        write_bytes("\n".join(parts).encode())
    return DONE


def _question_value(found: PoolFound) -> dict[str, object]:
    asked = found.asked
    return {
        "pool": asked.pool or None,
        "population": asked.population,
        "outcome": asked.outcome,
        "also": list(asked.also),
        "comparators": list(asked.comparators) or ["any"],
        "timepoint": asked.timepoint or None,
        "studies": len(found.rows),
        "participants": found.participants,
    }
