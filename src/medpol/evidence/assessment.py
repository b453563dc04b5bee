"""From five criteria to one conclusion and the positions it allows: the first row of a table that fits."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from medpol.model.positions import STANDARD_LABELS, CoveragePosition, Position
from medpol.model.studies import AssessmentRow, Criterion, Met, Profile

NOT_ASSESSED = "not assessed"
_JOINTS = re.compile(r"\s*(?:/|&|,|;|\band/or\b|\band\b|\bor\b)\s*")
_SHORT = {"inv": CoveragePosition.INVESTIGATIONAL, "nmn": CoveragePosition.NOT_MEDICALLY_NECESSARY}


def _row(met: str, conclusion: str, *allowed: CoveragePosition) -> AssessmentRow:
    """A row from one sign a criterion: `+` met, `-` not met, a dot for anything."""
    signs = {"+": Met.MET, "-": Met.NOT_MET}
    needs = tuple((criterion, signs[sign]) for criterion, sign in zip(Criterion, met, strict=True) if sign in signs)
    return AssessmentRow(needs, conclusion, allowed)


CUSTOMARY: tuple[AssessmentRow, ...] = (
    _row("-....", "not approved", CoveragePosition.INVESTIGATIONAL),
    _row(".-...", "insufficient", CoveragePosition.INVESTIGATIONAL),
    _row("++-..", "does not improve", CoveragePosition.NOT_MEDICALLY_NECESSARY, CoveragePosition.INVESTIGATIONAL),
    _row("+++-.", "inferior", CoveragePosition.NOT_MEDICALLY_NECESSARY),
    _row("++++-", "not attainable", CoveragePosition.INVESTIGATIONAL),
    _row("+++++", "improves", CoveragePosition.MEDICALLY_NECESSARY),
    _row(".....", NOT_ASSESSED),
)
"""The table where a library has none of its own.

Source: the technology assessment criteria of Blue plans, such as bcbst.com/mpmanual/Technology_Evaluation_Criteria.htm.
"""


DECIDED_BY_EVIDENCE = frozenset(
    {
        CoveragePosition.MEDICALLY_NECESSARY,
        CoveragePosition.COVERED_WITH_LIMITS,
        CoveragePosition.NOT_MEDICALLY_NECESSARY,
        CoveragePosition.INVESTIGATIONAL,
    }
)
"""Positions that the table speaks of; others are decided by a contract, a law, a director or a trial."""


@dataclass(frozen=True, slots=True)
class Open:
    """One conclusion that is possible, and the positions that it allows."""

    conclusion: str
    allowed: tuple[CoveragePosition, ...]


@dataclass(frozen=True, slots=True)
class Assessed:
    """What a table says of criteria as they are judged, and what it could still say of those that are unknown.

    ``possible`` has every conclusion that some answer to the unknown criteria leads to, in the order of the table; it is
    the conclusion alone where none is unknown.
    """

    criteria: tuple[tuple[Criterion, Met], ...]
    conclusion: str
    allowed: tuple[CoveragePosition, ...]
    possible: tuple[Open, ...]

    @property
    def is_settled(self) -> bool:
        """Whether no unknown criterion could change the conclusion."""
        return self.possible == (Open(self.conclusion, self.allowed),)


def assess(criteria: Mapping[Criterion, Met], table: Sequence[AssessmentRow] = ()) -> Assessed:
    """The conclusion of the first row that fits, and every other that is still possible. An empty table: the customary one.

    An unknown criterion fits only a cell that is empty or says *unknown*. A criterion that is left out is unknown;
    *not applicable* is read as met for the regulatory approval, and as unknown for the others.
    """
    rows = tuple(table) or CUSTOMARY
    judged = {each: criteria.get(each, Met.UNKNOWN) for each in Criterion}
    for each in Criterion:
        if judged[each] is Met.NOT_APPLICABLE and each is not Criterion.APPROVAL:
            judged[each] = Met.UNKNOWN
    unknown = [each for each, met in judged.items() if met is Met.UNKNOWN]
    answers = product((Met.MET, Met.NOT_MET), repeat=len(unknown))
    ends = {_first(rows, judged | dict(zip(unknown, each, strict=True))) for each in answers}
    found = _first(rows, judged)
    return Assessed(
        tuple(judged.items()),
        found.conclusion,
        found.allowed,
        tuple(sorted(ends, key=lambda each: _place(rows, each))),
    )


def allowed(profile: Profile, table: Sequence[AssessmentRow] = ()) -> tuple[str, tuple[CoveragePosition, ...]]:
    """The conclusion that the criteria of a profile lead to, and the positions that it allows."""
    found = assess_profile(profile, table)
    return found.conclusion, found.allowed


def assess_profile(profile: Profile, table: Sequence[AssessmentRow] = ()) -> Assessed:
    return assess({each: profile.met(each) for each in Criterion}, table)


def allows(positions: Sequence[CoveragePosition], stated: Position) -> bool:
    """Whether a stated position is among those allowed; a joint label is when one of its positions is.

    What is covered with limits is medically necessary, with criteria.
    """
    limits = CoveragePosition.COVERED_WITH_LIMITS
    wider = (*positions, limits) if CoveragePosition.MEDICALLY_NECESSARY in positions else positions
    return any(each in wider for each in canonical_positions(stated))


def canonical_positions(stated: Position) -> tuple[CoveragePosition, ...]:
    """Every position that a payer's label names: *unproven and not medically necessary* names two."""
    label = " ".join(stated.label.casefold().split())
    parts = (STANDARD_LABELS.get(part) or _SHORT.get(part) for part in _JOINTS.split(label))
    return tuple(dict.fromkeys((stated.canonical, *(each for each in parts if each is not None))))


def _first(rows: Sequence[AssessmentRow], judged: Mapping[Criterion, Met]) -> Open:
    for row in rows:
        if all(_fits(needed, judged[criterion]) for criterion, needed in row.needs):
            return Open(row.conclusion, row.allowed)
    return Open(NOT_ASSESSED, ())


def _fits(needed: Met, found: Met) -> bool:
    return needed is found or (needed is Met.MET and found is Met.NOT_APPLICABLE)


def _place(rows: Sequence[AssessmentRow], end: Open) -> int:
    return next(
        (at for at, row in enumerate(rows) if (row.conclusion, row.allowed) == (end.conclusion, end.allowed)), len(rows)
    )
