"""The sections of a version in the document's own order, each with its prose as Markdown and its items."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from medpol.model.evidence import Guideline, Population
from medpol.model.policy import (
    Addressed,
    Coding,
    Criteria,
    Definitions,
    EvidenceReview,
    Guidelines,
    History,
    Medicare,
    PolicyVersion,
    Prose,
    References,
    Regulatory,
    Section,
    SectionName,
    Trials,
)


@dataclass(frozen=True, slots=True)
class Item:
    """One thing of a section: a population, a guideline, a reference, a value set, a dated source.

    ``facts`` are its stated fields, label and value.
    """

    name: str
    text: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    address: str = ""
    number: int | None = None


@dataclass(frozen=True, slots=True)
class SectionShown:
    """``kind`` says how it is laid out; what the criteria, codes, trials and history hold stands in the policy's value."""

    anchor: str
    heading: str
    kind: str
    text: str = ""
    audience: tuple[str, ...] = ()
    items: tuple[Item, ...] = ()


def sections_of(version: PolicyVersion, *, is_withheld: bool) -> tuple[SectionShown, ...]:
    """Every section; without its words where they are withheld."""
    found: list[SectionShown] = []
    taken: set[str] = set()
    for section in version.sections:
        anchor = _anchor(section.heading, taken)
        shown = _section(anchor, section)
        if is_withheld:
            shown = replace(
                shown, text="", items=tuple(replace(each, text="", facts=(), address="") for each in shown.items)
            )
        found.append(shown)
    return tuple(found)


def _anchor(heading: str, taken: set[str]) -> str:
    """A name for the section within the page, each once."""
    stem = re.sub(r"[^a-z0-9]+", "-", heading.casefold()).strip("-") or "section"
    name, at = f"s-{stem}", 2
    while name in taken:
        name, at = f"s-{stem}-{at}", at + 1
    taken.add(name)
    return name


def _section(anchor: str, section: Section) -> SectionShown:
    heading = section.heading
    match section.body:
        case Prose(text):
            return SectionShown(anchor, heading, "prose", text)
        case Addressed(audience, prose):
            is_introduction = section.name is SectionName.INTRODUCTION
            return SectionShown(anchor, heading, "introduction" if is_introduction else "prose", prose, audience)
        case Criteria(_, notes):
            return SectionShown(anchor, heading, "criteria", "\n\n".join(notes))
        case Coding(_, prose):
            return SectionShown(anchor, heading, "coding", prose)
        case Definitions(sets, tables, _, prose):
            items = [
                Item(
                    each.name,
                    each.sentence,
                    (("Values", ", ".join(each.values) + (" and others" if each.is_open else "")),),
                )
                for each in sets
            ]
            items += [
                Item(
                    each.name,
                    "",
                    tuple((f"{each.columns[0]} {key}", f"{each.columns[1]} {value}") for key, value in each.rows),
                )
                for each in tables
            ]
            return SectionShown(anchor, heading, "definitions", prose, items=tuple(items))
        case EvidenceReview(populations, prose):
            return SectionShown(anchor, heading, "evidence", prose, items=tuple(map(_population, populations)))
        case Trials(_, prose):
            return SectionShown(anchor, heading, "trials", prose)
        case Guidelines(rule, guidelines, prose):
            text = "\n\n".join(part for part in (prose, rule) if part)
            return SectionShown(anchor, heading, "guidelines", text, items=tuple(map(_guideline, guidelines)))
        case Medicare(statement, sources, prose):
            items = [Item(each.name, each.says, (("Dated", each.day.text),), _web(each.address)) for each in sources]
            text = "\n\n".join(part for part in (statement, prose) if part)
            return SectionShown(anchor, heading, "medicare", text, items=tuple(items))
        case Regulatory(needed, prose):
            words = {True: "Approval is needed.", False: "Approval is not needed.", None: ""}[needed]
            return SectionShown(anchor, heading, "prose", "\n\n".join(part for part in (words, prose) if part))
        case References(references, prose):
            items = [
                Item(
                    "",
                    each.text,
                    address=f"https://pubmed.ncbi.nlm.nih.gov/{each.pmid}/" if each.pmid else "",
                    number=each.number,
                )
                for each in references
            ]
            return SectionShown(anchor, heading, "references", prose, items=tuple(items))
        case History(_, prose):
            return SectionShown(anchor, heading, "history", prose)


def _web(address: str) -> str:
    """An address that a page may link to; any other scheme is shown nowhere."""
    return address if re.match(r"https?://", address, re.ASCII | re.IGNORECASE) else ""


def _population(each: Population) -> Item:
    studies = [
        ", ".join(
            part
            for part in (
                body.kind,
                "" if body.studies is None else f"{body.studies} studies",
                "" if body.participants is None else f"{body.participants:,} participants",
            )
            if part
        )
        for body in each.studies
    ]
    facts = (
        ("Studies", "; ".join(studies)),
        ("Outcomes", "; ".join(each.outcomes)),
        ("Conclusion", each.conclusion.value),
    )
    return Item(each.name, each.prose, tuple(fact for fact in facts if fact[1]))


def _guideline(each: Guideline) -> Item:
    facts = (
        ("Issuer", "" if each.issuer is None else each.issuer.value),
        ("Year", "" if each.year is None else str(each.year)),
        ("Kind", "" if each.kind is None else each.kind.value),
        ("Systematic review", each.systematic_review.value),
        ("Strength ratings", each.strength_ratings.value),
        ("Conflict handling", each.conflict_handling.value),
        ("Recommends", "" if each.recommends is None else each.recommends.value),
    )
    return Item(each.body, each.prose, tuple(fact for fact in facts if fact[1]))
