"""The evidence records that a version is held against, and where something stands in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from medpol.check.holdings import Holdings
from medpol.check.places import cell_place, field_place
from medpol.model.dates import ONE_DAY
from medpol.model.diagnostic import Source
from medpol.model.policy import PolicyVersion
from medpol.model.studies import EvidenceBase, Profile, Questions, TargetPopulation


@dataclass(frozen=True, slots=True)
class Beside:
    """A version that holds or is to come, with the latest records known for it and the questions that they answer."""

    version: PolicyVersion
    base: EvidenceBase
    questions: Questions


def bases(holdings: Holdings, today: date | None) -> Iterator[tuple[EvidenceBase, Questions]]:
    """The latest sound records of every policy that has any; without a day, all that are held."""
    for base in _sound(holdings):
        known = base.known_on(today or date.max)
        if known.asked is not None:
            yield known, known.asked


def _sound(holdings: Holdings) -> Iterator[EvidenceBase]:
    """All records that read without error, whenever they were recorded."""
    broken = (
        {each.source.file for each in holdings.library.evidence_errors} if holdings.library.evidence else frozenset()
    )
    for base in holdings.library.evidence:
        yield replace(
            base,
            questions=tuple(each for each in base.questions if each.source.file not in broken),
            studies=tuple(each for each in base.studies if each.source.file not in broken),
            profiles=tuple(each for each in base.profiles if each.source.file not in broken),
            watching=tuple(each for each in base.watching if each.source.file not in broken),
        )


def beside(holdings: Holdings, today: date | None) -> Iterator[Beside]:
    """Every version that holds or is to come beside records, held against what was known until the next was approved.

    A version rests on what was known on its `approved` day, but a conclusion signed since speaks of the statement that is
    still in force: until a later version is approved, the latest record counts. Versions that no longer hold are left
    alone, since nobody can mend them.
    """
    superseded = holdings.superseded(today) if holdings.library.evidence else frozenset()
    for base in _sound(holdings):
        versions = [each for each in holdings.of(base.policy) if each.source.file not in superseded]
        for at, version in enumerate(versions):
            after = next((day for each in versions[at + 1 :] if (day := _approved(each)) is not None), None)
            until = date.max if after is None or version.is_draft else after - ONE_DAY
            known = base.known_on(min(until, today or date.max))
            if known.asked is not None:
                yield Beside(version, known, known.asked)


def _approved(version: PolicyVersion) -> date | None:
    return None if version.is_draft or version.approved is None else version.approved.first_day()


def concluding(base: EvidenceBase, questions: Questions, population: str) -> Profile | None:
    """The profile that concludes on a population: its own, that of a wider one, or the one that concludes on the rest."""
    own = base.profile(population)
    if own is not None:
        return own
    wider = [each for each in base.profiles if questions.within(population, each.population)]
    rest = [each for each in base.profiles if each.is_rest]
    return next(iter([*wider, *rest]), None)


def population_words(population: TargetPopulation | None, id: str) -> str:
    """The name that the policy prints for a population, or else its id."""
    return id if population is None or not population.named else population.named


def plain(sentence: str) -> str:
    """A sentence without the marks of its bold position."""
    return sentence.replace("**", "")


def conclusion_place(holdings: Holdings, profile: Profile) -> Source:
    """Where the conclusion of a profile stands; the profile itself where no line says it."""
    heading = heading_place(holdings, profile.source.file, "Conclusion")
    return profile.source if heading is None else field_place(holdings, heading, "Conclusion")


def heading_place(holdings: Holdings, file: str, heading: str) -> Source | None:
    """Where a level-2 heading of a record stands."""
    for number, line in enumerate(holdings.lines(file), 1):
        if line.startswith("## ") and line[3:].strip().casefold() == heading.casefold():
            return Source(file, number, 1)
    return None


def front_place(holdings: Holdings, source: Source, key: str) -> Source:
    """Where a key of a record's front matter has its value; the record itself where it has none."""
    for number, line in enumerate(holdings.lines(source.file), 1):
        name, colon, value = line.partition(":")
        if colon and name.strip() == key and value.strip():
            return Source(source.file, number, len(name) + 2 + len(value) - len(value.lstrip()))
        if number > 1 and line.rstrip() == "---":
            break
    return source


def row_place(holdings: Holdings, row: Source, column: str) -> Source:
    """Where a cell of a record's table begins; the row itself where the record has no such column."""
    return cell_place(holdings, row, column) if column and holdings.line(row).lstrip().startswith("|") else row
