"""Rules that hold a policy against its signed evidence records: conclusions, positions, signatures, outcomes, and what is left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from medpol.check.findings import Finding, Subject, rule
from medpol.check.holdings import Holdings
from medpol.check.reach import is_about, reached
from medpol.check.records import (
    Beside,
    bases,
    beside,
    concluding,
    conclusion_place,
    front_place,
    heading_place,
    plain,
    population_words,
)
from medpol.evidence.assessment import CUSTOMARY, allows, assess_profile
from medpol.model.criteria import Rule as CoverageRule
from medpol.model.diagnostic import Severity, Source
from medpol.model.evidence import Conclusion
from medpol.model.inputs import inputs_hash
from medpol.model.policy import PolicyVersion
from medpol.model.positions import CoveragePosition
from medpol.model.studies import (
    NOT_REPORTED,
    AssessmentRow,
    Criterion,
    EvidenceBase,
    Met,
    OutcomeKind,
    Profile,
    Questions,
    Reported,
    Study,
    StudyKind,
)

_BY_OTHER_MEANS = frozenset(CoveragePosition) - {
    CoveragePosition.MEDICALLY_NECESSARY,
    CoveragePosition.COVERED_WITH_LIMITS,
    CoveragePosition.NOT_MEDICALLY_NECESSARY,
    CoveragePosition.INVESTIGATIONAL,
}
"""Positions that a contract, a law, a director or a trial decides, and not the evidence."""
_TOO_LITTLE = frozenset({Conclusion.INSUFFICIENT, Conclusion.INSUFFICIENT_HARM})


def unsupported(holdings: Holdings, today: date | None) -> Iterator[Finding]:
    """Statements whose position the conclusion on a population that they reach does not allow."""
    table = holdings.library.assessment or CUSTOMARY
    for each in beside(holdings, today):
        for held in each.version.rules:
            position = held.statement.position
            for profile in _reached_profiles(holdings, each, held):
                against = _not_allowing(profile, held, table)
                if against is None or _is_overridden(profile, held):
                    continue
                conclusion, allowed, how = against
                name = population_words(each.questions.population(profile.population), profile.population)
                place = conclusion_place(holdings, profile)
                yield Finding(
                    holdings.words_place(held.statement.source, position.label),
                    f'"{position.label}" reaches {name}, {how} *{conclusion}* ({place.file}, line {place.line}): '
                    f'"{plain(held.statement.sentence)}" (line {held.statement.source.line})',
                    " or ".join(label.value.replace("_", " ") for label in allowed),
                    "review the position, or record a new profile; to keep the statement, give its reason and who approved it "
                    f"in a row of `## Overridden` for the rule `{held.name}`",
                    is_fixed=True,
                )


def _reached_profiles(holdings: Holdings, each: Beside, held: CoverageRule) -> Iterator[Profile]:
    about = [profile for profile in each.base.profiles if is_about(each.version, held, profile, each.questions)]
    if not about:
        return
    ids = {one.id for one in reached(holdings, each.version, held, each.questions)}
    everybody = ids == {one.id for one in each.questions.populations}
    for profile in about:
        if profile.population in ids or (everybody and each.questions.population(profile.population) is None):
            yield profile


def _not_allowing(
    profile: Profile, held: CoverageRule, table: Sequence[AssessmentRow]
) -> tuple[str, Sequence[CoveragePosition], str] | None:
    """The conclusion that does not allow a rule's position: the one signed, else the one that the criteria come to."""
    derived = assess_profile(profile, table)
    signed = [position for row in table if row.conclusion == profile.conclusion for position in row.allowed]
    for conclusion, allowed, how in (
        (profile.conclusion, signed, "concluded"),
        (derived.conclusion, derived.allowed, "whose criteria come to"),
    ):
        by_evidence = held.statement.position.canonical not in _BY_OTHER_MEANS
        if allowed and by_evidence and not allows(allowed, held.statement.position):
            return conclusion, allowed, how
    return None


def _is_overridden(profile: Profile, held: CoverageRule) -> bool:
    return any(
        each.rule == held.name
        and each.position is held.statement.position.canonical
        and each.reason.strip().casefold() not in ("", NOT_REPORTED)
        and each.signature.name.strip()
        for each in profile.overridden
    )


def without_conclusion(holdings: Holdings, today: date | None) -> Iterator[Finding]:
    """Statements that reach a population on which no record concludes, neither on it, nor on a wider one, nor on the rest."""
    for each in beside(holdings, today):
        watched = [trial for held in each.base.watching for trial in held.trials]
        for held in each.version.rules:
            if held.statement.position.canonical is CoveragePosition.AUTHORIZATION_ONLY:
                continue
            if each.base.profiles and not any(_reached_profiles(holdings, each, held)):
                continue
            lacking = [
                one
                for one in reached(holdings, each.version, held, each.questions)
                if concluding(each.base, each.questions, one.id) is None
            ]
            if not lacking:
                continue
            named = []
            for one in lacking:
                trials = ", ".join(trial.nct for trial in watched if trial.population == one.id)
                name = population_words(one, one.id)
                named.append(f"{name} ({trials} watched)" if trials else name)
            yield Finding(
                holdings.words_place(held.statement.source, held.statement.position.label),
                f'"{plain(held.statement.sentence)}" reaches {", ".join(named)}, on whom no record concludes',
                "a conclusion for every population that the statement reaches",
                "record a profile for each, or one with `rest: yes` for all others; or narrow the statement",
            )


def without_result(holdings: Holdings, today: date | None) -> Iterator[Finding]:
    """Outcomes that the questions ask for a population, and that no record of it reports or says to be not reported."""
    for base, questions in bases(holdings, today):
        asked = {(each.population, each.outcome): each for each in reversed(questions.questions)}
        for (population, outcome), question in sorted(asked.items(), key=lambda item: item[1].source):
            kind = None if (found := questions.outcome(outcome)) is None else found.kind
            if not any(_reports(study, outcome, kind) for study in _studies_of(base, questions, population)):
                name = population_words(questions.population(population), population)
                yield Finding(
                    question.source,
                    f"{outcome} is asked for {name}, and no record reports it",
                    f"a result, or the words *{NOT_REPORTED}*",
                    f"record what a study says of it, or a row with `{NOT_REPORTED}` in the record that looked",
                )


def without_harms(holdings: Holdings, today: date | None) -> Iterator[Finding]:
    """Profiles by which the net health outcome improves, where no record of the population reports a harm."""
    for base, questions in bases(holdings, today):
        harms = {each.id for each in questions.outcomes if each.kind is OutcomeKind.HARM}
        for profile in base.profiles:
            if profile.met(Criterion.NET_OUTCOME) is not Met.MET:
                continue
            if any(_tells_harm(study, harms) for study in _studies_of(base, questions, profile.population)):
                continue
            judged = next(each for each in profile.criteria if each.criterion is Criterion.NET_OUTCOME)
            name = population_words(questions.population(profile.population), profile.population)
            yield Finding(
                judged.source,
                f"the net health outcome is said to improve for {name}, and no record reports a harm",
                "a harms result, of which benefit is the better part",
                "record what studies found of adverse events, or judge the criterion unknown or not met",
            )


def _studies_of(base: EvidenceBase, questions: Questions, population: str) -> Iterator[Study]:
    for study in base.studies:
        if study.population == "all" or questions.within(study.population, population):
            yield study


def _reports(study: Study, outcome: str, kind: OutcomeKind | None) -> bool:
    return any(each.outcome == outcome for each in study.results) or (kind is OutcomeKind.HARM and bool(study.harms))


def _tells_harm(study: Study, harms: set[str]) -> bool:
    told = any(_is_told(each.events, each.percent) for each in study.harms)
    return told or any(
        each.outcome in harms
        and (
            _is_told(each.estimate, each.lower, each.p)
            or (each.direction and each.direction.casefold() != NOT_REPORTED)
            or any(
                group is not None and _is_told(group.events, group.percent, group.mean)
                for group in (each.intervention_group, each.comparator_group)
            )
        )
        for each in study.results
    )


def _is_told(*numbers: Reported | None) -> bool:
    return any(each is not None and each.is_reported for each in numbers)


@rule(Subject.EVIDENCE, Severity.WARNING)
def population_not_assessed(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """A profile concludes nothing: too many of its five criteria are unknown.

    The table from criteria to positions comes to *not assessed*, which allows no position, so that the policy's statement
    about these people rests on nothing. Judge the criteria that are named, or say in `## Overridden` why the statement
    stands without them.
    """
    table = holdings.library.assessment or CUSTOMARY
    for base, questions in bases(holdings, today):
        for profile in base.profiles:
            found = assess_profile(profile, table)
            if not found.allowed:
                unknown = ", ".join(each.value for each, met in found.criteria if met is Met.UNKNOWN)
                name = population_words(questions.population(profile.population), profile.population)
                yield Finding(
                    conclusion_place(holdings, profile),
                    f"{name} is {found.conclusion}" + (f": unknown is {unknown}" if unknown else ""),
                    "criteria that come to a conclusion with a position",
                    "judge each unknown criterion *met* or *not met*, with its reason",
                )


@rule(Subject.EVIDENCE, Severity.WARNING)
def conclusion_does_not_follow(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """A profile's conclusion is not the one that its criteria come to.

    The first row of the table that fits the five criteria gives the conclusion (the library's `assessment.md`, or the
    customary table). A conclusion that differs was written for other criteria, or one criterion is judged wrongly; the
    statement of the policy is held against both.
    """
    table = holdings.library.assessment or CUSTOMARY
    for base, questions in bases(holdings, today):
        for profile in base.profiles:
            found = assess_profile(profile, table)
            if found.allowed and profile.conclusion and profile.conclusion != found.conclusion:
                name = population_words(questions.population(profile.population), profile.population)
                judged = "; ".join(f"{each.value} {met.value}" for each, met in found.criteria)
                yield Finding(
                    conclusion_place(holdings, profile),
                    f"*{profile.conclusion}* for {name}; its criteria come to *{found.conclusion}* ({judged})",
                    f"*{found.conclusion}*",
                    "correct the conclusion, or the criterion that is judged wrongly",
                )


@rule(Subject.EVIDENCE, Severity.WARNING)
def certainty_unsigned(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """Certainty, or the conclusion of a profile, is signed by nobody.

    A machine may suggest how certain a body of evidence is; a person gives the level and stands behind it. Until somebody
    has signed, a level is a suggestion and the conclusion a draft.
    """
    for base, questions in bases(holdings, today):
        for profile in base.profiles:
            name = population_words(questions.population(profile.population), profile.population)
            unsigned = [each for each in profile.certainty if each.signature is None]
            if unsigned:
                outcomes = ", ".join(dict.fromkeys(each.outcome for each in unsigned))
                yield Finding(
                    unsigned[0].source,
                    f"the certainty of {outcomes} for {name} is signed by nobody",
                    "a person who gives the level, in which role, on which day",
                    "fill `Signed by`, `Role` and `On` in a new profile",
                )
            if profile.signature is None:
                yield Finding(
                    heading_place(holdings, profile.source.file, "Conclusion") or profile.source,
                    f"the conclusion on {name} is signed by nobody",
                    "a person who stands behind it, in which role, on which day",
                    "write `Signed by:`, `Role:` and `On:` below the conclusion in a new profile",
                )


@rule(Subject.EVIDENCE, Severity.WARNING)
def signed_on_other_numbers(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """A profile names the inputs that it was signed on, and the records say something else by now.

    `inputs:` is the hash of the records that bear on the population. A correction or a new study alters it, and what was
    signed was signed on other numbers. Look at what changed; sign again in a new profile, on the same conclusion or on
    another.
    """
    for base, questions in bases(holdings, today):
        for profile in base.profiles:
            now = inputs_hash(base, profile.population) if profile.inputs else ""
            if profile.inputs and profile.inputs != now:
                name = population_words(questions.population(profile.population), profile.population)
                yield Finding(
                    front_place(holdings, profile.source, "inputs"),
                    f"{name} was signed on {_short(profile.inputs)}; the records are {_short(now)}",
                    "a profile signed on the records as they are",
                    f"look at what changed since {profile.recorded}, then record a new profile with `inputs: {now}`",
                )


def _short(digest: str) -> str:
    return digest[:19]


@rule(Subject.EVIDENCE, Severity.WARNING)
def profile_disagrees_with_document(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """A signed profile and the printed evidence review conclude differently on one population.

    `Conclusion:` below a population of the document is what the public reads, the profile what was signed. The printed
    words are never overwritten: where the profile is newer, the next version has to say it. *Sufficient* stands for
    evidence by which the net health outcome improves, as much as under the alternatives; *insufficient* for evidence that
    permits no conclusion.
    """
    table = holdings.library.assessment or CUSTOMARY
    for each in beside(holdings, today):
        for profile in each.base.profiles:
            asked = each.questions.population(profile.population)
            printed = _printed(each.version, "" if asked is None else asked.named)
            expected = _printed_as(profile, table)
            if printed is None or expected is None or printed[0] in expected:
                continue
            place = conclusion_place(holdings, profile)
            yield Finding(
                holdings.words_below(printed[1], "Conclusion:"),
                f"{asked.named if asked else profile.population} is printed as {printed[0].value}; "
                f"the profile concludes *{profile.conclusion}* ({place.file}, line {place.line})",
                " or ".join(sorted(one.value for one in expected)),
                "review which holds: print it in the next version, or record a new profile",
            )


def _printed(version: PolicyVersion, name: str) -> tuple[Conclusion, Source] | None:
    found = next((each for each in version.populations if name and each.name.casefold() == name.casefold()), None)
    return None if found is None or found.conclusion is Conclusion.NOT_STATED else (found.conclusion, found.source)


def _printed_as(profile: Profile, table: Sequence[AssessmentRow]) -> frozenset[Conclusion] | None:
    """The printed conclusions that say what a profile concludes; ``None`` where several would do."""
    needs = [dict(row.needs) for row in table if row.conclusion == profile.conclusion]
    if needs and all(each.get(Criterion.EVIDENCE) is Met.NOT_MET for each in needs):
        return _TOO_LITTLE
    if needs and all(
        each.get(Criterion.NET_OUTCOME) is Met.MET and each.get(Criterion.ALTERNATIVES) is Met.MET for each in needs
    ):
        return frozenset({Conclusion.SUFFICIENT})
    return None


@rule(Subject.EVIDENCE, Severity.NOTE)
def record_not_used(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """A study record bears on nothing: no question asks for what it reports, and nothing cites it.

    Either a question is missing, or the record's population, outcome or comparator is written otherwise than the questions
    name it. A record that the policy cites, that reports harms, that a review lists among its trials, or that reports the
    same patients as another is used, and so is a guideline on a population of which something is asked.
    """
    for base, questions in bases(holdings, today):
        asked = {(each.population, each.outcome) for each in questions.questions}
        linked = {each.study for study in base.studies for each in study.included}
        linked |= {id for study in base.studies for id in study.same_patients_as}
        for study in base.studies:
            reported = {each.outcome for each in study.results}
            answers = any(
                (outcome in reported or study.kind is StudyKind.GUIDELINE)
                and (study.population == "all" or questions.within(study.population, population))
                for population, outcome in asked
            )
            if not answers and study.reference is None and not study.harms and study.id not in linked:
                yield Finding(
                    study.source,
                    f"no question asks for what {study.id} reports, and nothing cites it",
                    "a record that a question, a reference or another record uses",
                    "correct its population and outcomes, or add the question that it answers",
                )


RULES = (
    population_not_assessed,
    conclusion_does_not_follow,
    certainty_unsigned,
    signed_on_other_numbers,
    profile_disagrees_with_document,
    record_not_used,
)
