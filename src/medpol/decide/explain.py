"""An answer in words: the reason in a sentence, the tree of criteria judged, the sentences cited, from rows and bits alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property, lru_cache

from medpol.decide.identity import canonical_value, determination_id
from medpol.decide.items import asks_enrolment
from medpol.decide.literals import (
    MET,
    NOT_MET,
    UNKNOWN,
    Groups,
    Infinity,
    bit_truth,
    count_reader,
    last_day,
    record_is_complete,
    truth_of,
)
from medpol.decide.one import (
    Desk,
    JudgedRule,
    PolicyAnswer,
    ProvisionAnswer,
    Settled,
    acts_on,
    merge,
    provision_result,
    settle,
    shown_value,
    with_dimension,
)
from medpol.decide.rows import Literal, LiteralKind, Node, PlanVersion
from medpol.decide.smallest import missing_sets, would_change_sets
from medpol.decide.voices import Result, speaks_in
from medpol.library.settings import AdjustmentRow
from medpol.lifecycle import Status, standing
from medpol.model.case import Case, Known, known_of
from medpol.model.codes import shown
from medpol.model.contract import Effect, SourceKind
from medpol.model.determination import (
    AUTHORIZES,
    Adjustment,
    Asked,
    Authorization,
    Branch,
    CitedSentence,
    Determination,
    JudgedCriterion,
    Rationale,
    RuledSource,
    UsedFact,
    WouldChange,
)
from medpol.model.positions import REASON_KINDS, Outcome, Position
from medpol.model.quantities import shortest

_CAUSE = {key: at for at, key in enumerate(REASON_KINDS)}
_UNCONDITIONAL = "the position is unconditional"


def determine(
    desk: Desk, case: Case, known_on: date, *, smallest: bool = True, only_quick: bool = False
) -> Determination:
    """The determination for one case: a pure function of the plan, the case and the day it is known on.

    ``smallest=False`` leaves out what is missing and what would change the answer, which take a search.

    Raises:
        TakesLong: That search would take long, and ``only_quick`` says that nobody has the time.
    """
    settled, known, used_assumed = _with_and_without_assumed(desk, case, known_on)
    return _Writer(desk, case, known_on, settled, known, used_assumed, only_quick=only_quick).determination(smallest)


@dataclass(frozen=True, slots=True)
class Reasoned:
    """A determination with what it was written from, for those who render it otherwise."""

    determination: Determination
    settled: Settled
    is_fixed: bool
    ruling: tuple[PolicyAnswer, ...]


def reasoned(desk: Desk, case: Case, known_on: date, *, brief: bool = False) -> Reasoned:
    """The determination without its smallest sets, what was settled, and whether no fact could change the answer.

    ``brief``: the reason does not name the first sentence that is not met.
    """
    settled, known, used_assumed = _with_and_without_assumed(desk, case, known_on)
    writer = _Writer(desk, case, known_on, settled, known, used_assumed, brief)
    return Reasoned(
        writer.determination(False), settled, settled.waiting_for is None and writer.is_fixed(), writer.ruling_policies
    )


def _with_and_without_assumed(desk: Desk, case: Case, known_on: date) -> tuple[Settled, Known, bool]:
    """Assumed facts may carry a favourable answer only; any other is given as if they had not been named."""
    settled = settle(desk, case, known_on)
    if not case.assumed or settled.outcome is Outcome.COVERED:
        return settled, case.known, bool(case.assumed)
    known = known_of(case, with_assumed=False)
    return settle(desk, case, known_on, known), known, False


class _Writer:
    """Writes one determination; every part is read from what was settled, nothing is decided here."""

    def __init__(
        self,
        desk: Desk,
        case: Case,
        known_on: date,
        settled: Settled,
        known: Known,
        used_assumed: bool,
        brief: bool = False,
        only_quick: bool = False,
    ) -> None:
        self.desk, self.case, self.known_on, self.brief, self.only_quick = desk, case, known_on, brief, only_quick
        self.settled, self.known, self.used_assumed = settled, known, used_assumed
        self.outcome, self.key = settled.outcome, settled.reason_key
        self.ruling_provisions = self._ruling_provisions() if settled.provisions else ()
        self.ruling_policies = self._ruling_policies()
        self.explaining = self._explaining()
        self.position = self._position()
        self._cited_already: dict[tuple[int, str], tuple[CitedSentence, ...]] = {}

    def determination(self, smallest: bool) -> Determination:
        ruling = self.ruling_policies
        explaining = self.explaining
        version = None if explaining is None else explaining.version.row
        position = self.position
        return Determination(
            outcome=self.outcome,
            reason_kind=REASON_KINDS[self.key],
            reason_key=self.key,
            reason=self.reason(),
            determination_id=determination_id(
                (source.content_hash or "" for source in self.sources),
                self.case,
                self.known_on,
                self.desk.units,
            ),
            date_of_service=self.case.date_of_service,
            known_on=self.known_on,
            position=position,
            reading=tuple(
                dict.fromkeys(text for answer in ruling for text in (*_readings(answer), *_dating(answer.version.row)))
            ),
            policy=None if version is None else version.policy,
            version=None if version is None else version.first_day,
            content_hash=None if version is None else version.content_hash,
            sentences=self.sentences(),
            criteria=self.criteria(),
            missing=self.missing(smallest),
            would_change=self.would_change(smallest),
            branches=tuple(
                Branch(
                    self.settled.waiting_for or "",
                    shown_value(value),
                    each.outcome,
                    each.reason_key,
                    self._branch_position(value, each),
                )
                for value, each in self.settled.branches
            ),
            assumed=tuple(sorted(name for name, _ in self.case.assumed)) if self.used_assumed else (),
            sources=self.sources,
            authorization=self.authorization(),
            adjustment=self.adjustment(position),
            appeal=self.desk.plan.appeal if self.outcome in (Outcome.NOT_COVERED, Outcome.REFER) else None,
            contact=None if self.outcome is Outcome.COVERED else self.case.contact or self.desk.plan.contact,
        )

    # ------------------------------------------------------------------ who ruled

    def _ruling_provisions(self) -> tuple[ProvisionAnswer, ...]:
        """The provisions that carry the answer: of the strongest rank that speaks."""
        if self.settled.waiting_for is not None:
            return ()
        policies = self._merged_policies()
        acting = [
            each
            for each in self.settled.provisions
            if each.provision.row.effect in (Effect.COVERS, Effect.EXCLUDES)
            and (each.truth == MET or (each.truth == UNKNOWN and self.outcome is Outcome.INFORMATION_NEEDED))
            and any(acts_on(each, result) for result in policies)
        ]
        rank = min((each.provision.source.rank for each in acting), default=None)
        return tuple(each for each in acting if each.provision.source.rank == rank)

    def _merged_policies(self) -> tuple[Result, ...]:
        held: set[tuple[Result, ...]] = {()}
        for answer in self.settled.policies:
            held = {(*before, result) for before in held for result in answer.results}
        return tuple(merge(results) for results in held)

    def _ruling_policies(self) -> tuple[PolicyAnswer, ...]:
        """The policies whose answer is the answer, or that it waits for."""
        provisions = self.ruling_provisions
        if self.settled.waiting_for is not None or any(
            each.provision.row.position is None and each.provision.source.rank < 4 for each in provisions
        ):
            return ()
        if self.outcome is Outcome.NOT_ADDRESSED:
            return tuple(
                answer
                for answer in self.settled.policies
                if any(result.reason_key == self.key for result in answer.results)
            )[:1]
        return tuple(
            answer
            for answer in self.settled.policies
            if any(result.outcome is not Outcome.NOT_ADDRESSED for result in answer.results)
        )

    def _explaining(self) -> PolicyAnswer | None:
        """The policy whose version explains the answer."""
        if self.key in ("no-policy-names-code", "code-malformed", "no-service-code"):
            return None
        if self.settled.waiting_for is not None:
            return self.settled.policies[0] if self.settled.policies else None
        return self.ruling_policies[0] if self.ruling_policies else None

    def _position(self) -> Position | None:
        """The position where every statement that holds has one canonical; ``None`` by contract, and where they differ."""
        if self.outcome in (Outcome.NOT_ADDRESSED, Outcome.INFORMATION_NEEDED) or self.key in _NO_POSITION:
            return None
        positions = self.settled.positions
        if len(positions) != 1 or any(result.reason_key in _NO_POSITION for result in self.settled.results):
            return None
        canonical = next(iter(positions))
        return Position(
            canonical,
            next(
                (
                    position.label
                    for position, _, _ in self._said(self.ruling_policies)
                    if position.canonical is canonical
                ),
                canonical.value.replace("_", " "),
            ),
        )

    def _branch_position(self, value: str, settled: Settled) -> Position | None:
        case = with_dimension(self.case, self.settled.waiting_for or "", value)
        return _Writer(self.desk, case, self.known_on, settled, self.known, False).position

    def _said(self, answers: Iterable[PolicyAnswer]) -> Iterable[tuple[Position, CitedSentence, JudgedRule]]:
        """Every position that some rule states on some completion, with the sentence that states it."""
        for answer in answers:
            for judged in answer.speaking:
                if judged.rule.only_authorizes or judged.when == NOT_MET:
                    continue
                for truth in (MET, NOT_MET) if judged.truth == UNKNOWN else (judged.truth,):
                    found = speaks_in(judged.rule.row, truth)
                    if found is not None:
                        yield found[0], CitedSentence(answer.version.row.file, found[1], _plain(found[2])), judged

    # ------------------------------------------------------------------ sentences and sources

    def sentences(self) -> tuple[CitedSentence, ...]:
        cited = [_clause(each) for each in self.ruling_provisions]
        for answer in self.ruling_policies:
            cited += self._cited(answer, self.key)
        if self.settled.waiting_for is not None:
            key = {"line_of_business": "lines of business", "state": "states", "plan": "plans"}.get(
                self.settled.waiting_for, "states"
            )
            cited += [
                cite for answer in self.settled.policies if (cite := _head_line(answer.version.row, key)) is not None
            ]
        return tuple(dict.fromkeys(cited))

    def _cited(self, answer: PolicyAnswer, key: str) -> tuple[CitedSentence, ...]:
        """The sentences of a policy for a reason: the answer cites them, and so does its source."""
        held = self._cited_already.get((id(answer), key))
        if held is None:
            held = self._cited_already[id(answer), key] = tuple(self._citing(answer, key))
        return held

    def _citing(self, answer: PolicyAnswer, key: str) -> list[CitedSentence]:
        row = answer.version.row
        if key in ("code-not-yet-valid", "code-ended"):
            return [
                CitedSentence(
                    row.file,
                    code.line,
                    f"{shown(code.system, code.pattern.text)} from {code.period.start or 'no stated day'}",
                )
                for code in row.codes
                if code.pattern is not None
                and (code.system, code.pattern.text) == (self.case.code_system, self.case.code)
            ]
        head = {
            "archived": "archived",
            "in-notice": "effective",
            "no-version-yet": "effective",
            "line-of-business-out-of-scope": "lines of business",
            "state-out-of-scope": "states",
            "plan-out-of-scope": "plans",
        }.get(key)
        if head is not None:
            cite = _head_line(row, head)
            return [] if cite is None else [cite]
        if answer.outside == MET:
            return [
                CitedSentence(row.file, code.line, f"{code.group}: the policy does not speak there")
                for code in row.codes
                if code.role.value == "excludes"
            ]
        cited: list[CitedSentence] = []
        for judged in answer.speaking:
            if judged.rule.only_authorizes or judged.when == NOT_MET:
                continue
            rule = judged.rule.row
            found = None if judged.truth == UNKNOWN else speaks_in(rule, judged.truth)
            cited.append(CitedSentence(row.file, rule.line, _plain(rule.statement)))
            if judged.truth != MET:
                cited += [
                    CitedSentence(row.file, leaf.line, _plain(leaf.text)) for leaf in self._leaves(judged, judged.truth)
                ]
            if found is not None and found[1] != rule.line:
                cited.append(CitedSentence(row.file, found[1], _plain(found[2])))
        return cited

    def _leaves(self, judged: JudgedRule, truth: int) -> Iterable[Node]:
        """The sentences that are themselves not met, or unknown."""
        rule = judged.rule.row
        for node in (rule.criteria_node, rule.unless_node):
            if node is not None:
                yield from _leaves_of(node, truth, judged)

    @cached_property
    def sources(self) -> tuple[RuledSource, ...]:
        held: list[RuledSource] = []
        ruling = {id(each) for each in self.ruling_provisions}
        for source in self.settled.sources:
            mine = [each for each in self.settled.provisions if each.provision.source is source]
            deciding = [each for each in mine if each.provision.row.effect in (Effect.COVERS, Effect.EXCLUDES)]
            results = {provision_result(each).outcome for each in deciding if each.truth == MET}
            outcome = Outcome.NOT_ADDRESSED
            if results:
                outcome = results.pop() if len(results) == 1 else Outcome.REFER
            elif any(each.truth == UNKNOWN for each in deciding):
                outcome = Outcome.INFORMATION_NEEDED
            key = (
                provision_result(deciding[0]).reason_key
                if outcome in (Outcome.COVERED, Outcome.NOT_COVERED)
                else {Outcome.REFER: "sources-disagree", Outcome.INFORMATION_NEEDED: "facts-missing"}.get(
                    outcome, "no-rule-applies"
                )
            )
            held.append(
                RuledSource(
                    source.kind,
                    source.id,
                    source.rank,
                    outcome,
                    key,
                    content_hash=source.content_hash,
                    ruled=any(id(each) in ruling for each in mine),
                    sentences=tuple(_clause(each) for each in mine),
                )
            )
        ruling_policies = {id(answer) for answer in self.ruling_policies} if self.key not in _BY_OTHERS else set()
        for answer in self.settled.policies:
            row = answer.version.row
            outcomes = {result.outcome for result in answer.results}
            outcome = outcomes.pop() if len(outcomes) == 1 else Outcome.INFORMATION_NEEDED
            key = (
                "facts-missing"
                if outcome is Outcome.INFORMATION_NEEDED
                else min((result.reason_key for result in answer.results), key=_CAUSE.__getitem__)
            )
            positions = frozenset().union(*(result.positions for result in answer.results))
            position = None
            if len(positions) == 1 and outcome not in (Outcome.INFORMATION_NEEDED, Outcome.NOT_ADDRESSED):
                canonical = next(iter(positions))
                position = Position(
                    canonical,
                    next(
                        (each.label for each, _, _ in self._said((answer,)) if each.canonical is canonical),
                        canonical.value,
                    ),
                )
            held.append(
                RuledSource(
                    SourceKind.POLICY,
                    row.policy,
                    4,
                    outcome,
                    key,
                    position,
                    row.first_day,
                    row.published,
                    row.content_hash,
                    id(answer) in ruling_policies,
                    self._cited(answer, key),
                    tuple(
                        Rationale(row.policy, row.first_day, each.rule.row.name, *_literal_bits(each))
                        for each in answer.rules
                    ),
                )
            )
        return tuple(held)

    # ------------------------------------------------------------------ the tree

    def criteria(self) -> tuple[JudgedCriterion, ...]:
        """One node for each rule that was judged, with its When, criteria and unless below it."""
        trees = []
        for answer in self.settled.policies if self.settled.waiting_for is None else ():
            for judged in answer.speaking:
                rule = judged.rule.row
                nodes = [node for node in (rule.when_node, rule.criteria_node, rule.unless_node) if node is not None]
                file, groups = answer.version.row.file, answer.version.groups
                parts = tuple([self._node(node, judged, file, groups) for node in nodes])
                truth = (
                    NOT_MET
                    if judged.when == NOT_MET
                    else judged.truth
                    if judged.when == MET
                    else min(judged.truth, UNKNOWN)
                    if judged.truth == NOT_MET
                    else UNKNOWN
                )
                trees.append(
                    JudgedCriterion(
                        rule.name,
                        _plain(rule.statement),
                        truth_of(truth),
                        AUTHORIZES if judged.rule.only_authorizes else "rule",
                        (),
                        parts,
                        file,
                        rule.line,
                        judged.when != NOT_MET,
                    )
                )
        return tuple(trees)

    def _node(self, node: Node, judged: JudgedRule, file: str, groups: Groups) -> JudgedCriterion:
        literals = judged.rule.row.literals
        facts = tuple([self._used(literals[at], groups) for at in node.literals])
        if len(facts) > 1:
            facts = tuple(dict.fromkeys(facts))
        return JudgedCriterion(
            node.id,
            _plain(node.text),
            truth_of(_node_truth(node, judged)),
            node.structure,
            facts,
            tuple([self._node(part, judged, file, groups) for part in node.parts]) if node.parts else (),
            file,
            node.line,
            node.guard is None or bit_truth(node.guard, judged.met, judged.unknown) != MET,
        )

    def _used(self, literal: Literal, groups: Groups) -> UsedFact:
        value, source = self._of_fact(literal) if literal.fact else self._of_record(literal, groups)
        return UsedFact(literal.item, value, source, literal.question)

    def _of_fact(self, literal: Literal) -> tuple[str | None, str | None]:
        known = self.known
        value = known.facts.get(literal.fact)
        if value is not None:
            is_assumed = self.used_assumed and literal.fact in dict(self.case.assumed)
            return _shown(value), "assumed" if is_assumed else "case"
        if literal.kind is LiteralKind.HOLDS and record_is_complete(literal.fact, known.records):
            return "no", "plan record, complete"
        return None, None

    def _of_record(self, literal: Literal, groups: Groups) -> tuple[str | None, str | None]:
        """What the answers and the history say, where a literal reads them."""
        known = self.known
        match literal.kind:
            case LiteralKind.QUESTION:
                answer = known.answers.get(literal.item)
                return (None, None) if answer is None else ("yes" if answer else "no", "answer")
            case LiteralKind.COUNT:
                low, high = count_reader(literal, groups)(known)
                if high == low:
                    return _number(low), "history, complete"
                return (
                    f"at least {_number(low)}" if high == Infinity else f"{_number(low)} to {_number(high)}"
                ), "history, not complete"
            case _:
                day = last_day(literal, groups, known)
                return (None, None) if day is None else (f"last on {day}", "history")

    # ------------------------------------------------------------------ smallest sets

    def missing(self, smallest: bool) -> tuple[tuple[Asked, ...], ...]:
        if self.outcome is not Outcome.INFORMATION_NEEDED:
            return ()
        if self.settled.waiting_for is not None:
            name = self.settled.waiting_for
            words = {
                "line_of_business": "Which line of business is the member in?",
                "state": "In which state is the member covered?",
                "plan": "Which plan is the member in?",
                "funding": "Is the member's plan insured or self-funded (which plan is it)?",
            }[name]
            return ((Asked(words, fact=name),),)
        if not smallest:
            return ()
        return missing_sets(self.desk, self.case, self.known_on, self.known, self.settled, self.only_quick)

    def would_change(self, smallest: bool) -> WouldChange | None:
        if self.outcome is Outcome.INFORMATION_NEEDED or not smallest:
            return None
        why_not = self._why_fixed()
        if why_not is not None:
            return WouldChange(False, why_not, True)
        return would_change_sets(self.desk, self.case, self.known_on, self.known, self.settled, self.only_quick)

    def is_fixed(self) -> bool:
        """Whether no fact can change the answer; a contract may."""
        return self._why_fixed() is not None

    def _why_fixed(self) -> str | None:
        """Why no fact can change the answer, where no rule or provision that could change it reads one."""
        rules = [
            judged for answer in self.settled.policies for judged in answer.rules if not judged.rule.only_authorizes
        ]
        reads = any(judged.rule.row.literals for judged in rules) or any(
            each.provision.row.when is not None for each in self.settled.provisions
        )
        excludes = any(
            code.role.value == "excludes"
            for answer in self.settled.policies
            if answer.was_judged
            for code in answer.version.row.codes
        )
        study = any(asks_enrolment(judged) for judged in rules)
        if reads or study or excludes:
            return None
        if self.key in _BY_OTHERS:
            return "a contract or mandate decides it, whatever is documented"
        if self.outcome is Outcome.NOT_ADDRESSED:
            return "no fact about the patient brings a policy into force"
        return _UNCONDITIONAL

    # ------------------------------------------------------------------ beside the outcome

    def authorization(self) -> Authorization:
        """Whether authorisation is required, said apart from coverage; the strongest rank that speaks of it rules."""
        provisions = [
            each
            for each in self.settled.provisions
            if each.truth != NOT_MET
            and each.provision.row.effect in (Effect.NEEDS_AUTHORIZATION, Effect.NO_AUTHORIZATION)
        ]
        for rank in sorted({each.provision.source.rank for each in provisions}):
            held = [each for each in provisions if each.provision.source.rank == rank]
            effects = {each.provision.row.effect for each in held}
            is_sure = len(effects) == 1 and any(each.truth == MET for each in held)
            return Authorization(
                effects == {Effect.NEEDS_AUTHORIZATION} if is_sure else None, tuple(_clause(each) for each in held)
            )
        if self.settled.waiting_for is not None:
            return Authorization()
        rules = [
            (answer, judged)
            for answer in self.settled.policies
            for judged in answer.speaking
            if judged.rule.only_authorizes
        ]
        truths = [
            min(judged.when, judged.truth) if NOT_MET in (judged.when, judged.truth) else max(judged.when, judged.truth)
            for _, judged in rules
        ]
        sentences = tuple(
            CitedSentence(answer.version.row.file, judged.rule.row.line, _plain(judged.rule.row.statement))
            for answer, judged in rules
        )
        if not rules:
            return Authorization()
        return Authorization(True if MET in truths else None if UNKNOWN in truths else False, sentences)

    def adjustment(self, position: Position | None) -> Adjustment | None:
        """The codes a payer would put on the claim of an unfavourable answer, from configurable data."""
        if self.outcome is not Outcome.NOT_COVERED:
            return None
        row = next((row for row in self.desk.plan.adjustments if self._fits(row, position)), None)
        if row is None:
            return None
        return Adjustment(self._group_code() if row.group == "contract" else row.group, row.carc, row.rarc)

    def _fits(self, row: AdjustmentRow, position: Position | None) -> bool:
        return (
            (row.reason_key is None or row.reason_key == self.key)
            and (row.position is None or (position is not None and position.canonical is row.position))
            and (row.line_of_business is None or row.line_of_business == self.case.line_of_business)
            and (row.state is None or row.state == self.case.state)
            and (
                row.payer is None
                or (self.explaining is not None and row.payer == self.explaining.version.row.publisher)
            )
            and row.period.covers(self.case.date_of_service)
        )

    def _group_code(self) -> str | None:
        for each in self.settled.provisions:
            if each.provision.row.effect is Effect.GROUP_CODE and each.truth == MET:
                return (
                    each.provision.row.clause.split()[0]
                    if each.provision.row.clause
                    else each.provision.source.group_code
                )
        if self.case.contract is None or self.case.contract not in self.desk.contracts:
            return None
        return self.desk.contracts[self.case.contract][0].group_code

    # ------------------------------------------------------------------ the reason

    def reason(self) -> str:
        """One sentence for the reason key, with the days and names of this case."""
        row = None if self.explaining is None else self.explaining.version.row
        asked = self._asked()
        label = "" if self.position is None else self.position.label
        match self.key:
            case "code-malformed":
                return f"{self.case.code!r} has the shape of no code" + (
                    f" of {self.case.code_system}" if self.case.code_system else ""
                )
            case "no-service-code":
                return "the case names neither a code nor a service"
            case "code-not-yet-valid":
                return f"the code begins {self._code_day('start')}" + self._service_reason()
            case "code-ended":
                return f"the code ended before {self._code_day('end')}" + self._service_reason()
            case "no-policy-names-code":
                return f"no policy known then names {asked}; this is not a statement of coverage"
            case "line-of-business-out-of-scope":
                return f"this policy does not speak for {(self.case.line_of_business or '').replace('_', ' ')}"
            case "state-out-of-scope":
                return f"this policy does not speak for {self.case.state}"
            case "plan-out-of-scope":
                return f"this policy does not speak for the plan {self.case.plan}"
            case "archived":
                return f"archived {row.first_day if row else ''}: no policy in force"
            case "in-notice":
                return f"published {row.known_from if row else ''}, in force from {row.first_day if row else ''}: the notice is still running"
            case "no-version-yet":
                return f"the first version known is in force from {row.first_day if row else ''}"
            case "no-rule-applies":
                return (
                    f"no rule of the version of {row.first_day} speaks to this case"
                    if row
                    else "nothing speaks to this case"
                )
            case "position-unconditional":
                return f"the policy holds it {label or 'so'} " + self._for_whom()
            case "criteria-met":
                return (
                    f"the criteria are met: {label}"
                    if self.outcome is Outcome.COVERED
                    else f"the policy holds it {label or 'unfavourable'} in such a case"
                )
            case "criteria-not-met":
                failing = [
                    _plain(leaf.text)
                    for answer in self.ruling_policies
                    for judged in answer.speaking
                    if not judged.rule.only_authorizes and judged.when == MET and judged.truth == NOT_MET
                    for leaf in self._leaves(judged, NOT_MET)
                ]
                return (
                    "the criteria are not met"
                    + (f": {failing[0]}" if failing and not self.brief else "")
                    + (f"; otherwise {label}" if label else "")
                )
            case "facts-missing":
                return "it hangs on what nobody has documented"
            case "line-of-business-unknown":
                return "it depends on the line of business, which is not given"
            case "state-unknown":
                return "it depends on the state, which is not given"
            case "plan-unknown":
                return "it depends on the plan, which is not given"
            case "covered-by-contract" | "covered-by-mandate":
                return f"the {self.key.rsplit('-', 1)[1]} {self._ruling_id()} covers it"
            case "excluded-by-contract" | "excluded-by-mandate":
                return f"the {self.key.rsplit('-', 1)[1]} {self._ruling_id()} excludes it"
            case "medicare-source":
                return f"the Medicare source {self._ruling_id()} decides it"
            case "text-orders-review":
                return "the text orders that a medical director decides"
            case "text-ambiguous":
                return self._ambiguous()
            case "sources-disagree":
                return "sources of one rank disagree: " + "; ".join(
                    f"{source.id} ({source.outcome.value.replace('_', ' ')})" for source in self.sources if source.ruled
                )
            case "diagnosis-outside":
                return "every diagnosis is in a group where the policy does not speak"
            case "delegated":
                return f"the policy leaves it to others: {label or 'delegated'}"
            case "evidence-development":
                return "covered only in the study that the policy names, and no enrolment is stated"
        raise AssertionError(self.key)

    def _for_whom(self) -> str:
        """Whom a statement without criteria speaks of: everybody, or those that its When names."""
        whens = [
            judged.rule.row.when_node.text
            for answer in self.ruling_policies
            for judged in answer.speaking
            if not judged.rule.only_authorizes and judged.when != NOT_MET and judged.rule.row.when_node is not None
        ]
        return f"for every case of this kind: {whens[0]}" if whens else "for every patient"

    def _asked(self) -> str:
        if self.case.code is None:
            return f"the service {self.case.service!r}"
        return shown(self.case.code_system or "", self.case.code)

    def _code_day(self, end: str) -> str:
        days = [
            getattr(each, end)
            for each in self.desk.days[self.case.code_system or "", self.case.code or ""]
            if each.known_from <= self.known_on and getattr(each, end) is not None
        ]
        return str(min(days) if end == "start" else max(days))

    def _service_reason(self) -> str:
        """What the service itself got that day, where a version in force then ruled on it under its own name."""
        key = (self.case.code_system or "", self.case.code or "")
        for policy in self.desk.by_code.get(key, ()):
            groups = {
                group
                for version in self.desk.versions[policy]
                if version.known_from <= self.known_on
                for group in version.groups_by_code.get(key, ())
            }
            status, version = standing(self.desk.versions[policy], self.case.date_of_service, self.known_on)
            for group in sorted(groups):
                if status is Status.IN_FORCE and version is not None and group in version.governed:
                    asked = replace(self.case, code=None, code_system=None, service=group)
                    settled = settle(self.desk, asked, self.known_on)
                    position = _Writer(self.desk, asked, self.known_on, settled, asked.known, False).position
                    if position is not None:
                        return f"; the service itself, {group.replace('-', ' ')}, was {position.label} that day"
        return ""

    def _ruling_id(self) -> str:
        return ", ".join(dict.fromkeys(each.provision.source.id for each in self.ruling_provisions))

    def _ambiguous(self) -> str:
        said = list(self._said(self.ruling_policies))
        if not said:
            return "the text leaves this day in no rule"
        return "rules of the text disagree: " + "; ".join(
            f"{cite.file}:{cite.line} ({position.label})" for position, cite, _ in said
        )


_NO_POSITION = frozenset(
    {"covered-by-contract", "excluded-by-contract", "covered-by-mandate", "excluded-by-mandate", "medicare-source"}
)
_BY_OTHERS = _NO_POSITION


@lru_cache(maxsize=65_536)
def _plain(text: str) -> str:
    return text.replace("**", "").strip()


def _readings(answer: PolicyAnswer) -> Iterable[str]:
    for judged in answer.speaking:
        if judged.rule.row.qualifier and judged.when != NOT_MET and not judged.rule.only_authorizes:
            yield f'"{judged.rule.row.qualifier}" is read by no expression: answered for the whole code'


def _dating(row: PlanVersion) -> Iterable[str]:
    """What the answer owes to days that the document does not state, or states in an unusual order."""
    if row.published is None:
        yield f"no published day is stated: known from {row.known_from} is inferred from the row date"
    if row.first_day < row.known_from:
        yield f"in force from {row.first_day}, but known only from {row.known_from}: retroactive"


def _clause(each: ProvisionAnswer) -> CitedSentence:
    row = each.provision.row
    target = row.code or row.group or (row.position.value.replace("_", " ") if row.position else "")
    return CitedSentence(
        each.provision.source.file, row.line, f"{row.effect.value} {target}" + (f": {row.clause}" if row.clause else "")
    )


def _head_line(row: PlanVersion, key: str) -> CitedSentence | None:
    line = dict(row.places).get(key)
    if line is None:
        return None
    match key:
        case "archived" | "effective":
            text = f"{key}: {row.first_day}"
        case _:
            scope = {"lines of business": row.lines_of_business, "states": row.states, "plans": row.plans}[key]
            parts = [] if scope.inside is None else ["in " + ", ".join(scope.inside)]
            parts += ["out " + ", ".join(scope.outside)] if scope.outside else []
            text = f"{key}: {'; '.join(parts)}".replace("_", " ")
    return CitedSentence(row.file, line, text)


def _node_truth(node: Node, judged: JudgedRule) -> int:
    truth = bit_truth(node.bit, judged.met, judged.unknown)
    return (MET, NOT_MET, UNKNOWN)[truth] if node.inverted else truth


def _leaves_of(node: Node, truth: int, judged: JudgedRule) -> Iterable[Node]:
    """The leaves that keep a rule from being met: those not met (or, under none-of, met), or those unknown."""
    held = bit_truth(node.bit, judged.met, judged.unknown)
    if held == MET:
        return
    if not node.parts:
        if held == truth or (truth == NOT_MET and held == NOT_MET):
            yield node
        return
    for part in node.parts:
        yield from _leaves_of(part, truth, judged)


def _literal_bits(judged: JudgedRule) -> tuple[int, int]:
    inside = (1 << len(judged.rule.judges)) - 1
    return judged.met & inside, judged.unknown & inside


def _number(value: float | Decimal) -> str:
    return shortest(value) if isinstance(value, Decimal) else str(value)


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    found = canonical_value(value, None)
    if isinstance(found, Sequence) and not isinstance(found, str):
        return ", ".join(each if isinstance(each, str) else f"{each['value']} on {each['date']}" for each in found)
    return str(found)
