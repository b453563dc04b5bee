"""What changed in the rules apart from their criteria: services, statements with their words, positions, When and dates."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from medpol.library.redline.alike import words_of
from medpol.library.redline.between import Between
from medpol.library.redline.coding import days_words
from medpol.library.redline.expressions import differences
from medpol.library.redline.values import Item, Kind, Said, Subject, item, said
from medpol.model.criteria import Group, Rule, Structure, sentence_key
from medpol.model.dates import EffectivePeriod
from medpol.model.policy import CodeRole, PolicyVersion, governed_groups, services_of
from medpol.model.positions import CoveragePosition, Position

RulePair = tuple[Rule | None, Rule | None]

_JOINING = frozenset(
    {
        "a",
        "an",
        "the",
        "of",
        "for",
        "to",
        "in",
        "on",
        "at",
        "by",
        "with",
        "from",
        "as",
        "and",
        "is",
        "are",
        "was",
        "were",
        "be",
        "been",
        "it",
        "its",
        "this",
        "that",
        "these",
        "those",
    }
)
"""Words that join others; alone they are not worth naming. ``not``, ``or``, ``only`` and the like are not among them."""


# ---------------------------------------------------------------------------- services


def of_services(before: PolicyVersion, after: PolicyVersion, between: Between) -> Iterator[Item]:
    """Groups that entered or left what the policy governs, with or without codes of their own."""
    one, other = _governed(before), _governed(after)
    holding = between.holding(governed_groups)
    for group, place in one.items():
        if group not in other:
            day = holding.changed_with(group, is_added=False)
            says = f"{_spaced(group)} left the services that the policy governs{between.on_words(day, is_added=False)}"
            yield item(Kind.REMOVED, Subject.SERVICE, group, says, place, on=day)
    for group, place in other.items():
        if group not in one:
            day = holding.changed_with(group, is_added=True)
            says = (
                f"{_spaced(group)} entered the services that the policy governs{between.on_words(day, is_added=True)}"
            )
            yield item(Kind.ADDED, Subject.SERVICE, group, says, (), place, on=day)


def _governed(version: PolicyVersion) -> dict[str, tuple[Said, ...]]:
    """The governed groups, with where each first stands in the Coding table."""
    held: dict[str, tuple[Said, ...]] = {}
    for row in version.code_rows:
        if row.role is CodeRole.GOVERNED and row.group not in held:
            held[row.group] = said(f"{row.group}, {row.role.value}", row.source)
    return held


def _spaced(name: str) -> str:
    return name.replace("-", " ").replace("_", " ")


# ---------------------------------------------------------------------------- one rule in both


def of_rule(before: PolicyVersion, one: Rule, after: PolicyVersion, other: Rule) -> Iterator[Item]:
    """What changed in one rule, its criteria apart."""
    name = other.name
    if one.name != other.name:
        yield item(
            Kind.CHANGED,
            Subject.RULE,
            name,
            f"the rule {_named(one)} is called {_named(other)}",
            said(one.heading or _named(one), one.source),
            said(other.heading or _named(other), other.source),
            rule=name,
        )
    yield from _of_rule_services(before, one, after, other)
    yield from _of_statement(one, other)
    yield from _of_position(one, other)
    yield from _of_when(one, other)
    yield from _of_lines(one, other)
    yield from _of_otherwise(one, other)


def of_lone_rule(version: PolicyVersion, rule: Rule, kind: Kind) -> Iterator[Item]:
    """A rule that one version alone has: its statement, and the position that comes or goes with it."""
    is_added = kind is Kind.ADDED
    saids = said(rule.statement.sentence, rule.statement.source)
    is_authorisation = rule.statement.position.canonical is CoveragePosition.AUTHORIZATION_ONLY
    services = ", ".join(map(_spaced, services_of(version, rule)))
    extra = f" (of {services})" if services else ""
    yield item(
        kind,
        Subject.AUTHORISATION if is_authorisation else Subject.RULE,
        rule.name,
        f"the rule {_named(rule)}{extra} {'came' if is_added else 'is gone'}: {_shown(rule.statement.position)}"
        + (f", otherwise {_shown(rule.otherwise.position)}" if rule.otherwise else ""),
        () if is_added else saids,
        saids if is_added else (),
        rule=rule.name,
    )


def _named(rule: Rule) -> str:
    return f"“{rule.heading}”" if rule.heading is not None else "without a name"


def _of_rule_services(before: PolicyVersion, one: Rule, after: PolicyVersion, other: Rule) -> Iterator[Item]:
    held, later = services_of(before, one), services_of(after, other)
    gone = [group for group in held if group not in later]
    come = [group for group in later if group not in held]
    if held == later or (not one.services and not other.services and (gone or come)):
        return  # a rule of every governed group: what entered and left is said of the policy
    place, place_later = said(", ".join(held), one.services_source), said(", ".join(later), other.services_source)
    parts = [f"{', '.join(map(_spaced, come))} entered"] * bool(come)
    parts += [f"{', '.join(map(_spaced, gone))} left"] * bool(gone)
    kind = Kind.CHANGED if parts else Kind.REWORDED
    says = f"services of {_named(other)}: {'; '.join(parts) or 'in another order'}"
    yield item(kind, Subject.SERVICE, other.name, says, place, place_later, rule=other.name)


# ---------------------------------------------------------------------------- statement


def _of_statement(one: Rule, other: Rule) -> Iterator[Item]:
    """The words that left the statement and those that entered it."""
    held, later = one.statement, other.statement
    before, after = said(held.sentence, held.source), said(later.sentence, later.source)
    if held.in_every_case != later.in_every_case:
        says = (
            "the statement wins in every case from now on"
            if later.in_every_case
            else "the statement no longer wins in every case"
        )
        yield item(Kind.CHANGED, Subject.STATEMENT, other.name, says, before, after, rule=other.name)
    if held.kind is not later.kind:
        yield item(
            Kind.CHANGED,
            Subject.STATEMENT,
            other.name,
            f"the statement is {_KINDS[later.kind.value]}; it was {_KINDS[held.kind.value]}",
            before,
            after,
            rule=other.name,
        )
    structures = _structure(one), _structure(other)
    is_restructured = None not in structures and structures[0] != structures[1]  # the criteria tell it: not again here
    one_words, other_words = (
        sentence_key(_STRUCTURE.sub(" ", words) if is_restructured else words)
        for words in (_without_position(each.statement.sentence) for each in (one, other))
    )
    if one_words == other_words:
        return
    gone, come = (phrases_of(words, beside) for words, beside in ((one_words, other_words), (other_words, one_words)))
    parts = [f"left the statement: {_quoted(gone)}"] * bool(gone) + [f"entered it: {_quoted(come)}"] * bool(come)
    if come and not gone:
        parts = [f"entered the statement: {_quoted(come)}"]
    says = "; ".join(parts) or "the statement reads otherwise, with the same words of weight"
    yield item(Kind.CHANGED, Subject.STATEMENT, other.name, says, before, after, rule=other.name)


_KINDS = {
    "plain": "unconditional",
    "conditional": "conditional on a list of criteria",
    "single": "conditional on one expression",
}


_STRUCTURE = re.compile(r"\b(?:all|any|none|at least \w+) of (?:these|the following)\b", re.IGNORECASE)


def _structure(rule: Rule) -> tuple[Structure, int | None] | None:
    """How the list right under the statement is joined; ``None`` where there is none."""
    return (rule.criteria.structure, rule.criteria.needed) if isinstance(rule.criteria, Group) else None


def _without_position(sentence: str) -> str:
    """The sentence without its bold words: they are the position, of which another item speaks."""
    return re.sub(r"(\*\*|__).*?\1", " ", sentence)


def phrases_of(sentence: str, other: str) -> list[str]:
    """The words of a sentence that the other does not have, side by side where they stand so.

    Joining words are left out at the ends; a plural counts as its singular.
    """
    words, spare = words_of(sentence), Counter(map(_stem, words_of(other)))
    found: list[list[str]] = [[]]
    for word in words:
        stem = _stem(word)
        if spare[stem] > 0:
            spare[stem] -= 1
            if word not in _JOINING:
                found.append([])
            elif found[-1]:
                found[-1].append(word)
        elif word in _JOINING or not word[0].isalnum():
            found[-1] += [word] * bool(found[-1])
        else:
            found[-1].append(word)
    return [" ".join(_trimmed(run)) for run in found if run]


def _trimmed(run: Sequence[str]) -> list[str]:
    held = list(run)
    while held and (held[-1] in _JOINING or not held[-1][0].isalnum()):
        held.pop()
    return held


def _stem(word: str) -> str:
    """The word without the ``s`` of a plural; ``ss`` and ``us`` are none."""
    folded = word.casefold()
    return folded[:-1] if len(folded) > 3 and folded.endswith("s") and folded[-2] not in "su" else folded


def _quoted(phrases: Iterable[str]) -> str:
    return ", ".join(f"“{phrase}”" for phrase in phrases)


# ---------------------------------------------------------------------------- position


def _of_position(one: Rule, other: Rule) -> Iterator[Item]:
    held, later = one.statement.position, other.statement.position
    if held == later:
        return
    is_same = held.canonical is later.canonical
    is_authorisation = CoveragePosition.AUTHORIZATION_ONLY in (held.canonical, later.canonical)
    says = f"{_shown(held)} → {_shown(later)}" + (": another label, the same position" if is_same else "")
    yield item(
        Kind.REWORDED if is_same else Kind.CHANGED,
        Subject.AUTHORISATION if is_authorisation else Subject.POSITION,
        other.name,
        f"position of {_named(other)}: {says}" if other.heading else f"position: {says}",
        said(held.label, one.statement.source),
        said(later.label, other.statement.source),
        rule=other.name,
    )


def of_same_positions(pairs: Sequence[RulePair]) -> Iterator[Item]:
    """That the positions stayed, where every rule of both has its match and no statement has another position."""
    joined = [(one, other) for one, other in pairs if one is not None and other is not None]
    positions = [one.statement.position.canonical for one, _ in joined]
    if not joined or len(joined) < len(pairs) or positions != [each.statement.position.canonical for _, each in joined]:
        return
    labels = dict.fromkeys(_shown(other.statement.position) for _, other in joined)
    whose = " of the statements" if any(each.otherwise for pair in joined for each in pair) else ""
    yield item(
        Kind.UNCHANGED,
        Subject.POSITION,
        ", ".join(dict.fromkeys(position.value for position in positions)),
        f"the position{f's{whose} are' if len(labels) > 1 or whose else ' is'} unchanged: {', '.join(labels)}",
        tuple(each for one, _ in joined for each in said(one.statement.position.label, one.statement.source)),
        tuple(each for _, other in joined for each in said(other.statement.position.label, other.statement.source)),
    )


def _shown(position: Position) -> str:
    name = position.canonical.value.replace("_", " ")
    return name if position.label.casefold() == name else f"{name} (“{position.label}”)"


def _of_otherwise(one: Rule, other: Rule) -> Iterator[Item]:
    held, later = one.otherwise, other.otherwise
    before = () if held is None else said(held.sentence, held.source)
    after = () if later is None else said(later.sentence, later.source)

    def about(kind: Kind, says: str) -> Item:
        return item(kind, Subject.POSITION, f"{other.name}, otherwise", says, before, after, rule=other.name)

    if held is None and later is not None:
        yield about(Kind.ADDED, f"otherwise: {_shown(later.position)}; no position was named before")
    elif held is not None and later is None:
        yield about(Kind.REMOVED, f"otherwise: no position is named any more; it was {_shown(held.position)}")
    elif held is not None and later is not None:
        if held.position != later.position:
            is_same = held.position.canonical is later.position.canonical
            says = f"otherwise: {_shown(held.position)} → {_shown(later.position)}"
            yield about(Kind.REWORDED if is_same else Kind.CHANGED, says)
        elif held.sentence != later.sentence:
            yield about(Kind.REWORDED, "otherwise: other words, the same position")


# ---------------------------------------------------------------------------- When, dates of service, approved for


def _of_when(one: Rule, other: Rule) -> Iterator[Item]:
    held, later = one.when, other.when
    before = () if held is None else said(f"{held.sentence} {held.code}".strip(), held.source)
    after = () if later is None else said(f"{later.sentence} {later.code}".strip(), later.source)

    def about(kind: Kind, says: str) -> Item:
        return item(kind, Subject.CONDITION, f"{other.name}, when", says, before, after, rule=other.name)

    if held is None and later is not None:
        yield about(Kind.ADDED, f"the rule speaks only when {later.code}; it spoke of every case")
    elif held is not None and later is None:
        yield about(Kind.REMOVED, f"the rule speaks of every case; it spoke only when {held.code}")
    elif held is not None and later is not None:
        for each in differences(held.expression, later.expression):
            yield about(Kind.CHANGED, f"when the rule speaks: {each.says}")
        if held.expression == later.expression and sentence_key(held.sentence) != sentence_key(later.sentence):
            yield about(Kind.REWORDED, "when the rule speaks: other words, the same expression")


def _of_lines(one: Rule, other: Rule) -> Iterator[Item]:
    periods = [None if each.dates is None else each.dates.period for each in (one, other)]
    if periods[0] != periods[1]:
        before, after = (
            () if each.dates is None else said(each.dates.sentence, each.dates.source) for each in (one, other)
        )
        kind = Kind.ADDED if periods[0] is None else Kind.REMOVED if periods[1] is None else Kind.CHANGED
        says = f"dates of service that the rule speaks for: {_period(periods[0])} → {_period(periods[1])}"
        yield item(kind, Subject.CONDITION, f"{other.name}, dates of service", says, before, after, rule=other.name)
    if one.approved_for != other.approved_for:
        before, after = (
            () if each.approved_for is None else said(each.approved_for, each.source) for each in (one, other)
        )
        kind = Kind.ADDED if one.approved_for is None else Kind.REMOVED if other.approved_for is None else Kind.CHANGED
        says = f"approved for: {one.approved_for or 'not stated'} → {other.approved_for or 'not stated'}"
        yield item(kind, Subject.CONDITION, f"{other.name}, approved for", says, before, after, rule=other.name)


def _period(period: EffectivePeriod | None) -> str:
    return "all" if period is None else days_words(period)
