"""What is watched for a policy: its records of trials and studies, and what its newest version prints."""

from __future__ import annotations

import re
from collections.abc import Iterable

from medpol.evidence.watching.trials import ENDED, status_named
from medpol.evidence.watching.values import Kind, PaperCited, TrialListed, Watched
from medpol.model.diagnostic import Source
from medpol.model.evidence import Reference, Trial
from medpol.model.policy import PolicyVersion
from medpol.model.studies import EvidenceBase, Questions, Standing, Study, TrialWatched

NCT = re.compile(r"NCT\d{8}", re.ASCII)
_KNOWN = {
    Standing.RETRACTED: Kind.RETRACTED,
    Standing.OF_CONCERN: Kind.OF_CONCERN,
    Standing.CORRECTED: Kind.CORRECTED,
    Standing.SUPERSEDED: Kind.SUPERSEDED,
}
PMID = re.compile(r"[1-9]\d{0,8}", re.ASCII)
_DOI = re.compile(r"10\.\d{4,9}/[^\s\"<>]+", re.ASCII)


def watched(policy: str, version: PolicyVersion | None, base: EvidenceBase | None) -> Watched:
    """All that is watched for a policy.

    Trials of its ``trials.md`` first, then those that only the version prints; studies on record first, then references
    that are no study of the record. A number that no registry could know is left out: ``medpol check`` names it.
    """
    watching = max(base.watching, key=lambda each: each.recorded, default=None) if base is not None else None
    latest = {} if base is None else {each.id: each for each in sorted(base.studies, key=lambda each: each.recorded)}
    questions = None if base is None else base.asked
    through = None if version is None or version.literature_through is None else version.literature_through.last_day()
    return Watched(
        policy,
        _trials(
            watching.trials if watching is not None else (), version.trials if version is not None else (), questions
        ),
        _papers(latest.values(), version.references if version is not None else (), questions),
        () if watching is None else watching.queries,
        through,
        "" if version is None else version.content_hash,
    )


def _trials(
    recorded: Iterable[TrialWatched], printed: Iterable[Trial], questions: Questions | None
) -> tuple[TrialListed, ...]:
    rows = {each.nct.strip().upper(): each for each in printed}
    held = {
        each.nct.strip().upper(): _recorded(each, rows.get(each.nct.strip().upper()), questions) for each in recorded
    }
    held |= {nct: _printed(nct, each) for nct, each in rows.items() if nct not in held}
    return tuple(each for nct, each in held.items() if NCT.fullmatch(nct))


def _recorded(each: TrialWatched, row: Trial | None, questions: Questions | None) -> TrialListed:
    is_printed_ongoing = row is None or row.is_published is None
    return TrialListed(
        each.nct.strip().upper(),
        _named(each.population, questions),
        "" if row is None else row.title,
        is_printed_ongoing and status_named(each.status) not in ENDED,
        row is not None and row.is_published is True,
        each.status,
        each.enrolment if each.enrolment is not None or row is None else row.enrolment,
        each.completion.text or ("" if row is None else row.completion.text),
        _place(each.source),
    )


def _printed(nct: str, row: Trial) -> TrialListed:
    return TrialListed(
        nct,
        row.population,
        row.title,
        row.is_published is None,
        row.is_published is True,
        row.status,
        row.enrolment,
        row.completion.text,
        _place(row.source),
    )


def _papers(
    studies: Iterable[Study], references: Iterable[Reference], questions: Questions | None
) -> tuple[PaperCited, ...]:
    held = [_of_study(each, questions) for each in studies]
    known = {each.pmid for each in held if each.pmid}
    held += [_of_reference(each) for each in references if (each.pmid or "").strip() not in known or not each.pmid]
    by_key = {each.key: each for each in reversed(held) if each.pmid or each.doi}
    return tuple(sorted(by_key.values(), key=held.index))


def _of_study(study: Study, questions: Questions | None) -> PaperCited:
    return PaperCited(
        study.id,
        study.pmid if PMID.fullmatch(study.pmid) else "",
        study.doi,
        study.citation,
        "" if study.population == "none" else _named(study.population, questions),
        _place(study.source),
        None if study.status is None else _KNOWN[study.status.standing],
    )


def _named(population: str, questions: Questions | None) -> str:
    """A population in the words of the policy, where its id is one of the questions; the words themselves elsewhere."""
    found = None if questions is None else questions.population(population)
    return population if found is None else found.named or found.id


def _of_reference(reference: Reference) -> PaperCited:
    doi = _DOI.search(reference.text)
    pmid = (reference.pmid or "").strip()
    return PaperCited(
        f"reference {reference.number}",
        pmid if PMID.fullmatch(pmid) else "",
        "" if doi is None else doi[0].rstrip(".,;)"),
        reference.text,
        "",
        _place(reference.source),
    )


def _place(source: Source) -> str:
    return str(source) if source.file else ""
