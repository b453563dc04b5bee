"""Rules about references: whether they are cited, told apart from each other, and can be looked up."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date

from medpol.check.citations import citations
from medpol.check.findings import Finding, Subject, rule
from medpol.check.holdings import Holdings
from medpol.check.prose import body_lines
from medpol.model.diagnostic import Severity, Source
from medpol.model.evidence import Reference
from medpol.model.policy import PolicyVersion, SectionName

_PMID = re.compile(r"\bPMIDs?\b(?:\s*(?:no\.?|number))?\s*[:#]?\s*\[?(?P<value>[^\s\],;]*)", re.IGNORECASE)
_PMCID_TOO = "; this one is a PMCID, and may stand beside it under that name"
_SOUND_PMID = re.compile(r"[1-9]\d{0,7}", re.ASCII)
_WORD = re.compile(r"\w+")
_FIRST_AUTHOR = re.compile(r"([^\W\d_][\w'’-]{3,})\s+[A-Z]{1,3}\b")
_AS_A_PAPER = re.compile(r",? et al|\s+and (?:co|his|her|their)\b|['’]s?\s|,?\s\(?(?:19|20)\d\d")
_BY = re.compile(r"\bby\s+$")


@rule(Subject.REFERENCES, Severity.NOTE)
def reference_never_cited(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """A reference is listed and no mark in the text cites it.

    A mark is a number in brackets or set high: `[17]`, `[1-3, 7]`. Naming the author is no mark: a reader cannot tell
    which of her papers is meant. A reference that nothing cites supports nothing in particular, and whoever appeals
    against the policy, or reviews it, cannot see which sentence rests on it. Put the mark where the sentence is, or take
    the reference out and renumber. Each reference is a finding of its own, so that the list can be worked off.
    """
    for version in holdings.versions:
        if not version.references:
            continue
        cited = {each.number for each in citations(holdings, version)}
        told = tuple(_told(holdings, version))
        for reference in version.references:
            if reference.number in cited:
                continue
            named = _author_named(reference, told)
            author = f"; {named[1]} is named on line {named[0]}" if named else ""
            yield Finding(
                reference.source,
                f"reference {reference.number} is cited by no mark{author}",
                f"[{reference.number}] beside the sentence that rests on it",
                f"write [{reference.number}] {f'on line {named[0]}' if named else 'there'}, or delete the reference "
                "and renumber those after it",
            )


@rule(Subject.REFERENCES, Severity.WARNING)
def citation_without_reference(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """The text cites a number that the list of references does not hold.

    `[19]` beside a list of 18 leads nowhere: a reference was dropped or renumbered, or the number is mistyped. Ranges
    count number by number. Brackets after a figure, `45 [30-60]`, are its range and cite nothing. A document without a
    list of references is not held against one.
    """
    for version in holdings.versions:
        held = {reference.number for reference in version.references}
        if not held:
            continue
        absent: dict[Source, list[str]] = {}
        for each in citations(holdings, version):
            if each.number not in held and not each.is_doubtful:
                absent.setdefault(each.source, []).append(str(each.number))
        for source, numbers in absent.items():
            yield Finding(
                source,
                f"[{', '.join(numbers)}] is cited; the references are numbered 1 to {max(held)}",
                "the number of a reference that is listed",
                "correct the number, or add the reference",
            )


@rule(Subject.REFERENCES, Severity.NOTE)
def reference_without_pmid(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """A reference has no PubMed number.

    A PMID lets anybody open the paper, and lets a watch on retractions and corrections find it. Books, reports and web
    pages have none, which is fine; a journal article that PubMed holds should carry it: ` PMID 12345678` at its end.
    """
    for version in holdings.versions:
        for reference in version.references:
            if not _PMID.search(reference.text):
                yield Finding(
                    reference.source,
                    f"reference {reference.number} has no PMID",
                    "PMID and a number, where PubMed holds the paper",
                    "add ` PMID ` and the number at its end; leave it where there is none",
                )


@rule(Subject.REFERENCES, Severity.WARNING)
def pmid_malformed(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """What stands after `PMID` is no PubMed number: one to eight digits, the first not 0.

    A PMC number (`PMC` and digits) names the full text in another archive; it is written as PMCID and replaces no PMID.
    A number that is not one finds no paper, or somebody else's.
    """
    for version in holdings.versions:
        for reference in version.references:
            for match in _PMID.finditer(reference.text):
                value = match["value"].rstrip(".)")
                if _SOUND_PMID.fullmatch(value):
                    continue
                place = reference.source
                yield Finding(
                    Source(place.file, place.line, place.column + match.start("value" if value else 0)),
                    f"{value!r} is no PMID" if value else "PMID without a number",
                    "one to eight digits",
                    "look the paper up in PubMed and write its number"
                    + (_PMCID_TOO if value[:3].upper() == "PMC" else ""),
                )


@rule(Subject.REFERENCES, Severity.WARNING)
def duplicate_reference(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """A paper stands twice in the list of references.

    Two references are one paper where their PMID is the same, or their words are, or their authors, title and date. A
    paper counted twice looks like two that agree. Delete the later one and give its citations the number of the first.
    """
    for version in holdings.versions:
        seen: dict[object, Reference] = {}
        for reference in version.references:
            keys = _same_paper(reference)
            known = [seen[key] for key in keys if key in seen]
            first = next((each for each in known if not _are_two(each, reference)), None)
            if first is not None:
                yield Finding(
                    reference.source,
                    f"reference {reference.number} is reference {first.number} again",
                    "each paper once",
                    f"delete it, cite [{first.number}] instead of [{reference.number}], and renumber those after it",
                )
            for key in keys:
                seen.setdefault(key, reference)


def _same_paper(reference: Reference) -> tuple[object, ...]:
    """The keys by which a reference is known again."""
    words = _words(reference.text)
    keys: list[object] = [("text", words)] if len(words) > 4 else []
    if reference.pmid is not None:
        keys.append(("pmid", reference.pmid))
    if len(_words(reference.title)) > 3 and reference.authors and reference.date:
        keys.append((_words(reference.authors), _words(reference.title), reference.date.casefold()))
    return tuple(keys)


def _are_two(one: Reference, other: Reference) -> bool:
    """Whether two PubMed numbers tell alike references apart: a paper in parts, or its correction."""
    return one.pmid is not None and other.pmid is not None and one.pmid != other.pmid


def _told(holdings: Holdings, version: PolicyVersion) -> Iterator[tuple[int, str]]:
    """The lines on which a paper can be cited: all but those of the list itself."""
    for number, line, section in body_lines(holdings.lines(version.source.file), version):
        if section is not SectionName.REFERENCES and line:
            yield number, line


def _words(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(text.casefold()))


def _author_named(reference: Reference, told: Iterable[tuple[int, str]]) -> tuple[int, str] | None:
    """The line on which the prose names a first author as one names a paper, and her name: "by Smith", "Smith et al"."""
    name = _FIRST_AUTHOR.match(reference.authors)
    if name is None:
        return None
    for number, line in told:
        at = line.find(name[1])
        while at >= 0:
            after = line[at + len(name[1]) :]
            if _AS_A_PAPER.match(after) or (_BY.search(line[:at]) and not after[:1].isalnum()):
                return number, name[1]
            at = line.find(name[1], at + 1)
    return None


RULES = (
    reference_never_cited,
    citation_without_reference,
    reference_without_pmid,
    pmid_malformed,
    duplicate_reference,
)
