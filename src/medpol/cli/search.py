"""``medpol search``: words, codes and numbers in a library, as it stood on a day and was known on another."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from medpol.cli.opening import DayOfService, Format, InFormat, KnownOn, Policies, Verbose, read_or_stop, refuse_errors
from medpol.cli.output import Page, joined, styled, write_json
from medpol.cli.pages import as_of
from medpol.cli.stops import DONE
from medpol.decide.holdings.searched import Searcher
from medpol.library.search import Findings, Found


def search(
    words: Annotated[list[str], typer.Argument(metavar="WORDS...", help="Words, codes, or the number of a policy.")],
    policies: Policies = None,
    date_of_service: DayOfService = None,
    known_on: KnownOn = None,
    format: InFormat = Format.TEXT,
    verbose: Verbose = False,
) -> int:
    """Search the published policies for words, all of which must stand there, or for a code or number.

    What stands in force on the day comes first; an archived policy is found by its last text, and a change that is announced
    by its text to come. Drafts are not searched.
    """
    library = read_or_stop(policies)
    refuse_errors(library)
    day, known = date_of_service or date.today(), known_on or date.today()
    found = Searcher(library).find(" ".join(words), day, known, limit=len(library.versions))
    if format is Format.JSON:
        write_json(found)
    else:
        _print(Page(), found)
    return DONE


def _print(page: Page, found: Findings) -> None:
    days = as_of(found.date_of_service, found.known_on)
    page.line(f"{found.total} polic{'y' if found.total == 1 else 'ies'}{days}", style="dim")
    for each in found.found:
        _print_found(page, each)
    if found.words_left_out:
        page.line(f"{found.words_left_out} more words were given than are searched for", style="dim")
    if not found.total:
        page.line("No policy has these words or names this code that day. That does not mean it is covered.")
        if found.near_codes:
            page.field("Near codes", ", ".join(found.near_codes))
        if found.near_words:
            page.field("Near words", ", ".join(found.near_words))


def _print_found(page: Page, found: Found) -> None:
    page.blank()
    page.title(f"{found.policy}  {found.title}")
    standing = found.status.replace("_", " ")
    if found.version is not None:
        standing += f": text of {found.version}"
    if found.status == "archived" and found.last_day is not None:
        standing += f", in force through {found.last_day}"
    page.field("Standing", standing)
    if found.announced is not None and found.status != "in_notice":
        page.field("Announced", f"a change from {found.announced} on")
    if found.labels:
        page.field("Positions", ", ".join(found.labels))
    if found.codes:
        page.field("Names", ", ".join(found.codes))
    if found.sections:
        page.field("Found in", ", ".join(found.sections))
    if found.snippet:
        page.field("Text", joined(styled(each.text, "bold" if each.is_match else "") for each in found.snippet))
    elif found.is_withheld:
        page.field("Text", "not shown: the document's rights do not allow it")
