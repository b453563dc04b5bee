"""Rules about date branches: the days that ``Dates of service`` leave out, give twice, or can never reach."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import combinations

from medpol.check.findings import Finding, Subject, rule
from medpol.check.holdings import Holdings
from medpol.model.criteria import DatesOfService, Rule, StatementKind, leaves
from medpol.model.dates import ONE_DAY
from medpol.model.diagnostic import Severity, Source
from medpol.model.policy import CodeRole, PolicyVersion, governed_groups, services_of
from medpol.model.positions import CoveragePosition

_Branch = tuple[Rule, DatesOfService]


def _branches(version: PolicyVersion, service: str) -> tuple[_Branch, ...] | None:
    """The rules for a service by the first day they speak for; ``None`` where one of them speaks for every day."""
    rules = [
        each
        for each in version.rules
        if service in services_of(version, each)
        and each.statement.position.canonical is not CoveragePosition.AUTHORIZATION_ONLY
    ]
    dated = [(each, each.dates) for each in rules if each.dates is not None]
    if len(dated) < len(rules):
        return None
    return tuple(sorted(dated, key=lambda branch: (branch[1].period.start or date.min, branch[0].source)))


def _has_dates(version: PolicyVersion) -> bool:
    return any(each.dates is not None for each in version.rules)


def _days_asked(holdings: Holdings, version: PolicyVersion, service: str) -> tuple[date, date]:
    """The first day for which a version is asked about a service, and the first no longer.

    From its own first day to that of the next version, and no longer than the codes of the service are in use.
    """
    start = version.first_day or date.min
    later = [each.first_day for each in holdings.standing(version.policy) if each.first_day and each.first_day > start]
    end = min(later, default=date.max)
    periods = [row.period for row in version.code_rows if row.role is CodeRole.GOVERNED and row.group == service]
    if all(each.start for each in periods):
        start = max(start, min((each.start for each in periods if each.start), default=start))
    if all(each.end for each in periods):
        end = min(end, max((each.end for each in periods if each.end), default=end))
    return start, end


def _gaps(branches: Sequence[_Branch], asked: tuple[date, date]) -> Iterator[tuple[date, date, _Branch]]:
    """The first day of each stretch that no branch speaks for, the first behind it, and the branch beside it."""
    reached, end = asked
    before = branches[0]
    for branch in branches:
        start = branch[1].period.start or date.min
        if start > reached > date.min:
            yield reached, min(start, end), branch
        if (branch[1].period.end or date.max) > reached:
            reached, before = branch[1].period.end or date.max, branch
        if reached >= end:
            return
    yield reached, end, before


def _missing(holdings: Holdings) -> Iterator[tuple[PolicyVersion, date, date, _Branch, _Branch | None]]:
    """Each stretch of days in no rule, once, with the branch beside it and, for a lost boundary day, the other one."""
    for version in holdings.versions:
        if not _has_dates(version):
            continue
        seen: set[tuple[date, date]] = set()
        for service in governed_groups(version):
            branches = _branches(version, service)
            if not branches:
                continue
            for start, end, beside in _gaps(branches, _days_asked(holdings, version, service)):
                if start < end and (start, end) not in seen:
                    seen.add((start, end))
                    yield version, start, end, beside, _lost_between(branches, start, end)


def _lost_between(branches: Sequence[_Branch], start: date, end: date) -> _Branch | None:
    """The branch *before* a day that the next begins *after*, where that day is the whole gap."""
    if end - start != ONE_DAY:
        return None
    after = any(f"after {start}" in branch[1].sentence.casefold() for branch in branches)
    return next((branch for branch in branches if after and f"before {start}" in branch[1].sentence.casefold()), None)


def _words_place(holdings: Holdings, branch: _Branch) -> Source:
    return holdings.words_place(branch[1].source, branch[1].sentence)


@rule(Subject.CRITERIA, Severity.WARNING)
def boundary_day_lost(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """One branch speaks before a day and the other after it, so that no rule speaks for the day itself.

    "Before July 1" beside "after July 1" is how such a switch is often printed. Care given on July 1 is then answered
    *refer*: the text leaves that day in no rule. Only a day for which this version is asked counts. Write `from` where the
    new rule begins on that day, or `to` where the old one ends with it.
    """
    for _, start, _, beside, lost in _missing(holdings):
        if lost is not None:
            yield Finding(
                _words_place(holdings, beside),
                f"{start} is in no rule: `{lost[1].sentence}` (line {lost[1].source.line}) and "
                f"`{beside[1].sentence}` both leave it out",
                "each day in one rule",
                f"write `from {start}` here, or `to {start}` in line {lost[1].source.line}, whichever is meant",
            )


@rule(Subject.CRITERIA, Severity.WARNING)
def days_in_no_rule(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """Every rule for a service has its ``Dates of service``, and they leave days out.

    Days between two branches, before the first or behind the last count where this version is asked for them: from its
    own first day to that of the next version, and while a code of the service is in use. Care given then is answered
    *refer*, whatever the case. Extend one of the branches, or add a rule that says what holds in between.
    """
    for _, start, end, beside, lost in _missing(holdings):
        if lost is None:
            days = f"{start} to {end - ONE_DAY} are" if end != date.max else f"the days from {start} on are"
            days = f"{start} is" if end - start == ONE_DAY else days
            yield Finding(
                _words_place(holdings, beside),
                f"{days} in no rule",
                "a rule for every day for which this version is asked",
                "extend these dates, or add a rule for those days",
            )


@rule(Subject.CRITERIA, Severity.WARNING)
def days_in_two_rules(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """Two date branches for one service hold the same days and come out differently.

    Mostly one day: "to July 1" beside "from July 1" gives that day twice. Where both rules hold there and lead to
    different outcomes the answer is *refer*. Rules of the same days are no branches of each other and are not compared,
    nor are rules with different ``When``, nor a branch *in every case*, which wins. Write `before` or `after`
    for one of the two.
    """
    for version in holdings.versions:
        if not _has_dates(version):
            continue
        found: set[tuple[str, str]] = set()
        for service in governed_groups(version):
            dated = [
                (each, each.dates)
                for each in version.rules
                if each.dates is not None
                and service in services_of(version, each)
                and each.statement.position.canonical is not CoveragePosition.AUTHORIZATION_ONLY
            ]
            dated.sort(key=lambda branch: (branch[1].period.start or date.min, branch[0].source))
            for one, other in combinations(dated, 2):
                shared = _shared(one[1], other[1])
                key = (one[0].name, other[0].name)
                if shared is None or key in found or not _collide(one, other, shared):
                    continue
                found.add(key)
                start, end = shared
                days = f"{start} is" if end - start == ONE_DAY else f"{start} to {end - ONE_DAY} are"
                days = days if end != date.max else f"the days from {start} on are"
                yield Finding(
                    _words_place(holdings, other),
                    f"{days} in two rules that come out differently: `{one[1].sentence}` (line {one[1].source.line}) "
                    f"and `{other[1].sentence}`",
                    "each day in one rule",
                    f"end the rule of line {one[1].source.line} with `before {start}`"
                    if end - start != ONE_DAY
                    else f"write `before {start}` in line {one[1].source.line}, or `after {start}` here",
                )


def _shared(one: DatesOfService, other: DatesOfService) -> tuple[date, date] | None:
    start = max(one.period.start or date.min, other.period.start or date.min)
    end = min(one.period.end or date.max, other.period.end or date.max)
    return (start, end) if start < end and one.period != other.period else None


def _collide(one: _Branch, other: _Branch, shared: tuple[date, date]) -> bool:
    """Whether two branches of the same cases, the earlier first, cannot both be meant for the days they share."""
    first, second = one[0], other[0]
    if first.when is not None and second.when is not None and first.when.code != second.when.code:
        return False
    if first.statement.in_every_case is not second.statement.in_every_case:
        return False
    if _said(first) == _said(second):
        return False
    if shared[1] - shared[0] == ONE_DAY:
        return True
    differ = len(_outcomes(first) | _outcomes(second)) > 1
    ends = one[1].period.end or date.max, other[1].period.end or date.max
    starts = one[1].period.start or date.min, other[1].period.start or date.min
    staggered = starts[0] < starts[1] and ends[0] < ends[1]
    outer = first if ends[0] >= ends[1] and starts[0] <= starts[1] else second
    contained = outer.statement.kind is StatementKind.PLAIN and outer.when is None
    return differ and (staggered or contained)


def _outcomes(each: Rule) -> frozenset[object]:
    held = [each.statement.position, *([] if each.otherwise is None else [each.otherwise.position])]
    return frozenset(position.canonical.outcome for position in held)


def _said(each: Rule) -> tuple[object, ...]:
    """What a rule comes to, in words: the ids of its sentences hold its name."""
    asked = tuple((leaf.sentence, leaf.code) for leaf in (*leaves(each.criteria), *leaves(each.unless)))
    otherwise = None if each.otherwise is None else each.otherwise.position
    return each.statement.position, otherwise, asked


@rule(Subject.CRITERIA, Severity.NOTE)
def branch_before_first_day(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """The days of a branch lie before the version's own first day, so it answers nothing.

    Care given then is answered from the version that was in force, not from this one. Publishers print the old criteria
    beside the new ones for the reader's sake, and that may stay; but a change made here reaches no answer. Where the old
    text was published with an error, write a correction of that version.
    """
    for version in holdings.versions:
        first_day = version.first_day
        for each in version.rules:
            if each.dates is None or first_day is None or each.dates.period.end is None:
                continue
            if each.dates.period.end <= first_day:
                yield Finding(
                    holdings.words_place(each.dates.source, each.dates.sentence),
                    f"`{each.dates.sentence}` lies before {first_day}, the first day of this version: it answers nothing",
                    "days for which this version is asked",
                    "leave it for readers, or take the rule out",
                )


RULES = (boundary_day_lost, days_in_no_rule, days_in_two_rules, branch_before_first_day)
