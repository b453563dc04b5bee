"""Criteria: the expressions of a sentence, the tree of sentences, and the rules they belong to.

Two closed families of small frozen values, read with ``match``. Nothing here asks whether a fact is missing, so
learning a fact can settle a criterion and never reverse it.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date
from enum import Enum

from medpol.model.dates import EffectivePeriod
from medpol.model.diagnostic import Source
from medpol.model.positions import Position
from medpol.model.quantities import Quantity

# ---------------------------------------------------------------------------- expressions


class Measure(Enum):
    LINES = "lines"
    SESSIONS = "sessions"
    UNITS = "units"
    GROUPS = "groups"


class WindowKind(Enum):
    ROLLING = "rolling"
    CALENDAR_YEAR = "calendar year"
    PLAN_YEAR = "plan year"
    LIFETIME = "lifetime"
    SAME_DAY = "same day"


class Side(Enum):
    """Whether this service is left out of a window or taken in."""

    BEFORE = "before"
    THROUGH = "through"


@dataclass(frozen=True, slots=True)
class Window:
    kind: WindowKind
    side: Side | None = None
    number: int | None = None
    unit: str | None = None

    def __str__(self) -> str:
        parts = [self.kind.value]
        if self.kind is WindowKind.ROLLING:
            parts.append(f"{self.number} {self.unit}")
        if self.side is not None:
            parts.append(self.side.value)
        return " ".join(parts)


@dataclass(frozen=True, slots=True)
class Path:
    """A documented fact by its dotted name; inside ``where``, a field of the event."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Last:
    groups: tuple[str, ...]
    where: Expression | None = None

    def __str__(self) -> str:
        return f"last({_groups(self.groups, self.where)})"


@dataclass(frozen=True, slots=True)
class Count:
    measure: Measure
    groups: tuple[str, ...]
    window: Window
    where: Expression | None = None

    def __str__(self) -> str:
        return f"count({self.measure.value} of {_groups(self.groups, self.where)}, {self.window})"


@dataclass(frozen=True, slots=True)
class Since:
    last: Last

    def __str__(self) -> str:
        return f"since({self.last})"


@dataclass(frozen=True, slots=True)
class LastField:
    last: Last
    field: str

    def __str__(self) -> str:
        return f"{self.last}.{self.field}"


@dataclass(frozen=True, slots=True)
class Latest:
    fact: str
    window: Window

    def __str__(self) -> str:
        return f"latest({self.fact}, {self.window})"


Term = Path | Count | Since | LastField | Latest


@dataclass(frozen=True, slots=True)
class TableLookup:
    """The cell beside the greatest row not above the fact, in a two-column table under Definitions."""

    table: str
    fact: str

    def __str__(self) -> str:
        return f"table({self.table}, {self.fact})"


@dataclass(frozen=True, slots=True)
class Text:
    """A quoted string, or a bare word used as a choice."""

    text: str
    quoted: bool = True

    def __str__(self) -> str:
        return f'"{self.text}"' if self.quoted else self.text


Value = Quantity | date | Text | Path | TableLookup


@dataclass(frozen=True, slots=True)
class Holds:
    """A yes/no term standing bare."""

    term: Term

    def __str__(self) -> str:
        return str(self.term)


@dataclass(frozen=True, slots=True)
class Comparison:
    term: Term
    comparison: str
    value: Value

    def __str__(self) -> str:
        return f"{self.term} {self.comparison} {self.value}"


@dataclass(frozen=True, slots=True)
class Membership:
    """``term in set``: a named group or value set, or a list of values written out."""

    term: Term
    named: str | None = None
    listed: tuple[Value, ...] = ()

    def __str__(self) -> str:
        return f"{self.term} in {self.named or '(' + ', '.join(map(str, self.listed)) + ')'}"


@dataclass(frozen=True, slots=True)
class RuleCriteria:
    """``criteria(rule-name)``: that rule's criteria with its unless."""

    rule: str

    def __str__(self) -> str:
        return f"criteria({self.rule})"


@dataclass(frozen=True, slots=True)
class Not:
    part: Expression

    def __str__(self) -> str:
        if isinstance(self.part, Membership):
            return str(self.part).replace(" in ", " not in ", 1)
        return f"not {_wrapped(self.part)}"


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple[Expression, ...]

    def __str__(self) -> str:
        return " and ".join(map(_wrapped, self.parts))


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple[Expression, ...]

    def __str__(self) -> str:
        return " or ".join(map(_wrapped, self.parts))


@dataclass(frozen=True, slots=True)
class IfThen:
    """``if A then B``: a false A makes the leaf met, "does not apply"."""

    condition: Expression
    consequence: Expression

    def __str__(self) -> str:
        return f"if {self.condition} then {self.consequence}"


Expression = Holds | Comparison | Membership | RuleCriteria | Not | And | Or | IfThen


def _wrapped(part: Expression) -> str:
    return f"({part})" if isinstance(part, And | Or | IfThen) else str(part)


def _groups(groups: tuple[str, ...], where: Expression | None) -> str:
    return " or ".join(groups) + (f" where {where}" if where is not None else "")


# ---------------------------------------------------------------------------- the tree of sentences


class Structure(Enum):
    """The closed list of structure words."""

    ALL = "all of"
    ANY = "any of"
    NONE = "none of"
    AT_LEAST = "at least"


@dataclass(frozen=True, slots=True)
class Leaf:
    """One sentence. Without an expression it is a question, unknown until somebody answers it."""

    id: str
    sentence: str
    expression: Expression | None = None
    code: str | None = None
    source: Source = field(default=Source(""), compare=False)


@dataclass(frozen=True, slots=True)
class Group:
    """A structure sentence over a list. ``needed`` counts for at-least; ``guard`` is the ``if A`` that guards the list."""

    id: str
    sentence: str
    structure: Structure
    parts: tuple[Criterion, ...]
    needed: int | None = None
    guard: Expression | None = None
    code: str | None = None
    marker: str = field(default="-", compare=False)
    source: Source = field(default=Source(""), compare=False)


Criterion = Leaf | Group


class StatementKind(Enum):
    CONDITIONAL = "conditional"
    SINGLE = "single"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Statement:
    """The sentence with the bold position. ``sentence`` is as printed, its code span apart."""

    kind: StatementKind
    sentence: str
    position: Position
    in_every_case: bool = False
    source: Source = field(default=Source(""), compare=False)


@dataclass(frozen=True, slots=True)
class Otherwise:
    position: Position
    sentence: str
    source: Source = field(default=Source(""), compare=False)


@dataclass(frozen=True, slots=True)
class When:
    sentence: str
    expression: Expression
    code: str
    source: Source = field(default=Source(""), compare=False)


@dataclass(frozen=True, slots=True)
class DatesOfService:
    """The days a rule speaks for; ``sentence`` is what stands behind the colon."""

    period: EffectivePeriod
    sentence: str
    source: Source = field(default=Source(""), compare=False)


@dataclass(frozen=True, slots=True)
class Note:
    """A ``>`` quote between the blocks of a rule. ``before`` names the block it stands in front of."""

    text: str
    before: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a policy. ``name`` is the heading in lower case with hyphens, ``criteria`` for the unnamed one."""

    name: str
    heading: str | None
    statement: Statement
    services: tuple[str, ...] = ()
    when: When | None = None
    dates: DatesOfService | None = None
    approved_for: str | None = None
    criteria: Criterion | None = None
    unless: Criterion | None = None
    otherwise: Otherwise | None = None
    notes: tuple[Note, ...] = ()
    line_order: tuple[str, ...] = ()
    source: Source = field(default=Source(""), compare=False)
    services_source: Source = field(default=Source(""), compare=False)


UNNAMED_RULE = "criteria"


def rule_name(heading: str) -> str:
    """The heading in lower case, every run of other signs a hyphen."""
    return re.sub(r"[^\w]+", "-", heading.casefold()).strip("-") or UNNAMED_RULE


def sentence_key(sentence: str) -> str:
    """The sentence as its identity sees it: no end punctuation, no trailing and/or; NFC, case-folded, spaces collapsed."""
    words = unicodedata.normalize("NFC", sentence).casefold().split()
    while words:
        last = words[-1].rstrip(".;,:")
        if last and (last not in ("and", "or") or len(words) == 1):
            return " ".join((*words[:-1], last))
        words.pop()
    return ""


def leaf_id(rule: str, sentence: str) -> str:
    """``<rule>/<8 hex>`` of SHA-256 of the sentence, so that teaching or moving a sentence keeps its id."""
    return f"{rule}/{hashlib.sha256(sentence_key(sentence).encode()).hexdigest()[:8]}"


def group_id(rule: str, structure: Structure, needed: int | None, part_ids: tuple[str, ...]) -> str:
    """``<rule>/<8 hex>`` of SHA-256 of kind, number needed and the sorted ids of the parts."""
    text = "\n".join((structure.value, str(needed or ""), *sorted(part_ids)))
    return f"{rule}/{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def leaves(criterion: Criterion | None) -> tuple[Leaf, ...]:
    """Every leaf below a criterion, in document order."""
    match criterion:
        case None:
            return ()
        case Leaf():
            return (criterion,)
        case Group(parts=parts):
            return tuple(leaf for part in parts for leaf in leaves(part))
