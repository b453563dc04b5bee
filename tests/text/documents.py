"""Small documents for the tests of `text`, and the sign that says where a finding is expected."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from medpol.model.diagnostic import Diagnostic, Severity, in_order
from medpol.model.facts import EventField, FactDeclaration, FactType
from medpol.model.policy import PolicyVersion
from medpol.text.names import Vocabulary
from medpol.text.reader import read_policy
from medpol.text.source import Findings

HERE = "¦"  # stands right before the character that a finding must point at

VOCABULARY = Vocabulary(
    (
        FactDeclaration("exam.band", FactType.YES_NO),
        FactDeclaration("exam.twitch", FactType.YES_NO),
        FactDeclaration("therapy.duration", FactType.QUANTITY, "weeks"),
        FactDeclaration("therapy.outcome", FactType.CHOICE, None, ("failed", "not_feasible", "helped")),
        FactDeclaration("eosinophils", FactType.OBSERVATIONS, "cells/uL"),
        FactDeclaration("onset", FactType.DATE),
        FactDeclaration("visits", FactType.COUNT),
        FactDeclaration("fev1", FactType.RATIO, "%"),
        FactDeclaration("device", FactType.TEXT),
    ),
    (
        EventField(("needling",), "relief", FactType.QUANTITY, "%"),
        EventField(("needling",), "outcome", FactType.CHOICE, None, ("failed", "helped")),
    ),
)

HEAD = """---
policy: EX-1
title: Needles
effective: 2024-05-01
published: 2024-01-29
---

# Needles
"""

CODING = """
## Coding

| Group | System | Code | Role |
|---|---|---|---|
| needling | CPT | 20560 | governed |
| guidance | CPT | 76942 | governed |
| pain | ICD-10-CM | M79.1x | supports |
"""


def criteria(text: str, *, rest: str = "", coding: str = CODING, head: str = HEAD) -> str:
    """A policy whose criteria section is the text."""
    return f"{head}\n## Policy coverage criteria\n\n{text.strip(chr(10))}\n{coding}{rest}"


def body(text: str, *, head: str = HEAD) -> str:
    """A policy with one plain rule and further sections."""
    return criteria("Needling is **investigational**.", rest="\n" + text.strip("\n") + "\n", head=head)


def places(text: str) -> tuple[str, list[tuple[int, int]]]:
    """The text without its signs, and the line and column of each."""
    found = []
    kept = []
    for number, line in enumerate(text.split("\n"), 1):
        while HERE in line:
            found.append((number, line.index(HERE) + 1))
            line = line.replace(HERE, "", 1)
        kept.append(line)
    return "\n".join(kept), found


def read(text: str, vocabulary: Vocabulary = VOCABULARY) -> tuple[PolicyVersion | None, tuple[Diagnostic, ...]]:
    findings = Findings("policy.md")
    version = read_policy(text, findings, vocabulary)
    return version, in_order(findings.found)


def read_clean(text: str, vocabulary: Vocabulary = VOCABULARY) -> PolicyVersion:
    """The version of a text that must read without any finding."""
    version, found = read(text, vocabulary)
    assert not found, "\n".join(map(str, found))
    assert version is not None
    return version


def assert_found(
    text: str,
    rules: Sequence[str],
    reader: Callable[[str, Findings], object] | None = None,
    severity: Severity = Severity.ERROR,
) -> tuple[Diagnostic, ...]:
    """Each rule stands once, at the sign of the same number, with its mend; nothing else is found."""
    plain, expected = places(text)
    findings = Findings("policy.md")
    if reader is None:
        read_policy(plain, findings, VOCABULARY)
    else:
        reader(plain, findings)
    found = in_order(findings.found)
    shown = "\n".join(map(str, found))
    assert [each.rule for each in found] == list(rules), shown
    assert [(each.source.line, each.source.column) for each in found] == expected, shown
    assert all(each.mend for each in found), shown
    assert all(each.severity is severity for each in found), shown
    return found
