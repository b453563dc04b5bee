"""Rules about whose word counts: what a document says of Medicare, and provisions of contracts and mandates."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import combinations

from medpol.check.findings import Finding, Subject, rule
from medpol.check.holdings import Holdings
from medpol.model.contract import CoverageSource, Effect, Provision, SourceKind
from medpol.model.dates import EffectivePeriod
from medpol.model.diagnostic import Severity
from medpol.model.evidence import MedicareSource
from medpol.model.lines import line_scopes_meet
from medpol.model.policy import PolicyVersion, SectionName

_NATIONAL = r"(?:(?:medicare )?national (?:medicare )?(?:determinations?|coverage (?:determinations?|decisions?|polic(?:y|ies)))|NCDs?\b)"
_DENIED = (
    re.compile(rf"\b(?:no|not (?:yet )?(?:have |issued |published )?(?:an?|any)|without an?y?) (?:\w+ ){{0,2}}?{_NATIONAL}", re.I),
    re.compile(rf"\b{_NATIONAL}(?: \(\w+\))? (?:does not exist|do not exist|has not been|have not been|was not found|is absent)", re.I),
    re.compile(r"\bnot (?:yet )?(?:issued|published|made|released) (?:an?y? )?" + _NATIONAL, re.I),
)  # fmt: skip
_IS_NATIONAL = re.compile(rf"\bNCD\b|\b{_NATIONAL}", re.IGNORECASE)
_BESIDE = re.compile(
    r"\b(?:retired|withdrawn|rescinded|repealed|proposed|pending)\b"
    r"|\b(?:does|do|is|are) not (?:\w+ )?(?:address|apply|appl\w+|speak|mention|cover this|reach|concern|name|about)",
    re.IGNORECASE,
)
_RULING = frozenset({Effect.COVERS, Effect.EXCLUDES})


@rule(Subject.SCOPE, Severity.WARNING)
def medicare_statement_contradicted(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """The Medicare section says that there is no national coverage determination, beside a dated source that is one.

    The ``Statement:`` is the document's; the rows under *Dated sources* are facts with a day. Where the statement denies a
    national determination (an NCD) and a row names one, a reader of the page learns the opposite of what holds for a
    Medicare member. Mend the statement, or say in it why the source does not reach the service.

    Nothing is said where the statement itself names the source, where the row says that the source was retired or does
    not speak of the service, where the row is a local determination, or is dated after this text was replaced.
    """
    for version in holdings.versions:
        section = version.section(SectionName.MEDICARE)
        denial = _denial(version.medicare.statement)
        if section is None or denial is None:
            continue
        standing = _standing_source(holdings, version)
        if standing is not None:
            yield Finding(
                holdings.words_below(section.source, denial),
                f'"{denial}", and {standing.name} of {standing.day.text} stands below (line {standing.source.line})',
                "a statement that names the dated source",
                f"say in the statement what {standing.name} decides, or that it does not reach this service",
            )


def _denial(statement: str) -> str | None:
    matches = [match for pattern in _DENIED if (match := pattern.search(statement))]
    return min(matches, key=lambda match: match.start())[0] if matches else None


def _standing_source(holdings: Holdings, version: PolicyVersion) -> MedicareSource | None:
    """The first national source that is dated while the text holds, and that neither its row nor the statement sets aside."""
    later = [each.first_day for each in holdings.standing(version.policy) if _is_later(each, version)]
    until = min((day for day in later if day is not None), default=date.max)
    for each in version.medicare.sources:
        day = each.day.first_day()
        if day is None or day >= until or not _IS_NATIONAL.search(f"{each.name} {each.says}"):
            continue
        number = re.search(r"\d[\d.]*\d", each.name)
        names = (each.name, *([number[0]] if number else []))
        if not _BESIDE.search(each.says) and not any(name in version.medicare.statement for name in names):
            return each
    return None


def _is_later(one: PolicyVersion, other: PolicyVersion) -> bool:
    return one.first_day is not None and other.first_day is not None and one.first_day > other.first_day


@rule(Subject.SCOPE, Severity.WARNING)
def provision_never_acts(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """A provision of a contract or mandate can never act: its days lie outside those of the document itself.

    The document speaks from ``effective:`` through ``ends:``, a provision from its ``From`` through its ``To``, and both
    must hold. Where they have no day in common the clause is never applied, and a member may be denied what it grants.
    Correct the days of one of the two, or delete the row.
    """
    for source in holdings.sources:
        for each in source.provisions:
            if not source.period.meets(each.period):
                yield Finding(
                    holdings.words_place(each.source, _edge(source.period, each.period)),
                    f"the provision holds {_days(each.period)}, and {source.id} {_days(source.period)}",
                    "days in common",
                    "correct the provision's days or the document's, or delete the row",
                )


def _edge(whole: EffectivePeriod, part: EffectivePeriod) -> str:
    """The day of the provision that lies on the wrong side."""
    if part.start is not None and whole.end is not None and part.start >= whole.end:
        return str(part.start)
    return "" if part.end is None else str(part.end - timedelta(days=1))


def _days(period: EffectivePeriod) -> str:
    start = [f"from {period.start}"] if period.start is not None else []
    end = [f"through {period.end - timedelta(days=1)}"] if period.end is not None else []
    return " ".join([*start, *end]) or "always"


_Named = tuple[CoverageSource, Provision]


@rule(Subject.SCOPE, Severity.WARNING)
def provisions_disagree(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """Two provisions of one rank cover and exclude the same thing for the same members on the same days.

    Neither is the stronger, so where both apply the answer is always *refer*: an exception does not win over the row it is
    meant to be an exception to, in one document or between two mandates. Held against each other are rows of one contract,
    and rows of mandates and Medicare sources of one rank, that name the same code, group or position, with scopes and
    days in common, of which at least one has no ``When``, or both the same. Two contracts never meet: a case names one.

    Give the general row a ``When`` that leaves the exception out, correct the days, or give the stronger document its rank.
    """
    for held in _by_target(holdings.sources):
        for (one, first), (other, second) in combinations(held, 2):
            if first.effect is second.effect or not _may_meet(
                one, other, first, second, holdings.library.settings.lines
            ):
                continue
            yield Finding(
                second.source,
                f"{second.effect.value} {_target(second)}, and {first.effect.value} it at {first.source.file}:"
                f"{first.source.line}, of the same rank",
                "provisions of one rank that agree",
                "add a `When` that tells the two apart, correct the days, or rank one above the other",
            )


def _by_target(sources: Iterable[CoverageSource]) -> Iterator[list[_Named]]:
    """The ruling provisions that could meet in one case, by what they name."""
    found: dict[tuple[object, ...], list[_Named]] = {}
    for source in sources:
        owner = source.id if source.kind is SourceKind.CONTRACT else None
        for each in source.provisions:
            if each.effect in _RULING:
                key = (owner, source.rank, each.system, each.code, each.group, each.position)
                found.setdefault(key, []).append((source, each))
    return iter(found.values())


def _may_meet(
    one: CoverageSource, other: CoverageSource, first: Provision, second: Provision, declared: Iterable[str]
) -> bool:
    periods = (one.period, other.period, first.period, second.period)
    return (
        (first.when is None or second.when is None or first.when_code == second.when_code)
        and all(a.meets(b) for a, b in combinations(periods, 2))
        and line_scopes_meet(one.lines_of_business, other.lines_of_business, declared)
        and one.states.meets(other.states)
        and one.plans.meets(other.plans)
        and (one.funding is None or other.funding is None or one.funding == other.funding)
    )


def _target(provision: Provision) -> str:
    if provision.position is not None:
        return f"what is {provision.position.value.replace('_', ' ')}"
    return f"{provision.system} {provision.code}" if provision.code is not None else f"`{provision.group}`"


RULES = (medicare_statement_contradicted, provision_never_acts, provisions_disagree)
