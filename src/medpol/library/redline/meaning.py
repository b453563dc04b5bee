"""What the change between two versions means: every item, from the values of the two, in the order of its subject."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from medpol.library.redline.alike import Effort
from medpol.library.redline.between import Between
from medpol.library.redline.coding import of_codes, of_definitions
from medpol.library.redline.criteria import of_criteria, pair_rules
from medpol.library.redline.evidence import of_evidence, of_history
from medpol.library.redline.front import of_dates, of_identity, of_record, of_scope, of_standing
from medpol.library.redline.statements import RulePair, of_lone_rule, of_rule, of_same_positions, of_services
from medpol.library.redline.values import Item, Kind, Subject, by_subject, item
from medpol.model.policy import PolicyVersion


def compare_meaning(before: PolicyVersion, after: PolicyVersion, between: Between, effort: Effort) -> tuple[Item, ...]:
    """Every item of meaning; none at all where the two versions hold equal values."""
    pairs = pair_rules(before, after, effort)
    found = [
        *of_standing(before, after),
        *of_scope(before, after),
        *of_services(before, after, between),
        *_of_rules(before, after, pairs, effort),
        *of_codes(before, after, between),
        *of_definitions(before, after),
        *of_evidence(before, after),
        *of_identity(before, after),
    ]
    if any(each.changes_meaning for each in found):
        found += of_same_positions(pairs)
    return by_subject((*found, *of_dates(before, after), *of_history(before, after), *of_record(before, after)))


def _of_rules(before: PolicyVersion, after: PolicyVersion, pairs: Sequence[RulePair], effort: Effort) -> Iterator[Item]:
    """What changed rule by rule: what the rule says, then its criteria."""
    criteria: dict[int, list[Item]] = {}
    for at, each in of_criteria(pairs, effort):
        criteria.setdefault(at, []).append(each)
    for at, (one, other) in enumerate(pairs):
        if one is not None and other is not None:
            yield from of_rule(before, one, after, other)
        elif other is not None:
            yield from of_lone_rule(after, other, Kind.ADDED)
        elif one is not None:
            yield from of_lone_rule(before, one, Kind.REMOVED)
        yield from criteria.get(at, ())
    order = {id(rule): at for at, rule in enumerate(before.rules)}
    places = [order[id(one)] for one, other in pairs if one is not None and other is not None]
    if places != sorted(places):
        yield item(Kind.MOVED, Subject.ORDER, "rules", "the rules stand in another order")
