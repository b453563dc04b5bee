"""The rule about two passages of one document that disagree: a claim of no effect, beside a result that is one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from medpol.check.clinical_words import GROUPS_OF_PEOPLE, regions_in
from medpol.check.findings import Finding, Subject, rule
from medpol.check.holdings import Holdings
from medpol.check.prose import Sentence
from medpol.model.diagnostic import Severity
from medpol.model.policy import PolicyVersion, SectionName, governed_groups

_CLAIMING = (SectionName.INTRODUCTION, SectionName.DESCRIPTION, SectionName.BACKGROUND)

# "No good evidence" and "little evidence" leave room for weak results; these leave none.
_NONE_AT_ALL = re.compile(
    r"\b(?:no (?:(?:scientific|clinical|medical|published|available|known) )?(?:evidence|proof|data|research)"
    r"(?: (?:that|to (?:show|suggest|support|prove|indicate)|showing|for (?:its|the) (?:use|effect\w*|benefit)|"
    r"of (?:any |a )?(?:benefit|effect\w*|efficacy|improvement|advantage))\b)"
    r"|(?:no|none of the) (?:\w+ )?(?:stud(?:y|ies)|trials?|research) (?:has |have )?(?:ever )?(?:show\w*|found|prov\w+|demonstrat\w+|support\w*)\b"
    r"|(?:found|shown|showed|seen|demonstrated) no (?:\w+ )?(?:effect|benefit|improvement|advantage)\b"
    r"|never been (?:shown|proven|proved|found|demonstrated)\b)",
    re.IGNORECASE,
)
_NO_EFFECT = re.compile(
    r"\b(?:is|are|was|were) (?:not (?:\w+ly )?effective|ineffective|no (?:better|more effective) than|of no benefit)\b|"
    r"\b(?:has|have|had) been (?:shown|found|proven|proved|demonstrated) (?:to be )?(?:ineffective|not (?:\w+ly )?effective|of no (?:benefit|use))\b|"
    r"\b(?:does|do|did)(?: not|n['’]t) (?:work|help|improve|reduce|relieve|ease)\b|\b(?:has|have|had|offers?|gives?|brings?) no (?:effect|benefit)\b",
    re.IGNORECASE,
)
_CONDITION = re.compile(r"\b(?:if|when|where|whose|who|after|until|once|unless|whether|should)\b", re.IGNORECASE)
_PARTLY = re.compile(r"\b(?:every\w*|all|some|most|many|alone|always|by itself|on its own)\b", re.IGNORECASE)
_IT = re.compile(
    r"\b(?:it|its|they|this|these|the (?:procedure|treatment|technique|technology|device|drug|medication|test|therapy|service|method|product))\b",
    re.IGNORECASE,
)
_OF_HARM = re.compile(
    r"\b(?:harm\w*|unsafe|danger\w*|risks?|adverse|cause\w*|worse\w*|less effective|inferior|infect\w*|complication\w*|injur\w*)\b",
    re.IGNORECASE,
)
_COMPARED = re.compile(
    r"\b(?:than|over|to) (?:a |an |the )?(?P<with>placebo|sham|surgery|surgical|exercise|injections?|medications?|drugs?|watchful|"
    r"acupuncture|physical therapy|manual therapy)\b",
    re.IGNORECASE,
)

_BURDEN = (
    r"pain|disability|symptoms?|mortality|deaths?|recurrences?|relapses?|complications?|intensity|severity|spasms?|seizures?|attacks?|"
    r"headaches?|exacerbations?|hospitali[sz]ations?|readmissions?|bleeding|infections?|falls|fractures?|fatigue|nausea|itch\w*|stiffness"
)
_GOOD = r"function\w*|mobility|motion|quality of life|survival|strength|remission|response|outcomes?|sleep|healing|symptoms?|pain|disability"
_IMPROVED = re.compile(
    rf"\b(?:was|were|has been|have been) (?:\w+ly )?(?:improved|relieved|better|superior)\b"
    rf"|\b(?:{_BURDEN})\b[^.;,]{{0,40}}\b(?:was|were|fell|has been|have been) (?:\w+ly )?(?:reduced|less|lower|decreased|fewer|shorter|down)\b"
    rf"|\b(?:{_BURDEN})\b[^.;,]{{0,30}}\b(?:fell|decreased|eased)\b"
    rf"|\b(?:improved|reduced|relieved|decreased|lowered|eased|shortened|improves|reduces|relieves|eases|lowers|shortens)\s+(?:[\w-]+\s+){{0,3}}?(?:{_BURDEN}|{_GOOD})\b"
    rf"|\b(?:less|fewer|lower|reduced)\s+(?:[\w-]+\s+)?(?:{_BURDEN})\b"
    rf"|\b(?:greater|significant|clinically important)\s+(?:improvements?|reductions?|relief|benefits?)\b"
    rf"|\bbetter\s+(?:[\w-]+\s+)?(?:{_GOOD})\b|\b(?:more effective|better|superior)\s+(?:than|to)\b",
    re.IGNORECASE,
)
_NOT_ASSERTED = re.compile(
    r"\b(?:no|not|neither|nor|none|without|lack\w*|never|cannot|fail\w*|insufficient|unclear|uncertain|unknown|inconsistent|mixed|whether|if|"
    r"may|might|could|would|should|need|needs|needed|aim\w*|hop\w+|intend\w*|propos\w*|believed|thought|expected|goal|purpose|designed|"
    r"assess\w*|evaluat\w*|compar(?:e|es|ed) .{0,60} to (?:determine|assess)|both groups|all groups|either group|regardless)\b|n't\b",
    re.IGNORECASE,
)
_OTHER_ARM = re.compile(
    r"\b(?:control|sham|placebo|comparison|comparator|usual[- ]care|waiting[- ]list)(?: \w+)? (?:group|arm)s?\b[^.;,]{0,30}"
    r"\b(?:improved|better|greater|less|fewer|had|showed)\b|\bin favou?r of (?:control|sham|placebo|usual)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]{3,}")
_NO_SERVICE = frozenset(
    [
        "the",
        "and",
        "for",
        "with",
        "from",
        "are",
        "was",
        "not",
        "other",
        "use",
        "used",
        "uses",
        "using",
        "all",
        "any",
        "one",
        "two",
        "three",
        "more",
        "than",
        "when",
        "which",
        "treatment",
        "treatments",
        "therapy",
        "considered",
        "service",
        "services",
        "procedure",
        "management",
        "patients",
        "individuals",
        "people",
        "pain",
        "disease",
        "condition",
        "point",
        "points",
        "test",
        "tests",
    ]
)


@rule(Subject.EVIDENCE, Severity.WARNING)
def passages_disagree(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """An opening section says that there is no evidence or no effect, and the evidence review reports one.

    The member reads the Introduction, the appeal quotes the review: *no evidence that it works* beside *pain was less after
    three sessions* lets either be held against the other. Found are absolute claims about the service itself in the
    Introduction, the Description and the Background, beside a result that the review states without *not*, *may*, *whether*
    or the like. *Not proven*, *little evidence* and *no good evidence* are not absolute and can stand beside weak results; a
    claim about children, one region of the body or one comparator needs a result about the same. Write what the review
    found and why it does not suffice, in the words of both places.
    """
    for version in holdings.versions:
        if not version.populations:
            continue
        service = _service_words(holdings, version)
        claims = [
            each for each in holdings.sentences(version) if each.section in _CLAIMING and _is_claim(each.text, service)
        ]
        if not claims:
            continue
        results = [
            each
            for each in holdings.sentences(version)
            if each.section is SectionName.EVIDENCE and _is_result(each.text, service)
        ]
        names = {population.source.line: population.name for population in version.populations}
        for claim in claims:
            against = [each for each in results if _is_about_the_same(claim.text, each, names)]
            if against:
                match = _NONE_AT_ALL.search(claim.text) or _NO_EFFECT.search(claim.text)
                assert match is not None
                more = f", and {len(against) - 1} more" if len(against) > 1 else ""
                yield Finding(
                    claim.place(match.start()),
                    f'"{match[0]}" is said of the service; line {against[0].place().line} reports: "{_short(against[0].text)}"{more}',
                    "passages of one document that point one way",
                    "say here what the review found and why it does not suffice, or correct the review",
                )


def _is_claim(text: str, service: frozenset[str]) -> bool:
    """Whether a sentence denies every effect of the service."""
    match = _NONE_AT_ALL.search(text)
    if match is not None:
        rest = text[match.start() :]
        return _is_about(rest if match[0].startswith(("no ", "No ")) else text, service) and not _OF_HARM.search(rest)
    match = _NO_EFFECT.search(text)
    if match is None or _CONDITION.search(text) or _PARTLY.search(text, match.end()):
        return False
    before = text[: match.start()]
    words = list(_WORD.finditer(before))[-3:]
    return _is_about(before[words[0].start() :] if len(words) == 3 else before, service)


def _is_about(text: str, service: frozenset[str]) -> bool:
    return _IT.search(text) is not None or not service.isdisjoint(_WORD.findall(text.casefold()))


def _is_result(text: str, service: frozenset[str]) -> bool:
    """Whether a sentence of the review states that something got better, and more than where the service was not given."""
    if not _IMPROVED.search(text) or _NOT_ASSERTED.search(text) or _OTHER_ARM.search(text):
        return False
    than = re.search(r"\bthan\b(.{0,40})", text)
    return than is None or service.isdisjoint(_WORD.findall(than[1].casefold()))


def _is_about_the_same(claim: str, result: Sentence, names: dict[int, str]) -> bool:
    """Whether a result is about the people and the comparator of a claim, as far as the claim names any."""
    found = f"{names.get(result.heading_line, '')} {result.text}"
    regions = regions_in(claim)
    if regions and not regions & regions_in(found):
        return False
    for parts in GROUPS_OF_PEOPLE:
        said = [pattern for pattern in parts.values() if pattern.search(claim)]
        if said and not any(pattern.search(found) for pattern in said):
            return False
    compared = _COMPARED.search(claim)
    return compared is None or compared["with"].casefold() in found.casefold()


def _service_words(holdings: Holdings, version: PolicyVersion) -> frozenset[str]:
    """The words that name what the policy is about: of its groups, and of its statements up to whom they are about."""
    said: list[str] = [group.replace("-", " ") for group in governed_groups(version)]
    for each, row in zip(version.rules, holdings.compiled(version).rules, strict=True):
        subject, _, _ = each.statement.sentence.partition("**")
        said.append(subject.partition(row.qualifier)[0] if row.qualifier else subject)
    return frozenset(_WORD.findall(" ".join(said).casefold())) - _NO_SERVICE


def _short(text: str, longest: int = 100) -> str:
    return text if len(text) <= longest else text[:longest].rsplit(" ", 1)[0] + " ..."


RULES = (passages_disagree,)
