"""Rules about one version's Coding table: codes outside their days, groups that nothing speaks of or that hold ended codes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta

from medpol.check.findings import Finding, Subject, rule
from medpol.check.holdings import Holdings
from medpol.model.codes import SHAPES, pattern_shown, shown
from medpol.model.dates import EffectivePeriod, add_months
from medpol.model.diagnostic import Severity, Source
from medpol.model.policy import CodeRole, CodeRow, PolicyVersion, governed_groups

_Code = tuple[str, str]


@rule(Subject.CODING, Severity.WARNING)
def code_outside_validity(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """A governed code is not valid while the version holds: it ended before, or begins after.

    Whether a code is valid is judged as the answers judge it: by the ``From`` and ``To`` of every row that governs it, in
    every version of every policy; a blank cell says nothing. A code that ended before the version's first day decides no
    case: its claims are answered *code ended* before the policy is asked, while a reader takes it for one in use. A code
    that begins after the version was replaced, or half a year and more after it was published, stands in the wrong text:
    most likely a later Coding table was copied back.

    New codes are listed ahead, so a code that begins within half a year of publication is left alone. So is a code that
    ended, where an expression of the version counts or looks up earlier care by its group
    (``count(sessions of injection, ...)``): old claims are found by old codes. Otherwise take the row out, or correct its
    days.
    """
    stated = _stated_days(holdings)
    for version, row, code in _governed_codes(holdings):
        first_day, known_from = version.first_day, version.known_from
        assert first_day is not None
        assert known_from is not None
        days = stated[code]
        if (ended := _ended_by(days, first_day)) is not None and row.group not in _looked_up(holdings, version):
            to = ended - timedelta(days=1)
            yield Finding(
                _day_place(holdings, row, to),
                f"{_shown(row)} ended on {to}, and this version is in force from {first_day}",
                "codes that are valid while the version is in force",
                "delete the row, or correct the code's `To`",
            )
        elif (begins := _begins(days, first_day)) is not None:
            until = _replaced_on(holdings, version)
            if until is not None and begins >= until:
                found = f"this version was in force from {first_day}, and replaced on {until}"
            elif begins >= _half_a_year_after(known_from):
                found = f"this version is in force from {first_day} and was known from {known_from}"
            else:
                continue
            yield Finding(
                _day_place(holdings, row, begins),
                f"{_shown(row)} begins on {begins}; {found}",
                "codes that are valid while the version is in force",
                "move the row to the version in force on that day, or correct the code's `From`",
            )


@rule(Subject.CODING, Severity.WARNING)
def group_without_rule(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """A group of governed codes is named by no rule, so the policy answers nothing for it.

    Where rules name their services, a group that none of them names is governed by the policy and ruled on by nobody:
    its claims come out *not addressed*. A group each of whose codes also stands in a group that a rule names is fine;
    so is one that only a rule on prior authorization names. Write a rule for the group, add it to the ``Services:`` of
    one, or give it the role ``informational`` where it only serves to look up earlier care.
    """
    for version in holdings.versions:
        spoken = frozenset(name for each in version.rules for name in each.services)
        if not version.rules or any(not each.services for each in version.rules):
            continue
        answered = {(row.system, row.pattern) for row in version.code_rows if row.group in spoken and row.pattern}
        for group in governed_groups(version):
            rows = [row for row in version.code_rows if row.group == group]
            if group in spoken or all((row.system, row.pattern) in answered for row in rows):
                continue
            yield Finding(
                holdings.words_place(rows[0].source, group),
                f"no rule speaks of `{group}`: its claims are not addressed",
                "a rule for each governed group",
                f"name `{group}` in the `Services:` of a rule, or give its rows the role informational",
            )


@rule(Subject.CODING, Severity.WARNING)
def codes_that_ended(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """A list of codes holds some that had ended before the version's first day.

    Two kinds of list are looked at: groups of the Coding table with another role than ``governed`` (diagnoses that
    support or exclude), by the ``To`` of their own rows; and value sets under Definitions, by the rows of the library
    that state days for the code. No claim of the version's days can carry such a code, so a list whose codes have all
    ended decides as if it were empty. Replace them by the codes that came after, or take them out.

    Lists that an expression uses to count or look up earlier care may hold them: old claims carry old codes. So may
    lists for information.
    """
    ended_codes = _ended_everywhere(holdings)
    for version in holdings.versions:
        if version.first_day is not None:
            yield from _ended_in_groups(holdings, version, version.first_day)
            yield from _ended_in_sets(holdings, version, version.first_day, ended_codes)


def _ended_in_groups(holdings: Holdings, version: PolicyVersion, first_day: date) -> Iterator[Finding]:
    groups: dict[str, list[CodeRow]] = {}
    for row in version.code_rows:
        if row.role in (CodeRole.SUPPORTS, CodeRole.EXCLUDES) and row.pattern is not None:
            groups.setdefault(row.group, []).append(row)
    for group, rows in groups.items():
        held = {(row.system, row.pattern) for row in rows if row.period.end is None or row.period.end > first_day}
        ended = [row for row in rows if (row.system, row.pattern) not in held]
        if not ended or group in _looked_up(holdings, version):
            continue
        first = ended[0]
        assert first.period.end is not None
        last = first.period.end - timedelta(days=1)
        yield Finding(
            _day_place(holdings, first, last),
            f"{_how_many(group, [_shown(row) for row in ended], len(ended) == len(rows))}, {_shown(first)} on {last}; "
            f"this version is in force from {first_day}",
            "codes that claims of this version's days can carry",
            "replace the ended codes by those that came after them, or delete their rows",
        )


def _ended_in_sets(
    holdings: Holdings, version: PolicyVersion, first_day: date, ended_codes: Mapping[str, date]
) -> Iterator[Finding]:
    for each in version.definitions.value_sets:
        ended = [value for value in each.values if (end := ended_codes.get(_plain(value))) and end <= first_day]
        if not ended or each.name in _looked_up(holdings, version):
            continue
        last = ended_codes[_plain(ended[0])] - timedelta(days=1)
        yield Finding(
            holdings.words_place(each.source, ended[0]),
            f"{_how_many(each.name, ended, len(ended) == len(each.values))}, {ended[0]} on {last}; "
            f"this version is in force from {first_day}",
            "codes that claims of this version's days can carry",
            "replace the ended codes by those that came after them, or take them out",
        )


def _how_many(name: str, codes: list[str], is_all: bool) -> str:
    listed = ", ".join(codes[:5]) + (f" and {len(codes) - 5} more" if len(codes) > 5 else "")
    return f"every code of `{name}` ended ({listed})" if is_all else f"`{name}` holds codes that ended ({listed})"


# ---------------------------------------------------------------------------- the days of codes


def _governed_codes(holdings: Holdings) -> Iterator[tuple[PolicyVersion, CodeRow, _Code]]:
    """The rows of whole codes that name a service, in every version that is no draft; each code of a version once."""
    for version in holdings.versions:
        if version.is_draft:
            continue
        seen: set[_Code] = set()
        for row in version.code_rows:
            if row.role is CodeRole.GOVERNED and row.pattern is not None and not row.pattern.is_prefix:
                code = (row.system, row.pattern.text)
                if code not in seen:
                    seen.add(code)
                    yield version, row, code


def _stated_days(holdings: Holdings) -> Mapping[_Code, set[EffectivePeriod]]:
    """What the rows of all versions state of a governed code's days, pooled as answers pool them."""
    found: dict[_Code, set[EffectivePeriod]] = {}
    for version in holdings.versions:
        for row in version.code_rows:
            if row.role is CodeRole.GOVERNED and row.pattern is not None and not version.is_draft:
                found.setdefault((row.system, row.pattern.text), set()).add(row.period)
    return found


def _begins(days: Iterable[EffectivePeriod], day: date) -> date | None:
    """The first day of a code that is not yet valid on a day."""
    starts = [each.start for each in days if each.start is not None]
    return min(starts) if starts and min(starts) > day else None


def _ended_by(days: Iterable[EffectivePeriod], day: date) -> date | None:
    """The first day on which a code is no longer valid, where that is not after ``day`` and no later start is stated."""
    days = tuple(days)
    since = max((each.start for each in days if each.start is not None), default=date.min)
    ends = [each.end for each in days if each.end is not None and each.end > since]
    return max(ends) if ends and max(ends) <= day else None


def _ended_everywhere(holdings: Holdings) -> Mapping[str, date]:
    """Codes that every row of the library with their name says to have ended, as lists write them; the first day after."""
    ends: dict[str, set[tuple[str, date | None]]] = {}
    for version in holdings.versions:
        for row in version.code_rows:
            if row.pattern is not None and not row.pattern.is_prefix and row.system in SHAPES:
                ends.setdefault(row.pattern.text, set()).add((row.system, row.period.end))
    return {
        code: max(end for _, end in held if end is not None)
        for code, held in ends.items()
        if len({system for system, _ in held}) == 1 and all(end is not None for _, end in held)
    }


def _replaced_on(holdings: Holdings, version: PolicyVersion) -> date | None:
    """The first day of the version that stands after this one."""
    first_day = version.first_day
    assert first_day is not None
    later = [
        each.first_day for each in holdings.standing(version.policy) if each.first_day and each.first_day > first_day
    ]
    return min(later, default=None)


def _half_a_year_after(day: date) -> date:
    return add_months(day, 6) if day.year < date.max.year else date.max


def _looked_up(holdings: Holdings, version: PolicyVersion) -> frozenset[str]:
    """The groups whose earlier care some expression of the version counts or looks up."""
    return frozenset(
        group for each in holdings.compiled(version).rules for one in each.literals for group in one.groups
    )


def _plain(value: str) -> str:
    return value.upper().replace(".", "") if value[3:4] == "." else value.upper()


def _shown(row: CodeRow) -> str:
    assert row.pattern is not None
    return pattern_shown(row.system, row.pattern) if row.pattern.is_prefix else shown(row.system, row.pattern.text)


def _day_place(holdings: Holdings, row: CodeRow, day: date) -> Source:
    """The cell of a row that states a day; its code where another version's row states it."""
    place = row.source
    at = holdings.line(place).find(str(day), place.column - 1)
    return place if at < 0 else Source(place.file, place.line, at + 1)


RULES = (code_outside_validity, group_without_rule, codes_that_ended)
