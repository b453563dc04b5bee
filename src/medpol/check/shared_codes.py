"""Rules about codes that several policies, or several services of one policy, govern on the same days."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import product

from medpol.check.findings import Finding, Subject, rule
from medpol.check.holdings import Holdings
from medpol.check.whens import can_hold_together
from medpol.decide.rows import PlanRule
from medpol.model.codes import shown
from medpol.model.criteria import StatementKind
from medpol.model.dates import EffectivePeriod
from medpol.model.diagnostic import Severity, Source
from medpol.model.lines import line_scopes_meet
from medpol.model.policy import CodeRole, PolicyVersion
from medpol.model.positions import FAVOURABLE, CoveragePosition, Outcome

_Code = tuple[str, str]
_MOST_COMPARED = 16  # of the policies that share one code: a code in more is no question of two policies any longer
_MOST_NAMED = 3
_APART = "add a `When:` that only this service meets"
_OR_EXCLUDES = "or list the diagnoses where this policy does not speak with the role excludes"


@dataclass(frozen=True, slots=True)
class _Governed:
    """One group of one version that governs a code, with the rules that speak of the group."""

    version: PolicyVersion
    group: str
    place: Source
    period: EffectivePeriod
    rules: tuple[PlanRule, ...]


@dataclass(frozen=True, slots=True)
class _Clash:
    """Two rules can answer one claim differently; ``plain`` is the unconditional unfavourable one, where one is."""

    plain: PlanRule | None


@rule(Subject.CODING, Severity.WARNING)
def unconditional_on_shared_code(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """An unconditional unfavourable rule stands on a code that is also used for another service.

    "... is **investigational**" without a condition answers every claim with the code, also those for the other service:
    another policy in force on the same days, for the same members, governs the code too and may answer otherwise; or
    another group of the same policy holds it, with a rule that may. Such claims come out *refer*, because the sources
    disagree. Narrow the rule: a ``When:`` that only its own service meets, or a Coding group with role ``excludes`` for
    the diagnoses where the policy does not speak.

    Nothing is said where both come to the same outcome, where the rules' ``When:``, days or scopes keep them apart,
    where ``in every case`` says which rule of a policy wins, and of texts that no longer hold.
    """
    for mine, clashes in _clashes(holdings, today):
        owners: dict[str, tuple[_Governed, PlanRule, list[_Governed]]] = {}
        for other, clash in clashes:
            if clash.plain is not None:
                owner, also = (mine, other) if clash.plain in mine.rules else (other, mine)
                owners.setdefault(owner.version.source.file, (owner, clash.plain, []))[2].append(also)
        for owner, plain, others in owners.values():
            yield Finding(
                next(each.statement.source for each in owner.version.rules if each.name == plain.name),
                f"{plain.position.label} without a condition for `{owner.group}`, and {_code(owner)} is governed by "
                f"{_named(owner, others)} too, which may answer otherwise",
                "a rule that speaks of its own service alone",
                _APART if owner.version.policy == others[0].version.policy else f"{_APART}, {_OR_EXCLUDES}",
            )


@rule(Subject.CODING, Severity.WARNING)
def code_in_two_policies(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """A code is governed by two policies whose conditions may hold together and lead to different outcomes.

    Both are in force on a common day, for a common line of business, state and plan, and a claim can be met by one and
    failed by the other: it comes out *refer*, because sources of one rank disagree. A favourable rule whose criteria fail
    answers *not covered*, so two policies that each cover one use of a code disagree on every claim for either use. Give
    each rule a ``When:`` that tells the uses apart; then each speaks of its own claims alone.

    The finding stands at the later document's row and names the others. Nothing is said where every rule of both comes
    to one outcome, where their ``When:`` exclude each other (lists of diagnoses with no code in common count as such),
    or of texts that no longer hold. Where one of the two is unconditional, *unconditional-on-shared-code* speaks.
    """
    for mine, clashes in _clashes(holdings, today):
        others = [
            other for other, clash in clashes if clash.plain is None and other.version.policy != mine.version.policy
        ]
        if not others:
            continue
        yield Finding(
            mine.place,
            f"{_code(mine)} is also governed by {_named(mine, others)}, and a claim may be met by one and failed "
            "by the other",
            "conditions that exclude each other, or one outcome",
            "give each rule a `When:` that only its own use of the code meets",
        )


def _code(governed: _Governed) -> str:
    row = next(row for row in governed.version.code_rows if row.source == governed.place)
    assert row.pattern is not None
    return shown(row.system, row.pattern.text)


def _named(mine: _Governed, others: Sequence[_Governed]) -> str:
    names = list(dict.fromkeys(_name(mine, other) for other in others))
    more = "" if len(names) <= _MOST_NAMED else " and others"
    return ", ".join(names[:_MOST_NAMED]) + more


def _name(mine: _Governed, other: _Governed) -> str:
    if other.version.policy == mine.version.policy:
        return f"`{other.group}`"
    return f"policy {other.version.policy} ({other.version.source.file}:{other.place.line})"


# ---------------------------------------------------------------------------- who governs a code


def _clashes(holdings: Holdings, today: date | None) -> Iterator[tuple[_Governed, list[tuple[_Governed, _Clash]]]]:
    """For each group that governs a shared code, the earlier ones that may answer the same claim otherwise.

    Codes of one group that are shared with the same others give one entry, at the first of them.
    """
    told: set[tuple[str, str, tuple[tuple[str, str], ...]]] = set()
    compared: dict[tuple[str, str, str, str], _Clash | None] = {}
    declared = holdings.library.settings.lines
    for held in _by_code(holdings, today).values():
        for at, mine in enumerate(held):
            found: list[tuple[_Governed, _Clash]] = []
            for other in held[max(0, at - _MOST_COMPARED) : at]:
                pair = (mine.version.source.file, mine.group, other.version.source.file, other.group)
                if pair not in compared:
                    compared[pair] = _clash(mine, other, declared)
                clash = compared[pair]
                if clash is not None:
                    found.append((other, clash))
                if len(found) > _MOST_NAMED:
                    break
            key = (mine.version.source.file, mine.group, tuple((o.version.policy, o.group) for o, _ in found))
            if found and key not in told:
                told.add(key)
                yield mine, found


def _by_code(holdings: Holdings, today: date | None) -> Mapping[_Code, list[_Governed]]:
    """The groups that govern each code that more than one governs, in texts that hold or are to come, the latest last."""
    gone = holdings.superseded(today)
    found: dict[_Code, list[_Governed]] = {}
    for policy in holdings.policies:
        standing = holdings.standing(policy)
        for at, version in enumerate(standing):
            if version.is_archived or version.source.file in gone:
                continue
            until = standing[at + 1].first_day if at + 1 < len(standing) else None
            seen: set[tuple[_Code, str]] = set()
            for row in version.code_rows:
                if row.role is not CodeRole.GOVERNED or row.pattern is None:
                    continue
                code = (row.system, row.pattern.text)
                if (code, row.group) not in seen:
                    seen.add((code, row.group))
                    found.setdefault(code, []).append(
                        _Governed(version, row.group, row.source, EffectivePeriod(version.first_day, until), ())
                    )
    shared = {code: held for code, held in found.items() if len(held) > 1}
    return {code: sorted((_with_rules(holdings, each) for each in held), key=_by_days) for code, held in shared.items()}


def _by_days(each: _Governed) -> tuple[str, str]:
    return str(each.version.first_day), each.version.source.file


def _with_rules(holdings: Holdings, each: _Governed) -> _Governed:
    rules = tuple(
        row
        for row in holdings.compiled(each.version).rules
        if each.group in row.services and row.position.canonical is not CoveragePosition.AUTHORIZATION_ONLY
    )
    return replace(each, rules=rules)


# ---------------------------------------------------------------------------- may two groups answer one claim otherwise


def _clash(mine: _Governed, other: _Governed, declared: Iterable[str]) -> _Clash | None:
    is_one_policy = mine.version.policy == other.version.policy
    if is_one_policy and (mine.version is not other.version or mine.group == other.group):
        return None
    if not is_one_policy and (
        not mine.period.meets(other.period) or not _share_members(mine.version, other.version, declared)
    ):
        return None
    found: _Clash | None = None
    for one, two in product(mine.rules, other.rules):
        if is_one_policy and (one.in_every_case or two.in_every_case or _speak_of_both(one, two, mine, other)):
            continue
        if not _may_differ(one, two) or not _meet_on_a_day(one, two) or not can_hold_together(one, two):
            continue
        plain = next((each for each in (one, two) if _is_unconditional(each)), None)
        if plain is None:
            found = found or _Clash(None)
        elif not _excludes(mine if plain is one else other):
            return _Clash(plain)
    # two services of one policy are told apart by the person who bills, so only the unconditional rule is certain
    return None if is_one_policy else found


def _speak_of_both(one: PlanRule, two: PlanRule, mine: _Governed, other: _Governed) -> bool:
    groups = {mine.group, other.group}
    return groups <= set(one.services) or groups <= set(two.services)


def _is_unconditional(rule: PlanRule) -> bool:
    return (
        rule.kind is StatementKind.PLAIN
        and rule.when is None
        and rule.dates is None
        and rule.position.canonical.outcome is Outcome.NOT_COVERED
    )


def _excludes(governed: _Governed) -> bool:
    return any(row.role is CodeRole.EXCLUDES for row in governed.version.code_rows)


def _outcomes(rule: PlanRule) -> frozenset[Outcome]:
    """What a rule may answer where its When holds; a favourable one whose criteria fail answers not covered."""
    met = rule.position.canonical.outcome
    held = {met} if met is not None else set()
    if rule.kind is not StatementKind.PLAIN:
        if rule.otherwise is not None and rule.otherwise.canonical.outcome is not None:
            held.add(rule.otherwise.canonical.outcome)
        elif rule.otherwise is None and rule.position.canonical in FAVOURABLE:
            held.add(Outcome.NOT_COVERED)
    return frozenset(held)


def _may_differ(one: PlanRule, other: PlanRule) -> bool:
    return len(_outcomes(one) | _outcomes(other)) > 1


def _share_members(one: PolicyVersion, other: PolicyVersion, declared: Iterable[str]) -> bool:
    return (
        line_scopes_meet(one.lines_of_business, other.lines_of_business, declared)
        and one.states.meets(other.states)
        and one.plans.meets(other.plans)
    )


def _meet_on_a_day(one: PlanRule, other: PlanRule) -> bool:
    return (one.dates or EffectivePeriod()).meets(other.dates or EffectivePeriod())


RULES = (unconditional_on_shared_code, code_in_two_policies)
