"""Rules that hold a policy's positions against its evidence: supported by it, and no wider than it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from medpol.check.assessed import unsupported
from medpol.check.clinical_words import ANYWHERE, GROUPS_OF_PEOPLE, WHOLES, regions_in
from medpol.check.findings import Finding, Subject, rule
from medpol.check.holdings import Holdings
from medpol.check.reach import UNSUPPORTED, is_named, is_other_side, words_of
from medpol.model.criteria import Rule as CoverageRule
from medpol.model.criteria import Statement, StatementKind
from medpol.model.diagnostic import Severity
from medpol.model.evidence import Conclusion, Population
from medpol.model.policy import CodeRole, PolicyVersion
from medpol.model.positions import FAVOURABLE, CoveragePosition

_INSUFFICIENT = frozenset({Conclusion.INSUFFICIENT, Conclusion.INSUFFICIENT_HARM})
_THE_REST = re.compile(
    r"\b(?:all|any|every) others?\b|\bother (?:uses|indications|conditions|applications|purposes|situations|services)\b|"
    r"\b(?:otherwise|elsewhere|not (?:listed|specified|described|mentioned|addressed)|not meeting)\b",
    re.IGNORECASE,
)
_DIAGNOSES = re.compile(r"`[^`]*\bdiagnosis\b[^`]*`")


def speaks_against(version: PolicyVersion) -> Statement | None:
    """The first statement of a policy whose every position calls the service unproven or not necessary; else ``None``."""
    return _all_of_one_side(version, UNSUPPORTED)


def favours(version: PolicyVersion) -> Statement | None:
    """The first statement of a policy whose every position covers; else ``None``."""
    return _all_of_one_side(version, FAVOURABLE)


def _all_of_one_side(version: PolicyVersion, side: frozenset[CoveragePosition]) -> Statement | None:
    held = [
        each for each in version.rules if each.statement.position.canonical is not CoveragePosition.AUTHORIZATION_ONLY
    ]
    said = [each.statement.position.canonical for each in held]
    said += [each.otherwise.position.canonical for each in held if each.otherwise is not None]
    return held[0].statement if held and all(each in side for each in said) else None


@rule(Subject.EVIDENCE, Severity.ERROR)
def position_not_supported(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """A position and the conclusions of the evidence contradict each other.

    A service whose evidence is insufficient for every population cannot be *medically necessary*; one whose evidence is
    sufficient for every population is not *investigational*. One of the two is wrong, and cases are answered by it. A rule
    is held against the populations whose names its words hold, else against all of them, and only where all contradict it.
    Without such a name nothing is said of a policy that takes some services as proven and others not, since either
    conclusion can belong to either. *Not medically necessary*, *cosmetic* and *not covered* may stand beside sufficient
    evidence for other reasons, and an unfavourable rule with criteria names an exception.

    Beside evidence records the signed conclusions count: each is held against every statement that reaches its population
    (all that are not shown to leave it out, by diagnoses, services or words), by the table from criteria to positions. A
    version is held against the latest records known until the next version was approved. The finding names population,
    conclusion, statement and both lines; no comment silences it, only a row under `## Overridden` with reason and approver.
    """
    yield from unsupported(holdings, today)
    for version in holdings.versions:
        concluded = [each for each in version.populations if each.conclusion is not Conclusion.NOT_STATED]
        if concluded and _all_signed(holdings, version, concluded):
            continue
        for each in version.rules if concluded else ():
            side = _side(each)
            reached = _reached(holdings, version, each, concluded)
            if side is None or not reached or not all(_contradicts(side, population) for population in reached):
                continue
            first, position = reached[0], each.statement.position
            yield Finding(
                holdings.words_place(each.statement.source, position.label),
                f'"{position.label}" beside evidence concluded {first.conclusion.value} for '
                f"{', '.join(population.name for population in reached)} (line {first.source.line})",
                "a position that the conclusion allows",
                "correct the position, or the conclusion",
            )


def _all_signed(holdings: Holdings, version: PolicyVersion, concluded: Sequence[Population]) -> bool:
    """Whether a signed record concludes on every population of the printed review, and so speaks in its place."""
    base = holdings.library.evidence_of(version.policy)
    asked = None if base is None else base.asked
    if base is None or asked is None:
        return False
    signed = {each.population for each in base.profiles}
    named = {each.named.casefold() for each in asked.populations if each.named and each.id in signed}
    return all(each.name.casefold() in named for each in concluded)


def _side(each: CoverageRule) -> bool | None:
    """Whether a rule says that a service is proven; ``None`` where evidence does not decide its position."""
    position = each.statement.position.canonical
    if position in FAVOURABLE:
        return True
    plain = each.statement.kind is StatementKind.PLAIN and not _THE_REST.search(each.statement.sentence)
    return False if position is CoveragePosition.INVESTIGATIONAL and plain else None


def _reached(
    holdings: Holdings, version: PolicyVersion, each: CoverageRule, concluded: Sequence[Population]
) -> Sequence[Population]:
    """The populations that a rule names and no rule of the other side does; all where it names none and no such rule stands."""
    opposed = [other for other in version.rules if is_other_side(each, other)]
    words, others = words_of(holdings, version, each), [words_of(holdings, version, other) for other in opposed]
    named = [population for population in concluded if is_named(words, population.name)]
    named = [population for population in named if not any(is_named(other, population.name) for other in others)]
    return named or ([] if opposed else concluded)


def _contradicts(says_proven: bool, population: Population) -> bool:
    return population.conclusion in _INSUFFICIENT if says_proven else population.conclusion is Conclusion.SUFFICIENT


@rule(Subject.EVIDENCE, Severity.WARNING)
def statement_wider_than_populations(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """A statement covers a condition wherever it is, and the evidence concludes on some people or regions of the body only.

    "For the treatment of myofascial pain" takes in every muscle; three populations named neck, heel and jaw leave the
    others without evidence, and a patient with pain in the back is answered by a sentence that nobody has looked into. Found
    where the name of every population gives a region of the body, and neither the statement, its rule, the title nor its
    criteria gives any, nor lists diagnoses; for a favourable statement without criteria also where all populations are
    adults, or children, or one stage or severity. Regions that are the whole (neck and back, upper and lower limbs) leave
    nothing out; statements about all other uses are meant to be wide. Conclude on the rest in a population of its own, or
    narrow the statement.
    """
    for version in holdings.versions:
        names = [each.name for each in version.populations]
        if not names or any(row.role in (CodeRole.SUPPORTS, CodeRole.EXCLUDES) for row in version.code_rows):
            continue
        for each, row in zip(version.rules, holdings.compiled(version).rules, strict=True):
            words = words_of(holdings, version, each)
            if _THE_REST.search(each.statement.sentence) or _DIAGNOSES.search(words):
                continue
            narrower = _narrower_regions(words, names) or _narrower_people(each, words, names)
            if narrower:
                yield Finding(
                    holdings.words_place(each.statement.source, row.qualifier),
                    f'"{row.qualifier or each.statement.sentence}" is said of all; the evidence concludes on {narrower} only',
                    "a conclusion for everybody whom the statement reaches",
                    "add `### Population:` for the rest with its conclusion, or narrow the statement",
                )


def _narrower_regions(words: str, names: Sequence[str]) -> str:
    """The populations of a review that speaks of regions only, where the rule's own words speak of none."""
    held = [regions_in(name) for name in names]
    together = frozenset().union(*held)
    if not all(held) or together in WHOLES or regions_in(words):
        return ""
    return ", ".join(names) if len(set(held)) > 1 or ANYWHERE.search(words) else ""


def _narrower_people(each: CoverageRule, words: str, names: Sequence[str]) -> str:
    """The group of people that all populations belong to, where a favourable statement without criteria names none such."""
    if each.statement.kind is not StatementKind.PLAIN or each.statement.position.canonical not in FAVOURABLE:
        return ""
    for parts in GROUPS_OF_PEOPLE:
        held = [_parts_in(parts, name) for name in names]
        together = frozenset().union(*held)
        if all(held) and len(together) < max(len(parts), 2) and not _parts_in(parts, words):
            return ", ".join(names)
    return ""


def _parts_in(parts: Mapping[str, re.Pattern[str]], text: str) -> frozenset[str]:
    return frozenset(name for name, pattern in parts.items() if pattern.search(text))


RULES = (position_not_supported, statement_wider_than_populations)
