"""Rules about the trials table: what is still called ongoing, whom a trial is about, and its number."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from medpol.check.findings import Finding, Subject, rule
from medpol.check.holdings import Holdings
from medpol.check.places import cell_place
from medpol.check.prose import body_lines
from medpol.model.diagnostic import Severity, Source, nearest
from medpol.model.policy import PolicyVersion, SectionName

_NUMBER = re.compile(r"(?<![\w/=])NCT(?:[ \t\u00a0:.#–-]{0,2}\d[0-9A-Za-z]*|[O0-9][0-9A-Za-z]*\d[0-9A-Za-z]*)")
_SOUND = re.compile(r"NCT\d{8}", re.ASCII)


@rule(Subject.TRIALS, Severity.WARNING)
def ongoing_trial_past_completion(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """A trial is listed as ongoing, and its completion had passed when the version came into force.

    A completion stated to the month has passed when the month's last day lies before the version's first day; what the
    Status cell says changes nothing. Its result may be out, and may alter the conclusion that the position rests on. Look
    the trial up in the registry: move it to `### Unpublished` or `### Published`, or write the completion stated there
    now.
    """
    for version in holdings.versions:
        if version.first_day is None:
            continue
        for trial in version.trials:
            if trial.is_published is None and trial.has_passed(version.first_day):
                yield Finding(
                    cell_place(holdings, trial.source, "Completion"),
                    f"{trial.nct} is listed as ongoing; its completion, {trial.completion.text}, lies before {version.first_day}",
                    f"ongoing trials whose completion lies on {version.first_day} or later",
                    "look it up in the registry: move it under `### Unpublished` or `### Published`, or write its new completion",
                )


@rule(Subject.TRIALS, Severity.WARNING)
def trial_of_no_population(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """A trial is said to be about a population that the Evidence review does not hold.

    What is coming for whom is read by the names of the populations, so a trial under another name belongs to nobody. A
    cell whose words all stand in one name is a shorter way to say it (*adults* for *Adults with migraine*). A blank cell
    says nothing, and a document without populations is not held against any.
    """
    for version in holdings.versions:
        names = [each.name for each in version.populations]
        for trial in version.trials if names else ():
            if trial.population and not any(_words(trial.population) <= _words(name) for name in names):
                near = nearest(trial.population, names)
                yield Finding(
                    cell_place(holdings, trial.source, "Population"),
                    f'"{trial.population}" is no population of the Evidence review',
                    "one of " + ", ".join(names),
                    f"write {near}" if near else "write one of these, or add `### Population:` under Evidence review",
                    near,
                )


def _words(name: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", name.casefold()))


@rule(Subject.TRIALS, Severity.WARNING)
def trial_listed_twice(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """One trial number stands in two rows.

    Either a trial is counted twice, ongoing and unpublished perhaps, or one of the numbers is mistyped.
    """
    for version in holdings.versions:
        first: dict[str, Source] = {}
        for trial in version.trials:
            before = first.setdefault(trial.nct, trial.source)
            if trial.nct and before is not trial.source:
                yield Finding(
                    trial.source,
                    f"{trial.nct} stands on line {before.line} too",
                    "each trial in one row",
                    "delete one row, or correct its number",
                )


@rule(Subject.TRIALS, Severity.WARNING)
def trial_number_malformed(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """The text names a trial by a number that is none: NCT and eight digits, written together.

    The NCT column of the trials table is read with the document and told there (`bad-nct`); this rule reads all other
    words, references among them. A mistyped number leads to no trial or to another one.
    """
    for version in holdings.versions:
        rows = _rows(version)
        for number, line, section in body_lines(holdings.lines(version.source.file), version):
            if "NCT" not in line:
                continue
            for match in _NUMBER.finditer(line):
                told = section is SectionName.TRIALS and (number, match.start() + 1) in rows
                if not told and not _SOUND.fullmatch(match[0]):
                    yield Finding(
                        Source(version.source.file, number, match.start() + 1),
                        f"{match[0]} is no trial number",
                        "NCT and eight digits",
                        "look the trial up and correct the number",
                    )


def _rows(version: PolicyVersion) -> frozenset[tuple[int, int]]:
    """Where the numbers of the table's own rows stand."""
    return frozenset((trial.source.line, trial.source.column) for trial in version.trials)


RULES = (ongoing_trial_past_completion, trial_of_no_population, trial_listed_twice, trial_number_malformed)
