"""``list``: every policy of a library as it stands on a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

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


def list_policies(opened: Opened, day: date, known_on: date) -> PolicyList:
    """Every policy of the library in the order of their numbers, those that nobody knew yet left out."""
    found = []
    for policy, versions in opened.by_policy.items():
        drafts = sum(version.is_draft for version in versions)
        held = opened.desk.versions.get(policy, ())
        status, version = standing(held, day, known_on)
        if version is None and not drafts:
            continue
        named = version if version is not None else None
        first = versions[-1]
        found.append(
            Listed(
                policy,
                first.title if named is None else named.row.title,
                first.publisher if named is None else named.row.publisher,
                DRAFT if named is None else status_name(status),
                None if named is None else named.first_day,
                None if named is None else named.known_from,
                () if named is None else positions_of(named),
                ()
                if named is None
                else tuple(row for row in codes_of(named.row.codes) if row.role == CodeRole.GOVERNED.value),
                scope_of(first.lines_of_business if named is None else named.row.lines_of_business),
                len(periods(held, known_on)),
                drafts,
            )
        )
    return PolicyList(day, known_on, tuple(found))
