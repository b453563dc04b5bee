"""``medpol check``: documents held against the notation, and against the rules of the linter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

import medpol
from medpol.check import Checked, NotARule, Rule, RuleFailed, check_library, rules
from medpol.check.reading import READING
from medpol.cli.opening import Today, Verbose
from medpol.cli.output import Page, counted, talk, write_bytes, write_json
from medpol.cli.pages.findings import checked_value, print_findings, print_reading, print_rule, print_rules, summary
from medpol.cli.places import Place, bytes_of, errors_of, find_place, kind_of
from medpol.cli.progress import waiting
from medpol.cli.reports import github, sarif
from medpol.cli.stops import DONE, FINDINGS, NOT_FOUND, REFUSED, Stop
from medpol.model.diagnostic import errors, nearest
from medpol.text.format import DocumentKind


class CheckFormat(StrEnum):
    """How findings are written."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    GITHUB = "github"


def check(
    path: Annotated[
        Path | None,
        typer.Argument(
            metavar="[PATH]", readable=False, help="A library, or a document of one; what ships if left out."
        ),
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option("--rule", metavar="NAME", help="This rule alone; may be given again.")
    ] = None,
    explain: Annotated[
        str | None,
        typer.Option(
            "--explain", metavar="RULE", help="What a finding means: the page of a rule; 'all' lists the rules."
        ),
    ] = None,
    is_whole: Annotated[bool, typer.Option("--all", help="Every finding, and what is allowed.")] = False,
    today: Today = None,
    format: Annotated[
        CheckFormat, typer.Option("--format", help="For a person, a program, code scanning, GitHub's runner.")
    ] = CheckFormat.TEXT,
    verbose: Verbose = False,
) -> int:
    """Find what is wrong or doubtful in policy documents. Exit code 1 with errors, 0 with warnings alone or none.

    On a terminal the weightiest findings come first and the rest is counted. A document keeps what a rule finds by a
    line in its front matter: # medpol: allow RULE because ...
    """
    try:
        known = rules()
    except NotARule as problem:
        raise Stop(REFUSED, str(problem)) from problem
    if explain is not None:
        return _explain(explain, known)
    chosen = [_known(name, known).name for name in only] if only else None
    place = find_place(path)
    documents = place.documents()
    checked = _checked(place, today or date.today(), chosen)
    match format:
        case CheckFormat.JSON:
            write_json(checked_value(checked, known))
        case CheckFormat.SARIF:
            write_json(sarif(checked, known, lambda file: _uri(place, file), medpol.__version__))
        case CheckFormat.GITHUB:
            write_bytes(github(checked.found, lambda file: _uri(place, file)).encode("utf-8", "surrogateescape"))
        case CheckFormat.TEXT:
            print_findings(Page(), checked, known, is_whole=is_whole)
    is_cases = place.only is not None and kind_of(place.only) is DocumentKind.CASES
    talk(f"{counted(1 if is_cases else len(documents), 'document')}: {summary(checked.found)}")
    return FINDINGS if errors(checked.found) else DONE


def _checked(place: Place, today: date, only: Sequence[str] | None) -> Checked:
    """What is found in the files that are meant; worked cases are read, and judged by no rule."""
    if place.only is not None and kind_of(place.only) is DocumentKind.CASES:
        found = errors_of(place, place.only, DocumentKind.CASES, bytes_of(place.root / place.only))
        return Checked(tuple(found), (), frozenset())
    try:
        with waiting(f"checking {place.root}"):
            checked = check_library(place.library, today, only)
    except RuleFailed as problem:
        raise Stop(REFUSED, str(problem)) from problem
    return replace(
        checked,
        found=tuple(each for each in checked.found if place.holds(each.source.file)),
        allowed=tuple(each for each in checked.allowed if place.holds(each.finding.source.file)),
    )


def _uri(place: Place, file: str) -> str:
    return Path(place.shown(file)).as_posix()


def _known(name: str, known: Mapping[str, Rule]) -> Rule:
    if name in known:
        return known[name]
    if name in READING:
        raise Stop(
            REFUSED,
            f"{name} is found by reading, which comes before every rule: leave --rule out "
            f"(medpol check --explain {name} says what it is)",
        )
    near = nearest(name, (*known, *READING))
    meant = f": did you mean {near}?" if near else ""
    raise Stop(
        NOT_FOUND,
        f"no rule is named {name}{meant} (medpol check --explain all lists them; what reading finds is in "
        "docs/notation.md, section 22)",
    )


def _explain(name: str, known: Mapping[str, Rule]) -> int:
    if name == "all":
        print_rules(Page(), known.values())
    elif name in READING:
        print_reading(Page(), name)
    else:
        print_rule(Page(), _known(name, known))
    return DONE
