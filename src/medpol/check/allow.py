"""Allowances: ``# medpol: allow RULE because ...``, a comment by which a document keeps what a rule finds in it.

What reading warns of can be kept so too; an error of reading cannot, for the document has no meaning then.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from medpol.check.reading import READING, may_be_a_warning
from medpol.model.diagnostic import Diagnostic, Severity, Source, nearest
from medpol.text.head import split_head

_COMMENT = re.compile(r"(?P<before>\s*)#\s*medpol\s*:(?P<words>.*)", re.IGNORECASE)
_ALLOW = re.compile(r"\s*allow\s+(?P<rule>[\w-]+)(?:\s+because\b(?P<because>.*))?\s*", re.IGNORECASE)

BAD, UNUSED = "bad-allowance", "allowance-unused"


@dataclass(frozen=True, slots=True)
class Allowance:
    """One rule that may find what it finds in one file, and why."""

    source: Source
    rule: str
    because: str


@dataclass(frozen=True, slots=True)
class Allowed:
    """A finding that its document allows."""

    finding: Diagnostic
    allowance: Allowance


def read_allowances(
    texts: Mapping[str, str], known: Iterable[str]
) -> tuple[tuple[Allowance, ...], tuple[Diagnostic, ...]]:
    """The allowances of every file, and what is wrong with those that cannot be taken."""
    names = frozenset(known)
    held: list[Allowance] = []
    problems: list[Diagnostic] = []
    for file, text in sorted(texts.items()):
        for number, line in _comments(file, text):
            match = _COMMENT.match(line)
            if match is None:
                continue
            place = Source(file, number, len(match["before"]) + 1)
            read = _read(place, match["words"], names)
            if isinstance(read, Allowance):
                held.append(read)
            else:
                problems.append(read)
    return tuple(held), tuple(problems)


def _comments(file: str, text: str) -> Iterable[tuple[int, str]]:
    """The lines that may be a comment: those of the front matter, and every line of a settings file."""
    if "medpol" not in text:
        return ()
    lines = text.split("\n")
    closing = len(lines) if file.endswith(".toml") else split_head(lines)
    return enumerate(lines[:closing], 1) if closing is not None else ()


def _read(place: Source, words: str, names: frozenset[str]) -> Allowance | Diagnostic:
    expected, mend = "`# medpol: allow RULE because ...`", "write the rule's name, `because`, and the reason"
    match = _ALLOW.fullmatch(words)
    if match is None:
        return Diagnostic(place, Severity.WARNING, BAD, f"`medpol:{words.rstrip()}`", expected, mend)
    if match["rule"] in READING and (match["rule"] in (BAD, UNUSED) or not may_be_a_warning(match["rule"])):
        found = f"{match['rule']} cannot be allowed: of what reading finds, only warnings about the text can be"
        return Diagnostic(
            place, Severity.WARNING, BAD, found, "the name of a rule", "mend the text, and delete the line"
        )
    if match["rule"] not in names and match["rule"] not in READING:
        found = f"no rule is named {match['rule']}, so nothing is allowed"
        return Diagnostic(
            place,
            Severity.WARNING,
            BAD,
            found,
            "the name of a rule",
            "correct it, or delete the line",
            nearest(match["rule"], names),
        )
    because = (match["because"] or "").strip().rstrip(".").strip()
    if not because:
        found = f"{match['rule']} is allowed without a reason, so it is not"
        return Diagnostic(place, Severity.WARNING, BAD, found, expected, "say why it may stay, behind `because`")
    return Allowance(place, match["rule"], because)


def apply_allowances(
    found: Iterable[Diagnostic], allowances: Iterable[Allowance]
) -> tuple[tuple[Diagnostic, ...], tuple[Allowed, ...]]:
    """What stays of the findings, and what is allowed. An allowance that allows nothing is itself a finding."""
    by_place = {(each.source.file, each.rule): each for each in reversed(tuple(allowances))}
    stays: list[Diagnostic] = []
    allowed: list[Allowed] = []
    for each in found:
        allowance = by_place.get((each.source.file, each.rule))
        if allowance is None:
            stays.append(each)
        else:
            allowed.append(Allowed(each, allowance))
    used = {id(each.allowance) for each in allowed}
    stays += [_unused(each) for each in allowances if id(each) not in used]
    return tuple(stays), tuple(allowed)


def _unused(allowance: Allowance) -> Diagnostic:
    return Diagnostic(
        allowance.source,
        Severity.WARNING,
        UNUSED,
        f"{allowance.rule} is allowed here, and finds nothing in this file that this line allows",
        "an allowance that allows something",
        "delete the line",
    )
