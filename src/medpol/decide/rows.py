"""The rows of a plan: plain values that can be written to disk, read elsewhere and decided from alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum

from medpol.library.settings import AdjustmentRow
from medpol.model.codes import CodePattern, CodeSystems
from medpol.model.contract import Effect, MemberPlan, SourceKind
from medpol.model.criteria import StatementKind
from medpol.model.dates import EffectivePeriod
from medpol.model.facts import EventField, FactDeclaration, FactType
from medpol.model.lines import EVERYWHERE, Scope
from medpol.model.policy import CodeRole
from medpol.model.positions import CoveragePosition, Position

SEMANTICS = 1
"""The number of the meaning of an answer: raised only when an answer can alter, never for a new package version."""


class LiteralKind(Enum):
    QUESTION = "question"
    HOLDS = "holds"
    COMPARE = "compare"
    MEMBER = "member"
    COUNT = "count"
    SINCE = "since"
    LAST = "last"
    LATEST = "latest"


class ValueKind(Enum):
    QUANTITY = "quantity"
    DATE = "date"
    TEXT = "text"
    FACT = "fact"
    TABLE = "table"


@dataclass(frozen=True, slots=True)
class LiteralValue:
    """The right-hand side of a comparison. ``rows`` are those of a look-up table, by rising first column."""

    kind: ValueKind
    number: Decimal | None = None
    unit: str | None = None
    day: date | None = None
    text: str = ""
    rows: tuple[tuple[Decimal, str | None, Decimal, str | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Gate:
    """Met at ``needed`` of the bits of ``mask``."""

    needed: int
    mask: int


@dataclass(frozen=True, slots=True)
class Literal:
    """One bit of a condition, with every parameter in a column. ``negated`` turns met into not met and back.

    ``item`` is what one would ask for: a fact's name, a criterion's id, or the history of some groups.
    """

    kind: LiteralKind
    text: str
    item: str
    negated: bool = False
    fact: str = ""
    fact_type: FactType = FactType.YES_NO
    unit: str | None = None
    choices: tuple[str, ...] = ()
    measure: str = ""
    groups: tuple[str, ...] = ()
    window: str = ""
    window_number: int | None = None
    window_unit: str = ""
    side: str = ""
    field: str = ""
    comparison: str = ""
    value: LiteralValue | None = None
    values: tuple[LiteralValue, ...] = ()
    named: str = ""
    is_open: bool = False
    where: Condition | None = None
    question: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Condition:
    """Literals, gates over them, and the bit that answers."""

    literals: tuple[Literal, ...]
    gates: tuple[Gate, ...]
    root: int


@dataclass(frozen=True, slots=True)
class Node:
    """One sentence of a rule with the bit that judges it; ``inverted`` where the bit stands for its opposite.

    ``guard`` is the bit that says the sentence does not apply.
    """

    id: str
    text: str
    line: int
    bit: int
    inverted: bool = False
    structure: str = ""
    literals: tuple[int, ...] = ()
    parts: tuple[Node, ...] = ()
    guard: int | None = None


@dataclass(frozen=True, slots=True)
class PlanRule:
    """One rule: its position, its literals in document order (When, criteria, unless) and its gates.

    ``when`` and ``met`` are bits, ``None`` where the rule has no such condition. ``when_table`` and ``met_table`` are
    the same as 64-row truth tables where the rule has at most six literals. ``qualifier`` holds the words of a plain
    statement that narrow it and that no expression reads.
    """

    name: str
    position: Position
    kind: StatementKind
    services: tuple[str, ...]
    statement: str
    line: int
    in_every_case: bool = False
    otherwise: Position | None = None
    otherwise_text: str = ""
    otherwise_line: int = 0
    dates: EffectivePeriod | None = None
    approved_for: str | None = None
    literals: tuple[Literal, ...] = ()
    gates: tuple[Gate, ...] = ()
    when_literals: int = 0
    when: int | None = None
    met: int | None = None
    when_node: Node | None = None
    criteria_node: Node | None = None
    unless_node: Node | None = None
    when_table: int | None = None
    met_table: int | None = None
    qualifier: str = ""


@dataclass(frozen=True, slots=True)
class PlanCode:
    group: str
    system: str
    pattern: CodePattern | None
    role: CodeRole
    period: EffectivePeriod
    label: str = ""
    dose: tuple[Decimal, str | None] | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class PlanSet:
    name: str
    values: tuple[str, ...]
    is_open: bool


@dataclass(frozen=True, slots=True)
class WhenTerm:
    """The feasible patterns of the When literals of one term: ``mask`` of its bits, one met-mask a cell."""

    mask: int
    patterns: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Dispatch:
    """The rules that speak of one set of groups, and the joint cells of their Whens.

    When literals are numbered through the rules in order. ``terms=None``: too many cells to list.
    """

    groups: tuple[str, ...]
    rules: tuple[int, ...]
    terms: tuple[WhenTerm, ...] | None = ()


@dataclass(frozen=True, slots=True)
class PlanVersion:
    """One version of one policy as the evaluators read it."""

    policy: str
    title: str
    publisher: str
    file: str
    content_hash: str
    first_day: date
    known_from: date
    published: date | None = None
    is_archived: bool = False
    withdrawn_from: date | None = None
    withdraws: tuple[date, ...] = ()
    lines_of_business: Scope = EVERYWHERE
    states: Scope = EVERYWHERE
    plans: Scope = EVERYWHERE
    codes: tuple[PlanCode, ...] = ()
    sets: tuple[PlanSet, ...] = ()
    facts: tuple[FactDeclaration, ...] = ()
    rules: tuple[PlanRule, ...] = ()
    dispatches: tuple[Dispatch, ...] = ()
    places: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class PlanProvision:
    effect: Effect
    system: str | None
    code: str | None
    group: str | None
    position: CoveragePosition | None
    period: EffectivePeriod
    known_from: date | None
    when: Condition | None
    clause: str
    line: int


@dataclass(frozen=True, slots=True)
class PlanSource:
    """A contract, mandate or Medicare source."""

    kind: SourceKind
    id: str
    rank: int
    file: str
    content_hash: str
    period: EffectivePeriod
    lines_of_business: Scope
    states: Scope
    plans: Scope
    funding: str | None
    group_code: str | None
    contact: str
    provisions: tuple[PlanProvision, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole library, compiled. ``plan_hash`` is over the path and content hash of every file with meaning."""

    semantics: int
    plan_hash: str
    versions: tuple[PlanVersion, ...]
    sources: tuple[PlanSource, ...]
    member_plans: tuple[MemberPlan, ...]
    facts: tuple[FactDeclaration, ...]
    event_fields: tuple[EventField, ...]
    lines: tuple[str, ...]
    systems: CodeSystems
    adjustments: tuple[AdjustmentRow, ...]
    contact: str
    appeal: str
