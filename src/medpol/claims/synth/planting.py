"""What a plant is: lines of one member with the answer that a person reads in the documents, and why.

No answer here is computed: each is written beside its line by hand, so that what reads the claims can be held against it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

FIRST_SPAN = "2018-01-01"
"""The first day of the spans, before the first day from which the history of the source is complete."""
PAYER = "ZZPAYER1"
COMMERCIAL_PAYER = "ZZPAYER2"
"""A payer whose members are all commercial: the map says so, for patients whom no span is found for."""


class Form(Enum):
    """How the claims are written."""

    PARQUET = "parquet"
    CSV = "csv"
    PROFESSIONAL = "837p"
    INSTITUTIONAL = "837i"

    @property
    def is_x12(self) -> bool:
        return self in (Form.PROFESSIONAL, Form.INSTITUTIONAL)


@dataclass(frozen=True, slots=True)
class Said:
    """An answer as the determinations table says it."""

    outcome: str
    reason_key: str


COVERED = Said("covered", "position-unconditional")
NOT_COVERED = Said("not_covered", "position-unconditional")
MET = Said("covered", "criteria-met")
NOT_MET = Said("not_covered", "criteria-not-met")
WAITS = Said("information_needed", "facts-missing")
NO_LINE = Said("information_needed", "line-of-business-unknown")
OUT_OF_SCOPE = Said("not_addressed", "line-of-business-out-of-scope")
NOT_YET_VALID = Said("not_addressed", "code-not-yet-valid")
ENDED = Said("not_addressed", "code-ended")
MALFORMED = Said("not_addressed", "code-malformed")
NO_CODE = Said("not_addressed", "no-service-code")
UNNAMED = Said("not_addressed", "no-policy-names-code")
ARCHIVED = Said("not_addressed", "archived")
IN_NOTICE = Said("not_addressed", "in-notice")
NO_VERSION = Said("not_addressed", "no-version-yet")
CROSSES = Said("refer", "span-crosses-change")
BY_CONTRACT = Said("covered", "covered-by-contract")
EXCLUDED = Said("not_covered", "excluded-by-contract")


@dataclass(frozen=True, slots=True)
class Member:
    """A member and a span of them, with ``then`` another; ``is_enrolled`` false: eligibility does not know them."""

    plan: str = "zz-commercial"
    payer_type: str = "commercial"
    first_day: str = FIRST_SPAN
    last_day: str | None = None
    birth_date: str | None = "1980-05-17"
    gender: str = "female"
    group_id: str | None = None
    is_enrolled: bool = True
    then: Member | None = None

    @property
    def spans(self) -> tuple[Member, ...]:
        own = (self,) if self.is_enrolled else ()
        return own if self.then is None else (*own, *self.then.spans)


COMMERCIAL = Member()
MEDICARE_ADVANTAGE = Member("zz-medicare-advantage", "medicare")
UNLINED = Member("zz-unlisted", "medicare")
"""A bare ``medicare`` may be Medicare Advantage or not, and no plan of this name is declared: the line is unknown."""
NOBODY = Member(is_enrolled=False)


@dataclass(frozen=True, slots=True)
class PlantedFact:
    """A documented fact of the member."""

    name: str
    value: str
    unit: str | None
    observed_on: str
    recorded_on: str | None = None


@dataclass(frozen=True, slots=True)
class PlantedLine:
    """One claim line. ``claim`` and ``replaces`` are labels inside the plant; lines with one label are one claim."""

    code: str | None
    day: str
    said: Said
    why: str
    claim: str = ""
    line: int = 1
    replaces: str = ""
    final_status: str = "final"
    cells: Mapping[str, str | None] = field(default_factory=dict)
    """Edge columns that differ from those of a plain line."""


@dataclass(frozen=True, slots=True)
class Plant:
    """Lines of one member, with the facts that are known of them. A file that holds not all of them makes no promise."""

    name: str
    lines: tuple[PlantedLine, ...]
    member: Member = COMMERCIAL
    facts: tuple[PlantedFact, ...] = ()
    member_id: str = ""
    """The member's id, where it matters how that is spelled; ``{b}`` stands for the number of the block."""

    def is_carried_by(self, form: Form) -> bool:
        """Whether claims of the form can say all that the plant says."""
        return not form.is_x12 or not any(_is_lost(line, form) for line in self.lines)


_TABLES_ONLY = frozenset(
    {
        "x_line_of_business",
        "x_member_contract_id",
        "x_state",
        "diagnosis_code_type",
        "paid_date",
        "charge_amount",
    }
)
"""An 837 has no place for these, or (the charge) none for what is planted in it: nothing, or less than nothing."""
_NOT_ON_INSTITUTIONAL = frozenset({"x_diagnosis_pointers", "place_of_service_code"})


def _is_lost(line: PlantedLine, form: Form) -> bool:
    names = set(line.cells)
    if form is Form.PROFESSIONAL:
        return bool(names & _TABLES_ONLY) or line.code is None
    return bool(names & (_TABLES_ONLY | _NOT_ON_INSTITUTIONAL))


def line(code: str | None, day: str, said: Said, why: str, **cells: str | None) -> PlantedLine:
    """A line that is a claim of its own."""
    return PlantedLine(code, day, said, why, cells=cells)


def plant(name: str, *lines: PlantedLine, member: Member = COMMERCIAL, facts: tuple[PlantedFact, ...] = ()) -> Plant:
    return Plant(name, lines, member, facts)
