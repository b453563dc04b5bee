"""``medpol diff``: the redline of two versions of a policy, what it means before the words."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated

import msgspec
import typer

from medpol.cli.opening import KnownOn, Policies, Verbose, day_given, held_number, read_or_stop, refuse_errors
from medpol.cli.output import Page, write_bytes, write_json
from medpol.cli.pages import print_redline, redline_page
from medpol.cli.stops import DONE, FINDINGS, NOT_FOUND, Stop
from medpol.decide.holdings import NoVersionNamed, redline_of


class RedlineFormat(StrEnum):
    """How a redline is written."""

    TEXT = "text"
    JSON = "json"
    HTML = "html"


def diff(
    policy: Annotated[str, typer.Argument(metavar="POLICY", help="The policy's number, such as 2.01.100.")],
    first: Annotated[
        date,
        typer.Argument(metavar="FROM", parser=day_given, help="A first day, or a day on which the version stands."),
    ],
    second: Annotated[
        date, typer.Argument(metavar="TO", parser=day_given, help="The same of the other version; drafts too.")
    ],
    semantic: Annotated[bool, typer.Option("--semantic", help="Only what the change means.")] = False,
    text: Annotated[bool, typer.Option("--text", help="Only the words.")] = False,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="End with 1 where they differ in what was asked for.")
    ] = False,
    policies: Policies = None,
    known_on: KnownOn = None,
    format: Annotated[
        RedlineFormat, typer.Option("--format", help="For a person, for a program, or one HTML page.")
    ] = RedlineFormat.TEXT,
    verbose: Verbose = False,
) -> int:
    """Compare two versions of a policy: first what the change means, then the words.

    A day names the version with that first day, one in notice and a draft too, else the one that stands on it.
    Stated dates and the document's own history are shown and are no difference by themselves.
    """
    if semantic and text:
        raise typer.BadParameter("--semantic and --text leave nothing together; expected one of them, or neither")
    library = read_or_stop(policies)
    refuse_errors(library)
    try:
        versions = library.of(held_number(library, policy))
        found = redline_of(library, versions, first, second, known_on or date.today())
    except NoVersionNamed as problem:
        raise _names_none(problem) from None
    differs = (found.meaning_changes and not text) or (found.words_change and not semantic)
    shown = msgspec.structs.replace(
        found, meaning=None if text else found.meaning, words=None if semantic else found.words
    )
    match format:
        case RedlineFormat.JSON:
            write_json(shown)
        case RedlineFormat.HTML:
            write_bytes(redline_page(shown).encode())
        case RedlineFormat.TEXT:
            print_redline(Page(), shown)
    return FINDINGS if exit_code and differs else DONE


def _names_none(problem: NoVersionNamed) -> Stop:
    return Stop(
        NOT_FOUND,
        f"{problem}: expected a first day, or a day on which one holds"
        + (f"\n    near: {', '.join(map(str, problem.near))}" if problem.near else "")
        + f"\n    mend: medpol history {problem.policy} shows its versions",
    )
