"""Citations in and out: RIS as reference managers and screening tools write it, and drafts of records made from it.

A draft holds what a citation says and nothing else: no population, no result, and the words of what a person still has
to look up.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from medpol.model.studies import Checked, Study, StudyKind

TO_CHECK = (
    "this is a draft from a citation: the kind of study, its population and its intervention",
    "every number: sizes, results, harms, risk of bias",
)
_LINE = re.compile(r"^([A-Z][A-Z0-9])  ?-(?: (.*))?$")
_TYPES = {StudyKind.TEXTBOOK: "CHAP", StudyKind.GUIDELINE: "STAND"}
_DOI = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:\s*)?(10\.\d{4,9}/\S+)", re.IGNORECASE)
_PUBMED = re.compile(r"(?:pubmed\.ncbi\.nlm\.nih\.gov/|ncbi\.nlm\.nih\.gov/pubmed/|PMID:?\s*)(\d{1,9})", re.IGNORECASE)
_NCT = re.compile(r"NCT\d{8}")


@dataclass(frozen=True, slots=True)
class Citation:
    """What a citation says of a publication; empty where it does not say."""

    authors: tuple[str, ...] = ()
    year: int | None = None
    title: str = ""
    journal: str = ""
    pmid: str = ""
    doi: str = ""
    registrations: tuple[str, ...] = ()
    line: int = 1

    @property
    def key(self) -> tuple[str, str]:
        return self.pmid, self.doi.casefold()


@dataclass(frozen=True, slots=True)
class BadRis:
    """A line of RIS that cannot be read, or a record that says nothing."""

    line: int
    says: str


def read_ris(text: str) -> tuple[tuple[Citation, ...], tuple[BadRis, ...]]:
    """The citations of a RIS file, and what in it could not be read. A line without a tag goes on with the one before."""
    citations: list[Citation] = []
    problems: list[BadRis] = []
    fields: list[tuple[str, str]] = []
    start = 1
    for at, raw in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        line = raw.rstrip()
        match = _LINE.match(line)
        if match is None:
            if line and fields:
                tag, before = fields[-1]
                fields[-1] = tag, f"{before} {line.strip()}".strip()
            elif line:
                problems.append(BadRis(at, f"{line[:40]!r} has no tag, such as `TI  - `"))
            continue
        tag, value = match[1], (match[2] or "").strip()
        if tag == "TY":
            if fields:
                problems.append(BadRis(at, f"a record begins before the one of line {start} has ended with `ER  - `"))
                _take(fields, start, citations, problems)
            fields, start = [("TY", value)], at
        elif tag == "ER":
            _take(fields, start, citations, problems)
            fields = []
        elif fields:
            fields.append((tag, value))
        else:
            problems.append(BadRis(at, f"`{tag}` stands before any record; expected `TY  - `"))
    if fields:
        problems.append(BadRis(start, "the record that begins here does not end with `ER  - `"))
        _take(fields, start, citations, problems)
    return tuple(citations), tuple(problems)


def _take(fields: Sequence[tuple[str, str]], line: int, citations: list[Citation], problems: list[BadRis]) -> None:
    if not fields:
        return
    citation = _citation(fields, line)
    if citation.title or citation.pmid or citation.doi:
        citations.append(citation)
    else:
        problems.append(BadRis(line, "a record without title, PMID or DOI"))


def _citation(fields: Sequence[tuple[str, str]], line: int) -> Citation:
    def first(*tags: str) -> str:
        return next((value for tag in tags for name, value in fields if name == tag and value), "")

    everything = " ".join(value for _, value in fields)
    year = re.match(r"\d{4}", first("PY", "Y1", "DA"))
    doi = _DOI.search(first("DO")) or next(
        (found for tag in ("UR", "M3", "N1", "L3") if (found := _DOI.search(first(tag)))), None
    )
    return Citation(
        tuple(value for tag, value in fields if tag in ("AU", "A1") and value),
        None if year is None else int(year[0]),
        first("TI", "T1", "CT"),
        _printed_in(first),
        _pmid(fields),
        "" if doi is None else doi[1].rstrip(".,;"),
        tuple(dict.fromkeys(_NCT.findall(everything))),
        line,
    )


def _printed_in(first: Callable[..., str]) -> str:
    journal, volume, issue = first("JO", "JF", "T2", "J2", "JA"), first("VL"), first("IS")
    pages = "-".join(each for each in (first("SP"), first("EP")) if each)
    where = (volume + (f"({issue})" if issue else "")) + (f":{pages}" if pages else "")
    return " ".join(each for each in (journal, where) if each)


def _pmid(fields: Sequence[tuple[str, str]]) -> str:
    """From the accession number where the database is PubMed, or from an address or words that name it."""
    values = dict(fields)
    database = f"{values.get('DB', '')} {values.get('DP', '')}".casefold()
    if values.get("AN", "").isdecimal() and ("pubmed" in database or "medline" in database or not database.strip()):
        return values["AN"]
    return next((match[1] for _, value in fields if (match := _PUBMED.search(value))), "")


# ---------------------------------------------------------------------------- drafts


@dataclass(frozen=True, slots=True)
class Drafted:
    """Drafts of records, and citations that are held already: each with the record that holds it."""

    drafts: tuple[Study, ...]
    held: tuple[tuple[Citation, str], ...]


def drafts_of(
    citations: Iterable[Citation], held: Iterable[Study], kind: StudyKind, recorded: date, population: str = "none"
) -> Drafted:
    """One draft a citation, but for those whose PMID or DOI a record holds, or an earlier citation of the same file."""
    studies = list(held)
    known = [(each.pmid, each.doi.casefold(), each.id) for each in studies]
    ids = {each.id for each in studies}
    drafts: list[Study] = []
    found: list[tuple[Citation, str]] = []
    for citation in citations:
        pmid, doi = citation.key
        twin = next((id for a, b, id in known if (pmid and pmid == a) or (doi and doi == b)), None)
        if twin is not None:
            found.append((citation, twin))
            continue
        draft = draft_of(citation, kind, recorded, ids, population)
        ids.add(draft.id)
        known.append((pmid, doi, draft.id))
        drafts.append(draft)
    return Drafted(tuple(drafts), tuple(found))


def draft_of(
    citation: Citation, kind: StudyKind, recorded: date, taken: Iterable[str] = (), population: str = "none"
) -> Study:
    """The draft of a record from one citation, under an id that no other record has."""
    author = citation.authors[0] if citation.authors else ""
    return Study(
        id=_free(_id_of(citation, author), set(taken)),
        recorded=recorded,
        kind=kind,
        first_author=author,
        year=citation.year,
        title=citation.title,
        citation=citation.journal,
        pmid=citation.pmid,
        doi=citation.doi,
        registrations=citation.registrations,
        population=population,
        checked=Checked.NO,
        to_check=TO_CHECK,
    )


def _id_of(citation: Citation, author: str) -> str:
    surname = (
        author.split(",", maxsplit=1)[0].split(" ", maxsplit=1)[0]
        if "," not in author
        else author.split(",", maxsplit=1)[0]
    )
    named = _slug(surname)
    if named:
        return f"{named}-{citation.year}" if citation.year else named
    if citation.pmid:
        return f"pmid-{citation.pmid}"
    registered = citation.registrations[0].casefold() if citation.registrations else ""
    return _slug(citation.doi) or registered or "-".join(_slug(citation.title).split("-")[:6]) or "draft"


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.casefold()).strip("-")


def _free(id: str, taken: set[str]) -> str:
    names = (id, *(f"{id}-{at}" for at in range(2, len(taken) + 3)))
    return next(name for name in names if name not in taken)


# ---------------------------------------------------------------------------- out


def write_ris(studies: Iterable[Study]) -> str:
    """The citations of records as RIS; reading it gives authors, year, title, where printed and numbers again."""
    return "".join(_ris(each) for each in sorted(studies, key=lambda each: each.id))


def _ris(study: Study) -> str:
    lines = [("TY", _TYPES.get(study.kind, "JOUR")), ("ID", study.id)]
    lines += [("AU", study.first_author)] if study.first_author else []
    lines += [("PY", str(study.year))] if study.year else []
    lines += [("TI", study.title)] if study.title else []
    lines += [("JO", study.citation)] if study.citation else []
    lines += [("DO", study.doi)] if study.doi else []
    lines += [("AN", study.pmid), ("DB", "PubMed")] if study.pmid else []
    lines += [("C1", each) for each in study.registrations]
    return "".join(f"{tag}  - {' '.join(value.split())}\r\n" for tag, value in (*lines, ("ER", ""))) + "\r\n"


def as_citation(study: Study) -> Citation:
    """What a record says of its own publication."""
    authors = (study.first_author,) if study.first_author else ()
    numbers = study.pmid, study.doi, study.registrations
    return Citation(authors, study.year, study.title, study.citation, *numbers)
