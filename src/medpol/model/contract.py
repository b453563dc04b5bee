"""Sources beside policies: member contracts, mandates, Medicare sources, and the plans members are in."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import Enum, IntEnum

from medpol.model.criteria import Expression
from medpol.model.dates import EffectivePeriod
from medpol.model.diagnostic import Source
from medpol.model.lines import EVERYWHERE, Scope
from medpol.model.positions import CoveragePosition


class Rank(IntEnum):
    """1 is the strongest."""

    LAW = 1
    CONTRACT = 2
    MEDICARE = 3
    POLICY = 4


class SourceKind(Enum):
    CONTRACT = "contract"
    MANDATE = "mandate"
    MEDICARE = "medicare"
    POLICY = "policy"


class Effect(Enum):
    COVERS = "covers"
    EXCLUDES = "excludes"
    NEEDS_AUTHORIZATION = "needs authorisation"
    NO_AUTHORIZATION = "no authorisation"
    GROUP_CODE = "group code"


@dataclass(frozen=True, slots=True)
class Provision:
    """One row of a contract or mandate: what it does to a code, a group, or to a position of the policies."""

    effect: Effect
    system: str | None = None
    code: str | None = None
    group: str | None = None
    position: CoveragePosition | None = None
    period: EffectivePeriod = EffectivePeriod()
    published: date | None = None
    when: Expression | None = None
    when_code: str = ""
    clause: str = ""
    source: Source = field(default=Source(""), compare=False)


@dataclass(frozen=True, slots=True)
class CoverageSource:
    """A member contract, a mandate or a Medicare source, with the days and members it speaks for."""

    kind: SourceKind
    id: str
    title: str
    rank: Rank
    period: EffectivePeriod = EffectivePeriod()
    published: date | None = None
    lines_of_business: Scope = EVERYWHERE
    states: Scope = EVERYWHERE
    plans: Scope = EVERYWHERE
    funding: str | None = None
    group_code: str | None = None
    contact: str = ""
    rights: str = ""
    origin: str = ""
    heading: str = ""
    prose: str = ""
    provisions: tuple[Provision, ...] = ()
    source: Source = field(default=Source(""), compare=False)
    content_hash: str = field(default="", compare=False)


FUNDINGS = ("insured", "self-funded")


@dataclass(frozen=True, slots=True)
class MemberPlan:
    """One row of ``plans.md``. ``plan_year`` is (month, day) of the first day of the plan year."""

    id: str
    line_of_business: str | None = None
    states: tuple[str, ...] = ()
    funding: str | None = None
    plan_year: tuple[int, int] | None = None
    contract: str | None = None
    contact: str = ""
    period: EffectivePeriod = EffectivePeriod()
    source: Source = field(default=Source(""), compare=False)
