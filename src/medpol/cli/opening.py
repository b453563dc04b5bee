"""A library for a command: found, read, and refused with its diagnostics where it has errors."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from medpol.cli.output import talk
from medpol.cli.progress import waiting
from medpol.cli.stops import NOT_FOUND, REFUSED, Stop
from medpol.decide.one import Desk
from medpol.decide.plan import compile_library
from medpol.library import SHIPPED, Library, LibraryNotFound
from medpol.library import load as read
from medpol.model.dates import parse_day
from medpol.model.diagnostic import Diagnostic

# ---------------------------------------------------------------------------- options that several commands share


def _day(text: str) -> date:
    day = parse_day(text)
    if day is None:
        raise typer.BadParameter(f"{text!r} is no day; expected YYYY-MM-DD")
    return day


Policies = Annotated[
    Path | None,
    typer.Option("--policies", metavar="DIR", help="A library; the dry-needling one that ships if left out."),
]
DayOfService = Annotated[
    date | None,
    typer.Option("--date-of-service", metavar="D", parser=_day, help="The day care is given; today if left out."),
]
KnownOn = Annotated[
    date | None,
    typer.Option("--known-on", metavar="D", parser=_day, help="Only what was known by that day; today if left out."),
]


class Format(StrEnum):
    """How what was found is written."""

    TEXT = "text"
    JSON = "json"


InFormat = Annotated[Format, typer.Option("--format", help="For a person, or for a program.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="On a bug, show where it happened.")]


# ---------------------------------------------------------------------------- opening


@dataclass(frozen=True, slots=True)
class Opened:
    """A library without errors, and its plan ready to answer."""

    library: Library
    desk: Desk


def open_library(policies: Path | None) -> Opened:
    """The library, compiled. Ends the command where there is none (3), or where one of its documents has errors (4)."""
    library = read_or_stop(policies)
    refuse_errors(library)
    return Opened(library, Desk(compile_library(library)))


def read_or_stop(policies: Path | None) -> Library:
    """The library as read, with its diagnostics."""
    path = SHIPPED if policies is None else policies
    try:
        with waiting(f"reading {path}"):
            library = read(path)
    except LibraryNotFound as problem:
        raise Stop(NOT_FOUND, str(problem)) from None
    except OSError as problem:
        raise Stop(REFUSED, f"{problem.filename or path} cannot be read: {problem.strerror}") from problem
    if not library.files:
        raise Stop(
            NOT_FOUND,
            f"no library at {path}: the folder holds no policy, contract or facts.md\n"
            "    mend: name the folder that holds facts.md, or the policies/ folder below it",
        )
    return library


def refuse_errors(library: Library) -> None:
    """A library with any error decides nothing: without a broken newest version, an older one would be revived."""
    if not library.errors:
        return
    tell(library.errors)
    count = len(library.errors)
    raise Stop(
        REFUSED,
        f"the library has {count} error{'s' if count > 1 else ''} and decides nothing until "
        f"{'they are' if count > 1 else 'it is'} mended (medpol check shows them)",
    )


def tell(diagnostics: Iterable[Diagnostic]) -> None:
    for each in diagnostics:
        talk(str(each))
