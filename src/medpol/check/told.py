"""The rule that holds prose against recorded results: no difference where an interval leaves it out, a benefit where it does not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date

from medpol.check.clinical_words import is_reported
from medpol.check.findings import Finding, Subject, rule
from medpol.check.holdings import Holdings
from medpol.check.prose import Sentence
from medpol.check.records import Beside, beside
from medpol.check.reported import contradicted_directions
from medpol.evidence.consistency import favoured, interval_words, leaves_out_null, wording
from medpol.model.diagnostic import Severity
from medpol.model.policy import SectionName
from medpol.model.studies import ComparatorKind, Favours, Questions, Result, Study, StudyKind

_SECTIONS = (SectionName.INTRODUCTION, SectionName.DESCRIPTION, SectionName.BACKGROUND, SectionName.EVIDENCE)
_SHOWN = 3
_NO_DIFFERENCE = re.compile(
    r"\b(?:not|never|neither|n['’]t)\b[^.;:]{0,60}?\b(?:differ\w*|superior|better|more effective|outperform\w*)\b|"
    r"\bno (?:\w+ ){0,2}(?:differences?|advantage|superiority)\b|\b(?:no better|no more|not more) (?:effective )?than\b|"
    r"\bno (?:\w+ )?evidence that\b[^.;:]{0,60}\b(?:more|better|superior)\b[^.;:]{0,60}\bthan\b|"
    r"\b(?:similar|comparable|equal|equivalent|as effective as|equally effective)\b",
    re.IGNORECASE,
)
_BENEFIT = re.compile(
    r"\b(?:more effective|superior|better|less|fewer|lower|greater|larger|improved more|reduced more)\b[^.;:]{0,60}\b(?:than|to|compared (?:with|to)|against|over)\b",
    re.IGNORECASE,
)
_OF_SIZE = re.compile(
    r"\b(?:clinical\w*|matters?|important\w*|meaningful\w*|relevan\w*|minimal\w*|appreciabl\w*|large)\b", re.IGNORECASE
)
_HEDGED = re.compile(
    r"\b(?:whether|if|may|might|could|would|should|aim\w*|hop\w+|unclear|unknown|uncertain|insufficient|baseline|similar to those|one (?:review|trial|study))\b",
    re.IGNORECASE,
)
_ATTRIBUTED = re.compile(
    r"\b(?:reviewers|authors|investigators|one (?:\w+ )?(?:review|trial|study)|(?:the|an)other,? with)\b", re.IGNORECASE
)
_CITED = re.compile(r"\[(\d[\d,;\s–-]*)\]")
_COMPARED: tuple[tuple[frozenset[ComparatorKind], re.Pattern[str]], ...] = tuple(
    (frozenset(kinds), re.compile(rf"\b(?:{words})", re.IGNORECASE))
    for kinds, words in (
        ((ComparatorKind.SHAM, ComparatorKind.PLACEBO), "sham|placebo"),
        ((ComparatorKind.NO_TREATMENT,), r"nothing\b|no (?:treatment|intervention)|untreated"),
        ((ComparatorKind.WAITING_LIST,), "waiting|wait[- ]list"),
        ((ComparatorKind.USUAL_CARE,), "usual care|routine care|standard care"),
        (
            (ComparatorKind.ACTIVE,),
            r"other (?:\w+ (?:of )?){0,3}(?:treatment|therap|intervention|modalit)|active|alternative|manual therap|exercise|injection|"
            r"physical therap|medication|surgery|stretching|acupuncture",
        ),
    )
)
_WITHOUT_TREATMENT = re.compile(r"sham|placebo|\bno\b|none|wait|\bany\b|control", re.IGNORECASE)


@rule(Subject.STUDIES, Severity.WARNING)
def prose_disagrees_with_result(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """Words say that nothing differs where a recorded interval leaves out *no difference*, or the reverse.

    The policy's own prose is held against the pooled results of the reviews that it cites, and a study's direction in words
    against the interval beside it. A sentence speaks of the outcome that it names, of the comparators and the follow-up
    that it names (of all, where it names none), and of the population under whose heading it stands. The wording offered
    depends on the minimal important difference: an effect below it may be a difference that does not matter, and the prose
    can say so; *no difference* it is not. Sentences that speak of what matters to patients, that hedge, or that tell what
    the authors of one review said are left alone.
    """
    yield from contradicted_directions(holdings, today)
    for each in beside(holdings, today):
        for sentence in holdings.sentences(each.version):
            if sentence.section in _SECTIONS:
                yield from _against(holdings, each, sentence)


def _against(holdings: Holdings, each: Beside, sentence: Sentence) -> Iterator[Finding]:
    text = sentence.text
    none = _NO_DIFFERENCE.search(text)
    benefit = None if none else _BENEFIT.search(text)
    match = none or benefit
    if match is None or _OF_SIZE.search(text) or _HEDGED.search(text) or _ATTRIBUTED.search(text):
        return
    held = [(study, result) for study, result in _results(each, sentence) if leaves_out_null(result) is not None]
    disagreeing = [
        (study, result)
        for study, result in held
        if leaves_out_null(result) is (none is not None) and (none is None or _is_meant(each.questions, result, text))
    ]
    if not disagreeing or (benefit is not None and len(disagreeing) < len(held)):
        return
    shown = "; ".join(_shown(study, result) for study, result in disagreeing[:_SHOWN])
    more = f"; and {len(disagreeing) - _SHOWN} more" if len(disagreeing) > _SHOWN else ""
    first = disagreeing[0][1]
    offered = wording(first, each.questions.outcome(first.outcome))
    yield Finding(
        sentence.place(match.start()),
        f'"{_shortened(text)}", and recorded is {shown}{more}',
        offered,
        f"say of which outcome, comparator and follow-up it is true; for the first of these: {offered}",
    )


def _is_meant(questions: Questions, result: Result, text: str) -> bool:
    """Whether a result goes against a claim of no difference: of no superiority only where it favours the intervention."""
    side = favoured(result, questions.outcome(result.outcome))
    one_sided = re.search(r"\b(?:better|more|superior\w*|advantage|outperform\w*)\b", text, re.IGNORECASE)
    return side is Favours.INTERVENTION or (one_sided is None and side is not None)


def _results(each: Beside, sentence: Sentence) -> Iterator[tuple[Study, Result]]:
    """The pooled results that a sentence speaks of, among the reviews that the policy cites."""
    heading = next((one for one in each.version.populations if one.source.line == sentence.heading_line), None)
    of = (
        None
        if heading is None
        else next((one.id for one in each.questions.populations if one.named.casefold() == heading.name.casefold()), "")
    )
    cited = {int(number) for match in _CITED.finditer(sentence.text) for number in re.findall(r"\d+", match[1])}
    kinds = _kinds(sentence.text)
    outcomes = {one.id for one in each.questions.outcomes if is_reported(one.named or one.says, [sentence.text])}
    bands = {
        one.name
        for one in each.questions.bands
        if re.search(rf"\b{re.escape(one.name)}[- ]?term\b", sentence.text, re.IGNORECASE)
    }
    for study in each.base.studies:
        if study.kind is not StudyKind.REVIEW or study.reference is None or (cited and study.reference not in cited):
            continue
        if of is not None and (not of or not each.questions.within(study.population, of)):
            continue
        for result in study.results:
            band = each.questions.band_of(result.timepoint)
            if result.group or result.outcome not in outcomes or (bands and (band is None or band.name not in bands)):
                continue
            if _compares(each.questions, result, kinds):
                yield study, result


def _kinds(text: str) -> frozenset[ComparatorKind]:
    named = [kinds for kinds, pattern in _COMPARED if pattern.search(text)]
    several = frozenset({ComparatorKind.MIXED}) if len(named) > 1 else frozenset()
    return frozenset().union(*named) | several


def _compares(questions: Questions, result: Result, kinds: frozenset[ComparatorKind]) -> bool:
    if not kinds:
        return True
    comparator = questions.comparator(result.comparator)
    if comparator is None:
        return False
    other_treatments = comparator.kind is ComparatorKind.MIXED and not _WITHOUT_TREATMENT.search(
        f"{comparator.which} {comparator.id.replace('-', ' ')}"
    )
    return comparator.kind in kinds or (other_treatments and ComparatorKind.ACTIVE in kinds)


def _shown(study: Study, result: Result) -> str:
    return f"{interval_words(result)} for {result.outcome} at {result.timepoint} against {result.comparator} ({study.id}, reference {study.reference})"


def _shortened(text: str) -> str:
    return text if len(text) <= 120 else f"{text[:117].rstrip()}..."


RULES = (prose_disagrees_with_result,)
