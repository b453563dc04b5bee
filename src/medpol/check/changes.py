"""The rule that asks for a row: scope or position differs from the text before, and no row of the History says so."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from medpol.check.claims import statements_differ
from medpol.check.findings import Finding, Subject, rule
from medpol.check.history import UNCHANGED, claims, own_rows
from medpol.check.holdings import Holdings
from medpol.model.codes import pattern_shown
from medpol.model.diagnostic import Severity
from medpol.model.evidence import HistoryRow
from medpol.model.lines import Scope
from medpol.model.policy import CodeRole, PolicyVersion
from medpol.model.positions import CoveragePosition

_TELLING = frozenset(
    {"new policy", "criteria change", "position change", "scope change", "superseded", "delegated", "drug update"}
)
"""Events that say by their name that what is covered, for what or for whom, is another than before."""

_CHANGE = re.compile(
    r"\b(?:chang|revis|amend|modif|clarif|narrow|widen|broaden|expand|extend|restrict|limit|add|remov|delet|drop|split|merg"
    r"|combin|separat|mov|replac|rewrit|rewrot|reword|new\b|now\b|no longer\b|instead\b|formerly\b|leaves?\b"
    r"|left\b|out of scope\b|exclud|includ|align|updat)\w*",
    re.IGNORECASE,
)
_OF_EVIDENCE = re.compile(r"\b(?:references?|literature|citations?|bibliograph\w*|codes?|coding)\b", re.IGNORECASE)
_DENIED = re.compile(
    r"\bno (?:\w+ ){0,2}(?:chang|revis|amend|updat|modif)|\bwithout (?:\w+ ){0,2}(?:chang|revis)"
    r"|\bnot (?:been )?(?:chang|revis|amend|updat|modif)",
    re.IGNORECASE,
)
_OF_CODES = re.compile(r"\b(?:codes?|coding)\b", re.IGNORECASE)
_GENERAL = re.compile(
    r"\b(?:an?|and|or|of|the|for|in|to|with|treat(?:s|ed|ing|ment)?|management|patients?|individuals?|people|members?|who|have"
    r"|has|having|due|any|all)\b"
)
"""Words of a qualifier that name nobody and nothing."""


@rule(Subject.DATES, Severity.WARNING)
def change_without_row(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """A version differs from the text before it in scope or position, and no row of its History says so.

    Held against each other are the last text before, also where the policy was archived between, and the version: the
    groups and codes that are governed; the positions taken of each service; words that narrow a plain statement
    (``for the treatment of ...``) where they enter, leave, or name nothing in common; and the lines of business, states
    and plans. Whoever relied on the History would think that nothing had changed for them.

    A row says so by its event (criteria, position or scope change, new policy, drug update, a coding update for codes)
    or in its comment or claims, by any word of change outside what it says of literature and references. All rows since
    the text before count. A comment that names the new position tells of it; but to quote a statement that is narrower, or
    wider, than before is not to say so.

    Nothing is said where the version has no row of its own; of what ``doubtful:`` marks in one of the two; of codes that
    had ended; and where the row claims *statement unchanged*, which a rule of its own holds against the statements. Add
    a row or a comment that says what changed, or restore what was lost.
    """
    for version in holdings.versions:
        own, before = own_rows(version), holdings.text_before(version)
        if not own or before is None or version.is_archived or before.first_day is None:
            continue
        rows = [row for row in version.history if row in own or _is_since(row, before.first_day)]
        if any(row.event in _TELLING or _says_so(row) for row in rows):
            continue
        coding = any(row.event == "coding update" or _speaks_of_codes(row) for row in rows)
        differences = [*_members(before, version)]
        if not _is_denied(holdings, version, own):
            differences += _meaning(holdings, before, version, coding, " ".join(row.comment for row in rows).casefold())
        if differences:
            row = own[-1]
            yield Finding(
                holdings.words_place(row.source, row.event),
                f"{row.event}, and no row says that {'; '.join(differences)} (before: {before.source.file})",
                "a row that tells what changed in scope or position",
                "say in the row's comment what changed, or add a row such as `scope change` or `position change`",
            )


def _is_denied(holdings: Holdings, version: PolicyVersion, own: Iterable[HistoryRow]) -> bool:
    """Whether *statement-not-unchanged* speaks of the same difference."""
    before = holdings.in_force_before(version)
    unchanged = any(UNCHANGED in claims(row) for row in own)
    return unchanged and before is not None and statements_differ(version, before)


def _is_since(row: HistoryRow, day: date) -> bool:
    return row.day.day is not None and row.day.day > day


def _says_so(row: HistoryRow) -> bool:
    """Whether a clause of the comment, or a claim, holds a word of change that is not of references, literature or codes."""
    clauses = (*re.split(r"[.;]\s+|[.;]$", row.comment), *row.says)
    return any(_CHANGE.search(each) and not _OF_EVIDENCE.search(each) and not _DENIED.search(each) for each in clauses)


def _speaks_of_codes(row: HistoryRow) -> bool:
    return any(_OF_CODES.search(each) for each in (row.comment, *row.says))


# ---------------------------------------------------------------------------- what differs


@dataclass(slots=True)
class _Service:
    """What a version holds of one governed group."""

    codes: set[tuple[str, str]] = field(default_factory=set)
    ended: set[tuple[str, str]] = field(default_factory=set)
    shown: dict[tuple[str, str], str] = field(default_factory=dict)
    positions: set[CoveragePosition] = field(default_factory=set)
    otherwise: set[CoveragePosition] = field(default_factory=set)
    labels: set[str] = field(default_factory=set)
    qualifiers: set[str] = field(default_factory=set)


def _members(before: PolicyVersion, version: PolicyVersion) -> Iterator[str]:
    """How the scopes differ; one that is marked doubtful in one of the two may be the other's, carried over."""
    doubts = " ".join((*before.doubtful, *version.doubtful)).casefold()
    for key, one, other in (
        ("lines of business", before.lines_of_business, version.lines_of_business),
        ("states", before.states, version.states),
        ("plans", before.plans, version.plans),
    ):
        if one != other and key not in doubts:
            yield f"`{key}` went from {_scope(one)} to {_scope(other)}"


def _meaning(
    holdings: Holdings, before: PolicyVersion, version: PolicyVersion, coding: bool, told: str
) -> Iterator[str]:
    """How services, codes and positions differ; ``coding``: a row speaks of codes; ``told``: what the rows' comments say."""
    doubts = [each.casefold() for each in (*before.doubtful, *version.doubtful)]
    if any(each.startswith("statement") for each in doubts):
        return
    then, now = _services(holdings, before), _services(holdings, version)
    kept = {name: _same(name, held, now) for name, held in then.items()}
    gone = [name for name, other in kept.items() if other is None]
    come = [name for name in now if name not in kept.values()]
    if not any(each.startswith("codes ") for each in doubts):
        yield from _gone_and_come(then, now, gone, come, coding)
    pairs = [(name, then[name], now[other]) for name, other in kept.items() if other is not None]
    yield from dict.fromkeys(each for name, one, two in pairs for each in _turned(name, one, two, told))


def _gone_and_come(
    then: Mapping[str, _Service], now: Mapping[str, _Service], gone: list[str], come: list[str], coding: bool
) -> Iterator[str]:
    """Services that left or entered. One group beside another in its place may be the same service by another name."""
    codes_then, codes_now = _codes(then), _codes(now)
    ended = {code for held in then.values() for code in held.ended}
    if gone and not come and not all(then[name].codes and (coding or then[name].codes <= ended) for name in gone):
        yield f"{_listed(gone)} left the policy"
    elif come and not gone and not (coding and all(now[name].codes for name in come)):
        yield f"{_listed(come)} entered the policy"
    elif not coding:
        lost = [shown for code, shown in codes_then.items() if code not in codes_now and code not in ended]
        entered = [shown for code, shown in codes_now.items() if code not in codes_then]
        if lost and codes_now:
            yield f"{_listed(lost)} left the Coding table"
        if entered and codes_then:
            yield f"{_listed(entered)} entered the Coding table"


def _turned(name: str, one: _Service, two: _Service, told: str) -> Iterator[str]:
    """How the positions and qualifiers of one service differ; an `Otherwise` counts where both texts have one."""
    for then, now in ((one.positions, two.positions), (one.otherwise, two.otherwise)):
        is_told = any(re.search(rf"(?<!not ){re.escape(label)}\b", told) for label in two.labels - one.labels)
        if then and now and then != now and not is_told:
            yield f"the position of `{name}` went from {_labels(then)} to {_labels(now)}"
    lost, entered = one.qualifiers - two.qualifiers, two.qualifiers - one.qualifiers
    if lost and entered and _words(lost) & _words(entered):
        return
    if lost or entered:
        left = [f"{_quoted(lost)} left the statement"] if lost else []
        yield " and ".join([*left, *([f"{_quoted(entered)} entered the statement"] if entered else [])])


def _services(holdings: Holdings, version: PolicyVersion) -> dict[str, _Service]:
    found: dict[str, _Service] = {}
    for row in version.code_rows:
        if row.role is CodeRole.GOVERNED:
            held = found.setdefault(row.group, _Service())
            if row.pattern is not None:
                code = (row.system, row.pattern.text)
                held.codes.add(code)
                held.shown[code] = pattern_shown(row.system, row.pattern)
                if row.period.end is not None:
                    held.ended.add(code)
    for each in holdings.compiled(version).rules:
        for name in each.services:
            held = found.setdefault(name, _Service())
            held.positions.add(each.position.canonical)
            held.labels.add(each.position.label.casefold())
            if each.otherwise is not None:
                held.otherwise.add(each.otherwise.canonical)
                held.labels.add(each.otherwise.label.casefold())
            if each.qualifier:
                held.qualifiers.add(each.qualifier.casefold())
    return found


def _same(name: str, held: _Service, others: Mapping[str, _Service]) -> str | None:
    """The group that is the same service in the other text: by its name, else by a code in common."""
    if name in others:
        return name
    return next((other for other, theirs in others.items() if held.codes & theirs.codes), None)


def _codes(services: Mapping[str, _Service]) -> dict[tuple[str, str], str]:
    return {code: shown for held in services.values() for code, shown in held.shown.items()}


def _words(phrases: Iterable[str]) -> set[str]:
    return {word for phrase in phrases for word in re.findall(r"\w+", _GENERAL.sub(" ", phrase))}


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def _quoted(phrases: Iterable[str]) -> str:
    return " and ".join(f'"{phrase}"' for phrase in sorted(phrases))


def _labels(positions: Iterable[CoveragePosition]) -> str:
    return " and ".join(sorted(each.value.replace("_", " ") for each in positions))


def _scope(scope: Scope) -> str:
    if scope.is_everything:
        return "all"
    inside = [] if scope.inside is None else [f"in: {', '.join(scope.inside)}"]
    return "; ".join([*inside, *([f"out: {', '.join(scope.outside)}"] if scope.outside else [])])


RULES = (change_without_row,)
