"""The answer of one class of lines, as the columns that all of them share: decided once, by the single reading."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from medpol.decide.explain import Reasoned, reasoned
from medpol.decide.identity import canonical_json
from medpol.decide.literals import MET, NOT_MET, UNKNOWN
from medpol.decide.one import Desk, JudgedRule, PolicyAnswer
from medpol.model.case import Case
from medpol.model.contract import SourceKind
from medpol.model.determination import AUTHORIZES, Determination, JudgedCriterion, RuledSource
from medpol.model.positions import REASON_KINDS, Outcome
from medpol.model.truth import Truth

Bits = tuple[int, int]
"""T and U of the literals of a rule."""

_TRUTHS = {MET: "met", NOT_MET: "not_met", UNKNOWN: "unknown"}


class BitsDiffer(AssertionError):
    """SQL and the single reading judge a rule of one line differently: a fault of medpol, never of the data."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The rows of one class: first the line's own, then one for each source that names the code."""

    rows: tuple[dict[str, Any], ...]
    outcome: str


RuleKey = tuple[str, date, str]
"""A rule by policy, first day of its version, and name."""


def verdict(
    desk: Desk,
    case: Case,
    known_on: date,
    expected: Mapping[RuleKey, Bits],
    units: Mapping[RuleKey, int],
    detail: bool,
) -> Verdict:
    """Decide the case of a class.

    Args:
        desk: The plan, ready to answer.
        case: One line of the class, as a case.
        known_on: The second clock.
        expected: The bits that were found in bulk.
        units: The number of the unit of each rule.
        detail: Whether the columns of ``--detail full`` are filled, and the reason names the first sentence not met.

    Raises:
        BitsDiffer: The single reading finds other bits.
    """
    held = reasoned(desk, case, known_on, brief=not detail)
    determination = held.determination
    sources = canonical_json(sorted({each.content_hash or "" for each in determination.sources})).decode()
    # where a line, state or plan is supposed, the bits are those of the supposed one and not the case's
    is_supposed = bool(held.settled.alike) or held.settled.waiting_for is not None
    if not is_supposed:
        _check(determination.sources, expected)
    answers = {} if is_supposed else {answer.policy: answer for answer in held.settled.policies}
    named = {
        each.provision.source.id
        for each in held.settled.provisions
        if each.provision.row.code is not None or each.provision.row.group is not None
    }
    rows = [{"sources": sources, **_line_row(held, units, detail)}]
    rows += [
        {"sources": sources, **_source_row(desk, source, answers, named, units, determination, detail)}
        for source in determination.sources
    ]
    return Verdict(tuple(rows), determination.outcome.value)


def _check(sources: Iterable[RuledSource], expected: Mapping[RuleKey, Bits]) -> None:
    for source in sources:
        for each in source.rationale:
            bits = expected.get((each.policy, each.version, each.rule))
            if bits is not None and bits != (each.met_bits, each.unknown_bits):
                raise BitsDiffer(
                    f"{each.policy} {each.version} {each.rule}: in bulk {bits}, one by one "
                    f"{(each.met_bits, each.unknown_bits)}"
                )


def _line_row(held: Reasoned, units: Mapping[RuleKey, int], detail: bool) -> dict[str, Any]:
    answer = held.determination
    ruled = next((each for each in answer.sources if each.ruled), None)
    explaining = next(
        (each for each in held.settled.policies if each.version.row.content_hash == answer.content_hash), None
    )
    judged = _ruling(held.ruling)
    adjustment = answer.adjustment
    rarcs = () if adjustment is None else adjustment.rarc
    return {
        "source_kind": None if ruled is None else ruled.kind.value,
        "source_rank": None if ruled is None else ruled.rank,
        "publisher": None if explaining is None else explaining.version.row.publisher or None,
        "policy": answer.policy,
        "policy_effective": answer.version,
        "policy_published": None if explaining is None else explaining.version.row.published,
        "policy_hash": answer.content_hash,
        "payer_label": None if answer.position is None else answer.position.label,
        "coverage_position": None if answer.position is None else answer.position.canonical.value,
        "outcome": answer.outcome.value,
        "reason_kind": answer.reason_kind.value,
        "reason_key": answer.reason_key,
        "reason": answer.reason,
        "unconditional": held.is_fixed,
        **_rule_columns(judged, units),
        **(_detail(answer, None) if detail else {}),
        "authorization_required": answer.authorization.required,
        "needs_review": answer.outcome in (Outcome.NOT_COVERED, Outcome.REFER),
        "group_code": None if adjustment is None else adjustment.group,
        "carc": None if adjustment is None else adjustment.carc,
        "rarc_1": rarcs[0] if rarcs else None,
        "rarc_2": rarcs[1] if len(rarcs) > 1 else None,
    }


def _source_row(
    desk: Desk,
    source: RuledSource,
    answers: Mapping[str, PolicyAnswer],
    named: Collection[str],
    units: Mapping[RuleKey, int],
    line: Determination,
    detail: bool,
) -> dict[str, Any]:
    is_policy = source.kind is SourceKind.POLICY
    answer = answers.get(source.id) if is_policy else None
    judged = None if answer is None else _ruling((answer,))
    return {
        "names_code": is_policy or source.id in named,
        "source_kind": source.kind.value,
        "source_rank": source.rank,
        "publisher": desk.versions[source.id][0].row.publisher or None if is_policy else None,
        "policy": source.id,
        "policy_effective": source.version,
        "policy_published": source.published,
        "policy_hash": source.content_hash,
        "payer_label": None if source.position is None else source.position.label,
        "coverage_position": None if source.position is None else source.position.canonical.value,
        "outcome": source.outcome.value,
        "reason_kind": REASON_KINDS[source.reason_key].value,
        "reason_key": source.reason_key,
        "reason": None,
        "unconditional": None if judged is None else not judged[1].rule.row.literals,
        **_rule_columns(judged, units),
        **(_detail(line, source) if detail else {}),
        "needs_review": source.outcome in (Outcome.NOT_COVERED, Outcome.REFER),
    }


Ruling = tuple[PolicyAnswer, JudgedRule]


def _ruling(answers: Sequence[PolicyAnswer]) -> Ruling | None:
    """The rule that answered: the first that says what the policy says; one that waits, where the policy waits."""
    for answer in answers:
        speaking = [each for each in answer.speaking if not each.rule.only_authorizes and each.when != NOT_MET]
        settled = [each for each in speaking if each.when == MET and each.truth != UNKNOWN]
        said = frozenset().union(*(result.positions for result in answer.results))
        for each in settled:
            rule = each.rule.row
            position = rule.position if each.truth == MET or rule.otherwise is None else rule.otherwise
            if not said or position.canonical in said:
                return answer, each
        if speaking:
            waiting = [each for each in speaking if each not in settled]
            return answer, (waiting or speaking)[0]
    return None


def _rule_columns(ruling: Ruling | None, units: Mapping[RuleKey, int]) -> dict[str, Any]:
    if ruling is None:
        return {"criteria": None, "rule": None, "unit": None}
    answer, judged = ruling
    truth = judged.truth if judged.when == MET else UNKNOWN
    name = judged.rule.row.name
    return {
        "criteria": None if judged.rule.met_bit is None else _TRUTHS[truth],
        "rule": name,
        "unit": units.get((answer.policy, answer.version.first_day, name)),
    }


def _detail(answer: Determination, source: RuledSource | None) -> dict[str, Any]:
    """The columns of ``--detail full``; of one source, or of the line."""
    cited = answer.sentences if source is None else source.sentences
    files = None if source is None else {each.file for each in source.sentences}
    leaves = [
        leaf
        for tree in answer.criteria
        if tree.structure != AUTHORIZES and tree.applies
        for leaf in _leaves(tree)
        if files is None or leaf.file in files
    ]
    unknown = [leaf for leaf in leaves if leaf.truth is Truth.UNKNOWN]
    return {
        "criteria_not_met": [f"{leaf.file}:{leaf.line}" for leaf in leaves if leaf.truth is Truth.NOT_MET],
        "criteria_unknown": [f"{leaf.file}:{leaf.line}" for leaf in unknown],
        "cites": [f"{each.file}:{each.line}" for each in cited],
        "missing_facts": list(
            dict.fromkeys(fact.name for leaf in unknown for fact in leaf.facts if fact.value is None)
        ),
    }


def _leaves(node: JudgedCriterion) -> Iterable[JudgedCriterion]:
    if not node.parts:
        yield node
    for part in node.parts:
        yield from _leaves(part)
