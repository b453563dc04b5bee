"""Rules about practice guidelines: which may stand, how old they are, where they differ from the position."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from medpol.check.findings import Finding, Subject, rule
from medpol.check.holdings import Holdings
from medpol.check.places import field_place
from medpol.check.positions import favours, speaks_against
from medpol.model.diagnostic import Severity
from medpol.model.evidence import Direction, Issuer

_YEARS = 5
_ADMITTED: tuple[tuple[Issuer, re.Pattern[str]], ...] = (
    (Issuer.US_SOCIETY, re.compile(r"\bU\.?S\.?\b|\bUnited States\b|\bAmerican\b|\bnational\b")),
    (Issuer.INTERNATIONAL, re.compile(r"\binternational\b", re.IGNORECASE)),
    (Issuer.NICE, re.compile(r"\bNICE\b|\bNational Institute for Health")),
)
_OTHERS_TOO = re.compile(
    r"\b(?:government\w*|federal|agenc\w+|task force|ministr\w+|european|canadian|british|world|foreign|any (?:body|society|issuer)|"
    r"other (?:bodies|countries|societies|issuers|organi[sz]ations)|such as|for example|including)\b",
    re.IGNORECASE,
)


@rule(Subject.GUIDELINES, Severity.WARNING)
def guideline_not_eligible(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """A guideline is listed whose issuer the document's own inclusion rule leaves out.

    The rule's words are read for the kinds of issuer it admits: a professional society of the US, an international one with
    a US part, NICE. A guideline of another issuer does not belong in the list. Nothing is said where the rule leaves room
    (*agencies*, *any body*, *such as*), where the document has no rule, or where no `Issuer:` is stated. That a guideline
    meets none of the rule's priorities (systematic review, strength ratings, conflicts of interest) is no finding: it may
    stand, it only comes later.
    """
    for version in holdings.versions:
        words = version.guidelines.inclusion_rule
        admitted = [issuer for issuer, pattern in _ADMITTED if pattern.search(words)]
        if not admitted or _OTHERS_TOO.search(words):
            continue
        for guideline in version.guidelines.guidelines:
            if guideline.issuer is not None and guideline.issuer not in admitted:
                yield Finding(
                    field_place(holdings, guideline.source, "Issuer"),
                    f"{guideline.body} is listed; its issuer is {guideline.issuer.value}",
                    "an issuer that the inclusion rule admits: " + ", ".join(each.value for each in admitted),
                    "take it out of the list, correct `Issuer:`, or widen the inclusion rule",
                )


@rule(Subject.GUIDELINES, Severity.NOTE)
def guideline_old(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """A guideline or position statement was more than five years old when the version came into force.

    Counted by the year alone, in the document's favour: of 31 December of its year, and of the version's first day. It may
    be the newest that its body has published; somebody has to have looked. A draft has no first day and is not judged, and
    a guideline newer than the version is not old.
    """
    for version in holdings.versions:
        if version.first_day is None:
            continue
        for guideline in version.guidelines.guidelines:
            if guideline.year is not None and guideline.year + _YEARS < version.first_day.year:
                yield Finding(
                    field_place(holdings, guideline.source, "Year"),
                    f"{guideline.body}, {guideline.year}, is more than {_YEARS} years older than {version.first_day}",
                    f"a text of {version.first_day.year - _YEARS} or later",
                    "look for a newer one of the same body; if there is none, say so in its text",
                )


@rule(Subject.GUIDELINES, Severity.WARNING)
def guideline_disagrees_with_position(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """A guideline recommends what the policy calls investigational or not necessary, or advises against what it covers.

    It is the first thing that an appeal cites. Being listed is no endorsement, and the policy may be right; the text has to
    say why it comes to another conclusion. Only where every position of the policy points one way is there something to
    disagree with: a policy that covers a service within criteria and calls the rest investigational can agree with a
    guideline either way. Cosmetic services and those outside the contract are not judged by evidence.
    """
    for version in holdings.versions:
        against = speaks_against(version)
        if against is None and favours(version) is None:
            continue
        opposed = Direction.FOR if against is not None else Direction.AGAINST
        statement = against or favours(version)
        assert statement is not None
        for guideline in version.guidelines.guidelines:
            if guideline.recommends is opposed:
                advises = "recommends it" if opposed is Direction.FOR else "advises against it"
                year = f", {guideline.year}," if guideline.year else ""
                yield Finding(
                    field_place(holdings, guideline.source, "Recommends"),
                    f"{guideline.body}{year} {advises}; the policy says {statement.position.label} on line {statement.source.line}",
                    "a position that agrees, or the reason why it does not",
                    "say below the guideline why the policy comes to another conclusion, or review the position",
                )


RULES = (guideline_not_eligible, guideline_old, guideline_disagrees_with_position)
