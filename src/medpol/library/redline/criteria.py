"""What changed in the criteria: sentences that came, went or moved, thresholds from one value to another, structures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from medpol.library.redline.alike import Effort, Pairing
from medpol.library.redline.expressions import compared, differences
from medpol.library.redline.statements import RulePair
from medpol.library.redline.values import Item, Kind, Said, Subject, item, said
from medpol.model.criteria import Criterion, Expression, Group, Leaf, Rule, Structure, leaves, sentence_key
from medpol.model.policy import PolicyVersion

# ---------------------------------------------------------------------------- rules that belong together


def pair_rules(before: PolicyVersion, after: PolicyVersion, effort: Effort) -> tuple[RulePair, ...]:
    """The rules of both, in the order of the second: by name, by what they say, by services, and the one that is left."""
    pairing = Pairing(before.rules, after.rules)
    pairing.by(lambda rule: rule.name)
    pairing.by(lambda rule: (sentence_key(rule.statement.sentence), rule.services))
    pairing.by_likeness(_rule_text, effort)
    pairing.by(lambda rule: rule.services or None)
    if len(pairing.left) == len(pairing.right) == 1:
        pairing.take([(min(pairing.left), min(pairing.right))])
    of_after = {j: before.rules[i] for i, j in pairing.pairs}
    joined = [(of_after.get(j), rule) for j, rule in enumerate(after.rules)]
    return (*joined, *((rule, None) for rule in pairing.left.values()))


def _rule_text(rule: Rule) -> str:
    parts = [rule.heading or "", rule.statement.sentence]
    parts += [leaf.sentence for part in (rule.criteria, rule.unless) for leaf in leaves(part)]
    return " ".join(parts)


# ---------------------------------------------------------------------------- sentences that belong together


@dataclass(slots=True)
class _Node:
    """One sentence where it stands: ``pair`` numbers its rule, the same for a rule and its match."""

    part: Criterion
    pair: int
    place: str
    rule: Rule
    parent: int | None
    at: int
    children: list[int] = field(default_factory=list)

    @property
    def key(self) -> str:
        """The id without the rule's name, so that a renamed rule keeps its sentences."""
        return self.part.id.rsplit("/", 1)[1]

    @property
    def expression(self) -> Expression | None:
        return self.part.expression if isinstance(self.part, Leaf) else self.part.guard

    @property
    def text(self) -> str:
        return self.part.sentence if self.part.code is None else f"{self.part.sentence} `{self.part.code}`"

    @property
    def said(self) -> tuple[Said, ...]:
        return said(self.text, self.part.source)


_Nodes = list[_Node]


def of_criteria(pairs: Sequence[RulePair], effort: Effort) -> Iterator[tuple[int, Item]]:
    """Every change of a sentence with the number of its pair of rules, in the order of the second version."""
    one = _nodes([(at, each[0]) for at, each in enumerate(pairs)])
    other = _nodes([(at, each[1]) for at, each in enumerate(pairs)])
    of_before = _pair_nodes(one, other, effort)
    of_after = {j: i for i, j in of_before.items()}
    for at, node in enumerate(other):
        if at not in of_after:
            if not _is_statement(node):
                yield node.pair, _lone(node, other, Kind.ADDED)
        else:
            before = one[of_after[at]]
            yield from ((node.pair, each) for each in _of_pair(before, node))
            if _has_moved(before, node, of_before):
                yield node.pair, _moved(before, one, node, other)
            elif (order := _order(before, node, of_before, other)) is not None:
                yield node.pair, order
    for at, node in enumerate(one):
        if at not in of_before and not _is_statement(node):
            yield node.pair, _lone(node, one, Kind.REMOVED)


def _is_own_statement(node: _Node) -> bool:
    """Whether its sentence is that of the rule's statement, of which another item speaks."""
    return node.parent is None and node.place == "criteria"


def _is_statement(node: _Node) -> bool:
    """Whether it is the list right under a statement, which comes and goes with the rule or the statement's kind."""
    return _is_own_statement(node) and isinstance(node.part, Group)


def _nodes(rules: Iterable[tuple[int, Rule | None]]) -> _Nodes:
    """Every sentence of some rules in document order."""
    found: _Nodes = []

    def walk(part: Criterion, pair: int, place: str, rule: Rule, parent: int | None) -> None:
        at = len(found)
        found.append(_Node(part, pair, place, rule, parent, at))
        if parent is not None:
            found[parent].children.append(at)
        if isinstance(part, Group):
            for each in part.parts:
                walk(each, pair, place, rule, at)

    for pair, rule in rules:
        if rule is None:
            continue
        for place, part in (("criteria", rule.criteria), ("unless", rule.unless)):
            if part is not None:
                walk(part, pair, place, rule, None)
    return found


def _pair_nodes(one: _Nodes, other: _Nodes, effort: Effort) -> dict[int, int]:
    """Sentences that are one: by id and expression, by id, by expression, by likeness, by what they compare; in their rule first."""
    pairing = Pairing(one, other)

    def by(key: Callable[[_Node], Hashable | None]) -> None:
        pairing.by(lambda node: key(node) if isinstance(node.part, Leaf) else None)

    def by_likeness(kind: type[Criterion]) -> None:
        pairing.by_likeness(
            lambda node: node.text, effort, lambda node: node.pair if isinstance(node.part, kind) else None
        )

    by(lambda node: (node.pair, node.place, node.key, str(node.expression)))
    by(lambda node: (node.pair, node.key))
    by(lambda node: node.expression and (node.pair, str(node.expression)))
    by_likeness(Leaf)
    # in other words throughout, the same fact or count compared the same way: a threshold that moved
    by(lambda node: node.expression and (node.pair, node.place, compared(node.expression)))
    by(lambda node: node.expression and (node.pair, compared(node.expression)))
    by(lambda node: node.key)
    by(lambda node: node.expression and (str(node.expression), sentence_key(node.part.sentence)))
    # now the lists: at the root of one rule, by id, by the sentences below them, by the words above them
    pairing.by(lambda node: (node.pair, node.place) if node.parent is None and isinstance(node.part, Group) else None)
    pairing.by(lambda node: (node.pair, node.key) if isinstance(node.part, Group) else None)
    pairing.take(_by_parts(one, other, pairing.pairs))
    by_likeness(Group)
    return dict(pairing.pairs)


def _by_parts(one: _Nodes, other: _Nodes, pairs: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Lists by how many of their sentences are one, the most first."""
    shared: Counter[tuple[int, int]] = Counter()
    for i, j in pairs:
        above, beside = one[i].parent, other[j].parent
        if above is not None and beside is not None:
            shared[above, beside] += 1
    return sorted(shared, key=lambda pair: (-shared[pair], abs(pair[0] - pair[1]), min(pair), max(pair)))


# ---------------------------------------------------------------------------- what changed in one


def _of_pair(one: _Node, other: _Node) -> Iterator[Item]:
    if isinstance(one.part, Leaf) and isinstance(other.part, Leaf):
        yield from _of_leaf(one, one.part, other, other.part)
    elif isinstance(one.part, Group) and isinstance(other.part, Group):
        yield from _of_group(one, one.part, other, other.part)


def _about(kind: Kind, subject: Subject, one: _Node, other: _Node, says: str) -> Item:
    return item(kind, subject, other.part.id, says, one.said, other.said, rule=other.rule.name)


def _of_leaf(one: _Node, held: Leaf, other: _Node, later: Leaf) -> Iterator[Item]:
    is_same_sentence = sentence_key(held.sentence) == sentence_key(later.sentence)
    if held.expression is None and later.expression is None:
        if not is_same_sentence:
            yield _about(Kind.CHANGED, Subject.CRITERION, one, other, "the question reads otherwise")
    elif held.expression is None or later.expression is None:
        says = (
            f"a question became a condition: {later.expression}"
            if later.expression is not None
            else f"a condition became a question: it was {held.expression}"
        )
        yield _about(Kind.CHANGED, Subject.CRITERION, one, other, says)
    elif held.expression != later.expression:
        for each in differences(held.expression, later.expression):
            yield _about(Kind.CHANGED, Subject.CRITERION, one, other, each.says)
    elif not is_same_sentence and not _is_own_statement(one):
        yield _about(Kind.REWORDED, Subject.CRITERION, one, other, "reworded; the expression is the same")


def _of_group(one: _Node, held: Group, other: _Node, later: Group) -> Iterator[Item]:
    before, after = _structure(held), _structure(later)
    if before != after:
        yield _about(Kind.CHANGED, Subject.STRUCTURE, one, other, f"{before} → {after}")
    if held.guard is None and later.guard is not None:
        yield _about(Kind.ADDED, Subject.CONDITION, one, other, f"the list applies only if {later.guard}")
    elif held.guard is not None and later.guard is None:
        yield _about(
            Kind.REMOVED, Subject.CONDITION, one, other, f"the list always applies; it did only if {held.guard}"
        )
    elif held.guard is not None and later.guard is not None:
        for each in differences(held.guard, later.guard):
            yield _about(Kind.CHANGED, Subject.CONDITION, one, other, f"if the list applies: {each.says}")
    if not _is_statement(one) and before == after and sentence_key(held.sentence) != sentence_key(later.sentence):
        yield _about(Kind.REWORDED, Subject.STRUCTURE, one, other, "reworded; the structure is the same")


def _structure(group: Group) -> str:
    if group.structure is Structure.AT_LEAST:
        return f"at least {group.needed} of {len(group.parts)}"
    return f"{group.structure.value} these"


def _lone(node: _Node, nodes: _Nodes, kind: Kind) -> Item:
    """A sentence or a list that one version alone has."""
    part = node.part
    is_added = kind is Kind.ADDED
    verb = "added" if is_added else "removed"
    where = "as an exception (unless)" if node.place == "unless" else ""
    if isinstance(part, Group):
        says = f"a list {verb}: {_structure(part)}, {len(part.parts)} in it"
    else:
        what = "criterion" if part.expression is not None else "question"
        says = f"{what} {verb}: {part.sentence}".rstrip(" .;")
    where = where or _under(node, nodes)
    return item(
        kind,
        Subject.STRUCTURE if isinstance(part, Group) else Subject.CRITERION,
        part.id,
        f"{says} ({where})" if where else says,
        () if is_added else node.said,
        node.said if is_added else (),
        rule=node.rule.name,
    )


def _under(node: _Node, nodes: _Nodes) -> str:
    if node.parent is None:
        return ""
    above = nodes[node.parent]
    return (
        f"one of {len(above.children)} under “{above.part.sentence.rstrip(':. ')}”" if above.parent is not None else ""
    )


# ---------------------------------------------------------------------------- place


def _has_moved(one: _Node, other: _Node, of_before: Mapping[int, int]) -> bool:
    if one.pair != other.pair or one.place != other.place:
        return True
    if one.parent is None or other.parent is None:
        return one.parent is not other.parent
    return of_before.get(one.parent) != other.parent


def _moved(one: _Node, ones: _Nodes, other: _Node, others: _Nodes) -> Item:
    says = f"moved from {_place(one, ones)} to {_place(other, others)}"
    return _about(Kind.MOVED, Subject.CRITERION, one, other, says)


def _place(node: _Node, nodes: _Nodes) -> str:
    where = "" if node.place == "criteria" else "the exception (unless) of "
    name = f"{where}“{node.rule.heading}”" if node.rule.heading else f"{where}the rule"
    if node.parent is None:
        return name
    above = nodes[node.parent].part
    return f"{name}, under “{above.sentence.rstrip(':. ')}”"


def _order(one: _Node, other: _Node, of_before: Mapping[int, int], others: _Nodes) -> Item | None:
    """That the sentences of a list that stayed in it stand in another order."""
    stayed = [j for i in one.children if (j := of_before.get(i)) is not None and others[j].parent == other.at]
    if stayed == sorted(stayed):
        return None
    return _about(Kind.MOVED, Subject.ORDER, one, other, "the sentences of the list stand in another order")
