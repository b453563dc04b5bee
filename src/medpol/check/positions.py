"""Rules that hold a policy's positions against its evidence: supported by it, and no wider than it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from medpol.check.clinical_words import ANYWHERE, GROUPS_OF_PEOPLE, WHOLES, regions_in
from medpol.check.findings import Finding, Subject, rule
from medpol.check.holdings import Holdings
from medpol.model.criteria import Rule as CoverageRule
from medpol.model.criteria import Statement, StatementKind
from medpol.model.diagnostic import Severity
from medpol.model.evidence import Conclusion, Population
from medpol.model.policy import CodeRole, PolicyVersion
from medpol.model.positions import FAVOURABLE, CoveragePosition

_UNSUPPORTED = frozenset({CoveragePosition.INVESTIGATIONAL, CoveragePosition.NOT_MEDICALLY_NECESSARY})
_INSUFFICIENT = frozenset({Conclusion.INSUFFICIENT, Conclusion.INSUFFICIENT_HARM})
_THE_REST = re.compile(
    r"\b(?:all|any|every) others?\b|\bother (?:uses|indications|conditions|applications|purposes|situations|services)\b|"
    r"\b(?:otherwise|elsewhere|not (?:listed|specified|described|mentioned|addressed)|not meeting)\b",
    re.IGNORECASE,
)
_DIAGNOSES = re.compile(r"`[^`]*\bdiagnosis\b[^`]*`")
_WORD = re.compile(r"[^\W\d_]{3,}")
_PEOPLE = frozenset(
    {
        "people",
        "individuals",
        "patients",
        "adults",
        "children",
        "with",
        "have",
        "that",
        "from",
        "other",
        "the",
        "and",
        "for",
        "who",
        "are",
        "not",
    }
)


def speaks_against(version: PolicyVersion) -> Statement | None:
    """The first statement of a policy whose every position calls the service unproven or not necessary; else ``None``."""
    return _all_of_one_side(version, _UNSUPPORTED)


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
    """
    for version in holdings.versions:
        concluded = [each for each in version.populations if each.conclusion is not Conclusion.NOT_STATED]
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
    opposed = [other for other in version.rules if _is_other_side(each, other)]
    words, others = _words_of(holdings, version, each), [_words_of(holdings, version, other) for other in opposed]
    named = [population for population in concluded if _names(words, population)]
    named = [population for population in named if not any(_names(other, population) for other in others)]
    return named or ([] if opposed else concluded)


def _is_other_side(one: CoverageRule, other: CoverageRule) -> bool:
    left, right = one.statement.position.canonical, other.statement.position.canonical
    return (left in FAVOURABLE and right in _UNSUPPORTED) or (left in _UNSUPPORTED and right in FAVOURABLE)


def _contradicts(says_proven: bool, population: Population) -> bool:
    return population.conclusion in _INSUFFICIENT if says_proven else population.conclusion is Conclusion.SUFFICIENT


def _names(words: str, population: Population) -> bool:
    """Whether every word of a population's name stands among a rule's words."""
    own = [word for word in _WORD.findall(population.name.casefold()) if word not in _PEOPLE]
    return bool(own) and set(own) <= set(_WORD.findall(words))


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
            words = _words_of(holdings, version, each)
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


def _words_of(holdings: Holdings, version: PolicyVersion, each: CoverageRule) -> str:
    """All words by which a rule may narrow whom it reaches: the title, its heading, sentences and expressions."""
    after = [rule.source.line for rule in version.rules if rule.source.line > each.source.line]
    ends = [section.source.line for section in version.sections if section.source.line > each.source.line]
    until = min((*after, *ends), default=None)
    lines = holdings.lines(version.source.file)[each.source.line - 1 : None if until is None else until - 1]
    rows = [row for row in version.code_rows if not each.services or row.group in each.services]
    groups = dict.fromkeys(word for row in rows for word in (row.group, row.label))
    return " ".join((version.title, each.name.replace("-", " "), *groups, *lines)).casefold()


RULES = (position_not_supported, statement_wider_than_populations)
