"""``medpol evidence add``, ``import`` and ``export``: drafts of records from numbers, citations and sheets, and back out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from medpol.cli.evidence import Held, open_evidence
from medpol.cli.extras import with_extra
from medpol.cli.opening import KnownOn, Policies, Today, Verbose
from medpol.cli.output import Page, counted, write_bytes, writing
from medpol.cli.recordings import Recordings
from medpol.cli.show import PolicyNumber
from medpol.cli.stops import DONE, FINDINGS, NOT_FOUND, REFUSED, USAGE, Stop
from medpol.evidence.citations import BadRis, Citation, draft_of, drafts_of, read_ris, write_ris
from medpol.evidence.sheet import BadSheet, read_sheet, results_sheet
from medpol.evidence.watching import clinical_trials, crossref, pubmed
from medpol.evidence.watching.values import (
    Asked,
    EvidenceSource,
    Fetch,
    Learned,
    PaperCited,
    Refused,
    TrialAsked,
    TrialRecord,
)
from medpol.library import find_root
from medpol.model.studies import Checked, EvidenceBase, Reported, Result, Size, Study, StudyKind
from medpol.text.source import Findings, decode
from medpol.text.studies import write_study

_NUMBERS = {"--pmid": r"\d{1,9}", "--nct": r"NCT\d{8}", "--doi": r"10\.\d{4,9}/\S+"}


class Shape(StrEnum):
    """What is taken in or given out."""

    RIS = "ris"
    CSV = "csv"


Kind = Annotated[
    str, typer.Option("--kind", metavar="KIND", help="What kind of study: randomised trial, systematic review, ...")
]
OfPopulation = Annotated[
    str, typer.Option("--population", metavar="P", help="Its id in questions.md; none if left out.")
]


def add(
    policy: PolicyNumber,
    kind: Kind,
    pmid: Annotated[str, typer.Option("--pmid", metavar="N", help="A publication by its PubMed number.")] = "",
    nct: Annotated[str, typer.Option("--nct", metavar="N", help="A trial by its number at ClinicalTrials.gov.")] = "",
    doi: Annotated[str, typer.Option("--doi", metavar="D", help="A publication by its DOI.")] = "",
    population: OfPopulation = "none",
    saved: Annotated[
        Path | None, typer.Option("--saved", metavar="FOLDER", help="Fill it in from recorded answers.")
    ] = None,
    contact: Annotated[
        str, typer.Option("--contact", metavar="MAIL", help="Ask the source over the network, and say who asks.")
    ] = "",
    policies: Policies = None,
    today: Today = None,
    verbose: Verbose = False,
) -> int:
    """Write the draft of a record for one publication or registered trial.

    The draft holds what the number's source says of it, or the number alone where nobody is asked; no result is ever
    filled in. Exit code 3 where the source does not know the number.
    """
    held = open_evidence(policy, _writable(policies), None)
    day = today or date.today()
    given = [(name, value) for name, value in (("--pmid", pmid), ("--nct", nct), ("--doi", doi)) if value]
    if len(given) != 1:
        raise Stop(USAGE, "give one of --pmid, --nct and --doi")
    name, number = given[0]
    if not re.fullmatch(_NUMBERS[name], number, re.ASCII):
        raise Stop(USAGE, f"{name} {number!r} is no such number; expected the shape of {_NUMBERS[name]}")
    _refuse_held(held.whole, name, number)
    learned = _learned(name, number, saved, contact, day)
    draft = _draft(name, number, learned, _kind(kind), day, _population(held, population), held.whole)
    _write(held, policies, [draft], Page())
    return DONE


def import_(
    policy: PolicyNumber,
    file: Annotated[Path, typer.Argument(metavar="FILE", dir_okay=False, help="Citations as RIS, or results as CSV.")],
    shape: Annotated[Shape, typer.Option("--as", help="What the file holds.")] = Shape.RIS,
    kind: Annotated[
        str, typer.Option("--kind", metavar="KIND", help="What kind of study the citations are; needed for RIS.")
    ] = "",
    population: OfPopulation = "none",
    policies: Policies = None,
    today: Today = None,
    verbose: Verbose = False,
) -> int:
    """Take in citations as drafts of records, or a sheet of results as later records of studies that are held.

    A citation whose PMID or DOI a record holds is told and not taken again. Exit code 1 where something of the file
    could not be read; the rest is taken.
    """
    held = open_evidence(policy, _writable(policies), None)
    day = today or date.today()
    text = _text(file)
    page = Page()
    problems: Sequence[BadRis | BadSheet]
    if shape is Shape.RIS:
        citations, problems = read_ris(text)
        drafted = drafts_of(citations, held.whole.studies, _kind(kind), day, _population(held, population))
        _write(held, policies, drafted.drafts, page)
        for citation, id in drafted.held:
            page.line(f"held already: {citation.title or citation.pmid or citation.doi} ({id}); line {citation.line}")
    else:
        results, problems = read_sheet(text)
        _write(held, policies, _with_results(held.whole, results, day), page)
    for each in problems:
        page.unwrapped(f"{file}:{each.line}: {each.says}")
    return FINDINGS if problems else DONE


def export(
    policy: PolicyNumber,
    shape: Annotated[Shape, typer.Option("--as", help="Citations as RIS, or results as CSV.")] = Shape.RIS,
    policies: Policies = None,
    known_on: KnownOn = None,
    verbose: Verbose = False,
) -> int:
    """Give out the studies as RIS citations, or all their results as one CSV sheet, as known on a day."""
    held = open_evidence(policy, policies, known_on)
    studies = held.known.studies
    write_bytes((write_ris(studies) if shape is Shape.RIS else results_sheet(studies)).encode())
    return DONE


# ---------------------------------------------------------------------------- what is given


def _writable(policies: Path | None) -> Path:
    if policies is None:
        raise Stop(USAGE, "records are written into a library of your own; name it with --policies DIR")
    return policies


def _kind(given: str) -> StudyKind:
    found = next((each for each in StudyKind if each.value == " ".join(given.casefold().split())), None)
    if found is None:
        words = ", ".join(each.value for each in StudyKind)
        raise Stop(USAGE, f"--kind {given!r}: it is not guessed from a citation; give one of {words}")
    return found


def _population(held: Held, given: str) -> str:
    questions = held.known.asked
    known = [] if questions is None else [each.id for each in questions.populations]
    if given not in ("none", "all", *known):
        raise Stop(USAGE, f"no population {given!r} in questions.md; it has {', '.join(known) or 'none'}")
    return given


def _text(file: Path) -> str:
    try:
        data = file.read_bytes()
    except OSError as problem:
        raise Stop(NOT_FOUND, f"{file} cannot be read: {problem.strerror}") from None
    findings = Findings(str(file))
    text = decode(data, findings)
    if text is None:
        raise Stop(REFUSED, "; ".join(str(each) for each in findings.found) or f"{file} is no text")
    return text


def _refuse_held(base: EvidenceBase, name: str, number: str) -> None:
    for each in base.studies:
        numbers = {"--pmid": (each.pmid,), "--nct": each.registrations, "--doi": (each.doi.casefold(),)}[name]
        if number.casefold() in {one.casefold() for one in numbers if one}:
            raise Stop(USAGE, f"{name} {number} is held already: {each.id}, recorded {each.recorded}; {each.source}")


# ---------------------------------------------------------------------------- what the source says


def _learned(name: str, number: str, saved: Path | None, contact: str, today: date) -> Learned | None:
    """What the source of a number says of it; ``None`` where nobody is asked."""
    if saved is None and not contact:
        return None
    source: EvidenceSource = {"--pmid": pubmed.SOURCE, "--nct": clinical_trials.SOURCE, "--doi": crossref.SOURCE}[name]
    asked = {
        "--pmid": Asked(papers=(PaperCited(number, pmid=number),)),
        "--nct": Asked(trials=(TrialAsked(number),)),
        "--doi": Asked(papers=(PaperCited(number, doi=number),)),
    }[name]
    fetch: Fetch = Recordings.read(saved) if saved is not None else _fetcher(source, contact)
    for each in source.look(asked, fetch, today):
        if isinstance(each, Refused):
            raise Stop(NOT_FOUND, str(each))
        if each.papers or each.trials:
            return each
    raise Stop(NOT_FOUND, f"{source.name} says nothing of {number}")


def _fetcher(source: EvidenceSource, contact: str) -> Fetch:
    fetching = with_extra("medpol.cli.fetching", "evidence", "asking over the network")
    made: Fetch = fetching.Fetcher(source.hosts, contact)
    return made


def _draft(
    name: str,
    number: str,
    learned: Learned | None,
    kind: StudyKind,
    day: date,
    population: str,
    base: EvidenceBase,
) -> Study:
    taken = [each.id for each in base.studies]
    if learned is not None and learned.trials:
        return _of_trial(learned.trials[0], kind, day, population, taken)
    citation = {
        "--pmid": Citation(pmid=number),
        "--nct": Citation(registrations=(number,)),
        "--doi": Citation(doi=number),
    }[name]
    if learned is not None and learned.papers:
        paper = learned.papers[0]
        year = re.search(r"\b(?:19|20)\d\d\b", paper.citation)
        citation = Citation(
            year=None if year is None else int(year[0]),
            title=paper.title,
            journal=paper.citation,
            pmid=paper.pmid or citation.pmid,
            doi=paper.doi or citation.doi,
            registrations=paper.registrations,
        )
    return draft_of(citation, kind, day, taken, population)


def _of_trial(trial: TrialRecord, kind: StudyKind, day: date, population: str, taken: Iterable[str]) -> Study:
    draft = draft_of(Citation(title=trial.title, registrations=(trial.nct,)), kind, day, taken, population)
    sizes = () if trial.enrolment is None else (Size("planned", Reported(str(trial.enrolment)), Checked.NO),)
    status = (f"registry: {trial.status.lower().replace('_', ' ')}, completion {trial.completion or 'not reported'}",)
    return replace(draft, sizes=sizes, notes=status if trial.status else ())


def _with_results(base: EvidenceBase, results: dict[str, list[Result]], day: date) -> list[Study]:
    """Later records of the studies that a sheet names, with its results in place of those held."""
    unknown = sorted(id for id in results if base.study(id) is None)
    if unknown:
        raise Stop(
            NOT_FOUND,
            f"no record of {', '.join(unknown)}\n    mend: add the studies first, or correct the column Study ID",
        )
    found = []
    for id, rows in results.items():
        study = base.study(id)
        assert study is not None
        if study.recorded >= day:
            raise Stop(
                USAGE, f"{id} was recorded {study.recorded}; a later record needs a later day than --today {day}"
            )
        found.append(replace(study, results=tuple(rows), recorded=day))
    return found


# ---------------------------------------------------------------------------- writing


def _write(held: Held, policies: Path | None, studies: Sequence[Study], page: Page) -> None:
    """Each record to its file, none over another; the paths are said."""
    version = next(each for each in held.library.versions if each.policy == held.policy)
    folder = find_root(_writable(policies)) / Path(version.source.file).parent / "evidence" / "studies"
    paths = [folder / each.id / f"{each.recorded}.md" for each in studies]
    there = [each for each in paths if each.exists()]
    if there:
        raise Stop(USAGE, f"{there[0]} is there already; nothing was written")
    for study, path in zip(studies, paths, strict=True):
        with writing():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(write_study(study), encoding="utf-8", newline="\n")
        page.unwrapped(f"written: {path}")
    page.line(f"{counted(len(studies), 'record')} written", style="dim")
