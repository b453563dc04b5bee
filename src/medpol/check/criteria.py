"""Rules about the criteria: words no expression reads, criteria that leave a case without a position or never hold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import combinations

from medpol.check.feasible import bits_of, is_met, joint_cells, speaks
from medpol.check.findings import Finding, Subject, rule
from medpol.check.holdings import Holdings
from medpol.decide.cells import when_patterns
from medpol.decide.rows import Node, PlanRule
from medpol.model.criteria import Criterion, Group, RuleCriteria, StatementKind, leaves
from medpol.model.criteria import Rule as CoverageRule
from medpol.model.dates import EffectivePeriod
from medpol.model.diagnostic import Severity, Source
from medpol.model.policy import PolicyVersion
from medpol.model.positions import CoveragePosition, Outcome
from medpol.text.uses import expressions_of, parts_of

# ---------------------------------------------------------------------------- words that narrow a statement

_PEOPLE = r"(?:patients?|people|persons?|individuals?|members?|adults?|children|adolescents|women|men|infants)"
_NARROWED = re.compile(
    r"\b(?:while|assuming|in case|in the absence of|other than|excluding|apart from|prior to|depending on|except"
    rf"|used (?:on|as|by)|(?<!known )(?<!such )as (?:an?|part of)(?= \w)|(?:by|of|on|from|among) {_PEOPLE} (?:with|who|younger|older|under|over))\b"
    r".*?(?=\s{1,4}(?:is|are|may be|was|were|remains?)\b[^*]{0,200}\*\*|\s{0,4}\*\*|[.:;]|$)",
    re.IGNORECASE,
)
_CONDITION = re.compile(
    r"\b(?:for (?:the )?(?:treatment|management|prevention|diagnosis|relief) of|to treat"
    rf"|(?:for|in|of) {_PEOPLE} (?:with|who have|who has|suffering from))\s.*?"
    r"(?=\s{1,4}(?:is|are|may be|was|were|remains?)\b[^*]{0,200}\*\*|\s{0,4}\*\*|\s{1,4}when\b|[.:;]|$)",
    re.IGNORECASE,
)
_CONDITION_HEAD = re.compile(
    rf"\b(?:for|the|treatment|management|prevention|diagnosis|relief|of|to|treat|in|{_PEOPLE}|with|who|have|has"
    r"|suffering|from|a|an|and|or|their|chronic|acute|severe|moderate|mild|any|all|other|associated|due)\b",
    re.IGNORECASE,
)


@rule(Subject.CRITERIA, Severity.WARNING)
def qualifier_not_read(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """A statement is narrowed by words that no expression reads.

    "... for the treatment of myofascial pain is **investigational**" names patients, and nothing tests who they are: it
    is answered for the whole code, and the answer says so under *reading*. So with *until*, *where*, *as long as* and
    the like. Words that are part of the label of the service narrow nothing. A statement with criteria is found only where it names a condition that none of its sentences mentions
    and no expression asks for a diagnosis. Leave it where the code is used for nothing else. Otherwise make the words a
    criterion, or list in the Coding table the diagnoses where the policy does not speak (role ``excludes``).
    """
    for version in holdings.versions:
        if not version.rules:
            continue
        for each, row in zip(version.rules, holdings.compiled(version).rules, strict=True):
            plain = each.statement.kind is StatementKind.PLAIN
            words = (row.qualifier or _narrowing(each)) if plain else _untested_condition(each)
            if words and not _names_service(words, row.services, version):
                yield Finding(
                    holdings.words_place(each.statement.source, words),
                    f'"{words}" is read by no expression: answered for the whole code',
                    "a criterion that tests it, or a statement that means every patient",
                    "leave it where the code is used for nothing else, or write `... when all of these are met:` and a list"
                    if plain
                    else "leave it where the code is used for nothing else, or add an item that tests it",
                )


def _names_service(words: str, services: Iterable[str], version: PolicyVersion) -> bool:
    """Whether words are part of the name of a service, as its label has it: "a balloon in the stomach"."""
    asked = set(services)
    labels = " ".join(f"{each.group} {each.label}" for each in version.code_rows if each.group in asked)
    own, named = _condition_words(words), _condition_words(labels)
    return bool(own) and own <= named


def _condition_words(text: str) -> frozenset[str]:
    """The words of a text that name something, by their beginnings."""
    return frozenset(word[:5] for word in re.findall(r"\w{3,}", _CONDITION_HEAD.sub(" ", text).casefold()))


def _narrowing(each: CoverageRule) -> str:
    match = _NARROWED.search(each.statement.sentence)
    return "" if match is None else match[0].strip()


def _untested_condition(each: CoverageRule) -> str:
    """The condition that a statement with criteria names, where nothing in its rule takes it up."""
    match = _CONDITION.search(each.statement.sentence)
    if match is None or each.when is not None or _asks_diagnosis(each):
        return ""
    names = _condition_words(match[0])
    held = (*leaves(each.criteria), *leaves(each.unless))
    # the statement of a rule with one expression is itself the leaf
    words = [leaf.code or "" for leaf in held]
    words += [leaf.sentence for leaf in held if leaf.sentence != each.statement.sentence]
    words += [group.sentence for group in _groups(each.criteria) if group.sentence != each.statement.sentence]
    mentioned = " ".join(words).casefold()
    # "the condition is proven" takes up what the statement names, whatever its name
    if not names or any(name in mentioned for name in names) or re.search(r"diagnos|condition|disease", mentioned):
        return ""
    return match[0].strip()


def _asks_diagnosis(each: CoverageRule) -> bool:
    for whole in (*expressions_of(each.criteria), *expressions_of(each.unless)):
        for part in parts_of(whole):
            if isinstance(part, RuleCriteria) or "diagnosis" in str(part):
                return True
    return False


def _groups(part: Criterion | None) -> Iterator[Group]:
    if isinstance(part, Group):
        yield part
        for each in part.parts:
            yield from _groups(each)


# ---------------------------------------------------------------------------- cases left without a position


@rule(Subject.CRITERIA, Severity.WARNING)
def unless_under_unfavourable(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """An exception stands under an unfavourable position, and where it holds the answer is unfavourable.

    ``Unless`` is a second way for its rule to be met: "**Investigational** when ... Unless a director allows it." comes
    out *investigational* where the director allows it. Where the exception is meant to help the patient, give it a rule
    of its own with a favourable position, or write the rule the other way round with ``Otherwise``.
    """
    for version in holdings.versions:
        for each in version.rules:
            if each.unless is None or each.statement.position.canonical.outcome is not Outcome.NOT_COVERED:
                continue
            yield Finding(
                each.unless.source,
                f"where this exception holds, the answer is {each.statement.position.label}, as in the rule above it",
                "an exception under a favourable position",
                "give the exception a rule of its own with the position it leads to, or turn the rule round with "
                f"`Otherwise **{each.statement.position.label}**.`",
            )


@rule(Subject.CRITERIA, Severity.WARNING)
def otherwise_missing(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """A favourable rule has criteria, and nothing says what holds where they are not met.

    Such a case is answered *not covered, criteria not met* with no position: nobody can tell whether the publisher calls
    it investigational or not medically necessary, and the two have different appeals and different claim codes. It is
    no finding where another rule of the version speaks for the same services whenever these criteria fail: one
    without criteria, one with ``Otherwise``, or one whose criteria hold in every case in which these do not. A rule on
    prior authorization alone takes no position, so it needs none.
    """
    for version in holdings.versions:
        wanting = [
            at
            for at, each in enumerate(version.rules)
            if each.criteria is not None
            and each.otherwise is None
            and each.statement.position.canonical.outcome is Outcome.COVERED
        ]
        if not wanting:
            continue
        rows = holdings.compiled(version).rules
        for at in wanting:
            if not _has_position_when_unmet(rows, at):
                statement = version.rules[at].statement
                yield Finding(
                    holdings.words_place(statement.source, f"**{statement.position.label}**"),
                    f"nothing says what holds where the criteria of this {statement.position.label} rule are not met",
                    "`Otherwise **position**.` below them",
                    "add a line such as `Otherwise **not medically necessary**.`, with the position that is meant",
                )


def _has_position_when_unmet(rows: Sequence[PlanRule], at: int) -> bool:
    """Whether for each service of a rule something takes a position where its criteria fail; true where nobody can tell."""
    row = rows[at]
    return all(_position_for(rows, row, service) for service in row.services)


def _position_for(rows: Sequence[PlanRule], row: PlanRule, service: str) -> bool:
    others = [
        each
        for each in rows
        if each is not row
        and service in each.services
        and each.position.canonical is not CoveragePosition.AUTHORIZATION_ONLY
        and _covers(each.dates, row.dates)
    ]
    if any(_always_takes_one(each) and each.when is None for each in others):
        return True
    if not any(_always_takes_one(each) or each.position.canonical.outcome is not Outcome.COVERED for each in others):
        return False
    cells = joint_cells([row, *others])
    if cells is None:
        return True
    for own, *rest in cells:
        bits = bits_of(row, own)
        if speaks(row, bits) and not is_met(row, bits):
            held = ((each, bits_of(each, met)) for each, met in zip(others, rest, strict=True))
            if not any(speaks(each, met) and (_always_takes_one(each) or is_met(each, met)) for each, met in held):
                return False
    return True


def _always_takes_one(each: PlanRule) -> bool:
    """Whether the rule takes a position whenever it speaks."""
    return each.met is None or each.otherwise is not None


def _covers(outer: EffectivePeriod | None, inner: EffectivePeriod | None) -> bool:
    if outer is None:
        return True
    starts = outer.start is None or (inner is not None and inner.start is not None and outer.start <= inner.start)
    ends = outer.end is None or (inner is not None and inner.end is not None and inner.end <= outer.end)
    return starts and ends


@rule(Subject.CRITERIA, Severity.WARNING)
def criteria_never_met(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """The criteria of a rule contradict each other, so that nobody can meet them.

    "younger than 18" beside "at least 65" under *all of these*; a ``When`` that the criteria exclude. Every value of
    every fact the rule reads is tried, cut at its thresholds; a rule that reads too much for that is left alone. Correct
    the threshold that is wrong, or say *any of these*.
    """
    for version in holdings.versions:
        if not any(each.criteria is not None or each.when is not None for each in version.rules):
            continue
        for each, row in zip(version.rules, holdings.compiled(version).rules, strict=True):
            if _may_contradict(row) and not _can_be_met(row):
                one, other = _contradicting(row)
                where = "this can never hold" if other is not None else "these criteria can never hold together"
                where = where if one is None else f"this and line {one.line} can never hold together"
                yield Finding(
                    each.statement.source if other is None else _place(each, other.line),
                    f"{where}: nobody meets the rule",
                    "criteria that somebody can meet",
                    "correct the one that is wrong, or say `any of these` above them",
                )


_MOST_LITERALS = 256


def _may_contradict(row: PlanRule) -> bool:
    """Whether two literals read one fact, or one is never met by itself; most rules are done with here."""
    if len(row.literals) > _MOST_LITERALS:
        return False
    terms = when_patterns(row.literals)
    return terms is not None and any(term.mask.bit_count() > 1 or term.mask not in term.patterns for term in terms)


def _can_be_met(row: PlanRule) -> bool:
    cells = joint_cells([row])
    if cells is None:
        return True
    held = (bits_of(row, met) for (met,) in cells)
    return any(speaks(row, bits) and is_met(row, bits) for bits in held)


def _contradicting(row: PlanRule) -> tuple[Node | None, Node | None]:
    """The first two parts of a rule that never hold together: its When and the items of its own list.

    One part alone where it contradicts itself; neither where the fault is not between two.
    """
    top = row.criteria_node
    if top is None or row.unless_node is not None:
        return None, row.when_node
    parts = top.parts if top.structure == "all of" else (top,)
    parts = parts if row.when_node is None else (row.when_node, *parts)
    cells = _cells(row)
    held = [frozenset(cell for cell, bits in enumerate(cells) if _node_met(part, bits)) for part in parts]
    for part, where in zip(parts, held, strict=True):
        if not where:
            return None, part
    for (one, first), (other, second) in combinations(zip(parts, held, strict=True), 2):
        if not first & second:
            return one, other
    return None, None


def _cells(row: PlanRule) -> tuple[int, ...]:
    cells = joint_cells([row])
    return () if cells is None else tuple(bits_of(row, met) for (met,) in cells)


def _node_met(node: Node, bits: int) -> bool:
    return bool(bits >> node.bit & 1) is not node.inverted


def _place(each: CoverageRule, line: int) -> Source:
    """Where the sentence of a line stands."""
    if each.when is not None and each.when.source.line == line:
        return each.when.source
    held: tuple[Criterion, ...] = (*_groups(each.criteria), *leaves(each.criteria), *leaves(each.unless))
    for part in held:
        if part.source.line == line:
            return part.source
    return each.statement.source


RULES = (
    qualifier_not_read,
    otherwise_missing,
    criteria_never_met,
    unless_under_unfavourable,
)
