"""A library for a command: found, read, and refused with its diagnostics where it has errors."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from medpol.cli.output import talk
from medpol.cli.progress import waiting
from medpol.cli.stops import NOT_FOUND, REFUSED, Stop
from medpol.decide.cases import FIRST_YEAR, LAST_YEAR
from medpol.decide.holdings import Opened, open_desk
from medpol.library import SHIPPED, Library, LibraryNotFound
from medpol.library import load as read
from medpol.model.dates import parse_day
from medpol.model.diagnostic import Diagnostic, nearest

# ---------------------------------------------------------------------------- options that several commands share


"""The years that a case may name too (``decide/cases.py``): windows counted from a day stay inside the calendar."""


def day_given(text: str) -> date:
    day = parse_day(text)
    if day is None:
        raise typer.BadParameter(f"{text!r} is no day; expected YYYY-MM-DD")
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise typer.BadParameter(f"the year of {text} is out of range; expected {FIRST_YEAR} to {LAST_YEAR}")
    return day


Policies = Annotated[
    Path | None,
    typer.Option(
        "--policies", metavar="DIR", readable=False, help="A library; the dry-needling one that ships if left out."
    ),
]
DayOfService = Annotated[
    date | None,
    typer.Option("--date-of-service", metavar="D", parser=day_given, help="The day care is given; today if left out."),
]
KnownOn = Annotated[
    date | None,
    typer.Option(
        "--known-on", metavar="D", parser=day_given, help="Only what was known by that day; today if left out."
    ),
]

Today = Annotated[
    date | None,
    typer.Option(
        "--today",
        metavar="D",
        parser=day_given,
        help="The day on which reviews may be overdue; the clock's if left out.",
    ),
]


class Format(StrEnum):
    """How what was found is written."""

    TEXT = "text"
    JSON = "json"


InFormat = Annotated[Format, typer.Option("--format", help="For a person, or for a program.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="On a bug, show where it happened.")]


# ---------------------------------------------------------------------------- opening

MISPLACED = "misplaced-file"
"""The rule that names a file which looks meant and is no document."""
ROOT_FILES = ("facts.md", "plans.md", "medpol.toml", "adjustments.toml")
VERSION_NAME = re.compile(r"\d{4}-\d{2}-\d{2}(?:\.\d{4}-\d{2}-\d{2})?\.md", re.ASCII)


def open_library(policies: Path | None) -> Opened:
    """The library, compiled. Ends the command where there is none (3), or where one of its documents has errors (4)."""
    library = read_or_stop(policies)
    refuse_errors(library)
    return open_desk(library)


def read_or_stop(policies: Path | None) -> Library:
    """The library as read, with its diagnostics."""
    path = SHIPPED if policies is None else policies
    try:
        refuse_unreadable(path)
        with waiting(f"reading {path}"):
            library = read(path)
    except LibraryNotFound as problem:
        raise Stop(NOT_FOUND, str(problem)) from None
    except OSError as problem:
        raise Stop(REFUSED, f"{problem.filename or path} cannot be read: {problem.strerror}") from problem
    # a file that is no text is among the diagnostics alone, and is a document all the same
    if not library.files and all(each.rule == MISPLACED for each in library.diagnostics):
        raise Stop(NOT_FOUND, f"no library at {path}: {_why_none(path, library)}")
    return library


def held_number(library: Library, policy: str) -> str:
    """The number of a policy as the library spells it. Ends the command (3) where it holds no such policy."""
    held = library.policies()
    number = next((each for each in held if each.casefold() == policy.strip().casefold()), None)
    if number is None:
        near = nearest(policy, held)
        raise Stop(
            NOT_FOUND,
            f"no policy {policy!r} in this library"
            + (f"\n    near: {near}" if near else "\n    mend: medpol list shows what it holds"),
        )
    return number


def refuse_unreadable(path: Path) -> None:
    """End the command where the folder is there and may not be read: listing it would show an empty one."""
    try:
        if path.is_dir():
            os.scandir(path).close()
    except PermissionError as problem:
        raise Stop(NOT_FOUND, f"no library at {path}: it cannot be read: {problem.strerror}") from None


def is_policy_folder(path: Path) -> bool:
    """Whether versions stand right in it; a folder of policies has them one level further down."""
    return not any((path / name).exists() for name in ROOT_FILES) and any(
        VERSION_NAME.fullmatch(each.name) for each in path.iterdir()
    )


def _why_none(path: Path, library: Library) -> str:
    """What was looked for and where, and a library below that may have been meant."""
    if is_policy_folder(path):
        return f"this is a policy's folder; name the one above: {path.resolve().parent}"
    below = (str(each.parent) for pattern in ("*/facts.md", "*/*/facts.md") for each in sorted(path.glob(pattern)))
    misplaced = (f"{each.source.file}: {each.found}" for each in library.diagnostics)
    near = next(below, next(misplaced, ""))
    return (
        f"looked in {path.resolve()} for {', '.join(ROOT_FILES)}, for contracts/*.md and mandates/*.md, and for "
        "versions such as 2.01.100/2024-07-01.md, there or below policies/; found none of these\n"
        "    mend: name the folder that holds facts.md, or the policies/ folder below it"
    ) + (f"\n    near: {near}" if near else "")


def refuse_errors(library: Library) -> None:
    """A library with any error decides nothing: without a broken newest version, an older one would be revived.

    Errors of the evidence are told in one line; no determination rests on it.
    """
    if not library.errors:
        tell_of_evidence(library)
        return
    tell(library.errors)
    count = len(library.errors)
    raise Stop(
        REFUSED,
        f"the library has {count} error{'s' if count > 1 else ''} and decides nothing until "
        f"{'they are' if count > 1 else 'it is'} mended (medpol check shows them)",
    )


def tell_of_evidence(library: Library) -> None:
    """Say in one line that the evidence beside the policies has errors, where it has."""
    if wrong := library.evidence_errors:
        errors = f"{len(wrong)} error{'s' if len(wrong) > 1 else ''}"
        talk(
            f"the evidence has {errors}, and no determination rests on it (medpol check shows them); the first: {wrong[0]}"
        )


def tell(diagnostics: Iterable[Diagnostic]) -> None:
    for each in diagnostics:
        talk(str(each))
