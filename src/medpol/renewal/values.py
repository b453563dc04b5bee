"""What a review packet holds: plain values whose field names are the keys of its JSON."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Standing:
    """The version that is reviewed. ``days_late`` is 0 where the review is not overdue; ``due`` null: no day is known."""

    policy: str
    title: str
    publisher: str
    version: date
    file: str
    content_hash: str
    approved: str
    literature_through: str
    due: date | None
    due_is_stated: bool
    days_late: int
    positions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TrialListed:
    """One trial of the document's table. ``is_past``: its stated completion lies before the day of the packet."""

    nct: str
    title: str
    population: str
    completion: str
    listed_as: str
    status: str
    is_past: bool
    line: int


@dataclass(frozen=True, slots=True)
class Noticed:
    """Something that the watch proposed since the last literature day, with its source."""

    kind: str
    weight: str
    says: str
    population: str
    source: str
    fetched: str


@dataclass(frozen=True, slots=True)
class Recorded:
    """A record of evidence that the version could not rest on: recorded after its approval, or newer than its search."""

    study: str
    citation: str
    population: str
    kind: str
    recorded: date
    why: str


@dataclass(frozen=True, slots=True)
class GuidelineListed:
    body: str
    year: int | None
    kind: str
    recommends: str
    line: int
    findings: tuple[str, ...]
    """What the check says of it, such as that it disagrees with the position."""


@dataclass(frozen=True, slots=True)
class CodeListed:
    """A code whose row began or ends since the last literature day, or whose system had an update since."""

    system: str
    code: str
    group: str
    says: str


@dataclass(frozen=True, slots=True)
class Found:
    """An open finding of the check."""

    severity: str
    rule: str
    subject: str
    file: str
    line: int
    found: str
    mend: str


@dataclass(frozen=True, slots=True)
class PopulationListed:
    """A population of the document, or of its records, with what is concluded and what is still open for it."""

    name: str
    conclusion: str
    signed: str
    allowed: tuple[str, ...]
    trials: int
    recorded_since: int
    open: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OfCode:
    """Final lines of one governed code: dollars not covered, lines that wait for facts, lines that somebody reviews."""

    code: str
    lines: int
    not_covered: Decimal
    waiting: int
    reviews: int


@dataclass(frozen=True, slots=True)
class Volume:
    """What claims say of the codes that the policy governs, as it stands; ``changed_lines`` the draft would answer otherwise."""

    first_day: date | None
    last_day: date | None
    by_code: tuple[OfCode, ...]
    changed_lines: int
    cannot_know: tuple[str, ...]

    @property
    def lines(self) -> int:
        return sum(each.lines for each in self.by_code)

    @property
    def not_covered(self) -> Decimal:
        return sum((each.not_covered for each in self.by_code), Decimal(0))


@dataclass(frozen=True, slots=True)
class Draft:
    """The draft of the next version, and what was tested about it.

    ``says`` are the typed claims of its history row; ``untrue`` is what the check finds against them, which is empty where
    they are true. ``notice_days`` is null where no notice is owed.
    """

    file: str
    effective: date
    literature_through: date
    is_searched: bool
    """Whether the watch looked until that day; where not, somebody has to search before signing."""
    review_due: date
    says: tuple[str, ...]
    untrue: tuple[str, ...]
    coverage_changes: bool
    changes: tuple[str, ...]
    notice_days: int | None
    earliest_effective: date | None
    content_hash: str


@dataclass(frozen=True, slots=True)
class Packet:
    """Everything since the last literature day, and the draft."""

    today: date
    since: date | None
    """The last day of the literature search, from which on things are listed."""
    standing: Standing
    draft: Draft
    trials: tuple[TrialListed, ...]
    noticed: tuple[Noticed, ...]
    watched_until: date | None
    recorded: tuple[Recorded, ...]
    guidelines: tuple[GuidelineListed, ...]
    codes: tuple[CodeListed, ...]
    coding_updates: tuple[date, ...]
    populations: tuple[PopulationListed, ...]
    findings: tuple[Found, ...]
    volume: Volume | None
    sign_off: tuple[str, ...]
    """Who has to sign, by role, in the order in which they do."""

    @property
    def overdue(self) -> tuple[TrialListed, ...]:
        """Trials still listed as ongoing whose completion has passed."""
        return tuple(each for each in self.trials if each.is_past and each.listed_as == "ongoing")
