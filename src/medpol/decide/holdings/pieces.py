"""Pieces that several values share: what a rule says, a code row, a scope, an event of a history."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from medpol.decide.one import PreparedVersion
from medpol.decide.rows import PlanCode
from medpol.lifecycle import Status, last_day
from medpol.model.codes import FREE_TEXT_SYSTEMS, pattern_shown
from medpol.model.dates import StatedDate
from medpol.model.lines import Scope
from medpol.model.policy import CodeRow, PolicyVersion

DRAFT = "draft"
"""The status of a policy of which only drafts are held."""


def status_name(status: Status) -> str:
    return status.value.replace(" ", "_")


# ---------------------------------------------------------------------------- pieces


@dataclass(frozen=True, slots=True)
class PositionSaid:
    """What one rule says: its position, whether criteria decide it, whether it speaks in some cases only, and the
    position otherwise."""

    rule: str
    services: tuple[str, ...]
    canonical: str
    label: str
    is_conditional: bool
    applies_when: bool = False
    otherwise: str | None = None


@dataclass(frozen=True, slots=True)
class CodeSaid:
    """One row of the Coding table. ``last_day`` is in."""

    system: str
    code: str | None
    group: str
    role: str
    first_day: date | None
    last_day: date | None
    label: str


@dataclass(frozen=True, slots=True)
class ScopeSaid:
    """``inside`` null: everything that is not outside."""

    inside: tuple[str, ...] | None
    outside: tuple[str, ...]


def positions_of(version: PreparedVersion, services: Iterable[str] | None = None) -> tuple[PositionSaid, ...]:
    wanted = None if services is None else set(services)
    return tuple(
        PositionSaid(
            rule.name,
            rule.services,
            rule.position.canonical.value,
            rule.position.label,
            rule.met is not None,
            rule.when is not None,
            None if rule.otherwise is None else rule.otherwise.label,
        )
        for rule in version.row.rules
        if wanted is None or wanted & set(rule.services)
    )


def code_written(row: CodeRow | PlanCode, text: str) -> str | None:
    """The code of a row as people write it; one of a plan's own, which is compared in small letters, as its document does.

    ``text`` is the document. ``None`` where the service has no code yet.
    """
    if row.pattern is None:
        return None
    if row.system in FREE_TEXT_SYSTEMS:
        line = row.line if isinstance(row, PlanCode) else row.source.line
        for cell in "".join(text.splitlines()[line - 1 : line]).split("|"):
            if " ".join(cell.casefold().split()) == row.pattern.text:
                return " ".join(cell.split())
    return pattern_shown(row.system, row.pattern)


def codes_of(rows: Iterable[CodeRow | PlanCode], text: str) -> tuple[CodeSaid, ...]:
    """The rows of a document's Coding table; ``text`` is the document."""
    return tuple(
        CodeSaid(
            row.system,
            code_written(row, text),
            row.group,
            row.role.value,
            row.period.start,
            last_day(row.period.end),
            row.label,
        )
        for row in rows
    )


def scope_of(scope: Scope) -> ScopeSaid:
    return ScopeSaid(scope.inside, scope.outside)


@dataclass(frozen=True, slots=True)
class HistorySaid:
    date: str
    event: str
    approved: str | None
    effective: str | None
    published: str | None
    says: tuple[str, ...]
    comment: str


def text_of(stated: StatedDate | None) -> str | None:
    return None if stated is None else stated.text


def events_of(version: PolicyVersion) -> tuple[HistorySaid, ...]:
    """The rows of the document's own history."""
    return tuple(
        HistorySaid(
            each.day.text,
            each.event,
            text_of(each.approved),
            text_of(each.effective),
            text_of(each.published),
            each.says,
            each.comment,
        )
        for each in version.history
    )
