"""``code``: whether a code is valid on a day, which policies name it, from when to when, and at what position."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from medpol.decide.holdings.opened import Opened
from medpol.decide.holdings.pieces import PositionSaid, positions_of, status_name
from medpol.decide.one import PreparedVersion
from medpol.lifecycle import Period, last_day, periods, standing
from medpol.model.codes import DIAGNOSIS_SYSTEMS, shown
from medpol.model.policy import CodeRole


@dataclass(frozen=True, slots=True)
class Span:
    """The days in which one version of a policy names a code, and what it says of it. ``last_day`` null: no end known."""

    first_day: date
    last_day: date | None
    version: date
    known_from: date
    is_archived: bool
    group: str
    role: str
    positions: tuple[PositionSaid, ...]


@dataclass(frozen=True, slots=True)
class NamedBy:
    policy: str
    title: str
    status: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class CodeShown:
    """One code: whether it is valid on the day, and what each policy says of it over time.

    ``state``: named, malformed, not_yet_valid, ended, unnamed. ``says`` is the sentence for a person.
    """

    given: str
    system: str | None
    code: str | None
    state: str
    says: str
    first_day: date | None
    last_day: date | None
    labels: tuple[str, ...]
    policies: tuple[NamedBy, ...]
    near: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CodesShown:
    date_of_service: date
    known_on: date
    codes: tuple[CodeShown, ...]


def show_codes(
    opened: Opened, given: Sequence[str], day: date, known_on: date, *, that_day_only: bool = False
) -> CodesShown:
    """Each code in every system where a policy names it, or once for its shape alone.

    ``that_day_only``: of the spans of a policy only those that hold the day, and no labels; of many codes all would be much.
    """
    found = (each for text in dict.fromkeys(given) for each in _codes_shown(opened, text, day, known_on, that_day_only))
    return CodesShown(day, known_on, tuple(found))


def _codes_shown(opened: Opened, given: str, day: date, known_on: date, that_day_only: bool) -> list[CodeShown]:
    systems = opened.desk.plan.systems
    fitting = [(system, code) for system in systems.names() if (code := systems.normalise(system, given)) is not None]
    named = [(key, by) for key in fitting if (by := _named_by(opened, key, day, known_on, that_day_only))]
    if named:
        return [
            _named(opened, given, key, by, day, known_on, () if that_day_only else _labels(opened, key, known_on))
            for key, by in named
        ]
    shaped = systems.systems_of(given)
    if not shaped:
        return [_malformed(given)]
    system = shaped[0] if len(shaped) == 1 else None
    code = systems.normalise(shaped[0], given)
    return [_unnamed(opened, given, system, code and shown(shaped[0], code), code or given, known_on)]


def show_code_in(opened: Opened, system: str, given: str, day: date, known_on: date) -> CodeShown:
    """One code in one system, whether or not a policy names it there."""
    code = opened.desk.plan.systems.normalise(system, given)
    if code is None:
        return _malformed(given)
    key = system, code
    if by := _named_by(opened, key, day, known_on):
        return _named(opened, given, key, by, day, known_on, _labels(opened, key, known_on))
    return _unnamed(opened, given, system, shown(system, code), code, known_on)


def _malformed(given: str) -> CodeShown:
    return CodeShown(given, None, None, "malformed", f"{given!r} has the shape of no code", None, None, (), (), ())


def _unnamed(
    opened: Opened, given: str, system: str | None, as_written: str | None, code: str, known_on: date
) -> CodeShown:
    says = "no policy names it; medpol holds no list to say whether it exists. That does not mean it is covered"
    near = _near(opened, code, known_on)
    return CodeShown(given, system, as_written, "unnamed", says, None, None, (), (), near)


def _named(
    opened: Opened,
    given: str,
    key: tuple[str, str],
    by: tuple[NamedBy, ...],
    day: date,
    known_on: date,
    labels: tuple[str, ...],
) -> CodeShown:
    desk = opened.desk
    days = [each for each in desk.days.get(key, ()) if each.known_from <= known_on]
    starts = [each.start for each in days if each.start is not None]
    ends = [each.end for each in days if each.end is not None]
    first, end = min(starts, default=None), max(ends, default=None)
    state, says = "named", "valid that day" if days else "named as a diagnosis or beside a service"
    if first is not None and day < first:
        state, says = "not_yet_valid", f"the code begins {first}"
    elif end is not None and end <= day and all(each.end is not None for each in days):
        state, says = "ended", f"the code ended {last_day(end)}"
    return CodeShown(given, key[0], opened.spelled(*key), state, says, first, last_day(end), labels, by, ())


def _labels(opened: Opened, key: tuple[str, str], known_on: date) -> tuple[str, ...]:
    """What the documents call a code, each name once."""
    labels = dict.fromkeys(
        row.label
        for policy in opened.naming.of(*key)
        for version in opened.desk.versions[policy]
        if version.known_from <= known_on
        for row in version.row.codes
        if row.label and row.system == key[0] and row.pattern is not None and row.pattern.matches(key[1])
    )
    return tuple(labels)


def _named_by(
    opened: Opened, key: tuple[str, str], day: date, known_on: date, that_day_only: bool = False
) -> tuple[NamedBy, ...]:
    found = []
    for policy in opened.naming.of(*key):
        versions = opened.desk.versions[policy]
        held = periods(versions, known_on)
        if any(not period.is_archived and _groups(period.version, key) for period in held):
            days = (period for period in held if period.covers(day)) if that_day_only else held
            spans = tuple(span for period in days for span in _spans(period, key))
            status = standing(versions, day, known_on).status
            found.append(NamedBy(policy, versions[0].row.title, status_name(status), spans))
    return tuple(found)


def _spans(period: Period[PreparedVersion], key: tuple[str, str]) -> Iterable[Span]:
    """One span for each group of the version that holds the code; an archived version is a span that names nothing."""
    version = period.version
    if period.is_archived:
        yield Span(period.start, last_day(period.end), period.start, version.known_from, True, "", "", ())
        return
    for group, role in _groups(version, key):
        said = positions_of(version, (group,)) if role == CodeRole.GOVERNED.value else ()
        yield Span(period.start, last_day(period.end), period.start, version.known_from, False, group, role, said)


def _groups(version: PreparedVersion, key: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    """The groups of a version that hold a code, each with its role."""
    system, code = key
    rows = (
        (row.group, row.role.value)
        for row in version.row.codes
        if row.system == system and row.pattern is not None and row.pattern.matches(code)
    )
    return tuple(dict.fromkeys(rows))


def _near(opened: Opened, code: str, known_on: date) -> tuple[str, ...]:
    """Codes that some policy names and that begin as this one does."""
    held = {
        shown(*key)
        for key in opened.by_beginning.get(code[:-1], ())
        if key[0] not in DIAGNOSIS_SYSTEMS
        and len(key[1]) == len(code)
        and any(each.known_from <= known_on for each in opened.desk.days[key])
    }
    return tuple(sorted(held))
