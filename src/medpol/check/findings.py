"""What a rule is: a function over what a library holds, with a subject, a severity and a page."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from enum import Enum

from medpol.check.holdings import Holdings
from medpol.model.diagnostic import Diagnostic, Severity, Source


class Subject(Enum):
    """What a rule is about, in the order in which the pages of the rules stand."""

    STRUCTURE = "structure"
    CRITERIA = "criteria"
    CODING = "coding"
    DATES = "dates"
    SCOPE = "scope and precedence"
    EVIDENCE = "evidence"
    STUDIES = "studies"
    GUIDELINES = "guidelines"
    TRIALS = "trials"
    REFERENCES = "references"
    WORDING = "wording"
    RIGHTS = "rights"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found at one place: what stands there, what was expected, the mend; ``near`` a name that was meant.

    ``severity`` is there where this case weighs otherwise than its rule does. ``is_fixed``: no comment in the document
    keeps it; the mend says what does.
    """

    source: Source
    found: str
    expected: str
    mend: str
    near: str = ""
    severity: Severity | None = None
    is_fixed: bool = False


Find = Callable[[Holdings, date | None], Iterable[Finding]]
"""Findings about what a library holds, of which only documents that read without error are given.

The day is there for rules about days that pass; ``None`` where no day is said, and such a rule is silent then.
"""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the linter. ``page`` is its documentation; its first line says in a sentence what the rule finds."""

    name: str
    subject: Subject
    severity: Severity
    page: str
    find: Find

    @property
    def summary(self) -> str:
        return self.page.split("\n", 1)[0]

    def diagnostic(self, each: Finding) -> Diagnostic:
        severity = each.severity or self.severity
        return Diagnostic(each.source, severity, self.name, each.found, each.expected, each.mend, each.near)


def rule(subject: Subject, severity: Severity) -> Callable[[Find], Rule]:
    """Make a rule of a function: its name with hyphens is the rule's name, its docstring the rule's page.

    Raises:
        ValueError: The function has no docstring, so nobody could look up what it finds.
    """

    def made(find: Find) -> Rule:
        name, page = getattr(find, "__name__", "").replace("_", "-"), (inspect.getdoc(find) or "").replace("``", "`")
        if not page:
            raise ValueError(f"the rule {name} has no docstring: it is the rule's page")
        return Rule(name, subject, severity, page, find)

    return made
