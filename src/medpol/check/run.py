"""The runner: what reading found, what every rule finds in the files that read without error, and what is allowed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from importlib.metadata import EntryPoint, entry_points

from medpol.check import (
    addresses,
    agreement,
    assessed,
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
    health,
    history,
    mentions,
    open_lists,
    positions,
    references,
    reported,
    reviews,
    rights,
    scope,
    shared_codes,
    structure,
    told,
    trials,
    wording,
)
from medpol.check.allow import Allowed, apply_allowances, read_allowances
from medpol.check.findings import Find, Finding, Rule, Subject
from medpol.check.holdings import Holdings
from medpol.check.reading import READING
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
    assessed,
    directions,
    reported,
    told,
    health,
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
    """A package offers something as a rule that is none, or that cannot be loaded."""


class RuleFailed(RuntimeError):
    """A rule of another package broke off, or gave back something that is no finding."""


def rules() -> Mapping[str, Rule]:
    """Every rule by its name, in the order of their pages: ours, and those of installed packages, which cannot take a name of ours.

    Raises:
        NotARule: An entry point names something other than a ``Rule``, or nothing that can be loaded.
    """
    held = {each.name: each for each in RULES}
    for entry in sorted(entry_points(group=GROUP), key=lambda each: each.name):
        found = _loaded(entry)
        held.setdefault(found.name, replace(found, find=_guarded(found, entry)))
    return {each.name: each for each in _in_page_order(held.values())}


def _loaded(entry: EntryPoint) -> Rule:
    try:
        found = entry.load()
    except Exception as problem:  # whatever the module of another package does while it is imported
        raise NotARule(
            f"{_named(entry)} cannot be loaded ({_said(problem)}): mend the package, or uninstall it"
        ) from problem
    if not isinstance(found, Rule):
        raise NotARule(f"{_named(entry)} is no rule: decorate its function with medpol.check.rule")
    return found


def _guarded(found: Rule, entry: EntryPoint) -> Find:
    """What a rule of another package finds; where it breaks off, the error names the package to turn to."""

    def find(holdings: Holdings, today: date | None) -> Iterable[Finding]:
        try:
            given = tuple(found.find(holdings, today))
        except Exception as problem:  # whatever the rule does
            raise RuleFailed(
                f"the rule {found.name} broke off ({_said(problem)}): it is {_named(entry)}; "
                "mend the package, or uninstall it"
            ) from problem
        for each in given:
            if not isinstance(each, Finding):
                raise RuleFailed(
                    f"the rule {found.name} gave back a value of type {type(each).__name__}, and not a Finding: "
                    f"it is {_named(entry)}; mend the package, or uninstall it"
                )
        return given

    return find


def _named(entry: EntryPoint) -> str:
    package = "" if entry.dist is None else f" of the package {entry.dist.name} {entry.dist.version}"
    return f"the entry point {entry.name} = {entry.value} in {GROUP}{package}"


def _said(problem: Exception) -> str:
    return f"{type(problem).__name__}: {problem}" if str(problem) else type(problem).__name__


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
        NotARule, RuleFailed: A rule of another package cannot be loaded, or broke off.
    """
    held = rules()
    chosen = held.values() if only is None else [held[name] for name in only]
    broken = {each.source.file for each in library.errors}
    sound = tuple(version for version in library.versions if version.source.file not in broken)
    holdings = Holdings(replace(library, versions=sound))
    allowances, problems = read_allowances(library.texts, held)
    names = {each.name for each in chosen}
    found: list[Diagnostic] = []
    fixed: list[Diagnostic] = []
    for rule in chosen:
        for each in rule.find(holdings, today):
            (fixed if each.is_fixed else found).append(rule.diagnostic(each))
    # An unchosen rule was not asked, so nobody can say that what it is allowed no longer fires; nor of a broken file,
    # whose errors nothing allows.
    if only is None:
        names |= READING.keys()
        found += library.diagnostics
    asked = [each for each in allowances if each.rule in names and each.source.file not in broken]
    stays, allowed = apply_allowances(in_order(found), asked)
    if only is None:
        stays = (*problems, *stays)
    return Checked(in_order((*fixed, *stays)), allowed, holdings.superseded(today))
