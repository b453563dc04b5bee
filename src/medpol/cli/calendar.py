"""``medpol calendar`` and ``medpol feed``: what is due, and what became known; as pages, JSON, iCalendar and Atom."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from medpol.cli.extras import with_extra
from medpol.cli.opening import (
    DayOfService,
    Format,
    InFormat,
    KnownOn,
    Policies,
    Verbose,
    held_number,
    read_or_stop,
    refuse_errors,
)
from medpol.cli.output import Page, counted, talk, write_bytes, write_json, writing
from medpol.cli.pages import as_of
from medpol.cli.stops import DONE
from medpol.decide.holdings.changed import Changed, Chronicle
from medpol.decide.holdings.coming import Calendar, Coming, calendar_of
from medpol.decide.holdings.told import events_of, feed_of
from medpol.exchange.atom import atom
from medpol.library import Library
from medpol.model.diagnostic import nearest

_LONGEST_SPAN = 3660


def _site(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise typer.BadParameter(f"{text!r} is no address of a site; expected one such as https://policies.example.org")
    return text.rstrip("/")


OnePolicy = Annotated[str | None, typer.Option("--policy", metavar="NUMBER", help="Only this policy.")]
Site = Annotated[
    str | None,
    typer.Option(
        "--site", metavar="URL", parser=_site, help="Where the pages are served: links and ids are made of it."
    ),
]


def calendar(
    days: Annotated[
        int, typer.Option("--days", min=1, max=_LONGEST_SPAN, help="How many days ahead, the day itself the first.")
    ] = 180,
    policy: OnePolicy = None,
    ics: Annotated[
        Path | None,
        typer.Option("--ics", metavar="FILE", help="Write it as iCalendar; - for stdout. Needs medpol[web]."),
    ] = None,
    site: Site = None,
    policies: Policies = None,
    date_of_service: DayOfService = None,
    known_on: KnownOn = None,
    format: InFormat = Format.TEXT,
    verbose: Verbose = False,
) -> int:
    """Show what is due: reviews, notices that run, days in force, coding updates, trials expected; late things first."""
    writer = None if ics is None else with_extra("medpol.exchange.calendar", "web", "--ics")
    library = _opened(policies)
    number = None if policy is None else held_number(library, policy)
    day, known = date_of_service or date.today(), known_on or date.today()
    found = calendar_of(Chronicle(library), day, known, days, policy=number)
    if ics is not None and writer is not None:
        title = "Medical policies" if number is None else f"Medical policy {number}"
        _write(ics, writer.icalendar(events_of(found, title, site=site)))
    elif format is Format.JSON:
        write_json(found)
    else:
        _print_calendar(Page(), found)
    return DONE


def feed(
    policy: OnePolicy = None,
    code: Annotated[
        str | None, typer.Option("--code", metavar="CODE", help="Only changes of policies that name it.")
    ] = None,
    code_system: Annotated[
        str | None,
        typer.Option("--code-system", metavar="SYSTEM", help="The system that the code is one of; any if left out."),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many changes at most.")] = 50,
    atom_file: Annotated[
        Path | None, typer.Option("--atom", metavar="FILE", help="Write it as an Atom feed; - for stdout.")
    ] = None,
    site: Site = None,
    policies: Policies = None,
    known_on: KnownOn = None,
    format: InFormat = Format.TEXT,
    verbose: Verbose = False,
) -> int:
    """Show what became known, newest first: new, changed, archived, reinstated, corrected and withdrawn versions."""
    library = _opened(policies)
    number = None if policy is None else held_number(library, policy)
    system = None if code_system is None else _system(library, code, code_system)
    found = Chronicle(library).changes(
        known_on or date.today(), policy=number, code=code, code_system=system, limit=limit
    )
    if atom_file is not None:
        title = "Changes of medical policies" if number is None else f"Changes of medical policy {number}"
        _write(atom_file, atom(feed_of(found, title, site=site)))
    elif format is Format.JSON:
        write_json(found)
    else:
        page = Page()
        page.line(f"{counted(found.total, 'change')} known on {found.known_on}", style="dim")
        for each in found.changes:
            _print_change(page, each)
        if len(found.changes) < found.total:
            page.line(f"{found.total - len(found.changes):,} older ones are left out (--limit)", style="dim")
    return DONE


def _system(library: Library, code: str | None, given: str) -> str:
    """The system of a code by its own spelling."""
    if code is None:
        raise typer.BadParameter("a system alone names no code; expected --code beside it", param_hint="--code-system")
    system = library.settings.systems.canonical(given)
    if system is None:
        names = library.settings.systems.names()
        near = nearest(given, names)
        raise typer.BadParameter(
            f"{given!r} is no system of this library{f', did you mean {near}?' if near else ''}; "
            f"expected one of: {', '.join(names)}",
            param_hint="--code-system",
        )
    return system


def _opened(policies: Path | None) -> Library:
    library = read_or_stop(policies)
    refuse_errors(library)
    return library


def _write(target: Path, data: bytes) -> None:
    if str(target) == "-":
        write_bytes(data)
        return
    with writing():
        target.write_bytes(data)
    talk(f"wrote {target}")


def _print_calendar(page: Page, found: Calendar) -> None:
    page.line(
        f"{counted(len(found.entries), 'date')} from {found.first_day} through {found.last_day}"
        f"{as_of(found.date_of_service, found.known_on)}",
        style="dim",
    )
    if found.entries:
        page.table(("day", "what", "policy", ""), [_row(each) for each in found.entries])
    else:
        coming = found.next
        page.line("Nothing due." + (f" Next: {coming.first_day}, {_words(coming)}." if coming is not None else ""))


def _row(each: Coming) -> tuple[str, str, str, str]:
    late = f"{counted(each.days_late, 'day')} late; " if each.days_late else ""
    until = f"through {each.last_day}, {each.days} days; " if each.days > 1 else ""
    return (str(each.first_day), each.lane.replace("_", " "), each.policy, f"{late}{until}{each.says}")


def _words(each: Coming) -> str:
    return f"{each.policy}: {each.says}" if each.policy else each.says


def _print_change(page: Page, each: Changed) -> None:
    page.blank()
    page.title(f"{each.known_from}  {each.policy}  {each.title}")
    notice = f", known {each.notice_days} days ahead" if each.notice_days else ""
    page.field("Change", f"{each.kind}, first day {each.first_day}{notice}")
    page.field("Means", each.says)
    if each.compared_with is not None:
        page.field("Against", f"the text of {each.compared_with}, known from {each.compared_known_from}")
