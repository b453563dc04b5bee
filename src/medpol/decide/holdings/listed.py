"""``list``: every policy of a library as it stands on a day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from medpol.decide.holdings.opened import Opened
from medpol.decide.holdings.pieces import (
    DRAFT,
    CodeSaid,
    PositionSaid,
    ScopeSaid,
    codes_of,
    positions_of,
    scope_of,
    status_name,
)
from medpol.decide.one import PreparedVersion
from medpol.lifecycle import periods, standing
from medpol.model.policy import CodeRole


@dataclass(frozen=True, slots=True)
class Listed:
    """One policy of the library, as it stands on the day."""

    policy: str
    title: str
    publisher: str
    status: str
    version: date | None
    known_from: date | None
    positions: tuple[PositionSaid, ...]
    codes: tuple[CodeSaid, ...]
    lines_of_business: ScopeSaid
    versions: int
    drafts: int


@dataclass(frozen=True, slots=True)
class PolicyList:
    date_of_service: date
    known_on: date
    policies: tuple[Listed, ...]


class Known(NamedTuple):
    """Where one policy stands on a day; no ``version`` where only drafts of it are held."""

    policy: str
    status: str
    version: PreparedVersion | None


def known_policies(opened: Opened, day: date, known_on: date) -> list[Known]:
    """Every policy of the library in the order of their numbers, those that nobody knew yet left out."""
    found = []
    for policy, versions in opened.by_policy.items():
        status, version = standing(opened.desk.versions.get(policy, ()), day, known_on)
        if version is not None:
            found.append(Known(policy, status_name(status), version))
        elif any(each.is_draft for each in versions):
            found.append(Known(policy, DRAFT, None))
    return found


def list_policies(opened: Opened, day: date, known_on: date) -> PolicyList:
    return PolicyList(day, known_on, listed(opened, known_policies(opened, day, known_on), known_on))


def listed(opened: Opened, known: Iterable[Known], known_on: date) -> tuple[Listed, ...]:
    """Policies with what a list says of each."""
    return tuple(_listed(opened, each, known_on) for each in known)


def _listed(opened: Opened, known: Known, known_on: date) -> Listed:
    versions, version = opened.by_policy[known.policy], known.version
    first = versions[-1]
    return Listed(
        known.policy,
        first.title if version is None else version.row.title,
        first.publisher if version is None else version.row.publisher,
        known.status,
        None if version is None else version.first_day,
        None if version is None else version.known_from,
        () if version is None else positions_of(version),
        ()
        if version is None
        else tuple(
            row
            for row in codes_of(version.row.codes, opened.library.texts.get(version.row.file, ""))
            if row.role == CodeRole.GOVERNED.value
        ),
        scope_of(first.lines_of_business if version is None else version.row.lines_of_business),
        len(periods(opened.desk.versions.get(known.policy, ()), known_on)),
        sum(each.is_draft for each in versions),
    )
