"""``medpol list``, ``show``, ``code`` and ``history``: what a library holds, on a day and as known on a day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from medpol.cli.opening import (
    DayOfService,
    Format,
    InFormat,
    KnownOn,
    Policies,
    Verbose,
    held_number,
    open_library,
)
from medpol.cli.output import Page, write_json
from medpol.cli.pages import as_of, print_code, print_history, print_listed, print_policy
from medpol.cli.stops import DONE, NOT_FOUND, REFUSED, Stop
from medpol.decide import holdings
from medpol.decide.holdings import Opened

PolicyNumber = Annotated[str, typer.Argument(metavar="POLICY", help="The policy's number, such as 2.01.100.")]


def list_policies(
    policies: Policies = None,
    date_of_service: DayOfService = None,
    known_on: KnownOn = None,
    format: InFormat = Format.TEXT,
    verbose: Verbose = False,
) -> int:
    """List the policies with their status on a day, their positions and codes."""
    day, known = _days(date_of_service, known_on)
    found = holdings.list_policies(open_library(policies), day, known)
    if format is Format.JSON:
        write_json(found)
        return DONE
    page = Page()
    page.line(
        f"{len(found.policies)} polic{'y' if len(found.policies) == 1 else 'ies'}{as_of(day, known)}", style="dim"
    )
    for each in found.policies:
        print_listed(page, each)
    return DONE


def show(
    policy: PolicyNumber,
    policies: Policies = None,
    date_of_service: DayOfService = None,
    known_on: KnownOn = None,
    format: InFormat = Format.TEXT,
    verbose: Verbose = False,
) -> int:
    """Show a policy as it stands on a day: dates, scope, criteria, codes, evidence, trials, history."""
    days = _days(date_of_service, known_on)
    return _one_policy(policy, policies, days, format, holdings.show_policy, print_policy)


def code(
    codes: Annotated[list[str], typer.Argument(metavar="CODE...", help="Codes of services or diagnoses.")],
    policies: Policies = None,
    date_of_service: DayOfService = None,
    known_on: KnownOn = None,
    format: InFormat = Format.TEXT,
    verbose: Verbose = False,
) -> int:
    """Say of each code which policies name it, from when to when, and at what position.

    Exit code 4 where not one of them has the shape of a code.
    """
    day, known = _days(date_of_service, known_on)
    found = holdings.show_codes(open_library(policies), codes, day, known)
    result = REFUSED if all(each.state == "malformed" for each in found.codes) else DONE
    if format is Format.JSON:
        write_json(found)
        return result
    page = Page()
    for at, each in enumerate(found.codes):
        if at:
            page.blank()
        print_code(page, each, day, known)
    return result


def history(
    policy: PolicyNumber,
    policies: Policies = None,
    date_of_service: DayOfService = None,
    known_on: KnownOn = None,
    format: InFormat = Format.TEXT,
    verbose: Verbose = False,
) -> int:
    """Show the versions of a policy on both clocks: in force from when, and known from when."""
    days = _days(date_of_service, known_on)
    return _one_policy(policy, policies, days, format, holdings.policy_history, print_history)


_Found = TypeVar("_Found")


def _one_policy(
    policy: str,
    policies: Path | None,
    days: tuple[date, date],
    format: Format,
    find: Callable[[Opened, str, date, date], _Found | None],
    lay_out: Callable[[Page, _Found], None],
) -> int:
    """Find something of one policy on a day as known on a day, and print it."""
    opened = open_library(policies)
    number = held_number(opened.library, policy)
    found = find(opened, number, *days)
    if found is None:
        raise Stop(NOT_FOUND, f"no version of {number} was known on {days[1]}")
    if format is Format.JSON:
        write_json(found)
    else:
        lay_out(Page(), found)
    return DONE


def _days(date_of_service: date | None, known_on: date | None) -> tuple[date, date]:
    today = date.today()
    return date_of_service or today, known_on or today
