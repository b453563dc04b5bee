"""What changed in the evidence sections: populations, trials, guidelines, references, Medicare, and the history."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from enum import Enum
from typing import Protocol, TypeVar

from medpol.library.redline.alike import Pairing
from medpol.library.redline.coding import counted
from medpol.library.redline.values import Item, Kind, Subject, item, said
from medpol.model.dates import StatedDate
from medpol.model.diagnostic import Source
from medpol.model.evidence import Guideline, HistoryRow, MedicareSource, Population, Reference, StudyBody, Trial
from medpol.model.policy import PolicyVersion, SectionName


class _Placed(Protocol):
    @property
    def source(self) -> Source: ...


_E = TypeVar("_E", bound=_Placed)
_Fields = tuple[tuple[str, Kind], ...]
_CHANGED, _REWORDED = Kind.CHANGED, Kind.REWORDED


def of_evidence(before: PolicyVersion, after: PolicyVersion) -> Iterator[Item]:
    """Every item of the evidence sections but the history. Prose is compared among the words."""
    yield from _of_list(
        before.populations,
        after.populations,
        Subject.POPULATION,
        "the population",
        (lambda each: each.name,),
        _population,
        (("conclusion", _CHANGED), ("outcomes", _CHANGED), ("studies", _CHANGED), ("name", _REWORDED)),
    )
    yield from _of_list(
        before.trials,
        after.trials,
        Subject.TRIAL,
        "the trial",
        (lambda each: each.nct, lambda each: each.title.casefold()),
        _trial,
        (
            ("nct", _CHANGED),
            ("status", _CHANGED),
            ("completion", _CHANGED),
            ("enrolment", _CHANGED),
            ("population", _CHANGED),
            ("is_published", _CHANGED),
            ("title", _REWORDED),
        ),
    )
    yield from _of_guidelines(before, after)
    yield from _of_references(before.references, after.references)
    yield from _of_medicare(before, after)
    yield from _of_regulatory(before, after)


def of_history(before: PolicyVersion, after: PolicyVersion) -> Iterator[Item]:
    """Rows that the document's own history gained or lost."""
    yield from _of_list(
        before.history,
        after.history,
        Subject.HISTORY,
        "the history's row",
        (lambda each: each, lambda each: (each.day, each.event)),
        _history,
        (
            ("effective", _CHANGED),
            ("approved", _CHANGED),
            ("published", _CHANGED),
            ("says", _CHANGED),
            ("comment", _REWORDED),
        ),
    )


# ---------------------------------------------------------------------------- section by section


def _of_guidelines(before: PolicyVersion, after: PolicyVersion) -> Iterator[Item]:
    one, other = before.guidelines, after.guidelines
    yield from _of_list(
        one.guidelines,
        other.guidelines,
        Subject.GUIDELINE,
        "the guideline of",
        (lambda each: (each.body, each.year), lambda each: each.body),
        _guideline,
        (
            ("recommends", _CHANGED),
            ("year", _CHANGED),
            ("kind", _CHANGED),
            ("issuer", _CHANGED),
            ("systematic_review", _CHANGED),
            ("strength_ratings", _CHANGED),
            ("conflict_handling", _CHANGED),
        ),
    )
    yield from _of_text(
        before,
        after,
        SectionName.GUIDELINES,
        Subject.GUIDELINE,
        "inclusion rule",
        one.inclusion_rule,
        other.inclusion_rule,
    )


def _of_references(before: Sequence[Reference], after: Sequence[Reference]) -> Iterator[Item]:
    """How many references came and went; a new number alone is no change."""
    pairing = Pairing(before, after)
    pairing.by(lambda each: each.pmid)
    pairing.by(lambda each: " ".join(each.text.casefold().split()))
    for kind, held in ((Kind.ADDED, pairing.right), (Kind.REMOVED, pairing.left)):
        if not held:
            continue
        numbers = ", ".join(str(each.number) for each in held.values())
        saids = tuple(each for held_one in held.values() for each in said(held_one.text, held_one.source))
        yield item(
            kind,
            Subject.REFERENCE,
            numbers,
            f"{counted(len(held), 'reference')} {'added' if kind is Kind.ADDED else 'removed'} ({numbers})",
            saids if kind is Kind.REMOVED else (),
            saids if kind is Kind.ADDED else (),
        )
    for i, j in pairing.pairs:
        one, other = before[i], after[j]
        if " ".join(one.text.split()) != " ".join(other.text.split()):
            says = f"reference {other.number}: reads otherwise"
            places = said(one.text, one.source), said(other.text, other.source)
            yield item(Kind.REWORDED, Subject.REFERENCE, str(other.number), says, *places)


def _of_medicare(before: PolicyVersion, after: PolicyVersion) -> Iterator[Item]:
    one, other = before.medicare, after.medicare
    yield from _of_text(
        before, after, SectionName.MEDICARE, Subject.MEDICARE, "statement", one.statement, other.statement
    )
    yield from _of_list(
        one.sources,
        other.sources,
        Subject.MEDICARE,
        "the Medicare source",
        (lambda each: (each.name, each.day), lambda each: each.name),
        _medicare,
        (("day", _CHANGED), ("says", _CHANGED), ("address", _REWORDED)),
    )


def _of_regulatory(before: PolicyVersion, after: PolicyVersion) -> Iterator[Item]:
    one, other = (_words(each.regulatory.approval_needed) for each in (before, after))
    yield from _of_text(before, after, SectionName.REGULATORY, Subject.REGULATORY, "approval needed", one, other)


def _of_text(
    before: PolicyVersion, after: PolicyVersion, section: SectionName, subject: Subject, what: str, one: str, other: str
) -> Iterator[Item]:
    if one == other:
        return
    place, later = before.section(section), after.section(section)
    yield item(
        Kind.ADDED if not one else Kind.REMOVED if not other else Kind.CHANGED,
        subject,
        what,
        f"{section.value}, {what}: {one or 'not stated'} → {other or 'not stated'}",
        said(one, place.source) if one and place is not None else (),
        said(other, later.source) if other and later is not None else (),
    )


# ---------------------------------------------------------------------------- lists


def _of_list(
    before: Sequence[_E],
    after: Sequence[_E],
    subject: Subject,
    what: str,
    keys: Sequence[Callable[[_E], Hashable]],
    words: Callable[[_E], tuple[str, str]],
    fields: _Fields,
) -> Iterator[Item]:
    """What came, what went, and the fields that differ in what stayed. ``words``: a name, and the whole in words."""
    pairing = Pairing(before, after)
    for key in keys:
        pairing.by(key)
    pairs = {j: i for i, j in pairing.pairs}
    for each in pairing.left.values():
        name, whole = words(each)
        yield item(Kind.REMOVED, subject, name, f"{what} {name} is gone: {whole}", said(whole, each.source))
    for at, each in enumerate(after):
        name, whole = words(each)
        if at not in pairs:
            yield item(Kind.ADDED, subject, name, f"{what} {name} came: {whole}", (), said(whole, each.source))
            continue
        held = before[pairs[at]]
        for field, kind in fields:
            one, other = _words(getattr(held, field)), _words(getattr(each, field))
            if one != other:
                label = field.removeprefix("is_").replace("_", " ")
                says = f"{what} {name}: {label} {one or 'not stated'} → {other or 'not stated'}"
                yield item(kind, subject, name, says, said(words(held)[1], held.source), said(whole, each.source))


def _words(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case Enum():
            return str(value.value)
        case StatedDate(text):
            return text
        case StudyBody(kind, studies, participants):
            numbers = (f"{studies} studies" if studies else "", f"{participants} participants" if participants else "")
            return " ".join(part for part in (kind, *numbers) if part)
        case tuple():
            return ", ".join(map(_words, value))
        case _:
            return str(value)


def _joined(*parts: object) -> str:
    return ", ".join(words for part in parts if (words := _words(part)))


def _population(each: Population) -> tuple[str, str]:
    return each.name, f"evidence {each.conclusion.value}"


def _trial(each: Trial) -> tuple[str, str]:
    return each.nct or each.title, _joined(each.title, each.population, each.enrolment, each.completion, each.status)


def _guideline(each: Guideline) -> tuple[str, str]:
    return each.body, _joined(each.year, each.kind, each.recommends) or "nothing more stated"


def _medicare(each: MedicareSource) -> tuple[str, str]:
    return each.name, _joined(each.day, each.says)


def _history(each: HistoryRow) -> tuple[str, str]:
    return f"{each.day.text} {each.event}".strip(), _joined(each.says, each.comment) or each.event
