"""The runner: what reading found, and what every rule finds in the files that read without error."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from importlib.metadata import entry_points

from medpol.check.days import draft_governs_nothing, notice_too_short, published_inferred, retroactive_effective
from medpol.check.history import codes_not_added, statement_not_unchanged
from medpol.check.rule import Rule
from medpol.check.wording import qualifier_not_read, unless_under_unfavourable
from medpol.library import Library
from medpol.model.diagnostic import Diagnostic, in_order

GROUP = "medpol.check_rules"
RULES: tuple[Rule, ...] = (
    notice_too_short,
    retroactive_effective,
    published_inferred,
    draft_governs_nothing,
    qualifier_not_read,
    unless_under_unfavourable,
    statement_not_unchanged,
    codes_not_added,
)
"""Our own, in the order of their pages."""


def rules() -> Mapping[str, Rule]:
    """Every rule by its name: ours, and those of installed packages, which cannot take a name of ours."""
    found: dict[str, Rule] = {each.name: each.load() for each in entry_points(group=GROUP)}
    return found | {_name(rule): rule for rule in RULES}


def _name(rule: Rule) -> str:
    return getattr(rule, "__name__", "rule").replace("_", "-")


def check_library(library: Library, today: date | None = None) -> tuple[Diagnostic, ...]:
    """Every finding about a library, by file, line and column.

    A file with errors of its own has no meaning yet, so no rule judges it; its errors are among the findings.
    """
    broken = {each.source.file for each in library.errors}
    sound = replace(
        library, versions=tuple(version for version in library.versions if version.source.file not in broken)
    )
    found = [*library.diagnostics]
    for rule in rules().values():
        found += rule(sound, today)
    return in_order(found)
