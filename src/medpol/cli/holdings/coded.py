"""``code``: whether a code is valid on a day, which policies name it, from when to when, and at what position."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from medpol.cli.holdings.pieces import PositionSaid, positions_of, status_name
from medpol.cli.opening import Opened
from medpol.decide.one import Desk, PreparedVersion
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


def show_codes(opened: Opened, given: Sequence[str], day: date, known_on: date) -> CodesShown:
    return CodesShown(
        day,
        known_on,
        tuple(each for text in dict.fromkeys(given) for each in _codes_shown(opened.desk, text, day, known_on)),
    )


def _codes_shown(desk: Desk, given: str, day: date, known_on: date) -> list[CodeShown]:
    """The code in every system where a policy names it, or once for its shape alone."""
    systems = desk.plan.systems
    fitting = [(system, code) for system in systems.names() if (code := systems.normalise(system, given)) is not None]
    named = [(key, by) for key in fitting if (by := _named_by(desk, key, day, known_on))]
    if named:
        return [_named(desk, given, key, by, day, known_on) for key, by in named]
    shaped = systems.systems_of(given)
    if not shaped:
        return [
            CodeShown(given, None, None, "malformed", f"{given!r} has the shape of no code", None, None, (), (), ())
        ]
    code = systems.normalise(shaped[0], given)
    return [
        CodeShown(
            given,
            shaped[0] if len(shaped) == 1 else None,
            None if code is None else shown(shaped[0], code),
            "unnamed",
            "no policy names it; medpol holds no list to say whether it exists. That does not mean it is covered",
            None,
            None,
            (),
            (),
            _near(desk, code or given, known_on),
        )
    ]


def _named(
    desk: Desk, given: str, key: tuple[str, str], by: tuple[NamedBy, ...], day: date, known_on: date
) -> CodeShown:
    days = [each for each in desk.days.get(key, ()) if each.known_from <= known_on]
    starts = [each.start for each in days if each.start is not None]
    ends = [each.end for each in days if each.end is not None]
    first, end = min(starts, default=None), max(ends, default=None)
    state, says = "named", "valid that day" if days else "named as a diagnosis or beside a service"
    if first is not None and day < first:
        state, says = "not_yet_valid", f"the code begins {first}"
    elif end is not None and end <= day and all(each.end is not None for each in days):
        state, says = "ended", f"the code ended {last_day(end)}"
    labels = dict.fromkeys(
        row.label
        for versions in desk.versions.values()
        for version in versions
        if version.known_from <= known_on
        for row in version.row.codes
        if row.label and row.system == key[0] and row.pattern is not None and row.pattern.matches(key[1])
    )
    return CodeShown(given, key[0], shown(*key), state, says, first, last_day(end), tuple(labels), by, ())


def _named_by(desk: Desk, key: tuple[str, str], day: date, known_on: date) -> tuple[NamedBy, ...]:
    found = []
    for policy, versions in sorted(desk.versions.items()):
        held = periods(versions, known_on)
        spans = tuple(span for period in held for span in _spans(period, key))
        if any(not span.is_archived for span in spans):
            status = standing(versions, day, known_on).status
            found.append(NamedBy(policy, versions[0].row.title, status_name(status), spans))
    return tuple(found)


def _spans(period: Period[PreparedVersion], key: tuple[str, str]) -> Iterable[Span]:
    """One span for each group of the version that holds the code; an archived version is a span that names nothing."""
    version = period.version
    if period.is_archived:
        yield Span(period.start, last_day(period.end), period.start, version.known_from, True, "", "", ())
        return
    rows = {
        (row.group, row.role.value): None
        for row in version.row.codes
        if row.system == key[0] and row.pattern is not None and row.pattern.matches(key[1])
    }
    for group, role in rows:
        said = positions_of(version, (group,)) if role == CodeRole.GOVERNED.value else ()
        yield Span(period.start, last_day(period.end), period.start, version.known_from, False, group, role, said)


def _near(desk: Desk, code: str, known_on: date) -> tuple[str, ...]:
    """Codes that some policy names and that begin as this one does."""
    held = {
        shown(*key)
        for key, days in desk.days.items()
        if key[0] not in DIAGNOSIS_SYSTEMS
        and len(key[1]) == len(code)
        and key[1][:-1] == code[:-1]
        and any(each.known_from <= known_on for each in days)
    }
    return tuple(sorted(held))
