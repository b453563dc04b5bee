"""Whom a rule of a policy reaches: by the words that name people, the services it is about, the diagnoses it can be met with."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from medpol.check.feasible import bits_of, is_met, speaks
from medpol.check.holdings import Holdings
from medpol.decide.rows import Literal, LiteralKind, PlanRule
from medpol.model.codes import DIAGNOSIS_SYSTEMS, CodePattern, CodeSystems, diagnosis_pattern
from medpol.model.criteria import Rule
from medpol.model.policy import CodeRole, PolicyVersion, services_of
from medpol.model.positions import FAVOURABLE, CoveragePosition
from medpol.model.studies import Profile, Questions, TargetPopulation

UNSUPPORTED = frozenset({CoveragePosition.INVESTIGATIONAL, CoveragePosition.NOT_MEDICALLY_NECESSARY})
_BUILT_IN = CodeSystems()
_WORD = re.compile(r"[^\W\d_]{3,}")
_PEOPLE = frozenset(
    [
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
        "all",
        "any",
        "rest",
    ]
)


def words_of(holdings: Holdings, version: PolicyVersion, each: Rule) -> str:
    """All words by which a rule may narrow whom it reaches: the title, its heading, sentences and expressions."""
    after = [rule.source.line for rule in version.rules if rule.source.line > each.source.line]
    ends = [section.source.line for section in version.sections if section.source.line > each.source.line]
    until = min((*after, *ends), default=None)
    lines = holdings.lines(version.source.file)[each.source.line - 1 : None if until is None else until - 1]
    rows = [row for row in version.code_rows if not each.services or row.group in each.services]
    groups = dict.fromkeys(word for row in rows for word in (row.group, row.label))
    return " ".join((version.title, each.name.replace("-", " "), *groups, *lines)).casefold()


def is_named(words: str, name: str) -> bool:
    """Whether every word of a population's name stands among a rule's words."""
    own = [word for word in _WORD.findall(name.casefold()) if word not in _PEOPLE]
    return bool(own) and set(own) <= set(_WORD.findall(words))


def is_other_side(one: Rule, other: Rule) -> bool:
    """Whether one rule covers what the other calls unproven or not necessary."""
    left, right = one.statement.position.canonical, other.statement.position.canonical
    return (left in FAVOURABLE and right in UNSUPPORTED) or (left in UNSUPPORTED and right in FAVOURABLE)


def is_about(version: PolicyVersion, each: Rule, profile: Profile, questions: Questions) -> bool:
    """Whether a rule speaks of a profile's intervention: they share a code group; so too where the questions name none."""
    asked = next((held for held in questions.interventions if held.id == profile.intervention), None)
    services = {_key(group) for group in services_of(version, each)}
    return (
        asked is None or not asked.services or not services or bool(services & {_key(name) for name in asked.services})
    )


def _key(group: str) -> str:
    return re.sub(r"[\s_-]+", "-", group.casefold())


def reached(
    holdings: Holdings, version: PolicyVersion, each: Rule, questions: Questions
) -> tuple[TargetPopulation, ...]:
    """The populations that a rule's statement reaches: all that are not shown to be left out.

    Left out is a population none of whose diagnoses can meet the rule's criteria; where the rule names people, one that is
    no part of them; where only rules of the other side name people, those; and, for an unfavourable rule beside a
    favourable one that both name nobody, whoever the favourable one can be met by.
    """
    meet = {id(rule): _can_meet(holdings, version, rule, questions) for rule in version.rules}
    held = meet[id(each)]
    opposed = [other for other in version.rules if is_other_side(each, other)]
    theirs = {one.id for other in opposed for one in _named_by(holdings, version, other, held)}
    named = {one.id for one in _named_by(holdings, version, each, held)}
    if named:
        own = named - theirs or named
        return tuple(one for one in held if any(questions.within(one.id, wider) for wider in own))
    if opposed and not theirs and each.statement.position.canonical not in FAVOURABLE:
        theirs = {one.id for other in opposed for one in meet[id(other)]}
    return tuple(one for one in held if not any(questions.within(one.id, wider) for wider in theirs))


def _can_meet(
    holdings: Holdings, version: PolicyVersion, each: Rule, questions: Questions
) -> tuple[TargetPopulation, ...]:
    compiled = holdings.compiled(version).rules[version.rules.index(each)]
    return tuple(one for one in questions.populations if can_meet(version, compiled, one))


def _named_by(
    holdings: Holdings, version: PolicyVersion, each: Rule, populations: Iterable[TargetPopulation]
) -> list[TargetPopulation]:
    words = words_of(holdings, version, each)
    return [one for one in populations if is_named(words, one.named or one.id.replace("-", " "))]


def can_meet(version: PolicyVersion, rule: PlanRule, population: TargetPopulation) -> bool:
    """Whether the rule can speak of somebody with a diagnosis of the population's value sets and be met."""
    own = [pattern for name in population.value_sets for pattern in _patterns(version, name)]
    if not own:
        return True
    silent = [row.pattern for row in version.code_rows if row.role is CodeRole.EXCLUDES and row.pattern is not None]
    return any(_may_be_met(version, rule, each) for each in own if not _holds(silent, each))


def _may_be_met(version: PolicyVersion, rule: PlanRule, diagnosis: CodePattern) -> bool:
    """With every literal met that this one diagnosis does not surely fail."""
    met = sum(1 << at for at, each in enumerate(rule.literals) if not _surely_fails(version, each, diagnosis))
    bits = bits_of(rule, met)
    return speaks(rule, bits) and is_met(rule, bits)


def _surely_fails(version: PolicyVersion, literal: Literal, diagnosis: CodePattern) -> bool:
    if literal.kind is not LiteralKind.MEMBER or literal.fact != "diagnosis":
        return False
    patterns = (
        list(_patterns(version, literal.named)) if literal.named else _listed([each.text for each in literal.values])
    )
    if not patterns:
        return False
    if literal.negated:
        return _holds(patterns, diagnosis)
    return not literal.is_open and not any(_overlap(each, diagnosis) for each in patterns)


def _patterns(version: PolicyVersion, name: str) -> Iterable[CodePattern]:
    """The diagnoses of a named value set, or of a group of the Coding table."""
    wanted = _key(name)
    for row in version.code_rows:
        if _key(row.group) == wanted and row.system in DIAGNOSIS_SYSTEMS and row.pattern is not None:
            yield row.pattern
    for each in version.definitions.value_sets:
        if _key(each.name) == wanted:
            yield from _listed(each.values)


def _listed(values: Sequence[str]) -> list[CodePattern]:
    read = (diagnosis_pattern(_BUILT_IN, system, value) for value in values for system in DIAGNOSIS_SYSTEMS)
    return [each for each in read if each is not None]


def _holds(patterns: Iterable[CodePattern], inner: CodePattern) -> bool:
    """Whether one of the patterns takes in all that another one does."""
    return any(each == inner or (each.is_prefix and inner.text.startswith(each.text)) for each in patterns)


def _overlap(one: CodePattern, other: CodePattern) -> bool:
    return one == other or _holds((one,), other) or _holds((other,), one)
