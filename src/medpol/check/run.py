"""The runner: what reading found, what every rule finds in the files that read without error, and what is allowed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from importlib.metadata import entry_points

from medpol.check import (
    addresses,
    agreement,
    bodies,
    branches,
    changes,
    claims,
    coding,
    counts,
    criteria,
    dates,
    directions,
    evidence,
    guidelines,
    history,
    mentions,
    open_lists,
    positions,
    references,
    reviews,
    rights,
    scope,
    shared_codes,
    structure,
    trials,
    wording,
)
from medpol.check.allow import Allowed, apply_allowances, read_allowances
from medpol.check.findings import Rule, Subject
from medpol.check.holdings import Holdings
from medpol.library import Library
from medpol.model.diagnostic import Diagnostic, Severity, in_order

GROUP = "medpol.check_rules"
_MODULES = (
    structure,
    criteria,
    branches,
    open_lists,
    coding,
    shared_codes,
    dates,
    reviews,
    history,
    claims,
    changes,
    scope,
    evidence,
    positions,
    directions,
    guidelines,
    trials,
    references,
    addresses,
    bodies,
    mentions,
    wording,
    agreement,
    counts,
    rights,
)
_SUBJECTS, _SEVERITIES = tuple(Subject), tuple(Severity)


def _in_page_order(held: Iterable[Rule]) -> tuple[Rule, ...]:
    return tuple(sorted(held, key=lambda each: (_SUBJECTS.index(each.subject), _SEVERITIES.index(each.severity))))


RULES: tuple[Rule, ...] = _in_page_order(each for module in _MODULES for each in module.RULES)
"""Our own, in the order of their pages: by subject, the gravest first."""


class NotARule(TypeError):
    """A package offers something as a rule that is none."""


def rules() -> Mapping[str, Rule]:
    """Every rule by its name, in the order of their pages: ours, and those of installed packages, which cannot take a name of ours.

    Raises:
        NotARule: An entry point names something other than a ``Rule``.
    """
    held = {each.name: each for each in RULES}
    for entry in sorted(entry_points(group=GROUP), key=lambda each: each.name):
        found = entry.load()
        if not isinstance(found, Rule):
            raise NotARule(
                f"the entry point {entry.name} of {GROUP} is no rule: decorate its function with medpol.check.rule"
            )
        held.setdefault(found.name, found)
    return {each.name: each for each in _in_page_order(held.values())}


@dataclass(frozen=True, slots=True)
class Checked:
    """What is found in a library, by file, line and column; what its documents allow; the files that no longer hold."""

    found: tuple[Diagnostic, ...]
    allowed: tuple[Allowed, ...]
    superseded: frozenset[str]


def check_library(library: Library, today: date | None = None, only: Iterable[str] | None = None) -> Checked:
    """Hold a library against every rule, or against the rules named in ``only``, what reading finds then left out.

    A file with errors of its own has no meaning yet, so no rule judges it; its errors are among the findings.

    Raises:
        KeyError: No rule has a name in ``only``.
    """
    held = rules()
    chosen = held.values() if only is None else [held[name] for name in only]
    broken = {each.source.file for each in library.errors}
    sound = tuple(version for version in library.versions if version.source.file not in broken)
    holdings = Holdings(replace(library, versions=sound))
    allowances, problems = read_allowances(library.texts, held)
    names = {each.name for each in chosen}
    found = [each for rule in chosen for each in rule.diagnostics(holdings, today)]
    # An unchosen rule was not asked, so nobody can say that what it is allowed no longer fires; nor of a broken file.
    asked = [each for each in allowances if each.rule in names and each.source.file not in broken]
    stays, allowed = apply_allowances(in_order(found), asked)
    if only is None:
        stays = (*library.diagnostics, *problems, *stays)
    return Checked(in_order(stays), allowed, holdings.superseded(today))
