"""Rules about the evidence review: populations, what is reported of them, and the positions that rest on them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from medpol.check.assessed import without_conclusion, without_harms, without_result
from medpol.check.clinical_words import HARMS, INSTRUMENTS, is_about, is_measured, is_reported, regions_in
from medpol.check.findings import Finding, Subject, rule
from medpol.check.holdings import Holdings
from medpol.check.places import field_place
from medpol.check.prose import Sentence
from medpol.model.diagnostic import Severity, Source
from medpol.model.evidence import Conclusion, Population
from medpol.model.policy import PolicyVersion, SectionName

_OPENING = re.compile(
    r"(?:For|In|Among)?\s*(?:\w+ ){0,2}?(?:people|persons|individuals|patients|participants|adults|children|adolescents|women|men|infants)\b",
    re.IGNORECASE,
)
_WHICH_EVIDENCE = re.compile(
    r"\bevidence\s+(?:base\s+)?(?:is|includes?|consists of|comes from|comprises|was|are)\b", re.IGNORECASE
)
_RESULT = re.compile(
    r"\b(?:found|showed|reported|improv\w+|reduc\w+|better|less|fewer|worse|differ\w*|higher|lower|decreas\w+|increas\w+|rare|common)\b",
    re.IGNORECASE,
)
_FOUND = re.compile(r"\b(?:found|showed|shown|reported|which|there were|no)\b", re.IGNORECASE)
_OUTCOMES_NAMED = re.compile(r"\b(?:relevant|primary|important|following|named|main)\s+(?:\w+\s+)?outcomes?\b.{0,40}\b(?:are|is|include[sd]?|were)\b|\boutcomes? (?:of interest|considered|named)\b", re.IGNORECASE)  # fmt: skip
_TOO_LITTLE = re.compile(
    r"\b(?:insufficient|not sufficient|inadequate) to (?:determine|conclude|evaluate|assess|permit)\b", re.IGNORECASE
)
_NET = re.compile(r"\bnet\s+(?:health\s+)?(?:outcomes?|benefits?)\b|\bnet\s+health\b", re.IGNORECASE)
_CONCLUSIONS = " | ".join(each.value for each in Conclusion if each is not Conclusion.NOT_STATED)


@rule(Subject.EVIDENCE, Severity.WARNING)
def population_without_conclusion(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """A population of the evidence review has no conclusion.

    A position rests on what is concluded for each population. `Conclusion: **not stated**` is honest of an imported text
    that does not say, and is found too: somebody has to conclude before the policy can be answered for these people.

    Beside evidence records every population that a statement reaches needs a profile: its own, that of a wider population,
    or one with `rest: yes` that concludes on all whom no other names. The finding names whom nobody concludes on, and the
    trials watched for them.
    """
    yield from without_conclusion(holdings, today)
    for version in holdings.versions:
        for population in version.populations:
            if population.conclusion is Conclusion.NOT_STATED:
                yield Finding(
                    field_place(holdings, population.source, "Conclusion"),
                    f'the population "{population.name}" has no conclusion',
                    f"a conclusion: {_CONCLUSIONS}",
                    "write `Conclusion: **insufficient**`, or what the evidence allows, below its prose",
                )


@rule(Subject.EVIDENCE, Severity.WARNING)
def outcome_without_result(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """An outcome is named for a population and nothing is reported of it.

    What the line `Outcomes:` names is looked for in the population's prose and in the general prose of the review, by its
    name or by the words that report it: *symptoms* by pain or scores, *functional outcomes* by disability or range of
    motion, *quality of life* by SF-36 or EQ-5D, *treatment-related morbidity* by adverse events or complications. Sentences
    that only say who the people are or which outcomes matter report nothing. An outcome that nobody measured is itself a
    result: write so (*quality of life was not reported*).

    Beside evidence records every outcome that a question asks for a population needs a result in some record of it, or a
    row that says *not reported*.
    """
    yield from without_result(holdings, today)
    for version in holdings.versions:
        for population, said in _told(holdings, version, general=True):
            reports = [each.text for each in said if not _reports_nothing(each.text)]
            for at, outcome in enumerate(population.outcomes):
                if reports and not is_reported(outcome, reports):
                    yield Finding(
                        _outcome_place(holdings, population, at),
                        f'"{outcome}" is named as an outcome for {population.name}, and nothing is reported of it',
                        "a result for each outcome named, or the words that it was not reported",
                        f"report it, or write `Not reported: {outcome}.`, or take it out of `Outcomes:`",
                    )


@rule(Subject.EVIDENCE, Severity.WARNING)
def net_outcome_without_harms(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """The net health outcome is concluded on, and no harm is reported, not even that none was seen.

    *Net* means benefit less harm. A conclusion about it needs what was found of adverse events, complications or safety,
    or the words that no trial reported them. Any such word in the population's prose or in the general prose of the review
    will do; a list of the outcomes that matter will not.

    A profile whose criterion *net health outcome improves* is met needs a record of its population that reports a harm.
    """
    yield from without_harms(holdings, today)
    for version in holdings.versions:
        for population, said in _told(holdings, version, general=True):
            net = next(((each, match) for each in said if (match := _NET.search(each.text))), None)
            if net is not None and not any(
                HARMS.search(each.text) and not _reports_nothing(each.text) for each in said
            ):
                yield Finding(
                    net[0].place(net[1].start()),
                    f'the net outcome for "{population.name}" is concluded on, and no harm is reported',
                    "what was found of adverse events, or that they were not reported",
                    "add a sentence on harms, such as `Adverse events were not reported.`",
                )


@rule(Subject.EVIDENCE, Severity.NOTE)
def instrument_of_another_region(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """An outcome is measured by an instrument made for another region of the body than the population's.

    A neck disability index among people with a painful jaw may be an error of the trial, an error of the text, or meant:
    a question to the author, no error. Only populations whose name gives a region are looked at, and only where their prose
    says nothing of the instrument's region in other words.
    """
    for version in holdings.versions:
        for population, said in _told(holdings, version):
            if not is_measured(population.prose):
                continue
            regions = regions_in(population.name)
            for sentence in said if regions else ():
                for name, pattern, made_for in INSTRUMENTS:
                    match = pattern.search(sentence.text) if is_measured(sentence.text) else None
                    if match is None or regions & made_for:
                        continue
                    if not any(is_about(pattern.sub(" ", each.text), made_for) for each in said):
                        yield Finding(
                            sentence.place(match.start()),
                            f'"{match[0]}" measures the {_listed(made_for)}; the population is "{population.name}"',
                            f"an instrument for the {_listed(regions)}, or a word on why this one",
                            f"look the trial up: was it the {name}? If so, say so and leave it",
                        )


@rule(Subject.EVIDENCE, Severity.WARNING)
def studies_disagree_with_prose(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """The line `Studies:` counts studies or people otherwise than the prose of its population does.

    Held against each other are an item with both numbers (`systematic review, 6 studies, 395 participants`) and the places
    of the prose that give both (*6 randomized trials with 395 people*), where they agree in one number and no place agrees
    in both. Of a single review the prose may count the trials that it holds. Whether the trials' own sizes add up to the total cannot be seen in the document; the evidence record can tell.
    """
    for version in holdings.versions:
        for population in version.populations:
            told = set(_counts(population.prose))
            for body in population.studies:
                stated = (body.studies, body.participants)
                if body.studies is None or body.participants is None or stated in told:
                    continue
                for studies, people in sorted(told):
                    if (studies == body.studies) == (people == body.participants) or (
                        people == body.participants and body.studies == 1 and _REVIEW.search(body.kind)
                    ):
                        continue
                    place = field_place(holdings, population.source, "Studies")
                    yield Finding(
                        holdings.words_below(place, body.kind, place.line),
                        f"{body.studies} studies, {body.participants} participants; the prose says {studies} and {people}",
                        "one count in both places",
                        "correct the one that is wrong",
                    )
                    break


_REVIEW = re.compile(r"\breviews?\b|\bmeta", re.IGNORECASE)
_NUMBERS = {
    word: at
    for at, word in enumerate(
        [
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
        ],
        1,
    )
}
_COUNTED = re.compile(
    rf"\b(?P<studies>\d{{1,3}}|{'|'.join(_NUMBERS)})\s+(?:[\w-]+\s+){{0,4}}?(?:trials?|studies|study|RCTs?|cohorts?|registries|series)\b[^.;()\d]{{0,40}}?"
    r"\(?(?:[Nn]\s*=\s*)?(?P<people>\d{1,3}(?:,\d{3})+|\d{2,6})\s*(?:people|persons|individuals|patients|participants|subjects|adults|children|infants|women|men|girls|boys)\b",
    re.IGNORECASE,
)


def _counts(prose: str) -> Iterator[tuple[int, int]]:
    """The counts of studies and people that stand together in a prose."""
    for match in _COUNTED.finditer(prose):
        studies = match["studies"].casefold()
        yield _NUMBERS.get(studies) or int(studies), int(match["people"].replace(",", ""))


def _outcome_place(holdings: Holdings, population: Population, at: int) -> Source:
    """Where one of the outcomes begins on the line that names them."""
    place = field_place(holdings, population.source, "Outcomes")
    items = holdings.line(place)[place.column - 1 :].split(";")
    held = [(sum(len(each) + 1 for each in items[:n]), each) for n, each in enumerate(items) if each.strip(" .")]
    if at >= len(held):
        return place
    before, item = held[at]
    return Source(place.file, place.line, place.column + before + len(item) - len(item.lstrip()))


def _told(
    holdings: Holdings, version: PolicyVersion, general: bool = False
) -> Iterator[tuple[Population, tuple[Sentence, ...]]]:
    """Each population with the sentences of its prose; with ``general``, those of the review that belong to no population too."""
    if not version.populations:
        return
    held = _by_heading(holdings, version)
    own = {population.source.line for population in version.populations}
    shared = tuple(each for line, said in held.items() if general and line not in own for each in said)
    for population in version.populations:
        yield population, (*held.get(population.source.line, ()), *shared)


def _by_heading(holdings: Holdings, version: PolicyVersion) -> Mapping[int, tuple[Sentence, ...]]:
    held: dict[int, list[Sentence]] = {}
    for sentence in holdings.sentences(version):
        if sentence.section is SectionName.EVIDENCE:
            held.setdefault(sentence.heading_line, []).append(sentence)
    return {line: tuple(said) for line, said in held.items()}


def _reports_nothing(sentence: str) -> bool:
    """Whether a sentence only says who the people are, which evidence there is, which outcomes matter, or that it is too little."""
    if _OUTCOMES_NAMED.search(sentence) or _TOO_LITTLE.search(sentence):
        return True
    people, studies = _OPENING.match(sentence) is not None, _WHICH_EVIDENCE.search(sentence) is not None
    if _RESULT.search(sentence):
        return people and studies and _FOUND.search(sentence) is None
    return people or studies


def _listed(regions: Iterable[str]) -> str:
    return " or ".join(sorted(regions))


RULES = (
    population_without_conclusion,
    outcome_without_result,
    net_outcome_without_harms,
    instrument_of_another_region,
    studies_disagree_with_prose,
)
