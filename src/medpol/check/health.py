"""Rules about what became of the evidence since: studies retracted or corrected, and studies newer than the literature search."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from medpol.check.findings import Finding, Subject, rule
from medpol.check.holdings import Holdings
from medpol.check.records import bases, beside, concluding, front_place, population_words
from medpol.model.diagnostic import Severity
from medpol.model.studies import EvidenceBase, Questions, Standing, Study, StudyKind

_STUDIES = frozenset({StudyKind.TRIAL, StudyKind.OBSERVATIONAL, StudyKind.REVIEW, StudyKind.GUIDELINE})


def _of_standing(holdings: Holdings, today: date | None, standing: Standing, mend: str) -> Iterator[Finding]:
    for base, questions in bases(holdings, today):
        for study in base.studies:
            used = _used_as(base, questions, study)
            if study.status is not None and study.status.standing is standing and used:
                yield Finding(
                    front_place(holdings, study.source, "status"),
                    f"{study.id} is {study.status}; it is {used}",
                    "evidence that stands as it was cited",
                    mend,
                )


def _used_as(base: EvidenceBase, questions: Questions, study: Study) -> str:
    """How a study is relied on: cited by the policy, asked for, or one of a review's trials; empty where it is not."""
    if study.reference is not None:
        return f"reference {study.reference}"
    asked = {(each.population, each.outcome) for each in questions.questions}
    if any(
        result.outcome == outcome and questions.within(study.population, of)
        for result in study.results
        for of, outcome in asked
    ):
        return "not cited, and answers a question"
    return next(
        (
            f"one of the trials of {each.id}"
            for each in base.studies
            for held in each.included
            if held.study == study.id
        ),
        "",
    )


@rule(Subject.STUDIES, Severity.ERROR)
def cited_study_retracted(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """A study that the policy rests on has been retracted.

    `status: retracted` in its record, as PubMed, Crossref or a registry says and a person wrote down. Nothing may rest on it:
    look at each pool and each conclusion without it. A *notice* of retraction is not the retracted paper.
    """
    return _of_standing(
        holdings, today, Standing.RETRACTED,
        "leave it out of every pool, look at the conclusion without it (`medpol evidence what-if --without`), and take it out of the references",
    )  # fmt: skip


@rule(Subject.STUDIES, Severity.ERROR)
def cited_study_of_concern(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """The journal of a study that the policy rests on has published an expression of concern.

    Whether its numbers hold is open. Show the pools without it until the journal has decided.
    """
    return _of_standing(
        holdings, today, Standing.OF_CONCERN,
        "leave it out of the pools until the journal has decided, and look at the conclusion without it",
    )  # fmt: skip


@rule(Subject.STUDIES, Severity.WARNING)
def cited_study_corrected(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """A study that the policy rests on has been corrected since it was recorded.

    A correction may alter the very numbers that are pooled. A record made after it, from the corrected text, drops
    `status:`.
    """
    return _of_standing(
        holdings, today, Standing.CORRECTED,
        "hold the record against the corrected text, and record it anew without `status:`",
    )  # fmt: skip


@rule(Subject.STUDIES, Severity.NOTE)
def cited_study_superseded(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """A study that the policy rests on has a newer edition that takes its place.

    An updated review or guideline says what its body holds now; the older one is history. A task for the next review.
    """
    return _of_standing(
        holdings, today, Standing.SUPERSEDED,
        "record the newer edition, and cite it in the next version",
    )  # fmt: skip


@rule(Subject.STUDIES, Severity.WARNING)
def newer_evidence(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """A study or review on a concluded question was published after the version's literature search, and is not cited.

    Held against each other are the year of the record and the day of `literature through`; of one year, the record counts as
    newer where it was recorded after that day, as a note where the year is all that tells. It changes no conclusion: it
    asks a person to look.
    """
    for each in beside(holdings, today):
        searched = None if each.version.literature_through is None else each.version.literature_through.last_day()
        for study in each.base.studies if searched is not None else ():
            if study.reference is not None or study.year is None or study.kind not in _STUDIES:
                continue
            asked = each.questions.population(study.population)
            if asked is None or concluding(each.base, each.questions, study.population) is None:
                continue
            if (
                searched is None
                or study.year < searched.year
                or (study.year == searched.year and study.recorded <= searched)
            ):
                continue
            certain = study.year > searched.year
            yield Finding(
                front_place(holdings, study.source, "year"),
                f"{study.id}, {study.kind.value} of {study.year} on {population_words(asked, study.population)}, is not cited; "
                f"the literature was searched through {searched}",
                "a policy that knows what was published on its questions",
                "review the conclusion with it, then cite it in the next version and move `literature through`",
                severity=None if certain or study.recorded > searched else Severity.NOTE,
            )


RULES = (cited_study_retracted, cited_study_of_concern, cited_study_corrected, cited_study_superseded, newer_evidence)
