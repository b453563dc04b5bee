"""What an impact is made of: plain values whose field names are the keys of its JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

OUTCOMES = ("covered", "not_covered", "information_needed", "refer", "not_addressed")
"""In the order in which they are shown."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two plans: where it is and the hash of its files, which names it exactly."""

    policies: str
    plan_hash: str
    draft: str | None = None
    """The file that was tried; none where a whole library is."""
    draft_hash: str | None = None
    draft_path: str | None = None
    """Where it stands in the copy of the library."""
    policy: str | None = None
    in_force_from: date | None = None
    is_archive: bool = False
    """The draft takes its policy out of force."""
    in_place_of: tuple[date, ...] = ()
    """First days of the versions that the draft stands in place of."""


@dataclass(frozen=True, slots=True)
class ClaimsInput:
    path: str
    sha256: str
    rows: int
    lines: int
    rejected: int
    is_history: bool
    is_sealed: bool


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked."""

    before: Side
    after: Side
    known_on: date
    first_day: date | None
    last_day: date | None
    review_cost: Decimal | None
    smallest_cell: int | None
    with_lines: bool
    has_facts: bool
    inputs: tuple[ClaimsInput, ...] = ()


@dataclass(frozen=True, slots=True)
class NotFinal:
    """Lines that are answered and left out of dollars, members and reviews."""

    final_status: str
    lines: int


@dataclass(frozen=True, slots=True)
class Read:
    """Every row that was read: rejected, outside of the days asked for, or compared."""

    rows: int
    rejected: int
    outside: int
    lines: int
    final_lines: int
    members: int
    allowed_amount: Decimal
    allowed_missing: int
    """Final lines without an allowed amount: left out of dollars."""
    allowed_zero: int
    without_member: int
    """Final lines of no known member: counted as lines, and in no number of members."""
    first_day: date | None
    last_day: date | None
    not_final: tuple[NotFinal, ...] = ()


@dataclass(frozen=True, slots=True)
class Cell:
    """Lines that had one outcome and get another, or the same. ``together``: of how many small cells it is the sum.

    ``lines`` counts every line; members and dollars are those of final lines.
    """

    before: str | None
    after: str | None
    lines: int
    final_lines: int
    members: int
    allowed_amount: Decimal
    allowed_missing: int
    together: int = 0


@dataclass(frozen=True, slots=True)
class Turn:
    """Changed lines of one kind: the same answer before, and the same answer after."""

    outcome_before: str | None
    reason_before: str | None
    position_before: str | None
    authorization_before: str | None
    policy_before: str | None
    outcome_after: str | None
    reason_after: str | None
    position_after: str | None
    authorization_after: str | None
    policy_after: str | None
    lines: int
    final_lines: int
    members: int
    allowed_amount: Decimal
    allowed_missing: int
    together: int = 0


@dataclass(frozen=True, slots=True)
class Share:
    """What the change comes to for one code, provider, plan, line of business or month: final lines only."""

    key: str | None
    final_lines: int
    changed_lines: int
    changed_members: int
    changed_allowed: Decimal
    reviews_before: int
    reviews_after: int
    not_covered_before: Decimal
    not_covered_after: Decimal
    waiting_before: int
    waiting_after: int
    together: int = 0


@dataclass(frozen=True, slots=True)
class Breakdown:
    name: str
    rows: tuple[Share, ...]


@dataclass(frozen=True, slots=True)
class Band:
    """Reviews of lines whose allowed amount lies from ``at_least`` to under ``under``; both null: no allowed amount."""

    at_least: Decimal | None
    under: Decimal | None
    reviews_before: int
    reviews_after: int
    allowed_before: Decimal
    allowed_after: Decimal
    together: int = 0


@dataclass(frozen=True, slots=True)
class Reviews:
    """Lines that somebody has to look at, before and after, and what that costs.

    ``break_even`` is the cost of one review at which the change costs as much as it saves; null where no cost does.
    """

    before: int
    after: int
    added: int
    saved: int
    claims_before: int
    """Claims that hold these lines: fewer, where several lines of a claim are looked at together."""
    claims_after: int
    allowed_before: Decimal
    allowed_after: Decimal
    waiting_before: int
    """Lines that wait for facts: not among the reviews."""
    waiting_after: int
    not_covered_before: Decimal
    not_covered_after: Decimal
    cost_before: Decimal | None
    cost_after: Decimal | None
    net: Decimal | None
    """What the change saves at the cost given: dollars no longer allowed, less what its reviews cost more."""
    break_even: Decimal | None
    says: str = ""
    under_cost_before: int | None = None
    """Reviews of lines whose allowed amount is less than one review costs."""
    under_cost_after: int | None = None

    @property
    def added_reviews(self) -> int:
        return self.after - self.before

    @property
    def no_longer_allowed(self) -> Decimal:
        return self.not_covered_after - self.not_covered_before


@dataclass(frozen=True, slots=True)
class Cited:
    file: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Explained:
    """Why a line is answered as it is, under one of the two plans."""

    outcome: str
    reason_key: str
    reason: str
    position: str | None
    authorization: str | None
    policy: str | None
    version: date | None
    rule: str | None
    sentences: tuple[Cited, ...] = ()


@dataclass(frozen=True, slots=True)
class Example:
    """A line that changed. Its key, member and day are given only where ``--with-lines`` asks for them."""

    code_system: str | None
    code: str | None
    month: str
    allowed_amount: Decimal | None
    final_status: str
    like_it: int
    """Lines that change in the same way."""
    before: Explained
    after: Explained
    data_source: str | None = None
    claim_id: str | None = None
    claim_line_number: int | None = None
    member_id: str | None = None
    date_of_service: date | None = None


@dataclass(frozen=True, slots=True)
class Impact:
    """Two plans over one set of claims."""

    question: Question
    read: Read
    outcomes: tuple[Cell, ...]
    outcome_changed: Cell
    otherwise_changed: Cell
    turns: tuple[Turn, ...]
    reviews: Reviews
    bands: tuple[Band, ...]
    breakdowns: tuple[Breakdown, ...]
    examples: tuple[Example, ...]
    unexplained: int
    """Changed lines that are counted and not shown one by one."""
    cannot_know: tuple[str, ...]

    @property
    def changed_lines(self) -> int:
        return self.outcome_changed.lines + self.otherwise_changed.lines


def totals(cells: Sequence[Cell], side: str) -> dict[str, tuple[int, Decimal]]:
    """Final lines and allowed dollars of each outcome on one side, of the cells that are not put together."""
    found = {outcome: (0, Decimal(0)) for outcome in OUTCOMES}
    for cell in cells:
        outcome = cell.before if side == "before" else cell.after
        if outcome is not None:
            lines, allowed = found[outcome]
            found[outcome] = lines + cell.final_lines, allowed + cell.allowed_amount
    return found
