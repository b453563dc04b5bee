"""The draft of the next version: the text that stands, with its dates carried on and one row of history that is true."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from medpol.check import check_library, claims
from medpol.library import DraftRefused, Library, with_draft
from medpol.library.redline import Redline, redline
from medpol.lifecycle import a_year_after, review_due
from medpol.model.dates import add_months, stated
from medpol.model.diagnostic import Diagnostic
from medpol.model.evidence import HistoryRow
from medpol.model.policy import PolicyVersion
from medpol.text.reader import read_policy
from medpol.text.revising import revise
from medpol.text.source import Findings

EVENT = "annual review"


class RenewalRefused(ValueError):
    """No next version can be drafted from what stands: what was found, and the mend."""


@dataclass(frozen=True, slots=True)
class Renewed:
    """A draft as text and as read, with what it changes. ``library`` holds it as if it were published on the day asked for."""

    text: str
    file: str
    version: PolicyVersion
    library: Library
    effective: date
    literature_through: date
    review_due: date
    says: tuple[str, ...]
    untrue: tuple[Diagnostic, ...]
    redline: Redline


def renewed(
    library: Library, standing: PolicyVersion, today: date, literature_through: date, effective: date | None = None
) -> Renewed:
    """The next version of a policy, as a draft that somebody approves and publishes.

    Args:
        library: Without errors in its policies.
        standing: The version that is reviewed.
        today: The day of the review.
        literature_through: The day to which the literature was searched.
        effective: Its first day; without one the day on which the review is due, or the first of the next month.

    Raises:
        RenewalRefused: The version is archived, or the day is one that the policy holds already or that is not later.
    """
    if standing.is_archived or standing.first_day is None:
        raise RenewalRefused(f"{standing.policy} is archived: there is nothing in force to review")
    first_day = effective or _next_day(standing, today)
    if first_day <= standing.first_day:
        raise RenewalRefused(f"the draft would begin on {first_day}, not after the version of {standing.first_day}")
    known = standing.literature_through
    if known is not None and (searched := known.first_day()) is not None and literature_through < searched:
        raise RenewalRefused(f"literature through {literature_through} is before that of the version, {known.text}")
    due = a_year_after(first_day)
    says = (f"literature through {literature_through}", "no references added", "statement unchanged")
    row = HistoryRow(stated(str(first_day)), EVENT, says=says)
    head: dict[str, str | None] = {
        "effective": str(first_day),
        "literature through": str(literature_through),
        "review due": str(due),
        # what only the approval and the publication can say
        **dict.fromkeys(("approved", "row date", "published", "last revised", "notice sent", "withdraws")),
    }
    before = library.texts[standing.source.file]
    text = revise(before, head, row)
    file = f"{standing.source.file.rsplit('/', 1)[0]}/{first_day}.md"
    if file in library.texts:
        raise RenewalRefused(f"{file} is held already: name another day with --effective")
    findings = Findings(file)
    version = read_policy(text, findings, library.vocabulary)
    if version is None or findings.has_errors:
        raise RenewalRefused(f"the draft does not read as a policy: {findings.found[0]}")
    try:
        tried = with_draft(library, text.encode(), file, max(today, standing.known_from or today), None, None)
    except DraftRefused as problem:
        raise RenewalRefused(f"the draft does not fit the library: {problem}") from problem
    untrue = _untrue(tried.library, tried.version, first_day)
    changed = redline(standing, before, version, text, [standing, version])
    return Renewed(text, file, version, tried.library, first_day, literature_through, due, says, untrue, changed)


def _next_day(standing: PolicyVersion, today: date) -> date:
    """The day on which the review is due, where it lies ahead, else the first of the next month."""
    due = review_due(standing)
    if due is not None and due.day > today:
        return due.day
    return add_months(today.replace(day=1), 1)


def _untrue(library: Library, version: PolicyVersion, today: date) -> tuple[Diagnostic, ...]:
    """What the check finds against the claims of the row that tells of the draft."""
    alone = replace(library, versions=library.of(version.policy), sources=(), evidence=())
    found = check_library(alone, today, [each.name for each in claims.RULES]).found
    return tuple(each for each in found if each.source.file == version.source.file)
