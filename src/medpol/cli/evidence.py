"""``medpol evidence status`` and ``assess``, and what all commands on evidence share: the base, the day, the formats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from medpol.cli.opening import KnownOn, Policies, Verbose, held_number, read_or_stop, refuse_errors, tell
from medpol.cli.output import Page, counted, write_bytes, write_json
from medpol.cli.pages.evidence import print_assessed, print_standing
from medpol.cli.show import PolicyNumber
from medpol.cli.stops import DONE, NOT_FOUND, REFUSED, USAGE, Stop
from medpol.evidence.assessment import CUSTOMARY, Assessed, assess_profile
from medpol.evidence.assessment import assess as assess_criteria
from medpol.evidence.flat import csv_text, markdown_text
from medpol.evidence.status import evidence_standing
from medpol.library import Library
from medpol.lifecycle import by_policy, standing
from medpol.model.policy import PolicyVersion
from medpol.model.studies import Criterion, EvidenceBase, Met


class Format(StrEnum):
    """How what was found is written."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"
    MARKDOWN = "md"


InFormat = Annotated[Format, typer.Option("--format", help="For a person, a program, a sheet, or a document.")]


@dataclass(frozen=True, slots=True)
class Held:
    """The evidence beside one policy, with every record and as it was known on the day."""

    library: Library
    policy: str
    known_on: date
    whole: EvidenceBase

    @property
    def known(self) -> EvidenceBase:
        return self.whole.known_on(self.known_on)


def open_evidence(policy: str, policies: Path | None, known_on: date | None) -> Held:
    """The evidence of a policy. Ends the command where the library has no such policy (3) or no evidence beside it (3)."""
    library = read_or_stop(policies)
    refuse_errors(library)
    number = held_number(library, policy)
    base = library.evidence_of(number)
    if base is None:
        raise Stop(
            NOT_FOUND,
            f"no evidence beside policy {number}\n"
            "    mend: write evidence/questions.md in its folder (docs/evidence-files.md)",
        )
    _refuse_errors_of(library, base)
    return Held(library, number, known_on or date.today(), base)


def _refuse_errors_of(library: Library, base: EvidenceBase) -> None:
    """A pool of records that were read in part only would be another pool."""
    version = next(each for each in library.versions if each.policy == base.policy)
    folder = version.source.file.rpartition("/")[0]
    broken = [
        each
        for each in library.evidence_errors
        if each.source.file.startswith(f"{folder}/") or "/evidence/" not in each.source.file
    ]
    if broken:
        tell(broken)
        raise Stop(
            REFUSED,
            f"the evidence beside policy {base.policy} has {counted(len(broken), 'error')}, and nothing is said of it "
            "until mended (medpol check shows them)",
        )


def refuse_format(format: Format, among: Sequence[Format]) -> None:
    if format not in among:
        raise Stop(USAGE, f"this is not written as {format}; expected one of {', '.join(among)}")


def status(
    policy: PolicyNumber,
    policies: Policies = None,
    known_on: KnownOn = None,
    format: InFormat = Format.TEXT,
    verbose: Verbose = False,
) -> int:
    """Say where the evidence of a policy stands: per population the conclusion, who signed it, and what came since.

    With --known-on DAY: what was known that day, beside the version that stood then.
    """
    refuse_format(format, (Format.TEXT, Format.JSON))
    held = open_evidence(policy, policies, known_on)
    found = evidence_standing(held.whole, _version(held), held.known_on, held.library.assessment)
    if format is Format.JSON:
        write_json(found)
    else:
        print_standing(Page(), found)
    return DONE


def _version(held: Held) -> PolicyVersion | None:
    """The version that stands on the day, as known on it."""
    versions = by_policy(held.library.of(held.policy)).get(held.policy, ())
    found = standing(versions, held.known_on, held.known_on).version
    return None if found is None else found.read


def assess(
    policy: PolicyNumber,
    population: Annotated[str, typer.Option("--population", metavar="P", help="One population; all if left out.")] = "",
    criterion: Annotated[
        list[str] | None,
        typer.Option(
            "--criterion",
            metavar="N=MET",
            help="Judge a criterion otherwise: 2=met, 4=unknown. Given once a criterion.",
        ),
    ] = None,
    policies: Policies = None,
    known_on: KnownOn = None,
    format: InFormat = Format.TEXT,
    verbose: Verbose = False,
) -> int:
    """Read the table from the five criteria to a conclusion, and every other that unknown criteria leave possible."""
    refuse_format(format, (Format.TEXT, Format.JSON))
    held = open_evidence(policy, policies, known_on)
    table = held.library.assessment or CUSTOMARY
    profiles = [each for each in held.known.profiles if population in ("", each.population)]
    if not profiles:
        known = ", ".join(each.population for each in held.known.profiles) or "none"
        raise Stop(NOT_FOUND, f"no profile of a population {population!r} known on {held.known_on}; there are {known}")
    changed = dict(_criterion(each) for each in criterion or ())
    found = [
        (each.population, assess_criteria(dict(assess_profile(each, table).criteria) | changed, table))
        for each in profiles
    ]
    if format is Format.JSON:
        write_json(
            {
                "policy": held.policy,
                "known_on": held.known_on,
                "table": "the library's own" if held.library.assessment else "customary",
                "populations": [{"population": name, **assessed_value(each)} for name, each in found],
            }
        )
        return DONE
    page = Page()
    for name, each in found:
        print_assessed(page, name, each)
    return DONE


def assessed_value(assessed: Assessed) -> dict[str, Any]:
    """A conclusion as a program reads it, with those that are still possible."""
    return {
        "criteria": {each.value: met.value for each, met in assessed.criteria},
        "conclusion": assessed.conclusion,
        "allowed": [each.value for each in assessed.allowed],
        "possible": [
            {"conclusion": each.conclusion, "allowed": [one.value for one in each.allowed]}
            for each in assessed.possible
        ],
    }


def _criterion(given: str) -> tuple[Criterion, Met]:
    number, _, word = given.partition("=")
    criteria = list(Criterion)
    met = next((each for each in Met if each.value == word.strip().casefold().replace("-", " ")), None)
    if met is None or number.strip() not in [str(at) for at in range(1, len(criteria) + 1)]:
        words = ", ".join(each.value for each in Met)
        raise Stop(USAGE, f"--criterion {given!r}; expected a number from 1 to 5, =, and one of {words}")
    return criteria[int(number) - 1], met


def write_table(columns: Sequence[str], rows: Sequence[Sequence[str]], format: Format) -> None:
    """A table as CSV or as Markdown, the same cells in both."""
    write_bytes((csv_text(columns, rows) if format is Format.CSV else markdown_text(columns, rows)).encode())
